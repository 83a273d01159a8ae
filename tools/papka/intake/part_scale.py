"""The scale a part of a programme declares, asked for by a layout that does not know whose row it
reads, and so not the edition either.

Invariant: where editions differ nothing is chosen; the layout must name one.
"""

from __future__ import annotations

from functools import partial

from papka.core.codes import mappings as codes
from papka.core.suggestion import may_be
from papka.intake.mapped import Context
from papka.intake.scales import Wrong
from papka.model.export_layout import MarkColumn
from papka.model.school import Scale


def scale_of(source: MarkColumn, program: str, context: Context) -> Scale | Wrong:
    """The same in every edition that has the part, unless the column names an edition."""
    unknown = partial(codes.EXPORT_PART_UNKNOWN.at, name=source.column)
    known = context.programs.get(program)
    if known is None:
        what = f"программы «{program}»" if program else "программа не названа"
        return Wrong(partial(unknown, what=what, may_be=may_be(program, context.programs)))
    editions = [each for each in known.editions if source.edition in (None, each.edition)]
    if not editions:
        what = f"редакции {source.edition} программы «{program}»"
        return Wrong(partial(unknown, what=what, may_be=""))
    parts = [part for each in editions if (part := each.part(source.part)) is not None]
    if not parts:
        hint = may_be(source.part, (part.part for each in editions for part in each.parts))
        what = f"части «{source.part}» программы «{program}»"
        return Wrong(partial(unknown, what=what, may_be=hint))
    scales = {part.scale for part in parts}
    if len(scales) > 1:
        return Wrong(partial(codes.EXPORT_SCALE_UNSURE.at, part=source.part))
    scale = context.scales.get(scales.pop() or "")
    return scale or Wrong(partial(codes.EXPORT_PART_WITHOUT_SCALE.at, part=source.part))
