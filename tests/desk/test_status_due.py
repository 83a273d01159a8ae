"""papka status --due on real archives: seals, mirrors and memory on a day."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from papka.copies import mirrors
from papka.copies.backup_run import enter_safe_sheet
from papka.copies.mirror_check import remember_verified, verify_mirrors
from papka.core.findings import Code
from papka.desk import deadlines
from papka.desk.sealing import make_seal
from papka.desk.status_report import report_due
from papka.desk.trust_changes import known_trust, save_trust
from papka.proof.memory import Memory, Witness, remember_new
from papka.proof.trusted_keys import HEAD, TrustEntry
from papka.proof.verification import verify
from papka.repository.signing import find_actor, generate_key, load_signer
from tests.support.command import papka
from tests.support.histories import flip, git
from tests.support.made_once import MadeOnce
from tests.support.school import NOW, STUDENT, TEACHER, Archive, add_correction

TODAY = NOW.date()
TESTS = Path(__file__).resolve().parents[1]
LINE = """\
  - date: 2027-01-1{n}
    medium: Н-{n}
    kind: диск
    size: 1
    sha256: "{sha}"
    made_by: s002
    verified: 2027-01-1{n}
    verified_by: s001
    restored: 2027-01-1{n}
"""


def after(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


def names(archive: Archive, on: dt.date, memory: Memory | None = None) -> list[str]:
    return [
        finding.code.name for finding in report_due(archive.root, on=on, memory=memory).findings
    ]


def seal(archive: Archive, period: str) -> None:
    make_seal(archive.root, find_actor(archive.root, "s001"), now=NOW, period=period)


@pytest.fixture
def sealed(archive: Archive, made_once: MadeOnce, tmp_path: Path) -> Archive:
    """Its closed period under a seal: nothing is demanded until the year ends."""
    made_once.make("sealed", tmp_path, ("archive",), lambda: seal(archive, "2026-1"))
    return archive


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "memory")


@pytest.fixture
def mirrored(sealed: Archive, memory: Memory, made_once: MadeOnce, tmp_path: Path) -> Archive:
    """Everything sent to one mirror today, and this computer verified the archive."""

    def work() -> None:
        mirrors.add(sealed.root, "disk", str(tmp_path / "disk.git"), "RU", allowed=("RU",))
        assert mirrors.push(sealed.root, witness=Witness(memory, NOW)).is_good
        found = verify(sealed.root, now=NOW, memory=memory).findings
        assert [f.code.name for f in found if f.severity > 1] == []

    made_once.make("mirrored and verified", tmp_path, ("archive", "disk.git", "memory"), work)
    return sealed


def test_the_calendar_of_a_whole_january(sealed: Archive) -> None:
    """The year is closed on the 28th, copied on the 11th and 12th, sealed before the year ended."""
    sealed.write(
        "records/approvals/2026-2.yaml", "period: 2026-2\nclosed: 2026-11-20\nsigned_by: s001\n"
    )
    assert sealed.save("s001").commit
    assert names(sealed, after(0)) == ["SEAL_OVERDUE"]
    seal(sealed, "2026")
    assert names(sealed, after(0)) == []
    journal = "records/media/2026.yaml"
    sha = "0" * 64
    for day in range(1, 32):
        on = dt.date(2027, 1, day)
        if on.day == 11:
            sealed.write(journal, f"copies:\n{LINE.format(n=1, sha=sha)}")
        if on.day == 12:
            sealed.write(journal, sealed.read(journal) + LINE.format(n=2, sha=sha))
        assert names(sealed, on) == (["COPIES_DUE"] if on.day < 12 else []), on
    (sealed.root / journal).unlink()
    found = {day: names(sealed, dt.date(2027, 1, day)) for day in range(1, 32)}
    assert found == {
        day: ["COPIES_DUE"] if day < 26 else ["COPIES_OVERDUE"] for day in range(1, 32)
    }


def test_a_seal_put_later_is_no_seal_on_the_day_before(sealed: Archive) -> None:
    assert names(sealed, after(0)) == []
    assert names(sealed, after(-1)) == ["SEAL_OVERDUE"]


def test_a_seal_nobody_can_read_is_missed(sealed: Archive) -> None:
    seal_file = next((sealed.root / "records/seals").glob("*.seal"))
    seal_file.write_text("papka-seal v0\n", encoding="utf-8")
    git(sealed.root, "-c", "core.hooksPath=/nowhere", "commit", "-qam", "bent", "--no-gpg-sign")
    assert names(sealed, after(0)) == ["SEAL_OVERDUE"]


def test_a_file_nobody_can_read_may_hide_a_deadline(sealed: Archive) -> None:
    sealed.edit(f"{STUDENT}/results/2026-1.yaml", "mark: 2", "mark: [")
    [finding] = report_due(sealed.root, on=TODAY).findings
    assert (finding.code.name, finding.where.path) == (
        "DEADLINE_UNREADABLE",
        f"{STUDENT}/results/2026-1.yaml",
    )


def test_a_copy_without_mirrors_says_nothing_of_mirrors(sealed: Archive) -> None:
    assert not [name for name in names(sealed, after(900)) if name.startswith("MIRROR")]


def test_a_mirror_is_heard_of_when_it_takes_a_push(mirrored: Archive, memory: Memory) -> None:
    assert names(mirrored, after(31), memory) == []
    assert names(mirrored, after(32), memory)[-1:] == ["MIRROR_SEND_DUE"]
    mirrors.push(mirrored.root, witness=Witness(memory, NOW + dt.timedelta(days=30)))
    assert "MIRROR_SEND_DUE" not in names(mirrored, after(32), memory)


def test_what_waits_is_counted_from_the_first_unsent_commit(
    mirrored: Archive, memory: Memory
) -> None:
    for late in (3, 9):
        mirrored.edit(f"{STUDENT}/student.yaml", "id: ", "# правка\nid: ")
        assert mirrored.save(TEACHER, NOW + dt.timedelta(days=late)).commit
    assert names(mirrored, after(10), memory) == []
    assert names(mirrored, after(11), memory) == ["MIRROR_SEND_DUE"]
    assert "MIRROR_SEND_OVERDUE" in names(mirrored, after(35), memory)


def test_a_mirror_that_never_took_anything_waits_from_the_first_day(
    sealed: Archive, tmp_path: Path
) -> None:
    mirrors.add(sealed.root, "disk", str(tmp_path / "disk.git"), "RU", allowed=("RU",))
    assert names(sealed, after(8)) == ["MIRROR_SEND_DUE"]
    assert "MIRROR_SEND_OVERDUE" in names(sealed, after(32))


def test_a_history_turned_back_past_what_a_mirror_confirmed(
    mirrored: Archive, memory: Memory
) -> None:
    git(mirrored.root, "reset", "-q", "--hard", "HEAD~2")
    seal(mirrored, "2026-1")
    assert "MIRROR_PARTED" in names(mirrored, after(0), memory)


def look(archive: Archive, memory: Memory, now: dt.datetime) -> None:
    first = verify(archive.root, now=now, memory=memory).root
    found = verify_mirrors(archive.root, now=now)
    assert remember_verified(memory, first, found, now) == ()


def test_a_mirror_read_whole_is_remembered_with_its_day(mirrored: Archive, memory: Memory) -> None:
    assert "MIRROR_CHECK_DUE" in names(mirrored, after(93), memory)
    look(mirrored, memory, NOW + dt.timedelta(days=60))
    assert "MIRROR_CHECK_DUE" not in names(mirrored, after(93), memory)
    assert "MIRROR_SEND_DUE" not in names(mirrored, after(91), memory), "it answered as well"
    assert "MIRROR_CHECK_DUE" in names(mirrored, after(60 + 93), memory)
    assert "MIRROR_CHECK_OVERDUE" in names(mirrored, after(60 + 367), memory)


def test_a_damaged_or_absent_mirror_is_not_remembered_as_checked(
    mirrored: Archive, memory: Memory, tmp_path: Path
) -> None:
    store = tmp_path / "disk.git"
    away = store.rename(tmp_path / "unplugged.git")
    look(mirrored, memory, NOW + dt.timedelta(days=60))
    assert "MIRROR_CHECK_DUE" in names(mirrored, after(93), memory)
    away.rename(store)
    flip(max((store / "objects").rglob("*"), key=lambda path: path.stat().st_size))
    look(mirrored, memory, NOW + dt.timedelta(days=60))
    assert "MIRROR_CHECK_DUE" in names(mirrored, after(93), memory)


def test_the_journal_may_say_that_a_mirror_was_checked(mirrored: Archive) -> None:
    day = after(60)
    mirrored.write(
        "records/media/2026.yaml",
        f"copies:\n{LINE.format(n=1, sha='0' * 64)}inspections:\n  - date: {day}\n"
        f"    store: зеркало disk\n    head: {'a' * 40}\n    made_by: s002\n"
        "    outcome: Замечаний нет\n",
    )
    assert "MIRROR_CHECK_DUE" not in names(mirrored, after(93))
    assert "MIRROR_CHECK_DUE" in names(mirrored, after(60 + 93))


def test_the_sheet_for_the_safe_is_compared_with_what_it_said(sealed: Archive) -> None:
    """It is noted from a commit: keys and media of that commit, whatever an act rewrote since."""
    code = "SAFE_SHEET_DUE"
    assert (code in names(sealed, after(364)), code in names(sealed, after(365))) == (False, True)
    actor = find_actor(sealed.root, "s001")
    commit = git(sealed.root, "rev-parse", "HEAD").strip()
    noted = enter_safe_sheet(sealed.root, actor, commit, now=NOW + dt.timedelta(days=30))
    assert noted.commit is not None, noted.findings
    assert code not in names(sealed, after(394))
    assert code in names(sealed, after(395))
    journal = "records/media/2026.yaml"
    sealed.write(journal, sealed.read(journal) + "copies:\n" + LINE.format(n=1, sha="0" * 64))
    (told,) = (each for each in report_due(sealed.root, on=after(40)).findings
               if each.code.name == code)  # fmt: skip
    assert "с тех пор изменилось: носители" in told.message
    sealed.write(journal, sealed.read(journal).partition("copies:")[0])
    generate_key(sealed.keys / "third", "")
    third = load_signer(sealed.keys / "third").public
    save_trust(sealed.root, actor, known_trust(sealed.root), [TrustEntry("s001", HEAD, third)], [],
               "Доверие: ключ", NOW + dt.timedelta(days=31))  # fmt: skip
    (told,) = (each for each in report_due(sealed.root, on=after(40)).findings
               if each.code.name == code)  # fmt: skip
    assert "с тех пор изменилось: ключи руководителя" in told.message


def test_a_memory_in_trouble_is_told(mirrored: Archive, memory: Memory) -> None:
    (memory.folder / "stores.json").write_text("{", encoding="utf-8")
    assert names(mirrored, after(0), memory) == ["MEMORY_UNREADABLE"]


def test_a_memory_written_before_looks_were_kept_is_read(mirrored: Archive, memory: Memory) -> None:
    [file] = memory.folder.glob("*/memory.json")
    old = json.loads(file.read_text(encoding="utf-8"))
    del old["looked"]
    file.write_text(json.dumps(old), encoding="utf-8")
    assert names(mirrored, after(0), memory) == []
    look(mirrored, memory, NOW)
    assert names(mirrored, after(31), memory) == []


def test_verify_mirrors_as_typed_is_what_status_remembers(sealed: Archive, tmp_path: Path) -> None:
    papka("mirror", "add", "disk", tmp_path / "disk.git", "--country", "RU", "-C", sealed.root)
    assert papka("mirror", "push", "-C", sealed.root).code == 0
    today = dt.datetime.now(dt.UTC).date()
    told = papka("status", "-C", sealed.root, "--format", "json").out
    assert json.loads(told)["mirrors"][0]["looked"] is None
    papka("verify", sealed.root, "--mirrors", "--no-memory")
    told = papka("status", "-C", sealed.root, "--format", "json").out
    assert json.loads(told)["mirrors"][0]["looked"] is None, "asked to remember nothing"
    ran = papka("verify", sealed.root, "--mirrors")
    assert ran.code == 0, ran.all
    [seen] = json.loads(papka("status", "-C", sealed.root, "--format", "json").out)["mirrors"]
    assert dt.date.fromisoformat(seen["looked"]) - today <= dt.timedelta(days=1)
    assert "целиком проверено" in papka("status", "-C", sealed.root).out


def test_what_came_into_a_closed_period_waits_for_an_act(sealed: Archive) -> None:
    """R-5.6: a warning, for the head may well decide against it."""
    add_correction(sealed)
    assert "ENTRIES_UNAPPROVED" in names(sealed, TODAY), "before it is saved too"
    assert sealed.save(TEACHER).commit
    [finding] = [f for f in report_due(sealed.root, on=TODAY).findings if "запись" in f.message]
    assert (finding.code.name, finding.where.path) == (
        "ENTRIES_UNAPPROVED", "records/approvals/2026-1.yaml",
    )  # fmt: skip
    assert "papka period approve 2026-1" in finding.hint


def test_each_code_of_the_calendar_is_said_by_some_test() -> None:
    files = [
        *(TESTS / "desk/test_january.py", TESTS / "desk/test_mirrors_due.py", Path(__file__)),
        TESTS / "desk/test_deadlines_told.py",
        TESTS / "cli/test_status_command.py",
    ]
    said = "".join(file.read_text(encoding="utf-8") for file in files)
    owed = {code.name for code in vars(deadlines).values() if isinstance(code, Code)}
    assert [name for name in sorted(owed) if f'"{name}"' not in said] == []


def test_a_transcript_is_demanded_of_the_book_as_it_stands(archive: Archive) -> None:
    enrolments = f"{STUDENT}/enrolments.yaml"
    day = TODAY.isoformat()
    ended = f"\n    ended:\n      date: {day}\n      reason: отчисление"
    archive.edit(enrolments, "order: 2026/0002", f"order: 2026/0002{ended}")
    said = [name for name in names(archive, after(3)) if name.startswith("TRANSCRIPT")]
    assert said == ["TRANSCRIPT_DUE"]
    assert "TRANSCRIPT_OVERDUE" in names(archive, after(4))
    book = archive.read("records/registers/issued/2026/progress-0001.yaml")
    book = book.replace("progress@", "transcript@").replace(
        "series: progress", "series: transcripts"
    )
    archive.write("records/registers/issued/2026/transcripts-0001.yaml", book)
    assert "TRANSCRIPT_OVERDUE" not in names(archive, after(4))
    archive.write("records/registers/issued/2026/transcripts-0001.yaml", "number: [")
    assert {"TRANSCRIPT_OVERDUE", "DEADLINE_UNREADABLE"} <= set(names(archive, after(4)))


def test_another_archive_in_the_place_of_a_known_one_still_tells_its_deadlines(
    archive: Archive, tmp_path: Path
) -> None:
    known = Memory(tmp_path / "memory")
    assert remember_new(known, archive.root, "c" * 40, ()) == ""
    day = dt.date(2026, 11, 30)
    told = {each.code.name for each in report_due(archive.root, on=day, memory=known).findings}
    assert told == {each.code.name for each in report_due(archive.root, on=day).findings}
