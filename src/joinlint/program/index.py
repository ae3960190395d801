"""All modules of a run, the sites at which they make workers, and who calls what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from joinlint.options import DEFAULT, Options
from joinlint.program import ir, models
from joinlint.program.classes import Classes, is_named
from joinlint.program.entries import Entries
from joinlint.program.names import ClassKey, Names, Reference
from joinlint.program.purity import Key, pure_key


@dataclass(frozen=True, slots=True)
class Site:
    """A call that makes a worker.

    `kind` is one of models' kinds; `cls` the project class that is instantiated (module, scope), None for a library
    class.
    """

    kind: str
    call: ir.Call
    module: str
    scope: str
    cls: tuple[str, str] | None = None


FunctionKey = tuple[str, str]  # module, scope


class Program:
    """The modules of a run and what is known about them together."""

    def __init__(self, modules: Sequence[ir.Module], options: Options = DEFAULT) -> None:
        self.options = options
        self.modules = {module.name: module for module in modules}
        self.names = {module.name: Names(module, self) for module in modules}
        self.classes = Classes(self.names, self.options.process_classes)
        self._found_modules: dict[tuple[str, str], tuple[str, tuple[str, ...]] | None] = {}
        self._closures: dict[FunctionKey, frozenset[FunctionKey]] = {}
        self._mentions: dict[FunctionKey, frozenset[str]] = {}
        self._words: dict[FunctionKey, frozenset[str]] = {}
        self._endings: dict[FunctionKey, bool] = {}
        self._connected: dict[str, frozenset[str]] = {}
        self._reaching: dict[tuple[FunctionKey, bool], frozenset[FunctionKey]] = {}
        self.entries = Entries(self)

    # --- names across modules
    # ------------------------------------------------------------------------------------------------

    def function(self, reference: Reference) -> ir.Function | None:
        module = self.modules.get(reference.module)
        return None if module is None else module.functions.get(reference.name)

    def returned(self, reference: Reference) -> Iterator[Reference]:
        function = self.function(reference)
        if function is not None:
            yield from self.names[reference.module].returned(function)

    def member(self, cls: ClassKey, attr: str) -> Iterator[Reference]:
        yield from self.classes.member(cls, attr)

    def imported(self, dotted: str, importer: str) -> Iterator[Reference]:
        """What an import of `dotted` gives: a definition of the project where one of its modules is meant."""
        found = None if models.is_known_package(dotted) else self.find_module(dotted, importer)
        if found is None:
            yield Reference("library", models.PROCESS_CLASS if dotted in self.options.process_classes else dotted)
            return
        module, rest = found
        if not rest:
            yield Reference("library", dotted)  # the module itself: its attributes come back here
            return
        if module == importer and not self._bound_by_itself(module, rest[0]):
            yield Reference("library", dotted)
            return
        references = self.names[module].exported(rest[0])
        for attr in rest[1:]:
            references = tuple(
                r
                for reference in references
                for r in (
                    self.imported(f"{reference.name}.{attr}", module)
                    if reference.kind == "library"
                    else self.member((reference.module, reference.name), attr)
                )
            )
        yield from references

    def _bound_by_itself(self, module: str, name: str) -> bool:
        return bool(self.names[module].binding_kinds(name, ir.MODULE_SCOPE) - {"import"})

    def find_module(self, dotted: str, importer: str) -> tuple[str, tuple[str, ...]] | None:
        """The project's module that the longest beginning of `dotted` names, with the names after it.

        The folder that imports start from is not known, so that modules are found by the end of their names; where
        several fit, the one nearest to the importer is meant.
        """
        key = (dotted, importer)
        if key not in self._found_modules:
            self._found_modules[key] = self._find_module(dotted, importer)
        return self._found_modules[key]

    def _find_module(self, dotted: str, importer: str) -> tuple[str, tuple[str, ...]] | None:
        parts = dotted.split(".")
        for size in range(len(parts), 0, -1):
            candidates = self._by_suffix.get(tuple(parts[:size]), ())
            if candidates:
                here = importer.split(".")
                near = max(candidates, key=lambda c: (_common(c.split("."), here), -len(c)))
                return near, tuple(parts[size:])
        return None

    @cached_property
    def _neighbours(self) -> dict[str, set[str]]:
        table: dict[str, set[str]] = defaultdict(set)
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                for node in self.own_nodes(module, scope):
                    if isinstance(node, ir.Import):
                        for dotted in (*(d for _, d in node.bindings), *node.stars):
                            found = self.find_module(dotted, module.name)
                            if found is not None:
                                table[module.name].add(found[0])
                                table[found[0]].add(module.name)
        return table

    def neighbours(self, module: str) -> frozenset[str]:
        """The module, those that it imports or that import it, and their neighbours: where its objects are known."""
        near = {module, *self._neighbours[module]}
        return frozenset(near.union(*(self._neighbours[n] for n in near)))

    @cached_property
    def imported_modules(self) -> frozenset[str]:
        """The modules that another one imports."""
        found: set[str] = set()
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                for node in self.own_nodes(module, scope):
                    if isinstance(node, ir.Import):
                        places = (
                            self.find_module(d, module.name) for d in (*(d for _, d in node.bindings), *node.stars)
                        )
                        found.update(place[0] for place in places if place is not None and place[0] != module.name)
        return frozenset(found)

    def connected(self, module: str) -> frozenset[str]:
        """The module and all that imports link it to, in either direction and over any number of steps: those that may
        run in one program."""
        if module not in self._connected:
            reached = {module}
            pending = [module]
            while pending:
                for near in self._neighbours.get(pending.pop(), ()):
                    if near not in reached:
                        reached.add(near)
                        pending.append(near)
            self._connected.update(dict.fromkeys(reached, frozenset(reached)))
        return self._connected[module]

    @cached_property
    def words(self) -> dict[str, dict[FunctionKey, bool]]:
        """The functions that mention a word themselves; true where they have it as an attribute."""
        table: dict[str, dict[FunctionKey, bool]] = defaultdict(dict)
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                key = (module.name, scope)
                for node in self.own_nodes(module, scope):
                    if isinstance(node, ir.Attribute):
                        table[node.attr][key] = True
                    elif isinstance(node, ir.Name):
                        table[node.id].setdefault(key, False)
                    elif (word := attribute_by_text(node)) is not None:
                        table[word][key] = True
        return table

    @cached_property
    def loop_owners(self) -> dict[object, FunctionKey]:
        """The function in which each loop stands."""
        return {
            node: (module.name, scope)
            for module in self.modules.values()
            for scope, _ in self.blocks(module)
            for node in self.own_nodes(module, scope)
            if isinstance(node, (ir.For, ir.While, ir.Comprehension))
        }

    @cached_property
    def kept_starts(self) -> frozenset[ir.Call]:
        """The calls of a method `start` whose result is given a name or put into a container."""
        found: set[ir.Call] = set()
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                for node in self.own_nodes(module, scope):
                    found.update(call for call in _kept_values(node) if _is_call_of(call, "start"))
        return frozenset(found)

    @cached_property
    def pollers(self) -> frozenset[FunctionKey]:
        """The functions that return what they have asked a process, so that their callers can wait by it."""
        found = set()
        for word in ("is_alive", "exitcode"):
            for module, scope in self.words.get(word, {}):
                returned = (n for n in self.own_nodes(self.modules[module], scope) if isinstance(n, ir.Return))
                if any(isinstance(i, ir.Attribute) and i.attr == word for node in returned for i in ir.walk(node)):
                    found.add((module, scope))
        return frozenset(found)

    @cached_property
    def discarded_calls(self) -> frozenset[ir.Call]:
        """The calls whose results are thrown away: statements of their own."""
        return frozenset(
            node.value
            for module in self.modules.values()
            for scope, _ in self.blocks(module)
            for node in self.own_nodes(module, scope)
            if isinstance(node, ir.Evaluate) and isinstance(node.value, ir.Call)
        )

    @cached_property
    def _by_suffix(self) -> dict[tuple[str, ...], list[str]]:
        table: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for name in self.modules:
            parts = tuple(name.split("."))
            for start in range(len(parts)):
                table[parts[start:]].append(name)
        return table

    # --- blocks
    # --------------------------------------------------------------------------------------------------------------

    def blocks(self, module: ir.Module) -> Iterator[tuple[str, ir.Block]]:
        """The scopes of a module with their own statements; class bodies belong to the scope around them."""
        yield ir.MODULE_SCOPE, module.body
        for function in module.functions.values():
            yield function.scope, function.body

    def own_nodes(self, module: ir.Module, scope: str) -> Sequence[object]:
        """Every node that runs as part of `scope`, class bodies included."""
        return self._own_nodes[(module.name, scope)]

    @cached_property
    def _own_nodes(self) -> dict[FunctionKey, list[object]]:
        table: dict[FunctionKey, list[object]] = {}
        for module in self.modules.values():
            for scope, block in self.blocks(module):
                table[(module.name, scope)] = list(_nodes_with_class_bodies(block))
        return table

    # --- sites
    # ---------------------------------------------------------------------------------------------------------------

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Every call in the program that makes a worker."""
        found = []
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                for node in self.own_nodes(module, scope):
                    if isinstance(node, ir.Call) and (made := self.worker_made(node, module.name, scope)) is not None:
                        found.append(Site(made[0], node, module.name, scope, made[1]))
        return tuple(found)

    @cached_property
    def process_calls(self) -> frozenset[ir.Call]:
        """The calls that make a process."""
        return frozenset(site.call for site in self.sites if site.kind == models.PROCESS)

    def worker_made(self, call: ir.Call, module: str, scope: str) -> tuple[str, tuple[str, str] | None] | None:
        """The kind of worker that `call` makes and the project class it is an instance of."""
        # A process may have a fallback (a thread, a dummy): where one is possible at all, it has to be waited for.
        kinds = self.kinds_made(call, module, scope)
        return min(kinds.items(), key=lambda made: models.KINDS.index(made[0]), default=None)

    def kinds_made(self, call: ir.Call, module: str, scope: str) -> dict[str, tuple[str, str] | None]:
        """The kinds of worker that `call` may make, each with the project class it is an instance of."""
        references = self.names[module].resolve(call.func, scope)
        kinds: dict[str, tuple[str, str] | None] = {}
        for reference in references:
            if reference.kind == "library":
                if (kind := models.worker_kind(models.canonical(reference.name))) is not None:
                    kinds.setdefault(kind)
            elif reference.kind == "class" and (kind := self.class_kind(reference)) is not None:
                kinds[kind] = (reference.module, reference.name)
        if not kinds and not any(r.kind != "instance" for r in references) and _looks_like_context_process(call):
            kinds[models.PROCESS] = None
        return kinds

    @cached_property
    def class_decorators(self) -> dict[ir.Class, tuple[ir.Expression, ...]]:
        """The decorators of each class."""
        return {
            node.cls: node.decorators
            for module in self.modules.values()
            for scope, _ in self.blocks(module)
            for node in self.own_nodes(module, scope)
            if isinstance(node, ir.ClassDef)
        }

    def class_kind(self, reference: Reference) -> str | None:
        """The kind of worker that instances of a project class are."""
        kinds = {models.worker_kind(base) for base in self.classes.library_bases((reference.module, reference.name))}
        return next((k for k in (models.PROCESS, models.THREAD) if k in kinds), None)

    # --- calls
    # ---------------------------------------------------------------------------------------------------------------

    def joins_its_arguments(self, call: ir.Call, module: str, scope: str) -> bool:
        """Is it a call of a function that the user says joins the processes it is given?"""
        if not self.options.join_functions:
            return False
        last = call.func.attr if isinstance(call.func, ir.Attribute) else getattr(call.func, "id", "")
        if not any(name.rpartition(".")[2] == last for name in self.options.join_functions):
            return False
        for reference in self.names[module].resolve(call.func, scope):
            dotted = reference.name if reference.kind == "library" else f"{reference.module}.{reference.name}"
            if any(is_named(dotted, name) for name in self.options.join_functions):
                return True
        return False

    @cached_property
    def callers(self) -> dict[FunctionKey, list[FunctionKey]]:
        """The functions that call a function by a name or attribute that resolves to it; classes count as their
        __init__."""
        table: dict[FunctionKey, dict[FunctionKey, None]] = defaultdict(dict)
        for caller, callees in self._callees.items():
            for callee in callees:
                table[callee][caller] = None
        return {callee: list(callers) for callee, callers in table.items()}

    @cached_property
    def _callees(self) -> dict[FunctionKey, list[FunctionKey]]:
        table: dict[FunctionKey, list[FunctionKey]] = {}
        for module in self.modules.values():
            names = self.names[module.name]
            for scope, _ in self.blocks(module):
                found: dict[FunctionKey, None] = {}
                for node in self.own_nodes(module, scope):
                    if isinstance(node, ir.Call):
                        for function in self.called(node.func, module.name, scope, names):
                            found[function] = None
                    elif isinstance(node, (ir.FunctionDef, ir.ClassDef)):
                        for decorator in node.decorators:
                            for function in self.called(decorator, module.name, scope, names):
                                found[function] = None
                table[(module.name, scope)] = list(found)
        return table

    def called(self, func: ir.Expression, module: str, scope: str, names: Names) -> Iterator[FunctionKey]:
        """The project's functions that calling `func` may run."""
        for reference in names.resolve(func, scope):
            if reference.kind == "function":
                yield (reference.module, reference.name)
            elif reference.kind == "class" and reference.module in self.names:
                for dunder in ("__init__", "__new__", "__enter__"):
                    method = self.classes.method((reference.module, reference.name), dunder)
                    if method is not None:
                        yield (method[0], method[1].scope)
        if isinstance(func, ir.Attribute) and is_super(func.value):
            function = self.modules[module].functions.get(scope)
            if function is not None and function.owner is not None:
                for base, scope_of_base in self.classes.bases((module, function.owner)):
                    if f"{scope_of_base}.{func.attr}" in self.modules[base].functions:
                        yield (base, f"{scope_of_base}.{func.attr}")

    def closure(self, key: FunctionKey) -> frozenset[FunctionKey]:
        """A function with all that it may come to call."""
        if key not in self._closures:
            self._closures[key] = frozenset(self._reachable(key))
        return self._closures[key]

    def _reachable(self, start: FunctionKey) -> set[FunctionKey]:
        seen = {start}
        pending = [start]
        while pending:
            current = pending.pop()
            # A function that defines another may run it, as a callback for one.
            for callee in (*self._callees.get(current, ()), *self.inner_functions.get(current, ())):
                if callee not in seen and callee in self._callees:
                    seen.add(callee)
                    pending.append(callee)
        return seen

    def reaching(self, target: FunctionKey, at_import: bool = False) -> frozenset[FunctionKey]:
        """The functions that may come to call `target`, itself included; `at_import` counts those, too, that get there
        by way of a library or a property."""
        key = (target, at_import)
        if key not in self._reaching:
            callers = self._callers_at_import if at_import else self.callers
            seen = {target}
            pending = [target]
            while pending:
                module, scope = current = pending.pop()
                function = self.modules[module].functions.get(scope)
                around = [] if function is None or function.parent is None else [(module, function.parent)]
                for caller in (*callers.get(current, ()), *around):
                    if caller not in seen:
                        seen.add(caller)
                        pending.append(caller)
            self._reaching[key] = frozenset(seen)
        return self._reaching[key]

    @cached_property
    def _callers_at_import(self) -> dict[FunctionKey, list[FunctionKey]]:
        table: dict[FunctionKey, dict[FunctionKey, None]] = defaultdict(dict)
        for callee, callers in self.callers.items():
            table[callee].update(dict.fromkeys(callers))
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                for node in self.own_nodes(module, scope):
                    if isinstance(node, ir.Call):
                        for entry in self.entries.of_call(node, module.name, scope):
                            table[entry.function][(module.name, scope)] = None
                    elif isinstance(node, ir.Attribute):
                        for function in self.entries.of_attribute(node, module.name, scope):
                            table[function][(module.name, scope)] = None
        return {callee: list(callers) for callee, callers in table.items()}

    @cached_property
    def inner_functions(self) -> dict[FunctionKey, list[FunctionKey]]:
        """The functions that are defined inside another, by that other."""
        table: dict[FunctionKey, list[FunctionKey]] = defaultdict(list)
        for module in self.modules.values():
            for function in module.functions.values():
                if function.parent is not None:
                    table[(module.name, function.parent)].append((module.name, function.scope))
        return table

    def mentions(self, key: FunctionKey) -> frozenset[str]:
        """The names and attributes that a function, or anything it may come to call, mentions."""
        if key not in self._mentions:
            self._mentions[key] = frozenset().union(*(self._own_words(k) for k in self.closure(key)))
        return self._mentions[key]

    def _own_words(self, key: FunctionKey) -> frozenset[str]:
        if key not in self._words:
            module, scope = key
            names = self.modules[module]
            block = names.body if scope == ir.MODULE_SCOPE else names.functions[scope].body
            words: set[str] = set()
            for node in (n for statement in block for n in ir.walk(statement)):
                if isinstance(node, ir.Name):
                    words.add(node.id)
                elif isinstance(node, ir.Attribute):
                    words.add(node.attr)
                elif (word := attribute_by_text(node)) is not None:
                    words.add(word)
            self._words[key] = frozenset(words)
        return self._words[key]

    # --- facts about whole modules
    # -------------------------------------------------------------------------------------------

    @cached_property
    def _tests(self) -> dict[str, Counter[Key]]:
        return {m.name: Counter(self._test_keys(m)) for m in self.modules.values()}

    def _test_keys(self, module: ir.Module) -> Iterator[Key]:
        names = self.names[module.name]
        for scope, _ in self.blocks(module):

            def variable(name: str, scope: str = scope) -> tuple[str, str]:
                return (f"{module.name}:{names.binding_scope(name, scope)}", name)

            for node in self.own_nodes(module, scope):
                if isinstance(node, (ir.If, ir.While, ir.Conditional, ir.Assert)):
                    for atom in _atoms(node.test):
                        if (key := pure_key(atom, variable)) is not None:
                            yield key

    def test_count(self, module: str, key: Key) -> int:
        """How many conditions of the module make the same test."""
        return self._tests[module][key]

    @cached_property
    def _tested_names(self) -> dict[str, frozenset[str]]:
        table = {}
        for module in self.modules.values():
            words: set[str] = set()
            for scope, _ in self.blocks(module):
                for node in self.own_nodes(module, scope):
                    if isinstance(node, (ir.If, ir.While, ir.Conditional, ir.Assert)):
                        words |= {n.id for n in ir.walk(node.test) if isinstance(n, ir.Name)}
                    elif isinstance(node, ir.Call):
                        # daemon=flag, join(timeout): a constant bound to the name decides
                        given = (*node.args[:1], *(k.value for k in node.keywords if k.name in {"daemon", "timeout"}))
                        words |= {a.id for a in given if isinstance(a, ir.Name)}
            table[module.name] = frozenset(words)
        return table

    def tested_names(self, module: str) -> frozenset[str]:
        """The names whose constant value can decide something."""
        return self._tested_names[module]

    @cached_property
    def _mapping_names(self) -> dict[str, frozenset[str]]:
        table = {}
        for module in self.modules.values():
            words: set[str] = set()
            for scope, _ in self.blocks(module):
                for node in self.own_nodes(module, scope):
                    if isinstance(node, ir.Assign) and _is_mapping(node.value):
                        for target in node.targets:
                            if isinstance(target, ir.Name):
                                words.add(target.id)
                            elif isinstance(target, ir.Attribute):
                                words.add(target.attr)
            table[module.name] = frozenset(words)
        return table

    def mapping_names(self, module: str) -> frozenset[str]:
        """The names and attributes that are given a dict somewhere in the module."""
        return self._mapping_names[module]

    @cached_property
    def _container_names(self) -> dict[str, frozenset[str]]:
        table = {}
        for module in self.modules.values():
            words: set[str] = set()
            for scope, _ in self.blocks(module):
                for node in self.own_nodes(module, scope):
                    if isinstance(node, ir.Assign) and isinstance(
                        node.value, (ir.Display, ir.DictDisplay, ir.Comprehension)
                    ):
                        words |= {t.id for t in node.targets if isinstance(t, ir.Name)}
            table[module.name] = frozenset(words)
        return table

    def container_names(self, module: str) -> frozenset[str]:
        """The names that are given a list, dict, set or tuple somewhere in the module."""
        return self._container_names[module]

    @cached_property
    def _volatile(self) -> dict[str, frozenset[str]]:
        table = {}
        for module in self.modules.values():
            words: set[str] = set()
            for scope, _ in self.blocks(module):
                if scope.endswith("__init__"):
                    continue
                for node in self.own_nodes(module, scope):
                    targets = node.targets if isinstance(node, ir.Assign) else ()
                    targets = (node.target,) if isinstance(node, ir.AugmentedAssign) else targets
                    words |= {t.attr for t in targets if isinstance(t, ir.Attribute)}
            table[module.name] = frozenset(words)
        return table

    def volatile_attributes(self, module: str) -> frozenset[str]:
        """The attributes that the module assigns outside of constructors: they may change between two rounds of a
        loop."""
        return self._volatile[module]

    def never_returns(self, module: str, scope: str) -> bool:
        """Does the function end by an exception or by ending the program, on every plain path?"""
        key = (module, scope)
        if key not in self._endings:
            self._endings[key] = self._never_returns(module, scope)
        return self._endings[key]

    def _never_returns(self, module: str, scope: str) -> bool:
        function = self.modules[module].functions[scope]
        if function.is_generator or any(isinstance(n, ir.Return) for n in ir.walk_own(function.body)):
            return False
        names = self.names[module]

        def ends(block: ir.Block) -> bool:
            for statement in block:
                if isinstance(statement, ir.Raise):
                    return True
                if isinstance(statement, ir.Evaluate) and isinstance(statement.value, ir.Call):
                    dotted = names.dotted(statement.value.func, scope)
                    if dotted & (models.EXITS_SILENTLY | models.EXITS_BY_SYSTEM_EXIT):
                        return True
                if isinstance(statement, ir.If) and ends(statement.body) and ends(statement.orelse):
                    return True
            return False

        return ends(function.body)


