"""What a run found, held against a baseline."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from joinlint.baseline.identity import Identity, identities
from joinlint.findings import Finding
from joinlint.paths import relative_path


@dataclass(frozen=True, slots=True)
class Comparison:
    """The findings that the baseline does not know, in order, how many it held back, and how many of it are gone."""

    new: tuple[Finding, ...]
    held_back: int
    gone: int


def counted(findings: Sequence[Finding], lines: Mapping[str, Sequence[str]], folder: str) -> Counter[Identity]:
    """What a baseline in `folder` is to know of the findings; `lines` has those of each one's source."""
    return Counter(identities(findings, lines, folder))


def compare(
    findings: Sequence[Finding],
    lines: Mapping[str, Sequence[str]],
    known: Counter[Identity],
    folder: str,
    *,
    files: Iterable[str],
    codes: Collection[str],
) -> Comparison:
    """Hold the findings of a run, in order, against the baseline in `folder`, which knows `known`.

    Of findings alike the first ones count as known.  What is known of files that the run did not check, unless they are
    there no more, or of rules that it did not run (`codes`), is not gone.
    """
    left = Counter(known)
    new = []
    for finding, identity in zip(findings, identities(findings, lines, folder), strict=True):
        if left[identity] > 0:
            left[identity] -= 1
        else:
            new.append(finding)
    checked = {relative_path(file, folder) for file in files}
    gone = sum(
        count
        for identity, count in left.items()
        if identity.code in codes
        and (identity.path in checked or not os.path.exists(os.path.join(folder, identity.path)))
    )
    return Comparison(tuple(new), len(findings) - len(new), gone)
