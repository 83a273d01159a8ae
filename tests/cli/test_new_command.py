"""papka new: the next number in its year, a modeline, and every field of the schema."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from papka.desk import new_records
from papka.desk.numbers import Reserved
from papka.desk.open_records import Desk
from papka.records.strict_yaml import read
from tests.support.command import Ran, papka
from tests.support.school import TEACHER, Archive
from tests.support.terminal import Terminal, at_terminal

YEAR = datetime.now().astimezone().year


def new(archive: Archive, *arguments: str | Path) -> Ran:
    return papka("new", "-C", archive.root, *arguments)


def folders(archive: Archive) -> list[str]:
    return sorted(path.name for path in (archive.root / "records/students").glob("*/*"))


def test_a_personal_file_gets_its_number_card_and_salt(archive: Archive) -> None:
    before = folders(archive)
    ran = new(
        archive, "student", "--surname", "Грушева", "--given", "Глаша", "--birth-date",
        "14.05.2012", "--representatives.relation", "мать", "--representatives.given", "Анна",
    )  # fmt: skip
    assert ran.code == 0, ran.all
    (number,) = set(folders(archive)) - set(before)
    folder = archive.root / f"records/students/{YEAR}/{number}"
    text = (folder / "student.yaml").read_text(encoding="utf-8")
    assert text.startswith(
        f"# yaml-language-server: $schema=../../../../schema/student.json\nid: {number}\nname:\n"
    )
    assert read(text.encode(), "").value == {
        "id": number,
        "name": {"given": "Глаша", "surname": "Грушева"},
        "birth_date": "2012-05-14",
        "representatives": [{"id": "p1", "relation": "мать", "given": "Анна"}],
    }
    assert len((folder / ".salt").read_bytes()) == 32
    assert f"papka add {number} enrolment" in ran.out


def test_numbers_follow_each_other(archive: Archive) -> None:
    for given in ("Аня", "Боря"):
        assert new(archive, "student", "--given", given, "--save", "--as", TEACHER).code == 0
    ours = [name for name in folders(archive) if name.startswith(f"{YEAR}-")]
    numbers = [int(name.partition("-")[2]) for name in ours]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_an_order_takes_the_next_sequence_and_the_head_signs(archive: Archive) -> None:
    ran = new(
        archive, "order", "--number", "9-о", "--date", "2026-11-01", "--kind", "иное",
        "--heading", "О дежурстве", "--items.text", "Первое", "--items.students", "2026-0001",
        "--items.students", "2026-0001#e1", "--items.text", "Второе", "--save", "--as", TEACHER,
    )  # fmt: skip
    assert ran.code == 0, ran.all
    text, _, salt = archive.read("records/orders/2026/0004.yaml").partition("salt: ")
    assert len(bytes.fromhex(salt.strip("\"'\n"))) == 32
    assert text == (
        "# yaml-language-server: $schema=../../../schema/order.json\n"
        "number: 9-о\ndate: 2026-11-01\nkind: иное\nheading: О дежурстве\nitems:\n"
        "  - text: Первое\n    students:\n      - 2026-0001\n      - 2026-0001#e1\n"
        "  - text: Второе\nsigned_by: s001\n"
    )


def test_an_event_is_added_to_its_year(archive: Archive) -> None:
    path = "records/events/2026.yaml"
    before = archive.read(path)
    about = ("--kind", "мероприятие", "--title", "Конкурс", "--level", "муниципальный")
    assert new(archive, "event", *about, "--date", "2026-11-20").code == 0
    assert archive.read(path) == before + (
        "  - id: 2026/02\n    kind: мероприятие\n    title: Конкурс\n"
        "    level: муниципальный\n    date: 2026-11-20\n"
    )
    assert new(archive, "event", *about, "--date", "2027-01-20").code == 0
    assert "  - id: 2027/01\n" in archive.read("records/events/2027.yaml")


def test_a_programme_with_parts_and_results(archive: Archive) -> None:
    ran = new(
        archive, "program", "--code", "choir", "--title", "Хор",
        "--editions.edition", "1", "--editions.order", "2026/0001", "--editions.hours", "10",
        "--editions.parts.part", "пение", "--editions.parts.title", "Пение",
        "--editions.parts.hours", "4",
        "--editions.parts.part", "дыхание", "--editions.parts.title", "Дыхание",
        "--editions.parts.hours", "6",
        "--editions.planned-results.outcome", "поёт", "--editions.planned-results.kind",
        "предметный", "--editions.planned-results.text", "Поёт",
        "--editions.planned-results.outcome", "рад", "--editions.planned-results.kind",
        "личностный", "--editions.planned-results.text", "Рад петь",
    )  # fmt: skip
    assert ran.code == 0, ran.all
    (edition,) = read(archive.read("records/programs/choir.yaml").encode(), "").value["editions"]
    assert [part["part"] for part in edition["parts"]] == ["пение", "дыхание"]
    assert len(edition["planned_results"]) == 2


def test_a_platform_and_a_code_that_is_taken(archive: Archive) -> None:
    about = ("--title", "Ступень", "--licence-basis", "Договор 1 от 01.09.2026")
    day = ("--since", "2026-09-01")
    assert new(archive, "platform", "--id", "stupen", *about, *day).code == 0
    ran = new(archive, "platform", "--id", "kurs", *about, *day)
    assert ran.code == 3
    assert "уже есть" in ran.err


def test_a_terminal_is_asked_and_may_add_more(archive: Archive) -> None:
    ran = at_terminal(
        ["new", "student"],
        [
            *("Грушева", "Глаша", "", "ж", "1", "05.03.2014", ""),
            *("representatives", "мать", "", "Анна", "", "8 (900) 000-00-55"),
            *("Электронная почта", "email", "glasha@school.invalid", "?", ""),
        ],
        folder=archive.root,
    )
    assert ran.code == 0, ran.out
    text = archive.read(f"records/students/{YEAR}/{folders(archive)[-1]}/student.yaml")
    assert "surname: Грушева" in text
    assert "sex: женский\nbirth_date: 2014-03-05\nemail: glasha@school.invalid\n" in text
    assert '  - id: p1\n    relation: мать\n    given: Анна\n    phone: "+79000000055"\n' in text


def test_a_terminal_asks_until_a_programme_holds_what_it_must(archive: Archive) -> None:
    ran = at_terminal(
        ["new", "program"],
        [
            *("choir", "Хор", "1", "2026/0001", "72"),
            *("пение", "Пение", "72", ""),
            *("голос", "1", "Поёт в голос"),
            *("рад", "2", "Рад петь", ""),
        ],
        folder=archive.root,
    )
    assert ran.code == 0, ran.out
    assert "Нужен хотя бы один личностный планируемый результат" in ran.out
    (edition,) = read(archive.read("records/programs/choir.yaml").encode(), "").value["editions"]
    assert [found["outcome"] for found in edition["planned_results"]] == ["голос", "рад"]
    assert [part["part"] for part in edition["parts"]] == ["пение"]


@pytest.mark.parametrize("kind", new_records.KINDS)
def test_every_kind_explains_its_fields_and_names_what_is_missing(
    archive: Archive, kind: str
) -> None:
    ran = new(archive, kind, "--help")
    assert ran.code == 0
    assert "Поля записи:" in ran.out
    ran = new(archive, kind)
    assert ran.code == 2
    assert "Не указано: --" in ran.err


def test_an_unknown_kind_gets_the_likely_one(archive: Archive) -> None:
    ran = new(archive, "studnet")
    assert ran.code == 2
    assert "«student»" in ran.err


def test_dry_run_takes_no_number(archive: Archive) -> None:
    before = folders(archive)
    ran = new(archive, "student", "--given", "Глаша", "-n")
    assert ran.code == 0
    assert "+  given: Глаша" in ran.out
    assert folders(archive) == before


def test_with_a_mirror_the_number_is_taken_there_and_without_a_way_a_draft_waits(
    archive: Archive, tmp_path: Path
) -> None:
    mirror, hidden = tmp_path / "mirror.git", tmp_path / "hidden.git"
    assert papka("mirror", "add", "-C", archive.root, "hub", mirror, "--country", "RU").code == 0
    assert papka("sync", "-C", archive.root).code == 0
    before = folders(archive)
    ran = new(archive, "student", "--given", "Аня")
    assert ran.code == 0, ran.all
    assert "Сохранено" in ran.out
    assert len(folders(archive)) == len(before) + 1
    mirror.rename(hidden)
    ran = new(archive, "student", "--given", "Боря")
    assert ran.code == 0, ran.all
    assert "черновик" in ran.out
    assert len(folders(archive)) == len(before) + 1
    hidden.rename(mirror)
    assert "получил номер" in papka("sync", "-C", archive.root).out
    assert len(folders(archive)) == len(before) + 2


def test_a_card_with_an_error_takes_no_number(archive: Archive) -> None:
    before = folders(archive)
    ran = new(archive, "student", "--given", "Аня", "--photo", "d7", "--save")
    assert ran.code == 1
    assert folders(archive) == before


@pytest.mark.parametrize(
    ("reserved", "code", "said"),
    [
        (
            Reserved(None, draft="3", reason="нет связи"),
            0,
            (
                "Номера пока нет: нет связи\n"
                "Дело отложено как черновик 3; номер оно получит при обмене.\n"
                "Что дальше: когда связь будет, papka sync\n"
            ),
        ),
        (
            Reserved(None, reason="Спор о записи."),
            3,
            (
                "Номер не занят: обмен с основным зеркалом остановлен. Спор о записи.\n"
                "Что дальше: papka sync\n"
            ),
        ),
    ],
)
def test_a_number_that_was_not_taken_is_told(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, reserved: Reserved, code: int, said: str
) -> None:
    monkeypatch.setattr("papka.desk.new_records.has_primary", lambda _: True)
    monkeypatch.setattr("papka.desk.new_records.save_student", lambda *_, **__: (reserved, None))
    ran = new(archive, "student", "--given", "Аня")
    assert (ran.code, ran.out, ran.err) == (code, said, "")


PERIOD = ("--period", "2027-1", "--title", "Весна", "--school-year", "2027")
MADE = {
    "staff": ("--given", "Пётр", "--post", "Педагог", "--roles", "педагог"),
    "group": ("--group", "Х-26-1", "--program", "guitar"),
    "period": (*PERIOD, "--start", "01.01.2027", "--end", "30.06.2027"),
    "scale": ("--scale", "десять", "--title", "Десять", "--lowest", "1", "--highest", "10",
              "--pass-mark", "4"),
    "purpose": ("--purpose", "музей", "--title", "Музей", "--editions.edition", "1",
                "--editions.since", "01.09.2026", "--editions.text", "Согласен",
                "--editions.data", "имя", "--editions.actions", "показ", "--editions.term", "год"),
    "regulation": ("--id", "museum", "--title", "О музее", "--editions.edition", "1",
                   "--editions.since", "01.09.2026", "--editions.protocol", "№ 1",
                   "--editions.awards.award", "значок", "--editions.awards.clause", "3.1",
                   "--editions.awards.conditions", "За дело"),
}  # fmt: skip


@pytest.mark.parametrize("kind", MADE)
def test_what_all_files_share_is_begun_and_saved_by_the_head(archive: Archive, kind: str) -> None:
    ran = new(archive, kind, *MADE[kind], "--save", "--as", "s001")
    assert (ran.code, "Сохранено: " in ran.out) == (0, True), ran.all
    assert ("- id: s003\n" in archive.read("records/staff.yaml")) == (kind == "staff")


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("group", ("--teacher", "s002")),
        ("period", ("--title", "Осень")),
        ("scale", ("--step", "1")),
    ],
)
def test_a_name_that_is_taken_is_refused(
    archive: Archive, kind: str, other: tuple[str, str]
) -> None:
    same = tuple(word for word in MADE[kind] if word not in {"--title", "Весна"})
    assert new(archive, kind, *MADE[kind]).code == 0
    before = archive.read("records/organization.yaml")
    assert "Записывать нечего" in new(archive, kind, *MADE[kind]).out
    ran = new(archive, kind, *(same if kind == "period" else MADE[kind]), *other)
    assert (ran.code, "уже есть" in ran.err) == (3, True), ran.all
    assert archive.read("records/organization.yaml") == before


def test_a_programme_a_purpose_and_an_act_get_a_new_edition(archive: Archive) -> None:
    for kind in ("purpose", "regulation"):
        assert new(archive, kind, *MADE[kind]).code == 0
        second = [word if word != "1" else "2" for word in MADE[kind]]
        at = second.index("--title")
        ran = new(archive, kind, *second[:at], *second[at + 2 :])
        assert ran.code == 0, ran.all
    text = archive.read("records/regulations/museum/regulation.yaml")
    editions = read(text.encode(), "").value["editions"]
    assert [each["edition"] for each in editions] == [1, 2]
    purposes = read(archive.read("records/organization.yaml").encode(), "").value["purposes"]
    assert [each["edition"] for each in purposes[-1]["editions"]] == [1, 2]


AGLAYA = ("--surname", "Абрикосова", "--given", "Агля", "--patronymic", "Тихоновна",
          "--birth-date", "14.05.2011")  # fmt: skip


def test_a_second_file_of_a_person_is_told_before_it_has_a_number(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = folders(archive)
    following = new_records.next_student(Desk(archive.root), YEAR)
    said = f"дело этого человека уже есть: 2026-0001 (новое было бы {following})"
    assert said in new(archive, "student", *AGLAYA, "-n").out
    monkeypatch.setattr("sys.stdin", Terminal("нет\n"))
    refused = new(archive, "student", *AGLAYA)
    assert said in refused.out
    assert refused.code == 130
    assert folders(archive) == before
    monkeypatch.setattr("sys.stdin", Terminal("да\n"))
    made = new(archive, "student", *AGLAYA)
    assert made.code == 0, made.all
    assert folders(archive) == sorted([*before, following])


def test_another_child_is_no_second_file_of_anybody(archive: Archive) -> None:
    other = [word if word != "Агля" else "Алёна" for word in AGLAYA]
    assert "уже есть" not in new(archive, "student", *other, "-n").out
