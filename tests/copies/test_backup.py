"""Copies on media: what is written can be read back, restored with plain git, and told apart.

R-6.3
"""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from papka.copies import files_tar
from papka.copies.backup_plan import BackupPlan, plan_backup
from papka.copies.backup_run import BackupMade, backup, prove
from papka.copies.files_tar import compose_tar, read_tar
from papka.copies.media import MediumDraft, find_twin, refuse_other_disk
from papka.copies.medium_format import (
    BUNDLE,
    FILES,
    LABEL,
    LIST,
    MANIFEST,
    PLAIN,
    READ_ME,
    read_manifest,
)
from papka.copies.restoring import find_sources, restore
from papka.core.errors import ChangedMeanwhile, GitFailed, LockHeld, MediumFailed, Refused
from papka.core.installation import ShippedSnapshot
from papka.desk.sealing import make_seal
from papka.records.strict_yaml import read
from papka.repository.commit_snapshots import CommitSnapshot
from papka.repository.dot_papka import file_lock
from papka.repository.runner import Carried
from papka.repository.signing import find_actor
from tests.support.archives import PROJECT
from tests.support.command import papka
from tests.support.copies_on_media import agree, flip_inside, make_older, put_inside, read_inside
from tests.support.histories import git
from tests.support.pages import Desk
from tests.support.processes import process, script
from tests.support.school import NOW, STUDENT, TEACHER, Archive, head
from tests.support.small_disks import fill, small_disk, take_away

JOURNAL = "records/media/2026.yaml"
CARD = f"{PLAIN}{STUDENT}/student.yaml"
LATER = NOW + timedelta(hours=1)
_KILLED = """
import os, signal, sys
from papka.cli.main import main
from papka.copies.media import MediumDraft
step, left = sys.argv.pop(1), int(sys.argv.pop(1))
act = getattr(MediumDraft, step)
def counted(*words):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return act(*words)
setattr(MediumDraft, step, counted)
main()
"""
"""Dies before the n-th such step of writing a copy."""


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    folder = tmp_path / "usb"
    folder.mkdir()
    return folder


def planned(archive: Archive, to: Path, medium: str | None = "Н-1") -> BackupPlan:
    return plan_backup(
        archive.root, to, now=NOW, medium=medium, kind="флеш-накопитель", place="Сейф"
    )


def copied(archive: Archive, to: Path, medium: str | None = "Н-1") -> BackupMade:
    actor = find_actor(archive.root, "s001")
    return backup(archive.root, actor, planned(archive, to, medium), now=NOW)


def copies_in(folder: Path) -> list[str]:
    """Everything on the medium but its label."""
    return sorted(entry.name for entry in folder.iterdir() if entry.name != LABEL)


def entries(archive: Archive) -> list[dict[str, object]]:
    data = (archive.root / JOURNAL).read_bytes()
    found: list[dict[str, object]] = read(data, JOURNAL).value["copies"]
    return found


