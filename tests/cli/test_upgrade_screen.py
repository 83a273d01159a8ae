"""What `papka upgrade` shows of a plan and of what came of it, and what it asks."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest

from papka.checks import duplicates
from papka.cli import init
from papka.core.findings import Location
from papka.core.places import FORMAT
from papka.desk.edition import Difference, EditionState, State
from papka.desk.saving import Saved
from papka.desk.upgrading import UpgradePlan
from tests.support.command import Ran, papka
from tests.support.school import Archive

SAVED = Saved("0123456789abcdef", "тема", (("M", "schema/a.json"),), (), lambda _: None)
OURS = "а\nб\nв\nг\n".encode()
THEIRS = "а\nб\nВ\nг\n".encode()


def difference(path: str, state: State, ours: bytes | None = OURS) -> Difference:
    return Difference(path, state, ours, THEIRS)


class Upgrade:
    """The command, with a plan and an outcome of one's own; `asked` is what it was told to do."""

    def __init__(self, root: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401 - a path
        self.root, self.patch, self.asked = root, monkeypatch, dict[str, Any]()
        self.differences: tuple[Difference, ...] = ()
        self.saved = SAVED
        self.words: tuple[str, ...] = ()

    def __call__(self, *typed: str, answers: str = "") -> Ran:
        standing = EditionState(self.differences, FORMAT, is_newer=False)
        plan = UpgradePlan("0" * 40, standing, {}, self.words)

        def done(*_: object, **asked: Any) -> Saved:  # noqa: ANN401 - as the task has them
            self.asked = asked
            return self.saved

        self.patch.setattr(init, "plan_upgrade", lambda *_, **__: plan)
        self.patch.setattr(init, "upgrade", done)
        self.patch.setattr("sys.stdin", io.StringIO(answers))
        return papka("upgrade", *typed, "-C", self.root)

    def lines(self, *typed: str, answers: str = "") -> list[str]:
        ran = self(*typed, answers=answers)
        assert ran.code == 0, ran.all
        return ran.out.replace("\xa0", " ").splitlines()


@pytest.fixture
def upgrade(built_archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Upgrade:
    return Upgrade(built_archive.root, monkeypatch)


DONE = ["Архив обновлён: сохранение 0123456789ab", "Что дальше: отправьте остальным: papka sync"]
CHANGED = difference("templates/a.j2", "изменён в школе")
SHOWN = [
    "Изменено в школе: 1",
    "",
    "templates/a.j2: строки с «-» — ваши, с «+» — новой редакции",
    "  @@ -2,3 +2,3 @@",
    "   б",
    "  -в",
    "  +В",
    "   г",
]
WAITING = [
    "",
    (
        "Не решено: 1 файл. Пока оставлено как есть. "
        "Решить: papka upgrade --take templates/a.j2 или --keep templates/a.j2"
    ),
]


def test_nothing_to_do(upgrade: Upgrade) -> None:
    upgrade.differences = (difference("templates/a.j2", "оставлен свой"),)
    assert upgrade.lines() == ["Архив уже в редакции этой программы."]
    assert upgrade.asked == {}


def test_everything_that_changes_is_named_first(upgrade: Upgrade) -> None:
    upgrade.words = ("формат 1 → 2", "ряд «обращения»")
    upgrade.differences = (
        difference("schema/b.json", "новый", None),
        difference("schema/a.json", "обновить"),
        difference("schema/c.json", "обновить"),
        difference("tools/old.sh", "убрать"),
        CHANGED,
        difference("templates/own.j2", "оставлен свой"),
    )
    assert upgrade.lines("--yes") == [
        *("Новое: 1", "  schema/b.json"),
        *("Заменить новой редакцией: 2", "  schema/a.json", "  schema/c.json"),
        *("Убрать: 1", "  tools/old.sh"),
        *("Записи:", "  формат 1 → 2", "  ряд «обращения»"),
        *SHOWN,
        *WAITING,
        *DONE,
    ]
    assert (upgrade.asked["take"], upgrade.asked["keep"], upgrade.asked["dry_run"]) == (
        *((), ()),
        False,
    )


def test_a_file_the_school_took_away_is_told(upgrade: Upgrade) -> None:
    upgrade.differences = (difference("templates/a.j2", "изменён в школе", None),)
    assert "  в архиве этот файл убран, в новой редакции он изменён" in upgrade.lines("--yes")


@pytest.mark.parametrize(("count", "rest"), [(57, None), (58, "1 строка"), (62, "5 строк")])
def test_a_long_difference_is_cut_and_counted(
    upgrade: Upgrade, count: int, rest: str | None
) -> None:
    ours = "".join(f"{number}\n" for number in range(count)).encode()
    upgrade.differences = (replace(CHANGED, ours=ours + OURS, theirs=("а" + "\n").encode() + OURS),)
    lines = upgrade.lines("--yes")
    told = [line for line in lines if line.startswith("  … и ещё ")]
    assert told == ([f"  … и ещё {rest}"] if rest else [])
    assert sum(line.startswith("  -") for line in lines) == min(count, 59)


def test_the_head_is_asked_of_each_file_that_no_option_names(upgrade: Upgrade) -> None:
    upgrade.differences = tuple(replace(CHANGED, path=f"templates/{name}.j2") for name in "abcd")
    ran = upgrade("--take", "templates/a.j2", "--keep", "templates/b.j2", answers="да\nнет\nда\n")
    assert ran.code == 0, ran.all
    assert "templates/c.j2: взять новую редакцию вместо вашей? да/нет [нет]:" in ran.out
    assert "Обновить архив? да/нет [нет]:" in ran.out
    assert upgrade.asked["take"] == ("templates/a.j2", "templates/c.j2")
    assert upgrade.asked["keep"] == ("templates/b.j2", "templates/d.j2")
    assert "Не решено" not in ran.out


def test_who_says_no_changes_nothing(upgrade: Upgrade) -> None:
    upgrade.differences = (difference("schema/a.json", "обновить"),)
    ran = upgrade(answers="нет\n")
    assert (ran.code, upgrade.asked) == (130, {})
    assert ran.err.endswith("Прервано.\n")


def test_a_dry_run_asks_nothing_and_says_so(upgrade: Upgrade) -> None:
    upgrade.differences = (CHANGED,)
    upgrade.saved = replace(SAVED, commit=None)
    assert upgrade.lines("-n") == [
        *SHOWN,
        *WAITING,
        "Было бы обновлено одним сохранением. Ничего не изменено.",
    ]
    assert upgrade.asked["dry_run"] is True


def test_what_was_decided_before_leaves_nothing_to_change(upgrade: Upgrade) -> None:
    upgrade.differences = (CHANGED,)
    upgrade.saved = replace(SAVED, commit=None, paths=())
    assert upgrade.lines("--yes")[-1] == "Больше менять нечего."
    several = (CHANGED, replace(CHANGED, path="templates/b.j2"))
    upgrade.differences = several
    assert "Не решено: 2 файла." in " ".join(upgrade.lines("--yes"))


@pytest.mark.parametrize("typed", [("--yes",), ("-n",)])
def test_what_a_check_refuses_is_told(upgrade: Upgrade, typed: tuple[str, ...]) -> None:
    upgrade.differences = (difference("schema/a.json", "обновить"),)
    wrong = duplicates.NUMBER_DUPLICATE.at(Location("records/x.yaml"), number="1")
    for paths in ((), SAVED.paths):
        upgrade.saved = replace(SAVED, commit=None, paths=paths, findings=(wrong,))
        ran = upgrade(*typed)
        assert ran.code == 1
        assert ran.out.endswith("Архив не обновлён: причины выше, файлы не тронуты.\n")
        assert "NUMBER_DUPLICATE" in ran.out
