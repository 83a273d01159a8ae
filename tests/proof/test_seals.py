"""Attacks on seals, each named, and what verify says of it. Paper is what no attacker changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.core.places import ALLOWED_SIGNERS, ENDINGS, LIST, SIGNATURE, TEXT, seal_file
from papka.proof.anchors import Anchors
from papka.proof.chronicle import judge_commits
from papka.proof.clean_room import clean_room
from papka.proof.examination import judge_sealed
from papka.proof.history_reading import changes_of, walk
from papka.proof.history_rules import judge_paths
from papka.proof.layers import plain_line
from papka.proof.verification import verify
from papka.repository.commit_snapshots import CommitSnapshot
from papka.repository.store import locate
from tests.support.counting import Counting, CountingRoom
from tests.support.histories import NOW, OTHER, RECORD, School, git, make_school, salt_of
from tests.support.sealing import LATER, Text, bent_files, digest, honest_files, put_seal

FIRST, SECOND = seal_file(1, TEXT), seal_file(2, TEXT)


def groups(text: str) -> str:
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))


def codes(school: School, *anchors: str) -> list[str]:
    found = school.verify(*(anchors or (school.fingerprint,))).findings
    return sorted({finding.code.name for finding in found})


def said(school: School, code: str) -> str:
    """What the one finding of this code says."""
    [found] = [each for each in school.verify().findings if each.code.name == code]
    return found.message


@pytest.fixture
def sealed(school: School) -> School:
    """Two seals, a save between them and one after."""
    put_seal(school)
    school.save({RECORD: b"id: 2025-0001\nsex: y\n"})
    put_seal(school, "2025-2")
    return school


def paper(school: School, number: int = 2) -> str:
    return groups(digest({p: (school.root / p).read_bytes() for p in (FIRST, SECOND)}, number))


def first_commit(school: School) -> str:
    return git(school.root, "rev-list", "--max-parents=0", "HEAD").strip()


def test_honest_seals_only_ask_for_the_paper(sealed: School) -> None:
    found = sealed.verify()
    assert [finding.code.name for finding in found.findings] == ["ANCHOR_NOT_GIVEN"]
    assert "№ 0002 от 02.03.2026" in found.findings[0].message
    assert [(seal.name, seal.is_anchored) for seal in found.seals] == [
        ("0001", False),
        ("0002", False),
    ]


@pytest.mark.parametrize("number", [1, 2])
def test_a_digest_from_paper_vouches_for_the_first_commit_too(sealed: School, number: int) -> None:
    found = sealed.verify(paper(sealed, number).upper().replace(" ", " - "))
    assert found.findings == ()
    assert [seal.is_anchored for seal in found.seals] == [number == 1, number == 2]


@pytest.mark.parametrize("change", ["gc", "clone", "mirror"])
def test_honest_seals_stay_good_after(change: str, sealed: School, tmp_path: Path) -> None:
    given = paper(sealed)
    other = tmp_path / "other"
    if change == "gc":
        git(sealed.root, "gc", "-q", "--prune=now")
        other = sealed.root
    else:
        options = ["--mirror"] if change == "mirror" else []
        git(tmp_path, "clone", "-q", *options, "--no-local", str(sealed.root), str(other))
    assert verify(other, now=LATER, anchors=[given]).findings == ()


def test_records_go_on_after_a_seal(sealed: School) -> None:
    given = paper(sealed)
    sealed.save({OTHER: b"id: 2025-0002\nsex: x\n"})
    assert codes(sealed, given) == []


def test_history_rewritten_with_all_keys_and_sealed_anew(sealed: School) -> None:
    """Nothing inside such an archive is wrong: only paper tells."""
    given = paper(sealed)
    git(sealed.root, "reset", "-q", "--hard", "HEAD~4")
    sealed.save({RECORD: b"id: 2025-0001\nsex: z\n"})
    put_seal(sealed)
    sealed.save({OTHER: b"id: 2025-0002\nsex: z\n"})
    put_seal(sealed, "2025-2")
    assert codes(sealed) == ["ANCHOR_NOT_GIVEN"]
    assert codes(sealed, sealed.fingerprint, given) == ["ANCHOR_MISMATCH"]


def test_history_rewritten_under_a_kept_seal(sealed: School) -> None:
    """The true seal, of which a sheet exists, is laid on another history."""
    given = paper(sealed)
    kept = {
        seal_file(n, ending): (sealed.root / seal_file(n, ending)).read_bytes()
        for n in (1, 2)
        for ending in ENDINGS
    }
    git(sealed.root, "reset", "-q", "--hard", "HEAD~4")
    sealed.save({RECORD: b"id: 2025-0001\nsex: z\n"})
    for n in (1, 2):
        sealed.save({path: data for path, data in kept.items() if f"/000{n}" in path}, "s001")
    assert codes(sealed, given) == [
        "ROOT_UNANCHORED",
        "SEAL_DIGEST_MISMATCH",
        "SEAL_NOT_IN_HISTORY",
    ]


def test_a_whole_new_archive_is_not_the_one_on_paper(sealed: School, tmp_path: Path) -> None:
    given = paper(sealed)
    forged = make_school(tmp_path / "forged")
    put_seal(forged)
    assert codes(forged, given) == ["ANCHOR_MISMATCH"]
    assert codes(forged, first_commit(sealed)) == ["ANCHOR_MISMATCH", "ANCHOR_NOT_GIVEN"]


def test_the_first_commit_from_paper_is_met(sealed: School) -> None:
    assert codes(sealed, first_commit(sealed)) == ["ANCHOR_NOT_GIVEN"]


def test_one_wrong_digest_among_right_ones_is_told(sealed: School) -> None:
    found = sealed.verify(sealed.fingerprint, paper(sealed), "f" * 64).findings
    assert [finding.code.name for finding in found] == ["ANCHOR_MISMATCH"]
    assert "f" * 64 in found[0].message


@pytest.mark.parametrize("by", ["s003", "stranger"])
def test_a_seal_signed_by_someone_who_may_not(school: School, by: str) -> None:
    school.save(bent_files(school, by=by), "s001")
    assert codes(school) == ["ANCHOR_NOT_GIVEN", "SEAL_BAD_SIGNATURE"]
    stranger = school.signer("stranger").fingerprint
    why = {
        "s003": "s003 — не руководитель",
        "stranger": f"ключу {stranger} в опломбированном сохранении никто не доверял",
    }
    assert said(school, "SEAL_BAD_SIGNATURE") == f"подпись пломбы № 0001 не принята: {why[by]}"


def test_a_seal_put_by_the_clerk(school: School) -> None:
    school.save(bent_files(school, by="s003"), "s003")
    assert codes(school) == ["ANCHOR_NOT_GIVEN", "SEAL_BAD_SIGNATURE", "SIGNER_NOT_ALLOWED"]


def test_a_seal_signed_with_another_head_key_than_its_commit(school: School) -> None:
    """A stolen key seals, a good one commits: taking a key away is judged by commits alone."""
    school.save(bent_files(school, by="recovery"), "s001")
    assert codes(school) == ["ANCHOR_NOT_GIVEN", "SEAL_BAD_SIGNATURE"]
    assert said(school, "SEAL_BAD_SIGNATURE") == (
        "подпись пломбы № 0001 не принята: сохранение, в котором она появилась, подписано другим "
        "ключом"
    )


@pytest.mark.parametrize(
    ("bend", "detail"),
    [
        (lambda text: text + "junk\n", "посторонний текст"),
        (lambda text: text.replace("BEGIN SSH", "BEGIN PGP"), "не подпись ssh"),
        (lambda text: "Пломба\n" + text, "не подпись ssh"),
    ],
    ids=["text after the end", "no signature", "not ascii"],
)
def test_a_seal_whose_signature_is_spelt_otherwise(school: School, bend: Text, detail: str) -> None:
    files = bent_files(school)
    path = seal_file(1, SIGNATURE)
    files[path] = bend(files[path].decode()).encode()
    school.save(files, "s001")
    assert detail in said(school, "SEAL_BAD_SIGNATURE")


def test_the_signature_of_a_commit_passed_off_as_a_seals(school: School) -> None:
    files = bent_files(school)
    files[seal_file(1, SIGNATURE)] = school.signer("s001").sign(files[FIRST], "git").encode()
    school.save(files, "s001")
    assert said(school, "SEAL_BAD_SIGNATURE") == (
        "подпись пломбы № 0001 не принята: она сделана не для пломбы"
    )


def test_the_signature_of_another_seal(sealed: School) -> None:
    files = bent_files(sealed)
    files[seal_file(3, SIGNATURE)] = (sealed.root / seal_file(2, SIGNATURE)).read_bytes()
    sealed.save(files, "s001")
    assert said(sealed, "SEAL_BAD_SIGNATURE") == (
        "подпись пломбы № 0003 не принята: она не подходит к тексту пломбы"
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_seal_changed_afterwards(sealed: School, ending: str) -> None:
    path = seal_file(1, ending)
    sealed.save({path: (sealed.root / path).read_bytes() + b"\n"}, "s001")
    assert codes(sealed) == ["ANCHOR_NOT_GIVEN", "SEAL_MOVED"]
    assert "изменён потом" in said(sealed, "SEAL_MOVED")


def test_the_last_seal_taken_away(sealed: School) -> None:
    sealed.save(dict.fromkeys(seal_file(2, ending) for ending in ENDINGS), "s001")
    assert codes(sealed) == ["ANCHOR_NOT_GIVEN", "SEAL_MISSING"]


def test_a_seal_in_the_middle_left_out(sealed: School) -> None:
    """History is rewritten so that number 2 never was."""
    _, files = honest_files(sealed)
    git(sealed.root, "reset", "-q", "--hard", "HEAD~1")
    sealed.save(files, "s001")
    found = codes(sealed)
    assert {"SEAL_CHAIN_BROKEN", "SEAL_MISSING", "SEAL_NOT_IN_HISTORY"} <= set(found)


def test_a_seal_without_its_list(school: School) -> None:
    files = bent_files(school)
    del files[seal_file(1, LIST)]
    school.save(files, "s001")
    assert codes(school) == ["ANCHOR_NOT_GIVEN", "SEAL_MISSING"]


def test_a_seal_put_on_an_earlier_commit(school: School) -> None:
    """What was saved since would stand unsealed under a newer seal's number."""
    _, files = honest_files(school, on=git(school.root, "rev-parse", "HEAD~1").strip())
    school.save(files, "s001")
    assert codes(school) == ["ANCHOR_NOT_GIVEN", "SEAL_MOVED"]


