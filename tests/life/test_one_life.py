"""One student's life: by commands only, and by editing YAML only; the facts must be equal.

Consent, enrolment, two periods with a debt, notice, re-sit, credit of an outside course, award,
second programme, surname change, leaving, return.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from papka.records.acts import Order
from papka.records.archive import load
from papka.records.schemas import SchemaSet
from papka.records.student import Student
from papka.repository.worktree import WorktreeSnapshot
from tests.support.archives import PROJECT, files_below
from tests.support.command import papka
from tests.support.school import Archive, copied

ID = "2026-0002"
FOLDER = f"records/students/2026/{ID}"
BY_HAND = PROJECT / "tests" / "life" / "by_hand"
AFTERWARDS = dt.datetime(2028, 1, 10, 9, tzinfo=dt.UTC)
SCAN = b"%PDF-1.4\n% contract of an invented person\n%%EOF\n"


@pytest.fixture
def school(built_archive: Archive, tmp_path: Path) -> Archive:
    """The good archive with one more period, one more programme and its scan to come."""
    archive = copied(built_archive, tmp_path)
    archive.edit(
        "records/organization.yaml",
        "groups:",
        "  - period: 2027-1\n    title: 1-е полугодие 2027 года\n    school_year: 2027\n"
        "    start: 2027-01-11\n    end: 2027-06-13\ngroups:",
    )
    archive.write(
        "records/programs/ensemble.yaml",
        archive.read("records/programs/guitar.yaml")
        .split("  - edition: 2")[0]
        .replace("code: guitar\ntitle: Гитара с нуля", "code: ensemble\ntitle: Ансамбль гитар"),
    )
    saved = archive.save("s001")
    assert saved.commit is not None, saved.findings
    return archive


def do(archive: Archive, *words: str) -> str:
    ran = papka(*words, "-C", archive.root)
    assert ran.code == 0, f"{' '.join(words)}\n{ran.all}"
    return ran.out


def by_commands(archive: Archive, scan: Path) -> None:
    def say(*words: str) -> str:
        return do(archive, *words)

    def add(list_: str, /, **fields: str) -> str:
        options = [
            part
            for name, value in fields.items()
            for part in (f"--{name.replace('__', '.')}", value)
        ]
        return say("add", ID, list_, *options)

    def order(kind: str, day: str, address: str, heading: str) -> str:
        out = say(
            *("new", "order", "--kind", kind, "--date", day, "--heading", heading),
            *("--number", f"{day[5:7]}-{day[8:]}"),
            *("--items.text", heading, "--items.students", address, "--signed_by", "s001"),
        )
        found = re.search(r"records/orders/(\d{4}/\d{4})\.yaml", out)
        assert found is not None, out
        return found[1]

    say(
        *("new", "student", "--name.surname", "Облакова", "--name.given", "Вера"),
        *("--sex", "женский", "--birth_date", "2010-03-05", "--phone", "+70000000055"),
        *("--representatives.relation", "мать", "--representatives.surname", "Облакова"),
        *("--representatives.given", "Любовь"),
    )
    add(
        "document", kind="договор", title="Договор об оказании услуг", number="9/26",
        date="2026-08-28", medium="подлинник", sheets="2", file=str(scan),
    )  # fmt: skip
    add(
        "document", kind="согласие", title="Согласие", date="2026-08-28",
        medium="подлинник", sheets="1",
    )  # fmt: skip
    add(
        "document", kind="справка", title="Справка музыкальной школы", number="3",
        date="2026-08-30", medium="копия", sheets="1",
    )  # fmt: skip
    add(
        "consent", purpose="фото-на-сайте", edition="1", date="2026-08-28",
        signed_by="p1", document="d2",
    )  # fmt: skip
    enrol = order("зачисление", "2026-08-31", ID, "О зачислении")
    add(
        "enrolment", program="guitar", edition="2", group="Г-26-1", form="очная",
        contract="d1", start="2026-09-01", order=enrol,
    )  # fmt: skip
    credit = order("зачёт", "2026-09-07", ID, "О зачёте")
    add(
        "credit", enrolment="e1", applied="2026-09-02", organisation="Школа «Ручеёк»",
        document="d3", order=credit, items__their_subject="Музыкальная грамота",
        items__their_result="отлично", items__decision="зачесть", items__part="теория",
        items__hours="34", items__mark="5", items__reason="Содержание совпадает",
    )  # fmt: skip
    result = {
        "enrolment": "e1", "kind": "учебный", "origin": "текущий контроль",
        "part": "техника", "control": "за период", "assessed_by": "s002",
    }  # fmt: skip
    add(
        "result", **result, period="2026-2", date="2026-12-20", mark="2",
        resit_by="2027-02-01",
    )  # fmt: skip
    add(
        "notice", date="2026-12-22", period="2026-2", about="задолженности",
        channel="телефон", told="p1",
    )  # fmt: skip
    add("result", **result, period="2026-2", date="2027-01-20", mark="3", resits="r1")
    add("result", **result, period="2027-1", date="2027-05-25", mark="4")
    say("fix", f"{ID}#r3", "mark=5", "--reason", "Описка, ведомость от 25.05.2027")
    award = order("поощрение", "2027-05-28", ID, "О поощрении")
    add(
        "award", date="2027-05-28", activity="творческая", award="грамота", act="awards",
        clause="3.2", order=award, text="За выступление на выпускном концерте",
    )  # fmt: skip
    second = order("зачисление", "2027-01-11", ID, "О зачислении на вторую программу")
    add(
        "enrolment", program="ensemble", edition="1", contract="d1", start="2027-01-12",
        order=second,
    )  # fmt: skip
    say("fix", ID, "surname=Тучкина", "--until", "2027-03-01")
    left = order("отчисление", "2027-06-15", f"{ID}#e1", "Об отчислении")
    say(
        *("end", f"{ID}#e1", "--date", "2027-06-15", "--reason", "отчисление"),
        *("--order", left),
    )
    back = order("зачисление", "2027-09-01", ID, "О зачислении")
    add(
        "enrolment", program="guitar", edition="2", contract="d1", start="2027-09-02",
        order=back,
    )  # fmt: skip


def by_hand(archive: Archive) -> None:
    """What a clerk types in an editor; ids nobody refers to are left to `papka save`."""
    for path, data in files_below(BY_HAND).items():
        archive.write(path, data)
    digest = hashlib.sha256(SCAN).hexdigest()
    archive.write(f"{FOLDER}/attachments/{digest[:12]}.pdf", SCAN)


def facts(archive: Archive) -> tuple[Student, dict[str, Order]]:
    """The personal file and all orders, without their salts."""
    snapshot = WorktreeSnapshot(archive.root)
    read = load(snapshot, SchemaSet.load(snapshot))
    orders = {key: structs.replace(order, salt=None) for key, order in read.orders.items()}
    return replace(read.students[ID], salt=None), orders


def test_by_commands_and_by_hand_the_facts_are_equal(
    school: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The life goes on into another year; the last check is of a day after it."""
    (tmp_path / "second").mkdir()
    other = copied(school, tmp_path / "second")
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(SCAN)
    by_commands(school, scan)
    by_hand(other)
    for archive in (school, other):
        do(archive, "save", "--as", "s002")
        with monkeypatch.context() as later:
            later.setattr("papka.cli.context.read_clock", lambda: AFTERWARDS)
            do(archive, "check", "--fail-on", "warning")
    assert facts(school) == facts(other)


def test_the_life_can_be_shown_and_printed(school: Archive) -> None:
    by_hand(school)
    do(school, "save", "--as", "s002")
    shown = do(school, "show", ID)
    for word in ("Тучкина", "Облакова", "отчисление", "Ручеёк", "грамота"):
        assert word in shown
    assert (school.root / "print").exists() is False
    do(school, "print", "personal-file", ID)
    assert [path.name for path in (school.root / "print").iterdir()] == [f"personal-file-{ID}.pdf"]
