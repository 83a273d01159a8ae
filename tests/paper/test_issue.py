"""Numbers of documents across computers: given once, on the primary, or not yet (R-5.4.3)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from papka.core.errors import Refused, RemoteUnreachable
from papka.desk.numbers import Waiting, drafts_of
from papka.paper.issued_contents import Request
from papka.paper.issuing import Issued, forget_outcome, issue, issue_drafts
from papka.repository.signing import find_actor
from tests.support.clones import CLERK, HEAD, TEACHER, Clone, Shared, share, shared_in
from tests.support.command import papka
from tests.support.histories import git
from tests.support.issuing import ISSUED, STUDY, graduate
from tests.support.made_once import MadeOnce
from tests.support.processes import process
from tests.support.school import NOW, STUDENT, Archive

DAY = dt.date(2026, 11, 20)


@pytest.fixture
def shared(archive: Archive, made_once: MadeOnce, tmp_path: Path) -> Shared:
    def work() -> None:
        graduate(archive)
        share(archive, tmp_path)

    made_once.make("graduate", tmp_path, ("archive", "keys", "primary.git"), work)
    return shared_in(tmp_path)


@pytest.fixture
def one(shared: Shared, tmp_path: Path) -> Clone:
    return shared.clone(tmp_path / "one", HEAD)


@pytest.fixture
def two(shared: Shared, tmp_path: Path) -> Clone:
    return shared.clone(tmp_path / "two", HEAD)


def own(waiting: Waiting) -> bool:
    """Signs what papka made here."""
    return waiting.is_own


def give(clone: Clone, *, is_dated: bool = True) -> Issued:
    """Issued, and told to whoever asked: asked again, it is another document."""
    request = Request("transcript", STUDY, DAY, is_dated=is_dated)
    done = issue(clone.root, find_actor(clone.root, HEAD), request, now=NOW)
    forget_outcome(clone.root, request)
    return done


def numbers(clone: Clone) -> list[str]:
    return sorted(path.stem for path in clone.path(ISSUED).glob("transcripts-*"))


def test_a_name_that_the_fonts_lack_takes_no_number(archive: Archive) -> None:
    graduate(archive)
    archive.edit(f"{STUDENT}/student.yaml", "given: Аглая", "given: Nguyễn Văn")
    saved = archive.save()
    assert "NAME_NOT_DRAWN" in {each.code.name for each in saved.findings}
    with pytest.raises(Refused) as told:
        issue(
            archive.root, find_actor(archive.root, HEAD), Request("transcript", STUDY, DAY), now=NOW
        )
    assert told.value.message.endswith("нужны: «ễ» (U+1EC5)")
    assert not list((archive.root / ISSUED).glob("transcripts-*"))


def test_the_number_is_on_the_primary_before_it_is_here(one: Clone, shared: Shared) -> None:
    assert give(one).number == "О-2026-0001"
    assert git(shared.store, "rev-parse", "main").strip() == one.head
    assert one.unsaved() == ()
    assert one.grave() == []


def test_a_computer_that_lags_gets_the_number_after(one: Clone, two: Clone) -> None:
    assert [give(one).number, give(two).number] == ["О-2026-0001", "О-2026-0002"]
    assert numbers(two) == ["transcripts-0001", "transcripts-0002"]
    assert give(one).number == "О-2026-0003"


def test_two_computers_at_once_get_two_numbers(one: Clone, two: Clone, shared: Shared) -> None:
    running = [
        process("issue", "-C", clone.root, "transcript", STUDY, "--date", "2026-11-20")
        for clone in (one, two)
    ]
    said = [each.communicate(timeout=600)[0] for each in running]
    assert [each.returncode for each in running] == [0, 0], said
    given = sorted(n for n in ("О-2026-0001", "О-2026-0002") if any(n in words for words in said))
    assert given == ["О-2026-0001", "О-2026-0002"]
    for clone in (one, two):
        assert len(list(clone.path("print").glob("*.pdf"))) == 1
        assert papka("sync", "-C", clone.root).code == 0
        assert numbers(clone) == ["transcripts-0001", "transcripts-0002"]
    assert git(shared.store, "rev-parse", "main").strip() == one.head == two.head


def test_two_commands_in_one_copy_without_mirrors_get_two_numbers(archive: Archive) -> None:
    graduate(archive)
    words = ("issue", "-C", archive.root, "transcript", STUDY, "--date", "2026-11-20")
    running = [process(*words) for _ in range(2)]
    said = [each.communicate(timeout=600)[0] for each in running]
    assert [each.returncode for each in running] == [0, 0], said
    clone = Clone(archive.root, HEAD)
    assert numbers(clone) == [f"transcripts-000{number}" for number in (1, 2)]
    assert clone.unsaved() == ()
    assert len(list(clone.path("print").glob("*.pdf"))) == 2


def test_offline_it_waits_without_a_number_and_nothing_is_printed(
    one: Clone, two: Clone, shared: Shared
) -> None:
    away = shared.store.with_name("away")
    shared.store.rename(away)
    ran = papka("issue", "-C", one.root, "transcript", STUDY)
    assert ran.code == 0, ran.all
    assert "Номера пока нет" in ran.out
    assert not one.path("print").exists()
    assert numbers(one) == []
    assert one.unsaved() == ()
    (name,) = drafts_of(one.root)
    kept = json.loads(one.read(f".papka/drafts/{name}/issue.json"))
    assert (kept["form"], kept["address"]) == ("transcript", STUDY)
    with pytest.raises(RemoteUnreachable):
        list(issue_drafts(one.root, find_actor(one.root), agreed=own, now=NOW))
    assert drafts_of(one.root) == (name,)
    away.rename(shared.store)
    assert give(two).number == "О-2026-0001"
    ran = papka("sync", "-C", one.root)
    assert ran.code == 0, ran.all
    assert "№ О-2026-0002" in ran.out
    assert drafts_of(one.root) == ()
    assert one.path("print/transcript-О-2026-0002.pdf").is_file()


def test_what_was_asked_again_when_the_primary_answered_waits_no_more(
    one: Clone, shared: Shared
) -> None:
    away = shared.store.with_name("away")
    shared.store.rename(away)
    drafts = [give(one).reserved.draft for _ in range(2)]
    assert drafts == ["1", "1"]
    away.rename(shared.store)
    assert give(one).number == "О-2026-0001"
    assert drafts_of(one.root) == ()
    assert list(issue_drafts(one.root, find_actor(one.root), agreed=own, now=NOW)) == []
    assert numbers(one) == ["transcripts-0001"]


def test_a_draft_is_of_the_day_it_gets_its_number_unless_a_day_was_named(
    one: Clone, shared: Shared
) -> None:
    away = shared.store.with_name("away")
    shared.store.rename(away)
    for is_dated in (True, False):
        assert give(one, is_dated=is_dated).number is None
    away.rename(shared.store)
    later = NOW + dt.timedelta(days=30)
    issued = [
        done for _, done in issue_drafts(one.root, find_actor(one.root), agreed=own, now=later)
    ]
    dates = [done.entry.date for done in issued if isinstance(done, Issued)]
    assert dates == [DAY, DAY + dt.timedelta(days=30)]


def test_a_draft_waits_for_the_head(shared: Shared, one: Clone) -> None:
    away = shared.store.with_name("away")
    shared.store.rename(away)
    assert give(one).number is None
    away.rename(shared.store)
    for staff in (TEACHER, CLERK):
        ran = papka("sync", "-C", one.root, "--as", staff)
        assert ran.code == 0, ran.all
        assert "остался без номера" in ran.out
    assert len(drafts_of(one.root)) == 1
    assert papka("sync", "-C", one.root, "--as", HEAD).code == 0
    assert numbers(one) == ["transcripts-0001"]


def test_a_replacement_ends_the_old_one_in_the_commit_that_takes_the_number(
    one: Clone, two: Clone
) -> None:
    assert give(one).number == "О-2026-0001"
    ran = papka(
        "issue", "-C", two.root, "--replace", "О-2026-0001", "--reason", "опечатка",
        "--date", "2026-11-20",
    )  # fmt: skip
    assert ran.code == 3  # this copy has not heard of the document yet
    assert papka("sync", "-C", two.root).code == 0
    ran = papka(
        "issue", "-C", two.root, "--replace", "О-2026-0001", "--reason", "опечатка",
        "--date", "2026-11-20",
    )  # fmt: skip
    assert ran.code == 0, ran.all
    assert papka("sync", "-C", one.root).code == 0
    assert "replaced_by: О-2026-0002" in one.read(f"{ISSUED}/transcripts-0001.yaml")
    changed = git(one.root, "show", "--name-only", "--format=", "main").split()
    assert changed == [f"{ISSUED}/transcripts-000{number}.yaml" for number in (1, 2)]


def test_an_unsaved_edit_of_the_replaced_entry_is_not_written_over(archive: Archive) -> None:
    graduate(archive)
    clone = Clone(archive.root, HEAD)
    assert give(clone).number == "О-2026-0001"
    clone.write(f"{ISSUED}/transcripts-0001.yaml", "# mine\n")
    ran = papka("issue", "-C", clone.root, "--replace", "О-2026-0001", "--reason", "опечатка")
    assert ran.code == 3, ran.all
    assert clone.read(f"{ISSUED}/transcripts-0001.yaml") == "# mine\n"
    assert numbers(clone) == ["transcripts-0001"]


def test_what_the_primary_took_is_printed_even_when_this_copy_cannot_follow(
    one: Clone, two: Clone, shared: Shared
) -> None:
    """An unsaved file lies where the entry would go: the number is given all the same."""
    one.write(f"{ISSUED}/progress-0001.yaml", one.read(f"{ISSUED}/progress-0001.yaml") + "# mine\n")
    ran = papka("issue", "-C", one.root, "transcript", STUDY, "--date", "2026-11-20")
    assert ran.code == 0, ran.all
    assert one.path("print/transcript-О-2026-0001.pdf").is_file()
    assert "# mine" in one.read(f"{ISSUED}/progress-0001.yaml")
    assert papka("sync", "-C", two.root).code == 0
    assert numbers(two) == ["transcripts-0001"]
    assert git(shared.store, "log", "-1", "--format=%an", "main").strip() == HEAD
