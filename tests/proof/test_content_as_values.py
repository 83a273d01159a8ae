"""What a commit may hold, on values: names of persons, salts, sizes, what is read to judge it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import pytest

from papka.core.places import SALT_BYTES
from papka.core.snapshot import DictSnapshot
from papka.proof.chronicle import EMPTY, RecordFiles, StepSide, content_id
from papka.proof.commit_rules import is_archive_path, judge_admission, judge_attributes, size_limit
from papka.proof.history_rules import judge_beforehand
from papka.proof.unit_rules import (
    Persons,
    is_card,
    is_common,
    is_register,
    judge_messages,
    judge_places,
    judge_salts,
    judge_texts,
    salt_of,
    salted_units,
)
from papka.repository.git_values import FILE, LINK, TrackedFile
from tests.proof.values import (
    added,
    changed,
    commit,
    deleted,
    id_of,
    step,
    told,
)

ONE, TWO = "records/students/2025/2025-0001", "records/students/2025/2025-0002"
CARD = f"{ONE}/student.yaml"
EVENTS = "records/events/2026.yaml"
WORDS = """\
id: 2025-0001
name:
  surname: Ёлкина-Мох
  given: "Ага"
  patronymic: Тихоновна  # так в паспорте
representatives:
  - id: p1
    relation: мать
    surname: 'Рощина'
    given: Липа
    email: Lipa.R@Kust.example
  - surname: Рощин
"""


@pytest.fixture
def persons() -> Persons:
    return Persons.of([WORDS])


def test_whom_a_card_names(persons: Persons) -> None:
    assert persons.short == {
        ("елкина-мох", "ага"), ("ага", "елкина-мох"), ("рощина", "липа"), ("липа", "рощина"),
    }  # fmt: skip
    assert persons.full == {
        ("елкина-мох", "ага", "тихоновна"), ("ага", "тихоновна", "елкина-мох"),
    }  # fmt: skip
    assert persons.reached == {"lipa.r@kust.example"}
    assert persons.without(persons) == Persons()
    other = Persons({("елкина-мох", "ага", "тихоновна")}, {("ага", "елкина-мох")}, set())
    assert persons.without(other) == Persons(
        {("ага", "тихоновна", "елкина-мох")},
        persons.short - {("ага", "елкина-мох")},
        persons.reached,
    )


def test_a_given_name_before_any_surname_names_nobody() -> None:
    """The next surname begins another person, whose patronymic is not the first one's."""
    found = Persons.of(["given: Ага\npatronymic: Тихоновна\n", "surname: Мох\ngiven: Ива\n"])
    assert (found.full, found.short) == (set(), {("мох", "ива"), ("ива", "мох")})
    found = Persons.of(["surname: А\ngiven: Б\npatronymic: В\nsurname: Г\ngiven: Д\n"])
    assert {("г", "д"), ("д", "г")} <= found.short
    assert all("г" not in name for name in found.full)


def in_words(text: str, persons: Persons) -> list[str]:
    made = commit(2, message=text)
    found = told(judge_messages([step(1), step(2, made=made)], persons))
    assert {(code, where) for code, where, _ in found} <= {("PERSONAL_DATA_OUTSIDE_UNIT", "@2")}
    start = "персональные данные вне личной папки: в описании сохранения есть "
    return [words.removeprefix(start) for _, _, words in found]


NAME, NUMBER, MAIL = "имя человека из личной папки", "номер СНИЛС", "адрес почты"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ага Ёлкина-Мох", [NAME]),
        ("правка: ЕЛКИНА-МОХ, ага.", [NAME]),
        ("ага тихоновна елкина-мох", []),
        ("Ага Рощина", []),
        ("Рощина: Липа a@b.cc 112-233-445 95", [NAME]),
        ("112-233-445 95 и a@b.cc", [NUMBER]),
        ("112-233-445-95", [NUMBER]),
        ("112 233 445 95", [NUMBER]),
        ("112-233-445 94", []),
        ("1112-233-445 95", []),
        ("112-233-445 951", []),
        ("112-233-445 94 112-233-445 95", [NUMBER]),
        ("a@b.cc", [MAIL]),
        ("x+y.z_1@a-b.c.ru", [MAIL]),
        ("a@b", []),
        ("s003@papka.invalid", []),
        ("S003@PAPKA.INVALID", []),
        ("s003@papka.invalid, a@b.cc", [MAIL]),
        ("", []),
    ],
)
def test_persons_in_the_words_of_a_commit(text: str, found: list[str], persons: Persons) -> None:
    assert in_words(text, persons) == found


