"""What an undoing would change, what it says, and what it refuses, by its values."""

from __future__ import annotations

import pytest

from papka.core.errors import ChangedMeanwhile, NotFound, Refused
from papka.desk.saving import require_head_commit, save
from papka.desk.undoing import (
    UndoneChange,
    UndoPlan,
    drop_note,
    find_unreported_undo,
    plan_undo,
    undo,
)
from papka.repository import commit_snapshots
from papka.repository.pruning import note_all_seen
from papka.repository.signing import find_actor
from tests.support.histories import git
from tests.support.refusals import refused
from tests.support.school import NOW, STUDENT, TEACHER, Archive

HEAD = "s001"
CARD, NOTICES = f"{STUDENT}/student.yaml", f"{STUDENT}/notices.yaml"
EXTRA, NOTE = "records/orders/2026/0002.pdf", "tools/note.txt"
SALT = f"{STUDENT}/.salt"


def plan(archive: Archive, staff: str = HEAD, *, anyones: bool = False) -> UndoPlan:
    return plan_undo(archive.root, find_actor(archive.root, staff), now=NOW, anyones=anyones)


def undone(archive: Archive) -> str:
    """The last save, which others have seen, is taken back; the words of that."""
    note_all_seen(archive.root)
    done = undo(archive.root, find_actor(archive.root, HEAD), plan(archive), now=NOW)
    assert done.commit == require_head_commit(archive.root)
    return commit_snapshots.read_commit(archive.root, "HEAD").message


def test_a_plan_tells_each_file_its_lines_and_its_entries(archive: Archive) -> None:
    archive.edit(CARD, "surname: Абрикосова", "surname: Грушева")
    archive.write(CARD, archive.read(CARD) + "# а\n# б\n")
    archive.edit(NOTICES, "channel: электронная почта", "channel: телефон")
    archive.write(EXTRA, b"%PDF-1.4\n\xff\xfe\n")
    archive.write(NOTE, "одна\nдве\n")
    saved = archive.save(HEAD).commit
    found = plan(archive)
    assert found.commit.id == saved
    assert found.files == (
        UndoneChange(EXTRA, "deleted", 0, 0),
        UndoneChange(NOTICES, "changed", 1, 1),
        UndoneChange(CARD, "changed", 1, 3),
        UndoneChange(NOTE, "deleted", 0, 2),
    )
    assert (found.gone, found.altered) == ((), ("2026-0001#n1",))
    assert found.judged.commit is None
    assert found.changes[EXTRA] is found.changes[NOTE] is None
    assert "Абрикосова".encode() in (found.changes[CARD] or b"")
    assert found.expected[NOTE] == "одна\nдве\n".encode()
    assert set(found.expected) == set(found.changes) == {each.path for each in found.files}


def test_what_was_taken_away_comes_back(archive: Archive) -> None:
    archive.write(NOTE, "одна\nдве\n")
    archive.save(HEAD)
    (archive.root / NOTE).unlink()
    archive.save(HEAD)
    assert plan(archive).files == (UndoneChange(NOTE, "added", 2, 0),)
    undone(archive)
    assert archive.read(NOTE) == "одна\nдве\n"


def test_the_words_name_what_is_taken_back_and_then_given_back(archive: Archive) -> None:
    archive.edit(CARD, "surname: Абрикосова", "surname: Грушева")
    subject = "Исправлено: " + "о" * 80
    actor = find_actor(archive.root, HEAD)
    first = save(archive.root, actor, now=NOW, message=subject).commit
    words = f"Отмена: {subject}"[:72]
    assert undone(archive) == f"{words}\n\nОтменяет сохранение {first}.\n"
    second = require_head_commit(archive.root)
    drop_note(archive.root)
    restored = f"Возврат: {words.removeprefix('Отмена: ')}"
    assert undone(archive) == f"{restored[:72]}\n\nОтменяет сохранение {second}.\n"
    drop_note(archive.root)
    assert undone(archive).startswith(f"Отмена: {restored[:72].removeprefix('Возврат: ')}"[:72])


def test_an_undoing_whose_answer_was_lost_is_known_until_it_is_answered(archive: Archive) -> None:
    assert find_unreported_undo(archive.root) is None
    archive.edit(CARD, "surname: Абрикосова", "surname: Грушева")
    archive.save(HEAD)
    assert find_unreported_undo(archive.root) is None
    undone(archive)
    found = find_unreported_undo(archive.root)
    assert found is not None
    assert found.id == require_head_commit(archive.root)
    archive.write(NOTE, "x\n")
    archive.save(HEAD)
    assert find_unreported_undo(archive.root) is None, "something was saved since"
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    assert find_unreported_undo(archive.root) is not None
    drop_note(archive.root)
    assert find_unreported_undo(archive.root) is None


