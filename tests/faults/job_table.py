"""The jobs that faults are put into: the table that a new command adds its row to.

A job is a command line, how the world is before it, and what must hold in the end.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from papka.copies import mirrors
from papka.copies.mirror_store import find_weakened
from papka.copies.syncing import sync
from papka.core.errors import NotAnArchive
from papka.core.places import student_folder
from papka.desk.study_period import period_states
from papka.repository.handle import list_remotes
from papka.repository.packing import MANY
from papka.repository.signing import find_actor
from papka.repository.store import locate
from tests.faults.hurt_school import (
    HERE,
    NOTE,
    PRIMARY,
    SECOND,
    UNSAVED,
    World,
    grave,
    main_of,
    saved,
    unsound,
)
from tests.faults.injection import Program
from tests.support.clones import CLERK
from tests.support.doomed import ORDER as DOOM
from tests.support.doomed import PHOTO_FILE, PHOTO_ID, has_object, make_doomed
from tests.support.histories import add_litter, list_litter, list_packed
from tests.support.issuing import ISSUED, STUDY
from tests.support.school import STUDENT, TEACHER
from tests.support.taking import EMIL, PERIOD, emil, gradebook

Words = Callable[[World], list[str | Path]]
_EMILS = f"records/students/2026/{EMIL}"
_PEOPLE = ("Фамилия", "Имя", "Отчество", "Дата рождения", "Почта", "Пол", "Программа", "Группа",
           "Начало")  # fmt: skip
_NOTICE = "  - date: 2026-06-01\n    about: успеваемость\n    channel: {}\n    told: p1\n"


@dataclass(frozen=True, slots=True)
class Job:
    """`facts`: path -> what stands there once the job is done, all of them or none; a path with
    "" need only be there. `stores`: where the facts then are; any later exchange brings them to
    the rest. `talks`: it needs the primary, `talks_as`: as this job does, whose line is broken in
    its stead but for --soak; `needs_gate`: with papka's own hook, where that is a server; `staff`:
    who signs; `refusal`: what it says when it is asked to do what it has told to be done;
    `meanwhile`: codes that verify finds till then;
    `proof`: what else does not hold in the end."""

    name: str
    words: Words
    prepare: Callable[[World], None]
    facts: Mapping[str, str]
    stores: tuple[str, ...] = (HERE,)
    talks: bool = False
    talks_as: str = ""
    needs_gate: bool = False
    staff: str | None = None
    refusal: str = ""
    meanwhile: frozenset[str] = frozenset()
    proof: Callable[[World], Iterator[str]] = lambda _: iter(())


_EDITED = {
    f"{STUDENT}/notices.yaml": "почта-1",
    f"{_EMILS}/student.yaml": "phone",
    f"{_EMILS}/notices.yaml": "почта-2",
}


def _save(world: World) -> None:
    archive = world.archive
    path = f"{STUDENT}/notices.yaml"
    archive.write(UNSAVED, archive.read(UNSAVED).removesuffix(NOTE))
    archive.write(path, archive.read(path) + _NOTICE.format("почта-1"))
    archive.write(
        f"{_EMILS}/student.yaml", archive.read(f"{_EMILS}/student.yaml") + "phone: '+70000000007'\n"
    )
    archive.write(
        f"{_EMILS}/notices.yaml",
        "notices:\n" + _NOTICE.format("почта-2").replace("p1", "обучающийся"),
    )


_LITTER = list_litter(MANY)
"""With so much of it the store is packed after the next save."""


def _crowd(world: World) -> None:
    """Edits to be saved, in a store where as much lies loose as may."""
    _save(world)
    add_litter(locate(world.archive.root).objects, _LITTER)


def _apart(world: World) -> Iterator[str]:
    """What nothing leads to lies where it lay, and no pack holds it."""
    root = world.archive.root
    if odd := list_packed(root) & _LITTER.keys():
        yield f"упаковано лишнее: {len(odd)}"
    places = ((locate(root).objects / id_[:2] / id_[2:], data) for id_, data in _LITTER.items())
    if gone := [place for place, data in places if place.read_bytes() != data]:
        yield f"лишнее изменено: {len(gone)}"


def _take(world: World) -> None:
    (world.root / "grades.csv").write_bytes(gradebook(emil("5", "5", "зачтено")))
    person = ("Осокина", "Яна", "", "05.05.2012", "", "ж", "guitar", "", "02.09.2026")
    (world.root / "people.csv").write_bytes(gradebook(person, columns=_PEOPLE))


def _nothing(_: World) -> None:
    """All that is needed is there."""


def _unsent(world: World) -> None:
    """Two saves that no mirror has."""
    for name in ("почта-1", "почта-2"):
        path = f"{STUDENT}/notices.yaml"
        world.archive.write(path, world.archive.read(path) + _NOTICE.format(name))
        _save_but_note(world)


def _save_but_note(world: World) -> None:
    """Saves what was edited but for the file that stays unsaved."""
    edited = world.archive.read(UNSAVED)
    world.archive.write(UNSAVED, edited.removesuffix(NOTE))
    saved(world.archive, TEACHER)
    world.archive.write(UNSAVED, edited)


def _diverged(world: World) -> None:
    """A save here, and another's on the primary, both to the same list."""
    other, path = world.other, f"{STUDENT}/notices.yaml"
    other.write(path, other.read(path) + _NOTICE.format("чужое"))
    saved(other, CLERK)
    now = datetime.now(UTC)
    assert not sync(other.root, [find_actor(other.root, CLERK)], now=now).is_stopped
    world.archive.write(path, world.archive.read(path) + _NOTICE.format("своё"))
    _save_but_note(world)


