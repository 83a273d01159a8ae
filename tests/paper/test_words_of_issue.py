"""What an issue makes of a request, and each reason for which it makes nothing, with the next step.

Nothing is saved: one archive serves all.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from papka.core.errors import NotFound, Refused
from papka.desk.numbers import REQUEST
from papka.paper.issued_contents import Request
from papka.paper.issuing import annul, issue_drafts, preview, request_again, require_head
from papka.repository import dot_papka
from papka.repository.signing import find_actor
from tests.support.issuing import ISSUED, STUDY, graduate
from tests.support.school import NOW, Archive, copied

DAY = dt.date(2026, 11, 20)
HEAD = "s001"
ENTRY = """\
number: {number}
series: certificates
form: {form}
date: 2026-11-12
student: 2026-0001#e1
holder: Абрикосова Аглая Тихоновна
birth_date: 2011-05-14
salt: "{salt}"
order: 2026/0004
facts:
  program: Гитара с нуля
{more}"""


@pytest.fixture(scope="module")
def school(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A study that has ended, and three certificates: one that counts, one replaced by it, one with
    a duplicate."""
    archive = copied(built_archive, tmp_path_factory.mktemp("issue"))
    graduate(archive)
    replaced = "void:\n  kind: заменён\n  reason: опечатка\n  replaced_by: С-2026-0002\n"
    for number, form, more in (
        ("0001", "certificate@1", replaced),
        ("0002", "certificate@1", ""),
        ("0003", "certificate@1", "void:\n  kind: испорчен\n  reason: клякса\n"),
        ("0004", "transcript@1", ""),
        ("0005", "transcript@1", "duplicate_of: С-2026-0004\n"),
    ):
        words = ENTRY.format(number=f"С-2026-{number}", form=form, salt=number * 16, more=more)
        archive.write(f"{ISSUED}/certificates-{number}.yaml", words)
    saved = archive.save(HEAD)
    assert saved.commit, saved.findings
    return archive


def asked(archive: Archive, form: str = "transcript", address: str = STUDY, **keys: Any) -> Any:  # noqa: ANN401 - fields by name
    request = Request(form, address, keys.pop("date", DAY), **keys)
    return preview(archive.root, find_actor(archive.root, HEAD), request)


def test_an_entry_holds_what_was_asked_for(school: Archive) -> None:
    made = asked(school, protocol="протокол № 3", blank="АБ 1")
    assert (made.form, made.series, made.date) == ("transcript@2", "transcripts", DAY)
    assert (made.protocol, made.blank, made.duplicate_of) == ("протокол № 3", "АБ 1", None)
    assert (made.student, made.holder) == (STUDY, "Абрикосова Аглая Тихоновна")
    assert made.order == "2026/0004", "the order of the end of the study"
    assert asked(school, order="2026/0002").order == "2026/0002"
    assert made.signature is None
    assert made.number.startswith("О-2026-")
    assert asked(school, date=dt.date(2026, 11, 21)).date == dt.date(2026, 11, 21)
    assert asked(school, "progress", period="2026-1").order is None


def test_two_documents_have_salts_of_their_own(school: Archive) -> None:
    one, other = asked(school), asked(school)
    assert one.salt != other.salt
    assert len(one.salt) == len(other.salt) == 64


def test_a_duplicate_says_what_its_original_said_and_when_that_was(school: Archive) -> None:
    made = asked(school, "certificate", duplicate="С-2026-0002")
    assert made.duplicate_of == "С-2026-0002"
    assert made.facts == {
        "program": "Гитара с нуля", "order": "приказ № 4-к от 09.11.2026", "original": "2026-11-12",
    }  # fmt: skip
    assert (made.student, made.holder, made.order) == (
        STUDY, "Абрикосова Аглая Тихоновна", "2026/0004",
    )  # fmt: skip
    other = asked(school, "certificate", duplicate="С-2026-0002", order="2026/0002")
    assert other.order == "2026/0002"
    assert str(other.facts["order"]).startswith("приказ № ")
    assert other.facts["order"] != made.facts["order"]


