"""Issued documents: what is asked for, whether it may be issued, what its register entry will say.

Invariants: names are those of the day; words get into the entry as they will be printed, with
plain spaces. Results are those that count (no corrected entry, the last re-sit); a mark stands
with its scale and is never converted (R-2.2.3). Personal results, own words of students, special
needs and diagnostics are never here (R-2.2.7, R-4.2). A study has at most one valid certificate,
and of an original and its duplicate only the latter is valid; справки a person may have many.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from papka.core.errors import NotFound, Refused
from papka.core.phrases import suggest
from papka.core.places import STAFF, is_student_id
from papka.records import wording
from papka.records.acts import Issuer, PrintedRow, RegisterEntry
from papka.records.archive import Archive
from papka.records.derived.approvals import (
    UnapprovedEntry,
    judge_period,
    late_entries,
    unapproved,
)
from papka.records.derived.in_force import person_on, student_on
from papka.records.derived.leadership import school_on, signatory_on
from papka.records.derived.membership import transfers_of
from papka.records.derived.result_facts import (
    Mastery,
    counting_results,
    debts,
    edition_of,
    mastery,
    part_of,
    parts_studied,
    scale_of,
    valid_results,
)
from papka.records.name_cases import dative
from papka.records.school import NOT_ATTESTED, Edition, ProgramPart, Scale
from papka.records.student import (
    COMPLETED,
    Credit,
    CreditItem,
    Enrolment,
    Person,
    Result,
    Student,
)
from papka.records.tombstones import no_file
from papka.records.wording import (
    HOURS,
    NBSP,
    counted,
    day,
    if_approved,
    is_approved_early,
    is_closed,
    mark,
    title_of,
)

SERIES = {"certificate": "certificates", "transcript": "transcripts", "progress": "progress"}
"""Form -> the series of its numbers."""
TITLES = {
    "certificate": "Сертификат об освоении программы",
    "transcript": "Справка об обучении (о периоде обучения)",
    "progress": "Справка об успеваемости",
}
"""Form -> what a list of documents calls it."""


def title_of_form(form: str) -> str:
    """Return what a list calls a document by the form of its entry: `certificate@2`."""
    name = form.partition("@")[0]
    return TITLES.get(name, name)


EDITION = 2
"""Of the words of issued forms: an entry of an earlier one is reprinted in its own words."""
MASTERED, PLAN_MASTERED = (
    "Программа освоена полностью",
    "Индивидуальный учебный план освоен полностью",
)
GOES_ON = "обучение продолжается"
INDIVIDUAL = "индивидуальный учебный план"
DISTANCE = "с применением дистанционных образовательных технологий"
"""Words of facts of an entry, each there only where it is so."""


@dataclass(frozen=True, slots=True)
class Request:
    """A document asked for; the same request always means the same document.

    `duplicate` and `replace`: numbers of earlier documents; `reason`: why the replaced one is no
    longer valid; `spoiled`: it was spoiled and never handed over; `is_dated`: somebody named the
    day, else a draft takes the day on which it gets its number.
    """

    form: str
    address: str
    date: dt.date
    period: str | None = None
    order: str | None = None
    protocol: str | None = None
    blank: str | None = None
    duplicate: str | None = None
    replace: str | None = None
    reason: str | None = None
    spoiled: bool = False
    is_dated: bool = False


Facts = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class StudyCase:
    """Whose document, for which study, on which day.

    `person`: as of `date`; `period`: only for a document of current results.
    """

    archive: Archive
    student: Student
    person: Person
    enrolment: Enrolment
    date: dt.date
    order: str | None = None
    period: str | None = None

    @property
    def address(self) -> str:
        return f"{self.student.id}#{self.enrolment.id}"

    @property
    def edition(self) -> Edition:
        """The programme's edition. Raises Refused when the archive has none."""
        found = edition_of(self.archive, self.enrolment)
        if found is None:
            raise Refused(
                f"Нет редакции {self.enrolment.edition} программы «{self.enrolment.program}»",
                f"Проверьте зачисление {self.address}: papka check",
            )
        return found


