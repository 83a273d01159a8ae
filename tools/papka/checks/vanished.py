"""What was declared before and is not now, and how the rules complain of it.

One thing that vanished makes every reference to it a finding; here they are told as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from papka.checks import references, unchanged_records
from papka.core.findings import Code, Finding, Location
from papka.core.lookalikes import describe_difference
from papka.core.phrases import agree, count_phrase
from papka.core.places import ORGANIZATION, RECORDS, STAFF, folder_around, program_file
from papka.records.archive import Archive
from papka.records.school import Edition
from papka.records.student import AnyEntry


@dataclass(slots=True)
class Gone:
    """A thing that vanished from `where`: how it is named, what the rules say of it.

    `said`: messages of references to it, with the folder they are of ("" for any); `same`: findings
    that state the vanishing itself, by code and message; `now`: the name it got instead.
    """

    what: str
    gender: str
    where: Location
    said: set[tuple[str, str]] = field(default_factory=set)
    same: set[tuple[str, str]] = field(default_factory=set)
    now: str = ""


def group(findings: Iterable[Finding], before: Archive | None, after: Archive) -> list[Finding]:
    """Tell references to one missing thing as one finding, at the place it vanished from."""
    left = list(findings)
    for gone in _merged(_list_gone(before, after)) if before is not None else ():
        left = _tell(left, gone)
    return _fold_removed(_fold_same(left))


def _merged(everything: Iterable[Gone]) -> Iterable[Gone]:
    """Put together what vanished from several editions of one file."""
    found: dict[tuple[str, str], Gone] = {}
    for gone in everything:
        first = found.setdefault((gone.what, gone.where.path), gone)
        if first is not gone:
            first.said |= gone.said
            first.same |= gone.same
    return found.values()


def _tell(findings: list[Finding], gone: Gone) -> list[Finding]:
    referring = [one for one in findings if _refers(one, gone)]
    same = [
        one
        for one in findings
        if any(one.code.name == name and one.message.startswith(said) for name, said in gone.same)
    ]
    if not referring:
        return findings
    count = len(referring)
    pronoun, ending = {"m": ("него", ""), "f": ("неё", "ла")}.get(gone.gender, ("него", "ло"))
    letters = describe_difference(gone.now, gone.what.partition("«")[2].rstrip("»"))
    cure = (
        f"Теперь здесь «{gone.now}»{f' ({letters})' if letters else ''}: верните прежнее имя"
        if gone.now
        else f"Верните, как было: papka undo {gone.where.path}"
    )
    refers = agree(count, "ссылается", "ссылаются", "ссылаются")
    told = replace(
        min(referring, key=lambda one: one.code.name),
        where=gone.where,
        message=f"{gone.what} исчез{ending}; на {pronoun} {refers} "
        + count_phrase(count, "запись", "записи", "записей"),
        hint=cure,
        related=tuple(one.where for one in referring[:3]),
    )
    apart = {*referring, *same}
    return [one for one in findings if one not in apart] + [told]


def is_of_gone(finding: Finding) -> bool:
    """Tell whether a finding says of many references that their one target vanished."""
    return finding.code.name.startswith("REF_UNKNOWN_") and " исчез" in finding.message


def _refers(finding: Finding, gone: Gone) -> bool:
    return any(
        finding.message == message and finding.where.path.startswith(folder)
        for message, folder in gone.said
    )


def _says(code: Code, **words: object) -> str:
    return code.says.format(**words)


def _list_gone(before: Archive, after: Archive) -> Iterator[Gone]:
    yield from _gone_from_school(before, after)
    yield from _gone_from_programs(before, after)
    for old, where, entry in unchanged_records.list_removed_entries(before, after):
        yield Gone(
            f"Запись {entry.id}", "f", where,
            {
                (_says(references.REF_UNKNOWN_ENTRY, name=entry.id), f"{old.folder}/"),
                (_says(references.REF_UNKNOWN_STUDENT, name=f"{old.id}#{entry.id}"), ""),
            },
            {(unchanged_records.ID_REMOVED.name,
              _says(unchanged_records.ID_REMOVED, id=entry.id))},
        )  # fmt: skip


def _gone_from_school(before: Archive, after: Archive) -> Iterator[Gone]:
    for code, kind, gender, old, new, path, pointer in (
        (references.REF_UNKNOWN_STAFF, "Сотрудник", "m", before.staff, after.staff,
         STAFF, "/staff"),
        (references.REF_UNKNOWN_PERIOD, "Период", "m", before.periods, after.periods,
         ORGANIZATION, "/periods"),
        (references.REF_UNKNOWN_GROUP, "Группа", "f", before.groups, after.groups,
         ORGANIZATION, "/groups"),
        (references.REF_UNKNOWN_SCALE, "Шкала", "f", before.scales, after.scales,
         ORGANIZATION, "/scales"),
        (references.REF_UNKNOWN_SERIES, "Серия", "f", before.series, after.series,
         ORGANIZATION, "/series"),
        (references.REF_UNKNOWN_EVENT, "Мероприятие", "n", before.events, after.events,
         f"{RECORDS}/events", "/events"),
    ):  # fmt: skip
        added = [name for name in new if name not in old]
        missing = [name for name in old if name not in new]
        for name in missing:
            at = f"{path}/{name.partition('/')[0]}.yaml" if kind == "Мероприятие" else path
            if not after.is_readable(at):
                continue
            now = added[0] if len(added) == len(missing) == 1 else ""
            same = set()
            if kind == "Шкала":
                changed = unchanged_records.SCALE_CHANGED
                same.add((changed.name, _says(changed, scale=name)))
            yield Gone(
                f"{kind} «{name}»", gender, Location(at, pointer),
                {(_says(code, name=name), "")}, same, now,
            )  # fmt: skip


def _gone_from_programs(before: Archive, after: Archive) -> Iterator[Gone]:
    for code, program in before.programs.items():
        new = after.programs.get(code)
        if new is None:
            continue
        for old in program.editions:
            edition = new.edition(old.edition)
            if edition is not None:
                yield from _gone_from_edition(code, old, edition, new.editions.index(edition))


def _gone_from_edition(code: str, old: Edition, new: Edition, at: int) -> Iterator[Gone]:
    words = {"program": code, "edition": old.edition}
    start = f"Редакция {old.edition} программы «{code}» изменена"
    for kind, pointer, had, has in (
        ("Часть", "parts", [p.part for p in old.parts], [p.part for p in new.parts]),
        ("Планируемый результат", "planned_results", [p.outcome for p in old.planned_results],
         [p.outcome for p in new.planned_results]),
    ):  # fmt: skip
        added = [name for name in has if name not in had]
        missing = [name for name in had if name not in has]
        for name in missing:
            now = added[0] if len(added) == len(missing) == 1 else ""
            index = has.index(now) if now else 0
            where = Location(program_file(code), f"/editions/{at}/{pointer}/{index}")
            said = (
                _says(references.REF_UNKNOWN_PART, **words, part=name)
                if kind == "Часть"
                else _says(references.REF_UNKNOWN_OUTCOME, **words, name=name)
            )
            gender = "f" if kind == "Часть" else "m"
            yield Gone(
                f"{kind} «{name}»", gender, where, {(said, "")},
                {(unchanged_records.USED_EDITION_CHANGED.name, start)}, now,
            )  # fmt: skip


def _fold_same(findings: list[Finding]) -> list[Finding]:
    """Tell the same complaint of one missing thing once, and how often it occurs."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    order: list[Finding | tuple[str, str, str]] = []
    for one in findings:
        if not one.code.name.startswith("REF_UNKNOWN_"):
            order.append(one)
            continue
        inside = one.code is references.REF_UNKNOWN_ENTRY
        folder = folder_around(one.where.path) if inside else ""
        key = (one.code.name, one.message, folder)
        if key not in groups:
            order.append(key)
        groups.setdefault(key, []).append(one)
    found = []
    for item in order:
        if isinstance(item, Finding):
            found.append(item)
            continue
        first, *rest = groups[item]
        found.append(first if not rest else _with_count(first, rest))
    return found


