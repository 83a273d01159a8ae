"""What a sync tells its caller, when it asks for signatures, and what it does when others push."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from papka.copies.syncing import Synced, sync
from papka.core.errors import Refused
from papka.core.places import TEXT, seal_file
from papka.desk.sealing import make_seal
from papka.proof.anchors import KnownSeal
from papka.repository import commit_snapshots, unfinished_work
from papka.repository.handle import last_confirmed, list_remotes
from papka.repository.signing import SigningActor, find_actor, load_signer
from tests.support import histories
from tests.support.clones import CLERK, HEAD, TEACHER, Clone, Shared, refusing
from tests.support.histories import School, git
from tests.support.school import NOW, STUDENT

NOTICES, CARD = f"{STUDENT}/notices.yaml", f"{STUDENT}/student.yaml"
CONSENTS, ORGANIZATION = f"{STUDENT}/consents.yaml", "records/organization.yaml"
SCRIPT, EXTRA = "tools/calendar.sh", "records/orders/2026/0002.pdf"
Asked = list[Mapping[SigningActor, int]]
_Seals = tuple[KnownSeal | None, KnownSeal | None]


def notice(channel: str) -> str:
    return f"  - date: 2026-06-01\n    about: успеваемость\n    channel: {channel}\n    told: p1\n"


def add(clone: Clone, path: str, text: str = "# тут\n", staff: str | None = None) -> str:
    clone.write(path, clone.read(path) + text)
    return clone.save(staff).commit or ""


def met(
    clone: Clone,
    *staff: str,
    dry_run: bool = False,
    asked: Asked | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> Synced:
    """A sync that notes what signatures it asks for; `meanwhile` something else happens."""

    def before_signing(counts: Mapping[SigningActor, int]) -> None:
        if asked is not None:
            asked.append(counts)
        meanwhile()

    actors = [find_actor(clone.root, each) for each in staff or (clone.staff,)]
    return sync(clone.root, actors, now=NOW, dry_run=dry_run, before_signing=before_signing)


def counted(asked: Asked) -> list[dict[str, int]]:
    return [{actor.staff: count for actor, count in each.items()} for each in asked]


class Noting:
    """A witness that writes down what it is told."""

    def __init__(self) -> None:
        self.confirmations: list[str] = []
        self.replacements: list[tuple[list[str], str, _Seals]] = []

    def confirmed(self, _root: Path, _remote: object, commit: str) -> str:
        self.confirmations.append(commit)
        return ""

    def replaced(self, _root: Path, unsent: Collection[str], base: str, seals: _Seals) -> None:
        self.replacements.append((list(unsent), base, seals))


def test_nothing_to_do_is_told_as_nothing(one: Clone) -> None:
    primary = list_remotes(one.root)[0]
    asked: Asked = []
    for dry_run in (True, False):
        done = met(one, asked=asked, dry_run=dry_run)
        assert (done.kind, done.primary, asked) == ("equal", primary, [])
        assert (done.received, done.unsent, done.replayed) == (0, 0, 0)
        assert (done.renumbered, done.sealed, done.findings) == ((), "", ())
        assert (done.authors, done.source(CARD), done.is_stopped) == ({}, None, False)
        assert (done.pushed is None) == dry_run


def test_all_that_came_and_all_that_was_put_after_it_is_told(one: Clone, two: Clone) -> None:
    base = two.head
    one.write(EXTRA, b"%PDF-1.4\n")
    add(one, NOTICES, notice("почта"))
    add(one, CARD, staff=HEAD)
    one.sync(TEACHER, HEAD)
    first = add(two, NOTICES, notice("телефон"))
    two.path(f"{STUDENT}/credits.yaml").write_bytes(
        b"# \n" + two.path(f"{STUDENT}/credits.yaml").read_bytes()
    )
    second = two.save().commit
    two.write(SCRIPT, two.read(SCRIPT) + "# наше\n")
    third = two.save(HEAD).commit
    theirs, asked, witness = one.head, Asked(), Noting()
    planned = met(two, CLERK, HEAD, dry_run=True, asked=asked)
    assert (planned.kind, planned.pushed, asked, two.head) == ("diverged", None, [], third)
    assert last_confirmed(two.root, planned.primary) != theirs
    actors = [find_actor(two.root, who) for who in (CLERK, HEAD)]
    done = sync(
        two.root, actors, now=NOW, before_signing=asked.append, witness=witness  # type: ignore[arg-type] # notes only
    )  # fmt: skip
    for each in (planned, done):
        assert (each.kind, each.received, each.unsent, each.replayed) == ("diverged", 2, 3, 3)
        assert each.renumbered == ("2026-0001#n2 → n3",)
        assert each.authors == {EXTRA: TEACHER, NOTICES: TEACHER, CARD: HEAD}
        assert (each.conflicts, each.clashes, each.foreign, each.findings) == ((), (), (), ())
    assert counted(asked) == [{CLERK: 2, HEAD: 1}]
    assert witness.replacements == [([first, second, third], base, (None, None))]
    assert (done.pushed is not None, witness.confirmations) == (True, [two.head])
    assert done.pushed is not None
    assert done.pushed.is_good
    assert git(two.root, "log", "--format=%an", "-5").split() == [HEAD, CLERK, CLERK, HEAD, TEACHER]
    assert commit_snapshots.CommitSnapshot(two.root, "HEAD").entries[SCRIPT].mode == "100755"
    assert not unfinished_work.is_writing_left(two.root)
    assert git(two.root, "status", "--porcelain") == ""
    assert git(two.root, "reflog", "-1", "--format=%gn %gs").strip() == f"{CLERK} papka sync"
    one.sync()
    assert one.path(SCRIPT).stat().st_mode & 0o111
    assert (one.head, one.unsaved(), one.grave()) == (two.head, (), [])


def test_a_copy_that_only_receives_takes_what_came_and_signs_nothing(
    one: Clone, two: Clone
) -> None:
    sent = [add(one, CARD), add(one, SCRIPT, staff=HEAD)]
    one.sync(TEACHER, HEAD)
    done = sync(two.root, [], now=NOW)
    assert (done.kind, done.received, done.unsent, done.replayed) == ("behind", 2, 0, 0)
    assert done.authors == {CARD: TEACHER, SCRIPT: HEAD}
    assert (two.head, two.unsaved()) == (sent[1], ())
    assert last_confirmed(two.root, done.primary) == two.head
    assert git(two.root, "reflog", "-1", "--format=%gn %gs").strip() == "papka papka sync"
    assert two.path(SCRIPT).stat().st_mode & 0o111


def test_files_taken_away_and_added_here_are_so_on_top_of_what_came(one: Clone, two: Clone) -> None:
    for clone in (one, two):
        clone.sync()
    one.write(EXTRA, b"%PDF-1.4\n")
    one.save()
    one.sync()
    two.sync()
    add(one, CARD)
    one.sync()
    two.path(EXTRA).unlink()
    two.save(HEAD)
    assert met(two, HEAD).replayed == 1
    assert (two.path(EXTRA).exists(), two.unsaved(), two.grave()) == (False, (), [])
    assert git(two.root, "status", "--porcelain") == ""


@pytest.mark.parametrize("by", ["value", "number"])
def test_what_stands_in_the_way_is_told_before_anybody_is_asked_to_sign(
    by: str, one: Clone, two: Clone
) -> None:
    asked: Asked = []
    for clone, word, digit in ((one, "Злата", 2), (two, "Мира", 3)):
        if by == "value":
            clone.edit(CARD, "+70000000001", f"+7000000000{digit}")
        else:
            clone.write(
                "records/students/2026/2026-0002/student.yaml",
                f"id: 2026-0002\nname:\n  surname: Клёнова\n  given: {word}\nsex: женский\n"
                "birth_date: 2012-02-02\n",
            )
        clone.save()
    one.sync()
    for dry_run in (True, False):
        done = met(two, asked=asked, dry_run=dry_run)
        assert (len(done.conflicts), len(done.clashes)) == ((1, 0) if by == "value" else (2, 1))
        assert (done.received, done.unsent, done.findings) == (1, 1, ())
        assert (done.is_stopped, done.pushed, asked) == (True, None, [])
        assert last_confirmed(two.root, done.primary) != one.head


def test_a_save_the_rules_refuse_now_is_told_before_anybody_is_asked_to_sign(
    one: Clone, two: Clone
) -> None:
    path, school = f"{STUDENT}/enrolments.yaml", "records/organization.yaml"
    groups, group = "groups:\n", "  - group: Г-27-1\n    program: guitar\n"
    one.edit(school, groups, groups + group)
    one.save(HEAD)
    one.sync(HEAD)
    two.sync(HEAD)
    one.edit(school, group, "")
    one.save(HEAD)
    one.sync(HEAD)
    enrolments = two.read(path) + (
        "  - id: e2\n    program: guitar\n    edition: 2\n    contract: d1\n"
        "    start: 2026-09-01\n    order: 2026/0002\n    group: Г-27-1\n"
    )
    two.write(path, enrolments)
    order = "records/orders/2026/0002.yaml"
    two.write(order, two.read(order).replace("2026-0001#e1", "2026-0001#e2"))
    two.save(HEAD)
    asked: Asked = []
    done = met(two, HEAD, asked=asked)
    assert (done.is_stopped, done.received, done.replayed, asked) == (True, 1, 1, [])
    found = next(each for each in done.findings if each.code.name == "REF_UNKNOWN_GROUP")
    assert found.where.line > 0
    assert done.source(found.where.path) == enrolments.encode()


def test_what_came_is_judged_even_where_own_saves_wait(
    one: Clone, two: Clone, shared: Shared
) -> None:
    """Nothing of one's own is signed on top of a history that lies."""
    two.edit(CARD, "+70000000001", "+70000000002")
    before = two.save().commit
    late = int((NOW - histories.NOW).total_seconds())
    forger, sign = School(one.root, shared.keys), load_signer(shared.keys / "clerk").sign
    forger.forge({"records/staff.yaml": b"staff: []\n"}, sign=sign, late=late)
    git(one.root, "push", "-q", str(shared.store), "main")
    asked: Asked = []
    done = met(two, asked=asked)
    assert "SIGNER_NOT_ALLOWED" in {each.code.name for each in done.findings}
    assert (done.is_stopped, done.received, done.replayed, asked) == (True, 1, 0, [])
    assert two.head == before


