"""Study periods on paper: their titles, their order, and whether the head approved them (R-5.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from papka.model.archive import Archive
from papka.views.wording import day


def title_of(archive: Archive, period: str) -> str:
    """«2025/26 учебный год, 1 полугодие» as the organization declares it."""
    found = archive.periods.get(period)
    return found.title if found else period


def in_order(archive: Archive, periods: Iterable[str]) -> list[str]:
    """By the day they start; one the organization does not know comes last, by name."""

    def start(period: str) -> tuple[dt.date, str]:
        found = archive.periods.get(period)
        return (found.start if found else dt.date.max), period

    return sorted(periods, key=start)


def is_approved(archive: Archive, period: str) -> bool:
    return period in archive.approvals


def status_of(archive: Archive, period: str) -> str:
    """The words beside the period's title."""
    approval = archive.approvals.get(period)
    if approval is None:
        return "черновик: руководителем не утверждено"
    return f"утверждено {day(approval.closed)}"
