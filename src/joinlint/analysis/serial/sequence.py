"""Workers that are started and joined one after the other in straight code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from joinlint.analysis.facts.dependence import handed, may_depend, target_of
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.sites import Site

Found = tuple[Site, ir.Where, ir.Where, ir.Where]  # the second's site, the first's join and start, the second's start
_Handles = dict[str, Site]


def in_sequence(program: Program, module: ir.Module) -> Iterator[Found]:
    """`a.start(); a.join(); b.start(); b.join()` with work of which nothing shows that it depends on the other."""
    by_scope: dict[str, list[Site]] = defaultdict(list)
    fields: dict[str, _Handles] = defaultdict(dict)
    for site in program.sites:
        if site.module == module.name and site.kind in {models.PROCESS, models.THREAD}:
            by_scope[site.scope].append(site)
    for (cls, attr), values in program.names[module.name].attribute_values.items():
        for value, scope in values:
            for site in by_scope.get(scope, ()):
                if site.call is value and len(values) == 1:
                    fields[cls][attr] = site
    for scope, block in program.blocks(module):
        function = module.functions.get(scope)
        handles: _Handles = {}
        if function is not None and function.owner is not None and function.parameters:
            me = function.parameters[0].name
            handles = {f"{me}.{attr}": site for attr, site in fields[function.owner].items()}
        sites = {id(s.call): s for s in by_scope.get(scope, ())}
        if sites or len(handles) > 1:
            yield from _Sequence(program, sites).follow(block, handles)


class _Sequence:
    """Follows the plain statements of a block; what may make one worker wait for another ends a sequence."""

    def __init__(self, program: Program, sites: dict[int, Site]) -> None:
        self._program = program
        self._sites = sites

    def follow(self, block: ir.Block, known: _Handles) -> Iterator[Found]:
        """The first join of the block that comes too early, and those of the blocks inside."""
        handles = dict(known)
        running: str | None = None  # "" where more than one runs, or where what runs is not known
        started_at = ir.Where(0, 0, 0, 0, "")
        finished: tuple[str, Site, ir.Where, ir.Where] | None = None
        is_reported = False
        for statement in block:
            if built := self._built(statement):
                handles.update(built)
                continue
            event = _event(statement, handles)
            if event is None:
                for inner, is_once in _inner_blocks(statement):
                    yield from self.follow(inner, handles) if is_once else self._follow_inside(inner, handles)
                if not _is_harmless(statement, handles):
                    running, finished = ("" if running is not None else None), None
            elif event[1] == "join":
                site = handles[event[0]]
                finished = (event[0], site, statement.where, started_at) if running == event[0] else None
                running = None
            elif running is not None:
                running, finished = "", None
            else:
                following = handles[event[0]]
                if finished is not None and not is_reported and self._are_independent(finished, event[0], following):
                    is_reported = True
                    yield following, finished[2], finished[3], statement.where
                running, started_at, finished = event[0], statement.where, None

    def _follow_inside(self, block: ir.Block, handles: _Handles) -> Iterator[Found]:
        """The blocks inside the body of a loop: the body itself is one of JL301's rounds."""
        for statement in block:
            for inner, is_once in _inner_blocks(statement):
                yield from self.follow(inner, handles) if is_once else self._follow_inside(inner, handles)

    def _are_independent(self, finished: tuple[str, Site, ir.Where, ir.Where], handle: str, following: Site) -> bool:
        first = finished[1]
        if first is following:
            return finished[0] != handle and not may_depend(self._program, first, following)
        return not _is_same_work(first, following) and not may_depend(self._program, first, following)

    def _built(self, statement: ir.Statement) -> _Handles:
        """The handles that a statement builds: by name, one by one, or as the elements of a list."""
        if not isinstance(statement, ir.Assign) or len(statement.targets) != 1:
            return {}
        target, value = statement.targets[0], statement.value
        if isinstance(target, ir.Display) and isinstance(value, ir.Display) and len(target.items) == len(value.items):
            pairs = zip(target.items, value.items, strict=True)
            built = {_handle(t): self._sites.get(id(v)) for t, v in pairs}
        elif isinstance(target, ir.Name) and isinstance(value, ir.Display):
            built = {f"{target.id}[{i}]": self._sites.get(id(v)) for i, v in enumerate(value.items)}
        elif isinstance(target, ir.Name) and isinstance(value, ir.Comprehension):
            built = {f"{target.id}[{i}]": self._sites.get(id(value.element)) for i in range(_MAX_INDEX)}
        else:
            built = {_handle(target): self._sites.get(id(value))}
        return {name: site for name, site in built.items() if name and site is not None}