@pytest.mark.parametrize(
    ("digits", "total", "last"),
    [
        ("001-000-000", 7, "07"),
        ("000-900-999", 108, "07"),
        ("101-000-999", 70, "70"),
        ("999-400-000", 240, "38"),
    ],
)
def test_check_digits_of_an_insurance_number(digits: str, total: int, last: str) -> None:
    numbers = [int(d) for d in digits.replace("-", "")]
    assert sum(d * (9 - at) for at, d in enumerate(numbers)) == total
    assert in_words(f"{digits} {last}", Persons()) == [NUMBER]
    assert in_words(f"{digits} {(int(last) + 1) % 100:02}", Persons()) == []


def test_remainders_of_100_and_101_are_zeros() -> None:
    """By the rule of the fund: 100 and 101 are written 00."""
    for total in (100, 101, 201, 202):
        number = _with_sum(total)
        assert in_words(f"{number} 00", Persons()) == [NUMBER], total
        assert in_words(f"{number} 01", Persons()) == []


def _with_sum(total: int) -> str:
    """Nine digits whose weighted sum this is."""
    digits = []
    for weight in range(9, 0, -1):
        digit = min(9, total // weight)
        digits.append(str(digit))
        total -= digit * weight
    assert total == 0
    text = "".join(digits)
    return f"{text[:3]}-{text[3:6]}-{text[6:]}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("result: Ёлкина-Мох Ага Тихоновна\n", NAME),
        ("- ага\n- тихоновна\n- елкина-мох", NAME),
        ("ага: x\nтихоновна елкина-мох", ""),
        ("Ага Ёлкина-Мох", ""),
        ("mail: LIPA.R@kust.example", "адрес почты из личной папки"),
        ("mail: other@kust.example", ""),
        ("СНИЛС 112-233-445 95", ""),
        ("Ёлкина-Мох Ага Тихоновна lipa.r@kust.example", NAME),
    ],
)
def test_persons_in_a_common_file(text: str, found: str, persons: Persons) -> None:
    said = told(judge_texts([("a.md", "никого"), ("b.md", text)], persons))
    words = f"персональные данные вне личной папки: в общем файле есть {found}"
    assert said == ([("PERSONAL_DATA_OUTSIDE_UNIT", "b.md", words)] if found else [])


def test_a_text_shorter_than_a_name_and_one_that_ends_with_it(persons: Persons) -> None:
    assert in_words("Ага", persons) == []
    assert in_words("приказ о Ага Ёлкина-Мох", persons) == [NAME]
    assert in_words(unicodedata.normalize("NFD", "о Ага Ёлкина-Мох"), persons) == [NAME]
    assert in_words("о Ага Ёлкинa–Moх", persons) == [NAME]
    assert in_words("Ёлкина-Мох", Persons(short={("елкина-мох",)})) == [NAME]


def test_which_files_are_read_for_names() -> None:
    assert [is_card(path) for path in (CARD, f"{ONE}/credits.yaml", "student.yaml")] == [
        True, False, False,
    ]  # fmt: skip
    common = {
        "README.md": True, EVENTS: True, "records/approvals/2026-1.yaml": True,
        "records/trust/allowed_signers": True, "a.yml": True, "a.csv": True, "a.json": True,
        "a.css": True, "a.j2": True, "a.part": True, "a.txt": True,
        "records/staff.yaml": False, "records/organization.yaml": False, "schema/x.json": False,
        "templates/x.j2": False, CARD: False, "a.pdf": False, "yaml": False,
        "records/orders/2025/0001.yaml": False, "records/registers/a/2025/0001.yaml": False,
        "records/imports/2026-1/1/manifest.yaml": True,
    }  # fmt: skip
    assert {path: is_common(path) for path in common} == common


