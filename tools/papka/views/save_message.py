"""The message of a save, from the change itself: ids and kinds only, never a person's data (R-1.3).

A subject for lists of history, then one line a folder or file with the entries added and changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from papka.core.layout import place
from papka.model.student import Student

_SUBJECT_WIDTH = 72
_KINDS = {
    "student": "карточка",
    "enrolments": "зачисления",
    "results": "результаты",
    "credits": "зачёт",
    "awards": "поощрения",
    "consents": "согласия",
    "documents": "опись",
    "notices": "уведомления",
    "diagnostics": "диагностика",
    "needs": "особые потребности",
    "attachment": "сканы",
    "raw": "строки выгрузки",
    "order": "приказ",
    "program": "программа",
    "events": "мероприятия",
    "register": "реестр",
    "approval": "утверждение",
    "organization": "сведения о школе",
    "staff": "сотрудники",
    "platform": "платформа",
    "regulation": "локальный акт",
    "media": "носители",
    "allowed-signers": "ключи",
    "acceptance": "принятие",
}


def save_message(
    before: Mapping[str, Student], after: Mapping[str, Student], changed: Iterable[str]
) -> str:
    """Subject, blank line, details. `before` and `after`: the personal files touched, by number;
    `changed` are all paths of the save."""
    folders: dict[str, list[str]] = {}
    others: list[str] = []
    for path in sorted(changed):
        found = place(path)
        if found is not None and found.student:
            kinds = folders.setdefault(found.student, [])
            name = _KINDS.get(found.kind)
            label = f"{name} {found.key}" if found.kind == "results" else name
            if label and label not in kinds:
                kinds.append(label)
        elif found is not None:
            name = _KINDS.get(found.kind, found.kind)
            others.append(f"{name} {found.key}".strip())
        else:
            others.append(path)
    heads = [f"{student}: {', '.join(kinds) or 'соль'}" for student, kinds in folders.items()]
    details = []
    for student, line in zip(folders, heads, strict=True):
        entries = _entries(before.get(student), after.get(student))
        details.append(f"{line}{entries}")
    return _subject(heads, list(folders), others) + "\n\n" + "\n".join([*details, *others]) + "\n"


def _subject(heads: list[str], students: list[str], others: list[str]) -> str:
    everything = [*heads, *others]
    subject = "; ".join(everything)
    if len(subject) <= _SUBJECT_WIDTH:
        return subject
    if len(students) == 1 and not others:
        return subject[: _SUBJECT_WIDTH - 1] + "…"
    parts = []
    if students:
        parts.append(f"личные дела: {len(students)}")
    if others:
        parts.append(f"прочие записи: {len(others)}")
    return "; ".join(parts).capitalize()


def _entries(before: Student | None, after: Student | None) -> str:
    """« (+r12 r13, изменены r3)» for one folder."""
    old = {entry.id: entry for entry in before.entries()} if before else {}
    new = {entry.id: entry for entry in after.entries()} if after else {}
    added = [str(id_) for id_ in new if id_ not in old]
    altered = [str(id_) for id_ in new if id_ in old and new[id_] != old[id_]]
    parts = []
    if added:
        parts.append(f"+{' '.join(added)}")
    if altered:
        parts.append(f"изменены {' '.join(altered)}")
    return f" ({', '.join(parts)})" if parts else ""
