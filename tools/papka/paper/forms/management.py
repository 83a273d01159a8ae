"""Management tables of a study period or a school year: what decisions rest on (R-2.2.12).

Invariants: no name and no number of a student; marks are counted on their own scale, never
averaged and never turned into another; neither students nor teachers are ranked; same records and
same day, same tables. Counts are exact, small ones too, so the tables are for the school itself:
what is published is the self-examination report. Diagnostics are in no table (R-4.2). Who needs
help is named in a form of its own, `attention`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

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
    files_of,
    find_enrolled,
    find_reported,
    identity,
    place_of,
    years,
)
from papka.records.derived.in_force import name_year, school_year
from papka.records.derived.result_facts import Mastery, debts_on, mastery
from papka.records.school import NOT_ATTESTED, Scale
from papka.records.student import Mark
from papka.records.wording import (
    NBSP,
    NONE,
    day,
    mark,
    name_drafts,
    note_destroyed,
    scale_rule,
    title_of,
)

_MARKS_LISTED = 12
"""Scales longer than this are not told mark by mark, but in bands."""
_BANDS = 5
_Row = tuple[str, ...]


_BAR_WIDTH = 360.0


@dataclass(frozen=True, slots=True)
class BarPiece:
    """A stretch of a bar, in units of the drawing; `kind` says how it is filled."""

    kind: Literal["passed", "failed", "nothing"]
    x: float
    width: float
    count: int


@dataclass(frozen=True, slots=True)
class ResultBar:
    """How the parts of a programme end in one group: every student's parts, one by one."""

    program: str
    group: str
    total: int
    pieces: tuple[BarPiece, ...]


@dataclass(frozen=True, slots=True)
class Management:
    """`notes` say what is not approved and for whom the tables are."""

    page: Page
    letterhead: Letterhead
    heading: str
    span: str
    tables: tuple[Figures, ...]
    bars: tuple[ResultBar, ...]
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
    title = _name_span(archive, address)
    drafts = name_drafts(archive, about.periods, files_of(found))
    return Management(
        page=page(state, f"Сведения для управления, {title}", is_draft=bool(drafts)),
        letterhead=letterhead(archive, state.signed_on),
        heading=title,
        span=f"с{NBSP}{day(span.start)} по{NBSP}{day(span.end)}",
        tables=(
            _tabulate_groups(archive, found, span),
            *_tabulate_results(archive, found, about),
            _tabulate_change(archive, found, about, address),
            _tabulate_planned(archive, found),
            _tabulate_debts(archive, found, span),
            _tabulate_awards(archive, found, span),
            _tabulate_leavers(archive, found, span),
        ),
        bars=tuple(_draw_bars(archive, found, about)),
        notes=(*drafts, *note_destroyed(archive, about.periods), _FOR_WORK),
        signature=of_head(archive, state.signed_on),
    )


_FOR_WORK = (
    "Для работы внутри организации: числа точные, а по малому числу можно узнать обучающегося. Для "
    "публикации служит отчёт о самообследовании."
)


def by_group(archive: Archive, found: list[Enrolled]) -> Iterator[tuple[str, str, list[Enrolled]]]:
    """Yield title of the programme, group and enrolments, in the order of the school's list."""
    for code, inside in by_program(archive, found).items():
        groups: defaultdict[str, list[Enrolled]] = defaultdict(list)
        for each in inside:
            groups[each.group or ""].append(each)
        for group in sorted(groups, key=natural_key):
            yield place_of(archive, code)[1], group or NONE, groups[group]


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


def _levels(archive: Archive, each: Enrolled, about: Reported) -> Iterator[Mastery]:
    """Yield what is known of each marked part of one enrolment by results of the periods."""
    periods = {p: r for p, r in each.student.periods.items() if p in about.periods}
    only = replace(each.student, periods=periods)
    return (level for level in mastery(archive, only, each.enrolment) if level.scale is not None)


