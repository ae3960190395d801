"""Which functions mention which names and attributes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from joinlint import limits
from joinlint.options import DEFAULT, Options
from joinlint.program import ir
from joinlint.program.bindings import target_names
from joinlint.program.call_graph import CallGraph
from joinlint.program.modules import FunctionKey
from joinlint.program.sized_memo import SizedMemo

# A word for `x[-1]`; it can't clash with a name.
LAST_ELEMENT = "[-1]"
_MINUS_ONE = re.compile(r"-\s*1")


class Mentions(CallGraph):
    """Adds the words of each function."""

    def __init__(self, modules: Sequence[ir.Module], options: Options = DEFAULT) -> None:
        super().__init__(modules, options)
        self._mentions: SizedMemo[FunctionKey, str] = SizedMemo(limits.REMEMBERED)
        self._words: dict[FunctionKey, frozenset[str]] = {}

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

    def mentions(self, key: FunctionKey) -> frozenset[str]:
        """The names and attributes that a function, or anything it may come to call, mentions; with LAST_ELEMENT."""
        return self._mentions.get(self.in_its_cycle(key), self._find_mentions)

    def _find_mentions(self, key: FunctionKey) -> frozenset[str]:
        return frozenset().union(*(self._own_words(k) for k in self.closure(key)))

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
                elif isinstance(node, ir.Subscript) and isinstance(node.index, ir.Constant) and node.index.value == -1:
                    words.add(LAST_ELEMENT)
            self._words[key] = frozenset(words)
        return self._words[key]

    @cached_property
    def last_takers(self) -> frozenset[str]:
        """The modules with a function that takes the last element of something."""
        return frozenset(
            module.name
            for module in self.modules.values()
            if any(map(_MINUS_ONE.search, module.lines))
            if any(LAST_ELEMENT in self._own_words((module.name, scope)) for scope, _ in self.blocks(module))
        )

    @cached_property
    def pollers(self) -> frozenset[FunctionKey]:
        """The functions that return what they have asked a process, so that their callers can wait by it."""
        asking = {key for word in ("is_alive", "exitcode") for key in self.words.get(word, {})}
        return frozenset(key for key in asking if self._returns_what_it_asks(key))

    def _returns_what_it_asks(self, key: FunctionKey) -> bool:
        module, scope = self.modules[key[0]], key[1]
        told = {"is_alive", "exitcode"}
        assignments = [(node.targets, node.value) for node in self.own_nodes_of(ir.Assign, module, scope)]
        assignments += [((n.target,), n.value) for n in self.own_nodes_of(ir.AugmentedAssign, module, scope)]
        while True:
            new = {
                name
                for targets, value in assignments
                if not told.isdisjoint(ir.words(value))
                for target in targets
                for name in target_names(target)
            }
            if new <= told:
                break
            told |= new
        if any(not told.isdisjoint(ir.words(node)) for node in self.own_nodes_of(ir.Return, module, scope)):
            return True
        branches = (n for n in self.own_nodes_of(ir.If, module, scope) if not told.isdisjoint(ir.words(n.test)))
        return any(
            isinstance(inner, ir.Return) for node in branches for inner in ir.walk_own((*node.body, *node.orelse))
        )


def attribute_by_text(node: object) -> str | None:
    """The attribute that `getattr(…, "name")` reads."""
    match node:
        case ir.Call(func=ir.Name(id="getattr"), args=(_, ir.Constant(value=str() as name), *_)):
            return name
        case _:
            return None
