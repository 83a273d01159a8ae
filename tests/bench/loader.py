"""The strict loader beside `yaml.load(…, CSafeLoader)`, both in this process, files in memory.

`python tests/bench/loader.py [FOLDER]`: the YAML files below FOLDER, or the sample school
multiplied to 10,000 of them.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from papka.records.strict_yaml import read
from tests.bench.corpus import corpus, is_personal
from tests.support.measure import Side, library, side_by_side

FILES = 10_000


def files(folder: str | None) -> list[bytes]:
    if folder is None:
        found = {path: data for path, data in corpus(FILES).items() if is_personal(path)}
        return list(found.values())[:FILES]
    return [path.read_bytes() for path in sorted(Path(folder).rglob("*.yaml"))]


def timed(load: Callable[[bytes], object], texts: Sequence[bytes]) -> Callable[[], float]:
    """Seconds of CPU to load all texts once."""

    def measured() -> float:
        gc.collect()
        start = time.process_time()
        for text in texts:
            load(text)
        return time.process_time() - start

    return measured


def main() -> int:
    texts = files(sys.argv[1] if len(sys.argv) > 1 else None)
    rejected = sum(bool(read(text, "").findings) for text in texts)
    size = sum(map(len, texts)) / len(texts)
    what = f"load {len(texts)} files of {size:.0f} bytes, {rejected} rejected"
    return side_by_side(
        what,
        Side("papka", timed(lambda text: read(text, ""), texts)),
        Side(
            f"CSafeLoader, {library('pyyaml')}",
            timed(lambda text: yaml.load(text, yaml.CSafeLoader), texts),
        ),
        rounds=5,
        limit=0.55,
    )


if __name__ == "__main__":
    sys.exit(main())
