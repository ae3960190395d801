"""What formats for other programs share: how a file is named, and how grave a finding is."""

from __future__ import annotations

import os
from urllib.parse import quote

from joinlint.findings import Finding
from joinlint.links import STDIN_NAME
from joinlint.rules import all_rules


def relative_name(filename: str) -> str:
    """The file's name with slashes: relative to the current folder where it lies below it, absolute elsewhere.

    Who names a file by a symbolic link to a folder means the file: it lies where the link leads.
    """
    if filename == STDIN_NAME:
        return filename
    here, path = os.getcwd(), os.path.abspath(filename)
    for folder in (os.path.dirname(path), os.path.realpath(os.path.dirname(path))):
        if os.path.join(folder, "").startswith(os.path.join(here, "")):
            path = os.path.relpath(os.path.join(folder, os.path.basename(path)), here)
            break
    return path.replace(os.sep, "/")


def uri(name: str) -> str:
    """The name of a file, slashes and all, as RFC 3986 has it; absolute ones become file URIs."""
    if not os.path.isabs(name):
        # A colon would make a scheme of what stands before it: quote() escapes it.
        return quote(os.fsencode(name))
    return f"file://{'' if name.startswith('/') else '/'}{quote(os.fsencode(name), safe='/:')}"


def is_opt_in(finding: Finding) -> bool:
    """Is it of a rule that runs only when asked for, since what it reports may well be meant?"""
    rule = all_rules().get(finding.code)
    return rule is not None and not rule.default
