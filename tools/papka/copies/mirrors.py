"""What comes of asking a mirror, and of sending to it. Values only.

Invariants: each says what to do next. Absent on purpose: how it came about (`mirror`).

Mirrors: write them down, send them what was saved, say how they stand.

Invariants: the primary is sent to first, the others get only what it confirmed (pushing in
parallel to equal mirrors deadlocks honest people); every push is forward and read back; one
mirror's failure undoes nothing elsewhere. Absent on purpose: force, and fetching (`sync`).

The school's own certificate, by which a mirror's https server is known.

Invariants: with it no other certificate is believed for that mirror; the file stays where it is and
only its place is written down. Absent on purpose: a way to believe a server without checking.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from papka.copies import media, transport
from papka.copies.media import label_for_mirror, refuse_number
from papka.copies.medium_format import compose_label
from papka.copies.mirror_store import authority_setting, idle_hooks, prepare_folder, strengthen
from papka.copies.new_commits import Gate
from papka.core.errors import (
    LockHeld,
    NotFound,
    PapkaError,
    Refused,
    RemoteRefused,
    RemoteUnreachable,
    cannot_access,
)
from papka.core.phrases import counted
from papka.proof.memory import Witness
from papka.repository.dot_papka import archive_lock, clear_stale
from papka.repository.files import SMALL, read_plain
from papka.repository.git_values import MAIN
from papka.repository.handle import (
    Remote,
    accept,
    add_remote,
    is_elsewhere,
    is_one_place,
    remotes,
    write_settings,
)
from papka.repository.runner import SshAccess
from papka.repository.store import locate, read_refs

State = Literal["equal", "behind", "ahead", "diverged", "empty", "unreachable", "unfit"]
Sent = Literal["sent", "already", "refused", "unreachable", "waiting"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one mirror stands to the archive. `count`: commits it lacks (behind) or has more;
    `hooks`: programs that lie in a folder mirror, which nobody here runs."""

    remote: Remote
    state: State
    count: int = 0
    extra: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    reason: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sending to one mirror; `before` and `after` are its main as read there.

    `reason`: why not; of one that took it, what went wrong beside it.
    """

    remote: Remote
    sent: Sent
    before: str | None = None
    after: str | None = None
    reason: str = ""
    next_step: str = ""

    @property
    def is_good(self) -> bool:
        return self.sent in ("sent", "already")


@dataclass(frozen=True, slots=True)
class Pushed:
    """All outcomes, the primary's first."""

    head: str
    outcomes: tuple[Outcome, ...]

    @property
    def is_good(self) -> bool:
        return all(outcome.is_good for outcome in self.outcomes)

    @property
    def is_unreachable(self) -> bool:
        """Whether something could not be reached and nothing was refused: exit code 4."""
        bad = [outcome.sent for outcome in self.outcomes if not outcome.is_good]
        return bool(bad) and "refused" not in bad


T = TypeVar("T")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_PUSH, _SYNC = "papka mirror push", "papka sync"


def add(  # noqa: PLR0913  # a mirror is described by exactly these
    root: Path,
    name: str,
    url: str,
    country: str,
    *,
    allowed: Collection[str] | None,
    primary: bool = False,
    base: Path | None = None,
    medium: str = "",
) -> Remote:
    """Writes a mirror down; the first one is the primary. Written down just so before, it is
    answered again. Raises Refused.

    `allowed`: countries the organization keeps data in (152-ФЗ, art. 18 p. 5), None when they could
    not be read. `url`: ssh or https, or a folder (from `base` on when it is no full path), which is
    made a bare store with safe settings if it is not there. `medium`: the number on the sticker of
    the disk that folder is on; a disk without a label gets one.
    """
    if allowed is None:
        raise Refused(
            "organization.yaml не читается: неизвестно, в каких странах можно держать зеркала",
            "Узнайте, что в нём не так, и исправьте: papka check",
        )
    present = remotes(root)
    wanted = Remote(name, url, country, primary=primary, medium=medium)
    if (known := _named(present, wanted, base)) is not None:
        return known
    if country.casefold() not in {each.casefold() for each in allowed}:
        raise Refused(
            f"Зеркало в стране «{country}» держать нельзя: по закону 152-ФЗ (ст. 18 ч. 5) "
            f"персональные данные хранят здесь: {', '.join(allowed)}",
            "Выберите другое место или измените список стран в records/organization.yaml",
        )
    place = accept(url, base)
    for other in present:
        if is_one_place(place, other.url):
            raise Refused(
                f"По этому адресу уже стоит зеркало «{other.name}»: второй копии не получится",
                "Укажите другое место: другой носитель или сервер",
            )
    if is_elsewhere(place):
        refuse_number(medium)
    else:
        label = label_for_mirror(Path(place).parent, medium) if medium else None
        prepare_folder(root, Path(place))
        if label is not None:
            media.write_label(Path(place).parent, compose_label(label))
    remote = Remote(name, place, country, primary=primary or not present, medium=medium)
    add_remote(root, remote)
    return remote


