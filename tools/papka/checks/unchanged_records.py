"""Rules about the step from one state of the records to the next: what was saved stays.

What an act of destruction names may be gone, and nothing else; the rules of the history judge
whether it went as the act says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import (
    ORGANIZATION,
    RECORDS,
    order_file,
    program_file,
    record_file,
    results_file,
    student_file,
    student_folder,
)
from papka.records.acts import Order, RegisterEntry
from papka.records.archive import Archive
from papka.records.derived.approvals import is_settled, settled_periods
from papka.records.derived.destruction import judge_target
from papka.records.school import PurposeEdition, RegulationEdition, Scale
from papka.records.student import AnyEntry, Result, Student, without_mark

_T = TypeVar("_T", Order, RegisterEntry, RegulationEdition)

ID_REMOVED = Code(
    "ID_REMOVED",
    Severity.ERROR,
    says="Запись «{id}» была в деле и исчезла",
    hint="Верните запись. Ошибку исправляют новой записью с replaces и reason, окончание — "
    "датой (ended, revoked), а не удалением; внесённое ошибочно отмечают: "
    "papka fix НОМЕР#ЗАПИСЬ --void --reason ПРИЧИНА",
    why="Номер записи не используется повторно и не пропадает: на него могут ссылаться приказ, "
    "справка, другая запись.",
)
VOID_CHANGED = Code(
    "VOID_CHANGED",
    Severity.ERROR,
    says="Запись «{id}» отмечена «внесено ошибочно», а {what}",
    hint="Верните прежнее; если отметка поставлена зря, внесите запись снова: papka add",
    why="Ошибочная запись остаётся такой, какой была, и больше нигде не считается: видно, что "
    "именно внесли и почему это не так.",
)
CLOSED_PERIOD_CHANGED = Code(
    "CLOSED_PERIOD_CHANGED",
    Severity.ERROR,
    says="Период {period} {state}, а запись «{id}» {what}",
    hint="Верните прежнее; ошибку исправляют новой записью с replaces и reason, пересдачу — с "
    "resits",
    why="Руководитель утвердил то, что стояло: в закрытом периоде и у записи, утверждённой до "
    "закрытия, можно только добавлять исправления и пересдачи (п. 5.6 Порядка).",
)
USED_EDITION_CHANGED = Code(
    "USED_EDITION_CHANGED",
    Severity.ERROR,
    says="Редакция {edition} программы «{program}» изменена, а по ней уже учатся ({student})",
    hint="Верните редакцию и добавьте новую с изменениями",
    why="Редакция закреплена за человеком в день зачисления: её части, часы и планируемые "
    "результаты напечатаны в его документах.",
)
ISSUED_CHANGED = Code(
    "ISSUED_CHANGED",
    Severity.ERROR,
    says="Запись о выданном документе «{number}» изменена: {fields}",
    hint="Верните прежнее; добавить можно только вручение (handed) и отметку (void)",
    why="Запись реестра — то, что напечатано и выдано; номер не используется повторно "
    "(пп. 2.2.11, 5.4.3 Порядка).",
)
ISSUED_REMOVED = Code(
    "ISSUED_REMOVED",
    Severity.ERROR,
    says="Запись о выданном документе «{number}» исчезла",
    hint="Верните файл из истории; испорченный или аннулированный документ отмечают в void",
    why="Записи реестра не удаляют: пропуск номера похож на изъятый документ.",
)
VOLUME_CHANGED = Code(
    "VOLUME_CHANGED",
    Severity.ERROR,
    says="Запись о прошитом томе {volume} изменена или убрана",
    hint="Верните прежнее; перешитое дело записывает papka bind НОМЕР --rebind --reason "
    "ПРИЧИНА: новыми строками с тома 1",
    why="Том прошит и подписан: опись, листы и день говорят о бумаге, которая такой и стоит на "
    "полке (п. 6.5 Порядка).",
)
FOLDER_REMOVED = Code(
    "FOLDER_REMOVED",
    Severity.ERROR,
    says="Личное дело {student} исчезло без акта об уничтожении",
    hint="Верните папку из истории; дело уничтожают только актом, когда истёк срок хранения",
    why="Удаление папки не уничтожает дело (оно остаётся в истории и зеркалах) и не имеет "
    "основания (п. 6.4 Порядка).",
)
ORDER_REMOVED = Code(
    "ORDER_REMOVED",
    Severity.ERROR,
    says="Приказ {order} исчез",
    hint="Верните файл из истории; отменяют приказ новым приказом",
    why="Приказ издан и подписан; на него ссылаются личные дела.",
)
ORDER_CHANGED = Code(
    "ORDER_CHANGED",
    Severity.WARNING,
    says="Сохранённый приказ {order} изменён: {fields}",
    hint="Если это описка при вводе, сверьте с бумагой; содержание меняют новым приказом",
    why="Приказ подписан таким, каким издан. Дополнять можно только список students.",
)
APPROVAL_CHANGED = Code(
    "APPROVAL_CHANGED",
    Severity.ERROR,
    says="Утверждение периода {period} изменено или удалено",
    hint="Верните файл из истории; период закрывают один раз",
    why="Этим актом руководитель утвердил и закрыл период (п. 5.6 Порядка).",
)
REGULATION_CHANGED = Code(
    "REGULATION_CHANGED",
    Severity.ERROR,
    says="Редакция {edition} акта «{act}» изменена или удалена",
    hint="Верните редакцию и добавьте новую; дописать можно только order и file",
    why="Принятая редакция показывает, какие правила действовали; новая её не заменяет "
    "(п. 7.1 Порядка).",
)
CONSENT_TEXT_CHANGED = Code(
    "CONSENT_TEXT_CHANGED",
    Severity.ERROR,
    says="Текст согласия «{purpose}», редакция {edition}, изменён, а его уже подписали ({student})",
    hint="Верните редакцию и добавьте новую; по новой нужно новое согласие",
    why="Человек согласился с тем текстом, который подписал (п. 3.1 Порядка).",
)
SCALE_CHANGED = Code(
    "SCALE_CHANGED",
    Severity.ERROR,
    says="Шкала «{scale}» изменена или удалена, а по ней уже ставят отметки",
    hint="Верните шкалу и объявите новую под другим именем для новой редакции программы",
    why="Отметки прошлых лет читают по шкале, по которой их ставили (п. 2.2.3 Порядка).",
)
SALT_CHANGED = Code(
    "SALT_CHANGED",
    Severity.ERROR,
    says="Файл .salt дела {student} изменён или удалён",
    hint="Верните файл из истории: git checkout HEAD -- {path}",
    why="Этими байтами закрыты контрольные суммы дела в других записях: с другими их не проверить, "
    "а без них дело нельзя уничтожить по закону.",
)
IMPORT_CHANGED = Code(
    "IMPORT_CHANGED",
    Severity.ERROR,
    says="Выгрузка {name} уже загружена, а теперь {what}",
    hint="Верните прежнее: git checkout HEAD -- {path}; новую выгрузку загружает papka take",
    why="Загруженную выгрузку не меняют и не дополняют: на её ячейки ссылаются результаты, "
    "её суммы сверяют через годы (п. 6.2 Порядка).",
)
IMPORT_REMOVED = Code(
    "IMPORT_REMOVED",
    Severity.ERROR,
    says="Выгрузка {name} исчезла, а период {period} закрыт",
    hint="Верните папку из истории: git checkout HEAD -- {path}",
    why="Пока период открыт, загрузку целиком можно отменить (papka undo); закрытый период стоит "
    "на своих выгрузках. Уничтожают их только актом (п. 6.4 Порядка).",
)
EVIDENCE_CHANGED = Code(
    "EVIDENCE_CHANGED",
    Severity.ERROR,
    says="У документа «{document}» заменён сохранённый скан",
    hint="Верните прежние file и sha256 и сам файл; новый скан добавьте отдельно: papka add НОМЕР "
    "document --file СКАН --replaces {document} --note ПРИЧИНА",
    why="Скан доказывает, какой была бумага. Новый не стирает прежнего: оба остаются, и видно, кто "
    "и почему добавил второй.",
)

DESTRUCTION_FORBIDDEN = Code(
    "DESTRUCTION_FORBIDDEN",
    Severity.ERROR,
    says="По акту {number} уничтожают «{path}», а этого нельзя: {why}",
    hint="Уничтожают то, чей срок хранения прошёл, без запрета и по решению руководителя, или "
    "скан, который держать больше не на чем. Что подошло: papka status --due",
    why="Раньше срока или под запретом уничтожать нельзя (п. 6.4 Порядка), а уничтоженное не "
    "вернуть: основание проверяют до того.",
)


def compare_removed_ids(before: Archive, after: Archive) -> Iterator[Finding]:
    """An entry id, once saved, stays: things end, are corrected, but never vanish.

    A folder that is gone altogether is `compare_removed_folders`'. What came with an export goes
    with it, when the whole import is taken back while its period is open.
    """
    taken_back = before.imports.keys() - after.imports.keys()
    for _, where, entry in list_removed_entries(before, after):
        source = entry.source if isinstance(entry, Result) else None
        if source is None or source.export not in taken_back:
            yield ID_REMOVED.at(where, id=entry.id)


def list_removed_entries(
    before: Archive, after: Archive
) -> Iterator[tuple[Student, Location, AnyEntry]]:
    """Yield the entries that are gone from files still there: owner before, where the list is."""
    for student_id, old in before.students.items():
        new = after.students.get(student_id)
        if new is None:
            continue
        kept = {entry.id for entry in new.entries()}
        for path, pointer, entries in old.lists():
            if after.is_readable(path):
                for entry in entries:
                    if entry.id is not None and entry.id not in kept:
                        yield old, Location(path, pointer), entry


def compare_voided(before: Archive, after: Archive) -> Iterator[Finding]:
    """An entry made by mistake stays as it was, and its mark is not taken away again."""
    for student_id, new in after.students.items():
        old = before.students.get(student_id)
        if old is None or not (old.voided or new.voided):
            continue
        stood = {entry.id: entry for entry in old.entries() if entry.id}
        for entry in new.entries():
            first = stood.get(entry.id or "")
            if first is None or first == entry or first.void is entry.void is None:
                continue
            if first.void is not None:
                what = "теперь изменена" if entry.void else "теперь отметки нет"
                yield VOID_CHANGED.at(new.where(entry), id=entry.id, what=what)
            elif without_mark(entry) != first:
                what = "вместе с отметкой изменено и её содержание"
                yield VOID_CHANGED.at(new.where(entry), id=entry.id, what=what)


def compare_bound_volumes(before: Archive, after: Archive) -> Iterator[Finding]:
    """A binding that names what was bound stays as recorded; binding anew adds lines (R-6.5)."""
    for student_id, new in after.students.items():
        old = before.students.get(student_id)
        if old is None or old.person is None or new.person is None or old.person.paper is None:
            continue
        kept = new.person.paper.volumes if new.person.paper else ()
        for volume in old.person.paper.volumes:
            if volume.head and volume not in kept:
                where = Location(student_file(student_id, "student"), "/paper/volumes")
                yield VOLUME_CHANGED.at(where, volume=volume.volume)


def compare_removed_folders(before: Archive, after: Archive) -> Iterator[Finding]:
    """A personal file is never just deleted: it goes by an act of destruction (R-6.4)."""
    for student in sorted(before.folders - after.folders):
        if after.destroyed.of_student(student):
            continue
        if student not in after.students:  # without its card: `check_placement` reports it
            yield FOLDER_REMOVED.at(Location(student_folder(student)), student=student)


ACT_BASES_BRANCHES = (
    *("term runs", "term over", "held", "another basis", "hold and another basis"),
    *("scan", "scan with a basis", "gone already"),
)
_WHATEVER_THE_BASIS = frozenset(("действует запрет", "файл нужен другому документу описи"))
"""What forbids destruction even on a basis that the head decides about and no term does."""


def compare_act_bases(before: Archive, after: Archive) -> Iterator[Finding]:
    """What a new act names may go on its day: its term is over, or the law demands it (R-6.4)."""
    for key in after.destruction_acts.keys() - before.destruction_acts.keys():
        act = after.destruction_acts[key]
        for index, thing in enumerate(act.what):
            found = judge_target(before, thing.path, act.date, thing.entry)
            if {"такого в архиве нет", "уничтожено раньше"} & set(found.obstacles):
                continue  # where history was rewritten, or `check_act_targets_once`
            decided = thing.basis not in ("срок хранения", found.basis)
            why = [each for each in found.obstacles if not decided or each in _WHATEVER_THE_BASIS]
            if why:
                where = Location(record_file("act", key) or "", f"/what/{index}")
                path = thing.entry or thing.path
                yield DESTRUCTION_FORBIDDEN.at(where, number=key, path=path, why=", ".join(why))


def compare_issued_documents(before: Archive, after: Archive) -> Iterator[Finding]:
    """An entry of a register is never removed nor altered; it may only be handed over and declared
    void, once (R-2.2.11, R-5.4.3)."""
    for key, old in before.registers.items():
        path = f"{RECORDS}/registers/{key}.yaml"
        new = after.registers.get(key)
        if new is not None:
            if fields := _list_altered(old, new, added_later=("handed", "void")):
                where = Location(path, f"/{fields[0]}")
                yield ISSUED_CHANGED.at(where, number=old.number, fields=", ".join(fields))
        elif after.is_readable(path) and not after.destroyed.of_register(key):
            yield ISSUED_REMOVED.at(Location(path), number=old.number)


def _list_altered(old: _T, new: _T, added_later: Collection[str] = ()) -> list[str]:
    """List the fields that differ, but for those of `added_later` that were empty before."""
    return [
        field
        for field in old.__struct_fields__
        if getattr(old, field) != getattr(new, field)
        and not (field in added_later and getattr(old, field) is None)
    ]


def _point_at(pointer: str, items: Iterable[object], field: str, value: object) -> str:
    """Return the pointer of the item with this value in a list, or of the list without one."""
    found = (index for index, item in enumerate(items) if getattr(item, field) == value)
    index = next(found, None)
    return pointer if index is None else f"{pointer}/{index}"


def compare_consent_texts(before: Archive, after: Archive) -> Iterator[Finding]:
    """The text of a consent that anyone has signed is never changed; a new edition is added
    (R-3.1)."""
    new = _list_editions(after)
    changed = {key for key, edition in _list_editions(before).items() if new.get(key) != edition}
    if not after.is_readable(ORGANIZATION):
        return
    for student in before.students.values():
        for consent in student.consents:
            key = (consent.purpose, consent.edition)
            if key in changed:
                changed.remove(key)
                school = after.organization
                purposes = school.purposes if school else ()
                pointer = _point_at("/purposes", purposes, "purpose", key[0])
                if pointer != "/purposes":
                    pointer += "/editions"
                yield CONSENT_TEXT_CHANGED.at(
                    Location(ORGANIZATION, pointer),
                    purpose=key[0],
                    edition=key[1],
                    student=student.id,
                )


def _list_editions(archive: Archive) -> dict[tuple[str, int], PurposeEdition]:
    return {
        (name, edition.edition): edition
        for name, purpose in archive.purposes.items()
        for edition in purpose.editions
    }


def compare_regulation_editions(before: Archive, after: Archive) -> Iterator[Finding]:
    """An adopted edition of a local act stays as adopted; its order and text may be added later,
    and a draft is anybody's to change (R-7.1)."""
    for key, act in before.regulations.items():
        path = f"{RECORDS}/regulations/{key}/regulation.yaml"
        new = after.regulations.get(key)
        if not after.is_readable(path):
            continue
        for old in act.editions:
            if not old.is_adopted:
                continue
            same = (each for each in (new.editions if new else ()) if each.edition == old.edition)
            edition = next(same, None)
            if edition is None:
                yield REGULATION_CHANGED.at(Location(path), act=key, edition=old.edition)
            elif new and _list_altered(old, edition, added_later=("order", "file")):
                pointer = _point_at("/editions", new.editions, "edition", old.edition)
                yield REGULATION_CHANGED.at(Location(path, pointer), act=key, edition=old.edition)


