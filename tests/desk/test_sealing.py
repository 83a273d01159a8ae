"""Sealing a real archive: what a seal leaves behind, who may, and what happens when it is cut."""

from __future__ import annotations

import ast
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from papka.core.errors import Refused
from papka.core.places import ALLOWED_SIGNERS, ENDINGS, ORGANIZATION, SEALS, TEXT, seal_file
from papka.desk.sealing import Sealed, is_unsealed_closing, make_seal, seal_period
from papka.desk.undoing import plan_undo
from papka.paper.provenance import folder_digest
from papka.proof.verification import verify
from papka.repository import commit_snapshots, commit_writing
from papka.repository.signing import find_actor
from tests.support.archives import PROJECT
from tests.support.clones import HEAD, Clone
from tests.support.histories import git
from tests.support.school import NOW, STUDENT, TEACHER, Archive

CARD = f"{STUDENT}/student.yaml"
SCRIPT = PROJECT / "proof" / "check-seal.sh"


def seal(archive: Archive, period: str = "2026", staff: str = HEAD) -> Sealed:
    return make_seal(archive.root, find_actor(archive.root, staff), now=NOW, period=period)


def change(archive: Archive) -> None:
    """Something saved, so that there is something to seal again."""
    archive.edit(CARD, "id: ", "# правка\nid: ")
    archive.save(TEACHER)


def codes(archive: Archive, *anchors: str) -> list[str]:
    found = verify(archive.root, now=NOW + timedelta(hours=1), anchors=anchors).findings
    return sorted({finding.code.name for finding in found})


without_papka = pytest.mark.skipif(
    not all(map(shutil.which, ("sh", "sha256sum", "ssh-keygen"))),
    reason="the tools of the independent check are not installed",
)


