"""One slip in a good record is told once, at its field, in Russian, and nothing good is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from papka.core.kinds import SCHEMA_OF
from papka.core.places import place
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import read
from tests.support.archives import good, restricted, sample, snapshot

FOLDER = "records/students/2026/2026-0001"
RESULTS = f"{FOLDER}/results/2026-1.yaml"
PROGRAM = "records/programs/guitar.yaml"
SCHOOL = "records/organization.yaml"

Change = Callable[[Any], object]
"""What a hasty hand does to the record."""


@cache
def schemas() -> SchemaSet:
    return SchemaSet.load(snapshot(good()))


def judged(path: str, change: Change = lambda _: None) -> list[str]:
    """`pointer: message` of every finding after a change."""
    found = place(path)
    assert found is not None
    value = read(good()[path], path).value
    change(value)
    findings = schemas().judge(SCHEMA_OF[found.kind], value, path)
    return [f"{finding.where.pointer}: {finding.message}" for finding in findings]


SLIPS: list[tuple[str, str, Change, str, str]] = [
    (
        "a personal result with a mark",
        RESULTS,
        lambda v: v["results"][1].update(mark=5),
        "/results/1/mark",
        "только словами",
    ),
    (
        "a personal result without words",
        RESULTS,
        lambda v: v["results"][1].pop("text"),
        "/results/1",
        "нужен text",
    ),
    (
        "a result with neither mark nor words",
        RESULTS,
        lambda v: v["results"][0].pop("mark"),
        "/results/0",
        "отметка",
    ),
    (
        "a mark without a part, so without a scale",
        RESULTS,
        lambda v: v["results"][0].pop("part"),
        "/results/0",
        "часть программы",
    ),
    (
        "a student's own judgement of planned results",
        RESULTS,
        lambda v: [
            v["results"][1].update(author="обучающийся"),
            v["results"][1].pop("assessed_by"),
        ],
        "/results/1/shows",
        "самооценки",
    ),
    (
        "a correction without its reason",
        RESULTS,
        lambda v: v["results"][2].update(replaces="r1"),
        "/results/2",
        "причину",
    ),
    (
        "sheets of a document that has no paper",
        f"{FOLDER}/documents.yaml",
        lambda v: v["documents"][0].update(medium="только файл"),
        "/documents/0/sheets",
        "нет бумажных листов",
    ),
    (
        "a file without its sum",
        f"{FOLDER}/documents.yaml",
        lambda v: v["documents"][0].pop("sha256"),
        "/documents/0",
        "sha256",
    ),
    (
        "a document that is only a file, without the file",
        f"{FOLDER}/documents.yaml",
        lambda v: [v["documents"][1].update(medium="только файл"), v["documents"][1].pop("sheets")],
        "/documents/1",
        "должен быть файл",
    ),
    (
        "a refused subject with a mark",
        f"{FOLDER}/credits.yaml",
        lambda v: v["credits"][0]["items"][0].update(decision="отказать", hours=1),
        "/credits/0/items/0",
        "При отказе",
    ),
    (
        "a tenth activity",
        f"{FOLDER}/awards.yaml",
        lambda v: v["awards"][0].update(activity="трудовая"),
        "/awards/0/activity",
        "",
    ),
    (
        "no personal outcome in a programme",
        PROGRAM,
        lambda v: v["editions"][0]["planned_results"].pop(1),
        "/editions/0/planned_results",
        "личностный планируемый результат",
    ),
    (
        "a target orientation that can be referred to",
        PROGRAM,
        lambda v: v["editions"][1].update(target_orientations=[{"id": 1, "text": "Интерес"}]),
        "/editions/1/target_orientations/0",
        "только текст",
    ),
    (
        "a scale of numbers and words at once",
        SCHOOL,
        lambda v: v["scales"][1].update(lowest=1),
        "/scales/1/lowest",
        "либо из чисел",
    ),
    (
        "a scale of neither",
        SCHOOL,
        lambda v: [v["scales"][0].pop(key) for key in ("lowest", "highest", "pass_mark")],
        "/scales/0",
        "числа lowest",
    ),
    (
        "a day that is not in the calendar",
        f"{FOLDER}/student.yaml",
        lambda v: v.update(birth_date="2011-02-30"),
        "/birth_date",
        "нет в календаре",
    ),
    (
        "a date the Russian way",
        f"{FOLDER}/student.yaml",
        lambda v: v.update(birth_date="14.05.2011"),
        "/birth_date",
        "год-месяц-день",
    ),
    (
        "a phone without quotes",
        f"{FOLDER}/student.yaml",
        lambda v: v.update(phone=70000000001),
        "/phone",
        "",
    ),
    (
        "an empty value",
        f"{FOLDER}/student.yaml",
        lambda v: v["name"].update(patronymic=None),
        "/name/patronymic",
        "",
    ),
    (
        "a name with a space after it",
        f"{FOLDER}/student.yaml",
        lambda v: v["name"].update(given="Аглая "),
        "/name/given",
        "без пробелов",
    ),
    (
        "an event of unknown level",
        "records/events/2026.yaml",
        lambda v: [v["events"][0].update(kind="мероприятие"), v["events"][0].pop("level")],
        "/events/0",
        "уровень",
    ),
    (
        "an outer assessment by nobody",
        "records/events/2026.yaml",
        lambda v: v["events"][0].update(monitoring="внешнее"),
        "/events/0",
        "кто его проводил",
    ),
    (
        "a result of an event, without the event",
        RESULTS,
        lambda v: v["results"][1].pop("event"),
        "/results/1",
        "где получен",
    ),
    (
        "a lettered sheet of a document whose sheets nobody counted",
        f"{FOLDER}/documents.yaml",
        lambda v: [v["documents"][0].pop("sheets"), v["documents"][0].update(lettered=["5а"])],
        "/documents/0",
        "сколько всего листов",
    ),
    (
        "a replaced document without the new one",
        "records/registers/issued/2026/progress-0001.yaml",
        lambda v: v.update(void={"reason": "Замена", "kind": "заменён"}),
        "/void",
        "номер нового",
    ),
    (
        "an annulled document that is replaced",
        "records/registers/issued/2026/progress-0001.yaml",
        lambda v: v.update(
            void={"reason": "Ошибка", "kind": "аннулирован", "replaced_by": "У-2026-0002"}
        ),
        "/void",
        "ничем не заменён",
    ),
    (
        "an exception that names no student",
        "records/approvals/2026-1.yaml",
        lambda v: v.update(exceptions=[{"kind": "нет отметки", "reason": "Болела"}]),
        "/exceptions/0",
        "зачисление (student)",
    ),
    (
        "an exception for a row of no export",
        "records/approvals/2026-1.yaml",
        lambda v: v.update(exceptions=[{"kind": "несопоставленная строка", "reason": "Гость"}]),
        "/exceptions/0",
        "номер строки",
    ),
    (
        "an act of approval without its day",
        "records/approvals/2026-1.yaml",
        lambda v: v.pop("closed"),
        "",
        "Нет дня акта",
    ),
    (
        "an act before the closing that closes",
        "records/approvals/2026-1.yaml",
        lambda v: v.update(approved="2026-06-14"),
        "",
        "дня закрытия (closed) нет",
    ),
    (
        "a hold without its reason",
        f"{FOLDER}/student.yaml",
        lambda v: v.update(holds=[{"since": "2026-01-01"}]),
        "/holds/0",
        "",
    ),
]


@pytest.mark.parametrize(
    ("path", "change", "pointer", "words"),
    [pytest.param(*slip[1:], id=slip[0]) for slip in SLIPS],
)
def test_slip_is_told_at_its_field(path: str, change: Change, pointer: str, words: str) -> None:
    told = judged(path, change)
    assert told
    assert all(one.startswith(pointer) for one in told), told
    assert any(words in one for one in told), told
    assert not any(english in one for one in told for english in ("valid", "schema", "expected"))


@pytest.mark.parametrize(
    "archive", [good(), sample(), restricted()], ids=["good", "sample", "restricted"]
)
def test_what_a_careful_clerk_wrote_is_accepted(archive: dict[str, bytes]) -> None:
    for path, data in archive.items():
        found = place(path)
        if found is None or found.kind not in SCHEMA_OF:
            continue
        document = read(data, path)
        assert document.findings == ()
        assert schemas().judge(SCHEMA_OF[found.kind], document.value, path) == []


def test_records_name_the_schema_that_judges_them() -> None:
    """The first line tells the editor; a wrong one would hide every hint."""
    for path, data in [*(good() | sample()).items(), *restricted().items()]:
        found = place(path)
        if found is None or found.kind not in SCHEMA_OF:
            continue
        first = data.decode().splitlines()[0]
        up = "../" * path.count("/")
        schema = SCHEMA_OF[found.kind]
        assert first == f"# yaml-language-server: $schema={up}schema/{schema}.json", path
