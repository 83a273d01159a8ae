"""Print a personal file: one PDF a volume (R-6.5), or one page for a browser.

Every count on paper is that of the pages of this very print. Nothing is printed when something that
belongs on paper cannot be: a scan that fails is named with its document and file. WeasyPrint is
imported only when a page is really laid out.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from papka.core.errors import NotFound, PapkaError, Refused
from papka.core.places import student_folder
from papka.core.snapshot import Snapshot
from papka.paper.form import State, find_student
from papka.paper.html import SCHEME, TEMPLATES, assets, render, standalone
from papka.paper.personal_file import (
    PROVENANCE,
    PROVENANCE_TITLE,
    Chapters,
    Contents,
    Copies,
    Counted,
    FileCase,
    Origins,
    contents,
    frame,
    new_documents,
    pieces,
    whole,
)
from papka.paper.print_cache import BoundSheets, PrintedFile, file_name
from papka.paper.result_tables import States
from papka.paper.sections import photo_allowed
from papka.paper.volumes import (
    BoundVolume,
    VolumePart,
    divide_volumes,
    is_printed,
    join_labels,
    sheets_of,
    sides,
)
from papka.records.acts import RegisterEntry
from papka.records.archive import Archive
from papka.records.student import Document, Student
from papka.records.wording import document

if TYPE_CHECKING:
    from papka.paper import pdf


class ScanNotPrinted(PapkaError):
    """A scan is missing or cannot be drawn."""

    def __init__(self, student: Student, of: Document, reason: str) -> None:
        super().__init__(
            f"Скан не печатается: {reason}. Документ {of.id or ''} «{of.title}», "
            f"файл {student.folder}/attachments/{of.file}",
            "Отсканируйте документ заново (PDF, PNG или JPEG без пароля) и замените файл. Если "
            "копия на бумаге и вшивается от руки, уберите у этого документа в documents.yaml "
            "строки file и sha256 и укажите sheets",
        )


@dataclass(frozen=True, slots=True)
class Pictures:
    """Scans and the photo as pictures.

    `pages`: key of a document -> registered ids of its pages; `photo`: the id of the photo, None
    when it is not shown; `images`: registered id -> bytes.
    """

    pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    photo: str | None = None
    images: Mapping[str, bytes] = field(default_factory=dict)


def pictures(case: FileCase, snapshot: Snapshot) -> Pictures:
    """Return all that is printed of this file as a picture. Raises ScanNotPrinted."""
    pages: dict[str, tuple[str, ...]] = {}
    images: dict[str, bytes] = {}
    for key, each, is_bound in new_documents(case):
        if is_printed(each) and not is_bound:
            drawn = _draw_scan(case.student, each, snapshot)
            names = tuple(f"{SCHEME}scan/{key}-{at}.jpg" for at in range(len(drawn)))
            pages[key] = names
            images.update(zip(names, drawn, strict=True))
    photo = _draw_photo(case, snapshot)
    if photo is None:
        return Pictures(pages, None, images)
    name = f"{SCHEME}scan/photo.jpg"
    return Pictures(pages, name, {**images, name: photo})


def _draw_scan(student: Student, of: Document, snapshot: Snapshot) -> list[bytes]:
    from papka.paper.page_pictures import UnreadablePicture, scan_pages  # slow to import

    try:
        return [page.data for page in scan_pages(_read_scan(student, of, snapshot))]
    except UnreadablePicture as error:
        raise ScanNotPrinted(student, of, str(error)) from error


def _draw_photo(case: FileCase, snapshot: Snapshot) -> bytes | None:
    """Return the photo, only with a consent in force (R-3.1) and only from a picture."""
    student, photo = case.student, case.person.photo
    found = document(student, photo) if photo else None
    if found is None or case.earlier:
        return None
    found = case.archive.destroyed.without_scan(student, found)
    if found.file is None:
        return None
    if not photo_allowed(case.archive, student, case.state.signed_on):
        return None
    from papka.paper.page_pictures import UnreadablePicture, portrait

    try:
        return portrait(_read_scan(student, found, snapshot)).data
    except UnreadablePicture as error:
        raise ScanNotPrinted(student, found, str(error)) from error


def _read_scan(student: Student, of: Document, snapshot: Snapshot) -> bytes:
    try:
        return snapshot.read(f"{student.folder}/attachments/{of.file}")
    except KeyError:
        raise ScanNotPrinted(student, of, "такого файла нет") from None


FORM = "personal-file"
STYLES = tuple(
    f"{SCHEME}{path}" for path in ("paper.css", f"{FORM}/{FORM}.css", f"{FORM}/provenance.css")
)


class Printer:
    """Lays out one personal file, until the numbers on its pages agree with them (R-6.5).

    Numbered sheets are laid out once, the frame of a volume until it says what was counted.
    Printed on both sides, every part has an even number of pages: it begins a new sheet.
    """

    def __init__(
        self, case: FileCase, templates: Snapshot, files: Mapping[str, bytes], *, duplex: bool
    ) -> None:
        self._case = case
        self._templates = templates
        self._files = files
        self._duplex = duplex
        self._words: list[str] = []
        self._sides = 2 if duplex else 1

    def volumes(
        self, contents: Contents, pictures: Pictures, provenance: object
    ) -> tuple[tuple[BoundVolume, pdf.Layout, str], ...]:
        """Return the volumes as pages, each with the HTML they were laid out from."""
        case = self._case
        chapters = self._lay_out_chapters(contents, pictures, 1)
        counts = {anchor: len(pages) // self._sides for anchor, pages in chapters.items()}
        scans = {
            key: sheets_of(len(names), duplex=self._duplex) for key, names in pictures.pages.items()
        }
        origins: tuple[Any, ...] = ()
        last = divide_volumes(pieces(case, contents, Counted(counts, scans)), 0)[-1]
        likely = None if last.labels is None else _following(last.labels)
        if provenance is not None:
            origins = self._lay_out_provenance(provenance, likely)
        count = len(origins) // self._sides
        listed = pieces(case, contents, Counted(counts, scans, count))
        found = []
        for volume in divide_volumes(listed, case.bound_volumes):
            numbered = self._lay_out_copies(volume, pictures)
            first = self._begin(volume, lambda key: key in counts)
            if first is not None:
                # A volume that begins within the chapters numbers what is left of them from 1.
                offset = sum(counts[key] for key in list(counts)[: list(counts).index(first[0])])
                start = 1 - offset - first[1]
                numbered |= (
                    chapters if start == 1 else self._lay_out_chapters(contents, pictures, start)
                )
            if (first := self._begin(volume, lambda key: key == PROVENANCE)) is not None:
                begins = first[2] and first[2] - first[1]
                numbered[PROVENANCE] = (
                    origins if begins == likely else self._lay_out_provenance(provenance, begins)
                )
            found.append(self._bind(volume, numbered))
        return tuple(found)

    @staticmethod
    def _begin(
        volume: BoundVolume, wanted: Callable[[str], bool]
    ) -> tuple[str, int, int | None] | None:
        """Return key, sheet and number of the first such sheet of a volume; None without one."""
        for part in volume.parts:
            if wanted(part.piece.key) and part.count:
                return part.piece.key, part.start, int(part.labels[0]) if part.labels else None
        return None

    def _lay_out_chapters(
        self, contents: Contents, pictures: Pictures, first: int
    ) -> dict[str, tuple[Any, ...]]:
        """Return the pages of each chapter by its anchor; `first`: the number of the first sheet.

        Not above 1: the sheets of volumes before this one are laid out with it, and left out.
        """
        anchors = [chapter.anchor for chapter in contents.chapters()]
        if not anchors:
            return {}
        page = Chapters(self._case.head(), contents)
        layout = self._lay_out("numbered", page, first, pictures.images)
        starts = [layout.page_of(anchor) for anchor in anchors] + [layout.pages + 1]
        return {
            anchor: self._fill_sheets(layout, start, end - 1)
            for anchor, (start, end) in zip(anchors, pairwise(starts), strict=True)
        }

    def _lay_out_provenance(self, provenance: object, first: int | None) -> tuple[Any, ...]:
        """Lay out the sheets of provenance; `first`: their first number, None where none is."""
        page = Origins(self._case.head(), PROVENANCE_TITLE, provenance, first is not None)
        layout = self._lay_out(PROVENANCE + "-sheet", page, 1 if first is None else first)
        return self._fill_sheets(layout, 1, layout.pages)

    def _lay_out_copies(
        self, volume: BoundVolume, pictures: Pictures
    ) -> dict[str, tuple[Any, ...]]:
        """Return the pages of the copies in this volume; those before them in a piece are blank."""
        printed = sides(volume.parts, pictures.pages, duplex=self._duplex)
        if not printed:
            return {}
        page = Copies(self._case.head(), printed)
        layout = self._lay_out("copies", page, 1, pictures.images)
        if layout.pages != len(printed):
            raise _miscount_error()
        found: dict[str, tuple[Any, ...]] = {}
        start = 1
        for part in volume.parts:
            if part.piece.key in pictures.pages:
                count = part.count * self._sides
                left_out = (None,) * (part.start * self._sides)
                found[part.piece.key] = (*left_out, *layout.cut(start, start + count - 1))
                start += count
        return found

    def _bind(
        self,
        volume: BoundVolume,
        numbered: Mapping[str, tuple[Any, ...]],
    ) -> tuple[BoundVolume, pdf.Layout, str]:
        inside: list[Any] = []
        for part in volume.parts:
            pages = numbered.get(part.piece.key, ())
            inside += pages[part.start * self._sides : part.stop * self._sides]
        sheets, words = 1, len(self._words)
        for _ in range(6):
            del self._words[words:]
            layout = self._lay_out("frame", frame(self._case, volume, sheets), 1)
            inventory, last = layout.page_of("inventory"), layout.page_of("certification")
            count = -(-(last - inventory) // self._sides)
            if count == sheets:
                before, after = layout.cut(1, last - 1), layout.cut(last, layout.pages)
                bound = layout.bound((*before, *inside, *after))
                return volume, bound, "\0".join(self._words)
            sheets = count
        raise _miscount_error()

    def _fill_sheets(self, layout: pdf.Layout, first: int, last: int) -> tuple[Any, ...]:
        """Return these pages, with a blank one where the last page lacks its back."""
        pages = layout.cut(first, last)
        if len(pages) % self._sides == 0:
            return pages
        words = len(self._words)
        blank = self._lay_out("blank", self._case.head(), 1)
        del self._words[words:]
        return (*pages, *blank.cut(2, 2))

    def _lay_out(
        self, name: str, view: object, first: int, images: Mapping[str, bytes] | None = None
    ) -> pdf.Layout:
        from papka.paper import pdf  # imports WeasyPrint, slow or missing

        template = f"{FORM}/{name}.html.j2"
        words = render(self._templates, template, {"file": view})
        self._words.append(words)
        styles = (*STYLES, f"{SCHEME}{FORM}/duplex.css") if self._duplex else STYLES
        return pdf.lay_out(
            words, styles, self._files, TEMPLATES + template, images=images, first=first
        )


def _name_paper(part: VolumePart) -> str:
    """Return the title in the record of a binding, with the number that tells it from its like."""
    index = part.piece.index
    return f"{part.piece.title}, № {index}" if index else part.piece.title


def _following(labels: tuple[str, ...]) -> int:
    """Return the number after the last of these sheets."""
    return max((int(label) for label in labels if label.isdecimal()), default=0) + 1


def _miscount_error() -> PapkaError:
    return PapkaError(
        "Число листов в описи не сходится с числом отпечатанных листов",
        "Если шаблоны templates/personal-file не меняли, сообщите разработчикам: это ошибка "
        "программы",
    )


def print_personal_file(  # noqa: PLR0913 - what a printed state depends on, all of it named
    archive: Archive,
    snapshot: Snapshot,
    student_id: str,
    *,
    templates: Snapshot,
    as_of: dt.datetime,
    commit: str | None,
    on: dt.date | None = None,
    turn: dt.date | None = None,
    html: bool = False,
    duplex: bool = False,
    earlier: Student | None = None,
    earlier_issued: Mapping[str, RegisterEntry] | None = None,
    provenance: object = None,
    states: States | None = None,
) -> tuple[PrintedFile, ...]:
    """Print the personal file of one student: a PDF for each volume, its sources inside.

    `as_of`: the moment of the state, with its zone; `on`: the day its facts are valid on; `turn`:
    as in `State`; `earlier`: print only what is new since that state, of which `earlier_issued`
    are the books; `provenance`: the view of its sheet. Same records and same moment give the same
    bytes.

    Raises NotFound, Refused when nothing is new, ScanNotPrinted, PangoMissing, TemplateBroken,
    PrintFailed.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a time zone: its day is printed")
    student, person = find_student(archive, student_id)
    if on is not None and not any((student.enrolments, student.documents, student.consents)):
        raise NotFound(
            f"На {on:%d.%m.%Y} в деле {student_id} ещё ничего не было",
            "Укажите более поздний день или печатайте без --on",
        )
    state = State(archive, as_of, on or as_of.date(), commit, is_past=on is not None, turn=turn)
    case = FileCase(state, student, person, earlier, states, earlier_issued or {})
    drawn = pictures(case, snapshot)
    chapters = contents(case, drawn.photo)
    if earlier and not (any(chapters.chapters()) or any(new_documents(case))):
        raise Refused(
            f"В деле {student_id} после тома {case.bound_volumes} ничего не изменилось: новых "
            "листов нет",
            "Дело целиком: чтобы перешить — --rebind, чтобы прочитать — --html",
        )
    files = assets(templates)
    if html:
        view = whole(case, chapters, drawn.pages, provenance)
        page = render(templates, f"{FORM}/whole.html.j2", {"file": view})
        data = standalone(page, STYLES, files, drawn.images).encode()
        return (PrintedFile(f"{file_name(FORM, student_id)}.html", data, 0),)
    printer = Printer(case, templates, files, duplex=duplex)
    attached = list(_collect_sources(snapshot, student))
    inside = [*(item.data for item in attached), *drawn.images.values()]
    inside += (files[asset] for asset in sorted(files))
    found = []
    for volume, layout, words in printer.volumes(chapters, drawn, provenance):
        total = sha256(f"{volume.number}/{volume.of}\0{words}".encode())
        for data in inside:
            total.update(data)
        name = file_name(FORM, student_id, volume.number, volume.of)
        written = layout.write(attached, as_of, total.digest()[:16])
        bound = BoundSheets(
            volume.number,
            None if volume.labels is None else len(volume.labels),
            tuple((_name_paper(part), join_labels(part.labels or ())) for part in volume.parts),
        )
        found.append(PrintedFile(f"{name}.pdf", written, layout.pages, bound))
    return tuple(found)


def _collect_sources(snapshot: Snapshot, student: Student) -> Iterator[pdf.Attached]:
    """Return the YAML files of the folder; the salt and the scans stay out."""
    from papka.paper.pdf import Attached

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
