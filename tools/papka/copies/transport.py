"""Transport: list the refs of other stores, push to them, fetch from them, write and read bundles.

Every talk starts in an empty repository, so no configuration of the archive (`insteadOf`,
`pushurl`, hooks) is obeyed; git on the other side of a folder runs none of that folder's programs;
nobody is asked for a password. A push names the value it replaces and only moves main forward.

What is fetched goes into a temporary folder: `whole_copy` borrows nothing from the archive, so that
every object is sent and hashed here; a `quarantine` borrows the archive's objects, and the archive
sees nothing of what came until `absorb`, which hashes it once more. Only main is fetched.

A bundle holds the whole history of one commit and one ref, main, whatever the archive's main does
meanwhile. It is made in a clean room and read back by a fetch, every object hashed.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from papka.copies.mirror_store import far_side
from papka.copies.signed_lines import meet
from papka.core.errors import (
    GitFailed,
    RemoteDeclined,
    RemoteKeeps,
    RemoteRefused,
    RemoteUnreachable,
    cannot_access,
)
from papka.proof.clean_room import CleanRoom
from papka.repository import files
from papka.repository.commit_snapshots import head, is_ancestor
from papka.repository.commit_writing import LOOSE_AT_MOST
from papka.repository.files import open_plain
from papka.repository.git_values import ID, MAIN, Commit, Naming, parse_commit
from papka.repository.handle import Remote, init, is_remote
from papka.repository.objects import Objects
from papka.repository.runner import Ran, SshAccess, Trouble, explain_talk, open_git, run_git
from papka.repository.store import Store, borrow_objects, locate, read_refs

SECONDS = 60.0
"""How long a store may take to answer a question."""
_EXCHANGE_SECONDS = 3600.0
_COPY_SECONDS = 6 * 3600.0
_STRICT = ("fetch.fsckObjects=true",)
_LISTED = re.compile(rf"^(?P<id>{ID})\t(?P<ref>\S+)$", re.MULTILINE)
_REFUSED = re.compile(r"^!\t\S+\t(?P<why>.*)$", re.MULTILINE)
_SERVER_WORDS = re.compile(r"^remote: (?P<words>.*\S)\s*$", re.MULTILINE)
_OPTION = ("--push-option=papka-act",)
_COMPARE = "Посмотрите, чем оно отличается: papka mirror status"

RelationKind = Literal["equal", "behind", "ahead", "diverged"]


@dataclass(frozen=True, slots=True)
class Relation:
    """Their commit seen from ours: `behind` by `count` commits, `ahead` by as many; of `diverged`
    ones, how many only they have. `act`: number of the newest act that only one of the two has, 0
    for none; `is_theirs`: they have it."""

    kind: RelationKind
    count: int = 0
    act: int = 0
    is_theirs: bool = False


def remote_refs(root: Path, remote: Remote, access: SshAccess | None = None) -> dict[str, str]:
    """Return all refs of a store, HEAD left out; raises RemoteUnreachable, RemoteRefused."""
    far = far_side(root, remote)
    if far.store is not None and (read := _read_folder_refs(far.store)) is not None:
        return read
    with _borrowing_room(root) as room:
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
    """Move the store's main from `expected` (None: it has none) forward to `commit`.

    Raises RemoteRefused or RemoteUnreachable.
    """
    _push(root, remote, commit, access, f"--force-with-lease={MAIN}:{expected or ''}")


def push_forward(root: Path, remote: Remote, commit: str, access: SshAccess | None = None) -> None:
    """Move the store's main forward to `commit` from any commit below.

    git itself names the value it replaces, and refuses what is not forward. Raises as push_commit.
    """
    _push(root, remote, commit, access, "--no-force")


def push_act(
    root: Path, remote: Remote, commit: str, ref: str, access: SshAccess | None = None
) -> str:
    """Send a commit whose main the store cannot move to by itself, as a new branch.

    Return what a server says of carrying it out.

    A server that does not carry out acts is known before anything is sent to it: it takes no push
    options, and RemoteKeeps is raised. Else raises as push_commit.
    """
    is_server = is_remote(remote.url)
    how = ("--no-force", *(_OPTION if is_server else ()))
    return _push(root, remote, commit, access, *how, ref=ref)


def _push(
    root: Path,
    remote: Remote,
    commit: str,
    access: SshAccess | None,
    *how: str,
    ref: str = MAIN,
) -> str:
    """Push, and return what the store says of its own."""
    far = far_side(root, remote)
    since = files.sync_moment()
    with _borrowing_room(root) as room, far.alone(remote):
        ran = ask(
            room, access,
            "push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags",
            "--recurse-submodules=no", far.receive_pack, *how,
            "--", far.address, f"{commit}:{ref}",
            name=remote.name, seconds=_EXCHANGE_SECONDS, config=far.config,
        )  # fmt: skip
    refused = _REFUSED.search(ran.text)
    if refused is not None:
        trouble = _explain_refusal(refused["why"], ran)
        kind = RemoteDeclined if "hook declined" in refused["why"] else RemoteRefused
        raise kind(remote.name, trouble.words, trouble.step or _COMPARE)
    if "does not support push options" in ran.trouble:
        reason = "оно не исполняет актов об уничтожении, поэтому ничего не отправлено"
        raise RemoteKeeps(remote.name, reason, _COMPARE)
    if ran.code:
        raise unreachable(remote, ran)
    if far.store is not None:
        _sync_folder(remote, far.store, since)
    return _words_of(ran)


def _read_folder_refs(store: Store) -> dict[str, str] | None:
    """Read the refs of a folder as files; None when git must be asked whether they hold: a ref is
    damaged, or the last commit is not a loose object."""
    refs = read_refs(store.own, store.common)
    head = refs.ids.get(MAIN)
    if refs.broken or (head and not (store.objects / head[:2] / head[2:]).is_file()):
        return None
    return {ref: id_ for ref, id_ in refs.ids.items() if ref.startswith("refs/")}


def relation(
    root: Path, remote: Remote, theirs: str, ours: str, access: SshAccess | None = None
) -> Relation:
    """Compare a store's main with ours; what we lack is fetched into a temporary folder.

    Raises RemoteUnreachable, RemoteRefused.
    """
    if theirs == ours:
        return Relation("equal")
    with _borrowing_room(root) as room:
        asked = run_git("cat-file", "-e", f"{theirs}^{{commit}}", folder=room, accepted=(0, 1, 128))
        if asked.code:
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
    """Fetch a store's main into an empty repository of our own; any exit code is returned."""
    far = far_side(root, remote)
    return ask(
        room, access,
        "fetch", "-q", "--no-tags", "--no-write-fetch-head", far.upload_pack,
        "--", far.address, f"{MAIN}:{MAIN}",
        name=remote.name, seconds=seconds, config=(*far.config, *config),
    )  # fmt: skip


