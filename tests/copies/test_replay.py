"""Unsent saves put after what others have sent: what each changes then, and what stops them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from papka.copies.merging import Clash, Conflict, Replay, renumber_message, replay
from papka.copies.order_numbers import NewNumber
from papka.core.snapshot import DictSnapshot

HOME = "records/students/2026/2026-0007"
CARD, NOTICES, RESULTS = (
    f"{HOME}/{name}.yaml" for name in ("student", "notices", "results/2026-1")
)
OTHER = "records/students/2026/2026-0008/notices.yaml"
ORDER = "records/orders/2026/0002.yaml"

Files = Mapping[str, str | None]


def put(base: Files, theirs: Files, *unsent: Files) -> Replay:
    """`theirs` and each of `unsent`: what they change, None takes a file away."""

    def sides(files: Files) -> dict[str, bytes | None]:
        return {path: None if text is None else text.encode() for path, text in files.items()}

    def state(files: Files) -> DictSnapshot:
        return DictSnapshot({p: d for p, d in sides(files).items() if d is not None})

    moved = [path for path, text in theirs.items() if base.get(path) != text]
    return replay(state(base), state({**base, **theirs}), moved, [sides(each) for each in unsent])


def steps(done: Replay) -> Sequence[Files]:
    return [
        {path: None if data is None else data.decode() for path, data in step.items()}
        for step in done.steps
    ]


def entries(*said: str, name: str = "notices") -> str:
    """Entries `n1 text`."""
    return f"{name}:\n" + "".join(
        f"  - id: {id_}\n    text: {text}\n"
        for id_, _, text in (one.partition(" ") for one in said)
    )


BASE = {CARD: "id: 2026-0007\nphone: а\n", NOTICES: entries("n1 а")}


def test_saves_of_files_nobody_else_touched_stay_as_they_are() -> None:
    first = {NOTICES: entries("n1 а", "n2 б")}
    second = {NOTICES: entries("n1 а", "n2 в"), ORDER: "x: 1\n"}
    done = put(BASE, {CARD: "id: 2026-0007\nphone: б\n"}, first, second)
    assert steps(done) == [first, second]
    assert (done.conflicts, done.clashes, done.renamed) == ((), (), {})


def test_a_save_that_takes_a_file_away() -> None:
    assert steps(put(BASE, {CARD: "id: 2026-0007\n"}, {NOTICES: None})) == [{NOTICES: None}]
    assert steps(put(BASE, {NOTICES: None}, {NOTICES: None})) == [{}]


def test_what_the_others_did_too_is_no_change_any_more() -> None:
    done = put(BASE, {CARD: "id: 2026-0007\nphone: б\n"}, {CARD: "id: 2026-0007\nphone: б\n"})
    assert steps(done) == [{}]
    more = {CARD: "email: в\nid: 2026-0007\nphone: б\n"}
    done = put(BASE, {CARD: "id: 2026-0007\nphone: б\n"}, {CARD: "id: 2026-0007\nphone: б\n"}, more)
    assert (steps(done), done.conflicts) == ([{}, more], ())


def test_what_a_later_save_takes_back_is_taken_back_again() -> None:
    changed = {NOTICES: entries("n1 б")}
    done = put(BASE, {CARD: "id: 2026-0007\n"}, changed, {NOTICES: BASE[NOTICES]}, changed)
    assert steps(done) == [changed, {NOTICES: BASE[NOTICES]}, changed]


def test_a_conflict_names_the_place_and_is_settled_by_a_later_save() -> None:
    theirs = {CARD: "id: 2026-0007\nphone: б\n"}
    mine = {CARD: "id: 2026-0007\nphone: в\n"}
    conflict = Conflict(CARD, "", "phone", ours="в", theirs="б")
    assert put(BASE, theirs, mine).conflicts == (conflict,)
    assert put(BASE, theirs, mine, {NOTICES: entries("n1 в")}).conflicts == (conflict,)
    settled = put(BASE, theirs, mine, {**theirs, NOTICES: entries("n1 в")})
    assert settled.conflicts == ()
    assert steps(settled) == [{}, {NOTICES: entries("n1 в")}]


def test_every_file_in_conflict_is_named_once() -> None:
    theirs = {CARD: "id: 2026-0007\nphone: б\n", NOTICES: entries("n1 б")}
    mine = {CARD: "id: 2026-0007\nphone: в\n", NOTICES: entries("n1 в")}
    found = put(BASE, theirs, mine, mine).conflicts
    assert [(each.path, each.field) for each in found] == [(CARD, "phone"), (NOTICES, "text")]


def test_an_id_both_gave_moves_on_in_every_save_of_ours_and_in_what_refers_to_it() -> None:
    theirs = {NOTICES: entries("n1 а", "n2 их")}
    first = {NOTICES: entries("n1 а", "n2 мой")}
    second = {ORDER: "students: [2026-0007#n2, 2026-0008#n2]\n"}
    done = put(BASE, theirs, first, second)
    assert done.renamed == {"2026-0007": {"n2": "n3"}}
    assert steps(done) == [
        {NOTICES: entries("n1 а", "n2 их", "n3 мой")},
        {ORDER: "students: [2026-0007#n3, 2026-0008#n2]\n"},
    ]


def test_a_file_is_taken_away_while_an_id_moves_on() -> None:
    base = {**BASE, RESULTS: entries("r1 а", name="results")}
    mine = {NOTICES: entries("n1 а", "n2 мой"), RESULTS: None}
    done = put(base, {NOTICES: entries("n1 а", "n2 их")}, mine)
    assert steps(done) == [{NOTICES: entries("n1 а", "n2 их", "n3 мой"), RESULTS: None}]


@pytest.mark.parametrize(
    ("theirs", "mine", "renamed"),
    [
        # one letter, other files of the folder
        ({RESULTS: entries("r1 их", name="results")},
         {f"{HOME}/results/2026-2.yaml": entries("r1 мой", name="results")}, {"r1": "r2"}),
        # the same entry of both
        ({NOTICES: entries("n1 а", "n2 б")}, {NOTICES: entries("n1 а", "n2 б", "n3 в")}, {}),
        # changed by both, but there before
        ({NOTICES: entries("n1 б")}, {NOTICES: entries("n1 а", "n2 в")}, {}),
        # another folder's
        ({OTHER: entries("n1 а", "n2 их")}, {NOTICES: entries("n1 а", "n2 мой")}, {}),
        ({CARD: "id: 2026-0007\n", OTHER: entries("n1 а", "n2 их")},
         {NOTICES: entries("n1 а", "n2 мой")}, {}),
        # what is no record of the folder
        ({f"{HOME}/raw/2.part": entries("n2 их")}, {NOTICES: entries("n1 а", "n2 мой")}, {}),
        # an id that is no entry's number
        ({NOTICES: entries("n1 а", "n02 их")}, {RESULTS: entries("n02 мой", name="results")}, {}),
        ({NOTICES: entries("n1 а", "xn2 их")}, {RESULTS: entries("xn2 мой", name="results")}, {}),
        # deep inside a record
        ({CARD: "id: 2026-0007\npaper:\n  lendings:\n    - id: l1\n      date: а\n"},
         {CARD: "id: 2026-0007\npaper:\n  lendings:\n    - id: l1\n      date: б\n"},
         {"l1": "l2"}),
    ],
)  # fmt: skip
def test_which_ids_move_on(theirs: Files, mine: Files, renamed: Mapping[str, str]) -> None:
    assert put(BASE, theirs, mine).renamed == ({"2026-0007": renamed} if renamed else {})


NEW = "records/students/2026/2026-0009"


@pytest.mark.parametrize(
    ("theirs", "mine", "clashes"),
    [
        ({f"{NEW}/student.yaml": "id: а\n"}, {f"{NEW}/student.yaml": "id: б\n"},
         [Clash("2026-0009", f"{NEW}/student.yaml")]),
        # told once, however many files the folder has
        ({f"{NEW}/student.yaml": "id: а\n"},
         {f"{NEW}/student.yaml": "id: б\n", f"{NEW}/notices.yaml": entries("n1 а")},
         [Clash("2026-0009", f"{NEW}/student.yaml")]),
        # a salt alone, a card of theirs alone: another person's folder all the same
        ({f"{NEW}/student.yaml": "id: а\n"}, {f"{NEW}/.salt": "х"},
         [Clash("2026-0009", f"{NEW}/student.yaml")]),
        ({f"{NEW}/student.yaml": "id: а\n"}, {f"{NEW}/student.yaml": "id: а\n"}, []),
        ({CARD: "id: б\n"}, {CARD: "id: в\n", RESULTS: entries("r1 а")}, []),
        ({ORDER: "x: 1\n"}, {ORDER: "x: 2\n"}, []),
        ({ORDER: "x: 1\n"}, {ORDER: "x: 1\n"}, []),
        ({ORDER: "x: 1\n"}, {ORDER: None}, []),
        ({CARD: "id: б\n"}, {ORDER: "x: 2\n"}, []),
        *(({f"records/imports/2026-1/1/{name}": "а"}, {f"records/imports/2026-1/1/{name}": "б"},
           [Clash("2026-1/1", f"records/imports/2026-1/1/{name}")])
          for name in ("manifest.yaml", "parts.txt", "original/order.txt", "unmatched/rows.part")),
        ({"records/registers/issued/2026/progress-0001.yaml": "x: 1\n"},
         {"records/registers/issued/2026/progress-0001.yaml": "x: 2\n"},
         [Clash("issued/2026/progress-0001",
                "records/registers/issued/2026/progress-0001.yaml")]),
        # two at once, in the order of their paths
        ({ORDER: "x: 1\n", f"{NEW}/student.yaml": "id: а\n"},
         {f"{NEW}/student.yaml": "id: б\n", ORDER: "x: 2\n"},
         [Clash("2026-0009", f"{NEW}/student.yaml")]),
        ({"records/imports/2026-1/1/parts.txt": "а", f"{NEW}/student.yaml": "id: а\n"},
         {f"{NEW}/student.yaml": "id: б\n", "records/imports/2026-1/1/parts.txt": "б"},
         [Clash("2026-1/1", "records/imports/2026-1/1/parts.txt"),
          Clash("2026-0009", f"{NEW}/student.yaml")]),
        # neither is any part of the records
        ({"README.md": "а"}, {"README.md": "б", "tools/x.sh": "в"}, []),
        # a file without a number of its own is merged or a conflict
        ({"records/events/2027.yaml": "x: 1\n"}, {"records/events/2027.yaml": "x: 2\n"}, []),
    ],
)  # fmt: skip
def test_numbers_both_gave(theirs: Files, mine: Files, clashes: list[Clash]) -> None:
    assert list(put(BASE, theirs, mine).clashes) == clashes


def test_a_number_both_changed_afterwards_is_no_clash() -> None:
    base = {ORDER: "x: 0\n", f"{NEW}/student.yaml": "id: а\nphone: а\n"}
    theirs = {ORDER: "x: 1\n", f"{NEW}/student.yaml": "id: а\nphone: б\n"}
    mine = {ORDER: "x: 2\n", f"{NEW}/student.yaml": "id: а\nphone: в\n"}
    done = put(base, theirs, mine)
    assert (len(done.conflicts), done.clashes) == (2, ())


def test_where_a_number_clashes_no_id_moves_on() -> None:
    entry = "records/registers/issued/2026/progress-0001.yaml"
    theirs = {entry: "x: 1\n", ORDER: "x: 1\n", NOTICES: entries("n1 а", "n2 их")}
    mine = {entry: "x: 2\n", ORDER: "x: 2\n", NOTICES: entries("n1 а", "n2 мой")}
    done = put(BASE, theirs, mine)
    assert (len(done.clashes), done.renamed, done.orders) == (1, {}, {})


def order(number: str) -> str:
    return f"number: {number}\nheading: а\n"


def orders(*written: str) -> Files:
    """Orders of the year from the second on."""
    return {f"records/orders/2026/{at:04}.yaml": order(each) for at, each in enumerate(written, 2)}


@pytest.mark.parametrize(
    ("theirs", "mine", "numbers"),
    [
        (orders("2-к"), orders("2-к"), {}),
        (orders("2-к"), orders("5-у"), {"2026/0002": NewNumber("2026/0003", "5-у", "5-у")}),
        (orders("2-к", "3-к"), {**orders("2-о"), "records/orders/2026/0003.yaml": order("3-к  ")},
         {"2026/0002": NewNumber("2026/0004", "2-о", "2-о"),
          "2026/0003": NewNumber("2026/0005", "3-к", "4-к")}),
        (orders("2-к"), {ORDER: order("2-к ").replace("а", "б"),
                         "records/orders/2026/0003.yaml": order("3-к")},
         {"2026/0002": NewNumber("2026/0004", "2-к", "4-к")}),
        (orders("б/н"), orders("2-к", "б/н"),
         {"2026/0002": NewNumber("2026/0004", "2-к", "2-к")}),
        # another year counts by itself; an order that cannot be read moves all the same
        ({"records/orders/2027/0002.yaml": order("2-к")}, orders("2-к"), {}),
        ({ORDER: "- 1\n"}, {ORDER: "- 2\n"}, {"2026/0002": NewNumber("2026/0003", "", "")}),
    ],
)  # fmt: skip
def test_an_unsent_order_moves_on(
    theirs: Files, mine: Files, numbers: Mapping[str, NewNumber]
) -> None:
    done = put(BASE, theirs, mine)
    assert (done.orders, done.conflicts, done.clashes) == (numbers, (), ())


def test_all_that_names_a_moved_order_follows_in_every_save() -> None:
    scan = "records/orders/2026/0002.pdf"
    study = "enrolments:\n  - id: e1\n    order: 2026/0002   # приказ\n    note: 2026/0002\n"
    home = f"{HOME}/enrolments.yaml"
    first = {ORDER: order("2-к").replace("а", "б"), scan: "%PDF", home: study}
    second = {ORDER: order("2-к").replace("а", "в"), scan: None}
    done = put(BASE, orders("2-к"), first, second)
    new, moved = ORDER.replace("0002", "0003"), scan.replace("0002", "0003")
    assert steps(done) == [
        {
            new: order("3-к").replace("а", "б"),
            moved: "%PDF",
            home: study.replace("order: 2026/0002", "order: 2026/0003"),
        },
        {new: order("3-к").replace("а", "в"), moved: None},
    ]
    assert done.message("Приказ 2026/0002; 12026/0002") == "Приказ 2026/0003; 12026/0002"


def test_an_order_that_cancels_a_moved_one_and_a_term_it_confirms_follow() -> None:
    other, school = ORDER.replace("0002", "0003"), "records/organization.yaml"
    terms = "retention:\n  - term: 5\n    confirmed: 2026/0002\n    note: 2026/0002\n"
    mine = {
        ORDER: order("2-к").replace("а", "б"),
        other: order("3-к") + "cancels: 2026/0002\n",
        school: terms,
    }
    assert steps(put(BASE, orders("1-о"), mine)) == [
        {
            ORDER.replace("0002", "0004"): mine[ORDER],
            other: order("3-к") + "cancels: 2026/0004\n",
            school: terms.replace("confirmed: 2026/0002", "confirmed: 2026/0004"),
        }
    ]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("2026-0007: n2, n3 и n20\n", "2026-0007: n3, n4 и n20\n"),
        ("Правка\n\n2026-0007: уведомления (+n2)\n2026-0008: уведомления (+n2)\n",
         "Правка\n\n2026-0007: уведомления (+n3)\n2026-0008: уведомления (+n9)\n"),
        ("n2: 2026-0007\n", "n2: 2026-0007\n"),
        ("2026-0009: n2", "2026-0009: n2"),
    ],
)  # fmt: skip
def test_a_message_names_the_ids_as_they_are_now(message: str, expected: str) -> None:
    renamed = {"2026-0007": {"n2": "n3", "n3": "n4"}, "2026-0008": {"n2": "n9"}}
    assert renumber_message(message, renamed) == expected
