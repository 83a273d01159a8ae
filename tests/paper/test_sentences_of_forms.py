"""No sentence stands on a paper that nothing makes vanish: each is tied to a fact.

Every literal run of three words or more, of templates and of what views fill in, is looked for on
the pages of made schools, read as HTML. One that stands on each page of a form has no condition,
and is then a label, a heading, an instruction or the law's own words: `reviewed_sentences.txt`
lists it under its reason.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from html.parser import HTMLParser
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from msgspec.structs import replace as with_fields

from papka.core.errors import PapkaError
from papka.core.findings import Location
from papka.core.places import SEALS, TEXT, seal_file
from papka.core.snapshot import DictSnapshot
from papka.paper import verification_protocol
from papka.paper.form import State
from papka.paper.forms import every_form
from papka.paper.issued_contents import (
    CONTENTS,
    GOES_ON,
    MASTERED,
    PLAN_MASTERED,
    Request,
    case_of,
)
from papka.paper.personal_file_layout import print_personal_file
from papka.paper.press import print_form, print_view
from papka.proof import verify_codes
from papka.proof.trusted_keys import REFOUNDINGS, REVOCATIONS
from papka.records.acts import ApprovalException, Handed, Media, Purge, Purges, Void
from papka.records.archive import Archive
from papka.records.school import Regulation, RegulationEdition
from papka.records.student import Student
from tests.conftest import PROJECT
from tests.paper.conftest import COMMIT, MOMENT, forms
from tests.paper.counted_school import DAY, ID, SCHOOLS
from tests.paper.forms_school import (
    AWARDS,
    CONSENT,
    COPIES,
    GONE,
    PURGED,
    entry,
    school,
    short,
)
from tests.paper.invented_school import AGLAYA, ORDERS, result, sources
from tests.paper.proof_files import HEAD_COMMIT, NEW, OLD, PROOF
from tests.paper.test_none_one_two_many import written
from tests.paper.test_screens_none_one_two_many import deed, many_deeds, sheet
from tests.paper.test_unapproved_on_paper import ALL_EARLY, STUDENT
from tests.paper.test_unapproved_on_paper import WHOLE as APPROVED
from tests.paper.test_verification_protocol import BY_KEY, BY_SEAL, LOST, UNANCHORED, WHOLE
from tests.support.approvals import ACT
from tests.support.archives import loaded, restricted
from tests.support.derived import organization

D = dt.date
UNSEALED = {path: data for path, data in PROOF.items() if not path.startswith(f"{SEALS}/")}
REVIEWED = Path(__file__).parent / "reviewed_sentences.txt"
FILE, PROTOCOL = "personal-file", "verification-protocol"
LACKING = ApprovalException(kind="иное", reason="болел")
ACCEPTED = verify_codes.COMMIT_ACCEPTED.at(Location(), code="SIG_MISSING", file="1")
_WORD = re.compile(r"[А-Яа-яЁё]+(?:-[а-яё]+)*")
_LEAST = 3
_HOLE = re.compile(r"[\0\1]")
_INLINE = {"b", "strong", "span", "i"}
_DRAWN = {"style", "script", "svg", "title", "head"}


class Blocks(HTMLParser):
    """The texts of a page, a block each."""

    def __init__(self) -> None:
        super().__init__()
        self.texts = [""]
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._skipped += tag in _DRAWN
        if tag not in _INLINE:
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in _DRAWN
        if tag not in _INLINE:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.texts[-1] += data


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u00ad", "").split())


def read(page: str) -> tuple[str, ...]:
    reader = Blocks()
    reader.feed(page)
    return tuple(found for text in reader.texts if (found := plain(text)))


def runs_of(text: str) -> Iterator[str]:
    """Yield the literal runs between what is filled in that have words enough to say something."""
    for run in _HOLE.split(text):
        words = plain(run).strip(" .,:;()«»—–-")
        if len(_WORD.findall(words)) >= _LEAST:
            yield words


@cache
def said_by_templates() -> dict[str, set[str]]:
    """Template -> its own runs of words."""
    found: dict[str, set[str]] = {}
    for path in forms().paths():
        if path.endswith(".j2"):
            source = forms().read(path).decode()
            tokens = Environment(autoescape=True).lex(source)
            inside, parts = 0, []
            for _, kind, value in tokens:
                if kind.endswith("_begin"):
                    inside += 1
                    parts.append("\0" if kind.startswith("variable") else "\1")
                elif kind.endswith("_end"):
                    inside -= 1
                elif not inside:
                    parts.append(value)
            found[path] = set(chain.from_iterable(map(runs_of, read("".join(parts)))))
    return found


@cache
def said_by_views() -> frozenset[str]:
    """The runs of words that the modules of paper hold, docstrings left out."""
    found: set[str] = set()
    for path in sorted((PROJECT / "tools/papka/paper").rglob("*.py")):
        tree = ast.parse(path.read_text())
        skipped = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or id(node) in skipped:
                continue
            if isinstance(node.value, str):
                found.update(runs_of(re.sub(r"\{\w+\}", "\0", node.value)))
    return frozenset(found)


ACT_UNSEALED = re.sub(rb"seal: .*", b"seal: none", PROOF[f"{REFOUNDINGS}0001"])
ALL_REVOKED = b"".join(
    f"retired {key.fingerprint} at {HEAD_COMMIT}\n".encode() for key in (*OLD, *NEW)
)
Some = tuple[str, ...]


def all_schools() -> Iterator[tuple[Archive, Some]]:
    """Schools that differ in what sentences hang on, and the forms that show it: () for all."""
    yield short(), ()
    for name in ("nothing", "one", "many"):
        yield SCHOOLS[name](), ()
    yield replace(short(), organization=None), ("answer", "self-examination")
    yield replace(short(), students={}, orders=ORDERS), ()
    nobody = of_aglaya(replace(AGLAYA, enrolments=(), periods={}, credits=(), awards=()))
    yield nobody, ("management", "self-examination", "order", "card")
    yield loaded(restricted()), ("needs-plan", "diagnostics-summary")
    before = with_fields(AGLAYA.enrolments[0], start=D(2025, 1, 15), ended=None)
    decided = RegulationEdition(edition=1, since=D(2026, 1, 1), protocol="№ 1")
    acts = {
        name: Regulation(id=name, title="Показатели", editions=(decided,))
        for name in ("self-examination", "self-examination-2026")
    }
    yield (
        replace(of_aglaya(replace(AGLAYA, enrolments=(before,))), regulations=acts),
        ("self-examination", "self-examination-exact"),
    )
    yield from ((each, ("approval-act",)) for each in approving())
    plain = with_fields(CONSENT, actions=("запись", "хранение"), resources=(), processors=())
    yield school(AGLAYA, registers={}, order=AWARDS, purpose=plain), ("consent",)
    unread = with_fields(COPIES[0], verified=None, verified_by=None, restored=None)
    for copies in (tuple(with_fields(copy, restored=copy.date) for copy in COPIES), (unread,)):
        yield replace(short(), media={"2026": Media(copies=copies)}), ("backup-act",)
    unlawful = tuple(with_fields(each, basis="неправомерные данные") for each in GONE.what)
    for gone in (with_fields(GONE, media=()), with_fields(GONE, what=unlawful, stores=())):
        yield (
            replace(short(), destruction_acts={"1": gone}, purges={}),
            ("destruction-act", "destruction-extract"),
        )
    first = re.sub(rb"previous: .*", b"previous: none", PROOF[seal_file(2, TEXT)])
    for changed in (
        {f"{REFOUNDINGS}0001": ACT_UNSEALED},
        {REVOCATIONS: ALL_REVOKED},
        {seal_file(2, TEXT): first},
    ):
        yield replace(short(), proof={**PROOF, **changed}), ("refounding", "seal", "keys")
    yield replace(short(), proof=UNSEALED, media={}), ("safe-sheet",)


def approving() -> Iterator[Archive]:
    """An act with a list, with what was accepted, and a supplementary one."""
    acts = {
        key: with_fields(each, exceptions=(LACKING,)) for key, each in APPROVED.approvals.items()
    }
    people = {STUDENT.id: STUDENT}
    yield replace(APPROVED, students=people, organization=organization())
    yield replace(APPROVED, students=people, organization=organization(), approvals=acts)
    yield approved_early()


def approved_early() -> Archive:
    """All entries of a period that was then closed."""
    people = {STUDENT.id: STUDENT}
    early = replace(ALL_EARLY, students=people, organization=organization())
    return replace(early, approvals={**early.approvals, "2026-1": ACT})


def of_aglaya(student: Student) -> Archive:
    return school(student, registers={}, order=AWARDS)


def issued_papers() -> Iterator[tuple[str, Archive]]:
    """Each issued form, as it was made for each study, handed, void and a duplicate."""
    for name in ("nothing", "many"):
        archive = SCHOOLS[name]()
        for form in CONTENTS:
            for study in archive.students[ID].enrolments:
                try:
                    case = case_of(archive, Request(form, f"{ID}#{study.id}", DAY))
                    made = written(case, form)
                except PapkaError:
                    continue
                for each in (
                    made,
                    with_fields(made, handed=Handed(date=DAY, to="p1"), signature="A" * 86 + "=="),
                    with_fields(made, void=Void(reason="испорчен"), duplicate_of="С-0"),
                ):
                    yield form, replace(archive, registers={f"issued/2026/{name}": each})


@cache
def pages() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Form -> the texts of each of its pages."""
    found: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    templates = forms()
    saved = partial(State, as_of=MOMENT, on=DAY, commit=COMMIT, root=COMMIT[::-1])
    unsaved = partial(saved, commit=None)
    past = partial(State, as_of=MOMENT, on=D(2026, 3, 1), commit=None, is_past=True, root=COMMIT)
    for archive, only in all_schools():
        for state in (saved(archive), unsaved(archive) if only else past(archive)):
            for form in every_form():
                if only and form.name not in only:
                    continue
                for address in (*islice(form.targets(archive), 3), *blanks_of(form.name, archive)):
                    try:
                        made = print_form(form, state, address, templates=templates, html=True)
                    except PapkaError:
                        continue
                    found[form.name].append(read(made.data.decode()))
    for name, archive in issued_papers():
        (form,) = (each for each in every_form() if each.name == name)
        state = State(archive, MOMENT, DAY, COMMIT)
        (address,) = form.targets(archive)
        made = print_form(form, state, address, templates=templates, html=True)
        found[name].append(read(made.data.decode()))
    found[FILE] += map(read, personal_files())
    found[PROTOCOL] += map(read, protocols())
    return {form: tuple(texts) for form, texts in found.items()}


