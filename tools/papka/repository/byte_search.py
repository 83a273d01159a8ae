"""Search every byte of stores, folders and media for facts that were destroyed by law.

Nothing is believed of a store's own lists: each object is read as git resolves it, reachable or
not, and each plain file beside the objects too. What is packed is opened (ZIP and so XLSX and DOCX,
gzip, zlib, streams of PDF, packs and bundles of git), some layers deep. A fact is looked for in all
the ways in which papka, editors and office programs would write it down.

A trace says where and what kind of fact; it never repeats the fact, for it is printed and kept.
"""

from __future__ import annotations

import base64
import io
import os
import re
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from papka.core.errors import GitFailed
from papka.repository.files import read_if_plain
from papka.repository.git_values import ID, MAIN
from papka.repository.runner import open_git, run_git
from papka.repository.store import Store, borrow_objects, locate

LEAST = 4
"""Bytes of the shortest fact: a shorter one is found everywhere."""
_DEEPEST = 4
"""A package in a package in a package is opened, and what lies in that."""
_LARGEST = 256 << 20
"""Bytes of the largest piece that is unpacked."""
_MOST = 20_000
"""Pieces of one package that are opened."""
_CHECK = "Проверьте хранилище: papka verify"
_STORED = re.compile(
    rf"[0-9a-f]{{2}}/(?:[0-9a-f]{{62}}|[0-9a-f]{{38}})|pack/pack-{ID}\.(?:pack|idx|rev)"
)
"""Files below `objects` whose content git itself reads out."""


@dataclass(frozen=True, slots=True)
class Needle:
    """A piece of bytes that may be nowhere; `kind`: what it is, for people, without the fact."""

    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Trace:
    """A place where a fact is still there.

    `place`: the folder searched; `path`: of the file in it, or of the record in history, "" when
    nothing leads there; `object`: the id of git's object, "" for a file.
    """

    place: Path
    path: str
    object: str
    kind: str

    @property
    def where(self) -> str:
        """The place in words, for people."""
        if not self.object:
            return f"{self.place}: {self.path}"
        named = f" ({self.path})" if self.path else ""
        return f"{self.place}: объект {self.object[:12]}{named}"


def needle_text(kind: str, text: str) -> tuple[Needle, ...]:
    """Return a text in all the spellings of programs that could have written it.

    Raises ValueError for one that is too short to mean anything.
    """
    found: dict[bytes, None] = {}
    for each in dict.fromkeys((text, unicodedata.normalize("NFD", text), text.upper())):
        wide = each.encode("utf-16-be")
        in_pdf = wide.hex()
        spelt = [each.encode(), wide, each.encode("utf-16-le"), in_pdf.encode()]
        spelt.append(in_pdf.upper().encode())
        if not each.isascii():
            spelt += [_escape(each, way) for way in _ESCAPES]
            with suppress(UnicodeEncodeError):
                spelt.append(each.encode("cp1251"))
        found |= dict.fromkeys(spelt)
    return tuple(_needle(kind, each) for each in found)


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode())


_ESCAPES: tuple[Callable[[str], str], ...] = (
    *(lambda sign: f"\\u{ord(sign):04x}", lambda sign: f"\\u{ord(sign):04X}"),  # JSON, YAML
    *(_percent, lambda sign: _percent(sign).lower()),  # an address
    *(lambda sign: f"&#{ord(sign)};", lambda sign: f"&#x{ord(sign):X};"),  # a web page
)


def _escape(text: str, way: Callable[[str], str]) -> bytes:
    """Return a text whose signs beyond ASCII are written another way."""
    return "".join(sign if sign.isascii() else way(sign) for sign in text).encode()


def needle_object(id_: str, kind: str = "номер объекта") -> tuple[Needle, ...]:
    """Return the id of an object as git writes it: as text, and as bytes in folders and packs."""
    return _needle(kind, id_.encode()), _needle(kind, bytes.fromhex(id_))


def needle_digest(sha256: str, kind: str = "контрольная сумма") -> tuple[Needle, ...]:
    """Return a check sum as it may stand in a list: hexadecimal, base64, bytes."""
    raw = bytes.fromhex(sha256)
    spelt = (sha256.lower().encode(), sha256.upper().encode(), raw, base64.b64encode(raw)[:-1])
    return tuple(_needle(kind, each) for each in spelt)


