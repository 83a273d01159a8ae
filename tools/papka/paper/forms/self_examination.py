"""The self-examination report of a calendar year, last year beside it (R-3.5, R-2.2.12).

For publication a small group would let a reader recognize a student. Therefore a count from 1 to 4
is never shown there, and where the others of a shown total would give it away by subtraction, the
next smallest is hidden with it. Both get one sign, which says nothing about the size; zero is
shown. The exact report is for the inspector. How many study by each programme the law wants on the
site as it is: that says of nobody how they learn.

The report names no student, and averages and ranks nothing; the same records and day give the same
report. Special needs and diagnostics are in no report (R-4.2, R-2.2.7). By which indicators a
school reports its head decides: a local act `self-examination` says so; the council's protocol of a
report is that of the act `self-examination-ГОД`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

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
from papka.paper.plain_sheet import PLAIN, PlainSheet, plain_sheet
from papka.paper.sections import ScreenTable
from papka.records import wording
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
    files_of,
    find_enrolled,
    identity,
    participation,
    people,
    place_of,
)
from papka.records.school import UNCONFIRMED, RegulationEdition
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
    return _percent(count, total)


def _percent(count: int, total: int) -> str:
    """Write a share to a tenth of a percent, a half rounded up as at school."""
    tenths = (2000 * count + total) // (2 * total)
    return f"{tenths // 10},{tenths % 10}{NBSP}%"


class _Masked:
    """How counts are written for publication."""

    def one(self, count: int) -> str:
        return published(count)

    def parts(self, total: int, counts: Sequence[int]) -> tuple[str, ...]:
        return divided(total, counts)

    def share(self, shown: str, count: int, total: int) -> str:
        return share(shown, count, total)


class _Exact(_Masked):
    """How counts are written for the inspector."""

    def one(self, count: int) -> str:
        return str(count)

    def parts(self, total: int, counts: Sequence[int]) -> tuple[str, ...]:  # noqa: ARG002 - hides nothing
        return tuple(map(str, counts))

    def share(self, shown: str, count: int, total: int) -> str:  # noqa: ARG002 - hides nothing
        return _percent(count, total) if total else ""


_PROTOCOL = (
    f"Рассмотрен педагогическим советом: протокол от{NBSP}«____» __________ 20____{NBSP}г. "
    f"№{NBSP}______."
)
_SAMPLE = (
    "Показатели взяты для образца из приложения 5 к приказу Минобрнауки России от 10.12.2013 "
    f"№ 1324, порядок — приказ от 14.06.2013 № 462; их применение {UNCONFIRMED} руководителем."
)
_LACKING = "; сведений об имуществе, финансах и инфраструктуре в нём нет."
_SITE = (
    "Для раздела сайта «Сведения об образовательной организации», подраздел «Образование» (273-ФЗ, "
    "ст. 29; приказ Рособрнадзора от 04.08.2023 № 1493). Численность указывают как есть: она "
    "никого не называет и не говорит об успехах."
)
_EVENTS = "Мероприятия и независимая оценка"
_ACT = "self-examination"
_REMOTE = "дистанц"
_YEARS = range(1900, 3000)
_Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SelfExamination:
    page: Page
    letterhead: Letterhead
    heading: str
    texts: tuple[str, ...]
    protocol: str
    tables: tuple[Figures, ...]
    notes: tuple[str, ...]
    signature: SignatureLine


def view(state: State, address: str) -> SelfExamination:
    """Word the report for publication. Raise NotFound."""
    return _report(state, address, _Masked())


def view_exact(state: State, address: str) -> SelfExamination:
    """Word the report with exact counts. Raise NotFound."""
    return _report(state, address, _Exact())


def _report(state: State, address: str, write: _Masked) -> SelfExamination:
    archive = state.archive
    span = _find_span(state, address)
    before = calendar_year(int(address) - 1)
    past = list(find_enrolled(archive, before))
    spans = (before, span) if past else (span,)
    studied = [*past, *find_enrolled(archive, span)]
    unapproved = name_drafts(archive, _find_periods(archive, spans), files_of(studied))
    tables = _tabulate(archive, span, write)
    if past:
        names = (str(before.start.year), address)
        old = {table.title: table for table in _tabulate(archive, before, write)}
        tables = tuple(_set_beside(old[table.title], table, names) for table in tables)
    return SelfExamination(
        page=page(
            state,
            f"Отчёт о результатах самообследования за {address}{NBSP}год",
            is_draft=bool(unapproved),
        ),
        letterhead=letterhead(archive, state.signed_on),
        heading=f"о результатах самообследования за {address}{NBSP}год",
        texts=(
            f"Отчёт составлен по записям электронного архива на{NBSP}{day(span.end)}{_LACKING}",
            _name_indicators(archive, span),
        ),
        protocol=_name_protocol(archive, address, state.on),
        tables=tables,
        notes=(
            *_explain_counts(tables, write),
            *wording.note_destroyed(archive, {*_find_periods(archive, [span])}, write.one),
            *(() if past else (f"Сведений за {before.start.year}{NBSP}год в архиве нет.",)),
            *unapproved,
        ),
        signature=of_head(archive, state.signed_on),
    )


def _tabulate(archive: Archive, span: StudySpan, write: _Masked) -> tuple[Figures, ...]:
    found = list(find_enrolled(archive, span))
    return (
        _tabulate_indicators(archive, found, span, write),
        _tabulate_programs(archive, found, span, write),
        _tabulate_planned(archive, found, write),
        _tabulate_awards(found, span, write),
        _tabulate_events(archive, span),
    )


_WIDEST = 2
"""A table with more figures has no room for another year."""


def _set_beside(before: Figures, now: Figures, names: tuple[str, str]) -> Figures:
    """Put last year's figures before those of this year; a line that one of them lacks is zero."""
    figures = now.columns[now.words :]
    if len(figures) > _WIDEST:
        return now
    old, new = ({row[: now.words]: row[now.words :] for row in t.rows} for t in (before, now))
    nothing = ("0",) * len(figures)
    rows = []
    keys = dict.fromkeys((*new, *old))
    for key in sorted(keys, key=_place_event) if now.title == _EVENTS else keys:
        pairs = zip(old.get(key, nothing), new.get(key, nothing), strict=True)
        rows.append((*key, *(cell for pair in pairs for cell in pair)))
    columns = (f"{column}, {year}" for column in figures for year in names)
    return replace(now, columns=(*now.columns[: now.words], *columns), rows=tuple(rows))


