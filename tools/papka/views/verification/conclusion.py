"""What follows from a verification, and what does not.

Invariants: whole and authentic are two words, never one: without something from outside the
archive (paper, memory) nobody can say whose it is; one key from paper is not a seal from paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from papka.core.findings import Finding, Severity, worst
from papka.views.verification.examined import Examined, SealTold
from papka.views.wording import NBSP, counted

_UNANCHORED, _UNPROVED = "ROOT_UNANCHORED", "SINCE_NOT_PROVED"
_COUNTS = (
    (Severity.FATAL, ("нарушение", "нарушения", "нарушений")),
    (Severity.ERROR, ("ошибка", "ошибки", "ошибок")),
    (Severity.WARNING, ("предупреждение", "предупреждения", "предупреждений")),
    (Severity.INFO, ("сведение", "сведения", "сведений")),
)

_ALONE = (
    "Повреждений и неподписанных записей нет, но ничего не сличено с бумагой: весь архив мог быть "
    "подписан заново другими ключами. Повторите проверку с листом печати или листом ключей."
)
_ABOUT_RECORDS = (
    "Проверка не устанавливает, правдивы ли сами сведения и кто держал ключ в руках: это "
    "подтверждают подписи людей на бумаге."
)
_ABOUT_PAPER = (
    "Сличённое с бумагой верно настолько, насколько верна бумага: посмотрите, чья на ней подпись "
    "и где она хранилась."
)
_LIMITS = (_ABOUT_RECORDS, _ABOUT_PAPER)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`limits` are sentences about what the verification cannot know."""

    verdict: str
    reasons: tuple[str, ...]
    limits: tuple[str, ...]


def conclude(seen: Examined) -> Conclusion:
    found = worst(seen.findings)
    if found is not None and found >= Severity.ERROR:
        said = tally(seen.findings)
        return Conclusion(
            "АРХИВУ ДОВЕРЯТЬ НЕЛЬЗЯ",
            (f"Найдено: {said}. Каждое перечислено ниже вместе с тем, что делать.",),
            _LIMITS,
        )
    names = {finding.code.name for finding in seen.findings}
    if _UNPROVED in names:
        return Conclusion(
            "НОВЫЕ ЗАПИСИ ЦЕЛЫ, ПОДЛИННОСТЬ НЕ УСТАНОВЛЕНА",
            (f"Запись {seen.since[:12]}, с которой начали, ничем не подтверждена.",),
            _LIMITS,
        )
    if _UNANCHORED in names:
        return Conclusion(
            "АРХИВ ЦЕЛ, ПОДЛИННОСТЬ НЕ УСТАНОВЛЕНА",
            (_ALONE,),
            _LIMITS,
        )
    if seen.since:
        return Conclusion(
            "НОВЫЕ ЗАПИСИ ЦЕЛЫ, ПРЕЖНИЕ НЕ ПЕРЕПРОВЕРЯЛИСЬ", tuple(_about_new(seen)), _LIMITS
        )
    return Conclusion("АРХИВ ЦЕЛ И ПОДЛИНЕН", tuple(_grounds(seen)), _LIMITS)


def tally(findings: tuple[Finding, ...]) -> str:
    """«2 нарушения, 1 ошибка», worst first; empty when there is nothing."""
    return ", ".join(
        counted(number, words)
        for severity, words in _COUNTS
        if (number := sum(f.severity == severity for f in findings))
    )


def _grounds(seen: Examined) -> Iterator[str]:
    sealed = [seal for seal in seen.seals if seal.is_anchored]
    if sealed:
        typed = {anchor.text for anchor in seen.anchors}
        yield _by_seal(sealed[-1], from_paper=sealed[-1].digest in typed)
    elif any(anchor.is_met for anchor in seen.anchors):
        yield (
            "С бумагой сличены ключи или первая запись, но ни одна печать. Подписи этих людей "
            "подлинны; что владелец ключа не переписал историю целиком, показала бы только "
            "свёртка печати с бумаги."
        )
    elif seen.remembered:
        yield (
            "Бумага не предъявлена; архив продолжает тот, который этот компьютер проверял прежде."
        )
    yield from _to_read(seen)


def _about_new(seen: Examined) -> Iterator[str]:
    yield (
        f"Проверено то, что внесено после записи {seen.since[:12]}. Эта запись уже проверена: "
        "прежде на этом компьютере или печатью с бумаги."
    )
    yield from _to_read(seen)


def _to_read(seen: Examined) -> Iterator[str]:
    if seen.findings:
        yield f"Вывода не меняет, но прочесть надо: {tally(seen.findings)}."


def _by_seal(seal: SealTold, *, from_paper: bool) -> str:
    known = "с бумагой" if from_paper else "с запомненной при прежней проверке"
    return (
        f"Свёртка печати №{NBSP}{seal.number} от{NBSP}{seal.date} совпала {known}: ничего из "
        "внесённого в архив до неё с того дня не изменено, не добавлено задним числом и не изъято. "
        "Записи после неё подписаны ключами, которым архив доверяет."
    )
