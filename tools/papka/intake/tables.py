"""The values that reading and giving spreadsheets share: tables, typed cells, limits, codes.

A cell of an Export is the text that stands in the file, unchanged and untrimmed; a row of a text
file knows its bytes, so that the file can be given back byte for byte; a workbook's rows do not.
What is given out is Sheets of typed cells. Text never turns into a formula in the program that
opens a CSV (`escape`); a workbook needs no escaping, its cells have types.

As text, a whole number has no fraction, no number an exponent, a date is ISO 8601, truth is `true`
and `false`. Number formats are not read: a cell that shows «85 %» is 0.85.

The path of a finding is the export's; line is a row, column a column, both as a spreadsheet counts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, NamedTuple

from papka.core.findings import Code, Finding, Location, Severity

_AGAIN = "Выгрузите файл с платформы ещё раз и не открывайте его в других программах"
_AS_XLSX = "Откройте его в Excel или LibreOffice и сохраните как XLSX или CSV"

EXPORT_EMPTY = Code(
    "EXPORT_EMPTY",
    Severity.ERROR,
    says="В файле нет ни одной строки с данными",
    hint=_AGAIN + "; проверьте, та ли группа и тот ли курс выбраны на платформе",
    why="Пустая выгрузка обычно значит, что она ещё не готова или выбрана не та группа. Принять её "
    "как есть — значит решить, что оценок не было.",
)
EXPORT_TRUNCATED = Code(
    "EXPORT_TRUNCATED",
    Severity.ERROR,
    says="Файл обрывается: {sign}",
    hint=_AGAIN + "; дождитесь конца загрузки",
    why="Оборванная выгрузка выглядит как обычная, только без последних обучающихся. Их оценки "
    "пропали бы молча.",
)
EXPORT_TOO_LARGE = Code(
    "EXPORT_TOO_LARGE",
    Severity.ERROR,
    says="Файл слишком велик: {what} — {found}, можно {most}",
    hint="Выгрузите по одной группе или одному периоду; пустые листы и строки удалите",
    why="Небольшой файл может раскрываться в гигабайты (так бывает и нарочно), поэтому размер "
    "проверяется до раскрытия.",
)
EXPORT_BROKEN = Code(
    "EXPORT_BROKEN",
    Severity.ERROR,
    says="Файл повреждён: {what}",
    hint=_AGAIN,
    why="Повреждённую книгу разные программы прочтут по-разному. Принимается только то, что "
    "читается однозначно.",
)
EXPORT_ENCODING_UNKNOWN = Code(
    "EXPORT_ENCODING_UNKNOWN",
    Severity.ERROR,
    says="Кодировку файла определить не удалось",
    hint="Назовите её сами: --encoding КОДИРОВКА, одна из: {known}",
    why="Сами определяются UTF-8, UTF-16 и Windows-1251. Остальное угадывать нельзя: фамилии "
    "превратились бы в другие слова.",
)
EXPORT_ENCODING_WRONG = Code(
    "EXPORT_ENCODING_WRONG",
    Severity.ERROR,
    says="Строка не читается в кодировке {encoding}",
    hint="Проверьте ключ --encoding; без него кодировка определяется сама",
    why="Хотя бы один байт не может быть буквой в этой кодировке: она названа неверно или файл "
    "испорчен.",
)
EXPORT_ENCODING_MIXED = Code(
    "EXPORT_ENCODING_MIXED",
    Severity.ERROR,
    says="Кодировка меняется внутри файла: здесь {here}, в других строках {elsewhere}",
    hint=_AGAIN + "; если файл склеен из двух, возьмите их по отдельности",
    why="Так бывает, когда в выгрузку вставили строки из другого файла. Часть имён прочтётся "
    "неверно, какую кодировку ни выбери.",
)
EXPORT_QUOTES = Code(
    "EXPORT_QUOTES",
    Severity.ERROR,
    says="После закрывающей кавычки стоит текст: не понять, где кончается ячейка",
    hint=_AGAIN + "; кавычка внутри ячейки в кавычках пишется дважды",
    why="По RFC 4180 кавычка внутри ячейки удваивается. Иначе одну и ту же строку можно разрезать "
    "на ячейки по-разному, и оценка окажется в чужом столбце.",
)
EXPORT_RAGGED_ROW = Code(
    "EXPORT_RAGGED_ROW",
    Severity.ERROR,
    says="В строке ячеек: {found}, а в заголовке: {expected}",
    hint="{advice}",
    why="Лишняя ячейка сдвигает все следующие: оценка попадёт не в свой столбец. Чаще всего это "
    "запятая в дробном числе («4,5») там, где запятая делит столбцы.",
)
EXPORT_NOT_A_TABLE = Code(
    "EXPORT_NOT_A_TABLE",
    Severity.ERROR,
    says="Это не таблица: {what}",
    hint="{advice}",
    why="Принимаются таблицы: CSV, XLSX, ODS и ответ Stepik в JSON. Расширение имени значения не "
    "имеет, смотрят на содержимое.",
)
EXPORT_LEGACY_XLS = Code(
    "EXPORT_LEGACY_XLS",
    Severity.ERROR,
    says="Это книга старого формата XLS (Excel 97–2003)",
    hint=_AS_XLSX,
    why="Старый двоичный формат читается ненадёжно и может нести макросы.",
)
EXPORT_ARCHIVED = Code(
    "EXPORT_ARCHIVED",
    Severity.ERROR,
    says="Это архив ({kind}), а не таблица",
    hint="Распакуйте его и возьмите файлы из него",
    why="В архиве может лежать что угодно и сколько угодно; какие файлы брать, решает человек.",
)
EXPORT_WEB_PAGE = Code(
    "EXPORT_WEB_PAGE",
    Severity.ERROR,
    says="Это веб-страница, хотя имя файла говорит о таблице",
    hint="Если это страница входа — войдите на платформу и выгрузите снова; если таблица: "
    + _AS_XLSX[0].lower()
    + _AS_XLSX[1:],
    why="Некоторые платформы отдают HTML под именем .xls, а вместо выгрузки при истёкшем входе — "
    "страницу входа.",
)
EXPORT_ENCRYPTED = Code(
    "EXPORT_ENCRYPTED",
    Severity.ERROR,
    says="Файл закрыт паролем",
    hint="Откройте его с паролем и сохраните без пароля",
    why="Оригинал хранится годами; пароль к тому времени забудут.",
)
EXPORT_MACROS = Code(
    "EXPORT_MACROS",
    Severity.ERROR,
    says="В книге есть макросы",
    hint="Сохраните её как XLSX или ODS без макросов",
    why="Программа внутри таблицы меняет то, что в ней видно, и опасна для того, кто откроет её "
    "из архива.",
)
EXPORT_NESTED = Code(
    "EXPORT_NESTED",
    Severity.ERROR,
    says="Внутри книги лежит другой архив или документ: {member}",
    hint="Удалите из книги вложенные объекты и сохраните её снова",
    why="Вложенный архив обходит проверку размера и уносит в хранилище то, чего никто не видел.",
)
EXPORT_FORMULA = Code(
    "EXPORT_FORMULA",
    Severity.ERROR,
    says="В ячейке {cell} листа «{sheet}» формула, а не значение",
    hint="Выделите лист, скопируйте и вставьте «только значения», сохраните и возьмите снова",
    why="Формула показывает то, что посчитала другая программа, и может измениться при открытии. "
    "Хранится только то, что записано.",
)
EXPORT_CELL_ERROR = Code(
    "EXPORT_CELL_ERROR",
    Severity.ERROR,
    says="В ячейке {cell} листа «{sheet}» ошибка вместо значения",
    hint="Исправьте ячейку (#Н/Д, #ДЕЛ/0! и подобное) и сохраните книгу снова",
    why="Ошибка — не оценка и не пустое место: что здесь должно стоять, знает только тот, кто вёл "
    "таблицу.",
)
EXPORT_MERGED_CELLS = Code(
    "EXPORT_MERGED_CELLS",
    Severity.WARNING,
    says="Ячейки {cells} листа «{sheet}» объединены: значение читается только в первой строке",
    hint="Если значение относится ко всем строкам, разъедините ячейки и заполните каждую",
    why="В объединённых ячейках записано одно значение, хотя видно его напротив нескольких строк.",
)
EXPORT_SHEET_MISSING = Code(
    "EXPORT_SHEET_MISSING",
    Severity.ERROR,
    says="В книге нет листа «{sheet}»",
    hint="Листы этой книги: {known}",
    why="Лист называют по имени, потому что порядок листов меняется от выгрузки к выгрузке.",
)
EXPORT_JSON_BROKEN = Code(
    "EXPORT_JSON_BROKEN",
    Severity.ERROR,
    says="Это не список записей в JSON: {what}",
    hint="Нужен ответ платформы целиком: список объектов или объект с одним таким списком",
    why="Ответ платформы — список записей с одинаковыми полями. Другое в таблицу не разложить.",
)
EXPORT_PAGE_MISSING = Code(
    "EXPORT_PAGE_MISSING",
    Severity.WARNING,
    says="Платформа сообщает, что за этой страницей есть следующая",
    hint="Возьмите вместе с этим файлом и остальные страницы ответа",
    why="Stepik отдаёт ответ страницами (has_next). Без остальных часть обучающихся не попадёт в "
    "архив.",
)
EXPORT_MORE = Code(
    "EXPORT_MORE",
    Severity.ERROR,
    says="И ещё таких мест не меньше {count} ({code})",
    hint="Показаны первые; исправьте причину, и остальные исчезнут вместе с ними",
    why="Одна причина даёт тысячи одинаковых строк; все показывать незачем.",
)


FileLayout = Literal["csv", "xlsx", "ods", "json"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `number` counts from 1 as an editor or a spreadsheet shows it.

    `span` is where its bytes stand in the file, end of line included.
    """

    number: int
    cells: tuple[str, ...]
    span: tuple[int, int] | None = None

    def cell(self, column: int) -> str:
        """Return the text of a column counted from 1; a row that is shorter has nothing there."""
        return self.cells[column - 1] if 0 < column <= len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `name` is the sheet's, a text file has one table without a name."""

    name: str
    rows: tuple[Row, ...]
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """A file as read. An error among `findings` stops the taking.

    `encoding` and `delimiter` are what was found, empty for a workbook.
    """

    file: str
    data: bytes
    layout: FileLayout
    tables: tuple[Table, ...]
    encoding: str = ""
    delimiter: str = ""
    findings: tuple[Finding, ...] = ()

    def having(self, finding: Finding) -> Export:
        """Return the same with this finding alone."""
        return replace(self, findings=(finding,))


