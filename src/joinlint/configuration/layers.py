"""Settings from several sources: the defaults, a file, the command line, each of which outweighs those before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from joinlint.configuration.errors import SettingsError, WrongValue
from joinlint.configuration.settings import SETTINGS, Settings, field_of
from joinlint.selection import Selection, merged

DEFAULT = "default"
COMMAND_LINE = "command line"

_SELECTION = ("select", "extend-select", "ignore")


class Layer(NamedTuple):
    """What one source sets: values by key, and the source's name, COMMAND_LINE or an absolute path."""

    source: str
    values: Mapping[str, Any]


class Resolved(NamedTuple):
    """Settings and where they come from.

    `file` is the settings file that has a say in them, `folder` the one that holds it (the current one if there is no
    file).  `sources` has for each key the sources of its value, which is a default one if there are none.
    """

    settings: Settings
    file: str | None
    folder: str
    sources: Mapping[str, tuple[str, ...]] = {}


def read_layer(table: Mapping[str, object], source: str, name: str, folder: str) -> Layer:
    """The layer that a table of a settings file, or the like of it, makes.

    `name` begins each message, relative paths start from `folder`.  Raises SettingsError for a key that there is not
    and for a value that a key can't have.
    """
    values = {}
    for key, value in table.items():
        if key not in SETTINGS:
            raise SettingsError(f"{name}: unknown key {key!r}: {_nearest(key)}")
        values[key] = read_value(key, value, f"{name}: {key}", folder)
    return Layer(source, values)


def read_value(key: str, value: object, name: str, folder: str) -> object:
    """The value of a key; raises SettingsError, which begins with `name`."""
    try:
        return SETTINGS[key].kind.read(value, folder)
    except WrongValue as error:
        raise SettingsError(f"{name}: {error}") from None


def _nearest(key: str) -> str:
    alike = {known.replace("-", ""): known for known in SETTINGS}
    import difflib  # only mistakes need it

    near = difflib.get_close_matches(key.lower().replace("_", "").replace("-", ""), alike, n=1)
    return f"did you mean {alike[near[0]]!r}?" if near else "`joinlint config` lists the keys"


def resolve(layers: Iterable[Layer], file: str | None, folder: str) -> Resolved:
    """The settings that `layers` make, the weightiest last."""
    values: dict[str, Any] = {}
    sources: dict[str, tuple[str, ...]] = {}
    selection = Selection()
    for layer in layers:
        for key in layer.values.keys() - set(_SELECTION):
            adds = SETTINGS[key].adds and key in values
            values[key] = (*values[key], *layer.values[key]) if adds else layer.values[key]
            sources[key] = (*sources[key], layer.source) if adds else (layer.source,)
        before, selection = selection, merged(selection, _selection(layer))
        for key in _SELECTION:
            values[key] = getattr(selection, field_of(key))
            if key in layer.values or values[key] != getattr(before, field_of(key)):
                earlier = () if "select" in layer.values else sources.get(key, ())
                sources[key] = (*earlier, layer.source)
    return Resolved(Settings(**{field_of(key): value for key, value in values.items()}), file, folder, sources)


def _selection(layer: Layer) -> Selection:
    return Selection(**{field_of(key): layer.values[key] for key in _SELECTION if key in layer.values})
