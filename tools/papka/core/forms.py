"""Where printed forms live and how they name what they use.

Invariants: everything a form may use is a file below `templates/`; its registered id is
`papka:<path below templates/>`. A page can ask for nothing else, neither a file nor the network.
A form has its own folder, the fonts, and what files of these name in so many letters: so what a
paper rests on is known before it is printed.
"""

from __future__ import annotations

import re

from papka.core.snapshot import DictSnapshot, Snapshot

TEMPLATES = "templates/"
SCHEME = "papka:"
_ASSETS = (".css", ".ttf")
_SHARED = ("paper.css", "document.css")
_FONTS = "fonts"
_NAMED = re.compile(rb"""["'(](?:papka:)?([\w-][\w./-]*\.(?:j2|css|ttf))["')]""")


def assets(templates: Snapshot) -> dict[str, bytes]:
    """Registered id -> bytes of every style sheet and font of the forms."""
    paths = [p for p in templates.paths() if p.startswith(TEMPLATES) and p.endswith(_ASSETS)]
    return {
        SCHEME + path.removeprefix(TEMPLATES): data for path, data in templates.read_many(paths)
    }


def parts_of(templates: Snapshot, form: str) -> tuple[str, ...]:
    """Folders and files, there or not, that this form can use, sorted."""
    there = frozenset(templates.paths())
    folders = (f"{TEMPLATES}{form}", f"{TEMPLATES}{_FONTS}")
    own = tuple(folder + "/" for folder in folders)
    found = {*folders}
    left = [path for path in there if path.startswith(own)]
    left += [TEMPLATES + name for name in _SHARED]
    seen: set[str] = set()
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        if not path.startswith(own):
            found.add(path)
        if path in there and path.endswith((".j2", ".css")):
            left += [TEMPLATES + name.decode() for name in _NAMED.findall(templates.read(path))]
    return tuple(sorted(found))


def only(templates: Snapshot, parts: tuple[str, ...]) -> DictSnapshot:
    """These parts of the templates and nothing else, read once."""
    folders = tuple(part + "/" for part in parts)
    paths = [path for path in templates.paths() if path in parts or path.startswith(folders)]
    return DictSnapshot(dict(templates.read_many(paths)))
