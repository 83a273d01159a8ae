"""Making a seal: one commit right after the sealed one, which adds exactly three files.

Invariants: only a head's key seals; the list, the text and its signature are made of the last
commit while the archive is locked, so nothing slips between; unsaved edits stay as they are.
Absent on purpose: judging seals (`proof`, `integrity`), and taking one back. A seal is for good.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import PapkaError, Refused
from papka.core.layout import ALLOWED_SIGNERS
from papka.core.memory import KnownSeal
from papka.core.seals import LIST, NAMESPACE, SEALS, SIGNATURE, TEXT, read_seal_file, seal_file
from papka.core.snapshot import Snapshot, Tree
from papka.gates import unfinished
from papka.gates.git.commit_tree import CommitTree
from papka.gates.lock import archive_lock, clear_stale
from papka.integrity.trust import read_trust
from papka.tasks.actor import Actor
from papka.tasks.edition import require
from papka.tasks.save import commit_step, head_of
from papka.tasks.sealing.content import list_content


@dataclass(frozen=True, slots=True)
class Sealed:
    """The seal made: `digest` is SHA-256 of its text in hex, what the sheet on paper shows.

    `stood`: it was there before, and is answered again.
    """

    number: int
    digest: str
    commit: str
    stood: bool = False


def make_seal(root: Path, actor: Actor, *, now: dt.datetime, period: str) -> Sealed:
    """Seals the last commit; `period` is a study period or a school year. The same asked for again
    is answered with the seal that stands.

    Raises Refused when `actor` is no head, the last commit is another seal itself, or a file cannot
    be sealed; KeyMissing when the key is not at hand.
    """
    with archive_lock(root):
        clear_stale(root)
        unfinished.settle(root)
        head = head_of(root)
        tree = CommitTree(root, head)
        require_head(tree.read(ALLOWED_SIGNERS), actor)
        require_sheet(root, head)
        if (number := sealed_by(root, tree)) is not None:
            if read_period(tree, number) == period:
                digest = digest_of(tree.read(seal_file(number, TEXT)))
                return Sealed(number, digest, head, stood=True)
            raise Refused(
                f"После печати № {number:04} в архиве ничего не изменилось",
                f"Её лист: papka print seal {number:04}",
            )
        number, files = seal_of(root, head, actor, now=now, period=period)
        saved = commit_step(root, actor, head, files, now=now, message=seal_message(number, period))
    if saved.commit is None:
        found = "; ".join(finding.message for finding in saved.findings)
        raise PapkaError(f"Печать не поставлена: {found}", "Проверьте архив: papka check")
    return Sealed(number, digest_of(files[seal_file(number, TEXT)]), saved.commit)


def require_sheet(root: Path, head: str) -> None:
    """Raises Refused when the seal's sheet could not be printed: asked before a seal is put."""
    require(root, head, "Поставить печать", "templates/seal", "templates/typed.html.j2")


def seal_of(
    folder: Path, head: str, actor: Actor, *, now: dt.datetime, period: str
) -> tuple[int, dict[str, bytes]]:
    """The next seal's number and its three files, made on the commit `head` of a repository."""
    tree = CommitTree(folder, head)
    before = last_seal(tree)
    number = before + 1
    content = list_content(folder, head)
    previous = "none"
    if before:
        previous = f"sha256:{digest_of(tree.read(seal_file(before, TEXT)))}"
    text = (
        "papka-seal v1\n"
        f"number: {number:04}\n"
        f"period: {period}\n"
        f"date: {now:%Y-%m-%d}\n"
        f"head: sha1:{head}\n"
        f"units: {content.count}\n"
        f"units-sha256: {digest_of(content.text)}\n"
        f"trust-sha256: {content.trust}\n"
        f"previous: {previous}\n"
    ).encode("ascii")
    return number, {
        seal_file(number, LIST): content.text,
        seal_file(number, TEXT): text,
        seal_file(number, SIGNATURE): actor.signer.sign(text, NAMESPACE).encode("ascii"),
    }


def seal_message(number: int, period: str) -> str:
    return f"Печать № {number:04}: {period}"


def last_seal(tree: Tree) -> int:
    """The highest number there is; 0 before the first."""
    files = (read_seal_file(f"{SEALS}/{name}") for name in tree.names(SEALS))
    return max((file[0] for file in files if file), default=0)


def known_seal(root: Path, commit: str) -> KnownSeal | None:
    """The last seal of a commit, as memory keeps it."""
    tree = CommitTree(root, commit)
    number = last_seal(tree)
    return KnownSeal(number, digest_of(tree.read(seal_file(number, TEXT)))) if number else None


def sealed_by(root: Path, tree: CommitTree) -> int | None:
    """The seal that the commit is the own commit of; None for any other commit."""
    number = last_seal(tree)
    if not number or not tree.state.parents:
        return None
    before = CommitTree(root, tree.state.parents[0])
    return number if last_seal(before) < number else None


def require_head(signers: bytes, actor: Actor) -> None:
    """Raises Refused unless the actor's key is a head's in this file of trust."""
    entry = next((e for e in read_trust(signers).entries if e.key == actor.signer.public), None)
    if entry is None or not entry.is_head or entry.staff != actor.staff:
        raise Refused(
            f"Печать ставит только руководитель своим ключом, а не {actor.staff}",
            "Попросите руководителя; со своим ключом в этой копии он добавит --as s001",
        )


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read_period(snapshot: Snapshot | Tree, number: int) -> str:
    """What the seal of this number was put for."""
    lines = snapshot.read(seal_file(number, TEXT)).decode("ascii", "replace").splitlines()
    return next((line[8:] for line in lines if line.startswith("period: ")), "")
