"""A repository of our own that sees the objects of another and takes nothing else from it."""

from __future__ import annotations

from pathlib import Path

from papka.core.store import MAIN


def borrow(folder: Path, *objects: Path) -> None:
    """Makes an empty bare repository in `folder` that sees the objects of others."""
    info = folder / "objects" / "info"
    for each in (info, folder / "objects" / "pack", folder / "refs" / "heads"):
        each.mkdir(parents=True)
    # What `git init` writes, without a process: every command that looks anywhere begins here.
    (folder / "HEAD").write_text(f"ref: {MAIN}\n", encoding="ascii")
    (folder / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = true\n", encoding="ascii"
    )
    lines = (_quoted(each.resolve()) + b"\n" for each in objects)
    (info / "alternates").write_bytes(b"".join(lines))


def _quoted(path: Path) -> bytes:
    """The path as a C string: a newline or a quote in it must not end the line."""
    raw = path.as_posix().encode("utf-8", "surrogateescape")
    plain = range(0x20, 0x7F)
    body = b"".join(
        b"\\%c" % byte if byte in b'"\\' else b"%c" % byte if byte in plain else b"\\%03o" % byte
        for byte in raw
    )
    return b'"' + body + b'"'
