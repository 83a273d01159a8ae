"""Cover of the personal file (обложка дела): requirements, section 2."""

from __future__ import annotations

from dataclasses import dataclass

from papka.model.archive import Archive
from papka.views.personal_file.case import Case
from papka.views.reference import former_names, program
from papka.views.wording import NBSP, YEARS, counted, day

PERSONAL_FOLDER = "личное дело"
_LONG = 90
"""A name of more characters is set smaller: it has to stay above the foot of the cover."""


@dataclass(frozen=True, slots=True)
class Cover:
    """An empty word leaves a line to write on."""

    case: str
    organization: str
    short_name: str
    place: str
    volume: str
    name: str
    has_long_name: bool
    former: str
    programs: tuple[str, ...]
    started: str
    ended: str
    sheets: str
    keep: str
    source: str
    warnings: tuple[str, ...]


def cover(case: Case, volume: str, sheets: int | None) -> Cover:
    """`volume` is «том 1 из 2» or empty; `sheets` is None while they are not counted."""
    archive, student = case.archive, case.student
    organization = archive.organization
    ends = [enrolment.ended.date for enrolment in student.enrolments if enrolment.ended]
    is_over = bool(ends) and len(ends) == len(student.enrolments)
    starts = [enrolment.start for enrolment in student.enrolments]
    return Cover(
        case=case.title,
        organization=organization.name if organization else "",
        short_name=organization.short_name if organization else "",
        place=organization.place if organization else "",
        volume=volume.capitalize(),
        name=case.holder,
        has_long_name=len(case.holder) > _LONG,
        former=", ".join(former_names(case.person)),
        programs=tuple(dict.fromkeys(program(archive, e) for e in student.enrolments)),
        started=day(min(starts)) if starts else "",
        ended=day(max(ends)) if is_over else "",
        sheets=_on_sheets(sheets),
        keep=_keep(archive),
        source=case.source,
        warnings=case.warnings,
    )


def _on_sheets(count: int | None) -> str:
    if count is None:
        return ""
    noun = "листе" if count % 10 == 1 and count % 100 != 11 else "листах"
    return f"{count}{NBSP}{noun}"


def _keep(archive: Archive) -> str:
    """The retention term, when the school has one for personal files (R-6.4)."""
    if archive.organization is None:
        return ""
    for rule in archive.organization.retention:
        if rule.unit == PERSONAL_FOLDER:
            return f"{counted(rule.years, YEARS)}; отсчёт — {rule.since}"
    return ""
