"""Give unsent orders other numbers where somebody else's orders, already sent, have theirs.

Only values in and values out. An order moves with its scans to the number after all that either
side has; what was written with it and names it follows: every name of an order in an unsent record,
and the words of the save. The number on paper moves only where another order of that year bears the
same one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from papka.core.cells import folded
from papka.core.places import RECORDS, is_act, order_file, place
from papka.core.snapshot import Snapshot, bytes_of
from papka.records.editing import replace_scalar
from papka.records.strict_yaml import read
from papka.records.tombstones import names_destroyed

Changes = Mapping[str, bytes | None]

_PRINTED = re.compile(r"(?P<digits>\d+)(?P<rest>.*)", re.DOTALL)


class NewNumber(NamedTuple):
    """What an order is from now on; `before` and `printed` are the numbers on paper, as they were
    and as they are, both "" where they could not be read."""

    key: str
    before: str
    printed: str


def find_new_numbers(base: Snapshot, theirs: Snapshot, mine: Changes) -> dict[str, NewNumber]:
    """Return the new number of each order of `mine` whose number an order of `theirs` has.

    The number in the archive is meant and the one on paper: either may be taken alone.
    """
    acts = list(theirs.read_many(filter(is_act, theirs.paths())))
    own = {key: data for path, data in mine.items() if data and (key := _order_at(path))}
    there = {key: bytes_of(theirs, path) for path in theirs.paths() if (key := _order_at(path))}
    found: dict[str, NewNumber] = {}
    for key, data in sorted(own.items()):
        if bytes_of(base, order_file(key)) is not None:
            continue
        year = key.partition("/")[0]
        others = {each: text for each, text in there.items() if each.startswith(f"{year}/")}
        gone = {f"{year}/{name}" for name in names_destroyed(acts, f"{RECORDS}/orders/{year}")}
        taken = {*others, *gone, *own, *(each.key for each in found.values())}
        is_taken = others.get(key, data) != data or key in gone
        printed = _printed_in(data, key)
        used = {_printed_in(text, each) for each, text in others.items() if each != key or is_taken}
        used |= {each.printed for each in found.values()}
        here = {_printed_in(text, each) for each, text in own.items() if each != key}
        now = _next_printed(printed, used, here)
        if is_taken or now != printed:
            last = max(int(each.partition("/")[2]) for each in taken if each.startswith(f"{year}/"))
            moved = f"{year}/{last + 1:04d}" if is_taken else key
            found[key] = NewNumber(moved, printed, now)
    return found


def at_new_number(path: str, numbers: Mapping[str, NewNumber]) -> str:
    """Return where a file of an order, or a scan of one, lies under its new number."""
    for key, new in numbers.items():
        folder = f"{RECORDS}/orders/{key}"
        if path.startswith(folder) and not path[len(folder)].isdecimal():
            return f"{RECORDS}/orders/{new.key}{path[len(folder) :]}"
    return path


def with_new_numbers(
    path: str, data: bytes, numbers: Mapping[str, NewNumber], named: Iterable[tuple[str, str]]
) -> bytes:
    """Return an unsent file that names the orders as they are now.

    `path`: its path before; `named`: where it names an order, and the order's key before.
    """
    for pointer, key in named:
        if key in numbers:
            data = replace_scalar(data, pointer, numbers[key].key)
    own = numbers.get(_order_at(path))
    if own is not None and own.printed != own.before:
        data = replace_scalar(data, "/number", own.printed)
    return data


def reworded(message: str, numbers: Mapping[str, NewNumber]) -> str:
    """Return a save's message with the new numbers."""
    if not numbers:
        return message
    pattern = "|".join(map(re.escape, numbers))
    return re.sub(rf"\b(?:{pattern})\b", lambda found: numbers[found[0]].key, message)


def _order_at(path: str) -> str:
    """Return the key of the order the path is; "" for any other."""
    found = place(path) if path.startswith(f"{RECORDS}/orders/") else None
    return found.key if found is not None and found.kind == "order" else ""


def _printed_in(data: bytes | None, key: str) -> str:
    """Return the number on paper; "" for an order that cannot be read."""
    value = read(data or b"", order_file(key)).value
    return str(value.get("number", "")) if isinstance(value, dict) else ""


def _next_printed(printed: str, used: set[str], here: set[str]) -> str:
    """Return the number itself unless it is `used`, however spelt, else the next: 5-к, 6-к.

    `here` are those of other orders of our own, which are passed over too.
    """
    match = _PRINTED.fullmatch(printed)
    if match is None or folded(printed) not in set(map(folded, used)):
        return printed
    alike = (_PRINTED.fullmatch(folded(each)) for each in used | here)
    rest = folded(match["rest"])
    digits = [int(each["digits"]) for each in alike if each and each["rest"] == rest]
    return f"{max(digits) + 1}{match['rest']}"
