"""The note of a destruction under way: what was asked, and how far it came.

It lies among the notes of unfinished work, where anybody may have put another: it is read as a
stranger's, names nothing that is signed unseen, and holds no fact of a person. Ids of objects stand
in it in a spelling of their own, or a search for what is gone would find the note.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from papka.repository import unfinished_work
from papka.repository.git_values import is_id

NOTE = b"destroy"
"""What the note is found by."""
Stage = Literal["asked", "built", "sent"]
"""How far a job came: nothing is moved; there is an act, and main may stand at it; a mirror may
have it."""


@dataclass(frozen=True, slots=True)
class UnfinishedDestruction:
    """What was asked (`words` to `method`), and how far it came.

    `act`: the commit of the act numbered `number`, "" before it is made; `lost`: ids of the objects
    that are gone.
    """

    words: tuple[str, ...]
    order: str
    date: dt.date
    commission: tuple[str, ...]
    method: str
    stage: Stage = "asked"
    number: int = 0
    act: str = ""
    lost: tuple[str, ...] = ()

    def reach(self, stage: Stage) -> UnfinishedDestruction:
        """Return it at another stage."""
        return replace(self, stage=stage)


def keep(root: Path, note: UnfinishedDestruction) -> None:
    said = asdict(note) | {"date": note.date.isoformat(), "lost": list(map(_code, note.lost))}
    unfinished_work.keep_note(root, NOTE, json.dumps(said).encode())


def drop(root: Path) -> None:
    """Take the note away: all is done, or nothing is."""
    unfinished_work.drop_note(root, NOTE)


def find_unfinished(root: Path) -> UnfinishedDestruction | None:
    """Return what the note says; None for none, or one that is not spelt as ours."""
    data = unfinished_work.find_note(root, NOTE)
    try:
        return _read(json.loads(data)) if data is not None else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _read(said: Any) -> UnfinishedDestruction:  # noqa: ANN401 - whatever a stranger wrote
    """Read a note; raise ValueError, TypeError or KeyError for one that is none of ours."""
    number, stage, act = said["number"], said["stage"], said["act"]
    if not isinstance(number, int) or stage not in get_args(Stage):
        raise ValueError
    if act and not is_id(act):
        raise ValueError
    return UnfinishedDestruction(
        words=_texts(said["words"]),
        order=_texts([said["order"]])[0],
        date=dt.date.fromisoformat(said["date"]),
        commission=_texts(said["commission"]),
        method=_texts([said["method"]])[0],
        stage=stage,
        number=number,
        act=act,
        lost=tuple(_decode(each) for each in _texts(said["lost"])),
    )


def _texts(said: Iterable[object]) -> tuple[str, ...]:
    found = tuple(each for each in said if isinstance(each, str))
    if len(found) != len(list(said)):
        raise TypeError
    return found


def _code(id_: str) -> str:
    return base64.b85encode(bytes.fromhex(id_)).decode()


def _decode(text: str) -> str:
    """Return the id; raise ValueError for what is none."""
    id_ = base64.b85decode(text).hex()
    if not is_id(id_):
        raise ValueError
    return id_
