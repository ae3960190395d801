"""`python -m joinlint`."""

from __future__ import annotations

from joinlint.cli import main

main()