_MAX_INDEX = 8


def _inner_blocks(statement: ir.Statement) -> Iterator[tuple[ir.Block, bool]]:
    """The blocks in a statement; true for those that run at most once when it does."""
    match statement:
        case ir.If(body=body, orelse=orelse):
            yield from ((body, True), (orelse, True))
        case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            yield from ((block, True) for block in (body, *(h.body for h in handlers), orelse, final))
        case ir.With(body=body):
            yield body, True
        case ir.Match(cases=cases):
            yield from ((case.body, True) for case in cases)
        case ir.For(body=body, orelse=orelse) | ir.While(body=body, orelse=orelse):
            yield from ((body, False), (orelse, True))
        case _:
            pass


def _handle(node: ir.Expression) -> str:
    """How a handle is written, "" for what is none: `p`, `self.p`, `ps[0]`."""
    match node:
        case ir.Name(id=name):
            return name
        case ir.Attribute(value=ir.Name(id=name), attr=attr):
            return f"{name}.{attr}"
        case ir.Subscript(value=ir.Name(id=name), index=ir.Constant(value=int() as index), is_slice=False):
            return f"{name}[{ir.literal(index)}]"
        case _:
            return ""


def _event(statement: ir.Statement, handles: _Handles) -> tuple[str, str] | None:
    """The handle that the statement starts or joins, with which of the two it does."""
    if not isinstance(statement, ir.Evaluate) or not isinstance(statement.value, ir.Call):
        return None
    call = statement.value
    if not isinstance(call.func, ir.Attribute) or (handle := _handle(call.func.value)) not in handles:
        return None
    timeout = call.argument(0, "timeout")
    waits = (not call.args and not call.keywords) or (isinstance(timeout, ir.Constant) and timeout.value is None)
    if call.func.attr == "start" or (call.func.attr == "join" and waits):
        return handle, call.func.attr
    return None


_HARMLESS = frozenset({"print", "debug", "info", "warning", "log", "time", "perf_counter", "monotonic", "now"})
_COMPUTES = frozenset(
    {"sum", "len", "min", "max", "sorted", "range", "list", "tuple", "set", "dict", "str", "int", "float", "round"}
)


def _is_harmless(statement: ir.Statement, handles: _Handles) -> bool:
    """Something is computed or printed: nothing that the next worker may be waiting for."""
    if isinstance(statement, (ir.Import, ir.FunctionDef)):
        return True
    if isinstance(statement, ir.Assign):
        return all(
            ir.word(n.func) in _COMPUTES | _HARMLESS for n in ir.walk(statement.value) if isinstance(n, ir.Call)
        ) and all(isinstance(t, ir.Name) for t in statement.targets)
    if isinstance(statement, ir.Evaluate) and isinstance(statement.value, ir.Call):
        func = statement.value.func
        if isinstance(func, ir.Attribute) and func.attr == "close" and _handle(func.value) in handles:
            return True
        return ir.word(statement.value.func) in _HARMLESS
    return False


def _is_same_work(first: Site, second: Site) -> bool:
    """The same job once more, be it in a worker of another kind: whoever repeats it wants it done again afterwards."""
    if target_of(first) is None or target_of(second) is None:
        return _shape(first.call) == _shape(second.call)
    return [_shape(n) for n in (target_of(first), *handed(first))] == [
        _shape(n) for n in (target_of(second), *handed(second))
    ]


def _shape(node: object) -> object:
    """Equal for expressions that are written alike."""
    match node:
        case ir.Name(id=name):
            return name
        case ir.Constant(value=value):
            return ir.literal(value)
        case ir.Keyword(name=name, value=value):
            return (name, _shape(value))
        case ir.Attribute(value=value, attr=attr):
            return (_shape(value), attr)
        case _:
            return (type(node), tuple(_shape(part) for part in ir.parts(node)))
