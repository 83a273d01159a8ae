"""A page as a picture and as signs, the difference of two pages, letters that a font lacks."""

from __future__ import annotations

from io import BytesIO
from unicodedata import normalize

import pypdf
import pytest
from PIL import Image, ImageDraw

from papka.checks.personal_data import DRAWN
from papka.paper import page_pictures
from papka.paper.font_characters import BadFont, drawable, list_missing, replace_missing
from papka.paper.page_pictures import (
    HYPHEN,
    READING_DOTS,
    Box,
    SeenPage,
    Sign,
    UnreadablePicture,
    Unseen,
    differences,
    is_ours,
    look,
    portrait,
    redraw_from_text,
)
from papka.paper.pdf import breakable
from tests.conftest import PROJECT
from tests.paper.pictures import page, pdf_of, saved
from tests.support.forgeries import locked

FONTS = {path.name: path.read_bytes() for path in (PROJECT / "templates/fonts").glob("*.ttf")}
WHITE = (255, 255, 255)


def blank(*sizes: tuple[float, float]) -> bytes:
    writer, made = pypdf.PdfWriter(), BytesIO()
    for width, height in sizes:
        writer.add_blank_page(width, height)
    writer.write(made)
    return made.getvalue()


# looking at a document


def test_a_page_is_seen_in_its_size_with_its_signs() -> None:
    seen = look(blank((595, 842), (842, 595)))
    assert [(each.width, each.height) for each in seen] == [(595, 842), (842, 595)]
    assert seen[0].picture.size == (round(595 / 72 * READING_DOTS), round(842 / 72 * READING_DOTS))
    assert [(each.signs, each.is_same_on_screen) for each in seen] == [((), True)] * 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "это не PDF или он повреждён"),
        (b"%PDF-1.7\nnothing", "это не PDF или он повреждён"),
        (locked(blank((595, 842))), "PDF защищён паролем"),
        (blank(*[(10, 10)] * 61), "в PDF больше 60 страниц"),
        (blank((1301, 100)), "страница 1 не размера листа"),
        (blank((100, 100), (100, 1301)), "страница 2 не размера листа"),
    ],
)
def test_what_cannot_be_looked_at_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(Unseen) as unseen:
        look(data)
    assert str(unseen.value) == reason


def test_the_largest_sheet_and_the_last_page_are_still_seen() -> None:
    assert look(blank((1300, 1300)))[0].width == 1300
    assert len(look(blank(*[(10, 10)] * 60))) == 60


def test_a_file_may_be_so_large_and_no_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    data = blank((10, 10))
    for limit, told, read in (
        ("_BYTES", Unseen, look),
        ("_SCAN_BYTES", UnreadablePicture, page_pictures.scan_pages.__wrapped__),
    ):
        monkeypatch.setattr(page_pictures, limit, len(data))
        assert len(read(data)) == 1
        monkeypatch.setattr(page_pictures, limit, len(data) - 1)
        with pytest.raises(told, match="больше 0 МБ"):
            read(data)
    picture = saved(page(), "PNG")
    monkeypatch.setattr(page_pictures, "_BYTES", len(picture))
    assert page_pictures.picture_of(picture).size == (310, 438)
    monkeypatch.setattr(page_pictures, "_BYTES", len(picture) - 1)
    with pytest.raises(page_pictures.NoPicture, match="файл больше 32 МБ"):
        page_pictures.picture_of(picture)


def test_a_page_that_draws_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_pictures, "SECONDS", -1.0)
    for read, told in ((look, Unseen), (page_pictures.scan_pages.__wrapped__, UnreadablePicture)):
        with pytest.raises(told, match="страница 1 рисуется дольше -1 секунд"):
            read(pdf_of(1))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "это не PNG и не JPEG"),
        (b"%PDF-1.7", "это не PNG и не JPEG"),
        (b"\xff\xd8\xff\xe0broken", "рисунок повреждён"),
        ((10_000, 10_001), "больше 100 миллионов точек"),
        ((20_000, 20_000), "больше 100 миллионов точек"),
    ],
)
def test_what_is_no_photograph_says_why(data: bytes | tuple[int, int], reason: str) -> None:
    data = data if isinstance(data, bytes) else saved(Image.new("1", data), "PNG")
    with pytest.raises(page_pictures.NoPicture) as told:
        page_pictures.picture_of(data)
    assert str(told.value) == reason


