"""The words of `papka destroy`: what it shows, what it asks, what it refuses, touching nothing."""

from __future__ import annotations

import pytest

from tests.support.command import papka
from tests.support.doomed import OLD, OLD_NAME, ORDER
from tests.support.school import Archive, head

PHOTO = "2026-0001#фото"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "Назовите, что уничтожить и по какому приказу"),
        ((PHOTO,), 2, "Назовите, что уничтожить и по какому приказу"),
        ((PHOTO, "--due", "--order", ORDER), 2, "Назовите, что уничтожить"),
        ((PHOTO, "--order", ORDER), 2, "подтвердите номером приказа: --confirm 3-у"),
        ((PHOTO, "--order", ORDER, "--confirm", "4-у"), 3, "Номер приказа не тот: «4-у»"),
        ((PHOTO, "--order", ORDER, "--confirm", ORDER, "--as", "s002"), 3, "только руководитель"),
        (("2026-0001", "--order", ORDER, "--confirm", ORDER), 3, "ничего не тронуто"),
        (("--resume", "--abandon"), 2, "пишут одни"),
        ((PHOTO, "--resume"), 2, "пишут одни"),
        (("--resume",), 3, "Незаконченного уничтожения здесь нет"),
        (("--abandon",), 3, "Незаконченного уничтожения здесь нет"),
        (("--due",), 0, "2026-0001#d4"),
        (("--due", "--order", "7-х", "-n"), 3, "не называет ничего, чему вышел срок"),
    ],
)
def test_nothing_is_touched_and_the_reason_is_told(
    words: tuple[str, ...], code: int, said: str, built_doomed: Archive
) -> None:
    before = head(built_doomed)
    ran = papka("destroy", *words, "-C", built_doomed.root)
    assert (ran.code, said in ran.all) == (code, True), ran.all
    assert head(built_doomed) == before


def test_all_that_vanishes_is_shown_with_what_stays(built_doomed: Archive) -> None:
    words = (OLD, "2026-0001№d5", PHOTO, "--order", "№ 3-У", "-n")
    ran = papka("destroy", *words, "-C", built_doomed.root)
    assert ran.code == 0, ran.all
    for said in (
        f"личное дело {OLD}, {OLD_NAME}: 3 файла",
        "основание: срок хранения, хранить по 31.12.2025",
        "файл документа 2026-0001#d5, в деле: Абрикосова Аглая Тихоновна: 1 файл",
        "основание: согласие отозвано, уничтожить не позднее 22.12.2026",
        "согласие и его отзыв — срок хранения согласия",
        "выданные документы в книгах: У-2026-0001",
        f"Проверьте архив ограниченного доступа: там может быть дело {OLD}",
        "Ничего не тронуто",
    ):
        assert said in ran.out.replace("\u00a0", " ")


def test_the_act_with_names_is_not_put_where_names_are_purged(built_doomed: Archive) -> None:
    inside = built_doomed.root / "print" / "act.pdf"
    words = (PHOTO, "--order", ORDER, "--confirm", ORDER, "--out", inside)
    ran = papka("destroy", *words, "-C", built_doomed.root)
    assert (ran.code, "Назовите место вне архива: --out" in ran.err) == (3, True)


def test_the_russian_words_do_the_same(built_doomed: Archive) -> None:
    words = ("уничтожить", PHOTO, "--приказ", ORDER, "--только-показать")
    ran = papka(*words, "--папка", built_doomed.root)
    assert (ran.code, "attachments/" in ran.out) == (0, True)
