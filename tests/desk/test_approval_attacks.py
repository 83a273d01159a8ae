"""Attacks on approval: whatever came late, moved or was forged is not approved, or it is found.

The second period of the archive is closed with «не аттестован» in it, which makes a debt; each test
then does what somebody might who wants the debt gone without the head.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from papka.checks.checking import check
from papka.desk.approval import list_late_entries
from papka.desk.open_records import open_file, overview
from papka.records.derived.approvals import approval_states
from papka.repository.worktree import WorktreeSnapshot
from tests.cli.test_period_command import LACKS, ROW, accepted
from tests.support.command import ok, papka
from tests.support.histories import git
from tests.support.made_once import MadeOnce
from tests.support.prints import save_unjudged
from tests.support.school import STUDENT, TEACHER, Archive, autumn_results

ID, PERIOD = "2026-0001", "2026-2"
RESULTS = f"{STUDENT}/results/{PERIOD}.yaml"
ACT, LIST = f"records/approvals/{PERIOD}.yaml", f"records/approvals/{PERIOD}.entries"
FAILED = autumn_results("r4", "2026-11-18", 2).replace("mark: 2", "mark: не аттестован") + (
    "    resit_by: 2026-12-20\n"
)


def better(id_: str, link: str, staff: str = TEACHER) -> str:
    """A second entry, with a 5 instead of «не аттестован»."""
    text = autumn_results(id_, "2026-11-19", 5).partition("results:\n")[2]
    return text.replace(TEACHER, staff) + f"    {link}: r4\n    reason: по просьбе\n"


@pytest.fixture
def closed(archive: Archive, made_once: MadeOnce, tmp_path: Path) -> Archive:
    """The archive with its second period closed."""

    def close() -> None:
        archive.write(RESULTS, FAILED)
        assert archive.save(TEACHER).commit
        ok("period", "close", PERIOD, "--yes", *accepted(LACKS[0], ROW), "-C", archive.root)

    made_once.make("closed-autumn", tmp_path, ("archive",), close)
    return archive


def states(archive: Archive) -> dict[str, str]:
    found = open_file(archive.root, ID)
    return {**approval_states(found.archive, found.student).get(PERIOD, {})}


def late(archive: Archive) -> dict[str, list[str]]:
    found = list_late_entries(archive.root, overview(WorktreeSnapshot(archive.root)), ())
    return {period: [each.address for each in entries] for period, entries in found.items()}


def found_by_check(archive: Archive) -> set[str]:
    return {each.code.name for each in check(archive.root).findings}


def add_late(archive: Archive, link: str, staff: str = TEACHER) -> None:
    archive.write(RESULTS, archive.read(RESULTS) + better("r5", link, staff))
    ok("save", "--as", staff, "-C", archive.root)


def test_nothing_is_late_after_closing(closed: Archive) -> None:
    assert (states(closed), late(closed)) == ({"r4": "утверждено"}, {})
    assert f"{ID} r4 " in closed.read(LIST)
    told = ok("show", f"{ID}#r4", "--why", "-C", closed.root).out
    assert "утверждено: акт руководителя от " in told


@pytest.mark.parametrize("link", ["replaces", "resits"])
def test_a_late_correction_and_a_late_resit_wait_for_the_head(closed: Archive, link: str) -> None:
    add_late(closed, link)
    assert states(closed) == {"r4": "утверждено", "r5": "не утверждено"}
    assert late(closed) == {PERIOD: [f"{ID}#r5"]}
    assert "Не утверждены: r5" in ok("show", ID, "-C", closed.root).out
    due = ok("status", "--due", "--fail-on", "fatal", "-C", closed.root).out
    assert "1\u00a0запись ждёт утверждения" in due
    assert "ENTRIES_UNAPPROVED" in due
    why = ok("show", f"{ID}#r5", "--why", "-C", closed.root).out
    assert "не утверждено: внесено или изменено после утверждения" in why
    shown = papka("period", "approve", PERIOD, "-C", closed.root)
    assert (shown.code, states(closed)["r5"]) == (3, "не утверждено"), "nobody said yes"
    for words in (f"{ID}#r5", "не аттестован", "записи 4", "по просьбе", f"({TEACHER})"):
        assert words in shown.out
    ok("period", "approve", PERIOD, "--yes", "-C", closed.root)
    assert (states(closed), late(closed)) == ({"r4": "утверждено", "r5": "утверждено"}, {})
    cited = ok("show", f"{ID}#r5", "--why", "-C", closed.root).out
    assert "утверждено: дополнительный акт № 1 руководителя" in cited
    again = ok("period", "approve", PERIOD, "--yes", "-C", closed.root).out
    assert "утверждения ничего не ждёт" in again


def test_closing_the_next_period_does_not_approve_what_came_late(closed: Archive) -> None:
    add_late(closed, "replaces")
    school = closed.read("records/organization.yaml")
    following = "  - period: 2027-1\n    title: следующий\n    school_year: 2026\n"
    following += "    start: 2027-01-01\n    end: 2027-06-30\n"
    at = school.index("  - period: 2026-2")
    closed.write("records/organization.yaml", school[:at] + following + school[at:])
    ok("save", "--as", "s001", "-C", closed.root)
    act = closed.read(ACT).split("entries:")[0].replace(PERIOD, "2027-1")
    closed.write("records/approvals/2027-1.yaml", act.replace("2026-11", "2027-01"))
    save_unjudged(closed)
    assert (states(closed)["r5"], late(closed)) == ("не утверждено", {PERIOD: [f"{ID}#r5"]})


def test_a_change_by_another_teacher_is_shown_to_the_head_by_name(closed: Archive) -> None:
    staff = closed.read("records/staff.yaml")
    assert "s001" in staff
    add_late(closed, "replaces", "s001")
    shown = papka("period", "approve", PERIOD, "-C", closed.root).out
    assert "(s001)" in shown
    assert f"({TEACHER})" not in shown
    assert states(closed)["r5"] == "не утверждено"


def test_an_approved_entry_changed_in_place_is_approved_no_longer(closed: Archive) -> None:
    closed.edit(RESULTS, "mark: не аттестован", "mark: 5")
    assert states(closed) == {"r4": "не утверждено"}, "already while it is not saved"
    assert "CLOSED_PERIOD_CHANGED" in found_by_check(closed)
    save_unjudged(closed)
    assert states(closed) == {"r4": "не утверждено"}
    assert "APPROVAL_ENTRY_WRONG" in found_by_check(closed)
    refused = papka("period", "approve", PERIOD, "--yes", "-C", closed.root)
    assert refused.code != 0
    assert f"После утверждения изменены или исчезли: {ID}#r4" in refused.err


def test_an_entry_moved_to_another_period_is_approved_in_neither(closed: Archive) -> None:
    text = closed.read(RESULTS).partition("results:\n")[2]
    spring = f"{STUDENT}/results/2026-1.yaml"
    closed.write(spring, closed.read(spring) + text)
    closed.write(RESULTS, f"period: {PERIOD}\nresults:\n" + better("r6", "replaces"))
    assert found_by_check(closed)
    save_unjudged(closed)
    assert "APPROVAL_ENTRY_WRONG" in found_by_check(closed)
    found = open_file(closed.root, ID)
    told = approval_states(found.archive, found.student)
    assert (told["2026-1"]["r4"], told[PERIOD]["r4"]) == ("не утверждено", "не утверждено")


def test_a_deleted_and_re_added_id_is_not_the_approved_one(closed: Archive) -> None:
    closed.write(RESULTS, f"period: {PERIOD}\nresults:\n" + better("r6", "replaces"))
    save_unjudged(closed)
    assert states(closed)["r4"] == "не утверждено", "gone is not approved either"
    closed.write(RESULTS, autumn_results("r4", "2026-11-18", 5))
    save_unjudged(closed)
    assert states(closed) == {"r4": "не утверждено"}
    assert "APPROVAL_ENTRY_WRONG" in found_by_check(closed)


def test_a_mark_of_a_mistake_makes_no_debt_vanish_without_the_head(closed: Archive) -> None:
    ok("fix", f"{ID}#r4", "--void", "--reason", "по просьбе", "-C", closed.root)
    ok("save", "--as", TEACHER, "-C", closed.root)
    assert states(closed) == {"r4": "не утверждено"}
    assert late(closed) == {PERIOD: [f"{ID}#r4"]}
    assert "APPROVAL_ENTRY_WRONG" not in found_by_check(closed)
    shown = papka("period", "approve", PERIOD, "-C", closed.root).out
    assert "внесено ошибочно" in shown
    ok("period", "approve", PERIOD, "--yes", "-C", closed.root)
    assert late(closed) == {}
    assert "APPROVAL_ENTRY_WRONG" not in found_by_check(closed)


def test_a_forged_list_approves_nothing(closed: Archive) -> None:
    add_late(closed, "replaces")
    closed.edit(LIST, " r4 ", " r4-r5 ")
    assert set(states(closed).values()) == {"не утверждено"}
    assert "APPROVAL_CHANGED" in found_by_check(closed)
    save_unjudged(closed)
    assert set(states(closed).values()) == {"не утверждено"}
    assert "APPROVAL_LIST_WRONG" in found_by_check(closed)
    assert "APPROVAL_CHANGED" in papka("verify", closed.root, "--no-memory").all


def forge_supplement(archive: Archive) -> None:
    """What the head would sign, made in a copy and laid into the folder."""
    other = archive.root.with_name("copy")
    shutil.copytree(archive.root, other, symlinks=True)
    ok("period", "approve", PERIOD, "--yes", "-C", other)
    for ending in ("yaml", "entries"):
        path = f"records/approvals/{PERIOD}-1.{ending}"
        archive.write(path, (other / path).read_bytes())


def test_an_act_laid_into_the_folder_approves_nothing(closed: Archive) -> None:
    add_late(closed, "replaces")
    forge_supplement(closed)
    assert states(closed)["r5"] == "не утверждено"
    assert late(closed) == {PERIOD: [f"{ID}#r5"]}


def test_an_act_signed_by_a_key_of_the_staff_is_refused_and_found(closed: Archive) -> None:
    add_late(closed, "replaces")
    refused = papka("period", "approve", PERIOD, "--yes", "--as", TEACHER, "-C", closed.root)
    assert refused.code != 0
    forge_supplement(closed)
    refused = papka("save", "--as", TEACHER, "-C", closed.root)
    assert refused.code != 0
    assert f"records/approvals/{PERIOD}-1" in refused.all
    key = closed.keys / "staff"
    signed = ("-c", "gpg.format=ssh", "-c", f"user.signingKey={key}", "-c", f"user.name={TEACHER}")
    git(closed.root, "add", "-A", "records")
    git(closed.root, *signed, "commit", "-q", "-S", "-m", "Правка")
    told = papka("verify", closed.root, "--no-memory").all
    assert f"records/approvals/{PERIOD}-1.entries" in told
    assert "SIGNER_NOT_ALLOWED" in told
