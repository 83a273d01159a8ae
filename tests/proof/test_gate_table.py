"""docs/gate.md: every code of `verify` is refused before it enters, can be accepted by the head
afterwards, or is of one copy alone, which another heals. Each row is proven here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from papka.checks import unchanged_records
from papka.copies import mirrors
from papka.copies.new_commits import Gate
from papka.core.findings import Code, Severity
from papka.core.places import ALLOWED_SIGNERS, ORGANIZATION, SALT_BYTES, SIGNATURE, TEXT, seal_file
from papka.proof import anchors, chronicle, verify_codes
from papka.proof.chronicle import ACCEPTABLE
from papka.proof.trusted_keys import HEAD
from papka.proof.verification import verify
from papka.records import reading_codes
from papka.repository import commit_writing, handle
from papka.repository.git_values import EXECUTABLE, LINK, SUBMODULE
from papka.repository.signing import generate_key
from tests.checks.tried_archives import FOLDERS, states
from tests.proof.test_history_steps import begin, differences
from tests.support.archives import PROJECT, good
from tests.support.histories import NOW, OTHER, RECORD, School, git, salt_of
from tests.support.histories import trust as trusted
from tests.support.sealing import bent_files, honest_files

MODULES = (verify_codes, anchors, unchanged_records, chronicle)
CODES = {"PATH_SYMLINK": reading_codes.PATH_SYMLINK} | {
    code.name: code
    for module in MODULES
    for code in vars(module).values()
    if isinstance(code, Code)
}
ROW = re.compile(r"^\| `([A-Z_]+)` \| (refused|accepted|healed|told|said at save) \|", re.MULTILINE)
TABLE = dict(ROW.findall((PROJECT / "docs" / "gate.md").read_text(encoding="utf-8")))
LATER = NOW + timedelta(hours=1)
REVOCATIONS = "records/trust/revocations"
NEW = "records/students/2025/2025-0003/student.yaml"

Make = Callable[[School], object]


def shown_in_attacks() -> set[str]:
    """Codes of docs/attacks.md, each of which a test keeps shown by an attack."""
    text = (PROJECT / "docs" / "attacks.md").read_text(encoding="utf-8")
    return set(re.findall(r"`([A-Z_]+)`", text))


def of_kind(kind: str) -> list[str]:
    return sorted(name for name, found in TABLE.items() if found == kind)


def test_every_code_has_its_one_row() -> None:
    assert sorted(TABLE) == sorted(CODES)
    text = (PROJECT / "docs" / "gate.md").read_text(encoding="utf-8")
    assert len(ROW.findall(text)) == len(TABLE)


def signed(
    school: School, changes: Mapping[str, bytes | None], by: str = "s003", **more: object
) -> str:
    return school.forge(changes, sign=school.signer(by).sign, by=by, **more)  # type: ignore[arg-type]  # handed on as they are


def _bent(old: bytes, new: bytes) -> Make:
    return lambda s: signed(s, {RECORD: b"x: 1\n"}, bend=lambda raw: raw.replace(old, new, 1))


def _retired(school: School) -> None:
    clerk = school.signer("s003").fingerprint
    signed(school, {REVOCATIONS: f"retired {clerk} at {school.head}\n".encode()}, "s001")
    signed(school, {RECORD: b"x: 1\n"}, late=180)


def _outside_term(school: School) -> None:
    term = 'valid-after="20010101",valid-before="20010201"'
    line = f's003@papka.invalid namespaces="{",".join(HEAD)}",{term} {_key(school, "stranger")}'
    signed(school, {ALLOWED_SIGNERS: _trusting(school, line)}, "s001")
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("stranger").sign, by="s003", late=180)


def _merge(school: School) -> None:
    start = school.head
    side = signed(school, {OTHER: b"x: 1\n"})
    signed(school, {RECORD: b"x: 1\n"}, parents=(start, side), late=180)


def _mail(school: School) -> None:
    commit_writing.commit(
        school.root, {RECORD: b"x: 1\n"}, "Пишите на mama@kust.example", author="s003",
        now=NOW + timedelta(seconds=120), sign=school.signer("s003").sign,
        expected_parent=school.head,
    )  # fmt: skip


def _scan_replaced(school: School) -> None:
    scan = "records/orders/2025/0001.pdf"
    signed(school, {scan: b"%PDF-1"}, "s001")
    signed(school, {scan: b"%PDF-2"}, "s001", late=180)


def _key(school: School, name: str) -> str:
    return " ".join((school.keys / f"{name}.pub").read_text().split()[:2])


def _trusting(school: School, line: str) -> bytes:
    return trusted(school.keys) + line.encode() + b"\n"


def _unlike_its_seal(school: School) -> None:
    number, files = honest_files(school)
    files[seal_file(number, TEXT)] += b"x"
    signed(school, files, "s001")


_NINTH = "s009@papka.invalid"
_OTHER_BEFORE = f"previous: sha256:{'0' * 64}"
_ACT = "records/acts/1/act.yaml"


def _given_again(school: School) -> None:
    folder = RECORD.rpartition("/")[0]
    text = f"what:\n- path: {folder}\nold_head: {school.head}\nevidence: {'f' * 64}\n"
    signed(school, {_ACT: text.encode()}, "s001")
    signed(school, {RECORD: b"x: 1\n"}, late=180)


ENTERS: dict[str, Make] = {
    "ACT_INVALID": lambda s: signed(s, {_ACT: b"what: []\n"}, "s001"),
    "DESTROYED_RETURNED": _given_again,
    "SIG_MISSING": lambda s: s.forge({RECORD: b"x: 1\n"}, sign=None),
    "SIG_UNKNOWN_KEY": lambda s: s.forge({RECORD: b"x: 1\n"}, sign=s.signer("stranger").sign),
    "SIG_KEY_REVOKED": _retired,
    "SIG_OUTSIDE_TERM": _outside_term,
    "AUTHOR_MISMATCH": lambda s: s.forge({RECORD: b"x: 1\n"}, sign=s.signer("s001").sign),
    "TIME_FUTURE": lambda s: signed(s, {RECORD: b"x: 1\n"}, late=10**6),
    "TIME_BACKWARDS": lambda s: signed(s, {RECORD: b"x: 1\n"}, late=-(10**6)),
    "TIME_SLIGHTLY_BACKWARDS": lambda s: signed(s, {RECORD: b"x: 1\n"}, late=55),
    "MERGE_COMMIT": _merge,
    "PATH_SYMLINK": lambda s: signed(s, {NEW: b"/x"}, modes={NEW: LINK}),
    "PATH_SUBMODULE": lambda s: signed(s, {NEW: b"x"}, modes={NEW: SUBMODULE}),
    "FILE_MODE": lambda s: signed(s, {RECORD: b"x: 1\n"}, modes={RECORD: EXECUTABLE}),
    "PATH_UNSAFE": lambda s: signed(s, {"records/events/a b.yaml": b"x: 1\n"}),
    "PATH_NOT_NFC": lambda s: signed(s, {"records/events/и\u0306.yaml": b"x: 1\n"}),
    "PATH_FOREIGN": lambda s: signed(s, {"x.exe": b"MZ"}, "s001"),
    "FILE_TOO_BIG": lambda s: signed(s, {RECORD: b"#" * (1 << 21)}),
    "ATTR_CONTENT_FILTER": lambda s: signed(s, {".gitattributes": b"* text=auto\n"}, "s001"),
    "PERSONAL_DATA_OUTSIDE_UNIT": _mail,
    "EVIDENCE_REPLACED": _scan_replaced,
    "PATH_COLLISION": lambda s: signed(s, {RECORD.replace("student.", "STUDENT."): b"x: 1\n"}),
    "HEADER_UNEXPECTED": _bent(b"\n\n", b"\nencoding x\n\n"),
    "SIG_BAD": _bent("Правка".encode(), "Другое".encode()),
    "SIG_MALLEABLE": _bent(b" -----END SSH SIGNATURE-----", b" \n -----END SSH SIGNATURE-----"),
    "SIGNER_NOT_ALLOWED": lambda s: signed(s, {ORGANIZATION: b"format: 1\n# x\n"}),
    "TRUST_NOT_AUTHORISED": lambda s: signed(
        s, {ALLOWED_SIGNERS: _trusting(s, f'{_NINTH} namespaces="git" {_key(s, "stranger")}')}
    ),
    "TRUST_LINE_INVALID": lambda s: signed(
        s, {ALLOWED_SIGNERS: _trusting(s, f"* {_key(s, 'stranger')}")}, "s001"
    ),
    "TRUST_FILE_INVALID": lambda s: signed(s, {"records/trust/note": b"x"}, "s001"),
    "REVOCATION_INVALID": lambda s: signed(s, {REVOCATIONS: b"x\n"}, "s001"),
    "SALT_MISSING": lambda s: signed(s, {NEW: b"id: 2025-0003\n"}),
    "SALT_REUSED": lambda s: signed(
        s, {NEW: b"id: 2025-0003\n", salt_of(NEW): bytes(SALT_BYTES)}
    ),
    "SEAL_UNREADABLE": _unlike_its_seal,
    "SEAL_BAD_SIGNATURE": lambda s: signed(s, bent_files(s, by="s003"), "s001"),
    "SEAL_DIGEST_MISMATCH": lambda s: signed(
        s, bent_files(s, units=lambda text: text.replace("a", "b", 1)), "s001"
    ),
    "SEAL_CHAIN_BROKEN": lambda s: signed(
        s, bent_files(s, lambda text: text.replace("previous: none", _OTHER_BEFORE)),
        "s001",
    ),
    "SEAL_NOT_IN_HISTORY": lambda s: signed(
        s, bent_files(s, lambda text: text.replace(s.head, "0" * 40)), "s001"
    ),
    "SEAL_MOVED": lambda s: signed(s, {**honest_files(s)[1], RECORD: b"x: 1\n"}, "s001"),
    "SEAL_MISSING": lambda s: signed(
        s, {p: d for p, d in honest_files(s)[1].items() if not p.endswith(SIGNATURE)}, "s001"
    ),
}  # fmt: skip
"""Code -> commits that would bring it into the history."""


def refused(school: School, start: str) -> set[str]:
    """What stops the commits after `start` from leaving."""
    return {each.code.name for each in Gate(school.root, LATER).refused(start, school.head)}


def present(school: School) -> dict[str, Severity]:
    found = verify(school.root, now=LATER, anchors=(school.fingerprint,)).findings
    return {each.code.name: each.severity for each in found}


def accepted(school: School, code: str, start: str) -> None:
    """A head's word for each commit after `start`."""
    made = git(school.root, "rev-list", f"{start}..main").split()
    said = {
        f"records/trust/accepted/{at}.yaml": f"commit: {commit}\ncode: {code}\nreason: x\n".encode()
        for at, commit in enumerate(made, 1)
    }
    signed(school, said, "s001", late=600)


