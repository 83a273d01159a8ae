"""The sample school, larger copies of it for trials of scale, and `papka demo`: the trial archive.

Invariants: the trial is built by the functions a school uses, nothing is prepared in advance; every
step is yielded as it is done, so that a person can follow; a file in the folder says that it is a
trial, and nothing else is ever built over.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from papka.checks.checking import check
from papka.copies import mirrors
from papka.core.errors import PapkaError, Refused
from papka.core.installation import ShippedSnapshot
from papka.core.phrases import count_phrase, grouped, quoted
from papka.core.places import ORGANIZATION, RECORDS, STAFF, place, student_folder
from papka.desk.edition import HEAD_STAFF, restricted_records
from papka.desk.new_archive import Created, init
from papka.desk.saving import save
from papka.desk.sealing import Sealed, make_seal
from papka.paper.issued_contents import Request
from papka.paper.issuing import issue
from papka.paper.print_saved import print_saved
from papka.proof.verification import verify
from papka.repository import files, worktree
from papka.repository.signing import find_actor, generate_key, load_public, remember_actor

_EXTREME = 32 * 1024
"""Bytes of records; a larger personal file is a rare case and is not copied."""

_ADDRESS = re.compile(rb"^ +- (\d{4}-\d{4,})(?:#\w+)?\n", re.MULTILINE)
"""A line of an order that names a student or an entry of one."""


def sample() -> dict[str, bytes]:
    """Return the records that come with the program; all people are invented."""
    shipped = ShippedSnapshot("records")
    return dict(shipped.read_many(shipped.paths()))


def multiplied(records: Mapping[str, bytes], students: int) -> dict[str, bytes]:
    """Return `records` with `students` personal files, never fewer than there are.

    The first stay as they are, the rest are copies under new numbers; orders name the copies beside
    their originals.
    """
    folders: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for path, data in records.items():
        found = place(path)
        if found is not None and found.student:
            folders[found.student][path.removeprefix(student_folder(found.student))] = data
    last: dict[str, int] = {}
    for student in folders:
        year, number = student.split("-")
        last[year] = max(last.get(year, 0), int(number))
    result = dict(records)
    copies: defaultdict[bytes, list[bytes]] = defaultdict(list)
    originals = [
        student
        for student, files in sorted(folders.items())
        if sum(len(data) for tail, data in files.items() if tail.endswith(".yaml")) < _EXTREME
    ]
    for index in range(students - len(folders)):
        source = originals[index % len(originals)]
        year = source[:4]
        last[year] += 1
        copy = f"{year}-{last[year]:04d}"
        copies[source.encode()].append(copy.encode())
        result |= _copy_folder(folders[source], source, copy)
    for path, data in records.items():
        if path.startswith(f"{RECORDS}/orders/") and path.endswith(".yaml"):
            result[path] = _name_copies(data, copies)
    return result


def _name_copies(order: bytes, copies: Mapping[bytes, Sequence[bytes]]) -> bytes:
    return _ADDRESS.sub(
        lambda line: b"".join(
            line[0].replace(line[1], student) for student in (line[1], *copies.get(line[1], ()))
        ),
        order,
    )


def _copy_folder(files: Mapping[str, bytes], source: str, copy: str) -> dict[str, bytes]:
    """Return the files of a personal file under another number, of another person with scans of
    their own."""
    scans = {tail: data for tail, data in files.items() if tail.startswith("/attachments/")}
    words = {source: copy}
    for data in scans.values():
        old, new = (hashlib.sha256(each).hexdigest() for each in (data, _mark_scan(data, copy)))
        words |= {old: new, old[:12]: new[:12]}
    made = {}
    for tail, data in files.items():
        if tail == "/.salt":
            data = hashlib.sha256(copy.encode()).digest()  # noqa: PLW2901 - the copy's own
        elif tail in scans:
            data = _mark_scan(data, copy)  # noqa: PLW2901 - as above
        elif tail.endswith(".yaml"):
            for old, new in words.items():
                data = data.replace(old.encode(), new.encode())  # noqa: PLW2901 - as above
        if tail == "/student.yaml":
            data = _SURNAME.sub(rb"\g<1>" + _surname(copy).encode(), data, count=1)  # noqa: PLW2901
        for old, new in words.items():
            tail = tail.replace(old, new)  # noqa: PLW2901 - scans are named by their digests
        made[student_folder(copy) + tail] = data
    return made


_SURNAME = re.compile(rb"(?m)^(  (?:surname|given): ).+$")
"""The first part of a name: who has one name alone has no surname."""
_SYLLABLES = ("ба", "ве", "го", "ду", "жи", "за", "ке", "ло", "му", "ни")


def _mark_scan(data: bytes, copy: str) -> bytes:
    """Add to a scan what readers of PDF and of pictures pass over."""
    return data + f"\n% {copy}\n".encode()


def _surname(copy: str) -> str:
    """Return an invented surname, of either sex and of no other copy."""
    digits = "".join(copy.split("-"))[2:]
    return "".join(_SYLLABLES[int(each)] for each in digits).capitalize() + "ко"


SHOWN = "2025-0001"
"""The personal file that is printed."""
CERTIFIED = "certificate", "2022-0001#e1"
"""The document that is issued: form and study."""
_SEALED = "2025"
"""The school year the seal is put for."""
READ_ME = "ПРОЧТИ.txt"
_TRIAL = "Это проба программы papka: все люди выдуманы, папку можно удалить целиком.\n"
_WHOLE = f"{_TRIAL}Она построена до конца.\n"
_PARTS = frozenset({"archive", "keys", "print", "restricted", "server.git", "usb.git", READ_ME})
"""All that a trial leaves in its folder."""
_TEACHER, _CLERK = "s002", "s003"
_FIRST = (ORGANIZATION, STAFF)
_RULES = ("records/regulations/", "records/platforms/", "records/programs/")
_OPEN = "/results/2026-2.yaml"


@dataclass(frozen=True, slots=True)
class DemoStep:
    """One thing done: what a person would type after `papka`, and its outcome in words."""

    command: str
    outcome: str


def demo(target: Path, *, students: int, now: datetime) -> Iterator[DemoStep]:
    """Build the trial archive in `target`, in the place of an earlier trial if one lies there.

    Raises Refused when anything else does.
    """
    _clear(target)
    worktree.write(target, READ_ME, _TRIAL.encode())
    root = target / "archive"
    records = multiplied(sample(), students)
    created = _init(target, root, records, now)
    yield DemoStep(
        f"init {quoted(root)}",
        "архив создан, первое сохранение подписано ключом руководителя\n"
        f"отпечаток ключа (на бумагу!): {created.head_fingerprint}",
    )
    yield from _save(root, records, now)
    yield _check(root)
    yield _print(target, root)
    sealed = make_seal(root, find_actor(root, HEAD_STAFF), now=now, period=_SEALED)
    yield _print_seal(target, root, sealed)
    yield from _add_mirrors(target, root)
    yield _issue(target, root, now)
    yield _verify(root, created, sealed, now)
    yield _make_restricted(target, now)
    worktree.write(target, READ_ME, _WHOLE.encode())


def is_whole(target: Path) -> bool:
    """Return whether a complete trial lies in `target`."""
    file = target / READ_ME
    return file.is_file() and file.read_bytes() == _WHOLE.encode()


def _clear(target: Path) -> None:
    """Remove an earlier trial; raises Refused when anything else lies there."""
    found = {entry.name for entry in target.iterdir()} if target.exists() else set()
    file = target / READ_ME
    if found and not (file.is_file() and file.read_bytes().startswith(_TRIAL.encode())):
        raise Refused(
            f"Папка {target} не пуста, и это не проба", "Укажите другую: papka demo ПАПКА"
        )
    if strange := sorted(found - _PARTS):
        raise Refused(
            f"В папке {target} лежит и то, чего проба не делает: {', '.join(strange)}",
            "Уберите это оттуда или укажите другую папку: papka demo ПАПКА",
        )
    for name in sorted(found - {READ_ME}):
        shutil.rmtree(target / name)


def _make_restricted(target: Path, now: datetime) -> DemoStep:
    """Make the restricted archive, with what the main one may not hold (R-4.2, R-2.2.7)."""
    root, keys = target / "restricted", target / "keys"
    shelf = ShippedSnapshot("restricted")
    records = dict(shelf.read_many(shelf.paths()))
    main = target / "archive"
    first = restricted_records(main)
    records = {path: data for path, data in records.items() if path not in first}
    staff = {_CLERK: load_public(keys / "staff2.pub")}
    init(root, None, keys=keys, now=now, records=first, staff_keys=staff)
    remember_actor(root, _CLERK, (keys / "staff2").resolve(), main=False)
    worktree.lay_out(root, records.items())
    saved = save(root, find_actor(root, _CLERK), now=now)
    return DemoStep(
        f"init {quoted(root)} --restricted --of {quoted(main)}",
        f"ограниченный архив, отдельный от основного: {_count_files(len(saved.paths))}",
    )


def _init(target: Path, root: Path, records: Mapping[str, bytes], now: datetime) -> Created:
    keys = target / "keys"
    keys.mkdir(parents=True)
    names = {_TEACHER: "staff", _CLERK: "staff2"}
    staff = {id_: generate_key(keys / name, f"papka {name}") for id_, name in names.items()}
    first = {path: records[path] for path in _FIRST}
    created = init(root, None, keys=keys, now=now, records=first, staff_keys=staff)
    for id_, name in names.items():
        remember_actor(root, id_, (keys / name).resolve(), main=False)
    return created


def _save(root: Path, records: Mapping[str, bytes], now: datetime) -> Iterator[DemoStep]:
    """Save the sample as in life: the school's acts, then people, then approvals."""
    lives = ("records/students/", "records/orders/", "records/events/")
    batches: tuple[tuple[str, Callable[[str, bytes], bool]], ...] = (
        (HEAD_STAFF, _is_rule),
        (_CLERK, lambda path, _: path.startswith(lives) and not path.endswith(_OPEN)),
        (_TEACHER, lambda path, _: path.endswith(_OPEN)),
        (_CLERK, lambda path, _: path.startswith("records/registers/")),
        (HEAD_STAFF, lambda *_: True),
    )
    left = {path: data for path, data in records.items() if path not in _FIRST}
    for staff, belongs in batches:
        batch = {path: data for path, data in left.items() if belongs(path, data)}
        worktree.lay_out(root, batch.items())
        left = {path: data for path, data in left.items() if path not in batch}
        if batch:
            saved = save(root, find_actor(root, staff), now=now)
            if saved.commit is None:
                raise PapkaError(
                    "Образец школы не прошёл проверку: "
                    + "; ".join(f"{f.where.path}: {f.message}" for f in saved.findings[:5]),
                    "Проверьте установку: python3 tools/start.py test",
                )
            yield DemoStep(
                f"-C {quoted(root)} save --as {staff}",
                f"{_count_files(len(saved.paths))}: {saved.subject}",
            )