def _find_act(archive: Archive, name: str, on: dt.date) -> RegulationEdition | None:
    """Return the edition of a local act that the council had adopted by a day."""
    act = archive.regulations.get(name)
    return act.adopted_by(on) if act else None


def _name_indicators(archive: Archive, span: StudySpan) -> str:
    edition = _find_act(archive, _ACT, span.end)
    if edition is None:
        return _SAMPLE
    order = f", {wording.order(archive, edition.order)}" if edition.order else ""
    title = archive.regulations[_ACT].title
    return f"Показатели приняты организацией: {title}, протокол {edition.protocol}{order}."


def _name_protocol(archive: Archive, address: str, on: dt.date) -> str:
    edition = _find_act(archive, f"{_ACT}-{address}", on)
    if edition is None:
        return _PROTOCOL
    return f"Рассмотрен педагогическим советом: протокол {edition.protocol}."


def _explain_counts(tables: tuple[Figures, ...], write: _Masked) -> Iterator[str]:
    if isinstance(write, _Exact):
        yield ("Числа точные, по малому числу можно узнать обучающегося: отчёт не для публикации.")
    elif any(HIDDEN in row for table in tables for row in table.rows):
        yield EXPLAINED


def _find_periods(archive: Archive, spans: Iterable[StudySpan]) -> Iterator[str]:
    """Yield the periods that share a day with one of the spans, each once."""
    for each in archive.periods.values():
        if any(each.start <= span.end and each.end >= span.start for span in spans):
            yield each.period


