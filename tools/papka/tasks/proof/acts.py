"""Paper acts of re-founding that this computer was shown, for jobs that are no verification.

Absent on purpose: trouble. A memory that cannot be read vouches for nothing; `verify` tells it.
"""

from __future__ import annotations

from pathlib import Path

from papka.core.errors import PapkaError
from papka.gates.git.reading import first_commit
from papka.gates.git.store import locate
from papka.gates.memory import Memory
from papka.tasks.proof.memory import recall


def known_acts(memory: Memory, root: Path) -> frozenset[str]:
    """Digests given from paper and found right before, of the archive at `root`."""
    try:
        known = recall(memory, locate(root), first_commit(root, "HEAD")).known
    except PapkaError:
        return frozenset()  # what is wrong there is told by the job itself
    return frozenset(known.refoundings) if known else frozenset()
