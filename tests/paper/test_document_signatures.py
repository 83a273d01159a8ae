"""Who signed a document's code: rebuilt signatures, unknown, unfit and revoked keys."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from papka.core.errors import PapkaError
from papka.desk.saving import save
from papka.paper.document_origin import Origin, from_trust_file
from papka.paper.document_text import differing
from papka.paper.document_verification import DocumentProof, verify_text
from papka.proof import document_code
from papka.proof.document_code import (
    PREFIX,
    compose,
    compose_code,
    compose_message,
    key_hint,
    message_room,
    read_text,
)
from papka.proof.ssh_signatures import read, rebuild
from papka.proof.trusted_keys import (
    DOCUMENT,
    HEAD,
    REVOCATIONS,
    STAFF,
    Revocations,
    TrustEntry,
    compose_trust,
    read_revocations,
    read_trust,
)
from papka.repository.git_values import P384, SK_ED25519, PublicKey, wire_string
from papka.repository.signing import KeySigner, SigningActor, generate_key, load_signer
from tests.proof.test_document_code import FACTS
from tests.support.bent_signatures import ORDER, P384_ORDER
from tests.support.command import papka
from tests.support.documents import Issued, issue, names, said, seen_again
from tests.support.issuing import STUDY, graduate
from tests.support.school import Archive


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> KeySigner:
    file = tmp_path_factory.mktemp("keys") / "s001"
    generate_key(file, "")
    return load_signer(file)


def code_of(signer: KeySigner, namespace: str = DOCUMENT) -> str:
    facts = replace(FACTS, key=key_hint(signer.public.blob))
    message = compose_message(facts, message_room(signer.public))
    return compose_code(facts, read(signer.sign(message, namespace)).core)


def token_of(secret: Ed25519PrivateKey) -> PublicKey:
    """The public key of a hardware key with this secret in it."""
    return PublicKey(SK_ED25519, secret.public_key().public_bytes_raw())


def code_of_token(secret: Ed25519PrivateKey, flags: int) -> str:
    """Signed by a hardware key; `flags` of 1: it was touched."""
    facts = replace(FACTS, key=key_hint(token_of(secret).blob))
    tail = bytes([flags]) + (7).to_bytes(4, "big")
    middle = b"SSHSIG" + wire_string(DOCUMENT.encode()) + wire_string(b"") + wire_string(b"sha512")
    inner = middle + wire_string(hashlib.sha512(compose_message(facts)).digest())
    signed = hashlib.sha256(b"ssh:").digest() + tail + hashlib.sha256(inner).digest()
    return compose_code(facts, secret.sign(signed) + tail)


def test_a_code_by_the_second_type_of_key(tmp_path: Path) -> None:
    """Long texts are cut sooner beside its longer signature; a bent one convinces nobody."""
    generate_key(tmp_path / "k", "", kind=P384)
    signer = load_signer(tmp_path / "k")
    facts = replace(FACTS, key=key_hint(signer.public.blob), programme="Программа " * 12)
    message = compose_message(facts, message_room(signer.public))
    core = read(signer.sign(message, DOCUMENT)).core
    code = compose_code(facts, core)
    entry = TrustEntry("s001", HEAD, signer.public)
    assert names(judged(code, entry)) == names(judged(code_of(signer), entry))
    assert "DOC_SIG_BAD" not in names(judged(code, entry))
    scanned = read_text(code)
    assert list(differing(facts, scanned.facts, message_room(signer.public))) == []
    other = replace(facts, programme="Программа " * 13)
    assert list(differing(other, scanned.facts, message_room(signer.public))) == ["programme"]
    r, s = core[:48], int.from_bytes(core[48:], "big")
    twin = r + (P384_ORDER - s).to_bytes(48, "big")
    for bent in (twin, r + bytes(48), bytes(48) + core[48:], core[:64], core[:69]):
        assert "DOC_SIG_BAD" in names(judged(compose(message, bent), entry))


def judged(code: str, *trust: TrustEntry, revoked: str = "") -> DocumentProof:
    """By a list of keys alone."""
    origin = Origin(trust, read_revocations(revoked.encode()))
    return verify_text(code, lambda _number, _core: origin)


def entry(signer: KeySigner, namespaces: tuple[str, ...] = HEAD) -> TrustEntry:
    return TrustEntry("s001", namespaces, signer.public)


def test_a_head_is_believed_and_the_paper_left_to_a_person(head: KeySigner) -> None:
    proof = judged(code_of(head), entry(head))
    assert [finding.code.name for finding in proof.findings] == ["DOC_BY_EYE"]
    assert proof.signer == entry(head)
    assert proof.facts == replace(FACTS, key=key_hint(head.public.blob))


def test_rebuilt_signature_is_the_very_one_and_ssh_keygen_takes_it(
    head: KeySigner, tmp_path: Path
) -> None:
    data = compose_message(FACTS)
    armored = head.sign(data, DOCUMENT)
    again = rebuild(head.public, DOCUMENT, read(armored).core)
    assert again == armored
    (tmp_path / "sig").write_text(again)
    (tmp_path / "signers").write_bytes(compose_trust([entry(head)]))
    ran = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", tmp_path / "signers", "-I", "s001@papka.invalid",
         "-n", DOCUMENT, "-s", tmp_path / "sig"],
        input=data, check=False, capture_output=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_unknown_key(head: KeySigner) -> None:
    proof = judged(code_of(head))
    assert names(proof) == ["DOC_KEY_UNKNOWN"]
    assert key_hint(head.public.blob).hex() in said(proof)
    assert proof.signer is None


def test_key_of_the_staff(head: KeySigner) -> None:
    assert names(judged(code_of(head), entry(head, STAFF))) == ["DOC_KEY_NOT_ALLOWED"]


@pytest.mark.parametrize(("early", "late"), [(0, 0), (1, 0), (0, -1)])
def test_key_of_who_acted_for_the_head(head: KeySigner, early: int, late: int) -> None:
    """It signs papers of its own term: a day before or after it the paper is refused."""
    day, one = FACTS.date, timedelta(days=1)
    acting = replace(entry(head), term=(day + early * one, day + 7 * one))
    if late:
        acting = replace(entry(head), term=(day - 7 * one, day + late * one))
    found = names(judged(code_of(head), acting))
    assert found == ([] if early == late == 0 else ["DOC_KEY_OUTSIDE_TERM"])


def test_signature_of_another_purpose(head: KeySigner) -> None:
    assert names(judged(code_of(head, "papka-seal"), entry(head))) == ["DOC_SIG_BAD"]


def test_another_key_with_the_same_start_of_its_fingerprint(
    head: KeySigner, tmp_path: Path
) -> None:
    """The hint only says where to look: a stranger may choose his key to match it."""
    generate_key(tmp_path / "stranger", "")
    stranger = load_signer(tmp_path / "stranger")
    facts = replace(FACTS, key=key_hint(head.public.blob))
    code = compose_code(facts, read(stranger.sign(compose_message(facts), DOCUMENT)).core)
    assert names(judged(code, entry(head))) == ["DOC_SIG_BAD"]


def test_s_plus_l(head: KeySigner) -> None:
    payload = document_code.decode(code_of(head).removeprefix(PREFIX))
    s = int.from_bytes(payload[-32:], "little") + ORDER
    bent = PREFIX + document_code.encode(payload[:-32] + s.to_bytes(32, "little"))
    proof = judged(bent, entry(head))
    assert names(proof) == ["DOC_SIG_BAD"]
    assert "число S" in said(proof)


def test_no_fact_can_be_altered_under_the_signature(head: KeySigner) -> None:
    """One bit of any byte: refused as a code, or the signature no longer fits."""
    payload = bytearray(document_code.decode(code_of(head).removeprefix(PREFIX)))
    for at in range(len(payload)):
        payload[at] ^= 1
        proof = judged(PREFIX + document_code.encode(bytes(payload)), entry(head))
        assert set(names(proof)) & {"DOC_SIG_BAD", "DOC_QR_UNREADABLE", "DOC_KEY_UNKNOWN"}, at
        payload[at] ^= 1


@pytest.mark.parametrize(("flags", "found"), [(1, []), (0, ["DOC_SIG_BAD"])])
def test_hardware_key_with_and_without_touch(flags: int, found: list[str]) -> None:
    secret = Ed25519PrivateKey.generate()
    entry_ = TrustEntry("s001", HEAD, token_of(secret))
    assert names(judged(code_of_token(secret, flags), entry_)) == found


def test_revoked_keys_by_a_list_alone(head: KeySigner) -> None:
    commit = "a" * 40
    for line, found in (
        (f"compromised {head.fingerprint} after {commit}", "DOC_KEY_REVOKED"),
        (f"compromised {head.fingerprint} after root", "DOC_KEY_REVOKED"),
        (f"retired {head.fingerprint} at {commit}", "DOC_KEY_RETIRED"),
    ):
        assert names(judged(code_of(head), entry(head), revoked=line + "\n")) == [found]


def test_lines_of_revocations_not_understood() -> None:
    lines = "# list\n\nretired SHA256:short at root\ncompromised by thieves\n"
    assert read_revocations(lines.encode()) == Revocations((), (3, 4))


def test_a_list_of_keys_and_the_one_of_revocations_beside_it(
    head: KeySigner, tmp_path: Path
) -> None:
    trust = tmp_path / "allowed_signers"
    trust.write_bytes(compose_trust([entry(head)]))
    (tmp_path / "revocations").write_text("stolen!\n")
    proof = verify_text(code_of(head), lambda _number, _core: from_trust_file(trust))
    assert names(proof) == ["DOC_TRUST_UNREADABLE"]
    trust.write_text("# nobody\n")
    with pytest.raises(PapkaError, match="ни одного доверенного ключа"):
        from_trust_file(trust)


def _revoked(archive: Archive, word: str, commit: str, data: bytes) -> Issued:
    """The head's key is ended at a commit by the other one, and the document looked at again."""
    (first, *_) = read_trust((archive.root / "records/trust/allowed_signers").read_bytes()).entries
    said = archive.read(REVOCATIONS) if (archive.root / REVOCATIONS).exists() else ""
    line = f"{word} {first.key.fingerprint} {'at' if word == 'retired' else 'after'} {commit}\n"
    archive.write(REVOCATIONS, said + line)
    recovery = SigningActor("s001", load_signer(archive.keys / "recovery"))
    saved = save(archive.root, recovery, now=datetime.now(UTC))
    assert saved.commit is not None, saved.findings
    return seen_again(archive, data)


