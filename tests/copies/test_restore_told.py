"""Where copies are found, and what a drill of each tells and writes down: none, one, many."""

from __future__ import annotations

import errno
import itertools
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from papka.copies.backup_plan import plan_backup
from papka.copies.backup_run import backup
from papka.copies.drill import Drilled, drill, record
from papka.copies.medium_format import BUNDLE, LABEL, MANIFEST, Label, compose_label
from papka.copies.mirrors import add, push
from papka.copies.restoring import RestoreSource, find_sources, restore
from papka.core.errors import NotAnArchive, NotFound, PapkaError, Refused, RemoteUnreachable
from papka.desk.saving import require_head_commit
from papka.records.strict_yaml import read
from papka.repository.handle import Remote, list_remotes
from papka.repository.signing import find_actor
from tests.support.histories import git
from tests.support.refusals import refused as told
from tests.support.school import NOW, STUDENT, TEACHER, Archive, copied

KINDS = (
    "Годятся имя зеркала, папка с зеркалом или архивом, папка на носителе, файл .bundle, ssh://… "
    "и https://…"
)
CARD = f"{STUDENT}/student.yaml"


@pytest.fixture(scope="module")
def kept(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, Path]:
    """An archive, its mirror `hub.git` and a medium `usb` with two copies; tests read them only."""
    folder = tmp_path_factory.mktemp("kept")
    archive = copied(built_archive, folder)
    add(archive.root, "hub", str(folder / "hub.git"), "RU", allowed=["RU"])
    (folder / "usb").mkdir()
    actor = find_actor(archive.root, "s001")
    for at in range(2):
        now = NOW + timedelta(minutes=at)
        done = plan_backup(archive.root, folder / "usb", now=now, medium="Н-1", kind="флеш")
        assert backup(archive.root, actor, done, now=now).saved.commit
    assert push(archive.root).is_good
    return archive, folder


def tried(archive: Archive, source: RestoreSource, *, files: bool = False) -> Drilled:
    (done,) = drill(
        archive.root, [source], now=NOW, clock=itertools.count(5.0, 2.5).__next__, files=files
    )
    return done


def copies(folder: Path) -> list[Path]:
    return sorted((folder / "usb").glob("papka-2*"), reverse=True)


def test_copies_are_found_by_what_a_person_calls_them(kept: tuple[Archive, Path]) -> None:
    archive, folder = kept
    (hub,) = mirrors = list_remotes(archive.root)
    label = Label("Н-1", "флеш", _id(folder / "usb"))
    newest, oldest = copies(folder)

    def found(*written: str) -> tuple[RestoreSource, ...]:
        return find_sources(written, mirrors, folder)

    assert found() == found("hub") == (RestoreSource("hub", hub),)
    assert found("usb") == (
        RestoreSource(f"Н-1, {newest.name}", copy=newest, label=label),
        RestoreSource(f"Н-1, {oldest.name}", copy=oldest, label=label, is_spare=True),
    )
    assert found(f"usb/{oldest.name}") == (RestoreSource(oldest.name, copy=oldest, label=label),)
    assert found("hub.git") == (
        RestoreSource("hub.git", Remote("hub.git", str(folder / "hub.git"), "", primary=False)),
    )
    url = "ssh://h.example/x.git"
    assert found(url, "hub") == (
        RestoreSource(url, Remote(url, url, "", primary=False)), RestoreSource("hub", hub),
    )  # fmt: skip


def _id(folder: Path) -> str:
    return (folder / LABEL).read_text(encoding="utf-8").split("id: ")[1].strip()


