"""docs/evidence.md: how it is written from recordings, and when it disagrees with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from joinlint.evidence import page, table
from joinlint.evidence.fixtures import Case, cases
from joinlint.evidence.observed import normalised, words
from joinlint.evidence.run import Recording

NONE = Recording(1, (), 1, "", "")
FAILS = Recording(1, (), 1, "", "Traceback (most recent call last):\nNameError: name 'go' is not defined\n")
WORKS = Recording(1, ({"event": "end", "pid": 1, "unjoined": [], "daemons": []},), 0, "", "")


@pytest.fixture
def some(tmp_path: Path) -> list[Case]:
    """What is claimed in a folder with two flagged programs and a corrected one."""
    folder = tmp_path / "fixtures" / "JL202_malformed_main_guard"
    folder.mkdir(parents=True)
    for name, shows in (("flagged_a", "name-error"), ("flagged_b_c", "name-error"), ("corrected_a", "clean")):
        (folder / f"{name}.py").write_text(f"# Some program.\n# shows: {shows}\n", encoding="utf-8")
    return list(cases(folder.parent))


def recordings(some: list[Case], otherwise: Recording | None = None) -> table.Recordings:
    """All is as claimed, but for `flagged_a` under spawn if that is to be otherwise."""
    return {
        case.run: otherwise
        if otherwise and (case.path.stem, case.method) == ("flagged_a", "spawn")
        else FAILS
        if case.flagged
        else WORKS
        for case in some
    }


def test_start_methods_that_show_the_same_share_a_row(some: list[Case]) -> None:
    text = table.page(some, recordings(some))
    assert (
        page.section(text, "JL202")
        == """\
| start method | observed | programs | in one of them |
| --- | --- | --- | --- |
| fork, forkserver, spawn | the guard itself fails | 2 of 2 flagged \
| a: `NameError: name 'go' is not defined; exit status 1` |
| fork, forkserver, spawn | the program ends with status 0 and without a traceback, and has joined every child \
| 1 of 1 corrected | a: `exit status 0, no traceback, all joined` |"""
    )
    cell = "2 show, 1 clean"
    assert f"| [JL202 malformed-main-guard](#jl202-malformed-main-guard) | {cell} | {cell} | {cell} |" in text


def test_a_program_that_does_not_show_it(some: list[Case]) -> None:
    text = table.page(some, recordings(some, NONE))
    assert "| fork, forkserver | the guard itself fails | 2 of 2 flagged | a: `Name" in text
    assert "| spawn | the guard itself fails | 1 of 2 flagged | b c: `Name" in text
    assert "| 1 of 2 show, 1 clean |" in text


def test_agreement(some: list[Case]) -> None:
    seen = recordings(some)
    committed = table.page(some, seen)
    assert table.disagreement(some, seen, committed) == ""
    assert "+ JL202 malformed-main-guard spawn the guard itself fails 1 of 2 flagged" in table.disagreement(
        some, recordings(some, NONE), committed
    )


def test_any_line_that_was_seen_will_do(some: list[Case]) -> None:
    """Or the page would change when the first of many programs is given another name."""
    seen = recordings(some)
    committed = table.page(some, seen).replace("| a: `NameError", "| b c: `NameError")
    assert table.disagreement(some, seen, committed) == ""
    assert table.page(some, seen, committed) == committed
    assert "b d" in table.disagreement(some, seen, committed.replace("| b c: `NameError", "| b d: `NameError"))


def test_another_version_may_word_its_messages_otherwise(some: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    seen = recordings(some)
    monkeypatch.setattr("platform.python_version_tuple", lambda: ("3", "99", "0"))
    committed = table.page(some, seen)
    assert "Written with CPython 3.99 on Linux" in committed
    monkeypatch.undo()
    assert table.disagreement(some, seen, committed.replace("is not defined", "is unknown")) == ""
    assert table.disagreement(some, seen, committed.replace("2 of 2", "2 of 3")) != ""


def test_what_differs_from_run_to_run() -> None:
    said = "FileNotFoundError: '/tmp/joinlint-x1/a.py'  <function f at 0x7f01>\n pool_size=2 a/b"
    assert normalised(said) == "FileNotFoundError: '…/a.py' <function f at 0x…> pool_size=… a/b"
    assert len(normalised("long " * 99)) == 160


def test_every_claim_has_its_words(pytestconfig: pytest.Config) -> None:
    for case in cases(pytestconfig.rootpath / "tests" / "fixtures"):
        assert words(case.claim).claim


def test_the_page_has_every_folder_of_fixtures(pytestconfig: pytest.Config) -> None:
    for case in cases(pytestconfig.rootpath / "tests" / "fixtures"):
        assert page.section(page.committed(), case.code), f"{case.code}: run pytest tests/integration --write-evidence"
