"""Every command, option, kind, field and form is understood by its Russian name too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import click
import pytest
from click.shell_completion import ShellComplete

from papka.cli import russian_names
from papka.cli.main import tree
from papka.cli.many import many_options
from papka.cli.russian_names import BilingualGroup
from papka.core.phrases import as_one_word, hyphenated
from papka.core.places import read_address
from papka.desk import new_records
from papka.desk.open_records import Desk
from papka.paper.form_list import names as form_names
from papka.records.schemas import shipped
from papka.records.strict_yaml import read
from tests.support.archives import PROJECT, lay_sample
from tests.support.command import papka
from tests.support.histories import git
from tests.support.school import STUDENT, Archive

RUSSIAN = re.compile(r"--?[а-яё][а-яё.-]*")


def commands() -> Iterator[tuple[tuple[str, ...], tuple[str, ...], click.Command]]:
    """English words, Russian words and the command, of all that a person may type."""
    context = click.Context(tree, info_name="papka")
    for name in tree.list_commands(context):
        command = tree.get_command(context, name)
        assert command is not None
        russian = tree.russian(name) if isinstance(tree, BilingualGroup) else ""
        yield (name,), (russian,), command
        if isinstance(command, BilingualGroup):
            for word, below in command.commands.items():
                if not below.hidden:
                    yield (name, word), (russian, command.russian(word)), below


def options(command: click.Command) -> list[click.Option]:
    context = click.Context(command)
    return [each for each in click.Command.get_params(command, context)
            if isinstance(each, click.Option)]  # fmt: skip


def is_russian(word: str) -> bool:
    return re.fullmatch(r"[а-яё-]+", word) is not None


def test_every_command_is_found_by_its_russian_name() -> None:
    for english, russian, command in commands():
        assert all(map(is_russian, russian)), english
        context: click.Context = click.Context(tree, info_name="papka")
        found: click.Command = tree
        for word in russian:
            assert isinstance(found, click.Group)
            inner = found.get_command(context, word.upper())
            assert inner is not None, russian
            found = inner
        assert found is command


def test_every_option_has_a_russian_name_that_sets_the_same() -> None:
    for english, _, command in commands():
        said: dict[str, str] = {}
        for option in options(command):
            for flags in filter(None, (option.opts, option.secondary_opts)):
                assert any(RUSSIAN.fullmatch(flag) for flag in flags), (english, flags)
            for flag in (*option.opts, *option.secondary_opts):
                assert said.setdefault(as_one_word(flag), str(option.name)) == option.name
        context = click.Context(command, token_normalize_func=as_one_word)
        parser = command.make_parser(context)
        for option in options(command):
            for flag in (*option.opts, *option.secondary_opts):
                words = [flag] if option.is_flag or option.is_eager else [flag, "x"]
                _, rest, order = parser.parse_args(list(words))
                assert (rest, order[0]) == ([], option), (english, flag)


def test_no_name_of_the_tables_is_left_over() -> None:
    spoken = {" ".join(english) for english, _, _ in commands()}
    assert set(russian_names.COMMANDS) == spoken
    flags = {
        name
        for english, _, command in commands()
        for each in options(command)
        for flag in (*each.opts, *each.secondary_opts)
        for name in (flag, f"{english[-1]} {flag}")
    }
    asked = {"--period", "--file", "--version"}
    asked |= {flag for each in many_options() for flag in each.opts}
    assert set(russian_names.OPTIONS) <= flags | asked
    assert set(russian_names.FORMS) == set(form_names())


def test_russian_names_are_told_apart() -> None:
    siblings: dict[tuple[str, ...], set[str]] = {}
    for english, russian, _ in commands():
        among = siblings.setdefault(english[:-1], set())
        assert as_one_word(russian[-1]) not in among, russian
        among.add(as_one_word(russian[-1]))
    assert not siblings[()] & set(russian_names.DOORS)
    assert len(set(russian_names.FORMS.values())) == len(russian_names.FORMS)
    assert len(set(new_records.KINDS.values())) == len(new_records.KINDS)


def test_help_shows_both_names() -> None:
    whole = papka("--справка").out
    for english, russian, command in commands():
        ran = papka(*russian, "--справка")
        assert ran.code == 0, ran.all
        assert f"papka {' '.join(russian)} " in ran.out
        if len(english) == 1:
            assert f"{english[0]}, {russian[0]} " in whole
        else:
            assert f"{english[1]}, {russian[1]} " in papka(english[0], "--help").out
        for option in options(command):
            assert ", ".join(option.opts) in ran.out


@pytest.mark.parametrize(
    ("words", "typed", "offered"),
    [
        ((), "пров", ("проверить",)),
        ((), "che", ("check",)),
        (("зеркало",), "с", ("сравнить",)),
        (("сегодня",), "--", ("--due", "--сроки", "--help", "--справка")),
        (("напечатать",), "лич", ("личное-дело",)),
        (("выдать",), "", ("certificate", "сертификат")),
        (("завести",), "пр", ("программа", "приказ")),
    ],
    ids=str,
)
def test_completion_offers_both(
    words: tuple[str, ...], typed: str, offered: tuple[str, ...]
) -> None:
    complete = ShellComplete(tree, {}, "papka", "_PAPKA_COMPLETE")
    found = {each.value for each in complete.get_completions(list(words), typed)}
    assert {*offered} <= found


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample school."""
    folder = lay_sample(tmp_path_factory.mktemp("sample"))
    git(folder, "init", "-q", "-b", "main")
    return folder


