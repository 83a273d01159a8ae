"""What is wrong with a package of a personal file is told by file, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.core.findings import Severity
from papka.intake.package_file import LIST, SIGNATURE, check_sums, prove
from papka.repository.signing import KeySigner, generate_key, load_signer

FILES = {"README.md": b"a\n", "records/organization.yaml": b"b\n"}


def told(files: dict[str, bytes]) -> list[str]:
    return [f"{each.where.path}: {each.message}" for each in prove(files, ()).findings]


def test_a_list_is_what_sha256sum_reads() -> None:
    assert check_sums({"b": b"", "a": b"a\n"}) == (
        b"87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7  a\n"
        b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b\n"
    )


def test_an_unsigned_package_is_whole_and_unproven() -> None:
    proof = prove({**FILES, LIST: check_sums(FILES)}, ())
    assert told({**FILES, LIST: check_sums(FILES)}) == [f"{SIGNATURE}: пакет не подписан"]
    assert (proof.standing, proof.key, proof.is_proven, proof.is_broken) == (
        *("не подтверждён", None, False, False),
    )


def test_each_file_that_does_not_fit_the_list_is_named() -> None:
    listed = check_sums({**FILES, "lost": b""})
    files = {**FILES, "README.md": b"b\n", "more": b"", "another": b"", LIST: listed}
    proof = prove(files, ())
    assert told(files) == [
        "README.md: файл изменён: контрольная сумма не та",
        "lost: файла из списка в пакете нет",
        "another: файла нет в списке контрольных сумм",
        "more: файла нет в списке контрольных сумм",
        f"{SIGNATURE}: пакет не подписан",
    ]
    assert proof.is_broken
    assert max(each.severity for each in proof.findings) == Severity.ERROR


def test_what_is_no_list_is_told() -> None:
    good = check_sums(FILES)
    line = good.splitlines(keepends=True)[0]
    for listed in (
        b"",
        good + line,
        good.replace(b"  ", b" "),
        good + b"\n",
        good.replace(b"README", "ЧИТАЙ".encode()),
        good.replace(b"README.md", LIST.encode()),
        good.replace(b"README.md", SIGNATURE.encode()),
        b"A" + good[1:],
    ):
        assert told({**FILES, LIST: listed})[0] == (
            f"{LIST}: в пакете нет списка контрольных сумм или он испорчен"
        )
    assert told(dict(FILES))[0].startswith(f"{LIST}: ")


def test_a_signature_that_is_none_is_told() -> None:
    for signature in (b"", "подпись".encode(), b"-----BEGIN SSH SIGNATURE-----\n"):
        files = {**FILES, LIST: check_sums(FILES), SIGNATURE: signature}
        (found,) = prove(files, ()).findings
        assert found.code.name == "PACKAGE_SIGNATURE_BAD"
        assert found.message.startswith("подпись пакета неверна: ")
        assert found.where.path == SIGNATURE


@pytest.fixture
def signer(tmp_path: Path) -> KeySigner:
    generate_key(tmp_path / "head", "")
    return load_signer(tmp_path / "head")


def signed(signer: KeySigner, namespace: str = "papka-document") -> dict[str, bytes]:
    listed = check_sums(FILES)
    return {**FILES, LIST: listed, SIGNATURE: signer.sign(listed, namespace).encode()}


def test_a_signature_proves_by_what_the_reader_knows(signer: KeySigner) -> None:
    files, key = signed(signer), signer.fingerprint
    proof = prove(files, {key})
    assert (proof.standing, proof.is_proven, proof.is_broken) == ("подписан", True, False)
    assert (proof.key, proof.findings) == (signer.public, ())
    unknown = prove(files, {"SHA256:other"})
    assert (unknown.standing, unknown.is_proven, unknown.is_broken, unknown.key) == (
        *("подписан неизвестным ключом", False, False),
        signer.public,
    )
    assert [each.message for each in unknown.findings] == [
        f"подпись верна, но чей это ключ, неизвестно: {key}"
    ]
    revoked = prove(files, {key}, {key})
    assert (revoked.standing, revoked.is_broken) == ("не подтверждён", True)
    assert [(each.where.path, each.message) for each in revoked.findings] == [
        (SIGNATURE, f"пакет подписан отозванным ключом: {key}")
    ]
    both = prove({**files, "more": b""}, ())
    assert (both.standing, both.is_broken, both.key) == ("не подтверждён", True, signer.public)


def test_a_signature_of_something_else_is_told(signer: KeySigner) -> None:
    bad = "подпись пакета неверна: "
    assert told(signed(signer, "git")) == [
        f"{SIGNATURE}: {bad}подпись сделана для другого назначения"
    ]
    other = {**signed(signer), "more": b""}
    other[LIST] = check_sums({path: data for path, data in other.items()
                              if path not in (LIST, SIGNATURE)})  # fmt: skip
    assert told(other) == [f"{SIGNATURE}: {bad}список файлов подписан не этот"]
