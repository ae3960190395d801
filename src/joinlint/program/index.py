"""All modules of a run, and everything that is known about them together."""

from __future__ import annotations

from collections.abc import Sequence

from joinlint.options import DEFAULT, Options
from joinlint.program import ir
from joinlint.program.budget import Budget
from joinlint.program.code_facts import CodeFacts


class Program(CodeFacts):
    """The program: its modules, sites, calls, words and facts, each added by one class of the chain.

    `budget` is with it because whoever runs the interpreter has the program at hand.
    """

    def __init__(self, modules: Sequence[ir.Module], options: Options = DEFAULT) -> None:
        super().__init__(modules, options)
        self.budget = Budget()
