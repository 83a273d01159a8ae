"""Pushes by plain git that the server's check must refuse, with nothing left behind in the store.

Each goes over ssh to a real git user; `refused` compares every file of the store before and after.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from papka.core.places import ALLOWED_SIGNERS, ORGANIZATION
from papka.repository.git_values import LINK, MAIN, SUBMODULE
from tests.hosting.conftest import Attacker, Hosted
from tests.support.archives import BAD, files_below
from tests.support.clones import CLERK, HEAD, TEACHER
from tests.support.command import papka
from tests.support.histories import git
from tests.support.hosting import state
from tests.support.school import STUDENT

CARD = f"{STUDENT}/student.yaml"
DAY = 86_400


def edited(attacker: Attacker, path: str = CARD) -> dict[str, bytes | None]:
    """A change that nobody would object to."""
    return {path: (attacker.school.root / path).read_bytes() + b"# x\n"}


def test_unsigned_commit(attacker: Attacker) -> None:
    made = attacker.forge(edited(attacker), key="")
    told = attacker.refused()
    assert f"SIG_MISSING: сохранение {made[:12]}" in told
    assert "не подписано" in told


def test_key_that_nobody_knows(attacker: Attacker) -> None:
    attacker.forge(edited(attacker), key="stranger")
    assert "SIG_UNKNOWN_KEY" in attacker.refused()


def test_key_of_one_under_the_name_of_another(attacker: Attacker) -> None:
    attacker.forge(edited(attacker), by=TEACHER, key=CLERK)
    assert "AUTHOR_MISMATCH" in attacker.refused()


def test_key_taken_away(attacker: Attacker) -> None:
    head = attacker.hosted.clone(HEAD)
    assert papka("trust", "retire", CLERK, "--yes", "-C", head.root).code == 0
    assert papka("mirror", "push", "-C", head.root).code == 0
    git(attacker.school.root, "pull", "-q", attacker.hosted.shared.address, "main")
    attacker.forge(edited(attacker))
    assert "SIG_KEY_REVOKED" in attacker.refused()


def test_clerk_changes_what_is_the_heads(attacker: Attacker) -> None:
    attacker.forge(edited(attacker, ORGANIZATION))
    assert "SIGNER_NOT_ALLOWED" in attacker.refused()


def test_clerk_lets_a_stranger_in(attacker: Attacker) -> None:
    line = (attacker.school.keys / "stranger.pub").read_text().split()[:2]
    more = f's009@papka.invalid namespaces="git" {" ".join(line)}\n'
    known = (attacker.school.root / ALLOWED_SIGNERS).read_bytes()
    attacker.forge({ALLOWED_SIGNERS: known + more.encode()})
    assert "TRUST_NOT_AUTHORISED" in attacker.refused()


@pytest.mark.parametrize("code", ["ID_REMOVED", "CLOSED_PERIOD_CHANGED", "ISSUED_CHANGED"])
def test_step_that_no_save_makes(code: str, attacker: Attacker) -> None:
    """An entry taken away, a closed period changed, an issued number given to something else."""
    found = files_below(BAD / code)
    attacker.forge({path: data for path, data in found.items() if path.startswith("records/")})
    assert code in attacker.refused()


def test_step_undone_by_the_next_commit(attacker: Attacker) -> None:
    """What was broken in between stays in the history, so it must not come in."""
    path = f"{STUDENT}/consents.yaml"
    was = (attacker.school.root / path).read_bytes()
    attacker.forge({path: (BAD / "ID_REMOVED" / path).read_bytes()})
    attacker.forge({path: was}, late=1)
    assert "ID_REMOVED" in attacker.refused()


def test_record_that_breaks_the_schema(attacker: Attacker) -> None:
    attacker.forge({CARD: (attacker.school.root / CARD).read_bytes() + b"colour: x\n"})
    told = attacker.refused()
    assert "SCHEMA_UNKNOWN_FIELD" in told
    assert CARD in told


def test_name_of_a_student_in_the_words_of_a_commit(attacker: Attacker) -> None:
    """And what is answered does not repeat it."""
    name = "Абрикосова Аглая"
    card = (attacker.school.root / CARD).read_text()
    assert all(word in card for word in name.split())
    attacker.forge(
        edited(attacker), key="",
        bend=lambda raw: raw.replace("Правка".encode(), f"Правка: {name}".encode()),
    )  # fmt: skip
    raw = attacker.school.raw(attacker.school.head)
    signed = _signed(attacker, raw)
    attacker.school.plant(signed)
    told = attacker.refused()
    assert "PERSONAL_DATA_OUTSIDE_UNIT" in told
    assert "Абрикосова" not in told


def _signed(attacker: Attacker, raw: bytes) -> bytes:
    """The commit with the clerk's own good signature put in."""
    head, _, message = raw.partition(b"\n\n")
    signature = attacker.school.signer(CLERK).sign(raw).rstrip("\n").replace("\n", "\n ")
    return head + b"\ngpgsig " + signature.encode() + b"\n\n" + message