def test_a_change_hidden_in_a_seals_own_commit(school: School) -> None:
    school.save({**bent_files(school), RECORD: b"id: 2025-0001\nsex: z\n"}, "s001")
    assert codes(school) == ["ANCHOR_NOT_GIVEN", "SEAL_MOVED"]
    assert RECORD in said(school, "SEAL_MOVED")


def test_two_seals_in_one_commit(school: School) -> None:
    first = bent_files(school)
    second = {path.replace("0001", "0002"): data for path, data in first.items()}
    school.save(first | second, "s001")
    assert {"SEAL_CHAIN_BROKEN", "SEAL_MOVED"} <= set(codes(school))


def test_a_foreign_file_beside_the_seals(sealed: School) -> None:
    sealed.save({"records/seals/0003.seal2": b"x"}, "s001")
    assert codes(sealed) == ["ANCHOR_NOT_GIVEN", "SEAL_MOVED"]


def test_an_editors_litter_saved_beside_the_seals(sealed: School) -> None:
    """Litter is not looked at in a folder; in history it is a foreign file like any other."""
    sealed.save({"records/seals/0003.seal.bak": b"x"}, "s001")
    assert {"PERSONAL_DATA_OUTSIDE_UNIT", "SEAL_MOVED"} <= {*codes(sealed)}


