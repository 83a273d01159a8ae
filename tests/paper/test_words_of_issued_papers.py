"""What an issued paper says of an entry: every ending, sex and reference, each only where true."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from papka.core.errors import Refused
from papka.paper.form import State
from papka.paper.forms import every_form, issued_documents
from papka.paper.forms.issued_documents import IssuedPaper, lines, numbers, paper, size_of, tied
from papka.paper.issued_contents import (
    CONTENTS,
    DISTANCE,
    GOES_ON,
    INDIVIDUAL,
    MASTERED,
    PLAN_MASTERED,
    Request,
    StudyCase,
    case_of,
    event_rows,
    issuer,
    mastered,
    of_period,
    planned,
    reasons_against,
)
from papka.paper.press import print_form
from papka.paper.sections import levels
from papka.records.acts import Issuer, Order, OrderItem, PrintedRow, RegisterEntry, Void
from papka.records.archive import Archive
from papka.records.student import Ended, Result
from tests.conftest import PROJECT
from tests.paper.conftest import COMMIT, MOMENT, forms
from tests.paper.forms_school import AWARDS, entry, school, short
from tests.paper.invented_school import AGLAYA, result
from tests.support.archives import loaded, sample

D = dt.date
NBSP = "\u00a0"
DAY = D(2026, 12, 28)
ID = "2026-0007"
FACTS: dict[str, str | int | float] = {
    "program": "Гитара с нуля", "started": "2026-01-15", "sex": "женский",
}  # fmt: skip


def with_entry(made: RegisterEntry) -> State:
    archive = replace(short(), registers={"issued/2026/x-0001": made})
    return State(archive, MOMENT, DAY, COMMIT)


def said(name: str, **facts: str | float) -> tuple[str, ...]:
    """The sentences of a transcript or a paper of progress with these facts beside the usual."""
    kept = {key: value for key, value in {**FACTS, **facts}.items() if value != ""}
    view = (
        issued_documents.view_transcript if name == "transcript" else issued_documents.view_progress
    )
    series = {"transcript": "transcripts", "progress": "progress"}[name]
    keys = {} if "sex" in kept else {"holder": "Лилит"}  # a patronymic would tell the sex
    found = view(with_entry(entry(series, "О-1", facts=kept, order=None, **keys)), "О-1")
    return tuple(words.replace(NBSP, " ") for words in found.paragraphs)


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("завершение", ("Обучение завершено",) * 3),
        ("отчисление", ("Отчислен", "Отчислена", "Отчислен(а)")),
        ("перевод", ("Переведён", "Переведена", "Переведён(а)")),
        ("иное", ("Обучение окончено",) * 3),
    ],
)
def test_an_end_of_study_is_worded_by_its_reason_and_the_sex(
    ending: str, words: tuple[str, ...]
) -> None:
    for sex, word, studied in zip(
        ("мужской", "женский", ""),
        words,
        ("обучался", "обучалась", "обучался (обучалась)"),
        strict=True,
    ):
        first, second = said("transcript", ended="2026-12-25", ending=ending, sex=sex)
        assert second == f"{word} 25.12.2026."
        assert f"с 15.01.2026 по 25.12.2026 {studied} по" in first
    ordered = {"ended": "2026-12-25", "ending": ending, "order": "приказ № 19-к от 25.12.2026"}
    assert said("transcript", **ordered)[1] == f"{words[1]} 25.12.2026: {ordered['order']}."


def test_a_study_that_goes_on_is_said_to_go_on() -> None:
    first, second = said("transcript", standing=GOES_ON)
    assert "с 15.01.2026 обучается по дополнительной" in first
    assert second == "На 25.12.2026 обучение продолжается."
    *_, standing, based = said("transcript", standing=GOES_ON, order="приказ № 1-к от 14.01.2026")
    assert (standing, based) == (second, "Основание: приказ № 1-к от 14.01.2026.")
    assert " обучалась по дополнительной" in said("transcript", started="")[0]


@pytest.mark.parametrize("form", ["transcript", "progress"])
def test_a_study_not_said_to_go_on_is_told_in_the_past_tense(form: str) -> None:
    (only,) = said(form)
    assert "с 15.01.2026 обучалась по дополнительной" in only
    past, *_ = said(form, ended="2026-12-01", standing=GOES_ON)
    assert "с 15.01.2026 по 01.12.2026 обучалась по" in past
    assert "обучается" not in past


def test_a_paper_of_the_first_edition_is_reprinted_in_its_own_words() -> None:
    old: dict[str, Any] = {"facts": FACTS, "order": None}
    for form, name, words in (
        ("transcript", "О-1", "с 15.01.2026 обучается по"),
        ("transcript", "О-1", "На 25.12.2026 обучение продолжается."),
        ("progress", "У-1", "с 15.01.2026 обучается по"),
    ):
        made = entry("transcripts", name, form=f"{form}@1", **old)
        view = getattr(issued_documents, f"view_{form}")
        assert words in " ".join(view(with_entry(made), name).paragraphs).replace(NBSP, " ")
    made = entry("certificates", "С-1", form="certificate@1", **old)
    found = issued_documents.view_certificate(with_entry(made), "С-1")
    assert found.mastered == "освоила в полном объёме дополнительную общеобразовательную программу"


def test_nothing_in_the_archive_may_say_that_a_study_that_goes_on_is_over() -> None:
    (study,) = AGLAYA.enrolments
    study = with_fields(study, ended=None, planned_end=None)
    transfer = with_fields(ordered(f"{ID}#e1"), kind="перевод", date=DAY)
    over = Ended(date=D(2026, 12, 1), reason="перевод")
    returned = with_fields(study, id="e2", continues="e1", start=DAY)
    for studies, order, goes_on in (
        ((study,), AWARDS, True),
        ((with_fields(study, planned_end=DAY),), AWARDS, True),
        ((with_fields(study, planned_end=D(2026, 12, 27)),), AWARDS, False),
        ((with_fields(study, ended=over),), AWARDS, False),
        ((study, returned), AWARDS, False),
        ((study, with_fields(returned, start=D(2026, 12, 29))), AWARDS, True),
        ((study, with_fields(returned, continues=None)), AWARDS, True),
        ((study,), transfer, False),
        ((study,), with_fields(transfer, date=D(2026, 12, 29)), True),
        ((study,), with_fields(transfer, kind="иное"), True),
        ((with_fields(study, order="2026/0007"),), transfer, True),
        ((study,), with_fields(transfer, items=ordered("2026-0008#e1").items), True),
        ((study,), with_fields(transfer, date=D(2025, 1, 1)), True),
    ):
        archive = school(replace(AGLAYA, enrolments=studies), registers={}, order=order)
        case = case_of(archive, Request("transcript", f"{ID}#e1", DAY))
        for form in ("transcript", "progress"):
            assert (CONTENTS[form](case).facts.get("standing") == GOES_ON) is goes_on


def test_a_paper_of_progress_is_silent_of_what_its_entry_does_not_say() -> None:
    bare = entry("progress", "У-2026-0001")
    archive = replace(short(), registers={"issued/2026/progress-0001": bare})
    state = State(archive, MOMENT, MOMENT.date(), COMMIT)
    form = next(each for each in every_form() if each.name == "progress")
    page = print_form(form, state, "У-2026-0001", templates=forms(), html=True).data.decode()
    assert "Справка подтверждает" in page
    for sentence in ("за период", "задолженности"):
        assert sentence not in page


def test_a_paper_of_progress_names_its_ground_only_where_there_is_one() -> None:
    (alone,) = said("progress", standing=GOES_ON)
    assert "с 15.01.2026 обучается по дополнительной" in alone
    assert "обучается" in said("progress", standing=GOES_ON, started="")[0]
    _, ground = said("progress", order="приказ № 1-к от 14.01.2026")
    assert ground == "Основание: приказ № 1-к от 14.01.2026."


def test_a_person_is_named_in_the_dative_only_where_it_is_certain() -> None:
    (sure,) = said(
        "progress", dative="Абрикосовой Аглае", former="до 01.03.2026 — Абрикосова",
        standing=GOES_ON,
    )  # fmt: skip
    assert sure.startswith(
        "Дана Абрикосовой Аглае (до 01.03.2026 — Абрикосова), 14.05.2011 года рождения, в том, "
        "что она с 15.01.2026 обучается"
    )
    (unsure,) = said("progress")
    assert unsure.startswith(
        "Справка подтверждает, что Абрикосова-Лунная Аглая Тихоновна, 14.05.2011 года рождения, с"
    )
    for sex, word in (("мужской", "он"), ("", "он(а)")):
        assert f"что {word} с" in said("progress", dative="Абрикосовой Аглае", sex=sex)[0]


def test_hours_and_form_of_study_stand_in_brackets_where_they_are_known() -> None:
    for facts, words in (
        ({}, "«Гитара с нуля»."),
        ({"study_form": "очная", "distance": DISTANCE}, f"(форма обучения: очная; {DISTANCE})."),
        ({"hours": 144}, "«Гитара с нуля» (144 часа)."),
        ({"study_form": "очная"}, "«Гитара с нуля» (форма обучения: очная)."),
        ({"hours": 1, "study_form": "очная"}, "«Гитара с нуля» (1 час; форма обучения: очная)."),
    ):
        assert said("progress", **facts)[0].endswith(words)


ISSUER = Issuer(
    name="Школа", post="Директор", head="А. Б. Первая", short_name=None, inn="000000000000",
    ogrn=None, contacts="ул. Тихая", licence="Л-1 от 01.02.2024", place="г. Вымышленск",
)  # fmt: skip


def papered(**keys: Any) -> IssuedPaper:  # noqa: ANN401 - fields of an entry by name
    return paper(with_entry(entry("certificates", "С-1", **keys)), "С-1", "Сертификат")[0]


def test_the_ground_is_that_of_the_entry_before_that_of_the_archive() -> None:
    ordered: dict[str, Any] = {"facts": {"order": "приказ № 5 от 01.02.2026"}}
    for keys, words in (
        ({**ordered, "order": "2026/0019"}, "приказ № 5 от 01.02.2026"),
        ({**ordered, "order": None}, "приказ № 5 от 01.02.2026"),
        ({"facts": {}, "order": "2026/0019"}, "приказ № 19-к от 25.12.2026"),
        ({"facts": {}, "order": "2026/0404"}, ""),
        ({"facts": {}, "order": None}, ""),
        ({"facts": {}, "order": None, "protocol": "протокол № 3"}, "протокол № 3"),
        (
            {"facts": {}, "order": "2026/0019", "protocol": "протокол № 3"},
            "приказ № 19-к от 25.12.2026; протокол № 3",
        ),
    ):
        assert papered(**keys).basis.replace(NBSP, " ") == words


def test_only_a_duplicate_says_of_what_it_is_one() -> None:
    original = papered()
    assert (original.duplicate, original.original) == ("", "")
    undated = papered(duplicate_of="С-0")
    assert (undated.duplicate, undated.original) == (
        "ДУБЛИКАТ", f"Выдан взамен утраченного №{NBSP}С-0",
    )  # fmt: skip
    made = entry("transcripts", "О-2", duplicate_of="О-1")
    assert paper(with_entry(made), "О-2", "Справка")[0].original.startswith(
        "Выдана взамен утраченной"
    )
    dated = papered(duplicate_of="С-0", facts={"original": "2026-01-02"})
    assert dated.original == f"Выдан взамен утраченного №{NBSP}С-0 от{NBSP}02.01.2026"


def test_blank_and_local_act_are_noted_where_they_are_known() -> None:
    act = {"regulation": "Порядок, редакция 1"}
    for keys, notes in (
        ({"facts": {}}, ()),
        ({"facts": {}, "blank": "АБ 1"}, (f"Бланк №{NBSP}АБ 1.",)),
        ({"facts": act}, ("Локальный акт: Порядок, редакция 1.",)),
        (
            {"facts": act, "blank": "АБ 1"},
            (f"Бланк №{NBSP}АБ 1.", "Локальный акт: Порядок, редакция 1."),
        ),
    ):
        assert papered(**keys).notes == notes


def test_a_paper_that_counts_no_more_is_stamped_and_one_signed_by_hand_has_no_code() -> None:
    plain = papered()
    assert (plain.page.stamp, plain.code, plain.checking) == ("", None, ())
    assert papered(void=Void(reason="клякса")).page.stamp == "НЕДЕЙСТВИТЕЛЕН"
    key = "SHA256:" + "k" * 43
    signed = papered(signature="A" * 86 + "==", key=key, issuer=ISSUER)
    assert signed.code is not None
    assert signed.checking == (
        f"Сведения подписаны ключом организации, отпечаток {key}.",
        "Проверка: papka verify ФАЙЛ.pdf",
        "или по тексту QR-кода.",
    )
    acting = with_fields(ISSUER, acting="приказ № 9")
    stands_in = papered(signature="A" * 86 + "==", key=key, issuer=acting).checking[0]
    assert "организации за\u00a0руководителя (приказ №\u00a09), отпечаток" in stands_in


def test_the_letterhead_is_that_of_the_issuer_where_the_entry_keeps_one() -> None:
    own = papered(issuer=ISSUER)
    assert (own.letterhead.organization, own.letterhead.short_name) == ("Школа", "Школа")
    assert (own.signature.post, own.signature.name) == ("Директор", "А. Б. Первая")
    assert own.letterhead.licence == f"Лицензия №{NBSP}Л-1 от{NBSP}01.02.2024"
    assert own.place == f"г.{NBSP}Вымышленск"
    bare = papered(
        issuer=with_fields(ISSUER, short_name="Ш", licence=None, place=None, contacts=None)
    )
    assert (bare.letterhead.short_name, bare.letterhead.licence) == ("Ш", "")
    assert (bare.place, bare.letterhead.place, bare.letterhead.contacts) == ("", "", "")
    old = papered()
    assert old.letterhead.organization == "Индивидуальный предприниматель Нилова Анна Юрьевна"
    assert old.signature.name == f"А.{NBSP}Ю.{NBSP}Нилова"


def test_a_display_line_has_its_size_by_its_length() -> None:
    sizes = {length: size_of("Ж" * length) for length in (0, 48, 49, 110, 111)}
    assert sizes == {0: "", 48: "", 49: "long", 110: "long", 111: "very-long"}


def test_words_that_belong_together_are_tied() -> None:
    for words, joined in (
        ("№ 14 от 25.12.2025", "№·14 от·25.12.2025"),
        ("с 1 по 2", "с·1 по·2"),
        ("5 (пять), 2 часа, 3 балла", "5·(пять), 2·часа, 3·балла"),
        ("(от мая), «по плану", "(от·мая), «по·плану"),
        ("лес из дуба до г. Орёл, п. 3", "лес из·дуба до·г.·Орёл, п.·3"),
        ("нет узла, 5 яблок", "нет узла, 5 яблок"),
    ):
        assert tied(words).replace(NBSP, "·") == joined


def test_a_row_that_says_nothing_says_so_with_a_dash() -> None:
    bare = PrintedRow(title="Часть")
    full = PrintedRow(
        title="Часть", hours=0, control="итоговый", result="5 (пять)", scale="шкала",
        date=D(2026, 1, 2), note="заметка",
    )  # fmt: skip
    one, other = lines((bare, full))
    assert (one.hours, one.control, one.result, one.date) == ("—",) * 4
    assert (one.scale, one.note) == ("", "")
    assert (other.hours, other.control, other.date) == ("0", "итоговый", "02.01.2026")
    assert (other.result, other.scale, other.note) == (f"5{NBSP}(пять)", "шкала", "заметка")


def test_each_form_offers_the_numbers_of_its_own_documents() -> None:
    archive = short()
    for form in (
        issued_documents.CERTIFICATE,
        issued_documents.TRANSCRIPT,
        issued_documents.PROGRESS,
    ):
        assert tuple(form.targets(archive)) == numbers(form.name, archive)
    assert numbers("certificate", archive) == ("С-2026-0001",)
    assert numbers("transcript", archive) == ("О-2026-0001",)
    assert numbers("progress", archive) == ("У-2026-0001",)
    assert numbers("notice", archive) == ()
    assert {form.target for form in every_form() if form.name in {"certificate", "transcript"}} == {
        "номер документа"
    }


# what is lacking


def ordered(*students: str) -> Order:
    items = (OrderItem(text="Отложить"), OrderItem(text="Выдать", students=students))
    return with_fields(AWARDS, items=items)


def studying(order: Order = AWARDS, ended: Ended | None = None) -> Archive:
    (enrolment,) = AGLAYA.enrolments
    passed = (
        result(1, D(2026, 11, 1), "техника", mark=5, control="итоговый"),
        result(2, D(2026, 11, 1), "теория", mark=90, control="итоговый"),
        result(3, D(2026, 11, 1), "ансамбль", mark="зачтено", control="итоговый"),
    )
    student = replace(
        AGLAYA, enrolments=(with_fields(enrolment, ended=ended),), periods={"2026-2": passed}
    )
    return school(student, registers={}, order=order)


def lacks(archive: Archive, order: str | None = None, form: str = "certificate") -> tuple[str, ...]:
    return reasons_against(form, case_of(archive, Request(form, f"{ID}#e1", DAY, order=order)))


def test_a_study_that_goes_on_ends_with_a_document_only_by_an_order_that_names_it() -> None:
    unordered = ("обучение не завершено, и нет приказа, который велит выдать документ (--order)",)
    for students, order, found in (
        ((f"{ID}#e1",), "2026/0007", ()),
        ((ID,), "2026/0007", ()),
        (("2026-0008", f"{ID}#e1"), "2026/0007", ()),
        (("2026-0008", f"{ID}#e2"), "2026/0007", unordered),
        ((), "2026/0007", unordered),
        ((ID,), None, unordered),
        ((ID,), "2026/0404", unordered),
        ((ID,), "2026/0001", unordered),
    ):
        assert lacks(studying(ordered(*students)), order) == found


def test_a_study_that_ended_otherwise_has_no_certificate() -> None:
    over = D(2026, 12, 1)
    assert lacks(studying(ended=Ended(date=over, reason="завершение"))) == ()
    for reason in ("отчисление", "перевод"):
        assert lacks(studying(ended=Ended(date=over, reason=reason))) == (
            (
                f"обучение окончено 01.12.2026 досрочно ({reason}): выдают справку об "
                "обучении (transcript)"
            ),
        )
        assert lacks(studying(ended=Ended(date=over, reason=reason)), form="transcript") == ()


def test_a_paper_of_progress_needs_one_mark() -> None:
    archive = studying()
    assert lacks(archive, form="progress") == ()
    empty = replace(archive.students[ID], periods={})
    assert lacks(replace(archive, students={ID: empty}), form="progress") == (
        "в этом периоде нет ни одной отметки",
    )


# what a certificate says


def detailed(**facts: str | float) -> tuple[str, ...]:
    kept = {"program": "Гитара с нуля", **facts}
    found = issued_documents.view_certificate(
        with_entry(entry("certificates", "С-1", facts=kept, order=None)), "С-1"
    )
    return tuple(words.replace(NBSP, " ") for words in found.details)


def test_a_certificate_details_what_its_entry_holds_and_no_more() -> None:
    assert detailed() == ()
    assert detailed(direction="художественная") == ("художественная направленность",)
    assert detailed(hours=144) == ("объём 144 часа",)
    assert detailed(hours=1) == ("объём 1 час",)
    assert detailed(hours="72 ак. ч") == ("объём 72 ак. ч",)
    assert detailed(hours=1.5) == ("объём 1,5",)
    assert detailed(study_form="очная") == ("форма обучения: очная",)
    assert detailed(started="2026-01-15") == detailed(ended="2026-12-25") == ()
    assert detailed(
        direction="художественная", hours=144, study_form="очная", started="2026-01-15",
        ended="2026-12-25", order="приказ № 1-к от 14.01.2026",
    ) == (
        "художественная направленность; объём 144 часа; форма обучения: очная",
        "Период обучения: с 15.01.2026 по 25.12.2026",
        "Основание: приказ № 1-к от 14.01.2026",
    )  # fmt: skip


def certified(**keys: Any) -> issued_documents.CertificateView:  # noqa: ANN401 - fields by name
    made = entry("certificates", "С-1", **keys)
    found: issued_documents.CertificateView = issued_documents.view_certificate(
        with_entry(made), "С-1"
    )
    return found


def test_long_names_and_a_duplicate_leave_less_room() -> None:
    assert certified(facts=FACTS).is_tight is False
    assert certified(facts=FACTS, holder="Ж" * 49).is_tight
    assert certified(facts=FACTS | {"program": "Ж" * 49}).is_tight
    assert certified(facts=FACTS, duplicate_of="С-0").is_tight


def test_a_certificate_agrees_with_the_sex_and_names_birth_and_former_names_where_known() -> None:
    for sex, word in (("мужской", "освоил "), ("женский", "освоила "), ("", "освоил(а) ")):
        facts = {"program": "Лад", "sex": sex}
        assert certified(facts=facts, holder="Лилит").mastered.startswith(word)
    for holder, word in (("Ким Роза Ильинична", "освоила "), ("Ким Ли Ильич", "освоил ")):
        assert certified(facts={"program": "Лад"}, holder=holder).mastered.startswith(word)
    plain = certified(facts={"program": "Лад"}, birth_date=None)
    assert (plain.holder_notes, plain.result, plain.total) == ((), "", "")
    full = certified(facts={"program": "Лад", "former": "до 01.03.2026 — Лунная", "result": "сдал"})
    assert len(full.holder_notes) == 2
    assert full.result == "Сдал."


# tables of an issued document


def studied(*marks: Result, **keys: Any) -> StudyCase:  # noqa: ANN401 - fields of a student by name
    student = replace(AGLAYA, **{"periods": {"2026-2": marks}, "credits": (), "awards": (), **keys})
    archive = school(student, registers={}, order=AWARDS)
    return case_of(archive, Request("progress", f"{ID}#e1", DAY, period="2026-2"))


def test_a_part_without_a_mark_is_a_line_of_the_plan_and_of_nothing_else() -> None:
    case = studied(result(1, D(2026, 11, 1), "теория", mark=90, control="итоговый"))
    assert [row.title for row in mastered(case)] == ["Теория музыки"]
    assert [(row.title, row.result, row.hours) for row in planned(case)] == [
        ("Техника игры", None, 80),
        ("Теория музыки", "90 из 100", 34),
        ("Игра в ансамбле", None, 30),
    ]


def test_what_was_credited_says_so_with_its_mark_or_without() -> None:
    (credit,) = AGLAYA.credits
    for mark, words in ((80, "80 из 100"), (None, "зачтено")):
        (item,) = credit.items
        full = with_fields(item, decision="зачесть", mark=mark)
        case = studied(credits=(with_fields(credit, items=(full,)),))
        (row,) = mastered(case)
        assert (row.title, row.result, row.note, row.date, row.control) == (
            "Теория музыки", words,
            "зачтено из другой организации: 17 часов (Музыкальная школа «Ручеёк»)", None, None,
        )  # fmt: skip
        assert row.scale == "Стобалльная шкала"
        said = CONTENTS["transcript"](case).facts
        assert said["credited"] == "Зачтено из другой организации: 17 часов"


def test_hours_credited_in_part_are_named_so_and_none_where_nothing_was() -> None:
    case = studied(
        result(1, D(2026, 11, 1), "теория", mark=90, control="итоговый"), credits=AGLAYA.credits
    )
    notes = {row.title: row.note for row in planned(case)}
    partly = "частично зачтено из другой организации: 17 часов (Музыкальная школа «Ручеёк»)"
    assert notes == {"Техника игры": None, "Теория музыки": partly, "Игра в ансамбле": None}
    for form in ("transcript", "certificate"):
        said = CONTENTS[form](case).facts
        assert said["credited"] == "Зачтено из другой организации: частично — 17 часов"
    (credit,) = AGLAYA.credits
    (item,) = credit.items
    refused = with_fields(credit, items=(with_fields(item, decision="отказать", hours=None),))
    for held in ((), (refused,), (with_fields(credit, enrolment="e2"),)):
        bare = replace(case, student=replace(case.student, credits=held))
        assert "credited" not in CONTENTS["transcript"](bare).facts
        assert {row.note for row in planned(bare)} == {None}


def in_words(case: StudyCase) -> StudyCase:
    """The same study of a programme without marks."""
    guitar = case.archive.programs["guitar"]
    (edition,) = guitar.editions
    parts = tuple(with_fields(part, scale=None) for part in edition.parts)
    program = with_fields(guitar, editions=(with_fields(edition, parts=parts),))
    return replace(case, archive=replace(case.archive, programs={"guitar": program}))


def test_a_programme_without_marks_tells_its_results_in_words() -> None:
    told = {"text": "Играет этюды наизусть.", "mark": None, "assessed_by": "s003"}
    ongoing = result(9, D(2026, 12, 1), "техника", **{**told, "text": "Учит гаммы."})
    case = in_words(
        studied(
            result(1, D(2026, 11, 1), "техника", control="за период", **told), ongoing,
            result(2, D(2026, 11, 2), "теория", mark=None, text="Справлюсь", author="обучающийся"),
        )
    )  # fmt: skip
    (row,) = mastered(case)
    assert (row.title, row.control, row.result, row.note) == (
        "Техника игры", "за период", "описан словами", "Играет этюды наизусть.",
    )  # fmt: skip
    (row,) = of_period(case)
    assert (row.result, row.note, row.date) == (
        "описан словами", "Играет этюды наизусть.", D(2026, 11, 1),
    )  # fmt: skip
    assert "result" not in CONTENTS["transcript"](case).facts  # hours are counted by marks
    lacking = reasons_against("certificate", case)
    assert [each for each in lacking if "словами" in each] == [
        "результат не описан словами: Теория музыки",
        "результат не описан словами: Игра в ансамбле",
    ]


def test_while_a_study_goes_on_no_ongoing_mark_stands_as_a_result() -> None:
    over = studied(
        result(1, D(2026, 11, 1), "техника", mark=5, control="текущий"),
        result(2, D(2026, 11, 1), "теория", mark=90, control="за период"),
    )
    going = with_fields(over.enrolment, ended=None)
    assert over.enrolment.ended
    assert [row.title for row in mastered(over)] == ["Техника игры", "Теория музыки"]
    assert [row.title for row in mastered(replace(over, enrolment=going))] == ["Теория музыки"]
    told = {"text": "Учит гаммы.", "mark": None, "assessed_by": "s003", "control": "текущий"}
    over = in_words(studied(result(1, D(2026, 11, 1), "техника", **told)))
    assert [row.note for row in mastered(over)] == ["Учит гаммы."]
    assert mastered(replace(over, enrolment=going)) == ()


def test_results_in_words_are_approved_before_a_certificate_says_mastered() -> None:
    told = result(
        1, D(2026, 11, 1), "техника", mark=None, control="за период", text="Играет.",
        assessed_by="s003",
    )  # fmt: skip
    case = in_words(studied(told))
    assert not any("не утвердил" in each for each in reasons_against("certificate", case))
    open_ = replace(case, archive=replace(case.archive, approvals={}))
    assert any(
        "руководитель не утвердил: Техника игры, 01.11.2026 (запись r1)" in each
        for each in reasons_against("certificate", open_)
    )


def test_a_card_says_that_a_part_without_marks_is_told_in_words() -> None:
    told = result(
        1, D(2026, 11, 1), "техника", mark=None, control="за период", text="Играет.",
        assessed_by="s003",
    )  # fmt: skip
    case = in_words(studied(told))
    (table,) = levels(case.archive, case.student)
    period = case.archive.periods["2026-2"].title
    assert [row[2:] for row in table.rows] == [
        ("описан словами", f"за период, 01.11.2026, {period}", "—"),
        ("—", "—", "нет данных"),
        ("—", "—", "нет данных"),
    ]


def test_an_ongoing_mark_masters_nothing() -> None:
    case = studied(
        result(1, D(2026, 11, 1), "техника", mark=5, control="текущий"),
        result(2, D(2026, 11, 1), "теория", mark=90, control="за период"),
    )
    over = replace(
        case,
        enrolment=with_fields(case.enrolment, ended=Ended(date=DAY, reason="отчисление")),
    )
    assert CONTENTS["transcript"](over).facts["result"] == "Освоено 34 часа из 144"
    said = "нет отметки за период или итоговой, есть только текущая: Техника игры"
    assert said in reasons_against("certificate", case)


def test_a_part_of_a_programme_is_never_called_the_whole() -> None:
    case = studied(result(1, D(2026, 11, 1), "теория", mark=90, control="итоговый"))
    whole = CONTENTS["certificate"](case).facts
    assert (whole["hours"], whole["result"], "plan" in whole) == (144, MASTERED, False)
    own = replace(case, enrolment=with_fields(case.enrolment, individual_parts=("теория",)))
    part = CONTENTS["certificate"](own).facts
    assert (part["hours"], part["result"], part["plan"]) == (34, PLAN_MASTERED, INDIVIDUAL)
    for facts, words in (
        (whole, "освоила в полном объёме дополнительную"),
        (part, "освоила по индивидуальному учебному плану дополнительную"),
        ({**whole, "result": "сдал"}, "освоила дополнительную"),
    ):
        assert certified(facts=facts).mastered.startswith(words)
    said_of = said("transcript", plan=INDIVIDUAL, hours=34)[0]
    assert said_of.endswith("(34 часа; индивидуальный учебный план).")


def test_a_mark_below_the_threshold_says_so_and_only_it() -> None:
    case = studied(
        result(1, D(2026, 11, 1), "теория", mark=59, control="за период"),
        result(2, D(2026, 11, 2), "техника", mark=3, control="за период"),
        result(3, D(2026, 11, 3), "ансамбль", mark="зачтено", control="за период"),
    )
    notes = [(row.title, row.note) for row in of_period(case)]
    assert notes == [
        ("Техника игры", None),
        ("Теория музыки", "ниже порога освоения"),
        ("Игра в ансамбле", None),
    ]
    assert [row.note for row in mastered(case)][:2] == [None, "ниже порога освоения"]
    absent = studied(result(1, D(2026, 11, 1), "теория", mark="не аттестован", control="за период"))
    for rows in (of_period(absent), mastered(absent)):
        assert [(row.result, row.note) for row in rows] == [("не аттестован", None)]


def test_a_period_shows_its_own_marks_and_current_ones_only_while_there_are_none() -> None:
    current = (
        result(1, D(2026, 11, 5), "техника", mark=5),
        result(2, D(2026, 11, 1), "техника", mark=4, control=None),
    )
    assert [(row.result, row.control) for row in of_period(studied(*current))] == [
        ("4 (четыре)", "текущий контроль"), ("5 (пять)", "текущий"),
    ]  # fmt: skip
    summed = result(3, D(2026, 11, 9), "техника", mark=3, control="за период")
    (row,) = of_period(studied(*current, summed))
    assert (row.result, row.control, row.scale) == ("3 (три)", "за период", "Пятибалльная шкала")
    others = (
        with_fields(summed, enrolment="e2"), with_fields(summed, part="нет"),
        with_fields(summed, mark=None),
    )  # fmt: skip
    assert of_period(studied(*others)) == ()


def test_events_stand_by_day_with_mark_or_award_or_as_taking_part() -> None:
    at = {"kind": "внеурочный", "origin": "внеурочный план", "control": None, "event": "2026/02"}
    alone = studied(result(1, D(2026, 4, 12), None, **at))
    (row,) = event_rows(alone)
    assert (row.result, row.date) == ("участие", D(2026, 4, 12))
    assert "Весенний концерт" in row.title
    marked = studied(
        result(1, D(2026, 4, 12), None, **at), result(2, D(2026, 4, 12), "техника", mark=5, **at)
    )
    assert [row.result for row in event_rows(marked)] == ["5 (пять)"]
    awarded = studied(result(2, D(2026, 4, 12), "техника", mark=5, **at), awards=AGLAYA.awards)
    assert [row.result for row in event_rows(awarded)] == [
        "5 (пять); грамота: За исполнение этюда на весеннем концерте"
    ]
    elsewhere = {**at, "event": "2026/404"}
    assert event_rows(studied(result(1, D(2026, 4, 12), None, **elsewhere))) == ()
    other = with_fields(result(1, D(2026, 4, 12), None, **at), enrolment="e2")
    assert event_rows(studied(other)) == ()


# whose document it is


def test_the_head_of_the_day_signs_and_nobody_else() -> None:
    """A second head key once printed «Делопроизводитель» beside «подписью руководителя»."""
    archive = short()
    head = issuer(archive, "s001", DAY)
    assert (head.post, head.head) == ("Индивидуальный предприниматель", "А. Ю. Нилова")
    for other in ("s002", "s404"):
        with pytest.raises(Refused) as refused:
            issuer(archive, other, DAY)
        assert (
            refused.value.message == f"{DAY:%d.%m.%Y} за организацию подписывает s001, а не {other}"
        )
    assert (head.licence, head.contacts) == (None, "г. Вымышленск, ул. Тихая, д. 1")
    with pytest.raises(Refused) as refused:
        issuer(replace(archive, organization=None), "s001", DAY)
    assert refused.value.message == "Сведения об организации не читаются"
    assert refused.value.next_step == "Узнайте причину: papka check"


def test_a_part_without_a_scale_shows_its_mark_as_it_is() -> None:
    mark = result(1, D(2026, 11, 1), "техника", mark=4, control="итоговый")
    case = studied(mark)
    guitar = case.archive.programs["guitar"]
    (edition,) = guitar.editions
    parts = tuple(with_fields(part, scale=None) for part in edition.parts)
    program = with_fields(guitar, editions=(with_fields(edition, parts=parts),))
    bare = replace(case, archive=replace(case.archive, programs={"guitar": program}))
    (row,) = mastered(bare)
    assert (row.result, row.scale, row.note) == ("4", None, None)
    (row,) = of_period(bare)
    assert (row.result, row.scale, row.note) == ("4", None, None)


def test_a_transcript_tells_the_share_mastered_only_when_something_is_over() -> None:
    going = studied(result(1, D(2026, 11, 1), "техника", mark=4, control="за период"))
    (enrolment,) = AGLAYA.enrolments
    going = replace(going, enrolment=with_fields(enrolment, ended=None))
    assert "result" not in CONTENTS["transcript"](going).facts
    final = studied(result(1, D(2026, 11, 1), "техника", mark=4, control="итоговый"))
    final = replace(final, enrolment=with_fields(enrolment, ended=None))
    assert CONTENTS["transcript"](final).facts["result"] == "Освоено 80 часов из 144"
    nothing = studied(result(1, D(2026, 11, 1), "техника", mark=2, control="итоговый"))
    assert CONTENTS["transcript"](nothing).facts["result"] == "Освоено 0 часов из 144"
    assert "result" not in CONTENTS["transcript"](studied()).facts


def test_an_edition_that_is_not_there_is_refused() -> None:
    (enrolment,) = AGLAYA.enrolments
    case = replace(studied(), enrolment=with_fields(enrolment, edition=9))
    with pytest.raises(Refused) as refused:
        CONTENTS["certificate"](case)
    assert refused.value.message == "Нет редакции 9 программы «guitar»"
    assert refused.value.next_step == f"Проверьте зачисление {ID}#e1: papka check"


def test_every_fact_of_an_entry_has_a_title_for_people() -> None:
    """`papka show С-…` and the preview of `papka issue` call it so."""
    said = json.loads((PROJECT / "schema/register.json").read_text("utf-8"))
    titles = said["properties"]["facts"]["properties"]
    archive = loaded(sample())
    named = {name for each in archive.registers.values() for name in each.facts} | {"original"}
    for student in archive.students.values():
        for enrolment, form in product(student.enrolments, CONTENTS):
            case = case_of(archive, Request(form, f"{student.id}#{enrolment.id}", D(2026, 11, 20)))
            named |= CONTENTS[form](case).facts.keys()
    assert len(named) > 15
    assert named <= titles.keys()
