"""What git complains of, in the reader's language: the one table of known complaints.

Invariants: the first sign found decides; a complaint nobody foresaw is passed on in brackets, its
first line only. Absent on purpose: guessing which of several complaints matters.

Finds what git would wait at for ever in a store of ours: a pipe or a device in place of a file.

Invariants: names and kinds are looked at, nothing is opened; little files before every git, the
loose objects once in a command. Absent on purpose: judging a suspect store (`store.observe`).

Runs git and the ssh tools, always in an environment built from nothing.

Invariants: no variable of the caller reaches git except what a parameter names; no hook, monitor,
pager, credential helper or user configuration is asked; nothing waits for a keyboard.
Absent on purpose: a shell.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess  # the one place, with its siblings: see the package
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

from papka.core.errors import GitFailed, GitMissing, KeyMissing, PapkaError
from papka.core.installation import find_program, search_path
from papka.repository.files import SMALL, NotPlain, blocks, read_plain


@dataclass(frozen=True, slots=True)
class Trouble:
    """`words` say what is wrong, `step` what to do now; no step: the caller knows a better one."""

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
_CERTIFICATE = Trouble(
    "сертификат сервера не проходит проверку: его выдал неизвестный центр, он просрочен, или это "
    "чужой сервер",
    "Проверьте дату на компьютере; сертификат центра самой школы возьмите у того, кто ведёт "
    "сервер, и запишите: papka mirror add ИМЯ АДРЕС --country RU --ca ФАЙЛ (имя и адрес те же)",
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
_CLOSED = Trouble("ветвь main закрыта на сервере от записи", "Откройте её для себя в настройках")
_BEHIND = Trouble(
    "его тем временем изменили", "Посмотрите, чем оно отличается: papka mirror status"
)
_HOOK = Trouble(
    "проверка на сервере не пропустила запись",
    "Посмотрите, чем оно отличается: papka mirror status; проверьте архив: papka verify",
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
    ("certificate", _CERTIFICATE),
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
    ("protected branch", _CLOSED),
    ("hook declined", _HOOK),
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
    """What git complains of in our own repository."""
    return _explained(complaint, _ANYWHERE)


def explain_talk(complaint: str) -> Trouble:
    """What git or ssh complains of in a talk with another store."""
    return _explained(complaint, _IN_A_TALK)


def _explained(complaint: str, known: Iterable[tuple[str, Trouble]]) -> Trouble:
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


_FLAT = ("", "info", "objects/info", "objects/pack")
_DEEP = ("refs", "logs")
_IN_THE_TREE = (".gitattributes", ".gitignore", ".gitmodules", ".mailmap")
_INCLUDED = re.compile(rb'(?im)^[ \t]*path[ \t]*=[ \t]*"?([^"\0\r\n]+?)"?[ \t]*$')
"""A file that the settings include is read by every git."""
_looked: set[str] = set()


class StoreBlocked(PapkaError):
    """Reading the store would never end."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path}: здесь канал или устройство вместо файла, git ждал бы его без конца",
            "Его подложили или диск повреждён: уберите его и проверьте архив: papka verify",
        )


def refuse_obstacles(folder: Path, variables: Mapping[str, str]) -> None:
    """Raises StoreBlocked when a git that is started in this folder could hang."""
    store = _store(folder, variables)
    if store is None:
        return
    found = next(_obstacles(store), None) or _in_the_tree(folder)
    if found is not None:
        raise StoreBlocked(found)


def refuse_obstacles_among_files(folder: Path) -> None:
    """Raises StoreBlocked for a pipe among the files of a work tree, whatever folder it lies in.

    For a git that is long silent: to walk through all of them before every git would cost more.
    """
    for path, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            if blocks(f"{path}/{name}"):
                raise StoreBlocked(f"{path}/{name}")


def obstacle(store: Path) -> str:
    """The first file of a store that is none, loose objects left out; empty when there is none."""
    return next(_small(store), "")


def _store(folder: Path, variables: Mapping[str, str]) -> str | None:
    named = variables.get("GIT_DIR")
    if named is not None:
        return None if named == os.devnull else os.path.join(folder, named)  # noqa: PTH118 - before every git
    dot = f"{folder}/.git"
    if os.path.isdir(dot):  # noqa: PTH112 - as above
        return dot
    return None if os.path.lexists(dot) else str(folder)


def _obstacles(store: str) -> Iterator[str]:
    yield from _small(store)
    if store not in _looked:
        _looked.add(store)
        for fan in _listed(f"{store}/objects"):
            if len(fan.name) == 2:
                yield from _blocking(fan.path)


def _small(store: str | Path) -> Iterator[str]:
    for name in _FLAT:
        yield from _blocking(f"{store}/{name}" if name else str(store))
    for name in _DEEP:
        yield from _below(f"{store}/{name}")
    for written in _INCLUDED.findall(_settings(store)):
        path = os.path.join(store, os.path.expanduser(os.fsdecode(written)))  # noqa: PTH111, PTH118 - any bytes
        if blocks(path):
            yield path


def _settings(store: str | Path) -> bytes:
    try:
        return read_plain(Path(store) / "config", most=SMALL, follow=True)
    except (OSError, NotPlain):
        return b""


def _below(folder: str) -> Iterator[str]:
    yield from _blocking(folder)
    for entry in _listed(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)


