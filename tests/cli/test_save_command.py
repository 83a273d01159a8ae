"""papka save: what is checked is what is signed, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from papka.core.litter import is_litter
from papka.repository import commit_snapshots
from tests.support.archives import PROJECT, good
from tests.support.command import papka
from tests.support.school import NOW, STUDENT, TEACHER, Archive, head
from tests.support.terminal import at_terminal

NOTICES = f"{STUDENT}/notices.yaml"
NEW_NOTICE = """  # звонили дважды
  - date: 2026-06-01
    about: успеваемость
    channel: телефон
    told: p1
"""
EVENT = """events:
  - id: 2027/01
    kind: внеурочный план
    title: Концерт
    date: 2027-04-01
"""


def test_nothing_changed_is_said_and_no_commit_is_made(archive: Archive) -> None:
    before = head(archive)
    ran = papka("save", "-C", archive.root)
    assert ran.code == 0
    assert "Сохранять нечего" in ran.out
    assert head(archive) == before


def test_a_save_is_signed_by_the_acting_person_and_named_by_the_change(archive: Archive) -> None:
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    ran = papka("save", "-C", archive.root, "--as", TEACHER)
    assert ran.code == 0, ran.all
    commit = commit_snapshots.read_commit(archive.root, "HEAD")
    assert commit.author == commit.committer
    assert commit.author.email == "s002@papka.invalid"
    assert commit.message.splitlines() == [
        "2026-0001: уведомления",
        "",
        "2026-0001: уведомления (+n2)",
    ]
    assert "Что дальше" in ran.out


def test_messages_hold_no_personal_data(archive: Archive) -> None:
    archive.edit(f"{STUDENT}/student.yaml", "surname: Абрикосова", "surname: Грушева")
    archive.save(TEACHER)
    message = commit_snapshots.read_commit(archive.root, "HEAD").message
    assert message.splitlines()[0] == "2026-0001: карточка"
    for word in ("Абрикосова", "Грушева", "Аглая"):
        assert word not in message


def test_missing_ids_are_spliced_in_and_every_other_byte_stays(archive: Archive) -> None:
    before = archive.read(NOTICES)
    archive.write(NOTICES, before + NEW_NOTICE)
    ran = papka("save", "-C", archive.root)
    assert "2026-0001#n2" in ran.out
    assert archive.read(NOTICES) == before + NEW_NOTICE.replace(
        "  - date:", "  - id: n2\n    date:"
    )


def test_entries_deep_in_the_card_get_their_ids_too(archive: Archive) -> None:
    card = f"{STUDENT}/student.yaml"
    more = "    - date: 2026-03-01\n      taken_by: Б. Б. Чайкин, инспектор\n"
    archive.write(card, archive.read(card) + more)
    archive.save(TEACHER)
    assert "    - id: l2\n      date: 2026-03-01\n" in archive.read(card)


def test_an_id_of_a_saved_entry_is_never_given_again(archive: Archive) -> None:
    archive.write(NOTICES, archive.read(NOTICES).replace("  - id: n1\n    date", "  - date"))
    ran = papka("save", "-C", archive.root)
    assert ran.code == 1
    assert "ID_REMOVED" in ran.out


def test_a_new_folder_gets_its_salt(archive: Archive) -> None:
    for path, data in good().items():
        if path.startswith(STUDENT) and path.endswith("student.yaml"):
            text = data.decode().replace("2026-0001", "2026-0002")
            archive.write(path.replace("2026-0001", "2026-0002"), text)
    saved = archive.save(TEACHER)
    assert saved.commit is not None
    salt = archive.root / "records/students/2026/2026-0002/.salt"
    assert len(salt.read_bytes()) == 32


def test_an_error_leaves_files_and_history_as_they_were(archive: Archive) -> None:
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE.replace("p1", "p9"))
    wrong, before = archive.read(NOTICES), head(archive)
    ran = papka("save", "-C", archive.root)
    assert ran.code == 1
    assert "Не сохранено" in ran.out
    assert "REF_UNKNOWN_ENTRY" in ran.out
    assert (archive.read(NOTICES), head(archive)) == (wrong, before)


def test_dry_run_says_what_would_be_and_writes_nothing(archive: Archive) -> None:
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    text, before = archive.read(NOTICES), head(archive)
    ran = papka("save", "-n", "-C", archive.root)
    assert ran.code == 0
    assert "Было бы сохранено" in ran.out
    assert (archive.read(NOTICES), head(archive)) == (text, before)


def test_staff_may_not_change_what_is_the_heads(archive: Archive) -> None:
    archive.edit("records/organization.yaml", "title: Пятибалльная", "title: Пять баллов")
    ran = papka("save", "-C", archive.root, "--as", TEACHER)
    assert ran.code == 1
    assert "SIGNER_NOT_ALLOWED" in ran.out
    assert papka("save", "-C", archive.root).code == 0


def test_a_key_that_is_not_trusted_is_refused_before_the_commit(
    archive: Archive, tmp_path: Path
) -> None:
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "k"], check=True
    )
    subprocess.run(
        ["git", "config", "user.signingKey", tmp_path / "k"], cwd=archive.root, check=True
    )
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    ran = papka("save", "-C", archive.root)
    assert ran.code == 1
    assert "SIG_UNKNOWN_KEY" in ran.out


@pytest.mark.parametrize("setting", ["user.signingKey", "user.name"])
def test_a_copy_without_a_person_says_how_to_name_one(archive: Archive, setting: str) -> None:
    subprocess.run(["git", "config", "--unset", setting], cwd=archive.root, check=True)
    ran = papka("save", "-C", archive.root)
    assert ran.code == 3
    assert "git config" in ran.err


def test_a_key_file_that_is_gone_is_one_clear_sentence(archive: Archive) -> None:
    subprocess.run(
        ["git", "config", "user.signingKey", "/nowhere/head"], cwd=archive.root, check=True
    )
    ran = papka("save", "-C", archive.root)
    assert ran.code == 3
    assert "Ключ подписи не найден" in ran.err


def test_files_that_are_no_records_are_left_out_and_named(archive: Archive) -> None:
    archive.write("заметки.txt", "позвонить\n")
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    ran = papka("save", "-C", archive.root)
    assert ran.code == 0
    assert "Не из архива, не сохраняется: заметки.txt" in ran.out
    assert "заметки.txt" not in commit_snapshots.CommitSnapshot(archive.root, "HEAD").paths()


def test_plain_git_sees_a_clean_folder_after_a_save(archive: Archive) -> None:
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    archive.save(TEACHER)
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=archive.root, capture_output=True, check=True
    )
    assert status.stdout == b""


def test_a_clock_far_behind_the_last_save_is_refused(archive: Archive) -> None:
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    with pytest.raises(Exception, match="часы этого компьютера отстают"):
        archive.save(TEACHER, now=NOW - timedelta(days=1))


def test_two_people_saving_at_once_lose_nothing(archive: Archive) -> None:
    other = f"{STUDENT}/results/2026-1.yaml"
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    command = [sys.executable, "-m", "papka", "save", "-C", str(archive.root)]
    running = [
        subprocess.Popen(
            [*command, "--as", staff], cwd=PROJECT / "tools", stdout=subprocess.PIPE, text=True
        )
        for staff in ("s001", TEACHER)
    ]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    assert sorted("Сохранено" in text for text in said) == [False, True]
    assert archive.read(other).encode() == commit_snapshots.CommitSnapshot(
        archive.root, "HEAD"
    ).read(other)
    assert "n2" in archive.read(NOTICES)


def test_a_folder_that_shows_another_commit_is_not_saved_over_main(archive: Archive) -> None:
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    archive.save(TEACHER)
    saved = head(archive)
    subprocess.run(["git", "checkout", "-q", "HEAD~1"], cwd=archive.root, check=True)
    archive.edit(f"{STUDENT}/student.yaml", "+70000000001", "+70000000002")
    ran = papka("save", "-C", archive.root)
    assert ran.code == 3
    assert "git checkout main" in ran.err
    assert head(archive) == saved


@pytest.mark.parametrize("way", ["exclude", "gitignore", "assume-unchanged", "skip-worktree"])
def test_a_change_that_git_is_told_not_to_see_is_saved(archive: Archive, way: str) -> None:
    path = f"{STUDENT}/credits.yaml"
    if way == "exclude":
        (archive.root / ".git/info").mkdir(exist_ok=True)
        (archive.root / ".git/info/exclude").write_text("records/\n")
    elif way == "gitignore":
        archive.write("records/students/2026/.gitignore", "*\n")
    else:
        subprocess.run(["git", "update-index", f"--{way}", path], cwd=archive.root, check=True)
    archive.edit(path, "отлично", "хорошо")
    archive.write("records/events/2027.yaml", EVENT)
    ran = papka("save", "-C", archive.root, "-n")
    assert f"изменён  {path}" in ran.out
    assert "новый    records/events/2027.yaml" in ran.out


@pytest.mark.parametrize("odd", ["link", "loop", "pipe", "repository", "folder"])
def test_what_is_no_file_is_a_finding_and_nothing_is_saved(archive: Archive, odd: str) -> None:
    import os

    folder = archive.root / STUDENT
    if odd == "link":
        (folder / "x.yaml").symlink_to("/etc/passwd")
    elif odd == "loop":
        (folder / "loop").symlink_to(".")
    elif odd == "pipe":
        os.mkfifo(folder / "pipe.yaml")
    elif odd == "repository":
        subprocess.run(["git", "init", "-q", folder / "sub"], check=True)
        (folder / "sub" / "x").write_text("x")
    else:
        (folder / "student.yaml").unlink()
        (folder / "student.yaml").mkdir()
        (folder / "student.yaml" / "x").write_text("x")
    before = head(archive)
    commands = ["check"] if odd == "pipe" else ["check", "save"]  # git does not list pipes
    for command in commands:
        ran = papka(command, "-C", archive.root)
        assert (command, ran.code) == (command, 1), ran.all
    assert head(archive) == before


def test_a_blank_message_is_refused_before_anything_is_written(archive: Archive) -> None:
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    for more in ((), ("-n",)):
        ran = papka("save", "-C", archive.root, "-m", " \n", *more)
        assert ran.code == 3
        assert "Описание сохранения пусто" in ran.err


def test_names_that_command_a_terminal_are_shown_as_dots(archive: Archive) -> None:
    archive.write(f"{STUDENT}/x\033[31mRED\n.yaml", "x")
    for command in ("check", "save"):
        shown = papka(command, "-C", archive.root).out
        assert "\033" not in shown
        assert "x·[31mRED·.yaml" in shown


def test_a_form_that_cannot_be_printed_is_not_saved(archive: Archive) -> None:
    path = "templates/signature.html.j2"
    archive.write(path, archive.read(path) + "{% if %}")
    ran = papka("save", "-C", archive.root)
    assert ran.code == 1
    assert f"{path}:" in ran.out
    assert "TEMPLATE_BROKEN" in ran.out


def test_a_save_is_sent_when_it_is_told_to(archive: Archive, tmp_path: Path) -> None:
    for name in ("hub", "usb"):
        place = tmp_path / f"{name}.git"
        papka("mirror", "add", name, place, "--country", "RU", "-C", archive.root)
    archive.write(f"{STUDENT}/student.yaml", archive.read(f"{STUDENT}/student.yaml") + "# 1\n")
    ran = papka("save", "--push", "--as", "s002", "-C", archive.root)
    assert ran.code == 0, ran.all
    assert ran.out.count("принято и перечитано") == 2
    assert "Всё скопировано во все зеркала" in ran.out


def test_a_mirror_that_is_away_undoes_no_save(archive: Archive, tmp_path: Path) -> None:
    for name in ("hub", "usb"):
        place = tmp_path / f"{name}.git"
        papka("mirror", "add", name, place, "--country", "RU", "-C", archive.root)
    assert papka("mirror", "push", "-C", archive.root).code == 0
    (tmp_path / "usb.git").rename(tmp_path / "away")
    archive.write(f"{STUDENT}/student.yaml", archive.read(f"{STUDENT}/student.yaml") + "# 1\n")
    ran = papka("save", "--push", "--as", "s002", "-C", archive.root)
    assert ran.code == 4
    assert "Сохранено" in ran.out
    assert "Ещё не скопировано: usb: 1\xa0сохранение" in ran.out
    (tmp_path / "away").rename(tmp_path / "usb.git")
    ran = papka("save", "--push", "-C", archive.root)  # nothing new: what waits is sent
    assert ran.code == 0, ran.all


def test_nothing_is_sent_that_was_not_saved(archive: Archive, tmp_path: Path) -> None:
    place = tmp_path / "hub.git"
    papka("mirror", "add", "hub", place, "--country", "RU", "-C", archive.root)
    archive.write(f"{STUDENT}/student.yaml", "id: [\n")
    ran = papka("save", "--push", "--as", "s002", "-C", archive.root)
    assert ran.code == 1
    assert "принято" not in ran.out
    assert papka("save", "--push", "-n", "-C", archive.root).code == 2


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("Звонили маме Абрикосовой", "Абрикосовой"),
        ("Исправлено с абрикосовою и Тихоновной", "Тихоновной"),
        ("об АБРИКОСОВОЙ: телефон", "АБРИКОСОВОЙ"),
        ("Со слов Дарьи Львовны", "Львовны"),
    ],
)
def test_a_name_in_the_message_is_refused_before_it_is_in_history_for_ever(
    archive: Archive, message: str, word: str
) -> None:
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    before = head(archive)
    for words in (("-n",), ()):
        ran = papka("save", "-C", archive.root, "--as", TEACHER, "-m", message, *words)
        assert (ran.code, f"«{word}»" in ran.err, "--message-as-is" in ran.err) == (3, True, True)
    assert head(archive) == before
    ran = papka(
        "save", "-C", archive.root, "--as", TEACHER, "-m", message, "--message-as-is"
    )  # fmt: skip
    assert ran.code == 0, ran.all
    assert commit_snapshots.read_commit(archive.root, "HEAD").message.strip() == message


def test_a_message_about_the_file_by_its_number_is_saved_unasked(archive: Archive) -> None:
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    words = "2026-0001: звонок по телефону, абрикосы и львы здесь ни при чём"
    assert papka("save", "-C", archive.root, "--as", TEACHER, "-m", words).code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal")
def test_at_a_terminal_one_is_asked_whether_the_name_shall_stay_for_ever(archive: Archive) -> None:
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    before = head(archive)
    asked = ("save", "--as", TEACHER, "-m", "Абрикосовой звонили")
    refused = at_terminal(asked, ["н"], folder=archive.root, prompt="[нет]: ")
    assert (refused.code, head(archive)) == (130, before), refused.all
    assert at_terminal(asked, ["д"], folder=archive.root, prompt="[нет]: ").code == 0
    assert head(archive) != before


def test_a_helper_that_is_run_stays_one_after_its_edit(archive: Archive) -> None:
    archive.write("tools/calendar.sh", archive.read("tools/calendar.sh") + "# наше\n")
    assert papka("save", "-C", archive.root).code == 0
    entries = commit_snapshots.CommitSnapshot(archive.root, "HEAD").entries
    assert entries["tools/calendar.sh"].mode == "100755"
    assert (archive.root / "tools/calendar.sh").stat().st_mode & 0o111


def test_litter_among_records_blocks_nothing_and_a_copy_is_named(archive: Archive) -> None:
    litter = (
        ".DS_Store",
        "Thumbs.db",
        "~$оценки.xlsx",
        ".notices.yaml.swp",
        "attachments/.DS_Store",
    )
    for name in litter:
        archive.write(f"{STUDENT}/{name}", "\0")
    archive.write("records/orders/2026/desktop.ini", "[x]\n")
    for folder in ("records", "records/trust", "records/platforms", "schema", "templates"):
        archive.write(f"{folder}/.849C9593-D756-4E56", "\0")
    archive.write("$RECYCLE.BIN/student.yaml", "\0")
    archive.write(f"{STUDENT}/notices (1).yaml", archive.read(NOTICES))
    archive.write(f"{STUDENT} - копия/student.yaml", archive.read(f"{STUDENT}/student.yaml"))
    archive.write(NOTICES, archive.read(NOTICES) + NEW_NOTICE)
    checked = papka("check", "-C", archive.root, "--format", "json")
    assert checked.code == 0, checked.all
    told = {(each["code"], each["path"]) for each in json.loads(checked.out)["findings"]}
    copies = {f"{STUDENT} - копия", f"{STUDENT}/notices (1).yaml"}
    assert told == {("PATH_COPY", path) for path in copies}
    lines = papka("status", "-C", archive.root).out.splitlines()
    ran = papka("save", "-C", archive.root)
    assert ran.code == 0, ran.all
    for line in (
        f"Копия, не сохраняется: {STUDENT}/notices (1).yaml (архив читает {NOTICES})",
        f"Копия, не сохраняется: {STUDENT} - копия/ (архив читает {STUDENT}/)",
    ):
        assert lines.count(line) == ran.out.splitlines().count(line) == 1
    services = [line for line in ran.out.splitlines() if line.startswith("Служебные файлы")]
    told_of = "$RECYCLE.BIN/, .849C9593-D756-4E56, desktop.ini и ещё 4"
    assert services == [f"Служебные файлы системы и программ не сохраняются: {told_of}"]
    saved = commit_snapshots.CommitSnapshot(archive.root, "HEAD").paths()
    assert not [path for path in saved if is_litter(path)]
    assert (
        papka("print", "personal-file", "2026-0001", "--html", "-C", archive.root).out.count(
            "Не сохранено"
        )
        == 0
    )


def test_a_document_among_records_is_told_once_with_the_command_that_keeps_it(
    archive: Archive,
) -> None:
    strays = (
        f"{STUDENT}/договор.pdf", f"{STUDENT}/photo.JPG", f"{STUDENT}/notes.txt",
        "records/programs/приказ.docx", "records/students/2026/список.xlsx",
    )  # fmt: skip
    for path in strays:
        archive.write(path, b"x")
    ran = papka("save", "-C", archive.root)
    assert ran.code == 1, ran.all
    documents = [(path, "FILE_DOCUMENT") for path in strays if not path.endswith(".txt")]
    found = [(line.partition(": ")[0], line.split()[-1]) for line in ran.out.splitlines()
             if ": ошибка " in line]  # fmt: skip
    assert sorted(found) == sorted([*documents, (f"{STUDENT}/notes.txt", "PATH_UNKNOWN")])
    assert "papka add 2026-0001 document --file договор.pdf" in ran.out
    assert "papka take список.xlsx" in ran.out


def test_litter_that_was_committed_by_plain_git_may_go(archive: Archive) -> None:
    path = f"{STUDENT}/.DS_Store"
    archive.write(path, "\0")
    add = ["git", "add", "-f", path]
    plain = ["git", "-c", "core.hooksPath=/dev/null", "commit", "-qm", "x"]
    for command in (add, plain):
        subprocess.run(command, cwd=archive.root, check=True)
    (archive.root / path).unlink()
    ran = papka("save", "-C", archive.root)
    assert ran.code == 0, ran.all
    assert path not in commit_snapshots.CommitSnapshot(archive.root, "HEAD").paths()
