"""Every derived fact of an archive as lines of text, on days where something begins or ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from papka.records.archive import Archive
from papka.records.derived import result_facts as derived_mastery
from papka.records.derived.approvals import approval_states
from papka.records.derived.headcount import (
    by_age,
    by_program,
    calendar_year,
    count_endings,
    count_reached,
    find_enrolled,
    find_reported,
    participation,
    people,
    place_of,
    years,
)
from papka.records.derived.in_force import (
    age,
    archive_on,
    as_issued,
    backup_by,
    consents_on,
    copies_due,
    copies_holding,
    end_of,
    first_day,
    group_by_medium,
    journal_year,
    lendings_out,
    overdue,
    picture_purposes,
    school_year,
)
from papka.records.derived.keeping import keeping
from papka.records.derived.result_facts import (
    corrections,
    counting_results,
    debts,
    debts_on,
    due_parts,
    dynamics,
    mastery,
    outcomes,
    outstanding,
    resits,
    unmarked,
)
from papka.records.student import Student

_STEP = dt.timedelta(days=1)


def facts(archive: Archive, days: Iterable[dt.date]) -> Iterator[str]:
    """All facts: of the school, of each student, then on each of the days."""
    yield from _of_the_school(archive)
    for student in archive.students.values():
        yield f"## {student.id}"
        yield from _of_a_student(archive, student)
    for day in days:
        yield f"## {day}"
        yield from _on(archive, day)


def days_of(archive: Archive) -> list[dt.date]:
    """Days of the periods and just beside them, ends of terms of keeping."""
    edges = [edge for period in archive.periods.values() for edge in (period.start, period.end)]
    near = {edge + step for edge in edges for step in (-_STEP, dt.timedelta(), _STEP)}
    return sorted(near)


def _of_the_school(archive: Archive) -> Iterator[str]:
    yield f"years {years(archive)} pictures {sorted(picture_purposes(archive))}"
    for name in (*archive.periods, *map(str, years(archive)), "1999"):
        about = find_reported(archive, name)
        yield f"reported {name}: {about and (_short(about.span), sorted(about.periods))}"
    for year in (*years(archive), 2027, 2028):
        span = calendar_year(year)
        found = list(find_enrolled(archive, span))
        yield f"copies {year}: {end_of(archive, year)} {first_day(archive, year + 1)} " + " ".join(
            (str(backup_by(archive, year)), str(_media(copies_holding(archive, year))))
        )
        yield f"enrolled {year}: {[(each.student.id, each.enrolment.id) for each in found]}"
        ended, reached = dict(count_endings(found, span)), dict(count_reached(archive, found))
        yield f"ended {year}: {ended} reached {reached}"
        for code, group in by_program(archive, found).items():
            yield f"programme {place_of(archive, code)}: {len(group)}"
        who = people(found)
        yield f"people {year}: {list(who)} {dict(by_age(who.values(), span.end))}"
        yield f"events {year}: {_short(participation(archive, archive.students.values(), span))}"
    for journal, media in archive.media.items():
        yield f"media {journal}: {_media(group_by_medium(media.copies))}"
    for key, entry in archive.registers.items():
        issued = as_issued(entry)
        yield f"issued {key}: {issued.number} {issued.handed} {issued.void}"


def _media(groups: Iterable[Iterable[object]]) -> list[list[str]]:
    return [[f"{getattr(copy, 'medium', '')}/{getattr(copy, 'date', '')}" for copy in group]
            for group in groups]  # fmt: skip


def _of_a_student(archive: Archive, student: Student) -> Iterator[str]:
    yield f"approved {approval_states(archive, student)}"
    for name, results in student.periods.items():
        yield f"counting {name}: {[result.id for result in counting_results(results)]}"
        yield f"corrected {sorted(corrections(results))} re-sat {sorted(resits(results))}"
    yield f"debts {[(debt.period, debt.result.id) for debt in debts(archive, student)]}"
    for enrolment in student.enrolments:
        for level in mastery(archive, student, enrolment):
            yield (
                f"mastery {enrolment.id} {level.part.part}: {level.mark} {level.passed} "
                f"{level.final} {level.credited} {level.period} "
                f"{level.scale.scale if level.scale else None} "
                f"{level.result.id if level.result else None}"
            )
        found = outcomes(archive, student, enrolment)
        reached = [(each.planned.outcome, each.reached) for each in found]
        yield f"outcomes {reached} {derived_mastery.count_reached(found)}"
    for period in archive.periods.values():
        due = [(pair.enrolment.id, pair.part.part) for pair in due_parts(archive, student, period)]
        owed = [(pair.enrolment.id, pair.part.part) for pair in unmarked(archive, student, period)]
        yield f"due {period.period}: {due} unmarked {owed}"
    drawn = dynamics(archive, student)
    for line in drawn:
        points = [(p.period, str(p.date), p.mark, p.change, p.result.id) for p in line.points]
        yield f"line {line.program} {line.part.part} {line.scale.scale}: {points}"


def _on(archive: Archive, day: dt.date) -> Iterator[str]:
    yield f"year {school_year(archive, day)} journal {journal_year(archive, day)}"
    for late in copies_due(archive, day):
        yield f"copies due {_short(late)}"
    then = archive_on(archive, day)
    yield f"acts {list(then.approvals)} {list(then.registers)}"
    for student in archive.students.values():
        known = then.students[student.id]
        yield f"{student.id} {_then(known)}"
        kept = keeping(archive, student, day)
        held = [hold.id for hold in kept.holds]
        told = [
            f"age {age(student.person.birth_date, day)}"
            if student.person and student.person.birth_date
            else "",
            f"consents {[consent.id for consent in consents_on(archive, student, day)]}",
            f"lent {[each.id for each in lendings_out(student, day)]}",
            f"overdue {[each.id for each in overdue(student, day)]}",
            f"kept {kept.closed} {kept.last} {held} {kept.obstacles} {kept.state}",
        ]
        yield "; ".join(told)
        for debt in debts_on(archive, student, day):
            yield f"debt {debt.period} {debt.first.id} {debt.last.id} {debt.state}"
        yield f"owing {[debt.first.id for debt in outstanding(archive, student, day)]}"


def _then(student: Student) -> str:
    person = student.person
    told = [entry.id for entry in student.entries()]
    ended = [entry.id for entry in student.enrolments if entry.ended]
    revoked = [entry.id for entry in student.consents if entry.revoked]
    returned = [
        each.id for each in (person.paper.lendings if person and person.paper else ())
        if each.returned
    ]  # fmt: skip
    name = f"{person.name.full} {len(person.former_names)}" if person else ""
    return f"{name} {told} ended {ended} revoked {revoked} returned {returned}"


def _short(value: object) -> str:
    return repr(value).replace("datetime.date", "")