def test_what_would_enter_is_refused_and_what_entered_can_be_accepted(school: School) -> None:
    """Refused wherever it is an error; a warning enters, and is accepted like the others."""
    due = {name for kind in ("refused", "accepted") for name in of_kind(kind)}
    shown = {name.name for name in vars(unchanged_records).values() if isinstance(name, Code)}
    assert due - ENTERS.keys() - shown == {"RECORD_UNREADABLE", "ORDER_NOT_BY_HEAD"}
    start = school.head
    for code, make in ENTERS.items():
        (school.root / ".git/refs/heads/main").write_text(f"{start}\n")
        make(school)
        grave = CODES[code].severity >= Severity.ERROR
        assert (code in refused(school, start)) is grave, (code, refused(school, start))
        if TABLE[code] == "accepted":
            assert code in ACCEPTABLE
            accepted(school, code, start)
            assert code not in refused(school, start), code
        else:
            assert code not in ACCEPTABLE or code == "PATH_COLLISION", code


@pytest.fixture
def forger(tmp_path: Path) -> School:
    keys, root = tmp_path / "keys", tmp_path / "archive"
    keys.mkdir()
    for name in ("s001", "recovery", "s003", "stranger"):
        generate_key(keys / name, f"papka {name}")
    handle.init(root)
    return School(root, keys)


