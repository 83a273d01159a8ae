"""The same command again, its answer lost to a kill: it is answered, not done a second time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from papka.repository import commit_snapshots
from papka.repository.pruning import note_all_seen
from papka.repository.signing import generate_key
from tests.cli.test_period_command import LACKS, ROW, accepted
from tests.cli.test_period_seal import digest_in
from tests.support.command import Ran, papka
from tests.support.histories import git
from tests.support.school import STUDENT, TEACHER, Archive

HEAD = "s001"
NOTICE = ("--date", "2026-06-01", "--about", "успеваемость", "--channel", "телефон", "--told", "p1")
ADD = ("add", "2026-0001", "notice", *NOTICE, "--as", TEACHER)
CLOSE = ("period", "close", "2026-2", "--yes", *accepted(*LACKS, ROW))


class Killed(BaseException):
    """The program ends here, as by a power cut."""


def die(*_: object, **__: object) -> NoReturn:
    raise Killed


@pytest.fixture
def killed_before(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a command that is killed when it comes to call this."""

    def run(archive: Archive, place: str, *words: str | Path) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(place, die)
            with pytest.raises(Killed):
                papka(*words, "-C", archive.root)

    return run


def again(archive: Archive, *words: str | Path) -> Ran:
    """The same command, which must change nothing."""
    before, state = commit_snapshots.head(archive.root), lying(archive)
    ran = papka(*words, "-C", archive.root)
    assert ran.code == 0, ran.all
    assert (commit_snapshots.head(archive.root), lying(archive)) == (before, state)
    return ran


def lying(archive: Archive) -> dict[str, bytes]:
    files = (each for each in (archive.root / "records").rglob("*") if each.is_file())
    return {str(each.relative_to(archive.root)): each.read_bytes() for each in files}


@pytest.mark.parametrize("save", [("--save",), ()], ids=["saved", "written"])
def test_an_entry_added_before_the_kill_is_not_added_twice(
    archive: Archive, killed_before: Callable[..., None], save: tuple[str, ...]
) -> None:
    killed_before(archive, "papka.cli.add.show_written", *ADD, *save)
    ran = again(archive, *ADD, *save)
    assert f"{'Сохранено' if save else 'Записано'}: 2026-0001#n2" in ran.out
    ran = papka(*ADD, *save, "-C", archive.root)
    assert "2026-0001#n3" in ran.out, "answered, it may be asked for once more"


def test_an_entry_written_before_the_kill_is_saved_as_it_lies(
    archive: Archive, killed_before: Callable[..., None]
) -> None:
    killed_before(archive, "papka.cli.add.show_written", *ADD)
    ran = papka(*ADD, "--save", "-C", archive.root)
    assert (ran.code, "Сохранено: 2026-0001#n2" in ran.out) == (0, True), ran.all
    assert "n3" not in archive.read(f"{STUDENT}/notices.yaml")


def test_a_command_killed_before_its_commit_is_done(
    archive: Archive, killed_before: Callable[..., None]
) -> None:
    killed_before(archive, "papka.desk.saving.commit_writing.store_commit", *ADD, "--save")
    ran = papka(*ADD, "--save", "-C", archive.root)
    assert (ran.code, "Сохранено: 2026-0001#n2" in ran.out) == (0, True), ran.all


def test_a_note_that_lies_makes_nothing_true(
    archive: Archive, killed_before: Callable[..., None]
) -> None:
    killed_before(archive, "papka.desk.saving.commit_writing.store_commit", *ADD, "--save")
    (note,) = (archive.root / ".papka" / "begun").iterdir()
    for lie in (b"", b"{", b'[["2026-0001#n2"], {"../../x": "0"}]', b'[1, {"a": 2}]', b"\xff"):
        note.write_bytes(lie)
        ran = papka(*ADD, "-n", "-C", archive.root)
        assert "Было бы записано: 2026-0001#n2" in ran.out, ran.all
    assert "Сохранено: 2026-0001#n2" in papka(*ADD, "--save", "-C", archive.root).out


