"""What `papka take` shows of a plan: none, one, two and many, in words and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest

from papka.cli.take import show_taken
from papka.copies.syncing import Synced
from papka.core.findings import Location
from papka.desk.numbers import Reserved
from papka.desk.saving import Saved
from papka.intake import tables
from papka.intake.export_matching import Matched, OpenRow
from papka.intake.proposal import ProposedCell, ProposedLine
from papka.intake.take_plan import PlannedFile, TakePlan
from papka.intake.taking import Taken
from papka.records.school import ExportLayout, StudentColumns

LAYOUT = ExportLayout(
    id="grades", edition=2, title="Журнал", target="результаты", layouts=("csv",),
    recognise=("Имя",), student=StudentColumns(full_name="Имя"),
)  # fmt: skip
READ = PlannedFile("файл.csv", "csv", "utf-8", ";", layout=LAYOUT, rows=2)
CELL = ProposedCell("e1", "техника", "за период", "")
NOBODY = cast(Any, None)
"""A plan's own reading of the archive, which a screen does not ask."""


def line(state: Any, mark: Any = 5, before: Any = None, topic: str = "") -> ProposedLine:  # noqa: ANN401
    return ProposedLine(state, "2026-0001", CELL._replace(topic=topic), mark, before, 2, 6)


def taken(*files: PlannedFile, changes: int = 0, saved: Saved | None = None, **more: Any) -> Taken:  # noqa: ANN401
    findings = tuple(finding for file in files for finding in file.findings)
    changed = {f"records/{number}": b"" for number in range(changes)}
    return Taken(TakePlan(NOBODY, files, findings, changed), saved, **more)


def screen(
    capsys: pytest.CaptureFixture[str], what: Taken, *, dry_run: bool = False
) -> tuple[int, list[str]]:
    code = show_taken(what, "text", dry_run=dry_run)
    # a number is never parted from its word: there they are joined by another space
    return code, capsys.readouterr().out.replace("\xa0", " ").splitlines()


SAVED = Saved("0123456789abcdef", "тема", (), (), lambda _: None)
NOTHING = "Принимать нечего: всё уже принято."


def test_how_a_file_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    def told(file: PlannedFile) -> str:
        return screen(capsys, taken(file))[1][0]

    assert told(READ) == "файл.csv: CSV, utf-8, разделитель — точка с запятой, 2 обучающихся"
    assert told(replace(READ, rows=1)).endswith(", 1 обучающийся")
    assert told(replace(READ, rows=5)).endswith(", 5 обучающихся")
    assert told(replace(READ, kind="xlsx", encoding="", delimiter="")) == (
        "файл.csv: XLSX, 2 обучающихся"
    )
    for kind, shown in (("ods", "ODS"), ("json", "JSON"), ("другой", "другой")):
        assert told(PlannedFile("a", kind)) == f"a: {shown}"
    for sign, word in ((",", "запятая"), ("\t", "табуляция"), ("|", "вертикальная черта")):
        assert (
            told(PlannedFile("a", "csv", "utf-8", sign)) == f"a: CSV, utf-8, разделитель — {word}"
        )
    assert told(PlannedFile("a", "csv", "utf-8", "!")) == "a: CSV, utf-8, разделитель — !"
    assert told(PlannedFile("a", already="2026-1/3")) == "a: уже принято: 2026-1/3"


