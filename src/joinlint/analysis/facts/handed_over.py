"""The single objects that a submission hands over: its arguments, down to the items of displays and the elements of
what a pool maps over."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint import limits
from joinlint.analysis.facts.origins import Origin, Origins
from joinlint.analysis.facts.submissions import Submission
from joinlint.program import ir
from joinlint.program.index import Program
from joinlint.records import by_value

# How a submission fails.
REFUSED = "refused"  # by pickle
LOST = "lost"  # its only reference goes with start()
NOT_FOUND = "not found"  # by the child, where it looks for the name
SHARED = "shared"  # through inheritance only


@by_value
class Reason:
    """Why an object can't be handed over: `words` name it, `where` is its definition or the place that stores it."""

    words: str
    where: ir.Where | None = None
    kind: str = REFUSED


@by_value
class Handed:
    """An object: all that it may come from.  `is_inline` says that the call of the submission alone refers to it."""

    origins: tuple[Origin, ...]
    is_inline: bool


def handed_over(submission: Submission, program: Program, origins: Origins) -> Iterator[Handed]:
    """The arguments of the target, and those that a partial in its place holds already."""
    walk = _Walk(program, origins)
    for single in submission.single:
        yield from walk.leaves(submission.origin(single), True, 0)
    for iterable in submission.iterables:
        is_display = isinstance(iterable, (ir.Display, ir.DictDisplay))
        elements = origins.elements(iterable, submission.module, submission.scope)
        for element in elements:
            yield from walk.leaves(element, is_display, 0)
    if submission.function is not None:
        for origin in origins.of(submission.function, submission.module, submission.scope):
            inner = partial_arguments(origin, program)
            for argument in inner[1:]:
                yield from walk.leaves(Origin(argument, origin.module, origin.scope), True, 0)


def partial_arguments(origin: Origin, program: Program) -> tuple[ir.Expression, ...]:
    """Of functools.partial(f, …): f and the arguments; empty for anything else."""
    call = origin.expression
    if not isinstance(call, ir.Call):
        return ()
    if "functools.partial" not in program.names[origin.module].dotted(call.func, origin.scope):
        return ()
    return (*call.args, *(k.value for k in call.keywords))


class _Walk:
    def __init__(self, program: Program, origins: Origins) -> None:
        self._program = program
        self._origins = origins

    def leaves(self, place: Origin, is_inline: bool, depth: int) -> Iterator[Handed]:
        if depth > limits.HANDED_OVER_DEPTH:
            return
        inner = self._inside(place)
        if inner is not None:
            for part in inner:
                yield from self.leaves(part, is_inline, depth + 1)
            return
        found = self._origins.of(place.expression, place.module, place.scope)
        plain = []
        for origin in found:
            parts = None if origin == place else self._inside(origin)
            if parts is None:
                plain.append(origin)
            else:
                for part in parts:
                    yield from self.leaves(part, False, depth + 1)
        if plain and len(plain) == len(found):
            yield Handed(tuple(plain), is_inline and found == (place,))

    def _inside(self, place: Origin) -> list[Origin] | None:
        """What a container or partial written out holds; None for anything else."""
        match place.expression:
            case ir.Display() | ir.DictDisplay():
                return list(self._origins.elements(place.expression, place.module, place.scope))
            case ir.Comprehension(kind=kind) if kind != "generator":
                return list(self._origins.elements(place.expression, place.module, place.scope))
            case ir.BinaryOp(op="Multiply" | "Add"):
                return list(self._origins.elements(place.expression, place.module, place.scope)) or None
            case ir.Starred(value=value):
                return list(self._origins.elements(value, place.module, place.scope))
            case ir.Call() if inner := partial_arguments(place, self._program):
                return [Origin(e, place.module, place.scope) for e in inner]
        return None