def _blocking(folder: str) -> Iterator[str]:
    for entry in _listed(folder):
        if not (entry.is_file() or entry.is_dir()) and blocks(entry.path):
            yield entry.path


def _in_the_tree(folder: Path) -> str | None:
    return next((f"{folder}/{name}" for name in _IN_THE_TREE if blocks(f"{folder}/{name}")), None)


def _listed(folder: str) -> list[os.DirEntry[str]]:
    """The entries of a folder; none where there is no folder."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


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
    "protocol.allow=never",
    "protocol.file.allow=always",
    "protocol.ssh.allow=always",
    "protocol.https.allow=always",
    "protocol.ext.allow=never",
)
_LOOK = 10.0
"""Seconds after which it is worth looking whether git waits for something that never comes."""
_KEPT_ON_WINDOWS = ("SYSTEMROOT", "TEMP", "TMP", "PATHEXT", "COMSPEC", "PROGRAMDATA")


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


@dataclass(frozen=True, slots=True)
class SshAccess:
    """What is needed to reach a remote, named by the caller: the agent's socket, the home folder
    (known_hosts, and .netrc with the names and passwords for https), the whole ssh command when it
    is not plain `ssh`, and a file with certificates that https servers are trusted by."""

    agent: str | None = None
    home: str | None = None
    command: str | None = None
    authority: str | None = None

    def variables(self) -> dict[str, str]:
        """BatchMode: a question nobody can see would hang the push."""
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
    """Runs git in a folder; raises GitMissing, or GitFailed on an exit code not `accepted`."""
    refuse_obstacles(folder, variables or {})
    ran = _run(_command(arguments, config), folder, given, _environment(variables), seconds)
    if ran.code not in accepted:
        raise failed(arguments[0], ran)
    return ran


def failed(command: str, ran: Ran) -> GitFailed:
    """The error of a git command that came to nothing, in plain words."""
    trouble = explain(ran.trouble or f"код {ran.code}")
    return GitFailed(command, trouble.words, trouble.step)


@contextmanager
def open_git(
    *arguments: str,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    config: Iterable[str] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """A git process to talk with through stdin and stdout; it is ended on the way out."""
    process = start_git(*arguments, folder=folder, variables=variables, config=config)
    try:
        yield process
    finally:
        end(process)


def start_git(
    *arguments: str,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    config: Iterable[str] = (),
) -> subprocess.Popen[bytes]:
    """As open_git, for an owner that calls `end` itself."""
    refuse_obstacles(folder, variables or {})
    try:
        return subprocess.Popen(  # noqa: S603  # git by its full path, no shell, own arguments
            _command(arguments, config),
            cwd=folder,
            env=_environment(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise GitMissing from error


def end(process: subprocess.Popen[bytes]) -> None:
    """Closes the pipes and waits: no process outlives its reader."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            _close(pipe)
    process.kill()
    process.wait()


def feed(pipe: IO[bytes], parts: Iterable[bytes]) -> Thread:
    """Writes to a process from a thread of its own, then closes: reading goes on meanwhile."""

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


def run_keygen(*arguments: str, given: bytes = b"", agent: str | None = None) -> Ran:
    """Runs ssh-keygen; raises KeyMissing when it is not installed."""
    program = find_program("ssh-keygen")
    if program is None:
        raise KeyMissing(
            "Программа ssh-keygen не установлена", "Debian, Ubuntu: apt-get install openssh-client"
        )
    variables = {"SSH_AUTH_SOCK": agent} if agent else {}
    return _run([program, *arguments], None, given, _environment(variables), None)


def _run(
    command: list[str],
    folder: Path | None,
    given: bytes | None,
    environment: dict[str, str],
    seconds: float | None,
) -> Ran:
    try:
        process = subprocess.Popen(  # noqa: S603  # full path, no shell, own arguments
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except FileNotFoundError as error:
        raise GitMissing from error
    with process:
        try:
            output, errors = _answer(process, given or b"", folder, seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return Ran(124, b"", f"нет ответа за {seconds or 0:.0f} с".encode())
        except BaseException:
            process.kill()
            raise
    return Ran(process.returncode, output, errors)


def _answer(
    process: subprocess.Popen[bytes], given: bytes, folder: Path | None, seconds: float | None
) -> tuple[bytes, bytes]:
    """What it says in the end; when it is long silent, the folder is looked at for what it may be
    waiting for."""
    if folder is None or (seconds is not None and seconds <= _LOOK):
        return process.communicate(given, seconds)
    try:
        return process.communicate(given, _LOOK)
    except subprocess.TimeoutExpired:
        refuse_obstacles_among_files(folder)
        return process.communicate(timeout=None if seconds is None else seconds - _LOOK)


def _command(arguments: Iterable[str], config: Iterable[str]) -> list[str]:
    options = [part for setting in (*SAFE, *config) for part in ("-c", setting)]
    return [git_program(), *options, *arguments]


def git_program() -> str:
    """git by its full path; raises GitMissing."""
    program = find_program("git")
    if program is None:
        raise GitMissing
    return program


def _environment(variables: Mapping[str, str] | None) -> dict[str, str]:
    """Empty but for what finding programs needs; HOME leads nowhere unless given."""
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
    }
    if sys.platform == "win32":
        found |= {name: os.environ[name] for name in _KEPT_ON_WINDOWS if name in os.environ}
    return found | dict(variables or {})


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        return  # the other side has gone
