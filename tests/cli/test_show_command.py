"""papka show: the personal file and one entry of it, as a person sees them."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from papka.repository.worktree import lay_out
from tests.support.archives import restricted, sample
from tests.support.command import papka
from tests.support.school import NOW, STUDENT, TEACHER, Archive, add_correction

ID = "2026-0001"
RESULTS = f"{STUDENT}/results/2026-1.yaml"


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen so wide that no sentence is broken."""
    monkeypatch.setenv("COLUMNS", "400")


def values(root: Path, *more: str) -> dict[str, Any]:
    ran = papka("show", ID, "-C", root, "--format", "json", *more)
    assert ran.code == 0, ran.all
    report: dict[str, Any] = json.loads(ran.out)
    return report


def test_everything_of_the_file_is_on_the_screen(built_archive: Archive) -> None:
    ran = papka("show", ID, "-C", built_archive.root)
    assert ran.code == 0
    for text in (
        "Дело 2026-0001 — Абрикосова Аглая Тихоновна",
        "Законные представители",
        "«Гитара с нуля»",
        "пересдача записи\u00a01",
        "академических задолженностей нет",
        "Играет три этюда первой ступени",
        "нет данных",
        "Музыкальная грамота: отлично",
        "За исполнение этюда на весеннем концерте",
        "в силе до 31.12.2027",
        "Справка музыкальной школы «Ручеёк»",
        "Выданные документы",
        "электронная почта",
    ):
        assert text in ran.out


def test_the_sample_shows_every_person(tmp_path: Path) -> None:
    lay_out(tmp_path, sample().items())
    for folder in sorted((tmp_path / "records" / "students").glob("*/*")):
        ran = papka("show", folder.name, "-C", tmp_path)
        assert ran.code == 0, ran.all
        assert f"Дело {folder.name}" in ran.out


def test_target_orientations_are_nowhere(built_archive: Archive) -> None:
    ran = papka("show", ID, "-C", built_archive.root)
    assert "Проявляет интерес" not in ran.out


def test_on_a_day_only_what_was_valid_then_is_seen(built_archive: Archive) -> None:
    root = built_archive.root
    before = papka("show", ID, "-C", root, "--on", "2026-06-01")
    assert "Как было на 01.06.2026" in before.out
    assert "открыта" in before.out
    late = values(root, "--on", "2026-10-01")
    assert [debt["state"] for debt in late["derived"]["debts"]] == ["погашена"]
    early = values(root, "--on", "2026-01-13")
    assert "enrolments" not in early
    assert early["derived"]["consents_in_force"] == ["c1"]
    assert values(root, "--on", "2028-01-01")["derived"]["consents_in_force"] == []


def test_on_a_day_the_name_of_that_day_is_shown(archive: Archive) -> None:
    archive.edit(
        f"{STUDENT}/student.yaml",
        "sex: женский",
        "former_names:\n  - until: 2026-02-01\n    surname: Грушева\nsex: женский",
    )
    assert "— Грушева Аглая" in papka("show", ID, "-C", archive.root, "--on", "2026-02-01").out
    after = papka("show", ID, "-C", archive.root, "--on", "2026-02-02").out
    assert "— Абрикосова Аглая" in after
    assert "Грушева (по\u00a001.02.2026)" in after


def test_a_revision_shows_what_was_known_then(archive: Archive) -> None:
    archive.edit(f"{STUDENT}/student.yaml", "surname: Абрикосова", "surname: Грушева")
    archive.save(TEACHER)
    assert "— Грушева" in papka("show", ID, "-C", archive.root).out
    known = papka("show", ID, "-C", archive.root, "--rev", "HEAD~1")
    assert "— Абрикосова" in known.out
    assert "Как было известно" in known.out


def test_a_correction_strikes_what_it_corrects(archive: Archive) -> None:
    add_correction(archive)
    ran = papka("show", ID, "-C", archive.root)
    assert "r3 ×" in ran.out
    assert "исправление записи\u00a03: Описка" in ran.out


