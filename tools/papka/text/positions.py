"""Line and column for findings that know only a JSON pointer.

Rules work on values and never pay for positions; a rejected file is read once more here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from papka.core.codes.schema import AT_KEY
from papka.core.findings import Finding, Location
from papka.text.document import Placer, placer

Source = Callable[[str], bytes | None]


def pinned(findings: Iterable[Finding], source: Source) -> list[Finding]:
    """The same findings with lines and columns, as far as their files can be read.

    A file is read once, however many findings it has.
    """
    placers: dict[str, Placer | None] = {}

    def pin(where: Location, *, key: bool = False) -> Location:
        if where.line or where.commit or not where.path.endswith(".yaml"):
            return where
        if where.path not in placers:
            data = source(where.path)
            placers[where.path] = None if data is None else placer(data)
        place = placers[where.path]
        if place is None:
            return where
        line, column = place(where.pointer, key=key)
        return replace(where, line=line, column=column)

    return [
        replace(
            finding,
            where=pin(finding.where, key=finding.code in AT_KEY),
            related=tuple(pin(where) for where in finding.related),
        )
        for finding in findings
    ]
