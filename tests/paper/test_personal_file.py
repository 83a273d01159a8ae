"""`papka print personal-file`: what is on the paper and inside the PDF."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pypdf
import pytest

from papka.core.errors import NotFound, PapkaError
from papka.core.snapshot import DictSnapshot, Overlay, Snapshot
from papka.paper import html
from papka.paper.html import TemplateBroken, compile_all, render
from papka.paper.pdf import PrintFailed
from tests.conftest import PROJECT
from tests.paper.conftest import Paper, printed
from tests.paper.invented_school import AGLAYA, archive, sources
from tests.paper.sheet_counting import archival_faults, counted, squeezed, tool

SNAPSHOTS = Path(__file__).parent / "snapshots"


def root_of(paper: Paper) -> Any:  # noqa: ANN401 - pypdf types every object alike
    """The PDF's catalogue, read by keys."""
    return pypdf.PdfReader(paper.path).trailer["/Root"]


@cache
def text_at(path: Path) -> str:
    """Words in reading order, hyphenation and no-break spaces undone."""
    raw = tool("pdftotext", "-raw", path, "-")
    return re.sub(r"\s+", " ", re.sub(r"(?<=\w)-\n(?=\w)", "", raw))


def facts() -> list[str]:
    person = AGLAYA.person
    assert person
    values = [person.name.full, person.phone, person.email, person.address, "14.05.2011"]
    values += ["Абрикосова (по 01.03.2026)", "Лунная Дарья Львовна", "Курс.Онлайн: 0048213"]
    values += ["«Гитара с нуля»", "группа Г-26-1", "приказ № 1-к от 14.01.2026"]
    values += ["5 (пять)", "2 (два)", "48 из 100", "71,5 из 100", "87 из 100", "не аттестован"]
    values += ["не зачтено", "Глинкина В. И.", "Впервые выступала без подсказки."]
    values += ["Мне стало легче держать ритм, но барре пока трудное.", "самооценка"]
    values += ["исправление записи 4: Описка при вводе, ведомость от 14.09.2026"]
    values += ["грамота. За исполнение этюда на весеннем концерте", "п. 3.2"]
    values += ["зачесть частично", "Музыкальная грамота: отлично", "отозвано 02.11.2026"]
    values += ["Шкаф 1, полка 2", "Инспектор Ковылин 17.02.2026", "Чайкин Б. Б. — 03.04.2026"]
    values += [document.title for document in AGLAYA.documents]
    values += ["руководителем не утверждено", "утверждено 15.06.2026"]
    return [value for value in values if value]


@pytest.mark.parametrize("fact", facts())
def test_every_fact_of_the_records_is_on_paper(ordinary: Paper, fact: str) -> None:
    """R-5.2, R-2.2.3"""
    assert squeezed(fact) in squeezed(text_at(ordinary.path))


def test_target_orientations_are_never_printed(ordinary: Paper) -> None:
    """R-4.1"""
    assert "Проявляет интерес" not in text_at(ordinary.path)