def plain_spaces(text: str) -> str:
    """Return the text as an entry holds it: no-break spaces belong to the paper."""
    return text.replace(NBSP, " ")


def issuer(archive: Archive, signer: str, on: dt.date) -> Issuer:
    """Return the school as it is on a day and its signer.

    Raises Refused without a school, and for one who may not sign for it on that day.
    """
    if archive.organization is None:
        raise Refused("Сведения об организации не читаются", "Узнайте причину: papka check")
    school, signatory = school_on(archive.organization, on), signatory_on(archive, on, signer)
    if signatory is None:
        may = signatory_on(archive, on)
        raise Refused(
            f"{day(on)} за организацию подписывает {may.staff if may else school.head}, "
            f"а не {signer}",
            f"Пусть выдаст {may.staff if may else school.head}; замещает руководителя {signer} — "
            f"впишите срок и основание (acting) этому сотруднику в {STAFF}",
        )
    licence = school.licence
    granted = f"{licence.number} от {day(licence.date)}, {licence.issued_by}" if licence else None
    contacts = ", ".join(part for part in (school.address, school.email, school.site) if part)
    return Issuer(
        name=school.name,
        post=plain_spaces(signatory.post),
        head=plain_spaces(signatory.name),
        short_name=school.short_name,
        inn=school.inn,
        ogrn=school.ogrn,
        contacts=contacts,
        licence=granted,
        place=school.place,
        acting=plain_spaces(signatory.basis) or None,
    )


def common(case: StudyCase) -> Facts:
    """Return what every document says: the study, and how to name the person."""
    program = case.archive.programs.get(case.enrolment.program)
    facts: dict[str, str | int | float | None] = {
        "program": program.title if program else case.enrolment.program,
        "direction": program.direction if program else None,
        "hours": _count_hours(case),
        "plan": INDIVIDUAL if case.enrolment.individual_parts else None,
        "study_form": case.enrolment.form,
        "distance": DISTANCE if case.enrolment.distance else None,
        "started": case.enrolment.start.isoformat(),
        "sex": case.person.sex,
        "former": _list_former_names(case),
        "regulation": _name_regulation(case),
    }
    return {name: value for name, value in facts.items() if value}


def _count_hours(case: StudyCase) -> int:
    """Return the hours of the programme, or of what is studied of it by an individual plan."""
    if not case.enrolment.individual_parts:
        return case.edition.hours
    return sum(part.hours for part in parts_studied(case.archive, case.enrolment))


def addressed(case: StudyCase) -> Facts:
    """Return the common facts with the name in the dative: «Дана Ивушкиной Розе»."""
    words = dative(case.person.name, case.person.sex)
    return common(case) | ({"dative": words} if words else {})


def order_words(archive: Archive, order: str | None) -> str:
    """Return «приказ № 14-к от 25.12.2025», empty without an order."""
    return plain_spaces(wording.order(archive, order))


def _list_former_names(case: StudyCase) -> str | None:
    """Return «до 01.03.2026 — Абрикосова»: only names borne while studying here."""
    words = [
        f"до {day(past.until)} — {past.words}"
        for past in sorted(case.person.former_names, key=lambda past: past.until)
        if past.until >= case.enrolment.start
    ]
    return "; ".join(words) or None


def _name_regulation(case: StudyCase) -> str | None:
    """Return the edition of the Порядок in force that day: every document cites it (R-7.4)."""
    for act in case.archive.regulations.values():
        last = act.adopted_by(case.date)
        if last and not any(edition.awards for edition in act.editions):
            return f"{act.title}, редакция {last.edition} от {day(last.since)}"
    return None


_BELOW = "ниже порога освоения"
IN_WORDS = "описан словами"
_ONGOING = "текущий"


def mastered(case: StudyCase) -> tuple[PrintedRow, ...]:
    """Return the parts that have a result, one row each, in the programme's order.

    While the study goes on an ongoing mark or description is none.
    """
    is_over = case.enrolment.ended is not None
    levels = mastery(case.archive, case.student, case.enrolment)
    rows = [
        _part_row(case, level if is_over or not _is_ongoing(level) else _without_mark(level))
        for level in levels
    ]
    return tuple(
        row
        for row in rows
        if (row.result is not None or row.note is not None) and (is_over or row.control != _ONGOING)
    )


