"""Deadlines: what is due and what is overdue on a day, and the codes of `status --due`.

Invariants: the clock, git and mirrors are never asked, only values given; texts hold numbers and
never a name (a timer prints them into mail and logs); overdue, an error of `status --due`, is only
what a person has already failed to do, everything else warns beforehand or is left to a decision
(R-6.4). Until the day named in organization.yaml the end of a school year warns, after it is an
error (R-6.3); a period closed without its seal is an error at once. A mirror that nobody ever
looked at counts from the archive's first day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from papka.core.errors import NotFound
from papka.core.findings import Code, Location, Severity
from papka.core.phrases import natural_key
from papka.core.places import (
    ALLOWED_SIGNERS,
    ORGANIZATION,
    RECORDS,
    SEALS,
    TEXT,
    record_file,
    record_folder,
    seal_file,
)
from papka.desk.deadline import Deadline
from papka.desk.open_purges import purges
from papka.desk.statutory_deadlines import given_transcripts, list_leaks, list_statutory
from papka.proof.anchors import BadSeal, last_seal, read_seal
from papka.records.archive import Archive
from papka.records.derived.approvals import acts_of
from papka.records.derived.in_force import (
    MEDIA_NEEDED,
    backup_by,
    copies_due,
    days_after,
    first_day,
    in_force,
    last_day_of_consent,
    lendings_out,
    school_year,
)
from papka.records.derived.keeping import Keeping, keeping, keeping_of_units
from papka.records.derived.result_facts import enrolment_of, outstanding
from papka.records.derived.whereabouts import SHEET
from papka.records.school import KeptUnit
from papka.records.student import Student
from papka.records.wording import counted, day
from papka.repository.commit_snapshots import CommitTree

_COPY = (
    "Запишите архив на носитель, которого ещё нет среди хороших: papka backup --to ПАПКА; затем "
    "восстановите каждую копию на пробу: papka restore --drill"
)
_TWO_MEDIA = (
    "По окончании учебного года, не позднее срока, информация копируется на два носителя (п. 6.3). "
    "Считаются разные носители, копии на которых сделаны после конца года, перечитаны и "
    "восстановлены на пробу: непроверенная копия — не копия."
)
_SEAL = "Поставьте пломбу: papka period seal {address}; её лист печатают и подписывают"
_SEALED = (
    "Пломба закрепляет состояние архива на бумаге: без неё переписанную украденными ключами "
    "историю отличить не от чего. Её ставят при закрытии периода и по окончании учебного года."
)
_YEARLY = (
    f"{_SEAL}. Раз в год, в тот же день: восстановите копии на пробу (papka restore --drill), "
    "напечатайте лист ключей (papka print keys) и подшейте его рядом"
)
_SEND = "Подключите носитель или сервер и отправьте: papka mirror push"
_SENDING = "То, чего нет ни на одном зеркале, пропадёт вместе с этим компьютером."
_LOOK = "Проверьте зеркало целиком: papka verify --mirrors"
_LOOKING = (
    "Носители портятся молча: о порче узнают тогда, когда копия понадобится. Поэтому каждое "
    "зеркало время от времени читают целиком; papka помнит, когда это было, или смотрит в журнал "
    "носителей."
)

COPIES_DUE = Code(
    "COPIES_DUE",
    Severity.WARNING,
    says="учебный год {address} кончился: {text}",
    hint=_COPY,
    why=_TWO_MEDIA,
)
COPIES_OVERDUE = Code(
    "COPIES_OVERDUE",
    Severity.ERROR,
    says="копий за учебный год {address} не хватает: {text}",
    hint=_COPY,
    why=_TWO_MEDIA,
)
PERIOD_NOT_CLOSED = Code(
    "PERIOD_NOT_CLOSED",
    Severity.ERROR,
    says="период {address} не закрыт: {text}",
    hint="Посмотрите, чего не хватает: papka period status {address}; затем руководитель закроет: "
    "papka period close {address}",
    why="Результаты считаются утверждёнными, когда руководитель закрыл период (п. 5.6, 6.7). "
    "До этого на бумаге стоит «не утверждено».",
)
ENTRIES_UNAPPROVED = Code(
    "ENTRIES_UNAPPROVED",
    Severity.WARNING,
    says="период {address}: {text}",
    hint="Покажите их руководителю: он утвердит ещё одним актом, papka period approve {address} "
    "НОМЕР#ЗАПИСЬ",
    why="Что внесено или исправлено после утверждения, не утверждено, пока его не назовёт ещё один "
    "акт (пп. 5.6, 6.7): на бумаге оно так и отмечено, а сертификат по нему не выдать.",
)
SEAL_DUE = Code(
    "SEAL_DUE",
    Severity.WARNING,
    says="пломбы на учебном году {address} нет: {text}",
    hint=_YEARLY,
    why=_SEALED,
)
SEAL_OVERDUE = Code(
    "SEAL_OVERDUE", Severity.ERROR, says="пломбы нет: {address}, {text}", hint=_SEAL, why=_SEALED
)
KEYS_OLD = Code(
    "KEYS_OLD",
    Severity.WARNING,
    says="{address} пора обновить: {text}",
    hint="Обновите их ключами другого вида: papka trust renew ЕЖЕДНЕВНЫЙ ЗАПАСНОЙ; затем "
    "напечатайте лист ключей: papka print keys",
    why="Способы подписи стареют за десятилетия, а архив хранят дольше. Ключи другого вида "
    "принимают, пока прежним ещё верят: подписанное раньше остаётся верным.",
)
SAFE_SHEET_DUE = Code(
    "SAFE_SHEET_DUE",
    Severity.WARNING,
    says="{address}: {text}",
    hint="Напечатайте его: papka backup --safe-sheet; руководитель подпишет, и лист кладут в сейф "
    "вместо прежнего",
    why="Через тридцать лет программы, компьютеров и людей может уже не быть. Лист в сейфе "
    "говорит, каким ключам и пломбам верить, где копии и с чего начать; устаревший уводит в "
    "сторону. Раз в год его печатают заново, даже если ничего не изменилось.",
)
MIRROR_SEND_DUE = Code(
    "MIRROR_SEND_DUE",
    Severity.WARNING,
    says="зеркало «{address}»: {text}",
    hint=_SEND,
    why=_SENDING,
)
MIRROR_SEND_OVERDUE = Code(
    "MIRROR_SEND_OVERDUE",
    Severity.ERROR,
    says="зеркало «{address}»: {text}",
    hint=_SEND,
    why=_SENDING,
)
MIRROR_PARTED = Code(
    "MIRROR_PARTED",
    Severity.ERROR,
    says="зеркало «{address}»: {text}",
    hint="Ничего не отправляйте, сравните: papka mirror status; затем papka verify --mirrors",
    why="Зеркало подтвердило сохранение, которого в здешней истории больше нет: одну из историй "
    "переписали или вернули к старой копии.",
)
MIRROR_CHECK_DUE = Code(
    "MIRROR_CHECK_DUE",
    Severity.WARNING,
    says="зеркало «{address}»: {text}",
    hint=_LOOK,
    why=_LOOKING,
)
MIRROR_CHECK_OVERDUE = Code(
    "MIRROR_CHECK_OVERDUE",
    Severity.ERROR,
    says="зеркало «{address}»: {text}",
    hint=_LOOK,
    why=_LOOKING,
)
DEBT_OVERDUE = Code(
    "DEBT_OVERDUE",
    Severity.ERROR,
    says="срок пересдачи прошёл: {address}, {text}",
    hint="Внесите пересдачу или «не аттестован»: papka add {student} result; новый срок: "
    "papka fix {address} resit_by=ДАТА",
    why="Задолженность с прошедшим сроком: либо пересдали, и этого нет в деле, либо нужно решение "
    "(п. 2.2.6).",
)
FILE_NOT_RETURNED = Code(
    "FILE_NOT_RETURNED",
    Severity.ERROR,
    says="бумажное дело не вернули: {address}, {text}",
    hint="Верните дело на место и отметьте: papka end {address}",
    why="Сохранность бумажных дел обеспечивает организация: кто взял, когда вернёт (п. 6.6).",
)
CONSENT_ENDS = Code(
    "CONSENT_ENDS",
    Severity.WARNING,
    says="согласие скоро кончится: {address}, {text}",
    hint="Получите новое согласие или прекратите обработку в этот день; бланк: papka print consent",
    why="После окончания согласия данные для этой цели обрабатывать нельзя (п. 3.1).",
)
RETENTION_ENDED = Code(
    "RETENTION_ENDED",
    Severity.WARNING,
    says="срок хранения прошёл: {address}, {text}",
    hint="Нужно решение руководителя. Надобность миновала: papka fix {address} "
    "need_ended.date=ДАТА need_ended.order=ПРИКАЗ; дело ещё нужно: papka add {student} hold. "
    "Неподтверждённый срок подтверждают приказом: records/organization.yaml, retention",
    why="Срок считают с 1 января года, следующего за закрытием дела. После него дело хранят до "
    "минования надобности: это решение записывают (п. 6.4). Само по себе оно ничего не уничтожает.",
)
NEED_ENDED = Code(
    "NEED_ENDED",
    Severity.WARNING,
    says="дело хранить больше не нужно: {address}, {text}",
    hint="Руководитель издаёт приказ вида «уничтожение» (papka new order) и уничтожает дело: "
    "papka destroy {address} --order ПРИКАЗ. До того оно лежит как лежало",
    why="Срок хранения прошёл, запретов нет, и руководитель признал, что надобность миновала "
    "(п. 6.4): больше данные человека хранить не на чем (152-ФЗ, ст. 5, ч. 7).",
)
RECORDS_KEPT_LONG = Code(
    "RECORDS_KEPT_LONG",
    Severity.WARNING,
    says="срок хранения прошёл: {address}, {text}",
    hint="Нужно решение руководителя: хранить дальше или уничтожить по приказу. Что именно пора: "
    "papka destroy --due",
    why="Сроки хранения приказов, записей в книгах и выгрузок — в records/organization.yaml, "
    "retention (п. 6.4). Считают с 1 января года, следующего за событием.",
)
DEADLINE_UNREADABLE = Code(
    "DEADLINE_UNREADABLE",
    Severity.ERROR,
    says="файл не читается: сроки в нём не видны",
    hint="Узнайте, что в нём не так, и исправьте: papka check",
    why="В нечитаемом файле может стоять срок, который уже прошёл.",
)


KEYS_LAST = 10
"""Years after which the head's keys should be renewed."""
_ENDS_SOON = dt.timedelta(days=30)
"""How long before its end a consent is told of."""
SHEET_LASTS = 365
"""Days after which the sheet for the safe is printed anew."""
UNSENT = (dt.timedelta(days=7), dt.timedelta(days=31))
"""How long something saved may wait to be sent: a warning after the first, an error after the
second."""
SILENT = (dt.timedelta(days=31), dt.timedelta(days=92))
"""How long a mirror that has everything may stay silent: likewise."""
UNSEEN = (dt.timedelta(days=92), dt.timedelta(days=366))
"""How long a mirror may go without being read whole: likewise."""


