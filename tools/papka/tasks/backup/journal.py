"""The journal's line about a copy: `records/media/<year>.yaml` (R-6.3).

Invariants: it is written once the copy was read back from the medium and is good, and saved as one
signed commit; lines that are there stay as they are.
"""

from __future__ import annotations

import datetime as dt
import hashlib

from papka.core.medium import Manifest, compose_manifest
from papka.tasks.backup.planning import Plan
from papka.text.edit import append_entry
from papka.text.emit import emit

HEADING = "# yaml-language-server: $schema=../../schema/media.json\n"


def with_copy(plan: Plan, manifest: Manifest, size: int, *, now: dt.datetime, staff: str) -> bytes:
    """The journal with one more line; `staff` read the copy back `now`."""
    line = {
        "date": manifest.made.astimezone(now.tzinfo).date(),
        "medium": manifest.medium,
        "kind": manifest.kind,
        "size": size,
        "sha256": hashlib.sha256(compose_manifest(manifest)).hexdigest(),
        "made_by": manifest.by,
        "place": plan.place,
        "verified": now.date(),
        "verified_by": staff,
        "head": manifest.head,
        "device": plan.volume.identity or None,
    }
    kept = {key: value for key, value in line.items() if value is not None}
    if plan.expected is None:
        return (HEADING + emit({"copies": [kept]})).encode()
    return append_entry(plan.expected, "copies", kept)
