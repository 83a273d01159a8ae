"""Each sentence about what a verification proves has its condition, and is absent without it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from papka.paper.document_coverage import UNREAD, UNSIGNED, Compared, cover, registered_rows
from papka.records.acts import PrintedRow, RegisterEntry, Void

_ENTRY = RegisterEntry(
    number="С-2026-0001",
    series="certificates",
    form="certificate@1",
    date=dt.date(2026, 11, 20),
    student="2026-0001#e1",
    holder="Абрикосова Аглая Тихоновна",
    salt="00" * 32,
    rows=(PrintedRow(title="Складывание", result="не зачтено"),),
)
_WHOLE = Compared("pages", has_archive=True, entry=_ENTRY, is_same=True, is_reprinted=True)
_BY_LIST = Compared("pages", is_same=True, found=("Номер", "ФИО"), left=("Итог",))
_PHOTO = Compared("picture", has_archive=True, entry=_ENTRY)

SIGNED = "их подписал руководитель, и с тех пор они не менялись"
ACTING = "их подписал тот, кто замещал руководителя"
ENTRY = "Запись реестра целиком, и строки приложения"
IN_FORCE = "по реестру он не испорчен, не заменён и не аннулирован"
REPRINTED = "текст и изображение те же, что у напечатанного по реестру"
OWN_TEXT = "Видимый текст файла: в нём стоит подписанное (Номер, ФИО), и скрытого на листах нет"
EACH_LINE = "Каждая строка таблицы"
LEFT = "Остальные сведения таблицы: Итог"
DIFFERS = "они расходятся с подписанным"
BESIDE = "1\u00a0строка реестра выше"
IN_ARCHIVE = "в коде их нет, они в архиве организации"
NOT_KEPT = "в коде их нет, реестр их не подтверждает"
REGISTER = "Реестр: не испорчен ли документ"
ORDER = "Подписано ли до вывода ключа"
PHOTO = "Напечатанное на снимке, кроме кода"
FILE, TEXT_ALONE = "проверен файл", "программа видела только текст кода"
EVERY = (
    *(SIGNED, ACTING, ENTRY, IN_FORCE, REPRINTED, OWN_TEXT, EACH_LINE, LEFT, DIFFERS, BESIDE),
    *(IN_ARCHIVE, NOT_KEPT, REGISTER, ORDER, PHOTO, FILE, TEXT_ALONE),
)

CASES = {
    "a file printed again from the register": (
        _WHOLE,
        {SIGNED, ENTRY, IN_FORCE, REPRINTED, FILE},
    ),
    "who acted signed it": (
        replace(_WHOLE, is_acting=True),
        {ACTING, ENTRY, IN_FORCE, REPRINTED, FILE},
    ),
    "the register says it is void": (
        replace(_WHOLE, entry=changed(_ENTRY, void=Void(reason="описка", kind="испорчен"))),
        {SIGNED, ENTRY, REPRINTED, FILE},
    ),
    "the file shows something else": (
        replace(_WHOLE, is_same=False),
        {SIGNED, ENTRY, IN_FORCE, DIFFERS, BESIDE, FILE},
    ),
    "its form is no more, so its own text was compared": (
        replace(_WHOLE, is_reprinted=False, found=("Номер", "ФИО"), left=("Итог",)),
        {SIGNED, ENTRY, IN_FORCE, OWN_TEXT, LEFT, BESIDE, FILE},
    ),
    "a file by a list of keys": (
        _BY_LIST,
        {SIGNED, OWN_TEXT, LEFT, IN_ARCHIVE, REGISTER, FILE},
    ),
    "a bent file by a list of keys": (
        replace(_BY_LIST, is_same=False),
        {SIGNED, DIFFERS, IN_ARCHIVE, REGISTER, FILE},
    ),
    "a key that signs no more, by a list": (
        replace(_BY_LIST, is_retired=True),
        {OWN_TEXT, LEFT, IN_ARCHIVE, ORDER, REGISTER, FILE},
    ),
    "a photograph in the archive": (
        _PHOTO,
        {SIGNED, ENTRY, IN_FORCE, EACH_LINE, BESIDE, PHOTO},
    ),
    "a photograph of what the register does not hold": (
        replace(_PHOTO, entry=None),
        {SIGNED, EACH_LINE, NOT_KEPT, PHOTO},
    ),
    "the text of a code by a list of keys": (
        Compared("code"),
        {SIGNED, EACH_LINE, IN_ARCHIVE, REGISTER, TEXT_ALONE},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_said(case: str) -> None:
    compared, expected = CASES[case]
    said = "\n".join(sentence for part in cover(compared) for sentence in part)
    assert {sentence for sentence in EVERY if sentence in said} == expected


def test_every_sentence_is_said_once_and_left_out_once() -> None:
    for sentence in EVERY:
        said = {sentence in expected for _, expected in CASES.values()}
        assert said == {True, False}, sentence


def test_rows_of_the_register_stand_beside_what_nobody_compared() -> None:
    assert registered_rows(_WHOLE) == ((), ())
    assert registered_rows(replace(_PHOTO, entry=None)) == ((), ())
    for compared in (_PHOTO, replace(_WHOLE, is_same=False)):
        ((row,), events) = registered_rows(compared)
        assert (row.title, row.result, events) == ("Складывание", "не зачтено", ())


def test_without_a_good_signature_nothing_is_proved() -> None:
    for coverage in (UNREAD, UNSIGNED):
        assert coverage.proved == coverage.by_eye == ()
        assert coverage.not_looked_at != ()
