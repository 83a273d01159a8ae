"""What must stand on the machine itself: git, venv, Pango, and programs that tests call.

Invariants: nothing is installed unasked unless the person is root or said --yes; the command is
always printed first. Presence is judged by what will be used (a library loads, a program is
found), not by a package manager's list, so that it works on any Linux.
"""
# ruff: noqa: S603 - apt-get and sudo are run by the path found, with words of our own

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from starting.voice import Stop, agreed, command, step

_PANGO = {
    "linux": (
        ("libpango-1.0-0", "libpango-1.0.so.0"),
        ("libpangoft2-1.0-0", "libpangoft2-1.0.so.0"),
        ("libharfbuzz-subset0", "libharfbuzz-subset.so.0"),
    ),
    "darwin": (("pango", "libpango-1.0.0.dylib"),),
    "win32": (("mingw-w64-x86_64-pango", "libpango-1.0-0.dll"),),
}
_BREW_NAMES = {
    "poppler-utils": "poppler",
    "openssh-client": "openssh",
    "chromium-headless-shell": "chromium",
}
_ON_WINDOWS = (
    "Установите git (https://git-scm.com) и MSYS2 (https://www.msys2.org), в нём выполните "
    "pacman -S mingw-w64-x86_64-pango mingw-w64-x86_64-poppler mingw-w64-x86_64-qpdf, добавьте "
    "C:\\msys64\\mingw64\\bin в PATH и в переменную WEASYPRINT_DLL_DIRECTORIES и повторите."
)
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_BREW = ("/opt/homebrew/lib", "/usr/local/lib")
_MSYS = ("C:\\msys64\\ucrt64\\bin", "C:\\msys64\\mingw64\\bin")
_WEB_TLS = tuple(
    Path(folder, "lighttpd", "mod_openssl.so")
    for folder in ("/usr/lib", "/usr/lib64", "/opt/homebrew/lib", "/usr/local/lib")
)
"""Debian packs the web server's TLS by itself; elsewhere it comes with the server."""
_APT_LISTS = Path("/var/lib/apt/lists")
_APT_REASONS = (
    ("enough free space", "на диске не хватает места. Освободите около 500 МБ и повторите"),
    ("No space left", "на диске кончилось место. Освободите около 500 МБ и повторите"),
    ("Could not get lock", "пакеты сейчас ставит другая программа. Дождитесь её и повторите"),
    ("Failed to fetch", "нет связи с сервером пакетов. Проверьте сеть и повторите"),
)


class Need(NamedTuple):
    """A Debian package and the question whether what it gives is there already."""

    package: str
    present: Callable[[], bool]


def for_environment() -> list[Need]:
    return [Need(_venv_package(), lambda: importlib.util.find_spec("ensurepip") is not None)]


def for_work() -> list[Need]:
    libraries = _PANGO.get(sys.platform, ())
    pango = [Need(package, partial(_loads, file)) for package, file in libraries]
    return [_program("git", "git"), *pango]


def for_tests() -> list[Need]:
    return [
        _program("poppler-utils", "pdftotext"),
        _program("qpdf", "qpdf"),
        _program("openssh-client", "ssh-keygen"),
        _program("openssh-server", "sshd"),
        Need("tcc", lambda: any(shutil.which(name) for name in ("tcc", "gcc", "cc"))),
        Need("libc6-dev", Path("/usr/include/dlfcn.h").is_file),
        _program("openssl", "openssl"),
        _program("lighttpd", "lighttpd"),
        Need("lighttpd-mod-openssl", lambda: any(file.is_file() for file in _WEB_TLS)),
        _program("logrotate", "logrotate"),
        Need("chromium-headless-shell", lambda: any(map(shutil.which, BROWSERS))),
    ]


