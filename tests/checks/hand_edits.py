"""Edits of records by hand, as people without programming make them, on the sample school.

A row says what was typed and what must be told: the code, and the line as it should stand. Where a
right line was spoilt, that line is what should stand again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

FOLDER = "records/students/2026/2026-0002"
RESULTS = f"{FOLDER}/results/2026-2.yaml"
ENROLMENTS = f"{FOLDER}/enrolments.yaml"
CARD = f"{FOLDER}/student.yaml"
CONSENTS = f"{FOLDER}/consents.yaml"
NEW = "records/students/2026/2026-0008"
PROGRAM = "records/programs/guitar.yaml"
SCHOOL = "records/organization.yaml"
STAFF = "records/staff.yaml"
ORDER = "records/orders/2026/0003.yaml"

Files = Mapping[str, bytes]
Changes = dict[str, bytes | None]


class Edit(NamedTuple):
    """One edit. `code` is "" where nothing is wrong; `line` 0: the first line that was changed, -1:
    any; `instead`: the line to type, "same": the line as it was; `path`: where it is told."""

    name: str
    changes: Callable[[Files], Changes]
    code: str
    path: str
    line: int = 0
    instead: str = ""
    says: str = ""


def _in(path: str, old: str, new: str) -> Callable[[Files], Changes]:
    def change(files: Files) -> Changes:
        text = files[path].decode()
        assert text.count(old) >= 1, (path, old)
        return {path: text.replace(old, new, 1).encode()}

    return change


def _whole(path: str, make: Callable[[bytes], bytes | None]) -> Callable[[Files], Changes]:
    return lambda files: {path: make(files[path])}


def _moved(old: str, new: str, *, keep: bool = False) -> Callable[[Files], Changes]:
    """A file or a folder under another name."""

    def change(files: Files) -> Changes:
        inside = [path for path in files if path == old or path.startswith(f"{old}/")]
        assert inside, old
        found: Changes = {new + path[len(old) :]: files[path] for path in inside}
        return found | ({} if keep else dict.fromkeys(inside))

    return change


def _added(path: str, data: bytes) -> Callable[[Files], Changes]:
    return lambda _: {path: data}


ENTRY = """\
  - id: r40
    enrolment: e1
    kind: учебный
    origin: текущий контроль
    part: техника
    control: текущий
    date: 2026-11-25
    mark: 5
    assessed_by: s003
