"""What the project's files say of each other."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import joinlint
from joinlint.rule_page import as_markdown, example, folder_name
from joinlint.rules import all_rules

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
RULES = pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.code)


@pytest.fixture(scope="module")
def write_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "scripts" / "write_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_version_is_said_once() -> None:
    assert PROJECT["project"]["version"] == joinlint.__version__
    usage = (ROOT / "docs" / "usage.md").read_text(encoding="utf-8")
    assert f"rev: v{joinlint.__version__}" in README
    assert f"rev: v{joinlint.__version__}" in usage


def test_codes_and_names() -> None:
    for code, rule in all_rules().items():
        assert re.fullmatch(r"JL\d{3}", code)
        assert rule.code == code
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    assert len({rule.name for rule in all_rules().values()}) == len(all_rules())


@RULES
def test_documentation(rule: joinlint.rules.Rule) -> None:
    headings = re.findall(r"^## (.*)$", rule.documentation, re.MULTILINE)
    assert headings == ["What it does", "Why is this bad?", "Known limits", "Options"]
    assert "\n" not in rule.summary
    assert 15 < len(rule.summary) < 120
    assert rule.summary[0].islower() or not rule.summary[0].isalpha()
    assert not rule.summary.endswith(".")


@RULES
def test_fixtures(rule: joinlint.rules.Rule) -> None:
    folder = ROOT / "tests" / "fixtures" / folder_name(rule)
    assert len(list(folder.glob("flagged_*.py"))) >= 6
    assert len(list(folder.glob("corrected_*.py"))) >= 6
    assert example(rule, "flagged") is not None
    assert example(rule, "corrected") is not None


def test_every_folder_of_fixtures_has_its_rule() -> None:
    folders = {
        path.name for path in (ROOT / "tests" / "fixtures").iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    assert folders == {folder_name(rule) for rule in all_rules().values()}


def test_generated_documentation_is_current(write_docs: ModuleType) -> None:
    for name, text in write_docs.pages().items():
        file = ROOT / name
        assert file.is_file(), f"{name}: run scripts/write_docs.py"
        assert file.read_text(encoding="utf-8") == text, f"{name}: run scripts/write_docs.py"


@RULES
def test_page_says_what_was_observed(rule: joinlint.rules.Rule) -> None:
    assert "\n## What the tests observed\n" in as_markdown(rule), "run pytest with --write-evidence"


def test_no_page_without_a_rule() -> None:
    assert {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")} == {*all_rules(), "index"}


def test_readme_names_every_rule_and_shows_a_report() -> None:
    for rule in all_rules().values():
        assert f"| {rule.name} |" in README
    assert "= help:" in README
    assert 'external = ["JL"]' in README


def test_ci_runs_the_readmes_command() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3 -m venv ")]
    assert len(commands) == 2
    assert commands[0].endswith("joinlint check --exit-zero tests/fixtures")
    assert commands[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_ci_builds_the_site() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    commands = re.findall(r"`(\.venv/bin/sphinx-build [^`]*)`", contributing)
    assert len(commands) == 1
    assert commands[0] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_nox_runs_the_versions_that_are_promised() -> None:
    promised = re.findall(r":: (3\.\d+)$", "\n".join(PROJECT["project"]["classifiers"]), re.MULTILINE)
    assert f"VERSIONS = {promised}".replace("'", '"') in (ROOT / "noxfile.py").read_text(encoding="utf-8")


def test_changelog_names_every_rule() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for rule in all_rules().values():
        assert f"{rule.code} {rule.name}" in changelog


def test_hook() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["id"], hook["entry"], hook["language"]) == ("joinlint", "joinlint check", "python")
    assert (hook["types_or"], hook["require_serial"]) == (["python", "jupyter"], True)


@pytest.mark.network
def test_wheel(tmp_path: Path, package_index: None) -> None:
    """An installed joinlint brings its types and its examples along."""
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, ROOT], check=True)
    (wheel,) = tmp_path.glob("joinlint-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"joinlint/py.typed", "joinlint/_evidence.md"} <= set(names)
    assert {"joinlint/audit/page.css", "joinlint/audit/page.js"} <= set(names)
    for rule in all_rules().values():
        for kind in ("flagged", "corrected"):
            assert f"joinlint/_fixtures/{folder_name(rule)}/{kind}_{rule.example}.py" in names
    assert not [name for name in names if name.startswith(("tests", "joinlint/_fixtures/__pycache__"))]
