"""Files and folders under a wrong name or in a wrong place: what they were meant to be.

Each is told once, and where it has one meaning the archive is judged as if it stood right, so that
a renamed file is one message and not one for everything that refers to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from papka.core.findings import Finding, Location
from papka.core.litter import is_litter
from papka.core.lookalikes import clean, find_lookalike
from papka.core.places import (
    STUDENTS,
    is_by_period,
    is_student_id,
    place,
    student_folder,
    student_kinds,
)
from papka.core.snapshot import Snapshot
from papka.records import mend_codes as codes
from papka.records.reading_codes import PATH_UNKNOWN as _UNKNOWN

_COPY = re.compile(
    r"(?P<name>.*?)"
    r"(?:(?:\s*[-–—_]?\s*(?:\(?(?:копия|copy|копировать|старый|старая|old|new|новый|новая|backup"
    r"|бэкап|conflict|конфликт)\b[^.]*\)?)|\s*\(\d+\)|_\d)+)(?P<ext>\.[^.]+)?\Z",
    re.IGNORECASE,
)
_COPY_HEAD = re.compile(
    r"(?:копия|copy of|copy|конфликт)\s*[-–—_]?\s*(?P<name>.+?)(?P<ext>\.[^.]+)?\Z", re.IGNORECASE
)
_BACKUP = re.compile(
    r"(?P<name>.+?\.ya?ml)(?:~|\.(?:bak|old|orig|save|copy|\d+|txt))+\Z", re.IGNORECASE
)
_TABLE = "таблица"
_DOCUMENTS = {
    "документ PDF": r"pdf",
    "снимок или скан": r"jpe?g|png|tiff?|heic|bmp|webp",
    "документ текстовой программы": r"docx?|odt|rtf",
    _TABLE: r"xlsx?|ods|csv",
    "презентация": r"pptx?|odp",
    "архив файлов": r"zip|rar|7z",
    "запись звука или видео": r"mp[34]|mov|avi|m4a",
}
_ENDS = {what: re.compile(rf".*\.(?:{ends})\Z", re.IGNORECASE) for what, ends in _DOCUMENTS.items()}
"""What lies there -> the ends of its names."""
_ID = re.compile(r"(?<!\d)(20\d\d)[-–—_ ]{1,3}(\d{4})(?!\d)")
_RUSSIAN = {
    "student": ("карточка", "ученик", "обучающийся", "личное дело", "студент"),
    "enrolments": ("зачисления", "зачисление", "обучение"),
    "credits": ("зачёты", "зачеты", "перезачёты"),
    "awards": ("поощрения", "награды", "грамоты"),
    "consents": ("согласия", "согласие"),
    "documents": ("документы", "опись"),
    "notices": ("уведомления", "извещения"),
}


class Accident(NamedTuple):
    """A file or folder in a wrong place. `moved`: paths as they should be -> as they are; `gone`:
    paths that are no records; both are so judged; `sure`: it has one meaning."""

    finding: Finding
    moved: Mapping[str, str]
    gone: tuple[str, ...] = ()
    sure: bool = True


def find_misplaced(
    after: Snapshot,
    unknown: Collection[str],
    missing: Mapping[str, bytes],
    kept: Collection[str] = (),
) -> Iterator[Accident]:
    """List what happened to files whose path is unknown.

    `missing` are paths saved before, with their bytes, that are not there now; `kept` all that
    were saved.
    """
    paths = after.paths()
    there = set(paths)
    came = _list_moved(after, unknown, missing, frozenset(kept))
    done: set[str] = set()
    for (old, new), moved in _moved_folders(came, there).items():
        if done.isdisjoint(moved.values()):
            done |= set(moved.values())
            yield _folder_moved(old, new, moved)
    for path, old in came.items():
        if path not in done:
            done.add(path)
            yield _renamed(old, path)
    left = [path for path in unknown if path not in done]
    for folder, inside in _unknown_folders(left, paths).items():
        yield _judge_folder(folder, inside, there)
        left = [path for path in left if path not in inside]
    for path in left:
        yield _judge_file(path, after.read(path), there)


def find_copies(after: Snapshot, new: Collection[str]) -> Iterator[Accident]:
    """List which of the new files are the same as another beside them."""
    wanted = {path: (path.rpartition("/")[0], after.read(path)) for path in sorted(new)}
    folders, first = {folder for folder, _ in wanted.values()}, dict.fromkeys(wanted.values(), "")
    for other in after.paths() if wanted else ():
        folder = other.rpartition("/")[0]
        if folder in folders and other not in new:
            same = (folder, after.read(other))
            if same in first:
                first[same] = first[same] or other
    for path, same in wanted.items():
        if of := first[same]:
            finding = codes.FILE_COPY.at(Location(path), of=of.rpartition("/")[2], how="")
            yield Accident(finding, {}, (path,), sure=False)


def _list_moved(
    after: Snapshot, unknown: Collection[str], missing: Mapping[str, bytes], kept: frozenset[str]
) -> dict[str, str]:
    """Return the files that hold what is missing elsewhere: path now -> path as it was saved.

    Of files whose place is one of the format, read are only those beside which a file is missing,
    or one of their kind.
    """
    wanted: dict[bytes, list[str]] = {}
    for path, data in missing.items():
        if data.strip():
            wanted.setdefault(data, []).append(path)
    homes = {_home(path) for path in missing} | {path.rpartition("/")[0] for path in missing}
    odd = set(unknown)
    found: dict[str, str] = {}
    for path in [*unknown, *(path for path in after.paths() if homes and path not in kept)]:
        is_beside = _home(path) in homes or path.rpartition("/")[0] in homes
        if path in found or path.endswith("/.salt") or not (path in odd or is_beside):
            continue
        if olds := wanted.get(after.read(path)):
            old = max(olds, key=lambda one, path=path: _count_same_end(one, path))  # type: ignore[misc] # the default binds the loop's path
            olds.remove(old)
            found[path] = old
    return found


def _home(path: str) -> tuple[str, str] | None:
    """Return the kind of record and the personal file that a path is of."""
    found = place(path)
    return (found.kind, found.student) if found is not None else None


def _count_same_end(first: str, second: str) -> int:
    """Count the parts at the end that two paths have in common."""
    parts = zip(reversed(first.split("/")), reversed(second.split("/")), strict=False)
    return next((count for count, (one, two) in enumerate(parts) if one != two), 99)


def _moved_folders(
    came: Mapping[str, str], there: set[str]
) -> dict[tuple[str, str], dict[str, str]]:
    """Return the folders that moved as a whole, as they were and are, with all files in them.

    The uppermost come first.
    """
    left = {"/".join(path.split("/")[:depth]) for path in there for depth in range(1, 8)}
    found: dict[tuple[str, str], dict[str, str]] = {}
    for new, old in came.items():
        was, now, same = old.split("/"), new.split("/"), _count_same_end(old, new)
        for depth in range(same, 0, -1):
            before, after = "/".join(was[: len(was) - depth]), "/".join(now[: len(now) - depth])
            if not before or not after or before in left:
                continue
            if (before, after) not in found:
                inside = sorted(path for path in there if path.startswith(f"{after}/"))
                found[before, after] = {before + path[len(after) :]: path for path in inside}
            break
    return dict(sorted(found.items(), key=lambda item: (item[0][0].count("/"), item[0])))


def _folder_moved(old: str, new: str, moved: Mapping[str, str]) -> Accident:
    home, _, name = old.rpartition("/")
    place_now, _, now = new.rpartition("/")
    what = f"личного дела {name}" if is_student_id(name) else f"«{old.removeprefix('records/')}»"
    done = f"переименована: теперь она «{now}»"
    right = f"прежнее имя: {name}"
    if home != place_now:
        done = f"перемещена: теперь она {new}"
        right = f"её на место: {old}"
    found = codes.FOLDER_RENAMED.at(Location(new), what=what, done=done, right=right)
    return Accident(found, moved)


def _renamed(old: str, new: str) -> Accident:
    name, now = old.rpartition("/")[2], new.rpartition("/")[2]
    if old.rpartition("/")[0] != new.rpartition("/")[0]:
        name, now = old, new
    return Accident(codes.FILE_RENAMED.at(Location(new), old=name, new=now), {old: new})


def _unknown_folders(unknown: list[str], paths: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the folders of which no file has a place, uppermost first, with their files."""
    known = {path for path in paths if place(path) is not None}
    heads = {"/".join(path.split("/")[:depth]) for path in known for depth in range(1, 7)}
    found: dict[str, list[str]] = {}
    for path in unknown:
        parts = path.split("/")
        folders = ("/".join(parts[:depth]) for depth in range(2, len(parts)))
        top = next((folder for folder in folders if folder not in heads), None)
        if top is not None:
            found.setdefault(top, []).append(path)
    return found


