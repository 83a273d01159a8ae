"""`papka take PACKAGE.zip`: another archive's package as a proposal for credit (R-2.2.9).

The package is read in memory, within limits and by our schemas, never its own; nothing of it is
written but by decisions of the school, and only when the reader has named its signer as trusted.
What it proves is judged before what it says. Taken twice, it changes nothing.

Subject, result and hours stand as they stand there and cannot be changed by an answer; which of our
parts is meant is proposed only by an equal name; a decision is never proposed: it is the school's,
with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from papka.core.errors import NotAnArchive, NotFound, Refused, cannot_access
from papka.core.findings import Location
from papka.core.kinds import SCHEMA_OF
from papka.core.phrases import suggest
from papka.core.places import RECORDS, is_student_id, student_file
from papka.core.snapshot import DictSnapshot
from papka.desk.command_end import WriteStep, Written, write
from papka.desk.entries import LARGEST, render_file
from papka.desk.open_records import Desk
from papka.intake import intake_codes
from papka.intake.package_file import LIST, MOST_BYTES, PackageProof, prove, unpack
from papka.paper.document_origin import from_trust_file
from papka.records.acts import RegisterEntry
from papka.records.archive import Archive, load
from papka.records.derived.result_facts import (
    counting_results,
    edition_of,
    enrolment_of,
    part_of,
    parts_studied,
    scale_of,
)
from papka.records.editing import append_entry, write_scalar
from papka.records.schemas import SchemaSet
from papka.records.school import Edition, ProgramPart
from papka.records.search import alphabetical
from papka.records.strict_yaml import read
from papka.records.student import Enrolment, Result, Student
from papka.records.wording import NBSP, mark
from papka.repository.files import read_plain
from papka.repository.signing import SigningActor

DECISIONS = ("зачесть", "зачесть частично", "отказать")
_ANSWERED = ("part", "decision", "hours", "mark", "reason")


@dataclass(frozen=True, slots=True)
class Offer:
    """One subject there; `result` is "" when it has none, `ours` the part it may stand for."""

    subject: str
    result: str
    hours: int
    date: dt.date | None
    ours: ProgramPart | None = None


def find_offers(theirs: Archive, student: Student, ours: Edition | None) -> tuple[Offer, ...]:
    """Return every part of every programme taken there, in the order of the records."""
    return tuple(
        _make_offer(theirs, student, enrolment, part, ours)
        for enrolment in student.enrolments
        for part in parts_studied(theirs, enrolment)
    )


def write_answers_form(found: Iterable[Offer], today: dt.date) -> str:
    """Write an answers file to be filled in; only what has a result can be credited."""
    lines = [
        "# День заявления о зачёте; решение: " + " | ".join(DECISIONS),
        f"applied: {today.isoformat()}",
        "# order: 2026/0016",
        "items:",
    ]
    for offer in found:
        if not offer.result:
            continue
        ours = offer.ours
        lines += [
            f"  # {offer.result}; часов: {offer.hours}",
            f"  - subject: {write_scalar(offer.subject)}",
            f"    part: {ours.part}" if ours else "    # part: часть нашей программы",
            "    # decision: решение",
            f"    # hours: {min(offer.hours, ours.hours) if ours else offer.hours}",
            "    # mark: отметка по нашей шкале",
            "    # reason: почему решено так",
        ]
    return "".join(f"{line}\n" for line in lines)


def read_decisions(data: bytes, name: str, found: Iterable[Offer]) -> dict[str, Any]:
    """Read the answered part of a credit entry: its days, order and items. Raises Refused."""
    known = {offer.subject: offer for offer in found if offer.result}
    document = read(data, name)
    value = document.value
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        raise _bad_answers(f"Файл ответов {name} не читается")
    general = ("applied", "decided", "order")
    strange = sorted(value.keys() - {*general, "items"})
    if strange:
        raise _bad_answers(f"В файле ответов {name} лишнее: {', '.join(strange)}")
    entry = {key: value[key] for key in general if key in value}
    items = [_read_decision(item, known) for item in value["items"]]
    if not items:
        raise _bad_answers(f"В файле ответов {name} нет ни одного решения")
    subjects = [item["their_subject"] for item in items]
    if len(set(subjects)) < len(subjects):
        raise _bad_answers("Один предмет назван дважды")
    return {**entry, "items": items}


def _read_decision(item: object, known: Mapping[str, Offer]) -> dict[str, Any]:
    if not isinstance(item, dict) or not isinstance(item.get("subject"), str):
        raise _bad_answers("Каждое решение начинается с предмета: subject")
    subject = item["subject"]
    if subject not in known:
        raise _bad_answers(f"Предмета «{subject}» в пакете нет.{suggest(subject, known)}")
    strange = sorted(item.keys() - {"subject", *_ANSWERED})
    if strange:
        raise _bad_answers(f"У предмета «{subject}» лишнее: {', '.join(strange)}")
    if item.get("decision") not in DECISIONS:
        raise _bad_answers(f"По предмету «{subject}» нет решения: {', '.join(DECISIONS)}")
    offer = known[subject]
    return {
        "their_subject": offer.subject,
        "their_result": offer.result,
        "their_hours": offer.hours,
        **{key: item[key] for key in _ANSWERED if key in item},
    }


def _bad_answers(what: str) -> Refused:
    return Refused(what, "Образец напечатает та же команда без --answers")


def _make_offer(
    theirs: Archive, student: Student, enrolment: Enrolment, part: ProgramPart, ours: Edition | None
) -> Offer:
    program = theirs.programs[enrolment.program]
    known = [
        result
        for period in student.periods.values()
        for result in counting_results(period)
        if result.enrolment == enrolment.id and result.part == part.part
        if result.mark is not None and result.author is None
    ]
    last = max(known, key=_rank, default=None)
    return Offer(
        f"{program.title}: {part.title}",
        _word_result(theirs, enrolment, last),
        part.hours,
        last.date if last else None,
        _find_namesake(part, ours),
    )


def _rank(result: Result) -> tuple[int, dt.date]:
    """Rank a final mark before one for a period, that before a current one; then the latest."""
    order = {"итоговый": 2, "за период": 1}
    return order.get(result.control or "", 0), result.date


def _word_result(theirs: Archive, enrolment: Enrolment, result: Result | None) -> str:
    if result is None or result.mark is None:
        return ""
    part = part_of(theirs, enrolment, result.part)
    scale = scale_of(theirs, enrolment, result.part)
    worded = mark(result.mark, scale).replace(NBSP, " ")
    return f"{worded}; шкала: {scale.title}" if part and scale else worded


def _find_namesake(part: ProgramPart, ours: Edition | None) -> ProgramPart | None:
    """Return the part of ours with the same name, letter for letter but for case and «ё»."""
    if ours is None:
        return None
    name = alphabetical(part.title)[0]
    found = [each for each in ours.parts if alphabetical(each.title)[0] == name]
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Trusted:
    """Fingerprints of keys the reader knows of, and of those known to be revoked."""

    keys: frozenset[str] = frozenset()
    revoked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReadPackage:
    """A package as read. `student` is None when nothing in it may be believed, or it is unfit."""

    name: str
    files: Mapping[str, bytes]
    proof: PackageProof
    archive: Archive = field(default_factory=Archive)
    student: Student | None = None

    @property
    def organization(self) -> str:
        found = self.archive.organization
        return found.name if found else ""


def trusted_by(trust: Path | None, fingerprint: str | None) -> Trusted:
    """Return whom the reader trusts. Raises Refused.

    `trust` is an allowed_signers file, with the file of revocations beside it.
    """
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


def read_package(root: Path, file: Path, trusted: Trusted) -> ReadPackage:
    """Read what the package proves and says. Raises NotFound, Refused."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Refused(f"Файл {file.name} слишком большой", "Проверьте, тот ли это файл")
        files = unpack(read_plain(file, most=MOST_BYTES, follow=True), file.name)
    except OSError as error:
        raise cannot_access(error) from error
    if LIST not in files:
        raise Refused(
            f"Файл {file.name} — ZIP, но не пакет личного дела",
            "Пакет выдаёт papka give package; выгрузку платформы сначала распакуйте",
        )
    proof = prove(files, trusted.keys, trusted.revoked)
    brought = ReadPackage(file.name, files, proof)
    return brought if proof.is_broken else _read_records(brought, Desk(root).schemas)


