"""Certificates and справки on paper: words, pages, what the file is made of (R-2.2.11, R-5.4)."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from pathlib import Path
from typing import Any

import pypdf
import pytest
from msgspec.structs import replace as changed

from papka.paper.page_pictures import READING_DOTS, codes_on, look
from papka.paper.print_cache import PrintedFile
from papka.proof.document_code import read_text
from papka.records.acts import PrintedRow, RegisterEntry, Void
from tests.paper.conftest import HOSTILE
from tests.paper.issued import DAY, entry, printed
from tests.paper.sheet_counting import archival_faults

SNAPSHOTS = Path(__file__).parent / "snapshots"
MANY = tuple(
    PrintedRow(title=f"Часть {number} с очень длинным названием, которое займёт не одну строку",
               hours=3, control="итоговый", result="100 из 100", scale="Стобалльная", date=DAY)
    for number in range(1, 41)
)  # fmt: skip
LONG_NAME = "Константинопольская-Преображенская Александра-Виктория-Елизавета Константиновна-Оглы"
LONG_TITLE = "Углублённое изучение основ теории и практики исполнительского мастерства " * 4


def _long(form: str, address: str) -> RegisterEntry:
    made = entry(form, address)
    facts = made.facts | {"program": LONG_TITLE.strip(), "dative": LONG_NAME}
    return changed(made, holder=LONG_NAME, facts=facts, rows=MANY)


DOCUMENTS: dict[str, tuple[RegisterEntry, int]] = {
    "certificate": (entry("certificate", "2025-0001#e1"), 2),
    "certificate-long": (_long("certificate", "2025-0001#e1"), 5),
    "certificate-latin": (entry("certificate", "2025-0005#e1"), 2),
    "certificate-single-name": (entry("certificate", "2025-0006#e1"), 2),
    "certificate-duplicate": (
        changed(
            entry("certificate", "2025-0001#e1"),
            duplicate_of="С-2025-0003",
            facts=entry("certificate", "2025-0001#e1").facts | {"original": "2025-12-25"},
        ),
        2,
    ),
    "transcript": (entry("transcript", "2025-0009#e1"), 1),
    "transcript-of-period": (entry("transcript", "2025-0001#e3"), 1),
    "transcript-without-marks": (entry("transcript", "2025-0004#e1"), 1),
    "transcript-long": (_long("transcript", "2025-0009#e1"), 4),
    "progress": (entry("progress", "2025-0008#e1"), 1),
    "progress-draft": (entry("progress", "2025-0001#e3"), 1),
    "progress-long": (_long("progress", "2025-0001#e3"), 4),
}
FORMS = ("certificate", "transcript", "progress")


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[PrintedFile, Path]]:
    """Each laid out once."""
    folder = tmp_path_factory.mktemp("issued")
    found = {}
    for name, (made, _) in DOCUMENTS.items():
        path = folder / f"{name}.pdf"
        done = printed(made)
        path.write_bytes(done.data)
        found[name] = (done, path)
    return found


def tool(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def words(path: Path) -> str:
    raw = tool("pdftotext", "-raw", path, "-")
    return re.sub(r"\s+", " ", re.sub(r"(?<=\w)-\n(?=\w)", "", raw))


Papers = dict[str, tuple[PrintedFile, Path]]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_words_and_pages_are_those_reviewed(
    name: str, papers: Papers, pytestconfig: pytest.Config
) -> None:
    """A change of wording or order has to be looked at: --update-snapshots accepts it."""
    done, path = papers[name]
    assert done.pages == DOCUMENTS[name][1]
    found = words(path).replace(". ", ".\n") + "\n"
    expected = SNAPSHOTS / f"issued-{name}.txt"
    if pytestconfig.getoption("--update-snapshots"):
        expected.write_text(found, "utf-8")
    assert found == expected.read_text("utf-8")


@pytest.mark.parametrize("name", FORMS)
def test_pdf_is_sound_archival_tagged_and_russian(name: str, papers: Papers) -> None:
    _, path = papers[name]
    tool("qpdf", "--check", path)
    for line in tool("pdffonts", path).splitlines()[2:]:
        assert re.match(r"[A-Z]{6}\+Papka-PT-(Serif|Sans)", line), line
        assert re.search(r"\byes yes yes\b", line), line
    catalog: Any = pypdf.PdfReader(path).trailer["/Root"]
    assert catalog["/Lang"] == "ru"
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/OutputIntents"]
    assert "/AF" not in catalog
    metadata = catalog["/Metadata"].get_data().decode()
    assert re.search(r"part[^0-9]+3\b", metadata)
    assert re.search(r"conformance[^A-Z]+A\b", metadata)
    assert archival_faults(path) == []


@pytest.mark.parametrize("name", [*FORMS, "certificate-long", "transcript-long"])
def test_the_code_stands_in_the_corner_of_the_first_sheet(name: str, papers: Papers) -> None:
    """Реквизит 31: bottom right, 28–31 mm with its quiet zone, modules of 0.4 mm."""
    done, _ = papers[name]
    pages = look(done.data)
    found = [codes_on(page.picture) for page in pages]
    assert [len(codes) for codes in found] == [1] + [0] * (len(pages) - 1)
    ((text, box),) = found[0]
    assert read_text(text).facts.number == DOCUMENTS[name][0].number
    width, height = (side * 25.4 / READING_DOTS for side in pages[0].picture.size)
    left, top, right, bottom = (value * 25.4 / READING_DOTS for value in box)
    assert right - left == pytest.approx(69 * 0.4, abs=0.5)
    assert bottom - top == pytest.approx(69 * 0.4, abs=0.5)
    assert width - right < 32
    assert height - bottom < 32


def test_a_reprint_is_the_same_bytes_whenever_and_wherever(
    papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kamchatka")
    later = dt.datetime(2031, 1, 2, 3, 4, tzinfo=dt.UTC)
    for name in FORMS:
        again = printed(DOCUMENTS[name][0], moment=later, commit="f" * 40)
        assert again.data == papers[name][0].data


def test_where_the_case_is_unsure_the_name_stays_in_the_nominative(papers: Papers) -> None:
    made = entry("transcript", "2025-0009#e1")
    facts = {key: value for key, value in made.facts.items() if key not in ("dative", "sex")}
    done = printed(changed(made, holder="Blackbird Robin", facts=facts))
    text = "".join(page.extract_text() for page in _reader(done).pages).replace("\u00a0", " ")
    assert "Справка подтверждает, что Blackbird Robin," in " ".join(text.split())
    assert "Дана" not in text
    assert "Дана Тучкину Прохору Вихревичу" in words(papers["transcript"][1])


def test_a_name_changed_since_is_told_on_a_new_paper(papers: Papers) -> None:
    assert "Абрикосова-Лунная Аглая Тихоновна (до 01.03.2026 — Абрикосова)" in words(
        papers["certificate"][1]
    )


@pytest.mark.parametrize("name", FORMS)
def test_what_counts_no_more_says_so_on_every_sheet(name: str) -> None:
    done = printed(changed(DOCUMENTS[name][0], void=Void(reason="опечатка", kind="аннулирован")))
    for page in _reader(done).pages:
        stamp = "НЕДЕЙСТВИТЕЛЕН" if name == "certificate" else "НЕДЕЙСТВИТЕЛЬНА"
        assert stamp in page.extract_text().split()


def test_an_entry_of_old_is_printed_with_what_it_has() -> None:
    """Without rows, issuer and signature: no code, lines left out, nothing invented."""
    bare = RegisterEntry(
        number="О-2020-0001", series="s", form="transcript@1", date=DAY, student="2020-0001#e1",
        holder="Заря", salt="5a" * 32, facts={"program": "Оригами", "mastered": "сгибы"},
    )  # fmt: skip
    done = printed(bare)
    assert not any(codes_on(page.picture) for page in look(done.data))
    text = " ".join(_reader(done).pages[0].extract_text().split())
    assert "Заря" in text
    assert "Сгибы." in text
    assert "None" not in text


@pytest.mark.parametrize("name", FORMS)
def test_hostile_words_are_printed_as_words(name: str) -> None:
    made = DOCUMENTS[name][0]
    row = PrintedRow(title=HOSTILE, result="Щ" * 300, note=HOSTILE, scale=HOSTILE, control=HOSTILE)
    facts = {key: HOSTILE if isinstance(value, str) else value for key, value in made.facts.items()}
    done = printed(changed(made, holder=HOSTILE * 4, facts=facts, rows=(row,), protocol=HOSTILE))
    text = "".join("".join(page.extract_text().split()) for page in _reader(done).pages)
    assert '<imgsrc="file:///etc/passwd">' in text
    assert "{{7*7}}" in text
    assert "root:" not in text


def _reader(done: PrintedFile) -> pypdf.PdfReader:
    from io import BytesIO

    return pypdf.PdfReader(BytesIO(done.data))
