"""What only memory sees: archives in which every signature is good and everything is old or new."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from papka.copies import mirrors
from papka.core.places import ALLOWED_SIGNERS
from papka.proof.memory import Memory, Witness
from papka.proof.verification import verify
from papka.repository import handle
from papka.repository.handle import Remote
from tests.support.histories import NOW, OTHER, RECORD, School, git, make_school, salt_of, trust
from tests.support.remembering import LATER, look, names
from tests.support.sealing import put_seal


def back(school: School, commits: int) -> None:
    git(school.root, "reset", "-q", "--hard", f"HEAD~{commits}")


def rewrite(school: School) -> None:
    """The last two commits made anew with the keys of those who made them, at the same times."""
    back(school, 2)
    school.save({RECORD: b"id: 2025-0001\n", OTHER: b"id: 2025-0002\n", **salts(school)})
    school.save({RECORD: b"id: 2025-0001\nsex: forged\n"})


def salts(school: School) -> dict[str, bytes]:
    held = git(school.root, "ls-tree", "-r", "--name-only", "ORIG_HEAD").split()
    paths = [path for path in held if path.endswith(".salt")]
    return {path: bytes([at + 7]) * 32 for at, path in enumerate(paths)}


def first(school: School) -> str:
    return git(school.root, "rev-list", "--max-parents=0", "HEAD").strip()


def replaced(school: School, by: Path) -> None:
    """Another archive in the place of this one."""
    shutil.rmtree(school.root)
    by.rename(school.root)


def test_first_time_on_a_computer(school: School, memory: Memory) -> None:
    found = look(school, memory, school.fingerprint)
    assert (names(found), found.remembered) == ([], False)
    assert look(school, memory).remembered


def test_nothing_remembered_and_no_paper(school: School, memory: Memory) -> None:
    found = verify(school.root, now=LATER, memory=memory)
    assert names(found) == ["MEMORY_EMPTY", "ROOT_UNANCHORED"]
    again = verify(school.root, now=LATER, memory=memory)
    assert names(again) == ["ROOT_UNANCHORED"]


def test_paper_is_asked_for_once(known: School, memory: Memory) -> None:
    assert verify(known.root, now=LATER, memory=memory).findings == ()


def test_rewritten_in_all_stores_with_all_staff_keys(
    known: School, memory: Memory, tmp_path: Path
) -> None:
    common = first(known)
    rewrite(known)
    git(tmp_path, "clone", "-q", "--mirror", str(known.root), "mirror.git")
    assert known.verify().findings == ()
    for place, more in ((known.root, []), (tmp_path / "mirror.git", ["OBJECT_UNREACHABLE"])):
        found = look(known, memory, at=place)
        assert names(found) == ["HISTORY_REWRITTEN", *more]
        assert any(common in each.message for each in found.findings)


def test_rewritten_with_all_keys_and_sealed_anew(school: School, memory: Memory) -> None:
    put_seal(school)
    assert names(look(school, memory)) == ["ANCHOR_NOT_GIVEN"]
    back(school, 1)
    school.save({RECORD: b"id: 2025-0001\nsex: forged\n"})
    put_seal(school)
    assert names(look(school, memory)) == ["ANCHOR_NOT_GIVEN", "HISTORY_REWRITTEN", "SEAL_MISSING"]


def test_rewritten_beside_a_second_root(known: School, memory: Memory) -> None:
    """The head's stolen key accepts the joining: of two beginnings the known one still counts."""
    back(known, 2)
    thief, root = known.signer("s001").sign, known.head
    beside = known.forge({ALLOWED_SIGNERS: trust(known.keys)}, sign=thief, by="s001", parents=())
    forged = {RECORD: b"id: 2025-0001\nsex: forged\n", salt_of(RECORD): b"z" * 32}
    for parents in ((root, beside), (beside, root)):
        joined = known.forge(forged, sign=thief, by="s001", parents=parents, late=180)
        said = f"commit: {joined}\ncode: MERGE_COMMIT\nreason: x\n".encode()
        known.forge({"records/trust/accepted/1.yaml": said}, sign=thief, by="s001", late=240)
        known.checkout()
        assert "HISTORY_REWRITTEN" in names(look(known, memory))


