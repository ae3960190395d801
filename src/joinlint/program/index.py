"""All modules of a run, and everything that is known about them together."""

from __future__ import annotations

from joinlint.program.code_facts import CodeFacts


class Program(CodeFacts):
    """The program: its modules, sites, calls, words and facts, each added by one class of the chain."""
