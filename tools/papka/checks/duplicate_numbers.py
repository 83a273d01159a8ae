"""A printed number is given once: orders in their year, issued documents for ever (R-5.4.3)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS, order_file
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    orders: dict[tuple[str, str], str] = {}
    for key, order in archive.orders.items():
        number = (key.partition("/")[0], order.number)
        path = order_file(key)
        if number in orders:
            yield _twin(path, order.number, orders[number])
        orders.setdefault(number, path)
    issued: dict[str, str] = {}
    for key, entry in archive.registers.items():
        path = f"{RECORDS}/registers/{key}.yaml"
        if entry.number in issued:
            yield _twin(path, entry.number, issued[entry.number])
        issued.setdefault(entry.number, path)


def _twin(path: str, number: str, first: str) -> Finding:
    return codes.NUMBER_DUPLICATE.at(
        Location(path, "/number"), number=number, related=[Location(first, "/number")]
    )