@pytest.mark.parametrize("word", ["retired", "compromised"])
def test_in_the_archive_the_order_of_commits_decides(word: str, archive: Archive) -> None:
    """What was recorded while the key counted stays good; after it nothing is."""
    made = issue(archive)
    (last,) = [c for c, at in made.origin.positions.items() if at == made.origin.recorded]
    (before,) = [c for c, at in made.origin.positions.items() if at == made.origin.recorded - 1]  # type: ignore[operator]  # it was recorded
    good = _revoked(archive, word, last, made.data)
    assert names(good.verify_code(good.code)) == []
    bad = _revoked(archive, word, before, made.data)
    # The commit that recorded it counts no more either.
    assert names(bad.verify_code(bad.code)) == ["DOC_ARCHIVE_DOUBTFUL", "DOC_KEY_REVOKED"]


def test_a_document_issued_by_renewed_keys(archive: Archive, tmp_path: Path) -> None:
    graduate(archive)
    for words in (
        ("trust", "renew", tmp_path / "daily", tmp_path / "safe", "--yes"),
        ("issue", "certificate", STUDY, "--date", "2026-11-20"),
    ):
        ran = papka(*words, "-C", archive.root)
        assert ran.code == 0, ran.all
    data = (archive.root / "print" / "certificate-С-2026-0001.pdf").read_bytes()
    made = seen_again(archive, data)
    assert len(made.scanned.core) == 96
    assert names(made.verify_code(made.code)) == []
    assert names(made.verify(made.data, tmp_path)) == []
