"""A damaged store gets whole again from its own sound objects, the folder and its copies."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from papka.copies.healing import Healed, heal
from papka.copies.mirrors import push
from papka.copies.salvage import salvage
from papka.core.errors import Refused
from papka.proof.memory import Memory
from papka.proof.verification import verify
from papka.repository.handle import Remote
from tests.support.command import papka
from tests.support.histories import NOW, OTHER, RECORD, School, flip, git
from tests.support.made_once import MadeOnce, mirror_once
from tests.support.processes import script
from tests.support.remembering import look
from tests.support.sshd import running

LATER = NOW + timedelta(hours=1)
NEW = "records/students/2025/2025-0001/awards.yaml"


@pytest.fixture
def usb(school: School, made_once: MadeOnce, tmp_path: Path) -> Path:
    """A mirror in a folder that has everything."""
    return mirror_once(made_once, school, tmp_path / "usb.git")


def healed(school: School, *copies: Path, drop_unsent: bool = False) -> Healed:
    named = [Remote(str(copy), str(copy), "", primary=False) for copy in copies] or None
    done = heal(school.root, now=LATER, copies=named, drop_unsent=drop_unsent)
    assert school.codes() == []
    git(school.root, "fsck", "--full", "--strict")
    return done


def loose(store: Path, id_: str) -> Path:
    return store / "objects" / id_[:2] / id_[2:]


def named(school: School, rev: str) -> str:
    return git(school.root, "rev-parse", rev).strip()


def pack(store: Path, end: str = "pack") -> Path:
    return next((store / "objects" / "pack").glob(f"*.{end}"))


def state(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".papka" not in path.relative_to(folder).parts
    }


def old_blob(school: School) -> str:
    """A file of the history that the folder does not hold any more."""
    return named(school, f"HEAD~1:{RECORD}")


@pytest.mark.usefixtures("usb")
@pytest.mark.parametrize("how", ["flipped", "deleted", "emptied"])
@pytest.mark.parametrize("rev", ["HEAD", "HEAD~1", "HEAD~2", "HEAD^{tree}", f"HEAD~1:{RECORD}"])
def test_object_lost(rev: str, how: str, school: School) -> None:
    head, path = school.head, loose(school.root / ".git", named(school, rev))
    path.chmod(0o644)
    if how == "flipped":
        flip(path)
    elif how == "deleted":
        path.unlink()
    else:
        path.write_bytes(b"")
    done = healed(school)
    assert (done.head, done.before, school.head) == (head, head, head)
    assert done.kept is not None
    assert (done.kept / "HEAD").is_file()


@pytest.mark.parametrize("end", ["pack", "idx"])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.99])
@pytest.mark.usefixtures("usb")
def test_pack_damaged(part: float, end: str, school: School) -> None:
    head = school.head
    git(school.root, "gc", "-q", "--prune=now")
    flip(pack(school.root / ".git", end), part)
    assert healed(school).head == head


def test_unsent_commits_are_kept(school: School, usb: Path) -> None:
    school.save({NEW: b"id: 2025-0003\n"}, late=240)
    unsent = school.head
    flip(loose(school.root / ".git", old_blob(school)))
    assert healed(school).head == unsent
    assert git(usb, "rev-parse", "main").strip() != unsent
    assert push(school.root).is_good


def test_unsent_commit_in_a_damaged_pack_is_got_out_of_it(school: School, usb: Path) -> None:
    school.save({NEW: b"id: 2025-0003\n"}, late=240)
    unsent, lost = school.head, old_blob(school)
    git(school.root, "gc", "-q", "--prune=now")
    store = school.root / ".git"
    listed = git(school.root, "verify-pack", "-v", str(pack(store, "idx"))).splitlines()
    place = next(int(line.split()[4]) for line in listed if line.startswith(lost))
    path = pack(store)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[place + 4] ^= 0xFF
    path.write_bytes(bytes(data))
    assert "PACK_DAMAGED" in school.codes()
    assert healed(school, usb).head == unsent


def test_delta_whose_base_only_a_copy_still_has(school: School, usb: Path) -> None:
    """The newest records lie as small differences from older ones, which are the broken ones."""
    long = b"".join(b"line: %d\n" % number for number in range(400))
    school.save({NEW: long + b"b: 1\n" + b"c" * 90 + b"\n"}, late=240)
    assert push(school.root).is_good
    school.save({NEW: long + b"b: 1\n"}, late=360)
    unsent = school.head
    (school.root / NEW).unlink()
    git(school.root, "repack", "-adfq", "--depth=20")
    store = school.root / ".git"
    listed = git(school.root, "verify-pack", "-v", str(pack(store, "idx"))).splitlines()
    bases = {words[6] for line in listed if len(words := line.split()) == 7}
    mine = named(school, f"HEAD:{NEW}")
    base = next(b for line in listed if line.startswith(mine) for b in line.split()[6:7])
    assert base in bases
    place = next(int(line.split()[4]) for line in listed if line.startswith(base))
    path = pack(store)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[place + 6] ^= 0xFF
    path.write_bytes(bytes(data))
    done = heal(school.root, now=LATER, copies=[Remote("usb", str(usb), "", primary=False)])
    assert done.head == unsent
    assert git(school.root, "show", f"HEAD:{NEW}").encode() == long + b"b: 1\n"


def test_whole_pack_can_be_read_object_by_object(school: School) -> None:
    """What is got out of a pack by hand is what git reads in it."""
    for number in range(12):
        text = b"".join(b"line: %d\n" % (each * (each < 300 + number)) for each in range(400))
        school.save({NEW: text}, late=240 + number)
    git(school.root, "repack", "-adfq", "--depth=20")
    found = list(salvage(pack(school.root / ".git"), lambda _: None))
    listed = git(school.root, "cat-file", "--batch-all-objects", "--batch-check").splitlines()
    assert sorted(f"{kind} {len(data)}" for kind, data in found) == sorted(
        line.split(" ", 1)[1] for line in listed
    )


def test_lost_file_is_taken_from_the_folder_when_no_copy_is_there(school: School) -> None:
    flip(loose(school.root / ".git", named(school, f"HEAD:{OTHER}")))
    assert healed(school).head == school.head


@pytest.mark.usefixtures("usb")
@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("refs/heads/main", b"\0\0\0\0"),
        ("refs/heads/main", b"ab" * 20 + b"\n"),
        ("HEAD", b"ref: refs/heads/naim\n"),
        ("HEAD", b"\xff\xfe"),
        ("index", b"DIRC\0\0"),
        ("packed-refs", b"\xffnonsense\n"),
        ("shallow", b"ab" * 20 + b"\n"),
    ],
)
def test_file_of_the_store_damaged(file: str, data: bytes, school: School) -> None:
    head = school.head
    path = school.root / ".git" / file
    path.write_bytes(data)
    assert healed(school).head == head


@pytest.mark.parametrize("name", ["HEAD", "objects", "refs", ""])
def test_part_of_the_store_gone(name: str, school: School, usb: Path) -> None:
    head, path = school.head, school.root / ".git" / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert healed(school, usb).head == head


@pytest.mark.usefixtures("usb")
def test_line_of_the_settings_damaged(school: School) -> None:
    config = school.root / ".git" / "config"
    config.write_text("[core\n" + config.read_text())
    healed(school)
    assert "usb" in git(school.root, "remote")
    assert git(school.root, "config", "core.fsync").strip() == "all"
    assert push(school.root).is_good


def test_settings_that_run_programs_are_not_carried_over(school: School, tmp_path: Path) -> None:
    mark, evil = tmp_path / "executed", tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {mark}\n")
    evil.chmod(0o755)
    hooks = school.root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("reference-transaction", "post-index-change", "post-checkout"):
        shutil.copy(evil, hooks / name)
    with (school.root / ".git" / "config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {evil}\n\thooksPath = {hooks}\n"
            f'[remote "usb"]\n\turl = ext::{evil}\n\tuploadpack = {evil}\n'
        )
    (school.root / ".git" / "HEAD").write_text("ref: refs/heads/other\n")
    done = heal(school.root, now=LATER)
    assert not mark.exists()
    assert done.kept is not None
    assert str(evil) not in (school.root / ".git" / "config").read_text()
    assert not (school.root / ".git" / "hooks").exists()


@pytest.mark.usefixtures("usb")
def test_two_half_broken_copies_make_a_whole(school: School, usb: Path, tmp_path: Path) -> None:
    first, second = named(school, f"HEAD~1:{RECORD}"), named(school, "HEAD~1")
    other = tmp_path / "disk.git"
    shutil.copytree(usb, other)
    for store in (school.root / ".git", usb):
        loose(store, first).unlink()
    for store in (school.root / ".git", other):
        loose(store, second).unlink()
    before = state(usb), state(other)
    assert healed(school, usb, other).head == school.head
    assert (state(usb), state(other)) == before


def test_what_nobody_has_is_named_and_nothing_is_changed(school: School, usb: Path) -> None:
    lost = old_blob(school)
    for store in (school.root / ".git", usb):
        loose(store, lost).unlink()
    before = state(school.root), state(usb)
    with pytest.raises(Refused) as told:
        heal(school.root, now=LATER)
    assert RECORD in told.value.message
    assert named(school, "HEAD~1")[:12] in told.value.message
    assert "usb" in told.value.message
    assert (state(school.root), state(usb)) == before
    assert not (school.root / ".papka" / "healing").exists()
    assert not (school.root / ".papka" / "healing-pool").exists()


@pytest.mark.usefixtures("usb")
def test_lost_unsent_commit_is_given_up_only_on_request(school: School) -> None:
    sent = school.head
    school.save({NEW: b"id: 2025-0003\n"}, late=240)
    loose(school.root / ".git", named(school, "HEAD:records")).unlink()
    with pytest.raises(Refused, match="records"):
        heal(school.root, now=LATER)
    done = heal(school.root, now=LATER, drop_unsent=True)
    assert (done.head, done.is_moved) == (sent, True)
    assert (school.root / NEW).read_bytes() == b"id: 2025-0003\n"
    assert school.codes() == ["UNTRACKED_FILE"]


@pytest.mark.usefixtures("usb")
def test_lost_unsent_commit_itself_is_no_misread_branch(school: School) -> None:
    school.save({NEW: b"id: 2025-0003\n"}, late=240)
    loose(school.root / ".git", school.head).unlink()
    with pytest.raises(Refused, match=school.head[:12]):
        heal(school.root, now=LATER)


def test_head_taken_from_a_copy_must_prove_itself(school: School, usb: Path) -> None:
    """A copy with a forged commit on top is no way in when the branch is damaged."""
    true = school.head
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("stranger").sign)
    git(school.root, "push", "-q", str(usb), "main")
    (school.root / ".git" / "refs" / "heads" / "main").write_bytes(b"\0")
    (school.root / ".git" / "logs" / "refs" / "heads" / "main").unlink(missing_ok=True)
    git(school.root, "update-ref", "refs/remotes/usb/main", true)
    before = state(school.root)
    with pytest.raises(Refused, match="не прошло проверки"):
        heal(school.root, now=LATER)
    assert state(school.root) == before


@pytest.fixture
def rewritten(school: School, usb: Path, tmp_path: Path) -> Memory:
    """The mirror is rewritten with stolen keys and longer; the archive's branch and every note of
    where it stood are destroyed. Only this computer's memory is left."""
    memory = Memory(tmp_path / "state" / "papka")
    assert look(school, memory).findings == ()
    evil = School(tmp_path / "evil", school.keys)
    shutil.copytree(school.root, evil.root, symlinks=True)
    git(evil.root, "reset", "-q", "--hard", "HEAD~1")
    for late in (70, 80, 90):
        evil.save({RECORD: b"id: 2025-0001\nsex: forged %d\n" % late}, late=late)
    shutil.rmtree(usb)
    git(
        tmp_path, "clone", "-q", "--bare", "--no-local", "--single-branch", str(evil.root), str(usb)
    )
    dot = school.root / ".git"
    (dot / "refs" / "heads" / "main").write_bytes(b"\0")
    shutil.rmtree(dot / "logs", ignore_errors=True)
    shutil.rmtree(dot / "refs" / "remotes")
    return memory


