"""What an order of destruction takes away, and what stands in its way; nothing is written here."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import get_args

import pytest

from papka.core.errors import NotFound, PapkaError
from papka.desk import destruction_plan
from papka.desk.destruction_plan import DestructionPlan, list_due, name_due, plan_destruction
from papka.records.derived.destruction import TargetObstacle
from papka.repository.commit_writing import commit
from papka.repository.signing import find_actor
from tests.support.doomed import (
    KEY,
    LATER,
    OLD,
    OLD_FOLDER,
    OLD_NAME,
    ORDER,
    PHOTO,
    PHOTO_FILE,
    SCAN_FILE,
    build_school,
    save_later,
    write_order,
)
from tests.support.made_once import once_for_all
from tests.support.school import STUDENT, Archive, head

D = dt.date
TODAY = D(2026, 11, 30)
TWIN = PHOTO_FILE.replace(".jpg", ".jpeg")
OTHERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "2026/0011": ("1-и", "иное", {}),
    "2026/0012": ("2-и", "уничтожение", {"date": "2026-12-01"}),
    "2026/0013": ("3-и", "уничтожение", {"by": "s002"}),
    "2026/0014": ("4-и", "уничтожение", {"text": "Уничтожить приказ 2022/0001"}),
    "2026/0015": ("5-и", "иное", {"text": "Отменить"}),
    "2026/0016": ("6-и", "уничтожение", {"text": "Уничтожить 2026-2/12 и 2025/progress-0001"}),
    "2026/0017": ("7-и", "уничтожение", {"text": "Уничтожить У-2026-0001, 2022/0001, 2026-2/1."}),
}


def _order(folder: Path) -> Archive:
    """The school with orders that are no good, and the photo's bytes in a second file."""
    archive = build_school(folder)
    for key, (number, kind, wrong) in OTHERS.items():
        about = "" if "text" in wrong else f"2026-0001#d4 {OLD}"
        write_order(archive, key, number, kind, about, **wrong)
    last = "records/orders/2026/0015.yaml"
    archive.write(last, f"{archive.read(last)}cancels: 2026/0012\n")
    documents = f"{STUDENT}/documents.yaml"
    line = "  - {id: d6, kind: копия, title: Копия, medium: только файл, file: %s, sha256: %s}\n"
    found = (TWIN.rpartition("/")[2], hashlib.sha256(PHOTO).hexdigest())
    archive.write(TWIN, PHOTO)
    archive.write(documents, archive.read(documents) + line % found)
    save_later(archive, "s001")
    return archive


@pytest.fixture(scope="session")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return once_for_all(tmp_path_factory, "ordered", _order)


def plan(
    archive: Archive, *words: str, said: str = ORDER, on: dt.date = TODAY, by_head: bool = True
) -> DestructionPlan:
    return plan_destruction(archive.root, words, said, on=on, today=TODAY, by_head=by_head)


def told(troubles: tuple[PapkaError, ...]) -> str:
    assert all(each.next_step for each in troubles)
    return " ¦ ".join(f"{each.message} → {each.next_step}" for each in troubles)


def test_a_photo_without_consent_may_go_and_the_plan_says_what_stays(ordered: Archive) -> None:
    found = plan(ordered, "2026-0001#фото")
    (photo,) = found.doomed
    assert found.troubles == ()
    assert (photo.thing.entry, photo.thing.basis) == ("2026-0001#d4", "согласие отозвано")
    assert (photo.thing.due, photo.thing.categories) == (D(2026, 12, 22), ("фотография",))
    assert found.gone == photo.files == (PHOTO_FILE,)
    assert found.elsewhere == ((PHOTO_FILE, TWIN),)
    assert {each.what for each in found.remains} >= {"согласие и его отзыв", "строка описи"}
    assert (found.number, found.twins, found.issued) == (1, (), ("У-2026-0001",))


def test_a_file_past_its_term_goes_whole(built_doomed: Archive) -> None:
    found = plan(built_doomed, OLD)
    (folder,) = found.doomed
    assert found.troubles == ()
    assert (folder.whose, found.gone, found.twins) == (OLD_NAME, (OLD_FOLDER,), (OLD,))
    assert (folder.thing.basis, folder.thing.due) == ("срок хранения", D(2025, 12, 31))
    assert folder.thing.categories == (
        "фамилия, имя, отчество", "дата рождения", "контактные данные", "сведения об обучении",
    )  # fmt: skip
    assert set(folder.files) == {
        f"{OLD_FOLDER}/{name}" for name in (".salt", "student.yaml", "enrolments.yaml")
    }


