"""Take in the school's own list of people: a plan of it beside one commit.

The list itself is not kept: what it says stands in the records, and its file would be one more copy
of everybody's data (R-3.4).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from papka.core.errors import Refused
from papka.core.findings import Finding, Location, has_errors
from papka.core.places import SALT_BYTES, student_folder
from papka.intake import intake_codes, people_codes
from papka.intake.export_files import open_export
from papka.intake.export_matching import find_ambiguous
from papka.intake.people_files import (
    Numbers,
    files_of,
    open_people,
    open_plan,
    origins_of,
)
from papka.intake.people_folder import ListWish
from papka.intake.people_headings import find_list
from papka.intake.people_list import read_list
from papka.intake.people_plan import LaidList
from papka.intake.people_study import ENROLLED, SAME
from papka.intake.take_plan import PlannedFile, TakeDesk, TakePlan, TakeRequest


def plan_list(root: Path, head: str, wish: TakeRequest, *, first: int) -> TakePlan:
    """Plan the taking of a list of people. Raises Refused for a file that is none."""
    if len(wish.files) > 1:
        raise Refused(
            "Списки людей принимают по одному", "Примите их отдельными командами papka take"
        )
    desk = TakeDesk(root, head)
    [(name, data)] = wish.files
    export = open_export(data, name, encoding=wish.encoding, delimiter=wish.delimiter)
    about = PlannedFile(name, export.layout, export.encoding, export.delimiter)
    found = find_list(export)
    if found is None and has_errors(export.findings):
        return TakePlan(desk, (replace(about, findings=export.findings),), export.findings)
    if found is None:
        raise Refused(
            f"{name}: это не список людей, а за какой период остальное, не сказано",
            "Выгрузку и ведомость принимают с ключом --period 2026-2; список узнаётся по столбцам "
            "«Фамилия», «Имя» (или «ФИО») и «Дата рождения», образец: papka give list",
        )
    read = read_list(export, found, desk.archive)
    left = wish.left.get(name, {})
    rows = [row for row in read.rows if row.row not in left]
    people = open_people(desk, rows, wish.answers.values())
    list_wish = ListWish(name, wish.today, wish.answers, writes_orders=wish.orders)
    numbers = Numbers(root, head, wish.today.year, first)
    laid = open_plan(list_wish, desk, people, numbers).lay(rows)
    findings = list(laid.findings)
    findings += [each for each in read.findings if each.where.line not in left]
    findings += find_ambiguous(name, laid.matched.ambiguous)
    findings += _strange_answers(name, wish.answers, laid)
    if not read.rows:
        findings.append(people_codes.LIST_EMPTY.at(Location(name)))
    changes: dict[str, bytes] = {}
    if not has_errors(findings):
        changes = files_of(
            desk, laid.folders.values(), laid.orders, lambda _: secrets.token_bytes(SALT_BYTES)
        )
    about = replace(
        about,
        rows=len(read.rows),
        matched=laid.matched,
        cards=tuple(laid.opened.values()),
        studies=laid.count(ENROLLED),
        same=laid.count(SAME),
        findings=tuple(findings),
        people=frozenset(row.row for row in rows),
        left=left,
        laid=laid,
    )
    lying = desk.lying(changes)
    expected = {path: lying.get(path) for path in changes}
    origins = {
        (student_folder(number), ""): Location(name, line=row)
        for row, number in laid.opened.items()
    } | origins_of(laid.folders.values())
    asked = people.named(laid.matched.asked)
    return TakePlan(desk, (about,), tuple(findings), changes, expected, origins, asked)


def _strange_answers(name: str, answers: Mapping[str, str], laid: LaidList) -> Iterable[Finding]:
    for word in answers:
        if word not in laid.matched.used or word in laid.matched.strangers:
            yield intake_codes.EXPORT_ANSWER_STRANGE.at(Location(name), word=word)