def test_longer_history_of_a_thief_does_not_take_the_lost_branch(
    school: School, rewritten: Memory
) -> None:
    done = heal(school.root, now=LATER, memory=rewritten)
    assert look(school, rewritten).findings == ()
    assert done.before == ""
    assert b"forged" not in (school.root / RECORD).read_bytes()


@pytest.mark.parametrize("drop_unsent", [False, True])
def test_history_that_memory_does_not_know_is_never_put_in_place(
    drop_unsent: bool, school: School, rewritten: Memory  # noqa: FBT001 - a case
) -> None:  # fmt: skip
    """What was verified here is nowhere any more: the thief's history is refused all the same."""
    shutil.rmtree(school.root / ".git" / "objects")
    (school.root / ".git" / "objects").mkdir()
    before = state(school.root)
    with pytest.raises(Refused, match="не та, что проверял этот компьютер"):
        heal(school.root, now=LATER, drop_unsent=drop_unsent, memory=rewritten)
    assert state(school.root) == before


def test_whole_store_is_left_alone(school: School) -> None:
    before = state(school.root)
    assert heal(school.root, now=LATER).kept is None
    assert state(school.root) == before


@pytest.mark.usefixtures("usb")
def test_files_of_the_folder_stay_as_they_are(school: School) -> None:
    (school.root / RECORD).write_bytes(b"unsaved: 1\n")
    flip(loose(school.root / ".git", old_blob(school)))
    assert heal(school.root, now=LATER).kept is not None
    assert (school.root / RECORD).read_bytes() == b"unsaved: 1\n"
    assert git(school.root, "status", "--short").split() == ["M", RECORD]


