"""What the head approves before closing a period: shown by name, settled, left to no other act.

Three of a group completed the programme in November; the period goes on until the end of December.
Two have their mark, the third has none.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from papka.checks.checking import check
from papka.core.errors import ChangedMeanwhile
from papka.core.findings import Severity
from papka.core.places import student_folder
from papka.desk.approving import PlannedAct, WhatToApprove, approve, plan_act
from papka.desk.open_records import open_file
from papka.desk.status_report import status
from papka.desk.study_period import close as close_planned
from papka.desk.study_period import plan_close
from papka.records.derived.approvals import approval_states
from papka.repository.signing import find_actor
from tests.support.command import Ran, ok, papka
from tests.support.histories import git
from tests.support.issuing import graduate
from tests.support.made_once import MadeOnce
from tests.support.school import NOW, TEACHER, Archive, autumn_results

PERIOD, TODAY = "2026-2", NOW.date()
ONE, TWO, THREE = "2026-0002", "2026-0003", "2026-0004"
CARD = """id: {number}
name:
  surname: Ивина
  given: Яна-{last}
birth_date: 2012-03-0{last}
representatives:
  - id: p1
    relation: мать
    surname: Ивина
    given: Мария
"""
STUDY = """enrolments:
  - id: e1
    program: guitar
    edition: 2
    group: Г-26-1
    start: 2026-09-01
    individual_parts:
      - техника
    ended:
      date: 2026-11-10
      reason: завершение
      order: 2026/0004
