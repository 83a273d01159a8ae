"""Tables and facts of one student, already worded: what the personal file and `papka show` say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from papka.core.kinds import KIND_OF
from papka.core.places import place
from papka.paper.issued_contents import DISTANCE, IN_WORDS, find_told, title_of_form
from papka.paper.print_state import list_notes, name_recipient
from papka.records import wording
from papka.records.acts import RegisterEntry
from papka.records.added_fields import list_unworded
from papka.records.archive import Archive, issued_to
from papka.records.derived.in_force import consents_on, picture_purposes
from papka.records.derived.membership import transfers_of
from papka.records.derived.result_facts import (
    Mastery,
    count_reached,
    edition_of,
    enrolment_of,
    mastery,
    outcomes,
    outstanding,
    part_of,
    scale_of,
)
from papka.records.school import NOT_ATTESTED
from papka.records.student import (
    Account,
    AddedField,
    AddedLine,
    AddedList,
    Award,
    Consent,
    Credit,
    CreditItem,
    Enrolment,
    Notice,
    Person,
    Representative,
    Result,
    Student,
)
from papka.records.wording import (
    HOURS,
    NBSP,
    NONE,
    SHEETS,
    counted,
    day,
    if_approved,
    mark,
    title_of,
)

_Dated = TypeVar("_Dated", Award, Consent, Notice)


class Fact(NamedTuple):
    """A labelled line of a card, already worded."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ScreenTable:
    """A table of a printed document, already worded.

    `kind` only chooses the columns' widths; `absence`: said when there are no rows (R-2.2.6 wants
    the absence of debts stated); `note`: under the rows.
    """

    kind: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    absence: str = ""
    note: str = ""

    @property
    def says_something(self) -> bool:
        return bool(self.rows or self.absence)

    def without(self, before: ScreenTable | None) -> ScreenTable:
        """Return the rows that `before` did not have; the absence only when it is new."""
        if before is None:
            return self
        old = set(before.rows)
        rows = tuple(row for row in self.rows if row not in old)
        is_new = not self.rows and bool(before.rows)
        return replace(
            self,
            rows=rows,
            absence=self.absence if is_new else "",
            note=self.note if rows else "",
        )


def by_date(entries: tuple[_Dated, ...]) -> list[_Dated]:
    return sorted(entries, key=lambda entry: entry.date)


def lines(*parts: str | None) -> str:
    """Return a cell of several facts, each on a line of its own."""
    return "\n".join(part for part in parts if part)


def sentence(text: str, additions: Iterable[str]) -> str:
    """Append additions to a text that may or may not end with a full stop."""
    more = [addition for addition in additions if addition]
    return "; ".join([text.rstrip(". "), *more]) if more else text


Row = tuple[str, ...]
ENTRY = "Запись"
"""Heading of the column of ids, which the next command may take."""


@dataclass(frozen=True, slots=True)
class Section:
    """A table of a screen report.

    `notes`: under the rows, or alone; `struck`: positions of rows that a correction replaced.
    """

    title: str
    columns: Row
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    struck: frozenset[int] = frozenset()


PAPER = "Бумажное дело"


def card_facts(archive: Archive, student: Student, person: Person) -> list[Fact]:
    """Return the personal card (личная карточка, R-5.2) without special needs and diagnostics.

    Those live in the restricted archive.
    """
    given = (
        ("Фамилия, имя, отчество", person.name.full),
        ("Прежние имена", "; ".join(_former_names(student, person))),
        ("Дата рождения", day(person.birth_date) if person.birth_date else ""),
        ("Пол", person.sex or ""),
        ("Удостоверение личности", person.identity or ""),
        ("СНИЛС", person.snils or ""),
        ("Адрес", person.address or ""),
        ("Телефон", person.phone or ""),
        ("Электронная почта", person.email or ""),
        ("Учётные записи на платформах", "; ".join(_account(archive, a) for a in person.accounts)),
        ("Другое дело этого же лица", person.duplicate_of or ""),
        (PAPER, person.paper.place if person.paper else ""),
    )
    return [Fact(label, text) for label, text in given if text]


def photo_allowed(archive: Archive, student: Student, on: dt.date) -> bool:
    """Return whether a consent in force lets the school show the photo (R-3.1)."""
    return any(consents_on(archive, student, on, purpose) for purpose in picture_purposes(archive))


