"""All that a store in a folder holds, read byte for byte into a folder of our own.

Invariants: git runs neither there nor on its settings; bytes come from the disk itself, as far as
the system can be made to forget them; what is borrowed from elsewhere does not come.
Absent on purpose: refs other than main, and hashing, which the check of what was taken does.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from papka.core.store import MAIN
from papka.gates.durable import forget
from papka.gates.git.refs import read_refs
from papka.gates.git.repository import init
from papka.gates.git.store import locate
from papka.gates.plain_file import open_plain

_PIECE = 1 << 20


def take_store(place: Path, folder: Path) -> str:
    """Makes `folder` a bare store with the other's objects; its main, "" when it has none.

    Raises NotAnArchive, OSError, NotPlain.
    """
    store = locate(place)
    head = read_refs(store.own, store.common).ids.get(MAIN, "")
    init(folder, bare=True)
    objects = store.objects
    wanted = [*sorted(objects.glob("pack/pack-*")), *sorted(objects.glob("[0-9a-f][0-9a-f]/*"))]
    for file in wanted:
        target = folder / "objects" / file.relative_to(objects)
        target.parent.mkdir(exist_ok=True)
        with os.fdopen(open_plain(file), "rb") as source, target.open("wb") as copy:
            forget(file)
            shutil.copyfileobj(source, copy, _PIECE)
    if head:
        (folder / MAIN).write_text(f"{head}\n", encoding="ascii")
    return head
