"""Staff, groups, periods, platforms and purposes that records name are declared."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from papka.checks.naming import unknown
from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION, RECORDS, STAFF, order_file
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    yield from _staff(archive)
    school_known = archive.is_readable(ORGANIZATION)
    for student in archive.students.values():
        if school_known:
            yield from _declared(archive, student)
        yield from _platforms(archive, student)


def _staff(archive: Archive) -> Iterator[Finding]:
    if not archive.is_readable(STAFF):
        return
    named: list[tuple[str | None, Location]] = []
    if archive.organization is not None:
        named.append((archive.organization.head, Location(ORGANIZATION, "/head")))
        named += [
            (group.teacher, Location(ORGANIZATION, f"/groups/{index}/teacher"))
            for index, group in enumerate(archive.organization.groups)
        ]
    named += [
        (order.signed_by, Location(order_file(key), "/signed_by"))
        for key, order in archive.orders.items()
    ]
    named += [
        (approval.signed_by, Location(f"{RECORDS}/approvals/{key}.yaml", "/signed_by"))
        for key, approval in archive.approvals.items()
    ]
    for name, where in named:
        yield from unknown(codes.REF_UNKNOWN_STAFF, name, archive.staff, partial(_same, where))
    for student in archive.students.values():
        for results in student.periods.values():
            for result in results:
                if result.assessed_by is not None and result.assessed_by not in archive.staff:
                    yield from unknown(
                        codes.REF_UNKNOWN_STAFF,
                        result.assessed_by,
                        archive.staff,
                        partial(student.where, result, "assessed_by"),
                    )


def _same(where: Location) -> Location:
    return where


def _declared(archive: Archive, student: Student) -> Iterator[Finding]:
    for enrolment in student.enrolments:
        where = partial(student.where, enrolment, "group")
        yield from unknown(codes.REF_UNKNOWN_GROUP, enrolment.group, archive.groups, where)
    for period in student.periods:
        place = Location(f"{student.folder}/results/{period}.yaml", "/period")
        yield from unknown(codes.REF_UNKNOWN_PERIOD, period, archive.periods, partial(_same, place))
    for notice in student.notices:
        where = partial(student.where, notice, "period")
        yield from unknown(codes.REF_UNKNOWN_PERIOD, notice.period, archive.periods, where)
    for consent in student.consents:
        purpose = archive.purposes.get(consent.purpose)
        editions = [item.edition for item in purpose.editions] if purpose else []
        if consent.edition not in editions:
            known = editions if purpose else archive.purposes
            yield codes.REF_UNKNOWN_PURPOSE.at(
                student.where(consent, "edition" if purpose else "purpose"),
                name=consent.purpose,
                edition=consent.edition,
                may_be=may_be(consent.edition if purpose else consent.purpose, known),
            )


def _platforms(archive: Archive, student: Student) -> Iterator[Finding]:
    for index, account in enumerate(student.person.accounts if student.person else ()):
        path = f"{RECORDS}/platforms/{account.platform}.yaml"
        if archive.is_readable(path):
            where = partial(student.where, student.person, "accounts", index, "platform")
            yield from unknown(
                codes.REF_UNKNOWN_PLATFORM, account.platform, archive.platforms, where
            )
