"""What `verify` will say of a commit's content, asked before there is one: names, attributes, salts
and the persons named outside their folders.

Invariants: the same rules as of history, on the step that a save would make; what stood wrong
before is not this save's; cards are read only when words could name somebody. Absent on purpose:
signer, rights, trust and seals (`permissions.judge_paths`), and what a save cannot make: merges,
links, odd times and headers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from papka.core.findings import Finding
from papka.core.history import FILE, Change, Commit, Person, object_id
from papka.core.snapshot import Snapshot, bytes_of
from papka.core.store import TrackedFile
from papka.integrity import collisions, evidence, paths
from papka.integrity.admission import judge_admission
from papka.integrity.attributes import judge_attributes
from papka.integrity.chronicle import Chronicle, Step, Verdict
from papka.integrity.personal import (
    OF_THE_SCHOOL,
    Persons,
    is_card,
    is_common,
    judge_messages,
    judge_places,
    judge_texts,
)
from papka.integrity.salts import judge_salts, salt_of
from papka.integrity.standing import Standing
from papka.integrity.trust_state import NOTHING

_NOBODY = Person("", "", 0, "+0000")


def judge_beforehand(
    before: Snapshot, after: Snapshot, changes: Mapping[str, bytes | None], message: str
) -> Iterator[Finding]:
    """`message`: what a person wrote of the change, empty for the program's own words."""
    there = frozenset(before.paths())
    step = _step(there, changes, message)
    added = [change.path for change in step.changes if change.added]
    yield from paths.safe(_chronicle(step, ()))
    yield from _twins(step, there, after) if added else ()
    yield from evidence.replaced(_chronicle(step, ()))
    written = [(c.new_id, changes[c.path] or b"") for c in step.changes if not c.deleted]
    yield from judge_attributes((step,), dict(written))
    yield from judge_admission((step,), {id_: len(data) for id_, data in written})
    yield from judge_places(added)
    yield from _salts(before, after, changes)
    yield from _persons(after, changes, step)


def _step(there: Collection[str], changes: Mapping[str, bytes | None], message: str) -> Step:
    told = tuple(
        Change(
            path,
            FILE if path in there else "",
            "" if data is None else FILE,
            "-" if path in there else "",
            "" if data is None else object_id("blob", data),
        )
        for path, data in changes.items()
    )
    commit = Commit("", "", ("",), _NOBODY, _NOBODY, None, message, (), b"")
    return Step(
        commit, told, {}, Verdict("missing"), NOTHING, NOTHING,
        authorised=False, standing=Standing(),
    )  # fmt: skip


def _chronicle(step: Step, files: Collection[str]) -> Chronicle:
    return Chronicle((step,), 0, dict.fromkeys(files, TrackedFile(FILE, "")))


def _twins(step: Step, there: Collection[str], after: Snapshot) -> Iterator[Finding]:
    """Names that come to be one with another."""
    found = list(collisions.no_twins(_chronicle(step, after.paths())))
    known = set(collisions.no_twins(_chronicle(step, sorted(there)))) if found else set()
    yield from (finding for finding in found if finding not in known)


def _salts(
    before: Snapshot, after: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    """Units that the change touches have one, and a salt it brings is nobody's yet."""
    due = {salt for path, data in changes.items() if data is not None and (salt := salt_of(path))}
    files = {path: TrackedFile(FILE, "") for path in after.paths() if salt_of(path) in due}
    files |= {path: TrackedFile(FILE, "") for path in due if bytes_of(after, path) is not None}
    brought = {path for path in due if changes.get(path) is not None}
    others = {salt for path in before.paths() if (salt := salt_of(path))} if brought else set()
    known = {path: data for path in others | due if (data := bytes_of(after, path)) is not None}
    taken = judge_salts(dict(sorted(files.items())), (), known)
    mine = {path.rpartition("/")[0] for path in due}
    yield from (each for each in taken if each.where.path.rpartition("/")[0] in mine)


def _persons(after: Snapshot, changes: Mapping[str, bytes | None], step: Step) -> Iterator[Finding]:
    """Whoever is named in the words of the save, in a common file it changes, or, on a card it
    changes, in any common file."""
    left = [path for path, data in changes.items() if data is not None]
    texts = [path for path in left if is_common(path)]
    new = [path for path in left if is_card(path)]
    if not (texts or new or step.commit.message):
        return
    staff = _noted(after, [path for path in OF_THE_SCHOOL if bytes_of(after, path) is not None])
    if texts or step.commit.message:
        everybody = _noted(after, [path for path in after.paths() if is_card(path)]).without(staff)
        yield from judge_messages((step,), everybody)
        yield from judge_texts(_words(after, texts), everybody)
    if new:
        others = [path for path in after.paths() if is_common(path) and path not in texts]
        yield from judge_texts(_words(after, others), _noted(after, new).without(staff))


def _noted(files: Snapshot, cards: Collection[str]) -> Persons:
    return Persons.of(text for _, text in _words(files, cards))


def _words(files: Snapshot, wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    for path, data in files.read_many(wanted):
        yield path, data.decode("utf-8", "replace")
