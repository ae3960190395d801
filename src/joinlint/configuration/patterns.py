"""Which paths a glob pattern means, as ruff's `exclude` has it."""

from __future__ import annotations

import fnmatch
import glob
import os
from typing import NamedTuple


class Pattern(NamedTuple):
    """A glob pattern with the absolute path of the folder that it is relative to.

    Without a slash, but for one at its end, it is the name of a file or folder at any depth below that folder, with one
    a path from there.  `*` and `?` match slashes, too; `**` between slashes also matches no folder at all.  What covers
    a folder covers what is in it.
    """

    text: str
    folder: str

    def covers(self, path: str) -> bool:
        """Does the pattern mean the absolute path of a file or folder, or a folder above it?

        Outside of the pattern's folder, a pattern without a slash is compared with the last part of the path only, and
        never with the folder itself and those above it.
        """
        path = path.replace(os.sep, "/")
        folder = self.folder.replace(os.sep, "/").rstrip("/")
        text = self.text.replace(os.sep, "/")
        if "/" in text.rstrip("/"):
            return _match(path, os.path.normpath(os.path.join(glob.escape(folder) + "/", text)).replace(os.sep, "/"))
        if path.startswith(f"{folder}/"):
            return _match(path[len(folder) :], f"**/{text.rstrip('/')}")
        return not f"{folder}/".startswith(f"{path}/") and _match(os.path.basename(path), text.rstrip("/"))


class FileIgnore(NamedTuple):
    """The codes to leave out in the files that `pattern` covers, or in all others if it is `negated`."""

    pattern: Pattern
    negated: bool
    codes: tuple[str, ...]

    def holds_for(self, path: str) -> bool:
        """Are the codes to be left out in the file at the absolute `path`?"""
        return self.pattern.covers(path) is not self.negated


def _match(path: str, pattern: str) -> bool:
    """Compare part by part, each between slashes of its own: so `**` can stand for no part, and names match as a whole.

    fnmatch's expressions don't go back over what a `*` has matched: no pattern takes long.
    """
    parts = "".join("*" if part == "**" else f"/{part}/" for part in pattern.split("/") if part)
    return fnmatch.fnmatchcase("".join(f"/{part}/" for part in path.split("/") if part), f"{parts}*")