def test_others_who_push_while_one_signs_are_met_again_and_all_of_it_is_told(
    one: Clone, two: Clone, shared: Shared
) -> None:
    """So many times as a sync tries; the next takes up the rest."""
    theirs = [add(one, NOTICES, notice(f"п{number}")) for number in range(6)]
    waiting = iter(theirs)

    def push_next() -> None:
        git(one.root, "push", "-q", str(shared.store), f"{next(waiting)}:main")

    push_next()
    add(two, NOTICES, notice("наш"))
    asked: Asked = []
    done = met(two, asked=asked, meanwhile=push_next)
    assert counted(asked) == [{CLERK: 1}] * 5
    assert (done.kind, done.received, done.unsent, done.replayed) == ("diverged", 5, 1, 1)
    assert done.renumbered == tuple(f"2026-0001#n{at} → n{at + 1}" for at in range(2, 7))
    assert done.pushed is not None
    assert [each.sent for each in done.pushed.outcomes] == ["refused"]
    assert git(shared.store, "rev-parse", "main").strip() == theirs[-1]
    assert last_confirmed(two.root, done.primary) == theirs[-2], "the last it met"
    last = met(two)
    assert (last.received, last.renumbered) == (1, ("2026-0001#n7 → n8",))
    assert last.pushed is not None
    assert last.pushed.is_good
    assert (two.grave(), two.read(NOTICES).count("channel: наш\n")) == ([], 1)


