"""Seals: which period to seal, what a seal lists, and the one commit that adds it.

Invariants: only a head's key seals; a seal is for good and covers the whole archive, whatever it is
called; its list follows from the sealed commit alone, never from the work tree; list, text and
signature are made while the archive is locked, as exactly three files in the commit right after the
sealed one; unsaved edits stay as they are. What coreutils could not repeat (an odd name, a link) is
refused. `proof` judges seals and shares no code with this file except their places, so that neither
repeats the other's mistakes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound, PapkaError, Refused
from papka.core.findings import Finding, sort_findings
from papka.core.phrases import suggest
from papka.core.places import (
    ALLOWED_SIGNERS,
    LIST,
    NAMESPACE,
    ORGANIZATION,
    RECORDS,
    SIGNATURE,
    TEXT,
    TRUST,
    is_plain,
    is_plain_mode,
    seal_file,
    unit_folder,
)
from papka.core.snapshot import Part, Snapshot, Tree
from papka.desk.deadlines import seal_on
from papka.desk.edition import digest_of, require_current
from papka.desk.saving import commit_step, require_head_commit
from papka.proof import chronicle
from papka.proof.anchors import KnownSeal, last_seal
from papka.proof.chronicle import Chronicle, judge_commits
from papka.proof.clean_room import clean_room
from papka.proof.history_reading import changes_of, read_new_commits, trust_states
from papka.proof.record_history import judge_steps
from papka.proof.trusted_keys import read_trust, say_key_term
from papka.records.derived.in_force import school_year
from papka.records.lazy_archive import ArchiveReader
from papka.records.schemas import SchemaSet
from papka.repository import unfinished_work
from papka.repository.commit_snapshots import CommitTree, changed_paths, first_commit, list_tracked
from papka.repository.git_values import MAIN, P384, bytes_of_commit
from papka.repository.objects import Objects
from papka.repository.points import resolve
from papka.repository.purging import list_reached
from papka.repository.rewritten_commits import rewritten_commits
from papka.repository.signing import SigningActor
from papka.repository.store import locate

_APPROVALS = f"{RECORDS}/approvals"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal: `digest` is SHA-256 of its text in hex, which the sheet on paper shows.

    `stood`: it was there before this command.
    """

    number: int
    digest: str
    commit: str
    stood: bool = False


def seal_period(root: Path, asked: str | None, *, today: dt.date) -> str:
    """Choose what to seal; raises NotFound.

    `asked`, else the period closed last of those no seal covers, else the school year of `today`.
    """
    tree = CommitTree(root, "HEAD")
    archive = ArchiveReader(tree, SchemaSet.load(Part(tree, "schema"))).archive(set())
    if asked is not None:
        years = {str(period.school_year) for period in archive.periods.values()}
        known = sorted(years | (archive.periods.keys() & archive.approvals.keys()))
        if asked not in known:
            raise NotFound(
                f"«{asked}» — не учебный год и не закрытый период",
                f"Есть: {', '.join(known) or 'ничего'}; годы и периоды объявлены в {ORGANIZATION}."
                f"{suggest(asked, known, are_told=True)}",
            )
        return asked
    last = seal_on(tree, dt.date.max)
    under = last.closed if last else frozenset()
    acts = ((key, act) for key, act in archive.approvals.items() if not act.is_early)
    left = [act for key, act in acts if key not in under]
    if left:
        return max(left, key=lambda act: (act.date, act.period)).period
    return str(school_year(archive, today))


def make_seal(root: Path, actor: SigningActor, *, now: dt.datetime, period: str) -> Sealed:
    """Seal the last commit; `period` is a study period or a school year.

    Called again for the same period right after the seal, returns that seal. Raises Refused when
    `actor` is no head, the last commit is another seal, or a file cannot be sealed; KeyMissing.
    """
    with unfinished_work.hold_archive(root):
        head = require_head_commit(root)
        tree = CommitTree(root, head)
        require_head(tree.read(ALLOWED_SIGNERS), actor, "Пломбу ставит", now.date())
        require_sheet(root, head)
        if (number := seal_added_by(root, tree)) is not None:
            if period_of_seal(tree, number) == period:
                digest = digest_of(tree.read(seal_file(number, TEXT)))
                return Sealed(number, digest, head, stood=True)
            raise Refused(
                f"После пломбы № {number:04} в архиве ничего не изменилось",
                f"Её лист: papka print seal {number:04}",
            )
        number, files = make_seal_files(root, head, actor, now=now, period=period)
        saved = commit_step(root, actor, head, files, now=now, message=seal_message(number, period))
    if saved.commit is None:
        found = "; ".join(finding.message for finding in saved.findings)
        raise PapkaError(f"Пломба не поставлена: {found}", "Проверьте архив: papka check")
    return Sealed(number, digest_of(files[seal_file(number, TEXT)]), saved.commit)


