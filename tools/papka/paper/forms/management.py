"""Management tables of a study period or a school year: what decisions rest on (R-2.2.12).

Invariants: no name and no number of a student; marks are counted on their own scale, never
averaged and never turned into another; neither students nor teachers are ranked; same records and
same day, same tables. Counts are exact, small ones too, so the tables are for the school itself:
what is published is the self-examination report. Diagnostics are in no table (R-4.2).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from papka.core.errors import NotFound
from papka.core.phrases import natural_key, suggest
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
    ENDINGS,
    REACHED,
    Enrolled,
    Reported,
    StudySpan,
    by_program,
    count_endings,
    count_reached,
    find_enrolled,
    find_reported,
    identity,
    years,
)
from papka.records.derived.result_facts import Mastery, debts_on, mastery
from papka.records.school import NOT_ATTESTED, Scale
from papka.records.student import Mark
from papka.records.wording import NBSP, NONE, day, is_approved, mark, scale_rule, title_of

_MARKS_LISTED = 12
"""Scales longer than this are not told mark by mark."""
_Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Management:
    """`notes` say what is not approved and for whom the tables are."""

    page: Page
    letterhead: Letterhead
    heading: str
    span: str
    tables: tuple[Figures, ...]
    notes: tuple[str, ...]
    signature: SignatureLine


def view(state: State, address: str) -> Management:
    archive = state.archive
    about = find_reported(archive, address)
    if about is None or about.span.start > state.on:
        raise NotFound(
            f"Таблиц за «{address}» нет: такой период не объявлен или ещё не начался",
            "Адрес — код учебного периода или учебный год."
            f"{suggest(address, [*_list_periods(archive)])}",
        )
    span = StudySpan(about.span.start, min(about.span.end, state.on))
    found = list(find_enrolled(archive, span))
    title = title_of(archive, address) if address in archive.periods else f"{address}{NBSP}год"
    drafts = sorted(p for p in about.periods if not is_approved(archive, p))
    return Management(
        page=page(state, f"Сведения для управления, {title}", is_draft=bool(drafts)),
        letterhead=letterhead(archive, state.signed_on),
        heading=title,
        span=f"с{NBSP}{day(span.start)} по{NBSP}{day(span.end)}",
        tables=(
            _tabulate_groups(archive, found, span),
            *_tabulate_results(archive, found, about),
            _tabulate_planned(archive, found),
            _tabulate_debts(archive, found, span),
            _tabulate_awards(archive, found, span),
            _tabulate_leavers(archive, found, span),
        ),
        notes=tuple(_write_notes(archive, drafts)),
        signature=of_head(archive, state.signed_on),
    )


def _write_notes(archive: Archive, drafts: list[str]) -> Iterator[str]:
    if drafts:
        titles = "; ".join(title_of(archive, period) for period in drafts)
        yield f"Не утверждены руководителем: {titles}."
    yield (
        "Для работы внутри организации: числа точные, а по малому числу можно узнать "
        "обучающегося. Для публикации служит отчёт о самообследовании."
    )


def _find_title(archive: Archive, code: str) -> str:
    program = archive.programs.get(code)
    return program.title if program else code


def by_group(archive: Archive, found: list[Enrolled]) -> Iterator[tuple[str, str, list[Enrolled]]]:
    """Yield title of the programme, group and enrolments, in the order of the school's list."""
    for code, inside in by_program(archive, found).items():
        groups: defaultdict[str, list[Enrolled]] = defaultdict(list)
        for each in inside:
            groups[each.group or ""].append(each)
        for group in sorted(groups, key=natural_key):
            yield _find_title(archive, code), group or NONE, groups[group]


def _tabulate_groups(archive: Archive, found: list[Enrolled], span: StudySpan) -> Figures:
    rows = []
    for program, group, inside in by_group(archive, found):
        started = sum(span.has(each.enrolment.start) for each in inside)
        ended = count_endings(inside, span).total()
        counts = (len({identity(e.student) for e in inside}), started, ended)
        rows.append((program, group, *(str(count) for count in counts)))
    people = len({identity(each.student) for each in found})
    return Figures(
        "Контингент",
        ("Программа", "Группа", "Обучающихся", "Начали", "Закончили"),
        tuple(rows),
        words=2,
        note=f"Всего обучающихся: {people}; каждый сосчитан один раз, хотя бы он осваивал "
        "несколько программ.",
    )


