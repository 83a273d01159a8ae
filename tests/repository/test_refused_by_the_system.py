"""What a person is told when the system refuses to do something with a file."""

from __future__ import annotations

import errno

import pytest

from papka.core.errors import cannot_access

ASKED = "Не удалось прочитать или записать /диск/файл: "


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "x", "/диск/файл"), f"{ASKED}на диске кончилось место"),
        (OSError(errno.EACCES, "x", "/диск/файл"), f"{ASKED}нет прав"),
        (OSError(errno.EPERM, "x", "/диск/файл"), f"{ASKED}нет прав"),
        (OSError(errno.EROFS, "x", "/диск/файл"), f"{ASKED}диск доступен только для чтения"),
        (OSError(errno.EDQUOT, "x", "/диск/файл"), f"{ASKED}исчерпана квота на диске"),
        (OSError(errno.EFBIG, "x", "/диск/файл"),
         f"{ASKED}файл больше, чем вмещает этот диск (FAT — не больше 4 ГБ)"),
        (OSError(errno.EIO, "x", "/диск/файл"), f"{ASKED}ошибка чтения или записи на диске"),
        (OSError(errno.ENOENT, "x", "/диск/файл"), f"{ASKED}такого файла или папки нет"),
        (OSError(errno.EEXIST, "x", "/диск/файл"), f"{ASKED}такой файл уже есть"),
        (OSError(errno.ENOTDIR, "x", "/диск/файл"), f"{ASKED}на пути к нему не папка, а файл"),
        (OSError(errno.EISDIR, "x", "/диск/файл"), f"{ASKED}это папка, а не файл"),
        (OSError(errno.ENAMETOOLONG, "x", "/диск/файл"), f"{ASKED}слишком длинное имя"),
        (OSError(errno.ENOTEMPTY, "x", "/диск/файл"), f"{ASKED}папка не пуста"),
        (OSError(errno.ELOOP, "x", "/диск/файл"), f"{ASKED}ссылки ведут по кругу"),
        (OSError(errno.ENODEV, "x", "/диск/файл"), f"{ASKED}носитель отключён"),
        (OSError(errno.ENOEXEC, "x", "/диск/файл"), f"{ASKED}ошибка системы {errno.ENOEXEC}"),
        (OSError(errno.EIO, "x", "/откуда", None, "/диск/файл"),
         f"{ASKED}ошибка чтения или записи на диске"),
        (OSError(errno.EIO, "x"), "Не удалась работа с файлами: ошибка чтения или записи на диске"),
        (OSError("read of closed file"),
         "Не удалась работа с файлами: ошибка системы («read of closed file»)"),
        (OSError(), "Не удалась работа с файлами: ошибка системы"),
    ],
)  # fmt: skip
def test_what_the_system_refused(error: OSError, message: str) -> None:
    told = cannot_access(error)
    assert told.message == message
    assert told.next_step == (
        "Проверьте место на диске, права и путь и повторите; сохранённое раньше не пострадало"
    )
    assert told.exit_code == 3