def test_what_was_thrown_out_of_history_does_not_come_back(school: School, usb: Path) -> None:
    """A copy may hold objects that no honest record names: they stay where they are."""
    blob = git(usb, "hash-object", "-w", str(Path(__file__))).strip()
    flip(loose(school.root / ".git", old_blob(school)))
    healed(school)
    assert blob not in git(school.root, "cat-file", "--batch-all-objects", "--batch-check")


def test_other_branches_are_kept_when_whole(school: School, usb: Path) -> None:
    git(school.root, "branch", "draft", "HEAD~1")
    git(school.root, "update-ref", "refs/tags/lost", "HEAD~1")
    (school.root / ".git" / "refs" / "tags" / "lost").write_text("ab" * 20 + "\n")
    flip(loose(school.root / ".git", old_blob(school)))
    done = heal(school.root, now=LATER, copies=[Remote("usb", str(usb), "", primary=False)])
    assert done.dropped == ("refs/tags/lost",)
    assert git(school.root, "rev-parse", "draft") == git(school.root, "rev-parse", "HEAD~1")


@pytest.mark.usefixtures("usb")
def test_mirror_that_is_away_is_named(school: School, usb: Path) -> None:
    usb.rename(usb.with_name("away"))
    loose(school.root / ".git", old_blob(school)).unlink()
    with pytest.raises(Refused, match="«usb»: по этому адресу хранилища нет"):
        heal(school.root, now=LATER)


