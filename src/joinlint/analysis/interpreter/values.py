"""Abstract values: what an expression may evaluate to, as far as the one process that is followed is concerned.

A value that can't reach that process is None.
"""

from __future__ import annotations

from joinlint.program import ir
from joinlint.records import by_value

# How to get from an object to the process that it holds: ".name" for an attribute, "*" for an arbitrary element,
# "#repr" for the element under a constant key or index.
Path = tuple[str, ...]

ANY = "*"
MODULE_ROOT = "module"
# Names of what is no attribute of a process, yet comes from it: what is_alive() has said, and a weak reference.
ALIVE = "is_alive()"
WEAK = "weak reference"


@by_value
class Ours:
    """The process that is followed."""


@by_value
class Ref:
    """A place in an object: `root` names the object, `prefix` leads from it to the place."""

    root: str
    prefix: Path = ()


@by_value
class Bound:
    """An attribute read off a value: a method not yet called, or a fact such as `pid` or `exitcode`."""

    value: Value
    name: str


@by_value
class Closure:
    """A function of the project or a lambda, by its scope."""

    module: str
    scope: str


@by_value
class Partial:
    """A callable with arguments already given."""

    function: Value
    args: tuple[Value, ...]


@by_value
class Suspended:
    """What calling a function gives that does not run at once.

    `when` says what makes it run: "iterated", "awaited", "entered" (a context manager) or "thread" (started).
    """

    when: str
    module: str
    scope: str
    receiver: Value
    arguments: tuple[tuple[Value, str | None], ...]


@by_value
class Known:
    """A constant; `kind` keeps 1, 1.0 and True apart."""

    value: object
    kind: type


Value = Ours | Ref | Bound | Closure | Partial | Suspended | Known | None

OURS = Ours()


def known(value: object) -> Value:
    """The abstract value of a constant; strings and numbers too long to matter are not kept."""
    if value is None or isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) < 40):
        return Known(value, type(value))
    return None


def daemon_flag(value: Value, if_none: str = "no") -> str:
    """What `daemon=value` makes of a process: "yes", "no" or "unknown"; None leaves it as it is by default."""
    if not isinstance(value, Known):
        return "unknown"
    return if_none if value.value is None else "yes" if value.value else "no"


def steps_of(value: Value) -> int:
    """How many attributes in a row have been read, and partials made of partials, to come to the value."""
    count = 0
    while isinstance(value, (Bound, Partial)):
        value, count = value.value if isinstance(value, Bound) else value.function, count + 1
    return count


def key_step(constant: object) -> str:
    """The step to the element under a constant key or index."""
    return f"#{ir.literal(constant)}"[:60]
