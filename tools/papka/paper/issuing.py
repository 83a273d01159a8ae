"""Issue a document: the next number of a series, the signed entry in the register, an end of one.

Invariants: a number is given once, on the primary, before anything is printed; only the head's key
signs a document, and never under a draft's number. Without a connection the request waits as a
draft and nothing is printed. A reprint needs no key: what is printed stands in the entry
(R-2.2.11, R-5.4.3). An issue that was cut off is found by the salt of its entry: the same request
goes on with the same number.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from papka.copies.syncing import sync
from papka.core.errors import AnswerLost, NotFound, Refused, RemoteUnreachable
from papka.core.phrases import suggest
from papka.core.places import (
    ALLOWED_SIGNERS,
    RECORDS,
    SALT_BYTES,
    STUDENTS,
    is_student_id,
    student_folder,
)
from papka.desk.approval import SavedActs
from papka.desk.edition import UPGRADE
from papka.desk.entries import render_file
from papka.desk.numbers import (
    NOT_AGREED,
    REQUEST,
    Agreed,
    NumberSeries,
    Reserved,
    Waiting,
    is_request,
    register,
    reserve_number,
)
from papka.desk.saving import Saved, require_head_commit, save_changes
from papka.paper.form import State
from papka.paper.forms import load_form
from papka.paper.issued_contents import (
    CONTENTS,
    EDITION,
    SERIES,
    Request,
    case_of,
    entry_of,
    issuer,
    order_words,
    reasons_against,
    require_first,
    require_last,
)
from papka.paper.press import find_undrawable
from papka.proof import ssh_signatures
from papka.proof.document_code import compose_message, facts_of, message_room
from papka.proof.trusted_keys import DOCUMENT, read_trust, say_key_term
from papka.records.acts import RegisterEntry
from papka.records.archive import Archive, load
from papka.records.editing import set_value
from papka.records.schemas import SchemaSet
from papka.records.student import to_mapping
from papka.repository import dot_papka, unfinished_work
from papka.repository.commit_snapshots import NarrowSnapshot, blob_at
from papka.repository.dot_papka import KeptDraft
from papka.repository.handle import list_remotes
from papka.repository.history import newest_change
from papka.repository.runner import SshAccess
from papka.repository.signing import SigningActor


@dataclass(frozen=True, slots=True)
class Issued:
    """What came of an issue: the entry is in the register only when `number` is set.

    Else `reserved` says what stopped it, or names the draft that waits. `request`: for
    `forget_outcome`.
    """

    number: str | None
    entry: RegisterEntry
    reserved: Reserved
    request: Request


def issue(  # noqa: PLR0913 - an issue is told exactly these
    root: Path,
    actor: SigningActor,
    request: Request,
    *,
    now: dt.datetime,
    access: SshAccess | None = None,
    may_draft: bool = True,
    agree: Callable[[RegisterEntry], None] = lambda _: None,
) -> Issued:
    """Give the document a number and save its entry, signed, before anything is printed.

    `agree` is told the entry as it will be, before a number is taken, and may raise. Raises Refused
    or NotFound when there is nothing to issue, or not yet.
    """
    require_head(root, actor, request.date)
    note = unfinished_work.find_note(root, identify(request))
    if note is not None:
        salts = (note.decode("ascii", "replace"),)
        found = find_interrupted(root, actor, salts, (request,), now=now, access=access)
        if found:
            drop_drafts(root, request)
            return Issued(found[0].number, found[0], Reserved(found[0].number), request)
    reader = PeopleReader(root, (request.address,))
    writer = Writer(root, actor, request, reader)
    entry = writer.draft()
    rehearse(root, entry, *reader.read())
    agree(entry)
    unfinished_work.keep_note(root, identify(request), writer.salt.encode())
    try:
        reserved = reserve_number(
            root, actor, writer.series, writer.files, now=now, access=access, may_draft=False
        )
    except AnswerLost:
        raise
    except RemoteUnreachable as error:
        forget_outcome(root, request)
        if not may_draft:
            raise
        name = leave_draft(root, request)
        return Issued(None, entry, Reserved(None, draft=name, reason=error.message), request)
    made = writer.made or entry
    if reserved.number is None:
        forget_outcome(root, request)
        return Issued(None, made, reserved, request)
    drop_drafts(root, request)
    return Issued(made.number, made, reserved, request)


def leave_draft(root: Path, request: Request) -> str:
    """Leave a request to wait for a connection; returns the name of its draft, one a request."""
    waiting = _find_drafts(root, request)
    return waiting[0].name if waiting else dot_papka.keep_draft(root, {REQUEST: _write(request)})


def forget_outcome(root: Path, request: Request) -> None:
    """Forget an issue whose outcome has been reported: asked again, it is another document."""
    unfinished_work.drop_note(root, identify(request))


def find_interrupted(  # noqa: PLR0913 - who looks, and for what
    root: Path,
    actor: SigningActor,
    salts: Sequence[str],
    requests: Sequence[Request],
    *,
    now: dt.datetime,
    access: SshAccess | None,
) -> tuple[RegisterEntry, ...]:
    """Return the entries that these requests made before they were cut off, fetched if need be.

    `salts`: by the note of each; () unless every request has its entry.
    """
    found = _find_salted(root, salts, requests)
    if not found and list_remotes(root):
        sync(root, [actor], now=now, access=access)
        found = _find_salted(root, salts, requests)
    return found


def _find_salted(
    root: Path, salts: Sequence[str], requests: Sequence[Request]
) -> tuple[RegisterEntry, ...]:
    """Return the entries with these salts if they are what was asked for: a note may be forged."""
    archive, _ = load_saved(root)
    known = [entry for entry in archive.registers.values() if entry.salt in salts]
    asked = zip(salts, requests, strict=True)
    found = tuple(
        entry
        for salt, request in asked
        for entry in [each for each in known if each.salt == salt and _answers(each, request)][:1]
    )
    return found if len(found) == len(requests) else ()


def _answers(entry: RegisterEntry, request: Request) -> bool:
    """Whether the entry is of the document asked for."""
    student, _, study = request.address.partition("#")
    whose, _, of = entry.student.partition("#")
    return (
        entry.form.partition("@")[0] == request.form
        and (whose, entry.duplicate_of) == (student, request.duplicate)
        and study in ("", of)
    )


def drop_drafts(root: Path, request: Request) -> None:
    """Drop what waits of a request that has got its number."""
    for draft in _find_drafts(root, request):
        dot_papka.drop_draft(root, draft)


def _find_drafts(root: Path, request: Request) -> list[KeptDraft]:
    """Return the drafts of the same request."""
    asked = [(draft, _read(draft)) for draft in dot_papka.list_drafts(root) if is_request(draft)]
    return [draft for draft, other in asked if other and identify(other) == identify(request)]


def identify(request: Request) -> bytes:
    """Return bytes equal for the same request on another day, unless somebody named the day."""
    return _write(request if request.is_dated else replace(request, date=dt.date.min))


def rehearse(root: Path, entry: RegisterEntry, archive: Archive, head: str) -> None:
    """Fill in the form by the records and templates of a commit before a number is taken.

    Raises TemplateBroken, and Refused where the fonts cannot draw what it says.
    """
    form = load_form(entry.form.partition("@")[0])
    state = State(
        replace(archive, registers={"draft": entry}),
        dt.datetime.combine(entry.date, dt.time(), dt.UTC),
        entry.date,
        head,
    )
    missing = find_undrawable(form, state, entry.number, templates=NarrowSnapshot(root, head, ()))
    if missing:
        signs = ", ".join(f"«{sign}» (U+{ord(sign):04X})" for sign in missing)
        raise Refused(
            f"В шрифтах бланка нет знаков, которые на нём нужны: {signs}",
            "Номер не занят. Запишите имя или текст русскими буквами, как в русском документе: "
            "papka fix НОМЕР name.given=ИМЯ; затем выдайте документ снова",
        )


def preview(root: Path, actor: SigningActor, request: Request) -> RegisterEntry:
    """Return the entry as it would be, without number and signature; refuses as `issue` does."""
    require_head(root, actor, request.date)
    return Writer(root, actor, request, PeopleReader(root, (request.address,))).draft()


def annul(  # noqa: PLR0913 - an end of a document is told exactly these
    root: Path,
    actor: SigningActor,
    number: str,
    *,
    reason: str | None,
    order: str | None,
    spoiled: bool,
    now: dt.datetime,
    date: dt.date,
    dry_run: bool = False,
) -> Saved:
    """End a document that nothing replaces; its number stays taken."""
    archive, head = load_saved(root)
    key, old = entry_of(archive, number)
    kind = "испорчен" if spoiled else "аннулирован"
    asked = (kind, reason, date, order)
    if old.void and (old.void.kind, old.void.reason, old.void.date, old.void.order) == asked:
        commit = newest_change(root, [_entry_path(key)], head)  # asked for again
        return Saved(commit, "", (), (), lambda _: None)
    if not spoiled and not order:
        raise Refused(
            f"Выданный документ № {number} аннулируют приказом",
            "Назовите приказ: --order 2026/0016; испорченный и не выданный — с ключом --spoiled",
        )
    end = make_void(archive, number, kind=kind, reason=reason, date=date.isoformat(), order=order)
    files = amend_entry(root, head, key, "/void", end)
    known = {path: blob_at(root, head, path) for path in files}
    return save_changes(root, actor, files, now=now, dry_run=dry_run, expected=known)


def issue_drafts(
    root: Path,
    actor: SigningActor,
    *,
    agreed: Agreed,
    now: dt.datetime,
    access: SshAccess | None = None,
) -> Iterator[tuple[str, Issued | Refused]]:
    """Issue every request that waited for a connection; a refused one goes on waiting.

    `agreed` is asked about each before it is signed.
    """
    for draft in dot_papka.list_drafts(root):
        if not is_request(draft) or draft not in dot_papka.list_drafts(root):
            continue  # of another kind, or the same as one issued just now
        request = _read(draft)
        if request is None:
            yield draft.name, Refused("это не заявка на документ", f"Уберите его: {draft.place}")
            continue
        if not request.is_dated:
            request = replace(request, date=now.date())
        try:
            require_head(root, actor, request.date)
            if not agreed(Waiting(draft, is_own=dot_papka.is_own(root, draft))):
                raise Refused(NOT_AGREED, f"Прочтите его или уберите: {draft.place}")  # noqa: TRY301 - told as any other
            done = issue(root, actor, request, now=now, access=access, may_draft=False)
        except Refused as error:
            yield draft.name, error
            continue
        yield draft.name, done


def _write(request: Request) -> bytes:
    words = asdict(request) | {"date": request.date.isoformat()}
    return json.dumps(words, ensure_ascii=False, indent=1).encode()


def _read(draft: KeptDraft) -> Request | None:
    """Return the request, None for what papka would not have written."""
    try:
        words = json.loads(draft.files[REQUEST])
        request = Request(**words | {"date": dt.date.fromisoformat(words["date"])})
        is_ours = _write(request) == draft.files[REQUEST] and _is_well_typed(request)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return request if is_ours else None


def _is_well_typed(request: Request) -> bool:
    """Return whether every value has its type, for JSON may hold anything."""
    signs = (request.spoiled, request.is_dated)
    words = (request.form, request.address)
    rest = (
        request.period, request.order, request.protocol, request.blank, request.duplicate,
        request.replace, request.reason,
    )  # fmt: skip
    return (
        all(isinstance(each, bool) for each in signs)
        and all(isinstance(each, str) for each in words)
        and all(each is None or isinstance(each, str) for each in rest)
        and request.form in SERIES
    )


class PeopleReader:
    """Reads the shared records and the files of these people once for each commit."""

    def __init__(self, root: Path, addresses: Sequence[str]) -> None:
        self._root = root
        self._addresses = addresses
        self._read: tuple[Archive, str] | None = None

    def read(self) -> tuple[Archive, str]:
        """Return the records as last saved, and that commit."""
        head = require_head_commit(self._root)
        if self._read is None or head != self._read[1]:
            self._read = load_people(self._root, head, self._addresses), head
        return self._read


@dataclass(slots=True)
class Writer:
    """Makes the files of a document for any number that the reservation tries.

    The last save is read by `reader`; `made` is the last entry, signed unless the number is a
    draft's.
    """

    root: Path
    actor: SigningActor
    request: Request
    reader: PeopleReader
    made: RegisterEntry | None = None
    salt: str = field(default_factory=lambda: secrets.token_hex(SALT_BYTES))

    @property
    def series(self) -> NumberSeries:
        return register("issued", self.request.date.year, SERIES[self.request.form])

    def draft(self) -> RegisterEntry:
        """Return the entry as it would be, under a draft's number; refuses as `files` does."""
        self.files(self.series.draft)
        assert self.made is not None
        return self.made

    def files(self, number: str) -> Mapping[str, bytes]:
        """Return the signed entry, and of a replaced document its end: path -> bytes.

        Raises NotFound or Refused when there is nothing to issue, or not yet.
        """
        request = self.request
        archive, head = self.reader.read()
        end: dict[str, str] = {}
        if request.replace:
            end = make_void(
                archive, request.replace,
                kind="испорчен" if request.spoiled else "заменён",
                reason=request.reason, date=request.date.isoformat(), order=request.order,
            )  # fmt: skip
        entry = self._make_entry(archive, number)
        if number != self.series.draft:
            entry = sign_entry(entry, self.actor)
        self.made = entry
        path = f"{self.series.folder}/{number}.yaml"
        files = {path: render_file(path, "register", to_mapping(entry))}
        if request.replace:
            old, _ = entry_of(archive, request.replace)
            end |= {"replaced_by": entry.number}
            files |= amend_entry(self.root, head, old, "/void", end)
        return files

    def _make_entry(self, archive: Archive, number: str) -> RegisterEntry:
        request = self.request
        series = archive.series.get(SERIES[request.form])
        if series is None:
            raise Refused(
                f"Серия {SERIES[request.form]} не объявлена: нумеровать документ негде",
                "Руководитель впишет её в series файла records/organization.yaml; в архив от "
                f"прежней версии программы её добавит {UPGRADE}",
            )
        sequence = number.removeprefix(self.series.prefix)
        number = f"{series.prefix}-{request.date.year}-{sequence}"
        said = self._repeat(archive) if request.duplicate else self._compose(archive)
        return RegisterEntry(
            number=number,
            series=series.series,
            date=request.date,
            salt=self.salt,
            issuer=issuer(archive, self.actor.staff, request.date),
            protocol=request.protocol,
            blank=request.blank,
            duplicate_of=request.duplicate,
            **said,
        )

    def _compose(self, archive: Archive) -> dict[str, Any]:
        request = self.request
        _require_order(archive, request.order)
        case = case_of(archive, request)
        if reasons := reasons_against(request.form, case):
            raise Refused(
                f"Документ о {case.address} выдать нельзя: " + "; ".join(reasons),
                f"Что записано: papka show {case.student.id}",
            )
        require_first(archive, request, case.address)
        contents = CONTENTS[request.form](case)
        ended = case.enrolment.ended
        own = ended.order if ended and request.form != "progress" else None
        return {
            "form": f"{request.form}@{EDITION}",
            "student": case.address,
            "holder": case.person.name.full,
            "birth_date": case.person.birth_date,
            "order": request.order or own,
            "facts": contents.facts,
            "rows": contents.rows,
            "events": contents.events,
        }

    def _repeat(self, archive: Archive) -> dict[str, Any]:
        """Say what the original said, even when the personal file is gone."""
        _, old = entry_of(archive, self.request.duplicate or "")
        if old.void is not None:
            raise Refused(
                f"Документ № {old.number} недействителен ({old.void.kind or old.void.reason}): "
                "дубликата у него не бывает",
                "Выдайте дубликат того, что действует"
                + (f": № {old.void.replaced_by}" if old.void.replaced_by else ""),
            )
        require_last(archive, old.number)
        order = self.request.order or old.order
        said = order_words(archive, order)  # an entry written by hand may hold no words for it
        facts = ({"order": said} if said else {}) | old.facts
        return {
            "form": f"{self.request.form}@{old.form.partition('@')[2]}",
            "student": old.student,
            "holder": old.holder,
            "birth_date": old.birth_date,
            "order": order,
            "facts": facts | {"original": old.date.isoformat()},
            "rows": old.rows,
            "events": old.events,
        }


