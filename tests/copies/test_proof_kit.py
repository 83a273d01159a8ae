"""An expert without papka, with a medium and a sheet of paper: to a verdict, and never a false one.

The scripts of `proof/` are run as they lie on the medium, with a PATH of a bare Debian.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from papka.copies import program_wheels
from papka.copies.backup_plan import plan_backup
from papka.copies.backup_run import backup
from papka.copies.medium_format import (
    BUNDLE,
    FILES,
    KIT,
    MANIFEST,
    PLAIN,
    PROGRAM,
    READ_ME,
    Manifest,
    compose_manifest,
)
from papka.core.findings import Severity
from papka.core.places import ALLOWED_SIGNERS, TEXT, seal_file
from papka.desk.sealing import make_seal
from papka.proof.rewriting import Rewriting
from papka.proof.trusted_keys import HEAD, REVOCATIONS, TrustEntry
from papka.records.editing import write_file
from papka.records.strict_yaml import read
from papka.repository.git_values import P384
from papka.repository.signing import find_actor, generate_key, load_signer
from tests.docs.test_pages import TOMORROW
from tests.paper.test_document_signatures import code_of
from tests.support.archives import PROJECT
from tests.support.copies_on_media import make_older, write_inside
from tests.support.destroying import PHOTO, Bent, purge, put_act
from tests.support.histories import OTHER, RECORD, School, copy_school, git, main_of, trust
from tests.support.school import NOW as TODAY
from tests.support.school import Archive
from tests.support.sealing import put_seal

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is not installed")

DEBIAN = (
    *("git", "ssh-keygen", "sh", "sed", "grep", "find", "xargs", "cmp", "diff", "tar", "join"),
    *("base64", "basename", "cat", "cp", "cut", "date", "head", "ln", "mkdir", "mktemp", "od"),
    *("printf", "rm", "sha256sum", "sha512sum", "sort", "tail", "tr", "uniq", "wc"),
)
"""What is there in a Debian with git and OpenSSH, as far as the kit needs it."""
_LIBRARIES = ("cryptography", "cffi", "_cffi_backend*", "pip")
_HOSTILE = {**TOMORROW, "GIT_DIR": "/nowhere", "GIT_CONFIG_COUNT": "x", "CDPATH": "/tmp:/"}
"""Settings of the expert's own shell that must lead nothing astray."""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of programs: git, coreutils, ssh-keygen, and a Python with cryptography and pip."""
    folder = tmp_path_factory.mktemp("bare")
    for name in DEBIAN:
        found = shutil.which(name)
        assert found is not None, name
        (folder / name).symlink_to(found)
    libraries = folder / "libraries"
    libraries.mkdir()
    for name in _LIBRARIES:
        for found_there in Path(pytest.__file__).parents[1].glob(name):
            (libraries / found_there.name).symlink_to(found_there)
    python = folder / "python3"
    places = f'PYTHONPATH="${{PYTHONPATH:+$PYTHONPATH:}}{libraries}"'
    python.write_text(f'#!/bin/sh\n{places} exec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    return folder


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    all: str


def typed(bare: Path, folder: Path, line: str, **more: str) -> Said:
    """A line in the expert's shell, whose settings lead the kit astray if they can."""
    return in_shell(bare, folder, line, {**_HOSTILE, **more})


def in_shell(bare: Path, folder: Path, line: str, variables: Mapping[str, str]) -> Said:
    own = {name: each for name, each in os.environ.items() if not name.startswith("PIP_")}
    alone = {"PATH": str(bare), "PIP_CONFIG_FILE": os.devnull}
    environment = {**own, **variables, **alone}
    ran = subprocess.run(
        ["sh", "-c", line], cwd=folder, env=environment, check=False, timeout=120,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace",
    )  # fmt: skip
    return Said(ran.returncode, ran.stdout)


def state_of(folder: Path) -> list[tuple[str, int, int]]:
    """Every name with the time and the size of what it names."""
    paths = sorted(folder.rglob("*"))
    return [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths]


def test_an_expert_walks_from_a_medium_alone_to_a_verdict(
    archive: Archive, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command of ПРОЧТИ.txt and of the kit's own page, the program from its wheels too."""
    monkeypatch.setattr(program_wheels, "COMPRESSION", zipfile.ZIP_STORED)
    program = program_wheels.pack_installed()
    assert program.missing == ()
    actor = find_actor(archive.root, "s001")
    sealed = make_seal(archive.root, actor, now=TODAY, period="2026")
    stick = tmp_path / "stick"
    stick.mkdir()
    plan = plan_backup(archive.root, stick, now=TODAY, medium="Н-1", kind="диск", program=program)
    copy = backup(archive.root, actor, plan, now=TODAY).copy
    shutil.rmtree(archive.root)
    was, mine = state_of(stick), tmp_path / "mine"
    mine.mkdir()
    assert {path.name for path in (copy / PROGRAM).iterdir()} == program.files.keys()

    values = {
        "ОТПЕЧАТОК": actor.signer.fingerprint, "СУММА": sealed.digest,
        "КОД": f"'{code_of(actor.signer)}'", "ПАПКА-КОПИИ": ".",
        "ПАПКА-ЗАПИСЕЙ": f"'{mine}/all records'",
    }  # fmt: skip
    text = (copy / READ_ME).read_text(encoding="utf-8")
    sections = re.split(r"^(?=КАК )", text, flags=re.MULTILINE)[1:]
    said = ""
    for section in sections:
        commands = re.findall(r"^    ([a-zP(]\S* .+(?:\n {8}.+)?)$", section, re.MULTILINE)
        assert commands, section
        if "программой papka" in section:
            continue  # run by tests/copies/test_backup.py
        script = "\n".join(["set -e", *commands])
        for name, value in values.items():
            script = script.replace(name, value)
        place = mine / ("0" if "pip install" in script else section.split("\n")[0][:30])
        script = script.replace("НОВАЯ-ПАПКА", f"'{place}'")
        ran = in_shell(bare, copy, script, TOMORROW)
        assert ran.code == 0, f"{script}\n{ran.all}"
        said += ran.all
    for verdict in (
        "Контрольная сумма та же, что на бумаге", "цепочка пломб сходятся",
        f"тем, кто назван на бумаге: {actor.signer.fingerprint}", "ПОДПИСЬ ВЕРНА",
        f"\n{plan.head}\n", "целостность и подписи подтверждены",
    ):  # fmt: skip
        assert verdict in said
    where = typed(bare, mine, "python3 -P -c 'import papka; print(papka.__file__)'",
                  PYTHONPATH=str(mine / "0"))  # fmt: skip
    assert where.all.startswith(str(mine / "0")), where.all

    page = (copy / KIT / "README.md").read_text(encoding="utf-8")
    own, walk = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    ran = typed(bare, mine / "all records" / "files", f"set -e\n{own}")
    assert ran.code == 0, ran.all
    first, second, third = re.findall(r"[0-9a-f]{64}", ran.all)
    assert (first, second) == (sealed.digest, third)
    walk = walk.replace("АРХИВ", str(stick)).replace("КЛЮЧИ", str(mine / "keys"))
    words = {"SEAL": sealed.digest, "KEY": values["ОТПЕЧАТОК"], "CODE": code_of(actor.signer)}
    ran = typed(bare, copy, f"set -e\n{walk}", **words)
    assert (ran.code, "ПОДПИСЬ ВЕРНА" in ran.all) == (0, True), ran.all
    assert state_of(stick) == was, "something on the medium was touched"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A school with a seal and a save after it; `paper`: what was printed then."""

    school: School
    digest: str


@pytest.fixture(scope="module")
def _sealed(honest_school: School, tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    school = copy_school(honest_school, tmp_path_factory.mktemp("sealed"))
    digest = put_seal(school)
    school.save({RECORD: b"id: 2025-0001\nsex: y\n"}, late=120)
    return Sealed(school, digest)


@pytest.fixture
def sealed(_sealed: Sealed, tmp_path: Path) -> Sealed:
    """What a forger has: the archive, and here every key."""
    return Sealed(copy_school(_sealed.school, tmp_path), _sealed.digest)


def medium_of(school: School, folder: Path, files: Mapping[str, bytes] | None = None) -> Path:
    """A copy of what main says now, with a list of files that agrees: a forger makes it anew."""
    folder.mkdir()
    head = main_of(school.root)
    git(school.root, "bundle", "create", "-q", str(folder / BUNDLE), "main")
    tree = git(school.root, "ls-tree", "-r", "--name-only", head).split()
    inside = {PLAIN + path: git(school.root, "show", f"{head}:{path}").encode() for path in tree}
    write_inside(folder, {**inside, **(files or {})})
    shutil.copytree(PROJECT / "proof", folder / "proof")
    sums = {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
    commits = len(git(school.root, "rev-list", head).split())
    made = Manifest("Н-1", "диск", datetime.now(UTC), "s001", head, head, commits, None, sums)
    (folder / MANIFEST).write_bytes(compose_manifest(made))
    return folder


Forge = Callable[[School], object]


def _rewritten(school: School) -> None:
    """All keys stolen: a record changed from the first day on, all signed and sealed anew."""
    first = git(school.root, "rev-list", "--max-parents=0", "main").strip()
    school.forge({RECORD: b"id: 2025-0001\nsex: z\n"}, sign=school.signer("s003").sign,
                 parents=(first,))  # fmt: skip
    school.checkout()
    put_seal(school)


def _dropped(school: School) -> None:
    """The save under the seal is taken out, the seal and what follows are put on again."""
    seal = git(school.root, "rev-parse", "main~1").strip()
    under = git(school.root, "rev-parse", "main~3").strip()
    files = {
        path: git(school.root, "show", f"{seal}:{path}").encode()
        for path in (seal_file(1, ending) for ending in (".units", TEXT, ".seal.sig"))
    }
    school.forge(files, sign=school.signer("s001").sign, by="s001", parents=(under,))


def _cut_off(school: School) -> None:
    school.plant(school.raw(git(school.root, "rev-parse", "main~2").strip()))


def _key_added(school: School) -> None:
    lines = trust(school.keys, stranger=("git", "papka-seal", "papka-document"))
    school.forge({ALLOWED_SIGNERS: lines}, sign=school.signer("s003").sign)


def _key_of_nobody(school: School) -> None:
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("stranger").sign)


def _seal_replaced(school: School) -> None:
    text = git(school.root, "show", f"main:{seal_file(1, TEXT)}").encode()
    school.forge({seal_file(1, TEXT): text.replace(b"2025", b"2026")},
                 sign=school.signer("s001").sign, by="s001")  # fmt: skip


def _unsigned(school: School) -> None:
    school.forge({RECORD: b"x: 1\n"}, sign=None)


def _bent(school: School) -> None:
    """A record changed under a signature that was made for another."""
    signature = school.signer("s003").sign(b"something else")
    school.forge({OTHER: b"x: 1\n"}, sign=lambda _: signature)


def _hidden(school: School) -> None:
    """Words that no signature covers, after the headers due."""
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("s003").sign,
                 bend=lambda raw: raw.replace(b"\n\n", b"\nnote: hidden\n\n", 1))  # fmt: skip


def _beyond(school: School) -> None:
    """A clerk changes what is the head's."""
    school.forge({"records/organization.yaml": b"format: 3\n"}, sign=school.signer("s003").sign)


FORGERIES: dict[str, tuple[Forge, int, str, int, str]] = {
    "record changed, all signed anew": (_rewritten, 1, "не та, что на бумаге", 0, ""),
    "record changed under a signature": (_bent, 0, "", 1, "подпись поддельная"),
    "commit dropped under the seal": (_dropped, 1, "не за опломбированным", 0, ""),
    "commits dropped, the seal too": (_cut_off, 1, "нет ни одной пломбы", 0, ""),
    "key added by a clerk": (_key_added, 0, "", 1, "меняет только руководитель"),
    "key of nobody": (_key_of_nobody, 0, "", 1, "не доверял"),
    "seal replaced": (_seal_replaced, 1, "не та, что на бумаге", 0, ""),
    "unsigned commit": (_unsigned, 0, "сохранений 2, из них вовсе без подписи 1", 1, "подписи нет"),
    "hidden words": (_hidden, 0, "", 1, "посторонние строки"),
    "beyond one's rights": (_beyond, 0, "", 1, "меняет только руководитель"),
}
"""What was done -> how `check-seal.sh` and `check-signatures.sh` end, and what those say that
are asked."""


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_medium_is_found_by_the_kit_alone(
    name: str, sealed: Sealed, bare: Path, tmp_path: Path
) -> None:
    forge, by_seal, told, by_signatures, said = FORGERIES[name]
    forge(sealed.school)
    copy = medium_of(sealed.school, tmp_path / "copy")
    if told:
        seal = typed(bare, copy, f'sh proof/check-seal.sh . 0001 "{sealed.digest}"')
        assert (seal.code, told in seal.all) == (by_seal, True), seal.all
    if said:
        ran = typed(bare, copy, f"sh proof/check-signatures.sh . {sealed.school.fingerprint}")
        assert (ran.code, said in ran.all) == (by_signatures, True), ran.all
    assert by_seal or by_signatures


def test_an_honest_medium_is_good_and_a_changed_plain_file_is_not(
    sealed: Sealed, bare: Path, tmp_path: Path
) -> None:
    key = sealed.school.fingerprint
    line = f"sh proof/check-seal.sh . 0001 {sealed.digest} && sh proof/check-signatures.sh . {key}"
    ran = typed(bare, medium_of(sealed.school, tmp_path / "good"), line)
    assert ran.code == 0, ran.all
    assert "внесено после пломбы: сохранений 1, из них вовсе без подписи 0" in ran.all
    bent = {PLAIN + RECORD: b"id: 2025-0001\nsex: z\n"}
    copy = medium_of(sealed.school, tmp_path / "bent", bent)
    assert typed(bare, copy, f"sha256sum -c --quiet {MANIFEST}").code == 0
    for script in ("check-seal.sh", "check-signatures.sh"):
        ran = typed(bare, copy, f"sh proof/{script} .")
        assert (ran.code, "простые файлы копии (files) не те" in ran.all) == (1, True), ran.all
    make_older(copy)
    ran = typed(bare, copy, "sh proof/check-signatures.sh .")
    assert (ran.code, "простые файлы копии (files) не те" in ran.all) == (1, True), ran.all


def _name(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, "/etc"
    return made


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (_name("files/../../out"), "не только простые файлы"),
        (_name("/tmp/out"), "не только простые файлы"),
        (_name("files/link", tarfile.SYMTYPE), "не только простые файлы"),
        (_name("files/pipe", tarfile.FIFOTYPE), "не только простые файлы"),
        (_name("files/a b"), "не только простые файлы"),
        (_name("files/more"), "не те, что в последнем"),
        (None, "не читаются"),
    ],
    ids=["upwards", "from the root", "a link", "a pipe", "an odd name", "a file more", "cut off"],
)
def test_nothing_but_plain_files_is_unpacked_from_a_medium(
    more: tarfile.TarInfo | None, words: str, sealed: Sealed, bare: Path, tmp_path: Path
) -> None:
    copy = medium_of(sealed.school, tmp_path / "copy")
    if more is None:
        os.truncate(copy / FILES, 700)
    else:
        with tarfile.open(copy / FILES, "a:") as opened:
            opened.addfile(more)
    ran = typed(bare, copy, "sh proof/check-signatures.sh .")
    assert (ran.code, words in ran.all) == (1, True), ran.all


def test_whose_archive_it_is_paper_alone_says(sealed: Sealed, bare: Path, tmp_path: Path) -> None:
    """Another's archive agrees with itself; its own list of keys proves nothing."""
    root, other = sealed.school.root, load_signer(sealed.school.keys / "stranger").fingerprint
    script, keys = PROJECT / "proof" / "check-signatures.sh", tmp_path / "vouched"
    first = git(root, "rev-list", "--max-parents=0", "main").strip()
    recovery = load_signer(sealed.school.keys / "recovery").fingerprint
    for paper, code, words in (
        ("", 3, "НЕ УСТАНОВЛЕНО, чей это архив"),
        (other, 1, "этот архив не знает"),
        (f"{first} {'0' * 64}", 1, "с такой контрольной суммой в архиве нет"),
        (f"{recovery} {sealed.digest}", 3, "её сличает check-seal.sh"),
        ("SHA256:короткий", 3, "с бумаги набирают"),
        (first.upper(), 0, "назван на бумаге"),
    ):
        ran = typed(bare, tmp_path, f"sh {script} --keys {keys} {root} {paper}")
        assert (ran.code, words in ran.all) == (code, True), f"{paper}\n{ran.all}"
        assert keys.exists() == (code == 0)
    assert (keys / "allowed_signers").read_bytes() == trust(sealed.school.keys)


_NEWLINE = "two\nlines"
_NAMES = ("--output=notes.txt", "-", "по $(touch notes.txt) a'c\"d")


@pytest.mark.parametrize("name", _NAMES)
def test_a_folder_of_any_name_is_read_and_nothing_else_happens(
    name: str, sealed: Sealed, bare: Path, tmp_path: Path
) -> None:
    """Its name is no option, no command, and no other folder."""
    sealed.school.root.rename(tmp_path / name)
    (tmp_path / "notes.txt").write_text("written all day")
    line = f'sh {PROJECT}/proof/check-seal.sh "$NAME" 0001 {sealed.digest}'
    ran = typed(bare, tmp_path, line, NAME=name, OLDPWD=str(PROJECT))
    assert ran.code == 0, ran.all
    assert (tmp_path / "notes.txt").read_text() == "written all day"


def _words_of_main(store: Path) -> None:
    (store / "refs/heads/main").write_text("--output=/tmp/x\n")


def _sha256(store: Path) -> None:
    shutil.rmtree(store)
    git(store.parent, "init", "-q", "--object-format=sha256")


def _reftable(store: Path) -> None:
    (store / "reftable").mkdir()


def _borrows(store: Path) -> None:
    (store / "objects/info").mkdir(exist_ok=True)
    (store / "objects/info/alternates").write_text("/somewhere/objects\n")


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        (_words_of_main, 1, "не на сохранение"),
        (_sha256, 3, "SHA-256, такие набор ещё не читает"),
        (_reftable, 3, "записаны в reftable"),
        (_borrows, 1, "берёт объекты из другого"),
        (shutil.rmtree, 3, "нет хранилища git"),
    ],
)
def test_a_store_that_cannot_be_read_is_not_called_forged_nor_good(
    spoil: Callable[[Path], None], code: int, words: str, sealed: Sealed, bare: Path
) -> None:
    spoil(sealed.school.root / ".git")
    for script in ("check-seal.sh", "check-signatures.sh"):
        ran = typed(bare, sealed.school.root, f"sh {PROJECT}/proof/{script} .")
        assert (ran.code, words in ran.all) == (code, True), ran.all


