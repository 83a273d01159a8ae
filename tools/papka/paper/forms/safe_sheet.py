"""The sheet for the safe: by what this archive is proven, where it lies, how to begin (R-6.1).

It is read by somebody who knows neither the school nor the program. What the records do not tell
(where keys and mirrors are) is left to a pen; whatever else stands here comes from the records or
says its own condition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from papka.core.errors import NotFound, Refused
from papka.core.phrases import grouped
from papka.core.places import TEXT, read_seal_file
from papka.paper.form import PrintedForm, State, of_head
from papka.paper.forms.trust_sheets import head_keys, name_period, trust_of
from papka.paper.plain_sheet import PLAIN, PlainSheet, plain_sheet
from papka.paper.sections import ScreenTable, lines
from papka.proof.anchors import BadSeal, read_seal
from papka.records.archive import Archive
from papka.records.derived.whereabouts import list_media, list_stores
from papka.records.wording import day

_SEALS = 3
"""So many of the last seals are told: each has a sheet of its own besides."""
_BLANK = ("", "", "")
_YEARS = (
    (
        "Каждый год",
        (
            "Восстановите каждую копию на пробу, достаньте запасной ключ и убедитесь, что "
            "флешка читается. Напечатайте этот лист заново, прежний подшейте."
        ),
    ),
    (
        "Через 5 лет",
        (
            "Перепишите запасной ключ на новую флешку, копии архива — на новые носители: "
            "старые портятся молча. Убедитесь, что бумажные листы читаются."
        ),
    ),
    (
        "Через 10 лет",
        (
            "Обновите ключи ключами другого вида (papka trust renew), поставьте пломбу, "
            "напечатайте лист ключей. Бумагу прежних лет храните дальше."
        ),
    ),
    (
        "Через 30 лет",
        (
            "Программы может уже не быть. Записи архива — простые тексты, их прочтёт любой "
            "редактор; историю читает git, подписи проверяет ssh-keygen."
        ),
    ),
)


def view(state: State, address: str) -> PlainSheet:
    """Word the sheet. Raise NotFound, Refused."""
    archive = state.archive
    if address:
        raise NotFound(
            f"Лист для сейфа один на весь архив, номера «{address}» у него нет",
            "Напечатайте его без номера: papka print safe-sheet",
        )
    if state.root is None:
        raise Refused("Архив ещё не сохранён: первого сохранения нет", "Сохраните его: papka save")
    seals = tuple(_list_seals(archive))
    return plain_sheet(
        state,
        "ЛИСТ ДЛЯ СЕЙФА",
        "электронного архива личных дел",
        title="Лист для сейфа",
        date=day(state.as_of.date()),
        texts=(
            (
                "Хранится в сейфе вместе с запасным ключом, отдельно от архива. Кто вскроет "
                "сейф через годы, узнает отсюда, каким ключам и пломбам верить, где лежит "
                "архив и с чего начать."
            ),
        ),
        facts=(("Первое сохранение архива", " ".join(grouped(state.root))),),
        tables=(
            ScreenTable(
                "safe-keys",
                "Ключи руководителя",
                ("Ключ", "Отпечаток", "Где лежит (от руки)"),
                tuple((key.role, key.fingerprint, "") for key in head_keys(trust_of(archive))),
                "В списке доверенных нет ни одного действующего ключа руководителя.",
            ),
            ScreenTable(
                "safe-seals",
                "Последние пломбы" if len(seals) > 1 else "Пломба",
                ("№", "За что, дата", "Контрольная сумма (SHA-256)"),
                seals[:_SEALS],
                "Пломбы на этом архиве ещё нет: после первой лист печатают заново.",
            ),
            ScreenTable(
                "safe-media",
                "Копии на носителях",
                ("Носитель", "Вид", "Последняя копия", "Восстановлена", "Где лежит"),
                tuple(
                    (
                        copy.medium,
                        copy.kind,
                        day(copy.date),
                        day(copy.restored) if copy.restored else "нет",
                        copy.place or "",
                    )
                    for copy in list_media(archive)
                ),
                "В журнале носителей за последние годы нет ни одной копии.",
            ),
            ScreenTable(
                "safe-stores",
                "Зеркала",
                ("Что", "Проверено", "Где, у кого доступ (от руки)"),
                (
                    *((each.store, day(each.date), "") for each in list_stores(archive)),
                    _BLANK,
                ),
            ),
            ScreenTable("safe-years", "Что делать", ("Когда", "Что"), _YEARS),
            ScreenTable(
                "safe-start",
                "С чего начать без программы",
                ("Шаг", "Что"),
                tuple((str(n), step) for n, step in enumerate(_steps(archive, seals), 1)),
            ),
        ),
        notes=(
            "Пустые места заполняют от руки перед подписью. Пароль ключа на этот лист не пишут.",
        ),
        signatures=(of_head(archive, state.signed_on),),
    )


def _list_seals(archive: Archive) -> Iterator[tuple[str, str, str]]:
    """Yield a line for every seal that can be read, the last one first."""
    numbers = {
        file[0]: path
        for path in archive.proof
        if (file := read_seal_file(path)) and file[1] == TEXT
    }
    for number in sorted(numbers, reverse=True):
        data = archive.proof[numbers[number]]
        try:
            said = read_seal(data)
        except BadSeal:
            continue
        groups = grouped(hashlib.sha256(data).hexdigest())
        digest = lines(" ".join(groups[:4]), " ".join(groups[4:]))
        yield f"{number:04}", f"{name_period(archive, said)}, {day(said.date)}", digest


def _steps(archive: Archive, seals: tuple[tuple[str, str, str], ...]) -> Iterator[str]:
    if list_media(archive):
        yield (
            "Возьмите носитель и любой компьютер с git и OpenSSH. На носителе откройте ПРОЧТИ.txt: "
            "там сказано, как развернуть копию. Ничего на носитель не пишите."
        )
    else:
        yield "Возьмите архив или его зеркало и любой компьютер с git и OpenSSH."
    yield (
        "Найдите там папку proof. Если она есть, прочтите proof/README.md и проверьте подписи: "
        'sh proof/check-signatures.sh АРХИВ "НОМЕР", где НОМЕР — первое сохранение с этого листа.'
    )
    if seals:
        yield (
            f'Проверьте пломбу: sh proof/check-seal.sh АРХИВ {seals[0][0]} "СУММА", где СУММА — '
            "восемь групп этой пломбы с листа."
        )
    yield (
        "Если папки proof нет: доверенные ключи перечислены в records/trust/allowed_signers. "
        "Сличите их отпечатки (ssh-keygen -lf) с этим листом и с листами ключей прежних лет, "
        "потом проверяйте подписи сохранений."
    )


def _targets(archive: Archive) -> tuple[str, ...]:
    return ("",) if archive.organization else ()


FORM = PrintedForm(
    "safe-sheet", "Лист для сейфа", "архив", view, _targets, is_of_proof=True, layout=PLAIN
)
