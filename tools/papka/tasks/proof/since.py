"""`--since`: from which commit on the history is judged, and whether that may be believed.

Invariants: a start is proved by memory (it was verified here) or by paper (a seal names it, and the
seal's digest was given); the chain of parents is walked whole all the same, so a start is always
one of this very history. Absent on purpose: doing less for what only the whole can judge
(`examined`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from papka.core.codes import memory as codes
from papka.core.errors import Refused
from papka.core.findings import Finding, Location
from papka.core.history import Commit
from papka.core.seals import TEXT, read_seal_file, seal_file
from papka.core.store import TrackedFile
from papka.gates.git.cleanroom import CleanRoom
from papka.integrity.anchors import Anchors
from papka.integrity.seals import BadSeal, Seal, read_seal
from papka.tasks.proof.history import read_blob
from papka.tasks.proof.memory import Recalled

_SEAL = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Start:
    """`commit`: all after it is judged; `seal`: the one that names it, if paper names that;
    `verified`: commits that were judged here before, some of them perhaps after it."""

    commit: str
    seal: Seal | None = None
    verified: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()

    def has_its_seal_in(self, commit: Commit) -> bool:
        """Whether a seal there can be the one that names the start, by paper or, which is told, by
        nobody's word."""
        return commit.parents == (self.commit,) and bool(self.seal or self.findings)

    def after(self, commits: Sequence[Commit]) -> tuple[Commit, ...]:
        """Those that come later; `commits` stand parents first."""
        at = next(at for at, commit in enumerate(commits) if commit.id == self.commit)
        return tuple(commits[at + 1 :])


def find_start(  # noqa: PLR0913 - a start is looked for in, and proved by, exactly these
    since: str,
    point: str,
    room: CleanRoom,
    commits: Sequence[Commit],
    files: Mapping[str, TrackedFile],
    anchors: Anchors,
    recalled: Recalled,
) -> Start:
    """`since`: as typed, a seal's number proves more than its commit; `point`: the commit it names.

    Raises Refused.
    """
    seal = _sealed(since, room, files) if _SEAL.fullmatch(since) else None
    start = seal.head if seal else point
    if start not in {commit.id for commit in commits}:
        raise Refused(
            f"Записи «{since}» в истории этого архива нет",
            "Назовите номер печати (0002) или номер записи, 7 знаков и больше: git log --oneline",
        )
    if seal is not None and seal.digest in anchors.seals:
        return Start(start, seal)
    if start in recalled.verified:
        return Start(start, verified=recalled.verified)
    untold = codes.SINCE_NOT_PROVED.at(Location(commit=start), start=start[:12])
    return Start(start, findings=(untold,))


def digests_of_seals(room: CleanRoom, files: Mapping[str, TrackedFile]) -> dict[int, str]:
    """SHA-256 of every seal among the files, by number."""
    objects = room.objects()
    named = ((read_seal_file(path), file) for path, file in files.items())
    return {
        name[0]: hashlib.sha256(read_blob(objects, file.id)).hexdigest()
        for name, file in named
        if name is not None and name[1] == TEXT
    }


def _sealed(number: str, room: CleanRoom, files: Mapping[str, TrackedFile]) -> Seal:
    """The seal of this number as the last commit has it; raises Refused."""
    file = files.get(seal_file(int(number), TEXT))
    data = read_blob(room.objects(), file.id) if file else b""
    try:
        said = read_seal(data)
    except BadSeal as error:
        raise Refused(
            f"Печати № {number} в архиве нет или она не читается",
            "Проверьте архив целиком: papka verify",
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    return Seal(said.number, said.period, said.date, digest, said.head, "", is_anchored=True)
