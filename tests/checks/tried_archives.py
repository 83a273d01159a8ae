"""The archives that rules are tried on, and how a finding is written down beside them.

Bad archives are folders of `tests/archives/bad`, one a code at least; `of.txt` names what one
starts from instead of the good archive. Branches of a rule are rows of
`tests/archives/branches/<module>.yaml`: the good archive, changed by `given` to a state that is
still good, then by `bad` to one that is not; `of` names another archive to start from:
`restricted`, `destroyed` or a bad one that `given` mends. `mends: true` says that the state before
is a rejected one, `quiet: true` that the rule itself has nothing to say of the step: of what was
not read, or allowed. `day` is the day on which the bad state is saved; without it nobody asks for
it. A change is `path: {pointer: value}`: a value of null takes the place away, a pointer that ends
in `-` appends; `path: text` writes a whole file and `path: null` removes it.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from papka.checks.checking import select_touched
from papka.core.findings import Finding
from papka.records.archive import Archive
from papka.records.editing import write_file
from papka.records.strict_yaml import read
from tests.support.archives import (
    BAD,
    PROJECT,
    destroyed,
    files_below,
    good,
    loaded,
    restricted,
    sample,
    snapshot,
)

FOLDERS = sorted(path for path in BAD.iterdir() if path.is_dir())
BRANCHES = PROJECT / "tests" / "archives" / "branches"

Files = dict[str, bytes]
_OTHERS = {"restricted": restricted, "destroyed": destroyed}


@dataclass(frozen=True, slots=True)
class Branch:
    """One row of one rule: `before` is good and stands just beside `after`, which is not; or, when
    `quiet`, may be as well; or, when it `mends`, the other way round."""

    module: str
    name: str
    before: Files
    after: Files
    quiet: bool = False
    mends: bool = False
    day: dt.date | None = None

    @property
    def id(self) -> str:
        return f"{self.module}: {self.name}"


def states(folder: Path) -> tuple[Files, Files]:
    """The files of a bad archive before and after its fault."""
    of = folder / "of.txt"
    base = _base(of.read_text().strip()) if of.exists() else good()
    before = base | files_below(folder / "before")
    after = before | files_below(folder / "records", "records/")
    after |= files_below(folder / "schema", "schema/")
    removed = folder / "removed.txt"
    for path in removed.read_text().split() if removed.exists() else ():
        del after[path]
    return before, after


def saved_on(folder: Path) -> dt.date | None:
    """The day on which the bad state is saved, where the fault depends on it."""
    file = folder / "day.txt"
    return dt.date.fromisoformat(file.read_text().strip()) if file.exists() else None


def branches() -> Iterator[Branch]:
    """Every row of every rule that has several."""
    for file in sorted(BRANCHES.glob("*.yaml")):
        for row in _rows(file):
            before = changed(_base(row.get("of", "")), row.get("given", {}))
            after = changed(before, row["bad"])
            manner: dict[str, Any] = {key: row[key] for key in ("quiet", "mends") if key in row}
            manner["day"] = dt.date.fromisoformat(row["day"]) if "day" in row else None
            yield Branch(file.stem, row["branch"], before, after, **manner)


def variants() -> dict[str, Files]:
    """Small archives that derived facts are asked of: rows that have a good state only."""
    rows = _rows(BRANCHES.parent / "facts.yaml")
    return {row["branch"]: changed(_base(row.get("of", "")), row["given"]) for row in rows}


def _base(of: str) -> Files:
    if of in _OTHERS:
        return _OTHERS[of]()
    return states(BAD / of)[1] if of else good()


def _rows(file: Path) -> list[dict[str, Any]]:
    document = read(file.read_bytes(), file.name)
    assert document.findings == (), document.findings
    rows: list[dict[str, Any]] = document.value["branches"]
    return rows


def changed(files: Files, changes: dict[str, Any]) -> Files:
    """The files with the changes of a row made."""
    found = dict(files)
    for path, change in changes.items():
        if change is None:
            del found[path]
        elif isinstance(change, str):
            found[path] = change.encode()
        else:
            value = copy.deepcopy(read(found[path], path).value) if path in found else {}
            for pointer, new in change.items():
                _put(value, pointer.split("/")[1:], new)
            found[path] = write_file(value).encode()
    return found


def _put(value: Any, keys: list[str], new: Any) -> None:  # noqa: ANN401 - YAML
    *way, last = keys
    for key in way:
        value = value[int(key)] if isinstance(value, list) else value.setdefault(key, {})
    if isinstance(value, list):
        if last == "-":
            value.append(new)
        elif new is None:
            del value[int(last)]
        else:
            value[int(last)] = new
    elif new is None:
        del value[last]
    else:
        value[last] = new


def cases() -> Iterator[tuple[Archive | None, Archive]]:
    """Every pair of states there is, and good archives alone."""
    for folder in FOLDERS:
        before, after = map(loaded, states(folder))
        yield before, after
    for branch in branches():
        yield None, (before := loaded(branch.before))
        yield before, loaded(branch.after, day=branch.day)
        if narrow := in_part(branch):
            yield narrow
    for files in (good(), sample(), *(of() for of in _OTHERS.values())):
        yield loaded(files), loaded(files)


def in_part(branch: Branch) -> tuple[Archive, Archive] | None:
    """The step as it is read when it is saved; None where that is whole."""
    before, after = branch.before, branch.after
    changed = {path for path in before | after if before.get(path) != after.get(path)}
    wanted = select_touched(snapshot(after), changed)
    if all(map(wanted, before | after)):
        return None
    return loaded(before, wanted, branch.day), loaded(after, wanted, branch.day)


def written(findings: Iterable[Finding]) -> str:
    """Findings as `expected.txt` holds them: code and place, the sentence, the next step."""
    lines = []
    for finding in findings:
        where = finding.where
        place = f":{where.line}:{where.column}" if where.line else f" {where.pointer}".rstrip()
        lines.append(f"{finding.code.name} {where.path}{place}\n")
        lines.append(f"  {finding.message}\n")
        if finding.hint:
            lines.append(f"  → {finding.hint}\n")
    return "".join(lines)
