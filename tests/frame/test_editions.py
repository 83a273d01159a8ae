"""Every change of a schema or a form is a new edition, and an archive of each edition is at hand.

After a change: `pytest tests/frame/test_editions.py --update-snapshots` (docs/architecture.md).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.core.installation import known_digests
from papka.desk.edition import digests
from tests.support import editions as kept

UPDATE = "pytest tests/frame/test_editions.py --update-snapshots"


def test_todays_edition_is_the_newest_of_the_list(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-snapshots"):
        kept.keep_today()
    newest = (kept.FOLDER / f"{kept.editions()[-1]}.txt").read_text("utf-8")
    assert newest == kept.list_of(kept.today()), f"what init lays out has changed: {UPDATE}"


def test_the_program_knows_every_text_that_an_edition_laid_out() -> None:
    assert kept.SHIPPED.read_text("ascii") == kept.known_list(), UPDATE
    known = known_digests()
    unknown = [path for path, digest in digests().items() if digest not in known.get(path, ())]
    assert unknown == [], UPDATE


def test_an_archive_of_every_edition_can_be_made() -> None:
    for edition in kept.editions():
        assert kept.laid_out(edition), edition
    named = {digest for each in kept.editions() for digest in kept.listed(each).values()}
    left = [file.name for file in kept.TEXTS.iterdir() if file.name not in named]
    assert left == [], "texts of no edition"


def test_a_changed_form_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    changed = {**kept.today(), "templates/paper.css": b"/* new */\n"}
    monkeypatch.setattr(kept, "today", lambda: changed)
    newest = (kept.FOLDER / f"{kept.editions()[-1]}.txt").read_text("utf-8")
    assert newest != kept.list_of(kept.today())
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    monkeypatch.setattr(kept, "TEXTS", tmp_path / "texts")
    monkeypatch.setattr(kept, "SHIPPED", tmp_path / "editions.txt")
    (tmp_path / "texts").mkdir()
    (tmp_path / "01.txt").write_text(newest, "utf-8")
    monkeypatch.setattr(kept, "_git", lambda *_: b"tracked")
    monkeypatch.setattr(kept, "_from_history", lambda *_: b"found")
    kept.keep_today()
    assert kept.editions() == ("01", "02")
    assert kept.list_of(changed) == (tmp_path / "02.txt").read_text("utf-8")
    assert kept.SHIPPED.read_text("ascii").count("  templates/paper.css\n") == 2
