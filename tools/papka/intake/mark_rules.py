"""A cell becomes a mark of the declared scale by the declared rule, or is told why not (R-2.2.3).

Invariants: between scales nothing is converted; what does not fit is told, never bent to fit. A
value is exact, so `Decimal`. What is wrong names the cell, its heading, what stands in it and what
may stand there, in the words of who filled it in: a teacher's sheet, a list, or a platform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, Literal

from papka.core import cells
from papka.core.findings import Code, Finding, Location
from papka.intake import intake_codes as codes
from papka.intake.headers import normalise
from papka.intake.tables import name_cell
from papka.records.school import NOT_ATTESTED, Conversion, Scale
from papka.records.student import Mark

Origin = Literal["платформа", "список", "ведомость"]
"""Who filled the file in: whose words it is told of in."""
ADVICE: Mapping[Origin, str] = {
    "платформа": "Исправьте на платформе и выгрузите снова либо опишите в раскладке: слово — в "
    "words, «отметки нет» — в empty",
    "список": "Исправьте в таблице и примите её снова",
    "ведомость": "Исправьте в ведомости и примите её снова",
}
_ROUNDING = {"по правилам": ROUND_HALF_UP, "вниз": ROUND_FLOOR, "вверх": ROUND_CEILING}
_HUNDRED = Decimal(100)
_IS_SHARE = "похоже, это доля от 1, а не процент: таблицы хранят 85 % как 0,85"
_SHOWN = 40
"""Letters of a cell that are repeated."""
_PASSED, _FAILED = "зачтено", "не зачтено"
_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("зачет", "зач", "зачт", "зачтено", "зачтена", "зачтен", "зачтены"), _PASSED),
    **dict.fromkeys(("сдано", "сдал", "сдала", "+", "✓", "✔", "√", "☑"), _PASSED),
    **dict.fromkeys(("незачет", "не зачет", "незач", "не зач", "н/з", "незачтено"), _FAILED),
    **dict.fromkeys(
        ("не зачтено", "не зачтена", "не зачтен", "не сдано", "не сдал", "не сдала"), _FAILED
    ),
}
"""How people write the two marks of a scale that has both."""
_UNATTESTED = frozenset(
    ("н/а", "н\\а", "н.а.", "неаттестован", "не аттестована", "неаттестована", "не атт.", "неатт.")
)
"""How teachers write «не аттестован»; a platform may mean something else by it."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value is no mark; the caller knows the place."""

    code: Code
    words: Mapping[str, Any] = field(default_factory=dict)

    def at(self, where: Location) -> Finding:
        """Tell it at a place of a table."""
        words = dict(self.words)
        if "cell" in self.code.fields:
            words["cell"] = name_cell(where.line, where.column)
        return self.code.at(where, **words)


def shown(text: str) -> str:
    """Return what stands in a cell as a sentence repeats it."""
    plain = cells.tidy(text)
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"


@dataclass(frozen=True, slots=True)
class MarkRule:
    """A column's rule with all it needs; `maximum` is of points, None where there are none.

    `has_own_maxima`: its cells say themselves out of how many: «18 / 20». `has_shares`: none of the
    numbers that should be percentages is above 1, as where a spreadsheet shows 0.85 as «85 %».
    `is_typed`: the file has numbers beside texts, with a point whatever the layout says.
    """

    name: str
    conversion: Conversion
    scale: Scale
    empty: frozenset[str]
    decimal: str
    maximum: Decimal | None = None
    origin: Origin = "платформа"
    has_own_maxima: bool = False
    has_shares: bool = False
    is_typed: bool = False

    @property
    def flaw(self) -> Wrong | None:
        """What is wrong with the rule itself, whatever the value."""
        if self.conversion.value == "отметка":
            return None
        if self.conversion.value == "баллы" and self.maximum is None and not self.has_own_maxima:
            return Wrong(codes.EXPORT_MAXIMUM_UNKNOWN, {"name": self.name})
        hundred = (self.scale.lowest, self.scale.highest) == (0, 100)
        if not self.conversion.bands and not hundred:
            words = {"name": self.name, "scale": self.scale.title}
            return Wrong(codes.EXPORT_SCALE_NEEDS_BANDS, words)
        return None

    def tell(self, code: Code, text: str, what: str) -> Wrong:
        """Tell what is wrong with a value, and what may stand in its cell."""
        may = ", ".join(self._list_allowed())
        said = {"name": self.name, "value": shown(text), "what": what, "may": may}
        return Wrong(code, {**said, "advice": ADVICE[self.origin]})

    def _list_allowed(self) -> Iterator[str]:
        yield from (f"«{word.text}»" for word in self.conversion.words)
        kind = self.conversion.value
        if kind == "отметка":
            yield from describe_scale(self.scale)
        elif kind == "баллы":
            most = plain_number(self.maximum) if self.maximum else "наибольшего"
            yield f"число от 0 до {most}"
        else:
            yield "число от 0 до 100" if kind == "процент" else "доля от 0 до 1"
        yield "пусто, если отметки нет"


