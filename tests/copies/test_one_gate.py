"""Each rule that verify has is asked before something enters: save, sync, mirror push, status."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.copies import mirrors
from papka.core.places import SALT_BYTES
from tests.support.command import papka
from tests.support.histories import git
from tests.support.school import NOW, STUDENT, Archive

CARD = f"{STUDENT}/student.yaml"


def _mirrored(archive: Archive, folder: Path) -> Path:
    store = folder / "usb.git"
    mirrors.add(archive.root, "usb", str(store), "RU", allowed=("RU",))
    assert mirrors.push(archive.root).is_good
    return store


def _refused(archive: Archive, code: str, *words: str) -> None:
    """A save that leaves history and folder as they were, and says the rule's own code."""
    before = git(archive.root, "rev-parse", "main")
    for more in ("-n", ""):
        ran = papka("save", "-C", archive.root, "--as", "s001", *words, *filter(None, [more]))
        assert (ran.code, code in ran.all) == (1, True), ran.all
    assert git(archive.root, "rev-parse", "main") == before


def test_attributes_that_change_content_are_not_saved(archive: Archive) -> None:
    archive.write(".gitattributes", "* text=auto eol=crlf\n")
    _refused(archive, "ATTR_CONTENT_FILTER")
    archive.write(".gitattributes", "* -text\n")
    archive.write("templates/deep/.gitattributes", "*.html ident\n")
    _refused(archive, "ATTR_CONTENT_FILTER")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("templates/форма.html", "PATH_UNSAFE"),
        ("templates/cafe\u0301.html", "PATH_NOT_NFC"),
        ("tools/aux.sh", "PATH_UNSAFE"),
        ("README.MD/x", ""),
        ("schema/Student.json", "PATH_COLLISION"),
        ("Schema/x.json", ""),
    ],
)
def test_name_that_other_systems_read_differently_is_not_saved(
    path: str, code: str, archive: Archive
) -> None:
    """What does not belong to an archive at all is left out of a save."""
    archive.write(path, "{}")
    if code:
        _refused(archive, code)
    else:
        ran = papka("save", "-C", archive.root, "--as", "s001")
        assert (ran.code, path in ran.all) == (0, True)


def test_salt_of_another_folder_is_not_saved(archive: Archive) -> None:
    """The copied folder is new; the one it was copied from is not touched."""
    copy = STUDENT.replace("0001", "0009")
    archive.write(f"{copy}/student.yaml", archive.read(CARD).replace("2026-0001", "2026-0009"))
    archive.write(f"{copy}/.salt", (archive.root / STUDENT / ".salt").read_bytes())
    _refused(archive, "SALT_REUSED")
    archive.write(f"{copy}/.salt", bytes(range(SALT_BYTES)))
    assert "SALT_REUSED" not in papka("save", "-C", archive.root, "--as", "s001", "-n").all


@pytest.mark.parametrize("path", ["README.md", "tools/note.txt"])
def test_person_named_in_a_common_file_is_not_saved(path: str, archive: Archive) -> None:
    archive.write(path, "Хорошо выступила Абрикосова Аглая Андреевна.\n")
    card = archive.read(CARD)
    assert "surname: Абрикосова" in card
    patronymic = card.partition("patronymic: ")[2].partition("\n")[0]
    archive.write(path, f"Хорошо выступила Абрикосова Аглая {patronymic}.\n")
    _refused(archive, "PERSONAL_DATA_OUTSIDE_UNIT")


def test_person_named_in_the_words_of_a_save_is_not_saved(archive: Archive) -> None:
    archive.write(CARD, archive.read(CARD) + "# x\n")
    _refused(archive, "PERSONAL_DATA_OUTSIDE_UNIT", "-m", "Уточнено: Абрикосова Аглая")
    assert papka("save", "-C", archive.root, "--as", "s001", "-m", "Уточнено").code == 0


def test_card_of_a_person_whom_a_common_file_names_is_not_saved(archive: Archive) -> None:
    archive.write("README.md", "Основатель — Ягодкин Ян Янович.\n")
    assert papka("save", "-C", archive.root, "--as", "s001").code == 0
    card = archive.read(CARD)
    name = card[card.index("name:") : card.index("sex:")]
    archive.write(
        CARD,
        card.replace(name, "name:\n  surname: Ягодкин\n  given: Ян\n  patronymic: Янович\n", 1),
    )
    _refused(archive, "PERSONAL_DATA_OUTSIDE_UNIT")


