"""Rules about acts of approval: each list of entries is bound to its act and names what is there.

A list outlives personal files: of a file that an act destroyed nothing is said. Whether an entry
stands as it was approved is judged by the pin of its line (`records/approved_entries`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import act_key, period_of_act, record_file
from papka.records.acts import Approval
from papka.records.approved_entries import (
    ApprovedLine,
    ApprovedList,
    BadList,
    pin,
    read_list,
    word_ids,
)
from papka.records.archive import Archive
from papka.records.derived.approvals import acts_of, entries_of, stands_but_for_marks
from papka.records.student import Result, Student

APPROVAL_LIST_WRONG = Code(
    "APPROVAL_LIST_WRONG",
    Severity.ERROR,
    says="Список утверждённых записей {act}: {what}",
    hint="Верните файл из истории: git checkout HEAD -- {path}; список пишут только papka period "
    "close и papka period approve",
    why="Руководитель подписал акт вместе со списком; другой список утвердил бы не то, что он "
    "видел (п. 5.6 Порядка).",
)
APPROVAL_ENTRY_WRONG = Code(
    "APPROVAL_ENTRY_WRONG",
    Severity.ERROR,
    says="Акт {act} утверждает {address}, но {what}",
    hint="Верните прежнее из истории; исправляют утверждённое новой записью: papka fix "
    "НОМЕР#ЗАПИСЬ ПОЛЕ=ЗНАЧЕНИЕ, и её утверждает дополнительный акт: papka period approve {period}",
    why="Утверждено то, что стояло в день акта; под его именем не может стоять другое (пп. 5.6, "
    "6.7 Порядка).",
)
APPROVAL_ACT_OUT_OF_ORDER = Code(
    "APPROVAL_ACT_OUT_OF_ORDER",
    Severity.ERROR,
    says="Акт утверждения {act}: {what}",
    hint="Верните акты из истории; закрывает период только papka period close {period}, а записи "
    "до закрытия и после него утверждает papka period approve {period}",
    why="Акты одного периода идут подряд: до закрытия, о закрытии, после него; и каждый, кроме "
    "закрывающего, называет записи, которые утверждает: иначе видно не всё, что утвердил "
    "руководитель (п. 5.6 Порядка).",
)


def check_acts_in_order(archive: Archive) -> Iterator[Finding]:
    """An act before or after the closing follows the act before it, and has a list (R-5.6)."""
    known = {
        key
        for period in {period_of_act(key) for key in archive.approvals}
        for key in acts_of(archive, period)
    }
    for key, act in archive.approvals.items():
        period = period_of_act(key)
        # `check_placement` reports another period
        if act.period == period and (what := _find_disorder(archive, key, act, known)):
            path = record_file("approval", key) or ""
            yield APPROVAL_ACT_OUT_OF_ORDER.at(Location(path), act=key, what=what, period=period)


def _find_disorder(archive: Archive, key: str, act: Approval, known: Collection[str]) -> str:
    """Say why an act does not stand where it should; "" when it does."""
    period = act.period
    if key == period:
        return "он закрывает период, а дня закрытия (closed) в нём нет" if act.is_early else ""
    number = int(key.removeprefix(f"{period}-"))
    earlier = [act_key(period, at) for at in range(int(act.is_early), number)]
    if key not in known:
        if not all(archive.is_readable(record_file("approval", each) or "") for each in earlier):
            return ""
        is_there = all(each in archive.approvals for each in earlier)
        return "он составлен до закрытия, а стоит после" if is_there else "акта перед ним нет"
    if act.entries is None:
        return "списка записей он не называет"
    closing = archive.approvals.get(period)
    if act.is_early and closing is not None and act.date > closing.date:
        return f"он составлен до закрытия, а период закрыт раньше, {closing.date:%d.%m.%Y}"
    return ""


def check_lists_bound(archive: Archive) -> Iterator[Finding]:
    """A list of approved entries is the very one that its act was signed with (R-5.6)."""
    is_whole = archive.folders <= archive.students.keys() | archive.trusted
    for key, act in archive.approvals.items():
        listed = archive.approval_lists.get(key)
        if act.entries is not None and listed is None:
            yield _report_list(key, "его нет, а акт его называет")
        elif listed is not None and listed.digest != act.entries:
            yield _report_list(key, "не тот, с которым подписан акт")
        elif listed is not None and is_whole:
            yield from _judge_spelling(archive, key, listed)
    for key in archive.approval_lists:
        if key not in archive.approvals and archive.is_readable(record_file("approval", key) or ""):
            yield _report_list(key, "нет акта, который его называет")


def _judge_spelling(archive: Archive, key: str, listed: ApprovedList) -> Iterator[Finding]:
    try:
        lines = read_list(listed.data)
    except BadList as error:
        yield _report_list(key, error.reason, error.line)
        return
    for at, line in enumerate(lines, 1):
        is_there = line.student in archive.students or line.student in archive.trusted
        if not is_there and not archive.destroyed.of_student(line.student):
            yield _report_list(key, f"дела {line.student} нет", at)


def _report_list(key: str, what: str, line: int | None = None) -> Finding:
    path = record_file("approval-entries", key) or ""
    where = Location(path, line=line) if line else Location(path)
    return APPROVAL_LIST_WRONG.at(where, act=key, what=what, path=path)


def check_approved_entries(archive: Archive) -> Iterator[Finding]:
    """An approved entry stands in its period as it was approved, by one act (R-5.6, R-6.7)."""
    if not archive.approval_lists:
        return
    for period in archive.periods:
        acts = [key for key in acts_of(archive, period) if key in archive.approval_lists]
        for student in archive.students.values() if acts else ():
            yield from _judge_student(archive, student, period, acts)


def _judge_student(
    archive: Archive, student: Student, period: str, acts: list[str]
) -> Iterator[Finding]:
    now = entries_of(student, period)
    held: dict[str, str] = {}
    for key in acts:
        line = archive.approval_lists[key].line_of(student.id)
        if line is None:
            continue
        for id_, what in _judge_line(student, now, line, held):
            path = record_file("approval-entries", key) or ""
            address = f"{student.id}#{id_}"
            yield APPROVAL_ENTRY_WRONG.at(
                Location(path), act=key, address=address, what=what, period=period
            )
        # what was marked as a mistake since is another content, and may be approved as such
        held |= {id_: key for id_ in line.ids if id_ in now and now[id_].void is None}


def _judge_line(
    student: Student, now: Mapping[str, Result], line: ApprovedLine, held: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for id_ in line.ids:
        if id_ in held:
            yield id_, f"её уже утвердил акт {held[id_]}"
        elif id_ not in now:
            yield id_, _find_elsewhere(student, id_)
    entries = [now[id_] for id_ in line.ids if id_ in now]
    if len(entries) < len(line.ids) or pin(student.salt, entries) == line.pin:
        return
    if not stands_but_for_marks(student.salt, entries, line):
        some = "эту запись" if len(line.ids) == 1 else "какую-то из этих записей"
        yield word_ids(line.ids), f"с тех пор {some} изменили"


def _find_elsewhere(student: Student, id_: str) -> str:
    for other in sorted(student.periods):
        if id_ in entries_of(student, other):
            return f"она стоит в периоде {other}"
    return "в деле её нет"
