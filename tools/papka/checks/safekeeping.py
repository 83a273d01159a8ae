"""Rules about what is kept: files and folders in their places, scans, salts, loans, photos, copies.

What is overdue today (a loan, a consent, a second copy) is a question of the calendar, which a
check does not read: `records/derived`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import (
    ORGANIZATION,
    RECORDS,
    RESTRICTED,
    import_file,
    order_file,
    period_of_act,
    program_file,
    results_file,
)
from papka.records.acts import Media
from papka.records.archive import Archive
from papka.records.derived.in_force import end_of_consent, group_by_medium, picture_purposes
from papka.records.derived.keeping import EVENTS, event_of
from papka.records.student import Document, Lending, Student
from papka.records.wording import quoted

PATH_MISMATCH = Code(
    "PATH_MISMATCH",
    Severity.ERROR,
    says="В файле указано «{inside}», а имя файла или папки говорит «{outside}»",
    hint="Исправьте одно из двух: переименуйте файл или измените значение",
    why="Имя файла и запись внутри называют одно и то же. Расхождение значит, что файл "
    "скопировали или переименовали и забыли поправить.",
)
CARD_MISSING = Code(
    "CARD_MISSING",
    Severity.ERROR,
    says="В личном деле нет карточки student.yaml",
    hint="Верните файл из истории или создайте карточку: papka new student",
    why="Без карточки неизвестно, чьё это дело (п. 5.2 Порядка).",
)
ATTACHMENT_MISSING = Code(
    "ATTACHMENT_MISSING",
    Severity.ERROR,
    says="Файла {name} нет в папке attachments",
    hint="Верните файл из истории или исправьте поле file",
    why="Документ описи назван, а скана нет: доказать его содержание будет нечем (п. 5.5).",
)
ATTACHMENT_ALTERED = Code(
    "ATTACHMENT_ALTERED",
    Severity.ERROR,
    says="Содержимое файла {name} не то, что записано в описи",
    hint="Верните файл из истории; новый скан добавьте новым документом",
    why="Имя и sha256 скана вычислены по его содержимому; они не сошлись.",
)
ATTACHMENT_UNLISTED = Code(
    "ATTACHMENT_UNLISTED",
    Severity.ERROR,
    says="Файл лежит в папке attachments, но в описи его нет",
    hint="Добавьте документ в documents.yaml или уберите файл",
    why="Каждый документ дела стоит в описи (п. 5.5 Порядка).",
)
LENDING_OVERLAP = Code(
    "LENDING_OVERLAP",
    Severity.ERROR,
    says="Бумажное дело выдано {date}, хотя прежняя выдача ещё не возвращена",
    hint="Запишите день возврата (returned) у прежней выдачи",
    why="Бумажное дело одно: пока его не вернули, выдать его снова нельзя (п. 6.6 Порядка).",
)
LENDING_LATE = Code(
    "LENDING_LATE",
    Severity.INFO,
    says="Бумажное дело вернули {returned}, позже срока {due}",
    hint="Исправлять нечего, если даты верны",
    why="Запись сохраняет, что дело вернули с опозданием (п. 6.6 Порядка).",
)
PHOTO_WITHOUT_CONSENT = Code(
    "PHOTO_WITHOUT_CONSENT",
    Severity.ERROR,
    says="В карточке есть фотография, а согласия на неё нет или оно отозвано",
    hint="Добавьте согласие в consents.yaml или уберите поле photo",
    why="Фотография хранится и печатается только с согласия (п. 3.1 Порядка); цель согласия "
    "узнаётся по тому, что в её составе данных названа фотография.",
)
SALT_REUSED = Code(
    "SALT_REUSED",
    Severity.ERROR,
    says="Файл .salt тот же, что в деле {student}",
    hint="Удалите .salt у дела, которого ещё нет в истории: papka save создаст новый",
    why="У каждого дела свои случайные байты: иначе по оставшимся контрольным суммам одного дела "
    "можно угадать содержимое другого, уничтоженного.",
)
ORDER_SALT_REUSED = Code(
    "ORDER_SALT_REUSED",
    Severity.ERROR,
    says="Соль приказа та же, что у приказа {order}",
    hint="Удалите строку salt у того приказа, которого ещё нет в истории: papka save поставит свою",
    why="У каждого приказа свои случайные байты: иначе по сумме одного, которая осталась в пломбе, "
    "можно угадать содержимое другого, уничтоженного.",
)
RETENTION_EVENT_UNKNOWN = Code(
    "RETENTION_EVENT_UNKNOWN",
    Severity.WARNING,
    says="Срок хранения «{unit}»: от события «{since}» papka считать не умеет",
    hint="Впишите в since одно из: {known}",
    why="Срок считают с 1 января года, следующего за событием (п. 6.4 Порядка). Пока событие не "
    "названо словом из списка, последний день срока неизвестен и уничтожить ничего нельзя.",
)
COPIES_NOT_APART = Code(
    "COPIES_NOT_APART",
    Severity.WARNING,
    says="Носители {media} — один и тот же диск: номер файловой системы у них общий",
    hint="Сделайте вторую копию на другой диск: papka backup --to ПАПКА --medium НОМЕР",
    why="Копии учебного года хранят на двух носителях (п. 6.3 Порядка). Две наклейки на одном "
    "диске — один носитель: пропадёт диск, пропадут обе копии.",
)
COPIES_ON_ONE_MEDIUM = Code(
    "COPIES_ON_ONE_MEDIUM",
    Severity.WARNING,
    says="Копий в журнале {count}, а носитель один: {medium}",
    hint="Сделайте копию на второй носитель: papka backup --to ПАПКА --medium НОМЕР",
    why="Копии учебного года хранят на двух носителях (п. 6.3 Порядка). Вторая копия на том же "
    "носителе пропадёт вместе с первой.",
)

PLACEMENT_BRANCHES = (
    *("program", "platform", "regulation", "approval", "import", "register", "event"),
    *("student", "results", "no card"),
)


def check_placement(archive: Archive) -> Iterator[Finding]:
    """A file says the same as its name; a folder has its card.

    Folders of a restricted archive have no card: the name stands in the main archive (R-4.2).
    """
    school = archive.organization
    has_cards = school is None or school.kind != RESTRICTED
    for path, pointer, inside, outside in _list_stated(archive):
        if inside != outside:
            where = Location(path, pointer)
            yield PATH_MISMATCH.at(where, inside=inside, outside=outside)
    for student in archive.students.values():
        card = f"{student.folder}/student.yaml"
        if student.person is None and archive.is_readable(card) and has_cards:
            yield CARD_MISSING.at(Location(card))


def _list_stated(archive: Archive) -> Iterator[tuple[str, str, str, str]]:
    """List path, pointer, what the file says, what its name says."""
    for key, program in archive.programs.items():
        yield program_file(key), "/code", program.code, key
    for key, platform in archive.platforms.items():
        yield f"{RECORDS}/platforms/{key}.yaml", "/id", platform.id, key
    for key, regulation in archive.regulations.items():
        yield f"{RECORDS}/regulations/{key}/regulation.yaml", "/id", regulation.id, key
    for key, approval in archive.approvals.items():
        path = f"{RECORDS}/approvals/{key}.yaml"
        yield path, "/period", approval.period, period_of_act(key)
    for key, taken in archive.imports.items():
        yield import_file(key, "manifest.yaml"), "/period", taken.period, key.partition("/")[0]
    for key, entry in archive.registers.items():
        series = key.rpartition("/")[2].rpartition("-")[0]
        yield f"{RECORDS}/registers/{key}.yaml", "/series", entry.series, series
    for year, events in archive.event_years.items():
        for index, event in enumerate(events):
            stated = event.id.partition("/")[0]
            yield f"{RECORDS}/events/{year}.yaml", f"/events/{index}/id", stated, year
    for student in archive.students.values():
        yield from _list_stated_in_folder(student)


def _list_stated_in_folder(student: Student) -> Iterator[tuple[str, str, str, str]]:
    if student.person is not None:
        yield f"{student.folder}/student.yaml", "/id", student.person.id, student.id
    for period, stated in student.stated_periods.items():
        yield results_file(student.id, period), "/period", stated, period


def check_attachments(archive: Archive) -> Iterator[Finding]:
    """Every scan of the inventory lies in the folder, unaltered, and nothing else does (R-5.5)."""
    for student in archive.students.values():
        yield from _judge_attachments(archive, student)


def _judge_attachments(archive: Archive, student: Student) -> Iterator[Finding]:
    gone = (each for entries in student.voided.values() for _, each in entries)
    listed = {each.file for each in gone if isinstance(each, Document)}
    for document in student.documents:
        name = document.file
        if name is None:
            continue
        listed.add(name)
        digest = student.attachments.get(name)
        if digest is None and archive.destroyed.of_scan(student, document):
            continue
        if digest is None:
            yield ATTACHMENT_MISSING.at(student.where(document, "file"), name=name)
        elif digest != document.sha256 or not name.startswith(digest[:12]):
            yield ATTACHMENT_ALTERED.at(student.where(document, "sha256"), name=name)
    if archive.is_readable(f"{student.folder}/documents.yaml"):
        for name in sorted(student.attachments.keys() - listed):
            yield ATTACHMENT_UNLISTED.at(Location(f"{student.folder}/attachments/{name}"))


def check_salts(archive: Archive) -> Iterator[Finding]:
    """Every folder has its own random bytes; a copied folder brings another's along."""
    first: dict[bytes | None, str] = {}
    for student in archive.students.values():
        other = first.setdefault(student.salt, student.id)
        if student.salt is not None and other != student.id:
            yield SALT_REUSED.at(Location(f"{student.folder}/.salt"), student=other)


