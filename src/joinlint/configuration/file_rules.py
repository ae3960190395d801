"""Which rules run in a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache

from joinlint.configuration.lookup import SettingsLookup
from joinlint.configuration.settings import Settings
from joinlint.rules import all_rules
from joinlint.selection import Selection, merged, selected_codes


def codes_for(settings: Settings, filename: str) -> frozenset[str]:
    """The codes of the rules that `settings` select for a file."""
    return _selected(selection_for(settings, filename))


def codes_in(filenames: Iterable[str], lookup: SettingsLookup) -> frozenset[str]:
    """The codes of the rules that run in any of the files."""
    return frozenset[str]().union(*(codes_for(lookup.of_file(name).settings, name) for name in filenames))


def selection_for(settings: Settings, filename: str) -> Selection:
    """The selection for a file, with what is left out in it among the codes to ignore."""
    path = os.path.abspath(filename)
    ignored = tuple(code for each in settings.per_file_ignores if each.holds_for(path) for code in each.codes)
    return merged(settings.selection, Selection(ignore=ignored))


@cache
def _selected(selection: Selection) -> frozenset[str]:
    return selected_codes(selection, all_rules())
