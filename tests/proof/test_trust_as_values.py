"""What `records/trust/` says and who may say it, on values: each line, each border, each word."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest

from papka.checks.unchanged_records import ORDER_CHANGED
from papka.core.findings import Finding, Location
from papka.core.places import ALLOWED_SIGNERS
from papka.core.snapshot import DictSnapshot
from papka.proof import chronicle as proof_chronicle
from papka.proof import commit_rules, history_rules, verify_codes
from papka.proof.chronicle import (
    ACCEPTABLE,
    HistoryStep,
    Verdict,
    is_accepted,
    judge_commits,
    judge_signature,
    may_be_accepted,
    soften_accepted,
    standing_of,
)
from papka.proof.history_rules import is_head, judge_paths, judge_trust, state_of
from papka.proof.ssh_signatures import Altered, UnreadableSignature, read, rebuild
from papka.proof.trusted_keys import (
    ACCEPTED,
    HEAD,
    NOTHING,
    REFOUNDINGS,
    REVOCATIONS,
    STAFF,
    Accepted,
    PaperAcceptance,
    Revocation,
    TrustCut,
    TrustEntry,
    TrustHistory,
    TrustState,
    compose_trust,
    find_paper_act,
    list_removed,
    new_refounding,
    read_acceptance,
    read_refounding,
    read_revocations,
    read_trust,
    read_trust_state,
)
from papka.repository.git_values import (
    Commit,
    FileChange,
    GitPerson,
    compose_commit,
    parse_commit,
    wire_string,
)
from tests.proof.values import (
    CHIEF,
    CLERK,
    SPARE,
    START,
    added,
    changed,
    chronicle,
    codes,
    commit,
    id_of,
    key,
    person,
    step,
    told,
)

TRUSTED = compose_trust((CHIEF, SPARE, CLERK))
FIRST = f"{ACCEPTED}1.yaml"
CARD = "records/students/2025/2025-0001/student.yaml"


def retired(entry: TrustEntry, at: str = id_of(1)) -> str:
    return f"retired {entry.key.fingerprint} at {at}\n"


def vouched(code: str = "SIG_MISSING", at: str = id_of(2), reason: str = "Сбой") -> bytes:
    return f"commit: {at}\ncode: {code}\nreason: {reason}\n".encode()


def act(head: str = id_of(2), daily: int = 4, recovery: int = 5, seal: str = "none") -> bytes:
    keys = f"daily: {key(daily).fingerprint}\nrecovery: {key(recovery).fingerprint}\n"
    start = f"papka-refounding v1\nhead: sha1:{head}\nseal: {seal}\n"
    return f"{start}{keys}date: 2026-03-02\n".encode()


# reading


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (CHIEF.line + " Калина", "не по образцу"),
        (CHIEF.line + " ", "не по образцу"),
        (" " + CHIEF.line, "не по образцу"),
        (CHIEF.line.replace("s001", "*"), "не по образцу"),
        (CHIEF.line.replace("s001@", "s001,s002@"), "не по образцу"),
        (CHIEF.line.replace("papka.invalid", "papkaxinvalid"), "не по образцу"),
        (CLERK.line.replace(' namespaces="git"', ""), "не по образцу"),
        (CLERK.line.replace("namespaces", "cert-authority namespaces"), "не по образцу"),
        (CLERK.line.replace('"git"', '"git,papka-seal"'),
         "назначения могут быть только «git,papka-seal,papka-document» или «git»"),
        (CLERK.line.replace('"git"', '"papka-seal"'),
         "назначения могут быть только «git,papka-seal,papka-document» или «git»"),
        (CLERK.line.replace("AAAA", "!!!!"), "ключ записан не в base64"),
        (CLERK.line.replace("ssh-ed25519", "ssh-rsa"),
         "вид ключа «ssh-rsa» не совпадает с самим ключом"),
        (CHIEF.line.replace("s001", "s009"), "этот ключ уже есть в списке"),
    ],
)  # fmt: skip
def test_a_line_that_gives_trust_to_nobody(line: str, why: str) -> None:
    found = read_trust(f"# кто\n\n{CHIEF.line}\n{line}\n{key(9).line}\n".encode())
    assert found.entries == (CHIEF,)
    assert found.faults == ((4, why), (5, "не по образцу"))


def test_the_lines_of_trust_come_back() -> None:
    token = TrustEntry("s004", STAFF, replace(key(7), kind="sk-ssh-ed25519@openssh.com"))
    entries = (CHIEF, SPARE, CLERK, token)
    assert read_trust(compose_trust(entries)).entries == entries
    assert read_trust(compose_trust(entries)).faults == ()
    assert [each.is_head for each in entries] == [True, True, False, False]
    assert CLERK.line == f's003@papka.invalid namespaces="git" {key(3).line}'


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("retired {key} at " + "a" * 40, ("a" * 40, False)),
        ("compromised {key} after " + "a" * 40, ("a" * 40, True)),
        ("compromised {key} after root", ("root", True)),
        ("retired {key} at root", ("root", False)),
        ("retired {key} after " + "a" * 40, None),
        ("compromised {key} at " + "a" * 40, None),
        ("retired {key} at " + "a" * 39, None),
        ("retired {key} at " + "A" * 40, None),
        ("retired {key}  at root", None),
        ("retired {key} at root ", None),
    ],
)
def test_a_line_that_takes_trust_away(line: str, entry: tuple[str, bool] | None) -> None:
    name = CHIEF.key.fingerprint
    text = line.format(key=name)
    found = read_revocations(f"\n{text}\n".encode())
    remark = read_revocations(f"#{text}\n".encode())
    assert (remark.entries, remark.faults) == ((), ())
    if entry is None:
        assert (found.entries, found.faults) == ((), (2,))
    else:
        assert found.entries == (Revocation(name, entry[0], entry[1]),)
        assert (found.faults, found.entries[0].line) == ((), text)


def test_bytes_that_are_no_text_are_lines_not_understood() -> None:
    assert read_revocations(b"\xff\n#\xff\n" + retired(SPARE).encode()).faults == (1,)
    found = read_trust(b"\xff\n#\xff\n" + TRUSTED)
    assert (len(found.entries), found.faults) == (3, ((1, "не по образцу"),))


def test_the_worst_that_is_said_of_a_key_comes_first() -> None:
    name = CHIEF.key.fingerprint
    lost_ = f"compromised {name} after {id_of(2)}\n"
    found = read_revocations((retired(CHIEF) + retired(SPARE) + lost_).encode())
    assert [each.is_compromised for each in found.all_of(name)] == [True, False]
    worst = found.of(name)
    assert worst is not None
    assert worst.commit == id_of(2)
    assert found.of(key(9).fingerprint) is None


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (FIRST, vouched(at="a" * 39)),
        (FIRST, vouched(at="A" * 40)),
        (FIRST, vouched(at="1" * 40)),  # a number
        (FIRST, vouched(reason="' '")),
        (FIRST, vouched(code="' '")),
        (FIRST, vouched(code="1")),
        (FIRST, vouched() + b"more: x\n"),
        (FIRST, vouched().partition(b"reason")[0]),
        (FIRST, b"- x\n"),
        (FIRST, b"{\n"),
        (FIRST, b""),
        (f"{ACCEPTED}01.yaml", vouched()),
        (f"{ACCEPTED}0.yaml", vouched()),
        (f"{ACCEPTED}1.yml", vouched()),
        (f"{ACCEPTED}a/1.yaml", vouched()),
        (f"{REFOUNDINGS}001", act()),
        (f"{REFOUNDINGS}00001", act()),
        (f"{REFOUNDINGS}0001", act() + b"\n"),
        (f"{REFOUNDINGS}0001", act().replace(b"v1", b"v2")),
        (f"{REFOUNDINGS}0001", act(head="x" * 40)),
        (f"{REFOUNDINGS}0001", act(seal="sha256:" + "a" * 63)),
        (f"{REFOUNDINGS}0001", act().replace(b"2026-03", b"2026-3")),
        ("records/trust/note", b"x"),
    ],
)
def test_a_file_of_trust_that_says_nothing(path: str, data: bytes) -> None:
    found = read_trust_state({path: data, ALLOWED_SIGNERS: TRUSTED, "records/staff.yaml": b"x"})
    assert (found.acceptances, found.refoundings, found.faults) == ((), (), (path,))


def test_everything_that_trust_says_at_once() -> None:
    files = {
        f"{ACCEPTED}12.yaml": vouched(),
        FIRST: vouched("TIME_FUTURE"),
        f"{REFOUNDINGS}0002": act(seal="sha256:" + "a" * 64),
        REVOCATIONS: retired(SPARE).encode(),
        ALLOWED_SIGNERS: TRUSTED,
        "records/staff.yaml": b"x",
        "records/trustworthy": b"x",
    }
    found = read_trust_state(files)
    assert found.file.entries == (CHIEF, SPARE, CLERK)
    assert [each.key for each in found.revocations.entries] == [SPARE.key.fingerprint]
    assert found.acceptances == (
        PaperAcceptance(FIRST, id_of(2), "TIME_FUTURE", "Сбой"),
        PaperAcceptance(f"{ACCEPTED}12.yaml", id_of(2), "SIG_MISSING", "Сбой"),
    )
    [said] = found.refoundings
    data = files[f"{REFOUNDINGS}0002"]
    assert (said.path, said.digest) == (f"{REFOUNDINGS}0002", hashlib.sha256(data).hexdigest())
    assert (said.head, said.seal, said.date) == (id_of(2), "a" * 64, "2026-03-02")
    assert (said.daily, said.recovery) == (key(4).fingerprint, key(5).fingerprint)
    assert found.faults == ()
    none = read_refounding("x", act())
    assert none is not None
    assert none.seal == ""
    assert read_acceptance("x", vouched()) is None
    assert read_trust_state({}) == NOTHING
    assert state_of(DictSnapshot(files)) == found


# what a change takes away


def state(
    trusted: Collection[TrustEntry] = (CHIEF, SPARE, CLERK),
    revoked: str = "",
    more: Mapping[str, bytes] | None = None,
) -> TrustState:
    """`more`: other files below `records/trust/`, by their names there."""
    files = {f"records/trust/{path}": data for path, data in (more or {}).items()}
    return read_trust_state(
        {ALLOWED_SIGNERS: compose_trust(trusted), REVOCATIONS: revoked.encode(), **files}
    )


def test_nothing_of_trust_is_taken_away_or_altered() -> None:
    name = SPARE.key.fingerprint
    files = {"accepted/1.yaml": vouched(), "refoundings/0001": act()}
    old = state(revoked=retired(SPARE) + retired(CLERK), more=files)
    assert list(list_removed(old, old)) == list(list_removed(NOTHING, old)) == []
    new = state(revoked=retired(CLERK), more={**files, "accepted/1.yaml": vouched(reason="Иное")})
    assert list(list_removed(old, new)) == [
        (REVOCATIONS, f"убрана строка о ключе {name}"), (FIRST, "убрано или изменено принятое"),
    ]  # fmt: skip
    gone = [REVOCATIONS, REVOCATIONS, FIRST, f"{REFOUNDINGS}0001"]
    assert [path for path, _ in list_removed(old, NOTHING)] == gone
    assert list(list_removed(old, NOTHING))[-1][1] == "убрано или изменено переучреждение"


def test_changes_of_trust_by_who_may_not() -> None:
    path, more = ALLOWED_SIGNERS, REVOCATIONS
    clerk = step(2, changed(path), added(more), added(CARD), before=state(), after=state())
    start = "список доверенных ключей изменён без права: "
    not_head = start + "сохранение подписал s003, а он не руководитель"
    assert told(history_rules.only_by_heads(chronicle(clerk))) == [
        ("TRUST_NOT_AUTHORISED", f"{path}@2", not_head),
        ("TRUST_NOT_AUTHORISED", f"{more}@2", not_head),
    ]
    for verdict, words in (
        (
            Verdict("good", CHIEF, "k"),
            "сохранение подписал s001, а его ключ к тому времени отозвали",
        ),
        (Verdict("missing"), "сохранение не подписано доверенным ключом"),
        (Verdict("unknown", key="k"), "сохранение не подписано доверенным ключом"),
        (Verdict("bad", CHIEF, "k"), "сохранение не подписано доверенным ключом"),
    ):
        bad = step(2, changed(path), verdict=verdict, before=state(), after=state())
        assert told(history_rules.only_by_heads(chronicle(bad))) == [
            ("TRUST_NOT_AUTHORISED", f"{path}@2", start + words)
        ]
    refounded = replace(bad, after=state(more={"refoundings/0001": act()}))
    words = "ключи заменены, а бумажного акта нет: papka verify --refounding ОТПЕЧАТОК-АКТА"
    assert [found.message for found in history_rules.only_by_heads(chronicle(refounded))] == [
        start + words
    ]
    assert list(history_rules.only_by_heads(chronicle(step(2, changed(CARD))))) == []
    assert list(history_rules.only_by_heads(chronicle(step(2, changed("records/trusty"))))) == []


def test_the_first_commit_is_judged_though_it_brings_no_trust() -> None:
    words = "список доверенных ключей изменён без права: сохранение не подписано доверенным ключом"
    root = step(1, added(CARD), verdict=Verdict("missing"))
    assert told(history_rules.only_by_heads(chronicle(root))) == [
        ("TRUST_NOT_AUTHORISED", f"{ALLOWED_SIGNERS}@1", words)
    ]
    good = step(1, added(ALLOWED_SIGNERS), authorised=True, by=CHIEF, after=state())
    assert list(history_rules.only_by_heads(chronicle(good))) == []


def test_lines_that_a_head_takes_away_or_misspells() -> None:
    bad = read_trust_state({ALLOWED_SIGNERS: compose_trust([CHIEF]) + b"x\n"})
    by_head = step(
        2, changed(ALLOWED_SIGNERS), by=CHIEF, authorised=True, before=state(), after=bad
    )
    gone = "список доверенных ключей изменён без права: убрана строка {} с ключом {}"
    assert told(history_rules.only_by_heads(chronicle(by_head))) == [
        ("TRUST_LINE_INVALID", f"{ALLOWED_SIGNERS}:2@2",
         "строка списка доверенных не принята: не по образцу"),
        ("TRUST_NOT_AUTHORISED", f"{ALLOWED_SIGNERS}@2",
         gone.format("s001", SPARE.key.fingerprint)),
        ("TRUST_NOT_AUTHORISED", f"{ALLOWED_SIGNERS}@2",
         gone.format("s003", CLERK.key.fingerprint)),
    ]  # fmt: skip
    # a line that never gave trust may go
    forged = TrustEntry("s009", STAFF, key(9))
    before = state((CHIEF, SPARE, CLERK, forged))
    cleaned = replace(by_head, before=before, after=state())
    assert list(history_rules.only_by_heads(chronicle(cleaned))) == []
    # faults that stood before are told where the file is touched again, and only there
    other = replace(by_head, changes=(added(FIRST),), before=bad, after=bad)
    assert list(history_rules.only_by_heads(chronicle(other))) == []
    taken = replace(by_head, before=state(revoked=retired(SPARE)), after=state())
    assert told(history_rules.only_by_heads(chronicle(taken))) == [
        ("TRUST_NOT_AUTHORISED", f"{REVOCATIONS}@2", ("список доверенных ключей изменён без права: "
         f"убрана строка о ключе {SPARE.key.fingerprint}")),
    ]  # fmt: skip


def test_what_says_nothing_in_the_end_is_told() -> None:
    end = state(revoked="x\n" + retired(SPARE) + "y\n", more={"note": b"x"})
    steps = (step(1, after=state(more={"other": b"x"})), step(2, after=end))
    assert told(history_rules.is_understood(chronicle(*steps))) == [
        ("REVOCATION_INVALID", f"{REVOCATIONS}:1", "строка отзыва ключа не принята: не по образцу"),
        ("REVOCATION_INVALID", f"{REVOCATIONS}:3", "строка отзыва ключа не принята: не по образцу"),
        ("TRUST_FILE_INVALID", "records/trust/note",
         "файл не по образцу или не на своём месте, он ничего не значит"),
    ]  # fmt: skip
    assert list(history_rules.is_understood(chronicle())) == []


def test_paper_acts_that_this_archive_never_met() -> None:
    said = read_refounding("x", act())
    assert said is not None
    met = replace(step(2), refounding=said)
    found = history_rules.unmet_acts([step(1), met], ["b" * 64, said.digest, "a" * 64])
    words = "по предъявленному акту {}… ключи в этом архиве не меняли"
    assert told(found) == [
        ("REFOUNDING_UNKNOWN", REFOUNDINGS, words.format("a" * 8)),
        ("REFOUNDING_UNKNOWN", REFOUNDINGS, words.format("b" * 8)),
    ]


# before it is signed


SCHOOL = {ALLOWED_SIGNERS: TRUSTED}
DAY = dt.date(2026, 2, 2)


def refused(
    changes: Mapping[str, bytes | None],
    by: TrustEntry = CHIEF,
    more: Mapping[str, bytes] | None = None,
) -> list[tuple[str, str, str]]:
    files = {**SCHOOL, **{f"records/trust/{name}": data for name, data in (more or {}).items()}}
    return told(judge_paths(by.staff, by.key, DictSnapshot(files), changes, day=DAY))


def test_who_may_sign_is_asked_before_there_is_a_commit() -> None:
    stranger = TrustEntry("s003", STAFF, key(9))
    fingerprint = stranger.key.fingerprint
    unknown = "сохранение подписано ключом {}, которому к тому времени никто не доверил"
    assert refused({CARD: b""}, stranger) == [
        ("SIG_UNKNOWN_KEY", ALLOWED_SIGNERS, unknown.format(fingerprint))
    ]
    assert told(judge_paths("s003", CLERK.key, DictSnapshot({}), {CARD: b""}, day=DAY)) == [
        ("SIG_UNKNOWN_KEY", ALLOWED_SIGNERS, unknown.format(CLERK.key.fingerprint))
    ]
    assert refused({CARD: b""}, replace(CLERK, staff="s004")) == [
        ("AUTHOR_MISMATCH", ALLOWED_SIGNERS, "сохранение подписал s003, а автор в нём — s004")
    ]
    taken = retired(CLERK).encode()
    how = f"а он больше не действует: он выведен после сохранения {id_of(1)[:12]}"
    assert refused({CARD: b""}, CLERK, more={"revocations": taken}) == [
        ("SIG_KEY_REVOKED", REVOCATIONS,
         f"сохранение подписано ключом {CLERK.key.fingerprint}, {how}"),
    ]  # fmt: skip
    assert refused({CARD: b""}, CHIEF, more={"revocations": taken}) == []
    heads = DictSnapshot(SCHOOL)
    assert [is_head(each.key, heads) for each in (CHIEF, SPARE, CLERK, stranger)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert not is_head(CHIEF.key, DictSnapshot({}))


def test_what_staff_may_not_save() -> None:
    before = DictSnapshot({**SCHOOL, "records/orders/2025/0001.pdf": b"x"})
    changes = {
        CARD: b"x", "records/orders/2025/0001.pdf": b"y", "records/orders/2025/0002.pdf": b"y",
        "records/media/2025.yaml": None, REVOCATIONS: b"", "README.md": b"",
    }  # fmt: skip
    may_not = "s003 — не руководитель и {} не вправе"
    assert told(judge_paths("s003", CLERK.key, before, changes, day=DAY)) == [
        ("SIGNER_NOT_ALLOWED", "records/orders/2025/0001.pdf",
         may_not.format("заменять скан приказа")),
        ("SIGNER_NOT_ALLOWED", "records/media/2025.yaml", may_not.format("удалять запись журнала")),
        ("TRUST_NOT_AUTHORISED", REVOCATIONS,
         "список доверенных ключей изменён без права: s003 — не руководитель"),
        ("SIGNER_NOT_ALLOWED", "README.md", may_not.format("менять этот файл")),
    ]  # fmt: skip
    assert (
        told(judge_paths("s001", CHIEF.key, before, {**changes, REVOCATIONS: b"#\n"}, day=DAY))
        == []
    )


def test_a_change_of_trust_that_would_be_bad_for_ever() -> None:
    unauthorised = "список доверенных ключей изменён без права: "
    assert refused({CARD: b"x"}, more={"note": b"x"}) == []
    assert refused({ALLOWED_SIGNERS: compose_trust([CHIEF, SPARE]) + b"x\n"}) == [
        ("TRUST_NOT_AUTHORISED", ALLOWED_SIGNERS,
         f"{unauthorised}убрана строка s003 с ключом {CLERK.key.fingerprint}"),
        ("TRUST_LINE_INVALID", f"{ALLOWED_SIGNERS}:3",
         "строка списка доверенных не принята: не по образцу"),
    ]  # fmt: skip
    assert refused({REVOCATIONS: b""}, more={"revocations": retired(CLERK).encode()}) == [
        ("TRUST_NOT_AUTHORISED", REVOCATIONS,
         f"{unauthorised}убрана строка о ключе {CLERK.key.fingerprint}"),
    ]  # fmt: skip
    assert refused({f"{REFOUNDINGS}0001": act(), f"{REFOUNDINGS}0002": act()}) == [
        ("TRUST_NOT_AUTHORISED", f"{REFOUNDINGS}0002",
         f"{unauthorised}ключи по акту заменяет только papka trust refound"),
    ]  # fmt: skip
    assert refused({REVOCATIONS: b"x\n", "records/trust/note": b""}) == [
        ("REVOCATION_INVALID", f"{REVOCATIONS}:1", "строка отзыва ключа не принята: не по образцу"),
        ("TRUST_FILE_INVALID", "records/trust/note",
         "файл не по образцу или не на своём месте, он ничего не значит"),
    ]  # fmt: skip
    assert refused({FIRST: vouched("SIG_BAD")}) == [
        ("ACCEPTANCE_VOID", FIRST, "признать SIG_BAD нельзя")
    ]
    assert refused({FIRST: vouched()}) == []
    assert (
        refused({f"{ACCEPTED}2.yaml": vouched()}, more={"accepted/1.yaml": vouched("SIG_BAD")})
        == []
    )


def test_codes_that_can_be_accepted_are_named() -> None:
    found = judge_trust(CHIEF, DictSnapshot(SCHOOL), {FIRST: vouched("SIG_BAD")})
    [hint] = [each.hint for each in found]
    assert hint == f"Признают: {', '.join(sorted(ACCEPTABLE))}"


def test_keys_taken_away_beforehand() -> None:
    mine, other = retired(CHIEF), retired(SPARE)
    nobody = retired(TrustEntry("s009", STAFF, key(9)))
    no_head = ("NO_HEAD_LEFT", REVOCATIONS,
               "после этого не останется ни одного действующего ключа руководителя")  # fmt: skip
    own = (
        "SIG_KEY_REVOKED",
        REVOCATIONS,
        (
            f"сохранение подписано ключом {CHIEF.key.fingerprint}, а он больше не действует: "
            f"он выведен после сохранения {id_of(1)[:12]}"
        ),
    )
    assert refused({REVOCATIONS: other.encode()}) == []
    assert refused({REVOCATIONS: mine.encode()}) == [own]
    assert refused({REVOCATIONS: (mine + other).encode()}) == [own, no_head]
    assert refused({REVOCATIONS: nobody.encode()}) == [
        ("REVOCATION_INVALID", REVOCATIONS, ("строка отзыва ключа не принята: ключа "
         f"{key(9).fingerprint} в списке доверенных нет")),
    ]  # fmt: skip
    both = (other + retired(CLERK)).encode()
    assert refused({REVOCATIONS: both}, more={"revocations": other.encode()}) == []
    # the last key of a head goes, and a new one comes with it
    new = compose_trust([CHIEF, SPARE, CLERK, TrustEntry("s001", HEAD, key(6))])
    change = {REVOCATIONS: (mine + other).encode(), ALLOWED_SIGNERS: new}
    assert refused(change) == [own]


# the history judged


def signed(made: Commit, by: bytes | None) -> Commit:
    return replace(made, signature=None if by is None else by.decode())


def test_verdicts_on_signatures_that_no_key_is_asked_about() -> None:
    trust = {CLERK.key: CLERK}
    core = rebuild(CLERK.key, "git", bytes(64))
    assert judge_signature(commit(2), trust) == Verdict("missing")
    assert judge_signature(signed(commit(2), b"x"), trust) == Verdict(
        "bad", detail="это не подпись ssh"
    )
    other = rebuild(CLERK.key, "file", bytes(64))
    assert judge_signature(signed(commit(2), other.encode()), trust) == Verdict(
        "bad", key=CLERK.key.fingerprint, detail="она сделана не для сохранения архива"
    )
    assert judge_signature(signed(commit(2), core.encode()), trust) == Verdict(
        "bad", key=CLERK.key.fingerprint, detail="она не подходит к содержимому сохранения"
    )
    longer = signed(commit(2), f"{core}\n".encode())
    assert judge_signature(longer, trust) == Verdict(
        "altered", detail="до, после или внутри подписи есть посторонний текст"
    )


def test_a_commit_of_no_readable_parent_is_judged_by_its_own_trust() -> None:
    """Nothing is known before it; what it holds is taken as it is found."""
    states = {id_of(n): state() for n in (1, 2, 9)}
    steps = judge_commits([commit(1), commit(2), commit(9)], {id_of(2): (added(CARD),)}, states)
    assert [each.is_root for each in steps] == [True, False, False]
    assert [sorted(e.staff for e in each.trust.values()) for each in steps] == [
        ["s001", "s001", "s003"]
    ] * 3
    assert steps[1].changes == (added(CARD),)
    assert [each.before is NOTHING for each in steps] == [True, False, False]
    assert standing_of(steps) == steps[-1].standing
    assert standing_of([]) == TrustHistory()
    assert chronicle(*steps).by_id[id_of(2)] is steps[1]
    assert chronicle(*steps).standing is steps[-1].standing


def test_a_word_of_trust_counts_from_the_commit_that_says_it() -> None:
    until = {id_of(n): frozenset(map(id_of, range(1, n + 1))) for n in range(1, 5)}
    until["root"] = frozenset({id_of(1)})

    def line(at: str) -> frozenset[str]:
        return until.get(at, frozenset())

    first = TrustHistory().grown(state(), None, line)
    assert (first.origins, first.cuts, first.accepted) == ({}, {}, {})
    new = TrustEntry("s004", STAFF, key(8))
    said = state((new,), retired(CLERK, id_of(2)) + retired(SPARE, id_of(9)),
                 more={"accepted/1.yaml": vouched()})  # fmt: skip
    grown = first.grown(said, (id_of(3), CHIEF.key), line)
    assert grown.trust == {**first.trust, new.key: new}
    assert grown.origins == {new.key: (id_of(3), CHIEF.key)}
    assert [cut.until for cut in grown.cuts[CLERK.key.fingerprint]] == [until[id_of(2)]]
    assert [cut.until for cut in grown.cuts[SPARE.key.fingerprint]] == [until["root"]]
    assert grown.accepted == {(id_of(2), "SIG_MISSING"): (Accepted(FIRST, (id_of(3), CHIEF.key)),)}
    assert grown.accepted_in(id_of(2), "SIG_MISSING") == FIRST
    assert grown.accepted_in(id_of(2), "TIME_FUTURE") is None
    again = grown.grown(said, (id_of(4), SPARE.key), line)
    assert (again.cuts, again.origins) == (grown.cuts, grown.origins)
    assert len(again.accepted[id_of(2), "SIG_MISSING"]) == 2
    more = grown.grown(state((), retired(CLERK, id_of(1))), (id_of(4), CHIEF.key), line)
    assert len(more.cuts[CLERK.key.fingerprint]) == 2
    assert more.revoked(CLERK.key, id_of(2)) == Revocation(
        CLERK.key.fingerprint, id_of(1), is_compromised=False
    )
    assert more.revoked(CLERK.key, id_of(1)) is None


def test_a_word_taken_as_it_is_found_stands_though_its_key_is_cut() -> None:
    cut = TrustCut(Revocation(CHIEF.key.fingerprint, "root", is_compromised=True), frozenset())
    cuts = {CHIEF.key.fingerprint: (cut,)}
    at = (id_of(2), "SIG_MISSING")
    by_thief = Accepted("a", (id_of(3), CHIEF.key))
    assert TrustHistory(cuts=cuts, accepted={at: (by_thief,)}).accepted_in(*at) is None
    assert TrustHistory(cuts=cuts, accepted={at: (by_thief, Accepted("b"))}).accepted_in(*at) == "b"
    assert TrustHistory(accepted={at: (by_thief, Accepted("b"))}).accepted_in(*at) == "a"


# what a head accepts


def vouching(code: str, at: int = 2) -> TrustHistory:
    return TrustHistory(accepted={(id_of(at), code): (Accepted(FIRST),)})


def test_an_accepted_finding_is_told_once_as_accepted() -> None:
    standing = vouching("SIG_MISSING")
    torn = step(2, added(CARD), verdict=Verdict("missing"), by=None)
    at = Location("a", commit=id_of(2))
    twice = [
        verify_codes.SIG_MISSING.at(at, commit="x"),
        verify_codes.SIG_MISSING.at(replace(at, path="b"), commit="x"),
        verify_codes.SIG_MISSING.at(Location(commit=id_of(3)), commit="x"),
        verify_codes.SIG_BAD.at(at, detail="x"),
        verify_codes.REPO_HOOKS.at(Location(), names="x"),
    ]
    found = soften_accepted(twice, standing, [torn, step(3)])
    words = f"отклонение SIG_MISSING признано руководителем: {FIRST}"
    assert told(found)[0] == ("COMMIT_ACCEPTED", "@2", words)
    assert codes(found) == ["COMMIT_ACCEPTED", "SIG_MISSING", "SIG_BAD", "REPO_HOOKS"]
    assert soften_accepted(twice, TrustHistory(), [torn]) == twice
    assert is_accepted(torn, "SIG_MISSING", standing)
    assert not is_accepted(torn, "MERGE_COMMIT", standing)
    assert not is_accepted(step(3), "SIG_MISSING", standing)


def test_what_is_the_heads_is_accepted_only_where_a_head_stands_behind_it() -> None:
    standing = TrustHistory()
    for at, changes in ((2, (added(CARD),)), (3, (added(CARD), changed("README.md")))):
        torn = step(at, *changes, verdict=Verdict("missing"))
        assert may_be_accepted(torn, "SIG_MISSING", standing) is (at == 2)
    heads = step(4, changed("README.md"), by=CHIEF, authorised=True)
    assert may_be_accepted(heads, "TIME_FUTURE", standing)
    assert not may_be_accepted(heads, "SIG_BAD", standing)
    assert not may_be_accepted(replace(heads, authorised=False), "TIME_FUTURE", standing)
    cut = TrustCut(Revocation(CHIEF.key.fingerprint, "root", is_compromised=True), frozenset())
    taken = TrustHistory(cuts={CHIEF.key.fingerprint: (cut,)})
    assert not may_be_accepted(heads, "TIME_FUTURE", taken)
    assert may_be_accepted(replace(heads, changes=(added(CARD),)), "TIME_FUTURE", taken)


def test_an_accepted_clock_is_nobodys_parents_time() -> None:
    wrong = step(2, added(CARD), made=commit(2, author=person(time=START + 99_999)))
    wrong = replace(wrong, standing=vouching("TIME_FUTURE"))
    after = step(3, made=commit(3, author=person(time=START - 3)), standing=wrong.standing)
    found = told(commit_rules.times_in_order(chronicle(step(1), wrong, after)))
    assert [(code, where) for code, where, _ in found] == [
        ("TIME_FUTURE", "@2"), ("TIME_SLIGHTLY_BACKWARDS", "@3"),
    ]  # fmt: skip
    honest = replace(after, standing=TrustHistory())
    assert codes(commit_rules.times_in_order(chronicle(step(1), wrong, honest))) == [
        "TIME_FUTURE", "TIME_BACKWARDS",
    ]  # fmt: skip


# both keys lost


NEW = (TrustEntry("s001", HEAD, key(4)), TrustEntry("s001", HEAD, key(5)))
ACT_PATH = f"{REFOUNDINGS}0001"
DUE = (changed(ALLOWED_SIGNERS), added(REVOCATIONS), added(ACT_PATH))
ENDED = retired(CHIEF, id_of(2)) + retired(SPARE, id_of(2))


def refounded(  # noqa: PLR0913 - each test bends one of these
    trusted: Collection[TrustEntry] = (CHIEF, SPARE, CLERK, *NEW),
    revoked: str = ENDED,
    changes: Collection[FileChange] = DUE,
    *,
    before: TrustState | None = None,
    said: bytes = act(),
    made: Commit | None = None,
    signer: str = "",
    digest: str = "",
    more: Mapping[str, bytes] | None = None,
) -> bool:
    after = state(trusted, revoked, {"refoundings/0001": said, **(more or {})})
    paper = [digest or hashlib.sha256(said).hexdigest()]
    known = state() if before is None else before
    found = find_paper_act(
        made or commit(3), changes, known, after, paper, signer or key(4).fingerprint
    )
    return found is not None


def test_a_refounding_is_exactly_what_paper_says() -> None:
    assert refounded()
    assert not refounded(digest="0" * 64)
    assert not refounded(signer=key(5).fingerprint)
    assert not refounded(made=commit(4))
    assert not refounded(made=commit(3, parents=(id_of(2), id_of(1))))
    assert not refounded(changes=(*DUE, changed(CARD)))
    assert not refounded(changes=DUE[:2])


@pytest.mark.parametrize(
    "trusted",
    [
        (CHIEF, SPARE, CLERK, NEW[0]),
        (CHIEF, SPARE, CLERK, *reversed(NEW)),
        (CHIEF, SPARE, CLERK, *NEW, TrustEntry("s009", STAFF, key(9))),
        (CHIEF, SPARE, CLERK, NEW[0], replace(NEW[1], namespaces=STAFF)),
        (CHIEF, CLERK, *NEW),
        (SPARE, CHIEF, CLERK, *NEW),
    ],
)
def test_a_refounding_that_trusts_otherwise(trusted: tuple[TrustEntry, ...]) -> None:
    assert not refounded(trusted)


@pytest.mark.parametrize(
    "revoked",
    [
        "",
        retired(CHIEF, id_of(2)),
        retired(CHIEF, id_of(2)) + retired(SPARE, id_of(1)),
        ENDED.replace("retired", "compromised").replace(" at ", " after "),
        ENDED + retired(CLERK, id_of(2)),
        ENDED + "x\n",
    ],
)
def test_a_refounding_that_takes_away_otherwise(revoked: str) -> None:
    assert not refounded(revoked=revoked)


def test_a_refounding_keeps_all_that_was_said_before() -> None:
    said = retired(CLERK, id_of(1))
    before = state(revoked=said, more={"accepted/1.yaml": vouched()})
    kept = {"accepted/1.yaml": vouched()}
    assert refounded(revoked=said + ENDED, before=before, more=kept)
    assert not refounded(revoked=ENDED + said, before=before, more=kept)
    assert not refounded(revoked=said + ENDED, before=before)
    assert not refounded(more={"note": b"x"})
    assert not refounded(before=state(more={"refoundings/0001": act()}))


def test_two_acts_at_once_are_none() -> None:
    both = state(more={"refoundings/0001": act(), "refoundings/0002": act()})
    assert new_refounding(NOTHING, both) is None
    one = new_refounding(state(more={"refoundings/0001": act()}), both)
    assert one is not None
    assert one.path == f"{REFOUNDINGS}0002"
    assert new_refounding(both, both) is None
    same = state(more={"refoundings/0001": act()})
    digest = same.refoundings[0].digest
    assert find_paper_act(commit(3), DUE, same, same, [digest], key(4).fingerprint) is None


# warnings of steps


def warned(at: int, code: str = "order") -> Finding:
    where = Location("records/orders/2025/0001.yaml", commit=id_of(at))
    if code == "order":
        words: dict[str, Any] = dict.fromkeys(ORDER_CHANGED.fields, "поле")
        return ORDER_CHANGED.at(where, **words)
    return verify_codes.SIG_MISSING.at(where, commit="")


def sealing(at: int, number: int) -> HistoryStep:
    return step(at, added(f"records/seals/{number:04}.seal"), by=CHIEF)


def test_what_only_a_head_may_do_is_an_error_of_others() -> None:
    other = warned(2, "other")
    assert list(proof_chronicle.raise_unless_head([warned(2), other], is_head=True)) == [
        warned(2),
        other,
    ]
    found = list(proof_chronicle.raise_unless_head([warned(2), other], is_head=False))
    assert codes(found) == ["ORDER_NOT_BY_HEAD", "SIG_MISSING"]
    assert found[0].message == f"{warned(2).message}, а сохранил это не руководитель"
    assert found[0].where == warned(2).where
    assert "records/orders/2025/0001.yaml" in found[0].hint


def test_steps_before_the_last_seal_are_told_by_their_number() -> None:
    steps = [step(1), step(2), sealing(3, 1), step(4), sealing(5, 2), step(6)]
    findings = [warned(2), warned(2), warned(4), warned(6), warned(2, "other")]
    found = proof_chronicle.summarise_sealed_warnings(findings, steps)
    assert found[:2] == [warned(6), warned(2, "other")]
    assert told(found[2:]) == [
        ("WARNED_BEFORE_SEAL", "", "до пломбы № 0002 приказы и сканы меняли, таких сохранений: 2")
    ]
    assert proof_chronicle.summarise_sealed_warnings(findings, steps[:2]) == findings
    at_seal = proof_chronicle.summarise_sealed_warnings([warned(5)], steps)
    assert codes(at_seal) == ["WARNED_BEFORE_SEAL"]
    assert proof_chronicle.summarise_sealed_warnings([warned(6)], steps) == [warned(6)]
    odd = [
        step(1),
        step(2, changed("records/seals/0001.seal")),
        step(3, added("records/seals/0001.units")),
    ]
    assert proof_chronicle.summarise_sealed_warnings([warned(1)], odd) == [warned(1)]
    assert proof_chronicle.is_reported(warned(1))
    assert proof_chronicle.is_reported(warned(1, "other"))
    assert not proof_chronicle.is_reported(
        verify_codes.COMMIT_ACCEPTED.at(Location(), code="x", file="y")
    )


# signatures


def bent(**more: bytes) -> str:
    """A signature of zeros with some part of it another."""
    kind = more.get("kind", b"ssh-ed25519")
    inner = more.get("inner", wire_string(kind) + wire_string(more.get("point", bytes(64))))
    blob = more.get("magic", b"SSHSIG") + more.get("version", b"\0\0\0\1")
    blob += (
        wire_string(more.get("key", key(3).blob))
        + wire_string(b"git")
        + wire_string(more.get("reserved", b""))
    )
    blob += wire_string(more.get("digest", b"sha512")) + wire_string(inner) + more.get("rest", b"")
    text = base64.b64encode(blob).decode()
    width = int(more.get("width", b"70"))
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    start, end = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
    return "\n".join([start, *lines, end, ""])


@pytest.mark.parametrize(
    ("armored", "why"),
    [
        ("", "это не подпись ssh"),
        ("x" + bent(), "это не подпись ssh"),
        (bent().removesuffix("\n"), "это не подпись ssh"),
        (bent().replace("AAAAA", "A=AAA", 1), "подпись записана не в base64"),
        (bent(magic=b"SSHSIG2"), "это не подпись ssh первой версии"),
        (bent(magic=b"sshsig"), "это не подпись ssh первой версии"),
        (bent(version=b"\0\0\0\2"), "это не подпись ssh первой версии"),
        (
            bent(key=b"x"),
            "ключ не ssh-ed25519, не ecdsa-sha2-nistp384 и не sk-ssh-ed25519 с приложением «ssh:»",
        ),
        (bent(kind=b"ssh-rsa"), "вид подписи не совпадает с видом ключа"),
        (bent(point=bytes(63)), "длина подписи не 64 байта"),
        (bent(point=bytes(65)), "длина подписи не 64 байта"),
        (bent(inner=b"\0\0\0\x0bssh-ed25519\0\0\0\x40"), "подпись обрывается"),
        (bent(inner=b""), "подпись обрывается"),
    ],
)
def test_what_is_no_signature_of_a_kind_we_know(armored: str, why: str) -> None:
    with pytest.raises(UnreadableSignature) as refused_:
        read(armored)
    assert str(refused_.value) == why


_ORDER = 2**252 + 27742317777372353535851937790883648493


def _scalar(value: int) -> bytes:
    return bytes(32) + value.to_bytes(32, "little")


@pytest.mark.parametrize(
    ("armored", "why"),
    [
        (bent(rest=b"\0"), "в подписи есть лишние байты"),
        (bent(reserved=b"\0"), "в подписи есть лишние байты"),
        (bent(inner=b"\0\0\0\x0bssh-ed25519\0\0\0\x40" + bytes(65)), "в подписи есть лишние байты"),
        (bent(digest=b"sha256"), "другая контрольная сумма вместо sha512"),
        (bent(point=_scalar(_ORDER)), "число S больше порядка группы"),
        (bent(point=_scalar(_ORDER + 1)), "число S больше порядка группы"),
        (bent(width=b"76"), "до, после или внутри подписи есть посторонний текст"),
        (bent() + "x", "до, после или внутри подписи есть посторонний текст"),
        (bent() + bent(), "до, после или внутри подписи есть посторонний текст"),
    ],
)
def test_a_signature_in_another_spelling(armored: str, why: str) -> None:
    with pytest.raises(Altered) as refused_:
        read(armored)
    assert str(refused_.value) == why


def test_the_one_spelling_is_read_and_made_again() -> None:
    last = read(bent(point=_scalar(_ORDER - 1)))
    assert (last.key, last.namespace, last.tail) == (key(3), b"git", b"")
    assert last.core == _scalar(_ORDER - 1)
    assert rebuild(key(3), "git", last.core) == bent(point=_scalar(_ORDER - 1))
    token = replace(key(3), kind="sk-ssh-ed25519@openssh.com")
    kind, tail = token.kind.encode(), b"\x05\0\0\0\7"
    inner = b"\0\0\0\x1a" + kind + b"\0\0\0\x40" + bytes(64) + tail
    assert read(bent(key=token.blob, inner=inner)).core == bytes(64) + tail
    assert rebuild(token, "git", bytes(64) + tail) == bent(key=token.blob, inner=inner)
    for flags, why in ((b"\x04", "ключ-токен подписал без прикосновения"),):
        with pytest.raises(Altered, match=why):
            read(bent(key=token.blob, inner=inner[:-5] + flags + inner[-4:]))
    with pytest.raises(UnreadableSignature, match="подпись обрывается"):
        read(bent(key=token.blob, inner=inner[:-1]))
    with pytest.raises(Altered, match="лишние"):
        read(bent(key=token.blob, inner=inner + b"\0"))


def test_a_person_of_a_commit_is_only_read_whole() -> None:
    """An author with two addresses is no commit at all, so that nobody is compared with half."""
    who = GitPerson("s003", "s003@papka.invalid", START, "+0300")
    raw = compose_commit("4" * 40, [], who, who, "x")
    assert parse_commit("1", raw).author == who
