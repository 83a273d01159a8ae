"""What this computer judged before it does not judge again, and nothing hides behind that."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from papka.core.places import ALLOWED_SIGNERS, ORGANIZATION
from papka.proof import examination, verification
from papka.proof.examination import Verified
from papka.proof.memory import Memory
from papka.proof.verification import verify
from tests.support.command import papka
from tests.support.histories import (
    OTHER,
    RECORD,
    School,
    git,
    make_school,
    salt_of,
    trust,
)
from tests.support.remembering import LATER, names
from tests.support.sealing import put_seal


def judged(school: School, memory: Memory | None, *anchors: str) -> Verified:
    given = anchors or (school.fingerprint,)
    return verify(school.root, now=LATER, anchors=given, judged=memory)


def verdict(school: School, memory: Memory) -> Path:
    return memory.folder / first(school) / "verdict.json"


def first(school: School) -> str:
    return git(school.root, "rev-list", "--max-parents=0", "main").strip()


def facts(found: Verified) -> tuple[object, ...]:
    """All that a verification tells, but how it came to know."""
    told = (found.findings, found.commits, found.transitions, found.objects, found.files)
    return (*told, found.head, found.root, found.root_key, found.seals, found.anchors_met)


def test_judged_once_and_hashed_every_time(
    school: School, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_seal(school)
    whole = judged(school, memory)
    assert (names(whole), whole.recalled) == (["ANCHOR_NOT_GIVEN"], "")
    monkeypatch.setattr(examination, "_examine_beside", None)
    again = judged(school, memory)
    assert (again.recalled, facts(again)) == (school.head, facts(whole))
    on_paper = judged(school, memory, school.fingerprint, whole.seals[0].digest)
    assert (on_paper.findings, on_paper.seals[0].is_anchored) == ((), True)
    foreign = judged(school, memory, "SHA256:" + "A" * 43)
    assert names(foreign) == ["ANCHOR_MISMATCH", "ANCHOR_NOT_GIVEN"]
    monkeypatch.undo()
    blob = git(school.root, "rev-parse", f"main:{RECORD}").strip()
    file = school.root / ".git/objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert "OBJECT_CORRUPT" in names(judged(school, memory))


def test_a_bare_store_is_not_even_listed(school: School, memory: Memory, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", "--no-local", str(school.root), "mirror.git")
    bare = School(tmp_path / "mirror.git", school.keys)
    whole, again = judged(bare, memory), judged(bare, memory)
    assert (again.recalled, facts(again)) == (school.head, facts(whole))
    assert whole.files > 3


def _new_file(school: School) -> None:
    path = RECORD.replace("2025-0001", "2025-0009")
    school.save({path: b"id: 2025-0009\n", salt_of(path): b"n" * 32}, late=240)


LATER_STEPS: dict[str, Callable[[School], object]] = {
    "an edit": lambda s: s.save({RECORD: b"id: 2025-0001\nsex: z\n"}, late=240),
    "a new personal file": _new_file,
    "a salt that another has": lambda s: s.save(
        {OTHER: b"id: 2025-0002\n",
         salt_of(OTHER): git(s.root, "show", f"main:{salt_of(RECORD)}").encode()}, late=240,
    ),
    "unsigned": lambda s: s.forge({RECORD: b"x: 1\n"}, sign=None, late=240),
    "a key of nobody": lambda s: s.forge(
        {RECORD: b"x: 1\n"}, sign=s.signer("stranger").sign, late=240
    ),
    "beyond one's rights": lambda s: s.forge(
        {ORGANIZATION: b"format: 3\n"}, sign=s.signer("s003").sign, late=240
    ),
    "a key added by a clerk": lambda s: s.forge(
        {ALLOWED_SIGNERS: trust(s.keys, stranger=("git", "papka-seal", "papka-document"))},
        sign=s.signer("s003").sign, late=240,
    ),
    "a file where none belongs": lambda s: s.save({"records/students/x.txt": b"x\n"}, late=240),
    "a merge": lambda s: s.forge(
        {}, sign=s.signer("s003").sign, parents=(s.head, first(s)), late=240
    ),
    "a seal": put_seal,
}  # fmt: skip


@pytest.mark.parametrize("step", LATER_STEPS)
def test_what_came_later_is_judged_as_ever(step: str, school: School, memory: Memory) -> None:
    assert judged(school, memory).findings == ()
    LATER_STEPS[step](school)
    school.checkout()
    assert facts(judged(school, memory)) == facts(judged(school, None))
    assert facts(judged(school, memory)) == facts(judged(school, None)), "learnt from itself"


def _of_another(school: School, memory: Memory, tmp_path: Path) -> None:
    other = make_school(tmp_path / "other")
    other.save({RECORD: b"id: 2025-0001\nsex: m\n"}, late=300)
    judged(other, memory)
    shutil.copy(verdict(other, memory), verdict(school, memory))


def _told(change: Callable[[dict[str, object]], object]) -> Callable[..., None]:
    def spoil(school: School, memory: Memory, _: Path) -> None:
        file = verdict(school, memory)
        value = json.loads(file.read_bytes())
        change(value)
        file.write_text(json.dumps(value), encoding="utf-8")

    return spoil


def _make_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


PLANTED: dict[str, Callable[[School, Memory, Path], object]] = {
    "of another archive": _of_another,
    "about a later commit": _told(lambda v: v.update(commit="f" * 40)),
    "without a code": _told(lambda v: v.pop("code")),
    "with more in it": _told(lambda v: v.update(more=1)),
    "of another form": _told(lambda v: v.update(format=2)),
    "a list": lambda s, m, _: verdict(s, m).write_text("[]"),
    "torn": lambda s, m, _: verdict(s, m).write_bytes(verdict(s, m).read_bytes()[:-9]),
    "a folder": lambda s, m, _: _make_folder(verdict(s, m)),
    "gone": lambda s, m, _: verdict(s, m).unlink(),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_verdict_that_was_not_kept_here_counts_for_nothing(
    plant: str, school: School, memory: Memory, tmp_path: Path
) -> None:
    judged(school, memory)
    school.forge({RECORD: b"x: 1\n"}, sign=None, late=240)
    school.checkout()
    if plant == "about a later commit":
        _told(lambda v: v.update(commit=school.head))(school, memory, tmp_path)
    else:
        PLANTED[plant](school, memory, tmp_path)
    found = judged(school, memory)
    assert (found.recalled, "SIG_MISSING" in names(found)) == ("", True)


def test_other_rules_judge_everything_anew(
    school: School, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged(school, memory)
    assert judged(school, memory).recalled
    act = ("ab" * 32,)
    with_act = verify(
        school.root, now=LATER, anchors=(school.fingerprint,), refounding=act, judged=memory
    )
    assert with_act.recalled == ""
    early = verify(
        school.root, now=LATER - timedelta(days=1), anchors=(school.fingerprint,), judged=memory
    )
    assert early.recalled == ""
    monkeypatch.setattr(verification, "program_digest", lambda: b"other")
    assert judged(school, memory).recalled == ""


def test_of_a_history_with_something_to_say_nothing_is_kept(school: School, memory: Memory) -> None:
    school.forge({RECORD: b"x: 1\n"}, sign=None, late=240)
    school.checkout()
    found = judged(school, memory)
    assert (verdict(school, memory).exists(), judged(school, memory).findings) == (
        False,
        found.findings,
    )


def test_a_command_judges_all_where_a_hand_signs_or_memory_is_not_asked(
    school: School, tmp_path: Path
) -> None:
    words = ("verify", school.root, "--anchor", school.fingerprint)
    said = "эта же программа на этом компьютере уже проверила"
    assert said not in papka(*words).out
    assert said in papka(*words).out
    assert said not in papka(*words, "--no-memory").out
    assert said not in papka(*words, "--protocol", tmp_path / "p.html").out
