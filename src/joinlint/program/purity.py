"""Tests that come out alike each time they run until a name in them is assigned: what paths may be correlated by."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from joinlint.program import ir
from joinlint.records import by_value

Variable = tuple[str, str]  # module and scope, name
Key = tuple[object, ...]  # a pure test
_PURE_FUNCTIONS = frozenset({"len", "isinstance", "hasattr", "callable", "bool", "int", "str", "min", "max"})
_PURE_METHODS = frozenset({"get", "startswith", "endswith", "lower", "upper", "strip", "isdigit"})
_NEGATIONS = {"!=": "==", "is not": "is", "not in": "in"}


def pure_key(expression: ir.Expression, variable: Callable[[str], Variable]) -> Key | None:
    """A value that is equal for expressions with the same meaning, None for one that may change by itself."""
    match expression:
        case ir.Name(id=name):
            return ("name", *variable(name))
        case ir.Constant(value=value):
            return ("constant", type(value).__name__, repr(value)[:80])
        case ir.Attribute(value=value, attr=attr):
            base = pure_key(value, variable)
            return None if base is None else ("attribute", base, attr)
        case ir.Subscript(value=value, index=index, is_slice=False):
            base, at = pure_key(value, variable), pure_key(index, variable)
            return None if base is None or at is None else ("element of", base, at)
        case ir.Compare(left=left, op=op, right=right):
            first, second = pure_key(left, variable), pure_key(right, variable)
            return None if first is None or second is None else ("compare", _NEGATIONS.get(op, op), first, second)
        case ir.BinaryOp(left=left, op=op, right=right):
            first, second = pure_key(left, variable), pure_key(right, variable)
            return None if first is None or second is None else ("binary", op, first, second)
        case ir.Call(func=func, args=args, keywords=()):
            return _pure_call(func, args, variable)
        case _:
            return None


def _pure_call(func: ir.Expression, args: tuple[ir.Expression, ...], variable: Callable[[str], Variable]) -> Key | None:
    given = [pure_key(a, variable) for a in args]
    if any(g is None for g in given):
        return None
    match func:
        case ir.Name(id=name) if name in _PURE_FUNCTIONS:
            return ("call", name, *given)
        case ir.Attribute(value=value, attr=attr) if attr in _PURE_METHODS:
            base = pure_key(value, variable)
            return None if base is None else ("method", attr, base, *given)
        case _:
            return None


def is_negated(expression: ir.Expression) -> bool:
    """Is the key of this comparison that of its opposite?"""
    return isinstance(expression, ir.Compare) and expression.op in _NEGATIONS


@by_value
class Mentioned:
    """What the outcome of a test hangs on: variables, attributes by their names, and calls."""

    variables: frozenset[Variable]
    attributes: frozenset[str]
    calls: bool


@lru_cache(maxsize=20_000)  # asked again for every state
def mentioned(key: Key) -> Mentioned:
    """What the test with this key asks."""
    variables: set[Variable] = set()
    attributes: set[str] = set()
    calls = False
    pending: list[object] = [key]
    while pending:
        match pending.pop():
            case ("name", str() as scope, str() as name):
                variables.add((scope, name))
            case ("attribute", inner, str() as attr):
                attributes.add(attr)
                pending.append(inner)
            case ("call" | "method", *inner):
                calls = True
                pending.extend(inner)
            case tuple() as inner:
                pending.extend(inner)
    return Mentioned(frozenset(variables), frozenset(attributes), calls)