def blanks_of(form: str, archive: Archive) -> Iterator[str]:
    """Addresses of forms to fill in by hand."""
    if form == "consent" and ID in archive.students:
        yield from (f"{ID}:{purpose}" for purpose in archive.purposes)


def personal_files() -> Iterator[str]:
    bare = sheet("one", deed(1, f"records/students/2026/{ID}/student.yaml", "s404"))
    unsigned = sheet("one", replace(next(many_deeds()), key=""))
    for name, make in SCHOOLS.items():
        archive = without_scans(make())
        origins = {"one": bare, "two": unsigned, "many": sheet("many", *many_deeds(), seal="№ 1")}
        for printed in print_personal_file(
            archive, DictSnapshot(sources(archive.students[ID])), ID, templates=forms(),
            as_of=MOMENT, commit=None if name == "one" else COMMIT, html=True,
            provenance=origins.get(name),
        ):  # fmt: skip
            yield printed.data.decode()
    for student in (
        replace(AGLAYA, enrolments=(), periods={}, credits=(), awards=(), documents=()),
        replace(AGLAYA, periods={"2026-1": (result(1, DAY, None, text="Стала смелее.",
                                                   kind="личностный", control=None),)}),
    ):  # fmt: skip
        for printed in print_personal_file(
            of_aglaya(student), DictSnapshot(sources(student)), ID, templates=forms(),
            as_of=MOMENT, commit=COMMIT, html=True,
        ):  # fmt: skip
            yield printed.data.decode()