"""
ACT, LIST = f"records/approvals/{PERIOD}-1.yaml", f"records/approvals/{PERIOD}-1.entries"
RESULTS = student_folder(ONE) + f"/results/{PERIOD}.yaml"
TAKEN = "2026-2/1=строка чужого человека"


@pytest.fixture
def school(archive: Archive, made_once: MadeOnce, tmp_path: Path) -> Archive:
    def build() -> None:
        graduate(archive)
        for number in (ONE, TWO, THREE):
            folder = archive.begin_file(number, CARD.format(number=number, last=number[-1]), STUDY)
            if number != THREE:
                text = autumn_results("r1", "2026-11-05", 5)
                archive.write(f"{folder}/results/{PERIOD}.yaml", text)
        saved = archive.save("s001")
        assert saved.commit, saved.findings

    made_once.make("graduates-of-an-open-period", tmp_path, ("archive",), build)
    return archive


def run(school: Archive, *words: str) -> Ran:
    return papka("period", "approve", PERIOD, *words, "-C", school.root)


def settle(school: Archive, *words: str) -> str:
    ran = run(school, "--yes", *words)
    assert ran.code == 0, ran.all
    return ran.out


def planned(school: Archive, *students: str) -> PlannedAct:
    actor = find_actor(school.root, "s001")
    return plan_act(school.root, actor, PERIOD, WhatToApprove(students=students), today=TODAY)


def states(school: Archive, student: str = ONE) -> dict[str, str]:
    found = open_file(school.root, student)
    return {**approval_states(found.archive, found.student).get(PERIOD, {})}


def close(school: Archive) -> Ran:
    lacks = ("2026-0004#e1/техника=болела", "2026-0001#e1/техника=болела", TAKEN)
    words = [word for each in lacks for word in ("--accept", each)]
    return papka("period", "close", PERIOD, "--yes", *words, "-C", school.root)


def grave(school: Archive) -> set[str]:
    return {f.code.name for f in check(school.root).findings if f.severity >= Severity.ERROR}


def past_the_gate(school: Archive) -> None:
    git(school.root, "add", "-A", "records")
    git(school.root, "commit", "-q", "--no-gpg-sign", "-m", "x")


def test_an_open_period_is_approved_for_those_who_are_named_alone(school: Archive) -> None:
    refused = run(school, "--yes")
    assert refused.code != 0
    assert "скажите, что в нём утвердить" in refused.err
    asked = run(school, "--group", "Г-26-1")
    assert (asked.code, states(school)) == (3, {"r1": "не утверждено"}), "nobody said yes"
    for words in (f"{ONE}#r1", "Ивина Яна-2", f"{TWO}#r1", "Техника игры", "(s001)", "20.11.2026"):
        assert words in asked.out
    assert f"{THREE} Ивина Яна-4: утверждать нечего; без отметки — Техника игры" in asked.out
    told = settle(school, "--student", ONE)
    assert f"акт {PERIOD}-1" in told
    assert "Останутся ждать утверждения: 1" in told
    assert "\napproved: " in school.read(ACT)
    assert "closed:" not in school.read(ACT)
    assert school.read(LIST).startswith(f"{ONE} r1 ")
    assert school.read(LIST).count("\n") == 1
    assert states(school) == {"r1": "утверждено"}
    assert states(school, TWO) == {"r1": "не утверждено"}
    why = ok("show", f"{ONE}#r1", "--why", "-C", school.root).out
    assert "утверждено: акт № 1 (до закрытия периода) руководителя от" in why
    state = json.loads(ok("period", "status", PERIOD, "--format", "json", "-C", school.root).out)
    assert (state["closed"], state["acts"], state["approved"]) == (None, [f"{PERIOD}-1"], 1)
    screen = ok("period", "status", PERIOD, "-C", school.root).out
    assert "Утверждено до закрытия: 1\u00a0запись" in screen
    assert "закрытие утвердит остальные: 1" in screen
    drafts = {each.period: each.entries for each in status(school.root, on=TODAY).drafts}
    assert drafts == {PERIOD: 1}
    assert grave(school) == set()
    again = ok("period", "approve", PERIOD, "--student", ONE, "--yes", "-C", school.root).out
    assert "у названных утверждения ничего не ждёт" in again


def test_a_certificate_is_issued_from_what_is_approved_of_an_open_period(school: Archive) -> None:
    refused = papka("issue", "certificate", f"{ONE}#e1", "--yes", "-C", school.root)
    assert refused.code != 0
    assert f"papka period approve ПЕРИОД --student {ONE}" in refused.all
    settle(school, "--student", ONE)
    ok("issue", "certificate", f"{ONE}#e1", "--yes", "-C", school.root)
    text = school.read("records/registers/issued/2026/certificates-0001.yaml")
    assert "result: Индивидуальный учебный план освоен полностью" in text
    assert papka("issue", "certificate", f"{TWO}#e1", "--yes", "-C", school.root).code != 0


def test_closing_takes_the_rest_and_lists_only_that(school: Archive) -> None:
    settle(school, "--program", "Гитара с нуля", "--student", ONE)
    closed = close(school)
    assert closed.code == 0, closed.all
    assert "закрытие утвердит остальные: 1" in closed.out
    listed = school.read(f"records/approvals/{PERIOD}.entries")
    assert [line.split()[0] for line in listed.splitlines()] == [TWO]
    assert states(school) == {"r1": "утверждено"}
    assert grave(school) == set()
    school.write(RESULTS, school.read(RESULTS) + correction())
    ok("save", "--as", TEACHER, "-C", school.root)
    settle(school)
    assert school.read(f"records/approvals/{PERIOD}-2.yaml").count("closed:") == 1
    assert states(school) == {"r1": "утверждено", "r2": "утверждено"}
    assert grave(school) == set()


def test_closing_after_all_is_approved_lists_nothing_and_approves_nothing(school: Archive) -> None:
    settle(school, "--group", "Г-26-1")
    assert close(school).code == 0
    assert "entries" not in school.read(f"records/approvals/{PERIOD}.yaml")
    school.write(RESULTS, school.read(RESULTS) + correction())
    past_the_gate(school)
    assert states(school) == {"r1": "утверждено", "r2": "не утверждено"}


def correction(id_: str = "r2") -> str:
    text = autumn_results(id_, "2026-11-06", 4).partition("results:\n")[2]
    return f"{text}    replaces: r1\n    reason: описка\n"


def test_an_approved_entry_of_an_open_period_is_corrected_by_another_alone(school: Archive) -> None:
    settle(school, "--student", ONE)
    school.edit(RESULTS, "mark: 5", "mark: 4")
    assert states(school) == {"r1": "не утверждено"}, "already while it is not saved"
    [found] = [f for f in check(school.root).findings if f.code.name == "CLOSED_PERIOD_CHANGED"]
    assert "до закрытия утверждён в части записей" in found.message
    assert papka("save", "--as", TEACHER, "-C", school.root).code != 0
    past_the_gate(school)
    assert "APPROVAL_ENTRY_WRONG" in grave(school)
    assert "CLOSED_PERIOD_CHANGED" in papka("verify", school.root, "--no-memory").all
    refused = run(school, "--yes", "--student", ONE)
    assert f"После утверждения изменены или исчезли: {ONE}#r1" in refused.err
    assert "После утверждения изменены или исчезли" in close(school).err


def test_a_correction_of_what_is_approved_waits_and_is_named_to_the_head(school: Archive) -> None:
    settle(school, "--student", ONE)
    ok("fix", f"{ONE}#r1", "mark=4", "--reason", "описка", "-C", school.root)
    ok("save", "--as", TEACHER, "-C", school.root)
    assert states(school) == {"r1": "утверждено", "r2": "не утверждено"}
    due = ok("status", "--due", "--fail-on", "fatal", "-C", school.root).out
    assert "1\u00a0запись ждёт утверждения" in due
    why = ok("show", f"{ONE}#r2", "--why", "-C", school.root).out
    assert "исправляет утверждённое" in why
    assert papka("issue", "certificate", f"{ONE}#e1", "--yes", "-C", school.root).code != 0
    asked = run(school, "--student", ONE).out
    assert "описка" in asked
    closed = close(school)
    assert closed.code == 0, closed.all
    told = closed.out.partition("Изменено или исправлено после утверждения")[2]
    assert f"{ONE}#r2" in told
    assert f"{TWO}#r1" not in told.partition("Период закрыт")[0]
    assert states(school)["r2"] == "утверждено"


def test_a_mistake_marked_after_approval_is_shown_by_the_closing(school: Archive) -> None:
    settle(school, "--student", ONE)
    ok("fix", f"{ONE}#r1", "--void", "--reason", "не того", "-C", school.root)
    ok("save", "--as", TEACHER, "-C", school.root)
    assert states(school) == {"r1": "не утверждено"}
    actor = find_actor(school.root, "s001")
    closing = plan_close(
        school.root, actor, PERIOD, closed=TODAY, today=TODAY, accept={}
    )  # fmt: skip
    assert [each.words.address for each in closing.late] == [f"{ONE}#r1"]
    assert closing.late[0].words.new == "внесено ошибочно, не считается"


def test_of_two_heads_at_once_the_second_sees_what_the_first_approved(school: Archive) -> None:
    first = planned(school, ONE)
    second = planned(school, ONE, TWO)
    actor = find_actor(school.root, "s001")
    closing = plan_close(
        school.root, actor, PERIOD, closed=TODAY, today=TODAY,
        accept={"2026-0004#e1/техника": "болела", "2026-0001#e1/техника": "болела",
                "2026-2/1": "чужая"},
    )  # fmt: skip
    assert approve(school.root, actor, first, now=NOW).commit
    with pytest.raises(ChangedMeanwhile):
        approve(school.root, actor, second, now=NOW)
    with pytest.raises(ChangedMeanwhile):
        close_planned(school.root, actor, closing, now=NOW)
    again = planned(school, ONE, TWO)
    assert [each.words.address for each in again.entries] == [f"{TWO}#r1"]
    assert again.key == f"{PERIOD}-2"
    assert approve(school.root, actor, again, now=NOW).commit
    assert (states(school), states(school, TWO)) == ({"r1": "утверждено"}, {"r1": "утверждено"})
    assert grave(school) == set()


def test_only_a_head_approves_and_only_what_is_saved(school: Archive) -> None:
    assert run(school, "--yes", "--student", ONE, "--as", TEACHER).code != 0
    school.write(RESULTS, school.read(RESULTS) + "# тут\n")
    assert "несохранённое" in run(school, "--yes", "--student", ONE).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--student", "2026-0099"), "Дела «2026-0099» нет"),
        (("--group", "Г-26-9"), "Группы «Г-26-9» нет"),
        (("--student", ONE, f"{ONE}#r1"), "не вместе"),
        ((f"{ONE}#r7",), "утверждения за период 2026-2 не ждёт"),
    ],
)
def test_what_is_not_there_is_told(school: Archive, words: tuple[str, ...], said: str) -> None:
    refused = run(school, "--yes", *words)
    assert refused.code != 0
    assert said in refused.err
