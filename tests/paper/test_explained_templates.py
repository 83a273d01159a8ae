"""Why a form or its style cannot be used, in the whole words that a school is told."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from papka.core.snapshot import DictSnapshot
from papka.paper.html import TemplateBroken, render, style


@dataclass
class Card:
    """Something with a field."""

    name: str = "x"


def broken(text: str) -> TemplateBroken:
    templates = DictSnapshot({"templates/own.j2": text.encode()})
    with pytest.raises(TemplateBroken) as caught:
        render(templates, "own.j2", {"card": Card(), "b": [1]})
    return caught.value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ nope }}", "имя «nope» не определено"),
        ("{{ card.nope }}", "у «Card» нет поля «nope»"),
        ("{{ true.x }}", "у «да или нет» нет поля «x»"),
        ("{{ card.__class__ }}", "поле «__class__» у «Card» закрыто для шаблонов"),
        ("{{ ''.format_map({}) }}", "это действие закрыто для шаблонов"),
        ("{% nope %}", "неизвестный тег «nope»"),
        ("{% for a in b %}{% nope %}",
         "неизвестный тег «nope»; не закрыто: ждали «endfor» или «else»"),
        ("{% set x %}", "файл кончился раньше времени; не закрыто: ждали «endset»"),
        ("{{ a ", "файл кончился, а ждали конец «}}»"),
        ("{% if a ", "файл кончился, а ждали конец «%}»"),
        ("{{ }}", "нет выражения: сразу конец «}}»"),
        ("{% if %}", "нет выражения: сразу конец «%}»"),
        ("{% for a b %}", "здесь «b», а ждали «in»"),
        ("{{ a.1b }}", "здесь «b», а ждали конец «}}»"),
        ("{{ a. }}", "после точки нет имени поля"),
        ("{% block 5 %}", "здесь целое число, а ждали имя"),
        ("{% block 'a' %}", "здесь текст, а ждали имя"),
        ("{% block 1.5 %}", "здесь число, а ждали имя"),
        ("{% set 1 = 2 %}", "менять можно только имя"),
        ("{% call x %}{% endcall %}", "после «call» нет действия"),
        ("{{ f(a=1, 2) }}", "в скобках перепутан порядок значений"),
        ("{{ (1 }}", "здесь «}», а ждали «)»"),
        ("{{ ] }}", "лишнее здесь: «]»"),
        ("{{ a ? }}", "лишний знак «?»"),
        ("{{ 'abc", "лишний знак «'»"),
        ("{{ a \\ }}", "лишний знак «\\»"),
        ("{# x", "не закрыто примечание «#}» или «endraw»"),
        ("{% raw %}x", "не закрыто примечание «#}» или «endraw»"),
        ("{{ 1|nope }}", "действия «nope» в шаблонах нет"),
        ("{{ 1 is nope }}", "проверки «nope» в шаблонах нет"),
        ("{% block a %}{% endblock %}{% block a %}{% endblock %}", "раздел «a» назван дважды"),
        ("{{ range(10**6)|list }}", "range больше ста тысяч"),
        ("{{ 1 < 'a' }}", "«целое число» и «текст» нельзя сравнить"),
        ("{{ [] < {} }}", "«список» и «набор полей» нельзя сравнить"),
        ("{{ 1/0 }}", "деление на ноль"),
        ("{{ 1 % 0 }}", "деление на ноль"),
        ("{{ card() }}", "«Card» нельзя вызвать"),
        ("{{ 1.5() }}", "«число» нельзя вызвать"),
        ("{% for a in 5 %}{% endfor %}", "«целое число» нельзя перебрать"),
        ("{{ 1 - none }}", "знак - не подходит: слева «целое число», справа «ничего»"),
        ("{{ 'a' + 1 }}", "знак + не подходит: слева «текст», справа «целое число»"),
        ("{{ [] + (1,) }}", "знак + не подходит: слева «список», справа «список»"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "шаблон без конца вызывает сам себя"),
        ("{% for a in [1] %}" * 30 + "{% endfor %}" * 30, "слишком много вложенных разделов"),
        ("{{ 'x'|int(1, 2, 3, 4) }}", ("шаблон остановился («do_int() takes from 1 to 3 positional "
         "arguments but 5 were given»)")),
        ('{% include "none.j2" %}', "включает «none.j2», а такого шаблона в templates/ нет"),
    ],
)  # fmt: skip
def test_why_a_template_is_not_filled_in(text: str, why: str) -> None:
    assert broken(text).reason == why


def test_what_to_do_about_a_template() -> None:
    error = broken("<p>\n\n{{ nope }}")
    assert error.message == ("Шаблон templates/own.j2:3 не заполняется: имя «nope» не определено")
    assert error.next_step == (
        "Если форму меняли в школе, исправьте templates/own.j2 и сохраните: papka save (печатается "
        "только сохранённое). Если архив от прежней версии программы, руководитель обновит его "
        "формы: papka upgrade"
    )
    assert TemplateBroken("templates/a.j2", 0, "x").message == (
        "Шаблон templates/a.j2 не заполняется: x"
    )


@pytest.mark.parametrize(
    ("complaint", "line", "why"),
    [
        ("Ignored `foo: bar` at 3:5, unknown property.", 3, "«foo: bar»: такого свойства нет"),
        ("Ignored `a:\n  b` at 12:2, invalid value.", 12, "«a: b»: такого значения не бывает"),
        ("Ignored `a: b` at 1:1, strange.", 1, "«a: b»: не годится («strange»)"),
        ("Parse error at 4:1: x", 4, "правило не дописано или в нём лишний знак"),
        ("Error: EOF at 1:1", 1, "правило не дописано или в нём лишний знак"),
        ("Invalid or unsupported selector, 'p::x'", 0, "непонятно, к чему относится «p::x»"),
        ("Unknown empty rule <AtRule @foo …> at 2:1", 2, "правила @foo нет"),
        ("Unsupported @page selector ' :x ', the whole @page rule was ignored at 1:1.", 1,
         "страницы «:x» не бывает"),
        ("Missing src descriptor in '@font-face' rule at 1:2", 1, "в правиле @font-face нет «src»"),
        ("Invalid media type ' x ' the whole @media rule was ignored at 9:1.", 9,
         "непонятное условие @media"),
        ("Expected a media type, got 'x'", 0, "непонятное условие @media «x»"),
        ("Invalid @import rule ' x ', the whole rule was ignored at 2:2.", 2,
         "непонятно, что включает @import"),
        ("Font-face 'A' cannot be loaded: x", 0, "шрифт 'A' не читается"),
        ("No anchor #x for internal URI reference", 0, "ссылка «#x» никуда не ведёт"),
        ("Something new\nand more", 0, "непонятно («Something new»)"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_style(complaint: str, line: int, why: str) -> None:
    assert style(complaint) == (line, why)