def ask(
    folder: Path,
    access: SshAccess | None,
    *arguments: str,
    name: str = "",
    seconds: float = SECONDS,
    config: Iterable[str] = (),
) -> Ran:
    """Run a git command that talks with another store; any exit code is returned.

    `name`: of the store for whoever watches a push or a fetch, "" for a mere question.
    """
    means = access or SshAccess()
    if name:
        from papka.repository.gitpython import talk

        return talk(
            *arguments, folder=folder, name=name, access=means, seconds=seconds, config=config
        )
    return run_git(
        *arguments,
        folder=folder,
        config=config,
        variables=means.variables(),
        accepted=range(-64, 256),
        seconds=seconds,
    )


def unreachable(remote: Remote, ran: Ran) -> RemoteUnreachable:
    """Return the error for a talk that failed."""
    trouble = explain_talk(ran.trouble)
    return RemoteUnreachable(remote.name, trouble.words, trouble.step)


def _sync_folder(remote: Remote, store: Store, since: float) -> None:
    """Sync what git has just written in a folder; a server sees to its own disk."""
    try:
        files.sync_objects(store.objects, since)
        files.sync_branches(store.common)
    except OSError as error:
        raise RemoteUnreachable(remote.name, cannot_access(error).message) from error


def _explain_refusal(why: str, ran: Ran) -> Trouble:
    """Explain why a store refused: the reason git gives, else what the store complains of.

    The words of a server's own check are passed on to the reader.
    """
    lines = [match["words"] for match in _SERVER_WORDS.finditer(ran.trouble)]
    if "unpacker error" in why or "failed to update ref" in why:
        return explain_talk("\n".join([*lines, why]))
    trouble = explain_talk(why)
    if "hook declined" in why and lines:
        return Trouble(f"{trouble.words}: {_words_of(ran)}", trouble.step)
    return trouble


