"""Each rule of history on values: where it begins and ends, and every word it says."""

from __future__ import annotations

import pytest

from papka.proof import chronicle as proof_chronicle
from papka.proof import commit_rules, history_rules
from papka.proof.chronicle import Verdict, explain_forbidden, is_reserved_for_head
from papka.proof.trusted_keys import ROOT, Revocation, TrustCut, TrustHistory
from papka.repository.git_values import (
    EXECUTABLE,
    FILE,
    LINK,
    SUBMODULE,
    GitPerson,
    compose_commit,
    parse_commit,
)
from tests.proof.values import (
    CHIEF,
    CLERK,
    START,
    added,
    changed,
    chronicle,
    codes,
    commit,
    deleted,
    id_of,
    key,
    person,
    step,
    told,
)

CARD = "records/students/2025/2025-0001/student.yaml"
SCAN = "records/orders/2025/0001.pdf"


def test_a_merge_names_how_many_parents_it_has() -> None:
    three = commit(5, parents=(id_of(2), id_of(3), id_of(4)))
    found = list(commit_rules.no_merges(chronicle(step(1), step(2), step(5, made=three))))
    assert told(found) == [
        ("MERGE_COMMIT", "@5", "сохранение соединяет две истории: у него 3 родителя")
    ]
    assert id_of(5) in found[0].hint


@pytest.mark.parametrize(
    ("back", "found"),
    [
        (0, []),
        (1, [("TIME_SLIGHTLY_BACKWARDS", "сохранение датировано раньше предыдущего на 1 с")]),
        (600, [("TIME_SLIGHTLY_BACKWARDS", "сохранение датировано раньше предыдущего на 600 с")]),
        (601, [("TIME_BACKWARDS", "сохранение датировано раньше предыдущего на 10 мин")]),
        (7200, [("TIME_BACKWARDS", "сохранение датировано раньше предыдущего на 120 мин")]),
    ],
)
def test_a_clock_that_went_back(back: int, found: list[tuple[str, str]]) -> None:
    """The committer's clock counts: an author's time stays when a save is replayed."""
    late = commit(2, author=person(time=START - 9999), committer=person(time=START - back))
    said = told(commit_rules.times_in_order(chronicle(step(1), step(2, made=late))))
    assert said == [(code, "@2", words) for code, words in found]


@pytest.mark.parametrize(
    ("ahead", "found"),
    [
        (600, []),
        (601, [("TIME_FUTURE", "@1", "сохранение датировано будущим: на 10 мин вперёд")]),
        (1260, [("TIME_FUTURE", "@1", "сохранение датировано будущим: на 21 мин вперёд")]),
    ],
)
def test_a_clock_ahead_of_ours(ahead: int, found: list[tuple[str, str, str]]) -> None:
    assert told(commit_rules.times_in_order(chronicle(step(1), now=START - ahead))) == found


def test_the_later_of_two_parents_is_gone_by() -> None:
    sides = (step(2, made=commit(2, author=person(time=START + 9000))), step(3))
    joined = commit(4, parents=(id_of(2), id_of(3)), author=person(time=START + 30))
    found = codes(
        commit_rules.times_in_order(
            chronicle(step(1), *sides, step(4, made=joined), now=START + 9000)
        )
    )
    assert found == ["TIME_BACKWARDS", "TIME_BACKWARDS"]


@pytest.mark.parametrize(
    ("old", "new", "headers_"),
    [
        (b"\n\n", b"\nencoding koi8-r\nmergetag x\n\n", "encoding, mergetag"),
        ("Правка".encode(), b"a\0b", "нулевой байт"),
        (b"+0300", b"+0360", "часовой пояс, которого не бывает"),
        (b"+0300\ncommitter", b"+2400\ncommitter", "часовой пояс, которого не бывает"),
        (b"+0300\n\n", b"+2400\n\n", "часовой пояс, которого не бывает"),
        (b"+0300\n\n", b"-0060\n\n", "часовой пояс, которого не бывает"),
        (b" 1772442000", b" 01772442000", "необычная запись заголовка"),
        (b"author", b"x y\nauthor", "x"),
    ],
)
def test_what_a_signature_covers_and_no_reader_sees(old: bytes, new: bytes, headers_: str) -> None:
    raw = commit(2).signed_payload
    assert old in raw
    bent = parse_commit(id_of(2), raw.replace(old, new, 1))
    found = told(commit_rules.nothing_hidden(chronicle(step(1), step(2, made=bent))))
    assert found == [
        ("HEADER_UNEXPECTED", "@2", f"в сохранении есть лишнее или переставленное: {headers_}")
    ]


