"""Which rules run: the codes that the user selects and ignores, and what follows from several such wishes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from joinlint.rules import Rule


class UnknownCode(ValueError):
    """A code or prefix that no rule has; its text names it and the nearest one that exists."""


class Selection(NamedTuple):
    """The selection of rules: full codes (`JL101`) or prefixes (`JL1`).

    `select` None means the rules that are on by default; `extend_select` adds to the selection, `ignore` takes away.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


def merged(below: Selection, above: Selection) -> Selection:
    """Two selections as one that has the same effect, where `above` is the later word.

    A `select` in it starts anew.  Otherwise it adds to and takes from what `below` has chosen: what `below` says in
    more detail of the same rules is dropped.
    """
    if above.select is not None:
        return above
    select = below.select if below.select is None else _without(below.select, above.ignore)
    return Selection(
        select=select,
        extend_select=(*_without(below.extend_select, above.ignore), *above.extend_select),
        ignore=(*_without(below.ignore, above.extend_select), *above.ignore),
    )


def _without(selectors: Iterable[str], overruled: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(selector for selector in selectors if not selector.startswith(overruled))


def selected_codes(selection: Selection, rules: Mapping[str, Rule]) -> frozenset[str]:
    """The codes of the rules to run.

    Of several matching selectors the longest decides, and `ignore` wins a draw: `--ignore JL1 --extend-select JL101`
    leaves JL101 on.  An opt-in rule is on only when a selector is its full code, since someone who selects a whole
    family has not asked for the rules in it that report what may well be meant.
    """
    return frozenset(code for code, rule in rules.items() if _is_on(rule, selection))


def refuse_unknown(selectors: Iterable[str], rules: Mapping[str, Rule]) -> None:
    """Raise UnknownCode for the first of `selectors`, codes or prefixes of some, that fits no rule."""
    for selector in selectors:
        if not any(code.startswith(selector) for code in rules) or not selector:
            raise UnknownCode(f"unknown code {selector!r}: {suggestion(selector, rules)}")


def suggestion(wrong: str, rules: Mapping[str, Rule]) -> str:
    """Words that lead from a wrong code, prefix or rule name to the nearest right one."""
    by_name = {rule.name: rule.code for rule in rules.values()}
    if wrong.lower() in by_name:
        return f"did you mean {by_name[wrong.lower()]!r}?"
    alike = {code[: max(len(wrong), len("JL"))] for code in rules}
    # What begins like a code of ours is a slip of the pen, however far off; anything else has to look like one.
    cutoff = 0.0 if wrong.upper().startswith("JL") else 0.6
    import difflib  # only mistakes need it

    near = difflib.get_close_matches(wrong.upper(), sorted(alike), n=1, cutoff=cutoff)
    return f"did you mean {near[0]!r}?" if near else "`joinlint rule --all` lists the codes"


def _is_on(rule: Rule, selection: Selection) -> bool:
    asked = (*(selection.select or ()), *selection.extend_select)
    wanted = _longest_match(rule.code, asked if rule.default else (s for s in asked if s == rule.code))
    if wanted is None and selection.select is None and rule.default:
        wanted = 0
    unwanted = _longest_match(rule.code, selection.ignore)
    return wanted is not None and (unwanted is None or wanted > unwanted)


def is_concerned(selection: Selection, codes: Iterable[str]) -> bool:
    """Is something wanted that the rules `codes` would report, whether they are on by default or exist at all?

    One of them has to be selected, and none to be ignored: nobody who ignores a rule wants to hear the same otherwise.
    """
    codes = tuple(codes)
    asked = (*(selection.select or ()), *selection.extend_select)
    wanted = {code: _longest_match(code, asked) for code in codes}
    unwanted = {code: _longest_match(code, selection.ignore) for code in codes}
    ignored = any(un is not None and (wanted[code] or 0) <= un for code, un in unwanted.items())
    return not ignored and (selection.select is None or any(match is not None for match in wanted.values()))


def _longest_match(code: str, selectors: Iterable[str]) -> int | None:
    return max((len(s) for s in selectors if code.startswith(s)), default=None)
