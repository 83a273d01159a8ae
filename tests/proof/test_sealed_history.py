"""Seals of the second form: the whole history under them, by papka and by the kit."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from papka.core.places import ALLOWED_SIGNERS, TEXT, seal_file
from papka.proof.anchors import read_seal
from papka.proof.trusted_keys import HEAD, TrustEntry
from papka.repository.git_values import P384, bytes_of_commit, object_id, parse_commit
from papka.repository.signing import generate_key
from tests.support.archives import PROJECT
from tests.support.destroying import PHOTO, purge, put_act
from tests.support.histories import OTHER, School, git
from tests.support.sealing import bent_files, honest_files, put_seal


@pytest.fixture
def renewed(school: School) -> School:
    """A seal of the first form, then a head's key of the second type."""
    put_seal(school)
    new = generate_key(school.keys / "newer", "", kind=P384)
    data = (school.root / ALLOWED_SIGNERS).read_bytes()
    line = TrustEntry("s001", HEAD, new).line
    school.save({ALLOWED_SIGNERS: data + f"{line}\n".encode()}, "s001", late=120)
    return school


def codes(school: School) -> list[str]:
    found = school.verify(school.fingerprint).findings
    return sorted({finding.code.name for finding in found})


def by_kit(school: School) -> tuple[int, str]:
    ran = subprocess.run(
        ["sh", PROJECT / "proof" / "check-seal.sh", school.root],
        check=False, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


def test_once_keys_are_renewed_a_seal_covers_all_history(renewed: School) -> None:
    put_seal(renewed, "2025-2")
    text = (renewed.root / seal_file(2, TEXT)).read_bytes()
    said = read_seal(text)
    assert text.startswith(b"papka-seal v2\n")
    assert said.previous
    commits = git(renewed.root, "rev-list", said.head).split()
    every = set(git(renewed.root, "rev-list", "--objects", "--no-object-names", said.head).split())
    assert said.commits is not None
    assert said.objects is not None
    assert (said.commits.count, said.objects.count) == (len(commits), len(every) - len(commits))
    assert codes(renewed) == ["ANCHOR_NOT_GIVEN"]
    code, told = by_kit(renewed)
    assert (code, "Вся история до пломбы — та же" in told) == (0, True), told


def _bend(line: str) -> Callable[[str], str]:
    """Another last digit of a digest."""

    def bend(text: str) -> str:
        old = next(each for each in text.splitlines() if each.startswith(f"{line}: "))
        last = "0" if old[-1] != "0" else "1"
        return text.replace(old, old[:-1] + last)

    return bend


@pytest.mark.parametrize(
    "line", ["commits-sha256", "commits-sha512", "objects-sha256", "objects-sha512"]
)
def test_a_seal_of_another_history_is_found_by_papka_and_kit(line: str, renewed: School) -> None:
    renewed.save(bent_files(renewed, _bend(line)), "s001", late=180)
    assert codes(renewed) == ["ANCHOR_NOT_GIVEN", "SEAL_DIGEST_MISMATCH"]
    code, told = by_kit(renewed)
    assert code == 1
    assert f"история не та, что опломбирована ({line.replace('-', ', ')})" in told


def test_what_was_destroyed_later_leaves_the_commits_proven(renewed: School) -> None:
    """Commits are compared as they were signed; the next seal covers what is left."""
    renewed.save({PHOTO: b"photo"}, late=130)
    put_seal(renewed, "2025-2")
    put_act(renewed, [OTHER.rpartition("/")[0]])
    purge(renewed)
    renewed.checkout()
    assert not [code for code in codes(renewed) if code.startswith("SEAL_")]
    code, told = by_kit(renewed)
    assert (code, "Все сохранения до пломбы — те же, какими их" in told) == (0, True), told
    renewed.save(bent_files(renewed, _bend("commits-sha512")), "s001", late=240)
    assert "SEAL_DIGEST_MISMATCH" in codes(renewed)
    code, told = by_kit(renewed)
    assert (code, "(commits, sha512)" in told) == (1, True), told


def test_a_seal_after_an_act_holds_the_commits_that_were_signed(renewed: School) -> None:
    put_act(renewed, [OTHER.rpartition("/")[0]])
    purge(renewed)
    signed = git(renewed.root, "rev-list", "HEAD").split()
    renewed.save(honest_files(renewed, "2025-2")[1], "s001", late=240)
    said = read_seal((renewed.root / seal_file(2, TEXT)).read_bytes())
    assert said.commits is not None
    assert said.commits.count == len(signed)
    assert not [code for code in codes(renewed) if code.startswith("SEAL_")]


def test_the_form_is_the_one_described(renewed: School) -> None:
    put_seal(renewed, "2025-2")
    page = (PROJECT / "proof" / "formats.md").read_text("utf-8")
    sample = page.partition("```text\npapka-seal v2\n")[2].partition("```")[0]
    described = [line.partition(": ")[0] for line in sample.splitlines()]
    text = (renewed.root / seal_file(2, TEXT)).read_text("ascii")
    assert [line.partition(": ")[0] for line in text.splitlines()[1:]] == described


def test_the_bytes_of_a_commit_come_back(school: School) -> None:
    for id_ in git(school.root, "rev-list", "HEAD").split():
        raw = school.raw(id_)
        assert bytes_of_commit(parse_commit(id_, raw)) == raw
        assert object_id("commit", raw) == id_
