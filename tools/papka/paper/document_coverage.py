"""What the verification of a printed document covers: proved, left to the eye, not looked at.

A code proves what was signed and never the paper it stands on. So nothing that a paper shows is
told as proved unless a program compared it, and what nobody compared is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from papka.core.phrases import count_phrase
from papka.paper.forms.issued_documents import IssuedLine, lines
from papka.records.acts import RegisterEntry

Seen = Literal["code", "picture", "pages"]
"""What the program was given: the text of a code, a photograph, the pages of a PDF."""


class Coverage(NamedTuple):
    """Sentences for a person."""

    proved: tuple[str, ...] = ()
    by_eye: tuple[str, ...] = ()
    not_looked_at: tuple[str, ...] = ()


UNREAD = Coverage(not_looked_at=("Документ целиком: без прочитанного кода сравнивать не с чем",))
UNSIGNED = Coverage(
    not_looked_at=("То, что напечатано в документе: подпись не подтверждена, сравнивать не с чем",)
)


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared under a good signature.

    `seen`: what was given. `is_acting`: who signed acted for the head; `is_retired`: the key signs
    no more, and the order of things is not known. `has_archive`: whether there was a register to
    ask; `entry`: the register's, when it holds exactly what was signed. `is_same`: whether the
    pages show what they should; `is_reprinted`: whether that is known from a print of the entry,
    else from their own text, where `found` were sought and `left` were not (labels of facts).
    """

    seen: Seen
    is_acting: bool = False
    is_retired: bool = False
    has_archive: bool = False
    entry: RegisterEntry | None = None
    is_same: bool = False
    is_reprinted: bool = False
    found: Collection[str] = ()
    left: Collection[str] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every word of the pages was compared with the register's."""
        return self.is_same and self.is_reprinted


def cover(compared: Compared) -> Coverage:
    """Say what is proved, what is left to the eye and what nobody looked at."""
    return Coverage(
        tuple(_say_proved(compared)), tuple(_say_by_eye(compared)), tuple(_say_rest(compared))
    )


def registered_rows(compared: Compared) -> tuple[tuple[IssuedLine, ...], tuple[IssuedLine, ...]]:
    """Return the rows of marks and of events that the signature covers, when the eye needs them."""
    entry = compared.entry
    if entry is None or compared.is_complete:
        return (), ()
    return lines(entry.rows), lines(entry.events)


def _say_proved(compared: Compared) -> Iterator[str]:
    if not compared.is_retired:
        who = "тот, кто замещал руководителя" if compared.is_acting else "руководитель"
        yield f"Сведения таблицы: их подписал {who}, и с тех пор они не менялись"
    entry = compared.entry
    if entry is not None:
        rows = len(entry.rows) + len(entry.events)
        told = ", и строки приложения" if rows else ""
        yield f"Запись реестра целиком{told}: подпись охватывает и её"
        if entry.void is None:
            yield "Состояние документа: по реестру он не испорчен, не заменён и не аннулирован"
    if compared.is_same:
        if compared.is_reprinted:
            yield "Листы файла: текст и изображение те же, что у напечатанного по реестру"
        else:
            yield (
                "Видимый текст файла: в нём стоит подписанное "
                f"({', '.join(compared.found)}), и скрытого на листах нет"
            )


def _say_by_eye(compared: Compared) -> Iterator[str]:
    if compared.is_complete:
        return
    if compared.seen == "pages":
        if not compared.is_same:
            yield "Листы файла: они расходятся с подписанным, верно то, что в таблице"
        elif compared.left:
            yield f"Остальные сведения таблицы: {', '.join(compared.left)}"
    else:
        yield "Каждая строка таблицы: на бумаге должно стоять то же"
    entry = compared.entry
    if entry is None:
        why = "реестр их не подтверждает" if compared.has_archive else "они в архиве организации"
        yield f"Отметки и другие строки приложения: в коде их нет, {why}"
    elif count := len(entry.rows) + len(entry.events):
        rows = count_phrase(count, "строка", "строки", "строк")
        yield (
            f"Отметки и другие строки приложения: {rows} реестра выше, на бумаге должны стоять "
            "те же; слово на ней могли стереть или дописать"
        )


def _say_rest(compared: Compared) -> Iterator[str]:
    if compared.is_retired:
        yield "Подписано ли до вывода ключа: порядок сохранений виден только в архиве"
    if not compared.has_archive:
        yield "Реестр: не испорчен ли документ, не заменён ли, не аннулирован ли"
    if compared.seen == "picture":
        yield "Напечатанное на снимке, кроме кода: программа его не читает"
    yield {
        "pages": "Лист бумаги: проверен файл",
        "picture": "Лист бумаги: печать, рукописная подпись, бланк",
        "code": "Лист бумаги: программа видела только текст кода",
    }[compared.seen]
