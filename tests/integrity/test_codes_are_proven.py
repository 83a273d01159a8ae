"""Every code of `verify` is yielded by some attack in this folder."""

from __future__ import annotations

from pathlib import Path

from papka.core.codes import history
from papka.core.findings import Code


def test_each_code_has_an_attack() -> None:
    folder = Path(__file__).parent
    attacks = "".join(path.read_text("utf-8") for path in folder.glob("test_*.py"))
    codes = {code.name for code in vars(history).values() if isinstance(code, Code)}
    assert [name for name in sorted(codes) if f'"{name}"' not in attacks] == []
