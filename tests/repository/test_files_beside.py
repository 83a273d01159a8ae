"""Files that papka writes and reads beside the records: links, pipes and strangers are told."""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from papka.core.errors import LockHeld, NotAnArchive, Refused
from papka.core.places import ALLOWED_SIGNERS, ORGANIZATION
from papka.proof.anchors import KnownSeal, KnownSeals, KnownStore, Receipt, UnsentSeals
from papka.proof.clean_room import stamp
from papka.proof.memory import Memory, MemoryTrouble
from papka.repository import dot_papka, files, unfinished_work, worktree
from papka.repository.files import NotPlain, may_block, open_plain, read_plain
from papka.repository.git_values import Stamp
from papka.repository.unfinished_work import building_site, sweep_sites

ONE, TWO = "1" * 40, "2" * 40


def put(root: Path, *paths: str, data: bytes = b"x") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


# files that are no records


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[dict[str, Path]]:
    """One of each kind of thing that is no file."""
    found = {name: tmp_path / name for name in ("link", "folder", "pipe", "socket")}
    (tmp_path / "file").write_bytes(b"text")
    found["link"].symlink_to(tmp_path / "file")
    found["folder"].mkdir()
    os.mkfifo(found["pipe"])
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(found["socket"]))
        yield found


def test_what_is_no_file_is_told_and_not_waited_for(odd: dict[str, Path]) -> None:
    told = {
        "link": "это ссылка на другое место",
        "folder": "это папка, а не файл",
        "pipe": "это канал, а не файл: прочитанное из него не кончится",
        "socket": "это сокет, а не файл",
    }
    for name, why in told.items():
        with pytest.raises(NotPlain) as refused:
            read_plain(odd[name])
        assert refused.value.reason == why
        assert refused.value.message == f"{odd[name]}: {why}"
        assert refused.value.next_step == "Уберите его или назовите обычный файл"
    with pytest.raises(NotPlain) as refused:
        read_plain(Path("/dev/null"))
    assert refused.value.reason == "это устройство, а не файл"
    assert read_plain(odd["link"], follow=True) == b"text"
    with pytest.raises(NotPlain, match="это папка"):
        read_plain(odd["folder"], follow=True)
    assert [may_block(odd[name]) for name in ("link", "folder", "pipe", "socket")] == [
        False, False, True, True,
    ]  # fmt: skip
    assert not may_block(odd["link"].with_name("none"))
    with pytest.raises(FileNotFoundError):
        read_plain(odd["link"].with_name("none"))


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(bytes(3 << 20))
    assert len(read_plain(file, most=3 << 20)) == 3 << 20
    assert len(read_plain(file)) == 3 << 20
    with pytest.raises(NotPlain) as refused:
        read_plain(file, most=(3 << 20) - 1)
    assert refused.value.reason == "он больше, чем бывает такой файл (2 МБ)"
    os.close(open_plain(file))
    (tmp_path / "link").symlink_to(file)
    with pytest.raises(NotPlain, match="это ссылка"):
        open_plain(tmp_path / "link")


def test_a_file_that_grows_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"ab")
    honest = os.fdopen

    def grown(handle: int, how: str) -> object:
        with file.open("ab") as more:
            more.write(b"cd")
        return honest(handle, how)

    monkeypatch.setattr(os, "fdopen", grown)
    with pytest.raises(NotPlain) as refused:
        read_plain(file, most=3)
    assert refused.value.reason == "он растёт, пока его читают"
    assert read_plain(file, most=6) == b"abcdcd"


