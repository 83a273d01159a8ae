"""papka trust as a person types it: what it says, what it refuses, its exit code."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest

from papka.core.places import ALLOWED_SIGNERS
from papka.desk import key_renewal
from papka.desk.status_report import head_keys_since
from papka.proof.trusted_keys import ACCEPTED, REVOCATIONS
from papka.repository.git_values import P384
from papka.repository.signing import generate_key, load_signer
from tests.support.archives import PROJECT
from tests.support.clones import HEAD, TEACHER
from tests.support.command import Ran, papka
from tests.support.histories import git
from tests.support.school import STUDENT, Archive, head

CARD = f"{STUDENT}/student.yaml"


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A key nobody knows yet; the public half lies beside it."""
    generate_key(tmp_path / "fresh", "")
    return tmp_path / "fresh"


@pytest.fixture
def no(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is asked says no."""
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n" * 5))


def fingerprint(archive: Archive, key: str) -> str:
    return load_signer(archive.keys / key).fingerprint


def trust(archive: Archive, *arguments: str | Path) -> Ran:
    return papka("trust", *arguments, "-C", archive.root)


def grave(archive: Archive) -> list[str]:
    ran = papka("verify", "-C", archive.root, "--no-memory", "--format", "json")
    found = json.loads(ran.out)["findings"]
    return sorted({each["code"] for each in found if each["severity"] in ("error", "fatal")})


def unsigned(archive: Archive, path: str = CARD) -> str:
    archive.write(path, archive.read(path) + "# x\n")
    git(archive.root, "commit", "-q", "-am", "чужая программа\x1b[31m")
    return head(archive)


def test_show_lists_keys_and_what_became_of_them(archive: Archive, fresh: Path) -> None:
    assert trust(archive, "rotate", TEACHER, fresh).code == 0
    commit = unsigned(archive)
    said = trust(archive, "accept", commit, "--code", "SIG_MISSING", "--reason", "Проверено")
    assert said.code == 0, said.all
    ran = trust(archive, "show")
    for words in (
        f"s001  руководитель  {fingerprint(archive, 'head')}",
        f"s002  сотрудник     {fingerprint(archive, 'staff')}\n      не действует: выведен",
        f"s002  сотрудник     {load_signer(fresh).fingerprint}",
        f"Признано: SIG_MISSING у сохранения {commit[:12]} — Проверено",
    ):
        assert words in ran.out
    told = json.loads(trust(archive, "show", "--format", "json").out)
    assert [key["revoked"] is None for key in told["keys"]] == [True, True, False, True]
    assert told["accepted"] == [{"commit": commit, "code": "SIG_MISSING", "reason": "Проверено"}]


def test_add_a_key_then_it_signs(archive: Archive, fresh: Path) -> None:
    ran = trust(archive, "add", TEACHER, fresh.with_name("fresh.pub"))
    assert ran.code == 0
    assert "Ключ принят: s002 SHA256:" in ran.out
    git(archive.root, "config", "papka-staff.s002.key", str(fresh))
    archive.edit(CARD, "+70000000001", "+70000000002")
    assert papka("save", "--as", TEACHER, "-C", archive.root).code == 0
    assert grave(archive) == []


@pytest.mark.parametrize(
    ("person", "key", "words"),
    [
        ("s077", "fresh.pub", "Сотрудника s077 в records/staff.yaml нет"),
        ("s002", "staff.pub", "Этот ключ уже есть в списке: s002"),
        ("s002", "nothing.pub", "Нет файла открытого ключа"),
    ],
)
def test_add_refuses(person: str, key: str, words: str, archive: Archive, fresh: Path) -> None:
    file = fresh.parent / key if key == "fresh.pub" else archive.keys / key
    before = head(archive)
    ran = trust(archive, "add", person, file)
    assert ran.code == 3
    assert words in ran.err
    assert head(archive) == before


def test_nobody_is_meant(archive: Archive) -> None:
    ran = trust(archive, "retire", "s020", "--yes")
    assert ran.code == 3
    assert "papka trust show" in ran.err
    assert "s002" in ran.err


def test_who_is_retired_may_still_enter_the_servers(archive: Archive, fresh: Path) -> None:
    """The lines that are to go are told once the last key is out of force, for each server."""
    for name, url in (
        ("ssh", "ssh://papka-archive@h.example/srv/papka-archive/archive.git"),
        ("web", "https://h.example/papka/archive.git"),
        ("disk", str(archive.root.parent / "disk.git")),
    ):
        papka("mirror", "add", name, url, "--country", "RU", "-C", archive.root)
    assert trust(archive, "add", TEACHER, fresh.with_name("fresh.pub")).code == 0
    first = trust(archive, "retire", fingerprint(archive, "staff"))
    assert (first.code, "sed -i" in first.out) == (0, False)
    ran = trust(archive, "retire", load_signer(fresh).fingerprint)
    assert ran.code == 0
    assert [line.strip() for line in ran.out.splitlines() if "sed" in line] == [
        "sed -i '/ s002 *$/d' /etc/papka/archive/authorized_keys",
        "sed -i '/^s002:/d' /etc/papka/archive/people",
    ]


def test_retired_twice(archive: Archive) -> None:
    assert trust(archive, "retire", TEACHER).code == 0
    ran = trust(archive, "retire", TEACHER)
    assert ran.code == 3
    assert "действующего ключа уже нет" in ran.err


def test_key_that_signs_cannot_end_itself(archive: Archive) -> None:
    ran = trust(archive, "retire", fingerprint(archive, "head"))
    assert ran.code == 3
    assert "papka trust rotate" in ran.err
    assert not (archive.root / REVOCATIONS).exists()


def test_one_head_key_ends_the_other(archive: Archive) -> None:
    ran = trust(archive, "retire", fingerprint(archive, "head"), "--key", archive.keys / "recovery")
    assert ran.code == 0, ran.all
    assert grave(archive) == []
    archive.edit(CARD, "+70000000001", "+70000000002")
    refused = papka("save", "-C", archive.root)
    assert refused.code == 1
    assert "SIG_KEY_REVOKED" in refused.out


def test_the_last_head_key_is_not_ended(archive: Archive) -> None:
    assert trust(archive, "retire", fingerprint(archive, "recovery")).code == 0
    ran = trust(archive, "retire", fingerprint(archive, "head"), "--key", archive.keys / "staff")
    assert ran.code == 1
    assert "TRUST_NOT_AUTHORISED" in ran.out


def test_a_head_key_replaces_itself(archive: Archive, fresh: Path) -> None:
    """Two commits: the old key trusts the new one, the new one ends the old."""
    before = head(archive)
    ran = trust(archive, "rotate", fingerprint(archive, "head"), fresh)
    assert ran.code == 0, ran.all
    assert git(archive.root, "rev-list", "--count", f"{before}..HEAD").strip() == "2"
    archive.edit(CARD, "+70000000001", "+70000000002")
    assert papka("save", "-C", archive.root).code == 0
    assert git(archive.root, "config", "user.signingKey").strip() == str(fresh)
    assert grave(archive) == []


def test_which_of_two_keys_must_be_said(archive: Archive, fresh: Path) -> None:
    ran = trust(archive, "rotate", HEAD, fresh)
    assert ran.code == 3
    assert fingerprint(archive, "recovery") in ran.err


@pytest.mark.usefixtures("no")
def test_compromise_shows_what_it_makes_doubtful_and_asks(archive: Archive) -> None:
    last = head(archive)
    archive.edit(CARD, "+70000000001", "+70000000002")
    assert papka("save", "--as", TEACHER, "-C", archive.root).code == 0
    made = head(archive)
    asked = trust(archive, "compromise", TEACHER, "--after", last)
    assert asked.code == 130
    assert head(archive) == made
    assert "перестанут считаться верными: 1\xa0сохранение" in asked.out
    ran = trust(archive, "compromise", TEACHER, "--after", last, "--yes")
    assert ran.code == 0, ran.all
    assert f"papka trust accept {made[:12]} --code SIG_KEY_REVOKED" in ran.out
    assert grave(archive) == ["SIG_KEY_REVOKED"]
    due = papka("status", "--due", "-C", archive.root).out
    assert due.count("LEAK_NOTICE_DUE") == 1
    assert "Роскомнадзор извещают до" in due
    said = trust(archive, "accept", made[:12], "--code", "SIG_KEY_REVOKED", "--reason", "Своя")
    assert said.code == 0, said.all
    assert grave(archive) == []


@pytest.mark.usefixtures("no")
def test_compromise_of_a_head_says_what_cannot_be_accepted(archive: Archive) -> None:
    ran = trust(archive, "compromise", fingerprint(archive, "head"), "--after", "root", "--key",
                archive.keys / "recovery")  # fmt: skip
    assert ran.code == 130
    assert "признать будет нельзя" in ran.out


def test_compromise_after_a_commit_that_is_not_here(archive: Archive) -> None:
    ran = trust(archive, "compromise", TEACHER, "--after", "f" * 40, "--yes")
    assert ran.code == 3
    assert not (archive.root / REVOCATIONS).exists()


def test_accept_several_at_once(archive: Archive) -> None:
    commits = [unsigned(archive), unsigned(archive)]
    ran = trust(archive, "accept", *commits, "--code", "SIG_MISSING", "--reason", "Проверено")
    assert ran.code == 0, ran.all
    assert sorted(p.name for p in (archive.root / ACCEPTED).iterdir()) == ["1.yaml", "2.yaml"]
    assert grave(archive) == []
    assert papka("check", "-C", archive.root).code == 0


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        ("OBJECT_CORRUPT", "x", "Признать OBJECT_CORRUPT нельзя"),
        ("TIME_FUTURE", "x", "замечания TIME_FUTURE нет"),
        ("SIG_MISSING", " ", "Причина пуста"),
    ],
)
def test_accept_refuses(code: str, reason: str, words: str, archive: Archive) -> None:
    commit = unsigned(archive)
    ran = trust(archive, "accept", commit, "--code", code, "--reason", reason)
    assert ran.code == 3
    assert words in ran.err
    assert head(archive) == commit


def test_accept_nothing_that_is_the_heads(archive: Archive) -> None:
    commit = unsigned(archive, "records/organization.yaml")
    ran = trust(archive, "accept", commit, "--code", "SIG_MISSING", "--reason", "x")
    assert ran.code == 3
    assert "признать её нельзя" in ran.err


def test_accept_what_is_nowhere(archive: Archive) -> None:
    ran = trust(archive, "accept", "f" * 40, "--code", "SIG_MISSING", "--reason", "x")
    assert ran.code == 3
    assert "papka mirror add" in ran.err


def test_an_unsaved_edit_of_the_list_is_not_taken_along(archive: Archive, fresh: Path) -> None:
    archive.write(ALLOWED_SIGNERS, archive.read(ALLOWED_SIGNERS) + "# мысль\n")
    ran = trust(archive, "add", TEACHER, fresh.with_name("fresh.pub"))
    assert ran.code == 3
    assert "изменил кто-то другой" in ran.err


@pytest.mark.usefixtures("no")
def test_refound_asks_first_and_names_the_act(archive: Archive, fresh: Path) -> None:
    generate_key(fresh.with_name("safe"), "")
    keys = ("--daily", fresh, "--recovery", fresh.with_name("safe.pub"))
    before = head(archive)
    assert trust(archive, "refound", *keys).code == 130
    assert head(archive) == before
    ran = trust(archive, "refound", *keys, "--yes")
    assert ran.code == 0, ran.all
    assert "papka print refounding 0001" in ran.out
    shown = trust(archive, "show").out
    act = ran.out.rpartition('"')[0].rpartition('"')[2]
    assert "Ключи заменены по акту 0001 от" in shown
    assert act in shown
    assert papka("verify", "-C", archive.root, "--no-memory").code != 0
    assert papka("verify", "-C", archive.root, "--no-memory", "--refounding", act).code == 0


@pytest.mark.parametrize(
    ("daily", "recovery", "words"),
    [
        ("fresh", "fresh.pub", "один и тот же"),
        ("head", "fresh.pub", "уже был в списке доверенных"),
        ("missing", "fresh.pub", "Ключ подписи не найден"),
    ],
)
def test_refound_refuses(
    daily: str, recovery: str, words: str, archive: Archive, fresh: Path
) -> None:
    folder = archive.keys if daily == "head" else fresh.parent
    ran = trust(archive, "refound", "--daily", folder / daily, "--recovery",
                fresh.parent / recovery, "--yes")  # fmt: skip
    assert ran.code == 3
    assert words in ran.err


def test_a_damaged_record_does_not_keep_a_stolen_key_in_force(archive: Archive) -> None:
    last = head(archive)
    archive.write(CARD, "id: [\n")
    git(archive.root, "commit", "-q", "-am", "x")
    ran = trust(archive, "compromise", TEACHER, "--after", last, "--yes")
    assert ran.code == 0, ran.all
    assert "SIG_KEY_REVOKED" not in grave(archive)
    assert "не действует" in trust(archive, "show").out


def test_keys_of_the_head_are_renewed_by_keys_of_another_type(
    archive: Archive, tmp_path: Path, fresh: Path
) -> None:
    """What the old keys signed, a seal among it, stays good, by papka and by the kit."""
    assert papka("period", "seal", "2026", "-C", archive.root).code == 0
    paper = fingerprint(archive, "head")
    daily, safe, before = tmp_path / "daily", tmp_path / "safe", head(archive)
    refused = trust(archive, "renew", fresh, safe, "--yes")
    assert (refused.code, "того же вида" in refused.err) == (3, True), refused.all
    assert trust(archive, "renew", tmp_path / "none" / "daily", safe, "--yes").code == 3
    assert head(archive) == before
    by_staff = trust(archive, "renew", daily, safe, "--yes", "--as", TEACHER)
    assert (by_staff.code, head(archive)) == (3, before), by_staff.all

    built = head_keys_since(archive.root)
    ran = trust(archive, "renew", daily, safe, "--yes")
    assert ran.code == 0, ran.all
    renewed = head_keys_since(archive.root)
    assert built is not None
    assert renewed is not None
    assert renewed > built
    for file in (daily, safe):
        assert load_signer(file).public.kind == P384
        assert load_signer(file).fingerprint in ran.out
    assert git(archive.root, "rev-list", "--count", f"{before}..HEAD").strip() == "2"
    again = trust(archive, "renew", daily, safe, "--yes")
    assert (again.code, again.out) == (0, ran.out)
    archive.edit(CARD, "+70000000001", "+70000000002")
    assert papka("save", "-C", archive.root).code == 0
    assert papka("period", "seal", "2026", "-C", archive.root).code == 0
    assert grave(archive) == []

    for script, number in (("check-seal.sh", "0001"), ("check-seal.sh", "0002"),
                           ("check-signatures.sh", paper)):  # fmt: skip
        by_kit = subprocess.run(
            ["sh", PROJECT / "proof" / script, archive.root, number],
            check=False, capture_output=True, encoding="utf-8",
        )  # fmt: skip
        assert by_kit.returncode == 0, by_kit.stdout + by_kit.stderr


def test_a_renewal_cut_off_after_its_first_save_is_ended_by_the_same_command(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily, safe = tmp_path / "daily", tmp_path / "safe"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        # What comes right after the first save.
        cut.setattr(key_renewal, "SigningActor", killed)
        assert trust(archive, "renew", daily, safe, "--yes").code == 130
    shown = trust(archive, "show").out
    assert all(fingerprint_of in shown for fingerprint_of in
               (load_signer(daily).fingerprint, fingerprint(archive, "head")))  # fmt: skip
    assert trust(archive, "renew", daily, safe, "--yes").code == 0
    assert trust(archive, "show").out.count("не действует") == 2
    assert grave(archive) == []


def test_an_archive_whose_kit_is_of_an_earlier_edition_takes_no_key_of_the_second_type(
    archive: Archive, tmp_path: Path
) -> None:
    """Else the kit that lies in it would call every later commit forged."""
    (archive.root / "proof" / "store.sh").unlink()
    assert papka("save", "-C", archive.root).code == 0
    before = head(archive)
    generate_key(tmp_path / "new", "", kind=P384)
    for words in (
        ("renew", tmp_path / "daily", tmp_path / "safe"),
        ("add", HEAD, tmp_path / "new.pub", "--head"),
        ("rotate", TEACHER, tmp_path / "new"),
        ("refound", "--daily", tmp_path / "new", "--recovery", tmp_path / "safe.pub"),
    ):
        ran = trust(archive, *words, "--yes")
        assert (ran.code, "от прежней версии программы" in ran.err) == (3, True), ran.all
    assert head(archive) == before
