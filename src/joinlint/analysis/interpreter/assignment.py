"""Assignment: to names, attributes, elements, and several at once."""

from __future__ import annotations

from joinlint.analysis.interpreter.containers import Containers
from joinlint.analysis.interpreter.reads import WILD
from joinlint.analysis.interpreter.state import State, bind, forget_attribute, holds, paths, remove_below, unbind
from joinlint.analysis.interpreter.values import ANY, OURS, Known, Ours, Ref, Value, daemon_flag, key_step
from joinlint.program import ir
from joinlint.program.purity import pure_key


class Assignment(Containers):
    """Adds what putting a value somewhere changes."""

    def assign(self, target: ir.Expression, value: Value, state: State) -> State:
        """`target = value`."""
        before = state
        match target:
            case ir.Name(id=name):
                state = self._assign_name(name, value, state)
            case ir.Attribute(value=base, attr=attr):
                for s, holder in self.evaluate(base, state)[:1]:
                    state = self.assign_attribute(s, holder, attr, value, base)
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

    def assign_attribute(self, state: State, holder: Value, attr: str, value: Value, source: ir.Expression) -> State:
        """`holder.attr = value`, with `source` for the holder."""
        state = forget_attribute(state, attr)
        if self.touches(value, state) and not isinstance(value, (Ours, Ref)):
            return self.escape(state)
        if isinstance(holder, Ours):
            if attr == "daemon":
                return state._replace(daemon=daemon_flag(value))
            return state
        if self.is_wild(state, attr, source) and holder is None:
            holder = WILD
        if isinstance(holder, Ref):
            own = paths(state, Ref(holder.root, (*holder.prefix, f".{attr}")))
            # An object made here is another one while it is built: its constructor does not empty the field of ours.
            if not own and not holder.root.startswith("new:") and self.is_wild_object(state, holder, f".{attr}"):
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