def without_scans(archive: Archive) -> Archive:
    student = archive.students[ID]
    assert student.person is not None
    bare = replace(
        student,
        person=with_fields(student.person, photo=None),
        documents=tuple(with_fields(each, file=None) for each in student.documents),
    )
    return replace(archive, students={**archive.students, ID: bare})


def protocols() -> Iterator[str]:
    lost = replace(WHOLE, findings=LOST, organization="Школа")
    told = (
        (UNANCHORED,), (UNANCHORED, ACCEPTED), (ACCEPTED,), (LOST[0],), ()
    )  # fmt: skip
    for seen in (
        *(WHOLE, BY_KEY, BY_SEAL, lost, replace(WHOLE, head="", root="", root_key="")),
        *(replace(BY_SEAL, findings=found) for found in told),
        replace(WHOLE, since="ab" * 20, remembered=True, memory=True),
        replace(WHOLE, mirrors=("server",), has_folder=False, remembered=True),
    ):  # fmt: skip
        made = print_view(
            f"{PROTOCOL}/{PROTOCOL}", PROTOCOL, verification_protocol.protocol(seen),
            templates=forms(), html=True,
        )  # fmt: skip
        yield made.data.decode()


def permitted() -> frozenset[str]:
    """Return the runs that may stand on every page: each stands in the file under its reason."""
    lines = REVIEWED.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("== "))


