"""Acts of destruction on the small signed archives of `histories`, honest and forged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from papka.core.places import is_unit, unit
from papka.proof.rewriting import Rewriting, rewrite
from papka.repository import commit_writing
from papka.repository.objects import Objects
from papka.repository.rewritten_commits import ACT, EVIDENCE, INNER, act_file
from tests.support.histories import NOW, School, git

PHOTO = "records/students/2025/2025-0001/attachments/0123456789ab.jpg"


def same_text(text: str) -> str:
    return text


def same_rewriting(made: Rewriting) -> Rewriting:
    return made


@dataclass(frozen=True)
class Bent:
    """How a forger bends an act: its text, what was rewritten, the files saved with it."""

    text: Callable[[str], str] = same_text
    rewriting: Callable[[Rewriting], Rewriting] = same_rewriting
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    number: int = 0
    by: str = "s001"


def commits_of(school: School) -> tuple[str, ...]:
    """Ids of all commits as they lie in the store, the oldest first."""
    return tuple(git(school.root, "rev-list", "--reverse", "refs/heads/main").split())


def act_text(made: Rewriting, gone: Collection[str], number: int) -> str:
    """The part of an act that the proof reads, as YAML."""
    lines = ["what:"]
    for path in sorted(gone):
        lines.append(f"  - path: {path if is_unit(path) else unit(path)}")
        lines += [] if is_unit(path) else ["    entry: x#d1"]
    lines += [f"old_head: {made.old_head}", f"evidence: {made.evidence_digest}"]
    inner = [path for path in made.inner if path.endswith(f"/{INNER}/{number}.pack")]
    lines += ["inner:"] if inner else []
    for path in inner:
        digest = hashlib.sha256(made.inner[path]).hexdigest()
        lines.append(f"  - {{path: {path}, sha256: {digest}}}")
    return "\n".join(lines) + "\n"


def put_act(school: School, gone: Collection[str], bent: Bent | None = None) -> Rewriting:
    """Rewrite history without what is gone and save the act on it; main and the folder follow."""
    bent = bent or Bent()
    acts = git(school.root, "ls-tree", "--name-only", "HEAD", "records/acts/").split()
    number = bent.number or len(acts) + 1
    made = rewrite(Objects(school.root), commits_of(school), gone, number)
    made = bent.rewriting(made)
    commit_writing.store_pack(school.root, made.pack)
    files: dict[str, bytes | None] = {
        act_file(number, ACT): bent.text(act_text(made, gone, number)).encode(),
        act_file(number, EVIDENCE): made.evidence,
        **made.inner,
        **bent.files,
    }
    act = commit_writing.store_commit(
        school.root, files, "Акт", author=bent.by.split("-")[0], now=NOW + timedelta(seconds=180),
        sign=school.signer(bent.by).sign, parent=made.head,
    )  # fmt: skip
    git(school.root, "update-ref", "refs/heads/main", act.id)
    school.checkout()
    return made


def purge(school: School) -> None:
    """Whatever main does not lead to is gone from the store."""
    git(school.root, "reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    git(school.root, "repack", "-q", "-a", "-d")
    git(school.root, "prune", "--expire=now")
