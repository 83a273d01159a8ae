"""A card made twice: marked, its entries entered anew in the kept file, the old ones mistaken."""

from __future__ import annotations

import io
from typing import Any

import pytest

from papka.records.strict_yaml import read
from tests.support.command import papka
from tests.support.school import STUDENT, TEACHER, Archive
from tests.support.terminal import Terminal

KEPT, TWIN = "2026-0001", "2026-0002"
AGAIN = STUDENT.replace(KEPT, TWIN)
_CARD = """id: 2026-0002
name: {surname: Абрикосова, given: Аглая, patronymic: Тихоновна}
birth_date: 2011-05-14
representatives:
  - {id: p1, relation: отец, surname: Абрикосов, given: Тихон}
"""
_FILES = {
    "student.yaml": _CARD,
    "enrolments.yaml": "enrolments:\n  - {id: e1, program: guitar, edition: 2, group: Г-26-1, "
    "start: 2026-01-15, contract: d1}\n",
    "documents.yaml": "documents:\n  - {id: d1, kind: договор, number: 1/26, date: 2026-01-12, "
    "title: Договор, medium: копия, sheets: 3}\n",
    "notices.yaml": "notices:\n  - {id: n1, date: 2026-10-01, about: успеваемость, "
    "channel: телефон, told: p1}\n",
    "results/2026-2.yaml": "period: 2026-2\nresults:\n  - {id: r1, enrolment: e1, kind: учебный, "
    "origin: текущий контроль, part: техника, control: за период, date: 2026-10-28, mark: 3, "
    "assessed_by: s002}\n  - {id: r2, enrolment: e1, kind: учебный, origin: текущий контроль, "
    "part: техника, control: за период, date: 2026-10-28, mark: 5, assessed_by: s002, "
    "replaces: r1, reason: Описка}\n",
}


@pytest.fixture
def twice(archive: Archive) -> Archive:
    """The same girl once more, by another clerk: father instead of mother, a result of autumn."""
    for name, text in _FILES.items():
        archive.write(f"{AGAIN}/{name}", text)
    saved = archive.save(TEACHER)
    assert saved.commit, saved.findings
    return archive


def listed(archive: Archive, folder: str, name: str, key: str) -> list[dict[str, Any]]:
    path = f"{folder}/{name}"
    value: Any = read((archive.root / path).read_bytes(), path).value
    found: list[dict[str, Any]] = value[key]
    return found


def test_its_entries_are_entered_in_the_kept_file_and_the_old_ones_are_mistaken(
    twice: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("да\n"))
    words = (f"duplicate_of={KEPT}", "--save", "--as", TEACHER)
    ran = papka("fix", TWIN, *words, "-C", twice.root)
    assert ran.code == 0, ran.all
    assert f"e1 — там уже есть: {KEPT}#e1" in ran.out
    assert f"n1 → {KEPT}#n2" in ran.out
    assert f"duplicate_of: {KEPT}" in twice.read(f"{AGAIN}/student.yaml")
    fathers = listed(twice, STUDENT, "student.yaml", "representatives")
    assert [each["id"] for each in fathers] == ["p1", "p2"]
    notice = listed(twice, STUDENT, "notices.yaml", "notices")[-1]
    assert (notice["id"], notice["told"]) == ("n2", "p2")
    first, second = listed(twice, STUDENT, "results/2026-2.yaml", "results")
    assert (first["enrolment"], first["mark"]) == ("e1", 3)
    assert (second["replaces"], second["mark"]) == (first["id"], 5)
    assert first["id"] == "r4", "ids go on"
    for name, key in (("notices", "notices"), ("results/2026-2", "results"),
                      ("enrolments", "enrolments"), ("documents", "documents")):  # fmt: skip
        for each in listed(twice, AGAIN, f"{name}.yaml", key):
            assert each["void"]["reason"].startswith(f"Дело заведено повторно, ведётся {KEPT}")
    assert papka("check", "-C", twice.root).code == 0
    shown = papka("show", TWIN, "-C", twice.root).out
    assert "Внесено ошибочно, не считается" in shown
    again = papka("fix", TWIN, *words, "-C", twice.root)
    assert again.code == 0, again.all


@pytest.mark.parametrize("answer", ["нет\n", None])
def test_unless_it_is_wanted_the_card_alone_is_marked(
    answer: str | None, twice: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer) if answer else io.StringIO(""))
    before = twice.read(f"{AGAIN}/notices.yaml")
    ran = papka("fix", TWIN, f"duplicate_of={KEPT}", "-C", twice.root)
    assert ran.code == 0, ran.all
    assert f"papka fix {TWIN} duplicate_of={KEPT} --move" in ran.out
    assert twice.read(f"{AGAIN}/notices.yaml") == before
    words = ("исправить", TWIN, f"повторно-заведённое-дело={KEPT}", "--перенести")
    moved = papka(*words, "-C", twice.root)
    assert moved.code == 0, moved.all
    assert "void:" in twice.read(f"{AGAIN}/notices.yaml")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("duplicate_of=2026-0099", "--move"), 3, "Дела 2026-0099 нет"),
        (("duplicate_of=2026-0001", "sex=женский"), 2, "отдельно от других исправлений"),
        (("sex=женский", "--move"), 2, "заведённого повторно"),
    ],
)
def test_what_it_is_not_for(words: tuple[str, ...], code: int, said: str, twice: Archive) -> None:
    ran = papka("fix", TWIN, *words, "-C", twice.root)
    assert ran.code == code, ran.all
    assert said in ran.all


def test_results_of_a_closed_period_are_not_moved(archive: Archive) -> None:
    other = {"id: 2026-0001": "id: 2026-0002"}
    for name in ("student.yaml", "enrolments.yaml", "documents.yaml"):
        text = archive.read(f"{STUDENT}/{name}")
        for old, new in other.items():
            text = text.replace(old, new)
        archive.write(f"{AGAIN}/{name}", text)
    ran = papka("fix", KEPT, f"duplicate_of={TWIN}", "--move", "-C", archive.root)
    assert ran.code == 3, ran.all
    assert "утверждённого периода 2026-1" in ran.all