def test_a_signature_in_a_commit_hides_nothing() -> None:
    who = person()
    raw = compose_commit("4" * 40, [], who, who, "Правка\n", "-----BEGIN\nx\n-----END\n")
    assert (
        list(commit_rules.nothing_hidden(chronicle(step(made=parse_commit(id_of(1), raw))))) == []
    )


@pytest.mark.parametrize(
    ("name", "email", "named"),
    [
        ("s004", "s004@papka.invalid", "s004"),
        ("s003", "s004@papka.invalid", "s004"),
        ("Калина", "s003@papka.invalid", "s003"),
        ("s003", "калина@papka.invalid", "кто-то другой"),
        ("s003", "kalina.e@kust.invalid", "кто-то другой"),
        ("s003", "", "кто-то другой"),
    ],
)
def test_a_name_that_is_not_the_signers_is_not_repeated(name: str, email: str, named: str) -> None:
    other = GitPerson(name, email, START, "+0300")
    for role, made in (
        ("автор", commit(2, author=other, committer=person())),
        ("записавший", commit(2, author=person(), committer=other)),
    ):
        found = told(commit_rules.is_the_signer(chronicle(step(2, made=made))))
        words = f"сохранение подписал s003, а {role} в нём — {named}"
        assert found == [("AUTHOR_MISMATCH", "@2", words)]


def test_only_a_signer_can_be_compared_with_an_author() -> None:
    nobody = step(2, verdict=Verdict("unknown", key="SHA256:x"))
    both = step(3, made=commit(3, author=person("s009")))
    assert codes(commit_rules.is_the_signer(chronicle(nobody, both))) == ["AUTHOR_MISMATCH"] * 2


def test_every_kind_of_signature_is_told_in_its_own_words() -> None:
    taken = Revocation(CLERK.key.fingerprint, id_of(3), is_compromised=False)
    standing = TrustHistory(cuts={CLERK.key.fingerprint: (TrustCut(taken, frozenset({id_of(1)})),)})
    steps = (
        step(1),
        step(2, verdict=Verdict("missing")),
        step(3, verdict=Verdict("altered", detail="лишнее")),
        step(4, verdict=Verdict("bad", key="SHA256:k", detail="не та")),
        step(5, verdict=Verdict("unknown", key="SHA256:k")),
        step(6, standing=standing),
    )
    found = list(commit_rules.signatures_are_good(chronicle(*steps)))
    gone = f"он выведен после сохранения {id_of(3)[:12]}"
    assert told(found) == [
        ("SIG_MISSING", "@2", "сохранение не подписано"),
        ("SIG_MALLEABLE", "@3", "подпись записана не в единственно допустимом виде: лишнее"),
        ("SIG_BAD", "@4", "подпись сохранения неверна: не та"),
        ("SIG_UNKNOWN_KEY", "@5", ("сохранение подписано ключом SHA256:k, которому к тому времени "
         "никто не доверил")),
        ("SIG_KEY_REVOKED", "@6", (f"сохранение подписано ключом {CLERK.key.fingerprint}, а он "
         f"больше не действует: {gone}")),
    ]  # fmt: skip
    assert id_of(2) in found[0].hint


@pytest.mark.parametrize(
    ("commit_", "is_compromised", "own", "how"),
    [
        ("a" * 40, False, True, "он выведен после сохранения aaaaaaaaaaaa"),
        ("a" * 40, True, True, "с сохранения aaaaaaaaaaaa им могут владеть посторонние"),
        (ROOT, True, True, "с первого сохранения им могут владеть посторонние"),
        (ROOT, False, False, "его вписал ключ SHA256:o, а он выведен после первого сохранения"),
    ],
)
def test_why_a_key_counts_no_more(
    commit_: str,
    how: str,
    *,
    own: bool,
    is_compromised: bool,
) -> None:
    word = Revocation("SHA256:o", commit_, is_compromised=is_compromised)
    assert commit_rules.explain_revocation(word, "SHA256:o" if own else "SHA256:new") == how