def _with_count(first: Finding, rest: list[Finding]) -> Finding:
    more = count_phrase(len(rest), "месте", "местах", "местах")
    return replace(
        first,
        message=f"{first.message} (так же ещё в {more})",
        related=tuple(one.where for one in rest[:3]),
    )


def _fold_removed(findings: list[Finding]) -> list[Finding]:
    """Tell several entries that vanished from one file as one finding."""
    removed: dict[str, list[Finding]] = {}
    for one in findings:
        if _id_in(one):
            removed.setdefault(one.where.path, []).append(one)
    folded: set[Finding] = set()
    told = []
    for path, lost in removed.items():
        if len(lost) < 2:
            continue
        folded.update(lost)
        ids = ", ".join(map(_id_in, lost))
        referred = any(one.code is not unchanged_records.ID_REMOVED for one in lost)
        used = "; на них ссылаются другие записи" if referred else ""
        told.append(
            replace(
                lost[0],
                code=unchanged_records.ID_REMOVED,
                message=f"Из файла исчезли записи: {ids}{used}",
                hint=f"Верните их: papka undo {path}. {unchanged_records.ID_REMOVED.hint}",
            )
        )
    return [one for one in findings if one not in folded] + told


_GONE_ENTRY = re.compile(r"Запись «?([a-z]\d+)»? (?:исчезла|была в деле и исчезла)")


def _id_in(finding: Finding) -> str:
    """Return the id of the entry that a finding says is gone; "" when it is of something else."""
    found = _GONE_ENTRY.match(finding.message)
    return found[1] if found else ""


def renumbered(before: Archive, after: Archive) -> Iterator[tuple[Location, str, str]]:
    """Yield the place of an id that was changed, the id before and now."""
    for student_id, old in before.students.items():
        new = after.students.get(student_id)
        if new is None:
            continue
        had = {entry.id for entry in old.entries()}
        kept = {entry.id for entry in new.entries()}
        lost = [entry for entry in old.entries() if entry.id not in kept]
        fresh = [entry for entry in new.entries() if entry.id and entry.id not in had]
        for entry in fresh:
            same = [one for one in lost if _without_id(one) == _without_id(entry)]
            if len(same) == 1 and same[0].id and entry.id:
                yield new.where(entry, "id"), same[0].id, entry.id


def _without_id(entry: AnyEntry) -> object:
    values = {name: getattr(entry, name) for name in entry.__struct_fields__ if name != "id"}
    return type(entry).__name__, values
