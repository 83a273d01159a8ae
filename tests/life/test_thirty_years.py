"""An archive sealed in 2026, renewed over thirty years: all of it is proven at the end.

Three heads, keys of two types, one of them lost, an act of destruction that rewrites the sealed
history, seals of both forms, documents of five years. Everything is done by the real commands, as
far as they take what the clock says, and judged by papka and by the proof kit alone. Documents are
printed, and what takes the kit long is run, by `--soak` only.
"""

from __future__ import annotations

import base64
import json
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import papka.cli.context
import papka.cli.destroy
import papka.cli.issue
from papka.core.places import ALLOWED_SIGNERS, ORGANIZATION, STAFF, TEXT, seal_file
from papka.desk.edition import digest_of
from papka.proof.document_code import (
    compose_code,
    compose_message,
    facts_signed,
    key_hint,
    message_room,
)
from papka.proof.ssh_signatures import read as read_signature
from papka.proof.trusted_keys import DOCUMENT
from papka.records.acts import RegisterEntry
from papka.records.archive import load
from papka.records.schemas import SchemaSet
from papka.repository.commit_snapshots import CommitSnapshot
from papka.repository.git_values import P384
from papka.repository.signing import KeySigner, generate_key, load_signer, remember_actor
from tests.support.archives import PROJECT
from tests.support.command import Ran
from tests.support.command import papka as typed
from tests.support.doomed import LATER, OLD_FOLDER, ORDER, PHOTO_FILE
from tests.support.histories import NOW, School
from tests.support.issuing import STUDY, graduate
from tests.support.school import STUDENT, Archive, copied

KIT = PROJECT / "proof"
HEADS = {"s003": ("Журавлёва", "Аглая", "Тихоновна"), "s004": ("Стрижова", "Майя", "Львовна")}
_HEAD = """\
  - id: {staff}
    name:
      surname: {name[0]}
      given: {name[1]}
      patronymic: {name[2]}
    post: Директор
    roles:
      - руководитель
    since: {since}
"""
_DOCUMENTS = ("issued/2026/certificates-0001", "issued/2036/certificates-0001",
              "issued/2041/transcripts-0001", "issued/2048/certificates-0001",
              "issued/2056/certificates-0001")  # fmt: skip


@dataclass
class Story:
    """`folder` holds the archive and the keys of the later heads; `seals`: digests on the sheets
    kept; `paper`: the fingerprint on the sheet of 2026."""

    archive: Archive
    folder: Path
    now: datetime = LATER
    seals: list[str] = field(default_factory=list)
    paper: str = ""

    def go(self, year: int) -> None:
        self.now = datetime(year, 11, 26, 9, 0, tzinfo=UTC)

    @property
    def today(self) -> date:
        return self.now.date()

    def do(self, *words: str | Path) -> Ran:
        ran = typed(*words, "-C", self.archive.root)
        assert ran.code == 0, ran.all
        return ran

    def seal(self, staff: str) -> None:
        self.do("period", "seal", "--as", staff)
        text = (self.archive.root / seal_file(len(self.seals) + 1, TEXT)).read_bytes()
        self.seals.append(digest_of(text))

    def signer(self, name: str) -> KeySigner:
        return load_signer(self.folder / name)

    def entry(self, key: str) -> RegisterEntry:
        snapshot = CommitSnapshot(self.archive.root, "HEAD")
        return load(snapshot, SchemaSet.load(snapshot)).registers[key]

    def code(self, key: str) -> str:
        """The text of the code on a document."""
        entry = self.entry(key)
        return compose_code(facts_signed(entry), base64.b64decode(entry.signature or ""))

    def verify(self, root: Path | None = None) -> tuple[int, list[str]]:
        """What papka finds that knows the paper of all years: exit code, names of findings."""
        anchors = [f"--anchor={each}" for each in (self.paper, *self.seals)]
        ran = typed("verify", "--no-memory", "--format", "json", *anchors,
                    "-C", root or self.archive.root)  # fmt: skip
        return ran.code, sorted({each["code"] for each in json.loads(ran.out)["findings"]})


def by_kit(script: str, *words: str | Path) -> tuple[int, str]:
    ran = subprocess.run(
        ["sh", KIT / script, *words], check=False, capture_output=True, encoding="utf-8"
    )
    return ran.returncode, ran.stdout + ran.stderr


