"""What a seal lists: a digest of every unit and of every other file of a commit.

Invariants: it follows from the commit alone, never from the work tree; what coreutils could not
repeat (an odd name, a link) is refused. Shares with the judge of seals only where lines begin
(`core.seals`), so that neither repeats the other's mistakes.

Making a seal: one commit right after the sealed one, which adds exactly three files.

Invariants: only a head's key seals; the list, the text and its signature are made of the last
commit while the archive is locked, so nothing slips between; unsaved edits stay as they are.
Absent on purpose: judging seals (`proof`, `integrity`), and taking one back. A seal is for good.

The last seal there was on a day, as far as the calendar asks.

Absent on purpose: whether it is sound. That is `verify`'s question; a seal that cannot be read is
none here, so that its lack is told.

What a seal is put for: a study period just closed, or a school year.

Invariant: what a seal is called says nothing of what is under it; all of the archive always is.

What was changed in papers already kept since the last seal: shown to the head before the next.

Invariant: the same findings that `verify` tells of those steps. Absent on purpose: stopping
anything; what is an error never came this far.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound, PapkaError, Refused
from papka.core.findings import Finding, in_order
from papka.core.phrases import may_be
from papka.core.places import (
    ALLOWED_SIGNERS,
    LIST,
    NAMESPACE,
    ORGANIZATION,
    RECORDS,
    SEALS,
    SIGNATURE,
    TEXT,
    TRUST,
    is_plain,
    is_plain_mode,
    read_seal_file,
    seal_file,
    unit_folder,
)
from papka.core.snapshot import Part, Snapshot, Tree
from papka.desk.deadlines import SealSeen
from papka.desk.edition import require
from papka.desk.saving import commit_step, head_of
from papka.proof import chronicle
from papka.proof.anchors import BadSeal, KnownSeal, SealText, read_seal
from papka.proof.chronicle import Chronicle, judge
from papka.proof.clean_room import clean_room
from papka.proof.history_reading import changes_of, new_line, trust_states
from papka.proof.steps import judge_steps
from papka.proof.trusted_keys import read_trust
from papka.records.derived.in_force import school_year
from papka.records.lazy_archive import OnDemand
from papka.records.schemas import SchemaSet
from papka.repository import commit_snapshots, journal
from papka.repository.commit_snapshots import CommitTree, changed_paths, first_commit, listed
from papka.repository.dot_papka import archive_lock, clear_stale
from papka.repository.git_values import MAIN
from papka.repository.objects import Objects, resolve
from papka.repository.signing import Actor
from papka.repository.store import locate


@dataclass(frozen=True, slots=True)
class Listed:
    """`text` is the list as it is kept; `trust` the digest of the folder of trust in hex."""

    text: bytes
    count: int
    trust: str


def list_content(folder: Path, commit: str) -> Listed:
    """Of a commit of the repository in `folder`; raises Refused for what cannot be sealed."""
    files = dict(_hashed(folder, commit))
    lines: dict[str, str] = {}
    units: dict[str, list[str]] = {}
    trust: list[str] = []
    for path, digest in files.items():
        unit = unit_folder(path)
        if unit is None:
            lines[path] = digest
        else:
            units.setdefault(unit, []).append(_inside(unit, path, digest))
        if path.startswith(f"{TRUST}/"):
            trust.append(_inside(TRUST, path, digest))
    lines |= {unit: _folder(inside) for unit, inside in units.items()}
    text = "".join(f"{lines[path]}  {path}\n" for path in sorted(lines))
    return Listed(text.encode("ascii"), len(lines), _folder(trust))


def _hashed(folder: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of every file, sorted by path; equal files are read once."""
    entries = dict(listed(folder, commit))
    for path, entry in entries.items():
        if not is_plain(path) or not is_plain_mode(path, entry.mode):
            shown = path.encode("ascii", "backslashreplace").decode()
            raise Refused(
                f"Файл {shown} под печать не поставить: у него недопустимое имя или вид",
                "Переименуйте его (латинские буквы, цифры, точка, дефис), сохраните и повторите",
            )
    ids = list(dict.fromkeys(entry.id for entry in entries.values()))
    found = Objects(folder).read_many(ids)
    digests = {id_: hashlib.sha256(data).hexdigest() for id_, _, data in found}
    for path in sorted(entries):
        yield path, digests[entries[path].id]


