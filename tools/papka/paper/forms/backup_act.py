"""The act of backup of a school year: every copy, its medium, who read it back (R-6.3).

It says what the journal says and nothing more. Media are counted by labels and by file systems, so
that one disk with two labels is one. That a copy is sound today it cannot say; the day of a drill
of restoring stands beside the copy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from papka.core.errors import NotFound
from papka.core.phrases import grouped, suggest
from papka.paper.form import (
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    letterhead,
    of_head,
    page,
)
from papka.records.acts import MediumCopy
from papka.records.archive import Archive
from papka.records.derived.in_force import (
    MEDIA_NEEDED,
    copies_holding,
    end_of,
    group_by_medium,
    name_year,
)
from papka.records.derived.leadership import signatory_on
from papka.records.wording import NBSP, counted, day, long_day, staff

_COPIES = ("копия", "копии", "копий")


@dataclass(frozen=True, slots=True)
class BackupLine:
    """One copy; an empty word is left to a pen or left out."""

    number: str
    medium: str
    kind: str
    place: str
    date: str
    made_by: str
    size: str
    head: str
    digest: str
    verified: str
    restored: str
    device: str


@dataclass(frozen=True, slots=True)
class BackupAct:
    """`year` is the act's number, `name` the year in words; `text` says what was done to the
    copies; `conclusion`: how many media hold the year; `remarks`: what takes from it."""

    page: Page
    letterhead: Letterhead
    date: str
    year: str
    name: str
    until: str
    text: str
    lines: tuple[BackupLine, ...]
    conclusion: str
    remarks: tuple[str, ...]
    signature: SignatureLine
    others: tuple[SignatureLine, ...]


def view(state: State, address: str) -> BackupAct:
    archive = state.archive
    copies = archive.media[address].copies if address in archive.media else ()
    if not copies:
        known = tuple(_list_years(archive))
        raise NotFound(
            f"Копий за {address} год в журнале нет",
            f"Сделайте копию: papka backup --to ПАПКА-НА-НОСИТЕЛЕ.{suggest(address, known)}",
        )
    year = int(address) if address.isdecimal() else None
    made_on = max(_find_last_day(copy) for copy in copies)
    return BackupAct(
        page=page(state, f"Акт резервного копирования за {address} год"),
        letterhead=letterhead(archive, made_on),
        date=long_day(made_on),
        year=address,
        name=name_year(archive, year) if year is not None else f"{address} год",
        until=long_day(end_of(archive, year)) if year is not None else "",
        text=_say_done(copies),
        lines=tuple(_make_line(archive, at, copy) for at, copy in enumerate(copies, 1)),
        conclusion=_conclude(archive, year, copies),
        remarks=tuple(_list_remarks(copies)),
        signature=of_head(archive, made_on),
        others=tuple(_list_signers(archive, copies, made_on)),
    )


def _find_last_day(copy: MediumCopy) -> dt.date:
    return max(each for each in (copy.date, copy.verified, copy.restored) if each is not None)


def _make_line(archive: Archive, number: int, copy: MediumCopy) -> BackupLine:
    verified = f"{day(copy.verified)}, {staff(archive, copy.verified_by)}" if copy.verified else ""
    return BackupLine(
        number=str(number),
        medium=copy.medium,
        kind=copy.kind,
        place=copy.place or "",
        date=day(copy.date),
        made_by=staff(archive, copy.made_by),
        size=f"{copy.size:,}".replace(",", NBSP) + f"{NBSP}байт",
        head=" ".join(grouped(copy.head)) if copy.head else "",
        digest=" ".join(grouped(copy.sha256)),
        verified=verified,
        restored=day(copy.restored) if copy.restored else "",
        device=copy.device or "",
    )


def _say_done(copies: tuple[MediumCopy, ...]) -> str:
    """Say what was done to every copy alike; what to some, their own tables say."""
    text = "Составлен в том, что архив скопирован на перечисленные носители."
    if all(copy.verified for copy in copies):
        text += (
            " Каждая копия после записи прочитана с носителя целиком, и контрольные суммы всех "
            "файлов сошлись."
        )
    elif any(copy.verified for copy in copies):
        text += " Прочитаны с носителя целиком только те копии, у которых это отмечено ниже."
    else:
        text += " Ни одна копия с носителя не перечитана."
    if all(copy.restored for copy in copies):
        return f"{text} Из каждой копии архив пробно восстановлен."
    if any(copy.restored for copy in copies):
        return f"{text} Пробное восстановление проведено только там, где это отмечено ниже."
    return f"{text} Пробного восстановления не проводили."


def _conclude(archive: Archive, year: int | None, copies: tuple[MediumCopy, ...]) -> str:
    media = len(group_by_medium(copies))
    told = f"{counted(len(copies), _COPIES)} на {media} разных носителях"
    if media == 1:
        told = f"{counted(len(copies), _COPIES)} на одном носителе"
    if year is None:
        return f"В журнале {told}."
    held = copies_holding(archive, year)
    restored = sum(any(copy.restored for copy in group) for group in held)
    if len(held) < MEDIA_NEEDED:
        met = "Требование пункта 6.3 о двух носителях не выполнено."
    elif restored < MEDIA_NEEDED:
        met = "Копии засчитываются после пробного восстановления с каждого носителя."
    else:
        met = "Требование пункта 6.3 о двух носителях выполнено."
    if not held:
        return (
            f"В журнале {told}. Учебного года до последнего дня нет ни в одной из них: копии "
            f"сделаны раньше, чем он кончился и закрыты его периоды, или не перечитаны. {met}"
        )
    return (
        f"В журнале {told}. Учебный год до последнего дня есть в перечитанных копиях на разных "
        f"носителях, их {len(held)}; пробно восстановлено: {restored}. {met}"
    )


def _list_remarks(copies: tuple[MediumCopy, ...]) -> Iterable[str]:
    for group in group_by_medium(copies):
        names = list(dict.fromkeys(copy.medium for copy in group))
        if len(names) > 1:
            yield f"{', '.join(names)} — один и тот же диск: номер файловой системы совпадает."


def _list_signers(
    archive: Archive, copies: tuple[MediumCopy, ...], on: dt.date
) -> Iterable[SignatureLine]:
    """Yield lines to sign for those who copied and who read back, each once."""
    signatory = signatory_on(archive, on)
    head = signatory.staff if signatory else None
    made = dict.fromkeys(copy.made_by for copy in copies)
    read = dict.fromkeys(copy.verified_by for copy in copies if copy.verified_by)
    for heading, ids in (("Копии сделали:", made), ("С носителей перечитали:", read)):
        left = [each for each in ids if each != head]
        for number, each in enumerate(left):
            member = archive.staff.get(each)
            post = member.post if member else ""
            yield SignatureLine(post, staff(archive, each), "" if number else heading)


def _list_years(archive: Archive) -> Iterable[str]:
    return sorted(year for year, journal in archive.media.items() if journal.copies)


FORM = PrintedForm(
    name="backup-act",
    title="Акт резервного копирования",
    target="год",
    view=view,
    targets=_list_years,
    is_of_proof=True,
)