@dataclass(frozen=True, slots=True)
class MirrorSeen:
    """What is remembered of a mirror.

    `since`: the day of the archive's first commit; `unsent`: the day of the first commit the mirror
    is not known to have; `parted`: it confirmed a commit that is not in our history; `heard`: the
    last day it answered; `looked`: the last day it was read whole and found sound.
    """

    name: str
    since: dt.date
    unsent: dt.date | None = None
    parted: bool = False
    heard: dt.date | None = None
    looked: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SealSeen:
    """The last seal there was on a day: what it was put for, when, and which periods' acts of
    approval are under it."""

    period: str
    date: dt.date
    closed: frozenset[str]


def seal_on(tree: CommitTree, on: dt.date) -> SealSeen | None:
    """Return the last seal put by a day, according to its own text; None before the first.

    `tree` is the last commit. A seal that cannot be read is passed over, so that its lack is
    reported; whether seals are sound is the question of `verify`.
    """
    for number in range(last_seal(tree), 0, -1):
        try:
            text = read_seal(tree.read(seal_file(number, TEXT)))
            if text.date > on:
                continue
            names = tree.at(text.head).names(record_folder("approval"))
            acts = (name for name in names if name.endswith(".yaml"))
        except (BadSeal, KeyError, NotFound):
            continue
        closed = frozenset(name.removesuffix(".yaml") for name in acts)
        return SealSeen(text.period, text.date, closed)
    return None