def _tabulate_results(
    archive: Archive, found: list[Enrolled], about: Reported
) -> Iterator[Figures]:
    """Yield a table a scale: marks of different scales never meet."""
    rows: defaultdict[str, list[_Row]] = defaultdict(list)
    for program, group, inside in by_group(archive, found):
        levels: defaultdict[tuple[str, str], list[Mastery]] = defaultdict(list)
        for each in inside:
            periods = {p: r for p, r in each.student.periods.items() if p in about.periods}
            only = replace(each.student, periods=periods)
            for level in mastery(archive, only, each.enrolment):
                if level.scale is not None:
                    levels[level.scale.scale, level.part.title].append(level)
        for (code, part), known in levels.items():
            shown = _count_marks(archive.scales[code], known)
            rows[code].append((program, group, part, *shown))
    for code in sorted(rows):
        yield Figures(
            f"Результаты. {scale_rule(archive.scales[code])}",
            (
                *("Программа", "Группа", "Часть программы", "Отметки"),
                *("Освоено", "Не освоено", "Не аттестовано", "Перезачтено", "Нет итога"),
            ),
            tuple(rows[code]),
            words=4,
            note="«Перезачтено» — результаты других организаций; текущие отметки не итог.",
        )


def _count_marks(scale: Scale, known: list[Mastery]) -> _Row:
    """Count how often each mark holds; then passed, not passed, not attested, credited, nothing."""
    credited = sum(level.credited for level in known)
    marks: Counter[Mark] = Counter(
        level.mark
        for level in known
        if level.mark is not None and level.result and level.result.control != "текущий"
    )
    absent = marks.pop(NOT_ATTESTED, 0)
    passed = sum(count for value, count in marks.items() if scale.passes(value))
    judged = marks.total()
    nothing = len(known) - credited - judged - absent
    counts = (passed, judged - passed, absent, credited, nothing)
    return (_list_marks(scale, marks), *(str(count) for count in counts))


def _list_marks(scale: Scale, marks: Counter[Mark]) -> str:
    """Write «3 — 1; 5 — 2», in the order of the scale itself."""
    if scale.highest is not None and scale.highest > _MARKS_LISTED:
        return NONE
    order = {word: place for place, word in enumerate(scale.marks)}
    known = sorted(marks, key=lambda value: order.get(str(value), value))
    return "; ".join(f"{mark(value, None)}{NBSP}— {marks[value]}" for value in known) or NONE


def _tabulate_planned(archive: Archive, found: list[Enrolled]) -> Figures:
    rows = []
    for program, group, inside in by_group(archive, found):
        counts = count_reached(archive, inside)
        rows.append((program, group, *(str(counts[level]) for level in REACHED)))
    return Figures(
        "Планируемые результаты программ",
        ("Программа", "Группа", "Достигнуты", "Частично", "Не достигнуты", "Нет данных"),
        tuple(rows),
        words=2,
        note="Сосчитаны результаты каждого обучающегося; «нет данных» не значит «не достигнут».",
    )


def _tabulate_debts(archive: Archive, found: list[Enrolled], span: StudySpan) -> Figures:
    rows = []
    for program, group, inside in by_group(archive, found):
        states: Counter[str] = Counter()
        who = set()
        for each in inside:
            for debt in debts_on(archive, each.student, span.end):
                if debt.first.enrolment == each.enrolment.id:
                    states[debt.state] += 1
                    if debt.state != "погашена":
                        who.add(identity(each.student))
        if states:
            counts = (states["открыта"], states["просрочена"], len(who), states["погашена"])
            rows.append((program, group, *(str(count) for count in counts)))
    return Figures(
        f"Академические задолженности на{NBSP}{day(span.end)}",
        (
            *("Программа", "Группа", "Открыты, срок не истёк", "Срок истёк"),
            *("Должников", "Погашены"),
        ),
        tuple(rows),
        words=2,
        note="Групп, где задолженностей не было, в таблице нет.",
    )


def _tabulate_awards(archive: Archive, found: list[Enrolled], span: StudySpan) -> Figures:
    awards: Counter[tuple[str, str]] = Counter()
    who: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for student in {each.student.id: each.student for each in found}.values():
        for award in student.awards:
            if span.has(award.date):
                event = archive.events.get(award.event or "")
                key = (award.activity, (event.level if event else None) or NONE)
                awards[key] += 1
                who[key].add(identity(student))
    return Figures(
        "Поощрения",
        ("Деятельность", "Уровень мероприятия", "Поощрений", "Обучающихся"),
        tuple((*key, str(awards[key]), str(len(who[key]))) for key in sorted(awards)),
        words=2,
    )


def _tabulate_leavers(archive: Archive, found: list[Enrolled], span: StudySpan) -> Figures:
    rows = []
    for program, group, inside in by_group(archive, found):
        ended = count_endings(inside, span)
        if ended:
            rows.append((program, group, *(str(ended[reason]) for reason in ENDINGS)))
    return Figures(
        "Окончание обучения по основаниям",
        ("Программа", "Группа", "Завершение", "Отчисление", "Перевод"),
        tuple(rows),
        words=2,
        note="Групп, где никто не закончил обучения, в таблице нет.",
    )


def _list_periods(archive: Archive) -> list[str]:
    return sorted([*archive.periods, *(str(year) for year in years(archive))])


FORM = PrintedForm(
    name="management",
    title="Сведения для управления",
    target="период",
    view=view,
    targets=_list_periods,
)