def photo_fact(archive: Archive, student: Student, photo: str, on: dt.date) -> Fact:
    """Say which document the photo is, and why its picture is not shown."""
    found = wording.document(student, photo)
    title = found.title if found else photo
    gone = archive.destroyed.of_scan(student, found) if found else None
    if gone is not None:
        title += f": {gone.words}"
    elif not photo_allowed(archive, student, on):
        title += ". Не печатается: нет действующего согласия"
    return Fact("Фотография", f"по описи: {title}")


def representatives(person: Person) -> ScreenTable:
    return ScreenTable(
        "representatives",
        "Законные представители",
        ("Кем приходится", "Фамилия, имя, отчество", "Связь и адрес", "Документы"),
        tuple(_representative(each) for each in person.representatives),
    )


def volumes(archive: Archive, person: Person) -> ScreenTable:
    shelf = person.paper.shelf if person.paper else ()
    return ScreenTable(
        "volumes",
        "Прошитые тома бумажного дела",
        ("Том", "Прошит", "Листов", "Подписал"),
        tuple(
            (
                str(volume.volume) if volume in shelf else f"{volume.volume} (перешит)",
                day(volume.bound),
                counted(volume.sheets, SHEETS),
                wording.staff(archive, volume.signed_by),
            )
            for volume in (person.paper.volumes if person.paper else ())
        ),
    )


def issued(archive: Archive, student: Student) -> ScreenTable:
    """Return the documents issued to the student, as the books have them (R-5.5)."""
    own = alone(archive, student)
    return ScreenTable(
        "issued",
        "Выданные документы",
        ("Номер", "Документ", "Дата", "Вручение и отметки"),
        tuple(
            (
                entry.number,
                title_of_form(entry.form),
                day(entry.date),
                lines(handing(own, entry), *list_notes(own, entry)),
            )
            for entry in own.registers.values()
        ),
    )


def alone(archive: Archive, student: Student) -> Archive:
    """Return the archive with the register entries of this student only, by day."""
    return replace(archive, registers=issued_to(archive, student.id), issued=None)


def handing(archive: Archive, entry: RegisterEntry) -> str:
    """Say to whom and when it was handed; of a void one only what happened."""
    who = name_recipient(archive, entry)
    if who:
        return f"вручено: {who}"
    return "" if entry.void else "не вручено"


def lendings(person: Person) -> ScreenTable:
    return ScreenTable(
        "lendings",
        "Выдача бумажного дела",
        ("Выдано", "Кому", "Вернуть до", "Возвращено"),
        tuple(
            (
                day(lending.date),
                lending.taken_by,
                day(lending.due) if lending.due else NONE,
                day(lending.returned) if lending.returned else NONE,
            )
            for lending in (person.paper.lendings if person.paper else ())
        ),
    )


def keeping(archive: Archive, person: Person) -> ScreenTable:
    """Return the holds and the decision that the folder is no longer needed (R-6.4)."""
    rows = [
        (
            "запрет на уничтожение",
            wording.span(hold.since, hold.until),
            lines(hold.reason, wording.order(archive, hold.order)),
        )
        for hold in person.holds
    ]
    if ended := person.need_ended:
        ground = lines(ended.reason, wording.order(archive, ended.order))
        rows.append(("надобность миновала", day(ended.date), ground))
    return ScreenTable("keeping", "Хранение дела", ("Решение", "Когда", "Основание"), tuple(rows))


def _former_names(student: Student, person: Person) -> Iterator[str]:
    for past in sorted(person.former_names, key=lambda past: past.until):
        ground = wording.paper(student, past.document)
        yield wording.former_name(past) + (f", основание: {ground}" if ground else "")


def _account(archive: Archive, account: Account) -> str:
    platform = archive.platforms.get(account.platform)
    used = wording.span(account.since, account.until)
    return f"{platform.title if platform else account.platform}: {account.key}" + (
        f" ({used})" if used else ""
    )


def _representative(person: Representative) -> tuple[str, ...]:
    former = "; ".join(wording.former_names(person))
    return (
        person.relation,
        lines(person.full, former and f"прежде: {former}"),
        lines(person.phone, person.email, person.address) or NONE,
        lines(person.identity, person.authority and f"полномочия:{NBSP}{person.authority}") or NONE,
    )


