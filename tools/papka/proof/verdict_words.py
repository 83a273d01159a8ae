"""What a verification says of an archive in words: the same on a screen and on a page."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.findings import has_errors
from papka.core.phrases import count_phrase
from papka.proof.examination import Verified
from papka.proof.verify_codes import ROOT_UNANCHORED

DISTRUSTED = "доверять нельзя, причины выше"
SOUND = "целостность и подписи подтверждены"
UNANCHORED = ", подлинность не установлена"


def count_seen(verified: Verified) -> str:
    """Return how much was looked at: «12 сохранений, 340 объектов, 96 файлов»."""
    return ", ".join(
        (
            count_phrase(verified.commits, "сохранение", "сохранения", "сохранений"),
            count_phrase(verified.objects, "объект", "объекта", "объектов"),
            count_phrase(verified.files, "файл", "файла", "файлов"),
        )
    )


def is_unanchored(verified: Verified) -> bool:
    """Whether nothing on paper vouches for this history."""
    return any(finding.code is ROOT_UNANCHORED for finding in verified.findings)


def tell_verdict(verified: Verified) -> str:
    """Return the verdict in one line, as a page says it."""
    if has_errors(verified.findings):
        return DISTRUSTED
    return SOUND + (UNANCHORED if is_unanchored(verified) else "")


def tell_acts(verified: Verified) -> Iterator[str]:
    """Tell how much acts of destruction took out of this history."""
    if not verified.acts:
        return
    acts = count_phrase(len(verified.acts), "акту", "актам", "актам")
    gone = sum(count for _, count in verified.acts)
    units = count_phrase(
        gone, "дело, документ или файл", "дела, документа или файла", "дел, документов и файлов"
    )
    yield f"Уничтожено по {acts}: {units}; всё остальное такое, каким его подписали"


def tell_paper(verified: Verified) -> Iterator[str]:
    """Tell what paper and archive agree on."""
    met = verified.anchors_met
    seals = [f"пломба № {s.name} от {s.date:%d.%m.%Y}" for s in verified.seals if s.is_anchored]
    found = seals or (["пломба"] if met.seals else [])
    found += ["ключ руководителя"] if met.keys else []
    found += ["первое сохранение"] if met.roots else []
    if found:
        yield f"Сошлось с бумагой: {', '.join(found)}"
