"""The id a store carries, by which memory knows it wherever it lies.

Invariants: the id is random and says nothing; a store that cannot be written to has none.
Absent on purpose: trust in it. It only tells two media in one drive apart.
"""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from pathlib import Path

from papka.gates.durable import write_whole
from papka.gates.git.refs import read_bytes
from papka.gates.git.store import Store

STORE_ID = "papka-store"
_ID = re.compile(rb"[0-9a-f]{32}\n?")


def store_id(common: Path) -> str:
    """The id in a store's folder, empty when there is none."""
    found = read_bytes(common / STORE_ID)
    return found.decode().strip() if _ID.fullmatch(found) else ""


def give_id(store: Store) -> str:
    """The store's id, made when it has none; empty where nothing can be written."""
    found = store_id(store.common)
    if found:
        return found
    with suppress(OSError):
        data = f"{secrets.token_hex(16)}\n".encode()
        write_whole(store.common / STORE_ID, data, aside=store.common / f"{STORE_ID}.new")
    return store_id(store.common)
