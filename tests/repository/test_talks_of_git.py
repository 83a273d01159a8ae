"""How git is started, what it is told and how its answers are put: with answers made up."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from papka.copies import mirror_store, transport
from papka.copies.gathering import read_kept_settings
from papka.copies.medium_format import LABEL, Label, compose_label
from papka.copies.mirror_store import (
    explain_unfit,
    far_side,
    find_weakened,
    idle_hooks,
    prepare_folder,
    prepare_store,
)
from papka.core import installation
from papka.core.errors import (
    GitFailed,
    GitMissing,
    KeyMissing,
    NotAnArchive,
    Refused,
    RemoteDeclined,
    RemoteRefused,
    RemoteUnreachable,
)
from papka.repository import files, handle, runner
from papka.repository.dot_papka import file_lock
from papka.repository.git_values import MAIN
from papka.repository.handle import (
    SAFE_STORE,
    Remote,
    add_remote,
    count_unconfirmed,
    init,
    is_bare,
    last_confirmed,
    list_remotes,
    note_confirmed,
    read_setting,
    signing_settings,
    write_settings,
)
from papka.repository.runner import Ran, SshAccess, run_git, run_keygen
from papka.repository.store import locate
from tests.support.histories import School, git

HUB = Remote("hub", "ssh://h.example/x", "RU", primary=True)


# addresses


@pytest.mark.parametrize(
    "address",
    [
        "ssh://h.example/x", "ssh://git@h.example:2222/a/b.git", "https://h.example/x",
        "git@h.example:a/b", "h.example:x", "https://h.example:8443/x", "h-1.example:~/x",
    ],
)  # fmt: skip
def test_an_address_of_another_computer(address: str) -> None:
    assert handle.is_remote(address)
    assert handle.normalize_address(address, None) == address


@pytest.mark.parametrize(
    ("address", "why", "step"),
    [
        ("", "в нём невидимые знаки", "Годятся папка, ssh://… и https://…"),
        ("  ", "в нём невидимые знаки", "Годятся папка, ssh://… и https://…"),
        ("/a\u200bb", "в нём невидимые знаки", "Годятся папка, ssh://… и https://…"),
        *(
            (address, address, "Годятся папка, ssh://… и https://…")
            for address in (
                "git://h/x", "http://h.example/x", "-x", "ssh://-x/y", "ssh://h.example",
                "ext::sh", "file://h:x", "h:x", "a\\b", "C:/x", "ssh://h.example:22x/a b",
                "https://user:secret@h.example/x", "h.example:-x",
            )
        ),
        ("a/b", "a/b", "Укажите полный путь к папке"),
    ],
)  # fmt: skip
def test_an_address_that_no_mirror_has(address: str, why: str, step: str) -> None:
    with pytest.raises(Refused) as refused:
        handle.normalize_address(address, None)
    assert refused.value.message == f"Адрес зеркала не годится: {why}"
    assert refused.value.next_step == step
    assert not handle.is_remote(address)


def test_a_folder_is_written_down_by_its_full_path(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    full = str((tmp_path / "real/x.git").resolve())
    for written in (
        "link/x.git",
        "./real//x.git",
        "real/../link/x.git",
        f"file://{tmp_path}/real/x.git",
    ):
        assert handle.normalize_address(written, tmp_path) == full
    assert handle.normalize_address(full, None) == full
    assert handle.folder_of(tmp_path, f"file://{full}") == Path(full)
    assert handle.folder_of(tmp_path, "../x") == tmp_path / "../x"
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(Refused, match=r"^Папка зеркала не открывается: loop/x$"):
        handle.normalize_address("loop/x", tmp_path)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ssh://git@h.example/a/b.git", "https://H.EXAMPLE/a//b/", True),
        ("git@h.example:a/b", "ssh://h.example:22/a/b.git/", True),
        ("https://h.example:443/x", "h.example:x", True),
        ("ssh://one@h.example/x", "ssh://two@h.example/x", False),
        ("ssh://h.example/x", "ssh://h.example:2222/x", False),
        ("ssh://h.example/x", "ssh://h.example/X", False),
        ("ssh://h.example/x", "ssh://g.example/x", False),
        ("ssh://h.example/x", "/x", False),
        ("/x", "ssh://h.example/x", False),
        ("/none/x", "/none/x", True),
        ("/none/x", "/none/y", False),
    ],
)
def test_two_spellings_of_one_place(one: str, other: str, *, same: bool) -> None:
    assert handle.is_one_place(one, other) is same
    assert handle.is_one_place(other, one) is same


def test_a_copy_lies_apart_from_what_it_copies(tmp_path: Path) -> None:
    archive = tmp_path / "a/archive"
    (archive / ".git").mkdir(parents=True)
    (tmp_path / "link").symlink_to(archive)
    for place in (archive, archive / ".git/x", archive.parent, tmp_path, tmp_path / "link"):
        assert handle.overlaps(place, (archive,))
    for place in (tmp_path / "a/archive2", tmp_path / "b", archive.parent / "x"):
        assert not handle.overlaps(place, (archive,))
    assert handle.overlaps(tmp_path / "b", (archive, tmp_path / "b/c"))


# how git is started


def test_git_gets_nothing_of_the_callers_environment(
    program: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("env")
    for name in ("GIT_DIR", "GIT_TRACE", "EDITOR", "SSH_AUTH_SOCK", "LD_PRELOAD_X", "HOME"):
        monkeypatch.setenv(name, "/evil")
    ran = run_git("status", folder=tmp_path, variables={"MORE": "x", "TZ": "Asia/Omsk"})
    lines = (line.partition("=") for line in ran.text.splitlines())
    found = {name: value for name, _, value in lines if name not in ("PWD", "_", "SHLVL", "OLDPWD")}
    assert found == {
        "PATH": installation.search_path(),
        "HOME": os.devnull,
        "XDG_CONFIG_HOME": os.devnull,
        "LC_ALL": "C",
        "TZ": "Asia/Omsk",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_DEFAULT_HASH": "sha1",
        "GIT_DEFAULT_REF_FORMAT": "files",
        "MORE": "x",
    }


def test_git_runs_nothing_that_settings_name(
    program: Callable[[str], None], tmp_path: Path
) -> None:
    program('for each in "$@"; do echo "$each"; done')
    words = run_git("log", "-1", folder=tmp_path, config=["a.b=c"]).text.splitlines()
    assert words[-4:] == ["-c", "a.b=c", "log", "-1"]
    given = dict(word.split("=", 1) for word in words[1::2] if "=" in word)
    assert words[::2][:-1] == ["-c"] * (len(words) // 2 - 1)
    assert given == {
        "core.hooksPath": "/dev/null", "core.fsmonitor": "false", "core.untrackedCache": "false",
        "core.quotepath": "off", "core.pager": "cat", "core.askPass": "", "core.editor": "false",
        "core.sshCommand": "", "core.gitProxy": "", "core.alternateRefsCommand": "",
        "core.attributesFile": "/dev/null", "core.excludesFile": "/dev/null",
        "core.autocrlf": "false", "core.fsync": "all", "core.commitGraph": "false",
        "core.multiPackIndex": "false", "core.useReplaceRefs": "false", "credential.helper": "",
        "diff.external": "", "gc.auto": "0", "maintenance.auto": "false",
        "submodule.recurse": "false", "push.gpgSign": "false", "push.followTags": "false",
        "safe.bareRepository": "all",
        "protocol.allow": "never", "protocol.file.allow": "always", "protocol.ssh.allow": "always",
        "protocol.https.allow": "always", "protocol.ext.allow": "never", "a.b": "c",
    }  # fmt: skip


def test_an_exit_code_is_an_answer_or_a_failure(
    program: Callable[[str], None], tmp_path: Path
) -> None:
    program("cat; echo 'fatal: the moon' >&2; exit 3")
    ran = run_git("x", folder=tmp_path, accepted=(0, 3), given=b"in\xff")
    assert (ran.code, ran.output, ran.text, ran.trouble) == (
        3,
        b"in\xff",
        "in\ufffd",
        "fatal: the moon\n",
    )
    with pytest.raises(GitFailed) as failed:
        run_git("log", "-1", folder=tmp_path)
    assert failed.value.message == "git log: git завершился с ошибкой [the moon]"
    assert failed.value.next_step == "Проверьте хранилище: papka verify"
    program("exit 4")
    with pytest.raises(
        GitFailed, match=r"^git x: git завершился с ошибкой \[код 4\]$|^git x: код 4$"
    ):
        run_git("x", folder=tmp_path)
    program("echo 'error: No space left on device' >&2; exit 1")
    with pytest.raises(GitFailed) as failed:
        run_git("x", folder=tmp_path)
    assert failed.value.next_step == "Освободите место и повторите"


def test_git_that_is_silent_too_long_is_ended(
    program: Callable[[str], None], tmp_path: Path
) -> None:
    program("exec sleep 60")
    ran = run_git("x", folder=tmp_path, accepted=(124,), seconds=0.6)
    assert (ran.code, ran.output, ran.trouble) == (124, b"", "нет ответа за 1 с")


def test_programs_that_are_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "find_program", lambda _: None)
    with pytest.raises(GitMissing):
        run_git("x", folder=tmp_path)
    with pytest.raises(KeyMissing) as missing:
        run_keygen("-y")
    assert missing.value.message == "Программа ssh-keygen не установлена"
    assert missing.value.next_step == "Debian, Ubuntu: apt-get install openssh-client"
    monkeypatch.setattr(runner, "find_program", lambda _: str(tmp_path / "gone"))
    for act in (
        lambda: run_git("x", folder=tmp_path),
        lambda: runner.start_git("x", folder=tmp_path),
    ):
        with pytest.raises(GitMissing):
            act()


def test_how_a_server_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "find_program", lambda _: "/opt/my ssh")
    assert SshAccess().variables() == {
        "GIT_SSH_COMMAND": "'/opt/my ssh' -o BatchMode=yes -o ConnectTimeout=15"
    }
    given = SshAccess(agent="/s", home="/h", command="mine", authority="/ca").variables()
    assert given == {
        "GIT_SSH_COMMAND": "mine", "SSH_AUTH_SOCK": "/s", "HOME": "/h", "GIT_SSL_CAINFO": "/ca",
    }  # fmt: skip
    monkeypatch.setattr(runner, "find_program", lambda _: None)
    assert SshAccess().variables()["GIT_SSH_COMMAND"].startswith("ssh -o ")


# what a store answers


Asked = list[tuple[tuple[str, ...], dict[str, object]]]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Asked]:
    """Puts an answer in a store's mouth; what it was asked."""

    def say(code: int, output: str = "", errors: str = "") -> Asked:
        asked: Asked = []

        def ask(_room: Path, _access: SshAccess | None, *words: str, **more: object) -> Ran:
            asked.append((words, more))
            return Ran(code, output.encode(), errors.encode())

        monkeypatch.setattr(transport, "ask", ask)
        return asked

    return say