def test_what_was_confirmed_stays_bound_after_an_accepted_joining(
    known: School, memory: Memory, tmp_path: Path
) -> None:
    mirrors.add(known.root, "usb", str(tmp_path / "mirror.git"), "RU", allowed=("RU",))
    mirrors.push(known.root, witness=Witness(memory, NOW))
    sent, clerk = known.head, known.signer("s003").sign
    below = git(known.root, "rev-parse", "HEAD~1").strip()
    mine = known.forge({OTHER: b"id: 2025-0002\nsex: x\n"}, sign=clerk, parents=(below,))
    joined = known.forge({}, sign=clerk, parents=(mine, sent), late=180)
    said = f"commit: {joined}\ncode: MERGE_COMMIT\nreason: x\n".encode()
    known.save({"records/trust/accepted/1.yaml": said}, "s001", late=240)
    known.checkout()
    git(known.root, "update-ref", "-d", "refs/remotes/usb/main")
    assert names(look(known, memory)) == ["COMMIT_ACCEPTED"]
    git(known.root, "reset", "-q", "--hard", mine)
    assert names(look(known, memory)) != []


def test_rolled_back_with_its_own_last_seal(school: School, memory: Memory) -> None:
    put_seal(school)
    look(school, memory)
    back(school, 1)
    found = look(school, memory)
    assert names(found) == ["HEAD_BEHIND_KNOWN"]
    assert "— 1," in found.findings[0].message


@pytest.mark.parametrize("hidden", ["nothing", "id taken away", "another id", "objects gone"])
def test_rolled_back(hidden: str, known: School, memory: Memory) -> None:
    back(known, 1)
    own = known.root / ".git" / "papka-store"
    if hidden == "id taken away":
        own.unlink()
    elif hidden == "another id":
        own.write_text("ab" * 16 + "\n")
    elif hidden == "objects gone":
        git(known.root, "reflog", "expire", "--expire=now", "--all")
        (known.root / ".git" / "ORIG_HEAD").unlink()
        git(known.root, "gc", "-q", "--prune=now")
    for _ in range(2):  # what is wrong is not learnt
        assert names(look(known, memory)) == ["HEAD_BEHIND_KNOWN"]


def test_moved_and_rolled_back(known: School, memory: Memory, tmp_path: Path) -> None:
    back(known, 1)
    known.root.rename(tmp_path / "moved")
    assert names(look(known, memory, at=tmp_path / "moved")) == ["HEAD_BEHIND_KNOWN"]


def test_a_whole_new_root(known: School, memory: Memory, tmp_path: Path) -> None:
    """With the true keys: no fingerprint tells it from the one before."""
    other = School(tmp_path / "forged", known.keys)
    handle.init(other.root)
    handle.write_settings(other.root, handle.SAFE_ARCHIVE)
    shutil.copytree(known.root, tmp_path / "was", symlinks=True)
    paths = git(known.root, "ls-files").split()
    other.save({path: (known.root / path).read_bytes() for path in paths}, "s001")
    replaced(known, other.root)
    assert known.verify().findings == ()
    found = look(known, memory)
    assert names(found) == ["HISTORY_REWRITTEN"]
    assert "нет" in found.findings[0].message


def test_another_archive_in_its_place_is_known_by_paper(
    known: School, memory: Memory, tmp_path: Path
) -> None:
    other = make_school(tmp_path / "second")
    root = first(other)
    shutil.copytree(other.root, tmp_path / "third", symlinks=True)
    replaced(known, tmp_path / "third")
    assert names(look(other, memory, at=known.root)) == ["HISTORY_REWRITTEN"]
    assert names(look(other, memory, root, at=known.root)) == []
    assert names(look(other, memory, at=known.root)) == []


def test_frozen_at_what_this_computer_had_not_seen_confirmed(
    school: School, memory: Memory, tmp_path: Path
) -> None:
    """A mirror confirmed the last save and shows an older state: its receipt tells."""
    place = tmp_path / "mirror.git"
    mirrors.add(school.root, "usb", str(place), "RU", allowed=("RU",))
    sent = mirrors.push(school.root, witness=Witness(memory, NOW))
    assert sent.is_good
    git(place, "update-ref", "refs/heads/main", "main~1")
    assert names(look(school, memory, at=place)) == ["HEAD_BEHIND_KNOWN", "OBJECT_UNREACHABLE"]
    assert names(look(school, memory)) == []


