"""What prints: the versions of everything that decides how a page looks, besides the archive.

Invariants: asking is cheap and imports no printing library; another version of any of them is
another word, so that nothing kept from before passes for its work. This program counts by the
sizes and times of its own files. Absent on purpose: whether printing is possible (`pdf` says).
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

_PACKAGES = ("weasyprint", "pydyf", "tinycss2", "fonttools", "jinja2", "pypdfium2", "pillow")
_LIBRARIES = (
    (
        "pango_version",
        ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll", "libpango-1.0-0"),
    ),
    (
        "FcGetVersion",
        ("libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll"),
    ),
)


@cache
def versions() -> str:
    """One word for all of them together."""
    total = sha256()
    for name in sorted(_installed()):
        total.update(f"{name}\n".encode())
    for function, names in _LIBRARIES:
        total.update(f"{function} {_number(function, names)}\n".encode())
    home = Path(__file__).resolve().parents[1]
    for path in sorted(_sources(str(home))):
        about = os.stat(path)  # noqa: PTH116 - hundreds of files before every print
        total.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return total.hexdigest()[:32]


def _installed() -> list[str]:
    """Names with versions of what is installed of `_PACKAGES`; importlib.metadata takes ten times
    as long to say the same."""
    found = []
    for place in sys.path:
        try:
            names = os.listdir(place or ".")  # noqa: PTH208 - names alone, of every library
        except OSError:
            continue
        found += [name for name in names if name.endswith(".dist-info") and _is_ours(name)]
    return found


def _is_ours(name: str) -> bool:
    return name.partition("-")[0].lower() in _PACKAGES


def _number(function: str, names: tuple[str, ...]) -> int:
    """What the first of these libraries that is here calls its version; 0 for none."""
    for name in names:
        try:
            return int(getattr(ctypes.CDLL(name), function)())
        except (OSError, AttributeError):
            continue
    return 0


def _sources(folder: str) -> list[str]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                found.append(entry.path)
            elif entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
                found += _sources(entry.path)
    return found