def on_every_page() -> dict[str, list[str]]:
    """Run of words -> the forms of which no page is without it."""
    joined = {form: [" ¦ ".join(texts) for texts in made] for form, made in pages().items()}
    literal = said_by_views().union(*said_by_templates().values())
    found = {
        words: [form for form, made in joined.items() if all(words in page for page in made)]
        for words in literal
    }
    return {words: found[words] for words in sorted(found) if found[words]}


def test_each_form_is_seen_on_more_pages_than_one() -> None:
    assert {form for form, made in pages().items() if len(set(made)) > 1} == {
        *(form.name for form in every_form()), FILE, PROTOCOL,
    }  # fmt: skip


def test_each_sentence_of_a_template_is_shown_by_one_school_or_another() -> None:
    shown = " ¦ ".join(text for made in pages().values() for page in made for text in page)
    unseen = {
        path: words
        for path, runs in said_by_templates().items()
        if (words := sorted(run for run in runs if run not in shown))
    }
    assert unseen == {}, "no school of this test shows these sentences: add one in which they hold"


def test_a_sentence_that_nothing_makes_vanish_is_none_of_a_fact() -> None:
    unguarded = {words: on for words, on in on_every_page().items() if words not in permitted()}
    assert unguarded == {}, "tie it to a fact, or review it as what says none (REVIEWED)"


def test_what_was_reviewed_still_stands_on_every_page() -> None:
    assert permitted() - on_every_page().keys() == frozenset()


# pairs: the fact, and without it the sentence is gone


def shown(form: str, archive: Archive, address: str = ID, *, on: dt.date = DAY) -> str:
    (made,) = (each for each in every_form() if each.name == form)
    state = State(archive, MOMENT, on, COMMIT, root=COMMIT[::-1])
    return " ¦ ".join(
        read(print_form(made, state, address, templates=forms(), html=True).data.decode())
    )


def issued(form: str, **facts: str | int) -> str:
    series = {"certificate": "certificates", "transcript": "transcripts"}[form]
    made = entry(
        series, "Д-1", facts={"program": "Гитара с нуля", "started": "2026-01-15", **facts}
    )
    return shown(form, replace(short(), registers={"issued/2026/x": made}), "Д-1")


def filed(student: Student) -> str:
    (made,) = print_personal_file(
        of_aglaya(student), DictSnapshot(sources(student)), ID, templates=forms(), as_of=MOMENT,
        commit=COMMIT, html=True,
    )  # fmt: skip
    return " ¦ ".join(read(made.data.decode()))


def copied(**fields: object) -> str:
    copy = with_fields(COPIES[0], **fields)
    return shown("backup-act", replace(short(), media={"2026": Media(copies=(copy,))}), "2026")


def destroyed(*purged: Purge, **fields: object) -> str:
    made = replace(
        short(),
        destruction_acts={"1": with_fields(GONE, **fields)},
        purges={"1": Purges(purges=purged)},
    )
    return shown("destruction-act", made, "1")


def years_from(starts: str) -> Archive:
    found = short()
    assert found.organization is not None
    year = with_fields(found.organization.school_year, starts=starts)
    seal = re.sub(rb"period: .*", b"period: 2026", PROOF[seal_file(2, TEXT)])
    return replace(
        found,
        organization=with_fields(found.organization, school_year=year),
        proof={**PROOF, seal_file(2, TEXT): seal},
    )


