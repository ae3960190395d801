"""Joins of a child that can't end before its queue or pipe is read, where the parent reads it only afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from joinlint.analysis.facts.dependence import target_functions, target_of
from joinlint.analysis.facts.nesting import way_to
from joinlint.analysis.facts.origins import Origin, Origins
from joinlint.analysis.interpreter.machine import Mode, Operation
from joinlint.analysis.interpreter.state import Life, Trace
from joinlint.analysis.misuse.operations import operations
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.names import is_static
from joinlint.program.sites import Site
from joinlint.records import by_value

_PUTS = frozenset({"put", "put_nowait", "send", "send_bytes"})
_READS = frozenset({"get", "get_nowait", "recv", "recv_bytes", "recv_bytes_into"})
_CHANNELS = {f"multiprocessing.{name}": name for name in ("Queue", "JoinableQueue", "SimpleQueue", "Pipe")}
_CHANNELS |= {f"multiprocessing.queues.{name}": name for name in ("Queue", "JoinableQueue", "SimpleQueue")}
# One small item stays in the pipe's buffer, and nobody has to wait for it to be read.
_WRITES_AT_ONCE = frozenset({"SimpleQueue", "Pipe"})
_SKIPS = frozenset({"loop skipped", "branch", "case", "no case", "handler", "swallowed", "unwinding", "chosen"})


@by_value
class EarlyJoin:
    """A join at `where` before the queue or pipe (`kind` is its class) that the child fills at `put` is read at `read`;
    `ends` says that it does after a while, come what may."""

    site: Site
    where: ir.Where
    kind: str
    put: ir.Where
    read: ir.Where
    ends: bool


@by_value
class _Put:
    channel: ir.Call  # the call that made the queue or pipe
    kind: str
    where: ir.Where


def early_joins(program: Program, origins: Origins) -> Iterator[EarlyJoin]:
    """The joins of processes that come before what they send is read; one per statement and site."""
    readers = _Readers(program, origins)
    for site in program.sites:
        if site.kind == models.PROCESS:
            yield from _early_joins(program, origins, readers, site)


def _early_joins(program: Program, origins: Origins, readers: _Readers, site: Site) -> Iterator[EarlyJoin]:
    for put in _puts(program, origins, site).values():
        reads = readers.of(site, put.channel)
        leading = frozenset(key for read in reads.values() for key in program.reaching(read))
        if not _are_of_parent(program, site, reads, leading):
            continue
        mode = Mode(beyond_join=True, reads=frozenset(reads), reading=leading)
        by_call: dict[ir.Call, list[Operation]] = defaultdict(list)
        for operation in operations(program, site, mode):
            if operation.name == "join" and operation.state.life is Life.STARTED:
                by_call[operation.call].append(operation)
        skippable = _skippable(program, reads, leading) if by_call else frozenset()
        users = _users(program, put.channel, leading) if by_call else None
        seen: set[ir.Where] = set()
        for join, arrivals in by_call.items():
            arrivals = [o for o in arrivals if users is None or _root_of(o) in users]
            if any(_is_surely_unread(o, skippable) for o in arrivals) and arrivals[0].where not in seen:
                seen.add(arrivals[0].where)
                places = sorted(_places_of(program, reads)) or [put.where]
                late = next((w for w in places if w.module == join.where.module and w > join.where), places[0])
                yield EarlyJoin(site, arrivals[0].where, put.kind, put.where, late, _has_timeout(join))


def _users(program: Program, channel: ir.Call, leading: frozenset[FunctionKey]) -> frozenset[FunctionKey] | None:
    """The functions that come to have the channel, where it is made by one that comes to read it; None where it may be
    anybody's."""
    for module, scope in leading:
        if any(node is channel for node in program.own_nodes_of(ir.Call, program.modules[module], scope)):
            return program.reaching((module, scope))
    return None


def _root_of(operation: Operation) -> FunctionKey | None:
    """The function from which the path came to start the worker."""
    start = operation.state.start
    return None if start is None else start.functions[0]


