"""A fact that was destroyed is found wherever a byte of it is left, however it is packed."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest

from papka.repository.byte_search import (
    find_in,
    needle_digest,
    needle_object,
    needle_text,
    search,
)
from tests.support.histories import RECORD, School, git

NAME = "Выдумкина Ёлка"
NEEDLES = needle_text("имя", NAME)
TEXT = f"name: {NAME}\n".encode()


def _zip(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/sharedStrings.xml", data)
    return made.getvalue()


def _pdf(data: bytes) -> bytes:
    packed = zlib.compress(data)
    head = f"%PDF-1.7\n1 0 obj\n<</Length {len(packed)}/Filter/FlateDecode>>\nstream\n"
    return head.encode() + packed + b"\nendstream\nendobj\n"


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "composed otherwise": lambda name: name.replace("Ё", "Е\u0308").encode(),
    "capitals": lambda name: name.upper().encode(),
    "escaped": lambda name: json.dumps(name).encode(),
    "escaped in capitals": lambda name: json.dumps(name).upper().replace("\\U", "\\u").encode(),
    "in an address": lambda name: quote(name, safe=" ").encode(),
    "as a web page": lambda name: name.encode("ascii", "xmlcharrefreplace"),
    "old windows": lambda name: name.encode("cp1251"),
    "utf-16": lambda name: name.encode("utf-16"),
    "title of a pdf": lambda name: (
        b"<FEFF" + name.encode("utf-16-be").hex().upper().encode() + b">"
    ),
    "folded over two lines": lambda name: name.replace(" ", "\n    ").encode(),
    "zip": lambda name: _zip(name.encode()),
    "zip in a zip": lambda name: _zip(_zip(name.encode())),
    "gzip": lambda name: gzip.compress(name.encode()),
    "zlib": lambda name: zlib.compress(name.encode()),
    "pdf": lambda name: _pdf(name.encode()),
    "file of a pdf": lambda name: _pdf(_zip(name.encode())),
    "torn zlib": lambda name: zlib.compress(name.encode() + bytes(range(256)) * 40)[:-9],
}


@pytest.mark.parametrize("way", list(WRITTEN))
def test_name_is_found_in_every_spelling(way: str) -> None:
    assert find_in(b"x" * 9 + WRITTEN[way](NAME), NEEDLES) or find_in(WRITTEN[way](NAME), NEEDLES)
    assert not find_in(WRITTEN[way]("Выдумкин Ёлк"), NEEDLES)


def test_digest_and_id_are_found_as_text_and_as_bytes() -> None:
    digest, id_ = "ab" * 32, "cd" * 20
    raw = bytes.fromhex(digest)
    for written in (digest, digest.upper(), base64.b64encode(raw).decode()):
        assert find_in(written.encode(), needle_digest(digest)) == {"контрольная сумма"}
    assert find_in(b"\0" + raw, needle_digest(digest)) == {"контрольная сумма"}
    assert find_in(b"100644 a\0" + bytes.fromhex(id_), needle_object(id_)) == {"номер объекта"}
    assert find_in(id_.encode(), needle_object(id_)) == {"номер объекта"}
    assert find_in(b"", needle_digest(digest) + needle_object(id_)) == frozenset()


def test_too_short_a_fact_is_no_fact() -> None:
    with pytest.raises(ValueError, match="имя"):
        needle_text("имя", "Ия"[:1])


def test_many_facts_are_looked_for_at_once_and_each_keeps_its_kind() -> None:
    """Facts that begin alike, one within another, and signs that mean something in a pattern."""
    facts = {"имя": "Пробин", "телефон": "+7 (900) 000-00-00", "адрес": "Пробинская ул."}
    needles = tuple(each for kind, text in facts.items() for each in needle_text(kind, text))
    assert find_in(facts["телефон"].encode(), needles) == {"телефон"}
    assert find_in(f"{facts['имя']}, {facts['телефон']}".encode(), needles) == {"имя", "телефон"}
    assert find_in(facts["адрес"].encode(), needles) == {"имя"}  # found by what it begins with
    assert find_in(b"+7 9900 000-00-00", needles) == frozenset()


def test_every_corner_of_an_archive_is_searched(school: School) -> None:
    """Loose and packed objects, unreachable ones, deltas, logs, plain files, packs lying about."""
    root = school.root
    needles = (*NEEDLES, *needle_object(git(root, "rev-parse", f"HEAD~1:{RECORD}").strip()))
    places = {(hit.path, hit.kind) for hit in search([root], needles)}
    assert places == {
        ("records/students/2025/2025-0001", "номер объекта"),
        (RECORD, "номер объекта"),
    }

    noise = "\n".join(f"line {number}" for number in range(400))
    school.save({RECORD: f"{noise}\n".encode()}, late=61)
    school.save({RECORD: f"{noise}\nname: {NAME}\n".encode()}, late=62)
    left = git(root, "rev-parse", f"HEAD:{RECORD}").strip()
    (root / "print").mkdir()
    git(root, "bundle", "create", "-q", str(root / "print" / "copy"), "main")
    git(root, "reset", "-q", "--hard", "HEAD~1")  # nothing but a log leads there
    git(root, "repack", "-adfq")
    (root / ".papka" / "begun").mkdir(parents=True)
    (root / ".papka" / "begun" / "a").write_bytes(_zip(TEXT))
    (root / "print" / f"{NAME}.pdf").write_bytes(b"")
    (root / ".git" / "objects" / "pack" / "tmp_pack_x").write_bytes(TEXT)
    hits = search([root], NEEDLES)
    assert {hit.path for hit in hits if not hit.object} == {
        ".papka/begun/a", f"print/{NAME}.pdf", ".git/objects/pack/tmp_pack_x", "print/copy",
    }  # fmt: skip
    assert {hit.object for hit in hits} == {"", left}
    assert f"объект {left[:12]}" in "".join(hit.where for hit in hits)
    assert all(hit.kind == "имя" for hit in hits)


def test_store_that_cannot_be_read_proves_nothing(school: School) -> None:
    from papka.core.errors import GitFailed

    git(school.root, "repack", "-adq")
    (pack,) = (school.root / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o644)
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 0xFF
    pack.write_bytes(bytes(data))
    with pytest.raises(GitFailed):
        search([school.root], NEEDLES)
