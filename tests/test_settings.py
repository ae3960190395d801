"""Which rules run for which selection."""

from __future__ import annotations

import pytest

from joinlint.rules import Rule
from joinlint.settings import Settings, UnknownCode, selected_codes, suggestion


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
    ("settings", "expected"),
    [
        pytest.param(Settings(), "JL101 JL102 JL201", id="the default ones"),
        pytest.param(Settings(select=("JL2",)), "JL201", id="a prefix"),
        pytest.param(Settings(select=("JL101", "JL2")), "JL101 JL201", id="several"),
        pytest.param(Settings(select=("JL",)), "JL101 JL102 JL201", id="all of them leaves opt-in rules off"),
        pytest.param(Settings(select=("JL1", "JL10")), "JL101 JL102", id="a longer prefix is no full code either"),
        pytest.param(Settings(select=("JL103",)), "JL103", id="an opt-in rule alone"),
        pytest.param(Settings(select=("JL1", "JL104")), "JL101 JL102 JL104", id="a family and one of its opt-in rules"),
        pytest.param(Settings(extend_select=("JL103",)), "JL101 JL102 JL103 JL201", id="one more"),
        pytest.param(Settings(extend_select=("JL1",)), "JL101 JL102 JL201", id="extending by a prefix"),
        pytest.param(Settings(select=("JL2",), extend_select=("JL101",)), "JL101 JL201", id="select and one more"),
        pytest.param(Settings(ignore=("JL1",)), "JL201", id="a family less"),
        pytest.param(Settings(ignore=("JL1",), extend_select=("JL101",)), "JL101 JL201", id="the longer one wins"),
        pytest.param(Settings(select=("JL1",), ignore=("JL101",)), "JL102", id="the longer one wins either way"),
        pytest.param(Settings(select=("JL101",), ignore=("JL101",)), "", id="ignore wins a draw"),
        pytest.param(
            Settings(extend_select=("JL103",), ignore=("JL103",)), "JL101 JL102 JL201", id="a draw of an opt-in rule"
        ),
        pytest.param(Settings(select=("JL",), ignore=("JL",)), "", id="everything ignored"),
    ],
)
def test_selection(settings: Settings, expected: str) -> None:
    assert selected_codes(settings, RULES) == set(expected.split())


@pytest.mark.parametrize("option", ["select", "extend_select", "ignore"])
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
def test_unknown_code_is_named_with_the_nearest(option: str, wrong: str, nearest: str) -> None:
    with pytest.raises(UnknownCode) as caught:
        selected_codes(Settings(**{option: ("JL101", wrong)}), RULES)
    assert repr(wrong) in str(caught.value)
    assert f"did you mean '{nearest}" in str(caught.value)


@pytest.mark.parametrize("wrong", ["", "E501", "ALL"])
def test_a_code_like_none_of_ours_is_refused(wrong: str) -> None:
    with pytest.raises(UnknownCode, match="unknown code"):
        selected_codes(Settings(select=(wrong,)), RULES)


def test_suggestion_for_a_code_like_none_of_ours() -> None:
    assert suggestion("E501", RULES) == "`joinlint rule --all` lists the codes"