def _is_rule(path: str, data: bytes) -> bool:
    """Return whether it is an act that names no student: those precede every enrolment."""
    return path.startswith(_RULES) or (
        path.startswith("records/orders/") and b"students:" not in data
    )


def _check(root: Path) -> DemoStep:
    checked = check(root)
    folders = count_phrase(checked.students, "личное дело", "личных дела", "личных дел")
    return DemoStep(
        f"-C {quoted(root)} check",
        f"{_count_files(checked.files)}, {folders}: {_count_findings(len(checked.findings))}",
    )


def _count_files(count: int) -> str:
    return count_phrase(count, "файл", "файла", "файлов")


def _count_findings(count: int) -> str:
    return count_phrase(count, "замечание", "замечания", "замечаний") if count else "замечаний нет"


def _print(target: Path, root: Path) -> DemoStep:
    printed = _print_paper(target, root, "personal-file", SHOWN)
    return DemoStep(
        f"-C {quoted(root)} print personal-file {SHOWN} --out {quoted(target / 'print')}",
        f"{printed}, PDF/A-3",
    )


def _print_paper(target: Path, root: Path, form: str, key: str) -> str:
    """Print a form into the trial's folder; return its path and count of pages in words."""
    file = print_saved(root, form, key).files[0]
    worktree.write(files.paper_folder(target), file.name, file.data)
    pages = count_phrase(file.pages, "страница", "страницы", "страниц")
    return f"{target / 'print' / file.name}: {pages}"


