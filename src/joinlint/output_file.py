"""Files that joinlint writes: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat

from joinlint.paths import reason


class CannotWrite(Exception):
    """A file can't be written; its text names it and says why."""


def write_file(filename: str, content: str | bytes) -> None:
    """Make `content` that of the file; text is written as UTF-8, and what that can't hold is spelled out.

    The file is replaced in one step: whoever reads it meanwhile sees the old content or the new, and a failure leaves
    the old one.  A symbolic link stays, and what it leads to is replaced if that lies below the link's own folder or
    the current one: elsewhere, whoever made the link would have a file overwritten that nobody has named.  Raises
    CannotWrite.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    try:
        _replace(_target(filename), data)
    except (OSError, ValueError) as error:
        raise CannotWrite(f"{filename}: cannot be written: {reason(error)}") from None


def _target(filename: str) -> str:
    """The file to write: `filename` or what it links to.  Raises OSError for a link to what must stay as it is."""
    target = os.path.realpath(filename)
    if os.path.islink(filename):
        folders = (os.path.realpath(os.path.dirname(filename) or "."), os.path.realpath("."))
        if not any(target.startswith(os.path.join(folder, "")) for folder in folders):
            raise OSError(0, f"it links to {target}, outside of this folder")
    return target


def _replace(target: str, data: bytes) -> None:
    mode = _mode(target)
    new = os.path.join(os.path.dirname(target), f".joinlint-{secrets.token_hex(8)}.tmp")
    try:
        with open(new, "xb") as file:
            file.write(data)
        if mode is not None:
            os.chmod(new, mode)
        os.replace(new, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(new)
        raise


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
