"""Evaluating expressions: each gives pairs of a state and the abstract value found in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from joinlint.analysis.interpreter.machine import Machine, is_persistent
from joinlint.analysis.interpreter.state import (
    Life,
    State,
    Step,
    add_paths,
    bind,
    collect,
    distinct,
    drop_scope,
    forget_attribute,
    holds,
    move_object,
    paths,
    remove_below,
    unbind,
    ways_to_ours,
)
from joinlint.analysis.interpreter.values import (
    ANY,
    MAX_PATH,
    MODULE_ROOT,
    OURS,
    Bound,
    Closure,
    Known,
    Ours,
    Partial,
    Path,
    Ref,
    Value,
    daemon_flag,
    key_step,
    known,
)
from joinlint.program import ir, models
from joinlint.program.entries import decorator_names, is_property
from joinlint.program.purity import pure_key

T = TypeVar("T")
Results = list[tuple[State, Value]]

WILD = Ref("wild")
REPEATED = "repeated"  # `[p] * 3`: a list that holds the same object several times


class Expressions(Machine):
    """Reads, displays, comprehensions and assignments.  Calls and conditions are added by the classes derived from
    it."""

    def evaluate(self, expression: ir.Expression | None, state: State) -> Results:
        """Run `expression` in `state`: every way it can come out."""
        match expression:
            case None | ir.Constant() as constant:
                return [(state, None if constant is None else known(constant.value))]
            case ir.Name(id=name):
                return [(state, self.read_name(name, state))]
            case ir.Attribute(value=value, attr=attr):
                state = self.after_read(expression, state)
                return [r for s, base in self.evaluate(value, state) for r in self.read_attribute(s, base, attr, value)]
            case ir.Call():
                return self.call(expression, state)
            case ir.Subscript():
                return self._subscript(expression, state)
            case ir.Display(items=items, where=where):
                return self._display(items, state, where)
            case ir.DictDisplay():
                return self._dict(expression, state)
            case ir.Comprehension():
                return self.comprehension(expression, state)
            case ir.Yield(value=value, is_from=True):
                return self._yield_from(value, state)
            case ir.Await(value=value) | ir.Starred(value=value):
                return [r for s, v in self.evaluate(value, state) for r in self.resume(s, v)]
            case ir.Walrus(target=target, value=value):
                return [(self.assign(target, v, s), v) for s, v in self.evaluate(value, state)]
            case ir.Conditional(test=test, body=body, orelse=orelse):
                yes, no = self.condition(test, state)
                return _distinct(
                    [r for s in yes for r in self.evaluate(body, s)] + [r for s in no for r in self.evaluate(orelse, s)]
                )
            case ir.BoolOp(is_and=is_and, left=left, right=right):
                return self._boolean(is_and, left, right, state)
            case ir.Not() | ir.Compare():
                true, false = map(collect, self.condition(expression, state))
                return [(s, None if key in false else known(True)) for key, s in true.items()] + [
                    (s, known(False)) for key, s in false.items() if key not in true
                ]
            case ir.BinaryOp():
                return self._binary(expression, state)
            case ir.Lambda(function=function):
                return [(state, Closure(self.names.module.name, function.scope))]
            case ir.Yield(value=value):
                return self._yield(value, state)
            case ir.Opaque(parts=parts):
                states = [state]
                for part in parts:
                    states = distinct(s for before in states for s, _ in self.evaluate(part, before))
                return [(s, None) for s in states]
        return [(state, None)]

    def call(self, call: ir.Call, state: State) -> Results:
        raise NotImplementedError

    def touches(self, value: Value, state: State) -> bool:
        """Would calling this function join the process or give it away?"""
        raise NotImplementedError

    def given_up(self, state: State, value: Value) -> bool:
        """A function goes where it can't be followed; if it reaches the process, so does the process.  So it is with
        psutil's view of it, on which others can wait."""
        if value != Bound(OURS, "psutil") and (isinstance(value, (Ours, Ref)) or not self.touches(value, state)):
            return False
        self.finish("escaped", state)
        return True

    def resume(self, state: State, value: Value) -> Results:
        raise NotImplementedError

    def kept(self, state: State, values: Sequence[Value]) -> list[State]:
        raise NotImplementedError

    def condition(self, expression: ir.Expression, state: State) -> tuple[list[State], list[State]]:
        raise NotImplementedError

    def comprehension(self, node: ir.Comprehension, state: State) -> Results:
        raise NotImplementedError

    def evaluate_all(
        self, expressions: tuple[ir.Expression, ...], state: State
    ) -> list[tuple[State, tuple[Value, ...]]]:
        """Evaluate several expressions from left to right."""
        rows: list[tuple[State, list[Value]]] = [(state, [])]
        for expression in expressions:
            grown: list[tuple[State, list[Value]]] = []
            for before, values in rows:
                found = self.evaluate(expression, before)
                if len(found) == 1:  # as nearly always; a copy of each prefix would take a long display's square
                    values.append(found[0][1])
                    grown.append((found[0][0], values))
                else:
                    grown += [(after, [*values, value]) for after, value in found]
            if len(grown) > 1:
                grown = [(s, list(values)) for s, values in _distinct([(s, tuple(values)) for s, values in grown])]
            rows = grown
        return [(s, tuple(values)) for s, values in rows]

    # --- names
    # ---------------------------------------------------------------------------------------------------------------

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
        return Closure(module, inner[0].name) if inner else None

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

    # --- attributes
    # ----------------------------------------------------------------------------------------------------------

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
                return [(self._look(state, attr), Bound(OURS, attr))]
            case Ref():
                return self._attribute_of_object(state, base, attr)
            case None if self._is_wild(state, attr, source):
                return self._attribute_of_object(state, WILD, attr)
            case None:
                for reference in self.names.resolve(ir.Attribute(source, attr), self.frame.scope):
                    if reference.kind == "function":
                        return [(state, Closure(reference.module, reference.name))]
                return [(state, None)]
            case Bound() | Closure() | Partial() | Known():
                return [(state, Bound(base, attr))]
        return [(state, None)]

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
        if self._is_wild_object(state, base, step):
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
        if (is_persistent(base.root) or base.root in self.classes) and len(variable_steps) < MAX_PATH:
            return [(state, Ref(base.root, variable_steps))]
        return [(state, Bound(base, attr))]

    def _is_class_attribute(self, cls: tuple[str, str], attr: str) -> bool:
        """Is our process what the body of the class gives the attribute?"""
        values = self.program.names[cls[0]].attribute_values.get((cls[1], attr), ())
        return any(value is self.site.call for value, _ in values)

    def _is_wild(self, state: State, attr: str, source: ir.Expression) -> bool:
        """In a search for those who reach a field: an unknown object may be the one that has it."""
        if not self.mode.wild or not any(p[0] == f".{attr}" for p in state.heap.get(WILD.root, ())):
            return False
        references = self.names.resolve(source, self.frame.scope)
        return not any(r.kind == "library" and not r.name.startswith("builtins.") for r in references)

    def _is_wild_object(self, state: State, base: Ref, step: str) -> bool:
        if not self.mode.wild or base.root == WILD.root or not any(p[0] == step for p in state.heap.get(WILD.root, ())):
            return False
        if base.root.startswith(f"{MODULE_ROOT}:") and not base.prefix:
            return False
        cls = self.class_of(base)
        return cls is None or not self.mode.wild_classes or f"{cls[0]}:{cls[1]}" in self.mode.wild_classes

    def run_function(
        self,
        function: ir.Function,
        module: str,
        arguments: list[tuple[Value, str | None]],
        state: State,
        receiver: Value = None,
    ) -> Results:
        raise NotImplementedError

    # --- elements
    # ------------------------------------------------------------------------------------------------------------

    def _subscript(self, node: ir.Subscript, state: State) -> Results:
        out: Results = []
        if not node.is_slice:
            self.may_miss_element(state)
        for s, base in self.evaluate(node.value, state):
            for s2, index in self.evaluate(node.index, s):
                if node.is_slice:
                    out.extend(self._slice(s2, base, node))
                else:
                    out.extend(self.element(s2, base, index, node.index))
        return out

    def _slice(self, state: State, base: Value, node: ir.Subscript) -> Results:
        if not isinstance(base, Ref) or not paths(state, base):
            return [(state, None)]
        ways = {(ANY, *way[1:]) for way in paths(state, base) if way}
        row, column = getattr(node.value, "where", self.frame.statement)[:2]
        fresh = Ref(f"new:slice@{row}:{column}")
        full = (add_paths(remove_below(state, fresh), fresh, ways), fresh)
        is_copy = isinstance(node.index, ir.Opaque) and not node.index.parts
        return [full] if is_copy else [full, (state, None)]

    def element(self, state: State, base: Value, index: Value, source: ir.Expression | None) -> Results:
        """`base[index]`: our process or another one, where the index does not tell."""
        if not isinstance(base, Ref):
            return [(state, None)]
        if index == Ref(f"other key:{base.root}", base.prefix):
            return [(state, None)]
        ways = paths(state, base)
        step = key_step(index.value) if isinstance(index, Known) else ANY
        if index == Ref("index", base.prefix) or (isinstance(index, Ref) and index.root == f"key:{base.root}"):
            return self._element_at(state, base, next(iter(sorted(ways, key=len)))[0]) if ways else [(state, None)]
        if any(w and w[0] == step for w in ways) and step != ANY:
            return self._element_at(state, base, step)
        candidates = sorted({w[0] for w in ways if w and (w[0] == ANY or (w[0][0] == "#" and step == ANY))})
        if not candidates:
            longer = (*base.prefix, step)
            return [(state, Ref(base.root, longer) if len(longer) < MAX_PATH else None)]
        key = None if source is None else pure_key(source, self.variable)
        memo = ("element", base.root, base.prefix, key if key is not None else step)
        if memo in state.assumed:
            return self._element_at(state, base, candidates[0]) if state.assumed[memo] else [(state, None)]
        certain = state
        if self.mode.beyond_join:
            state = state.with_step(Step("chosen", self.frame.statement))
        if key is None and step == ANY:
            return [*self._element_at(state, base, candidates[0]), (certain, None)]
        chosen = state._replace(assumed={**state.assumed, memo: True})
        other = certain._replace(assumed={**certain.assumed, memo: False})
        return [*self._element_at(chosen, base, candidates[0]), (other, None)]

    def _element_at(self, state: State, base: Ref, step: str) -> Results:
        place = Ref(base.root, (*base.prefix, step))
        ways = paths(state, place)
        return [(state, OURS if () in ways else place if ways else None)]

    def forget_elements(self, state: State, holder: Ref) -> State:
        """The container changes: which of its elements is ours is no longer known by index."""
        assumed = {k: v for k, v in state.assumed.items() if k[0] != "element" or k[1] != holder.root}
        return state if len(assumed) == len(state.assumed) else state._replace(assumed=assumed)

    def take_element(self, state: State, base: Ref, label: str) -> Results:
        """Remove an arbitrary element: ours (then it is no longer held there) or another."""
        ways = paths(state, base)
        if not ways:
            return [(state, None)]
        inner = {w[1:] for w in ways if w}
        gone = remove_below(state, base) if base.prefix or not is_persistent(base.root) else state
        if () in inner:
            return [(gone, OURS), (state, None)]
        fresh = Ref(f"new:{label}")
        return [(add_paths(gone, fresh, inner), fresh), (state, None)]

    # --- displays
    # ------------------------------------------------------------------------------------------------------------

    def fresh(self, state: State, kind: str, where: ir.Where) -> tuple[State, Ref]:
        """A new object made at `where`; an older one from an earlier round keeps what it holds under another name."""
        ref = Ref(f"new:{kind}@{where.row}:{where.column}")
        if ref.root in state.heap:
            state = move_object(state, ref.root, Ref(f"{ref.root}'"))
        return state, ref

    def _display(self, items: tuple[ir.Expression, ...], state: State, where: ir.Where) -> Results:
        out: Results = []
        for s, values in ((kept, v) for before, v in self.evaluate_all(items, state) for kept in self.kept(before, v)):
            if any(self.given_up(s, value) for value in values):
                continue
            s, ref = self.fresh(s, "list", where)
            starred = False
            for position, (item, value) in enumerate(zip(items, values, strict=True)):
                if isinstance(item, ir.Starred):
                    starred = True
                    if isinstance(value, Ref):
                        s = add_paths(s, ref, {(ANY, *w[1:]) for w in paths(s, value) if w})
                else:
                    s = self.store(s, Ref(ref.root, (ANY if starred else key_step(position),)), value)
            out.append((s, ref))
        return out

    def _dict(self, node: ir.DictDisplay, state: State) -> Results:
        out: Results = []
        for s, values in self.evaluate_all(node.values, state):
            if any(self.given_up(s, value) for value in values):
                continue
            s, ref = self.fresh(s, "dict", node.where)
            for key, value in zip(node.keys, values, strict=True):
                if key is None:
                    if isinstance(value, Ref):
                        s = add_paths(s, ref, paths(s, value))
                else:
                    step = key_step(key.value) if isinstance(key, ir.Constant) else ANY
                    s = self.store(s, Ref(ref.root, (step,)), value)
            out.append((s, ref))
        return out

    def _boolean(self, is_and: bool, left: ir.Expression, right: ir.Expression, state: State) -> Results:
        out: Results = []
        for s, value in self.evaluate(left, state):
            if holds(s, value):  # a process or what holds it is true
                out.extend(self.evaluate(right, s) if is_and else [(s, value)])
            elif isinstance(value, Known):
                out.extend(self.evaluate(right, s) if bool(value.value) == is_and else [(s, value)])
            else:
                out.extend([(s, value), *self.evaluate(right, s)])
        return _distinct(out)

    def _binary(self, node: ir.BinaryOp, state: State) -> Results:
        out: Results = []
        for s, values in self.evaluate_all((node.left, node.right), state):
            held = [v for v in values if isinstance(v, Ref) and paths(s, v)]
            if not held:
                out.append((s, None))
                continue
            s, ref = self.fresh(s, REPEATED if node.op == "Multiply" else "sum", node.where)
            for value in held:
                s = add_paths(s, ref, {(ANY, *w[1:]) for w in paths(s, value) if w})
            out.append((s, ref))
        return out

    def _yield(self, value: ir.Expression | None, state: State) -> Results:
        """A context manager or fixture gets its process back after the yield; another generator has given it away."""
        out: Results = []
        function = self.frame.function
        comes_back = function is not None and any(
            "contextmanager" in d or "fixture" in d for d in decorator_names(function)
        )
        for s, v in self.evaluate(value, state):
            if holds(s, v) and not comes_back:
                self.finish("escaped", s)
            elif not self.given_up(s, v):
                out.append((s, None))
        return out

    def _yield_from(self, value: ir.Expression | None, state: State) -> Results:
        """Runs a generator to its end, asks for all results of a task, or gives the elements of a container away."""
        out: Results = []
        for before, v in self.evaluate(value, state):
            for s, resumed in self.resume(before, v):
                if holds(s, resumed):
                    self.finish("joined" if self.site.kind == models.RESULT else "escaped", s)
                else:
                    out.append((s, resumed))
        return out

    # --- assignment
    # ----------------------------------------------------------------------------------------------------------

    def store(self, state: State, place: Ref, value: Value) -> State:
        """Put `value` into a place of an object."""
        ways = ways_to_ours(state, value)
        if isinstance(value, Ref) and value.root.startswith("new:") and not value.prefix and value.root != place.root:
            # The object lives on in its new place: whoever changes it by its old name changes what is there.
            if value.root not in self.classes and len(place.prefix) < MAX_PATH:
                return move_object(state, value.root, place)
        return add_paths(state, place, {w for w in ways if len(place.prefix) + len(w) <= MAX_PATH})

    def assign(self, target: ir.Expression, value: Value, state: State) -> State:
        """`target = value`."""
        before = state
        match target:
            case ir.Name(id=name):
                state = self._assign_name(name, value, state)
            case ir.Attribute(value=base, attr=attr):
                for s, holder in self.evaluate(base, state)[:1]:
                    state = self._assign_attribute(s, holder, attr, value, base)
            case ir.Subscript(value=base, index=index):
                for s, holder in self.evaluate(base, state)[:1]:
                    stored = self._assign_element(s, holder, index, value)
                    as_key = isinstance(index, ir.Name) and isinstance(self.read_name(index.id, s), Ours)
                    if stored is None or as_key:
                        return self.escape(s)
                    state = stored
            case ir.Display(items=items):
                state = self._unpack(items, value, state)
            case ir.Starred(value=inner):
                state = self.assign(inner, value if isinstance(value, Ref) else None, state)
            case _:
                pass
        return self.note_loss(before, state)

    def _assign_name(self, name: str, value: Value, state: State) -> State:
        variable = self.variable(name)
        if value is not None or self._has_default(variable):
            if isinstance(value, Known) and not self.is_tested(variable):
                value = None
            if value is None and not self._has_default(variable):
                return unbind(state, variable)
            return bind(state, variable, value)
        return unbind(state, variable)

    def _has_default(self, variable: tuple[str, str]) -> bool:
        """Does the name stand for something when nothing is known of it (a parameter, a global, a function)?"""
        _, _, scope = variable[0].rpartition(":")
        if scope == ir.MODULE_SCOPE:
            return True
        function = self.names.module.functions.get(scope)
        return function is not None and any(p.name == variable[1] for p in function.parameters)

    def is_tested(self, variable: tuple[str, str]) -> bool:
        """Does some condition of the module look at this name?"""
        return variable[1] in self.program.tested_names(self.names.module.name)

    def _assign_attribute(self, state: State, holder: Value, attr: str, value: Value, source: ir.Expression) -> State:
        state = forget_attribute(state, attr)
        if self.touches(value, state) and not isinstance(value, (Ours, Ref)):
            return self.escape(state)
        if isinstance(holder, Ours):
            if attr == "daemon":
                return state._replace(daemon=daemon_flag(value))
            return state
        if self._is_wild(state, attr, source) and holder is None:
            holder = WILD
        if isinstance(holder, Ref):
            own = paths(state, Ref(holder.root, (*holder.prefix, f".{attr}")))
            # An object made here is another one while it is built: its constructor does not empty the field of ours.
            if not own and not holder.root.startswith("new:") and self._is_wild_object(state, holder, f".{attr}"):
                holder = WILD
            place = Ref(holder.root, (*holder.prefix, f".{attr}"))
            return self.store(remove_below(state, place), place, value)
        return self.escape(state) if holds(state, value) else state

    def _assign_element(self, state: State, holder: Value, index: ir.Expression, value: Value) -> State | None:
        """`holder[index] = value`; None where the process goes into a container that can't be seen."""
        if self.touches(value, state) and not isinstance(value, (Ours, Ref)):
            return None
        if not isinstance(holder, Ref):
            return None if holds(state, value) else state
        step = key_step(index.value) if isinstance(index, ir.Constant) else ANY
        key = pure_key(index, self.variable)
        state = self.forget_elements(state, holder)
        if isinstance(value, Ours) and key is not None and step == ANY:
            memo = ("element", holder.root, holder.prefix, key)
            state = state._replace(assumed={**state.assumed, memo: True})
        if step != ANY:
            state = remove_below(state, Ref(holder.root, (*holder.prefix, step)))
        return self.store(state, Ref(holder.root, (*holder.prefix, step)), value)

    def _unpack(self, items: tuple[ir.Expression, ...], value: Value, state: State) -> State:
        for position, item in enumerate(items):
            part: Value = None
            if isinstance(value, Ref):
                if isinstance(item, ir.Starred):
                    part = value
                else:
                    step = key_step(position)
                    ways = paths(state, value)
                    exact = [w for w in ways if w and w[0] == step]
                    if exact or any(w and w[0] == ANY for w in ways):
                        place = Ref(value.root, (*value.prefix, step if exact else ANY))
                        part = OURS if any(len(w) == 1 for w in exact or ways) else place
            state = self.assign(item, part, state)
        return state

    def escape(self, state: State) -> State:
        """The process is handed to code that can't be seen; the path is followed no further."""
        if state.life is not Life.ABSENT:
            self.finish("escaped", state)
        return state._replace(life=Life.ABSENT, env={}, heap={}, assumed={}, start=None, timed=None, stopped=None)

    def note_loss(self, before: State, after: State) -> State:
        """Remember the place where the last handle of a running process went."""
        if (
            after.life is Life.STARTED
            and after.lost is None
            and (before.env is not after.env or before.heap is not after.heap)
        ):
            if self.is_held(before) and not self.is_held(after):
                return after._replace(lost=self.frame.statement)
        return after

    def is_held(self, state: State) -> bool:
        """Does anything that lives on reach the process?"""
        if any(is_persistent(root) or root.startswith(f"{MODULE_ROOT}:") for root in state.heap):
            return True
        return any(holds(state, value) for value in state.env.values())

    def leave_function(self, state: State, scope: str) -> State:
        before = state
        return self.note_loss(before, drop_scope(state, scope))


__all__ = ["WILD", "Expressions", "Path", "Results"]


def _distinct(results: list[tuple[State, T]]) -> list[tuple[State, T]]:
    """Without those that go on alike with an equal value: a long chain would otherwise double them at each link."""
    if len(results) < 2:
        return results
    return list({(state.identity(), value): (state, value) for state, value in reversed(results)}.values())[::-1]
