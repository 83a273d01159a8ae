"""`papka give package`: a leaver's own file as a signed ZIP (R-2.2.8).

Invariants: only what is saved goes in; files lie at the paths they have in the archive, so that
another archive reads the package as a small archive; nothing of another person, no salt of the
folder and nothing restricted goes in (R-4.2); the head signs the list of check sums; same state,
same key, same bytes. A package is no document, so it gets no number of the register.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from papka.core.errors import NotFound, Refused
from papka.core.kinds import RESTRICTED_KINDS, SCHEMA_OF
from papka.core.places import (
    ALLOWED_SIGNERS,
    ORGANIZATION,
    RECORDS,
    RESTRICTED,
    import_file,
    is_student_id,
    place,
    program_file,
    schema_file,
    student_folder,
)
from papka.core.snapshot import Part
from papka.intake.package_file import LIST, READ_ME, SIGNATURE, SIGNERS, check_sums, pack
from papka.paper.form_list import PERSONAL_FILE
from papka.paper.issuing import require_head
from papka.paper.print_cache import PrintOptions
from papka.paper.print_saved import find_turn, print_saved
from papka.proof.trusted_keys import DOCUMENT, TrustEntry, read_trust
from papka.records.acts import RegisterEntry
from papka.records.archive import Archive
from papka.records.derived.leadership import signatory_on
from papka.records.lazy_archive import ArchiveReader
from papka.records.raw_exports import HEADER, NAMES
from papka.records.schemas import SchemaSet
from papka.records.student import Student
from papka.records.wording import NONE, day
from papka.repository.commit_snapshots import CommitTree
from papka.repository.git_values import MAIN, Commit
from papka.repository.pruning import note_all_seen
from papka.repository.signing import SigningActor


@dataclass(frozen=True, slots=True)
class Package:
    """A package made; `files` are all that is in it, `unsaved` are edits that it does not hold."""

    name: str
    data: bytes
    files: tuple[str, ...]
    key: str
    unsaved: tuple[str, ...]


def make_package(root: Path, student_id: str, actor: SigningActor, *, today: date) -> Package:
    """Make the package of a student. Raises NotFound, Refused, Unreadable, PangoMissing."""
    tree = CommitTree(root, MAIN)
    schemas = SchemaSet.load(Part(tree, "schema"))
    archive = ArchiveReader(tree, schemas).archive(set())
    if archive.organization is not None and archive.organization.kind == RESTRICTED:
        raise Refused(
            "Из ограниченного архива пакеты не выдают: диагностика и особые потребности "
            "не входят в личное дело",
            "Выдайте пакет из основного архива",
        )
    require_head(root, actor, today)
    student = archive.students.get(student_id) if is_student_id(student_id) else None
    if student is None or student.person is None:
        raise NotFound(f"Личного дела «{student_id}» нет", "Все дела: papka find")
    issued = _find_issued(archive, student_id)
    note_all_seen(root)
    options = replace(_reading_options(student), turn=find_turn(root, today, student.folder))
    printed = print_saved(root, PERSONAL_FILE, student_id, options)
    files = {
        **dict(_read_records(tree, student, issued)),
        **{file.name: file.data for file in printed.files},
        **dict(_print_issued(root, issued)),
    }
    trusted = read_trust(tree.read(ALLOWED_SIGNERS)).entries
    entry = next(each for each in trusted if each.key == actor.signer.public)
    who = signatory_on(archive, today, actor.staff)
    member = archive.staff.get(actor.staff)
    post = who.post if who else member.post if member else ""
    files[SIGNERS] = f"{entry.line}\n".encode()
    files[READ_ME] = _read_me(archive, student, tree.state, (entry, post), files).encode()
    files[LIST] = check_sums(files)
    files[SIGNATURE] = actor.signer.sign(files[LIST], DOCUMENT).encode()
    return Package(
        f"package-{student_id}.zip",
        pack(files, tree.state.committer.moment),
        tuple(sorted(files)),
        entry.key.fingerprint,
        printed.unsaved,
    )


def _reading_options(student: Student) -> PrintOptions:
    """Return how to print the whole file to be read, whether it is bound or not."""
    paper = student.person.paper if student.person else None
    return PrintOptions(rebind=bool(paper and paper.shelf))


_TEXT = """# Личное дело № {student}: пакет

Организация: {organization}
Состояние архива: {day}, сохранение {commit}
Подписал: {post} {head}, ключ {key}

Это копия собственного личного дела обучающегося, которую можно и прочитать, и обработать
программой. Она принадлежит ему; организация хранит подлинник.

## Что здесь

