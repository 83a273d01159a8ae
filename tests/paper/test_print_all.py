"""`papka print FORM --all`: every address, on every core, whatever happens to one of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from papka.paper.print_all import PrintOutcome, print_all
from papka.paper.print_cache import PrintOptions
from papka.paper.print_saved import print_saved
from tests.conftest import PROJECT
from tests.support.command import papka
from tests.support.prints import save_unjudged, with_students
from tests.support.school import STUDENT, Archive

FORM = "notice"


def all_of(archive: Archive, out: Path, *, cache: bool = True) -> dict[str, PrintOutcome]:
    """Printed in this process."""
    run = print_all(archive.root, FORM, PrintOptions(), out, processes=1, cache=cache)
    return {outcome.address: outcome for outcome in run.outcomes()}


def on_all_cores(archive: Archive, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The command itself, with the processes it starts."""
    script = "import sys; from papka.cli.main import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "tools")}
    return subprocess.run(
        [sys.executable, "-c", script, "print", FORM, "--all", "--out", out, *more],
        cwd=archive.root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_cores_print_what_one_prints(archive: Archive, tmp_path: Path) -> None:
    numbers = with_students(archive, 4)
    ran = on_all_cores(archive, tmp_path / "many")
    assert ran.returncode == 0, ran.stderr
    assert "4\u00a0файла, 4\u00a0страницы" in ran.stdout
    assert ran.stderr == ""
    one = all_of(archive, tmp_path / "one", cache=False)
    assert not any(outcome.trouble or outcome.from_cache for outcome in one.values())
    alone = {
        file.name: file.data
        for number in numbers
        for file in print_saved(archive.root, FORM, number, cache=False).files
    }
    assert files_in(tmp_path / "many") == files_in(tmp_path / "one") == alone


def test_what_has_not_changed_is_not_laid_out_again(archive: Archive, tmp_path: Path) -> None:
    with_students(archive, 3)
    all_of(archive, tmp_path / "first")
    archive.edit("records/students/2026/2026-0002/student.yaml", "Аглая", "Аграфена")
    save_unjudged(archive)
    again = all_of(archive, tmp_path / "again")
    assert [again[number].from_cache for number in sorted(again)] == [True, False, True]
    assert files_in(tmp_path / "again") == files_in(tmp_path / "first") | {
        file.name: file.data
        for file in print_saved(archive.root, FORM, "2026-0002", cache=False).files
    }


def test_a_file_that_cannot_be_printed_stops_no_other(archive: Archive, tmp_path: Path) -> None:
    with_students(archive, 3)
    archive.write("records/students/2026/2026-0002/results/2026-1.yaml", "results: [")
    save_unjudged(archive)
    ran = on_all_cores(archive, tmp_path / "out")
    assert ran.returncode == 1
    assert sorted(files_in(tmp_path / "out")) == ["notice-2026-0001.pdf", "notice-2026-0003.pdf"]
    assert "Не напечатано: 1" in ran.stderr
    assert (
        "2026-0002: Файл records/students/2026/2026-0002/results/2026-1.yaml не читается"
        in ran.stderr
    )
    assert "papka check" in ran.stderr


def test_a_file_that_hides_what_there_is_to_print_is_told(archive: Archive, tmp_path: Path) -> None:
    """Whose consents there are is read from the personal files: one is broken."""
    with_students(archive, 2)
    path = "records/students/2026/2026-0002/consents.yaml"
    archive.write(path, "consents: [")
    save_unjudged(archive)
    ran = papka(
        "print", "consent", "--all", "--html", "--out", tmp_path / "out", "-C", archive.root
    )
    assert ran.code == 1
    assert path in ran.err
    assert files_in(tmp_path / "out")
    assert all("2026-0001" in name for name in files_in(tmp_path / "out"))


def test_nowhere_to_write_is_told_for_each(archive: Archive, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "notice-2026-0001.pdf").mkdir(parents=True)
    (found,) = all_of(archive, out).values()
    assert found.trouble
    assert [path.name for path in out.iterdir()] == ["notice-2026-0001.pdf"]


def test_vanished_files_leave_the_cache(archive: Archive, tmp_path: Path) -> None:
    with_students(archive, 2)
    all_of(archive, tmp_path / "out")
    for path in sorted((archive.root / STUDENT).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    save_unjudged(archive)
    assert sorted(all_of(archive, tmp_path / "out")) == ["2026-0002"]
    left = [path.name for path in (archive.root / ".papka/print/notice").iterdir()]
    assert left == ["2026-0002"]


@pytest.mark.parametrize("words", [("--all",), ("notice", "2026-0001", "--all")])
def test_all_needs_a_form_and_no_number(archive: Archive, words: tuple[str, ...]) -> None:
    ran = papka("print", *words, "-C", archive.root)
    assert ran.code == 2
    assert "papka print ФОРМА --all" in ran.err


def test_interrupted_print_leaves_whole_files_only(archive: Archive, tmp_path: Path) -> None:
    """Ctrl-C while pages are being laid out."""
    with_students(archive, 12)
    script = (
        "import os, signal, sys, threading, time\n"
        "from pathlib import Path\n"
        f"out = Path({str(tmp_path / 'out')!r})\n"
        "def interrupt():\n"
        "    while not (out.is_dir() and any(out.iterdir())):\n"
        "        time.sleep(0.01)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=interrupt, daemon=True).start()\n"
        "from papka.cli.main import main\n"
        f"main(['print', 'notice', '--all', '--out', str(out), '-C', {str(archive.root)!r}])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "tools")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 130, done.stderr
    found = files_in(tmp_path / "out")
    assert found
    assert len(found) < 12
    for name, data in found.items():
        assert name.endswith(".pdf"), name
        assert data.startswith(b"%PDF-")
        assert data.rstrip().endswith(b"%%EOF")


def test_a_choice_prints_those_who_fit_and_keeps_what_was_printed(archive: Archive) -> None:
    first = papka("print", FORM, "--all", "-C", archive.root)
    assert first.code == 0, first.all
    nobody = papka("print", FORM, "--age", "90+", "-C", archive.root)
    assert "0\u00a0файлов" in nobody.out
    again = papka("print", FORM, "--group", "г-26-1", "-C", archive.root)
    assert "1\u00a0файл" in again.out
    assert "без изменений: 1" in again.out
    refused = papka("print", "group-sheet", "--group", "Г-26-1", "-C", archive.root)
    assert "не о людях" in refused.err
