"""The protocol of a verification as paper, of sound archives and of ruins."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from papka import __version__
from papka.core.findings import Finding, Location
from papka.paper.verification_protocol import print_protocol
from papka.proof import verify_codes
from papka.proof.anchors import Anchors, Seal
from papka.proof.examination import Verified
from papka.records import reading_codes
from tests.paper.sheet_counting import archival_faults, squeezed, tool
from tests.paper.test_forms import pages_of
from tests.support.archives import PROJECT
from tests.support.histories import NOW, School, git

SNAPSHOTS = Path(__file__).parent / "snapshots"
WHEN = dt.datetime(2027, 3, 15, 11, 20, tzinfo=dt.timezone(dt.timedelta(hours=3)))
KEY, DIGEST = "SHA256:" + "qYr3" * 10 + "abc", "e7d2dd6e12a0b3c4" * 4
GIVEN = Anchors(keys=frozenset({KEY}), seals=frozenset({DIGEST}))
SOUND = Verified(
    (),
    commits=812,
    objects=12_840,
    files=2_310,
    head="1f" * 20,
    root="ab12cd34" * 5,
    root_key=KEY,
    seals=(Seal(1, "2026", dt.date(2027, 1, 20), DIGEST, "1f" * 20, "2e" * 20, is_anchored=True),),
    anchors_met=GIVEN,
    transitions=811,
)
HOSTILE = "records/<b>Жир</b> {{ 7*7 }} \u202eقصة 漢字 😀\n" + "Щ" * 300


def damage(count: int) -> tuple[Finding, ...]:
    lost = [
        verify_codes.OBJECT_MISSING.at(Location(), id=f"{n:040x}", detail="нужен записи")
        for n in range(count)
    ]
    unsigned = verify_codes.SIG_MISSING.at(Location(commit="77" * 20), commit="77" * 20)
    linked = reading_codes.PATH_SYMLINK.at(Location(HOSTILE, commit="77" * 20))
    # What to do is reviewed where codes are; here only that it has its place.
    found = (*lost, unsigned, linked)
    return tuple(replace(each, hint=f"Что делать: {each.code.name.lower()}.") for each in found)


CASES = {
    "sound": SOUND,
    "unanchored": replace(
        SOUND,
        findings=(verify_codes.ROOT_UNANCHORED.at(Location(commit=SOUND.root), key=KEY),),
        seals=(),
        anchors_met=Anchors(),
    ),
    "broken": replace(SOUND, findings=damage(3), anchors_met=Anchors(frozenset({KEY}))),
    "ruin": Verified(damage(400)),
}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("protocols")
    archive = folder / "disk"
    archive.mkdir()
    git(archive, "init", "-q")
    (archive / "records").mkdir()
    (archive / "records" / "organization.yaml").write_text("name: ИП Ландышева В. Г.\n", "utf-8")
    paths = {}
    for name, verified in CASES.items():
        given = Anchors() if name == "unanchored" else GIVEN
        paths[name] = folder / f"{name}.pdf"
        done = print_protocol(archive, verified, now=WHEN, anchors=given)
        paths[name].write_bytes(done.data)
    return paths


@pytest.mark.parametrize("name", ["sound", "unanchored", "broken"])
def test_words_are_those_reviewed(
    name: str, printed: dict[str, Path], pytestconfig: pytest.Config
) -> None:
    """A change of wording has to be looked at: --update-snapshots accepts it."""
    found = tool("pdftotext", "-raw", printed[name], "-")
    found = found.replace(f"papka {__version__}", "papka 1.0")
    found = re.sub(r"(?<=Где лежит).*?(?=Просмотрено)", " /disk\n", found, flags=re.DOTALL)
    expected = SNAPSHOTS / f"protocol-{name}.txt"
    if pytestconfig.getoption("--update-snapshots"):
        expected.write_text(found, "utf-8")
    assert squeezed(found) == squeezed(expected.read_text("utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_it_is_sound_and_in_our_fonts(name: str, printed: dict[str, Path]) -> None:
    tool("qpdf", "--check", printed[name])
    for line in tool("pdffonts", printed[name]).splitlines()[2:]:
        assert re.match(r"[A-Z]{6}\+Papka-PT-(Serif|Sans)", line), line
    boxes = tool("pdftotext", "-bbox", printed[name], "-")
    width = float(re.findall(r'<page width="([\d.]+)"', boxes)[0])
    ends = [float(x) for x in re.findall(r'<word [^>]*xMax="([\d.]+)"', boxes)]
    assert max(ends) <= width - 10 / 25.4 * 72 + 1
    assert archival_faults(printed[name]) == []


@pytest.mark.parametrize("name", CASES)
def test_both_sign_below_words_never_on_an_empty_sheet(name: str, printed: dict[str, Path]) -> None:
    last = pages_of(printed[name])[-1]
    before, _, after = last.partition("Проверку провёл:")
    assert len(re.findall(r"\w{3,}", before)) > 8
    assert "руководитель организации:" in after


def test_the_verdict_stands_on_the_first_sheet(printed: dict[str, Path]) -> None:
    verdicts = {
        "sound": "АРХИВ ЦЕЛ И ПОДЛИНЕН",
        "unanchored": "ПОДЛИННОСТЬ НЕ УСТАНОВЛЕНА",
        "broken": "АРХИВУ ДОВЕРЯТЬ НЕЛЬЗЯ",
        "ruin": "АРХИВУ ДОВЕРЯТЬ НЕЛЬЗЯ",
    }
    for name, said in verdicts.items():
        first = pages_of(printed[name])[0]
        assert said in first
        assert sum(other in first for other in set(verdicts.values())) == 1


def test_the_same_verification_gives_the_same_bytes(printed: dict[str, Path]) -> None:
    archive = printed["sound"].parent / "disk"
    again = print_protocol(archive, SOUND, now=WHEN, anchors=GIVEN)
    assert again.data == printed["sound"].read_bytes()


ABOUT = "records/organization.yaml"


@pytest.mark.parametrize(
    "left",
    [b"\xff\xfe{{", b"- a\n", b"name: 5\n", b"name: " + "Щ".encode() * 5000 + b"\n", None],
    ids=["not YAML", "a list", "no text", "too long", "gone"],
)
def test_it_needs_no_readable_record(left: bytes | None, school: School) -> None:
    (school.root / ABOUT).unlink()
    if left is not None:
        (school.root / ABOUT).write_bytes(left)
    done = print_protocol(school.root, school.verify(), now=NOW, anchors=Anchors(), html=True)
    assert "ПРОТОКОЛ" in done.data.decode()


def test_no_name_is_read_through_a_link(school: School, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("name: Чужая школа\n", "utf-8")
    (school.root / ABOUT).unlink()
    (school.root / ABOUT).symlink_to(tmp_path / "other.yaml")
    done = print_protocol(school.root, school.verify(), now=NOW, anchors=Anchors(), html=True)
    assert "Чужая школа" not in done.data.decode()


def test_an_archive_without_a_head_has_a_protocol_too(school: School) -> None:
    shutil.rmtree(school.root / ".git" / "refs" / "heads")
    done = print_protocol(school.root, school.verify(), now=NOW, anchors=Anchors(), html=True)
    assert "АРХИВУ ДОВЕРЯТЬ НЕЛЬЗЯ" in done.data.decode()


def test_templates_of_the_archive_have_no_say(school: School) -> None:
    """Whoever forged the archive could have it print any verdict."""
    shutil.copytree(PROJECT / "templates", school.root / "templates")
    for name in ("verification-protocol/verification-protocol.html.j2", "document.html.j2"):
        (school.root / "templates" / name).write_text("<p>ВСЁ ХОРОШО</p>", "utf-8")
    done = print_protocol(school.root, school.verify(), now=NOW, anchors=Anchors(), html=True)
    assert "ВСЁ ХОРОШО" not in done.data.decode()


def test_an_act_that_changed_no_keys_here_did_not_match(school: School) -> None:
    unknown = verify_codes.REFOUNDING_UNKNOWN.at(Location(), digest=DIGEST[:8])
    for verified, said in ((Verified((unknown,)), "НЕ\u00a0СОВПАЛО"), (Verified(()), ">совпало<")):
        done = print_protocol(
            school.root, verified, now=NOW, anchors=Anchors(), refounding=(DIGEST,), html=True
        )
        assert said in done.data.decode()