def check_order_salts(archive: Archive) -> Iterator[Finding]:
    """Every order that has a salt has its own; a copied file brings another's along."""
    first: dict[str, str] = {}
    for key, order in archive.orders.items():
        other = first.setdefault(order.salt, key) if order.salt else key
        if other != key:
            yield ORDER_SALT_REUSED.at(Location(order_file(key), "/salt"), order=other)


def check_lendings(archive: Archive) -> Iterator[Finding]:
    """The paper file is in one pair of hands at a time (R-6.6)."""
    for student in archive.students.values():
        paper = student.person.paper if student.person else None
        if paper is not None and paper.lendings:
            yield from _judge_lendings(student, paper.lendings)


def _judge_lendings(student: Student, lendings: tuple[Lending, ...]) -> Iterator[Finding]:
    before: Lending | None = None
    for lending in sorted(lendings, key=lambda entry: entry.date):
        if before is not None and (before.returned is None or before.returned > lending.date):
            yield LENDING_OVERLAP.at(
                student.where(lending, "date"), date=f"{lending.date:%d.%m.%Y}"
            )
        before = lending
        due, returned = lending.due, lending.returned
        if due is not None and returned is not None and returned > due:
            yield LENDING_LATE.at(
                student.where(lending, "returned"),
                returned=f"{returned:%d.%m.%Y}",
                due=f"{due:%d.%m.%Y}",
            )


