"""papka init: a school starts its own archive."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from papka.core.places import ALLOWED_SIGNERS, ORGANIZATION, STAFF
from papka.desk.edition import first_periods
from papka.paper.issued_contents import SERIES
from papka.proof.verification import verify
from papka.repository import commit_snapshots
from tests.support.command import Ran, papka
from tests.support.school import NOW

ANSWERS = (
    "--organization", "Индивидуальный предприниматель Ландышева Зоя Зиновьевна",
    "--short-name", "ИП Ландышева З. З.",
    "--head", "Ландышева Зоя Зиновьевна",
    "--place", "г. Верхние Тучки",
    "--address", "000000, г. Верхние Тучки, ул. Тихая, д. 2",
)  # fmt: skip


def create(folder: Path, *more: str) -> Ran:
    return papka("init", folder / "school", *ANSWERS, "--keys", folder / "keys", *more)


def test_a_fresh_archive_checks_and_verifies(tmp_path: Path) -> None:
    ran = create(tmp_path)
    assert ran.code == 0, ran.all
    assert papka("check", "-C", tmp_path / "school").code == 0
    fingerprint = next(word for word in ran.out.split() if word.startswith("SHA256:"))
    assert papka("verify", tmp_path / "school", "--anchor", fingerprint).code == 0


def test_what_is_printed_for_paper_is_what_verify_finds(tmp_path: Path) -> None:
    ran = create(tmp_path)
    verified = verify(tmp_path / "school", now=NOW)
    assert verified.root_key in ran.out
    assert verified.head in ran.out


def test_the_first_commit_holds_rules_forms_trust_and_no_personal_file(tmp_path: Path) -> None:
    create(tmp_path)
    root = tmp_path / "school"
    paths = commit_snapshots.CommitSnapshot(root, "HEAD").paths()
    assert not [path for path in paths if path.startswith("records/students/")]
    assert not [path for path in paths if "verification-protocol" in path]
    for wanted in ("schema/student.json", ".gitattributes", ".gitignore", "README.md"):
        assert wanted in paths
    signers = (root / ALLOWED_SIGNERS).read_text().splitlines()
    assert len(signers) == 2
    assert all('namespaces="git,papka-seal,papka-document"' in line for line in signers)
    assert "* -text" in (root / ".gitattributes").read_text()


def test_git_is_set_to_lose_nothing_and_change_nothing(tmp_path: Path) -> None:
    create(tmp_path)

    def setting(name: str) -> str:
        done = subprocess.run(
            ["git", "config", name], cwd=tmp_path / "school", capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    assert setting("core.fsync") == "all"
    assert setting("core.autocrlf") == "false"
    assert setting("core.hooksPath") == "tools/hooks"
    assert setting("gpg.format") == "ssh"


def test_keys_that_exist_are_used_and_private_ones_are_private(tmp_path: Path) -> None:
    create(tmp_path)
    secret = tmp_path / "keys" / "head"
    assert secret.stat().st_mode & 0o777 == 0o600
    again = papka("init", tmp_path / "second", *ANSWERS, "--keys", tmp_path / "keys")
    assert again.code == 0
    assert "Создан ключ" not in again.out


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "school").mkdir()
    (tmp_path / "school" / "важное.txt").write_text("не трогать")
    ran = create(tmp_path)
    assert ran.code == 3
    assert "не пуста" in ran.err
    assert [path.name for path in (tmp_path / "school").iterdir()] == ["важное.txt"]


def answered(monkeypatch: pytest.MonkeyPatch, folder: Path, *answers: str) -> Ran:
    """`papka init` without a single option; each line answers the next question."""
    lines = (*answers, str(folder / "keys"))
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    return papka("init", folder / "school")


def head_of(folder: Path) -> dict[str, object]:
    found = yaml.safe_load((folder / "school" / STAFF).read_text("utf-8"))["staff"][0]
    assert isinstance(found, dict)
    return found


def school_of(folder: Path) -> dict[str, Any]:
    found = yaml.safe_load((folder / "school" / ORGANIZATION).read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_the_owner_of_a_school_is_asked_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = answered(
        monkeypatch, tmp_path,
        "Индивидуальный предприниматель Ландышева Зоя Зиновьевна", "", "", "д",
        "г. Верхние Тучки", "ул. Тихая, д. 2", "",
    )  # fmt: skip
    assert ran.code == 0, ran.all
    assert "[Ландышева Зоя Зиновьевна]" in ran.out
    assert head_of(tmp_path)["name"] == {
        "surname": "Ландышева", "given": "Зоя", "patronymic": "Зиновьевна",
    }  # fmt: skip
    school = school_of(tmp_path)
    assert school["head_post"] == head_of(tmp_path)["post"] == "Индивидуальный предприниматель"
    assert school["short_name"] == "ИП Ландышева З. З."


def test_a_name_split_wrongly_is_put_right_before_it_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = answered(
        monkeypatch, tmp_path,
        "Школа «Тучка»", "организация", "Мария Изабель Санчес Лопес", "нет",
        "Санчес Лопес", "Мария Изабель", "", "Директор", "г. Тучки", "ул. Тихая, д. 2", "01.09",
    )  # fmt: skip
    assert ran.code == 0, ran.all
    assert (
        "Похоже, на месте фамилии стоит имя\nЗаписать так: фамилия Мария, имя Изабель, " in ran.out
    )
    assert "отчество Санчес Лопес? да/нет [нет]" in ran.out
    head = head_of(tmp_path)
    assert head["name"] == {"surname": "Санчес Лопес", "given": "Мария Изабель"}
    assert head["post"] == school_of(tmp_path)["head_post"] == "Директор"
    assert school_of(tmp_path)["school_year"]["starts"] == "09-01"
    assert papka("check", "-C", tmp_path / "school").code == 0


def test_a_script_is_told_of_a_given_name_for_a_surname(tmp_path: Path) -> None:
    ran = create(tmp_path, "--head", "Зоя Зиновьевна Ландышева")
    assert ran.code == 0, ran.all
    assert ran.err == (
        "Внимание: похоже, на месте фамилии стоит имя: Зоя. Если так, исправьте в "
        "records/staff.yaml\n"
    )
    assert "предупреждение NAME_SWAPPED" in papka("check", "-C", tmp_path / "school").out


@pytest.mark.parametrize(
    ("options", "name", "post"),
    [
        ((), {"surname": "Ландышева", "given": "Зоя", "patronymic": "Зиновьевна"}, "ип"),
        (("--head", "Ландышева Зоя"), {"surname": "Ландышева", "given": "Зоя"}, "ип"),
        (
            ("--head", "Алиев Вагиф Гасан оглы", "--legal-form", "организация"),
            {"surname": "Алиев", "given": "Вагиф", "patronymic": "Гасан оглы"},
            "организация",
        ),
        (
            ("--head-surname", "де ла Крус", "--head-given", "Хуан", "--head-post", "Ректор"),
            {"surname": "де ла Крус", "given": "Хуан"},
            "Ректор",
        ),
    ],
)
def test_a_script_names_the_head_by_options(
    tmp_path: Path, options: tuple[str, ...], name: dict[str, str], post: str
) -> None:
    posts = {"ип": "Индивидуальный предприниматель", "организация": "Руководитель"}
    ran = create(tmp_path, *options)
    assert ran.code == 0, ran.all
    assert head_of(tmp_path) == head_of(tmp_path) | {
        "name": name, "post": posts.get(post, post),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("starts", "today", "expected"),
    [
        ("01-01", "2026-03-05", [("2026-1", 2026, "2026-01-01", "2026-06-30"),
                                 ("2026-2", 2026, "2026-07-01", "2026-12-31")]),
        ("01-01", "2026-11-30", [("2026-2", 2026, "2026-07-01", "2026-12-31")]),
        ("09-01", "2026-11-30", [("2026-1", 2026, "2026-09-01", "2026-12-31"),
                                 ("2026-2", 2026, "2027-01-01", "2027-08-31")]),
        ("09-01", "2027-03-05", [("2026-2", 2026, "2027-01-01", "2027-08-31")]),
        ("03-31", "2026-05-05", [("2026-1", 2026, "2026-03-31", "2026-09-30"),
                                 ("2026-2", 2026, "2026-10-01", "2027-03-30")]),
    ],
)  # fmt: skip
def test_periods_follow_the_school_year(
    starts: str, today: str, expected: list[tuple[str, int, str, str]]
) -> None:
    _, periods = first_periods(starts, dt.date.fromisoformat(today))
    assert expected == [
        (each["period"], each["school_year"], each["start"], each["end"]) for each in periods
    ]


@pytest.mark.parametrize(
    ("said", "told"), [("31.09", "такого дня нет"), ("осенью", "01.09"), ("29.02", "не каждый год")]
)
def test_a_year_begins_on_a_day_that_is(tmp_path: Path, said: str, told: str) -> None:
    ran = create(tmp_path, "--year-starts", said)
    assert ran.code == 2
    assert told in ran.err


def test_a_restricted_twin_has_the_requisites_and_the_keys_of_its_main_archive(
    tmp_path: Path,
) -> None:
    create(tmp_path)
    main, twin = tmp_path / "school", tmp_path / "twin"
    ran = papka("init", twin, "--restricted", "--of", main)
    assert ran.code == 0, ran.all
    assert (twin / STAFF).read_bytes() == (main / STAFF).read_bytes()
    assert (twin / ALLOWED_SIGNERS).read_bytes() == (main / ALLOWED_SIGNERS).read_bytes()
    school = yaml.safe_load((twin / ORGANIZATION).read_text("utf-8"))
    assert school["kind"] == "ограниченный"
    assert school["name"] == school_of(tmp_path)["name"]
    assert papka("check", "-C", twin, "--fail-on", "warning").code == 0
    again = papka("init", tmp_path / "third", "--restricted", "--of", twin)
    assert again.code == 3
    assert "сам ограниченный" in again.err


def test_a_twin_without_the_heads_keys_is_not_made_with_new_ones(tmp_path: Path) -> None:
    create(tmp_path)
    (tmp_path / "keys" / "recovery.pub").unlink()
    (tmp_path / "keys" / "recovery").unlink()
    ran = papka("init", tmp_path / "twin", "--restricted", "--of", tmp_path / "school")
    assert ran.code == 3
    assert "--keys" in ran.err
    assert not (tmp_path / "keys" / "recovery").exists()


def test_a_head_with_a_single_name_is_kept_whole(tmp_path: Path) -> None:
    ran = create(tmp_path, "--head", "Арджуна")
    assert ran.code == 0
    assert papka("check", "-C", tmp_path / "school").code == 0
    assert "given: Арджуна" in (tmp_path / "school/records/staff.yaml").read_text()


def test_a_failed_init_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "head").write_text("не ключ")
    (tmp_path / "keys" / "head.pub").write_text("не ключ")
    ran = create(tmp_path)
    assert ran.code == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys"]


@pytest.mark.parametrize("option", ["--organization", "--head", "--place"])
def test_blank_answers_are_refused_before_anything_is_signed(tmp_path: Path, option: str) -> None:
    ran = create(tmp_path, option, " ")
    assert ran.code == 3
    assert "не годятся" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_one_key_twice_is_no_recovery(tmp_path: Path) -> None:
    create(tmp_path)
    for name in ("recovery", "recovery.pub"):
        twin = name.replace("recovery", "head")
        (tmp_path / "keys" / name).write_bytes((tmp_path / "keys" / twin).read_bytes())
    ran = papka("init", tmp_path / "second", *ANSWERS, "--keys", tmp_path / "keys")
    assert ran.code == 3
    assert "один и тот же ключ" in ran.err
    assert not (tmp_path / "second").exists()


def test_a_public_key_of_another_key_is_refused(tmp_path: Path) -> None:
    create(tmp_path)
    keys = tmp_path / "keys"
    (keys / "spare").mkdir()
    create(tmp_path / "other")
    (keys / "head.pub").write_bytes((tmp_path / "other/keys/head.pub").read_bytes())
    ran = papka("init", tmp_path / "second", *ANSWERS, "--keys", keys)
    assert ran.code == 3
    assert "не от ключа" in ran.err


@pytest.mark.parametrize("inside", ["school/records/sub", "school"])
def test_an_archive_inside_an_archive_is_refused(tmp_path: Path, inside: str) -> None:
    create(tmp_path)
    answers = [each.replace("Тихая", "Другая") for each in ANSWERS]
    ran = papka("init", tmp_path / inside, *answers, "--keys", tmp_path / "keys")
    assert ran.code == 3


def test_keys_inside_the_archive_are_refused(tmp_path: Path) -> None:
    ran = papka("init", tmp_path / "a", *ANSWERS, "--keys", tmp_path / "a" / "keys")
    assert ran.code == 3
    assert "Ключи нельзя держать в самом архиве" in ran.err


def test_a_place_that_cannot_hold_a_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    ran = papka("init", tmp_path / "file" / "x", *ANSWERS, "--keys", tmp_path / "keys")
    assert ran.code == 3
    assert "Traceback" not in ran.all


EXAMPLE = re.compile(r"(?m)^( *)# ( *(?:- )?[a-z_]+:(?: .*)?| +- .*)$")


def test_the_examples_of_a_fresh_archive_are_right_when_uncommented(tmp_path: Path) -> None:
    create(tmp_path)
    school = tmp_path / "school"
    for name, least in ((ORGANIZATION, 30), (STAFF, 14)):
        text = (school / name).read_text("utf-8")
        (school / name).write_text(EXAMPLE.sub(r"\1\2", text), "utf-8")
        assert len(EXAMPLE.findall(text)) >= least
    found = json.loads(papka("check", "-C", school, "--format", "json").out)["findings"]
    assert [each["code"] for each in found] == ["REF_UNKNOWN_PROGRAM"]
    assert school_of(tmp_path)["groups"][0]["program"] == "guitar"


def test_a_fresh_archive_has_a_series_and_a_term_for_everything_there_is(tmp_path: Path) -> None:
    create(tmp_path)
    school = school_of(tmp_path)
    schema = json.loads((tmp_path / "school/schema/organization.json").read_text("utf-8"))
    units = schema["$defs"]["retention"]["properties"]["unit"]["enum"]
    assert [each["unit"] for each in school["retention"]] == units
    assert {each["source"] for each in school["retention"]} == {"не подтверждено"}
    assert {each["series"] for each in school["series"]} == set(SERIES.values())
    told = papka("status", "-C", tmp_path / "school").out
    assert told.count("акт не принят") == 2


def test_the_same_command_again_repeats_its_answer(tmp_path: Path) -> None:
    """It may have been cut off after its work and before its last word."""
    first, second = create(tmp_path), create(tmp_path)
    assert second.code == 0, second.all
    shown = [ran.out.split("На нём:")[1] for ran in (first, second)]
    assert shown[0] == shown[1]


def test_keys_cut_off_between_their_halves(tmp_path: Path) -> None:
    create(tmp_path)
    shutil.rmtree(tmp_path / "school")
    public = tmp_path / "keys" / "head.pub"
    whole = public.read_text().split()[:2]
    public.unlink()
    assert create(tmp_path).code == 0
    assert public.read_text().split()[:2] == whole
