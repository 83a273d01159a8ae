"""Run git and the ssh tools, and say in Russian what they complain of.

Every program runs in an environment built from nothing: no variable of the caller reaches git
except what a parameter names; no hook, monitor, pager, credential helper or user configuration is
obeyed; no shell is used; nothing waits for a keyboard. Nor does it wait for a pipe or a device that
lies in place of a file: before every git the little files of the store are looked at (never
opened), and the loose objects once in a command.

Complaints are known by a sign in their text, the first sign in the table decides; an unknown one is
passed on in brackets, its first line only.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import IO, Any, Literal

from papka.core.errors import GitFailed, GitMissing, KeyMissing, NotOwner, PapkaError
from papka.core.installation import find_program, search_path
from papka.repository.files import SMALL, list_entries, may_block, read_if_plain

SAFE = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.quotepath=off",
    "core.pager=cat",
    "core.askPass=",
    "core.editor=false",
    "core.sshCommand=",
    "core.gitProxy=",
    "core.alternateRefsCommand=",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.autocrlf=false",
    "core.fsync=all",
    "core.commitGraph=false",
    "core.multiPackIndex=false",
    "core.useReplaceRefs=false",
    "credential.helper=",
    "diff.external=",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "push.gpgSign=false",
    "push.followTags=false",
    "safe.bareRepository=all",
    "protocol.allow=never",
    "protocol.file.allow=always",
    "protocol.ssh.allow=always",
    "protocol.https.allow=always",
    "protocol.ext.allow=never",
)
"""Settings of every git, stronger than those of the repository."""
LOOK = 10.0
"""Seconds after which it is worth looking whether git waits for something that never comes."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended; `text` is its output, `trouble` its errors, decoded for people."""

    code: int
    output: bytes
    errors: bytes

    @property
    def text(self) -> str:
        return self.output.decode("utf-8", "replace")

    @property
    def trouble(self) -> str:
        return self.errors.decode("utf-8", "replace")


Stage = Literal[
    "", "counting", "compressing", "sending", "receiving", "resolving", "reading", "writing"
]


@dataclass(frozen=True, slots=True)
class Carried:
    """How far the work with the store `name` is: `done` objects of `total` (0: nobody knows).

    A copy on a disk of this computer is read in megabytes and written in files. The stage is ""
    when the work is over.
    """

    name: str
    stage: Stage = ""
    done: int = 0
    total: int = 0


Watch = Callable[[Carried], None]
Tell = Callable[[Stage, int, int], None]
"""Hears a stage, how much of it is done, and how much there is."""


@contextmanager
def watched(watch: Watch | None, name: str) -> Iterator[Tell]:
    """Give what tells the watcher, if there is one, how far the work with a store is."""

    is_over = False

    def tell(stage: Stage, done: int, total: int) -> None:
        if watch is not None and not is_over:
            watch(Carried(name, stage, done, total))

    try:
        yield tell
    finally:
        tell("", 0, 0)
        is_over = True


@dataclass(frozen=True, slots=True)
class SshAccess:
    """Means that a caller grants a git which talks with a remote.

    `agent`: the socket of the ssh agent; `home`: the folder with known_hosts and with .netrc (names
    and passwords for https); `command`: the whole ssh command when it is not plain `ssh`;
    `authority`: a file with the certificates that https servers are trusted by; `watch`: is told
    from any thread how far each push, fetch and reading is, None where nobody watches.
    """

    agent: str | None = None
    home: str | None = None
    command: str | None = None
    authority: str | None = None
    watch: Watch | None = None

    def variables(self) -> dict[str, str]:
        """Return the environment variables that grant it."""
        # BatchMode: a question nobody can see would hang the push.
        ssh = shlex.quote(find_program("ssh") or "ssh")
        found = {"GIT_SSH_COMMAND": self.command or f"{ssh} -o BatchMode=yes -o ConnectTimeout=15"}
        if self.agent:
            found["SSH_AUTH_SOCK"] = self.agent
        if self.home:
            found["HOME"] = self.home
        if self.authority:
            found["GIT_SSL_CAINFO"] = self.authority
        return found


def run_git(  # noqa: PLR0913  # every keyword is one independent thing a git call may need
    *arguments: str,
    folder: Path,
    given: bytes | None = None,
    variables: Mapping[str, str] | None = None,
    config: Iterable[str] = (),
    accepted: Collection[int] = (0,),
    seconds: float | None = None,
) -> Ran:
    """Run git in a folder; raise GitMissing, or GitFailed on an exit code not `accepted`."""
    refuse_obstacles(folder, variables or {})
    ran = _run(
        _compose_command(arguments, config), folder, given, _compose_environment(variables), seconds
    )
    if ran.code not in accepted:
        raise explain_failure(arguments[0], ran)
    return ran


