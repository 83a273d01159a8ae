"""What a copy is planned as, what its line in the journal says, and how damage is told."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from papka.checks.checking import select_touched
from papka.copies import backup_plan
from papka.copies.backup_plan import (
    JOURNAL_NEEDS,
    BackupPlan,
    copies_of_year,
    journal_file,
    plan_backup,
)
from papka.copies.backup_run import add_line, backup, drop_note, note_asked, prove
from papka.copies.medium_format import (
    BUNDLE,
    FILES,
    LABEL,
    MANIFEST,
    PLAIN,
    READ_ME,
    read_label,
    read_manifest,
)
from papka.core.errors import MediumFailed, NotFound, Refused
from papka.core.snapshot import DictSnapshot
from papka.desk.saving import require_head_commit
from papka.desk.sealing import make_seal
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from papka.repository.signing import SigningActor, find_actor
from tests.support.copies_on_media import flip_inside, read_inside
from tests.support.histories import git
from tests.support.refusals import refused as told
from tests.support.school import NOW, STUDENT, Archive, copied

LATER = NOW + timedelta(hours=1)
JOURNAL = "records/media/2026.yaml"
CARD = f"{STUDENT}/student.yaml"


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    folder = tmp_path / "usb"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def made(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, Path]:
    """An archive with a copy on a medium; tests read both only."""
    folder = tmp_path_factory.mktemp("made")
    archive = copied(built_archive, folder)
    (folder / "usb").mkdir()
    done = backup(archive.root, actor(archive), planned(archive, folder / "usb"), now=NOW)
    assert done.saved.commit
    return archive, folder / "usb"


def actor(archive: Archive) -> SigningActor:
    return find_actor(archive.root, "s001")


def planned(archive: Archive, to: Path, **more: str) -> BackupPlan:
    said = {"medium": "Н-1", "kind": "флеш-накопитель", "place": "Сейф", **more}
    return plan_backup(
        archive.root, to, now=NOW, medium=said["medium"], kind=said["kind"], place=said["place"],
        year=said.get("year"),
    )  # fmt: skip


def test_a_first_copy_is_planned_by_what_there_is(archive: Archive, usb: Path) -> None:
    files = commit_snapshots.CommitSnapshot(archive.root, "HEAD")
    found = planned(archive, usb)
    assert (found.to, found.is_new, found.year, found.place) == (usb, True, 2026, "Сейф")
    assert (found.label.medium, found.label.kind) == ("Н-1", "флеш-накопитель")
    assert found.head == require_head_commit(archive.root)
    assert found.root == git(archive.root, "rev-list", "--max-parents=0", "main").strip()
    assert found.commits == len(git(archive.root, "rev-list", "main").split())
    assert (found.seal, found.expected, found.journal) == (None, None, JOURNAL)
    assert found.files == len(files.paths())
    assert found.size == sum(len(data) for _, data in files.read_many(files.paths()))
    assert found.needed > found.size + (1 << 20)
    assert (found.older, found.waiting, found.twin, found.stands) == ((), None, "", False)
    assert (found.unsaved, found.unsent) == (0, 0)
    assert found.is_own_disk == (usb.stat().st_dev == archive.root.stat().st_dev)
    assert list(usb.iterdir()) == []


def test_unsaved_edits_and_a_seal_are_counted_and_named(archive: Archive, usb: Path) -> None:
    sealed = make_seal(archive.root, actor(archive), now=NOW, period="2026-1")
    for path in (CARD, f"{STUDENT}/consents.yaml"):
        archive.write(path, archive.read(path) + "# тут\n")
    archive.write("заметки.txt", "x")
    archive.write(f"{STUDENT}/.papka-x", "half")
    found = planned(archive, usb, place="")
    assert (found.unsaved, found.seal, found.place) == (2, ("0001", sealed.digest), None)


def test_a_line_of_the_journal_says_what_was_copied(made: tuple[Archive, Path]) -> None:
    archive, usb = made
    found = copies_of_year(archive.root, now=NOW)
    (line,) = found.copies
    copy = next(path for path in usb.iterdir() if path.name != LABEL)
    manifest = read_manifest((copy / MANIFEST).read_bytes())
    assert (found.year, line.medium, line.kind, line.place) == (
        2026, "Н-1", "флеш-накопитель", "Сейф",
    )  # fmt: skip
    assert (line.date, line.verified, line.verified_by) == (NOW.date(), NOW.date(), "s001")
    assert line.sha256 == hashlib.sha256((copy / MANIFEST).read_bytes()).hexdigest()
    assert line.size == sum(path.stat().st_size for path in copy.rglob("*") if path.is_file())
    assert (line.made_by, line.head) == ("s001", manifest.head)
    assert commit_snapshots.read_commit(archive.root, "HEAD").message == (
        "Резервная копия на Н-1: 2026\n"
    )  # fmt: skip
    assert archive.read(JOURNAL).startswith(
        "# yaml-language-server: $schema=../../schema/media.json\ncopies:\n"
    )
    assert read_label((usb / LABEL).read_bytes()).medium == "Н-1"
    with pytest.raises(NotFound, match="Учебного года «2031» нет"):
        copies_of_year(archive.root, now=NOW, year="2031")
    assert copies_of_year(archive.root, now=NOW, year="2026").copies == (line,)


def test_a_line_about_a_copy_asks_for_nobodys_personal_file() -> None:
    """What was to be said of one was said when it was saved; the school's own records are asked."""
    card, staff = "records/students/2026/2026-0001/student.yaml", "records/staff.yaml"
    wanted = select_touched(DictSnapshot(dict.fromkeys((JOURNAL, card, staff), b"")), {JOURNAL})
    assert (wanted(card), wanted(staff), wanted(JOURNAL)) == (False, True, True)
    gone = select_touched(DictSnapshot({card: b"", staff: b""}), {JOURNAL})
    assert gone(card), "a journal taken away is judged with everything"


