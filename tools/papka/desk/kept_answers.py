"""Answers about a record that is not written yet, kept in this copy until it is.

They hold personal data as a draft does: below `.papka/`, for the owner of the copy alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from papka.desk.filling import Filling
from papka.records.fields import dotted_name
from papka.repository import unfinished_work

Said = tuple[str, str]
"""A field's dotted name, and the answer as it was typed."""


def keep_answers(filling: Filling, said: Iterable[Said]) -> None:
    """Keep the answers for the same command given again."""
    data = json.dumps([list(each) for each in said], ensure_ascii=False).encode()
    unfinished_work.keep_note(filling.desk.root, _request(filling), data)


def find_answers(filling: Filling) -> list[Said]:
    """Return what was answered the last time; nothing when it was written, or cannot be read."""
    data = unfinished_work.find_note(filling.desk.root, _request(filling))
    known = {dotted_name(trail) for trail in filling.fields()}
    try:
        said = [(str(name), str(text)) for name, text in json.loads(data or b"[]")]
    except (ValueError, TypeError, RecursionError):
        return []
    return [(name, text) for name, text in said if name in known]


def drop_answers(filling: Filling) -> None:
    """Forget them: the record is written."""
    unfinished_work.drop_note(filling.desk.root, _request(filling))


def _request(filling: Filling) -> bytes:
    """Return what the note is found by: the words of the command that asks."""
    return f"answers {filling.called}".encode()
