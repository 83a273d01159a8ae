"""A real archive on disk: made by `init`, filled by `save`, copied for a test that changes it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from papka.core.places import ORGANIZATION, SALT_BYTES, STAFF, student_folder
from papka.desk.edition import HEAD_STAFF
from papka.desk.new_archive import init
from papka.desk.saving import Saved, save
from papka.repository import commit_snapshots, worktree
from papka.repository.signing import find_actor, generate_key, remember_actor
from tests.support.archives import good
from tests.support.folders import copy_folder

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEACHER = "s002"
_RULES = ("records/pr", "records/pl", "records/regulations/", "records/orders/2026/0001")
STUDENT = "records/students/2026/2026-0001"


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive at `root` whose keys lie in `keys`."""

    root: Path
    keys: Path

    def write(self, path: str, text: str | bytes) -> None:
        worktree.write(self.root, path, text if isinstance(text, bytes) else text.encode())

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert text.count(old) >= 1, f"{path}: no {old!r}"
        self.write(path, text.replace(old, new, 1))

    def begin_file(self, number: str, card: str, enrolments: str) -> str:
        """A personal file as papka begins one, with a salt of its own; its folder."""
        folder = student_folder(number)
        self.write(f"{folder}/student.yaml", card)
        self.write(f"{folder}/enrolments.yaml", enrolments)
        self.write(f"{folder}/.salt", secrets.token_bytes(SALT_BYTES))
        return folder

    def save(self, staff: str | None = None, now: datetime = NOW) -> Saved:
        return save(self.root, find_actor(self.root, staff), now=now)


def autumn_results(
    id_: str, date: str, mark: int, *, part: str = "техника", control: str = "за период"
) -> str:
    """Results of the period 2026-2, one mark of the teacher in them."""
    return f"""\
period: 2026-2
results:
  - id: {id_}
    enrolment: e1
    kind: учебный
    origin: текущий контроль
    part: {part}
    control: {control}
    date: {date}
    mark: {mark}
    assessed_by: {TEACHER}
"""


def add_correction(archive: Archive) -> None:
    """Write a correction into the results of the closed period: r4 says 5 in place of r3's 4."""
    path = f"{STUDENT}/results/2026-1.yaml"
    text = archive.read(path)
    again = text.partition("  - id: r3\n")[2].replace("mark: 4", "mark: 5")
    archive.write(path, f"{text}  - id: r4\n{again}    replaces: r3\n    reason: Описка\n")


def head(archive: Archive) -> str:
    """The last saved commit."""
    found = commit_snapshots.head(archive.root)
    assert found is not None
    return found


def build(folder: Path) -> Archive:
    """The good archive: first commit by the head, acts by the head, the student by the teacher."""
    keys = folder / "keys"
    keys.mkdir(parents=True)
    teacher = generate_key(keys / "staff", "papka staff")
    records = {path: data for path, data in good().items() if path.startswith("records/")}
    first = {path: records[path] for path in (ORGANIZATION, STAFF)}
    root = folder / "archive"
    init(
        root,
        None,
        keys=keys,
        now=NOW,
        records=first,
        staff_keys={TEACHER: teacher},
    )
    remember_actor(root, TEACHER, keys / "staff", main=False)
    archive = Archive(root, keys)
    own = ("records/students/", "records/orders/", "records/events/")
    left = {path: data for path, data in records.items() if path not in first}
    del left["records/trust/allowed_signers"]
    for staff, wanted in (
        (HEAD_STAFF, lambda path: path.startswith(_RULES)),
        (TEACHER, lambda path: path.startswith(own)),
        (HEAD_STAFF, lambda _: True),
    ):
        for path in [path for path in left if wanted(path)]:
            archive.write(path, left.pop(path))
        saved = archive.save(staff)
        assert not [f for f in saved.findings if f.severity > 1], saved.findings
    return archive


def copied(source: Archive, folder: Path) -> Archive:
    """The same archive in another folder, with the same keys."""
    root = folder / "archive"
    copy_folder(source.root, root)
    return Archive(root, source.keys)