def test_healed_over_ssh(school: School, usb: Path, tmp_path: Path) -> None:
    loose(school.root / ".git", old_blob(school)).unlink()
    with running(tmp_path / "sshd") as server:
        copy = Remote("hub", server.url(usb), "", primary=False)
        heal(school.root, now=LATER, access=server.access(), copies=[copy])
    assert school.codes() == []


def test_folder_that_shares_its_store(school: School, tmp_path: Path) -> None:
    git(school.root, "worktree", "add", "-q", "--detach", str(tmp_path / "second"))
    with pytest.raises(Refused, match="worktree"):
        heal(school.root, now=LATER)


_KILLED = """
import os, signal, sys
left = int(sys.argv.pop(1))
def count(event, words):
    global left
    write = event == "open" and isinstance(words[2], int) and words[2] & (os.O_WRONLY | os.O_RDWR)
    if write or event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "subprocess.Popen"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
from datetime import datetime
from pathlib import Path
from papka.repository import unfinished_work
if sys.argv.pop(1) == "no-exchange":
    unfinished_work._exchanged = lambda one, other: False
from papka.copies.healing import heal
sys.addaudithook(count)
heal(Path(sys.argv[1]), now=datetime.fromisoformat(sys.argv[2]))
print(-left)
"""


def killed(school: School, after: int, how: str) -> int:
    """Heals in a process of its own that dies at so many changes to the disk, at none for 0.

    How many there were, 0 when it died.
    """
    child = script(_KILLED, str(after), how, school.root, LATER.isoformat())
    said, _ = child.communicate(timeout=600)
    assert child.returncode in (0, -9), said
    return 0 if child.returncode else int(said)


_AT_THE_END = 20
"""A healing changes more on the disk than this."""


