"""A new computer with one address of the server: from a bare account to a save that is sent."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from papka.repository.signing import load_public
from tests.hosting.conftest import Hosted
from tests.support.clones import HEAD, TEACHER, Clone
from tests.support.command import ok, papka
from tests.support.school import STUDENT

CARD = f"{STUDENT}/student.yaml"


def joined(hosted: Hosted) -> Clone:
    """What one command leaves of a bare account: no name, no key, no archive."""
    place = hosted.folder / "new"
    ok("join", hosted.shared.address, place, "--as", TEACHER, "--anchor", hosted.shared.fingerprint)
    return Clone(place, TEACHER)


def test_one_command_of_the_head_ends_in_a_save_that_is_sent(hosted: Hosted) -> None:
    assert list(Path(os.environ["HOME"]).iterdir()) == []
    new, head, before = joined(hosted), hosted.clone(HEAD), hosted.main
    new.write(CARD, new.read(CARD) + "# с нового компьютера\n")
    ran = papka("save", "--push", "-C", new.root)
    assert (ran.code, "s002 ждёт принятия ключа" in ran.err) == (3, True), ran.all
    assert (new.head, hosted.main) == (before, before)

    ran = ok("trust", "add", new.path(f"print/request-{TEACHER}.txt"), "-C", head.root)
    assert "второй компьютер" in ran.out
    assert load_public(Path(os.environ["HOME"]) / ".ssh/papka-s002.pub").fingerprint in ran.out
    assert hosted.main == head.head != before

    ok("save", "--push", "-C", new.root)
    assert (new.head, new.unsaved()) == (hosted.main, ())
    assert hosted.shared.authors[:2] == [TEACHER, HEAD]
    assert new.grave(datetime.now(UTC)) == []
