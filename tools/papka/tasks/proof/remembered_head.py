"""What this computer remembers of a store to be healed, whose own branch may say nothing any more.

Invariants: memory only names a head and refuses another history; what is taken is judged as ever.
Absent on purpose: learning anything. `verify` does that, of the healed store.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from papka.core.errors import Refused
from papka.gates.git.gleaning import Pool
from papka.gates.git.local_notes import noted_heads
from papka.gates.git.reach import present_commits
from papka.gates.git.store import Store
from papka.gates.memory import Memory
from papka.tasks.proof.gathering import Gathered
from papka.tasks.proof.memory import recall


@dataclass(frozen=True, slots=True)
class RememberedHead:
    """`head`: where the store was last seen; `bound`: what may never be missing from its history;
    `line`: all of it that is remembered. All are empty when nothing is."""

    head: str = ""
    bound: str = ""
    line: frozenset[str] = frozenset()

    def stands_in(self, own: Gathered, pool: Pool, common: Path) -> Gathered:
        """What the store itself gave, with this head where its branch names nothing known and no
        log of it is left: the copies are asked for what is lost, not for what is true."""
        is_known = own.head and present_commits(pool.folder, [own.head])
        if not self.head or is_known or noted_heads(common):
            return own
        return replace(own, head=self.head)

    def refuse_other(self, head: str, commits: Collection[str]) -> None:
        """Raises Refused for a history that is not the one remembered, goes on from it, or is an
        earlier state of it."""
        if self.bound and self.bound not in commits and head not in self.line:
            raise Refused(
                f"Самая новая целая история ({head[:12]}) — не та, что проверял этот компьютер: "
                f"в архиве уже была запись {self.bound[:12]}; архив не изменён",
                "Назовите копию, в которой эта запись есть: papka restore --heal --from "
                "ПАПКА-КОПИИ; если такой нет, сообщите руководителю",
            )


def remembered_head(memory: Memory | None, store: Store) -> RememberedHead:
    """Of the archive that lay in this store; of memory in trouble nothing, which `verify` tells."""
    recalled = recall(memory, store, "") if memory else None
    if recalled is None or recalled.store is None or recalled.known is None:
        return RememberedHead()
    known, seen = recalled.known, recalled.store
    unsent = (each.id for each in seen.unsent)
    bound = known.bound[-1] if known.bound else ""
    return RememberedHead(seen.head, bound, frozenset((*known.bound, *unsent)))