def test_a_key_given_by_one_that_was_cut_counts_no_more() -> None:
    """Whoever trusted it is followed back; a key nobody gave ends the search."""
    cut = Revocation(CHIEF.key.fingerprint, id_of(1), is_compromised=True)
    standing = TrustHistory(
        origins={CLERK.key: (id_of(2), CHIEF.key)},
        cuts={CHIEF.key.fingerprint: (TrustCut(cut, frozenset({id_of(1)})),)},
    )
    assert standing.revoked(CLERK.key, id_of(7)) == cut
    assert standing.revoked(CHIEF.key, id_of(1)) is None
    assert standing.revoked(key(9), id_of(7)) is None
    early = TrustHistory(origins={CLERK.key: (id_of(1), CHIEF.key)}, cuts=standing.cuts)
    assert early.revoked(CLERK.key, id_of(7)) is None


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("records/students/a_B-1.yaml", ""),
        ("a/-b.yaml", "начинается с дефиса"),
        ("-b.yaml", "начинается с дефиса"),
        ("a/b c!.yaml", "знаки U+0020, U+0021"),
        ("a\\b", "знаки U+005C"),
        ("я.yaml", "знаки U+044F"),
        ("records/con.yaml", "оно служебное: в Windows или в git"),
        ("records/NUL/x", "оно служебное: в Windows или в git"),
        ("lpt1", "оно служебное: в Windows или в git"),
        ("console.yaml", ""),
        ("a/.git/x", "оно служебное: в Windows или в git"),
        ("git~1", "знаки U+007E"),
        ("git/x", "оно служебное: в Windows или в git"),
        ("a.git/x", ""),
        ("folder./x", "оно служебное: в Windows или в git"),
        ("x.yaml.", "оно служебное: в Windows или в git"),
    ],
)
def test_names_that_some_system_reads_otherwise(path: str, found: str) -> None:
    said = told(commit_rules.paths_are_safe(chronicle(step(1, added(path)))))
    words = f"недопустимое имя файла или папки: {found}"
    assert said == ([("PATH_UNSAFE", f"{path}@1", words)] if found else [])


def test_a_bad_name_is_told_once_and_shown_without_what_a_terminal_obeys() -> None:
    odd, loose = "records/a\x1b[31m\n.yaml", "records/и\u0306.yaml"
    steps = (step(1, added(odd), added(loose)), step(2, changed(odd), deleted(loose)))
    assert told(commit_rules.paths_are_safe(chronicle(*steps))) == [
        (
            "PATH_UNSAFE",
            "records/a\\u001b[31m\\u000a.yaml@1",
            "недопустимое имя файла или папки: знаки U+000A, U+001B, U+005B",
        ),
        ("PATH_NOT_NFC", "records/и\u0306.yaml@1", ("имя записано разложенными знаками Unicode "
         "(не NFC)")),
    ]  # fmt: skip


def test_a_good_name_vouches_for_no_other() -> None:
    """A name known from a good folder, in a bad one, and a bad name in a known folder."""
    steps = (
        step(1, added("good/a.yaml"), added("good/b.yaml"), added("b d/a.yaml")),
        step(2, added("good/c c.yaml"), added("b d/b.yaml"), deleted("e e")),
        step(3, added("good/a.yaml"), added("con/a.yaml"), added("a.yaml")),
    )
    said = told(commit_rules.paths_are_safe(chronicle(*steps)))
    assert [where for _, where, _ in said] == [
        "b d/a.yaml@1", "good/c c.yaml@2", "b d/b.yaml@2", "con/a.yaml@3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "path", "found"),
    [
        (LINK, CARD, ("PATH_SYMLINK", "вместо файла — ссылка на другое место")),
        (SUBMODULE, CARD, ("PATH_SUBMODULE", "вместо папки — чужой репозиторий (submodule)")),
        (LINK, "tools/x", ("PATH_SYMLINK", "вместо файла — ссылка на другое место")),
        (EXECUTABLE, CARD, ("FILE_MODE", None)),
        (EXECUTABLE, "tools/x", None),
        (EXECUTABLE, "a/tools/x", ("FILE_MODE", None)),
        (FILE, CARD, None),
        ("100664", CARD, None),  # which the check of objects tells
    ],
)
def test_what_is_no_plain_file(mode: str, path: str, found: tuple[str, str | None] | None) -> None:
    steps = (step(1, added(path, mode=mode)), step(2, changed(path, mode, mode)))
    said = told(commit_rules.plain_files(chronicle(*steps)))
    assert [(code, where) for code, where, _ in said] == (
        [(found[0], f"{path}@1")] if found else []
    )
    if found and found[1]:
        assert said[0][2] == found[1]
    assert list(commit_rules.plain_files(chronicle(step(1, deleted(path))))) == []


def test_the_hint_of_a_mode_names_the_file() -> None:
    steps = step(1, added(CARD, mode=EXECUTABLE), added("records/x", mode=SUBMODULE))
    found = commit_rules.plain_files(chronicle(steps))
    assert [each.hint.count(each.where.path) for each in found] == [
        1, 1,
    ]  # fmt: skip


