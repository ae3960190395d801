"""The baseline as a file: JSON that a person can read and a version control system can compare, one finding a line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from joinlint.baseline.identity import Identity
from joinlint.output_file import write_file
from joinlint.paths import reason
from joinlint.regular_files import read_regular

_VERSION = 1


class BadBaseline(Exception):
    """A baseline that can't be read; its text names the file and says why."""


def read_baseline(filename: str) -> Counter[Identity]:
    """How many findings of each identity are known.  Raises BadBaseline."""
    try:
        content = read_regular(filename)
    except (OSError, ValueError) as error:
        raise BadBaseline(f"{filename}: cannot be read: {reason(error)}") from None
    try:
        baseline = json.loads(content)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else error
        raise BadBaseline(f"{filename}: is no baseline: {why}") from None
    if not isinstance(baseline, dict) or "version" not in baseline:
        raise BadBaseline(f"{filename}: is no baseline: it has no version")
    if type(baseline["version"]) is not int or baseline["version"] != _VERSION:
        raise BadBaseline(f"{filename}: has a version other than {_VERSION}: --write-baseline writes it anew")
    entries = baseline.get("findings")
    if not isinstance(entries, list):
        raise BadBaseline(f"{filename}: is no baseline: it has no list of findings")
    known: Counter[Identity] = Counter()
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or not _is_entry(entry):
            raise BadBaseline(f"{filename}: finding {number} of the list is not one: {_KEYS}")
        known[Identity(entry["path"], entry["code"], entry["context"], entry["text"])] += entry["count"]
    return known


_KEYS = "it needs the texts `path`, `code`, `context` and `text` and a `count` above 0"


def write_baseline(filename: str, known: Counter[Identity]) -> None:
    """Write a baseline, whole or not at all.  Raises CannotWrite."""
    entries = [_line(identity, known[identity]) for identity in sorted(known)]
    findings = "[\n" + ",\n".join(f"    {entry}" for entry in entries) + "\n  ]" if entries else "[]"
    write_file(filename, f'{{\n  "version": {_VERSION},\n  "findings": {findings}\n}}\n')


def _line(identity: Identity, count: int) -> str:
    # ASCII, since JSON has an escape for what UTF-8 can't hold, such as undecodable parts of a path.
    entry = {"path": identity.path, "code": identity.code, "context": identity.context, "text": identity.text}
    return json.dumps({**entry, "count": count})


def _is_entry(entry: Mapping[str, object]) -> bool:
    count = entry.get("count")
    texts = all(isinstance(entry.get(key), str) for key in ("path", "code", "context", "text"))
    return texts and type(count) is int and count > 0