def compare_approvals(before: Archive, after: Archive) -> Iterator[Finding]:
    """An act of approval and its list of entries are neither changed nor taken back (R-5.6)."""
    for period, approval in before.approvals.items():
        path = f"{RECORDS}/approvals/{period}.yaml"
        if after.is_readable(path) and after.approvals.get(period) != approval:
            yield APPROVAL_CHANGED.at(Location(path), period=period)
    for key, listed in before.approval_lists.items():
        if after.approval_lists.get(key) != listed:
            path = f"{RECORDS}/approvals/{key}.entries"
            yield APPROVAL_CHANGED.at(Location(path), period=key)


def compare_saved_orders(before: Archive, after: Archive) -> Iterator[Finding]:
    """A saved order is not removed; a change of its text, to mend a slip of typing, is reported.

    The list of students may grow: entries get their numbers after the order.
    """
    for key, old in before.orders.items():
        path = order_file(key)
        new = after.orders.get(key)
        if new is not None:
            altered = _list_altered(old, new, added_later=("salt",))
            fields = [field for field in altered if field != "items"]
            keeps_items = len(old.items) == len(new.items) and all(
                was.text == now.text and set(was.students) <= set(now.students)
                for was, now in zip(old.items, new.items, strict=True)
            )
            fields += [] if keeps_items else ["items"]
            if fields:
                where = Location(path, f"/{fields[0]}")
                yield ORDER_CHANGED.at(where, order=key, fields=", ".join(fields))
        elif after.is_readable(path) and not after.destroyed.of_order(key):
            yield ORDER_REMOVED.at(Location(path), order=key)