def test_what_moved_since_the_plan_is_not_undone(archive: Archive) -> None:
    archive.edit(CARD, "surname: Абрикосова", "surname: Грушева")
    archive.save(HEAD)
    shown, actor = plan(archive), find_actor(archive.root, HEAD)
    archive.write(CARD, archive.read(CARD) + "# тут\n")
    told = refused(lambda: undo(archive.root, actor, shown, now=NOW))
    assert told == (
        f"Есть несохранённые правки там же, где отмена: {CARD}",
        "Сохраните их (papka save) или верните файлы: git checkout HEAD -- ФАЙЛ",
    )
    before = archive.save(HEAD).commit
    with pytest.raises(ChangedMeanwhile, match="архив изменил кто-то другой"):
        undo(archive.root, actor, shown, now=NOW)
    assert (require_head_commit(archive.root), find_unreported_undo(archive.root)) == (before, None)


def test_unsaved_edits_in_the_way_are_named_in_order_at_most_three(archive: Archive) -> None:
    paths = [f"tools/{name}.txt" for name in "dbca"]
    for path in paths:
        archive.write(path, "x\n")
    archive.save(HEAD)
    for path in paths:
        archive.write(path, "y\n")
    message, _ = refused(lambda: plan(archive))
    assert message == (
        "Есть несохранённые правки там же, где отмена: tools/a.txt, tools/b.txt, tools/c.txt"
    )


def test_whose_save_it_was_is_told(archive: Archive) -> None:
    archive.edit(CARD, "surname: Абрикосова", "surname: Грушева")
    saved = archive.save(TEACHER).commit or ""
    assert refused(lambda: plan(archive)) == (
        f"Последнее сохранение {saved[:12]} сделал {TEACHER}, а не {HEAD}",
        f"Договоритесь с {TEACHER}; отменить чужое осознанно: papka undo --any",
    )
    assert plan(archive, TEACHER).commit.id == plan(archive, anyones=True).commit.id == saved


def test_the_first_save_and_one_that_is_not_there_say_what_to_do(archive: Archive) -> None:
    first = git(archive.root, "rev-list", "--max-parents=0", "main").strip()
    git(archive.root, "reset", "-q", "--hard", first)
    with pytest.raises(Refused):
        plan(archive)
    assert refused(lambda: plan(archive)) == (
        "Первое сохранение архива не отменяют: его отпечаток стоит на бумаге и хранится вечно",
        "Исправьте нужные файлы и сохраните: papka save",
    )
    git(archive.root, "update-ref", "-d", "refs/heads/main")
    with pytest.raises(NotFound):
        plan(archive)
    assert refused(lambda: plan(archive)) == (
        "В архиве ещё нет ни одного сохранения",
        "Сохранить: papka save",
    )
    assert find_unreported_undo(archive.root) is None


def test_a_salt_stays_while_its_folder_does(archive: Archive) -> None:
    """Digests elsewhere rest on it; with it alone there is nothing to undo."""
    other = STUDENT.replace("0001", "0002")
    card = "id: 2026-0002\nname:\n  surname: Клёнова\n  given: Мира\nsex: женский\n"
    archive.write(f"{other}/student.yaml", f"{card}birth_date: 2012-02-02\n")
    archive.save(HEAD)
    note_all_seen(archive.root)
    assert set(plan(archive).changes) == {f"{other}/student.yaml", f"{other}/.salt"}
    (archive.root / SALT).write_bytes(bytes(range(32)))
    git(archive.root, "commit", "-qam", "x")
    git(archive.root, "commit", "-q", "--amend", "--author", f"{HEAD} <{HEAD}@x>", "--no-edit")
    assert refused(lambda: plan(archive)) == (
        "Последнее сохранение ничего не изменило в записях",
        "Отменять нечего",
    )


def test_what_cannot_be_undone_names_what_would_vanish_and_the_right_acts(
    archive: Archive,
) -> None:
    more = "  - date: 2026-06-01\n    about: успеваемость\n    channel: телефон\n    told: p1\n"
    archive.write(NOTICES, archive.read(NOTICES) + more + more)
    archive.save(HEAD)
    note_all_seen(archive.root)
    found = plan(archive)
    assert found.is_refused
    assert {each.code.name for each in found.judged.findings} == {"ID_REMOVED"}
    assert found.gone == ("2026-0001#n2", "2026-0001#n3")
    assert found.altered == ()
    assert found.instead == tuple(
        line
        for number in (2, 3)
        for line in (
            f"исправить с указанием причины: papka fix 2026-0001#n{number} ПОЛЕ=ЗНАЧЕНИЕ",
            f"отметить «внесено ошибочно»: papka fix 2026-0001#n{number} --void --reason ПРИЧИНА",
        )
    )
    assert not commit_snapshots.worktree_changes(archive.root)
