"""The protocol of a verification as a file.

Invariants: the program's own templates and fonts print it, for those of a suspect archive could
say anything; nothing of the archive is read but what it calls itself, and that may fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from papka import __version__
from papka.core.codes.trust import REFOUNDING_UNKNOWN
from papka.core.forms import only, parts_of
from papka.core.layout import ORGANIZATION
from papka.gates.apart import limited
from papka.gates.git.store import locate
from papka.gates.shipped import ShippedSnapshot
from papka.gates.worktree import WorktreeSnapshot
from papka.integrity.anchors import Anchors, read_anchors
from papka.tasks.printing.print_form import print_view
from papka.tasks.printing.printed import Printed
from papka.tasks.proof.verdict import Verified
from papka.text.document import read
from papka.views.verification.examined import Anchor, Examined, SealTold
from papka.views.verification.protocol import protocol
from papka.views.wording import day

FORM = "verification-protocol"
_LONGEST = 300
"""Letters of a name an archive may give itself here."""
_LARGEST = 1_000_000
"""Bytes of the file that says it."""


def print_protocol(  # noqa: PLR0913 - what was asked and what was found, all of it named
    root: Path,
    verified: Verified,
    *,
    now: datetime,
    anchors: Anchors,
    refounding: tuple[str, ...] = (),
    memory: bool = False,
    mirrors: tuple[str, ...] = (),
    html: bool = False,
) -> Printed:
    """`anchors` and `refounding` are what was given from paper; `memory` whether it was asked.

    Raises PangoMissing, Overran.
    """
    tree = locate(root).tree
    seen = Examined(
        place=str(root.resolve()),
        when=now,
        program=f"papka {__version__}",
        findings=verified.findings,
        organization=_called(tree) if tree else "",
        commits=verified.commits,
        objects=verified.objects,
        files=verified.files,
        head=verified.head,
        root=verified.root,
        root_key=verified.root_key,
        seals=tuple(SealTold(s.name, day(s.date), s.digest, s.is_anchored) for s in verified.seals),
        anchors=(*_anchors(anchors, verified.anchors_met), *_acts(refounding, verified)),
        since=verified.since,
        transitions=verified.transitions,
        memory=memory,
        remembered=verified.remembered,
        mirrors=mirrors,
        has_folder=tree is not None,
    )
    shipped = ShippedSnapshot("templates")
    templates = only(shipped, parts_of(shipped, FORM))
    view = protocol(seen)
    (printed,) = limited(lambda: print_view(FORM, FORM, view, templates=templates, html=html))
    return printed


def _called(tree: Path) -> str:
    """What the archive calls itself; nothing when that cannot be read."""
    try:
        if (tree / ORGANIZATION).stat().st_size > _LARGEST:
            return ""
        value = read(WorktreeSnapshot(tree).read(ORGANIZATION), ORGANIZATION).value
    except (KeyError, OSError):
        return ""
    name = value.get("name") if isinstance(value, dict) else None
    return name[:_LONGEST] if isinstance(name, str) else ""


def _anchors(given: Anchors, met: Anchors) -> tuple[Anchor, ...]:
    kinds = (
        ("свёртка печати", given.seals, met.seals),
        ("отпечаток ключа", given.keys, met.keys),
        ("номер первой записи", given.roots, met.roots),
    )
    return tuple(
        Anchor(kind, text, is_met=text in known)
        for kind, texts, known in kinds
        for text in sorted(texts)
    )


def _acts(given: tuple[str, ...], verified: Verified) -> Iterator[Anchor]:
    """An act that changed no keys here is a finding, which begins its digest."""
    told = [f.message for f in verified.findings if f.code is REFOUNDING_UNKNOWN]
    for digest in sorted(read_anchors(given).seals):
        is_met = not any(digest[:8] in message for message in told)
        yield Anchor("свёртка акта о замене ключей", digest, is_met=is_met)
