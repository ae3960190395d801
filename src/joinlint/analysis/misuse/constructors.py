"""Constructors of workers and submissions that are given the wrong thing: a called target, arguments that are none, a
target in the place of the group."""

from __future__ import annotations

import re
from collections.abc import Iterator

from joinlint.analysis.facts.data import ARITHMETIC, MAPPING, NONE, PAIRS, TEXT, Data, DataTypes
from joinlint.analysis.facts.origins import Origins
from joinlint.analysis.facts.submissions import INITIALIZER, Submission
from joinlint.program import ir, library_calls, models
from joinlint.program.index import Program
from joinlint.records import by_value


@by_value
class CalledTarget:
    """A submission whose function is called where it should be named; `data` is what the call gives."""

    submission: Submission
    call: ir.Call
    data: Data


@by_value
class WrongArguments:
    """Arguments that are not what the worker can unpack: `name` is the parameter, `expression` the value.

    `data` is what the value is, None for one in parentheses without the comma that would make it a tuple.
    """

    submission: Submission
    name: str
    expression: ir.Expression
    data: Data | None


def called_targets(submissions: list[Submission], types: DataTypes) -> Iterator[CalledTarget]:
    """The submissions that call their target themselves and get no callable from it."""
    for submission in submissions:
        target = submission.function
        if isinstance(target, ir.Call):
            data = types.of_call(submission.origin(target))
            if data is not None:
                yield CalledTarget(submission, target, data)


# --- arguments
# ------------------------------------------------------------------------------------------------------------------

_NAMES_OF_ARGUMENTS = re.compile(
    r"(?:^|_)(?:(?:kw)?args?|arguments?|params?|parameters?|tuples?|pairs?)(?:_|\d|$)", re.IGNORECASE
)
_NAMES_OF_SEQUENCES = frozenset({"list", "tuple", "List", "Tuple", "Sequence", "Iterable", "Iterator", "Collection"})


def wrong_arguments(
    submissions: list[Submission], program: Program, origins: Origins, types: DataTypes
) -> Iterator[WrongArguments]:
    """The arguments that can't be unpacked, or fall apart into letters."""
    for submission in submissions:
        if submission.method == INITIALIZER:
            continue
        if submission.args is not None:
            yield from _wrong_args(submission, submission.args, program, origins, types)
        if submission.kwargs is not None:
            data = types.of(submission.origin(submission.kwargs))
            if data is not None and not _is_mapping(data, submission, submission.kwargs):
                yield WrongArguments(submission, "kwargs", submission.kwargs, data)


def _wrong_args(
    submission: Submission, args: ir.Expression, program: Program, origins: Origins, types: DataTypes
) -> Iterator[WrongArguments]:
    data = types.of(submission.origin(args))
    if data is not None and data.kind == ARITHMETIC:
        data = None  # of arrays, for all that can be seen
    if data is not None and data.kind == TEXT:
        if not (isinstance(args, ir.Constant) and isinstance(args.value, (str, bytes)) and len(args.value) < 2):
            yield WrongArguments(submission, "args", args, data)
    elif data is not None and data.kind == NONE:
        if isinstance(args, ir.Constant) and not submission.is_timer:
            yield WrongArguments(submission, "args", args, data)
    elif data is not None:
        if not data.is_iterable:
            yield WrongArguments(submission, "args", args, data)
    elif args in submission.call.bracketed and _may_be_single(args, submission, program, origins):
        if _takes_one(submission, program, origins):
            yield WrongArguments(submission, "args", args, None)


def _is_mapping(data: Data, submission: Submission, given: ir.Expression) -> bool:
    if data.kind == NONE:
        return submission.kind == models.THREAD or not isinstance(given, ir.Constant)
    if data.kind == PAIRS:
        return submission.kind == models.PROCESS  # which makes a dict of them
    return data.kind in {MAPPING, ARITHMETIC}


def _may_be_single(args: ir.Expression, submission: Submission, program: Program, origins: Origins) -> bool:
    """May the value in parentheses be one argument, rather than a tuple that somebody has put in parentheses?"""
    match args:
        case ir.Name(id=word) | ir.Attribute(attr=word):
            if _NAMES_OF_ARGUMENTS.search(word):
                return False
        case ir.Subscript(is_slice=False) | ir.Call() | ir.BinaryOp():
            pass
        case _:
            return False
    names = program.names[submission.module]
    for origin in origins.of(args, submission.module, submission.scope):
        if isinstance(origin.expression, (ir.Display, ir.DictDisplay, ir.Comprehension)):
            return False
        if isinstance(origin.expression, ir.Subscript) and origin.expression.is_slice:
            return False
        if isinstance(origin.expression, ir.Call):
            dotted = program.names[origin.module].dotted(origin.expression.func, origin.scope)
            if dotted & (
                library_calls.REARRANGES | {"builtins.range", "builtins.zip", "builtins.map", "builtins.filter"}
            ):
                return False
    if isinstance(args, ir.Name):
        function = program.modules[submission.module].functions.get(names.binding_scope(args.id, submission.scope))
        parameters = () if function is None else function.parameters
        return not any(
            p.name == args.id and (p.kind in {"args", "kwargs"} or _is_sequence(p.annotation)) for p in parameters
        )
    return True


def _is_sequence(annotation: ir.Expression | None) -> bool:
    return annotation is not None and any(ir.word(node) in _NAMES_OF_SEQUENCES for node in ir.walk(annotation))


def _takes_one(submission: Submission, program: Program, origins: Origins) -> bool:
    """Does the target have just one parameter that must be given by position?"""
    target = submission.function
    if target is None:
        return False
    functions = origins.functions(target, submission.module, submission.scope)
    of_class = isinstance(target, ir.Attribute) and any(
        r.kind == "class" for r in program.names[submission.module].resolve(target.value, submission.scope)
    )
    for _, function in functions:
        required = [p for p in function.parameters if p.kind == "plain" and p.default is None]
        bound = function.owner is not None and not of_class
        if any(p.kind == "args" for p in function.parameters) or function.decorators:
            return False
        if len(required) != (2 if bound else 1):
            return False
    return bool(functions)


# --- the group
# ------------------------------------------------------------------------------------------------------------------


def given_groups(submissions: list[Submission], origins: Origins) -> Iterator[Submission]:
    """The constructors of processes and threads that are given something as their group, which has to be None."""
    for submission in submissions:
        first = submission.first
        if first is None or (isinstance(first, ir.Name) and "group" in first.id):
            continue
        found = origins.of(first, submission.module, submission.scope)
        if not any(isinstance(o.expression, ir.Constant) and o.expression.value is None for o in found):
            yield submission
