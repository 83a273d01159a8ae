"""Commits on their way to a mirror and back: how far they are is shown where somebody watches."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from papka.cli.progress import ProgressLine, compose_line, watcher
from papka.copies import mirrors, transport
from papka.copies.gathering import gather_store, watch_reading
from papka.copies.salvage import Pool
from papka.copies.transport import unwrap_pack
from papka.core.errors import GitFailed, NotAnArchive
from papka.repository import gitpython, history, runner
from papka.repository.git_values import MAIN
from papka.repository.gitpython import open_repository, talk
from papka.repository.handle import Remote, init
from papka.repository.runner import Carried, Ran, SshAccess
from papka.repository.store import locate
from tests.support.archives import PROJECT
from tests.support.command import papka
from tests.support.histories import RECORD, School, copy_school, git
from tests.support.school import STUDENT, Archive
from tests.support.terminal import at_terminal

CARD = f"{STUDENT}/student.yaml"
MANY = 3000
DRAWN = re.compile(r"usb: (\w+)  \[[#-]{24}\] +(\d+) %  (\d+) из (\d+)")
SENT = "usb: принято и перечитано\nВсе зеркала равны архиву: сохранение "


@pytest.fixture(scope="module")
def _large(honest_school: School, tmp_path_factory: pytest.TempPathFactory) -> School:
    """An archive with some thousands of files."""
    school = copy_school(honest_school, tmp_path_factory.mktemp("large"))
    files = {
        f"records/students/2025/2025-0001/results/x{number:04}.yaml": b"id: %d\n" % number
        for number in range(MANY)
    }
    school.forge(files, sign=school.signer("s003").sign)
    return school


@pytest.fixture
def large(_large: School, tmp_path: Path) -> School:
    """With an empty mirror in a folder."""
    school = copy_school(_large, tmp_path)
    url = f"file://{tmp_path}/usb.git"
    mirrors.add(school.root, "usb", url, "Россия", allowed=("Россия",))
    return school


def environment(**more: str) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME")}
    return {**kept, "PYTHONPATH": str(PROJECT / "tools"), "TERM": "xterm", **more}


PUSH = (sys.executable, "-m", "papka", "mirror", "push")


def seen_in_the_end(said: str) -> str:
    """What a terminal shows of it: a carriage return writes over the line."""
    lines = []
    for line in said.split("\n"):
        shown = ""
        for piece in line.split("\r"):
            shown = piece + shown[len(piece) :]
        lines.append(shown.rstrip())
    return "\n".join(lines)


# on the screen


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal")
def test_a_long_push_is_drawn_on_one_line_that_goes(large: School) -> None:
    disk = f"file://{large.root.parent}/disk.git"
    mirrors.add(large.root, "disk", disk, "Россия", allowed=("Россия",))
    ran = at_terminal(PUSH, (), folder=large.root, environment=environment())
    drawn = DRAWN.findall(ran.out)
    stages = dict.fromkeys(stage for stage, *_ in drawn)
    assert list(stages)[:2] == ["подсчёт", "отправка"]
    sent = [(int(share), int(done), int(total)) for stage, share, done, total in drawn
            if stage == "отправка"]  # fmt: skip
    assert sent == sorted(sent)
    share, done, total = sent[-1]
    assert (share, done) == (100, total)
    assert total > MANY
    # from another thread, and without colours there too
    both = SENT.replace("\n", "\ndisk: принято и перечитано\n", 1)
    assert seen_in_the_end(ran.out) == f"{both}{large.head[:12]}\n"
    assert ran.code == 0


def test_a_pipe_gets_words_alone(large: School) -> None:
    ran = subprocess.run(
        PUSH, cwd=large.root, env=environment(), capture_output=True, check=True, encoding="utf-8"
    )
    assert (ran.stdout, ran.stderr) == (f"{SENT}{large.head[:12]}\n", "")


@pytest.mark.parametrize(
    ("style", "piped", "variables", "is_drawn"),
    [
        ("text", "", {}, True),
        ("json", "", {}, False),
        ("github", "", {}, False),
        ("text", "stdout", {}, False),
        ("text", "stderr", {}, False),
        ("text", "", {"CI": "true"}, False),
        ("text", "", {"TERM": "dumb"}, False),
    ],
)
def test_where_nobody_watches_nothing_is_drawn(
    style: str,
    piped: str,
    variables: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_drawn: bool,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    for name, value in {"TERM": "xterm", **variables}.items():
        monkeypatch.setenv(name, value)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, name), "isatty", lambda name=name: name != piped)
    assert (watcher(style) is not None) is is_drawn


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("hub", "hub"),
        ("https://token@h.example/x", "https://h.example/x"),
        ("git@h.example:x", "h.example:x"),
        ("u\x1b[2J\u202e\nb", "u·[2J··b"),
        ("/media/" + "д" * 40, "…" + "д" * 23),
    ],
)
def test_a_store_is_named_without_who_logs_in_and_what_steers(name: str, shown: str) -> None:
    assert compose_line(Carried(name, "counting", 7), 79) == f"{shown}: подсчёт 7"


def test_the_line_fits_the_terminal() -> None:
    half = Carried("hub", "receiving", 500, 1000)
    assert compose_line(half, 79) == f"hub: получение  [{'#' * 12}{'-' * 12}]  50 %  500 из 1000"
    assert compose_line(half, 50) == "hub: получение  50 %  500 из 1000"
    assert compose_line(half, 12) == "hub: получен"
    beyond = compose_line(Carried("hub", "sending", 9, 3), 79)
    assert beyond.endswith("100 %  9 из 3")


def test_a_short_talk_is_not_drawn_and_a_slow_one_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    times = iter([0.0, 0.5, 2.0, 2.01, 2.02])
    monkeypatch.setattr("papka.cli.progress.time.monotonic", lambda: next(times))
    line = ProgressLine()
    for done in (1, 2, 3, 4):
        line.show(Carried("hub", "sending", done, 9))
    drawn = capsys.readouterr().err
    assert drawn.count("\r") == 1
    assert "3 из 9" in drawn
    line.show(Carried("hub"))
    assert capsys.readouterr().err.strip(" ") == "\r" + " " * len(drawn[1:]) + "\r"


# on the way


def told(act: Callable[[SshAccess], object]) -> list[Carried]:
    """What a watcher is told during a talk."""
    found: list[Carried] = []
    act(SshAccess(watch=found.append))
    return found


def test_every_way_of_commits_is_watched(large: School, tmp_path: Path) -> None:
    usb = Remote("usb", str(tmp_path / "usb.git"), "RU", primary=True)
    sent = told(lambda access: transport.push_forward(large.root, usb, large.head, access))
    assert {each.stage for each in sent} >= {"counting", "sending"}
    assert git(tmp_path / "usb.git", "rev-parse", MAIN).strip() == large.head
    room = tmp_path / "room"
    init(room, bare=True)
    got = told(lambda access: transport.fetch_main(large.root, usb, room, access))
    assert {each.stage for each in got} >= {"counting", "receiving"}
    assert git(room, "rev-parse", MAIN).strip() == large.head
    for each in (sent, got):
        assert {one.name for one in each} == {"usb"}
        assert each[-1] == Carried("usb")
        assert max(one.total for one in each) > MANY
        assert all(0 <= one.done <= one.total for one in each[:-1] if one.total)


def test_a_copy_in_a_folder_is_read_in_megabytes(school: School, tmp_path: Path) -> None:
    """A store with loose objects and a pack, and the bundle of a medium."""
    noise = os.urandom(3 << 20)
    school.forge({"records/scan.pdf": noise}, sign=school.signer("s003").sign)
    bundle = tmp_path / "x.bundle"
    git(school.root, "bundle", "create", "-q", str(bundle), "main")
    store = locate(school.root)

    def read(access: SshAccess) -> None:
        assert gather_store(Pool(tmp_path / "pool"), "usb", store, access).head == school.head

    def unwrap(access: SshAccess) -> None:
        with watch_reading(access, "Н-1", bundle.stat().st_size) as tell:
            assert unwrap_pack(bundle, tmp_path / "x.pack", tell) == {MAIN: school.head}

    for act, name in ((read, "usb"), (unwrap, "Н-1")):
        found = told(act)
        assert found[-1] == Carried(name)
        assert found[-2] == Carried(name, "reading", 3, 3)
        done = [each.done for each in found[:-1]]
        assert done == sorted(done)
        shutil.rmtree(tmp_path / "pool", ignore_errors=True)


def carried(
    folder: Path, *words: str, seconds: float = 60, watch: bool = True
) -> tuple[Ran, list[Carried]]:
    found: list[Carried] = []
    access = SshAccess(watch=found.append if watch else None)
    return talk(*words, folder=folder, name="hub", access=access, seconds=seconds), found


LINES = f"""\
To h.example:x
Enumerating objects: 5, done.
Counting objects:  50% (1/2)\rCounting objects: 100% (2/2), done.
Delta compression using up to 2 threads
Writing objects: 100% (2/2), 1.20 KiB | 1.20 MiB/s, done.
Total 2 (delta 0), reused 0 (delta 0), pack-reused 0
remote: Проверено записей: 5
remote: Resolving deltas:  50% (1/2)\rremote: \x1b[2Jodd
remote: Counting objects: {"9" * 5000}
error: failed to push some refs
"""


def test_words_of_the_other_side_are_kept_and_numbers_told(
    program: Callable[[str], None], tmp_path: Path
) -> None:
    """A check's own words that look like numbers are words; digits without end break nothing."""
    (tmp_path / "said").write_text(LINES, encoding="utf-8", newline="")
    program("cat said >&2; echo no; exit 1")
    ran, found = carried(tmp_path, "push", "-q", "x")
    assert found == [
        Carried("hub", "counting", 1, 2), Carried("hub", "counting", 2, 2),
        Carried("hub", "sending", 2, 2), Carried("hub", "resolving", 1, 2), Carried("hub"),
    ]  # fmt: skip
    assert (ran.code, ran.text) == (1, "no\n")
    assert ran.trouble.splitlines() == [
        "remote: Проверено записей: 5", "remote: \x1b[2Jodd", "error: failed to push some refs",
    ]  # fmt: skip


def test_only_who_is_watched_asks_for_numbers(
    program: Callable[[str], None], tmp_path: Path
) -> None:
    program('for each in "$@"; do echo "$each"; done; echo "From h" >&2')
    ran, _ = carried(tmp_path, "fetch", "-q", "x", watch=True)
    assert ran.text.splitlines()[-3:] == ["fetch", "--progress", "x"]
    assert ran.trouble == ""
    ran, _ = carried(tmp_path, "fetch", "-q", "x", watch=False)
    assert ran.text.splitlines()[-3:] == ["fetch", "-q", "x"]
    assert ran.trouble == "From h\n"


def test_a_talk_that_is_silent_too_long_is_ended(
    program: Callable[[str], None], tmp_path: Path
) -> None:
    """Though what git started holds its pipes open."""
    program("sleep 30 & echo $! > pid; exec sleep 30")
    ran, found = carried(tmp_path, "push", "x", seconds=0.6)
    assert (ran.code, ran.output, ran.trouble) == (124, b"", "нет ответа за 1 с")
    assert found == [Carried("hub")]
    os.kill(int((tmp_path / "pid").read_text()), 9)


def test_an_interrupted_talk_leaves_no_git(
    program: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("echo $$ > pid; exec sleep 30")

    class Interrupted(threading.Thread):
        def join(self, timeout: float | None = None) -> None:  # noqa: ARG002 - its interface
            while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
                time.sleep(0.01)
            raise KeyboardInterrupt

    monkeypatch.setattr(gitpython, "Thread", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        carried(tmp_path, "push", "x")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_git_that_says_much_is_heard_to_the_end(
    program: Callable[[str], None], tmp_path: Path
) -> None:
    program(
        "i=0; while [ $i -lt 20000 ]; do echo 'of no use to anyone' >&2; i=$((i+1)); done; echo out"
    )
    ran, _ = carried(tmp_path, "push", "x")
    assert (ran.text, ran.trouble.count("\n")) == ("out\n", 20000)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders")
def test_a_pipe_in_the_store_is_told_and_not_waited_for(school: School) -> None:
    os.mkfifo(school.root / ".git" / "shallow")
    with pytest.raises(runner.StoreBlocked), open_repository(school.root):
        pass
    with pytest.raises(runner.StoreBlocked):
        carried(school.root, "push", "x")


# the library


def test_the_library_obeys_nothing_of_the_environment(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    for place in (tmp_path, tmp_path / "none", tmp_path / "elsewhere"):
        with pytest.raises(NotAnArchive), open_repository(place):
            pass
    with open_repository(school.root) as opened:
        assert opened.head.commit.hexsha == school.head
        assert opened.common_dir == str(school.root / ".git")


def test_the_versions_of_a_file_are_those_that_git_tells(school: School) -> None:
    school.save({RECORD: b"id: 2025-0001\nsex: m\n"}, late=100)
    school.save({RECORD: None}, late=200)
    found = list(history.versions(school.root, RECORD))
    assert [each.commit.id for each in found] == git(
        school.root, "rev-list", "HEAD", "--", RECORD
    ).split()
    assert [each.data for each in found][:2] == [None, b"id: 2025-0001\nsex: m\n"]
    assert found[0].commit.signature


def test_a_history_that_breaks_off_is_an_error_and_no_short_answer(school: School) -> None:
    """Asked for a file, for many papers, and for what lies between two commits."""
    first, tip = git(school.root, "rev-list", "--reverse", "HEAD").split()[::2]
    tree = git(school.root, "rev-parse", f"{first}^{{tree}}").strip()
    newest = history.LastChanges(school.root, tip)
    (school.root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(GitFailed, match="не прочиталась до конца"):
        list(history.versions(school.root, RECORD))
    for _ in range(2):  # told to every paper, not to the first alone
        with pytest.raises(GitFailed, match="не прочиталась до конца"):
            newest.change(["none"])
    with pytest.raises(GitFailed, match="не прочиталась до конца"):
        history.touched_between(school.root, first, tip)


@pytest.mark.parametrize("damage", [lambda data: data[:20] + bytes(99), lambda _: b""])
def test_a_damaged_version_of_a_file_is_no_file_taken_away(
    damage: Callable[[bytes], bytes], school: School
) -> None:
    school.save({RECORD: b"id: 2025-0001\nsex: m\n"}, late=100)
    blob = git(school.root, "rev-parse", f"HEAD:{RECORD}").strip()
    file = school.root / ".git/objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(GitFailed, match="не прочиталась до конца"):
        list(history.versions(school.root, RECORD))


def test_odd_names_beside_a_file_hide_none_of_its_versions(school: School) -> None:
    """Names that git takes and GitPython's own reader of folders refuses."""
    school.forge({"records/a\\b:c": b"", "records/CON": b"", RECORD: b"id: x\n"}, sign=None)
    found = [each.data for each in history.versions(school.root, RECORD)]
    assert found[0] == b"id: x\n"
    assert len(found) == len(git(school.root, "rev-list", "HEAD", "--", RECORD).split())
    assert next(history.versions(school.root, "records")).data is None


@pytest.mark.parametrize("words", [("status",), ("check",), ("save",), ("print", "keys")])
def test_daily_commands_do_not_wait_for_the_library(
    words: tuple[str, ...], archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.edit(CARD, "+70000000001", "+70000000002")
    monkeypatch.setitem(sys.modules, "papka.repository.gitpython", None)  # cannot be imported
    ran = papka(*words, "-C", archive.root)
    assert ran.code == (1 if words == ("status",) else 0), ran.all