def check_photos(archive: Archive) -> Iterator[Finding]:
    """A photo on the card needs a consent for a photo that was not revoked (R-3.1).

    Nothing is judged for a school without a purpose whose data name a photo: it has not said how
    it asks.
    """
    purposes = picture_purposes(archive)
    if not purposes:
        return
    for student in archive.students.values():
        person = student.person
        if person is None or person.photo is None or _is_photo_destroyed(archive, student):
            continue
        if not _may_hold_photo(archive, student, purposes) and archive.is_readable(
            f"{student.folder}/consents.yaml"
        ):
            yield PHOTO_WITHOUT_CONSENT.at(student.where(person, "photo"))


def _is_photo_destroyed(archive: Archive, student: Student) -> bool:
    photo = student.person.photo if student.person else None
    return any(
        each.id == photo and archive.destroyed.of_scan(student, each) is not None
        for each in student.documents
    )


def _may_hold_photo(archive: Archive, student: Student, purposes: frozenset[str]) -> bool:
    """Tell whether a consent for a photo outlived the last that was withdrawn.

    Whether it holds today is a question of the calendar.
    """
    given = [consent for consent in student.consents if consent.purpose in purposes]
    withdrawn = max((each.revoked.date for each in given if each.revoked), default=dt.date.min)
    return any(
        each.revoked is None and end_of_consent(archive, student, each) >= withdrawn
        for each in given
    )


def check_retention_events(archive: Archive) -> Iterator[Finding]:
    """A term of keeping is counted from an event that can be found (R-6.4)."""
    school = archive.organization
    for index, rule in enumerate(school.retention if school else ()):
        if event_of(rule) is None:
            known = EVENTS[rule.unit]
            where = Location(ORGANIZATION, f"/retention/{index}/since")
            yield RETENTION_EVENT_UNKNOWN.at(
                where, unit=rule.unit, since=rule.since, known=", ".join(map(quoted, known))
            )


def check_copies_apart(archive: Archive) -> Iterator[Finding]:
    """Two copies on one medium are not two copies on two media (R-6.3)."""
    for year, media in archive.media.items():
        path = f"{RECORDS}/media/{year}.yaml"
        groups = group_by_medium(media.copies)
        for group in groups:
            names = list(dict.fromkeys(copy.medium for copy in group))
            if len(names) > 1:
                where = Location(path, f"/copies/{_find_last(media, names[-1])}/device")
                yield COPIES_NOT_APART.at(where, media=", ".join(names))
            elif len(groups) == 1 and len(group) > 1:
                where = Location(path, f"/copies/{_find_last(media, names[0])}/medium")
                yield COPIES_ON_ONE_MEDIUM.at(where, count=len(group), medium=names[0])


def _find_last(media: Media, name: str) -> int:
    return max(at for at, copy in enumerate(media.copies) if copy.medium == name)
