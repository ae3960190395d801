"""What a program puts into its containers, by the names and fields that hold them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from joinlint.program import container_methods, ir
from joinlint.program.index import Program
from joinlint.program.names import is_static

# (module, scope, name) or (module, class, .field) to what is added there, each with the scope that adds it.
Place = tuple[str, str, str]
Additions = dict[Place, list[tuple[ir.Expression, str]]]


_ADDING = frozenset({ir.Call, ir.Assign, ir.AugmentedAssign})


def additions(program: Program) -> Additions:
    """All that the program appends to containers, or stores in them under an index."""
    table: Additions = defaultdict(list)
    for module in program.modules.values():
        for scope, _ in program.blocks(module):
            for node in program.own_nodes(module, scope):
                for container, added in _additions(node) if type(node) in _ADDING else ():
                    place = _place(program, container, module, scope)
                    if place is not None:
                        table[place].extend((value, scope) for value in added)
    return dict(table)


def _place(program: Program, container: ir.Expression, module: ir.Module, scope: str) -> Place | None:
    if isinstance(container, ir.Name):
        return module.name, program.names[module.name].binding_scope(container.id, scope), container.id
    function = module.functions.get(scope)
    if isinstance(container, ir.Attribute) and isinstance(container.value, ir.Name) and function is not None:
        if function.owner is not None and is_receiver(function, container.value.id):
            return module.name, function.owner, f".{container.attr}"
    return None


def is_receiver(function: ir.Function, name: str) -> bool:
    """Is the parameter `self` or `cls`?"""
    if function.owner is None or is_static(function) or not function.parameters:
        return False
    return function.parameters[0].name == name


def _additions(node: object) -> Iterator[tuple[ir.Expression, tuple[ir.Expression, ...]]]:
    """The container that a statement or call adds to, with what it adds."""
    match node:
        case ir.Call(func=ir.Attribute(value=container, attr=attr), args=args) if (
            attr in container_methods.ADDS_ELEMENT and args
        ):
            yield container, args[-1:]
        case ir.Call(func=ir.Attribute(value=container, attr=attr), args=(ir.Display(items=items),)) if (
            attr in container_methods.ADDS_ALL
        ):
            yield container, items
        case ir.Call(
            func=ir.Attribute(value=container, attr=attr), args=(ir.Comprehension(element=element, kind=kind),)
        ) if attr in container_methods.ADDS_ALL and kind != "dict":
            yield container, (element,)
        case ir.Assign(targets=(ir.Subscript(value=container, is_slice=False),), value=value):
            yield container, (value,)
        case ir.AugmentedAssign(target=container, op="Add", value=ir.Display(items=items)):
            yield container, items
        case ir.AugmentedAssign(target=container, op="Add", value=ir.Comprehension(element=element)):
            yield container, (element,)
