"""Tests that come out alike each time they run until a name in them is assigned: what paths may be correlated by."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
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


def above_zero(variable: Variable) -> Mapping[Key, bool]:
    """What tests tell of a variable with a number above zero."""
    name = ("name", *variable)
    return {name: True, ("compare", ">", name, ("constant", "int", "0")): True}


def can_hold(assumed: Mapping[Key, bool], key: Key, outcome: bool) -> bool:
    """Can the test come out like that, with what is assumed of the same variable?

    A variable that is compared with nothing but whole numbers, and asked to be equal to one, is taken to be one.
    """
    asked = number_test(key)
    if asked is None:
        return True
    known = [(test, so) for k, so in assumed.items() if (test := number_test(k)) and test.subject == asked.subject]
    known.append((asked, outcome))
    are_whole = any(test.op == "==" for test, _ in known) and all(test.number.is_integer() for test, _ in known)
    return _has_number(known, are_whole)


def _has_number(known: Sequence[tuple[NumberTest, bool]], are_whole: bool) -> bool:
    """Is there a number, or a whole one, for which all the tests come out as they are known to?"""
    low, high = -math.inf, math.inf  # as far as it may go, these included
    equal, others = set[float](), set[float]()
    for test, outcome in known:
        number = test.number
        match test.op, outcome:
            case "==", _:
                (equal if outcome else others).add(number)
            case (">=", True) | ("<", False):
                low = max(low, number)
            case ("<=", True) | (">", False):
                high = min(high, number)
            case (">", True) | ("<=", False):
                others.add(number)
                low = max(low, number)
            case _:
                others.add(number)
                high = min(high, number)
    if equal:
        (number, *more) = equal
        return not more and low <= number <= high and number not in others
    if low < high and not are_whole:
        return True
    # Of the whole numbers in between, or of the one that is left, some are out of the question.
    return high - low >= sum(low <= number <= high for number in others) if low <= high else False


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