@pytest.mark.parametrize(
    ("words", "said", "why"),
    [
        (["2026-0001"], ORDER, "обучение не окончено"),
        (["2026-0001"], ORDER, "не названо: личное дело 2026-0001"),
        (["2026-0001#d1"], ORDER, "другое основание"),
        (["2026-0001#d4"], "1-и", "вида «иное»"),
        (["2026-0001#d4"], "2-и", "позже дня уничтожения"),
        (["2026-0001#d4"], "2-и", "отменён приказом 2026/0015"),
        (["2026-0001#d4"], "3-и", "подписал не руководитель"),
        (["2026-0001#d4"], "4-и", "не названо: файл документа 2026-0001#d4"),
        (["2026/0002"], "4-и", "не названо: приказ 2026/0002"),
        (["2022/0001"], "4-и", "нет срока хранения"),
        (["У-2026-0001"], "4-и", "нет срока хранения"),
        (["2026-2/1"], "4-и", "нет срока хранения"),
    ],
)
def test_whatever_forbids_it_is_told_with_the_next_step(
    words: list[str], said: str, why: str, ordered: Archive
) -> None:
    found = plan(ordered, *words, said=said)
    assert why in told(found.troubles)


UNITS = ("2026-2/1", "У-2026-0001", "2022/0001")


@pytest.mark.parametrize(("said", "count"), [("6-и", 4), ("7-и", 0)])
def test_units_are_named_by_their_whole_numbers_as_people_read_them(
    said: str, count: int, ordered: Archive
) -> None:
    found = told(plan(ordered, *UNITS, said=said).troubles)
    assert found.count("не названо") == count
    assert [f"в тексте пункта: {word}" in found for word in UNITS] == [bool(count)] * 3


def test_only_a_head_destroys_and_not_in_the_future(built_doomed: Archive) -> None:
    found = plan(built_doomed, "2026-0001#d4", on=D(2026, 12, 5), by_head=False)
    assert "Уничтожает только руководитель" in told(found.troubles)
    assert "День 05.12.2026 ещё не наступил" in told(found.troubles)


def test_a_hold_forbids_both_sizes(doomed: Archive) -> None:
    for folder, number in ((STUDENT, "2026-0001"), (OLD_FOLDER, OLD)):
        card = f"{folder}/student.yaml"
        doomed.write(
            card, doomed.read(card) + "holds:\n  - {since: 2026-11-26, reason: Запрос суда}\n"
        )
        save_later(doomed, "s001")
        word = f"{number}#d4" if number != OLD else number
        (trouble,) = plan(doomed, word).troubles
        assert f"{number}#h1 until=" in trouble.next_step
    assert [word for word, _ in list_due(doomed.root, TODAY)] == []


@pytest.mark.parametrize(
    ("word", "said", "why"),
    [
        ("2026-0404", ORDER, "Дела 2026-0404 в архиве нет"),
        ("2026-0001#d9", ORDER, "нет документа «d9» с файлом"),
        ("2026-0001#d2", ORDER, "нет документа «d2» с файлом"),
        (f"{OLD}#photo", ORDER, "Фотографии в деле 2022-0001 нет"),
        ("records", ORDER, "такого дела, документа, приказа или выгрузки нет"),
        ("2026-0001#d4", "99-у", "Приказа «99-у» нет"),
    ],
)
def test_what_is_not_there_is_told(word: str, said: str, why: str, built_doomed: Archive) -> None:
    with pytest.raises(NotFound, match=why):
        plan(built_doomed, word, said=said)


def test_what_is_due_is_gathered_and_what_the_order_leaves_out_is_told(ordered: Archive) -> None:
    words = tuple(word for word, _ in list_due(ordered.root, TODAY))
    assert words == (OLD, "2026-0001#d4", "2026-0001#d5")
    assert name_due(ordered.root, KEY, TODAY) == (words, ())
    assert name_due(ordered.root, "2-и", TODAY) == (words[:2], words[2:])


def test_a_card_that_still_names_the_photo_is_saved_without_it(doomed: Archive) -> None:
    """So it is when a consent runs out by itself: no save took the photo off the card."""
    card = f"{STUDENT}/student.yaml"
    text = doomed.read(card)
    commit(
        doomed.root, {card: f"{text}photo: d4\n".encode()}, "x", author="s001", now=LATER,
        sign=find_actor(doomed.root, "s001").sign, expected_parent=head(doomed),
    )  # fmt: skip
    assert plan(doomed, "2026-0001#фото").changes == {card: text.encode()}


def test_nothing_of_others_is_among_the_files(built_doomed: Archive) -> None:
    found = plan(built_doomed, OLD, "2026-0001#фото", "2026-0001#d5")
    assert found.gone == (OLD_FOLDER, SCAN_FILE, PHOTO_FILE)


def test_each_obstacle_has_its_next_step() -> None:
    obstacle, more = get_args(TargetObstacle)
    assert {*get_args(obstacle), *get_args(more)} == destruction_plan.STEPS.keys()
    assert all(destruction_plan.STEPS.values())
