"""What became of an issued document, and so what a print of it is: itself, a copy, crossed out.

Before it is handed over a document may be printed again, for printers jam; afterwards a print is a
copy, for one original is out already. All of it follows from the register: printing writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from papka.paper.form import COPY, VOID, SignatureLine
from papka.paper.issued_contents import TITLES, duplicate_in_force
from papka.records import wording
from papka.records.acts import Handed, RegisterEntry, Void
from papka.records.archive import Archive
from papka.records.derived.in_force import representative_on
from papka.records.wording import NBSP, agreed_with, day, number, short_name


@dataclass(frozen=True, slots=True)
class PrintState:
    """What became of the document.

    `stamp`: the word on every sheet, empty on the document itself; `fate`: sentences that say
    why; `certified`: the place for «Верно», on a copy alone.
    """

    stamp: str = ""
    fate: tuple[str, ...] = ()
    certified: SignatureLine | None = None


def print_state(archive: Archive, entry: RegisterEntry, title: str) -> PrintState:
    """Return what a print of this document is; names nobody, for whoever certifies writes.

    `title`: what the form is called; the stamp agrees with it.
    """
    fate = []
    if entry.handed:
        fate.append(f"Документ выдан на руки {day(entry.handed.date)}.")
    duplicate = latest_duplicate(archive, entry.number)
    if duplicate:
        when = f"от{NBSP}{day(duplicate.date)}"
        fate.append(f"Взамен утраченного выдан дубликат {number(duplicate.number)} {when}.")
    if entry.void:
        fate.append(_tell_end(archive, entry.void))
        return PrintState(agreed_with(title, VOID).upper(), fate=tuple(fate))
    if not fate:
        return PrintState()
    return PrintState(COPY, fate=tuple(fate), certified=SignatureLine(heading="Верно"))


def _tell_end(archive: Archive, void: Void) -> str:
    """Return «Документ аннулирован 20.10.2026, приказ № 5-к от 20.10.2026: ошибка в имени.»"""
    since = f" {day(void.date)}" if void.date else ""
    order = f", {wording.order(archive, void.order)}" if void.order else ""
    instead = f" Взамен выдан {number(void.replaced_by)}." if void.replaced_by else ""
    return f"Документ {void.word}{since}{order}: {void.reason.rstrip('. ')}.{instead}"


def latest_duplicate(archive: Archive, lost: str) -> RegisterEntry | None:
    """Return the valid document that stands for a lost one.

    A duplicate may be lost in its turn, or spoiled and replaced: the last of them counts.
    """
    by_number = {entry.number: entry for entry in archive.registers.values()}
    followers: dict[str, list[str]] = {}
    for entry in by_number.values():
        if entry.duplicate_of:
            followers.setdefault(entry.duplicate_of, []).append(entry.number)
    found, seen, waiting = None, {lost}, followers.get(lost, [])
    while waiting:
        next_ = by_number.get(waiting.pop())
        if next_ is None or next_.number in seen:
            continue
        seen.add(next_.number)
        if next_.void is None:
            found = next_
        elif next_.void.replaced_by:
            waiting.append(next_.void.replaced_by)
        waiting += followers.get(next_.number, [])
    return found


def name_recipient(archive: Archive, entry: RegisterEntry) -> str:
    """Say who took it and when; empty when nobody has."""
    handed = entry.handed
    if handed is None:
        return ""
    who = handed.name or _name_person(archive, entry, handed)
    return f"{who}, {day(handed.date)}"


def _name_person(archive: Archive, entry: RegisterEntry, handed: Handed) -> str:
    """Name who took it, as they were called on that day."""
    if handed.to == wording.OWN:
        return "лично"
    student = archive.students.get(entry.student.partition("#")[0])
    person = student.person if student else None
    found = wording.representative(person, handed.to) if person else None
    return short_name(representative_on(found, handed.date)) if found else "представитель"


def list_notes(archive: Archive, entry: RegisterEntry) -> Iterator[str]:
    """Yield what a list of documents notes beside one: duplicates, and how it ended."""
    if entry.duplicate_of:
        yield f"дубликат взамен {number(entry.duplicate_of)}"
    if duplicate := duplicate_in_force(archive, entry.number):
        yield f"выдан дубликат {number(duplicate.number)}"
    void = entry.void
    if void is None:
        return
    kind = agreed_with(TITLES.get(entry.form.partition("@")[0], ""), void.word).upper()
    yield f"{kind} {day(void.date)}" if void.date else kind
    yield void.reason
    if void.replaced_by:
        yield f"взамен выдан {number(void.replaced_by)}"
    if void.order:
        yield wording.order(archive, void.order)
