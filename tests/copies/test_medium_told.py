"""Why the texts on a medium are not read, in the words that a person is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from papka.copies.medium_format import (
    BadMedium,
    Label,
    Manifest,
    compose_label,
    compose_manifest,
    compose_read_me,
    read_label,
    read_manifest,
)
from papka.records.archive import Archive

D4 = "d4" * 32
MANIFEST = Manifest(
    "Н-1", "внешний диск", datetime(2027, 1, 15, 10, 30, tzinfo=UTC), "s001", "a1" * 20, "b2" * 20,
    12, ("0002", "c3" * 32), {"archive.bundle": D4},
)  # fmt: skip
WHOLE = compose_manifest(MANIFEST).decode()
LABEL = compose_label(Label("Н-1", "внешний диск", "0f" * 16)).decode()


def told(read: Callable[[bytes], object], text: str) -> str:
    with pytest.raises(BadMedium) as error:
        read(text.encode())
    return str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (WHOLE, "", "текст обрывается"),
        (f"{WHOLE[-9:]}", "", "текст обрывается"),
        (WHOLE, "опись\n", "это не опись копии papka"),
        (WHOLE, "\n".join(WHOLE.splitlines()[:9]) + "\n", "это не опись копии papka"),
        ("# medium: Н-1", "# medium: ", "нет строки «# medium:»"),
        ("# kind:", "# вид:", "нет строки «# kind:»"),
        ("commits: 12", "commits: 012", "commits: «012» — не число"),
        ("commits: 12", "commits: дюжина", "commits: «дюжина» — не число"),
        ("T10:30:00Z", "T25:30:00Z", "made: «2027-01-15T25:30:00Z» — не время"),
        ("2027-01-15T", "2027-1-15T", "made: «2027-1-15T10:30:00Z» — не время"),
        ("a1" * 20, "a1" * 19, f"head: «{'a1' * 19}» — не то"),
        ("b2" * 20, "B2" * 20, f"root: «{'B2' * 20}» — не то"),
        ("seal: 0002", "seal: 2", f"seal: «2 {'c3' * 32}» — не пломба"),
        (f"{D4}  ", f"{D4} ", "строка не «сумма, два пробела, имя»"),
        (f"{D4}  ", "d4  ", "строка не «сумма, два пробела, имя»"),
        ("archive.bundle", "../a", "имя «../a» ведёт из папки копии"),
        ("archive.bundle", "/a", "имя «/a» ведёт из папки копии"),
        ("archive.bundle", "", "имя «» ведёт из папки копии"),
        (f"{D4}  ", f"\\{D4}  ",
         "строка о archive.bundle записана не так, как пишет sha256sum"),
        (f"{D4}  archive.bundle\n", f"{D4}  archive.bundle\n" * 2, "archive.bundle записан дважды"),
    ],
)  # fmt: skip
def test_why_a_manifest_is_not_read(old: str, new: str, why: str) -> None:
    assert old in WHOLE
    assert told(read_manifest, WHOLE.replace(old, new, 1)) == why


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (LABEL, "метка\n", "это не метка носителя papka"),
        (LABEL, LABEL + "ещё\n", "это не метка носителя papka"),
        (LABEL, LABEL[:-1], "текст обрывается"),
        ("medium: Н-1", "medium:", "нет строки «medium:»"),
        ("0f" * 16, "0F" * 16, f"id: «{'0F' * 16}» — не то"),
    ],
)
def test_why_a_label_is_not_read(old: str, new: str, why: str) -> None:
    assert told(read_label, LABEL.replace(old, new, 1)) == why


def test_the_page_beside_a_copy_says_what_it_is_and_how_to_restore_it() -> None:
    page = compose_read_me(Archive(), MANIFEST)
    assert page.startswith(
        "КОПИЯ ЭЛЕКТРОННОГО АРХИВА ЛИЧНЫХ ДЕЛ\n\n"
        "Организация: —\n"
        "Носитель: Н-1 (внешний диск)\n"
        "Копия сделана: 15.01.2027 в 10:30 (всемирное время), сотрудник s001\n"
        f"Последнее сохранение архива: {'a1' * 20}\n"
        f"Первое сохранение архива: {'b2' * 20}\n"
        "Всего: 12\u00a0сохранений\n"
        f"Последняя пломба: № 0002, контрольная сумма {'c3' * 32}\n"
    )
    for command in (
        "sha256sum -c --quiet manifest.txt",
        "git clone -b main archive.bundle НОВАЯ-ПАПКА",
        "sh proof/check-seal.sh . 0002 СУММА",
        "sh proof/check-signatures.sh . ОТПЕЧАТОК",
        "papka verify ПАПКА-КОПИИ --anchor ОТПЕЧАТОК",
        "papka restore НОВАЯ-ПАПКА --from ПАПКА-КОПИИ --anchor ОТПЕЧАТОК",
    ):
        assert f"\n    {command}\n" in page
    assert "program/" not in page
    with_program = compose_read_me(Archive(), MANIFEST, "Python 3.11, Linux")
    assert "\nprogram/         программа papka с её библиотеками и лицензией\n" in with_program
    assert "без сети (нужны Python 3.11, Linux и pip)\n" in with_program
    assert "check-seal.sh ." not in compose_read_me(Archive(), replace(MANIFEST, seal=None))
    assert "Последняя пломба: ещё не ставилась\n" in compose_read_me(
        Archive(), replace(MANIFEST, seal=None)
    )
