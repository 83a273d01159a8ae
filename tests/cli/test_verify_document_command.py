"""papka verify DOCUMENT: what a person at the counter does with a paper (R-6.1)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from papka.core.findings import Code
from papka.paper import document_codes
from papka.paper.page_pictures import differences, look
from tests.support.command import papka
from tests.support.documents import Issued, packed, picture
from tests.support.photographs import sheet_with, with_a_stain
from tests.support.school import copied


def pdf(issued: Issued) -> Path:
    return issued.archive.root / "print" / "certificate-С-2026-0001.pdf"


def test_in_the_archive(issued: Issued) -> None:
    ran = papka("verify", "-C", issued.archive.root, pdf(issued))
    assert ran.code == 0, ran.all
    assert "ФИО                 Абрикосова Аглая Тихоновна" in ran.out
    assert "документ совпадает (напечатанное по реестру, байт в байт)" in ran.out


def test_by_a_list_of_keys_elsewhere(
    issued: Issued, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = papka("verify", pdf(issued), "--trust", issued.trust)
    assert ran.code == 0, ran.all
    assert "остальное сверьте по таблице" in ran.out
    ran = papka("verify", pdf(issued))
    assert ran.code == 3
    assert "--trust allowed_signers" in ran.err


def test_photograph_and_text_are_left_to_a_person(issued: Issued, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(packed(picture(issued.data, 170).rotate(3, expand=True, fillcolor="white")))
    for what in (photo, f"{issued.code}\n"):
        ran = papka("verify", "-C", issued.archive.root, what)
        assert ran.code == 0, ran.all
        assert "DOC_BY_EYE" in ran.out
        assert "Абрикосова Аглая Тихоновна" in ran.out
        assert "сверьте таблицу с бумагой" in ran.out


def test_a_mark_rubbed_out_on_a_photograph_is_told_as_not_proved(
    issued: Issued, tmp_path: Path
) -> None:
    """The code is the true one, so the signature is good: only the register knows the marks."""
    first, annex = (page for page in look(issued.data)[:2])
    mark = str(issued.entry.rows[0].result)
    spelled = "".join(sign.text for sign in annex.signs).replace("\u00a0", " ")
    rubbed = annex.picture.copy()
    for sign in annex.signs[spelled.index(mark) :][: len(mark)]:
        left, top, right, below = (round(edge) for edge in sign.box)
        rubbed.paste("white", (left, top, right, below))
    assert differences(annex.picture, rubbed) != ()
    photo = tmp_path / "photo.jpg"
    both = Image.new("RGB", (first.picture.width, first.picture.height * 2), "white")
    both.paste(first.picture)
    both.paste(rubbed, (0, first.picture.height))
    photo.write_bytes(packed(both))
    ran = papka("verify", "-C", issued.archive.root, photo)
    assert ran.code == 0, ran.all
    beside, _, covered = ran.out.partition("DOC_BY_EYE")
    for row in issued.entry.rows:
        assert row.title in beside
        assert str(row.result) in beside
    proved, _, rest = covered.partition("Не доказано кодом")
    assert "Сведения таблицы" in proved
    assert "Отметки и другие строки приложения" in rest
    assert "напечатанное кодом не доказано" in rest
    told = json.loads(papka("verify", "-C", issued.archive.root, photo, "--format", "json").out)
    assert [row["result"] for row in told["summary"]["rows"]] == [
        row.result for row in issued.entry.rows
    ]
    assert len(told["summary"]["coverage"]["not_looked_at"]) == 2


def test_a_photograph_that_cannot_be_read_proves_nothing_either_way(
    issued: Issued, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.jpg"
    sheet = sheet_with(issued.code)
    for picture_, said in (
        (with_a_stain(sheet), "на снимке он виден, но неразборчив"),
        (sheet.crop((0, 0, 800, 600)), "на снимке его не нашли"),
    ):
        photo.write_bytes(packed(picture_))
        ran = papka("verify", "-C", issued.archive.root, photo)
        assert ran.code == 1, ran.all
        assert "DOC_QR_UNREAD" in ran.out.split()
        assert said in ran.out
        assert "не проверен. Это не значит, что он поддельный" in ran.out
        assert "доверять нельзя" not in ran.out


def test_for_programs(issued: Issued) -> None:
    ran = papka("verify", "-C", issued.archive.root, pdf(issued), "--format", "json")
    told = json.loads(ran.out)["summary"]
    assert told["facts"]["holder"] == "Абрикосова Аглая Тихоновна"
    assert told["signer"] == "s001"
    assert told["compared_with"] == "напечатанное по реестру, байт в байт"


def test_code_that_proves_nothing(issued: Issued, tmp_path: Path) -> None:
    code = issued.code[:-3]
    ran = papka("verify", "-C", issued.archive.root, code)
    assert ran.code == 1
    assert "DOC_QR_UNREADABLE" in ran.out
    assert "доверять нельзя" in ran.out
    blank = tmp_path / "blank.pdf"
    blank.write_bytes(b"%PDF-1.7 nothing")
    assert papka("verify", "-C", issued.archive.root, blank, "--format", "github").code == 1


def test_trust_is_for_documents(issued: Issued) -> None:
    ran = papka("verify", "-C", issued.archive.root, "--trust", issued.trust)
    assert ran.code == 2
    assert "--trust" in ran.err


def test_annulled_replaced_and_duplicate(issued: Issued, tmp_path: Path) -> None:
    """The paper is as good as ever; only the register knows."""
    archive = copied(issued.archive, tmp_path)
    root, day = archive.root, ("--date", "2026-11-21")
    paper = tmp_path / "first.pdf"
    paper.write_bytes(issued.data)
    ran = papka("issue", "-C", root, "--duplicate", "С-2026-0001", *day)
    assert ran.code == 0, ran.all
    ran = papka("verify", "-C", root, root / "print" / "certificate-С-2026-0002.pdf")
    assert ran.code == 0, ran.all
    assert "DOC_DUPLICATE" in ran.out
    ran = papka("verify", "-C", root, paper)
    assert ran.code == 0, ran.all
    assert "DOC_HAS_DUPLICATE" in ran.out
    assert "выдан дубликат № С-2026-0002" in ran.out
    paper.write_bytes((root / "print" / "certificate-С-2026-0002.pdf").read_bytes())
    ran = papka("issue", "-C", root, "--replace", "С-2026-0002", "--reason", "опечатка", *day)
    assert ran.code == 0, ran.all
    ran = papka("verify", "-C", root, paper)
    assert ran.code == 1
    assert "DOC_VOID" in ran.out
    assert "недействителен: заменён на № С-2026-0003 с 21.11.2026: опечатка" in ran.out
    assert "DOC_FIELD_DIFFERS" not in ran.out
    assert "DOC_PAGE_DIFFERS" not in ran.out


def test_a_code_as_a_scanner_hands_it_over(issued: Issued) -> None:
    ran = papka("verify", "-C", issued.archive.root, f" {issued.code}\r\n")
    assert ran.code == 0, ran.all
    for code, said in (
        (issued.code.lower(), "он начинается с «PAPKA1:»"),
        (issued.code.replace("PAPKA1", "PAPKA2"), "он начинается с «PAPKA1:»"),
    ):
        ran = papka("verify", "-C", issued.archive.root, code)
        assert ran.code == 1, ran.all
        assert "DOC_QR_UNREADABLE" in ran.out
        assert said in ran.out


def test_archive_that_cannot_be_trusted_itself(issued: Issued, tmp_path: Path) -> None:
    archive = copied(issued.archive, tmp_path)
    git = ["-c", "user.name=x", "-c", "user.email=x@papka.invalid", "-c", "commit.gpgsign=false"]
    import subprocess

    subprocess.run(
        [
            "git",
            "-C",
            archive.root,
            *git,
            "commit",
            "-q",
            "--allow-empty",
            "--no-verify",
            "-m",
            "x",
        ],
        check=True,
    )
    ran = papka("verify", "-C", archive.root, issued.code)
    assert ran.code == 1
    assert "DOC_ARCHIVE_DOUBTFUL" in ran.out


def test_every_code_is_proven_and_explained() -> None:
    folder = Path(__file__).parents[1]
    tests = "".join(
        path.read_text("utf-8")
        for path in (*folder.glob("cli/test_verify*.py"), *folder.glob("*/test_document_*.py"))
    )
    every = (code for code in vars(document_codes).values() if isinstance(code, Code))
    codes = [code for code in every if code.name.startswith("DOC_")]
    assert [code.name for code in codes if f'"{code.name}"' not in tests] == []
    ran = papka("explain", codes[0].name)
    assert codes[0].why.split(".")[0] in " ".join(ran.out.split())
