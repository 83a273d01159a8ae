"""Scans of a personal file as pictures for its pages.

Invariant: a scan that cannot be printed stops the print and is named with its document and file, so
that nothing is silently missing from the paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from papka.core.errors import PapkaError
from papka.core.forms import SCHEME
from papka.core.snapshot import Snapshot
from papka.model.standing import Document
from papka.model.student import Student
from papka.views.card import photo_allowed
from papka.views.personal_file.case import Case
from papka.views.personal_file.copies import is_printed
from papka.views.personal_file.pieces import new_documents
from papka.views.reference import document


class ScanNotPrinted(PapkaError):
    """A scan is missing or cannot be drawn."""

    def __init__(self, student: Student, of: Document, reason: str) -> None:
        super().__init__(
            f"Скан не печатается: {reason}. Документ {of.id or ''} «{of.title}», "
            f"файл {student.folder}/attachments/{of.file}",
            "Отсканируйте документ заново (PDF, PNG или JPEG без пароля) и замените файл. Если "
            "копия на бумаге и вшивается от руки, уберите у этого документа в documents.yaml "
            "строки file, sha256 и original_name и укажите sheets",
        )


@dataclass(frozen=True, slots=True)
class Pictures:
    """`pages`: key of a document -> registered ids of its pages; `photo` is that of the photo,
    None when it is not shown; `images`: registered id -> bytes."""

    pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    photo: str | None = None
    images: Mapping[str, bytes] = field(default_factory=dict)


def pictures(case: Case, snapshot: Snapshot) -> Pictures:
    """Everything of this file that is printed as a picture. Raises ScanNotPrinted."""
    pages: dict[str, tuple[str, ...]] = {}
    images: dict[str, bytes] = {}
    for key, each, is_bound in new_documents(case):
        if is_printed(each) and not is_bound:
            drawn = _drawn(case.student, each, snapshot)
            names = tuple(f"{SCHEME}scan/{key}-{at}.jpg" for at in range(len(drawn)))
            pages[key] = names
            images.update(zip(names, drawn, strict=True))
    photo = _photo(case, snapshot)
    if photo is None:
        return Pictures(pages, None, images)
    name = f"{SCHEME}scan/photo.jpg"
    return Pictures(pages, name, {**images, name: photo})


def _drawn(student: Student, of: Document, snapshot: Snapshot) -> list[bytes]:
    from papka.gates.scans import Unreadable, pages  # noqa: PLC0415 - slow to import

    try:
        return [page.data for page in pages(_read(student, of, snapshot))]
    except Unreadable as error:
        raise ScanNotPrinted(student, of, str(error)) from error


def _photo(case: Case, snapshot: Snapshot) -> bytes | None:
    """Only with a consent in force (R-3.1), and only from a picture."""
    student, photo = case.student, case.person.photo
    found = document(student, photo) if photo else None
    if found is None or found.file is None or case.earlier:
        return None
    if not photo_allowed(case.archive, student, case.state.on):
        return None
    from papka.gates.scans import Unreadable, portrait  # noqa: PLC0415 - as above

    try:
        return portrait(_read(student, found, snapshot)).data
    except Unreadable as error:
        raise ScanNotPrinted(student, found, str(error)) from error


def _read(student: Student, of: Document, snapshot: Snapshot) -> bytes:
    try:
        return snapshot.read(f"{student.folder}/attachments/{of.file}")
    except KeyError:
        raise ScanNotPrinted(student, of, "такого файла нет") from None
