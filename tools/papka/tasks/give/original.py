"""`papka give original 2026-1/1`: the file of an export as it came in, byte for byte.

Invariants: what is given is the file whose SHA-256 was kept, or it is refused and what is missing
is said; the rest, given on demand, is never called the original.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from papka.core.errors import NotFound, Refused
from papka.core.layout import import_file, student_folder
from papka.core.plural import counted
from papka.core.snapshot import bytes_of
from papka.intake.order import Order, read_order
from papka.intake.parts import join
from papka.model.imported import (
    BOOK,
    HEADER,
    LIST,
    ORDER,
    ImportPart,
    part_digest,
    read_list,
)
from papka.text.document import read

_MANY = 10


class Files(Protocol):
    """A Snapshot or a Tree; `read` raises KeyError."""

    def read(self, path: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Original:
    """`name` is the file's own, or made of the import's number when only the rest is left;
    `missing` are the numbers of the parts that are gone."""

    name: str
    data: bytes
    missing: tuple[int, ...] = ()


class NotWhole(Refused):
    """Parts of the export are gone or altered, so its file cannot be given back."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(
            f"Исходный файл выгрузки {key} не собрать: {message}",
            f"Что осталось, отдаст papka give original {key} --remaining; повреждена ли запись, "
            "покажет papka check",
        )


def original(files: Files, key: str, *, remaining: bool = False) -> Original:
    """The file of the import `<period>/<n>`; with `remaining`, when it cannot be whole, its header
    and the rows of students that are left, by number of part.

    Raises NotFound, and NotWhole when something is missing or altered.
    """
    layout = _layout(files, key)
    listed, broken = read_list(bytes_of(files, import_file(key, LIST)) or b"")
    if broken is not None:
        raise NotWhole(key, f"список частей {import_file(key, LIST)} пропал или испорчен")
    found = {part: bytes_of(files, part.path(key, layout)) for part in listed}
    kept = {part: data for part, data in found.items() if data is not None}
    missing = tuple(part.number for part in found if part not in kept)
    owned = {part.owner: data for part, data in kept.items()}
    order = read_order(owned.get(ORDER, b""))
    data = _whole(order, kept, owned.get(BOOK)) if not missing else None
    if order is not None and data is not None:
        return Original(order.file.replace("\\", "/").rpartition("/")[2], data)
    if remaining:
        ending = "csv" if layout == "csv" else "jsonl"
        rest = b"".join(_rest(kept))
        return Original(f"{key.replace('/', '-')}-remaining.{ending}", rest, missing)
    raise NotWhole(key, "; ".join(_said(files, key, order, kept, missing)))


def _layout(files: Files, key: str) -> str:
    path = import_file(key, "manifest.yaml")
    data = bytes_of(files, path)
    if data is None:
        raise NotFound(
            f"Выгрузки {key} в архиве нет",
            "Выгрузки лежат в records/imports/<период>/<номер>/, называют их так: 2026-1/1",
        )
    value = read(data, path).value
    if not isinstance(value, dict) or not isinstance(value.get("layout"), str):
        raise Refused(f"Опись {path} не читается", "Узнайте, что в ней не так: papka check")
    return str(value["layout"])


def _whole(
    order: Order | None, kept: Mapping[ImportPart, bytes], book: bytes | None
) -> bytes | None:
    if order is None:
        return None
    if book is not None:
        same = hashlib.sha256(book).hexdigest() == order.sha256
        return book if same else None
    try:
        return join(order, {part.number: data for part, data in kept.items()})
    except (KeyError, ValueError):
        return None


def _rest(kept: Mapping[ImportPart, bytes]) -> Iterator[bytes]:
    yield from (data for part, data in kept.items() if part.owner == HEADER)
    yield from (data for part, data in kept.items() if part.student)


def _said(
    files: Files,
    key: str,
    order: Order | None,
    kept: Mapping[ImportPart, bytes],
    missing: tuple[int, ...],
) -> Iterator[str]:
    rows: dict[int, int] = {}
    for run in order.runs if order else ():
        rows[run.part] = rows.get(run.part, 0) + run.rows
    if missing:
        many = ", …" if len(missing) > _MANY else ""
        numbers = ", ".join(
            f"{each} ({counted(rows[each], 'строка', 'строки', 'строк')})"
            if each in rows
            else str(each)
            for each in missing[:_MANY]
        )
        yield f"нет {counted(len(missing), 'части', 'частей', 'частей')}: {numbers}{many}"
    if order is None:
        yield "порядка строк нет, сколько строк было в этих частях, уже не узнать"
    altered = [
        str(part.number) for part, data in kept.items() if _is_altered(files, key, part, data)
    ]
    if altered:
        yield f"изменены части {', '.join(altered[:_MANY])}"
    elif order is not None and not missing:
        yield "из его частей получается другой файл"


def _is_altered(files: Files, key: str, part: ImportPart, data: bytes) -> bool:
    folder = student_folder(part.student) if part.student else import_file(key, part.unit)
    salt = bytes_of(files, f"{folder}/.salt")
    return salt is not None and part_digest(salt, data) != part.digest
