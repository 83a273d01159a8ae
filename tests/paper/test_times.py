"""Two times on paper, never mixed: what was known (`--rev`) and what was valid (`--on`)."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

from papka.paper.print_cache import PrintOptions
from papka.paper.print_saved import find_turn, print_saved
from tests.conftest import PROJECT
from tests.support.command import papka
from tests.support.prints import save_unjudged
from tests.support.school import NOW, STUDENT, Archive

ID = "2026-0001"
SECOND_AWARD = """\
  - id: a2
    date: 2026-04-16
    activity: творческая
    award: грамота
    act: awards
    clause: "3.2"
    order: 2026/0003
    text: За исполнение нового этюда
"""
FORMS = ("personal-file", "notice")


def page(archive: Archive, form: str, *more: str, address: str = ID) -> str:
    out = archive.root.parent / "page.html"
    ran = papka("print", form, address, "--html", "--out", out, *more, "-C", archive.root)
    assert ran.code == 0, ran.all
    return out.read_text("utf-8").replace("\u00a0", " ")


@pytest.mark.parametrize("form", FORMS)
def test_a_paper_names_the_last_commit_that_changed_it_and_prints_the_same_at_it(
    archive: Archive, form: str
) -> None:
    now = print_saved(archive.root, form, ID, PrintOptions(html=True))
    archive.write("records/acts/1/evidence.pack", "О другом")
    save_unjudged(archive)
    later = print_saved(archive.root, form, ID, PrintOptions(html=True))
    then = print_saved(archive.root, form, ID, PrintOptions(html=True), rev=now.commit)
    assert (later.commit, later.files) == (now.commit, now.files)
    assert (then.commit, then.files) == (now.commit, now.files)
    assert now.commit[:12] in page(archive, form)


def test_a_paper_without_a_day_of_its_own_is_signed_by_who_signs_when_it_is_printed(
    archive: Archive,
) -> None:
    """Its state may be older than the leave, or last changed within it."""
    assert find_turn(archive.root, NOW.date()) is None
    since, until = NOW.date() + dt.timedelta(days=10), NOW.date() + dt.timedelta(days=20)
    start = "    since: 2021-02-01\n"
    term = (
        f"    acting:\n      - since: {since}\n        until: {until}\n"
        "        basis: доверенность\n"
        f'        number: "3"\n        date: {NOW.date()}\n'
    )
    archive.edit("records/staff.yaml", start, start + term)
    archive.save("s001")
    acting = f"Представитель по доверенности № 3 от {NOW:%d.%m.%Y}"

    def signed(day: dt.date, on: dt.date | None = None) -> bool:
        options = PrintOptions(html=True, turn=find_turn(archive.root, day), on=on)
        (file,) = print_saved(archive.root, "personal-file", ID, options).files
        return acting in file.data.decode().replace("\u00a0", " ")

    days = (since - dt.timedelta(days=1), since, until, until + dt.timedelta(days=1))
    assert [signed(day) for day in days] == [False, True, True, False]
    assert not signed(since, on=NOW.date())  # as it was on a day: by who signed then
    options = [PrintOptions(turn=find_turn(archive.root, day)) for day in days]
    assert len({str(each) for each in options}) == 3  # the leave and what follows: prints apart


def test_a_paper_of_a_file_is_another_once_a_consent_for_a_photo_has_ended(
    archive: Archive,
) -> None:
    """Nothing need be saved that day, and what was printed before is not given out again."""
    ends = NOW.date() + dt.timedelta(days=5)
    archive.edit(f"{STUDENT}/consents.yaml", "valid_until: 2027-12-31", f"valid_until: {ends}")
    archive.save("s001")
    after = ends + dt.timedelta(days=1)
    for folder in (STUDENT, "records/students"):
        assert find_turn(archive.root, ends, folder) is None
        assert find_turn(archive.root, after + dt.timedelta(days=9), folder) == after
    assert find_turn(archive.root, after) is None
    assert find_turn(archive.root, after, "records/students/2026/2026-0404") is None


@pytest.mark.parametrize("form", FORMS)
def test_an_earlier_commit_prints_its_records_with_its_templates(
    archive: Archive, form: str
) -> None:
    before = page(archive, form)
    archive.edit(f"{STUDENT}/student.yaml", "Аглая", "Аграфена")
    archive.edit("templates/paper.css", "@page", "/* новый стиль */ @page")
    save_unjudged(archive)
    after = page(archive, form)
    assert "Аграфен" in after
    assert "новый стиль" in after
    assert page(archive, form, "--rev", "HEAD~1") == before
    assert "Аграфен" not in before
    assert "новый стиль" not in before


def test_a_paper_of_an_earlier_day_shows_nothing_later_and_names_both_moments(
    archive: Archive,
) -> None:
    assert "14.09.2026" in page(archive, "personal-file")
    then = page(archive, "personal-file", "--on", "2026-06-20")
    assert "14.09.2026" not in then
    assert "28.05.2026" in then
    assert "20.06.2026" in then
    notice = page(archive, "notice", "--on", "2026-06-20")
    assert "сведения на 20.06.2026" in notice
    assert "по состоянию электронного архива на 20.11.2026" in notice


def test_new_sheets_are_those_since_the_last_volume_was_bound(archive: Archive) -> None:
    place = "  place: Шкаф 1, полка 1, папка 1\n"
    volume = "    - volume: 1\n      bound: 2026-11-20\n      sheets: 9\n      signed_by: s001\n"
    archive.edit(f"{STUDENT}/student.yaml", place, f"{place}  volumes:\n{volume}")
    awards = f"{STUDENT}/awards.yaml"
    archive.write(awards, archive.read(awards) + SECOND_AWARD)
    saved = archive.save("s001", now=NOW + dt.timedelta(days=5))
    assert saved.commit, saved.findings
    whole = page(archive, "personal-file")
    new = page(archive, "personal-file", "--new-sheets")
    assert "За исполнение нового этюда" in whole
    assert "За исполнение нового этюда" in new
    assert "28.05.2026" in whole
    assert "28.05.2026" not in new


def test_what_is_not_saved_is_not_printed_and_is_named(archive: Archive) -> None:
    saved = page(archive, "notice")
    archive.edit(f"{STUDENT}/student.yaml", "Аглая", "Аграфена")
    archive.write("records/orders/2026/0009.yaml", "number: 9")
    out = archive.root.parent / "page.html"
    ran = papka("print", "notice", ID, "--html", "--out", out, "-C", archive.root)
    assert f"Не сохранено и потому не напечатано: {STUDENT}/student.yaml\n" in ran.out
    assert "0009" not in ran.out
    assert page(archive, "notice") == saved
    past = papka("print", "notice", ID, "--html", "--rev", "HEAD", "-C", archive.root)
    assert "Не сохранено" not in past.out


def test_a_new_unsaved_file_that_belongs_on_the_paper_is_named(archive: Archive) -> None:
    archive.write(f"{STUDENT}/results/2026-2.yaml", "period: 2026-2\nresults: []\n")
    ran = papka("print", "notice", ID, "--html", "-C", archive.root)
    assert f"не напечатано: {STUDENT}/results/2026-2.yaml" in ran.out


def test_same_bytes_in_another_zone_folder_and_language(archive: Archive, tmp_path: Path) -> None:
    here = print_saved(archive.root, "notice", ID, cache=False).files[0]
    other = tmp_path / "другое место"
    (tmp_path / "archive").rename(other)
    script = "from papka.cli.main import main; main()"
    environment = {
        **os.environ,
        "TZ": "Asia/Kamchatka",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(PROJECT / "tools"),
    }
    subprocess.run(
        [sys.executable, "-c", script, "print", "notice", ID, "--no-cache", "-C", other],
        cwd=tmp_path, env=environment, check=True, capture_output=True,
    )  # fmt: skip
    assert (other / "print" / here.name).read_bytes() == here.data
