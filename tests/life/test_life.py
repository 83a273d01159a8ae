"""Two copies, a primary, a second mirror and media live long, through faults of every kind.

After each step: nothing saved is lost, what was told to be sent is there, the primary goes forward
only, no number is given twice, no edit is lost. `--soak` lives 1,000 steps; without it, a sample.
By hand, in part and made shorter: `python -m tests.life --help`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.life.life import drawn
from tests.life.living import WEIGHTS, live, told
from tests.life.world import build
from tests.support.school import Archive

SEED, SAMPLE, SOAK = 1, 24, 1000


def test_nothing_is_lost_in_a_long_life(
    built_archive: Archive, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    soak = bool(pytestconfig.getoption("--soak"))
    steps = drawn(SEED, SOAK if soak else SAMPLE, WEIGHTS)
    life = live(build(tmp_path / "life", built_archive), steps)
    if soak:
        print(told(life))  # noqa: T201 - the table is what the soak is for
