"""*Обучающиеся*: people by words as they are typed, and by the conditions of `papka find`.

Words are looked for in the rows that the face keeps. Conditions are judged by `choose_people` on
the records of those whom a row does not rule out, a few hundred files at a time, and again only
where a file differs.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request

from papka.core.cells import folded
from papka.core.errors import NotFound
from papka.core.phrases import count_phrase, quoted
from papka.core.places import ORGANIZATION, record_folder
from papka.core.snapshot import bytes_of
from papka.desk.open_records import list_own, list_shared, open_people
from papka.records.archive import Archive, load_part
from papka.records.choosing import (
    CONSENT,
    CONTRACT,
    PHOTO,
    PeopleFilter,
    choose_people,
    kinds_for,
    read_ages,
)
from papka.records.search import chosen_line, fits, is_number_of, suggestions, words_of
from papka.repository.files import stamp_files
from papka.web.background import Turn
from papka.web.face import Face, KnownPerson

_SHOWN = 100
"""Lines of one page."""
_LONGEST = 200
"""Signs of a question; no name has more."""
_AT_ONCE = 400
"""Files of people read together."""
_KEPT = 4
"""Sets of conditions of which it is known whom they choose."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was told of `people`: the stamp of the files, and the line, None for whom the conditions
    do not choose. `basis`: the day, and the stamp of what all rest on; `save`: the last save."""

    save: int
    basis: tuple[dt.date, int]
    people: dict[str, tuple[int, FoundPerson | None]]


@dataclass(frozen=True, slots=True)
class AskedPeople:
    """What the form asks: words, conditions, a page; `wrong` is said of what was typed."""

    words: str
    wanted: PeopleFilter
    ages: str
    page: int
    wrong: str = ""

    def arguments(self, page: int) -> list[tuple[str, str]]:
        """The words of an address that ask for a page of the same list."""
        wanted = self.wanted
        said = [
            *(("q", self.words), ("group", wanted.group), ("program", wanted.program)),
            *(("age", self.ages), *(("without", each) for each in wanted.without)),
            ("debts", "1" if wanted.has_debts else ""),
            ("leaving", "1" if wanted.is_leaving else ""),
            ("graduated", wanted.graduated),
            ("page", str(page) if page > 1 else ""),
        ]
        return [(key, value) for key, value in said if value]

    @property
    def command(self) -> str:
        """The same question on the command line."""
        wanted = self.wanted
        said = ["papka find", *map(quoted, self.words.split())]
        for key, value in (
            *(("--group", wanted.group), ("--program", wanted.program), ("--age", self.ages)),
            *(("--without", each) for each in wanted.without),
            ("--graduated", wanted.graduated),
        ):
            said += [f"{key} {quoted(value)}"] if value else []
        said += ["--debts"] if wanted.has_debts else []
        said += ["--leaving"] if wanted.is_leaving else []
        return " ".join(said)


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A line, as `papka find` has it: age and `about` are told where a condition was asked."""

    id: str
    name: str
    age: str
    study: str
    about: str


@dataclass(frozen=True, slots=True)
class PeopleView:
    """`lines` of this page out of `total`; `hint`: why there are none."""

    asked: AskedPeople
    lines: tuple[FoundPerson, ...]
    total: int
    pages: int
    hint: str = ""

    @property
    def count(self) -> str:
        return count_phrase(self.total, "человек", "человека", "человек")


def read_people_asked(words: Mapping[str, str], without: Iterable[str] = ()) -> AskedPeople:
    """Read the form, or an address that says the same."""
    ages = words.get("age", "").strip()
    span = read_ages(ages) if ages else None
    page = words.get("page", "")
    return AskedPeople(
        words.get("q", "").strip()[:_LONGEST],
        PeopleFilter(
            group=words.get("group", "").strip(),
            program=words.get("program", "").strip(),
            ages=span,
            without=tuple(each for each in without if each),
            has_debts=bool(words.get("debts")),
            is_leaving=bool(words.get("leaving")),
            graduated=words.get("graduated", "").strip(),
        ),
        ages,
        max(int(page), 1) if page.isdecimal() and len(page) < 6 else 1,
        f"«{ages}» — не возраст. Пишут так: 7-9, 12, 14+." if ages and span is None else "",
    )


