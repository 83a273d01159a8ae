"""What is decided before a page is laid out: names of files, forms in use, pictures, kept ones."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import replace as with_fields
from PIL import Image

from papka.core.errors import NotFound, PapkaError, Refused
from papka.core.snapshot import DictSnapshot, Overlay, Snapshot
from papka.paper import press as paper_press
from papka.paper import print_saved
from papka.paper.form import State, Target
from papka.paper.form_list import (
    NEEDED,
    OF_ORGANIZATIONS,
    ON_REQUEST,
    PERSONAL_FILE,
    in_use,
    require_form,
    require_in_use,
    singles,
    target_of,
    targets,
    titles,
)
from papka.paper.personal_file import FileCase
from papka.paper.personal_file_layout import Pictures, ScanNotPrinted, pictures, print_personal_file
from papka.paper.press import Press
from papka.paper.print_all import PrintOutcome, print_all
from papka.paper.print_cache import (
    KeptPrints,
    PrintCache,
    PrintedDocument,
    PrintedFile,
    PrintOptions,
    file_name,
    versions,
)
from papka.records.student import Consent, Document, Student
from papka.repository.commit_snapshots import CommitTree
from tests.paper.conftest import COMMIT, MOMENT, volumes
from tests.paper.invented_school import AGLAYA, ORGANIZATION, archive, sources
from tests.paper.pictures import page, pdf_of, saved
from tests.support.prints import save_unjudged
from tests.support.school import STUDENT, Archive

D = dt.date
ID = "2026-0001"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("keys", ""), "keys"),
        (("certificate", "С-2026-0001"), "certificate-С-2026-0001"),
        (("consent", "2026-0007#c1"), "consent-2026-0007-c1"),
        (("register", "certificates/2026"), "register-certificates-2026"),
        (("notice", "../a b"), "notice----a-b"),
        (("personal-file", "2026-0007", 1, 1), "personal-file-2026-0007"),
        (("personal-file", "2026-0007", 2, 3), "personal-file-2026-0007-tom-2"),
        (("personal-file", "2026-0007", 1, 2), "personal-file-2026-0007-tom-1"),
    ],
)
def test_a_file_is_named_by_form_address_and_volume(words: tuple[str, str], name: str) -> None:
    assert file_name(*words) == name


@pytest.mark.parametrize(
    ("way", "options", "is_kept"),
    [
        (PrintOptions(), "", True),
        (PrintOptions(on=D(2026, 3, 1)), "2026-03-01", True),
        (PrintOptions(duplex=True), "duplex", True),
        (PrintOptions(on=D(2026, 3, 1), duplex=True), "2026-03-01 duplex", True),
        (PrintOptions(html=True), "", False),
        (PrintOptions(new_sheets=True), "", False),
        (PrintOptions(html=True, new_sheets=True), "", False),
    ],
)
def test_only_what_rests_on_one_state_and_needs_a_layout_is_kept(
    way: PrintOptions, options: str, *, is_kept: bool
) -> None:
    assert (str(way), way.is_kept) == (options, is_kept)


# which forms


def test_every_form_has_a_title_a_target_and_words_for_what_it_needs() -> None:
    assert next(iter(titles().items())) == (PERSONAL_FILE, "Личное дело целиком")
    assert target_of(PERSONAL_FILE) == target_of("notice") == "дело"
    assert target_of("order") == "приказ"
    assert set(NEEDED) == set(get_args(Target))
    for name in titles():
        require_form(name)
    with pytest.raises(NotFound) as unknown:
        require_form("notise")
    assert unknown.value.message == "Формы «notise» нет"
    assert unknown.value.next_step == "Все формы: papka print. Может быть, «notice»?"


def test_a_school_prints_the_forms_it_lists_and_always_what_proves_the_archive() -> None:
    every = tuple(name for name in titles() if name not in ON_REQUEST | OF_ORGANIZATIONS)
    proof = tuple(name for name, form in singles().items() if form.is_of_proof)
    for listed, used in (
        ((), every),
        (("order", "notice"), ("notice", "order", *proof)),
        ((PERSONAL_FILE,), (PERSONAL_FILE, *proof)),
    ):
        found = replace(archive(), organization=with_fields(ORGANIZATION, forms=listed))
        assert sorted(in_use(found)) == sorted(used)
        assert in_use(found) == tuple(name for name in every if name in used)
        for name in used:
            require_in_use(name, found)
        for name in set(every).difference(used, OF_ORGANIZATIONS):
            with pytest.raises(Refused, match=rf"Форма {name} \(«.+»\) в этой организации не"):
                require_in_use(name, found)
    nobody = replace(archive(), organization=None)
    assert set(in_use(nobody)) == {*every, *OF_ORGANIZATIONS}
    require_in_use("notice", nobody)


@pytest.mark.parametrize(
    ("name", "listed", "ogrn", "is_used"),
    [
        ("order-book", (), "300000000000000", False),
        ("order-book", ("order-book",), "300000000000000", True),
        ("notice", ("order-book",), "300000000000000", True),
        ("notice", ("order-book", "order"), "300000000000000", False),
        ("order-book", ("order",), "1000000000000", False),
        ("self-examination", (), "300000000000000", False),
        ("self-examination", ("self-examination",), "300000000000000", True),
        ("notice", ("self-examination",), "300000000000000", True),
        ("self-examination", (), "1000000000000", True),
        ("notice", ("self-examination",), "1000000000000", False),
    ],
)
def test_what_no_known_duty_asks_for_is_printed_where_it_is_listed(
    name: str, listed: tuple[str, ...], ogrn: str, *, is_used: bool
) -> None:
    """R-3.3: and naming such a form switches no other one off."""
    school = with_fields(ORGANIZATION, forms=listed, ogrn=ogrn)
    found = replace(archive(), organization=school)
    assert (name in in_use(found)) == is_used
    if name == "order-book" and not is_used:
        with pytest.raises(Refused, match="выключена: обязанности вести её") as refused:
            require_in_use(name, found)
        assert "forms вписывают order-book" in (refused.value.next_step or "")


def test_a_refused_form_is_answered_with_those_in_use() -> None:
    forms = ("order", "notice")
    found = replace(archive(), organization=with_fields(ORGANIZATION, forms=forms))
    with pytest.raises(Refused) as refused:
        require_in_use(PERSONAL_FILE, found)
    assert refused.value.message == (
        "Форма personal-file («Личное дело целиком») в этой организации не применяется"
    )
    assert refused.value.next_step == (
        "Применяемые формы перечислены в records/organization.yaml, строка forms: order, notice. "
        "Руководитель может добавить её туда"
    )


def test_a_form_is_offered_for_every_address_it_has() -> None:
    found = archive(AGLAYA, replace(AGLAYA, id="2026-0008"))
    assert targets(PERSONAL_FILE, found) == ("2026-0007", "2026-0008")
    assert targets("order", found) == ("2026/0001", "2026/0007", "2026/0019")
    assert targets(PERSONAL_FILE, archive()) == ()


# which personal file


def asked(student: Student, **how: object) -> None:
    print_personal_file(
        archive(student), DictSnapshot(sources(student)), student.id,
        templates=DictSnapshot({}), commit=COMMIT, **{"as_of": MOMENT, **how},  # type: ignore[arg-type] # by name
    )  # fmt: skip


def test_a_day_before_the_file_began_has_nothing_to_print() -> None:
    empty = replace(AGLAYA, enrolments=(), documents=(), consents=())
    with pytest.raises(NotFound) as refused:
        asked(empty, on=D(2025, 1, 2))
    assert refused.value.message == "На 02.01.2025 в деле 2026-0007 ещё ничего не было"
    assert refused.value.next_step == "Укажите более поздний день или печатайте без --on"


def test_a_moment_without_a_zone_is_nobodys() -> None:
    with pytest.raises(ValueError, match="time zone"):
        asked(AGLAYA, as_of=MOMENT.replace(tzinfo=None))


def test_what_is_new_may_be_a_chapter_or_a_document_alone(templates: Snapshot) -> None:
    paper = with_fields(AGLAYA.documents[0], id="d9", number="99/26", title="Заявление")
    for now, said in (
        (replace(AGLAYA, documents=(*AGLAYA.documents, paper)), "Заявление"),
        (replace(AGLAYA, awards=(*AGLAYA.awards, with_fields(AGLAYA.awards[0], id="a9",
         text="За лад"))), "За\u00a0лад"),
    ):  # fmt: skip
        (done,) = volumes(now, templates, earlier=AGLAYA, html=True)
        text = done.data.decode()
        assert said in text
        assert "Впервые выступала" not in text
    with pytest.raises(Refused) as refused:
        volumes(AGLAYA, templates, earlier=AGLAYA, html=True)
    assert refused.value.message == (
        "В деле 2026-0007 после тома 0 ничего не изменилось: новых листов нет"
    )
    assert refused.value.next_step == (
        "Дело целиком: чтобы перешить — --rebind, чтобы прочитать — --html"
    )


# its pictures

COPY = Document(id="d1", kind="табель", title="Табель", medium="копия", file="b.pdf")
PHOTO = Document(id="d3", kind="фото", title="Фото", medium="только файл", file="a.jpg")
FACE = saved(page("", (90, 120)), "JPEG")
SCANS = {"b.pdf": pdf_of(2), "c.png": saved(page(), "PNG"), "a.jpg": FACE}
HELD = (with_fields(AGLAYA.consents[0], revoked=None),)


def drawn(
    *documents: Document,
    photo: str | None = None,
    earlier: Student | None = None,
    scans: dict[str, bytes] = SCANS,
    consents: tuple[Consent, ...] = HELD,
    turn: dt.date | None = None,
) -> Pictures:
    assert AGLAYA.person
    person = with_fields(AGLAYA.person, photo=photo)
    student = replace(AGLAYA, person=person, documents=documents, consents=consents)
    files = {f"{student.folder}/attachments/{name}": data for name, data in scans.items()}
    state = State(archive(student), MOMENT, MOMENT.date(), COMMIT, turn=turn)
    return pictures(FileCase(state, student, person, earlier), DictSnapshot(files))


def test_only_copies_with_a_scan_are_drawn_page_by_page() -> None:
    single = with_fields(COPY, id="d2", file="c.png")
    paper = with_fields(COPY, id="d4", file=None)
    original = with_fields(COPY, id="d5", medium="подлинник")
    found = drawn(paper, COPY, original, PHOTO, single)
    assert found.pages == {
        "document-1": ("papka:scan/document-1-0.jpg", "papka:scan/document-1-1.jpg"),
        "document-4": ("papka:scan/document-4-0.jpg",),
    }
    assert set(found.images) == {name for names in found.pages.values() for name in names}
    assert len(set(found.images.values())) == 3
    assert found.photo is None
    assert drawn() == Pictures({}, None, {})


def test_a_scan_whose_sheets_are_bound_is_not_drawn_again() -> None:
    before = replace(AGLAYA, documents=(COPY,))
    renamed = with_fields(COPY, title="Табель за 5 класс")
    assert drawn(COPY, earlier=before).pages == {}
    assert drawn(renamed, earlier=before).pages == {}
    again = with_fields(COPY, file="c.png")
    assert list(drawn(again, earlier=before).pages) == ["document-0"]


def test_a_photo_is_drawn_with_a_consent_from_a_file_and_not_in_what_goes_on() -> None:
    found = drawn(PHOTO, photo="d3")
    assert found.photo == "papka:scan/photo.jpg"
    assert list(found.images) == ["papka:scan/photo.jpg"]
    assert Image.open(BytesIO(found.images[found.photo])).size == (90, 120)
    for missing in (
        drawn(PHOTO),
        drawn(PHOTO, photo="d9"),
        drawn(with_fields(PHOTO, file=None), photo="d3"),
        drawn(PHOTO, photo="d3", earlier=replace(AGLAYA, documents=())),
        drawn(PHOTO, photo="d3", consents=AGLAYA.consents),
        drawn(PHOTO, photo="d3", consents=()),
    ):
        assert missing.photo is None
        assert missing.images == {}


def test_a_photo_kept_as_a_copy_is_printed_only_with_a_consent() -> None:
    named = with_fields(PHOTO, id="d7", medium="копия")
    of_card = with_fields(named, id="d3", kind="снимок", file="c.png")
    both = {"document-0", "document-1"}
    assert set(drawn(named, of_card, photo="d3").pages) == both
    ended = (with_fields(HELD[0], valid_until=MOMENT.date() - dt.timedelta(days=1)),)
    today = (with_fields(HELD[0], valid_until=MOMENT.date()),)
    after = MOMENT.date() + dt.timedelta(days=1)
    assert set(drawn(named, of_card, photo="d3", consents=today).pages) == both
    assert drawn(named, of_card, photo="d3", consents=today, turn=after).pages == {}
    assert drawn(PHOTO, photo="d3", consents=today).photo is not None
    assert drawn(PHOTO, photo="d3", consents=today, turn=after).photo is None
    for consents in (AGLAYA.consents, ended, (*AGLAYA.consents, *ended), ()):
        assert drawn(named, of_card, photo="d3", consents=consents).pages == {}
    assert set(drawn(named, of_card, consents=()).pages) == {"document-1"}


@pytest.mark.parametrize(
    ("document", "photo", "scans", "reason", "named"),
    [
        (COPY, None, {}, "такого файла нет", "d1 «Табель»"),
        (COPY, None, {"b.pdf": b"text"}, "это не PDF, PNG и не JPEG", "d1 «Табель»"),
        (with_fields(COPY, id=None), None, {}, "такого файла нет", " «Табель»"),
        (PHOTO, "d3", {}, "такого файла нет", "d3 «Фото»"),
        (PHOTO, "d3", {"a.jpg": FACE[:300]}, "рисунок повреждён", "d3 «Фото»"),
        (PHOTO, "d3", {"a.jpg": pdf_of(1)}, "это не PDF, PNG и не JPEG", "d3 «Фото»"),
    ],
)
def test_a_picture_that_cannot_be_printed_stops_the_print_and_is_named(
    document: Document, photo: str | None, scans: dict[str, bytes], reason: str, named: str
) -> None:
    with pytest.raises(ScanNotPrinted) as refused:
        drawn(document, photo=photo, scans=scans)
    assert refused.value.message == (
        f"Скан не печатается: {reason}. Документ {named}, "
        f"файл {AGLAYA.folder}/attachments/{document.file}"
    )
    assert refused.value.next_step.startswith("Отсканируйте документ заново (PDF, PNG или JPEG")


def test_a_template_that_adds_a_page_between_copies_is_told(templates: Snapshot) -> None:
    """Numbers in the inventory would be those of other sheets."""
    path = "templates/personal-file/copies.html.j2"
    sheet = b"<p style='break-before: page'>1</p></body>"
    page_ = templates.read(path).replace(b"</body>", sheet)
    bare = replace(
        AGLAYA, periods={}, credits=(), awards=(), notices=(), consents=(), documents=(COPY,)
    )
    with pytest.raises(PapkaError) as told:
        volumes(bare, Overlay(templates, {path: page_}), scans={"b.pdf": pdf_of(1)})
    assert told.value.message == "Число листов в описи не сходится с числом отпечатанных листов"


# kept prints

VOLUMES = (PrintedFile("", b"%PDF-1", 4), PrintedFile("", b"%PDF-2", 2))


def shelf(archive_: Archive, way: PrintOptions | None = None, *, cache: bool = True) -> KeptPrints:
    tree = CommitTree(archive_.root, "HEAD")
    return KeptPrints(archive_.root, tree, way or PrintOptions(), cache=cache)


def rested(archive_: Archive, *paths: str) -> PrintedDocument:
    tree = CommitTree(archive_.root, "HEAD")
    return PrintedDocument(VOLUMES, tree.commit, {path: tree.id_of(path) for path in paths})


def test_a_kept_print_is_found_by_form_address_and_way_with_its_volumes_named(
    archive: Archive,
) -> None:
    made = rested(archive, STUDENT, "records/none")
    shelf(archive).keep("personal-file", ID, made)
    found = shelf(archive).find("personal-file", ID)
    assert found
    assert found.from_cache
    assert (found.commit, dict(found.rests_on)) == (made.commit, made.rests_on)
    assert [(file.name, file.data, file.pages, file.kind) for file in found.files] == [
        (f"personal-file-{ID}-tom-1.pdf", b"%PDF-1", 4, "pdf"),
        (f"personal-file-{ID}-tom-2.pdf", b"%PDF-2", 2, "pdf"),
    ]
    for other in (
        shelf(archive).find("notice", ID),
        shelf(archive).find("personal-file", "2026-0002"),
        shelf(archive, PrintOptions(duplex=True)).find("personal-file", ID),
        shelf(archive, PrintOptions(new_sheets=True)).find("personal-file", ID),
        shelf(archive, PrintOptions(html=True)).find("personal-file", ID),
        shelf(archive, cache=False).find("personal-file", ID),
    ):
        assert other is None


def test_without_a_cache_nothing_is_kept_and_nothing_is_cleaned(archive: Archive) -> None:
    for way, cache in (
        (PrintOptions(), False),
        (PrintOptions(html=True), True),
        (PrintOptions(new_sheets=True), True),
    ):
        shelf(archive, way, cache=cache).keep("notice", ID, rested(archive, STUDENT))
        assert shelf(archive).find("notice", ID) is None
    shelf(archive).keep("notice", ID, rested(archive, STUDENT))
    shelf(archive, cache=False).clean("notice", ())
    assert shelf(archive).find("notice", ID)
    shelf(archive).clean("personal-file", ())
    assert shelf(archive).find("notice", ID)
    shelf(archive).clean("notice", (ID,))
    assert shelf(archive).find("notice", ID)
    shelf(archive).clean("notice", ("2026-0002",))
    assert shelf(archive).find("notice", ID) is None


def test_a_kept_print_goes_on_with_the_archive_and_ends_with_what_it_rests_on(
    archive: Archive,
) -> None:
    shelf(archive).keep("notice", ID, rested(archive, STUDENT))
    archive.write("records/acts/1/evidence.pack", "О другом")
    save_unjudged(archive)
    assert shelf(archive).find("notice", ID)
    kept = PrintCache(archive.root, versions()).find(("notice", ID, ""))
    assert kept
    assert kept[1] == CommitTree(archive.root, "HEAD").commit
    archive.edit(f"{STUDENT}/student.yaml", "Аглая", "Аграфена")
    assert shelf(archive).find("notice", ID), "what is not saved changes no paper"
    save_unjudged(archive)
    assert shelf(archive).find("notice", ID) is None


# what lies unsaved


def test_git_and_a_look_at_each_file_name_the_same_unsaved_files(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed = rested(
        archive, STUDENT, "records/organization.yaml", "records/staff.yaml", "templates/none"
    )
    tree = CommitTree(archive.root, "HEAD")

    def unsaved() -> tuple[str, ...]:
        few = print_saved.unsaved_of(archive.root, tree, pressed)
        with monkeypatch.context() as patch:
            patch.setattr(print_saved, "_FEW", 0)
            assert print_saved.unsaved_of(archive.root, tree, pressed) == few
        return few

    assert unsaved() == ()
    archive.edit(f"{STUDENT}/student.yaml", "Аглая", "Аграфена")
    archive.write(f"{STUDENT}/new.yaml", "a: 1")
    archive.write(f"{STUDENT}-other/new.yaml", "a: 1")
    archive.edit("records/organization.yaml", "Ручейная", "Речная")
    archive.edit("templates/paper.css", "{", " {")
    (archive.root / "records/staff.yaml").unlink()
    assert unsaved() == (
        "records/organization.yaml",
        "records/staff.yaml",
        f"{STUDENT}/new.yaml",
        f"{STUDENT}/student.yaml",
    )


# the press


@pytest.mark.parametrize(
    "way", [PrintOptions(duplex=True), PrintOptions(new_sheets=True), PrintOptions(rebind=True)]
)
def test_only_a_personal_file_has_two_sides_and_volumes(
    archive: Archive, way: PrintOptions
) -> None:
    press = Press(archive.root, CommitTree(archive.root, "HEAD"), way)
    with pytest.raises(Refused) as refused:
        press.press("notice", ID)
    assert refused.value.message == (
        "Ключи --duplex, --new-sheets и --rebind — только для личного дела"
    )
    assert refused.value.next_step == "Напечатайте эту форму без них"


def test_a_press_knows_the_forms_and_addresses_of_its_commit(archive: Archive) -> None:
    press = Press(archive.root, CommitTree(archive.root, "HEAD"), PrintOptions())
    off = {*ON_REQUEST, *OF_ORGANIZATIONS}
    assert press.forms() == tuple(name for name in titles() if name not in off)
    assert press.targets(PERSONAL_FILE) == ((ID,), {})
    with pytest.raises(NotFound, match="Формы «нет» нет"):
        press.targets("нет")
    with pytest.raises(NotFound, match="Формы «нет» нет"):
        press.press("нет", ID)


def test_a_paper_that_never_settles_is_our_fault_and_says_so(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_press, "_ROUNDS", 0)
    press = Press(archive.root, CommitTree(archive.root, "HEAD"), PrintOptions(html=True))
    with pytest.raises(Refused) as refused:
        press.press("notice", ID)
    assert refused.value.message == (
        f"Форма notice для «{ID}» каждый раз опирается на другие записи"
    )
    assert refused.value.next_step == "Это ошибка программы: сообщите разработчикам"


def test_our_fault_in_one_paper_is_told_with_its_name(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("на ноль")

    monkeypatch.setattr(Press, "press", fail)
    run = print_all(archive.root, "notice", PrintOptions(html=True), tmp_path, processes=1)
    assert (len(run), run.addresses, run.unread) == (1, (ID,), ())
    assert list(run.outcomes()) == [
        PrintOutcome(
            ID,
            trouble="Ошибка в самой программе papka (ZeroDivisionError: на ноль)",
            next_step=f"Подробности: papka print notice {ID}",
        )
    ]


def test_an_outcome_counts_pages_of_all_its_files(archive: Archive, tmp_path: Path) -> None:
    shelf(archive).keep("notice", ID, rested(archive, STUDENT))
    run = print_all(archive.root, "notice", PrintOptions(), tmp_path / "out", processes=1)
    (told,) = run.outcomes()
    names = (f"notice-{ID}-tom-1.pdf", f"notice-{ID}-tom-2.pdf")
    assert told == PrintOutcome(ID, names, 6, from_cache=True)
    assert (tmp_path / "out" / names[1]).read_bytes() == b"%PDF-2"


def test_a_kept_print_seen_from_a_commit_nobody_knows_is_not_used(archive: Archive) -> None:
    made = rested(archive, STUDENT)
    cache = PrintCache(archive.root, versions())
    cache.keep(("notice", ID, ""), made, "d" * 40)
    assert shelf(archive).find("notice", ID) is None
    cache.keep(("notice", ID, ""), made, made.commit)
    assert shelf(archive).find("notice", ID)


class _Asked(Exception):
    """The layout was asked for, which is all that is wanted."""


@pytest.mark.parametrize("duplex", [False, True])
def test_a_file_for_both_sides_has_a_style_of_its_own(
    monkeypatch: pytest.MonkeyPatch, templates: Snapshot, *, duplex: bool
) -> None:
    asked: list[Sequence[str]] = []

    def lay_out(_words: str, styles: Sequence[str], *_: object, **__: object) -> None:
        asked.append(styles)
        raise _Asked

    monkeypatch.setattr("papka.paper.pdf.lay_out", lay_out)
    with pytest.raises(_Asked):
        volumes(AGLAYA, templates, duplex=duplex)
    names = [re.split("[:/]", style)[-1] for style in asked[0]]
    assert ("duplex.css" in names, "paper.css" in names) == (duplex, True)