def _atoms(test: ir.Expression) -> Iterator[ir.Expression]:
    """The tests that `and`, `or` and `not` are made of."""
    if isinstance(test, ir.BoolOp):
        yield from _atoms(test.left)
        yield from _atoms(test.right)
    elif isinstance(test, ir.Not):
        yield from _atoms(test.value)
    else:
        yield test


def _is_mapping(value: ir.Expression) -> bool:
    if isinstance(value, ir.DictDisplay) or (isinstance(value, ir.Comprehension) and value.kind == "dict"):
        return True
    if not isinstance(value, ir.Call):
        return False
    func = value.func
    name = func.id if isinstance(func, ir.Name) else func.attr if isinstance(func, ir.Attribute) else ""
    return name in {"dict", "defaultdict", "OrderedDict", "WeakValueDictionary"}


def _kept_values(node: object) -> Iterator[ir.Call]:
    """The calls whose results `node` keeps; a list made by the way (`[p.start() for p in ps]`) is none that counts."""
    match node:
        case ir.Assign(value=ir.Call() as call):
            yield call
        case ir.Assign(value=ir.Display(items=items)):
            yield from (item for item in items if isinstance(item, ir.Call) and _is_called_on_call(item))
        case ir.Assign(value=ir.Comprehension(element=ir.Call() as call)) if _is_called_on_call(call):
            yield call
        case ir.Call(func=ir.Attribute(attr=attr), args=(ir.Call() as call,)) if attr in models.ADDS_ELEMENT:
            yield call
        case _:
            pass