def _closing(world: World) -> list[str | Path]:
    state = period_states(world.archive.root, PERIOD)[0]
    names = [*(lack.name for lack in state.lacks), *state.untaken, *state.unmatched]
    accepted = [part for name in names for part in ("--accept", f"{name}=решение 3 от 20.11")]
    return ["period", "close", PERIOD, "--yes", *accepted, "-C", world.archive.root]


def _newcomer(year: int) -> str:
    """The card of the next person of a year: five of 2026 are there."""
    number = 6 if year == 2026 else 1
    return f"{student_folder(f'{year}-{number:04}')}/student.yaml"


def _medium(world: World) -> None:
    """A disk that is plugged in, with nothing on it."""
    world.medium.mkdir()


def _copies(world: World) -> Iterator[str]:
    """Each copy that the journal names is on the medium, and plain git opens it."""
    found = [*world.medium.glob("papka-2*/archive.bundle")]
    if not found:
        yield "на носителе нет копии"
    for bundle in found:
        ran = subprocess.run(
            ["git", "clone", "-q", "--bare", bundle, world.root / "tmp" / bundle.parent.name],
            capture_output=True, check=False, text=True,
        )  # fmt: skip
        if ran.returncode:
            yield f"копию {bundle.parent.name} не открыть: {ran.stderr}"


def _restored(world: World) -> Path:
    return world.root / "restored" / "new"


def _made_again(world: World) -> Iterator[str]:
    """The restored archive is whole and where the mirrors are, and nothing half made lies by it."""
    place = _restored(world)
    if main_of(place) != main_of(world.second):
        yield f"восстановлено не то: {main_of(place)}"
    if reason := unsound(place):
        yield f"восстановленное: {reason}"
    yield from (f"восстановленное: {each}" for each in grave(place, datetime.now(UTC)))
    yield from (f"остался обрывок {each}" for each in place.parent.iterdir() if each != place)


_SCHOOL = (
    "--organization", "Индивидуальный предприниматель Ландышева Зоя Зиновьевна",
    "--short-name", "ИП Ландышева З. З.", "--head", "Ландышева Зоя Зиновьевна",
    "--place", "г. Верхние Тучки", "--address", "000000, г. Верхние Тучки, ул. Тихая, д. 2",
)  # fmt: skip


def _spare(world: World) -> Path:
    return world.root / "spare" / "third.git"


def _school(world: World) -> Path:
    return world.root / "spare" / "school"


def _room(world: World) -> None:
    (world.root / "spare").mkdir()


def _sound_store(place: Path) -> Iterator[str]:
    """A bare store that git takes for one, with the settings that lose nothing."""
    if reason := unsound(place):
        yield f"{place.name}: {reason}"
    try:
        if weak := find_weakened(locate(place)):
            yield f"{place.name}: ослаблено {weak}"
    except NotAnArchive:
        yield f"{place.name}: не хранилище"
    yield from (f"{place.name}: остался {each.name}" for each in place.glob("*.lock"))


def _added(world: World) -> Iterator[str]:
    """It is written down, whole, and the primary is what it was."""
    known = [(each.name, each.primary) for each in list_remotes(world.archive.root)]
    if known != [("hub", True), ("usb", False), ("spare", False)]:
        yield f"зеркала не те: {known}"
    yield from _sound_store(_spare(world))