def load_saved(root: Path) -> tuple[Archive, str]:
    """Return the shared records as last saved, and that commit."""
    return PeopleReader(root, ()).read()


def load_people(root: Path, head: str, addresses: Iterable[str], *, shared: bool = True) -> Archive:
    """Return the personal files of a commit at these addresses, with the shared records or not."""
    people = {address.partition("#")[0] for address in addresses}
    folders = {student_folder(each) for each in people if is_student_id(each)}
    snapshot = NarrowSnapshot(root, head, folders)
    records = load(
        snapshot,
        SchemaSet.load(snapshot),
        wanted=lambda path: (
            "/".join(path.split("/")[:4]) in folders if path.startswith(STUDENTS + "/") else shared
        ),
    )
    return replace(records, stood=SavedActs(root, head))


def request_again(
    root: Path, number: str, form: str | None, address: str | None
) -> tuple[str, str]:
    """Return form and study of an earlier document.

    Raises NotFound; Refused when others were named.
    """
    archive, _ = load_saved(root)
    _, entry = entry_of(archive, number)
    found = entry.form.partition("@")[0]
    if found not in SERIES:
        raise Refused(
            f"Документ № {number} — формы {entry.form}, заново её не выдать",
            f"Выдают: {', '.join(SERIES)}",
        )
    if (form or found, address or entry.student) != (found, entry.student):
        asked = " ".join(filter(None, (form, address)))
        raise Refused(
            f"Документ № {number} — это {found} {entry.student}, а не {asked}",
            "Уберите форму и номер дела: их знает книга регистрации",
        )
    return found, entry.student


