"""Names are found in free words in every case that either method of declension knows."""

from __future__ import annotations

import unicodedata

import pytest

from papka.records.name_cases import Part, find_names
from papka.records.student import FormerName, Name, Person
from tests.records.names_declined import BY_CASES, entries

UNKNOWN = 0.01
"""So many of the settled forms may be missed: the rules and the grammar disagree on them."""


def person(sex: str | None = "женский", **names: str) -> Person:
    return Person(id="2026-0001", name=Name(**{"given": "Роза", **names}), sex=sex)  # type: ignore[arg-type]  # one of two


def test_settled_forms_are_found() -> None:
    missed, count = [], 0
    for (part, sex), text in BY_CASES.items():
        if part == "given":
            continue
        for word, right in entries(text):
            for form in right or ():
                count += 1
                if not find_names(form.capitalize(), [person(sex, **{part: word})]):
                    missed.append((word, form))
    assert count > 100
    assert len(missed) <= count * UNKNOWN, missed


@pytest.mark.parametrize(
    ("words", "names", "found"),
    [
        ("у Королевой", {"surname": "Королёва"}, ("Королевой",)),
        ("с Зарёю-Ивушкиной", {"surname": "Заря-Ивушкина"}, ("Ивушкиной",)),
        (unicodedata.normalize("NFD", "у Королёвой"), {"surname": "Королева"}, ("Королёвой",)),
        ("у Коpолевой", {"surname": "Королёва"}, ("Коpолевой",)),
        ("к Заре", {"surname": "Заря-Ивушкина"}, ("Заре",)),
        ("и он", {"surname": "И"}, ()),
        ("группа И", {"surname": "И"}, ("И",)),
        ("Розе", {"surname": "Ивушкина"}, ()),
        ("Розе", {}, ("Розе",)),
        ("О зачислении", {"surname": "О'Дрозд"}, ()),
        ("Дрозду", {"surname": "О'Дрозд"}, ()),
    ],
)
def test_what_counts_as_a_name(words: str, names: dict[Part, str], found: tuple[str, ...]) -> None:
    assert find_names(words, [person(**names)]) == found


def test_a_former_surname_and_one_of_unknown_sex_are_found() -> None:
    import datetime as dt

    former = FormerName(until=dt.date(2026, 1, 1), surname="Тучкина", given="Рита")
    known = Person(
        id="2026-0001", name=Name(given="Роза", surname="Ивушкин"), former_names=(former,)
    )
    assert find_names("Ивушкину, Тучкиной, Рите", [known]) == ("Ивушкину", "Тучкиной")