def test_merge_that_brings_something_aside(attacker: Attacker) -> None:
    school = attacker.school
    base = school.head
    side = attacker.forge({f"{STUDENT}/attachments/x.pdf": b"x"})
    attacker.forge(edited(attacker), parents=(base, side), late=1)
    assert "MERGE_COMMIT" in attacker.refused()


def test_history_rewritten_and_forced(attacker: Attacker) -> None:
    parent = git(attacker.school.root, "rev-parse", "main~1").strip()
    attacker.forge(edited(attacker), by=HEAD, parents=(parent,))
    for options in ((), ("--force",)):
        done = attacker.push(options=options)
        assert done.returncode != 0
    assert "не продолжает" in attacker.refused(options=("--force",))


def test_rolled_back(attacker: Attacker) -> None:
    assert "не продолжает" in attacker.refused("main~1:refs/heads/main", options=("--force",))


def test_commits_without_a_common_root(attacker: Attacker) -> None:
    """Signed by the head, and yet another archive."""
    attacker.forge({ORGANIZATION: b"format: 1\n"}, by=HEAD, parents=())
    assert "не продолжает" in attacker.refused(options=("--force",))


def test_main_deleted(attacker: Attacker) -> None:
    assert "удалить нельзя" in attacker.refused(":refs/heads/main")


@pytest.mark.parametrize(
    "ref",
    [
        *("refs/heads/other", "refs/tags/v1", "refs/heads/--upload-pack=evil", "refs/notes/x"),
        *("refs/heads/Main", "refs/remotes/a/main"),
    ],
)
def test_any_ref_but_main(ref: str, attacker: Attacker) -> None:
    assert "только ветвь main" in attacker.refused(f"main:{ref}")


def test_tag_beside_an_honest_commit(attacker: Attacker) -> None:
    """All or nothing: the commit does not come in either."""
    attacker.forge(edited(attacker))
    assert "лишнее: refs/tags/x" in attacker.refused("main", "main:refs/tags/x")


def test_replace_ref(attacker: Attacker) -> None:
    made = attacker.forge(edited(attacker))
    told = attacker.refused(f"{made}:refs/replace/{attacker.hosted.main}")
    assert "только ветвь main" in told


@pytest.mark.parametrize(
    ("path", "mode", "code"),
    [
        (f"{STUDENT}/attachments/link", LINK, "PATH_SYMLINK"),
        (f"{STUDENT}/attachments/module", SUBMODULE, "PATH_SUBMODULE"),
        (f"{STUDENT}/STUDENT.yaml", "100644", "PATH_COLLISION"),
        (f"{STUDENT}/attachments/Ａ.pdf", "100644", "PATH_"),
    ],
)
def test_path_that_is_no_plain_file(path: str, mode: str, code: str, attacker: Attacker) -> None:
    attacker.forge({path: b"../../../../../etc/passwd"}, modes={path: mode})
    assert code in attacker.refused()