def _needle(kind: str, data: bytes) -> Needle:
    if len(data) < LEAST:
        raise ValueError(kind)
    return Needle(kind, data)


def find_in(data: bytes, needles: Iterable[Needle]) -> frozenset[str]:
    """Return the kinds of facts that bytes hold, packed ones too."""
    return _find(data, _compile(tuple(needles)))


def _find(data: bytes, wanted: _Wanted) -> frozenset[str]:
    return frozenset().union(*(_match(each, wanted) for each in _unpack(data, _DEEPEST)))


def search(places: Iterable[Path], needles: Iterable[Needle]) -> tuple[Trace, ...]:
    """Search archives, bare stores, media and other folders; the traces sorted, each told once.

    Raises GitFailed for a store that cannot be read to its end, OSError for a folder: then nothing
    is proved.
    """
    wanted = _compile(tuple(dict.fromkeys(needles)))
    found = {hit for place in places for hit in _search_place(place, wanted)}
    return tuple(sorted(found, key=lambda hit: (hit.place, hit.path, hit.object, hit.kind)))


def _search_place(place: Path, wanted: _Wanted) -> Iterator[Trace]:
    stores: list[Path] = []
    for folder, folders, names in os.walk(place, onerror=_raise):
        here = Path(folder)
        if "objects" in folders and "HEAD" in names:
            stores.append(here)
        for name in (*names, *(n for n in folders if (here / n).is_symlink())):
            file = here / name
            path = file.relative_to(place).as_posix()
            kinds = _match(os.fsencode(path), wanted)
            if not any(_holds(store, file) for store in stores):
                data = read_if_plain(file)
                kinds |= _find(data, wanted) if data is not None else frozenset()
            yield from (Trace(place, path, "", kind) for kind in kinds)
    for store in stores:
        yield from _search_objects(place, store, wanted)


def _holds(store: Path, file: Path) -> bool:
    """Whether a file is one of a store's objects or packs, which are read by git."""
    objects = store / "objects"
    return file.is_relative_to(objects) and bool(
        _STORED.fullmatch(file.relative_to(objects).as_posix())
    )


def _search_objects(place: Path, folder: Path, wanted: _Wanted) -> Iterator[Trace]:
    found: dict[str, frozenset[str]] = {}
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        room = Path(name)
        borrow_objects(room, folder / "objects")
        for id_, _, data in _read_all(room):
            kinds = _find(data, wanted) | _match(id_.encode(), wanted)
            if kinds:
                found[id_] = kinds
    if not found:
        return
    paths = _name_objects(folder)
    for id_, kinds in found.items():
        yield from (Trace(place, paths.get(id_, ""), id_, kind) for kind in kinds)


def _name_objects(folder: Path) -> Mapping[str, str]:
    """Map objects that main leads to to a path; {} where that cannot be read."""
    store: Store = locate(folder.parent if folder.name == ".git" else folder)
    ran = run_git(
        "rev-list", "--objects", MAIN, folder=store.tree or store.common, accepted=(0, 128)
    )
    lines = (line.partition(" ") for line in ran.text.splitlines())
    return {id_: path for id_, _, path in lines if path}


