"""`python -m joinlint`."""

from __future__ import annotations

import sys

if not sys.flags.safe_path:
    # Python looks for modules in the current folder first, where those lie that are to be checked, not run.
    del sys.path[0]

from joinlint.cli import main

main()
