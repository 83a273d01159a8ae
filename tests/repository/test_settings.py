"""Settings are understood exactly as git understands them, whoever of the two reads them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.repository.store import read_settings

_LINES = st.sampled_from(
    [
        "[core]", '[remote "usb"]', '[Remote "Флешка 2"]', "[core.x]", "[ core ]", "[core] a = b",
        '[a "b\\"c"]', "[include]", "", "\tbare = true", "\tBare=true", "  bare = true",
        "\turl = /a  b/c", "\turl = /a\tb", "\turl = /a b ", '\turl = "q"', "\turl = a;b",
        "\turl = a#b", "\turl = a\\", "\tflag", "\tpath = ../x", "; comment", "\tключ = x",
        "\tx1-y = значение", "\tk = \u00a0a", "\tk = a\u2028b", "\tk =", "\tk = \x0b", "\r",
        "\tk = a\r", "\tk = a\x00b", "[]", "\t1k = v",
    ]
)  # fmt: skip


@given(lines=st.lists(_LINES, max_size=8), end=st.sampled_from(["", "\n"]))
def test_what_is_read_here_is_what_git_reads(
    lines: list[str], end: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "settings"
    folder.mkdir(exist_ok=True)
    (folder / "config").write_bytes(("\n".join(lines) + end).encode())
    found, unread = read_settings(folder, folder)
    ran = subprocess.run(
        ["git", "config", "--file", str(folder / "config"), "--list", "-z", "--no-includes"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert bool(unread) == bool(ran.returncode)
    if not ran.returncode:
        told = [line.decode("utf-8", "surrogateescape") for line in ran.stdout.split(b"\0") if line]
        assert [
            each.key if each.value is None else f"{each.key}\n{each.value}" for each in found
        ] == told
