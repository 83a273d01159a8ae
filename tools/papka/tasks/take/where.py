"""Into which period, from which platform: what the archive declares of the two words given."""

from __future__ import annotations

from papka.core.errors import NotFound, Refused
from papka.core.layout import ORGANIZATION
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.school import Period, Platform


def declared_period(archive: Archive, name: str) -> Period:
    """Raises NotFound."""
    found = archive.periods.get(name)
    if found is None:
        raise NotFound(
            f"Периода «{name}» нет",
            f"Периоды объявляют в {ORGANIZATION}.{may_be(name, archive.periods)}",
        )
    return found


def platform_in_use(archive: Archive, name: str, period: Period) -> Platform:
    """Raises NotFound, and Refused when it was not in use in the period (R-1.4.4)."""
    known = archive.platforms
    if not name:
        raise Refused(
            "Не сказано, с какой платформы выгрузка",
            f"Добавьте ключ --platform, одну из: {', '.join(known)}",
        )
    found = known.get(name)
    if found is None:
        raise NotFound(
            f"Платформы «{name}» среди сохранённого нет",
            "Новое описание в records/platforms сначала сохраните: papka save."
            f"{may_be(name, known)}",
        )
    if found.since > period.end or (found.until and found.until < period.start):
        raise Refused(
            f"Платформа «{name}» в периоде {period.period} не используется",
            "Проверьте ключи --platform и --period и дни (since, until) в records/platforms",
        )
    return found
