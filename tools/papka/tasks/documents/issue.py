"""Issue: the next number of a series, the entry in the register and the paper, in one save.

Invariants: a number is given once, on the primary before anything is printed; only the head's key
signs a document; without a connection the request waits as a draft and nothing is printed.
A reprint needs no key: what is printed stands in the entry (R-2.2.11, R-5.4.3). An issue that was
cut off is found again by the salt of its entry: the same request goes on with the same number.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from papka.core.errors import AnswerLost, Refused, RemoteUnreachable
from papka.gates import begun, drafts
from papka.gates.drafts import Draft
from papka.gates.git.narrow import NarrowSnapshot, blob_at
from papka.gates.git.repository import remotes
from papka.gates.git.runner import SshAccess
from papka.gates.git.tracing import newest_change
from papka.model.acts import RegisterEntry
from papka.tasks.actor import Actor
from papka.tasks.documents.entry import Writer, ended, ended_path, require_head, saved, void
from papka.tasks.drafted import NOT_AGREED, REQUEST, Agreed, Waiting, is_request
from papka.tasks.numbers import Reserved, reserve_number
from papka.tasks.printing.print_form import print_form
from papka.tasks.save import Saved, save_changes
from papka.tasks.sync.sync import sync
from papka.views.forms import FORMS
from papka.views.issued.request import SERIES, Request, entry_of
from papka.views.state import State


@dataclass(frozen=True, slots=True)
class Issued:
    """`entry` is in the register when `number` is set; else `reserved` says what stopped it, or
    `draft` names the request that waits. `request`: what `told` is to be called with."""

    number: str | None
    entry: RegisterEntry
    reserved: Reserved
    request: Request


def issue(  # noqa: PLR0913 - an issue is told exactly these
    root: Path,
    actor: Actor,
    request: Request,
    *,
    now: dt.datetime,
    access: SshAccess | None = None,
    may_draft: bool = True,
) -> Issued:
    """Raises Refused or NotFound when there is nothing to issue, or not yet."""
    require_head(root, actor)
    if found := _given(root, actor, request, now, access):
        _forget_drafts(root, request)
        return Issued(found.number, found, Reserved(found.number), request)
    entry = preview(root, actor, request)
    _rehearse(root, entry)
    writer = Writer(root, actor, request)
    begun.keep(root, _named(request), writer.salt.encode())
    try:
        reserved = reserve_number(
            root, actor, writer.series, writer.files, now=now, access=access, may_draft=False
        )
    except AnswerLost:
        raise
    except RemoteUnreachable as error:
        told(root, request)
        if not may_draft:
            raise
        waiting = _waiting(root, request)
        name = waiting[0].name if waiting else drafts.keep(root, {REQUEST: _written(request)})
        return Issued(None, entry, Reserved(None, draft=name, reason=error.message), request)
    made = writer.made or entry
    if reserved.number is None:
        told(root, request)
        return Issued(None, made, reserved, request)
    _forget_drafts(root, request)
    return Issued(made.number, made, reserved, request)


def told(root: Path, request: Request) -> None:
    """The end of an issue is known to whoever asked: asked again, it is another document."""
    begun.drop(root, _named(request))


def _given(
    root: Path, actor: Actor, request: Request, now: dt.datetime, access: SshAccess | None
) -> RegisterEntry | None:
    """The entry that the same request came to before it was cut off, brought here if need be."""
    salt = begun.find(root, _named(request))
    if salt is None:
        return None
    found = _salted(root, salt, request)
    if found is None and remotes(root):
        sync(root, [actor], now=now, access=access)
        found = _salted(root, salt, request)
    return found


def _salted(root: Path, salt: bytes, request: Request) -> RegisterEntry | None:
    """The entry with this salt, if it is what was asked for: a note may name another's."""
    archive, _ = saved(root)
    student, _, study = request.address.partition("#")
    for entry in archive.registers.values():
        if entry.salt.encode() == salt and entry.form.partition("@")[0] == request.form:
            whose, _, of = entry.student.partition("#")
            if (whose, entry.duplicate_of) == (student, request.duplicate) and study in ("", of):
                return entry
    return None


def _forget_drafts(root: Path, request: Request) -> None:
    for draft in _waiting(root, request):
        drafts.drop(root, draft)


