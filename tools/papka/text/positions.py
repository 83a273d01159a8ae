"""Line and column for findings that know only a JSON pointer.

Rules work on values and never pay for positions; a rejected file is read once more here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from papka.core.codes.schema import AT_KEY
from papka.core.findings import Finding, Location
from papka.text.document import locate

Source = Callable[[str], bytes | None]


def pinned(findings: Iterable[Finding], source: Source) -> list[Finding]:
    """The same findings with lines and columns, as far as their files can be read."""
    return [
        replace(
            finding,
            where=_pin(finding.where, source, key=finding.code in AT_KEY),
            related=tuple(_pin(where, source) for where in finding.related),
        )
        for finding in findings
    ]


def _pin(where: Location, source: Source, *, key: bool = False) -> Location:
    if where.line or where.commit or not where.path.endswith(".yaml"):
        return where
    data = source(where.path)
    if data is None:
        return where
    line, column = locate(data, where.pointer, key=key)
    return replace(where, line=line, column=column)
