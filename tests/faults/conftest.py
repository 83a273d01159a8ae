"""The world of the faults, one for each worker, and the table told at the end."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

import pytest

from tests.faults.hurt_school import World, build
from tests.faults.job_table import JOBS
from tests.support.school import Archive

_KEY = "fault"


@pytest.fixture(scope="session")
def kept_world(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(tmp_path_factory.mktemp("faults"), built_archive)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The matrix as docs/soaks.md keeps it: points by job and fault, and how many did not hold."""
    good: dict[str, Counter[str]] = defaultdict(Counter)
    bad: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome, into in (("passed", good), ("failed", bad)):
        for report in terminalreporter.stats.get(outcome, ()):
            for key, value in getattr(report, "user_properties", ()):
                if key == _KEY:
                    job, row = json.loads(value)
                    into[row][job] += 1
    rows = dict.fromkeys([*good, *bad])
    if not rows or not terminalreporter.config.getoption("--soak"):
        return
    names = [job.name for job in JOBS]
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for row in rows:
        told = (
            f"{good[row][name] or ('' if bad[row][name] else '—')}"
            + (f" **+{bad[row][name]}**" if bad[row][name] else "")
            for name in names
        )
        lines.append(f"| {row} | " + " | ".join(told) + " |")
    count = sum(sum(each.values()) for each in good.values())
    lines.append(f"\nPoints: {count} held, {sum(sum(b.values()) for b in bad.values())} did not.")
    terminalreporter.write_line("\n" + "\n".join(lines))