def _hosted(world: World) -> Iterator[str]:
    place = _spare(world)
    yield from _sound_store(place)
    if not os.access(place / "hooks" / "pre-receive", os.X_OK):
        yield "проверки на входе нет"
    if place.stat().st_mode & 0o077:
        yield "папка открыта другим"


def _founded(world: World) -> Iterator[str]:
    place = _school(world)
    yield from (f"новый архив: {each}" for each in grave(place, datetime.now(UTC)))
    left = {each.name for each in place.parent.iterdir()} - {"school", "keys"}
    yield from (f"остался обрывок {name}" for name in left)
    keys = {each.name for each in (place.parent / "keys").iterdir()}
    if keys != {"head", "head.pub", "recovery", "recovery.pub"}:
        yield f"ключи не те: {keys}"


def _doomed(world: World) -> None:
    """A photo whose consent was withdrawn, in every store, and the order; nothing is unsaved."""
    world.archive.write(UNSAVED, world.archive.read(UNSAVED).removesuffix(NOTE))
    make_doomed(world.archive)
    assert mirrors.push(world.archive.root).is_good


def _destroyed(world: World) -> Iterator[str]:
    for name, store in world.stores.items():
        if has_object(store, PHOTO_ID):
            yield f"{name}: фотография ещё есть"
    if (world.archive.root / PHOTO_FILE).exists():
        yield "фотография ещё лежит в папке"
    told = world.archive.read("records/acts/1/purged.yaml")
    yield from (f"не отмечено: {name}" for name in ("архив", "hub", "usb") if name not in told)


def _on(*words: str) -> Words:
    """A command line for the archive, whose last key is where it is."""
    return lambda world: [*words, "-C", world.archive.root]


_GROUP = "Г-26-1"
_PAGE = Program(
    """
import datetime, sys
from pathlib import Path
from papka.cli.context import mirror_access
from papka.core.errors import PapkaError
from papka.repository.signing import find_actor
from papka.web.face import Face
from papka.web.site import make_site
from tests.support.plain_browser import PlainBrowser

def now():
    return datetime.datetime.now(datetime.UTC)

def fault(error):
    raise error

root, staff, group, period, cell = sys.argv[1:]
try:
    actor = find_actor(Path(root), staff)
    face = Face(Path(root), now, fault, "token", actor, mirror_access())
    page = PlainBrowser(make_site(face)).open("/enter/marks/", group=group, period=period)
    page = page.fill({"day": "20.11.2026", cell: "5"}, "preview")
    if page.heading == "Проверьте и сохраните":
        page = page.send("save")
except (PapkaError, OSError) as trouble:
    print(trouble)
    sys.exit(3)
print(page.text)
done = ("Сохранено", "Сохранять нечего: всё уже так", "Ни одна отметка не изменена")
sys.exit(0 if any(each in page.text for each in done) else 3)
"""
)
"""A save through the page, asked for as a browser without JavaScript asks."""


def _grouped(world: World) -> None:
    """Somebody studies in a group whose marks a page shows."""
    path = f"{_EMILS}/enrolments.yaml"
    world.archive.edit(path, "    edition: 2\n", f"    edition: 2\n    group: {_GROUP}\n")
    _save_but_note(world)