def owing(*resits: float, **first: Any) -> str:  # noqa: ANN401 - fields of a result by name
    keys: dict[str, Any] = {"mark": 2, "control": "за период", **first}
    failed = result(1, D(2026, 5, 28), **keys)
    again = (
        result(n + 1, D(2026, 9, n), resits=f"r{n}", mark=mark, control="за период")
        for n, mark in enumerate(resits, 1)
    )
    return shown("notice", of_aglaya(replace(AGLAYA, periods={"2026-1": (failed, *again)})))


def proved(**changed: bytes) -> str:
    paths = {"act": f"{REFOUNDINGS}0001", "revoked": REVOCATIONS}
    files = {paths[name]: data for name, data in changed.items()}
    return shown("refounding", replace(short(), proof={**PROOF, **files}), "0001")


def verified(seen: verification_protocol.ExaminedRow) -> str:
    told = verification_protocol.protocol(seen)
    return " ¦ ".join((*told.conclusion.reasons, *told.conclusion.limits))


def acquainting(born: dt.date) -> str:
    assert AGLAYA.person is not None
    student = replace(AGLAYA, person=with_fields(AGLAYA.person, birth_date=born))
    return shown("order", of_aglaya(student), "2026/0007")


def agreeing(*processors: str) -> str:
    purpose = with_fields(CONSENT, processors=processors)
    return shown("consent", school(AGLAYA, registers={}, order=AWARDS, purpose=purpose), f"{ID}#c1")


def told(**keys: Any) -> str:  # noqa: ANN401 - fields of a result by name
    return filed(replace(AGLAYA, periods={"2026-1": (result(1, D(2026, 5, 1), **keys),)}))