def _tabulate_results(
    archive: Archive, found: list[Enrolled], about: Reported
) -> Iterator[Figures]:
    """Yield a table a scale: marks of different scales never meet."""
    rows: defaultdict[str, list[_Row]] = defaultdict(list)
    for program, group, inside in by_group(archive, found):
        levels: defaultdict[tuple[str, str], list[Mastery]] = defaultdict(list)
        for each in inside:
            for level in _levels(archive, each, about):
                assert level.scale is not None
                levels[level.scale.scale, level.part.title].append(level)
        for (code, part), known in levels.items():
            scale = archive.scales[code]
            counts = _count(scale, known)
            rows[code].append((program, group, part, _list_marks(scale, known), *counts.cells()))
    for code in sorted(rows):
        yield Figures(
            f"Результаты. {scale_rule(archive.scales[code])}",
            (
                *("Программа", "Группа", "Часть программы", "Отметки"),
                *("Освоено", "Доля", "Не освоено", "Не аттестовано", "Перезачтено", "Нет итога"),
            ),
            tuple(rows[code]),
            words=4,
            note="«Доля» — освоивших среди получивших итог; «Перезачтено» — результаты других "
            "организаций; текущие отметки не итог.",
        )


class _Counts(NamedTuple):
    """How the same part ended for several students."""

    passed: int
    failed: int
    absent: int
    credited: int
    nothing: int

    @property
    def judged(self) -> int:
        return self.passed + self.failed + self.absent

    def cells(self) -> _Row:
        counts = map(str, (self.failed, self.absent, self.credited, self.nothing))
        return (str(self.passed), _write_share(self.passed, self.judged), *counts)


def _write_share(part: int, whole: int) -> str:
    return f"{percent(part, whole)}{NBSP}%" if whole else NONE


def percent(part: int, whole: int) -> int:
    """Return a whole number of percent, a half rounded up; 100 only of all, 0 only of none."""
    rounded = (200 * part + whole) // (2 * whole)
    return min(rounded, 99) if part < whole and rounded else rounded or (1 if part else 0)


def _final_marks(known: list[Mastery]) -> Counter[Mark]:
    return Counter(
        level.mark
        for level in known
        if level.mark is not None and level.result and level.result.control != "текущий"
    )


def _count(scale: Scale, known: list[Mastery]) -> _Counts:
    credited = sum(level.credited for level in known)
    marks = _final_marks(known)
    absent = marks.pop(NOT_ATTESTED, 0)
    passed = sum(count for value, count in marks.items() if scale.passes(value))
    judged = marks.total()
    nothing = len(known) - credited - judged - absent
    return _Counts(passed, judged - passed, absent, credited, nothing)


def _list_marks(scale: Scale, known: list[Mastery]) -> str:
    """Write «3 — 1; 5 — 2» in the order of the scale; a long scale in bands, «61–80 — 4»."""
    marks = _final_marks(known)
    marks.pop(NOT_ATTESTED, 0)
    if scale.highest is not None and scale.highest > _MARKS_LISTED:
        return _list_bands(scale, marks)
    order = {word: place for place, word in enumerate(scale.marks)}
    values = sorted(marks, key=lambda value: order.get(str(value), value))
    return "; ".join(f"{mark(value, None)}{NBSP}—{NBSP}{marks[value]}" for value in values) or NONE


