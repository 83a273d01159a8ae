"""An auditor with a disk and a sheet of paper: an honest school, and schools that are not.

Everything goes through commands and paper: numbers are typed from the printed sheets.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from papka.core.places import ALLOWED_SIGNERS
from papka.paper.page_pictures import codes_on
from papka.proof.anchors import Anchors, read_anchor
from papka.proof.trusted_keys import (
    HEAD,
    REFOUNDINGS,
    REVOCATIONS,
    TrustEntry,
    compose_trust,
    read_trust,
)
from papka.repository.signing import generate_key, load_public, load_signer
from tests.support.command import Ran, papka
from tests.support.disks import Disk, copied_disk
from tests.support.documents import picture
from tests.support.histories import NOW as EARLIER
from tests.support.histories import School, git
from tests.support.school import NOW as SAVED
from tests.support.school import STUDENT, Archive, copied

AWARD = f"{STUDENT}/awards.yaml"


def do(*words: str | Path) -> str:
    ran = papka(*words)
    assert ran.code == 0, ran.all
    return ran.out


def words_of(pdf: Path) -> str:
    ran = subprocess.run(
        ["pdftotext", "-raw", pdf, "-"], check=True, capture_output=True, encoding="utf-8"
    )
    return re.sub(r"\s+", " ", ran.stdout)


def typed(sheet: Path, groups: int) -> str:
    """The first run of so many groups of eight, as a person reads it off the sheet."""
    found = re.search(rf"(?:\b[0-9a-f]{{8}} ){{{groups - 1}}}[0-9a-f]{{8}}\b", words_of(sheet))
    assert found is not None
    return found[0]


class Year:
    """A school that sealed its year: the archive, and two signed sheets in the auditor's hand."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.archive = archive
        self.keys_sheet = folder / "keys.pdf"
        self.seal_sheet = folder / "seal.pdf"
        do("print", "keys", "--out", self.keys_sheet, "-C", archive.root)
        do("period", "seal", "--as", "s001", "-C", archive.root)
        do("print", "seal", "0001", "--out", self.seal_sheet, "-C", archive.root)

    @property
    def seal(self) -> str:
        return typed(self.seal_sheet, 8)

    @property
    def first(self) -> str:
        return typed(self.keys_sheet, 5)


