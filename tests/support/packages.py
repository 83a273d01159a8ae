"""A graduate's package, made once a run, and ways to forge one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from papka.core.places import ALLOWED_SIGNERS
from papka.intake.package_file import LIST, SIGNATURE, check_sums, pack, unpack
from papka.intake.package_giving import Package, make_package
from papka.repository.signing import find_actor
from tests.support.command import papka
from tests.support.issuing import STUDY, graduate
from tests.support.school import NOW, Archive, copied

NUMBER = "2026-0001"
FOLDER = "records/students/2026/2026-0001"
MOMENT = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Given:
    """The archive it came from, the package, its files."""

    archive: Archive
    package: Package
    files: Mapping[str, bytes]

    @property
    def key(self) -> str:
        return self.package.key

    @property
    def trust(self) -> Path:
        return self.archive.root / ALLOWED_SIGNERS

    def bent(self, folder: Path, changes: Mapping[str, bytes | None] | None = None) -> Path:
        """The package with some files changed or taken away, nothing signed anew."""
        files = {**self.files, **(changes or {})}
        return _written(folder, {path: data for path, data in files.items() if data is not None})

    def signed_again(
        self, folder: Path, changes: Mapping[str, bytes | None], namespace: str = "papka-document"
    ) -> Path:
        """The same, under a true signature of the head: another archive's own mistakes."""
        files = {**self.files, **changes}
        kept = {p: d for p, d in files.items() if d is not None and p not in (LIST, SIGNATURE)}
        kept[LIST] = check_sums(kept)
        signer = find_actor(self.archive.root, "s001").signer
        kept[SIGNATURE] = signer.sign(kept[LIST], namespace).encode()
        return _written(folder, kept)


def give(source: Archive, folder: Path) -> Given:
    """A certificate is issued, then the package is given."""
    archive = copied(source, folder)
    graduate(archive)
    ran = papka("issue", "-C", archive.root, "certificate", STUDY, "--date", "2026-11-20")
    assert ran.code == 0, ran.all
    made = make_package(archive.root, NUMBER, find_actor(archive.root, "s001"), today=NOW.date())
    return Given(archive, made, unpack(made.data, made.name))


def _written(folder: Path, files: Mapping[str, bytes]) -> Path:
    path = folder / "package.zip"
    path.write_bytes(pack(files, MOMENT))
    return path