def test_a_medium_without_a_readable_label_is_called_as_it_was_named(
    kept: tuple[Archive, Path], tmp_path: Path
) -> None:
    shutil.copytree(kept[1] / "usb", tmp_path / "usb")
    for label in (b"x", None):
        if label is None:
            (tmp_path / "usb" / LABEL).unlink()
        else:
            (tmp_path / "usb" / LABEL).write_bytes(label)
        names = [(each.name, each.label) for each in find_sources(["usb"], (), tmp_path)]
        assert names == [(f"usb, {copy.name}", None) for copy in copies(kept[1])]
    other = tmp_path / "renamed"
    copies(tmp_path)[0].rename(other)
    (tmp_path / LABEL).write_bytes(compose_label(Label("Н-9", "диск", "0" * 32)))
    (source,) = find_sources(["renamed"], (), tmp_path)
    assert (source.name, source.copy) == ("renamed", other)
    assert source.label is not None
    assert source.label.medium == "Н-9"


def test_what_is_no_copy_is_told_with_what_would_be_one(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert told(lambda: find_sources([], (), tmp_path)) == (
        "Не сказано, из чего восстанавливать", f"--from КОПИЯ. {KINDS}",
    )  # fmt: skip
    assert told(lambda: find_sources(["gone"], (), tmp_path)) == (
        "Копии «gone» нет", f"Подключите её или назовите иначе. {KINDS}",
    )  # fmt: skip
    assert told(lambda: find_sources(["empty"], (), tmp_path)) == (
        f"В папке {tmp_path / 'empty'} копии архива нет", KINDS,
    )  # fmt: skip
    with pytest.raises(NotFound):
        find_sources(["gone"], (), tmp_path)


def test_a_drill_counts_what_came_back_and_how_long_it_took(kept: tuple[Archive, Path]) -> None:
    archive, folder = kept
    mirror, medium = find_sources(
        ["hub", f"usb/{copies(folder)[0].name}"], list_remotes(archive.root), folder
    )
    commits = len(git(archive.root, "rev-list", "main").split())
    tracked = len(git(archive.root, "ls-files").splitlines())
    done = tried(archive, mirror)
    assert (done.faults, done.own_faults, done.is_good, done.is_away) == ((), (), True, False)
    assert (done.head, done.behind, done.commits) == (require_head_commit(archive.root), 0, commits)
    assert (done.files, done.seconds, done.laid) == (tracked, 2.5, False)
    assert done.objects > tracked
    assert tried(archive, mirror, files=True).laid
    found = tried(archive, medium, files=True)
    assert (found.faults, found.is_good, found.laid) == ((), True, True)
    assert (found.behind, found.commits) == (1, commits - 1)
    (one,) = drill(archive.root, find_sources(["usb"], (), folder), now=NOW, clock=lambda: 0.0)
    assert one.source.copy == copies(folder)[0], "older copies of a medium are not asked"


def test_a_copy_of_another_history_or_of_none_is_told(
    kept: tuple[Archive, Path], tmp_path: Path
) -> None:
    archive, folder = kept
    other = copied(archive, tmp_path)
    other.write(CARD, other.read(CARD) + "# тут\n")
    head = other.save(TEACHER).commit or ""
    source = RestoreSource("x", Remote("x", str(other.root), "", primary=False))
    done = tried(archive, source, files=True)
    assert done.faults == (
        f"она кончается сохранением {head[:12]}, а здесь такого нет: история другая",
    )
    assert (done.head, done.behind, done.laid, done.is_away) == (head, 0, False, False)
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    empty = RestoreSource("e", Remote("e", str(tmp_path / "empty.git"), "", primary=False))
    assert tried(archive, empty).faults == ("в ней нет ни одного сохранения",)
    gone = RestoreSource("g", Remote("g", str(tmp_path / "gone.git"), "", primary=False))
    assert (tried(archive, gone).is_away, tried(archive, gone).is_good) == (True, False)
    shutil.copytree(copies(folder)[0], tmp_path / "copy")
    (tmp_path / "copy" / MANIFEST).write_text("x", encoding="utf-8")
    spoilt = tried(archive, RestoreSource("c", copy=tmp_path / "copy"))
    assert (spoilt.head, len(spoilt.faults)) == ("", 1)


def test_many_faults_of_a_copy_are_cut_once_and_counted(
    kept: tuple[Archive, Path], tmp_path: Path
) -> None:
    archive, folder = kept
    shutil.copytree(copies(folder)[0], tmp_path / "copy")
    for number in range(8):
        (tmp_path / "copy" / f"x{number}").write_text("x", encoding="utf-8")
    done = tried(archive, RestoreSource("c", copy=tmp_path / "copy"))
    assert done.faults == (*(f"x{n}: в описи копии его нет" for n in range(5)), "и ещё 3")


@pytest.mark.parametrize(
    ("trouble", "away"),
    [
        (RemoteUnreachable("hub", "нет связи"), True),
        (NotAnArchive("hub"), False),
        (Refused("не хранилище"), False),
        (OSError(errno.EIO, "x", "disk"), True),
    ],
)
def test_trouble_of_a_copy_is_told_and_tried_once_more_unless_it_is_away(
    kept: tuple[Archive, Path],
    monkeypatch: pytest.MonkeyPatch,
    trouble: Exception,
    *,
    away: bool,
) -> None:
    archive, _ = kept
    asked: list[int] = []

    def fail(*_: object, **__: object) -> None:
        asked.append(1)
        raise trouble

    monkeypatch.setattr("papka.copies.drill._drill_copy", fail)
    done = tried(archive, RestoreSource("hub", list_remotes(archive.root)[0]))
    assert (done.is_away, len(done.faults), done.is_good) == (away, 1, False)
    assert len(asked) == (1 if away else 2)
    assert done.seconds == 2.5


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EMFILE])
def test_trouble_of_this_computer_is_no_fault_of_a_copy(
    kept: tuple[Archive, Path], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    archive, _ = kept

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, "x", "/tmp/x")

    monkeypatch.setattr("papka.copies.drill._drill_copy", fail)
    with pytest.raises(PapkaError):
        tried(archive, RestoreSource("hub", list_remotes(archive.root)[0]))


