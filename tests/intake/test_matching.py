"""Whose a row is: by key, then e-mail, then name and birth day; who is unsure is asked about."""

from __future__ import annotations

import datetime as dt

import pytest

from papka.intake.export_matching import (
    OpenRow,
    index_by_number,
    index_people,
    match_rows,
    name_row,
    read_answers,
    write_questions,
)
from papka.intake.marks import StudentRow
from papka.records.student import Account, FormerName, Name, Person, Representative

DAY, OTHER_DAY = dt.date(2012, 2, 29), dt.date(2013, 1, 1)
ROSE, KIM, TWIN, IVA, LATER, FIRST_ROUND, SECOND_ROUND = (f"2026-000{n}" for n in range(1, 8))


def account(key: str, platform: str = "kurs") -> Account:
    return Account(platform=platform, key=key)


def relative(email: str | None) -> Representative:
    return Representative(given="Ольха", relation="мать", email=email)


PEOPLE = {
    person.id: person
    for person in (
        Person(
            id=ROSE,
            name=Name(surname="Бутонова", given="Роза", patronymic="Львовна"),
            former_names=(FormerName(until=DAY, surname="Ёжикова"),),
            birth_date=DAY,
            email="Rose@klumba.invalid",
            accounts=(account("k1"), account("stupen-1", "stupen")),
            representatives=(relative("Mother@klumba.invalid"), relative(None)),
        ),
        Person(id=KIM, name=Name(surname="Листов", given="Ким"), birth_date=DAY, email="kim@x.ru"),
        Person(
            id=TWIN,
            name=Name(surname="Листов", given="Ким"),
            birth_date=DAY,
            email="kim@x.ru",
            accounts=(account("k3"), account("k2")),
            representatives=(relative("mother@klumba.invalid"),),
        ),
        Person(id=IVA, name=Name(given="Ива"), accounts=(account("k2"),), email="iva@x.ru"),
        Person(id=LATER, name=Name(given="Ива"), duplicate_of=IVA, birth_date=OTHER_DAY),
        Person(id=FIRST_ROUND, name=Name(given="Круг"), duplicate_of=SECOND_ROUND),
        Person(id=SECOND_ROUND, name=Name(given="Круг"), duplicate_of=FIRST_ROUND),
    )
}


def row(
    key: str = "", name: str = "", email: str = "", born: dt.date | None = None, first: int = 2
) -> StudentRow:
    return StudentRow((first,), ((),), key, email, name, None, born)


@pytest.mark.parametrize(
    ("one", "student"),
    [
        (row("k1"), ROSE),
        (row("k1", email="rose@KLUMBA.invalid"), ROSE),
        (row("k1", email="nobody@x.ru"), ROSE),
        (row("k1", "Листов Ким", born=DAY), ROSE),
        (row(email="ROSE@klumba.invalid"), ROSE),
        (row("new", email="iva2@x.ru", name="Роза Бутонова", born=DAY), ""),
        (row(name="роза  БУТОНОВА", born=DAY), ROSE),
        (row(name="Ежикова Роза Львовна", born=DAY), ROSE),
        (row(name="Ёжикова Роза", born=DAY), ROSE),
        (row(name="Бутонова Львовна Роза", born=DAY), ROSE),
        (row(name="Роза", born=DAY), ""),
        (row(name="Ива", born=OTHER_DAY), IVA),
        (row("k9", name="Ким Листов", born=OTHER_DAY), ""),
    ],
)
def test_a_row_is_given_to_whom_its_clues_name(one: StudentRow, student: str) -> None:
    found = match_rows([one], index_people(PEOPLE, "kurs"), {})
    assert found.known == ({2: student} if student else {})


