"""The packages on disk: which ones, how they are downloaded, and how a wheel becomes a folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# The wheels are those of one platform whatever machine this runs on: the labels name their folders.
_PLATFORMS = (
    *(f"manylinux_2_{minor}_x86_64" for minor in range(34, 4, -1)),
    *(f"manylinux{name}_x86_64" for name in ("2014", "2010", "1")),
)
_FOR_PLATFORM = [
    *("--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"),
    *(f"--platform={platform}" for platform in _PLATFORMS),
]
_PIP_DOWNLOAD = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
_ONLY_WHEELS = ["--no-deps", "--only-binary", ":all:", "--retries", "2"]


class DownloadFailed(Exception):
    """A wheel could not be had; the text says which and why."""


class UnsafeWheel(Exception):
    """An archive with a member that would be written outside of its folder."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One version of one package."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"

    def is_named_by(self, wheel: str) -> bool:
        """Is `wheel`, a wheel's file name or that of its folder, one of this version?"""
        name, version, *_ = (*wheel.split("-"), "")
        return (_normal(name), version) == (_normal(self.name), self.version)


def read_pins(text: str) -> tuple[Pin, ...]:
    """The `name==version` lines of `text`; blank lines and comments are passed over."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(Pin(name, version) for line in lines if line for name, _, version in [line.partition("==")])


def provide(pins: Iterable[Pin], cache: Path) -> list[Path]:
    """The folders of the unpacked packages, in the order of `pins`; what is missing is downloaded and unpacked.

    Raises DownloadFailed and UnsafeWheel.
    """
    wheels, packages = cache / "wheels", cache / "packages"
    wheels.mkdir(parents=True, exist_ok=True)
    packages.mkdir(exist_ok=True)
    return [_provide(pin, wheels, packages) for pin in pins]


def _provide(pin: Pin, wheels: Path, packages: Path) -> Path:
    folder = next((folder for folder in sorted(packages.iterdir()) if pin.is_named_by(folder.name)), None)
    if folder is None:
        wheel = _wheel_of(pin, wheels)
        if wheel is None:
            download(pin, wheels)
            wheel = _wheel_of(pin, wheels)
        if wheel is None:
            raise DownloadFailed(f"{pin}: pip brought no wheel of that name")
        folder = unpack(wheel, packages)
    _mark_as_project(folder)
    return folder


def _wheel_of(pin: Pin, wheels: Path) -> Path | None:
    return next((wheel for wheel in sorted(wheels.glob("*.whl")) if pin.is_named_by(wheel.name)), None)


def download(pin: Pin, wheels: Path) -> None:
    """Put the wheel of `pin` into the folder `wheels`; raises DownloadFailed."""
    print(f"downloading {pin}", file=sys.stderr)
    command = [*_PIP_DOWNLOAD, *_ONLY_WHEELS, *_FOR_PLATFORM, "--dest", str(wheels), str(pin)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        said = [line for line in result.stderr.splitlines() if line.strip()] or ["nothing"]
        raise DownloadFailed(f"{pin} can't be downloaded. Can the package index be reached? pip says: {said[-1]}")


def unpack(wheel: Path, packages: Path) -> Path:
    """The folder in `packages` with the contents of `wheel`, named like it without `.whl`.

    One that is there is left as it is.  Raises UnsafeWheel before anything is written if a member would leave the
    folder, and DownloadFailed if the file is no archive.
    """
    folder = packages / wheel.name.removesuffix(".whl")
    if folder.exists():
        return folder
    # Under another name until it is complete: an interrupted run must not leave a half that passes for the whole.
    unfinished = Path(tempfile.mkdtemp(prefix=".", dir=packages))
    try:
        _extract(wheel, unfinished)
        os.replace(unfinished, folder)
    except zipfile.BadZipFile:
        raise DownloadFailed(f"{wheel} is damaged: delete it and run this again") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _extract(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if _leaves_its_folder(name):
                raise UnsafeWheel(f"{wheel.name}: refused, since {name!r} would be written outside of its folder")
        archive.extractall(folder)


def _leaves_its_folder(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) is not None


def _mark_as_project(folder: Path) -> None:
    # Without a marker of its own, a package in a cache below this repository would be taken for a part of it.
    marker = folder / "pyproject.toml"
    if not marker.exists():
        marker.write_text("# The top folder of a project.\n", encoding="utf-8")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
