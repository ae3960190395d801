"""JL407: the arguments for a worker are no tuple of arguments."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.facts.data import TEXT
from joinlint.analysis.misuse.constructors import WrongArguments
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program import models
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports `args=(x)` without the comma that makes a tuple, `args="text"`, `args=5`, `apply_async(work, (x))` and the like,
where the value is known to be no tuple or list of arguments: a constant, an f-string, the result of `int()`, `str()`
or `len()`, an object that can't be iterated over, such as a queue or a lock. A name in parentheses is also reported
when the target takes exactly one argument and nothing says that the name stands for a sequence. Reports `kwargs=` only
where it is evidently no mapping.

## Why is this bad?

A string is taken for a sequence of arguments: the target is given one per letter, and fails with TypeError in the child
or, if it accepts any number, works on the letters. Anything that is no iterable raises TypeError: in the constructor of
Process, and for a Thread or a pool only in the worker, where nobody may look.

## Known limits

A name without parentheses (`args=x`) is reported only when its value is known.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for wrong in analysis.wrong_arguments():
        yield _finding(analysis, wrong)


def _finding(analysis: ModuleAnalysis, wrong: WrongArguments) -> Finding:
    submission = wrong.submission
    in_worker = "in the thread" if submission.kind == models.THREAD else "in the worker"
    if wrong.name == "kwargs":
        words = "no mapping" if wrong.data is None else f"{wrong.data.words}, no mapping"
        message = f"the keyword arguments are {words}"
        consequence = "The worker fails with TypeError before it has done anything."
        advice = "Give a dict of the target's keyword arguments."
        return finding(RULE, analysis, submission.call.where, message, consequence, advice)
    if wrong.data is not None and wrong.data.kind == TEXT:
        message = f"the arguments are {wrong.data.words}, no tuple: the target gets one argument per character"
        consequence = (
            "The target fails with TypeError in the worker, or is given single characters, if it takes any number."
        )
    else:
        is_process = submission.kind == models.PROCESS
        fails = "TypeError in the constructor" if is_process else f"TypeError {in_worker}"
        if wrong.data is None:
            message = f"the parentheses around the arguments make no tuple without a comma: {fails}, or wrong arguments"
        else:
            message = f"the arguments are {wrong.data.words}, no tuple: {fails}"
        consequence = (
            "The constructor raises TypeError, since it is not iterable."
            if is_process
            else f"The call fails with TypeError {in_worker}, where nobody may look."
        )
    return finding(
        RULE,
        analysis,
        submission.call.where,
        message,
        consequence,
        "Write args=(x,), with the comma that makes a tuple.",
    )


RULE = Rule(
    code="JL407",
    name="args-not-iterable",
    summary="the arguments are a single value without the comma that would make it a tuple",
    documentation=DOCUMENTATION,
    example="text",
    check=check,
)