@dataclass(frozen=True, slots=True)
class SheetSeen:
    """The sheet for the safe as the journal knows it. `printed`: None before the first; `since`:
    the day of the archive's first save; `changed`: what it would say otherwise now, in words."""

    printed: dt.date | None
    since: dt.date
    changed: tuple[str, ...] = ()


def deadlines(  # noqa: PLR0913 - what is known of a day comes from so many places
    archive: Archive,
    on: dt.date,
    *,
    seal: SealSeen | None = None,
    seen: tuple[MirrorSeen, ...] = (),
    stolen: tuple[dt.datetime, ...] = (),
    late: Mapping[str, int] | None = None,
    paths: Iterable[str] = (),
    keys: dt.date | None = None,
    known: Iterable[Deadline] = (),
    sheet: SheetSeen | None = None,
    days: Mapping[str, dt.date] | None = None,
) -> tuple[Deadline, ...]:
    """Return all deadlines, the overdue first, then by day and number.

    `seal` is the last one there was on the day; `stolen`: when keys were declared stolen; `late`:
    period -> count of its entries that came after an act and none holds; `paths`: of orders,
    register entries and exports whose term may be over; `keys`: since when the head's keys are
    those of today; `known`: those of personal files that are not in the archive; `sheet`: for
    the safe; `days`: the day again, by student, where it is watched how each file compares with it.
    """
    found = [*known, *acts(archive), *periods(archive, on), *copies(archive, on)]
    found += waiting(archive, late or {})
    found += [*seals(archive, on, seal), *mirrors(on, seen), *renewal(on, keys)]
    found += safe_sheet(on, sheet)
    found += [*list_leaks(archive, stolen, on), *purges(archive, on)]
    found += records_kept(keeping_of_units(archive, paths, on), on)
    transcripts = given_transcripts(archive)
    for student in archive.students.values():
        of_file = days.get(student.id, on) if days else on
        found += list_statutory(archive, student, of_file, transcripts)
        for rule in (debts, lendings, consents, retention):
            found += rule(archive, student, of_file)
    return tuple(
        sorted(
            found,
            key=lambda d: (not d.overdue, d.day or dt.date.max, d.about, natural_key(d.address)),
        )
    )


