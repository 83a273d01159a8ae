"""The whole archive given away in a bag: the peers' own tool takes it, and refuses a forged one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from papka.copies.backup_run import prove
from papka.copies.bag import BagGiven, give_bag
from papka.copies.medium_format import BUNDLE, MANIFEST, PLAIN, read_manifest
from papka.core.errors import PapkaError, Refused
from papka.core.places import STUDENTS
from papka.desk.destruction_plan import plan_destruction
from papka.proof.verification import verify
from papka.records.strict_yaml import read
from papka.repository import unfinished_work
from papka.repository.commit_snapshots import CommitSnapshot
from papka.repository.signing import find_actor
from tests.support.command import papka
from tests.support.doomed import LATER, OLD, ORDER
from tests.support.histories import git
from tests.support.school import NOW, TEACHER, Archive, head

JOURNAL = "records/media/2026.yaml"


def given(
    archive: Archive,
    place: Path,
    medium: str = "Н-9",
    staff: str = "s001",
    now: datetime = NOW,
) -> BagGiven:
    actor = find_actor(archive.root, staff)
    return give_bag(archive.root, actor, place, medium=medium, to="Городской архив", now=now)


@dataclass(frozen=True, slots=True)
class Away:
    """An archive that was given away in a bag at the state `head`."""

    archive: Archive
    bag: Path
    given: BagGiven
    head: str


@pytest.fixture(scope="module")
def away(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Away:
    folder = tmp_path_factory.mktemp("away")
    archive = Archive(folder / "archive", built_archive.keys)
    shutil.copytree(built_archive.root, archive.root, symlinks=True)
    before = head(archive)
    return Away(archive, folder / "bag", given(archive, folder / "bag"), before)


def judge(bag: Path) -> subprocess.CompletedProcess[str]:
    """The peers' own program, as anybody runs it."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bagit", "--validate", bag],
        check=False, capture_output=True, text=True,
    )  # fmt: skip


def test_the_peers_tool_takes_the_bag_and_it_holds_the_archive_as_saved(away: Away) -> None:
    ran = judge(away.bag)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "is valid" in ran.stderr
    saved = CommitSnapshot(away.archive.root, away.head)
    for path, data in saved.read_many(saved.paths()):
        assert (away.bag / "data" / PLAIN / path).read_bytes() == data
    told = dict(
        line.split(": ", 1) for line in (away.bag / "bag-info.txt").read_text("utf-8").splitlines()
    )
    first = git(away.archive.root, "rev-list", "--max-parents=0", "HEAD").strip()
    assert told["Internal-Sender-Identifier"] == away.head
    assert told["External-Identifier"] == first
    assert told["Source-Organization"]
    assert told["Payload-Oxum"].endswith(f".{away.given.proof.files}")


def test_what_proves_the_archive_is_read_out_of_the_bag(away: Away, tmp_path: Path) -> None:
    """By papka as from any copy, and of its bundle alone by git."""
    ran = papka("verify", away.bag / "data", "--format", "json")
    assert ran.code == 0, ran.all
    git(tmp_path, "clone", "-q", "--bare", str(away.bag / "data" / BUNDLE), "store")
    assert verify(tmp_path / "store", now=NOW).head == away.head


def _alter(bag: Path) -> None:
    card = next((bag / "data" / PLAIN / STUDENTS).rglob("student.yaml"))
    data = card.read_bytes()
    card.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])


def _add(bag: Path) -> None:
    (bag / "data" / PLAIN / "one_more.yaml").write_bytes(b"")


def _remove(bag: Path) -> None:
    next((bag / "data" / PLAIN / STUDENTS).rglob("student.yaml")).unlink()


def _retell(bag: Path) -> None:
    info = bag / "bag-info.txt"
    info.write_bytes(info.read_bytes().replace(b"Bagging-Date: 20", b"Bagging-Date: 19"))


@pytest.mark.parametrize("forge", [_alter, _add, _remove, _retell])
def test_a_forged_bag_is_refused_by_the_peers_tool(
    away: Away, forge: Callable[[Path], None], tmp_path: Path
) -> None:
    bag = tmp_path / "bag"
    shutil.copytree(away.bag, bag)
    forge(bag)
    ran = judge(bag)
    assert ran.returncode == 1
    assert "is invalid" in ran.stderr
    with pytest.raises(Refused, match="здесь уже что-то лежит"):
        given(away.archive, bag)


def test_the_journal_knows_it_so_that_an_act_can_wait_for_it(away: Away) -> None:
    """And it is no medium of the year: nobody keeps it here."""
    data = CommitSnapshot(away.archive.root, head(away.archive)).read(JOURNAL)
    line = read(data, JOURNAL).value["copies"][-1]
    digest = sha256((away.bag / "data" / MANIFEST).read_bytes()).hexdigest()
    assert (line["medium"], line["kind"], line["place"]) == ("Н-9", "BagIt", "Городской архив")
    assert (line["head"], line["sha256"]) == (away.head, digest)
    assert "verified" not in line


def test_the_same_command_again_only_says_that_it_is_done(away: Away) -> None:
    before = head(away.archive)
    again = given(away.archive, away.bag)
    assert (again.saved, again.proof.manifest) == (None, away.given.proof.manifest)
    assert head(away.archive) == before


def test_a_destruction_counts_the_bag_among_what_may_still_hold_it(
    doomed: Archive, tmp_path: Path
) -> None:
    assert given(doomed, tmp_path / "bag", now=LATER).saved is not None
    day = LATER.date()
    plan = plan_destruction(doomed.root, [OLD], ORDER, on=day, today=day, by_head=True)
    assert "Н-9" in plan.media


@pytest.mark.parametrize(
    ("medium", "staff", "said"),
    [
        ("Н-9", "s001", "Номер Н-9 в журнале копий уже есть"),
        ("Н-8", TEACHER, "подписывает руководитель"),
        ("Н-8 ", "s001", "без лишних пробелов"),
    ],
    ids=["number taken", "no head", "blank"],
)
def test_nothing_is_written_where_it_may_not_be_given(
    away: Away, medium: str, staff: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(PapkaError, match=said):
        given(away.archive, tmp_path / "bag", medium, staff)
    assert list(tmp_path.iterdir()) == []


def test_killed_before_the_journal_it_is_found_and_written_down(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And killed before it has its name, nothing of it is left by the next try."""

    def die(*_: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(unfinished_work.BuildingSite, "finish", die)
        with pytest.raises(KeyboardInterrupt):
            given(archive, tmp_path / "bag")
    assert not (tmp_path / "bag").exists()
    with monkeypatch.context() as patched:
        patched.setattr("papka.copies.bag.save_changes", die)
        with pytest.raises(KeyboardInterrupt):
            given(archive, tmp_path / "bag")
    before = head(archive)
    done = given(archive, tmp_path / "bag")
    assert done.saved is not None
    assert done.saved.commit == head(archive) != before
    manifest = read_manifest((tmp_path / "bag" / "data" / MANIFEST).read_bytes())
    assert manifest.head == before
    assert prove(tmp_path / "bag" / "data", now=NOW).is_good
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_what_is_given_is_told_as_what_it_is(archive: Archive, tmp_path: Path) -> None:
    words = ("give", "archive", "--medium", "Н-9", "--place", "Городской архив", "--as", "s001")
    ran = papka(*words, "--out", tmp_path / "bag", "-C", archive.root)
    assert ran.code == 0, ran.all
    assert "это полная копия персональных данных:" in ran.out
    assert "диагностика" not in ran.out
    assert f"В журнал внесено: {JOURNAL}" in ran.out
    assert "purged.yaml" in ran.out
