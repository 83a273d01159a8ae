"""Which copies an archive is to be made from: what a person named, found and told apart.

Invariants: nothing is read but names and manifests; of a medium every copy of it is a source, the
newest first. Absent on purpose: judging a copy by what it says of itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotAnArchive, NotFound, Refused
from papka.core.medium import MANIFEST, BadMedium, Label, is_copy_name, read_label
from papka.gates import media
from papka.gates.git.addresses import accept, is_elsewhere
from papka.gates.git.repository import Remote
from papka.gates.git.store import locate
from papka.tasks.hosting.authority import accept_authority

_KINDS = "Годятся имя зеркала, папка с зеркалом или архивом, папка на носителе, ssh://… и https://…"


@dataclass(frozen=True, slots=True)
class Source:
    """A store in a folder or on a server (`remote`), or one copy on a medium (`copy`).

    `name`: how it is called for people; `label`: of the medium, when it has a readable one;
    `is_spare`: an older copy, which is only asked when the newer ones are not whole.
    """

    name: str
    remote: Remote | None = None
    copy: Path | None = None
    label: Label | None = None
    is_spare: bool = False


def find_sources(
    written: Sequence[str], mirrors: Sequence[Remote], base: Path, authority: Path | None = None
) -> tuple[Source, ...]:
    """The sources in the order named; all `mirrors` when none is.

    `base`: the folder that relative paths start from; `authority`: the certificate by which servers
    named by an address https://… are known. Raises NotFound, Refused.
    """
    if not written:
        if not mirrors:
            raise NotFound("Не сказано, из чего восстанавливать", f"--from КОПИЯ. {_KINDS}")
        return tuple(Source(mirror.name, mirror) for mirror in mirrors)
    if authority is not None:
        url = next((each for each in written if each.startswith("https://")), written[0])
        authority = accept_authority(url, authority)
    return tuple(source for each in written for source in _found(each, mirrors, base, authority))


def _found(
    written: str, mirrors: Sequence[Remote], base: Path, authority: Path | None
) -> Iterator[Source]:
    named = next((mirror for mirror in mirrors if mirror.name == written), None)
    if named is not None:
        yield Source(named.name, named)
        return
    if is_elsewhere(written):
        known = str(authority) if authority and written.startswith("https://") else ""
        yield Source(written, Remote(written, written, "", primary=False, authority=known))
        return
    place = Path(accept(written, base))
    if not place.is_dir():
        raise NotFound(f"Копии «{written}» нет", f"Подключите её или назовите иначе. {_KINDS}")
    yield from _in_folder(written, place)


def _in_folder(written: str, place: Path) -> Iterator[Source]:
    if is_copy_name(place.name) or (place / MANIFEST).is_file():
        yield Source(place.name, copy=place, label=_label(place.parent))
        return
    copies = sorted(media.manifests(place), reverse=True)
    if copies:
        label = _label(place)
        name = label.medium if label else written
        for at, copy in enumerate(copies):
            yield Source(f"{name}, {copy}", copy=place / copy, label=label, is_spare=at > 0)
        return
    try:
        locate(place)
    except NotAnArchive as error:
        raise Refused(f"В папке {place} копии архива нет", _KINDS) from error
    yield Source(written, Remote(written, str(place), "", primary=False))


def _label(folder: Path) -> Label | None:
    data = media.read_label_of(folder)
    try:
        return read_label(data) if data is not None else None
    except BadMedium:
        return None
