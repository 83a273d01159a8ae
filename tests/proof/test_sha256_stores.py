"""A store that names its objects by SHA-256, as git's next kind does: read, judged and restored."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from papka.copies.fleet_list import FleetMember, FleetTask
from papka.copies.fleet_work import carry_out
from papka.copies.restoring import find_sources, restore
from papka.core.errors import Refused
from papka.core.places import TEXT, seal_file
from papka.proof.trusted_keys import REVOCATIONS
from papka.proof.verification import verify
from papka.repository.git_values import naming_of
from papka.repository.signing import find_actor
from papka.repository.store import find_naming, locate
from tests.support.command import Ran, papka
from tests.support.histories import RECORD, School, git
from tests.support.school import NOW, Archive
from tests.support.sealing import put_seal
from tests.support.twins import lay_sha256_twin


@pytest.fixture(scope="module")
def small(honest_school: School, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The twin of a small history."""
    folder = tmp_path_factory.mktemp("small")
    return lay_sha256_twin(honest_school.root, _keys(honest_school), folder / "archive")


@pytest.fixture(scope="module")
def twin(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twin")
    return lay_sha256_twin(built_archive.root, _keys(built_archive), folder / "archive")


def _keys(archive: Archive | School) -> list[Path]:
    return [each.with_suffix("") for each in sorted(archive.keys.rglob("*.pub"))]


def codes(root: Path, *anchors: str) -> list[str]:
    return sorted({each.code.name for each in verify(root, now=NOW, anchors=anchors).findings})


def test_it_is_verified_as_any_other(twin: Path, built_archive: Archive) -> None:
    """Every object, every signature, every rule; by the head's key and by the first commit."""
    first = git(twin, "rev-list", "--max-parents=0", "main").strip()
    head = find_actor(built_archive.root, "s001").signer.fingerprint
    assert naming_of(first) == "sha256"
    here, there = codes(twin, head, first), codes(built_archive.root, head)
    assert here == there
    seen = verify(twin, now=NOW, anchors=[head])
    assert (seen.commits, seen.files) == (
        verify(built_archive.root, now=NOW).commits,
        len(git(twin, "ls-tree", "-r", "--name-only", "main").splitlines()),
    )
    assert seen.objects == len(git(twin, "rev-list", "--objects", "main").splitlines())


def _flip(root: Path) -> None:
    pack = next((root / ".git" / "objects" / "pack").glob("*.pack"))
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.chmod(0o600)
    pack.write_bytes(data)


def _edit(root: Path) -> None:
    file = root / RECORD
    file.write_bytes(file.read_bytes() + "# чужое\n".encode())


def _edit_unseen(root: Path) -> None:
    _edit(root)
    git(root, "update-index", "--assume-unchanged", RECORD)


def _commit_unsigned(root: Path) -> None:
    _edit(root)
    git(root, "commit", "-q", "-a", "-m", "x")


def _sign_another(root: Path) -> None:
    """The last commit's signature on other words."""
    raw = git(root, "cat-file", "commit", "main")
    (root / "bent").write_text(f"{raw}ещё\n")
    made = git(root, "hash-object", "-t", "commit", "-w", "bent").strip()
    (root / "bent").unlink()
    git(root, "update-ref", "refs/heads/main", made)


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (_flip, "PACK_DAMAGED"),
        (_edit, "WORKTREE_DIFFERS"),
        (_edit_unseen, "HIDDEN_CHANGE"),
        (_commit_unsigned, "SIG_MISSING"),
        (_sign_another, "SIG_BAD"),
    ],
)
def test_what_was_done_to_it_is_found(
    small: Path, tmp_path: Path, forge: Callable[[Path], None], code: str
) -> None:
    shutil.copytree(small, tmp_path / "archive")
    forge(tmp_path / "archive")
    assert code in codes(tmp_path / "archive")


def test_of_a_seal_that_names_commits_otherwise_it_is_said_what_it_cannot_say(
    school: School, tmp_path: Path
) -> None:
    """What it says of content is still compared."""
    put_seal(school)
    place = lay_sha256_twin(school.root, _keys(school), tmp_path / "carried")
    found = codes(place)
    assert "SEAL_OTHER_NAMES" in found
    assert [each for each in found if each.startswith("SEAL_")] == ["SEAL_OTHER_NAMES"]
    text = place / seal_file(1, TEXT)
    text.write_bytes(text.read_bytes().replace(b"units-sha256: ", b"units-sha256: 0")[:-1])
    git(place, "commit", "-q", "-a", "-m", "x")
    assert {"SEAL_MOVED", "SIG_MISSING"} <= set(codes(place))


