"""What an XLSX says of itself: where its sheets are and how many texts they share.

Invariants: the reader of values finds the same members as the scan did, so anything that two
readers could resolve differently is refused; a count it would believe and reserve memory for is
checked here. Absent on purpose: every part of the format that holds no values.
"""

from __future__ import annotations

import re

from papka.gates.sheets import limits
from papka.gates.sheets.members import Members
from papka.gates.sheets.scan import BrokenXml, by_local_names, elements

BOOK = "xl/workbook.xml"
_PACKAGE = "_rels/.rels"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_TEXTS = "xl/sharedStrings.xml"
_PLAIN = re.compile(r"(?:/xl/)?((?:[\w-][\w.-]*/)*[\w-][\w.-]*)", re.ASCII)


class _Enough(Exception):
    """The element looked for has come."""


def xlsx_sheets(members: Members) -> list[tuple[str, str]]:
    """Name and member of each worksheet, in the workbook's order; charts have no cells and are
    left out. Raises BrokenXml for a workbook that can be understood in two ways."""
    _judge_package(members)
    _judge_texts(members)
    named: list[tuple[str, str]] = []

    def sheet(_: str, attributes: dict[str, str]) -> None:
        plain = by_local_names(attributes)
        named.append((plain.get("name", ""), plain.get("id", "")))

    elements(members.pieces(BOOK), {"sheet"}, sheet)
    targets = _targets(members)
    return [(title, targets[key]) for title, key in named if key in targets]


def _judge_package(members: Members) -> None:
    """The workbook must be where everyone puts it."""
    books: list[str] = []

    def relation(_: str, attributes: dict[str, str]) -> None:
        if attributes.get("Type", "").endswith("/officeDocument"):
            books.append(attributes.get("Target", "").removeprefix("/"))

    if _PACKAGE not in members.names or _RELATIONS not in members.names:
        raise BrokenXml("в книге нет оглавления")
    elements(members.pieces(_PACKAGE), {"Relationship"}, relation)
    if books != [BOOK]:
        raise BrokenXml("оглавление книги ведёт не туда")


def _targets(members: Members) -> dict[str, str]:
    """Relation -> worksheet's member."""
    targets: dict[str, str] = {}
    seen: set[str] = set()

    def relation(_: str, attributes: dict[str, str]) -> None:
        key, target = attributes.get("Id", ""), attributes.get("Target", "")
        is_sheet = attributes.get("Type", "").endswith("/worksheet")
        plain = _PLAIN.fullmatch(target)
        if key in seen or (is_sheet and plain is None):
            raise BrokenXml("оглавление книги ведёт не туда")
        seen.add(key)
        if is_sheet and plain is not None:
            targets[key] = f"xl/{plain[1]}"

    elements(members.pieces(_RELATIONS), {"Relationship"}, relation)
    return targets


def _judge_texts(members: Members) -> None:
    """Memory is reserved for as many texts as the first element says there are."""
    counts: list[str] = []

    def texts(_: str, attributes: dict[str, str]) -> None:
        counts.append(attributes.get("uniqueCount", "0"))
        raise _Enough

    for name in members.names:
        if name.lower() != _TEXTS.lower():
            continue
        try:
            elements(members.pieces(name), {"sst"}, texts)
        except _Enough:
            count = counts[-1]
            if not count.isascii() or not count.isdigit() or int(count[:9]) > limits.CELLS:
                raise BrokenXml("неправдоподобное число текстов") from None
