"""`papka print personal-file`: a personal file from the archive to PDFs, one a volume (R-6.5).

Invariants: the sources lie inside each PDF; same records, same moment, same bytes; nothing is
printed when something that belongs on paper cannot be. WeasyPrint is imported only when a page is
really laid out.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from papka.core.errors import NotFound, Refused
from papka.core.forms import assets
from papka.core.layout import student_folder
from papka.core.snapshot import Snapshot
from papka.gates.html import render, standalone
from papka.model.archive import Archive
from papka.model.student import Student
from papka.tasks.printing.personal_file_layout import FORM, STYLES, LaidOut, Printer
from papka.tasks.printing.printed import Printed, file_name
from papka.tasks.printing.scanned_copies import Pictures, pictures
from papka.views.people import found
from papka.views.personal_file.case import Case
from papka.views.personal_file.contents import contents
from papka.views.personal_file.pieces import new_documents
from papka.views.personal_file.whole import whole
from papka.views.results import States
from papka.views.state import State

if TYPE_CHECKING:
    from papka.gates import pdf


def print_personal_file(  # noqa: PLR0913 - what a printed state depends on, all of it named
    archive: Archive,
    snapshot: Snapshot,
    student_id: str,
    *,
    templates: Snapshot,
    as_of: dt.datetime,
    commit: str | None,
    on: dt.date | None = None,
    html: bool = False,
    duplex: bool = False,
    earlier: Student | None = None,
    provenance: object = None,
    states: States | None = None,
) -> tuple[Printed, ...]:
    """The personal file of one student, a volume each; `as_of` is the moment of the state, with
    its zone, `on` the day its facts are valid on. `earlier`: only what is new since that state.
    `provenance`: the view of the sheet of provenance.

    Raises NotFound, Refused when nothing is new, ScanNotPrinted, PangoMissing, TemplateBroken,
    PrintFailed.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a time zone: its day is printed")
    student, person = found(archive, student_id)
    if on is not None and not any((student.enrolments, student.documents, student.consents)):
        raise NotFound(
            f"На {on:%d.%m.%Y} в деле {student_id} ещё ничего не было",
            "Укажите более поздний день или печатайте без --on",
        )
    state = State(archive, as_of, on or as_of.date(), commit, is_past=on is not None)
    case = Case(state, student, person, earlier, states)
    drawn = pictures(case, snapshot)
    chapters = contents(case, drawn.photo)
    if earlier and not any(chapters.chapters()) and not any(new_documents(case)):
        raise _nothing_new(case)
    files = assets(templates)
    if html:
        view = whole(case, chapters, drawn.pages, provenance)
        page = render(templates, f"{FORM}/whole.html.j2", {"file": view})
        data = standalone(page, STYLES, files, drawn.images).encode()
        return (Printed(f"{file_name(FORM, student_id)}.html", data, 0, "html"),)
    printer = Printer(case, templates, files, duplex=duplex)
    laid_out = printer.volumes(chapters, drawn, provenance)
    attached = list(_sources(snapshot, student))
    return tuple(_printed(each, student_id, as_of, attached, drawn, files) for each in laid_out)


def _printed(  # noqa: PLR0913 - what its bytes depend on
    laid_out: LaidOut,
    student_id: str,
    as_of: dt.datetime,
    attached: list[pdf.Attached],
    drawn: Pictures,
    files: Mapping[str, bytes],
) -> Printed:
    volume = laid_out.volume
    total = sha256(f"{volume.number}/{volume.of}\0{laid_out.words}".encode())
    for data in (*(item.data for item in attached), *drawn.images.values()):
        total.update(data)
    for asset in sorted(files):
        total.update(files[asset])
    written = laid_out.pages.write(attached, as_of, total.digest()[:16])
    name = file_name(FORM, student_id, volume.number, volume.of)
    return Printed(f"{name}.pdf", written, laid_out.pages.pages)


def _nothing_new(case: Case) -> Refused:
    return Refused(
        f"В деле {case.student.id} после тома {case.bound_volumes} ничего не изменилось: новых "
        "листов нет",
        "Дело целиком: papka print personal-file без --new-sheets",
    )


def _sources(snapshot: Snapshot, student: Student) -> Iterator[pdf.Attached]:
    """The YAML files of the folder; the salt and the scans stay out."""
    from papka.gates.pdf import Attached  # noqa: PLC0415 - as above

    prefix = f"{student_folder(student.id)}/"
    paths = snapshot.paths()
    start = bisect_left(paths, prefix)
    found = []
    for path in paths[start:]:
        if not path.startswith(prefix):
            break
        if path.endswith(".yaml"):
            found.append(path)
    for path, data in snapshot.read_many(found):
        inside = path.removeprefix(prefix)
        yield Attached(inside.replace("/", "-"), data, path)
