"""What shows that a child ran the program again, or that a guard keeps out what it should let in (JL20x)."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TypeVar

from joinlint.confirmation.history import Event, History, Site
from joinlint.confirmation.shown import Shown, at, error_text, raised, several, shown
from joinlint.evidence.handover_claims import CONTEXT_SET

Statement = TypeVar("Statement", bound=ast.stmt)

BOOTSTRAPPING = "bootstrapping phase"
_IDENTITY = re.compile(r"^(?P<file>.*):(?P<row>\d+): SyntaxWarning: \"is\" with", re.MULTILINE)


def is_unguarded(event: Event) -> bool:
    """A child that imports the program was refused a child of its own (CPython Lib/multiprocessing/spawn.py)."""
    return event["event"] == "start raised" and BOOTSTRAPPING in str(event["message"])


def unguarded(site: Site, history: History) -> Shown | None:
    """JL201: a child that imported the main module again came to this line, or into the `with` that it begins."""
    return refused_at_import(history, _refused(_whole(site, ast.With), history))


def _refused(site: Site, history: History) -> list[tuple[int, Event]]:
    return [(index, e) for index, e in history.through(site, "start raised") if is_unguarded(e)]


def earlier_failure(_site: Site, history: History) -> str:
    """JL201: why a line that has no guard either did no harm."""
    refused = any(map(is_unguarded, history.events))
    return "every child that came there had failed at an earlier line" if refused else ""


def refused_at_import(history: History, events: list[tuple[int, Event]]) -> Shown | None:
    """The evidence that refused starts are, if there are any."""
    if not events:
        return None
    children = {e["pid"] for _, e in events}
    who = f"process {min(children)}" if len(children) == 1 else f"{len(children)} processes"
    text = f"{who} imported the program again and was refused a child of its own: RuntimeError (bootstrapping phase)"
    refused = [worker for pid in children if (worker := history.worker(pid)) is not None]
    return shown(f"{text}, first at {at(history.seconds(events[0][1]))}", [i for i, _ in events], refused)


def malformed_guard(site: Site, history: History) -> Shown | None:
    """JL202: the guard lets a child in, ends it, fails, depends on the Python version, or never lets anyone in."""
    block = _block(site)
    let_in = [
        (index, e)
        for index, e in enumerate(history.events)
        if is_unguarded(e) and any(block.has(*line) for line in history.lines(e))
    ]
    if let_in:
        return refused_at_import(history, let_in)
    failed = [(i, e) for i, e in history.through(site, "uncaught") if e["type"] == "NameError"]
    if failed:
        return raised(history, failed)
    ended = [w for w in history.workers if w.kind == "process" and w.over is not None and w.begun is None]
    if ended and all(w.begun is None for w in history.workers if w.kind == "process") and _leaves(site):
        text = f"{several(ended)} ended with exit code {ended[0].exit_code} while importing the program again"
        return shown(f"{text}, and never came to its target", [], ended)
    for match in _IDENTITY.finditer(history.recording.stderr):
        if site.has(history.real(match["file"]), int(match["row"])):
            return shown('Python: SyntaxWarning: "is" with a literal; whether it holds depends on the version', [])
    return _never_entered(site, block, history)


def _never_entered(site: Site, block: Site, history: History) -> Shown | None:
    came = history.recording.status == 0 and not _leaves(site)
    inside = any(block.has(*line) for event in history.events for line in history.lines(event))
    if not came or inside or any(e["event"] == "recorder failed" for e in history.events):
        return None
    return shown("the program ended with status 0, and nothing in the block was run", [])


def _statement(site: Site, kind: type[Statement]) -> Statement | None:
    try:
        tree = ast.parse("".join(site.lines))
    except (SyntaxError, ValueError, RecursionError):
        return None
    found = (node for node in ast.walk(tree) if isinstance(node, kind) and node.lineno == site.first)
    return next(found, None)


def _whole(site: Site, kind: type[ast.stmt]) -> Site:
    """All lines of the statement of a kind that begins at the site, if one does."""
    statement = _statement(site, kind)
    return site if statement is None else replace(site, last=statement.end_lineno or site.last)


def _block(site: Site) -> Site:
    """The lines that the guard at the site guards."""
    statement = _statement(site, ast.If)
    if statement is None:
        return Site(site.filename, site.first, len(site.lines))
    return Site(site.filename, statement.body[0].lineno, statement.body[-1].end_lineno or statement.body[-1].lineno)


def _leaves(site: Site) -> bool:
    """Is what the guard guards an exit?"""
    statement = _statement(site, ast.If)
    calls = (node for node in ast.walk(statement) if isinstance(node, (ast.Call, ast.Raise))) if statement else ()
    return any("exit" in ast.unparse(node).lower() for node in calls)


def method_refused(site: Site, history: History) -> Shown | None:
    """JL204: the start method could not be set there, in the program or in a child that imports it again."""
    refused = [(i, e) for i, e in history.through(site, "method refused") if CONTEXT_SET in e["message"]]
    return raised(history, refused, [w for _, e in refused if (w := history.worker(e["pid"])) is not None])


def stale_value(site: Site, history: History) -> Shown | None:
    """JL205: the child lacks a value that its parent has; an old one shows in what it computes alone."""
    for worker in history.workers_built_at(site):
        if re.match(r"NameError: |AttributeError: 'NoneType' ", worker.raised):
            return shown(f"{worker.name} failed with {worker.raised}", [], [worker])
    failed = [
        (index, e)
        for index, e in _failures(site, history)
        if e["type"] == "NameError" or (e["type"] == "AttributeError" and "'NoneType'" in e["message"])
    ]
    return raised(history, failed)


def unpicklable(site: Site, history: History) -> Shown | None:
    """JL203: what was built or submitted there could not be sent to the child, or was lost on the way."""
    for index, _ in history.built_at(site):
        later = history.of_object(index)
        refused = [(i, e) for i, e in later if e["event"] == "start raised" and is_about_pickling(e)]
        if refused:
            return raised(history, refused)
        lost = {w.ident: w for w in history.workers_of(i for i, _ in later) if w.begun is None}
        gone = [(i, e) for i, e in enumerate(history.events) if _is_lost_argument(e) and e["pid"] in lost]
        if gone:
            workers = [lost[e["pid"]] for _, e in gone]
            text = f"{several(workers)} found what it was given gone before it ran: {error_text(gone[0][1])}"
            return shown(text, [i for i, _ in gone], workers)
    starts = [(i, e) for i, e in history.through(site, "start raised") if is_about_pickling(e)]
    return raised(history, starts or [(i, e) for i, e in _failures(site, history) if is_about_pickling(e)])


def shared_by_inheritance(site: Site, history: History) -> Shown | None:
    """JL206: an argument of a task submitted there may only be inherited."""
    return raised(history, [(i, e) for i, e in _failures(site, history) if is_only_inherited(e)])


def _failures(site: Site, history: History) -> list[tuple[int, Event]]:
    jobs = {event["job"] for _, event in history.through(site, "submitted")}
    return [(i, e) for i, e in enumerate(history.events) if e["event"] == "task failed" and e["job"] in jobs]


def is_about_pickling(event: Event) -> bool:
    """Is it what pickle says of something that it can't do?  It has worded that differently over the versions."""
    return re.search(r"pickl|can't get (local object|attribute)", str(event["message"]), re.IGNORECASE) is not None


def is_only_inherited(event: Event) -> bool:
    """Is it what multiprocessing says of something that may not be sent as an argument?"""
    said = ("should only be shared between processes through inheritance", "pool objects cannot be passed")
    return any(words in str(event["message"]) for words in said)


def _is_lost_argument(event: Event) -> bool:
    return bool(event["event"] == "uncaught" and event["type"] == "FileNotFoundError")
