"""Which paths staff may write; all others are the head's."""

from __future__ import annotations

from papka.integrity.evidence import is_kept_file
from papka.integrity.trust_state import TRUST_FOLDER

FREE = ("records/students/", "records/imports/", "records/events/", "records/orders/")
KEPT = ("records/registers/", "records/media/")
"""Where staff may add and mark, but never remove a file."""


def forbidden(path: str, *, deleted: bool, replaced: bool = False) -> str:
    """What staff may not do to this path; empty when they may. Trust is told elsewhere."""
    if replaced and is_kept_file(path):
        return "заменять скан приказа"
    if path.startswith((*FREE, TRUST_FOLDER)):
        return ""
    if path.startswith(KEPT):
        return "удалять запись журнала" if deleted else ""
    return "менять этот файл"


def is_heads(path: str, *, deleted: bool) -> bool:
    """Whether only a head may do this to the path."""
    return path.startswith(TRUST_FOLDER) or bool(forbidden(path, deleted=deleted))