def refused(school: School, error: type[RemoteRefused | RemoteUnreachable]) -> tuple[str, str]:
    with pytest.raises(error) as caught:
        transport.push_forward(school.root, HUB, school.head)
    return caught.value.message, caught.value.next_step


def no(why: str) -> str:
    return f"!\t{MAIN}:{MAIN}\t[remote rejected] ({why})\n"


COMPARE = "Посмотрите, чем оно отличается: papka mirror status"
NOT_TAKEN = "Зеркало «hub» не приняло изменения: "
CHECKED = "проверка на сервере не пропустила сохранение"


def test_why_a_store_did_not_take_it(school: School, answer: Callable[..., Asked]) -> None:
    answer(1, no("stale info"))
    assert refused(school, RemoteRefused) == (f"{NOT_TAKEN}его тем временем изменили", COMPARE)
    answer(1, no("pre-receive hook declined"))
    assert refused(school, RemoteDeclined)[0] == NOT_TAKEN + CHECKED
    said = "remote: \nremote: one\x1b[1m  \nremote: два\nremote: three\nremote: four\n"
    answer(1, no("pre-receive hook declined"), said)
    message, step = refused(school, RemoteDeclined)
    assert message == f"{NOT_TAKEN}{CHECKED}: one[1m; два; three"
    assert step == f"{COMPARE}; проверьте архив: papka verify"
    # what the store itself complains of is the reason, not what the other side saw of it
    answer(1, no("unpacker error"), "remote: fatal: write error: No space left on device\n")
    assert refused(school, RemoteRefused) == (
        f"{NOT_TAKEN}на носителе кончилось место", "Освободите место и повторите",
    )  # fmt: skip
    answer(1, no("failed to update ref"), "remote: error: Read-only file system\n")
    assert refused(school, RemoteRefused)[0] == f"{NOT_TAKEN}носитель открыт только для чтения"
    answer(1, no("unpacker error"))
    assert refused(school, RemoteRefused)[0] == f"{NOT_TAKEN}оно не смогло записать полученное"
    answer(1, no("the moon"), "remote: fatal: No space left\n")
    assert refused(school, RemoteRefused) == (
        f"{NOT_TAKEN}git завершился с ошибкой [[remote rejected] (the moon)]", COMPARE,
    )  # fmt: skip
    with pytest.raises(RemoteRefused) as caught:
        transport.push_forward(school.root, HUB, school.head)
    assert not isinstance(caught.value, RemoteDeclined)


