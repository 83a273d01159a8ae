"""Steps of trouble: mirrors away or empty, wrong clocks, flipped bits, lost computers, media.

Each step is told as a word or two; what it draws, it draws from its own chance.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from papka.copies import mirrors
from tests.faults.hurt_school import main_of
from tests.life import jobs, work, writing
from tests.life.facts import git
from tests.life.life import Life
from tests.life.model import Stage
from tests.life.world import USB, Desk, World
from tests.support.clones import HEAD

_SECONDS = 300


def away(life: Life, _: Desk, chance: random.Random) -> str:
    """A mirror is not there for a while."""
    store = chance.choice((life.world.primary, life.world.second))
    if store not in life.away and store.is_dir():
        life.away[store] = chance.randrange(2, 9)
        store.rename(store.with_name(store.name + ".away"))
    return store.stem


def back(life: Life, store: Path) -> None:
    store.with_name(store.name + ".away").rename(store)
    del life.away[store]


def blank(life: Life, _: Desk, chance: random.Random) -> str:
    """The second mirror is another disk: empty at the same place, or written down anew."""
    world = life.world
    if world.is_usb_away:
        return "нет на месте"
    shutil.rmtree(world.second)
    if chance.random() < 0.5:
        git(world.root, "init", "-q", "--bare", "--initial-branch=main", str(world.second))
        return "пустой"
    for desk in world.desks.values():
        git(desk.root, "remote", "remove", USB)
        mirrors.add(desk.root, USB, str(world.second), "RU", allowed=("RU",))
    return "записан заново"


def clock(_: Life, desk: Desk, chance: random.Random) -> str:
    desk.clock = chance.randrange(-_SECONDS, _SECONDS + 1)
    desk.left = chance.randrange(1, 5)
    return f"{desk.clock} с"


def a_medium(world: World, chance: random.Random) -> Path:
    medium = world.root / "media" / chance.choice(("Н-1", "Н-2"))
    medium.mkdir(exist_ok=True)
    return medium


def backup(life: Life, desk: Desk, chance: random.Random) -> str:
    """What was not sent is signed anew by an exchange, and no medium takes two histories."""
    return copied(life, desk, a_medium(life.world, chance), chance)


def copied(life: Life, desk: Desk, medium: Path, chance: random.Random) -> str:
    copy = desk.copy
    if life.world.is_hub_away:
        return "сначала обмен, а основного нет"
    work.exchange(life, desk, chance)
    if any("media" in path for path in copy.edited):
        writing.keep(life, desk)
    head = dict(copy.saved)
    life.run(desk, jobs.backup(life.world, desk, medium))
    newest = max(medium.glob("papka-2*"))
    life.copies[newest] = head
    return f"{medium.name}: {newest.name}"


def medium(life: Life, desk: Desk, chance: random.Random) -> str:
    """A copy on a medium holds all that was saved when it was made."""
    if not life.copies:
        return "нет копий"
    copy = chance.choice(sorted(life.copies))
    place = life.world.root / "tmp" / f"restored-{len(life.told)}"
    life.world.restore(desk, place, copy)
    found = life.world.reader.saved(place, "main")
    odd = sorted(k for k in found.keys() | life.copies[copy].keys()
                 if found.get(k) != life.copies[copy].get(k))  # fmt: skip
    life.hold([f"на копии {copy.name} не то: {odd[:6]}"] * bool(odd))
    shutil.rmtree(place)
    return copy.name


def anew(life: Life, desk: Desk, chance: random.Random) -> str:
    """A computer is lost with all that was not sent; or its folder only, and it remembers."""
    world, copy = life.world, desk.copy
    sources = [each for each in (world.primary, world.second) if main_of(each)]
    if not sources:
        return "не из чего"
    source = chance.choice(sources)
    unsent = len([k for k, v in copy.saved.items() if world.hub.get(k) != v])
    life.lost["пропало с компьютером неотправленным"] += unsent
    is_only_folder = desk.head == main_of(source) and not copy.waits
    shutil.rmtree(desk.root)
    if not is_only_folder:
        shutil.rmtree(desk.state, ignore_errors=True)
        desk.clock = desk.left = 0
    world.set_up(desk, source)
    told = "папка" if is_only_folder else "компьютер"
    return f"{told}, из {source.stem}" + (f", пропало {unsent}" if unsent else "")


def flip(life: Life, desk: Desk, chance: random.Random) -> str:
    """A bit of one's own store falls over; healing brings back all that was ever saved."""
    world, copy = life.world, desk.copy
    dot = desk.root / ".git"
    files = [path for name in ("objects", "refs") for path in (dot / name).rglob("*")]
    files += [dot / "HEAD", dot / "packed-refs", dot / "index"]
    whole = [path for path in sorted(files) if path.is_file() and path.stat().st_size]
    file = chance.choice(whole)
    mode, data = file.stat().st_mode, bytearray(file.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.unlink()  # git links what it clones from the same disk, and here each has their own
    file.write_bytes(data)
    file.chmod(mode)
    where = file.relative_to(dot).parts[0]
    stages = [Stage("как было", copy.saved, world.hub)]
    ran = world.run(desk, ["restore", "--heal"])
    if ran.code == 3 and life.away:  # what is lost may be on a mirror that is not there
        for store in [*life.away]:
            back(life, store)
        ran = world.run(desk, ["restore", "--heal"])
    if ran.code == 3 and "--drop-unsent" in ran.text:
        ran = world.run(desk, ["restore", "--heal", "--drop-unsent"])
    life.hold([f"heal: код {ran.code}"] * (ran.code != 0), ran)
    saved = world.reader.saved(desk.root, desk.head)
    if not copy.unlike(copy.saved, saved):
        life.look(desk, stages, ran)
        return f"{where}: вылечено"
    life.hold([f"{where}: вершина другая, а не сказано"] * ("Раньше" not in ran.text), ran)
    before, copy.edits = copy.lies, {k: v for k, v in copy.lies.items() if saved.get(k) != v}
    copy.saved, copy.undoable = saved, None
    life.watch(desk, ran)
    life.lost["сохранено снова после лечения с откатом"] += len(copy.edits)
    if copy.edits:
        ran = world.run(desk, ["save", "--as", HEAD])
        life.look(desk, [Stage("сохранено снова", before, world.hub)], ran)
    return f"{where}: вылечено с откатом, сохранено снова"
