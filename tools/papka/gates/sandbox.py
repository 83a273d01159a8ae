"""The room in which a form runs: Jinja2 with an end to its work, its memory and its reach.

Invariants: a render spends one budget, for every turn of a loop, every call and every text it
builds, so a form that would run for ever or fill the memory stops, on every machine at the same
place; nothing in it depends on chance; a form changes nothing it is given.
Absent on purpose: the clock; filters of our own; methods that build texts of any length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, TemplateNotFound, nodes, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS, sync_do_join
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from papka.core.forms import TEMPLATES

_WORK = 2_000_000
"""Turns, calls and hundreds of characters a render may spend."""
_LENGTH = 1_000_000
"""Characters of a text, items of a list that an operator may build."""
_BITS = 10_000
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


class TooMuch(SecurityError):
    """The form would run or grow without end."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 over these files: path in the archive -> bytes."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(
            loader=_Loader(files),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.code_generator_class = _Counting
        self.concat = self.built  # type: ignore[method-assign]  # what Jinja2 joins by
        self.filters = {name: FILTERS[name] for name in _FILTERS.split()} | {"join": _join}
        del self.globals["lipsum"]
        self._left = _WORK

    def begin(self) -> None:
        """A new render with a whole budget."""
        self._left = _WORK

    def spend(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise TooMuch("шаблон работает слишком долго: нет ли в нём повторов без конца?")

    def turns(self, items: Iterable[Any]) -> Iterator[Any]:
        """What a loop goes through, paid for one by one."""
        for item in items:
            self.spend(1)
            yield item

    def built(self, pieces: Iterable[str]) -> str:
        """Pieces as one text, paid for before it is built."""
        texts = list(pieces)
        self.spend(sum(map(len, texts)) // 100)
        return "".join(texts)

    def paid(self, text: Any) -> Any:  # noqa: ANN401 - Markup or str
        """A text the operator ~ has built."""
        self.spend(1 + len(text) // 100)
        _within(len(text))
        return text

    def call(self, context: Context, called: Any, /, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as in Jinja2
        self.spend(1)
        return super().call(context, called, *args, **named)

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ANN401 - as in Jinja2
        owner = getattr(getattr(obj, "__wrapped__", obj), "__self__", None)
        if isinstance(owner, _BUILT_IN) and getattr(obj, "__name__", "") not in _METHODS.split():
            return False
        return super().is_safe_callable(obj)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401
        self.spend(1)
        _measure(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def get_template(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as in Jinja2
        self.spend(1)
        return super().get_template(*args, **named)


class _Loader(BaseLoader):
    """Templates by their bytes, under their paths in the archive."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def get_source(
        self,
        environment: object,  # noqa: ARG002 - the loader interface of Jinja2 passes it
        template: str,
    ) -> tuple[str, str, None]:
        path = TEMPLATES + template
        if path not in self._files:
            raise TemplateNotFound(template)
        return self._files[path].decode(), path, None


class _Counting(CodeGenerator):
    """Compiles loops and ~ so that they ask the sandbox."""

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 - the visitor's name
        turns = nodes.EnvironmentAttribute("turns", lineno=node.lineno)
        node.iter = nodes.Call(turns, [node.iter], [], None, None, lineno=node.lineno)
        super().visit_For(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - as above
        self.write("environment.paid(")
        super().visit_Concat(node, frame)
        self.write(")")


def _measure(operator: str, left: Any, right: Any) -> None:  # noqa: ANN401 - a template's values
    """Raises TooMuch when the result would be out of all proportion."""
    if operator == "%" and isinstance(left, str):
        raise TooMuch("знак % для текстов в шаблонах не работает")
    if operator == "+" and hasattr(left, "__len__") and hasattr(right, "__len__"):
        _within(len(left) + len(right))
    if operator == "*":
        for many, times in ((left, right), (right, left)):
            if hasattr(many, "__len__") and isinstance(times, int):
                _within(len(many) * times)
    if operator in ("*", "**") and isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length()
        if (bits * right if operator == "**" else bits + right.bit_length()) > _BITS:
            raise TooMuch("число получается слишком большим")


def _within(length: int) -> None:
    if length > _LENGTH:
        raise TooMuch("текст или список получается слишком длинным")


@pass_eval_context
def _join(context: EvalContext, value: Any, d: str = "", attribute: Any = None) -> str:  # noqa: ANN401
    """Jinja2's own, when what it builds has an end."""
    items = list(value)
    _within(len(items) * len(d))
    return sync_do_join(context, items, d, attribute)