def renewal(on: dt.date, since: dt.date | None) -> Iterator[Deadline]:
    if since is None:
        return
    by = dt.date(since.year + KEYS_LAST, since.month, min(since.day, 28))
    if on >= by:
        told = f"они действуют с {day(since)}, прошло {KEYS_LAST} лет"
        yield Deadline(
            "старые ключи", "ключи руководителя", told, by, Location(ALLOWED_SIGNERS), KEYS_OLD
        )


def safe_sheet(on: dt.date, sheet: SheetSeen | None) -> Iterator[Deadline]:
    if sheet is None:
        return
    by = days_after(sheet.printed or sheet.since, SHEET_LASTS)
    told = f"напечатан {day(sheet.printed)}" if sheet.printed else "ещё ни разу не напечатан"
    if sheet.changed:
        told += f", с тех пор изменилось: {', '.join(sheet.changed)}"
    if sheet.changed or on >= by:
        yield Deadline(SHEET, SHEET, told, by, Location(f"{RECORDS}/media"), SAFE_SHEET_DUE)


def mirrors(on: dt.date, seen: tuple[MirrorSeen, ...]) -> Iterator[Deadline]:
    """Mirrors that have not taken what was saved, or were not looked at, for long."""
    for mirror in seen:
        for about, text, last, code in _judge_mirror(mirror, on):
            yield Deadline(about, mirror.name, text, last, Location(), code)


