"""Reading names and attributes."""

from __future__ import annotations

from joinlint import limits
from joinlint.analysis.interpreter.functions import Functions
from joinlint.analysis.interpreter.machine import is_persistent
from joinlint.analysis.interpreter.parts import Results
from joinlint.analysis.interpreter.state import Life, State, paths
from joinlint.analysis.interpreter.values import (
    MODULE_ROOT,
    OURS,
    Bound,
    Closure,
    Known,
    Ours,
    Partial,
    Ref,
    Value,
    known,
    steps_of,
)
from joinlint.program import ir, models
from joinlint.program.entries import decorator_names, is_property

WILD = Ref("wild")


class Reads(Functions):
    """Adds what a name or attribute stands for."""

    def read_name(self, name: str, state: State) -> Value:
        variable = self.variable(name)
        if variable in state.env:
            return state.env[variable]
        module, _, scope = variable[0].rpartition(":")
        if scope == ir.MODULE_SCOPE:
            return self._read_global(name, module)
        function = self.names.module.functions.get(scope)
        if function is not None and any(p.name == name for p in function.parameters):
            return self.parameter_object(function, name)
        inner = [r for r in self.names.resolve_name(name, self.frame.scope) if r.kind == "function"]
        return Closure(inner[0].module, inner[0].name) if inner else None

    def _read_global(self, name: str, module: str) -> Value:
        kinds = self.names.binding_kinds(name, ir.MODULE_SCOPE)
        if name == "__name__" and not kinds:
            return known(self.module_name())
        if kinds & {"function", "import"} or not kinds:
            for reference in self.names.resolve_name(name, ir.MODULE_SCOPE):
                if reference.kind == "function":
                    return Closure(reference.module, reference.name)
            return None
        if "class" in kinds:
            return Ref(f"{MODULE_ROOT}:{module}", (f".{name}",))
        return Ref(f"{MODULE_ROOT}:{module}", (f".{name}",))

    def parameter_object(self, function: ir.Function, name: str) -> Value:
        """What a parameter of the root function is: an object that the caller has, too."""
        module = self.names.module.name
        if (
            function.owner is not None
            and function.parameters[0].name == name
            and "staticmethod" not in decorator_names(function)
        ):
            if self.mode.wild and (
                not self.mode.wild_classes or f"{module}:{function.owner}" in self.mode.wild_classes
            ):
                root = WILD.root
            else:
                root = f"self:{module}:{function.owner}"
            self.classes[root] = (module, function.owner)
            return Ref(root)
        root = f"param:{module}:{function.scope}:{name}"
        for reference in self.names.resolve_name(name, function.scope):
            if reference.kind == "instance":
                self.classes[root] = (reference.module, reference.name)
        return Ref(root)

    def after_read(self, attribute: ir.Attribute, state: State) -> State:
        """The state in which the queue that our process fills has been read, if that is what the attribute does."""
        reads = attribute in self.mode.reads and state.life is Life.STARTED
        return state._replace(drained=True) if reads else state

    def read_attribute(self, state: State, base: Value, attr: str, source: ir.Expression) -> Results:
        """`base.attr`, where `source` is the expression that gave `base`."""
        match base:
            case Ours():
                if attr == "sentinel" and self.site.kind == models.PROCESS and state.life is Life.STARTED:
                    self.finish("escaped", state)  # whoever takes it can wait on it
                    return []
                return [(self._look(state, attr), None if self._is_data(attr) else Bound(OURS, attr))]
            case Ref():
                return self._attribute_of_object(state, base, attr)
            case None if self.is_wild(state, attr, source):
                return self._attribute_of_object(state, WILD, attr)
            case None:
                for reference in self.names.resolve(ir.Attribute(source, attr), self.frame.scope):
                    if reference.kind == "function":
                        return [(state, Closure(reference.module, reference.name))]
                return [(state, None)]
            case Bound() if steps_of(base) >= limits.PATH_STEPS:
                return [(state, base)]  # a chain may have no end: `node = node.parent`
            case Bound() | Closure() | Partial() | Known():
                return [(state, Bound(base, attr))]
        return [(state, None)]

    def _is_data(self, attr: str) -> bool:
        """Is the attribute of our process something that the program has put there, and no way to the process?"""
        cls = self.site.cls
        if self.site.kind not in {models.PROCESS, models.THREAD} or attr in models.ATTRIBUTES:
            return False
        if cls is None:
            return True
        classes = self.program.classes
        if classes.has_unknown_base(cls) or classes.method(cls, attr) is not None:
            return False
        family = (cls, *classes.bases(cls))
        return not any(self.program.knows_its_owner(module, scope, attr) for module, scope in family)

    def _look(self, state: State, attr: str) -> State:
        """Reading a fact off the process."""
        if attr == "exitcode":
            return state._replace(looked=True, counted=self.statements())
        return state

    def _attribute_of_object(self, state: State, base: Ref, attr: str) -> Results:
        step = f".{attr}"
        ways = paths(state, Ref(base.root, (*base.prefix, step)))
        if () in ways:
            return [(state, OURS)]
        if ways:
            return [(state, Ref(base.root, (*base.prefix, step)))]
        if self.is_wild_object(state, base, step):
            return self._attribute_of_object(state, WILD, attr)
        if (cls := self.class_of(base)) is not None:
            found = self.program.classes.method(cls, attr)
            if found is not None and is_property(found[1]):
                return self.run_function(found[1], found[0], [(base, None)], state, base)
            if found is not None:
                return [(state, Bound(base, attr))]
            if self.mode.importing and state.life is not Life.ABSENT and self._is_class_attribute(cls, attr):
                return [(state, OURS)]
        variable_steps = (*base.prefix, step)
        if (is_persistent(base.root) or base.root in self.classes) and len(variable_steps) < limits.PATH_STEPS:
            return [(state, Ref(base.root, variable_steps))]
        return [(state, Bound(base, attr))]

    def _is_class_attribute(self, cls: tuple[str, str], attr: str) -> bool:
        """Is our process what the body of the class gives the attribute?"""
        values = self.program.names[cls[0]].attribute_values.get((cls[1], attr), ())
        return any(value is self.site.call for value, _ in values)

    def is_wild(self, state: State, attr: str, source: ir.Expression) -> bool:
        """In a search for those who reach a field: an unknown object may be the one that has it."""
        if not self.mode.wild or not any(p[0] == f".{attr}" for p in state.heap.get(WILD.root, ())):
            return False
        references = self.names.resolve(source, self.frame.scope)
        return not any(r.kind == "library" and not r.name.startswith("builtins.") for r in references)

    def is_wild_object(self, state: State, base: Ref, step: str) -> bool:
        if not self.mode.wild or base.root == WILD.root or not any(p[0] == step for p in state.heap.get(WILD.root, ())):
            return False
        if base.root.startswith(f"{MODULE_ROOT}:") and not base.prefix:
            return False
        cls = self.class_of(base)
        return cls is None or not self.mode.wild_classes or f"{cls[0]}:{cls[1]}" in self.mode.wild_classes
