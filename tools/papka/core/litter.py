"""Know what systems, editors and cloud disks leave in a folder: it is never a record.

Litter is left where it lies: it is not read, not saved and blocks nothing. A copy that a cloud disk
or a file manager made of a record may hold somebody's work, so it is named as what it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_NAMES = frozenset(
    (
        # macOS, Windows, Linux desktops
        *(".ds_store", ".localized", ".apdisk", "icon\r", "thumbs.db", "ehthumbs.db"),
        *("ehthumbs_vista.db", "desktop.ini", ".directory", ".hidden", "ntuser.dat"),
        *("ntuser.ini", ".picasa.ini", ".volumeicon.icns", ".ds_store?", "thumbs.db:encryptable"),
        # cloud disks
        *(".dropbox", ".dropbox.attr", ".owncloudsync.log", ".sync.ffs_db", ".stignore"),
        *(".nextcloudsync.log", ".csync_journal.db", ".megaignore", ".dropbox.device"),
        # what Vim tries whether it may write with
        "4913",
    )
)
_FOLDERS = frozenset(
    (
        *("__macosx", ".spotlight-v100", ".trashes", ".fseventsd", ".temporaryitems"),
        *("$recycle.bin", "system volume information", ".thumbnails", ".comments"),
        *(".dropbox.cache", ".stfolder", ".stversions", ".tmp.drivedownload", ".tmp.driveupload"),
        *(
            "@eadir",
            "#recycle",
            "@recycle",
            "lost+found",
            ".appledouble",
            ".documentrevisions-v100",
        ),
        *(".sync", ".insync-trash", ".idea", ".vscode", ".obsidian", "__pycache__", ".trash"),
    )
)
_BEGINNINGS = (
    *("._", "~$", ".~", ".#", "#", ".fuse_hidden", ".nfs", ".goutputstream-", ".trash-", "~wrl"),
    *(".syncthing.", "~syncthing~", ".sync_", ".nc-sasctmp", ".com.google.chrome."),
)
_ENDINGS = (
    # editors
    *(".swp", ".swo", ".swn", ".swx", ".kate-swp", "~", ".bak", ".tmp", ".temp", ".orig", ".rej"),
    *(".save", ".crswap", ".old", ".backup", ".un~"),
    # office programs, browsers, links of cloud disks
    *(".icloud", ".partial", ".download", ".opdownload", ".yadownload"),
    *(".laccdb", ".asd", ".crdownload", ".lnk", ".url", ".webloc", ".gdoc", ".gsheet", ".gslides"),
    *(".ffs_db", ".ffs_lock", ".ffs_tmp", ".gstmp", ".pyc"),
)
_PASSING = re.compile(
    # half of a download or of a saving, beside the name it is to have; records end with .part too
    r".+\.[a-z]{2,5}\.(?:part|tmp[\w-]+)"
    # what a file manager calls a file that it has just made
    r"|(?:новый (?:текстовый )?документ|new text document|безымянный|untitled)(?: ?\(?\d{1,3}\)?)?"
    r"(?:\.txt)?"
)
_REPEATED = re.compile(r"(?P<name>.+?) ?\(\d{1,3}\)(?P<end>\.\w+)?")
"""A file of this name met another on a cloud disk."""
_COPY = re.compile(
    r"(?P<before>(?:копия|copy of) )?"
    r"(?P<name>.+?)"
    # a code may be «hard-copy», never «hard copy»
    r"(?P<after> ?\(\d{1,3}\)|(?:(?: +[-–—])? +|_)copy(?: ?\(?\d{1,3}\)?)?"
    r"|(?: ?[-–—_])? ?копия(?: ?\(?\d{1,3}\)?)?"
    r"| ?\((?:[^()]*(?:копия|copy|conflict|конфликт)[^()]*)\)"
    r"|\.sync-conflict-[\w-]+|_conflict-[\w-]+|(?P<bare> \d{1,2})"
    # both sides of a merge, as git lays them out
    r"|(?:\.yaml)?[._](?:local|remote|base|backup)[._]\d+)?",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"20\d\d-\d{4,}", re.ASCII)
"""Name of a personal folder."""
_MAYBE_COPY = re.compile(
    r"\(|копия|copy|conflict|конфликт| \d{1,2}(?:\.yaml|/|\Z)|[._](?:local|remote|base|backup)[._]",
    re.IGNORECASE,
)


class Copy(NamedTuple):
    """A copied file or folder, and what it was copied from, as paths; of a folder with a slash."""

    path: str
    original: str


def copy_in(path: str) -> Copy | None:
    """Return the copy that the path is, or lies in; None when its name says no such thing.

    Only records are meant: a scan may bear any name. A path that ends with a slash is a folder's.
    """
    if not _MAYBE_COPY.search(path):
        return None
    *folders, name = path.split("/")
    for at, each in enumerate(folders):
        if original := _original_folder(each):
            above = "".join(f"{folder}/" for folder in folders[:at])
            return Copy(f"{above}{each}/", f"{above}{original}/")
    original = _original_file(name)
    return Copy(path, "/".join([*folders, original])) if original else None


@lru_cache(maxsize=1 << 14)
def _original_file(name: str) -> str | None:
    if not name.endswith(".yaml"):
        return None
    found = _find_copy(name.removesuffix(".yaml"))
    return f"{found['name']}.yaml" if found else None


@lru_cache(maxsize=1 << 14)
def _original_folder(name: str) -> str | None:
    found = _find_copy(name)
    # somebody's own folder may be called «сканы 2»
    if found is None or (found["bare"] and not _PERSONAL.fullmatch(found["name"])):
        return None
    return found["name"]


def _find_copy(name: str) -> re.Match[str] | None:
    found = _COPY.fullmatch(name) if _MAYBE_COPY.search(name) else None
    return found if found is not None and (found["before"] or found["after"]) else None


def is_litter(path: str) -> bool:
    """Whether a path is what a system, an editor or a disk left there, copies of records too."""
    return bool(litter_in(path))


def litter_in(path: str) -> str:
    """Return the name in a path that makes it litter, a folder's with a slash; "" for none."""
    *folders, name = path.removeprefix(_OWN).split("/")
    hides = "/." in path and folders[0] in SHARED
    for each in folders:
        if is_litter_folder(each) or (hides and is_hidden(each)):
            return f"{each}/"
    return name if is_litter_file(name) or (hides and is_hidden(name)) else ""