def test_a_mirror_that_takes_nothing_is_not_asked_for_ever(one: Clone, shared: Shared) -> None:
    add(one, CARD)
    asked: list[str] = []
    actors = [find_actor(one.root)]
    with refusing(shared.store):
        done = sync(one.root, actors, now=NOW, progress=lambda each: asked.append(each.sent))
    assert (done.kind, done.is_stopped) == ("ahead", False)
    assert done.pushed is not None
    assert [each.sent for each in done.pushed.outcomes] == ["refused"]
    assert asked == ["refused"] * 2


def test_several_unsent_seals_become_one_and_cost_two_signatures(one: Clone, two: Clone) -> None:
    two.edit(ORGANIZATION, "format: 2", "# правка\nformat: 2")
    first = two.save(HEAD).commit
    head = find_actor(two.root, HEAD)
    for period in ("2026-1", "2026"):
        make_seal(two.root, head, now=NOW, period=period)
        add(two, CONSENTS)
    add(one, CARD)
    one.sync()
    asked, witness = Asked(), Noting()
    done = sync(
        two.root, [head, find_actor(two.root)], now=NOW,
        before_signing=asked.append, witness=witness,  # type: ignore[arg-type] # notes only
    )  # fmt: skip
    assert (done.replayed, done.sealed) == (4, "0001")
    assert counted(asked) == [{HEAD: 3, CLERK: 2}]
    ((unsent, _, (sealed, before)),) = witness.replacements
    assert (unsent[0], len(unsent), before) == (first, 5, None)
    assert sealed is not None
    assert sealed.number == 2
    assert "period: 2026\n" in two.read(seal_file(1, TEXT))
    assert not two.path(seal_file(2, TEXT)).exists()
    assert git(two.root, "log", "-1", "--format=%an %s").strip() == f"{HEAD} Пломба № 0001: 2026"
    assert two.grave() == []