def explain_failure(command: str, ran: Ran) -> GitFailed:
    """Return the error that tells in plain words why a git command came to nothing."""
    trouble = explain(ran.trouble or f"код {ran.code}")
    if trouble is _OWNER:
        return NotOwner(trouble.words, trouble.step)
    return GitFailed(command, trouble.words, trouble.step)


def is_anothers(ran: Ran) -> bool:
    """Whether git read nothing because the folder is another user's."""
    return bool(ran.trouble) and explain(ran.trouble) is _OWNER


@contextmanager
def open_git(
    *arguments: str,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    config: Iterable[str] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a git to talk with through stdin and stdout; end it on the way out."""
    process = start_git(*arguments, folder=folder, variables=variables, config=config)
    try:
        yield process
    finally:
        end_process(process)


def start_git(
    *arguments: str,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    config: Iterable[str] = (),
) -> subprocess.Popen[bytes]:
    """Start a git as `open_git` does, for an owner that calls `end_process` itself."""
    refuse_obstacles(folder, variables or {})
    command = _compose_command(arguments, config)
    return _start(command, folder, _compose_environment(variables), subprocess.DEVNULL)


def start_talk(
    *arguments: str,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    config: Iterable[str] = (),
) -> subprocess.Popen[str]:
    """Start a git that is given nothing and whose output and errors are read as text.

    A carriage return ends a line too, as git writes numbers over one another.
    """
    refuse_obstacles(folder, variables or {})
    command, environment = _compose_command(arguments, config), _compose_environment(variables)
    started: subprocess.Popen[str] = _start(command, folder, environment, subprocess.PIPE, "utf-8")
    assert started.stdin is not None
    started.stdin.close()
    return started


def require_whole_answer(process: subprocess.Popen[bytes], command: str, trouble: str) -> None:
    """Wait for a git that was read to its end; raise GitFailed when it broke off.

    An answer cut short looks like a whole one.
    """
    if process.wait() != 0:
        raise GitFailed(command, trouble)


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Close the pipes, kill the process and wait: none outlives its reader."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            _close(pipe)
    process.kill()
    process.wait()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        return  # the other side has gone


def feed(pipe: IO[bytes], parts: Iterable[bytes]) -> Thread:
    """Write to a process from a thread of its own, then close: reading goes on meanwhile."""

    def write() -> None:
        try:
            pipe.writelines(parts)
        except (OSError, ValueError):
            return  # the reader has gone: it knows why
        finally:
            _close(pipe)

    thread = Thread(target=write, daemon=True)
    thread.start()
    return thread


def run_keygen(
    *arguments: str, given: bytes = b"", agent: str | None = None, alone: bool = False
) -> Ran:
    """Run ssh-keygen; raise KeyMissing when it is not installed.

    `alone`: without a terminal, so that what it would ask there it reads from `given`.
    """
    program = find_program("ssh-keygen")
    if program is None:
        raise KeyMissing(
            "Программа ssh-keygen не установлена", "Debian, Ubuntu: apt-get install openssh-client"
        )
    variables = {"SSH_AUTH_SOCK": agent} if agent else {}
    command = [program, *arguments]
    return _run(command, None, given, _compose_environment(variables), None, alone=alone)


def git_program() -> str:
    """Return the full path of git; raise GitMissing."""
    program = find_program("git")
    if program is None:
        raise GitMissing
    return program


def _run(  # noqa: PLR0913 - as run_git
    command: list[str],
    folder: Path | None,
    given: bytes | None,
    environment: dict[str, str],
    seconds: float | None,
    *,
    alone: bool = False,
) -> Ran:
    with _start(command, folder, environment, subprocess.PIPE, alone=alone) as process:
        try:
            output, errors = _await_answer(process, given or b"", folder, seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return without_answer(seconds or 0)
        except BaseException:
            process.kill()
            raise
    return Ran(process.returncode, output, errors)


def without_answer(seconds: float) -> Ran:
    """Return how a program ended that took longer than `seconds`."""
    return Ran(124, b"", f"нет ответа за {seconds:.0f} с".encode())


def _start(  # noqa: PLR0913 - as run_git
    command: list[str],
    folder: Path | None,
    environment: dict[str, str],
    stderr: int,
    encoding: str | None = None,
    *,
    alone: bool = False,
) -> subprocess.Popen[Any]:
    try:
        return subprocess.Popen(  # noqa: S603  # full path, no shell, own arguments
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding=encoding,
            errors="replace" if encoding else None,
            start_new_session=alone,
        )
    except FileNotFoundError as error:
        raise GitMissing from error


def _await_answer(
    process: subprocess.Popen[bytes], given: bytes, folder: Path | None, seconds: float | None
) -> tuple[bytes, bytes]:
    """Return stdout and stderr; when it is silent for long, look for what it may be waiting for."""
    if folder is None or (seconds is not None and seconds <= LOOK):
        return process.communicate(given, seconds)
    try:
        return process.communicate(given, LOOK)
    except subprocess.TimeoutExpired:
        refuse_obstacles_among_files(folder)
        return process.communicate(timeout=None if seconds is None else seconds - LOOK)


def _compose_command(arguments: Iterable[str], config: Iterable[str]) -> list[str]:
    options = [part for setting in (*SAFE, *config) for part in ("-c", setting)]
    return [git_program(), *options, *arguments]


def _compose_environment(variables: Mapping[str, str] | None) -> dict[str, str]:
    """Return what finding programs needs and `variables`; HOME leads nowhere unless given."""
    found = {
        "PATH": search_path(),
        "HOME": os.devnull,
        "XDG_CONFIG_HOME": os.devnull,
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        # Of what a newer git makes when it is not told: older ones and papka must read it.
        "GIT_DEFAULT_HASH": "sha1",
        "GIT_DEFAULT_REF_FORMAT": "files",
    }
    if sys.platform == "win32":
        kept = ("SYSTEMROOT", "TEMP", "TMP", "PATHEXT", "COMSPEC", "PROGRAMDATA")
        found |= {name: os.environ[name] for name in kept if name in os.environ}
    return found | dict(variables or {})


_READ_IN_A_TREE = (".gitattributes", ".gitignore", ".gitmodules", ".mailmap")
_INCLUDED = re.compile(rb'(?im)^[ \t]*path[ \t]*=[ \t]*"?([^"\0\r\n]+?)"?[ \t]*$')
"""A file that the settings include is read by every git."""
_looked: set[str] = set()
"""Stores whose loose objects were looked at in this command."""


class StoreBlocked(PapkaError):
    """Reading the store would never end: a pipe or a device lies in place of a file."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path}: здесь канал или устройство вместо файла, git ждал бы его без конца",
            "Его подложили или диск повреждён: уберите его и проверьте архив: papka verify",
        )