def test_a_store_that_is_not_reached(school: School, answer: Callable[..., Asked]) -> None:
    answer(128, "", "ssh: connect to host h.example port 22: Connection refused\n")
    gone = ("Зеркало «hub» недоступно: сервер не отвечает",
            "Проверьте связь или подключите носитель и повторите: papka mirror push")  # fmt: skip
    assert refused(school, RemoteUnreachable) == gone
    with pytest.raises(RemoteUnreachable):
        transport.remote_refs(school.root, HUB)
    with pytest.raises(RemoteUnreachable):
        transport.relation(school.root, HUB, "1" * 40, school.head)


def test_what_a_store_is_asked(school: School, answer: Callable[..., Asked]) -> None:
    asked = answer(0, f"{'1' * 40}\t{MAIN}\n{'2' * 40}\trefs/tags/a\nnoise\n{'3' * 39}\trefs/x\n")
    assert transport.remote_refs(school.root, HUB) == {MAIN: "1" * 40, "refs/tags/a": "2" * 40}
    transport.push_commit(school.root, HUB, school.head, expected="4" * 40)
    transport.push_commit(school.root, HUB, school.head, expected=None)
    transport.push_forward(school.root, HUB, school.head)
    pushed = ("push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags",
              "--recurse-submodules=no", "--receive-pack=git-receive-pack")  # fmt: skip
    where = ("--", HUB.url, f"{school.head}:{MAIN}")
    assert [words for words, _ in asked] == [
        ("ls-remote", "--refs", "--upload-pack=git-upload-pack", "--", HUB.url),
        (*pushed, f"--force-with-lease={MAIN}:{'4' * 40}", *where),
        (*pushed, f"--force-with-lease={MAIN}:", *where),
        (*pushed, "--no-force", *where),
    ]
    assert [more.get("seconds") for _, more in asked] == [None, 3600.0, 3600.0, 3600.0]


