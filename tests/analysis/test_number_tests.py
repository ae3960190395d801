"""Which tests of a number can hold together."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from joinlint.program.purity import Key, can_hold, compared

NUMBERS = st.sampled_from(["0", "1", "2"]) | st.sampled_from(["0.5", "1"])
TESTS = st.tuples(st.sampled_from(["==", "<", "<=", ">", ">="]), NUMBERS)
# All that the numbers above tell apart.
CANDIDATES = [quarter / 4 for quarter in range(-20, 21)]


def key_of(op: str, number: str) -> Key:
    return ("compare", op, ("name", "app:main", "x"), ("constant", "float" if "." in number else "int", number))


def holds_together(known: dict[tuple[str, str], bool]) -> bool:
    """By trying numbers: whole ones where nothing else is asked for and one is to be equal, or not."""
    are_whole = not any("." in number for _, number in known) and any(op == "==" for op, _ in known)
    numbers = [number for number in CANDIDATES if not are_whole or number.is_integer()]
    return any(all(compared(op, x, float(n)) is so for (op, n), so in known.items()) for x in numbers)


@settings(max_examples=1_500)
@given(st.dictionaries(TESTS, st.booleans(), max_size=5), TESTS, st.booleans())
def test_a_test_can_hold_where_some_number_passes_all(
    assumed: dict[tuple[str, str], bool], asked: tuple[str, str], outcome: bool
) -> None:
    assumed.pop(asked, None)
    other = ("compare", "==", ("name", "app:main", "y"), ("constant", "int", "0"))
    known: dict[Key, bool] = {key_of(*test): so for test, so in assumed.items()}
    assert can_hold({**known, other: True}, key_of(*asked), outcome) is holds_together({**assumed, asked: outcome})
