"""Resolve points in history to commits.

A point is `HEAD`, `main`, `origin/main`, a tag, the beginning of a commit's id, or the number of a
seal (`0002`: the last commit it covers), each with `~2` or `^` behind it; zeros are the time before
the first commit. A word that is not of this form never reaches git. A commit that an act of
destruction rewrote is found by the id it was signed with, as paper and seals name it.
"""

from __future__ import annotations

import re
from pathlib import Path

from papka.core.errors import GitFailed, NotFound
from papka.core.places import TEXT, seal_file
from papka.repository.objects import Objects, shared_reader
from papka.repository.rewritten_commits import rewritten_commits
from papka.repository.runner import explain_failure, is_anothers, run_git

NOTHING = "0000"
_POINT = re.compile(r"(?P<base>[A-Za-z0-9][A-Za-z0-9._/-]*)(?P<back>(?:[~^]\d*)*)")
_SEALED = re.compile(rb"(?m)^head: sha1:([0-9a-f]{40})$")


def is_nothing(point: str) -> bool:
    """Whether a point is the time before the first commit; forges write zeros for it."""
    return re.fullmatch(r"0{4,40}|0{64}", point) is not None


def resolve(root: Path, point: str, tip: str = "HEAD", objects: Objects | None = None) -> str:
    """Return the id of the commit a point names; seals are read in `tip`. Raise NotFound.

    `objects`: a reader of the same store, which is asked first and saves a process.
    """
    match = _POINT.fullmatch(point)
    if match and ".." not in point and not is_nothing(point):
        base = match["base"]
        if re.fullmatch(r"\d{4}", base, re.ASCII):
            base = _find_last_sealed(root, base, tip)
        name = f"{base}{match['back']}^{{commit}}"
        objects = objects or shared_reader(root)
        if objects is not None and (known := _look_up(objects, name)):
            return known
        ran = run_git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", name, folder=root,
            accepted=(0, 1, 128),
        )  # fmt: skip
        found = ran.text.strip().rpartition("\n")[2]
        if ran.code == 0 and found:
            return found
        if is_anothers(ran):
            raise explain_failure("rev-parse", ran)
        if found := _find_rewritten(root, base, match["back"]):
            return found
    raise NotFound(
        f"Сохранения «{point}» в истории архива нет",
        "Назовите номер сохранения (git log --oneline), ветвь, HEAD~1 или номер пломбы (0002)",
    )


def _look_up(objects: Objects, name: str) -> str:
    """Return the id of an object; "" when it is missing or git does not read the store."""
    try:
        found = objects.look_up(name)
    except GitFailed:
        return ""
    return found[0] if found else ""


def _find_rewritten(root: Path, beginning: str, back: str) -> str:
    """Return the id in the store of a commit named as it was signed, before an act of destruction
    rewrote it; "" when there is none."""
    if not re.fullmatch(r"[0-9a-f]{7,64}", beginning):
        return ""
    main = run_git("rev-parse", "--verify", "--quiet", "HEAD^{commit}", folder=root,
                   accepted=(0, 1, 128)).text.strip()  # fmt: skip
    stored = rewritten_commits(root, main).find_stored(beginning) if main else None
    return resolve(root, f"{stored}{back}") if stored else ""


def _find_last_sealed(root: Path, number: str, tip: str) -> str:
    """Return the id of the last commit that a seal covers; raise NotFound."""
    seal = Objects(root).find(f"{tip}:{seal_file(int(number), TEXT)}")
    found = _SEALED.search(seal[1]) if seal else None
    if found is None:
        raise NotFound(
            f"Пломбы № {number} в архиве нет",
            "Какие есть: папка records/seals; сохранение называют его номером, 7 знаков и больше",
        )
    return found[1].decode()