def test_a_folder_whose_name_breaks_a_line_is_not_guessed(bare: Path, tmp_path: Path) -> None:
    (tmp_path / _NEWLINE).mkdir()
    ran = typed(bare, tmp_path, f'sh {PROJECT}/proof/check-seal.sh "$NAME"', NAME=_NEWLINE)
    assert (ran.code, "перевод строки" in ran.all) == (3, True)


def test_wheels_that_the_head_named_are_taken_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "papka-9-py3-none-any.whl").write_bytes(b"wheel")
    (tmp_path / "notes.txt").write_bytes(b"own")
    found = program_wheels.find_wheels(tmp_path)
    assert set(found.files) == {"papka-9-py3-none-any.whl", "LICENSE"}
    assert (found.missing, bool(found.runs_on)) == ((), True)
    (tmp_path / "papka-9-py3-none-any.whl").unlink()
    nothing = program_wheels.find_wheels(tmp_path)
    assert (nothing.files, nothing.runs_on) == ({}, "")
    assert "нет пакета papka" in nothing.missing[0]
    assert "исходного кода" in program_wheels.find_wheels(None).missing[0]


def as_papka_writes(text: str) -> str:
    """An act's text, laid out as the program lays out what it writes."""
    return write_file(read(text.encode(), "act.yaml").value)


