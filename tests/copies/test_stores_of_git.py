"""Stores made, hosted, gleaned, bundled and looked at, whole and torn."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest

from papka.copies import server, transport
from papka.copies.gathering import build, carry_id, pack_of
from papka.copies.mirror_store import far_side, prepare_store
from papka.copies.salvage import Pool, take_store
from papka.copies.transport import Quarantine, absorb, quarantine
from papka.core.errors import GitFailed, LockHeld, NotAnArchive, Refused
from papka.proof.clean_room import clean_room
from papka.repository import handle, runner
from papka.repository.dot_papka import stale_locks
from papka.repository.files import NotPlain
from papka.repository.git_values import GATE, MAIN, PURGER, gate_text, object_id
from papka.repository.handle import Remote, init
from papka.repository.history import Histories
from papka.repository.objects import Objects
from papka.repository.runner import git_program
from papka.repository.store import (
    STORE_ID,
    count_objects,
    find_borrowed,
    find_partial_marks,
    find_running_program,
    leads_away,
    list_hooks,
    locate,
    observe,
)
from tests.support.histories import OTHER, RECORD, School, git, salt_of


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    place = tmp_path / "bare.git"
    init(place, bare=True)
    return place


def loose(root: Path, id_: str) -> Path:
    return root / "objects" / id_[:2] / id_[2:]


# what git in a folder of a mirror obeys


def test_git_in_a_folder_runs_none_of_its_programs(bare: Path, tmp_path: Path) -> None:
    side = far_side(tmp_path, Remote("usb", str(bare), "RU", primary=False))
    due = [
        "core.hooksPath=/dev/null", "core.alternateRefsCommand=true", "core.fsmonitor=false",
        "core.fsync=all", "receive.denyCurrentBranch=refuse", "receive.denyNonFastForwards=true",
        "receive.denyDeletes=true", "receive.fsckObjects=true", "receive.autogc=false",
        "gc.auto=0", "maintenance.auto=false", "protocol.allow=never",
        *(f"protocol.{name}.allow=never" for name in
          ("file", "ssh", "git", "http", "https", "ext")),
    ]  # fmt: skip
    tamed = " ".join([git_program(), *(f"-c {each}" for each in due)])
    assert side.upload_pack == f"--upload-pack={tamed} upload-pack"
    assert side.receive_pack == f"--receive-pack={tamed} receive-pack"
    assert (side.address, side.config) == (str(bare), ())


# a hosted store


def test_the_entry_of_a_hosted_store(bare: Path) -> None:
    store = locate(bare)
    assert server.set_entry(store) == ()
    hook, after = bare / "hooks" / GATE, bare / "hooks" / PURGER
    assert hook.read_bytes() == gate_text(find_running_program())
    assert after.read_bytes() == gate_text(find_running_program(), PURGER)
    assert {each.stat().st_mode & 0o777 for each in (hook, after)} == {0o755}
    for name, value in server.ENTRY.items():
        assert git(bare, "config", "--local", name).strip() == value
    assert server.ENTRY["receive.maxInputSize"] == "4g"
    assert server.ENTRY["papka.hosted"] == "true"
    assert server.ENTRY["core.hooksPath"] == "hooks"
    # ours by another edition is written over, somebody else's put aside
    hook.write_bytes(gate_text(find_running_program()).replace(b"mirror admit", b"mirror let-in"))
    assert server.set_entry(store) == ()
    assert hook.read_bytes() == gate_text(find_running_program())
    hook.write_bytes(b"#!/bin/sh\n# theirs\n")
    assert server.set_entry(store) == (f"{GATE}.before-papka",)
    assert (hook.parent / f"{GATE}.before-papka").read_bytes() == b"#!/bin/sh\n# theirs\n"
    hook.unlink()
    hook.symlink_to("elsewhere")
    after.write_bytes(gate_text(find_running_program()))  # ours, of the other hook
    assert server.set_entry(store) == (f"{GATE}.before-papka",)
    assert (hook.parent / f"{GATE}.before-papka").is_symlink()
    assert after.read_bytes() == gate_text(find_running_program(), PURGER)
    names = [PURGER, GATE, f"{GATE}.before-papka"]
    assert sorted(each.name for each in hook.parent.iterdir()) == names


def test_an_entry_that_git_would_not_obey(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(bare, "config", "extensions.worktreeConfig", "true")
    (bare / "config.worktree").write_text("[core]\n\thooksPath = /x\n\tfsync = none\n")
    with pytest.raises(Refused) as refused:
        server.set_entry(locate(bare))
    assert refused.value.message == "Настройки хранилища не держатся: core.fsync, core.hooksPath"
    assert refused.value.next_step == (
        f"Уберите другие значения из файлов config и config.worktree в {bare}"
    )
    (bare / "config.worktree").unlink()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(Refused) as refused:
        server.set_entry(locate(bare))
    assert refused.value.message == f"Программы с этого диска не выполняются (noexec): {bare}"
    assert "иначе git пропустит проверку молча" in refused.value.next_step


# a pool of sound objects


def test_sound_objects_go_into_a_pool_under_their_own_names(tmp_path: Path, bare: Path) -> None:
    pool = Pool(tmp_path / "pool")

    def lay(name: str, raw: bytes) -> None:
        loose(bare, name).parent.mkdir(exist_ok=True)
        loose(bare, name).write_bytes(raw)

    def packed(data: bytes) -> bytes:
        return zlib.compress(b"blob %d\0" % len(data) + data)

    good, wrong, tail = b"good", b"wrong", b"tail"
    lay(object_id("blob", good), packed(good))
    lay("1" * 40, packed(wrong))
    lay(object_id("blob", tail), packed(tail) + b"more")
    broken = {
        "2" * 40: b"x", "3" * 40: packed(good)[:-6], "4" * 40: zlib.compress(b"blob 9\0x"),
        "5" * 40: zlib.compress(b"blot 1\0x"), "6" * 40: zlib.compress(b"blob 1\0xx"),
    }  # fmt: skip
    for name, raw in broken.items():
        lay(name, raw)
    loose(bare, "7" * 40).parent.mkdir(exist_ok=True)
    loose(bare, "7" * 40).mkdir()
    assert pool.glean(bare / "objects") == tuple(each * 40 for each in "1234567")
    objects = Objects(pool.folder)
    for data in (good, wrong, tail):
        assert objects.read(object_id("blob", data)) == ("blob", data)
    assert loose(pool.folder, object_id("blob", good)).read_bytes() == packed(good)
    assert loose(pool.folder, object_id("blob", tail)).read_bytes() != packed(tail) + b"more"
    pool.put("tree", b"")
    assert Objects(pool.folder).read(object_id("tree", b"")) == ("tree", b"")


def test_packs_whole_and_torn_go_into_a_pool(school: School, tmp_path: Path) -> None:
    git(school.root, "gc", "-q", "--prune=now")
    folder = school.root / ".git/objects"
    [pack] = (folder / "pack").glob("*.pack")
    pool = Pool(tmp_path / "pool")
    assert pool.glean(folder) == ()
    assert pool.glean(folder) == ()  # known already
    assert Objects(pool.folder).read(school.head)[0] == "commit"
    torn = Pool(tmp_path / "torn")
    pack.chmod(0o644)
    data = bytearray(pack.read_bytes())
    data[-1] ^= 1
    pack.write_bytes(bytes(data))
    assert torn.glean(folder) == (f"pack/{pack.name}",)
    assert list((torn.folder / "objects/pack").iterdir()) == []
    assert Objects(torn.folder).read(school.head)[0] == "commit"
    (tmp_path / "short.pack").write_bytes(b"PACK")
    assert not torn.take_pack(tmp_path / "short.pack")
    os.mkfifo(tmp_path / "pipe.pack")
    assert not torn.take_pack(tmp_path / "pipe.pack")
    assert not torn.take_pack(tmp_path / "none.pack")


# a new store


def test_a_store_built_anew_from_a_pool(school: School, tmp_path: Path) -> None:
    pool = Pool(tmp_path / "pool")
    pool.glean(school.root / ".git/objects")
    pool.put("blob", b"nobody needs it")
    first = git(school.root, "rev-parse", "HEAD~2").strip()
    refs = {MAIN: school.head, "refs/heads/aside": first}
    new = tmp_path / "new/.git"
    build(new, pool.folder, refs, settings={"user.name": "s001"}, bare=False, why="лечение")
    root = new.parent
    assert git(root, "rev-parse", MAIN, "refs/heads/aside").split() == list(refs.values())
    assert git(root, "fsck", "--strict", "--no-dangling") == ""
    assert git(root, "log", "-g", "-1", "--format=%gn %ge %gs", MAIN).strip() == (
        "papka papka@papka.invalid лечение"
    )
    said = {"core.bare": "false", "core.fsync": "all", "core.hooksPath": "tools/hooks",
            "user.name": "s001"}  # fmt: skip
    assert {name: git(root, "config", "--local", name).strip() for name in said} == said
    assert sorted(git(root, "ls-files").split()) == sorted(git(school.root, "ls-files").split())
    with pytest.raises(KeyError):
        Objects(root).read(object_id("blob", b"nobody needs it"))
    bare_ = tmp_path / "bare2.git"
    build(bare_, pool.folder, {MAIN: first}, settings={}, bare=True, why="x")
    assert git(bare_, "config", "receive.denyDeletes").strip() == "true"
    assert git(bare_, "config", "core.bare").strip() == "true"
    assert not (bare_ / "index").exists()
    carry_id(bare_, new)
    assert not (new / STORE_ID).exists()
    (bare_ / STORE_ID).write_text("a" * 32 + "\n")
    carry_id(bare_, new)
    assert (new / STORE_ID).read_text() == "a" * 32 + "\n"
    pack_of(pool.folder, [first, first], tmp_path / "packs/in")
    assert sorted(each.suffix for each in (tmp_path / "packs/in").iterdir()) == [".idx", ".pack"]


# a bundle


def test_the_history_as_one_file_and_back(school: School, tmp_path: Path) -> None:
    first = git(school.root, "rev-parse", "HEAD~1").strip()
    file = tmp_path / "a.bundle"
    with clean_room(locate(school.root)) as room:
        file.write_bytes(b"".join(transport.write_bundle(room, first)))
        sizes = transport.list_sizes(room, first)
    files = git(school.root, "ls-tree", "-r", "--name-only", first).split()
    assert sorted(sizes) == sorted(
        int(git(school.root, "cat-file", "-s", f"{first}:{path}")) for path in files
    )
    assert transport.unbundle(file, tmp_path / "back.git") == first
    assert git(tmp_path / "back.git", "for-each-ref", "--format=%(refname)").split() == [MAIN]
    assert transport.unwrap_pack(file, tmp_path / "out.pack") == {MAIN: first}
    whole = file.read_bytes()
    assert (tmp_path / "out.pack").read_bytes() == whole[whole.index(b"\n\nPACK") + 2 :]
    file.write_bytes(whole[:-40])
    with pytest.raises(GitFailed):
        transport.unbundle(file, tmp_path / "torn.git")
    file.write_bytes(b"PACK at once")
    assert transport.unwrap_pack(file, tmp_path / "out.pack") == {}
    assert (tmp_path / "out.pack").read_bytes() == b"PACK at once"
    with pytest.raises(NotPlain):
        transport.unwrap_pack(tmp_path, tmp_path / "out.pack")
    lost = git(school.root, "rev-parse", f"{first}:{OTHER}").strip()
    loose(school.root / ".git", lost).unlink()
    with clean_room(locate(school.root)) as room, pytest.raises(GitFailed) as failed:
        list(transport.write_bundle(room, first))
    assert failed.value.message == "git bundle: история архива прочитана не вся"
    assert (
        failed.value.next_step
        == "Проверьте архив и вылечите его: papka verify, papka restore --heal"
    )
    taken = sum(each.stat().st_size for each in (school.root / ".git/objects").rglob("*")
                if each.is_file())  # fmt: skip
    assert transport.count_bytes(locate(school.root)) == taken > 0


def test_a_store_taken_from_a_folder_byte_by_byte(school: School, tmp_path: Path) -> None:
    head = school.head
    assert take_store(school.root, tmp_path / "copy.git") == head
    assert git(tmp_path / "copy.git", "rev-parse", MAIN).strip() == head
    assert git(tmp_path / "copy.git", "fsck", "--strict", "--no-dangling") == ""
    git(school.root, "gc", "-q")
    (school.root / ".git/refs/heads/main").write_text("ref: x\n")
    assert take_store(school.root, tmp_path / "second.git") == ""
    assert Objects(tmp_path / "second.git").read(head)[0] == "commit"
    os.mkfifo(school.root / ".git/objects/pack/pack-pipe")
    with pytest.raises(NotPlain):
        take_store(school.root, tmp_path / "third.git")


def test_what_another_store_has_is_looked_at_apart(school: School, tmp_path: Path) -> None:
    place = tmp_path / "usb.git"
    prepare_store(place)
    usb = Remote("usb", str(place), "RU", primary=False)
    with quarantine(school.root, usb) as seen:
        assert seen.tip is None
    git(school.root, "push", "-q", str(place), "main")
    start, parent = school.head, git(school.root, "rev-parse", "HEAD~1").strip()
    git(school.root, "update-ref", MAIN, parent)
    blob = git(school.root, "rev-parse", f"{start}:{RECORD}").strip()
    for each in (start, blob):
        loose(school.root / ".git", each).unlink()
    with quarantine(school.root, usb) as seen:
        assert seen.tip == start
        assert seen.commit(start).parents == (parent,)
        assert [each.id for each in seen.line(parent, start)] == [start]
        whole = git(school.root, "rev-list", "--reverse", parent).split()
        assert [each.id for each in seen.line("9" * 40, start)] == [*whole, start]
        assert seen.line(start, start) == ()
        assert seen.common(start, parent) == parent
        with pytest.raises(KeyError):
            Objects(school.root).read(start)
        absorb(school.root, seen.folder, start, parent)
    assert Objects(school.root).read(start)[0] == "commit"
    assert Objects(school.root).read(blob)[0] == "blob"
    assert Quarantine(place, None).room.folder == place


# a store looked at


def test_what_the_files_of_a_store_say(bare: Path, school: School) -> None:
    seen = observe(locate(bare))
    assert (seen.refs, seen.head, seen.bare) == ({}, f"ref: {MAIN}", True)
    assert not any((seen.grafts, seen.shallow, seen.misplaced, seen.alternates, seen.partial,
                    seen.hooks, seen.locks, seen.attributes, seen.leftovers))  # fmt: skip
    for name, text in {
        "info/grafts": "x\n", "shallow": "x\n", "info/attributes": "* text\n",
        "objects/info/alternates": "/x\n", "objects/info/http-alternates": "/y\n",
        "objects/pack/pack-a.promisor": "", "objects/pack/b.promisor": "",
        "HEAD": "ref: refs/heads/x \n",
        "hooks/update": "", "hooks/post-update": "", "hooks/a.sample": "", "commondir": ".\n",
        "HEAD.lock": "", "refs/heads/a.lock": "", "packed-refs": f"{'1' * 40} {MAIN}\n",
    }.items():  # fmt: skip
        (bare / name).parent.mkdir(parents=True, exist_ok=True)
        (bare / name).write_text(text)
    for name in ("tmp_objdir-x", "incoming-y", "other-z"):
        (bare / "objects" / name).mkdir()
    for name in ("update", "a.sample"):
        (bare / "hooks" / name).chmod(0o755)
    git_config = bare / "config"
    git_config.write_text(git_config.read_text() + '[remote "x"]\n\tpromisor = true\n')
    seen = observe(locate(bare))
    assert seen.refs == {MAIN: "1" * 40}
    assert seen.head == "ref: refs/heads/x"
    assert (seen.grafts, seen.shallow, seen.misplaced) == (True, True, True)
    assert seen.alternates == ("objects/info/alternates", "objects/info/http-alternates")
    assert seen.partial == ("b.promisor", "pack-a.promisor", "config")
    assert (seen.hooks, seen.gate) == (("update",), None)
    assert seen.locks == ("HEAD.lock", "refs/heads/a.lock")
    assert seen.attributes == b"* text\n"
    assert seen.leftovers == ("incoming-y", "tmp_objdir-x")
    (bare / "hooks" / GATE).write_bytes(b"#!/bin/sh\n")
    assert observe(locate(bare)).gate is None
    (bare / "hooks" / GATE).chmod(0o755)
    assert observe(locate(bare)).gate == b"#!/bin/sh\n"
    (bare / "hooks/own").write_bytes(b"x")
    (bare / "hooks/own").chmod(0o755)
    (bare / "hooks" / GATE).unlink()
    (bare / "hooks" / GATE).symlink_to("own")
    assert observe(locate(bare)).gate == b""
    assert list_hooks(locate(bare)) == ("own", GATE, "update")
    assert stale_locks(bare, bare, None) == ("HEAD.lock", "refs/heads/a.lock")
    store = locate(school.root)
    assert store.tree == school.root
    assert count_objects(store) == len(git(school.root, "cat-file", "--batch-all-objects",
                                           "--batch-check").splitlines())  # fmt: skip


@pytest.mark.parametrize(
    ("text", "away"),
    [
        ("[core]\n\tworktree = /x\n", True), ("[core] WorkTree=/x\n", True),
        ("[include]\n\tpath = x\n", True), ('[ includeIf "gitdir:/"]\n', True),
        ('[hook "x"]\n', True), ("[core]\n\tworktrees = x\n", False),
        ("[user]\n\tname = worktree\n", False), ("[hooks]\n", False), ("# [include]\n", False),
    ],
)  # fmt: skip
def test_settings_that_lead_away(text: str, bare: Path, *, away: bool) -> None:
    (bare / "config").write_text(text)
    assert leads_away(locate(bare)) is away
    assert find_partial_marks(locate(bare)) == ()
    (bare / "config").write_text(text + "[x]\n\tpartialCloneFilter = y\n")
    assert find_partial_marks(locate(bare)) == ("config",)


def test_objects_behind_links_are_borrowed(bare: Path, tmp_path: Path) -> None:
    (bare / "objects/aa").mkdir()
    (bare / "objects/aa/x").symlink_to(tmp_path)
    os.mkfifo(bare / "objects/pack/pipe")
    (bare / "objects/info").mkdir(exist_ok=True)
    (bare / "objects/info/alternates").mkdir()
    found = find_borrowed(locate(bare))
    assert sorted(found) == ["objects/aa/x", "objects/info/alternates", "objects/pack/pipe"]
    other = tmp_path / "other.git"
    init(other, bare=True)
    (other / "objects").rename(tmp_path / "far")
    (other / "objects").symlink_to(tmp_path / "far")
    assert find_borrowed(locate(other)) == ("objects",)


def test_where_a_store_is(tmp_path: Path, bare: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(NotAnArchive):
            locate(folder)
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / ".git").write_text("gitdir: ../bare.git\r\n")
    found = locate(tree)
    assert (found.own.resolve(), found.tree) == (bare.resolve(), tree)
    assert observe(found).bare is False
    for text in ("gitdir ../bare.git\n", "gitdir: ../none\n"):
        (tree / ".git").write_text(text)
        with pytest.raises(NotAnArchive):
            locate(tree)
    (bare / "HEAD").rename(bare / "HEAD2")
    with pytest.raises(NotAnArchive):
        locate(bare)
    (bare / "HEAD").symlink_to("HEAD2")
    assert observe(locate(bare)).head == "файл-ссылка на HEAD2"


# what git would wait for


@pytest.mark.parametrize(
    "name",
    ["pipe", "info/pipe", "objects/info/pipe", "objects/pack/pipe", "refs/pipe",
     "refs/heads/a/pipe", "logs/refs/pipe"],
)  # fmt: skip
def test_a_pipe_in_a_store_is_named_before_git_waits_for_it(name: str, bare: Path) -> None:
    assert runner.find_obstacle(bare) == ""
    (bare / name).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(bare / name)
    assert runner.find_obstacle(bare) == f"{bare}/{name}"
    for folder, variables in ((bare, {}), (bare.parent, {"GIT_DIR": "bare.git"})):
        with pytest.raises(runner.StoreBlocked) as blocked:
            runner.refuse_obstacles(folder, variables)
        assert blocked.value.message == (
            f"{bare}/{name}: здесь канал или устройство вместо файла, git ждал бы его без конца"
        )
        assert blocked.value.next_step == (
            "Его подложили или диск повреждён: уберите его и проверьте архив: papka verify"
        )
    runner.refuse_obstacles(bare, {"GIT_DIR": os.devnull})


@pytest.mark.parametrize(
    "name",
    ["loop", "info/loop", "objects/info/loop", "objects/pack/loop", "objects/ab/loop",
     "refs/heads/loop", "logs/loop", "hooks/loop"],
)  # fmt: skip
def test_a_link_that_leads_in_a_circle_hides_and_stops_nothing(
    name: str, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_looked", set[str]())
    (bare / "hooks").mkdir(exist_ok=True)
    (bare / "hooks/update").write_bytes(b"x")
    (bare / "hooks/update").chmod(0o755)
    (bare / name).parent.mkdir(parents=True, exist_ok=True)
    (bare / name).symlink_to("loop")
    runner.refuse_obstacles(bare, {})
    assert list_hooks(locate(bare)) == observe(locate(bare)).hooks == ("update",)


def test_a_pipe_among_objects_settings_and_files(
    bare: Path, school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_looked", set[str]())
    (bare / "objects/ab").mkdir()
    os.mkfifo(bare / "objects/ab/pipe")
    assert runner.find_obstacle(bare) == ""
    with pytest.raises(runner.StoreBlocked, match="objects/ab/pipe"):
        runner.refuse_obstacles(bare, {})
    runner.refuse_obstacles(bare, {})  # told once in a command
    os.mkfifo(tmp_path / "included")
    (school.root / ".git/config").write_text(f'[include]\n\tpath = "{tmp_path}/included"\n')
    with pytest.raises(runner.StoreBlocked, match="included"):
        runner.refuse_obstacles(school.root, {})
    (school.root / ".git/config").write_text("[core]\n")
    runner.refuse_obstacles(school.root, {})
    runner.refuse_obstacles_among_files(school.root)
    os.mkfifo(school.root / ".git/pipe")
    runner.refuse_obstacles_among_files(school.root)
    (school.root / ".git/pipe").unlink()
    os.mkfifo(school.root / "records/pipe")
    with pytest.raises(runner.StoreBlocked, match="records/pipe"):
        runner.refuse_obstacles_among_files(school.root)
    runner.refuse_obstacles(school.root, {})
    for name in (".gitmodules", ".mailmap"):
        os.mkfifo(school.root / name)
        with pytest.raises(runner.StoreBlocked, match=name):
            runner.refuse_obstacles(school.root, {})
        (school.root / name).unlink()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd/.git").write_text("x")
    runner.refuse_obstacles(tmp_path / "odd", {})


# settings written


def test_settings_wait_for_a_git_that_writes_them(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = bare / "config.lock"
    lock.touch()
    monkeypatch.setattr(handle, "_SECONDS", 0.1)
    monkeypatch.setattr(handle, "is_git_working_in", lambda folder: folder == bare)
    before = (bare / "config").read_bytes()
    with pytest.raises(LockHeld, match=r"config\.lock"):
        handle.write_settings_of(bare, {"user.name": "s001"})
    assert lock.exists()
    assert (bare / "config").read_bytes() == before
    monkeypatch.setattr(handle, "is_git_working_in", lambda _: False)
    monkeypatch.setattr(handle, "is_left_behind", lambda _: False)
    with pytest.raises(LockHeld):
        handle.write_settings_of(bare, {"user.name": "s001"})
    monkeypatch.undo()
    (bare / "config").chmod(0o640)
    handle.write_settings_of(bare, {"user.name": "s001", "x.y.z": "w"})
    assert not lock.exists()
    assert (bare / "config").stat().st_mode & 0o777 == 0o640
    (bare / "config").unlink()
    handle.write_settings_of(bare, {"user.name": "s002"})
    assert (bare / "config").read_text() == "[user]\n\tname = s002\n"


# histories of many folders


def test_what_touched_each_personal_folder_in_one_walk(school: School) -> None:
    ids = git(school.root, "rev-list", "--reverse", "HEAD").split()
    last = school.save({RECORD: None, "records/events/2026.yaml": b"x\n"}, "s001", late=90)
    one, two = RECORD.rpartition("/")[0], OTHER.rpartition("/")[0]
    told = Histories(school.root, last)

    def seen(*units: str) -> list[tuple[str, list[str]]]:
        return [(each.commit.id, sorted(c.path for c in each.changes)) for each in told.of(units)]

    assert seen(one) == [
        (last, [RECORD]), (ids[2], [RECORD]), (ids[1], [salt_of(RECORD), RECORD]),
    ]  # fmt: skip
    assert seen(two, "records/events/2026.yaml") == [
        (last, ["records/events/2026.yaml"]), (ids[1], [salt_of(OTHER), OTHER]),
    ]  # fmt: skip
    assert seen("none") == []
    [gone] = list(told.of([one])[0].changes)
    assert gone.deleted
    few = Histories(school.root, last, [one])
    assert [each.commit.id for each in few.of([one])] == [last, ids[2], ids[1]]
    assert few.of([two]) == ()
    with pytest.raises(GitFailed) as failed:
        Histories(school.root, "9" * 40)
    assert failed.value.message == "git log: история не прочиталась до конца"


@pytest.mark.parametrize(
    ("own", "leads", "misplaced"),
    [
        ("bare.git/worktrees/a", "../..", False),
        ("bare.git/worktrees/a", "../../../other.git", True),
        ("bare.git/elsewhere/a", "../..", True),
        ("aside/worktrees/a", "../../../bare.git", True),
    ],
)
def test_where_a_commondir_belongs(
    own: str, leads: str, bare: Path, tmp_path: Path, *, misplaced: bool
) -> None:
    """In a linked work tree, and to the very store that the tree is listed in."""
    init(tmp_path / "other.git", bare=True)
    place = tmp_path / own
    place.mkdir(parents=True)
    (place / "HEAD").write_text(f"ref: {MAIN}\n")
    (place / "commondir").write_text(f"{leads}\n")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {place}\n")
    assert observe(locate(tree)).misplaced is misplaced
    assert observe(locate(place)).misplaced
    assert not observe(locate(bare)).misplaced
