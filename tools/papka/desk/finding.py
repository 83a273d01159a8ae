"""`papka find`: people, programmes and papers by words.

Invariant: only the files that can answer are opened (card, enrolments, inventory; orders and
registers only when a word was given), and of them only those whose text holds the words are read as
records, so the cost is that of reading files. There is no index on disk.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.cells import folded
from papka.core.places import (
    CARDS,
    ORGANIZATION,
    RECORDS,
    STUDENTS,
    is_act,
    is_student_id,
    program_file,
    record_folder,
)
from papka.core.snapshot import DictSnapshot
from papka.records import search
from papka.records.archive import Archive, load, load_kinds
from papka.records.choosing import PeopleFilter, choose_people, kinds_for
from papka.records.schemas import SchemaSet
from papka.records.search import Hit, Hits
from papka.repository.files import files_below, names_in, read_present
from papka.repository.worktree import WorktreeSnapshot


@dataclass(frozen=True, slots=True)
class FoundListings:
    """Listings that have lines, or `causes` why there are none.

    `unread` are files that could hold an answer but are no readable records.
    """

    listings: tuple[Hits, ...]
    unread: tuple[str, ...]
    causes: tuple[str, ...] = ()


def find(root: Path, given: Collection[str]) -> FoundListings:
    """Find everything the words fit; without words, all people."""
    words = search.words_of(given)
    schemas = [f"schema/{name}" for name in names_in(root, "schema")]
    programs = names_in(root, f"{RECORDS}/programs")
    coded = [program_file(name[:-5]) for name in programs if name.endswith(".yaml")]
    acts = filter(is_act, files_below(root, record_folder("act")))
    school = read_present(root, [ORGANIZATION, *schemas, *coded, *acts])
    names = [
        "student.yaml",
        "enrolments.yaml",
        "transfers.yaml",
        *(("documents.yaml",) if words else ()),
    ]
    if "ограниченный".encode() in school.get(ORGANIZATION, b""):
        # it has folders with a number and no name
        names += [card.removeprefix("/") for card in CARDS[1:]]
    texts = {
        folder: read_present(root, [f"{folder}/{name}" for name in names])
        for folder in _list_folders(root)
    }
    files: dict[str, bytes] = {}
    codes = _match_programs(school, words)
    for folder in texts.values():
        if not words or _may_fit(folder, words, codes):
            files |= folder
    if words:
        files |= _read_acts(root, words)
    snapshot = DictSnapshot(school | files)
    archive = load(snapshot, SchemaSet.load(snapshot))
    searches = [search.find_people]
    if words:
        searches += [
            search.find_programs,
            search.find_papers,
            search.find_issued,
            search.find_orders,
            search.find_destroyed,
        ]
    listings = (each(archive, words) for each in searches)
    kept = tuple(listing for listing in listings if listing.lines)
    causes = () if kept else tuple(_explain_nothing(archive, texts, tuple(given), words))
    return FoundListings(kept, tuple(sorted(archive.unreadable)), causes)


def find_chosen(
    root: Path, given: Collection[str], wanted: PeopleFilter, on: dt.date
) -> FoundListings:
    """Find the people who fit a choice on a day, and all words too. Raises NotFound."""
    words = search.words_of(given)
    archive = load_kinds(WorktreeSnapshot(root), kinds_for(wanted))
    lines = [
        search.chosen_line(archive, each, on)
        for each in choose_people(archive, wanted, on)
        if search.fits_person(archive, each.student, words)
    ]
    columns: tuple[tuple[str, str], ...] = (
        *(("id", "Дело"), ("name", "Имя"), ("age", "Лет"), ("study", "Обучение")),
        ("about", "Что"),
    )
    if not any(line.cells[-1] for line in lines):
        columns = columns[:-1]
        lines = [Hit(line.path, line.cells[:-1]) for line in lines]
    listing = search.make_listing("students", "Люди", columns, lines)
    causes = () if lines else ("Никто не подходит подо всё сразу. Уберите одно из условий.",)
    return FoundListings((listing,) if lines else (), tuple(sorted(archive.unreadable)), causes)


def _list_folders(root: Path) -> Iterator[str]:
    for year in names_in(root, STUDENTS):
        for name in names_in(root, f"{STUDENTS}/{year}"):
            if is_student_id(name) and name.startswith(f"{year}-"):
                yield f"{STUDENTS}/{year}/{name}"


def _match_programs(school: dict[str, bytes], words: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return word -> codes of the programmes whose file holds it: folders name only the code."""
    texts = {
        path.rpartition("/")[2][:-5]: _fold_text([data])
        for path, data in school.items()
        if path.startswith(f"{RECORDS}/programs/")
    }
    return {word: tuple(code for code, text in texts.items() if word in text) for word in words}


def _may_fit(
    folder: dict[str, bytes], words: tuple[str, ...], codes: dict[str, tuple[str, ...]]
) -> bool:
    """Return False only when no reading of these files could fit: an escape may hide any letter."""
    text = _fold_text([*folder.values(), *(path.encode() for path in folder)])
    return "\\" in text or all(
        word in text
        or any(f"program: {code}" in text for code in codes[word])
        or word.rpartition("-")[2].isdecimal()
        for word in words
    )


def _fold_text(parts: Collection[bytes]) -> str:
    return folded(b"\n".join(parts).decode("utf-8", "replace"))


def _read_acts(root: Path, words: tuple[str, ...]) -> dict[str, bytes]:
    """Read the orders and register entries whose text holds every word."""
    paths = [*files_below(root, f"{RECORDS}/orders"), *files_below(root, f"{RECORDS}/registers")]
    files = read_present(root, [path for path in paths if path.endswith(".yaml")])
    kept = {}
    for path, data in files.items():
        text = _fold_text([data, path.encode()])
        if "\\" in text or all(word in text for word in words):
            kept[path] = data
    return kept


def _explain_nothing(
    archive: Archive,
    texts: dict[str, dict[str, bytes]],
    given: tuple[str, ...],
    words: tuple[str, ...],
) -> Iterator[str]:
    """Explain why nothing was found, most likely cause first."""
    if not texts:
        yield "В архиве ещё нет ни одного дела. Завести первое: papka new student"
    known = [
        name
        for folder in texts.values()
        for path, data in folder.items()
        if path.endswith("/student.yaml")
        for name in search.names_in_card(data.decode("utf-8", "replace"))
    ]
    known += [program.title for program in archive.programs.values()]
    known += archive.groups
    titles = folded(" ".join(program.title for program in archive.programs.values()))
    everything = [titles, *(_fold_text(list(folder.values())) for folder in texts.values())]
    typed = {folded(word): word for word in " ".join(given).split()}
    alone = [word for word in words if any(search.fits(word, text) for text in everything)]
    for word in words:
        if word in alone:
            continue
        near = search.suggestions(word, known)
        hint = f" Может быть, {' или '.join(f'«{item}»' for item in near)}?" if near else ""
        yield f"Слова «{typed.get(word, word)}» нет ни в одном имени, программе и документе.{hint}"
    if len(words) > 1 and len(alone) == len(words):
        yield (
            "Каждое слово где-то встречается, но в одной строке вместе — нигде. "
            "Уберите одно из слов."
        )
    elif words and len(alone) == len(words):
        yield (
            "Слово есть в записях, но не в имени, номере, программе, группе или документе. "
            "Ищите по ним."
        )
