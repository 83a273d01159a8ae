"""A point in history as a person names it: one grammar for every command.

`HEAD`, `main`, `origin/main`, a tag, the beginning of a commit's id, or the number of a seal
(`0002`: the last commit it covers), each with `~2` or `^` behind it. Zeros are the time before
the first commit. Invariant: a word that is not of this form never reaches git.
"""

from __future__ import annotations

import re
from pathlib import Path

from papka.core.errors import NotFound
from papka.core.seals import TEXT, seal_file
from papka.gates.git.objects import Objects
from papka.gates.git.runner import run_git

NOTHING = "0000"
_POINT = re.compile(r"(?P<base>[A-Za-z0-9][A-Za-z0-9._/-]*)(?P<back>(?:[~^]\d*)*)")
_ZEROS = re.compile(r"0{4,40}")
_SEAL = re.compile(r"\d{4}", re.ASCII)
_SEALED = re.compile(rb"(?m)^head: sha1:([0-9a-f]{40})$")


def is_nothing(point: str) -> bool:
    """Whether it means the time before the first commit: forges write zeros for it."""
    return _ZEROS.fullmatch(point) is not None


def resolve(root: Path, point: str, tip: str = "HEAD") -> str:
    """The id of the commit a point names; seals are looked for in `tip`. Raises NotFound."""
    match = _POINT.fullmatch(point)
    if match and ".." not in point and not is_nothing(point):
        base = match["base"]
        if _SEAL.fullmatch(base):
            base = _sealed(root, base, tip)
        name = f"{base}{match['back']}^{{commit}}"
        ran = run_git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", name, folder=root,
            accepted=(0, 1, 128),
        )  # fmt: skip
        found = ran.text.strip().rpartition("\n")[2]
        if ran.code == 0 and found:
            return found
    raise NotFound(
        f"Записи «{point}» в истории архива нет",
        "Назовите номер записи (git log --oneline), ветвь, HEAD~1 или номер печати (0002)",
    )


def _sealed(root: Path, number: str, tip: str) -> str:
    """The last commit that a seal covers."""
    try:
        _, text = Objects(root).read(f"{tip}:{seal_file(int(number), TEXT)}")
    except KeyError:
        text = b""
    found = _SEALED.search(text)
    if found is None:
        raise NotFound(
            f"Печати № {number} в архиве нет",
            "Какие есть: папка records/seals; запись называют её номером, 7 знаков и больше",
        )
    return found[1].decode()
