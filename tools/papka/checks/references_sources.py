"""Imports, texts of regulations and approvals name what exists
(R-6.2, R-7.1)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from papka.checks.naming import unknown
from papka.core.codes import consistency, records
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION, RECORDS, SHEETS, order_file
from papka.core.suggestion import may_be
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    yield from _results(archive)
    yield from _regulations(archive)
    yield from _imports(archive)
    for period in archive.approvals if archive.is_readable(ORGANIZATION) else ():
        where = Location(f"{RECORDS}/approvals/{period}.yaml", "/period")
        yield from unknown(
            records.REF_UNKNOWN_PERIOD, period, archive.periods, partial(_same, where)
        )


def _results(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        for results in student.periods.values():
            for result in results:
                source = result.source
                if source is None or source.export in archive.imports:
                    continue
                if archive.is_readable(f"{RECORDS}/imports/{source.export}/manifest.yaml"):
                    yield consistency.REF_UNKNOWN_IMPORT.at(
                        student.where(result, "source", "import"),
                        name=source.export,
                        may_be=may_be(source.export, archive.imports),
                    )


def _regulations(archive: Archive) -> Iterator[Finding]:
    for key, regulation in archive.regulations.items():
        folder = f"{RECORDS}/regulations/{key}"
        for index, edition in enumerate(regulation.editions):
            at = partial(Location, f"{folder}/regulation.yaml")
            if edition.file is not None and f"{folder}/{edition.file}" not in archive.act_texts:
                yield consistency.ACT_TEXT_MISSING.at(
                    at(f"/editions/{index}/file"), name=edition.file
                )
            order = edition.order
            if order is not None and archive.is_readable(order_file(order)):
                yield from unknown(
                    records.REF_UNKNOWN_ORDER,
                    order,
                    archive.orders,
                    partial(at, f"/editions/{index}/order"),
                )


def _imports(archive: Archive) -> Iterator[Finding]:
    for key, taken in archive.imports.items():
        at = partial(Location, f"{RECORDS}/imports/{key}/manifest.yaml")
        if taken.platform != SHEETS and archive.is_readable(
            f"{RECORDS}/platforms/{taken.platform}.yaml"
        ):
            yield from unknown(
                records.REF_UNKNOWN_PLATFORM,
                taken.platform,
                archive.platforms,
                partial(at, "/platform"),
            )


def _same(where: Location) -> Location:
    return where
