"""What the program, its files and its pages tell a person to type, the program understands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from papka.cli.options import use_russian
from tests.support.archives import lay_sample
from tests.support.histories import git
from tests.support.said import (
    Said,
    in_backticks,
    in_fences,
    in_sentences,
    of_the_pages,
    of_the_program,
    texts_of,
    trouble,
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample school with a history: kinds of records come from its schemas."""
    folder = lay_sample(tmp_path_factory.mktemp("sample"))
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "all")
    return folder


@pytest.fixture(autouse=True)
def _in_the_sample_school(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_russian()
    monkeypatch.chdir(sample)


def troubles(all_said: Iterable[Said]) -> list[str]:
    found = [(str(said), trouble(said)) for said in all_said]
    assert len(found) > 1
    return [f"{said}\n    {why}" for said, why in found if why]


def test_every_command_that_a_page_names_is_understood() -> None:
    assert troubles(of_the_pages()) == []


def test_every_command_that_the_program_says_is_understood() -> None:
    assert troubles(of_the_program()) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Сделайте копию: papka bakcup --to ПАПКА", "Команды «bakcup» нет"),
        ("Новое зеркало: papka mirror add ИМЯ АДРЕС, затем другое", "--country"),
        ("papka restore ПАПКА-КОПИИ НОВАЯ-ПАПКА", "Лишний аргумент"),
        ("Исправьте запись: papka fix {address}", "ПОЛЕ=ЗНАЧЕНИЕ"),
        ("назовите при взятии: papka take {file} --layout КОД.", "--layout"),
        ("с ошибкой — papka issue --replace {number} --reason «…»", "--reason"),
        ("Поля: papka add НОМЕР exam --help", "Вида записи «exam» нет"),
        ("Часть: papka add НОМЕР result --prat техника", "--prat"),
    ],
)
def test_a_command_that_would_fail_is_found(text: str, why: str) -> None:
    (said,) = in_sentences(text, "here")
    assert why in trouble(said)
    (said,) = in_backticks(f"`{text[text.index('papka') :].partition(',')[0]}`", "page")
    assert trouble(said)


@pytest.mark.parametrize(
    "text",
    [
        "Добавьте зеркало (papka mirror add) и отправьте: papka mirror push; это быстро",
        "papka print … --html и papka print ФОРМА --all, без номера",
        'papka verify --anchor "…"; затем papka verify --since 0002',
        "Все дела: papka find.{may_be(student, known)}",
        "papka fix {found.address} mark=ОТМЕТКА — новой записью",
    ],
)
def test_a_sentence_around_a_command_is_no_part_of_it(text: str) -> None:
    found = list(in_sentences(text, "here"))
    assert len(found) == text.count("papka ")
    assert troubles([*found, *found]) == []


def test_a_line_of_a_fence_can_be_pasted() -> None:
    page = (
        "```\npapka check    всё ли записано верно\n```\n```sh\npapka check  # верно ли всё\n```\n"
    )
    wrong, right = in_fences(page, "page")
    assert "Лишние аргументы" in trouble(wrong)
    assert trouble(right) == ""


def test_a_text_is_read_as_the_program_joins_it(tmp_path: Path) -> None:
    source = '"""papka nothing"""\nSTEP = f"Дальше: papka {name} " "push" + f" {more}"\n'
    (tmp_path / "module.py").write_text(source, encoding="utf-8")
    assert list(texts_of(source)) == [(2, "Дальше: papka {name} push {more}")]
