"""`papka take PACKAGE.zip`: another archive's package as a proposal for credit (R-2.2.9).

Invariants: nothing is written but by decisions of the school, and only from a package whose signer
the reader has named as trusted; taken twice, it changes nothing. Absent on purpose: reading and
proving it (`package_reading`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from papka.core.errors import NotFound, Refused
from papka.core.layout import SCHEMA_OF, is_student_id, student_file
from papka.core.suggestion import may_be
from papka.intake.credit import Offer, decided, offers
from papka.model.acts import RegisterEntry
from papka.model.derived.scales import edition_of, enrolment_of
from papka.model.student import Student
from papka.model.study import Enrolment
from papka.tasks.actor import Actor
from papka.tasks.add import new_file
from papka.tasks.desk import Desk
from papka.tasks.scan import LARGEST
from papka.tasks.take.package_reading import Brought, unfit
from papka.tasks.write import Step, Written, write
from papka.text.edit import append_entry

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


def receiver(root: Path, address: str, brought: Brought) -> Receiver:
    """`address` is `2026-0007#e1`. Raises NotFound, Refused."""
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
            f"Все записи: papka show {number}.{may_be(entry, known)}",
        )
    theirs = brought.student
    if theirs is None:
        return Receiver(desk, student, enrolment, ())
    _refuse_stranger(student, theirs)
    ours = edition_of(desk.archive, enrolment)
    return Receiver(desk, student, enrolment, offers(brought.archive, theirs, ours))


def write_credit(  # noqa: PLR0913 - a credit is told exactly these
    root: Path,
    brought: Brought,
    to: Receiver,
    answers: bytes,
    name: str,
    *,
    now: dt.datetime,
    saving: Actor | None,
    dry_run: bool,
) -> Written:
    """The paper in the inventory and the credit, by the answers. Raises Refused."""
    if not brought.proof.is_proven:
        raise Refused(
            "Подлинность пакета не доказана, зачёт по нему не записывают",
            "Узнайте отпечаток ключа у самой организации и повторите: --fingerprint SHA256:…",
        )
    answered = decided(answers, name, to.offers)
    desk, number = to.desk, to.student.id
    paper, data = _paper(desk, brought)
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
    after = {paths["credits"]: _added(desk, "credits", credit)}
    if not _listed(to.student, paper["sha256"]):
        after[paths["documents"]] = _added(desk, "documents", paper)
    if before[place] is None:
        after[place] = data
    step = Step(before, after, (f"{number}#{credit['id']}", f"{number}#{paper['id']}"))
    return write(root, step, now=now, saving=saving, dry_run=dry_run)


def _refuse_stranger(ours: Student, theirs: Student) -> None:
    """Names change, days of birth do not."""
    days = [each.person.birth_date for each in (ours, theirs) if each.person]
    if len(days) == 2 and all(days) and days[0] != days[1]:
        raise Refused(
            f"День рождения в пакете и в деле {ours.id} разный: это разные люди",
            "Проверьте номер: --enrolment НОМЕР#e1; если ошибка в карточке — papka fix",
        )


def _refuse_again(to: Receiver, paper: str, subjects: set[str]) -> None:
    """Taken twice, a package changes nothing."""
    for credit in to.student.credits:
        again = subjects & {item.their_subject for item in credit.items}
        if credit.document == paper and credit.enrolment == to.enrolment.id and again:
            raise Refused(
                f"Решение по предмету «{min(again)}» уже есть: {to.student.id}#{credit.id}",
                "Исправить его: papka fix; остальное оставьте в файле ответов и повторите",
            )


def _listed(student: Student, digest: str) -> str | None:
    """The id of the inventory's line with this very file."""
    return next((each.id for each in student.documents if each.sha256 == digest), None)


def _paper(desk: Desk, brought: Brought) -> tuple[dict[str, Any], bytes]:
    """The inventory's line and the PDF it names: their certificate, else their personal file."""
    student, proof = brought.student, brought.proof
    assert student is not None
    assert proof.key is not None
    issued = _issued(brought)
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
            raise unfit(brought.name, "нет ни справки, ни личного дела в PDF")
        path = found[0]
        about = {"kind": "личное дело другой организации", "number": student.id}
        title = f"Личное дело, {brought.organization}"
    data = brought.files[path]
    if not data.startswith(b"%PDF-") or len(data) > LARGEST:
        raise unfit(brought.name, f"файл {path} — не PDF или слишком велик")
    digest = sha256(data).hexdigest()
    paper = {
        "id": _listed(desk.person, digest) or desk.next_id("d"),
        **about,
        "title": title,
        "medium": "только файл",
        "note": f"Из пакета личного дела, подпись верна: ключ {proof.key.fingerprint}",
        "file": f"{digest[:12]}.pdf",
        "sha256": digest,
        "original_name": path,
    }
    return paper, data


def _issued(brought: Brought) -> tuple[str, RegisterEntry] | None:
    """Path and entry of the paper that says most: the latest of the first series there is."""
    known, order = [], list(_SERIES)
    for key, entry in brought.archive.registers.items():
        year, _, name = key.rpartition("/")
        path = f"issued/{year.rpartition('/')[2]}/{name}.pdf"
        if entry.void is None and path in brought.files and entry.series in _SERIES:
            known.append((-order.index(entry.series), entry.date, path, entry))
    if not known:
        return None
    _, _, path, entry = max(known, key=lambda each: each[:3])
    return path, entry


def _added(desk: Desk, kind: str, entry: dict[str, Any]) -> bytes:
    path = student_file(desk.student, kind)
    data = desk.bytes_of(path)
    if data is not None:
        return append_entry(data, kind, entry)
    return new_file(path, SCHEMA_OF[kind], {kind: [entry]})
