"""Facts about single statements, functions and modules that hold whatever path is taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from functools import cached_property

from joinlint import limits
from joinlint.options import DEFAULT, Options
from joinlint.program import container_methods, ir, models
from joinlint.program.bindings import BINDERS, binds, target_names
from joinlint.program.endings import Endings
from joinlint.program.liveness import Liveness
from joinlint.program.modules import FunctionKey
from joinlint.program.names import ClassKey
from joinlint.program.purity import Key, Variable, number_test, pure_key

# What the interpreter runs wherever the name is tested.
_PLAIN_BINDERS = (ir.Assign, ir.AugmentedAssign, ir.Walrus)


class CodeFacts(Endings):
    """Adds what tests and assignments say."""

    def __init__(self, modules: Sequence[ir.Module], options: Options = DEFAULT) -> None:
        super().__init__(modules, options)
        self._joining: dict[ir.If, bool] = {}
        self._picking: dict[ir.For | ir.While, tuple[ir.Expression, ...]] = {}
        self._liveness: dict[ir.Function, Liveness] = {}
        self._plain: dict[Variable, bool] = {}

    def liveness(self, function: ir.Function) -> Liveness:
        """Which of the function's variables may still be read behind each of its statements."""
        if function not in self._liveness:
            self._liveness[function] = Liveness(function)
        return self._liveness[function]

    def is_plain(self, variable: Variable) -> bool:
        """Does nothing give the variable a value but parameters and assignments, all in its own function?"""
        if variable not in self._plain:
            self._plain[variable] = self._is_plain(variable)
        return self._plain[variable]

    def _is_plain(self, variable: Variable) -> bool:
        place, name = variable
        module_name, _, scope = place.rpartition(":")
        module, names = self.modules[module_name], self.names[module_name]
        function = module.functions.get(scope)
        if function is None or name not in function.bound:
            return False
        for other in (function, *(f for f in module.functions.values() if f.scope.startswith(f"{scope}."))):
            for node in self.own_nodes(module, other.scope):
                if type(node) not in BINDERS or (other is function and isinstance(node, _PLAIN_BINDERS)):
                    continue
                if any(bound == name for bound, _ in binds(node, other.scope)):
                    if names.binding_scope(name, other.scope) == scope:
                        return False
        return True

    def joins_inside(self, node: ir.If) -> bool:
        """Is something joined, and not for a while only, in the branches of the statement?"""
        if node not in self._joining:
            inside = list(ir.walk_own((*node.body, *node.orelse)))
            timed = {n.func for n in inside if isinstance(n, ir.Call) and (n.args or n.keywords)}
            self._joining[node] = any(
                isinstance(n, ir.Attribute) and n.attr == "join" for n in inside if n not in timed
            )
        return self._joining[node]

    def picked_from(self, loop: ir.For | ir.While) -> tuple[ir.Expression, ...]:
        """The containers from which each round takes an element by what a call has told it, in a loop that joins:
        `workers` in `i = done.get(); workers[i].join()`."""
        if loop not in self._picking:
            nodes = list(ir.walk_own(loop.body))
            if not any(isinstance(node, ir.Attribute) and node.attr == "join" for node in nodes):
                nodes = []
            told = {
                name
                for node in nodes
                if isinstance(node, ir.Assign) and isinstance(node.value, ir.Call)
                for target in node.targets
                for name in target_names(target)
            }
            self._picking[loop] = tuple(
                node.value
                for node in nodes
                if isinstance(node, ir.Subscript)
                and isinstance(node.value, (ir.Name, ir.Attribute))
                and isinstance(node.index, ir.Name)
                and node.index.id in told
            )
        return self._picking[loop]

    @cached_property
    def _tests(self) -> dict[str, Counter[Key]]:
        return {m.name: Counter(self._test_keys(m)) for m in self.modules.values()}

    def _test_keys(self, module: ir.Module) -> Iterator[Key]:
        names = self.names[module.name]
        for scope, _ in self.blocks(module):

            def variable(name: str, scope: str = scope) -> tuple[str, str]:
                return (f"{module.name}:{names.binding_scope(name, scope)}", name)

            for test in self._own_tests(module, scope):
                for atom in _atoms(test):
                    if (key := pure_key(atom, variable)) is not None:
                        yield key

    def _own_tests(self, module: ir.Module, scope: str) -> Iterator[ir.Expression]:
        yield from (node.test for node in self.own_nodes_of(ir.If, module, scope))
        yield from (node.test for node in self.own_nodes_of(ir.While, module, scope))
        yield from (node.test for node in self.own_nodes_of(ir.Conditional, module, scope))
        yield from (node.test for node in self.own_nodes_of(ir.Assert, module, scope))

    def test_count(self, module: str, key: Key) -> int:
        """How many conditions of the module make the same test."""
        return self._tests[module][key]

    @cached_property
    def _number_tests(self) -> dict[str, Counter[Variable]]:
        asked = {module: (number_test(key) for key in tests) for module, tests in self._tests.items()}
        return {module: Counter(t.subject for t in tests if t is not None) for module, tests in asked.items()}

    def number_tests(self, module: str, key: Key) -> int:
        """How many different tests of the module compare the variable of this one with a number."""
        asked = number_test(key)
        return 0 if asked is None else self._number_tests[module][asked.subject]

    @cached_property
    def _tested_names(self) -> dict[str, frozenset[str]]:
        table = {}
        for module in self.modules.values():
            words: set[str] = set()
            for scope, _ in self.blocks(module):
                for test in self._own_tests(module, scope):
                    words |= {n.id for n in ir.walk(test) if isinstance(n, ir.Name)}
                for call in self.own_nodes_of(ir.Call, module, scope):
                    # daemon=flag, join(timeout): a constant bound to the name decides
                    given = (*call.args[:1], *(k.value for k in call.keywords if k.name in {"daemon", "timeout"}))
                    words |= {a.id for a in given if isinstance(a, ir.Name)}
            table[module.name] = frozenset(words)
        return table

    def tested_names(self, module: str) -> frozenset[str]:
        """The names whose constant value can decide something."""
        return self._tested_names[module]

    def is_mapping_attribute(self, cls: ClassKey | None, module: str, attr: str) -> bool:
        """Is the attribute given a dict, and never another container: by the class, where it is known and says, else by
        all the module?"""
        values: list[ir.Expression] = []
        for home, scope in () if cls is None else (cls, *self.classes.bases(cls)):
            values += (value for value, _ in self.names[home].attribute_values.get((scope, attr), ()))
        if not any(map(_is_container, values)):
            values = self._attribute_values[module].get(attr, [])
        containers = [value for value in values if _is_container(value)]
        return bool(containers) and all(map(_is_mapping, containers))

    def knows_its_owner(self, module: str, cls: str, attr: str) -> bool:
        """Do the methods of the class put themselves, one another or the object into its attribute: `self.control =
        Control(self)`, `self.group.add(self)`?"""
        functions = [f for f in self.modules[module].functions.values() if f.owner == cls and f.parameters]
        own = {f.name for f in functions} | models.LIFE | {"run", "sentinel", "_popen"}
        for function in functions:
            me = function.parameters[0].name
            for node in self.own_nodes(self.modules[module], function.scope):
                given: tuple[ir.Expression, ...] = ()
                if isinstance(node, ir.Assign) and any(_is_of(me, attr, target) for target in node.targets):
                    given = (node.value,)
                elif isinstance(node, ir.Call) and attr in ir.words(node.func):
                    given = (*node.args, *(keyword.value for keyword in node.keywords))
                if any(_is_way_to(me, own, value) for value in given):
                    return True
        return False

    @cached_property
    def _attribute_values(self) -> dict[str, dict[str, list[ir.Expression]]]:
        table: dict[str, dict[str, list[ir.Expression]]] = {}
        for module in self.modules.values():
            found: dict[str, list[ir.Expression]] = defaultdict(list)
            for scope, _ in self.blocks(module):
                for node in self.own_nodes_of(ir.Assign, module, scope):
                    for target in node.targets:
                        if isinstance(target, ir.Attribute):
                            found[target.attr].append(node.value)
            table[module.name] = found
        return table

    def is_mapping_global(self, module: str, name: str) -> bool:
        """Is the module's variable given a dict, and never another container?"""
        return name in self._mapping_globals[module]

    @cached_property
    def _mapping_globals(self) -> dict[str, frozenset[str]]:
        table = {}
        for module in self.modules.values():
            names, mappings, others = self.names[module.name], set[str](), set[str]()
            for scope, _ in self.blocks(module):
                for node in self.own_nodes_of(ir.Assign, module, scope):
                    if _is_container(node.value):
                        bound = {t.id for t in node.targets if isinstance(t, ir.Name)}
                        bound = {name for name in bound if names.binding_scope(name, scope) == ir.MODULE_SCOPE}
                        (mappings if _is_mapping(node.value) else others).update(bound)
            table[module.name] = frozenset(mappings - others)
        return table

    @cached_property
    def _container_names(self) -> dict[str, frozenset[str]]:
        table = {}
        for module in self.modules.values():
            words: set[str] = set()
            for scope, _ in self.blocks(module):
                for node in self.own_nodes_of(ir.Assign, module, scope):
                    if isinstance(node.value, (ir.Display, ir.DictDisplay, ir.Comprehension)):
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
                targets = [t for node in self.own_nodes_of(ir.Assign, module, scope) for t in node.targets]
                targets += [node.target for node in self.own_nodes_of(ir.AugmentedAssign, module, scope)]
                words |= {t.attr for t in targets if isinstance(t, ir.Attribute)}
            table[module.name] = frozenset(words)
        return table

    def volatile_attributes(self, module: str) -> frozenset[str]:
        """The attributes that the module assigns outside of constructors: they may change between two rounds of a
        loop."""
        return self._volatile[module]

    def is_small(self, module: str, function: ir.Function) -> bool:
        """Does the function, which is what its name always means, run to its end soon, with nothing but what it is
        given?"""
        key = (module, function.scope)
        if key in self.looping or function.decorators or len(self.closure(key)) > 1:
            return False
        names = self.names[module]
        bindings = names.bindings(function.name, ir.MODULE_SCOPE)
        if [binding.kind for binding in bindings] != ["function"] or function.scope != function.name:
            return False
        own = list(ir.walk_own(function.body))
        binding_otherwise = (node for node in own if type(node) in BINDERS and not isinstance(node, _PLAIN_BINDERS))
        if any(list(binds(node, function.scope)) for node in binding_otherwise):
            return False
        if (
            sum(isinstance(node, (ir.If, ir.Try, ir.Match, ir.Conditional, ir.BoolOp)) for node in own)
            > limits.BRANCHES
        ):
            return False
        mentioned = {node.id for node in own if isinstance(node, ir.Name)} - function.bound
        return all(names.binding_kinds(name, ir.MODULE_SCOPE) <= {"import"} for name in mentioned)

    @cached_property
    def discarded_calls(self) -> frozenset[ir.Call]:
        """The calls whose results are thrown away: statements of their own."""
        return frozenset(
            node.value
            for module in self.modules.values()
            for scope, _ in self.blocks(module)
            for node in self.own_nodes_of(ir.Evaluate, module, scope)
            if isinstance(node.value, ir.Call)
        )

    @cached_property
    def kept_starts(self) -> frozenset[ir.Call]:
        """The calls of a method `start` whose result is given a name or put into a container."""
        found: set[ir.Call] = set()
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                for node in (*self.own_nodes_of(ir.Assign, module, scope), *self.own_nodes_of(ir.Call, module, scope)):
                    found.update(call for call in _kept_values(node) if _is_call_of(call, "start"))
        return frozenset(found)

    @cached_property
    def loop_owners(self) -> dict[object, FunctionKey]:
        """The function in which each loop stands."""
        return {
            node: (module.name, scope)
            for module in self.modules.values()
            for scope, _ in self.blocks(module)
            for kind in (ir.For, ir.While, ir.Comprehension)
            for node in self.own_nodes_of(kind, module, scope)
        }

    @cached_property
    def looping(self) -> frozenset[FunctionKey]:
        """The functions that have a loop."""
        return frozenset(self.loop_owners.values())

    @cached_property
    def setting_fork(self) -> frozenset[FunctionKey]:
        """The functions that set the start method to fork."""
        return frozenset(
            (module.name, scope)
            for module in self.modules.values()
            for scope, _ in self.blocks(module)
            if any(self._sets_fork(node, module.name, scope) for node in self.own_nodes(module, scope))
        )

    def _sets_fork(self, node: object, module: str, scope: str) -> bool:
        if not isinstance(node, ir.Call) or not ir.is_constant(node.argument(0, "method"), "fork"):
            return False
        dotted = self.names[module].dotted(node.func, scope)
        return any(name.rpartition(".")[2] == "set_start_method" for name in dotted)

    @cached_property
    def starters(self) -> frozenset[FunctionKey]:
        """The functions that may come to make a worker."""
        makers = {self.in_its_cycle((site.module, site.scope)) for site in self.sites}
        return frozenset().union(*(self.reaching(key) for key in makers))


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
    makers = {"dict", "defaultdict", "OrderedDict", "WeakValueDictionary"}
    return isinstance(value, ir.Call) and ir.word(value.func) in makers


