"""Files and folders under a wrong name or in a wrong place: what they were meant to be.

Each is told once, and where it has one meaning the archive is judged as if it stood right, so that
a renamed file is one message and not one for everything that refers to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from papka.core.findings import Finding, Location
from papka.core.litter import is_litter_file
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
    after: Snapshot, unknown: Collection[str], missing: Mapping[str, bytes]
) -> Iterator[Accident]:
    """List what happened to files whose path is unknown.

    `missing` are paths saved before, with their bytes, that are not there now.
    """
    paths = after.paths()
    there = set(paths)
    left = list(unknown)
    for folder, inside in _unknown_folders(left, paths).items():
        yield _judge_folder(folder, inside, there)
        left = [path for path in left if path not in inside]
    wanted = {data: path for path, data in missing.items() if data.strip()}
    for path in left:
        yield _judge_file(path, after.read(path), there, wanted)
    yield from _list_renamed(after, missing, wanted)


def _list_renamed(
    after: Snapshot, missing: Collection[str], wanted: Mapping[bytes, str]
) -> Iterator[Accident]:
    """List files whose place is one of the format, but which were saved under another name.

    Read are only those beside which a file of their kind is missing.
    """
    homes = {(was.kind, was.student) for path in wanted.values() if (was := place(path))}
    for path in after.paths() if homes else ():
        found = place(path)
        if path in missing or found is None or found.kind in ("salt", "attachment", "raw"):
            continue
        home = (found.kind, found.student)
        old = wanted.get(after.read(path)) if home in homes else None
        was = place(old) if old else None
        if old is not None and was is not None and (was.kind, was.student) == home:
            yield _renamed(old, path)


def _renamed(old: str, new: str) -> Accident:
    name, now = old.rpartition("/")[2], new.rpartition("/")[2]
    if old.rpartition("/")[0] != new.rpartition("/")[0]:
        name, now = old, new
    return Accident(codes.FILE_RENAMED.at(Location(new), old=name, new=now), {old: new})


def _unknown_folders(unknown: list[str], paths: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the folders of which no file has a place, uppermost first, with their files."""
    known = {path for path in paths if place(path) is not None}
    heads = {"/".join(path.split("/")[:depth]) for path in known for depth in range(1, 5)}
    found: dict[str, list[str]] = {}
    for path in unknown:
        parts = path.split("/")
        folders = ("/".join(parts[:depth]) for depth in range(2, len(parts)))
        top = next((folder for folder in folders if folder not in heads), None)
        if top is not None:
            found.setdefault(top, []).append(path)
    return found


def _judge_folder(folder: str, inside: list[str], there: set[str]) -> Accident:
    name = folder.rpartition("/")[2]
    first = Location(folder)
    number = _ID.search(clean(name))
    if folder.startswith(f"{STUDENTS}/") and number:
        student = f"{number[1]}-{number[2]}"
        right = student_folder(student)
        if any(path.startswith(f"{right}/") for path in there):
            finding = codes.FOLDER_COPIED.at(first, of=student, kept="")
            return Accident(finding, {}, tuple(inside))
        moved = {right + path[len(folder) :]: path for path in inside}
        return Accident(codes.FOLDER_RENAMED.at(first, student=student, new=name), moved)
    return Accident(codes.FOLDER_MISNAMED.at(first, name=name), {}, tuple(inside), sure=False)


def _judge_file(path: str, data: bytes, there: set[str], wanted: Mapping[bytes, str]) -> Accident:
    folder, _, name = path.rpartition("/")
    where = Location(path)
    if (old := wanted.get(data)) is not None:
        return _renamed(old, path)
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
    if is_litter_file(name):
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
