"""Errors that stop a job, each with its Russian sentence and the next step for a person.

Raised where the work stops, caught once in `cli`. Something wrong with the *records* is a Finding,
never an exception.
"""

from __future__ import annotations

import errno


class PapkaError(Exception):
    """`message` says what happened, `next_step` what to do now; `exit_code` is that of the docs."""

    exit_code = 3

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class NotAnArchive(PapkaError):
    def __init__(self, path: str) -> None:
        super().__init__(
            f"Здесь нет архива личных дел: {path}",
            "Перейдите в папку архива, укажите её ключом -C ПАПКА или создайте новый архив: "
            "papka init ПАПКА",
        )


class OrganizationGone(NotAnArchive):
    """The one file is missing without which no record can be judged."""

    def __init__(self, path: str) -> None:
        PapkaError.__init__(
            self,
            f"Файла {path} нет, а без него не прочесть ни одной записи",
            f"Верните его: papka undo {path}; если он переименован, верните прежнее имя",
        )


class UnknownFormat(PapkaError):
    def __init__(self, found: object, known: int) -> None:
        super().__init__(
            f"Архив записан в формате {found}, а эта программа знает форматы 1–{known}",
            "Обновите papka или откройте архив той версией, которая указана в его README.md",
        )


class BrokenSchema(PapkaError):
    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"Схема {path} повреждена: {reason}",
            f"Верните файл из истории: git checkout HEAD -- {path}. Если его там нет, архив от "
            "прежней версии программы; руководитель обновит его: papka upgrade",
        )


class KeyMissing(PapkaError):
    """There is no key to sign with, or it cannot be used now."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(what, next_step)


class KeyWaits(PapkaError):
    """The head has not accepted the person's key yet: a save made now would count for nobody."""

    def __init__(self, staff: str, request: str, reason: str = "") -> None:
        super().__init__(
            f"{staff} ждёт принятия ключа руководителем, ничего не записано"
            + (f" ({reason})" if reason else ""),
            f"Отправьте руководителю заявку {request} и назовите ему отпечаток; когда он её "
            "примет (papka trust add), повторите команду. Ваши файлы не тронуты",
        )


class PangoMissing(PapkaError):
    def __init__(self, detail: str) -> None:
        super().__init__(
            f"Не найдена библиотека Pango, без неё PDF не сделать ({detail})",
            "Debian, Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0; macOS: brew install pango; для Windows см. docs/windows.md. "
            "Или печатайте из браузера: papka print … --html",
        )


class GitMissing(PapkaError):
    def __init__(self) -> None:
        super().__init__("Программа git не установлена", "Debian, Ubuntu: apt-get install git")


class GitFailed(PapkaError):
    """Git ended with an error that nothing more specific describes."""

    def __init__(self, command: str, output: str, next_step: str = "") -> None:
        super().__init__(
            f"git {command}: {output.strip() or 'завершился с ошибкой'}",
            next_step or "Проверьте хранилище: papka verify",
        )


class NotOwner(GitFailed):
    """Git reads nothing in a folder of another user of this computer, whatever the command."""

    def __init__(self, words: str, next_step: str) -> None:
        PapkaError.__init__(self, words[:1].upper() + words[1:], next_step)


class ChangedMeanwhile(PapkaError):
    def __init__(self, what: str) -> None:
        super().__init__(
            f"Пока шла работа, {what} изменил кто-то другой; ничего не записано",
            "Повторите команду",
        )


class LockHeld(PapkaError):
    def __init__(self, path: str) -> None:
        super().__init__(
            f"Архив сейчас занят другой командой papka (замок {path})",
            "Дождитесь её окончания и повторите",
        )


class NotFound(PapkaError):
    """The archive has nothing by this name."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(what, next_step)


class Refused(PapkaError):
    """The records or the rules do not allow this; nothing was changed."""


class NamesInHistory(Refused):
    """Words that would stay in history for ever name people whose files they are about."""

    def __init__(self, words: tuple[str, ...]) -> None:
        told = ", ".join(f"«{word}»" for word in words)
        super().__init__(
            f"В описании — имена из этих личных дел: {told}. Описание остаётся в истории навсегда, "
            "вместе с делом его не уничтожить; ничего не сохранено",
            "Назовите номер дела или записи: 2026-0007#r12. Если это не имя, а просто слово: "
            "papka save --message-as-is",
        )


class RemoteRefused(PapkaError):
    def __init__(self, name: str, reason: str, next_step: str) -> None:
        super().__init__(f"Зеркало «{name}» не приняло изменения: {reason}", next_step)


class RemoteDeclined(RemoteRefused):
    """The store's own check said no: trying again changes nothing."""


class RemoteKeeps(RemoteRefused):
    """The store carries out no acts of destruction, and was sent nothing."""


class RemoteUnreachable(PapkaError):
    exit_code = 4

    def __init__(self, name: str, reason: str, next_step: str = "") -> None:
        super().__init__(
            f"Зеркало «{name}» недоступно: {reason}",
            next_step or "Проверьте связь или подключите носитель и повторите: papka mirror push",
        )
        self.reason = reason


class AnswerLost(RemoteUnreachable):
    """The answer to a push was lost: the store may have taken it, so nothing may be made anew."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            name,
            f"{reason}. Сохранение уже отправляли: приняло ли оно его, станет видно при повторе",
            "Повторите ту же команду, когда связь будет",
        )


class MediumFailed(PapkaError):
    """A disk or folder with copies cannot be written or read."""

    exit_code = 4

    def __init__(self, medium: str, reason: str, next_step: str = "") -> None:
        super().__init__(
            f"Носитель «{medium}»: {reason}. Прежние копии на нём не тронуты",
            next_step
            or "Подключите носитель, проверьте, что на нём есть место и он не закрыт "
            "от записи, и повторите ту же команду",
        )


_REASONS = {
    errno.EACCES: "нет прав",
    errno.EPERM: "нет прав",
    errno.EROFS: "диск доступен только для чтения",
    errno.ENOSPC: "на диске кончилось место",
    errno.EDQUOT: "исчерпана квота на диске",
    errno.EFBIG: "файл больше, чем вмещает этот диск (FAT — не больше 4 ГБ)",
    errno.EIO: "ошибка чтения или записи на диске",
    errno.ENOENT: "такого файла или папки нет",
    errno.EEXIST: "такой файл уже есть",
    errno.ENOTDIR: "на пути к нему не папка, а файл",
    errno.EISDIR: "это папка, а не файл",
    errno.ENAMETOOLONG: "слишком длинное имя",
    errno.ENOTEMPTY: "папка не пуста",
    errno.ELOOP: "ссылки ведут по кругу",
    errno.ENODEV: "носитель отключён",
}


def cannot_access(error: OSError) -> PapkaError:
    """Return the error that tells in Russian what the system refused to do with a file."""
    reason = _REASONS.get(error.errno or 0) or _unknown_reason(error)
    name = error.filename2 or error.filename
    what = f"Не удалось прочитать или записать {name}" if name else "Не удалась работа с файлами"
    return PapkaError(
        f"{what}: {reason}",
        "Проверьте место на диске, права и путь и повторите; сохранённое раньше не пострадало",
    )


def _unknown_reason(error: OSError) -> str:
    """Return what an error without Russian words tells: its number, else what it says itself."""
    if error.errno:
        return f"ошибка системы {error.errno}"
    said = str(error)
    return f"ошибка системы («{said}»)" if said else "ошибка системы"
