"""A platform's value to a mark of the part's declared scale, by the layout's declared rule.

Invariants: without a rule nothing is converted, between scales never (R-2.2.3); what comes out is
a mark `Scale.has`; what does not fit is told, never bent to fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import partial

from papka.core.codes import mappings as codes
from papka.core.findings import Finding, Location
from papka.intake.patterns import plain
from papka.intake.values import number
from papka.model.export_layout import Conversion
from papka.model.results import Mark
from papka.model.school import NOT_ATTESTED, Scale

_ROUNDING = {"по правилам": ROUND_HALF_UP, "вниз": ROUND_FLOOR, "вверх": ROUND_CEILING}
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value is no mark; the caller knows the place."""

    at: Callable[[Location], Finding]


@dataclass(frozen=True, slots=True)
class Rule:
    """A column's rule with all it needs. `maximum` is of points; None where there are none."""

    name: str
    conversion: Conversion
    scale: Scale
    empty: frozenset[str]
    decimal: str
    is_text: bool
    maximum: Decimal | None = None

    @property
    def flaw(self) -> Wrong | None:
        """What is wrong with the rule itself, whatever the value."""
        if self.conversion.value == "отметка":
            return None
        if self.conversion.value == "баллы" and self.maximum is None:
            return Wrong(partial(codes.EXPORT_MAXIMUM_UNKNOWN.at, name=self.name))
        hundred = (self.scale.lowest, self.scale.highest) == (0, 100)
        if not self.conversion.bands and not hundred:
            return Wrong(
                partial(codes.EXPORT_SCALE_NEEDS_BANDS.at, name=self.name, scale=self.scale.title)
            )
        return None


def mark_of(text: str, rule: Rule) -> Mark | Wrong | None:
    """The mark; None when the cell says that there is none."""
    word = plain(text)
    for known in rule.conversion.words:
        if plain(known.text) == word:
            return _on_scale(known.mark, rule)
    if not word or word in rule.empty:
        return None
    if rule.conversion.value == "отметка":
        return _as_it_stands(text, word, rule)
    percent = _percent(text, rule)
    return percent if isinstance(percent, Wrong) else _of_percent(percent, rule)


def _as_it_stands(text: str, word: str, rule: Rule) -> Mark | Wrong:
    for mark in (*rule.scale.marks, NOT_ATTESTED):
        if plain(mark) == word:
            return mark
    value = number(text, rule.decimal, is_text=rule.is_text)
    if value is not None:
        return _on_scale(_number(value), rule)
    if rule.scale.marks:
        return _off_scale(rule, "")
    return _unreadable(text, rule)


def _percent(text: str, rule: Rule) -> Decimal | Wrong:
    """From 0 to 100."""
    kind = rule.conversion.value
    digits = text.strip()
    if kind == "процент":
        digits = digits.removesuffix("%")
    value = number(digits, rule.decimal, is_text=rule.is_text)
    if value is None:
        return _unreadable(text, rule)
    most = {"процент": _HUNDRED, "доля": Decimal(1)}.get(kind, rule.maximum)
    if most is None:
        return Wrong(partial(codes.EXPORT_MAXIMUM_UNKNOWN.at, name=rule.name))
    if not 0 <= value <= most:
        what = "меньше нуля" if value < 0 else f"больше {_number(most)}"
        return Wrong(partial(codes.EXPORT_VALUE_OUT_OF_RANGE.at, name=rule.name, what=what))
    return value * _HUNDRED / most


def _of_percent(percent: Decimal, rule: Rule) -> Mark | Wrong:
    if rule.conversion.bands:
        reached = [band for band in rule.conversion.bands if _exact(band.at_least) <= percent]
        if not reached:
            return _off_scale(rule, ": ниже всех порогов")
        return _on_scale(max(reached, key=lambda band: band.at_least).mark, rule)
    if rule.conversion.rounding is not None:
        step = _exact(rule.scale.step)
        steps = (percent / step).to_integral_value(_ROUNDING[rule.conversion.rounding])
        percent = steps * step
    return _on_scale(_number(percent), rule)


def _on_scale(mark: Mark, rule: Rule) -> Mark | Wrong:
    if rule.scale.has(mark):
        return mark
    between = (
        not isinstance(mark, str)
        and rule.scale.lowest is not None
        and rule.scale.highest is not None
        and rule.scale.lowest <= mark <= rule.scale.highest
    )
    return _off_scale(rule, ": между делениями" if between else "")


def _off_scale(rule: Rule, why: str) -> Wrong:
    return Wrong(
        partial(codes.EXPORT_MARK_OFF_SCALE.at, name=rule.name, scale=rule.scale.title, why=why)
    )


def _unreadable(text: str, rule: Rule) -> Wrong:
    what = "это не число"
    for other, sign in (("точка", "точкой"), ("запятая", "запятой")):
        digits = text.strip().removesuffix("%")
        if other != rule.decimal and number(digits, other, is_text=True) is not None:
            what = f"дробь записана с {sign}, а в раскладке не так"
        elif "%" in text and rule.conversion.value != "процент":
            what = "это процент, а в раскладке не так"
    return Wrong(partial(codes.EXPORT_VALUE_UNREADABLE.at, name=rule.name, what=what))


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
