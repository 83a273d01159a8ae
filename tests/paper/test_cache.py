"""Printed files kept in the archive: when one is used again, and when it must not be."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from papka.paper import print_cache
from papka.paper.print_cache import (
    KeptPrints,
    PrintCache,
    PrintedDocument,
    PrintedFile,
    PrintOptions,
    file_name,
)
from papka.paper.print_saved import print_saved
from papka.repository.commit_snapshots import CommitTree
from tests.conftest import PROJECT
from tests.support.prints import save_unjudged
from tests.support.school import STUDENT, Archive, copied

FORM, ID = "personal-file", "2026-0001"
HEAD = "s001"
ORDER = """\
number: 9-о
date: 2026-11-19
kind: иное
heading: О рабочем времени
items:
  - text: Установить часы приёма
signed_by: s001
"""
SECOND = """\
id: second
title: Вторая
licence_basis: договор
since: 2026-01-01
"""


@pytest.fixture(scope="session")
def warm(
    built_archive: Archive, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Archive, PrintedDocument]:
    """An archive whose one personal file was printed; tests copy it."""
    archive = copied(built_archive, tmp_path_factory.mktemp("warm"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(archive.root.parent / "state"))
        return archive, print_saved(archive.root, FORM, ID)


@pytest.fixture
def printed(
    warm: tuple[Archive, PrintedDocument], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Archive:
    monkeypatch.setenv("XDG_STATE_HOME", str(warm[0].root.parent / "state"))
    return copied(warm[0], tmp_path)


def kept(archive: Archive, way: PrintOptions | None = None) -> PrintedDocument | None:
    tree = CommitTree(archive.root, "HEAD")
    return KeptPrints(archive.root, tree, way or PrintOptions()).find(FORM, ID)


def saved(archive: Archive, staff: str | None = None) -> None:
    done = archive.save(staff)
    assert done.commit, done.findings


def entry(archive: Archive) -> Path:
    found = [path for path in (archive.root / print_cache.FOLDER).rglob("*") if path.is_file()]
    assert len(found) == 1
    return found[0]


def test_a_second_print_comes_from_the_cache(
    printed: Archive, warm: tuple[Archive, PrintedDocument]
) -> None:
    again = print_saved(printed.root, FORM, ID)
    assert again.from_cache
    assert (again.files, again.commit) == (warm[1].files, warm[1].commit)


def test_an_unrelated_save_changes_neither_the_paper_nor_its_place_in_the_cache(
    printed: Archive, warm: tuple[Archive, PrintedDocument]
) -> None:
    printed.write("records/orders/2026/0009.yaml", ORDER)
    printed.edit("templates/notice/notice.html.j2", "{% block", "{# новое #}{% block")
    printed.write("records/platforms/second.yaml", SECOND)
    saved(printed, HEAD)
    found = print_saved(printed.root, FORM, ID)
    assert found.from_cache
    assert found.files == warm[1].files
    anew = print_saved(printed.root, FORM, ID, cache=False)
    assert not anew.from_cache
    assert (anew.files, anew.commit) == (warm[1].files, warm[1].commit)


def test_a_paper_issued_to_another_changes_nothing_and_one_to_this_person_does(
    printed: Archive, warm: tuple[Archive, PrintedDocument]
) -> None:
    folder = "records/registers/issued/2026"
    told = printed.read(f"{folder}/progress-0001.yaml").replace("У-2026-0001", "У-2026-0002")
    printed.write(f"{folder}/progress-0002.yaml", told.replace("2026-0001#", "2026-0002#"))
    save_unjudged(printed)
    found = kept(printed)
    assert found
    assert (found.files, found.commit) == (warm[1].files, warm[1].commit)
    printed.write(f"{folder}/progress-0003.yaml", told.replace("У-2026-0002", "У-2026-0003"))
    save_unjudged(printed)
    assert kept(printed) is None


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (f"{STUDENT}/student.yaml", "Аглая", "Аграфена"),
        ("records/orders/2026/0002.yaml", "Договоры об", "Договоры на"),
        ("records/programs/guitar.yaml", "Гитара", "Гитара и ритм"),
        ("records/organization.yaml", "Ручейная", "Речная"),
        ("records/staff.yaml", "post: ", "post: Старший "),
        ("templates/personal-file/cover.html.j2", "<", "{# новое #}<"),
        ("templates/paper.css", "{", " {"),
        ("schema/student.json", '"title": "', '"title": "Та самая: '),
    ],
)
def test_what_the_paper_rests_on_is_printed_anew(
    printed: Archive, path: str, old: str, new: str
) -> None:
    printed.edit(path, old, new)
    save_unjudged(printed)
    assert kept(printed) is None


def test_an_act_of_approval_that_was_not_there_is_printed(printed: Archive) -> None:
    printed.write(
        "records/approvals/2026-2.yaml", "period: 2026-2\nclosed: 2026-11-19\nsigned_by: s001\n"
    )
    save_unjudged(printed)
    assert kept(printed) is None


def test_another_font_is_another_paper(printed: Archive) -> None:
    font = printed.root / "templates" / "fonts" / "PTF55F.ttf"
    font.write_bytes(font.read_bytes() + b"\0")
    save_unjudged(printed)
    assert kept(printed) is None


def test_a_change_that_was_taken_back_names_the_commit_that_took_it_back(
    printed: Archive,
) -> None:
    """The content is as it was; the paper's commit, and its sheet of provenance, are not."""
    path = f"{STUDENT}/student.yaml"
    before = printed.read(path)
    printed.edit(path, "Аглая", "Аграфена")
    save_unjudged(printed)
    printed.write(path, before)
    save_unjudged(printed)
    assert kept(printed) is None


