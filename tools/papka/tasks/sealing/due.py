"""What a seal is put for: a study period just closed, or a school year.

Invariant: what a seal is called says nothing of what is under it; all of the archive always is.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from papka.core.errors import NotFound
from papka.core.layout import ORGANIZATION, RECORDS
from papka.core.snapshot import Part
from papka.core.store import MAIN
from papka.core.suggestion import may_be
from papka.gates.git.commit_tree import CommitTree
from papka.gates.git.reading import changed_paths
from papka.model.derived.copies import school_year
from papka.model.on_demand import OnDemand
from papka.tasks.sealing.seal import read_period, sealed_by
from papka.tasks.sealing.seen import seal_on
from papka.text.schemas import SchemaSet

_APPROVALS = f"{RECORDS}/approvals"


def was_cut(root: Path, head: str, period: str) -> bool:
    """Whether the last commit is the act that closes this period, and its seal did not follow."""
    parents = CommitTree(root, head).state.parents
    if not parents:
        return False
    changes = changed_paths(root, parents[0], head)
    return [change.path for change in changes] == [f"{_APPROVALS}/{period}.yaml"]


def sealed_for(root: Path) -> str | None:
    """What the seal is for that the last commit is; None when it is none."""
    tree = CommitTree(root, MAIN)
    number = sealed_by(root, tree)
    return read_period(tree, number) if number is not None else None


def seal_period(root: Path, asked: str | None, *, today: dt.date) -> str:
    """The period or school year to seal: `asked`, else the period closed last when no seal covers
    it, else the school year that `today` is in. Raises NotFound."""
    tree = CommitTree(root, "HEAD")
    archive = OnDemand(tree, SchemaSet.load(Part(tree, "schema"))).archive(set())
    if asked is not None:
        years = {str(period.school_year) for period in archive.periods.values()}
        known = sorted(years | set(archive.approvals))
        if asked not in known:
            raise NotFound(
                f"«{asked}» — не учебный год и не закрытый период",
                f"Есть: {', '.join(known) or 'ничего'}; годы и периоды объявлены в {ORGANIZATION}."
                f"{may_be(asked, known)}",
            )
        return asked
    last = seal_on(root, dt.date.max)
    under = last.closed if last else frozenset()
    left = [act for period, act in archive.approvals.items() if period not in under]
    if left:
        return max(left, key=lambda act: (act.closed, act.period)).period
    return str(school_year(archive, today))
