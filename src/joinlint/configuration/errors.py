"""What can be wrong with settings."""

from __future__ import annotations


class WrongValue(ValueError):
    """A value that a key can't have; its text says why, to be read after the name of the key."""


class SettingsError(Exception):
    """Settings that can't be used; its text names the file or option, the place in it, and what is wrong."""
