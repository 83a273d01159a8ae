"""Copies on media as other programs see them: what lies in the one file, and the older layout."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from papka.copies.medium_format import (
    FILES,
    LIST,
    MANIFEST,
    compose_list,
    compose_manifest,
    read_list,
    read_manifest,
)


def read_inside(copy: Path) -> dict[str, bytes]:
    """Everything in the copy's one file by its name, as the standard library reads it."""
    found = {}
    with tarfile.open(copy / FILES, "r:") as opened:
        for each in opened:
            file = opened.extractfile(each)
            assert file is not None
            found[each.name] = file.read()
    return found


def flip_inside(copy: Path, name: str) -> None:
    """Flip one bit of a file in the copy's one file."""
    with tarfile.open(copy / FILES, "r:") as opened:
        at = opened.getmember(name).offset_data
    data = bytearray((copy / FILES).read_bytes())
    data[at] ^= 1
    (copy / FILES).write_bytes(data)


def put_inside(copy: Path, name: str, data: bytes | None, *, listed: bool = True) -> None:
    """Change one file in the copy's one file, or take it away; `listed`: make all lists agree."""
    files = read_inside(copy)
    if data is None:
        del files[name]
    else:
        files[name] = data
    was = (copy / LIST).read_bytes()
    write_inside(copy, files)
    if listed:
        agree(copy, FILES, LIST)
    else:
        (copy / LIST).write_bytes(was)


def write_inside(copy: Path, files: Mapping[str, bytes]) -> None:
    """Write these into the copy's one file, as another program writes it, and its list."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as made:
        for path, content in files.items():
            header = tarfile.TarInfo(path)
            header.size = len(content)
            made.addfile(header, io.BytesIO(content))
    (copy / FILES).write_bytes(out.getvalue())
    sums = {path: sha256(content).hexdigest() for path, content in files.items()}
    (copy / LIST).write_bytes(compose_list(sums))


def agree(copy: Path, *names: str) -> None:
    """Make the manifest agree with these files as they are."""
    manifest = read_manifest((copy / MANIFEST).read_bytes())
    sums = {name: sha256((copy / name).read_bytes()).hexdigest() for name in names}
    agreed = replace(manifest, files={**manifest.files, **sums})
    (copy / MANIFEST).write_bytes(compose_manifest(agreed))


def make_older(copy: Path) -> None:
    """Turn a copy into one of the first version, with a folder of plain files."""
    for path, data in read_inside(copy).items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_bytes(data)
    manifest = read_manifest((copy / MANIFEST).read_bytes())
    sums = {path: sum_ for path, sum_ in manifest.files.items() if path not in (FILES, LIST)}
    sums |= read_list((copy / LIST).read_bytes())
    (copy / FILES).unlink()
    (copy / LIST).unlink()
    first = replace(manifest, files=sums, version=1)
    (copy / MANIFEST).write_bytes(compose_manifest(first))
