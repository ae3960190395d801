"""Whether one worker may depend on another: what each of them is given and what its function touches.

Anything that both may reach counts; that they only read it can't be told from what is written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from joinlint import limits
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.names import is_static
from joinlint.program.sites import Site

Token = tuple[object, ...]  # something that a worker can reach
_Known = set[tuple[str, str, int]]  # scope and name of variables, and the depth that was left at them
# What a worker is given is made of more than is looked at.
_ANYTHING: Token = ("anything",)

_NO_WORK = frozenset({"name", "daemon", "group"})
_CHANGES = frozenset(
    {"append", "extend", "insert", "add", "update", "remove", "discard", "pop", "popitem", "clear", "sort", "reverse"}
    | {"setdefault", "fill", "write", "appendleft", "popleft"}
)
# What makes an object that processes share, and that keeps what they write into it.
_SHARED_STATE = frozenset({"Array", "Value", "RawArray", "RawValue", "Namespace"})


def may_depend(program: Program, first: Site, second: Site) -> bool:
    """May the second worker need what the first one does?"""
    ours, theirs = set(_given_tokens(program, first)), set(_given_tokens(program, second))
    functions = target_functions(program, first), target_functions(program, second)
    if any(len(program.closure_of(run)) > limits.DEPENDENCE_FUNCTIONS for run in functions):
        return True
    if functions[0] != functions[1]:  # one function run twice is the same work on other things
        ours.update(_body_tokens(program, first, functions[0]))
        theirs.update(_body_tokens(program, second, functions[1]))
    return bool(ours & theirs) or _ANYTHING in ours | theirs


def carries_state(program: Program, site: Site, fresh: set[str]) -> bool:
    """Do the worker's rounds work on one object, so that each goes on from what the last one has left?

    `fresh` are the names that each round binds anew.
    """
    given = handed(site)
    names = {n for value in given for n in names_in(value)}
    if names & fresh:
        return False
    functions = target_functions(program, site)
    for key in functions:
        function = program.modules[key[0]].functions[key[1]]
        if _changed_parameters(program, key, function) & _parameters_given(site, function):
            return True
    shared = names if not functions else set()
    for key in functions:
        shared |= _changed_globals(program, key)
    return any(_is_shared_state(program, site, name) for name in shared)


# --- what a worker is given
# ------------------------------------------------------------------------------------------------------------------


def handed(site: Site) -> tuple[ir.Expression, ...]:
    """The values that the worker is given for its work."""
    call = site.call
    if site.kind == models.RESULT:
        return (*call.args[1:], *(k.value for k in call.keywords))
    if site.cls is not None:
        return (*call.args, *(k.value for k in call.keywords if k.name not in _NO_WORK))
    named = tuple(k.value for k in call.keywords if k.name in {"args", "kwargs"})
    return (*call.args[3:], *named, *_bound_by(target_of(site)))


def _bound_by(target: ir.Expression | None) -> tuple[ir.Expression, ...]:
    """The arguments that a partial() brings along."""
    if not isinstance(target, ir.Call):
        return ()
    return (*target.args[1:], *(k.value for k in target.keywords))


def target_of(site: Site) -> ir.Expression | None:
    """The function that the worker is to run, as it is written."""
    if site.kind == models.RESULT:
        return site.call.argument(0, "func")
    return site.call.argument(1, "target")


def target_functions(program: Program, site: Site) -> frozenset[FunctionKey]:
    """The project's functions that the worker runs."""
    if site.cls is not None and (run := program.classes.method(site.cls, "run")) is not None:
        return frozenset({(run[0], run[1].scope)})
    target = target_of(site)
    if isinstance(target, ir.Call) and target.args:
        target = target.args[0]  # functools.partial(f, …)
    if target is None:
        return frozenset()
    if isinstance(target, ir.Lambda):
        return frozenset({(site.module, target.function.scope)})
    references = program.names[site.module].resolve(target, site.scope)
    return frozenset((r.module, r.name) for r in references if r.kind == "function" and program.function(r) is not None)


