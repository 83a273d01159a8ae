"""What foreign libraries say about a form, in Russian. Pure: a text or an error in, a text out.

Invariant: what is not known here is quoted whole in «…» after Russian words, never shown bare.
Absent on purpose: the libraries; they are known by what they say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_Reply = str | Callable[[re.Match[str]], str]
_Phrases = Sequence[tuple[str, _Reply]]

_KINDS = {
    "str": "текст",
    "Markup": "текст",
    "int": "целое число",
    "float": "число",
    "bool": "да или нет",
    "list": "список",
    "tuple": "список",
    "dict": "набор полей",
    "NoneType": "ничего",
    "None": "ничего",
}
_TOKENS = {
    "end of statement block": "конец «%}»",
    "begin of statement block": "начало «{%»",
    "end of print statement": "конец «}}»",
    "begin of print statement": "начало «{{»",
    "end of template": "конец файла",
    "name": "имя",
    "template data / text": "обычный текст",
}


def _kind(name: str) -> str:
    """`papka.views.card.Card object` -> «Card»; a type everybody has -> its Russian name."""
    last = name.removesuffix(" object").rpartition(".")[2]
    return f"«{_KINDS.get(last, last)}»"


def _token(name: str) -> str:
    return _TOKENS.get(name, f"«{name}»")


def _ends(found: re.Match[str]) -> str:
    awaited = re.findall(r"'([^']+)'", found[0].split("following tags:")[-1].split(".")[0])
    if "following tags:" not in found[0] or not awaited:
        return ""
    return f"; не закрыто: ждали {' или '.join(f'«{tag}»' for tag in awaited)}"


_TEMPLATE: _Phrases = (
    (r"'(.+)' is undefined", r"имя «\1» не определено"),
    (
        r"'?(.+?)'? has no (?:attribute|element) '?(.+?)'?",
        lambda m: f"у {_kind(m[1])} нет поля «{m[2]}»",
    ),
    (
        r"access to attribute '(.+)' of '(.+)' object is unsafe\.",
        lambda m: f"поле «{m[1]}» у {_kind(m[2])} закрыто для шаблонов",
    ),
    (r".* is not safely callable", "это действие закрыто для шаблонов"),
    (r"Encountered unknown tag '(.+?)'\..*", lambda m: f"неизвестный тег «{m[1]}»{_ends(m)}"),
    (r"Unexpected end of template\..*", lambda m: f"файл кончился раньше времени{_ends(m)}"),
    (
        r"unexpected end of template, expected '(.+)'\.",
        lambda m: f"файл кончился, а ждали {_token(m[1])}",
    ),
    (r"Expected an expression, got '(.+)'", lambda m: f"нет выражения: сразу {_token(m[1])}"),
    (
        r"expected token '(.+)', got '(.+)'",
        lambda m: f"здесь {_token(m[2])}, а ждали {_token(m[1])}",
    ),
    (r"unexpected '(.+)', expected '(.+)'", r"здесь «\1», а ждали «\2»"),
    (r"unexpected '(.+)'", lambda m: f"лишнее здесь: {_token(m[1])}"),
    (r"unexpected char '(.+)' at \d+", r"лишний знак «\1»"),
    (r"Missing end of (?:comment tag|raw directive)", "не закрыто примечание «#}» или «endraw»"),
    (r"No filter named '(.+?)'\..*", r"действия «\1» в шаблонах нет"),
    (r"No test named '(.+?)'\..*", r"проверки «\1» в шаблонах нет"),
    (r"block '(.+)' defined twice", r"раздел «\1» назван дважды"),
    (r"Range too big\..*", "range больше ста тысяч"),
    (
        r"'.+' not supported between instances of '(.+)' and '(.+)'",
        lambda m: f"{_kind(m[1])} и {_kind(m[2])} нельзя сравнить",
    ),
    (r"(?:division by zero|.*modulo by zero)", "деление на ноль"),
    (r"'(.+)' object is not callable", lambda m: f"{_kind(m[1])} нельзя вызвать"),
    (r"'(.+)' object is not iterable", lambda m: f"{_kind(m[1])} нельзя перебрать"),
    (
        r"unsupported operand type\(s\) for (.+): '(.+)' and '(.+)'",
        lambda m: f"знак {m[1]} не подходит: слева {_kind(m[2])}, справа {_kind(m[3])}",
    ),
    (
        r"can only concatenate (\w+) \(not \"(\w+)\"\) to \w+",
        lambda m: f"знак + не подходит: слева {_kind(m[1])}, справа {_kind(m[2])}",
    ),
)
_STYLE: _Phrases = (
    (r"unknown property", "такого свойства нет"),
    (r"invalid value", "такого значения не бывает"),
    (r"(?:Parse error|Error: .*|Error)", "правило не дописано или в нём лишний знак"),
    (r"Invalid or unsupported selector, '(.+)'", r"непонятно, к чему относится «\1»"),
    (r"Unknown (?:empty )?rule .*@([\w-]+).*", r"правила @\1 нет"),
    (r"Unsupported @page selector ' ?(.*?) ?', .*", r"страницы «\1» не бывает"),
    (r"Missing (\S+) descriptor in '(.+)' rule", r"в правиле \2 нет «\1»"),
    (r"Invalid media type .*", "непонятное условие @media"),
    (r"Expected a media type, got '(.+)'", r"непонятное условие @media «\1»"),
    (r"Invalid @import rule .*", "непонятно, что включает @import"),
    (r"Font-face (.+) cannot be loaded.*", r"шрифт \1 не читается"),
    (r"No anchor #(\S+) for internal URI reference.*", r"ссылка «#\1» никуда не ведёт"),
)
_PLACE = re.compile(r" at (?P<line>\d+):\d+(?:[:,.] ?(?P<why>.*))?", re.DOTALL)
_BY_CLASS = {
    RecursionError: "шаблон без конца вызывает сам себя",
    MemoryError: "шаблон требует больше памяти, чем есть",
    UnicodeDecodeError: "файл не в UTF-8",
    SyntaxError: "слишком много вложенных разделов",
}


def template(error: BaseException) -> str:
    """Why a template stopped, without its place."""
    for kind, said in _BY_CLASS.items():
        if isinstance(error, kind):
            return said
    text = getattr(error, "message", None) or str(error)
    return _said(text, _TEMPLATE) or _quoted("шаблон остановился", text, type(error).__name__)


def style(message: str) -> tuple[int, str]:
    """Line (0 when unknown) and reason of what is wrong with a style sheet or a page."""
    place = _PLACE.search(message)
    line = int(place["line"]) if place else 0
    words = message[: place.start()] if place else message
    why = (place["why"] or "").rstrip(".") if place else ""
    if words.startswith("Ignored `"):
        rule = " ".join(words.removeprefix("Ignored ").strip("`").split())
        return line, f"«{rule}»: {_said(why, _STYLE) or _quoted('не годится', why, '')}"
    return line, _said(words, _STYLE) or _quoted("непонятно", message, "")


def _said(text: str, phrases: _Phrases) -> str:
    for pattern, reply in phrases:
        found = re.fullmatch(pattern, text.strip(), re.DOTALL)
        if found:
            return found.expand(reply) if isinstance(reply, str) else reply(found)
    return ""


def _quoted(words: str, text: str, name: str) -> str:
    first = next(iter(text.splitlines()), "") or name
    return f"{words} («{first}»)"
