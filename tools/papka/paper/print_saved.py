"""Print what is saved: one form for one address, from the cache when nothing has changed.

Only saved records get on paper, so that every sheet can name the commit it shows; what lies unsaved
in the folder and would have changed the paper is named.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from papka.core.litter import is_litter
from papka.core.places import ORGANIZATION, STAFF
from papka.core.snapshot import Part, bytes_of
from papka.paper.limited_process import run_apart, run_limited
from papka.paper.print_cache import KeptPrints, PrintedDocument, PrintOptions
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import CommitTree
from papka.repository.files import files_below, read_present
from papka.repository.git_values import MAIN, object_id

_OF_CONSENTS = ("/consents.yaml", "/enrolments.yaml")
_ENDS = re.compile(rb"^ +(?:valid_until|revoked|ended):", re.MULTILINE)
"""A consent that ends, or a study to whose end one was given."""
_FEW = 500
"""So many files are compared one by one; for more, git's own index is asked."""


def print_saved(  # noqa: PLR0913 - what a print depends on, all of it named
    root: Path,
    form: str,
    address: str,
    options: PrintOptions | None = None,
    *,
    rev: str | None = None,
    cache: bool = True,
    keep: bool = True,
    apart: bool = True,
) -> PrintedDocument:
    """Print the form as of `rev`, the main branch's last commit by default.

    Without `keep` what was printed before is used, and nothing is written. `apart`: in a process of
    its own, which a process of several threads must not fork: its git would wait for one another.

    Raise NotFound, Refused, Unreadable, PangoMissing, TemplateBroken, PrintFailed, Overran.
    """
    options = options or PrintOptions()
    tree = CommitTree(root, rev or MAIN)
    kept = KeptPrints(root, tree, options, cache=cache, keep=keep)
    printed = kept.find(form, address)
    if printed is None:
        run = run_apart if apart else run_limited
        printed = _print(root, tree.commit, options, form, address, run)
        kept.keep(form, address, printed)
    return printed if rev else replace(printed, unsaved=unsaved_of(root, tree, printed))


def find_turn(root: Path, today: dt.date, folder: str = "") -> dt.date | None:
    """Return the last day up to today from which the last save lets another sign for the school.

    The one place where a print asks what day it is: a paper is signed when it is printed, whatever
    the age of the state it shows. `folder`: of the personal files that are printed; of them it is
    also the day from which a consent for a photo holds no longer (R-3.1).
    """
    tree = CommitTree(root, MAIN)
    days = (
        _find_turn_of_school(tree, today),
        _find_end_of_photos(tree, folder, today) if folder else None,
    )
    return max((day for day in days if day is not None), default=None)


def _find_end_of_photos(tree: CommitTree, folder: str, today: dt.date) -> dt.date | None:
    paths = [path for path in tree.below(folder) if path.endswith(_OF_CONSENTS)]
    told = dict(tree.read_many(paths))
    ends = {path.rpartition("/")[0] for path, data in told.items() if _ENDS.search(data)}
    told = {path: data for path, data in told.items() if path.rpartition("/")[0] in ends}
    if not told:
        return None
    from papka.records.archive import load_part
    from papka.records.derived.in_force import last_end_of_photos
    from papka.records.schemas import SchemaSet

    told[ORGANIZATION] = bytes_of(tree, ORGANIZATION) or b""
    return last_end_of_photos(load_part(told.items(), SchemaSet.load(Part(tree, "schema"))), today)


def _find_turn_of_school(tree: CommitTree, today: dt.date) -> dt.date | None:
    told = {path: bytes_of(tree, path) or b"" for path in (ORGANIZATION, STAFF)}
    if b"\nformer:" not in told[ORGANIZATION] and b"acting:" not in told[STAFF]:
        return None
    from papka.records.archive import load_part
    from papka.records.derived.leadership import last_turn
    from papka.records.schemas import SchemaSet

    return last_turn(load_part(told.items(), SchemaSet.load(Part(tree, "schema"))), today)


def _print(  # noqa: PLR0913 - what is printed, and how it is limited
    root: Path,
    commit: str,
    options: PrintOptions,
    form: str,
    address: str,
    run: Callable[[Callable[[], PrintedDocument]], PrintedDocument],
) -> PrintedDocument:
    """Print within limits."""
    from papka.paper.press import Press  # all that reads, words and prints

    def press() -> PrintedDocument:
        return Press(root, CommitTree(root, commit), options).press(form, address)

    if not options.html:
        import papka.paper.pdf  # noqa: F401 - slow or missing
    return run(press)


def unsaved_of(root: Path, tree: CommitTree, printed: PrintedDocument) -> tuple[str, ...]:
    """Return what the paper rests on and differs in the work tree, sorted."""
    parts = tuple(printed.rests_on)
    saved = [path for part in parts for path in (tree.below(part) or (part,))]
    if len(saved) > _FEW:
        folders = tuple(f"{part}/" for part in parts)
        changed = [path for path, _ in commit_snapshots.worktree_changes(root)]
        return tuple(
            path
            for path in changed
            if (path in parts or path.startswith(folders)) and not is_litter(path)
        )
    return tuple(sorted(_list_differing(root, tree, parts, saved)))


def _list_differing(
    root: Path, tree: CommitTree, parts: tuple[str, ...], saved: list[str]
) -> Iterator[str]:
    paths = {*saved, *(path for part in parts for path in files_below(root, part))}
    paths = {path for path in paths if not is_litter(path)}
    lying = read_present(root, sorted(paths))
    for path in paths:
        id_ = object_id("blob", lying[path]) if path in lying else None
        if id_ != tree.id_of(path):
            yield path
