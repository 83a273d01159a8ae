"""Many archives at once: every verdict arrives, whatever becomes of one of them or of a worker."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.copies.fleet_list import (
    FleetMember,
    FleetOutcome,
    FleetTask,
    read_fleet,
    sum_shown,
    worst_code,
)
from papka.copies.fleet_running import Workers, cluster, processes, run_fleet
from papka.copies.fleet_work import carry_out, hide_names
from papka.core.errors import PapkaError, Refused
from papka.core.findings import Code, Finding, Location, Severity
from papka.paper.forms.self_examination import HIDDEN, divided
from papka.repository.dot_papka import cache_folder
from tests.support.clones import Shared
from tests.support.command import papka
from tests.support.doing import (
    carry_out_slowly,
    end_first_time,
    hold_until_left,
    own_process,
)
from tests.support.histories import flip, git
from tests.support.school import NOW, Archive

_BASE = Path("/srv")


def tasks_for(*titles: str, folder: Path = _BASE) -> list[FleetTask]:
    found = []
    for number, title in enumerate(titles):
        place = folder / str(number)
        if folder != _BASE:
            place.mkdir()
        found.append(FleetTask(number, FleetMember(title, str(place)), "check", NOW))
    return found


def write_list(folder: Path, **mirrors: Path | str) -> Path:
    file = folder / "fleet.yaml"
    rows = (f"  - title: {title}\n    mirror: '{url}'\n" for title, url in mirrors.items())
    file.write_text("archives:\n" + "".join(rows), encoding="utf-8")
    return file


def test_a_list_is_read_as_it_is_written() -> None:
    told = (
        "archives:\n"
        "  - title: Школа № 1\n    mirror: ssh://papka@server/srv/1.git\n"
        "    anchor: SHA256:3BmAVW3P4meWubGON9PIdgNfIr0yM3uexrbFB4yHmVk\n"
        "  - title: Школа № 2\n    mirror: school-2.git\n    authority: ca.pem\n"
    )
    first, second = read_fleet(told.encode(), "fleet.yaml", _BASE)
    assert (first.mirror, first.anchors[0][:7]) == ("ssh://papka@server/srv/1.git", "SHA256:")
    assert (second.mirror, second.authority) == ("/srv/school-2.git", "/srv/ca.pem")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("archives: []\n", "нет списка archives"),
        ("schools:\n  - title: а\n", "нет списка archives"),
        ("archives:\n  - title: а\n    mirror: /m\nmore: 1\n", "кроме списка archives"),
        ("archives:\n  - titel: а\n    mirror: /m\n", "Может быть, «title»"),
        ("archives:\n  - title: а\n", "архив 1: нет поля mirror"),
        ("archives:\n" + 2 * "  - title: а\n    mirror: /m\n", "стоит в списке дважды"),
        ("archives:\n  - title: а\n    mirror: /m\n    anchor: 12\n", "номер берут в кавычки"),
        *(
            (f"archives:\n  - title: а\n    mirror: /m\n    anchor: {left}\n", "anchor — одна")
            for left in ("''", "", "0", "[]")
        ),
        ("archives:\n  - title: а\n    mirror: /m\n    anchor: не отпечаток\n", "архив 1: "),
        ("archives:\n  - title: а\n   mirror: /m\n", "fleet.yaml, строка"),
        ("archives:\n  - а\n", "архив 1: нужны поля title и mirror"),
    ],
)  # fmt: skip
def test_a_list_with_a_mistake_is_refused_by_name(told: str, said: str) -> None:
    with pytest.raises(Refused) as caught:
        read_fleet(told.encode(), "fleet.yaml", _BASE)
    assert said in caught.value.message


def test_all_mistakes_of_a_list_are_told_at_once() -> None:
    with pytest.raises(Refused) as caught:
        read_fleet(b"archives:\n  - title: a\n  - mirror: /m\n", "fleet.yaml", _BASE)
    assert "архив 1: нет поля mirror; архив 2: нет поля title" in caught.value.message


def test_a_worker_that_ends_takes_no_other_archive_with_it(tmp_path: Path) -> None:
    """One archive ends every process that takes it, one did so once, one was away for a moment."""
    names = ("Роковой", "Споткнулась", "Мигает")
    tasks = tasks_for(*names, folder=tmp_path)
    found = {each.title: each for each in run_fleet(tasks, processes(2), end_first_time)}
    assert found.keys() == set(names)
    assert {title for title, each in found.items() if each.code} == {"Роковой"}
    assert "оборвался" in found["Роковой"].trouble
    assert not Path((tmp_path / "0/held").read_text(encoding="utf-8")).exists()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("records/students/2026/2026-0001/student.yaml",) * 2,
        ("records/students/2026/2026-0001/Облаков.pdf", "records/students/2026/2026-0001/…"),
        ("records/students/2026/Облаков/дело.yaml", "records/students/2026/…"),
        ("records/oblakov.pdf", "records/…"),
        ("Облаков.docx", "…"),
        ("schema/student.json",) * 2,
        ("",) * 2,
    ],
)  # fmt: skip
def test_no_name_of_a_person_comes_with_a_finding(path: str, shown: str) -> None:
    code = Code("PATH_UNKNOWN", Severity.ERROR, "", "", "")
    told = Finding(code, f"лишнее: {path}", Location(path), path, instead="surname: Облаков")
    hidden = hide_names(told)
    assert (hidden.where.path, hidden.message, hidden.hint) == (shown, f"лишнее: {shown}", shown)
    assert hidden.instead == ""


def test_who_leaves_a_fleet_leaves_no_worker_and_no_archive_behind(tmp_path: Path) -> None:
    """Ctrl-C, or the command is killed: what workers hear of it is the same."""
    tasks = tasks_for("Первая", "Долгая", folder=tmp_path)
    running = run_fleet(tasks, processes(2), hold_until_left)
    assert next(running).title == "Первая"
    worker, held = (tmp_path / "begun").read_text(encoding="utf-8").split(" ", 1)
    assert Path(held).is_dir()
    running.close()
    assert not Path(held).exists()
    assert not (tmp_path / "1/whole").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(worker), 0)


def test_a_worker_takes_no_program_from_the_folder_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "multiprocessing.py").write_text(
        f"open({str(tmp_path / 'executed')!r}, 'w').close()\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    (outcome,) = run_fleet(tasks_for("Первая", folder=tmp_path), processes(1), own_process)
    assert (outcome.code, (tmp_path / "executed").exists()) == (0, False)


def test_the_worst_code_is_that_of_the_command() -> None:
    def of(*codes: int) -> int:
        return worst_code([FleetOutcome(0, "", code) for code in codes])

    assert [of(), of(0, 0), of(0, 4), of(3, 4), of(4, 1, 3), of(1, 70)] == [0, 0, 4, 3, 1, 70]


def here() -> Workers:
    """One thread of this process: what is asked after is what is told."""
    return Workers(lambda _, __: ThreadPoolExecutor(1), 1)


def test_one_damaged_and_one_away_are_named_and_the_rest_is_told(
    shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged.git"
    shutil.copytree(shared.store, damaged)
    for pack in damaged.glob("objects/pack/*.pack"):
        flip(pack)
    for loose in sorted(damaged.glob("objects/??/*"))[:1]:
        flip(loose)
    before = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("papka-fleet-*"))
    file = write_list(tmp_path, Целая=shared.store, Битая=damaged, Далёкая=tmp_path / "nowhere.git")
    monkeypatch.setattr("papka.cli.fleet.processes", lambda _: here())
    ran = papka("fleet", file, "verify", "--format", "json")
    assert ran.code == 1
    told = {each["title"]: each for each in json.loads(ran.out)["archives"]}
    assert [told[title]["code"] for title in ("Целая", "Битая", "Далёкая")] == [0, 1, 4]
    assert {each["code"] for each in told["Битая"]["findings"]} == {"MIRROR_DAMAGED"}
    assert "недоступно" in told["Далёкая"]["trouble"]
    assert "3 из 3" in ran.err
    after = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("papka-fleet-*"))
    assert after == before

    table = papka("fleet", file, "report", "--format", "csv").out
    rows = list(csv.reader(table.splitlines(), delimiter=";"))
    assert [row[0] for row in rows] == ["Архив", "Целая", "Вместе", "Битая", "Далёкая"]
    kept = cache_folder() / "derived"
    before = set(kept.glob("*"))
    due = papka("fleet", file, "due")
    assert due.code == 1
    assert set(kept.glob("*")) == before
    assert "есть просроченное" in due.out
    out = tmp_path / "papers"
    ran = papka("fleet", file, "print", "student-counts", "--out", out)
    assert [each.name for each in out.iterdir()] == ["001-Целая-student-counts.pdf"]


def test_a_count_that_misses_somebody_is_not_told(archive: Archive) -> None:
    file = next(archive.root.glob("records/students/*/*/enrolments.yaml"))
    file.write_text("- [\n", encoding="utf-8")
    git(archive.root, "commit", "-qam", "x")
    member = FleetMember("Школа", str(archive.root / ".git"))
    done = carry_out(FleetTask(0, member, "report", NOW))
    assert (done.code, done.counts) == (3, None)
    assert file.relative_to(archive.root).as_posix() in done.trouble


def test_paper_on_which_a_student_is_named_is_not_asked_of_a_fleet(tmp_path: Path) -> None:
    file = write_list(tmp_path, Школа=tmp_path / "m.git")
    assert papka("fleet", file, "print", "personal-file", "2026-0001", "--out", tmp_path).code == 2
    assert papka("fleet", file, "print", "student-counts").code == 2
    assert papka("fleet", file, "check", "--out", tmp_path).code == 2
    assert papka("fleet", file, "check", "--scheduler", "tcp://x:1", "--workers", "2").code == 2


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_a_small_count_follows_from_nothing_that_a_fleet_shows(counts: list[int]) -> None:
    shown = divided(sum(counts), counts)
    together = sum_shown(shown, HIDDEN)
    hidden = [count for count, cell in zip(counts, shown, strict=True) if cell == HIDDEN]
    if hidden:
        assert together == HIDDEN or together.startswith("не меньше")
        assert len(hidden) > 1 or sum(counts) < 5 or hidden[0] >= 5
    else:
        assert together == str(sum(counts))


def test_without_its_library_a_cluster_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Refused) as caught, cluster("tcp://127.0.0.1:1"):
        pass
    assert "papka[fleet]" in caught.value.next_step


@contextmanager
def started(*words: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
    tools = Path(__file__).parents[2]
    variables = os.environ | {"PYTHONPATH": f"{tools / 'tools'}{os.pathsep}{tools}"}
    with (folder / f"{words[0]}.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=variables)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def test_a_cluster_loses_a_worker_in_the_middle_and_every_verdict_arrives(
    shared: Shared, tmp_path: Path
) -> None:
    scheduler = tmp_path / "scheduler.json"
    about = ("--scheduler-file", str(scheduler))
    begun = tmp_path / "begun"
    titles = ("Первая", "Долгая", "Вторая", "Далёкая")
    tasks = [
        FleetTask(
            number,
            FleetMember(
                title,
                str(tmp_path / "no.git" if title == "Далёкая" else shared.store),
                authority=str(begun) if title == "Долгая" else "",
            ),
            "check",
            NOW,
        )
        for number, title in enumerate(titles)
    ]
    worker = ("worker", *about, "--nthreads", "1", "--no-nanny", "--no-dashboard")
    with (
        started("scheduler", *about, "--port", "0", "--no-dashboard", folder=tmp_path),
        started(*worker, folder=tmp_path),
        started(*worker, folder=tmp_path),
    ):
        address = wait_for_address(scheduler)
        with wait_for_workers(address) as workers:
            found: dict[str, FleetOutcome] = {}
            for outcome in run_fleet(tasks, workers, carry_out_slowly):
                found[outcome.title] = outcome
                if begun.exists() and "Долгая" not in found and not found.get("killed"):
                    os.kill(int(begun.read_text(encoding="ascii")), signal.SIGKILL)
                    found["killed"] = outcome
    killed = found.pop("killed")
    assert killed.by
    assert {title: each.code for title, each in found.items()} == {
        "Первая": 0, "Долгая": 0, "Вторая": 0, "Далёкая": 4,
    }  # fmt: skip


def wait_for_address(file: Path) -> str:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if file.exists() and file.read_bytes():
            return str(json.loads(file.read_bytes())["address"])
        time.sleep(0.1)
    raise AssertionError(file.with_name("scheduler.log").read_text(encoding="utf-8"))


@contextmanager
def wait_for_workers(address: str) -> Iterator[Workers]:
    until = time.monotonic() + 120
    while True:
        try:
            with cluster(address) as workers:
                if workers.at_once >= 4:
                    yield workers
                    return
        except PapkaError:
            assert time.monotonic() < until
        time.sleep(0.2)
