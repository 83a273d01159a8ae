"""A school's own printed form: a template and a few lines of YAML in its archive."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from papka.core.snapshot import DictSnapshot
from papka.paper.form_list import titles
from papka.paper.own_forms import ADDRESSES, FOLDER, OwnForm, find_flaws, read_own_forms
from papka.records.archive import load_part
from papka.records.schemas import shipped
from tests.support.command import papka
from tests.support.school import Archive

HEAD = "s001"
ID = "2026-0001"
DESCRIPTION = "version: 1\ntitle: Пропуск\nfor: дело\n"
WALK = """{% macro walk(x) -%}
{% if x is mapping %}{% for key in x %}{{ key }}={{ walk(x[key]) }};{% endfor %}
{%- elif x is iterable and x is not string %}{% for each in x %}{{ walk(each) }};{% endfor %}
{%- else %}{{ x }}{% endif %}
{%- endmacro %}
{% extends "document.html.j2" %}
{% block body %}<pre>{{ walk(form.record) }}</pre>{% endblock %}
"""


def describe(archive: Archive, name: str, target: str, template: str) -> None:
    """Give the archive a form of its own, and save it."""
    archive.write(f"{FOLDER}{name}/form.yaml", DESCRIPTION.replace("дело", target))
    archive.write(f"{FOLDER}{name}/form.html.j2", template)
    assert archive.save(HEAD).commit is not None


def walk(value: object) -> str:
    if isinstance(value, dict):
        return "".join(f"{key}={walk(each)};" for key, each in value.items())
    if isinstance(value, list):
        return "".join(f"{walk(each)};" for each in value)
    return str(value)


def page(archive: Archive, *words: str) -> str:
    ran = papka("print", *words, "--html", "-C", archive.root)
    assert ran.code == 0, ran.all
    found = re.search(r"Готово: (.*\.html)", ran.out)
    assert found is not None
    return (archive.root / found[1]).read_text("utf-8")


def test_a_form_gets_what_show_prints_as_json(archive: Archive) -> None:
    for name, target, address, on in (
        ("whole", "дело", ID, ("--on", "2026-11-01")),
        ("study", "обучение", f"{ID}#e1", ()),
    ):
        describe(archive, name, target, WALK)
        found = re.search(r"<pre>(.*)</pre>", page(archive, name, address, *on), re.DOTALL)
        assert found is not None
        got = unescape(found[1])
        commit = re.search(r"commit=([0-9a-f]{40});", got)
        assert commit is not None
        shown = papka(
            "show", address, *on, "--rev", commit[1], "--format", "json", "-C", archive.root
        )
        assert got == walk(json.loads(shown.out)), name


def test_a_form_of_a_document_gets_its_entry_in_the_book(archive: Archive) -> None:
    describe(archive, "receipt", "номер документа", WALK)
    got = page(archive, "receipt", "У-2026-0001")
    shown = papka("show", "У-2026-0001", "--format", "json", "-C", archive.root)
    entry = json.loads(shown.out)["entry"]
    assert f"student={entry['student']};" in got


def test_a_form_is_listed_printed_and_made_anew_when_its_records_change(archive: Archive) -> None:
    describe(
        archive,
        "pass",
        "дело",
        '{% extends "document.html.j2" %}{% from "signature.html.j2" import signature_grid %}'
        "{% block body %}<h1>{{ form.record.card.birth_date|day }}</h1>"
        "{{ form.record.card.none_such|default('') }}{{ signature_grid(form.signature) }}"
        "{% endblock %}",
    )
    listed = papka("print", "-C", archive.root)
    assert re.search(r"^pass +Пропуск +номер дела +2026-0007$", listed.out, re.MULTILINE)
    needed = papka("print", "pass", "-C", archive.root)
    assert f"papka print pass {ID}" in needed.out
    assert re.search(r"<h1>\d\d\.\d\d\.\d{4}</h1>", page(archive, "pass", ID))
    first = papka("print", "pass", "--all", "-C", archive.root)
    assert first.code == 0, first.all
    assert (archive.root / "print" / f"pass-{ID}.pdf").read_bytes().startswith(b"%PDF-")
    again = papka("print", "pass", "--all", "-C", archive.root)
    assert "без изменений: 1" in again.out
    archive.edit(f"{FOLDER}pass/form.html.j2", "<h1>", "<h1>Дата: ")
    told = papka("print", "pass", ID, "-C", archive.root)
    assert f"Не сохранено и потому не напечатано: {FOLDER}pass/form.html.j2" in told.out
    assert archive.save(HEAD).commit is not None
    assert "Дата: " in page(archive, "pass", ID)


def test_who_is_not_there_and_what_is_not_in_use_is_told(archive: Archive) -> None:
    describe(archive, "pass", "дело", "{{ form.record.id }}")
    describe(archive, "study", "обучение", "{{ form.record.address }}")
    for words, said in (
        (("pass", "2026-0999"), "Дела 2026-0999 нет"),
        (("study", f"{ID}#e9"), f"Записи e9 в деле {ID} нет"),
        (("study", f"{ID}#e1", "--on", "2026-11-01"), "Ключ --on — для форм о деле целиком"),
        (("passs", ID), "Формы «passs» нет"),
    ):
        ran = papka("print", *words, "-C", archive.root)
        assert (ran.code, said in ran.err) == (3, True), ran.all
    text = archive.read("records/organization.yaml")
    archive.write("records/organization.yaml", f"{text.rstrip()}\nforms: [notice]\n")
    assert archive.save(HEAD).commit is not None
    ran = papka("print", "pass", ID, "-C", archive.root)
    assert "(«Пропуск») в этой организации не применяется" in ran.err


def test_a_mistake_in_a_template_is_told_with_its_line_and_where_the_names_are(
    archive: Archive,
) -> None:
    for wrong, said in (
        ("{{ form.record.card.nick }}", "у «набор полей» нет поля «nick»"),
        ("{{ record.id }}", "имя «record» не определено"),
        ("{{ form.record.id|day }}", f"«{ID}» — не дата, а действие day пишет только даты"),
    ):
        describe(archive, "pass", "дело", f"<p>\n{wrong}")
        ran = papka("print", "pass", ID, "-C", archive.root)
        assert ran.code == 3
        assert f"Шаблон {FOLDER}pass/form.html.j2:2 не заполняется: {said}" in ran.err
        assert "papka show НОМЕР --format json" in ran.err


def test_a_wrong_description_is_not_saved_and_spoils_no_other_form(archive: Archive) -> None:
    describe(archive, "pass", "дело", "{{ form.record.id }}")
    archive.edit(f"{FOLDER}pass/form.yaml", "version: 1", "version: 2")
    ran = papka("save", "--as", HEAD, "-C", archive.root)
    assert ran.code == 1
    assert f"{FOLDER}pass/form.yaml:1" in ran.out
    assert "версия «2» этой программе неизвестна, она знает 1" in ran.out


def read_one(name: str, description: str | None, *files: str) -> OwnForm | str:
    """Read one form; what is wrong with it as `papka print` says it."""
    texts = {f"{FOLDER}{name}/form.yaml": description} if description is not None else {}
    texts |= dict.fromkeys((f"{FOLDER}{name}/{file}" for file in files), "x")
    templates = DictSnapshot({path: text.encode() for path, text in texts.items()})
    forms, flaws = read_own_forms(templates, titles())
    assert [*forms, *flaws] == [name]
    if name in forms:
        return forms[name]
    path, line, reason = flaws[name]
    assert path == f"{FOLDER}{name}/form.yaml"
    assert find_flaws(templates) == [(path, line, reason)]
    return f"{line}: {reason}"


@pytest.mark.parametrize(
    ("name", "description", "said"),
    [
        ("pass", None, "0: такого файла нет, а без него неизвестно, что это за форма"),
        ("Pass", DESCRIPTION, "0: имя папки — это имя формы"),
        ("notice", DESCRIPTION, "0: форма «notice» уже есть в программе"),
        ("personal-file", DESCRIPTION, "0: форма «personal-file» уже есть в программе"),
        ("pass", "", "1: "),
        ("pass", "[version, title]", "1: здесь нужны строки version, title и for"),
        ("pass", "version: 1\ntitle: [", "3: Скобка открыта"),
        ("pass", "version: 1\nversion: 1\ntitle: Пропуск\nfor: дело\n", "2: "),
        ("pass", "title: Пропуск\nfor: дело\n", "1: нет строки «version»"),
        ("pass", "version: 1\ntitle: Пропуск\n", "1: нет строки «for»"),
        ("pass", f"{DESCRIPTION}size: A5\n", "4: строка «size» здесь не нужна"),
        ("pass", DESCRIPTION.replace("1", "2"), "1: версия «2» этой программе неизвестна"),
        ("pass", DESCRIPTION.replace("1", "true"), "1: версия «True» этой программе неизвестна"),
        ("pass", DESCRIPTION.replace("1", "'1'"), "1: версия «1» этой программе неизвестна"),
        ("pass", DESCRIPTION.replace("Пропуск", "''"), "2: здесь нужно название формы"),
        ("pass", DESCRIPTION.replace("Пропуск", "7"), "2: здесь нужно название формы"),
        ("pass", DESCRIPTION.replace("дело", "класс"), "3: форма бывает для чего-то одного: дело"),
        ("pass", DESCRIPTION.replace("дело", "[дело]"), "3: форма бывает для чего-то одного"),
    ],
)
def test_a_wrong_description_is_told_with_its_line(
    name: str, description: str | None, said: str
) -> None:
    found = read_one(name, description, "form.html.j2")
    assert isinstance(found, str)
    assert found.startswith(said)


def test_a_description_without_a_template_says_which_file_is_missing() -> None:
    found = read_one("pass", DESCRIPTION, "pass.html.j2")
    assert found == "0: рядом нет шаблона form.html.j2"
    assert read_one("pass", DESCRIPTION, "form.html.j2") == OwnForm("Пропуск", "дело")


def test_an_entry_without_a_number_has_no_address_to_print() -> None:
    told = (
        "consents:\n{}  - purpose: photo\n    edition: 1\n    date: 2026-09-01\n    signed_by: p1\n"
    )
    consents = told.format(
        "  - id: c1\n    purpose: x\n    edition: 1\n    date: 2026-09-01\n    signed_by: p1\n"
    )
    files = [(f"records/students/2026/{ID}/consents.yaml", consents.encode())]
    archive = load_part(files, shipped())
    assert [each.id for each in archive.students[ID].consents] == ["c1", None]
    assert [*ADDRESSES["согласие"](archive)] == [f"{ID}#c1"]
