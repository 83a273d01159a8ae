"""An act of destruction over ssh: the server judges it, goes over to it, and keeps nothing back."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from papka.cli import destroy as cli
from papka.copies import mirrors
from papka.copies.mirror_purging import still_there
from papka.repository import unfinished_work
from papka.repository.byte_search import Needle, needle_object, needle_text, search
from papka.repository.handle import Remote, list_remotes
from papka.repository.signing import load_signer
from papka.repository.store import read_refs
from tests.hosting.conftest import Hosted
from tests.support.clones import HEAD, TEACHER, Clone
from tests.support.command import ok, papka
from tests.support.doomed import ORDER, PHOTO, PHOTO_ID
from tests.support.histories import git
from tests.support.hosting import Hub
from tests.support.lawful_act import GONE, NAME, begin_the_doomed, destroy
from tests.support.school import STUDENT, Archive

CARD = f"{STUDENT}/student.yaml"


@pytest.fixture
def head(hosted: Hosted) -> Clone:
    """The head's copy, with a personal file that is to be destroyed; all of it is sent."""
    clone = hosted.clone(HEAD)
    begin_the_doomed(clone)
    ok("mirror", "push", "-C", clone.root)
    return clone


def server_of(clone: Clone) -> Remote:
    (remote,) = list_remotes(clone.root)
    return remote


def own(hosted: Hosted, place: Path) -> None:
    """What lies on the server belongs to the user that git runs as there."""
    if hosted.hub.user:
        subprocess.run(["chown", "-R", hosted.hub.user, str(place)], check=True)


def test_act_is_carried_out_on_the_server(head: Clone, hosted: Hosted) -> None:
    stale = hosted.clone(TEACHER)
    fact = git(head.root, "rev-parse", f"HEAD:{GONE}/student.yaml").strip()
    wanted = (*needle_text("имя", NAME), *needle_object(fact))
    access = hosted.hub.server.access()
    assert still_there(head.root, server_of(head), [fact, "1" * 40], access) == (fact,)
    left = hosted.store / "objects" / "tmp_objdir-incoming-x" / "aa"
    left.mkdir(parents=True)
    (left / "leftover").write_text(NAME)
    own(hosted, left.parent)
    destroy(head, [GONE])
    assert "ещё лежит уничтоженное по акту № 1" in papka("mirror", "status", "-C", head.root).out

    with unfinished_work.hold_archive(head.root):
        unfinished_work.begin_purging(head.root, 1)
        unfinished_work.settle_purging(head.root)
    assert "принято и перечитано" in ok("mirror", "push", "-C", head.root).out
    assert hosted.main == head.head
    assert list(read_refs(hosted.store, hosted.store).ids) == ["refs/heads/main"]
    assert search([hosted.store, head.root], wanted) == ()
    assert still_there(head.root, server_of(head), [fact], access) == ()
    (hosted.store / "loose").write_text(NAME)  # left by plain git, and found by the weekly check
    git(hosted.store, "hash-object", "-w", "loose")
    (hosted.store / "loose").unlink()
    own(hosted, hosted.store / "objects")
    assert "OBJECT_AFTER_ACT" in hosted.hub.papka("verify", hosted.store, "--no-memory").stdout
    assert "OBJECT_AFTER_ACT" not in hosted.hub.papka("mirror", "host", hosted.store).stdout
    assert search([hosted.store], wanted) == ()

    stale.write(CARD, stale.read(CARD) + "# своё\n")
    ok("save", "-C", stale.root)
    refused = papka("mirror", "push", "-C", stale.root)
    assert "акт об уничтожении № 1 исполнен на зеркале" in refused.out
    assert "Исполнен акт об уничтожении № 1" in ok("sync", "-C", stale.root).out
    assert hosted.main == stale.head != head.head
    assert search([hosted.store, stale.root], wanted) == ()
    ok("sync", "-C", head.root)
    ok("verify", "--mirrors", "-C", head.root)