@pytest.mark.parametrize(
    ("one", "reason", "candidates"),
    [
        (row("k2"), "ключ платформы стоит в нескольких карточках", (TWIN, IVA)),
        (row("k1", email="iva@x.ru"), "ключ и почта указывают на разных людей", (ROSE, IVA)),
        (row(email="kim@x.ru"), "почта стоит в нескольких карточках", (KIM, TWIN)),
        (
            row("k7", email="rose@klumba.invalid"),
            "найден по почте, но в карточке другой ключ платформы",
            (ROSE,),
        ),
        (
            row("k7", "Бутонова Роза", born=DAY),
            "найден по имени и дню рождения, но в карточке другой ключ платформы",
            (ROSE,),
        ),
        (row(name="Бутонова Роза"), "совпало только имя", (ROSE,)),
        (
            row(name="Ким Листов", email="mother@klumba.invalid"),
            "совпало только имя",
            (ROSE, KIM, TWIN),
        ),
        (
            row(name="Ким Листов", born=DAY),
            "одинаковые имя и день рождения у нескольких",
            (KIM, TWIN),
        ),
        (row(name="Круг", born=DAY), "совпало только имя", (FIRST_ROUND, SECOND_ROUND)),
        (
            row(email="MOTHER@klumba.invalid"),
            "почта родителя, а не обучающегося",
            (ROSE, TWIN),
        ),
    ],
)
def test_what_is_unsure_waits_for_an_answer(
    one: StudentRow, reason: str, candidates: tuple[str, ...]
) -> None:
    found = match_rows([one], index_people(PEOPLE, "kurs"), {})
    assert (found.known, found.unmatched, found.skipped) == ({}, (), ())
    assert found.ambiguous == (OpenRow((2,), name_row(one), reason, candidates),)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (row("k7"), "в архиве такого человека нет"),
        (row(email="nobody@x.ru"), "в архиве такого человека нет"),
        (row(name="Незнакомцев Ян"), "в архиве такого человека нет"),
        (row(name="Роза Бутонова", born=OTHER_DAY), "в архиве такого человека нет"),
        (row(), "в строке не сказано, кто это"),
        (row(born=DAY), "в строке не сказано, кто это"),
    ],
)
def test_who_is_not_there_is_unmatched(one: StudentRow, reason: str) -> None:
    found = match_rows([one], index_people(PEOPLE, "kurs"), {})
    assert (found.known, found.ambiguous, found.skipped) == ({}, (), ())
    assert found.unmatched == (OpenRow((2,), name_row(one), reason),)


def test_a_key_counts_on_its_own_platform_only() -> None:
    assert match_rows([row("stupen-1")], index_people(PEOPLE, "kurs"), {}).known == {}
    assert match_rows([row("stupen-1")], index_people(PEOPLE, "stupen"), {}).known == {2: ROSE}
    found = match_rows([row("k1", email="rose@klumba.invalid")], index_people(PEOPLE, "other"), {})
    assert (found.known, found.learnt) == ({2: ROSE}, {ROSE: ("k1",)})


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (row("k1", "Роза", "r@x.ru", DAY), "k1"),
        (row("", "Роза", "r@x.ru", DAY), "r@x.ru"),
        (row("", "Роза", "", DAY), "Роза, 29.02.2012"),
        (row("", "Роза"), "Роза"),
        (row("", "", "", DAY, first=7), "строка 7"),
    ],
)
def test_a_row_is_named_by_its_first_clue(one: StudentRow, word: str) -> None:
    assert name_row(one) == word


def test_answers_settle_rows_and_those_to_nothing_are_told() -> None:
    rows = [
        row("k2", first=2),
        row("k2", first=5),
        row("x1", first=3),
        row("x2", first=4),
        row("x3", first=6),
        row("x4", first=7),
        row("k1", first=8),
    ]
    answers = {
        "k2": KIM,
        "x1": "пропустить",
        "x2": "новое дело",
        "x3": "2026-0999",
        "k1": IVA,
        "x9": ROSE,
    }
    found = match_rows(rows, index_people(PEOPLE, "kurs"), answers)
    assert found.known == {2: KIM, 5: KIM, 8: IVA}
    assert found.learnt == {KIM: ("k2",), IVA: ("k1",)}
    assert found.skipped == (OpenRow((3,), "x1", "пропущена по ответу"),)
    assert found.unmatched == (
        OpenRow((4,), "x2", "новое дело по ответу"),
        OpenRow((6,), "x3", "в архиве такого человека нет"),
        OpenRow((7,), "x4", "в архиве такого человека нет"),
    )
    assert found.ambiguous == ()
    assert found.used == {"k2", "x1", "x2", "x3", "k1"}
    assert found.strangers == ("x3",)


