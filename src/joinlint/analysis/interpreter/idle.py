"""What can be passed by: most statements of a program can change nothing for the worker that is followed."""

from __future__ import annotations

from joinlint.analysis.interpreter.calls import Calls
from joinlint.analysis.interpreter.machine import Mode, is_persistent
from joinlint.analysis.interpreter.state import Life, State, holds
from joinlint.analysis.interpreter.values import Ref
from joinlint.program import ir, library_calls, models
from joinlint.program.bindings import target_names
from joinlint.program.index import Program
from joinlint.program.mentions import attribute_by_text
from joinlint.program.sites import Site, pool_of

# Ways to reach a process that need no handle.
_ALWAYS_MATTERS = frozenset({"active_children", "active_count", "activeCount"})


_NO_WORDS: frozenset[str] = frozenset()


class Idle(Calls):
    """Tells the statements that leave the process alone, so that they need not be run."""

    def __init__(self, program: Program, site: Site, mode: Mode) -> None:
        super().__init__(program, site, mode)
        self._idle: dict[tuple[ir.Statement, frozenset[str]], bool] = {}
        self._words: dict[tuple[int, ...], tuple[tuple[object, ...], frozenset[str]]] = {}

    def words_that_matter(self, state: State) -> frozenset[str]:
        """The names and attributes by which the process can be reached; a statement with none of them leaves it
        alone."""
        if state.life is Life.ABSENT and not self.mode.importing:
            return _NO_WORDS
        # What states hold is never changed, and many hold the same.  It is kept, so that no other gets its number.
        held = (state.env, state.heap, self.frame)
        key = (*map(id, held), state.life is Life.ABSENT, len(self.classes))
        if key not in self._words:
            self._words[key] = held, self._find_words(state)
        return self._words[key][1]

    def _find_words(self, state: State) -> frozenset[str]:
        if state.life is Life.ABSENT:
            return frozenset(self.suspended_names(state))
        words = {name for (_, name), value in state.env.items() if holds(state, value)}
        for root, held in state.heap.items():
            if is_persistent(root) or root in self.classes:
                words.update(w[0][1:] for w in held if w and w[0][0] == ".")
        words.update(_ALWAYS_MATTERS)
        words.update(self._carriers(state, words))
        if self.site.kind == models.RESULT:
            pool = pool_of(self.site)
            words.update(n for n in (getattr(pool, "id", None), getattr(pool, "attr", None)) if n is not None)
        if self.mode.importing:
            words |= self.suspended_names(state)
        return frozenset(words)

    def _carriers(self, state: State, words: set[str]) -> set[str]:
        """The names of inner functions, and of variables with functions, that reach the process by one of `words`."""
        found = {
            name for (_, name), value in state.env.items() if not isinstance(value, Ref) and self.touches(value, state)
        }
        for frame in self.frames:
            for key in self.program.inner_functions.get((frame.names.module.name, frame.scope), ()):
                if not words.isdisjoint(self.program.mentions(key)):
                    found.add(self.program.modules[key[0]].functions[key[1]].name)
        return found

    def is_idle(self, statement: ir.Statement, words: frozenset[str]) -> bool:
        """Can the statement change nothing for a process that is reached by `words`?  Most of a program is such."""
        key = (statement, words)
        if key not in self._idle:
            self.spend()
            self._idle[key] = all(self._is_idle_node(node, words) for node in ir.walk_own((statement,)))
        return self._idle[key]

    def _is_idle_node(self, node: object, words: frozenset[str]) -> bool:
        match node:
            case ir.Name(id="__name__"):
                return not self.mode.importing
            case ir.Attribute() if self._reads_property(node):
                return False
            case ir.Attribute() if node in self.mode.reads:
                return False
            case ir.Name(id=word) | ir.Attribute(attr=word):
                return word not in words and not (words and word == "super")
            case ir.Call():
                return attribute_by_text(node) not in words and self._is_idle_call(node, words)
            case ir.Return() | ir.Raise() | ir.Break() | ir.Continue() | ir.FunctionDef() | ir.ClassDef() | ir.Lambda():
                return False
            case ir.Assign(targets=targets, value=value):
                tested = any(self.is_tested(self.variable(name)) for t in targets for name in target_names(t))
                return not tested and not self._makes_object(value)
            case ir.Delete() | ir.Walrus() | ir.AugmentedAssign() | ir.Yield():
                return False
            case _:
                return True

    def _is_idle_call(self, call: ir.Call, words: frozenset[str]) -> bool:
        if call is self.site.call:
            return False
        module, scope = self.names.module.name, self.frame.scope
        matters = not words or self.mode.importing
        if any(self.leads_to_site(entry.function) for entry in self.entries(call)):
            return False
        for key in self.program.called(call.func, module, scope, self.names):
            if key in self.mode.reading or (matters and self.leads_to_site(key)):
                return False
            if self.program.never_returns(*key) or not words.isdisjoint(self.program.mentions(key)):
                return False
        if isinstance(call.func, ir.Attribute) and call.func.attr == "start" and (words or self.mode.importing):
            return False
        if any(isinstance(a, ir.Name) and a.id in self.program.container_names(module) for a in call.args):
            return False
        return not self.names.dotted(call.func, scope) & library_calls.EXITS

    def _reads_property(self, node: ir.Attribute) -> bool:
        """Does reading the attribute run a function that comes to the site?"""
        if not self.mode.importing:
            return False
        found = self.program.entries.of_attribute(node, self.names.module.name, self.frame.scope)
        return any(self.leads_to_site(key) for key in found)

    def _makes_object(self, value: ir.Expression) -> bool:
        """May a process be put into what the expression gives?"""
        if isinstance(value, ir.Call):
            references = self.names.resolve(value.func, self.frame.scope)
            return any(r.kind == "class" or r.name in library_calls.NEW_CONTAINERS for r in references)
        return not isinstance(value, (ir.Constant, ir.Name, ir.Attribute, ir.Compare, ir.Not, ir.BinaryOp, ir.Opaque))

    def pass_by(self, statement: ir.Statement, state: State) -> None:
        """An idle statement may still raise."""
        if not self.is_listening():
            return
        nodes = list(ir.walk_own((statement,)))
        is_interruptible = False
        for call in (n for n in nodes if isinstance(n, ir.Call)):
            if self.program.only_signals(call, self.names.module.name, self.frame.scope):
                continue
            dotted = self.names.dotted(call.func, self.frame.scope)
            is_interruptible = True
            quiet = isinstance(call.func, ir.Attribute) and call.func.attr in library_calls.QUIET_METHODS
            if not quiet and not dotted & library_calls.NEVER_RAISES:
                self.may_raise(state, call.where)
                return
        if any(isinstance(n, ir.Subscript) and not n.is_slice for n in nodes):
            self.may_miss_element(state)
        if is_interruptible:
            self.may_be_interrupted(state)
