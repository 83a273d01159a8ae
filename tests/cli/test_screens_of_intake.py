"""What is said of what is handed out and taken in, word for word, of made-up outcomes.

--update-snapshots accepts a change that was looked at.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from papka.desk.command_end import WriteStep, Written
from papka.intake.export_parts import Original
from papka.intake.giving import Blank, Results
from papka.intake.package_file import PackageProof
from papka.intake.package_giving import Package
from papka.intake.package_taking import Offer, ReadPackage
from papka.records.archive import Archive as Records
from papka.records.school import ProgramPart
from tests.cli.made import BAD, WARNED, C, Told, answering, saved
from tests.cli.test_screens import compare
from tests.paper.counted_school import ID, SCHOOLS

OUT = ("--out", "отдано")
pytestmark = pytest.mark.usefixtures("plain_screen")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is handed out goes into a folder of its own."""
    monkeypatch.chdir(tmp_path)


def test_what_is_handed_out(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    for rows in (1, 2, 5):
        blank = Blank("sheet.xlsx", b"x" * rows, "2026-2", rows, 3)
        monkeypatch.setattr("papka.intake.giving.give_sheet", answering(blank))
        seen.type("give", "sheet", "Г-26-1", *OUT)
    for count, words in ((1, ()), (3, ("--names",)), (5, ("--format", "xlsx"))):
        made = Results("results.csv", b"", count, C)
        monkeypatch.setattr("papka.intake.giving.give_results", answering(made))
        seen.type("give", "results", *words, *OUT)
    for files, unsaved in ((("a",), ()), (("a", "b"), ("records/a.yaml", "records/b.yaml"))):
        package = Package("2026-0001.zip", b"zip", files, "SHA256:x", unsaved)
        monkeypatch.setattr("papka.intake.package_giving.make_package", answering(package))
        seen.type("give", "package", "2026-0001", "--as", "s001", *OUT)
    for name, missing in (
        ("grades.csv", ()),
        ("a/b:c.csv", (1,)),
        ("../..", (1, 2)),
        ("", (1,) * 5),
    ):
        original = Original(name, b"12345", missing)
        monkeypatch.setattr("papka.intake.export_parts.restore_original", answering(original))
        seen.type("give", "original", "2026-1/1", *OUT)
    compare(seen, "given")


def test_a_package_of_another_school(
    seen: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = SCHOOLS["two"]().students[ID]
    key = SimpleNamespace(fingerprint="SHA256:x")
    proven = PackageProof("подписан", key, (WARNED,))  # type: ignore[arg-type] # what is read of it
    organization = SimpleNamespace(name="Школа\x1b «Лодка»")
    archive = Records(organization=organization)  # type: ignore[arg-type] # as above
    good = ReadPackage("p.zip", {}, proven, archive, student)
    (tmp_path / "p.zip").write_bytes(b"")
    (tmp_path / "мой пакет.zip").write_bytes(b"")
    (tmp_path / "a.yaml").write_bytes(b"- x\n")
    for outcome, words in (
        (good, ("p.zip",)),
        (good, ("мой пакет.zip",)),
        (replace(good, proof=PackageProof("не подтверждён", None, ())), ("p.zip",)),
        (
            replace(good, proof=PackageProof("не подтверждён", None, (BAD,)), student=None),
            ("p.zip",),
        ),
    ):
        monkeypatch.setattr("papka.cli.take_package.read_package", answering(outcome))
        seen.type("take", *words)
    part = ProgramPart(part="техника", title="Техника игры", hours=36)
    offers = (
        Offer("Сольфеджио\x1b", "зачёт", 36, dt.date(2026, 5, 6), part),
        Offer("Хор", "", 0, None),
    )
    step = WriteStep(
        {"a.yaml": b"x: 1\n"}, {"a.yaml": b"x: 2\n", "b.pdf": b"%PDF"}, (f"{ID}#k1", "d2")
    )
    written = Written(step, (WARNED,), lambda _: None, done=False)
    with_answers = ("--answers", "a.yaml", "--as", "s001")
    cases: tuple[tuple[tuple[Offer, ...], Written | None, tuple[str, ...]], ...] = (
        ((), None, ()),
        (offers[1:], None, ()),
        (offers, None, ()),
        (offers, written, (*with_answers, "-n")),
        (offers, replace(written, done=True), with_answers),
        (offers, replace(written, done=True, saved=saved()), with_answers),
        (offers, replace(written, findings=(BAD,)), with_answers),
    )
    for listed, done, typed in cases:
        receiver = SimpleNamespace(offers=listed)
        monkeypatch.setattr("papka.cli.take_package.read_package", answering(good))
        monkeypatch.setattr("papka.cli.take_package.find_receiver", answering(receiver))
        monkeypatch.setattr("papka.cli.take_package.write_answers_form", answering("решения: []\n"))
        monkeypatch.setattr("papka.cli.take_package.write_credit", answering(done))
        seen.type("take", "p.zip", "--enrolment", "2026-0001#e1", *typed)
    seen.type("take", "p.zip", "мой пакет.zip")
    compare(seen, "take-package")
