"""What honest people send reaches the server's store: each kind of it, over ssh, through the check.

The server remembers nothing and has no papka archive of its own; what it needs is in the store.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.copies import mirrors
from papka.core.places import ALLOWED_SIGNERS
from papka.repository.signing import generate_key, load_signer
from tests.cli.test_period_command import LACKS, ROW, accepted
from tests.hosting.conftest import Hosted
from tests.support.clones import CLERK, HEAD, TEACHER, Clone
from tests.support.command import ok, papka
from tests.support.editions import archive_of
from tests.support.histories import git
from tests.support.hosting import Hub
from tests.support.issuing import STUDY, graduate
from tests.support.school import STUDENT, Archive
from tests.support.taking import PERIOD, aglaya, gradebook, with_class

CARD = f"{STUDENT}/student.yaml"


def edited(clone: Clone, words: str = "уточнено") -> Clone:
    clone.write(CARD, clone.read(CARD) + f"# {words}\n")
    ok("save", "-C", clone.root)
    return clone


def school(hosted: Hosted, clone: Clone) -> Archive:
    return Archive(clone.root, hosted.shared.keys)


def test_save_and_push(hosted: Hosted) -> None:
    clone = edited(hosted.clone(TEACHER))
    assert "принято и перечитано" in ok("mirror", "push", "-C", clone.root).out
    assert hosted.main == clone.head
    ok("mirror", "status", "-C", clone.root)
    assert ok("mirror", "push", "-C", clone.root).out.startswith("primary: уже всё есть")


@pytest.mark.parametrize(
    ("known", "words"),
    [("changed", "предъявил не тот ключ"), ("nobody", "ключ сервера неизвестен")],
)
def test_verdict_without_having_looked(
    known: str, words: str, hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else answers in the server's place: a monthly job must not stay green."""
    clone = hosted.clone(TEACHER)
    server = hosted.hub.server
    ok("verify", "primary", "-C", clone.root)
    (server.folder / "nobody").touch()
    command = server.access(known=known).command
    assert command is not None
    monkeypatch.setenv("GIT_SSH_COMMAND", command)
    for asked in (("verify", "primary"), ("verify", "--mirrors")):
        ran = papka(*asked, "-C", clone.root)
        assert ran.code == 4, ran.all
        assert words in ran.out


def test_two_people_meet_in_it(hosted: Hosted) -> None:
    one, two = hosted.clone(TEACHER), hosted.clone(CLERK)
    edited(one, "раз")
    two.write(
        f"{STUDENT}/notices.yaml",
        two.read(f"{STUDENT}/notices.yaml")
        + "  - date: 2026-06-01\n    about: успеваемость\n    channel: телефон\n    told: p1\n",
    )
    ok("save", "-C", two.root)
    ok("sync", "-C", one.root)
    ok("sync", "-C", two.root)
    assert hosted.main == two.head
    assert hosted.shared.authors[:2] == [CLERK, TEACHER]


def test_number_of_a_new_student_is_taken_there(hosted: Hosted) -> None:
    clone = hosted.clone(CLERK)
    before = hosted.main
    ok("new", "student", "--surname", "Грушева", "--given", "Глаша", "--birth-date", "14.05.2012",
       "-C", clone.root)  # fmt: skip
    assert hosted.main == clone.head != before


def test_issued_certificate(hosted: Hosted) -> None:
    clone = hosted.clone(HEAD)
    graduate(school(hosted, clone))
    before = hosted.main
    ok("issue", "certificate", STUDY, "-C", clone.root)
    assert hosted.main == clone.head
    assert git(hosted.store, "rev-list", "--count", f"{before}..main").strip() == "2"


def test_number_refused_by_the_check_is_told_as_such(hosted: Hosted) -> None:
    """Not as if others had been quicker; and nothing half made stays here."""
    clone = hosted.clone(CLERK)
    hook = hosted.store / "hooks" / "pre-receive"
    hook.write_text(hook.read_text().replace("\npapka=", "\npapka=/nowhere"))
    ran = papka("new", "student", "--surname", "Грушева", "--given", "Глаша", "--birth-date",
                "14.05.2012", "-C", clone.root)  # fmt: skip
    assert ran.code == 3
    assert "не запускается" in ran.err
    assert "меняют другие" not in ran.err
    assert clone.head == hosted.main
    assert clone.unsaved() == ()


def test_taken_export(hosted: Hosted, tmp_path: Path) -> None:
    clone = hosted.clone(HEAD)
    with_class(school(hosted, clone))
    ok("sync", "-C", clone.root)
    before = hosted.main
    (tmp_path / "grades.csv").write_bytes(gradebook(aglaya()))
    ok("take", tmp_path / "grades.csv", "--period", PERIOD, "--platform", "kurs", "-C", clone.root)
    assert hosted.main == clone.head != before