def compare_used_editions(before: Archive, after: Archive) -> Iterator[Finding]:
    """An edition by which anyone was studying is never changed; a new one is added (R-2.2.5)."""
    changed = {
        (code, edition.edition)
        for code, program in before.programs.items()
        if after.is_readable(program_file(code))
        for edition in program.editions
        if code not in after.programs or after.programs[code].edition(edition.edition) != edition
    }
    for student in before.students.values():
        for enrolment in student.enrolments:
            key = (enrolment.program, enrolment.edition)
            if key in changed:
                changed.remove(key)
                program = after.programs.get(key[0])
                editions = program.editions if program else ()
                pointer = _point_at("/editions", editions, "edition", key[1])
                yield USED_EDITION_CHANGED.at(
                    Location(program_file(key[0]), pointer),
                    program=key[0],
                    edition=key[1],
                    student=student.id,
                )


def compare_closed_periods(before: Archive, after: Archive) -> Iterator[Finding]:
    """A closed period takes corrections and re-sits only; what stands in it stays, and so does an
    entry that an act approved before the closing (R-5.6).

    What the earlier state says counts: the step that brings an act is free.
    """
    for student_id, new in after.students.items():
        old = before.students.get(student_id, Student(student_id))
        settled = settled_periods(before, old)
        for period in sorted(old.periods.keys() | new.periods.keys()):
            if period in before.approvals or period in settled:
                yield from _judge_period(before, after, old, new, period)