def _steps() -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        name = folder.name
        if name in CODES and TABLE[name] in ("refused", "accepted"):
            yield name, folder


def test_steps_that_no_save_makes_are_refused_and_can_be_accepted(forger: School) -> None:
    """The records' own rules of steps, each by the archive that shows it."""
    codes = {each.name for each in vars(unchanged_records).values() if isinstance(each, Code)}
    of_steps = codes - {*of_kind("said at save")}
    seen = set()
    for name, folder in _steps():
        if name not in of_steps:
            continue
        before, after = states(folder)
        begin(forger, before)
        start = forger.head
        signed(forger, dict(differences(before, after)), "s001", late=60)
        grave = CODES[name].severity >= Severity.ERROR
        assert (name in refused(forger, start)) is grave, name
        accepted(forger, name, start)
        assert name not in refused(forger, start), name
        seen.add(name)
    assert seen == of_steps
    begin(forger)
    start = forger.head
    signed(forger, {"records/students/2026/2026-0001/awards.yaml": b"awards: [\n"})
    assert "RECORD_UNREADABLE" in refused(forger, start)
    accepted(forger, "RECORD_UNREADABLE", start)
    assert "RECORD_UNREADABLE" not in refused(forger, start)
    begin(forger)
    start, order = forger.head, "records/orders/2026/0002.yaml"
    signed(forger, {order: good()[order].replace(b"heading: ", "heading: Иное ".encode())})
    assert "ORDER_NOT_BY_HEAD" in refused(forger, start)
    accepted(forger, "ORDER_NOT_BY_HEAD", start)
    assert "ORDER_NOT_BY_HEAD" not in refused(forger, start)


