"""Codes of reading a platform's export: the file itself and its cells (`papka take`).

The path of these findings is the export's; line is a row, column a column, both as a spreadsheet
counts them.
"""

from __future__ import annotations

from papka.core.findings import Code, Severity

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