def test_a_photograph_is_made_upright_and_grey_and_keeps_its_size() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    seen = page_pictures.picture_of(saved(page(size=(438, 310)), "JPEG", exif=exif))
    assert (seen.size, seen.mode) == ((310, 438), "L")
    assert page_pictures.picture_of(saved(page(size=(6400, 3200)), "PNG")).size == (6400, 3200)


# scans


def test_a_portrait_is_never_turned_and_a_scan_only_when_it_clearly_lies() -> None:
    wide = saved(page(size=(400, 200)), "PNG")
    assert (portrait(wide).width, portrait(wide).height) == (400, 200)
    for width, turned in ((1150, False), (1151, True)):
        (drawn,) = page_pictures.scan_pages(saved(page(size=(width, 1000)), "PNG"))
        assert (drawn.width > drawn.height) is not turned
    with pytest.raises(UnreadablePicture, match="это не PDF, PNG и не JPEG"):
        portrait(pdf_of(1))


def test_a_picture_without_colour_is_kept_without_it() -> None:
    grey = page_pictures.scan_pages(saved(page(mode="L").convert("RGB"), "PNG"))[0]
    colour = page_pictures.scan_pages(saved(page(mode="RGB"), "PNG"))[0]
    assert Image.open(BytesIO(grey.data)).mode == "L"
    assert Image.open(BytesIO(colour.data)).mode == "RGB"
    blue = page(mode="L").convert("RGB")
    blue.paste((10, 10, 200), (5, 5, 9, 9))
    assert Image.open(BytesIO(page_pictures.scan_pages(saved(blue, "PNG"))[0].data)).mode == "RGB"


# two pages compared


def sheet(
    *marks: tuple[int, int, int, int], colour: tuple[int, int, int] = (0, 0, 0)
) -> Image.Image:
    image = Image.new("RGB", (200, 160), WHITE)
    drawn = ImageDraw.Draw(image)
    for left, top, right, bottom in marks:
        drawn.rectangle((left, top, right, bottom), fill=colour)
    return image


def test_the_same_page_has_no_difference_and_another_size_is_all_difference() -> None:
    assert differences(sheet((20, 20, 30, 30)), sheet((20, 20, 30, 30))) == ()
    assert differences(sheet(), Image.new("RGB", (200, 161), WHITE)) == (Box(0, 0, 200, 160),)


def test_what_is_only_on_one_page_is_found_where_it_is_whichever_page_it_is() -> None:
    mark = sheet((48, 40, 55, 47))
    assert differences(mark, sheet()) == differences(sheet(), mark) == (Box(48, 40, 56, 48),)


def test_a_shift_of_one_point_is_no_difference_and_one_of_three_is() -> None:
    at = sheet((48, 40, 55, 47))
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1)):
        assert differences(at, sheet((48 + x, 40 + y, 55 + x, 47 + y))) == ()
    assert differences(at, sheet((51, 40, 58, 47))) != ()
    assert differences(at, sheet((48, 43, 55, 50))) != ()


def test_a_faint_shade_and_a_speck_are_no_difference_and_a_colour_is() -> None:
    place = (48, 40, 55, 47)
    assert differences(sheet(place, colour=(175, 175, 175)), sheet()) == ()
    assert differences(sheet(place, colour=(174, 174, 174)), sheet()) != ()
    assert differences(sheet(place, colour=(255, 255, 100)), sheet()) != (), "yellow is seen"
    assert differences(sheet((48, 40, 49, 40)), sheet()) == (), "two points are a speck"
    assert differences(sheet((48, 40, 50, 40)), sheet()) != ()


def test_a_line_drawn_with_a_ruler_counts_only_where_rules_count() -> None:
    for line in ((20, 40, 119, 41), (20, 20, 21, 119)):
        assert differences(sheet(line), sheet(), rules=False) == ()
        assert differences(sheet(line), sheet()) != ()
        assert differences(sheet(), sheet(line), rules=False) != ()
    short, thick = (20, 40, 60, 41), (20, 40, 119, 52)
    assert differences(sheet(short), sheet(), rules=False) != ()
    assert differences(sheet(thick), sheet(), rules=False) != ()
    crossed = sheet((20, 40, 119, 41), (60, 20, 61, 119))
    assert differences(crossed, sheet(), rules=False) == ()


