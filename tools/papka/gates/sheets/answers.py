"""A platform's answer in JSON to tables, one a list in it: an object a row, its fields the columns.

Invariants: numbers keep the text they have in the file; a field inside another is a column named
by both, with a dot; the first row holds the names, in the order in which they first come. A list
inside objects is named by their keys, with a dot. Rows that are lists themselves stay as they are.
Absent on purpose: any JSON that is not lists of records.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from papka.core.codes import exports
from papka.core.findings import Finding, Location
from papka.core.table import Export, Row, Table
from papka.gates.sheets import limits

_DEEPEST = 6
Value = object


class _NotRecords(Exception):
    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def read_answer(data: bytes, name: str) -> Export:
    """JSON is UTF-8, as RFC 8259 has it."""
    found = Export(name, data, "json", (), encoding="utf-8")
    if len(data) > limits.FILE:
        return replace(found, findings=(limits.too_large(name, "байтов", len(data), limits.FILE),))
    try:
        answer = json.loads(
            data.decode("utf-8-sig"),
            parse_float=str,
            parse_int=str,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
        tables = _tables(_lists(answer))
    except json.JSONDecodeError as error:
        return replace(found, findings=(_unparsed(error, name),))
    except UnicodeDecodeError:
        broken = exports.EXPORT_ENCODING_WRONG.at(Location(name), encoding="utf-8")
        return replace(found, findings=(broken,))
    except RecursionError:
        return replace(found, findings=(_broken(name, "записи вложены слишком глубоко"),))
    except _NotRecords as error:
        return replace(found, findings=(_broken(name, error.what),))
    if not tables:
        return replace(found, findings=(exports.EXPORT_EMPTY.at(Location(name)),))
    if isinstance(tables, int):
        return replace(found, findings=(limits.too_large(name, "ячеек", tables, limits.CELLS),))
    more = exports.EXPORT_PAGE_MISSING.at(Location(name))
    return replace(found, tables=tables, findings=(more,) if _has_next(answer) else ())


def _broken(name: str, what: str) -> Finding:
    return exports.EXPORT_JSON_BROKEN.at(Location(name), what=what)


def _unparsed(error: json.JSONDecodeError, name: str) -> Finding:
    where = Location(name, line=error.lineno, column=error.colno)
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
        return exports.EXPORT_TRUNCATED.at(where, sign="записи JSON не закрыты")
    return exports.EXPORT_JSON_BROKEN.at(where, what="нарушена запись JSON")


def _no_constant(constant: str) -> Value:
    raise _NotRecords(f"{constant} — не значение JSON")


def _object(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _NotRecords("в одной записи поле названо дважды")
    return made


def _lists(answer: Value, path: str = "", depth: int = 0) -> dict[str, list[Value]]:
    """Every list outside the records: the path to it -> its items."""
    if isinstance(answer, list):
        return {path: answer}
    if not isinstance(answer, dict) or depth > _DEEPEST:
        return {}
    found: dict[str, list[Value]] = {}
    for key, value in answer.items():
        found |= _lists(value, f"{path}.{key}" if path else key, depth + 1)
    if not depth and not found:
        raise _NotRecords("в ответе нет ни одного списка")
    return found


def _has_next(answer: Value) -> bool:
    meta = answer.get("meta") if isinstance(answer, dict) else None
    return isinstance(meta, dict) and meta.get("has_next") is True


def _tables(lists: dict[str, list[Value]]) -> tuple[Table, ...] | int:
    """Empty lists are left out; the number of cells when there are too many."""
    found = []
    cells = 0
    for path, items in lists.items():
        table = _table(path, items)
        if table is not None:
            found.append(table)
            cells += sum(len(row.cells) for row in table.rows)
        if cells > limits.CELLS:
            return cells
    return tuple(found)


def _table(path: str, items: list[Value]) -> Table | None:
    """Records get a row of names above them; lists and single values do not."""
    if items and all(isinstance(item, list) for item in items):
        lists = [item for item in items if isinstance(item, list)]
        rows = (Row(at, tuple(map(_worded, each))) for at, each in enumerate(lists, 1))
        return Table(path, tuple(rows))
    if items and not any(isinstance(item, (dict, list)) for item in items):
        return Table(path, (Row(1, tuple(map(_worded, items))),))
    if not all(isinstance(item, dict) for item in items):
        raise _NotRecords("записи должны быть объектами")
    flat = [dict(_flat(item, "", 1)) for item in items if isinstance(item, dict)]
    columns = {column: None for record in flat for column in record}
    if not columns:
        return None
    if len(columns) * (len(flat) + 1) > limits.CELLS:
        raise _NotRecords("слишком много разных полей")
    body = (
        Row(number, tuple(record.get(column, "") for column in columns))
        for number, record in enumerate(flat, 2)
    )
    return Table(path, (Row(1, tuple(columns)), *body))


def _flat(record: dict[str, Value], before: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, value in record.items():
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _flat(value, f"{before}{key}.", depth + 1)
        else:
            yield before + key, _worded(value)


def _worded(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
