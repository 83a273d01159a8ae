"""The texts on a medium: what is composed is read back, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.copies.medium_format import (
    BadMedium,
    Label,
    Manifest,
    compose_label,
    compose_manifest,
    copy_name,
    is_copy_name,
    read_label,
    read_manifest,
)

MADE = datetime(2027, 1, 15, 10, 30, tzinfo=UTC)
MANIFEST = Manifest(
    "Н-1", "внешний диск", MADE, "s001", "a1" * 20, "b2" * 20, 12, ("0002", "c3" * 32),
    {"archive.bundle": "d4" * 32, "files/records/staff.yaml": "e5" * 32},
)  # fmt: skip
NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1).filter(
    lambda name: not name.startswith("/") and ".." not in name.split("/")
)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(st.dictionaries(NAMES, DIGESTS, min_size=1), st.none() | st.tuples(st.just("0001"), DIGESTS))
def test_a_manifest_is_read_as_it_was_composed(
    files: dict[str, str], seal: tuple[str, str] | None
) -> None:
    manifest = Manifest("Н-1", "диск", MADE, "s001", "a1" * 20, "b2" * 20, 1, seal, files)
    assert read_manifest(compose_manifest(manifest)) == manifest


@given(st.integers(0, 700), st.binary(max_size=4))
def test_a_changed_manifest_is_refused_or_says_exactly_what_it_holds(at: int, put: bytes) -> None:
    whole = compose_manifest(MANIFEST)
    data = whole[:at] + put + whole[at + len(put) :]
    try:
        found = read_manifest(data)
    except BadMedium:
        return
    assert sorted(compose_manifest(found)) == sorted(data)


@pytest.mark.parametrize(
    "line",
    [
        f"{'d4' * 32}  ../../etc/passwd",
        f"{'d4' * 32}  /etc/passwd",
        f"{'d4' * 32} archive.bundle",
        f"{'D4' * 32}  more",
        f"\\{'d4' * 32}  more",
        f"\\{'d4' * 32}  mo\\xe",
        f"{'d4' * 32}  archive.bundle",
        "",
    ],
)
def test_a_line_that_leads_out_repeats_or_is_none_is_refused(line: str) -> None:
    with pytest.raises(BadMedium):
        read_manifest(compose_manifest(MANIFEST) + f"{line}\n".encode())


def test_a_label_is_read_as_it_was_composed() -> None:
    label = Label("Н-1", "внешний диск", "0f" * 16)
    assert read_label(compose_label(label)) == label
    whole = compose_label(label)
    capital = compose_label(Label("Н-1", "диск", "0F" * 16))
    for data in (b"", b"papka-medium v1\n", whole[:-1], whole + b"x\n", capital):
        with pytest.raises(BadMedium):
            read_label(data)


def test_a_copy_is_named_by_its_moment_and_its_head() -> None:
    name = copy_name(MADE, "0123456789abcdef" * 2 + "01234567")
    assert name == "papka-20270115-103000-0123456789ab"
    assert is_copy_name(name)
    assert not is_copy_name(f".papka-{name}")
