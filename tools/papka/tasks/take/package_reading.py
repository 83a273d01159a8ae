"""Another archive's package read from its file: within limits, by our schemas, with what it proves.

Invariants: the package is read in memory and nothing of it is written; what it proves is judged
before what it says; its own schemas judge nothing. Absent on purpose: what becomes of it
(`take_package`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from papka.core.codes import packages as codes
from papka.core.errors import NotAnArchive, Refused, cannot_access
from papka.core.findings import Location
from papka.core.layout import RECORDS
from papka.core.snapshot import DictSnapshot
from papka.gates.plain_file import read_plain
from papka.gates.zipped import ALL, unpack
from papka.intake.package import LIST, Proof, prove
from papka.model.archive import Archive
from papka.model.reading import load
from papka.model.student import Student
from papka.tasks.desk import Desk
from papka.tasks.documents.origin import from_trust_file
from papka.text.schemas import SchemaSet


@dataclass(frozen=True, slots=True)
class Trusted:
    """Fingerprints of keys the reader knows of, and of those known to be revoked."""

    keys: frozenset[str] = frozenset()
    revoked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Brought:
    """A package as read. `student` is None when nothing in it may be believed, or it is unfit."""

    name: str
    files: Mapping[str, bytes]
    proof: Proof
    archive: Archive = field(default_factory=Archive)
    student: Student | None = None

    @property
    def organization(self) -> str:
        found = self.archive.organization
        return found.name if found else ""


def trusted_by(trust: Path | None, fingerprint: str | None) -> Trusted:
    """`trust` is an allowed_signers file, with `revocations` beside it. Raises Refused."""
    keys, revoked = set[str](), set[str]()
    if fingerprint is not None:
        if not fingerprint.startswith("SHA256:"):
            raise Refused(f"«{fingerprint}» — не отпечаток ключа", "Отпечаток начинается с SHA256:")
        keys.add(fingerprint)
    if trust is not None:
        origin = from_trust_file(trust)
        keys |= {entry.key.fingerprint for entry in origin.trust if entry.is_head}
        revoked |= {entry.key for entry in origin.revoked.entries}
    return Trusted(frozenset(keys), frozenset(revoked))


def read_package(root: Path, file: Path, trusted: Trusted) -> Brought:
    """What the package proves and says. Raises NotFound, Refused."""
    try:
        if file.stat().st_size > ALL:
            raise Refused(f"Файл {file.name} слишком большой", "Проверьте, тот ли это файл")
        files = unpack(read_plain(file, most=ALL, follow=True), file.name)
    except OSError as error:
        raise cannot_access(error) from error
    if LIST not in files:
        raise Refused(
            f"Файл {file.name} — ZIP, но не пакет личного дела",
            "Пакет выдаёт papka give package; выгрузку платформы сначала распакуйте",
        )
    proof = prove(files, trusted.keys, trusted.revoked)
    brought = Brought(file.name, files, proof)
    return brought if proof.is_broken else _read(brought, Desk(root).schemas)


def _read(brought: Brought, schemas: SchemaSet) -> Brought:
    """The records by our schemas; a record that does not fit makes the package unfit."""
    records = {p: d for p, d in brought.files.items() if p.startswith(f"{RECORDS}/")}
    try:
        archive = load(DictSnapshot(records), schemas)
    except NotAnArchive as error:
        raise unfit(brought.name, "нет сведений об организации") from error
    broken = tuple(
        codes.PACKAGE_RECORD_UNREADABLE.at(
            Location(finding.where.path, finding.where.pointer), detail=finding.message
        )
        for finding in archive.findings
    )
    if broken:
        proof = replace(brought.proof, findings=(*brought.proof.findings, *broken))
        return replace(brought, proof=proof, archive=archive)
    people = list(archive.students.values())
    if len(people) != 1 or people[0].person is None or archive.organization is None:
        raise unfit(brought.name, "в нём должно быть одно личное дело с карточкой")
    missing = {e.program for e in people[0].enrolments} - archive.programs.keys()
    if missing:
        raise unfit(brought.name, f"нет программ {', '.join(sorted(missing))}")
    return replace(brought, archive=archive, student=people[0])


def unfit(name: str, reason: str) -> Refused:
    """Genuine or not, nothing can be made of it."""
    return Refused(f"Пакет {name} не подходит: {reason}", "Попросите организацию выдать его заново")
