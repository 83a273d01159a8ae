"""Talks with other stores: lists their refs, pushes one commit to one branch, compares.

Invariants: a push names the value it replaces and only ever moves a branch forward; every talk
starts in an empty repository, so no configuration of the archive (`insteadOf`, `pushurl`, hooks) is
obeyed; git on the other side of a folder runs none of that folder's programs; nobody is asked for
a password. Absent on purpose: fetching into the archive (`quarantine`), deciding who gets what
(`tasks`).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from papka.core.errors import (
    RemoteDeclined,
    RemoteRefused,
    RemoteUnreachable,
    cannot_access,
)
from papka.core.store import MAIN
from papka.gates import durable
from papka.gates.git.borrowing import borrow
from papka.gates.git.far import far_side
from papka.gates.git.refs import read_refs
from papka.gates.git.repository import Remote
from papka.gates.git.runner import Ran, SshAccess, run_git
from papka.gates.git.store import Store, locate
from papka.gates.git.troubles import Trouble, explain_talk

SECONDS = 60.0
"""How long a store may keep silent when it is only asked."""
_PUSH_SECONDS = 3600.0
_LISTED = re.compile(r"^(?P<id>[0-9a-f]{40})\t(?P<ref>\S+)$", re.MULTILINE)
_REFUSED = re.compile(r"^!\t\S+\t(?P<why>.*)$", re.MULTILINE)
_TOLD = re.compile(r"^remote: (?P<words>.*\S)\s*$", re.MULTILINE)
_COMPARE = "Посмотрите, чем оно отличается: papka mirror status"

Kind = Literal["equal", "behind", "ahead", "diverged"]


@dataclass(frozen=True, slots=True)
class Relation:
    """Their commit seen from ours: `behind` by `count` commits, `ahead` by as many…"""

    kind: Kind
    count: int = 0


def remote_refs(root: Path, remote: Remote, access: SshAccess | None = None) -> dict[str, str]:
    """All refs of a store, HEAD left out; raises RemoteUnreachable, RemoteRefused."""
    far = far_side(root, remote)
    if far.store is not None and (read := _plain_refs(far.store)) is not None:
        return read
    with _room(root) as room:
        ran = ask(
            room, access,
            "ls-remote", "--refs", far.upload_pack, "--", far.address, config=far.config,
        )  # fmt: skip
    if ran.code:
        raise unreachable(remote, ran)
    return {match["ref"]: match["id"] for match in _LISTED.finditer(ran.text)}


def push_commit(
    root: Path,
    remote: Remote,
    commit: str,
    *,
    expected: str | None,
    access: SshAccess | None = None,
) -> None:
    """Moves the store's main from `expected` (None: it has none) to `commit`, which lies forward.

    Raises RemoteRefused or RemoteUnreachable.
    """
    _push(root, remote, commit, access, f"--force-with-lease={MAIN}:{expected or ''}")


def push_forward(root: Path, remote: Remote, commit: str, access: SshAccess | None = None) -> None:
    """Moves the store's main forward to `commit` from wherever below it stands.

    git itself names the value it replaces, and refuses what is not forward. Raises as push_commit.
    """
    _push(root, remote, commit, access, "--no-force")


def _push(root: Path, remote: Remote, commit: str, access: SshAccess | None, how: str) -> None:
    far = far_side(root, remote)
    since = durable.moment()
    with _room(root) as room, far.alone(remote):
        ran = ask(
            room, access,
            "push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags",
            "--recurse-submodules=no", far.receive_pack, how,
            "--", far.address, f"{commit}:{MAIN}",
            seconds=_PUSH_SECONDS, config=far.config,
        )  # fmt: skip
    refused = _REFUSED.search(ran.text)
    if refused is not None:
        trouble = _refusal(refused["why"], ran)
        kind = RemoteDeclined if "hook declined" in refused["why"] else RemoteRefused
        raise kind(remote.name, trouble.words, trouble.step or _COMPARE)
    if ran.code:
        raise unreachable(remote, ran)
    if far.store is not None:
        _settle(remote, far.store, since)


def _plain_refs(store: Store) -> dict[str, str] | None:
    """Refs of a folder, read as files; None when git must say what they are worth: one is damaged,
    or the last commit is not at hand as a file of its own."""
    refs = read_refs(store.own, store.common)
    head = refs.ids.get(MAIN)
    if refs.broken or (head and not (store.objects / head[:2] / head[2:]).is_file()):
        return None
    return {ref: id_ for ref, id_ in refs.ids.items() if ref.startswith("refs/")}


def relation(
    root: Path, remote: Remote, theirs: str, ours: str, access: SshAccess | None = None
) -> Relation:
    """How a store's main stands to ours; what we lack is fetched into a folder thrown away.

    Raises RemoteUnreachable, RemoteRefused.
    """
    if theirs == ours:
        return Relation("equal")
    with _room(root) as room:
        if not _is_here(room, theirs):
            ran = fetch_main(root, remote, room, access)
            if ran.code:
                raise unreachable(remote, ran)
        return _compare(room, theirs, ours)


def fetch_main(  # noqa: PLR0913  # what is fetched, from where, to where, and for how long
    root: Path,
    remote: Remote,
    room: Path,
    access: SshAccess | None,
    *,
    seconds: float = SECONDS,
    config: Iterable[str] = (),
) -> Ran:
    """Fetches a store's main into an empty repository of our own; any exit code is an answer."""
    far = far_side(root, remote)
    return ask(
        room, access,
        "fetch", "-q", "--no-tags", "--no-write-fetch-head", far.upload_pack,
        "--", far.address, f"{MAIN}:{MAIN}",
        seconds=seconds, config=(*far.config, *config),
    )  # fmt: skip


