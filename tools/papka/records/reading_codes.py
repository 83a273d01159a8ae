"""Codes of reading: why a file is not YAML a person and every program take alike.

Messages quote at most words that look like yes, no, null or a number: never a person's data.

Codes of the schemas: a readable file whose values are not what the archive's format asks for.

Messages name the field and its title, never the value: it may be a person's data.

Codes of reading a folder: what is no record of an archive, or none that this program reads.
"""

from __future__ import annotations

from papka.core.findings import Code, Severity

YAML_TOO_BIG = Code(
    "YAML_TOO_BIG",
    Severity.ERROR,
    says="Файл больше {limit}",
    hint="Разделите записи по файлам; сканы и таблицы храните вложениями, а не текстом",
    why="Запись личного дела занимает килобайты. Файл больше мегабайта — почти всегда вложение, "
    "попавшее не туда, или вредная заготовка, от которой программа надолго замрёт.",
)
YAML_NOT_UTF8 = Code(
    "YAML_NOT_UTF8",
    Severity.ERROR,
    says="Файл не в UTF-8{guess}",
    hint="Откройте файл в редакторе и сохраните в кодировке UTF-8",
    why="Все записи хранятся в UTF-8: только так через тридцать лет русский текст прочтёт любая "
    "программа. Windows-1251 и UTF-16 выглядят одинаково лишь на том компьютере, где написаны.",
)
YAML_BOM = Code(
    "YAML_BOM",
    Severity.ERROR,
    says="В файле стоит невидимая метка порядка байтов (BOM)",
    hint="Сохраните файл как «UTF-8», а не «UTF-8 с BOM»",
    why="Метка U+FEFF не видна на экране, но сдвигает позиции и мешает сравнивать файлы побайтно. "
    "Её добавляет Блокнот Windows.",
)
YAML_INVISIBLE = Code(
    "YAML_INVISIBLE",
    Severity.ERROR,
    says="Невидимый символ {character}",
    hint="Удалите его: поставьте курсор в это место и нажмите Delete или наберите слово заново",
    why="Символы нулевой ширины попадают в текст при копировании с сайтов. Глазом их не видно, "
    "но «Иванов» с таким символом — другое слово: поиск его не найдёт.",
)
YAML_BIDI = Code(
    "YAML_BIDI",
    Severity.ERROR,
    says="Символ {character} меняет направление письма",
    hint="Удалите его: из-за него текст на экране не совпадает с записанным",
    why="Символы направления письма показывают на экране не то, что записано в файле: так "
    "подделывают тексты.",
)
YAML_CONTROL = Code(
    "YAML_CONTROL",
    Severity.ERROR,
    says="Управляющий символ {character}",
    hint="Удалите его; если таких много, файл повреждён: верните его из истории",
    why="В тексте допустимы только перевод строки и табуляция внутри значения. Прочие управляющие "
    "символы — след повреждения или чужого формата.",
)
YAML_LINE_SEPARATOR = Code(
    "YAML_LINE_SEPARATOR",
    Severity.ERROR,
    says="Необычный перевод строки {character}",
    hint="Замените его обычным: удалите символ и нажмите Enter",
    why="U+2028, U+2029, U+0085 и одиночный CR одни программы считают концом строки, другие нет: "
    "один и тот же файл прочтут по-разному.",
)
YAML_EMPTY = Code(
    "YAML_EMPTY",
    Severity.ERROR,
    says="В файле нет записей",
    hint="Заполните файл или удалите его",
    why="Пустой файл обычно остаётся от прерванной записи. Если записывать нечего, файла нет.",
)
YAML_SECOND_DOCUMENT = Code(
    "YAML_SECOND_DOCUMENT",
    Severity.ERROR,
    says="Второй документ в одном файле (строка «---»)",
    hint="Уберите строку «---» или перенесите то, что ниже, в отдельный файл",
    why="Один файл — одна запись: второй документ многие программы молча не читают.",
)
YAML_DIRECTIVE = Code(
    "YAML_DIRECTIVE",
    Severity.ERROR,
    says="Указание для разборщика (строка, начатая с «%»)",
    hint="Удалите эту строку",
    why="Указания %YAML и %TAG меняют смысл файла; архив обходится без них.",
)
YAML_TOO_DEEP = Code(
    "YAML_TOO_DEEP",
    Severity.ERROR,
    says="Вложенность глубже {limit} уровней",
    hint="Проверьте отступы и скобки; дальше этого места файл не прочитан",
    why="У записей архива не больше восьми уровней. Десятки тысяч уровней роняют программы.",
)
YAML_ANCHOR = Code(
    "YAML_ANCHOR",
    Severity.ERROR,
    says="Якорь «&…»: ссылки внутри файла не допускаются",
    hint="Запишите значение полностью там, где оно нужно; текст со знаком & возьмите в кавычки",
    why="Через якоря (&) и ссылки (*) одна строка раскрывается в миллиарды, а исправление одного "
    "места незаметно меняет другие. Повторы пишутся полностью.",
)
YAML_ALIAS = Code(
    "YAML_ALIAS",
    Severity.ERROR,
    says="Ссылка «*…»: ссылки внутри файла не допускаются",
    hint="Запишите значение полностью; текст, начатый со звёздочки, возьмите в кавычки",
    why=YAML_ANCHOR.why,
)
YAML_TAG = Code(
    "YAML_TAG",
    Severity.ERROR,
    says="Указание типа «!…» не допускается",
    hint="Уберите слово, начатое с «!»; текст, начатый с восклицательного знака, возьмите в "
    "кавычки",
    why="Типы вроде !!binary или !!python/object меняют смысл значения, а в чужих программах "
    "запускают код. Вид значения определяет схема.",
)
YAML_MERGE_KEY = Code(
    "YAML_MERGE_KEY",
    Severity.ERROR,
    says="Слияние «<<» не допускается",
    hint="Выпишите поля полностью",
    why="Ключ «<<» одни программы разворачивают, другие считают обычным полем.",
)
YAML_DUPLICATE_KEY = Code(
    "YAML_DUPLICATE_KEY",
    Severity.ERROR,
    says="Поле повторяется: первый раз оно в строке {first}",
    hint="Оставьте одно из двух; если это разные записи, начните вторую с «- »",
    why="Из двух одинаковых полей программы молча берут то первое, то последнее. Буквы й и ё, "
    "набранные одним знаком и двумя, считаются одинаковыми.",
)
YAML_KEY_NOT_STRING = Code(
    "YAML_KEY_NOT_STRING",
    Severity.ERROR,
    says="Имя поля должно быть словом",
    hint="Впишите перед двоеточием имя поля; число или дату возьмите в кавычки",
    why="Имя поля — текст. Число, пустое место, список или набор полей именем быть не могут.",
)
YAML_AMBIGUOUS_SCALAR = Code(
    "YAML_AMBIGUOUS_SCALAR",
    Severity.ERROR,
    says="Значение {value} без кавычек программы понимают по-разному: {readings}",
    hint="{cure}",
    why="Без кавычек NO станет «ложь», 12:30 — числом 750, 0012 — десятью, 1e3 — тысячей, и не во "
    "всякой программе одинаково. Однозначны только целые (12), десятичные с точкой (4.5), "
    "true, false и даты (2026-01-15); остальное, похожее на них, берётся в кавычки.",
)
YAML_NUMBER_TOO_LONG = Code(
    "YAML_NUMBER_TOO_LONG",
    Severity.ERROR,
    says="В числе больше {limit} цифр",
    hint="Если это номер, а не количество, возьмите его в кавычки",
    why="Числа длиннее 15 цифр программы округляют. Номера договоров, телефонов и счетов — текст.",
)
YAML_TAB_INDENT = Code(
    "YAML_TAB_INDENT",
    Severity.ERROR,
    says="Отступ сделан табуляцией",
    hint="Замените табуляцию пробелами: по два на каждый уровень",
    why="Ширина табуляции у всех разная, поэтому YAML запрещает её в отступах.",
)
YAML_QUOTE_NOT_CLOSED = Code(
    "YAML_QUOTE_NOT_CLOSED",
    Severity.ERROR,
    says="Кавычка открыта и не закрыта там, где должна",
    hint="Поставьте такую же кавычку в конце значения",
    why="Значение, начатое кавычкой, длится до такой же кавычки, хотя бы и через много строк.",
)
YAML_TEXT_AFTER_VALUE = Code(
    "YAML_TEXT_AFTER_VALUE",
    Severity.ERROR,
    says="После закрытой кавычки или скобки стоит лишний текст",
    hint="Возьмите всё значение в одинарные кавычки '…' или пишите внутри «ёлочки»",
    why="Кавычка или скобка в начале значения обнимает его целиком. Для названий внутри текста "
    "есть «ёлочки».",
)
YAML_BRACKET_NOT_CLOSED = Code(
    "YAML_BRACKET_NOT_CLOSED",
    Severity.ERROR,
    says="Скобка открыта и не закрыта",
    hint="Закройте скобку; если это просто текст, возьмите всё значение в кавычки",
    why="Значение, начатое с [ или {, — перечень и длится до парной скобки.",
)
YAML_BAD_INDENT = Code(
    "YAML_BAD_INDENT",
    Severity.ERROR,
    says="Отступ этой строки не совпадает с соседними",
    hint="Поля одной записи начинаются с одного столбца, вложенные — на два пробела правее",
    why="Вложенность в YAML показывают отступами: у полей одной записи он одинаков.",
)
YAML_NO_SPACE_AFTER_COLON = Code(
    "YAML_NO_SPACE_AFTER_COLON",
    Severity.ERROR,
    says="Нет пробела после двоеточия",
    hint="Поставьте пробел: «поле: значение»",
    why="Без пробела двоеточие — часть текста, и поле не отделяется от значения.",
)
YAML_COLON_IN_VALUE = Code(
    "YAML_COLON_IN_VALUE",
    Severity.ERROR,
    says="Второе двоеточие с пробелом в одной строке",
    hint="Возьмите значение в кавычки",
    why="Двоеточие с пробелом отделяет поле от значения; внутри текста оно допустимо только в "
    "кавычках.",
)
YAML_NO_COLON = Code(
    "YAML_NO_COLON",
    Severity.ERROR,
    says="У поля нет двоеточия",
    hint="Запишите «поле: значение»; продолжение длинного текста сдвиньте вправо",
    why="Каждая строка записи — поле, двоеточие, пробел и значение.",
)
YAML_RESERVED_CHARACTER = Code(
    "YAML_RESERVED_CHARACTER",
    Severity.ERROR,
    says="Значение не может начинаться со знака {character}",
    hint="Возьмите значение в кавычки",
    why="Знаки @ ` % в начале значения YAML оставляет за собой.",
)
YAML_BAD_ESCAPE = Code(
    "YAML_BAD_ESCAPE",
    Severity.ERROR,
    says="Обратная косая черта в двойных кавычках начинает неизвестное сочетание",
    hint="Удвойте её (\\\\) или возьмите значение в одинарные кавычки '…'",
    why="В двойных кавычках \\ начинает особые сочетания (\\n — новая строка). В одинарных она "
    "обычный знак.",
)
YAML_SYNTAX = Code(
    "YAML_SYNTAX",
    Severity.ERROR,
    says="Строку нельзя разобрать: {problem}",
    hint="{cure}",
    why="Файл записан не по правилам YAML; дальше этого места он не прочитан.",
)