def _without_mark(level: Mastery) -> Mastery:
    return replace(level, mark=None, passed=None, result=None)


def planned(case: StudyCase) -> tuple[PrintedRow, ...]:
    """Return all parts, one row each, with the result if there is one."""
    levels = mastery(case.archive, case.student, case.enrolment)
    return tuple(_part_row(case, level) for level in levels)


def of_period(case: StudyCase) -> tuple[PrintedRow, ...]:
    """Return the results of a period by discipline: final marks, or current while there are none.

    A part without a scale has its result in words (R-4.3).
    """
    found = counting_results(case.student.periods.get(case.period or "", ()))
    rows: list[PrintedRow] = []
    for part in case.edition.parts:
        scale = case.archive.scales.get(part.scale or "")
        own = [
            result
            for result in found
            if (result.enrolment, result.part) == (case.enrolment.id, part.part)
        ]
        marks = [result for result in own if result.mark is not None]
        if part.scale is None and not marks and (told := _latest_told(own)):
            rows.append(_told_row(part.title, told))
        summed = [result for result in marks if result.control not in (None, "текущий")]
        rows += [
            _result_row(part.title, result, scale)
            for result in sorted(summed or marks, key=lambda result: result.date)
        ]
    return tuple(rows)


def event_rows(case: StudyCase) -> tuple[PrintedRow, ...]:
    """Return the events of this study with the result or the award there, by day."""
    results: dict[str, Result] = {}
    for period in sorted(case.student.periods):
        for result in valid_results(case.student.periods[period]):
            if result.enrolment == case.enrolment.id and result.event:
                held = results.get(result.event)
                if held is None or held.mark is None:
                    results[result.event] = result
    rows = [_event_row(case, event_id, result) for event_id, result in results.items()]
    return tuple(sorted((row for row in rows if row), key=lambda row: (row.date, row.title)))


def _part_row(case: StudyCase, level: Mastery) -> PrintedRow:
    credited = tuple(_word_credits(case, level.part.part))
    told = _find_told(case, level)
    if told is not None:
        return _told_row(level.part.title, told, level.part.hours, credited)
    control = level.result.control or level.result.origin if level.result else None
    words = None if level.mark is None else plain_spaces(mark(level.mark, level.scale))
    below = (_BELOW,) if level.passed is False and level.mark != NOT_ATTESTED else ()
    return PrintedRow(
        title=level.part.title,
        hours=level.part.hours,
        control=control,
        result=words or ("зачтено" if level.credited else None),
        scale=level.scale.title if level.scale else None,
        date=level.result.date if level.result else None,
        note="; ".join((*credited, *below)) or None,
    )


def _told_row(
    title: str, told: Result, hours: int | None = None, credited: tuple[str, ...] = ()
) -> PrintedRow:
    """Return the row of a part whose result is words; they stand under its title."""
    return PrintedRow(
        title=title,
        hours=hours,
        control=told.control or told.origin,
        result=IN_WORDS,
        date=told.date,
        note="; ".join((*credited, plain_spaces(told.text or ""))),
    )


def _find_told(case: StudyCase, level: Mastery) -> Result | None:
    """Return the words that stand for a mark; None where there is a mark or a credit."""
    if level.mark is not None or level.credited:
        return None
    return find_told(case.student, case.enrolment.id, level.part)


def find_told(student: Student, enrolment: str | None, part: ProgramPart) -> Result | None:
    """Return the last result in words of a part that has no scale."""
    if part.scale is not None:
        return None
    return _latest_told(
        result
        for results in student.periods.values()
        for result in counting_results(results)
        if (result.enrolment, result.part) == (enrolment, part.part)
    )


def _latest_told(results: Iterable[Result]) -> Result | None:
    """Return the last teacher's description, a final one first; the student's own words are none.

    Ongoing ones are told only where nothing else is.
    """
    told = [each for each in results if each.text and each.mark is None and each.author is None]
    return max(told, key=lambda each: (each.control != _ONGOING, each.date), default=None)


