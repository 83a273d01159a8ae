"""What of a damaged store's settings is worth keeping: who works here, and where the mirrors are.

Invariants: the file is read as data, far from the store; a line git cannot read is left out, the
rest is kept; nothing is kept that runs a program, leads away or bends what git sees.
Absent on purpose: the safe settings themselves (`repository`).
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from papka.core.errors import Refused
from papka.gates.git.addresses import accept
from papka.gates.git.refs import read_bytes
from papka.gates.git.runner import run_git

_KEPT = re.compile(
    r"remote\.[a-z][a-z0-9-]*\.(?:url|fetch)|papka\.[a-z0-9.-]+|papka-staff\.s\d+\.key"
    r"|user\.(?:name|email|signingkey)|gpg\.format|gpg\.ssh\.allowedsignersfile|commit\.gpgsign"
)
_BAD_LINE = re.compile(r"bad config line (?P<number>\d+) ")
_DAMAGED_LINES = 20
"""A file with more of them is not a damaged one of ours but something else."""


def kept_settings(common: Path) -> dict[str, str]:
    """`section.key` -> value, of the store whose shared folder this is."""
    found: dict[str, str] = {}
    for line in _parsed(read_bytes(common / "config")).split(b"\0"):
        name, given, value = line.decode("utf-8", "replace").partition("\n")
        if given and _KEPT.fullmatch(name) and value.isprintable() and _is_sound(name, value):
            found[name] = value
    return found


def _parsed(data: bytes) -> bytes:
    """git's list of the settings, without the lines it cannot read."""
    lines = data.split(b"\n")
    for _ in range(_DAMAGED_LINES):
        ran = run_git(
            "config", "--file", "-", "--list", "-z", "--no-includes", given=b"\n".join(lines),
            folder=Path(tempfile.gettempdir()), variables={"GIT_DIR": os.devnull},
            accepted=range(-64, 256),
        )  # fmt: skip
        bad = _BAD_LINE.search(ran.trouble)
        if ran.code == 0 or bad is None:
            return ran.output if ran.code == 0 else b""
        # Emptied, not taken out: the numbers of the others stay.
        lines[int(bad["number"]) - 1 : int(bad["number"])] = [b""]
    return b""


def _is_sound(name: str, value: str) -> bool:
    """An address of a mirror must be one that papka itself would write down."""
    if not name.endswith(".url"):
        return True
    try:
        return bool(accept(value, None))
    except Refused:
        return False