CLEAN = replace(AGLAYA, periods={"2026-1": (result(1, D(2026, 5, 1), mark=5),)})
Made = Callable[[], str]
PAIRS: dict[str, tuple[str, Made, Made]] = {
    "a study goes on": (
        "обучение продолжается",
        lambda: issued("transcript", standing=GOES_ON),
        lambda: issued("transcript"),
    ),
    "the study has ended": (
        "Переведена 01.12.2026",
        lambda: issued("transcript", ended="2026-12-01", ending="перевод"),
        lambda: issued("transcript", standing=GOES_ON),
    ),
    "the whole programme is mastered": (
        "в полном объёме",
        lambda: issued("certificate", result=MASTERED),
        lambda: issued("certificate", result=PLAN_MASTERED),
    ),
    "hours were credited": (
        "Зачтено из другой организации",
        lambda: issued("transcript", credited="Зачтено из другой организации: 21 час"),
        lambda: issued("transcript"),
    ),
    "somebody studies and owes nothing": (
        "академических задолженностей нет",
        lambda: filed(CLEAN),
        lambda: filed(replace(CLEAN, enrolments=())),
    ),
    "the school year begins in autumn": (
        "2026/27 учебный год",
        lambda: shown("seal", years_from("09-01"), "0002"),
        lambda: shown("seal", years_from("01-01"), "0002"),
    ),
    "the year of copies begins in autumn": (
        "за 2026/27 учебный год",
        lambda: shown("backup-act", years_from("09-01"), "2026"),
        lambda: shown("backup-act", years_from("01-01"), "2026"),
    ),
    "every store was purged": (
        "Комиссия удостоверяет, что перечисленные данные уничтожены",
        lambda: destroyed(*PURGED.purges),
        lambda: destroyed(*PURGED.purges[:1]),
    ),
    "one person alone vouches for it": (
        "Удостоверяю, что перечисленные данные уничтожены",
        lambda: destroyed(*PURGED.purges, commission=("s001",)),
        lambda: destroyed(*PURGED.purges),
    ),
    "a store was not purged": (
        "Уничтожение не закончено: не очищено «usb»",
        lambda: destroyed(*PURGED.purges[:1]),
        lambda: destroyed(*PURGED.purges),
    ),
    "a medium may still hold it": (
        "заблокирован; очистить или заменить не позднее",
        lambda: destroyed(*PURGED.purges),
        lambda: destroyed(Purge(date=DAY, how="разрезан", by="s001", medium="Н-1")),
    ),
    "bound sheets went too": (
        "Листов бумажных дел",
        destroyed,
        lambda: destroyed(what=tuple(with_fields(each, sheets=None) for each in GONE.what)),
    ),
    "something stays": (
        "Что остаётся и на каком основании",
        destroyed,
        lambda: destroyed(remains=()),
    ),
    "every copy was read back": (
        "прочитана с носителя целиком",
        copied,
        lambda: copied(verified=None, verified_by=None, restored=None),
    ),
    "every copy had its drill": (
        "Из каждой копии архив пробно восстановлен",
        lambda: copied(restored=COPIES[0].date),
        lambda: copied(restored=None),
    ),
    "the archive has a seal": (
        "Проверьте пломбу",
        lambda: shown("safe-sheet", short(), ""),
        lambda: shown("safe-sheet", replace(short(), proof=UNSEALED), ""),
    ),
    "there is a copy on a medium": (
        "На носителе откройте ПРОЧТИ.txt",
        lambda: shown("safe-sheet", short(), ""),
        lambda: shown("safe-sheet", replace(short(), media={}), ""),
    ),
    "an attestation was failed": (
        "имеет академическую задолженность",
        owing,
        lambda: owing(control="текущий", resit_by=D(2026, 9, 1)),
    ),
    "it was missed without good reason": (
        "имеет академическую задолженность",
        lambda: owing(mark="не аттестован", absence="без уважительной причины"),
        lambda: owing(mark="не аттестован", absence="уважительная причина"),
    ),
    "a re-sit is left": ("не более двух раз", lambda: owing(2), lambda: owing(2, 2)),
    "the next re-sit is the second": ("принимает комиссия", lambda: owing(2), owing),
    "an archive was sealed before its keys were lost": (
        "Записанное до последней пломбы остаётся в силе",
        proved,
        lambda: proved(act=ACT_UNSEALED),
    ),
    "the new keys are in force": (
        "сохранения архива подписывают новыми ключами",
        proved,
        lambda: proved(revoked=ALL_REVOKED),
    ),
    "one who signs is under age": (
        "За несовершеннолетнего расписывается",
        lambda: acquainting(D(2012, 1, 1)),
        lambda: acquainting(D(1990, 1, 1)),
    ),
    "somebody processes for the operator": (
        "обрабатывает по поручению оператора",
        lambda: agreeing("ООО «Вымышленный хостинг»"),
        agreeing,
    ),
    "there are rows of marks": (
        "Если в примечании не сказано иное",
        lambda: told(mark=5),
        lambda: told(mark=None, text="Стала смелее.", kind="личностный", part=None, control=None),
    ),
    "every finding is listed": (
        "Каждое перечислено ниже",
        lambda: verified(replace(WHOLE, findings=LOST[:1])),
        lambda: verified(replace(WHOLE, findings=LOST)),
    ),
    "something was given from paper": (
        "Сличённое с бумагой верно настолько",
        lambda: verified(BY_KEY),
        lambda: verified(WHOLE),
    ),
    "a medium says what it holds": (
        "Последнее сохранение архива",
        lambda: copied(head="a" * 40),
        lambda: copied(head=None),
    ),
    "an act was made before the closing": (
        "Период этот акт не закрывает",
        lambda: shown("approval-act", approved_early(), "2026-1-1"),
        lambda: shown("approval-act", next(approving()), "2026-1"),
    ),
    "all was approved before the closing": (
        "Все записи периода утверждены до закрытия",
        lambda: shown("approval-act", approved_early(), "2026-1"),
        lambda: shown("approval-act", next(approving()), "2026-1"),
    ),
    "no commit is unsigned": (
        "неподписанных сохранений нет",
        lambda: verified(replace(WHOLE, findings=(UNANCHORED,))),
        lambda: verified(replace(WHOLE, findings=(UNANCHORED, ACCEPTED))),
    ),
    "commits after the seal are signed": (
        "Сохранения после неё подписаны ключами",
        lambda: verified(BY_SEAL),
        lambda: verified(replace(BY_SEAL, findings=(ACCEPTED,))),
    ),
}


@pytest.mark.parametrize("fact", PAIRS)
def test_a_sentence_is_gone_when_its_fact_is_not_so(fact: str) -> None:
    words, so, not_so = PAIRS[fact]
    assert words in so()
    assert words not in not_so()