def test_what_ends_a_key_by_a_name_of_the_other_kind_ends_it_nowhere_and_says_so(
    school: School, tmp_path: Path
) -> None:
    """Nothing becomes bad by it, and the answer is no sound one; so with an act of destruction."""
    retired = f"retired {school.signer('s003').fingerprint} at {school.head}\n"
    school.save({REVOCATIONS: retired.encode()}, by="s001")
    place = lay_sha256_twin(school.root, _keys(school), tmp_path / "carried")
    new = [each for each in codes(place) if each not in school.codes()]
    assert [each for each in new if each != "ROOT_UNANCHORED"] == ["NAMED_OTHERWISE"]
    school.save({"records/acts/1/act.yaml": b"old_head: x\n"}, by="s001", late=90)
    there = lay_sha256_twin(school.root, _keys(school), tmp_path / "destroyed")
    told = [each for each in verify(there, now=NOW).findings if each.code.name == "NAMED_OTHERWISE"]
    assert {each.where.path for each in told} == {REVOCATIONS, "records/acts/1/act.yaml"}


def _source(small: Path, tmp_path: Path, kind: str) -> str:
    if kind == "bundle":
        git(small, "bundle", "create", "-q", str(tmp_path / "all.bundle"), "main")
        return str(tmp_path / "all.bundle")
    if kind == "store":
        git(tmp_path, "clone", "-q", "--bare", str(small), "store.git")
        return str(tmp_path / "store.git")
    shutil.copytree(small, tmp_path / "broken")
    _flip(tmp_path / "broken")
    return str(tmp_path / "broken")


def test_a_bundle_that_lies_alone_is_verified(small: Path, tmp_path: Path) -> None:
    bundle = Path(_source(small, tmp_path, "bundle"))
    ran = papka("verify", bundle)
    assert (ran.code, "all.bundle" in ran.out) == (0, True), ran.all
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    assert papka("verify", bundle).code == 1


@pytest.mark.parametrize("kind", ["bundle", "store"])
def test_it_is_restored_from_a_copy(small: Path, tmp_path: Path, kind: str) -> None:
    sources = find_sources([_source(small, tmp_path, kind)], (), tmp_path)
    done = restore(tmp_path / "again", sources, now=NOW, base=tmp_path)
    assert done.verified.head == git(small, "rev-parse", "main").strip()
    assert done.is_good
    assert find_naming(locate(done.folder).common) == "sha256"
    assert codes(done.folder) == codes(small)


def test_two_broken_copies_give_one_whole_archive(small: Path, tmp_path: Path) -> None:
    """The sound objects of a broken pack are taken one by one here too, by whatever is left."""
    (tmp_path / "bundled").mkdir()
    broken = _source(small, tmp_path, "broken")
    (tmp_path / "broken/.git/config").unlink()
    other = _source(small, tmp_path / "bundled", "bundle")
    data = bytearray(Path(other).read_bytes())
    data[-1500] ^= 1
    Path(other).write_bytes(data)
    done = restore(
        tmp_path / "again", find_sources([broken, other], (), tmp_path), now=NOW, base=tmp_path
    )
    assert done.verified.head == git(small, "rev-parse", "main").strip()
    assert done.is_good


def test_copies_named_in_two_ways_are_not_mixed(
    small: Path, honest_school: School, tmp_path: Path
) -> None:
    sources = find_sources([str(small), str(honest_school.root)], (), tmp_path)
    done = restore(tmp_path / "again", sources, now=NOW, base=tmp_path)
    assert "SHA-1 и SHA-256" in done.gathered[1].trouble
    assert done.verified.head == git(small, "rev-parse", "main").strip()


@pytest.mark.parametrize(
    "words",
    [("show", "2026-0001"), ("check",), ("find", "2026-0001"), ("verify",)],
    ids=lambda words: words[0],
)
def test_who_only_reads_notices_nothing(twin: Path, words: tuple[str, ...]) -> None:
    ran = papka(*words, "-C", twin)
    assert ran.code == 0, ran.all


@pytest.mark.parametrize(
    "words",
    [("save",), ("mirror", "push"), ("status",), ("undo",), ("print", "keys", "--html")],
    ids=lambda words: words[0],
)
def test_who_would_write_is_told_in_a_sentence(twin: Path, words: tuple[str, ...]) -> None:
    ran: Ran = papka(*words, "-C", twin)
    assert ran.code == Refused.exit_code
    assert "называет сохранения по SHA-256" in ran.all
    assert git(twin, "status", "--porcelain") == ""


def test_a_fleet_tells_of_it_what_its_own_command_tells(small: Path) -> None:
    """Deadlines would miss every seal: it names commits by SHA-1."""
    due = carry_out(FleetTask(0, FleetMember("Школа", str(small / ".git")), "due", NOW))
    assert due.code == papka("status", "--due", "-C", small).code == 3
    assert "по SHA-256" in due.trouble


def test_a_damaged_store_is_healed_from_a_copy(small: Path, tmp_path: Path) -> None:
    copy = _source(small, tmp_path, "store")
    broken = Path(_source(small, tmp_path, "broken"))
    ran = papka("restore", "--heal", "--from", copy, "-C", broken)
    assert ran.code == 0, ran.all
    assert codes(broken) == codes(small)
