"""What is about to leave a copy: judged once, told in a sentence, and what to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from papka.copies import mirrors, new_commits
from papka.copies.new_commits import UNSENDABLE, Gate, ReceivedChange, judge_received, unsent_errors
from papka.core.findings import Finding
from papka.desk.saving import require_head_commit
from tests.support.histories import git
from tests.support.school import NOW, STUDENT, TEACHER, Archive

CARD = f"{STUDENT}/student.yaml"


LATER = NOW + timedelta(days=400)
"""Plain git asks the clock of this computer."""


def past_papka(archive: Archive, more: str = "# x\n") -> str:
    """A commit made by plain git, which nobody signed."""
    archive.write(CARD, archive.read(CARD) + more)
    git(archive.root, "commit", "-qam", "GUI")
    return require_head_commit(archive.root)


def test_what_is_sound_may_go(archive: Archive) -> None:
    before = require_head_commit(archive.root)
    archive.write(CARD, archive.read(CARD) + "# x\n")
    archive.save(TEACHER)
    gate = Gate(archive.root, NOW)
    assert gate.objection(before, require_head_commit(archive.root)) is None
    assert gate.objection("", require_head_commit(archive.root)) is None
    assert unsent_errors(archive.root, NOW) == ()


def test_why_it_may_not_go_is_one_sentence_and_a_way_out(archive: Archive) -> None:
    before = require_head_commit(archive.root)
    first = past_papka(archive)
    gate = Gate(archive.root, LATER)
    told = gate.objection(before, first)
    assert told is not None
    (fault,) = gate.refused(before, first)
    assert told == (
        (
            f"не отправлено, проверки не проходит: SIG_MISSING: сохранение {first[:12]}: "
            f"{fault.message}"
        ),
        UNSENDABLE,
    )
    second = past_papka(archive)
    told = gate.objection(before, second)
    assert told is not None
    assert told[0].endswith(f"{fault.message} (и ещё замечаний: 1)")
    assert UNSENDABLE == (
        "Посмотрите всё: papka verify. Если сохранение сделано командой git commit и ещё не "
        "отправлено: git reset --soft HEAD~1 (файлы останутся), затем papka save. Честную ошибку "
        "признаёт руководитель: papka trust accept"
    )


def test_what_several_mirrors_lack_is_judged_once(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, made = require_head_commit(archive.root), past_papka(archive)
    asked: list[ReceivedChange] = []

    def counting(change: ReceivedChange, when: datetime) -> list[Finding]:
        asked.append(change)
        return judge_received(change, when)

    monkeypatch.setattr(new_commits, "judge_received", counting)
    gate = Gate(archive.root, None)
    assert gate.objection(before, made) == gate.objection(before, made) is not None
    assert len(asked) == 1
    assert gate.refused("", made)
    assert len(asked) == 2


def test_commits_are_held_against_the_clock_that_is_given(archive: Archive) -> None:
    """Where none is, against their own: a computer whose clock is slow still sends."""
    before = require_head_commit(archive.root)
    archive.write(CARD, archive.read(CARD) + "# x\n")
    made = archive.save(TEACHER, NOW + timedelta(days=3)).commit or ""
    assert {each.code.name for each in Gate(archive.root, NOW).refused(before, made)} == {
        "TIME_FUTURE"
    }
    for now in (None, NOW + timedelta(days=3)):
        assert Gate(archive.root, now).refused(before, made) == ()


def test_a_history_that_continues_nothing_is_left_to_the_mirror(archive: Archive) -> None:
    before = past_papka(archive)
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    made = past_papka(archive, "# y\n")
    assert made != before
    assert Gate(archive.root, LATER).refused(before, made) == ()
    above = git(archive.root, "rev-parse", "HEAD~1").strip()
    assert Gate(archive.root, LATER).refused(above, made) != ()


def test_only_what_the_primary_has_not_confirmed_is_looked_at(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrors.add(archive.root, "usb", str(tmp_path / "usb.git"), "RU", allowed=("RU",))
    assert mirrors.push(archive.root).is_good
    made = past_papka(archive)
    (fault,) = unsent_errors(archive.root, LATER)
    assert (fault.code.name, fault.where.commit) == ("SIG_MISSING", made)
    git(archive.root, "update-ref", "refs/remotes/usb/main", made)
    assert unsent_errors(archive.root, LATER) == ()
    git(archive.root, "update-ref", "-d", "refs/remotes/usb/main")
    assert [each.where.commit for each in unsent_errors(archive.root, LATER)] == [made]
    archive.write(CARD, archive.read(CARD) + "# y\n")
    archive.save(TEACHER, LATER)
    monkeypatch.setattr(new_commits, "_NEVER_SENT_AT_MOST", 1)
    assert unsent_errors(archive.root, LATER) == (), "where nothing was sent, the last ones alone"
