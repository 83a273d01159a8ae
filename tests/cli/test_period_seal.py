"""papka period close and seal: the seal on the archive, and its sheet on paper."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from papka.repository import commit_snapshots
from tests.cli.test_period_command import LACKS, ROW, accepted
from tests.paper.sheet_counting import tool
from tests.support.command import papka
from tests.support.histories import git
from tests.support.school import STUDENT, TEACHER, Archive

CLOSE = ("period", "close", "2026-2", "--yes", *accepted(*LACKS, ROW))


def digest_in(text: str) -> str:
    """The eight groups as the screen shows them."""
    return next(
        line for line in text.splitlines() if "Контрольная сумма пломбы:" in line
    ).partition(": ")[2]


def closed(archive: Archive) -> str:
    ran = papka(*CLOSE, "-C", archive.root)
    assert ran.code == 0, ran.all
    return ran.out


def test_closing_a_period_ends_with_a_seal_that_paper_proves(archive: Archive) -> None:
    before = commit_snapshots.head(archive.root)
    said = closed(archive)
    subjects = git(archive.root, "log", "--format=%s", f"{before}..HEAD").splitlines()
    assert subjects[0] == "Пломба № 0001: 2026-2"
    assert len(subjects) == 2
    ran = papka("verify", archive.root, "--no-memory", "--anchor", digest_in(said))
    assert ran.code == 0, ran.all
    assert papka("check", "-C", archive.root).code == 0


def test_a_digest_typed_wrong_is_no_anchor(archive: Archive) -> None:
    given = digest_in(closed(archive))
    swapped = given.replace(given[0], "0" if given[0] != "0" else "1")
    ran = papka("verify", archive.root, "--no-memory", "--anchor", swapped)
    assert (ran.code, "ANCHOR_MISMATCH" in ran.out) == (1, True)
    ran = papka("verify", archive.root, "--no-memory", "--anchor", given[:-1])
    assert (ran.code, "знаков 63, а в контрольной сумме пломбы их 64" in ran.err) == (3, True)
    ran = papka("verify", archive.root, "--no-memory", "--anchor", given[:-1] + "о")
    assert (ran.code, "буква «о» набрана не латинской" in ran.err) == (3, True)


@pytest.mark.parametrize("retry", [CLOSE, ("period", "seal")], ids=["close", "seal"])
def test_a_close_cut_before_its_seal_is_finished(archive: Archive, retry: tuple[str, ...]) -> None:
    closed(archive)
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    ran = papka(*retry, "-C", archive.root)
    assert (ran.code, "№ 0001 (2026-2)" in ran.out) == (0, True), ran.all
    assert papka("verify", archive.root, "--no-memory", "--anchor", digest_in(ran.out)).code == 0


def test_a_year_is_sealed_by_its_name_and_only_by_the_head(archive: Archive) -> None:
    ran = papka("period", "seal", "2062", "-C", archive.root)
    assert (ran.code, "не учебный год" in ran.err) == (3, True)
    ran = papka("period", "seal", "2026", "--as", TEACHER, "-C", archive.root)
    assert (ran.code, "только руководитель" in ran.err) == (3, True)
    ran = papka("period", "seal", "2026", "-C", archive.root)
    assert (ran.code, "№ 0001 (2026)" in ran.out) == (0, True), ran.all
    again = papka("period", "seal", "2026", "-C", archive.root)
    assert (again.code, digest_in(again.out)) == (0, digest_in(ran.out))
    ran = papka("period", "seal", "2026-1", "-C", archive.root)
    assert (ran.code, "ничего не изменилось" in ran.err) == (3, True)


def test_the_sheet_shows_what_is_typed_back(archive: Archive, tmp_path: Path) -> None:
    given = digest_in(closed(archive))
    archive.edit(f"{STUDENT}/student.yaml", "id: ", "# правка\nid: ")
    archive.save(TEACHER, dt.datetime.now().astimezone())
    papka("period", "seal", "-C", archive.root)
    ran = papka("print", "seal", "--all", "--out", tmp_path, "-C", archive.root)
    assert ran.code == 0, ran.all
    first = tool("pdftotext", "-raw", tmp_path / "seal-0001.pdf", "-")
    root = git(archive.root, "rev-list", "--max-parents=0", "HEAD").strip()
    for group in (*given.split(), root[:8], root[-8:]):
        assert group in first
    assert first.count("SHA256:") == 2
    second = tool("pdftotext", "-raw", tmp_path / "seal-0002.pdf", "-")
    assert given.split()[0] in second, "the sheet names the seal before"
    ran = papka("print", "seal", "0003", "--out", tmp_path, "-C", archive.root)
    assert (ran.code, "Пломбы № 0003 в архиве нет" in ran.err) == (3, True)
