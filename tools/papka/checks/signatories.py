"""Rules about who signs for the school: on each day somebody does, and papers were signed by that.

Heads follow one another by `former` of organization.yaml and work by the days of staff.yaml; who
acts for the head does so in a term, by a paper. What an archive says of its past may be filled in
late, so what only contradicts a paper warns; terms of which two hold at once are an error.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import ORGANIZATION, RECORDS, STAFF, order_file, record_file
from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.leadership import (
    licence_on,
    list_heads,
    school_on,
    signatory_on,
    term_on,
)

SIGNED_BY_ANOTHER = Code(
    "SIGNED_BY_ANOTHER",
    Severity.WARNING,
    says="{date} за организацию подписывает {head}, а здесь подписал {signer}{more}",
    hint="Руководитель с тех пор сменился — впишите прежнего в former файла "
    "records/organization.yaml; подписал замещавший — впишите его срок в acting файла "
    "records/staff.yaml",
    why="Приказ и утверждение подписывает руководитель этого дня или тот, кто по приказу или "
    "доверенности его замещал. Руководителя дня программа берёт из organization.yaml.",
)
HEAD_ABSENT = Code(
    "HEAD_ABSENT",
    Severity.WARNING,
    says="{when} подписывать за организацию некому: {head} в эти дни не работал",
    hint="Проверьте until в former (records/organization.yaml) и since, until сотрудников; если "
    "руководителя замещали, впишите срок в acting файла records/staff.yaml",
    why="Руководители сменяют друг друга без промежутка: бумагу дня, в который руководителя нет, "
    "подписать некому.",
)
NO_HEAD_THAT_DAY = Code(
    "NO_HEAD_THAT_DAY",
    Severity.WARNING,
    says="В день документа ({date}) руководитель {head} не работал, и его никто не замещал",
    hint="Проверьте дату документа, since и until руководителя в records/staff.yaml и former в "
    "records/organization.yaml",
    why="Выданный документ подписал руководитель своего дня или тот, кто его замещал.",
)
TERMS_OVERLAP = Code(
    "TERMS_OVERLAP",
    Severity.ERROR,
    says="Два срока об одном и том же дне {date}: непонятно, какому верить",
    hint="Оставьте на каждый день один: измените since или until",
    why="В каждый день за руководителя подписывает один человек, и у организации одни реквизиты.",
)
ACTING_BY_ORDER = Code(
    "ACTING_BY_ORDER",
    Severity.WARNING,
    says="Предпринимателя замещают по доверенности, а здесь назван приказ",
    hint="Выдайте доверенность и впишите её: basis: доверенность, номер и дата",
    why="Индивидуальный предприниматель — сам человек, должности у него нет: исполнять её некому, "
    "а действовать от его имени даёт право доверенность (ГК, ст. 185).",
)
LICENCE_ENDED = Code(
    "LICENCE_ENDED",
    Severity.WARNING,
    says="В день документа ({date}) лицензия {number} уже не действовала: последний день {until}",
    hint="Проверьте licence в records/organization.yaml; новую впишите туда, прежнюю — в former",
    why="Документ об обучении выдают, пока лицензия действует.",
)
_DAY = dt.timedelta(days=1)


def check_signers(archive: Archive) -> Iterator[Finding]:
    """Orders, approvals and acts of destruction are signed by the head of their day, or who acted.

    Papers of one signer have one cause, a change of head not written down: they are told at once.
    """
    signed = [
        (order_file(key), order.signed_by, order.date) for key, order in archive.orders.items()
    ]
    signed += [
        (f"{RECORDS}/approvals/{key}.yaml", act.signed_by, act.date)
        for key, act in archive.approvals.items()
    ]
    signed += [
        (record_file("act", key) or "", act.signed_by, act.date)
        for key, act in archive.destruction_acts.items()
    ]
    others: dict[tuple[str, str], list[tuple[dt.date, Location]]] = {}
    for path, signer, date in signed:
        head = signatory_on(archive, date)
        known = head is not None and {head.staff, signer} <= archive.staff.keys()
        if head and known and signatory_on(archive, date, signer) is None:
            where = Location(path, "/signed_by")
            others.setdefault((head.staff, signer), []).append((date, where))
    for (head_id, signer), papers in others.items():
        (date, where), *more = sorted(papers, key=lambda paper: paper[0])
        yield SIGNED_BY_ANOTHER.at(
            where, date=wording.day(date), head=head_id, signer=signer,
            more=f"; таких бумаг {len(papers)}" if more else "", related=[at for _, at in more],
        )  # fmt: skip


HEADS_IN_OFFICE_BRANCHES = ("left early", "came late", "document")


def check_heads_in_office(archive: Archive) -> Iterator[Finding]:
    """Heads follow each other without a gap, and issued documents were signed by one in office."""
    school = archive.organization
    if school is None:
        return
    pointers = {past.until: f"/former/{at}/until" for at, past in enumerate(school.former)}
    for head, since, until in list_heads(school):
        member = archive.staff.get(head)
        where = Location(ORGANIZATION, pointers[until] if until else "/head")
        if member and since and member.since and since < member.since:
            yield from _report_absence(archive, head, since, member.since - _DAY, where)
        if member and until and member.until and member.until < until:
            yield from _report_absence(archive, head, member.until + _DAY, until, where)
    for key, entry in archive.registers.items():
        head = school_on(school, entry.date).head
        member = archive.staff.get(head)
        if member and not member.works_on(entry.date) and term_on(archive, entry.date) is None:
            where = Location(f"{RECORDS}/registers/{key}.yaml", "/date")
            yield NO_HEAD_THAT_DAY.at(where, date=wording.day(entry.date), head=head)


def _report_absence(
    archive: Archive, head: str, since: dt.date, until: dt.date, where: Location
) -> Iterator[Finding]:
    """Report the days left over when those on which somebody acts are passed over."""
    day = since
    while day <= until and (acting := term_on(archive, day)):
        if acting[1].until >= until:
            return
        day = acting[1].until + _DAY
    if day <= until:
        when = wording.day(day) if day == until else f"С {wording.day(day)} по {wording.day(until)}"
        yield HEAD_ABSENT.at(where, when=when, head=head)


TERMS_APART_BRANCHES = ("acting", "former")


def check_terms_apart(archive: Archive) -> Iterator[Finding]:
    """On each day at most one person acts for the head, and one entry tells what was until then."""
    terms = sorted(
        (term.since, term.until, f"/staff/{at}/acting/{number}/since")
        for at, member in enumerate(archive.staff_list)
        for number, term in enumerate(member.acting)
    )
    last = dt.date.min
    for since, until, pointer in terms:
        if since <= last:
            yield TERMS_OVERLAP.at(Location(STAFF, pointer), date=wording.day(since))
        last = max(last, until)
    seen: set[dt.date] = set()
    for at, past in enumerate(archive.organization.former if archive.organization else ()):
        if past.until in seen:
            where = Location(ORGANIZATION, f"/former/{at}/until")
            yield TERMS_OVERLAP.at(where, date=wording.day(past.until))
        seen.add(past.until)


def check_acting_basis(archive: Archive) -> Iterator[Finding]:
    """A sole trader is represented by a power of attorney, never by an order."""
    for at, member in enumerate(archive.staff_list):
        for number, term in enumerate(member.acting):
            school = archive.organization
            if term.basis == "приказ" and school and school_on(school, term.since).is_sole_trader:
                yield ACTING_BY_ORDER.at(Location(STAFF, f"/staff/{at}/acting/{number}/basis"))


def check_licence(archive: Archive) -> Iterator[Finding]:
    """A document is issued while the licence of its day holds."""
    for key, entry in archive.registers.items():
        licence = licence_on(archive.organization, entry.date) if archive.organization else None
        if licence and licence.until and licence.until < entry.date:
            yield LICENCE_ENDED.at(
                Location(f"{RECORDS}/registers/{key}.yaml", "/date"),
                date=wording.day(entry.date),
                number=licence.number,
                until=wording.day(licence.until),
            )