def enrolments(archive: Archive, student: Student) -> ScreenTable:
    return ScreenTable(
        "enrolments",
        "Обучение",
        ("Программа", "Форма и группа", "Договор", "Зачисление", "Окончание"),
        tuple(_enrolment(archive, student, each) for each in student.enrolments),
    )


def _enrolment(archive: Archive, student: Student, enrolment: Enrolment) -> tuple[str, ...]:
    edition = edition_of(archive, enrolment)
    program = f"{wording.program(archive, enrolment)}, редакция{NBSP}{enrolment.edition}"
    if edition:
        program += f", {counted(edition.hours, HOURS)}"
    if enrolment.individual_parts:
        titles = [
            part.title if (part := part_of(archive, enrolment, code)) else code
            for code in enrolment.individual_parts
        ]
        program += f". Индивидуальный план: {', '.join(titles)}"
    if enrolment.continues:
        before = enrolment_of(student, enrolment.continues)
        program += f". Продолжает {wording.program(archive, before, enrolment.continues)}"
    groups = [f"группа {enrolment.group}"] if enrolment.group else []
    groups += [
        lines(f"с{NBSP}{day(move.date)} группа {move.group}", wording.order(archive, move.order))
        for move in transfers_of(student, enrolment)
    ]
    ended = enrolment.ended
    planned = f"по плану {day(enrolment.planned_end)}" if enrolment.planned_end else ""
    end = (day(ended.date), ended.reason, ended.moved_to) if ended else ()
    return (
        program,
        lines(enrolment.form, DISTANCE if enrolment.distance else "", *groups),
        wording.paper(student, enrolment.contract) or NONE,
        lines(day(enrolment.start), wording.order(archive, enrolment.order)),
        lines(*end, wording.order(archive, ended.order) if ended else "", planned) or NONE,
    )


def levels(archive: Archive, student: Student) -> Iterator[ScreenTable]:
    """Return one table a programme; a part without data says so (R-2.2.3)."""
    for enrolment in student.enrolments:
        rows = tuple(
            (
                level.part.title,
                counted(level.part.hours, HOURS),
                *_word_level(archive, student, enrolment, level),
            )
            for level in mastery(archive, student, enrolment)
        )
        if rows:
            yield ScreenTable(
                "levels",
                f"Уровень освоения программы {wording.program(archive, enrolment)}",
                ("Часть программы", "Объём", "Оценка", "Какая и когда", "Освоение"),
                rows,
            )


def _word_level(
    archive: Archive, student: Student, enrolment: Enrolment, level: Mastery
) -> tuple[str, str, str]:
    """Word the mark, its ground and how far the part is mastered.

    Of a part without a scale the teacher's words stand for a mark, and no threshold is crossed.
    """
    told = find_told(student, enrolment.id, level.part)
    if level.mark is None and not level.credited and told is not None:
        period = next(p for p, results in student.periods.items() if told in results)
        return IN_WORDS, _say_when(archive, told, period), NONE
    return (
        mark(level.mark, level.scale) if level.mark is not None else NONE,
        _say_ground(archive, level),
        _say_level(level, is_over=enrolment.ended is not None),
    )


def _say_ground(archive: Archive, level: Mastery) -> str:
    if level.credited:
        return "зачтено из другой организации"
    if level.result is None or level.period is None:
        return NONE
    return _say_when(archive, level.result, level.period)


def _say_when(archive: Archive, result: Result, period: str) -> str:
    return f"{result.control or result.origin}, {day(result.date)}, {title_of(archive, period)}"


def _say_level(level: Mastery, *, is_over: bool) -> str:
    """Say how far a part is mastered; a study that is over leaves its last mark for good."""
    if level.passed is None:
        return "нет данных"
    if level.final or is_over:
        return "освоена" if level.passed else "не освоена"
    if level.mark == NOT_ATTESTED:
        return NOT_ATTESTED
    return "осваивается" if level.passed else "пока ниже порога"


