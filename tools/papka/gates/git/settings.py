"""A store's settings read as data: nothing they name is run, no file they include is opened.

Invariants: nothing is understood otherwise than git would: only what leaves no room for doubt is
read here, as papka and git write it, all else git parses; it gets the bytes through a pipe, far
from the store, and obeys none. Absent on purpose: judging, and settings of the
person or the computer.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from papka.core.store import Setting
from papka.gates.git.runner import run_git
from papka.gates.plain_file import SMALL, NotPlain, read_plain

_NO_REPOSITORY = {"GIT_DIR": os.devnull}
"""git looks for a repository around the current folder first: there is none."""
_WORD = r"[A-Za-z][A-Za-z0-9-]*"
_HEADING = re.compile(rf'\[(?P<section>{_WORD})(?: "(?P<sub>[^"\\\x00-\x1f\x7f]*)")?\]')
_SIGN = r'"\\;#'
"""Signs that mean something in a value."""
_PLAIN = re.compile(
    rf"\t(?P<key>{_WORD}) = "
    rf"(?P<value>[^\s{_SIGN}](?:[^{_SIGN}\x00-\x1f\x7f]*[^\s{_SIGN}])?)"
)
_NO_FILE = b"["
"""What stands for a pipe or a folder in place of settings: nothing that could be understood."""


def read_settings(own: Path, common: Path) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """All settings of a store, and the files in which git finds no sense."""
    found: list[Setting] = []
    unread: list[str] = []
    for name, data in files(own, common):
        plain = _plain(data)
        if plain is not None:
            found += [Setting(name, key, value) for key, value in plain]
            continue
        ran = run_git(
            "config", "--file", "-", "--list", "-z", "--no-includes", given=data,
            folder=Path(tempfile.gettempdir()), variables=_NO_REPOSITORY, accepted=range(256),
        )  # fmt: skip
        if ran.code:
            unread.append(name)
        found += [_setting(name, line) for line in ran.output.split(b"\0") if line]
    return tuple(found), tuple(unread)


def _plain(data: bytes) -> list[tuple[str, str]] | None:
    """Key and value of each setting when every line is of the plainest form; else None."""
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError:
        return None
    found: list[tuple[str, str]] = []
    section = ""
    for line in lines:
        if (heading := _HEADING.fullmatch(line)) is not None:
            section = heading["section"].lower()
            section += f".{heading['sub']}" if heading["sub"] is not None else ""
        elif section and (setting := _PLAIN.fullmatch(line)) is not None:
            found.append((f"{section}.{setting['key'].lower()}", setting["value"]))
        elif line:
            return None
    return found


def files(own: Path, common: Path) -> Iterator[tuple[str, bytes]]:
    """The files git takes a store's settings from, by name, with their bytes."""
    places = dict.fromkeys((common / "config", common / "config.worktree", own / "config.worktree"))
    for place in places:
        if os.path.lexists(place):
            try:
                yield place.name, read_plain(place, most=SMALL, follow=True)
            except (OSError, NotPlain):
                yield place.name, _NO_FILE


def _setting(file: str, line: bytes) -> Setting:
    key, given, value = line.decode("utf-8", "surrogateescape").partition("\n")
    return Setting(file, key, value if given else None)
