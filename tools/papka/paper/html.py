"""Fill in the forms: templates and a mapping in, HTML text out. The only module that knows Jinja2.

Invariants: everything a form may use is a file below `templates/` with the registered id
`papka:<path below templates/>`; a page can ask for nothing else, neither a file nor the network.
A form has its own folder, the fonts, and the files that these name literally, so what a paper
rests on is known before it is printed (`parts_of`). Templates come from a Snapshot, usually a
commit. Every value is escaped; a name that the view does not give is an error with template, line
and name, never an empty place on paper.

A template is not trusted: a render spends one budget for every turn of a loop, every call and
every text it builds, so it stops at the same place on every machine, without a clock, and it
changes nothing it is given. Whatever a template does wrong leaves this module as TemplateBroken, in
Russian; a complaint of a library that is not known here is quoted in «…».
"""

from __future__ import annotations

import datetime as dt
import re
import traceback
from ast import literal_eval
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from jinja2 import (
    FunctionLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
    pass_eval_context,
)
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.filters import FILTERS
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from papka.core.errors import PapkaError
from papka.core.snapshot import DictSnapshot, Snapshot
from papka.paper.form import tie_words
from papka.records.wording import NBSP, day

TEMPLATES = "templates/"
SCHEME = "papka:"
_NAMED = re.compile(rb"""["'(](?:papka:)?([\w-][\w./-]*\.(?:j2|css|ttf))["')]""")


_TEXT = re.compile(
    r"<(pre|code|title|style)\b.*?</\1>|(?<=>)(?<!scope=.col.>)[^<>]* [^<>]*(?=<)", re.DOTALL
)
"""What is shown to the letter, or else what stands between two tags of a page.

A heading of a narrow column is neither: it must break where it can.
"""


def assets(templates: Snapshot) -> dict[str, bytes]:
    """Return every style sheet and font of the forms: registered id -> bytes."""
    files = _read_all(templates, ".css", ".ttf")
    return {SCHEME + path.removeprefix(TEMPLATES): data for path, data in files}


def parts_of(templates: Snapshot, form: str) -> tuple[str, ...]:
    """Return the folders and files that this form can use, whether they exist or not, sorted.

    `form`: its folder below `templates/`.
    """
    there = frozenset(templates.paths())
    folders = (f"{TEMPLATES}{form}", f"{TEMPLATES}fonts")
    own = tuple(folder + "/" for folder in folders)
    found = {*folders}
    left = [path for path in there if path.startswith(own)]
    left += [f"{TEMPLATES}paper.css", f"{TEMPLATES}document.css"]
    seen: set[str] = set()
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        if not path.startswith(own):
            found.add(path)
        if path in there and path.endswith((".j2", ".css")):
            left += [TEMPLATES + name.decode() for name in _NAMED.findall(templates.read(path))]
    return tuple(sorted(found))


def take_parts(templates: Snapshot, parts: tuple[str, ...]) -> DictSnapshot:
    """Return these parts of the templates and nothing else, read once."""
    folders = tuple(part + "/" for part in parts)
    paths = [path for path in templates.paths() if path in parts or path.startswith(folders)]
    return DictSnapshot(dict(templates.read_many(paths)))


_PAGE = 50_000_000
"""Characters of the longest page anybody could print."""
_MISSING = "такого файла нет"
_PICTURES = {"jpg": "image/jpeg", "png": "image/png"}