def test_acts_of_destruction_are_taken_off_and_all_else_stays_proven(
    school: School, bare: Path
) -> None:
    """A folder, a photo in another, then that folder too: each act rewrites what it may.

    Three seals: of the first form before any act, of the second after the first act and at the end.
    """
    school.save({PHOTO: b"photo"}, late=60)
    paper = [put_seal(school)]
    signers = (school.root / ALLOWED_SIGNERS).read_bytes()
    newer = TrustEntry("s001", HEAD, generate_key(school.keys / "newer", "", kind=P384))
    school.save({ALLOWED_SIGNERS: signers + f"{newer.line}\n".encode()}, "s001", late=60)
    put_act(school, [OTHER.rpartition("/")[0]], Bent(text=as_papka_writes))
    paper.append(put_seal(school, "2025-2"))
    put_act(school, [PHOTO], Bent(text=as_papka_writes))
    seals, lines = f"{PROJECT}/proof/check-seal.sh", []
    lines.append(f"sh {seals} . 0001 {paper[0]} && sh {seals} . 0002 {paper[1]}")
    both = typed(bare, school.root, lines[0])
    assert (both.code, "уничтожено по актам: строк в списке 1" in both.all) == (0, True), both.all
    assert "Все сохранения до пломбы — те же, какими их подписали" in both.all
    put_act(school, [RECORD.rpartition("/")[0]], Bent(text=as_papka_writes))
    paper.append(put_seal(school, "2025-3"))
    purge(school)
    lines.append(f"sh {seals} . 0003 {paper[2]}")
    lines.append(f"sh {PROJECT}/proof/check-signatures.sh . {school.fingerprint}")
    ran = typed(bare, school.root, " && ".join(lines))
    assert (ran.code, "Акты об уничтожении сняты: 3" in ran.all) == (0, True), ran.all
    for said in (
        "уничтожено по актам: строк в списке 2", "уничтожено по актам: строк в списке 1",
        "Вся история до пломбы — та же", "Сохранений: 11, с верной подписью: 11,",
        "внесено после пломбы: сохранений 0", "из них вовсе без подписи 0",
    ):  # fmt: skip
        assert said in ran.all, ran.all
    assert "без подписи 1" not in ran.all
    assert not [code for code in school.codes() if code.startswith(("SEAL_", "ACT_"))]