def test_every_kind_and_field_has_a_russian_name_of_its_own(sample: Path) -> None:
    """Every kind of entry and of new record, each field typed by its title."""
    kinds = Desk(sample, "2026-0007").kinds()
    titles = {word: hyphenated(kind.form.title) for word, kind in kinds.items()}
    assert len(set(titles.values())) == len(titles)
    typed: list[tuple[str, ...]] = [("внести", "2026-0007", title) for title in titles.values()]
    typed += [("завести", word) for word in new_records.KINDS.values()]
    for words in typed:
        ran = papka(*words, "--справка", "-C", sample)
        assert ran.code == 0, ran.all
        fields = ran.out.partition("Поля записи:")[2].partition("Ключи:")[0]
        rows = re.findall(r"(?m)^  (--.*?)(?:  | [А-Я]+$|$)", fields)
        assert rows
        names = [name for row in rows for name in row.split(" ДАТА")[0].split(", ")]
        assert len({*map(as_one_word, names)}) == len(names), words
        for row in rows:
            assert re.search(r"--[а-яё]", row), (words, row)


def test_titles_are_unique_within_every_shipped_form() -> None:
    forms = shipped().forms
    checked = 0
    for name in shipped().names:
        for form in (forms.of(name), *(each.form for each in forms.listings(name))):
            titles = [as_one_word(hyphenated(each.title)) for each in form.fields]
            assert len(set(titles)) == len(titles), form.title
            checked += len(titles)
    assert checked


def test_a_file_is_begun_and_an_entry_added_and_mended_in_russian_words(archive: Archive) -> None:
    ran = papka(
        "внести", "2026-0001", "уведомление", "--дата", "01.06.2026", "--о-чём", "успеваемость",
        "--как-сообщили", "телефон", "--кому", "р1", "--Подписывает", "С002", "--папка",
        archive.root,
    )  # fmt: skip
    assert ran.code == 0, ran.all
    notices = read(archive.read(f"{STUDENT}/notices.yaml").encode(), "").value["notices"]
    assert notices[-1]["told"] == "p1"
    ran = papka("исправить", "2026-0001№" + notices[-1]["id"], "как-сообщили=лично",
                "-C", archive.root)  # fmt: skip
    assert ran.code == 0, ran.all
    assert "channel: лично" in archive.read(f"{STUDENT}/notices.yaml")
    ran = papka("исправить", "2026-0001", "Фамилия=Лунная", "-C", archive.root)
    assert ran.code == 0, ran.all
    assert "surname: Лунная" in archive.read(f"{STUDENT}/student.yaml")
    ran = papka(
        "завести", "дело", "--фамилия", "Грушева", "--имя.имя", "Глаша",
        "--дата-рождения", "14.05.2012", "--только-показать", "-C", archive.root,
    )  # fmt: skip
    assert "birth_date: 2012-05-14" in ran.out


def test_a_door_of_one_purpose_ends_no_other_kind(archive: Archive) -> None:
    wrong = papka("отчислить", "2026-0001#l1", "--справка", "-C", archive.root)
    assert (wrong.code, "нужна запись «Зачисление»" in wrong.err) == (2, True), wrong.all
    ran = papka("отчислить", "2026-0001№е1", "--справка", "-C", archive.root)
    assert ran.code == 0, ran.all
    assert "--причина" in ran.out


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-0007№е1", "2026-0007#e1"),
        ("2026-0007 № К2", "2026-0007#k2"),
        ("2026-0007#а3", "2026-0007#a3"),
        ("2026-0007#с4", "2026-0007#c4"),
        ("2026-0007#р5", "2026-0007#p5"),
        ("2026-0007#н6", "2026-0007#h6"),
        ("2026-0007#r7", "2026-0007#r7"),
        ("2026-0007№е1/теория=болел", "2026-0007#e1/теория=болел"),
        ("с001", "s001"),
        ("2026-0007", "2026-0007"),
        ("С-2026-0001", "С-2026-0001"),
        ("Г-26-1", "Г-26-1"),
        ("к1", "к1"),
    ],
)
def test_a_russian_keyboard_is_forgiven_in_ids(typed: str, meant: str) -> None:
    assert read_address(typed) == meant


def test_what_is_no_command_gets_the_likely_russian_one() -> None:
    with patch.object(click.Command, "invoke", lambda _command, _context: None):
        ran = papka("проверит")
    assert (ran.code, "«проверить»" in ran.err) == (2, True)


def test_the_page_of_commands_tells_every_russian_name() -> None:
    page = (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")
    table = page.partition("## По-русски")[2].partition("\n## ")[0]
    rows = [re.findall("`([^`]+)`", line) for line in table.splitlines() if line[:3] == "| `"]
    told = {row[0]: row[1:] for row in rows}
    for name, russian in russian_names.COMMANDS.items():
        group, _, below = name.partition(" ")
        assert russian in (told[group][1:] if below else told[group][:1])
    assert all(door in table for door in russian_names.DOORS)