def require_head(root: Path, actor: SigningActor, on: dt.date) -> None:
    """Raise Refused unless this key may sign documents of a day: only heads' keys may."""
    data = blob_at(root, require_head_commit(root), ALLOWED_SIGNERS) or b""
    heads = [entry for entry in read_trust(data).entries if DOCUMENT in entry.namespaces]
    if actor.signer.public not in [entry.key for entry in heads]:
        names = ", ".join(dict.fromkeys(entry.staff for entry in heads))
        raise Refused(
            f"Документы подписывает руководитель, а ключ сотрудника {actor.staff} этого не может",
            f"Пусть выдаст руководитель ({names or 'его ключа в архиве нет'}): ключ "
            f"--as {heads[0].staff if heads else 's001'}",
        )
    entry = next(entry for entry in heads if entry.key == actor.signer.public)
    if entry.term is not None and not entry.counts_on(on):
        raise Refused(
            f"Ключ {actor.staff} подписывает документы {say_key_term(entry.term)}, а этот — "
            f"{on:%d.%m.%Y}",
            "Пусть выдаст руководитель; продлён срок — пусть примет другой ключ: papka trust add",
        )


def sign_entry(entry: RegisterEntry, actor: SigningActor) -> RegisterEntry:
    """Return the entry with the signature of its facts."""
    public = actor.signer.public
    data = compose_message(facts_of(entry, public), message_room(public))
    found = ssh_signatures.read(actor.signer.sign(data, DOCUMENT))
    core = base64.b64encode(found.core).decode()
    return entry.signed(core, public.fingerprint)


