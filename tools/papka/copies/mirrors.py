"""Mirrors: add them, send them what was saved, report how they stand.

The primary is sent to first, the others get only what it confirmed (pushing in parallel to equal
mirrors deadlocks honest people). Every push goes forward, never by force, and is read back; one
mirror's failure undoes nothing elsewhere. Fetching is `syncing`'s.

Once a school's certificate is written down for an https mirror, no other is believed for it; the
file stays where it is, only its path is kept. There is no way to believe a server unchecked.
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
from papka.copies.mirror_purging import list_acts, send_act
from papka.copies.mirror_store import (
    authority_setting,
    idle_hooks,
    prepare_folder,
    strengthen,
    writing_alone,
)
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
from papka.core.phrases import count_phrase
from papka.proof.memory import Witness
from papka.repository.dot_papka import archive_lock, clear_stale
from papka.repository.files import SMALL, read_plain
from papka.repository.git_values import MAIN
from papka.repository.handle import (
    Remote,
    add_remote,
    folder_of,
    is_one_place,
    is_remote,
    last_confirmed,
    list_remotes,
    normalize_address,
    note_confirmed,
    write_settings,
)
from papka.repository.packing import pack_store
from papka.repository.pruning import note_all_seen
from papka.repository.purging import purge_store
from papka.repository.runner import SshAccess
from papka.repository.store import locate, read_refs

State = Literal["equal", "behind", "ahead", "diverged", "empty", "unreachable", "unfit"]
Sent = Literal["sent", "already", "refused", "unreachable", "waiting"]


@dataclass(frozen=True, slots=True)
class MirrorStanding:
    """How one mirror stands to the archive. `count`: commits it lacks (behind) or has more;
    `extra`: its refs besides main; `hooks`: programs in a folder mirror, which papka never runs."""

    remote: Remote
    state: State
    count: int = 0
    extra: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    reason: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """The outcome of sending to one mirror; `before`, `after`: its main as read there.

    `reason`: why it was not sent; with a mirror that took it, what went wrong besides.
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
    """The outcomes of a push, the primary's first."""

    head: str
    outcomes: tuple[SendOutcome, ...]

    @property
    def is_good(self) -> bool:
        return all(outcome.is_good for outcome in self.outcomes)

    @property
    def is_unreachable(self) -> bool:
        """Tell whether a mirror could not be reached and none refused: exit code 4."""
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
    """Add a mirror, or return the one added before by the same words; the first is the primary.

    `allowed`: countries the organization keeps data in (152-ФЗ, art. 18 p. 5), None when they could
    not be read. `url`: ssh or https, or a folder (relative to `base`), which is made a bare store
    with safe settings if it is not there. `medium`: the number on the sticker of the disk that
    folder is on; a disk without a label gets one. Raises Refused.
    """
    if allowed is None:
        raise Refused(
            "organization.yaml не читается: неизвестно, в каких странах можно держать зеркала",
            "Узнайте, что в нём не так, и исправьте: papka check",
        )
    present = list_remotes(root)
    wanted = Remote(name, url, country, primary=primary, medium=medium)
    if (known := _find_same(present, wanted, base)) is not None:
        return known
    if country.casefold() not in {each.casefold() for each in allowed}:
        raise Refused(
            f"Зеркало в стране «{country}» держать нельзя: по закону 152-ФЗ (ст. 18 ч. 5) "
            f"персональные данные хранят здесь: {', '.join(allowed)}",
            "Выберите другое место или измените список стран в records/organization.yaml",
        )
    place = normalize_address(url, base)
    _refuse_second(present, replace(wanted, url=place))
    if is_remote(place):
        refuse_number(medium)
    else:
        label = label_for_mirror(Path(place).parent, medium) if medium else None
        prepare_folder(root, Path(place))
        if label is not None:
            media.write_label(Path(place).parent, compose_label(label))
    remote = Remote(name, place, country, primary=primary or not present, medium=medium)
    add_remote(root, remote)
    return remote


