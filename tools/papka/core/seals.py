"""Where seals stand, and which line of a seal's list each file of the archive is counted in.

Invariants: a seal is three files added by one commit of its own; every tracked file is counted in
exactly one line; a line is a folder destroyed whole (R-6.4) or a single file, and a tree shows
which. Absent on purpose: the text of a seal, which its writer and its judge each know on their own.
"""

from __future__ import annotations

import re

SEALS = "records/seals"
TRUST = "records/trust"
NAMESPACE = "papka-seal"
"""What the signature of a seal is made for."""
LIST, TEXT, SIGNATURE = ".units", ".seal", ".seal.sig"
ENDINGS = (LIST, TEXT, SIGNATURE)

_UNIT = re.compile(
    r"records/(?:students/[^/]+/[^/]+|imports/[^/]+/[^/]+/(?:original|unmatched))(?=/|\Z)"
)
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+", re.ASCII)
_FILE = re.compile(rf"{SEALS}/(?P<number>\d{{4}})(?P<ending>\.units|\.seal|\.seal\.sig)", re.ASCII)


def seal_file(number: int, ending: str) -> str:
    """`records/seals/0002.seal`."""
    return f"{SEALS}/{number:04}{ending}"


def read_seal_file(path: str) -> tuple[int, str] | None:
    """The number and the ending of a seal's file; None for any other path."""
    match = _FILE.fullmatch(path)
    return (int(match["number"]), match["ending"]) if match else None


def is_of_seal(path: str) -> bool:
    """Whether the path lies where seals are kept."""
    return path.startswith(f"{SEALS}/")


def unit_folder(path: str) -> str | None:
    """The unit that a path is, or lies in; None when it is counted by itself."""
    match = _UNIT.match(path)
    return match[0] if match else None


def is_plain(path: str) -> bool:
    """Whether `sha256sum` writes this name as it stands."""
    return _PLAIN.fullmatch(path) is not None


def is_plain_mode(path: str, mode: str) -> bool:
    """Whether a file of this mode may be sealed: no links, programs only below `tools/`."""
    return mode == "100644" or (mode == "100755" and path.startswith("tools/"))
