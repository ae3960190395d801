"""What is left out when folders are searched for Python files."""

from __future__ import annotations

import os
from typing import NamedTuple

from joinlint.configuration.default_folders import NEVER_SEARCHED, SEARCHED_AS_PACKAGES
from joinlint.configuration.layers import Resolved
from joinlint.configuration.patterns import Pattern
from joinlint.configuration.settings import Settings


class Exclusion(NamedTuple):
    """What is left out below a folder: what `patterns` cover, and the folders left out `by_default`."""

    patterns: tuple[Pattern, ...]
    by_default: bool

    def covers(self, path: str, *, folder: bool) -> bool:
        """Is the file or folder at the absolute `path` left out?"""
        if any(pattern.covers(path) for pattern in self.patterns):
            return True
        return self.by_default and folder and _is_left_out_by_default(path)


def exclusion_below(top: str, settings: Settings) -> Exclusion:
    """What `settings` leave out below `top`, which was named: a pattern that covers it would leave nothing."""
    return Exclusion(tuple(p for p in _patterns(settings) if not p.covers(top)), settings.exclude is None)


def is_excluded_though_named(path: str, resolved: Resolved) -> bool:
    """Do the settings leave out the file or folder at the absolute `path` even if it is named?"""
    if not resolved.settings.force_exclude:
        return False
    exclusion = Exclusion(_patterns(resolved.settings), resolved.settings.exclude is None)
    # The folders above the settings' own have names that say nothing of this project.
    below = [path, *_folders_between(path, resolved.folder)]
    return any(exclusion.covers(each, folder=os.path.isdir(each)) for each in below)


def _patterns(settings: Settings) -> tuple[Pattern, ...]:
    return (*(settings.exclude or ()), *settings.extend_exclude)


def _folders_between(path: str, top: str) -> list[str]:
    """The folders above `path` that lie below `top`."""
    folders = []
    path = os.path.dirname(path)
    while path.startswith(os.path.join(top, "")):
        folders.append(path)
        path = os.path.dirname(path)
    return folders


def _is_left_out_by_default(folder: str) -> bool:
    name = os.path.basename(folder)
    if name in NEVER_SEARCHED or os.path.exists(os.path.join(folder, "pyvenv.cfg")):
        return True
    return name in SEARCHED_AS_PACKAGES and not os.path.exists(os.path.join(folder, "__init__.py"))