def test_closed_period_and_its_seal(hosted: Hosted) -> None:
    clone = hosted.clone(HEAD)
    ok("period", "close", "2026-2", "--yes", *accepted(*LACKS, ROW), "-C", clone.root)
    ok("mirror", "push", "-C", clone.root)
    assert "Пломба № 0001" in git(hosted.store, "log", "--format=%s", "-1", "main")
    edited(clone)
    ok("mirror", "push", "-C", clone.root)
    assert hosted.main == clone.head


def test_changes_of_trust(hosted: Hosted, tmp_path: Path) -> None:
    """A key comes and goes; the one who came may write between."""
    head = hosted.clone(HEAD)
    generate_key(tmp_path / "fresh", "")
    ok("trust", "rotate", TEACHER, tmp_path / "fresh", "-C", head.root)
    ok("trust", "retire", CLERK, "--yes", "-C", head.root)
    ok("sync", "-C", head.root)
    assert hosted.main == head.head


def test_accident_that_the_head_accepted(hosted: Hosted) -> None:
    """Refused until it is; then it comes in, and so does what follows."""
    head = hosted.clone(HEAD)
    head.write(CARD, head.read(CARD) + "# x\n")
    git(head.root, "commit", "-q", "-am", "чужая программа")
    made = head.head
    refused = papka("mirror", "push", "-C", head.root)
    assert (refused.code, "SIG_MISSING" in refused.out) == (3, True)
    ok("trust", "accept", made, "--code", "SIG_MISSING", "--reason", "честная ошибка",
       "-C", head.root)  # fmt: skip
    ok("mirror", "push", "-C", head.root)
    edited(head)
    ok("mirror", "push", "-C", head.root)
    assert hosted.main == head.head


def test_archive_founded_anew_by_paper(hosted: Hosted, tmp_path: Path) -> None:
    """Both keys are lost: the server takes the new ones once the act is typed in there."""
    head = hosted.clone(HEAD)
    for name in ("daily", "safe"):
        generate_key(tmp_path / name, "")
    told = ok("trust", "refound", "--daily", tmp_path / "daily", "--recovery",
              tmp_path / "safe.pub", "--yes", "--as", HEAD, "-C", head.root).out  # fmt: skip
    refused = papka("mirror", "push", "-C", head.root)
    assert refused.code == 3
    assert "papka mirror host ПАПКА --refounding" in refused.out
    digest = told.rpartition("--refounding ")[2].strip().strip('"')
    hosted.hub.host(hosted.store.name, "--refounding", digest)
    ok("mirror", "push", "-C", head.root)
    assert hosted.main == head.head


def test_programme_and_form_of_the_school(hosted: Hosted) -> None:
    """What is shared changed: everything is looked at, and is well."""
    head = hosted.clone(HEAD)
    path = "records/programs/guitar.yaml"
    head.write(path, head.read(path) + "# уточнено\n")
    ok("save", "-C", head.root)
    ok("mirror", "push", "-C", head.root)
    assert hosted.main == head.head


def test_what_was_refused_can_be_mended_and_sent(hosted: Hosted) -> None:
    """The person is told what is wrong, in three lines at most, and where."""
    clone = hosted.clone(HEAD)
    clone.write(CARD, clone.read(CARD).replace("id: 2026-0001", "id: 2026-0009"))
    git(clone.root, "add", "-A")
    git(clone.root, "commit", "-q", "-m", "x")
    ran = papka("mirror", "push", "-C", clone.root)
    assert ran.code == 3
    assert "SIG_MISSING" in ran.out
    git(clone.root, "reset", "-q", "--hard", "main~1")
    edited(clone)
    ok("mirror", "push", "-C", clone.root)


def test_trust_file_on_the_server_is_the_one_that_was_pushed(hosted: Hosted) -> None:
    assert CLERK in git(hosted.store, "show", f"main:{ALLOWED_SIGNERS}")


def test_server_remembers_nothing(hosted: Hosted) -> None:
    """Neither memory nor an archive lies in the home of the server's user."""
    clone = edited(hosted.clone(TEACHER))
    ok("mirror", "push", "-C", clone.root)
    assert {path.suffix for path in hosted.hub.home.iterdir()} <= {".git"}


def test_an_archive_of_an_earlier_edition_is_upgraded_past_the_hook(
    server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archive_of("10-623db7b", tmp_path)
    command = server.server.access().command
    assert command is not None
    monkeypatch.setenv("GIT_SSH_COMMAND", command)
    key = load_signer(archive.keys / "head").fingerprint
    store = server.host("earlier.git", "--anchor", key)
    url = server.server.url(store)
    mirrors.add(archive.root, "server", url, "RU", allowed=("RU",))
    ok("mirror", "push", "-C", archive.root)
    ok("upgrade", "--yes", "-C", archive.root)
    assert "принято и перечитано" in ok("mirror", "push", "-C", archive.root).out
    assert git(store, "log", "-1", "--format=%s").startswith("Новая редакция программы")
