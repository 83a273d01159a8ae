"""Adding, ending and replacing keys: each one commit of a head, judged as any save.

Invariants: lines are only ever added; a key that signs is never the one it ends, for such a commit
would stand after the end of its own key. Absent on purpose: asking whether one is sure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from papka.core.errors import NotFound, Refused
from papka.core.keys import PublicKey
from papka.core.layout import ALLOWED_SIGNERS, ORGANIZATION
from papka.core.layout import STAFF as STAFF_FILE
from papka.core.suggestion import may_be
from papka.gates.git.narrow import NarrowSnapshot
from papka.gates.git.repository import read_setting
from papka.gates.signing import Signer
from papka.integrity.revocations import Revocation
from papka.integrity.trust import HEAD, STAFF, Entry
from papka.integrity.trust_state import REVOCATIONS
from papka.model.reading import load
from papka.tasks.actor import Actor, remember_actor
from papka.tasks.save import Saved, save_changes
from papka.tasks.trust.known import Known, KnownKey, known_trust
from papka.text.schemas import SchemaSet


def add(  # noqa: PLR0913 - who trusts whom with what
    root: Path, actor: Actor, staff: str, key: PublicKey, *, head: bool, now: datetime
) -> Saved:
    """Trusts `staff` with `key`; raises NotFound for an unknown person, Refused for a known key."""
    known = known_trust(root)
    _require_staff(root, known, staff)
    _require_new(known, key)
    entry = Entry(staff, HEAD if head else STAFF, key)
    who = "руководителя" if head else "сотрудника"
    return _save(root, actor, known, _with(known, [entry], ()), f"Доверие: ключ {who} {staff}", now)


def revoke(  # noqa: PLR0913 - whose key ends where, and how
    root: Path,
    actor: Actor,
    keys: Iterable[KnownKey],
    commit: str,
    *,
    compromised: bool,
    now: datetime,
) -> Saved:
    """Ends keys: all they signed up to `commit` (an id, or «root») stays good."""
    known = known_trust(root)
    lines = [
        Revocation(key.fingerprint, commit, is_compromised=compromised)
        for key in keys
        if not _is_own(actor, key)
    ]
    staff = ", ".join(sorted({key.entry.staff for key in keys}))
    what = "ключ в чужих руках" if compromised else "ключ выведен"
    return _save(root, actor, known, _with(known, (), lines), f"Доверие: {what}, {staff}", now)


def rotate(root: Path, actor: Actor, old: KnownKey, new: Signer, *, now: datetime) -> Saved:
    """A new key in place of an old one. A key that replaces itself needs two commits: it trusts
    the new one, which then ends it."""
    known = known_trust(root)
    _require_new(known, new.public)
    entry = Entry(old.entry.staff, old.entry.namespaces, new.public)
    subject = f"Доверие: ключ {entry.staff} заменён"
    own = actor.signer.public == old.entry.key
    ends = [] if own else [Revocation(old.fingerprint, known.head, is_compromised=False)]
    saved = _save(root, actor, known, _with(known, [entry], ends), subject, now)
    if own and saved.commit is not None:
        known = known_trust(root)
        ends = [Revocation(old.fingerprint, known.head, is_compromised=False)]
        actor = Actor(actor.staff, new)
        saved = _save(root, actor, known, _with(known, (), ends), subject, now)
    if saved.commit is not None:
        use_key(root, entry.staff, new)
    return saved


def use_key(root: Path, staff: str, signer: Signer) -> None:
    """From now on this copy signs for `staff` with that key, if it signed for them before."""
    main = read_setting(root, "user.name") == staff
    if main or read_setting(root, f"papka-staff.{staff}.key") is not None:
        remember_actor(root, staff, signer.file.resolve(), main=main)


def _is_own(actor: Actor, key: KnownKey) -> bool:
    if actor.signer.public == key.entry.key:
        raise Refused(
            "Ключ не может вывести сам себя: эта запись сделана уже после его конца",
            "Подпишите другим ключом руководителя (--key ФАЙЛ) или замените: papka trust rotate",
        )
    return False


def _require_staff(root: Path, known: Known, staff: str) -> None:
    snapshot = NarrowSnapshot(root, known.head, ())
    wanted = (STAFF_FILE, ORGANIZATION)
    archive = load(snapshot, SchemaSet.load(snapshot), wanted=lambda path: path in wanted)
    if staff not in archive.staff:
        raise NotFound(
            f"Сотрудника {staff} в {STAFF_FILE} нет",
            f"Впишите его туда и сохраните: papka save.{may_be(staff, archive.staff)}",
        )


def _require_new(known: Known, key: PublicKey) -> None:
    for each in known.keys:
        if each.entry.key == key:
            end = "" if each.revocation is None else ", и он уже не действует"
            raise Refused(
                f"Этот ключ уже есть в списке: {each.entry.staff}{end}",
                "Создайте другой: ssh-keygen -t ed25519 -f ФАЙЛ",
            )


def _with(
    known: Known, entries: Iterable[Entry], lines: Iterable[Revocation]
) -> dict[str, bytes | None]:
    """The files with lines put at their ends."""
    added = {
        ALLOWED_SIGNERS: [entry.line for entry in entries],
        REVOCATIONS: [line.line for line in lines],
    }
    return {path: _longer(known.files.get(path, b""), new) for path, new in added.items() if new}


def _longer(data: bytes, lines: list[str]) -> bytes:
    start = data if not data or data.endswith(b"\n") else data + b"\n"
    return start + "".join(f"{line}\n" for line in lines).encode()


def _save(  # noqa: PLR0913 - who changes what, on what, with which words
    root: Path,
    actor: Actor,
    known: Known,
    changes: dict[str, bytes | None],
    subject: str,
    now: datetime,
) -> Saved:
    expected = {path: known.files.get(path) for path in changes}
    return save_changes(root, actor, changes, now=now, message=subject, expected=expected)
