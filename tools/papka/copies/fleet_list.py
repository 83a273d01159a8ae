"""A fleet: the archives of a district or of a chain of schools, in one list, and what each came to.

The list is a YAML file of who runs the fleet and lies beside no archive. Each archive is judged by
itself, from its mirror and by its own rules; what comes back of one is a `FleetOutcome`: findings,
which name paths and fields, and counts in which small ones are hidden. Nothing else of a person
leaves whoever judged it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from papka.core.errors import PapkaError, Refused
from papka.core.findings import Finding, Severity, worst
from papka.core.phrases import printable, suggest
from papka.proof.anchors import read_anchors
from papka.records.strict_yaml import read
from papka.repository.handle import Remote, normalize_address

FleetJob = Literal["check", "verify", "due", "report", "print"]
JOBS: tuple[FleetJob, ...] = get_args(FleetJob)
FORMS = ("student-counts", "self-examination", "keys", "media-log")
"""Forms that name no student, so that a paper may leave the place where an archive was judged."""
_FIELDS = ("title", "mirror", "anchor", "authority")
_EXAMPLE = (
    "archives:\n  - title: Школа № 1\n    mirror: ssh://papka@server/srv/school-1.git\n"
    "    anchor: SHA256:…"
)


@dataclass(frozen=True, slots=True)
class FleetMember:
    """One archive: `title` for people, `mirror` an address or a full path, `anchors` as they stand
    on paper, `authority` the file of the certificate that its https server is known by."""

    title: str
    mirror: str
    anchors: tuple[str, ...] = ()
    authority: str = ""

    @property
    def remote(self) -> Remote:
        return Remote(self.title, self.mirror, "", primary=True, authority=self.authority)


@dataclass(frozen=True, slots=True)
class FleetTask:
    """What is to be done with the archive that stands at `number` in the list, from 0.

    `on`: the day deadlines, counts and papers are of, None for today; `form`, `address`: of a
    print.
    """

    number: int
    member: FleetMember
    job: FleetJob
    now: dt.datetime
    on: dt.date | None = None
    form: str = ""
    address: str = ""

    @property
    def day(self) -> dt.date:
        return self.on or self.now.date()


@dataclass(frozen=True, slots=True)
class FleetCounts:
    """How many study, by age and by direction; a count that could tell a person is HIDDEN."""

    total: str
    ages: Mapping[str, str]
    directions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FleetOutcome:
    """What one archive came to.

    `trouble`, `next_step`: why the job could not be done, "" when it was; `code`: the exit code of
    the same command given to this archive alone; `papers`: (name, bytes) of a print; `by`: host
    and process that did it.
    """

    number: int
    title: str
    code: int
    findings: tuple[Finding, ...] = ()
    trouble: str = ""
    next_step: str = ""
    counts: FleetCounts | None = None
    papers: tuple[tuple[str, bytes], ...] = ()
    by: str = ""

    @property
    def worst(self) -> Finding | None:
        """The finding that is told first."""
        most = worst(self.findings)
        return next((each for each in self.findings if each.severity == most), None)

    def count(self, least: Severity, most: Severity = Severity.FATAL) -> int:
        return sum(least <= each.severity <= most for each in self.findings)


_WORST_FIRST = (70, 1, 3, 4, 0)
"""Exit codes: our own mistake, then findings, then what could not be judged or reached."""
AWAY = 4


def worst_code(outcomes: Sequence[FleetOutcome]) -> int:
    """Return the exit code of the worst of them."""
    return min((each.code for each in outcomes), key=_WORST_FIRST.index, default=0)


def explain_stop(task: FleetTask, error: PapkaError, by: str = "") -> FleetOutcome:
    """Return the outcome of a job that could not be done."""
    return FleetOutcome(
        task.number, task.member.title, error.exit_code, (), error.message, error.next_step, by=by
    )


def read_fleet(data: bytes, name: str, base: Path) -> tuple[FleetMember, ...]:
    """Read the list; relative paths start from `base`. Raise Refused, naming all that is wrong."""
    found = read(data, name)
    if found.findings:
        first = found.findings[0]
        raise Refused(f"{name}, строка {first.where.line}: {first.message}", first.hint)
    value = found.value
    rows = value.get("archives") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not rows:
        raise Refused(f"В {name} нет списка archives", f"Напишите так:\n{_EXAMPLE}")
    if len(value) > 1:
        raise Refused(f"В {name} кроме списка archives ничего не пишут", "Уберите остальное")
    faults: list[str] = []
    members: list[FleetMember] = []
    for at, row in enumerate(rows, 1):
        wrong = list(_find_faults(row))
        if not wrong:
            try:
                members.append(_read_member(row, base))
            except PapkaError as error:
                wrong = [error.message]
        faults += [f"архив {at}: {each}" for each in wrong]
    titles = [each.title for each in members]
    faults += [
        f"название «{printable(title)}» стоит в списке дважды"
        for title in dict.fromkeys(titles) if titles.count(title) > 1
    ]  # fmt: skip
    if faults:
        raise Refused(f"{name}: {'; '.join(faults)}", f"Исправьте список; пример:\n{_EXAMPLE}")
    return tuple(members)


def _find_faults(row: Any) -> Iterator[str]:  # noqa: ANN401 - whatever somebody wrote
    if not isinstance(row, dict):
        yield "нужны поля title и mirror"
        return
    for name in row:
        if name not in _FIELDS:
            yield f"поля {printable(str(name))} нет.{suggest(name, _FIELDS)}".rstrip(".")
    for name in ("title", "mirror"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            yield f"нет поля {name}"
    if not isinstance(row.get("authority", ""), str):
        yield "authority — путь к файлу"
    anchors = row.get("anchor", "")
    listed = anchors if isinstance(anchors, list) else [anchors]
    if "anchor" in row and not (listed and all(isinstance(each, str) and each for each in listed)):
        yield "anchor — одна строка с бумаги или список их; номер берут в кавычки"


def _read_member(row: Mapping[str, Any], base: Path) -> FleetMember:
    anchors = row.get("anchor") or ()
    listed = (anchors,) if isinstance(anchors, str) else tuple(anchors)
    read_anchors(listed)
    authority = row.get("authority", "")
    return FleetMember(
        row["title"].strip(),
        normalize_address(row["mirror"].strip(), base),
        listed,
        str((base / authority).resolve()) if authority else "",
    )


def sum_shown(cells: Sequence[str], hidden: str) -> str:
    """Add counts up; of hidden ones tell only that there are more: «не меньше 120»."""
    known = sum(int(cell) for cell in cells if cell != hidden)
    if hidden not in cells:
        return str(known)
    return f"не меньше {known}" if known else hidden