@pytest.mark.parametrize(
    ("form", "keys", "message", "step"),
    [
        (
            "certificate", {},
            "Сертификат за обучение 2026-0001#e1 уже выдан: № С-2026-0002 от 12.11.2026",
            "Напечатать его: papka print certificate С-2026-0002; утрачен",
        ),
        (
            "transcript", {"order": "2026/0404"},
            "Приказа 2026/0404 среди сохранённых записей нет",
            "Приказ указывают по имени файла: 2026/0001.",
        ),
        (
            "transcript", {"address": "2026-0404#e1"},
            "Дела 2026-0404 среди сохранённых записей нет", "Все дела: papka find.",
        ),
        (
            "progress", {"period": "2026-2"},
            "Документ о 2026-0001#e1 выдать нельзя: в этом периоде нет ни одной отметки",
            "Что записано: papka show 2026-0001",
        ),
        (
            "certificate", {"duplicate": "С-2026-0001"},
            "Документ № С-2026-0001 недействителен (заменён): дубликата у него не бывает",
            "Выдайте дубликат того, что действует: № С-2026-0002",
        ),
        (
            "certificate", {"duplicate": "С-2026-0003"},
            "Документ № С-2026-0003 недействителен (испорчен): дубликата у него не бывает",
            "Выдайте дубликат того, что действует",
        ),
        (
            "transcript", {"duplicate": "С-2026-0004"},
            "Взамен № С-2026-0004 как утраченного уже выдан дубликат № С-2026-0005",
            "Действует он: назовите в команде № С-2026-0005",
        ),
        (
            "transcript", {"replace": "С-2026-0002"},
            "Почему № С-2026-0002 недействителен?", 'Назовите причину: --reason "…"',
        ),
        (
            "transcript", {"replace": "С-2026-0003", "reason": "опечатка"},
            "Документ № С-2026-0003 уже недействителен: клякса",
            "Что о нём записано: papka find С-2026-0003",
        ),
        (
            "transcript", {"replace": "С-2026-0404", "reason": "опечатка"},
            "Документа № С-2026-0404 в книге регистрации нет", "Если его выдали на другом",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_issued_says_why_and_what_to_do(
    school: Archive, form: str, keys: dict[str, Any], message: str, step: str
) -> None:
    with pytest.raises((Refused, NotFound)) as refused:
        asked(school, form, **keys)
    assert refused.value.message == message
    assert refused.value.next_step.startswith(step)


def test_a_series_that_is_not_declared_numbers_nothing(archive: Archive) -> None:
    with pytest.raises(Refused) as refused:
        asked(archive, "certificate")
    assert refused.value.message == "Серия certificates не объявлена: нумеровать документ негде"
    assert "Руководитель впишет её в series файла records/organization.yaml" in (
        refused.value.next_step
    )


def test_only_a_key_of_the_head_signs_documents(school: Archive) -> None:
    require_head(school.root, find_actor(school.root, HEAD), NOW.date())
    with pytest.raises(Refused) as refused:
        require_head(school.root, find_actor(school.root, "s002"), NOW.date())
    assert refused.value.message == (
        "Документы подписывает руководитель, а ключ сотрудника s002 этого не может"
    )
    assert refused.value.next_step == "Пусть выдаст руководитель (s001): ключ --as s001"


def test_a_document_is_asked_for_again_by_its_number_alone(school: Archive) -> None:
    for form, address in ((None, None), ("certificate", None), (None, STUDY),
                          ("certificate", STUDY)):  # fmt: skip
        assert request_again(school.root, "С-2026-0002", form, address) == ("certificate", STUDY)
    for form, address in (("transcript", None), (None, "2026-0001#e2"), ("transcript", STUDY)):
        with pytest.raises(Refused) as refused:
            request_again(school.root, "С-2026-0002", form, address)
        assert refused.value.message == (
            f"Документ № С-2026-0002 — это certificate {STUDY}, а не "
            + " ".join(filter(None, (form, address)))
        )
        assert refused.value.next_step == ("Уберите форму и номер дела: их знает книга регистрации")


def test_a_document_that_was_given_out_is_annulled_by_an_order_and_once(school: Archive) -> None:
    actor = find_actor(school.root, HEAD)

    def ended(number: str, **keys: Any) -> Any:  # noqa: ANN401 - as above
        given: dict[str, Any] = {"reason": "подлог", "order": None, "spoiled": False, **keys}
        return annul(school.root, actor, number, now=NOW, date=DAY, dry_run=True, **given)

    for number, keys, message in (
        ("С-2026-0002", {}, "Выданный документ № С-2026-0002 аннулируют приказом"),
        ("С-2026-0002", {"order": "2026/0404"}, "Приказа 2026/0404 среди сохранённых записей нет"),
        ("С-2026-0002", {"reason": None, "spoiled": True},
         "Почему № С-2026-0002 недействителен?"),
        ("С-2026-0003", {"order": "2026/0004"},
         "Документ № С-2026-0003 уже недействителен: клякса"),
        ("С-2026-0004", {"order": "2026/0004"},
         "Взамен № С-2026-0004 как утраченного уже выдан дубликат № С-2026-0005"),
    ):  # fmt: skip
        with pytest.raises((Refused, NotFound)) as refused:
            ended(number, **keys)
        assert refused.value.message == message
    assert ended("С-2026-0002", order="2026/0004").findings == ()
    assert ended("С-2026-0002", spoiled=True).findings == ()


WORDS = {
    "form": "transcript", "address": STUDY, "date": "2026-11-20", "period": None, "order": None,
    "protocol": None, "blank": None, "duplicate": None, "replace": None, "reason": None,
    "spoiled": False, "is_dated": True,
}  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        {"form": "notice"}, {"form": 5}, {"address": None}, {"date": "вчера"}, {"date": 5},
        {"spoiled": "да"}, {"is_dated": 1}, {"reason": ["подлог"]}, {"period": 2026},
        {"more": "слово"}, {"order": {}}, {"protocol": 1}, {"blank": False}, {"duplicate": 7},
        {"replace": 0},
    ],
    ids="-".join,
)  # fmt: skip
def test_a_draft_that_papka_would_not_have_written_is_not_signed(
    archive: Archive, words: dict[str, object]
) -> None:
    text = json.dumps({**WORDS, **words}, ensure_ascii=False, indent=1)
    name = dot_papka.keep_draft(archive.root, {REQUEST: text.encode()})
    assert told(archive) == [(name, "это не заявка на документ")]


@pytest.mark.parametrize("text", ["", "[]", "5", "{", json.dumps(WORDS), "[" * 5_000])
def test_a_draft_that_is_no_request_is_told_and_left(archive: Archive, text: str) -> None:
    name = dot_papka.keep_draft(archive.root, {REQUEST: text.encode()})
    assert told(archive) == [(name, "это не заявка на документ")]
    assert [draft.name for draft in dot_papka.list_drafts(archive.root)] == [name]


def test_a_draft_is_signed_only_when_somebody_agrees(archive: Archive) -> None:
    text = json.dumps(WORDS, ensure_ascii=False, indent=1)
    name = dot_papka.keep_draft(archive.root, {REQUEST: text.encode()})
    (found,) = told(archive)
    assert found[0] == name
    assert found[1] != "это не заявка на документ"
    (kept,) = dot_papka.list_drafts(archive.root)
    assert kept.files == {REQUEST: text.encode()}


def told(archive: Archive) -> list[tuple[str, str]]:
    """What is answered to each draft when nobody agrees."""
    actor = find_actor(archive.root, HEAD)
    answers = issue_drafts(archive.root, actor, agreed=lambda _: False, now=NOW)
    return [(name, done.message) for name, done in answers if isinstance(done, Refused)]


def test_nothing_was_saved_by_any_of_this(school: Archive) -> None:
    assert not list((school.root / "print").glob("*"))
    assert not list((school.root / ISSUED).glob("transcripts-*"))
    assert dot_papka.list_drafts(school.root) == ()