def _issue(target: Path, root: Path, now: datetime) -> DemoStep:
    """Issue a certificate: its number on the primary mirror first, then the paper (R-2.2.11)."""
    form, address = CERTIFIED
    actor = find_actor(root, HEAD_STAFF)
    done = issue(root, actor, Request(form, address, date(2026, 11, 20)), now=now)
    if done.number is None:
        raise PapkaError("Документ образца не выдан", "Проверьте установку: tools/start.py test")
    printed = _print_paper(target, root, form, done.number)
    return DemoStep(
        f"-C {quoted(root)} issue {form} {address} --out {quoted(target / 'print')}",
        f"№ {done.number} занят на основном зеркале, сведения подписаны ключом руководителя\n"
        f"{printed}, QR-код для проверки",
    )


def _add_mirrors(target: Path, root: Path) -> Iterator[DemoStep]:
    for name in ("server", "usb"):
        url = (target / f"{name}.git").resolve()
        remote = mirrors.add(root, name, str(url), "RU", allowed=("RU",))
        kind = "основное зеркало" if remote.primary else "зеркало"
        place = quoted(target / f"{name}.git")
        yield DemoStep(
            f"-C {quoted(root)} mirror add {name} {place} --country RU", f"{kind} {name}"
        )
    pushed = mirrors.push(root)
    lines = [
        f"{outcome.remote.name}: " + ("принято и перечитано" if outcome.is_good else outcome.reason)
        for outcome in pushed.outcomes
    ]
    yield DemoStep(f"-C {quoted(root)} mirror push", "\n".join(lines))