def test_files_where_no_record_may_lie() -> None:
    found = judge_places(["README.md", CARD, "records/x.txt", f"{ONE}/a/b", "recordsx/y"])
    words = "персональные данные вне личной папки: файл лежит там, где архив ничего не хранит"
    assert told(found) == [
        ("PERSONAL_DATA_OUTSIDE_UNIT", "records/x.txt", words),
        ("PERSONAL_DATA_OUTSIDE_UNIT", f"{ONE}/a/b", words),
    ]


# salts


def test_which_salt_is_due_to_a_file() -> None:
    due = {
        CARD: f"{ONE}/.salt",
        f"{ONE}/.salt": f"{ONE}/.salt",
        f"{ONE}/results/2025-1.yaml": f"{ONE}/.salt",
        "records/imports/2026-1/1/original/order.txt": None,
        "records/imports/2026-1/1/original/book.xlsx": "records/imports/2026-1/1/original/.salt",
        "records/imports/2026-1/1/manifest.yaml": None,
        "records/orders/2025/0001.yaml": None,
        "records/registers/a/2025/0001.yaml": None,
        EVENTS: None,
        "x": None,
    }
    found = {path: salt_of(path) for path in due}
    found["records/imports/2026-1/1/original/order.txt"] = None
    assert found == due
    files = [f"{ONE}/a.yaml", CARD, f"{ONE}/results/x.yaml", EVENTS, f"{TWO}/student.yaml"]
    assert salted_units(files) == {f"{ONE}/.salt": CARD, f"{TWO}/.salt": f"{TWO}/student.yaml"}
    assert salted_units([EVENTS]) == {}
    assert is_register("records/registers/a/2025/0001.yaml")
    assert not is_register(CARD)
    assert not is_register("x")


def salts(
    files: list[str], *steps: object, known: Mapping[str, bytes | None] | None = None
) -> list[tuple[str, str, str]]:
    tracked = {path: TrackedFile(FILE, "1") for path in files}
    return told(judge_salts(tracked, steps, known or {}))  # type: ignore[arg-type] # steps


START = "в личной папке или журнале нет соли: "
LATE = START + "первое сохранение с этой папкой сделано без неё"


def test_units_with_and_without_a_salt() -> None:
    assert salts([f"{ONE}/.salt", CARD]) == []
    assert salts([CARD, f"{ONE}/credits.yaml"]) == [
        ("SALT_MISSING", CARD, START + "нет файла .salt")
    ]
    salt = f"{ONE}/.salt"
    value = b"a" * SALT_BYTES
    assert salts([], known={salt: value, f"{TWO}/.salt": b"b" * SALT_BYTES}) == []
    known = {salt: value, f"{TWO}/.salt": value, "records/registers/a/2025/0001.yaml": None,
             "records/x/.salt": b"a" * (SALT_BYTES - 1)}  # fmt: skip
    assert salts([], known=known) == [
        ("SALT_MISSING", "records/registers/a/2025/0001.yaml", START + "в ней не 32 байта"),
        ("SALT_REUSED", f"{TWO}/.salt", f"соль та же, что у {salt}"),
        ("SALT_MISSING", "records/x/.salt", START + "в ней не 32 байта"),
    ]


