"""Which threads wait for room to write in, by /proc (Linux).

Part of joinlint and of the recorder alike, so that it needs nothing but the standard library.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress

# Where a thread sleeps in the kernel (/proc/PID/task/TID/wchan) when a pipe or a socket is full.
_FULL = ("pipe_write", "pipe_wait", "sock_alloc_send")
_SLEEPS = re.compile(r"^voluntary_ctxt_switches:\s*(\d+)$", re.MULTILINE)


def blocked_writes(pid: int) -> dict[str, str]:
    """The threads of a process that can't go on writing, with the number of times that each has gone to sleep.

    That number stays the same for as long as nobody reads.
    """
    threads = f"/proc/{pid}/task"
    found = {}
    with suppress(OSError):  # the process or one of its threads may just have ended
        for thread in os.listdir(threads):
            with open(f"{threads}/{thread}/wchan") as file:
                waits_in = file.read()
            if any(full in waits_in for full in _FULL):
                with open(f"{threads}/{thread}/status") as file:
                    found[f"{thread} in {waits_in}"] = _SLEEPS.findall(file.read())[0]
    return found
