"""Whether something could be done to a process out of turn behind its join, such as to start it again: where it can't,
there is no need to follow it there.

It can't where the process stays in the function that makes it, with one call of `start` that comes before all joins.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from joinlint.analysis.facts.nesting import way_to
from joinlint.analysis.interpreter.machine import Operation
from joinlint.analysis.interpreter.state import FACTS, Life
from joinlint.analysis.lifecycle.histories import History
from joinlint.program import container_methods, ir, library_calls, models
from joinlint.program.bindings import BINDERS, binds, is_bound_in, target_names
from joinlint.program.index import Program
from joinlint.program.mentions import attribute_by_text
from joinlint.program.sites import Site

# Behind all that is in a file.
_END = ir.Where(sys.maxsize, 0, sys.maxsize, 0, "")
# Functions that call nothing of what they are given, and put it nowhere but into what they give back.
_HARMLESS = library_calls.LOOKS_ONLY | library_calls.REARRANGES
_FRESH = library_calls.NEW_CONTAINERS | library_calls.REARRANGES


def is_in_turn(program: Program, site: Site, history: History) -> bool:
    """Is it plain from the history of a process, which ends with its join, and from the text of the function that makes
    it, that nothing is done to it out of turn?

    False where that takes a closer look.
    """
    function = program.modules[site.module].functions.get(site.scope)
    if function is None or site.cls is not None or history.gave_up:
        return False
    if any(_is_out_of_turn(program, operation) for operation in history.operations):
        return False
    started = {operation.call: operation.where for operation in history.operations if operation.name == "start"}
    return (
        len(started) <= 1
        and _starts(program, site) == [call.func for call in started]
        and _stays(program, site, function)
        and all(_is_before(function, site, call, where, history.joins) for call, where in started.items())
    )


def _is_out_of_turn(program: Program, operation: Operation) -> bool:
    match operation.name:
        case "start":
            return operation.state.life is not Life.CREATED or operation.call in program.kept_starts
        case "join":
            return operation.state.life is Life.CREATED
        case _:
            return True


def _starts(program: Program, site: Site) -> list[ir.Expression]:
    """All that is called `start` in the function."""
    module = program.modules[site.module]
    found: list[ir.Expression] = [
        n for n in program.own_nodes_of(ir.Attribute, module, site.scope) if n.attr == "start"
    ]
    return found + [n for n in program.own_nodes_of(ir.Call, module, site.scope) if attribute_by_text(n) == "start"]


# --- does the process stay in the function?
# ---------------------------------------------------------------------------------------------------------------------


def _stays(program: Program, site: Site, function: ir.Function) -> bool:
    """Does nothing get hold of the process but local variables, and containers in them?"""
    nodes = program.own_nodes(program.modules[site.module], site.scope)
    holders: set[str] = set()
    while True:
        found: set[str] = set()
        for node in nodes:
            taken = _taken(program, site, node, holders)
            if taken is None:
                return False
            found |= taken
        if found <= holders:
            break
        holders |= found
    if any(_may_be_known_elsewhere(program, site, node, holders) for node in nodes):
        return False
    own = function.bound - {parameter.name for parameter in function.parameters}
    own |= {name for node in nodes if isinstance(node, ir.Clause) for name in target_names(node.target)}
    inner = program.inner_functions.get((site.module, site.scope), ())
    return holders <= own and all(holders.isdisjoint(program.mentions(key)) for key in inner)


def _taken(program: Program, site: Site, node: object, holders: set[str]) -> set[str] | None:
    """The names that get hold, by this node, of what the site makes or the holders have; None where something else
    does."""
    match node:
        case ir.Assign(targets=targets, value=value) if _holds(value, site, holders):
            return _names(targets)
        case ir.AugmentedAssign(target=target, value=value) if _holds(value, site, holders):
            return _names((target,))
        case ir.Walrus(target=target, value=value) if _holds(value, site, holders):
            return _names((target,))
        case ir.For(target=target, iterable=value) | ir.Clause(target=target, iterable=value):
            return _names((target,)) if _holds(value, site, holders) else set()
        case ir.Call() if node is not site.call:
            given = (*node.args, *(keyword.value for keyword in node.keywords))
            if not any(_holds(value, site, holders) for value in given):
                return set()
            if isinstance(node.func, ir.Attribute) and node.func.attr in container_methods.ADDS_ELEMENT:
                return _names((node.func.value,))
            return set() if program.names[site.module].dotted(node.func, site.scope) & _HARMLESS else None
        case ir.Return(value=value) | ir.Yield(value=value) | ir.Raise(value=value) | ir.WithItem(context=value):
            return None if value is not None and _holds(value, site, holders) else set()
        case ir.Match(subject=value):
            return None if _holds(value, site, holders) else set()
        case ir.ClassDef():
            return None  # its methods may do anything
    return set()


def _may_be_known_elsewhere(program: Program, site: Site, node: object, holders: set[str]) -> bool:
    """Does the node give one of the names something that others may have, too: a parameter, a field?"""
    match node:
        case ir.Assign(targets=targets, value=value):
            if holders.isdisjoint(name for target in targets for name in target_names(target)):
                return False
            if len(targets) > 1 or _holds(value, site, holders):
                return len(targets) > 1
            if isinstance(value, ir.Call):
                return not program.names[site.module].dotted(value.func, site.scope) & _FRESH
            return not isinstance(value, (ir.Display, ir.DictDisplay, ir.Comprehension, ir.Constant))
        case ir.For() | ir.Clause() | ir.AugmentedAssign():
            return False
        case _ if type(node) in BINDERS:
            return not holders.isdisjoint(name for name, _ in binds(node, site.scope))
    return False


def _names(targets: Sequence[ir.Expression]) -> set[str] | None:
    """The plain names that are assigned to, or whose elements are; None where there are other targets."""
    found: set[str] = set()
    for target in targets:
        place = target.value if isinstance(target, ir.Subscript) else target
        items = place.items if isinstance(place, ir.Display) else (place,)
        if not all(isinstance(item, ir.Name) for item in items):
            return None
        found.update(ir.word(item) for item in items)
    return found


def _holds(value: ir.Expression, site: Site, holders: set[str]) -> bool:
    """May the value be, or have in it, what the site makes or the holders have?"""
    pending: list[object] = [value]
    while pending:
        match pending.pop():
            case ir.Name(id=name) if name in holders:
                return True
            case ir.Call() as call if call is site.call:
                return True
            case ir.Attribute(value=ir.Name(), attr=attr) if attr in FACTS | models.LIFE:
                continue
            case node:
                pending.extend(ir.parts(node))
    return False


# --- does the start come first?
# ---------------------------------------------------------------------------------------------------------------------


def _is_before(function: ir.Function, site: Site, call: ir.Call, start: ir.Where, joins: Sequence[ir.Where]) -> bool:
    """Does the start come before the joins, with no loop that leads back to it?

    Right behind the constructor, in the same block, it is always that of a new process.
    """
    body = function.body
    if call in _started_when_made(body, site.call):
        return True
    if any(isinstance(node, ir.BinaryOp) and node.op == "Multiply" for node in ir.walk_own(body)):
        return False  # `[process] * 2` comes to one process twice
    if start >= min(joins, default=_END):
        return False
    loops = (node for node in ir.walk_own(body) if isinstance(node, (ir.For, ir.While)))
    insides = ({loop.where, *(getattr(n, "where", None) for n in ir.walk_own(loop.body))} for loop in loops)
    return not any(start in inside and inside.intersection(joins) for inside in insides)


def _started_when_made(body: ir.Block, made: ir.Call) -> Iterator[ir.Call]:
    """The calls of `start` that follow `name = <made>` in the same block while that name means nothing else."""
    way = way_to(body, made)
    match way[-1].statement if way else None:
        case ir.Assign(targets=(ir.Name(id=name),), value=value) if value is made:
            for statement in way[-1].block[way[-1].index + 1 :]:
                match statement:
                    case ir.Evaluate(value=ir.Call(func=ir.Attribute(value=ir.Name(id=started), attr="start")) as call):
                        if started == name:
                            yield call
                    case _ if is_bound_in(statement, name):
                        return