def _read_records(brought: ReadPackage, schemas: SchemaSet) -> ReadPackage:
    """Read the records by our schemas; a record that does not fit makes the package unfit."""
    records = {p: d for p, d in brought.files.items() if p.startswith(f"{RECORDS}/")}
    try:
        archive = load(DictSnapshot(records), schemas)
    except NotAnArchive as error:
        raise _unfit(brought.name, "нет сведений об организации") from error
    broken = tuple(
        intake_codes.PACKAGE_RECORD_UNREADABLE.at(
            Location(finding.where.path, finding.where.pointer), detail=finding.message
        )
        for finding in archive.findings
    )
    if broken:
        proof = replace(brought.proof, findings=(*brought.proof.findings, *broken))
        return replace(brought, proof=proof, archive=archive)
    people = list(archive.students.values())
    if len(people) != 1 or people[0].person is None or archive.organization is None:
        raise _unfit(brought.name, "в нём должно быть одно личное дело с карточкой")
    missing = {e.program for e in people[0].enrolments} - archive.programs.keys()
    if missing:
        raise _unfit(brought.name, f"нет программ {', '.join(sorted(missing))}")
    return replace(brought, archive=archive, student=people[0])


def _unfit(name: str, reason: str) -> Refused:
    """Return the refusal of a package that nothing can be made of, genuine or not."""
    return Refused(f"Пакет {name} не подходит: {reason}", "Попросите организацию выдать его заново")


