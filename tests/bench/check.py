"""`papka check` beside check-jsonschema on the same 10,000 files of students.

The peer judges each kind of file by its schema and nothing more; ours reads strictly, judges by
the same schemas and runs all rules of the domain. Needs `.venv-bench` (start.py bench makes it).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.corpus import by_schema, lay_out
from tests.support.measure import PROJECT, Side, cpu, papka, side_by_side

FILES = 10_000
PEER = PROJECT / ".venv-bench" / "bin" / "check-jsonschema"


def main() -> int:
    if not PEER.exists():
        raise SystemExit("check-jsonschema is not installed; run python3 tools/start.py bench")
    named = subprocess.run([PEER, "--version"], capture_output=True, text=True, check=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        groups = by_schema(lay_out(folder, FILES))

        def peer() -> float:
            return sum(
                cpu([str(PEER), "-q", "--schemafile", f"schema/{name}.json", *paths], cwd=folder)
                for name, paths in groups.items()
            )

        return side_by_side(
            f"check {sum(map(len, groups.values()))} files",
            Side("papka check", lambda: cpu(papka("check"), cwd=folder)),
            Side(named.stdout.strip().replace(", version", ""), peer),
            rounds=3,
            limit=0.1,
        )


if __name__ == "__main__":
    sys.exit(main())
