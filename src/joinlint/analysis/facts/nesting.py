"""Where a node stands among the statements of its function: what is around it and what has run before it."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.program import ir
from joinlint.records import by_value


@by_value
class Step:
    """One level of the way to a node: the statement at `index` of `block` has it inside, in its part `branch`."""

    block: ir.Block
    index: int
    branch: str

    @property
    def statement(self) -> ir.Statement:
        return self.block[self.index]


def way_to(block: ir.Block, node: object) -> tuple[Step, ...]:
    """From a function's body to the statement of its own that has the node inside; empty where none has."""
    for index, statement in enumerate(block):
        if any(inner is node for inner in ir.walk_own((statement,))) or _is_in_class(statement, node):
            for branch, inside in blocks_of(statement):
                deeper = way_to(inside, node)
                if deeper:
                    return (Step(block, index, branch), *deeper)
            return (Step(block, index, ""),)
    return ()


def _is_in_class(statement: ir.Statement, node: object) -> bool:
    return isinstance(statement, ir.ClassDef) and bool(way_to(statement.cls.body, node))


def blocks_of(statement: ir.Statement) -> Iterator[tuple[str, ir.Block]]:
    """The blocks directly inside a statement that run with it, each with what it is there for."""
    match statement:
        case ir.If(body=body, orelse=orelse) | ir.For(body=body, orelse=orelse) | ir.While(body=body, orelse=orelse):
            yield "body", body
            yield "else", orelse
        case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            yield "body", body
            for handler in handlers:
                yield "handler", handler.body
            yield "else", orelse
            yield "finally", final
        case ir.With(body=body):
            yield "body", body
        case ir.Match(cases=cases):
            for case in cases:
                yield "case", case.body
        case ir.ClassDef(cls=cls):
            yield "class", cls.body


def unconditional(block: ir.Block) -> Iterator[ir.Statement]:
    """The statements that run whenever the block does, as far as no exception comes between."""
    for statement in block:
        yield statement
        if isinstance(statement, (ir.With, ir.Try)):
            yield from unconditional(statement.body)
            if isinstance(statement, ir.Try):
                yield from unconditional(statement.final)


def run_before(way: tuple[Step, ...]) -> Iterator[ir.Statement]:
    """The statements that have certainly run when the end of the way is reached."""
    for step in way:
        yield from unconditional(step.block[: step.index])


def tests_around(way: tuple[Step, ...]) -> Iterator[ir.Expression]:
    """The conditions that decide whether the end of the way is reached: those around it, and those of earlier ifs that
    leave."""
    for step in way:
        if isinstance(step.statement, (ir.If, ir.While)) and step.branch:
            yield step.statement.test
        for earlier in step.block[: step.index]:
            if isinstance(earlier, ir.If) and _leaves(earlier.body):
                yield earlier.test


def _leaves(block: ir.Block) -> bool:
    """Does the block end by leaving its own function or loop round?"""
    if not block:
        return False
    last = block[-1]
    if isinstance(last, ir.Evaluate) and isinstance(last.value, ir.Call) and isinstance(last.value.func, ir.Attribute):
        return last.value.func.attr in {"exit", "_exit", "skip", "skipTest"}
    return isinstance(last, (ir.Return, ir.Raise, ir.Continue, ir.Break))


def handlers_around(way: tuple[Step, ...]) -> Iterator[ir.Handler]:
    """The handlers that get what is raised at the end of the way."""
    for step in way:
        if isinstance(step.statement, ir.Try) and step.branch == "body":
            yield from step.statement.handlers