"""


JSON_ENTRY = (
    '  - {"enrolment": "e1", "kind": "учебный", "origin": "текущий контроль", "part": "техника", '
    '"control": "текущий", "date": "2026-11-25", "mark": 5, "assessed_by": "s003"}\n'
)


def _appended(text: str) -> Callable[[Files], Changes]:
    return _whole(RESULTS, lambda data: data + text.encode())


def _spoilt(old: str, cases: Mapping[str, tuple[str, str]], path: str = RESULTS) -> Iterator[Edit]:
    """Spoil one line in many ways; what should stand is the line as it was."""
    for name, (new, code) in cases.items():
        instead = "same" if code else ""
        yield Edit(name, _in(path, f"{old}\n", f"{new}\n"), code, path, instead=instead)


def two_conflicts(data: bytes) -> bytes:
    """A result with two versions of its mark and of who gave it."""
    text = data.decode()
    for line, other in (("    mark: 5\n", "    mark: 4\n"), ("    assessed_by: s003\n", "")):
        both = f"<<<<<<< HEAD\n{line}=======\n{other}>>>>>>> server/main\n"
        text = text.replace(line, both, 1)
    return text.encode()


CLOSED = f"{FOLDER}/results/2026-1.yaml"
KEPT = "records/registers/issued/2026/certificates-0001.yaml"


def _of_saved_things() -> Iterator[Edit]:
    """Changes of what a save would refuse to change: the line as it was is the line to type."""
    for name, path, old, new, code, says in (
        ("closed-mark", CLOSED, "    mark: 4\n", "    mark: 5\n", "CLOSED_PERIOD_CHANGED",
         "изменено поле mark: было 4, стало 5"),
        ("closed-date", CLOSED, "date: 2026-01-28", "date: 2026-01-29", "CLOSED_PERIOD_CHANGED",
         "было 2026-01-28, стало 2026-01-29"),
        ("closed-teacher", CLOSED, "assessed_by: s003", "assessed_by: s001",
         "CLOSED_PERIOD_CHANGED", "было s003, стало s001"),
        ("edition-hours", PROGRAM, "title: Техника игры", "title: Техника", "USED_EDITION_CHANGED",
         "изменено поле title"),
        ("edition-part-hours", PROGRAM, "        hours: 72", "        hours: 27",
         "USED_EDITION_CHANGED", "изменено поле hours: было 72, стало 27"),
        ("edition-whole-hours", PROGRAM, "    hours: 120", "    hours: 210",
         "USED_EDITION_CHANGED", "изменено поле hours: было 120, стало 210"),
        ("closed-mark-off-scale", CLOSED, "    mark: 4\n", "    mark: 9\n",
         "CLOSED_PERIOD_CHANGED", "было 4, стало 9"),
        ("closed-date-far", CLOSED, "date: 2026-01-28", "date: 2025-01-28",
         "CLOSED_PERIOD_CHANGED", "было 2026-01-28, стало 2025-01-28"),
        ("closed-teacher-unknown", CLOSED, "assessed_by: s003", "assessed_by: s030",
         "CLOSED_PERIOD_CHANGED", "было s003, стало s030"),
        ("order-date-late", ORDER, "date: 2026-01-13", "date: 2026-03-13", "DATE_ORDER",
         "было 2026-01-13, стало 2026-03-13; из-за этого: "),
        ("issued-hours", KEPT, "  hours: 108", "  hours: 109", "ISSUED_CHANGED",
         "изменено поле hours"),
        ("order-date", ORDER, "date: 2026-01-13", "date: 2026-01-12", "ORDER_CHANGED",
         "было 2026-01-13, стало 2026-01-12"),
        ("approval-date", "records/approvals/2026-1.yaml", "2026-06-17", "2026-06-18",
         "APPROVAL_CHANGED", "было 2026-06-17, стало 2026-06-18"),
        ("scale-pass", SCHOOL, "    pass_mark: 3\n", "    pass_mark: 2\n", "SCALE_CHANGED",
         "было 3, стало 2"),
        ("consent-text", SCHOOL, "text: Разрешаю размещать", "text: Разрешаю показывать",
         "CONSENT_TEXT_CHANGED", "изменено поле text"),
    ):  # fmt: skip
        yield Edit(f"saved-{name}", _in(path, old, new), code, path, instead="same", says=says)
    yield Edit("saved-closed-field-gone", _in(CLOSED, "    assessed_by: s003\n", ""),
               "CLOSED_PERIOD_CHANGED", CLOSED, -1, says="исчезло поле assessed_by")  # fmt: skip
    yield Edit("saved-closed-field-new", _in(CLOSED, "    mark: 4\n",
                                             "    mark: 4\n    text: неплохо\n"),
               "CLOSED_PERIOD_CHANGED", CLOSED, says="добавлено поле text")  # fmt: skip


BAD, ALIKE, FORM = "SCHEMA_BAD_PATTERN", "LETTERS_ALIKE", "VALUE_FORM"
TYPE, UNKNOWN, WORD = "SCHEMA_WRONG_TYPE", "SCHEMA_UNKNOWN_FIELD", "SCHEMA_NOT_IN_ENUM"

DATES = {
    "date-dots": ("    date: 16.09.2026", BAD),
    "date-words": ("    date: 16 сентября 2026", BAD),
    "date-words-year": ("    date: 16 сентября", BAD),
    "date-words-god": ("    date: 16 сентября 2026 года", BAD),
    "date-short-month": ("    date: 16 сент. 2026", BAD),
    "date-ordinal": ("    date: 16-е сентября 2026 г.", BAD),
    "date-slash": ("    date: 16/09/26", BAD),
    "date-slash-long": ("    date: 16/09/2026", BAD),
    "date-slash-ymd": ("    date: 2026/09/16", BAD),
    "date-two-digits": ("    date: 16.09.26", BAD),
    "date-time": ("    date: 2026-09-16 10:00", BAD),
    "date-time-t": ("    date: 2026-09-16T10:00:00", "YAML_AMBIGUOUS_SCALAR"),
    "date-ymd-dots": ("    date: 2026.09.16", BAD),
    "date-god": ("    date: 16.09.2026 г.", BAD),
    "date-god-glued": ("    date: 16.09.2026г.", BAD),
    "date-excel": ("    date: 46281", FORM),
    "date-glued": ("    date: 20260916", FORM),
    "date-endash": ("    date: 2026–09–16", ALIKE),
    "date-minus": ("    date: 2026−09−16", ALIKE),
    "date-hyphen-no-break": ("    date: 2026‑09‑16", ALIKE),
    "date-one-digit": ("    date: 2026-9-16", BAD),
    "date-letter-o": ("    date: 2О26-О9-16", ALIKE),
    "date-spaces": ("    date: 16 09 2026", BAD),
    "date-dashes-dmy": ("    date: 16-09-2026", BAD),
    "date-nbsp": ("    date: 16\u00a0сентября\u00a02026", BAD),
    "date-dot-behind": ("    date: 2026-09-16.", BAD),
    "date-guillemets": ("    date: «2026-09-16»", BAD),
    "date-quoted": ('    date: "2026-09-16"', ""),
}
MARKS = {
    "mark-comma": ("    mark: 5,0", FORM),
    "mark-float": ("    mark: 5.0", FORM),
    "mark-word": ("    mark: пять", FORM),
    "mark-word-noun": ("    mark: пятёрка", FORM),
    "mark-quoted": ('    mark: "5"', FORM),
    "mark-single-quoted": ("    mark: '5'", FORM),
    "mark-guillemets": ("    mark: «5»", FORM),
    "mark-minus": ("    mark: 5-", "MARK_NOT_ON_SCALE"),
    "mark-plus": ("    mark: +5", "YAML_AMBIGUOUS_SCALAR"),
    "mark-points": ("    mark: 5 баллов", "MARK_NOT_ON_SCALE"),
    "mark-in-words": ("    mark: 5 (пять)", "MARK_NOT_ON_SCALE"),
    "mark-zero-before": ("    mark: 05", "YAML_AMBIGUOUS_SCALAR"),
    "mark-dot-behind": ("    mark: 5.", "YAML_AMBIGUOUS_SCALAR"),
    "tab-after-colon": ("    mark:\t5", "YAML_TAB"),
    "tabs-after-colon": ("    mark:\t\t5", "YAML_TAB"),
    "trailing-tab": ("    mark: 5\t", "YAML_TAB"),
    "tab-indent": ("\t\tmark: 5", "YAML_TAB_INDENT"),
    "tab-indent-one": ("\tmark: 5", "YAML_TAB_INDENT"),
    "nbsp-indent": ("\u00a0\u00a0\u00a0\u00a0mark: 5", "SPACE_ODD"),
    "nbsp-indent-last": ("   \u00a0mark: 5", "SPACE_ODD"),
    "narrow-nbsp-indent": ("   \u202fmark: 5", "SPACE_ODD"),
    "ideographic-space": ("    mark:\u30005", "SPACE_ODD"),
    "nbsp-after-colon": ("    mark:\u00a05", "SPACE_ODD"),
    "zero-width-before-key": ("    \u200bmark: 5", "YAML_INVISIBLE"),
    "zero-width-value": ("    mark: 5\u200b", "YAML_INVISIBLE"),
    "soft-hyphen-key": ("    ma\u00adrk: 5", "YAML_INVISIBLE"),
    "bidi-value": ("    mark: \u200e5", "YAML_BIDI"),
    "no-space-after-colon": ("    mark:5", "YAML_NO_SPACE_AFTER_COLON"),
    "no-colon": ("    mark 5", "YAML_NO_COLON"),
    "equals": ("    mark=5", "SIGN_ODD"),
    "equals-spaced": ("    mark = 5", "SIGN_ODD"),
    "semicolon": ("    mark; 5", "SIGN_ODD"),
    "full-width-colon": ("    mark：5", "SIGN_ODD"),
    "layout-colon": ("    markЖ 5", "SIGN_ODD"),
    "layout-key-colon": ("    ьфклЖ 5", "SIGN_ODD"),
    "layout-key": ("    ьфкл: 5", UNKNOWN),
    "cyr-key-required": ("    mаrk: 5", ALIKE),
    "cyr-key-two": ("    mаrк: 5", ALIKE),
    "key-russian": ("    отметка: 5", UNKNOWN),
    "key-russian-capital": ("    Отметка: 5", UNKNOWN),
    "key-russian-synonym": ("    оценка: 5", UNKNOWN),
    "key-capital": ("    Mark: 5", UNKNOWN),
    "key-upper": ("    MARK: 5", UNKNOWN),
    "key-typo": ("    makr: 5", UNKNOWN),
    "key-plural": ("    marks: 5", UNKNOWN),
    "indent-more": ("     mark: 5", "YAML_BAD_INDENT"),
    "indent-less": ("   mark: 5", "YAML_BAD_INDENT"),
    "space-before-colon": ("    mark : 5", ""),
    "many-spaces-after-colon": ("    mark:   5", ""),
    "comment-behind": ("    mark: 5  # пересчитать", ""),
    "comment-behind-number": ("    mark: 5 # пересчитать", ""),
}
WORDS = {
    "cyr-id": ("    enrolment: е1", ALIKE),
    "id-number": ("    enrolment: 1", TYPE),
    "id-capital": ("    enrolment: E1", BAD),
    "id-spaced": ("    enrolment: e 1", BAD),
    "id-sharp": ('    enrolment: "#e1"', BAD),
}
KINDS = {
    "enum-nfd": ("    kind: учебныи\u0306", ALIKE),
    "enum-capital": ("    kind: Учебный", WORD),
    "enum-typo": ("    kind: учбный", WORD),
    "enum-quoted": ('    kind: "учебный"', ""),
    "enum-latin-letter": ("    kind: учeбный", ALIKE),
    "enum-guillemets": ("    kind: «учебный»", WORD),
    "enum-dot": ("    kind: учебный.", WORD),
}
PARTS = {
    "cyr-part": ("    part: теxника", ALIKE),
    "part-title": ("    part: Техника игры", BAD),
    "part-capital": ("    part: Техника", BAD),
}
STAFF_WORDS = {
    "staff-cyr": ("    assessed_by: ѕ003", ALIKE),
    "staff-russian-s": ("    assessed_by: с003", ALIKE),
    "staff-capital": ("    assessed_by: S003", BAD),
    "staff-short": ("    assessed_by: s3", BAD),
    "person-name": ("    assessed_by: Глинкина", BAD),
    "person-name-initials": ("    assessed_by: Глинкина Д. И.", BAD),
    "person-initials-first": ("    assessed_by: Д. И. Глинкина", BAD),
}
PHONES = {
    "phone-human": ("phone: 8 (000) 000-00-18", BAD),
    "phone-spaces": ('phone: "+7 000 000-00-18"', BAD),
    "phone-eight": ("phone: 80000000018", TYPE),
    "guillemets": ("phone: «+70000000018»", BAD),
    "curly-quotes": ("phone: “+70000000018”", BAD),
    "low-quotes": ("phone: „+70000000018“", BAD),
    "phone-unquoted": ("phone: +70000000018", "YAML_AMBIGUOUS_SCALAR"),
    "quote-not-closed": ('phone: "+70000000018', "YAML_QUOTE_NOT_CLOSED"),
    "nbsp-col0-key": ('\u00a0phone: "+70000000018"', "SPACE_ODD"),
    "key-translated": ('телефон: "+70000000018"', UNKNOWN),
}
GROUPS = {
    "endash-group": ("    group: Г–26–1", ALIKE),
    "group-spaces": ("    group: Г 26 1", BAD),
    "group-lower": ("    group: г-26-1", FORM),
    "group-nbsp": ("    group: Г-26-1\u00a0", "SPACE_ODD"),
}
ORDERS = {
    "order-dash": ("    order: 2026-0003", BAD),
    "order-short": ("    order: 2026/3", BAD),
    "order-number-sign": ("    order: № 2026/0003", BAD),
    "order-spaces": ("    order: 2026 / 0003", BAD),
}
PROGRAMS = {
    "program-title": ("    program: Гитара с нуля", BAD),
    "program-title-quoted": ("    program: «Гитара с нуля»", BAD),
    "program-cyr": ("    program: guitаr", ALIKE),
    "program-capital": ("    program: Guitar", BAD),
    "program-upper": ("    program: GUITAR", BAD),
    "program-layout": ("    program: пгшефк", BAD),
}
SEXES = {"layout-colon-before-zh": ("sexЖ женский", "SIGN_ODD")}
CONTRACTS = {
    "cyr-key": ("    сontract: d1", ALIKE),
    "contract-number": ("    contract: 1", TYPE),
}


def _lines() -> Iterator[Edit]:
    yield from _spoilt("    date: 2026-09-16", DATES)
    yield from _spoilt("    mark: 5", MARKS)
    yield from _spoilt("    enrolment: e1", WORDS)
    yield from _spoilt("    kind: учебный", KINDS)
    yield from _spoilt("    part: техника", PARTS)
    yield from _spoilt("    assessed_by: s003", STAFF_WORDS)
    yield from _spoilt('phone: "+70000000018"', PHONES, CARD)
    yield from _spoilt("    group: Г-26-1", GROUPS, ENROLMENTS)
    yield from _spoilt("    order: 2026/0003", ORDERS, ENROLMENTS)
    yield from _spoilt("    program: guitar", PROGRAMS, ENROLMENTS)
    yield from _spoilt("    contract: d1", CONTRACTS, ENROLMENTS)
    yield from _spoilt("sex: женский", SEXES, CARD)
    yield from _spoilt(
        "    purpose: фото-на-сайте",
        {"endash-enum": ("    purpose: фото‑на‑сайте", ALIKE),
         "purpose-spaces": ("    purpose: фото на сайте", BAD)},
        CONSENTS,
    )  # fmt: skip


TEXT = "    text: Нашла свою ошибку за вечер, хотя готова была всё переписать."


def _texts() -> Iterator[Edit]:
    for name, new, code, instead in (
        ("comment-mid", "    text: Сыграла этюд # 3 наизусть", "CUT_BY_SIGN",
         '    text: "Сыграла этюд # 3 наизусть"'),
        ("html-nbsp", "    text: Этюд &nbsp;№ 3", "WEB_SIGNS", "    text: Этюд  № 3"),
        ("html-quotes", "    text: Этюд &laquo;Капель&raquo;", "WEB_SIGNS",
         "    text: Этюд «Капель»"),
        ("start-gt", "    text: > 80 баллов", "YAML_SYNTAX", '    text: "> 80 баллов"'),
        ("start-star", "    text: *молодец*", "YAML_ALIAS", '    text: "*молодец*"'),
        ("start-amp", "    text: & ещё", "YAML_ANCHOR", '    text: "& ещё"'),
        ("start-bang", "    text: !важно", "YAML_TAG", '    text: "!важно"'),
        ("start-at", "    text: @всем", "YAML_RESERVED_CHARACTER", '    text: "@всем"'),
        ("start-percent", "    text: %80", "YAML_RESERVED_CHARACTER", '    text: "%80"'),
        ("start-bracket", "    text: [3] этюда", "YAML_TEXT_AFTER_VALUE", '    text: "[3] этюда"'),
        ("second-colon", "    text: Итог: сыграла", "YAML_COLON_IN_VALUE",
         '    text: "Итог: сыграла"'),
        ("quoted-start", '    text: "Капель" сыграла', "YAML_TEXT_AFTER_VALUE",
         "    text: '\"Капель\" сыграла'"),
        ("emoji", "    text: Молодец 🎸", "", ""),
        ("nbsp-text", "    text: Этюд №\u00a05", "", ""),
        ("quoted-sharp", '    text: "этюд # 3"', "", ""),
        ("guillemets-text", "    text: «Капель» сыграла", "", ""),
        ("folded", "    text: Нашла\n      ошибку", "", ""),
    ):  # fmt: skip
        line = 0 if code else -1
        yield Edit(name, _in(RESULTS, TEXT, new), code, RESULTS, line, instead)
    yield Edit("yes", _in(RESULTS, "level: частично", "level: yes"), FORM, RESULTS,
               instead="        level: да")  # fmt: skip
    yield Edit("key-extra", _in(RESULTS, "    assessed_by: s003\n",
                                "    комментарий: пришла поздно\n    assessed_by: s003\n"),
               UNKNOWN, RESULTS, instead="    text: пришла поздно")  # fmt: skip
    yield Edit("mark-zachet", _in(RESULTS, "mark: зачтено", "mark: зачет"), FORM, RESULTS,
               instead="    mark: зачтено")  # fmt: skip
    yield Edit("mark-zachet-yo", _in(RESULTS, "mark: зачтено", "mark: зачёт"), FORM, RESULTS,
               instead="    mark: зачтено")  # fmt: skip
    yield Edit("mark-of-no-scale", _in(RESULTS, "mark: зачтено", "mark: 7"), "MARK_NOT_ON_SCALE",
               RESULTS, says="«зачтено»")  # fmt: skip
    yield Edit("date-typo-year", _in(RESULTS, "2026-09-16", "2062-09-16"), "DATE_FAR", RESULTS)
    yield Edit("no-such-day", _in(RESULTS, "2026-09-16", "2026-09-31"), "SCHEMA_BAD_DATE", RESULTS)
    yield Edit("group-latin", _in(ENROLMENTS, "П-26-1", "P-26-1"), "REF_UNKNOWN_GROUP", ENROLMENTS,
               says="А-26-1")  # fmt: skip
    yield Edit(
        "cyr-group-fix",
        _in("records/students/2025/2025-0001/enrolments.yaml", "А-26-1", "A-26-1"),
        ALIKE, "records/students/2025/2025-0001/enrolments.yaml", instead="same",
    )  # fmt: skip
    yield Edit("group-other", _in(ENROLMENTS, "П-26-1", "П-26-2"), "", ENROLMENTS)
    yield Edit("staff-of-no-one", _in(RESULTS, "s003", "s033"), "REF_UNKNOWN_STAFF", RESULTS)
    yield Edit("name-line", _in(CARD, "name:\n  surname: Рябинина\n  given: Василиса\n"
                                "  patronymic: Юрьевна", "name: Рябинина Василиса Юрьевна"),
               TYPE, CARD, instead="name:\n  surname: Рябинина\n  given: Василиса\n"
               "  patronymic: Юрьевна")  # fmt: skip
    yield Edit("nbsp-name", _in(CARD, "Рябинина\n", "Рябинина\u00a0Синяя\n"), ALIKE, CARD,
               instead="  surname: Рябинина Синяя")  # fmt: skip
    yield Edit("shows-strings", _in(RESULTS, "- outcome: упорство\n        level: частично",
                                    "- упорство"), TYPE, RESULTS,
               instead="      - outcome: упорство")  # fmt: skip
    yield Edit("modeline-gone", _whole(RESULTS, lambda data: data.split(b"\n", 1)[1]), "", RESULTS)
    yield Edit("stray-top", _whole(RESULTS, lambda data: "ы".encode() + data), "LINE_STRAY",
               RESULTS, instead="same")  # fmt: skip
    yield Edit("no-header", _in(RESULTS, "results:\n", ""), "HEADING_LOST", RESULTS,
               instead="results:")  # fmt: skip
    yield Edit("trailing-tab-key", _in(RESULTS, "results:\n", "results:\t\n"), "YAML_TAB", RESULTS,
               instead="same")  # fmt: skip


def _entries() -> Iterator[Edit]:
    dashless = ENTRY.replace("  - id", "    id")
    lines = ENTRY.splitlines(keepends=True)
    for name, text, code, instead in (
        ("new-entry", ENTRY, "", ""),
        ("new-noid", ENTRY.replace("  - id: r40\n    enrolment", "  - enrolment"), "", ""),
        ("json-entry", JSON_ENTRY, "", ""),
        ("no-space-dash", ENTRY.replace("- id", "-id"), "DASH_GLUED", "  - id: r40"),
        ("forgot-dash", dashless, "DASH_FORGOTTEN", "  - id: r40"),
        ("forgot-dash-noid", "".join(dashless.splitlines(keepends=True)[1:]), "DASH_FORGOTTEN",
         "  - enrolment: e1"),
        ("endash-list", ENTRY.replace("  - ", "  – "), "DASH_ODD", "  - id: r40"),
        ("emdash-list", ENTRY.replace("  - ", "  — "), "DASH_ODD", "  - id: r40"),
        ("bullet-list", ENTRY.replace("  - ", "  • "), "DASH_ODD", "  - id: r40"),
        ("star-list", ENTRY.replace("  - ", "  * "), "DASH_ODD", "  - id: r40"),
        ("nbsp-indent-new",
         ENTRY.replace(" " * 4, "\u00a0" * 4).replace("  - ", "\u00a0\u00a0-\u00a0"),
         "SPACE_ODD", "  - id: r40"),
        ("nbsp-dash", ENTRY.replace("- ", "-\u00a0"), "SPACE_ODD", "  - id: r40"),
        ("tab-dash", ENTRY.replace("- ", "-\t"), "YAML_TAB", "  - id: r40"),
        ("tab-indent-new", ENTRY.replace(" " * 4, "\t\t").replace("  - ", "\t- "),
         "YAML_TAB_INDENT", "  - id: r40"),
        ("dash-dash", ENTRY.replace("  - id", "  - - id"), "DASH_TWICE", "  - id: r40"),
        ("excel-yaml", "".join(f'"{line[:-1]}"\n' for line in lines), "LINE_QUOTED", "  - id: r40"),
        ("excel-yaml-part", '"  - id: r40"\n"    enrolment: e1"\n', "LINE_QUOTED", "  - id: r40"),
        ("excel-tabs", "r40\te1\tучебный\tтехника\t25.11.2026\t5\n", "FILE_TABLE", ""),
        ("excel-csv", "r40;e1;учебный;техника;25.11.2026;5\n", "FILE_TABLE", ""),
        ("merge-entries", f"<<<<<<< HEAD\n{ENTRY}=======\n{ENTRY}>>>>>>> server/main\n",
         "FILE_CONFLICT", ""),
        ("period-date", ENTRY.replace("2026-11-25", "2026-06-25"), "DATE_ORDER", ""),
        ("id-taken", ENTRY.replace("r40", "r27"), "ID_DUPLICATE", ""),
    ):  # fmt: skip
        line = -1 if code in ("DATE_ORDER", "ID_DUPLICATE", "") else 0
        yield Edit(name, _appended(text), code, RESULTS, line, instead)
    yield Edit("forgot-dash-list", _in(CARD, "  - id: p1", "    id: p1"), "DASH_FORGOTTEN", CARD,
               instead="same")  # fmt: skip
    yield Edit("merge-markers", _in(RESULTS, "    mark: 5\n", "<<<<<<< HEAD\n    mark: 5\n=======\n"
                                    "    mark: 4\n>>>>>>> server/main\n"), "FILE_CONFLICT", RESULTS,
               says="строку 12")  # fmt: skip
    yield Edit("merge-two-places", _whole(RESULTS, two_conflicts), "FILE_CONFLICT", RESULTS,
               says="со строки 16")  # fmt: skip
    yield Edit("merge-one-left", _in(RESULTS, "    mark: 5\n", "    mark: 5\n=======\n"),
               "LINE_STRAY", RESULTS)  # fmt: skip
    yield Edit("twice-key", _in(RESULTS, "    mark: 5\n", "    mark: 5\n    mark: 4\n"),
               "YAML_DUPLICATE_KEY", RESULTS)  # fmt: skip
    yield Edit("twice-key-same", _in(RESULTS, "    mark: 5\n", "    mark: 5\n    mark: 5\n"),
               "YAML_DUPLICATE_KEY", RESULTS)  # fmt: skip
    yield Edit("fullcopy", _whole(CARD, lambda data: data * 2), "FILE_TWICE", CARD)
    yield Edit("id-changed", _in(RESULTS, "id: r27", "id: r40"), "ID_REMOVED", RESULTS,
               says="был r27, стал r40")  # fmt: skip
    yield Edit("indent-all", _whole(RESULTS, _deeper), "", RESULTS)
    yield Edit("crlf-mixed", _whole(RESULTS, lambda data: data.replace(b"\n", b"\r\n", 40)), "",
               RESULTS)  # fmt: skip


def _deeper(data: bytes) -> bytes:
    head, _, rest = data.partition(b"results:\n")
    return head + b"results:\n" + b"".join(b"  " + line for line in rest.splitlines(keepends=True))


def _facts() -> Iterator[Edit]:
    for name, old, new, code in (
        ("name-lower", "surname: Рябинина", "surname: рябинина", "NAME_CASE"),
        ("name-upper", "surname: Рябинина", "surname: РЯБИНИНА", "NAME_CASE"),
        ("name-initial", "given: Василиса", "given: В.", "NAME_INITIAL"),
        ("patronymic-net", "patronymic: Юрьевна", "patronymic: нет", "NAME_ABSENT"),
        ("patronymic-dash", "patronymic: Юрьевна", 'patronymic: "-"', "NAME_ABSENT"),
        ("patronymic-absent", "patronymic: Юрьевна", "patronymic: отсутствует", "NAME_ABSENT"),
        ("name-latin-letter", "surname: Рябинина", "surname: Pябинина", "NAME_MIXED_SCRIPT"),
        ("birth-1010", "2010-10-10", "1010-10-10", "BIRTH_UNLIKELY"),
        ("date-birth-future", "2010-10-10", "2026-10-10", "DATE_ORDER"),
    ):
        instead = "same" if code == "NAME_CASE" else ""
        yield Edit(name, _in(CARD, old, new), code, CARD, instead=instead)


def _accidents() -> Iterator[Edit]:
    for name, path, make, code in (
        ("nul", ENROLMENTS, lambda data: bytes(len(data)), "FILE_ZEROED"),
        ("empty", ENROLMENTS, lambda _: b"", "FILE_EMPTIED"),
        ("blank", ENROLMENTS, lambda _: b"\n\n", "FILE_EMPTIED"),
        ("half-saved-key", RESULTS, lambda data: data[: data.index(b"id: r35") - 60], "FILE_CUT"),
        ("half-zeroed", RESULTS, lambda data: data[:900] + bytes(1500), "FILE_ZEROED"),
        ("docx", RESULTS, lambda _: b"PK\x03\x04" + bytes(range(99)), "FILE_FOREIGN"),
        ("html", RESULTS, lambda _: b"<!DOCTYPE html><html></html>", "FILE_FOREIGN"),
        ("cp1251", CARD, lambda data: data.decode().encode("cp1251"), "YAML_NOT_UTF8"),
        ("utf16", CARD, lambda data: data.decode().encode("utf-16"), "YAML_NOT_UTF8"),
        ("utf16-no-mark", CARD, lambda data: data.decode().encode("utf-16-le"), "YAML_NOT_UTF8"),
        ("bom", CARD, lambda data: b"\xef\xbb\xbf" + data, "YAML_BOM"),
    ):  # fmt: skip
        line = {"half-saved-key": 72, "cp1251": 4}.get(name, 1)
        yield Edit(name, _whole(path, make), code, path, line)
    yield Edit("half-boundary",
               _whole(RESULTS, lambda data: data[: data.index(b"  - id: r33")]),
               "ID_REMOVED", RESULTS, -1, says="r33, r34")  # fmt: skip
    yield Edit("wrong-file",
               lambda files: {CONSENTS: files["records/students/2026/2026-0002/awards.yaml"]},
               "FILE_WRONG_KIND", CONSENTS, 1)  # fmt: skip
    yield Edit("deleted-enrolment",
               _whole(ENROLMENTS, lambda data: data[: data.index(b"  - id: e2")]),
               "REF_UNKNOWN_ENTRY", ENROLMENTS, -1,
               says="на неё ссылается 21\u00a0запись")  # fmt: skip
    for name, new in (
        ("file-renamed-ru", "зачисления.yaml"),
        ("yml", "enrolments.yml"),
        ("caps", "Enrolments.yaml"),
        ("txt-behind", "enrolments.yaml.txt"),
        ("upper-ending", "enrolments.YAML"),
        ("singular", "enrolment.yaml"),
    ):
        path = f"{FOLDER}/{new}"
        yield Edit(name, _moved(ENROLMENTS, path), "FILE_RENAMED", path, -1, says="enrolments.yaml")
    for name, new in (
        ("file-copy-en", "enrolments (1).yaml"),
        ("file-copy-ru", "enrolments — копия.yaml"),
        ("file-copy-hyphen", "enrolments - копия.yaml"),
        ("file-copy-old", "enrolments_old.yaml"),
        ("file-copy-bak", "enrolments.yaml.bak"),
        ("file-copy-tilde", "enrolments.yaml~"),
        ("file-copy-of", "Копия enrolments.yaml"),
    ):
        path = f"{FOLDER}/{new}"
        yield Edit(name, _moved(ENROLMENTS, path, keep=True), "FILE_COPY", path, -1)
    for name, new in (
        ("swp", ".enrolments.yaml.swp"),
        ("kate", ".enrolments.yaml.kate-swp"),
        ("word-lock", "~$договор.docx"),
        ("libreoffice-lock", ".~lock.договор.odt#"),
        ("emacs", "#enrolments.yaml#"),
        ("mac", ".DS_Store"),
        ("windows", "Thumbs.db"),
        ("desktop", "desktop.ini"),
        ("tmp", "enrolments.yaml.tmp"),
    ):
        yield Edit(name, _added(f"{FOLDER}/{new}", b"x"), "FILE_LITTER", f"{FOLDER}/{new}", -1)
    misplaced = f"{FOLDER}/2026-2.yaml"
    yield Edit("wrong-folder", _moved(RESULTS, misplaced), "FILE_RENAMED", misplaced, -1)
    yield Edit("wrong-folder-copy", _moved(RESULTS, misplaced, keep=True), "FILE_MISPLACED",
               misplaced, -1)  # fmt: skip
    scan = f"{FOLDER}/договор скан.pdf"
    yield Edit("scan-in-root", _added(scan, b"%PDF-1.4 x"), "FILE_DOCUMENT", scan, -1,
               says='papka add 2026-0002 document --file "договор скан.pdf"')  # fmt: skip
    for name, new in (
        ("order-in-word", "records/programs/приказ.docx"),
        ("photo", "records/photo.JPG"),
        ("scan-of-a-contract", "records/students/2026/договор.pdf"),
        ("list-of-people", f"{FOLDER}/список.xlsx"),
        ("archive", "records/events/scans.zip"),
    ):
        yield Edit(name, _added(new, b"x"), "FILE_DOCUMENT", new, -1, says="document --file")
    for name, new in (
        ("folder-explorer", f"{FOLDER} - копия"),
        ("folder-copy-en", f"{FOLDER} (2)"),
        ("folder-copy-of", "records/students/2026/Копия 2026-0002"),
    ):
        yield Edit(name, _moved(FOLDER, new, keep=True), "FOLDER_COPIED", new, -1)
    for name, new in (
        ("folder-renamed", f"{FOLDER} Рябинина"),
        ("folder-surname-first", "records/students/2026/Рябинина 2026-0002"),
        ("folder-endash", "records/students/2026/2026–0002"),
    ):
        yield Edit(name, _moved(FOLDER, new), "FOLDER_RENAMED", new, -1)
    yield Edit("folder-copied", _moved(FOLDER, NEW, keep=True), "FOLDER_COPIED",
               f"{NEW}/student.yaml", 2)  # fmt: skip
    yield Edit("folder-copied-cleaned", _cleaned_copy, "FOLDER_COPIED", f"{NEW}/student.yaml", 2,
               says="дата рождения")  # fmt: skip
    yield Edit("folder-nostudent", _moved(ENROLMENTS, f"{NEW}/enrolments.yaml", keep=True),
               "CARD_MISSING", f"{NEW}/student.yaml", -1)  # fmt: skip
    yield Edit("folder-deleted", _without_folder, "FOLDER_REMOVED", FOLDER, -1)
    yield Edit("card-deleted", _whole(CARD, lambda _: None), "FILE_GONE", CARD, -1)
    yield Edit("documents-deleted", _whole(f"{FOLDER}/documents.yaml", lambda _: None), "FILE_GONE",
               f"{FOLDER}/documents.yaml", -1)  # fmt: skip
    yield Edit("dup-person", _added(f"{NEW}/student.yaml", PERSON), "PERSON_ALIKE",
               f"{NEW}/student.yaml", 3)  # fmt: skip


PERSON = """\
id: 2026-0008
name:
  surname: Рябинина
  given: Василиса
  patronymic: Юрьевна
