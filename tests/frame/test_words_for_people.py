"""One word for one thing in all that people read: messages, help, schemas, paper.

What the glossary calls «сохранение», «контрольная сумма», «пломба», «не утверждено» and «обмен»
goes by no other word: «запись» is an entry of a file, «печать» is print or a stamp, «черновик»
waits for a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.archives import PROJECT
from tests.support.said import texts_of

PACKAGE = PROJECT / "tools" / "papka"
REFUSED = {
    "сохранение": r"коммит\w*|запис\w+ истории|(?:не)?подписанн\w+ запис\w+|"
    r"(?:перв|последн)\w+ (?:подписанн\w+ |общ\w+ )?запис\w+ архива",
    "контрольная сумма": r"х[еэ]ш\w*|дайджест\w*|св[её]рт(?:к\w+|ок)",
    "пломба": r"печат(?:ь|и|ью|ей|ям|ями|ях)|запечат\w*|опечатан\w*",
    "не утверждено": r"(?-i:ЧЕРНОВИК)|черновик\w*(?:: |, )(?:руководителем )?не утвержд\w+",
    "обмен": r"пуш(?:ить|ит|ат)?|пулл\w*",
}
"""The word of the glossary -> what stands in its place nowhere."""
ALLOWED = {
    "making paper of a form": r"(?:для|при|чтения и|двусторонней|выведении их на) печати?|"
    r"печать(?:, рукописн\w+| (?:этой формы|документов|остановится))|^Печать$|label=\"Печать\"",
}
"""Why a refused word is right here -> where."""
_RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
_ALLOWED = re.compile("|".join(ALLOWED.values()), re.IGNORECASE)
_ANY = re.compile("|".join(REFUSED.values()), re.IGNORECASE)


def strings_of(file: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module in which a refused word may stand."""
    source = file.read_text("utf-8")
    return texts_of(source) if _ANY.search(source) else iter(())


def refused_in(text: str) -> list[str]:
    """The words of a text that the glossary has another for: «коммит → сохранение»."""
    if not _RUSSIAN.search(text):
        return []
    left = _ALLOWED.sub("", text.replace("&nbsp;", " ").replace("\u00a0", " "))
    return [
        f"{found[0]} → {word}"
        for word, pattern in REFUSED.items()
        for found in re.finditer(rf"(?<![а-яё])(?:{pattern})(?![а-яё])", left, re.IGNORECASE)
    ]


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def texts() -> list[Path]:
    """Templates, what init lays out, schemas and the catalogue of click."""
    below = (PROJECT / "templates", PROJECT / "schema", PACKAGE)
    kinds = {".j2", ".json", ".md", ".yaml", ".yml", ".po"}
    return sorted(file for root in below for file in root.rglob("*") if file.suffix in kinds)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Коммит не подписан", ["Коммит → сохранение"]),
        ("в коммите&nbsp;архива", ["коммите → сохранение"]),
        ("сверьте хэш и дайджест", ["хэш → контрольная сумма", "дайджест → контрольная сумма"]),
        ("хеши, опечатанный архив", ["хеши → контрольная сумма", "опечатанный → пломба"]),
        ("запись истории не подписана", ["запись истории → сохранение"]),
        ("первая запись архива", ["первая запись архива → сохранение"]),
        ("свёртка печати", ["свёртка → контрольная сумма", "печати → пломба"]),
        ("Лист&nbsp;печати, запечатанное", ["печати → пломба", "запечатанное → пломба"]),
        ("на бумаге ЧЕРНОВИК", ["ЧЕРНОВИК → не утверждено"]),
        ("Черновик, не утверждён", ["Черновик, не утверждён → не утверждено"]),
        ("опечатка, пушистый, печатают", []),
        ("Название для печати, напечатан", []),
        ("Черновик получил бы номер; внесите запись, первая запись дела", []),
        ("hash, commit", []),
    ],
)
def test_what_is_refused(said: str, found: list[str]) -> None:
    assert refused_in(said) == found


def test_messages_and_help_use_the_words_of_the_glossary() -> None:
    wrong = [
        f"{file.relative_to(PROJECT)}:{line}: {word}"
        for file in modules()
        for line, text in strings_of(file)
        for word in refused_in(text)
    ]
    assert wrong == []


def test_templates_and_schemas_use_the_words_of_the_glossary() -> None:
    wrong = [
        f"{file.relative_to(PROJECT)}:{line}: {word}"
        for file in texts()
        for line, text in enumerate(file.read_text("utf-8").splitlines(), 1)
        for word in refused_in(text)
    ]
    assert wrong == []
