"""What a template may do and where it is stopped, at the very edge."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from papka.core.snapshot import DictSnapshot
from papka.paper import html, pdf
from papka.paper.html import (
    SCHEME,
    TemplateBroken,
    assets,
    parts_of,
    render,
    standalone,
    take_parts,
)

LONG = "текст или список получается слишком длинным"
WORK = "шаблон работает слишком долго: нет ли в нём повторов без конца?"
NUMBER = "число получается слишком большим"


def filled(text: str, **context: object) -> str:
    return render(DictSnapshot({"templates/own.j2": text.encode()}), "own.j2", context)


def stopped(text: str, **context: object) -> str:
    with pytest.raises(TemplateBroken) as told:
        filled(text, **context)
    assert (told.value.path, told.value.line) == ("templates/own.j2", 1)
    return told.value.reason


@pytest.mark.parametrize(
    ("allowed", "refused", "reason"),
    [
        ('{{ ("a" * 1000000)|length }}', '{{ ("a" * 1000001)|length }}', LONG),
        ('{{ (1000000 * "a")|length }}', '{{ (1000001 * "a")|length }}', LONG),
        (
            '{{ ("a" * 500000 + "b" * 500000)|length }}',
            '{{ ("a" * 500000 + "b" * 500001)|length }}',
            LONG,
        ),
        (
            '{{ ("a" * 500000 ~ "b" * 500000)|length }}',
            '{{ ("a" * 500000 ~ "b" * 500001)|length }}',
            LONG,
        ),
        (
            '{{ (range(1000)|join("a" * 997))|length > 0 }}',
            '{{ (range(1000)|join("a" * 1001))|length > 0 }}',
            LONG,
        ),
        ("{{ (2 ** 5000) > 1 }}", "{{ (2 ** 5001) > 1 }}", NUMBER),
        ("{{ ((2 ** 4000) * (2 ** 4000)) > 1 }}", "{{ ((2 ** 4999) * (2 ** 5000)) > 1 }}", NUMBER),
        ("{{ 7 % 4 }}", '{{ "%s" % 4 }}', "знак % для текстов в шаблонах не работает"),
    ],
)
def test_what_is_built_has_an_end_and_reaches_it(allowed: str, refused: str, reason: str) -> None:
    assert filled(allowed)
    assert stopped(refused) == reason


def test_turns_and_calls_are_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """One for the template, for a call (a loop is one), for a turn, for a hundred signs."""
    loop, call = "{% for x in items %}{% endfor %}", "{{ f() }}{{ f() }}"
    for text, cost, context in (
        (loop, 1 + 1 + 10, {"items": range(10)}),
        (call, 1 + 2, {"f": lambda: ""}),
        ("{{ a + 1 }}{{ a * 2 }}", 1 + 2, {"a": 1}),
        ("{{ a ~ a }}", 1 + 1, {"a": 1}),
        ("{{ a ~ a }}", 1 + 1 + 2, {"a": "x" * 100}),
        ("{% set b %}{{ a }}{% endset %}", 1 + 3, {"a": "x" * 300}),
    ):
        monkeypatch.setattr(html, "_WORK", cost)
        filled(text, **context)
        monkeypatch.setattr(html, "_WORK", cost - 1)
        assert stopped(text, **context) == WORK, text


def test_a_render_begins_with_a_whole_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "_WORK", 12)
    for _ in range(3):
        assert filled("{% for x in items %}1{% endfor %}", items=range(10)) == "1" * 10


def test_a_page_may_be_so_long_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "_PAGE", 10)
    assert filled("{{ a }}{{ a }}", a="12345") == "1234512345"
    with pytest.raises(TemplateBroken, match="страница получается слишком длинной"):
        filled("{{ a }}{{ a }}1", a="12345")


@pytest.mark.parametrize(
    "text",
    [
        '{{ "a".format() }}', '{{ "a".center(9) }}', '{{ "a".join(["b"]) }}',
        '{{ "a".replace("a", "b") }}', "{{ [1].append(2) }}", "{{ {}.update(a=1) }}",
        '{{ "a".zfill(9) }}', "{{ f.__globals__ }}", '{{ "a"|replace("a", "b") }}',
        "{{ lipsum() }}",
        "{{ ''.__class__ }}", "{{ none_such }}", "{{ a.none_such }}",
    ],
)  # fmt: skip
def test_nothing_else_of_a_value_is_reached(text: str) -> None:
    def f() -> str:
        return ""

    with pytest.raises(TemplateBroken):
        filled(text, f=f, a="a")


def test_ordinary_methods_and_filters_work() -> None:
    assert filled('{{ "Аб".upper() }}{{ "аб"|title }}{{ {"a": 1}.items()|list|length }}') == "АБАб1"
    assert filled('{{ [1, 2]|join("; ") }}{{ [{"k": 3}]|join(attribute="k") }}') == "1; 23"
    assert filled("{{ a }}", a="<b>") == "&lt;b&gt;"
    assert filled("  {% if true %}\nда\n  {% endif %}\n") == "да\n"


def test_values_of_a_view_may_be_called_by_a_template() -> None:
    called: Callable[[], str] = lambda: "да"  # noqa: E731 - a value of a view
    assert filled("{{ f() }}", f=called) == "да"


@pytest.mark.parametrize("module", [html, pdf])
def test_no_private_part_of_a_library_is_replaced(module: ModuleType) -> None:
    """What a library keeps to itself changes from version to version without a word."""
    values = [value for value in vars(module).values() if isinstance(value, type)]
    ours = [value for value in values if value.__module__ == module.__name__]
    assert ours
    for one in ours:
        theirs = {name for base in one.__mro__[1:] for name in vars(base)}
        hidden = {name for name in vars(one) if name.startswith("_") and not name.startswith("__")}
        assert theirs & hidden == set(), one
    assert not [value for value in values if value.__module__ == "jinja2.compiler"]


# one file for a browser


def test_styles_fonts_and_pictures_get_into_one_file() -> None:
    files = {
        f"{SCHEME}a.css": b'@font-face { src: url("papka:fonts/F.ttf") }',
        f"{SCHEME}b.css": b"p {}",
        f"{SCHEME}fonts/F.ttf": b"font",
        f"{SCHEME}other.css": b"b {}",
    }
    images = {f"{SCHEME}1.jpg": b"jpeg", f"{SCHEME}2.png": b"png"}
    page = '<head></head><img src="papka:1.jpg"><img src="papka:2.png"></head>'
    assert standalone(page, (f"{SCHEME}a.css", f"{SCHEME}b.css"), files, images) == (
        '<head><style>\n@font-face { src: url("data:font/ttf;base64,Zm9udA==") }\np {}</style>\n'
        '</head><img src="data:image/jpeg;base64,anBlZw=="><img src="data:image/png;base64,cG5n">'
        "</head>"
    )
    assert standalone("<head></head>", (), files) == "<head><style>\n</style>\n</head>"


def test_a_style_that_is_not_there_or_no_text_is_named_with_its_line() -> None:
    for files, line, reason in (
        ({}, 0, "такого файла нет"),
        ({f"{SCHEME}a.css": b"p {}\n\n\xff"}, 3, "файл не в UTF-8"),
    ):
        with pytest.raises(TemplateBroken) as told:
            standalone("", (f"{SCHEME}a.css",), files)
        assert (told.value.path, told.value.line) == ("templates/a.css", line)
        assert told.value.reason == reason


# what a form rests on


def test_a_form_rests_on_its_folder_the_fonts_and_what_these_name() -> None:
    templates = DictSnapshot(
        {
            "templates/own/own.html.j2": b"{% include 'shared.html.j2' %}{% include \"none.j2\" %}",
            "templates/own/own.css": b"@import url(papka:extra.css);",
            "templates/shared.html.j2": b'{% extends "base/deep.html.j2" %}',
            "templates/base/deep.html.j2": b"{% include 'shared.html.j2' %}",
            "templates/extra.css": b"",
            "templates/paper.css": b"",
            "templates/other/other.html.j2": b"{% include 'unused.j2' %}",
            "templates/owner/x.j2": b"",
            "templates/fonts/F.ttf": b"",
            "templates/readme.txt": b"'named.css'",
            "records/x.css": b"",
        }
    )
    parts = parts_of(templates, "own")
    assert parts == (
        "templates/base/deep.html.j2",
        "templates/document.css",
        "templates/extra.css",
        "templates/fonts",
        "templates/none.j2",
        "templates/own",
        "templates/paper.css",
        "templates/shared.html.j2",
    )
    assert set(take_parts(templates, parts).paths()) == {
        "templates/base/deep.html.j2", "templates/extra.css", "templates/fonts/F.ttf",
        "templates/own/own.css", "templates/own/own.html.j2", "templates/paper.css",
        "templates/shared.html.j2",
    }  # fmt: skip
    assert set(assets(templates)) == {
        f"{SCHEME}{name}" for name in ("own/own.css", "extra.css", "paper.css", "fonts/F.ttf")
    }
