"""What the processes of the tests of jobs run: it has to be importable there."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from joinlint.configuration.lookup import SettingsLookup
from joinlint.progress import Progress, unseen
from joinlint.project_check import ProjectOutcome, ProjectTask, check_project


class Unpicklable(Exception):
    """An exception that holds what can't be pickled."""

    def __init__(self) -> None:
        super().__init__("held")
        self.lock = threading.Lock()


def doubled(number: int) -> int:
    return 2 * number


def process_of(_: object) -> int:
    return os.getpid()


def failing(number: int) -> int:
    if number == 3:
        raise FileNotFoundError(2, "no such thing", "x.py")
    return number


def failing_oddly(_: int) -> int:
    raise Unpicklable


def leaving(number: int) -> int:
    """Ends its process in the middle of the task 0."""
    if number == 0:
        os._exit(3)
    return number


def killed_once(mark: str) -> str:
    """Is killed on the first try of a task, which is the name of a file that then is there."""
    if not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return mark


def noting(folder: str) -> str:
    """Writes down its process and takes long."""
    Path(folder, str(os.getpid())).touch()
    time.sleep(60)
    return folder


def check_project_and_leave(task: ProjectTask, lookup: SettingsLookup, progress: Progress = unseen) -> ProjectOutcome:
    """Ends its process for the project called "bad"."""
    if os.path.basename(task.root) == "bad":
        os._exit(3)
    return check_project(task, lookup, progress)


told: list[str] = []


def check_project_and_tell(task: ProjectTask, lookup: SettingsLookup, progress: Progress = unseen) -> ProjectOutcome:
    """Says in `told` of this process which projects it has checked."""
    told.append(os.path.basename(task.root))
    return check_project(task, lookup, progress)
