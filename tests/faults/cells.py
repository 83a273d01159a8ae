"""One cell of the matrix: a job, a fault, and at which of its acts.

Invariant: a cell is named by words and small numbers alone, so that it is the same cell in every
run; at which act that is, is counted in a run without a fault.
"""

from __future__ import annotations

import errno
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.injection import Act
from tests.faults.job_table import JOBS, Job
from tests.faults.power import DISKS, Disk

_ENOSPC, _EIO = errno.ENOSPC, errno.EIO


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault of the matrix: `points` in each job; `row`: which line of the table counts it."""

    name: str
    row: str
    points: int
    how: str = ""
    talking: bool = False
    """Only for jobs that talk with the primary."""
    only: str = ""
    """Only for this job."""
    disk: Disk | None = None
    """What kind of disk the power is cut from."""


KINDS = (
    Kind("kill", "kill −9", 12, "kill"),
    Kind("full-once", "ENOSPC", 4, f"once {_ENOSPC}"),
    Kind("full", "ENOSPC", 5, f"always {_ENOSPC}"),
    Kind("io-once", "EIO", 5, f"once {_EIO}"),
    Kind("io", "EIO", 4, f"always {_EIO}"),
    *(Kind(f"power-{disk}", "питание", 6, "kill", disk=disk) for disk in DISKS),
    *(Kind(f"power-after-{disk}", "питание", 1, disk=disk) for disk in DISKS),
    Kind("unplugged-hub", "диск вынут", 3, "gone", talking=True),
    Kind("unplugged-usb", "диск вынут", 3, "gone", talking=True),
    Kind("unplugged-medium", "диск вынут", 4, "gone", only="backup"),
    Kind("unplugged-archive", "диск вынут", 2, "gone"),
    Kind("at-once", "двое сразу", 4, "pause"),
)


_ROWS = tuple(dict.fromkeys(kind.row for kind in KINDS))


@dataclass(frozen=True, slots=True)
class Cell:
    job: Job
    kind: Kind
    part: int

    @property
    def name(self) -> str:
        return f"{self.job.name}-{self.kind.name}-{self.part}"

    def at(self, acts: Sequence[Act], temporary: str) -> int:
        """The turn of its act; what is done in a folder thrown away anyway is hit more rarely."""
        lasting = [act.turn for act in acts if not act.path.startswith(temporary)]
        every = [act.turn for act in acts]
        turns = every if self.part % 4 == 3 else lasting
        share = (self.part + 0.5) / self.kind.points
        return turns[min(len(turns) - 1, int(share * len(turns)))]


def cells() -> list[Cell]:
    """The whole matrix of what is put into acts."""
    return [
        Cell(job, kind, part)
        for job in JOBS
        for kind in KINDS
        if (job.talks or not kind.talking) and kind.only in ("", job.name)
        for part in range(kind.points)
    ]


_CUT_FIRST = ("save", "issue", "push")
"""What is told to be done by these has to outlive a power cut before all else."""


def sample(size: int = 18, seed: int = 25) -> list[Cell]:
    """Some of each fault, job after job, always the same."""
    every = cells()
    random.Random(seed).shuffle(every)
    chosen: list[Cell] = []
    for turn in range(size):
        row = _ROWS[turn % len(_ROWS)]
        fewest = Counter(cell.job.name for cell in chosen)
        left = [cell for cell in every if cell.kind.row == row and cell not in chosen]
        cut = {cell.job.name for cell in chosen if cell.kind.disk}
        due = {name for name in _CUT_FIRST if name not in cut} if left[0].kind.disk else set()
        chosen.append(min(left, key=lambda c: (c.job.name not in due, fewest[c.job.name])))
    return chosen