def _judge_mirror(
    mirror: MirrorSeen, on: dt.date
) -> Iterator[tuple[str, str, dt.date | None, Code]]:
    if mirror.parted:
        told = "подтвердило сохранение, которого в здешней истории нет"
        yield "зеркало разошлось", told, None, MIRROR_PARTED
    else:
        yield from _judge_sending(mirror, on)
    since = mirror.looked or mirror.since
    if on - since > UNSEEN[0]:
        told = f"с {day(mirror.looked)}" if mirror.looked else "ещё ни разу"
        code = MIRROR_CHECK_OVERDUE if on - since > UNSEEN[1] else MIRROR_CHECK_DUE
        yield "зеркало не проверено", f"целиком не проверялось {told}", since + UNSEEN[1], code


def _judge_sending(
    mirror: MirrorSeen, on: dt.date
) -> Iterator[tuple[str, str, dt.date | None, Code]]:
    if mirror.unsent is not None:
        since, limits = mirror.unsent, UNSENT
        told = f"сохранённое с {day(since)} на него не отправлено"
    else:
        since, limits = mirror.heard or mirror.since, SILENT
        told = (
            f"последний раз отвечало {day(since)}"
            if mirror.heard
            else "когда отвечало, здесь не известно"
        )
    if on - since > limits[0]:
        about = "зеркало отстало" if mirror.unsent else "зеркало молчит"
        code = MIRROR_SEND_OVERDUE if on - since > limits[1] else MIRROR_SEND_DUE
        yield about, told, since + limits[1], code


def debts(archive: Archive, student: Student, on: dt.date) -> Iterator[Deadline]:
    for debt in outstanding(archive, student, on):
        last = debt.last
        enrolment = enrolment_of(student, last.enrolment)
        program = enrolment.program if enrolment else last.enrolment
        yield Deadline(
            "задолженность",
            f"{student.id}#{last.id or ''}",
            f"{program}, {last.part or last.origin}: "
            + (f"пересдать до {day(last.resit_by)}" if last.resit_by else "срок не назначен"),
            last.resit_by,
            student.where(last),
            DEBT_OVERDUE if debt.state == "просрочена" else None,
        )


def lendings(_: Archive, student: Student, on: dt.date) -> Iterator[Deadline]:
    for lending in lendings_out(student, on):
        due = f"вернуть до {day(lending.due)}" if lending.due else "срок возврата не назначен"
        is_late = lending.due is not None and lending.due < on
        yield Deadline(
            "бумажное дело выдано",
            f"{student.id}#{lending.id or ''}",
            f"взято {day(lending.date)}, {due}",
            lending.due,
            student.where(lending),
            FILE_NOT_RETURNED if is_late else None,
        )


def consents(archive: Archive, student: Student, on: dt.date) -> Iterator[Deadline]:
    for consent in student.consents:
        end = last_day_of_consent(archive, student, consent)
        if end is None or not (on <= end and end - _ENDS_SOON <= on):
            continue
        if not in_force(archive, student, consent, on):
            continue
        after = end + dt.timedelta(days=1)
        same = (each for each in student.consents if each.purpose == consent.purpose)
        if not any(in_force(archive, student, each, after) for each in same):
            yield Deadline(
                "согласие истекает",
                f"{student.id}#{consent.id or ''}",
                f"{consent.purpose}: действует по {day(end)}",
                end,
                student.where(consent),
                CONSENT_ENDS,
            )


def retention(archive: Archive, student: Student, on: dt.date) -> Iterator[Deadline]:
    found = keeping(archive, student, on)
    if found.last is None or found.last >= on:
        return
    text, code = f"хранить следовало по {day(found.last)}", RETENTION_ENDED
    if found.obstacles:
        text += f"; уничтожить нельзя: {', '.join(found.obstacles)}"
    elif found.decision is not None:
        text += f"; надобность миновала, решение от {day(found.decision.date)}"
        code = NEED_ENDED
    where = student.where(None)
    yield Deadline("срок хранения истёк", student.id, text, found.last, where, code)