def test_what_was_put_in_place_of_a_file_meanwhile_is_not_read(
    odd: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at as a file, opened as a pipe or a link."""
    file, honest = odd["link"].with_name("file"), os.open
    for other, why in (("pipe", "это канал"), ("link", "это ссылка")):
        monkeypatch.setattr(os, "open", lambda _, flags, o=other: honest(odd[o], flags))
        with pytest.raises(NotPlain, match=why):
            read_plain(file)


# whom files belong to


@pytest.mark.skipif(os.name == "nt", reason="no modes")
def test_what_others_could_open_is_closed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"")
    outside.chmod(0o666)
    put(tmp_path, "print/a", "print/in/b", "print/in/run")
    (tmp_path / "print/link").symlink_to(outside)
    modes = {"print": 0o755, "print/in": 0o777, "print/a": 0o644, "print/in/b": 0o600,
             "print/in/run": 0o775}  # fmt: skip
    for path, found in modes.items():
        (tmp_path / path).chmod(found)
    assert files.paper_folder(tmp_path) == tmp_path / "print"
    assert {path: mode(tmp_path / path) for path in modes} == {
        "print": 0o700, "print/in": 0o700, "print/a": 0o600, "print/in/b": 0o600,
        "print/in/run": 0o700,
    }  # fmt: skip
    assert mode(outside) == 0o666
    # below a closed folder nothing is looked at
    (tmp_path / "print/a").chmod(0o644)
    files.tighten(tmp_path / "print")
    assert mode(tmp_path / "print/a") == 0o644
    files.tighten(tmp_path / "print/a")
    assert mode(tmp_path / "print/a") == 0o600
    files.tighten(tmp_path / "print/link")
    files.tighten(tmp_path / "none")
    assert mode(outside) == 0o666


@pytest.mark.skipif(os.name == "nt", reason="no modes")
def test_the_mode_of_a_file_that_is_written_anew(tmp_path: Path) -> None:
    file = tmp_path / "a"
    assert files.file_mode(file) == 0o600
    file.touch()
    for old, new in ((0o777, 0o700), (0o644, 0o600), (0o400, 0o600), (0o755, 0o700), (0, 0o600)):
        file.chmod(old)
        assert files.file_mode(file) == new
    files.set_mode(tmp_path / "none", 0o600)
    files.set_mode(file, 0o640)
    assert mode(file) == 0o640


# .papka


def test_papkas_folder_behind_a_link_is_nobodys(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    put(outside, "a", "in/b")
    root.mkdir()
    (root / ".papka").symlink_to(outside)
    assert dot_papka.read(root, ".papka/a") is None
    assert dot_papka.entries(root, ".papka") == []
    dot_papka.remove(root, ".papka/a")
    dot_papka.rewrite_start(root, ".papka/a", 1, lambda _: b"!")
    for act in (
        lambda: dot_papka.write(root, ".papka/a", b"!"),
        lambda: dot_papka.make_folder(root, ".papka/in"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.message == ".papka должна быть папкой, а это ссылка или файл"
        assert refused.value.next_step == (
            "papka такого не делает: посмотрите, куда она ведёт, и уберите её"
        )
    assert (outside / "a").read_bytes() == b"x"
    (root / ".papka").unlink()
    put(root, ".papka/in")
    with pytest.raises(Refused, match=r"^\.papka/in должна быть папкой"):
        dot_papka.write(root, ".papka/in/deep/a", b"!")
    assert dot_papka.read(root, ".papka/in/deep/a") is None


def test_files_below_papkas_folder(tmp_path: Path) -> None:
    dot_papka.write(tmp_path, ".papka/in/b", b"text")
    dot_papka.write(tmp_path, ".papka/in/a", b"")
    assert dot_papka.read(tmp_path, ".papka/in/b") == b"text"
    assert dot_papka.read(tmp_path, ".papka/in/b", most=3) is None
    assert dot_papka.read(tmp_path, ".papka/in") is None
    assert dot_papka.read(tmp_path, ".papka/in/none") is None
    assert [each.name for each in dot_papka.entries(tmp_path, ".papka/in")] == ["a", "b"]
    assert dot_papka.entries(tmp_path, ".papka/in/a") == dot_papka.entries(tmp_path, "x/y") == []
    outside = tmp_path / "outside"
    put(outside, "c")
    (tmp_path / ".papka/in/link").symlink_to(outside)
    for path in (".papka/in/a", ".papka/in/link", ".papka/in/none", ".papka/none/x"):
        dot_papka.remove(tmp_path, path)
    assert [each.name for each in dot_papka.entries(tmp_path, ".papka/in")] == ["b"]
    dot_papka.remove(tmp_path, ".papka/in")
    assert not (tmp_path / ".papka/in").exists()
    assert (outside / "c").read_bytes() == b"x"


@pytest.mark.skipif(not hasattr(os, "link"), reason="second names")
def test_only_the_start_of_our_own_file_is_rewritten(tmp_path: Path) -> None:
    path = ".papka/a"

    def rewritten(made: bytes, data: bytes = b"abcdef") -> bytes:
        dot_papka.write(tmp_path, path, data)
        seen: list[bytes] = []

        def change(old: bytes) -> bytes:
            seen.append(old)
            return made

        dot_papka.rewrite_start(tmp_path, path, 3, change)
        assert seen == [data[:3]]
        return (tmp_path / path).read_bytes()

    assert rewritten(b"XYZ") == b"XYZdef"
    assert rewritten(b"XY") == rewritten(b"XYZW") == b"abcdef"
    os.link(tmp_path / path, tmp_path / "second")
    dot_papka.rewrite_start(tmp_path, path, 3, lambda _: b"XYZ")
    assert (tmp_path / "second").read_bytes() == b"abcdef"
    (tmp_path / path).unlink()
    (tmp_path / path).symlink_to(tmp_path / "second")
    dot_papka.rewrite_start(tmp_path, path, 3, lambda _: b"XYZ")
    dot_papka.rewrite_start(tmp_path, ".papka/none", 3, lambda _: b"XYZ")
    assert (tmp_path / "second").read_bytes() == b"abcdef"


def test_a_note_of_work_begun_is_found_by_the_same_work(tmp_path: Path) -> None:
    unfinished_work.keep_note(tmp_path, b"print 7", b"half")
    unfinished_work.keep_note(tmp_path, b"print 8", b"more")
    assert (
        unfinished_work.find_note(tmp_path, b"print 7"),
        unfinished_work.find_note(tmp_path, b"print 8"),
    ) == (
        b"half",
        b"more",
    )
    unfinished_work.drop_note(tmp_path, b"print 7")
    assert (
        unfinished_work.find_note(tmp_path, b"print 7"),
        unfinished_work.find_note(tmp_path, b"print 8"),
    ) == (
        None,
        b"more",
    )


# drafts


def test_drafts_are_numbered_and_known_for_this_persons_own(tmp_path: Path) -> None:
    first = dot_papka.keep_draft(tmp_path, {"records/a.yaml": b"1", "b.pdf": b"2"})
    second = dot_papka.keep_draft(tmp_path, {"records/a.yaml": b"2"})
    assert (first, second) == ("1", "2")
    one, two = dot_papka.list_drafts(tmp_path)
    assert (one.name, one.place) == ("1", ".papka/drafts/1")
    assert one.files == {"records/a.yaml": b"1", "b.pdf": b"2"}
    assert (one.trouble, two.trouble) == ("", "")
    assert dot_papka.is_own(tmp_path, one)
    put(tmp_path, ".papka/drafts/1/records/a.yaml", data=b"changed")
    changed, _ = dot_papka.list_drafts(tmp_path)
    assert not dot_papka.is_own(tmp_path, changed)
    dot_papka.drop_draft(tmp_path, two)
    assert [each.name for each in dot_papka.list_drafts(tmp_path)] == ["1"]
    assert not dot_papka.is_own(tmp_path, two)
    assert dot_papka.keep_draft(tmp_path, {"c": b""}) == "2"


def test_drafts_that_papka_did_not_make(tmp_path: Path) -> None:
    place = ".papka/drafts"
    put(
        tmp_path,
        f"{place}/10/x",
        f"{place}/9/y",
        f"{place}/new-1/z",
        f"{place}/01/z",
        f"{place}/a/z",
    )
    put(tmp_path, *(f"{place}/3/{at:02}" for at in range(20)))
    put(tmp_path, *(f"{place}/4/{at:02}" for at in range(21)))
    put(tmp_path, f"{place}/5/large", data=bytes((64 << 10) + 1))
    put(tmp_path, f"{place}/6/full", data=bytes(64 << 10))
    (tmp_path / place / "7").mkdir()
    (tmp_path / place / "8").mkdir()
    (tmp_path / place / "8/link").symlink_to(tmp_path)
    found = {each.name: each.trouble for each in dot_papka.list_drafts(tmp_path)}
    assert list(found) == ["3", "4", "5", "6", "7", "8", "9", "10"]
    odd_ = "это не файл или он больше, чем бывает в черновике"
    assert found == {
        "3": "", "6": "", "9": "", "10": "",
        "4": "в нём больше файлов, чем бывает в черновике (20)",
        "5": f".papka/drafts/5/large: {odd_}",
        "7": "в нём ничего нет",
        "8": f".papka/drafts/8/link: {odd_}",
    }  # fmt: skip
    assert not any(dot_papka.is_own(tmp_path, each) for each in dot_papka.list_drafts(tmp_path))
    put(tmp_path, f"{place}/new-11/left")
    assert dot_papka.keep_draft(tmp_path, {"c": b""}) == "11"
    assert dot_papka.list_drafts(tmp_path)[-1].files == {"c": b""}


# the lock


def test_a_lock_that_is_held_is_named(tmp_path: Path) -> None:
    started = time.monotonic()
    with (
        dot_papka.archive_lock(tmp_path),
        pytest.raises(LockHeld) as held,
        dot_papka.archive_lock(tmp_path, seconds=0.2),
    ):
        pass
    assert time.monotonic() - started >= 0.2
    assert held.value.message == "Архив сейчас занят другой командой papka (замок .papka/lock)"
    with (
        dot_papka.own_lock(tmp_path, ".papka/in/other", 0),
        dot_papka.archive_lock(tmp_path, seconds=0),
    ):
        assert mode(tmp_path / ".papka/in/other") & 0o077 == 0
    with (
        dot_papka.file_lock(tmp_path / "here", "shown", 0),
        pytest.raises(LockHeld, match="shown"),
        dot_papka.file_lock(tmp_path / "here", "shown", 0),
    ):
        pass


def test_a_lock_is_let_go_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyError), dot_papka.archive_lock(tmp_path, seconds=0):
        raise KeyError
    with dot_papka.archive_lock(tmp_path, seconds=0):
        assert (tmp_path / ".papka/lock").is_file()


def test_what_lies_in_place_of_a_lock_is_not_followed(odd: dict[str, Path], tmp_path: Path) -> None:
    for name, place in odd.items():
        with pytest.raises(Refused) as refused, dot_papka.file_lock(place, name, 0):
            pass
        assert refused.value.message == f"{name} должен быть файлом, а это ссылка, канал или папка"
        assert refused.value.next_step == (
            "papka такого не делает: посмотрите, что это, и уберите его"
        )
    (tmp_path / "root").mkdir()
    (tmp_path / "root/.papka").symlink_to(odd["folder"])
    with pytest.raises(Refused), dot_papka.archive_lock(tmp_path / "root"):
        pass
    assert list(odd["folder"].iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="no modes")
def test_a_folder_of_locks_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / ".papka").mkdir()
    (tmp_path / ".papka").chmod(0o755)
    with dot_papka.archive_lock(tmp_path):
        assert mode(tmp_path / ".papka") == 0o700


Processes = Callable[..., Path]


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Processes:
    """What the system lists as running, made up."""
    place = tmp_path / "proc"
    place.mkdir()
    monkeypatch.setattr(dot_papka, "_PROCESSES", place)

    def run(number: int, name: str, parent: int, folder: Path | None) -> Path:
        (place / str(number)).mkdir()
        (place / f"{number}/stat").write_text(f"{number} ({name}) S {parent} 1 2\n")
        if folder is not None:
            (place / f"{number}/cwd").symlink_to(folder)
        return place

    return run


@pytest.mark.parametrize(
    ("name", "parent", "where", "works"),
    [
        ("git", 1, "root", True),
        ("git-remote-https", 1, "root", True),
        ("git) S 1 (", 1, "root", True),
        ("git", 1, "root/deep", True),
        ("git", 1, "other", False),
        ("git", 1, "rootless", False),
        ("bash", 1, "root", False),
        ("legit", 1, "root", False),
        ("git", 0, "root", False),
        ("git", 1, None, False),
    ],
)
def test_whose_git_works_in_an_archive(  # noqa: PLR0913 - two fixtures and a case
    name: str, parent: int, where: str | None, tmp_path: Path, processes: Processes, *, works: bool
) -> None:
    """`parent` 0 stands for this very command, whose own git only reads."""
    for folder in ("root/deep", "other", "rootless", "root/.git/refs"):
        (tmp_path / folder).mkdir(parents=True)
    processes(7, name, parent or os.getpid(), tmp_path / where if where else None)
    root = tmp_path / "root"
    assert dot_papka.is_git_working_in(root) is works
    (tmp_path / "link").symlink_to(root)
    assert dot_papka.is_git_working_in(tmp_path / "link") is works
    put(root, ".git/index.lock", ".git/refs/heads/main.lock", ".git/objects/x.lock", data=b"")
    assert dot_papka.clear_stale(root) == (
        () if works else (".git/index.lock", ".git/refs/heads/main.lock")
    )
    assert (root / ".git/index.lock").exists() is works
    assert (root / ".git/objects/x.lock").exists()


def test_one_git_of_many_processes_is_enough(tmp_path: Path, processes: Processes) -> None:
    for number, name in enumerate(("bash", "git", "python"), 1):
        processes(number, name, 1, tmp_path if name == "git" else None)
    (tmp_path / "proc/5").mkdir()
    assert dot_papka.is_git_working_in(tmp_path)


def test_age_counts_where_nobody_can_say_what_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dot_papka, "_PROCESSES", tmp_path / "none")
    old, fresh = tmp_path / ".git/old.lock", tmp_path / ".git/new.lock"
    put(tmp_path, ".git/old.lock", ".git/new.lock", data=b"")
    os.utime(old, (time.time() - dot_papka.OLD - 60,) * 2)
    os.utime(fresh, (time.time() - dot_papka.OLD + 60,) * 2)
    assert [dot_papka.is_left_behind(each) for each in (old, fresh, tmp_path / "x")] == [
        True, False, False,
    ]  # fmt: skip
    assert dot_papka.clear_stale(tmp_path) == (".git/old.lock",)
    assert (old.exists(), fresh.exists()) == (False, True)
    monkeypatch.setattr(dot_papka, "_PROCESSES", tmp_path)
    assert dot_papka.is_left_behind(fresh)


# the folder


def test_where_an_archive_is(tmp_path: Path) -> None:
    root = tmp_path / "a"
    put(root, "records/x/y")
    with pytest.raises(
        NotAnArchive, match=f"^Здесь нет архива личных дел: {re.escape(str(root))}$"
    ):
        worktree.find_root(root)
    put(root, ORGANIZATION)
    assert worktree.find_root(root / "records/x") == worktree.find_root(root) == root.resolve()
    put(root, "tools/papka/__init__.py")
    assert not worktree.is_archive(root)
    put(root, ALLOWED_SIGNERS)
    assert worktree.is_archive(root)
    assert not worktree.is_archive(tmp_path)
    kept = ["README.md", "records/x", "tools/x", ".gitignore", "print/x", "a/README.md", "x"]
    assert [worktree.is_kept(path) for path in kept] == [True] * 4 + [False] * 3


def test_where_papers_may_go(tmp_path: Path) -> None:
    root = tmp_path / "a"
    root.mkdir()
    assert worktree.place_for(root, None) == root / "print"
    for place in (tmp_path / "b", root / "print", root / "print/x", tmp_path / "ab"):
        assert worktree.place_for(root, place) == place
    (tmp_path / "link").symlink_to(root)
    for place in (root, root / "records/x", tmp_path / "link/x"):
        with pytest.raises(Refused) as refused:
            worktree.place_for(root, place)
        assert refused.value.message == (
            f"«{place}» — внутри папки архива, а напечатанное и выданное в архив не входит"
        )
        papers = root.resolve() / "print" / place.name
        assert refused.value.next_step == (
            f"Назовите место вне архива или в его папке для этого: {papers}"
        )


def test_what_lies_in_a_folder_by_its_kind(tmp_path: Path) -> None:
    put(tmp_path, "b", "a/.git/x", "a/c", ".git/x", ".papka/x", "a/.papka/y", ".gitignore")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "a/broken").symlink_to("nowhere")
    os.mkfifo(tmp_path / "a/pipe")
    (tmp_path / "empty").mkdir()
    found = worktree.WorktreeSnapshot(tmp_path)
    assert found.links == ("a/broken", "link")
    assert found.specials == ("a/.git", "a/pipe")
    assert found.paths() == (".gitignore", "a/.papka/y", "a/c", "b")
    put(tmp_path, "new")
    assert "new" not in found.paths()
    for path in ("link", "link/c/d", "a/pipe", "a", "none", "../a", "a/../b", "b/x"):
        with pytest.raises(KeyError):
            found.read(path)
    assert found.read("a/c") == found.read("new") == b"x"
    assert dict(found.read_many(["a/c", "new"])) == {"a/c": b"x", "new": b"x"}
    (tmp_path / "b").unlink()
    assert dict(found.read_many(["b", "a/c"])) == {"a/c": b"x"}
    for path in ("none", "none/x"):
        with pytest.raises(KeyError):
            list(found.read_many([path]))
    with pytest.raises(KeyError):
        list(worktree.WorktreeSnapshot(tmp_path).read_many(["b"]))


@pytest.mark.skipif(os.name == "nt", reason="no modes")
def test_programs_of_an_archive_are_written_to_be_run(tmp_path: Path) -> None:
    programs = {"tools/hooks/pre-commit": b"", "tools/x.sh": b"", "tools/a/y.sh": b""}
    others = {"records/x.sh": b"", "tools/x.py": b""}
    worktree.write_many(tmp_path / "many", {**programs, **others})
    worktree.lay_out(tmp_path / "laid", {**programs, **others}.items())
    for path in (*programs, *others):
        worktree.write(tmp_path / "one", path, b"")
        for way in ("many", "laid", "one"):
            assert worktree.is_program(tmp_path / way, path) is (path in programs), (way, path)
    assert mode(tmp_path / "many/tools/x.sh") == mode(tmp_path / "one/tools/x.sh") == 0o700
    worktree.write(tmp_path, "x", b"", executable=True)
    assert mode(tmp_path / "x") == 0o700


def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worktree.write(tmp_path, "a", b"old")

    def full(_: int) -> None:
        raise OSError(28, "")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="28"):
        worktree.write(tmp_path, "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_many_files_where_the_system_cannot_sync_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sync")
    told: list[str] = []
    honest = os.fsync

    def synced(handle: int) -> None:
        told.append("sync")
        honest(handle)

    monkeypatch.setattr(os, "fsync", synced)
    written: list[int] = []
    write = os.write

    def slow(handle: int, data: memoryview) -> int:
        written.append(len(data))
        return write(handle, data[:7])

    monkeypatch.setattr(os, "write", slow)
    worktree.write_many(tmp_path, {"a/x": b"0123456789" * 2, "a/y": b""})
    assert told == ["sync", "sync"]
    assert written == [20, 13, 6]
    assert (tmp_path / "a/x").read_bytes() == b"0123456789" * 2
    assert sorted(each.name for each in (tmp_path / "a").iterdir()) == ["x", "y"]


def test_what_killed_commands_left_half_written_is_swept(tmp_path: Path) -> None:
    put(tmp_path, "a/.papka-1", "a/.papka-x", "a/b", "c/.papka-2", "d/.papka-3")
    (tmp_path / "a/.papka-folder").mkdir()
    worktree.sweep(tmp_path, ["a/b", "a/none", "c/x", "none/x"])
    left = sorted(each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*"))
    assert left == ["a", "a/.papka-folder", "a/b", "c", "d", "d/.papka-3"]


def test_taking_a_file_away_takes_empty_folders_only(tmp_path: Path) -> None:
    put(tmp_path, "a/b/c/x", "a/y", "z")
    worktree.remove(tmp_path, "a/b/c/x")
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["a", "y", "z"]
    for path in ("a/none", "none/x", "z", "a/y"):
        worktree.remove(tmp_path, path)
    assert tmp_path.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_names_and_stamps_of_what_may_not_be_there(tmp_path: Path) -> None:
    put(tmp_path, "a/y", "a/x", data=b"12345")
    os.utime(tmp_path / "a/x", ns=(1, 7_000_000_001))
    assert files.names_in(tmp_path, "a") == ("x", "y")
    assert files.names_in(tmp_path, "none") == files.names_in(tmp_path, "a/x") == ()
    assert stamp(tmp_path, "a/x") == Stamp(7_000_000_001, 5)
    assert stamp(tmp_path, "a/none") is None
    (tmp_path / "a/link").symlink_to("x")
    (tmp_path / "b").symlink_to("a")
    os.mkfifo(tmp_path / "a/pipe")
    assert files.files_below(tmp_path, "a") == ("a/x", "a/y")
    assert files.files_below(tmp_path, "b") == files.files_below(tmp_path, "a/x") == ()
    asked = ["a/x", "a/pipe", "a", "none", "a/x/y"]
    assert files.read_present(tmp_path, asked) == {"a/x": b"12345"}


# to the disk


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names of handles")
def test_what_is_brought_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def synced(handle: int) -> None:
        place = Path(f"/proc/self/fd/{handle}").readlink()
        told.append(place.relative_to(tmp_path.resolve()).as_posix())

    monkeypatch.setattr(os, "fsync", synced)
    put(tmp_path, "objects/aa/x", "objects/bb/y", "objects/file", "refs/heads/main")
    os.utime(tmp_path / "objects/bb", (1, 1))
    files.sync_objects(tmp_path / "objects", since=100)
    assert told == ["objects/aa", "objects"]
    told.clear()
    os.utime(tmp_path / "objects/aa", (100, 100))
    files.sync_objects(tmp_path / "objects", since=100)
    assert told == ["objects/aa", "objects"]
    told.clear()
    files.sync_objects(tmp_path / "objects", since=time.time() + 60)
    files.sync_branches(tmp_path)
    files.sync_file(tmp_path / "objects/file")
    assert told == ["refs/heads", "objects/file"]
    told.clear()
    files.write_whole(tmp_path / "new/a", b"text", aside=tmp_path / "aside")
    assert told == ["aside", "new"]
    assert (tmp_path / "new/a").read_bytes() == b"text"
    assert not (tmp_path / "aside").exists()
    assert 1.5 < time.time() - files.sync_moment() < 60
    files.drop_from_cache(tmp_path / "new/a")


# one store for another


def names(tmp_path: Path) -> tuple[Path, Path, Path]:
    return tmp_path / "store", tmp_path / "new", tmp_path / "aside/old"


def built(tmp_path: Path, *, old: bool = True) -> tuple[Path, Path, Path]:
    found = names(tmp_path)
    if old:
        put(found[0], "data", data=b"old")
    unfinished_work.begin_exchange(found[1])
    put(found[1], "data", data=b"new")
    return found


@pytest.mark.parametrize("at_once", [True, False])
def test_a_store_is_swapped_and_the_old_one_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, at_once: bool
) -> None:
    old, new, aside = built(tmp_path)
    if not at_once:
        monkeypatch.setattr(unfinished_work, "_exchanged", lambda *_: False)
    unfinished_work.swap_stores(old, new, aside)
    assert [each.name for each in old.iterdir()] == ["data"]
    assert ((old / "data").read_bytes(), (aside / "data").read_bytes()) == (b"new", b"old")
    assert not new.exists()
    assert unfinished_work.settle_exchange(old, new, aside) == "nothing"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names of handles")
def test_a_new_store_is_on_the_disk_before_it_takes_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, aside = built(tmp_path)
    put(new, "in/deep/data")
    told: list[str] = []

    def synced(handle: int) -> None:
        told.append(Path(f"/proc/self/fd/{handle}").readlink().relative_to(tmp_path).as_posix())

    def killed(*_: Path) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(unfinished_work, "_exchanged", killed)
    with pytest.raises(KeyboardInterrupt):
        unfinished_work.swap_stores(old, new, aside)
    assert set(told) == {
        "new", "new/data", "new/in", "new/in/deep", "new/in/deep/data",
        f"new/{unfinished_work.MARK}",
    }  # fmt: skip
    inner = ["new/in/deep/data", "new/in/deep", "new/in", "new"]
    assert [told.index(each) for each in inner] == sorted(told.index(each) for each in inner)
    assert told[-2:] == [f"new/{unfinished_work.MARK}", "new"]
    assert (new / unfinished_work.MARK).read_text() == "verified"
    monkeypatch.setattr(unfinished_work, "_exchanged", lambda *_: False)
    told.clear()
    unfinished_work.swap_stores(old, new, aside)
    assert told[-2:] == [".", "store"]  # the new name, then that it bears no mark


def test_a_store_comes_where_there_was_none(tmp_path: Path) -> None:
    old, new, aside = built(tmp_path, old=False)
    unfinished_work.swap_stores(old, new, aside)
    assert (old / "data").read_bytes() == b"new"
    assert (new.exists(), aside.exists(), (old / unfinished_work.MARK).exists()) == (
        False,
        False,
        False,
    )


def test_what_a_killed_exchange_left_is_brought_to_its_end(tmp_path: Path) -> None:
    old, new, aside = built(tmp_path)
    # killed while the new one was being built: it is thrown away
    assert unfinished_work.settle_exchange(old, new, aside) == "thrown away"
    assert (new.exists(), (old / "data").read_bytes()) == (False, b"old")
    # between the two renames: the new one is verified and the old one aside
    unfinished_work.begin_exchange(new)
    put(new, "data", data=b"new")
    (new / unfinished_work.MARK).write_text("verified")
    aside.parent.mkdir()
    old.rename(aside)
    assert unfinished_work.settle_exchange(old, new, aside) == "finished"
    assert ((old / "data").read_bytes(), (aside / "data").read_bytes()) == (b"new", b"old")
    assert not (old / unfinished_work.MARK).exists()


def test_a_store_not_yet_verified_takes_no_place(tmp_path: Path) -> None:
    old, new, aside = built(tmp_path, old=False)
    assert (new / unfinished_work.MARK).read_text() == "building"
    assert unfinished_work.settle_exchange(old, new, aside) == "thrown away"
    assert not old.exists()
    # verified, but the old one is there: it was killed before the first rename
    old, new, aside = built(tmp_path)
    (new / unfinished_work.MARK).write_text("verified")
    assert unfinished_work.settle_exchange(old, new, aside) == "thrown away"
    assert (old / "data").read_bytes() == b"old"
    # swapped at once and killed before the old one went aside
    old, new, aside = built(tmp_path / "b")
    put(old, unfinished_work.MARK)
    far = tmp_path / "b/one/two/three"
    assert unfinished_work.settle_exchange(old, new, far) == "finished"
    assert (far / "data").read_bytes() == b"new"
    put(tmp_path, "c/new/x", "c/aside/there")
    assert unfinished_work.settle_exchange(*names(tmp_path / "c")) == "nothing"
    assert (tmp_path / "c/aside/old/x").exists()


def test_what_is_not_ours_is_moved_aside(tmp_path: Path) -> None:
    old, new, aside = names(tmp_path)
    put(old, "data")
    put(new, "somebodys")
    assert unfinished_work.settle_exchange(old, new, aside) == "nothing"
    assert (aside / "somebodys").exists()
    assert not new.exists()
    new.mkdir()
    assert unfinished_work.settle_exchange(old, new, aside) == "thrown away"
    assert unfinished_work.settle_exchange(old, new, aside) == "nothing"


# a place to build


def test_something_whole_is_built_beside_its_place(tmp_path: Path) -> None:
    place = tmp_path / "in/place"
    with building_site(place) as site:
        put(site.built, "data")
        assert site.room.parent == place.parent
        assert site.room.name.startswith(".place.papka-")
        sweep_sites(place)  # somebody else's: not while we work there
        assert site.room.exists()
        assert not place.exists()
        site.finish()
    assert [each.name for each in place.parent.iterdir()] == ["place"]
    assert (place / "data").exists()
    (tmp_path / "empty").mkdir()
    with building_site(tmp_path / "empty") as site:
        put(site.built, "data")
        site.finish()
    assert (tmp_path / "empty/data").exists()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names of handles")
def test_a_building_with_files_closed_to_writing_reaches_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git's objects are; a system that cannot sync all at once opens each."""
    told: list[str] = []
    open_as_it_is = os.open

    def open_as_a_person(path: Path | str, flags: int, *more: int, **other: int) -> int:
        is_closed = Path(path).exists() and not Path(path).stat().st_mode & 0o200
        if flags & os.O_RDWR and is_closed:
            raise PermissionError(errno.EACCES, "closed", str(path))
        return open_as_it_is(path, flags, *more, **other)

    def synced(handle: int) -> None:
        told.append(Path(f"/proc/self/fd/{handle}").readlink().name)

    monkeypatch.delattr(os, "sync")
    monkeypatch.setattr(os, "open", open_as_a_person)
    monkeypatch.setattr(os, "fsync", synced)
    with building_site(tmp_path / "place") as site:
        put(site.built, "in/object", "data")
        (site.built / "in/object").chmod(0o444)
        site.finish()
    assert told[:4] == ["object", "in", "data", "built"]
    assert (tmp_path / "place/in/object").exists()


def test_a_place_that_is_taken_is_never_built_on(tmp_path: Path) -> None:
    put(tmp_path, "file", "full/x")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("file", "full", "link"):
        with pytest.raises(Refused) as refused, building_site(tmp_path / name):
            pass
        assert refused.value.message == (
            f"{tmp_path / name}: здесь уже что-то лежит, а восстанавливают только на пустое место"
        )
    with building_site(tmp_path / "new") as site:
        put(site.built, "data")
        put(tmp_path, "new/meanwhile")
        with pytest.raises(Refused, match="уже что-то лежит"):
            site.finish()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "full", "link", "new"]
    with pytest.raises(Refused) as refused, building_site(tmp_path / "file/x"):
        pass
    assert refused.value.message == (
        f"В папке {tmp_path / 'file'} ничего не создать: она недоступна или закрыта от записи"
    )
    assert refused.value.next_step == "Укажите другое место"