_FOR_STUDENTS = "Уберите папку и заведите дело командой: papka new student"
_NO_FOLDER = "Уберите её; папка личного дела называется его номером, а заводит её papka new student"


def copied_folder(student: str, where: Location, kept: str = "") -> Finding:
    """Say that a personal folder is a copy of another's."""
    of = f"личное дело {student}"
    return codes.FOLDER_COPIED.at(where, of=of, kept=kept, cure=_FOR_STUDENTS)


def _judge_folder(folder: str, inside: list[str], there: set[str]) -> Accident:
    home, _, name = folder.rpartition("/")
    first = Location(folder)
    number = _ID.search(clean(name))
    if folder.startswith(f"{STUDENTS}/") and number and folder.count("/") < 4:
        student = f"{number[1]}-{number[2]}"
        right = student_folder(student)
        if any(path.startswith(f"{right}/") for path in there):
            return Accident(copied_folder(student, first), {}, tuple(inside))
        moved = {right + path[len(folder) :]: path for path in inside}
        return _folder_moved(right, folder, moved)
    copied = f"{home}/{_copied_name(name)}"
    if _copied_name(name) and any(path.startswith(f"{copied}/") for path in there):
        cure = "Уберите копию; прежние версии помнит сам архив"
        told = codes.FOLDER_COPIED.at(first, of=copied.removeprefix("records/"), kept="", cure=cure)
        return Accident(told, {}, tuple(inside), sure=False)
    cure = _NO_FOLDER if folder.startswith(f"{STUDENTS}/") else "Верните её имя или уберите её"
    misnamed = codes.FOLDER_MISNAMED.at(first, name=name, cure=cure)
    return Accident(misnamed, {}, tuple(inside), sure=False)


