"""Which of a function's own variables may still be read behind each of its statements (live variables, from the end
backwards)."""

from __future__ import annotations

from collections.abc import Iterable

from joinlint import limits
from joinlint.program import ir


class Liveness:
    """The live variables of one function; sets of them are bits of an integer, since a long function has many sets."""

    def __init__(self, function: ir.Function) -> None:
        self._bits = {name: 1 << number for number, name in enumerate(sorted(function.bound))}
        self._after: dict[ir.Statement, int] = {}
        self._dead: dict[ir.Statement, frozenset[str]] = {}
        self._loops = 0
        # What other code reads that runs who knows when.
        later = [node for node in ir.walk_own(function.body) if _runs_later(node)]
        self._block(function.body, 0, self._mentioned(*later))

    def dead_behind(self, statement: ir.Statement) -> frozenset[str]:
        """The function's own variables that nothing behind the statement reads."""
        if statement not in self._dead:
            live = self._after.get(statement, -1)
            self._dead[statement] = frozenset(name for name, bit in self._bits.items() if not live & bit)
        return self._dead[statement]

    def _mentioned(self, *nodes: object) -> int:
        found = 0
        for node in nodes:
            for inner in ir.walk(node):
                if isinstance(inner, ir.Name):
                    found |= self._bits.get(inner.id, 0)
        return found

    def _block(self, block: ir.Block, after: int, always: int) -> int:
        """What is live before the block; `always` is what may be read from anywhere inside, by a jump."""
        live = after | always
        for statement in reversed(block):
            self._after[statement] = live
            live = self._before(statement, live, always) | always
        return live

    def _before(self, statement: ir.Statement, after: int, always: int) -> int:
        match statement:
            case ir.Assign(targets=targets, value=value):
                bound, read = self._targets(targets)
                return (after & ~bound) | read | self._mentioned(value)
            case ir.Return() | ir.Raise():
                return self._mentioned(statement)
            case ir.If(test=test, body=body, orelse=orelse):
                return self._mentioned(test) | self._block(body, after, always) | self._block(orelse, after, always)
            case ir.While(test=test, body=body, orelse=orelse):
                head = self._mentioned(test) | self._block(orelse, after, always)
                return self._loop(body, head, after, always, 0, 0)
            case ir.For(target=target, iterable=iterable, body=body, orelse=orelse):
                bound, read = self._targets((target,))
                head = self._block(orelse, after, always)
                return self._mentioned(iterable) | self._loop(body, head, after, always, bound, read)
            case ir.Try():
                return self._try(statement, after, always)
            case ir.With(items=items, body=body):
                return self._mentioned(*items) | self._block(body, after, always | after)
            case ir.Match(subject=subject, cases=cases):
                live = after | self._mentioned(subject)
                for case in cases:
                    live |= self._mentioned(case.test, case.guard) | self._block(case.body, after, always)
                return live
            case _:
                return after | self._mentioned(statement)

    def _loop(self, body: ir.Block, head: int, after: int, always: int, bound: int, read: int) -> int:
        """What is live at the head of a loop, which binds `bound` and reads `read` at the beginning of each round."""
        inside = list(ir.walk_own(body))
        if any(isinstance(node, ir.Break) for node in inside):
            always |= after
        is_left = any(isinstance(node, ir.Continue) for node in inside)
        self._loops += 1
        # What a round reads before it binds it is live at its end; to find out takes a look of its own.
        if self._loops > limits.LIVENESS_LOOPS:
            head |= self._mentioned(*body)
        else:
            head |= (self._block(body, head, always | (head if is_left else 0)) & ~bound) | read
        self._block(body, head, always | (head if is_left else 0))
        self._loops -= 1
        return head

    def _try(self, statement: ir.Try, after: int, always: int) -> int:
        final = self._block(statement.final, after, always)
        orelse = self._block(statement.orelse, final, always | final)
        handlers = 0
        for handler in statement.handlers:
            handlers |= self._mentioned(handler.types) | self._block(handler.body, final, always | final)
        return self._block(statement.body, orelse, always | handlers | final)

    def _targets(self, targets: Iterable[ir.Expression]) -> tuple[int, int]:
        """The variables that an assignment to the targets binds, and those that it reads."""
        bound = read = 0
        for target in targets:
            match target:
                case ir.Name(id=name):
                    bound |= self._bits.get(name, 0)
                case ir.Display(items=items):
                    inner = self._targets(items)
                    bound, read = bound | inner[0], read | inner[1]
                case ir.Starred(value=value):
                    inner = self._targets((value,))
                    bound, read = bound | inner[0], read | inner[1]
                case _:
                    read |= self._mentioned(target)
        return bound & ~read, read


def _runs_later(node: object) -> bool:
    if isinstance(node, ir.Comprehension):
        return node.kind == "generator"
    return isinstance(node, (ir.Function, ir.Class, ir.Lambda))
