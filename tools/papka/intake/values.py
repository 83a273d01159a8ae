"""Numbers and days as platforms write them.

Invariants: one declared way to write each, nothing guessed; exact, so `Decimal`; a file other than
text (workbook, JSON) has its numbers with a point and may have its days as YYYY-MM-DD.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:([.,])[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?", re.DOTALL)
_ORDERS = {
    "ДД.ММ.ГГГГ": (re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?:,? .*)?"), (2, 1, 0)),
    "ДД/ММ/ГГГГ": (re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?:,? .*)?"), (2, 1, 0)),
    "ММ/ДД/ГГГГ": (re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?:,? .*)?"), (2, 0, 1)),
}
COMMA = "запятая"


def number(text: str, decimal: str, *, is_text: bool) -> Decimal | None:
    """The number, or None. `decimal` is the layout's word; `is_text`: the file is a text file."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    sign = found[1]
    expected = "," if decimal == COMMA else "."
    if sign is not None and sign != expected and (is_text or sign != "."):
        return None
    return Decimal(found[0].replace(",", "."))


def day(text: str, form: str) -> dt.date | None:
    """The day, or None; time behind it is left aside. `form` is the layout's word."""
    text = text.strip()
    order = _ORDERS.get(form)
    if order is not None and (found := order[0].fullmatch(text)):
        year, month, date = (int(found[at + 1]) for at in order[1])
    elif found := _ISO.fullmatch(text):
        year, month, date = (int(found[at]) for at in (1, 2, 3))
    else:
        return None
    try:
        return dt.date(year, month, date)
    except ValueError:
        return None