_SERIES = {
    "transcripts": "справка об обучении",
    "certificates": "сертификат",
    "progress": "справка об успеваемости",
}
"""The paper that stands for the package in the inventory: the first of these there is."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whose credit it would be: our student, the enrolment, and what the package offers it."""

    desk: Desk
    student: Student
    enrolment: Enrolment
    offers: tuple[Offer, ...]


def find_receiver(root: Path, address: str, brought: ReadPackage) -> Receiver:
    """Find who receives the credit; `address` is `2026-0007#e1`. Raises NotFound, Refused."""
    number, _, entry = address.partition("#")
    if not is_student_id(number):
        raise NotFound(f"«{address}» — не запись об обучении", "Она пишется так: 2026-0007#e1")
    desk = Desk(root, number)
    student = desk.person
    enrolment = enrolment_of(student, entry)
    if enrolment is None:
        known = [each.id for each in student.enrolments if each.id]
        raise NotFound(
            f"Записи об обучении {address} нет",
            f"Все записи: papka show {number}.{suggest(entry, known)}",
        )
    found: tuple[Offer, ...] = ()
    if brought.student is not None:
        _refuse_stranger(student, brought.student)
        found = find_offers(brought.archive, brought.student, edition_of(desk.archive, enrolment))
    return Receiver(desk, student, enrolment, found)


def write_credit(  # noqa: PLR0913 - a credit is told exactly these
    root: Path,
    brought: ReadPackage,
    to: Receiver,
    answers: bytes,
    name: str,
    *,
    now: dt.datetime,
    saving: SigningActor | None,
    dry_run: bool,
) -> Written:
    """Write the paper into the inventory and the credit, by the answers. Raises Refused."""
    if not brought.proof.is_proven:
        raise Refused(
            "Подлинность пакета не доказана, зачёт по нему не записывают",
            "Узнайте отпечаток ключа у самой организации и повторите: --fingerprint SHA256:…",
        )
    answered = read_decisions(answers, name, to.offers)
    desk, number = to.desk, to.student.id
    paper, data = _make_paper(desk, brought)
    _refuse_again(to, paper["id"], {item["their_subject"] for item in answered["items"]})
    credit: dict[str, Any] = {
        "id": desk.next_id("k"),
        "enrolment": to.enrolment.id,
        "applied": answered.pop("applied", now.date().isoformat()),
        "organisation": brought.organization,
        "document": paper["id"],
        **answered,
    }
    place = f"{desk.folder}/attachments/{paper['file']}"
    paths = {kind: student_file(number, kind) for kind in ("documents", "credits")}
    before = {path: desk.bytes_of(path) for path in (*paths.values(), place)}
    after = {paths["credits"]: _append(desk, "credits", credit)}
    if not _find_listed(to.student, paper["sha256"]):
        after[paths["documents"]] = _append(desk, "documents", paper)
    if before[place] is None:
        after[place] = data
    step = WriteStep(before, after, (f"{number}#{credit['id']}", f"{number}#{paper['id']}"))
    return write(root, step, now=now, saving=saving, dry_run=dry_run)