def provide(needs: Iterable[Need], *, yes: bool) -> None:
    """Installs what is missing, or raises Stop with the command for the person to run."""
    missing = [need.package for need in needs if not need.present()]
    if not missing:
        return
    step(f"Не хватает системных пакетов: {', '.join(missing)}")
    if sys.platform == "darwin":
        names = " ".join(_BREW_NAMES.get(package, package) for package in missing)
        raise Stop(f"Установите их командой brew install {names} и повторите.")
    if sys.platform == "win32":
        raise Stop(_ON_WINDOWS)
    apt = shutil.which("apt-get")
    if apt is None:
        raise Stop(
            f"Здесь нет apt-get. Найдите в своей системе пакеты, которые в Debian зовутся "
            f"{' '.join(missing)}, установите их и повторите."
        )
    _install(apt, missing, yes=yes)


def _install(apt: str, packages: list[str], *, yes: bool) -> None:
    words = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    prefix = _as_root(words, yes=yes)
    update, install = [*prefix, apt, "update"], [*prefix, apt, *words[1:]]
    # lists that are there may name versions that the server no longer has: then once more
    if any(_APT_LISTS.glob("*_Packages*")) and _apt(install).returncode == 0:
        return
    renewed = _apt(update)
    done = _apt(install)
    if done.returncode:
        said = (renewed.stdout + renewed.stderr + done.stdout + done.stderr).decode(
            errors="replace"
        )
        raise Stop(f"apt-get не смог установить {', '.join(packages)}: {_reason(said)}.")


def _reason(said: str) -> str:
    for mark, reason in _APT_REASONS:
        if mark in said:
            return reason
    errors = [line for line in said.splitlines() if line.startswith("E:")]
    return " ".join(errors[-3:]) or "причину он не назвал"


def _as_root(words: list[str], *, yes: bool) -> list[str]:
    """The words to put before apt-get: none for root, sudo after consent; Stop otherwise."""
    if os.geteuid() == 0:
        return []
    steps = [words] if any(_APT_LISTS.glob("*_Packages*")) else [["apt-get", "update"], words]
    asked = " && ".join(" ".join(["sudo", *step]) for step in steps)
    sudo = shutil.which("sudo")
    if sudo is None:
        asked = asked.replace("sudo ", "")
        raise Stop(f"Попросите администратора выполнить и повторите:\n  {asked}")
    if yes:
        return [sudo]
    if not sys.stdin.isatty() or not agreed(f"Выполнить {asked}?"):
        raise Stop(f"Выполните сами и повторите (или добавьте --yes):\n  {asked}")
    return [sudo]


def _apt(words: list[str]) -> subprocess.CompletedProcess[bytes]:
    command(words)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    # on a machine just started another apt-get may still hold the lock
    waiting = [*words, "-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0"]
    out, both = subprocess.PIPE, subprocess.STDOUT
    return subprocess.run(waiting, env=quiet, stdout=out, stderr=both, check=False)


def _venv_package() -> str:
    """Debian splits ensurepip off; its package is named by the interpreter that runs."""
    own = Path(sys.executable).resolve() == Path("/usr/bin/python3").resolve()
    return "python3-venv" if own else f"python3.{sys.version_info.minor}-venv"


def _program(package: str, name: str) -> Need:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return Need(package, lambda: shutil.which(name, path=path) is not None)


def _loads(file: str) -> bool:
    folders = {"darwin": _BREW, "win32": _dll_folders()}.get(sys.platform, ())
    for candidate in (file, *(str(Path(folder, file)) for folder in folders)):
        try:
            ctypes.CDLL(candidate)
        except OSError:
            continue
        return True
    return False


def _dll_folders() -> tuple[str, ...]:
    named = os.environ.get("WEASYPRINT_DLL_DIRECTORIES", "")
    return tuple(part for part in named.split(";") if part) or _MSYS


def library_paths() -> dict[str, str]:
    """Environment for what we start, so that it finds Pango where it usually lies."""
    if sys.platform == "darwin":
        found = [folder for folder in _BREW if Path(folder).is_dir()]
        return {"DYLD_FALLBACK_LIBRARY_PATH": ":".join([*found, "/usr/lib"])}
    if sys.platform == "win32":
        found = [folder for folder in _dll_folders() if Path(folder).is_dir()]
        return {"WEASYPRINT_DLL_DIRECTORIES": ";".join(found)} if found else {}
    return {}
