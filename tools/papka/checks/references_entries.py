"""References inside one personal folder meet an entry of the right kind."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import records as codes
from papka.core.findings import Finding
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.person import Person
from papka.model.results import Result
from papka.model.standing import Award, Consent, Document, Notice
from papka.model.student import AnyEntry, Student
from papka.model.study import Credit, Enrolment

_FILES = {
    "e": "enrolments.yaml",
    "d": "documents.yaml",
    "p": "student.yaml",
}
SELF = "обучающийся"
_LINKS: dict[type, tuple[tuple[str, str], ...]] = {
    Enrolment: (("contract", "d"), ("continues", "e")),
    Result: (("enrolment", "e"), ("resits", "r"), ("replaces", "r")),
    Document: (("replaces", "d"),),
    Credit: (("enrolment", "e"), ("document", "d")),
    Award: (("document", "d"),),
    Consent: (("signed_by", "p"), ("document", "d")),
    Notice: (("told", "p"), ("document", "d")),
}


_Link = tuple[AnyEntry | Person, tuple[str | int, ...], str, str | None]
"""Owner, fields that lead to the reference, letter of the kind it must have, the reference."""


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        yield from _student(archive, student)


def _student(archive: Archive, student: Student) -> Iterator[Finding]:
    people = student.person.representatives if student.person else ()
    pools: dict[str, set[str]] = {
        "e": {entry.id for entry in student.enrolments if entry.id},
        "d": {entry.id for entry in student.documents if entry.id},
        "r": {entry.id for results in student.periods.values() for entry in results if entry.id},
        "p": {SELF, *(person.id for person in people if person.id)},
    }
    for owner, fields, kind, name in _links(student):
        if name is None or name in pools[kind] or not _is_whole(archive, student, kind):
            continue
        yield codes.REF_UNKNOWN_ENTRY.at(
            student.where(owner, *fields),
            name=name,
            field=fields[-1],
            may_be=may_be(name, pools[kind]),
        )


def _links(student: Student) -> Iterator[_Link]:
    """Every inner reference."""
    person = student.person
    if person is not None:
        yield person, ("photo",), "d", person.photo
        for index, former in enumerate(person.former_names):
            yield person, ("former_names", index, "document"), "d", former.document
    for consent in student.consents:
        if consent.revoked is not None:
            yield consent, ("revoked", "document"), "d", consent.revoked.document
    for entry in student.entries():
        for field, kind in _LINKS.get(type(entry), ()):
            yield entry, (field,), kind, getattr(entry, field)


def _is_whole(archive: Archive, student: Student, kind: str) -> bool:
    """False when the file that would hold the entry was itself rejected."""
    if kind == "r":
        prefix = f"{student.folder}/results/"
        return not any(path.startswith(prefix) for path in archive.unreadable)
    return archive.is_readable(f"{student.folder}/{_FILES[kind]}")
