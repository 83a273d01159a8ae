"""What an order of destruction takes away: found, held against the law, shown; nothing is written.

Three sizes are destroyed: the scan of one document, a personal folder, another unit (an order, an
entry of a book, an export). Each stands in the order by its number and has a reason of its own: the
term is over and the need for it too, or the law demands it. Whatever forbids it is told, all of it
at once, each with what to do (`DestructionPlan.troubles`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from papka.core.cells import folded
from papka.core.errors import NotFound, PapkaError, Refused
from papka.core.phrases import suggest
from papka.core.places import (
    STUDENTS,
    is_student_id,
    place,
    read_address,
    student_file,
    student_folder,
    unit,
)
from papka.core.snapshot import Snapshot
from papka.desk.open_records import overview
from papka.desk.order_writing import find_order
from papka.records.acts import DataCategory, DestroyedCount, DestroyedThing, Order, Remaining
from papka.records.archive import Archive, issued_to
from papka.records.derived.destruction import (
    DestructionTarget,
    TargetObstacle,
    counts_kept,
    due_for_destruction,
    judge_target,
    what_remains,
)
from papka.records.derived.in_force import photos_of
from papka.records.derived.keeping import holds_on
from papka.records.derived.leadership import signatory_on
from papka.records.derived.statutory_terms import end_of_term
from papka.records.editing import drop_key
from papka.records.student import Student
from papka.records.tombstones import Tombstone, documents_of
from papka.records.wording import day, name_destroyed, number
from papka.repository.commit_snapshots import CommitSnapshot, CommitTree
from papka.repository.files import PAPERS, files_below
from papka.repository.git_values import MAIN
from papka.repository.handle import Remote, list_remotes

ORDER_KIND = "уничтожение"
"""The kind of an order that destroys."""
_PHOTO = frozenset({"photo", "фото", "фотография"})
_SPLIT = re.compile(r"\s*[#№]\s*")
_KINDS = ("documents", "order", "register", "import")


@dataclass(frozen=True, slots=True)
class DoomedThing:
    """One thing to destroy: a unit, or with `entry` the file of one document of it.

    `files`: paths at the head; `whose`: the person's name, "" where there is none.
    """

    thing: DestroyedThing
    target: DestructionTarget
    files: tuple[str, ...]
    whose: str = ""

    @property
    def owner(self) -> str:
        """The number of the personal file that it is, or lies in; "" for other units."""
        name = self.thing.path.rpartition("/")[2]
        return name if self.thing.path == f"{STUDENTS}/{name[:4]}/{name}" else ""

    @property
    def is_strange(self) -> bool:
        """Whether it is a paper of somebody else, entered by mistake."""
        return bool(self.thing.entry) and self.thing.basis == "неправомерные данные"

    @property
    def title(self) -> str:
        return name_destroyed(self.thing.path, self.thing.entry)


@dataclass(frozen=True, slots=True)
class DestructionPlan:
    """All that vanishes and all that is in the way.

    `changes`: records that are saved first, without what names the files that go; `elsewhere`:
    files with the same bytes that stay, beside the one that goes; `issued`: numbers of documents
    in the books; `printed`: papers in `print/`; `twins`: personal files to look for in the
    restricted archive.
    """

    head: str
    number: int
    key: str
    order: Order
    archive: Archive
    doomed: tuple[DoomedThing, ...]
    changes: Mapping[str, bytes]
    elsewhere: tuple[tuple[str, str], ...]
    remains: tuple[Remaining, ...]
    counts: tuple[DestroyedCount, ...]
    issued: tuple[str, ...]
    printed: tuple[str, ...]
    media: tuple[str, ...]
    twins: tuple[str, ...]
    remotes: tuple[Remote, ...]
    troubles: tuple[PapkaError, ...]
    blocked_until: dt.date

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(path for each in self.doomed for path in each.files)

    @property
    def gone(self) -> tuple[str, ...]:
        """What leaves every tree: units, and single files."""
        return tuple(
            sorted(
                path
                for each in self.doomed
                for path in (each.files if each.thing.entry else (each.thing.path,))
            )
        )


def plan_destruction(  # noqa: PLR0913 - what a plan depends on
    root: Path,
    words: Iterable[str],
    said: str,
    *,
    on: dt.date,
    today: dt.date,
    by_head: bool,
) -> DestructionPlan:
    """Find what the words name and judge it by the order that `said` names, at the last save.

    `by_head`: whether the key that will sign is a head's. Raise NotFound for what is not there.
    """
    tree = CommitSnapshot(root, MAIN)
    archive = read_archive(tree)
    units = list_units(tree.paths())
    key = find_order_of(archive, said)
    order = archive.orders[key]
    troubles: list[PapkaError] = [*_judge_order(archive, key, on, today)]
    if not by_head:
        troubles.append(
            Refused(
                "Уничтожает только руководитель: акт подписывает его ключ",
                "Пусть команду даст руководитель; с его ключом: --as НОМЕР",
            )
        )
    doomed: dict[tuple[str, str | None], DoomedThing] = {}
    for word in words:
        for path, entry in find_things(archive, units, word):
            found, wrong = _judge_thing(archive, units, path, entry, on)
            doomed[path, entry] = found
            troubles += [*wrong, *_judge_naming(archive, order, found)]
    things = _without_covered(doomed.values())
    people = sorted({each.owner for each in things} - {""})
    return DestructionPlan(
        head=tree.commit,
        number=next_act(archive),
        key=key,
        order=order,
        archive=archive,
        doomed=things,
        changes=_save_before(tree, archive, things),
        elsewhere=tuple(_find_elsewhere(tree, things)),
        remains=what_remains(archive, [each.target for each in things], on),
        counts=counts_kept(archive, [each.thing.path for each in things if not each.thing.entry]),
        issued=tuple(e.number for who in people for e in issued_to(archive, who).values()),
        printed=tuple(_find_printed(root, people)),
        media=tuple(_list_media(root, archive, things)),
        twins=tuple(each.owner for each in things if each.owner and not each.thing.entry),
        remotes=list_remotes(root),
        troubles=tuple(troubles),
        blocked_until=_end_of_blocking(archive, on),
    )


def read_archive(tree: Snapshot) -> Archive:
    """Read what plans rest on: everyone's study, papers by their lines, orders, books, exports."""
    return overview(tree, *_KINDS)