def _committed_past_papka(archive: Archive) -> str:
    """As a GUI client does: no hooks, no signature."""
    archive.write(CARD, archive.read(CARD) + "# x\n")
    git(archive.root, "commit", "-qam", "GUI")
    return git(archive.root, "rev-parse", "main").strip()


def test_unsigned_commit_goes_to_no_mirror_and_status_warns(
    archive: Archive, tmp_path: Path
) -> None:
    store = _mirrored(archive, tmp_path)
    sent = git(store, "rev-parse", "main")
    made = _committed_past_papka(archive)
    told = papka("status", "-C", archive.root)
    assert (told.code, "Не отправленное не примет ни одно зеркало" in told.out) == (1, True)
    assert f"{made[:12]}: SIG_MISSING" in told.out
    for command in (("sync",), ("mirror", "push")):
        ran = papka(*command, "-C", archive.root)
        assert (ran.code, ran.all.count("SIG_MISSING")) == (3, 1), ran.all
        assert git(store, "rev-parse", "main") == sent
    git(archive.root, "reset", "-q", "--soft", "HEAD~1")
    assert papka("save", "-C", archive.root, "--as", "s001").code == 0
    assert papka("sync", "-C", archive.root).code == 0
    assert "ни одно зеркало" not in papka("status", "-C", archive.root).out
    assert papka("verify", "-C", archive.root).code == 0


def test_unsigned_commit_noted_as_sent_is_judged_all_the_same(
    archive: Archive, tmp_path: Path
) -> None:
    """The note beside the records is no proof: the mirror itself is asked."""
    store = _mirrored(archive, tmp_path)
    sent = git(store, "rev-parse", "main")
    made = _committed_past_papka(archive)
    git(archive.root, "update-ref", "refs/remotes/usb/main", made)
    mirrors.add(archive.root, "second", str(tmp_path / "second.git"), "RU", allowed=("RU",))
    assert papka("mirror", "push", "-C", archive.root).code == 3
    assert git(store, "rev-parse", "main") == sent
    assert git(tmp_path / "second.git", "for-each-ref") == ""


def test_attributes_committed_past_papka_go_nowhere_and_come_from_nowhere(
    archive: Archive, tmp_path: Path
) -> None:
    """Signed by the head, so that only the rule itself can refuse them."""
    from tests.support.histories import School

    store = _mirrored(archive, tmp_path)
    school = School(archive.root, archive.keys)
    late = int((NOW - NOW.replace(month=3, day=2, hour=9)).total_seconds()) + 100
    school.forge({".gitattributes": b"* text=auto\n"}, sign=school.signer("head").sign,
                 by="s001", late=late)  # fmt: skip
    school.checkout()
    ran = papka("mirror", "push", "-C", archive.root)
    assert (ran.code, "ATTR_CONTENT_FILTER" in ran.all) == (3, True)
    git(archive.root, "push", "-q", "--no-verify", str(store), "main")
    git(archive.root, "reset", "-q", "--hard", "HEAD~1")
    ran = papka("sync", "-C", archive.root)
    assert (ran.code, "ATTR_CONTENT_FILTER" in ran.all) == (1, True)


def test_commit_with_two_faults_that_only_the_primary_has_is_accepted_at_once(
    archive: Archive, tmp_path: Path
) -> None:
    """One word each would take none of them in: what is not accepted stops the taking."""
    store = _mirrored(archive, tmp_path)
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(store), str(other))
    (other / STUDENT / "notices.yaml").unlink()
    git(other, "commit", "-qam", "GUI")
    made = git(other, "rev-parse", "main").strip()
    git(other, "push", "-q", "--no-verify", "origin", "main")
    words = ("trust", "accept", made, "--reason", "Проба", "-C", archive.root, "--as", "s001")
    ran = papka(*words, "--code", "SIG_MISSING")
    assert (ran.code, "ID_REMOVED" in ran.all) == (3, True), ran.all
    ran = papka(*words, "--code", "SIG_MISSING", "--code", "ID_REMOVED")
    assert ran.code == 0, ran.all
    assert papka("sync", "-C", archive.root).code == 0
    assert papka("verify", "-C", archive.root, "--no-memory").code == 0