def _written(path: str, data: bytes = b"x\n") -> Make:
    def make(school: School) -> None:
        file = school.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    return make


def _lost(school: School) -> None:
    id_ = git(school.root, "rev-parse", f"main:{RECORD}").strip()
    (school.root / ".git/objects" / id_[:2] / id_[2:]).unlink()


def _rotten(school: School) -> None:
    id_ = git(school.root, "rev-parse", f"main:{RECORD}").strip()
    file = school.root / ".git/objects" / id_[:2] / id_[2:]
    file.chmod(0o644)
    file.write_bytes(b"x")


def _planted(school: School) -> None:
    _written(".git/hooks/post-commit", b"#!/bin/sh\n")(school)
    (school.root / ".git/hooks/post-commit").chmod(0o755)


def _hidden(school: School) -> None:
    git(school.root, "update-index", "--assume-unchanged", RECORD)
    (school.root / RECORD).write_bytes(b"other: 1\n")


OF_ONE_COPY: dict[str, Make] = {
    "OBJECT_MISSING": _lost,
    "OBJECT_CORRUPT": _rotten,
    "REF_DAMAGED": _written(".git/refs/heads/broken"),
    "HEAD_ELSEWHERE": _written(".git/HEAD", b"ref: refs/heads/other\n"),
    "REF_EXTRA": lambda s: git(s.root, "branch", "other"),
    "REF_NAME_UNSAFE": lambda s: git(s.root, "update-ref", "refs/heads/a+b", "HEAD"),
    "REPO_REPLACE_REFS": lambda s: git(s.root, "replace", "HEAD", "HEAD~1"),
    "REPO_GRAFTS": _written(".git/info/grafts", b"0" * 40 + b"\n"),
    "REPO_SHALLOW": lambda s: (s.root / ".git/shallow").write_text(f"{s.head}\n"),
    "REPO_PARTIAL": lambda s: git(s.root, "config", "remote.x.promisor", "true"),
    "REPO_CONFIG_UNSAFE": lambda s: git(s.root, "config", "core.sshCommand", "evil"),
    "FSYNC_OFF": lambda s: git(s.root, "config", "core.fsync", "none"),
    "REPO_HOOKS": _planted,
    "STALE_LOCK": _written(".git/index.lock"),
    "INDEX_DAMAGED": _written(".git/index", b"DIRC"),
    "WORKTREE_DIFFERS": _written(RECORD),
    "UNTRACKED_FILE": _written("records/students/2025/2025-0001/more.yaml"),
    "HIDDEN_CHANGE": _hidden,
}  # fmt: skip
"""Code -> what makes it true of one copy."""


def test_what_is_of_one_copy_goes_to_no_other(school: School, tmp_path: Path) -> None:
    """The mirror stays whole whatever is wrong here: from it the copy is healed or made anew."""
    store = tmp_path / "mirror.git"
    mirrors.add(school.root, "usb", str(store), "RU", allowed=("RU",))
    assert mirrors.push(school.root).is_good
    whole = {path: path.read_bytes() for path in (school.root).rglob("*") if path.is_file()}
    clean = {
        each.code.name for each in verify(store, now=LATER, anchors=(school.fingerprint,)).findings
    }
    assert clean == set()
    for code, make in OF_ONE_COPY.items():
        assert TABLE[code] == "healed"
        make(school)
        assert code in present(school), code
        mirror_has = verify(store, now=LATER, anchors=(school.fingerprint,)).findings
        assert mirror_has == (), code
        for path in [p for p in school.root.rglob("*") if p.is_file() or p.is_symlink()]:
            if path not in whole:
                path.unlink()
        for path, data in whole.items():
            if not path.is_file() or path.read_bytes() != data:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)
                path.write_bytes(data)
    left = set(of_kind("healed")) - OF_ONE_COPY.keys()
    assert left <= shown_in_attacks()


def test_what_is_only_told_or_said_at_save_has_its_attack() -> None:
    assert {*of_kind("told"), *of_kind("said at save")} <= shown_in_attacks()
