"""The reference of the settings, written from what Settings says of them."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.configuration.lookup import FILES, PROJECT_FILE
from joinlint.configuration.settings import SETTINGS, Setting, Settings, field_of
from joinlint.configuration.shown import to_toml

_INTRODUCTION = f"""\
# Settings

joinlint needs none. They go into a table `[tool.joinlint]` of `{PROJECT_FILE}`, or into a file of their own, where the
keys stand at the top:

```toml
# {PROJECT_FILE}
[tool.joinlint]
extend-select = ["JL103"]
extend-exclude = ["vendor"]
start-methods = ["spawn"]

[tool.joinlint.per-file-ignores]
"tests/*" = ["JL201"]
```

`joinlint config PATH` shows what holds for a file or folder, and where each value comes from.

## Which settings hold

- The settings of a file are those of **the nearest settings file** in its folder or one above it. In one folder,
  {", ".join(f"`{name}`" for name in FILES[:-1])} and `{FILES[-1]}` are looked for in this order, and the first one
  counts; a `{PROJECT_FILE}` without our table is passed over. Settings files are not merged with those above.
- `--config FILE` takes the place of all of them, and `--isolated` means that none is read.
- `--config "KEY = VALUE"` on the command line wins against a file, and an option that is called like the key wins
  against both. `extend-exclude`, `extend-select` and `ignore` add to what the file says, the other keys take its
  place.
- Text from standard input has the settings of a file called as `--stdin-filename` says.
- A key that does not exist, a value that it can't have, or a file that can't be read ends the run with exit status 2.

flake8 has its own settings; [its options for joinlint](#flake8) are below.

## Patterns

A pattern without a slash is the name of a file or folder at any depth; with one, but for one at its end, it is a path.
Paths are relative to the folder of the settings file, or to the current folder on the command line. `*` stands for any
characters, slashes among them, `?` for one, `[abc]` for one of these, and `**/` for any folders or none. What covers a
folder covers what is in it.

## Keys
"""

_FLAKE8 = """\
## flake8

flake8 chooses rules and files itself (`select`, `extend-select`, `ignore`, `per-file-ignores`, `exclude`). For the
rest, it has in its configuration, and with `--` on its command line:

| option | is |
| --- | --- |
| `joinlint-enable` | opt-in rules to turn on, by their full codes |
"""
_IN_FLAKE8 = ("threads", "process-classes", "join-functions", "start-methods", "target-version")


def as_markdown() -> str:
    """The page docs/settings.md."""
    options = "".join(f"| `joinlint-{key}` | [{key}](#{key}) |\n" for key in _IN_FLAKE8)
    return "\n".join([_INTRODUCTION, *_sections(), f"{_FLAKE8}{options}"])


def _sections() -> Iterator[str]:
    for key, setting in SETTINGS.items():
        parts = [
            f"### {key}",
            setting.summary,
            setting.details,
            _facts(key, setting),
            f"```toml\n{_example(setting)}\n```",
        ]
        yield "\n\n".join(filter(None, parts)) + "\n"


def _facts(key: str, setting: Setting) -> str:
    value = getattr(Settings(), field_of(key))
    default = setting.unset if value is None else f"`{to_toml(setting.kind.write(value))}`"
    return f"- Value: {setting.kind.name}\n- Default: {default}"


def _example(setting: Setting) -> str:
    return setting.example if setting.example.startswith("[") else f"[tool.joinlint]\n{setting.example}"
