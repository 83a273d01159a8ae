"""A layout fixed to one file: every column it speaks of by number.

Invariant: what is wrong with the layout itself, or with the file's columns, is told here once.
"""

from __future__ import annotations

from dataclasses import dataclass

from papka.core.table import Export, Row
from papka.intake.headers import Header
from papka.intake.mapped import Context
from papka.intake.patterns import Pattern, pattern
from papka.intake.people import PersonColumns, person_columns
from papka.intake.targets import Target, made_targets
from papka.model.export_layout import ExportLayout, FieldColumn, RowRule


@dataclass(frozen=True, slots=True)
class RowRules:
    """How some rows are known: the columns to look at, and the text."""

    rules: tuple[tuple[tuple[int, ...], Pattern], ...]

    def apply(self, row: Row) -> bool:
        for columns, text in self.rules:
            for column in columns:
                if text.matches(row.cell(column)):
                    return True
        return False


@dataclass(frozen=True, slots=True)
class Plan:
    """`fields`: column number and what it fills in."""

    people: PersonColumns
    maxima: RowRules
    aggregates: RowRules
    skipped: RowRules
    targets: tuple[Target, ...]
    fields: tuple[tuple[int, FieldColumn], ...]


def made_plan(export: Export, header: Header, layout: ExportLayout, context: Context) -> Plan:
    """Findings go to the header's."""
    people = person_columns(header, layout.student)
    maxima = _row_rules(header, people, (layout.maxima,) if layout.maxima else ())
    rows = header.table.rows[header.first :]
    stated = next((row for row in rows if maxima.apply(row)), None)
    aggregates = _row_rules(header, people, layout.aggregates)
    skipped = _row_rules(header, people, layout.skipped)
    fields = tuple((header.one(each.column), each) for each in layout.fields)
    targets = sorted(
        made_targets(export, header, layout, context, stated), key=lambda each: each.column
    )
    header.findings += header.unknown(layout.ignored)
    return Plan(people, maxima, aggregates, skipped, tuple(targets), fields)


def _row_rules(header: Header, people: PersonColumns, rules: tuple[RowRule, ...]) -> RowRules:
    """A rule that names no column looks where students are named, and at the first column."""
    usual = tuple(dict.fromkeys((1, *people.named)))
    return RowRules(
        tuple(
            (usual if rule.column is None else (header.one(rule.column),), pattern(rule.text))
            for rule in rules
        )
    )
