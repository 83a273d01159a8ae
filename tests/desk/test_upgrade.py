"""papka upgrade: an archive of any edition becomes one of this program's, and nothing else does."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import subprocess
from pathlib import Path

import pytest

from papka.core.places import FORMAT, ORGANIZATION
from papka.desk import edition
from papka.desk.edition import (
    EDITION,
    School,
    digest_of,
    digests,
    edition_files,
    first_records,
    render_accepted,
    shipped_files,
)
from papka.desk.upgrading import raise_format
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import CommitTree
from papka.repository.signing import generate_key, remember_actor
from tests.support.archives import PROJECT
from tests.support.command import papka
from tests.support.editions import archive_of, editions, laid_out
from tests.support.histories import git
from tests.support.school import TEACHER, Archive, head
from tests.support.year import assert_printed, live_a_year

BEFORE_PROOF = "10-623db7b"
SAMPLE = (editions()[0], "13-6b836a5", editions()[-1])
"""The first, one that lays out what no later one does, the newest; `--soak` takes them all."""
LIVED_IN = (BEFORE_PROOF, "01-ee639cc", "06-f6af60e", "16-3b2b3ca")
FORM = "templates/certificate/certificate.html.j2"
SCHEMA = "schema/media.json"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "edition" in metafunc.fixturenames:
        soak = metafunc.config.getoption("--soak")
        metafunc.parametrize("edition", editions() if soak else SAMPLE)
    if "lived_in" in metafunc.fixturenames:
        soak = metafunc.config.getoption("--soak")
        metafunc.parametrize("lived_in", LIVED_IN if soak else LIVED_IN[:1])


@pytest.fixture
def old(tmp_path: Path) -> Archive:
    """An archive made before seals, media and their forms."""
    return archive_of(BEFORE_PROOF, tmp_path)


def committed(archive: Archive) -> dict[str, bytes]:
    snapshot = commit_snapshots.CommitSnapshot(archive.root, "HEAD")
    return dict(snapshot.read_many(snapshot.paths()))


def upgraded(archive: Archive, *words: str) -> str:
    ran = papka("upgrade", "--yes", *words, "-C", archive.root)
    assert ran.code == 0, ran.all
    return ran.out


def changed(archive: Archive, path: str = FORM) -> bytes:
    """A file as the school wanted it; what it was before counts as this edition's no more."""
    archive.write(path, archive.read(path).replace("\n", "\n<!-- наше -->\n", 1))
    saved(archive)
    return committed(archive)[path]


def saved(archive: Archive) -> None:
    done = archive.save(now=dt.datetime.now().astimezone())
    assert done.commit is not None, done.findings


def edition_in(archive: Archive) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        papka("status", "--format", "json", "-C", archive.root).out
    )["edition"]
    return found


def test_an_archive_of_an_edition_becomes_todays(edition: str, tmp_path: Path) -> None:
    archive = archive_of(edition, tmp_path)
    upgraded(archive)
    files = committed(archive)
    assert {path: files.get(path) for path in edition_files()} == edition_files()
    ours = set(laid_out(edition)) | set(edition_files())
    left = {path for path in files if not path.startswith("records/")} - set(edition_files())
    assert left == set(), "the edition's own files that are no more"
    assert ours <= set(files) | {p for p in ours if p not in shipped_files()}
    assert read(files[ORGANIZATION], "").value["format"] == FORMAT
    assert git(archive.root, "status", "--porcelain") == ""
    modes = git(archive.root, "ls-tree", "-r", "HEAD", "tools/")
    runnable = [line.split()[-1] for line in modes.splitlines() if line.startswith("100755")]
    assert runnable == ["tools/calendar.sh", *_hooks(files)]
    assert (archive.root / "tools/calendar.sh").stat().st_mode & 0o111
    assert papka("check", "--fail-on", "info", "-C", archive.root).code == 0
    ran = papka("verify", "--fail-on", "error", "--no-memory", archive.root)
    assert (ran.code, "ошибка" in ran.out) == (0, False), ran.out
    assert papka("print", "keys", "--html", "-C", archive.root).code == 0
    checked = subprocess.run(["sha256sum", "--quiet", "-c", EDITION], cwd=archive.root, check=False)
    assert checked.returncode == 0
    assert "уже в редакции" in upgraded(archive)
    assert not edition_in(archive)["behind"]


def _hooks(files: dict[str, bytes]) -> list[str]:
    return sorted(path for path in files if path.startswith("tools/hooks/"))