def _is_container(value: ir.Expression) -> bool:
    if isinstance(value, ir.Call):
        return ir.word(value.func) in {"list", "set", "deque", "tuple"} or _is_mapping(value)
    return isinstance(value, (ir.Display, ir.DictDisplay, ir.Comprehension))


def _is_of(me: str, attr: str, target: ir.Expression) -> bool:
    return isinstance(target, ir.Attribute) and target.attr == attr and ir.word(target.value) == me


def _is_way_to(me: str, methods: Set[str], value: ir.Expression) -> bool:
    """Does the value have the object in it, or one of its methods?"""
    bases = [n for n in ir.walk(value) if isinstance(n, ir.Attribute) and ir.word(n.value) == me]
    names = [n for n in ir.walk(value) if isinstance(n, ir.Name) and n.id == me]
    return len(names) > len(bases) or any(base.attr in methods for base in bases)


def _kept_values(node: object) -> Iterator[ir.Call]:
    """The calls whose results `node` keeps; a list made by the way (`[p.start() for p in ps]`) is none that counts."""
    match node:
        case ir.Assign(value=ir.Call() as call):
            yield call
        case ir.Assign(value=ir.Display(items=items)):
            yield from (item for item in items if isinstance(item, ir.Call) and _is_called_on_call(item))
        case ir.Assign(value=ir.Comprehension(element=ir.Call() as call)) if _is_called_on_call(call):
            yield call
        case ir.Call(func=ir.Attribute(attr=attr), args=(ir.Call() as call,)) if attr in container_methods.ADDS_ELEMENT:
            yield call
        case _:
            pass


def _is_called_on_call(call: ir.Call) -> bool:
    """`Process(…).start()`: nothing else holds the object."""
    return isinstance(call.func, ir.Attribute) and isinstance(call.func.value, ir.Call)


def _is_call_of(call: ir.Call, method: str) -> bool:
    return isinstance(call.func, ir.Attribute) and call.func.attr == method
