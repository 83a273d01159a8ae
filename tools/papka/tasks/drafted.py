"""Drafts that wait for a number: each shown, agreed to and signed, or left as it is.

Invariants: a draft is untrusted until it was looked at: it holds new files of one numbered unit of
the kinds papka drafts, and nothing else; the person whose key signs it is asked before.
Absent on purpose: issuing documents (`documents.issue`), and asking (`cli`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.core.layout import RECORDS, STUDENTS
from papka.gates import drafts
from papka.gates.drafts import Draft
from papka.gates.git.runner import SshAccess
from papka.tasks.actor import Actor
from papka.tasks.numbers import Files, Reserved, Series, reserve_number

REQUEST = "issue.json"
"""The one file of a draft that asks for a document."""
NOT_AGREED = "его не подписали"
_UNITS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<unit>(?P<folder>{STUDENTS}/(?P<year>\d{{4}}))/(?P<prefix>(?P=year)-)0000)/",
        rf"(?P<unit>(?P<folder>{RECORDS}/orders/\d{{4}})/(?P<prefix>)0000)[/.]",
    )
)
"""Whose drafts papka makes: a personal file, an order."""
_SPELT = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)+(?:[A-Za-z0-9_-][A-Za-z0-9._-]*|\.salt)")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft about to be signed. `is_own`: papka made it here, for this person, just so."""

    draft: Draft
    is_own: bool


Agreed = Callable[[Waiting], bool]
"""Shows a draft to the person whose key signs it, and answers whether it is to be signed."""


def number_drafts(
    root: Path,
    actor: Actor,
    *,
    agreed: Agreed,
    now: datetime,
    access: SshAccess | None = None,
) -> tuple[tuple[str, Reserved], ...]:
    """Gives every draft its number now that the primary answers; a refused one stays a draft.

    `agreed` is asked of each before it is signed.
    """
    found = []
    for draft in drafts.kept(root):
        if is_request(draft):
            continue
        series, odd = _series(draft)
        if series is None:
            found.append((draft.name, Reserved(None, reason=f"это не черновик дела: {odd}")))
            continue
        if not agreed(Waiting(draft, is_own=drafts.is_own(root, draft))):
            found.append((draft.name, Reserved(None, reason=NOT_AGREED)))
            continue
        reserved = reserve_number(
            root, actor, series, _renumbering(draft.files, series),
            now=now, access=access, may_draft=False,
        )  # fmt: skip
        if reserved.number is not None:
            drafts.drop(root, draft)
        found.append((draft.name, reserved))
    return tuple(found)


def waiting(root: Path) -> tuple[Waiting, ...]:
    """The drafts that wait for a number and may get one."""
    return tuple(
        Waiting(draft, is_own=drafts.is_own(root, draft))
        for draft in drafts.kept(root)
        if is_request(draft) or _series(draft)[0] is not None
    )


def drafts_of(root: Path) -> tuple[str, ...]:
    """Names of all that lies there as a draft."""
    return tuple(draft.name for draft in drafts.kept(root))


def is_request(draft: Draft) -> bool:
    """Whether it is a document that was asked for, and not files."""
    return [*draft.files] == [REQUEST]


def _series(draft: Draft) -> tuple[Series | None, str]:
    """The series a draft belongs to; None with what in it is no new file of one numbered unit."""
    first = next(iter(draft.files), draft.trouble)
    unit = next((match for each in _UNITS if (match := each.match(first))), None)
    if draft.trouble or unit is None:
        return None, draft.trouble or first
    odd = [path for path in draft.files if not _is_within(path, unit["unit"])]
    if odd:
        return None, odd[0]
    return Series(unit["folder"], unit["prefix"]), ""


def _is_within(path: str, unit: str) -> bool:
    """Whether a path is the unit's one file or lies below its folder, spelt as papka spells it."""
    return _SPELT.fullmatch(path) is not None and (
        path.startswith(f"{unit}/") or path == f"{unit}.yaml"
    )


def _renumbering(kept: Mapping[str, bytes], series: Series) -> Files:
    """The draft's files under another number, in their paths and in what they say."""
    old = series.draft

    def files(number: str) -> Mapping[str, bytes]:
        place, moved = f"{series.folder}/{old}", f"{series.folder}/{number}"
        told = series.prefix != ""
        return {
            path.replace(place, moved): data.replace(old.encode(), number.encode())
            if told
            else data
            for path, data in kept.items()
        }

    return files