def test_a_mirror_of_another_archive_and_a_rewritten_one_say_what_to_do(
    one: Clone, two: Clone, shared: Shared, tmp_path: Path
) -> None:
    sent = add(one, CARD)
    one.sync()
    two.sync()
    git(shared.store, "update-ref", "refs/heads/main", "main~1")
    add(two, CONSENTS)
    with pytest.raises(Refused) as refused:
        two.sync()
    assert refused.value.message == (
        f"На зеркале «primary» нет сохранения {sent[:12]}, которое оно уже принимало: "
        "его историю переписали или вернули старую копию"
    )
    assert refused.value.next_step == (
        "Ничего не получайте с него; проверьте его: papka verify АДРЕС-ЗЕРКАЛА"
    )
    other = histories.make_school(tmp_path / "other")
    git(shared.store, "fetch", "-q", str(other.root), "+main:main")
    with pytest.raises(Refused) as refused:
        two.sync()
    assert refused.value.message == "Зеркало «primary» хранит другой архив: общих сохранений нет"
    assert refused.value.next_step == "Проверьте адрес зеркала: papka mirror status"


def test_an_unsaved_edit_that_would_go_together_with_what_came_waits_all_the_same(
    one: Clone, two: Clone
) -> None:
    """It is no save yet: only its author knows whether it is done."""
    one.edit(CARD, "+70000000001", "+70000000002")
    one.save()
    one.sync()
    two.write(CARD, "# тут\n" + two.read(CARD))
    (conflict,) = met(two).conflicts
    assert (conflict.path, conflict.entry, conflict.field) == (CARD, "", "")
    assert (conflict.ours, conflict.theirs) == ("не сохранено", "изменено")


def test_an_unsaved_edit_in_the_way_is_told_as_a_whole_where_no_field_is(
    one: Clone, two: Clone
) -> None:
    one.write(EXTRA, b"%PDF-1.4\n")
    one.save()
    one.sync()
    two.write(EXTRA, b"%PDF-1.55\n")
    for dry_run in (True, False):
        done = met(two, dry_run=dry_run)
        (conflict,) = done.conflicts
        assert (conflict.path, conflict.entry, conflict.field) == (EXTRA, "", "")
        assert (conflict.ours, conflict.theirs) == ("10 байт", "9 байт")
        assert last_confirmed(two.root, done.primary) != one.head
    two.path(EXTRA).unlink()
    two.sync()
    one.path(EXTRA).unlink()
    one.save(HEAD)
    one.sync(HEAD)
    two.write(EXTRA, b"%PDF-1.55\n")
    (conflict,) = met(two).conflicts
    assert (conflict.ours, conflict.theirs) == ("10 байт", "")
