"""How a period stands and what closing it needs, by its values: none, one, two, many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import msgspec
import pytest

from papka.core.errors import ChangedMeanwhile, Refused
from papka.core.places import import_file
from papka.desk.open_records import overview
from papka.desk.saving import require_head_commit
from papka.desk.study_period import (
    Closing,
    Lack,
    PeriodState,
    close,
    imports_of,
    period_states,
    plan_close,
    platforms_in_use,
)
from papka.records.archive import Archive as Records
from papka.records.school import Period, Platform
from papka.records.student import Account
from papka.repository.signing import find_actor
from papka.repository.worktree import WorktreeSnapshot
from tests.support.archives import good, loaded
from tests.support.refusals import refused
from tests.support.school import NOW, STUDENT, TEACHER, Archive

HEAD, NAME = "s001", "2026-2"
ENSEMBLE, TECHNIQUE, ROW = "2026-0001#e1/ансамбль", "2026-0001#e1/техника", "2026-2/1/1"
ALL = {ENSEMBLE: "болезнь", TECHNIQUE: "отъезд", ROW: "гость"}
TODAY = NOW.date()
NOT_NEEDED = (
    "Исключение «2026-0001#e1/техинка» не нужно: ни такой части без отметки, ни такой платформы, "
    "ни такой строки в периоде 2026-2 нет"
)


def planned(
    archive: Archive,
    accept: Mapping[str, str] = {},
    *,
    staff: str = HEAD,
    period: str = NAME,
    closed: dt.date = TODAY,
) -> Closing:
    return plan_close(
        archive.root, find_actor(archive.root, staff), period,
        closed=closed, today=TODAY, accept=accept,
    )  # fmt: skip


def state_of(archive: Archive, period: str = NAME) -> PeriodState:
    (found,) = period_states(archive.root, period)
    return found


def result(part: str, mark: str, *, id_: str) -> str:
    return (
        f"  - id: {id_}\n    enrolment: e1\n    kind: учебный\n    origin: текущий контроль\n"
        f"    part: {part}\n    control: за период\n    date: 2026-11-18\n    mark: {mark}\n"
        "    assessed_by: s002\n"
    )


def test_periods_stand_in_their_order_with_what_they_hold(archive: Archive) -> None:
    states = {each.period.period: each for each in period_states(archive.root)}
    assert list(states)[:2] == ["2026-1", NAME]
    first, second = states["2026-1"], states[NAME]
    assert (first.entries, first.people) == (3, 1)
    assert first.lacks == (Lack("2026-0001#e1", "guitar", "ансамбль"),)
    assert first.debts == ()
    assert first.approval is not None
    assert (second.approval, second.entries, second.people, second.due) == (None, 0, 0, 2)
    assert second.lacks == (
        Lack("2026-0001#e1", "guitar", "ансамбль"), Lack("2026-0001#e1", "guitar", "техника"),
    )  # fmt: skip
    assert [each.name for each in second.lacks] == [ENSEMBLE, TECHNIQUE]
    assert second.unmatched == (ROW,)
    assert [(each.key, each.waiting) for each in second.imports] == [("2026-2/1", (1,))]
    assert (first.imports, first.unmatched, second.untaken) == ((), (), ())
    text = "period: 2026-2\nresults:\n" + result("техника", "не аттестован", id_="r4")
    archive.write(
        f"{STUDENT}/results/2026-2.yaml", text + result("ансамбль", "не аттестован", id_="r5")
    )
    marked = state_of(archive)
    assert (marked.entries, marked.people, marked.due, marked.lacks) == (2, 1, 2, ())
    assert marked.debts == ("2026-0001#r4", "2026-0001#r5")


def test_what_is_missing_stands_in_the_way_until_it_is_accepted(archive: Archive) -> None:
    nothing = planned(archive)
    assert nothing.is_open
    assert [each.name for each in nothing.open_lacks] == [ENSEMBLE, TECHNIQUE]
    assert (nothing.open_rows, nothing.open_platforms) == ((ROW,), ())
    acts = dict.fromkeys(f"records/approvals/{each}.yaml" for each in (NAME, f"{NAME}-1"))
    assert (nothing.accepted, nothing.closed, nothing.expected) == ({}, TODAY, acts)
    for name in ALL:
        some = planned(archive, {name: "x"})
        assert some.is_open
        assert name not in [each.name for each in some.open_lacks] + list(some.open_rows)
        one_left = planned(archive, {each: "x" for each in ALL if each != name})
        assert one_left.is_open
        assert [*(each.name for each in one_left.open_lacks), *one_left.open_rows] == [name]
    whole = planned(archive, ALL)
    assert (whole.is_open, whole.accepted) == (False, ALL)
    by_import = planned(archive, {**ALL, "2026-2/1": "гости"} | {ROW: "гость"})
    assert by_import.accepted[ROW] in ("гость", "гости")
    assert "2026-2/1" not in by_import.accepted


def test_the_act_says_what_was_accepted_in_order(archive: Archive) -> None:
    closing = planned(archive, dict(reversed(ALL.items())))
    saved = close(archive.root, find_actor(archive.root, HEAD), closing, now=NOW)
    assert saved.commit == require_head_commit(archive.root)
    assert archive.read(f"records/approvals/{NAME}.yaml") == (
        "# yaml-language-server: $schema=../../schema/approval.json\n"
        f"period: 2026-2\nclosed: {TODAY}\nsigned_by: s001\nexceptions:\n"
        "  - kind: нет отметки\n    student: 2026-0001#e1\n    part: ансамбль\n"
        "    reason: болезнь\n"
        "  - kind: нет отметки\n    student: 2026-0001#e1\n    part: техника\n"
        "    reason: отъезд\n"
        "  - kind: несопоставленная строка\n    import: 2026-2/1\n    row: 1\n    reason: гость\n"
    )
    again = planned(archive, {"чего нет": "x"}, closed=dt.date(2199, 1, 1), staff=TEACHER)
    assert (again.is_open, again.closed, again.accepted, again.expected) == (False, TODAY, {}, {})


def test_an_act_written_meanwhile_is_not_overwritten(archive: Archive) -> None:
    closing = planned(archive, ALL)
    archive.write(f"records/approvals/{NAME}.yaml", "period: 2026-2\n")
    with pytest.raises(ChangedMeanwhile):
        close(archive.root, find_actor(archive.root, HEAD), closing, now=NOW)
    assert archive.read(f"records/approvals/{NAME}.yaml") == "period: 2026-2\n"


def test_what_stands_in_the_way_of_an_act_is_told_with_what_to_do(archive: Archive) -> None:
    assert refused(lambda: planned(archive, staff=TEACHER)) == (
        "Закрыть период может только руководитель своим ключом, а не s002",
        "Попросите руководителя; со своим ключом в этой копии он добавит --as s001",
    )
    assert refused(lambda: planned(archive, period="2026-3")) == (
        "Периода «2026-3» нет",
        "Периоды объявляют в records/organization.yaml. Есть: «2026-1», «2026-2».",
    )
    assert refused(lambda: period_states(archive.root, "2026-3"))[0] == "Периода «2026-3» нет"
    start = state_of(archive).period.start
    assert planned(archive, closed=start).closed == start
    assert refused(lambda: planned(archive, closed=start - dt.timedelta(days=1))) == (
        f"Период 2026-2 начинается {start:%d.%m.%Y}, позже дня закрытия",
        "Проверьте период и ключ --date",
    )
    tomorrow = TODAY + dt.timedelta(days=1)
    assert refused(lambda: planned(archive, closed=tomorrow)) == (
        f"День закрытия {tomorrow:%d.%m.%Y} ещё не настал",
        "Закройте сегодняшним днём (без --date) или дождитесь этого дня",
    )
    assert refused(lambda: planned(archive, {"2026-0001#e1/техинка": "x"})) == (
        NOT_NEEDED,
        "Чего не хватает: papka period status 2026-2. Может быть, «2026-0001#e1/техника»?",
    )


@pytest.mark.parametrize(
    ("path", "weighs"),
    [
        (f"{STUDENT}/results/2026-2.yaml", True),
        (f"{STUDENT}/results/2026-1.yaml", False),
        (f"{STUDENT}/enrolments.yaml", True),
        (f"{STUDENT}/credits.yaml", True),
        (f"{STUDENT}/notices.yaml", False),
        ("records/programs/guitar.yaml", True),
        ("records/organization.yaml", True),
        (import_file("2026-2/1", "manifest.yaml"), True),
        (import_file("2026-2/1", "unmatched/rows.part"), True),
        ("records/staff.yaml", False),
        ("заметки.txt", False),
    ],
)
def test_unsaved_edits_that_bear_on_a_period_stop_its_act(
    archive: Archive, path: str, *, weighs: bool
) -> None:
    there = (archive.root / path).read_bytes() if (archive.root / path).exists() else b""
    archive.write(path, there + b"# x\n" if there else b"period: 2026-2\n")
    if not weighs:
        assert planned(archive, ALL).closed == TODAY
        return
    assert refused(lambda: planned(archive, ALL)) == (
        f"Есть несохранённое, что относится к периоду: {path}",
        "Утверждают сохранённое. Сначала: papka save",
    )


def test_of_many_unsaved_three_are_named(archive: Archive) -> None:
    for name in ("credits", "enrolments"):
        archive.write(f"{STUDENT}/{name}.yaml", archive.read(f"{STUDENT}/{name}.yaml") + "# x\n")
    for path in ("records/organization.yaml", "records/programs/guitar.yaml"):
        archive.write(path, archive.read(path) + "# x\n")
    with pytest.raises(Refused) as error:
        planned(archive, ALL)
    assert error.value.message.count(", records/") == 2


def test_what_is_saved_counts_not_what_lies_in_the_folder(archive: Archive) -> None:
    archive.write("records/events/2026.yaml", "events: [\n")
    assert planned(archive, ALL).closed == TODAY


def test_the_rows_of_an_import_are_counted_and_a_lost_part_has_none(archive: Archive) -> None:
    (taken,) = imports_of(WorktreeSnapshot(archive.root))
    assert (taken.key, taken.waiting, list(taken.rows)) == ("2026-2/1", (1,), [ROW])
    part = archive.root / import_file("2026-2/1", "unmatched/rows.part")
    part.write_bytes(part.read_bytes() * 3)
    (taken,) = imports_of(WorktreeSnapshot(archive.root))
    assert list(taken.rows) == ["2026-2/1/1", "2026-2/1/2", "2026-2/1/3"]
    part.write_bytes(b"\xff\xfe\x98" if taken.manifest.encoding == "utf-8" else b'"')
    (taken,) = imports_of(WorktreeSnapshot(archive.root))
    assert taken.waiting in ((), (1,))
    part.unlink()
    (taken,) = imports_of(WorktreeSnapshot(archive.root))
    assert (taken.waiting, list(taken.rows)) == ((), [])


SPAN = (dt.date(2026, 9, 1), dt.date(2026, 12, 27))
BEFORE, AFTER = SPAN[0] - dt.timedelta(days=1), SPAN[1] + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("since", "until", "meets"),
    [
        (None, None, True),
        (SPAN[1], None, True),
        (AFTER, None, False),
        (None, SPAN[0], True),
        (None, BEFORE, False),
        (SPAN[1], AFTER, True),
        (AFTER, AFTER, False),
    ],
)
@pytest.mark.parametrize("whose", ["platform", "account"])
def test_a_platform_is_in_use_while_it_and_an_account_are(
    whose: str, since: dt.date | None, until: dt.date | None, *, meets: bool
) -> None:
    archive = sample()
    period = Period(period=NAME, title="x", school_year=2026, start=SPAN[0], end=SPAN[1])
    (student,) = archive.students.values()
    assert student.person is not None
    own, other = (since, until) if whose == "account" else (None, None), (since, until)
    accounts = (
        Account(platform="a", key="1", since=own[0], until=own[1]),
        Account(platform="b", key="2"), Account(platform="none", key="3"),
    )  # fmt: skip
    of_platform = other if whose == "platform" else (None, None)
    platforms = {
        "a": Platform(id="a", title="x", licence_basis="x",
                      since=of_platform[0] or dt.date(2020, 1, 1), until=of_platform[1]),
        "b": Platform(id="b", title="x", licence_basis="x", since=dt.date(2020, 1, 1)),
    }  # fmt: skip
    person = msgspec.structs.replace(student.person, accounts=accounts)
    changed = replace(
        archive, platforms=platforms, students={student.id: replace(student, person=person)}
    )
    assert platforms_in_use(changed, period) == (("a", "b") if meets else ("b",))
    nobody = replace(changed, students={student.id: replace(student, person=None)})
    assert platforms_in_use(nobody, period) == ()


def sample() -> Records:
    return loaded(good())


def test_an_overview_reads_what_a_period_needs(built_archive: Archive) -> None:
    found = overview(WorktreeSnapshot(built_archive.root))
    assert set(found.periods) >= {"2026-1", NAME}
    assert found.unreadable == sample().unreadable