@pytest.mark.parametrize("mirrored", [False, True], ids=["alone", "with a mirror"])
def test_a_personal_file_begun_before_the_kill_is_not_begun_twice(
    archive: Archive, tmp_path: Path, killed_before: Callable[..., None], *, mirrored: bool
) -> None:
    words = ("new", "student", "--given", "Аня", "--save")
    place = "papka.cli.new.show_written"
    if mirrored:
        papka("mirror", "add", "hub", tmp_path / "hub.git", "--country", "RU", "-C", archive.root)
        place = "papka.cli.new._show_reserved"
    killed_before(archive, place, *words)
    count = len(lying(archive))
    ran = again(archive, *words)
    assert "Сохранено: " in ran.out
    assert len(lying(archive)) == count
    papka(*words, "-C", archive.root)
    assert len(lying(archive)) > count, "another of the same name may come"


def test_a_number_taken_before_the_kill_is_found_on_the_primary(
    archive: Archive, tmp_path: Path, killed_before: Callable[..., None]
) -> None:
    """Killed when the primary had taken it and this copy did not show it yet."""
    hub = tmp_path / "hub.git"
    papka("mirror", "add", "hub", hub, "--country", "RU", "-C", archive.root)
    papka("sync", "-C", archive.root)
    words = ("new", "student", "--given", "Аня")
    before = commit_snapshots.head(archive.root)
    killed_before(archive, "papka.desk.numbers.replace", *words)
    git(archive.root, "reset", "-q", "--hard", str(before))
    ran = papka(*words, "-C", archive.root)
    assert (ran.code, "Сохранено: " in ran.out) == (0, True), ran.all
    assert len(git(hub, "log", "--format=%h", f"{before}..main").split()) == 1


def test_a_draft_kept_before_the_kill_is_not_kept_twice(
    archive: Archive, tmp_path: Path, killed_before: Callable[..., None]
) -> None:
    hub = tmp_path / "hub.git"
    papka("mirror", "add", "hub", hub, "--country", "RU", "-C", archive.root)
    papka("sync", "-C", archive.root)
    hub.rename(tmp_path / "away.git")
    words = ("new", "student", "--given", "Аня")
    killed_before(archive, "papka.cli.new._show_reserved", *words)
    assert "черновик 1" in again(archive, *words).out
    assert [each.name for each in (archive.root / ".papka" / "drafts").iterdir()] == ["1"]


def test_an_order_and_an_event_begun_before_the_kill_are_not_begun_twice(
    archive: Archive, killed_before: Callable[..., None]
) -> None:
    order: tuple[str, ...] = (
        "new",
        "order",
        "--number",
        "9-о",
        "--date",
        "2026-11-19",
        "--kind",
        "иное",
    )
    order += ("--heading", "Часы", "--items.text", "Установить", "--signed-by", HEAD)
    event: tuple[str, ...] = ("new", "event", "--kind", "внеурочный план", "--title", "Концерт")
    event += ("--date", "2026-04-01")
    for words in (order, event):
        killed_before(archive, "papka.cli.new.show_written", *words, "--save")
        assert "Сохранено: 2026/" in again(archive, *words, "--save").out


def test_a_correction_and_an_end_stand_when_asked_for_again(archive: Archive) -> None:
    fix = ("fix", "2026-0001#r3", "mark=5", "--reason", "Описка", "--save", "--as", TEACHER)
    end = ("end", "2026-0001#l1", "--date", "2026-02-12", "--as", TEACHER)
    assert papka(*fix, "-C", archive.root).code == 0
    for words in (fix, end):
        assert "всё уже так" in again(archive, *words).out


