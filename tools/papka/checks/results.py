"""Rules about results: marks and scales, re-sits and corrections, events they came from."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import ORGANIZATION, place
from papka.records.archive import Archive
from papka.records.derived.result_facts import edition_of, enrolment_of, scale_of
from papka.records.school import Scale
from papka.records.student import AnyEntry, Mark, Result, Student

SCALE_ORDER = Code(
    "SCALE_ORDER",
    Severity.ERROR,
    says="Шкала «{scale}»: проходные отметки ({passing}) — не последние в списке marks",
    hint="Перечислите marks от низшей к высшей: сперва непроходные, в конце проходные",
    why="По порядку отметок судят, выше или ниже новая отметка прежней: перевёрнутый список "
    "печатает успех как падение (п. 2.2.4 Порядка).",
)
MARK_NOT_ON_SCALE = Code(
    "MARK_NOT_ON_SCALE",
    Severity.ERROR,
    says="На шкале «{scale}» нет отметки {mark}",
    hint="Отметки этой шкалы: {marks}, а также «не аттестован»",
    why="Отметка ставится по шкале части программы и не переводится в другую (п. 2.2.3 Порядка).",
)
MARK_WITHOUT_SCALE = Code(
    "MARK_WITHOUT_SCALE",
    Severity.ERROR,
    says="У части «{part}» нет шкалы: её результаты только описывают словами",
    hint="Уберите mark и опишите результат в поле text",
    why="Часть программы без шкалы не оценивается отметкой.",
)
ORIGIN_MISMATCH = Code(
    "ORIGIN_MISMATCH",
    Severity.ERROR,
    says="Источник результата — «{origin}», а {event} — «{kind}»",
    hint="Исправьте origin или event",
    why="Результат называет то, в ходе чего получен, одним и тем же словом (п. 4.5 Порядка).",
)
CHAIN_CYCLE = Code(
    "CHAIN_CYCLE",
    Severity.ERROR,
    says="Записи ссылаются друг на друга по кругу: {ids}",
    hint="Исправьте {field} у той записи, что появилась раньше",
    why="Пересдача и исправление называют более раннюю запись; круг не даёт понять, что верно.",
)
CHAIN_FORK = Code(
    "CHAIN_FORK",
    Severity.ERROR,
    says="Запись «{name}» уже названа в {field} записи «{first}»",
    hint="Назовите последнюю запись цепочки",
    why="Вторая пересдача пересдаёт первую, второе исправление исправляет первое: иначе неясно, "
    "какая запись действует.",
)
ATTEMPT_MISMATCH = Code(
    "ATTEMPT_MISMATCH",
    Severity.ERROR,
    says="У записи другое поле {key}, чем у «{name}», которую она называет в {field}",
    hint="Пересдача и исправление относятся к тому же: исправьте {key} или {field}",
    why="Пересдают ту же часть того же зачисления в том же периоде; исправление повторяет "
    "прежнюю запись целиком.",
)

_Fields = tuple[str | int, ...]


_ORDERED = 2
"""The format from which on scales are in order: `papka upgrade` turns those of earlier ones."""


def check_declared_scales(archive: Archive) -> Iterator[Finding]:
    """A scale of words runs from the lowest to the highest, its passing marks last."""
    if archive.organization is None or archive.organization.format < _ORDERED:
        return
    for index, scale in enumerate(archive.organization.scales):
        highest = scale.marks[max(len(scale.marks) - len(scale.passing_marks), 0) :]
        if set(scale.passing_marks) != set(highest):
            yield SCALE_ORDER.at(
                Location(ORGANIZATION, f"/scales/{index}/marks"),
                scale=scale.scale,
                passing=", ".join(f"«{mark}»" for mark in scale.passing_marks),
            )


def check_marks(archive: Archive) -> Iterator[Finding]:
    """A mark stands on the scale its part declares; nothing is converted (R-2.2.3)."""
    for student in archive.students.values():
        editions = {entry.id: edition_of(archive, entry) for entry in student.enrolments}
        for enrolment, code, mark, entry, fields in _list_marks(student):
            edition = editions.get(enrolment)
            part = edition.part(code) if edition is not None else None
            if part is None:
                continue
            scale = archive.scales.get(part.scale) if part.scale is not None else None
            if part.scale is None:
                where = student.where(entry, *fields)
                yield MARK_WITHOUT_SCALE.at(where, part=part.part)
            elif scale is not None and (not scale.has(mark) or is_whole_float(mark)):
                # an undeclared scale is reported by other rules
                yield MARK_NOT_ON_SCALE.at(
                    student.where(entry, *fields),
                    scale=part.scale,
                    mark=mark,
                    marks=_spell_marks(scale),
                )


def is_whole_float(mark: Mark) -> bool:
    """Tell whether a whole mark was written with a fraction: 5.0."""
    return isinstance(mark, float) and mark.is_integer()


def find_mark_scale(archive: Archive, where: Location) -> Scale | None:
    """Return the scale of the mark at a place; None when it has none."""
    found = place(where.path)
    student = archive.students.get(found.student) if found else None
    for enrolment, code, _, entry, fields in _list_marks(student) if student else ():
        at = student.where(entry, *fields) if student else where
        if student and (at.path, at.pointer) == (where.path, where.pointer):
            return scale_of(archive, enrolment_of(student, enrolment), code)
    return None


def _list_marks(student: Student) -> Iterator[tuple[str, str, Mark, AnyEntry, _Fields]]:
    """List enrolment, part, mark, and the entry and fields where the mark stands."""
    for _, result in student.results:
        if result.mark is not None and result.part is not None:
            yield result.enrolment, result.part, result.mark, result, ("mark",)
    for credit in student.credits:
        for index, item in enumerate(credit.items):
            if item.mark is not None and item.part is not None:
                yield credit.enrolment, item.part, item.mark, credit, ("items", index, "mark")


def _spell_marks(scale: Scale) -> str:
    if scale.marks:
        return ", ".join(f"«{mark}»" for mark in scale.marks)
    return f"от {scale.lowest} до {scale.highest} с шагом {scale.step}"


_SAME = ("enrolment", "kind", "part")
_REPEATED = (
    *("event", "control", "mark", "assessed_by", "author", "text", "shows", "resits", "source"),
)


def check_attempts(archive: Archive) -> Iterator[Finding]:
    """A re-sit has the enrolment, part, kind and period of the result it names; a correction
    moreover repeats every key."""
    for student in archive.students.values():
        by_id: dict[str | None, tuple[str, Result]] | None = None
        for period, result in student.results:
            for field, name in (("resits", result.resits), ("replaces", result.replaces)):
                if name is None:
                    continue
                if by_id is None:
                    by_id = {entry.id: (other, entry) for other, entry in student.results}
                if name in by_id:
                    yield from _judge_pair(student, result, period, field, by_id[name])


def _judge_pair(
    student: Student, result: Result, period: str, field: str, earlier: tuple[str, Result]
) -> Iterator[Finding]:
    other_period, other = earlier
    wrong = [key for key in _SAME if getattr(result, key) != getattr(other, key)]
    if period != other_period:
        wrong.append("period")
    if field == "replaces":
        wrong += [key for key in _REPEATED if getattr(other, key) and not getattr(result, key)]
    for key in wrong:
        here = key if key != "period" and getattr(result, key) else field
        yield ATTEMPT_MISMATCH.at(student.where(result, here), key=key, name=other.id, field=field)


def check_result_chains(archive: Archive) -> Iterator[Finding]:
    """Re-sits and corrections form chains: no circle, no fork (R-2.2.6)."""
    for student in archive.students.values():
        linked = [
            result
            for _, result in student.results
            if result.resits is not None or result.replaces is not None
        ]
        for field in ("resits", "replaces"):
            yield from _judge_chains(student, field, linked)


def _judge_chains(student: Student, field: str, linked: list[Result]) -> Iterator[Finding]:
    replaced = {result.replaces for result in linked if result.replaces is not None}
    after: dict[str, Result] = {}
    before: dict[str, str] = {}
    for result in linked:
        name = getattr(result, field)
        if name is None:
            continue
        # A correction of a re-sit repeats its `resits`: then the corrected one counts no more.
        if field == "replaces" or result.id not in replaced:
            first = after.setdefault(name, result)
            if first is not result:
                yield CHAIN_FORK.at(
                    student.where(result, field), name=name, field=field, first=first.id or "?"
                )
        if result.id is not None:
            before[result.id] = name
            if ring := _find_ring(result.id, before):
                yield CHAIN_CYCLE.at(student.where(result, field), ids=", ".join(ring), field=field)


def _find_ring(start: str, before: dict[str, str]) -> list[str]:
    """Return the ids that lead from `start` back to it; none when they lead elsewhere."""
    ids = [start]
    while (name := before.get(ids[-1])) is not None and name not in ids:
        ids.append(name)
    return ids if before.get(ids[-1]) == start else []


def check_origins(archive: Archive) -> Iterator[Finding]:
    """A result and the event it came from agree on the kind of event (R-4.5)."""
    for student in archive.students.values():
        for _, result in student.results:
            event = archive.events.get(result.event) if result.event else None
            if event is not None and event.kind != result.origin:
                yield ORIGIN_MISMATCH.at(
                    student.where(result, "origin"),
                    origin=result.origin,
                    event=event.id,
                    kind=event.kind,
                )