Cell = str | int | float | Decimal | bool | dt.date | None

# a spreadsheet takes these, at the beginning of a cell, for a formula; full-width kin too
_ACTIVE = "=+\\-@\t\r\n＝＋－＠"
_TO_ESCAPE = re.compile(f"'*[{_ACTIVE}]")
_ESCAPED = re.compile(f"'+[{_ACTIVE}]")


class FieldPlace(NamedTuple):
    """Where a field stands in a person's own file: number and heading of its column."""

    number: int
    title: str


@dataclass(frozen=True, slots=True)
class Column:
    """How a column is given. `width` in characters, 0 = by the longest cell.

    A `locked` column cannot be typed into; `choices` are the only values its cells below the header
    take.
    """

    width: int = 0
    hidden: bool = False
    locked: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to give; the first `header` rows are bold and stay in view.

    `columns` may be fewer than the cells.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    columns: tuple[Column, ...] = ()
    header: int = 1
    hidden: bool = False


def escape(text: str) -> str:
    """Return the text for a CSV cell, so that no spreadsheet takes it for a formula.

    An apostrophe goes before what would be one, or before the apostrophes that stand before one.
    """
    return "'" + text if _TO_ESCAPE.match(text) else text


def unescaped(text: str) -> str:
    """Return the text `escape` was given; other text stays as it is."""
    return text[1:] if _ESCAPED.match(text) else text


