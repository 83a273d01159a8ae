"""The protocol of a verification: what was checked, what was given from paper, findings, a verdict.

It is made from the verification alone and needs no readable record, so it can be printed of a
ruin: nothing of the archive is read but its name, and that may fail. Every finding is counted,
and every code has exactly one area.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from papka import __version__
from papka.core.findings import Code, Finding, Location, Severity, has_errors
from papka.core.installation import ShippedSnapshot
from papka.core.phrases import grouped
from papka.core.places import ORGANIZATION
from papka.paper.form import Page, SignatureLine
from papka.paper.html import parts_of, take_parts
from papka.paper.limited_process import run_limited
from papka.paper.press import print_view
from papka.paper.print_cache import PrintedFile
from papka.proof.anchors import Anchors, read_anchors
from papka.proof.examination import Verified
from papka.proof.verify_codes import REFOUNDING_UNKNOWN
from papka.records.strict_yaml import read
from papka.records.wording import NBSP, NONE, counted, day, long_day
from papka.repository.store import locate
from papka.repository.worktree import WorktreeSnapshot


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a verification: `how` it is done; `codes`: names, or beginnings that end in `_`."""

    title: str
    how: str
    codes: tuple[str, ...]

    def claims(self, code: Code) -> bool:
        return any(
            code.name.startswith(name) if name.endswith("_") else code.name == name
            for name in self.codes
        )


COURSE = Area(
    "Ход проверки",
    "состоялась ли каждая часть; о том, что смотрит несостоявшаяся, ниже не сказано ничего",
    ("CHECK_STOPPED",),
)
STORE = Area(
    "Хранилище",
    "каждый объект перечитан, его контрольная сумма сосчитана заново",
    (
        *("OBJECT_", "PACK_", "REF_DAMAGED", "INDEX_", "FSYNC_", "STALE_", "COMMIT_GRAPH_"),
        "PUSH_LEFTOVER",
    ),
)
SETTINGS = Area(
    "Настройки хранилища",
    "подмены, чужие настройки и программы; ни одна не исполнена",
    ("REPO_", "REF_NAME_", "REF_EXTRA", "HEAD_ELSEWHERE", "ATTR_", "GATE_"),
)
HISTORY = Area(
    "История",
    "все сохранения подряд: порядок, время, состав",
    ("HISTORY_UNREADABLE", "NAMED_OTHERWISE", "MERGE_", "TIME_", "HEADER_", "SINCE_"),
)
SIGNATURES = Area("Подписи", "подпись каждого сохранения", ("SIG_", "AUTHOR_", "COMMIT_ACCEPTED"))
TRUST = Area(
    "Доверие",
    "кто вправе подписывать; чей ключ у первого сохранения",
    ("TRUST_", "SIGNER_", "ROOT_", "REFOUNDING_", "ACCEPTANCE_", "REVOCATION_", "NO_HEAD_LEFT"),
)
SEALS = Area("Пломбы", "каждая пломба и их цепь; сличение с бумагой", ("SEAL_", "ANCHOR_"))
MEMORY = Area(
    "Прежние проверки",
    "сличение с тем, что помнит проверяющий компьютер",
    ("HISTORY_REWRITTEN", "HEAD_BEHIND_", "COPY_", "MEMORY_"),
)
PATHS = Area("Имена файлов", "имена и вид каждого файла во всех сохранениях", ("PATH_", "FILE_"))
FOLDER = Area(
    "Рабочая папка",
    "байты каждого файла против последнего сохранения",
    ("WORKTREE_", "HIDDEN_", "UNTRACKED_"),
)
UNITS = Area(
    "Личные дела",
    "можно ли уничтожить одно дело, не задев других",
    ("SALT_MISSING", "SALT_REUSED", "PERSONAL_", "DESTROYED_", "ACT_INVALID"),
)
MIRRORS = Area("Зеркала", "каждое — своей проверкой и ссылка за ссылкой", ("MIRROR_",))
RECORDS = Area("Записи", "правила изменения: что нельзя стереть и переписать", ("RECORD_",))

AREAS = (
    *(COURSE, STORE, SETTINGS, HISTORY, SIGNATURES, TRUST, SEALS),
    *(MEMORY, PATHS, FOLDER, UNITS, RECORDS, MIRRORS),
)


def area_of(code: Code) -> Area:
    """Return the area of a code; a code that none claims is about the records."""
    return next((area for area in AREAS if area.claims(code)), RECORDS)


class Anchor(NamedTuple):
    """A value given from paper: `kind` is what it is, `text` how it was understood."""

    kind: str
    text: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class SealTold:
    number: str
    date: str
    digest: str
    is_anchored: bool


