"""One round of a loop in which a worker is started and waited for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from joinlint.analysis.facts.dependence import base_names, handed, names_in, target_of
from joinlint.program import ir
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.sites import Site

Loop = ir.For | ir.While | ir.Comprehension


@dataclass(frozen=True)
class Round:
    """One round of a loop, in which a worker is started and waited for.

    `starting` are the statements that lead to the start: the one in the loop, then one in each function that is called
    from there; `starters` are the functions that they stand in.  `joining` and `joiners` lead to the wait.
    """

    program: Program
    site: Site
    loop: Loop
    starting: tuple[ir.Where, ...]
    starters: tuple[FunctionKey, ...]
    joining: tuple[ir.Where, ...]
    joiners: tuple[FunctionKey, ...]

    @cached_property
    def nodes(self) -> tuple[object, ...]:
        """What runs in each round."""
        loop = self.loop
        return tuple(ir.walk_own(loop.body)) if isinstance(loop, (ir.For, ir.While)) else tuple(ir.walk(loop))

    @cached_property
    def calls(self) -> tuple[ir.Call, ...]:
        return tuple(n for n in self.nodes if isinstance(n, ir.Call))

    @cached_property
    def helper_nodes(self) -> tuple[object, ...]:
        """What runs in the functions through which the round starts its worker and waits for it."""
        helpers = dict.fromkeys((*self.starters[1:], *self.joiners[1:]))
        return tuple(n for m, scope in helpers for n in self.program.own_nodes(self.program.modules[m], scope))

    @cached_property
    def is_inline(self) -> bool:
        """Is the worker made in the loop itself?"""
        return any(call is self.site.call for call in self.calls)

    @cached_property
    def given(self) -> tuple[ir.Expression, ...]:
        """What the loop hands to the worker, or to the function that starts one."""
        if self.is_inline:
            target = target_of(self.site)
            return (*handed(self.site), *((target,) if isinstance(target, ir.Name) else ()))
        inside = [call for call in self.calls if within(call.where, self.starting[0])]
        return tuple(v for call in inside for v in (*call.args, *(k.value for k in call.keywords)))

    @cached_property
    def given_names(self) -> frozenset[str]:
        """The names handed over, with those that they are made of in the round."""
        names = {n for value in self.given for n in names_in(value)}
        for node in reversed(self.nodes):
            if isinstance(node, ir.Assign) and self.is_before(node.where):
                if any(names & base_names(t) for t in node.targets):
                    names |= names_in(node.value)
        return frozenset(names)

    @cached_property
    def fresh(self) -> frozenset[str]:
        """The names that the round binds before it starts the worker."""
        loop = self.loop
        names: set[str] = set()
        if isinstance(loop, ir.For):
            names |= base_names(loop.target)
        elif isinstance(loop, ir.Comprehension):
            names |= {n for clause in loop.clauses for n in base_names(clause.target)}
        else:
            names |= {n for node in ir.walk(loop.test) if isinstance(node, ir.Walrus) for n in base_names(node.target)}
        for node in self.nodes:
            if isinstance(node, ir.Assign) and self.is_before(node.where):
                names |= {n for t in node.targets if isinstance(t, (ir.Name, ir.Display)) for n in base_names(t)}
            elif isinstance(node, ir.For):
                names |= base_names(node.target)
            elif isinstance(node, ir.With):
                names |= {n for i in node.items if i.target is not None for n in base_names(i.target)}
        return frozenset(names)

    @cached_property
    def lasting(self) -> frozenset[str]:
        """The names handed over that mean the same object in every round."""
        return frozenset(n for value in self.given for n in names_in(value)) - self.fresh

    def is_before(self, where: ir.Where) -> bool:
        """Does it come before the statement that leads to the start?"""
        return begin(where) < begin(self.starting[0])

    def is_between(self, where: ir.Where) -> bool:
        """Does it come after that statement and before the one that waits?"""
        return end(self.starting[0]) <= begin(where) and begin(where) < begin(self.joining[0])


def exits(around: Round) -> Iterator[ir.Where]:
    """The break, return and raise statements that leave the loop, or a loop in it that is around the start, too."""
    loop = around.loop
    stack: list[tuple[object, bool]] = [(s, True) for s in loop.body] if isinstance(loop, (ir.For, ir.While)) else []
    while stack:
        node, is_own = stack.pop()
        if isinstance(node, (ir.Return, ir.Raise)) or (isinstance(node, ir.Break) and is_own):
            yield node.where
        elif not isinstance(node, (ir.Function, ir.Class)):
            if isinstance(node, (ir.For, ir.While)):
                is_own = is_own and any(getattr(n, "where", None) == around.starting[0] for n in ir.walk_own(node.body))
            stack.extend((part, is_own) for part in ir.parts(node))


def begin(where: ir.Where) -> tuple[int, int]:
    return (where.row, where.column)


def end(where: ir.Where) -> tuple[int, int]:
    return (where.end_row, where.end_column)


def within(inner: ir.Where, outer: ir.Where) -> bool:
    return begin(outer) <= begin(inner) and end(inner) <= end(outer)