def cell_text(value: object) -> str:
    """Return the text of a cell; at most 15 significant digits, as spreadsheets keep them."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.datetime | dt.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    return str(value)


def _float_text(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    shown = f"{value:.15g}"
    return f"{Decimal(shown):f}" if "e" in shown else shown


def column_letters(column: int) -> str:
    """Return the letters of a column: 1 -> A, 27 -> AA."""
    text = ""
    while column:
        column, last = divmod(column - 1, 26)
        text = chr(ord("A") + last) + text
    return text


def name_cell(row: int, column: int) -> str:
    """Return a cell as a spreadsheet names it: B17."""
    return f"{column_letters(column)}{row}"


def row_word(number: int) -> str:
    """Return how an answers file names any row by its number."""
    return f"строка {number}"


_MEBI = 1024**2
FILE = 256 * _MEBI
"""Bytes of an export as it comes."""
CELLS = 8_000_000
"""Cells of all its tables, empty ones between others counted."""
ROWS, COLUMNS = 1_048_576, 16_384
"""Of a sheet: what spreadsheets themselves hold."""
MEMBERS = 2_000
UNPACKED = 512 * _MEBI
RATIO = 200
"""Unpacked to packed bytes of a workbook's member, once it is larger than RATIO_FROM."""
RATIO_FROM = 8 * _MEBI
DISTINCT_KEPT = 200_000
"""Different texts remembered at once to keep equal cells as one."""
SHOWN = 20
"""Findings of one code that are told one by one."""


def too_large(path: str, what: str, found: int, most: int) -> Finding:
    return EXPORT_TOO_LARGE.at(
        Location(path), what=what, found=_group_digits(found), most=_group_digits(most)
    )


def shorten(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Keep the first SHOWN findings of each code, and tell how many more there are."""
    shown: list[Finding] = []
    found: dict[str, list[Finding]] = {}
    for each in findings:
        same = found.setdefault(each.code.name, [])
        same.append(each)
        if len(same) <= SHOWN:
            shown.append(each)
    shown += [
        EXPORT_MORE.at(same[-1].where, count=_group_digits(len(same) - SHOWN), code=name)
        for name, same in found.items()
        if len(same) > SHOWN
    ]
    return tuple(shown)


def _group_digits(number: int) -> str:
    return f"{number:,}".replace(",", " ")
