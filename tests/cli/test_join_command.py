"""papka join at a terminal: what is on paper is compared, the person chosen, the key guarded."""

from __future__ import annotations

import os
from pathlib import Path

from papka.repository.signing import is_guarded, load_public
from tests.support.clones import Shared
from tests.support.terminal import Exchange, in_dialogue

ON_PAPER = "Отпечаток ключа руководителя"
COMPARED = "Сличите с листом каждый знак"


def test_a_person_who_compares_by_eye(shared: Shared, tmp_path: Path) -> None:
    """Who says that paper differs is left with nothing; who says that it agrees, with a key."""
    words = ("join", str(shared.store), "архив")
    doubting: list[Exchange] = [(ON_PAPER, "SHA256:коротко"), (ON_PAPER, ""), (COMPARED, "нет")]
    ran = in_dialogue(words, doubting, folder=tmp_path)
    assert (ran.code, "не отпечаток ключа" in ran.out, "не принят" in ran.out) == (1, True, True)
    assert not (tmp_path / "архив").exists()

    sure: list[Exchange] = [
        (ON_PAPER, ""), (COMPARED, "да"), ("Кто вы", "7"), ("Кто вы", "с002"),
        ("Пароль на ключ", "длинный пароль"), ("Тот же пароль", "длинный порог"),
        ("Пароль на ключ", "длинный пароль"), ("Тот же пароль", "длинный пароль"),
    ]  # fmt: skip
    ran = in_dialogue(words, sure, folder=tmp_path)
    key = Path(os.environ["HOME"]) / ".ssh" / "papka-s002"
    assert ran.code == 0, ran.out
    assert load_public(key.with_suffix(".pub")).fingerprint in ran.out
    assert f"ssh-add {key}" in ran.out
    assert "пароль\n" not in ran.out
    assert is_guarded(key)
