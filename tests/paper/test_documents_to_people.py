"""Notices, orders and consents: what they say, before anything is laid out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from papka.core.errors import NotFound
from papka.core.places import SHEETS
from papka.desk.order_writing import compose_end
from papka.paper import sections
from papka.paper.forms import answer, consent, notice, order
from papka.paper.forms.consent import ConsentView
from papka.paper.forms.notice import NoticeForm
from papka.paper.print_state import name_recipient
from papka.records.acts import Handed, OrderItem
from papka.records.archive import Archive
from papka.records.student import FormerName, Name, Representative, Result, Source, Student
from tests.paper.conftest import TODAY, state
from tests.paper.forms_school import AWARDS, CONSENT, EXPORT, entry, school, short
from tests.paper.invented_school import AGLAYA, PERSON, result

D = dt.date


def with_aglaya(student: Student = AGLAYA, approved: tuple[str, ...] = ("2026-1",)) -> Archive:
    return school(student, registers={}, order=AWARDS, approved=approved)


def test_a_notice_lists_open_debts_with_their_resit_day() -> None:
    """R-2.2.6: the result of a re-sit counts, not the failure before it."""
    then = notice.view(state(with_aglaya(), D(2026, 8, 1)), "2026-0007")
    assert [(row.mark, row.resit) for row in then.rows] == [
        ("2\u00a0(два)", "30.09.2026; не позднее 28.05.2027")
    ]
    late = notice.view(state(with_aglaya(), D(2026, 11, 1)), "2026-0007")
    assert late.rows == ()
    now = notice.view(state(with_aglaya()), "2026-0007")
    [row] = now.rows
    failed_on = dt.datetime.strptime(row.date, "%d.%m.%Y").date()  # noqa: DTZ007 - a day
    until = f"{failed_on.replace(year=failed_on.year + 1):%d.%m.%Y}"
    assert (row.mark, row.resit) == ("не аттестован", f"не назначена; не позднее {until}")
    assert now.rows[0].subject == "«Гитара с нуля»: Теория музыки"


FAILED: dict[str, Any] = {"mark": 2, "control": "за период"}
TERMS = "Задолженность можно пересдать не более двух раз"


@pytest.mark.parametrize(
    ("again", "resit", "says_terms"),
    [
        (0, "30.09.2026; срок истёк; не позднее 28.05.2027", True),
        (1, "не назначена; не позднее 28.05.2027; принимает комиссия", True),
        (2, "обе пересдачи не сданы", False),
    ],
)
def test_a_notice_says_how_often_a_debt_may_still_be_re_sat(
    again: int,
    resit: str,
    says_terms: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """273-ФЗ ст. 58 ч. 5–6: two re-sits, the second before a commission."""
    first = result(1, D(2026, 5, 28), resit_by=D(2026, 9, 30), **FAILED)
    later = tuple(
        result(n + 1, D(2026, 10, n), resits=f"r{n}", **FAILED) for n in range(1, again + 1)
    )
    owing = replace(AGLAYA, periods={"2026-1": (first, *later)})
    found = notice.view(state(with_aglaya(owing)), "2026-0007")
    assert [row.resit for row in found.rows] == [resit]
    assert any(TERMS in note for note in found.notes) is says_terms


@pytest.mark.parametrize(
    ("absence", "mark", "excused"),
    [
        (None, "не аттестован", False),
        ("без уважительной причины", "не аттестован (без уважительной причины)", False),
        ("уважительная причина", None, True),
    ],
)
def test_a_miss_for_a_good_reason_is_told_and_is_no_debt(
    absence: str | None,
    mark: str | None,
    excused: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """273-ФЗ ст. 58 ч. 2"""
    missed = result(1, D(2026, 5, 28), mark="не аттестован", control="за период", absence=absence)
    found = notice.view(
        state(with_aglaya(replace(AGLAYA, periods={"2026-1": (missed,)}))), "2026-0007"
    )
    assert [row.mark for row in found.rows] == ([mark] if mark else [])
    assert ("не имеет" in found.text) is excused
    assert any("по уважительной причине" in note for note in found.notes) is excused
    assert any(TERMS in note for note in found.notes) is not excused


def test_a_notice_says_that_there_are_no_debts() -> None:
    """R-2.2.6"""
    clean = replace(AGLAYA, periods={})
    found = notice.view(state(with_aglaya(clean)), "2026-0007")
    assert found.heading == "об отсутствии академических задолженностей"
    assert "академических задолженностей не имеет" in found.text
    assert found.notes == ("Результатов в архиве ещё нет.",)
    assert found.page.stamp == ""


@pytest.mark.parametrize(
    ("approved", "on", "stamp"),
    [((), D(2027, 1, 11), "НЕ УТВЕРЖДЕНО"), (("2026-1", "2026-2"), D(2027, 1, 11), "")],
)
def test_a_notice_from_unapproved_results_is_a_draft(
    approved: tuple[str, ...], on: dt.date, stamp: str
) -> None:
    """R-5.6: the period is over, and the head has not approved it."""
    found = notice.view(state(with_aglaya(approved=approved), on), "2026-0007")
    assert found.page.stamp == stamp
    assert any("Не утверждены" in note for note in found.notes) == bool(stamp)
    assert not any("ещё идёт" in note for note in found.notes)


@pytest.mark.parametrize("on", [D(2026, 12, 28), D(2026, 12, 31)])
def test_a_notice_during_a_period_is_a_letter_about_current_marks(on: dt.date) -> None:
    found = notice.view(state(with_aglaya(approved=("2026-1",)), on), "2026-0007")
    assert found.page.stamp == ""
    assert found.notes[-1] == ("Период ещё идёт, его отметки текущие: 2 полугодие 2026 года.")
    assert not any("Не утверждены" in note for note in found.notes)


def test_a_notice_goes_to_the_representatives_of_a_minor_and_to_an_adult() -> None:
    mother = with_fields(PERSON.representatives[0], dative="Лунной Дарье Львовне")
    child = replace(AGLAYA, person=with_fields(PERSON, representatives=(mother,)))
    assert notice.view(state(with_aglaya(child)), "2026-0007").to == ("Лунной Дарье Львовне",)
    name = with_fields(PERSON.name, dative="Абрикосовой-Лунной Аглае Тихоновне")
    adult = replace(AGLAYA, person=with_fields(PERSON, name=name, birth_date=D(2000, 1, 1)))
    to = notice.view(state(with_aglaya(adult)), "2026-0007").to
    assert to == ("Абрикосовой-Лунной Аглае Тихоновне",)


def test_where_the_dative_is_unsure_a_notice_avoids_it() -> None:
    strange = Representative(id="p1", relation="опекун", given="Сукарно")
    foreign = Representative(id="p2", relation="опекун", surname="Blackbird", given="Wren")
    child = replace(AGLAYA, person=with_fields(PERSON, representatives=(strange, foreign)))
    to = notice.view(state(with_aglaya(child)), "2026-0007").to
    assert to == ("Кому: Сукарно", "Blackbird Wren")  # in Latin letters no case shows


def test_an_order_names_people_as_they_were_called_that_day() -> None:
    early = with_fields(AWARDS, date=D(2026, 2, 1))
    archive = school(AGLAYA, registers={}, order=early)
    assert order.view(state(archive), "2026/0007").points[0].people == (
        ("1.1.", "Абрикосову Аглаю Тихоновну"),
    )


def test_an_order_tells_namesakes_apart_and_keeps_who_is_gone() -> None:
    items = (OrderItem(text="Наградить.", students=("2026-0007#a1", "2026-0008#a1", "2026-9#a1")),)
    twin = replace(AGLAYA, id="2026-0008", person=with_fields(PERSON, id="2026-0008"))
    archive = school(AGLAYA, twin, registers={}, order=with_fields(AWARDS, items=items))
    found = order.view(state(archive), "2026/0007")
    assert found.points[0].text == "Наградить:"
    assert [name for _, name in found.points[0].people] == [
        "Абрикосова-Лунная Аглая Тихоновна (личное дело №\u00a02026-0007)",
        "Абрикосова-Лунная Аглая Тихоновна (личное дело №\u00a02026-0008)",
        "личное дело №\u00a02026-9",
    ]
    assert len(found.acquainted) == 3


def test_only_awards_and_expulsions_are_signed_as_known() -> None:
    archive = school(AGLAYA, registers={}, order=with_fields(AWARDS, kind="зачисление"))
    assert order.view(state(archive), "2026/0007").acquainted == ()


def test_a_consent_names_the_person_as_on_its_day_and_a_blank_one_as_today() -> None:
    for date, name in (
        (D(2026, 3, 1), "Абрикосова Аглая Тихоновна"),
        (D(2026, 3, 2), "Абрикосова-Лунная Аглая Тихоновна"),
    ):
        (given, *_) = AGLAYA.consents
        own = with_fields(given, date=date, signed_by="обучающийся")
        archive = with_aglaya(replace(AGLAYA, consents=(own,)))
        found = consent.view(state(archive), f"2026-0007#{own.id}")
        assert found.particulars[1].lines == (name,)
        assert found.signature.name == f"А.\u00a0Т.\u00a0{name.split()[0]}"
    archive = replace(archive, purposes={own.purpose: archive.purposes[own.purpose]})
    blank = consent.view(state(archive), f"2026-0007:{own.purpose}")
    assert blank.particulars[0].lines == ("Абрикосова-Лунная Аглая Тихоновна",)


@pytest.mark.parametrize(
    ("date", "name"),
    [(D(2026, 3, 1), "Полевая Дарья Львовна"), (D(2026, 3, 2), "Лунная Дарья Львовна")],
)
def test_a_parent_who_changed_the_name_has_on_each_paper_the_name_of_its_day(
    date: dt.date, name: str
) -> None:
    former = (FormerName(until=D(2026, 3, 1), surname="Полевая"),)
    mother = with_fields(PERSON.representatives[0], former_names=former)
    (given, *_), (told, *_) = AGLAYA.consents, AGLAYA.notices
    student = replace(
        AGLAYA,
        person=with_fields(PERSON, representatives=(mother,)),
        consents=(with_fields(given, date=date, signed_by="p1"),),
        notices=(with_fields(told, date=date, told="p1"),),
    )
    handed = entry("certificates", "С-2026-0001", handed=Handed(date=date, to="p1"))
    archive = school(student, registers={"issued/2026/certificates-0001": handed}, order=AWARDS)
    short_name = f"Д.\u00a0Л.\u00a0{name.split(maxsplit=1)[0]}"

    found = consent.view(state(archive), f"2026-0007#{given.id}")
    lines = {each.label: each.lines for each in found.particulars}
    assert lines["Представитель"] == (f"{name} (мать)",)
    assert found.signature.name == short_name
    assert student.person
    for table in (sections.consents, sections.notices):
        assert f"{short_name} (мать)" in table(archive, student, student.person).rows[0]
    assert name_recipient(archive, handed).startswith(short_name)
    assert notice.view(state(archive), "2026-0007").to[0] == "Лунной Дарье Львовне"
    assert sections.representatives(student.person).rows[0][1] == (
        "Лунная Дарья Львовна\nпрежде: Полевая (по\u00a001.03.2026)"
    )


def test_a_consent_has_every_particular_the_law_asks_for() -> None:
    """R-3.1; what is not in the record is left to be written in."""
    found = consent.view(state(short()), "2026-0007#c1")
    lines = {each.label: each.lines for each in found.particulars}
    assert lines["Субъект персональных данных"] == ("Абрикосова Аглая Тихоновна",)
    assert lines["Представитель"] == ("Лунная Дарья Львовна (мать)",)
    assert lines["Документ о полномочиях представителя"] == ()
    assert lines["Цель обработки (одна)"] == ("Размещение фотографий",)
    assert lines["Персональные данные"] == ("фотография; имя",)
    assert "удаление" in lines["Действия с ними"][0]
    assert lines["Срок действия"][1] == "действует по\u00a031.12.2027"
    assert found.revoked == "Отозвано 02.11.2026."
    assert found.signature.name == "Д.\u00a0Л.\u00a0Лунная"


def test_a_consent_without_an_entry_is_a_form_to_fill_in() -> None:
    found = consent.view(state(short()), "2026-0007:фото-на-сайте")
    assert (found.date, found.revoked) == ("", "")
    adult = replace(AGLAYA, person=with_fields(PERSON, birth_date=D(2000, 1, 1)))
    own = consent.view(state(with_aglaya(adult)), "2026-0007:фото-на-сайте")
    assert own.signature.post == "Обучающийся"
    assert "Представитель" not in {each.label for each in own.particulars}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("2026-0007#c9", "нет согласия c9"),
        ("2026-0007:погода", "Цели обработки «погода»"),
        ("2026-0070#c1", "Дела 2026-0070"),
    ],
)
def test_a_consent_that_is_not_there_is_answered_with_the_nearest(address: str, said: str) -> None:
    with pytest.raises(NotFound, match=said) as caught:
        consent.view(state(short()), address)
    assert caught.value.next_step


def test_an_unknown_order_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound) as caught:
        order.view(state(short()), "2026/0008")
    assert "2026/0007" in caught.value.next_step


def test_a_file_without_a_study_gets_no_notice() -> None:
    with pytest.raises(NotFound) as refused:
        notice.view(state(with_aglaya(replace(AGLAYA, enrolments=()))), "2026-0007")
    assert refused.value.message == (
        "На 28.12.2026 в деле 2026-0007 нет ни одного обучения: извещать не о чем"
    )
    assert refused.value.next_step == "Записи дела: papka show 2026-0007"


def test_an_adult_whose_dative_is_unsure_is_named_as_the_card_has_it() -> None:
    strange = with_fields(PERSON, name=Name(given="Сукарно"), sex=None, birth_date=D(2000, 1, 1))
    to = notice.view(state(with_aglaya(replace(AGLAYA, person=strange))), "2026-0007").to
    assert to == ("Кому: Сукарно",)


def owing(*marks: Result) -> NoticeForm:
    found: NoticeForm = notice.view(
        state(with_aglaya(replace(AGLAYA, periods={"2026-2": marks}))), "2026-0007"
    )
    return found


def test_the_year_of_a_debt_has_a_last_day_and_ends() -> None:
    """273-ФЗ ст. 58 ч. 5: within a year from the day it arose, illness and leave not counted."""
    first = result(1, D(2026, 5, 28), **FAILED)
    school_ = with_aglaya(replace(AGLAYA, periods={"2026-1": (first,)}))
    for on, words in (
        (D(2027, 5, 28), "не назначена; не позднее 28.05.2027"),
        (D(2027, 5, 29), "не назначена; год истёк 28.05.2027"),
    ):
        found = notice.view(state(school_, on), "2026-0007")
        assert [row.resit for row in found.rows] == [words]
        assert any("Болезнь, академический отпуск" in note for note in found.notes)


def failed(number: int, part: str | None, resit_by: dt.date | None = None) -> Result:
    return result(
        number, D(2026, 11, number), part, mark="не аттестован", control="за период",
        resit_by=resit_by,
    )  # fmt: skip


def test_a_debt_in_a_part_that_is_not_described_is_still_named() -> None:
    rows = owing(failed(1, "барабаны"), failed(2, None), failed(3, "теория")).rows
    assert [(row.subject, row.scale) for row in rows] == [
        ("«Гитара с нуля»: барабаны", "—"),
        ("«Гитара с нуля»: —", "—"),
        ("«Гитара с нуля»: Теория музыки", "Стобалльная шкала"),
    ]


def test_a_missing_day_of_a_resit_is_spoken_of_only_where_one_is_missing() -> None:
    said = "Где дата пересдачи не назначена, её сообщит педагог."
    dated, late = failed(1, "теория", D(2027, 2, 1)), failed(3, "теория", D(2026, 12, 1))
    assert said not in owing(dated).notes
    assert said in owing(dated, failed(2, "техника")).notes
    assert said not in owing(result(1, D(2026, 11, 1), mark=5)).notes
    assert [row.resit for row in owing(dated).rows] == ["01.02.2027; не позднее 01.11.2027"]
    assert [row.resit for row in owing(late).rows] == [
        "01.12.2026; срок истёк; не позднее 03.11.2027"
    ]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "академических задолженностей не имеет."),
        (1, "имеет академическую задолженность:"),
        (2, "имеет академические задолженности, всего 2 (две):"),
        (3, "имеет академические задолженности, всего 3 (три):"),
    ],
)
def test_a_notice_counts_debts_in_words(count: int, said: str) -> None:
    parts = ("теория", "техника", "ансамбль")[:count]
    found = owing(*(failed(n, part) for n, part in enumerate(parts, 1)))
    assert found.text.replace("\u00a0", " ").endswith(said)
    assert len(found.rows) == count
    heading = "о наличии академических задолженностей"
    assert (found.heading == heading) == bool(count)
    assert found.heading in found.receipt
    assert found.heading in found.page.title


def consent_of(student: Student = AGLAYA, **keys: object) -> ConsentView:
    entry_ = with_fields(AGLAYA.consents[0], **keys)
    found: ConsentView = consent.view(
        state(with_aglaya(replace(student, consents=(entry_,)))), "2026-0007#c1"
    )
    return found


def particular(found: ConsentView, label: str) -> tuple[str, ...]:
    (lines,) = (each.lines for each in found.particulars if each.label == label)
    return lines


@pytest.mark.parametrize(
    ("authority", "said"),
    [
        (None, ()),
        ("d1", ("Договор об оказании платных образовательных услуг №·17/26 от·12.01.2026",)),
        ("d99", ("d99",)),
    ],
)
def test_a_representative_acts_by_the_paper_that_the_file_has(
    authority: str | None, said: tuple[str, ...]
) -> None:
    (parent,) = PERSON.representatives
    person = with_fields(PERSON, representatives=(with_fields(parent, authority=authority),))
    lines = particular(
        consent_of(replace(AGLAYA, person=person)), "Документ о полномочиях представителя"
    )
    assert tuple(line.replace("\u00a0", "·") for line in lines) == said


def test_a_consent_whose_signer_is_not_in_the_card_leaves_lines_to_write_on() -> None:
    found = consent_of(signed_by="p9")
    assert particular(found, "Представитель") == particular(found, "Адрес представителя") == ()
    assert (found.signature.post, found.signature.name) == ("Законный представитель", "")


def test_a_consent_says_until_when_and_that_it_is_revoked_only_where_it_is_so() -> None:
    found = consent_of(valid_until=None, revoked=None)
    assert particular(found, "Срок действия") == ("до конца календарного года",)
    assert found.revoked == ""


_OF_DISTRIBUTION = {
    "Телефон, почта, адрес субъекта", "Страницы для всех", "Категории данных",
    "Условия и запреты (по желанию)", "Условия передачи (по желанию)",
}  # fmt: skip


def test_a_consent_to_show_data_to_anybody_has_the_particulars_of_its_own_law() -> None:
    """152-ФЗ, ст. 10.1; приказ Роскомнадзора от 24.02.2021 № 18."""
    named = with_fields(
        CONSENT, resources=("https://lad.invalid/gallery",), categories=("общие", "биометрические")
    )
    given = with_fields(
        AGLAYA.consents[0], prohibitions=("без указания школы",), transfer="без передачи"
    )
    child = replace(AGLAYA, consents=(given,), person=with_fields(PERSON, phone="+7 000 000-00-00"))
    archive = school(child, registers={}, order=AWARDS, purpose=named)
    assert archive.organization
    operator = with_fields(archive.organization, inn="000000000000", ogrn="000000000000000")
    found = consent.view(state(replace(archive, organization=operator)), "2026-0007#c1")
    assert found.heading.endswith("разрешённых субъектом персональных данных для распространения")
    assert particular(found, "Номер согласия") == ("2026-0007/c1",)
    assert "+7 000 000-00-00" in particular(found, "Телефон, почта, адрес субъекта")
    assert particular(found, "Страницы для всех") == ("https://lad.invalid/gallery",)
    assert particular(found, "Категории данных") == ("общие; биометрические",)
    assert particular(found, "Условия и запреты (по желанию)") == ("без указания школы",)
    passed_on = "Условия передачи (по желанию)"
    assert particular(found, passed_on) == ("без передачи",)
    assert "трёх рабочих дней" in particular(found, "Способ отзыва")[1]
    numbers = "ИНН\u00a0000000000000, ОГРНИП\u00a0000000000000000"
    assert particular(found, "Оператор")[1] == numbers


def test_what_a_consent_to_distribution_does_not_say_is_left_to_write_in_or_said_to_be_unset() -> (
    None
):
    blank = consent.view(state(with_aglaya()), "2026-0007:фото-на-сайте")
    signed = consent_of()
    for label in ("Страницы для всех", "Категории данных"):
        assert particular(blank, label) == particular(signed, label) == ()
    for label in (each for each in _OF_DISTRIBUTION if "по желанию" in each):
        assert particular(blank, label) == ()
        assert particular(signed, label) == ("не установлены",)


def test_a_consent_that_shows_nothing_to_anybody_says_nothing_of_distribution() -> None:
    kept = with_fields(CONSENT, actions=("хранение", "отправка писем"))
    archive = school(AGLAYA, registers={}, order=AWARDS, purpose=kept)
    found = consent.view(state(archive), "2026-0007#c1")
    assert found.heading == "на обработку персональных данных"
    assert len(particular(found, "Способ отзыва")) == 1
    assert _OF_DISTRIBUTION.isdisjoint({each.label for each in found.particulars})


def test_a_purpose_is_asked_for_in_an_edition_that_was_in_force() -> None:
    for address, keys, on, said in (
        ("2026-0007#c1", {"edition": 7}, TODAY, "У цели «фото-на-сайте» нет редакции 7"),
        ("2026-0007:фото-на-сайте", {}, D(2025, 1, 1), "Цель «фото-на-сайте» ещё не введена"),
    ):
        entry_ = with_fields(AGLAYA.consents[0], **keys)
        archive = with_aglaya(replace(AGLAYA, consents=(entry_,)))
        with pytest.raises(NotFound) as refused:
            consent.view(state(archive, on), address)
        assert refused.value.message == said
        assert refused.value.next_step == (
            "Редакции записаны в records/organization.yaml, раздел purposes"
        )


def test_the_text_of_a_form_to_fill_in_is_that_of_its_day() -> None:
    new = with_fields(CONSENT, edition=2, since=D(2026, 6, 1), text="Новый текст.")
    archive = school(AGLAYA, registers={}, order=AWARDS)
    purpose = with_fields(archive.purposes["фото-на-сайте"], editions=(new, CONSENT))
    archive = replace(archive, purposes={"фото-на-сайте": purpose})
    for on, text in ((D(2026, 5, 31), CONSENT.text), (D(2026, 6, 1), "Новый текст.")):
        assert consent.view(state(archive, on), "2026-0007:фото-на-сайте").text == text


def test_a_school_that_is_not_described_leaves_its_lines_empty() -> None:
    archive = replace(with_aglaya(), organization=None)
    found = consent.view(state(archive), "2026-0007#c1")
    assert particular(found, "Оператор") == ()
    assert particular(found, "Способ отзыва")[0].startswith(
        "письменное заявление оператору; обработка прекращается"
    )


@pytest.mark.parametrize(
    ("point", "named"),
    [
        ("Наградить грамотой", "Абрикосову-Лунную Аглаю Тихоновну"),
        ("Зачислить с 01.09.2026 на программу «Лад»", "Абрикосову-Лунную Аглаю Тихоновну"),
        ("Отчислить 11.06.2026 как освоившую программу", "Абрикосову-Лунную Аглаю Тихоновну"),
        (
            compose_end(D(2026, 6, 11), "завершение", "Театр для детей"),
            "Абрикосову-Лунную Аглаю Тихоновну",
        ),
        ("Объявить благодарность", "Абрикосовой-Лунной Аглае Тихоновне"),
        ("ВЫДАТЬ сертификат", "Абрикосовой-Лунной Аглае Тихоновне"),
        ("В зачёте предмета «Хор» отказать:", "Абрикосовой-Лунной Аглае Тихоновне"),
        ("Наградить грамотами следующих обучающихся", "Абрикосова-Лунная Аглая Тихоновна"),
        ("Наградить грамотой учениц школы", "Абрикосова-Лунная Аглая Тихоновна"),
        ("Не допускать", "Абрикосова-Лунная Аглая Тихоновна"),
        ("Считать основным дело", "Абрикосова-Лунная Аглая Тихоновна"),
    ],
)
def test_an_order_names_people_in_the_case_its_verb_asks_for(point: str, named: str) -> None:
    item = OrderItem(text=point, students=("2026-0007#a1",))
    changed = with_fields(AWARDS, items=(item,), date=D(2026, 4, 18))
    archive = school(AGLAYA, registers={}, order=changed)
    (told,) = order.view(state(archive), "2026/0007").points
    assert told.people == (("1.1.", named),)


def test_a_name_in_latin_letters_leaves_the_others_of_a_list_in_their_case() -> None:
    item = OrderItem(text="Зачислить на программу", students=("2026-0007", "2026-0008"))
    foreign = Name(surname="Blackbird", given="Robin")
    other = replace(
        AGLAYA, id="2026-0008", person=with_fields(PERSON, id="2026-0008", name=foreign)
    )
    archive = school(
        AGLAYA, other, registers={}, order=with_fields(AWARDS, items=(item,), date=D(2026, 4, 18))
    )
    (point,) = order.view(state(archive), "2026/0007").points
    names = [name for _, name in point.people]
    assert names == ["Абрикосову-Лунную Аглаю Тихоновну", "Blackbird Robin"]


def test_one_name_without_a_certain_case_leaves_the_whole_list_in_the_nominative() -> None:
    item = OrderItem(text="Наградить", students=("2026-0007", "2026-0008"))
    changed = with_fields(AWARDS, items=(item,))
    strange = with_fields(PERSON, id="2026-0008", name=Name(surname="Дюма", given="Аглая"))
    other = replace(AGLAYA, id="2026-0008", person=strange)
    found = order.view(state(school(AGLAYA, other, registers={}, order=changed)), "2026/0007")
    named = [name for _, name in found.points[0].people]
    assert named == ["Абрикосова-Лунная Аглая Тихоновна", "Дюма Аглая"]
    assert found.acquainted == tuple(named)


@pytest.mark.parametrize(
    ("platform", "told"), [("kurs", ("платформа «Курс.Онлайн»",)), (SHEETS, ())]
)
def test_an_answer_names_the_platform_results_came_from_and_no_period_or_own_sheet(
    platform: str, told: tuple[str, ...]
) -> None:
    """152-ФЗ, ст. 14, ч. 7: the source, where it is not the person nor the school."""
    taken = result(
        1, D(2026, 9, 14), mark=4, source=Source(export=EXPORT, row=1, column=5, raw="4")
    )
    student = replace(AGLAYA, periods={"2026-2": (taken,)}, credits=(), requests=())
    found = school(student, registers={}, order=AWARDS)
    found = replace(found, imports={EXPORT: with_fields(found.imports[EXPORT], platform=platform)})
    said = answer.view(state(found), "2026-0007#z1").particulars
    assert [each.lines for each in said if each.label.startswith("Откуда")] == [
        lines for lines in (told,) if lines
    ]
