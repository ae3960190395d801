"""What every part of the interpreter shares: the program, the site that is followed, and what has been observed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from joinlint import limits
from joinlint.analysis.interpreter.outcome import Exit, Final, Raised, Thrown
from joinlint.analysis.interpreter.state import Life, StartEvent, State
from joinlint.analysis.interpreter.values import MODULE_ROOT, Path, Ref, Value
from joinlint.program import guards, ir, models
from joinlint.program.budget import SPENT, TOO_MANY_PATHS, TOO_MANY_PATHS_BEYOND_JOIN
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.names import Names
from joinlint.program.purity import Variable
from joinlint.program.sites import Site
from joinlint.records import by_identity, by_value

_NOWHERE = ir.Where(1, 1, 1, 1, "")


class GaveUp(Exception):
    """The function is too complicated to be followed; nothing is said about it."""


class Answered(Exception):
    """What the run is for is known before its end."""


@by_identity
class Operation:
    """A method called on the followed worker: `state` is the one in which it was called, `where` the statement."""

    name: str
    call: ir.Call
    state: State
    where: ir.Where


# What a generator does where it yields a value: the states in which it goes on.
AtYield = Callable[[State, Value], list[State]]


@dataclass(slots=True)
class Frame:
    """A function being executed; `scope` is MODULE_SCOPE for the module's own level."""

    scope: str
    function: ir.Function | None
    names: Names
    statement: ir.Where = _NOWHERE
    loops: list[int] = field(default_factory=list)
    waiting: bool = False  # is the test of a loop that goes on until it fails being run?
    settling: bool = False  # is the test of a branch being run that joins somebody?
    handling: list[Thrown] = field(default_factory=list)
    expecting: int = 0  # blocks around the present statement that expect it to fail
    deadlines: int = 0  # blocks around it that raise when their time is up
    at_yield: AtYield | None = None  # runs the block of the `with` that has entered this context manager


@by_value
class Mode:
    """What a run is for.

    `importing`: `__name__ == "__main__"` is false, and the bodies of `skipped` do not run.  `any_call_raises`:
    exceptions at calls leave the root too (JL103).  `wild`: the process is already held by a field or global before the
    function runs; for a field, the steps from Ref("wild") lead to it.  `beyond_join`: a joined worker is followed on,
    to see what else is done to it.  `in_rounds`: it is asked whether each worker is waited for in the round of a loop
    that has started it; the run ends with the first that is not.
    """

    importing: bool = False
    skipped: frozenset[ir.If] = frozenset()
    any_call_raises: bool = False
    wild: frozenset[Path] = frozenset()
    wild_classes: frozenset[str] = frozenset()
    beyond_join: bool = False
    in_rounds: bool = False
    reads: frozenset[ir.Attribute] = frozenset()  # what reads the queue that the followed process fills
    reading: frozenset[tuple[str, str]] = frozenset()  # the functions that may come to one of them

    @property
    def visiting(self) -> bool:
        """Does the process come from elsewhere?  Then each function that can reach it is run for itself."""
        return bool(self.wild)


