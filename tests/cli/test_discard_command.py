"""papka discard: what is not saved is shown, asked about and thrown away."""

from __future__ import annotations

import io

import pytest

from papka.core.errors import ChangedMeanwhile
from papka.desk.discarding import discard, plan_discard
from papka.repository.commit_snapshots import worktree_changes
from tests.support.command import papka
from tests.support.school import STUDENT, Archive

CARD, NOTICES = f"{STUDENT}/student.yaml", f"{STUDENT}/notices.yaml"
NEW = f"{STUDENT}/needless/scan.pdf"


def edited(archive: Archive) -> dict[str, bytes]:
    """A file changed, one deleted, one new, and somebody's own; the first two as saved."""
    saved = {path: (archive.root / path).read_bytes() for path in (CARD, NOTICES)}
    archive.edit(CARD, "surname: Абрикосова", "surname: Грушева")
    (archive.root / NOTICES).unlink()
    archive.write(NEW, b"%PDF-1.4\n\xff\xfe\n")
    archive.write("мои заметки.txt", "чай\n")
    return saved


def test_unsaved_edits_are_shown_and_thrown_away(archive: Archive) -> None:
    saved = edited(archive)
    ran = papka("discard", "--yes", "-C", archive.root)
    assert ran.code == 0, ran.all
    for words in (
        f"изменён, станет прежним: {CARD}",
        "+  surname: Грушева",
        f"удалён, вернётся: {NOTICES}",
        f"новый, исчезнет: {NEW}",
        "не текст, 12 байт",
        "Сброшено: 3\N{NO-BREAK SPACE}файла",
    ):
        assert words in ran.out
    assert {path: (archive.root / path).read_bytes() for path in saved} == saved
    assert not (archive.root / NEW).parent.exists()
    assert archive.read("мои заметки.txt") == "чай\n"
    again = papka("discard", "-C", archive.root)
    assert (again.code, again.out) == (0, "Сбрасывать нечего: всё сохранено.\n")


@pytest.mark.parametrize(("words", "code"), [(("-n",), 0), ((), 130)])
def test_unless_a_person_says_yes_nothing_is_lost(
    words: tuple[str, ...], code: int, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("нет\n"))
    edited(archive)
    before = worktree_changes(archive.root)
    ran = papka("discard", *words, "-C", archive.root)
    assert ran.code == code
    assert "Грушева" in ran.out
    assert worktree_changes(archive.root) == before


def test_what_was_edited_after_it_was_shown_stays(archive: Archive) -> None:
    edited(archive)
    plan = plan_discard(archive.root)
    archive.edit(CARD, "surname: Грушева", "surname: Сливова")
    with pytest.raises(ChangedMeanwhile):
        discard(archive.root, plan)
    assert "Сливова" in archive.read(CARD)
    assert not (archive.root / NOTICES).exists()
