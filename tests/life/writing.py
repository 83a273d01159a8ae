"""Steps of writing: what people put into their own copies, and save.

Each step is told as a word or two; what it draws, it draws from its own chance.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

from tests.faults.injection import Ended
from tests.life import jobs
from tests.life.facts import path_of
from tests.life.jobs import Job
from tests.life.life import Life
from tests.life.model import Stage, next_number, picked, students
from tests.life.world import Desk

_OLD = "2026-0001"
_NOTICE = "  - date: 2026-06-01\n    about: успеваемость\n    channel: {}\n    told: {}\n"
_ORDER = (
    "number: {}-о\ndate: 2026-11-20\nkind: иное\nheading: Об уборке {}\nitems:\n"
    "  - text: Убрать в классе\nsigned_by: s001\n"
)


def edit(life: Life, desk: Desk, chance: random.Random) -> str:
    """A person writes something and does not save it."""
    what = chance.choice(("notice", "notice", "notice", "phone", "phone", "place"))
    who = picked(chance, students(desk.copy.saved)) if chance.random() < 0.4 else _OLD
    word = life.word()
    if what == "notice":
        write_notice(desk, who, word)
    else:
        value = f"+7{int(word[1:]):010}" if what == "phone" else f"Шкаф {word[1:]}"
        write_value(desk, f"{what} {_OLD if what == 'place' else who}", value)
    return what


def write_notice(desk: Desk, who: str, word: str) -> None:
    path = path_of(f"notice {who}")
    told = "p1" if who == _OLD else "обучающийся"
    before = desk.read(path) if desk.path(path).exists() else "notices:\n"
    desk.write(path, before + _NOTICE.format(word, told))
    desk.copy.edits[f"notice {who} {word}"] = "1"


def write_value(desk: Desk, key: str, value: str) -> None:
    """A telephone or a place, instead of the one that stands there."""
    kind, path = key.split(maxsplit=1)[0], path_of(key)
    text = desk.read(path)
    line = f'phone: "{value}"' if kind == "phone" else f"  place: {value}"
    begins = r"phone: .*" if kind == "phone" else r"  place: .*"
    made, count = re.subn(rf"^{begins}$", line, text, count=1, flags=re.MULTILINE)
    desk.write(path, made if count else f"{text}{line}\n")
    desk.copy.edits[key] = value


def write_order(life: Life, desk: Desk) -> str:
    """The next number, as people agree on it aloud: one given twice before an exchange stops it."""
    known = (desk.copy.lies, life.other(desk).copy.lies, life.world.hub)
    number = max(next_number(each, 2026, "order") for each in known)
    word = life.word()
    desk.write(f"records/orders/{number}.yaml", _ORDER.format(int(number[5:]), word))
    desk.copy.edits[f"order {word}"] = number
    return number


def save(life: Life, desk: Desk, chance: random.Random) -> str:
    """Something written and saved."""
    if chance.random() < 0.15 and not any("notices" in path for path in desk.copy.edited):
        return _add(life, desk)
    told = [edit(life, desk, chance) for _ in range(chance.choice((1, 1, 1, 2)))]
    keep(life, desk)
    return " ".join(told)


def keep(life: Life, desk: Desk) -> Ended:
    """All that was written is saved."""
    before, head = dict(desk.copy.saved), desk.head
    ran = life.run(desk, jobs.save(life.world, desk))
    if desk.head != head:
        desk.copy.undoable = (desk.head, before)
    return ran


def _add(life: Life, desk: Desk) -> str:
    """Written and saved by one command; what else is edited stays as it is."""
    word, copy = life.word(), desk.copy
    words: list[str | Path] = [
        "add", _OLD, "notice", "--date", "2026-06-01", "--about", "успеваемость",
        "--channel", word, "--told", "p1", "--save", "--as", desk.staff,
    ]  # fmt: skip
    before, hub = dict(copy.saved), life.world.hub
    after = {**copy.saved, f"notice {_OLD} {word}": "1"}
    stages = [Stage("ничего", before, hub), Stage("добавлено", after, hub)]
    life.run(desk, Job("add", words, lambda: stages))
    copy.undoable = (desk.head, before)
    return "add"


def only_edit(life: Life, desk: Desk, chance: random.Random) -> str:
    return edit(life, desk, chance)


def order(life: Life, desk: Desk, _: random.Random) -> str:
    write_order(life, desk)
    keep(life, desk)
    return ""


def both(life: Life, desk: Desk, chance: random.Random) -> str:
    """Two change one value, each in their own copy, and both save."""
    kind = chance.choice(("phone", "place", "order"))
    for each in (desk, life.other(desk)):
        if kind == "order":
            write_order(life, each)
        else:
            word = life.word()
            value = f"+7{int(word[1:]):010}" if kind == "phone" else f"Шкаф {word[1:]}"
            write_value(each, f"{kind} {_OLD}", value)
        keep(life, each)
    return kind
