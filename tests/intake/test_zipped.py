"""ZIP: the same bytes for the same files; what bombs, leads outside or hides is refused."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.core.errors import Refused
from papka.intake import package_file
from papka.intake.package_file import is_plain, pack, unpack

NOW = datetime(2026, 11, 20, 12, 0, 2, tzinfo=UTC)
NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}(/[a-z][a-z0-9_-]{0,8}){0,3}\.yaml", fullmatch=True)


def archive(*entries: tuple[zipfile.ZipInfo | str, bytes], squeeze: bool = False) -> bytes:
    target = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
    with zipfile.ZipFile(target, "w", method) as made:
        for entry, data in entries:
            made.writestr(entry, data)
    return target.getvalue()


@given(files=st.dictionaries(NAMES, st.binary(max_size=200), max_size=6))
def test_what_was_packed_is_what_is_unpacked(files: dict[str, bytes]) -> None:
    assert unpack(pack(files, NOW), "package.zip") == files


def test_bytes_depend_on_content_and_moment_alone() -> None:
    files = {"b.txt": b"2", "a.txt": b"1"}
    elsewhere = NOW.astimezone(timezone(timedelta(hours=9)))
    assert pack(files, NOW) == pack(dict(sorted(files.items())), elsewhere)
    assert pack(files, NOW) != pack(files, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "name",
    [
        "../outside", "/etc/passwd", "a/../../b", "C:/windows", "a\\b", ".git/config", "a/.salt",
        "con", "nul.txt", "a/", "a//b", "a/b.", "имя", "a\nb", " a", "a/b/c/d/e/f/g/h/i",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    assert not is_plain(name)
    if not name.endswith("/"):
        with pytest.raises(Refused):
            unpack(archive((name, b"")), "package.zip")


def test_two_names_that_are_one_on_some_disks_are_refused() -> None:
    with pytest.raises(Refused, match="повторное"):
        unpack(archive(("a.txt", b"1"), ("A.txt", b"2")), "package.zip")


def test_a_link_is_refused() -> None:
    link = zipfile.ZipInfo("link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(Refused, match="ссылка"):
        unpack(archive((link, b"/etc/passwd")), "package.zip")


def test_a_bomb_is_refused_by_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_file, "MOST_FILE_BYTES", 1_000)
    with pytest.raises(Refused, match="слишком большое"):
        unpack(archive(("a", bytes(1_001)), squeeze=True), "package.zip")


def test_a_bomb_of_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_file, "MOST_FILES", 3)
    with pytest.raises(Refused, match="можно 3"):
        unpack(archive(*((f"a{n}", b"") for n in range(4))), "package.zip")


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(archive(("a", bytes(100_000)), squeeze=True))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.find(mark) + at
        data[place : place + 4] = struct.pack("<I", 10)
    with pytest.raises(Refused):
        unpack(bytes(data), "package.zip")


def test_files_that_lie_on_each_other_are_refused() -> None:
    """The same squeezed bytes named many times over."""
    data = bytearray(archive(("a", bytes(50_000)), ("b", bytes(50_000)), squeeze=True))
    second = data.find(b"PK\x01\x02", data.find(b"PK\x01\x02") + 4)
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    data[second + 46 : second + 47] = b"a"
    with pytest.raises(Refused):
        unpack(bytes(data), "package.zip")


@pytest.mark.parametrize("cut", [0, 1, 30, 80, -1])
def test_a_truncated_file_is_refused(cut: int) -> None:
    whole = archive(("a.txt", b"text" * 20))
    with pytest.raises(Refused):
        unpack(whole[:cut], "package.zip")


def told(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        unpack(data, "package.zip")
    assert refused.value.next_step == (
        "Попросите организацию выгрузить пакет заново (papka give package)"
    )
    return refused.value.message


def odd(**about: int) -> bytes:
    """A ZIP of one file with an entry of its own kind."""
    entry = zipfile.ZipInfo("a.txt")
    for name, value in about.items():
        setattr(entry, name, value)
    return archive((entry, b"text"))


def test_each_refusal_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(b"text") == "Файл package.zip — не ZIP или повреждён"
    link = {"create_system": 3, "external_attr": stat.S_IFLNK << 16}
    squeezed = {"compress_type": zipfile.ZIP_BZIP2}
    for about in (link, squeezed):
        assert told(odd(**about)) == "В package.zip есть ссылка, шифр или неизвестное сжатие"
    assert told(archive(("../a", b""))) == (
        "В package.zip есть недопустимое или повторное имя файла"
    )
    monkeypatch.setattr(package_file, "MOST_FILES", 2)
    files = [(f"a{number}", b"123") for number in range(3)]
    assert told(archive(*files)) == "В package.zip 3 файлов, можно 2"
    assert len(unpack(archive(*files[:2]), "package.zip")) == 2


def test_what_just_fits_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = archive(("a", b"123"), ("b/", b""), ("b/c", b"45"))
    monkeypatch.setattr(package_file, "MOST_FILE_BYTES", 3)
    monkeypatch.setattr(package_file, "MOST_BYTES", 5)
    assert unpack(data, "package.zip") == {"a": b"123", "b/c": b"45"}
    large = "Файл package.zip раскрывается в слишком большое"
    monkeypatch.setattr(package_file, "MOST_BYTES", 4)
    assert told(data) == large
    monkeypatch.setattr(package_file, "MOST_BYTES", 5)
    monkeypatch.setattr(package_file, "MOST_FILE_BYTES", 2)
    assert told(data) == large


@pytest.mark.parametrize(
    "about",
    [
        {"create_system": 3, "external_attr": (stat.S_IFREG | 0o644) << 16},
        {"create_system": 3, "external_attr": 0},
        {"create_system": 0, "external_attr": stat.S_IFLNK << 16},
    ],
)
def test_a_plain_file_of_any_system_is_unpacked(about: dict[str, int]) -> None:
    assert unpack(odd(**about), "package.zip") == {"a.txt": b"text"}


def test_names_of_ordinary_depth_and_signs_are_plain() -> None:
    for name in ("a/b/c/d/e/f/g/h", "SHA256SUMS.sig", "a b", "console.txt", "com", "lpt10", "a.b"):
        assert is_plain(name), name
    for name in ("a  b", "a ", "COM1", "aux.tar.gz", ".", "", "a/.b"):
        assert not is_plain(name), name


def test_what_is_packed_is_stored_as_a_plain_file_of_one_moment() -> None:
    with zipfile.ZipFile(io.BytesIO(pack({"b": b"2", "a": b"1"}, NOW))) as opened:
        entries = opened.infolist()
    assert [entry.filename for entry in entries] == ["a", "b"]
    assert {entry.date_time for entry in entries} == {(2026, 11, 20, 12, 0, 2)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {entry.create_system for entry in entries} == {3}
    assert {entry.external_attr >> 16 for entry in entries} == {stat.S_IFREG | 0o644}