def _judge_period(
    before: Archive, after: Archive, old: Student, new: Student, period: str
) -> Iterator[Finding]:
    path = results_file(new.id, period)
    if not (after.is_readable(path) and before.is_readable(path)):
        return
    stood = {result.id: result for result in old.periods.get(period, ())}
    is_closed = period in before.approvals
    state = "закрыт" if is_closed else "до закрытия утверждён в части записей"
    kept = set()
    for index, result in enumerate(new.periods.get(period, ())):
        kept.add(result.id)
        first = stood.get(result.id) if result.id else None
        is_new = first is None and result.resits is None and result.replaces is None
        if is_new and is_closed:
            what = "добавлена без resits или replaces"
        elif first is not None and first != result and _is_settled(before, first, old, period):
            what = "изменена"
        else:
            continue
        yield CLOSED_PERIOD_CHANGED.at(
            Location(path, f"/results/{index}"),
            period=period,
            state=state,
            id=result.id or "новая",
            what=what,
        )
    moved = {result.id for _, result in new.results}
    for id_, entry in stood.items():
        # gone altogether: `compare_removed_ids` reports it
        if id_ not in kept and id_ in moved and _is_settled(before, entry, old, period):
            yield CLOSED_PERIOD_CHANGED.at(
                Location(path),
                period=period,
                state=state,
                id=id_,
                what="перенесена в другой период",
            )


