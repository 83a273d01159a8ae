"""Cover, inventory, certifying sheet and copies: a sentence that is not true is not on them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from msgspec.structs import replace as with_fields

from papka.paper.form import State
from papka.paper.personal_file import (
    Counted,
    Cover,
    FileCase,
    Whole,
    contents,
    cover,
    frame,
    new_documents,
    pieces,
    whole,
)
from papka.paper.volumes import (
    BoundVolume,
    Certification,
    InventoryLine,
    Piece,
    VolumePart,
    VolumeSide,
    certification,
    divide_volumes,
    inventory,
    sheets_of,
    sides,
)
from papka.records.archive import Archive
from papka.records.derived.keeping import EVENTS
from papka.records.school import Retention
from papka.records.student import Certified, Document, Ended, Name, Student
from papka.records.student import Volume as Bound
from tests.paper.conftest import COMMIT, MOMENT
from tests.paper.invented_school import AGLAYA, ORGANIZATION, PERSON, archive, result

D = dt.date
NBSP = "\u00a0"
PAPER = Document(id="d1", kind="договор", title="Договор", medium="подлинник", sheets=2)
FILE = Document(id="d2", kind="фото", title="Фото", medium="только файл")
BARE = replace(AGLAYA, periods={}, credits=(), awards=(), notices=(), consents=(), documents=())


ONE = BoundVolume(1, 1, ())
STUDY = AGLAYA.enrolments[0]
RUNS = f"с{NBSP}1{NBSP}января года, следующего за окончанием обучения"


def case_of(
    student: Student = BARE,
    earlier: Student | None = None,
    *,
    school: Archive | None = None,
    commit: str | None = COMMIT,
) -> FileCase:
    assert student.person
    state = State(school or archive(student), MOMENT, MOMENT.date(), commit)
    return FileCase(state, student, student.person, earlier)


def named(name: str) -> FileCase:
    return case_of(replace(BARE, person=with_fields(PERSON, name=Name(given=name))))


def paper(sheets: int | None, *lettered: str, skipped: tuple[int, ...] = ()) -> Piece:
    return Piece(f"{sheets}", "Работа", sheets, lettered=lettered, skipped=skipped)


def certified(*listed: Piece, sheets: int | None = 1) -> list[Certification]:
    return [
        certification(archive(BARE), volume, sheets, MOMENT.date())
        for volume in divide_volumes(listed)
    ]


# the cover


def said(school: Archive, student: Student = BARE, sheets: int | None = None) -> Cover:
    return cover(case_of(student, school=school), ONE, sheets)


def test_a_cover_says_nothing_of_an_organization_that_is_not_described() -> None:
    school = replace(archive(BARE), organization=None)
    found = said(school)
    assert (found.organization, found.short_name, found.place, found.keep) == ("", "", "", "")


def test_the_term_on_a_cover_is_the_one_for_personal_files() -> None:
    orders = Retention(
        unit="приказ", years=1, since="окончание последнего обучения", source="local"
    )
    files = Retention(
        unit="личное дело", years=2, since="окончание последнего обучения", source="local"
    )
    doubted = with_fields(files, source="не подтверждено")
    for terms, words in (
        ((doubted,), ""),  # left to write by hand
        ((orders, files), f"2{NBSP}года {RUNS}"), ((orders,), ""), ((), ""),
    ):  # fmt: skip
        organization = with_fields(ORGANIZATION, retention=terms)
        studies = replace(BARE, enrolments=(with_fields(STUDY, ended=None),))
        school = replace(archive(studies), organization=organization)
        assert said(school, studies).keep == words


def test_the_cover_of_a_closed_file_names_the_last_day_of_the_year() -> None:
    rule = Retention(
        unit="личное дело", years=3, since="окончание последнего обучения", source="local"
    )
    organization = with_fields(ORGANIZATION, retention=(rule,))
    ended = with_fields(STUDY, ended=Ended(date=dt.date(2022, 12, 23), reason="завершение"))
    closed = replace(BARE, enrolments=(ended,))
    found = said(replace(archive(closed), organization=organization), closed)
    assert found.keep == f"по{NBSP}31.12.2025: 3{NBSP}года {RUNS}"
    for since, words in (
        ("конец учебного года", RUNS.replace("окончанием обучения", "концом учебного года")),
        ("как решит совет", "; отсчёт — как решит совет"),
    ):
        other = with_fields(organization, retention=(with_fields(rule, since=since),))
        keep = said(replace(archive(closed), organization=other), closed).keep
        assert keep.endswith(f"3{NBSP}года{words if words[0] == ';' else f' {words}'}")
        assert ("31.12.2025" in keep) is (since in EVENTS["личное дело"])
    again = replace(BARE, enrolments=(ended, with_fields(STUDY, id="e2", ended=None)))
    assert said(replace(archive(again), organization=organization), again).keep == (
        f"3{NBSP}года {RUNS}"
    )


def test_a_volume_ended_with_its_last_paper_once_nobody_adds_to_it() -> None:
    (first,) = AGLAYA.enrolments
    assert first.ended
    early = with_fields(first.ended, date=D(2026, 5, 5))
    second = with_fields(first, id="e2", start=D(2025, 9, 1), ended=early)
    studying = with_fields(first, id="e3", program="choir", ended=None)
    last = Piece("d", "Заявление", 1, date=D(2026, 12, 28))
    volumes = divide_volumes((Piece("c", "Договор", 250, date=D(2025, 9, 1)), last))
    for enrolments, ended, programs in (
        ((), "", 0),
        ((first,), "28.12.2026", 1),
        ((first, second), "28.12.2026", 1),
        ((second, first, studying), "", 2),
    ):
        case = case_of(replace(BARE, enrolments=enrolments))
        whole, grows = (cover(case, each, None) for each in volumes)
        assert (grows.ended, len(grows.programs)) == (ended, programs)
        assert whole.ended == "01.09.2025", "another volume follows"
    [undated] = divide_volumes((Piece("d", "Работа", 1),))
    assert cover(case_of(replace(BARE, enrolments=(first,))), undated, None).ended == ""


def test_a_volume_was_begun_on_the_day_of_its_earliest_paper() -> None:
    early, late = (Piece("d", "Работа", 1, date=date) for date in (D(2025, 9, 1), D(2026, 1, 15)))
    undated = Piece("d", "Работа", 1)
    for listed, started in (
        ((undated,), ""), ((late, undated), "15.01.2026"), ((late, early), "01.09.2025"),
    ):  # fmt: skip
        (volume,) = divide_volumes(listed)
        assert cover(case_of(BARE), volume, None).started == started


def test_only_a_double_of_another_file_says_so_on_its_cover() -> None:
    assert said(archive(BARE)).duplicate == ""
    assert BARE.person
    double = replace(BARE, person=with_fields(BARE.person, duplicate_of="2026-0003"))
    assert said(archive(double), double).duplicate == f"дубликат дела №{NBSP}2026-0003"


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 листах"), (1, "1 листе"), (2, "2 листах"), (5, "5 листах"), (11, "11 листах"),
     (21, "21 листе"), (101, "101 листе"), (111, "111 листах"), (None, "")],
)  # fmt: skip
def test_the_sheets_on_a_cover_agree_with_their_number(count: int | None, words: str) -> None:
    assert said(archive(BARE), sheets=count).sheets == words.replace(" ", NBSP)


def test_a_long_name_is_set_smaller_and_one_without_end_is_cut() -> None:
    for length, is_long in ((90, False), (91, True)):
        found = cover(named("Ж" * length), ONE, None)
        assert (found.name, found.has_long_name) == ("Ж" * length, is_long)
    assert named("Ж" * 400).holder == "Ж" * 400
    assert named("Ж" * 401).holder == "Ж" * 399 + "…"


def test_only_what_makes_a_file_a_draft_is_warned_of() -> None:
    """R-5.6"""
    unsaved = "Сведения ещё не сохранены в архиве."
    one = "Не утверждены руководителем: 2 полугодие 2026 года."
    both = one.replace("2 полугодие", "1 полугодие 2026 года; 2 полугодие")
    empty = replace(AGLAYA, periods={"2026-2": ()})
    for student, approved, commit, warnings in (
        (AGLAYA, ("2026-1", "2026-2"), COMMIT, ()),
        (AGLAYA, ("2026-1",), COMMIT, (one,)),
        (AGLAYA, (), COMMIT, (both,)),
        (AGLAYA, ("2026-1", "2026-2"), None, (unsaved,)),
        (AGLAYA, (), None, (unsaved, both)),
        (empty, (), COMMIT, ()),
    ):
        school = archive(student, approved=approved)
        assert case_of(student, school=school, commit=commit).warnings == warnings


# the certifying sheet


def test_one_sheet_is_certified_in_its_own_words() -> None:
    (found,) = certified(paper(1))
    assert (found.count, found.words, found.noun) == ("1", "один", "лист")
    assert (found.first, found.last) == (f"№{NBSP}1", f"№{NBSP}1")
    assert found.papers == f"1{NBSP}(один) лист"
    assert found.printed == f"0{NBSP}(ноль) листов"
    assert (found.lettered, found.skipped) == ("нет", "нет")


def test_letters_and_gaps_are_listed_with_their_number() -> None:
    (found,) = certified(paper(4, "3а", "3б", skipped=(2,)), paper(3, skipped=(5, 7)))
    assert found.lettered == f"2{NBSP}(3а, 3б)"
    assert found.skipped == f"3{NBSP}(2, 5, 7)"
    assert (found.count, found.last) == ("7", f"№{NBSP}8")


def test_each_volume_certifies_its_own_letters() -> None:
    first, second = certified(paper(260, "5а", skipped=(3, 255)))
    assert (first.lettered, second.lettered) == ("нет", f"1{NBSP}(5а)")
    assert (first.skipped, second.skipped) == (f"1{NBSP}(3)", "нет")
    assert (first.first, first.last) == (f"№{NBSP}1", f"№{NBSP}251")
    assert (second.first, second.last) == (f"№{NBSP}1", f"№{NBSP}9")


@pytest.mark.parametrize("sheets", [None, 1])
def test_where_nobody_counted_the_letters_of_the_records_are_said(sheets: int | None) -> None:
    """A browser counts nothing; an uncounted paper leaves the numbers to the hand."""
    listed = (paper(None), paper(3, "16а", "17а", skipped=(17,)))
    (found,) = certified(*listed, sheets=sheets)
    assert found.lettered == f"2{NBSP}(16а, 17а)"
    assert found.skipped == f"1{NBSP}(17)"
    assert (found.count, found.words, found.last, found.papers) == ("", "", "", "")
    assert (found.noun, found.first) == ("листов", f"№{NBSP}1")
    assert bool(found.printed) == bool(found.inventory) == bool(sheets)


def test_letters_are_of_the_records_where_a_browser_prints_counted_papers() -> None:
    (found,) = certified(paper(2, "2а"), sheets=None)
    assert (found.lettered, found.count) == (f"1{NBSP}(2а)", "")


def test_a_volume_without_a_numbered_sheet_begins_with_one_and_ends_with_none() -> None:
    for piece, count in ((paper(0), "0"), (paper(1, "42а"), "1")):
        (found,) = certified(piece)
        assert (found.count, found.first, found.last) == (count, f"№{NBSP}1", "")


# what goes on after a bound volume


def test_a_card_goes_on_with_whatever_is_new_in_it_and_with_nothing_else() -> None:
    assert BARE.person
    fact = replace(BARE, person=with_fields(BARE.person, phone="+70000000009"))
    (enrolment,) = BARE.enrolments
    row = replace(BARE, enrolments=(enrolment, with_fields(enrolment, id="e2", form="очная")))
    assert BARE.person.paper
    lent = with_fields(BARE.person, paper=with_fields(BARE.person.paper, lendings=()))
    shelf = replace(BARE, person=lent)
    for now, facts, tables in ((fact, ["Телефон"], []), (row, [], ["enrolments"])):
        card = contents(case_of(now, BARE), "photo").card
        assert card
        assert [each.label for each in card.facts] == facts
        assert [table.kind for table in card.tables] == tables
        assert card.photo is None
    assert contents(case_of(BARE, BARE)).card is None
    assert contents(case_of(BARE, shelf)).card is None, "the shelf alone is no reason for a card"


def test_a_summary_goes_on_with_whatever_is_new_in_it_and_nothing_new_has_no_chapter() -> None:
    awarded = replace(BARE, awards=AGLAYA.awards)
    found = contents(case_of(awarded, BARE))
    assert found.summary
    assert [table.kind for table in found.summary.standing] == ["awards"]
    assert (found.summary.reached, found.summary.charts) == ((), ())
    assert [chapter.anchor for chapter in found.chapters()] == ["summary"]
    marked = replace(BARE, periods={"2026-1": (result(1, D(2026, 5, 1), mark=5),)})
    more = contents(case_of(marked, BARE)).summary
    assert more
    assert [table.kind for table in more.reached] == ["levels"]
    assert (more.charts, more.standing) == ((), ())
    assert [chapter.anchor for chapter in contents(case_of(BARE, BARE)).chapters()] == []


def test_new_marks_alone_are_reason_enough_for_a_summary_with_its_chart() -> None:
    before = replace(AGLAYA, awards=(), notices=(), consents=(), documents=())
    marks = before.periods["2026-1"]
    again = with_fields(marks[0], id="r99", date=D(2026, 6, 1), mark=3)
    now = replace(before, periods={**before.periods, "2026-1": (*marks, again)})
    found = contents(case_of(now, before)).summary
    assert found
    assert [chart.scale for chart in found.charts] == ["Пятибалльная шкала"]
    assert (found.reached, found.standing) == ((), ())


def documents(*now: Document, before: tuple[Document, ...]) -> list[tuple[str, bool]]:
    case = case_of(replace(BARE, documents=now), replace(BARE, documents=before))
    return [(document.title, is_bound) for _, document, is_bound in new_documents(case)]


def test_a_bound_paper_takes_new_sheets_only_when_its_sheets_are_others() -> None:
    titled = with_fields(PAPER, title="Договор с дополнением")
    assert documents(PAPER, before=(PAPER,)) == []
    assert documents(titled, before=(PAPER,)) == [(titled.title, True)]
    for keys in (
        {"sheets": 3}, {"medium": "копия"}, {"file": "a.pdf"}, {"lettered": ("2а",)},
        {"skipped": (2,)},
    ):  # fmt: skip
        assert documents(with_fields(PAPER, **keys), before=(PAPER,)) == [("Договор", False)]


def test_papers_without_a_number_of_their_record_are_not_taken_for_one_another() -> None:
    other, unsaved = (with_fields(PAPER, id=None, title=title) for title in ("Устав", "Анкета"))
    assert documents(unsaved, before=(other,)) == [("Анкета", False)]
    assert documents(unsaved, before=()) == [("Анкета", False)]


# the inventory


def lines(*documents_: Document, earlier: Student | None = None) -> tuple[InventoryLine, ...]:
    case = case_of(replace(BARE, documents=documents_), earlier)
    listed = pieces(case, contents(case), Counted({"card": 1, "summary": 1}, {}))
    (volume,) = divide_volumes(listed)
    found = inventory(case.archive, volume, 1)
    assert not earlier or len(found.lines) == len(documents_)
    return found.lines[-len(documents_) :]


def test_a_title_names_the_kind_unless_it_says_it() -> None:
    described = with_fields(PAPER, title="Об оказании услуг")
    first, second = lines(described, with_fields(PAPER, title="Договор № 1"))
    assert (first.title, second.title) == ("Об оказании услуг (договор)", "Договор № 1")


def test_what_is_only_a_file_has_no_sheets_and_says_so() -> None:
    first, second = lines(FILE, with_fields(FILE, file="a.jpg"))
    assert (first.sheets, first.note) == ("—", "электронный файл")
    assert second.note == "электронный файл a.jpg"


def test_letters_of_what_has_no_paper_here_are_in_no_count() -> None:
    odd = with_fields(FILE, lettered=("1а",), skipped=(1,))
    case = case_of(replace(BARE, documents=(odd, with_fields(PAPER, lettered=("2а",)))))
    listed = pieces(case, contents(case), Counted({"card": 1, "summary": 1}, {}))
    assert [(each.lettered, each.skipped) for each in listed[-2:]] == [((), ()), (("2а",), ())]


def test_a_note_says_copy_record_and_who_certified_each_only_where_it_is_so() -> None:
    certified_ = Certified(date=D(2026, 2, 1), signed_by="s001")
    copied = with_fields(PAPER, medium="копия", certified=certified_, note="край надорван")
    plain, full = lines(PAPER, copied)
    assert plain.note == ""
    assert full.note == f"копия; верно: А.{NBSP}Ю.{NBSP}Нилова, 01.02.2026; край надорван"
    scan = with_fields(PAPER, medium="копия", file="b.pdf")
    for recorded, note in (
        (None, "копия; скан b.pdf"),
        (3, "копия; скан b.pdf"),
        (2, f"копия; по записи 2{NBSP}листа; скан b.pdf"),
    ):
        case = case_of(replace(BARE, documents=(with_fields(scan, sheets=recorded),)))
        counted = Counted({"card": 1, "summary": 1}, {"document-0": 3})
        piece = pieces(case, contents(case), counted)[-1]
        assert (piece.note, piece.sheets, piece.is_printed) == (note, 3, True)


def test_a_bound_paper_that_changed_takes_a_line_without_sheets_and_says_why() -> None:
    one, other = (with_fields(PAPER, id=id_) for id_ in ("d8", "d9"))
    known = replace(BARE, documents=(one, other))
    first, second = lines(
        with_fields(one, title="Договор 2"),
        with_fields(other, note="надорван"),
        earlier=known,
    )
    bound = "сведения изменены, листы в прежнем томе"
    assert (first.sheets, first.note) == ("—", bound)
    assert second.note == f"надорван; {bound}"


def test_a_divided_paper_says_where_it_goes_on_beside_its_own_note() -> None:
    piece = replace(paper(600), note="в переплёте")
    found = divide_volumes((piece,), bound=1)
    notes = [
        inventory(archive(BARE), volume, 1).lines[0].note for volume in found
    ]  # fmt: skip
    assert notes == [
        "продолжение в томе 3; в переплёте",
        "начало в томе 2; продолжение в томе 4; в переплёте",
        "начало в томе 3; в переплёте",
    ]


def test_an_inventory_counts_its_documents_and_its_own_sheets_in_words() -> None:
    for count, words in ((0, "0 (ноль) документов"), (1, "1 (один) документ"),
                         (2, "2 (два) документа"), (5, "5 (пять) документов")):  # fmt: skip
        listed = [Piece(f"{at}", "Работа", 1) for at in range(count)]
        (volume,) = divide_volumes(listed)
        found = inventory(archive(BARE), volume, 2)
        assert found.documents_in_words == words.replace(" (", f"{NBSP}(")
        assert found.sheets_in_words == f"2{NBSP}(два) листа"
        assert inventory(archive(BARE), volume, None).sheets_in_words == ""
        assert [line.number for line in found.lines] == list(range(1, count + 1))


def test_the_frame_counts_nothing_where_nobody_counts() -> None:
    listed = (paper(2), paper(3))
    case = case_of(BARE)
    for number, of, sheets, title in (
        (1, 1, f"5{NBSP}листах", f"Личное дело №{NBSP}2026-0007"),
        (2, 3, f"5{NBSP}листах", f"Личное дело №{NBSP}2026-0007, том 2 из 3"),
    ):
        (whole_,) = divide_volumes(listed)
        volume = BoundVolume(number, of, whole_.parts)
        known = frame(case, volume, 1)
        assert (known.cover.sheets, known.head.case) == (sheets, title)
        blank = frame(case, volume, None)
        assert (blank.cover.sheets, blank.certification.count) == ("", "")
        assert {line.sheets for line in blank.inventory.lines} == {""}


# copies from scans


def shown(names: tuple[str, ...], *, duplex: bool = False, known: bool = True) -> list[VolumeSide]:
    sheets = sheets_of(len(names), duplex=duplex)
    piece = Piece("document-0", "Табель", sheets, is_printed=True)
    labels = tuple(str(at) for at in range(7, 7 + len(names))) if known else None
    other = VolumePart(Piece("document-1", "Устав", 3), 0, 3, ("1", "2", "3"))
    part = VolumePart(piece, 0, sheets, labels)
    return list(sides((other, part), {"document-0": names}, duplex=duplex))


def test_a_scan_of_one_page_does_not_count_its_pages() -> None:
    (alone,) = shown(("a",))
    assert (alone.caption, alone.alt, alone.is_first) == ("Табель", "Скан: Табель", True)
    assert (alone.sheet, alone.foot, alone.image) == ("7", "лист 7", "a")
    first, second = shown(("a", "b"))
    assert (first.caption, first.is_first) == ("Табель, страница 1 из 2", True)
    assert (second.alt, second.is_first) == ("Скан: Табель, страница 2 из 2", False)
    assert second.foot == "лист 8"


def test_a_copy_is_certified_below_its_last_page_by_the_one_recorded_or_the_head() -> None:
    scan = with_fields(PAPER, medium="копия", file="b.pdf")
    by = Certified(date=D(2026, 2, 1), signed_by="s002")
    for document, names in (
        (scan, ["", f"А.{NBSP}Ю.{NBSP}Нилова"]),
        (with_fields(scan, certified=by), ["", f"Б.{NBSP}Б.{NBSP}Чайкин"]),
        (
            with_fields(scan, certified=with_fields(by, signed_by="s404")),
            ["", f"А.{NBSP}Ю.{NBSP}Нилова"],
        ),
    ):
        case = case_of(replace(BARE, documents=(PAPER, document)))
        counted = Counted({"card": 1, "summary": 1}, {"document-1": 2})
        (volume,) = divide_volumes(pieces(case, contents(case), counted))
        found = sides(volume.parts, {"document-1": ("a", "b")}, duplex=False)
        assert [side.certified.name if side.certified else "" for side in found] == names
        [words] = (side.certified.heading for side in found if side.certified)
        assert words == f"Копия верна, на{NBSP}2{NBSP}листах"
    (alone,) = (piece.certified for piece in pieces(case, contents(case), Counted(
        {"card": 1, "summary": 1}, {"document-1": 1})) if piece.certified)  # fmt: skip
    assert alone.heading == "Копия верна", "of one sheet nobody need say how many"
    assert [piece.certified for piece in pieces(case_of(), contents(case_of()), Counted(
        {"card": 1, "summary": 1}, {}))] == [None, None]  # fmt: skip


def test_the_back_of_a_sheet_bears_no_number_and_an_odd_page_has_a_blank_back() -> None:
    found = shown(("a", "b", "c"), duplex=True)
    assert [(each.image, each.sheet) for each in found] == [
        ("a", "7"), ("b", ""), ("c", "8"), ("", ""),
    ]  # fmt: skip
    assert (found[-1].caption, found[-1].alt, found[-1].is_first) == ("", "", False)
    assert [each.image for each in shown(("a", "b"), duplex=True)] == ["a", "b"]
    assert shown((), duplex=True) == []


def test_a_sheet_whose_number_is_not_known_says_none() -> None:
    assert [(each.sheet, each.foot) for each in shown(("a", "b"), known=False)] == [("", "")] * 2


# all in one page, for a browser


def browsed(provenance: object = None, earlier: Student | None = None) -> Whole:
    scan = with_fields(PAPER, id="d3", medium="копия", file="b.pdf", sheets=3)
    case = case_of(replace(BARE, documents=(PAPER, FILE, scan)), earlier)
    return whole(case, contents(case), {"document-2": ("a", "b", "c")}, provenance)


def test_a_page_for_a_browser_bears_no_number_and_leaves_no_line_out() -> None:
    found = browsed()
    assert [line.title for line in found.inventory.lines] == [
        "Личная карточка обучающегося", "Сводная ведомость освоения программ", "Договор",
        "Фото", "Договор",
    ]  # fmt: skip
    assert [line.sheets for line in found.inventory.lines] == ["", "", "", "—", ""]
    assert [(side.sheet, side.image) for side in found.sides] == [("", "a"), ("", "b"), ("", "c")]
    assert found.inventory.lines[-1].note == "копия; скан b.pdf"
    assert (found.is_numbered, found.provenance) == (False, None)
    assert found.certification.count == found.cover.sheets == found.cover.volume == ""
    assert found.head.case == f"Личное дело №{NBSP}2026-0007"
    assert all("том" not in line.note for line in found.inventory.lines)


def test_a_sheet_of_provenance_has_its_line_where_there_is_one() -> None:
    origins = object()
    found = browsed(origins)
    assert found.inventory.lines[-1].title == found.title == "Лист происхождения сведений"
    assert found.inventory.lines[-1].sheets == ""
    assert found.provenance is origins


def test_a_page_for_a_browser_that_goes_on_is_the_next_volume() -> None:
    assert BARE.person
    assert BARE.person.paper
    bound = tuple(
        Bound(volume=n, bound=D(2026, 2, n), sheets=n * 10, signed_by="s001") for n in (2, 1)
    )
    person = with_fields(BARE.person, paper=with_fields(BARE.person.paper, volumes=bound))
    student = replace(BARE, person=person, documents=(PAPER,))
    case = case_of(student, BARE)
    found = whole(case, contents(case), {}, None)
    assert found.cover.volume == "Том 3 из 3"
    assert found.certification.first == f"№{NBSP}1"
    alone = case_of(student)
    assert whole(alone, contents(alone), {}, None).cover.volume == ""
    assert alone.bound_volumes == 0