def test_words_of_the_file_are_those_reviewed(ordinary: Paper, pytestconfig: pytest.Config) -> None:
    """A change of wording or order has to be looked at: --update-snapshots accepts it."""
    found = tool("pdftotext", "-raw", ordinary.path, "-")
    expected = SNAPSHOTS / "personal-file.txt"
    if pytestconfig.getoption("--update-snapshots"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(found, "utf-8")
    assert squeezed(found) == squeezed(expected.read_text("utf-8"))


@pytest.mark.parametrize("which", ["ordinary", "large", "hostile", "endless"])
def test_pdf_is_sound_and_has_only_the_bundled_fonts(
    which: str, request: pytest.FixtureRequest
) -> None:
    paper: Paper = request.getfixturevalue(which)
    tool("qpdf", "--check", paper.path)
    lines = tool("pdffonts", paper.path).splitlines()[2:]
    assert lines
    for line in lines:
        assert re.match(r"[A-Z]{6}\+Papka-PT-(Serif|Sans)", line), line
        assert re.search(r"\byes yes yes\b", line), line
    assert archival_faults(paper.path) == []


def test_tables_repeat_their_heading_on_every_sheet(large: Paper) -> None:
    pages = [page.extract_text() for page in pypdf.PdfReader(large.path).pages]
    with_marks = [page for page in pages if "Глинкина" in page]
    assert len(with_marks) > 2
    assert all("Вид контроля" in page for page in with_marks)


def test_sources_lie_inside_and_the_salt_does_not(ordinary: Paper, tmp_path: Path) -> None:
    tool("pdfdetach", "-saveall", "-o", tmp_path, ordinary.path)
    expected = {
        path.removeprefix(f"{AGLAYA.folder}/").replace("/", "-"): data
        for path, data in sources(AGLAYA).items()
        if path.endswith(".yaml")
    }
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == expected
    catalog = root_of(ordinary)
    listed = [item.get_object() for item in catalog["/AF"]]
    assert len(listed) == len(expected)
    assert {item["/AFRelationship"] for item in listed} == {"/Source"}


def test_pdf_declares_archival_form_language_and_tags(ordinary: Paper) -> None:
    catalog = root_of(ordinary)
    assert catalog["/Lang"] == "ru"
    assert catalog["/MarkInfo"]["/Marked"]
    metadata = catalog["/Metadata"].get_data().decode()
    assert re.search(r"part[^0-9]+3\b", metadata)
    assert re.search(r"conformance[^A-Z]+A\b", metadata)
    assert catalog["/OutputIntents"]
    outline: Any = pypdf.PdfReader(ordinary.path).outline
    assert [item["/Title"] for item in outline if not isinstance(item, list)] == [
        "Обложка",
        "Внутренняя опись",
        "Личная карточка обучающегося",
        "Ведомость результатов: 1 полугодие 2026 года",
        "Ведомость результатов: 2 полугодие 2026 года",
        "Сводная ведомость освоения программ",
        "Лист-заверитель",
        "Наклейка на узел прошивки",
    ]
    inner = [
        [item["/Title"].replace("\u00a0", " ") for item in items]
        for items in outline
        if isinstance(items, list)
    ]
    assert inner[-1] == [
        "Уровень освоения программы «Гитара с нуля»",
        "Планируемые и достигнутые результаты программы «Гитара с нуля»",
        "Динамика собственных результатов",
        "Зачёт результатов других организаций",
        "Академические задолженности",
        "Поощрения",
        "Извещения об успеваемости",
    ]


def test_charts_speak_to_a_screen_reader(ordinary: Paper) -> None:
    reader: Any = pypdf.PdfReader(ordinary.path)
    texts = [
        item["/Alt"]
        for number in range(1, len(reader.xref_objStm) + 1)
        if isinstance(item := reader.get_object(number), dict) and item.get("/S") == "/Figure"
    ]
    assert len(texts) == 3
    assert any("6 оценок: первая 3" in text.replace("\u00a0", " ") for text in texts)


def test_same_bytes_in_another_zone_folder_and_language(ordinary: Paper, tmp_path: Path) -> None:
    script = (
        "import sys; from tests.paper.conftest import forms, printed; "
        "from tests.paper.invented_school import AGLAYA; "
        "sys.stdout.buffer.write(printed(AGLAYA, forms()).data)"
    )
    environment = {
        **os.environ,
        "TZ": "Asia/Kamchatka",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": os.pathsep.join([str(PROJECT / "tools"), str(PROJECT)]),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, check=True,
        capture_output=True,
    )  # fmt: skip
    assert done.stdout == ordinary.printed.data


def test_hostile_words_are_only_words(hostile: Paper) -> None:
    """Nothing is fetched (a fetch would stop the print), run or turned round."""
    text = squeezed(text_at(hostile.path))
    assert squeezed('<b>Жир</b> "><img src="file:///etc/passwd">') in text
    assert squeezed("{{ 7*7 }}") in text
    assert squeezed("[U+202E][U+0642]") in text
    assert squeezed("[U+1F600]") in text
    assert "root:" not in text
    assert b"/JavaScript" not in hostile.printed.data


def test_unsaved_records_are_stamped_on_every_sheet(hostile: Paper) -> None:
    """R-5.6"""
    pages = [page.extract_text() for page in pypdf.PdfReader(hostile.path).pages]
    assert all("НЕ СОХРАНЕНО" in page for page in pages)


@pytest.mark.parametrize("which", ["hostile", "endless"])
def test_nothing_is_wider_than_the_paper(which: str, request: pytest.FixtureRequest) -> None:
    """Words without a place to break are broken: none ends beyond the margin."""
    paper: Paper = request.getfixturevalue(which)
    boxes = tool("pdftotext", "-bbox", paper.path, "-")
    ends = [float(x) for x in re.findall(r'<word [^>]*xMax="([\d.]+)"', boxes)]
    assert max(ends) <= 595.28 - 15 / 25.4 * 72 + 1


def test_a_word_without_end_is_whole_on_paper_and_no_table_loses_a_column(endless: Paper) -> None:
    text = squeezed(text_at(endless.path))
    assert text.count("Ъ") >= 3 * 10_000 + 7 * 1_500
    for column in ("Законные представители", "Поощрение, за что", "Как", "Решение", "Примечание"):
        assert squeezed(column) in text
    for after in ("Л. Лунная", "приказ № 7-п", "зачесть частично", "Глинкина В. И."):
        assert squeezed(after) in text, after
    assert squeezed("[U+1F600]") in text
    sheets = counted(endless.path)
    assert sheets.said[0] == len(sheets.numbers) + 5


def test_an_unknown_student_is_answered_with_the_nearest(templates: Snapshot) -> None:
    from papka.paper.personal_file_layout import print_personal_file
    from tests.paper.conftest import MOMENT

    with pytest.raises(NotFound) as caught:
        print_personal_file(
            archive(AGLAYA), DictSnapshot({}), "2026-007",
            templates=templates, as_of=MOMENT, commit=None,
        )  # fmt: skip
    assert "2026-007" in caught.value.message
    assert "2026-0007" in caught.value.next_step


@pytest.mark.parametrize(
    ("path", "text", "line", "word"),
    [
        ("numbered.html.j2", "<p>\n{{ file.nonsense }}", 2, "nonsense"),
        ("numbered.html.j2", "<p>\n\n{% if %}", 3, "нет выражения"),
        ("numbered.html.j2", "{{ ''.__class__.__mro__ }}", 1, "__class__"),
        ("card.html.j2", "\n{{ nobody }}", 2, "nobody"),
    ],
)
def test_a_broken_template_is_named_with_its_line(
    templates: Snapshot, path: str, text: str, line: int, word: str
) -> None:
    path = f"templates/personal-file/{path}"
    with pytest.raises(TemplateBroken) as caught:
        printed(AGLAYA, Overlay(templates, {path: text.encode()}))
    assert f"{path}:{line}" in caught.value.message
    assert word in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ 1/0 }}", "деление на ноль"),
        ('{{ 5 + "a" }}', "слева «целое число», справа «текст»"),
        ("{{ file() }}", "«Chapters» нельзя вызвать"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "вызывает сам себя"),
        ("{% for a in [1] %}" * 30 + "{% endfor %}" * 30, "вложенных разделов"),
        ("{{ nope }}", "имя «nope» не определено"),
        ("{{ file.nope }}", "у «Chapters» нет поля «nope»"),
        ("{% nope %}", "неизвестный тег «nope»"),
        ('{{ "a"|nope }}', "действия «nope»"),
        ('{% include "../../x" %}', "включает «../../x», а такого шаблона в templates/ нет"),
    ],
)
def test_a_template_that_fails_in_any_way_is_told_in_russian(
    templates: Snapshot, text: str, said: str
) -> None:
    path = "templates/personal-file/numbered.html.j2"
    with pytest.raises(TemplateBroken) as caught:
        printed(AGLAYA, Overlay(templates, {path: text.encode()}))
    assert said in caught.value.message
    assert path in caught.value.message
    assert f"исправьте {path} и сохраните: papka save" in caught.value.next_step