def test_a_seal_that_does_not_name_the_one_before(sealed: School) -> None:
    before = digest({SECOND: (sealed.root / SECOND).read_bytes()}, 2)
    sealed.save(bent_files(sealed, lambda text: text.replace(before, "0" * 64)), "s001")
    assert codes(sealed) == ["ANCHOR_NOT_GIVEN", "SEAL_CHAIN_BROKEN"]


def test_a_seal_dated_back(school: School) -> None:
    dated = "date: 2026-03-02", "date: 2025-09-01"
    school.save(bent_files(school, lambda text: text.replace(*dated)), "s001")
    assert codes(school) == ["ANCHOR_NOT_GIVEN", "SEAL_MOVED"]


def swapped(units: str) -> str:
    """The list with one file's digest taken from another's."""
    lines = units.splitlines(keepends=True)
    lines[0] = lines[1][:64] + lines[0][64:]
    return "".join(lines)


@pytest.mark.parametrize(
    ("units", "named"),
    [
        (swapped, ".gitattributes"),
        (lambda units: units.partition("\n")[2], ".gitattributes"),
        (lambda units: units + "0" * 64 + "  records/zz\n", "records/zz"),
        (lambda units: "".join(reversed(units.splitlines(keepends=True))), "порядок строк"),
    ],
    ids=["another digest", "a file left out", "a file too many", "another order"],
)
def test_a_list_that_lies(school: School, units: Text, named: str) -> None:
    school.save(bent_files(school, units=units), "s001")
    assert codes(school) == ["ANCHOR_NOT_GIVEN", "SEAL_DIGEST_MISMATCH"]
    assert named in said(school, "SEAL_DIGEST_MISMATCH")


