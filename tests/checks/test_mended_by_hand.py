"""Mechanical slips, made by the thousand: what is mended is what was meant, or a person is asked.

`--soak` makes ten thousand; the suite a sample of a fixed seed.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable

import pytest
import yaml

from papka.core.lookalikes import retype
from papka.records.strict_yaml import read
from tests.checks.test_hand_edits import judged
from tests.support.archives import sample

Slip = Callable[[str, random.Random], str | None]
"""Spoils a line; None when there is nothing in it to spoil."""

_KEYED = re.compile(r"(?P<head> *(?:- )?)(?P<key>[a-z_]+): (?P<value>\S.*)\Z")
_ALIKE = dict(zip("aceopxyk", "асеорхук", strict=True))
_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)


def _tab_after_colon(line: str, _: random.Random) -> str | None:
    return line.replace(": ", ":\t", 1) if ": " in line and '"' not in line else None


def _tab_behind(line: str, _: random.Random) -> str | None:
    return f"{line}\t"


def _nbsp_indent(line: str, _: random.Random) -> str | None:
    indent = len(line) - len(line.lstrip(" "))
    return "\u00a0" * indent + line[indent:] if indent else None


def _nbsp_after_colon(line: str, _: random.Random) -> str | None:
    return line.replace(": ", ":\u00a0", 1) if ": " in line else None


def _zero_width(line: str, chance: random.Random) -> str | None:
    at = chance.randrange(len(line) + 1)
    return f"{line[:at]}\u200b{line[at:]}"


def _en_dash(line: str, _: random.Random) -> str | None:
    return (
        re.sub(r"^( *)- (?=[a-z_]+: )", r"\1– ", line) if re.match(" *- [a-z_]+: ", line) else None
    )


def _glued_dash(line: str, _: random.Random) -> str | None:
    return line.replace("- ", "-", 1) if re.match(" *- [a-z_]+: ", line) else None


def _layout_colon(line: str, _: random.Random) -> str | None:
    return line.replace(": ", "Ж ", 1) if _KEYED.match(line) else None


def _paper_date(line: str, _: random.Random) -> str | None:
    found = re.search(r": (\d{4})-(\d\d)-(\d\d)\Z", line)
    return found and f"{line[: found.start()]}: {found[3]}.{found[2]}.{found[1]}"


def _worded_date(line: str, _: random.Random) -> str | None:
    found = re.search(r": (\d{4})-(\d\d)-(\d\d)\Z", line)
    if found is None:
        return None
    words = f"{int(found[3])} {_MONTHS[int(found[2]) - 1]} {found[1]} г."
    return f"{line[: found.start()]}: {words}"


def _word_dashes(line: str, _: random.Random) -> str | None:
    return line.replace("-", "–") if re.search(r": \d{4}-\d\d-\d\d\Z", line) else None


def _comma(line: str, _: random.Random) -> str | None:
    found = re.match(r"( *mark: )(\d+)\Z", line)
    return found and f"{found[1]}{found[2]},0"


def _quoted_number(line: str, _: random.Random) -> str | None:
    found = re.match(r"( *(?:- )?(?:mark|hours|edition|sheets): )(\d+)\Z", line)
    return found and f'{found[1]}"{found[2]}"'


def _alike_in_key(line: str, chance: random.Random) -> str | None:
    found = _KEYED.match(line)
    places = [n for n, letter in enumerate(found["key"]) if letter in _ALIKE] if found else []
    if not found or not places:
        return None
    at = found.start("key") + chance.choice(places)
    return line[:at] + _ALIKE[line[at]] + line[at + 1 :]


def _alike_in_code(line: str, chance: random.Random) -> str | None:
    found = re.match(
        r" *(?:- )?(?:program|platform|enrolment|contract|document): ([a-z0-9]+)\Z", line
    )
    places = [n for n, letter in enumerate(found[1]) if letter in _ALIKE] if found else []
    if not found or not places:
        return None
    at = found.start(1) + chance.choice(places)
    return line[:at] + _ALIKE[line[at]] + line[at + 1 :]


def _curly_quotes(line: str, _: random.Random) -> str | None:
    return re.sub(r'"(.*)"\Z', r"“\1”", line) if re.search(r': "[^"]+"\Z', line) else None


def _layout_key(line: str, _: random.Random) -> str | None:
    found = _KEYED.match(line)
    return f"{found['head']}{retype(found['key'])}: {found['value']}" if found else None


def _capital_key(line: str, _: random.Random) -> str | None:
    found = _KEYED.match(line)
    return f"{found['head']}{found['key'].capitalize()}: {found['value']}" if found else None


def _letter_for_zero(line: str, _: random.Random) -> str | None:
    found = re.match(r" *(?:- )?(?:date|order|start|end|birth_date|student): [-/\d#e]+\Z", line)
    return line.replace("0", "О") if found else None


def _nbsp_behind(line: str, _: random.Random) -> str | None:
    return f"{line}\u00a0" if _KEYED.match(line) and '"' not in line else None


def _soft_hyphen(line: str, chance: random.Random) -> str | None:
    at = chance.randrange(len(line) + 1)
    return f"{line[:at]}\u00ad{line[at:]}"


def _dash_for_colon(line: str, _: random.Random) -> str | None:
    return line.replace(": ", " — ", 1) if _KEYED.match(line) else None


def _numbered(line: str, _: random.Random) -> str | None:
    found = re.match(r"( *)- (?=[a-z_]+: )", line)
    return f"{found[1]}1. {line[found.end() :]}" if found else None


SLIPS: tuple[Slip, ...] = (
    *(_tab_after_colon, _tab_behind, _nbsp_indent, _nbsp_after_colon, _zero_width, _en_dash),
    *(_glued_dash, _layout_colon, _paper_date, _worded_date, _word_dashes, _comma),
    *(_quoted_number, _alike_in_key, _alike_in_code, _curly_quotes, _layout_key, _capital_key),
    *(_letter_for_zero, _nbsp_behind, _soft_hyphen, _dash_for_colon, _numbered),
)


@pytest.mark.parametrize("part", range(4))
def test_a_mechanical_slip_is_mended_to_what_was_meant_or_asked_about(
    part: int, request: pytest.FixtureRequest
) -> None:
    files = sample()
    paths = [path for path in files if path.startswith("records/") and path.endswith(".yaml")]
    is_whole = request.config.getoption("--soak")
    chance = random.Random(20261130 + part)
    mended: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for _ in range(2_500 if is_whole else 20):
        path, line, slip, spoilt = _spoil(files, paths, chance)
        lines = files[path].decode().split("\n")
        was, lines[line] = lines[line], spoilt
        data = "\n".join(lines).encode()
        found = judged({path: data}, whole=False)
        about = f"{path}: {was!r} -> {spoilt!r}: {[one.code.name for one in found.findings]}"
        result = found.mends.get(path)
        if result is None or result.data is None or not result.is_sure:
            assert found.findings or read(data, path).value == read(files[path], path).value, about
            asked[slip] += 1
            continue
        mended[slip] += 1
        assert read(result.data, path).value == read(files[path], path).value, about
        now = result.data.decode().split("\n")
        assert [*now[:line], *now[line + 1 :]] == [*lines[:line], *lines[line + 1 :]], about
    if is_whole:
        print(_table(mended, asked))  # noqa: T201 - the table is what the soak is for
    assert mended.total() > 9 * asked.total(), (mended, asked)


def _table(mended: Counter[str], asked: Counter[str]) -> str:
    rows = [f"{slip:20}{mended[slip]:8}{asked[slip]:8}" for slip in sorted({*mended, *asked})]
    whole = f"{'all':20}{mended.total():8}{asked.total():8}"
    return "\n".join(["", f"{'slip':20}{'mended':>8}{'asked':>8}", *rows, whole])


def _spoil(
    files: dict[str, bytes], paths: list[str], chance: random.Random
) -> tuple[str, int, str, str]:
    """Return a path, the index of one of its lines, the name of a slip, the line with it."""
    while True:
        path, slip = chance.choice(paths), chance.choice(SLIPS)
        lines = files[path].decode().split("\n")
        line = chance.randrange(1, len(lines))
        if not lines[line].strip() or lines[line].lstrip().startswith("#"):
            continue
        spoilt = slip(lines[line], chance)
        if spoilt and spoilt != lines[line]:
            return path, line, slip.__name__.strip("_").replace("_", " "), spoilt


CARD = """\
id: 2026-0002
name:
  surname: Рябинина
  given: Василиса
