"""Host: a folder on the school's server becomes a store that takes only what passes the check.

Invariants: run again it repairs, and changes nothing that is right; what it wrote is read back;
what lies in the store already is verified, for the check at the door looks only at what comes.
Absent on purpose: users, keys of sshd and the web server, which are the administrator's.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.core.codes.trust import REFOUNDING_UNKNOWN
from papka.core.errors import NotAnArchive, Refused
from papka.core.findings import Finding
from papka.core.store import MAIN
from papka.gates.git.entry import set_entry
from papka.gates.git.mirror_folder import prepare_store
from papka.gates.git.store import locate, observe
from papka.gates.worktree import find_root
from papka.integrity.settings import judge_settings
from papka.tasks.hosting.paper import keep_paper, paper_of, read_paper
from papka.tasks.proof.verify import verify


@dataclass(frozen=True, slots=True)
class Hosted:
    """`place`: full path; `owner`: who must run sshd's git and the web server's; `commits`: how
    many were there and were verified; `aside`: what a foreign hook is called now; `is_anchored`:
    whether paper says whose archive may come in."""

    place: Path
    owner: str
    commits: int
    aside: str
    is_anchored: bool
    findings: tuple[Finding, ...] = ()


def host(
    place: Path, *, now: datetime, anchors: Collection[str] = (), refounding: Collection[str] = ()
) -> Hosted:
    """Makes or mends the store; raises Refused. `anchors`, `refounding`: as they stand on paper."""
    paper = read_paper(anchors, refounding)
    place = place.resolve()
    _refuse_inside_an_archive(place)
    is_new = not place.exists()
    if is_new:
        with suppress(OSError):  # why it cannot be made is told below
            place.mkdir(mode=0o700)  # personal data: nobody on the server but its owner
    prepare_store(place)
    if is_new:
        # Below it modes say nothing; but git keeps this one when root changes a setting, and then
        # the owner, no longer the file's, has to read it.
        (place / "config").chmod(0o644)
    store = locate(place)
    keep_paper(place, paper)
    aside = set_entry(store)
    known, facts = paper_of(place), observe(store)
    findings: tuple[Finding, ...]
    if MAIN in facts.refs:
        verified = verify(place, now=now, anchors=known.anchors, refounding=sorted(known.acts))
        commits, findings = verified.commits, verified.findings
    else:
        found = judge_settings(facts.settings, facts.unread_settings, bare=True)
        commits, findings = 0, tuple(found)
    # an act is typed in before its commit comes
    findings = tuple(each for each in findings if each.code is not REFOUNDING_UNKNOWN)
    return Hosted(place, _owner(place), commits, aside, bool(known.anchors), findings)


def _refuse_inside_an_archive(place: Path) -> None:
    above = next(each for each in (place, *place.parents) if each.is_dir())
    try:
        root = find_root(above)
    except NotAnArchive:
        return
    raise Refused(
        f"{place} лежит внутри архива {root}: хранилище сервера держат отдельно",
        "Укажите папку вне архива",
    )


def _owner(place: Path) -> str:
    try:
        return place.owner()
    except (KeyError, NotImplementedError, OSError):
        return ""