def _find_span(state: State, address: str) -> StudySpan:
    """Return the calendar year, as far as it has come by the day of the report."""
    if not address.isdecimal() or int(address) not in _YEARS or int(address) > state.on.year:
        raise NotFound(
            f"Отчёта за «{address}» нет",
            f"Адрес отчёта — год, который уже начался, например {state.on.year}",
        )
    whole = calendar_year(int(address))
    return StudySpan(whole.start, min(whole.end, state.on))


def _tabulate_indicators(
    archive: Archive, found: list[Enrolled], span: StudySpan, write: _Masked
) -> Figures:
    students = people(found)
    total = len(students)
    ages = by_age(students.values(), span.end)
    titles = [title for title, *_ in AGES] + [UNKNOWN_AGE]
    rows: list[_Row] = [("Обучающиеся, всего", write.one(total), "")]
    rows += _make_lines(write, titles, ages, total, total)
    paid = {identity(each.student) for each in found if each.enrolment.contract}
    remote = {
        identity(each.student)
        for each in found
        if each.enrolment.distance or _REMOTE in (each.enrolment.form or "")
    }
    several = [count for count in _count_places(found).values() if count > 1]
    rows += [
        _make_line(write, "Обучаются по договорам об оказании платных услуг", len(paid), total),
        _make_line(write, "Занимаются в двух и более группах или программах", len(several), total),
        _make_line(write, "Обучаются с применением дистанционных технологий", len(remote), total),
    ]
    known = participation(archive, files_of(found), span)
    rows.append(
        _make_line(write, "Участвовали в массовых мероприятиях", known.took_part_total, total)
    )
    rows += _make_lines(write, LEVELS, known.took_part, known.took_part_total, total, "на уровне: ")
    rows.append(_make_line(write, "Поощрены за участие в них", known.awarded_total, total))
    rows += _make_lines(write, LEVELS, known.awarded, known.awarded_total, total, "на уровне: ")
    teachers = sum(
        "педагог" in member.roles
        and (member.since is None or member.since <= span.end)
        and (member.until is None or member.until >= span.start)
        for member in archive.staff.values()
    )
    rows.append(("Педагогические работники", str(teachers), ""))
    return Figures("Показатели", ("Показатель", "Число", "Доля"), tuple(rows))


def _make_line(write: _Masked, title: str, count: int, total: int) -> _Row:
    """Return the line of a count, which also tells how many are not so."""
    shown, _ = write.parts(total, (count, total - count))
    return (title, shown, write.share(shown, count, total))


def _make_lines(  # noqa: PLR0913 - one call for each kind of indicator
    write: _Masked,
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
        (f"{label}{name}", text, write.share(text, count, total))
        for name, text, count in zip(names, write.parts(of, found), found, strict=True)
    ]


def _count_places(found: list[Enrolled]) -> Counter[str]:
    pairs = {(identity(e.student), e.enrolment.program, e.group) for e in found}
    return Counter(who for who, *_ in pairs)


def _tabulate_programs(
    archive: Archive, found: list[Enrolled], span: StudySpan, write: _Masked
) -> Figures:
    rows = []
    for code, inside in by_program(archive, found).items():
        ended = count_endings(inside, span)
        counts = [ended[reason] for reason in ENDINGS]
        counts.append(len(inside) - sum(counts))
        direction, title, _ = place_of(archive, code)
        shown = write.parts(len(inside), counts)
        rows.append((direction or NONE, title, write.one(len(inside)), *shown))
    return Figures(
        "Программы: приём и завершение",
        (
            *("Направленность", "Программа", "Обучений", "Завершены"),
            *("Отчисление", "Перевод", "Продолжаются"),
        ),
        tuple(rows),
        words=2,
        note="Один обучающийся может осваивать несколько программ." if rows else "",
    )