def _refuse_second(present: Collection[Remote], wanted: Remote) -> None:
    """Refuse an address where another mirror stands."""
    for other in present:
        if other.name != wanted.name and is_one_place(wanted.url, other.url):
            raise Refused(
                f"По этому адресу уже стоит зеркало «{other.name}»: второй копии не получится",
                "Укажите другое место: другой носитель или сервер",
            )


def _find_same(present: Collection[Remote], wanted: Remote, base: Path | None) -> Remote | None:
    """Return the mirror that was added by these very words, None when the name is free; raises
    Refused for a name that is another's or no name."""
    if _NAME.fullmatch(wanted.name) is None:
        raise Refused(
            f"Имя зеркала «{wanted.name}» не годится",
            "Латинские строчные буквы, цифры, дефис: usb, hub",
        )
    known = next((remote for remote in present if remote.name == wanted.name), None)
    if known is None:
        return None
    is_same = (
        is_one_place(normalize_address(wanted.url, base), known.url)
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
    progress: Callable[[SendOutcome], None] = lambda _: None,
    witness: Witness | None = None,
) -> Pushed:
    """Send main to all mirrors; raises NotFound when there is nothing to send or nowhere.

    What a mirror lacks is judged first, as a server's own check judges it, and is not sent when it
    is refused. `now`: the time that no commit may be later than, None not to ask; `witness` keeps,
    outside the archive, what the mirrors confirm.
    """
    ours, (primary, *others) = _require_head(root), require_mirrors(root)
    _clear_stale_locks(root)
    gate = Gate(root, now)
    first = _tell_witness(root, _push_to(root, primary, ours, access, gate), witness)
    progress(first)
    confirmed = ours if first.is_good else last_confirmed(root, primary)

    def send(remote: Remote) -> SendOutcome:
        if confirmed is None:
            reason = f"сначала изменения должно принять основное зеркало «{primary.name}»"
            outcome = SendOutcome(remote, "waiting", reason=reason, next_step=_PUSH)
        else:
            outcome = _tell_witness(root, _push_to(root, remote, confirmed, access, gate), witness)
        progress(outcome)
        return outcome

    return Pushed(ours, (first, *_map_in_parallel(send, others)))


def recreate(  # noqa: PLR0913 - which mirror, to where, and what every push is told
    root: Path,
    name: str,
    url: str | None = None,
    *,
    base: Path | None = None,
    now: datetime | None = None,
    access: SshAccess | None = None,
    witness: Witness | None = None,
) -> SendOutcome:
    """Begin a mirror anew, so that it keeps nothing that was destroyed: all is sent again.

    A store in a folder is purged where it lies. One on a server must have been emptied by whoever
    runs it; `url`: another address when the new store has one. Raises NotFound, Refused,
    RemoteUnreachable.
    """
    ours, remote = _require_head(root), _find_mirror(root, name)
    if url is not None:
        remote = replace(remote, url=normalize_address(url, base))
        _refuse_second(list_remotes(root), remote)
    refs = transport.remote_refs(root, remote, access)
    if not is_remote(remote.url):
        place = folder_of(root, remote.url)
        with writing_alone(locate(place)):
            if MAIN in refs:
                purge_store(locate(place))
    elif refs:
        raise Refused(
            f"В хранилище зеркала «{name}» ещё лежит прежняя история: {remote.url}",
            "Удалите его на сервере, сделайте на его месте пустое (на своём сервере: papka mirror "
            f"host ПАПКА) и повторите: papka mirror recreate {name}",
        )
    if url is not None:
        write_settings(root, {f"remote.{name}.url": remote.url})
    gate = Gate(root, now)
    return _tell_witness(root, _push_to(root, remote, ours, access, gate), witness)


def _find_mirror(root: Path, name: str) -> Remote:
    for remote in require_mirrors(root):
        if remote.name == name:
            return remote
    raise NotFound(f"Зеркала «{name}» у архива нет", "Какие есть: papka mirror status")