def test_what_changes_is_counted_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    file = replace(
        READ,
        key="2026-1/4",
        lines=(
            line("new"),
            line("new", "зачтено", topic="Тест 1"),
            line("changed", 5, 4),
            line("same", 5, 5),
            line("kept", 3, 5),
            line("gone", None, 4),
        ),
        studies=2,
        same=1,
        matched=Matched(
            {2: "2026-0001"},
            ambiguous=(OpenRow((7, 8), "k7", "совпало только имя", ("2026-0002", "2026-0003")),),
            unmatched=(OpenRow((3, 4, 5, 6), "x1", "в архиве такого человека нет"),),
            skipped=(OpenRow((9,), "x2", "пропущена по ответу"),),
            learnt={"2026-0001": ("a", "b"), "2026-0002": ("c",)},
        ),
    )
    code, lines = screen(capsys, taken(file, changes=3), dry_run=True)
    assert code == 0
    assert (
        lines
        == """\
файл.csv: CSV, utf-8, разделитель — точка с запятой, 2 обучающихся
  Описание: «grades», редакция 2 — Журнал
  Что                                   Сколько
  новые                                 2
  изменены на платформе                 1
  без изменений                         1
  исправлены человеком, оставлены       1
  пропали с платформы, записи остаются  1
  новые зачисления                      2
  уже есть                              1
  чья строка, неясно                    2
  не сопоставлены                       4
  пропущены по ответу                   1
  Строки: с переменами 1, вопросов 6, отложено или отвергнуто 1
  Новые:
    Зачисление    Часть             Отметка
    2026-0001#e1  техника           5
    2026-0001#e1  техника «Тест 1»  зачтено
  Изменены на платформе:
    Зачисление    Часть    Отметка
    2026-0001#e1  техника  4 → 5
  Исправлены человеком, оставлены:
    Зачисление    Часть    Отметка
    2026-0001#e1  техника  5 → 3
  Пропали с платформы, записи остаются:
    Зачисление    Часть    Отметка
    2026-0001#e1  техника  4
  Без хозяина:
    Строка   Ключ строки  Почему                        Кто бы это
    7, 8     k7           совпало только имя            2026-0002, 2026-0003
    3, 4, 5  x1           в архиве такого человека нет
  Впишите ответы в файл и добавьте ключ --answers ФАЙЛ:
    # строка 7: совпало только имя; возможные ответы: 2026-0002, 2026-0003, пропустить
    k7: пропустить
  Узнано ключей платформы: 3; вписать их в карточки: --learn
Было бы принято: 3 файла. Ничего не записано.""".splitlines()
    )


