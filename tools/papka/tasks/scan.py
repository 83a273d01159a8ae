"""A scan brought from outside: read once, recognised by its first bytes, named by its digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound, Refused
from papka.core.plural import counted
from papka.gates.plain_file import read_plain

LARGEST = 25 * 1024 * 1024
"""Bytes. History keeps every scan for ever; a page at 300 dpi is under 1 MB."""
_MAGIC = ((b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"))


@dataclass(frozen=True, slots=True)
class Scan:
    """`name` is what it is called in `attachments/`, `sha256` is hex."""

    name: str
    sha256: str
    original_name: str
    data: bytes


def take_scan(file: Path) -> Scan:
    """Read a scan. Raises NotFound, or Refused when it is no PDF, PNG or JPEG or too large."""
    try:
        size = file.stat().st_size
        if size > LARGEST:
            limit = counted(LARGEST // 1024**2, "мегабайт", "мегабайта", "мегабайт")
            raise Refused(
                f"Файл {file.name} слишком большой: {size / 1024**2:.0f} МБ, можно {limit}",
                "Отсканируйте с разрешением 150-300 точек или разделите на части",
            )
        data = read_plain(file, most=LARGEST, follow=True)
    except OSError:
        raise NotFound(f"Файл не читается: {file}", "Проверьте путь к скану") from None
    ending = next((ending for magic, ending in _MAGIC if data.startswith(magic)), None)
    if ending is None:
        raise Refused(
            f"Файл {file.name} — не PDF, PNG или JPEG, каким бы ни было его имя",
            "Сохраните скан в PDF и повторите",
        )
    digest = hashlib.sha256(data).hexdigest()
    return Scan(f"{digest[:12]}.{ending}", digest, file.name.strip(), data)
