"""`papka show ID`: a personal file, as records and as what follows from them.

Two times, never mixed: `rev` is what was known then (a commit), `on` what was valid then (dates).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from papka.model.archive import Archive
from papka.model.derived.approval import ApprovalState
from papka.model.derived.as_of import archive_on
from papka.model.derived.consents import consents_on
from papka.model.derived.debts_on import debts_on
from papka.model.derived.planned import outcomes
from papka.model.plain import plain
from papka.model.student import Student
from papka.tasks.approval import approval_of
from papka.tasks.open_file import Opened, open_file
from papka.views.dossier import Dossier, dossier

Value = Any
"""A value read from YAML."""


@dataclass(frozen=True, slots=True)
class Shown:
    """`unread` are files of this folder that are no readable records."""

    opened: Opened
    archive: Archive
    student: Student
    on: dt.date
    states: dict[str, dict[str, ApprovalState]]
    dossier: Dossier
    unread: tuple[str, ...]


def show(root: Path, student: str, *, on: dt.date, past: bool, rev: str | None = None) -> Shown:
    """The file; with `past` what is dated after `on` is not seen."""
    opened = open_file(root, student, rev=rev)
    archive = archive_on(opened.archive, on) if past else opened.archive
    kept = archive.students[student]
    folder = kept.folder + "/"
    unread = tuple(sorted(path for path in archive.unreadable if path.startswith(folder)))
    states = approval_of(root, archive, kept, rev)
    return Shown(opened, archive, kept, on, states, dossier(archive, kept, on, states), unread)


def as_values(shown: Shown) -> dict[str, Value]:
    """The file for programs: records by their keys, and the derived facts apart."""
    archive, student, on = shown.archive, shown.student, shown.on
    lists = {
        kind: [plain(entry) for entry in getattr(student, kind)]
        for kind in (
            "enrolments", "credits", "awards", "consents", "documents", "notices",
            "diagnostics", "needs",
        )
    }  # fmt: skip
    return {
        "id": student.id,
        "on": on.isoformat(),
        "commit": shown.opened.commit.id if shown.opened.commit else None,
        "card": plain(student.person) if student.person else None,
        **{kind: entries for kind, entries in lists.items() if entries},
        "results": {
            period: [plain(result) for result in student.periods[period]]
            for period in sorted(student.periods)
        },
        "derived": {
            "debts": [
                {"period": debt.period, "entry": debt.last.id, "state": debt.state}
                for debt in debts_on(archive, student, on)
            ],
            "planned": {
                enrolment.id or "": {
                    each.planned.outcome: each.reached
                    for each in outcomes(archive, student, enrolment)
                }
                for enrolment in student.enrolments
            },
            "approval": shown.states,
            "consents_in_force": [consent.id for consent in consents_on(student, on)],
        },
        "unread": list(shown.unread),
    }
