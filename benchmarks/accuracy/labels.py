"""The labels: what was read in the packages, and which reports it asks for or forbids."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

GROUPS = ("lifecycle", "guard", "serial", "drain")
LIFECYCLE = frozenset({"JL101", "JL102"})
GUARD = frozenset({"JL201"})
SERIAL = frozenset({"JL301", "JL302"})
DRAIN = frozenset({"JL401"})


class Verdict(Enum):
    """What a label says of a report on its site."""

    WANTED = "wanted"
    REJECTED = "rejected"
    # The label does not decide it: neither a report nor silence counts.
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Site:
    """One place that starts a process, as its label describes it."""

    file: str
    start: int
    constructor: int | None
    joins: tuple[int, ...]
    daemon: str
    fate: str
    guard: str
    serial: str
    queue_join: str
    is_sure: bool
    why: str

    @property
    def folder(self) -> str:
        """The name of the package's folder."""
        return self.file.partition("/")[0]

    @property
    def lines(self) -> frozenset[int]:
        """The lines of the constructor and the start."""
        return frozenset({self.start} if self.constructor is None else {self.start, self.constructor})


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a site's label says of one group of rules: a report with one of `codes` on one of `lines` is wanted,
    rejected or free."""

    group: str
    codes: frozenset[str]
    lines: frozenset[int]
    verdict: Verdict


def read_sites(text: str) -> tuple[Site, ...]:
    """The sites in `text`, which has a JSON object a line."""
    return tuple(_site(json.loads(line)) for line in text.splitlines() if line.strip())


def _site(label: dict[str, Any]) -> Site:
    return Site(
        file=label["file"],
        start=label["start"],
        constructor=label["ctor"],
        joins=tuple(label["join"]),
        daemon=label["daemon"],
        fate=label["fate"],
        guard=label["guard"],
        serial=label["serial"],
        queue_join=label["queue_join"],
        is_sure=label["confidence"] != "low",
        why=label["why"],
    )


def expectations(site: Site) -> tuple[Expectation, ...]:
    """One expectation for each group of rules, in the order of GROUPS."""
    started = site.lines
    return (
        # That a process was ended and not joined may be said by either rule.
        Expectation(
            "lifecycle", LIFECYCLE | {"JL106"} if _is_ended_only(site) else LIFECYCLE, started, _lifecycle(site)
        ),
        Expectation("guard", GUARD, started, _of(site.guard, wanted="missing", rejected="ok")),
        # The report is at the join that waits too early.
        Expectation("serial", SERIAL, started.union(site.joins), _of(site.serial, wanted="serial", rejected="no")),
        Expectation("drain", DRAIN, started, _of(site.queue_join, wanted="yes", rejected="no")),
    )


def _lifecycle(site: Site) -> Verdict:
    if not site.is_sure:
        return Verdict.FREE
    match site.fate:
        case "joined" | "owned-joined":
            return Verdict.REJECTED
        case "joined-some-paths":
            return Verdict.FREE if site.daemon == "yes" else Verdict.WANTED
        case "never" | "owned-never":
            # A daemon may be left alone: JL104, which says it, is opt-in.
            return {"no": Verdict.WANTED, "yes": Verdict.REJECTED}.get(site.daemon, Verdict.FREE)
        case "terminated-only":
            return Verdict.WANTED if site.daemon == "no" else Verdict.FREE
        case "handed-over" | "timeout-only" | "unclear":
            return Verdict.FREE
        case other:
            raise ValueError(f"{site.file}:{site.start}: unknown fate {other!r}")


def _is_ended_only(site: Site) -> bool:
    return site.is_sure and site.fate == "terminated-only"


def _of(value: str, *, wanted: str, rejected: str) -> Verdict:
    return {wanted: Verdict.WANTED, rejected: Verdict.REJECTED}.get(value, Verdict.FREE)