def test_a_salt_that_came_later_than_its_unit() -> None:
    salt, other = f"{ONE}/.salt", f"{ONE}/credits.yaml"
    whole = [salt, CARD]
    made = step(1, added(CARD))
    late = [("SALT_MISSING", f"{salt}@1", LATE)]
    assert salts(whole, step(1, added(CARD), added(salt))) == []
    assert salts(whole, made, step(2, added(salt))) == late
    assert salts(whole, made, step(2, changed(CARD)), step(3, added(salt))) == late
    # what was there before these steps is not theirs
    assert salts(whole, step(2, changed(CARD)), step(3, added(salt))) == []
    # taken away whole and made anew
    anew = (step(2, deleted(CARD)), step(3, added(CARD), added(salt)))
    assert salts(whole, made, *anew) == []
    assert salts(whole, made, step(2, added(salt)), step(3, deleted(salt), deleted(CARD)),
                 step(4, added(salt), added(CARD))) == []  # fmt: skip
    # not whole: another file of it stayed
    kept = (step(2, deleted(CARD)), step(3, added(CARD), added(salt)))
    assert salts(whole, step(1, added(CARD), added(other)), *kept) == late
    # the salt came first
    assert salts(whole, step(1, added(salt)), step(2, added(CARD))) == []
    # late, and gone again: its lack is what is told
    assert salts([CARD], made) == [("SALT_MISSING", CARD, START + "нет файла .salt")]
    assert salts([CARD], made, step(2, added(salt)), step(3, deleted(salt))) == [
        ("SALT_MISSING", f"{CARD}@1", LATE)
    ]
    assert salts([EVENTS], step(1, added(EVENTS))) == []


# what may enter


MB = 1 << 20


def test_how_large_a_file_may_be() -> None:
    sizes = {
        f"{ONE}/attachments/0123456789ab.pdf": 25, "records/orders/2025/0001.pdf": 25,
        CARD: 1, "README.md": 1, "a.txt": 1, f"{ONE}/.salt": 1, "schema/x.json": 100,
        f"{ONE}/raw/2026-1-1.part": 100, "a.pdf": 100,
        "records/imports/2026-2/1/parts.txt": 100, "records/imports/2026-2/1/manifest.yaml": 1,
    }  # fmt: skip
    assert {path: size_limit(path) for path in sizes} == {p: mb * MB for p, mb in sizes.items()}
    steps = [
        step(2, added(CARD, id_of(5)), changed("schema/x.json", id_=id_of(6)), deleted("a.md"))
    ]
    assert list(judge_admission(steps, {id_of(5): MB, id_of(6): 100 * MB, "": 9 * MB})) == []
    assert told(judge_admission(steps, {id_of(5): MB + 1, id_of(6): 100 * MB + 1})) == [
        ("FILE_TOO_BIG", f"{CARD}@2", "файл больше 1 МБ"),
        ("FILE_TOO_BIG", "schema/x.json@2", "файл больше 100 МБ"),
    ]
    assert list(judge_admission(steps, {})) == []


def test_where_an_archive_keeps_files() -> None:
    there = {
        CARD: True, "records/x.txt": False, "schema/any/where": True, "templates/x": True,
        "proof/x.sh": True, "tools/x": True, ".github/x": True, "README.md": True,
        ".gitignore": True, ".gitattributes": True, "x.exe": False,
        "a/README.md": False, "records": True, "recordsx/y": False,
    }  # fmt: skip
    assert {path: is_archive_path(path) for path in there} == there
    steps = [step(2, added("x.exe"), changed("y.exe"), deleted("z.exe"), added("records/q"))]
    words = "посторонний файл: архив такого не хранит"
    assert told(judge_admission(steps, {})) == [
        ("PATH_FOREIGN", "x.exe@2", words), ("PATH_FOREIGN", "records/q@2", words),
    ]  # fmt: skip


def test_attributes_of_every_step_are_read() -> None:
    odd = f"{ONE}/.GITATTRIBUTES"
    steps = (
        step(1, added(".gitattributes", "a"), added("x", "a"), added(odd, "b")),
        step(2, changed(".gitattributes", id_="gone"), deleted(odd)),
    )
    contents = {"a": b"# x\n* ident\n* text eol=lf\n", "b": b"* -text", "": b"* text"}
    words = "строка {} велит git менять содержимое файлов: {}"
    assert told(judge_attributes(steps, contents)) == [
        ("ATTR_CONTENT_FILTER", ".gitattributes@1", words.format(2, "ident")),
        ("ATTR_CONTENT_FILTER", ".gitattributes@1", words.format(3, "text eol=lf")),
    ]


# asked before there is a commit