@pytest.mark.parametrize(
    ("bent", "gone_too", "words"),
    [
        (Bent(text=lambda text: text.replace("2025-0002", "2025-0009")), "", "изъято не то"),
        (Bent(files={"records/organization.yaml": b"format: 9\n"}), "", "внесено что-то ещё"),
        (Bent(number=3), "", "идут не подряд"),
        (Bent(by="s003"), "", "меняет только руководитель"),
        (Bent(files={"records/acts/1/evidence.pack": b"PACK"}), "", "не то, что в нём названо"),
        (Bent(), OTHER, "вернулось уничтоженное"),
    ],
    ids=["another folder", "more with it", "number", "by a clerk", "evidence", "brought back"],
)
def test_a_forged_act_is_found(
    bent: Bent, gone_too: str, words: str, school: School, bare: Path
) -> None:
    put_act(school, [OTHER.rpartition("/")[0]], bent)
    if gone_too:
        school.forge({gone_too: b"x: 1\n"}, sign=school.signer("s003").sign, late=240)
    line = f"sh {PROJECT}/proof/check-signatures.sh . {school.fingerprint}"
    ran = typed(bare, school.root, line)
    assert (ran.code, words in ran.all) == (1, True), ran.all


def _other_digest(made: Rewriting) -> Rewriting:
    """The list of what went from a folder names another digest of it."""
    bent = {
        path: re.sub(rb"^[0-9a-f]{64}", b"0" * 64, data) if path.endswith(".files") else data
        for path, data in made.inner.items()
    }
    return replace(made, inner=bent)


