"""Whose the object in a field is: a class may keep processes in a container that it was given, or that its base has."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.interpreter.values import Path
from joinlint.program import ir
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.names import ClassKey
from joinlint.records import by_value


@by_value
class Given:
    """What a class was given for a field: `inside` are the ways to the process from the parameter, `is_called` says
    whether whoever gives it can be seen, `is_field` whether other classes assign a field of the name of the first
    step."""

    inside: frozenset[Path]
    is_called: bool
    is_field: bool


def given_object(program: Program, held: frozenset[Path], cls: ClassKey) -> Given | None:
    """What an object of the class was given that holds the process, by the ways `held` that lead there from the object;
    None where the class has made it itself, as far as can be told."""
    fields = {way[:1] for way in held}
    (field,) = min(fields) or ("",)
    if len(fields) > 1 or not field.startswith("."):
        return None
    family = program.classes.family(cls)
    assigned = list(_assigned(program, family, field[1:]))
    if not assigned:
        is_of_base = any(_has_other_base(program, one) for one in family)
        return Given(held, is_called=False, is_field=False) if is_of_base else None
    ways = {_from_parameter(program, value, function) for value, function in assigned}
    if len(ways) > 1 or None in ways:
        return None
    inside = frozenset((*(way or ()), *rest) for way in ways for _, *rest in held)
    beginnings = {way[0] for way in inside if way}
    return Given(
        inside,
        is_called=any(program.callers.get(function) for _, function in assigned),
        is_field=any(step.startswith(".") and _is_field(program, step[1:], family) for step in beginnings),
    )


def _assigned(
    program: Program, family: tuple[ClassKey, ...], field: str
) -> Iterator[tuple[ir.Expression | None, FunctionKey]]:
    """What the classes give the field and in which function, None where that is a part of something."""
    for module, cls in family:
        names = program.names[module]
        for value, scope in names.attribute_values.get((cls, field), ()):
            yield value, (module, scope)
        for scope in names.unpacked_attributes.get((cls, field), ()):
            yield None, (module, scope)


def _from_parameter(program: Program, value: ir.Expression | None, key: FunctionKey) -> Path | None:
    """The way to the value from a parameter of the function: `manager`, `manager.workers`; None where there is none."""
    function = program.modules[key[0]].functions.get(key[1])
    match value:
        case ir.Name(id=name):
            way: Path = ()
        case ir.Attribute(value=ir.Name(id=name), attr=attr):
            way = (f".{attr}",)
        case _:
            return None
    parameters = () if function is None else function.parameters[function.is_method :]
    return way if any(p.name == name and p.default is None for p in parameters) else None


def _has_other_base(program: Program, cls: ClassKey) -> bool:
    return bool(program.classes.library_bases(cls) - {"builtins.object"}) or program.classes.has_unknown_base(cls)


def _is_field(program: Program, name: str, family: tuple[ClassKey, ...]) -> bool:
    """Does a class beside these assign a field of that name?"""
    return any(
        field == name and (module, cls) not in family
        for module, names in program.names.items()
        for cls, field in names.attribute_values
    )