def _refuse_stranger(ours: Student, theirs: Student) -> None:
    """Refuse another person: names change, days of birth do not."""
    days = [each.person.birth_date for each in (ours, theirs) if each.person]
    if len(days) == 2 and all(days) and days[0] != days[1]:
        raise Refused(
            f"День рождения в пакете и в деле {ours.id} разный: это разные люди",
            "Проверьте номер: --enrolment НОМЕР#e1; если ошибка в карточке — papka fix",
        )


def _refuse_again(to: Receiver, paper: str, subjects: set[str]) -> None:
    """Refuse a decision that is there already: taken twice, a package changes nothing."""
    for credit in to.student.credits:
        again = subjects & {item.their_subject for item in credit.items}
        if credit.document == paper and credit.enrolment == to.enrolment.id and again:
            raise Refused(
                f"Решение по предмету «{min(again)}» уже есть: {to.student.id}#{credit.id}",
                "Исправить его: papka fix; остальное оставьте в файле ответов и повторите",
            )


def _find_listed(student: Student, digest: str) -> str | None:
    """Return the id of the inventory's line with this very file."""
    return next((each.id for each in student.documents if each.sha256 == digest), None)


def _make_paper(desk: Desk, brought: ReadPackage) -> tuple[dict[str, Any], bytes]:
    """Return the inventory's line and the PDF it names: a certificate, else the personal file."""
    student, proof = brought.student, brought.proof
    assert student is not None
    assert proof.key is not None
    issued = _best_issued(brought)
    if issued is not None:
        path, entry = issued
        about: dict[str, Any] = {
            "kind": _SERIES[entry.series],
            "number": entry.number,
            "date": entry.date.isoformat(),
        }
        title = f"{about['kind'].capitalize()}, {brought.organization}"
    else:
        found = sorted(path for path in brought.files if path.endswith(".pdf") and "/" not in path)
        if not found:
            raise _unfit(brought.name, "нет ни справки, ни личного дела в PDF")
        path = found[0]
        about = {"kind": "личное дело другой организации", "number": student.id}
        title = f"Личное дело, {brought.organization}"
    data = brought.files[path]
    if not data.startswith(b"%PDF-") or len(data) > LARGEST:
        raise _unfit(brought.name, f"файл {path} — не PDF или слишком велик")
    digest = sha256(data).hexdigest()
    paper = {
        "id": _find_listed(desk.person, digest) or desk.next_id("d"),
        **about,
        "title": title,
        "medium": "только файл",
        "note": f"Из пакета личного дела, подпись верна: ключ {proof.key.fingerprint}",
        "file": f"{digest[:12]}.pdf",
        "sha256": digest,
    }
    return paper, data


def _best_issued(brought: ReadPackage) -> tuple[str, RegisterEntry] | None:
    """Return path and entry of the paper that says most: the latest of the first series."""
    known = []
    for key, entry in brought.archive.registers.items():
        year, _, name = key.rpartition("/")
        path = f"issued/{year.rpartition('/')[2]}/{name}.pdf"
        if entry.void is None and path in brought.files and entry.series in _SERIES:
            known.append((path, entry))
    order = list(_SERIES)
    return max(
        known, key=lambda each: (-order.index(each[1].series), each[1].date, each[0]), default=None
    )


def _append(desk: Desk, kind: str, entry: dict[str, Any]) -> bytes:
    path = student_file(desk.student, kind)
    data = desk.bytes_of(path)
    if data is not None:
        return append_entry(data, kind, entry)
    return render_file(path, SCHEMA_OF[kind], {kind: [entry]})