Units = Mapping[str, tuple[str, ...]]
"""Every unit of retention that there is -> its files."""


def list_units(paths: Iterable[str]) -> Units:
    """List the units that these paths lie in, with their files."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        if (name := unit(path)) is not None:
            found[name].append(path)
    return {name: tuple(files) for name, files in found.items()}


def list_due(root: Path, on: dt.date) -> tuple[tuple[str, DestructionTarget], ...]:
    """Return all that may be destroyed on a day, each with the word that names it."""
    tree = CommitSnapshot(root, MAIN)
    archive = read_archive(tree)
    found = due_for_destruction(archive, tree.paths(), on)
    return tuple((_word_of(archive, each), each) for each in found if not each.obstacles)


def name_due(root: Path, said: str, on: dt.date) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of what is due and named by the order, and of what is due and is not."""
    tree = CommitSnapshot(root, MAIN)
    archive = read_archive(tree)
    order = archive.orders[find_order_of(archive, said)]
    units = list_units(tree.paths())
    named: list[str] = []
    left: list[str] = []
    for word, each in list_due(root, on):
        found, _ = _judge_thing(archive, units, each.path, each.entry, on)
        (left if any(_judge_naming(archive, order, found)) else named).append(word)
    return tuple(dict.fromkeys(named)), tuple(left)


def _word_of(archive: Archive, target: DestructionTarget) -> str:
    """Return the word by which `find_things` finds it."""
    if target.entry:
        return target.entry
    steps = target.path.split("/")[1:]
    if steps[0] == "students":
        return steps[-1]
    if steps[0] == "registers":
        key = "/".join(steps[1:])
        return archive.registers[key].number if key in archive.registers else key
    return "/".join(steps[1:3])


def _end_of_blocking(archive: Archive, on: dt.date) -> dt.date:
    """Return by when media that are not at hand must be freed (152-ФЗ ст. 21 ч. 6)."""
    school = archive.organization
    return end_of_term(school, "уничтожение заблокированных данных", on).last if school else on


def _find_elsewhere(
    tree: CommitSnapshot, things: Iterable[DoomedThing]
) -> Iterator[tuple[str, str]]:
    """Yield a file that goes and another with the same bytes that stays."""
    gone = {path: tree.entries[path].id for each in things for path in each.files}
    by_id = {id_: path for path, id_ in gone.items()}
    for path, file in tree.entries.items():
        if file.id in by_id and path not in gone:
            yield by_id[file.id], path


