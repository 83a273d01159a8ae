"""The message of a commit that took exports in: imports and counts, no person's data (R-1.3)."""

from __future__ import annotations

from collections.abc import Iterable

from papka.tasks.take.plan import Planned, Wish

_WIDTH = 72


def take_message(files: Iterable[Planned], wish: Wish) -> str:
    """Subject, blank line, one line an import."""
    taken = [each for each in files if each.key]
    names = ", ".join(each.key for each in taken)
    subject = f"Выгрузки: {names} ({wish.platform or 'ведомость'})"
    if len(subject) > _WIDTH:
        subject = f"Выгрузки за {wish.period}: {len(taken)} ({wish.platform or 'ведомость'})"
    lines = [f"{each.key}: {_told(each)}" for each in taken]
    if wish.accepted and any(each.matched.unmatched for each in taken):
        lines.append(f"Несопоставленные строки приняты: {wish.accepted}")
    return "\n".join([subject, "", *lines, ""])


def _told(each: Planned) -> str:
    layout = each.layout
    counts = {
        "новых": each.count("new"),
        "изменённых": each.count("changed"),
        "новых дел": len(each.cards),
        "зачислений": each.studies,
        "без хозяина": sum(len(row.rows) for row in each.matched.unmatched) - len(each.cards),
    }
    told = ", ".join(f"{name} {count}" for name, count in counts.items() if count > 0)
    name = f"«{layout.id}», редакция {layout.edition}" if layout else ""
    return f"{name}; {told or 'нового нет'}"