def _are_of_parent(
    program: Program, site: Site, reads: Mapping[ir.Attribute, FunctionKey], leading: frozenset[FunctionKey]
) -> bool:
    """Is it the parent that reads: does what comes to make the process come to a read as well, or does a method of the
    same object read, or a function beside it?  Else it may be any process that has got hold of the channel."""
    parents = program.reaching((site.module, site.scope))
    if not leading.isdisjoint(parents):
        return True
    near = {place for key in parents for place in _places(program, key)}
    return any(not near.isdisjoint(_places(program, key)) for key in reads.values())


def _places(program: Program, key: FunctionKey) -> Sequence[tuple[str, str]]:
    """The classes whose objects have the function as a method, or its module where it belongs to none."""
    module, scope = key
    function = program.modules[module].functions.get(scope)
    while function is not None and function.owner is None and function.parent is not None:
        function = program.modules[module].functions.get(function.parent)
    if function is None or function.owner is None:
        return [(module, ir.MODULE_SCOPE)]
    return program.classes.family((module, function.owner))


def _has_timeout(join: ir.Call) -> bool:
    timeout = join.argument(0, "timeout")
    return timeout is not None and not (isinstance(timeout, ir.Constant) and timeout.value is None)


def _is_surely_unread(operation: Operation, skippable: frozenset[ir.Where]) -> bool:
    """Has the path read nothing, and not because of a loop or branch that may well read?"""
    if operation.state.drained or operation.state.stopped is not None:
        return False
    steps = Trace.steps(operation.state.trace)
    return not any(step.kind in _SKIPS and step.where in skippable for step in steps)


# --- what the child sends
# ------------------------------------------------------------------------------------------------------------------


def _puts(program: Program, origins: Origins, site: Site) -> Mapping[ir.Call, _Put]:
    """By channel: a statement of the child that may have to wait until the parent reads."""
    found: dict[ir.Call, _Put] = {}
    for target in sorted(target_functions(program, site)):
        given = _given(program, site, target)
        inside = sorted(program.closure(target))
        nodes = [(key, n) for key in inside for n in program.own_nodes(program.modules[key[0]], key[1])]
        quiet: set[ir.Call] = set()
        sent: dict[ir.Call, list[tuple[FunctionKey, ir.Call, str]]] = defaultdict(list)
        for key, node in nodes:
            match node:
                case ir.Call(func=ir.Attribute(value=value, attr=attr)) if attr in _PUTS:
                    for channel, kind in _channels(program, origins, Origin(value, *key), target, given):
                        sent[channel].append((key, node, kind))
                case ir.Attribute(value=value, attr=attr) if attr in _READS or attr == "cancel_join_thread":
                    for channel, kind in _channels(program, origins, Origin(value, *key), target, given):
                        if kind != "Pipe" or attr == "cancel_join_thread":
                            quiet.add(channel)  # it reads there as well, or does not wait at its end
        for channel, calls in sent.items():
            calls = [(key, call, kind) for key, call, kind in calls if not _tells_a_failure(program, key, call)]
            if not calls:
                continue
            key, call, kind = calls[0]
            if channel not in quiet and not (kind in _WRITES_AT_ONCE and _sends_little(program, calls)):
                found[channel] = _Put(channel, kind, call.where)
    return found


def _tells_a_failure(program: Program, key: FunctionKey, put: ir.Call) -> bool:
    """Is put only what has gone wrong, in a handler or under a test of what handlers have noted down?"""
    function = program.modules[key[0]].functions.get(key[1])
    if function is None:
        return False
    way = way_to(function.body, put)
    if any(step.branch == "handler" for step in way):
        return True
    handlers = [h for n in ir.walk_own(function.body) if isinstance(n, ir.Try) for h in n.handlers]
    noted = {n.id for h in handlers for n in ir.walk_own(h.body) if isinstance(n, ir.Name)}
    return any(
        isinstance(step.statement, ir.If)
        and step.branch == "body"
        and isinstance(step.statement.test, ir.Name)
        and step.statement.test.id in noted
        for step in way
    )