def planned(archive: Archive, student: Student) -> Iterator[ScreenTable]:
    """Return planned against actual results by programme (R-2.2.5); targets are none (R-4.1).

    «Нет данных» is no failure and stands in no share.
    """
    for enrolment in student.enrolments:
        found = outcomes(archive, student, enrolment)
        if not found:
            continue
        count = count_reached(found)
        known = f"Достигнуто {count.reached} из{NBSP}{count.known}, о которых есть данные"
        if not count.known:
            known = "Данных ещё нет"
        yield ScreenTable(
            "planned",
            f"Планируемые и достигнутые результаты программы {wording.program(archive, enrolment)}",
            ("Вид", "Планируемый результат", "Достигнут"),
            tuple((each.planned.kind, each.planned.text, each.reached) for each in found),
            note=f"{known}; всего в программе {count.planned}. «Нет данных» не означает, что "
            "результат не достигнут.",
        )


def credits(archive: Archive, student: Student) -> ScreenTable:  # noqa: A001 - as the records call them
    """Return the credited results of other organizations (R-2.2.9)."""
    return ScreenTable(
        "credits",
        "Зачёт результатов других организаций",
        ("Организация и документ", "Предмет и результат там", "Решение", "Зачтено", "Основание"),
        tuple(
            _credit(archive, student, credit, item)
            for credit in student.credits
            for item in credit.items
        ),
    )


def _credit(
    archive: Archive, student: Student, credit: Credit, item: CreditItem
) -> tuple[str, ...]:
    enrolment = enrolment_of(student, credit.enrolment)
    part = part_of(archive, enrolment, item.part)
    credited = [part.title if part else item.part or ""]
    if item.hours:
        credited.append(counted(item.hours, HOURS))
    if item.mark is not None:
        credited.append(mark(item.mark, scale_of(archive, enrolment, item.part)))
    theirs = f", {counted(item.their_hours, HOURS)}" if item.their_hours else ""
    return (
        lines(credit.organisation, wording.paper(student, credit.document)),
        f"{item.their_subject}: {item.their_result}{theirs}",
        lines(item.decision, item.reason),
        lines(*credited) or NONE,
        lines(
            f"заявление от{NBSP}{day(credit.applied)}",
            f"решение от{NBSP}{day(credit.decided)}" if credit.decided else "",
            wording.order(archive, credit.order),
            f"в программу {wording.program(archive, enrolment, credit.enrolment)}",
        ),
    )


def debts(archive: Archive, student: Student, on: dt.date) -> ScreenTable:
    """Return the debts, or the sentence that there are none (R-2.2.6).

    Of one who has not studied nothing is said.
    """
    has_studied = any(each.start <= on for each in student.enrolments)
    rows = []
    for debt in outstanding(archive, student, on):
        last = debt.last
        enrolment = enrolment_of(student, last.enrolment)
        part = part_of(archive, enrolment, last.part)
        program = wording.program(archive, enrolment, last.enrolment)
        rows.append(
            (
                title_of(archive, debt.period),
                lines(program, part.title if part else last.part),
                mark(last.mark or "", scale_of(archive, enrolment, last.part)),
                day(last.resit_by) if last.resit_by else "не назначен",
                debt.state,
            )
        )
    return ScreenTable(
        "debts",
        "Академические задолженности",
        ("Период", "Программа, часть", "Оценка", "Срок пересдачи", "Состояние"),
        tuple(rows),
        absence=f"На {day(on)} академических задолженностей нет{if_approved(archive, student)}."
        if has_studied
        else "",
    )


def awards(archive: Archive, student: Student) -> ScreenTable:
    """Return the awards by date (R-2.2.10)."""
    return ScreenTable(
        "awards",
        "Поощрения",
        ("Дата", "Деятельность", "Поощрение, за что", "Основание"),
        tuple(_award(archive, student, each) for each in by_date(student.awards)),
    )


def consents(archive: Archive, student: Student, person: Person) -> ScreenTable:
    """Return the consents by date, revoked ones too (R-3.1)."""
    return ScreenTable(
        "consents",
        "Согласия на обработку персональных данных",
        ("Цель", "Дано", "Кем", "Действие", "Документ"),
        tuple(_consent(archive, student, person, each) for each in by_date(student.consents)),
    )