def test_a_seal_repeats_its_digest(archive: Archive) -> None:
    first = papka("period", "seal", "2026", "-C", archive.root)
    for words in (("2026",), ()):
        ran = again(archive, "period", "seal", *words)
        assert digest_in(ran.out) == digest_in(first.out)
        assert "Пломба стоит" in ran.out


def test_a_period_closed_before_the_kill_repeats_the_digest_of_its_seal(
    archive: Archive, killed_before: Callable[..., None]
) -> None:
    killed_before(archive, "papka.cli.period.grouped", *CLOSE)
    ran = again(archive, *CLOSE)
    assert "уже закрыт" in ran.out
    assert len(digest_in(ran.out).split()) == 8


def test_a_mirror_written_down_is_answered_again(archive: Archive, tmp_path: Path) -> None:
    place = tmp_path / "usb.git"
    words = ("mirror", "add", "usb", place, "--country", "RU")
    first = papka(*words, "-C", archive.root)
    assert again(archive, *words).out == first.out
    other = papka("mirror", "add", "usb", tmp_path / "x.git", "--country", "RU", "-C", archive.root)
    assert (other.code, "уже есть" in other.err) == (3, True)


def test_an_undoing_whose_answer_was_lost_is_not_undone(
    archive: Archive, killed_before: Callable[..., None]
) -> None:
    archive.edit(f"{STUDENT}/student.yaml", "id: ", "# правка\nid: ")
    archive.save(TEACHER)
    note_all_seen(archive.root)
    words = ("undo", "--yes", "--as", TEACHER)
    killed_before(archive, "papka.cli.undo._show_undone", *words)
    assert "Отменено" in again(archive, *words).out
    assert "# правка" not in archive.read(f"{STUDENT}/student.yaml")
    note_all_seen(archive.root)
    assert papka(*words, "-C", archive.root).code == 0
    assert "# правка" in archive.read(f"{STUDENT}/student.yaml"), "answered, it can be undone"


def test_an_undoing_of_an_unseen_save_whose_answer_was_lost_takes_back_no_other(
    archive: Archive, killed_before: Callable[..., None]
) -> None:
    for mark in ("# раз\n", "# два\n"):
        archive.write(f"{STUDENT}/student.yaml", archive.read(f"{STUDENT}/student.yaml") + mark)
        archive.save(TEACHER)
    words = ("undo", "--yes", "--as", TEACHER)
    killed_before(archive, "papka.cli.undo._show_undone", *words)
    assert "Отменено" in again(archive, *words).out
    assert archive.read(f"{STUDENT}/student.yaml").endswith("# раз\n")


def test_a_copy_in_the_journal_before_the_kill_is_not_made_twice(
    archive: Archive, tmp_path: Path, killed_before: Callable[..., None]
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    words = ("backup", "--to", stick, "--medium", "Н-1", "--kind", "диск", "--as", HEAD)
    killed_before(archive, "papka.cli.backup._done_lines", *words)
    copies = sorted(stick.iterdir())
    ran = again(archive, *words)
    assert "Копия годна" in ran.out
    assert sorted(stick.iterdir()) == copies


def test_a_key_trusted_or_retired_before_the_kill_is_answered_again(
    archive: Archive, tmp_path: Path, killed_before: Callable[..., None]
) -> None:
    generate_key(tmp_path / "new", "papka")
    add = ("trust", "add", TEACHER, tmp_path / "new.pub")
    retire = ("trust", "retire", TEACHER, "--yes")
    killed_before(archive, "papka.desk.saving.commit_writing.store_commit", *add)
    archive.edit(f"{STUDENT}/student.yaml", "id: ", "# правка\nid: ")
    archive.save(TEACHER)
    assert "Ключ принят" in papka(*add, "-C", archive.root).out, "another save is not it"
    killed_before(archive, "papka.cli.trust._show_saved", *retire)
    assert "Ключ выведен" in again(archive, *retire).out
    for words in (retire, add):
        assert papka(*words, "-C", archive.root).code == 3, "answered, it is a mistake"
