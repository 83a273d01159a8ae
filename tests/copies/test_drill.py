"""A copy counts when it was restored: drills, what they find, and what the journal then says.

R-6.1, R-6.3
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from papka.copies.medium_format import BUNDLE, FILES
from papka.copies.mirrors import push
from papka.records.strict_yaml import read
from tests.support.command import Ran, papka
from tests.support.histories import git
from tests.support.made_once import MadeOnce, mirror_once
from tests.support.school import STUDENT, Archive, head


@pytest.fixture
def hub(archive: Archive, made_once: MadeOnce, tmp_path: Path) -> Path:
    return mirror_once(made_once, archive, tmp_path / "hub.git")


@pytest.fixture
def usb(archive: Archive, made_once: MadeOnce, tmp_path: Path) -> Path:
    """A medium with a copy of the archive, before anything else is done with it."""
    folder = tmp_path / "usb"

    def work() -> None:
        folder.mkdir()
        words = ("--medium", "Н-1", "--kind", "флеш-накопитель", "--place", "сейф")
        assert papka("backup", "-C", archive.root, "--to", folder, *words).code == 0

    made_once.make("a medium", tmp_path, ("archive", "usb"), work)
    return folder


def drill(archive: Archive, *words: str | Path) -> Ran:
    return papka("restore", "-C", archive.root, "--drill", *words)


def journal(archive: Archive) -> dict[str, list[dict[str, object]]]:
    """All journals of this archive as one."""
    whole: dict[str, list[dict[str, object]]] = {"copies": [], "inspections": []}
    for path in sorted((archive.root / "records" / "media").glob("*.yaml")):
        value = read(path.read_bytes(), path.name).value
        for key in whole:
            whole[key] += value.get(key, ())
    return whole


@pytest.mark.usefixtures("hub")
def test_a_mirror_and_a_medium_are_restored_and_the_journal_says_so(
    archive: Archive, usb: Path
) -> None:
    assert push(archive.root).is_good
    before = head(archive)
    ran = drill(archive, "--from", "hub", "--from", usb)
    assert ran.code == 0, ran.all
    assert ran.out.count("восстанавливается") == 2
    told = journal(archive)
    restored = [line for line in told["copies"] if "restored" in line and "head" in line]
    assert [str(line["medium"]) for line in restored] == ["Н-1"]
    assert [
        (line["store"], line["verdict"], line["head"]) for line in told["inspections"][-2:]
    ] == [
        ("hub", "годна", before),
        ("Н-1", "годна", git(archive.root, "rev-parse", "HEAD~2").strip()),
    ]
    assert "Последнее сохранение то же" in str(told["inspections"][-2]["outcome"])
    assert "Нет 1 последнего сохранения" in str(told["inspections"][-1]["outcome"])
    assert head(archive) != before
    assert "backup-act" in ran.out
    assert papka("check", "-C", archive.root).code == 0
    assert papka("verify", "-C", archive.root, "--no-memory").code == 0


@pytest.mark.usefixtures("hub")
def test_without_words_every_mirror_is_tried(archive: Archive) -> None:
    ran = drill(archive, "--no-record")
    assert ran.code == 0, ran.all
    assert ran.out.startswith("hub: восстанавливается")
    assert journal(archive)["inspections"] == [
        line for line in journal(archive)["inspections"] if line["store"] != "hub"
    ]


@pytest.mark.usefixtures("hub")
def test_the_files_are_laid_out_when_asked(archive: Archive, usb: Path) -> None:
    ran = drill(archive, "--from", "hub", "--from", usb, "--files", "--no-record")
    assert ran.code == 0, ran.all
    assert ran.out.count("файлы разложены и перечитаны") == 2


def test_a_rotten_mirror_does_not_restore_and_the_journal_says_that(
    archive: Archive, hub: Path
) -> None:
    for file in (hub / "objects").glob("[0-9a-f][0-9a-f]/*"):
        file.chmod(0o644)
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(bytes(data))
        break
    else:
        pack = next((hub / "objects" / "pack").glob("*.pack"))
        pack.chmod(0o644)
        data = bytearray(pack.read_bytes())
        data[len(data) // 2] ^= 1
        pack.write_bytes(bytes(data))
    ran = drill(archive)
    assert ran.code == 1
    assert "hub: не восстанавливается" in ran.out
    last = journal(archive)["inspections"][-1]
    assert (last["store"], last["verdict"]) == ("hub", "негодна")
    assert "не удалось" in str(last["outcome"])
    # What is written down as bad is no look at the mirror that the calendar would count.
    status = papka("status", "-C", archive.root)
    assert "целиком проверено" not in status.out


def test_a_rotten_medium_is_not_called_restored(archive: Archive, usb: Path) -> None:
    bundle = next(usb.glob("papka-2*")) / BUNDLE
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(bytes(data))
    ran = drill(archive, "--from", usb)
    assert ran.code == 1
    assert "archive.bundle" in ran.out
    assert not [
        line for line in journal(archive)["copies"] if line.get("head") and "restored" in line
    ]


def test_a_mirror_that_is_away_is_not_written_down(archive: Archive, hub: Path) -> None:
    before = head(archive)
    hub.rename(hub.with_name("gone"))
    ran = drill(archive)
    assert ran.code == 4
    assert "недоступна" in ran.out
    assert head(archive) == before


def test_one_away_hides_nothing_of_the_other(archive: Archive, hub: Path, usb: Path) -> None:
    hub.rename(hub.with_name("gone"))
    ran = drill(archive, "--from", "hub", "--from", usb)
    assert ran.code == 4
    assert [line["store"] for line in journal(archive)["inspections"]][-1] == "Н-1"


def test_another_archives_copy_is_not_this_ones(
    archive: Archive, hub: Path, demo: tuple[Path, Ran]
) -> None:
    shutil.rmtree(hub)
    shutil.copytree(demo[0] / "server.git", hub)
    ran = drill(archive)
    assert ran.code == 1
    assert "история другая" in ran.out


def test_a_copy_that_the_journal_does_not_know(archive: Archive, usb: Path) -> None:
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    ran = drill(archive, "--from", usb)
    assert ran.code == 0, ran.all
    assert "в журнале нет" in ran.out


def journal_name(archive: Archive) -> str:
    return max(
        path.name
        for path in (archive.root / "records" / "media").glob("*.yaml")
        if b"head: " in path.read_bytes()
    )


def test_unsaved_edits_of_the_journal_stop_the_recording_and_nothing_else(
    archive: Archive, usb: Path
) -> None:
    name = journal_name(archive)
    archive.edit(f"records/media/{name}", "Н-1", "Н-7")
    ran = drill(archive, "--from", usb)
    assert ran.code == 3
    assert "не сохранён" in ran.err
    assert "восстанавливается" in ran.out


def test_a_drill_touches_neither_the_copy_nor_unsaved_work(archive: Archive, hub: Path) -> None:
    archive.write(f"{STUDENT}/student.yaml", archive.read(f"{STUDENT}/student.yaml") + "# x\n")
    before = {path: path.read_bytes() for path in hub.rglob("*") if path.is_file()}
    assert drill(archive).code == 0
    assert {path: path.read_bytes() for path in hub.rglob("*") if path.is_file()} == before
    assert archive.read(f"{STUDENT}/student.yaml").endswith("# x\n")


@pytest.mark.parametrize(
    "words",
    [("--drill", "--heal"), ("new", "--drill"), (), ("--heal", "--files"), ("new", "--drop-unsent"),
     ("--drill", "--anchor", "SHA256:x")],
)  # fmt: skip
def test_words_that_do_not_go_together(words: tuple[str, ...], archive: Archive) -> None:
    ran = papka("restore", "-C", archive.root, *words)
    assert ran.code == 2
    assert "papka restore" in ran.err


def test_a_copy_is_restored_from_where_its_plain_files_lie(
    usb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They look like an archive and have no store."""
    files = next(usb.glob("papka-2*")) / FILES
    subprocess.run(["tar", "-xf", files, "-C", tmp_path], check=True)
    monkeypatch.chdir(tmp_path / "files")
    ran = papka("restore", tmp_path / "new", "--from", usb)
    assert ran.code == 0, ran.all
    assert (tmp_path / "new" / ".git").is_dir()
