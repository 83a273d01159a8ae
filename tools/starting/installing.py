"""`start.py install` and `uninstall`: papka on the person's path, whatever becomes of the sources.

Invariants: all that is made is one venv in the user's data folder, with a copy of the program in
it, and the launchers; a launcher of another make is neither replaced nor taken away.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from starting.environment import ROOT, RUNNING, Environment
from starting.system import library_paths
from starting.voice import Stop, say, step

_MARK = "papka: made by tools/start.py install, taken away by tools/start.py uninstall"
_NAMES = ("papka", "папка")
_WINDOWS = sys.platform == "win32"
_PROFILE = "~/.zprofile" if sys.platform == "darwin" else "~/.profile"


def place() -> Environment:
    """The venv of the installed program, made or not."""
    return Environment(_data() / "papka" / "venv")


def install() -> None:
    """Makes it or brings it up to date; raises Stop before anything is touched that is not ours."""
    launchers = _launchers()
    for file in launchers:
        if file.exists() and not _is_ours(file):
            raise Stop(f"{file} — другая программа. Уберите её или переименуйте и повторите.")
    environment = place()
    environment.folder.parent.mkdir(parents=True, exist_ok=True)
    environment.make(RUNNING)
    step(f"Копирую программу в {environment.folder}")
    _copy(environment.libraries)
    for file in launchers:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_launcher(file, environment)
    first = launchers[0]
    if _is_on_path(first.parent):
        say(f"Готово: {' и '.join(_NAMES)}. Проверьте: papka --version")
        return
    say(f"Готово: {first}. Проверьте: {shlex.quote(str(first))} --version")
    say(_how_to_find(first.parent))


def uninstall() -> None:
    """Takes away what `install` made, and nothing else."""
    environment = place()
    found = [file for file in _launchers() if file.exists() and _is_ours(file)]
    for file in found:
        file.unlink()
        say(f"Удалено: {file}")
    if environment.folder.is_dir():
        shutil.rmtree(environment.folder)
        say(f"Удалено: {environment.folder}")
    elif not found:
        say("Удалять нечего: papka для этого пользователя не установлена.")
    parent = environment.folder.parent
    if parent.is_dir() and not any(parent.iterdir()):
        parent.rmdir()


def _copy(libraries: Path) -> None:
    """The package with all it brings along, laid out as the wheel has it."""
    for source, name in _contents():
        target = libraries / name
        new = target.with_name(f"{target.name}.new")
        if source.is_file():
            shutil.copyfile(source, target)
            continue
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(source, new, ignore=shutil.ignore_patterns("__pycache__"))
        if target.exists():
            shutil.rmtree(target)
        new.replace(target)


def _contents() -> Iterator[tuple[Path, str]]:
    """What the wheel takes of the sources, and how it calls each; the package itself first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    for package in wheel["packages"]:
        yield ROOT / package, Path(package).name
    for source, name in wheel.get("force-include", {}).items():
        yield ROOT / source, name


def _launchers() -> list[Path]:
    folder = _home() / ".local" / "bin"
    return [folder / (f"{name}.cmd" if _WINDOWS else name) for name in _NAMES]


def _write_launcher(file: Path, environment: Environment) -> None:
    """Isolated: nothing in the folder that one stands in, or in the shell, is taken for papka."""
    variables = library_paths().items()
    if _WINDOWS:
        lines = [f"@rem {_MARK}", *(f"@set {name}={value}" for name, value in variables)]
        # by its variable: the console's encoding need not know the letters of the user's name
        lines += ['@"%LOCALAPPDATA%\\papka\\venv\\Scripts\\python.exe" -I -m papka %*', ""]
        file.write_bytes("\r\n".join(lines).encode())
        return
    exports = [f"export {name}={shlex.quote(value)}" for name, value in variables]
    run = f'exec {shlex.quote(str(environment.python))} -I -m papka "$@"'
    new = file.with_name(f"{file.name}.new")
    new.write_text("\n".join(["#!/bin/sh", f"# {_MARK}", *exports, run, ""]), encoding="utf-8")
    new.chmod(0o755)
    new.replace(file)


def _is_ours(file: Path) -> bool:
    try:
        return _MARK.encode() in file.read_bytes()[:1000]
    except OSError:
        return False


def _is_on_path(folder: Path) -> bool:
    return str(folder) in os.environ.get("PATH", "").split(os.pathsep)


def _how_to_find(folder: Path) -> str:
    if _WINDOWS:
        return (
            f"Чтобы звать её просто papka, добавьте папку {folder} в переменную Path: "
            "Параметры → Система → О системе → Дополнительные параметры → Переменные среды."
        )
    named = (
        "$HOME/.local/bin" if folder == Path(os.environ.get("HOME", ""), ".local/bin") else folder
    )
    line = f'export PATH="{named}:$PATH"'
    return (
        "Чтобы звать её просто papka, выполните один раз обе строки:\n"
        f"  echo {shlex.quote(line)} >> {_PROFILE}\n"
        f"  {line}"
    )


def _data() -> Path:
    """Where a user's programs keep their data; the standard has a relative one passed over."""
    named = os.environ.get("LOCALAPPDATA" if _WINDOWS else "XDG_DATA_HOME", "")
    return Path(named) if Path(named).is_absolute() else _home() / ".local" / "share"


def _home() -> Path:
    """This user's folder, whatever HOME says."""
    if _WINDOWS or Path(os.environ.get("HOME", "")).is_absolute():
        return Path.home()
    import pwd  # posix alone has it

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        raise Stop("Домашней папки нет: задайте её переменной HOME и повторите.") from None