def refuse_obstacles(folder: Path, variables: Mapping[str, str]) -> None:
    """Raise StoreBlocked when a git that is started in this folder could hang."""
    store = _find_store(folder, variables)
    if store is None:
        return
    in_the_tree = (path for name in _READ_IN_A_TREE if may_block(path := f"{folder}/{name}"))
    found = next(chain(_find_obstacles(store), in_the_tree), None)
    if found is not None:
        raise StoreBlocked(found)


def refuse_obstacles_among_files(folder: Path) -> None:
    """Raise StoreBlocked for a pipe anywhere among the files of a work tree.

    For a git that is silent for long: walking through them all before every git would cost more.
    """
    for path, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            if may_block(f"{path}/{name}"):
                raise StoreBlocked(f"{path}/{name}")


def find_obstacle(store: Path) -> str:
    """Return the first file of a store that could hang git, loose objects left out, or ""."""
    return next(_find_among_small_files(store), "")


def _find_store(folder: Path, variables: Mapping[str, str]) -> str | None:
    named = variables.get("GIT_DIR")
    if named is not None:
        return None if named == os.devnull else os.path.join(folder, named)  # noqa: PTH118 - before every git
    dot = f"{folder}/.git"
    if os.path.isdir(dot):  # noqa: PTH112 - as above
        return dot
    return None if os.path.lexists(dot) else str(folder)


def _find_obstacles(store: str) -> Iterator[str]:
    yield from _find_among_small_files(store)
    if store not in _looked:
        _looked.add(store)
        for fan in list_entries(f"{store}/objects"):
            if len(fan.name) == 2:
                yield from _find_blocking(fan.path)


def _find_among_small_files(store: str | Path) -> Iterator[str]:
    for name in ("", "/info", "/objects/info", "/objects/pack"):
        yield from _find_blocking(f"{store}{name}")
    for name in ("refs", "logs"):
        yield from _find_below(f"{store}/{name}")
    settings = read_if_plain(Path(store) / "config", most=SMALL, follow=True)
    for written in _INCLUDED.findall(settings or b""):
        path = os.path.join(store, os.path.expanduser(os.fsdecode(written)))  # noqa: PTH111, PTH118 - any bytes
        if may_block(path):
            yield path


