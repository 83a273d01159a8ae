"""Where printed forms live and how they name what they use.

Invariants: everything a form may use is a file below `templates/`; its registered id is
`papka:<path below templates/>`. A page can ask for nothing else, neither a file nor the network.
"""

from __future__ import annotations

from papka.core.snapshot import Snapshot

TEMPLATES = "templates/"
SCHEME = "papka:"
_ASSETS = (".css", ".ttf")


def assets(templates: Snapshot) -> dict[str, bytes]:
    """Registered id -> bytes of every style sheet and font of the forms."""
    paths = [p for p in templates.paths() if p.startswith(TEMPLATES) and p.endswith(_ASSETS)]
    return {
        SCHEME + path.removeprefix(TEMPLATES): data for path, data in templates.read_many(paths)
    }
