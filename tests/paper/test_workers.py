"""Work spread over processes: all of it comes back, whatever a job does to its process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from papka.paper.print_all import spread
from tests.conftest import PROJECT

_SCRIPT = """
import os, sys
sys.path.insert(0, sys.argv[1])
from papka.paper.print_all import spread

def make(base):
    def work(job):
        if job == 5:
            os._exit(1)
        return base + job
    return work

if __name__ == "__main__":
    found = dict(spread(make, (100,), range(12), processes=3))
    print([found.pop(5)])
    print(sorted(found.items()))
"""


def test_few_jobs_or_one_core_start_no_process() -> None:
    before = os.getpid()
    found = list(spread(lambda: lambda job: (job, os.getpid()), (), range(5), processes=1))
    assert found == [(job, (job, before)) for job in range(5)]
    assert list(spread(lambda: str, (), list[int](), processes=4)) == []


def test_a_job_that_kills_its_process_costs_only_itself(tmp_path: Path) -> None:
    script = tmp_path / "work.py"
    script.write_text(_SCRIPT)
    done = subprocess.run(
        [sys.executable, script, PROJECT / "tools"], capture_output=True, text=True, check=True
    )
    dead, alive = done.stdout.splitlines()
    assert dead == "[None]"
    assert alive == str([(job, 100 + job) for job in range(12) if job != 5])