def values_in(node: object) -> Iterator[object]:
    """The nodes of an expression, the keys of dicts left out."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(current.values if isinstance(current, ir.DictDisplay) else ir.parts(current))


def names_in(node: object) -> set[str]:
    """The plain names in an expression."""
    return {n.id for n in values_in(node) if isinstance(n, ir.Name)}


def _given_tokens(program: Program, site: Site) -> Iterator[Token]:
    known: _Known = set()
    for value in handed(site):
        yield from _value_tokens(program, value, site.module, site.scope, limits.DEPENDENCE_DEPTH, known)
    target = target_of(site)
    if isinstance(target, ir.Attribute) and not target_functions(program, site):
        yield from _value_tokens(program, target.value, site.module, site.scope, limits.DEPENDENCE_DEPTH, known)


def _value_tokens(
    program: Program, value: object, module: str, scope: str, depth: int, known: _Known | None = None
) -> Iterator[Token]:
    for node in values_in(value):
        if isinstance(node, ir.Constant) and isinstance(node.value, str) and node.value:
            yield ("text", node.value)
        elif isinstance(node, ir.Name) and node.id.isidentifier():  # a comprehension's own name differs in each round
            yield from _name_tokens(program, node.id, module, scope, depth, known)


def _name_tokens(
    program: Program, name: str, module: str, scope: str, depth: int, known: _Known | None = None
) -> Iterator[Token]:
    """The variable, and what its values are made of.

    `known` are the variables that have been looked at already, each with the depth that was left; None where it does
    not matter what else there is below.
    """
    names = program.names[module]
    if (depth == 0 and known is None) or not names.binding_kinds(name, scope) - {"function", "class", "import"}:
        return
    if any(d.startswith("multiprocessing") for d in names.dotted(ir.Name(name), scope)):
        return  # a context: whatever is made by it
    home = names.binding_scope(name, scope)
    values = list(_assigned(program, name, module, home))
    if values and all(_is_plain(value) for value, _ in values):
        return
    if known is not None:
        if (home, name, depth) in known:
            return
        if depth == 0 and not any((home, name, other) in known for other in range(limits.DEPENDENCE_DEPTH + 1)):
            yield _ANYTHING
        known.add((home, name, depth))
    if depth == 0:
        return
    yield ("name", module, home, name)
    for value, is_part in values:
        if is_part:
            yield ("part of", id(value))
        if not isinstance(value, ir.Constant):
            yield from _value_tokens(program, value, module, home, depth - 1, known)


def _assigned(program: Program, name: str, module: str, home: str) -> Iterator[tuple[ir.Expression, bool]]:
    """The values that the name is given in its scope; true for one that is taken apart, as a Pipe is."""
    for node in program.own_nodes(program.modules[module], home):
        if isinstance(node, ir.Assign):
            for target in node.targets:
                if isinstance(target, ir.Name) and target.id == name:
                    yield node.value, False
                elif isinstance(target, ir.Display) and name in names_in(target):
                    yield node.value, True


def _is_plain(value: ir.Expression) -> bool:
    """A number or flag, through which nothing depends on anything, or a logger."""
    if isinstance(value, ir.Call):
        return ir.word(value.func).lower() in {"getlogger", "get_logger"}
    return isinstance(value, ir.Constant) and not isinstance(value.value, (str, bytes)) and value.value is not None


# --- what its function touches
# ------------------------------------------------------------------------------------------------------------------


def _body_tokens(program: Program, site: Site, functions: Iterable[FunctionKey]) -> Iterator[Token]:
    """The globals, variables of enclosing functions, fields and files that the function reaches."""
    for module, scope in sorted(program.closure_of(functions)):
        names = program.names[module]
        function = program.modules[module].functions[scope]
        me = function.parameters[0].name if function.is_method and function.parameters else ""
        for node in program.own_nodes(program.modules[module], scope):
            if isinstance(node, ir.Name):
                if names.binding_scope(node.id, scope) != scope:
                    yield from _name_tokens(program, node.id, module, scope, 1)
            elif isinstance(node, ir.Attribute) and isinstance(node.value, ir.Name) and node.value.id == me:
                if f"{function.owner}.{node.attr}" not in program.modules[module].functions:
                    if site.cls is None and not is_static(function):
                        yield ("field", module, function.owner, node.attr)
            elif isinstance(node, ir.Constant) and isinstance(node.value, str) and _names_a_place(node.value):
                yield ("text", node.value)


def _names_a_place(text: str) -> bool:
    """A file or an address, as opposed to words to print."""
    return not any(c.isspace() for c in text) and ("/" in text.strip("/") or "." in text.strip("."))


def _changed_parameters(program: Program, key: FunctionKey, function: ir.Function) -> set[str]:
    return _changed(program, key) & {p.name for p in function.parameters}


def _changed_globals(program: Program, key: FunctionKey) -> set[str]:
    names = program.names[key[0]]
    return {name for name in _changed(program, key) if names.binding_scope(name, key[1]) == ir.MODULE_SCOPE}


def _changed(program: Program, key: FunctionKey) -> set[str]:
    """The names of objects that the function writes into."""
    found: set[str] = set()
    for node in program.own_nodes(program.modules[key[0]], key[1]):
        if isinstance(node, (ir.Assign, ir.AugmentedAssign)):
            for target in node.targets if isinstance(node, ir.Assign) else (node.target,):
                if not isinstance(target, (ir.Name, ir.Display)):
                    found |= base_names(target)
        elif isinstance(node, ir.Call) and isinstance(node.func, ir.Attribute) and node.func.attr in _CHANGES:
            found |= base_names(node.func.value)
    return found


def base_names(target: ir.Expression) -> set[str]:
    """The variables that assigning to `target` changes: not those of an index."""
    match target:
        case ir.Name(id=name):
            return {name}
        case ir.Attribute(value=value) | ir.Subscript(value=value) | ir.Starred(value=value):
            return base_names(value)
        case ir.Display(items=items):
            return {name for item in items for name in base_names(item)}
        case _:
            return set()


def changes(call: ir.Call) -> set[str]:
    """The variables whose objects a method call changes."""
    if isinstance(call.func, ir.Attribute) and call.func.attr in _CHANGES:
        return base_names(call.func.value)
    return set()


def _parameters_given(site: Site, function: ir.Function) -> set[str]:
    """The parameters that get a variable of the starter's, rather than a constant."""
    parameters = [p.name for p in function.parameters]
    if function.is_method and not is_static(function):
        parameters = parameters[1:]
    args, kwargs = site.call.keyword("args"), site.call.keyword("kwargs")
    given: set[str] = set()
    if isinstance(args, ir.Display):
        given |= {name for name, value in zip(parameters, args.items, strict=False) if names_in(value)}
    if isinstance(kwargs, ir.DictDisplay):
        for key, value in zip(kwargs.keys, kwargs.values, strict=True):
            if isinstance(key, ir.Constant) and isinstance(key.value, str) and names_in(value):
                given.add(key.value)
    return given


def _is_shared_state(program: Program, site: Site, name: str) -> bool:
    home = program.names[site.module].binding_scope(name, site.scope)
    for value, _ in _assigned(program, name, site.module, home):
        if isinstance(value, ir.Call):
            if ir.word(value.func) in _SHARED_STATE:
                return True
    return False
