"""Who heads the school on a day, who signs in the head's place, what the school says of itself.

What changed is told by `former` of organization.yaml: what was otherwise until a day. Somebody who
acts for the head signs in the term that staff.yaml gives, by an order or a power of attorney. A
sole trader holds no post that anybody could fill: such a school is represented, not headed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgspec.structs import asdict
from msgspec.structs import replace as changed

from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.in_force import days_after
from papka.records.name_cases import post_genitive
from papka.records.school import ActingTerm, Licence, Organization
from papka.records.wording import NBSP


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs for the school: `post` and `name` as below a paper.

    `basis`: «приказ № 12-к от 25.06.2026» of one who acts for the head, empty of the head.
    """

    staff: str
    post: str
    name: str
    basis: str = ""


def school_on(school: Organization, day: dt.date) -> Organization:
    """Return the organization as it was on a day; a licence that does not hold then is left out."""
    found = school
    for past in sorted(school.former, key=lambda past: past.until, reverse=True):
        if past.until >= day:
            told = {name: value for name, value in asdict(past).items() if value is not None}
            del told["until"]
            found = changed(found, **told)
    licence = found.licence
    return changed(found, licence=licence if licence and licence.holds_on(day) else None)


def licence_on(school: Organization, day: dt.date) -> Licence | None:
    """Return the licence named for a day, held or not."""
    later = [past for past in school.former if past.until >= day and past.licence is not None]
    return min(later, key=lambda past: past.until).licence if later else school.licence


def term_on(archive: Archive, day: dt.date) -> tuple[str, ActingTerm] | None:
    """Return who acts for the head on a day, and the term."""
    for member in archive.staff.values():
        for term in member.acting:
            if term.has(day):
                return member.id, term
    return None


def signatory_on(archive: Archive, day: dt.date, staff: str | None = None) -> Signatory | None:
    """Return who signs for the school on a day: the head, or who acts for the head.

    With `staff` that person's right to sign; None for one who may not, and without a school.
    """
    school = archive.organization
    if school is None:
        return None
    then = school_on(school, day)
    acting = term_on(archive, day)
    if acting is not None and staff in (None, acting[0]):
        who, term = acting
        basis = _name_basis(term)
        return Signatory(who, _acting_post(then, term, basis), wording.staff(archive, who), basis)
    if staff not in (None, then.head):
        return None
    return Signatory(then.head, then.head_post, wording.staff(archive, then.head))


def _name_basis(term: ActingTerm) -> str:
    return f"{term.basis} {wording.number(term.number)} от{NBSP}{wording.day(term.date)}"


def _acting_post(school: Organization, term: ActingTerm, basis: str) -> str:
    """Return «И. о. директора»; by a power of attorney that too, as the law asks, is named."""
    by_attorney = term.basis == "доверенность"
    attorney = f" по{NBSP}доверенности{basis.removeprefix(term.basis)}" if by_attorney else ""
    if school.is_sole_trader:
        return f"Представитель{attorney}"
    return f"И.{NBSP}о. {post_genitive(school.head_post) or 'руководителя'}{attorney}"


def list_heads(school: Organization) -> Iterator[tuple[str, dt.date | None, dt.date | None]]:
    """Yield the heads in their order, each from the first to the last day; None: without end."""
    since: dt.date | None = None
    ends = sorted({past.until for past in school.former if past.head is not None})
    for until in ends:
        yield school_on(school, until).head, since, until
        since = days_after(until, 1)
    yield school.head, since, None


def last_turn(archive: Archive, day: dt.date) -> dt.date | None:
    """Return the last day, up to this one, from which another signs or the school is called or
    placed otherwise; None when nothing has changed yet."""
    school = archive.organization
    ends: Iterable[dt.date] = [past.until for past in school.former] if school else ()
    terms = [term for member in archive.staff.values() for term in member.acting]
    turns = [days_after(until, 1) for until in (*ends, *(term.until for term in terms))]
    return max((each for each in (*turns, *(t.since for t in terms)) if each <= day), default=None)
