"""A file while it is mended: its lines, where each came from, and what was changed.

Mends replace whole lines of a working copy; every other line stays byte for byte. Findings name the
lines of the file as it is, the working copy is what it should be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from papka.core.findings import Code, Finding, Location
from papka.core.phrases import count_phrase


class Mend(NamedTuple):
    """One change: what was wrong, with the line as it should stand.

    `sure`: it has one meaning; else a person is asked, `choices` are the lines to choose from.
    """

    finding: Finding
    sure: bool = True
    choices: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """The working copy of one file."""

    path: str
    lines: list[str]
    origin: list[int] = field(default_factory=list)
    mends: list[Mend] = field(default_factory=list)
    _same: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, path: str, text: str) -> Draft:
        lines = text.split("\n")
        return cls(path, lines, list(range(1, len(lines) + 1)))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def copy(self) -> Draft:
        return replace(
            self,
            lines=list(self.lines),
            origin=list(self.origin),
            mends=list(self.mends),
            _same=dict(self._same),
        )

    def line_of(self, number: int) -> int:
        """Return the line of the file for a line of the working copy, both from 1."""
        if not self.origin:
            return 1
        return self.origin[min(max(number, 1), len(self.origin)) - 1]

    def put(self, first: int, last: int, new: Sequence[str]) -> None:
        """Replace lines `first` to `last`, from 1, both included; `last` < `first` inserts."""
        came = [self.line_of(first + n) if first + n <= last else 0 for n in range(len(new))]
        near = self.line_of(first)
        self.lines[first - 1 : last] = list(new)
        self.origin[first - 1 : last] = [each or near for each in came]

    def note(  # noqa: PLR0913 - a finding and what becomes of it
        self,
        code: Code,
        line: int,
        column: int,
        instead: str = "",
        *,
        sure: bool = True,
        choices: tuple[str, ...] = (),
        pointer: str = "",
        **words: object,
    ) -> None:
        """Note a mend of a line of the working copy, with the words of its code."""
        where = Location(self.path, pointer, self.line_of(line), column)
        finding = replace(code.at(where, related=(), **words), instead=instead.strip("\r\n"))
        self.mends.append(Mend(finding, sure, choices))

    def keep(  # noqa: PLR0913 - as note
        self,
        fault: Finding,
        line: int,
        instead: str,
        *,
        sure: bool = True,
        choices: tuple[str, ...] = (),
        hint: str = "",
    ) -> None:
        """Note a mend of what the reader or a schema said of a line of the working copy."""
        where = replace(fault.where, line=self.line_of(line))
        finding = replace(fault, where=where, instead=instead, hint=hint or fault.hint)
        self.mends.append(Mend(finding, sure, choices))

    def finished(self, mend: Mend) -> Mend:
        """Return the mend with its line as it stands after all others."""
        finding = mend.finding
        if not finding.instead or "\n" in finding.instead:
            return mend
        line = finding.where.line
        if line not in self.origin:
            return mend
        now = self.lines[self.origin.index(line)].rstrip("\r")
        return mend._replace(finding=replace(finding, instead=now))

    def note_alike(
        self, code: Code, line: int, column: int, instead: str, kind: str, **words: object
    ) -> None:
        """Note one of many mends of a kind: the first is reported, the rest are counted."""
        key = (code.name, kind)
        if key not in self._same:
            self._same[key] = (len(self.mends), 0)
            self.note(code, line, column, instead, sure=True, choices=(), pointer="", **words)
            return
        at, count = self._same[key]
        self._same[key] = (at, count + 1)
        first = self.mends[at]
        more = f" (и ещё {count_phrase(count + 1, 'место', 'места', 'мест')} ниже)"
        said = code.says.format(**words) + more
        self.mends[at] = first._replace(finding=replace(first.finding, message=said))
