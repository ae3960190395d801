"""What makes a finding the same one in two versions of a file: a short text that does not change when lines move."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence

from joinlint.findings import Finding
from joinlint.paths import relative_path


def fingerprints(findings: Sequence[Finding], lines: Mapping[str, Sequence[str]], folder: str = os.curdir) -> list[str]:
    """The fingerprint of each finding, 32 hexadecimal digits, in the order given; no two are alike.

    It follows from the file's name relative to `folder`, the code, the text of the finding's line without the blanks
    around it, and a number that tells findings alike in all of these apart, counted from the top of the file.  `lines`
    has the lines of each source by its name; a line that is not there counts as empty.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    found = [""] * len(findings)
    for index, finding in sorted(enumerate(findings), key=lambda pair: pair[1].sort_key()):
        identity = (relative_path(finding.filename, folder), finding.code, _line(finding, lines))
        # JSON, since it keeps the parts apart and has an escape for what UTF-8 can't hold.
        text = json.dumps([*identity, seen[identity]])
        found[index] = hashlib.sha256(text.encode("ascii")).hexdigest()[:32]
        seen[identity] += 1
    return found


def _line(finding: Finding, lines: Mapping[str, Sequence[str]]) -> str:
    of_file = lines.get(finding.source, ())
    row = finding.span.start.row
    return of_file[row - 1].strip() if row <= len(of_file) else ""