def _words_of(ran: Ran) -> str:
    """Return the first lines that a server's own programs said, printable."""
    lines = [match["words"] for match in _SERVER_WORDS.finditer(ran.trouble)]
    return "; ".join("".join(c for c in line if c.isprintable()) for line in lines[:3])


@contextmanager
def _borrowing_room(root: Path) -> Iterator[Path]:
    """Make a temporary empty repository that sees the archive's objects."""
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        borrow_objects(Path(name), locate(root).objects)
        yield Path(name)


def _compare(folder: Path, theirs: str, ours: str) -> Relation:
    met = meet(CleanRoom(folder), ours, theirs)
    act = (met.act, met.is_theirs)
    if met.base == ours:
        return Relation("ahead", met.theirs_more, *act)
    if met.base == theirs:
        return Relation("behind", met.ours_more, *act)
    return Relation("diverged", met.theirs_more, *act)


@contextmanager
def whole_copy(root: Path, remote: Remote, access: SshAccess | None) -> Iterator[tuple[Path, Ran]]:
    """Fetch a store's main into a temporary bare store; any exit code is returned."""
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        folder = Path(name)
        yield folder, fetch_whole(root, remote, folder, access)


def fetch_whole(root: Path, remote: Remote, folder: Path, access: SshAccess | None) -> Ran:
    """Make `folder` a bare store that holds the other's main and all it needs."""
    init(folder, bare=True)
    ran = fetch_main(root, remote, folder, access, seconds=_COPY_SECONDS, config=_STRICT)
    if ran.code and "mismatched algorithms" in ran.trouble:
        for each in folder.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        init(folder, bare=True, naming="sha256")
        ran = fetch_main(root, remote, folder, access, seconds=_COPY_SECONDS, config=_STRICT)
    return ran


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A clean room that sees the archive's objects and those fetched; `tip`: their main, if any."""

    folder: Path
    tip: str | None

    @property
    def room(self) -> CleanRoom:
        return CleanRoom(self.folder)

    def common(self, one: str, other: str) -> str | None:
        """Return the last commit that two histories share."""
        ran = run_git("merge-base", one, other, folder=self.folder, accepted=(0, 1))
        return ran.text.partition("\n")[0] or None

    def commit(self, id_: str) -> Commit:
        return parse_commit(id_, Objects(self.folder).read(id_)[1])

    def line(self, after: str, until: str) -> tuple[Commit, ...]:
        """Return the commits from one (left out) to another, oldest first, by first parents."""
        objects = Objects(self.folder)
        found: list[Commit] = []
        at = until
        while at != after:
            found.append(parse_commit(at, objects.read(at)[1]))
            if not found[-1].parents:
                break
            at = found[-1].parents[0]
        return tuple(reversed(found))


@contextmanager
def quarantine(root: Path, remote: Remote, access: SshAccess | None = None) -> Iterator[Quarantine]:
    """Fetch a store's main into a temporary folder; raises RemoteUnreachable.

    Nothing is fetched where it stands at a commit of our own history.
    """
    tip = remote_refs(root, remote, access).get(MAIN)
    ours = head(root)
    with _borrowing_room(root) as folder:
        if tip is None or tip == ours or (ours and is_ancestor(root, tip, ours)):
            yield Quarantine(folder, tip)
            return
        ran = fetch_main(root, remote, folder, access, seconds=_EXCHANGE_SECONDS, config=_STRICT)
        if ran.code and "couldn't find remote ref" not in ran.trouble:
            raise unreachable(remote, ran)
        found = run_git("rev-parse", "--verify", "--quiet", MAIN, folder=folder, accepted=(0, 1))
        yield Quarantine(folder, found.text.strip() or None)


