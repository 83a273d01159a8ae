"""Talks with other stores: lists their refs, pushes one commit to one branch, compares.

Invariants: a push names the value it replaces and only ever moves a branch forward; a store's own
configuration here (`receivepack`, hooks) is not obeyed; nobody is asked for a password.
Absent on purpose: fetching into the archive, deciding who is sent what (`tasks.mirror`).
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from papka.core.errors import RemoteRefused, RemoteUnreachable
from papka.core.store import MAIN
from papka.gates.git.cleanroom import borrow
from papka.gates.git.repository import Remote
from papka.gates.git.runner import Ran, SshAccess, run_git

SECONDS = 60.0
"""How long a store may keep silent when it is only asked."""
_PUSH_SECONDS = 3600.0
_LISTED = re.compile(r"^(?P<id>[0-9a-f]{40})\t(?P<ref>\S+)$", re.MULTILINE)
_REFUSED = re.compile(r"^!\t\S+\t(?P<why>.*)$", re.MULTILINE)

Kind = Literal["equal", "behind", "ahead", "diverged"]


@dataclass(frozen=True, slots=True)
class Relation:
    """Their commit seen from ours: `behind` by `count` commits, `ahead` by as many…"""

    kind: Kind
    count: int = 0


def remote_refs(root: Path, remote: Remote, access: SshAccess | None = None) -> dict[str, str]:
    """All refs of a store, HEAD left out; raises RemoteUnreachable."""
    ran = _ask(root, access, "ls-remote", "--refs", "--upload-pack=git-upload-pack", remote.url)
    if ran.code:
        raise RemoteUnreachable(remote.name, _reason(ran))
    return {match["ref"]: match["id"] for match in _LISTED.finditer(ran.text)}


def push_commit(
    root: Path,
    remote: Remote,
    commit: str,
    *,
    expected: str | None,
    access: SshAccess | None = None,
) -> None:
    """Moves the store's main from `expected` (None: it has none) to `commit`.

    The caller has made sure that it is forward. Raises RemoteRefused or RemoteUnreachable.
    """
    ran = _ask(
        root, access,
        "push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags",
        "--recurse-submodules=no", "--receive-pack=git-receive-pack",
        f"--force-with-lease={MAIN}:{expected or ''}",
        "--", remote.url, f"{commit}:{MAIN}",
        seconds=_PUSH_SECONDS,
    )  # fmt: skip
    refused = _REFUSED.search(ran.text)
    if refused is not None:
        stale = "stale info" in refused["why"]
        raise RemoteRefused(
            remote.name,
            "его тем временем изменили" if stale else refused["why"],
            "Посмотрите, чем оно отличается: papka mirror status",
        )
    if ran.code:
        raise RemoteUnreachable(remote.name, _reason(ran))


def relation(
    root: Path, remote: Remote, theirs: str, ours: str, access: SshAccess | None = None
) -> Relation:
    """How a store's main stands to ours; what we lack is fetched into a folder thrown away.

    Raises RemoteUnreachable.
    """
    if theirs == ours:
        return Relation("equal")
    if _is_here(root, theirs):
        return _compare(root, theirs, ours)
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        folder = Path(name)
        borrow(folder, root / ".git" / "objects")
        ran = _ask(
            folder, access,
            "fetch", "-q", "--no-tags", "--no-write-fetch-head", "--upload-pack=git-upload-pack",
            "--", remote.url, f"{MAIN}:{MAIN}",
        )  # fmt: skip
        if ran.code:
            raise RemoteUnreachable(remote.name, _reason(ran))
        return _compare(folder, theirs, ours)


def note_confirmed(root: Path, remote: Remote, commit: str) -> None:
    """Remembers what a store said it has."""
    run_git("update-ref", f"refs/remotes/{remote.name}/main", commit, folder=root)


def last_confirmed(root: Path, remote: Remote) -> str | None:
    """What the store was last known to have."""
    ref = f"refs/remotes/{remote.name}/main"
    ran = run_git("rev-parse", "--verify", "--quiet", ref, folder=root, accepted=(0, 1))
    return ran.text.strip() or None


def _compare(folder: Path, theirs: str, ours: str) -> Relation:
    """git counts what only one of them has."""
    ran = run_git("rev-list", "--left-right", "--count", f"{theirs}...{ours}", folder=folder)
    only_theirs, only_ours = (int(word) for word in ran.text.split())
    if only_theirs and only_ours:
        return Relation("diverged", only_theirs)
    return Relation("ahead", only_theirs) if only_theirs else Relation("behind", only_ours)


def _is_here(root: Path, id_: str) -> bool:
    ran = run_git("cat-file", "-e", f"{id_}^{{commit}}", folder=root, accepted=(0, 1, 128))
    return ran.code == 0


def _ask(folder: Path, access: SshAccess | None, *arguments: str, seconds: float = SECONDS) -> Ran:
    return run_git(
        *arguments,
        folder=folder,
        variables=(access or SshAccess()).variables(),
        accepted=range(-64, 256),
        seconds=seconds,
    )


_KNOWN = (
    ("dubious ownership", "папка зеркала принадлежит другому пользователю этого компьютера"),
    ("does not appear to be a git repository", "по этому адресу хранилища нет"),
    ("does not exist", "по этому адресу хранилища нет"),
    ("Host key verification failed", "ключ сервера неизвестен: зайдите на него один раз через ssh"),
    ("Permission denied", "сервер не принял ключ входа"),
    ("Could not resolve host", "имя сервера не находится"),
    ("Connection refused", "сервер не отвечает"),
    ("timed out", "сервер не отвечает"),
    ("No route to host", "до сервера нет дороги"),
    ("No space left", "на носителе кончилось место"),
)


def _reason(ran: Ran) -> str:
    """git's complaint in plain words where it is a known one, else its first line."""
    for sign, words in _KNOWN:
        if sign in ran.trouble:
            return words
    lines = [line for line in ran.trouble.splitlines() if line.strip()]
    return lines[0].removeprefix("fatal: ") if lines else f"код {ran.code}"
