"""The act of approval on paper: every entry it lists; a supplementary one with old and new values.

It says what the signed list says, so that the head puts a hand under the same words that the key
signed (R-5.6, R-6.7): a closing act person by person, one before the closing or after it entry by
entry. An act without a list says so. An entry that is not any more what was approved is shown as
such, never with its present value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from papka.core.errors import NotFound
from papka.core.phrases import grouped, natural_key, suggest
from papka.core.places import period_of_act
from papka.paper.form import (
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    letterhead,
    of_head,
    page,
)
from papka.records.acts import Approval, ApprovalException
from papka.records.approval_words import word_late_entry
from papka.records.approved_entries import read_list, word_ids
from papka.records.archive import Archive
from papka.records.derived.approvals import acts_of, entries_of, judge_period
from papka.records.derived.in_force import person_on
from papka.records.derived.result_facts import enrolment_of, part_of
from papka.records.wording import (
    ENTRIES,
    NBSP,
    NONE,
    act_words,
    counted,
    day,
    long_day,
    number,
    program,
    title_of,
)

_CLOSING = "об утверждении результатов и закрытии периода"
_LATER = "дополнительный, об утверждении внесённого после закрытия периода"
_EARLY = "об утверждении результатов до закрытия периода"
_CHANGED = "запись больше не та, что утверждена"


@dataclass(frozen=True, slots=True)
class ApprovedRow:
    """A person of the act that closes a period, and the entries approved."""

    number: str
    case: str
    name: str
    entries: str
    count: str


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """An entry of an act that does not close: what stood, what stands, why."""

    number: str
    entry: str
    name: str
    part: str
    old: str
    new: str
    why: str


@dataclass(frozen=True, slots=True)
class ApprovalAct:
    """`rows` of a closing act, or `changes` of any other, where `has_old` values that stood before;
    `accepted`: what was lacking and accepted; `digest`: of the list in the archive, empty for an
    act without one."""

    page: Page
    letterhead: Letterhead
    date: str
    key: str
    heading: str
    period: str
    text: str
    rows: tuple[ApprovedRow, ...]
    changes: tuple[ChangedRow, ...]
    has_old: bool
    total: str
    accepted: tuple[str, ...]
    digest: str
    signature: SignatureLine


def view(state: State, address: str) -> ApprovalAct:
    """Word the act of this key. Raise NotFound."""
    archive = state.archive
    act = archive.approvals.get(address)
    if act is None:
        raise NotFound(
            f"Акта утверждения «{address}» нет",
            f"Его составляет papka period close.{suggest(address, _list_acts(archive))}",
        )
    approved = dict(_list_approved(archive, address, act))
    is_first = period_of_act(address) == address
    title = title_of(archive, act.period)
    entries = counted(sum(map(len, approved.values())), ENTRIES)
    changes = () if is_first else tuple(_list_changes(archive, address, act, approved))
    return ApprovalAct(
        page=page(state, f"Акт утверждения результатов {address}"),
        letterhead=letterhead(archive, act.date),
        date=long_day(act.date),
        key=address,
        heading=_CLOSING if is_first else _EARLY if act.is_early else _LATER,
        period=title,
        text=_write_text(archive, act, is_first=is_first),
        rows=tuple(_list_rows(archive, act, approved)) if is_first else (),
        changes=changes,
        has_old=any(each.old != NONE for each in changes),
        total=f"Всего утверждено: {entries}, личных дел: {len(approved)}.",
        accepted=tuple(_name_exception(archive, act, each) for each in act.exceptions),
        digest=" ".join(grouped(act.entries)) if act.entries else "",
        signature=of_head(archive, act.date, staff_id=act.signed_by),
    )


def _write_text(archive: Archive, act: Approval, *, is_first: bool) -> str:
    if act.is_early:
        return (
            "До закрытия периода утверждены перечисленные записи. Период этот акт не закрывает и "
            "ничего другого в нём не утверждает."
        )
    if not is_first:
        closing = archive.approvals.get(act.period)
        since = f", закрытого {day(closing.date)}" if closing else ""
        return (
            f"Утверждены перечисленные записи, внесённые в архив после закрытия периода{since}. "
            "Ничего другого этот акт не утверждает."
        )
    early = [
        act_words(key, each)
        for key in acts_of(archive, act.period)
        if (each := archive.approvals[key]).is_early
    ]
    if early and act.entries is None:
        return f"Все записи периода утверждены до закрытия: {', '.join(early)}. Период закрыт."
    if early:
        return (
            "Утверждены записи о результатах, перечисленные ниже; другие утверждены до закрытия: "
            f"{', '.join(early)}. Период закрыт."
        )
    if act.entries is None:
        return (
            "Утверждено всё, что стояло в архиве за период в день этого акта. Списка записей при "
            "акте нет: ниже то из утверждённого, что стоит и сейчас."
        )
    return "Утверждены записи о результатах, перечисленные ниже. Период закрыт."


def _list_approved(archive: Archive, key: str, act: Approval) -> Iterator[tuple[str, list[str]]]:
    """Yield personal file -> ids of its entries that the act names."""
    listed = archive.approval_lists.get(key)
    if act.entries is not None:
        for line in read_list(listed.data) if listed else ():
            yield line.student, list(line.ids)
        return
    for student in archive.students.values():
        held = judge_period(archive, student, act.period).held
        if ids := sorted((id_ for id_, by in held.items() if by == key), key=natural_key):
            yield student.id, ids


def _list_rows(
    archive: Archive, act: Approval, approved: dict[str, list[str]]
) -> Iterator[ApprovedRow]:
    for at, (student, ids) in enumerate(approved.items(), 1):
        spans = word_ids(ids).replace("r", "").replace("-", "–").replace(" ", ", ")
        yield ApprovedRow(str(at), number(student), _name(archive, student, act), spans,
                          str(len(ids)))  # fmt: skip


def _list_changes(
    archive: Archive, key: str, act: Approval, approved: dict[str, list[str]]
) -> Iterator[ChangedRow]:
    at = 0
    for student_id, ids in approved.items():
        student = archive.students.get(student_id)
        now = entries_of(student, act.period) if student else {}
        held = judge_period(archive, student, act.period).held if student else {}
        for id_ in ids:
            at += 1
            entry = f"{number(student_id)}, запись{NBSP}{id_.lstrip('r')}"
            name = _name(archive, student_id, act)
            if student is None or held.get(id_) != key:
                yield ChangedRow(str(at), entry, name, NONE, NONE, _CHANGED, NONE)
                continue
            words = word_late_entry(archive, student, now[id_])
            part = f"{words.part}, {words.date}"
            why = "; ".join(each for each in (words.why, words.teacher) if each != NONE)
            yield ChangedRow(str(at), entry, name, part, words.old, words.new, why or NONE)


def _name(archive: Archive, student_id: str, act: Approval) -> str:
    """Name the person as on the day of the act; a dash when the file is destroyed."""
    student = archive.students.get(student_id)
    if student is None or student.person is None:
        return NONE
    return person_on(student.person, act.date).name.full


def _name_exception(archive: Archive, act: Approval, each: ApprovalException) -> str:
    words = ", ".join(_name_lack(archive, act, each))
    reason = each.reason.rstrip(". ")
    return f"{each.kind}: {words} — {reason}." if words else f"{reason}."


def _name_lack(archive: Archive, act: Approval, each: ApprovalException) -> Iterator[str]:
    """Yield whom and what was lacking, in words: person, programme, part; export and row."""
    if each.student:
        student_id, _, enrolment_id = each.student.partition("#")
        yield f"{_name(archive, student_id, act)}, личное дело {number(student_id)}"
        student = archive.students.get(student_id)
        enrolment = enrolment_of(student, enrolment_id) if student else None
        if enrolment:
            yield program(archive, enrolment)
        if each.part:
            part = part_of(archive, enrolment, each.part)
            yield part.title if part else each.part
    if each.export:
        yield f"выгрузка {number(each.export)}"
    if each.row:
        yield f"строка{NBSP}{each.row}"


def _list_acts(archive: Archive) -> Iterable[str]:
    return sorted(archive.approvals, key=natural_key)


FORM = PrintedForm(
    name="approval-act",
    title="Акт утверждения результатов",
    target="период",
    view=view,
    targets=_list_acts,
)