def _named(present: Collection[Remote], wanted: Remote, base: Path | None) -> Remote | None:
    """The mirror when it was written down by these very words before; raises Refused for a name
    that is another's, or no name."""
    if _NAME.fullmatch(wanted.name) is None:
        raise Refused(
            f"Имя зеркала «{wanted.name}» не годится",
            "Латинские строчные буквы, цифры, дефис: usb, hub",
        )
    known = next((remote for remote in present if remote.name == wanted.name), None)
    if known is None:
        return None
    is_same = (
        is_one_place(accept(wanted.url, base), known.url)
        and wanted.country.casefold() == known.country.casefold()
        and wanted.medium == known.medium
        and (known.primary or not wanted.primary)  # the first one is primary unasked
    )
    if not is_same:
        raise Refused(
            f"Зеркало «{wanted.name}» уже есть", "Выберите другое имя: papka mirror status"
        )
    return known


def push(
    root: Path,
    *,
    now: datetime | None = None,
    access: SshAccess | None = None,
    progress: Callable[[Outcome], None] = lambda _: None,
    witness: Witness | None = None,
) -> Pushed:
    """Sends main to all mirrors; raises NotFound when there is nothing to send or nowhere.

    What a mirror lacks is judged first, as a server's own check judges it, and goes nowhere when it
    is refused. `now`: the clock that commits are held against, none of them when there is none;
    `witness` keeps what the mirrors confirm outside the archive.
    """
    ours, (primary, *others) = _head(root), known(root)
    _clear_stale(root)
    gate = Gate(root, now)
    first = _witnessed(root, _push(root, primary, ours, access, gate), witness)
    progress(first)
    confirmed = ours if first.is_good else transport.last_confirmed(root, primary)

    def send(remote: Remote) -> Outcome:
        if confirmed is None:
            reason = f"сначала изменения должно принять основное зеркало «{primary.name}»"
            outcome = Outcome(remote, "waiting", reason=reason, next_step=_PUSH)
        else:
            outcome = _witnessed(root, _push(root, remote, confirmed, access, gate), witness)
        progress(outcome)
        return outcome

    return Pushed(ours, (first, *_in_parallel(send, others)))


def status(root: Path, *, access: SshAccess | None = None) -> tuple[Standing, ...]:
    """How each mirror stands now, the primary first; raises NotFound when there are none."""
    ours = _head(root)
    return tuple(_in_parallel(lambda remote: _standing(root, remote, ours, access), known(root)))


def uncopied(root: Path) -> tuple[tuple[Remote, int], ...]:
    """Every mirror, the primary first, and how many commits it has not confirmed, as this copy
    remembers."""
    return tuple((each, transport.count_unconfirmed(root, each)) for each in remotes(root))


def _in_parallel(work: Callable[[Remote], T], to: Iterable[Remote]) -> list[T]:
    waiting = list(to)
    with ThreadPoolExecutor(max_workers=max(1, min(8, len(waiting)))) as pool:
        return list(pool.map(work, waiting))


def _head(root: Path) -> str:
    store = locate(root)
    found = read_refs(store.own, store.common).ids.get(MAIN)
    if found is None:
        raise NotFound("В архиве ещё нет ни одной записи", "Сохраните его: papka save")
    return found


def known(root: Path) -> tuple[Remote, ...]:
    """All mirrors, the primary first; raises NotFound when there are none."""
    found = remotes(root)
    if not found:
        raise NotFound(
            "У архива нет ни одного зеркала",
            "Добавьте два, первое станет основным: papka mirror add ИМЯ АДРЕС --country RU",
        )
    return found


def _clear_stale(root: Path) -> None:
    """Locks that a killed git left; another papka at work, or a folder closed to us, may stay."""
    with suppress(LockHeld, OSError), archive_lock(root, seconds=0):
        clear_stale(root)


def _push(root: Path, remote: Remote, commit: str, access: SshAccess | None, gate: Gate) -> Outcome:
    before: str | None = None
    try:
        before = transport.remote_refs(root, remote, access).get(MAIN)
        strengthen(root, remote)
        if before != commit:
            objection = gate.objection(before or "", commit)
            if objection is not None:
                return Outcome(remote, "refused", before, before, *objection)
            try:
                transport.push_forward(root, remote, commit, access)
            except RemoteRefused:
                beyond = _refused_beyond(root, remote, commit, access)
                if beyond is None:
                    raise
                return beyond
        after = transport.remote_refs(root, remote, access).get(MAIN)
    except RemoteUnreachable as error:
        return Outcome(remote, "unreachable", before, None, error.message, error.next_step)
    except PapkaError as error:
        return Outcome(remote, "refused", before, before, error.message, error.next_step)
    if after != commit:
        reason = "зеркало приняло запись, но прочитано с него другое"
        return Outcome(remote, "refused", before, after, reason, "papka mirror status")
    trouble = transport.note_confirmed(root, remote, commit)
    reason = f"зеркало приняло всё, но запомнить это здесь не вышло: {trouble}" if trouble else ""
    return Outcome(remote, "already" if before == commit else "sent", before, after, reason)