SCHEMA_MISSING_FIELD = Code(
    "SCHEMA_MISSING_FIELD",
    Severity.ERROR,
    says="Нет обязательного поля {field}{reason}",
    hint="Добавьте строку «{name}: …»",
    why="Без этого поля запись неполна: по ней нельзя напечатать документ или понять, о чём она.",
)
SCHEMA_UNKNOWN_FIELD = Code(
    "SCHEMA_UNKNOWN_FIELD",
    Severity.ERROR,
    says="Здесь не бывает поля {field}",
    hint="{cure}",
    why="Незнакомое поле программа не прочтёт и не напечатает; обычно это опечатка в имени или "
    "неверный отступ.",
)
SCHEMA_FORBIDDEN_FIELD = Code(
    "SCHEMA_FORBIDDEN_FIELD",
    Severity.ERROR,
    says="Поле {field} в этой записи лишнее{reason}",
    hint="Уберите его или исправьте поля, с которыми оно не сочетается",
    why="Поле само по себе известно, но вместе с другими полями этой записи оно противоречиво.",
)
SCHEMA_BAD_FIELD_NAME = Code(
    "SCHEMA_BAD_FIELD_NAME",
    Severity.ERROR,
    says="Имя поля записано не так{reason}",
    hint="Исправьте имя до двоеточия",
    why="Где имена полей свободны, схема задаёт их вид.",
)
SCHEMA_NULL = Code(
    "SCHEMA_NULL",
    Severity.ERROR,
    says="У поля {field} нет значения",
    hint="Впишите значение или удалите строку: чего не знаем, того не пишем",
    why="Отсутствие поля уже значит «не известно или не было». Пустое поле — недописанная строка.",
)
SCHEMA_WRONG_TYPE = Code(
    "SCHEMA_WRONG_TYPE",
    Severity.ERROR,
    says="{field}: ожидается {expected}, а записано {found}{reason}",
    hint="{cure}",
    why="Вид значения — текст, число, список, набор полей — определён схемой. Номера пишут в "
    "кавычках, чтобы не потерять нули.",
)
SCHEMA_NOT_IN_ENUM = Code(
    "SCHEMA_NOT_IN_ENUM",
    Severity.ERROR,
    says="{field}: такого значения нет в перечне{reason}",
    hint="{cure}",
    why="Значения таких полей выбирают из перечня: по ним программа считает и печатает.",
)
SCHEMA_BAD_DATE = Code(
    "SCHEMA_BAD_DATE",
    Severity.ERROR,
    says="{field}: такого дня нет в календаре",
    hint="Проверьте день и месяц; дата пишется как год-месяц-день, например 2026-01-15",
    why="Дата должна существовать: 30 февраля — описка.",
)
SCHEMA_BAD_PATTERN = Code(
    "SCHEMA_BAD_PATTERN",
    Severity.ERROR,
    says="{field}: значение записано не так{reason}",
    hint="Исправьте значение по образцу",
    why="У номеров, кодов, дат и адресов записи строгий вид: по нему их находят.",
)
SCHEMA_OUT_OF_RANGE = Code(
    "SCHEMA_OUT_OF_RANGE",
    Severity.ERROR,
    says="{field}: число должно быть {bound}{reason}",
    hint="Исправьте число",
    why="Схема задаёт границы там, где иное число — описка.",
)
SCHEMA_TOO_SHORT = Code(
    "SCHEMA_TOO_SHORT",
    Severity.ERROR,
    says="{field}: {bound}{reason}",
    hint="Дополните или удалите поле целиком",
    why="Пустой список или текст ничего не сообщает: поле, которого нет, не пишут.",
)
SCHEMA_TOO_LONG = Code(
    "SCHEMA_TOO_LONG",
    Severity.ERROR,
    says="{field}: {bound}{reason}",
    hint="Сократите",
    why="Длина ограничена местом на печатном бланке или смыслом поля.",
)
SCHEMA_DUPLICATE_ITEM = Code(
    "SCHEMA_DUPLICATE_ITEM",
    Severity.ERROR,
    says="{field}: такая же запись уже есть в этом списке, под номером {first}",
    hint="Удалите повтор",
    why="В этом списке записи не повторяются.",
)
SCHEMA_FORBIDDEN_COMBINATION = Code(
    "SCHEMA_FORBIDDEN_COMBINATION",
    Severity.ERROR,
    says="{field}: поля не сочетаются друг с другом{reason}",
    hint="Сверьте запись с описанием: наведите курсор на имя поля в редакторе",
    why="Схема связывает поля между собой: одно требует или исключает другое.",
)
SCHEMA_ENGINES_DISAGREE = Code(
    "SCHEMA_ENGINES_DISAGREE",
    Severity.ERROR,
    says="Две проверки схемы {schema} разошлись: быстрая отвергла запись, подробная — нет",
    hint="Сообщите разработчикам papka номер версии и имя схемы; до тех пор запись не принята",
    why="Запись проверяют две независимые программы. Если их мнения разошлись, верить нельзя ни "
    "одной.",
)