def _waiting(root: Path, request: Request) -> list[Draft]:
    """Drafts of the same request."""
    asked = [(draft, _read(draft)) for draft in drafts.kept(root) if is_request(draft)]
    return [draft for draft, other in asked if other and _named(other) == _named(request)]


def _named(request: Request) -> bytes:
    """Equal for the same request on another day, unless somebody named the day."""
    return _written(request if request.is_dated else replace(request, date=dt.date.min))


def _rehearse(root: Path, entry: RegisterEntry) -> None:
    """A form that cannot be filled in is told before a number is taken. Raises TemplateBroken."""
    archive, head = saved(root)
    form = next(form for form in FORMS if form.name == entry.form.partition("@")[0])
    state = State(
        replace(archive, registers={"draft": entry}),
        dt.datetime.combine(entry.date, dt.time(), dt.UTC),
        entry.date,
        head,
    )
    print_form(form, state, entry.number, templates=NarrowSnapshot(root, head, ()), html=True)


def preview(root: Path, actor: Actor, request: Request) -> RegisterEntry:
    """The entry as it would be, without number and signature; refused as `issue` would."""
    require_head(root, actor)
    writer = Writer(root, actor, request)
    writer.files(writer.series.draft)
    assert writer.made is not None
    return writer.made


def annul(  # noqa: PLR0913 - an end of a document is told exactly these
    root: Path,
    actor: Actor,
    number: str,
    *,
    reason: str | None,
    order: str | None,
    spoiled: bool,
    now: dt.datetime,
    date: dt.date,
    dry_run: bool = False,
) -> Saved:
    """The document counts no more and nothing takes its place; its number stays taken."""
    archive, head = saved(root)
    key, old = entry_of(archive, number)
    kind = "испорчен" if spoiled else "аннулирован"
    asked = (kind, reason, date, order)
    if old.void and (old.void.kind, old.void.reason, old.void.date, old.void.order) == asked:
        commit = newest_change(root, [ended_path(key)], head)  # asked for again
        return Saved(commit, "", (), (), lambda _: None)
    if not spoiled and not order:
        raise Refused(
            f"Выданный документ № {number} аннулируют приказом",
            "Назовите приказ: --order 2026/0016; испорченный и не выданный — с ключом --spoiled",
        )
    end = void(archive, number, kind=kind, reason=reason, date=date.isoformat(), order=order)
    path, data = ended_path(key), ended(root, head, key, end)
    known = {path: blob_at(root, head, path)}
    return save_changes(root, actor, {path: data}, now=now, dry_run=dry_run, expected=known)


def issue_drafts(
    root: Path,
    actor: Actor,
    *,
    agreed: Agreed,
    now: dt.datetime,
    access: SshAccess | None = None,
) -> Iterator[tuple[str, Issued | Refused]]:
    """Issues every request that waited for a connection; a refused one goes on waiting.

    `agreed` is asked of each before it is signed.
    """
    for draft in drafts.kept(root):
        if not is_request(draft) or draft not in drafts.kept(root):
            continue  # of another kind, or the same as one issued just now
        request = _read(draft)
        if request is None:
            yield draft.name, Refused("это не заявка на документ", f"Уберите его: {draft.place}")
            continue
        if not request.is_dated:
            request = replace(request, date=now.date())
        try:
            require_head(root, actor)
            if not agreed(Waiting(draft, is_own=drafts.is_own(root, draft))):
                raise Refused(NOT_AGREED, f"Прочтите его или уберите: {draft.place}")  # noqa: TRY301 - told as any other
            done = issue(root, actor, request, now=now, access=access, may_draft=False)
        except Refused as error:
            yield draft.name, error
            continue
        yield draft.name, done


def _written(request: Request) -> bytes:
    words = asdict(request) | {"date": request.date.isoformat()}
    return json.dumps(words, ensure_ascii=False, indent=1).encode()


def _read(draft: Draft) -> Request | None:
    """The request; None for what papka would not have written."""
    try:
        words = json.loads(draft.files[REQUEST])
        request = Request(**words | {"date": dt.date.fromisoformat(words["date"])})
        is_ours = _written(request) == draft.files[REQUEST] and _is_worded(request)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return request if is_ours else None


def _is_worded(request: Request) -> bool:
    """Whether each word is a word, for JSON may hold anything."""
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
