"""Functions that a call runs, or makes ready to run, though its own name does not tell: handed to a library's runner,
registered as commands, kept in a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from joinlint.program import ir, library_calls
from joinlint.program.modules import FunctionKey, Modules

NOW = "now"
ITERATED = "iterated"
THREAD = "thread"


class Entry(NamedTuple):
    """A function of the project, and when it runs: at the call (`NOW`), when what the call gives is iterated over, or
    when that is started (`THREAD`)."""

    when: str
    function: FunctionKey


# What registers a function as a command of the object that calls it.
_REGISTERS = frozenset({"command", "callback", "group", "default", "main"})


class Entries:
    """Finds the entries of calls, and the properties that reading an attribute runs."""

    def __init__(self, program: Modules) -> None:
        self._program = program

    def of_call(self, call: ir.Call, module: str, scope: str) -> tuple[Entry, ...]:
        """What `call`, made inside `scope` of the module, runs beside the function that it names."""
        func = call.func
        if isinstance(func, ir.Name) and func.id in self._commands[module]:
            return tuple(Entry(NOW, key) for key in self._registered_on(func.id, module))
        if isinstance(func, (ir.Subscript, ir.Call)):
            table = _table_name(func)
            return tuple(Entry(NOW, key) for key in self._tables[module].get(table, ())) if table else ()
        last = ir.word(func)
        if last in self._wrapped and (wrappers := tuple(self._wrappers_of(func, module, scope))):
            return tuple(Entry(NOW, key) for key in wrappers)
        if last not in library_calls.RUNNER_WORDS:
            return ()
        dotted = self._program.names[module].dotted(func, scope)
        if "builtins.map" in dotted and len(call.args) > 1:
            return tuple(Entry(ITERATED, key) for key in self._functions(call.args[0], module, scope))
        if dotted & {"threading.Thread", "threading.Timer"}:
            position = 0 if "threading.Timer" in dotted else 1
            target = call.argument(position, "target") or call.argument(position, "function")
            return () if target is None else tuple(Entry(THREAD, k) for k in self._functions(target, module, scope))
        if dotted & library_calls.RUNS_ITS_ARGUMENT:
            given = (*call.args, *(k.value for k in call.keywords))
            found = [key for value in given for key in self._functions(value, module, scope)]
            if not given and "fire.Fire" in dotted:
                functions = self._program.modules[module].functions.values()
                found = [(module, f.scope) for f in functions if f.parent is None and f.owner is None]
            return tuple(Entry(NOW, key) for key in found)
        return ()

    def of_attribute(self, node: ir.Attribute, module: str, scope: str) -> Iterator[FunctionKey]:
        """The properties of the project that reading the attribute may run."""
        if node.attr in self._properties:
            for reference in self._program.names[module].resolve(node, scope):
                if reference.kind == "function" and (reference.module, reference.name) in self._properties[node.attr]:
                    yield (reference.module, reference.name)

    def _functions(self, value: ir.Expression, module: str, scope: str) -> Iterator[FunctionKey]:
        """The functions that a value is, or holds."""
        if isinstance(value, ir.Lambda):
            yield (module, value.function.scope)
        elif isinstance(value, ir.DictDisplay):
            for item in value.values:
                yield from self._functions(item, module, scope)
        elif isinstance(value, ir.Display):
            for item in value.items:
                yield from self._functions(item, module, scope)
        elif isinstance(value, (ir.Name, ir.Attribute)):
            for reference in self._program.names[module].resolve(value, scope):
                if reference.kind == "function" and self._program.function(reference) is not None:
                    yield (reference.module, reference.name)

    @cached_property
    def _wrapped(self) -> dict[str, dict[FunctionKey, tuple[FunctionKey, ...]]]:
        """By name: the functions that are decorated by one of the project, and the inner functions of that which take
        their places."""
        table: dict[str, dict[FunctionKey, tuple[FunctionKey, ...]]] = defaultdict(dict)
        for module in self._program.modules.values():
            for function in module.functions.values():
                if function.decorators:
                    found = tuple(self._wrappers(function, module.name))
                    if found:
                        table[function.name][(module.name, function.scope)] = found
        return dict(table)

    def _wrappers(self, function: ir.Function, module: str) -> Iterator[FunctionKey]:
        for decorator in function.decorators:
            is_made = isinstance(decorator, ir.Call)
            target = decorator.func if isinstance(decorator, ir.Call) else decorator
            for key in self._functions(target, module, function.parent or ir.MODULE_SCOPE):
                for inner in self._returned(key):
                    yield from self._returned(inner) if is_made else (inner,)

    def _returned(self, key: FunctionKey) -> Iterator[FunctionKey]:
        """The inner functions that a function returns."""
        module, scope = key
        for node in self._program.own_nodes_of(ir.Return, self._program.modules[module], scope):
            if isinstance(node.value, ir.Name):
                for inner in self._functions(node.value, module, scope):
                    if self._program.modules[inner[0]].functions[inner[1]].parent == scope:
                        yield inner

    def _wrappers_of(self, func: ir.Expression, module: str, scope: str) -> Iterator[FunctionKey]:
        found = self._wrapped[ir.word(func)]
        for key in self._functions(func, module, scope):
            yield from found.get(key, ())

    @cached_property
    def _commands(self) -> dict[str, dict[str, list[str]]]:
        """By module and name: the functions that a decorator `@name.command()` registers on it."""
        table: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for module in self._program.modules.values():
            for function in module.functions.values():
                for decorator in function.decorators:
                    target = decorator.func if isinstance(decorator, ir.Call) else decorator
                    if isinstance(target, ir.Attribute) and target.attr in _REGISTERS:
                        if isinstance(target.value, ir.Name):
                            table[module.name][target.value.id].append(function.scope)
        return table

    def _registered_on(self, name: str, module: str) -> Iterator[FunctionKey]:
        seen: set[str] = set()
        pending = [name]
        while pending:
            for scope in self._commands[module].get(pending.pop(), ()):
                if scope not in seen:
                    seen.add(scope)
                    pending.append(scope)  # a group of commands in the group
                    yield (module, scope)

    @cached_property
    def _tables(self) -> dict[str, dict[str, list[FunctionKey]]]:
        """By module and global name: the functions in the dict or list that it is given."""
        table: dict[str, dict[str, list[FunctionKey]]] = defaultdict(dict)
        for module in self._program.modules.values():
            for node in self._program.own_nodes(module, ir.MODULE_SCOPE):
                if isinstance(node, ir.Assign) and isinstance(node.value, (ir.DictDisplay, ir.Display)):
                    functions = list(self._functions(node.value, module.name, ir.MODULE_SCOPE))
                    for target in node.targets:
                        if functions and isinstance(target, ir.Name):
                            table[module.name][target.id] = functions
        return table

    @cached_property
    def _properties(self) -> dict[str, set[FunctionKey]]:
        table: dict[str, set[FunctionKey]] = defaultdict(set)
        for module in self._program.modules.values():
            for function in module.functions.values():
                if function.owner is not None and is_property(function):
                    table[function.name].add((module.name, function.scope))
        return dict(table)


def is_property(function: ir.Function) -> bool:
    """Does reading the attribute run the function?"""
    return any(name in {"property", "cached_property"} for name in decorator_names(function))


def decorator_names(function: ir.Function) -> list[str]:
    """The last names of the decorators, called or not."""
    names = []
    for decorator in function.decorators:
        target = decorator.func if isinstance(decorator, ir.Call) else decorator
        if isinstance(target, ir.Name):
            names.append(target.id)
        elif isinstance(target, ir.Attribute):
            names.append(target.attr)
    return names


def is_context_manager(function: ir.Function) -> bool:
    """Is it a generator that a `with` runs up to its yield, and then to its end?"""
    return not _MANAGERS.isdisjoint(decorator_names(function))


_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})


def _table_name(func: ir.Subscript | ir.Call) -> str:
    """`TABLE` of `TABLE[key]` and `TABLE.get(key)`."""
    match func:
        case ir.Subscript(value=ir.Name(id=name)) | ir.Call(func=ir.Attribute(value=ir.Name(id=name), attr="get")):
            return name
        case _:
            return ""
