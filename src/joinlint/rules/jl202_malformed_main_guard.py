"""JL202: a main guard that does not guard."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.analysis.spawning.main_guards import malformed_guards
from joinlint.findings import Finding
from joinlint.program import guards, ir
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports an `if` that is meant as a main guard and is none: one that can never hold (`__name__ == "main"`, `"__main"`,
`"__name__" == "__main__"`), that always holds (`if "__main__":`, `if __name__:`, `if not __name__ == "main":`,
`__name__ in ("__main__", "__mp_main__")`), that fails (`__name__ == __main__`), that depends on the Python version
(`is`), or that ends the child as well: `if __name__ != "__main__": sys.exit()`, or the same by `raise`, in the `else`
of a guard or by `assert __name__ == "__main__"`.

## Why is this bad?

Where it never holds, the program silently does nothing. Where it always holds, every child under spawn and forkserver
runs the main program again and dies with RuntimeError, as without a guard (JL201). `__name__ == __main__` raises
NameError. `is` was skipped silently on CPython 3.8 to 3.12 in what was measured and works on 3.13. An early exit ends
the child before it can find its target.

## Known limits

Only conditions at module level, and those of functions that nothing calls before, are looked at. A test that names
`"__mp_main__"` may well be meant to hold in the child: it is reported only where it starts a worker. In a package's
`__main__.py`, which the child does not import again, a guard that always holds or an early exit does no harm.

## Options

None.
"""

_CONSEQUENCES = {
    guards.NEVER_HOLDS: "The block is skipped silently: the program does nothing and exits with 0.",
    guards.ALWAYS_HOLDS: "The block runs in every child too (spawn, forkserver), which dies with RuntimeError when it "
    "starts a process there.",
    guards.RAISES: "The script ends with NameError before anything is started.",
    guards.BY_CHANCE: "Whether two equal strings are one object depends on the Python version: up to 3.12 the block "
    "was skipped silently.",
    guards.ENDS_CHILD: "The child imports this file as well (spawn, forkserver) and ends here, before it can run its "
    "target.",
    guards.WRONG_WAY: "Run as a script it does nothing; imported, by a child too, it starts the work.",
    guards.NOT_CALLED: "The block is never reached: the program does nothing and exits with 0.",
}
_ADVICE = 'Write `if __name__ == "__main__":` at the end of the module.'
_ADVICE_ON_EXIT = 'Put the main program under `if __name__ == "__main__":` and drop the exit.'


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for node, problem in malformed_guards(analysis.program, analysis.module):
        where = node.where
        if isinstance(node, ir.If):
            where = where._replace(end_row=node.test_where.end_row, end_column=node.test_where.end_column)
        advice = _ADVICE_ON_EXIT if problem.kind == guards.ENDS_CHILD else _ADVICE
        yield finding(RULE, analysis, where, problem.reason, _CONSEQUENCES[problem.kind], advice)


RULE = Rule(
    code="JL202",
    name="malformed-main-guard",
    summary="a main guard that can never hold, always holds or fails",
    documentation=DOCUMENTATION,
    example="compares_with_main",
    check=check,
)
