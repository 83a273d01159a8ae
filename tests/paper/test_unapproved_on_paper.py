"""What the head has not approved says so on every paper, and no sentence stands without its fact.

A failed mark of a closed period was re-sat later; the act holds the first entry, a supplementary
one may hold the second (R-5.6, R-6.7).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace as changed

from papka.core.errors import NotFound
from papka.desk.dossier import dossier
from papka.paper.form import State
from papka.paper.forms import approval_act, notice
from papka.paper.issued_contents import CONTENTS, StudyCase, reasons_against, resting_on
from papka.paper.result_tables import results
from papka.paper.sections import debts
from papka.records.acts import ApprovalException
from papka.records.archive import Archive
from papka.records.derived.approvals import approval_states
from papka.records.student import Ended, Name, Person, Student
from tests.support.approvals import ACT, with_acts
from tests.support.derived import SCHOOL, day, enrolment, organization, result, student

FAILED = result("r1", "2026-05-28", 2)
RESIT = result("r2", "2026-09-14", 4, resits="r1", reason="по просьбе", assessed_by="s002")
OTHER = result("r3", "2026-05-29", "зачтено", part="ансамбль")
WHO = Person(id="2026-0001", name=Name(surname="Ивушкина", given="Роза"), sex="женский")
DONE = Ended(date=day("2026-10-01"), reason="завершение")
STUDENT = student(FAILED, OTHER, RESIT, person=WHO, enrolments=(enrolment(ended=DONE),))
LATE = with_acts({"2026-1": [FAILED, OTHER]})
WHOLE = with_acts({"2026-1": [FAILED, OTHER], "2026-1-1": [RESIT]})
OPEN = replace(SCHOOL, approvals={})
DAY = day("2026-10-02")
NOT_APPROVED = "не утвержд"
ACTS = ("2026-1-1", "2026-1-2")


def case(school: Archive, who: Student = STUDENT) -> StudyCase:
    school = replace(school, students={who.id: who}, organization=organization())
    return StudyCase(school, who, WHO, who.enrolments[0], DAY, period="2026-1")


def state(school: Archive) -> State:
    archive = replace(school, students={STUDENT.id: STUDENT}, organization=organization())
    return State(archive, datetime(2026, 10, 2, tzinfo=UTC), DAY, "0" * 40)


@pytest.mark.parametrize(
    ("school", "named"),
    [
        pytest.param(LATE, ("Техника, 14.09.2026 (запись r2)",), id="late"),
        pytest.param(
            OPEN,
            ("Ансамбль, 29.05.2026 (запись r3)", "Техника, 14.09.2026 (запись r2)"),
            id="open",
        ),
        pytest.param(WHOLE, (), id="approved"),
    ],
)
def test_a_certificate_from_unapproved_marks_is_refused_with_their_list(
    school: Archive, named: tuple[str, ...]
) -> None:
    told = reasons_against("certificate", case(school))
    assert all(any(name in each for each in told) for name in named), told
    assert any("руководитель не утвердил" in each for each in told) == bool(named)


def test_a_mark_taken_away_after_approval_stops_a_certificate_too() -> None:
    gone = replace(STUDENT, periods={"2026-1": (OTHER, RESIT)})
    beside = case(replace(WHOLE, stood=lambda *_: STUDENT), gone)
    assert [each.id for each in resting_on(beside)] == ["r1"]
    assert "исчезнувшая (запись r1)" in " ".join(reasons_against("certificate", beside))


@pytest.mark.parametrize("form", ["transcript", "progress"])
def test_a_paper_of_results_names_what_is_not_approved_and_else_says_nothing(form: str) -> None:
    late, whole = (CONTENTS[form](case(school)).facts for school in (LATE, WHOLE))
    assert "Техника, 14.09.2026 (запись r2)" in str(late["state"])
    assert "state" not in whole
    assert "не утвержд" in str(CONTENTS[form](case(OPEN)).facts["state"])


def test_no_debts_hang_on_what_is_not_approved() -> None:
    for school, hangs in ((LATE, True), (WHOLE, False), (OPEN, False)):
        beside = case(school).archive
        said = "если руководитель утвердит запись"
        assert (said in debts(beside, STUDENT, DAY).absence) == hangs
        assert (said in str(CONTENTS["progress"](case(school)).facts["debts"])) == hangs
        assert (said in notice.view(state(school), STUDENT.id).text) == hangs
        screen = dossier(beside, STUDENT, DAY, approval_states(beside, STUDENT))
        notes = [note for section in screen.sections for note in section.notes]
        assert any(said in note for note in notes) == hangs
        assert any(NOT_APPROVED in note.lower() for note in notes) == hangs


def test_a_period_says_which_of_its_entries_came_later() -> None:
    for school, words in ((LATE, "; не утверждена запись"), (WHOLE, "")):
        (view,) = results(school, STUDENT, states=approval_states(school, STUDENT))
        assert ("не утверждена запись" in view.status) == bool(words)
        notes = [row.note for group in view.groups for row in group.rows]
        assert sum("не утверждено: внесено" in note for note in notes) == bool(words)


def test_a_notice_is_a_draft_while_an_entry_waits() -> None:
    assert notice.view(state(LATE), STUDENT.id).page.stamp
    assert notice.view(state(WHOLE), STUDENT.id).page.stamp == ""
    said = " ".join(notice.view(state(LATE), STUDENT.id).notes)
    assert "внесённых после закрытия, — 1" in said
    assert "внесённых после закрытия" not in " ".join(notice.view(state(WHOLE), STUDENT.id).notes)


def test_the_act_lists_what_it_approves_and_the_supplementary_one_both_values() -> None:
    first = approval_act.view(state(WHOLE), "2026-1")
    assert [(row.case, row.name, row.entries, row.count) for row in first.rows] == [
        ("№\u00a02026-0001", "Ивушкина Роза", "1, 3", "2")
    ]
    assert (first.changes, first.accepted) == ((), ())
    assert first.digest.replace(" ", "") == WHOLE.approvals["2026-1"].entries
    later = approval_act.view(state(WHOLE), "2026-1-1")
    [row] = later.changes
    assert (row.part, row.old, row.new) == (
        "Техника, 14.09.2026", "2\u00a0(два)", "4\u00a0(четыре)",
    )  # fmt: skip
    assert "по просьбе" in row.why
    assert "закрытого 15.06.2026" in later.text
    with pytest.raises(NotFound):
        approval_act.view(state(WHOLE), "2026-1-2")


def test_an_act_never_shows_a_present_value_as_the_approved_one() -> None:
    now = replace(STUDENT, periods={"2026-1": (FAILED, OTHER, changed(RESIT, mark=5))})
    school = replace(WHOLE, students={now.id: now}, organization=organization())
    [row] = approval_act.view(replace(state(WHOLE), archive=school), "2026-1-1").changes
    assert (row.old, row.new) == ("—", "запись больше не та, что утверждена")


def test_an_act_without_a_list_says_so_and_names_what_was_accepted() -> None:
    lacking = ApprovalException(
        kind="нет отметки", student="2026-0001#e1", part="ансамбль", reason="болел"
    )
    old = replace(OPEN, approvals={"2026-1": changed(ACT, exceptions=(lacking,))})
    act = approval_act.view(state(old), "2026-1")
    assert ("Списка записей при акте нет" in act.text, act.digest) == (True, "")
    (said,) = act.accepted
    assert said.replace("\u00a0", " ") == (
        "нет отметки: Ивушкина Роза, личное дело № 2026-0001, «Гитара», Ансамбль — болел."
    )
    assert "Списка записей при акте нет" not in approval_act.view(state(WHOLE), "2026-1").text


def test_of_a_destroyed_file_the_act_keeps_the_line_without_a_name() -> None:
    gone = replace(state(WHOLE), archive=replace(WHOLE, organization=organization()))
    assert [row.name for row in approval_act.view(gone, "2026-1").rows] == ["—"]
    assert [row.name for row in approval_act.view(gone, "2026-1-1").changes] == ["—"]


EARLY = with_acts({"2026-1-1": [FAILED, OTHER]}, early=("2026-1-1",))
ALL_EARLY = with_acts({"2026-1-1": [FAILED, OTHER], "2026-1-2": [RESIT]}, early=ACTS)


def test_a_certificate_rests_on_an_open_period_where_each_entry_is_approved() -> None:
    assert [each.id for each in resting_on(case(EARLY))] == ["r2"]
    assert f"--student {STUDENT.id}" in " ".join(reasons_against("certificate", case(EARLY)))
    assert not list(resting_on(case(ALL_EARLY)))
    assert "утвердил" not in " ".join(reasons_against("certificate", case(ALL_EARLY)))


def test_papers_of_an_open_period_name_only_what_is_not_approved() -> None:
    for school, named, said in ((EARLY, 1, "не утверждена запись"), (ALL_EARLY, 0, "")):
        (view,) = results(school, STUDENT, states=approval_states(school, STUDENT))
        assert view.is_approved
        assert view.status.startswith("утверждено до закрытия периода")
        assert said in view.status
        notes = [row.note for group in view.groups for row in group.rows]
        assert sum(note.startswith("не утверждено") for note in notes) == named
        assert not any("внесено после утверждения" in note for note in notes)
        assert bool(notice.view(state(school), STUDENT.id).page.stamp) == bool(named)
        facts = CONTENTS["progress"](case(school)).facts
        assert ("state" in facts) == bool(named), facts
    going = replace(STUDENT, enrolments=(enrolment(),))
    facts = CONTENTS["progress"](case(ALL_EARLY, going)).facts
    assert facts["state"] == "период не закрыт: сведения промежуточные"
    (view,) = results(OPEN, STUDENT, states=approval_states(OPEN, STUDENT))
    assert (view.is_approved, view.status) == (False, "руководителем не утверждено")


def test_an_act_before_the_closing_says_so_and_shows_what_it_approves() -> None:
    act = approval_act.view(state(ALL_EARLY), "2026-1-1")
    assert (act.heading, act.rows) == ("об утверждении результатов до закрытия периода", ())
    assert "Период этот акт не закрывает" in act.text
    assert [(row.part, row.new) for row in act.changes] == [
        ("Техника, 28.05.2026", "2\u00a0(два)"), ("Ансамбль, 29.05.2026", "зачтено"),
    ]  # fmt: skip
    assert not act.has_old
    assert approval_act.view(state(ALL_EARLY), "2026-1-2").has_old
    closing = with_acts({"2026-1-1": [FAILED], "2026-1": [OTHER]}, early=ACTS)
    said = approval_act.view(state(closing), "2026-1").text
    assert "другие утверждены до закрытия: акт № 1 (до закрытия периода)" in said
    assert "до закрытия" not in approval_act.view(state(WHOLE), "2026-1").text
    last = replace(ALL_EARLY, approvals={**ALL_EARLY.approvals, "2026-1": ACT})
    said = approval_act.view(state(last), "2026-1").text
    assert "Все записи периода утверждены до закрытия" in said
