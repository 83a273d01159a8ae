"""Reads what `git fsck` prints as faults of objects and packs.

Invariants: a damaged object is one fault, not also a missing one; a line nobody knows is a fault
all the same when there is no other; an exit code other than 0 never yields nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from papka.core.store import ObjectFault

_PACK = re.compile(r"pack-[0-9a-f]{40}")
_LOOSE = re.compile(r"objects/(?P<a>[0-9a-f]{2})/(?P<b>[0-9a-f]{38})\b")
_CORRUPT = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<id>[0-9a-f]{40}): (?P<what>object corrupt or missing|object could not be parsed)",
        r"error: packed (?P<id>[0-9a-f]{40}) from .* is (?P<what>corrupt)",
        r"cannot (?P<what>unpack) (?P<id>[0-9a-f]{40}) from",
        r"error in (?:blob|tree|commit|tag) (?P<id>[0-9a-f]{40}): (?P<what>.*)",
    )
)
_MISSING = tuple(
    re.compile(pattern)
    for pattern in (
        r"missing (?P<what>blob|tree|commit|tag) (?P<id>[0-9a-f]{40})",
        r"(?P<id>[0-9a-f]{40}): (?P<what>object missing|invalid sha1 pointer.*)",
        r"(?P<what>Could not read) (?P<id>[0-9a-f]{40})",
    )
)
_PLAINLY = {
    "blob": "это содержимое файла",
    "tree": "это папка",
    "commit": "это запись истории",
    "tag": "это метка",
    "object corrupt or missing": "не читается",
    "object could not be parsed": "не складывается в объект git",
    "object missing": "на него указывает ссылка",
    "corrupt": "содержимое не то",
    "unpack": "не распаковывается",
    "Could not read": "не читается",
}
"""git's own words, where people know plainer ones."""
_BROKEN_SUM = re.compile(r"(?:checksum|hash) mismatch")
_HARMLESS = re.compile(r"dangling |unreachable |notice: |warning in |Checking |Verifying |\s*$")


def read_fsck(code: int, lines: Iterable[str]) -> list[ObjectFault]:
    """The faults, packs first, each object once; [] only when fsck was content."""
    packs: dict[str, str] = {}
    corrupt: dict[str, str] = {}
    missing: dict[str, str] = {}
    other: list[str] = []
    for line in lines:
        if _HARMLESS.match(line):
            continue
        pack, loose = _PACK.search(line), _LOOSE.search(line)
        if pack is not None:
            is_sum = _BROKEN_SUM.search(line)
            packs.setdefault(pack[0], "контрольная сумма не сходится" if is_sum else plain(line))
        if "hash-path mismatch" in line and loose is not None:
            corrupt.setdefault(loose["a"] + loose["b"], "содержимое другого объекта")
        elif not (_note(corrupt, _CORRUPT, line) or _note(missing, _MISSING, line) or pack):
            other.append(plain(line))
    found = [ObjectFault("pack", name, detail) for name, detail in sorted(packs.items())]
    found += [ObjectFault("corrupt", id_, what) for id_, what in sorted(corrupt.items())]
    found += [
        ObjectFault("missing", id_, what)
        for id_, what in sorted(missing.items())
        if id_ not in corrupt
    ]
    if code and not found:
        found.append(ObjectFault("corrupt", "", "; ".join(other) or f"git fsck: код {code}"))
    return found


def count_unreachable(lines: Iterable[str]) -> int:
    """How many objects fsck met that nothing it was asked about leads to."""
    return sum(line.startswith("unreachable ") for line in lines)


def _note(into: dict[str, str], patterns: Iterable[re.Pattern[str]], line: str) -> bool:
    for pattern in patterns:
        match = pattern.search(line)
        if match is not None:
            into.setdefault(match["id"], _PLAINLY.get(match["what"], match["what"]))
            return True
    return False


def plain(text: str) -> str:
    """The first line, without folders of this machine."""
    first = next(iter(text.strip().splitlines()), "")
    return re.sub(r"\S*/objects/", "objects/", first)