def test_commit_from_the_future(attacker: Attacker) -> None:
    attacker.forge(edited(attacker), late=DAY)
    assert "TIME_FUTURE" in attacker.refused()


def test_commit_dated_back(attacker: Attacker) -> None:
    attacker.forge(edited(attacker), late=-400 * DAY)
    assert "TIME_BACKWARDS" in attacker.refused()


def test_forged_seal(attacker: Attacker) -> None:
    """A seal makes the server look at everything."""
    endings = ("seal", "units", "seal.sig")
    files = {f"records/seals/0001.{end}": b"papka-seal v1\n" for end in endings}
    attacker.forge(files, by=HEAD)
    assert "SEAL_" in attacker.refused()


@pytest.mark.parametrize(
    ("path", "data", "code"),
    [
        ("smuggled.exe", b"MZ", "PATH_FOREIGN"),
        ("records/smuggled.exe", b"MZ", "PATH_FOREIGN"),
        (f"{STUDENT}/attachments/000000000000.png", b"\x89PNG", "ATTACHMENT_UNLISTED"),
        ("records/events/2031.yaml", b"#" * (1024 * 1024 + 1), "FILE_TOO_BIG"),
    ],
    ids=["a program", "among the records", "an unlisted scan", "too big"],
)
def test_file_smuggled_in_by_one_commit_and_taken_away_by_the_next(
    path: str, data: bytes, code: str, attacker: Attacker
) -> None:
    """It would stay in the history of every copy."""
    made = attacker.forge({path: data}, by=HEAD)
    attacker.forge({path: None}, by=HEAD, late=1)
    assert f"{code}: сохранение {made[:12]}: {path}" in attacker.refused()


def test_scan_that_no_list_names(attacker: Attacker) -> None:
    attacker.forge({f"{STUDENT}/attachments/000000000000.png": b"\x89PNG"})
    assert "ATTACHMENT_UNLISTED" in attacker.refused()


def _sent(attacker: Attacker, made: str, more: bytes) -> bytes:
    """What a pusher of its own make sends: a commit, and objects that it does not need."""
    hosted, root = attacker.hosted, attacker.school.root
    needed = git(root, "rev-list", "--objects", "--no-object-names", made, f"^{hosted.main}")
    packed = subprocess.run(
        ["git", "pack-objects", "--stdout", "-q"], cwd=root,
        input=needed.encode() + more, capture_output=True, check=True,
    ).stdout  # fmt: skip
    line = f"{hosted.main} {made} {MAIN}\0report-status".encode()
    return b"%04x" % (len(line) + 4) + line + b"0000" + packed


def test_objects_sent_along_that_no_commit_needs(attacker: Attacker) -> None:
    hosted, root = attacker.hosted, attacker.school.root
    (root / "aside").write_bytes(b"MZ")
    hidden = git(root, "hash-object", "-w", "aside")
    made = attacker.forge(edited(attacker))
    before = state(hosted.store)
    command = f"git-receive-pack '{hosted.store}'"
    done = ssh(hosted, command, _sent(attacker, made, hidden.encode()))
    told = (done.stdout + done.stderr).decode()
    assert "прислано лишнее: объектов, которых сохранения не требуют, — 1" in told
    assert state(hosted.store) == before
    known = f"{git(root, 'rev-parse', f'{hosted.main}:{CARD}').strip()}\n"
    done = ssh(hosted, command, _sent(attacker, made, known.encode()))
    assert (b"unpack ok" in done.stdout, hosted.main) == (True, made), done


def test_push_larger_than_a_store_takes(attacker: Attacker) -> None:
    store = attacker.hosted.store
    assert git(store, "config", "receive.maxInputSize").strip() == "4g"
    git(store, "config", "receive.maxInputSize", "300")
    attacker.forge(edited(attacker))
    assert "exceeds maximum allowed size" in attacker.refused()
    ran = papka("mirror", "push", "-C", attacker.school.root)
    assert "прислано больше, чем хранилище принимает" in ran.all