SALT_ONE, SALT_TWO = b"1" * SALT_BYTES, b"2" * SALT_BYTES
THERE = {
    CARD: WORDS.encode(), f"{ONE}/.salt": SALT_ONE, EVENTS: b"events: []\n",
    "records/orders/2025/0001.pdf": b"%PDF",
}  # fmt: skip


def beforehand(
    changes: Mapping[str, bytes | None], message: str = "", more: Mapping[str, bytes] | None = None
) -> list[tuple[str, str, str]]:
    files = {**THERE, **(more or {})}
    after = {path: data for path, data in {**files, **changes}.items() if data is not None}
    return told(judge_beforehand(DictSnapshot(files), DictSnapshot(after), changes, message))


OUTSIDE = "персональные данные вне личной папки: "
FULL = "Ёлкина-Мох Ага Тихоновна"


def test_a_save_that_brings_nothing_bad() -> None:
    new = {f"{TWO}/student.yaml": b"id: 2025-0002\n", f"{TWO}/.salt": SALT_TWO}
    assert beforehand(new) == beforehand({CARD: b"id: 2025-0001\n"}, "Правка 2025-0001") == []
    assert beforehand({f"{ONE}/credits.yaml": b"x"}) == beforehand({EVENTS: None}) == []


def test_a_save_of_odd_names_sizes_and_places() -> None:
    changes = {
        "records/a b.yaml": b"", "x.exe": b"MZ", CARD: b"#" * (MB + 1),
        ".gitattributes": b"* text\n", "records/orders/2025/0001.pdf": b"new", "b c": None,
    }  # fmt: skip
    found = beforehand(changes)
    assert found == [
        ("PATH_UNSAFE", "records/a b.yaml", "недопустимое имя файла или папки: знаки U+0020"),
        ("EVIDENCE_REPLACED", "records/orders/2025/0001.pdf",
         "заменён или убран сохранённый файл: скан приказа или текст акта"),
        ("ATTR_CONTENT_FILTER", ".gitattributes",
         "строка 1 велит git менять содержимое файлов: text"),
        ("PATH_FOREIGN", "records/a b.yaml", "посторонний файл: архив такого не хранит"),
        ("PATH_FOREIGN", "x.exe", "посторонний файл: архив такого не хранит"),
        ("FILE_TOO_BIG", CARD, "файл больше 1 МБ"),
        ("PERSONAL_DATA_OUTSIDE_UNIT", "records/a b.yaml",
         OUTSIDE + "файл лежит там, где архив ничего не хранит"),
    ]  # fmt: skip


def test_the_hint_of_a_replaced_scan_names_the_last_commit() -> None:
    before = DictSnapshot(THERE)
    scan: dict[str, bytes | None] = {"records/orders/2025/0001.pdf": None}
    after = DictSnapshot({path: data for path, data in THERE.items() if path not in scan})
    [found] = judge_beforehand(before, after, scan, "")
    assert "git show HEAD" in found.hint


def test_names_that_come_to_be_one() -> None:
    upper = "records/events/2026.YAML"
    found = beforehand({upper: b"x"})
    assert [(code, where) for code, where, _ in found] == [
        ("PATH_COLLISION", EVENTS), ("PATH_FOREIGN", upper), ("PERSONAL_DATA_OUTSIDE_UNIT", upper),
    ]  # fmt: skip
    # what was so before is not this save's
    twin = {"records/events/2026.Yaml": b"", "records/events/2026.YAML": b""}
    assert beforehand({CARD: b"id: 2025-0001\n"}, more=twin) == []
    assert beforehand({"README.md": b""}, more=twin) == []


def test_salts_of_what_a_save_touches() -> None:
    missing = START + "нет файла .salt"
    two = f"{TWO}/student.yaml"
    assert beforehand({two: b"id: 2025-0002\n"}) == [("SALT_MISSING", two, missing)]
    assert beforehand({two: b"x", f"{TWO}/.salt": SALT_ONE}) == [
        ("SALT_REUSED", f"{TWO}/.salt", f"соль та же, что у {ONE}/.salt")
    ]
    assert beforehand({f"{ONE}/.salt": None, CARD: b"x"}) == [("SALT_MISSING", CARD, missing)]
    assert beforehand({f"{ONE}/.salt": b"short"}) == [
        ("SALT_MISSING", f"{ONE}/.salt", START + "в ней не 32 байта")
    ]
    # another unit without one is not this save's, nor two that share one
    bare = {f"{TWO}/student.yaml": b"id: 2025-0002\n"}
    assert beforehand({CARD: b"id: 2025-0001\n"}, more=bare) == []
    shared = {**bare, f"{TWO}/.salt": SALT_ONE}
    assert beforehand({EVENTS: b"x"}, more=shared) == []