def make_seal_files(
    folder: Path, head: str, actor: SigningActor, *, now: dt.datetime, period: str
) -> tuple[int, dict[str, bytes]]:
    """Make the next seal of the commit `head`; return its number and its three files."""
    tree = CommitTree(folder, head)
    before = last_seal(tree)
    number = before + 1
    content, count, trust = list_content(folder, head)
    previous = "none"
    if before:
        previous = f"sha256:{digest_of(tree.read(seal_file(before, TEXT)))}"
    is_whole = covers_history(tree.read(ALLOWED_SIGNERS))
    text = (
        f"papka-seal v{2 if is_whole else 1}\n"
        f"number: {number:04}\n"
        f"period: {period}\n"
        f"date: {now:%Y-%m-%d}\n"
        f"head: sha1:{head}\n"
        f"units: {count}\n"
        f"units-sha256: {digest_of(content)}\n"
        f"trust-sha256: {trust}\n"
        f"{_digest_history(folder, head) if is_whole else ''}"
        f"previous: {previous}\n"
    ).encode("ascii")
    return number, {
        seal_file(number, LIST): content,
        seal_file(number, TEXT): text,
        seal_file(number, SIGNATURE): actor.signer.sign(text, NAMESPACE).encode("ascii"),
    }


def covers_history(signers: bytes) -> bool:
    """Whether seals take the second form: once a head has a key of the second type."""
    entries = read_trust(signers).entries
    return any(entry.is_head and entry.key.kind == P384 for entry in entries)


def _digest_history(folder: Path, head: str) -> str:
    """Return the lines about all that the commit leads to: commits as they were signed, the rest as
    it lies in the store; each digest is that of git's batch of the objects, sorted by id."""
    signed = rewritten_commits(folder, head).signed
    commits: dict[str, bytes] = {}
    counted, digests = 0, [hashlib.sha256(), hashlib.sha512()]
    for id_, kind, data in Objects(folder).read_many(sorted(list_reached(folder, head))):
        if kind == "commit":
            by_hand = signed.get(id_)
            commits[by_hand.id if by_hand else id_] = bytes_of_commit(by_hand) if by_hand else data
            continue
        counted += 1
        for each in digests:
            each.update(_spell_object(id_, kind, data))
    batch = b"".join(_spell_object(id_, "commit", commits[id_]) for id_ in sorted(commits))
    return (
        f"commits: {len(commits)}\n"
        f"commits-sha256: {hashlib.sha256(batch).hexdigest()}\n"
        f"commits-sha512: {hashlib.sha512(batch).hexdigest()}\n"
        f"objects: {counted}\n"
        f"objects-sha256: {digests[0].hexdigest()}\n"
        f"objects-sha512: {digests[1].hexdigest()}\n"
    )


def _spell_object(id_: str, kind: str, data: bytes) -> bytes:
    return b"%s %s %d\n%s\n" % (id_.encode(), kind.encode(), len(data), data)


def seal_message(number: int, period: str) -> str:
    return f"Пломба № {number:04}: {period}"


def require_sheet(root: Path, head: str) -> None:
    """Raise Refused when the seal's sheet could not be printed; asked before a seal is put."""
    require_current(root, head, "Поставить пломбу", "templates/seal", "templates/typed.html.j2")


def require_head(signers: bytes, actor: SigningActor, job: str, day: dt.date) -> None:
    """Raise Refused unless the actor's key is a head's in this file of trust and counts on a day.

    `job` begins the message: «Пломбу ставит».
    """
    entry = next((e for e in read_trust(signers).entries if e.key == actor.signer.public), None)
    if entry is None or not entry.is_head or entry.staff != actor.staff:
        raise Refused(
            f"{job} только руководитель своим ключом, а не {actor.staff}",
            "Попросите руководителя; со своим ключом в этой копии он добавит --as s001",
        )
    if entry.term is not None and not entry.counts_on(day):
        days = say_key_term(entry.term)
        raise Refused(
            f"{job} только руководитель, а ключ {actor.staff} дан на срок {days}",
            "Попросите руководителя; со своим ключом в этой копии он добавит --as s001",
        )