def describe_scale(scale: Scale) -> Iterator[str]:
    """Yield the marks of a scale in words: «зачтено», or 2–5."""
    if scale.lowest is not None and scale.highest is not None:
        step = "" if scale.step == 1 else f" с шагом {scale.step:g}"
        yield f"{scale.lowest:g}–{scale.highest:g}{step}"
    yield from (f"«{mark}»" for mark in scale.marks)
    yield f"«{NOT_ATTESTED}»"


def mark_of(text: str, rule: MarkRule) -> Mark | Wrong | None:
    """Return the mark of a cell; None when the cell says that there is none."""
    word = normalise(text)
    for known in rule.conversion.words:
        if normalise(known.text) == word:
            return _check_scale(text, known.mark, rule)
    if not word or word in rule.empty:
        return None
    if cells.is_dash(text) and _FAILED not in rule.scale.marks:
        # beside a plus it would mean that the work was not passed
        return None
    if rule.conversion.value == "отметка":
        return _read_mark(text, word, rule)
    percent = _read_percent(text, rule)
    return percent if isinstance(percent, Wrong) else _convert_percent(text, percent, rule)


def _read_mark(text: str, word: str, rule: MarkRule) -> Mark | Wrong:
    for mark in (*rule.scale.marks, NOT_ATTESTED):
        if normalise(mark) == word:
            return mark
    meant = _WORDS.get(word.removesuffix("."))
    if meant in rule.scale.marks:
        return meant
    if rule.origin == "ведомость" and word in _UNATTESTED:
        return NOT_ATTESTED
    value = read_number(text, rule)
    if value is not None:
        return _check_scale(text, plain_number(value), rule)
    if rule.scale.marks:
        return _off_scale(text, rule, "")
    return _unreadable(text, rule)


def read_number(text: str, rule: MarkRule) -> Decimal | None:
    """Read a number as the rule's file writes it."""
    found = cells.number(text, "," if rule.decimal == "запятая" else ".")
    return cells.number(text) if found is None and rule.is_typed else found


def _read_percent(text: str, rule: MarkRule) -> Decimal | Wrong:
    """Read a percentage, from 0 to 100."""
    kind = rule.conversion.value
    got = cells.ratio(text)
    if got is not None:
        value, most = got
        if rule.maximum is not None and kind == "баллы" and most != rule.maximum:
            what = f"здесь из {plain_number(most)}, а у столбца из {plain_number(rule.maximum)}"
            return rule.tell(codes.EXPORT_VALUE_OUT_OF_RANGE, text, what)
    else:
        digits = text.strip()
        if kind == "процент":
            digits = digits.removesuffix("%")
        most = {"процент": _HUNDRED, "доля": Decimal(1)}.get(kind, rule.maximum or Decimal(0))
        found = read_number(digits, rule)
        if found is None:
            return _unreadable(text, rule)
        value = found
        if rule.has_shares and value != 0:
            return rule.tell(codes.EXPORT_VALUE_UNREADABLE, text, _IS_SHARE)
    if not most:
        return rule.tell(codes.EXPORT_VALUE_OUT_OF_RANGE, text, "из скольких баллов, не сказано")
    if value > most and rule.conversion.above_maximum == "наибольшее":
        value = most
    if not 0 <= value <= most:
        what = "меньше нуля" if value < 0 else f"больше {plain_number(most)}"
        return rule.tell(codes.EXPORT_VALUE_OUT_OF_RANGE, text, what)
    return value * _HUNDRED / most


def _convert_percent(text: str, percent: Decimal, rule: MarkRule) -> Mark | Wrong:
    if rule.conversion.bands:
        reached = [band for band in rule.conversion.bands if exact(band.at_least) <= percent]
        if not reached:
            return _off_scale(text, rule, ": ниже всех порогов")
        return _check_scale(text, max(reached, key=lambda band: band.at_least).mark, rule)
    if rule.conversion.rounding is not None:
        step = exact(rule.scale.step)
        steps = (percent / step).to_integral_value(_ROUNDING[rule.conversion.rounding])
        percent = steps * step
    return _check_scale(text, plain_number(percent), rule)


def _check_scale(text: str, mark: Mark, rule: MarkRule) -> Mark | Wrong:
    if rule.scale.has(mark):
        return mark
    between = (
        not isinstance(mark, str)
        and rule.scale.lowest is not None
        and rule.scale.highest is not None
        and rule.scale.lowest <= mark <= rule.scale.highest
    )
    return _off_scale(text, rule, ": между делениями" if between else "")


def _off_scale(text: str, rule: MarkRule, why: str) -> Wrong:
    what = f"этого нет на шкале «{rule.scale.title}»{why}"
    return rule.tell(codes.EXPORT_MARK_OFF_SCALE, text, what)


def _unreadable(text: str, rule: MarkRule) -> Wrong:
    what = "это не число"
    if "%" in text and rule.conversion.value != "процент":
        what = "это процент, а здесь его не ждут"
    elif cells.small_number(text.strip().removesuffix("%")) is not None:
        what = "дробь это или тысячи, не понять"
    return rule.tell(codes.EXPORT_VALUE_UNREADABLE, text, what)


def exact(value: float) -> Decimal:
    """Return the number as it is written, without what a binary fraction adds."""
    return Decimal(str(value))


def plain_number(value: Decimal) -> int | float:
    """Return a whole number as such."""
    return int(value) if value == value.to_integral_value() else float(value)
