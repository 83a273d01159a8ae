"""Copies with every fault they can have, each looked at where it is; nothing planted ever runs."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from papka.copies.mirror_check import verify_mirrors
from papka.copies.mirrors import add, push
from papka.core.errors import NotFound
from papka.proof.verification import verify
from papka.repository.handle import SAFE_STORE, init, write_settings
from tests.support.histories import NOW, OTHER, RECORD, School, flip, git
from tests.support.made_once import MadeOnce, mirror_once
from tests.support.sshd import Server, running

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store(school: School, made_once: MadeOnce, tmp_path: Path) -> Path:
    """A mirror in a folder that has everything."""
    return mirror_once(made_once, school, tmp_path / "usb.git")


def codes(school: School) -> list[str]:
    found = verify_mirrors(school.root, now=LATER)
    return sorted({finding.code.name for each in found for finding in each.findings})


def messages(school: School) -> str:
    found = verify_mirrors(school.root, now=LATER)
    return "\n".join(f.message + f.hint for each in found for f in each.findings)


def objects(store: Path) -> list[Path]:
    return sorted(path for path in (store / "objects").glob("??/*") if path.is_file())


def test_whole_mirror_is_silent(school: School, store: Path) -> None:
    [seen] = verify_mirrors(school.root, now=LATER)
    assert (seen.findings, seen.head) == ((), school.head)
    assert seen.objects == len(objects(store)) > 0


def test_archive_without_mirrors(school: School) -> None:
    assert verify_mirrors(school.root, now=LATER) == ()


@pytest.mark.parametrize("packed", [False, True])
def test_bit_rot_in_a_mirror_with_equal_refs(packed: bool, school: School, store: Path) -> None:  # noqa: FBT001 - a case
    if packed:
        git(store, "gc", "-q", "--prune=now")
    flip(next((store / "objects" / "pack").glob("*.pack")) if packed else objects(store)[3])
    assert codes(school) == ["MIRROR_DAMAGED"]


def test_blob_gone_from_a_mirror(school: School, store: Path) -> None:
    blob = git(school.root, "rev-parse", f"HEAD:{OTHER}").strip()
    (store / "objects" / blob[:2] / blob[2:]).unlink()
    assert codes(school) == ["MIRROR_DAMAGED"]
    assert blob in messages(school)


def test_middle_commit_gone_from_a_mirror_is_damage_and_nothing_worse(
    school: School, store: Path
) -> None:
    commit = git(school.root, "rev-parse", "HEAD~1").strip()
    (store / "objects" / commit[:2] / commit[2:]).unlink()
    assert codes(school) == ["MIRROR_DAMAGED"]


@pytest.mark.usefixtures("store")
def test_mirror_behind_by_an_unsent_save(school: School) -> None:
    school.save({RECORD: b"x: 1\n"}, late=240)
    assert codes(school) == ["MIRROR_BEHIND"]
    assert "на 1\u00a0сохранение" in messages(school)


def test_mirror_set_back_after_it_confirmed(school: School, store: Path) -> None:
    git(store, "update-ref", "refs/heads/main", "main~1")
    assert codes(school) == ["MIRROR_ROLLED_BACK", "OBJECT_UNREACHABLE"]


@pytest.mark.usefixtures("store")
def test_mirror_ahead_by_another_persons_honest_save(school: School) -> None:
    school.save({RECORD: b"x: 1\n"}, late=240)
    assert push(school.root).is_good
    git(school.root, "update-ref", "refs/heads/main", "HEAD~1")
    assert codes(school) == ["MIRROR_AHEAD"]


def test_mirror_ahead_by_a_forged_commit(school: School, store: Path) -> None:
    before = school.head
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("stranger").sign)
    git(school.root, "push", "-q", str(store), "main")
    git(school.root, "update-ref", "refs/heads/main", before)
    assert codes(school) == ["MIRROR_NOT_TRUSTED"]


def test_history_rewritten_in_one_store_with_a_stolen_key(school: School, store: Path) -> None:
    stolen = school.signer("s003")
    parent = git(school.root, "rev-parse", "HEAD~1").strip()
    true = school.head
    school.forge({RECORD: b"id: 2025-0001\nmark: 5\n"}, sign=stolen.sign, parents=(parent,))
    git(store, "fetch", "-q", str(school.root), "+main:main")
    assert "SIG_BAD" not in school.codes()
    git(school.root, "update-ref", "refs/heads/main", true)
    assert codes(school) == ["MIRROR_DIVERGED", "OBJECT_UNREACHABLE"]


def test_archive_that_lost_a_commit_is_not_taken_for_a_rewritten_one(
    school: School, store: Path
) -> None:
    commit = git(school.root, "rev-parse", "HEAD~1").strip()
    (school.root / ".git" / "objects" / commit[:2] / commit[2:]).unlink()
    git(store, "update-ref", "refs/heads/main", "main~2")
    assert codes(school) == ["MIRROR_ROLLED_BACK", "OBJECT_UNREACHABLE"]


def test_branch_deleted_on_a_mirror(school: School, store: Path) -> None:
    git(store, "update-ref", "-d", "refs/heads/main")
    assert codes(school) == ["MIRROR_REF_MISSING"]


def test_branch_of_a_mirror_damaged(school: School, store: Path) -> None:
    (store / "refs" / "heads" / "main").write_bytes(b"\0\0\0\0")
    assert codes(school) == ["MIRROR_DAMAGED", "MIRROR_REF_MISSING"]


def test_mirror_never_sent_to(school: School, tmp_path: Path) -> None:
    add(school.root, "new", str(tmp_path / "new.git"), "RU", allowed=["RU"])
    assert codes(school) == ["MIRROR_REF_MISSING"]


def test_tag_deleted_and_tag_moved(school: School, store: Path) -> None:
    git(school.root, "tag", "act-1", "HEAD")
    git(school.root, "tag", "act-2", "HEAD")
    git(store, "update-ref", "refs/tags/act-2", "main~1")
    assert codes(school) == ["MIRROR_DIVERGED", "MIRROR_REF_MISSING"]
    said = messages(school)
    assert "refs/tags/act-1" in said
    assert "refs/tags/act-2" in said


def test_ref_too_many(school: School, store: Path) -> None:
    git(store, "update-ref", "refs/heads/hidden", "main")
    assert codes(school) == ["MIRROR_REF_EXTRA"]
    assert "refs/heads/hidden" in messages(school)


def test_mirror_that_borrows_from_the_archive(school: School, store: Path) -> None:
    shutil.rmtree(store)
    git(school.root, "clone", "-q", "--bare", "--shared", str(school.root), str(store))
    assert codes(school) == ["MIRROR_DAMAGED"]
    assert "не хранит объекты само" in messages(school)


@pytest.mark.parametrize("how", ["shallow", "grafts", "replace", "head"])
def test_mirror_that_shows_something_else_than_it_stores(
    how: str, school: School, store: Path
) -> None:
    head = school.head
    if how == "shallow":
        (store / "shallow").write_text(f"{head}\n")
    elif how == "grafts":
        (store / "info").mkdir(exist_ok=True)
        (store / "info" / "grafts").write_text(f"{head}\n")
    elif how == "replace":
        git(store, "update-ref", f"refs/replace/{head}", "main~1")
    else:
        (store / "HEAD").write_text("ref: refs/heads/other\n")
    assert "MIRROR_DAMAGED" in codes(school)


def test_mirror_with_planted_programs_runs_none(
    school: School, store: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "executed"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {mark}\n")
    evil.chmod(0o755)
    with (store / "config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = {evil}\n\talternateRefsCommand = {evil}\n")
        config.write(f"[uploadpack]\n\tpackObjectsHook = {evil}\n[gpg]\n\tprogram = {evil}\n")
    (store / "hooks").mkdir(exist_ok=True)
    for name in ("pre-receive", "post-update", "reference-transaction"):
        shutil.copy(evil, store / "hooks" / name)
    assert codes(school) == ["MIRROR_DAMAGED"]
    assert not mark.exists()


def test_disk_not_attached(school: School, store: Path) -> None:
    store.rename(store.with_name("away"))
    assert codes(school) == ["MIRROR_UNREACHABLE"]
    assert "Подключите носитель" in messages(school)


def test_folder_that_is_no_store_any_more(school: School, store: Path) -> None:
    shutil.rmtree(store / "objects")
    assert codes(school) == ["MIRROR_DAMAGED"]


def test_disk_of_another_owner_is_verified_all_the_same(school: School, store: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    for path in [store, *store.rglob("*")]:
        os.chown(path, 12345, 12345, follow_symlinks=False)
    flip(objects(store)[2])
    assert codes(school) == ["MIRROR_DAMAGED", "MIRROR_DUBIOUS_OWNER"]
    assert str(store) in messages(school)


@pytest.mark.usefixtures("store")
def test_one_mirror_by_name(school: School, tmp_path: Path) -> None:
    add(school.root, "new", str(tmp_path / "new.git"), "RU", allowed=["RU"])
    [seen] = verify_mirrors(school.root, now=LATER, names=["usb"])
    assert (seen.remote.name, seen.findings) == ("usb", ())
    with pytest.raises(NotFound, match="disk"):
        verify_mirrors(school.root, now=LATER, names=["disk"])


def test_one_broken_mirror_hides_no_other(school: School, store: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.git"
    add(school.root, "second", str(second), "RU", allowed=["RU"])
    assert push(school.root).is_good
    flip(objects(second)[1])
    shutil.rmtree(store)
    found = {
        each.remote.name: [finding.code.name for finding in each.findings]
        for each in verify_mirrors(school.root, now=LATER)
    }
    assert found["usb"] == ["MIRROR_UNREACHABLE"]
    assert set(found["second"]) == {"MIRROR_DAMAGED"}


def test_nothing_is_written_to_archive_or_mirror(school: School, store: Path) -> None:
    def state() -> dict[Path, tuple[int, int]]:
        paths = [*school.root.rglob("*"), *store.rglob("*")]
        return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in paths}

    flip(objects(store)[3])
    before = state()
    assert codes(school) == ["MIRROR_DAMAGED"]
    assert state() == before


class TestOnAServer:
    """The same over a real ssh server: everything is fetched and hashed here."""

    @pytest.fixture
    def hub(self, tmp_path: Path) -> Path:
        place = tmp_path / "hub.git"
        init(place, bare=True)
        write_settings(place, SAFE_STORE)
        return place

    def seen(self, school: School, server: Server) -> list[str]:
        [mirror] = verify_mirrors(school.root, now=LATER, access=server.access())
        return sorted({finding.code.name for finding in mirror.findings})

    def test_each_fault(self, school: School, hub: Path, tmp_path: Path) -> None:
        with running(tmp_path / "sshd") as server:
            add(school.root, "hub", server.url(hub), "RU", allowed=["RU"])
            assert self.seen(school, server) == ["MIRROR_REF_MISSING"]
            assert push(school.root, access=server.access()).is_good
            [whole] = verify_mirrors(school.root, now=LATER, access=server.access())
            assert (whole.findings, whole.head) == ((), school.head)
            assert whole.objects > 0
            git(hub, "update-ref", "refs/heads/hidden", "main")
            assert self.seen(school, server) == ["MIRROR_REF_EXTRA"]
            git(hub, "update-ref", "-d", "refs/heads/hidden")
            git(hub, "update-ref", "refs/heads/main", "main~1")
            assert self.seen(school, server) == ["MIRROR_ROLLED_BACK"]
            git(hub, "update-ref", "refs/heads/main", school.head)
            blob = git(school.root, "rev-parse", f"HEAD:{OTHER}").strip()
            flip(hub / "objects" / blob[:2] / blob[2:])
            assert self.seen(school, server) == ["MIRROR_DAMAGED"]
        assert self.seen(school, server) == ["MIRROR_UNREACHABLE"]


def test_verifying_a_mirror_by_itself_agrees(school: School, store: Path) -> None:
    found = verify(store, now=LATER, anchors=[school.fingerprint])
    assert (found.findings, found.head) == ((), school.head)


@pytest.mark.parametrize(
    "lines",
    [
        ("receive.denyNonFastForwards", "false"),
        ("receive.fsckObjects", "false"),
        ("--unset", "receive.denyDeletes"),
        ("core.fsync", "none"),
    ],
)
def test_safe_settings_taken_away_come_back_with_the_next_push(
    lines: tuple[str, ...], school: School, store: Path
) -> None:
    git(store, "config", *lines)
    assert "MIRROR_WEAKENED" in codes(school)
    assert push(school.root).is_good
    assert codes(school) == []


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("included", ["pipe", "no settings"])
def test_settings_that_include_what_stops_a_reader(
    included: str, school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of mirrors is read as data: what it includes is not opened, and no git is run that
    sees the caller's environment."""
    place = tmp_path / "included"
    if included == "pipe":
        os.mkfifo(place)
    else:
        place.write_text("root:x:0:0\n")
    git(school.root, "config", "include.path", str(place))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    assert codes(school) == []
    assert not (tmp_path / "trace").exists()
