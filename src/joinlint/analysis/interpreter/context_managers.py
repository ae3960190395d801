"""Context managers: what `with` binds, swallows and ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from joinlint.analysis.interpreter.exceptions import Exceptions
from joinlint.analysis.interpreter.machine import Mode
from joinlint.analysis.interpreter.outcome import Outcome
from joinlint.analysis.interpreter.state import Life, State, Step, bind, unbind
from joinlint.analysis.interpreter.values import Known, Ours, Ref, Suspended, Value, known
from joinlint.program import ir, models
from joinlint.program.entries import is_context_manager
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.purity import Variable
from joinlint.program.sites import Site

# How a path leaves the block of a context manager that does not return from there.
_BREAKS, _CONTINUES = -1, -2


class ContextManagers(Exceptions):
    """Adds with."""

    def __init__(self, program: Program, site: Site, mode: Mode) -> None:
        super().__init__(program, site, mode)
        self._nested: dict[ir.With, ir.With] = {}

    def execute_with(self, node: ir.With, state: State, outcome: Outcome) -> None:
        if len(node.items) > 1 and any(self._generators(item.context) for item in node.items):
            node = self._one_by_one(node)
        # What the worker's class puts around the start() of its base is not taken to fail once that has been called.
        start = self.overridden("start")
        is_start = start is not None and start[1] is self.frame.function
        generators = self._generators(node.items[0].context)
        if generators and not self.mode.importing and not is_start:
            self._execute_inside(node, generators, state, outcome)
        else:
            self._execute_plain(node, state, outcome)

    def _execute_plain(self, node: ir.With, state: State, outcome: Outcome) -> None:
        states: list[tuple[State, tuple[Value, ...]]] = [(state, ())]
        for item in node.items:
            following = []
            for s, values in states:
                for s2, value in self.evaluate(item.context, s):
                    s2, entered = self._enter(s2, value)
                    if item.target is not None:
                        s2 = self.assign(item.target, entered, s2)
                    following.append((self.note_loss(s, s2), (*values, value)))
            states = following
        groups: dict[tuple[Value, ...], list[State]] = {}
        for s, values in states:
            groups.setdefault(values, []).append(s)
        for values, members in groups.items():
            self._leave(values, self._block_of(node, values, members), outcome)

    def _block_of(self, node: ir.With, values: tuple[Value, ...], states: list[State]) -> Outcome:
        """Run the block of a `with` whose items have given the `values`."""
        swallows = any(self._may_swallow(item.context) for item in node.items)
        expects = any(_expects_failure(item.context) for item in node.items)
        limited = any(_sets_deadline(item.context) for item in node.items)
        self.frame.expecting += expects
        self.frame.deadlines += limited
        body, possible = self.guarded(partial(self.block, node.body, states), swallows or self.is_listening())
        self.frame.deadlines -= limited
        self.frame.expecting -= expects
        if expects:
            body.falls = self._without_started(body.falls, states)
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
        return result

    # --- generators
    # --------------------------------------------------------------------------------------------------------------

    def _generators(self, context: ir.Expression) -> frozenset[FunctionKey]:
        """The functions of the project that the expression calls and that `contextlib.contextmanager` makes context
        managers of."""
        if not isinstance(context, ir.Call):
            return frozenset()
        names, modules = self.names, self.program.modules
        called = self.program.called(context.func, names.module.name, self.frame.scope, names)
        return frozenset((m, scope) for m, scope in called if is_context_manager(modules[m].functions[scope]))

    def _one_by_one(self, node: ir.With) -> ir.With:
        """`with a, b:` as two statements, one in the other."""
        if node not in self._nested:
            first, *others = node.items
            self._nested[node] = ir.With((first,), (ir.With(tuple(others), node.body, node.where),), node.where)
        return self._nested[node]

    def _execute_inside(
        self, node: ir.With, generators: frozenset[FunctionKey], state: State, outcome: Outcome
    ) -> None:
        """Run the block where the generator yields, so that what it does before and after comes before and after, and
        exceptions go where it waits for them."""
        (item,) = node.items
        outside = self.entering
        returned: list[tuple[Value, ir.Where]] = []
        has_run = False

        def run_block(inside: State, value: Value) -> list[State]:
            nonlocal has_run
            has_run = True
            with self._out_of_generator():
                if item.target is not None:
                    inside = self.note_loss(inside, self.assign(item.target, value, inside))
                result = self._block_of(node, (value,), [inside])
                self.frame.statement = node.where
                following = list(result.falls)
                for s, given, where in result.returns:
                    returned.append((given, where))
                    following.append(self._on_its_way(len(returned) - 1, s, given))
                following += [self._on_its_way(_BREAKS, s, None) for s in result.breaks]
                following += [self._on_its_way(_CONTINUES, s, None) for s in result.continues]
            for s, thrown in result.raises:
                if thrown.explicit:
                    self.thrown.append((s, thrown))
                elif (sink := self.sinks[-1]) is not None:
                    sink.append((s, thrown))
            return following

        self.entering = (len(self.frames), generators, run_block)
        results = self.evaluate(item.context, state)
        self.entering = outside
        if not has_run:  # it has nothing to do with the worker
            for s, value in results:
                s = s if item.target is None else self.assign(item.target, value, s)
                self._leave((value,), self._block_of(node, (value,), [self.note_loss(state, s)]), outcome)
            return
        for s, _ in results:
            way = s.env.get(self._exit_variable("way"))
            s = unbind(unbind(s, self._exit_variable("way")), self._exit_variable("value"))
            if way is None:
                outcome.falls.append(s)
            elif way in {known(_BREAKS), known(_CONTINUES)}:
                (outcome.breaks if way == known(_BREAKS) else outcome.continues).append(s)
            elif isinstance(way, Known) and isinstance(way.value, int):
                outcome.returns.append((s, *returned[way.value]))

    @contextmanager
    def _out_of_generator(self) -> Iterator[None]:
        """Back to the function with the `with`, while its generator waits at a yield."""
        generator, call, entering = self.frames.pop(), self.calls.pop(), self.entering
        self.entering = None
        try:
            yield
        finally:
            self.entering = entering
            self.frames.append(generator)
            self.calls.append(call)

    def _on_its_way(self, way: int, state: State, given: Value) -> State:
        """The state in which the block is left for good once the generator has come to its end, by that way."""
        return bind(bind(state, self._exit_variable("way"), known(way)), self._exit_variable("value"), given)

    def _exit_variable(self, name: str) -> Variable:
        """No name of the program; generators that are run in one another have their own."""
        return "", f"<{name} out of {len(self.frames)}>"

    # --- classes
    # -----------------------------------------------------------------------------------------------------------------

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