def _find_below(folder: str) -> Iterator[str]:
    yield from _find_blocking(folder)
    for entry in list_entries(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _find_below(entry.path)


def _find_blocking(folder: str) -> Iterator[str]:
    for entry in list_entries(folder):
        # `may_block` asks where a link leads: in a circle there is nothing to wait for.
        is_plain = entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)
        if not is_plain and may_block(entry.path):
            yield entry.path


@dataclass(frozen=True, slots=True)
class Trouble:
    """A complaint in Russian: what is wrong, and what to do now ("" where the caller knows it)."""

    words: str
    step: str = ""


_OWNER = Trouble(
    "хранилище принадлежит другому пользователю этого компьютера",
    "Сделайте папку хранилища своей (Linux, macOS: sudo chown -R ВАШЕ-ИМЯ ПАПКА) и повторите",
)
_NOWHERE = Trouble(
    "по этому адресу хранилища нет",
    "Подключите носитель или проверьте адрес: papka mirror status",
)
_RIGHTS = Trouble(
    "нет прав на запись в папку хранилища",
    "Проверьте, чья это папка и не закрыта ли она от записи, и повторите",
)
_LOCKED = Trouble(
    "хранилище занято: его меняет другая программа, или прерванная команда оставила замок",
    "Подождите минуту и повторите; если никто не работает — удалите в папке хранилища файлы, "
    "чьи имена кончаются на .lock",
)
_FULL = Trouble("на носителе кончилось место", "Освободите место и повторите")
_SERVER_LOGIN = Trouble(
    "сервер не принял имя и пароль, или для него их нет в файле .netrc вашей домашней папки",
    'Впишите туда строку: machine АДРЕС-СЕРВЕРА login ИМЯ password "ПАРОЛЬ" '
    "(Windows: файл зовётся _netrc), закройте файл от других (chmod 600) и повторите",
)
_OTHER_NAME = Trouble(
    "сертификат сервера выдан на другое имя: это может быть чужой сервер",
    "Сверьте адрес с тем, что дал ведущий сервер: papka mirror status",
)
_NO_AUTHORITY = Trouble(
    "файл с сертификатом, по которому узнают сервер, не читается",
    "Верните файл на место или укажите другой: papka mirror add ИМЯ АДРЕС --country RU --ca ФАЙЛ",
)
_NO_GIT = Trouble(
    "по этому адресу отвечает не хранилище git",
    "Сверьте адрес с тем, что дал ведущий сервер: papka mirror status",
)
_TOO_MUCH = Trouble(
    "сервер не принимает столько за один раз",
    "Пусть тот, кто ведёт сервер, поднимет предел для запроса (docs/server.md)",
)
_NO_ANSWER = Trouble("сервер не отвечает")
_BROKEN = Trouble(
    "хранилище повреждено", "Ничего не сохраняйте поверх; проверьте его: papka verify -C ПАПКА"
)
_UNPACKED = Trouble(
    "оно не смогло записать полученное",
    "Проверьте на нём место и права; само хранилище проверит papka verify -C ПАПКА",
)
_BEHIND = Trouble(
    "его тем временем изменили", "Посмотрите, чем оно отличается: papka mirror status"
)
_ANYWHERE: tuple[tuple[str, Trouble], ...] = (
    ("dubious ownership", _OWNER),
    ("unsafe repository", _OWNER),
    ("No space left", _FULL),
    ("Disk quota exceeded", _FULL),
    ("Read-only file system", Trouble(
        "носитель открыт только для чтения", "Подключите его с правом записи и повторите"
    )),
    (".lock': File exists", _LOCKED),
    ("Permission denied", _RIGHTS),
    ("insufficient permission", _RIGHTS),
    ("is corrupt", _BROKEN),
    ("bad object", _BROKEN),
    ("unable to read", _BROKEN),
    ("Not a directory", _BROKEN),
    ("cannot lock ref", _LOCKED),
)  # fmt: skip
_IN_A_TALK: tuple[tuple[str, Trouble], ...] = (
    ("pack exceeds maximum allowed size", Trouble(
        "за один раз прислано больше, чем хранилище принимает",
        "Если это честный первый архив, скопируйте хранилище на сервер с носителя и выполните там "
        "papka mirror host",
    )),
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", Trouble(
        "сервер предъявил не тот ключ, что раньше: это может быть чужой сервер",
        "Ничего не отправляйте; спросите того, кто ведёт сервер, менял ли он ключ",
    )),
    ("Host key verification failed", Trouble(
        "ключ сервера неизвестен: зайдите на него один раз через ssh",
        "Зайдите: ssh АДРЕС, сверьте отпечаток ключа и повторите",
    )),
    ("Permission denied (", Trouble(
        "сервер не принял ключ входа",
        "Проверьте, что ключ входа записан на сервере и агент ssh его знает: ssh-add -l",
    )),
    ("could not read Username", _SERVER_LOGIN),
    ("could not read Password", _SERVER_LOGIN),
    ("terminal prompts disabled", _SERVER_LOGIN),
    ("Authentication failed", _SERVER_LOGIN),
    ("returned error: 401", _SERVER_LOGIN),
    ("returned error: 403", Trouble(
        "сервер узнал вас, но сюда не пускает",
        "Попросите того, кто ведёт сервер, открыть вам запись в это хранилище",
    )),
    ("returned error: 413", _TOO_MUCH),
    ("HTTP 413", _TOO_MUCH),
    ("returned error: 5", Trouble(
        "на сервере ошибка", "Повторите позже; если не пройдёт, скажите тому, кто ведёт сервер"
    )),
    ("not valid: is this a git repository", _NO_GIT),
    ("Cannot access URL", _NO_GIT),
    ("setting certificate", _NO_AUTHORITY),
    ("CA cert", _NO_AUTHORITY),
    ("match target host", _OTHER_NAME),
    ("alternative certificate subject", _OTHER_NAME),
    ("certificate", Trouble(
        "сертификат сервера не проходит проверку: его выдал неизвестный центр, он просрочен, или "
        "это чужой сервер",
        "Проверьте дату на компьютере; сертификат центра самой школы возьмите у того, кто ведёт "
        "сервер, и запишите: papka mirror add ИМЯ АДРЕС --country RU --ca ФАЙЛ (имя и адрес те же)",
    )),
    ("Could not resolve host", Trouble("имя сервера не находится")),
    ("Connection refused", _NO_ANSWER),
    ("Couldn't connect to server", _NO_ANSWER),
    ("timed out", _NO_ANSWER),
    ("non-properly terminated", _NO_ANSWER),
    ("Connection closed", _NO_ANSWER),
    ("Connection reset", _NO_ANSWER),
    ("No route to host", Trouble("до сервера нет дороги")),
    ("Network is unreachable", Trouble("до сервера нет дороги")),
    *_ANYWHERE,
    ("does not appear to be a git repository", _NOWHERE),
    ("not a git repository", _NOWHERE),
    ("does not exist", _NOWHERE),
    ("epository not found", _NOWHERE),
    ("/' not found", _NOWHERE),
    ("stale info", _BEHIND),
    ("fetch first", _BEHIND),
    ("non-fast-forward", _BEHIND),
    ("protected branch", Trouble(
        "ветвь main закрыта на сервере от записи", "Откройте её для себя в настройках"
    )),
    ("hook declined", Trouble(
        "проверка на сервере не пропустила сохранение",
        "Посмотрите, чем оно отличается: papka mirror status; проверьте архив: papka verify",
    )),
    ("failed to update ref", _LOCKED),
    ("unpacker error", _UNPACKED),
    ("remote unpack failed", _UNPACKED),
    ("unable to migrate objects", _UNPACKED),
    ("currently checked out", Trouble(
        "это рабочая папка, а не хранилище для зеркала",
        "Укажите новую папку: papka mirror add ИМЯ ПАПКА --country СТРАНА",
    )),
)  # fmt: skip


def explain(complaint: str) -> Trouble:
    """Return what git complains of in our own repository."""
    return _find_trouble(complaint, _ANYWHERE)


def explain_talk(complaint: str) -> Trouble:
    """Return what git or ssh complains of in a talk with another store."""
    return _find_trouble(complaint, _IN_A_TALK)


def _find_trouble(complaint: str, known: Iterable[tuple[str, Trouble]]) -> Trouble:
    for sign, trouble in known:
        if sign in complaint:
            return trouble
    lines = [line for line in complaint.splitlines() if line.strip()]
    if not lines:
        return Trouble("git завершился с ошибкой и не сказал почему")
    first = "".join(c for c in lines[0].strip() if c.isprintable())
    if not first.isascii() and "fatal" not in first and "error" not in first:
        return Trouble(first)  # these words are our own
    for heading in ("fatal: ", "error: ", "remote: "):
        first = first.removeprefix(heading)
    return Trouble(f"git завершился с ошибкой [{first}]")
