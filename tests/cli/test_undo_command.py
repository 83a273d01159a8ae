"""papka undo: the last save is taken back by a commit, or the right act is named."""

from __future__ import annotations

import io
import subprocess

import pytest

from papka.repository import commit_snapshots
from papka.repository.pruning import note_all_seen
from tests.support.command import papka
from tests.support.school import STUDENT, TEACHER, Archive, head

CARD = f"{STUDENT}/student.yaml"
NOTICES = f"{STUDENT}/notices.yaml"


def changed(archive: Archive, staff: str = "s001") -> tuple[str, str]:
    """A card before and after a save of one changed line, which others have seen."""
    before = archive.read(CARD)
    archive.edit(CARD, "surname: Абрикосова", "surname: Грушева")
    archive.save(staff)
    note_all_seen(archive.root)
    return before, archive.read(CARD)


def test_a_preview_changes_nothing(archive: Archive) -> None:
    changed(archive)
    at = head(archive)
    ran = papka("undo", "-n", "-C", archive.root)
    assert ran.code == 0
    assert f"{CARD}  +1 −1" in ran.out
    assert "Было бы отменено" in ran.out
    assert (head(archive), "Грушева" in archive.read(CARD)) == (at, True)


def test_the_last_save_is_taken_back_byte_for_byte_and_signed(archive: Archive) -> None:
    before, _ = changed(archive)
    undone = head(archive)
    ran = papka("undo", "--yes", "-C", archive.root)
    assert ran.code == 0, ran.all
    assert archive.read(CARD) == before
    commit = commit_snapshots.read_commit(archive.root, "HEAD")
    assert commit.parents == (undone,)
    assert commit.message.startswith("Отмена: 2026-0001: карточка\n")
    assert undone in commit.message
    assert commit.signature
    status = ["git", "status", "--porcelain"]
    assert subprocess.run(status, cwd=archive.root, capture_output=True, check=True).stdout == b""


def test_an_undo_can_be_undone(archive: Archive) -> None:
    before, after = changed(archive)
    papka("undo", "--yes", "-C", archive.root)
    note_all_seen(archive.root)
    assert papka("undo", "--yes", "-C", archive.root).code == 0
    assert archive.read(CARD) == after
    assert commit_snapshots.read_commit(archive.root, "HEAD").message.startswith("Возврат: ")
    note_all_seen(archive.root)
    assert papka("undo", "--yes", "-C", archive.root).code == 0
    assert archive.read(CARD) == before


def test_it_asks_first(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    changed(archive)
    at = head(archive)
    ran = papka("undo", "-C", archive.root)
    assert ran.code == 130
    assert head(archive) == at


def test_what_was_recorded_does_not_vanish_and_the_right_act_is_named(archive: Archive) -> None:
    more = "  - date: 2026-06-01\n    about: успеваемость\n    channel: телефон\n    told: p1\n"
    archive.write(NOTICES, archive.read(NOTICES) + more)
    archive.save("s001")
    note_all_seen(archive.root)
    at = head(archive)
    ran = papka("undo", "--yes", "-C", archive.root)
    assert ran.code == 1
    assert "ID_REMOVED" in ran.out
    assert "Исчезнут: 2026-0001#n2" in ran.out
    assert "papka fix 2026-0001#n2" in ran.out
    assert head(archive) == at


def test_a_given_consent_is_ended_not_undone(archive: Archive) -> None:
    consents = f"{STUDENT}/consents.yaml"
    again = archive.read(consents).split("consents:\n")[1].replace("c1", "c2")
    archive.write(consents, archive.read(consents) + again.replace("2026-01-12", "2026-01-14"))
    archive.save("s001")
    note_all_seen(archive.root)
    ran = papka("undo", "--yes", "-C", archive.root)
    assert ran.code == 1
    assert "papka end 2026-0001#c2" in ran.out


def test_a_personal_file_opened_by_mistake_stays_and_the_way_out_is_named(
    archive: Archive,
) -> None:
    again = STUDENT.replace("2026-0001", "2026-0002")
    card = archive.read(CARD).split("sex: женский")[0].replace("2026-0001", "2026-0002")
    archive.write(f"{again}/student.yaml", card)
    archive.save("s001")
    note_all_seen(archive.root)
    at = head(archive)
    ran = papka("undo", "--yes", "-C", archive.root)
    assert ran.code == 1, ran.all
    assert "FOLDER_REMOVED" in ran.out
    assert "papka fix 2026-0002 duplicate_of=НОМЕР" in ran.out
    assert head(archive) == at


def test_somebody_elses_save_needs_a_word(archive: Archive) -> None:
    before, _ = changed(archive, TEACHER)
    ran = papka("undo", "--yes", "-C", archive.root)
    assert ran.code == 3
    assert f"сделал {TEACHER}, а не s001" in ran.err
    ran = papka("undo", "--yes", "--any", "-C", archive.root)
    assert ran.code == 0
    assert f"{TEACHER} (это не вы, вы — s001)" in ran.out
    assert archive.read(CARD) == before
    assert commit_snapshots.read_commit(archive.root, "HEAD").author.name == "s001"


def test_unsaved_edits_in_the_same_files_are_not_lost(archive: Archive) -> None:
    changed(archive)
    archive.edit(CARD, "sex: женский", "sex: мужской")
    at, text = head(archive), archive.read(CARD)
    ran = papka("undo", "--yes", "-C", archive.root)
    assert ran.code == 3
    assert CARD in ran.err
    assert (head(archive), archive.read(CARD)) == (at, text)


def test_unsaved_edits_elsewhere_stay(archive: Archive) -> None:
    before, _ = changed(archive)
    archive.edit(NOTICES, "channel: электронная почта", "channel: телефон")
    assert papka("undo", "--yes", "-C", archive.root).code == 0
    assert archive.read(CARD) == before
    assert "channel: телефон" in archive.read(NOTICES)
    saved = commit_snapshots.CommitSnapshot(archive.root, "HEAD").read(NOTICES).decode()
    assert "channel: телефон" not in saved


def test_staff_cannot_undo_what_is_the_heads(archive: Archive) -> None:
    archive.edit("records/organization.yaml", "title: Пятибалльная", "title: Пять баллов")
    archive.save("s001")
    at = head(archive)
    ran = papka("undo", "--yes", "--any", "--as", TEACHER, "-C", archive.root)
    assert ran.code == 1
    assert "SIGNER_NOT_ALLOWED" in ran.out
    assert head(archive) == at


def test_the_first_commit_stays(archive: Archive) -> None:
    first = subprocess.run(
        ["git", "rev-list", "--max-parents=0", "HEAD"],
        cwd=archive.root, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    subprocess.run(["git", "reset", "-q", "--hard", first], cwd=archive.root, check=True)
    ran = papka("undo", "--yes", "-C", archive.root)
    assert ran.code == 3
    assert "Первое сохранение архива не отменяют" in ran.err
