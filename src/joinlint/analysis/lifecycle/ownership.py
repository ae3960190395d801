"""Processes kept on a field or global: who in the program discharges them?

Any function that reaches the place may.  Each is run on its own with the process already lying there, again for each
state in which another one leaves it: started, stopped.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from joinlint import limits
from joinlint.analysis.interpreter import GaveUp, Interpreter, Mode
from joinlint.analysis.interpreter.outcome import Final
from joinlint.analysis.interpreter.state import Life, StartEvent, State
from joinlint.analysis.interpreter.values import MODULE_ROOT, OURS, Path
from joinlint.analysis.lifecycle.fields import given_object
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.mentions import attribute_by_text
from joinlint.program.modules import FunctionKey
from joinlint.program.sites import Site
from joinlint.records import by_value

_WAITS = models.LOOKS | {"join"}


@by_value
class Storage:
    """A place that outlives the function: `kind` is "field", "global", "argument" or "enclosing".

    `ways` lead to the process from the object (field) or from the module (global); `cls` is the scope of the class, ""
    where the object is not known.
    """

    kind: str
    ways: frozenset[Path]
    module: str = ""
    cls: str = ""

    @property
    def words(self) -> frozenset[str]:
        """The attributes or names by which the place is reached."""
        return frozenset(w[0][1:] for w in self.entry_ways() if w and w[0].startswith("."))

    def entry_ways(self) -> frozenset[Path]:
        """The ways as code may enter upon them: from the object itself, or from an object on the way that it got
        elsewhere."""
        entries = {w[start:] for w in self.ways for start, step in enumerate(w) if step.startswith(".")}
        return frozenset(entries) or self.ways

    def is_container(self) -> bool:
        """Does the place hold the process among others?"""
        return any(not step.startswith(".") for way in self.ways for step in way)

    def text(self) -> str:
        """How the program writes it: `self.workers`, `children`."""
        word = min((w[0][1:] for w in self.ways if w), default="")
        return f"self.{word}" if self.kind == "field" else word


@dataclass(slots=True)
class Ownership:
    """What the rest of the program does to the stored process.

    `started` are the states in which it may lie there running; `polled` says that something asks whether it still runs
    after a join(timeout).
    """

    discharged: bool = False
    polled: bool = False
    starts: dict[StartEvent, None] = field(default_factory=dict)
    started: list[State] = field(default_factory=list)


def settle(program: Program, site: Site, state: State, storage: Storage) -> Ownership:
    """Look for code that joins a process which `state` leaves in `storage`."""
    ownership = Ownership(polled=state.timed is not None and state.looked)
    seen: set[tuple[object, ...]] = set()
    pending: list[tuple[State, Storage, FunctionKey | None]] = [(_only_stored(state, storage), storage, None)]
    while pending and not ownership.discharged:
        current, place, left_by = pending.pop()
        key = (place, current.life, current.stopped, current.timed, current.start)
        if key in seen or len(seen) > limits.STORED_STATES:
            continue
        seen.add(key)
        if current.life is Life.STARTED:
            ownership.started.append(current)
            assert current.start is not None
            ownership.starts[current.start] = None
        family = _family(program, place)
        if any(_reads_any_attribute(program, cls) for cls in family):
            ownership.discharged = True
        functions = _functions(program, place, family)
        if len(functions) > limits.STORING_FUNCTIONS:
            ownership.discharged = True
        for module, scope in functions:
            if (module, scope) == left_by and current.timed is not None and current.stopped is not None:
                continue  # it waits for a while before it ends the process: called again it waits no better
            try:
                finals = _visit(program, site, current, place, family, module, scope)
            except GaveUp:
                ownership.discharged = True
                break
            if not _asks_only_before(program, (module, scope), current.timed):
                late = (f for f in finals if f.state.timed is not None)
                ownership.polled = ownership.polled or any(f.fate == "polled" or f.state.looked for f in late)
            if any(f.fate == "polled" for f in finals) and _is_handed_on(program, (module, scope)):
                ownership.discharged = True  # it is called again and again
            for final in finals:
                if (
                    final.fate in {"joined", "escaped", "returned"} and final.state.life is Life.STARTED
                ) or final.fate in {"escaped", "returned"}:
                    ownership.discharged = True
                elif final.fate == "left":
                    places = (place, *_aliases(final.state, place))
                    pending += ((_only_stored(final.state, p), p, (module, scope)) for p in places)
    if not ownership.discharged and storage.kind == "field":
        # As it was first left there; what other functions make of it does not keep anybody from waiting.
        ownership.discharged = any(
            _waits_elsewhere(program, site, s, storage) or _is_joined_by_giver(program, site, s, storage)
            for s in ownership.started[:1]
        )
    return ownership


def _waits_elsewhere(program: Program, site: Site, state: State, storage: Storage) -> bool:
    """Does a function that has to do with the object only by what it is passed wait for the process, for a while at
    least, or ask whether it still runs?"""
    near = program.neighbours(storage.module) if storage.module else frozenset()
    family = _family(program, storage)
    far = ((key, word) for word in sorted(storage.words) for key in program.words.get(word, {}) if key[0] not in near)
    joining = [key for key, word in far if _waits_for_another(program, key, word)]
    if len(joining) > limits.STORING_FUNCTIONS:
        return True
    for key in joining:
        try:
            finals = _visit(program, site, state, storage, family, *key)
        except GaveUp:
            return True
        if any(f.fate in {"joined", "polled"} or f.state.timed is not None or f.state.looked for f in finals):
            return True
    return False


def _is_joined_by_giver(program: Program, site: Site, state: State, storage: Storage) -> bool:
    """Does a class join what is in a container that it has given to this one: `self.workers = manager.workers`?"""
    given = given_object(program, storage.ways, (storage.module, storage.cls)) if storage.cls else None
    if given is None or not given.is_field:
        return False
    place = Storage("field", given.inside, storage.module)
    functions = _functions(program, place, frozenset())
    if len(functions) > limits.STORING_FUNCTIONS:
        return True
    for key in functions:
        try:
            finals = _visit(program, site, _only_stored(state, place), place, frozenset(), *key)
        except GaveUp:
            return True
        if any(final.fate == "joined" for final in finals):
            return True
    return False


def _asks_only_before(program: Program, key: FunctionKey, join: ir.Where | None) -> bool:
    """Does the function join with a timeout only what still runs, and ask no more: `if p.is_alive(): p.join(5)`?"""
    module, scope = key
    if join is None or join.module != module:
        return False
    nodes = program.own_nodes(program.modules[module], scope)
    guards = [
        node
        for node in nodes
        if isinstance(node, ir.If)
        and any(isinstance(n, ir.Evaluate) and n.where == join for n in ir.walk_own(node.body))
    ]
    before = sum(_asks(node) for guard in guards for node in ir.walk(guard.test))
    return before > 0 and before == sum(map(_asks, nodes))


def _is_handed_on(program: Program, key: FunctionKey) -> bool:
    """Does code of the module give the function to somebody who may call it time and again: `timer.connect(self.poll)`,
    `loop.call_later(1, poll)`?"""
    module, scope = key
    function = program.modules[module].functions.get(scope)
    if function is None:
        return False
    for home, where in program.words.get(function.name, {}):
        if home == module:
            for call in program.own_nodes_of(ir.Call, program.modules[module], where):
                given = (*call.args, *(keyword.value for keyword in call.keywords))
                if any(isinstance(v, (ir.Name, ir.Attribute)) and ir.word(v) == function.name for v in given):
                    if call not in program.process_calls:
                        return True
    return False


def _asks(node: object) -> bool:
    return isinstance(node, ir.Attribute) and node.attr in models.LOOKS


def _waits_for_another(program: Program, key: FunctionKey, word: str) -> bool:
    """Does the function wait, or ask, and have the attribute on an object that is not its own:
    `recorder.process.join()`?"""
    module, scope = key
    function = program.modules[module].functions.get(scope)
    if function is None:
        return False
    me = function.parameters[0].name if function.owner is not None and function.parameters else ""
    has_field = waits = False
    for node in program.own_nodes(program.modules[module], scope):
        if isinstance(node, ir.Attribute):
            if node.attr == word:
                has_field = has_field or not (isinstance(node.value, ir.Name) and node.value.id == me)
            waits = waits or (node.attr in _WAITS and not isinstance(node.value, ir.Constant))
    return has_field and waits


def _aliases(state: State, storage: Storage) -> list[Storage]:
    """The fields of other objects in which a function has put what it took from `storage`."""
    found = []
    for root, held in state.heap.items():
        if root.startswith("self:"):
            _, module, cls = root.split(":", 2)
            alias = Storage("field", held, module, cls)
            if not alias.words <= storage.words:
                found.append(alias)
    return found


def _visit(
    program: Program, site: Site, state: State, storage: Storage, family: frozenset[str], module: str, scope: str
) -> list[Final]:
    mode = Mode(wild=storage.entry_ways(), wild_classes=family)
    interpreter = Interpreter(program, site, mode)
    return interpreter.run(module, scope, state)


def _only_stored(state: State, storage: Storage) -> State:
    """The state in which other code finds the process: in its place, nothing else known."""
    if storage.kind == "field":
        env, heap = {}, {"wild": storage.entry_ways()}
    else:
        name = f"{MODULE_ROOT}:{storage.module}"
        variable_scope = f"{storage.module}:{ir.MODULE_SCOPE}"
        env = {(variable_scope, w[0][1:]): OURS for w in storage.ways if len(w) == 1}
        heap = {name: frozenset(w for w in storage.ways if len(w) > 1)}
    return state._replace(
        env=env,
        heap=heap,
        assumed={},
        visited=frozenset(),
        rounds=frozenset(),
        trace=None,
        lost=None,
        looked=False,
    )


def _family(program: Program, storage: Storage) -> frozenset[str]:
    """The class of the object with its bases and subclasses, as module:scope; empty where any class may be meant."""
    if storage.kind != "field" or not storage.cls:
        return frozenset()
    return frozenset(f"{module}:{scope}" for module, scope in program.classes.family((storage.module, storage.cls)))


def _reads_any_attribute(program: Program, cls: str) -> bool:
    """Does a method of the class join what it reaches by names that are not written down?"""
    module, _, scope = cls.partition(":")
    for function in program.modules[module].functions.values():
        if function.owner != scope or not function.parameters:
            continue
        me = function.parameters[0].name
        nodes = program.own_nodes(program.modules[module], function.scope)
        if any(isinstance(n, ir.Attribute) and n.attr == "join" for n in nodes) and any(
            _is_dynamic(n, me) for n in nodes
        ):
            return True
    return False


def _is_dynamic(node: object, me: str) -> bool:
    match node:
        case ir.Attribute(value=ir.Name(id=name), attr="__dict__"):
            return name == me
        case ir.Call(func=ir.Name(id="vars"), args=(ir.Name(id=name),)):
            return name == me
        case ir.Call(func=ir.Name(id="getattr"), args=(ir.Name(id=name), ir.Name(), *_)):
            return name == me
        case _:
            return False


def _is_about_others(program: Program, key: tuple[str, str], storage: Storage, family: frozenset[str]) -> bool:
    """Does the function reach fields of these names on objects of its own, unrelated class alone?"""
    module, scope = key
    function = program.modules[module].functions.get(scope)
    if not family or function is None or function.owner is None or f"{module}:{function.owner}" in family:
        return False
    me = function.parameters[0].name if function.parameters else ""
    for node in program.own_nodes(program.modules[module], scope):
        if isinstance(node, ir.Attribute) and node.attr in storage.words:
            if not (isinstance(node.value, ir.Name) and node.value.id == me):
                return False
        elif attribute_by_text(node) in storage.words:
            return False
    return True


def _functions(program: Program, storage: Storage, family: frozenset[str]) -> list[tuple[str, str]]:
    """The functions that mention the place at all, in modules that may know the object."""
    near = (
        program.neighbours(storage.module)
        if storage.kind == "field" and storage.module
        else frozenset({storage.module})
    )
    found: dict[tuple[str, str], None] = {}
    for word in sorted(storage.words):
        for (module, scope), is_attribute in program.words.get(word, {}).items():
            if storage.module and module not in near:
                continue
            if storage.kind == "global" and (is_attribute or scope == ir.MODULE_SCOPE):
                continue
            if storage.kind == "field" and (
                not is_attribute or _is_about_others(program, (module, scope), storage, family)
            ):
                continue
            found[(module, scope)] = None
    for key in program.words.get("active_children", {}):  # all the processes that are running
        if not storage.module or key[0] in near:
            found[key] = None
    for key in list(found):
        if key in program.pollers:
            callers = program.callers.get(key, ())
            found.update(dict.fromkeys(c for c in callers if not _is_demonstration(program, c)))
    return list(found)


def _is_demonstration(program: Program, caller: tuple[str, str]) -> bool:
    """Is it what a module does when it is run by itself, although others import it?"""
    module, scope = caller
    return scope == ir.MODULE_SCOPE and module in program.imported_modules
