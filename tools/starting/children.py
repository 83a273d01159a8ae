"""Runs a set-up step in silence and says in one sentence why it failed.

Invariant: settings of the person's shell that would send libraries elsewhere, or mix foreign ones
in, do not reach the child; where pip takes packages from is left as configured.
"""
# ruff: noqa: S603 - only this interpreter and the venv's are run

from __future__ import annotations

import os
import subprocess

from starting.voice import Stop

_FOREIGN = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "VIRTUAL_ENV")
_REASONS = (
    ("No space left", "на диске кончилось место. Освободите около 500 МБ и повторите"),
    (
        "DO NOT MATCH THE HASHES",
        "скачанный файл не совпал с хешем из списка. Проверьте, откуда pip берёт пакеты",
    ),
    ("NewConnectionError", "нет связи с хранилищем пакетов. Проверьте сеть и повторите"),
    ("name resolution", "нет связи с хранилищем пакетов. Проверьте сеть и повторите"),
    (
        "EINTEGRITY",
        "скачанный файл не совпал с хешем из списка. Проверьте, откуда npm берёт пакеты",
    ),
    ("ENOTFOUND", "нет связи с хранилищем пакетов. Проверьте сеть и повторите"),
    ("EAI_AGAIN", "нет связи с хранилищем пакетов. Проверьте сеть и повторите"),
    ("ECONNREFUSED", "нет связи с хранилищем пакетов. Проверьте сеть и повторите"),
    ("Connection", "связь с хранилищем пакетов оборвалась. Проверьте сеть и повторите"),
    ("timed out", "хранилище пакетов не отвечает. Проверьте сеть и повторите"),
    ("SSLError", "не удалось проверить сертификат хранилища пакетов. Проверьте время и прокси"),
    (
        "No matching distribution",
        "для этой системы или этого Python нет готового пакета. Возьмите обычный CPython",
    ),
)


def quietly(words: list[str], failure: str) -> None:
    """Runs to the end in silence; raises Stop that begins with `failure` and names the cause."""
    done = subprocess.run(
        words, env=clean(), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode == 0:
        return
    text = (done.stdout + done.stderr).decode(errors="replace")
    for mark, reason in _REASONS:
        if mark in text:
            raise Stop(f"{failure}: {reason}.")
    tail = "\n".join(text.strip().splitlines()[-12:])
    raise Stop(f"{tail}\n{failure}: причина напечатана выше. Устраните её и повторите.")


def clean() -> dict[str, str]:
    """This process's environment without the foreign settings."""
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN}