def attribute_by_text(node: object) -> str | None:
    """The attribute that `getattr(…, "name")` reads."""
    match node:
        case ir.Call(func=ir.Name(id="getattr"), args=(_, ir.Constant(value=str() as name), *_)):
            return name
        case _:
            return None


def _is_called_on_call(call: ir.Call) -> bool:
    """`Process(…).start()`: nothing else holds the object."""
    return isinstance(call.func, ir.Attribute) and isinstance(call.func.value, ir.Call)


def _is_call_of(call: ir.Call, method: str) -> bool:
    return isinstance(call.func, ir.Attribute) and call.func.attr == method


def _common(first: list[str], second: list[str]) -> int:
    """How many leading parts two dotted names share."""
    count = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        count += 1
    return count


def _nodes_with_class_bodies(block: ir.Block) -> Iterator[object]:
    stack: list[object] = list(reversed(block))
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, ir.Function):
            continue
        if isinstance(current, ir.FunctionDef):
            stack.extend(p.default for p in current.function.parameters if p.default is not None)
        stack.extend(reversed(list(ir.parts(current))))


def is_super(node: ir.Expression) -> bool:
    """Is it `super()` or `super(C, self)`?"""
    return isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and node.func.id == "super"


def _looks_like_context_process(call: ir.Call) -> bool:
    """`ctx.Process(target=…)` on something unknown: a context under one of its usual names, or called as only a context
    is."""
    func = call.func
    if not isinstance(func, ir.Attribute) or func.attr != "Process":
        return False
    last = (
        func.value.id
        if isinstance(func.value, ir.Name)
        else func.value.attr
        if isinstance(func.value, ir.Attribute)
        else ""
    )
    return call.keyword("target") is not None or last.lower().lstrip("_") in models.CONTEXT_NAMES