def test_a_line_leaves_out_what_is_not_known(made: tuple[Archive, Path]) -> None:
    archive, usb = made
    found = plan_backup(archive.root, usb, now=LATER)
    assert found.place == "Сейф"
    manifest = found.older[0].manifest
    bare = replace(
        found, place=None, volume=replace(found.volume, identity=""), expected=None
    )  # fmt: skip
    lines = add_line(bare, manifest, 7, now=LATER, staff="s002")
    (line,) = read(lines, JOURNAL).value["copies"]
    assert set(line) == {
        "date", "medium", "kind", "size", "sha256", "made_by", "verified", "verified_by", "head",
    }  # fmt: skip
    assert (line["size"], line["verified_by"]) == (7, "s002")
    disk = replace(bare, volume=replace(bare.volume, identity="uuid:1"), place="Сейф")
    (whole,) = read(add_line(disk, manifest, 7, now=LATER, staff="s002"), JOURNAL).value["copies"]
    assert whole == {**line, "place": "Сейф", "device": "uuid:1"}
    more = add_line(replace(found, expected=lines), manifest, 8, now=LATER, staff="s002")
    assert more.startswith(lines)
    assert [each["size"] for each in read(more, JOURNAL).value["copies"]] == [7, 8]


def test_the_same_copy_asked_for_again_before_its_answer_stands(
    made: tuple[Archive, Path], tmp_path: Path
) -> None:
    source, disk = made
    archive = copied(source, tmp_path)
    first = plan_backup(archive.root, disk, now=LATER)
    assert (first.stands, first.waiting, len(first.older)) == (False, None, 1)
    note_asked(archive.root, replace(first, head=first.older[0].manifest.head))
    again = plan_backup(archive.root, disk, now=LATER)
    assert again.stands
    assert again.waiting == first.older[0]
    done = backup(archive.root, actor(archive), again, now=LATER)
    assert (done.was_waiting, done.saved.commit, done.dropped) == (True, again.head, ())
    assert done.saved.subject == "Резервная копия на Н-1: 2026"
    assert require_head_commit(archive.root) == again.head
    note_asked(archive.root, replace(again, head="0" * 40))
    assert plan_backup(archive.root, disk, now=LATER).stands, "what stands is not noted anew"
    archive.write(CARD, archive.read(CARD) + "# тут\n")
    archive.save("s001")
    assert not plan_backup(archive.root, disk, now=LATER).stands, (
        "more than its line was saved since"
    )
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    drop_note(archive.root, again)
    assert plan_backup(archive.root, disk, now=LATER).waiting is None


def test_what_forbids_a_copy_is_told_with_what_to_do(
    made: tuple[Archive, Path], tmp_path: Path
) -> None:
    archive, usb = made
    gone = tmp_path / "gone"
    assert told(lambda: planned(archive, gone)) == (
        f"Папки {gone} нет", "Подключите носитель и укажите папку на нём: --to ПАПКА",
    )  # fmt: skip
    assert told(lambda: planned(archive, archive.root / "records")) == (
        (
            f"{archive.root / 'records'} — сам архив, его часть или папка, в которой он лежит: "
            "копией она не будет"
        ),
        "Укажите папку на другом носителе",
    )
    assert told(lambda: planned(archive, usb, year="2031"))[0] == "Учебного года «2031» нет"
    other = copied(archive, tmp_path)
    other.write(JOURNAL, other.read(JOURNAL) + "# тут\n")
    assert told(lambda: plan_backup(other.root, usb, now=LATER)) == (
        f"Журнал {JOURNAL} изменён и не сохранён, вписать в него копию нельзя",
        "Сначала сохраните его: papka save",
    )
    git(other.root, "checkout", "-q", "--", JOURNAL)
    copy, head = (
        plan_backup(archive.root, usb, now=LATER).older[0],
        require_head_commit(archive.root),
    )
    git(other.root, "reset", "-q", "--hard", "HEAD~2")
    assert told(lambda: plan_backup(other.root, usb, now=LATER)) == (
        (
            f"Копия {copy.name} на Н-1 кончается сохранением {copy.manifest.head[:12]}, а в "
            "истории архива такого сохранения нет: архив переписан или вернулся к старому состоянию"
        ),
        (
            "Ничего на этот носитель не пишите: он может понадобиться. Проверьте архив: "
            "papka verify; копию пока сделайте на другой носитель"
        ),
    )
    assert require_head_commit(archive.root) == head


