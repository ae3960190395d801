"""Files that joinlint writes: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat

from joinlint.discovery import reason


class CannotWrite(Exception):
    """A file can't be written; its text names it and says why."""


def write_file(filename: str, content: str | bytes) -> None:
    """Make `content` that of the file; text is written as UTF-8, and what that can't hold is spelled out.

    The file is replaced in one step: whoever reads it meanwhile sees the old content or the new, and a failure leaves
    the old one.  A symbolic link stays, and what it leads to is replaced.  Raises CannotWrite.
    """
    target = os.path.realpath(filename)
    new = os.path.join(os.path.dirname(target), f".joinlint-{secrets.token_hex(8)}.tmp")
    try:
        mode = _mode(target)
        with open(new, "xb") as file:
            file.write(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)
        if mode is not None:
            os.chmod(new, mode)
        os.replace(new, target)
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError, ValueError):
            os.unlink(new)
        raise CannotWrite(f"{filename}: cannot be written: {reason(error)}") from None


def _mode(target: str) -> int | None:
    """The permissions of the file that is there, None if there is none.  Raises OSError where it must stay as it is."""
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return None
    # A device or pipe would become a regular file, and replacing a file does not ask whether it may be written to.
    if not stat.S_ISREG(mode):
        raise OSError(0, "is a folder" if stat.S_ISDIR(mode) else "is not a regular file")
    if not os.access(target, os.W_OK):
        raise PermissionError(0, "is read-only")
    return stat.S_IMODE(mode)
