"""What commands about copies say of every outcome, word for word: none, one, two and many of each.

The outcome is made up and given to the command in place of the work, which costs nothing; the
sentences were read by a person. --update-snapshots accepts a change that was looked at.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from papka.copies.backup_plan import BackupPlan, Older, YearCopies, plan_backup
from papka.copies.backup_run import BackupMade, CopyProof
from papka.copies.drill import Drilled, Recorded
from papka.copies.gathering import Gathered
from papka.copies.healing import Healed
from papka.copies.medium_format import Manifest
from papka.copies.merging import Clash, Conflict
from papka.copies.mirrors import MirrorStanding, Pushed, SendOutcome
from papka.copies.restoring import NewerThanWhole, Restored, RestoreSource
from papka.copies.salvage import Lost
from papka.copies.server import Hosted
from papka.copies.syncing import Synced
from papka.core.errors import PapkaError, Refused
from papka.core.findings import Severity
from papka.desk.numbers import NOT_AGREED, Reserved, Waiting
from papka.paper.print_cache import PrintedDocument, PrintedFile
from papka.proof.examination import Verified
from papka.records.acts import MediumCopy
from papka.records.archive import Archive as Records
from papka.records.archive import load
from papka.records.schemas import SchemaSet
from papka.repository.dot_papka import KeptDraft
from papka.repository.git_values import Installed
from papka.repository.handle import Remote
from papka.repository.worktree import WorktreeSnapshot
from tests.cli.made import BAD, WARNED, A, B, C, Told, answering, found, saved
from tests.cli.test_screens import compare
from tests.support.command import papka
from tests.support.school import NOW, Archive

HUB = Remote("hub", "/srv/hub.git", "RU", primary=True)
USB = Remote("usb", "/media/usb/x.git", "RU", primary=False, medium="Н-1")
pytestmark = pytest.mark.usefixtures("plain_screen")


# backup


def copy(**more: object) -> MediumCopy:
    plain: dict[str, object] = {
        "date": dt.date(2027, 1, 11), "medium": "Н-1", "kind": "флеш-накопитель", "size": 9,
        "sha256": "0" * 64, "made_by": "s001",
    }  # fmt: skip
    return MediumCopy(**(plain | more))  # type: ignore[arg-type] # its fields


@pytest.fixture(scope="module")
def records(built_archive: Archive) -> Records:
    tree = WorktreeSnapshot(built_archive.root)
    return load(tree, SchemaSet.load(tree))


def test_copies_of_a_year_and_what_is_still_due(
    seen: Told, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = dt.date(2027, 1, 12)
    first = copy(place="Сейф", verified=day, restored=day)
    second = copy(medium="Н-2", kind="диск\x1b[2J")
    for copies, holding in (
        ((), ()),
        ((first,), ((first,),)),
        ((first, first), ((first, first),)),
        ((first, second), ((first,), (second,))),
        ((first, second, second), ((second,), (first,), (first, second))),
    ):
        told = YearCopies(records, 2026, copies, holding)
        monkeypatch.setattr("papka.cli.backup.copies_of_year", answering(told))
        seen.type("backup")
    for words in (("--place", "Сейф"), ("-n",), ("--kind", "диск"), ("--drop-older",)):
        seen.type("backup", *words)
    compare(seen, "backup-year")


@pytest.fixture
def planned(
    built_archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., BackupPlan]:
    """What the next backup is planned as."""
    real = plan_backup(built_archive.root, tmp_path, now=NOW, medium="Н-1", kind="флеш")
    sure = replace(
        real, to=Path("/media/usb"), head=A, commits=5, files=21, needed=3 << 20, is_new=False,
        volume=replace(real.volume, free=7 << 30, encrypted=None), is_own_disk=False,
    )  # fmt: skip

    def give(**other: object) -> BackupPlan:
        told = replace(sure, **other)  # type: ignore[arg-type] # its fields
        monkeypatch.setattr("papka.cli.backup.plan_backup", answering(told))
        return told

    return give


def older(name: str) -> Older:
    made = Manifest("Н-1", "флеш", NOW, "s001", A, B, 5, None, {})
    return Older(name, made, "0" * 64)


def test_a_copy_about_to_be_made(seen: Told, planned: Callable[..., BackupPlan]) -> None:
    olds = tuple(older(f"papka-2026-0{n}") for n in range(1, 8))
    volume = planned().volume
    for other, words in (
        ({}, ()),
        ({"is_new": True, "older": olds[:1]}, ()),
        ({"older": olds}, ("--drop-older",)),
        ({"older": olds[:2], "waiting": olds[1]}, ()),
        ({"older": olds[:2], "waiting": olds[1], "stands": True}, ()),
        ({"twin": "Н-2", "is_own_disk": True, "volume": replace(volume, encrypted=False)}, ()),
        ({"unsent": 3, "unsaved": 2, "volume": replace(volume, encrypted=True)}, ()),
    ):
        planned(**other)
        seen.type("backup", "--to", "/media/usb", "-n", *words)
    compare(seen, "backup-plan")


def test_a_copy_made(
    printing: Told, planned: Callable[..., BackupPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("note_asked", "drop_note"):
        monkeypatch.setattr(f"papka.cli.backup.{name}", lambda *_: None)
    made = CopyProof((), None, 5 << 20, (), 21, 22)
    done = BackupMade(Path("/media/usb/papka-1"), made, saved(), was_waiting=False)
    act = PrintedDocument((PrintedFile("backup-act-2026.pdf", b"%PDF", 1),), C, {})
    unprinted = PapkaError("Формы «backup-act» нет", "Обновите архив")
    many = tuple(found(Severity.ERROR, f"не так {n}") for n in range(7))
    for outcome, paper, words in (
        (done, act, ()),
        (replace(done, dropped=("papka-0",)), act, ("--drop-older",)),
        (replace(done, dropped=("papka-0", "papka-1")), unprinted, ("--drop-older",)),
        (replace(done, proof=replace(made, findings=many)), unprinted, ("--drop-older",)),
        (replace(done, saved=saved(None, BAD)), act, ()),
        (replace(done, saved=saved(C, WARNED)), act, ()),
    ):
        planned(older=(older("papka-0"),))
        monkeypatch.setattr("papka.cli.backup.backup", answering(outcome))

        def print_saved(*_: object, paper: PrintedDocument | PapkaError = paper) -> PrintedDocument:
            if isinstance(paper, PapkaError):
                raise paper
            return paper

        monkeypatch.setattr("papka.cli.backup.print_saved", print_saved)
        printing.type("backup", "--to", "/media/usb", "--as", "s001", *words)
    compare(printing, "backup-done")


# restore


GATHERED = (
    Gathered("hub"), Gathered("usb", broken=("a",)), Gathered("two", broken=("a", "b")),
    Gathered("five", broken=tuple("abcde")), Gathered("gone\x1b", trouble="нет такой папки"),
)  # fmt: skip


def test_a_store_healed(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Healed(A, A, None)
    mended = Healed(A, A, Path(".papka/damaged/2026"), GATHERED)
    for outcome in (
        whole,
        replace(whole, finished=True),
        mended,
        replace(mended, before=B, gathered=GATHERED[:1], dropped=("refs/tags/a", "refs/heads/b")),
        replace(mended, before="", gathered=(), finished=True),
    ):
        monkeypatch.setattr("papka.cli.restore.heal", answering(outcome))
        seen.type("restore", "--heal")
    compare(seen, "heal")


def test_wrong_words_for_a_restore(seen: Told) -> None:
    ca = seen.root / "README.md"
    for words in (
        (), ("--drill", "--heal"), ("новая", "--heal"), ("новая", "--files"),
        ("--heal", "--no-record"), ("--drill", "--drop-unsent"), ("--drill", "--anchor", A),
        ("--heal", "--no-memory"), ("--heal", "--ca", ca), ("новая", "--ca", ca),
    ):  # fmt: skip
        seen.type("restore", *words)
    compare(seen, "restore-words")


@pytest.mark.parametrize("inside", [True, False])
def test_an_archive_restored(
    seen: Told,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    inside: bool,
) -> None:
    monkeypatch.setattr("papka.cli.restore.find_sources", lambda *_: ())
    folder = tmp_path / "новый архив"
    folder.mkdir()
    good = Restored(folder, Verified((), 5, 21, 22, A, B), GATHERED[:1])
    lost = (
        Lost("1" * 40, "commit", C), Lost("2" * 40, "tree", C),
        Lost("3" * 40, "tree", C, "records"),
        Lost("4" * 40, "blob", C, "a\x07"),
    )  # fmt: skip
    above = NewerThanWhole(B, 3, lost, ("records/a.yaml", "records/b.yaml"), (), is_signed=True)
    every = (
        good,
        replace(good, again=True, gathered=()),
        replace(good, passed_over={B: (BAD, WARNED)}, verified=replace(good.verified, commits=1)),
        replace(good, verified=replace(good.verified, findings=(BAD,), files=1)),
        replace(good, above=above),
        replace(good, above=replace(above, laid=(), is_signed=False, gone=("records/a.yaml", ""))),
        replace(good, above=replace(above, lost=lost * 6, laid=(), gone=("a",) * 21)),
    )
    for outcome in every if inside else every[:2]:
        monkeypatch.setattr("papka.cli.restore.restore", answering(outcome))
        ran = papka("restore", "новая", "--from", "usb", "-C", seen.root if inside else tmp_path)
        seen.note(f"[{ran.code}]", ran.out.replace(str(tmp_path), "ЗДЕСЬ"), ran.err)
    compare(seen, "restored" if inside else "restored-outside")


def test_copies_drilled(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, usb = RestoreSource("hub", HUB), RestoreSource("usb\x1b", USB)
    good = Drilled(hub, commits=1, objects=2, files=5, seconds=0.0)
    outcomes: list[tuple[tuple[Drilled, ...], Recorded | None]] = [
        ((good,), None),
        ((good, replace(good, source=usb, commits=22, objects=1, files=1, seconds=12.34,
          laid=True, behind=1)), Recorded(saved(paths=2), ("2026",), ())),
        ((replace(good, behind=3, own_faults=("одно", "другое")),),
         Recorded(saved(), (), ("Н-1\x1b", "Н-2"))),
        ((replace(good, faults=("одно", "другое")),), Recorded(saved(), (), ())),
        ((good, replace(good, faults=("нет связи",), is_away=True)),
         Recorded(saved(None, BAD), (), ())),
        ((replace(good, faults=("нет связи",), is_away=True),), None),
    ]  # fmt: skip
    monkeypatch.setattr("papka.cli.restore.find_sources", lambda *_: ())
    monkeypatch.setattr("papka.cli.restore.print_act", lambda _root, year: print(f"АКТ {year}"))  # noqa: T201 - stands for the act
    for done, recorded in outcomes:
        monkeypatch.setattr("papka.cli.restore.drill", answering(iter(done)))
        monkeypatch.setattr("papka.cli.restore.record", answering(recorded))
        seen.type("restore", "--drill", "--as", "s001", *([] if recorded else ["--no-record"]))
    monkeypatch.setattr("papka.cli.restore.drill", answering(iter(outcomes[-1][0])))
    monkeypatch.setattr("papka.cli.restore.record", answering())  # nothing was tried
    seen.type("restore", "--drill", "--as", "s001")
    compare(seen, "drill")


# mirrors


def test_mirrors_compared(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = MirrorStanding(HUB, "equal")
    usb = replace(plain, remote=USB)
    weak = answering(
        (), (), (), (), (), ("receive.denyDeletes",), ("core.fsync", "receive.fsckObjects"), (), ()
    )
    monkeypatch.setattr("papka.cli.mirror.weakened_mirror", weak)
    for every in (
        (plain,),
        (replace(plain, state="behind", count=2), replace(usb, state="unreachable",
         reason="нет такой папки", next_step="Подключите носитель")),
        (replace(plain, state="ahead", extra=("refs/tags/a",)),
         replace(usb, state="diverged", extra=("refs/tags/a", "refs/tags/b"), hooks=("a", "b")),
         replace(usb, state="empty", extra=("a", "b", "c", "d", "e"), hooks=("pre-receive",))),
        (replace(plain, state="unfit", reason="это архив", next_step="Назовите другую папку"),),
    ):  # fmt: skip
        monkeypatch.setattr("papka.cli.mirror.mirrors.status", answering(every))
        seen.type("mirror", "status")
    compare(seen, "mirror-status")


SENT = (
    SendOutcome(HUB, "sent"),
    SendOutcome(HUB, "already", reason="его настройки не прочесть"),
    SendOutcome(USB, "refused", reason="чужой архив", next_step="Назовите другое"),
    SendOutcome(USB, "unreachable", reason="нет связи", next_step="Проверьте связь"),
    SendOutcome(USB, "waiting", next_step="Сначала основное"),
)


def pushing(every: tuple[SendOutcome, ...]) -> Callable[..., Pushed]:
    def push(_root: Path, *, progress: Callable[[SendOutcome], None], **_: object) -> Pushed:
        for each in every:
            progress(each)
        return Pushed(A, every)

    return push


def test_mirrors_sent_to(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    for every in (SENT[:2], SENT[2:], (SENT[0], SENT[3]), (SENT[3], SENT[4])):
        monkeypatch.setattr("papka.cli.mirror.mirrors.push", pushing(every))
        seen.type("mirror", "push")
    compare(seen, "mirror-push")


def test_a_mirror_written_down(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    far = Remote("far", "https://h.example/x.git", "RU", primary=False)
    kept: list[tuple[str, Path]] = []
    monkeypatch.setattr("papka.cli.mirror.mirrors.add", answering(HUB, USB, far, far))
    monkeypatch.setattr("papka.cli.mirror.accept_authority", lambda _url, _ca: Path("/ca.pem"))
    monkeypatch.setattr("papka.cli.mirror.is_known", lambda _root, name, _url: name == "known")
    monkeypatch.setattr(
        "papka.cli.mirror.keep_authority", lambda _root, name, path: kept.append((name, path))
    )
    ca = seen.root / "README.md"
    seen.type("mirror", "add", "hub", "/srv/hub.git", "--country", "RU")
    seen.type("mirror", "add", "usb", "/media/usb/x.git", "--country", "RU", "--medium", "Н-1")
    seen.type("mirror", "add", "far", far.url, "--country", "RU")
    assert kept == []
    seen.type("mirror", "add", "far", far.url, "--country", "RU", "--ca", ca)
    seen.type("mirror", "add", "known", far.url, "--country", "RU", "--ca", ca)
    assert kept == [("far", Path("/ca.pem")), ("known", Path("/ca.pem"))]
    compare(seen, "mirror-add")


def test_a_store_made_on_the_server(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path("/srv/papka-school/school.git")
    made = Hosted(place, "papka-school", 0, (), is_anchored=False)
    for outcome in (
        made,
        replace(made, owner="root", is_anchored=True),
        replace(made, owner="", aside=("pre-receive.old",), commits=1),
        replace(made, owner="zoya", commits=21, findings=(BAD,)),
        replace(made, owner="git", findings=(WARNED,)),
    ):
        monkeypatch.setattr("papka.copies.server.host", answering(outcome))
        seen.type_outside("mirror", "host", place)
    for words in (("--plan", "p"), ("--site", "s"), ("--plan", "p", "--site", "s",
                  "--refounding", " ".join(["0" * 8] * 8))):  # fmt: skip
        seen.type_outside("mirror", "host", place, *words)
    compare(seen, "mirror-host")


def test_a_server_planned(seen: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    opt = Installed("/opt/papka/.venv/bin/python", "/opt/papka/tools/papka")
    monkeypatch.setattr("papka.repository.store.find_running_program", lambda: opt)
    store, plan = "/srv/papka-school/school.git", ("--plan", "план", "--site")
    for words in (
        (store, *plan, "h.example"),
        (store, *plan, "h.example", "--port", "8443", "--anchor", A),
        ("/srv/school.git", *plan, "h.example"),
        (store, *plan, "не имя"),
    ):
        seen.type_outside("mirror", "host", *words)
    written = sorted(path.name for path in (tmp_path / "план").iterdir())
    for name in written:
        seen.note(f"=== {name} ===", (tmp_path / "план" / name).read_text("utf-8"))
    compare(seen, "mirror-plan")


# sync


def synced(**more: object) -> Synced:
    return replace(Synced("equal", HUB), **more)  # type: ignore[arg-type] # its fields


def test_an_exchange(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("papka.cli.sync.drafts_of", lambda _: [])
    monkeypatch.setattr("papka.cli.sync.number_drafts", lambda *_, **__: ())
    good, away = Pushed(A, SENT[:1]), Pushed(A, (SENT[0], SENT[3]))
    conflicts = (
        Conflict("records/staff.yaml", "s002", "post", "педагог", "завуч"),
        Conflict("records/a.yaml", ours="x"),
        Conflict("records/staff.yaml", "s003", theirs="y"),
    )
    clashes = (Clash("2026/0001", "records/orders/2026/0001.yaml"), Clash("2026-0002", "x"))
    authors = {"records/staff.yaml": "s002", "x": "s003"}
    for outcome, words in (
        (synced(pushed=good), ()),
        (synced(pushed=away), ()),
        (synced(pushed=Pushed(A, (SENT[2], SENT[3])), findings=(WARNED,)), ()),
        (synced(), ()),
        (synced(pushed=good, received=1, unsent=2, replayed=2, sealed="0002",
                renumbered=("2026-0001#r4 → r6", "2026-0001#r5 → r7")), ()),
        (synced(pushed=good, acts={"2026-2-1": "2026-2-2", "2026-2-2": ""}), ()),
        (synced(), ("-n",)),
        (synced(received=2), ("-n",)),
        (synced(received=5, unsent=1, replayed=1, renumbered=("2026-0001#r4 → r5",)), ("-n",)),
        (synced(foreign=((B, "s002"), (C, "s003"), (A, "s002"))), ()),
        (synced(clashes=clashes, authors=authors), ()),
        (synced(conflicts=conflicts, authors=authors), ()),
        (synced(findings=(BAD,), received=3), ("-n",)),
    ):  # fmt: skip
        monkeypatch.setattr("papka.cli.sync.sync", answering(outcome))
        seen.type("sync", "--as", "s001", *words)
    compare(seen, "sync")


def test_what_an_exchange_says_while_it_goes_on(
    seen: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def actor(staff: str, kind: str) -> SimpleNamespace:
        return SimpleNamespace(
            staff=staff, signer=SimpleNamespace(public=SimpleNamespace(kind=kind))
        )

    def work(*_: object, before_signing: Callable[..., None], **__: object) -> Synced:
        every = [("s001", "ssh-ed25519", 1), ("s002", "sk-ssh-ed25519@openssh.com", 2),
                 ("s003", "sk-ssh-ed25519@openssh.com", 1), ("s004", "sk-x", 5)]  # fmt: skip
        before_signing({_Hashed(actor(who, kind)): count for who, kind, count in every})
        return synced(pushed=Pushed(A, SENT[:1]))

    monkeypatch.setattr("papka.cli.sync.drafts_of", lambda _: [])
    monkeypatch.setattr("papka.cli.sync.number_drafts", lambda *_, **__: ())
    monkeypatch.setattr("papka.cli.sync.sync", work)
    seen.type("sync", "--as", "s001")
    compare(seen, "sync-signing")


class _Hashed(SimpleNamespace):
    """Somebody who can be a key of a dictionary."""

    def __init__(self, actor: SimpleNamespace) -> None:
        super().__init__(**vars(actor))

    def __hash__(self) -> int:  # type: ignore[override] # the parent can be no key
        return hash(self.staff)


def test_drafts_that_get_their_numbers(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = KeptDraft("a1", {
        "records/students/2026/2026-xxxx/student.yaml": "id: 2026-xxxx\nname: \u202eЯ\n".encode(),
        "скан.pdf": b"%PDF\xff\xfe!",
        "знак\x1b": b"\xff",
    })  # fmt: skip
    own, other = Waiting(draft, is_own=True), Waiting(replace(draft, name="b2"), is_own=False)
    monkeypatch.setattr("papka.cli.sync.sync", lambda *_, **__: synced(pushed=Pushed(A, SENT[:1])))
    monkeypatch.setattr("papka.cli.sync.waiting", lambda _: [own])
    seen.type("sync", "--as", "s001", "-n")
    answers: list[bool] = []

    def number(
        *_: object, agreed: Callable[[Waiting], bool], **__: object
    ) -> list[tuple[str, Reserved]]:
        answers.extend((agreed(own), agreed(other)))
        return [
            ("a1", Reserved("2026-0012")),
            ("b2", Reserved(None, saved=saved(None, BAD))),
            ("c3", Reserved(None, reason="его не подписали\x07")),
        ]

    monkeypatch.setattr("papka.cli.sync.number_drafts", number)
    monkeypatch.setattr("papka.cli.sync.drafts_of", lambda _: [])
    seen.type("sync", "--as", "s001")
    assert answers == [True, False], "nobody can be asked here"
    somebody = SimpleNamespace(isatty=lambda: True)
    with monkeypatch.context() as patch:
        patch.setattr("papka.cli.sync.sys", SimpleNamespace(stdin=somebody, stdout=somebody))
        patch.setattr("sys.stdin", io.StringIO("да\n"))
        seen.type("sync", "--as", "s001")
    assert answers[2:] == [True, True]
    monkeypatch.setattr("papka.cli.sync.number_drafts", lambda *_, **__: [("a", Reserved("1"))])
    monkeypatch.setattr("papka.cli.sync.drafts_of", lambda _: [draft])
    for refusal in (
        Refused(NOT_AGREED, "Скажите «да»"),
        Refused("Подписывает другой", "Подождите"),
    ):
        monkeypatch.setattr("papka.paper.issuing.issue_drafts", answering([("d4", refusal)]))
        seen.type("sync", "--as", "s001")
    compare(seen, "sync-drafts")