def next_act(archive: Archive) -> int:
    """Return the number of the next act of destruction."""
    return 1 + max((int(each) for each in archive.destruction_acts), default=0)


def find_order_of(archive: Archive, said: str) -> str:
    """Return the key of the order these words name; raise NotFound, Refused."""
    found = find_order(archive.orders, said, (ORDER_KIND,))
    found = found or find_order(archive.orders, said, {o.kind for o in archive.orders.values()})
    if len(found) > 1:
        raise Refused(
            f"Приказов «{said}» несколько: {', '.join(found)}",
            "Назовите приказ по файлу: 2027/0003",
        )
    if not found:
        known = [key for key, order in archive.orders.items() if order.kind == ORDER_KIND]
        raise NotFound(
            f"Приказа «{said}» нет",
            f"Заведите его, вида «уничтожение»: papka new order.{suggest(said, known)}",
        )
    return found[0]


def find_things(archive: Archive, units: Units, word: str) -> list[tuple[str, str | None]]:
    """Return the units, and documents of them, that a word names; raise NotFound."""
    who, _, tail = _SPLIT.sub("#", read_address(word.strip()), count=1).partition("#")
    if is_student_id(who):
        folder = student_folder(who)
        _refuse_destroyed(archive.destroyed.of_path(folder), f"Дело {who}")
        if folder not in units:
            raise NotFound(
                f"Дела {who} в архиве нет",
                f"Все дела: papka find.{suggest(who, archive.folders)}",
            )
        if not tail:
            return [(folder, None)]
        return [(folder, f"{who}#{each}") for each in _find_documents(archive, who, tail)]
    books = [key for key, entry in archive.registers.items() if who in (entry.number, key)]
    named = (
        f"records/orders/{who}",
        *(f"records/registers/{key}" for key in books),
        *(f"records/imports/{who}/{part}" for part in ("original", "unmatched")),
    )
    found = [(each, None) for each in named if each in units]
    if not found:
        for each in named:
            _refuse_destroyed(archive.destroyed.of_path(each), f"«{word}»:")
        raise NotFound(
            f"«{word}»: такого дела, документа, приказа или выгрузки нет",
            "Назовите номер дела (2020-0007), документ в нём (2020-0007#d3 или 2020-0007#фото), "
            "приказ (2020/0001), номер выданного документа или выгрузку (2020-1/1)",
        )
    return list(found)


def _refuse_destroyed(known: Tombstone | None, what: str) -> None:
    if known is not None:
        raise NotFound(
            f"{what} {known.words}", f"Делать нечего; акт: papka print destruction-act {known.act}"
        )


def _find_documents(archive: Archive, who: str, tail: str) -> list[str]:
    """Return the ids of documents with a file that a word after the number names."""
    student = archive.students.get(who) or Student(who)
    if folded(tail) in _PHOTO:
        found = [each.id for each in photos_of(student) if each.id]
        if not found:
            raise NotFound(f"Фотографии в деле {who} нет", f"Что в нём есть: papka show {who}")
        return found
    document = next((each for each in documents_of(student) if each.id == tail), None)
    if document is None or document.file is None:
        raise NotFound(
            f"В описи дела {who} нет документа «{tail}» с файлом",
            f"Опись: papka show {who}; называют строку описи: {who}#d3",
        )
    return [tail]


def _judge_order(archive: Archive, key: str, on: dt.date, today: dt.date) -> Iterator[Refused]:
    order = archive.orders[key]
    if order.kind != ORDER_KIND:
        yield Refused(
            f"Приказ {key} — вида «{order.kind}», а уничтожают по приказу вида «{ORDER_KIND}»",
            "Издайте такой приказ: papka new order",
        )
    if order.date > on:
        yield Refused(
            f"Приказ {number(order.number)} от {day(order.date)} позже дня уничтожения {day(on)}",
            "Проверьте дату приказа или назовите день: --date",
        )
    if on > today:
        yield Refused(f"День {day(on)} ещё не наступил", "Назовите сегодняшний или прошедший")
    if signatory_on(archive, order.date, order.signed_by) is None:
        yield Refused(
            f"Приказ {number(order.number)} подписал не руководитель: {order.signed_by}",
            "Уничтожение решает руководитель; исправьте signed_by в приказе или издайте новый",
        )
    by = next((each for each, one in archive.orders.items() if one.cancels == key), None)
    if by is not None:
        yield Refused(f"Приказ {key} отменён приказом {by}", "Назовите приказ, который действует")


