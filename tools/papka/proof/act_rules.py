"""Rules about acts of destruction: how each comes into history, and what must never come back.

An act is saved by a head, alone, with its evidence; its number follows the last one, and nothing of
it changes later but the list of stores and media that were purged, which only grows. What an act
destroyed never comes back: neither the path, for ids are not given twice, nor the objects in any
store. Whether the rewriting is exactly what the act says is for `layers`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from papka.core.findings import Finding, Location
from papka.core.places import ACTS, STUDENTS, unit
from papka.core.snapshot import Snapshot, bytes_of
from papka.proof import verify_codes
from papka.proof.act_evidence import BadAct, read_act, read_listed
from papka.proof.chronicle import HistoryStep
from papka.proof.clean_room import CleanRoom
from papka.proof.history_reading import read_blob
from papka.proof.layers import SignedLine
from papka.repository.git_values import FileChange
from papka.repository.objects import Objects
from papka.repository.rewritten_commits import (
    ACT,
    EVIDENCE,
    INNER,
    PURGED,
    act_file,
    inner_file,
    list_act_numbers,
)

_FILE = re.compile(rf"{ACTS}([1-9][0-9]{{0,5}})/([^/]+)", re.ASCII)
_INNER_FILE = re.compile(rf"{STUDENTS}/[^/]+/[^/]+/{INNER}/.+", re.ASCII)


_PURGE_MIRROR = (
    "на сервере его убирает papka mirror host ПАПКА, с зеркала в папке — papka mirror recreate ИМЯ "
    "(в архиве)"
)
_PURGE_FOLDER = (
    "прерванное закончит papka destroy --resume, принесённое сюда после него уберёт papka restore "
    "--heal"
)


def is_of_act(path: str) -> bool:
    """Whether only an act may add this file: it lies in the folder of acts or is inner evidence."""
    return path.startswith(ACTS) or _INNER_FILE.fullmatch(path) is not None


def brings_act(changes: Collection[FileChange]) -> bool:
    """Whether a commit saves an act."""
    return any(c.added and (m := _FILE.fullmatch(c.path)) and m[2] == ACT for c in changes)


def read_destroyed(objects: Objects, commit: str) -> dict[str, int]:
    """Read what acts destroyed up to a commit or tree: unit or file -> the number of its act.

    An act that cannot be read is passed over: `layers` reports it.
    """
    found: dict[str, int] = {}
    for number in list_act_numbers(objects, commit):
        try:
            act = read_act(read_blob(objects, f"{commit}:{act_file(number, ACT)}"), number)
        except BadAct:
            continue
        found |= dict.fromkeys(act.units, number)
        for folder in act.inside:
            listed = read_blob(objects, f"{commit}:{inner_file(folder, number, 'files')}")
            try:
                found |= dict.fromkeys(read_listed(listed, folder), number)
            except BadAct:
                continue
    return found


def judge_acts(
    objects: Objects, steps: Sequence[HistoryStep], destroyed: Mapping[str, int]
) -> Iterator[Finding]:
    """Report what was done to acts besides saving each by a commit of its own, and what comes back.

    `destroyed`: as `read_destroyed` tells of the last of the steps, which may be a part of history.
    """
    for step in steps:
        touched = [change for change in step.changes if is_of_act(change.path)]
        if brings_act(touched):
            yield from _judge_new_act(step, touched)
        else:
            yield from _judge_later(objects, step, touched, destroyed)
        yield from _judge_returned(step, destroyed)


def judge_act_numbers(steps: Sequence[HistoryStep]) -> Iterator[Finding]:
    """Report numbers of acts that do not follow one another; `steps` begin with the root."""
    last = 0
    for step in steps:
        for number in _list_brought(step.changes):
            if number != last + 1:
                before = f"перед ним акт № {last}" if last else "перед ним нет ни одного"
                yield _report(step, number, f"номер не по порядку: {before}")
            last = max(last, number)


def _list_brought(changes: Collection[FileChange]) -> list[int]:
    found = (_FILE.fullmatch(change.path) for change in changes if change.added)
    return sorted(int(match[1]) for match in found if match and match[2] == ACT)


def _report(step: HistoryStep, number: int | str, detail: str, path: str = "") -> Finding:
    where = Location(path or f"{ACTS}{number}/{ACT}", commit=step.commit.id)
    return verify_codes.ACT_INVALID.at(where, number=number, detail=detail)


def _judge_new_act(step: HistoryStep, touched: Sequence[FileChange]) -> Iterator[Finding]:
    numbers = _list_brought(touched)
    number = numbers[0]
    if len(numbers) > 1:
        yield _report(step, number, "одним сохранением добавлены два акта")
    signer = step.verdict.signer
    if step.verdict.state != "good" or signer is None or not signer.is_head:
        yield _report(step, number, "его подписал не руководитель")
    elif not step.authorised:
        yield _report(step, number, "ключ руководителя, которым он подписан, тогда уже не годился")
    own = {act_file(each, name) for each in numbers for name in (ACT, EVIDENCE)}
    for change in step.changes:
        inner = _INNER_FILE.fullmatch(change.path)
        is_due = change.path in own or (inner and change.path in _inner_files(change.path, numbers))
        if not is_due:
            yield _report(step, number, f"тем же сохранением изменено и другое: {change.path}")
        elif not change.added:
            yield _report(step, number, f"файл с этим именем уже был: {change.path}")


def _inner_files(path: str, numbers: Collection[int]) -> set[str]:
    folder = path.partition(f"/{INNER}/")[0]
    return {inner_file(folder, n, ending) for n in numbers for ending in ("pack", "files")}


def _judge_later(
    objects: Objects,
    step: HistoryStep,
    touched: Sequence[FileChange],
    destroyed: Mapping[str, int],
) -> Iterator[Finding]:
    for change in touched:
        match = _FILE.fullmatch(change.path)
        number = match[1] if match else "?"
        if match and match[2] == PURGED and not change.deleted:
            old = read_blob(objects, change.old_id) if change.old_id else b""
            if not read_blob(objects, change.new_id).startswith(old):
                yield _report(step, number, f"в {PURGED} изменено записанное раньше", change.path)
        elif unit(change.path) in destroyed:
            continue  # reported as come back
        elif change.deleted and match is None and _is_folder_gone(step, change.path):
            continue  # with the whole personal folder, which rules of records judge
        else:
            what = "убран" if change.deleted else "добавлен" if change.added else "изменён"
            yield _report(step, number, f"потом {what} файл {change.path}", change.path)


def _is_folder_gone(step: HistoryStep, path: str) -> bool:
    card = f"{unit(path) or path.partition(f'/{INNER}/')[0]}/student.yaml"
    return any(change.path == card and change.deleted for change in step.changes)


def _judge_returned(step: HistoryStep, destroyed: Mapping[str, int]) -> Iterator[Finding]:
    if not destroyed:
        return
    told: set[str] = set()
    for change in step.changes:
        path = _find_destroyed(change.path, destroyed)
        if path and path not in told and not change.deleted:
            told.add(path)
            yield verify_codes.DESTROYED_RETURNED.at(
                Location(change.path, commit=step.commit.id), path=path, number=destroyed[path]
            )


def _find_destroyed(path: str, destroyed: Mapping[str, int]) -> str:
    """Return what was destroyed of or around a path; "" when nothing was."""
    if path in destroyed:
        return path
    whole = unit(path)
    if whole is None and path.startswith(f"{STUDENTS}/"):
        whole = "/".join(path.split("/")[:4])  # a file of no kind in a personal folder
    return whole if whole is not None and whole in destroyed else ""


def judge_act_changes(before: Snapshot, changes: Mapping[str, bytes | None]) -> Iterator[Finding]:
    """Report what `verify` would find wrong with touching acts, before a save is made."""
    for path, data in changes.items():
        match = _FILE.fullmatch(path)
        if match is not None and match[2] == PURGED:
            old = bytes_of(before, path) or b""
            if data is None or not data.startswith(old):
                detail = f"в {PURGED} изменено записанное раньше"
                yield verify_codes.ACT_INVALID.at(Location(path), number=match[1], detail=detail)
        elif is_of_act(path):
            yield verify_codes.ACT_INVALID.at(
                Location(path), number=match[1] if match else "?",
                detail="файлы акта пишет только команда уничтожения, и потом они не меняются",
            )  # fmt: skip


def judge_remains(
    room: CleanRoom, line: SignedLine, steps: Sequence[HistoryStep], *, bare: bool
) -> Iterator[Finding]:
    """Report objects of what was destroyed that still lie in this store.

    An object that history holds elsewhere, as the same scan in another folder, is none.
    """
    present = room.sizes(line.destroyed_ids).keys()
    if not present:
        return
    elsewhere = {change.new_id for step in steps for change in step.changes}
    left = present - elsewhere
    for layer in line.layers:
        if count := len(layer.ids & left):
            step = _PURGE_MIRROR if bare else _PURGE_FOLDER
            yield verify_codes.DESTROYED_PRESENT.at(
                Location(act_file(layer.number, ACT)), number=layer.number, count=count, step=step
            )
