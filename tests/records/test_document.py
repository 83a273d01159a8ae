"""The strict loader against hostile and careless files."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from papka.records import strict_yaml
from papka.records.editing import Unwritable, write_file
from papka.records.strict_yaml import locate, read
from tests.records import drafts

MEGABYTE = 2**20


def value(text: str) -> Any:  # noqa: ANN401 - a YAML value
    found = read(text.encode(), "f.yaml")
    assert found.findings == ()
    return found.value


def codes(data: bytes | str) -> list[str]:
    found = read(data.encode() if isinstance(data, str) else data, "f.yaml")
    assert found.findings
    assert found.value is None
    assert all(finding.where.path == "f.yaml" for finding in found.findings)
    assert all(finding.where.line and finding.where.column for finding in found.findings)
    return [finding.code.name for finding in found.findings]


class Pure(yaml.SafeLoader):
    """PyYAML's own parser; dates stay text."""


class Fast(yaml.CSafeLoader):
    """libyaml's parser; dates stay text."""


def as_text(loader: Pure | Fast, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


Pure.add_constructor("tag:yaml.org,2002:timestamp", as_text)
Fast.add_constructor("tag:yaml.org,2002:timestamp", as_text)


@given(drafts.files())
def test_what_is_accepted_other_readers_take_alike(data: bytes) -> None:
    assert read(data, "f.yaml").value == yaml.load(data, Pure)


@given(drafts.values)
def test_any_written_value_other_readers_take_alike(new: object) -> None:
    try:
        text = write_file({"k": new})
    except Unwritable:
        return
    assert value(text) == {"k": new}
    assert yaml.load(text, Pure) == {"k": new}


PIECES = (
    "a|b|yes|12|0.5|1e3|2026-01-15|: |:|- |-|\n|\n  |  |\t|[|]|{|}|, |,|&x |*x|!t |<<|? |'|\"|\\|"
    "#| #|---\n|...\n|%|@|\r\n|é|\u200b|\ufeff|~|null|>\n|й|\u0438\u0306"
)
TOKENS = st.lists(st.sampled_from([*PIECES.split("|"), "|\n"]), max_size=40).map("".join)
TEXTS = st.text().map(lambda text: text.encode("utf-8", "replace"))


@given(st.binary() | TOKENS.map(str.encode) | TEXTS)
@example(b"")
@example(b"\xff\xfe")
@example(b"--- !")
def test_no_bytes_make_it_raise_and_what_it_takes_is_not_in_doubt(data: bytes) -> None:
    found = read(data, "f.yaml")
    assert (found.value is None) == bool(found.findings)
    assert all(finding.where.line >= 1 for finding in found.findings)
    if not found.findings:
        assert found.value == yaml.load(data, Fast)


@given(TOKENS)
def test_the_quick_pass_accepts_nothing_the_careful_one_refuses(text: str) -> None:
    judged = strict_yaml.parse_carefully(text, "f.yaml")
    found = read(text.encode(), "f.yaml")
    assert found.findings == judged.findings
    if judged.root is not None and not judged.findings:
        assert found.value == judged.root.plain()


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 50_000,
        "[" * 50_000 + "]" * 50_000,
        "{a: " * 50_000,
        "- " * 50_000,
        "? " * 50_000,
        "[\n" * (MEGABYTE // 2),
        "\n".join(" " * depth + "a:" for depth in range(1_400)),
    ],
    ids=["open", "closed", "maps", "dashes", "keys", "lines", "indents"],
)
def test_deep_nesting_is_one_finding_not_a_crash(bomb: str) -> None:
    assert codes(bomb)[-1] == "YAML_TOO_DEEP"


def test_thirty_two_levels_are_read_and_thirty_three_are_not() -> None:
    assert value("[" * 32 + "a" + "]" * 32)
    assert codes("[" * 33 + "a" + "]" * 33) == ["YAML_TOO_DEEP"]


FILLERS = ["~,", "k: 1\n", "\0", "\u200b", "*a ", "&a a, ", "\t", "a: [", '"', "1", ":", "\n", "a,"]


@pytest.mark.parametrize("filler", FILLERS)
def test_a_full_megabyte_of_anything_is_answered(filler: str) -> None:
    data = ("[" + filler * MEGABYTE).encode()[: MEGABYTE - 3]
    assert codes(data)


