"""papka sync as a person types it: what it says, what it suggests, its exit code."""

from __future__ import annotations

from datetime import UTC, datetime

from papka.core.places import student_folder
from papka.desk.numbers import reserve_student
from papka.repository.signing import find_actor
from tests.support.clones import CLERK, HEAD, Clone, Shared
from tests.support.command import papka
from tests.support.school import STUDENT, Archive

CARD = f"{STUDENT}/student.yaml"
NOTICES = f"{STUDENT}/notices.yaml"
NOTICE = "  - date: 2026-06-01\n    about: успеваемость\n    channel: телефон\n    told: p1\n"


def sent(clone: Clone) -> None:
    clone.save()
    assert papka("sync", "-C", clone.root).code == 0


def test_without_a_mirror_it_says_how_to_add_one(archive: Archive) -> None:
    ran = papka("sync", "-C", archive.root)
    assert ran.code == 3
    assert "papka mirror add" in ran.err


def test_taking_and_sending_is_told(one: Clone, two: Clone) -> None:
    one.write(NOTICES, one.read(NOTICES) + NOTICE)
    sent(one)
    two.write(NOTICES, two.read(NOTICES) + NOTICE.replace("телефон", "почта"))
    two.save()
    plan = papka("sync", "-n", "-C", two.root)
    assert plan.code == 0
    assert "Было бы получено с «primary»: 1\xa0сохранение" in plan.out
    assert "Было бы отправлено: 1\xa0сохранение" in plan.out
    ran = papka("sync", "-C", two.root)
    assert ran.code == 0, ran.all
    assert "Получено с «primary»: 1\xa0сохранение" in ran.out
    assert "2026-0001#n2 → n3" in ran.out
    assert "s003: заново подписать 1\xa0сохранение" in ran.out
    assert "Готово: все зеркала равны" in ran.out
    assert "Обмениваться нечем" in papka("sync", "-n", "-C", two.root).out


def test_a_conflict_shows_both_values_and_the_way_out(one: Clone, two: Clone) -> None:
    one.edit(CARD, "+70000000001", "+70000000002")
    sent(one)
    two.edit(CARD, "+70000000001", "+70000000003")
    two.save()
    ran = papka("sync", "-C", two.root)
    assert ran.code == 3
    for words in (CARD, "phone", "здесь:      +70000000003", "на зеркале: +70000000002 (s002)"):
        assert words in ran.out
    assert "Что делать" in ran.out
    assert "Ничего не изменено" in ran.out


def test_another_persons_saves_ask_for_that_person(one: Clone, two: Clone) -> None:
    one.write(NOTICES, one.read(NOTICES) + NOTICE)
    sent(one)
    two.edit(CARD, "+70000000001", "+70000000003")
    two.save(HEAD)
    ran = papka("sync", "-C", two.root)
    assert ran.code == 3
    assert "papka sync --as s003 --as s001" in ran.out
    assert papka("sync", "-C", two.root, "--as", CLERK, "--as", HEAD).code == 0


def test_a_number_given_twice_is_named_with_both_sides(one: Clone, two: Clone) -> None:
    card = "id: 2026-0002\nname:\n  surname: Клёнова\n  given: {}\nsex: женский\nbirth_date: {}\n"
    for clone, given in ((one, "Злата"), (two, "Мира")):
        path = f"{student_folder('2026-0002')}/student.yaml"
        clone.write(path, card.format(given, "2012-02-02"))
    sent(one)
    two.save()
    ran = papka("sync", "-C", two.root)
    assert ran.code == 3
    assert "номер 2026-0002 заняли и здесь, и на зеркале (s002)" in ran.out


def test_an_order_under_another_number_is_named_with_what_to_print(one: Clone, two: Clone) -> None:
    order = one.read("records/orders/2026/0001.yaml")
    for clone, heading in ((one, "Об одном"), (two, "О другом")):
        written = order.replace("1-о", "9-о").replace("heading: ", f"heading: {heading}. ")
        clone.write("records/orders/2026/0009.yaml", written)
        clone.save(HEAD)
    assert papka("sync", "-C", one.root, "--as", HEAD).code == 0
    ran = papka("sync", "-C", two.root, "--as", HEAD)
    assert ran.code == 0, ran.all
    assert (
        "Номер приказа 2026/0009 (№ 9-о) уже занят другим, новый: 2026/0010 (№ 10-о). Если приказ "
        "напечатан, напечатайте заново: papka print order 2026/0010\n"
    ) in ran.out


def test_no_connection_is_its_own_exit_code(one: Clone, shared: Shared) -> None:
    shared.store.rename(shared.store.with_name("away"))
    ran = papka("sync", "-C", one.root)
    assert ran.code == 4
    assert "недоступно" in ran.err


def test_drafts_get_their_numbers(one: Clone, shared: Shared) -> None:
    def card(number: str) -> dict[str, bytes]:
        text = f"id: {number}\nname:\n  surname: Клёнова\n  given: Мира\nsex: женский\n"
        path = f"{student_folder(number)}/student.yaml"
        return {path: f"{text}birth_date: 2012-02-02\n".encode()}

    away = shared.store.with_name("away")
    shared.store.rename(away)
    now = datetime.now(UTC)
    assert reserve_student(one.root, find_actor(one.root), 2026, card, now=now).draft == "1"
    away.rename(shared.store)
    assert "Черновик 1 получил бы номер" in papka("sync", "-n", "-C", one.root).out
    ran = papka("sync", "-C", one.root)
    assert ran.code == 0, ran.all
    assert "Черновик 1 получил номер 2026-0002" in ran.out


def test_save_says_what_is_not_copied_yet(one: Clone) -> None:
    papka("sync", "-C", one.root)
    one.write(NOTICES, one.read(NOTICES) + NOTICE)
    ran = papka("save", "-C", one.root)
    assert "Ещё не скопировано: primary: 1\xa0сохранение" in ran.out
    assert "papka sync" in ran.out
    papka("sync", "-C", one.root)
    assert "не скопировано" not in papka("save", "-C", one.root).out
