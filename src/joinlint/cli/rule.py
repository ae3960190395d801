"""`joinlint rule`."""

from __future__ import annotations

import sys

import click

from joinlint import terminal
from joinlint.cli import completion
from joinlint.cli.status import CLEAN, FAILED, exit_codes


@click.command(
    "rule",
    short_help="Explain a rule, with an example and its correction.",
    epilog=exit_codes({CLEAN: "the rule is explained", FAILED: "there is no such rule, or the call is wrong"}),
)
@click.argument("code", required=False, shell_complete=completion.code)
@click.option("--all", "every", is_flag=True, help="Explain every rule.")
@click.option(
    "--output-format",
    "output_format",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="Text to read, Markdown with what the tests observed, or JSON.",
)
def explain(code: str | None, every: bool, output_format: str) -> int:
    """Explain the rule CODE: what it reports, why that is bad, and an example with its correction.

    \b
    Examples:
      joinlint rule JL101
      joinlint rule --all --output-format json
    """
    from joinlint.rule_page import as_json, as_markdown, as_text
    from joinlint.rules import all_rules
    from joinlint.selection import suggestion

    rules = all_rules()
    if every == (code is not None):
        raise click.UsageError("give a CODE, or --all")
    if code is not None and code not in rules:
        raise click.ClickException(f"unknown code {code!r}: {suggestion(code, rules)}")
    if output_format == "json":
        text = as_json(list(rules.values()) if code is None else rules[code])
        terminal.write(text, sys.stdout, colour=False)
        return CLEAN
    chosen = list(rules.values()) if code is None else [rules[code]]
    if output_format == "markdown":
        terminal.write("\n".join(map(as_markdown, chosen)), sys.stdout, colour=False)
        return CLEAN
    colour = terminal.wants_colour("auto", sys.stdout)
    pages = [as_text(rule, terminal.width(sys.stdout), colour) for rule in chosen]
    terminal.write("\n".join(pages), sys.stdout, colour=colour)
    return CLEAN