def _is_settled(before: Archive, entry: Result, student: Student, period: str) -> bool:
    return entry.id is not None and is_settled(before, student.id, period, entry.id)


def compare_kept_evidence(before: Archive, after: Archive) -> Iterator[Finding]:
    """A scan once kept stays: another one is another document that names the first (R-5.5)."""
    for student_id, old in before.students.items():
        new = after.students.get(student_id)
        if new is None:
            continue
        now = {document.id: document for document in new.documents}
        for document in old.documents:
            kept = now.get(document.id) if document.id else None
            if document.sha256 is None or kept is None:
                continue  # gone altogether: `compare_removed_ids`; or its file is not read
            if (kept.file, kept.sha256) != (document.file, document.sha256):
                yield EVIDENCE_CHANGED.at(new.where(kept, "sha256"), document=document.id)


def compare_kept_salts(before: Archive, after: Archive) -> Iterator[Finding]:
    """A folder's random bytes never change: digests elsewhere rest on them (R-6.4)."""
    for student_id, new in after.students.items():
        old = before.students.get(student_id)
        if old is not None and old.salt is not None and new.salt != old.salt:
            path = f"{new.folder}/.salt"
            yield SALT_CHANGED.at(Location(path), student=student_id, path=path)


def compare_declared_scales(before: Archive, after: Archive) -> Iterator[Finding]:
    """A scale that a programme uses is never changed: marks of past years are read by it
    (R-2.2.3)."""
    if not after.is_readable(ORGANIZATION):
        return
    used = {
        part.scale
        for program in before.programs.values()
        for edition in program.editions
        for part in edition.parts
    }
    for name, scale in before.scales.items():
        new = after.scales.get(name)
        if name in used and (new is None or _normalise(new) != _normalise(scale)):
            scales = after.organization.scales if after.organization else ()
            pointer = _point_at("/scales", scales, "scale", name)
            yield SCALE_CHANGED.at(Location(ORGANIZATION, pointer), scale=name)


def _normalise(scale: Scale) -> dict[str, object]:
    """Return all but the title, which only names it; a list the other way up means the same."""
    values = {field: getattr(scale, field) for field in scale.__struct_fields__ if field != "title"}
    marks, passing = scale.marks, set(scale.passing_marks)
    if set(marks[: len(passing)]) == passing:  # from the highest down
        marks = tuple(reversed(marks))
    ranked = sorted(marks, key=scale.passes)
    return values | {"marks": ranked, "passing_marks": set(scale.passing_marks)}
