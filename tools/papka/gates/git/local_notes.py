"""What a store noted of where its branch stood: for the day when the ref itself is damaged.

Invariants: read as a plain file; a line that is no entry is passed over; nothing here is proof, it
only says where to look. Absent on purpose: the logs' authors, times and reasons.
"""

from __future__ import annotations

import re
from pathlib import Path

from papka.core.store import MAIN
from papka.gates.git.refs import read_bytes

_ENTRY = re.compile(rb"[0-9a-f]{40} (?P<to>[0-9a-f]{40}) ")


def noted_heads(common: Path) -> tuple[str, ...]:
    """Ids at which main stood, the newest first."""
    lines = read_bytes(common / "logs" / MAIN).split(b"\n")
    found = [match["to"].decode() for line in lines if (match := _ENTRY.match(line))]
    return tuple(dict.fromkeys(reversed(found)))
