"""Codes of reading a folder: what is no record of an archive, or none that this program reads."""

from papka.core.findings import Code, Severity

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
