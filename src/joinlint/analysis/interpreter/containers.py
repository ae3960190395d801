"""Containers: their elements, and the methods that put some in or take some out."""

from __future__ import annotations

from joinlint import limits
from joinlint.analysis.interpreter.machine import is_persistent
from joinlint.analysis.interpreter.parts import Arguments, Results
from joinlint.analysis.interpreter.reads import Reads
from joinlint.analysis.interpreter.state import (
    Life,
    State,
    Step,
    add_paths,
    holds,
    move_object,
    paths,
    remove_below,
    ways_to_ours,
)
from joinlint.analysis.interpreter.values import ANY, MODULE_ROOT, OURS, Known, Ours, Ref, Value, key_step
from joinlint.program import container_methods, ir, models
from joinlint.program.mentions import LAST_ELEMENT
from joinlint.program.purity import pure_key


def receiver(call: ir.Call) -> ir.Expression:
    """What a method is called on; the function itself where it is none."""
    return call.func.value if isinstance(call.func, ir.Attribute) else call.func


class Containers(Reads):
    """Adds objects that hold others."""

    def fresh(self, state: State, kind: str, where: ir.Where) -> tuple[State, Ref]:
        """A new object made at `where`; an older one from an earlier round keeps what it holds under another name."""
        ref = Ref(f"new:{kind}@{where.row}:{where.column}")
        if ref.root in state.heap:
            state = move_object(state, ref.root, Ref(f"{ref.root}'"))
        return state, ref

    def store(self, state: State, place: Ref, value: Value) -> State:
        """Put `value` into a place of an object."""
        ways = ways_to_ours(state, value)
        if isinstance(value, Ref) and value.root.startswith("new:") and not value.prefix and value.root != place.root:
            # The object lives on in its new place: whoever changes it by its old name changes what is there.
            if value.root not in self.classes and len(place.prefix) < limits.PATH_STEPS:
                return move_object(state, value.root, place)
        return add_paths(state, place, {w for w in ways if len(place.prefix) + len(w) <= limits.PATH_STEPS})

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
        if ways and step == ANY and self.site.kind == models.RESULT and state.life is Life.STARTED:
            self.finish("joined", state)  # who asks for results by number, one after the other, comes to ours
            return []
        candidates = sorted({w[0] for w in ways if w and (w[0] == ANY or (w[0][0] == "#" and step == ANY))})
        if not candidates:
            longer = (*base.prefix, step)
            return [(state, Ref(base.root, longer) if len(longer) < limits.PATH_STEPS else None)]
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

    def are_sorted_out(self, container: ir.Expression) -> bool:
        """Does the present function ask the members of the container whether they still run, to take out those that do
        not: `done = [k for k, p in ps.items() if not p.is_alive()]; for k in done: del ps[k]`?"""
        name = ir.word(container)
        module, scope = self.names.module, self.frame.scope
        for loop in self.program.own_nodes(module, scope):
            match loop:
                case ir.For(iterable=iterable, body=body):
                    parts: tuple[object, ...] = body
                case ir.Comprehension(clauses=(ir.Clause(iterable=iterable, conditions=parts), *_)):
                    pass
                case _:
                    continue
            if name in ir.words(iterable) and any(not models.LOOKS.isdisjoint(ir.words(p)) for p in parts):
                return True
        return False

    def _element_at(self, state: State, base: Ref, step: str) -> Results:
        place = Ref(base.root, (*base.prefix, step))
        ways = paths(state, place)
        return [(state, OURS if () in ways else place if ways else None)]

    def slice_of(self, state: State, base: Value, node: ir.Subscript) -> Results:
        if not isinstance(base, Ref) or not paths(state, base):
            return [(state, None)]
        ways = {(ANY, *way[1:]) for way in paths(state, base) if way}
        row, column = getattr(node.value, "where", self.frame.statement)[:2]
        fresh = Ref(f"new:slice@{row}:{column}")
        full = add_paths(remove_below(state, fresh), fresh, ways)
        if isinstance(node.index, ir.Opaque) and not node.index.parts:
            return [(full, fresh)]  # a copy
        if self.mode.beyond_join:
            full = full.with_step(Step("chosen", self.frame.statement))
        return [(full, fresh), (state, None)]

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

    def is_mapping(self, ref: Ref) -> bool:
        """Is the container a dict, as far as can be told?"""
        if ref.root.startswith("new:dict@") and not ref.prefix:
            return True
        if not ref.prefix or not ref.prefix[-1].startswith("."):
            return False
        attr = ref.prefix[-1][1:]
        if len(ref.prefix) == 1 and ref.root.startswith(f"{MODULE_ROOT}:"):
            return self.program.is_mapping_global(ref.root.removeprefix(f"{MODULE_ROOT}:"), attr)
        cls = self.class_of(Ref(ref.root, ref.prefix[:-1]))
        return self.program.is_mapping_attribute(cls, self.names.module.name, attr)

    def container_method(self, call: ir.Call, state: State, base: Ref, name: str, given: Arguments) -> Results:
        values = [v for v, _ in given]
        last = values[-1] if values else None
        if any(self.given_up(state, v) for v in values):
            return []
        if name in container_methods.ADDS_ELEMENT:
            place = Ref(base.root, (*base.prefix, ANY))
            after = self.note_loss(state, self.store(self.forget_elements(state, base), place, last))
            return [(self._note_last(after, base, isinstance(last, Ours)) if name == "append" else after, None)]
        if name in container_methods.ADDS_ALL:
            if isinstance(last, Ref):
                state = add_paths(state, base, {(ANY, *w[1:]) for w in paths(state, last) if w})
            return [(self.note_last_of(state, base, call.args[-1] if call.args else None, last), None)]
        if name in container_methods.EMPTIES:
            return [(self.note_loss(state, remove_below(state, base)), None)]
        if name in container_methods.DROPS_ELEMENT:
            if any(isinstance(v, Ours) for v in values) or any(isinstance(v, Ref) and holds(state, v) for v in values):
                return [(self.note_loss(state, remove_below(state, base)), None)]
            return [(state, None)]
        if name in container_methods.TAKES_ELEMENT and name not in {"get", "setdefault"}:
            label = f"taken@{call.where.row}:{call.where.column}"
            index = values[0] if values else None
            if call.args and call in self.program.discarded_calls and self.are_sorted_out(receiver(call)):
                return [(state, None)]
            if name == "popitem":
                return [self._as_item(s, v, call) for s, v in self.take_element(state, base, label)]
            if isinstance(index, (Known, Ref)) and not (isinstance(index, Known) and index.value in (0, -1)):
                out: Results = []
                for s, element in self.element(state, base, index, call.args[0]):
                    if element is None or not holds(s, element):
                        out.append((s, element))
                    else:
                        out.extend(r for r in self.take_element(s, base, label) if r[1] is not None)
                return out
            return [
                (self.note_loss(state, s), v) if v is None else (s, v) for s, v in self.take_element(state, base, label)
            ]
        if name in {"get", "setdefault"}:
            if name == "setdefault" and len(values) > 1 and holds(state, values[1]):
                state = self.store(state, Ref(base.root, (*base.prefix, ANY)), values[1])
            if not call.args:
                return self.take_element(state, base, "get")
            return self.element(state, base, values[0], call.args[0])
        # values(), items(), copy(): the same elements in another object
        ways = paths(state, base) if name != "keys" else frozenset()
        if name == "items":
            ways = frozenset((ANY, key_step(1), *w[1:]) for w in ways if w)
        s, fresh = self.fresh(state, "view", call.where)
        return [(add_paths(s, fresh, ways), fresh)]

    def note_last_of(self, state: State, base: Ref, added: ir.Expression | None, value: Value) -> State:
        """What `added` stands for was put at the end of a container: `workers += [worker]`.  Of one alone it is known
        which is the last."""
        state = self.forget_elements(state, base)
        if not isinstance(added, ir.Display) or len(added.items) != 1 or isinstance(added.items[0], ir.Starred):
            return state
        is_ours = isinstance(value, Ref) and () in paths(state, Ref(value.root, (*value.prefix, key_step(0))))
        return self._note_last(state, base, is_ours)

    def _note_last(self, state: State, base: Ref, is_ours: bool) -> State:
        if not paths(state, base) or not self._may_take_last():
            return state
        memo = ("element", base.root, base.prefix, pure_key(ir.Constant(-1), self.variable))
        return state._replace(assumed={**state.assumed, memo: is_ours})

    def _may_take_last(self) -> bool:
        """Can what is run, or what is handed to it, ask for the last element of something?"""
        root = self.root()
        return root[0] in self.program.last_takers or LAST_ELEMENT in self.program.mentions(root)

    def _as_item(self, state: State, value: Value, call: ir.Call) -> tuple[State, Value]:
        """What popitem() gives: the key and the element."""
        if value is None:
            return state, None
        s, item = self.fresh(state, "item", call.where)
        return add_paths(s, item, {(key_step(1), *way) for way in ways_to_ours(s, value)}), item