def test_one_entry_names_its_file_and_line_and_who_points_at_it(built_archive: Archive) -> None:
    ran = papka("show", f"{ID}#r1", "-C", built_archive.root)
    line = built_archive.read(RESULTS).splitlines().index("  - id: r1") + 1
    assert f"{RESULTS}:{line}" in ran.out
    assert "Пересдать до" in ran.out
    assert "r3 — " in ran.out
    enrolment = papka("show", f"{ID}#e1", "-C", built_archive.root).out
    assert "приказ № " in enrolment


def test_entries_inside_the_card_are_shown_too(built_archive: Archive) -> None:
    ran = papka("show", f"{ID}#l1", "-C", built_archive.root)
    assert "Б. Б. Чайкин, инспектор" in ran.out


def test_why_lists_only_the_commits_that_touched_the_entry(archive: Archive) -> None:
    root = archive.root
    ran = papka("show", f"{ID}#r2", "-C", root, "--why", "--format", "json")
    [only] = json.loads(ran.out)["history"]
    assert (only["staff"], only["what"]) == (TEACHER, "внесена")
    notices = f"{STUDENT}/notices.yaml"
    archive.edit(notices, "channel: электронная почта", "channel: телефон")
    archive.save("s001", NOW + timedelta(hours=1))
    ran = papka("show", f"{ID}#n1", "-C", root, "--why", "--format", "json")
    history = json.loads(ran.out)["history"]
    assert [(touch["staff"], touch["what"], touch["fields"]) for touch in history] == [
        ("s001", "изменена", ["channel"]),
        (TEACHER, "внесена", []),
    ]
    assert TEACHER in papka("show", f"{ID}#n1", "-C", root, "--why").out


def test_an_entry_not_saved_yet_has_no_history(archive: Archive) -> None:
    notices = f"{STUDENT}/notices.yaml"
    more = "  - id: n2\n    date: 2026-06-01\n    about: успеваемость\n    channel: телефон\n"
    more += "    told: p1\n"
    archive.write(notices, archive.read(notices) + more)
    ran = papka("show", f"{ID}#n2", "-C", archive.root, "--why")
    assert ran.code == 0
    assert "ещё не сохранена" in ran.out


def test_an_unknown_number_or_entry_gets_those_there_are(built_archive: Archive) -> None:
    root = built_archive.root
    ran = papka("show", "2026-0011", "-C", root)
    assert ran.code == 3
    assert "Есть: «2026-0001»." in ran.err
    assert "Может быть, «2026-0001»?" in papka("show", "2026-001", "-C", root).err
    ran = papka("show", f"{ID}#r9", "-C", root)
    assert ran.code == 3
    assert "papka show 2026-0001" in ran.err
    assert papka("show", "Абрикосова", "-C", root).code == 3


def test_a_restricted_file_shows_its_words_and_no_name(tmp_path: Path) -> None:
    for path, data in restricted().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    found = json.loads(papka("find", "-C", tmp_path, "--format", "json").out)["students"]
    assert found
    assert {line["name"] for line in found} == {"имени в этом архиве нет"}
    texts = [papka("show", line["id"], "-C", tmp_path).out for line in found]
    assert not any("задолженност" in text for text in texts)
    assert any("Педагогическая диагностика" in text for text in texts)
    assert any("Особые образовательные потребности" in text for text in texts)


def test_a_broken_file_is_named_and_the_rest_is_shown(archive: Archive) -> None:
    archive.edit(f"{STUDENT}/awards.yaml", "activity: творческая", "activity: [")
    ran = papka("show", ID, "-C", archive.root)
    assert ran.code == 0
    assert f"Не читается: {STUDENT}/awards.yaml" in ran.out
    assert "«Гитара с нуля»" in ran.out