class TemplateBroken(PapkaError):
    """A form cannot be filled in: a template is missing, misspelt or names an unknown value."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        place = f"{path}:{line}" if line else path
        what_next = (
            "Если архив от прежней версии программы, руководитель обновит его формы: papka upgrade"
        )
        if path.startswith(f"{TEMPLATES}forms/"):
            what_next = "Какие поля есть у записи: papka show НОМЕР --format json"
        super().__init__(
            f"Шаблон {place} не заполняется: {reason}",
            f"Если форму меняли в школе, исправьте {path} и сохраните: papka save (печатается "
            f"только сохранённое). {what_next}",
        )
        self.path = path
        self.line = line
        self.reason = reason


def render(templates: Snapshot, name: str, context: Mapping[str, Any]) -> str:
    """Return the page that `templates/<name>` makes of `context`. Raises TemplateBroken.

    Words that a line must not part are tied, those of the template and those filled in alike.
    """
    environment = _environment(tuple(_read_all(templates, ".j2")))
    environment.begin()
    try:
        page = "".join(_limited(environment.get_template(name).generate(context)))
    except Exception as error:
        raise _broken(error, name) from error
    return _TEXT.sub(_tie, page)


def _tie(found: re.Match[str]) -> str:
    return found[0] if found[1] else tie_words(found[0].replace("&nbsp;", NBSP))


def compile_all(templates: Snapshot) -> list[tuple[str, int, str]]:
    """Return the templates and style sheets that cannot work: path, line (0: unknown), reason.

    What depends on the records is only found by `render`.
    """
    sources = dict(_read_all(templates, ".j2"))
    environment = Sandbox(sources)
    found: list[tuple[str, int, str]] = []
    for path, data in sources.items():
        environment.begin()
        name = path.removeprefix(TEMPLATES)
        try:
            environment.get_template(name)
            found += _missing_includes(path, environment.parse(data.decode(), name, path), sources)
        except Exception as error:  # noqa: BLE001 - a template can make Jinja2 and Python fail anyhow
            broken = _broken(error, name)
            found.append((broken.path, broken.line, broken.reason))
    for path, data in _read_all(templates, ".css"):
        try:
            data.decode()
        except UnicodeDecodeError as error:
            found.append((path, _line_of(error), _explain(error)))
    return found


def standalone(
    html: str,
    styles: Iterable[str],
    assets: Mapping[str, bytes],
    images: Mapping[str, bytes] | None = None,
) -> str:
    """Return the page as one file for a browser, its style sheets, fonts and pictures inside.

    Raises TemplateBroken for a style sheet that is missing or not UTF-8.
    """
    sheet = "\n".join(_read_sheet(name, assets) for name in styles)
    for name, data in assets.items():
        if name.endswith(".ttf"):
            inside = f"data:font/ttf;base64,{b64encode(data).decode()}"
            sheet = sheet.replace(f'"{name}"', f'"{inside}"')
    for name, data in (images or {}).items():
        inside = f"data:{_PICTURES[name.rpartition('.')[2]]};base64,{b64encode(data).decode()}"
        html = html.replace(f'src="{name}"', f'src="{inside}"')
    return html.replace("</head>", f"<style>\n{sheet}</style>\n</head>", 1)


def _read_sheet(name: str, assets: Mapping[str, bytes]) -> str:
    path = TEMPLATES + name.removeprefix(SCHEME)
    if name not in assets:
        raise TemplateBroken(path, 0, _MISSING)
    try:
        return assets[name].decode()
    except UnicodeDecodeError as error:
        raise TemplateBroken(path, _line_of(error), _explain(error)) from error


def _read_all(templates: Snapshot, *endings: str) -> Iterable[tuple[str, bytes]]:
    paths = [p for p in templates.paths() if p.startswith(TEMPLATES) and p.endswith(endings)]
    return templates.read_many(paths)


@lru_cache(maxsize=2)
def _environment(files: tuple[tuple[str, bytes], ...]) -> Sandbox:
    """Return the compiled templates, kept while the files are the same."""
    return Sandbox(dict(files))


def _limited(pieces: Iterable[str]) -> Iterator[str]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > _PAGE:
            raise TooMuch("страница получается слишком длинной")
        yield piece


def _missing_includes(
    path: str, tree: nodes.Template, known: Mapping[str, bytes]
) -> Iterator[tuple[str, int, str]]:
    """Return the templates included by a fixed name that do not exist."""
    for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        name = getattr(node, "template", None)
        if getattr(node, "ignore_missing", False):
            continue
        if isinstance(name, nodes.Const) and TEMPLATES + str(name.value) not in known:
            yield path, node.lineno, _no_template(str(name.value))


def _no_template(name: str) -> str:
    return f"включает «{name}», а такого шаблона в {TEMPLATES} нет"


def _broken(error: Exception, name: str) -> TemplateBroken:
    """The error of a template with the place where it stopped."""
    path, line = _place(error, name)
    if isinstance(error, (TooMuch, NotADay)):
        return TemplateBroken(path, line, error.message or "")
    if isinstance(error, TemplateNotFound):
        missing = str(error.name or name)
        return TemplateBroken(path, line, _no_template(missing) if missing != name else _MISSING)
    return TemplateBroken(path, line, _explain(error))


def _place(error: Exception, name: str) -> tuple[str, int]:
    """Return path and line where a template stopped, from the error or from its traceback."""
    if isinstance(error, TemplateSyntaxError):
        return error.filename or TEMPLATES + name, error.lineno
    if isinstance(error, UnicodeDecodeError):
        return TEMPLATES + name, _line_of(error)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(TEMPLATES):
            return frame.filename, frame.lineno or 0
    return TEMPLATES + name, 0


def _line_of(error: UnicodeDecodeError) -> int:
    return error.object.count(b"\n", 0, error.start) + 1


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
    "integer": "целое число",
    "float": "число",
    "string": "текст",
    "template data / text": "обычный текст",
}


def _kind(name: str) -> str:
    """Return «Card» of `papka.paper.personal_file.Card object`; a built-in type in Russian."""
    last = name.removesuffix(" object").rpartition(".")[2]
    return f"«{_KINDS.get(last, last)}»"


def _token(name: str) -> str:
    return _TOKENS.get(name, f"«{name}»")


def _name_unclosed(found: re.Match[str]) -> str:
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
    (
        r"Encountered unknown tag '(.+?)'\..*",
        lambda m: f"неизвестный тег «{m[1]}»{_name_unclosed(m)}",
    ),
    (
        r"Unexpected end of template\..*",
        lambda m: f"файл кончился раньше времени{_name_unclosed(m)}",
    ),
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
    (r"unexpected char (.+) at \d+", lambda m: f"лишний знак «{literal_eval(m[1])}»"),
    (r"expected name or number", "после точки нет имени поля"),
    (r"can't assign to '(.+)'", "менять можно только имя"),
    (r"expected call", "после «call» нет действия"),
    (r"invalid syntax for function call expression", "в скобках перепутан порядок значений"),
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


def _explain(error: BaseException) -> str:
    """Return in Russian why a template stopped, without its place."""
    for kind, said in _BY_CLASS.items():
        if isinstance(error, kind):
            return said
    text = getattr(error, "message", None) or str(error)
    return _translate(text, _TEMPLATE) or _quote("шаблон остановился", text, type(error).__name__)


def style(message: str) -> tuple[int, str]:
    """Return line (0 when unknown) and Russian reason of a complaint of WeasyPrint."""
    place = _PLACE.search(message)
    line = int(place["line"]) if place else 0
    words = message[: place.start()] if place else message
    why = (place["why"] or "").rstrip(".") if place else ""
    if words.startswith("Ignored `"):
        rule = " ".join(words.removeprefix("Ignored ").strip("`").split())
        return line, f"«{rule}»: {_translate(why, _STYLE) or _quote('не годится', why, '')}"
    return line, _translate(words, _STYLE) or _quote("непонятно", message, "")


def _translate(text: str, phrases: _Phrases) -> str:
    for pattern, reply in phrases:
        found = re.fullmatch(pattern, text.strip(), re.DOTALL)
        if found:
            return found.expand(reply) if isinstance(reply, str) else reply(found)
    return ""


def _quote(words: str, text: str, name: str) -> str:
    first = next(iter(text.splitlines()), "") or name
    return f"{words} («{first}»)"


_WORK = 2_000_000
"""Budget of a render: turns of loops, calls, hundreds of characters or items they go through."""
_LENGTH = 1_000_000
"""The longest text, in characters, or list that an operator may build."""
_FILTERS = (
    "abs attr capitalize count d default dictsort e escape first float forceescape groupby int "
    "items last length list lower map max min reject rejectattr reverse safe select selectattr "
    "sort string striptags sum title trim truncate unique upper wordcount"
)
_METHODS = (
    "capitalize casefold count endswith find get index isalpha isdecimal isdigit items keys lower "
    "lstrip removeprefix removesuffix rstrip split startswith strip title upper values"
)
"""Methods of built-in values a form may call."""
_BUILT_IN = (str, bytes, int, float, list, tuple, dict, set, frozenset)
_SIZED = (str, bytes, list, tuple, dict, set, frozenset, range)


class NotADay(TemplateRuntimeError):
    """The filter `day` was given something else."""


class TooMuch(SecurityError):
    """The form would run or grow without end."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 over these files: path in the archive -> bytes."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(
            loader=FunctionLoader(partial(_load_source, files)),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.concat = self.join_paid  # type: ignore[method-assign]  # Jinja2 joins texts by it
        self.filters = {name: FILTERS[name] for name in _FILTERS.split()} | {
            "join": _join,
            "day": _write_day,
        }
        del self.globals["lipsum"]
        self._left = _WORK

    def compile(  # type: ignore[override]  # one signature for the three of Jinja2
        self,
        source: str | nodes.Template,
        name: str | None = None,
        filename: str | None = None,
        **options: Any,  # noqa: ANN401 - as in Jinja2
    ) -> Any:  # noqa: ANN401 - as in Jinja2
        """Compile a template whose loops, filters and operators ~ pay for what they do."""
        tree = self.parse(source, name, filename) if isinstance(source, str) else source
        return super().compile(_charge(tree), name, filename, **options)

    def begin(self) -> None:
        """Start a new render with a whole budget."""
        self._left = _WORK

    def spend(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise TooMuch("шаблон работает слишком долго: нет ли в нём повторов без конца?")

    def turns(self, items: Iterable[Any]) -> Iterator[Any]:
        """Go through the items of a loop, each paid for."""
        for item in items:
            self.spend(1)
            yield item

    def join_paid(self, pieces: Iterable[str]) -> str:
        """Join the pieces into one text, paid for before it is built."""
        texts = list(pieces)
        self.spend(sum(map(len, texts)) // 100)
        return "".join(texts)

    def short(self, text: Any) -> Any:  # noqa: ANN401 - Markup or str
        """Return what the operator ~ has built, when it is not too long."""
        _require_length(len(text))
        return text

    def given(self, value: Any) -> Any:  # noqa: ANN401 - whatever a filter is given
        """Return what a filter will go through, each item of a sequence without end paid for."""
        return self.turns(value) if isinstance(value, Iterator) else value

    def call(self, context: Context, called: Any, /, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as in Jinja2
        """Call, paying for the call and for going through what it is given."""
        self.spend(1 + sum(map(_size, (getattr(called, "__self__", None), *args))))
        if isinstance(called, LoopContext):
            args = (self.turns(args[0]), *args[1:])
        return super().call(context, called, *args, **named)

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - as in Jinja2
        """Read a key of a record before a method of the same name: `items` of a credit."""
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ANN401 - as in Jinja2
        owner = getattr(getattr(obj, "__wrapped__", obj), "__self__", None)
        if isinstance(owner, _BUILT_IN) and getattr(obj, "__name__", "") not in _METHODS.split():
            return False
        return super().is_safe_callable(obj)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401
        self.spend(1)
        _check_growth(operator, left, right)
        result = super().call_binop(context, operator, left, right)
        self.spend(_size(result))
        return result

    def get_template(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as in Jinja2
        self.spend(1)
        return super().get_template(*args, **named)


def _load_source(files: Mapping[str, bytes], name: str) -> tuple[str, str, None] | None:
    path = TEMPLATES + name
    return (files[path].decode(), path, None) if path in files else None


def _charge(tree: nodes.Template) -> nodes.Template:
    """Make every loop, filter and operator ~ of the template pay the sandbox."""
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = _call("turns", loop.iter)
    for built in list(tree.find_all(nodes.Concat)):
        built.nodes = [_call("short", nodes.Concat(built.nodes, lineno=built.lineno))]
    for used in list(tree.find_all(nodes.Filter)):
        if used.node is not None:
            used.node = _call("given", used.node)
    return tree


def _call(method: str, given: nodes.Node) -> nodes.Call:
    """Return the call of a method of the sandbox in the place of what it is given."""
    called = nodes.EnvironmentAttribute(method, lineno=given.lineno)
    return nodes.Call(called, [given], [], None, None, lineno=given.lineno)


def _size(value: Any) -> int:  # noqa: ANN401 - a template's value
    """Return the work of going through a text, list or range, in units of the budget."""
    return len(value) // 100 if isinstance(value, _SIZED) else 0


def _check_growth(operator: str, left: Any, right: Any) -> None:  # noqa: ANN401 - a template's values
    """Raise TooMuch when the result would be out of all proportion."""
    if operator == "%" and isinstance(left, str):
        raise TooMuch("знак % для текстов в шаблонах не работает")
    if operator == "+" and hasattr(left, "__len__") and hasattr(right, "__len__"):
        _require_length(len(left) + len(right))
    if operator == "*":
        for many, times in ((left, right), (right, left)):
            if hasattr(many, "__len__") and isinstance(times, int):
                _require_length(len(many) * times)
    if operator in ("*", "**") and isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length()
        if (bits * right if operator == "**" else bits + right.bit_length()) > 10_000:
            raise TooMuch("число получается слишком большим")


def _require_length(length: int) -> None:
    if length > _LENGTH:
        raise TooMuch("текст или список получается слишком длинным")


@pass_eval_context
def _join(context: EvalContext, value: Any, d: str = "", attribute: Any = None) -> str:  # noqa: ANN401
    """Join as Jinja2 does, when the result is not too long."""
    items = list(value)
    _require_length(len(items) * len(d))
    joined: str = FILTERS["join"](context, items, d, attribute)
    return joined


def _write_day(value: Any) -> str:  # noqa: ANN401 - whatever a template gives
    """Write the day of a date or moment as records hold it: «28.05.2026»."""
    try:
        return day(dt.date.fromisoformat(str(value)[:10]))
    except ValueError:
        raise NotADay(f"«{value}» — не дата, а действие day пишет только даты") from None
