"""Issue a document to many people in one act, and write down that documents were handed over.

Invariants: before the first number every document is made and filled in; when one cannot be,
all that are in the way are told and no number is taken; the numbers follow one another and come in
one save, so there are all of them or none (R-5.4.3). An issue that was cut off is found by the
salts of its entries: the same request goes on with the same numbers.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import AnswerLost, PapkaError, Refused, RemoteUnreachable
from papka.core.phrases import count_phrase
from papka.core.places import place
from papka.desk.numbers import Reserved, reserve_number
from papka.desk.saving import Saved, require_head_commit, save_changes
from papka.paper.issued_contents import Request, entry_of
from papka.paper.issuing import (
    PeopleReader,
    Writer,
    amend_entry,
    drop_drafts,
    find_interrupted,
    identify,
    leave_draft,
    load_people,
    load_saved,
    rehearse,
    require_head,
)
from papka.records.acts import RegisterEntry
from papka.records.archive import load
from papka.records.choosing import PeopleFilter, choose_people, kinds_for
from papka.records.schemas import SchemaSet
from papka.records.search import is_minor
from papka.records.student import COMPLETED, Enrolment, Student
from papka.repository import unfinished_work
from papka.repository.commit_snapshots import CommitSnapshot, blob_at
from papka.repository.runner import SshAccess
from papka.repository.signing import SigningActor

_OWN = "обучающийся"


@dataclass(frozen=True, slots=True)
class IssuedMany:
    """What came of it: the entries in the order of their numbers, empty when `reserved` says why
    there are none; `drafts` then wait for a connection, one a request."""

    entries: tuple[RegisterEntry, ...]
    reserved: Reserved
    requests: tuple[Request, ...]
    drafts: tuple[str, ...] = ()


def choose_studies(root: Path, form: str, wanted: PeopleFilter, day: dt.date) -> list[str]:
    """Return the addresses of studies that fit, may get this document and have none yet.

    A certificate is for who completed the programme, or studies still and is named by an order; a
    record of marks for who studies; a transcript for who left. Raises NotFound; Refused for nobody.
    """
    snapshot = CommitSnapshot(root, require_head_commit(root))
    kinds = kinds_for(wanted) | {"register"}
    archive = load(
        snapshot,
        SchemaSet.load(snapshot),
        wanted=lambda path: (found := place(path)) is not None and found.kind in kinds,
    )
    held = {
        entry.student
        for entry in archive.registers.values()
        if entry.form.partition("@")[0] == form and entry.void is None
    }

    def is_meant(student: Student, enrolment: Enrolment) -> bool:
        is_held = form != "progress" and f"{student.id}#{enrolment.id}" in held
        return not is_held and _is_due(form, enrolment, wanted, day)

    found = [
        f"{each.student.id}#{study.id}"
        for each in choose_people(archive, wanted, day, is_meant)
        for study in each.studies
    ]
    if not found:
        where = "Среди выбранных" if wanted else "В архиве"
        raise Refused(
            f"{where} этот документ выдать некому: никто не подходит, или уже выдан",
            "Кто учится и кто закончил: papka find; что выдано: папка records/registers",
        )
    return sorted(found)


def _is_due(form: str, enrolment: Enrolment, wanted: PeopleFilter, day: dt.date) -> bool:
    ended = enrolment.ended
    if enrolment.start > day:
        return False
    if form == "progress":
        return ended is None or ended.date >= day
    if form == "certificate":
        # who still studies is told as such, unless more than one group was meant
        return ended.reason == COMPLETED if ended else bool(wanted.group)
    return ended is not None and ended.reason != COMPLETED


def issue_many(  # noqa: PLR0913 - an issue is told exactly these
    root: Path,
    actor: SigningActor,
    requests: Sequence[Request],
    *,
    now: dt.datetime,
    access: SshAccess | None = None,
    agree: Callable[[], None] = lambda: None,
) -> IssuedMany:
    """Give each document a number and save all entries, signed, before anything is printed.

    `agree` is called when all may be issued, before a number is taken, and may raise. Without a
    connection each request waits as a draft. Raises Refused, naming whatever is in the way;
    AnswerLost when the primary may have taken the numbers.
    """
    asked = tuple(requests)
    for day in dict.fromkeys(request.date for request in asked) or (now.date(),):
        require_head(root, actor, day)
    note = unfinished_work.find_note(root, _identify(asked))
    if salts := _read_note(note or b"", len(asked)):
        found = find_interrupted(root, actor, salts, asked, now=now, access=access)
        if found:
            _drop_all(root, asked)
            return IssuedMany(found, Reserved(found[0].number), asked)
    reader = PeopleReader(root, [each.address for each in asked])
    writers = [Writer(root, actor, each, reader) for each in asked]
    _try_all(root, writers)
    agree()
    made_salts = json.dumps([writer.salt for writer in writers])
    unfinished_work.keep_note(root, _identify(asked), made_salts.encode())
    series = writers[0].series

    def files(number: str) -> Mapping[str, bytes]:
        first = int(number.removeprefix(series.prefix))
        made: dict[str, bytes] = {}
        for at, writer in enumerate(writers):
            made |= writer.files(series.number(first + at))
        return made

    try:
        reserved = reserve_number(
            root, actor, series, files, now=now, access=access, may_draft=False
        )
    except AnswerLost:
        raise
    except RemoteUnreachable as error:
        forget_many(root, asked)
        drafts = tuple(leave_draft(root, each) for each in asked)
        return IssuedMany((), Reserved(None, reason=error.message), asked, drafts)
    if reserved.number is None:
        forget_many(root, asked)
        return IssuedMany((), reserved, asked)
    _drop_all(root, asked)
    entries = tuple(writer.made for writer in writers if writer.made is not None)
    return IssuedMany(entries, reserved, asked)


def forget_many(root: Path, requests: Sequence[Request]) -> None:
    """Forget an act whose outcome has been reported: asked again, it is another one."""
    unfinished_work.drop_note(root, _identify(requests))


def _drop_all(root: Path, requests: Iterable[Request]) -> None:
    for each in requests:
        drop_drafts(root, each)


def _try_all(root: Path, writers: Iterable[Writer]) -> None:
    """Make and fill in every document under a draft's number. Raises Refused, naming all faults."""
    troubles = []
    for writer in writers:
        try:
            rehearse(root, writer.draft(), *writer.reader.read())
        except PapkaError as error:
            troubles.append(error.message)
    if troubles:
        listed = "\n".join(f"  {trouble}" for trouble in troubles)
        count = count_phrase(len(troubles), "документ", "документа", "документов")
        raise Refused(
            f"Не выдано ничего, ни один номер не занят: не получается {count}\n{listed}",
            "Исправьте названное или выдайте остальным по одному: papka issue ФОРМА НОМЕР#ЗАПИСЬ",
        )