def test_rows_of_one_word_wait_together() -> None:
    rows = [row("k2", first=2), row("k2", first=9), row("x1", first=4)]
    found = match_rows(rows, index_people(PEOPLE, "kurs"), {})
    assert [(each.word, each.rows) for each in found.ambiguous] == [("k2", (2, 9))]
    assert [(each.word, each.rows) for each in found.unmatched] == [("x1", (4,))]


def test_a_sheet_names_people_by_number_and_teaches_no_keys() -> None:
    known = index_by_number(PEOPLE)
    found = match_rows([row(ROSE), row(LATER, first=3), row("2026-0999", first=4)], known, {})
    assert found.known == {2: ROSE, 3: IVA}
    assert found.learnt == {}
    assert [each.rows for each in found.unmatched] == [(4,)]
    assert match_rows([row("x")], known, {"x": KIM}).known == {2: KIM}


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("Листов Ким", (KIM, TWIN, ROSE)),
        ("Бутонова Роза", ()),
        ("роза ЕЖИКОВА", ()),
        ("Незнакомцев Ян", ()),
    ],
    ids=["another's", "own", "former", "nobody's"],
)
def test_a_row_of_a_sheet_that_was_sorted_in_part_is_nobodys(
    name: str, candidates: tuple[str, ...]
) -> None:
    """Marks would go to whom the hidden number names, and the teacher saw another name."""
    found = match_rows([row(ROSE, name)], index_by_number(PEOPLE), {})
    assert found.known == ({} if candidates else {2: ROSE})
    assert [(set(each.candidates), each.reason) for each in found.ambiguous] == (
        [(set(candidates), "номер дела и имя указывают на разных людей")] if candidates else []
    )


def test_a_file_that_was_opened_twice_keeps_the_birth_day_of_either() -> None:
    known = index_people(PEOPLE, "kurs")
    assert known.births[IVA] == OTHER_DAY
    assert LATER not in known.births
    assert known.births[FIRST_ROUND] is None


# Answers in a file


def test_the_questions_stand_in_a_file_to_fill_in() -> None:
    rows = [
        OpenRow((2, 5), "k2", "ключ платформы стоит в нескольких карточках", (KIM, TWIN)),
        OpenRow((3,), "Роза: Бутонова", "совпало только имя", (ROSE,)),
    ]
    text = write_questions(rows)
    assert text == (
        "# строка 2: ключ платформы стоит в нескольких карточках; возможные ответы: "
        f"{KIM}, {TWIN}, пропустить\n"
        "k2: пропустить\n"
        f"# строка 3: совпало только имя; возможные ответы: {ROSE}, пропустить\n"
        '"Роза: Бутонова": пропустить\n'
    )
    assert read_answers(text.encode(), "answers.yaml").given == {
        "k2": "пропустить",
        "Роза: Бутонова": "пропустить",
    }
    assert write_questions([]) == ""


def test_a_key_longer_than_yaml_takes_is_cut() -> None:
    long = write_questions([OpenRow((2,), "k" * 999, "р")]).splitlines()[1]
    assert long == f"{'k' * 999}: пропустить"
    assert (
        write_questions([OpenRow((2,), "k" * 1000, "р")]).splitlines()[1]
        == f"{'k' * 900}: пропустить"
    )


def test_each_kind_of_answer_is_read_and_others_told_at_their_place() -> None:
    text = "k1: 2026-0001\nk2: ' пропустить '\n'3': новое дело\na/b~c: да\nk5: 2026-1\n"
    found = read_answers(text.encode(), "answers.yaml")
    assert found.given == {"k1": "2026-0001", "k2": "пропустить", "3": "новое дело"}
    assert [
        (each.message, each.where.path, each.where.line, each.where.column)
        for each in found.findings
    ] == [
        ("Это не ответ: «да»", "answers.yaml", 4, 8),
        ("Это не ответ: «2026-1»", "answers.yaml", 5, 5),
    ]
    (wrong,) = read_answers(b"- k1\n", "answers.yaml").findings
    assert (wrong.message, wrong.where.line, wrong.where.column) == ("Это не ответ: «файл»", 1, 1)
    (broken,) = read_answers(b"k1: a\nk1: b\n", "answers.yaml").findings
    assert broken.code.name == "YAML_DUPLICATE_KEY"
