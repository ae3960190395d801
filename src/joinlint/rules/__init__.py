"""One file per rule; a file here that defines RULE is a rule, nothing else has to be told."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from joinlint.rules._rule import Rule

__all__ = ["Rule", "all_rules"]


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by its code, in the order of the codes."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_"))
    rules = [importlib.import_module(f"{__name__}.{name}").RULE for name in names]
    return {rule.code: rule for rule in sorted(rules, key=lambda rule: rule.code)}