def test_why_of_a_whole_file_says_who_changed_what_in_it(built_archive: Archive) -> None:
    ran = papka("show", ID, "--why", "-C", built_archive.root)
    assert ran.code == 0, ran.all
    assert "Кто и когда менял дело (последнее сверху)" in ran.out
    assert "карточка: внесена" in ran.out
    [first] = values(built_archive.root, "--why")["history"]
    assert first["staff"] == TEACHER
    assert "карточка: внесена" in first["lines"]


def test_why_says_who_when_what_changed_and_what_it_rests_on(archive: Archive) -> None:
    root = archive.root
    archive.edit(f"{STUDENT}/notices.yaml", "channel: электронная почта", "channel: телефон")
    archive.save("s001", NOW + timedelta(hours=1))
    text = papka("show", f"{ID}#n1", "-C", root, "--why").out
    assert "Как сообщили: электронная почта → телефон" in text
    assert "(s001)" in text
    history = json.loads(papka("show", f"{ID}#n1", "-C", root, "--why", "--format", "json").out)[
        "history"
    ]
    assert [touch["key"][:7] for touch in history] == ["SHA256:", "SHA256:"]
    assert history[0]["key"] != history[1]["key"]
    assert history[0]["changes"] == [
        {"label": "Как сообщили", "old": "электронная почта", "new": "телефон"}
    ]
    assert all(touch["name"] and touch["post"] for touch in history)


def test_why_tells_the_approval_and_the_chain_of_a_result(archive: Archive) -> None:
    root = archive.root
    text = papka("show", f"{ID}#r3", "-C", root, "--why").out
    assert "утверждено: акт руководителя от " in text
    assert ", сохранение " in text
    chain = next(line for line in text.splitlines() if "Исправления и пересдачи" in line)
    assert "r1 от " in chain
    assert "пересдача r1" in chain
    add_correction(archive)
    archive.save("s001", NOW + timedelta(hours=1))
    text = papka("show", f"{ID}#r4", "-C", root, "--why").out
    assert "не утверждено: внесено или изменено после утверждения" in text
    assert "исправление r3, причина: Описка" in text


def test_why_names_the_order_and_the_digest_of_the_scan(archive: Archive) -> None:
    root = archive.root
    text = papka("show", f"{ID}#e1", "-C", root, "--why").out
    assert "приказ № " in text
    assert text.count(", сохранение ") >= 1
    scan = next((root / STUDENT / "attachments").iterdir())
    digest = sha256(scan.read_bytes()).hexdigest()
    documents = archive.read(f"{STUDENT}/documents.yaml").split("  - id: ")
    [paper] = [part.split("\n")[0] for part in documents if scan.name in part]
    text = papka("show", f"{ID}#{paper}", "-C", root, "--why").out
    assert f"скан {scan.name}, SHA-256 {digest}" in text


def test_an_issued_document_is_shown_by_its_number(built_archive: Archive) -> None:
    root = built_archive.root
    [path] = sorted((root / "records" / "registers").rglob("*.yaml"))[:1]
    number = path.read_text(encoding="utf-8").split("number: ")[1].split("\n")[0].strip("'\"")
    ran = papka("show", number, "-C", root, "--why")
    assert ran.code == 0, ran.all
    assert path.name in ran.out
    assert "внесена" in ran.out
    assert "(s001)" in ran.out
    assert papka("show", number, "-C", root, "--rev", "HEAD").code == 0


def test_an_order_is_told_from_a_number_typed_wrong(built_archive: Archive) -> None:
    ran = papka("show", "2026/0001", "-C", built_archive.root)
    assert ran.code == 3
    assert "«2026/0001» — приказ" in ran.err
    assert "papka print order 2026/0001" in ran.err
    for wrong in ("2026/9999", "../orders/2026/0001", "/etc/passwd"):
        assert "не номер дела" in papka("show", wrong, "-C", built_archive.root).err