def _given(program: Program, site: Site, target: FunctionKey) -> Mapping[str, Origin]:
    """What the constructor gives for each parameter of the target, as far as that is written down."""
    function = program.modules[target[0]].functions[target[1]]
    if site.cls is not None and site.call.keyword("target") is None:
        return {}
    parameters = list(function.parameters)
    is_bound = function.owner is not None and not is_static(function) and isinstance(target_of(site), ir.Attribute)
    parameters = parameters[1:] if is_bound else parameters
    given: dict[str, ir.Expression] = {}
    items: tuple[ir.Expression, ...] = ()
    partial = target_of(site)
    if isinstance(partial, ir.Call):
        items += partial.args[1:]
        given.update((k.name, k.value) for k in partial.keywords if k.name is not None)
    args = site.call.argument(3, "args")
    if isinstance(args, ir.Display):
        items += args.items
    given.update((p.name, value) for p, value in zip(parameters, items, strict=False))
    kwargs = site.call.argument(4, "kwargs")
    if isinstance(kwargs, ir.DictDisplay):
        for key, value in zip(kwargs.keys, kwargs.values, strict=True):
            if isinstance(key, ir.Constant) and isinstance(key.value, str):
                given[key.value] = value
    elif isinstance(kwargs, ir.Call) and isinstance(kwargs.func, ir.Name) and kwargs.func.id == "dict":
        given.update((k.name, k.value) for k in kwargs.keywords if k.name is not None)
    return {n: Origin(v, site.module, site.scope) for n, v in given.items() if not isinstance(v, ir.Starred)}


def _channels(
    program: Program, origins: Origins, place: Origin, target: FunctionKey | None, given: Mapping[str, Origin]
) -> Iterator[tuple[ir.Call, str]]:
    """The calls that made the queue or pipe that an expression stands for, each with its class."""
    if (place.module, place.scope) == target and isinstance(place.expression, ir.Name):
        name = place.expression.id
        # The child has what its constructor gives, whatever those give that call the function themselves.
        if name in given and len(program.names[place.module].bindings(name, place.scope)) == 1:
            yield from _channels(program, origins, given[name], None, {})
            return
    for origin in origins.of(place.expression, place.module, place.scope):
        expression = origin.expression
        if isinstance(expression, ir.Subscript):
            expression = expression.value  # one end of a pipe
        if isinstance(expression, ir.Call):
            dotted = program.names[origin.module].dotted(expression.func, origin.scope)
            kinds = {_CHANNELS[d] for d in dotted if d in _CHANNELS}
            if kinds:
                yield expression, min(kinds)
        elif isinstance(expression, ir.Name) and (origin.module, origin.scope) == target and expression.id in given:
            yield from _channels(program, origins, given[expression.id], None, {})


def _sends_little(program: Program, calls: list[tuple[FunctionKey, ir.Call, str]]) -> bool:
    """Is it one item without length, and not in a loop?"""
    if len(calls) != 1:
        return False
    (module, scope), call, _ = calls[0]
    if not call.args or not isinstance(call.args[0], (ir.Constant, ir.Compare, ir.Not)):
        return False
    loops = (n for n in program.own_nodes(program.modules[module], scope) if isinstance(n, (ir.For, ir.While)))
    return not any(node is call for loop in loops for node in ir.walk_own(loop.body))


# --- what the parent reads
# ------------------------------------------------------------------------------------------------------------------


