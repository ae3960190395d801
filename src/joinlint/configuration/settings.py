"""Everything that can be set, in one frozen value: the only place that says what a key is called, takes and means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from joinlint.configuration.default_folders import NEVER_SEARCHED, SEARCHED_AS_PACKAGES
from joinlint.configuration.kinds import (
    BOOLEAN,
    CODES,
    FORMAT,
    IGNORES,
    METHODS,
    NAMES,
    PATH,
    PATTERNS,
    VERSION,
    Kind,
)
from joinlint.configuration.patterns import FileIgnore, Pattern
from joinlint.options import START_METHODS, Options
from joinlint.selection import Selection

# The first Python under which fork is the default nowhere (https://docs.python.org/3.14/library/multiprocessing.html).
_NO_FORK_BY_DEFAULT = (3, 14)


class Setting(NamedTuple):
    """A key: its kind of value and its documentation.

    `summary` is one sentence, for the help of the command line and the reference; `details` is Markdown that only the
    reference has.  `unset` says what holds where there is no default that TOML could write; `example` is TOML.  `adds`
    says that a value is added to those of less weight instead of taking their place.
    """

    kind: Kind
    summary: str
    example: str
    details: str = ""
    unset: str = ""
    adds: bool = False


class Settings(NamedTuple):
    """What the user wants, for one file: each field is a key of the settings files, with `-` for `_`.

    Patterns know their folder, and file names are absolute.  None stands for what no value of the key says: the rules
    that are on by default, the folders that are left out by default, and so on.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[FileIgnore, ...] = ()
    exclude: tuple[Pattern, ...] | None = None
    extend_exclude: tuple[Pattern, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    threads: bool = False
    process_classes: tuple[str, ...] = ()
    join_functions: tuple[str, ...] = ()
    start_methods: tuple[str, ...] | None = None
    target_version: tuple[int, int] | None = None
    output_format: str = "full"
    baseline: str | None = None

    @property
    def selection(self) -> Selection:
        """The keys that choose the rules."""
        return Selection(self.select, self.extend_select, self.ignore)

    @property
    def options(self) -> Options:
        """The keys that the analysis heeds."""
        return Options(
            threads=self.threads,
            process_classes=self.process_classes,
            join_functions=self.join_functions,
            start_methods=self.start_methods or _default_methods(self.target_version),
        )


def _default_methods(target_version: tuple[int, int] | None) -> tuple[str, ...]:
    if target_version is None or target_version < _NO_FORK_BY_DEFAULT:
        return START_METHODS
    return tuple(method for method in START_METHODS if method != "fork")


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


# What each field of Settings is called and means, in the order in which to show them.
SETTINGS: Mapping[str, Setting] = {
    "select": Setting(
        CODES,
        "Run these rules instead of the default ones.",
        'select = ["JL1", "JL201"]',
        details="""\
A code is that of a rule (`JL101`) or the beginning of some (`JL1`). Of several that fit a rule the longest decides, and
`ignore` wins a draw. Opt-in rules run only when their full code is selected.

On the command line, `--select` sets aside what `select`, `extend-select` and `ignore` of a settings file say; without
it, `--extend-select` and `--ignore` add to them, and win against them.""",
        unset="the rules that are on by default",
    ),
    "extend-select": Setting(CODES, "Run these rules as well.", 'extend-select = ["JL103"]'),
    "ignore": Setting(CODES, "Leave these rules out.", 'ignore = ["JL3"]'),
    "per-file-ignores": Setting(
        IGNORES,
        "Leave rules out in the files that a glob pattern covers.",
        '[tool.joinlint.per-file-ignores]\n"tests/*" = ["JL201"]\n"!src/*" = ["JL3"]',
        details="""\
A pattern that begins with `!` holds for the files that it does not cover. On the command line, write
`--per-file-ignores "tests/*:JL201,JL3"`.""",
    ),
    "exclude": Setting(
        PATTERNS,
        "Leave these files and folders out instead of the default ones.",
        'exclude = ["vendor", "tests/data/*.py"]',
        details=f"""\
Files and folders that are named on the command line are checked all the same, unless `force-exclude` is set. Files that
are left out are still read where they bear on those that are checked: what joins a process may be in one of them.

The default ones are virtual environments; {_quoted(NEVER_SEARCHED)}; and, unless they are packages,
{_quoted(SEARCHED_AS_PACKAGES)}.""",
        unset="virtual environments, the folders of tools, and build output that is no package",
    ),
    "extend-exclude": Setting(
        PATTERNS, "Leave these files and folders out as well.", 'extend-exclude = ["*_pb2.py"]', adds=True
    ),
    "force-exclude": Setting(
        BOOLEAN,
        "Leave excluded files out even if they are named.",
        "force-exclude = true",
        details="pre-commit names each file that has changed, so that nothing is excluded there without it.",
    ),
    "respect-gitignore": Setting(
        BOOLEAN,
        "Leave out what git ignores.",
        "respect-gitignore = false",
        details="""\
Heeded are `.gitignore` in each folder and `info/exclude` of the repository, not the user's own `core.excludesFile`,
which others who check the project don't have. A file of more than 1 MB is not heeded.""",
    ),
    "threads": Setting(
        BOOLEAN,
        "Ask for threads to be joined, too (JL101, JL102).",
        "threads = true",
        details="Other misuse of threads is reported in any case.",
    ),
    "process-classes": Setting(
        NAMES,
        "Take these classes for processes, whatever their source says.",
        'process-classes = ["cluster.workers.RemoteProcess"]',
        details="""\
For classes that behave like `multiprocessing.Process` and that joinlint can't see to be derived from it. A name is the
one by which the class is imported.""",
    ),
    "join-functions": Setting(
        NAMES,
        "Take these functions to join the processes that they are given.",
        'join-functions = ["cluster.workers.wait_for_all"]',
        details="For functions outside of the project; those in it are followed.",
    ),
    "start-methods": Setting(
        METHODS,
        "The start methods under which the project has to run.",
        'start-methods = ["spawn"]',
        details="What fails only under the others is not reported.",
        unset="all three; without fork where `target-version` is 3.14 or newer, which uses it only if told to",
    ),
    "target-version": Setting(
        VERSION,
        "The lowest version of Python that the project has to run on.",
        'target-version = "3.11"',
        details="Also written `py311`. It decides which start methods are default ones somewhere.",
        unset="any version",
    ),
    "output-format": Setting(
        FORMAT,
        "How to show what is found.",
        'output-format = "concise"',
        details="There is one output for a run: the settings of the current folder decide.",
    ),
    "baseline": Setting(
        PATH,
        "The file of findings that are known and not shown.",
        'baseline = "joinlint-baseline.json"',
        details="There is one baseline for a run: the settings of the current folder decide.",
        unset="none",
    ),
}


def field_of(key: str) -> str:
    """The field of Settings that has the value of a key."""
    return key.replace("-", "_")