def test_how_a_stores_commit_stands_to_ours(school: School, answer: Callable[..., Asked]) -> None:
    """What is here already is not asked for."""
    asked = answer(128)
    ours, last = school.head, git(school.root, "rev-parse", "HEAD~2").strip()
    aside = school.forge({"x": b""}, sign=None, parents=(last,))

    def relation(theirs: str, own: str) -> tuple[str, int]:
        found = transport.relation(school.root, HUB, theirs, own)
        return found.kind, found.count

    assert relation(ours, ours) == ("equal", 0)
    assert relation(last, ours) == ("behind", 2)
    assert relation(ours, last) == ("ahead", 2)
    assert relation(aside, ours) == ("diverged", 1)
    assert relation(ours, aside) == ("diverged", 2)
    assert asked == []


def test_what_was_confirmed_is_remembered(school: School) -> None:
    first = git(school.root, "rev-parse", "HEAD~2").strip()
    assert last_confirmed(school.root, HUB) is None
    assert count_unconfirmed(school.root, HUB) == 3
    assert note_confirmed(school.root, HUB, first) == ""
    assert last_confirmed(school.root, HUB) == first
    assert git(school.root, "rev-parse", "refs/remotes/hub/main").strip() == first
    assert count_unconfirmed(school.root, HUB) == 2
    assert not (school.root / ".git/papka-hub").exists()
    note_confirmed(school.root, HUB, "9" * 40)
    assert count_unconfirmed(school.root, HUB) == 0