| Где | Что |
|---|---|
| `personal-file-*.pdf` | личное дело целиком, для чтения и печати |
{issued}| `{folder}/` | записи дела (YAML): карточка, обучение, результаты, поощрения, опись |
| `{folder}/attachments/` | сканы документов из описи |
| `{folder}/raw/` | строки обучающегося из выгрузок платформ, без изменений |
| `records/registers/` | записи книг регистрации о выданных документах |
| `records/programs/`, `records/organization.yaml` | программы, шкалы и периоды, на которые ссылаются записи |
| `schema/` | что значит каждое поле |
| `SHA256SUMS`, `SHA256SUMS.sig` | контрольные суммы всех файлов и подпись руководителя |

Файлы — простой текст (UTF-8), PDF и изображения; для чтения эта программа не нужна.

## Как проверить

Все файлы на месте и не изменены:

    sha256sum -c SHA256SUMS

Список подписан этим ключом:

    ssh-keygen -Y verify -f allowed_signers -I {staff}@papka.invalid -n {namespace} -s SHA256SUMS.sig < SHA256SUMS

Файл `allowed_signers` лежит в самом пакете, поэтому говорит только о том, что пакет не меняли
после подписи. Чей это ключ, скажет организация: сверьте отпечаток

    {key}

с тем, который она назовёт сама — на сайте, по телефону, в письме.

## Для другой организации

Пакет читает `papka take ФАЙЛ.zip --enrolment НОМЕР#e1 --fingerprint {key}`: сопоставит предметы и
предложит зачёт (273-ФЗ, ст. 34). Решение принимает организация.
"""  # noqa: E501 - rows of a table and commands stand on one line


def _read_me(
    archive: Archive,
    student: Student,
    commit: Commit,
    signed: tuple[TrustEntry, str],
    files: Collection[str],
) -> str:
    """Write README.md: what lies where, and how to prove it.

    `signed`: whose key signs the package, and the post below; `files` are already in it.
    """
    signer, post = signed
    organization = archive.organization
    member = archive.staff.get(signer.staff)
    moment = datetime.fromtimestamp(commit.committer.time, UTC)
    issued = "| `issued/` | выданные документы, как напечатаны |\n"
    return _TEXT.format(
        student=student.id,
        organization=organization.name if organization else NONE,
        day=day(moment.date()),
        commit=commit.id[:12],
        post=post,
        head=member.name.short if member else signer.staff,
        key=signer.key.fingerprint,
        staff=signer.staff,
        namespace=DOCUMENT,
        folder=student.folder,
        issued=issued if any(path.startswith("issued/") for path in files) else "",
    )


def _find_issued(archive: Archive, student_id: str) -> dict[str, RegisterEntry]:
    """Return key -> entry of the documents issued to the student."""
    return {
        key: entry
        for key, entry in archive.registers.items()
        if entry.student.partition("#")[0] == student_id
    }


def _read_records(
    tree: CommitTree, student: Student, issued: dict[str, RegisterEntry]
) -> Iterator[tuple[str, bytes]]:
    """Read the folder, the entries of the register, and what one needs to understand them."""
    kinds = {"organization", "program", "register"}
    paths = [ORGANIZATION, *(f"{RECORDS}/registers/{key}.yaml" for key in issued)]
    for path in tree.below(student_folder(student.id)):
        found = place(path)
        if found is None or found.kind in ("salt", *RESTRICTED_KINDS):
            continue
        kinds.add(found.kind)
        paths.append(path)
        if found.kind == "raw":
            paths.append(_header_path(found.key))
    paths += [program_file(enrolment.program) for enrolment in student.enrolments]
    paths += [schema_file(SCHEMA_OF[kind]) for kind in kinds if kind in SCHEMA_OF]
    paths.append(schema_file("common"))
    known = [path for path in dict.fromkeys(paths) if tree.id_of(path) is not None]
    return tree.read_many(known)


def _header_path(part: str) -> str:
    """Return where the headings of an export lie, by a raw part: `2026-1-2.part` -> 2026-1/2."""
    period, _, number = part.removesuffix(".part").rpartition("-")
    return import_file(f"{period}/{number}", NAMES[HEADER])


def _print_issued(root: Path, issued: dict[str, RegisterEntry]) -> Iterator[tuple[str, bytes]]:
    """Print the documents that count, as they were issued."""
    for key, entry in issued.items():
        if entry.void is None:
            year, _, name = key.rpartition("/")
            printed = print_saved(root, entry.form.partition("@")[0], entry.number)
            for file in printed.files:
                yield f"issued/{year.rpartition('/')[2]}/{name}.pdf", file.data
