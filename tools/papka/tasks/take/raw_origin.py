"""From an imported result back to the cell it came from: file, row, column, text, rule (R-6.2).

Invariants: the cell is read again from the bytes that are kept, never believed from the record; a
difference between the two is said. Absent on purpose: other rows of the export.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from papka.core.layout import SHEETS, import_file, raw_file, raw_name
from papka.gates.git.objects import Objects
from papka.intake.patterns import pattern
from papka.intake.sheet import layout_of
from papka.model.archive import Archive
from papka.model.export_layout import Conversion, ExportLayout, MarkColumn
from papka.model.imported import HEADER, NAMES
from papka.model.raw_rows import NotRows, raw_rows
from papka.model.reading import load_part
from papka.model.results import Result, Source
from papka.model.safekeeping import Import
from papka.tasks.open_file import Opened
from papka.views.forms.platform_printout import platform_title
from papka.views.raw_titles import titles
from papka.views.reference import teacher
from papka.views.wording import day


def raw_origin(root: Path, opened: Opened, result: Result, rev: str) -> Iterator[tuple[str, str]]:
    """(what, its words): the export, the cell, the rule; of a result typed by hand nothing."""
    source = result.source
    if source is None:
        return
    kept = _kept(root, opened, source.export, rev)
    taken = kept.imports.get(source.export)
    if taken is None:
        yield "Выгрузка", f"{source.export}: в архиве её нет, проверьте: papka check"
        return
    archive = opened.archive
    who = f"{teacher(archive, taken.by)} ({taken.by})"
    where = platform_title(archive, taken)
    yield "Выгрузка", f"{source.export}: {where}, принята {day(taken.taken)}, {who}"
    named = titles(kept, source.export, source.column)
    title = named[source.column - 1]
    student = kept.students.get(opened.student.id)
    part = student.raw.get(raw_name(source.export)) if student else None
    path = raw_file(opened.student.id, source.export)
    yield "Исходная ячейка", f"{path}, {_cell(source, title, part, taken)}"
    if source.by_hand:
        yield "Поставлено вручную", source.by_hand
    yield "Правило", _rule(archive, taken, named, title, result)


def _kept(root: Path, opened: Opened, key: str, rev: str) -> Archive:
    """What is kept of the export, the student's own rows among it."""
    paths = (
        import_file(key, "manifest.yaml"),
        import_file(key, NAMES[HEADER]),
        raw_file(opened.student.id, key),
    )
    found = zip(paths, Objects(root).find_many([f"{rev}:{path}" for path in paths]), strict=True)
    return load_part([(path, blob[1]) for path, blob in found if blob], opened.schemas)


def _cell(source: Source, title: str, part: bytes | None, taken: Import) -> str:
    called = f" «{title}»" if title else ""
    place = f"строка {source.row}, столбец {source.column}{called}"
    try:
        cells = raw_rows(part or b"", taken)[source.row - 1]
        text = cells[source.column - 1]
    except (NotRows, IndexError):
        return f"{place}: такой ячейки нет, проверьте: papka check"
    if text != source.raw:
        return f"{place}: «{text}», а в записи «{source.raw}»; проверьте: papka check"
    return f"{place}: «{text}»"


def _rule(
    archive: Archive, taken: Import, named: tuple[str, ...], title: str, result: Result
) -> str:
    layout = _layout(archive, taken, named)
    if layout is None:
        return f"раскладка «{taken.export}», редакция {taken.edition}: в архиве её уже нет"
    about = f"раскладка «{layout.id}», редакция {layout.edition}"
    rule = next(
        (
            each
            for each in layout.columns
            if each.part == result.part and pattern(each.column).matches(title)
        ),
        None,
    )
    if rule is None:
        return about
    return f"{about}: столбец «{rule.column}» — часть «{rule.part}»; {_words(layout, rule)}"


def _layout(archive: Archive, taken: Import, named: tuple[str, ...]) -> ExportLayout | None:
    if taken.platform == SHEETS:
        return layout_of(named)
    platform = archive.platforms.get(taken.platform)
    known = platform.exports if platform else ()
    wanted = (taken.export, taken.edition)
    return next((each for each in known if (each.id, each.edition) == wanted), None)


def _words(layout: ExportLayout, rule: MarkColumn) -> str:
    """«процент; от 85 — 5, от 65 — 4; «сдан» — зачтено»."""
    how = rule.conversion or layout.conversion or Conversion(value="отметка")
    value = "отметка как стоит" if how.value == "отметка" else how.value
    words = [f"{value} из {how.of:g}" if how.of is not None else value]
    if how.bands:
        words.append(", ".join(f"от {band.at_least:g} % — {band.mark}" for band in how.bands))
    if how.rounding:
        words.append(f"округление {how.rounding}")
    if how.words:
        words.append(", ".join(f"«{word.text}» — {word.mark}" for word in how.words))
    return "; ".join(words)