TWINS = [
    (["a/b.yaml", "A/b.yaml"], [("A/b.yaml", "a/b.yaml"), ("A", "a")]),
    (["a/x.yaml", "a/X.yaml"], [("a/X.yaml", "a/x.yaml")]),
    (["a/и\u0306.yaml", "a/й.yaml"], [("a/й.yaml", "a/и\u0306.yaml")]),
    (["a/ß", "a/ss"], [("a/ss", "a/ß")]),
    (["x/Y/a", "x/y"], [("x/y", "x/Y")]),
    (["a/b/c/D.yaml", "a/b/c/d.yaml", "a/e"], [("a/b/c/d.yaml", "a/b/c/D.yaml")]),
    (["A/b", "a/c"], [("a", "A")]),
    (["x/A/b/c", "x/a/d"], [("x/a", "x/A")]),
    (["A/b.yaml", "B/b.yaml", "a.yaml"], []),
    (["README.md", "readme.txt", "a/README.md"], []),
    ([], []),
]


@pytest.mark.parametrize(("files", "found"), TWINS)
def test_names_that_are_one_elsewhere(files: list[str], found: list[tuple[str, str]]) -> None:
    said = list(commit_rules.no_twins(chronicle(files=files)))
    assert {each.code.name for each in said} <= {"PATH_COLLISION"}
    assert sorted(each.where.path for each in said) == sorted(path for path, _ in found)
    for each in said:
        assert dict(found)[each.where.path] in each.message


def test_rights_of_staff_by_folder() -> None:
    """What stands just beside each folder is the head's."""
    free = ["students", "imports", "events", "orders"]
    for folder in free:
        assert explain_forbidden(f"records/{folder}/x.yaml", deleted=False) == ""
        assert explain_forbidden(f"records/{folder}/x.yaml", deleted=True) == ""
        assert explain_forbidden(f"records/{folder}.yaml", deleted=False) == "менять этот файл"
    for folder in ("registers", "media"):
        assert explain_forbidden(f"records/{folder}/x.yaml", deleted=False, replaced=True) == ""
        assert (
            explain_forbidden(f"records/{folder}/x.yaml", deleted=True) == "удалять запись журнала"
        )
    assert explain_forbidden(SCAN, deleted=False, replaced=True) == "заменять скан приказа"
    assert explain_forbidden(SCAN, deleted=False) == ""
    assert explain_forbidden("records/trust/allowed_signers", deleted=True) == ""
    assert explain_forbidden("README.md", deleted=False) == "менять этот файл"
    assert is_reserved_for_head("records/trust/revocations", deleted=False)
    assert is_reserved_for_head("records/media/2025.yaml", deleted=True)
    assert not is_reserved_for_head("records/media/2025.yaml", deleted=False)
    assert is_reserved_for_head("records/organization.yaml", deleted=False)


def test_staff_do_what_is_the_heads() -> None:
    changes = (
        changed("records/organization.yaml"),
        added(SCAN),
        changed(SCAN),
        deleted("records/media/2025.yaml"),
        changed(CARD),
    )
    steps = (step(1, *changes), step(2, *changes, by=CHIEF), step(3, *changes, by=None))
    assert told(history_rules.within_rights(chronicle(*steps))) == [
        ("SIGNER_NOT_ALLOWED", "records/organization.yaml@1",
         "s003 — не руководитель и менять этот файл не вправе"),
        ("SIGNER_NOT_ALLOWED", f"{SCAN}@1",
         "s003 — не руководитель и заменять скан приказа не вправе"),
        ("SIGNER_NOT_ALLOWED", "records/media/2025.yaml@1",
         "s003 — не руководитель и удалять запись журнала не вправе"),
    ]  # fmt: skip


def test_a_replaced_paper_is_told_with_where_the_old_one_is() -> None:
    assert proof_chronicle.is_kept_file(SCAN)
    assert not proof_chronicle.is_kept_file(CARD)
    assert not proof_chronicle.is_kept_file("x.pdf")
    steps = (step(1, added(SCAN), changed(CARD)), step(2, changed(SCAN), deleted(SCAN)))
    found = list(proof_chronicle.report_replaced(chronicle(*steps)))
    words = "заменён или убран сохранённый файл: скан приказа или текст акта"
    assert told(found) == [("EVIDENCE_REPLACED", f"{SCAN}@2", words)] * 2
    assert id_of(2)[:12] in found[0].hint
    assert id_of(2)[:13] not in found[0].hint
