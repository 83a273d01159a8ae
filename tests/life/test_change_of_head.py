"""The head changes in order, is lost with the keys, or goes on leave: papers, keys and proof."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from papka.cli.context import read_clock
from papka.core.places import ORGANIZATION, STAFF
from papka.desk.saving import save
from papka.repository.signing import find_actor, generate_key, load_signer, remember_actor
from tests.support.command import ok, papka
from tests.support.issuing import STUDY, graduate
from tests.support.school import TEACHER, Archive, copied, head

TODAY = date.today()  # noqa: DTZ011 - as the commands under trial count
DAY = timedelta(days=1)
NEW_HEAD = """\
  - id: s003
    name:
      surname: Журавлёва
      given: Аглая
      patronymic: Тихоновна
    post: Директор
    roles:
      - руководитель
    since: {since}
"""
IN_ORDER = """\
head: s003
former:
  - until: {until}
    head: s001
    head_post: Заведующая
"""


@pytest.fixture
def school(built_archive: Archive, tmp_path: Path) -> Archive:
    """An organization with a head's post; a sole trader's archive never changes hands."""
    archive = copied(built_archive, tmp_path)
    graduate(archive)
    archive.edit(ORGANIZATION, "name: Индивидуальный предприниматель Ландышева Виола Громовна\n",
                 "name: Школа «Ручей»\n")  # fmt: skip
    archive.edit(ORGANIZATION, "head_post: Индивидуальный предприниматель\n",
                 'head_post: Заведующая\nogrn: "0000000000000"\n')  # fmt: skip
    ok("save", "-C", archive.root)
    return archive


def change_head(archive: Archive) -> None:
    """What the page says to write: the new person, and the head of yesterday."""
    archive.write(STAFF, archive.read(STAFF) + NEW_HEAD.format(since=TODAY))
    archive.edit(ORGANIZATION, "head: s001\nhead_post: Заведующая\n",
                 IN_ORDER.format(until=TODAY - DAY) + "head_post: Директор\n")  # fmt: skip


def new_key(archive: Archive, folder: Path, name: str, staff: str, *, main: bool = False) -> Path:
    generate_key(folder / name, "")
    remember_actor(archive.root, staff, folder / name, main=main)
    return folder / f"{name}.pub"


def page_of(archive: Archive, *what: str) -> str:
    """The words of a printed page, with plain spaces."""
    out = archive.root / "print"
    ran = ok("print", *what, "--html", "-C", archive.root, "--out", out)
    (made,) = (out / name for name in re.findall(r"[\w.-]+\.html", ran.out)[:1])
    text = re.sub(r"<style.*?</style>|<[^>]+>", " ", made.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text.replace("&nbsp;", " ").replace("\u00a0", " "))


def found(archive: Archive, *more: str) -> list[str]:
    """What a stranger finds who has the paper of the first day."""
    paper = load_signer(archive.keys / "head").fingerprint
    ran = papka("verify", "-C", archive.root, "--no-memory", "--anchor", paper, *more,
                "--format", "json")  # fmt: skip
    return sorted({each["code"] for each in json.loads(ran.out)["findings"]})


def test_the_head_changes_in_order(school: Archive, tmp_path: Path) -> None:
    change_head(school)
    ok("save", "-C", school.root)
    daily = new_key(school, tmp_path, "daily", "s003")
    safe = tmp_path / "safe"
    generate_key(safe, "")
    ok("trust", "add", "s003", daily, "--head", "--yes", "-C", school.root)
    ok("trust", "add", "s003", f"{safe}.pub", "--head", "--yes", "-C", school.root, "--as", "s003")
    ok("trust", "retire", "s001", "--yes", "-C", school.root, "--as", "s003")
    assert found(school) == []

    # A paper of the former head's day is signed by the former head, whenever it is printed.
    assert "Заведующая В. Г. Ландышева" in page_of(school, "order", "2026/0001")
    assert "Директор А. Т. Журавлёва" in page_of(school, "keys")
    assert "[]" in ok("check", "-C", school.root, "--format", "json").out

    # The former head can neither save nor issue.
    school.edit(STAFF, "post: Директор", "post: Директор школы")
    refused = papka("save", "-C", school.root, "--as", "s001")
    assert (refused.code, "SIG_KEY_REVOKED" in refused.out) == (1, True)
    ok("save", "-C", school.root, "--as", "s003")
    late = papka("issue", "-C", school.root, "certificate", STUDY, "--as", "s001", "--yes")
    assert (late.code, "за организацию подписывает s003, а не s001" in late.err) == (3, True)


def test_the_head_is_lost_and_the_recovery_key_is_there(school: Archive, tmp_path: Path) -> None:
    recovery = load_signer(school.keys / "recovery")
    remember_actor(school.root, "s001", recovery.file, main=False)
    school_key = ("-C", school.root, "--as", "s001")
    lost = load_signer(school.keys / "head").fingerprint
    remember_actor(school.root, "s001", recovery.file, main=True)
    change_head(school)
    ok("save", *school_key)
    daily = new_key(school, tmp_path, "daily", "s003")
    ok("trust", "add", "s003", daily, "--head", "--yes", *school_key)
    ok("trust", "retire", lost, "--yes", "-C", school.root, "--as", "s003")
    ok("trust", "retire", recovery.fingerprint, "--yes", "-C", school.root, "--as", "s003")
    assert found(school) == []
    assert "Директор А. Т. Журавлёва" in page_of(school, "keys")


def test_the_head_and_both_keys_are_lost(school: Archive, tmp_path: Path) -> None:
    new_key(school, tmp_path, "daily", "s003", main=True)
    generate_key(tmp_path / "safe", "")
    ran = ok("trust", "refound", "--daily", tmp_path / "daily", "--recovery",
             tmp_path / "safe.pub", "--yes", "-C", school.root)  # fmt: skip
    act = ran.out.rpartition('--refounding "')[2].partition('"')[0]
    change_head(school)
    ok("save", "-C", school.root)
    assert found(school, "--refounding", act) == ["REFOUNDING_ACCEPTED"]
    assert "Директор А. Т. Журавлёва" in page_of(school, "refounding", "0001")


def test_somebody_acts_for_the_head_on_leave(school: Archive, tmp_path: Path) -> None:
    stranger = papka("trust", "add", TEACHER, new_key(school, tmp_path, "no", "s009"), "--head",
                     "--yes", "-C", school.root)  # fmt: skip
    assert (stranger.code, "никого не замещает" in stranger.err) == (3, True)
    since, until = TODAY - DAY, TODAY + 9 * DAY
    school.write(STAFF, school.read(STAFF) + (
        f"    acting:\n      - since: {since}\n        until: {until}\n        basis: приказ\n"
        f"        number: 12-к\n        date: {since}\n"
    ))  # fmt: skip
    ok("save", "-C", school.root)
    generate_key(tmp_path / "acting", "")
    ok("trust", "add", TEACHER, tmp_path / "acting.pub", "--head", "--yes", "-C", school.root)
    told = ok("trust", "show", "-C", school.root).out
    assert f"действует с {since:%d.%m.%Y} по {until:%d.%m.%Y}" in told
    remember_actor(school.root, TEACHER, tmp_path / "acting", main=False)

    # In the term: orders, documents, papers printed now.
    order = "records/orders/2026/0009.yaml"
    school.write(order, school.read("records/orders/2026/0001.yaml")
                 .replace("date: 2026-01-09", f"date: {TODAY}").replace("number: 1", "number: 9")
                 .replace("signed_by: s001", f"signed_by: {TEACHER}"))  # fmt: skip
    ok("save", "-C", school.root, "--as", TEACHER)
    assert "И. о. заведующей Д. И. Глинкина" in page_of(school, "order", "2026/0009")
    assert "Заведующая В. Г. Ландышева" in page_of(school, "order", "2026/0001")
    assert "И. о. заведующей Д. И. Глинкина" in page_of(school, "personal-file", "2026-0001")
    ok("issue", "-C", school.root, "certificate", STUDY, "--as", TEACHER, "--yes")
    paper = page_of(school, "certificate", "С-2026-0001")
    basis = f"приказ № 12-к от {since:%d.%m.%Y}"
    assert f"ключом организации за руководителя ({basis})" in paper
    assert "И. о. заведующей" in paper
    pdf = school.root / "print" / "certificate-С-2026-0001.pdf"
    ran = papka("verify", pdf, "-C", school.root)
    assert (ran.code, "подпись того, кто его замещал" in ran.out) == (0, True)
    assert found(school) == []

    # After it: nothing, and nothing is committed.
    school.edit(order, "heading:", "heading: О другом —")
    before, after = head(school), read_clock() + timedelta(days=20)
    refused = save(school.root, find_actor(school.root, TEACHER), now=after)
    assert "SIG_OUTSIDE_TERM" in {each.code.name for each in refused.findings}
    assert (refused.commit, head(school)) == (None, before)
