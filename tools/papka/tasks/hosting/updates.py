"""What a push asks for, as git tells the hook: one line `<old> <new> <ref>` a ref.

Invariants: all or nothing, one wrong ref refuses the whole push; only main moves, and it never
goes away. Absent on purpose: whether it moves forward, which only the commits can tell.
"""

from __future__ import annotations

from dataclasses import dataclass

from papka.core.store import MAIN

_NONE = "0" * 40
_FEW = 3


@dataclass(frozen=True, slots=True)
class Update:
    """`old`, `new`: commits, empty for none."""

    old: str
    new: str
    ref: str


def read_updates(given: str) -> tuple[Update, ...]:
    """The hook's standard input."""
    parts = (line.split(" ", 2) for line in given.split("\n") if line)
    return tuple(
        Update(old.replace(_NONE, ""), new.replace(_NONE, ""), ref) for old, new, ref in parts
    )


def objection(updates: tuple[Update, ...]) -> str:
    """Why such a push is not even looked into; empty when it is."""
    others = [update.ref for update in updates if update.ref != MAIN]
    if others:
        names = ", ".join(others[:_FEW]) + (" и другое" if len(others) > _FEW else "")
        return f"сюда отправляют только ветвь main, а прислано лишнее: {names}"
    if len(updates) != 1:
        return "сюда отправляют одну ветвь main, и ничего больше"
    if not updates[0].new:
        return "ветвь main удалить нельзя: в ней весь архив"
    return ""