def begin(archive: Archive) -> None:
    """What the good archive is, as an organization: a sole trader's changes no head."""
    archive.edit(ORGANIZATION, "name: Индивидуальный предприниматель Ландышева Виола Громовна\n",
                 "name: Школа «Ручей»\n")  # fmt: skip
    archive.edit(ORGANIZATION, "head_post: Индивидуальный предприниматель\n",
                 'head_post: Директор\nogrn: "0000000000000"\n')  # fmt: skip
    graduate(archive, now=LATER)


def succeed(story: Story, old: str, new: str, *, kind: str, by: str) -> None:
    """A head follows another, by the old one's word: post, two keys, the old keys ended."""
    archive = story.archive
    person = _HEAD.format(staff=new, name=HEADS[new], since=story.today)
    archive.write(STAFF, archive.read(STAFF) + person)
    until = story.today - timedelta(days=1)
    former = f"former:\n  - until: {until}\n    head: {old}\n    head_post: Директор\n"
    if "former:\n" in archive.read(ORGANIZATION):
        archive.edit(ORGANIZATION, "former:\n", former)
        former = ""
    archive.edit(ORGANIZATION, f"head: {old}\n", f"head: {new}\n{former}")
    story.do("save", "--as", by)
    for name in ("daily", "safe"):
        generate_key(story.folder / f"{name}-{new}", "", kind=kind)
    remember_actor(archive.root, new, story.folder / f"daily-{new}", main=False)
    for name, signer in (("daily", by), ("safe", new)):
        public = story.folder / f"{name}-{new}.pub"
        story.do("trust", "add", new, public, "--head", "--yes", "--as", signer)
    story.do("trust", "retire", old, "--yes", "--as", new)


def live(story: Story) -> None:
    """Thirty years."""
    archive = story.archive
    story.paper = load_signer(archive.keys / "head").fingerprint
    story.go(2026)
    story.do("issue", "certificate", STUDY, "--yes", "--as", "s001")
    story.seal("s001")
    story.go(2031)
    gone = ("2026-0001#d4", OLD_FOLDER.rpartition("/")[2])
    story.do("destroy", *gone, "--order", ORDER, "--confirm", ORDER)
    story.seal("s001")
    story.go(2036)
    succeed(story, "s001", "s003", kind="ed25519", by="s001")
    story.do("issue", "--duplicate", "С-2026-0001", "--yes", "--as", "s003")
    story.seal("s003")
    story.go(2041)
    new = (story.folder / "newer", story.folder / "newer-safe")
    story.do("trust", "renew", *new, "--yes", "--as", "s003")
    story.do("issue", "transcript", STUDY, "--yes", "--as", "s003")
    story.seal("s003")
    story.go(2048)
    succeed(story, "s003", "s004", kind=P384, by="s003")
    story.do("issue", "--duplicate", "С-2036-0001", "--yes", "--as", "s004")
    story.go(2052)
    lost = story.signer("daily-s004").fingerprint
    remember_actor(archive.root, "s004", story.folder / "safe-s004", main=False)
    story.do("trust", "compromise", lost, "--after", "HEAD", "--yes", "--as", "s004")
    story.go(2056)
    story.do("issue", "--duplicate", "С-2048-0001", "--yes", "--as", "s004")
    story.seal("s004")


