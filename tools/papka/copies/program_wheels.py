"""The program for a medium: its own wheel, those of its libraries, the licence.

They are made of what is installed here, without any network: a library's wheel of the files that
its installer noted, if they are still as noted; the program's own of its package. They serve the
Python and the system of this computer. A folder of wheels that the head names is taken as it is.
What cannot be had is told, never a reason to fail: a copy is whole without a program.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import platform
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from papka.core.installation import shipped_root
from papka.repository.files import read_plain

_PROJECT = "pyproject.toml"
_LICENCE = "LICENSE"
_PACKAGE = Path(__file__).resolve().parents[1]
_ASKED = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?")
_EXTRA = re.compile(r"""extra\s*==\s*["'](?P<name>[^"']+)""")
_WHEEL_NAME = re.compile(r"[A-Za-z0-9_.+!-]+\.whl", re.ASCII)
_BY_INSTALLER = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
COMPRESSION = zipfile.ZIP_DEFLATED
_MADE = (1980, 1, 1, 0, 0, 0)
"""The moment of every file in a wheel: the same program makes the same wheels."""


@dataclass(frozen=True, slots=True)
class ProgramWheels:
    """`files`: name -> bytes, the licence among them; `missing`: what could not be had, in words;
    `runs_on`: what they need, like «Python 3.11, Linux x86_64»; "" when there is no program."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    runs_on: str = ""

    @property
    def size(self) -> int:
        return sum(map(len, self.files.values()))


def find_wheels(named: Path | None) -> ProgramWheels:
    """Return the wheels of the folder that the head named, else those of what is installed.

    A program run from its sources is being worked on and goes to no medium by itself.
    """
    if named is not None:
        return read_folder(named)
    if shipped_root() == _PACKAGE.parents[1]:
        return ProgramWheels(missing=("программа запущена из исходного кода, а не установлена",))
    return pack_installed()


def read_folder(folder: Path) -> ProgramWheels:
    """Return the wheels that lie in a folder."""
    files: dict[str, bytes] = {}
    missing = []
    for file in sorted(folder.iterdir()):
        if _WHEEL_NAME.fullmatch(file.name):
            try:
                files[file.name] = read_plain(file)
            except OSError:
                missing.append(f"{file.name}: не читается")
    if any(name.startswith("papka-") for name in files):
        return ProgramWheels({**files, **_licence()}, tuple(missing), "Python 3.11 или новее")
    return ProgramWheels(missing=(*missing, f"в папке {folder} нет пакета papka-….whl"))


def pack_installed() -> ProgramWheels:
    """Make the wheels of the program and of all that it needs, as installed here."""
    project = tomllib.loads((shipped_root() / _PROJECT).read_text("utf-8"))
    missing: list[str] = []
    files = dict([_pack_program(project)])
    for name in _list_needed(project["project"]["dependencies"], missing):
        try:
            made, data = _pack_library(importlib.metadata.distribution(name))
        except (OSError, ValueError) as error:
            missing.append(f"{name}: {error}")
        else:
            files[made] = data
    runs_on = f"Python {sys.version_info[0]}.{sys.version_info[1]}, {platform.system()}"
    return ProgramWheels({**files, **_licence()}, tuple(missing), f"{runs_on} {platform.machine()}")


def _licence() -> dict[str, bytes]:
    return {_LICENCE: (shipped_root() / _LICENCE).read_bytes()}


def _list_needed(wanted: Iterable[str], missing: list[str]) -> list[str]:
    """List the libraries that are needed and, in turn, theirs.

    What is asked for under a condition of the system alone is taken where it is there.
    """
    todo: list[str] = list(wanted)
    seen, found = set[str](), set[str]()
    while todo:
        asked = todo.pop()
        match = _ASKED.match(asked)
        if asked in seen or match is None:
            continue
        seen.add(asked)
        name = re.sub(r"[-_.]+", "-", match["name"]).lower()
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            if ";" not in asked:
                missing.append(f"{name}: не установлена")
            continue
        found.add(name)
        extras = {each.strip() for each in (match["extras"] or "").split(",")}
        for each in distribution.requires or ():
            extra = _EXTRA.search(each)
            if extra is None or extra["name"] in extras:
                todo.append(each)
    return sorted(found)


def _pack_library(distribution: importlib.metadata.Distribution) -> tuple[str, bytes]:
    """Make the wheel that a distribution was installed from; raises OSError, ValueError."""
    name = re.sub(r"[-_.]+", "_", distribution.metadata["Name"]).lower()
    stem = f"{name}-{distribution.version}"
    tags = re.findall(r"^Tag: (\S+)$", distribution.read_text("WHEEL") or "", re.MULTILINE)
    if not tags:
        raise ValueError("установлена не из пакета")
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    tag = "-".join(".".join(sorted(set(part))) for part in parts)
    return f"{stem}-{tag}.whl", _pack(stem, _list_files(distribution, stem))


def _list_files(
    distribution: importlib.metadata.Distribution, stem: str
) -> Iterator[tuple[str, bytes]]:
    """Yield name in the wheel and bytes of each file that came with a distribution."""
    starters = {each.name for each in distribution.entry_points}
    for file in distribution.files or ():
        name = file.as_posix()
        if name.endswith(".pyc") or (".dist-info/" in name and file.name in _BY_INSTALLER):
            continue
        outside = re.match(r"(?:\.\./)+(?P<top>[^/]+)/(?P<rest>.+)", name)
        if outside and outside["top"] in {"bin", "Scripts"}:
            if file.stem in starters:
                continue  # made anew by whoever installs
            name = f"{stem}.data/scripts/{outside['rest']}"
        elif outside:
            name = f"{stem}.data/data/{outside['top']}/{outside['rest']}"
        data = Path(str(file.locate())).read_bytes()
        if file.hash is not None and _digest(data, file.hash.mode) != file.hash.value:
            raise ValueError(f"файл {file.name} не тот, что был установлен")
        yield name, data


def _pack_program(project: Mapping[str, Any]) -> tuple[str, bytes]:
    """Make the program's own wheel of its package."""
    about = project["project"]
    stem = f"{about['name']}-{about['version']}"
    lines = ["Metadata-Version: 2.1", f"Name: {about['name']}", f"Version: {about['version']}"]
    lines += [f"Requires-Python: {about['requires-python']}"]
    lines += [f"Requires-Dist: {each}" for each in about["dependencies"]]
    starts = "".join(f"{name} = {what}\n" for name, what in about["scripts"].items())
    own = {
        "METADATA": "\n".join([*lines, ""]),
        "WHEEL": "Wheel-Version: 1.0\nGenerator: papka\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "entry_points.txt": f"[console_scripts]\n{starts}",
    }
    files = {f"{stem}.dist-info/{name}": text.encode() for name, text in own.items()}
    return f"{stem}-py3-none-any.whl", _pack(stem, [*_package_files(project), *files.items()])


def _package_files(project: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the package as its wheel has them, with all that it brings along."""
    roots = {_PACKAGE: _PACKAGE.name}
    if shipped_root() != _PACKAGE / "_shipped":
        beside = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
        roots |= {shipped_root() / source: name for source, name in beside.items()}
    for root, name in roots.items():
        files = [root] if root.is_file() else sorted(root.rglob("*"))
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                inside = file.relative_to(root).as_posix()
                yield (name if file == root else f"{name}/{inside}"), file.read_bytes()


def _pack(stem: str, files: Iterable[tuple[str, bytes]]) -> bytes:
    """Pack a wheel: the files, and the list of them."""
    packed = io.BytesIO()
    record = f"{stem}.dist-info/RECORD"
    with zipfile.ZipFile(packed, "w", compresslevel=1) as wheel:
        lines = []
        for name, data in files:
            if name.endswith(".dist-info/METADATA"):
                record = f"{name.removesuffix('METADATA')}RECORD"
            wheel.writestr(_entry(name), data)
            lines.append(f"{name},sha256={_digest(data, 'sha256')},{len(data)}\n")
        wheel.writestr(_entry(record), "".join([*lines, f"{record},,\n"]))
    return packed.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _MADE)
    entry.compress_type = COMPRESSION
    entry.external_attr = 0o644 << 16
    return entry


def _digest(data: bytes, kind: str) -> str:
    """Return a digest as lists of installed files write it."""
    found = hashlib.new(kind, data, usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(found).decode().rstrip("=")