def _read_all(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield id, kind and bytes of every object a repository sees, reachable or not."""
    options = ("cat-file", "--batch", "--batch-all-objects", "--buffer", "--unordered")
    with open_git(*options, folder=folder) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        while line := process.stdout.readline():
            yield _read_one(line, process.stdout)
        if process.wait():
            raise GitFailed(
                "cat-file", "хранилище прочитано не до конца", "Проверьте его: papka verify"
            )


def _read_one(line: bytes, answered: IO[bytes]) -> tuple[str, str, bytes]:
    id_, kind, size = line.decode("ascii", "replace").split()
    data = answered.read(int(size))
    if len(data) != int(size) or answered.read(1) != b"\n":
        raise GitFailed("cat-file", "объект обрывается", _CHECK)
    return id_, kind, data


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """All needles as one pattern, None for none, and the kind of each."""

    pattern: re.Pattern[bytes] | None
    kinds: Mapping[bytes, str]


def _match(data: bytes, wanted: _Wanted) -> frozenset[str]:
    if wanted.pattern is None:
        return frozenset()
    found = {wanted.kinds[match] for match in wanted.pattern.findall(data)}
    if b"\n" in data:  # a long line of YAML or XML may be folded within a name
        folded = re.sub(rb"\s+", b" ", data)
        found |= {wanted.kinds[match] for match in wanted.pattern.findall(folded)}
    return frozenset(found)


@lru_cache(maxsize=8)
def _compile(needles: tuple[Needle, ...]) -> _Wanted:
    """Make one pattern of all needles; what begins with another is left out, as that other is
    found there."""
    kinds: dict[bytes, str] = {}
    last: bytes | None = None
    for each in sorted(needles, key=lambda needle: needle.data):
        if last is None or not each.data.startswith(last):
            kinds[each.data] = each.kind
            last = each.data
    return _Wanted(re.compile(_join(list(kinds), 0), re.DOTALL) if kinds else None, kinds)


def _join(texts: Sequence[bytes], at: int) -> bytes:
    """Return a pattern for sorted texts that share their first `at` bytes, as a tree."""
    first, last, since = texts[0], texts[-1], at
    while at < len(first) and first[at] == last[at]:
        at += 1
    start = re.escape(first[since:at])
    if len(texts) == 1:
        return start
    groups: dict[int, list[bytes]] = {}
    for text in texts:
        groups.setdefault(text[at], []).append(text)
    return start + b"(?:" + b"|".join(_join(group, at) for group in groups.values()) + b")"


def _unpack(data: bytes, deep: int) -> Iterator[bytes]:
    """Yield bytes as they are, and then what is packed in them."""
    yield data
    if deep:
        for inner in _open(data):
            yield from _unpack(inner, deep - 1)


def _open(data: bytes) -> Iterator[bytes]:
    start = data[:2]
    if start == b"PK":
        yield from _open_zip(data)
    elif start == b"\x1f\x8b":
        yield from _inflate(data, 0, 31)
    elif len(data) > 6 and start[0] == 0x78 and int.from_bytes(start, "big") % 31 == 0:
        yield from _inflate(data, 0, 15)
    elif data[:4] == b"PACK":
        yield from _open_pack(data)
    elif data[:14] in (b"# v2 git bundl", b"# v3 git bundl"):
        at = data.find(b"\n\nPACK")
        yield from _open_pack(data[at + 2 :]) if at >= 0 else ()
    elif b"%PDF-" in data[:1024]:
        for match in re.finditer(rb"stream\r?\n", data):
            yield from _inflate(data, match.end(), 15)


def _open_zip(data: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for info in package.infolist()[:_MOST]:
                yield info.filename.encode()
                if info.file_size <= _LARGEST and not info.flag_bits & 1:
                    yield package.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError):
        return  # what was read of it has been yielded


def _inflate(data: bytes, at: int, window: int) -> Iterator[bytes]:
    """Yield what a stream of zlib or gzip holds, as far as it is sound."""
    stream, parts = zlib.decompressobj(window), []
    try:
        parts.append(stream.decompress(memoryview(data)[at:], _LARGEST))
    except zlib.error:
        return
    yield b"".join(parts)


def _open_pack(data: bytes) -> Iterator[bytes]:
    """Yield the objects of a pack, resolved by git; of a broken one the pieces that are there."""
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        folder = Path(name)
        borrow_objects(folder)
        try:
            run_git("index-pack", "--stdin", folder=folder, given=data)
        except GitFailed:
            yield from _open_pieces(data)
            return
        yield from (inner for _, _, inner in _read_all(folder))


def _open_pieces(data: bytes) -> Iterator[bytes]:
    at, view = 12, memoryview(data)
    while at < len(data) - 20:
        kind = data[at] >> 4 & 7
        at = _skip_number(data, at)
        if kind == 6:
            at = _skip_number(data, at)
        elif kind == 7:
            at += 20
        stream = zlib.decompressobj()
        try:
            yield stream.decompress(view[at:], _LARGEST)
        except zlib.error:
            return
        at = len(data) - len(stream.unused_data)


def _skip_number(data: bytes, at: int) -> int:
    """Return where a number of variable length ends."""
    while at < len(data) and data[at] & 0x80:
        at += 1
    return at + 1


def _raise(error: OSError) -> None:
    raise error
