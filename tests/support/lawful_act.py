"""An act of destruction in a real archive, as the command makes it, without its preconditions."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path

from papka.core.places import is_unit, unit
from papka.desk.entries import render_file
from papka.proof.rewriting import rewrite
from papka.records.acts import DestroyedThing, Destruction, InnerEvidence
from papka.records.student import to_mapping
from papka.repository import commit_writing
from papka.repository.objects import Objects
from papka.repository.rewritten_commits import ACT, EVIDENCE, act_file
from papka.repository.signing import find_actor
from tests.support.clones import HEAD, Clone
from tests.support.histories import git
from tests.support.school import NOW, Archive

ORDER = "2026/0009"
_ORDER_TEXT = """\
# yaml-language-server: $schema=../../../schema/order.json
number: 9-у
date: 2026-11-20
kind: уничтожение
heading: Об уничтожении персональных данных
items:
  - text: Уничтожить личное дело
signed_by: s001
"""


NAME = "Пропадалкина"
GONE = "records/students/2026/2026-0002"
_CARD = f"id: 2026-0002\nname:\n  surname: {NAME}\n  given: Ия\nbirth_date: 2012-05-14\n"
_STUDY = """\
enrolments:
  - id: e1
    program: guitar
    edition: 2
    group: Г-26-1
    start: 2026-09-01
"""


def begin_the_doomed(head: Clone) -> None:
    """One more student, and the order to destroy that file, saved."""
    Archive(head.root, Path()).begin_file("2026-0002", _CARD, _STUDY)
    head.save()
    head.write(f"records/orders/{ORDER}.yaml", _ORDER_TEXT)
    head.save()


def destroy(
    head: Clone, gone: Sequence[str], *, number: int = 1, media: Sequence[str] = (),
    now: dt.datetime = NOW,
) -> str:  # fmt: skip
    """Rewrite history and put the act on it; the folder follows. Return the last commit before."""
    root = head.root
    commits = git(root, "rev-list", "--reverse", "refs/heads/main").split()
    made = rewrite(Objects(root), commits, gone, number)
    commit_writing.store_pack(root, made.pack)
    inner = {path: data for path, data in made.inner.items() if path.endswith(".pack")}
    act = Destruction(
        date=now.date(), order=ORDER, signed_by=HEAD, commission=(HEAD,),
        method="удаление с перезаписью истории", old_head=made.old_head,
        evidence=made.evidence_digest, media=tuple(media),
        what=tuple(
            DestroyedThing(
                path=path if is_unit(path) else unit(path) or "",
                entry=None if is_unit(path) else f"{path.split('/')[3]}#d1",
                basis="требование субъекта", due=now.date(),
            )
            for path in gone
        ),
        inner=tuple(InnerEvidence(path=path, sha256=_digest(inner[path])) for path in inner),
    )  # fmt: skip
    path = act_file(number, ACT)
    files: dict[str, bytes | None] = {
        path: render_file(path, "act", to_mapping(act)),
        act_file(number, EVIDENCE): made.evidence,
        **made.inner,
    }
    saved = commit_writing.store_commit(
        root, files, f"Акт об уничтожении № {number}",
        author=HEAD, now=now, sign=find_actor(root, HEAD).sign, parent=made.head,
    )  # fmt: skip
    git(root, "update-ref", "refs/heads/main", saved.id)
    git(root, "reset", "-q", "--hard", saved.id)
    return made.old_head


def _digest(data: bytes) -> str:

    return hashlib.sha256(data).hexdigest()