@pytest.fixture(scope="module")
def year(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Year:
    """Tests read it only."""
    folder = tmp_path_factory.mktemp("year")
    return Year(copied(built_archive, folder), folder)


def audit(place: Path, *anchors: str) -> Ran:
    given = [word for anchor in anchors for word in ("--anchor", anchor)]
    return papka("verify", place, "--no-memory", *given)


def test_from_paper_to_a_signed_verdict(year: Year, tmp_path: Path) -> None:
    disk = copied_disk(year.archive.root, tmp_path).seize()
    was, paper = disk.state(), tmp_path / "протокол.pdf"
    ran = disk.sh(
        'papka verify "$DISK" --no-memory --anchor "$SEAL" --anchor "$FIRST" --protocol "$PAPER"',
        DISK=disk.archive, SEAL=year.seal, FIRST=year.first, PAPER=paper,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"Протокол для подписи: {paper}" in ran.stdout
    assert disk.state() == was
    said = words_of(paper)
    assert "АРХИВ ЦЕЛ И ПОДЛИНЕН" in said
    assert f"контрольная сумма пломбы {year.seal} совпало" in said
    assert f"номер первого сохранения {year.first} совпало" in said
    assert "Проверку провёл:" in said


def test_a_phone_reads_from_the_sheets_what_a_person_types(year: Year) -> None:
    (seal,) = codes_on(picture(year.seal_sheet.read_bytes(), 200))
    (first,) = codes_on(picture(year.keys_sheet.read_bytes(), 200))
    assert read_anchor(seal.text) == read_anchor(year.seal)
    assert read_anchor(first.text) == read_anchor(year.first)
    assert read_anchor(seal.text) != Anchors()


def test_a_copy_in_another_folder_and_a_mirror_hold_as_well(year: Year, tmp_path: Path) -> None:
    disk = copied_disk(year.archive.root, tmp_path).seize()
    moved = tmp_path / "сейф" / "копия архива"
    shutil.copytree(disk.archive, moved, symlinks=True)
    for place in (disk.mirror, moved):
        ran = audit(place, year.seal)
        assert ran.code == 0, ran.all


def test_a_year_rewritten_with_all_keys_and_sealed_anew_meets_its_own_sheet(
    year: Year, built_archive: Archive, tmp_path: Path
) -> None:
    """The head and all staff together, against one sheet they signed."""
    forged = copied(built_archive, tmp_path)
    forged.edit(AWARD, "За исполнение этюда", "За исполнение сонаты")
    do("save", "--as", "s002", "-C", forged.root)
    do("period", "seal", "--as", "s001", "-C", forged.root)
    disk = copied_disk(forged.root, tmp_path / "handed")
    assert audit(disk.archive, year.first).code == 0, "their keys are real"
    ran = audit(disk.archive, year.seal)
    assert ran.code == 1
    assert "ANCHOR_MISMATCH" in ran.out


def test_an_archive_rolled_back_before_its_seal_meets_the_sheet(
    year: Year, built_archive: Archive
) -> None:
    ran = audit(built_archive.root, year.seal)
    assert ran.code == 1
    assert "ANCHOR_MISMATCH" in ran.out


def spoil(disk: Disk) -> None:
    """One bit of one record's content."""
    packs = [*disk.archive.glob(".git/objects/pack/*.pack")]
    loose = [path for path in disk.archive.glob(".git/objects/??/*") if path.is_file()]
    path = max(packs or loose, key=lambda each: each.stat().st_size)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_of_a_damaged_disk_there_is_a_protocol_and_the_mirror_is_whole(
    year: Year, tmp_path: Path
) -> None:
    disk = copied_disk(year.archive.root, tmp_path)
    spoil(disk)
    disk.seize()
    paper = tmp_path / "протокол.pdf"
    ran = papka(
        *("verify", disk.archive, "--no-memory", "--anchor", year.seal, "--protocol", paper)
    )
    assert ran.code == 1
    said = words_of(paper)
    assert "АРХИВУ ДОВЕРЯТЬ НЕЛЬЗЯ" in said
    assert re.search(r"OBJECT_CORRUPT|PACK_DAMAGED|OBJECT_MISSING", said)
    assert audit(disk.mirror, year.seal).code == 0


def test_nothing_planted_on_the_disk_runs(year: Year, tmp_path: Path) -> None:
    disk = copied_disk(year.archive.root, tmp_path)
    trace = tmp_path / "ran"
    planted = tmp_path / "planted"
    planted.write_text(f'#!/bin/sh\ntouch "{trace}"\ncat\n')
    planted.chmod(0o755)
    for name in (
        *("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "gpg.ssh.program"),
        *("diff.x.textconv", "filter.x.smudge", "filter.x.clean", "filter.x.process"),
    ):
        git(disk.archive, "config", name, str(planted))
    git(disk.archive, "config", "core.hooksPath", str(tmp_path / "hooks"))
    for hook in ("post-checkout", "reference-transaction", "pre-auto-gc", "post-index-change"):
        (tmp_path / "hooks").mkdir(exist_ok=True)
        shutil.copy(planted, tmp_path / "hooks" / hook)
    (disk.archive / ".git" / "info").mkdir(exist_ok=True)
    (disk.archive / ".git" / "info" / "attributes").write_text("* filter=x diff=x\n")
    disk.seize()
    paper = tmp_path / "протокол.html"
    ran = papka(
        *("verify", disk.archive, "--no-memory", "--anchor", year.seal, "--protocol", paper)
    )
    assert not trace.exists()
    assert ran.code == 1
    assert "REPO_CONFIG_UNSAFE" in paper.read_text("utf-8")


def test_a_protocol_must_be_named_as_a_paper(year: Year, tmp_path: Path) -> None:
    ran = papka("verify", year.archive.root, "--protocol", tmp_path / "протокол.docx")
    assert ran.code == 2
    assert ".pdf или .html" in ran.err


def refounded(archive: Archive, keys: Path) -> None:
    """Both head keys are lost; a new pair signs itself in, as the act will say."""
    keys.mkdir()
    daily, recovery = (generate_key(keys / name, "") for name in ("daily", "recovery"))
    school, head = School(archive.root, keys), School(archive.root, keys).head
    before = (archive.root / ALLOWED_SIGNERS).read_bytes()
    heads = [entry.key.fingerprint for entry in read_trust(before).entries if entry.is_head]
    act = (
        "papka-refounding v1\n"
        f"head: sha1:{head}\n"
        "seal: none\n"
        f"daily: {daily.fingerprint}\n"
        f"recovery: {recovery.fingerprint}\n"
        "date: 2026-11-20\n"
    )
    added = compose_trust(TrustEntry("s001", HEAD, key) for key in (daily, recovery))
    retired = "".join(f"retired {key} at {head}\n" for key in heads)
    school.forge(
        {
            ALLOWED_SIGNERS: before + added,
            REVOCATIONS: retired.encode(),
            f"{REFOUNDINGS}0001": act.encode(),
        },
        sign=load_signer(keys / "daily").sign,
        by="s001",
        late=int((SAVED - EARLIER).total_seconds()) + 60,
    )
    school.checkout()


def test_new_keys_count_for_whoever_holds_the_act(built_archive: Archive, tmp_path: Path) -> None:
    archive = copied(built_archive, tmp_path)
    first = load_public(archive.keys / "head.pub").fingerprint
    refounded(archive, tmp_path / "new keys")
    sheet = tmp_path / "акт.pdf"
    do("print", "refounding", "0001", "--out", sheet, "-C", archive.root)
    alone = audit(archive.root, first)
    assert alone.code == 1
    assert "TRUST_NOT_AUTHORISED" in alone.out
    paper = tmp_path / "протокол.pdf"
    ran = papka(
        *("verify", archive.root, "--no-memory", "--anchor", first),
        *("--refounding", typed(sheet, 8), "--protocol", paper),
    )
    assert ran.code == 0, ran.all
    assert f"контрольная сумма акта о замене ключей {typed(sheet, 8)} совпало" in words_of(paper)