AT_KEY = frozenset({SCHEMA_UNKNOWN_FIELD, SCHEMA_FORBIDDEN_FIELD, SCHEMA_BAD_FIELD_NAME})
"""Findings whose pointer means the key, not the value."""


PATH_UNKNOWN = Code(
    "PATH_UNKNOWN",
    Severity.ERROR,
    says="Файл не на своём месте: в архиве нет записей с таким путём",
    hint="Уберите файл из records/ или исправьте его имя; скан кладут в attachments/ личного дела",
    why="Личные сведения хранятся только в личных делах, записях реестров, приказах и оригиналах "
    "выгрузок: так их можно уничтожить целиком. Посторонний файл уничтожить будет нечем.",
)
PATH_NOT_FILE = Code(
    "PATH_NOT_FILE",
    Severity.ERROR,
    says="Здесь должен быть обычный файл, а лежит что-то другое",
    hint="Уберите это из архива: вложенная папка с .git, канал или устройство записями не бывают",
    why="Запись архива — обычный файл. Чужое хранилище git, именованный канал или устройство "
    "сохранить нельзя.",
)
SCHEMA_TOO_LOOSE = Code(
    "SCHEMA_TOO_LOOSE",
    Severity.ERROR,
    says="Схема архива приняла значение, с которым программа работать не может: {reason}",
    hint="Исправьте значение; если схему меняли, верните её: git checkout HEAD -- schema",
    why="Схемы архива изменены и пропускают то, чего не бывает в этом формате.",
)
PATH_SYMLINK = Code(
    "PATH_SYMLINK",
    Severity.ERROR,
    says="вместо файла — ссылка на другое место",
    hint="Замените ссылку самим файлом и сохраните: papka save",
    why="Ссылка может вести за пределы архива; содержимого под подписью при этом нет.",
)