def records_kept(kept: Iterable[tuple[str, Keeping]], on: dt.date) -> Iterator[Deadline]:
    """Orders, register entries and exports whose term is over, all of one kind and day together."""
    late: dict[tuple[KeptUnit, dt.date], list[tuple[str, Keeping]]] = {}
    for path, each in kept:
        if each.last is not None and each.last < on:
            late.setdefault((each.unit, each.last), []).append((path, each))
    for (unit, last), found in late.items():
        text = f"единиц {len(found)}, хранить следовало по {day(last)}"
        if "срок хранения не подтверждён" in found[0][1].obstacles:
            text += "; срок хранения не подтверждён"
        if held := sum(bool(each.holds) for _, each in found):
            text += f"; под запретом {held}"
        where = Location(found[0][0])
        yield Deadline("срок хранения истёк", unit, text, last, where, RECORDS_KEPT_LONG)


def acts(archive: Archive) -> Iterator[Deadline]:
    """Draft acts that the school has yet to adopt; no day is set for it."""
    for key, act in archive.regulations.items():
        for index, edition in enumerate(act.editions):
            if not edition.is_adopted:
                yield Deadline(
                    "акт не принят",
                    key,
                    f"редакция {edition.edition} — проект: впишите protocol и since",
                    None,
                    Location(f"{RECORDS}/regulations/{key}/regulation.yaml", f"/editions/{index}"),
                )


def periods(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    for index, period in enumerate(archive.periods.values()):
        if period.end < on and period.period not in archive.approvals:
            yield Deadline(
                "период не закрыт",
                period.period,
                f"закончился {day(period.end)}",
                period.end,
                Location(ORGANIZATION, f"/periods/{index}"),
                PERIOD_NOT_CLOSED,
            )


def waiting(archive: Archive, late: Mapping[str, int]) -> Iterator[Deadline]:
    """Entries that came after an act, touch what it settled, and wait for another."""
    for period, count in late.items():
        told = counted(count, ("запись ждёт", "записи ждут", "записей ждут"))
        acts = [period, *acts_of(archive, period)]
        last = period if period in archive.approvals else acts[-1]
        where = Location(record_file("approval", last) or "")
        told = f"{told} утверждения"
        yield Deadline("ждёт утверждения", period, told, None, where, ENTRIES_UNAPPROVED)


def copies(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    faults = {
        "до закрытия": "сделана раньше, чем закрыли период",
        "не перечитана": "не перечитана",
        "не восстановлена": "не восстановлена на пробу",
    }
    for found in copies_due(archive, on):
        is_late = on > found.by
        lacking = ", ".join(f"{medium}: {faults[fault]}" for medium, fault in found.lacking)
        yield Deadline(
            "копии за год",
            str(found.year),
            f"хороших носителей {found.good} из {MEDIA_NEEDED}, "
            f"{'срок был' if is_late else 'срок'} {day(found.by)}"
            + (f"; {lacking}" if lacking else ""),
            found.by,
            Location(f"{RECORDS}/media/{found.year}.yaml"),
            COPIES_OVERDUE if is_late else COPIES_DUE,
        )


def seals(archive: Archive, on: dt.date, last: SealSeen | None) -> Iterator[Deadline]:
    under = last.closed if last else frozenset()
    for act in archive.approvals.values():
        if not act.is_early and act.period not in under and act.date <= on:
            yield Deadline(
                "нет пломбы",
                act.period,
                f"период закрыт {day(act.date)}",
                act.date,
                Location(SEALS),
                SEAL_OVERDUE,
            )
    year = school_year(archive, on) - 1
    if not any(period.school_year <= year for period in archive.periods.values()):
        return
    ended, by = first_day(archive, year + 1), backup_by(archive, year)
    if last is None or (last.date < ended and last.period != str(year)):
        is_late = on > by
        yield Deadline(
            "нет пломбы",
            str(year),
            f"учебный год кончился, {'срок был' if is_late else 'срок'} {day(by)}",
            by,
            Location(SEALS),
            SEAL_OVERDUE if is_late else SEAL_DUE,
        )
