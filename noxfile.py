"""The tests on every Python that joinlint supports: `nox`, or `nox -s tests-3.13 -- tests/integration` for some.

A version that is not on this machine is skipped, and nox says so.  Python 3.14 is also tested in a chroot, where the
machine is Linux and one is root: see scripts/python314.sh.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

VERSIONS = ["3.11", "3.12", "3.13", "3.14"]

nox.needs_version = ">=2025.5"
nox.options.sessions = ["tests", "tests_in_chroot"]
# Even where CI is set: a machine has the Pythons that it has.
nox.options.error_on_missing_interpreters = False

# pyenv's Pythons are not on the path unless they are made global, all at once.
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *map(str, sorted(PYENV.glob("versions/3.*/bin")))])


@nox.session(python=VERSIONS)
def tests(session: nox.Session) -> None:
    """Run the tests, or what is said of them after `--`."""
    session.install("--quiet", "--editable", ".[test]")
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session(python=False)
def tests_in_chroot(session: nox.Session) -> None:
    """Run the tests on Debian's Python 3.14 in a chroot, if there is no other 3.14."""
    if shutil.which("python3.14"):
        session.skip("python3.14 is on this machine: tests-3.14 has run")
    if sys.platform != "linux" or os.geteuid() != 0:
        session.skip("a chroot with Python 3.14 needs Linux and root")
    session.run("scripts/python314.sh", *session.posargs, external=True)