def test_billion_laughs_are_named_and_never_expanded() -> None:
    text = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert codes(text) == ["YAML_ANCHOR"] * 9


def test_all_faults_are_listed_in_order_of_place() -> None:
    text = "a: NO\nb: 12:30\na: 0012\nc: [~, &x z]\n"
    found = read(text.encode(), "f.yaml")
    places = [(f.code.name, f.where.line, f.where.column, f.where.pointer) for f in found.findings]
    assert places == [
        ("YAML_AMBIGUOUS_SCALAR", 1, 4, "/a"),
        ("YAML_AMBIGUOUS_SCALAR", 2, 4, "/b"),
        ("YAML_DUPLICATE_KEY", 3, 1, "/a"),
        ("YAML_AMBIGUOUS_SCALAR", 3, 4, "/a"),
        ("YAML_AMBIGUOUS_SCALAR", 4, 5, "/c/0"),
        ("YAML_ANCHOR", 4, 8, "/c/1"),
    ]


def test_a_duplicate_key_points_back_at_the_first() -> None:
    (finding,) = read("имя: 1\nдругое: 2\nимя: 3\n".encode(), "f.yaml").findings
    assert "в строке 1" in finding.message
    assert [(where.line, where.column) for where in finding.related] == [(1, 1)]


def test_letters_typed_in_one_or_two_signs_are_one_key() -> None:
    twice = "зачёт: 1\n" + unicodedata.normalize("NFD", "зачёт") + ": 2\n"
    assert codes(twice) == ["YAML_DUPLICATE_KEY"]


AMBIGUOUS = """
yes Yes YES no No NO on On ON off Off OFF y Y n N True TRUE False FALSE ~ Null NULL = << 12:30
190:20:30 -1:30 09:30 1:30.5 0012 00 -012 08 0o7 0x1F 0b101 1_000 1e3 1.5E-3 +5 +0.5 .5 5. -.5
.nan .NaN .inf -.INF +.inf 2001-12-14t21:59:43.10-05:00 2026-01-15T12:30:00Z
"""


@pytest.mark.parametrize(
    "text", [*AMBIGUOUS.split(), "2001-12-14 21:59:43.10 -5", "2026-01-15 12:30:00"]
)
def test_a_word_readers_take_differently_must_be_quoted(text: str) -> None:
    (finding,) = read(f"mark: {text}\n".encode(), "f.yaml").findings
    assert finding.code.name == "YAML_AMBIGUOUS_SCALAR"
    assert (finding.where.line, finding.where.column) == (1, 7)
    assert text in finding.message
    assert f'"{text}"' in finding.hint
    assert value(f'mark: "{text}"\n') == value(f"mark: '{text}'\n") == {"mark": text}


@pytest.mark.parametrize("head", ["|#", ">-# два", "|2#"])
def test_a_remark_stands_apart_from_the_sign_of_a_text(head: str) -> None:
    (finding,) = read(f"note: {head}\n  строка\n".encode(), "f.yaml").findings
    assert (finding.code.name, finding.where.line) == ("YAML_SYNTAX", 1)
    assert value("note: | # так\n  a >#\n") == {"note": "a >#\n"}


def test_a_tab_that_nobody_sees_at_the_end_of_a_line_of_text_is_told() -> None:
    (finding,) = read("note: >-\n  одна,\t\n  дру\tгая\n".encode(), "f.yaml").findings
    assert (finding.code.name, finding.where.line) == ("YAML_TAB", 2)


