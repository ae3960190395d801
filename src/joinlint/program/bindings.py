"""Which names a statement or expression binds, and to what."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.program import ir
from joinlint.records import by_value


@by_value
class Binding:
    """One place that binds a name.

    `kind` is "import" (`name` is the dotted name), "assign" (to `value`, in the scope `where`), "function" or "class"
    (`name` is its scope), "parameter" (`value` is the default), "augmented" (`+=`) or "other".  Of what is bound by a
    loop or by unpacking, `source` is the expression whose part it is, and `path` leads there: None for each element in
    turn, a number for the item at that index.
    """

    kind: str
    name: str = ""
    value: ir.Expression | None = None
    where: str = ir.MODULE_SCOPE
    source: ir.Expression | None = None
    path: tuple[int | None, ...] = ()


# The kinds of node that may bind a name.
BINDERS = frozenset(
    {
        *(ir.Import, ir.Assign, ir.AugmentedAssign, ir.Walrus, ir.FunctionDef, ir.ClassDef),
        *(ir.For, ir.Clause, ir.With, ir.Handler, ir.Case),
    }
)


def binds(node: object, scope: str) -> Iterator[tuple[str, Binding]]:
    """The names that `node` itself, which runs as part of `scope`, binds there."""
    match node:
        case ir.Import(bindings=bindings):
            for local, dotted in bindings:
                yield local, Binding("import", dotted)
        case ir.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ir.Name):
                    yield target.id, Binding("assign", "", value, scope)
                else:
                    yield from _unpacked(target, value, (), scope)
        case ir.Walrus(target=ir.Name(id=name), value=value):
            yield name, Binding("assign", "", value, scope)
        case ir.FunctionDef(function=function) if function.owner is None:
            yield function.name, Binding("function", function.scope)
        case ir.ClassDef(cls=cls):
            yield cls.name, Binding("class", cls.scope)
        case ir.For(target=target, iterable=iterable) | ir.Clause(target=target, iterable=iterable):
            yield from _unpacked(target, iterable, (None,), scope)
        case ir.AugmentedAssign(target=target):
            for name in target_names(target):
                yield name, Binding("augmented")
        case ir.With(items=items):
            for item in items:
                if isinstance(item.target, ir.Name):
                    yield item.target.id, Binding("assign", "", item.context, scope)
                elif item.target is not None:
                    for name in target_names(item.target):
                        yield name, Binding("other")
        case ir.Handler(name=str() as name):
            yield name, Binding("other")
        case ir.Case(captures=captures):
            for name in captures:
                yield name, Binding("other")
        case _:
            pass


def is_bound_in(statement: ir.Statement, name: str) -> bool:
    """Does the statement, or one inside of it that runs with it, bind the name?"""
    binding = (node for node in ir.walk_own((statement,)) if type(node) in BINDERS)
    return any(bound == name for node in binding for bound, _ in binds(node, ""))


def _unpacked(
    target: ir.Expression, source: ir.Expression, path: tuple[int | None, ...], scope: str
) -> Iterator[tuple[str, Binding]]:
    """The names in `target`, which is given the part of `source` at the end of `path`."""
    if isinstance(target, ir.Name):
        yield target.id, Binding("other", where=scope, source=source, path=path)
    elif isinstance(target, ir.Display) and not any(isinstance(item, ir.Starred) for item in target.items):
        for index, item in enumerate(target.items):
            yield from _unpacked(item, source, (*path, index), scope)
    else:
        for name in target_names(target):
            yield name, Binding("other")


def target_names(target: ir.Expression) -> Iterator[str]:
    """The names that assigning to `target` binds."""
    match target:
        case ir.Name(id=name):
            yield name
        case ir.Display(items=items):
            for item in items:
                yield from target_names(item)
        case ir.Starred(value=value):
            yield from target_names(value)
        case _:
            pass