birth_date: 2010-10-10
""".encode()


def _without_folder(files: Files) -> Changes:
    return dict.fromkeys(path for path in files if path.startswith(f"{FOLDER}/"))


def _cleaned_copy(files: Files) -> Changes:
    """A copied folder with a new number, name and salt, and all else of the other child."""
    made = _moved(FOLDER, NEW, keep=True)(files)
    card = files[CARD].decode().replace("id: 2026-0002", "id: 2026-0008")
    made[f"{NEW}/student.yaml"] = card.replace("Василиса", "Марфа").encode()
    made[f"{NEW}/.salt"] = bytes(range(32))
    for path in [path for path in made if "/results/" in path]:
        del made[path]
    return made


DOCUMENTS = f"{FOLDER}/documents.yaml"
AWARDS = f"{FOLDER}/awards.yaml"
PLATFORM = "records/platforms/kurs.yaml"
EVENTS = "records/events/2026.yaml"
ACT = "records/regulations/poryadok"


def _signs_elsewhere() -> Iterator[Edit]:
    """Letters, spaces and punctuation of other kinds of file; the line as it was is to be typed."""
    for name, path, old, new, code in (
        ("o-for-zero-card", CARD, "id: 2026-0002", "id: 2О26-0002", ALIKE),
        ("o-for-zero-order", ENROLMENTS, "order: 2026/0003", "order: 2026/ООО3", ALIKE),
        ("b-for-six-group", ENROLMENTS, "group: Г-26-1", "group: Г-2б-1", ALIKE),
        ("o-for-zero-address", ORDER, "2026-0002#e1", "2026-О002#e1", ALIKE),
        ("g-for-r-id", RESULTS, "id: r27", "id: г27", ALIKE),
        ("cyr-head", SCHOOL, "head: s001", "head: с001", ALIKE),
        ("cyr-scale", PROGRAM, "scale: пятибалльная", "scale: пятибaлльная", ALIKE),
        ("cyr-role", STAFF, "- педагог", "- пeдагог", ALIKE),
        ("cyr-platform-layout", PLATFORM, "layouts: [csv]", "layouts: [сsv]", ALIKE),
        ("cyr-register", KEPT, "2025-0001#e2", "2025-0001#е2", ALIKE),
        ("nbsp-behind-program", ENROLMENTS, "guitar\n", "guitar\u00a0\n", "SPACE_ODD"),
        ("nbsp-heading", ENROLMENTS, "enrolments:", "enrolments:\u00a0", "SPACE_ODD"),
        ("vertical-tab", CARD, "Рябинина\n", "Рябинина\x0b\n", "YAML_CONTROL"),
        ("form-feed", CARD, "sex:", "\x0csex:", "YAML_CONTROL"),
        ("clause-unquoted", AWARDS, 'clause: "3.4"', "clause: 3.4", TYPE),
        ("clause-curly", AWARDS, 'clause: "3.4"', "clause: “3.4”", BAD),
        ("inn-unquoted", SCHOOL, 'inn: "000000000000"', "inn: 000000000000",
         "YAML_AMBIGUOUS_SCALAR"),
        ("list-comma", ORDER, "      - 2026-0002#e1\n", "      - 2026-0002#e1,\n", BAD),
        ("name-guillemets", STAFF, "surname: Глинкина", "surname: «Глинкина»", "NAME_SUSPICIOUS"),
        ("name-latin-line", CARD, "given: Калина", "given: Kалина", "NAME_MIXED_SCRIPT"),
        ("sex-letter", CARD, "sex: женский", "sex: ж", WORD),
        ("sex-short", CARD, "sex: женский", "sex: жен.", WORD),
        ("sex-english", CARD, "sex: женский", "sex: female", WORD),
        ("birth-of-passport", CARD, "2010-10-10", "10 октября 2010 г.р.", BAD),
        ("birth-roman", CARD, "2010-10-10", "10.X.2010", BAD),
        ("birth-commas", CARD, "2010-10-10", "10,10,2010", BAD),
        ("start-from", ENROLMENTS, "start: 2026-01-14", "start: с 14.01.2026", BAD),
        ("until", CONSENTS, "2027-12-31", "до 31.12.2027", BAD),
        ("hours-unit", PROGRAM, "hours: 120", "hours: 120 ч", TYPE),
        ("years-unit", SCHOOL, "years: 50", "years: 50 лет", TYPE),
        ("sheets-unit", DOCUMENTS, "sheets: 3", "sheets: 3 л.", TYPE),
        ("edition-ordinal", ENROLMENTS, "edition: 2", "edition: 2-я", TYPE),
        ("layout-heading", RESULTS, "results:", "куыгдеы:", UNKNOWN),
        ("layout-staff", RESULTS, "assessed_by: s003", "assessed_by: ы003", ALIKE),
        ("key-of-title", PROGRAM, "    hours: 120", "    часов: 120", UNKNOWN),
        ("key-short", CARD, "sex: ", "sec: ", UNKNOWN),
        ("colon-missed-zh", CARD, "sex: ", "sex ", "YAML_NO_COLON"),
        ("colon-dash", CARD, "sex: ", "sex — ", "SIGN_ODD"),
        ("colon-hyphen", CARD, "sex: ", "sex - ", "SIGN_ODD"),
        ("colon-dot", CARD, "sex: ", "sex. ", "SIGN_ODD"),
        ("item-numbered", CARD, "  - id: p1", "  1. id: p1", "DASH_ODD"),
        ("item-box", CARD, "  - id: p1", "  - [ ] id: p1", "DASH_ODD"),
        ("bracket-open", PLATFORM, "[csv]", "[csv", "YAML_BRACKET_NOT_CLOSED"),
        ("comment-bare", SCHOOL, "# Отметки разных", "Отметки разных", "YAML_NO_COLON"),
    ):  # fmt: skip
        instead = "same" if code else ""
        yield Edit(f"elsewhere-{name}", _in(path, old, new), code, path, instead=instead)
    yield Edit("elsewhere-title-yes", _in(PROGRAM, "title: Гитара с нуля", "title: yes"),
               "YAML_AMBIGUOUS_SCALAR", PROGRAM, instead='title: "yes"')  # fmt: skip
    yield Edit("elsewhere-tab-before-comment", _in(PROGRAM, "  # добавлен", "\t# добавлен"),
               "YAML_TAB", PROGRAM, instead="  - edition: 2  # добавлен ансамбль")  # fmt: skip
    yield Edit("elsewhere-nbsp-line", _in(CARD, "sex:", "\u00a0\nsex:"), "SPACE_ODD", CARD)
    yield Edit("elsewhere-tab-line", _in(CARD, "sex:", "\t\nsex:"), "YAML_TAB", CARD)
    yield Edit("elsewhere-nbsp-comment", _in(CARD, "sex:", "\u00a0# x\nsex:"), "SPACE_ODD", CARD,
               instead=" # x")  # fmt: skip
    yield Edit("elsewhere-next-line", _in(CARD, "Калина\n", "Калина\u0085"),
               "YAML_LINE_SEPARATOR", CARD, instead="same")  # fmt: skip
    yield Edit("elsewhere-mark-null", _in(RESULTS, "mark: 5", "mark: ~"),
               "YAML_AMBIGUOUS_SCALAR", RESULTS)  # fmt: skip
    yield Edit("elsewhere-day-without-year", _in(ENROLMENTS, "2026-01-14", "14.01"), TYPE,
               ENROLMENTS, says="год-месяц-день")  # fmt: skip


def _from(start: str, end: str = "") -> Callable[[bytes], bytes]:
    """Cut out what stands between two texts."""

    def cut(data: bytes) -> bytes:
        text = data.decode()
        first = text.index(start)
        last = text.index(end, first + len(start)) if end else len(text)
        return (text[:first] + text[last:]).encode()

    return cut


def _declared_elsewhere() -> Iterator[Edit]:
    """One change of what others refer to is one thing, told where it was made."""
    gone = "REF_UNKNOWN_"
    for name, path, old, new, code in (
        ("renamed-scale", SCHOOL, "- scale: пятибалльная", "- scale: пятибальная", f"{gone}SCALE"),
        ("latin-scale", SCHOOL, "- scale: пятибалльная", "- scale: пятибaлльная", f"{gone}SCALE"),
        ("latin-group", SCHOOL, "group: А-26-1", "group: A-26-1", f"{gone}GROUP"),
        ("latin-part", PROGRAM, "part: техника", "part: теxника", f"{gone}PART"),
        ("renamed-series", SCHOOL, "series: certificates", "series: zert", f"{gone}SERIES"),
        ("renamed-period", SCHOOL, "period: 2026-2", "period: 2026-3", f"{gone}PERIOD"),
        ("renamed-staff", STAFF, "id: s003", "id: s033", f"{gone}STAFF"),
        ("renamed-event", EVENTS, "id: 2026/01", "id: 2026/91", f"{gone}EVENT"),
        ("renamed-purpose", SCHOOL, "- purpose: фото-на-сайте", "- purpose: фото",
         "CONSENT_TEXT_CHANGED"),
        ("renumbered-edition", PROGRAM, "- edition: 2", "- edition: 3", "USED_EDITION_CHANGED"),
        ("renumbered-award", AWARDS, "id: a1", "id: a2", "ID_REMOVED"),
        ("renumbered-enrolment", ENROLMENTS, "id: e1", "id: e3", "ID_REMOVED"),
        ("id-of-another", RESULTS, "id: r28", "id: r27", "ID_REMOVED"),
        ("code-of-program", PROGRAM, "code: guitar", "code: gitara", "PATH_MISMATCH"),
        ("id-of-card", CARD, "id: 2026-0002", "id: 2026-0003", "PATH_MISMATCH"),
        ("start-late", ENROLMENTS, "start: 2026-01-14", "start: 2027-01-14", "DATE_ORDER"),
    ):  # fmt: skip
        yield Edit(f"declared-{name}", _in(path, old, new), code, path, instead="same")
    for name, path, start, end, code in (
        ("document", DOCUMENTS, "  - id: d1", "  - id: d2", f"{gone}ENTRY"),
        ("scale", SCHOOL, "  - scale: пятибалльная", "  - scale: стобалльная", f"{gone}SCALE"),
        ("purpose", SCHOOL, "  - purpose: фото", "  - purpose: публ", "CONSENT_TEXT_CHANGED"),
        ("series", SCHOOL, "  - series: certificates", "  - series: transcripts",
         f"{gone}SERIES"),
        ("edition", PROGRAM, "  - edition: 2", "", "USED_EDITION_CHANGED"),
        ("part", PROGRAM, "      - part: теория", "    planned_results", f"{gone}PART"),
        ("order-item", ORDER, "  - text: Зачислить с 14.01.2026 на программу «Гитара",
         "  - text: Зачислить с 14.01.2026 на программу «Первая", "ORDER_CHANGED"),
    ):  # fmt: skip
        yield Edit(f"declared-gone-{name}", _whole(path, _from(start, end)), code, path, -1)


def _places_elsewhere() -> Iterator[Edit]:
    """Files and folders of every kind renamed, moved, copied, cut or overwritten."""
    for old, new in (
        ("records/programs", "records/programmes"),
        ("records/orders/2026", "records/orders/2026г"),
        ("records/orders", "records/приказы"),
        ("records/registers/issued", "records/registers/выданные"),
        ("records/students/2026", "records/students/2026 год"),
        ("records/students", "records/ученики"),
        (f"{FOLDER}/results", f"{FOLDER}/result"),
        (f"{FOLDER}/attachments", f"{FOLDER}/сканы"),
        (FOLDER, "records/students/2026/2026-002"),
        (FOLDER, "records/students/2025/2026-0002"),
        (FOLDER, "records/students/2026-0002"),
        (ACT, "records/regulations/порядок"),
    ):
        name = f"folder-{new.removeprefix('records/')}"
        yield Edit(name, _moved(old, new), "FOLDER_RENAMED", new, -1)
    for old, new in (
        (PLATFORM, "records/platforms/курсотека.yaml"),
        (EVENTS, "records/event/2026.yaml"),
        (STAFF, "records/сотрудники.yaml"),
        (f"{ACT}/regulation.yaml", f"{ACT}/положение.yaml"),
        (KEPT, "records/registers/issued/2026/certificates-1.yaml"),
        (RESULTS, f"{FOLDER}/результаты/2026-2.yaml"),
        (CARD, f"{FOLDER}/student.yaml.yaml"),
    ):
        name = f"file-{new.removeprefix('records/')}"
        yield Edit(name, _moved(old, new), "FILE_RENAMED", new, -1)
    for old, new in (
        ("records/programs", "records/programs - копия"),
        ("records/orders/2026", "records/orders/2026 (2)"),
        (f"{FOLDER}/results", f"{FOLDER}/results (1)"),
        ("records/students/2026", "records/students/2026 - копия"),
    ):
        name = f"copied-{new.removeprefix('records/')}"
        yield Edit(name, _moved(old, new, keep=True), "FOLDER_COPIED", new, -1)
    for old, new in (
        (PROGRAM, "records/programs/guitar2.yaml"),
        (ORDER, "records/orders/2026/0099.yaml"),
        (KEPT, "records/registers/issued/2026/certificates-0099.yaml"),
        (RESULTS, f"{FOLDER}/results/2026-2 (копия).yaml"),
    ):
        name = f"copied-{new.removeprefix('records/')}"
        yield Edit(name, _moved(old, new, keep=True), "FILE_COPY", new, -1)
    kinds = {"organization": SCHOOL, "staff": STAFF, "program": PROGRAM, "order": ORDER}
    kinds |= {"platform": PLATFORM, "register": KEPT, "events": EVENTS, "media": MEDIA}
    for name, path in kinds.items():
        yield Edit(f"{name}-overwritten", lambda files, path=path: {path: files[CARD]},  # type: ignore[misc] # the default binds the loop's path
                   "FILE_WRONG_KIND", path, 1)  # fmt: skip
        yield Edit(f"{name}-breaks-off", _whole(path, _broken_off), "FILE_CUT", path, -1)


MEDIA = "records/media/2025.yaml"


def _broken_off(data: bytes) -> bytes:
    """The beginning of a file, up to the middle of a line."""
    at = data.index(b"\n", len(data) * 3 // 5)
    return data[: at - 2]


PERIOD = """\
  - period: 2026-2
    title: 2-е полугодие 2026 года
    school_year: 2026
    start: 2026-09-01
    end: 2026-12-27