class _Readers:
    """Who reads which queue or pipe, found out once for all processes."""

    def __init__(self, program: Program, origins: Origins) -> None:
        self._program = program
        self._origins = origins

    def of(self, site: Site, channel: ir.Call) -> Mapping[ir.Attribute, FunctionKey]:
        """The attributes by which the parent of the process reads the channel, each with its function; nothing where
        somebody else may read it meanwhile."""
        if self._given_to.get(channel, set()) - {site}:
            return {}
        children = self._program.closure_of(target_functions(self._program, site))
        found: dict[ir.Attribute, FunctionKey] = {}
        near = self._program.neighbours(site.module)
        for node, key in self._by_channel.get(channel, ()):
            if key in children or key[0] not in near:
                continue
            if self._workers.get(key, set()) - {site}:
                return {}
            found[node] = key
        return found

    @cached_property
    def _by_channel(self) -> Mapping[ir.Call, Sequence[tuple[ir.Attribute, FunctionKey]]]:
        program = self._program
        table: dict[ir.Call, list[tuple[ir.Attribute, FunctionKey]]] = defaultdict(list)
        for key, node in self._attributes():
            channels = _channels(program, self._origins, Origin(node.value, *key), None, {})
            for channel in dict.fromkeys(channel for channel, _ in channels):
                table[channel].append((node, key))
        return table

    @cached_property
    def _given_to(self) -> Mapping[ir.Call, set[Site]]:
        """By channel: the sites whose workers read it after they were given it by their constructor."""
        program = self._program
        attributes: dict[FunctionKey, list[ir.Attribute]] = defaultdict(list)
        for key, node in self._attributes():
            attributes[key].append(node)
        table: dict[ir.Call, set[Site]] = defaultdict(set)
        for site in program.sites:
            for target in target_functions(program, site) if site.kind in {models.PROCESS, models.THREAD} else ():
                given = _given(program, site, target)
                for key in attributes.keys() & program.closure(target) if given else ():
                    for node in attributes[key]:
                        for channel, _ in _channels(program, self._origins, Origin(node.value, *key), target, given):
                            table[channel].add(site)
        return table

    def _attributes(self) -> Iterator[tuple[FunctionKey, ir.Attribute]]:
        """All attributes that may read something."""
        program = self._program
        for word in sorted(_READS):
            for key in program.words.get(word, {}):
                for node in program.own_nodes(program.modules[key[0]], key[1]):
                    if isinstance(node, ir.Attribute) and node.attr == word:
                        yield key, node

    @cached_property
    def _workers(self) -> Mapping[FunctionKey, set[Site]]:
        """By each function that may read something: the sites whose workers run it."""
        program = self._program
        readers = frozenset(key for word in _READS for key in program.words.get(word, ()))
        table: dict[FunctionKey, set[Site]] = defaultdict(set)
        for site in program.sites:
            if site.kind in {models.PROCESS, models.THREAD, models.RESULT}:
                for target in target_functions(program, site):
                    for key in readers & program.closure(target):
                        table[key].add(site)
        return table


def _places_of(program: Program, reads: Mapping[ir.Attribute, FunctionKey]) -> Iterator[ir.Where]:
    """Where the methods that read are called, or handed on: `iter(queue.get, None)`, `get = queue.get`."""
    for module, scope in dict.fromkeys(reads.values()):
        for node in program.own_nodes(program.modules[module], scope):
            match node:
                case ir.Call(func=func, args=args) if any(read in reads for read in (func, *args)):
                    yield node.where
                case ir.Assign(value=value) if value in reads:
                    yield node.where


def _skippable(
    program: Program, reads: Mapping[ir.Attribute, FunctionKey], leading: frozenset[FunctionKey]
) -> frozenset[ir.Where]:
    """The places of loops and branches that may read the channel, themselves or by a call."""
    found: set[ir.Where] = set()
    for module, scope in leading:
        names = program.names[module]
        for node in program.own_nodes(program.modules[module], scope):
            if not isinstance(node, (ir.If, ir.For, ir.While, ir.Try, ir.With, ir.Match, ir.Comprehension)):
                continue
            for inner in ir.walk(node):
                reads_here = isinstance(inner, ir.Attribute) and inner in reads
                if isinstance(inner, ir.Call) and not reads_here:
                    reads_here = any(key in leading for key in program.called(inner.func, module, scope, names))
                if reads_here:
                    found.update(_places_of_skipping(node))
                    break
    return frozenset(found)


def _places_of_skipping(
    node: ir.If | ir.For | ir.While | ir.Try | ir.With | ir.Match | ir.Comprehension,
) -> Iterator[ir.Where]:
    """Where a path notes that it has not run all of the statement."""
    yield node.test_where if isinstance(node, ir.If) else node.where
    if isinstance(node, ir.Try):
        yield from (handler.where for handler in node.handlers)
        yield from (statement.where for statement in node.final[:1])
