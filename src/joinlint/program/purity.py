"""Tests that come out alike each time they run until a name in them is assigned: what paths may be correlated by."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise

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
            return ("constant", type(value).__name__, ir.literal(value)[:80])
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


@by_value
class NumberTest:
    """A comparison of a function's own variable with a number."""

    subject: Variable
    op: str
    number: float


# Larger numbers may have no float of their own.
_EXACT = 2.0**53


@lru_cache(maxsize=20_000)
def number_test(key: Key) -> NumberTest | None:
    """What the test with this key compares with a number, where that is all it does."""
    match key:
        case ("compare", str() as op, ("name", *subject), ("constant", "int" | "float", str() as number)):
            scope, name = map(str, subject)
            if op in _ORDERS and "x" not in number and abs(float(number)) < _EXACT:
                return NumberTest((scope, name), op, float(number))
    return None


def can_hold(assumed: Mapping[Key, bool], key: Key, outcome: bool) -> bool:
    """Can the test come out like that, with what is assumed of the same variable?  Tries a number in each stretch that
    the tests tell apart.

    A variable that is compared with nothing but whole numbers, and asked to be equal to one, is taken to be one.
    """
    asked = number_test(key)
    if asked is None:
        return True
    known = [(test, so) for k, so in assumed.items() if (test := number_test(k)) and test.subject == asked.subject]
    known.append((asked, outcome))
    numbers = sorted({test.number for test, _ in known})
    are_whole = all(number.is_integer() for number in numbers) and any(test.op == "==" for test, _ in known)
    between = ((a + b) / 2 for a, b in pairwise(numbers) if not are_whole or b - a > 1)
    candidates = (numbers[0] - 1, *numbers, *between, numbers[-1] + 1)
    return any(all(compared(test.op, c, test.number) is so for test, so in known) for c in candidates)


def compared(op: str, left: float, right: float) -> bool | None:
    """What a comparison of two numbers says; None where `op` does not compare numbers."""
    return _ORDERS[op](left, right) if op in _ORDERS else None


_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


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