class Machine:
    """The state of one run of the interpreter, whatever path it is on."""

    def __init__(self, program: Program, site: Site, mode: Mode) -> None:
        self.program = program
        self.site = site
        self.mode = mode
        self.frames: list[Frame] = []
        self.calls: list[ir.Where] = []
        self.finals: list[Final] = []
        self.starts: dict[StartEvent, None] = {}
        self.operations: list[Operation] = []
        self.classes: dict[str, tuple[str, str]] = {}  # root of an instance: module and class
        self.sinks: list[list[Raised] | None] = []
        self.thrown: list[
            Raised
        ] = []  # explicit exceptions that leave a called function, until the statement takes them
        self.round_ends: dict[int, list[bool]] = {}  # loop: at each end of a round, had our process been joined in it?
        self._loops: dict[object, int] = {}
        self._steps = 0
        most = limits.STEPS_BEYOND_JOIN if mode.beyond_join else limits.STEPS
        self._most_steps = min(most, program.budget.left(site.module))
        self.reached = False  # the site was executed
        # What these functions do where they yield, when they are called in the frame of that number.
        self.entering: tuple[int, frozenset[FunctionKey], AtYield] | None = None
        self.in_child = False  # what is run now runs in another process than the one that started ours

    # --- frames
    # --------------------------------------------------------------------------------------------------------------

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def root(self) -> FunctionKey:
        """The function with which the run began."""
        first = self.frames[0]
        return first.names.module.name, first.scope

    @property
    def names(self) -> Names:
        return self.frames[-1].names

    @contextmanager
    def entered(self, function: ir.Function | None, names: Names) -> Iterator[None]:
        frame = Frame(ir.MODULE_SCOPE if function is None else function.scope, function, names)
        if self.entering is not None:
            depth, functions, at_yield = self.entering
            if depth == len(self.frames) and (names.module.name, frame.scope) in functions:
                frame.at_yield = at_yield
        self.frames.append(frame)
        try:
            yield
        finally:
            self.frames.pop()

    def module_name(self, module: str | None = None) -> str:
        """What `__name__` is in `module`, the one whose code is running unless another is named."""
        here = self.frame.names.module.name if module is None else module
        if not self.mode.importing:
            return guards.SCRIPT
        return guards.CHILD if here == self.frames[0].names.module.name else here

    def statements(self) -> tuple[ir.Where, ...]:
        """The statement that is being run in each function that is inside a loop or its test, the outermost first."""
        return tuple(frame.statement for frame in self.frames if frame.loops or frame.waiting)

    def variable(self, name: str) -> Variable:
        """The variable that `name` means in the present function."""
        names = self.frame.names
        scope = names.binding_scope(name, self.frame.scope)
        return (f"{names.module.name}:{scope}", name)

    def is_active(self, scope: str, module: str) -> bool:
        return any(f.scope == scope and f.names.module.name == module for f in self.frames)

    def leads_to_site(self, key: tuple[str, str]) -> bool:
        """May the function come to make the process that is followed?"""
        return key in self.program.reaching((self.site.module, self.site.scope), self.mode.importing)

    def loop_id(self, node: object) -> int:
        return self._loops.setdefault(node, len(self._loops))

    def loop_nodes(self) -> dict[int, object]:
        """The loops that were run, by their numbers."""
        return {number: node for node, number in self._loops.items()}

    def spend(self, steps: int = 1) -> None:
        """Takes so many steps.  Raises GaveUp where there are no more."""
        self._steps += steps
        if self._steps > self._most_steps:
            raise GaveUp

    @contextmanager
    def accounted(self) -> Iterator[None]:
        """The run inside is paid for by the module of the site; that it was given up is noted."""
        budget, module = self.program.budget, self.site.module
        try:
            yield
        except GaveUp:
            is_spent = self._steps >= budget.left(module)
            paths = TOO_MANY_PATHS_BEYOND_JOIN if self.mode.beyond_join else TOO_MANY_PATHS
            budget.give_up(module, self.site.call.where.row, SPENT if is_spent else paths)
            raise
        finally:
            budget.spend(module, min(self._steps, self._most_steps))

    # --- observations
    # --------------------------------------------------------------------------------------------------------

    def note_operation(self, name: str, call: ir.Call, state: State) -> None:
        """`call` is about to do something to our worker, unless the program expects that to fail."""
        if not self.is_expected_to_fail():
            statement = self.frames[self._depth_of_call(name.partition(" ")[0])].statement
            self.operations.append(Operation(name, call, state, statement))

    def finish(self, fate: str, state: State, where: ir.Where | None = None, kind: str = "falls") -> None:
        """The path's question is answered: it is not followed any further.  Raises Answered where that is all."""
        if self.mode.in_rounds and fate == "escaped" and state.life is Life.STARTED:
            raise Answered
        place = where or self.frame.statement
        calls, functions = tuple(self.calls), self.functions()
        self.finals.append(Final(fate, state, Exit(kind), None, place, state.rounds, calls, functions))

    def end_path(self, state: State, way: Exit) -> None:
        """A path leaves the root function with its question open."""
        if state.life is not Life.ABSENT:
            self.finals.append(Final("left", state, way))

    def is_expected_to_fail(self) -> bool:
        """Does a block around the present statement expect misuse to raise?"""
        return any(frame.expecting for frame in self.frames)

    def is_listening(self) -> bool:
        """Does anybody ask which calls may raise?"""
        return bool(self.sinks) and self.sinks[-1] is not None

    def may_raise(self, state: State, where: ir.Where) -> None:
        """A call that may raise is about to run in `state`."""
        if self.sinks and (sink := self.sinks[-1]) is not None:
            sink.append((state, Thrown(False, None, where)))

    def may_be_interrupted(self, state: State) -> None:
        """Ctrl-C can come anywhere, and it is all that can come here: no matter where calls are asked about, nor behind
        what ends the worker, where there is little left to wait for."""
        if self.mode.any_call_raises or state.stopped is not None:
            return
        if self.sinks and (sink := self.sinks[-1]) is not None:
            sink.append((state, Thrown(False, "KeyboardInterrupt", self.frame.statement)))

    def may_miss_element(self, state: State) -> None:
        """A subscript is about to be read."""
        if self.sinks and (sink := self.sinks[-1]) is not None:
            sink.append((state, Thrown(False, "LookupError", self.frame.statement)))

    def start_event(self) -> StartEvent:
        """The start() being executed.  Inside an overridden start() it is the outermost call that the program's code
        wrote."""
        depth = self._depth_of_call("start")
        frame = self.frames[depth]
        calls, functions = tuple(self.calls[:depth]), self.functions()[: depth + 1]
        return StartEvent(frame.statement, frame.scope, frame.names.module.name, calls, functions)

    def _depth_of_call(self, method: str) -> int:
        """The frame in which the program's code calls `method`, outside of any overridden method of that name."""
        depth = len(self.frames) - 1
        while depth > 0:
            function = self.frames[depth].function
            if function is None or function.name != method or function.owner is None:
                break
            depth -= 1
        return depth

    def functions(self) -> tuple[tuple[str, str], ...]:
        """The module and scope of every function that is being run, the root first."""
        return tuple((f.names.module.name, f.scope) for f in self.frames)

    def overridden(self, name: str) -> tuple[str, ir.Function] | None:
        """The project's own method `name` of the class of our process, with its module."""
        cls = self.site.cls
        found = None if cls is None else self.program.classes.method(cls, name)
        if found is not None and name in models.LIFE and found[1].owner is not None:
            if self.program.classes.is_declared_process((found[0], found[1].owner)):
                return None  # it means what it means for a process, however it is done
        return found

    def class_of(self, ref: Ref) -> tuple[str, str] | None:
        """The module and class of the instance that `ref` is, where known."""
        return self.classes.get(ref.root) if not ref.prefix else None


def global_variables(env: Mapping[Variable, Value]) -> Iterator[tuple[Variable, Value]]:
    """The entries of module-level names."""
    for variable, value in env.items():
        if variable[0].endswith(f":{ir.MODULE_SCOPE}"):
            yield variable, value


def is_persistent(root: str) -> bool:
    """Does the object outlive the function that is the root of the run?"""
    return root.startswith(("self:", "param:", "wild", MODULE_ROOT))
