"""Printed files of the invented school, each laid out once a run: layout is slow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from papka.core.snapshot import DictSnapshot, Snapshot
from papka.paper.form import State
from papka.paper.personal_file_layout import print_personal_file
from papka.paper.print_cache import PrintedFile
from papka.records.archive import Archive
from papka.records.student import Name, Student
from tests.conftest import PROJECT
from tests.paper.invented_school import AGLAYA, PERSON, archive, result, sources
from tests.support.made_once import once_for_all

MOMENT = dt.datetime(2026, 12, 28, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=3)))
TODAY = MOMENT.date()
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HOSTILE = (
    '<b>Жир</b> "><img src="file:///etc/passwd"> url(file:///etc/passwd) {{ 7*7 }} '
    "</style></title><script>alert(1)</script> \u202eقصة 漢字 😀"
)


def state(archive: Archive, on: dt.date = TODAY) -> State:
    """The state of a saved archive that a form prints, as of a day."""
    return State(archive, MOMENT, on, COMMIT, root=COMMIT)


@dataclass(frozen=True)
class Paper:
    """A printed file on the disk, for the tools that read PDF."""

    printed: PrintedFile
    path: Path
    student: Student


def forms() -> Snapshot:
    """The project's own templates."""
    folder = PROJECT / "templates"
    files = (path for path in folder.rglob("*") if path.is_file())
    return DictSnapshot({p.relative_to(PROJECT).as_posix(): p.read_bytes() for p in files})


@pytest.fixture(scope="session")
def templates() -> Snapshot:
    return forms()


@pytest.fixture
def update(pytestconfig: pytest.Config) -> bool:
    """Whether snapshots are written anew."""
    return bool(pytestconfig.getoption("--update-snapshots"))


def printed(
    student: Student, templates: Snapshot, commit: str | None = COMMIT, *, html: bool = False
) -> PrintedFile:
    (done,) = volumes(student, templates, commit, html=html)
    return done


def volumes(
    student: Student,
    templates: Snapshot,
    commit: str | None = COMMIT,
    *,
    scans: Mapping[str, bytes] | None = None,
    **way: Any,  # noqa: ANN401 - further options of print_personal_file
) -> tuple[PrintedFile, ...]:
    """`scans`: name in `attachments/` -> bytes."""
    files = {f"{student.folder}/attachments/{name}": data for name, data in (scans or {}).items()}
    return print_personal_file(
        archive(student), DictSnapshot({**sources(student), **files}), student.id,
        templates=templates, as_of=MOMENT, commit=commit, **way,
    )  # fmt: skip


def _paper(
    student: Student,
    templates: Snapshot,
    factory: pytest.TempPathFactory,
    name: str,
    commit: str | None = COMMIT,
) -> Paper:
    def print_it(folder: Path) -> tuple[PrintedFile, Path]:
        done = printed(student, templates, commit)
        path = folder / done.name
        path.write_bytes(done.data)
        return done, path

    return Paper(*once_for_all(factory, name, print_it), student)


@pytest.fixture(scope="session")
def ordinary(templates: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return _paper(AGLAYA, templates, tmp_path_factory, "ordinary")


@pytest.fixture(scope="session")
def large(templates: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """So many results and papers that parts, tables and the inventory break across sheets."""
    first = dt.date(2026, 1, 15)
    marks = tuple(
        result(number, first + dt.timedelta(days=number), mark=3 + number % 3)
        for number in range(1, 121)
    )
    papers = tuple(
        with_fields(AGLAYA.documents[0], id=f"d{number}", number=f"{number}/26", sheets=2)
        for number in range(1, 61)
    )
    student = replace(AGLAYA, periods={"2026-1": marks}, documents=papers)
    return _paper(student, templates, tmp_path_factory, "large")


@pytest.fixture(scope="session")
def hostile(templates: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """Markup, paths, template code, turning marks and letters no font has, wherever words go."""
    person = with_fields(
        PERSON, name=Name(surname="Ж" * 90, given=HOSTILE), address=HOSTILE, phone=None
    )
    student = replace(
        AGLAYA,
        person=person,
        documents=(with_fields(AGLAYA.documents[0], title=HOSTILE, number="Щ" * 80),),
        awards=(with_fields(AGLAYA.awards[0], text=HOSTILE),),
        periods={"2026-1": (result(1, MOMENT.date(), mark=4, text=HOSTILE),)},
    )
    return _paper(student, templates, tmp_path_factory, "hostile", None)


ENDLESS = "Ъ" * 10_000


@pytest.fixture(scope="session")
def endless(templates: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """A word of ten thousand letters, and marks and signs no font has, in every kind of place."""
    text, long = f"{ENDLESS} {HOSTILE}", "Ъ" * 1_500
    person = with_fields(
        PERSON,
        name=Name(surname=long, given=HOSTILE),
        address=text,
        identity=HOSTILE,
        representatives=(with_fields(PERSON.representatives[0], given=long, address=HOSTILE),),
    )
    (credit,) = AGLAYA.credits
    item = with_fields(credit.items[0], their_subject=HOSTILE, reason=long)
    student = replace(
        AGLAYA,
        person=person,
        documents=(
            with_fields(AGLAYA.documents[0], title=text, note=HOSTILE, kind="Ы" * 300),
            with_fields(AGLAYA.documents[4], note=long),
        ),
        awards=(with_fields(AGLAYA.awards[0], text=long + HOSTILE),),
        credits=(with_fields(credit, organisation=HOSTILE, items=(item,)),),
        notices=(with_fields(AGLAYA.notices[0], channel=long),),
        periods={
            "2026-1": (
                result(1, MOMENT.date(), mark=4, text=text),
                result(2, MOMENT.date(), None, kind="личностный", control=None, text=long),
            )
        },
    )
    return _paper(student, templates, tmp_path_factory, "endless")