birth_date: 2010-10-10
phone: "+70000000018"
representatives:
  - id: p1
    relation: мать
    text: 'Нашла: ошибку'
    marks: [1, 4.5, пять]
note: |
  Первая строка
  вторая
"""
_SIGNS = (
    *("\t", " ", "\n", ":", "-", "#", "'", '"', "[", "]", "{", "}", ",", "&", "*", "!", "|", ">"),
    *("%", "@", "`", "?", "0", "9", "e", "~", "=", "<", ".", "_", "й", "\u00a0", "😀", "\\", "/"),
    *("true", "no", "2026-02-30", "1:30", "0x1F", "\r\n", "---", ": ", "- ", " #"),
)


def test_what_is_read_is_read_by_every_other_reader_too(request: pytest.FixtureRequest) -> None:
    """The reference loader of YAML 1.1 in pure Python accepts whatever is accepted here."""
    chance = random.Random(20261201)
    accepted = 0
    for _ in range(20_000 if request.config.getoption("--soak") else 700):
        text = CARD
        for _ in range(chance.choice((1, 1, 2, 3))):
            at, sign = chance.randrange(len(text)), chance.choice(_SIGNS)
            text = text[:at] + sign + text[at + chance.choice((0, 0, 1)) :]
        document = read(text.encode(), "a.yaml")
        if document.findings or document.doubts:
            continue
        accepted += 1
        yaml.load(text, Loader=yaml.SafeLoader)
    assert accepted > 50
