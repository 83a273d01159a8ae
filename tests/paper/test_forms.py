"""Every form as paper: short, hundreds of rows long, filled with hostile words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest

from papka.core.snapshot import Snapshot
from papka.paper.form import PrintedForm, State
from papka.paper.forms import every_form
from papka.paper.press import print_form
from papka.records.archive import Archive
from tests.paper.conftest import COMMIT, MOMENT
from tests.paper.forms_school import MANY, hostile, long, restricted, short
from tests.paper.sheet_counting import archival_faults, squeezed, tool
from tests.support.made_once import once_for_all

ON = dt.date(2026, 12, 28)
SNAPSHOTS = Path(__file__).parent / "snapshots"
BY_NAME = {form.name: form for form in every_form()}
ADDRESSES = {
    "notice": "2026-0007",
    "register": "certificates/2026",
    "group-sheet": "Г-26-1",
    "order": "2026/0007",
    "consent": "2026-0007#c1",
    "answer": "2026-0007#z1",
    "self-examination": "2026",
    "management": "2026-2",
    "attention": "2026-2",
    "platform-printout": "2026-0007",
    "card": "2026-0007",
    "approval-act": "2026-1",
    "keys": "",
    "refounding": "0001",
    "seal": "0002",
    "safe-sheet": "",
    "backup-act": "2026",
    "destruction-act": "1",
    "destruction-extract": "1",
}
LONG = {
    **ADDRESSES,
    "notice": f"2026-{1000 + MANY}",
    "consent": "2026-1000#c1",
    "answer": f"2026-{1000 + MANY}#z1",
    "platform-printout": f"2026-{1000 + MANY}",
    "card": f"2026-{999 + MANY}",
}
RESTRICTED = ("needs-plan", "diagnostics-summary")
"""Forms of the restricted archive alone."""
HEADINGS = {
    "notice": ("Программа и часть", "Пересдать до"),
    "register": ("Подпись выдавшего", "Дубликат, отметки"),
    "group-sheet": ("Фамилия, имя, отчество", "Преподаватель"),
    "order": ("Подпись ознакомленного", "Расшифровка подписи"),
    "consent": ("Субъект персональных данных", "Способ отзыва"),
    "answer": ("Оператор", "За границу"),
    "self-examination": ("Показатель", "Доля"),
    "management": ("Обучающихся", "Нет данных"),
    "attention": ("Фамилия, имя, отчество", "Почему"),
    "platform-printout": ("Столбец выгрузки", "Запись платформы"),
    "approval-act": ("Личное дело", "Всего"),
    "card": ("Кем приходится", "Освоение"),
    "keys": ("Ключ", "Где хранится"),
    "refounding": ("Сохранение до замены", "Новый запасной ключ"),
    "seal": ("В списке пломбы", "Контрольная сумма предыдущей пломбы"),
    "safe-sheet": ("Отпечаток", "Шаг"),
    "backup-act": ("Копия сделана", "Где хранится"),
    "destruction-act": ("Чьи данные", "Хранить по"),
    "destruction-extract": ("Чьи данные", "Кто"),
}
"""First and last heading of a table of the form: a lost column would take one of them along."""
Printer = Callable[[str, str], Path]


def state(archive: Archive, commit: str | None = COMMIT) -> State:
    return State(archive, MOMENT, ON, commit, root=COMMIT[::-1])


def address_of(form: PrintedForm, archive: Archive) -> str:
    return ADDRESSES.get(form.name) or next(iter(form.targets(archive)))


@pytest.fixture(scope="session")
def on_paper(templates: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Printer:
    """A PDF of a form for one of the schools, made once a run."""
    schools = {"short": short, "long": long, "hostile": hostile, "restricted": restricted}
    known: dict[str, Archive] = {}

    def printed(school: str, name: str) -> Path:
        def print_it(folder: Path) -> Path:
            where = "restricted" if name in RESTRICTED else school
            archive = known[where] = known.get(where) or schools[where]()
            form = BY_NAME[name]
            address = LONG[name] if school == "long" else address_of(form, archive)
            path = folder / f"{school}-{name}.pdf"
            path.write_bytes(print_form(form, state(archive), address, templates=templates).data)
            return path

        return once_for_all(tmp_path_factory, f"{school}-{name}", print_it)

    return printed


def pages_of(path: Path) -> list[str]:
    """Text of each page, its spaces as typed."""
    pages = tool("pdftotext", "-layout", path, "-").split("\f")[:-1]
    return [re.sub(r"\s+", " ", page) for page in pages]


@pytest.mark.parametrize("name", ADDRESSES)
def test_words_and_pages_of_a_form_are_those_reviewed(
    name: str, on_paper: Printer, pytestconfig: pytest.Config
) -> None:
    """A change of wording or order has to be looked at: --update-snapshots accepts it."""
    path = on_paper("short", name)
    count = len(pypdf.PdfReader(path).pages)
    found = f"Листов: {count}\n{tool('pdftotext', '-raw', path, '-')}"
    expected = SNAPSHOTS / f"form-{name}.txt"
    if pytestconfig.getoption("--update-snapshots"):
        expected.write_text(found, "utf-8")
    assert squeezed(found) == squeezed(expected.read_text("utf-8"))


@pytest.mark.parametrize("name", BY_NAME)
def test_a_form_is_sound_archival_tagged_and_russian(name: str, on_paper: Printer) -> None:
    path = on_paper("short", name)
    tool("qpdf", "--check", path)
    for line in tool("pdffonts", path).splitlines()[2:]:
        assert re.match(r"[A-Z]{6}\+Papka-PT-(Serif|Sans)", line), line
        assert re.search(r"\byes yes yes\b", line), line
    catalog: Any = pypdf.PdfReader(path).trailer["/Root"]
    assert catalog["/Lang"] == "ru"
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/StructTreeRoot"]
    metadata = catalog["/Metadata"].get_data().decode()
    assert re.search(r"part[^0-9]+3\b", metadata)
    assert re.search(r"conformance[^A-Z]+A\b", metadata)
    assert catalog["/OutputIntents"]
    assert archival_faults(path) == []


def test_the_same_state_gives_the_same_bytes(
    on_paper: Printer, templates: Snapshot, pytestconfig: pytest.Config
) -> None:
    """Every form with `--soak`, else a third of them, always the same."""
    names = [*ADDRESSES] if pytestconfig.getoption("--soak") else [*ADDRESSES][::3]
    for name in names:
        again = print_form(BY_NAME[name], state(short()), ADDRESSES[name], templates=templates)
        assert again.data == on_paper("short", name).read_bytes(), name


def test_pages_of_long_forms_are_those_reviewed(
    on_paper: Printer, pytestconfig: pytest.Config
) -> None:
    counts = {name: len(pypdf.PdfReader(on_paper("long", name)).pages) for name in LONG}
    found = "".join(f"{name}: {count}\n" for name, count in counts.items())
    expected = SNAPSHOTS / "forms-long.txt"
    if pytestconfig.getoption("--update-snapshots"):
        expected.write_text(found, "utf-8")
    assert found == expected.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "sign", "heading", "rows"),
    [
        ("notice", f"«Программа {MANY % 60}»: Техника игры", "Программа и часть", MANY),
        ("register", "Сертификат об осво", "Подпись выдавшего", MANY),
        ("group-sheet", "Ёлка Тихоновна", "Преподаватель", MANY),
        ("order", "Ёлка Тихоновна", "", 2 * MANY),
        ("platform-printout", "Лётчикова", "Запись платформы", 101),
    ],
)
def test_no_row_is_lost_and_headings_repeat_on_every_sheet(
    name: str, sign: str, heading: str, rows: int, on_paper: Printer
) -> None:
    raw = tool("pdftotext", "-raw", on_paper("long", name), "-")
    pages = [squeezed(page) for page in raw.split("\f")]
    assert sum(page.count(squeezed(sign)) for page in pages) == rows
    with_rows = [page for page in pages if squeezed(sign) in page]
    assert len(with_rows) > 5
    assert [page for page in with_rows if squeezed(heading) not in page] == []


@pytest.mark.parametrize("name", LONG)
def test_the_signature_is_never_alone_on_a_sheet(name: str, on_paper: Printer) -> None:
    pages = pages_of(on_paper("long", name))
    signed = next(page for page in reversed(pages) if "расшифровка подписи" in page)
    before = signed.split("расшифровка подписи")[0]
    assert len(re.findall(r"\w{3,}", before)) > 8, before


@pytest.mark.parametrize("name", BY_NAME)
def test_no_sheet_holds_a_line_or_two_alone(name: str, on_paper: Printer) -> None:
    """Neither a note nor the line that names the state is carried over by itself."""
    pages = tool("pdftotext", "-layout", on_paper("short", name), "-").split("\f")[:-1]
    assert pages
    for page in pages:
        assert len(page.split()) > 40, page


def test_hostile_words_are_words_and_take_no_column_away(
    on_paper: Printer, pytestconfig: pytest.Config
) -> None:
    """In every form with `--soak`, else in half of them, always the same."""
    for name in [*ADDRESSES] if pytestconfig.getoption("--soak") else [*ADDRESSES][1::2]:
        assert_hostile_words_are_words(name, on_paper("hostile", name))


def assert_hostile_words_are_words(name: str, path: Path) -> None:
    text = squeezed(tool("pdftotext", "-raw", path, "-"))
    assert squeezed("<b>Жир</b> </style><script>alert(1)</script>") in text
    assert squeezed("{{ 7*7 }}") in text
    assert "root:" not in text
    assert b"/JavaScript" not in path.read_bytes()
    for heading in HEADINGS[name]:
        assert squeezed(heading) in text
    boxes = tool("pdftotext", "-bbox", path, "-")
    width = float(re.findall(r'<page width="([\d.]+)"', boxes)[0])
    ends = [float(x) for x in re.findall(r'<word [^>]*xMax="([\d.]+)"', boxes)]
    assert max(ends) <= width - 10 / 25.4 * 72 + 1


@pytest.mark.parametrize("name", ADDRESSES)
def test_unsaved_records_stamp_every_form(name: str) -> None:
    """R-5.6"""
    view = BY_NAME[name].view(state(short(), None), ADDRESSES[name])
    assert view.page.stamp == "НЕ СОХРАНЕНО"


@pytest.mark.parametrize("name", ADDRESSES)
def test_all_addresses_of_a_form_can_be_printed(name: str) -> None:
    """What `--all` asks for, a view answers."""
    archive = short()
    addresses = list(BY_NAME[name].targets(archive))
    assert addresses
    for address in addresses:
        assert BY_NAME[name].view(state(archive), address).page.title
