"""The pages of a personal file and the numbers on them, laid out until they agree (R-6.5).

Invariants: every count on paper is that of the pages of this very print; numbered sheets are laid
out once, the frame of a volume until what it says is what was counted; printed on both sides,
every part has an even number of pages, so that it begins a sheet of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from papka.core.errors import PapkaError
from papka.core.forms import SCHEME, TEMPLATES
from papka.core.snapshot import Snapshot
from papka.gates.html import render
from papka.tasks.printing.scanned_copies import Pictures
from papka.views.personal_file.case import Case
from papka.views.personal_file.contents import Contents
from papka.views.personal_file.copies import sheets_of, sides
from papka.views.personal_file.frame import frame
from papka.views.personal_file.numbered import Chapters, Copies, Origins
from papka.views.personal_file.pieces import PROVENANCE, PROVENANCE_TITLE, Counted, pieces
from papka.views.personal_file.sheets import Placed, placed
from papka.views.personal_file.volumes import Volume, volumes

if TYPE_CHECKING:
    from papka.gates import pdf

FORM = "personal-file"
STYLES = tuple(
    f"{SCHEME}{path}" for path in ("paper.css", f"{FORM}/{FORM}.css", f"{FORM}/provenance.css")
)
_DUPLEX = (f"{SCHEME}{FORM}/duplex.css",)
_PASSES = 6


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A volume as pages, and the words they were laid out from."""

    volume: Volume
    pages: pdf.Layout
    words: str


class Printer:
    """Lays out one personal file."""

    def __init__(
        self, case: Case, templates: Snapshot, files: Mapping[str, bytes], *, duplex: bool
    ) -> None:
        self._case = case
        self._templates = templates
        self._files = files
        self._duplex = duplex
        self._words: list[str] = []
        self._sides = 2 if duplex else 1

    def volumes(
        self, contents: Contents, pictures: Pictures, provenance: object
    ) -> tuple[LaidOut, ...]:
        case, first = self._case, self._case.first_sheet
        chapters = {}
        numbered: dict[str, tuple[Any, ...]] = {}
        anchors = [chapter.anchor for chapter in contents.chapters()]
        if anchors:
            page = Chapters(case.head(), contents)
            layout = self._lay_out("numbered", page, first, pictures.images)
            starts = [layout.page_of(anchor) for anchor in anchors] + [layout.pages + 1]
            for anchor, (start, end) in zip(anchors, pairwise(starts), strict=True):
                numbered[anchor] = self._whole(layout, start, end - 1)
                chapters[anchor] = len(numbered[anchor]) // self._sides
        scans = {
            key: sheets_of(len(names), duplex=self._duplex) for key, names in pictures.pages.items()
        }
        listed = placed(pieces(case, contents, Counted(chapters, scans)), first)
        if provenance is not None:
            origins = self._origins(provenance, listed, first)
            numbered[PROVENANCE] = origins
            count = len(origins) // self._sides
            listed = placed(pieces(case, contents, Counted(chapters, scans, count)), first)
        numbered |= self._copies(listed, pictures)
        return tuple(
            self._volume(volume, listed, numbered) for volume in volumes(listed, case.bound_volumes)
        )

    def _origins(
        self, provenance: object, before: tuple[Placed, ...], first: int
    ) -> tuple[Any, ...]:
        """The sheets of provenance, numbered after everything else when that is counted."""
        labels = [each.labels for each in before]
        numbers = [int(n) for known in labels for n in known or () if n.isdecimal()]
        following = max(numbers, default=first - 1) + 1
        page = Origins(self._case.head(), PROVENANCE_TITLE, provenance, None not in labels)
        layout = self._lay_out(PROVENANCE + "-sheet", page, following)
        return self._whole(layout, 1, layout.pages)

    def _copies(self, listed: tuple[Placed, ...], pictures: Pictures) -> dict[str, tuple[Any, ...]]:
        printed = sides(listed, pictures.pages, duplex=self._duplex)
        if not printed:
            return {}
        page = Copies(self._case.head(), printed)
        layout = self._lay_out("copies", page, 1, pictures.images)
        if layout.pages != len(printed):
            raise _miscounted()
        found, start = {}, 1
        for key, names in pictures.pages.items():
            count = sheets_of(len(names), duplex=self._duplex) * self._sides
            found[key] = layout.cut(start, start + count - 1)
            start += count
        return found

    def _volume(
        self, volume: Volume, listed: tuple[Placed, ...], numbered: Mapping[str, tuple[Any, ...]]
    ) -> LaidOut:
        inside: list[Any] = []
        for part in volume.parts:
            pages = numbered.get(part.piece.key, ())
            inside += pages[part.start * self._sides : part.stop * self._sides]
        sheets, words = 1, len(self._words)
        for _ in range(_PASSES):
            del self._words[words:]
            layout = self._lay_out("frame", frame(self._case, volume, listed, sheets), 1)
            inventory, last = layout.page_of("inventory"), layout.page_of("certification")
            count = -(-(last - inventory) // self._sides)
            if count == sheets:
                before, after = layout.cut(1, last - 1), layout.cut(last, layout.pages)
                bound = layout.bound((*before, *inside, *after))
                return LaidOut(volume, bound, "\0".join(self._words))
            sheets = count
        raise _miscounted()

    def _whole(self, layout: pdf.Layout, first: int, last: int) -> tuple[Any, ...]:
        """These pages, whole sheets of them: the last page of a part may lack its back."""
        pages = layout.cut(first, last)
        missing = -len(pages) % self._sides
        return (*pages, *([self._blank()] * missing if missing else ()))

    def _blank(self) -> Any:  # noqa: ANN401 - an untyped library's page
        words = len(self._words)
        layout = self._lay_out("blank", self._case.head(), 1)
        del self._words[words:]
        return layout.cut(2, 2)[0]

    def _lay_out(
        self, name: str, view: object, first: int, images: Mapping[str, bytes] | None = None
    ) -> pdf.Layout:
        from papka.gates import pdf  # noqa: PLC0415 - imports WeasyPrint, slow or missing

        template = f"{FORM}/{name}.html.j2"
        words = render(self._templates, template, {"file": view})
        self._words.append(words)
        styles = STYLES + _DUPLEX if self._duplex else STYLES
        return pdf.lay_out(
            words, styles, self._files, TEMPLATES + template, images=images, first=first
        )


def _miscounted() -> PapkaError:
    return PapkaError(
        "Число листов в описи не сходится с числом отпечатанных листов",
        "Если шаблоны templates/personal-file не меняли, сообщите разработчикам: это ошибка "
        "программы",
    )