def make_void(archive: Archive, number: str, **words: str | None) -> dict[str, str]:
    """Return what ends a document: the words given, of `kind`, `reason`, `date`, `order`.

    Raises NotFound; Refused without a reason, or when it has already ended.
    """
    _, old = entry_of(archive, number)
    if old.void is not None:
        raise Refused(
            f"Документ № {number} уже недействителен: {old.void.reason}",
            f"Что о нём записано: papka find {number}",
        )
    require_last(archive, number)
    if not words.get("reason"):
        raise Refused(f"Почему № {number} недействителен?", 'Назовите причину: --reason "…"')
    _require_order(archive, words.get("order"))
    return {name: value for name, value in words.items() if value}


def _entry_path(key: str) -> str:
    return f"{RECORDS}/registers/{key}.yaml"


def amend_entry(
    root: Path, head: str, key: str, pointer: str, value: Mapping[str, str]
) -> dict[str, bytes]:
    """Return the file of a saved entry with more written into it: path -> bytes."""
    data = blob_at(root, head, _entry_path(key))
    assert data is not None, "the entry was read from it"
    return {_entry_path(key): set_value(data, pointer, dict(value))}


def _require_order(archive: Archive, order: str | None) -> None:
    if order is not None and order not in archive.orders:
        raise NotFound(
            f"Приказа {order} среди сохранённых записей нет",
            f"Приказ указывают по имени файла: 2026/0001.{suggest(order, archive.orders)}",
        )
