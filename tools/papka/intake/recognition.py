"""Which of a platform's layouts a file is, by its headers.

Invariant: two layouts that fit alike are never chosen between; the newest edition of one is.
"""

from __future__ import annotations

from papka.core.codes import mappings as codes
from papka.core.findings import Finding, Location
from papka.core.suggestion import may_be
from papka.core.table import Export
from papka.intake.headers import find_header, missing_words
from papka.intake.objects import joined
from papka.intake.patterns import pattern
from papka.model.export_layout import ExportLayout
from papka.model.school import Platform


def recognise(
    export: Export, platform: Platform, *, layout: str = ""
) -> ExportLayout | tuple[Finding, ...]:
    """The platform's layout that fits the file best; with `layout`, only those of that id.

    Findings instead when none fits or two fit alike.
    """
    where = Location(export.file)
    known = [each for each in platform.exports if layout in ("", each.id)]
    if not known and layout:
        ids = {each.id for each in platform.exports}
        hint = may_be(layout, ids)
        return (
            codes.EXPORT_LAYOUT_UNKNOWN.at(where, platform=platform.id, layout=layout, may_be=hint),
        )
    fitting = [each for each in known if _fits(export, each, by_name=not layout)]
    if not fitting:
        closest = _closest(export, known)
        return (codes.EXPORT_NOT_RECOGNISED.at(where, platform=platform.id, closest=closest),)
    best = max(map(_weight, fitting))
    newest: dict[str, ExportLayout] = {}
    for each in fitting:
        if _weight(each) == best and (
            each.id not in newest or newest[each.id].edition < each.edition
        ):
            newest[each.id] = each
    if len(newest) > 1:
        words = ", ".join(f"«{each}»" for each in newest)
        return (codes.EXPORT_LAYOUT_AMBIGUOUS.at(where, layouts=words),)
    return next(iter(newest.values()))


def _weight(layout: ExportLayout) -> tuple[bool, int]:
    """A layout that names the file, or more headers, says more."""
    return layout.file is not None, len(layout.recognise)


def _fits(export: Export, layout: ExportLayout, *, by_name: bool) -> bool:
    if export.layout not in layout.layouts:
        return False
    if by_name and layout.file is not None and not pattern(layout.file).matches(export.file):
        return False
    header = find_header(joined(export, layout)[0], layout)
    return not isinstance(header, Finding) and all(
        any(pattern(word).matches(name) for name in header.names) for word in layout.recognise
    )


def _closest(export: Export, layouts: list[ExportLayout]) -> str:
    """The layout that lacks the fewest of its words, unless it lacks all."""
    lacking = [
        (missing_words(export, each), each) for each in layouts if export.layout in each.layouts
    ]
    near = [(words, each) for words, each in lacking if 0 < len(words) < len(each.recognise)]
    if not near:
        return ""
    words, layout = min(near, key=lambda found: len(found[0]))
    told = ", ".join(f"«{word}»" for word in words)
    return f"; ближе всего «{layout.title}», но нет заголовков {told}"
