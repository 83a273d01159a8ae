"""What the first page and the page of safekeeping say, as the archive and the day change."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from papka.core.errors import LockHeld
from papka.core.findings import Location, Severity
from papka.desk.deadline import Deadline
from papka.desk.deadlines import DEBT_OVERDUE, MirrorSeen, mirrors
from papka.desk.status_report import MirrorState, Status
from papka.proof.anchors import KnownSeals
from papka.proof.memory import Recalled
from papka.repository.commit_snapshots import first_commit
from papka.repository.git_values import MAIN
from papka.web import today
from papka.web.face import Face
from papka.web.safety import light_verification
from papka.web.site import make_site, mark_commands
from papka.web.today import light_mirrors
from tests.support.faces import NOON, TOKEN, client_of, face_of
from tests.support.school import Archive

CARD = "records/students/2026/2026-0001/student.yaml"


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as in the library
        if tag not in {"span", "code", "a", "strong"}:
            self.said.append(" ")

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def words(page: str) -> str:
    """What a page says, without its tags."""
    reader = _Words()
    reader.feed(page)
    return " ".join("".join(reader.said).split())


def said(client: FlaskClient, path: str = "/", code: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == code, answer.text
    return words(answer.text)


def test_first_page_says_what_status_says_and_sees_a_changed_file(archive: Archive) -> None:
    client = client_of(face_of(archive.root))
    first = said(client)
    assert "Сегодня, 30.11.2026" in first
    assert "Записи ✓" not in first  # the sign is drawn, and a word stands beside it
    assert "Записи в порядке — Всё сохранено и подписано" in first
    assert "Зеркал нет: архив есть только на этом компьютере" in first
    assert "papka mirror add ИМЯ АДРЕС --country RU" in first
    card = archive.root / CARD
    text = card.read_text("utf-8")
    card.write_text(f"# примечание\n{text}", "utf-8")
    assert "Записи внимание — Не сохранено: 1 файл" in said(client)
    assert f"изменён: {CARD}" in said(client)
    card.write_text("nonsense: [", "utf-8")
    broken = said(client)
    assert f"Записи срочно — Не читается: {CARD} Узнайте, что в них не так: papka check" in broken


def test_first_page_of_a_large_archive_says_that_it_is_worked_out(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, read = threading.Event(), today.read_status

    def read_slowly(root: Path, now: dt.datetime) -> Status:
        assert may_end.wait(60)
        return read(root, now)

    monkeypatch.setattr(today, "read_status", read_slowly)
    face = face_of(archive.root)
    face.patience = 0
    client = client_of(face)
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?asked=1")
    for _ in range(2):
        assert "Смотрю все дела: сроки, задолженности, копии" in said(client, "/?asked=1")
    assert "Печать" in said(client, "/print")  # meanwhile the rest is open
    may_end.set()
    face.patience = 600
    assert "Всё сохранено и подписано" in said(client, "/?asked=1")
    with (archive.root / CARD).open("a", encoding="utf-8") as card:
        card.write("# примечание\n")
    assert "Не сохранено: 1 файл" in said(client, "/?asked=1")  # the same address, looked at anew


def test_a_large_school_is_looked_at_by_a_process_of_its_own_that_says_the_same(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = said(client_of(face_of(archive.root)))
    asked: list[Path] = []

    def read_apart(root: Path, now: dt.datetime) -> Status:
        asked.append(root)
        return read(root, now)

    read = today.read_apart
    monkeypatch.setattr(today, "read_apart", read_apart)
    monkeypatch.setattr(today, "_MANY", 0)
    assert said(client_of(face_of(archive.root))) == small
    assert asked == [archive.root]


def test_many_demands_are_turned_over_page_by_page(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = today.read_status

    def read_many(root: Path, now: dt.datetime) -> Status:
        where = Location(CARD)
        due = (
            Deadline("задолженность", f"2026-0001#r{i}", "пересдать", None, where, DEBT_OVERDUE)
            for i in range(1, 131)
        )
        return replace(read(root, now), deadlines=tuple(due))

    monkeypatch.setattr(today, "read_status", read_many)
    client = client_of(face_of(archive.root))
    first, last, beyond = said(client), said(client, "/?page=3"), said(client, "/?page=9")
    assert "Требований: 130, просрочено: 130" in first
    assert first.count("срочно Срок пересдачи прошёл") == 60
    assert "Страница 1 из 3 Дальше →" in first
    assert (last, last.count("срочно Срок пересдачи прошёл")) == (beyond, 10)
    assert "#r121, " in last
    assert "papka add 2026-0001 result" in last  # what may be typed as it stands
    assert client.get("/?page=many").status_code == 200


def test_demand_tells_whose_file_it_is_and_the_next_command(archive: Archive) -> None:
    card = archive.root / CARD
    text = card.read_text("utf-8")
    card.write_text(text.replace("returned: 2026-02-12", "due: 2026-02-12"), "utf-8")
    page = said(client_of(face_of(archive.root)))
    told = page.partition("срочно Бумажное дело не вернули: 2026-0001#l1")[2]
    name, _, rest = told.partition(CARD)
    assert "Абрикосова Аглая Тихоновна" in name
    assert rest.startswith(" Верните дело на место и отметьте: papka end 2026-0001#l1")


def test_broken_schema_is_told_as_a_page_with_the_way_out(archive: Archive) -> None:
    (archive.root / "schema/student.json").write_text("{", "utf-8")
    client = client_of(face_of(archive.root))
    for path in ("/", "/safety"):
        page = said(client, path, 409)
        assert "Схема schema/student.json повреждена" in page
        assert "git checkout HEAD -- schema/student.json" in page


def test_page_that_is_not_there_is_told_politely(archive: Archive) -> None:
    client = client_of(face_of(archive.root))
    assert "Такой страницы нет" in said(client, "/people/../../etc/passwd", 404)
    assert "Так спросить нельзя" in words(client.put("/").text)


def test_fault_of_ours_shows_where_it_is_kept_and_no_traceback(archive: Archive) -> None:
    kept: list[Exception] = []

    def keep(error: Exception) -> Path:
        kept.append(error)
        return Path("/tmp/papka-1/error.log")

    site = make_site(Face(archive.root, lambda: NOON, keep, TOKEN))

    @site.get("/fault")
    def fault() -> str:
        raise ValueError("secret words")

    @site.get("/busy")
    def busy() -> str:
        raise LockHeld(".papka/lock")

    client = site.test_client()
    page = said(client, "/fault", 500)
    assert [str(each) for each in kept] == ["secret words"]
    assert "Ошибка в самой программе papka" in page
    assert "/tmp/papka-1/error.log" in page
    assert "secret words" not in page
    assert "Traceback" not in page
    assert "Архив сейчас занят другой командой" in said(client, "/busy", 503)


def test_form_without_the_token_of_this_run_does_nothing(archive: Archive) -> None:
    client = client_of(face_of(archive.root))
    for given in ({}, {"token": "another"}, {"token": TOKEN + " "}):
        assert client.post("/safety", data=given).status_code == 403
    file = {"token": TOKEN, "file": (BytesIO(b"a scan"), "a.txt")}
    answer = client.post("/safety", data=file, content_type="multipart/form-data")
    assert answer.status_code == 415
    assert "Идёт проверка" not in said(client, "/safety")


def test_archive_is_verified_from_the_page_and_compared_with_paper(archive: Archive) -> None:
    face = face_of(archive.root)
    client = client_of(face)
    before = said(client, "/safety")
    assert "Проверка архива внимание — Целиком на этом компьютере ещё не проверялся" in before
    wrong = client.post("/safety", data={"token": TOKEN, "anchor": "13"})
    assert wrong.status_code == 409
    root = first_commit(archive.root, MAIN)
    answer = client.post("/safety", data={"token": TOKEN, "anchor": root})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/safety")
    pages = [said(client, "/safety")]
    while "Идёт проверка" in pages[-1]:
        pages.append(said(client, "/safety"))
    assert "Целостность и подписи подтверждены" in pages[-1]
    assert "Сошлось с бумагой: первое сохранение" in pages[-1]
    assert "подлинность не установлена" not in pages[-1]
    assert "Проверка архива в порядке — Целиком проверен 30.11.2026, всё верно" in pages[-1]


_DAY = dt.date(2026, 11, 30)
_SEEN = MirrorSeen("usb", dt.date(2026, 1, 1), looked=_DAY, heard=_DAY)


def _state(confirmed: str | None, behind: int | None, seen: MirrorSeen = _SEEN) -> MirrorState:
    return MirrorState("usb", primary=True, confirmed=confirmed, behind=behind, seen=seen)


_MIRRORS = {
    "sent": (_state("c" * 40, 0), "good", "Всё отправлено"),
    "unsent": (_state("c" * 40, 2), "soon", "Не отправлено: 2 сохранения"),
    "silent": (_state(None, None), "soon", "Ещё ничего не подтверждало"),
    "parted": (
        _state("c" * 40, None, MirrorSeen("usb", _DAY, parted=True, looked=_DAY)),
        "bad",
        "Зеркало «usb»: подтвердило сохранение, которого в здешней истории нет",
    ),
}


@pytest.mark.parametrize("name", _MIRRORS)
def test_light_of_a_mirror_has_a_word_for_each_state(name: str) -> None:
    copy, state, begin = _MIRRORS[name]
    demands = [one for each in mirrors(_DAY, (copy.seen,)) if (one := each.demand()) is not None]
    (light,) = light_mirrors((copy,), demands)
    assert (light.state, light.title) == (state, "Зеркало «usb» (основное)")
    assert words(light.words).startswith(begin)
    assert bool(light.next_step) == (state != "good")


def test_light_of_verification_grows_old() -> None:
    def state_after(days: int, unverified: int | None = 0) -> tuple[str, str]:
        sound = int((NOON - dt.timedelta(days=days)).timestamp())
        known = Recalled(KnownSeals("c" * 40, sound=sound))
        light = light_verification(known, unverified, NOON)
        return light.state, words(light.words)

    assert state_after(1) == ("good", "Целиком проверен 29.11.2026, всё верно")
    assert state_after(1, 3)[1].endswith("; после этого ещё 3 сохранения")
    assert state_after(32)[0] == "soon"
    assert state_after(93)[0] == "bad"
    assert light_verification(Recalled(), None, NOON).state == "soon"


_COMMANDS = {
    "Отправьте: papka sync": ["papka sync"],
    "Посмотрите: papka period status; затем papka period close 2026-1": [
        "papka period status",
        "papka period close 2026-1",
    ],
    "Верните (papka undo ФАЙЛ) и проверьте.": ["papka undo ФАЙЛ"],
    'Наберите: papka verify --anchor "8 групп по 8 знаков"': [
        'papka verify --anchor "8 групп по 8 знаков"'
    ],
    "papka trust accept и больше ничего <b>": ["papka trust accept"],
}


@pytest.mark.parametrize("sentence", _COMMANDS)
def test_commands_stand_out_of_a_sentence(sentence: str) -> None:
    marked = mark_commands(sentence)
    found = [words(each).strip() for each in str(marked).split("<code>")[1:]]
    assert [each[: len(one)] for each, one in zip(found, _COMMANDS[sentence], strict=True)] == (
        _COMMANDS[sentence]
    )
    assert words(str(marked)) == sentence
    assert marked.count("</code>") == len(_COMMANDS[sentence])


def test_severities_have_their_words() -> None:
    assert [each.word for each in Severity] == [
        "сведение",
        "предупреждение",
        "ошибка",
        "нарушение",
    ]