@pytest.mark.parametrize(
    "text",
    [
        '{{ "a" * 10**10 }}',
        "{{ [0] * 10**10 }}",
        "{{ (99**99)**99**99 }}",
        "{{ range(10**9)|list }}",
        '{{ "%9999999999d" % 1 }}',
        '{{ "{:9999999999}".format(1) }}',
        '{{ "a".center(10**10) }}',
        '{{ "a"|center(10**10) }}',
        '{{ range(99999)|join("a" * 99999) }}',
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(99) }}",
        "{% set n = namespace(a='a') %}{% for i in range(99) %}{% set n.a = n.a~n.a %}{% endfor %}",
        (
            "{% set n = namespace(a='a') %}{% for i in range(99) %}"
            "{% set n.a %}{{ n.a }}{{ n.a }}{% endset %}{% endfor %}"
        ),
        "{% for a in range(99999) %}" + "a" * 999 + "{% endfor %}",
        "{% for a in range(99999) %}{{ range(99999)|sum }}{% endfor %}",
        "{% for a in range(99999) %}{{ range(99999)|map('abs')|sum }}{% endfor %}",
        "{% for a in range(99999) %}{% set b = [0] * 999999 %}{% endfor %}",
        (
            "{% for a in range(9999) recursive %}{% if loop.depth < 9 %}"
            "{{ loop(range(9999)) }}{% endif %}{% endfor %}"
        ),
    ],
)
def test_a_template_without_end_is_stopped(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "_WORK", 300_000)
    templates = DictSnapshot({"templates/own.j2": text.encode()})
    with pytest.raises(TemplateBroken, match=r"templates/own\.j2"):
        render(templates, "own.j2", {})