def test_rolled_back_after_a_push_alone(school: School, memory: Memory, tmp_path: Path) -> None:
    """A receipt is memory enough: nobody had verified here."""
    mirrors.add(school.root, "usb", str(tmp_path / "mirror.git"), "RU", allowed=("RU",))
    mirrors.push(school.root, witness=Witness(memory, NOW))
    school.save({RECORD: b"id: 2025-0001\nsex: y\n"})
    mirrors.push(school.root, witness=Witness(memory, NOW))
    back(school, 1)
    git(school.root, "update-ref", "refs/remotes/usb/main", "HEAD")
    found = look(school, memory)
    assert (names(found), found.remembered) == (["HEAD_BEHIND_KNOWN"], True)


def test_unsent_saves_dropped(school: School, memory: Memory, tmp_path: Path) -> None:
    mirrors.add(school.root, "usb", str(tmp_path / "mirror.git"), "RU", allowed=("RU",))
    mirrors.push(school.root, witness=Witness(memory, NOW))
    school.save({RECORD: b"id: 2025-0001\nsex: y\n"})
    assert names(look(school, memory)) == []
    back(school, 1)
    assert names(look(school, memory)) == ["HEAD_BEHIND_KNOWN"]
    school.save({RECORD: b"id: 2025-0001\nsex: z\n"}, late=90)
    assert names(look(school, memory)) == ["HISTORY_REWRITTEN"]


def test_what_was_confirmed_is_never_replayed(
    known: School, memory: Memory, tmp_path: Path
) -> None:
    """The same authors and seconds do not excuse a rewrite of what a mirror has."""
    mirrors.add(known.root, "usb", str(tmp_path / "mirror.git"), "RU", allowed=("RU",))
    mirrors.push(known.root, witness=Witness(memory, NOW))
    rewrite(known)
    git(known.root, "update-ref", "refs/remotes/usb/main", first(known))
    assert names(look(known, memory)) == ["HISTORY_REWRITTEN"]


def test_an_old_medium_in_a_new_folder(known: School, memory: Memory, tmp_path: Path) -> None:
    """Neither an alarm nor silence."""
    shutil.copytree(known.root, tmp_path / "stick", symlinks=True)
    known.save({RECORD: b"id: 2025-0001\nsex: y\n"})
    look(known, memory)
    for _ in range(2):
        found = look(known, memory, at=tmp_path / "stick")
        assert [f.code.name for f in found.findings] == ["COPY_OF_A_DATE"]
        assert "— 1" in found.findings[0].message
    assert names(look(known, memory)) == []


def test_a_copy_goes_further_back_than_it_was(
    known: School, memory: Memory, tmp_path: Path
) -> None:
    shutil.copytree(known.root, tmp_path / "stick", symlinks=True)
    look(known, memory, at=tmp_path / "stick")
    git(tmp_path / "stick", "reset", "-q", "--hard", "HEAD~1")
    assert names(look(known, memory, at=tmp_path / "stick")) == ["HEAD_BEHIND_KNOWN"]


@pytest.mark.parametrize("name", ["memory.json", "stores.json"])
@pytest.mark.parametrize("content", ["", "{}", "[" * 100_000, '{"format": 2}', '{"format": 1}'])
def test_memory_that_cannot_be_read_is_told_and_kept(
    content: str, name: str, known: School, memory: Memory
) -> None:
    [file] = memory.folder.rglob(name)
    file.write_text(content)
    found = look(known, memory)
    assert names(found) == ["MEMORY_UNREADABLE"]
    assert str(file) in found.findings[0].message
    assert file.read_text() == content


def test_memory_that_cannot_be_kept_is_told(school: School, memory: Memory) -> None:
    memory.folder.parent.write_text("a file where a folder should be")
    assert "MEMORY_NOT_KEPT" in names(look(school, memory))


