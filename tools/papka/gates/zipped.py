"""ZIP files: made with bytes that depend on nothing but their content, opened within limits.

Invariants: what is packed is stored, not squeezed, so that no version of a library changes a byte;
what is unpacked is never written to a disk here, and is limited before and while it is read: how
many files, how large each and all together. A name that could lead outside a folder, or stand for
the same file twice, is refused. Absent on purpose: what the files mean.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Mapping

from papka.core.errors import Refused

FILES = 5_000
LARGEST = 64 * 1024**2
ALL = 512 * 1024**2
"""Bytes, unpacked: of one file, of all of them."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PLAIN = re.compile(r"[\w.+-]+(?: [\w.+-]+)*", re.ASCII)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_DEEPEST = 8
_UNIX = 3
_ADVICE = "Попросите организацию выгрузить пакет заново (papka give package)"


def pack(files: Mapping[str, bytes], moment: dt.datetime) -> bytes:
    """The files as a ZIP, sorted by name, all of one moment (UTC)."""
    when = moment.astimezone(dt.UTC).timetuple()[:6]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, when)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            made.writestr(entry, files[name])
    return target.getvalue()


def unpack(data: bytes, name: str) -> dict[str, bytes]:
    """Path -> bytes; raises Refused for what is no ZIP, too much, or named unsafely."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            _refuse_unsafe(entries, len(data), name)
            return {entry.filename: _read(opened, entry, name) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Refused(f"Файл {name} — не ZIP или повреждён", _ADVICE) from error


def _refuse_unsafe(entries: list[zipfile.ZipInfo], size: int, name: str) -> None:
    if len(entries) > FILES:
        raise Refused(f"В {name} {len(entries)} файлов, можно {FILES}", _ADVICE)
    if any(entry.file_size > LARGEST for entry in entries) or (
        sum(entry.file_size for entry in entries) > ALL
    ):
        raise Refused(f"Файл {name} раскрывается в слишком большое", _ADVICE)
    if sum(entry.compress_size for entry in entries) > size:
        raise Refused(f"В {name} файлы лежат один поверх другого: так делают ZIP-бомбы", _ADVICE)
    seen: set[str] = set()
    for entry in entries:
        mode = entry.external_attr >> 16
        odd = entry.create_system == _UNIX and stat.S_IFMT(mode) not in (0, stat.S_IFREG)
        if odd or entry.flag_bits & 1 or entry.compress_type not in _METHODS:
            raise Refused(f"В {name} есть ссылка, шифр или неизвестное сжатие", _ADVICE)
        if not is_plain(entry.filename) or entry.filename.casefold() in seen:
            raise Refused(f"В {name} есть недопустимое или повторное имя файла", _ADVICE)
        seen.add(entry.filename.casefold())


def is_plain(path: str) -> bool:
    """A relative path of plain ASCII names, none hidden or reserved."""
    names = path.split("/")
    return len(names) <= _DEEPEST and all(
        _PLAIN.fullmatch(part)
        and not part.startswith(".")
        and not part.endswith(".")
        and not _RESERVED.fullmatch(part)
        for part in names
    )


def _read(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    """No more than was declared: a stream that goes on is a bomb."""
    with opened.open(entry) as stream:
        data = stream.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise Refused(f"В {name} файл не того размера, что заявлен", _ADVICE)
    return data