def _credited(case: StudyCase, part: str) -> Iterator[tuple[Credit, CreditItem]]:
    """Yield what was credited to a part of this study, in full or in part (R-2.2.9)."""
    for credit in case.student.credits:
        for item in credit.items:
            is_here = (credit.enrolment, item.part) == (case.enrolment.id, part)
            if is_here and item.decision in ("зачесть", "зачесть частично"):
                yield credit, item


def _word_credits(case: StudyCase, part: str) -> Iterator[str]:
    """Yield «зачтено из другой организации: 21 час (Школа)»; partly credited ones say so."""
    for credit, item in _credited(case, part):
        how = "зачтено" if item.decision == "зачесть" else "частично зачтено"
        hours = f": {counted(item.hours, HOURS)}" if item.hours else ""
        yield plain_spaces(f"{how} из другой организации{hours} ({credit.organisation})")


def _count_credited(case: StudyCase) -> str | None:
    """Return «из них зачтено из другой организации 21 час, частично — 2 часа», if any was."""
    full = partly = 0
    for part in parts_studied(case.archive, case.enrolment):
        for _, item in _credited(case, part.part):
            if item.decision == "зачесть":
                full += item.hours or part.hours
            else:
                partly += item.hours or 0
    said = [counted(full, HOURS)] if full else []
    said += [f"частично — {counted(partly, HOURS)}"] if partly else []
    return plain_spaces(f"Зачтено из другой организации: {', '.join(said)}") if said else None


def _result_row(title: str, result: Result, scale: Scale | None) -> PrintedRow:
    assert result.mark is not None
    below = (
        scale is not None
        and scale.has(result.mark)
        and not scale.passes(result.mark)
        and result.mark != NOT_ATTESTED
    )
    return PrintedRow(
        title=title,
        control=result.control or result.origin,
        result=plain_spaces(mark(result.mark, scale)),
        scale=scale.title if scale else None,
        date=result.date,
        note=_BELOW if below else None,
    )


def _event_row(case: StudyCase, event_id: str, result: Result) -> PrintedRow | None:
    found = case.archive.events.get(event_id)
    if found is None:
        return None
    words = [
        f"{award.award}: {award.text}" for award in case.student.awards if award.event == event_id
    ]
    scale = scale_of(case.archive, case.enrolment, result.part)
    if result.mark is not None:
        words.insert(0, plain_spaces(mark(result.mark, scale)))
    return PrintedRow(
        title=plain_spaces(wording.event(case.archive, event_id)),
        result="; ".join(words) or "участие",
        date=found.date,
    )


class IssuedContents(NamedTuple):
    """The facts and tables that an entry of the register keeps of a document."""

    facts: Facts
    rows: tuple[PrintedRow, ...] = ()
    events: tuple[PrintedRow, ...] = ()


def certificate(case: StudyCase) -> IssuedContents:
    """Return the whole programme, part by part, and events (273-ФЗ ст. 60 ч. 15)."""
    result = PLAN_MASTERED if case.enrolment.individual_parts else MASTERED
    facts = common(case) | _end_of_study(case) | {"result": result} | _say_credited(case)
    facts.pop("standing", None)  # by the order that says so, this document ends the study
    return IssuedContents(facts, planned(case), event_rows(case))


def transcript(case: StudyCase) -> IssuedContents:
    """Return what is mastered so far, or was by the day of leaving (273-ФЗ ст. 60 ч. 12)."""
    facts = addressed(case) | _end_of_study(case) | _say_credited(case)
    if waiting := word_unapproved(case, resting_on(case)):
        facts["state"] = f"не утверждено руководителем: {', '.join(waiting)}"
    rows = mastered(case)
    if rows and (share := _word_share(case)):
        facts["result"] = share
    return IssuedContents(facts, rows)


