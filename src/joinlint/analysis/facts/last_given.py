"""What a variable has certainly been given last, at each place of a function where its name stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from joinlint.analysis.facts.nesting import blocks_of
from joinlint.program import ir
from joinlint.program.bindings import BINDERS, binds


def last_given(block: ir.Block) -> Mapping[ir.Expression, ir.Expression]:
    """By the names in the body of a function, nested ones left out: the value that an assignment, or a `with … as`, has
    given them last on every way that leads there.  Those that others may have come between are not among them."""
    found: dict[ir.Expression, ir.Expression] = {}
    _note_block(block, {}, found)
    return found


def _note_block(block: ir.Block, given: Mapping[str, ir.Expression], found: dict[ir.Expression, ir.Expression]) -> None:
    for statement in block:
        inside = list(blocks_of(statement))
        header = _header(statement, inside)
        given = _without(given, _bound_in(header))
        _note(header, given, found)
        bound = _bound_in((statement,))
        elsewhere = _without(given, bound)
        for branch, inner in inside:
            before = elsewhere if _may_follow_another(statement, branch) else given
            _note_block(inner, {**before, **_given_by(statement)} if isinstance(statement, ir.With) else before, found)
        given = {**elsewhere, **_given_by(statement)} if isinstance(statement, ir.Assign) else elsewhere


def _may_follow_another(statement: ir.Statement, branch: str) -> bool:
    """May another part of the statement, or an earlier round, have run before this part of it?"""
    return isinstance(statement, (ir.For, ir.While)) or (isinstance(statement, ir.Try) and branch != "body")


def _header(statement: ir.Statement, inside: list[tuple[str, ir.Block]]) -> tuple[object, ...]:
    """What of the statement runs before the blocks inside of it."""
    later = {id(inner) for _, block in inside for inner in block}
    return tuple(p for p in ir.parts(statement) if id(p) not in later and not isinstance(p, (ir.Handler, ir.Case)))


def _note(
    header: tuple[object, ...], given: Mapping[str, ir.Expression], found: dict[ir.Expression, ir.Expression]
) -> None:
    for node in _own_nodes(header) if given else ():
        if isinstance(node, ir.Name) and node.id in given:
            found[node] = given[node.id]


def _bound_in(nodes: tuple[object, ...]) -> set[str]:
    """The names that are bound by what is inside."""
    inside = (inner for inner in _own_nodes(nodes) if type(inner) in BINDERS)
    return {name for node in inside for name, _ in binds(node, "")}


def _own_nodes(nodes: tuple[object, ...]) -> Iterator[object]:
    """All that is inside and runs with it."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ir.Function, ir.Class)):
            pending.extend(ir.parts(node))


def _without(given: Mapping[str, ir.Expression], bound: set[str]) -> Mapping[str, ir.Expression]:
    return given if bound.isdisjoint(given) else {name: v for name, v in given.items() if name not in bound}


def _given_by(statement: ir.Assign | ir.With) -> Mapping[str, ir.Expression]:
    """The values of the plain names among the targets."""
    if isinstance(statement, ir.With):
        return {i.target.id: i.context for i in statement.items if isinstance(i.target, ir.Name)}
    return {target.id: statement.value for target in statement.targets if isinstance(target, ir.Name)}
