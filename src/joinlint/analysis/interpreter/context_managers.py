"""Context managers: what `with` binds, swallows and ends."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from joinlint.analysis.interpreter.exceptions import Exceptions
from joinlint.analysis.interpreter.outcome import Outcome
from joinlint.analysis.interpreter.state import Life, State, Step
from joinlint.analysis.interpreter.values import Ours, Ref, Suspended, Value
from joinlint.program import ir, models


class ContextManagers(Exceptions):
    """Adds with."""

    def execute_with(self, node: ir.With, state: State, outcome: Outcome) -> None:
        states: list[tuple[State, tuple[Value, ...]]] = [(state, ())]
        swallows = False
        for item in node.items:
            following = []
            for s, values in states:
                for s2, value in self.evaluate(item.context, s):
                    s2, entered = self._enter(s2, value)
                    if item.target is not None:
                        s2 = self.assign(item.target, entered, s2)
                    following.append((self.note_loss(s, s2), (*values, value)))
            states = following
            swallows = swallows or self._may_swallow(item.context)
        groups: dict[tuple[Value, ...], list[State]] = {}
        for s, values in states:
            groups.setdefault(values, []).append(s)
        for values, members in groups.items():
            expects = any(_expects_failure(item.context) for item in node.items)
            limited = any(_sets_deadline(item.context) for item in node.items)
            self.frame.expecting += expects
            self.frame.deadlines += limited
            body, possible = self.guarded(partial(self.block, node.body, members), swallows or self.is_listening())
            self.frame.deadlines -= limited
            self.frame.expecting -= expects
            if expects:
                body.falls = self._without_started(body.falls, members)
            result = Outcome(body.falls, body.returns, body.breaks, body.continues, [])
            fate = self._fate_at_exit(node, values)
            if fate is not None:
                result.falls = [s for s in result.falls if not self._ended_by_exit(s, fate, "block left")]
                result.returns = [r for r in result.returns if not self._ended_by_exit(r[0], fate, "returns")]
                result.breaks = [s for s in result.breaks if not self._ended_by_exit(s, fate, "breaks")]
                result.continues = [s for s in result.continues if not self._ended_by_exit(s, fate, "continues")]
            raised = [*body.raises, *possible]
            if fate is not None:  # an exception on its way out loses nothing by mistake
                raised = [(s, t) for s, t in raised if not self._ended_by_exit(s, "joined", "raises")]
            for s, thrown in raised:
                if swallows and thrown.name not in {"SystemExit", "KeyboardInterrupt"}:
                    result.falls.append(s.with_step(Step("swallowed", node.where)))
                else:
                    result.raises.append((s, thrown))
            self._leave(values, result, outcome)

    def _enter(self, state: State, value: Value) -> tuple[State, Value]:
        """What `with … as name` binds."""
        if isinstance(value, Suspended):
            state = next((s for s, _ in self.resume(state, value)), state)
            return state, None
        if isinstance(value, Ours):
            if self.site.kind in models.EXECUTORS and state.life is Life.CREATED:
                state = self.started(state)
            found = self.overridden("__enter__")
            results = [] if found is None else self.run_function(found[1], found[0], [], state, value)
            return (results[0][0], value) if len(results) == 1 else (state, value)
        if isinstance(value, Ref) and (cls := self.class_of(value)) is not None:
            found = self.program.classes.method(cls, "__enter__")
            if found is not None:
                results = self.run_function(found[1], found[0], [], state, value)
                if len(results) == 1:
                    return results[0][0], results[0][1] if results[0][1] is not None else value
                if results:
                    return results[0][0], value
        return state, value

    def _leave(self, values: tuple[Value, ...], result: Outcome, outcome: Outcome) -> None:
        """Run the `__exit__` of the project's own context managers on every way out."""
        exits: list[tuple[ir.Function, str, Value]] = []
        for value in values:
            found = None
            if isinstance(value, Ours):
                found = self.overridden("__exit__")
            elif isinstance(value, Ref) and (cls := self.class_of(value)) is not None:
                found = self.program.classes.method(cls, "__exit__")
            if found is not None:
                exits.append((found[1], found[0], value))
        if exits:

            def leave(states: Iterable[State]) -> list[State]:
                current = list(states)
                for method, module, value in exits:
                    current = [s2 for s in current for s2, _ in self.run_function(method, module, [], s, value)]
                return current

            result.falls = leave(result.falls)
            result.returns = [(s2, v, w) for s, v, w in result.returns for s2 in leave([s])]
            result.breaks = leave(result.breaks)
            result.continues = leave(result.continues)
            result.raises = [(s2, t) for s, t in result.raises for s2 in leave([s])]
        for s, thrown in result.raises:
            self.pass_on(s, thrown, outcome)
        result.raises = []
        outcome.take(result)

    def _fate_at_exit(self, node: ir.With, values: tuple[Value, ...]) -> str | None:
        """What leaving the block does to our pool or executor, or to our result if the block is that of its pool."""
        kind = self.site.kind
        if kind in models.POOLS | models.EXECUTORS and any(isinstance(v, Ours) for v in values):
            return "joined"
        if kind != models.RESULT:
            return None
        for item in node.items:
            if self.is_pool_of_ours(item.context) or (item.target is not None and self.is_pool_of_ours(item.target)):
                dotted = self.program.names[self.site.module].dotted(self.site.call.func, self.site.scope)
                return "joined" if any("Executor" in name for name in dotted) else "abandoned"
        return None

    def _ended_by_exit(self, state: State, fate: str, way: str) -> bool:
        if state.life is Life.STARTED:
            self.finish(fate, state, kind=way)
        return state.life is Life.STARTED

    def _without_started(self, states: list[State], before: list[State]) -> list[State]:
        """The states without those whose process was started since `before`, where that is expected to fail."""
        known = {s.start for s in before if s.life is Life.STARTED}
        kept = []
        for state in states:
            if state.life is Life.STARTED and state.start not in known:
                self.finish("escaped", state)
            else:
                kept.append(state)
        return kept

    def _may_swallow(self, context: ir.Expression) -> bool:
        """contextlib.suppress, or a context manager of the project whose __exit__ returns true."""
        if not isinstance(context, ir.Call):
            return False
        for reference in self.names.resolve(context.func, self.frame.scope):
            if reference.kind == "library" and reference.name in {"contextlib.suppress", "pytest.raises"}:
                return True
            if reference.kind == "class" and reference.module in self.program.names:
                found = self.program.classes.method((reference.module, reference.name), "__exit__")
                if found is not None and any(
                    isinstance(n, ir.Return) and isinstance(n.value, ir.Constant) and n.value.value is True
                    for n in ir.walk_own(found[1].body)
                ):
                    return True
        return False


def _expects_failure(context: ir.Expression) -> bool:
    """`with self.assertRaises(…)`, `with pytest.raises(…)`."""
    name = _called_name(context)
    return name == "raises" or name.startswith("assertRaises")


def _sets_deadline(context: ir.Expression) -> bool:
    """`with gevent.Timeout(3)`, `with anyio.fail_after(3)`: the block raises when the time is up."""
    return _called_name(context).lower() in {"timeout", "fail_after", "time_limit", "timelimit"}


def _called_name(context: ir.Expression) -> str:
    """The last name of what is called to make a context manager, "" where nothing is."""
    return ir.word(context.func) if isinstance(context, ir.Call) else ""
