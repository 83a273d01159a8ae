"""Books and lists of the school that follow from the records: orders, people, files, media.

The journal of media is kept by whoever copies the archive (R-6.3). The others are customs of
office work: no duty of an entrepreneur to keep them was found, so they are printed only where
organization.yaml names them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.core.errors import NotFound
from papka.core.phrases import natural_key
from papka.paper.form import PrintedForm, State, of_clerk, of_head
from papka.paper.plain_sheet import PLAIN, PlainSheet, plain_sheet
from papka.paper.sections import ScreenTable, lines
from papka.records import wording
from papka.records.acts import MediumCopy, Order
from papka.records.archive import Archive
from papka.records.derived.headcount import calendar_year
from papka.records.derived.in_force import name_year
from papka.records.derived.keeping import PERSONAL_FOLDER, find_term, keeping, studied_until
from papka.records.derived.result_facts import studied_between
from papka.records.school import UNCONFIRMED, Retention
from papka.records.search import alphabetical, name_on
from papka.records.student import Student
from papka.records.wording import NBSP, NONE, VOLUMES, YEARS, counted, day, number, staff


def show_media(state: State, address: str) -> PlainSheet:
    """Word the journal of media, a line a copy. Raise NotFound while there is none."""
    archive = state.archive
    copies = [(year, copy) for year in sorted(archive.media) for copy in archive.media[year].copies]
    if address or not copies:
        raise NotFound(
            "В журналах копий нет ни одного носителя" if not copies else "Журнал один на архив",
            "Сделайте копию: papka backup --to ПАПКА-НА-НОСИТЕЛЕ"
            if not copies
            else "Напечатайте его без номера: papka print media-log",
        )
    return plain_sheet(
        state,
        "ЖУРНАЛ",
        "учёта носителей с копиями электронного архива",
        title="Журнал учёта носителей",
        tables=(
            ScreenTable(
                "media",
                "",
                (
                    *("№", "Носитель", "Вид", "Что записано", "Записано"),
                    *("Кто записал", "Перечитано", "Восстановлено", "Где хранится", "Подпись"),
                ),
                tuple(_word_copy(archive, n, *each) for n, each in enumerate(copies, 1)),
            ),
        ),
        signatures=(of_head(archive, state.signed_on),),
        is_wide=True,
    )


def _word_copy(archive: Archive, place: int, year: str, copy: MediumCopy) -> tuple[str, ...]:
    return (
        str(place),
        copy.medium,
        copy.kind,
        lines(f"архив, {_name_year(archive, year)}", copy.head and f"сохранение {copy.head[:12]}"),
        day(copy.date),
        staff(archive, copy.made_by),
        lines(day(copy.verified), staff(archive, copy.verified_by)) if copy.verified else "нет",
        day(copy.restored) if copy.restored else "нет",
        copy.place or "",
        "",
    )


def _name_year(archive: Archive, year: str) -> str:
    return name_year(archive, int(year)) if year.isdecimal() else f"{year} год"


def show_orders(state: State, address: str) -> PlainSheet:
    """Word the book of a year's orders, in the order of their days. Raise NotFound."""
    archive = state.archive
    found = [
        (key, order) for key, order in archive.orders.items() if str(order.date.year) == address
    ]
    if not found:
        raise NotFound(f"Приказов за «{address}» нет", "Приказы лежат в папке records/orders")
    found.sort(key=lambda each: (each[1].date, natural_key(each[0])))
    cancelled = {order.cancels: order for order in archive.orders.values() if order.cancels}
    return plain_sheet(
        state,
        "КНИГА ПРИКАЗОВ",
        f"за {address}{NBSP}год",
        title=f"Книга приказов за {address}{NBSP}год",
        tables=(
            ScreenTable(
                "orders",
                "",
                ("№", "Номер", "Дата", "Вид", "О чём", "Кого касается", "Подписал, отметки"),
                tuple(
                    _word_order(archive, n, order, cancelled.get(key))
                    for n, (key, order) in enumerate(found, 1)
                )
                + tuple(_list_destroyed_orders(archive, address)),
            ),
        ),
        signatures=(of_clerk(archive), of_head(archive, state.signed_on)),
        is_wide=True,
    )


