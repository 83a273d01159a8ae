"""Every code of `verify` is yielded by some attack in the folders of proof and of copies."""

from __future__ import annotations

from pathlib import Path

from papka.core.findings import Code
from papka.proof import anchors, verify_codes
from papka.records import reading_codes


def test_each_code_has_an_attack() -> None:
    folder = Path(__file__).parents[1]
    files = (*folder.glob("proof/test_*.py"), *folder.glob("copies/test_*.py"))
    attacks = "".join(path.read_text("utf-8") for path in files)
    fields = (verify_codes, anchors)
    codes = {c.name for field in fields for c in vars(field).values() if isinstance(c, Code)}
    codes.add(reading_codes.PATH_SYMLINK.name)
    assert [name for name in sorted(codes) if f'"{name}"' not in attacks] == []
