"""Everything that can be set, in one frozen value: the only place that says what a key is called, takes and means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

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

_SETTING = "setting"
# The first Python under which fork is the default nowhere (https://docs.python.org/3.14/library/multiprocessing.html).
_NO_FORK_BY_DEFAULT = (3, 14)


@dataclass(frozen=True, slots=True)
class Setting:
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


def _key(default: Any, setting: Setting) -> Any:
    return field(default=default, metadata={_SETTING: setting})


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user wants, for one file: each field is a key of the settings files, with `-` for `_`.

    Patterns know their folder, and file names are absolute.  None stands for what no value of the key says: the rules
    that are on by default, the folders that are left out by default, and so on.
    """

    select: tuple[str, ...] | None = _key(
        None,
        Setting(
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
    )
    extend_select: tuple[str, ...] = _key((), Setting(CODES, "Run these rules as well.", 'extend-select = ["JL103"]'))
    ignore: tuple[str, ...] = _key((), Setting(CODES, "Leave these rules out.", 'ignore = ["JL3"]'))
    per_file_ignores: tuple[FileIgnore, ...] = _key(
        (),
        Setting(
            IGNORES,
            "Leave rules out in the files that a glob pattern covers.",
            '[tool.joinlint.per-file-ignores]\n"tests/*" = ["JL201"]\n"!src/*" = ["JL3"]',
            details="""\
A pattern that begins with `!` holds for the files that it does not cover. On the command line, write
`--per-file-ignores "tests/*:JL201,JL3"`.""",
        ),
    )
    exclude: tuple[Pattern, ...] | None = _key(
        None,
        Setting(
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
    )
    extend_exclude: tuple[Pattern, ...] = _key(
        (),
        Setting(PATTERNS, "Leave these files and folders out as well.", 'extend-exclude = ["*_pb2.py"]', adds=True),
    )
    force_exclude: bool = _key(
        False,
        Setting(
            BOOLEAN,
            "Leave excluded files out even if they are named.",
            "force-exclude = true",
            details="pre-commit names each file that has changed, so that nothing is excluded there without it.",
        ),
    )
    respect_gitignore: bool = _key(
        True,
        Setting(
            BOOLEAN,
            "Leave out what git ignores.",
            "respect-gitignore = false",
            details="""\
Heeded are `.gitignore` in each folder and `info/exclude` of the repository, not the user's own `core.excludesFile`,
which others who check the project don't have. A file of more than 1 MB is not heeded.""",
        ),
    )
    threads: bool = _key(
        False,
        Setting(
            BOOLEAN,
            "Ask for threads to be joined, too (JL101, JL102).",
            "threads = true",
            details="Other misuse of threads is reported in any case.",
        ),
    )
    process_classes: tuple[str, ...] = _key(
        (),
        Setting(
            NAMES,
            "Take these classes for processes, whatever their source says.",
            'process-classes = ["cluster.workers.RemoteProcess"]',
            details="""\
For classes that behave like `multiprocessing.Process` and that joinlint can't see to be derived from it. A name is the
one by which the class is imported.""",
        ),
    )
    join_functions: tuple[str, ...] = _key(
        (),
        Setting(
            NAMES,
            "Take these functions to join the processes that they are given.",
            'join-functions = ["cluster.workers.wait_for_all"]',
            details="For functions outside of the project; those in it are followed.",
        ),
    )
    start_methods: tuple[str, ...] | None = _key(
        None,
        Setting(
            METHODS,
            "The start methods under which the project has to run.",
            'start-methods = ["spawn"]',
            details="What fails only under the others is not reported.",
            unset="all three; without fork where `target-version` is 3.14 or newer, which uses it only if told to",
        ),
    )
    target_version: tuple[int, int] | None = _key(
        None,
        Setting(
            VERSION,
            "The lowest version of Python that the project has to run on.",
            'target-version = "3.11"',
            details="Also written `py311`. It decides which start methods are default ones somewhere.",
            unset="any version",
        ),
    )
    output_format: str = _key(
        "full",
        Setting(
            FORMAT,
            "How to show what is found.",
            'output-format = "concise"',
            details="There is one output for a run: the settings of the current folder decide.",
        ),
    )
    baseline: str | None = _key(
        None,
        Setting(
            PATH,
            "The file of findings that are known and not shown.",
            'baseline = "joinlint-baseline.json"',
            details="There is one baseline for a run: the settings of the current folder decide.",
            unset="none",
        ),
    )

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


@cache
def all_settings() -> Mapping[str, Setting]:
    """Every setting by its key, in the order in which to show them."""
    return {key_of(field.name): field.metadata[_SETTING] for field in fields(Settings)}


def key_of(field_name: str) -> str:
    """The key of a field of Settings."""
    return field_name.replace("_", "-")


def field_of(key: str) -> str:
    """The field of Settings that has the value of a key."""
    return key.replace("-", "_")