def _list_destroyed_orders(archive: Archive, year: str) -> Iterator[tuple[str, ...]]:
    """Yield what stands for orders of a year that acts destroyed: their file numbers and acts."""
    for key in sorted(archive.destroyed.list_keys("orders"), key=natural_key):
        stone = archive.destroyed.of_order(key)
        if stone is not None and key.startswith(f"{year}/"):
            yield NONE, f"файл {key}", NONE, NONE, stone.words, NONE, NONE


def _word_order(archive: Archive, place: int, order: Order, by: Order | None) -> tuple[str, ...]:
    people = dict.fromkeys(a.partition("#")[0] for item in order.items for a in item.students)
    return (
        str(place),
        order.number,
        day(order.date),
        order.kind,
        order.heading,
        lines(*(name_on(archive, each, order.date) for each in people)) or NONE,
        lines(
            staff(archive, order.signed_by),
            f"отменён приказом {number(by.number)} от{NBSP}{day(by.date)}" if by else "",
        ),
    )


def show_names(state: State, address: str) -> PlainSheet:
    """Word the book of all students by the alphabet. Raise NotFound."""
    archive = state.archive
    people = [each for each in archive.students.values() if each.person and each.enrolments]
    if address or not people:
        raise NotFound(
            "Алфавитная книга одна на архив" if people else "Ни одного зачисления в архиве нет",
            "Напечатайте её без номера: papka print name-book"
            if people
            else "Зачисления вносят: papka add enrolment",
        )
    people.sort(key=lambda each: (alphabetical(_name(each)), each.id))
    return plain_sheet(
        state,
        "АЛФАВИТНАЯ КНИГА",
        "обучающихся",
        title="Алфавитная книга обучающихся",
        tables=(
            ScreenTable(
                "names",
                "",
                (
                    *("№", "Фамилия, имя, отчество", "Дата рождения", "Личное дело"),
                    *("Зачисление", "Окончание"),
                ),
                tuple(_word_person(archive, n, each) for n, each in enumerate(people, 1)),
            ),
        ),
        signatures=(of_clerk(archive), of_head(archive, state.signed_on)),
        is_wide=True,
    )


def _name(student: Student) -> str:
    return student.person.name.full if student.person else student.id


def _word_person(archive: Archive, place: int, student: Student) -> tuple[str, ...]:
    person = student.person
    born = person.birth_date if person else None
    twin = person.duplicate_of if person else None
    ends = [each.ended for each in student.enrolments if each.ended]
    return (
        str(place),
        _name(student),
        day(born) if born else "",
        lines(student.id, f"другое дело: {twin}" if twin else ""),
        lines(
            *(
                _list(day(e.start), wording.program(archive, e), wording.order(archive, e.order))
                for e in student.enrolments
            )
        ),
        lines(*(_list(day(e.date), e.reason, wording.order(archive, e.order)) for e in ends)),
    )


def _list(*words: str) -> str:
    return ", ".join(filter(None, words))


def show_cases(state: State, address: str) -> PlainSheet:
    """Word the list of files whose last study ended in a calendar year. Raise NotFound."""
    archive = state.archive
    found = [
        (student, ended)
        for student in archive.students.values()
        if (ended := studied_until(student)) and str(ended.year) == address
    ]
    if not found:
        raise NotFound(
            f"Дел, законченных в «{address}», нет",
            "В опись входят дела, все обучения которых окончены в этом календарном году",
        )
    return plain_sheet(
        state,
        "ОПИСЬ",
        f"личных дел обучающихся, законченных в {address}{NBSP}году",
        title=f"Опись дел за {address}{NBSP}год",
        tables=(
            ScreenTable(
                "cases",
                "",
                (
                    *("№", "Дело", "Заголовок", "Начато", "Окончено"),
                    *("Листов", "Хранить", "Примечание"),
                ),
                tuple(_word_case(state, n, *each) for n, each in enumerate(found, 1)),
            ),
        ),
        notes=(f"В опись внесено дел: {len(found)}, с № 1 по № {len(found)}.",),
        signatures=(of_clerk(archive), of_head(archive, state.signed_on)),
        is_wide=True,
    )


def _word_case(state: State, place: int, student: Student, ended: dt.date) -> tuple[str, ...]:
    kept = keeping(state.archive, student, state.on)
    paper = student.person.paper if student.person else None
    shelf = paper.shelf if paper else ()
    return (
        str(place),
        student.id,
        _name(student),
        day(min(each.start for each in student.enrolments)),
        day(ended),
        str(sum(volume.sheets for volume in shelf)) if shelf else "",
        lines(f"по{NBSP}{day(kept.last)}" if kept.last else "", _say_term(kept.rule)),
        lines(
            counted(len(shelf), VOLUMES) if len(shelf) > 1 else "",
            *(f"запрет на уничтожение: {hold.reason}" for hold in kept.holds),
        ),
    )