FORGED_ACTS: dict[str, tuple[str, Bent, int, str]] = {
    "another digest": (PHOTO, Bent(rewriting=_other_digest), 1, "файлы не те, что опломбированы"),
    "by a clerk": (
        OTHER.rpartition("/")[0], Bent(by="s003"), 3, "подписан не ключом руководителя",
    ),
    "a whole year": (
        OTHER.rpartition("/")[0], Bent(text=lambda text: text.replace("/2025-0002", "")),
        1, "называет не то, что уничтожают целиком",
    ),
}  # fmt: skip
"""What was done -> what went, how the act is bent, how `check-seal.sh` ends and what it says."""


@pytest.mark.parametrize("name", FORGED_ACTS)
def test_a_seal_is_not_called_whole_behind_a_forged_act(
    name: str, school: School, bare: Path
) -> None:
    gone, bent, code, words = FORGED_ACTS[name]
    school.save({PHOTO: b"photo"}, late=60)
    digest = put_seal(school)
    put_act(school, [gone], bent)
    ran = typed(bare, school.root, f"sh {PROJECT}/proof/check-seal.sh . 0001 {digest}")
    assert (ran.code, words in ran.all) == (code, True), ran.all


def _key_stolen(school: School) -> None:
    """The theft is noticed late: what lies between is doubted."""
    before = git(school.root, "rev-parse", "main~1").strip()
    ended = f"compromised {school.signer('s003').fingerprint} after {before}\n".encode()
    school.save({REVOCATIONS: ended}, "s001", late=180)


