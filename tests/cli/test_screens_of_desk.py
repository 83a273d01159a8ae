"""What the commands of daily work say of every outcome, word for word: none, one, two and many.

The outcome is made up and given to the command in place of the work, which costs nothing; the
sentences were read by a person. --update-snapshots accepts a change that was looked at.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from papka.copies.mirror_check import MirrorVerified
from papka.copies.new_commits import ChangeJudged
from papka.core.errors import NamesInHistory, PapkaError
from papka.core.findings import Code, Location, Severity
from papka.core.places import FORMAT
from papka.desk import deadlines as codes
from papka.desk import statutory_deadlines
from papka.desk.deadline import Deadline
from papka.desk.deadlines import MirrorSeen
from papka.desk.edition import Difference, EditionState
from papka.desk.numbers import Reserved
from papka.desk.saving import Saved
from papka.desk.sealing import Sealed
from papka.desk.status_report import Due, LocalActor, MirrorState, Status, UnapprovedEntries
from papka.desk.study_period import Closing, Lack, PeriodState, TakenImport
from papka.desk.undoing import UndoneChange, UndoPlan, UnreportedUndo
from papka.paper.document_coverage import UNSIGNED, Compared, cover
from papka.paper.document_verification import DocumentProof
from papka.paper.forms.issued_documents import IssuedLine
from papka.paper.issued_contents import Request
from papka.paper.issuing import Issued
from papka.paper.print_all import PrintOutcome
from papka.paper.print_cache import PrintedDocument, PrintedFile
from papka.proof.anchors import Anchors, Seal
from papka.proof.document_code import DocumentFacts, FactsCut
from papka.proof.examination import Verified
from papka.proof.verify_codes import MIRROR_UNREACHABLE, ROOT_UNANCHORED
from papka.records.acts import Approval, ApprovalException, RegisterEntry
from papka.records.school import Period
from papka.repository.git_values import Commit, GitPerson
from papka.repository.handle import Remote
from tests.cli.made import BAD, WARNED, A, B, C, Told, answering, found, saved
from tests.cli.test_screens import compare
from tests.support.school import NOW

DAY = dt.date(2026, 11, 20)
AS_HEAD = ("--as", "s001")
pytestmark = pytest.mark.usefixtures("plain_screen")


# save and undo


def test_what_was_saved(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, usb = (Remote(name, "/x", "RU", primary=name == "hub") for name in ("hub", "usb"))
    names = tuple(f"2026-0001#r{n}" for n in range(1, 23))
    for outcome, waiting, words in (
        (saved(None, paths=0), (), ()),
        (saved(), (), ()),
        (saved(paths=3), ((hub, 0), (usb, 0)), ()),
        (replace(saved(paths=22), numbered=names), ((hub, 1), (usb, 0)), ()),
        (replace(saved(paths=20), numbered=names[:20], unlocked=("index.lock", "main.lock"),
                 left_out=("a\x1b", "b")), ((hub, 2), (usb, 5)), ()),
        (saved(None, BAD, paths=2), (), ()),
        (saved(C, WARNED), ((hub, 0),), ()),
        (replace(saved(None, WARNED, paths=5), numbered=names[:1]), (), ("-n",)),
        (saved(None, BAD, paths=5), (), ("-n",)),
        (saved(), (), ("-n", "--push")),
    ):  # fmt: skip
        monkeypatch.setattr("papka.cli.save.save", answering(outcome))
        monkeypatch.setattr("papka.cli.save.count_unconfirmed_all", answering(waiting))
        seen.type("save", *AS_HEAD, *words)

    def refuse(*_: object, **__: object) -> None:
        raise NamesInHistory(("Аглая", "Луне"))

    monkeypatch.setattr("papka.cli.save.save", refuse)
    seen.type("save", *AS_HEAD, "-m", "Аглая")
    compare(seen, "save")


def test_a_name_in_the_words_of_a_save_at_a_terminal(
    seen: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def save(*_: object, as_is: bool, **__: object) -> Saved:
        asked.append(as_is)
        if not as_is:
            raise NamesInHistory(("Аглая",))
        return saved()

    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("papka.cli.save.sys", terminal)
    monkeypatch.setattr("papka.cli.save.save", save)
    monkeypatch.setattr("papka.cli.save.count_unconfirmed_all", lambda _: ())
    seen.type("save", *AS_HEAD, "-m", "Аглая")
    monkeypatch.setattr("sys.stdin", io.StringIO("да\n"))
    seen.type("save", *AS_HEAD, "-m", "Аглая")
    seen.type("save", *AS_HEAD, "-m", "Аглая", "-n")
    assert asked == [False, False, True, False]
    compare(seen, "save-names")


def test_a_save_sent_at_once(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Remote("hub", "/x", "RU", primary=True)
    for outcome, code in (
        (saved(), 0),
        (saved(), 4),
        (saved(None, paths=0), 0),
        (saved(None, BAD), 0),
    ):
        monkeypatch.setattr("papka.cli.save.save", answering(outcome))
        monkeypatch.setattr("papka.cli.save.count_unconfirmed_all", answering(((hub, 0),)))
        monkeypatch.setattr("papka.cli.mirror.push_to_mirrors", answering(code))
        seen.type("save", *AS_HEAD, "--push")
    compare(seen, "save-push")


def commit(staff: str = "s001") -> Commit:
    who = GitPerson(staff, f"{staff}@papka.invalid", int(NOW.timestamp()), "+0000")
    return Commit(A, B, (C,), who, who, None, "Дело 2026-0001\n\nподробно", (), b"")


def test_what_an_undoing_would_bring_back(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    states = ("added", "changed", "deleted")
    files = tuple(UndoneChange(f"records/{n}.yaml", states[n % 3], n, n + 1) for n in range(21))
    names = tuple(f"2026-0001#r{n}" for n in range(1, 22))
    plan = UndoPlan(commit(), {}, {}, files[:3], (), (), saved(), ())
    monkeypatch.setattr("papka.cli.undo.find_unreported_undo", lambda _: None)
    for planned, done, words in (
        (plan, None, ("-n",)),
        (replace(plan, commit=commit("s002"), files=files, gone=names, altered=names[:1]), None,
         ("-n",)),
        (replace(plan, judged=saved(None, BAD), gone=names[:2], instead=("исправить", "закончить")),
         None, ("--yes",)),
        (plan, saved(), ("--yes",)),
        (replace(plan, is_pruned=True), saved(), ("--yes",)),
        (plan, saved(None, BAD), ("--yes",)),
        (plan, None, ()),
    ):  # fmt: skip
        monkeypatch.setattr("papka.cli.undo.plan_undo", answering(planned))
        monkeypatch.setattr("papka.cli.undo.undo", answering(done))
        seen.type("undo", *AS_HEAD, *words)
    again = UnreportedUndo(A, "Дело 2026-0001")
    monkeypatch.setattr("papka.cli.undo.find_unreported_undo", answering(again))
    seen.type("undo", *AS_HEAD)
    compare(seen, "undo")


# status


def test_how_the_archive_stands(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = EditionState((), FORMAT, is_newer=False)
    bare = Status(DAY, LocalActor(None, None, has_key=False), (), (), (), (), (), (), whole)
    states = ("added", "changed", "deleted")
    unsaved = tuple((f"records/{n}\x1b.yaml", states[n % 3]) for n in range(21))
    late = Deadline(
        "период не закрыт", "2026-1", "кончился", DAY, Location(), codes.PERIOD_NOT_CLOSED
    )
    soon = Deadline("пересдача", "2026-0001#r1", "до 30.11.2026", DAY, Location())
    seen_mirror = MirrorSeen("hub", DAY)
    copies = (
        MirrorState("hub", True, None, 3, seen_mirror),  # noqa: FBT003 - as the class has them
        MirrorState("usb", False, A, None, seen_mirror),  # noqa: FBT003 - as above
        MirrorState("two", False, A, 0, replace(seen_mirror, looked=DAY)),  # noqa: FBT003 - as above
        MirrorState("old", False, A, 2, replace(seen_mirror, looked=DAY)),  # noqa: FBT003 - as above
    )
    drafts = (
        UnapprovedEntries("2026-1", "первый", 1, 1),
        UnapprovedEntries("2026-2", "второй", 2, 3, closed=True),
        UnapprovedEntries("2026-3", "третий", 5, 5),
    )  # fmt: skip
    differs = Difference("schema/a.json", "обновить", b"a", b"b")
    unsendable = tuple(
        found(Severity.ERROR, f"не примут {n}", path=f"records/{n}.yaml") for n in range(22)
    )
    every = (
        bare,
        replace(bare, actor=LocalActor("s002", None, has_key=False), unsaved=unsaved[:1],
                drafts=drafts),
        replace(bare, actor=LocalActor("s002", "/usb/key", has_key=False), unsaved=unsaved[:20],
                foreign=("a\x1b", *(f"b{n}" for n in range(20))),
                unread=("records/a.yaml", "records/b\x1b.yaml")),
        replace(bare, actor=LocalActor("s002", "/usb/key", has_key=True), unsaved=unsaved,
                foreign=("x/.DS_Store", "Thumbs.db", "~$a.docx", "y/.DS_Store", ".a.swp",
                         "records/students/2026/2026-0001/enrolments (1).yaml"),
                deadlines=(soon,), copies=copies),
        replace(bare, actor=LocalActor("s002", "/usb/key", has_key=True, waits=True),
                deadlines=(late, soon), copies=copies[:1],
                edition=replace(whole, format=FORMAT - 1)),
        replace(bare, deadlines=(soon,) * 61, edition=replace(whole, differences=(differs,) * 2)),
        replace(bare, edition=replace(whole, is_newer=True), copies=copies[2:3],
                unsendable=unsendable[:1]),
        replace(bare, unsendable=unsendable, deadlines=(replace(late, about="нет пломбы"),
                replace(soon, about="копии за год"))),
    )  # fmt: skip
    for outcome in every:
        monkeypatch.setattr("papka.cli.status.status", answering(outcome))
        seen.type("status", "--on", "2026-11-20")
    for outcome in (every[0], every[3]):
        told = replace(outcome, edition=replace(whole, differences=(differs,)), drafts=drafts[:1],
                       foreign=("x",), unread=("y",), unsendable=unsendable[:1])  # fmt: skip
        monkeypatch.setattr("papka.cli.status.status", answering(told))
        seen.type("status", "--format", "json")
    for words in (("--quiet",), ("--format", "sarif")):
        seen.type("status", *words)
    compare(seen, "status")


def test_what_the_calendar_demands(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of demand with its own sentence and its own next step."""
    where = Location("records/organization.yaml")
    every = sorted(
        (
            code
            for module in (codes, statutory_deadlines)
            for code in vars(module).values()
            if isinstance(code, Code)
        ),
        key=lambda code: code.name,
    )
    demands = tuple(
        Deadline("", "2026-1", "подробности", DAY, where, code).demand()
        for code in every
        if code.fields >= {"address", "text"}
    )
    assert len(demands) == len(every) - 1, "one code is of files that cannot be read"
    for listed, words in (
        ((), ()), ((), ("--quiet",)), (demands[:1], ("--quiet",)), (demands, ()),
        ((WARNED,), ("--fail-on", "warning")), ((), ("--format", "json")),
    ):  # fmt: skip
        told = Due(DAY, listed, lambda _: None)  # type: ignore[arg-type] # none is None
        monkeypatch.setattr("papka.cli.status.report_due", answering(told))
        seen.type("status", "--due", "--on", "2026-11-20", *words)
    compare(seen, "status-due")