def _print_seal(target: Path, root: Path, sealed: Sealed) -> DemoStep:
    """Print the sheet of the year's seal, which the head signs by hand (R-6.5)."""
    number = f"{sealed.number:04}"
    file = print_saved(root, "seal", number).files[0]
    worktree.write(files.paper_folder(target), file.name, file.data)
    return DemoStep(
        f"-C {quoted(root)} period seal {_SEALED}",
        f"пломба № {number} на весь архив; её контрольная сумма (на бумагу!):\n"
        f"{' '.join(grouped(sealed.digest))}\n"
        f"лист пломбы: {target / 'print' / file.name}",
    )


def _verify(root: Path, created: Created, sealed: Sealed, now: datetime) -> DemoStep:
    given = (created.head_fingerprint, sealed.digest)
    verified = verify(root, now=now, anchors=given)
    seen = ", ".join(
        (
            count_phrase(verified.commits, "сохранение", "сохранения", "сохранений"),
            count_phrase(verified.objects, "объект", "объекта", "объектов"),
        )
    )
    verdict = _count_findings(len(verified.findings))
    anchors = f'--anchor {given[0]} --anchor "{" ".join(grouped(given[1]))}"'
    return DemoStep(f"-C {quoted(root)} verify {anchors}", f"{seen}: {verdict}")