def test_server_that_carries_out_no_acts_is_sent_nothing(head: Clone, hosted: Hosted) -> None:
    """Of an older program, or nobody's of ours: what to do is said, and done, all goes on."""
    before = hosted.main
    destroy(head, [GONE])
    git(hosted.store, "config", "receive.advertisePushOptions", "false")
    (hosted.store / "hooks" / "post-receive").unlink()
    told = papka("mirror", "push", "-C", head.root)
    assert told.code == 3
    assert "оно не исполняет актов об уничтожении, поэтому ничего не отправлено" in told.out
    assert "papka mirror host ПАПКА" in told.out
    assert "papka mirror recreate primary" in told.out
    assert (hosted.main, len(read_refs(hosted.store, hosted.store).ids)) == (before, 1)
    told = papka("mirror", "recreate", "primary", "-C", head.root)
    assert "ещё лежит прежняя история" in told.err

    assert hosted.hub.papka("mirror", "host", hosted.store).returncode == 0
    ok("mirror", "push", "-C", head.root)
    assert hosted.main == head.head
    assert search([hosted.store], needle_text("имя", NAME)) == ()


def test_mirror_on_a_foreign_server_is_begun_anew(head: Clone, hosted: Hosted) -> None:
    """A server that takes anything and purges nothing: the branch stays there, and that is told."""
    destroy(head, [GONE])
    for hook in ("pre-receive", "post-receive"):
        (hosted.store / "hooks" / hook).unlink()
    told = papka("mirror", "push", "-C", head.root)
    assert "туда отправлен, но не исполнен" in told.out
    new = hosted.hub.home / "anew.git"
    subprocess.run(["git", "init", "-q", "--bare", "--initial-branch=main", str(new)], check=True)
    own(hosted, new)
    address = hosted.hub.server.url(new)
    assert "начато заново" in ok("mirror", "recreate", "primary", address, "-C", head.root).out
    assert git(new, "rev-parse", "main").strip() == head.head
    assert search([new], needle_text("имя", NAME)) == ()
    assert server_of(head).url == address
    ok("mirror", "status", "-C", head.root)


def test_forged_act_does_not_come_in(head: Clone, hosted: Hosted) -> None:
    """A rewriting that is not the one the act calls for is refused by the server's own check."""
    destroy(head, [GONE])
    bent = git(head.root, "commit-tree", "main^{tree}", "-p", "main~1", "-m", "x").strip()
    address = hosted.shared.address
    for commit in (bent, "main~1"):
        done = subprocess.run(
            ["git", "push", "--no-verify", address, f"{commit}:refs/heads/papka-act-1.1"],
            cwd=head.root, env=os.environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        assert "pre-receive hook declined" in done.stderr
    assert list(read_refs(hosted.store, hosted.store).ids) == ["refs/heads/main"]


def test_command_destroys_here_on_the_server_and_on_a_disk(
    server: Hub, doomed: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = server.server.access()
    assert access.command is not None
    monkeypatch.setenv("GIT_SSH_COMMAND", access.command)
    monkeypatch.setattr(cli, "_print_act", lambda *_: None)  # tried elsewhere
    anchor = load_signer(doomed.keys / "head").fingerprint
    store = server.host(f"{tmp_path.name}-doomed.git", "--anchor", anchor)
    root, disk = doomed.root, tmp_path / "usb.git"
    for name, url in (("server", server.server.url(store)), ("usb", str(disk))):
        mirrors.add(root, name, url, "RU", allowed=("RU",))
    ok("mirror", "push", "-C", root)
    words = ("--order", ORDER, "--confirm", ORDER, "-C", root)
    said = ok("destroy", "2026-0001#фото", *words).out
    assert [name for name in ("архив", "server", "usb") if f"{name}: очищено" not in said] == []
    assert "на вопрос об уничтоженном" in doomed.read("records/acts/1/purged.yaml")
    assert search([store, disk, root], [Needle("фото", PHOTO[24:80])]) == ()
    (hub,) = (each for each in list_remotes(root) if each.name == "server")
    assert still_there(root, hub, [PHOTO_ID], access) == ()
    ok("verify", "--mirrors", "-C", root)