def test_a_list_replaced_beside_a_true_text(school: School) -> None:
    files = bent_files(school)
    files[seal_file(1, LIST)] = swapped(files[seal_file(1, LIST)].decode()).encode()
    school.save(files, "s001")
    assert codes(school) == ["ANCHOR_NOT_GIVEN", "SEAL_DIGEST_MISMATCH"]


def test_other_trust_than_what_is_sealed(school: School) -> None:
    trust = next(
        line for line in bent_files(school)[FIRST].decode().splitlines() if "trust" in line
    )
    school.save(bent_files(school, lambda text: text.replace(trust[14:], "0" * 64)), "s001")
    assert "ключей" in said(school, "SEAL_DIGEST_MISMATCH")


@pytest.mark.parametrize(
    "bend",
    [
        lambda text: text + "note: x\n",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("v1", "v2"),
        lambda text: text.replace("units: ", "units: 0"),
        lambda text: text.replace("2026-03-02", "2026-02-30"),
        lambda text: text.replace("period: 2025", "period: год"),
        lambda text: text.removesuffix("\n"),
    ],
    ids=["more", "line ends", "version", "leading zero", "no such day", "letters", "cut"],
)
def test_a_text_that_is_not_spelt_as_a_seal(school: School, bend: Text) -> None:
    school.save(bent_files(school, bend), "s001")
    assert codes(school) == ["SEAL_UNREADABLE"]


def test_a_link_under_a_seal(school: School) -> None:
    """git would list it like a file; what it leads to is under no signature."""
    files = bent_files(school)
    school.forge(
        {f"{RECORD[:-12]}note": b"/etc/passwd"},
        sign=school.signer("s003").sign,
        modes={f"{RECORD[:-12]}note": "120000"},
    )
    text = files[FIRST].decode()
    head = next(line for line in text.splitlines() if line.startswith("head"))
    text = text.replace(head, f"head: sha1:{school.head}")
    signature = school.signer("s001").sign(text.encode(), "papka-seal")
    files |= {FIRST: text.encode(), seal_file(1, SIGNATURE): signature.encode()}
    school.forge(files, sign=school.signer("s001").sign, by="s001")
    found = codes(school)
    assert {"PATH_SYMLINK", "SEAL_DIGEST_MISMATCH"} <= set(found)


def test_a_lost_file_under_a_seal_is_told_and_the_rest_is_judged(sealed: School) -> None:
    blob = git(sealed.root, "rev-parse", f"HEAD:{OTHER}").strip()
    (sealed.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = codes(sealed)
    assert {"OBJECT_MISSING", "SEAL_DIGEST_MISMATCH"} <= set(found)


def test_a_saved_change_of_a_seal_is_refused_beforehand(sealed: School) -> None:
    head = sealed.signer("s001").public
    before = CommitSnapshot(sealed.root, "HEAD")

    def refused(changes: dict[str, bytes | None]) -> list[str]:
        return [
            finding.code.name
            for finding in judge_paths("s001", head, before, changes, day=NOW.date())
        ]

    assert refused({FIRST: b"x"}) == ["SEAL_KEPT"]
    assert refused(dict.fromkeys(seal_file(2, ending) for ending in ENDINGS)) == ["SEAL_KEPT"] * 3
    assert refused({seal_file(3, TEXT): b"x"}) == ["SEAL_KEPT"]
    _, files = honest_files(sealed)
    assert refused({**files}) == []
    assert refused({**files, ALLOWED_SIGNERS: before.read(ALLOWED_SIGNERS), RECORD: b"x"}) != []


def test_each_file_is_read_once_however_many_seals_there_are(sealed: School) -> None:
    for turn in range(5):
        sealed.save({OTHER: b"id: 2025-0002\n# %d\n" % turn})
        put_seal(sealed)
    Counting.asked.clear()
    with clean_room(locate(sealed.root)) as room:
        line = plain_line(walk(room, sealed.head))
        changes = changes_of(room, line.commits)
        steps = judge_commits(line.commits, changes, {})
        seals = judge_sealed(CountingRoom(room.folder), line, steps, Anchors())[1]
    assert len(seals) == 7
    shared = git(sealed.root, "rev-parse", f"HEAD:{salt_of(OTHER)}").strip()
    assert Counting.asked[shared] == 1
    assert [id_ for id_, count in Counting.asked.items() if count > 1] == []