def _judge_file(path: str, data: bytes, there: set[str]) -> Accident:
    folder, _, name = path.rpartition("/")
    where = Location(path)
    copied = _copied_name(name)
    if copied:
        of = _right_name(folder, copied, there) or f"{folder}/{copied}"
        if of in there:
            how = "" if data.strip() else " (она пуста)"
            return Accident(
                codes.FILE_COPY.at(where, of=of.rpartition("/")[2], how=how), {}, (path,)
            )
        if place(of) is not None:
            return _misnamed(path, of)
    if is_litter(path):
        return Accident(codes.FILE_LITTER.at(where), {}, (path,))
    right = "" if _find_document(name) else _right_name(folder, name, there)
    if right and right not in there:
        return _misnamed(path, right)
    if right:
        of = right.rpartition("/")[2]
        return Accident(codes.FILE_COPY.at(where, of=of, how=""), {}, (path,), sure=False)
    return _judge_elsewhere(path, there)


def _misnamed(path: str, right: str) -> Accident:
    name, good = path.rpartition("/")[2], right.rpartition("/")[2]
    return Accident(codes.FILE_MISNAMED.at(Location(path), name=name, right=good), {right: path})


def _copied_name(name: str) -> str:
    """Return the name that a copy was made from; "" for no copy."""
    if found := _BACKUP.match(name):
        return found["name"]
    for pattern in (_COPY, _COPY_HEAD):
        if (found := pattern.match(name)) and found["name"]:
            return found["name"].strip() + (found["ext"] or "")
    return ""


def _right_name(folder: str, name: str, there: set[str]) -> str:
    """Return the path of the format that a name in this folder was meant to be; "" for none."""
    stem = re.sub(r"(?:\.(?:ya?ml|txt|json))+\Z", "", clean(name).strip(), flags=re.IGNORECASE)
    direct = f"{folder}/{stem.lower()}.yaml"
    found = place(direct)
    if found is not None and (found.student == "" or not is_by_period(found.kind)):
        return direct
    parts = folder.split("/")
    if parts[1:2] == ["students"] and len(parts) == 4:
        kinds = [kind for kind in student_kinds() if not is_by_period(kind)]
        kind = find_lookalike(stem, kinds)
        low = stem.lower().replace("_", " ")
        kind = kind or next((k for k, names in _RUSSIAN.items() if low in names), "")
        if kind:
            return f"{folder}/{kind}.yaml"
        # a plural too few or too many: `student` for `students`
        kind = next((k for k in kinds if k.rstrip("s") == stem.lower().rstrip("s")), "")
        if kind:
            return f"{folder}/{kind}.yaml"
    if found is not None and direct not in there:
        return direct
    return ""


def _judge_elsewhere(path: str, there: set[str]) -> Accident:
    """Judge a file that may be right in another folder, a scan, or nothing of the archive."""
    parts = path.split("/")
    where = Location(path)
    if parts[1:2] == ["students"] and len(parts) >= 5 and is_student_id(parts[3]):
        folder, name = "/".join(parts[:4]), parts[-1]
        if re.fullmatch(r"20\d\d-\w+\.ya?ml", name):
            right = f"{folder}/results/{name.rpartition('.')[0]}.yaml"
            moved = {} if right in there else {right: path}
            return Accident(
                codes.FILE_MISPLACED.at(where, right=right[len(folder) + 1 :]),
                moved,
                (path,) if not moved else (),
                sure=bool(moved),
            )
        if len(parts) > 5 and place(f"{folder}/{name}") is not None:
            right = f"{folder}/{name}"
            moved = {} if right in there else {right: path}
            finding = codes.FILE_MISPLACED.at(where, right=f"сама папка {parts[3]}")
            return Accident(finding, moved, () if moved else (path,), sure=bool(moved))
    what = _find_document(parts[-1])
    found = codes.FILE_DOCUMENT.at(where, what=what, how=_where_to(path, what)) if what else None
    return Accident(found or _UNKNOWN.at(where), {}, (path,), sure=False)


def _find_document(name: str) -> str:
    """Return what a file is by the end of its name; "" for no document."""
    return next((what for what, ends in _ENDS.items() if ends.fullmatch(name)), "")


def _where_to(path: str, what: str) -> str:
    """Tell what to do with a document that lies where records are."""
    parts = path.split("/")
    said = f'"{parts[-1]}"' if " " in parts[-1] else parts[-1]
    student = next((part for part in parts[2:4] if is_student_id(part)), "НОМЕР")
    kept = f"в опись и папку дела его кладёт papka add {student} document --file {said}"
    taken = f"; список, ведомость и выгрузку принимает papka take {said}" if what == _TABLE else ""
    return kept + taken
