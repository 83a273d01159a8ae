"""A venv: made once, remade when a lock or the interpreter changes or the folder has moved.

Invariants: libraries come from a lock with hashes, as wheels only; the stamp is written last, so
a venv without a stamp is a half-made one and is redone. The development lock holds the running
one and the building one too. The project's own `.venv` holds no copy of papka: it looks into
`tools/`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

from starting.children import clean, quietly
from starting.system import library_paths
from starting.voice import step

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
RUNNING, DEVELOPMENT, BENCH, BUILDING = (
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-bench.lock",
    "requirements-build.lock",
)
_STAMP = "papka-stamp.json"
_SCRIPT = """\
import sys

from papka.cli.main import main

if __name__ == "__main__":  # processes of papka's own read this file too
    sys.exit(main())
"""
_SHEBANG_LIMIT = 120


class Environment:
    """One venv folder; the project's own unless another is named."""

    def __init__(self, folder: Path = ROOT / ".venv") -> None:
        self.folder = folder
        self._scripts = self.folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self._scripts / ("python.exe" if os.name == "nt" else "python")

    def has(self, lock: str) -> bool:
        """True when this lock, as it now reads, is installed for this interpreter."""
        stamp = self._stamp()
        return stamp is not None and _satisfies(stamp["locks"], lock)

    def make(self, lock: str) -> None:
        if self.has(lock):
            return
        stamp = self._stamp()
        if stamp is None or any(_digest(name) != had for name, had in stamp["locks"].items()):
            self._create()
            stamp = {"locks": {}}
        self._unstamp()
        self._install(lock)
        self.stamp([*stamp["locks"], lock])

    def stamp(self, locks: list[str]) -> None:
        """Notes that these locks are installed."""
        stamp = {"python": _interpreter(), "root": str(self.folder.parent)}
        digests = {lock: _digest(lock) for lock in locks}
        text = json.dumps({**stamp, "locks": digests}, indent=1)
        (self.folder / _STAMP).write_text(text, encoding="utf-8")

    @property
    def libraries(self) -> Path:
        """Where the venv's Python looks for libraries."""
        found = next(iter(self.folder.glob("lib/python*/site-packages")), None)
        return found or self.folder / "Lib" / "site-packages"

    def add_papka(self) -> None:
        """Makes the package importable and puts the command beside the venv's python."""
        _write_if_new(self.libraries / "papka.pth", f"{TOOLS}\n")
        if os.name == "nt":
            _write_if_new(self._scripts / "papka-script.py", _SCRIPT)
            line = '@"%~dp0python.exe" "%~dp0papka-script.py" %*\r\n'
            _write_if_new(self._scripts / "papka.cmd", line)
            return
        launcher = self._scripts / "papka"
        _write_if_new(launcher, _first_line(self.python) + _SCRIPT)
        launcher.chmod(0o755)

    def papka(self) -> list[str]:
        """The words that start papka."""
        if os.name == "nt":
            return [str(self.python), str(self._scripts / "papka-script.py")]
        return [str(self._scripts / "papka")]

    def called(self, folder: Path) -> str:
        """What a person who stands in `folder` types instead of `papka`."""
        launcher = self._scripts / ("papka.cmd" if os.name == "nt" else "papka")
        near = launcher.is_relative_to(folder)
        typed = str(launcher.relative_to(folder) if near else launcher)
        return shlex.join([typed]) if os.name != "nt" else f'"{typed}"'

    def variables(self) -> dict[str, str]:
        """The environment of what runs inside the venv."""
        path = os.pathsep.join([str(self._scripts), os.environ.get("PATH", os.defpath)])
        return {**clean(), **library_paths(), "PATH": path, "VIRTUAL_ENV": str(self.folder)}

    def _stamp(self) -> dict[str, Any] | None:
        try:
            stamp: dict[str, Any] = json.loads((self.folder / _STAMP).read_text(encoding="utf-8"))
            current = stamp["python"] == _interpreter() and stamp["root"] == str(self.folder.parent)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return stamp if current and self.python.exists() else None

    def _unstamp(self) -> None:
        (self.folder / _STAMP).unlink(missing_ok=True)

    def _create(self) -> None:
        if self.folder.exists():
            step(f"Папка {self.folder.name} устарела или не была закончена, делаю заново")
            self._unstamp()
            shutil.rmtree(self.folder)
        step(f"Создаю окружение {self.folder.name} (Python {sys.version.split()[0]})")
        words = [_base_python(), "-m", "venv", str(self.folder)]
        quietly(words, "Не получилось создать окружение Python")

    def _install(self, lock: str) -> None:
        count = len(re.findall(r"(?m)^[A-Za-z]", (TOOLS / lock).read_text(encoding="utf-8")))
        step(f"Ставлю библиотеки по списку tools/{lock} ({count}), сверяю их хеши")
        words = [str(self.python), "-m", "pip", "install", "--quiet", "--no-input", "--no-deps"]
        words += ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
        quietly([*words, "-r", str(TOOLS / lock)], "pip не смог поставить библиотеки")


def _satisfies(installed: dict[str, str], lock: str) -> bool:
    if any(_digest(name) != had for name, had in installed.items()):
        return False
    return lock in installed or (lock in {RUNNING, BUILDING} and DEVELOPMENT in installed)


def _digest(lock: str) -> str:
    file = TOOLS / lock
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""


def _interpreter() -> str:
    return f"{sys.version} {sys.platform} {_base_python()}"


def _base_python() -> str:
    """The interpreter itself even when this script was started from a venv's."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def _first_line(python: Path) -> str:
    """A shebang; the kernel takes neither blanks nor long paths, then sh re-reads the file."""
    if " " not in str(python) and len(os.fsencode(python)) < _SHEBANG_LIMIT:
        return f"#!{python}\n"
    return f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n"


def _write_if_new(file: Path, text: str) -> None:
    data = text.encode()
    if not file.exists() or file.read_bytes() != data:
        file.write_bytes(data)
