"""Carry acts of destruction out on mirrors: main goes over to the act, then the store is purged.

An act does not continue what a mirror has, so no plain push moves main to it, and none may. It is
sent as a branch of its own. In a folder papka carries it out itself; the school's own server does
so in its hooks: the first judges what comes as it judges any push, the second calls `carry_out`.
Any other server keeps what is destroyed, whatever it is told, and has to be made anew.

The branch goes last. Where it is still there, the work was cut off, and the next push ends it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from papka.copies.mirror_store import far_side, writing_alone
from papka.copies.transport import ask, push_act, remote_refs
from papka.core.errors import NotFound, RemoteDeclined, RemoteKeeps, RemoteRefused
from papka.core.phrases import count_phrase
from papka.proof.clean_room import clean_room
from papka.proof.layers import is_continuation, read_line
from papka.repository.commit_snapshots import CommitTree, is_ancestor
from papka.repository.git_values import MAIN
from papka.repository.handle import Remote, init, is_remote
from papka.repository.purging import ACT_REF, purge_store, read_destroyed
from papka.repository.runner import SshAccess, run_git
from papka.repository.store import Store, locate, read_refs

_REF = re.compile(re.escape(ACT_REF) + r"(?P<act>[1-9][0-9]{0,5})\.(?P<attempt>[1-9][0-9]{0,5})")


def is_act_ref(ref: str) -> bool:
    """Whether a branch is one that carries an act."""
    return _REF.fullmatch(ref) is not None


def list_acts(refs: Mapping[str, str]) -> tuple[str, ...]:
    """Return the branches among `refs` that carry acts not carried out yet, the oldest first."""
    found = [match for ref in refs if (match := _REF.fullmatch(ref))]
    return tuple(m[0] for m in sorted(found, key=lambda m: (int(m["act"]), int(m["attempt"]))))


def carry_out(place: Path) -> tuple[str, ...]:
    """Carry out the acts that a bare store was sent.

    Return lines for the person who sent them, () when there was nothing to do. What main got
    meanwhile is never lost. Raises PurgeIncomplete, GitFailed, LockHeld.
    """
    store = locate(place)
    if not list_acts(_refs_of(store)):
        return ()
    with writing_alone(store):
        refs = _refs_of(store)
        for ref in list_acts(refs):
            if not _take_act(place, store, refs[ref]):
                run_git("update-ref", "-d", ref, folder=place)
                return ("пока принимали акт, сюда пришло новое сохранение: повторите",)
        purged = purge_store(store)
        for ref in list_acts(_refs_of(store)):
            run_git("update-ref", "-d", ref, folder=place)
    count = count_phrase(purged.objects, "объект", "объекта", "объектов")
    return (f"акт об уничтожении исполнен: хранилище очищено, в нём {count} и ничего лишнего",)


def _refs_of(store: Store) -> dict[str, str]:
    return read_refs(store.own, store.common).ids


def _take_act(place: Path, store: Store, new: str) -> bool:
    """Move main to an act that continues it; False when something newer has come to main."""
    main = _refs_of(store).get(MAIN, "")
    if main and (main == new or is_ancestor(place, new, main)):
        return True
    with clean_room(store) as room:
        line, _ = read_line(room, new)
    if main and not is_continuation(line, main):
        return False
    run_git("update-ref", MAIN, new, main or "0" * 40, folder=place)
    return True


def send_act(
    root: Path,
    remote: Remote,
    commit: str,
    refs: Mapping[str, str],
    access: SshAccess | None = None,
) -> None:
    """Bring a mirror to `commit`, whose history continues the mirror's by an act, and purge it.

    `refs`: those of the mirror now. Raises RemoteRefused, RemoteUnreachable.
    """
    act = max(read_destroyed(root, commit).acts, default=1)
    known = [match for ref in refs if (match := _REF.fullmatch(ref)) and int(match["act"]) == act]
    attempt = max((int(match["attempt"]) for match in known), default=0) + 1
    ref = f"{ACT_REF}{act}.{attempt}"
    try:
        said = push_act(root, remote, commit, ref, access)
    except (RemoteDeclined, RemoteKeeps) as error:
        raise RemoteRefused(remote.name, _strip(error), _how_to_make(remote)) from error
    far = far_side(root, remote)
    if far.store is not None:
        carry_out(far.store.common)
    after = remote_refs(root, remote, access)
    left = list_acts(after)
    if left or after.get(MAIN) != commit:
        reason = f"{_NOT_DONE} ({said})" if said else _NOT_DONE
        raise RemoteRefused(remote.name, reason, _how_to_make(remote))


_NOT_DONE = "акт об уничтожении туда отправлен, но не исполнен: уничтоженное ещё лежит там"


def _strip(error: RemoteRefused) -> str:
    """Return the reason alone: it is told again about the same mirror."""
    return error.message.partition(": ")[2]


def _how_to_make(remote: Remote) -> str:
    if not is_remote(remote.url):
        return "Повторите: papka mirror push"
    return (
        "Если это сервер школы, пусть тот, кто его ведёт, обновит на нём papka и повторит papka "
        "mirror host ПАПКА; затем: papka mirror push. На чужом сервере удалите хранилище, сделайте "
        f"пустое и выполните: papka mirror recreate {remote.name}"
    )


def still_there(
    root: Path, remote: Remote, ids: Iterable[str], access: SshAccess | None = None
) -> tuple[str, ...] | None:
    """Ask a mirror on a server for objects by their ids; return those that it still gives.

    None when it answers no such questions: then only its own word stands, given by the branch of
    the act, which goes when nothing is left there. Raises RemoteUnreachable.
    """
    asked = tuple(ids)
    main = remote_refs(root, remote, access).get(MAIN, "")
    try:
        known = CommitTree(root, main).state.tree
    except NotFound:
        return None
    if not _gives(root, remote, known, access):
        return None
    return tuple(id_ for id_ in asked if _gives(root, remote, id_, access))


def _gives(root: Path, remote: Remote, id_: str, access: SshAccess | None) -> bool:
    """Whether a mirror hands out an object that no branch of it names; servers that talk by the
    second edition of git's protocol do, of all that they hold."""
    far = far_side(root, remote)
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        init(Path(name), bare=True)
        ran = ask(
            Path(name), access,
            "fetch", "-q", "--no-tags", "--no-write-fetch-head", "--depth=1",
            far.upload_pack, "--", far.address, id_, config=(*far.config, "protocol.version=2"),
        )  # fmt: skip
        return not ran.code