HUB = RestoreSource("hub", Remote("hub", "/nowhere", "RU", primary=True))


def line_of(done: Drilled, archive: Archive, folder: Path) -> dict[str, object]:
    """What the journal of a fresh copy then says last."""
    place = copied(archive, folder)
    recorded = record(place.root, find_actor(place.root, "s001"), [done], now=NOW)
    assert recorded.saved.commit == require_head_commit(place.root)
    path = "records/media/2026.yaml"
    found: dict[str, object] = read(place.read(path).encode(), path).value["inspections"][-1]
    shutil.rmtree(place.root)
    return found


def test_what_came_of_each_copy_is_written_down_in_words(
    kept: tuple[Archive, Path], tmp_path: Path
) -> None:
    archive, _ = kept
    good = Drilled(HUB, head="a" * 40, commits=1, objects=21, files=5, seconds=0.01)
    same = "Последнее сохранение то же, что в архиве"
    for done, outcome in (
        (good, f"Пробное восстановление за 0,1 с: 1 сохранение, 21 объект, 5 файлов. {same}"),
        (replace(good, commits=2, objects=3, files=1, seconds=12.34),
         f"Пробное восстановление за 12,3 с: 2 сохранения, 3 объекта, 1 файл. {same}"),
        (replace(good, commits=5, behind=1), ("Пробное восстановление за 0,1 с: 5 сохранений, "
         "21 объект, 5 файлов. Нет 1 последнего сохранения архива")),
        (replace(good, behind=3, own_faults=("x",)), ("Пробное восстановление за 0,1 с: 1 "
         "сохранение, 21 объект, 5 файлов. Нет 3 последних сохранений архива. "
         "В самом архиве есть замечания: papka verify")),
        (replace(good, faults=("одно", "другое")),
         "Пробное восстановление не удалось: одно; другое"),
    ):  # fmt: skip
        line = line_of(done, archive, tmp_path)
        assert line["outcome"] == outcome
        assert line["verdict"] == ("годна" if done.is_good else "негодна")
        assert (line["store"], line["head"], line["made_by"]) == ("hub", "a" * 40, "s001")
        assert str(line["date"]) == f"{NOW.date()}"
    assert line_of(Drilled(HUB, ("x",)), archive, tmp_path)["head"] == "0" * 40


