"""A school with something to destroy: a photo, somebody else's scan, a file past its term.

The photo came by one save, the card named it by another, and the consent was withdrawn by a third,
so that history holds it in several places. All is made once and copied.
"""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from papka.copies import mirrors
from papka.core.places import ORGANIZATION
from papka.repository.git_values import object_id
from tests.support.school import STUDENT, TEACHER, Archive, build

PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"nobody's face " * 40 + b"\xff\xd9"
SCAN = b"%PDF-1.4\n" + b"somebody else's paper " * 40 + b"\n%%EOF\n"
PHOTO_ID, SCAN_ID = object_id("blob", PHOTO), object_id("blob", SCAN)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def file_of(data: bytes, ending: str) -> str:
    return f"{STUDENT}/attachments/{_digest(data)[:12]}.{ending}"


PHOTO_FILE, SCAN_FILE = file_of(PHOTO, "jpg"), file_of(SCAN, "pdf")
OLD = "2022-0001"
OLD_FOLDER = f"records/students/2022/{OLD}"
OLD_NAME = "Мухоморов Прокл Лукич"
OLD_PHONE = "+70000000022"
LATER = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ORDER, KEY = "3-у", "2026/0009"
"""The order that names all of it: its number on paper, and its file."""
_ORDER = """\
# yaml-language-server: $schema=../../../schema/order.json
number: {number}
date: {date}
kind: {kind}
heading: О персональных данных
items:
  - text: {text}
{students}signed_by: {by}
"""
_DOCUMENTS = """\
  - id: d4
    kind: фотография
    title: Фотография обучающейся
    medium: только файл
    file: {photo}
    sha256: {photo_digest}
"""
_WRONG = """\
  - id: d5
    kind: справка
    title: Справка
    medium: копия
    sheets: 1
    file: {scan}
    sha256: {scan_digest}
    void:
      date: 2026-11-24
      reason: Документ другого ученика
"""
_CARD = f"""\
id: {OLD}
name:
  surname: Мухоморов
  given: Прокл
  patronymic: Лукич
birth_date: 2008-03-02
phone: "{OLD_PHONE}"
"""
_STUDY = """\
enrolments:
  - id: e1
    program: drums
    edition: 1
    start: 2022-01-17
    ended:
      date: 2022-12-20
      reason: завершение
"""
_NEED = """\
need_ended:
  date: 2026-11-20
  order: 2026/0007
"""


def write_order(  # noqa: PLR0913 - what an order may have wrong
    archive: Archive, key: str, number: str, kind: str, about: str = "",
    text: str = "Уничтожить перечисленное", by: str = "s001", date: str = "2026-11-20",
) -> None:  # fmt: skip
    listed = "".join(f"      - {each}\n" for each in about.split())
    students = f"    students:\n{listed}" if listed else ""
    archive.write(
        f"records/orders/{key}.yaml",
        _ORDER.format(number=number, kind=kind, text=text, students=students, by=by, date=date),
    )


def build_school(folder: Path) -> Archive:
    """Make it in a folder of its own."""
    return make_doomed(build(folder))


def make_doomed(archive: Archive) -> Archive:
    """Make it of the good archive."""
    documents, card = f"{STUDENT}/documents.yaml", f"{STUDENT}/student.yaml"
    archive.write(PHOTO_FILE, PHOTO)
    archive.write(
        documents,
        archive.read(documents)
        + _DOCUMENTS.format(photo=PHOTO_FILE.rpartition("/")[2], photo_digest=_digest(PHOTO)),
    )
    save_later(archive, TEACHER)
    archive.write(card, archive.read(card) + "photo: d4\n")
    save_later(archive, TEACHER)
    write_order(archive, "2022/0001", "1-п", "утверждение программы", date="2022-01-10")
    drums = archive.read("records/programs/guitar.yaml").partition("  - edition: 2\n")[0]
    archive.write(
        "records/programs/drums.yaml",
        drums.replace("guitar", "drums").replace("Гитара", "Барабаны").replace("2026/", "2022/"),
    )
    archive.edit(ORGANIZATION, "source: не подтверждено", "source: приказ № 5")
    write_order(archive, "2026/0007", "7-х", "хранение", text="Личное дело больше не нужно")
    save_later(archive, "s001")
    archive.begin_file(OLD, _CARD, _STUDY)
    save_later(archive, TEACHER)
    # A save demands both at once: no consent, no photo on the card.
    archive.write(card, archive.read(card).removesuffix("photo: d4\n"))
    consents = f"{STUDENT}/consents.yaml"
    archive.write(consents, archive.read(consents) + "    revoked:\n      date: 2026-11-22\n")
    archive.write(SCAN_FILE, SCAN)
    archive.write(
        documents,
        archive.read(documents)
        + _WRONG.format(scan=SCAN_FILE.rpartition("/")[2], scan_digest=_digest(SCAN)),
    )
    archive.write(f"{OLD_FOLDER}/student.yaml", _CARD + _NEED)
    save_later(archive, TEACHER)
    write_order(archive, KEY, ORDER, "уничтожение", f"2026-0001#d4 2026-0001#d5 {OLD}")
    save_later(archive, "s001")
    return archive


def save_later(archive: Archive, staff: str) -> None:
    saved = archive.save(staff, LATER)
    assert saved.commit, saved.findings


def has_object(store: Path, id_: str) -> bool:
    """Whether a store holds an object, reachable or not."""
    words = ["git", "-C", str(store), "cat-file", "-e", id_]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def with_mirrors(archive: Archive, *folders: Path) -> None:
    """Mirrors in these folders, equal to it; the first is the primary."""
    for folder in folders:
        mirrors.add(archive.root, folder.stem, str(folder), "RU", allowed=("RU",))
    assert mirrors.push(archive.root).is_good
