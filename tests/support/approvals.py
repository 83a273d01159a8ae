"""Acts of approval with their lists, built as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from msgspec.structs import replace as changed

from papka.records.acts import Approval
from papka.records.approved_entries import ApprovedLine, ApprovedList, pin, write_list
from papka.records.archive import Archive
from papka.records.student import Result
from tests.support.derived import SCHOOL, day

ACT = Approval(period="2026-1", closed=day("2026-06-15"), signed_by="s001")


EARLY = changed(ACT, closed=None, approved=day("2026-05-29"))


def with_acts(
    acts: Mapping[str, Iterable[Result]],
    school: Archive = SCHOOL,
    *,
    student: str = "2026-0001",
    early: Iterable[str] = (),
) -> Archive:
    """The school with acts that list these entries of one student, who has no salt; those `early`
    were made before the closing."""
    lists, made = {}, {}
    for key, entries in acts.items():
        named = tuple(entries)
        ids = tuple(each.id for each in named if each.id)
        lists[key] = ApprovedList(write_list([ApprovedLine(student, ids, pin(None, named))]))
        made[key] = changed(EARLY if key in early else ACT, entries=lists[key].digest)
    return replace(school, approvals=made, approval_lists=lists, stood=lambda *_: None)
