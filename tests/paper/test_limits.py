"""Layout comes to an end: what a template asks for without measure is stopped and told."""

from __future__ import annotations

import os
import re
import signal
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path

import pytest

from papka.core.errors import GitFailed, PapkaError, Refused
from papka.paper import limited_process
from papka.paper.limited_process import Limits, Overran, run_afresh, run_apart, run_limited
from tests.support.command import papka
from tests.support.school import Archive

HEAD = "s001"
ID = "2026-0001"
TEMPLATE = "templates/notice/notice.html.j2"
SHORT = Limits(seconds=0.5)
TABLE = '<table>{% for row in "x" * 200 %}<tr><td colspan="1000">x</td></tr>{% endfor %}</table>'
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="no process of its own elsewhere")


@pytest.fixture
def endless(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive whose notice holds a table that is laid out for minutes; and little patience."""
    archive.edit(TEMPLATE, "{% block body %}", "{% block body %}" + TABLE)
    assert archive.save(HEAD).commit is not None
    monkeypatch.setattr(limited_process, "USUAL", SHORT)
    return archive


@pytest.mark.parametrize("words", [(ID,), ("--all",)])
def test_a_table_of_a_thousand_columns_does_not_stop_the_computer(
    endless: Archive, words: tuple[str, ...]
) -> None:
    ran = papka("print", "notice", *words, "--no-cache", "-C", endless.root)
    assert ran.code == (3 if words == (ID,) else 1), ran.all
    assert "вёрстка заняла больше" in ran.err
    assert "git log -- templates" in ran.err
    assert not [*(endless.root / "print").glob("*.pdf")]


def test_a_page_for_a_browser_has_the_same_limits(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "{% for a in range(1500) %}{{ range(99999)|sum }}{% endfor %}"
    archive.edit(TEMPLATE, "{% block body %}", "{% block body %}" + slow)
    assert archive.save(HEAD).commit is not None
    monkeypatch.setattr(limited_process, "USUAL", SHORT)
    ran = papka("print", "notice", ID, "--html", "-C", archive.root)
    assert ran.code == 3
    assert "вёрстка заняла больше" in ran.err


def test_the_next_paper_after_a_stopped_one_is_printed(endless: Archive) -> None:
    papka("print", "notice", ID, "--no-cache", "-C", endless.root)
    assert papka("print", "notice", ID, "--html", "-C", endless.root).code == 0


def test_work_that_wants_all_the_memory_is_stopped() -> None:
    few = Limits(memory=64 << 20)
    for how in (run_apart, run_limited):
        with pytest.raises(Overran, match="64 МБ памяти"):
            how(lambda: bytearray(512 << 20), few)
    assert len(bytearray(128 << 20)) == 128 << 20, "the limit went with the work"


@on_linux
def test_what_does_not_listen_is_killed_by_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """A C library holds on: nothing in Python can interrupt it."""
    monkeypatch.setattr(limited_process, "_GRACE", 1)
    with pytest.raises(Overran):
        run_apart(lambda: re.match(r"(a+)+$", "a" * 40 + "b"), Limits(seconds=0))


@on_linux
def test_a_process_that_dies_is_told_in_one_sentence() -> None:
    with pytest.raises(Overran):
        run_apart(lambda: os.kill(os.getpid(), signal.SIGKILL))


@pytest.mark.parametrize("how", [run_apart, run_limited])
def test_results_and_errors_come_back_as_they_are(how: object) -> None:
    assert callable(how)
    assert how(lambda: {"лист": b"%PDF"}) == {"лист": b"%PDF"}

    def fail(error: Exception) -> None:
        raise error

    for error in (Refused("Нельзя", "Иначе"), GitFailed("log", "беда", "шаг"), KeyError("имя")):
        with pytest.raises(type(error)) as told:
            how(lambda error=error: fail(error))
        assert told.value.args == error.args
        if isinstance(error, PapkaError):
            assert isinstance(told.value, PapkaError)
            assert (told.value.message, told.value.next_step) == (error.message, error.next_step)


def test_a_process_begun_anew_answers_as_a_fork_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has one thread, runs nothing of the folder one stands in, and leaves nothing behind."""
    place, here = tmp_path / "temporary", tmp_path / "here"
    for folder in (place, here):
        folder.mkdir()
    for name in ("pickle.py", "papka.py", "subprocess.py"):
        (here / name).write_text("raise SystemExit('planted')\n", "utf-8")
    monkeypatch.chdir(here)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    assert run_afresh(threading.active_count) == 2, "itself and the one that watches its limits"
    assert Path(run_afresh(tempfile.mkdtemp)).parent.parent == place
    with pytest.raises(NotADirectoryError):
        run_afresh(partial(os.listdir, __file__))
    with pytest.raises(Overran, match="64 МБ памяти"):
        run_afresh(partial(bytearray, 512 << 20), Limits(memory=64 << 20))
    with pytest.raises(Overran):
        run_afresh(partial(signal.raise_signal, signal.SIGABRT))
    assert [*place.iterdir()] == []


@on_linux
@pytest.mark.parametrize("words", [(ID,), ("--all",)])
@pytest.mark.parametrize("form", ["stopped", "printed"])
def test_a_print_leaves_nothing_among_temporary_files(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    form: str,
    words: tuple[str, ...],
) -> None:
    """WeasyPrint lays its fonts there, and a process that is stopped takes nothing away."""
    archive: Archive = request.getfixturevalue("endless" if form == "stopped" else "archive")
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    ran = papka("print", "notice", *words, "--no-cache", "-C", archive.root)
    assert (ran.code == 0) == (form == "printed"), ran.all
    assert [*place.iterdir()] == []