def test_several_drills_are_one_commit_and_copies_on_media_count_as_restored(
    kept: tuple[Archive, Path], tmp_path: Path
) -> None:
    archive, folder = kept
    place = copied(archive, tmp_path)
    newest, oldest = find_sources(["usb"], (), folder)
    stranger = tmp_path / "stranger"
    shutil.copytree(copies(folder)[0], stranger)
    (stranger / MANIFEST).write_text("x", encoding="utf-8")
    drilled = [
        Drilled(HUB, head="a" * 40), Drilled(newest, head="b" * 40),
        Drilled(oldest, ("плохо",), head="c" * 40),
        Drilled(RestoreSource("чужая", copy=stranger), head="d" * 40),
    ]  # fmt: skip
    before = require_head_commit(place.root)
    recorded = record(place.root, find_actor(place.root, "s001"), drilled, now=NOW)
    assert git(place.root, "rev-list", "--count", f"{before}..main").strip() == "1"
    assert git(place.root, "log", "-1", "--format=%s").strip() == (
        "Пробное восстановление: hub, Н-1, Н-1, чужая"
    )
    assert (recorded.years, recorded.unknown) == (("2026",), ("чужая",))
    path = "records/media/2026.yaml"
    value = read(place.read(path).encode(), path).value
    dated = [str(each.get("restored", "")) for each in value["copies"] if "head" in each]
    assert dated == ["", str(NOW.date())], "the newest alone"
    assert [each["store"] for each in value["inspections"][-4:]] == ["hub", "Н-1", "Н-1", "чужая"]
    place.write(path, place.read(path) + "# тут\n")
    assert told(lambda: record(place.root, find_actor(place.root), drilled, now=NOW)) == (
        f"Журнал {path} изменён и не сохранён, вписать в него нельзя",
        "Сначала сохраните его: papka save",
    )


def test_copies_that_give_nothing_are_named_each(tmp_path: Path) -> None:
    for name in ("a.git", "b.git"):
        git(tmp_path, "init", "-q", "--bare", name)
    sources = find_sources(["a.git", "b.git"], (), tmp_path)
    nothing = "ни одного целого сохранения"
    assert told(lambda: restore(tmp_path / "new", sources, now=NOW, base=tmp_path)) == (
        f"Восстановить не из чего:\n  «a.git»: {nothing}\n  «b.git»: {nothing}",
        "Назовите ещё одну копию: --from КОПИЯ",
    )
    assert not (tmp_path / "new").exists()


def test_a_restoring_whose_answer_was_lost_is_answered_again(
    kept: tuple[Archive, Path], tmp_path: Path
) -> None:
    archive, folder = kept
    sources = find_sources(["hub"], list_remotes(archive.root), folder)
    place = tmp_path / "new"
    first = restore(place, sources, now=NOW, base=folder)
    assert (first.again, first.above, first.passed_over) == (False, None, {})
    assert [each.name for each in first.gathered] == ["hub"]
    again = restore(place, sources, now=NOW, base=folder)
    assert (again.again, again.gathered, again.verified.head) == (
        True,
        (),
        require_head_commit(archive.root),
    )
    other = find_sources([f"usb/{copies(folder)[0].name}"], (), folder)
    with pytest.raises(Refused, match="уже что-то лежит"):
        restore(place, other, now=NOW, base=folder)
    (place / ".papka" / "restored-from").unlink()
    with pytest.raises(Refused, match="уже что-то лежит"):
        restore(place, sources, now=NOW, base=folder)


def test_a_medium_whose_files_alone_are_left_gives_no_history(
    kept: tuple[Archive, Path], tmp_path: Path
) -> None:
    shutil.copytree(copies(kept[1])[0], tmp_path / "copy")
    (tmp_path / "copy" / BUNDLE).unlink()
    sources = [RestoreSource("copy", copy=tmp_path / "copy")]
    message, _ = told(lambda: restore(tmp_path / "new", sources, now=NOW, base=tmp_path))
    assert message == "Восстановить не из чего:\n  «copy»: ни одного целого сохранения"
