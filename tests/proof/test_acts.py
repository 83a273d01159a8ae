"""Acts of destruction in real archives: what stays proven after them, and what is found of forged
ones. What an act may rewrite is tried on values in `test_layers_as_values`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from papka.core.places import seal_file
from papka.core.snapshot import DictSnapshot
from papka.proof.act_rules import judge_act_changes
from papka.proof.clean_room import clean_room
from papka.proof.layers import is_continuation, read_line
from papka.proof.memory import Memory
from papka.proof.verification import verify
from papka.repository.git_values import parse_commit
from papka.repository.objects import Objects
from papka.repository.rewritten_commits import ACT, EVIDENCE, PURGED, act_file
from papka.repository.store import locate
from tests.support.destroying import PHOTO, Bent, commits_of, purge, put_act
from tests.support.histories import (
    OTHER,
    RECORD,
    School,
    copy_school,
    git,
    make_school,
    salt_of,
)
from tests.support.remembering import LATER, look, names
from tests.support.sealing import put_seal

FIRST, SECOND = RECORD.rpartition("/")[0], OTHER.rpartition("/")[0]
REVOCATIONS = "records/trust/revocations"
ACCEPTED = "records/trust/accepted/1.yaml"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> School:
    """A school with a photo, an unsigned save that the head accepted, a seal, and a clerk's key
    that counts up to a save of before."""
    made = make_school(tmp_path_factory.mktemp("acts"))
    made.save({PHOTO: b"photo"})
    stray = made.forge({RECORD: b"id: 2025-0001\nsex: y\n"}, sign=None, late=60)
    made.checkout()
    said = f"commit: {stray}\ncode: SIG_MISSING\nreason: x\n"
    made.save({ACCEPTED: said.encode()}, "s001")
    clerk = made.signer("s003").fingerprint
    made.save({REVOCATIONS: f"retired {clerk} at {made.head}\n".encode()}, "s001")
    put_seal(made)
    made.save({RECORD: b"id: 2025-0001\nsex: z\n"}, "s001")
    return made


@pytest.fixture(scope="module")
def acted(lived: School, tmp_path_factory: pytest.TempPathFactory) -> School:
    """The same after the photo went by an act, and the store was purged."""
    school = copy_school(lived, tmp_path_factory.mktemp("acted"))
    put_act(school, [PHOTO])
    purge(school)
    return school


@pytest.fixture
def school(acted: School, tmp_path: Path) -> School:
    return copy_school(acted, tmp_path)


def said(school: School, code: str = "ACT_INVALID") -> list[str]:
    return [each.message for each in school.verify().findings if each.code.name == code]


def test_after_one_act_and_after_two_everything_else_is_proven(
    lived: School, acted: School, tmp_path: Path
) -> None:
    before = commits_of(lived)
    sealed = next(seal.digest for seal in lived.verify().seals)
    anchors = (lived.fingerprint, sealed)
    assert names(lived.verify(*anchors)) == ["COMMIT_ACCEPTED"]
    found = acted.verify(*anchors)
    assert (names(found), found.acts) == (["COMMIT_ACCEPTED"], ((1, 1),))
    assert found.seals[0].is_anchored

    school = copy_school(acted, tmp_path)
    first_act = school.head
    school.save({OTHER: b"id: 2025-0002\nsex: z\n"}, "s001", late=200)
    put_act(school, [FIRST])
    clone = dataclasses.replace(school, root=tmp_path / "clone")
    git(tmp_path, "clone", "-q", "--no-local", str(school.root), str(clone.root))
    found = clone.verify(*anchors)
    assert {*names(found)} == {"COMMIT_ACCEPTED"}
    assert found.acts == ((1, 1), (2, 1))
    assert f"  {FIRST}\n" in (clone.root / seal_file(1, ".units")).read_text()
    with clean_room(locate(clone.root)) as room:
        line, _ = read_line(room, clone.head)
    assert [commit.id for commit in line.commits[: len(before) + 1]] == [*before, first_act]
    assert all(is_continuation(line, id_) for id_ in (*before, first_act))
    objects = Objects(clone.root)
    assert [id_ for id_ in line.destroyed_ids if objects.find(id_)] == []
    put_seal(clone, "2026")
    assert {*names(clone.verify(*anchors))} == {"COMMIT_ACCEPTED"}


def test_what_names_an_old_commit_goes_on_working(
    lived: School, tmp_path: Path, memory: Memory
) -> None:
    school = copy_school(lived, tmp_path)
    assert look(school, memory, school.fingerprint).remembered is False
    before = commits_of(school)
    put_act(school, [FIRST])
    purge(school)
    sealed = parse_commit("", school.raw(school.head))
    assert sealed.parents[0] not in before
    found = look(school, memory)
    assert names(found) == ["ANCHOR_NOT_GIVEN", "COMMIT_ACCEPTED"]
    for since in (before[-1], before[-2][:12], school.head):
        later = verify(school.root, now=LATER, memory=memory, since=since)
        assert (names(later), later.since) == ([], since if len(since) == 40 else before[-2])
    assert verify(school.root, now=LATER, memory=memory, since="0001").since == before[-3]


def test_saves_dropped_before_the_act_are_missed_by_memory(
    lived: School, tmp_path: Path, memory: Memory
) -> None:
    school = copy_school(lived, tmp_path)
    look(school, memory, school.fingerprint)
    git(school.root, "reset", "-q", "--hard", "HEAD~1")
    put_act(school, [PHOTO])
    purge(school)
    assert "HISTORY_REWRITTEN" in names(look(school, memory))


@pytest.mark.parametrize(
    ("by", "code", "words"),
    [
        ("s003", "SIGNER_NOT_ALLOWED", "его подписал не руководитель"),
        ("s001-stranger", "SIG_UNKNOWN_KEY", "его подписал не руководитель"),
    ],
)
def test_an_act_by_another_key(
    lived: School, tmp_path: Path, by: str, code: str, words: str
) -> None:
    school = copy_school(lived, tmp_path)
    (school.keys / "s001-stranger").write_bytes((school.keys / "stranger").read_bytes())
    (school.keys / "s001-stranger").chmod(0o600)
    put_act(school, [PHOTO], Bent(by=by))
    purge(school)
    assert code in school.codes()
    assert said(school) == [f"акт об уничтожении № 1 не принят: {words}"]


def _by_head(files: dict[str, bytes | None]) -> Callable[[School], object]:
    return lambda school: school.save(files, "s001", late=200)


PURGES = act_file(1, PURGED)
LATER_DEEDS: dict[str, tuple[Callable[[School], object], str]] = {
    "another-file-with-it": (
        lambda school: put_act(school, [FIRST], Bent(files={OTHER: b"id: 2025-0002\nsex: q\n"})),
        f"тем же сохранением изменено и другое: {OTHER}"),
    "number-skipped": (
        lambda school: put_act(school, [FIRST], Bent(number=3)),
        "№ 3 не принят: номер не по порядку: перед ним акт № 1"),
    "number-repeated": (
        lambda school: put_act(school, [FIRST], Bent(number=1)), "№ 1 не принят"),
    "act-changed": (
        _by_head({act_file(1, ACT): b"what: []\n"}), f"потом изменён файл {act_file(1, ACT)}"),
    "evidence-taken-away": (
        _by_head({act_file(1, EVIDENCE): None}), f"потом убран файл {act_file(1, EVIDENCE)}"),
    "inner-evidence-taken-away": (
        _by_head({f"{FIRST}/destroyed/1.files": None}), f"потом убран файл {FIRST}"),
    "a-file-added": (
        _by_head({"records/acts/1/note.txt": b"x"}), "потом добавлен файл records/acts/1/note.txt"),
    "what-was-purged-unsaid": (
        lambda school: [_by_head({PURGES: data})(school) for data in (b"- a\n", b"- b\n")],
        f"в {PURGED} изменено записанное раньше"),
}  # fmt: skip


@pytest.mark.parametrize("name", LATER_DEEDS)
def test_what_is_done_to_acts_besides_adding_them_in_turn(school: School, name: str) -> None:
    deed, words = LATER_DEEDS[name]
    deed(school)
    assert [each for each in said(school) if words in each], said(school)


def test_the_list_of_what_was_purged_grows(school: School) -> None:
    for data in (b"- a\n", b"- a\n- b\n"):
        _by_head({PURGES: data})(school)
    assert said(school) == []


def test_a_list_of_destroyed_files_that_lies_is_found_by_the_seal(
    lived: School, tmp_path: Path
) -> None:
    school = copy_school(lived, tmp_path)
    listed = f"{FIRST}/destroyed/1.files"

    def bend(made: object) -> object:
        inner = dict(made.inner)  # type: ignore[attr-defined]  # a Rewriting, handed on
        inner[listed] = b"0" * 64 + inner[listed][64:]
        return dataclasses.replace(made, inner=inner)  # type: ignore[type-var]  # as above

    put_act(school, [PHOTO], Bent(rewriting=bend))  # type: ignore[arg-type]  # as above
    purge(school)
    assert FIRST in said(school, "SEAL_DIGEST_MISMATCH")[0]


def test_what_was_destroyed_comes_back(school: School) -> None:
    school.save({PHOTO: b"photo"}, "s001", late=200)
    assert said(school, "DESTROYED_RETURNED") == [f"вернулось уничтоженное по акту № 1: {PHOTO}"]
    git(school.root, "reset", "-q", "--hard", "HEAD~1")
    put_act(school, [SECOND])
    school.save({OTHER: b"id: 2025-0002\n", salt_of(OTHER): b"x" * 32}, "s001", late=300)
    assert said(school, "DESTROYED_RETURNED") == [f"вернулось уничтоженное по акту № 2: {SECOND}"]


def test_what_a_store_still_holds(lived: School, tmp_path: Path) -> None:
    school = copy_school(lived, tmp_path)
    put_act(school, [PHOTO])
    told = said(school, "DESTROYED_PRESENT")
    assert told[0].startswith("в этом хранилище ещё лежит уничтоженное по акту № 1")
    purge(school)
    assert said(school, "DESTROYED_PRESENT") == []
    (tmp_path / "scan").write_bytes(b"a scan without its folder")
    git(school.root, "hash-object", "-w", str(tmp_path / "scan"))
    (words,) = said(school, "OBJECT_AFTER_ACT")
    assert words.endswith("ничто не указывает: 1, а в архиве уже есть акт об уничтожении")
    assert "OBJECT_AFTER_ACT" not in lived.codes()


def test_the_same_scan_in_another_folder_is_no_remainder(lived: School, tmp_path: Path) -> None:
    school = copy_school(lived, tmp_path)
    school.save({PHOTO.replace(FIRST, SECOND): b"photo"}, "s001", late=100)
    put_act(school, [PHOTO])
    purge(school)
    assert school.codes() == ["ANCHOR_NOT_GIVEN", "COMMIT_ACCEPTED"]


def test_a_save_that_touches_acts_is_refused_beforehand() -> None:
    before = DictSnapshot({PURGES: b"- a\n", act_file(1, ACT): b"what: []\n"})

    def told(changes: dict[str, bytes | None]) -> list[str]:
        return [each.message for each in judge_act_changes(before, changes)]

    assert told({PURGES: b"- a\n- b\n", OTHER: b"x"}) == []
    assert told({PURGES: None}) == told({PURGES: b"- b\n"})
    assert told({PURGES: None})[0].endswith(f"в {PURGED} изменено записанное раньше")
    for path in (act_file(1, ACT), act_file(2, EVIDENCE), f"{FIRST}/destroyed/1.files"):
        (words,) = told({path: b"x"})
        assert words.endswith(
            "файлы акта пишет только команда уничтожения, и потом они не меняются"
        )
