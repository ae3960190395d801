"""Globals that a child reads and that only its parent has assigned, filled, or shares with nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from joinlint import limits
from joinlint.analysis.facts.handed_over import partial_arguments
from joinlint.analysis.facts.nesting import blocks_of
from joinlint.analysis.facts.origins import Origin, Origins
from joinlint.analysis.facts.start_methods import StartMethods
from joinlint.analysis.facts.submissions import CONSTRUCTOR, Submission
from joinlint.analysis.spawning.global_access import ASSIGNED, FILLED, READ, Access, GlobalAccess, Variable
from joinlint.program import ir, models, pickle_limits
from joinlint.program.budget import SPENT
from joinlint.program.guards import has_guard
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.records import by_value

STALE = "stale"  # the child has the value of the import
UNBOUND = "unbound"  # the name does not exist in the child
SHARED = "shared"  # each process has an object of its own


@by_value
class StaleGlobal:
    """A submission whose child reads `variable`: `read` is where, `write` where the parent gives it its value (SHARED:
    where the parent uses it)."""

    submission: Submission
    variable: Variable
    kind: str
    is_filled: bool
    read: ir.Where
    write: ir.Where


class StaleGlobals:
    """Looks at the submissions of one program."""

    def __init__(self, program: Program, origins: Origins, methods: StartMethods) -> None:
        self._program = program
        self._origins = origins
        self._methods = methods
        self._access = GlobalAccess(program)

    def of(self, submission: Submission) -> StaleGlobal | None:
        """The first global that is stale in the child of the submission."""
        if not submission.is_for_process or self._methods.pickles_by_value(submission):
            return None
        targets = self._targets(submission)
        # What is defined in a notebook does not come to the child at all, which JL203 says.
        if not targets or any(self._program.modules[module].is_notebook for module, _ in targets):
            return None
        child = self._program.closure_of(targets)
        if not self._may_look(submission, len(child)):
            return None
        found = self._first(submission, child)
        return None if found is None or self._methods.is_plainly_fork(submission) else found

    def _may_look(self, submission: Submission, in_child: int) -> bool:
        """Are there steps left to look at the functions of the child, and at those that lead to the submission?"""
        budget, module = self._program.budget, submission.module
        if not budget.left(module):
            budget.give_up(module, submission.call.where.row, SPENT)
            return False
        leading = len(self._program.reaching((module, submission.scope)))
        budget.spend(module, (in_child + leading) // limits.FUNCTIONS_PER_STEP)
        return True

    def _targets(self, submission: Submission) -> list[FunctionKey]:
        """The functions that run in the child."""
        if submission.cls is not None and submission.function is None and submission.method == CONSTRUCTOR:
            run = self._program.classes.method(submission.cls, "run")
            return [] if run is None else [(run[0], run[1].scope)]
        if submission.function is None:
            return []
        found = []
        for place in self._origins.of(submission.function, submission.module, submission.scope):
            inner = partial_arguments(place, self._program)
            function = inner[0] if inner else place.expression
            found += [(m, f.scope) for m, f in self._origins.functions(function, place.module, place.scope)]
        return found

    def _first(self, submission: Submission, child: frozenset[FunctionKey]) -> StaleGlobal | None:
        reads: dict[Variable, Access] = {}
        for key in sorted(child):
            for access in self._access.of(key):
                if access.kind == READ:
                    reads.setdefault(access.variable, access)
        own = {a.variable for key in self._started_with(submission, child) for a in self._access.of(key) if _writes(a)}
        # What is given to the child besides may make up for an old value, but not for a name that it does not have.
        handed = self._mentioned(submission)
        candidates = {v: a for v, a in reads.items() if v not in own}
        shared = {v: a for v, a in reads.items() if v.name not in handed and self._is_shared_object(v)}
        if not candidates and not shared:
            return None
        here = (submission.module, submission.scope)
        if here in child and here[1] != ir.MODULE_SCOPE:
            return None
        parent = list(self._parent(submission, child))
        for variable, read in candidates.items():
            for access in parent:
                if access.variable == variable and _writes(access):
                    kind = self._kind(variable, access, read)
                    if kind is None or (kind != UNBOUND and variable.name in handed):
                        continue
                    if not self._does_without(variable, child):
                        return StaleGlobal(submission, variable, kind, access.kind == FILLED, read.where, access.where)
        for variable, read in shared.items():
            used = next((a for a in self._users(submission, child) if a.variable == variable), None)
            if used is not None:
                return StaleGlobal(submission, variable, SHARED, False, read.where, used.where)
        return None

    def _started_with(self, submission: Submission, child: frozenset[FunctionKey]) -> Iterator[FunctionKey]:
        """The functions that run in the child: those of its target and of the initializer of its pool."""
        yield from child
        for maker in submission.makers:
            call = maker.expression
            given = call.keyword("initializer") if isinstance(call, ir.Call) else None
            if given is None and isinstance(call, ir.Call):
                given = call.argument(2 if submission.kind == models.EXECUTOR else 1, "initializer")
            if given is not None:
                functions = self._origins.functions(given, maker.module, maker.scope)
                for module, function in functions:
                    yield from self._program.closure((module, function.scope))

    def _mentioned(self, submission: Submission) -> frozenset[str]:
        """The names that stand in the arguments of the submission, or in those of the initializer of its pool."""
        given = [*submission.single, *submission.iterables]
        if submission.cls is not None:
            given += [*submission.call.args, *(k.value for k in submission.call.keywords)]
        for maker in submission.makers:
            if isinstance(maker.expression, ir.Call):
                at = 3 if submission.kind == models.EXECUTOR else 2
                initargs = maker.expression.argument(at, "initargs")
                given += [] if initargs is None else [initargs]
        if submission.function is not None:
            given += partial_arguments(submission.origin(submission.function), self._program)[1:]
        return frozenset(ir.word(node) for expression in given for node in ir.walk(expression))

    # --- what the parent does
    # ----------------------------------------------------------------------------------------------------

    def _parent(self, submission: Submission, child: frozenset[FunctionKey]) -> Iterator[Access]:
        """What the parent has done with globals when it comes to the submission."""
        here = (submission.module, submission.scope)
        reaching = self._program.reaching(here)
        called: dict[FunctionKey, None] = {}
        for key in sorted(reaching - child if here[1] != ir.MODULE_SCOPE else {here}):
            limit = submission.call.where if key == here else self._last_call_into(key, reaching)
            if limit is None:
                continue
            is_module = key[1] == ir.MODULE_SCOPE
            for access in self._access.of(key):
                if _is_before(access.where, limit) and (access.is_guarded or not is_module):
                    yield access
            for callee in self._called_before(key, limit, is_module):
                called[callee] = None
        closures = self._program.closure_of(called)
        for key in sorted(closures - child - reaching - self._at_import):
            yield from self._access.of(key)

    def _last_call_into(self, key: FunctionKey, reaching: frozenset[FunctionKey]) -> ir.Where | None:
        """The last call in the function that leads to the submission."""
        places = [
            call.where
            for call, guarded in self._calls(key)
            if (guarded or key[1] != ir.MODULE_SCOPE) and not reaching.isdisjoint(self._callees(call, key))
        ]
        return max(places, default=None)

    def _called_before(self, key: FunctionKey, limit: ir.Where, is_module: bool) -> Iterator[FunctionKey]:
        for call, guarded in self._calls(key):
            if _is_before(call.where, limit) and (guarded or not is_module):
                yield from self._callees(call, key)

    def _callees(self, call: ir.Call, key: FunctionKey) -> set[FunctionKey]:
        return set(self._program.called(call.func, *key, self._program.names[key[0]]))

    def _calls(self, key: FunctionKey) -> list[tuple[ir.Call, bool]]:
        """The calls of a function or of a module's own level, each with whether the main guard is around it."""
        module = self._program.modules[key[0]]
        function = module.functions.get(key[1])
        if function is not None:
            return [(n, False) for n in self._nodes(key) if isinstance(n, ir.Call)]
        guarded = {id(n) for s in _guarded_statements(module.body) for n in ir.walk_own((s,))}
        return [(n, id(n) in guarded) for n in self._nodes(key) if isinstance(n, ir.Call)]

    @cached_property
    def _at_import(self) -> frozenset[FunctionKey]:
        """The functions that run while the program's modules are imported, in the child as well."""
        found: set[FunctionKey] = set()
        for name in self._program.modules:
            key = (name, ir.MODULE_SCOPE)
            for call, guarded in self._calls(key):
                if not guarded:
                    found |= self._callees(call, key)
            for node in self._nodes(key):
                for decorator in node.decorators if isinstance(node, (ir.FunctionDef, ir.ClassDef)) else ():
                    names = self._program.names[name]
                    found |= set(self._program.called(decorator, name, ir.MODULE_SCOPE, names))
        return self._program.closure_of(found)

    def _users(self, submission: Submission, child: frozenset[FunctionKey]) -> Iterator[Access]:
        """What the parent does with globals at any time."""
        reaching = self._program.reaching((submission.module, submission.scope))
        started = {k for k in reaching if k[1] != ir.MODULE_SCOPE}
        calls = [(k, c) for k in reaching if k[1] == ir.MODULE_SCOPE for c, guarded in self._calls(k) if guarded]
        for key, call in calls:
            started |= self._callees(call, key)
        for key in sorted((self._program.closure_of(started) | reaching) - child):
            for access in self._access.of(key):
                if access.kind != ASSIGNED and (access.is_guarded or key[1] != ir.MODULE_SCOPE):
                    yield access

    # --- variables
    # -----------------------------------------------------------------------------------------------------------

    def _kind(self, variable: Variable, write: Access, read: Access) -> str | None:
        """What the child has instead of what the parent wrote; None where that makes no difference."""
        if write.is_copy != read.is_copy and write.kind != FILLED:
            return None
        if read.is_copy and write.kind != FILLED:
            return None
        if variable.cls:
            return STALE if self._is_data(Origin(ir.Name(variable.name), variable.module, variable.cls)) else None
        at_import = [a for a in self._import_accesses(variable) if a.kind == ASSIGNED]
        if not at_import:
            return UNBOUND if write.kind == ASSIGNED else None
        kinds = self._program.names[variable.module].binding_kinds(variable.name, ir.MODULE_SCOPE)
        if kinds & {"function", "class", "import"}:
            return None
        if write.kind == FILLED and not self._is_container(variable):
            return None
        if isinstance(write.value, ir.Constant):
            same = [a.value for a in at_import if isinstance(a.value, ir.Constant)]
            if any(s.value == write.value.value and type(s.value) is type(write.value.value) for s in same):
                return None
        return None if self._is_logger(variable) else STALE

    def _import_accesses(self, variable: Variable) -> Iterator[Access]:
        for access in self._access.of((variable.module, ir.MODULE_SCOPE)):
            if access.variable == variable and not access.is_guarded:
                yield access
        for key in sorted(self._at_import):
            yield from (a for a in self._access.of(key) if a.variable == variable)

    def _import_values(self, variable: Variable) -> Iterator[Origin]:
        for access in self._import_accesses(variable):
            if access.kind == ASSIGNED and access.value is not None:
                yield from self._origins.of(access.value, variable.module, ir.MODULE_SCOPE)

    def _does_without(self, variable: Variable, child: frozenset[FunctionKey]) -> bool:
        """Is it None at import, and does each function of the child that reads it ask for that?"""
        values = [a.value for a in self._import_accesses(variable) if a.kind == ASSIGNED]
        if not values or not all(isinstance(v, ir.Constant) and v.value is None for v in values):
            return False
        readers = [k for k in child if any(a.variable == variable and a.kind == READ for a in self._access.of(k))]
        return all(any(_asks_for_none(n, variable.name) for n in self._nodes(key)) for key in readers)

    def _nodes(self, key: FunctionKey) -> Sequence[object]:
        return self._program.own_nodes(self._program.modules[key[0]], key[1])

    def _is_data(self, place: Origin) -> bool:
        """Is the class attribute given a value in the class itself, other than a function?"""
        assert isinstance(place.expression, ir.Name)
        values = self._program.names[place.module].attribute_values
        return (place.scope, place.expression.id) in values

    def _is_container(self, variable: Variable) -> bool:
        for origin in self._import_values(variable):
            match origin.expression:
                case ir.Display() | ir.DictDisplay() | ir.Comprehension():
                    return True
                case ir.Call(func=func):
                    dotted = self._program.names[origin.module].dotted(func, origin.scope)
                    if dotted & _CONTAINERS:
                        return True
        return False

    def _is_logger(self, variable: Variable) -> bool:
        calls = [o for o in self._import_values(variable) if isinstance(o.expression, ir.Call)]
        return any(
            d.endswith("getLogger")
            for o in calls
            if isinstance(o.expression, ir.Call)
            for d in self._program.names[o.module].dotted(o.expression.func, o.scope)
        )

    def _is_shared_object(self, variable: Variable) -> bool:
        """Is it a queue, lock or value of multiprocessing that each import makes anew?"""
        if variable.cls:
            return False
        values = list(self._import_values(variable))
        for binding in self._program.names[variable.module].bindings(variable.name, ir.MODULE_SCOPE):
            if binding.source is not None:
                values += self._origins.of(binding.source, variable.module, ir.MODULE_SCOPE)
        for origin in values:
            if isinstance(origin.expression, ir.Call):
                for dotted in self._program.names[origin.module].dotted(origin.expression.func, origin.scope):
                    head, _, last = dotted.rpartition(".")
                    if head.split(".")[0] == "multiprocessing" and last in _SHARED:
                        return True
        return False


_CONTAINERS = frozenset(
    {
        "builtins.list",
        "builtins.dict",
        "builtins.set",
        "collections.defaultdict",
        "collections.deque",
        "collections.OrderedDict",
        "collections.Counter",
    }
)
_SHARED = pickle_limits.SHARED_BY_INHERITANCE - {"Pool"} | {"Pipe"}


def _writes(access: Access) -> bool:
    return access.kind in {ASSIGNED, FILLED}


def _asks_for_none(node: object, name: str) -> bool:
    return (
        isinstance(node, ir.Compare)
        and ir.word(node.left) == name
        and isinstance(node.right, ir.Constant)
        and node.right.value is None
    )


def _guarded_statements(block: ir.Block) -> Iterator[ir.Statement]:
    for statement in block:
        for branch, inside in blocks_of(statement):
            if isinstance(statement, ir.If) and branch == "body" and has_guard(statement.test):
                yield from inside
            else:
                yield from _guarded_statements(inside)


def _is_before(where: ir.Where, limit: ir.Where) -> bool:
    """Does what stands at `where` end before what stands at `limit` begins, however both are laid out?"""
    return (where.end_row, where.end_column) <= (limit.row, limit.column)
