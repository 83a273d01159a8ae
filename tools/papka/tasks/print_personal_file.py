"""`papka print personal-file`: a personal file from the archive to a PDF (R-6.5).

Invariants: the counts of sheets on paper are those of the pages of this very PDF, laid out again
until they agree; the sources lie inside the PDF; same records, same moment, same bytes.
WeasyPrint is imported only when a page is really laid out.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from papka.core.errors import NotFound, PapkaError
from papka.core.forms import SCHEME, TEMPLATES, assets
from papka.core.layout import student_folder
from papka.core.snapshot import Snapshot
from papka.core.suggestion import may_be
from papka.gates.html import render, standalone
from papka.model.archive import Archive
from papka.model.person import Person
from papka.model.student import Student
from papka.tasks.printed import Printed
from papka.views.personal_file import Case, Frame, Numbered, frame, numbered
from papka.views.sheets import Sheets

if TYPE_CHECKING:
    from papka.gates import pdf

_FORM = "personal-file"
_NUMBERED = f"{_FORM}/numbered.html.j2"
_FRAME = f"{_FORM}/frame.html.j2"
_STYLES = (f"{SCHEME}paper.css", f"{SCHEME}personal-file/personal-file.css")
_PASSES = 6


def print_personal_file(  # noqa: PLR0913 - what a printed state depends on, all of it named
    archive: Archive,
    snapshot: Snapshot,
    student_id: str,
    *,
    templates: Snapshot,
    as_of: dt.datetime,
    commit: str | None,
    html: bool = False,
) -> Printed:
    """The personal file of one student; `as_of` is the moment of the state, with its zone.

    Raises NotFound, PangoMissing, TemplateBroken, PrintFailed.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a time zone: its day is printed")
    student, person = _found(archive, student_id)
    case = Case(archive, student, person, as_of, commit)
    files = assets(templates)
    name = f"personal-file-{student_id}"
    if html:
        both = {**_fields(numbered(case)), **_fields(frame(case, None))}
        page = render(templates, f"{_FORM}/whole.html.j2", {"file": both})
        return Printed(f"{name}.html", standalone(page, _STYLES, files).encode(), 0, "html")
    layout, texts = _laid_out(case, templates, files)
    attached = list(_sources(snapshot, student))
    data = layout.write(attached, as_of, _identifier(texts, attached, files))
    return Printed(f"{name}.pdf", data, layout.pages)


def _laid_out(
    case: Case, templates: Snapshot, files: Mapping[str, bytes]
) -> tuple[pdf.Layout, tuple[str, str]]:
    """The numbered sheets once; the frame until what it says is what was counted."""
    from papka.gates import pdf  # noqa: PLC0415 - imports WeasyPrint, which is slow or missing

    inner = render(templates, _NUMBERED, {"file": numbered(case)})
    middle = pdf.lay_out(inner, _STYLES, files, TEMPLATES + _NUMBERED)
    card = middle.page_of("results") - middle.page_of("card")
    sheets = Sheets(1, card, middle.pages - card)
    for _ in range(_PASSES):
        outer = render(templates, _FRAME, {"file": frame(case, sheets)})
        around = pdf.lay_out(outer, _STYLES, files, TEMPLATES + _FRAME)
        last = around.page_of("certification") - 1
        counted = last - around.page_of("inventory") + 1
        if counted == sheets.inventory:
            pages = (*around.cut(1, last), *middle.sheets, *around.cut(last + 1, around.pages))
            return around.bound(pages), (inner, outer)
        sheets = replace(sheets, inventory=counted)
    raise PapkaError(
        "Число листов в описи не сходится с числом отпечатанных листов",
        "Сообщите разработчикам номер дела: это ошибка программы",
    )


def _fields(view: Numbered | Frame) -> dict[str, object]:
    return {field.name: getattr(view, field.name) for field in dataclass_fields(view)}


def _found(archive: Archive, student_id: str) -> tuple[Student, Person]:
    student = archive.students.get(student_id)
    if student is None:
        raise NotFound(
            f"Дела {student_id} в архиве нет",
            f"Все дела: papka find.{may_be(student_id, archive.students)}",
        )
    if student.person is None:
        raise NotFound(
            f"Карточка дела {student_id} не читается",
            f"Узнайте причину: papka check, файл {student.folder}/student.yaml",
        )
    return student, student.person


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


def _identifier(
    texts: tuple[str, str], attached: list[pdf.Attached], files: Mapping[str, bytes]
) -> bytes:
    total = sha256("\0".join(texts).encode())
    for item in attached:
        total.update(item.data)
    for name in sorted(files):
        total.update(files[name])
    return total.digest()[:16]