@pytest.mark.parametrize("text", ["mark: [4?.5]\n", "a: {b?: 1}\n", "a: [[что?]]\n"])
def test_a_question_mark_in_brackets_must_be_quoted(text: str) -> None:
    """One reader takes it for text, another for a sign of YAML."""
    (finding,) = read(text.encode(), "f.yaml").findings
    assert finding.code.name == "YAML_AMBIGUOUS_SCALAR"
    assert value('a: ["что?"]\nb: кто? [да]\n') == {"a": ["что?"], "b": "кто? [да]"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("0", 0),
        ("-7", -7),
        ("999999999999999", 999999999999999),
        ("4.50", 4.5),
        ("-0.25", -0.25),
        ("-0.1234567890123", -0.1234567890123),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("2026-01-15", "2026-01-15"),
        ("2024-02-30", "2024-02-30"),
        ("2026-0007", "2026-0007"),
        ("2026/0001", "2026/0001"),
        ("2026-1", "2026-1"),
        ("17/26", "17/26"),
        ("1.2.3", "1.2.3"),
        ("28.05.2026", "28.05.2026"),
        ("12-а", "12-а"),
        ("yEs", "yEs"),
        ("Нет", "Нет"),
        ("2,5", "2,5"),
        ("12:75", "12:75"),
        ("Шкаф 2, полка 3", "Шкаф 2, полка 3"),
    ],
)
def test_plain_words_mean_what_they_look_like(text: str, meant: object) -> None:
    found = value(f"k: {text}\nother: 1\n")["k"]
    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize("text", ["9" * 16, "9" * 5000, "1." + "1" * 15, "-" + "1" * 100])
def test_a_number_no_program_holds_exactly_is_refused(text: str) -> None:
    assert codes(f"number: {text}\n") == ["YAML_NUMBER_TOO_LONG"]


@pytest.mark.parametrize("size", [MEGABYTE + 1, 3 * MEGABYTE])
def test_more_than_a_megabyte_is_not_even_looked_at(size: int) -> None:
    assert codes(b"\xff" * size) == ["YAML_TOO_BIG"]


def test_a_whole_megabyte_is_read() -> None:
    text = "a: x\n"
    assert value(text + "#" * (MEGABYTE - len(text))) == {"a": "x"}


def test_the_likely_encoding_is_named() -> None:
    text = "surname: Абрикосова\n"
    guessed = {
        encoding: read(text.encode(encoding), "f.yaml").findings[0].message
        for encoding in ("cp1251", "utf-16", "utf-16-le", "koi8-r")
    }
    assert "Windows-1251" in guessed["cp1251"]
    assert "UTF-16" in guessed["utf-16"]
    assert "UTF-16" in guessed["utf-16-le"]
    assert guessed["koi8-r"] == "Файл не в UTF-8"


@pytest.mark.parametrize(
    "text",
    [
        "surname: Абрикосова: Аглая\n",
        'surname: "Абрикосова\ngiven: Аглая\n',
        "surname: Абрикосова\n   given: Аглая\n",
        "surname: &Абрикосова Аглая\n",
        "surname: [Абрикосова\n",
        "surname:Абрикосова\ngiven: Аглая\n",
        "surname: Абрикосова\u200b\n",
        "surname: @Абрикосова\n",
    ],
)
def test_messages_never_repeat_what_was_written(text: str) -> None:
    for finding in read(text.encode(), "f.yaml").findings:
        assert "Абрикосова" not in finding.message + finding.hint
        assert "Аглая" not in finding.message + finding.hint


NESTED = "# схема\nname:\n  given: Аглая   # имя\nlist:\n  - a: 1\n  - {b: [2, 3]}\na/b: 4\n"


@pytest.mark.parametrize(
    ("pointer", "value_at", "key_at"),
    [
        ("", (2, 1), (2, 1)),
        ("/name/given", (3, 10), (3, 3)),
        ("/list/0/a", (5, 8), (5, 5)),
        ("/list/1/b/1", (6, 13), (6, 13)),
        ("/list/1", (6, 5), (6, 5)),
        ("/a~1b", (7, 6), (7, 1)),
        ("/name/none", (3, 3), (2, 1)),
        ("/list/9", (5, 3), (4, 1)),
    ],
)
def test_a_pointer_leads_to_its_line(
    pointer: str, value_at: tuple[int, int], key_at: tuple[int, int]
) -> None:
    assert locate(NESTED.encode(), pointer) == value_at
    assert locate(NESTED.encode(), pointer, key=True) == key_at


def test_what_cannot_be_read_has_no_places() -> None:
    assert locate(b"\xff", "/a") == (1, 1)
    assert locate(b"", "/a/b") == (1, 1)


def test_no_record_of_the_sample_is_refused() -> None:
    records = Path(__file__).resolve().parents[2] / "records"
    for path in records.rglob("*.yaml"):
        assert read(path.read_bytes(), path.name).findings == ()
