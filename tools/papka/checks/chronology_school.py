"""The school's own dates in order: periods, terms of office and of platforms, copies, numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.checks.date_order import late
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION, RECORDS, STAFF
from papka.model.archive import Archive

_Step = tuple[str, str, dt.date | None, str, dt.date | None, str]
"""path, pointer of the later date, earlier, its name, later, its name."""


def check(archive: Archive) -> Iterator[Finding]:
    for steps in (_declared, _acts, _issued):
        for path, pointer, earlier, earlier_name, later, later_name in steps(archive):
            if earlier is not None and later is not None and later < earlier:
                yield late(Location(path, pointer), earlier, earlier_name, later, later_name)


def _declared(archive: Archive) -> Iterator[_Step]:
    for index, period in enumerate(archive.organization.periods if archive.organization else ()):
        at = f"/periods/{index}/end"
        yield ORGANIZATION, at, period.start, "начало периода", period.end, "Конец периода"
    for index, member in enumerate(archive.staff_list):
        at = f"/staff/{index}/until"
        yield STAFF, at, member.since, "начало работы", member.until, "Окончание работы"
    for key, platform in archive.platforms.items():
        path = f"{RECORDS}/platforms/{key}.yaml"
        until = platform.until
        yield path, "/until", platform.since, "начало работы", until, "Окончание работы"


def _acts(archive: Archive) -> Iterator[_Step]:
    for key, approval in archive.approvals.items():
        period = archive.periods.get(key)
        path = f"{RECORDS}/approvals/{key}.yaml"
        start = period.start if period else None
        yield path, "/closed", start, "начало периода", approval.closed, "Закрытие периода"
    for year, media in archive.media.items():
        path = f"{RECORDS}/media/{year}.yaml"
        for index, copy in enumerate(media.copies):
            at = f"/copies/{index}"
            yield path, f"{at}/verified", copy.date, "копия", copy.verified, "Проверка копии"
            yield path, f"{at}/restored", copy.date, "копия", copy.restored, "Восстановление"


def _issued(archive: Archive) -> Iterator[_Step]:
    for key, entry in archive.registers.items():
        path = f"{RECORDS}/registers/{key}.yaml"
        order = archive.orders.get(entry.order) if entry.order else None
        ordered = order.date if order else None
        yield path, "/date", ordered, "приказ", entry.date, "Документ"
        handed = entry.handed.date if entry.handed else None
        yield path, "/handed/date", entry.date, "документ", handed, "Вручение"
        void = entry.void.date if entry.void else None
        yield path, "/void/date", entry.date, "документ", void, "Отметка о недействительности"