def list_content(folder: Path, commit: str) -> tuple[bytes, int, str]:
    """List a digest of every unit and every other file of a commit.

    Returns the list, the count of its lines and the digest of the folder of trust in hex. Raises
    Refused for what cannot be sealed.
    """
    files = dict(_hash_files(folder, commit))
    lines: dict[str, str] = {}
    units: dict[str, list[str]] = {}
    trust: list[str] = []
    for path, digest in files.items():
        unit = unit_folder(path)
        if unit is None:
            lines[path] = digest
        else:
            units.setdefault(unit, []).append(_line(unit, path, digest))
        if path.startswith(f"{TRUST}/"):
            trust.append(_line(TRUST, path, digest))
    lines |= {unit: _hash_folder(inside) for unit, inside in units.items()}
    text = "".join(f"{lines[path]}  {path}\n" for path in sorted(lines))
    return text.encode("ascii"), len(lines), _hash_folder(trust)


def _hash_files(folder: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Yield path and SHA-256 of every file, sorted by path; equal files are read once."""
    entries = dict(list_tracked(folder, commit))
    for path, entry in entries.items():
        if not is_plain(path) or not is_plain_mode(path, entry.mode):
            shown = path.encode("ascii", "backslashreplace").decode()
            raise Refused(
                f"Файл {shown} под пломбу не поставить: у него недопустимое имя или вид",
                "Переименуйте его (латинские буквы, цифры, точка, дефис), сохраните и повторите",
            )
    ids = list(dict.fromkeys(entry.id for entry in entries.values()))
    found = Objects(folder).read_many(ids)
    digests = {id_: digest_of(data) for id_, _, data in found}
    for path in sorted(entries):
        yield path, digests[entries[path].id]


def _line(folder: str, path: str, digest: str) -> str:
    return f"{digest}  .{path.removeprefix(folder)}\n"


def _hash_folder(lines: list[str]) -> str:
    """Return `sha256sum` of what `sha256sum` prints of the files, sorted by name."""
    return digest_of("".join(lines).encode("ascii"))


def known_seal(root: Path, commit: str) -> KnownSeal | None:
    """Return the last seal of a commit, as memory keeps it."""
    tree = CommitTree(root, commit)
    number = last_seal(tree)
    return KnownSeal(number, digest_of(tree.read(seal_file(number, TEXT)))) if number else None


def seal_added_by(root: Path, tree: CommitTree) -> int | None:
    """Return the number of the seal that this very commit adds; None if it adds none."""
    number = last_seal(tree)
    if not number or not tree.state.parents:
        return None
    before = CommitTree(root, tree.state.parents[0])
    return number if last_seal(before) < number else None


def period_sealed_by_head(root: Path) -> str | None:
    """Return what the last commit seals; None when it adds no seal."""
    tree = CommitTree(root, MAIN)
    number = seal_added_by(root, tree)
    return period_of_seal(tree, number) if number is not None else None


def period_of_seal(snapshot: Snapshot | Tree, number: int) -> str:
    """Return the period or school year the seal of this number was put for."""
    lines = snapshot.read(seal_file(number, TEXT)).decode("ascii", "replace").splitlines()
    return next((line[8:] for line in lines if line.startswith("period: ")), "")


def is_unsealed_closing(root: Path, head: str, period: str) -> bool:
    """Return whether the last commit is the act that closes this period: no seal followed it."""
    parents = CommitTree(root, head).state.parents
    if not parents:
        return False
    changes = changed_paths(root, parents[0], head)
    added = {change.path for change in changes}
    act = f"{_APPROVALS}/{period}.yaml"
    return act in added and added <= {act, f"{_APPROVALS}/{period}.entries"}


def changed_evidence(root: Path, head: str) -> tuple[Finding, ...]:
    """Return what changed since the last seal in papers already kept, as `verify` would report it.

    Shown to the head before the next seal, in the order of commits and paths. Nothing for a history
    that is no plain line: `verify` refuses it.
    """
    number = last_seal(CommitTree(root, head))
    since = resolve(root, f"{number:04}", head) if number else first_commit(root, head)
    with clean_room(locate(root)) as room:
        line = read_new_commits(room, since, head) or ()
        changes = changes_of(room, line)
        steps = judge_commits(line, changes, trust_states(room, line, changes))[1:]
        found = [*chronicle.report_replaced(Chronicle(steps, 0)), *judge_steps(room, steps)]
    return tuple(sort_findings(filter(chronicle.warns_of_step, found)))