def _judge_naming(archive: Archive, order: Order, found: DoomedThing) -> Iterator[Refused]:
    """Tell when the order does not name the thing: people by number, the rest in its words."""
    thing = found.thing
    owner = found.owner
    if owner:
        named = {address for item in order.items for address in item.students}
        if named & {thing.entry or owner, owner}:
            return
        word = thing.entry or owner
        step = f"Внесите в приказ, в поле «О ком»: {word}"
    else:
        word = _word_of(archive, found.target)
        if any(_names(item.text, word) for item in order.items):
            return
        step = f"Назовите в тексте пункта: {word}"
    yield Refused(f"В приказе {number(order.number)} не названо: {found.title}", step)


def _names(text: str, word: str) -> bool:
    """Whether a text names a unit: `2026-2/12` is not `2026-2/1`."""
    return re.search(rf"(?<![\w/-]){re.escape(word)}(?![/-]?\w)", text, re.IGNORECASE) is not None


def _judge_thing(
    archive: Archive, units: Units, path: str, entry: str | None, on: dt.date
) -> tuple[DoomedThing, list[Refused]]:
    """Return one thing with its reason, and what forbids to destroy it."""
    target = judge_target(archive, path, on, entry)
    student = archive.students.get(path.rpartition("/")[2])
    name = student.person.name.full if student and student.person else ""
    files = target.files or units[path]
    thing = DestroyedThing(
        path=path,
        basis=target.basis or "срок хранения",  # of what may not go nothing is written
        due=target.due or on,
        entry=entry,
        categories=_sort_categories(_list_categories(student, path, entry, files)),
        sheets=_count_sheets(student) if student and not entry else None,
    )
    found = DoomedThing(thing, target, files, name)
    wrong = [
        Refused(f"{found.title}: {each}", _say_step(each, found.owner, entry, student, on))
        for each in target.obstacles
    ]
    if entry is None and path.startswith(STUDENTS) and f"{path}/.salt" not in files:
        wrong.append(
            Refused(
                f"{found.title}: в папке нет файла .salt",
                "Без него по пломбам прежних лет можно проверить догадку об уничтоженном; узнайте, "
                "что с ним: papka verify",
            )
        )
    return found, wrong


def _say_step(
    obstacle: TargetObstacle, who: str, entry: str | None, student: Student | None, on: dt.date
) -> str:
    """Say what to do about an obstacle, with the addresses that it is about."""
    holds = holds_on(student, on) if student else ()
    hold = holds[0].id if holds else ""
    return STEPS[obstacle].format(who=who, entry=entry or who, hold=f"{who}#{hold}")


STEPS: dict[TargetObstacle, str] = {
    "обучение не окончено": "Дело уничтожают после срока хранения, а он идёт с окончания обучения",
    "событие не наступило": "Срок хранения ещё не начался: уничтожать рано",
    "нет срока хранения": "Впишите срок и его основание: records/organization.yaml, retention",
    "неизвестно, от какого события считать": "Назовите событие словом из списка: "
    "records/organization.yaml, retention, since",
    "срок хранения не подтверждён": "Подтвердите срок приказом и уберите «не подтверждено»: "
    "records/organization.yaml, retention, source",
    "срок хранения не истёк": "Дождитесь конца срока: papka status --due скажет, когда он прошёл",
    "действует запрет": "Если повода для запрета больше нет, закончите его: papka fix {hold} "
    "until=ДАТА",
    "надобность не признана миновавшей": "Запишите решение руководителя: papka fix {who} "
    "need_ended.date=ДАТА need_ended.order=ПРИКАЗ",
    "такого в архиве нет": "Проверьте номер: papka find; нечитаемое исправляют: papka check",
    "уничтожено раньше": "Делать нечего: об этом есть акт",
    "у документа нет файла": "Уничтожать нечего: бумагу вынимают из дела по тому же приказу",
    "файл нужен другому документу описи": "Если он и там внесён ошибочно, отметьте это: papka fix "
    "{entry} --void --reason ПРИЧИНА",
    "для скана есть другое основание: срок хранения дела": "Уничтожают скан, внесённый ошибочно "
    "(papka fix {entry} --void --reason ПРИЧИНА), и фотографию, согласие на которую отозвано или "
    "кончилось",
}
"""What to do about each obstacle; `_say_step` fills the addresses in."""