def _list_bands(scale: Scale, marks: Counter[Mark]) -> str:
    """Count marks of a long scale in bands of whole numbers, the lowest first; no empty ones.

    Bands are equal but the first, which holds the lowest mark besides.
    """
    if not marks:
        return NONE
    low, high = int(scale.lowest or 0), int(scale.highest or 0)
    tops = [low + (high - low) * (at + 1) // _BANDS for at in range(_BANDS)]
    counts = [0] * _BANDS
    for value, count in marks.items():
        assert not isinstance(value, str), "a long scale is one of numbers"
        counts[next((at for at, top in enumerate(tops) if value <= top), -1)] += count
    bottoms = [low, *(top + 1 for top in tops[:-1])]
    return "; ".join(
        f"{bottom}–{top}{NBSP}—{NBSP}{count}"
        for bottom, top, count in zip(bottoms, tops, counts, strict=True)
        if count
    )


def _before(archive: Archive, address: str) -> str | None:
    """Return the period, or the school year, that went before."""
    if address not in archive.periods:
        known = {str(year) for year in years(archive)}
        return max((year for year in known if year < address), default=None)
    start = archive.periods[address].start
    earlier = [period for period in archive.periods.values() if period.end < start]
    return max(earlier, key=lambda period: period.end).period if earlier else None


def _tabulate_change(
    archive: Archive, found: list[Enrolled], about: Reported, address: str
) -> Figures:
    """Set the shares of who passed beside those of the time before, part by part.

    A share is told only where somebody got a result in both; what is compared are the parts, not
    the people, who may be others.
    """
    earlier = _before(archive, address)
    then = find_reported(archive, earlier) if earlier else None
    past = _count_parts(archive, list(find_enrolled(archive, then.span)), then) if then else {}
    rows = []
    for key, now in _count_parts(archive, found, about).items():
        before = past.get(key)
        if before is None or not (before.judged and now.judged):
            continue
        shares = [percent(each.passed, each.judged) for each in (before, now)]
        rows.append((
            *key[:2],
            f"{before.passed} из {before.judged}", f"{shares[0]}{NBSP}%",
            f"{now.passed} из {now.judged}", f"{shares[1]}{NBSP}%",
            _write_change(shares[1] - shares[0]),
        ))  # fmt: skip
    title = _name_span(archive, earlier) if earlier else ""
    return Figures(
        "Освоение рядом с предыдущим периодом",
        (
            *("Программа", "Часть программы", "Раньше освоили", "Доля"),
            *("Теперь освоили", "Доля", "Разница, п. п."),
        ),
        tuple(rows),
        words=2,
        note=f"Раньше — {title}. Сравниваются части программ: люди могли быть другими."
        if earlier
        else "Предыдущего периода в архиве нет: сравнивать не с чем.",
    )


def _name_span(archive: Archive, name: str) -> str:
    """Name a period, or a school year that is called by a number."""
    if name in archive.periods:
        return title_of(archive, name)
    about = find_reported(archive, name)
    return name_year(archive, school_year(archive, about.span.start)) if about else name


def _write_change(points: int) -> str:
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{abs(points)}"


def _count_parts(
    archive: Archive, found: list[Enrolled], about: Reported
) -> dict[tuple[str, str, str], _Counts]:
    """Return title of the programme, of its part, and scale -> counts of all its groups."""
    levels: defaultdict[tuple[str, str, str], list[Mastery]] = defaultdict(list)
    for code, inside in by_program(archive, found).items():
        _, title, _ = place_of(archive, code)
        for each in inside:
            for level in _levels(archive, each, about):
                assert level.scale is not None
                levels[title, level.part.title, level.scale.scale].append(level)
    return {key: _count(archive.scales[key[-1]], known) for key, known in levels.items()}


def _draw_bars(archive: Archive, found: list[Enrolled], about: Reported) -> Iterator[ResultBar]:
    """Yield a bar a group, in the order of the tables; a group without a marked part has none."""
    for program, group, inside in by_group(archive, found):
        levels: defaultdict[str, list[Mastery]] = defaultdict(list)
        for each in inside:
            for level in _levels(archive, each, about):
                assert level.scale is not None
                levels[level.scale.scale].append(level)
        counts = [_count(archive.scales[code], known) for code, known in levels.items()]
        sums = {
            "passed": sum(each.passed + each.credited for each in counts),
            "failed": sum(each.failed + each.absent for each in counts),
            "nothing": sum(each.nothing for each in counts),
        }
        if total := sum(sums.values()):
            yield ResultBar(program, group, total, tuple(_lay_pieces(sums, total)))


def _lay_pieces(sums: Mapping[str, int], total: int) -> Iterator[BarPiece]:
    before = 0
    for kind, count in sums.items():
        if count:
            left, right = (_BAR_WIDTH * at / total for at in (before, before + count))
            yield BarPiece(kind, round(left, 2), round(right - left, 2), count)  # type: ignore[arg-type]  # one of the three
            before += count


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
        note="Сосчитаны результаты каждого обучающегося; «нет данных» не значит «не достигнут»."
        if rows
        else "",
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
        note="Групп, где задолженностей не было, в таблице нет." if rows else "",
    )


def _tabulate_awards(archive: Archive, found: list[Enrolled], span: StudySpan) -> Figures:
    awards: Counter[tuple[str, str]] = Counter()
    who: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for student in files_of(found):
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
        note="Групп, где никто не закончил обучения, в таблице нет." if rows else "",
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