def test_loops_and_joined_words_work_as_ever() -> None:
    text = (
        "{% for x in [1, 2] %}{{ loop.index }}/{{ loop.length }}{{ ', ' if not loop.last }}"
        "{% else %}нет{% endfor %} {{ 'a' ~ 1 ~ file.b }} {{ ['<', 'b']|join('; ') }}"
    )
    templates = DictSnapshot({"templates/own.j2": text.encode()})
    assert render(templates, "own.j2", {"file": {"b": "<"}}) == "1/2, 2/2 a1&lt; &lt;; b"


def test_forms_that_cannot_work_are_known_before_they_are_saved(templates: Snapshot) -> None:
    folder = "templates/personal-file"
    assert compile_all(templates) == []
    broken = {
        f"{folder}/card.html.j2": b"<p>\n{% if %}",
        f"{folder}/cover.html.j2": b'<p>\n\n{% include "../../x" %}',
        f"{folder}/frame.html.j2": b"\xff",
        f"{folder}/head.html.j2": b'{% include "none" ignore missing %}{{ 1/0 }}',
        "templates/paper.css": b"p {}\n\xff",
    }
    found = compile_all(Overlay(templates, broken))
    assert found == [
        (f"{folder}/card.html.j2", 2, "нет выражения: сразу конец «%}»"),
        (f"{folder}/cover.html.j2", 3, "включает «../../x», а такого шаблона в templates/ нет"),
        (f"{folder}/frame.html.j2", 1, "файл не в UTF-8"),
        ("templates/paper.css", 2, "файл не в UTF-8"),
    ]


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("paper.css", None, "templates/paper.css: такого файла нет"),
        ("paper.css", b"p {}\n\xff", "templates/paper.css:2: файл не в UTF-8"),
        ("paper.css", b"p {\nfoo:bar }", "paper.css:2: «foo:bar»: такого свойства нет"),
        ("paper.css", b"\n\np { color:nope }", "paper.css:3: «color:nope»: такого значения"),
        ("paper.css", b"@import 'papka:no.css';", "нужен файл templates/no.css, а его нет"),
        ("fonts/PTF55F.ttf", b"font", "templates/fonts/PTF55F.ttf: это не шрифт"),
    ],
)
def test_a_wrong_style_is_told_in_russian_with_its_line(
    templates: Snapshot, path: str, data: bytes | None, said: str
) -> None:
    with pytest.raises(PrintFailed) as caught:
        printed(AGLAYA, Overlay(templates, {f"templates/{path}": data}))
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("data", "said"), [(None, "paper.css не заполняется: такого"), (b"\n\xff", "paper.css:2 не")]
)
def test_a_browser_page_without_its_style_is_refused(
    templates: Snapshot, data: bytes | None, said: str
) -> None:
    with pytest.raises(TemplateBroken, match=said):
        printed(AGLAYA, Overlay(templates, {"templates/paper.css": data}), html=True)


