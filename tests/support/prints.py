"""Archives for the tests of printing: saved past all checks, or with many personal files."""

from __future__ import annotations

import subprocess

from tests.support.school import STUDENT, Archive

_FOLDER = "records/students/2026"


def save_unjudged(archive: Archive) -> None:
    """A plain commit of everything, as a hand with git would make it."""
    git = ("git", "-c", "core.hooksPath=/dev/null", "-c", "user.name=s001")
    more = ("-c", "user.email=s001@papka.invalid", "-c", "commit.gpgSign=false")
    for words in (("add", "-A"), ("commit", "-q", "-m", "Проба")):
        subprocess.run([*git, *more, *words], cwd=archive.root, check=True)


def with_students(archive: Archive, count: int) -> tuple[str, ...]:
    """So many copies of the one personal file, saved; the numbers of all."""
    files = {
        path.relative_to(archive.root / STUDENT): path.read_bytes()
        for path in (archive.root / STUDENT).rglob("*")
        if path.is_file()
    }
    numbers = ["2026-0001", *(f"2026-{number:04d}" for number in range(2, count + 1))]
    for number in numbers[1:]:
        for path, data in files.items():
            told = data.replace(b"2026-0001", number.encode())
            archive.write(f"{_FOLDER}/{number}/{path.as_posix()}", told)
    save_unjudged(archive)
    return tuple(numbers)