JOBS = (
    Job(
        "save",
        _on("save", "--as", TEACHER),
        _save,
        _EDITED,
        staff=TEACHER,
    ),
    Job(
        "take",
        lambda world: [
            "take", world.root / "grades.csv", world.root / "people.csv",
            "--period", PERIOD, "--platform", "kurs", "--date", "2026-11-20",
            "--as", TEACHER, "--learn", "-C", world.archive.root,
        ],
        _take,
        {
            f"{_EMILS}/results/{PERIOD}.yaml": "mark: 5",
            f"{_EMILS}/student.yaml": "u2",
            _newcomer(datetime.now(UTC).year): "Осокина",
            f"records/imports/{PERIOD}/2/manifest.yaml": "",
            f"records/imports/{PERIOD}/3/manifest.yaml": "",
        },
        stores=(HERE, PRIMARY),
        talks=True,
        staff=TEACHER,
    ),
    Job(
        "page",
        lambda world: [
            _PAGE, world.archive.root, TEACHER, _GROUP, PERIOD, f"mark:{EMIL}:e1:техника",
        ],
        _grouped,
        {
            f"{_EMILS}/results/{PERIOD}.yaml": "mark: 5",
            f"records/imports/{PERIOD}/2/manifest.yaml": "",
        },
        stores=(HERE, PRIMARY),
        talks=True,
        talks_as="take",
        staff=TEACHER,
    ),
    Job(
        "issue",
        _on("issue", "certificate", STUDY, "--date", "2026-11-20", "--as", "s001"),
        _nothing,
        {f"{ISSUED}/certificates-0001.yaml": "С-2026-0001"},
        stores=(HERE, PRIMARY),
        talks=True,
        staff="s001",
        refusal="уже выдан",
    ),
    Job(
        "close",
        _closing,
        _nothing,
        {f"records/approvals/{PERIOD}.yaml": "signed_by"},
        staff="s001",
    ),
    Job(
        "push",
        _on("mirror", "push"),
        _unsent,
        {f"{STUDENT}/notices.yaml": "почта-2"},
        stores=(HERE, PRIMARY, SECOND),
        talks=True,
    ),
    Job(
        "sync",
        _on("sync", "--as", TEACHER),
        _diverged,
        {f"{STUDENT}/notices.yaml": "чужое"},
        stores=(HERE, PRIMARY, SECOND),
        talks=True,
        staff=TEACHER,
    ),
    Job(
        "backup",
        lambda world: [
            "backup", "--to", world.medium, "--medium", "Н-1", "--kind", "внешний диск",
            "--place", "сейф", "--year", "2026", "--as", "s001", "-C", world.archive.root,
        ],
        _medium,
        {"records/media/2026.yaml": "Н-1"},
        staff="s001",
        refusal="в будущем",
        proof=_copies,
    ),
    Job(
        "restore",
        lambda world: [
            "restore", _restored(world), "--from", "hub", "--from", "usb", "-C", world.archive.root,
        ],
        _nothing,
        {},
        talks=True,
        proof=_made_again,
    ),
    Job(
        "drill",
        _on("restore", "--drill", "--from", "hub", "--as", "s001"),
        _nothing,
        {"records/media/2026.yaml": "verdict: годна"},
        talks=True,
        staff="s001",
        refusal="в будущем",
    ),
    Job(
        "destroy",
        lambda world: [
            "destroy", "2026-0001#d4", "--order", DOOM, "--confirm", DOOM, "--as", "s001",
            "--out", world.root / "act.pdf", "-C", world.archive.root,
        ],
        _doomed,
        {"records/acts/1/act.yaml": "2026-0001#d4"},
        stores=(HERE, PRIMARY, SECOND),
        talks=True,
        needs_gate=True,
        staff="s001",
        refusal="уничтожено раньше",
        meanwhile=frozenset({"OBJECT_AFTER_ACT", "DESTROYED_PRESENT"}),
        proof=_destroyed,
    ),
    Job(
        "mirror add",
        lambda world: [
            "mirror", "add", "spare", _spare(world), "--country", "RU", "-C", world.archive.root,
        ],
        _room,
        {},
        proof=_added,
    ),
    Job(
        "mirror host",
        lambda world: ["mirror", "host", _spare(world), "--anchor", "SHA256:" + 43 * "A"],
        _room,
        {},
        proof=_hosted,
    ),
    Job(
        "pack",
        _on("save", "--as", TEACHER),
        _crowd,
        _EDITED,
        staff=TEACHER,
        proof=_apart,
    ),
    Job(
        "init",
        lambda world: ["init", _school(world), *_SCHOOL, "--keys", _school(world).parent / "keys"],
        _room,
        {},
        proof=_founded,
    ),
)  # fmt: skip
"""A new command that writes adds its row here."""


def in_year(job: Job, year: int) -> Job:
    """The job as it is done by a clock that shows another year."""
    here, there = _newcomer(datetime.now(UTC).year), _newcomer(year)
    facts = {there if path == here else path: words for path, words in job.facts.items()}
    return replace(job, facts=facts)


def ready(world: World, job: Job) -> None:
    """The world as it is when the job begins."""
    if world.is_kept(job.name):
        world.bring(job.name)
        return
    world.bring("start")
    job.prepare(world)
    world.keep(job.name)


def send(world: World) -> None:
    """What a person does afterwards in any case: everything everywhere."""
    actors = [find_actor(world.archive.root, staff) for staff in ("s001", TEACHER, CLERK)]
    done = sync(world.archive.root, actors, now=datetime.now(UTC))
    assert not done.is_stopped, done
    assert mirrors.push(world.archive.root).is_good