def test_pack_that_breaks_off(attacker: Attacker) -> None:
    """The line dies in the middle of a push: nothing of it stays."""
    hosted = attacker.hosted
    made = attacker.forge(edited(attacker))
    before = state(hosted.store)
    given = f"{made}\n^{hosted.main}\n"
    packed = subprocess.run(
        ["git", "pack-objects", "--revs", "--stdout", "-q"], cwd=attacker.school.root,
        input=given.encode(), capture_output=True, check=True,
    ).stdout  # fmt: skip
    line = f"{hosted.main} {made} {MAIN}\0report-status".encode()
    talk = b"%04x" % (len(line) + 4) + line + b"0000" + packed[: len(packed) * 2 // 3]
    done = ssh(hosted, f"git-receive-pack '{hosted.store}'", talk)
    assert b"unpack ok" not in done.stdout
    assert state(hosted.store) == before


def test_other_settings_asked_for_by_the_pusher(attacker: Attacker, tmp_path: Path) -> None:
    """git-shell runs `git-receive-pack` and nothing else, so the hook cannot be switched off."""
    attacker.forge(edited(attacker), key="")
    command = f"--receive-pack=git -c core.hooksPath={tmp_path} receive-pack"
    assert "unrecognized command" in attacker.refused(options=(command,))


def test_settings_of_the_git_user_do_not_lead_past_the_check(
    attacker: Attacker, request: pytest.FixtureRequest
) -> None:
    """Somebody set `core.hooksPath` for all repositories of the server's user."""
    file = attacker.hosted.hub.home / ".gitconfig"
    file.write_text("[core]\n\thooksPath = /nonexistent\n")
    request.addfinalizer(file.unlink)
    attacker.forge(edited(attacker), key="")
    assert "SIG_MISSING" in attacker.refused()


def test_check_that_cannot_run_lets_nothing_in(attacker: Attacker) -> None:
    hook = attacker.hosted.store / "hooks" / "pre-receive"
    text = hook.read_text()
    hook.write_text(text.replace("\npapka=", "\npapka=/nowhere"))
    attacker.forge(edited(attacker))
    assert "не запускается" in attacker.refused()
    attacker.hosted.hub.host(attacker.hosted.store.name)
    assert hook.read_text() == text
    assert attacker.push().returncode == 0, "an honest commit comes in again"


def test_check_that_meets_its_own_bug_lets_nothing_in(attacker: Attacker) -> None:
    """Settings nobody can read: one sentence, and no traceback."""
    attacker.forge(edited(attacker))
    git(attacker.hosted.store, "config", "papka.anchors", "nonsense")
    told = attacker.refused()
    assert "Traceback" not in told
    assert "nonsense" in told


def ssh(hosted: Hosted, command: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Whatever somebody with a key may ask of the server."""
    server = hosted.hub.server
    words = server.access().variables()["GIT_SSH_COMMAND"].split()
    host = server.url(Path("/")).removeprefix("ssh://").partition(":")[0]
    return subprocess.run(
        [*words, "-p", str(server.port), host, *([command] if command else [])],
        input=given, capture_output=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["", "id", "sh -c id", "cat /etc/passwd"])
def test_git_user_has_no_shell(command: str, hosted: Hosted) -> None:
    done = ssh(hosted, command, b"id\n")
    assert done.returncode != 0
    assert b"uid=" not in done.stdout
    assert b"root:" not in done.stdout


@pytest.mark.parametrize(
    ("key", "known", "words"),
    [
        ("stranger", "known", "сервер не принял ключ входа"),
        ("login", "changed", "предъявил не тот ключ"),
        ("login", "nobody", "ключ сервера неизвестен"),
    ],
)
def test_neither_side_lets_a_stranger_in(
    key: str, known: str, words: str, hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = hosted.clone(TEACHER)
    command = hosted.hub.server.access(key, known).command
    assert command is not None
    monkeypatch.setenv("GIT_SSH_COMMAND", command)
    ran = papka("mirror", "push", "-C", clone.root)
    assert ran.code == 4
    assert words in ran.out
