"""Several copies of one archive: what each saved reaches all, nobody's work is lost or mixed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from papka.copies.order_numbers import NewNumber
from papka.core.errors import Refused, RemoteUnreachable
from papka.core.findings import Severity
from papka.repository import commit_snapshots
from papka.repository.signing import load_signer
from tests.support import histories
from tests.support.clones import CLERK, HEAD, TEACHER, Clone, Shared
from tests.support.counting import git_started
from tests.support.histories import School, git
from tests.support.school import NOW, STUDENT

NOTICES = f"{STUDENT}/notices.yaml"
RESULTS = f"{STUDENT}/results/2026-1.yaml"
AUTUMN = f"{STUDENT}/results/2026-2.yaml"
APPROVAL = "period: 2026-2\nclosed: 2026-11-19\nsigned_by: s001\n"
CARD = f"{STUDENT}/student.yaml"


def notice(day: int, id_: str = "", channel: str = "телефон") -> str:
    first = f"id: {id_}\n    " if id_ else ""
    return (
        f"  - {first}date: 2026-06-{day:02}\n    about: успеваемость\n"
        f"    channel: {channel}\n    told: p1\n"
    )


def add(clone: Clone, path: str, text: str) -> None:
    clone.write(path, clone.read(path) + text)


def test_equal_copies_have_nothing_to_do(one: Clone) -> None:
    before = one.head
    synced = one.sync()
    assert (synced.kind, synced.received, one.head) == ("equal", 0, before)


def test_nothing_is_fetched_where_the_primary_has_nothing_new(one: Clone) -> None:
    with git_started() as equal:
        one.sync()
    add(one, NOTICES, notice(1))
    one.save()
    with git_started() as ahead:
        assert one.sync().kind == "ahead"
    talks = [words.split()[0] for words in (*equal, *ahead)]
    assert {"fetch", "push"} & {*talks} == {"push"}


def test_what_one_saved_the_other_gets_with_its_files(one: Clone, two: Clone) -> None:
    add(one, NOTICES, notice(1))
    one.save()
    assert one.sync().kind == "ahead"
    synced = two.sync()
    assert (synced.kind, synced.received) == ("behind", 1)
    assert two.head == one.head
    assert two.read(NOTICES) == one.read(NOTICES)
    assert two.unsaved() == ()
    assert two.grave() == []


def test_files_taken_away_elsewhere_go_here_too(one: Clone, two: Clone) -> None:
    extra = "records/orders/2026/0002.pdf"
    one.write(extra, b"%PDF-1.4\n")
    one.save()
    one.sync()
    two.sync()
    assert two.path(extra).exists()
    one.path(extra).unlink()
    one.save(HEAD)
    one.sync(HEAD)
    two.sync()
    assert not two.path(extra).exists()
    assert two.unsaved() == ()


def test_both_saved_different_files(one: Clone, two: Clone, shared: Shared) -> None:
    add(one, NOTICES, notice(1))
    one.save()
    one.sync()
    two.edit(CARD, "+70000000001", "+70000000002")
    two.save()
    written = commit_snapshots.read_commit(two.root, "HEAD")
    later = NOW + timedelta(minutes=5)
    synced = two.sync(now=later)
    assert (synced.kind, synced.received, synced.replayed) == ("diverged", 1, 1)
    assert shared.authors[:2] == [CLERK, TEACHER]
    commit = commit_snapshots.read_commit(two.root, "HEAD")
    assert commit.author == written.author
    assert commit.committer.time == int(later.timestamp())
    assert commit.message == written.message
    one.sync()
    assert one.head == two.head
    for clone in (one, two):
        assert "+70000000002" in clone.read(CARD)
        assert "2026-06-01" in clone.read(NOTICES)
        assert clone.unsaved() == ()
        assert clone.grave() == []


def test_both_added_to_one_list_and_the_unsent_id_moves_on(one: Clone, two: Clone) -> None:
    add(one, NOTICES, notice(1, channel="почта"))
    one.save()
    one.sync()
    add(two, NOTICES, "  # со слов\n" + notice(2))
    two.save()
    synced = two.sync()
    assert synced.renumbered == ("2026-0001#n2 → n3",)
    assert synced.conflicts == ()
    text = two.read(NOTICES)
    assert text.index("channel: почта") < text.index("# со слов") < text.index("id: n3")
    assert "(+n3)" in commit_snapshots.read_commit(two.root, "HEAD").message
    assert two.grave() == []


def result(id_: str, text: str) -> str:
    return (
        f"  - id: {id_}\n    enrolment: e1\n    kind: личностный\n    origin: внеурочный план\n"
        f"    event: 2026/01\n    date: 2026-10-13\n    assessed_by: s002\n    text: {text}\n"
    )


def begin_period(clone: Clone, entries: str) -> None:
    clone.write(AUTUMN, "period: 2026-2\nresults:\n" + entries)


def test_references_follow_a_moved_id(one: Clone, two: Clone) -> None:
    begin_period(one, result("r4", "r4"))
    one.save()
    one.sync()
    begin_period(two, result("r4", "Сама выбрала этюд."))
    two.save()
    add(two, AUTUMN, result("r5", "r4") + "    replaces: r4\n    reason: описка\n")
    two.save()
    synced = two.sync()
    assert synced.renumbered == ("2026-0001#r4 → r6",)
    text = two.read(AUTUMN)
    assert "replaces: r6" in text
    assert text.count("text: r4") == 2
    assert two.grave() == []


def test_ids_of_one_folder_are_unique_across_its_files(one: Clone, two: Clone) -> None:
    """r4 in one period here, r4 in another period there: one of them moves on."""
    begin_period(one, result("r4", "Играла уверенно."))
    one.save()
    one.sync()
    correction = result("r4", "Играла.") + (
        "    shows:\n      - outcome: сцена\n        level: частично\n"
        "    replaces: r2\n    reason: описка\n"
    )
    add(two, RESULTS, correction.replace("2026-10-13", "2026-04-12"))
    two.save()
    assert two.sync().renumbered == ("2026-0001#r4 → r5",)
    assert "id: r5" in two.read(RESULTS)


def test_a_period_closed_meanwhile_takes_no_new_result(one: Clone, two: Clone) -> None:
    begin_period(one, result("r4", "Играла уверенно."))
    one.save()
    one.write("records/approvals/2026-2.yaml", APPROVAL)
    one.save(HEAD)
    one.sync()
    begin_period(two, result("r4", "Играла уверенно."))
    add(two, AUTUMN, result("r5", "Помогала младшим."))
    two.save()
    synced = two.sync()
    assert {f.code.name for f in synced.findings if f.severity > 1} == {"CLOSED_PERIOD_CHANGED"}


def test_both_changed_one_value_and_nothing_moves(one: Clone, two: Clone, shared: Shared) -> None:
    one.edit(CARD, "+70000000001", "+70000000002")
    one.save()
    one.sync()
    two.edit(CARD, "+70000000001", "+70000000003")
    two.save()
    before, there = two.head, git(shared.store, "rev-parse", "main")
    synced = two.sync()
    assert synced.is_stopped
    (conflict,) = synced.conflicts
    assert (conflict.path, conflict.field) == (CARD, "phone")
    assert (conflict.ours, conflict.theirs) == ("+70000000003", "+70000000002")
    assert (two.head, git(shared.store, "rev-parse", "main")) == (before, there)
    assert "+70000000003" in two.read(CARD)


def test_both_changed_one_entry(one: Clone, two: Clone) -> None:
    one.edit(NOTICES, "channel: электронная почта", "channel: телефон")
    one.save()
    one.sync()
    two.edit(NOTICES, "date: 2026-05-30", "date: 2026-05-29")
    two.save()
    found = {(c.entry, c.field, c.ours, c.theirs) for c in two.sync().conflicts}
    assert found == {
        ("n1", "channel", "электронная почта", "телефон"),
        ("n1", "date", "2026-05-29", "2026-05-30"),
    }


def test_a_conflict_is_settled_by_writing_their_value(one: Clone, two: Clone) -> None:
    one.edit(CARD, "+70000000001", "+70000000002")
    one.save()
    one.sync()
    two.edit(CARD, "+70000000001", "+70000000003")
    two.save()
    assert two.sync().conflicts
    two.edit(CARD, "+70000000003", "+70000000002")
    two.save()
    assert not two.sync().is_stopped
    assert two.unsaved() == ()
    assert two.grave() == []


def test_both_did_the_same_and_it_is_kept_once(one: Clone, two: Clone, shared: Shared) -> None:
    for clone in (one, two):
        clone.edit(CARD, "+70000000001", "+70000000002")
        clone.save()
    one.sync()
    synced = two.sync()
    assert (synced.replayed, two.head) == (0, one.head)
    assert shared.authors[0] == TEACHER


def test_an_unsaved_edit_of_another_file_stays(one: Clone, two: Clone) -> None:
    add(one, NOTICES, notice(1))
    one.save()
    one.sync()
    two.edit(CARD, "+70000000001", "+70000000003")
    two.sync()
    assert two.head == one.head
    assert two.unsaved() == ((CARD, "changed"),)


def test_an_unsaved_edit_of_a_file_that_came_stops_all(one: Clone, two: Clone) -> None:
    one.edit(CARD, "+70000000001", "+70000000002")
    add(one, NOTICES, notice(1))
    one.save()
    one.sync()
    two.edit(CARD, "+70000000001", "+70000000003")
    before, notices = two.head, two.read(NOTICES)
    synced = two.sync()
    (conflict,) = synced.conflicts
    assert (conflict.field, conflict.ours, conflict.theirs) == (
        "phone", "+70000000003", "+70000000002",
    )  # fmt: skip
    assert (two.head, two.read(NOTICES)) == (before, notices)
    assert "+70000000003" in two.read(CARD)


def test_an_unsaved_file_where_one_came_stops_all(one: Clone, two: Clone) -> None:
    scan = "records/orders/2026/0002.pdf"
    one.write(scan, b"%PDF-1.4\n")
    one.save()
    one.sync()
    two.write(scan, b"%PDF-1.5\n")
    before = two.head
    assert [conflict.path for conflict in two.sync().conflicts] == [scan]
    assert (two.head, two.path(scan).read_bytes()) == (before, b"%PDF-1.5\n")


def test_an_interrupted_taking_is_finished_by_the_next(one: Clone, two: Clone) -> None:
    """Files come before the branch: after a crash they hold what the branch does not."""
    add(one, NOTICES, notice(1))
    one.save()
    one.sync()
    two.write(NOTICES, one.read(NOTICES))
    assert not two.sync().is_stopped
    assert (two.head, two.unsaved()) == (one.head, ())


def test_another_persons_unsent_save_is_not_replayed(one: Clone, two: Clone) -> None:
    add(one, NOTICES, notice(1))
    one.save()
    one.sync()
    two.edit(CARD, "+70000000001", "+70000000002")
    two.save(HEAD)
    before = two.head
    synced = two.sync()
    assert synced.foreign == ((before, HEAD),)
    assert two.head == before
    assert not two.sync(CLERK, HEAD).is_stopped
    assert two.authors[0] == HEAD
    assert two.grave() == []


def test_sent_without_replay_whoever_saved_it(two: Clone, shared: Shared) -> None:
    two.edit(CARD, "+70000000001", "+70000000002")
    two.save(HEAD)
    assert not two.sync().is_stopped
    assert shared.authors[0] == HEAD


def new_student(clone: Clone, given: str, number: str = "2026-0002") -> None:
    clone.write(
        f"records/students/2026/{number}/student.yaml",
        f"id: {number}\nname:\n  surname: Клёнова\n  given: {given}\nsex: женский\n"
        "birth_date: 2012-02-02\n",
    )


def test_one_students_number_given_twice_stops_all(one: Clone, two: Clone) -> None:
    new_student(one, "Злата")
    one.save()
    one.sync()
    new_student(two, "Мира")
    two.save()
    before = two.head
    synced = two.sync()
    assert [clash.name for clash in synced.clashes] == ["2026-0002"]
    assert synced.is_stopped
    assert two.head == before
    assert "Мира" in two.read("records/students/2026/2026-0002/student.yaml")


def enrol(clone: Clone, order: str, printed: str, more: str = "") -> None:
    """Enrol the student once more, by an order of that number."""
    written = clone.read("records/orders/2026/0002.yaml")
    written = written.replace("2-к", printed).replace("#e1", "#e2")
    clone.write(f"records/orders/{order}.yaml", written)
    add(
        clone,
        f"{STUDENT}/enrolments.yaml",
        "  - id: e2\n    program: guitar\n    edition: 2\n    contract: d1\n"
        f"    start: 2026-09-01\n    order: {order}\n{more}",
    )


def test_an_orders_number_given_twice_moves_the_unsent_order(one: Clone, two: Clone) -> None:
    there = one.read("records/orders/2026/0001.yaml").replace("1-о", "9-к")
    one.write("records/orders/2026/0009.yaml", there)
    one.save(HEAD)
    there = one.read("records/orders/2026/0009.yaml")  # with a salt of its own
    one.sync()
    enrol(two, "2026/0009", "9-к")
    two.write("records/orders/2026/0009.pdf", b"%PDF-1.4\n")
    two.save(HEAD)
    synced = two.sync(HEAD)
    assert synced.clashes == ()
    assert synced.orders == {"2026/0009": NewNumber("2026/0010", "9-к", "10-к")}
    assert two.read("records/orders/2026/0009.yaml") == there
    assert "number: 10-к\n" in two.read("records/orders/2026/0010.yaml")
    assert two.path("records/orders/2026/0010.pdf").exists()
    assert not two.path("records/orders/2026/0009.pdf").exists()
    assert "order: 2026/0010\n" in two.read(f"{STUDENT}/enrolments.yaml")
    assert (two.unsaved(), two.grave()) == ((), [])
    one.sync()
    assert one.head == two.head


def test_a_number_on_paper_given_twice_moves_alone(one: Clone, two: Clone) -> None:
    there = one.read("records/orders/2026/0001.yaml").replace("1-о", "9-к")
    one.write("records/orders/2026/0009.yaml", there)
    one.save(HEAD)
    one.sync()
    enrol(two, "2026/0010", "9-к")
    two.save(HEAD)
    synced = two.sync(HEAD)
    assert synced.orders == {"2026/0010": NewNumber("2026/0010", "9-к", "10-к")}
    assert "number: 10-к\n" in two.read("records/orders/2026/0010.yaml")
    assert "order: 2026/0010\n" in two.read(f"{STUDENT}/enrolments.yaml")


def test_what_only_together_breaks_a_rule_is_refused(one: Clone, two: Clone) -> None:
    """A group nobody is in goes, and somebody joins it: each alone is right."""
    groups, group = "groups:\n", "  - group: Г-27-1\n    program: guitar\n"
    school = "records/organization.yaml"
    one.edit(school, groups, groups + group)
    one.save(HEAD)
    one.sync()
    two.sync()
    one.edit(school, group, "")
    one.save(HEAD)
    one.sync()
    enrol(two, "2026/0009", "9-к", "    group: Г-27-1\n")
    two.save(HEAD)
    before = two.head
    synced = two.sync(HEAD)
    errors = {each.code.name for each in synced.findings if each.code.severity is Severity.ERROR}
    assert errors == {"REF_UNKNOWN_GROUP"}
    assert (synced.is_stopped, two.head) == (True, before)


def test_dry_run_tells_and_changes_nothing(one: Clone, two: Clone, shared: Shared) -> None:
    add(one, NOTICES, notice(1))
    one.save()
    one.sync()
    add(two, NOTICES, notice(2))
    two.save()
    before, there = two.head, git(shared.store, "rev-parse", "main")
    text = two.read(NOTICES)
    synced = two.sync(dry_run=True)
    assert (synced.kind, synced.received, synced.replayed) == ("diverged", 1, 1)
    assert synced.renumbered == ("2026-0001#n2 → n3",)
    assert (two.head, two.read(NOTICES)) == (before, text)
    assert git(shared.store, "rev-parse", "main") == there


def test_unreachable_primary_changes_nothing(one: Clone, shared: Shared) -> None:
    add(one, NOTICES, notice(1))
    one.save()
    before = one.head
    shared.store.rename(shared.store.with_name("away"))
    with pytest.raises(RemoteUnreachable):
        one.sync()
    assert (one.head, one.unsaved()) == (before, ())


def test_another_archive_at_the_address(one: Clone, shared: Shared, tmp_path: Path) -> None:
    from tests.support.histories import make_school

    other = make_school(tmp_path / "other")
    shutil.rmtree(shared.store)
    git(tmp_path, "clone", "-q", "--bare", str(other.root), str(shared.store))
    with pytest.raises(Refused, match="другой архив"):
        one.sync()


def test_a_primary_rolled_back_is_not_obeyed(one: Clone, two: Clone, shared: Shared) -> None:
    add(one, NOTICES, notice(1))
    one.save()
    one.sync()
    two.sync()
    git(shared.store, "update-ref", "refs/heads/main", "main~1")
    two.edit(CARD, "+70000000001", "+70000000002")
    two.save()
    with pytest.raises(Refused, match="переписали"):
        two.sync()


LATE = int((NOW - histories.NOW).total_seconds())
Forgery = Callable[[Clone, School, Shared], None]


def unsigned(clone: Clone, forger: School, _: Shared) -> None:
    forger.forge({NOTICES: (clone.read(NOTICES) + notice(1, "n2")).encode()}, sign=None, late=LATE)


def by_a_stranger(clone: Clone, forger: School, shared: Shared) -> None:
    from papka.repository.signing import generate_key

    generate_key(shared.keys / "stranger", "x")
    sign = load_signer(shared.keys / "stranger").sign
    forger.forge({NOTICES: (clone.read(NOTICES) + notice(1, "n2")).encode()}, sign=sign, late=LATE)


def beyond_rights(clone: Clone, forger: School, shared: Shared) -> None:
    text = clone.read("records/staff.yaml").replace("Ландышева", "Гроза").encode()
    forger.forge(
        {"records/staff.yaml": text}, sign=load_signer(shared.keys / "clerk").sign, late=LATE
    )


def a_link(_: Clone, forger: School, shared: Shared) -> None:
    sign = load_signer(shared.keys / "clerk").sign
    path = f"{STUDENT}/raw/x.part"
    forger.forge({path: b"/etc/passwd"}, sign=sign, modes={path: "120000"}, late=LATE)


def an_entry_removed(clone: Clone, forger: School, shared: Shared) -> None:
    sign = load_signer(shared.keys / "clerk").sign
    forger.forge(
        {NOTICES: clone.read(NOTICES).replace("id: n1", "id: n7").encode()}, sign=sign, late=LATE
    )


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (unsigned, "SIG_MISSING"),
        (by_a_stranger, "SIG_UNKNOWN_KEY"),
        (beyond_rights, "SIGNER_NOT_ALLOWED"),
        (a_link, "PATH_SYMLINK"),
        (an_entry_removed, "ID_REMOVED"),
    ],
)
def test_what_verify_would_refuse_is_not_taken(
    attack: Forgery, code: str, one: Clone, two: Clone, shared: Shared
) -> None:
    forger = School(two.root, shared.keys)
    attack(two, forger, shared)
    git(two.root, "push", "-q", str(shared.store), "main")
    before, count = one.head, git(one.root, "count-objects").split()[0]
    synced = one.sync(now=NOW + timedelta(minutes=5))
    assert code in {finding.code.name for finding in synced.findings}
    assert (synced.is_stopped, one.head, one.unsaved()) == (True, before, ())
    assert git(one.root, "count-objects").split()[0] == count
