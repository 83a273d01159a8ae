"""An order, once saved, is not removed; its text changes only to mend a slip of typing, which is
said aloud. The list of students may grow: entries get their numbers after the order."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.core.layout import order_file
from papka.model.acts import Order
from papka.model.archive import Archive


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    for key, old in before.orders.items():
        path = order_file(key)
        new = after.orders.get(key)
        if new is None:
            if after.is_readable(path):
                yield codes.ORDER_REMOVED.at(Location(path), order=key)
        else:
            fields = list(_altered(old, new))
            if fields:
                yield codes.ORDER_CHANGED.at(
                    Location(path, f"/{fields[0]}"), order=key, fields=", ".join(fields)
                )


def _altered(old: Order, new: Order) -> Iterator[str]:
    for field in old.__struct_fields__:
        if field != "items" and getattr(old, field) != getattr(new, field):
            yield field
    same = len(old.items) == len(new.items) and all(
        was.text == now.text and set(was.students) <= set(now.students)
        for was, now in zip(old.items, new.items, strict=True)
    )
    if not same:
        yield "items"
