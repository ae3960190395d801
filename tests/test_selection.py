"""Which rules run for which selection."""

from __future__ import annotations

import functools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from joinlint.rules import Rule
from joinlint.selection import Selection, UnknownCode, merged, refuse_unknown, selected_codes, suggestion


def _rule(code: str, name: str, default: bool = True) -> Rule:
    return Rule(
        code=code, name=name, summary="", documentation="", example="", check=lambda analysis: (), default=default
    )


RULES = {
    rule.code: rule
    for rule in (
        _rule("JL101", "never-joined"),
        _rule("JL102", "not-joined-on-all-paths"),
        _rule("JL103", "join-not-exception-safe", default=False),
        _rule("JL104", "daemon-never-joined", default=False),
        _rule("JL201", "missing-main-guard"),
    )
}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        pytest.param(Selection(), "JL101 JL102 JL201", id="the default ones"),
        pytest.param(Selection(select=("JL2",)), "JL201", id="a prefix"),
        pytest.param(Selection(select=("JL101", "JL2")), "JL101 JL201", id="several"),
        pytest.param(Selection(select=("JL",)), "JL101 JL102 JL201", id="all of them leaves opt-in rules off"),
        pytest.param(Selection(select=("JL1", "JL10")), "JL101 JL102", id="a longer prefix is no full code either"),
        pytest.param(Selection(select=("JL103",)), "JL103", id="an opt-in rule alone"),
        pytest.param(Selection(select=("JL1", "JL104")), "JL101 JL102 JL104", id="a family and an opt-in rule of it"),
        pytest.param(Selection(extend_select=("JL103",)), "JL101 JL102 JL103 JL201", id="one more"),
        pytest.param(Selection(extend_select=("JL1",)), "JL101 JL102 JL201", id="extending by a prefix"),
        pytest.param(Selection(select=("JL2",), extend_select=("JL101",)), "JL101 JL201", id="select and one more"),
        pytest.param(Selection(ignore=("JL1",)), "JL201", id="a family less"),
        pytest.param(Selection(ignore=("JL1",), extend_select=("JL101",)), "JL101 JL201", id="the longer one wins"),
        pytest.param(Selection(select=("JL1",), ignore=("JL101",)), "JL102", id="the longer one wins either way"),
        pytest.param(Selection(select=("JL101",), ignore=("JL101",)), "", id="ignore wins a draw"),
        pytest.param(
            Selection(extend_select=("JL103",), ignore=("JL103",)), "JL101 JL102 JL201", id="a draw of an opt-in rule"
        ),
        pytest.param(Selection(select=("JL",), ignore=("JL",)), "", id="everything ignored"),
    ],
)
def test_selection(selection: Selection, expected: str) -> None:
    assert selected_codes(selection, RULES) == set(expected.split())


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("JL999", "JL"),
        ("JL9", "JL"),
        ("JL1O1", "JL101"),
        ("JL1010", "JL101"),
        ("jl101", "JL101"),
        ("never-joined", "JL101"),
    ],
)
def test_unknown_code_is_named_with_the_nearest(wrong: str, nearest: str) -> None:
    with pytest.raises(UnknownCode) as caught:
        refuse_unknown(("JL101", wrong), RULES)
    assert repr(wrong) in str(caught.value)
    assert f"did you mean '{nearest}" in str(caught.value)


@pytest.mark.parametrize("wrong", ["", "E501", "ALL"])
def test_a_code_like_none_of_ours_is_refused(wrong: str) -> None:
    with pytest.raises(UnknownCode, match="unknown code"):
        refuse_unknown((wrong,), RULES)


def test_suggestion_for_a_code_like_none_of_ours() -> None:
    assert suggestion("E501", RULES) == "`joinlint rule --all` lists the codes"


SELECTORS = st.lists(st.sampled_from([code[:length] for code in RULES for length in (3, 4, 5)]), max_size=3).map(tuple)
SELECTIONS = st.builds(Selection, st.none() | SELECTORS, SELECTORS, SELECTORS)


def decides(selection: Selection, code: str) -> bool | None:
    """What a selection alone says of a rule: on, off, or nothing."""
    asked = (*(selection.select or ()), *selection.extend_select)
    wanted = [len(s) for s in asked if (code.startswith(s) if RULES[code].default else code == s)]
    unwanted = [len(s) for s in selection.ignore if code.startswith(s)]
    return max(wanted, default=0) > max(unwanted, default=0) if wanted or unwanted else None


@given(st.lists(SELECTIONS, min_size=1, max_size=3))
def test_of_several_selections_the_later_decides(selections: list[Selection]) -> None:
    for selection in selections:
        asked = (*(selection.select or ()), *selection.extend_select)
        assume(not set(asked) & set(selection.ignore))
    expected = {code: rule.default for code, rule in RULES.items()}
    for selection in selections:
        for code in RULES:
            decided = decides(selection, code)
            if selection.select is not None:
                expected[code] = bool(decided)
            elif decided is not None:
                expected[code] = decided
    codes = selected_codes(functools.reduce(merged, selections), RULES)
    assert codes == {code for code, is_on in expected.items() if is_on}