def stands(school: School, head: str) -> bool:
    """Whether a store, damaged or whole, lies in its place and says what it said."""
    at = school.root / ".git" / "refs" / "heads" / "main"
    return at.is_file() and at.read_text().strip() == head


@pytest.mark.usefixtures("usb")
@pytest.mark.parametrize("how", ["exchange", "no-exchange"])
def test_killed_at_any_point_and_healed_by_a_retry(
    how: str, school: School, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    head = school.head
    flip(loose(school.root / ".git", old_blob(school)))
    damaged = tmp_path / "damaged"
    shutil.copytree(school.root, damaged, symlinks=True)
    total, moments_without = killed(school, 0, how), 0
    assert total > _AT_THE_END
    soak = pytestconfig.getoption("--soak")
    for after in range(1, total + 1) if soak else (total // 2, *range(total - 5, total, 2)):
        shutil.rmtree(school.root)
        shutil.copytree(damaged, school.root, symlinks=True)
        assert killed(school, after, how) == 0
        if not stands(school, head):
            moments_without += 1
            assert how == "no-exchange", after
        heal(school.root, now=LATER + timedelta(minutes=1))
        assert school.codes() == [], after
        assert stands(school, head), after
        kept = list((school.root / ".papka" / "damaged").iterdir())
        assert len(kept) == 1, after
        assert not (school.root / ".git" / "papka-healing").exists()
    assert moments_without <= 2


class TestCommand:
    def test_says_what_was_done(self, school: School, usb: Path) -> None:
        flip(loose(school.root / ".git", old_blob(school)))
        ran = papka("restore", "--heal", "-C", school.root)
        assert ran.code == 0, ran.all
        assert "Хранилище вылечено" in ran.out
        assert "usb: прочитано целиком" in ran.out
        assert "papka verify" in ran.out
        assert verify(school.root, now=LATER, anchors=[school.fingerprint]).findings == ()
        again = papka("restore", "--heal", "-C", school.root)
        assert (again.code, "лечить нечего" in again.out) == (0, True)
        assert usb.is_dir()

    def test_named_copies(self, school: School, usb: Path, tmp_path: Path) -> None:
        shutil.copytree(usb, tmp_path / "disk.git")
        shutil.rmtree(usb)
        flip(loose(school.root / ".git", old_blob(school)))
        ran = papka("restore", "--heal", "-C", school.root)
        assert ran.code == 3
        assert "--drop-unsent" in ran.all
        ran = papka("restore", "--heal", "--from", "nobody", "-C", school.root)
        assert (ran.code, "Зеркала «nobody» у архива нет" in ran.all) == (3, True)
        ran = papka("restore", "--heal", "--from", tmp_path / "disk.git", "-C", school.root)
        assert ran.code == 0, ran.all

    def test_nothing_without_heal(self, school: School) -> None:
        assert papka("restore", "-C", school.root).code == 2


def test_bit_flipped_in_the_name_of_a_packed_ref(school: School) -> None:
    """git and verify then see one ref more; what it names main has anyway."""
    git(school.root, "pack-refs", "--all")
    school.save({OTHER: b"id: 2025-0002\nsex: x\n"}, late=300)  # main lies loose again
    packed = school.root / ".git" / "packed-refs"
    packed.write_bytes(packed.read_bytes().replace(b"refs/heads/main", b"refs/heads/mcin"))
    assert school.codes() == ["REF_EXTRA"]
    assert healed(school).kept is not None


def test_branch_with_commits_of_its_own_is_kept(school: School) -> None:
    git(school.root, "branch", "draft")
    kept = school.save({OTHER: b"id: 2025-0002\nsex: x\n"}, late=300)
    git(school.root, "update-ref", "refs/heads/draft", kept)
    git(school.root, "update-ref", "refs/heads/main", f"{kept}~1")
    assert heal(school.root, now=LATER).kept is None
    assert git(school.root, "rev-parse", "draft").strip() == kept


def test_packed_refs_without_an_end_of_line(school: School) -> None:
    """git dies of it: what we could read all the same is told, and healed."""
    git(school.root, "pack-refs", "--all")
    school.save({OTHER: b"id: 2025-0002\nsex: x\n"}, late=300)
    packed = school.root / ".git" / "packed-refs"
    packed.write_bytes(packed.read_bytes().removesuffix(b"\n"))
    assert school.codes() == ["REF_DAMAGED"]
    assert healed(school).kept is not None