def progress(case: StudyCase) -> IssuedContents:
    """Return the current results of one period (R-5.4.2)."""
    period = case.period or ""
    facts = addressed(case) | _end_of_study(case)
    facts.pop("order", None)  # of the end of study; this paper's own is set below
    facts["period"] = title_of(case.archive, period)
    is_early = is_approved_early(case.archive, period, [case.student])
    if not (is_early or is_closed(case.archive, period)):
        facts["state"] = "период не утверждён руководителем: сведения промежуточные"
    elif waiting := word_unapproved(case, [*_of_study(case, period), *_of_debts(case)]):
        facts["state"] = f"не утверждено руководителем: {', '.join(waiting)}"
    elif is_early and case.enrolment.ended is None:
        facts["state"] = "период не закрыт: сведения промежуточные"
    if case.order:
        facts["order"] = order_words(case.archive, case.order)
    hangs = plain_spaces(if_approved(case.archive, case.student))
    facts["debts"] = ", ".join(open_debts(case)) or f"нет{hangs}"
    facts["result"] = f"Академические задолженности: {facts['debts']}"
    return IssuedContents(facts, of_period(case))


def resting_on(case: StudyCase) -> Iterator[UnapprovedEntry]:
    """Yield what the results of the whole programme rest on and the head has not approved.

    A mark that was approved and is gone, or marked as a mistake, is among it: so is its absence.
    """
    used = {
        result.id
        for level in mastery(case.archive, case.student, case.enrolment)
        if (result := level.result or _find_told(case, level))
    }
    for each in unapproved(case.archive, case.student):
        if _is_of(case, each) and (
            each.id in used or each.now is None or each.now.void or each.now.event
        ):
            yield each


def word_unapproved(case: StudyCase, entries: Iterable[UnapprovedEntry]) -> tuple[str, ...]:
    """Name entries that no act holds: «Мультипликация, 28.05.2026 (запись r4)», each once."""
    words = []
    for each in entries:
        now = each.now
        part = part_of(case.archive, case.enrolment, now.part) if now else None
        what = f"{part.title if part else now.kind}, {day(now.date)}" if now else "исчезнувшая"
        gone = "" if now is None or now.void is None else ", отметка снята как ошибочная"
        words.append(f"{what} (запись {each.id}{gone})")
    return tuple(dict.fromkeys(words))


def _of_study(case: StudyCase, period: str) -> Iterator[UnapprovedEntry]:
    found = judge_period(case.archive, case.student, period).unapproved
    return (each for each in found if _is_of(case, each))


def _of_debts(case: StudyCase) -> Iterator[UnapprovedEntry]:
    """Yield what came after an act and no act holds: debts are told of all periods."""
    return (each for each in late_entries(case.archive, case.student) if _is_of(case, each))


def _is_of(case: StudyCase, each: UnapprovedEntry) -> bool:
    return each.now is None or each.now.enrolment == case.enrolment.id


CONTENTS: dict[str, Callable[[StudyCase], IssuedContents]] = {
    "certificate": certificate,
    "transcript": transcript,
    "progress": progress,
}


def open_debts(case: StudyCase) -> Iterator[str]:
    """Return the titles of the parts with a debt in this study, each once (R-2.2.6)."""
    titles = (
        part.title if (part := part_of(case.archive, case.enrolment, debt.result.part)) else None
        for debt in debts(case.archive, case.student)
        if debt.result.enrolment == case.enrolment.id
    )
    return iter(dict.fromkeys(title or NOT_ATTESTED for title in titles))


def _say_credited(case: StudyCase) -> Facts:
    words = _count_credited(case)
    return {"credited": words} if words else {}


def _goes_on(case: StudyCase) -> bool:
    """Return whether nothing in the archive says that the study is over by that day.

    It is over when it ended, when the term of the contract has passed, when another study continues
    it, and when an order dismisses or transfers the student.
    """
    study, day_ = case.enrolment, case.date
    begun = {study.order, *(move.order for move in transfers_of(case.student, study))}
    if study.ended is not None or (study.planned_end is not None and study.planned_end < day_):
        return False
    if any(each.continues == study.id and each.start <= day_ for each in case.student.enrolments):
        return False
    return not any(
        order.kind in ("отчисление", "перевод")
        and key not in begun
        and study.start <= order.date <= day_
        and any(case.address in item.students for item in order.items)
        for key, order in case.archive.orders.items()
    )


