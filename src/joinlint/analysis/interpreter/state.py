"""The state of one path: the life of the one process that is followed, who holds it, and what the path has assumed so
far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from typing import Any, NamedTuple

from joinlint.analysis.interpreter.values import (
    ALIVE,
    ANY,
    OURS,
    WEAK,
    Bound,
    Known,
    Ours,
    Partial,
    Path,
    Ref,
    Suspended,
    Value,
)
from joinlint.program.ir import Where
from joinlint.program.purity import Key, Variable, mentioned
from joinlint.records import by_identity

# The scope of pseudo-variables for containers that unknown code has got hold of.
SHARED = "<shared>"
# Attributes of a process that do not lead back to it.
FACTS = frozenset({"exitcode", "pid", "ident", "name", "daemon", "authkey", "native_id", "psutil", ALIVE, WEAK})


class Life(IntEnum):
    """How far the followed worker has come on this path.

    A path ends where it is joined or handed over, unless what is done to it afterwards is asked about: then it goes on
    as ENDED.
    """

    ABSENT = 0
    CREATED = 1
    STARTED = 2
    ENDED = 3


class Step(NamedTuple):
    """A decision on the way: `kind` is "branch", "loop skipped", "handler", "case", "break", "return", "raise",
    "rebound" …"""

    kind: str
    where: Where
    taken: bool = True


@by_identity
class Trace:
    """Decisions linked backwards, so that paths share their beginnings."""

    step: Step
    before: Trace | None

    @staticmethod
    def steps(trace: Trace | None) -> list[Step]:
        out = []
        while trace is not None:
            out.append(trace.step)
            trace = trace.before
        return out[::-1]


class StartEvent(NamedTuple):
    """A start(): its statement, the function it stands in, and the calls that led there from the root, outermost
    first.

    `functions` are the module and scope of the root and of all that was called, one more than there are calls.
    """

    where: Where
    scope: str
    module: str
    calls: tuple[Where, ...]
    functions: tuple[tuple[str, str], ...]


class _Fields(NamedTuple):
    life: Life = Life.ABSENT
    daemon: str = "no"  # "no", "yes" or "unknown"
    start: StartEvent | None = None
    timed: Where | None = None  # a join(timeout) whose outcome nobody has looked at
    looked: bool = False
    counted: tuple[Where, ...] = ()  # where it was last made a value whether it still runs, from the root inwards
    stopped: Where | None = None  # terminate() or kill(); close() of a pool
    pending: Where | None = None  # a task was submitted to our pool, and its result thrown away
    env: Mapping[Variable, Value] = None  # type: ignore[assignment]
    heap: Mapping[str, frozenset[Path]] = None  # type: ignore[assignment]
    assumed: Mapping[Key, bool] = None  # type: ignore[assignment]
    visited: frozenset[int] = frozenset()  # loops over a container that have come to our process
    rounds: frozenset[int] = frozenset()  # loops in whose present round our process was started
    overlapped: bool = False  # another worker was started while ours ran
    drained: bool = False  # what our process sends has been read since it was started
    lost: Where | None = None
    trace: Trace | None = None


_INDEX = {name: index for index, name in enumerate(_Fields._fields)}


class Identity:
    """What makes states alike; most are compared many times, so that the hash is kept."""

    __slots__ = ("_hash", "_parts")

    def __init__(self, state: _Fields) -> None:
        self._parts = (
            state.life, state.daemon, state.start, state.timed, state.looked, state.counted, state.stopped,
            state.pending, state.visited, state.rounds, state.overlapped, state.drained,
            frozenset(state.env.items()), frozenset(state.heap.items()), frozenset(state.assumed.items()),
        )  # fmt: skip
        self._hash = hash(self._parts)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Identity) and self._parts == other._parts)

    def __hash__(self) -> int:
        return self._hash


class State(_Fields):
    """One abstract state.  `trace` and `lost` explain and are no part of its identity."""

    # Two states are one when they are the same object; what makes them alike is their identity().
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def _replace(self, **changes: Any) -> State:
        # As a named tuple's own, in half the time.
        values = list(self)
        for name, value in changes.items():
            values[_INDEX[name]] = value
        return tuple.__new__(State, values)

    def identity(self) -> Identity:
        """Equal for states from which everything goes on alike."""
        known: Identity | None = self.__dict__.get("_identity")
        if known is None:
            known = self.__dict__["_identity"] = Identity(self)
        return known

    def with_step(self, step: Step) -> State:
        """The same state with one more decision noted, once there is a process to explain."""
        return self if self.life is Life.ABSENT else self._replace(trace=Trace(step, self.trace))


def replace_start(state: State, event: StartEvent, rounds: frozenset[int]) -> State:
    """The process has been started inside the present rounds of the loops `rounds`."""
    return state._replace(life=Life.STARTED, start=event, rounds=rounds, overlapped=False, drained=False)


def initial_state() -> State:
    return State(env={}, heap={}, assumed={})


States = dict[Identity, State]


def collect(states: Iterable[State]) -> States:
    """States without duplicates, in order, by what makes them equal."""
    out: States = {}
    for state in states:
        out.setdefault(state.identity(), state)
    return out


def distinct(states: Iterable[State]) -> list[State]:
    """States without duplicates, in order."""
    found = list(states)
    return found if len(found) < 2 else list(collect(found).values())


# --- variables
# -------------------------------------------------------------------------------------------------------------------


def bind(state: State, variable: Variable, value: Value) -> State:
    """`variable` now has `value`; what was assumed about its old value is forgotten."""
    env = dict(state.env)
    env[variable] = value
    return state._replace(env=env, assumed=_forget_name(state.assumed, variable))


def unbind(state: State, variable: Variable) -> State:
    env, assumed = state.env, _forget_name(state.assumed, variable)
    if variable in env:
        env = {k: v for k, v in env.items() if k != variable}
    return state if env is state.env and assumed is state.assumed else state._replace(env=env, assumed=assumed)


def drop_scope(state: State, scope: str) -> State:
    """Forget the variables of a function that has returned."""
    if not any(k[0] == scope for k in state.env) and not state.assumed:
        return state
    env = {k: v for k, v in state.env.items() if k[0] != scope}
    assumed = _without(state.assumed, lambda key: any(s == scope for s, _ in mentioned(key).variables))
    return state._replace(env=env, assumed=assumed)


def without(state: State, scope: str, dead: frozenset[str]) -> State:
    """Forget values and tests of the variables of `scope` that are `dead`, and what is out of reach without them.

    Of those that are the process itself, where a container has it as well, no more is known than that there are some:
    they keep it from being lost with the container.
    """
    env = state.env
    dead_ones = [(k, v) for k, v in env.items() if k[1] in dead and k[0] == scope]
    lost = [k for k, v in dead_ones if _is_plain(state, v)]
    handles = [k for k, v in dead_ones if isinstance(v, Ours)]
    if handles and not any(isinstance(v, Ref) and holds(state, v) for v in env.values()):
        handles = []
    if lost or handles:
        env = {k: v for k, v in env.items() if k not in lost and k not in handles}
        if handles:
            env[(scope, _DEAD_HANDLES)] = OURS
    env = _without_unreachable(env)
    assumed = _without(
        state.assumed, lambda key: any(name in dead and s == scope for s, name in mentioned(key).variables)
    )
    return state if env is state.env and assumed is state.assumed else state._replace(env=env, assumed=assumed)


def _without_unreachable(env: Mapping[Variable, Value]) -> Mapping[Variable, Value]:
    """The variables without the marks of those containers into which nothing can be put any more."""
    marks = [(k, v) for k, v in env.items() if k[0] == SHARED]
    if not marks:
        return env
    reached = {root for k, v in env.items() if k[0] != SHARED for root in _roots(v)}
    gone = {k for k, v in marks if isinstance(v, Ref) and v.root.startswith("new:") and v.root not in reached}
    return {k: v for k, v in env.items() if k not in gone} if gone else env


def _roots(value: Value) -> Iterator[str]:
    """The objects that the value leads to."""
    match value:
        case Ref(root=root):
            yield root
        case Bound(value=inner):
            yield from _roots(inner)
        case Partial(function=function, args=args):
            yield from _roots(function)
            for arg in args:
                yield from _roots(arg)
        case Suspended(receiver=receiver, arguments=arguments):
            yield from _roots(receiver)
            for arg, _ in arguments:
                yield from _roots(arg)


# Stands for the variables with the process that nothing reads again, as no name does.
_DEAD_HANDLES = "<dead handles>"


def _is_plain(state: State, value: Value) -> bool:
    return value is None or isinstance(value, Known) or (isinstance(value, Ref) and not holds(state, value))


def _forget_name(assumed: Mapping[Key, bool], variable: Variable) -> Mapping[Key, bool]:
    return _without(assumed, lambda key: variable in mentioned(key).variables)


def forget_attribute(state: State, attr: str) -> State:
    """An attribute of that name was assigned on some object."""
    assumed = _without(state.assumed, lambda key: attr in mentioned(key).attributes)
    return state if assumed is state.assumed else state._replace(assumed=assumed)


def _without(assumed: Mapping[Key, bool], is_lost: Callable[[Key], bool]) -> Mapping[Key, bool]:
    """The assumptions but those that are lost; the same object where none is."""
    lost = [key for key in assumed if is_lost(key)]
    return {k: v for k, v in assumed.items() if k not in lost} if lost else assumed


# --- what is held where
# ----------------------------------------------------------------------------------------------------------


def paths(state: State, ref: Ref) -> frozenset[Path]:
    """The ways from the place `ref` to the process."""
    held = state.heap.get(ref.root)
    if not held:
        return frozenset()
    if not ref.prefix:
        return held
    size = len(ref.prefix)
    return frozenset(p[size:] for p in held if len(p) >= size and _matches(p[:size], ref.prefix))


def _matches(path: Path, prefix: Path) -> bool:
    """Steps agree when equal, or when either is an arbitrary element and the other an element."""
    return all(a == b or (a[0] in "*#" and b[0] in "*#" and ANY in (a, b)) for a, b in zip(path, prefix, strict=True))


def holds(state: State, value: Value) -> bool:
    """Can the process be reached from `value`?"""
    match value:
        case Ours():
            return True
        case Ref():
            return bool(paths(state, value))
        case Bound(value=inner, name=name):
            return name not in FACTS and holds(state, inner)
        case Partial(function=function, args=args):
            return holds(state, function) or any(holds(state, a) for a in args)
        case _:
            return False


def add_paths(state: State, ref: Ref, ways: Iterable[Path]) -> State:
    """The object `ref.root` now holds the process by `ways` from the place `ref`."""
    new = {(*ref.prefix, *way) for way in ways}
    if not new:
        return state
    heap = dict(state.heap)
    heap[ref.root] = heap.get(ref.root, frozenset()) | new
    return state._replace(heap=heap)


def remove_below(state: State, ref: Ref) -> State:
    """What the place `ref` held is gone from there."""
    held = state.heap.get(ref.root)
    if not held:
        return state
    size = len(ref.prefix)
    kept = frozenset(p for p in held if p[:size] != ref.prefix)
    if kept == held:
        return state
    heap = dict(state.heap)
    if kept:
        heap[ref.root] = kept
    else:
        del heap[ref.root]
    return state._replace(heap=heap)


def ways_to_ours(state: State, value: Value) -> frozenset[Path]:
    """How storing `value` somewhere makes the process reachable from there."""
    match value:
        case Ours():
            return frozenset({()})
        case Ref():
            return paths(state, value)
        case _:
            return frozenset()


def move_object(state: State, old: str, new: Ref) -> State:
    """The object `old` from now on is the one at the place `new`: all names and places follow."""
    env = {k: (_moved(v, old, new)) for k, v in state.env.items()}
    heap = {root: held for root, held in state.heap.items() if root != old}
    if old in state.heap:
        heap[new.root] = heap.get(new.root, frozenset()) | {(*new.prefix, *p) for p in state.heap[old]}
    return state._replace(env=env, heap=heap)


def _moved(value: Value, old: str, new: Ref) -> Value:
    match value:
        case Ref(root=root, prefix=prefix) if root == old:
            return Ref(new.root, (*new.prefix, *prefix))
        case Bound(value=inner, name=name):
            return Bound(_moved(inner, old, new), name)
        case _:
            return value


def holders(state: State) -> list[tuple[Variable, Value]]:
    """The variables from which the process can be reached."""
    return [(variable, value) for variable, value in state.env.items() if holds(state, value)]