def search_people(rows: Iterable[KnownPerson], text: str) -> list[KnownPerson]:
    """Return whom all words fit, in any order of words, by number."""
    found = list(rows)
    for word in words_of([text]):
        if word[-1].isdecimal():  # it may be the number of a file
            found = [row for row in found if fits(word, row.words) or is_number_of(word, row.id)]
        else:
            found = [row for row in found if fits(word, row.words)]
    return sorted(found, key=lambda row: (row.id[:4], len(row.id), row.id))


def view_people(
    asked: AskedPeople,
    rows: Mapping[str, KnownPerson],
    chosen: Mapping[str, FoundPerson] | None = None,
    *,
    suggests: bool = True,
) -> PeopleView:
    """Lay out a page of those found; `chosen`: lines by the conditions, None without any.

    `suggests`: name words alike where nobody was found, which takes longer than looking.
    """
    if asked.wrong:
        return PeopleView(asked, (), 0, 0, asked.wrong)
    known = rows.values() if chosen is None else (rows[id_] for id_ in chosen if id_ in rows)
    found = search_people(known, asked.words)
    start = (asked.page - 1) * _SHOWN
    lines = tuple(
        chosen[row.id] if chosen else FoundPerson(row.id, row.name, "", row.study, "")
        for row in found[start : start + _SHOWN]
    )
    hint = "" if found else _explain_nobody(asked, rows, suggests=suggests)
    return PeopleView(asked, lines, len(found), -(-len(found) // _SHOWN), hint)


def _explain_nobody(asked: AskedPeople, rows: Mapping[str, KnownPerson], *, suggests: bool) -> str:
    if not rows:
        return "В архиве ещё нет ни одного дела. Завести первое: papka new student"
    if asked.wanted and not asked.words:
        return "Никто не подходит подо всё сразу. Уберите одно из условий."
    alone = [word for word in words_of([asked.words]) if not search_people(rows.values(), word)]
    if not alone:
        return "Никто не подходит подо всё сразу. Уберите одно из слов или условий."
    near = suggestions(alone[0], (row.name for row in rows.values())) if suggests else []
    hint = f" Может быть, {' или '.join(f'«{each}»' for each in near)}?" if near else ""
    return f"Слова «{alone[0]}» нет ни в одном имени, программе и группе.{hint}"


def _may_fit(row: KnownPerson, wanted: PeopleFilter, on: dt.date) -> bool:
    """Return False only for whom no reading of the records could choose."""
    if row.is_duplicate or not row.studies:
        return False
    if wanted.group and folded(wanted.group).strip('"') not in row.words:
        return False
    if wanted.ages and row.born is None:
        return False
    if wanted.graduated or wanted.is_leaving:
        return True
    return any(each.goes_on(on) for each in row.studies)


class ChosenPeople:
    """Whom conditions choose today. Of the last few that were asked it is known of each person by
    what files: only those are judged again of whom one differs."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._lock = Turn()
        self._known: OrderedDict[PeopleFilter, _Judged] = OrderedDict()

    def get(
        self, rows: Mapping[str, KnownPerson], wanted: PeopleFilter, *, again: bool
    ) -> dict[str, FoundPerson]:
        """Return the line of each who is chosen, by number. Raise NotFound for a name that nobody
        declared. Without `again` what was told before is told without a look at the files, unless
        something was saved since."""
        with self._lock:
            known = self._known.get(wanted)
            if again or known is None or known.save != self._face.last_save:
                known = self._known[wanted] = self._judge(rows, wanted, known)
                self._known.move_to_end(wanted)
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            return {id_: line for id_, (_, line) in known.people.items() if line is not None}

    def _judge(
        self, rows: Mapping[str, KnownPerson], wanted: PeopleFilter, known: _Judged | None
    ) -> _Judged:
        face, kinds = self._face, kinds_for(wanted)
        save = face.last_save
        tree, on = face.read().tree, face.today
        shared = (*list_shared(tree, kinds), *(f"schema/{name}" for name in tree.names("schema")))
        basis = on, stamp_files(face.root, shared)
        if known is not None and known.basis != basis:
            known = None
        before = known.people if known is not None else {}
        stamps = {
            row.id: stamp_files(face.root, tuple(list_own(tree, row.id, kinds)))
            for row in rows.values()
            if _may_fit(row, wanted, on)
        }
        people = {
            student: told
            for student, stamp in stamps.items()
            if (told := before.get(student)) is not None and told[0] == stamp
        }
        changed = [student for student in stamps if student not in people]
        is_declared, missing = known is not None, None
        for start in range(0, len(changed) if is_declared else max(len(changed), 1), _AT_ONCE):
            part, found = changed[start : start + _AT_ONCE], dict[str, FoundPerson]()
            archive = open_people(face.root, tree, part, kinds)
            try:
                for each in choose_people(archive, wanted, on):
                    line = FoundPerson(*chosen_line(archive, each, on).cells)
                    found[line.id] = line
                is_declared = True
            except NotFound as error:  # a group may be named by the file of somebody else
                missing = error
            people |= {student: (stamps[student], found.get(student)) for student in part}
        if missing is not None and not is_declared:
            raise missing
        return _Judged(save, basis, people)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the lists of the form offer: (value, words)."""

    groups: tuple[str, ...]
    programs: tuple[tuple[str, str], ...]
    lacking: tuple[tuple[str, str], ...]


def read_named(face: Face) -> Archive:
    """Read what the school declares and its programmes; what cannot be read is left out."""
    reading = face.read()
    asked = (ORGANIZATION, *reading.tree.below(record_folder("program")))
    there = ((path, bytes_of(reading.tree, path)) for path in asked)
    files = [(path, data) for path, data in there if data is not None]
    return load_part(files, reading.schemas)


def list_choices(archive: Archive, rows: Iterable[KnownPerson]) -> Choices:
    """Return the groups, programmes and papers that may be asked for."""
    known = {group for row in rows for each in row.studies for group in each.groups}
    lacking = [(each, each) for each in (CONTRACT, CONSENT, PHOTO)]
    lacking += [(name, f"согласие: {each.title}") for name, each in archive.purposes.items()]
    programs = ((code, archive.programs[code].title) for code in archive.programs)
    return Choices(
        tuple(sorted({*archive.groups, *known})),
        tuple(sorted(programs, key=lambda each: each[1])),
        tuple(lacking),
    )


def routes(face: Face) -> Blueprint:
    """Return the pages of the list of people."""
    pages = Blueprint("people", __name__)

    chosen = ChosenPeople(face)

    def look(*, again: bool) -> PeopleView:
        asked = read_people_asked(request.args, request.args.getlist("without"))
        rows = face.people(again=again)
        if not asked.wanted or asked.wrong:
            return view_people(asked, rows, suggests=again)
        try:
            found = chosen.get(rows, asked.wanted, again=again)
        except NotFound as error:
            return PeopleView(asked, (), 0, 0, f"{error.message}. {error.next_step}")
        return view_people(asked, rows, found, suggests=again)

    @pages.get("/people")
    def show() -> str:
        view = look(again=True)
        choices = list_choices(read_named(face), face.people(again=False).values())
        return render_template("people.html", view=view, choices=choices)

    @pages.get("/people/found")
    def found() -> str:
        """Answer a search as it is typed with the list alone, among those chosen before."""
        return render_template("people_found.html", view=look(again=False))

    return pages