def test_persons_named_by_a_save() -> None:
    text = f"by: {FULL}\n".encode()
    common = OUTSIDE + "в общем файле есть " + NAME
    assert beforehand({EVENTS: text}) == [("PERSONAL_DATA_OUTSIDE_UNIT", EVENTS, common)]
    assert beforehand({EVENTS: b"x"}, "Ага Ёлкина-Мох") == [
        ("PERSONAL_DATA_OUTSIDE_UNIT", "", f"{OUTSIDE}в описании сохранения есть {NAME}")
    ]
    assert beforehand({CARD: b"id: 2025-0001\n"}, "a@b.cc") == [
        ("PERSONAL_DATA_OUTSIDE_UNIT", "", f"{OUTSIDE}в описании сохранения есть {MAIL}")
    ]
    # a card that comes where a common file names its student already
    assert beforehand({CARD: WORDS.encode()}, more={"README.md": b""}) == []
    named = {EVENTS: text}
    assert beforehand({CARD: WORDS.encode()}, more=named) == [
        ("PERSONAL_DATA_OUTSIDE_UNIT", EVENTS, common)
    ]
    assert beforehand({f"{ONE}/credits.yaml": text}, more=named) == []
    # both at once are told once
    assert beforehand({CARD: WORDS.encode() + b"#\n", EVENTS: text}) == [
        ("PERSONAL_DATA_OUTSIDE_UNIT", EVENTS, common)
    ]
    staff = {
        "records/staff.yaml": "surname: Ёлкина-Мох\ngiven: Ага\npatronymic: Тихоновна\n".encode()
    }
    assert beforehand({EVENTS: text}, "Ага Ёлкина-Мох", more=staff) == []
    assert beforehand({CARD: WORDS.encode()}, more={**named, **staff}) == []
    school = {"records/organization.yaml": staff["records/staff.yaml"]}
    assert beforehand({EVENTS: text}, more=school) == []
    # a common file that is taken away names nobody
    assert beforehand({EVENTS: None}, more=named) == []


# what must be read to judge a step


RESULTS = f"{ONE}/results/2026-1.yaml"
APPROVAL = "records/approvals/2026-1.yaml"
ENROLMENTS = f"{ONE}/enrolments.yaml"
IMPORT = "records/imports/2026-1/1"


def test_a_step_that_touches_nothing_that_stood() -> None:
    files = RecordFiles({CARD: "c", "README.md": "r"})
    for change in (added(ENROLMENTS), changed("README.md"), added(RESULTS), added("schema/x.json")):
        assert files.touched([change]) is None
    assert RecordFiles({}).touched([added(CARD)]) is None
    assert RecordFiles({"records/x.txt": "x"}).touched([changed("records/x.txt")]) is None
    trust = "records/trust/allowed_signers"
    assert RecordFiles({trust: "x"}).touched([changed(trust)]) is None


def test_both_sides_of_a_changed_record() -> None:
    files = RecordFiles({CARD: "c", ENROLMENTS: "e"})
    found = files.touched([changed(ENROLMENTS, id_="e2"), added(f"{ONE}/credits.yaml", "k"),
                           added(f"{ONE}/attachments/x.pdf"),
                           added(f"{TWO}/student.yaml")])  # fmt: skip
    assert found is not None
    assert found.before == StepSide({ENROLMENTS: "e"}, (), frozenset({"2025-0001"}))
    assert found.after == StepSide(
        {ENROLMENTS: "e2", f"{ONE}/credits.yaml": "k"}, (), frozenset({"2025-0001"})
    )  # fmt: skip
    assert not found.is_shared


