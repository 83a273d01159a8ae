"""The sheet of a seal: what stands in the seal's file, in words, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from msgspec.structs import replace as with_fields

from papka.core.errors import NotFound, Refused
from papka.core.places import LIST, TEXT, seal_file
from papka.paper.forms import trust_sheets
from papka.paper.forms.trust_sheets import TrustSheet
from papka.records.derived.in_force import name_year
from papka.records.school import SchoolYear
from tests.paper.forms_school import short
from tests.paper.proof_files import HEAD_COMMIT, NEW, PROOF, SEAL
from tests.paper.test_forms import state


def sheet(*changes: tuple[str, str]) -> TrustSheet:
    text = SEAL
    for before, after in changes:
        assert before.encode() in text
        text = text.replace(before.encode(), after.encode())
    proof = {**PROOF, seal_file(2, TEXT): text}
    found: TrustSheet = trust_sheets.view_seal(state(replace(short(), proof=proof)), "0002")
    assert "".join(found.digest.groups) == hashlib.sha256(text).hexdigest()
    return found


def test_a_sheet_shows_the_seal_as_it_stands_in_the_archive() -> None:
    found = sheet()
    assert found.page.title == "Пломба электронного архива № 0002"
    assert (found.number, found.date.replace("\u00a0", " ")) == ("0002", "28 декабря 2026 г.")
    assert found.head.replace(" ", "") == HEAD_COMMIT
    assert found.previous.replace(" ", "") == hashlib.sha256(b"seal").hexdigest()
    assert [key.fingerprint for key in found.keys] == [key.fingerprint for key in NEW]
    assert found.signature.name


def test_the_first_seal_names_none_before_it() -> None:
    previous = f"previous: sha256:{hashlib.sha256(b'seal').hexdigest()}"
    assert sheet((previous, "previous: none")).previous == ""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-2", "2 полугодие 2026 года"),
        ("2026", "2026 учебный год"),
        ("2008", "2008 учебный год"),
        ("2025-9", "2025-9"),
        ("20267", "20267"),
        ("year", "year"),
    ],
)
def test_a_period_is_called_as_the_school_calls_it(written: str, said: str) -> None:
    assert sheet(("period: 2026-2", f"period: {written}")).period == said


def test_a_year_that_begins_in_autumn_is_called_by_both_its_years() -> None:
    found = short()
    assert found.organization is not None
    years = SchoolYear(starts="09-01", backup_by="09-25")
    archive = replace(found, organization=with_fields(found.organization, school_year=years))
    for year, said in ((2026, "2026/27 учебный год"), (2099, "2099/00 учебный год")):
        assert name_year(archive, year) == said
    assert name_year(found, 2026) == "2026 учебный год"


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 строка"), (2, "2 строки"), (5, "5 строк"), (1204, "1204 строки")]
)
def test_the_lines_of_the_list_are_counted(count: int, said: str) -> None:
    assert sheet(("units: 1204", f"units: {count}")).units.replace("\u00a0", " ") == said


def test_seals_are_found_by_their_texts_alone_in_their_order() -> None:
    proof = {**PROOF, seal_file(10, TEXT): SEAL, seal_file(3, LIST): b"", seal_file(1, TEXT): SEAL}
    assert tuple(trust_sheets.SEAL.targets(replace(short(), proof=proof))) == (
        "0001",
        "0002",
        "0010",
    )
    assert tuple(trust_sheets.SEAL.targets(replace(short(), proof={}))) == ()


def test_a_seal_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound) as refused:
        trust_sheets.view_seal(state(short()), "0003")
    assert refused.value.message == "Пломбы № 0003 в архиве нет"
    assert refused.value.next_step.startswith("Её ставит руководитель: papka period seal;")
    assert "«0002»" in refused.value.next_step


def test_a_sheet_is_not_printed_of_an_archive_that_has_no_history() -> None:
    with pytest.raises(Refused) as refused:
        trust_sheets.view_seal(replace(state(short()), root=None), "0002")
    assert refused.value.message == "Архив ещё не сохранён: первого сохранения нет"
    assert refused.value.next_step == "Сохраните его: papka save"


def test_a_seal_that_cannot_be_read_is_not_printed() -> None:
    with pytest.raises(Refused) as refused:
        sheet(("number: 0002", "nomer: 0002"))
    assert refused.value.message == "Пломба № 0002 не прочесть: строка 2 не та, что должна быть"
    assert refused.value.next_step == "Проверьте архив: papka verify"
