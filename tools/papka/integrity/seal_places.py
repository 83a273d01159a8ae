"""Where seals came into history: each by a commit of its own, and there for good.

Absent on purpose: what seals say (`seal_judging`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from papka.core.codes import seals as codes
from papka.core.findings import Finding, Location
from papka.core.history import Change
from papka.core.seals import ENDINGS, SEALS, TEXT, read_seal_file, seal_file
from papka.core.snapshot import Snapshot
from papka.integrity.chronicle import Chronicle, Step

_FOLDER = f"{SEALS}/"


@dataclass(frozen=True, slots=True)
class Placed:
    """A seal as its commit `step` brought it: ending -> blob id of each of its files."""

    number: int
    step: Step
    files: Mapping[str, str]


def placed_seals(steps: Sequence[Step]) -> tuple[Placed, ...]:
    """Every seal that ever came, oldest first: by the commit that added its text."""
    found: list[Placed] = []
    for step in steps:
        added: dict[int, dict[str, str]] = {}
        for change in step.changes:
            file = read_seal_file(change.path)
            if file is not None and change.added:
                added.setdefault(file[0], {})[file[1]] = change.new_id
        found += [Placed(n, step, files) for n, files in added.items() if TEXT in files]
    return tuple(found)


def only_added(chronicle: Chronicle) -> Iterator[Finding]:
    """What was done to seals besides adding each by a commit of its own."""
    yield from judge_places(chronicle.steps)


def judge_places(steps: Sequence[Step]) -> Iterator[Finding]:
    """The same of `steps`, which need not begin with the root."""
    for step in steps:
        touched = [change for change in step.changes if change.path.startswith(_FOLDER)]
        if touched:
            yield from _touched(step, touched)


def judge_numbers(steps: Sequence[Step]) -> Iterator[Finding]:
    """Numbers that are not there whole in the end, in a history told from its root."""
    there: set[str] = set()
    for step in steps:
        for change in step.changes:
            if change.path.startswith(_FOLDER):
                (there.discard if change.deleted else there.add)(change.path)
    numbers = {file[0] for path in there if (file := read_seal_file(path))}
    for number in range(1, max(numbers, default=0) + 1):
        files = (seal_file(number, ending) for ending in ENDINGS)
        lost = [path.rpartition("/")[2] for path in files if path not in there]
        if lost:
            where = Location(seal_file(number, TEXT))
            yield codes.SEAL_MISSING.at(where, number=f"{number:04}", what=", ".join(lost))


def judge_seal_changes(before: Snapshot, changes: Mapping[str, bytes | None]) -> Iterator[Finding]:
    """What `verify` would say of changing these: asked before a commit is made."""
    touched = [path for path in changes if path.startswith(_FOLDER)]
    numbers = {file[0] if (file := read_seal_file(path)) else 0 for path in touched}
    is_one = numbers != {0} and len(numbers) == 1 and len(changes) == len(ENDINGS)
    for path in touched:
        if not is_one or changes[path] is None or _holds(before, path):
            yield codes.SEAL_KEPT.at(Location(path), path=path)


def _holds(snapshot: Snapshot, path: str) -> bool:
    try:
        snapshot.read(path)
    except KeyError:
        return False
    return True


def _touched(step: Step, touched: Sequence[Change]) -> Iterator[Finding]:
    numbers: set[str] = set()
    for change in touched:
        where = Location(change.path, commit=step.commit.id)
        file = read_seal_file(change.path)
        number = f"{file[0]:04}" if file else "?"
        if file is None and not change.deleted:
            what = "в папке печатей посторонний файл"
            yield codes.SEAL_MOVED.at(where, number=number, detail=what)
        elif change.deleted:
            name = change.path.rpartition("/")[2]
            yield codes.SEAL_MISSING.at(where, number=number, what=f"{name}, его убрали")
        elif not change.added:
            yield codes.SEAL_MOVED.at(where, number=number, detail="её файл изменён потом")
        else:
            numbers.add(number)
    if not numbers:
        return
    where = Location(touched[0].path, commit=step.commit.id)
    number = min(numbers)
    if len(numbers) > 1:
        detail = f"одной записью добавлены сразу {', '.join(sorted(numbers))}"
        yield codes.SEAL_MOVED.at(where, number=number, detail=detail)
    beside = [change.path for change in step.changes if not change.path.startswith(_FOLDER)]
    if beside:
        detail = f"той же записью изменено и другое ({beside[0]})"
        yield codes.SEAL_MOVED.at(where, number=number, detail=detail)