def status(root: Path, *, access: SshAccess | None = None) -> tuple[MirrorStanding, ...]:
    """Ask how each mirror stands now, the primary first; raises NotFound when there are none."""
    ours = _require_head(root)
    return tuple(
        _map_in_parallel(
            lambda remote: _ask_standing(root, remote, ours, access), require_mirrors(root)
        )
    )


def _map_in_parallel(work: Callable[[Remote], T], to: Iterable[Remote]) -> list[T]:
    waiting = list(to)
    with ThreadPoolExecutor(max_workers=max(1, min(8, len(waiting)))) as pool:
        return list(pool.map(work, waiting))


def _require_head(root: Path) -> str:
    """Return the last commit, which may be seen by others from now on; raise NotFound."""
    note_all_seen(root)
    store = locate(root)
    found = read_refs(store.own, store.common).ids.get(MAIN)
    if found is None:
        raise NotFound("В архиве ещё нет ни одного сохранения", "Сохраните его: papka save")
    return found


def require_mirrors(root: Path) -> tuple[Remote, ...]:
    """Return all mirrors, the primary first; raises NotFound when there are none."""
    found = list_remotes(root)
    if not found:
        raise NotFound(
            "У архива нет ни одного зеркала",
            "Добавьте два, первое станет основным: papka mirror add ИМЯ АДРЕС --country RU",
        )
    return found


def _clear_stale_locks(root: Path) -> None:
    """Remove locks that a killed git left, unless another papka is at work."""
    with suppress(LockHeld, OSError), archive_lock(root, seconds=0):
        clear_stale(root)


def _push_to(
    root: Path, remote: Remote, commit: str, access: SshAccess | None, gate: Gate
) -> SendOutcome:
    before: str | None = None
    try:
        refs = transport.remote_refs(root, remote, access)
        before = refs.get(MAIN)
        strengthen(root, remote)
        is_cut_off = bool(list_acts(refs))
        after = before
        if before != commit or is_cut_off:
            objection = gate.objection(before or "", commit)
            if objection is not None:
                return SendOutcome(remote, "refused", before, before, *objection)
            try:
                if is_cut_off or gate.is_parted_by_act(before or "", commit):
                    send_act(root, remote, commit, refs, access)
                else:
                    transport.push_forward(root, remote, commit, access)
            except RemoteRefused:
                beyond = _explain_refusal(root, remote, commit, access)
                if beyond is None:
                    raise
                return beyond
            after = transport.remote_refs(root, remote, access).get(MAIN)
    except RemoteUnreachable as error:
        return SendOutcome(remote, "unreachable", before, None, error.message, error.next_step)
    except PapkaError as error:
        return SendOutcome(remote, "refused", before, before, error.message, error.next_step)
    if after != commit:
        reason = "зеркало приняло сохранение, но прочитано с него другое"
        return SendOutcome(remote, "refused", before, after, reason, "papka mirror status")
    _tidy(root, remote)
    trouble = note_confirmed(root, remote, commit)
    reason = f"зеркало приняло всё, но запомнить это здесь не вышло: {trouble}" if trouble else ""
    return SendOutcome(remote, "already" if before == commit else "sent", before, after, reason)


def _tidy(root: Path, remote: Remote) -> None:
    """Pack a mirror in a folder when it is time; a server does so itself, before it admits."""
    if is_remote(remote.url):
        return
    with suppress(PapkaError, OSError):
        store = locate(folder_of(root, remote.url))
        with writing_alone(store, seconds=0):
            pack_store(store)


def _explain_refusal(
    root: Path, remote: Remote, commit: str, access: SshAccess | None
) -> SendOutcome | None:
    """Return the outcome when the mirror refused because it has what we lack, else None."""
    theirs = transport.remote_refs(root, remote, access).get(MAIN)
    seen = transport.relation(root, remote, theirs, commit, access) if theirs else None
    if theirs is None or seen is None or seen.kind not in ("ahead", "diverged"):
        return None
    reason, step = _say_beyond(seen)
    return SendOutcome(remote, "refused", theirs, theirs, reason, step)


