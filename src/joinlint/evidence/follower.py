"""Follows the record of a run as it grows, from the outside: what the program has started, and whether it is stuck."""

from __future__ import annotations

import json
import os
import re
import time
from typing import Any

from joinlint.evidence import processes
from joinlint.evidence.blocked import blocked_writes

_START = re.compile(rb'^\{"event": "start", .*"child": (\d+)', re.MULTILINE)
_UNGUARDED = re.compile(rb'^\{"event": "start raised", .*bootstrapping phase', re.MULTILINE)
_OF_JOINS = re.compile(rb'^\{"event": "(?:join begins|join ends|join raised|thread starts)".*$', re.MULTILINE)

# A join that lasts longer is looked at, so often; a child has to sleep so long in the same write to be called stuck.
_LONG_JOIN = 0.5
_LOOK_EVERY = 0.25
STUCK_SECONDS = 1.5


class Follower:
    """What the record has said so far.

    `started` are the processes that multiprocessing has started, `unguarded` counts the starts that were refused to
    children that import their main module, `has_event` says whether one of the events waited for has happened.
    """

    def __init__(self, path: str, events: tuple[str, ...]) -> None:
        self._path = path
        self._events = [f'{{"event": "{event}", '.encode() for event in events]
        self._read = 0
        self._joins: dict[tuple[int, int], dict[str, Any]] = {}
        self._with_threads: set[int] = set()
        self._blocked: dict[int, tuple[dict[str, str], float]] = {}
        self._noted: set[int] = set()
        self._next_look = 0.0
        self.started: set[int] = set()
        self.unguarded = 0
        self.has_event = False

    def follow(self) -> None:
        """Read what is new."""
        try:
            if os.stat(self._path).st_size == self._read:
                return
            with open(self._path, "rb") as file:
                file.seek(self._read)
                new = file.read()
        except OSError:
            return
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        self.started.update(map(int, _START.findall(whole)))
        self.unguarded += len(_UNGUARDED.findall(whole))
        self.has_event |= any(event in whole for event in self._events)
        for line in _OF_JOINS.findall(whole):
            self._follow_join(json.loads(line))

    def _follow_join(self, event: dict[str, Any]) -> None:
        if event["event"] == "thread starts":
            self._with_threads.add(event["pid"])
        elif event["event"] == "join begins" and event["timeout"] is None and event["child"] is not None:
            self._joins[event["pid"], event["child"]] = event
        elif event["event"] == "join ends":
            self._joins.pop((event["pid"], event["child"]), None)
        elif event["event"] == "join raised":
            self._joins = {key: join for key, join in self._joins.items() if key[0] != event["pid"]}

    # --- deadlocks

    def is_stuck(self) -> bool:
        """Will the program never go on, since it waits for a child that waits for a reader, and nobody reads?

        A child that waits while its parent waits for it is noted in the record, even if another one may be about to
        read.
        """
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + _LOOK_EVERY
        stuck = [
            join for join in self._joins.values() if now - join["time"] > _LONG_JOIN and self._has_waited(join, now)
        ]
        for join in stuck:
            if join["child"] not in self._noted:
                self._noted.add(join["child"])
                self._note(join)
        return bool(stuck) and self._nobody_reads(now)

    def _has_waited(self, join: dict[str, Any], now: float) -> bool:
        child = join["child"]
        blocked = blocked_writes(child)
        before, since = self._blocked.get(child, ({}, now))
        if not blocked or blocked != before:
            self._blocked[child] = (blocked, now)
            return False
        return now - since > STUCK_SECONDS

    def _nobody_reads(self, now: float) -> bool:
        """Does each process of the run either wait to write or wait for another in a join, with no thread besides?"""
        for pid in processes.below(os.getpid()):
            if pid in self._with_threads:
                return False
            if any(parent == pid for parent, _ in self._joins):
                continue
            # Those that the fork server has made look like itself.
            if pid not in self.started and processes.is_helper(pid):
                continue
            if not blocked_writes(pid):
                return False
        return all(now - join["time"] > STUCK_SECONDS for join in self._joins.values())

    def _note(self, join: dict[str, Any]) -> None:
        place = {key: join[key] for key in ("file", "line", "callers")}
        event = {"event": "stuck", "pid": join["pid"], "time": time.monotonic(), "child": join["child"], **place}
        line = json.dumps({**event, "blocked": {str(join["child"]): self._blocked[join["child"]][0]}}) + "\n"
        try:
            with open(self._path, "ab") as file:
                file.write(line.encode())
        except OSError:
            return