def notices(archive: Archive, student: Student, person: Person) -> ScreenTable:
    """Return the notices of progress by date (R-2.2.6)."""
    return ScreenTable(
        "notices",
        "Извещения об успеваемости",
        ("Дата", "О чём", "Как", "Кому"),
        tuple(_notice(archive, student, person, each) for each in by_date(student.notices)),
    )


def _award(archive: Archive, student: Student, award: Award) -> tuple[str, ...]:
    act = archive.regulations.get(award.act)
    return (
        day(award.date),
        award.activity,
        sentence(f"{award.award}. {award.text}", (wording.event(archive, award.event),)),
        lines(
            f"{act.title if act else award.act}, п.{NBSP}{award.clause}",
            wording.order(archive, award.order),
            _document(student, award.document),
        ),
    )


def _consent(
    archive: Archive, student: Student, person: Person, consent: Consent
) -> tuple[str, ...]:
    purpose = archive.purposes.get(consent.purpose)
    revoked = consent.revoked
    withdrawal = wording.paper(student, revoked.document) if revoked else ""
    return (
        f"{purpose.title if purpose else consent.purpose}, редакция{NBSP}{consent.edition}",
        day(consent.date),
        wording.signer(person, consent.signed_by, consent.date),
        lines(
            wording.consent_term(archive, consent) or "срок не записан",
            f"отозвано {day(revoked.date)}" if revoked else "",
            f"снято с сайта {day(revoked.off_site)}" if revoked and revoked.off_site else "",
            f"обработка прекращена {day(revoked.stopped)}" if revoked and revoked.stopped else "",
            *(f"запрет или условие: {words}" for words in consent.prohibitions),
            f"передача: {consent.transfer}" if consent.transfer else "",
        ),
        lines(wording.paper(student, consent.document), withdrawal and f"отзыв: {withdrawal}")
        or NONE,
    )


def _notice(archive: Archive, student: Student, person: Person, notice: Notice) -> tuple[str, ...]:
    period = f", {title_of(archive, notice.period)}" if notice.period else ""
    return (
        day(notice.date),
        lines(notice.about + period, _document(student, notice.document)),
        notice.channel,
        wording.signer(person, notice.told, notice.date),
    )


def _document(student: Student, document: str | None) -> str:
    named = wording.paper(student, document)
    return f"документ: {named}" if named else ""


_WIDEST = 6
"""A table with more columns would not fit a sheet."""


def unworded(archive: Archive, student: Student) -> tuple[AddedList, ...]:
    """Return the lists that are told by the titles of their schema alone."""
    if archive.schemas is None:
        return student.added.lists
    return list_unworded(archive.schemas, student)


def added(archive: Archive, student: Student, *, on_paper: bool = True) -> Iterator[ScreenTable]:
    """Yield a table for each list that has words in schemas alone (`unworded`), one for fields."""

    def word(lines: Iterable[AddedLine]) -> dict[str, str]:
        shown = (line for line in lines if line.is_printed or not on_paper)
        return _word_lines(archive, student, shown)

    for each in unworded(archive, student):
        told = [word(entry.lines) for entry in each.entries]
        columns = tuple(dict.fromkeys(label for entry in told for label in entry))
        rows = tuple(tuple(entry.get(label, NONE) for label in columns) for entry in told)
        if len(columns) > _WIDEST:
            columns = ("Сведения",)
            rows = tuple((lines(*(f"{k}: {v}" for k, v in entry.items())),) for entry in told)
        yield ScreenTable("added", each.title, columns, rows)
    fields = [
        (_name_record(each), label, text)
        for each in student.added.fields
        for label, text in word(each.lines).items()
    ]
    columns = ("Запись", "Что", "Сведения")
    yield ScreenTable("added-fields", "Дополнительные сведения", columns, tuple(fields))


def _word_lines(archive: Archive, student: Student, found: Iterable[AddedLine]) -> dict[str, str]:
    """Return label -> text; texts of one label are joined."""
    told: dict[str, list[str]] = {}
    for line in found:
        told.setdefault(line.label, []).append(wording.named(archive, student, line))
    return {label: ", ".join(texts) for label, texts in told.items()}


def _name_record(field: AddedField) -> str:
    at = place(field.path)
    title = KIND_OF[at.kind].title if at else ""
    return f"{title} {field.owner}".strip().capitalize()