SHARED = ("records", "schema", "templates")
"""Folders of an archive in which nothing is hidden but what the format itself hides."""


def is_hidden(name: str) -> bool:
    """Whether a name in these folders is one that some program hides for itself.

    A salt is a record; what git obeys is never passed over.
    """
    if not name.startswith("."):
        return False
    plain = name.casefold()
    return plain == ".gitkeep" or not plain.startswith((".salt", ".git"))


_OWN = ".vscode/"
"""A folder that an archive itself has at its top, for the rules of its editor."""


@lru_cache(maxsize=1 << 14)
def is_litter_file(name: str) -> bool:
    """Whether a file of this name is litter, wherever it lies."""
    plain = name.casefold()
    return (
        plain in _NAMES
        or plain.startswith(_BEGINNINGS)
        or plain.endswith(_ENDINGS)
        or _PASSING.fullmatch(plain) is not None
        or _original_file(name) is not None
        or _is_repeated(plain)
    )


def _is_repeated(name: str) -> bool:
    found = _REPEATED.fullmatch(name) if name.endswith(")") or ")." in name else None
    return found is not None and f"{found['name']}{found['end'] or ''}" in _NAMES


@lru_cache(maxsize=1 << 14)
def is_litter_folder(name: str) -> bool:
    """Whether all that lies in a folder of this name is litter."""
    plain = name.casefold()
    return plain in _FOLDERS or plain.startswith(_BEGINNINGS) or _original_folder(name) is not None