def test_a_certificate_of_the_schools_own_is_asked_for_by_https(
    school: School, tmp_path: Path
) -> None:
    web = Remote("web", "https://h.example/x", "RU", primary=False)
    http = "http.version=HTTP/1.1"
    assert far_side(school.root, web).config == (http,)
    assert far_side(school.root, HUB).config == ()
    assert far_side(tmp_path / "no archive", web).config == (http,)
    git(school.root, "config", "papka.web.ca", "/school.pem")
    known = (http, "http.sslCAInfo=/school.pem", "http.schannelUseSSLCAInfo=true")
    assert far_side(school.root, web).config == known
    named = Remote("web", web.url, "RU", primary=False, authority="/other.pem")
    assert far_side(school.root, named).config[1] == "http.sslCAInfo=/other.pem"
    found = far_side(school.root, web)
    assert (found.address, found.store) == (web.url, None)


# folders of mirrors


def test_what_in_a_folder_is_no_mirror(tmp_path: Path) -> None:
    def store(name: str) -> Path:
        init(tmp_path / name, bare=True)
        return tmp_path / name

    assert explain_unfit(store("good")) == ""
    assert explain_unfit(tmp_path) == "это не хранилище"
    piped = store("piped")
    os.mkfifo(piped / "info.pipe")
    assert explain_unfit(piped) == (
        f"вместо файла {piped}/info.pipe в нём канал или устройство: чтение не кончилось бы"
    )
    borrows = store("borrows")
    (borrows / "objects/info").mkdir(exist_ok=True)
    (borrows / "objects/info/alternates").write_text("/x\n")
    assert explain_unfit(borrows) == "оно не хранит объекты само, а берёт их из другого места"
    part = store("part")
    git(part, "config", "remote.x.promisor", "true")
    assert explain_unfit(part) == "это частичная копия: недостающее она добирает из другого места"
    shared = store("shared")
    (shared / "commondir").write_text("../good\n")
    assert explain_unfit(shared) == "файл commondir отсылает его к другому хранилищу"
    leads = store("leads")
    git(leads, "config", "include.path", "/x")
    assert explain_unfit(leads) == "его настройки отсылают к другим файлам, папкам или программам"
    remote = Remote("usb", str(leads), "RU", primary=False)
    with pytest.raises(RemoteRefused) as caught:
        far_side(tmp_path, remote)
    assert caught.value.next_step == (
        "Сделайте новое зеркало: papka mirror add ИМЯ НОВАЯ-ПАПКА --country RU"
    )
    gone = Remote("usb", str(tmp_path / "gone"), "RU", primary=False)
    with pytest.raises(RemoteUnreachable) as away:
        far_side(tmp_path, gone)
    assert away.value.next_step == "Подключите носитель или проверьте адрес: papka mirror status"
    hook = leads / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n")
    assert idle_hooks(tmp_path, remote) == ()
    hook.chmod(0o755)
    assert idle_hooks(tmp_path, remote) == ("update",)
    assert idle_hooks(tmp_path, gone) == idle_hooks(tmp_path, HUB) == ()


def test_a_folder_that_another_papka_writes_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "usb.git"
    init(place, bare=True)
    usb = Remote("usb", str(place), "RU", primary=False)
    side = far_side(tmp_path, usb)
    monkeypatch.setattr(mirror_store, "_LOCK_SECONDS", 0.05)
    for name in ("HEAD.lock", "refs/heads/main.lock"):
        (place / name).touch()
    with file_lock(place / "papka-writing", "x", 0):
        with pytest.raises(RemoteRefused) as caught, side.alone(usb):
            pass
        assert caught.value.message == (
            "Зеркало «usb» не приняло изменения: в него сейчас пишет другая команда papka"
        )
        assert caught.value.next_step == "Дождитесь её окончания и повторите"
        assert (place / "HEAD.lock").exists()
    with side.alone(usb), pytest.raises(RemoteRefused), side.alone(usb):
        pass
    assert not (place / "HEAD.lock").exists()
    assert not (place / "refs/heads/main.lock").exists()


