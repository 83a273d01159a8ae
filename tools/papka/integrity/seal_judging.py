"""Judges one seal: its text, its place in the chain and in history, its signature, its content.

Invariants: everything that is wrong is told, not only the first; the key must be a head's in the
sealed commit and the one that signed the seal's own commit, so that taking a key away is judged
once, by the order of commits. Absent on purpose: reading.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from papka.core.codes import seals as codes
from papka.core.findings import Finding, Location
from papka.core.seals import ENDINGS, LIST, SIGNATURE, TEXT, seal_file
from papka.integrity.chronicle import Step
from papka.integrity.seal_places import Placed
from papka.integrity.sealed_content import Content
from papka.integrity.seals import BadSeal, SealText, read_seal
from papka.integrity.sshsig import Altered, Unreadable, read
from papka.integrity.trust import SEAL

_NAMED = 5
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Given:
    """A seal as found: `files` are its bytes by ending (a lost one is not there); `content` is that
    of the commit it was put on; `before` is the seal before: its number and digest."""

    placed: Placed
    files: Mapping[str, bytes]
    content: Content
    before: tuple[int, str]

    @property
    def name(self) -> str:
        return f"{self.placed.number:04}"

    @property
    def where(self) -> Location:
        path = seal_file(self.placed.number, TEXT)
        return Location(path, commit=self.placed.step.commit.id)


def judge_seal(given: Given, known: Collection[str]) -> tuple[SealText | None, list[Finding]]:
    """What the seal says, None when it cannot be read, and what is wrong with it.

    `known`: ids of the commits of this history.
    """
    where, name = given.where, given.name
    lost = [name + ending for ending in ENDINGS if ending not in given.files]
    found = [codes.SEAL_MISSING.at(where, number=name, what=", ".join(lost))] if lost else []
    try:
        said = read_seal(given.files.get(TEXT, b""))
    except BadSeal as error:
        return None, [*found, codes.SEAL_UNREADABLE.at(where, number=name, detail=error)]
    found += _place(given, said, known)
    found += _chain(given, said)
    found += _signature(given)
    found += _content(given, said)
    return said, found


def _place(given: Given, said: SealText, known: Collection[str]) -> Iterator[Finding]:
    commit = given.placed.step.commit
    if said.head not in known:
        yield codes.SEAL_NOT_IN_HISTORY.at(given.where, number=given.name, head=said.head)
    elif commit.parents != (said.head,):
        detail = f"запечатана запись {said.head}, а стоит она не за ней"
        yield codes.SEAL_MOVED.at(given.where, number=given.name, detail=detail)
    made = commit.committer.moment.date()
    if abs(said.date - made) > _DAY:
        detail = f"день печати {said.date:%d.%m.%Y}, а запись сделана {made:%d.%m.%Y}"
        yield codes.SEAL_MOVED.at(given.where, number=given.name, detail=detail)


def _chain(given: Given, said: SealText) -> Iterator[Finding]:
    number, digest = given.before
    faults = []
    if said.number != given.placed.number:
        faults.append(f"в тексте стоит номер {said.number:04}")
    if given.placed.number != number + 1:
        faults.append(f"перед ней № {number:04}" if number else "перед ней нет ни одной")
    if said.previous != digest:
        faults.append("свёртка предыдущей печати не та")
    for detail in faults:
        yield codes.SEAL_CHAIN_BROKEN.at(given.where, number=given.name, detail=detail)


def _signature(given: Given) -> Iterator[Finding]:
    if SIGNATURE not in given.files:
        return
    detail = _fault(given.files[SIGNATURE], given.files[TEXT], given.placed.step)
    if detail:
        yield codes.SEAL_BAD_SIGNATURE.at(given.where, number=given.name, detail=detail)


def _fault(armored: bytes, text: bytes, step: Step) -> str:
    """Why the signature is not accepted; empty when it is."""
    try:
        signature = read(armored.decode("ascii"))
    except UnicodeDecodeError:
        return "это не подпись ssh"
    except (Unreadable, Altered) as error:
        return str(error)
    if signature.namespace != SEAL.encode():
        return "она сделана не для печати"
    if not signature.covers(text):
        return "она не подходит к тексту печати"
    entry = step.trust.get(signature.key)
    if entry is None:
        return f"ключу {signature.key.fingerprint} в запечатанной записи никто не доверял"
    if not entry.is_head:
        return f"{entry.staff} — не руководитель"
    if step.verdict.key != signature.key.fingerprint:
        return "запись, в которой она появилась, подписана другим ключом"
    return ""


def _content(given: Given, said: SealText) -> Iterator[Finding]:
    name = given.name

    def wrong(what: str, paths: Collection[str] = ()) -> Finding:
        related = [Location(path, commit=said.head) for path in paths]
        return codes.SEAL_DIGEST_MISMATCH.at(given.where, number=name, what=what, related=related)

    if said.trust != given.content.trust:
        yield wrong("папка доверенных ключей другая")
    if LIST not in given.files:
        return
    data = given.files[LIST]
    if hashlib.sha256(data).hexdigest() != said.listed:
        yield wrong(f"список {name}{LIST} другой")
    count = data.count(b"\n")
    if count != said.units:
        yield wrong(f"в списке строк {count}, а не {said.units}")
    due = [f"{digest}  {path}" for path, digest in sorted(given.content.lines.items())]
    lines = data.decode("utf-8", "replace").removesuffix("\n").split("\n")
    if lines == due and data.endswith(b"\n"):
        return
    odd = sorted({_path(line) for line in {*lines} ^ {*due}})
    shown = ", ".join(odd[:_NAMED]) or "порядок строк списка"
    more = f" и ещё {len(odd) - _NAMED}" if len(odd) > _NAMED else ""
    yield wrong(f"не сходится {shown}{more}", odd)


def _path(line: str) -> str:
    """What a line is about, without signs that a terminal would obey."""
    path = line.partition("  ")[2] or line
    return path.encode("ascii", "backslashreplace").decode()