def test_other_ways_of_printing_are_kept_apart(printed: Archive) -> None:
    assert kept(printed, PrintOptions(duplex=True)) is None
    assert kept(printed, PrintOptions(on=dt.date(2026, 3, 1))) is None
    assert kept(printed, PrintOptions(html=True)) is None


def test_an_earlier_commit_is_not_shown_what_came_later(printed: Archive) -> None:
    printed.edit(f"{STUDENT}/student.yaml", "Аглая", "Аграфена")
    save_unjudged(printed)
    tree = CommitTree(printed.root, "HEAD~1")
    assert KeptPrints(printed.root, tree, PrintOptions()).find(FORM, ID)


def _damages(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "cut", data[: len(data) // 2]
    yield "one byte less", data[:-1]
    yield "one byte more", data + b"\0"
    yield "another file", b"%PDF-1.7\n"
    for share in range(1, 20):
        at = len(data) * share // 20
        yield f"byte {share}/20", data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    line = data.index(b"\n")
    for at in range(0, line, 7):
        yield f"head {at}", data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_a_damaged_entry_is_as_if_it_were_not_there(printed: Archive) -> None:
    path = entry(printed)
    sound = path.read_bytes()
    for name, data in _damages(sound):
        path.write_bytes(data)
        assert kept(printed) is None, name
    path.write_bytes(sound)
    assert kept(printed)


def test_a_damaged_entry_is_made_anew_without_a_word(
    printed: Archive, warm: tuple[Archive, PrintedDocument]
) -> None:
    path = entry(printed)
    path.write_bytes(path.read_bytes()[:-10])
    anew = print_saved(printed.root, FORM, ID)
    assert not anew.from_cache
    assert anew.files == warm[1].files
    assert kept(printed)


def test_an_entry_under_anothers_name_is_not_taken_for_it(printed: Archive) -> None:
    path = entry(printed)
    shutil.copy(path, path.with_name("2026-0002"))
    tree = CommitTree(printed.root, "HEAD")
    assert KeptPrints(printed.root, tree, PrintOptions()).find(FORM, "2026-0002") is None


def test_another_version_of_what_prints_makes_all_entries_old(printed: Archive) -> None:
    assert PrintCache(printed.root, "other").find((FORM, ID, "")) is None


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "..", "a" * 500, "С-2026/0001"])
def test_whatever_is_asked_for_stays_in_the_cache(tmp_path: Path, name: str) -> None:
    cache = PrintCache(tmp_path, "1")
    file = PrintedFile(f"{file_name(name, name)}.pdf", b"x", 1)
    entry = PrintedDocument((file,), "c" * 40, {"a": None}, from_cache=True)
    cache.keep((name, name, ""), entry, "d" * 40)
    assert cache.find((name, name, "")) == (entry, "d" * 40)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.relative_to(tmp_path).parts[:2] for path in files] == [(".papka", "print")]


def test_vanished_addresses_and_the_oldest_entries_go(tmp_path: Path) -> None:
    cache = PrintCache(tmp_path, "1")
    for number in range(1, 5):
        data = bytes(1000)
        kept = PrintedDocument((PrintedFile("", data, 1),), "c" * 40, {})
        key = "notice", f"2026-000{number}", "duplex" if number == 2 else ""
        cache.keep(key, kept, "d" * 40)
    cache.clean("notice", ("2026-0002", "2026-0003", "2026-0004"))
    names = [path.name for path in (tmp_path / print_cache.FOLDER / "notice").iterdir()]
    assert sorted(names) == ["2026-0002%20duplex", "2026-0003", "2026-0004"]
    oldest = tmp_path / print_cache.FOLDER / "notice" / "2026-0004"
    os.utime(oldest, (0, 0))
    cache.trim(3000)
    assert not oldest.exists()
    assert cache.find(("notice", "2026-0003", ""))


def test_a_kept_print_needs_neither_the_library_that_prints_nor_the_records(
    printed: Archive,
) -> None:
    script = (
        "import sys; from pathlib import Path; "
        "from papka.paper.print_saved import print_saved; "
        f"print(print_saved(Path({str(printed.root)!r}), {FORM!r}, {ID!r}).from_cache); "
        "print([m for m in ('weasyprint', 'jinja2', 'yaml', 'jsonschema_rs') if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "tools")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout.split("\n")[:2] == ["True", "[]"]