@dataclass(frozen=True, slots=True)
class ExaminedRow:
    """What a verification looked at and found.

    `organization`: what the archive calls itself; `head`: empty when nothing could be read;
    `since`: the commit after which history was judged, empty when all was; `memory`: whether this
    computer's memory was asked, `remembered`: whether it knew the archive; `mirrors`: names of
    those verified too; `has_folder`: False for a bare store.
    """

    place: str
    when: dt.datetime
    program: str
    findings: tuple[Finding, ...]
    organization: str = ""
    commits: int = 0
    objects: int = 0
    files: int = 0
    head: str = ""
    root: str = ""
    root_key: str = ""
    seals: tuple[SealTold, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    since: str = ""
    transitions: int = 0
    memory: bool = False
    remembered: bool = False
    mirrors: tuple[str, ...] = ()
    has_folder: bool = True


_COUNTS = (
    (Severity.FATAL, ("нарушение", "нарушения", "нарушений")),
    (Severity.ERROR, ("ошибка", "ошибки", "ошибок")),
    (Severity.WARNING, ("предупреждение", "предупреждения", "предупреждений")),
    (Severity.INFO, ("сведение", "сведения", "сведений")),
)

_ALONE = (
    ", но ничего не сличено с бумагой: весь архив мог быть подписан заново другими ключами. "
    "Повторите проверку с листом пломбы или листом ключей."
)
_TRUTH = (
    "Проверка не устанавливает, правдивы ли сами сведения и кто держал ключ в руках: это "
    "подтверждают подписи людей на бумаге."
)
_PAPER = (
    "Сличённое с бумагой верно настолько, насколько верна бумага: посмотрите, чья на ней "
    "подпись и где она хранилась."
)


_UNTOUCHED = "Повреждений и неподписанных сохранений нет"
LISTED = 300
"""Findings told one by one, the worst first; of more only their number is said."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A verdict with its reasons; `limits`: what no verification can know."""

    verdict: str
    reasons: tuple[str, ...]
    limits: tuple[str, ...]


def conclude(seen: ExaminedRow) -> Conclusion:
    """Return what follows from a verification.

    Whole and authentic are two verdicts: without something from outside the archive (paper,
    memory) nobody can say whose it is, and one key from paper is not a seal from paper.
    """
    limits = (_TRUTH, _PAPER) if seen.anchors else (_TRUTH,)
    if has_errors(seen.findings):
        listed = "Каждое перечислено" if len(seen.findings) <= LISTED else "Худшие перечислены"
        reason = f"Найдено: {tally(seen.findings)}. {listed} ниже вместе с тем, что делать."
        return Conclusion("АРХИВУ ДОВЕРЯТЬ НЕЛЬЗЯ", (reason,), limits)
    names = {finding.code.name for finding in seen.findings}
    if "SINCE_NOT_PROVED" in names:
        reason = f"Сохранение {seen.since[:12]}, с которого начали, ничем не подтверждено."
        return Conclusion("НОВЫЕ СОХРАНЕНИЯ ЦЕЛЫ, ПОДЛИННОСТЬ НЕ УСТАНОВЛЕНА", (reason,), limits)
    if "ROOT_UNANCHORED" in names:
        whole = "Повреждений нет" if "COMMIT_ACCEPTED" in names else _UNTOUCHED
        return Conclusion("АРХИВ ЦЕЛ, ПОДЛИННОСТЬ НЕ УСТАНОВЛЕНА", (whole + _ALONE,), limits)
    if seen.since:
        reason = (
            f"Проверено то, что внесено после сохранения {seen.since[:12]}. Это сохранение уже "
            "проверено: прежде на этом компьютере или пломбой с бумаги."
        )
        return Conclusion(
            "НОВЫЕ СОХРАНЕНИЯ ЦЕЛЫ, ПРЕЖНИЕ НЕ ПЕРЕПРОВЕРЯЛИСЬ",
            (reason, *_mention_rest(seen)),
            limits,
        )
    return Conclusion("АРХИВ ЦЕЛ И ПОДЛИНЕН", (*_give_grounds(seen), *_mention_rest(seen)), limits)


def tally(findings: tuple[Finding, ...]) -> str:
    """Return «2 нарушения, 1 ошибка», worst first; empty when there is nothing."""
    return ", ".join(
        counted(number, words)
        for severity, words in _COUNTS
        if (number := sum(f.severity == severity for f in findings))
    )


def _give_grounds(seen: ExaminedRow) -> Iterator[str]:
    sealed = [seal for seal in seen.seals if seal.is_anchored]
    if sealed:
        typed = {anchor.text for anchor in seen.anchors}
        seal = sealed[-1]
        known = "с бумагой" if seal.digest in typed else "с запомненной при прежней проверке"
        yield (
            f"Контрольная сумма пломбы №{NBSP}{seal.number} от{NBSP}{seal.date} совпала {known}: "
            "ничего из внесённого в архив до неё с того дня не изменено, не добавлено задним "
            "числом и не "
            f"изъято. {_judge_later(seen)}"
        )
    elif any(anchor.is_met for anchor in seen.anchors):
        yield (
            "С бумагой сличены ключи или первое сохранение, но ни одна пломба. Подписи этих людей "
            "подлинны; что владелец ключа не переписал историю целиком, показала бы только "
            "контрольная сумма пломбы с бумаги."
        )
    elif seen.remembered:
        yield (
            "Бумага не предъявлена; архив продолжает тот, который этот компьютер проверял прежде."
        )


def _judge_later(seen: ExaminedRow) -> str:
    """Say of the commits after a seal that they are signed; not where the head accepted others."""
    if any(finding.code.name == "COMMIT_ACCEPTED" for finding in seen.findings):
        return "Сохранения без доверенной подписи принял руководитель: они названы ниже."
    return "Сохранения после неё подписаны ключами, которым архив доверяет."


def _mention_rest(seen: ExaminedRow) -> Iterator[str]:
    if seen.findings:
        yield f"Вывода не меняет, но прочесть надо: {tally(seen.findings)}."


@dataclass(frozen=True, slots=True)
class ProtocolRow:
    """A finding; `hint` is empty where it repeats the one above."""

    severity: str
    code: str
    place: str
    message: str
    hint: str


class AreaRow(NamedTuple):
    title: str
    how: str
    result: str


class AnchorRow(NamedTuple):
    kind: str
    text: str
    result: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """The protocol as printed; `left`: how many findings are not listed, empty when all are."""

    page: Page
    date: str
    organization: str
    facts: tuple[tuple[str, str], ...]
    anchors: tuple[AnchorRow, ...]
    areas: tuple[AreaRow, ...]
    conclusion: Conclusion
    rows: tuple[ProtocolRow, ...]
    left: str
    signatures: tuple[SignatureLine, ...]


def protocol(seen: ExaminedRow) -> Protocol:
    """Return the protocol; an area that was not looked at says so, never «замечаний нет»."""
    moment = f"{seen.when:%d.%m.%Y %H:%M} ({seen.when:%Z})"
    ordered = sorted(seen.findings, key=lambda f: (-f.severity, f.code.name, f.where))
    left = len(ordered) - LISTED
    return Protocol(
        page=Page(
            "Протокол проверки электронного архива",
            f"{seen.when.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
            "",
            f"Составлено программой {seen.program} {moment}",
        ),
        date=long_day(seen.when.date()),
        organization=mask_unprintable(seen.organization),
        facts=tuple(_facts(seen)),
        anchors=tuple(
            AnchorRow(
                a.kind,
                a.text if a.text.startswith("SHA256:") else " ".join(grouped(a.text)),
                "совпало" if a.is_met else "НЕ СОВПАЛО",
            )
            for a in seen.anchors
        ),
        areas=tuple(
            AreaRow(area.title, _say_done(seen, area), _judge_area(seen, area)) for area in AREAS
        ),
        conclusion=conclude(seen),
        rows=tuple(_rows(ordered[:LISTED])),
        left=f"Перечислены {LISTED} из {len(ordered)}; остальные: papka verify --format json."
        if left > 0
        else "",
        signatures=(
            SignatureLine(heading="Проверку провёл:"),
            SignatureLine(heading="С протоколом ознакомлен, руководитель организации:"),
        ),
    )


def mask_unprintable(text: str) -> str:
    """Replace signs that would turn or break a line: names of a hostile archive may hold any."""
    return "".join(sign if sign.isprintable() else "·" for sign in text)


def _facts(seen: ExaminedRow) -> Iterator[tuple[str, str]]:
    yield "Где лежит", mask_unprintable(seen.place)
    looked_at = (
        f"сохранений {seen.commits}, объектов {seen.objects}, файлов последнего сохранения "
        f"{seen.files}, переходов между сохранениями {seen.transitions}"
    )
    yield "Просмотрено", looked_at
    if seen.since:
        yield "История", f"только после сохранения {seen.since}"
    yield "Первое сохранение", " ".join(grouped(seen.root)) or NONE
    yield "Её ключ", seen.root_key or NONE
    yield "Последнее сохранение", " ".join(grouped(seen.head)) or NONE
    if seen.seals:
        last = seen.seals[-1]
        yield (
            "Пломбы",
            f"{len(seen.seals)}; последняя №{NBSP}{last.number} от{NBSP}{last.date}: "
            + " ".join(grouped(last.digest)),
        )
    else:
        yield "Пломбы", "в этот раз не проверялись" if seen.since else "нет ни одной"


def _say_done(seen: ExaminedRow, area: Area) -> str:
    """Return what was done; nothing of an area that was not looked at."""
    told = any(area_of(finding.code) is area for finding in seen.findings)
    return area.how if told or _was_looked_at(seen, area) else NONE


def _judge_area(seen: ExaminedRow, area: Area) -> str:
    if found := tally(tuple(f for f in seen.findings if area_of(f.code) is area)):
        return found
    if not _was_looked_at(seen, area):
        return "не проверялось"
    is_partial = seen.since and area not in (SETTINGS, MEMORY, FOLDER, MIRRORS)
    return "в новых сохранениях замечаний нет" if is_partial else "замечаний нет"


def _was_looked_at(seen: ExaminedRow, area: Area) -> bool:
    if area is MIRRORS:
        return bool(seen.mirrors)
    if not seen.head:
        return area in (STORE, SETTINGS)
    if area is MEMORY:
        return seen.memory
    if area is SEALS and seen.since:
        return bool(seen.seals)
    return seen.has_folder if area is FOLDER else True


def _rows(findings: list[Finding]) -> Iterator[ProtocolRow]:
    above = ""
    for finding in findings:
        yield ProtocolRow(
            finding.severity.word,
            finding.code.name,
            mask_unprintable(_name_place(finding.where)),
            mask_unprintable(finding.message),
            "" if finding.hint == above else mask_unprintable(finding.hint),
        )
        above = finding.hint


def _name_place(where: Location) -> str:
    parts = [where.path] if where.path else []
    if where.commit:
        parts.append(f"сохранение {where.commit[:12]}")
    return ", ".join(parts) or "архив"


FORM = "verification-protocol"


def print_protocol(  # noqa: PLR0913 - what was asked and what was found, all of it named
    root: Path,
    verified: Verified,
    *,
    now: dt.datetime,
    anchors: Anchors,
    refounding: tuple[str, ...] = (),
    memory: bool = False,
    mirrors: tuple[str, ...] = (),
    html: bool = False,
) -> PrintedFile:
    """Print the protocol of a verification with the program's own templates and fonts.

    Those of a suspect archive could say anything. `anchors` and `refounding` were given from
    paper; `memory`: whether this computer's memory was asked. Raises PangoMissing, Overran.
    """
    tree = locate(root).tree
    seen = ExaminedRow(
        place=str(root.resolve()),
        when=now,
        program=f"papka {__version__}",
        findings=verified.findings,
        organization=_read_name(tree) if tree else "",
        commits=verified.commits,
        objects=verified.objects,
        files=verified.files,
        head=verified.head,
        root=verified.root,
        root_key=verified.root_key,
        seals=tuple(SealTold(s.name, day(s.date), s.digest, s.is_anchored) for s in verified.seals),
        anchors=(
            *_compare(anchors, verified.anchors_met),
            *_compare_acts(refounding, verified),
        ),
        since=verified.since,
        transitions=verified.transitions,
        memory=memory,
        remembered=verified.remembered,
        mirrors=mirrors,
        has_folder=tree is not None,
    )
    shipped = ShippedSnapshot("templates")
    templates = take_parts(shipped, parts_of(shipped, FORM))
    view = protocol(seen)
    return run_limited(
        lambda: print_view(f"{FORM}/{FORM}", FORM, view, templates=templates, html=html)
    )


def _read_name(tree: Path) -> str:
    """Return what the archive calls itself, empty when that cannot be read."""
    try:
        if (tree / ORGANIZATION).stat().st_size > 1_000_000:
            return ""
        value = read(WorktreeSnapshot(tree).read(ORGANIZATION), ORGANIZATION).value
    except (KeyError, OSError):
        return ""
    name = value.get("name") if isinstance(value, dict) else None
    return name[:300] if isinstance(name, str) else ""


def _compare(given: Anchors, met: Anchors) -> tuple[Anchor, ...]:
    kinds = (
        ("контрольная сумма пломбы", given.seals, met.seals),
        ("отпечаток ключа", given.keys, met.keys),
        ("номер первого сохранения", given.roots, met.roots),
    )
    return tuple(
        Anchor(kind, text, is_met=text in known)
        for kind, texts, known in kinds
        for text in sorted(texts)
    )


def _compare_acts(given: tuple[str, ...], verified: Verified) -> Iterator[Anchor]:
    """An act that changed no keys here is a finding that holds the beginning of its digest."""
    told = [f.message for f in verified.findings if f.code is REFOUNDING_UNKNOWN]
    for digest in sorted(read_anchors(given).seals):
        is_met = not any(digest[:8] in message for message in told)
        yield Anchor("контрольная сумма акта о замене ключей", digest, is_met=is_met)