def shell(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The check that knows nothing of papka."""
    return subprocess.run(
        ["sh", str(SCRIPT), *map(str, arguments)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip


def test_a_seal_is_one_commit_of_three_files_and_its_digest_proves_all(archive: Archive) -> None:
    before = commit_snapshots.head(archive.root)
    made = seal(archive)
    commit = commit_snapshots.read_commit(archive.root, "HEAD")
    assert (made.number, made.commit, commit.parents) == (1, commit.id, (before,))
    changes = commit_snapshots.changed_paths(archive.root, before, commit.id)
    assert {each.path for each in changes} == {seal_file(1, ending) for ending in ENDINGS}
    assert (commit.author.name, commit.message) == (HEAD, "Пломба № 0001: 2026\n")
    assert codes(archive, made.digest) == []
    assert commit_snapshots.worktree_changes(archive.root) == ()


def test_a_seal_lists_units_as_coreutils_digest_them(archive: Archive) -> None:
    seal(archive)
    lines = archive.read(seal_file(1, ".units")).splitlines()
    listed = {path: digest for digest, path in (line.split("  ") for line in lines)}
    inside = {
        path.relative_to(archive.root / STUDENT).as_posix(): path.read_bytes()
        for path in (archive.root / STUDENT).rglob("*")
        if path.is_file()
    }
    assert listed[STUDENT] == folder_digest(inside.items())
    assert not [path for path in listed if path.startswith(f"{STUDENT}/")]
    assert {ORGANIZATION, ALLOWED_SIGNERS, ".gitattributes", "schema/student.json"} <= set(listed)
    assert list(listed) == sorted(listed)


def test_unsaved_edits_stay_and_are_not_sealed(archive: Archive) -> None:
    archive.edit(CARD, "id: ", "# не сохранено\nid: ")
    archive.write("records/orders/2026/0009.yaml", "черновик")
    made = seal(archive)
    assert "# не сохранено" in archive.read(CARD)
    assert len(commit_snapshots.worktree_changes(archive.root)) == 2
    assert {*codes(archive, made.digest)} <= {"WORKTREE_DIFFERS", "UNTRACKED_FILE"}


def test_only_a_head_seals(archive: Archive) -> None:
    before = commit_snapshots.head(archive.root)
    with pytest.raises(Refused, match="только руководитель"):
        seal(archive, staff=TEACHER)
    assert commit_snapshots.head(archive.root) == before
    assert not (archive.root / SEALS).exists()


def test_nothing_is_sealed_twice(archive: Archive) -> None:
    made = seal(archive)
    with pytest.raises(Refused, match="ничего не изменилось"):
        seal(archive, "2025")
    stood = seal(archive)
    assert (stood.number, stood.digest, stood.commit) == (made.number, made.digest, made.commit)
    assert commit_snapshots.head(archive.root) == made.commit
    change(archive)
    assert seal(archive).number == 2


def test_what_coreutils_cannot_repeat_is_not_sealed(archive: Archive) -> None:
    path = "records/regulations/положение.txt"
    commit_writing.commit(
        archive.root, {path: b"x"}, "Правка", author=HEAD, now=NOW,
        sign=find_actor(archive.root, HEAD).sign,
        expected_parent=commit_snapshots.head(archive.root),
    )  # fmt: skip
    with pytest.raises(Refused, match="под пломбу не поставить"):
        seal(archive)


def test_a_seal_is_not_undone(archive: Archive) -> None:
    seal(archive)
    plan = plan_undo(archive.root, find_actor(archive.root, HEAD), now=NOW)
    assert plan.is_refused
    assert {finding.code.name for finding in plan.judged.findings} == {"SEAL_KEPT"}


def test_a_seal_edited_in_the_folder_is_not_saved(archive: Archive) -> None:
    seal(archive)
    archive.edit(seal_file(1, TEXT), "number: 0001", "number: 0002")
    saved = archive.save(HEAD)
    assert saved.commit is None
    assert [finding.code.name for finding in saved.findings] == ["SEAL_KEPT"]


def test_killed_before_the_branch_moved_the_next_seal_succeeds(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files may lie in the folder already; no commit shows them."""

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    before = commit_snapshots.head(archive.root)
    with monkeypatch.context() as patch:
        patch.setattr(commit_writing, "publish_commit", die)
        with pytest.raises(Killed):
            seal(archive)
    assert commit_snapshots.head(archive.root) == before
    made = seal(archive)
    assert (made.number, codes(archive, made.digest)) == (1, [])


def test_what_is_sealed_when_nothing_is_named(archive: Archive) -> None:
    """First the period closed last, then, once it is under a seal, the school year."""
    assert seal_period(archive.root, None, today=NOW.date()) == "2026-1"
    seal(archive, "2026-1")
    assert seal_period(archive.root, None, today=NOW.date()) == "2026"
    head = commit_snapshots.head(archive.root)
    assert head is not None
    assert not is_unsealed_closing(archive.root, head, "2026-1")


@without_papka
def test_the_check_without_papka_agrees(archive: Archive) -> None:
    seal(archive)
    change(archive)
    made = seal(archive)
    change(archive)
    ran = shell(archive.root)
    assert ran.returncode == 0, ran.stderr
    assert made.digest in ran.stdout.replace(" ", "")
    assert shell(archive.root, "0001").returncode == 0
    typed = " ".join(made.digest[at : at + 8] for at in range(0, 64, 8)).upper()
    assert shell(archive.root, "0002", typed).returncode == 0
    other = shell(archive.root, "0001", typed)
    assert (other.returncode, "не та, что на бумаге" in other.stderr) == (1, True)


@without_papka
@pytest.mark.parametrize(
    ("attack", "told"),
    [
        ("another signer", "подпись пломбы неверна"),
        ("a list that lies", "не те, что опломбированы"),
        ("more in its commit", "что-то ещё"),
        ("changed afterwards", "меняли после"),
        ("on an earlier commit", "не за опломбированным"),
    ],
)
def test_the_check_without_papka_finds(archive: Archive, attack: str, told: str) -> None:
    seal(archive)
    change(archive)
    seal(archive)
    paths = [seal_file(2, ending) for ending in ENDINGS]
    units, text, signature = ((archive.root / path).read_bytes() for path in paths)
    more: dict[str, bytes | None] = {}
    head = find_actor(archive.root, HEAD)
    if attack != "changed afterwards":
        git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    if attack == "another signer":
        signer = find_actor(archive.root, TEACHER).signer
        signature = signer.sign(text, "papka-seal").encode()
    elif attack == "a list that lies":
        units = units.replace(units[:64], b"0" * 64)
    elif attack == "more in its commit":
        more = {CARD: b"x"}
    elif attack == "changed afterwards":
        text += b"\n"
    else:
        change(archive)
    commit_writing.commit(
        archive.root, {**dict(zip(paths, (units, text, signature), strict=True)), **more}, "x",
        author=HEAD, now=NOW, sign=head.sign, expected_parent=commit_snapshots.head(archive.root),
    )  # fmt: skip
    ran = shell(archive.root, "0002")
    assert (ran.returncode, told in ran.stderr) == (1, True), ran.stderr


def test_an_unsent_seal_is_put_anew_on_what_others_sent(one: Clone, two: Clone) -> None:
    """A seal names the commit under it, so it cannot be moved like a save."""
    actor = find_actor(two.root, HEAD)
    two.edit(ORGANIZATION, "format: 2", "# правка\nformat: 2")
    two.save(HEAD)
    old = make_seal(two.root, actor, now=NOW, period="2026")
    one.edit(CARD, "id: ", "# чужая правка\nid: ")
    one.save()
    one.sync()
    synced = two.sync(HEAD)
    assert (synced.kind, synced.replayed, synced.sealed) == ("diverged", 2, "0001")
    assert two.authors[:3] == [HEAD, HEAD, one.staff]
    assert two.grave() == []
    seals = verify(two.root, now=NOW).seals
    assert [each.number for each in seals] == [1]
    assert seals[0].digest != old.digest
    assert two.unsaved() == ()


def test_two_heads_copies_sealed_and_the_second_to_send_takes_the_next_number(
    one: Clone, two: Clone
) -> None:
    for clone, path, key in ((one, CARD, "id: "), (two, ORGANIZATION, "format: 2")):
        clone.edit(path, key, f"# правка\n{key}")
        clone.save(HEAD)
        make_seal(clone.root, find_actor(clone.root, HEAD), now=NOW, period="2026")
    one.sync(HEAD)
    synced = two.sync(HEAD)
    assert (synced.clashes, synced.sealed) == ((), "0002")
    assert two.grave() == []
    assert [each.number for each in verify(two.root, now=NOW).seals] == [1, 2]


def test_the_judge_of_seals_shares_no_code_with_their_maker() -> None:
    """What both use judges nothing: a mistake of the one must show in the other."""
    package = PROJECT / "tools" / "papka"
    judges = [*(package / "proof").rglob("*.py")]
    assert "papka.desk.sealing" not in {name for file in judges for name in _imports(file)}
    assert "papka.proof.seal_judging" not in _imports(package / "desk" / "sealing.py")


def _imports(file: Path) -> set[str]:
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    found = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {
        name
        for node in found
        for name in (str(node.module), *(f"{node.module}.{each.name}" for each in node.names))
    }
