"""The self-examination report of a calendar year: counts for publication (R-3.5, R-2.2.12).

A small group would let a reader recognize a student. Therefore a count from 1 to 4 is never shown,
and where the others of a shown total would give it away by subtraction, the next smallest is hidden
with it. Both get one sign, which says nothing about the size; zero is shown.

The report names no student, and averages and ranks nothing; the same records and day give the same
report. Special needs and diagnostics are in no report (R-4.2, R-2.2.7).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from papka.core.errors import NotFound
from papka.paper.form import (
    Figures,
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    letterhead,
    of_head,
    page,
)
from papka.records.archive import Archive
from papka.records.derived.headcount import (
    ACTIVITIES,
    AGES,
    ENDINGS,
    LEVELS,
    REACHED,
    UNKNOWN_AGE,
    Enrolled,
    StudySpan,
    by_age,
    by_program,
    calendar_year,
    count_endings,
    count_reached,
    find_enrolled,
    identity,
    participation,
    people,
    place_of,
)
from papka.records.student import Student
from papka.records.wording import NBSP, NONE, day, name_drafts

SMALLEST = 5
HIDDEN = "*"
EXPLAINED = (
    f"{HIDDEN}{NBSP}— число не публикуется: оно меньше {SMALLEST} или вместе с остальными выдаёт "
    "число, которое меньше, и по нему можно было бы узнать обучающегося."
)


def published(count: int) -> str:
    """Write a count that stands alone."""
    return HIDDEN if 0 < count < SMALLEST else str(count)


def divided(total: int, counts: Sequence[int]) -> tuple[str, ...]:
    """Write counts beside their total, hiding those that subtraction would give away."""
    hidden = {n for n, count in enumerate(counts) if 0 < count < SMALLEST}
    if 0 < total < SMALLEST:
        hidden = {n for n, count in enumerate(counts) if count}
    elif hidden:
        rest = sorted((count, n) for n, count in enumerate(counts) if count and n not in hidden)
        for _, n in rest:
            if len(hidden) > 1 and sum(counts[i] for i in hidden) >= SMALLEST:
                break
            hidden.add(n)
    return tuple(HIDDEN if n in hidden else str(count) for n, count in enumerate(counts))


def share(shown: str, count: int, total: int) -> str:
    """Write «33,3 %» of a total; nothing where the count is hidden or there is no total."""
    if shown == HIDDEN or total < SMALLEST:
        return HIDDEN if shown == HIDDEN else ""
    return f"{100 * count / total:.1f}{NBSP}%".replace(".", ",")


_REMOTE = "дистанц"
_YEARS = range(1900, 3000)
_Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SelfExamination:
    page: Page
    letterhead: Letterhead
    heading: str
    on: str
    tables: tuple[Figures, ...]
    notes: tuple[str, ...]
    signature: SignatureLine


def view(state: State, address: str) -> SelfExamination:
    archive = state.archive
    span = _find_span(state, address)
    found = list(find_enrolled(archive, span))
    unapproved = _name_drafts(archive, span, found)
    return SelfExamination(
        page=page(
            state,
            f"Отчёт о результатах самообследования за {address}{NBSP}год",
            is_draft=bool(unapproved),
        ),
        letterhead=letterhead(archive, state.signed_on),
        heading=f"о результатах самообследования за {address}{NBSP}год",
        on=day(span.end),
        tables=(
            _tabulate_indicators(archive, found, span),
            _tabulate_programs(archive, found, span),
            _tabulate_planned(archive, found),
            _tabulate_awards(found, span),
            _tabulate_events(archive, span),
        ),
        notes=(EXPLAINED, *unapproved),
        signature=of_head(archive, state.signed_on),
    )


def _find_span(state: State, address: str) -> StudySpan:
    """Return the calendar year, as far as it has come by the day of the report."""
    if not address.isdecimal() or int(address) not in _YEARS or int(address) > state.on.year:
        raise NotFound(
            f"Отчёта за «{address}» нет",
            f"Адрес отчёта — год, который уже начался, например {state.on.year}",
        )
    whole = calendar_year(int(address))
    return StudySpan(whole.start, min(whole.end, state.on))


def _name_drafts(archive: Archive, span: StudySpan, found: list[Enrolled]) -> tuple[str, ...]:
    """Name what of the year makes the report a draft: not approved yet (R-5.6)."""
    inside = (
        each.period
        for each in archive.periods.values()
        if each.start <= span.end and each.end >= span.start
    )
    people = {each.student.id: each.student for each in found}.values()
    return name_drafts(archive, inside, people)


def _tabulate_indicators(archive: Archive, found: list[Enrolled], span: StudySpan) -> Figures:
    students = people(found)
    total = len(students)
    ages = by_age(students.values(), span.end)
    titles = [title for title, *_ in AGES] + [UNKNOWN_AGE]
    rows: list[_Row] = [("Обучающиеся, всего", published(total), "")]
    rows += _make_lines(titles, ages, total, total)
    paid = {identity(each.student) for each in found if each.enrolment.contract}
    remote = {identity(e.student) for e in found if _REMOTE in (e.enrolment.form or "")}
    several = [count for count in _count_places(found).values() if count > 1]
    rows += [
        _make_line("Обучаются по договорам об оказании платных услуг", len(paid), total),
        _make_line("Занимаются в двух и более группах или программах", len(several), total),
        _make_line("Обучаются с применением дистанционных технологий", len(remote), total),
    ]
    files = {each.student.id: each.student for each in found}
    known = participation(archive, files.values(), span)
    rows.append(_make_line("Участвовали в массовых мероприятиях", known.took_part_total, total))
    rows += _make_lines(LEVELS, known.took_part, known.took_part_total, total, "на уровне: ")
    rows.append(_make_line("Поощрены за участие в них", known.awarded_total, total))
    rows += _make_lines(LEVELS, known.awarded, known.awarded_total, total, "на уровне: ")
    teachers = sum(
        "педагог" in member.roles
        and (member.since is None or member.since <= span.end)
        and (member.until is None or member.until >= span.start)
        for member in archive.staff.values()
    )
    rows.append(("Педагогические работники", str(teachers), ""))
    return Figures("Показатели", ("Показатель", "Число", "Доля"), tuple(rows))


def _make_line(title: str, count: int, total: int) -> _Row:
    """Return the line of a count, which also tells how many are not so."""
    shown, _ = divided(total, (count, total - count))
    return (title, shown, share(shown, count, total))


def _make_lines(
    titles: Iterable[str],
    counts: Mapping[str, int],
    of: int,
    total: int,
    label: str = "в том числе: ",
) -> list[_Row]:
    """Return lines «в том числе»; levels of events are guarded as if they divided the total."""
    names = list(titles)
    found = [counts.get(name, 0) for name in names]
    return [
        (f"{label}{name}", text, share(text, count, total))
        for name, text, count in zip(names, divided(of, found), found, strict=True)
    ]


def _count_places(found: list[Enrolled]) -> Counter[str]:
    pairs = {(identity(e.student), e.enrolment.program, e.group) for e in found}
    return Counter(who for who, *_ in pairs)


def _tabulate_programs(archive: Archive, found: list[Enrolled], span: StudySpan) -> Figures:
    rows = []
    for code, inside in by_program(archive, found).items():
        ended = count_endings(inside, span)
        counts = [ended[reason] for reason in ENDINGS]
        counts.append(len(inside) - sum(counts))
        direction, title, _ = place_of(archive, code)
        shown = divided(len(inside), counts)
        rows.append((direction or NONE, title, published(len(inside)), *shown))
    return Figures(
        "Программы: приём и завершение",
        (
            *("Направленность", "Программа", "Обучений", "Завершены"),
            *("Отчисление", "Перевод", "Продолжаются"),
        ),
        tuple(rows),
        words=2,
        note="Один обучающийся может осваивать несколько программ.",
    )


def _tabulate_planned(archive: Archive, found: list[Enrolled]) -> Figures:
    rows = []
    for code, inside in by_program(archive, found).items():
        counts = count_reached(archive, inside)
        planned = [counts[level] for level in REACHED]
        is_small = len({identity(each.student) for each in inside}) < SMALLEST
        shown = (HIDDEN,) * len(REACHED) if is_small else divided(sum(planned), planned)
        rows.append((place_of(archive, code)[1], *shown))
    return Figures(
        "Планируемые результаты программ",
        ("Программа", "Достигнуты", "Достигнуты частично", "Не достигнуты", "Нет данных"),
        tuple(rows),
        note="Сосчитаны результаты каждого обучающегося; «нет данных» не значит «не достигнут».",
    )


def _tabulate_awards(found: list[Enrolled], span: StudySpan) -> Figures:
    awards: Counter[str] = Counter()
    who: defaultdict[str, set[str]] = defaultdict(set)
    for student in _list_files(found):
        for award in student.awards:
            if span.has(award.date):
                awards[award.activity] += 1
                who[award.activity].add(identity(student))
    rows = []
    for activity in ACTIVITIES:
        count = published(len(who[activity]))
        rows.append((activity, HIDDEN if count == HIDDEN else str(awards[activity]), count))
    return Figures(
        "Поощрения по видам деятельности",
        ("Деятельность", "Поощрений", "Обучающихся"),
        tuple(rows),
    )


def _list_files(found: list[Enrolled]) -> list[Student]:
    return list({each.student.id: each.student for each in found}.values())


def _tabulate_events(archive: Archive, span: StudySpan) -> Figures:
    counts = Counter(
        (event.kind, event.level or NONE)
        for event in archive.events.values()
        if span.has(event.date)
    )
    order = {level: place for place, level in enumerate((NONE, *LEVELS))}
    rows = sorted(counts.items(), key=lambda item: (item[0][0], order[item[0][1]]))
    return Figures(
        "Мероприятия и независимая оценка",
        ("Вид", "Уровень", "Число"),
        tuple((kind, level, str(count)) for (kind, level), count in rows),
        words=2,
    )


def _list_years(archive: Archive) -> list[str]:
    return sorted({str(period.end.year) for period in archive.periods.values()})


FORM = PrintedForm(
    name="self-examination",
    title="Отчёт о результатах самообследования",
    target="год",
    view=view,
    targets=_list_years,
)
