"""`papka give package`: a leaver's own file as a signed ZIP (R-2.2.8).

Invariants: only what is saved goes in; files lie at the paths they have in the archive, so that
another archive reads the package as a small archive; nothing of another person, no salt of the
folder and nothing restricted goes in (R-4.2); the head signs the list of check sums; same state,
same key, same bytes. Absent on purpose: the register's numbers, for a package is no document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound, Refused
from papka.core.layout import (
    ORGANIZATION,
    RECORDS,
    RESTRICTED,
    RESTRICTED_KINDS,
    SCHEMA_OF,
    is_student_id,
    place,
    program_file,
    schema_file,
    student_folder,
)
from papka.core.snapshot import Part
from papka.core.store import MAIN
from papka.gates.git.commit_tree import CommitTree
from papka.gates.zipped import pack
from papka.intake.package import LIST, READ_ME, SIGNATURE, SIGNERS, check_sums
from papka.integrity.trust import DOCUMENT, HEAD, Entry
from papka.model.acts import RegisterEntry
from papka.model.archive import Archive
from papka.model.on_demand import OnDemand
from papka.model.student import Student
from papka.tasks.actor import Actor
from papka.tasks.documents.entry import require_head
from papka.tasks.printing.forms import PERSONAL_FILE
from papka.tasks.printing.print_saved import PrintedSaved, print_saved
from papka.text.schemas import SchemaSet
from papka.views.package_read_me import read_me

_OWN_SECRET = ("salt", *RESTRICTED_KINDS)


@dataclass(frozen=True, slots=True)
class Package:
    """`files` are all that is in it; `unsaved` are edits that it does not hold."""

    name: str
    data: bytes
    files: tuple[str, ...]
    key: str
    unsaved: tuple[str, ...]


def package(root: Path, student_id: str, actor: Actor) -> Package:
    """The package of one student. Raises NotFound, Refused, Unreadable, PangoMissing."""
    tree = CommitTree(root, MAIN)
    schemas = SchemaSet.load(Part(tree, "schema"))
    archive = OnDemand(tree, schemas).archive(set())
    if archive.organization is not None and archive.organization.kind == RESTRICTED:
        raise Refused(
            "Из ограниченного архива пакеты не выдают: диагностика и особые потребности "
            "не входят в личное дело",
            "Выдайте пакет из основного архива",
        )
    require_head(root, actor)
    student = _student(archive, student_id)
    issued = _issued(archive, student_id)
    printed = print_saved(root, PERSONAL_FILE, student_id)
    files = {
        **dict(_records(tree, student, issued)),
        **{file.name: file.data for file in printed.pressed.files},
        **dict(_documents(root, issued)),
    }
    entry = Entry(actor.staff, HEAD, actor.signer.public)
    files[SIGNERS] = f"{entry.line}\n".encode()
    files[READ_ME] = read_me(archive, student, tree.state, entry, files).encode()
    files[LIST] = check_sums(files)
    files[SIGNATURE] = actor.signer.sign(files[LIST], DOCUMENT).encode()
    return Package(
        f"package-{student_id}.zip",
        pack(files, tree.state.committer.moment),
        tuple(sorted(files)),
        entry.key.fingerprint,
        printed.unsaved,
    )


def _student(archive: Archive, student_id: str) -> Student:
    found = archive.students.get(student_id) if is_student_id(student_id) else None
    if found is None or found.person is None:
        raise NotFound(f"Личного дела «{student_id}» нет", "Все дела: papka find")
    return found


def _issued(archive: Archive, student_id: str) -> dict[str, RegisterEntry]:
    """Key -> entry of the documents issued to the student."""
    return {
        key: entry
        for key, entry in archive.registers.items()
        if entry.student.partition("#")[0] == student_id
    }


def _records(
    tree: CommitTree, student: Student, issued: dict[str, RegisterEntry]
) -> Iterator[tuple[str, bytes]]:
    """The folder, the entries of the register, and what one needs to understand them."""
    kinds = {"organization", "program", "register"}
    paths = [ORGANIZATION, *(f"{RECORDS}/registers/{key}.yaml" for key in issued)]
    for path in tree.below(student_folder(student.id)):
        found = place(path)
        if found is None or found.kind in _OWN_SECRET:
            continue
        kinds.add(found.kind)
        paths.append(path)
        if found.kind == "raw":
            paths.append(_header(found.key))
    paths += [program_file(enrolment.program) for enrolment in student.enrolments]
    paths += [schema_file(SCHEMA_OF[kind]) for kind in kinds if kind in SCHEMA_OF]
    paths.append(schema_file("common"))
    known = [path for path in dict.fromkeys(paths) if tree.id_of(path) is not None]
    return tree.read_many(known)


def _header(part: str) -> str:
    """Column headings of the export a raw part was cut from: `2026-1-2.part` -> 2026-1/2."""
    period, _, number = part.removesuffix(".part").rpartition("-")
    return f"{RECORDS}/imports/{period}/{number}/header.part"


def _documents(root: Path, issued: dict[str, RegisterEntry]) -> Iterator[tuple[str, bytes]]:
    """Papers that count, as they were issued."""
    for key, entry in issued.items():
        if entry.void is None:
            form = entry.form.partition("@")[0]
            done: PrintedSaved = print_saved(root, form, entry.number)
            for file in done.pressed.files:
                year, _, name = key.rpartition("/")
                yield f"issued/{year.rpartition('/')[2]}/{name}.pdf", file.data
