"""Workbooks no decent program would write: ODS from its XML, XLSX with a member changed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

from papka.intake.sheet_writing import write_xlsx
from papka.intake.tables import Sheet

SHEET = "xl/worksheets/sheet1.xml"
_ODS = "urn:oasis:names:tc:opendocument:xmlns:"


def xlsx(*rows: tuple[str | int | float | bool, ...]) -> bytes:
    """A decent one to begin with; the sheet is «Оценки»."""
    return write_xlsx([Sheet("Оценки", rows)])


def changed(book: bytes, member: str, old: bytes, new: bytes) -> bytes:
    """The same ZIP, with `old` for `new` in one member, where `old` must stand."""

    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new)

    return rebuilt(book, {member: change})


def rebuilt(book: bytes, changes: Mapping[str, Callable[[bytes], bytes]]) -> bytes:
    """The same ZIP with members changed; a member that was not there is changed from nothing."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        members = {name: old.read(name) for name in old.namelist()}
        for name in [*members, *(name for name in changes if name not in members)]:
            data = members.get(name, b"")
            new.writestr(name, changes[name](data) if name in changes else data)
    return target.getvalue()


def ods(rows: str, *, table: str = "Оценки") -> bytes:
    """An ODS of one table with these table:table-row elements."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        f'xmlns:office="{_ODS}office:1.0" xmlns:table="{_ODS}table:1.0" '
        f'xmlns:text="{_ODS}text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="{table}">{rows}</table:table>'
        f"</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest/>')
        made.writestr("content.xml", content)
    return target.getvalue()


def ods_row(*cells: str, times: int = 1) -> str:
    repeated = f' table:number-rows-repeated="{times}"' if times > 1 else ""
    return f"<table:table-row{repeated}>{''.join(cells)}</table:table-row>"


def ods_cell(text: str, *, times: int = 1, more: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="string" '
        f'table:number-columns-repeated="{times}" {more}><text:p>{text}</text:p></table:table-cell>'
    )


def ods_gap(times: int) -> str:
    return f'<table:table-cell table:number-columns-repeated="{times}"/>'
