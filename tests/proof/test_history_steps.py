"""What no save lets through, committed past papka by someone whose signature is good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from papka.checks import transitions, unchanged_records
from papka.core.findings import Code
from papka.core.places import ALLOWED_SIGNERS, ORGANIZATION, program_file, results_file
from papka.proof import verify_codes
from papka.proof.chronicle import judge_commits
from papka.proof.clean_room import clean_room
from papka.proof.history_reading import changes_of, walk
from papka.proof.record_history import judge_steps
from papka.proof.verification import verify
from papka.repository import handle
from papka.repository.git_values import object_id
from papka.repository.signing import generate_key
from papka.repository.store import locate
from tests.checks.test_bad_archives import STEPS
from tests.checks.tried_archives import FOLDERS, states
from tests.support.archives import good, loaded
from tests.support.counting import Counting, CountingRoom
from tests.support.histories import School, trust
from tests.support.school import NOW as BUILT
from tests.support.school import Archive

Files = Mapping[str, bytes]
NAMES = {
    *(code.name for code in vars(unchanged_records).values() if isinstance(code, Code)),
    verify_codes.RECORD_UNREADABLE.name,
} - {unchanged_records.DESTRUCTION_FORBIDDEN.name}  # once rewritten, history cannot show it
CARD = "records/students/2026/2026-0001/student.yaml"
AWARDS = "records/students/2026/2026-0001/awards.yaml"
NOTICES = "records/students/2026/2026-0001/notices.yaml"
RESULTS = results_file("2026-0001", "2026-1")
GUITAR = program_file("guitar")


@pytest.fixture
def forger(tmp_path: Path) -> School:
    """An archive whose head commits whatever is wanted, the good archive first."""
    keys, root = tmp_path / "keys", tmp_path / "archive"
    keys.mkdir()
    for name in ("s001", "recovery", "s003"):
        generate_key(keys / name, f"papka {name}")
    handle.init(root)
    return School(root, keys)


def begin(forger: School, files: Files | None = None) -> None:
    trusted = {ALLOWED_SIGNERS: trust(forger.keys)}
    step(forger, {**(good() if files is None else files), **trusted}, parents=(), late=0)


def step(
    forger: School,
    changes: Mapping[str, bytes | None],
    parents: tuple[str, ...] | None = None,
    late: int = 60,
) -> str:
    sign = forger.signer("s001").sign
    return forger.forge(changes, sign=sign, by="s001", parents=parents, late=late)


def told(forger: School) -> list[tuple[str, str, str]]:
    """Code, path and commit of what is said of steps."""
    return [
        (each.code.name, each.where.path, each.where.commit)
        for each in forger.verify().findings
        if each.code.name in NAMES
    ]


def edited(path: str, old: str, new: str) -> bytes:
    data = good()[path]
    assert old.encode() in data
    return data.replace(old.encode(), new.encode())


def without_awards() -> bytes:
    return good()[AWARDS].partition(b"awards:")[0] + b"awards: []\n"


def differences(before: Files, after: Files) -> Iterator[tuple[str, bytes | None]]:
    for path in sorted({*before, *after} - {ALLOWED_SIGNERS}):
        if before.get(path) != after.get(path):
            yield path, after.get(path)


@pytest.mark.parametrize(
    "folder",
    [folder for folder in FOLDERS if folder.name.partition("--")[0] in STEPS & NAMES],
    ids=lambda folder: folder.name,
)
def test_step_in_history_is_judged_as_a_save_is(folder: Path, forger: School) -> None:
    before, after = states(folder)
    begin(forger, before)
    bad = step(forger, dict(differences(before, after)))
    old, new = (loaded(files) for files in (before, after))
    found = transitions.compare(old, new)
    assert told(forger) == [(each.code.name, each.where.path, bad) for each in found]


def test_honest_archive_has_no_bad_step(archive: Archive) -> None:
    found = verify(archive.root, now=BUILT + timedelta(hours=1)).findings
    assert [each for each in found if each.code.name in NAMES] == []


def test_entry_removed_and_put_back_stays_found(forger: School) -> None:
    begin(forger)
    bad = step(forger, {AWARDS: without_awards()})
    step(forger, {AWARDS: good()[AWARDS]}, late=120)
    assert told(forger) == [("ID_REMOVED", AWARDS, bad)]


def test_file_removed_alone_takes_its_entries(forger: School) -> None:
    begin(forger)
    bad = step(forger, {NOTICES: None})
    assert told(forger) == [("ID_REMOVED", NOTICES, bad)]


def test_entries_dropped_behind_a_file_made_unreadable(forger: School) -> None:
    """Two commits, each of which alone takes nothing away that could be read."""
    begin(forger)
    torn = step(forger, {AWARDS: b"awards: [\n"})
    step(forger, {AWARDS: b"awards: {\n"}, late=120)
    bad = step(forger, {AWARDS: without_awards()}, late=180)
    assert told(forger) == [
        ("RECORD_UNREADABLE", AWARDS, torn),
        ("ID_REMOVED", AWARDS, bad),
    ]


def test_file_torn_and_put_back_is_told_once(forger: School) -> None:
    begin(forger)
    torn = step(forger, {AWARDS: b"awards: [\n"})
    step(forger, {AWARDS: good()[AWARDS]}, late=120)
    assert told(forger) == [("RECORD_UNREADABLE", AWARDS, torn)]


def test_schemas_that_refuse_everything_hide_no_step(forger: School) -> None:
    begin(forger)
    step(forger, {path: b"false\n" for path in good() if path.startswith("schema/")})
    bad = step(forger, {RESULTS: edited(RESULTS, "mark: 2", "mark: 5")}, late=120)
    assert told(forger) == [("CLOSED_PERIOD_CHANGED", RESULTS, bad)]


def test_organization_of_another_edition_hides_no_scale(forger: School) -> None:
    begin(forger)
    odd = step(forger, {ORGANIZATION: edited(ORGANIZATION, "format: 2", "format: 3")})
    bad = step(forger, {ORGANIZATION: edited(ORGANIZATION, "lowest: 1", "lowest: 2")}, late=120)
    assert told(forger) == [
        ("RECORD_UNREADABLE", ORGANIZATION, odd),
        ("SCALE_CHANGED", ORGANIZATION, bad),
    ]


def test_card_removed_beside_an_honest_change(forger: School) -> None:
    """A save says of a folder without its card that it is out of place."""
    begin(forger)
    bad = step(forger, {CARD: None, NOTICES: edited(NOTICES, "2026-05-30", "2026-05-31")})
    assert ("FOLDER_REMOVED", CARD.rpartition("/")[0], bad) in told(forger)


@pytest.mark.parametrize("mode", ["120000", "160000"])
def test_entries_dropped_behind_a_link_or_a_submodule(mode: str, forger: School) -> None:
    begin(forger)
    sign = forger.signer("s001").sign
    torn = forger.forge({AWARDS: b"../x"}, sign=sign, by="s001", modes={AWARDS: mode})
    bad = step(forger, {AWARDS: without_awards()}, late=180)
    assert told(forger) == [
        ("RECORD_UNREADABLE", AWARDS, torn),
        ("ID_REMOVED", AWARDS, bad),
    ]


def test_used_edition_changed_together_with_its_student(forger: School) -> None:
    begin(forger)
    bad = step(
        forger,
        {GUITAR: edited(GUITAR, "hours: 144", "hours: 120"), AWARDS: without_awards()},
    )
    assert told(forger) == [("ID_REMOVED", AWARDS, bad), ("USED_EDITION_CHANGED", GUITAR, bad)]


def test_edition_nobody_goes_by_may_change(forger: School) -> None:
    begin(forger)
    step(forger, {GUITAR: edited(GUITAR, "hours: 120", "hours: 121")})
    assert told(forger) == []


def test_entry_dropped_inside_a_merge(forger: School) -> None:
    begin(forger)
    first = forger.head
    side = step(forger, {NOTICES: edited(NOTICES, "2026-05-30", "2026-05-31")})
    bad = step(forger, {AWARDS: without_awards()}, parents=(first, side), late=120)
    assert told(forger) == [("ID_REMOVED", AWARDS, bad)]


def test_bad_step_above_a_lost_commit_is_still_found(forger: School) -> None:
    begin(forger)
    lost = step(forger, {NOTICES: edited(NOTICES, "2026-05-30", "2026-05-31")})
    step(forger, {NOTICES: good()[NOTICES]}, late=120)
    bad = step(forger, {AWARDS: without_awards()}, late=180)
    (forger.root / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    assert told(forger) == [("ID_REMOVED", AWARDS, bad)]


def test_old_version_lost_says_nothing_of_steps(forger: School) -> None:
    """The store's check has told of it; what cannot be compared accuses nobody."""
    begin(forger)
    step(forger, {AWARDS: without_awards()})
    id_ = object_id("blob", good()[AWARDS])
    (forger.root / ".git" / "objects" / id_[:2] / id_[2:]).unlink()
    assert told(forger) == []
    assert "OBJECT_MISSING" in forger.codes()


def test_rights_and_steps_are_both_told(forger: School) -> None:
    begin(forger)
    clerk = forger.signer("s003").sign
    bad = forger.forge({GUITAR: None}, sign=clerk, by="s003")
    found = {(f.code.name, f.where.commit) for f in forger.verify().findings}
    assert {("SIGNER_NOT_ALLOWED", bad), ("USED_EDITION_CHANGED", bad)} <= found


def test_only_what_commits_changed_is_read_and_once(forger: School) -> None:
    begin(forger)
    texts = [good()[AWARDS], *(good()[AWARDS] + b"# %d\n" % turn for turn in range(3))]
    for turn, text in enumerate(texts[1:], start=1):
        step(forger, {AWARDS: text, f"records/orders/2027/000{turn}.yaml": b"# new\n"}, late=turn)
    Counting.asked.clear()
    with clean_room(locate(forger.root)) as room:
        commits = walk(room, forger.head).commits
        judged = judge_commits(commits, changes_of(room, commits), {})
        assert list(judge_steps(CountingRoom(room.folder), judged)) == []
    assert Counting.asked == Counter(object_id("blob", text) for text in texts)