def _tabulate_planned(archive: Archive, found: list[Enrolled], write: _Masked) -> Figures:
    rows = []
    for code, inside in by_program(archive, found).items():
        counts = count_reached(archive, inside)
        planned = [counts[level] for level in REACHED]
        is_small = len({identity(each.student) for each in inside}) < SMALLEST
        hides = is_small and not isinstance(write, _Exact)
        shown = (HIDDEN,) * len(REACHED) if hides else write.parts(sum(planned), planned)
        rows.append((place_of(archive, code)[1], *shown))
    return Figures(
        "Планируемые результаты программ",
        ("Программа", "Достигнуты", "Достигнуты частично", "Не достигнуты", "Нет данных"),
        tuple(rows),
        note="Сосчитаны результаты каждого обучающегося; «нет данных» не значит «не достигнут»."
        if rows
        else "",
    )


def _tabulate_awards(found: list[Enrolled], span: StudySpan, write: _Masked) -> Figures:
    awards: Counter[str] = Counter()
    who: defaultdict[str, set[str]] = defaultdict(set)
    for student in files_of(found):
        for award in student.awards:
            if span.has(award.date):
                awards[award.activity] += 1
                who[award.activity].add(identity(student))
    rows = []
    for activity in ACTIVITIES:
        count = write.one(len(who[activity]))
        rows.append((activity, HIDDEN if count == HIDDEN else str(awards[activity]), count))
    return Figures(
        "Поощрения по видам деятельности",
        ("Деятельность", "Поощрений", "Обучающихся"),
        tuple(rows),
    )


def _tabulate_events(archive: Archive, span: StudySpan) -> Figures:
    counts = Counter(
        (event.kind, event.level or NONE)
        for event in archive.events.values()
        if span.has(event.date)
    )
    rows = sorted(counts.items(), key=lambda item: _place_event(item[0]))
    return Figures(
        _EVENTS,
        ("Вид", "Уровень", "Число"),
        tuple((kind, level, str(count)) for (kind, level), count in rows),
        words=2,
    )


def _place_event(key: _Row) -> tuple[str, int]:
    """Return the kind of an event and the place of its level, by which they are sorted."""
    kind, level = key
    return kind, (NONE, *LEVELS).index(level)


def _list_years(archive: Archive) -> list[str]:
    return sorted({str(period.end.year) for period in archive.periods.values()})


FORM = PrintedForm(
    name="self-examination",
    title="Отчёт о результатах самообследования",
    target="год",
    view=view,
    targets=_list_years,
)
EXACT = PrintedForm(
    name="self-examination-exact",
    title="Отчёт о самообследовании с точными числами",
    target="год",
    view=view_exact,
    targets=_list_years,
    layout="self-examination",
)


def count_students(state: State, address: str) -> PlainSheet:
    """Word how many study by each programme on the day. Raise NotFound for an address."""
    if address:
        raise NotFound(
            f"Численность печатают на день, без номера: «{address}» лишнее",
            "Другой день: papka print student-counts --on 2026-10-01",
        )
    found = list(find_enrolled(state.archive, StudySpan(state.on, state.on)))
    rows = []
    for code, inside in by_program(state.archive, found).items():
        direction, title, _ = place_of(state.archive, code)
        paid = people(each for each in inside if each.enrolment.contract)
        rows.append((direction or NONE, title, str(len(people(inside))), str(len(paid))))
    return plain_sheet(
        state,
        "ЧИСЛЕННОСТЬ ОБУЧАЮЩИХСЯ",
        f"по реализуемым образовательным программам на{NBSP}{day(state.on)}",
        title=f"Численность обучающихся на{NBSP}{day(state.on)}",
        tables=(
            ScreenTable(
                "counts",
                "",
                ("Направленность", "Программа", "Обучающихся", "Из них по договорам"),
                tuple(rows),
                absence=f"На {day(state.on)} никто не обучается.",
                note=f"Всего обучающихся: {len(people(found))}; каждый сосчитан один раз, хотя бы "
                "он осваивал несколько программ.",
            ),
        ),
        notes=(_SITE,),
        signatures=(of_head(state.archive, state.signed_on),),
    )


COUNTS = PrintedForm(
    name="student-counts",
    title="Численность обучающихся по программам, для сайта",
    target="архив",
    view=count_students,
    targets=lambda _: [""],
    layout=PLAIN,
)
