"""The book in which documents handed out are registered: one series in one year (R-5.4.3).

What was spoiled, replaced or annulled stays and says so; a number without an entry is a line of its
own; an unknown cell is blank. Everything printed is held by the entry, which outlives the personal
file; only the recipient's name is looked up there, while it is there.

The certifying sheet of a bound book says which numbers it holds; how many sheets were bound nobody
but the binder knows, so they are written in by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from papka.core.errors import NotFound
from papka.core.phrases import natural_key, suggest
from papka.paper.form import (
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    letterhead,
    of_clerk,
    of_head,
    page,
)
from papka.paper.issued_contents import title_of_form
from papka.paper.plain_sheet import PLAIN, PlainSheet, plain_sheet
from papka.paper.print_state import list_notes, name_recipient
from papka.records import wording
from papka.records.acts import RegisterEntry
from papka.records.archive import Archive
from papka.records.tombstones import Tombstone
from papka.records.wording import ENTRIES, NBSP, day, number, spelled


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """`gap` is said in place of all other cells; `is_void` marks what counts no more."""

    number: str = ""
    title: str = ""
    blank: str = ""
    date: str = ""
    holder: str = ""
    birth_date: str = ""
    basis: tuple[str, ...] = ()
    recipient: str = ""
    notes: tuple[str, ...] = ()
    gap: str = ""
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class RegisterView:
    """What the template reads as `form`."""

    page: Page
    letterhead: Letterhead
    heading: str
    rows: tuple[RegisterRow, ...]
    total: str
    clerk: SignatureLine
    signature: SignatureLine


def view(state: State, address: str) -> RegisterView:
    archive = state.archive
    series, _, year = address.partition("/")
    entries = _list_entries(archive, series, year)
    gone = _list_destroyed(archive, series, year)
    if not entries and not gone:
        raise NotFound(
            f"В книге {address} нет ни одной записи",
            "Адрес книги — серия и год: certificates/2026."
            f"{suggest(address, _list_books(archive))}",
        )
    declared = archive.series.get(series)
    title = declared.title if declared else series
    prefix = f"{declared.prefix}-{year}-" if declared else ""
    rows, missing = _make_rows(archive, entries, gone, prefix)
    return RegisterView(
        page=page(state, f"Книга регистрации: {title}, {year}{NBSP}год"),
        letterhead=letterhead(archive, state.signed_on),
        heading=f"{title}, {year}{NBSP}год",
        rows=tuple(rows),
        total=_count_all([entry for _, entry in entries], missing, len(gone)),
        clerk=of_clerk(archive),
        signature=of_head(archive, state.signed_on),
    )


def certify(state: State, address: str) -> PlainSheet:
    """Word the certifying sheet of a book. Raise NotFound."""
    book = view(state, address)
    blank = "__________"
    bound = f"В книге прошито и пронумеровано {blank} ({'_' * 30}) листов"
    return plain_sheet(
        state,
        "ЛИСТ-ЗАВЕРИТЕЛЬ",
        f"книги регистрации выданных документов: {book.heading}",
        title=f"Лист-заверитель книги регистрации: {book.heading}",
        texts=(
            f"{bound}, с{NBSP}{number('1')} по{NBSP}{number(blank)}.",
            book.total,
        ),
        facts=(
            ("Литерные номера листов", NBSP),
            ("Пропущенные номера листов", NBSP),
            ("Особенности состояния книги", NBSP),
        ),
        signatures=(book.clerk, book.signature),
    )


def _list_entries(archive: Archive, series: str, year: str) -> list[tuple[str, RegisterEntry]]:
    """Return sequences, as the files are named, and entries, in the order of the numbers."""
    found = []
    for key, entry in archive.registers.items():
        _, key_year, name = key.split("/")
        key_series, _, sequence = _divide_name(name)
        if (key_series, key_year) == (series, year):
            found.append((sequence, entry))
    return sorted(found, key=lambda item: natural_key(item[0]))


def _list_destroyed(archive: Archive, series: str, year: str) -> dict[int, Tombstone]:
    """Return what stands for entries that acts destroyed, by their numbers in the book."""
    found: dict[int, Tombstone] = {}
    for key in archive.destroyed.list_keys("registers"):
        _, key_year, name = key.split("/")
        key_series, _, sequence = _divide_name(name)
        stone = archive.destroyed.of_register(key)
        if (key_series, key_year) == (series, year) and stone is not None:
            found[_read_integer(sequence)] = stone
    return found


def _divide_name(name: str) -> tuple[str, str, str]:
    """Divide «certificates-0012-а» where the sequence begins: at its first digit."""
    at = next((n for n, sign in enumerate(name) if sign.isdecimal() and name[n - 1] == "-"), None)
    return name.rpartition("-") if at is None else (name[: at - 1], "-", name[at:])


def _make_rows(
    archive: Archive,
    entries: list[tuple[str, RegisterEntry]],
    gone: Mapping[int, Tombstone],
    prefix: str,
) -> tuple[list[RegisterRow], int]:
    """Return the lines of the book, and how many numbers have no entry; `gone`: what stands for
    those that were destroyed."""
    known: list[tuple[int, RegisterEntry | Tombstone]] = [
        (_read_integer(sequence), entry) for sequence, entry in entries
    ]
    there = {current for current, _ in known}
    known += [(current, stone) for current, stone in gone.items() if current not in there]
    rows: list[RegisterRow] = []
    before = missing = 0
    for current, entry in sorted(known, key=lambda each: each[0]):
        if current > before + 1:
            missing += current - before - 1
            rows.append(RegisterRow(gap=_describe_gap(prefix, before + 1, current - 1)))
        before = max(before, current)
        if isinstance(entry, Tombstone):
            rows.append(RegisterRow(gap=f"{number(f'{prefix}{current:04d}')}: {entry.words}"))
        else:
            rows.append(_make_row(archive, entry))
    return rows, missing


def _read_integer(sequence: str) -> int:
    digits = natural_key(sequence)
    return digits[0][0] if digits and digits[0][0] >= 0 else 0


def _describe_gap(prefix: str, first: int, last: int) -> str:
    start, end = (number(f"{prefix}{n:04d}") for n in (first, last))
    if first == last:
        return f"{start} пропущен: записи нет"
    return f"{start} — {end} пропущены: записей нет ({last - first + 1})"


def _make_row(archive: Archive, entry: RegisterEntry) -> RegisterRow:
    return RegisterRow(
        number=entry.number,
        title=title_of_form(entry.form),
        blank=f"бланк {number(entry.blank)}" if entry.blank else "",
        date=day(entry.date),
        holder=entry.holder,
        birth_date=day(entry.birth_date) if entry.birth_date else "",
        basis=tuple(_list_basis(archive, entry)),
        recipient=name_recipient(archive, entry),
        notes=tuple(list_notes(archive, entry)),
        is_void=entry.void is not None,
    )


def _list_basis(archive: Archive, entry: RegisterEntry) -> Iterator[str]:
    if entry.protocol:
        yield f"протокол {entry.protocol}"
    if entry.order:
        yield wording.order(archive, entry.order)


def _count_all(entries: list[RegisterEntry], missing: int, gone: int) -> str:
    went = f"; уничтожено по актам{NBSP}— {gone}" if gone else ""
    if not entries:
        return f"Записей в книге не осталось{went}."
    kinds: Counter[str] = Counter(entry.void.word for entry in entries if entry.void)
    first, last = number(entries[0].number), number(entries[-1].number)
    run = f"с{NBSP}{first} по{NBSP}{last}" if first != last else first
    said = "".join(
        f"; {label}{NBSP}— {kinds[kind]}"
        for kind, label in (
            ("испорчен", "испорчено"),
            ("заменён", "заменено"),
            ("аннулирован", "аннулировано"),
            ("не действует", "не действует"),
        )
        if kinds[kind]
    )
    skipped = f"; пропущено номеров{NBSP}— {missing}" if missing else "; пропущенных номеров нет"
    return f"Итого в книге {spelled(len(entries), ENTRIES, 'ж')}, {run}{said}{skipped}{went}."


def _list_books(archive: Archive) -> list[str]:
    keys = (*archive.registers, *archive.destroyed.list_keys("registers"))
    books = {(_divide_name(key.split("/")[2])[0], key.split("/")[1]) for key in keys}
    return [f"{series}/{year}" for series, year in sorted(books)]


FORM = PrintedForm(
    name="register",
    title="Книга регистрации выданных документов",
    target="книга и год",
    view=view,
    targets=_list_books,
)

CERTIFICATION = PrintedForm(
    name="register-certification",
    title="Лист-заверитель книги регистрации",
    target="книга и год",
    view=certify,
    targets=_list_books,
    layout=PLAIN,
)
