"""The cases of names: never a wrong form, and a form for nearly everyone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import papka
from papka.records.name_cases import Part, accusative, dative, genitive
from papka.records.student import Name
from tests.records.names_declined import ACCUSATIVES, BY_CASES, entries

COMPANY = {  # settled words to stand beside the one that is judged
    "мужской": {"surname": "Тучкин", "given": "Прохор", "patronymic": "Ильич"},
    "женский": {"surname": "Ивушкина", "given": "Роза", "patronymic": "Ильинична"},
}
Judged = tuple[str, str, str, tuple[str, str] | None]
JUDGED: list[Judged] = [
    (part, sex, word, right)
    for (part, sex), text in BY_CASES.items()
    for word, right in entries(text)
]


def _answer(part: str, sex: str, word: str) -> tuple[str | None, str | None]:
    """The judged word in both cases, taken out of the whole name."""
    words = COMPANY[sex] | {part: word}
    name = Name(**words)
    if part == "given":
        name = Name(surname=words["surname"], given=word)
    at = {"surname": 0, "given": 1, "patronymic": 2}[part]
    both = genitive(name, sex), dative(name, sex)
    cut = [whole and whole.split(" ")[at] for whole in both]
    return cut[0], cut[1]


@pytest.mark.parametrize(("part", "sex"), list(BY_CASES))
def test_no_form_is_ever_wrong(part: Part, sex: str) -> None:
    for word, right in entries(BY_CASES[part, sex]):
        answer = _answer(part, sex, word)
        assert answer in ((None, None), right), (word, answer)


def test_all_but_a_few_settled_names_are_answered() -> None:
    settled = [(part, sex, word) for part, sex, word, right in JUDGED if right]
    silent = [word for part, sex, word in settled if _answer(part, sex, word) == (None, None)]
    assert len(settled) >= 300
    assert len(silent) <= 0.02 * len(settled), silent


def test_a_whole_name_in_both_cases() -> None:
    name = Name(surname="Ивушкина", given="Роза", patronymic="Платоновна")
    assert genitive(name, "женский") == "Ивушкиной Розы Платоновны"
    assert dative(name, "женский") == "Ивушкиной Розе Платоновне"


@pytest.mark.parametrize(("part", "sex"), list(ACCUSATIVES))
def test_an_order_names_whom_it_honours_in_the_accusative(part: Part, sex: str) -> None:
    for entry in ACCUSATIVES[part, sex].split(" · "):
        word, right = entry.rsplit(" ", 1)
        words = COMPANY[sex] | {part: word}
        name = Name(surname=words["surname"], given=words["given"])
        if part == "patronymic":
            name = Name(**words)
        told = accusative(name, sex)
        at = {"surname": 0, "given": 1, "patronymic": 2}[part]
        assert (told.split(" ")[at] if told else "?") == right, word


def test_the_accusative_is_not_told_where_the_record_holds_other_forms_than_ours() -> None:
    own = Name(surname="Сорока", given="Лев", dative="Сорока Льву")
    assert accusative(own, "мужской") is None
    same = Name(surname="Сорока", given="Лев", dative="Сороке Льву", genitive="Сороки Льва")
    assert accusative(same, "мужской") == "Сороку Льва"


def test_what_the_record_says_wins() -> None:
    name = Name(surname="Дюма", given="Лев", dative="Дюма Леву", genitive="Дюма Лева")
    assert (genitive(name, "мужской"), dative(name, None)) == ("Дюма Лева", "Дюма Леву")


def test_one_unsure_word_silences_the_whole_name() -> None:
    assert dative(Name(surname="Дюма", given="Лев"), "мужской") is None


def test_the_two_methods_must_agree() -> None:
    # the endings say «Захарии», the rules of the library «Захарие»
    assert dative(Name(given="Захария"), "мужской") is None


def test_the_patronymic_tells_the_sex_where_it_is_not_recorded() -> None:
    name = Name(surname="Ким", given="Прохор", patronymic="Ильич")
    assert dative(name, None) == "Киму Прохору Ильичу"


def test_nothing_is_said_of_an_unknown_or_contradictory_sex() -> None:
    assert dative(Name(surname="Ким", given="Прохор"), None) is None
    assert dative(Name(surname="Ким", given="Роза", patronymic="Ильинична"), "мужской") is None


def test_a_single_name_declines_too() -> None:
    assert dative(Name(given="Заря"), "женский") == "Заре"


@given(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.text("абвгдеёжийклмнопрстухцчшщьыэюяАБВ-' .", min_size=1, max_size=9),
    st.sampled_from(["мужской", "женский", None, ""]),
)
def test_any_text_gives_a_form_or_nothing(surname: str, first: str, sex: str | None) -> None:
    answer = dative(Name(surname=surname, given=first), sex)
    assert answer is None or len(answer) >= len(surname)


def test_the_library_is_loaded_only_for_a_name() -> None:
    asked = "import sys, papka.records.name_cases; sys.exit('pytrovich' in sys.modules)"
    papka_is_here = Path(papka.__file__).parents[1]
    subprocess.run([sys.executable, "-c", asked], check=True, cwd=papka_is_here)