def _inside(folder: str, path: str, digest: str) -> str:
    return f"{digest}  .{path.removeprefix(folder)}\n"


def _folder(lines: list[str]) -> str:
    """`sha256sum` of what `sha256sum` prints of the files, which stand sorted by name."""
    return hashlib.sha256("".join(lines).encode("ascii")).hexdigest()


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
        journal.settle_writing(root)
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


_APPROVALS = f"{RECORDS}/approvals"


def seal_on(root: Path, on: dt.date) -> SealSeen | None:
    """By the date in the seal's own text; None before the first."""
    head = commit_snapshots.head(root)
    if head is None:
        return None
    tree = CommitTree(root, head)
    for number in range(last_seal(tree), 0, -1):
        text = _text(tree, number)
        if text is None or text.date > on:
            continue
        try:
            names = CommitTree(root, text.head).names(_APPROVALS)
        except NotFound:
            continue
        closed = frozenset(name.removesuffix(".yaml") for name in names)
        return SealSeen(text.period, text.date, closed)
    return None


def _text(tree: CommitTree, number: int) -> SealText | None:
    try:
        return read_seal(tree.read(seal_file(number, TEXT)))
    except (BadSeal, KeyError):
        return None


def was_cut(root: Path, head: str, period: str) -> bool:
    """Whether the last commit is the act that closes this period, and its seal did not follow."""
    parents = CommitTree(root, head).state.parents
    if not parents:
        return False
    changes = changed_paths(root, parents[0], head)
    return [change.path for change in changes] == [f"{_APPROVALS}/{period}.yaml"]


def sealed_for(root: Path) -> str | None:
    """What the seal is for that the last commit is; None when it is none."""
    tree = CommitTree(root, MAIN)
    number = sealed_by(root, tree)
    return read_period(tree, number) if number is not None else None


def seal_period(root: Path, asked: str | None, *, today: dt.date) -> str:
    """The period or school year to seal: `asked`, else the period closed last when no seal covers
    it, else the school year that `today` is in. Raises NotFound."""
    tree = CommitTree(root, "HEAD")
    archive = OnDemand(tree, SchemaSet.load(Part(tree, "schema"))).archive(set())
    if asked is not None:
        years = {str(period.school_year) for period in archive.periods.values()}
        known = sorted(years | set(archive.approvals))
        if asked not in known:
            raise NotFound(
                f"«{asked}» — не учебный год и не закрытый период",
                f"Есть: {', '.join(known) or 'ничего'}; годы и периоды объявлены в {ORGANIZATION}."
                f"{may_be(asked, known)}",
            )
        return asked
    last = seal_on(root, dt.date.max)
    under = last.closed if last else frozenset()
    left = [act for period, act in archive.approvals.items() if period not in under]
    if left:
        return max(left, key=lambda act: (act.closed, act.period)).period
    return str(school_year(archive, today))


def changed_evidence(root: Path, head: str) -> tuple[Finding, ...]:
    """By commit and path; of a history that is no plain line nothing, for `verify` refuses it."""
    number = last_seal(CommitTree(root, head))
    since = resolve(root, f"{number:04}", head) if number else first_commit(root, head)
    with clean_room(locate(root)) as room:
        line = new_line(room, since, head) or ()
        changes = changes_of(room, line)
        steps = judge(line, changes, trust_states(room, line, changes))[1:]
        found = [*chronicle.replaced(Chronicle(steps, 0)), *judge_steps(room, steps)]
    return tuple(in_order(filter(chronicle.warns_of_step, found)))
