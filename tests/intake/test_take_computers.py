"""Two computers take exports at once: numbers are taken on the primary, nobody's work is lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from papka.core.errors import RemoteUnreachable
from papka.intake.take_plan import TakeRequest
from papka.intake.taking import Taken, take
from papka.repository import commit_snapshots
from papka.repository.signing import find_actor
from tests.support.clones import CLERK, Clone, share
from tests.support.school import TEACHER, Archive, copied
from tests.support.taking import PERIOD, aglaya, emil, gradebook, with_class

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
PEOPLE = ("Фамилия", "Имя", "Отчество", "Дата рождения", "Почта", "Пол", "Программа", "Группа",
          "Начало")  # fmt: skip


@pytest.fixture
def clones(built_archive: Archive, tmp_path: Path) -> tuple[Clone, Clone]:
    shared = share(with_class(copied(built_archive, tmp_path)), tmp_path)
    return shared.clone(tmp_path / "one", TEACHER), shared.clone(tmp_path / "two", CLERK)


def taken(clone: Clone, data: bytes, name: str = "grades.csv") -> Taken:
    actor = find_actor(clone.root, clone.staff)
    wish = TakeRequest(((name, data),), PERIOD, "kurs", clone.staff, NOW.date())
    return take(clone.root, actor, wish, now=NOW)


def people(*surnames: str) -> bytes:
    rows = ((each, "Ян", "", "05.05.2012", "", "м", "", "", "") for each in surnames)
    return gradebook(*rows, columns=PEOPLE)


def test_imports_and_personal_files_get_different_numbers(clones: tuple[Clone, Clone]) -> None:
    one, two = clones
    first, second = taken(one, people("Осокин", "Хвощ")), taken(two, people("Репей"))
    assert [each.cards for each in (*first.files, *second.files)] == [
        ("2026-0006", "2026-0007"),
        ("2026-0008",),
    ]
    assert [first.files[0].key, second.files[0].key] == ["2026-2/2", "2026-2/3"]
    one.sync()
    assert one.head == two.head
    assert not one.unsaved()
    assert not two.unsaved()
    assert not one.grave()


def test_the_same_export_is_taken_once(clones: tuple[Clone, Clone]) -> None:
    one, two = clones
    assert taken(one, gradebook(aglaya())).commit is not None
    again = taken(two, gradebook(aglaya()))
    assert again.commit is None
    assert [each.already for each in again.files] == ["2026-2/2"]
    assert one.head == two.head


def test_the_second_lays_its_export_on_what_the_first_took(clones: tuple[Clone, Clone]) -> None:
    one, two = clones
    taken(one, gradebook(emil()))
    found = taken(two, gradebook(emil("5", "5", "зачтено"))).files[0]
    assert (found.count("changed"), found.count("same"), found.count("new")) == (1, 2, 0)


def test_without_the_primary_nothing_is_taken(clones: tuple[Clone, Clone], tmp_path: Path) -> None:
    one, _ = clones
    (tmp_path / "primary.git").rename(tmp_path / "gone.git")
    before = commit_snapshots.head(one.root)
    with pytest.raises(RemoteUnreachable):
        taken(one, gradebook(emil()))
    assert commit_snapshots.head(one.root) == before
    assert not one.unsaved()
