"""The first records of an archive: what `papka init` asks a school, and the shipped scaffold.

Invariants: what a school must confirm itself (protocols, terms of keeping) says that it is not
confirmed; a restricted twin holds requisites and staff alone, those of its main archive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from string import Template
from typing import Any

from papka.core.errors import Refused
from papka.core.layout import FORMAT, ORGANIZATION, RESTRICTED, STAFF
from papka.gates.git import reading
from papka.gates.shipped import ShippedSnapshot
from papka.text.document import read
from papka.text.emit import emit

HEAD = "s001"
SCAFFOLD = "templates/archive/"
_RECORDS = SCAFFOLD + "records/"
_COMMON = "обычный"
_AUTUMN = 8
_DAY = timedelta(days=1)
_OF_BOTH = (
    "format", "kind", "name", "short_name", "place", "address", "inn", "ogrn", "email", "site",
    "licence", "head", "head_post", "school_year", "mirrors",
)  # fmt: skip
"""What the twin says as its main archive does."""


@dataclass(frozen=True, slots=True)
class School:
    """What is asked when an archive is made; `head` is «Фамилия Имя Отчество», `names` are its
    parts by key where the words do not tell them. `starts`: month and day of a school year."""

    name: str
    short_name: str
    place: str
    address: str
    head: str
    head_post: str
    names: Mapping[str, str] | None = None
    starts: str = "01-01"


def name_parts(full: str) -> dict[str, str]:
    """Surname, given name and patronymic as the words stand; a single word is the given name."""
    words = full.split(maxsplit=2)
    if len(words) < 2:
        return {"given": full.strip()}
    return dict(zip(("surname", "given", "patronymic"), words, strict=False))


def first_records(school: School, today: date) -> dict[str, bytes]:
    """The records of a school that starts today, with drafts of its local acts."""
    year, periods = first_periods(school.starts, today)
    words = {
        "name": school.name,
        "starts": school.starts,
        "today": today.isoformat(),
        "year": f"{year}",
    }
    scaffold = ShippedSnapshot("templates")
    files = {
        path.removeprefix(SCAFFOLD): Template(data.decode()).safe_substitute(words).encode()
        for path, data in scaffold.read_many(scaffold.paths())
        if path.startswith(_RECORDS)
    }
    about = {
        "format": FORMAT,
        "kind": _COMMON,
        "name": school.name,
        "short_name": school.short_name,
        "place": school.place,
        "address": school.address,
        "head": HEAD,
        "head_post": school.head_post,
    }
    names = dict(school.names or name_parts(school.head))
    member = {
        "id": HEAD,
        "name": names,
        "post": school.head_post,
        "roles": ["руководитель"],
    }
    declared = files[ORGANIZATION].decode()
    files[ORGANIZATION] = _yaml("organization", emit(about), declared, emit({"periods": periods}))
    files[STAFF] = _yaml("staff", emit({"staff": [member]}), files[STAFF].decode())
    return files


def first_periods(starts: str, today: date) -> tuple[int, list[dict[str, Any]]]:
    """The school year that today is in, and of its two halves those that are not over; a year that
    begins in autumn is halved by the new year."""
    month, day = (int(part) for part in starts.split("-"))
    year = today.year if f"{today:%m-%d}" >= starts else today.year - 1
    start, end = date(year, month, day), date(year + 1, month, day)
    spring = month < _AUTUMN
    middle = date(year, month + 6, 1) + (day - 1) * _DAY if spring else date(year + 1, 1, 1)
    named = f"{year}" if start.year == (end - _DAY).year else f"{year}/{end:%y}"
    what = "года" if "/" not in named else "учебного года"
    return year, [
        {
            "period": f"{year}-{half}",
            "title": f"{half}-е полугодие {named} {what}",
            "school_year": year,
            "start": first.isoformat(),
            "end": (after - _DAY).isoformat(),
        }
        for half, first, after in ((1, start, middle), (2, middle, end))
        if today < after
    ]


def restricted_records(main: Path) -> dict[str, bytes]:
    """The first records of the twin for diagnostics and special needs (R-4.2, R-2.2.7): requisites
    and staff as the main archive has saved them. Raises Refused."""
    saved = reading.CommitSnapshot(main, "HEAD")
    school = read(saved.read(ORGANIZATION), ORGANIZATION).value
    if school["kind"] == RESTRICTED:
        raise Refused(f"{main} — сам ограниченный архив", "Укажите основной: --of ПАПКА")
    about = {key: school[key] for key in _OF_BOTH if key in school} | {"kind": RESTRICTED}
    return {
        ORGANIZATION: _yaml("organization", emit(about)),
        STAFF: saved.read(STAFF),
    }


def _yaml(schema: str, *parts: str) -> bytes:
    return f"# yaml-language-server: $schema=../schema/{schema}.json\n{''.join(parts)}".encode()
