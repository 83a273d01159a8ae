"""Rules about acts of destruction: that each says what it should, and that nothing it took is here.

They judge what an act says. Whether history was rewritten exactly so, and who signed it, the rules
of history judge.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import (
    RECORDS,
    is_unit,
    place,
    record_file,
    student_folder,
    unit,
    unit_folder,
)
from papka.records.acts import DestroyedThing, Destruction
from papka.records.archive import Archive
from papka.records.tombstones import documents_of
from papka.records.wording import day

ACT_NUMBER_SKIPPED = Code(
    "ACT_NUMBER_SKIPPED",
    Severity.ERROR,
    says="Акт об уничтожении «{number}» не по порядку: {what}",
    hint="Ничего не переименовывайте: верните папку акта, как её записала программа, из истории",
    why="Акты нумеруются подряд, 1, 2, 3: пропуск похож на спрятанный акт.",
)
ACT_ORDER_WRONG = Code(
    "ACT_ORDER_WRONG",
    Severity.ERROR,
    says="Акт об уничтожении {number} опирается на приказ {order}: {what}",
    hint="Назовите приказ вида «уничтожение» не позже акта; нет такого — издайте: papka new order",
    why="Уничтожают по приказу руководителя (п. 6.4 Порядка): сначала он решает, потом это делают.",
)
ACT_TARGET_WRONG = Code(
    "ACT_TARGET_WRONG",
    Severity.ERROR,
    says="Акт об уничтожении {number} называет «{path}»: {what}",
    hint="Уничтожают целое личное дело, приказ, запись книги, выгрузку или скан документа из описи",
    why="Меньшего уничтожить нельзя: остаток рассказал бы об уничтоженном, и проверить архив без "
    "него было бы не по чему.",
)
ACT_TARGET_TWICE = Code(
    "ACT_TARGET_TWICE",
    Severity.ERROR,
    says="«{path}» уничтожено дважды: это называет и акт {other}",
    hint="Оставьте в том акте, по которому уничтожили; во втором строка лишняя",
    why="Уничтоженного второй раз не уничтожают: один из актов говорит неправду.",
)
DESTROYED_THERE = Code(
    "DESTROYED_THERE",
    Severity.ERROR,
    says="«{path}» {words}, а в архиве оно есть",
    hint="Если это уничтоженное и вернулось, удалите {file}; несохранённое убирает papka discard. "
    "Если номер дали новому, дайте другой: уничтоженные номера не используют повторно",
    why="То, что уничтожено по закону, не возвращается ни с копии, ни с чужого компьютера, а "
    "прежний номер выдал бы одно за другое (п. 6.4 Порядка).",
)
PURGE_UNKNOWN = Code(
    "PURGE_UNKNOWN",
    Severity.ERROR,
    says="В очистке после акта {number} названо «{name}»: {what}",
    hint="Назовите хранилище или носитель так, как в акте: stores, media",
    why="По этому списку видно, где уничтоженное ещё лежит: чужое имя закрыло бы не то хранилище.",
)

ACT_NUMBERS_BRANCHES = ("no number", "a gap")


def check_act_numbers(archive: Archive) -> Iterator[Finding]:
    """Acts of destruction are numbered one after another (R-6.4)."""
    keys = {*archive.destruction_acts, *_list_unread(archive)}
    known = {int(key) for key in keys if _is_number(key)}
    for key in archive.destruction_acts:
        where = Location(record_file("act", key) or "")
        if not _is_number(key):
            yield ACT_NUMBER_SKIPPED.at(where, number=key, what="это не число без нулей впереди")
        elif int(key) > 1 and int(key) - 1 not in known:
            what = f"акта {int(key) - 1} нет"
            yield ACT_NUMBER_SKIPPED.at(where, number=key, what=what)


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdecimal() and not key.startswith("0")


def _list_unread(archive: Archive) -> Iterator[str]:
    """List the numbers of acts that were rejected: a broken file still fills its number."""
    for path in archive.unreadable:
        found = place(path)
        if found is not None and found.kind == "act":
            yield found.key


ACT_ORDERS_BRANCHES = ("kind", "day", "cancelled")


def check_act_orders(archive: Archive) -> Iterator[Finding]:
    """An act rests on an order of destruction that was in force by its day (R-6.4)."""
    cancelled = {each.cancels: each.date for each in archive.orders.values() if each.cancels}
    for key, act in archive.destruction_acts.items():
        order = archive.orders.get(act.order)
        if order is None:
            continue  # `check_references`: not there, or destroyed itself since
        if order.kind != "уничтожение":
            what = f"он вида «{order.kind}»"
        elif order.date > act.date:
            what = f"он от {day(order.date)}, позже акта"
        elif (since := cancelled.get(act.order)) is not None and since <= act.date:
            what = f"он отменён {day(since)}"
        else:
            continue
        where = Location(record_file("act", key) or "", "/order")
        yield ACT_ORDER_WRONG.at(where, number=key, order=act.order, what=what)


ACT_TARGETS_BRANCHES = (
    *("no unit", "a file of a unit", "another year", "entry of another file"),
    *("entry of an order", "entry without a file"),
)


def check_act_targets(archive: Archive) -> Iterator[Finding]:
    """An act names whole units, and scans of documents by the line of their own inventory."""
    for key, act in archive.destruction_acts.items():
        for index, thing in enumerate(act.what):
            if what := _find_fault(archive, thing):
                field = "path" if thing.entry is None else "entry"
                where = Location(record_file("act", key) or "", f"/what/{index}/{field}")
                yield ACT_TARGET_WRONG.at(where, number=key, path=_name_of(thing), what=what)


def _name_of(thing: DestroyedThing) -> str:
    return thing.entry or thing.path


def _find_fault(archive: Archive, thing: DestroyedThing) -> str:
    """Say why a thing is none that can be destroyed; "" for one that can."""
    if not is_unit(thing.path):
        return "это не личное дело, не приказ, не запись книги и не выгрузка"
    if thing.entry is None:
        return ""
    student, _, number = thing.entry.partition("#")
    if student_folder(student) != thing.path:
        return f"этот документ — не из {thing.path}"
    owner = archive.students.get(student)
    documents = documents_of(owner) if owner else ()
    if any(each.id == number and each.file is None for each in documents):
        return "у этого документа нет файла"
    return ""


ACT_TARGETS_ONCE_BRANCHES = ("in one act", "in two acts", "a scan after its file")


def check_act_targets_once(archive: Archive) -> Iterator[Finding]:
    """A thing is destroyed once, and no scan after the whole file it lay in."""
    seen: dict[str, str] = {}
    for key, act in _in_order(archive):
        for index, thing in enumerate(act.what):
            whole = seen.get(thing.path) if thing.entry else None
            other = seen.setdefault(_name_of(thing), f"{key}/{index}")
            first = whole if whole is not None else other
            if first != f"{key}/{index}":
                where = Location(record_file("act", key) or "", f"/what/{index}")
                number = first.partition("/")[0]
                yield ACT_TARGET_TWICE.at(where, path=_name_of(thing), other=number)


def _in_order(archive: Archive) -> list[tuple[str, Destruction]]:
    numbered = ((key, act) for key, act in archive.destruction_acts.items() if _is_number(key))
    return sorted(numbered, key=lambda each: int(each[0]))


DESTROYED_BRANCHES = (
    *("personal file", "personal file not read", "order", "register entry"),
    *("import", "scan", "scan of a voided line", "rejected file"),
)


def check_destroyed(archive: Archive) -> Iterator[Finding]:
    """What an act destroyed is nowhere in the archive, and its number is given to nothing else."""
    stones = list(archive.destroyed)
    there = _list_units(archive) if stones else frozenset()
    for stone in stones:
        path = stone.path
        if not stone.entry and path in there:
            file = path if unit_folder(path) else f"{path}.yaml"
            yield DESTROYED_THERE.at(Location(file), path=path, words=stone.words, file=file)
    for student in archive.students.values() if stones else ():
        for name, stone in archive.destroyed.files_of(student).items():
            if name in student.attachments:
                path = f"{student.folder}/attachments/{name}"
                yield DESTROYED_THERE.at(Location(path), path=path, words=stone.words, file=path)


def _list_units(archive: Archive) -> frozenset[str]:
    """List the units of which anything is in the archive, read or not."""
    files = (path for kept in archive.import_files.values() for path in kept.digests)
    return frozenset(
        (
            *map(student_folder, {*archive.folders, *archive.students}),
            *(f"{RECORDS}/orders/{key}" for key in archive.orders),
            *(f"{RECORDS}/registers/{key}" for key in archive.registers),
            *(whole for path in (*files, *archive.unreadable) if (whole := unit(path))),
        )
    )


PURGES_BRANCHES = ("store", "medium", "twice", "without an act")


def check_purges(archive: Archive) -> Iterator[Finding]:
    """What was purged after an act is a store or a medium that the act names, told once."""
    for key, purges in archive.purges.items():
        act = archive.destruction_acts.get(key)
        path = record_file("purges", key) or ""
        if act is None:
            if archive.is_readable(record_file("act", key) or ""):
                yield PURGE_UNKNOWN.at(Location(path), number=key, name=key, what="акта такого нет")
            continue
        open_ = {("store", each.name) for each in act.stores}
        open_ |= {("medium", each) for each in act.media}
        named = set(open_)
        for index, each in enumerate(purges.purges):
            field, name = ("store", each.store) if each.store else ("medium", each.medium or "")
            if (field, name) not in open_:
                is_named = (field, name) in named
                what = "это уже записано выше" if is_named else "такого акт не называет"
                where = Location(path, f"/purges/{index}/{field}")
                yield PURGE_UNKNOWN.at(where, number=key, name=name, what=what)
            open_.discard((field, name))