def _tell_witness(root: Path, outcome: SendOutcome, witness: Witness | None) -> SendOutcome:
    """Have the witness keep what was confirmed; its trouble is added to the outcome's reason."""
    if witness is None or not outcome.is_good or outcome.after is None:
        return outcome
    trouble = witness.confirmed(root, outcome.remote, outcome.after)
    if not trouble:
        return outcome
    reason = f"зеркало приняло всё, но запомнить это на компьютере не вышло: {trouble}"
    return replace(outcome, reason="; ".join(filter(None, (outcome.reason, reason))))


def _ask_standing(
    root: Path, remote: Remote, ours: str, access: SshAccess | None
) -> MirrorStanding:
    hooks = idle_hooks(root, remote)
    try:
        refs = transport.remote_refs(root, remote, access)
        theirs = refs.get(MAIN)
        extra = tuple(sorted(refs.keys() - {MAIN}))
        if theirs is None:
            step = f"Отправьте архив: {_PUSH}"
            return MirrorStanding(remote, "empty", 0, extra, hooks, "оно пусто", step)
        seen = transport.relation(root, remote, theirs, ours, access)
    except RemoteUnreachable as error:
        return MirrorStanding(remote, "unreachable", 0, (), hooks, error.message, error.next_step)
    except PapkaError as error:
        return MirrorStanding(remote, "unfit", 0, (), hooks, error.message, error.next_step)
    if seen.kind == "equal":
        return MirrorStanding(remote, "equal", 0, extra, hooks)
    if seen.act and not seen.is_theirs and seen.kind == "behind":
        reason = f"на нём ещё лежит уничтоженное по акту № {seen.act}"
        step = f"Отправьте акт, зеркало очистится: {_PUSH}"
        return MirrorStanding(remote, "behind", seen.count, extra, hooks, reason, step)
    if seen.kind == "behind":
        reason = f"отстаёт на {count_phrase(seen.count, 'сохранение', 'сохранения', 'сохранений')}"
        step = f"Отправьте их: {_PUSH}"
        return MirrorStanding(remote, "behind", seen.count, extra, hooks, reason, step)
    reason, step = _say_beyond(seen)
    return MirrorStanding(remote, seen.kind, seen.count, extra, hooks, reason, step)


def _say_beyond(seen: transport.Relation) -> tuple[str, str]:
    """Say why a mirror that has what we lack stops a push, and what to do."""
    entries = count_phrase(seen.count, "сохранение", "сохранения", "сохранений")
    if seen.act and seen.is_theirs:
        reason = (
            f"акт об уничтожении № {seen.act} исполнен на зеркале, а здесь уничтоженное ещё лежит"
        )
        step = f"{_SYNC}: оно уйдёт и отсюда, ваши неотправленные сохранения останутся"
        return reason, step
    if seen.kind == "ahead":
        return f"на зеркале новее: {entries}, которых здесь нет", f"Получите их: {_SYNC}"
    return (
        f"истории разошлись: на зеркале {entries}, которых здесь нет, а здесь есть свои",
        f"Если их сделал другой сотрудник — {_SYNC}; если никто — проверьте зеркало: papka verify",
    )


_PUBLIC, _SECRET = b"-----BEGIN CERTIFICATE-----", b"PRIVATE KEY-----"


def accept_authority(url: str, file: Path) -> Path:
    """Return the full path of a certificate that may be kept for this address; raises Refused."""
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
    """Tell whether this very mirror is there already, so that only its certificate is new."""
    return any(each.name == name and is_one_place(each.url, url) for each in list_remotes(root))


def keep_authority(root: Path, name: str, file: Path) -> None:
    """Write down where the certificate of a mirror's server lies."""
    write_settings(root, {authority_setting(name): str(file)})