def test_memory_is_for_its_user_alone(known: School, memory: Memory) -> None:
    files = [path for path in memory.folder.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    text = "".join(path.read_text() for path in files)
    assert known.head in text
    assert "2025-0001" not in text


def test_nothing_is_learnt_from_an_archive_with_an_error(school: School, memory: Memory) -> None:
    school.forge({RECORD: b"x\n"}, sign=None)
    school.checkout()
    assert "SIG_MISSING" in names(look(school, memory))
    assert not memory.folder.exists()


def test_since_a_commit_nobody_verified(school: School, memory: Memory) -> None:
    start = git(school.root, "rev-parse", "HEAD~1").strip()
    found = look(school, memory, since=start)
    assert names(found) == ["SINCE_NOT_PROVED"]
    assert not memory.folder.exists()


def test_since_what_was_verified(known: School, memory: Memory) -> None:
    start = known.head
    made = known.save({RECORD: b"id: 2025-0001\nsex: y\n"})
    found = look(known, memory, since=start[:10])
    assert (found.findings, found.commits, found.since) == ((), 1, start)
    assert look(known, memory, since=made).findings == ()
    back(known, 1)
    assert names(look(known, memory, since=start)) == ["HEAD_BEHIND_KNOWN"]


def test_since_a_seal_that_paper_names(school: School, memory: Memory) -> None:
    digest = put_seal(school)
    sealed = git(school.root, "rev-parse", "HEAD~1").strip()
    school.save({RECORD: b"id: 2025-0001\nsex: y\n"})
    assert names(look(school, memory, since="0001")) == ["SINCE_NOT_PROVED"]
    found = look(school, memory, digest, since="0001")
    assert (found.findings, found.commits, found.since) == ((), 2, sealed)
    wrong = look(school, memory, digest, "ab" * 32, since="0001")
    assert names(wrong) == ["ANCHOR_MISMATCH"]


def test_a_seal_since_then_asks_for_the_whole(known: School, memory: Memory) -> None:
    start = known.head
    known.save({RECORD: b"id: 2025-0001\nsex: y\n"})
    digest = put_seal(known)
    found = look(known, memory, known.fingerprint, digest, since=start)
    assert (found.findings, found.commits, found.since) == ((), 5, "")


@pytest.mark.parametrize("damage", ["blob", "tree"])
def test_since_still_hashes_what_is_new(damage: str, known: School, memory: Memory) -> None:
    start = known.head
    known.save({RECORD: b"id: 2025-0001\nsex: y\n"})
    name = f"HEAD:{RECORD}" if damage == "blob" else "HEAD^{tree}"
    id_ = git(known.root, "rev-parse", name).strip()
    object_file = known.root / ".git" / "objects" / id_[:2] / id_[2:]
    object_file.chmod(0o644)
    data = bytearray(object_file.read_bytes())
    data[len(data) // 2] ^= 1
    object_file.write_bytes(bytes(data))
    found = names(look(known, memory, since=start))
    assert {"OBJECT_CORRUPT", "OBJECT_MISSING"} & set(found)


def test_since_still_judges_each_signature(known: School, memory: Memory) -> None:
    start = known.head
    known.forge({RECORD: b"id: 2025-0001\n"}, sign=known.signer("stranger").sign)
    known.checkout()
    known.save({RECORD: b"id: 2025-0001\nsex: y\n"}, late=130)
    assert names(look(known, memory, since=start)) == ["SIG_UNKNOWN_KEY"]


def test_receipts_name_the_mirror_and_the_time(
    school: School, memory: Memory, tmp_path: Path
) -> None:
    place = tmp_path / "mirror.git"
    mirrors.add(school.root, "usb", str(place), "RU", allowed=("RU",))
    mirrors.push(school.root, witness=Witness(memory, NOW))
    remote = Remote("usb", str(place), "RU", primary=True)
    assert Witness(memory, NOW).confirmed(school.root, remote, school.head) == ""
    [file] = memory.folder.rglob("memory.json")
    [receipt] = json.loads(file.read_text())["receipts"]
    expected = {"store": str(place), "commit": school.head, "time": int(NOW.timestamp())}
    assert receipt == expected
