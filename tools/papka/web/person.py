"""One person: the whole file as `papka show` tells it, on any day, with what each fact rests on.

The words are those of `desk/dossier`, the charts those of paper. What needs the history of the
archive (who changed what, why a fact is so) is a page of its own, which the person's page shows in
place when it is asked for, so that a file costs no more in a long history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from papka.core.errors import NotFound
from papka.core.findings import Finding
from papka.core.phrases import quoted
from papka.core.places import is_student_id
from papka.desk.dossier import ShownFile, show
from papka.desk.entry_history import EntryShown, show_document, show_entry, word_why
from papka.desk.file_history import list_file_steps, word_file_steps
from papka.desk.open_records import open_file
from papka.paper.chart import Chart, charts
from papka.paper.sections import Section, photo_allowed, photo_fact
from papka.records.derived.in_force import list_days
from papka.records.student import Document
from papka.web.as_of import AskedDay, DayBar, find_save, make_bar, read_asked
from papka.web.face import Face
from papka.web.scans import find_photo

_CHAPTERS = (
    ("people", "Законные представители", ("representatives",)),
    ("study", "Обучение", ("enrolments", "credits")),
    ("results", "Результаты", ("results", "dynamics")),
    ("debts", "Задолженности", ("debts",)),
    ("planned", "Планируемые и достигнутые результаты", ("planned",)),
    ("awards", "Поощрения", ("awards",)),
    ("consents", "Согласия и извещения", ("consents", "notices")),
    ("documents", "Документы", ("documents", "issued")),
    ("more", "Прочее", ("restricted", "added", "voided")),
)
"""Anchor and heading of each chapter, and what of the file stands in it."""


@dataclass(frozen=True, slots=True)
class PersonChapter:
    """A chapter; one without tables, charts or scans is not there."""

    anchor: str
    title: str
    tables: tuple[Section, ...]
    charts: tuple[Chart, ...] = ()
    scans: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonView:
    """What the page shows; `shown` None where the file was not there yet: `absence` says so."""

    student: str
    bar: DayBar
    heading: str
    times: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    chapters: tuple[PersonChapter, ...] = ()
    troubles: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    has_photo: bool = False
    absence: str = ""
    save: str | None = None

    @property
    def command(self) -> str:
        """The same on the command line."""
        said = f"papka show {self.student}"
        if self.save:
            return f"{said} --rev {self.save[:12]}"
        asked = self.bar.asked
        return f"{said} --on {asked.day.isoformat()}" if asked.day else said


def view_person(found: ShownFile, bar: DayBar) -> PersonView:
    """Lay out a personal file that was opened."""
    archive, student, person = found.archive, found.student, found.student.person
    facts = found.dossier.facts
    line = find_photo(student)
    has_photo = line is not None and photo_allowed(archive, student, found.on)
    if person and person.photo:
        facts = (*facts, photo_fact(archive, student, person.photo, found.on))
    own = [each for each in archive.findings if each.where.path.startswith(f"{student.folder}/")]
    commit = found.opened.commit
    return PersonView(
        student.id,
        bar,
        found.heading,
        found.times,
        facts,
        tuple(_list_chapters(found)),
        found.troubles,
        tuple(own),
        has_photo=has_photo and line is not None and line.file is not None,
        save=commit.id if commit else None,
    )


def _list_chapters(found: ShownFile) -> Iterator[PersonChapter]:
    archive, student = found.archive, found.student
    parts = found.dossier.parts
    more: Mapping[str, tuple[tuple[Chart, ...], tuple[Document, ...]]] = {
        "results": (charts(archive, student), ()),
        "documents": (
            (),
            tuple(
                each
                for each in student.documents
                if each.file and each.id and archive.destroyed.of_scan(student, each) is None
            ),
        ),
    }
    for anchor, title, names in _CHAPTERS:
        tables = tuple(table for name in names for table in parts[name])
        drawn, scans = more.get(anchor, ((), ()))
        if tables or drawn or scans:
            yield PersonChapter(anchor, title, tables, drawn, scans)


def look_at_person(face: Face, student: str, asked: AskedDay) -> PersonView:
    """Open a file as of the day asked for. Raise NotFound when there is no such file today."""
    today = face.today
    try:
        save = find_save(face.root, asked)
        is_past = asked.day is not None and save is None
        on = asked.day if is_past and asked.day else today
        found = show(face.root, student, on=on, past=is_past, rev=save)
    except NotFound as error:
        if asked.day is None or asked.way == "valid":
            raise
        days = list_days(open_file(face.root, student).student)
        bar = make_bar(asked, days, today)
        return PersonView(student, bar, f"Дело {student}", absence=_join(error))
    days = list_days(found.opened.student)
    return view_person(found, make_bar(asked, days, today))


def _join(error: NotFound) -> str:
    return f"{error.message}. {error.next_step}" if error.next_step else error.message


def routes(face: Face) -> Blueprint:
    """Return the pages of one person."""
    pages = Blueprint("person", __name__)

    @pages.get("/people/<student>")
    def show_person(student: str) -> str:
        asked = read_asked(request.args, face.today)
        return render_template("person.html", view=look_at_person(face, student, asked))

    @pages.get("/people/<student>/why/<entry>")
    def why(student: str, entry: str) -> str:
        if not is_student_id(student):
            abort(404)
        rev = find_save(face.root, read_asked(request.args, face.today))
        return _render_why(student, show_entry(face.root, student, entry, rev=rev, why=True))

    @pages.get("/documents/<number>")
    def document(number: str) -> str:
        found = show_document(face.root, number, why=True)
        if found is None:
            raise NotFound(
                f"Документа {number} в книгах нет",
                "Номер — как на документе: С-2026-0001; все выданные — в разделе «Книги»",
            )
        return _render_why(str(found.value["student"]).partition("#")[0], found)

    @pages.get("/people/<student>/history")
    def history(student: str) -> str:
        opened = open_file(face.root, student)
        steps = list_file_steps(face.root, opened.archive, opened.schemas, student)
        person = opened.student.person
        return render_template(
            "history.html",
            student=student,
            name=person.name.full if person else "",
            steps=word_file_steps(tuple(steps)),
        )

    return pages


def _render_why(student: str, found: EntryShown) -> str:
    said = ["papka show", quoted(found.address), "--why"]
    return render_template(
        "why.html",
        student=student,
        found=found,
        tables=word_why(found.why) if found.why else (),
        command_line=" ".join([*said, *(["--rev", found.commit[:12]] if found.commit else [])]),
    )
