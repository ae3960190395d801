"""The reference of the settings."""

from __future__ import annotations

import re
import tomllib

import pytest

from joinlint.configuration.layers import read_layer
from joinlint.configuration.page import as_markdown
from joinlint.configuration.settings import SETTINGS, Settings, field_of


@pytest.mark.parametrize("key", SETTINGS)
def test_the_section_of_a_key(key: str) -> None:
    (section,) = re.findall(rf"^### {key}$(.*?)^##", as_markdown(), re.MULTILINE | re.DOTALL)
    (example,) = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)
    layer = read_layer(tomllib.loads(example)["tool"]["joinlint"], "page", "page", "/here")
    assert layer.values.keys() == {key}
    assert layer.values[key] != getattr(Settings(), field_of(key))
    assert f"\n{SETTINGS[key].summary}\n" in section
    assert re.search(r"^- Default: .+$", section, re.MULTILINE)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_the_summary_is_a_sentence(setting: object) -> None:
    assert re.fullmatch(r"[A-Z][^\n]{10,80}\.", setting.summary)  # type: ignore[attr-defined]


def test_what_has_no_default_in_toml_says_what_holds() -> None:
    for key, setting in SETTINGS.items():
        assert bool(setting.unset) == (getattr(Settings(), field_of(key)) is None)