def _end_of_study(case: StudyCase) -> Facts:
    """Return how the study ended, or that it goes on; neither where the archive leaves it open."""
    ended = case.enrolment.ended
    words = order_words(case.archive, case.order or (ended.order if ended else None))
    facts: dict[str, str | None] = {
        "ended": ended.date.isoformat() if ended else None,
        "ending": ended.reason if ended else None,
        "order": words,
        "standing": GOES_ON if _goes_on(case) else None,
    }
    return {name: value for name, value in facts.items() if value}


def _word_share(case: StudyCase) -> str:
    """Return «Освоено 36 часов из 72»; empty while the study goes on and no part is over.

    An ongoing mark masters no part: where there are no others, nothing is said. Neither is it
    where a part has no scale, for nobody counts its hours.
    """
    levels = list(mastery(case.archive, case.student, case.enrolment))
    if any(level.part.scale is None and not level.credited for level in levels):
        return ""
    is_over = case.enrolment.ended is not None
    done = [
        level
        for level in levels
        if level.passed and (level.final or (is_over and not _is_ongoing(level)))
    ]
    if not done and not (is_over and any(_is_judged(level) for level in levels)):
        return ""
    hours = sum(level.part.hours for level in done)
    total = sum(level.part.hours for level in levels)
    return plain_spaces(f"Освоено {counted(hours, HOURS)} из {total}")


def _is_judged(level: Mastery) -> bool:
    return level.passed is not None and not _is_ongoing(level)


def _is_ongoing(level: Mastery) -> bool:
    return level.result is not None and level.result.control == _ONGOING


def reasons_against(form: str, case: StudyCase) -> tuple[str, ...]:
    """Return why the document may not be issued; no reason given overrides it (R-2.2.6)."""
    if form == "certificate":
        return tuple(_certificate_lacks(case))
    if form == "progress":
        return () if of_period(case) else ("в этом периоде нет ни одной отметки",)
    return ()


def _certificate_lacks(case: StudyCase) -> Iterator[str]:
    ended = case.enrolment.ended
    if ended is not None and ended.reason != COMPLETED:
        yield (
            f"обучение окончено {day(ended.date)} досрочно ({ended.reason}): выдают справку об "
            "обучении (transcript)"
        )
    elif ended is None and not _is_named_by_order(case):
        yield "обучение не завершено, и нет приказа, который велит выдать документ (--order)"
    owed = tuple(open_debts(case))
    if owed:
        yield f"не погашены задолженности: {', '.join(owed)}"
    if waiting := word_unapproved(case, resting_on(case)):
        yield (
            f"руководитель не утвердил: {', '.join(waiting)} (до закрытия периода: papka period "
            f"approve ПЕРИОД --student {case.student.id}; весь период: papka period close)"
        )
    for level in mastery(case.archive, case.student, case.enrolment):
        if level.part.scale and level.passed is None:
            yield f"нет отметки: {level.part.title}"
        elif level.passed and _is_ongoing(level):
            yield f"нет отметки за период или итоговой, есть только текущая: {level.part.title}"
        elif level.passed is None and not level.part.scale and not _find_told(case, level):
            yield f"результат не описан словами: {level.part.title}"
        elif level.passed is False and level.part.title not in owed:
            yield f"не освоено: {level.part.title}"


def _is_named_by_order(case: StudyCase) -> bool:
    """Return whether an order names this study, which lets it end with the document."""
    order = case.archive.orders.get(case.order or "")
    return order is not None and any(
        case.address in item.students or case.student.id in item.students for item in order.items
    )


def entry_of(archive: Archive, number: str) -> tuple[str, RegisterEntry]:
    """Return key and entry of an issued document. Raises NotFound."""
    for key, entry in archive.registers.items():
        if entry.number == number:
            return key, entry
    if is_student_id(number.partition("#")[0]):
        raise _not_a_number(archive, number)
    known = [entry.number for entry in archive.registers.values()]
    raise NotFound(
        f"Документа № {number} в книге регистрации нет",
        "Если его выдали на другом компьютере, сначала papka sync; напечатанное раньше ищет "
        f"papka find ФАМИЛИЯ.{suggest(number, known)}",
    )


