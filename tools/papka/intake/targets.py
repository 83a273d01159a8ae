"""Columns of marks fixed to one file: which part and scale each belongs to, and by which rule.

Invariant: a flaw of a rule is told once, at its column's header, not again for every row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from papka.core.codes import mappings as codes
from papka.core.table import Export, Row
from papka.intake.headers import Header
from papka.intake.mapped import Context
from papka.intake.part_scale import scale_of
from papka.intake.patterns import Pattern, pattern, plain
from papka.intake.scales import Rule, Wrong, mark_of
from papka.intake.values import number
from papka.model.export_layout import ExportLayout, MarkColumn
from papka.model.results import Mark


@dataclass(slots=True)
class Target:
    """A column of marks. `condition` is a column and the text it must hold; `date`, `flag` and
    `reason` are columns, 0 for none. Values repeat, so what they become is remembered."""

    column: int
    program: str
    source: MarkColumn
    rule: Rule
    condition: tuple[int, Pattern] | None = None
    date: int = 0
    flag: int = 0
    reason: int = 0
    _made: dict[str, Mark | Wrong | None] = field(default_factory=dict)

    def mark(self, raw: str) -> Mark | Wrong | None:
        """None when the cell says that there is none."""
        if raw not in self._made:
            self._made[raw] = mark_of(raw, self.rule)
        return self._made[raw]

    def by_hand(self, row: Row) -> str | None:
        """What the row says about who set the value, when that was not the platform."""
        if self.source.by_hand is None:
            return None
        told = row.cell(self.flag).strip()
        texts = self.source.by_hand.texts
        if not told or (texts and not any(pattern(text).matches(told) for text in texts)):
            return None
        return " ".join(row.cell(self.reason).split()) or told


def made_targets(
    export: Export, header: Header, layout: ExportLayout, context: Context, maxima: Row | None
) -> Iterator[Target]:
    """Exact names first, so that a pattern takes what they left; findings go to the header's."""
    taken: set[int] = set()
    for source in sorted(layout.columns, key=lambda each: not pattern(each.column).is_exact):
        columns = [at for at in header.some(source.column) if at not in taken]
        if source.when is None:
            taken.update(columns)
        date = header.one(source.date)
        flag = header.one(source.by_hand.column) if source.by_hand else 0
        reason = header.one(source.by_hand.reason) if source.by_hand else 0
        when = None
        if source.when is not None:
            when = header.one(source.when.column), pattern(source.when.text)
        program = source.program or layout.program or ""
        for column in columns:
            rule = _rule(export, header, layout, context, source, maxima, column)
            if isinstance(rule, Wrong):
                header.findings.append(rule.at(header.at(column)))
                break
            yield Target(column, program, source, rule, when, date, flag, reason)


def _rule(  # noqa: PLR0913 - what one column of one file depends on
    export: Export,
    header: Header,
    layout: ExportLayout,
    context: Context,
    source: MarkColumn,
    maxima: Row | None,
    column: int,
) -> Rule | Wrong:
    scale = scale_of(source, source.program or layout.program or "", context)
    if isinstance(scale, Wrong):
        return scale
    name = header.names[column - 1]
    conversion = source.conversion or layout.conversion
    if conversion is None:
        return Wrong(partial(codes.EXPORT_RULE_MISSING.at, name=name))
    if source.date is None and context.date is None:
        return Wrong(partial(codes.EXPORT_DATE_UNKNOWN.at, name=name))
    is_text = export.layout == "csv"
    stated = number(maxima.cell(column), layout.decimal, is_text=is_text) if maxima else None
    maximum = (
        Decimal(str(conversion.of))
        if conversion.of is not None
        else pattern(source.column).maximum(name) or stated
    )
    empty = frozenset(map(plain, layout.empty))
    rule = Rule(name, conversion, scale, empty, layout.decimal, is_text, maximum)
    return rule.flaw or rule