def test_a_school_lives_its_year_in_an_upgraded_archive(lived_in: str, tmp_path: Path) -> None:
    year = dt.datetime.now().astimezone().year
    archive = archive_of(lived_in, tmp_path, year)
    upgraded(archive)
    assert_printed(live_a_year(archive.root, archive.keys, tmp_path / "beside"))


@pytest.mark.parametrize(
    "job",
    [("period", "seal"), ("period", "close", "2025-1", "--yes"), ("restore", "--drill")],
    ids=" ".join,
)
def test_a_job_that_needs_the_edition_says_so_before_it_begins(
    job: tuple[str, ...], old: Archive
) -> None:
    before = head(old)
    ran = papka(*job, "-C", old.root)
    assert (ran.code, "papka upgrade" in ran.err) == (3, True), ran.all
    assert head(old) == before
    upgraded(old)
    assert "papka upgrade" not in papka(*job, "-C", old.root).all


def test_no_byte_reaches_a_medium_whose_copy_could_not_be_written_down(
    old: Archive, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    words = ("backup", "--to", stick, "--medium", "Н-1", "--kind", "флеш-накопитель",
             "--place", "Сейф")  # fmt: skip
    ran = papka(*words, "-C", old.root)
    assert (ran.code, "papka upgrade" in ran.err) == (3, True), ran.all
    assert list(stick.iterdir()) == []
    upgraded(old)
    ran = papka(*words, "-C", old.root)
    assert ran.code == 0, ran.all


def test_a_schools_own_journal_schema_is_told_before_the_medium_fills(
    old: Archive, tmp_path: Path
) -> None:
    changed_schema = old.read(SCHEMA).replace('"title"', ' "title"', 1)
    old.write(SCHEMA, changed_schema)
    saved(old)
    upgraded(old, "--keep", SCHEMA)
    stick = tmp_path / "stick"
    stick.mkdir()
    ran = papka("backup", "--to", stick, "--medium", "Н-1", "--kind", "флеш-накопитель",
                "--place", "Сейф", "-C", old.root)  # fmt: skip
    assert (ran.code, f"--take {SCHEMA}" in ran.err) == (3, True), ran.all
    assert list(stick.iterdir()) == []


def test_status_names_the_command_until_it_has_run(old: Archive) -> None:
    assert "papka upgrade" in papka("status", "-C", old.root).out
    upgraded(old)
    assert "papka upgrade" not in papka("status", "-C", old.root).out


def test_the_first_commit_is_looked_for_once_however_many_files_differ(
    old: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def first_commit(root: Path, commit: str) -> str:
        asked.append(commit)
        return commit_snapshots.first_commit(root, commit)

    monkeypatch.setattr(edition, "first_commit", first_commit)
    tree = CommitTree(old.root, "HEAD")
    assert len(edition.compare_edition(old.root, tree).differences) > 1
    assert len(asked) == 1


def test_a_document_without_its_series_names_the_command(old: Archive) -> None:
    ran = papka("issue", "transcript", "2025-0001#e1", "-C", old.root)
    assert (ran.code, "papka upgrade" in ran.err) == (3, True), ran.all
    before = read(committed(old)[ORGANIZATION], "").value
    assert {each["series"] for each in before["series"]} == {"certificates", "references"}
    upgraded(old)
    after = read(committed(old)[ORGANIZATION], "").value
    names = [each["series"] for each in after["series"]]
    assert names == ["certificates", "references", "transcripts", "progress"]
    assert [each["prefix"] for each in after["series"]][:2] == ["С", "СП"]
    assert "# Шкалы объявляют один раз" in committed(old)[ORGANIZATION].decode()


def test_a_record_that_old_schemas_refuse_names_the_command(old: Archive) -> None:
    old.write("records/media/2025.yaml", _INSPECTED)
    ran = papka("save", "-C", old.root)
    assert (ran.code, "papka upgrade" in ran.out) == (1, True), ran.all
    (old.root / "records/media/2025.yaml").unlink()
    upgraded(old)
    old.write("records/media/2025.yaml", _INSPECTED)
    assert papka("save", "-C", old.root).code == 0
    old.write("records/media/2025.yaml", _INSPECTED + "extra: 1\n")
    ran = papka("save", "-C", old.root)
    assert (ran.code, "papka upgrade" in ran.out) == (1, False), ran.all


_INSPECTED = """\
# yaml-language-server: $schema=../../schema/media.json
inspections:
  - date: 2025-12-01
    store: Н-1
    head: "0000000000000000000000000000000000000000"
    made_by: s001
    verdict: годна
    outcome: Пробное восстановление
"""


def test_a_dry_run_shows_and_changes_nothing(old: Archive) -> None:
    before = head(old)
    ran = papka("upgrade", "-n", "-C", old.root)
    assert (ran.code, "templates/seal/seal.html.j2" in ran.out) == (0, True), ran.all
    assert "формат 1 →" in ran.out
    assert (head(old), git(old.root, "status", "--porcelain")) == (before, "")


def test_a_changed_form_is_shown_and_kept_until_the_head_decides(old: Archive) -> None:
    path = "templates/document.css"
    own = changed(old, path)
    said = upgraded(old)
    assert f"{path}: строки с «-» — ваши" in said
    assert "-<!-- наше -->" in said
    assert f"--take {path}" in said
    assert committed(old)[path] == own
    assert edition_in(old)["files"] == [path]
    assert "Не решено: 1" in upgraded(old)
    upgraded(old, "--keep", path)
    assert committed(old)[path] == own
    assert not edition_in(old)["behind"]
    assert "уже в редакции" in upgraded(old)


def test_the_head_is_asked_file_by_file(old: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    css, index = "templates/document.css", "schema/media.json"
    own = changed(old, css)
    old.write(index, old.read(index).replace("{", "{ ", 1))
    saved(old)
    before = head(old)
    monkeypatch.setattr("sys.stdin", io.StringIO("да\nнет\nнет\n"))
    ran = papka("upgrade", "-C", old.root)
    assert (ran.code, head(old)) == (130, before), ran.all
    monkeypatch.setattr("sys.stdin", io.StringIO("да\nнет\nда\n"))
    ran = papka("upgrade", "-C", old.root)
    assert ran.code == 0, ran.all
    assert f"{index}: взять новую редакцию вместо вашей?" in ran.out
    assert committed(old)[index] == shipped_files()[index]
    assert committed(old)[css] == own
    assert not edition_in(old)["behind"]


def test_what_was_kept_is_asked_again_when_the_program_changes_it(old: Archive) -> None:
    path = "templates/document.css"
    changed(old, path)
    upgraded(old, "--keep", path)
    earlier = {**digests(), path: digest_of(laid_out(BEFORE_PROOF)[path])}
    old.write(EDITION, render_accepted(earlier))
    saved(old)
    assert edition_in(old)["files"] == [path]
    upgraded(old, "--take", path)
    assert committed(old)[path] == shipped_files()[path]


def test_a_changed_form_is_replaced_on_the_heads_word(old: Archive) -> None:
    path = "templates/document.css"
    changed(old, path)
    upgraded(old, "--take", path)
    assert committed(old)[path] == shipped_files()[path]
    assert "уже в редакции" in upgraded(old)


def test_a_form_that_the_program_has_not_changed_since_is_not_asked_about(old: Archive) -> None:
    form = "templates/notice/notice.html.j2"
    own = changed(old, form)
    assert form not in upgraded(old)
    assert committed(old)[form] == own
    assert not edition_in(old)["behind"]
    upgraded(old, "--take", form)
    assert committed(old)[form] == shipped_files()[form], "the head thinks better of it"


def test_the_page_is_followed_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archive_of("05-2750d2e", tmp_path)
    css, cover = "templates/document.css", "templates/personal-file/cover.html.j2"
    own = changed(archive, css)
    changed(archive, cover)
    page = (PROJECT / "docs/upgrade.md").read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    lines = [line.split() for block in blocks for line in block.splitlines()]
    assert len(lines) == 4
    for program, *words in lines:
        assert program == "papka"
        answers = "нет\nнет\nда\n" if words == ["upgrade"] else "да\n"
        monkeypatch.setattr("sys.stdin", io.StringIO(answers))
        ran = papka(*words, "-C", archive.root)
        assert ran.code == 0, ran.all
    assert committed(archive)[css] == own
    assert committed(archive)[cover] == shipped_files()[cover]
    assert not edition_in(archive)["behind"]


def test_only_a_changed_file_can_be_chosen(old: Archive) -> None:
    before = head(old)
    ran = papka("upgrade", "--yes", "--take", "records/staff.yaml", "-C", old.root)
    assert (ran.code, "решать не нужно" in ran.err) == (3, True), ran.all
    assert head(old) == before


def test_a_file_the_school_took_away_does_not_come_back_by_itself(old: Archive) -> None:
    same, newer = ".github/ruleset.json", ".github/SETTINGS.md"
    (old.root / same).unlink()
    (old.root / newer).unlink()
    saved(old)
    assert "в архиве этот файл убран" in upgraded(old)
    assert edition_in(old)["files"] == [newer]
    upgraded(old, "--keep", newer)
    assert not edition_in(old)["behind"]
    assert not {same, newer} & set(committed(old))


def test_unsaved_work_is_never_overwritten(old: Archive) -> None:
    path = "templates/document.css"
    text = old.read(path) + "/* не сохранено */\n"
    old.write(path, text)
    ran = papka("upgrade", "--yes", "-C", old.root)
    assert (ran.code, "несохранённое" in ran.err) == (3, True), ran.all
    assert old.read(path) == text


def test_an_untracked_file_in_the_place_of_a_new_one_stays(old: Archive) -> None:
    path = "templates/seal/seal.css"
    old.write(path, "/* чужое */\n")
    ran = papka("upgrade", "--yes", "-C", old.root)
    assert (ran.code, path in ran.err) == (3, True), ran.all
    assert old.read(path) == "/* чужое */\n"


def test_only_a_head_upgrades(old: Archive) -> None:
    public = generate_key(old.keys / "staff", "")
    old.edit("records/staff.yaml", "  - id: s001", "  - id: s002\n    name:\n      given: Ада\n"
             "    post: Педагог\n    roles:\n      - педагог\n  - id: s001")  # fmt: skip
    trusted = old.read("records/trust/allowed_signers")
    line = f'{TEACHER}@papka.invalid namespaces="git" {public.line}\n'
    old.write("records/trust/allowed_signers", trusted + line)
    saved(old)
    remember_actor(old.root, TEACHER, old.keys / "staff", main=False)
    before = head(old)
    ran = papka("upgrade", "--yes", "--as", TEACHER, "-C", old.root)
    assert (ran.code, "только руководитель" in ran.err) == (3, True), ran.all
    assert head(old) == before


def test_an_archive_ahead_of_the_program_is_left_alone(old: Archive) -> None:
    upgraded(old)
    newer = {**digests(), FORM: "0" * 64}
    old.write(EDITION, render_accepted(newer))
    saved(old)
    before = head(old)
    ran = papka("upgrade", "--yes", "-C", old.root)
    assert (ran.code, "Архив новее" in ran.err) == (3, True), ran.all
    assert head(old) == before
    assert "Архив новее этой программы" in papka("status", "-C", old.root).out


def test_a_list_planted_beside_the_records_is_not_believed(old: Archive) -> None:
    """An edition file that nobody signed says nothing, whatever else lies there."""
    old.write(EDITION, render_accepted(digests()))
    old.write(".papka/edition.txt", render_accepted(digests()))
    assert edition_in(old)["behind"]
    ran = papka("upgrade", "--yes", "-C", old.root)
    assert (ran.code, "несохранённое" in ran.err) == (3, True), ran.all


FRESH = first_records(
    School("Школа", "Школа", "г. Москва", "Москва", "Ада", "Директор"), dt.date(2026, 3, 1)
)
DECLARED = """\
# yaml-language-server: $schema=../schema/organization.json
format: 1
kind: обычный  # как был
scales:
  - scale: слова
    title: Слова
    marks: [отлично, хорошо, сносно, плохо]
    passing_marks: [отлично, хорошо, сносно]
  - scale: зачёт
    title: Зачёт
    marks:
      - зачтено
      - не зачтено
    passing_marks:
      - зачтено
# наши книги
series:
  - series: certificates
    title: Сертификаты
    prefix: О
purposes:
  - purpose: своя
"""


def test_declarations_are_spliced_and_what_the_school_said_stays() -> None:
    files, told = raise_format(DECLARED.encode(), (), FRESH)
    text = files[ORGANIZATION].decode()
    value = read(files[ORGANIZATION], "").value
    assert [scale["marks"] for scale in value["scales"]] == [
        ["плохо", "сносно", "хорошо", "отлично"], ["не зачтено", "зачтено"]
    ]  # fmt: skip
    given = {each["series"]: each["prefix"] for each in value["series"]}
    assert given == {"certificates": "О", "transcripts": "ОО", "progress": "У"}
    assert value["purposes"] == [{"purpose": "своя"}]
    assert value["format"] == FORMAT
    assert "kind: обычный  # как был" in text
    assert "# наши книги\nseries:\n" in text
    assert {path for path in files if path.startswith("records/regulations/")}
    assert all("records/" in what for what in told)
    assert raise_format(files[ORGANIZATION], (), FRESH) == ({ORGANIZATION: files[ORGANIZATION]}, ())


def test_local_acts_and_a_restricted_archive_get_no_drafts() -> None:
    files, _ = raise_format(DECLARED.encode(), ("records/regulations/x/regulation.yaml",), FRESH)
    assert set(files) == {ORGANIZATION}
    twin = b"format: 1\nkind: " + "ограниченный\n".encode()
    files, _ = raise_format(twin, (), FRESH)
    assert files == {ORGANIZATION: twin.replace(b"1", f"{FORMAT}".encode())}