def _not_a_number(archive: Archive, address: str) -> NotFound:
    issued = [
        entry.number
        for entry in archive.registers.values()
        if address in (entry.student, entry.student.partition("#")[0])
    ]
    return NotFound(
        f"{address} — адрес обучения, а документ печатают по его номеру",
        (f"Выданы: {', '.join(issued)}; новый" if issued else "Выдать")
        + f": papka issue ФОРМА {address}",
    )


def case_of(archive: Archive, request: Request) -> StudyCase:
    """Return the person and the study as of the day. Raises NotFound or Refused."""
    student_id, _, entry_id = request.address.partition("#")
    student = archive.students.get(student_id)
    if student is None or student.person is None:
        where = " среди сохранённых записей"
        raise no_file(archive.destroyed, student_id, archive.folders, where)
    enrolment = _choose_enrolment(student, entry_id, request)
    return StudyCase(
        archive,
        student_on(student, request.date),
        person_on(student.person, request.date),
        enrolment,
        request.date,
        request.order,
        request.period or _latest_period(student, enrolment, archive, request),
    )


def _choose_enrolment(student: Student, entry_id: str, request: Request) -> Enrolment:
    then = student_on(student, request.date).enrolments
    fitting = [
        enrolment
        for enrolment in then
        if (entry_id and enrolment.id == entry_id)
        or (not entry_id and _fits(enrolment, request.form))
    ]
    if len(fitting) == 1:
        return fitting[0]
    addresses = [f"{student.id}#{enrolment.id}" for enrolment in fitting or then]
    listed = ", ".join(addresses) or "зачислений нет"
    if entry_id:
        raise NotFound(
            f"Зачисления {request.address} на {request.date:%d.%m.%Y} нет", f"Есть: {listed}"
        )
    raise Refused(
        f"Неясно, о каком обучении документ: подходящих зачислений {len(fitting)}",
        f"Укажите зачисление: papka issue {request.form} АДРЕС; в деле есть: {listed}",
    )


def _fits(enrolment: Enrolment, form: str) -> bool:
    """Return whether this document is usually asked for such a study."""
    if form == "certificate":
        return enrolment.ended is not None and enrolment.ended.reason == COMPLETED
    return form != "progress" or enrolment.ended is None


def _latest_period(
    student: Student, enrolment: Enrolment, archive: Archive, request: Request
) -> str | None:
    """Return the latest period with marks of this study by that day."""
    if request.form != "progress":
        return None
    known = student_on(student, request.date).periods
    found = [
        period
        for period, results in known.items()
        if period in archive.periods
        and any(r.enrolment == enrolment.id and r.mark is not None for r in results)
    ]
    return max(found, key=lambda period: archive.periods[period].start, default=None)


def duplicate_in_force(archive: Archive, number: str) -> RegisterEntry | None:
    """Return the valid duplicate that takes the place of a document."""
    found = (e for e in archive.registers.values() if e.duplicate_of == number and e.void is None)
    return next(found, None)


def require_first(archive: Archive, request: Request, address: str) -> None:
    """Raise Refused when this study has a valid certificate other than the replaced one."""
    for entry in archive.registers.values():
        if (
            request.form == entry.form.partition("@")[0] == "certificate"
            and entry.student == address
            and entry.void is None
            and entry.number != request.replace
            and duplicate_in_force(archive, entry.number) is None
        ):
            number = entry.number
            raise Refused(
                f"Сертификат за обучение {address} уже выдан: № {number} от {entry.date:%d.%m.%Y}",
                f"Напечатать его: papka print certificate {number}; утрачен — papka issue "
                f'--duplicate {number}; с ошибкой — papka issue --replace {number} --reason "…"',
            )


def require_last(archive: Archive, number: str) -> None:
    """Raise Refused when a duplicate takes the place of this document."""
    if found := duplicate_in_force(archive, number):
        raise Refused(
            f"Взамен № {number} как утраченного уже выдан дубликат № {found.number}",
            f"Действует он: назовите в команде № {found.number}",
        )