def absorb(root: Path, folder: Path, tip: str, known: str) -> None:
    """Take what `tip` needs and `known` lacks into the archive, hashed anew and synced."""
    given = f"{tip}\n^{known}\n".encode()
    packed = run_git("pack-objects", "--revs", "--stdout", "-q", folder=folder, given=given).output
    few = int.from_bytes(packed[8:12], "big") <= LOOSE_AT_MOST
    command = ["unpack-objects", "-q", "--strict"] if few else ["index-pack", "--stdin", "--strict"]
    since = files.sync_moment()
    run_git(*command, folder=root, given=packed)
    files.sync_objects(locate(root).objects, since)


_PIECE = 1 << 20
_PACK_START = re.compile(rb"\n\nPACK")
_REF = re.compile(rf"^(?P<id>{ID}) (?P<ref>refs/\S+)$", re.MULTILINE)


HEAL = "Проверьте архив и вылечите его: papka verify, papka restore --heal"
"""What to do about a store that is not whole."""


def write_bundle(room: CleanRoom, head: str) -> Iterator[bytes]:
    """Yield the bundle of a commit in pieces; raises GitFailed when the store is not whole."""
    run_git("update-ref", MAIN, head, folder=room.folder)
    with open_git("bundle", "create", "-q", "-", MAIN, folder=room.folder) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        while piece := process.stdout.read(_PIECE):
            yield piece
        if process.wait():
            raise GitFailed(
                "bundle", "история архива прочитана не вся",
                HEAL,
            )  # fmt: skip


_BUNDLE_START = re.compile(rb"# v[23] git bundle\n(?P<facts>(?:@[^\n]*\n)*)")


def is_bundle(file: Path) -> bool:
    """Whether a file begins as a bundle of git's does."""
    return _BUNDLE_START.match(_read_start(file)) is not None


def naming_of_bundle(file: Path) -> Naming:
    """Return how a bundle says that it names its objects."""
    found = _BUNDLE_START.match(_read_start(file))
    lines = found["facts"].split(b"\n") if found else []
    return "sha256" if b"@object-format=sha256" in lines else "sha1"


def _read_start(file: Path) -> bytes:
    try:
        with os.fdopen(open_plain(file, follow=True), "rb") as source:
            return source.read(1 << 12)
    except (OSError, files.NotPlain):
        return b""


def unbundle(bundle: Path, folder: Path) -> str:
    """Make `folder` a bare store with what the bundle holds; return its main.

    Raises GitFailed when the bundle is damaged or has no main.
    """
    init(folder, bare=True, naming=naming_of_bundle(bundle))
    run_git(
        "fetch", "-q", "--no-tags", "--no-write-fetch-head", str(bundle.resolve()),
        f"+{MAIN}:{MAIN}", folder=folder, config=_STRICT,
    )  # fmt: skip
    return run_git("rev-parse", "--verify", MAIN, folder=folder).text.strip()


def unwrap_pack(
    bundle: Path, pack: Path, tell: Callable[[int], None] = lambda _: None
) -> dict[str, str]:
    """Copy the pack out of a bundle, damaged or not; return the refs its heading still names.

    `tell` hears how many bytes were read, piece by piece.
    Raises OSError when the disk does not give the file, NotPlain when it is none.
    """
    with os.fdopen(open_plain(bundle), "rb") as source:
        start = source.read(_PIECE)
        match = _PACK_START.search(start)
        at = match.start() + 2 if match else 0
        source.seek(at)
        with pack.open("wb") as target:
            files.copy_pieces(source, target, tell)
    heading = start[:at].decode("ascii", "replace")
    return {found["ref"]: found["id"] for found in _REF.finditer(heading)}


def list_sizes(room: CleanRoom, commit: str) -> tuple[int, ...]:
    """Return the bytes of each plain file of a commit."""
    ran = run_git("ls-tree", "-r", "-z", "-l", "--full-tree", commit, folder=room.folder)
    heads = (line.partition(b"\t")[0].split() for line in ran.output.split(b"\0")[:-1])
    return tuple(int(size) for mode, _, _, size in heads if mode.startswith(b"100"))


def count_bytes(store: Store) -> int:
    """Return the bytes of the objects on the disk: a bundle of all is hardly longer."""
    found = 0
    for folder, _, names in os.walk(store.objects):
        for name in names:
            try:
                found += (Path(folder) / name).lstat().st_size
            except OSError:
                continue  # packed away meanwhile
    return found
