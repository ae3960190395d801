"""Whether a worker could be started again behind its join: where it can't, there is no need to follow it there."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

from joinlint.analysis.facts.nesting import way_to
from joinlint.analysis.interpreter.machine import Operation
from joinlint.analysis.interpreter.state import Life
from joinlint.analysis.lifecycle.histories import History
from joinlint.program import ir
from joinlint.program.bindings import BINDERS, binds
from joinlint.program.index import Program
from joinlint.program.mentions import attribute_by_text
from joinlint.program.sites import Site

_END = ir.Where(sys.maxsize, 0, sys.maxsize, 0, "")


def is_in_turn(program: Program, site: Site, history: History) -> bool:
    """Is it plain from the history of a process, which ends with its join, and from the text of the function that makes
    it, that nothing is done to it out of turn?

    False where that takes a closer look: what has to be ruled out is that a joined process is started again, and that
    another process joins it.
    """
    if history.gave_up or history.let_go or any(_is_out_of_turn(program, o) for o in history.operations):
        return False
    started = {operation.call: operation.where for operation in history.operations if operation.name == "start"}
    return (
        _has_no_other_starts(program, site, {call.func for call in started})
        and not _may_be_joined_by_another(program, site)
        and _are_before(program, site, started, history.joins)
    )


def _is_out_of_turn(program: Program, operation: Operation) -> bool:
    match operation.name:
        case "start":
            return operation.state.life is not Life.CREATED or operation.call in program.kept_starts
        case "join":
            return operation.state.life is Life.CREATED
        case _:
            return True


def _has_no_other_starts(program: Program, site: Site, known: set[ir.Expression]) -> bool:
    """Are those `known` all that is called `start`, in the function itself and in all that it may come to call?"""
    module = program.modules[site.module]
    own: set[ir.Expression] = {n for n in program.own_nodes_of(ir.Attribute, module, site.scope) if n.attr == "start"}
    own.update(n for n in program.own_nodes_of(ir.Call, module, site.scope) if attribute_by_text(n) == "start")
    root = (site.module, site.scope)
    return own == known and program.words.get("start", {}).keys() & program.closure(root) <= {root}


def _may_be_joined_by_another(program: Program, site: Site) -> bool:
    """Is another process made whose target joins one?"""
    for module, scope in program.closure((site.module, site.scope)):
        for call in program.own_nodes_of(ir.Call, program.modules[module], scope):
            if call in program.process_calls and call is not site.call:
                target = call.argument(1, "target")
                found = () if target is None else program.names[module].resolve(target, scope)
                if any("join" in program.mentions((r.module, r.name)) for r in found if r.kind == "function"):
                    return True
    return False


def _are_before(program: Program, site: Site, started: Mapping[ir.Call, ir.Where], joins: Sequence[ir.Where]) -> bool:
    """Do the starts come before the joins, with no loop that leads back from one to the other?

    A start right behind the constructor, in the same block, is always that of a new process.
    """
    module = program.modules[site.module]
    function = module.functions.get(site.scope)
    body = module.body if function is None else function.body
    fresh = set(_started_when_made(body, site.call))
    rest = {where for call, where in started.items() if call not in fresh}
    if not rest:
        return True
    if any(isinstance(node, ir.BinaryOp) and node.op == "Multiply" for node in ir.walk_own(body)):
        return False  # `[process] * 2` comes to one process twice
    if max(rest) >= min(joins, default=_END):
        return False
    loops = (node for node in ir.walk_own(body) if isinstance(node, (ir.For, ir.While)))
    insides = ({loop.where, *(getattr(n, "where", None) for n in ir.walk_own(loop.body))} for loop in loops)
    return not any(inside & rest and inside.intersection(joins) for inside in insides)


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
                    case _ if name in _bound(statement):
                        return


def _bound(statement: ir.Statement) -> set[str]:
    binding = (node for node in ir.walk_own((statement,)) if type(node) in BINDERS)
    return {name for node in binding for name, _ in binds(node, "")}
