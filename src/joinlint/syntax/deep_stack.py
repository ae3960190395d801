"""Room for recursion over what is nested as deeply as `limits.NESTING` allows."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from joinlint import limits

T = TypeVar("T")


def with_deep_stack(function: Callable[[], T]) -> T:
    """The result of `function`, called in a thread with a large stack.  Raises what it raises."""
    results: list[T] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(limits.STACK_BYTES)
    try:
        sys.setrecursionlimit(max(limit, limits.FRAMES))
        thread = threading.Thread(target=call, name="joinlint", daemon=True)  # a Ctrl-C need not wait for it
        thread.start()
    finally:
        threading.stack_size(size)
    thread.join()
    sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]