def _refused_beyond(
    root: Path, remote: Remote, commit: str, access: SshAccess | None
) -> Outcome | None:
    """A refusal because the mirror has what we lack; None when that is not why."""
    theirs = transport.remote_refs(root, remote, access).get(MAIN)
    seen = transport.relation(root, remote, theirs, commit, access) if theirs else None
    if theirs is None or seen is None or seen.kind not in ("ahead", "diverged"):
        return None
    reason, step = _beyond(seen.kind, seen.count)
    return Outcome(remote, "refused", theirs, theirs, reason, step)


def _witnessed(root: Path, outcome: Outcome, witness: Witness | None) -> Outcome:
    """A receipt of what was confirmed; without it all is sent as well, and this is told."""
    if witness is None or not outcome.is_good or outcome.after is None:
        return outcome
    trouble = witness.confirmed(root, outcome.remote, outcome.after)
    if not trouble:
        return outcome
    reason = f"зеркало приняло всё, но запомнить это на компьютере не вышло: {trouble}"
    return replace(outcome, reason="; ".join(filter(None, (outcome.reason, reason))))


def _standing(root: Path, remote: Remote, ours: str, access: SshAccess | None) -> Standing:
    hooks = idle_hooks(root, remote)
    try:
        refs = transport.remote_refs(root, remote, access)
        theirs = refs.get(MAIN)
        extra = tuple(sorted(refs.keys() - {MAIN}))
        if theirs is None:
            step = f"Отправьте архив: {_PUSH}"
            return Standing(remote, "empty", 0, extra, hooks, "оно пусто", step)
        seen = transport.relation(root, remote, theirs, ours, access)
    except RemoteUnreachable as error:
        return Standing(remote, "unreachable", 0, (), hooks, error.message, error.next_step)
    except PapkaError as error:
        return Standing(remote, "unfit", 0, (), hooks, error.message, error.next_step)
    if seen.kind == "equal":
        return Standing(remote, "equal", 0, extra, hooks)
    if seen.kind == "behind":
        reason = f"отстаёт на {counted(seen.count, 'запись', 'записи', 'записей')}"
        step = f"Отправьте их: {_PUSH}"
        return Standing(remote, "behind", seen.count, extra, hooks, reason, step)
    reason, step = _beyond(seen.kind, seen.count)
    return Standing(remote, seen.kind, seen.count, extra, hooks, reason, step)


def _beyond(kind: str, count: int) -> tuple[str, str]:
    """The mirror has what we lack: why that stops a push, and what to do."""
    entries = counted(count, "запись", "записи", "записей")
    if kind == "ahead":
        return f"на зеркале новее: {entries}, которых здесь нет", f"Получите их: {_SYNC}"
    return (
        f"истории разошлись: на зеркале {entries}, которых здесь нет, а здесь есть свои",
        f"Если их сделал другой сотрудник — {_SYNC}; если никто — проверьте зеркало: papka verify",
    )


_PUBLIC, _SECRET = b"-----BEGIN CERTIFICATE-----", b"PRIVATE KEY-----"


def accept_authority(url: str, file: Path) -> Path:
    """The full path of a file that may be written down for this address; raises Refused."""
    if not url.startswith("https://"):
        raise Refused(
            "Сертификат бывает только у адреса https://…",
            "У ssh свой ключ сервера: зайдите на него один раз и сверьте отпечаток",
        )
    try:
        data = read_plain(file, most=SMALL, follow=True)
    except OSError as error:
        raise cannot_access(error) from error
    if _PUBLIC not in data or _SECRET in data:
        raise Refused(
            f"{file} — не сертификат (или в нём лежит закрытый ключ)",
            "Возьмите у того, кто ведёт сервер, файл, который начинается с BEGIN CERTIFICATE",
        )
    return file.resolve()


def is_known(root: Path, name: str, url: str) -> bool:
    """Whether this very mirror is written down already: then only its certificate is new."""
    return any(each.name == name and is_one_place(each.url, url) for each in remotes(root))


def keep_authority(root: Path, name: str, file: Path) -> None:
    """Written down for a mirror."""
    write_settings(root, {authority_setting(name): str(file)})
