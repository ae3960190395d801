"""Comments that do not do what they say: JL901, and warnings of what can't be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from joinlint.after_comments import after_comments
from joinlint.cli import run
from joinlint.links import UNUSED_SUPPRESSION
from joinlint.rules import all_rules
from joinlint.sources import SourceFile

START = "import multiprocessing\n\n\ndef main():\n    multiprocessing.Process(target=print).start()"
DEFAULT = frozenset(code for code, rule in all_rules().items() if rule.default)

Capture = pytest.CaptureFixture[str]


def _unused(text: str, ran: frozenset[str] = DEFAULT) -> list[str]:
    """What is said of a file in which no rule finds anything."""
    reported = after_comments(SourceFile("a.py", text), (), ran, report_unused=True)
    assert all(finding.code == UNUSED_SUPPRESSION for finding in reported.findings)
    return [finding.message for finding in reported.findings]


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# noqa: JL101", "`# noqa: JL101` silences nothing"),
        ("# NOQA:JL3", "`# NOQA:JL3` silences nothing"),
        ("# noqa: E501, JL101", "`# noqa: E501, JL101` silences no JL101"),
        ("# noqa: JL101 E501 JL201", "`# noqa: JL101 E501 JL201` silences no JL101 or JL201"),
        ("# noqa: JL999", "`# noqa: JL999` silences nothing"),
        ("# noqa: E501  # noqa: JL101", "`# noqa: JL101` silences nothing"),
        ("# joinlint: ignore", "`# joinlint: ignore` silences nothing"),
        ("# joinlint: ignore[JL101, JL2]", "`# joinlint: ignore[JL101, JL2]` silences nothing"),
    ],
)
def test_unused(comment: str, message: str) -> None:
    assert _unused(f"x = 1  {comment}\n") == [message]


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # noqa\n",
        "x = 1  # noqa: E501\n",
        "x = 1  # noqa: jl101\n",
        "x = '# noqa: JL101'\n",
        '"""\n# joinlint: ignore\n"""\n',
        "x = 1  # joinlint: ignore[JL101\n",
        "x = 1  # noqa: JL101  # joinlint: skip-file\n# joinlint: skip-file\n",
        "x = 1  # noqa: JL101\n'''\n",
    ],
)
def test_not_judged(text: str) -> None:
    assert _unused(text) == []


@pytest.mark.parametrize(
    ("code", "ran", "is_judged"),
    [
        ("JL101", {"JL101"}, True),
        ("JL101", {"JL102"}, False),
        ("JL103", DEFAULT, False),
        ("JL103", DEFAULT | {"JL103"}, True),
        ("JL1", DEFAULT, True),
        ("JL1", {"JL101"}, False),
        ("JL", DEFAULT - {"JL301"}, False),
    ],
)
def test_only_rules_that_were_run_are_judged(code: str, ran: set[str], is_judged: bool) -> None:
    comment = f"# joinlint: ignore[{code}]" if code == "JL" else f"# noqa: {code}"
    assert bool(_unused(f"x = 1  {comment}\n", frozenset(ran))) is is_judged


def test_a_blanket_ignore_is_judged_by_the_default_rules() -> None:
    assert _unused("x = 1  # joinlint: ignore\n", DEFAULT - {"JL410"}) == []


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path / "app.py"


class TestCommand:
    CHECK = ("check", "--output-format", "concise")

    @pytest.mark.parametrize("comment", ["# noqa: JL101", "# joinlint: ignore[JL1]", "# joinlint: ignore", "# noqa"])
    def test_a_comment_in_use(self, app: Path, capsys: Capture, comment: str) -> None:
        app.write_text(f"{START}  {comment}\n")
        assert run([*self.CHECK, "--report-unused-noqa"]) == 0
        assert capsys.readouterr() == ("", "")

    def test_part_of_a_comment_in_use(self, app: Path, capsys: Capture) -> None:
        app.write_text(f"{START}  # noqa: JL101, JL102\n")
        assert run([*self.CHECK, "--report-unused-noqa"]) == 1
        assert capsys.readouterr().out == "app.py:5:52: JL901 `# noqa: JL101, JL102` silences no JL102\n"

    def test_only_with_the_option(self, app: Path, capsys: Capture) -> None:
        app.write_text("x = 1  # noqa: JL101\n")
        assert run([*self.CHECK]) == 0
        assert capsys.readouterr().out == ""

    def test_in_a_file_without_a_worker(self, app: Path, capsys: Capture) -> None:
        app.write_text("x = 1  # noqa: JL101\n")
        assert run([*self.CHECK, "--report-unused-noqa"]) == 1
        assert capsys.readouterr().out == "app.py:1:8: JL901 `# noqa: JL101` silences nothing\n"

    def test_no_comment_silences_it(self, app: Path, capsys: Capture) -> None:
        app.write_text("x = 1  # noqa: JL101, JL901\n")
        assert run([*self.CHECK, "--report-unused-noqa"]) == 1
        assert "JL901 `# noqa" in capsys.readouterr().out

    def test_the_full_form_leads_to_no_rule(self, app: Path, capsys: Capture) -> None:
        app.write_text("x = 1  # noqa: JL101\n")
        assert run(["check", "--report-unused-noqa"]) == 1
        shown = capsys.readouterr().out
        assert "unused-suppression" in shown
        assert "joinlint rule" not in shown

    def test_a_page_that_exists(self) -> None:
        from joinlint.links import rule_url

        page = rule_url(UNUSED_SUPPRESSION).rpartition("/blob/main/")[2]
        assert UNUSED_SUPPRESSION in (Path(__file__).parents[1] / page).read_text(encoding="utf-8")

    def test_malformed(self, app: Path, capsys: Capture) -> None:
        app.write_text(f"{START}  # joinlint: ignore JL101\n")
        assert run([*self.CHECK]) == 1
        out, err = capsys.readouterr()
        assert out.startswith("app.py:5:5: JL101 ")
        assert err == (
            "warning: app.py:5:52: `# joinlint: ignore` takes codes in brackets, such as `# joinlint: ignore[JL101]`\n"
        )

    def test_unknown_code(self, app: Path, capsys: Capture) -> None:
        app.write_text("x = 1  # joinlint: ignore[JL109, JL199]\n")
        assert run([*self.CHECK]) == 0
        assert capsys.readouterr().err.startswith(
            "warning: app.py:1:8: `# joinlint: ignore` names the unknown code 'JL199': did you mean 'JL1"
        )

    def test_quiet(self, app: Path, capsys: Capture) -> None:
        app.write_text("x = 1  # joinlint: ignore[]\n")
        assert run([*self.CHECK, "--quiet"]) == 0
        assert capsys.readouterr() == ("", "")
