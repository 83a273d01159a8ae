"""A hosted store whose own check at the entry was taken away: plain git takes anything in then."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import papka
from tests.support.histories import School, git

HOOK = "hooks/pre-receive"


@pytest.fixture
def hosted(school: School, tmp_path: Path) -> Path:
    """A hosted store with an archive in it, of which verify says nothing about its gate."""
    place = tmp_path / "hosted.git"
    git(tmp_path, "clone", "-q", "--bare", str(school.root), str(place))
    git(place, "remote", "remove", "origin")
    assert papka("mirror", "host", place).code == 0
    assert verified(place) == []
    return place


def verified(place: Path) -> list[str]:
    """Codes of what `papka verify` says of the store, the paper that is not given left out."""
    said = papka("verify", place, "--no-memory").out
    return sorted(set(re.findall(r"(?:ошибка|предупреждение) (\w+)", said)) - {"ROOT_UNANCHORED"})


def passed_over(place: Path) -> None:
    git(place, "config", "core.hooksPath", "/dev/null")


def rewritten(place: Path) -> None:
    (place / HOOK).write_bytes((place / HOOK).read_bytes() + b"exit 0\n")


def of_one_line_more(place: Path) -> None:
    """Our shape, and a command where the place of the program stands."""
    text = (place / HOOK).read_text().replace("\npapka=", "\nexit 0; papka=")
    (place / HOOK).write_text(text)


def linked(place: Path) -> None:
    (place / HOOK).rename(place / "own")
    (place / HOOK).symlink_to(place / "own")


@pytest.mark.parametrize(
    "break_gate",
    [
        lambda place: (place / HOOK).unlink(),
        lambda place: (place / HOOK).chmod(0o644),
        passed_over,
        rewritten,
        of_one_line_more,
        linked,
    ],
    ids=["gone", "not executable", "passed over", "rewritten", "bent", "behind a link"],
)
def test_gate_taken_away(break_gate: Callable[[Path], None], hosted: Path) -> None:
    """The store is marked, so that there is no silence about a gate that is not there."""
    break_gate(hosted)
    assert verified(hosted) == ["GATE_BROKEN"]
    papka("mirror", "host", hosted)
    assert "GATE_BROKEN" not in verified(hosted)


def test_gate_that_runs_the_program_of_somebody_else(hosted: Path) -> None:
    text = (hosted / HOOK).read_text()
    (hosted / HOOK).write_text(text.replace(shlex.quote(sys.executable), "/tmp/evil/python"))
    assert verified(hosted) == ["GATE_ELSEWHERE"]
    assert "/tmp/evil/python" in papka("verify", hosted, "--no-memory").out


def test_other_program_beside_the_gate(hosted: Path) -> None:
    other = hosted / "hooks" / "update"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    assert verified(hosted) == ["REPO_HOOKS"]
    assert "hooks/update" in papka("verify", hosted, "--no-memory").out


def test_program_that_purges_taken_away(hosted: Path) -> None:
    """Without it an act of destruction would not reach the server: `mirror host` puts it back."""
    purger = hosted / "hooks" / "post-receive"
    whole = purger.read_bytes()
    purger.unlink()
    assert verified(hosted) == ["GATE_WITHOUT_PURGE"]
    purger.write_text("#!/bin/sh\nexit 0\n")
    purger.chmod(0o755)
    assert verified(hosted) == ["GATE_WITHOUT_PURGE", "REPO_HOOKS"]
    assert "hooks/post-receive.before-papka" in papka("mirror", "host", hosted).out
    assert purger.read_bytes() == whole
    (hosted / "hooks" / "post-receive.before-papka").unlink()
    assert verified(hosted) == []
