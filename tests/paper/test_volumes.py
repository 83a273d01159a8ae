"""Volumes of more than 250 sheets, and continuations of bound ones (R-6.5)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as with_fields

from papka.core.errors import Refused
from papka.core.snapshot import Snapshot
from papka.paper.print_cache import PrintedFile
from papka.paper.provenance import Provenance
from papka.records.student import Student, Volume
from tests.paper.conftest import volumes
from tests.paper.invented_school import AGLAYA, D, result
from tests.paper.pictures import pdf_of
from tests.paper.sheet_counting import Counted, counted, squeezed

PAPER = AGLAYA.documents[0]


def with_papers(*sheets: int) -> Student:
    return replace(
        AGLAYA,
        documents=tuple(
            with_fields(PAPER, id=f"d{at}", number=f"{at}/26", sheets=count)
            for at, count in enumerate(sheets, 1)
        ),
    )


def read(done: tuple[PrintedFile, ...], folder: Path) -> list[Counted]:
    found = []
    for each in done:
        (folder / each.name).write_bytes(each.data)
        found.append(counted(folder / each.name))
    return found


def test_a_file_is_divided_between_documents(templates: Snapshot, tmp_path: Path) -> None:
    done = volumes(with_papers(100, 140, 90), templates)
    assert [each.name for each in done] == [
        "personal-file-2026-0007-tom-1.pdf",
        "personal-file-2026-0007-tom-2.pdf",
    ]
    first, second = read(done, tmp_path)
    own = len(first.numbers)
    assert first.said == (own + 240, own, 240, "1", str(own + 240))
    assert second.said == (90, 0, 90, "1", "90")
    assert squeezed("Личное дело № 2026-0007 Том 2 из 2") in second.text
    assert all(squeezed("Лист-заверитель дела") in each.text for each in (first, second))
    assert squeezed(f"На {own + 240} лист") in first.text
    assert "На90лист" in second.text


def test_only_a_document_longer_than_a_volume_is_divided_and_it_says_so(
    templates: Snapshot, tmp_path: Path
) -> None:
    first, second, third = read(volumes(with_papers(600, 7), templates), tmp_path)
    own = len(first.numbers)
    assert [each.said[0] for each in (first, second, third)] == [250, 250, own + 107]
    assert "продолжениевтоме2" in first.text
    assert "началовтоме1;продолжениевтоме3" in second.text
    assert "началовтоме2" in third.text
    assert third.said[3:] == ("1", str(own + 107))


def test_a_long_scan_is_divided_by_its_sheets(templates: Snapshot, tmp_path: Path) -> None:
    student = replace(
        AGLAYA,
        documents=(
            with_fields(PAPER, sheets=240),
            with_fields(PAPER, id="d2", medium="копия", file="b.pdf", sheets=None),
        ),
    )
    done = volumes(student, templates, scans={"b.pdf": pdf_of(12)})
    first, second = read(done, tmp_path)
    own = len(first.numbers)
    assert second.numbers == tuple(str(number) for number in range(1, 13))
    assert "началовтоме" not in second.text
    assert first.said[0] == own + 240


def bound(student: Student, *sheets: int) -> Student:
    assert student.person
    assert student.person.paper
    paper = with_fields(
        student.person.paper,
        volumes=tuple(
            Volume(volume=number, bound=D(2026, 12, 1), sheets=count, signed_by="s001")
            for number, count in enumerate(sheets, 1)
        ),
    )
    return replace(student, person=with_fields(student.person, paper=paper))


@pytest.mark.parametrize("duplex", [False, True])
def test_chapters_and_provenance_that_reach_a_second_volume_are_numbered_from_one_there(
    templates: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, duplex: bool
) -> None:
    monkeypatch.setattr("papka.paper.volumes.LIMIT", 3)
    short = replace(AGLAYA, documents=(with_fields(PAPER, sheets=2),))
    origins = Provenance((), (), 1, "0123456789ab", short.folder, ("ab12",), "нет", ())
    found = read(volumes(short, templates, provenance=origins, duplex=duplex), tmp_path)
    assert len(found) > 1
    for each in found:
        total, own, papers, first, last = each.said
        assert (first, last, len(each.numbers)) == ("1", str(total), own)
        assert total - own == papers
    assert (found[0].numbers[0], found[-1].numbers[-1]) == ("1", found[-1].said[4])
    assert found[1].numbers[0] == "1", "chapters go on there, numbered anew"
    assert "Листпроисхождениясведений" in found[-1].text
    for number, each in enumerate(found, 1):
        assert squeezed(f"Личное дело № 2026-0007, том {number}") in each.text
        assert squeezed(f"Том {number} из {len(found)}") in each.text


def test_new_sheets_are_a_volume_of_their_own(templates: Snapshot, tmp_path: Path) -> None:
    marks = AGLAYA.periods["2026-2"]
    new = result(16, D(2026, 12, 2), mark=4, control="итоговый")
    paper = with_fields(PAPER, id="d6", number="99/26", title="Заявление о пересдаче", sheets=2)
    now = bound(
        replace(
            AGLAYA,
            periods={**AGLAYA.periods, "2026-2": (*marks, new)},
            documents=(*AGLAYA.documents, paper),
        ),
        *(12, 30),
    )
    (done,) = volumes(now, templates, earlier=AGLAYA)
    assert done.name == "personal-file-2026-0007-tom-3.pdf"
    (found,) = read((done,), tmp_path)
    assert found.numbers[0] == "1"
    last = len(found.numbers) + 2
    assert found.said == (last, len(found.numbers), 2, "1", str(last))
    assert "Том3из3" in found.text
    assert "02.12.2026Техникаигрыитоговый4(четыре)" in found.text
    assert squeezed("Заявление о пересдаче") in found.text
    for old in ("ул. Садовая", "20.11.2026 Техника", "Впервые выступала", "Грамота за"):
        assert squeezed(old) not in found.text, old


def test_a_correction_and_a_closed_debt_are_new(templates: Snapshot, tmp_path: Path) -> None:
    marks = AGLAYA.periods["2026-2"]
    resit = result(16, D(2026, 12, 2), "теория", mark=90, control="итоговый", resits="r15")
    now = bound(replace(AGLAYA, periods={**AGLAYA.periods, "2026-2": (*marks, resit)}), 12)
    (found,) = read(volumes(now, templates, earlier=AGLAYA), tmp_path)
    assert squeezed("пересдача записи 15") in found.text
    assert squeezed("На 28.12.2026 академических задолженностей нет") in found.text


def test_a_known_paper_with_a_new_note_takes_no_sheets(templates: Snapshot, tmp_path: Path) -> None:
    first, *rest = AGLAYA.documents
    now = bound(replace(AGLAYA, documents=(with_fields(first, note="Лист 2 надорван"), *rest)), 12)
    (found,) = read(volumes(now, templates, earlier=AGLAYA), tmp_path)
    assert squeezed("Лист 2 надорван; сведения изменены, листы в прежнем томе") in found.text
    assert found.numbers == ()
    assert squeezed("пронумеровано 0 (ноль) листов") in found.text


def test_nothing_new_is_said_and_not_printed(templates: Snapshot) -> None:
    with pytest.raises(Refused) as caught:
        volumes(bound(AGLAYA, 12), templates, earlier=AGLAYA)
    assert "после тома 1 ничего не изменилось" in caught.value.message