def _identify(requests: Sequence[Request]) -> bytes:
    """Return bytes equal for the same act on another day, unless somebody named the day."""
    return b"issue many " + b"\n".join(map(identify, requests))


def _read_note(note: bytes, count: int) -> list[str]:
    """Return the salts in a note, [] for what papka would not have written of so many requests."""
    try:
        salts = [str(each) for each in json.loads(note)] if note else []
    except (ValueError, TypeError, RecursionError):
        return []
    return salts if len(salts) == count else []


_RANGE = re.compile(r"(?P<first>.+?-)(?P<from>\d+)\s*(?:…|\.\.+|–|—)\s*(?:.+-)?(?P<to>\d+)")
_MANY = 1_000


def numbers_in(words: Iterable[str]) -> Iterator[str]:
    """Yield numbers of documents; «С-2026-0001…С-2026-0030» is all of them in between."""
    for word in words:
        found = _RANGE.fullmatch(word.strip())
        if found is None:
            yield word.strip()
            continue
        first, last, width = int(found["from"]), int(found["to"]), len(found["from"])
        if not first <= last < first + _MANY:
            raise Refused(f"«{word}» — не ряд номеров", "Например: С-2026-0001…С-2026-0030")
        yield from (f"{found['first']}{number:0{width}d}" for number in range(first, last + 1))


def hand_over(  # noqa: PLR0913 - a handing over is told exactly these
    root: Path,
    actor: SigningActor,
    words: Iterable[str],
    *,
    to: str | None,
    date: dt.date,
    now: dt.datetime,
    dry_run: bool = False,
) -> tuple[Saved, dict[str, str]]:
    """Write down in the register that documents were handed over; returns number -> to whom, too.

    `to` is whom: an id of the personal file, «обучающийся», or None for what the file decides: a
    grown-up himself, a minor's first representative. Raises NotFound, Refused.
    """
    archive, head = load_saved(root)
    files: dict[str, bytes] = {}
    done: dict[str, str] = {}
    listed = [entry_of(archive, number) for number in dict.fromkeys(numbers_in(words))]
    people = load_people(root, head, (entry.student for _, entry in listed), shared=False)
    for key, entry in listed:
        number = entry.number
        if entry.void is not None:
            raise Refused(
                f"Документ № {number} недействителен: {entry.void.word}",
                "Вручают тот, что действует",
            )
        if entry.handed is not None:
            if (entry.handed.date, to or entry.handed.to) != (date, entry.handed.to):
                raise Refused(
                    f"Документ № {number} уже вручён {entry.handed.date:%d.%m.%Y}",
                    "Второй раз не вручают; утрачен — papka issue --duplicate НОМЕР",
                )
            continue
        student = people.students.get(entry.student.partition("#")[0])
        handed = _handed(number, student, to, date)
        files |= amend_entry(root, head, key, "/handed", handed)
        done[number] = handed.get("name", handed["to"])
    known = {path: blob_at(root, head, path) for path in files}
    saved = save_changes(root, actor, files, now=now, dry_run=dry_run, expected=known)
    return saved, done


def _handed(number: str, student: Student | None, to: str | None, date: dt.date) -> dict[str, str]:
    person = student.person if student else None
    relatives = {each.id: each for each in person.representatives if each.id} if person else {}
    whom = to or (
        _OWN if person is None or not is_minor(person, date) else next(iter(relatives), "")
    )
    if not whom or (whom != _OWN and whom not in relatives):
        raise Refused(
            f"Кому вручён документ № {number}, неясно",
            "Назовите: --to p1 (номер представителя из карточки) или --to обучающийся",
        )
    found = {"date": date.isoformat(), "to": whom}
    if whom in relatives:
        found["name"] = relatives[whom].full
    elif person is not None:
        found["name"] = person.name.full
    return found
