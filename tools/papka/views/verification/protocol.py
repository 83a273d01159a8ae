"""The protocol of a verification: what was checked, against which anchors, the findings, a verdict.

Invariants: it is made from the verification alone and needs no readable record, so it can be
printed of a ruin; every finding is counted, and up to LISTED of them are told one by one, the worst
first; an area that was not looked at is said to be so, never "no remarks". Nothing here comes from
the archive's own templates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from papka.core.findings import Finding, Location, Severity
from papka.views.grouped import grouped
from papka.views.signature import Signature
from papka.views.state import Page
from papka.views.verification.areas import (
    AREAS,
    FOLDER,
    MEMORY,
    MIRRORS,
    SEALS,
    SETTINGS,
    STORE,
    Area,
    area_of,
)
from papka.views.verification.conclusion import Conclusion, conclude, tally
from papka.views.verification.examined import Examined
from papka.views.wording import NBSP, NONE, long_day

LISTED = 300
_SHORT = 12
_LOOKED = "записей истории {}, объектов {}, файлов последней записи {}, переходов между записями {}"
_WORDS = {
    Severity.INFO: "сведение",
    Severity.WARNING: "предупреждение",
    Severity.ERROR: "ошибка",
    Severity.FATAL: "нарушение",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One finding; `hint` is empty where it repeats the one above."""

    severity: str
    code: str
    place: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class AreaRow:
    title: str
    how: str
    result: str


@dataclass(frozen=True, slots=True)
class AnchorRow:
    kind: str
    text: str
    result: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """`left` says how many findings are not listed; empty when all are."""

    page: Page
    date: str
    organization: str
    facts: tuple[tuple[str, str], ...]
    anchors: tuple[AnchorRow, ...]
    areas: tuple[AreaRow, ...]
    conclusion: Conclusion
    rows: tuple[Row, ...]
    left: str
    signatures: tuple[Signature, ...]


def protocol(seen: Examined) -> Protocol:
    moment = f"{seen.when:%d.%m.%Y %H:%M} ({seen.when:%Z})"
    ordered = sorted(seen.findings, key=lambda f: (-f.severity, f.code.name, f.where))
    left = len(ordered) - LISTED
    return Protocol(
        page=Page(
            "Протокол проверки электронного архива",
            f"{seen.when.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
            "",
            f"Составлено программой {seen.program} {moment}",
        ),
        date=long_day(seen.when.date()),
        organization=printable(seen.organization),
        facts=tuple(_facts(seen)),
        anchors=tuple(
            AnchorRow(a.kind, _typed(a.text), "совпало" if a.is_met else "НЕ СОВПАЛО")
            for a in seen.anchors
        ),
        areas=tuple(_areas(seen)),
        conclusion=conclude(seen),
        rows=tuple(_rows(ordered[:LISTED])),
        left=f"Перечислены {LISTED} из {len(ordered)}; остальные: papka verify --format json."
        if left > 0
        else "",
        signatures=(
            Signature(heading="Проверку провёл:"),
            Signature(heading="С протоколом ознакомлен, руководитель организации:"),
        ),
    )


def printable(text: str) -> str:
    """Without signs that would turn or break a line: names in a hostile archive may hold any."""
    return "".join(sign if sign.isprintable() else "·" for sign in text)


def _facts(seen: Examined) -> Iterator[tuple[str, str]]:
    yield "Где лежит", printable(seen.place)
    looked = (seen.commits, seen.objects, seen.files, seen.transitions)
    yield "Просмотрено", _LOOKED.format(*looked)
    if seen.since:
        yield "История", f"только после записи {seen.since}"
    yield "Первая запись", _spaced(seen.root)
    yield "Её ключ", seen.root_key or NONE
    yield "Последняя запись", _spaced(seen.head)
    if seen.seals:
        last = seen.seals[-1]
        yield (
            "Печати",
            f"{len(seen.seals)}; последняя №{NBSP}{last.number} от{NBSP}{last.date}: "
            + " ".join(grouped(last.digest)),
        )
    else:
        yield "Печати", "в этот раз не проверялись" if seen.since else "нет ни одной"


def _spaced(id_: str) -> str:
    return " ".join(grouped(id_)) or NONE


def _typed(text: str) -> str:
    return text if text.startswith("SHA256:") else " ".join(grouped(text))


def _areas(seen: Examined) -> Iterator[AreaRow]:
    for area in AREAS:
        inside = tuple(f for f in seen.findings if area_of(f.code) is area)
        result = tally(inside) or (_clean(seen, area) if _looked(seen, area) else "не проверялось")
        yield AreaRow(area.title, area.how, result)


def _clean(seen: Examined, area: Area) -> str:
    is_partial = seen.since and area not in (SETTINGS, MEMORY, FOLDER, MIRRORS)
    return "в новых записях замечаний нет" if is_partial else "замечаний нет"


def _looked(seen: Examined, area: Area) -> bool:
    if area is MIRRORS:
        return bool(seen.mirrors)
    if not seen.head:
        return area in (STORE, SETTINGS)
    if area is MEMORY:
        return seen.memory
    if area is SEALS and seen.since:
        return bool(seen.seals)
    return seen.has_folder if area is FOLDER else True


def _rows(findings: list[Finding]) -> Iterator[Row]:
    above = ""
    for finding in findings:
        yield Row(
            _WORDS[finding.severity],
            finding.code.name,
            printable(_place(finding.where)),
            printable(finding.message),
            "" if finding.hint == above else printable(finding.hint),
        )
        above = finding.hint


def _place(where: Location) -> str:
    parts = [where.path] if where.path else []
    if where.commit:
        parts.append(f"запись {where.commit[:_SHORT]}")
    return ", ".join(parts) or "архив"