def test_a_page_is_redrawn_from_its_own_signs_and_from_nothing_else() -> None:
    (seen,) = look(blank((200, 100)))

    def placed(text: str, x: float, font: str = "ABCDEF+Papka-PT-Serif") -> Sign:
        left = x / 72 * READING_DOTS
        box = Box(left, 50, left + 20, 90)
        return Sign(text, box, font, 12, (12, 0, 0, 12, x, 50))

    def dark(*signs: Sign) -> int:
        picture = redraw_from_text(
            SeenPage(seen.picture, is_same_on_screen=True, signs=signs, width=200, height=100),
            FONTS,
            (),
        )
        assert picture.size == seen.picture.size
        return sum(value < 128 for value in picture.convert("L").tobytes())

    letter = placed("Ж", 20)
    assert is_ours(letter)
    assert not is_ours(placed("Ж", 20, "Times"))
    assert dark() == dark(placed(" ", 20)) == dark(placed("Ж", 20, "Times")) == 0
    assert dark(letter) > 50
    assert dark(letter, placed("Ж", 60)) > 1.8 * dark(letter)
    assert dark(placed(HYPHEN, 20)) == dark(placed("-", 20)) > 0
    copied = seen.picture.copy()
    copied.paste((0, 0, 0), (10, 10, 30, 30))
    picture = redraw_from_text(
        SeenPage(copied, is_same_on_screen=True, signs=(), width=200, height=100),
        FONTS,
        (Box(10, 10, 20, 20),),
    )
    assert picture.getpixel((15, 15)) == (0, 0, 0)
    assert picture.getpixel((28, 28)) == WHITE


def test_boxes_meet_when_they_share_more_than_an_edge() -> None:
    box = Box(10, 10, 20, 20)
    assert box.meets(Box(19, 19, 30, 30))
    assert box.meets(Box(0, 0, 11, 11))
    for beside in (
        Box(20, 10, 30, 20),
        Box(0, 10, 10, 20),
        Box(10, 20, 20, 30),
        Box(10, 0, 20, 10),
    ):
        assert not box.meets(beside)
        assert not beside.meets(box)


# letters


def test_only_visible_signs_that_every_font_has_are_drawn() -> None:
    shared = drawable(FONTS)
    assert {"Ж", "ё", "№", "—", "\u00a0", "«"} <= shared
    assert not shared & {"漢", "\u202e", "\u200b", "\n", "😀"}
    assert drawable({}) == frozenset()
    with pytest.raises(BadFont) as told:
        drawable({"papka:fonts/x.ttf": b"no font"})
    assert told.value.name == "papka:fonts/x.ttf"


def test_the_letters_that_names_may_have_are_those_of_the_fonts() -> None:
    shared = drawable(FONTS)
    letters = [c for c in map(chr, range(0x3000)) if c.isalpha() and normalize("NFC", c) == c]
    assert [c for c in letters if DRAWN.fullmatch(c)] == [c for c in letters if c in shared]


def test_a_sign_that_no_font_has_is_printed_as_its_number() -> None:
    known = frozenset("абй- \u00a0")
    assert replace_missing("аб\n\tй", known) == "аб\n\tй"
    assert replace_missing("и\u0306", known) == "й"
    assert replace_missing("\u00ad", known) == "\u00ad"
    assert replace_missing("а\u202fб\u2009а\u2010б", known) == "а\u00a0б\u00a0а-б"
    assert replace_missing("😀\u202e", known) == "[U+1F600][U+202E]"
    assert list_missing("бе\u0306а\u202fа\u2010й\n 😀😀\u00adӗ", known) == ("ӗ", "😀")


def test_only_a_word_without_end_gets_places_to_break() -> None:
    word = "Щ" * 100
    assert breakable(f"<p>{'Щ' * 99}</p>") == f"<p>{'Щ' * 99}</p>"
    broken = breakable(f"<p>{word} да</p>")
    assert broken == f"<p>{'<wbr>'.join([word[:30]] * 3 + [word[:10]])} да</p>"
    assert breakable(f'<a id="{word}">да</a>') == f'<a id="{word}">да</a>'