def test_what_killed_builders_left_is_swept(tmp_path: Path) -> None:
    put(tmp_path, ".a[1].papka-x/built/y", ".a1.papka-x/y", ".b.papka-x/y")
    sweep_sites(tmp_path / "a[1]")
    assert sorted(each.name for each in tmp_path.iterdir()) == [".a1.papka-x", ".b.papka-x"]


# memory


KNOWN = KnownSeals(
    ONE, (ONE, TWO), 1, KnownSeal(2, "d" * 64), (Receipt("/usb", TWO, 7),),
    (Receipt("/hub", ONE, 8),),
    ("SHA256:k",), ("e" * 64,), ("f" * 64,),
)  # fmt: skip
STORES = (
    KnownStore("id", "/a", ONE, TWO, ONE, (UnsentSeals(TWO, "s003", 9),)),
    KnownStore("", "/b", ONE, ONE),
)


def test_memory_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "state")
    assert (memory.known(ONE), memory.stores()) == (None, ())
    with memory.held():
        memory.keep(KNOWN, STORES)
    assert (memory.known(ONE), memory.known(TWO)) == (KNOWN, None)
    assert memory.stores() == STORES
    memory.keep(KnownSeals(TWO), ())
    assert (memory.known(ONE), memory.known(TWO), memory.stores()) == (KNOWN, KnownSeals(TWO), ())
    file = tmp_path / "state" / ONE / "memory.json"
    assert sorted(each.name for each in file.parent.iterdir()) == ["memory.json"]
    if os.name != "nt":
        assert mode(file) == mode(tmp_path / "state/lock") == 0o600
        assert mode(file.parent) == mode(tmp_path / "state") == 0o700


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"format": 1', '"format": 2', "его писала другая версия papka"),
        (f'"{TWO}"', '"2"', "файл повреждён"),
        (f'"{TWO}"', "2", "файл повреждён"),
        ('"verified": 1', '"verified": "x"', "файл повреждён"),
        ('"keys"', '"key"', "файл повреждён"),
        ('"SHA256:k"', "7", "файл повреждён"),
        ('"time": 7', '"time": null', "файл повреждён"),
        ("{", "[", "файл повреждён"),
    ],
)
def test_memory_that_cannot_be_understood_is_told_and_left(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    memory = Memory(tmp_path)
    memory.keep(KNOWN, STORES)
    file = tmp_path / ONE / "memory.json"
    bent = file.read_text().replace(old, new, 1)
    assert bent != file.read_text()
    file.write_text(bent)
    with pytest.raises(MemoryTrouble) as trouble:
        memory.known(ONE)
    assert (trouble.value.path, trouble.value.reason) == (file, reason)
    assert file.read_text() == bent


def test_memory_of_an_edition_that_looked_at_no_mirrors(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(KNOWN, STORES)
    file = tmp_path / ONE / "memory.json"
    start, _, rest = file.read_text().partition('"looked"')
    file.write_text(start + rest[rest.index("],") + 2 :])
    found = memory.known(ONE)
    assert found is not None
    assert (found.looked, found.receipts) == ((), KNOWN.receipts)


def test_memory_that_cannot_be_kept_says_where(tmp_path: Path) -> None:
    put(tmp_path, "state")
    memory = Memory(tmp_path / "state")
    with pytest.raises(MemoryTrouble) as trouble, memory.held():
        pass
    assert trouble.value.path == tmp_path / "state"
    with pytest.raises(MemoryTrouble):
        memory.keep(KNOWN, STORES)
    assert memory.known(ONE) is None
    (tmp_path / "other" / ONE / "memory.json").mkdir(parents=True)
    with pytest.raises(MemoryTrouble) as trouble:
        Memory(tmp_path / "other").known(ONE)
    assert trouble.value.reason == "это папка, а не файл"


def test_two_commands_hold_memory_one_after_the_other(tmp_path: Path) -> None:
    memory, order = Memory(tmp_path), list[str]()

    def other() -> None:
        with memory.held():
            order.append("other")

    thread = threading.Thread(target=other)
    with memory.held():
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]


def test_a_persons_key_tells_its_own_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert dot_papka.state_folder() == tmp_path / "state/papka"
    code = dot_papka.authenticate("x", [b"ab", b"c"])
    assert code is not None
    assert dot_papka.authenticate("x", [b"ab", b"c"]) == code
    for other in (
        ("x", [b"a", b"bc"]),
        ("y", [b"ab", b"c"]),
        ("x", [b"ab"]),
        ("x", [b"ab", b"c", b""]),
    ):
        assert dot_papka.authenticate(*other) != code
    assert dot_papka.is_authentic(code, "x", [b"ab", b"c"])
    assert not dot_papka.is_authentic(code[:-1], "x", [b"ab", b"c"])
    key = tmp_path / "state/papka/key"
    assert len(key.read_bytes()) == 32
    if os.name != "nt":
        assert mode(key) == 0o600
    assert [each.name for each in key.parent.iterdir()] == ["key"]
    key.write_bytes(bytes(31))
    assert dot_papka.authenticate("x", []) is None
    assert not dot_papka.is_authentic("None", "x", [])
    assert len(key.read_bytes()) == 31
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert dot_papka.state_folder() == Path.home() / ".local/state/papka"


def test_a_file_is_our_own_copy_only_with_these_bytes_and_closed_to_others(tmp_path: Path) -> None:
    file, data = tmp_path / "paper.pdf", b"x" * 100
    assert not files.is_own_copy(file, data)
    for there, mode, is_own in (
        (data, 0o600, True), (data, 0o644, False), (data[:-1], 0o600, False),
        (data + b"x", 0o600, False), (b"y" * 100, 0o600, False), (b"", 0o600, False),
    ):  # fmt: skip
        file.write_bytes(there)
        file.chmod(mode)
        assert files.is_own_copy(file, memoryview(data)) is is_own, (there, mode)
    file.unlink()
    file.symlink_to(tmp_path / "other")
    assert not files.is_own_copy(file, data)
