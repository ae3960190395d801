"""What several test files share."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import hypothesis
import pytest

import joinlint
from joinlint.flake8_plugin import Plugin
from joinlint.options import DEFAULT

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("without deadlines", deadline=None)
hypothesis.settings.load_profile("without deadlines")

# A shell starts what it puts into the background with Ctrl-C ignored, and programs inherit that: those that the tests
# interrupt would never hear of it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-evidence",
        action="store_true",
        help="write docs/evidence.md from what the integration tests observe, instead of comparing it with that",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Thousands of processes import joinlint in these tests: they find it compiled, also where they may not write."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(Path(joinlint.__file__).parent, quiet=2)


@pytest.fixture(scope="session")
def package_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips the test where pip can't fetch what building joinlint needs."""
    folder = tmp_path_factory.mktemp("index")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--timeout", "10", "--retries", "1"]
    try:
        result = subprocess.run(
            [*command, "--dest", str(folder), "hatchling"], capture_output=True, text=True, timeout=120, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip("the package index does not answer")
    if result.returncode:
        pytest.skip("no package index can be reached")


@pytest.fixture
def unprivileged() -> Sequence[str]:
    """What makes permissions count for a command: nothing, unless this is root."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("this is root, and there is no setpriv to do without its privileges")
    privileges = "-dac_override,-dac_read_search"
    return ("setpriv", f"--bounding-set={privileges}", f"--inh-caps={privileges}")


@pytest.fixture(autouse=True)
def plugin_without_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """flake8 gives our plugin its options by way of the class: none of a test before."""
    monkeypatch.setattr(Plugin, "options", DEFAULT)
    monkeypatch.setattr(Plugin, "asked_for", frozenset())