def test_twenty_are_listed_and_the_rest_counted(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(count: int) -> list[str]:
        heap = tuple(OpenRow((n,), f"x{n}", "нет") for n in range(1, count + 1))
        file = replace(
            READ,
            lines=tuple(line("new", number) for number in range(count)),
            matched=Matched({}, ambiguous=heap),
        )
        return screen(capsys, taken(file))[1]

    assert not [told for told in shown(20) if "и ещё" in told]
    assert [told for told in shown(21) if "и ещё" in told] == ["    … и ещё 1"] * 2
    assert sum(told.startswith("    2026-0001#e1") for told in shown(22)) == 20
    assert sum(told.startswith("    # строка") for told in shown(22)) == 20


def test_new_cards_are_told_by_their_first_and_last_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def shown(*cards: str) -> list[str]:
        strangers = tuple(OpenRow((n,), f"x{n}", "нет") for n in range(len(cards)))
        file = replace(READ, cards=cards, matched=Matched({}, unmatched=strangers))
        return screen(capsys, taken(file))[1][2:]

    assert shown("2026-0006") == [
        *("  Что                Сколько", "  новые личные дела  1"),
        *("  Номера новых дел: 2026-0006", NOTHING),
    ]
    assert shown("2026-0006", "2026-0007", "2026-0008")[2] == (
        "  Номера новых дел: 2026-0006 … 2026-0008"
    )
    assert shown() == [NOTHING]


def test_keys_are_told_only_of_what_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    file = replace(READ, matched=Matched({}, learnt={"2026-0001": ("a",)}))
    assert not [told for told in screen(capsys, taken(file))[1] if "Узнано" in told]


WRONG = tables.EXPORT_EMPTY.at(Location("файл.csv"))
STOPPED = Synced("equal", cast("Any", None), findings=(WRONG,))
WENT = Synced("equal", cast("Any", None))


@pytest.mark.parametrize(
    ("what", "dry_run", "code", "said"),
    [
        (taken(READ), False, 0, [NOTHING]),
        (taken(READ), True, 0, [NOTHING]),
        (taken(READ, changes=1), True, 0, ["Было бы принято: 1 файл. Ничего не записано."]),
        (taken(READ, changes=5), True, 0, ["Было бы принято: 5 файлов. Ничего не записано."]),
        (
            taken(replace(READ, findings=(WRONG,))),
            False,
            1,
            ["Не принято: причины выше, ничего не записано."],
        ),
        (
            taken(READ, changes=1, saved=replace(SAVED, commit=None, findings=(WRONG,))),
            False,
            1,
            ["Не принято: причины выше, ничего не записано."],
        ),
        (
            taken(replace(READ, key="2026-1/4"), replace(READ, key="2026-1/5"), READ, saved=SAVED),
            False,
            0,
            [
                "Принято: 2026-1/4, 2026-1/5, сохранение 0123456789ab",
                "Что дальше: отправьте в зеркала (papka sync); отменить: papka undo",
            ],
        ),
        (
            taken(
                replace(READ, key="2026-1/4"),
                saved=SAVED,
                reserved=Reserved("4", saved=SAVED, synced=STOPPED),
            ),
            False,
            0,
            [
                "Принято: 2026-1/4, сохранение 0123456789ab",
                "Основное зеркало сохранение приняло, а здесь его пока нет: papka sync",
            ],
        ),
        (
            taken(
                replace(READ, key="2026-1/4"),
                saved=SAVED,
                reserved=Reserved("4", saved=SAVED, synced=WENT),
            ),
            False,
            0,
            ["Принято: 2026-1/4, сохранение 0123456789ab"],
        ),
        (
            taken(READ, changes=1, reserved=Reserved(None, reason="Спор. ", synced=STOPPED)),
            False,
            1,
            [
                "Не принято: обмен с основным зеркалом остановлен.",
                "Спор. Что дальше: papka sync",
            ],
        ),
    ],
)
def test_what_came_of_it(
    capsys: pytest.CaptureFixture[str], what: Taken, *, dry_run: bool, code: int, said: list[str]
) -> None:
    found, lines = screen(capsys, what, dry_run=dry_run)
    assert (found, lines[-len(said) :]) == (code, said)


@pytest.mark.parametrize(("count", "words"), [(1, "1 файл"), (2, "2 файла"), (5, "5 файлов")])
def test_what_a_killed_take_left_is_told(
    capsys: pytest.CaptureFixture[str], count: int, words: str
) -> None:
    lines = screen(capsys, taken(READ, restored=count))[1]
    assert lines[0] == f"Прошлый приём прервался; убрано недописанное: {words}"


def test_a_program_gets_everything(capsys: pytest.CaptureFixture[str]) -> None:
    heap = OpenRow((7, 8), "k7", "совпало только имя", ("2026-0002",))
    file = replace(
        READ,
        key="2026-1/4",
        lines=(line("same"), line("changed", 5, 4, "Тест"), line("gone", None, 4)._replace(row=0)),
        cards=("2026-0006",),
        studies=2,
        same=1,
        matched=Matched({}, (heap,), (heap,), (heap,), {"2026-0001": ("a",)}),
    )
    both = taken(file, PlannedFile("b", already="2026-1/3"), saved=SAVED)
    assert show_taken(both, "json", dry_run=False) == 0
    told = json.loads(capsys.readouterr().out)
    row = {"rows": [7, 8], "key": "k7", "reason": "совпало только имя", "candidates": ["2026-0002"]}
    changed = {
        "state": "changed", "student": "2026-0001", "enrolment": "e1", "part": "техника",
        "control": "за период", "topic": "Тест", "mark": 5, "before": 4, "row": 2, "column": 6,
    }  # fmt: skip
    assert told["findings"] == []
    assert told["summary"]["commit"] == "0123456789abcdef"
    assert told["summary"]["files"] == [
        {
            "file": "файл.csv", "import": "2026-1/4", "already": None, "layout": "grades",
            "edition": 2, "kind": "csv", "encoding": "utf-8", "delimiter": ";", "students": 2,
            "counts": {"new": 0, "changed": 1, "same": 1, "kept": 0, "gone": 1},
            "lines": [
                changed,
                {**changed, "state": "gone", "topic": "", "mark": None, "row": None},
            ],
            "rows": [
                {"row": 2, "verdict": "changed", "why": None},
                {"row": 7, "verdict": "refused", "why": None},
                {"row": 8, "verdict": "refused", "why": None},
            ],
            "cards": ["2026-0006"], "enrolments": 2, "present": 1,
            "ambiguous": [row], "unmatched": [row], "skipped": [row],
            "learnt": {"2026-0001": ["a"]},
        },
        {
            "file": "b", "import": None, "already": "2026-1/3", "layout": None, "edition": None,
            "kind": None, "encoding": None, "delimiter": None, "students": 0,
            "counts": {"new": 0, "changed": 0, "same": 0, "kept": 0, "gone": 0}, "lines": [],
            "rows": [], "cards": [], "enrolments": 0, "present": 0, "ambiguous": [],
            "unmatched": [], "skipped": [], "learnt": {},
        },
    ]  # fmt: skip
    refused = taken(replace(READ, findings=(WRONG,)))
    assert show_taken(refused, "json", dry_run=False) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "EXPORT_EMPTY"