# periods and seals


PERIOD = Period(
    period="2026-1", title="Первое полугодие", school_year=2026,
    start=dt.date(2026, 1, 12), end=dt.date(2026, 6, 30),
)  # fmt: skip


def taken(number: int, unmatched: int) -> TakenImport:
    manifest = SimpleNamespace(platform="kurs", export="Оценки", taken=DAY, by="s002")
    return TakenImport(f"2026-1/{number}", manifest, tuple(range(1, unmatched + 1)))  # type: ignore[arg-type] # what is read of it


def lacking(number: int) -> Lack:
    return Lack(f"2026-{number:04}#e1", "Гитара", "техника")


def test_how_periods_stand(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = PeriodState(PERIOD, None, 0, 0, 0, (), ())
    lacks = tuple(map(lacking, range(1, 52)))
    exceptions = (
        ApprovalException(kind="нет отметки", reason="болела", student="2026-0001#e1", part="т"),
        ApprovalException(kind="нет отметки", reason="перевод", student="2026-0002#e1"),
        ApprovalException(kind="несопоставленная строка", reason="гость", export="2026-1/1", row=3),
        ApprovalException(kind="иное", reason="закрыта платформа"),
    )
    act = Approval(period="2026-1", closed=DAY, signed_by="s001", exceptions=exceptions)
    every = (
        bare,
        replace(bare, entries=5, people=2, due=3, lacks=lacks[:1], debts=("2026-0001#r1",)),
        replace(bare, entries=1, people=1, due=60, lacks=lacks, debts=tuple("ab" * 11),
                imports=(taken(1, 0), taken(2, 1)), untaken=("stupen", "kurs")),
        replace(bare, due=2, lacks=lacks[:2], imports=(taken(1, 2), taken(2, 21)),
                debts=("a", "b", "c", "d", "e")),
        replace(bare, approval=act, entries=7, people=3, due=4),
    )  # fmt: skip
    for state in every:
        monkeypatch.setattr("papka.cli.period.period_states", answering([state]))
        seen.type("period", "status", "2026-1")
    for states in ((), every[:2], every[4:]):
        monkeypatch.setattr("papka.cli.period.period_states", answering(states))
        seen.type("period", "status")
    for state in (every[2], every[4]):
        told = replace(state, lacks=state.lacks[:2])
        monkeypatch.setattr("papka.cli.period.period_states", answering([told]))
        seen.type("period", "status", "2026-1", "--format", "json")
    monkeypatch.setattr("papka.cli.period.period_states", answering(every[:1]))
    seen.type("period", "status", "--format", "json")
    compare(seen, "period-status")


def test_a_period_closed(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    state = PeriodState(PERIOD, None, 5, 2, 3, (), ())
    good = Closing(state, DAY, (), {}, {})
    act = Approval(period="2026-1", closed=DAY, signed_by="s001")
    evidence = tuple(found(Severity.WARNING, f"иначе {n}", path=f"a{n}") for n in range(51))
    sealed = Sealed(2, "0123456789abcdef" * 4, C)
    for closing, changed, done, words in (
        (replace(good, open_lacks=(lacking(1),)), (), None, ("--yes",)),
        (replace(good, open_platforms=("kurs",), closed=dt.date(2026, 6, 30)), (), None,
         ("--yes",)),
        (replace(good, open_rows=("2026-1/1/3",), closed=dt.date(2026, 6, 29)), (), None,
         ("--yes",)),
        (replace(good, accepted={"kurs": "закрыта"}), evidence[:1], saved(), ("--yes",)),
        (good, evidence, saved(C, WARNED), ("--yes",)),
        (good, (), saved(None, BAD), ("--yes",)),
        (good, (), None, ()),
        (replace(good, state=replace(state, approval=act)), (), None, ()),
    ):  # fmt: skip
        monkeypatch.setattr("papka.cli.period.plan_close", answering(closing))
        monkeypatch.setattr("papka.cli.period.changed_evidence", answering(changed))
        monkeypatch.setattr("papka.cli.period.close", answering(done))
        monkeypatch.setattr("papka.cli.period.is_unsealed_closing", answering(False))  # noqa: FBT003 - an answer
        monkeypatch.setattr("papka.cli.period.period_sealed_by_head", answering("2025"))
        monkeypatch.setattr("papka.cli.period.make_seal", answering(sealed))
        seen.type("period", "close", "2026-1", *AS_HEAD, *words)
    for was_cut, sealed_for in ((True, ""), (False, "2026-1")):
        monkeypatch.setattr("papka.cli.period.plan_close", answering(
            replace(good, state=replace(state, approval=act))))  # fmt: skip
        monkeypatch.setattr("papka.cli.period.is_unsealed_closing", answering(was_cut))
        monkeypatch.setattr("papka.cli.period.period_sealed_by_head", answering(sealed_for))
        monkeypatch.setattr("papka.cli.period.make_seal", answering(replace(sealed, stood=True)))
        seen.type("period", "close", "2026-1", *AS_HEAD)
    for text in ("техника", "=причина", "x= ", ""):
        seen.type("period", "close", "2026-1", "--accept", text)
    compare(seen, "period-close")


def test_a_seal_of_a_year(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = (found(Severity.WARNING, "журнал иначе", path="records/media/2026.yaml"),)
    for changed, stood, words in (((), True, ("2026",)), (evidence, False, ())):
        sealed = Sealed(12, "89abcdef01234567" * 4, C, stood=stood)
        monkeypatch.setattr("papka.cli.period.seal_period", lambda _root, year, **_: year or "нет")
        monkeypatch.setattr("papka.cli.period.period_sealed_by_head", answering(""))
        monkeypatch.setattr("papka.cli.period.changed_evidence", answering(changed))
        monkeypatch.setattr("papka.cli.period.make_seal", answering(sealed))
        seen.type("period", "seal", *words, *AS_HEAD)
    compare(seen, "period-seal")


# issued documents and print


def entry(**more: object) -> RegisterEntry:
    plain: dict[str, object] = {
        "number": "С-2026-0003", "series": "С", "form": "certificate@1", "date": DAY,
        "student": "2026-0001#e1", "holder": "Абрикосова Аглая", "salt": "AAAA",
    }  # fmt: skip
    return RegisterEntry(**(plain | more))  # type: ignore[arg-type] # its fields


def test_a_document_issued(seen: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = Request("certificate", "2026-0001#e1", DAY)
    good = Issued("С-2026-0003", entry(), Reserved("С-2026-0003", saved(C, WARNED)), request)
    stopped: Any = SimpleNamespace(is_stopped=True)
    goes_on: Any = SimpleNamespace(is_stopped=False)
    away = Reserved(None, draft="a1", reason="нет связи")
    for done in (
        good,
        replace(good, entry=entry(form="progress@1", duplicate_of="С-2026-0001"),
                reserved=replace(good.reserved, saved=None, synced=stopped)),
        replace(good, entry=entry(form="transcript@1"),
                reserved=replace(good.reserved, synced=goes_on)),
        replace(good, number=None, reserved=away),
        replace(good, number=None, reserved=Reserved(None, saved(None, BAD))),
        replace(good, number=None, reserved=Reserved(None, synced=stopped, reason="разошлись. ")),
    ):  # fmt: skip
        monkeypatch.setattr("papka.paper.issuing.issue", answering(done))
        monkeypatch.setattr("papka.paper.issuing.forget_outcome", lambda *_: None)
        monkeypatch.setattr("papka.cli.issue.print_saved", answering(pressed("c.pdf")))
        seen.type("issue", "certificate", "2026-0001#e1", *AS_HEAD, "--out", tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise PapkaError("Печатать нечем", "Поставьте Pango")

    monkeypatch.setattr("papka.paper.issuing.issue", answering(good))
    monkeypatch.setattr("papka.cli.issue.print_saved", fail)
    seen.type("issue", "certificate", "2026-0001#e1", *AS_HEAD)
    monkeypatch.setattr("papka.paper.issuing.preview", answering(entry(number="", signature="x")))
    seen.type("issue", "certificate", "2026-0001#e1", *AS_HEAD, "-n")
    for outcome, words in ((saved(), ()), (saved(None, BAD), ()), (saved(None), ("-n",))):
        monkeypatch.setattr("papka.paper.issuing.annul", answering(outcome))
        seen.type("issue", "--annul", "С-2026-0003", "--reason", "ошибка", *AS_HEAD, *words)
    wrong: tuple[tuple[str, ...], ...] = (
        (), ("certificate",), ("--duplicate", "1", "--annul", "2"),
        ("--replace", "1", "--annul", "2"),
        ("certificate", "2026-0001#e1", "--reason", "x"), ("--duplicate", "1", "--spoiled"),
        ("certificate", "2026-0001#e1", "--date", "31.12.2999"),
    )  # fmt: skip
    for typed in wrong:
        seen.type("issue", *typed, *AS_HEAD)
    seen.lines = [line.replace(str(tmp_path), "СЮДА") for line in seen.lines]
    compare(seen, "issue")


def pressed(*names: str, unsaved: tuple[str, ...] = (), pages: int = 1) -> PrintedDocument:
    files = tuple(PrintedFile(name, b"%PDF", pages) for name in names)
    return PrintedDocument(files, C, {}, unsaved=unsaved)


def test_forms_printed(printing: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for done, words in (
        (pressed("a.pdf"), ("certificate", "С-2026-0003")),
        (pressed("a.pdf", "b.pdf", unsaved=("records/a.yaml", "records/b.yaml"), pages=2),
         ("personal-file", "2026-0001")),
        (pressed("a.pdf", pages=0), ("seal", "0001", "--out", tmp_path / "мой.pdf")),
        (pressed("a.pdf", "b.pdf"), ("personal-file", "2026-0001", "--out", tmp_path / "x.pdf")),
        (pressed("a.pdf", pages=5), ("keys",)),
    ):  # fmt: skip
        monkeypatch.setattr("papka.cli.print_form.print_saved", answering(done))
        printing.type("print", *words)
    others: tuple[tuple[str, ...], ...] = (
        ("certificate", "С-2026-0003", "--all"), ("--all",), (), ("certificate",),
        ("personal-file",), ("seal",), ("refounding",), ("nothing",),
    )  # fmt: skip
    for typed in others:
        printing.type("print", *typed)
    printing.lines = [line.replace(str(tmp_path), "СЮДА") for line in printing.lines]
    compare(printing, "print")


class _Run:
    """A print of many, its outcomes known beforehand."""

    def __init__(self, *outcomes: PrintOutcome) -> None:
        self.outcomes = lambda: iter(outcomes)
        self._length, self.out = len(outcomes), Path("/print")

    def __len__(self) -> int:
        return self._length


def test_a_form_printed_for_everybody(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    one = PrintOutcome("2026-0001", ("a.pdf",), 1)
    two = PrintOutcome("2026-0002", ("b.pdf", "c.pdf"), 22, from_cache=True)
    for run in (
        _Run(),
        _Run(one),
        _Run(one, two, replace(two, pages=0)),
        _Run(PrintOutcome("2026-0004", trouble="не готово", next_step="Подождите"), one,
             PrintOutcome("2026-0003", trouble="нет скана")),
    ):  # fmt: skip
        monkeypatch.setattr("papka.paper.print_all.print_all", answering(run))
        seen.type("print", "personal-file", "--all")
    compare(seen, "print-all")


# verify


def test_an_archive_verified(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    seals = tuple(Seal(n, "2026-1", DAY, str(n) * 64, A, B, is_anchored=n != 2) for n in (1, 2, 3))
    good = Verified((), 1, 2, 5, A, B, "SHA256:x")
    unanchored = ROOT_UNANCHORED.at(Location(), key="x")
    paper = Anchors(frozenset(["SHA256:x"]), frozenset(["0" * 64]), frozenset([B]))
    for outcome, words in (
        (replace(good, findings=(unanchored,)), ()),
        (replace(good, anchors_met=paper, seals=seals), ()),
        (replace(good, anchors_met=replace(paper, keys=frozenset())), ("--no-memory",)),
        (replace(good, anchors_met=Anchors(roots=paper.roots), since=C, commits=22, objects=21,
                 files=1), ()),
        (replace(good, findings=(BAD, WARNED)), ()),
        (replace(good, findings=(WARNED,), since=C), ("--fail-on", "warning")),
        (replace(good, anchors_met=paper, seals=seals, transitions=3, remembered=True, since=C),
         ("--format", "json")),
    ):  # fmt: skip
        monkeypatch.setattr("papka.cli.verify.verify", answering(outcome))
        seen.type("verify", *words)
    compare(seen, "verify")


def test_mirrors_verified(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, usb = (Remote(name, "/x", "RU", primary=name == "hub") for name in ("hub", "usb"))
    away = MIRROR_UNREACHABLE.at(Location(), mirror="usb", detail="usb", step="usb")
    sound = MirrorVerified(hub, (), A, 21)
    good = Verified((), 1, 2, 5, A, B, "SHA256:x")
    for found_there in (
        (), (sound,), (sound, replace(sound, remote=usb)),
        (sound, MirrorVerified(usb, (away,))), (MirrorVerified(usb, (away,)),),
        (replace(sound, findings=(BAD,)), MirrorVerified(usb, (away,))),
    ):  # fmt: skip
        monkeypatch.setattr("papka.cli.verify.verify", answering(good))
        monkeypatch.setattr("papka.copies.mirror_check.verify_mirrors", answering(found_there))
        monkeypatch.setattr("papka.copies.mirror_check.remember_verified", answering([]))
        seen.type("verify", "--mirrors")
    kept: list[object] = []
    monkeypatch.setattr(
        "papka.copies.mirror_check.remember_verified",
        lambda _memory, _root, found, _now: kept.append(found) or [WARNED],  # type: ignore[func-returns-value] # none is false
    )
    for findings, typed in (((BAD,), []), ((), ["--no-memory"]), ((), [])):
        told = replace(good, findings=findings)
        monkeypatch.setattr("papka.cli.verify.verify", answering(told))
        monkeypatch.setattr("papka.copies.mirror_check.verify_mirrors", answering((sound,)))
        seen.type("verify", "--mirrors", *typed)
    assert kept == [(sound,)], "only of an archive without errors, and unless told not to"
    monkeypatch.setattr("papka.cli.verify.list_remotes", lambda _: [hub, usb])
    for each, words in (
        (sound, ("hub",)), (replace(sound, findings=(BAD,), objects=1), ("hub",)),
        (MirrorVerified(usb, (away,)), ("usb",)), (sound, ("hub", "--no-memory")),
    ):  # fmt: skip
        monkeypatch.setattr("papka.copies.mirror_check.verify_mirrors", answering([each]))
        monkeypatch.setattr("papka.copies.mirror_check.remember_verified", answering([WARNED]))
        seen.type("verify", *words)
    seen.type("verify", "nobody")
    seen.type("verify", "hub", "--format", "json", "--trust", seen.root / "README.md")
    compare(seen, "verify-mirrors")


def test_a_change_judged(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    one = ChangeJudged(A, B, 1, (), lambda _: None)
    key = "SHA256:" + "A" * 43
    for outcome, words in (
        (one, ()),
        (replace(one, old="", commits=22), ("--anchor", key)),
        (replace(one, findings=(BAD,), commits=5), ()),
        (replace(one, findings=(WARNED,)), ("--fail-on", "warning", "--anchor", key)),
        (one, ("--format", "json")),
    ):
        monkeypatch.setattr("papka.copies.new_commits.judge_between", answering(outcome))
        seen.type("verify", "--rev", "HEAD", "--since", "HEAD~1", *words)
    for option in ("--mirrors", "--protocol=x.pdf", "--protocol=x.doc"):
        seen.type("verify", "--rev", "HEAD", option)
    compare(seen, "verify-change")


def test_a_document_verified(seen: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    key = SimpleNamespace(fingerprint="SHA256:x")
    signer = SimpleNamespace(staff="s001", key=key, term=None)
    least = DocumentFacts("certificate", "С-1", DAY, "Абрикосова", "7700", b"e" * 16, b"key!")
    full = replace(
        least, birth_date=DAY, programme=FactsCut("Гит", b"12345678"), hours="72", started=DAY,
        ended=DAY, result="освоена", order="2026/0001", duplicate_of="С-0",
    )  # fmt: skip
    by_list = Compared("pages", is_same=True, found=("Номер", "ФИО"), left=("Итог",))
    whole = Compared("pages", has_archive=True, is_same=True, is_reprinted=True)
    rows = (
        IssuedLine("Техника игры", "80", "зачёт", "не зачтено", "Зачёт", "01.12.2026", ""),
        IssuedLine("Теория", "—", "—", "4", "", "—", "с отличием"),
    )
    reprinted = "напечатанное по реестру, байт в байт"
    for proof in (
        DocumentProof((), least, signer, coverage=cover(Compared("picture"))),  # type: ignore[arg-type] # what is read of it
        DocumentProof((WARNED,), full, signer, "видимый текст самого документа", cover(by_list)),  # type: ignore[arg-type] # as above
        DocumentProof((), full, signer, reprinted, cover(whole), rows, rows),  # type: ignore[arg-type] # as above
        DocumentProof((BAD,), least, None, coverage=UNSIGNED),
        DocumentProof((BAD,)),
    ):
        for style in ("text", "json"):
            monkeypatch.setattr("papka.cli.verify_document.verify_file", answering(proof))
            seen.type("verify", seen.root / "README.md", "--format", style)
    compare(seen, "verify-document")
