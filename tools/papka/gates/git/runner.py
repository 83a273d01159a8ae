"""Runs git and the ssh tools, always in an environment built from nothing.

Invariants: no variable of the caller reaches git except what a parameter names; no hook, monitor,
pager, credential helper or user configuration is asked; nothing waits for a keyboard.
Absent on purpose: a shell.
"""

from __future__ import annotations

import os
import shlex
import subprocess  # the one place, with its siblings: see the package
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

from papka.core.errors import GitFailed, GitMissing, KeyMissing
from papka.gates.git.obstacles import refuse_obstacles, refuse_obstacles_among_files
from papka.gates.git.troubles import explain
from papka.gates.programs import find_program, search_path

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
