"""What the exit status of joinlint says."""

from __future__ import annotations

CLEAN, FOUND, FAILED, INTERRUPTED = 0, 1, 2, 130

# The end of a help page.
EXIT_CODES = """
\b
Exit status:
  0  nothing found
  1  something found
  2  something could not be checked, or the call is wrong
"""
