"""The line for cron works where cron runs it: no settings of a person, a bare path, another folder.

It stands in tools/calendar.sh of every archive and in .github/SETTINGS.md, which says how the copy
it watches is made.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.support.archives import PROJECT
from tests.support.clones import HEAD, Clone, Shared
from tests.support.pages import Desk, blocks_of, programs, run_block

_ARCHIVE = PROJECT / "templates" / "archive"
_PAGE = (_ARCHIVE / "dot-github" / "SETTINGS.md").read_text(encoding="utf-8")
_SCRIPT = (_ARCHIVE / "tools" / "calendar.sh").read_text(encoding="utf-8")


def test_the_line_for_cron_receives_what_is_new_and_tells_what_is_due(
    shared: Shared, one: Clone, tmp_path: Path
) -> None:
    copy, home = tmp_path / "srv", tmp_path / "watch"
    blocks = blocks_of("SETTINGS.md", _PAGE)
    (making,) = (block for block in blocks if "papka restore" in block.text)
    (scheduled,) = (block for block in blocks if "calendar.sh" in block.text)
    places = {"/srv/archive": str(copy), "АДРЕС-ЗЕРКАЛА": str(shared.store)}
    assert list(run_block(making, Desk(tmp_path, home, [], places=places))) == []

    one.edit("records/students/2026/2026-0001/student.yaml", "sex: женский", "sex: мужской")
    one.save(HEAD)
    one.sync(HEAD)
    line = scheduled.text.strip()
    assert f"#   {line}\n" in _SCRIPT
    command = re.sub(r"^\S+ \S+ \S+ \S+ \S+\s+", "", line)
    command = command.replace("/srv/archive", str(copy))
    command = command.replace("/usr/local/bin/papka", str(programs(home) / "papka"))
    ran = subprocess.run(
        ["env", "-i", f"HOME={home}", "PATH=/usr/bin:/bin", "sh", "-c", command],
        cwd="/", check=False, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert ran.stderr == ""
    assert (ran.returncode, "ошибка" in ran.stdout) in ((0, False), (1, True))
    assert "sex: мужской" in (copy / "records/students/2026/2026-0001/student.yaml").read_text()