"""
GROUP = "  - group: Г-26-1\n    program: guitar\n    teacher: s003\n"


def _school() -> Iterator[Edit]:
    yield Edit("staff-deleted", _whole(STAFF, _without_staff), "REF_UNKNOWN_STAFF", STAFF, -1,
               says="Сотрудник «s003» исчез; на него ссыла")  # fmt: skip
    yield Edit("program-renamed", _moved(PROGRAM, "records/programs/гитара.yaml"), "FILE_RENAMED",
               "records/programs/гитара.yaml", -1)  # fmt: skip
    yield Edit("program-deleted", _whole(PROGRAM, lambda _: None), "FILE_GONE", PROGRAM, -1)
    yield Edit("part-renamed",
               _whole(PROGRAM, lambda data: data.replace("part: техника".encode(),
                                                         "part: техника-игры".encode())),
               "REF_UNKNOWN_PART", PROGRAM, -1, says="техника-игры")  # fmt: skip
    yield Edit("period-deleted", _in(SCHOOL, PERIOD, ""), "REF_UNKNOWN_PERIOD", SCHOOL, -1)
    yield Edit("group-deleted", _in(SCHOOL, GROUP, ""), "REF_UNKNOWN_GROUP", SCHOOL, -1)
    yield Edit("group-renamed", _in(SCHOOL, "group: Г-26-1", "group: Г-26-3"), "REF_UNKNOWN_GROUP",
               SCHOOL, -1, says="Теперь здесь «Г-26-3»")  # fmt: skip
    yield Edit("order-deleted", _whole(ORDER, lambda _: None), "FILE_GONE", ORDER, -1)
    yield Edit("order-renamed", _moved(ORDER, "records/orders/2026/3-у.yaml"), "FILE_RENAMED",
               "records/orders/2026/3-у.yaml", -1)  # fmt: skip


def _without_staff(data: bytes) -> bytes:
    start = data.index(b"  - id: s003")
    return data[:start] + data[data.index(b"  - id: s004") :]


def edits() -> Iterator[Edit]:
    """Every edit there is."""
    for group in (
        *(_lines, _texts, _entries, _facts, _accidents, _school, _of_saved_things),
        *(_signs_elsewhere, _declared_elsewhere, _places_elsewhere),
    ):
        yield from group()
