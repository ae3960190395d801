"""What a shell offers for the value of an option or argument when it is asked to complete one.

click itself offers the names of commands and options, and the choices of options that have some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import click
from click.shell_completion import CompletionItem

from joinlint.configuration import kinds
from joinlint.configuration.kinds import Kind
from joinlint.formats import FORMATS
from joinlint.options import START_METHODS

Item = CompletionItem[str]
# As click calls it: with the context, the parameter, and what is there of its value.
Completer = Callable[[click.Context, click.Parameter, str], list[Item]]


def _offering(items: Callable[[str], Iterable[Item]]) -> Completer:
    """A completer that looks at nothing but the beginning of the value."""
    return lambda _context, _parameter, incomplete: [
        item for item in items(incomplete) if item.value.startswith(incomplete)
    ]


def _codes() -> list[Item]:
    from joinlint.rules import all_rules

    return [CompletionItem(code, help=rule.name) for code, rule in all_rules().items()]


def _list_of(choices: Callable[[], Iterable[Item]]) -> Completer:
    """Completes the last part of a comma-separated list with what the list does not have yet."""

    def items(incomplete: str) -> Iterable[Item]:
        before, comma, _ = incomplete.rpartition(",")
        given = before.split(",")
        return (
            CompletionItem(f"{before}{comma}{choice.value}", help=choice.help)
            for choice in choices()
            if choice.value not in given
        )

    return _offering(items)


files: Completer = _offering(lambda incomplete: [CompletionItem(incomplete, type="file")])
code: Completer = _offering(lambda _: _codes())

_OF_KIND: Mapping[Kind, Completer] = {
    kinds.CODES: _list_of(_codes),
    kinds.METHODS: _list_of(lambda: map(CompletionItem, START_METHODS)),
    kinds.FORMAT: _offering(lambda _: map(CompletionItem, FORMATS)),
    kinds.PATTERNS: files,
    kinds.PATH: files,
}


def of_kind(kind: Kind) -> Completer | None:
    """What completes the values of settings of that kind; None where nobody can know them."""
    return _OF_KIND.get(kind)