def test_a_missing_template_is_named(templates: Snapshot) -> None:
    path = "templates/personal-file/cover.html.j2"
    with pytest.raises(TemplateBroken, match="cover"):
        printed(AGLAYA, Overlay(templates, {path: None}))


@pytest.mark.parametrize(
    "asked",
    [
        '<img src="file:///etc/passwd" alt="">',
        '<img src="https://example.invalid/a.png" alt="">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<link rel="stylesheet" href="papka:missing.css">',
        '<object data="file:///etc/passwd"></object>',
        "<style>@import url(file:///etc/passwd);</style>",
        '<p style="background: url(https://example.invalid/a)">1</p>',
        '<p style="colour: red">1</p>',
    ],
)
def test_a_template_that_asks_for_more_is_refused(templates: Snapshot, asked: str) -> None:
    path = "templates/personal-file/cover.html.j2"
    page = asked.encode() + templates.read(path)
    with pytest.raises(PrintFailed):
        printed(AGLAYA, Overlay(templates, {path: page}))


def test_a_style_sheet_that_is_not_there_is_refused(templates: Snapshot) -> None:
    with pytest.raises(PapkaError):
        printed(AGLAYA, Overlay(templates, {"templates/paper.css": None}))


def test_a_browser_gets_one_file_with_everything_in_it(templates: Snapshot) -> None:
    page = printed(AGLAYA, templates, html=True)
    text = page.data.decode()
    assert (page.kind, page.pages, page.name) == ("html", 0, "personal-file-2026-0007.html")
    assert "papka:" not in text
    assert set(re.findall(r'(?:src|href|url\()\s*[=(]?"?([a-z]+):', text)) <= {"data"}
    assert text.count("data:font/ttf;base64,") == 6


def test_weasyprint_is_not_imported_before_a_page_is_laid_out() -> None:
    script = (
        "import sys, papka.paper.personal_file_layout; "
        "sys.exit(any(m.startswith(('weasyprint', 'fontTools')) for m in sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "tools")}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="the loader of Linux finds libraries itself")
def test_a_compiler_planted_on_the_path_is_not_run_to_find_pango(tmp_path: Path) -> None:
    for name in ("gcc", "cc", "ld", "ldconfig"):
        planted = tmp_path / name
        planted.write_text(f"#!/bin/sh\ntouch '{tmp_path}/run'\n")
        planted.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(PROJECT / "tools"),
    }
    script = "import papka.paper.pdf as pdf; print(pdf.lay_out('<p>слово', (), {}).pages)"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, capture_output=True
    )
    assert done.stdout == b"1\n"
    assert not (tmp_path / "run").exists()


def test_missing_pango_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text(
        "print('advice in English')\nraise OSError('cannot load library libpango-1.0-0')"
    )
    script = (
        "from papka.core.errors import PangoMissing\n"
        "try:\n    import papka.paper.pdf\n"
        "except PangoMissing as e:\n    print(e.message, e.exit_code)"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(PROJECT / "tools")]),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, capture_output=True
    )
    said = done.stdout.decode()
    assert said.startswith("Не найдена библиотека Pango")
    assert said.strip().endswith(" 3")
