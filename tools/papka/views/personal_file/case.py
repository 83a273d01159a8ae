"""Whose file is printed, in which state, and what is printed of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.person import Person
from papka.model.student import Student
from papka.views.periods import in_order, is_approved, title_of
from papka.views.results import States
from papka.views.state import State, page, source
from papka.views.wording import number

_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Case:
    """`earlier` is the file as it stood when the last volume was bound: what it already held is
    not printed again; `states` say which results of a closed period are drafts still."""

    state: State
    student: Student
    person: Person
    earlier: Student | None = None
    states: States | None = None

    @property
    def archive(self) -> Archive:
        return self.state.archive

    @property
    def bound_volumes(self) -> int:
        """Volumes that stand on the shelf and go on into what is printed now."""
        volumes = self.person.paper.volumes if self.earlier and self.person.paper else ()
        return max((volume.volume for volume in volumes), default=0)

    @property
    def first_sheet(self) -> int:
        volumes = self.person.paper.volumes if self.earlier and self.person.paper else ()
        return 1 + sum(volume.sheets for volume in volumes)

    @property
    def title(self) -> str:
        return f"Личное дело {number(self.student.id)}"

    @property
    def holder(self) -> str:
        """The name for headings and the cover; one without end is whole in the card only."""
        name = self.person.name.full
        return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"

    @property
    def printed_on(self) -> dt.date:
        return self.state.as_of.date()

    def head(self, title: str = "") -> Head:
        shown = page(self.state, title or self.title)
        return Head(shown.title, shown.stamp, shown.created, self.holder, shown.source)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes this paper, or a period in it, a draft (R-5.6)."""
        return tuple(self._warnings())

    def _warnings(self) -> Iterator[str]:
        if self.state.commit is None:
            yield f"{self.state.stamp}: сведения ещё не сохранены в архиве."
        periods = self.student.periods
        drafts = [
            title_of(self.archive, period)
            for period in in_order(self.archive, periods)
            if periods[period] and not is_approved(self.archive, period)
        ]
        if drafts:
            yield f"Не утверждены руководителем: {'; '.join(drafts)}."

    @property
    def source(self) -> str:
        return source(self.state)


@dataclass(frozen=True, slots=True)
class Head:
    """What every printed part says of itself."""

    case: str
    stamp: str
    created: str
    holder: str
    source: str