def _accepted(school: School) -> None:
    """A save of another program, for which the head vouches."""
    commit = school.forge({RECORD: b"x: 1\n"}, sign=None)
    said = f"commit: {commit}\ncode: SIG_MISSING\nreason: чужая программа\n".encode()
    school.forge({"records/trust/accepted/1.yaml": said}, sign=school.signer("s001").sign,
                 by="s001", late=180)  # fmt: skip


def _accepted_by_clerk(school: School) -> None:
    commit = school.forge({RECORD: b"x: 1\n"}, sign=None)
    said = f"commit: {commit}\ncode: SIG_MISSING\nreason: чужая программа\n".encode()
    school.forge({"records/trust/accepted/1.yaml": said}, sign=school.signer("s003").sign,
                 late=180)  # fmt: skip


STORIES: dict[str, tuple[Forge, int, str]] = {
    "the key was stolen": (_key_stolen, 1, "больше не верят"),
    "accepted": (_accepted, 0, "Признано руководителем"),
    "accepted by the clerk": (_accepted_by_clerk, 1, "подписи нет"),
}


@pytest.mark.parametrize("name", STORIES)
def test_the_kit_judges_trust_as_verify_does(name: str, school: School, bare: Path) -> None:
    story, code, words = STORIES[name]
    story(school)
    school.checkout()
    line = f"sh {PROJECT}/proof/check-signatures.sh . {school.fingerprint}"
    ran = typed(bare, school.root, line)
    assert (ran.code, words in ran.all) == (code, True), ran.all
    grave = [f.code.name for f in school.verify().findings if f.severity >= Severity.ERROR]
    assert bool(grave) == bool(code), grave
