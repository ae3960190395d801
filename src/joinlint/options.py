"""What the user says about a project that its source does not: the part of the settings that the analysis heeds."""

from __future__ import annotations

from typing import NamedTuple

START_METHODS = ("fork", "forkserver", "spawn")


class Options(NamedTuple):
    """How to analyse.

    `threads`: a thread has to be joined like a process.  `process_classes` and `join_functions` are dotted names:
    classes that are processes whatever their source says, and functions that join the processes they are given.
    `start_methods` are those under which the project has to run.
    """

    threads: bool = False
    process_classes: tuple[str, ...] = ()
    join_functions: tuple[str, ...] = ()
    start_methods: tuple[str, ...] = START_METHODS


DEFAULT = Options()
