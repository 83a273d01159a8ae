"""What git complains of, in the reader's language: the one table of known complaints.

Invariants: the first sign found decides; a complaint nobody foresaw is passed on in brackets, its
first line only. Absent on purpose: guessing which of several complaints matters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """`words` say what is wrong, `step` what to do now; no step: the caller knows a better one."""

    words: str
    step: str = ""


_OWNER = Trouble(
    "хранилище принадлежит другому пользователю этого компьютера",
    "Сделайте папку хранилища своей (Linux, macOS: sudo chown -R ВАШЕ-ИМЯ ПАПКА) и повторите",
)
_NOWHERE = Trouble(
    "по этому адресу хранилища нет",
    "Подключите носитель или проверьте адрес: papka mirror status",
)
_RIGHTS = Trouble(
    "нет прав на запись в папку хранилища",
    "Проверьте, чья это папка и не закрыта ли она от записи, и повторите",
)
_LOCKED = Trouble(
    "хранилище занято: его меняет другая программа, или прерванная команда оставила замок",
    "Подождите минуту и повторите; если никто не работает — удалите в папке хранилища файлы, "
    "чьи имена кончаются на .lock",
)
_FULL = Trouble("на носителе кончилось место", "Освободите место и повторите")
_SERVER_LOGIN = Trouble(
    "сервер не принял имя и пароль, или для него их нет в файле .netrc вашей домашней папки",
    'Впишите туда строку: machine АДРЕС-СЕРВЕРА login ИМЯ password "ПАРОЛЬ" '
    "(Windows: файл зовётся _netrc), закройте файл от других (chmod 600) и повторите",
)
_CERTIFICATE = Trouble(
    "сертификат сервера не проходит проверку: его выдал неизвестный центр, он просрочен, или это "
    "чужой сервер",
    "Проверьте дату на компьютере; сертификат центра самой школы возьмите у того, кто ведёт "
    "сервер, и запишите: papka mirror add ИМЯ АДРЕС --country RU --ca ФАЙЛ (имя и адрес те же)",
)
_OTHER_NAME = Trouble(
    "сертификат сервера выдан на другое имя: это может быть чужой сервер",
    "Сверьте адрес с тем, что дал ведущий сервер: papka mirror status",
)
_NO_AUTHORITY = Trouble(
    "файл с сертификатом, по которому узнают сервер, не читается",
    "Верните файл на место или укажите другой: papka mirror add ИМЯ АДРЕС --country RU --ca ФАЙЛ",
)
_NO_GIT = Trouble(
    "по этому адресу отвечает не хранилище git",
    "Сверьте адрес с тем, что дал ведущий сервер: papka mirror status",
)
_TOO_MUCH = Trouble(
    "сервер не принимает столько за один раз",
    "Пусть тот, кто ведёт сервер, поднимет предел для запроса (docs/server.md)",
)
_NO_ANSWER = Trouble("сервер не отвечает")
_BROKEN = Trouble(
    "хранилище повреждено", "Ничего не сохраняйте поверх; проверьте его: papka verify -C ПАПКА"
)
_UNPACKED = Trouble(
    "оно не смогло записать полученное",
    "Проверьте на нём место и права; само хранилище проверит papka verify -C ПАПКА",
)
_CLOSED = Trouble("ветвь main закрыта на сервере от записи", "Откройте её для себя в настройках")
_BEHIND = Trouble(
    "его тем временем изменили", "Посмотрите, чем оно отличается: papka mirror status"
)
_HOOK = Trouble(
    "проверка на сервере не пропустила запись",
    "Посмотрите, чем оно отличается: papka mirror status; проверьте архив: papka verify",
)

_ANYWHERE: tuple[tuple[str, Trouble], ...] = (
    ("dubious ownership", _OWNER),
    ("unsafe repository", _OWNER),
    ("No space left", _FULL),
    ("Disk quota exceeded", _FULL),
    ("Read-only file system", Trouble(
        "носитель открыт только для чтения", "Подключите его с правом записи и повторите"
    )),
    (".lock': File exists", _LOCKED),
    ("Permission denied", _RIGHTS),
    ("insufficient permission", _RIGHTS),
    ("is corrupt", _BROKEN),
    ("bad object", _BROKEN),
    ("unable to read", _BROKEN),
    ("Not a directory", _BROKEN),
    ("cannot lock ref", _LOCKED),
)  # fmt: skip
_IN_A_TALK: tuple[tuple[str, Trouble], ...] = (
    ("pack exceeds maximum allowed size", Trouble(
        "за один раз прислано больше, чем хранилище принимает",
        "Если это честный первый архив, скопируйте хранилище на сервер с носителя и выполните там "
        "papka mirror host",
    )),
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", Trouble(
        "сервер предъявил не тот ключ, что раньше: это может быть чужой сервер",
        "Ничего не отправляйте; спросите того, кто ведёт сервер, менял ли он ключ",
    )),
    ("Host key verification failed", Trouble(
        "ключ сервера неизвестен: зайдите на него один раз через ssh",
        "Зайдите: ssh АДРЕС, сверьте отпечаток ключа и повторите",
    )),
    ("Permission denied (", Trouble(
        "сервер не принял ключ входа",
        "Проверьте, что ключ входа записан на сервере и агент ssh его знает: ssh-add -l",
    )),
    ("could not read Username", _SERVER_LOGIN),
    ("could not read Password", _SERVER_LOGIN),
    ("terminal prompts disabled", _SERVER_LOGIN),
    ("Authentication failed", _SERVER_LOGIN),
    ("returned error: 401", _SERVER_LOGIN),
    ("returned error: 403", Trouble(
        "сервер узнал вас, но сюда не пускает",
        "Попросите того, кто ведёт сервер, открыть вам запись в это хранилище",
    )),
    ("returned error: 413", _TOO_MUCH),
    ("HTTP 413", _TOO_MUCH),
    ("returned error: 5", Trouble(
        "на сервере ошибка", "Повторите позже; если не пройдёт, скажите тому, кто ведёт сервер"
    )),
    ("not valid: is this a git repository", _NO_GIT),
    ("Cannot access URL", _NO_GIT),
    ("setting certificate", _NO_AUTHORITY),
    ("CA cert", _NO_AUTHORITY),
    ("match target host", _OTHER_NAME),
    ("alternative certificate subject", _OTHER_NAME),
    ("certificate", _CERTIFICATE),
    ("Could not resolve host", Trouble("имя сервера не находится")),
    ("Connection refused", _NO_ANSWER),
    ("Couldn't connect to server", _NO_ANSWER),
    ("timed out", _NO_ANSWER),
    ("non-properly terminated", _NO_ANSWER),
    ("Connection closed", _NO_ANSWER),
    ("Connection reset", _NO_ANSWER),
    ("No route to host", Trouble("до сервера нет дороги")),
    ("Network is unreachable", Trouble("до сервера нет дороги")),
    *_ANYWHERE,
    ("does not appear to be a git repository", _NOWHERE),
    ("not a git repository", _NOWHERE),
    ("does not exist", _NOWHERE),
    ("epository not found", _NOWHERE),
    ("/' not found", _NOWHERE),
    ("stale info", _BEHIND),
    ("fetch first", _BEHIND),
    ("non-fast-forward", _BEHIND),
    ("protected branch", _CLOSED),
    ("hook declined", _HOOK),
    ("failed to update ref", _LOCKED),
    ("unpacker error", _UNPACKED),
    ("remote unpack failed", _UNPACKED),
    ("unable to migrate objects", _UNPACKED),
    ("currently checked out", Trouble(
        "это рабочая папка, а не хранилище для зеркала",
        "Укажите новую папку: papka mirror add ИМЯ ПАПКА --country СТРАНА",
    )),
)  # fmt: skip


def explain(complaint: str) -> Trouble:
    """What git complains of in our own repository."""
    return _explained(complaint, _ANYWHERE)


def explain_talk(complaint: str) -> Trouble:
    """What git or ssh complains of in a talk with another store."""
    return _explained(complaint, _IN_A_TALK)


def _explained(complaint: str, known: Iterable[tuple[str, Trouble]]) -> Trouble:
    for sign, trouble in known:
        if sign in complaint:
            return trouble
    lines = [line for line in complaint.splitlines() if line.strip()]
    if not lines:
        return Trouble("git завершился с ошибкой и не сказал почему")
    first = "".join(c for c in lines[0].strip() if c.isprintable())
    if not first.isascii() and "fatal" not in first and "error" not in first:
        return Trouble(first)  # these words are our own
    for heading in ("fatal: ", "error: ", "remote: "):
        first = first.removeprefix(heading)
    return Trouble(f"git завершился с ошибкой [{first}]")
