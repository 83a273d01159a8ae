"""The sheet of provenance: which signed commits each section of a personal file comes from.

Invariants: every commit that touched the folder or a record it cites is named, and no other;
people are named here and nowhere in the history itself; nothing is called verified, for that is
what `papka verify` is asked for. One day's commits of one person are one line, a month's where
days would be too many. Absent on purpose: reading history (`tasks.provenance`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from papka.core.layout import RECORDS, order_file, place, program_file
from papka.model.archive import Archive
from papka.model.student import Student
from papka.views.deeds import Deed, Title, told
from papka.views.periods import title_of
from papka.views.reference import order, teacher
from papka.views.wording import NBSP, day

SHORT = 12
"""Signs of a commit's name: what `papka show` prints."""
NO_SEAL = "печать архива ещё не ставилась"
_KEY_SIGNS = len("SHA256:") + 16
_MANY = 40
_SECTIONS = {
    "student": "Личная карточка",
    "enrolments": "Обучение",
    "results": "Результаты",
    "credits": "Зачёт результатов других организаций",
    "awards": "Поощрения",
    "consents": "Согласия",
    "documents": "Документы дела",
    "attachment": "Документы дела",
    "notices": "Извещения",
    "raw": "Выгрузки",
    "order": "Приказы, на которые ссылается дело",
    "program": "Программы",
    "events": "Мероприятия",
    "approval": "Утверждение периодов",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A day (or month) of one person in one section; `commits` are short names, oldest first."""

    date: str
    commits: tuple[str, ...]
    signer: str
    what: str


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed: name, post, id in the history, and the beginnings of their keys."""

    name: str
    post: str
    staff: str
    keys: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """`digest` is in groups of eight signs; `commit` the state it is of; `checks` are commands
    with what each answers."""

    sections: tuple[Section, ...]
    signers: tuple[Signer, ...]
    commits: int
    commit: str
    folder: str
    digest: tuple[str, ...]
    seal: str
    checks: tuple[tuple[str, str], ...]


def cited(student: Student) -> tuple[str, ...]:
    """Shared records whose facts the personal file prints, as paths, there or not."""
    events = [result.event for _, result in student.results]
    events += [award.event for award in student.awards]
    years = {event.partition("/")[0] for event in events if event}
    paths = {order_file(each) for each in _orders(student) if each}
    paths |= {program_file(each.program) for each in student.enrolments}
    paths |= {f"{RECORDS}/events/{year}.yaml" for year in years}
    paths |= {f"{RECORDS}/approvals/{period}.yaml" for period in student.periods}
    return tuple(sorted(paths))


def _orders(student: Student) -> Iterator[str | None]:
    for enrolment in student.enrolments:
        yield enrolment.order
        yield enrolment.ended.order if enrolment.ended else None
    yield from (credit.order for credit in student.credits)
    yield from (award.order for award in student.awards)
    if student.person:
        yield from (hold.order for hold in student.person.holds)
        yield student.person.need_ended.order if student.person.need_ended else None


def provenance(  # noqa: PLR0913 - what the sheet says, all of it named
    archive: Archive,
    student: Student,
    deeds: Sequence[Deed],
    title: Title,
    *,
    commit: str,
    digest: str,
    seal: str | None = None,
) -> Provenance:
    """`deeds` oldest first; `digest` is the folder's, in hex."""
    shelves: dict[str, list[Deed]] = {}
    for deed in sorted(deeds, key=_order_of_sections):
        heading = _section(archive, deed.path)
        if heading:
            shelves.setdefault(heading, []).append(deed)
    sections = tuple(
        Section(heading, tuple(_lines(archive, shelf, title))) for heading, shelf in shelves.items()
    )
    return Provenance(
        sections,
        tuple(_signers(archive, deeds)),
        len({deed.commit for deed in deeds}),
        commit[:SHORT],
        student.folder,
        tuple(digest[at : at + 8] for at in range(0, len(digest), 8)),
        seal or NO_SEAL,
        tuple(_checks(student, commit)),
    )


def _order_of_sections(deed: Deed) -> tuple[int, str]:
    at = place(deed.path)
    kinds = list(_SECTIONS)
    kind = at.kind if at and at.kind in _SECTIONS else kinds[-1]
    heading = list(dict.fromkeys(_SECTIONS.values())).index(_SECTIONS[kind])
    return heading, at.key if at and kind == "results" else ""


def _section(archive: Archive, path: str) -> str:
    """The heading a file stands under; "" for what holds no facts, such as the salt."""
    at = place(path)
    if at is None or at.kind not in _SECTIONS:
        return ""
    period = f": {title_of(archive, at.key)}" if at.kind == "results" else ""
    return _SECTIONS[at.kind] + period


def _lines(archive: Archive, shelf: list[Deed], title: Title) -> Iterator[Line]:
    days: dict[tuple[str, str, str], list[Deed]] = {}
    for deed in shelf:
        days.setdefault((day(deed.time.date()), deed.staff, deed.key), []).append(deed)
    if len(days) > _MANY:
        days = {}
        for deed in shelf:
            month = f"{deed.time:%m.%Y}"
            days.setdefault((month, deed.staff, deed.key), []).append(deed)
    for (date, staff, _), deeds in days.items():
        commits = tuple(dict.fromkeys(deed.commit[:SHORT] for deed in deeds))
        what = told(deeds, title, lambda path: _called(archive, path))
        yield Line(date, commits, teacher(archive, staff), what)


def _called(archive: Archive, path: str) -> str:
    """How a file is called on paper."""
    at = place(path)
    match (at.kind if at else "", at.key if at else ""):
        case ("student", _):
            return "карточка"
        case ("order", key):
            return order(archive, key)
        case ("program", key):
            found = archive.programs.get(key)
            return f"«{found.title}»" if found else key
        case ("events", year):
            return f"мероприятия {year}{NBSP}г."
        case ("approval", period):
            return f"акт за {title_of(archive, period)}"
        case ("raw", key):
            return key
        case _:
            return path.rpartition("/")[2]


def _signers(archive: Archive, deeds: Iterable[Deed]) -> Iterator[Signer]:
    keys: dict[str, dict[str, None]] = {}
    for deed in deeds:
        if _section(archive, deed.path):
            keys.setdefault(deed.staff, {})[deed.key[:_KEY_SIGNS]] = None
    for staff in sorted(keys):
        member = archive.staff.get(staff)
        name, post = (member.name.full, member.post) if member else (staff, "")
        yield Signer(name, post, staff, ", ".join(f"{key}…" for key in keys[staff] if key))


def _checks(student: Student, commit: str) -> Iterator[tuple[str, str]]:
    yield "papka verify", "подлинны ли подписи, цела ли история"
    example = next((entry.id for _, entry in student.results if entry.id), None) or next(
        (entry.id for entry in student.entries() if entry.id), "r1"
    )
    yield f"papka show {student.id}#{example} --why", "кто, когда и чем подтвердил одну запись"
    yield f"git archive {commit[:SHORT]}:{student.folder} | tar x", "папка дела — в пустое место"
    yield (
        "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum",
        "свёртка этой папки",
    )