def test_what_a_folder_took_is_brought_to_its_disk(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git there renames, and the system may keep names in memory: objects first, then branches."""
    place = tmp_path / "usb.git"
    prepare_store(place)
    usb = Remote("usb", str(place), "RU", primary=False)
    told: list[tuple[str, Path]] = []
    moment = files.sync_moment()
    monkeypatch.setattr(
        files, "sync_objects",
        lambda folder, since: told.append(("objects", folder)) if since >= moment else None,
    )  # fmt: skip
    monkeypatch.setattr(files, "sync_branches", lambda store: told.append(("branches", store)))
    transport.push_forward(school.root, usb, school.head)
    assert told == [("objects", place / "objects"), ("branches", place)]
    assert transport.remote_refs(school.root, usb) == {MAIN: school.head}
    school.save({"records/events/2026.yaml": b"x\n"})
    told.clear()
    with pytest.raises(RemoteRefused):
        transport.push_commit(school.root, usb, school.head, expected="1" * 40)
    assert told == []

    def gone(_: Path) -> None:
        raise FileNotFoundError(2, "", str(place))

    monkeypatch.setattr(files, "sync_branches", gone)
    with pytest.raises(RemoteUnreachable) as lost:
        transport.push_forward(school.root, usb, school.head)
    assert str(place) in lost.value.reason


def test_the_disk_with_this_sticker(tmp_path: Path) -> None:
    init(tmp_path / "x.git", bare=True)
    usb = Remote("usb", str(tmp_path / "x.git"), "RU", primary=False, medium="Н-1")

    def said() -> tuple[str, str]:
        with pytest.raises(RemoteUnreachable) as away:
            far_side(tmp_path, usb)
        return away.value.reason, away.value.next_step

    step = "Подключите Н-1 и повторите"
    assert said() == ("подключён носитель без читаемой метки, а нужен Н-1", step)
    (tmp_path / LABEL).write_bytes(b"x")
    assert said() == ("подключён носитель без читаемой метки, а нужен Н-1", step)
    (tmp_path / LABEL).write_bytes(compose_label(Label("Н-2", "диск", "0f" * 16)))
    assert said() == ("подключён носитель с меткой Н-2, а нужен Н-1", step)
    (tmp_path / LABEL).write_bytes(compose_label(Label("Н-1", "диск", "0f" * 16)))
    assert far_side(tmp_path, usb).store == locate(tmp_path / "x.git")


def test_a_folder_becomes_a_store_or_is_refused(school: School, tmp_path: Path) -> None:
    place = tmp_path / "usb.git"
    prepare_folder(school.root, place)
    assert is_bare(place)
    assert find_weakened(locate(place)) == ()
    prepare_folder(school.root, place)  # again: as it is
    refusals = {
        school.root: (
            (f"{school.root} — сам архив, его часть или папка, в которой он лежит: копией она не "
            "будет"), "Укажите папку на другом носителе"),
        tmp_path / "no/such": (f"Папки {tmp_path / 'no'} нет",
                               "Подключите носитель или создайте папку и повторите"),
        tmp_path / "keys": (f"{tmp_path / 'keys'} — не хранилище для зеркала",
                            "Укажите новую папку, papka создаст её сама"),
        Path("/proc/x"): (
            "В /proc/x хранилища не создать: папка недоступна или закрыта от записи",
            "Проверьте путь и права или укажите другую папку"),
    }  # fmt: skip
    for folder, (message, step) in refusals.items():
        with pytest.raises(Refused) as caught:
            prepare_folder(school.root, folder)
        assert (caught.value.message, caught.value.next_step) == (message, step)
    git(place, "config", "include.path", "/x")
    with pytest.raises(Refused, match=f"^{place} зеркалом быть не может: его настройки отсылают"):
        prepare_store(place)


def test_what_a_killed_init_left_is_begun_anew(tmp_path: Path) -> None:
    def begun(name: str, *files: str) -> Path:
        for file in files:
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_bytes(b"")
        return tmp_path / name

    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/tA1b2C3").touch()
    for place in (
        tmp_path / "empty", begun("half", "HEAD", "config", "description", "tA1b2C3"),
        begun("locked", "HEAD.lock", "config.lock", "papka-settings"),
    ):  # fmt: skip
        for folder in ("objects/pack", "refs/heads"):
            (place / folder).mkdir(parents=True)
        prepare_store(place)
        assert is_bare(place)
        assert find_weakened(locate(place)) == ()
    for place in (
        begun("other", "HEAD", "photo.jpg"), begun("full", "HEAD", "config", "objects/aa/x"),
        begun("named", "refs/heads/main"), begun("tried", "tA1b2C"), begun("file") / "x",
    ):  # fmt: skip
        if place.name == "x":
            place.parent.mkdir()
            place.touch()
        with pytest.raises(Refused):
            prepare_store(place)


def test_settings_that_no_longer_hold(tmp_path: Path) -> None:
    place = tmp_path / "x.git"
    prepare_store(place)
    git(place, "config", "RECEIVE.denyDeletes", "false")
    git(place, "config", "--unset", "core.fsync")
    git(place, "config", "--add", "transfer.fsckObjects", "false")
    assert find_weakened(locate(place)) == (
        "core.fsync", "receive.denyDeletes", "transfer.fsckObjects",
    )  # fmt: skip
    assert find_weakened(locate(place), {"receive.denyNonFastForwards": "true"}) == ()
    assert set(SAFE_STORE) >= {"receive.fsckObjects", "receive.denyNonFastForwards"}


# settings


def test_what_of_damaged_settings_is_kept(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "[core]\n\tfsmonitor = evil\n[user]\n\tname = s001\n\temail = s@p\n\tsigningKey = /k\n"
        'oops [\n[remote "usb"]\n\turl = /media/usb\n\tfetch = +a:b\n\tuploadpack = evil\n'
        '[remote "hub"]\n\turl = ext::evil\n[remote "rel"]\n\turl = a/b\n'
        '[papka]\n\tprimary = usb\n[papka "usb"]\n\tcountry = RU\n[gpg]\n\tformat = ssh\n'
        '[commit]\n\tgpgSign = true\n[gpg "ssh"]\n\tallowedSignersFile = x\n\tprogram = evil\n'
        '[papka-staff "s001"]\n\tkey = /k\n[user]\n\tuseConfigOnly\n[alias]\n\tx = !evil\n'
    )  # fmt: skip
    assert read_kept_settings(tmp_path) == {
        "user.name": "s001", "user.email": "s@p", "user.signingkey": "/k",
        "remote.usb.url": "/media/usb", "remote.usb.fetch": "+a:b", "papka.primary": "usb",
        "papka.usb.country": "RU", "gpg.format": "ssh", "commit.gpgsign": "true",
        "gpg.ssh.allowedsignersfile": "x", "papka-staff.s001.key": "/k",
    }  # fmt: skip
    (tmp_path / "config").write_text("oops [\n" * 19 + "[user]\n\tname = s001\n")
    assert read_kept_settings(tmp_path) == {"user.name": "s001"}
    (tmp_path / "config").write_text("oops [\n" * 20 + "[user]\n\tname = s001\n")
    assert read_kept_settings(tmp_path) == {}
    assert read_kept_settings(tmp_path / "none") == {}


def test_mirrors_as_they_are_written_down(school: School) -> None:
    usb = Remote("usb", "/m/usb.git", "Россия", primary=False, medium="Н-1")
    add_remote(school.root, usb)
    add_remote(school.root, HUB)
    assert list_remotes(school.root) == (HUB, usb)
    assert read_setting(school.root, "remote.usb.fetch") == "+refs/heads/*:refs/remotes/usb/*"
    assert read_setting(school.root, "PAPKA.primary") == "hub"
    assert read_setting(school.root, "papka.USB.country") is None
    git(school.root, "config", "remote.../x.url", "/x")
    git(school.root, "config", "remote.a b.url", "/x")
    git(school.root, "config", "extensions.worktreeConfig", "true")
    git(school.root, "config", "--worktree", "remote.evil.url", "/x")
    assert [each.name for each in list_remotes(school.root)] == ["hub", "usb"]
    (school.root / ".git/config").write_text("[core\n")
    with pytest.raises(NotAnArchive):
        list_remotes(school.root)


def test_settings_by_which_a_persons_own_git_signs_alike(school: School) -> None:
    write_settings(school.root, signing_settings("s003", school.keys / "s003"))
    git(school.root, "commit", "-q", "--allow-empty", "-S", "-m", "x")
    shown = git(school.root, "log", "-1", "--format=%G?%GS")
    assert shown.startswith("Gs003@papka.invalid")
    assert signing_settings("s003", Path("/k")) == {
        "user.name": "s003", "user.email": "s003@papka.invalid", "user.signingKey": "/k",
        "gpg.format": "ssh", "gpg.ssh.allowedSignersFile": "records/trust/allowed_signers",
        "commit.gpgSign": "true",
    }  # fmt: skip