def _list_categories(
    student: Student | None, path: str, entry: str | None, files: Iterable[str]
) -> Iterator[DataCategory]:
    """Yield what kinds of data a thing holds, by what is written there."""
    if entry:
        photos = {each.id for each in photos_of(student)} if student else set()
        is_photo = entry.partition("#")[2] in photos
        yield "фотография" if is_photo else "копии документов"
        return
    if not path.startswith(STUDENTS):
        yield _OF_UNIT[path.split("/")[1]]
        return
    person = student.person if student else None
    if person is not None and student is not None:
        yield "фамилия, имя, отчество"
        told: tuple[tuple[DataCategory, object], ...] = (
            ("дата рождения", person.birth_date),
            ("контактные данные", person.phone or person.email or person.address),
            ("данные документов", person.identity or person.snils),
            ("сведения о законных представителях", person.representatives),
            ("имена на платформах", person.accounts),
            ("фотография", photos_of(student)),
        )
        yield from (category for category, value in told if value)
    for each in files:
        where = place(each)
        if where is not None and (known := _OF_KIND.get(where.kind, "иные сведения")):
            yield known


_OF_UNIT: dict[str, DataCategory] = {
    "orders": "сведения приказа",
    "registers": "сведения о выданном документе",
    "imports": "строки выгрузок",
}
_OF_KIND: dict[str, DataCategory | None] = {
    "enrolments": "сведения об обучении",
    "transfers": "сведения об обучении",
    "results": "результаты обучения",
    "credits": "результаты обучения",
    "awards": "поощрения",
    "consents": "согласия",
    "notices": "извещения и обращения",
    "requests": "извещения и обращения",
    "attachment": "копии документов",
    "raw": "строки выгрузок",
    **dict.fromkeys(("student", "documents", "salt", "destroyed")),
}
"""What a file of a personal folder says by being there; the card is looked into."""


def _sort_categories(found: Iterable[DataCategory]) -> tuple[DataCategory, ...]:
    present = set(found)
    return tuple(each for each in get_args(DataCategory) if each in present)


def _count_sheets(student: Student) -> int | None:
    paper = student.person.paper if student.person else None
    return sum(volume.sheets for volume in paper.shelf) or None if paper else None


def _without_covered(found: Iterable[DoomedThing]) -> tuple[DoomedThing, ...]:
    """Leave out documents of a personal file that goes whole; sort by path and entry."""
    things = list(found)
    whole = {each.thing.path for each in things if each.thing.entry is None}
    kept = (each for each in things if each.thing.entry is None or each.thing.path not in whole)
    return tuple(sorted(kept, key=lambda each: (each.thing.path, each.thing.entry or "")))


def _save_before(
    tree: Snapshot, archive: Archive, things: Iterable[DoomedThing]
) -> dict[str, bytes]:
    """Return cards without the photo that goes: it would name a file that is not there."""
    found: dict[str, bytes] = {}
    for each in things:
        student = archive.students.get(each.owner)
        person = student.person if student else None
        if not student or not person or not person.photo:
            continue
        if each.thing.entry == f"{student.id}#{person.photo}":
            card = student_file(student.id, "student")
            found[card] = drop_key(tree.read(card), "", "photo")
    return found


def _find_printed(root: Path, people: Iterable[str]) -> Iterator[str]:
    """Yield the papers in `print/` that are called by one of these personal files."""
    wanted = tuple(people)
    for path in files_below(root, PAPERS):
        if any(who in path for who in wanted):
            yield path


def _list_media(root: Path, archive: Archive, things: Iterable[DoomedThing]) -> Iterator[str]:
    """Yield the labels of media with a copy that holds one of these, or may hold it."""
    files = [each.files[0] for each in things if each.files]
    labels: dict[str, None] = {}
    for journal in archive.media.values():
        for copy in journal.copies:
            if copy.medium not in labels and _holds(root, copy.head, files):
                labels[copy.medium] = None
    yield from labels


def _holds(root: Path, head: str | None, files: Iterable[str]) -> bool:
    """Whether a copy of this commit has one of the files; of an unknown commit it is feared."""
    if head is None:
        return True
    try:
        tree = CommitTree(root, head)
        return any(tree.id_of(path) is not None for path in files)
    except PapkaError:
        return True