def test_a_medium_without_room_names_what_lies_on_it(
    made: tuple[Archive, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, usb = made
    found = plan_backup(archive.root, usb, now=LATER)
    for free, fits in ((found.needed, True), (found.needed - 1, False)):
        monkeypatch.setattr(
            backup_plan, "volume_of", lambda _, free=free: replace(found.volume, free=free)
        )
        if fits:
            assert plan_backup(archive.root, usb, now=LATER).needed == found.needed
            continue
        with pytest.raises(MediumFailed) as failed:
            plan_backup(archive.root, usb, now=LATER)
        assert "Носитель «Н-1»: нужно " in failed.value.message
        assert ", а свободно " in failed.value.message
        assert failed.value.next_step == (
            "Возьмите другой носитель или освободите место; прежние копии на нём: "
            f"{found.older[0].name}"
        )


def test_a_journal_whose_schema_takes_no_line_is_told_before_the_medium_is_touched(
    archive: Archive, usb: Path
) -> None:
    schema = archive.read("schema/media.json").replace('"medium"', '"медиум"')
    archive.write("schema/media.json", schema)
    saved = archive.save("s001")
    assert saved.commit, saved.findings
    found = planned(archive, usb)
    message, step = told(lambda: backup(archive.root, actor(archive), found, now=NOW))
    assert message.startswith(f"Журнал {JOURNAL} строку о новой копии не примет: ")
    assert step == (
        "На носитель ничего не записано. Схему schema/media.json меняли в школе: руководитель "
        "возьмёт схему программы: papka upgrade --take schema/media.json"
    )
    assert list(usb.iterdir()) == []
    assert JOURNAL_NEEDS == ("schema/media.json", "templates/backup-act")
    assert journal_file(2031) == "records/media/2031.yaml"


def test_damage_of_a_copy_is_told_file_by_file_at_most_five(
    made: tuple[Archive, Path], tmp_path: Path
) -> None:
    _, usb = made
    name = next(path.name for path in usb.iterdir() if path.name != LABEL)
    whole = prove(usb / name, now=NOW)
    assert (whole.is_good, whole.faults, whole.findings) == (True, (), ())
    assert whole.manifest is not None
    assert whole.files == len(whole.manifest.files) + 1 + len(read_inside(usb / name))
    assert whole.objects > whole.files

    def damaged(harm: Callable[[Path], object]) -> tuple[str, ...]:
        place = tmp_path / "place"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(usb / name, place)
        harm(place)
        return prove(place, now=NOW).faults

    card = f"{PLAIN}{CARD}"
    for harm, faults in (
        (
            lambda at: flip_inside(at, card),
            tuple(f"{name}: прочитано не то, что записано" for name in (FILES, f"{FILES}, {card}")),
        ),
        (lambda at: (at / "x").write_text("x"), ("x: в описи копии его нет",)),
        (lambda at: (at / BUNDLE).unlink(), (f"{BUNDLE}: такого файла в копии нет",)),
        (lambda at: (at / MANIFEST).write_text("x"), None),
        (lambda at: [(at / READ_ME).unlink(), (at / READ_ME).mkdir()],
         (f"{READ_ME}: такого файла в копии нет",)),
    ):  # fmt: skip
        found = damaged(harm)
        if faults is None:
            assert [each.partition(":")[0] for each in found] == [MANIFEST]
        else:
            assert found == faults
    for count in (5, 6, 8):
        found = damaged(lambda at: [(at / f"x{n}").write_text("x") for n in range(count)])  # noqa: B023 - called at once
        more = (f"и ещё {count - 5}",) if count > 5 else ()
        assert found == (*(f"x{n}: в описи копии его нет" for n in range(5)), *more)


def test_a_disk_that_was_changed_since_the_plan_is_not_written_to(
    archive: Archive, usb: Path
) -> None:
    found = planned(archive, usb)
    (usb / LABEL).write_text("чужая", encoding="utf-8")
    with pytest.raises(MediumFailed, match="сменили или отключили"):
        backup(archive.root, actor(archive), found, now=NOW)
    (usb / LABEL).unlink()
    known = replace(found, is_new=False)
    with pytest.raises(MediumFailed, match="сменили или отключили"):
        backup(archive.root, actor(archive), known, now=NOW)
    far = replace(found, volume=replace(found.volume, device=found.volume.device + 1))
    with pytest.raises(MediumFailed, match="сменили или отключили"):
        backup(archive.root, actor(archive), far, now=NOW)
    assert list(usb.iterdir()) == []
    assert backup(archive.root, actor(archive), found, now=NOW).proof.is_good
    with pytest.raises(Refused, match="на носителе уже есть, но она повреждена"):
        backup(archive.root, actor(archive), replace(found, is_new=False), now=NOW)