def test_how_many_files_are_written_is_told_to_the_end(
    archive: Archive, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that it is over, also where the medium is full."""
    told: list[Carried] = []
    actor, plan = find_actor(archive.root, "s001"), planned(archive, usb)
    count = len(CommitSnapshot(archive.root, plan.head).paths())
    assert backup(archive.root, actor, plan, now=NOW, watch=told.append).proof.is_good
    assert told == [
        *(Carried("Н-1", "writing", at, count) for at in range(1, count + 1)), Carried("Н-1"),
    ]  # fmt: skip
    told.clear()
    write = MediumDraft.write

    def fill(draft: MediumDraft, path: str, pieces: Iterable[bytes]) -> None:
        write(draft, path, pieces)
        if told:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(MediumDraft, "write", fill)
    again = plan_backup(archive.root, usb, now=LATER)
    with pytest.raises(MediumFailed):
        backup(archive.root, actor, again, now=LATER, watch=told.append)
    assert [each.stage for each in told] == [*(count + 1) * ["writing"], ""]


def test_a_copy_holds_all_and_the_journal_tells_of_it(archive: Archive, usb: Path) -> None:
    before = head(archive)
    files = CommitSnapshot(archive.root, before)
    done = copied(archive, usb)
    assert done.proof.is_good
    assert done.saved.commit == head(archive) != before
    manifest = read_manifest((done.copy / MANIFEST).read_bytes())
    assert (manifest.head, manifest.medium, manifest.by) == (before, "Н-1", "s001")
    kit = ShippedSnapshot("proof").paths()
    assert set(manifest.files) == {BUNDLE, FILES, LIST, READ_ME, *kit}
    assert read_inside(done.copy) == {
        PLAIN + path: data for path, data in files.read_many(files.paths())
    }
    room = usb / "room"
    room.mkdir()
    subprocess.run(["tar", "-xf", done.copy / FILES, "-C", room], check=True)
    assert {path.stat().st_mode & 0o077 for path in room.rglob("*") if path.is_file()} == {0}
    for folder, name in ((done.copy, MANIFEST), (room, LIST)):
        ran = subprocess.run(["sha256sum", "--strict", "-c", "--quiet", done.copy / name],
                             cwd=folder, check=False, capture_output=True)  # fmt: skip
        assert (ran.returncode, ran.stdout) == (0, b"")
    sums = subprocess.run(["sha256sum", done.copy / MANIFEST], check=True, capture_output=True)
    size = sum(path.stat().st_size for path in done.copy.rglob("*") if path.is_file())
    assert [str(value) for value in entries(archive)[0].values()] == [
        "2026-11-20", "Н-1", "флеш-накопитель", str(size), sums.stdout[:64].decode(), "s001",
        "Сейф", "2026-11-20", "s001", before,
    ]  # fmt: skip


def test_a_person_with_plain_git_restores_by_the_text_on_the_medium(
    archive: Archive, usb: Path, tmp_path: Path
) -> None:
    done = copied(archive, usb)
    place = tmp_path / "elsewhere"
    shutil.copytree(done.copy, place)
    text = (place / READ_ME).read_text(encoding="utf-8")
    lines = [line.strip() for line in re.findall(r"^    (.+)$", text, re.MULTILINE)]
    starts = ("sha256sum", "git", "cd", "sh ", "mkdir", "tar", "(cd")
    commands = [line for line in lines if line.startswith(starts)]
    assert len(commands) == 9
    key = find_actor(archive.root, "s001").signer.fingerprint
    by_papka = [line.replace("ОТПЕЧАТОК", key) for line in lines if line.startswith("papka ")]
    script = "set -e\n" + "\n".join(commands).replace("ОТПЕЧАТОК", key)
    ran = subprocess.run(["sh", "-c", script], cwd=place, check=False, capture_output=True,
                         encoding="utf-8")  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    told = ran.stdout.splitlines()
    manifest = read_manifest((place / MANIFEST).read_bytes())
    assert manifest.head in told
    assert manifest.head in lines

    assert len(by_papka) == 2
    for command in by_papka:
        line = command.replace("НОВАЯ-ПАПКА", str(tmp_path / "again"))
        line = line.replace("ПАПКА-КОПИИ", str(done.copy))
        code, said = Desk(done.copy, tmp_path / "home", [tmp_path]).sh(line)
        assert code == 0, said
    assert git(tmp_path / "again", "rev-parse", "HEAD").strip() == manifest.head
    assert f"с верной подписью: {manifest.commits}," in ran.stdout


def test_a_second_copy_keeps_the_first_until_told_otherwise(archive: Archive, usb: Path) -> None:
    first = copied(archive, usb)
    again = plan_backup(archive.root, usb, now=LATER)
    assert [older.name for older in again.older] == [first.copy.name]
    second = backup(archive.root, find_actor(archive.root, "s001"), again, now=LATER)
    assert copies_in(usb) == [first.copy.name, second.copy.name]
    last = plan_backup(archive.root, usb, now=LATER + timedelta(hours=1))
    third = backup(archive.root, find_actor(archive.root, "s001"), last,
                   now=LATER + timedelta(hours=1), drop_older=True)  # fmt: skip
    assert copies_in(usb) == [third.copy.name]
    assert len(third.dropped) == 2
    assert len(entries(archive)) == 3


def test_a_copy_cut_before_the_journal_is_found_and_written_down(
    archive: Archive, usb: Path
) -> None:
    done = copied(archive, usb)
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    again = plan_backup(archive.root, usb, now=LATER)
    assert again.waiting is not None
    retried = backup(archive.root, find_actor(archive.root, "s001"), again, now=LATER)
    assert retried.was_waiting
    assert retried.copy == done.copy
    assert copies_in(usb) == [done.copy.name]
    assert [str(entry["date"]) for entry in entries(archive)] == ["2026-11-20"]


def test_a_waiting_copy_that_went_bad_is_not_written_down(archive: Archive, usb: Path) -> None:
    done = copied(archive, usb)
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    put_inside(done.copy, CARD, b"id: other\n")
    again = plan_backup(archive.root, usb, now=LATER)
    retried = backup(archive.root, find_actor(archive.root, "s001"), again, now=LATER)
    assert not retried.was_waiting
    assert retried.proof.is_good
    assert len(copies_in(usb)) == 2


def test_a_killed_copy_leaves_nothing_that_looks_like_one(archive: Archive, usb: Path) -> None:
    """However far it got: the same command succeeds, and no half of a copy stays."""
    words = ("backup", "-C", archive.root, "--to", usb, "--medium", "Н-1", "--kind", "диск")
    for step, count in (("write", 1), ("write", 3), ("settle", 1), ("name", 1)):
        killed = script(_KILLED, step, str(count), *words)
        said, _ = killed.communicate()
        assert killed.returncode == -signal.SIGKILL, said
        assert any(usb.glob(".papka-papka-*"))
        assert not [name for name in copies_in(usb) if not name.startswith(".papka-")]
    ran = process(*words)
    said, _ = ran.communicate()
    assert ran.returncode == 0, said
    assert [name for name in copies_in(usb) if name.startswith(".")] == []
    assert len(copies_in(usb)) == len(entries(archive)) == 1


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a byte of the bundle": (lambda copy: _flip(copy / BUNDLE), BUNDLE),
    "a byte of a plain file": (
        lambda copy: flip_inside(copy, CARD),
        f"{FILES}, {CARD}: прочитано не то, что записано",
    ),
    "a byte of a heading": (
        lambda copy: _flip(copy / FILES, _heading_of(copy, CARD)),
        f"{FILES}, {CARD}: этого файла в нём не прочесть",
    ),
    "half of the files": (
        lambda copy: os.truncate(copy / FILES, _heading_of(copy, CARD)),
        f"{FILES}, {CARD}: этого файла в нём не прочесть",
    ),
    "the files gone": (lambda copy: (copy / FILES).unlink(), f"{FILES}: такого файла в копии нет"),
    "their list gone": (lambda copy: (copy / LIST).unlink(), f"{LIST}: такого файла в копии нет"),
    "a byte of the list": (lambda copy: _flip(copy / LIST), f"{LIST}: прочитано не то"),
    "a file inside gone": (
        lambda copy: put_inside(copy, CARD, None, listed=False),
        f"{FILES}, {CARD}: этого файла в нём не прочесть",
    ),
    "a file inside more": (
        lambda copy: put_inside(copy, "files/more.txt", b"+", listed=False),
        f"{FILES}, files/more.txt: прочитано не то, что записано",
    ),
    "the text": (lambda copy: (copy / READ_ME).write_text("иное"), READ_ME),
    "a file gone": (lambda copy: (copy / "proof" / "README.md").unlink(), "README.md"),
    "a file more": (lambda copy: (copy / "more.txt").write_text("+"), "more.txt"),
    "a link": (lambda copy: _linked(copy / READ_ME), READ_ME),
    "no bundle": (lambda copy: (copy / BUNDLE).unlink(), BUNDLE),
    "no manifest": (lambda copy: (copy / MANIFEST).unlink(), MANIFEST),
}


def _linked(path: Path) -> None:
    """The same bytes, but elsewhere."""
    aside = path.parent.parent / "aside"
    path.rename(aside)
    path.symlink_to(aside)


def _flip(path: Path, at: int | None = None) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    path.write_bytes(data)


def _heading_of(copy: Path, name: str) -> int:
    with tarfile.open(copy / FILES, "r:") as opened:
        return opened.getmember(name).offset


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_on_the_medium_is_found(damage: str, archive: Archive, usb: Path) -> None:
    done = copied(archive, usb)
    harm, named = DAMAGES[damage]
    harm(done.copy)
    faults = prove(done.copy, now=NOW).faults
    assert any(named in fault for fault in faults), faults


def _link_inside(copy: Path) -> None:
    """A link in place of a file, behind the others."""
    with tarfile.open(copy / FILES, "a:") as opened:
        link = tarfile.TarInfo("files/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(link)


FORGERIES: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "a file changed": (lambda copy: put_inside(copy, CARD, b"x: 1\n"), (LIST, f"{FILES}, {CARD}")),
    "a file gone": (lambda copy: put_inside(copy, CARD, None), (LIST, f"{FILES}, {CARD}")),
    "a file more": (
        lambda copy: put_inside(copy, "files/a", b""), (LIST, f"{FILES}, files/a"),
    ),
    "a link": (_link_inside, (f"{FILES}, files/link",)),
    "one list": (lambda copy: (copy / LIST).write_bytes(b""), (LIST,)),
    "written by another program": (
        lambda copy: put_inside(copy, CARD, read_inside(copy)[CARD]), (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", [BUNDLE, *FORGERIES])
def test_a_manifest_that_agrees_with_a_forgery_convinces_nobody(
    name: str, archive: Archive, usb: Path
) -> None:
    """A bundle of another history, or other plain files, with all digests made right."""
    done = copied(archive, usb)
    harm, named = FORGERIES.get(name, (None, (BUNDLE,)))
    if harm is None:
        git(archive.root, "bundle", "create", "-q", str(done.copy / BUNDLE), "main")
    else:
        harm(done.copy)
    agree(done.copy, BUNDLE, FILES, LIST)
    proof = prove(done.copy, now=NOW)
    assert tuple(fault.partition(":")[0] for fault in proof.faults) == named


def test_a_copy_of_the_older_layout_is_read_and_verified(archive: Archive, usb: Path) -> None:
    """A folder of plain files in place of the one file."""
    done = copied(archive, usb)
    make_older(done.copy)
    proof = prove(done.copy, now=NOW)
    assert (proof.is_good, proof.files) == (True, done.proof.files - 2)
    key = find_actor(archive.root, "s001").signer.fingerprint
    assert papka("verify", usb, "--anchor", key).code == 0
    ran = subprocess.run(["sh", done.copy / "proof/check-signatures.sh", done.copy, key],
                         check=False, capture_output=True, encoding="utf-8")  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    again = plan_backup(archive.root, usb, now=LATER)
    assert [each.manifest.version for each in again.older] == [1]
    card = done.copy / CARD
    was = card.read_bytes()
    card.write_bytes(was + b"\n")
    assert prove(done.copy, now=NOW).faults == (f"{CARD}: прочитано не то, что записано",)
    agree(done.copy, CARD)
    assert prove(done.copy, now=NOW).faults == (f"{CARD}: не таков, как в последнем сохранении",)


_TORN: dict[str, Callable[[Path], object]] = {
    "one file": lambda _: None,
    "the older layout": make_older,
    "a bad byte in a heading": lambda copy: _flip(copy / FILES, 0),
    "cut off": lambda copy: os.truncate(copy / FILES, (copy / FILES).stat().st_size - 5000),
}


@pytest.mark.parametrize("harm", _TORN)
def test_what_a_store_lacks_comes_from_the_files_beside_a_broken_bundle(
    harm: str, archive: Archive, usb: Path, tmp_path: Path
) -> None:
    done = copied(archive, usb)
    _TORN[harm](done.copy)
    (done.copy / BUNDLE).write_bytes(b"")
    blob = git(archive.root, "rev-parse", f"HEAD:{STUDENT}/student.yaml").strip()
    (archive.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    sources = find_sources([str(archive.root), str(usb)], (), tmp_path)
    restored = restore(tmp_path / "new", sources, now=LATER, base=tmp_path)
    assert (restored.is_good, restored.above) == (True, None)
    assert git(tmp_path / "new", "cat-file", "-t", blob) == "blob\n"
    assert BUNDLE in restored.gathered[1].broken


def test_a_disk_that_dies_in_the_middle_gives_all_it_still_reads(
    archive: Archive, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is named file by file."""
    done = copied(archive, usb)
    whole = read_inside(done.copy)
    at = _heading_of(done.copy, CARD) // 512 * 512

    class Dying(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() + (size or 0) > at:
                raise OSError(errno.EIO, "worn out")
            return super().read(size)

    monkeypatch.setattr(files_tar, "_PIECE", 512)
    with Dying(done.copy / FILES) as file:
        found = dict(read_tar(file))
    before = {path: whole[path] for path in [*whole][: [*whole].index(CARD)]}
    assert found == before


def test_a_heading_out_of_thin_air_takes_nothing_from_the_reader(tmp_path: Path) -> None:
    """A size beyond the end, a name longer than any, kinds that are no files."""
    tar = tmp_path / FILES
    good = b"".join(compose_tar([("files/a", b"1")], 7))[:1024]
    headers = []
    for kind, size in ((tarfile.REGTYPE, 1 << 40), (tarfile.XHDTYPE, 1 << 20), (tarfile.DIRTYPE, 0),
                       (tarfile.GNUTYPE_SPARSE, 0)):  # fmt: skip
        header = tarfile.TarInfo("files/b")
        header.type, header.size = kind, size
        headers.append(header.tobuf(tarfile.GNU_FORMAT))
    tar.write_bytes(b"".join((*headers, good, b"x" * 1024, good)))
    with io.FileIO(tar) as file:
        found = list(read_tar(file))
    assert [path for path, data in found if data is not None] == ["files/a"] * 2
    assert {path for path, data in found if data is None} == {"files/b"}


def test_a_full_disk_takes_no_copy_and_loses_none(archive: Archive, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 16) as disk:
        first = copied(archive, disk)
        before = head(archive)
        fit = plan_backup(archive.root, disk, now=LATER)
        stuffing = fill(disk, 1_000_000)
        with pytest.raises(MediumFailed, match="свободно 1,0 МБ") as refused:
            plan_backup(archive.root, disk, now=LATER)
        assert first.copy.name in refused.value.next_step
        with pytest.raises(MediumFailed, match="кончилось место"):
            backup(archive.root, find_actor(archive.root, "s001"), fit, now=LATER)
        assert head(archive) == before
        stuffing.unlink()
        assert copies_in(disk) == [first.copy.name]
        assert prove(first.copy, now=NOW).is_good
        again = plan_backup(archive.root, disk, now=LATER)
        assert backup(archive.root, find_actor(archive.root, "s001"), again, now=LATER).saved.commit


def test_a_disk_pulled_out_while_writing_leaves_its_folder_alone(tmp_path: Path) -> None:
    """What it was mounted on is the computer's own disk."""
    with small_disk(tmp_path / "disk", 4) as disk:
        draft = MediumDraft(disk, "papka-20261120-120000-0123456789ab")
        draft.write("files/one", [b"1"])
        take_away(disk)
        with pytest.raises(OSError, match="files"):
            draft.write("files/records/two", [b"2"])
        with pytest.raises(OSError, match="papka-"):
            draft.settle()
        draft.drop()
        assert list(disk.iterdir()) == []


def test_a_disk_pulled_out_before_writing_is_missed(archive: Archive, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 16) as disk:
        copied(archive, disk)
        fit = plan_backup(archive.root, disk, now=LATER)
        before = head(archive)
        take_away(disk)
        with pytest.raises(MediumFailed, match="сменили или отключили"):
            backup(archive.root, find_actor(archive.root, "s001"), fit, now=LATER)
        with pytest.raises(Refused, match="здесь метки нет"):
            planned(archive, disk)
        assert list(disk.iterdir()) == []
        assert head(archive) == before


def test_a_medium_keeps_its_number(archive: Archive, usb: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="ещё не помечен"):
        plan_backup(archive.root, usb, now=NOW, medium="Н-1")
    copied(archive, usb)
    with pytest.raises(Refused, match="помечен как Н-1, а не Н-2"):
        planned(archive, usb, "Н-2")
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(Refused, match=r"На Н-1 уже делали копию 20\.11\.2026"):
        planned(archive, other)
    (usb / LABEL).write_text("papka-medium v1\nmedium: Н-1\n")
    with pytest.raises(MediumFailed, match=r"метка .* повреждена"):
        planned(archive, usb)


def test_one_disk_with_two_numbers_is_told(archive: Archive, usb: Path) -> None:
    here = planned(archive, usb)
    known = replace(here.volume, identity="uuid:4A21-0B7C")
    two = f"{_entry('Н-1', 'uuid:4A21-0B7C')}{_entry('Н-2', 'uuid:9C3E-77D1')}"
    archive.write(JOURNAL, f"copies:\n{two}")
    assert archive.save("s001").commit
    found = plan_backup(archive.root, usb, now=NOW, medium="Н-3", kind="диск")
    assert find_twin(found.archive, found.label, known) == "Н-1"
    first = replace(found.label, medium="Н-1")
    assert find_twin(found.archive, first, known) == ""
    refuse_other_disk(found.archive, first, known)
    with pytest.raises(Refused, match="не тот носитель"):
        refuse_other_disk(found.archive, first, replace(known, identity="uuid:other"))


def _entry(medium: str, device: str) -> str:
    return (
        f"  - date: 2026-11-20\n    medium: {medium}\n    kind: диск\n    size: 1\n"
        f'    sha256: "{"ab" * 32}"\n    made_by: s001\n    device: {device}\n'
    )


def test_a_rewritten_archive_is_not_copied_over_the_witness(archive: Archive, usb: Path) -> None:
    done = copied(archive, usb)
    git(archive.root, "reset", "-q", "--hard", "HEAD~2")
    with pytest.raises(Refused, match="переписан или вернулся") as refused:
        plan_backup(archive.root, usb, now=LATER)
    assert "papka verify" in refused.value.next_step
    assert prove(done.copy, now=LATER).is_good


def test_an_archive_that_is_not_whole_gives_no_copy(archive: Archive, usb: Path) -> None:
    blob = git(archive.root, "rev-parse", f"HEAD:{STUDENT}/student.yaml").strip()
    found = planned(archive, usb)
    (archive.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(GitFailed) as failed:
        backup(archive.root, find_actor(archive.root, "s001"), found, now=NOW)
    assert "papka restore --heal" in failed.value.next_step
    assert copies_in(usb) == []


def test_a_faulty_history_is_copied_and_told_and_older_copies_stay(
    archive: Archive, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy is faithful or not; whether the archive is sound is another question."""
    first = copied(archive, usb)
    archive.write(f"{STUDENT}/note.txt", "чужое")
    git(archive.root, "add", "-f", f"{STUDENT}/note.txt")
    monkeypatch.setenv("GIT_COMMITTER_DATE", NOW.isoformat())
    git(archive.root, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q",
        "--no-gpg-sign", "--no-verify", "-m", "x")  # fmt: skip
    fit = plan_backup(archive.root, usb, now=LATER)
    done = backup(archive.root, find_actor(archive.root, "s001"), fit, now=LATER, drop_older=True)
    assert done.proof.is_good
    assert "SIG_MISSING" in {finding.code.name for finding in done.proof.findings}
    assert done.dropped == ()
    assert first.copy.exists()


def test_an_edited_journal_is_saved_first(archive: Archive, usb: Path) -> None:
    fit = planned(archive, usb)
    archive.write(JOURNAL, "copies:\n" + _entry("Н-7", "uuid:1"))
    with pytest.raises(Refused, match="изменён и не сохранён"):
        planned(archive, usb)
    with pytest.raises(ChangedMeanwhile):
        backup(archive.root, find_actor(archive.root, "s001"), fit, now=NOW)
    (archive.root / JOURNAL).unlink()
    assert plan_backup(archive.root, usb, now=LATER).waiting is not None


def test_the_archive_is_no_place_for_its_copy(archive: Archive) -> None:
    for place in (archive.root, archive.root / "records", archive.root.parent):
        with pytest.raises(Refused, match="копией она не будет"):
            planned(archive, place)


def test_two_copies_at_once_wait_for_each_other(archive: Archive, usb: Path) -> None:
    fit = planned(archive, usb)
    (archive.root / ".papka").mkdir(exist_ok=True)
    lock = archive.root / ".papka/backup.lock"
    with file_lock(lock, "", 1.0), pytest.raises(LockHeld):
        backup(archive.root, find_actor(archive.root, "s001"), fit, now=NOW)
    assert copies_in(usb) == []


def test_unsaved_edits_are_not_copied_and_are_counted(archive: Archive, usb: Path) -> None:
    archive.edit(f"{STUDENT}/student.yaml", "id: ", "# правка\nid: ")
    fit = planned(archive, usb)
    assert fit.unsaved == 1
    done = backup(archive.root, find_actor(archive.root, TEACHER), fit, now=NOW)
    assert done.proof.is_good
    assert "# правка".encode() not in read_inside(done.copy)[CARD]
    assert "# правка" in archive.read(f"{STUDENT}/student.yaml")


def test_a_medium_is_verified_as_it_lies(archive: Archive, usb: Path) -> None:
    done = copied(archive, usb)
    key = find_actor(archive.root, "s001").signer.fingerprint
    for place in (usb, done.copy, done.copy / BUNDLE):
        ran = papka("verify", place, "--anchor", key)
        assert ran.code == 0, ran.all
        assert f"Копия {done.copy.name}\n" in ran.out
        assert "Сошлось с бумагой: ключ руководителя" in ran.out
    ran = papka("verify", usb, "--mirrors")
    assert (ran.code, "копия архива на носителе" in ran.err) == (3, True)
    assert ran.err.endswith(f"papka restore НОВАЯ-ПАПКА --from {done.copy}\n")
    assert papka("verify", usb, "--anchor", f"SHA256:{'A' * 43}").code == 1
    changed = read_inside(done.copy)[CARD] + b"\n"
    put_inside(done.copy, CARD, changed, listed=False)
    ran = papka("verify", usb, "--anchor", key)
    assert (ran.code, f"{CARD}: прочитано не то, что записано" in ran.err) == (1, True), ran.all
    put_inside(done.copy, CARD, changed)
    ran = papka("verify", usb, "--anchor", key)
    assert (ran.code, "не таков, как в последнем сохранении" in ran.err) == (1, True), ran.all
    assert "доверять нельзя" in ran.out


def test_a_seal_is_checked_on_a_medium_without_this_program(archive: Archive, usb: Path) -> None:
    sealed = make_seal(archive.root, find_actor(archive.root, "s001"), now=NOW, period="2026")
    done = copied(archive, usb)
    script = PROJECT / "proof" / "check-seal.sh"

    def checked(place: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["sh", script, place, f"{sealed.number:04}", sealed.digest],
                              check=False, capture_output=True, encoding="utf-8")  # fmt: skip

    good = checked(done.copy)
    assert (good.returncode, "цепочка пломб сходятся" in good.stdout) == (0, True), good.stderr
    named = checked(usb)
    assert (named.returncode, f"Копия: {done.copy.name}" in named.stdout) == (0, True)
    bundle = done.copy / BUNDLE
    bundle.write_bytes(bundle.read_bytes()[:-40])
    assert "НЕ СОШЛОСЬ" in checked(done.copy).stderr
