"""The school's own list of people: whom a row is about, and what it changes; values in and out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from papka.core.errors import Refused
from papka.core.places import student_folder
from papka.intake.export_files import open_export
from papka.intake.people_headings import EXAMPLE, blank_list, find_list
from papka.intake.people_list import name_in, read_list
from papka.intake.people_named import find_named
from papka.intake.sheet_writing import write_xlsx
from papka.records.strict_yaml import read
from tests.support.archives import PROJECT
from tests.support.people_lists import AGLAYA, School, take_list

HEAD = "Фамилия;Имя;Отчество;Дата рождения;Программа;Группа;Начало обучения"
ANNA = "Пробкина;Анна;Ильинична;05.03.2012;Гитара с нуля;Г-26-1;01.09.2026"
NEW, ENROLLED, SAME = "новое дело", "зачисление", "уже есть"


@pytest.fixture
def school() -> School:
    return School()


def value(school: School, student: str, name: str) -> Any:  # noqa: ANN401 - YAML
    path = f"{student_folder(student)}/{name}.yaml"
    return read(school.files[path], path).value


def test_a_row_becomes_a_file_an_enrolment_and_a_place_in_the_order(school: School) -> None:
    done = take_list(school, HEAD, ANNA)
    assert (done.told, done.asked) == ([], [])
    assert done.verdicts == {2: (NEW, ENROLLED)}
    assert value(school, "2026-0002", "enrolments")["enrolments"] == [
        {"id": "e1", "program": "guitar", "edition": 2, "group": "Г-26-1",
         "start": "2026-09-01", "order": "2026/0004"}
    ]  # fmt: skip
    order = school.archive.orders["2026/0004"]
    assert (order.number, order.kind, order.date) == ("4-к", "зачисление", dt.date(2026, 9, 1))
    assert [item.students for item in order.items] == [("2026-0002#e1",)]
    assert school.findings() == []


def test_the_same_list_again_changes_nothing(school: School) -> None:
    head = f"{HEAD};Мать;Телефон матери;Договор;Согласие: фото-на-сайте;Ключ: kurs"
    rows = (
        f"{ANNA};Пробкина Ольга Львовна;89001112233;17/26;28.08.2026;anna",
        "Пробкина;Анна;;05.03.2012;guitar;;01.11.2026;;;;;",
    )
    take_list(school, head, *rows)
    again = take_list(school, head, *rows)
    assert again.changed == {}
    assert again.verdicts == {2: (SAME,), 3: (SAME,)}
    path = f"{student_folder('2026-0002')}/enrolments.yaml"
    assert school.findings() == [f"ENROLMENTS_OVERLAP {path}"]  # the second row asked for it


def test_a_returning_child_gets_the_new_enrolment(school: School) -> None:
    path = f"{student_folder(AGLAYA)}/enrolments.yaml"
    school.files[path] += b"    ended:\n      date: 2026-05-31\n      reason: " + (
        "завершение\n".encode()
    )
    done = take_list(
        school, HEAD, "Абрикосова;Аглая;Тихоновна;14.05.2011;Гитара с нуля;Г-26-1;01.09.2026"
    )
    assert (done.told, done.verdicts) == ([], {2: (ENROLLED,)})
    assert [each["id"] for each in value(school, AGLAYA, "enrolments")["enrolments"]] == [
        "e1", "e2",
    ]  # fmt: skip


def test_a_second_enrolment_beside_one_that_goes_on_is_written_and_told(school: School) -> None:
    done = take_list(school, HEAD, "Абрикосова;Аглая;;14.05.2011;guitar;;01.09.2026")
    assert done.told == ["2:7 LIST_STUDIES_TWICE"]
    assert done.verdicts == {2: (ENROLLED,)}


def test_an_edition_nobody_names_is_the_one_approved_by_the_first_day(school: School) -> None:
    order = school.files["records/orders/2026/0001.yaml"].replace(b"2026-01-09", b"2026-08-20")
    school.files["records/orders/2026/0009.yaml"] = order.replace(b"number: 1", b"number: 9")
    program = "records/programs/guitar.yaml"
    first, second = school.files[program].decode().split("  - edition: 2", 1)
    second = second.replace("2026/0001", "2026/0009")
    school.files[program] = f"{first}  - edition: 2{second}".encode()
    done = take_list(
        school, "ФИО;Дата рождения;Программа;Начало обучения",
        "Пробкина Анна;05.03.2012;guitar;01.06.2026", "Ветров Лев;05.03.2012;guitar;01.09.2026",
    )  # fmt: skip
    assert done.told == []
    editions = [
        value(school, id_, "enrolments")["enrolments"][0]["edition"]
        for id_ in ("2026-0002", "2026-0003")
    ]
    assert editions == [1, 2]


@pytest.mark.parametrize(
    ("row", "person"),
    [
        ("Абрикосова;Аглая;Тихоновна;14.05.2011", AGLAYA),
        ("АБРИКОСОВА;АГЛАЯ;;14 мая 2011", AGLAYA),
        ("абрикосова;Аглая;-;2011-05-14", AGLAYA),
        ("Аглая;Абрикосова;Тихоновна;14.05.2011", AGLAYA),
        ("Абрикосова;Аглая;Петровна;14.05.2011", ""),
        ("Абрикосова;Анфиса;Тихоновна;14.05.2011", ""),
        ("Абрикосова;Аглая;;15.05.2011", ""),
    ],
    ids=["whole", "capitals", "dash", "swapped", "patronymic", "twin", "other-day"],
)  # fmt: skip
def test_whom_a_row_is_surely_about(school: School, row: str, person: str) -> None:
    done = take_list(school, "Фамилия;Имя;Отчество;Дата рождения", row)
    assert done.asked == []
    assert done.laid.matched.known == {2: person or "2026-0002"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Лунная;Аглая;Тихоновна;14.05.2011", "фамилия другая, а имя и день рождения те же"),
        ("Абрикосова;Аглая;Тихоновна;15.05.2011", "имя то же, а день рождения другой"),
        ("Абрикосова;Аглая;Тихоновна;", "совпало только имя"),
        ("Абрикосова;Агля;Тихоновна;14.05.2011", "имя и день рождения почти те же"),
        ("Абрикосова;Аглая;Тихновна;14.05.2011", "имя и день рождения почти те же"),
    ],
)
def test_what_only_may_be_the_same_person_is_a_question(
    school: School, row: str, reason: str
) -> None:
    done = take_list(school, "Фамилия;Имя;Отчество;Дата рождения", row)
    assert done.asked == [((2,), reason, (AGLAYA,))]
    assert done.changed == {}


def test_two_rows_a_slip_apart_are_a_question_before_either_has_a_file(school: School) -> None:
    head = "Фамилия;Имя;Отчество;Дата рождения"
    rows = ("Розова;Анфиса;Львовна;03.02.2013", "Розова;Анфиса;Львона;03.02.2013")
    done = take_list(school, head, *rows)
    assert done.asked == [((3,), "имя и день рождения почти те же", ("строка 2",))]
    done = take_list(school, head, *rows, answers={"строка 3": NEW})
    assert done.verdicts == {2: (NEW,), 3: (NEW,)}
    assert school.findings() == [f"PERSON_ALIKE {student_folder('2026-0003')}/student.yaml"]


def test_a_changed_surname_is_written_with_the_former_one(school: School) -> None:
    row = "Лунная;Аглая;Тихоновна;14.05.2011"
    head = "Фамилия;Имя;Отчество;Дата рождения"
    done = take_list(school, head, row, answers={"строка 2": AGLAYA})
    assert done.verdicts == {2: ("карточка",)}
    card = value(school, AGLAYA, "student")
    assert card["name"]["surname"] == "Лунная"
    assert card["former_names"] == [{"until": "2026-09-01", "surname": "Абрикосова"}]
    assert take_list(school, head, row).changed == {}
    old = "Абрикосова;Аглая;Тихоновна;14.05.2011"
    assert take_list(school, head, old).changed == {}


def test_the_column_of_the_former_surname_settles_it(school: School) -> None:
    done = take_list(
        school, "ФИО;Дата рождения;Прежняя фамилия", "Лунная Аглая;14.05.2011;Абрикосова"
    )
    assert (done.asked, done.verdicts) == ([], {2: ("карточка",)})


def test_an_answer_opens_a_file_of_its_own(school: School) -> None:
    row = "Лунная;Аглая;Тихоновна;14.05.2011"
    word = "Лунная Аглая Тихоновна, 14.05.2011"
    done = take_list(
        school, "Фамилия;Имя;Отчество;Дата рождения", row, answers={word: "новое дело"}
    )
    assert done.verdicts == {2: (NEW,)}


def test_twins_with_one_family_mail_are_two(school: School) -> None:
    head = f"{HEAD};Почта"
    rows = (
        "Ёлкина;Арина;Ивановна;01.01.2013;guitar;Г-26-1;01.09.2026;dom@x.invalid",
        "Ёлкина;Карина;Ивановна;01.01.2013;guitar;Г-26-1;01.09.2026;dom@x.invalid",
    )
    done = take_list(school, head, *rows)
    assert (done.asked, done.verdicts) == ([], {2: (NEW, ENROLLED), 3: (NEW, ENROLLED)})
    assert take_list(school, head, *rows).changed == {}


def test_two_spellings_in_one_list_are_one_person_with_two_studies(school: School) -> None:
    done = take_list(
        school, HEAD,
        "Фёдорова;Алёна;Петровна;01.01.2013;guitar;Г-26-1;01.09.2026",
        "Федорова;Алена;;01.01.2013;guitar;;01.10.2026",
    )  # fmt: skip
    assert done.laid.matched.known == {2: "2026-0002", 3: "2026-0002"}
    assert len(value(school, "2026-0002", "enrolments")["enrolments"]) == 2


def test_parents_contract_consent_and_key_stand_in_their_files(school: School) -> None:
    head = (
        f"{HEAD};Мать;Телефон матери;Почта матери;Договор;Дата договора;"
        "Согласие: Размещение фотографии на сайте;Ключ: kurs;Пол;Телефон"
    )
    done = take_list(
        school, head,
        f"{ANNA};Пробкина Ольга Львовна;8 (900) 111-22-33;o@x.invalid;№ 17/26;28.08.2026;"
        "28.08.2026;anna;ж;+7 900 123 45 67",
    )  # fmt: skip
    assert done.told == []
    card = value(school, "2026-0002", "student")
    assert card["representatives"] == [
        {"id": "p1", "relation": "мать", "surname": "Пробкина", "given": "Ольга",
         "patronymic": "Львовна", "phone": "+79001112233", "email": "o@x.invalid"}
    ]  # fmt: skip
    assert (card["sex"], card["phone"]) == ("женский", "+79001234567")
    assert card["accounts"] == [{"platform": "kurs", "key": "anna", "since": "2026-09-02"}]
    [contract] = value(school, "2026-0002", "documents")["documents"]
    assert (contract["kind"], contract["number"], contract["date"]) == (
        "договор", "17/26", "2026-08-28",
    )  # fmt: skip
    assert value(school, "2026-0002", "enrolments")["enrolments"][0]["contract"] == "d1"
    [consent] = value(school, "2026-0002", "consents")["consents"]
    assert (consent["purpose"], consent["signed_by"]) == ("фото-на-сайте", "p1")
    assert school.findings() == []


def test_a_known_card_takes_what_it_lacked_and_a_newer_phone(school: School) -> None:
    head = "Номер дела;ФИО;Телефон;Почта;Отец;Телефон отца"
    row = f"{AGLAYA};Абрикосова Аглая;8-900-000-00-09;a@x.invalid;Абрикосов Тихон;+79000000010"
    assert take_list(school, head, row).verdicts == {2: ("карточка",)}
    card = value(school, AGLAYA, "student")
    assert (card["phone"], card["email"]) == ("+79000000009", "a@x.invalid")
    assert [each["relation"] for each in card["representatives"]] == ["мать", "отец"]
    assert take_list(school, head, row).changed == {}


def test_a_minor_without_a_representative_signs_no_consent(school: School) -> None:
    done = take_list(school, f"{HEAD};Согласие: фото-на-сайте", f"{ANNA};28.08.2026")
    assert done.told == ["2:8 LIST_SIGNER_MISSING"]
    assert done.verdicts == {2: ("ошибка",)}


def with_second_group(school: School) -> School:
    school.edit(
        "records/organization.yaml",
        "groups:\n",
        "groups:\n  - group: Г-26-2\n    program: guitar\n",
    )
    return school


def test_a_transfer_is_an_entry_with_its_day_and_order(school: School) -> None:
    with_second_group(school)
    head = "ФИО;Дата рождения;Группа;В группе с"
    row = "Абрикосова Аглая;14.05.2011;г-26-2;10.11.2026"
    done = take_list(school, head, row, today=dt.date(2026, 11, 9))
    assert (done.told, done.verdicts) == ([], {2: ("перевод",)})
    assert value(school, AGLAYA, "transfers")["transfers"] == [
        {"id": "t1", "enrolment": "e1", "date": "2026-11-10", "group": "Г-26-2",
         "order": "2026/0004"}
    ]  # fmt: skip
    assert school.archive.orders["2026/0004"].items[0].students == (f"{AGLAYA}#t1",)
    assert school.findings() == []
    assert take_list(school, head, row).changed == {}
    autumn = "Абрикосова;Аглая;Тихоновна;14.05.2011;guitar;Г-26-1;15.01.2026"
    assert take_list(school, HEAD, autumn).changed == {}


def test_another_group_without_a_day_is_asked_about(school: School) -> None:
    with_second_group(school)
    done = take_list(school, "ФИО;Дата рождения;Группа", "Абрикосова Аглая;14.05.2011;Г-26-2")
    assert done.told == ["2:3 LIST_TRANSFER_UNDATED"]


def test_a_group_of_another_programme_is_refused_at_its_cell(school: School) -> None:
    school.edit(
        "records/organization.yaml", "groups:\n", "groups:\n  - group: П-1\n    program: piano\n"
    )
    guitar = school.files["records/programs/guitar.yaml"].decode()
    school.files["records/programs/piano.yaml"] = (
        guitar.replace("code: guitar", "code: piano").replace("Гитара с нуля", "Рояль").encode()
    )
    done = take_list(school, HEAD, ANNA.replace("Г-26-1", "П-1"))
    assert done.told == ["2:6 LIST_GROUP_OF_OTHER"]
    assert "«Рояль», а не «Гитара с нуля»" in done.findings[0].message


def test_an_end_is_written_with_its_reason_and_order(school: School) -> None:
    head = "Номер дела;ФИО;Окончание обучения;Причина окончания;Куда выбыл"
    row = f"{AGLAYA};Абрикосова Аглая;25.12.2026;завершение;"
    done = take_list(school, head, row, today=dt.date(2026, 12, 26))
    assert (done.told, done.verdicts) == ([], {2: ("окончание",)})
    assert value(school, AGLAYA, "enrolments")["enrolments"][0]["ended"] == {
        "date": "2026-12-25", "reason": "завершение", "order": "2026/0004",
    }  # fmt: skip
    order = school.archive.orders["2026/0004"]
    assert (order.number, order.kind) == ("4-к", "отчисление")
    assert take_list(school, head, row).changed == {}


def test_an_order_of_the_archive_is_named_by_its_number_and_gets_the_address(
    school: School,
) -> None:
    school.edit("records/orders/2026/0002.yaml", "date: 2026-01-14", "date: 2026-08-30")
    school.edit(
        f"{student_folder(AGLAYA)}/enrolments.yaml", "start: 2026-01-15", "start: 2026-09-01"
    )
    done = take_list(school, f"{HEAD};Приказ о зачислении", f"{ANNA};№ 2 – К")
    assert done.told == []
    assert value(school, "2026-0002", "enrolments")["enrolments"][0]["order"] == "2026/0002"
    assert "2026-0002#e1" in school.archive.orders["2026/0002"].items[0].students
    assert "2026/0004" not in school.archive.orders


def test_a_number_that_no_order_has_yet_is_given_to_the_one_written(school: School) -> None:
    take_list(school, f"{HEAD};Приказ", f"{ANNA};18-к от 31.08.2026")
    order = school.archive.orders["2026/0004"]
    assert (order.number, order.date) == ("18-к", dt.date(2026, 8, 31))


def test_without_orders_the_contract_is_the_basis(school: School) -> None:
    done = take_list(school, HEAD, ANNA, writes_orders=False)
    assert not [path for path in done.changed if "/orders/" in path]


@pytest.mark.parametrize(
    ("column", "text", "told"),
    [
        ("Дата рождения", "31.09.2012", "«31.09.2012» не читается"),
        ("Телефон", "нет связи", "«нет связи» не читается"),
        ("Пол", "др", "«др» не читается"),
        ("Почта", "мама", "«мама» не читается"),
        ("Начало обучения", "осенью", "«осенью» не читается"),
        ("Программа", "Гитар", "программы «Гитар» в архиве нет"),
        ("Группа", "Г-26-9", "группы «Г-26-9» в архиве нет"),
        ("Редакция", "7", "редакции программы «Гитара с нуля» «7» в архиве нет"),
        ("Приказ", "2026/0999", "приказа «2026/0999» в архиве нет"),
        ("Приказ", "18-к от 31.08.26", "«18-к от 31.08.26» не читается"),
        ("Приказ", "приказ", "«приказ» не читается"),
        ("Номер дела", "2026-0999", "дела 2026-0999 нет"),
        ("СНИЛС", "123", "«123» не читается"),
    ],
)
def test_a_wrong_cell_is_told_at_its_place(
    school: School, column: str, text: str, told: str
) -> None:
    usual = dict(zip(HEAD.split(";"), ANNA.split(";"), strict=True)) | {column: text}
    done = take_list(school, ";".join(usual), ";".join(usual.values()))
    [finding] = done.findings
    at = [*usual].index(column) + 1
    assert (finding.where.path, finding.where.line, finding.where.column) == ("list.csv", 2, at)
    assert finding.message.startswith(f"Ячейка {'ABCDEFGH'[at - 1]}2, столбец «{column}»: ")
    assert told in finding.message
    assert done.verdicts.get(2) in {("ошибка",), None}
    assert done.changed == {}


def test_a_column_nobody_knows_is_told_with_the_likely_one(school: School) -> None:
    done = take_list(school, f"{HEAD};Окончание обучнеия", f"{ANNA};")
    assert done.told == ["1:8 LIST_COLUMN_UNKNOWN"]
    assert "«Окончание обучения»" in done.findings[0].hint


def test_the_blank_is_read_back_and_its_example_is_nobody(school: School) -> None:
    sheets = blank_list(school.archive, dt.date(2026, 9, 1))
    export = open_export(write_xlsx(sheets), "список.xlsx")
    found = find_list(export)
    assert found is not None
    listed = read_list(export, found, school.archive)
    assert (listed.rows, listed.findings) == ((), ())
    assert sheets[0].rows[1][0] == EXAMPLE
    titles = [str(title) for title in sheets[0].rows[0]]
    assert {"Мать: телефон", "Согласие: Размещение фотографии на сайте"} <= set(titles)
    assert sheets[0].columns[titles.index("Программа")].choices == ("Гитара с нуля",)
    assert sheets[1].name == "Как заполнять"


@pytest.mark.parametrize(
    "text", ["Лунная Дарья Львовна Ильинична", "Лунная Дарья Анна Мария", "", "-"]
)
def test_a_name_whose_parts_cannot_be_told_is_not_split(text: str) -> None:
    assert name_in(text) is None


def test_no_line_of_a_short_list_is_left_out_in_silence(school: School) -> None:
    assert find_named("Абрикосова Аглая\n".encode(), "кого.txt", school.archive) == [AGLAYA]
    lines = "Абрикосова Аглая\nЛунная Дарья Анна Мария\n"
    with pytest.raises(Refused, match="строка 2"):
        find_named(lines.encode(), "кого.txt", school.archive)


@pytest.mark.parametrize(
    "text", ["#Н/Д", "Пробкина1", "=A1", "Пробкина (Лунная)", "Пробкина/Лунная", "Пробкина?"]
)
def test_what_is_no_name_opens_no_file(school: School, text: str) -> None:
    done = take_list(school, "Фамилия;Имя;Дата рождения", f"{text};Анна;05.03.2012")
    assert (done.told, done.changed) == (["2:1 LIST_CELL_UNREADABLE"], {})
    assert done.verdicts == {2: ("ошибка",)}


@pytest.mark.parametrize(
    "row", ["Итого: 25;;;;;;", ";Всего;25;;;;", "итого по группе;;;;;;", "пример;Анна;;;;;"]
)
def test_totals_and_the_example_are_nobody(school: School, row: str) -> None:
    assert take_list(school, HEAD, ANNA, row).verdicts == {2: (NEW, ENROLLED)}


def test_a_signature_below_the_list_opens_no_file(school: School) -> None:
    done = take_list(school, HEAD, ANNA, "Директор;Ландышева;Зоя;;;;")
    assert done.told == ["3:1 LIST_NAME_ALONE"]


@pytest.mark.parametrize(
    ("heading", "text", "list_", "key", "wanted"),
    [
        ("моб.тел.", "89001234567", "student", "phone", "+79001234567"),
        ("Тел. ребёнка", "8 900 123 45 67", "student", "phone", "+79001234567"),
        ("СНИЛС обучающегося", "11223344595", "student", "snils", "112-233-445 95"),
        ("Электронная  почта ученика", "a@x.invalid", "student", "email", "a@x.invalid"),
        ("ПОЛ (м/ж)", "Ж", "student", "sex", "женский"),
        ("Номер и дата договора", "№ 17/26 от 28.08.2026 г.", "documents", "number", "17/26"),
        ("Реквизиты договора", "17/26 от 28 августа 2026", "documents", "date", "2026-08-28"),
        ("Договор №", "17/26", "documents", "number", "17/26"),
        ("Срок обучения", "до 31.05.2027", "enrolments", "planned_end", "2027-05-31"),
        ("Класс", "Г-26-1", "enrolments", "group", "Г-26-1"),
        ("Группа", "гр. Г-26-1", "enrolments", "group", "Г-26-1"),
        ("Учебная группа", "Группа «Г-26-1»", "enrolments", "group", "Г-26-1"),
        ("№п/п", "1", "enrolments", "group", None),
        ("Примечания", "поёт", "enrolments", "group", None),
    ],
)
def test_a_heading_is_known_however_it_is_shortened(  # noqa: PLR0913 - a table of them
    school: School, heading: str, text: str, list_: str, key: str, wanted: str | None
) -> None:
    head = "ФИО;Дата рождения;Программа;Начало обучения"
    row = "Пробкина Анна;05.03.2012;ДООП «Гитара с нуля»;01.09.2026"
    done = take_list(school, f"{head};{heading}", f"{row};{text}")
    assert done.told == []
    found = value(school, "2026-0002", list_)
    [entry] = [found] if list_ == "student" else found[list_]
    assert entry.get(key) == wanted


def test_the_day_of_an_order_may_have_a_column_of_its_own(school: School) -> None:
    take_list(school, f"{HEAD};Приказ №;Дата приказа", f"{ANNA};18-к;31.08.2026")
    order = school.archive.orders["2026/0004"]
    assert (order.number, order.date) == ("18-к", dt.date(2026, 8, 31))


def test_a_school_class_beside_the_group_is_left_aside(school: School) -> None:
    done = take_list(school, f"{HEAD};Класс", f"{ANNA};5А")
    assert done.told == ["1:8 LIST_COLUMN_UNKNOWN"]
    assert value(school, "2026-0002", "enrolments")["enrolments"][0]["group"] == "Г-26-1"


def test_a_list_s_own_word_for_a_programme_is_known_once_its_file_tells_it(
    school: School,
) -> None:
    row = ANNA.replace("Гитара с нуля", "Гитара для всех")
    [finding] = take_list(school, HEAD, row).findings
    assert 'papka fix КОД "other_names=Гитара для всех" --save' in finding.hint
    school.edit(
        "records/programs/guitar.yaml", "editions:\n",
        "other_names:\n  - Гитара для всех\neditions:\n",
    )  # fmt: skip
    done = take_list(school, HEAD, row)
    assert (done.told, done.verdicts) == ([], {2: (NEW, ENROLLED)})


def test_the_words_of_a_layout_name_programmes_in_the_school_s_list_too(school: School) -> None:
    layout = (PROJECT / "templates/platforms/school-list.yaml").read_text(encoding="utf-8")
    assert "mark: example" in layout
    school.files["records/platforms/school-list.yaml"] = layout.replace(
        "mark: example", "mark: guitar"
    ).encode()
    done = take_list(school, HEAD, ANNA.replace("Гитара с нуля", "Пример"))
    assert (done.told, done.verdicts) == ([], {2: (NEW, ENROLLED)})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("mailto:anna@x.invalid", "anna@x.invalid"),
        ("<anna@x.invalid>", "anna@x.invalid"),
        ("Анна <anna@x.invalid>", "anna@x.invalid"),
        ("anna@x.invalid;", "anna@x.invalid"),
        ("anna@x.invalid, b@x.invalid", None),
        ("нет почты", None),
    ],
)
def test_an_e_mail_is_read_without_what_programs_put_around_it(
    school: School, text: str, address: str | None
) -> None:
    done = take_list(school, "ФИО;Дата рождения;Почта", f'Пробкина Анна;05.03.2012;"{text}"')
    if "," in text:
        assert done.told == ["2:3 LIST_CELL_UNREADABLE"]
    else:
        assert value(school, "2026-0002", "student").get("email") == address


@pytest.mark.parametrize(
    ("text", "surname", "given", "patronymic"),
    [
        ("Лунная Дарья Львовна", "Лунная", "Дарья", "Львовна"),
        ("дарья львовна лунная", "Лунная", "Дарья", "Львовна"),
        ("Гасанов Али Гасан оглы", "Гасанов", "Али", "Гасан оглы"),
        ("Дарья", None, "Дарья", None),
        ("12. Лунная Дарья", "Лунная", "Дарья", None),
        ("Лунная, Дарья Львовна", "Лунная", "Дарья", "Львовна"),
        ("Лунная Дарья -", "Лунная", "Дарья", None),
        ("Лунная Дарья (нет)", "Лунная", "Дарья", None),
        ("Лунная Дарья без отчества", "Лунная", "Дарья", None),
        ("Лунная Дарья Мария Львовна", "Лунная", "Дарья Мария", "Львовна"),
        ("Ван дер Лун Ян", "Ван дер Лун", "Ян", None),
        ("Мамедова Лейла Расим кызы", "Мамедова", "Лейла", "Расим кызы"),
    ],
)
def test_a_name_in_one_cell(
    text: str, surname: str | None, given: str, patronymic: str | None
) -> None:
    found = name_in(text)
    assert found is not None
    assert (found.surname, found.given, found.patronymic) == (surname, given, patronymic)