def test_a_card_taken_away_and_a_link_in_its_place() -> None:
    files = RecordFiles({CARD: "c", ENROLMENTS: "e"})
    gone = files.touched([deleted(CARD), deleted(ENROLMENTS)])
    assert gone is not None
    assert (set(gone.before.cards), set(gone.after.cards)) == ({"2025-0001"}, set())
    assert gone.after.blobs == {}
    link = files.touched([changed(CARD, LINK, id_="l")])
    assert link is not None
    assert link.after.blobs == {CARD: EMPTY}
    assert link.after.cards == {"2025-0001"}
    assert (content_id("100755", "x"), content_id(LINK, "x"), content_id("", "")) == (
        "x",
        EMPTY,
        "",
    )
    needs = RecordFiles({f"{ONE}/needs.yaml": "n"}).touched([changed(f"{ONE}/needs.yaml")])
    assert needs is not None
    assert needs.before.cards == {"2025-0001"}


def test_results_of_an_approved_period_are_judged_though_they_are_new() -> None:
    files = RecordFiles({CARD: "c", APPROVAL: "a"})
    found = files.touched([added(RESULTS, "r")])
    assert found is not None
    assert found.before.blobs == {APPROVAL: "a"}
    assert found.after.blobs == {APPROVAL: "a", RESULTS: "r"}
    assert files.touched([added(f"{ONE}/results/2026-2.yaml")]) is None
    assert files.touched([added(ENROLMENTS)]) is None
    open_ = RecordFiles({CARD: "c", RESULTS: "r"})
    changed_ = open_.touched([changed(RESULTS, id_="r2")])
    assert changed_ is not None
    assert changed_.before.blobs == {RESULTS: "r"}
    open_.advance([added(APPROVAL, "a")])
    assert open_.touched([added(f"{TWO}/results/2026-1.yaml", "n")]) is not None


def test_an_import_is_judged_with_its_lists() -> None:
    manifest, header, parts = (
        f"{IMPORT}/{n}" for n in ("manifest.yaml", "header.part", "parts.txt")
    )
    files = RecordFiles({manifest: "m", header: "h", parts: "p", APPROVAL: "a"})
    found = files.touched([changed(header, id_="h2")])
    assert found is not None
    assert found.before.blobs == {manifest: "m", parts: "p", APPROVAL: "a"}
    assert (found.before.parts, found.after.parts) == ((header,), (header,))
    gone = files.touched([deleted(header), deleted(manifest)])
    assert gone is not None
    assert gone.after.parts == ()
    assert gone.after.blobs == {parts: "p", APPROVAL: "a"}
    plain = RecordFiles({manifest: "m"}).touched([changed(manifest, id_="m2")])
    assert plain is not None
    assert (plain.before.blobs, plain.after.blobs) == ({manifest: "m"}, {manifest: "m2"})


def test_what_any_personal_file_may_refer_to() -> None:
    program = "records/programs/p1.yaml"
    files = RecordFiles({program: "p", CARD: "c", ENROLMENTS: "e", f"{ONE}/consents.yaml": "s",
                   "records/organization.yaml": "o", EVENTS: "v", "README.md": "r"})  # fmt: skip
    for path, shared in ((program, True), ("records/organization.yaml", True), (EVENTS, False)):
        found = files.touched([changed(path)])
        assert found is not None
        assert found.is_shared is shared
    assert files.referring() == {program: "p", ENROLMENTS: "e", f"{ONE}/consents.yaml": "s"}


def test_files_go_on_commit_by_commit() -> None:
    files = RecordFiles({CARD: "c"})
    files.advance([added(ENROLMENTS, "e"), added("README.md", "r"), deleted(CARD),
                   deleted(f"{TWO}/student.yaml")])  # fmt: skip
    assert files.referring() == {ENROLMENTS: "e"}
    assert files.touched([changed(CARD)]) is None
    found = files.touched([changed(ENROLMENTS, id_="e2")])
    assert found is not None
    assert found.before.blobs == {ENROLMENTS: "e"}