@pytest.fixture(scope="module")
def story(
    built_doomed: Archive, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Story]:
    """Tests read it only; the clock stays in 2056 while they run."""
    folder = tmp_path_factory.mktemp("years")
    made = Story(copied(built_doomed, folder), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(papka.cli.context, "read_clock", lambda: made.now)
        for name, module in [*sys.modules.items()]:
            if name.startswith("papka.cli.") and hasattr(module, "read_clock"):
                patch.setattr(module, "read_clock", lambda: made.now)
        if not pytestconfig.getoption("--soak"):
            patch.setattr(papka.cli.destroy, "_print_act", lambda *_: None)
            patch.setattr(papka.cli.issue, "print_saved", lambda *_, **__: None)
            patch.setattr(papka.cli.issue, "write_printed", lambda *_: ())
        begin(made.archive)
        live(made)
        yield made


def test_papka_finds_everything_proven(story: Story, pytestconfig: pytest.Config) -> None:
    assert story.verify() == (0, [])
    assert {"ssh-ed25519", P384} <= set(story.archive.read(ALLOWED_SIGNERS).split())
    assert not (story.archive.root / PHOTO_FILE).exists()
    forms = [story.archive.read(seal_file(n, TEXT)).splitlines()[0][-2:] for n in range(1, 6)]
    assert forms == ["v1", "v1", "v1", "v2", "v2"]
    papers = [story.code(key) for key in _DOCUMENTS]
    if pytestconfig.getoption("--soak"):
        papers += sorted(map(str, (story.archive.root / "print").glob("*.pdf")))
    for paper in papers:
        ran = typed("verify", paper, "-C", story.archive.root)
        assert ran.code == 0, ran.all


def late_code(story: Story) -> str:
    """A certificate of this year, signed by the first head's key."""
    signer = load_signer(story.archive.keys / "head")
    facts = facts_signed(story.entry(_DOCUMENTS[-1]))
    facts = replace(facts, number="С-2056-0002", key=key_hint(signer.public.blob))
    message = compose_message(facts, message_room(signer.public))
    return compose_code(facts, read_signature(signer.sign(message, DOCUMENT)).core)


def by_lost_key(story: Story, folder: Path) -> School:
    """A copy with one more save, signed by the key that was lost."""
    school = School(copied(story.archive, folder).root, story.folder)
    late = int((story.now - NOW).total_seconds()) + 60
    card = f"{STUDENT}/notes.txt"
    school.forge({card: b"x"}, sign=story.signer("daily-s004").sign, by="s004", late=late)
    return school


def test_the_kit_alone_finds_everything_proven(
    story: Story, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    root = story.archive.root
    seals = [*enumerate(story.seals, 1)]
    for number, digest in seals if pytestconfig.getoption("--soak") else seals[:1]:
        code, told = by_kit("check-seal.sh", root, f"{number:04}", digest)
        assert (code, "цепочка пломб сходятся" in told) == (0, True), told
    keys = tmp_path / "keys"
    code, told = by_kit("check-signatures.sh", "--keys", keys, root, story.paper)
    assert (code, f"назван на бумаге: {story.paper}" in told) == (0, True), told
    check_code = runpy.run_path(str(KIT / "check-code.py"))["main"]
    for key in _DOCUMENTS:
        assert check_code([story.code(key), str(keys), story.entry(key).key or ""]) == 0, key


def test_what_is_forged_at_the_end_is_found(
    story: Story, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """A document of a head after the term, a save by the lost key."""
    late = late_code(story)
    ran = typed("verify", late, "-C", story.archive.root)
    assert ran.code == 1, ran.all
    assert {"DOC_KEY_REVOKED", "DOC_NOT_IN_REGISTER"} <= set(re.findall(r"DOC_[A-Z_]+", ran.all))
    school = by_lost_key(story, tmp_path)
    assert "SIG_KEY_REVOKED" in story.verify(school.root)[1]
    if not pytestconfig.getoption("--soak"):
        return
    code, told = by_kit("check-signatures.sh", school.root, story.paper)
    assert (code, "ключом, которому больше не верят" in told) == (1, True), told


def test_a_code_by_a_key_that_ended_is_good_only_if_entered_before(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the list that check-signatures.sh leaves, of a retired key and of a lost one."""
    check_code = runpy.run_path(str(KIT / "check-code.py"))["main"]
    for name in ("allowed_signers", "revocations"):
        data = (story.archive.root / "records/trust" / name).read_bytes()
        (tmp_path / name).write_bytes(data)
    retired, lost = story.code(_DOCUMENTS[0]), story.code(_DOCUMENTS[3])
    assert [check_code([each, str(tmp_path)]) for each in (retired, lost)] == [3, 1]
    (tmp_path / "entered").write_text("", encoding="ascii")
    codes = (retired, lost, late_code(story), story.code(_DOCUMENTS[4]))
    assert [check_code([each, str(tmp_path)]) for each in codes] == [1, 1, 1, 0]
    assert "а записи о документе до того нет" in capsys.readouterr().err