def show_units(state: State, address: str) -> PlainSheet:
    """Word the nomenclature of a year: what kinds of files there are. Raise NotFound."""
    archive = state.archive
    rows = list(_list_units(archive, address)) if address in _list_years(archive) else []
    if not rows:
        raise NotFound(
            f"Дел за «{address}» нет", "Адрес номенклатуры — год, за который есть записи"
        )
    return plain_sheet(
        state,
        "НОМЕНКЛАТУРА ДЕЛ",
        f"на {address}{NBSP}год",
        title=f"Номенклатура дел на {address}{NBSP}год",
        tables=(
            ScreenTable(
                "units",
                "",
                ("№", "Заголовок дела", "Количество", "Срок хранения", "Основание срока"),
                tuple((str(n), *row) for n, row in enumerate(rows, 1)),
            ),
        ),
        signatures=(of_clerk(archive), of_head(archive, state.signed_on)),
    )


def _list_units(archive: Archive, year: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield heading, count, term and its source of what the archive has of a calendar year."""
    files = sum(_is_studied(each, year) for each in archive.students.values())
    yield from _word_unit("Личные дела обучающихся", files, find_term(archive, PERSONAL_FOLDER))
    orders = sum(str(order.date.year) == year for order in archive.orders.values())
    yield from _word_unit("Приказы", orders, find_term(archive, "приказ"))
    for series in archive.series.values():
        issued = sum(
            entry.series == series.series and str(entry.date.year) == year
            for entry in archive.registers.values()
        )
        title = f"Книга регистрации: {series.title}"
        yield from _word_unit(title, issued, find_term(archive, "запись реестра"))
    taken = sum(str(each.taken.year) == year for each in archive.imports.values())
    yield from _word_unit("Выгрузки с платформ", taken, find_term(archive, "оригинал выгрузки"))


def _is_studied(student: Student, year: str) -> bool:
    span = calendar_year(int(year))
    return any(studied_between(each, span.start, span.end) for each in student.enrolments)


def _word_unit(
    title: str, count: int, rule: Retention | None
) -> Iterator[tuple[str, str, str, str]]:
    if count:
        yield title, str(count), _say_term(rule), rule.source if rule else "не назван"


def _say_term(rule: Retention | None) -> str:
    """Say a term of keeping and what it is counted from; one not taken on says so."""
    if rule is None:
        return "не назван"
    doubt = f" ({UNCONFIRMED})" if UNCONFIRMED in rule.source else ""
    years = counted(rule.years, YEARS)
    return f"{years} с{NBSP}1{NBSP}января следующего года; событие{NBSP}— {rule.since}{doubt}"


def _list_order_years(archive: Archive) -> list[str]:
    return sorted({str(order.date.year) for order in archive.orders.values()})


def _list_closed_years(archive: Archive) -> list[str]:
    ends = map(studied_until, archive.students.values())
    return sorted({str(end.year) for end in ends if end})


def _list_years(archive: Archive) -> list[str]:
    starts = {str(e.start.year) for s in archive.students.values() for e in s.enrolments}
    return sorted({*starts, *_list_order_years(archive)})


MEDIA = PrintedForm(
    "media-log", "Журнал учёта носителей", "архив", show_media,
    lambda archive: [""] if any(each.copies for each in archive.media.values()) else [],
    layout=PLAIN,
)  # fmt: skip
ORDERS = PrintedForm(
    "order-book", "Книга приказов", "год", show_orders, _list_order_years, layout=PLAIN
)
NAMES = PrintedForm(
    "name-book", "Алфавитная книга обучающихся", "архив", show_names,
    lambda archive: [""] if any(each.enrolments for each in archive.students.values()) else [],
    layout=PLAIN,
)  # fmt: skip
CASES = PrintedForm(
    "case-list", "Опись законченных дел", "год", show_cases, _list_closed_years, layout=PLAIN
)
UNITS = PrintedForm(
    "nomenclature", "Номенклатура дел", "год", show_units, _list_years, layout=PLAIN
)
