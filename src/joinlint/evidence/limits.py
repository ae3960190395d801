"""What a recorded program may use before it is ended, all in one place."""

from __future__ import annotations

# Seconds that a run may take, unless the caller says otherwise.
SECONDS = 60.0
# Processes alive at the same time, and started in the course of a run.
LIVE_PROCESSES = 200
STARTED_PROCESSES = 2_000
# Children that may die of starting a process while their main module is imported: a pool makes new ones for ever.
UNGUARDED_STARTS = 20
# Bytes of the record, and of each output's beginning and end: what lies between is counted and dropped.
RECORD_BYTES = 16 << 20
OUTPUT_BYTES = 256 << 10
# Seconds to end what a run has left, to let Python's own helper clean up after it, and to hear of that.
END_SECONDS = 10.0
TRACKER_SECONDS = 2.0
SUPERVISOR_SECONDS = 20.0
