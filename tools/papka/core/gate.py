"""The program that a hosted store runs before anything comes in: its text, and reading it back.

Invariants: it lets nothing in when papka is not where it says; whatever differs by one byte, the
two places apart, is not this text. Absent on purpose: writing it, and what the check asks.
"""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

GATE = "pre-receive"
HOSTED = "papka.hosted"
"""The setting that marks a store made by `mirror host`: there a gate must stand."""
_TEXT = """\
#!/bin/sh
# Пишет и исправляет `papka mirror host`: правки здесь не сохранятся.
python={python}
papka={package}
if [ -x "$python" ] && [ -f "$papka/__main__.py" ]; then
    exec "$python" -I -m papka mirror admit
fi
echo 'проверка на сервере не запускается (программа papka удалена или перенесена)' >&2
echo 'ничего не принято; пусть тот, кто ведёт сервер, повторит papka mirror host' >&2
exit 1
"""
_MARK = _TEXT.partition("python=")[0].encode()
_SHAPE = re.compile(re.escape(_TEXT).replace(r"\{python\}", "(.+)").replace(r"\{package\}", "(.+)"))


class Installed(NamedTuple):
    """Where a papka lies: its interpreter, and the folder of the package."""

    python: str
    package: str


def gate_text(installed: Installed) -> bytes:
    """What the file holds that runs the check of this papka."""
    python, package = map(shlex.quote, installed)
    return _TEXT.format(python=python, package=package).encode()


def read_gate(text: bytes) -> Installed | None:
    """Whose check it runs; None when it is not, byte for byte, what `mirror host` writes."""
    found = _SHAPE.fullmatch(text.decode("utf-8", "replace"))
    if found is None:
        return None
    try:
        python, package = (shlex.split(each) for each in found.groups())
    except ValueError:
        return None
    if len(python) != 1 or len(package) != 1:
        return None
    installed = Installed(python[0], package[0])
    return installed if gate_text(installed) == text else None


def is_begun_as_gate(text: bytes) -> bool:
    """Whether `mirror host` wrote it, even by another edition of papka, or somebody changed it."""
    return text.startswith(_MARK)
