"""Frozen dataclasses that cost little: thousands are made for each file, and their classes at each start.

To type checkers they are frozen.  At run time nobody keeps a field from being assigned: a frozen class takes three
times as long to make, and so do its instances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def by_value(cls: type[T]) -> type[T]:
    """A class whose instances are equal by what they hold."""
    return dataclass(slots=True, unsafe_hash=True, repr=False)(cls)


@dataclass_transform(frozen_default=True, eq_default=False)
def by_identity(cls: type[T]) -> type[T]:
    """A class whose instances are equal to nothing but themselves."""
    return dataclass(slots=True, eq=False, repr=False)(cls)