def note_confirmed(root: Path, remote: Remote, commit: str) -> str:
    """Remembers what a store said it has; says why it could not, for nothing is lost by that."""
    # A note of our own, so without git: its process costs as much as all else here.
    try:
        common = locate(root).common
        durable.write_whole(
            common / _noted(remote), f"{commit}\n".encode(), aside=common / f"papka-{remote.name}"
        )
    except OSError as error:
        return cannot_access(error).message
    return ""


def last_confirmed(root: Path, remote: Remote) -> str | None:
    """What the store was last known to have; read as a file, for `verify` asks too."""
    store = locate(root)
    return read_refs(store.own, store.common).ids.get(_noted(remote))


def count_unconfirmed(root: Path, remote: Remote) -> int:
    """How many commits of main the store was not yet known to have; all when it had none."""
    known = last_confirmed(root, remote)
    since = [f"^{known}"] if known else []
    ran = run_git("rev-list", "--count", MAIN, *since, folder=root, accepted=(0, 128))
    return int(ran.text) if ran.code == 0 else 0


def ask(
    folder: Path,
    access: SshAccess | None,
    *arguments: str,
    seconds: float = SECONDS,
    config: Iterable[str] = (),
) -> Ran:
    """Runs a git command that talks with another store; any exit code is an answer."""
    return run_git(
        *arguments,
        folder=folder,
        config=config,
        variables=(access or SshAccess()).variables(),
        accepted=range(-64, 256),
        seconds=seconds,
    )


def unreachable(remote: Remote, ran: Ran) -> RemoteUnreachable:
    """The error for a talk that came to nothing."""
    trouble = explain_talk(ran.trouble)
    return RemoteUnreachable(remote.name, trouble.words, trouble.step)


def _settle(remote: Remote, store: Store, since: float) -> None:
    """Brings to the disk of a folder what git there has just renamed; a server sees to its own."""
    try:
        durable.sync_objects(store.objects, since)
        durable.sync_branches(store.common)
    except OSError as error:
        raise RemoteUnreachable(remote.name, cannot_access(error).message) from error


def _refusal(why: str, ran: Ran) -> Trouble:
    """Why a store did not take it: the reason git gives, else what the store itself complains of.

    A server's own check speaks to the reader: its words are passed on.
    """
    told = [match["words"] for match in _TOLD.finditer(ran.trouble)]
    if "unpacker error" in why or "failed to update ref" in why:
        return explain_talk("\n".join([*told, why]))
    trouble = explain_talk(why)
    if "hook declined" in why and told:
        words = "; ".join("".join(c for c in line if c.isprintable()) for line in told[:3])
        return Trouble(f"{trouble.words}: {words}", trouble.step)
    return trouble


@contextmanager
def _room(root: Path) -> Iterator[Path]:
    """An empty repository that sees the archive's objects."""
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        borrow(Path(name), locate(root).objects)
        yield Path(name)


def _noted(remote: Remote) -> str:
    return f"refs/remotes/{remote.name}/main"


def _compare(folder: Path, theirs: str, ours: str) -> Relation:
    """git counts what only one of them has."""
    ran = run_git("rev-list", "--left-right", "--count", f"{theirs}...{ours}", folder=folder)
    only_theirs, only_ours = (int(word) for word in ran.text.split())
    if only_theirs and only_ours:
        return Relation("diverged", only_theirs)
    return Relation("ahead", only_theirs) if only_theirs else Relation("behind", only_ours)


def _is_here(folder: Path, id_: str) -> bool:
    ran = run_git("cat-file", "-e", f"{id_}^{{commit}}", folder=folder, accepted=(0, 1, 128))
    return ran.code == 0
