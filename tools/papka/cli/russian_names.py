"""Russian names of commands and options, beside the English ones: typed, helped with, completed.

Both names belong to one object of click, so nothing is done twice. An option without a row here, or
with two, fails a test. Options made from a schema take the titles of its fields (`field_options`).
Capitals, ё and е, dashes and underscores make no difference in a typed name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from papka.core.phrases import as_one_word

COMMANDS = {
    "open": "открыть",
    "status": "сегодня",
    "new": "завести",
    "add": "внести",
    "fix": "исправить",
    "end": "прекратить",
    "find": "найти",
    "show": "показать",
    "check": "проверить",
    "save": "сохранить",
    "edit": "править",
    "undo": "отменить",
    "discard": "сбросить",
    "sync": "обмен",
    "issue": "выдать",
    "print": "напечатать",
    "bind": "прошить",
    "take": "принять",
    "give": "выгрузить",
    "give sheet": "ведомость",
    "give list": "список",
    "give results": "результаты",
    "give management": "сводку",
    "give counts": "численность",
    "give package": "пакет",
    "give archive": "архив",
    "give original": "подлинник",
    "give checker": "проверку",
    "period": "период",
    "period status": "состояние",
    "period close": "закрыть",
    "period approve": "утвердить",
    "period seal": "опломбировать",
    "verify": "подлинность",
    "mirror": "зеркало",
    "mirror add": "добавить",
    "mirror host": "принимать",
    "mirror push": "отправить",
    "mirror recreate": "заново",
    "mirror status": "сравнить",
    "trust": "ключи",
    "trust add": "принять",
    "trust retire": "вывести",
    "trust rotate": "сменить",
    "trust renew": "обновить",
    "trust compromise": "украден",
    "trust accept": "признать",
    "trust refound": "заново",
    "trust show": "показать",
    "backup": "копия",
    "restore": "восстановить",
    "join": "подключиться",
    "destroy": "уничтожить",
    "fleet": "сеть",
    "init": "создать",
    "upgrade": "обновить",
    "demo": "проба",
    "explain": "объяснить",
}
"""A command, after its group's name where it has one -> its Russian name."""

DOORS = {"отчислить": "enrolment", "отозвать": "consent", "вернуть": "lending"}
"""Names of `end` that say what they end: an entry of this kind and no other."""
DOOR = "papka.door"
"""Where the context keeps the kind that the typed name says, "" for none."""

OPTIONS = {
    "-C": "--папка",
    "--abandon": "--отказаться",
    "--accept": "--принять-без",
    "--accept-unmatched": "--принять-с-несопоставленными",
    "--address": "--адрес",
    "--after": "--после",
    "--again": "--заново",
    "--age": "--возраст",
    "--all": "--все",
    "--anchor": "--с-бумаги",
    "--annul": "--аннулировать",
    "--answers": "--ответы",
    "--any": "--и-чужое",
    "--as": "--подписывает",
    "--at": "--до-сохранения",
    "--blank": "--бланк",
    "--ca": "--сертификат",
    "--code": "--код",
    "--commission": "--комиссия",
    "--confirm": "--подтверждаю",
    "--country": "--страна",
    "--daily": "--ежедневный",
    "--date": "--дата",
    "--debts": "--задолженности",
    "--delimiter": "--разделитель",
    "--drill": "--проба",
    "--safe-sheet": "--лист-для-сейфа",
    "--drop-older": "--убрать-прежние",
    "--drop-unsent": "--без-неотправленных",
    "--dry-run": "--только-показать",
    "--due": "--сроки",
    "--duplex": "--с-двух-сторон",
    "--duplicate": "--дубликат",
    "--encoding": "--кодировка",
    "--enrolment": "--зачисление",
    "--export": "--выгрузка",
    "--fail-on": "--строгость",
    "--file": "--файл",
    "--files": "--с-файлами",
    "--fix": "--исправить",
    "--fingerprint": "--отпечаток",
    "--format": "--вид",
    "--from": "--из",
    "--graduated": "--окончили",
    "--group": "--группа",
    "--handed": "--вручено",
    "--head": "--руководитель",
    "--head-given": "--имя-руководителя",
    "--head-patronymic": "--отчество-руководителя",
    "--head-post": "--должность-руководителя",
    "--head-surname": "--фамилия-руководителя",
    "--heal": "--вылечить",
    "--help": "--справка",
    "--html": "--страница",
    "--idle": "--без-дела",
    "--keep": "--оставить",
    "--key": "--ключ",
    "--keys": "--папка-ключей",
    "--kind": "--вид-носителя",
    "--learn": "--запомнить-ключи",
    "--leaving": "--заканчивают",
    "--legal-form": "--правовая-форма",
    "--list": "--список",
    "--medium": "--носитель",
    "--message": "--описание",
    "--message-as-is": "--описание-как-есть",
    "--method": "--способ",
    "--mirrors": "--зеркала",
    "--move": "--перенести",
    "--names": "--с-именами",
    "--new-sheets": "--новые-листы",
    "--no-browser": "--без-браузера",
    "--no-cache": "--сверстать-заново",
    "check --no-cache": "--прочитать-заново",
    "--no-memory": "--без-памяти",
    "--no-order": "--без-приказа",
    "--no-record": "--без-журнала",
    "--of": "--для-архива",
    "--on": "--на-день",
    "--order": "--приказ",
    "--order-number": "--номер-приказа",
    "--organization": "--организация",
    "--out": "--куда",
    "--period": "--период",
    "--place": "--место",
    "--plan": "--план",
    "--platform": "--платформа",
    "--port": "--порт",
    "--primary": "--основное",
    "--program": "--программа",
    "--protocol": "--протокол",
    "--push": "--отправить",
    "--quiet": "--тихо",
    "--reason": "--причина",
    "--rebind": "--перешить",
    "--recovery": "--запасной",
    "--refounding": "--акт-о-замене",
    "--remaining": "--оставшееся",
    "--replace": "--взамен",
    "--restricted": "--ограниченный",
    "--resume": "--продолжить",
    "--rev": "--по-сохранению",
    "--save": "--сохранить",
    "--scheduler": "--планировщик",
    "--short-name": "--краткое-название",
    "--since": "--с-сохранения",
    "--site": "--сервер",
    "--spoiled": "--испорчен",
    "--student": "--дело",
    "--students": "--число-дел",
    "--take": "--заменить",
    "--take-good": "--принять-верные",
    "backup --to": "--на",
    "issue --to": "--кому",
    "--trust": "--список-ключей",
    "--until": "--по",
    "--version": "--версия",
    "--void": "--ошибочно",
    "--watch": "--следить",
    "--why": "--откуда",
    "--without": "--без",
    "--workers": "--сразу",
    "--year": "--год",
    "--year-starts": "--начало-года",
    "--yes": "--да",
}
"""An option -> its Russian name, one for all commands; after a command's name, of that alone."""

FORMS = {
    "personal-file": "личное-дело",
    "certificate": "сертификат",
    "transcript": "справка",
    "progress": "успеваемость",
    "notice": "извещение",
    "register": "книга",
    "group-sheet": "ведомость",
    "order": "приказ",
    "consent": "согласие",
    "answer": "ответ",
    "self-examination": "самообследование",
    "management": "сводка",
    "attention": "кому-помочь",
    "platform-printout": "распечатка",
    "approval-act": "акт-утверждения",
    "keys": "лист-ключей",
    "safe-sheet": "лист-для-сейфа",
    "refounding": "акт-о-замене",
    "seal": "лист-пломбы",
    "backup-act": "акт-о-копиях",
    "card": "карточка",
    "lending-card": "карта-заместитель",
    "credit-note": "справка-о-зачёте",
    "order-extract": "выписка",
    "year-sheet": "ведомость-года",
    "register-certification": "заверитель-книги",
    "student-counts": "численность",
    "self-examination-exact": "самообследование-точно",
    "needs-plan": "план-поддержки",
    "diagnostics-summary": "сводка-диагностики",
    "media-log": "журнал-носителей",
    "order-book": "книга-приказов",
    "name-book": "алфавитная-книга",
    "case-list": "опись-дел",
    "nomenclature": "номенклатура",
    "destruction-act": "акт-уничтожения",
    "destruction-extract": "выгрузка-уничтожения",
}
"""A printed form -> its Russian name."""


def both_names(flag: str) -> tuple[str, ...]:
    """Return an option's name and its Russian one."""
    return (flag, OPTIONS[flag]) if flag in OPTIONS else (flag,)


def name_in_english(typed: str, russian: Mapping[str, str]) -> str:
    """Return the English name whose Russian one was typed; the typed word when it is none."""
    named = {as_one_word(second): name for name, second in russian.items()}
    return named.get(as_one_word(typed), typed)


def name_in_russian(params: Iterable[click.Parameter], command: str = "") -> None:
    """Give options of a command their second name; a table of all is above."""
    for param in params:
        if isinstance(param, click.Option):
            for flags in (param.opts, param.secondary_opts):
                names = [OPTIONS.get(f"{command} {flag}", OPTIONS.get(flag)) for flag in flags]
                flags += [name for name in names if name is not None and name not in flags]


class FormName(click.ParamType[str]):
    """The name of a form in either language, as the English one; `allowed`: no other."""

    name = "form"

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        self.choices = click.Choice(allowed) if allowed else None

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        name = name_in_english(str(value), FORMS)
        return name if self.choices is None else self.choices.convert(name, param, ctx)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002 - as above
        incomplete: str,
    ) -> list[CompletionItem]:
        names = self.choices.choices if self.choices is not None else tuple(FORMS)
        words = [word for name in names for word in (name, FORMS.get(name, name))]
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]


class BilingualCommand(click.Command):
    """A command whose options have two names."""

    def __init__(self, name: str | None = None, **attrs: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(name, **attrs)
        name_in_russian(self.params, name or "")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        name_in_russian([option] if option is not None else ())
        return option

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_russian_usage(self, ctx, formatter)
        super().format_help_text(ctx, formatter)


class BilingualGroup(BilingualCommand, click.Group):
    """A group whose commands have two names."""

    command_class = BilingualCommand

    def english(self, ctx: click.Context, typed: str) -> str:
        """Return the English name of a command, the typed word when it is none."""
        return name_in_english(
            typed, {name: self.russian(name) for name in self.list_commands(ctx)}
        )

    def russian(self, name: str) -> str:
        """Return the Russian name of one of the commands; "" when it has none."""
        return COMMANDS.get(name if self.is_root else f"{self.name} {name}", "")

    @property
    def is_root(self) -> bool:
        """Whether it holds the first words that are typed."""
        return False

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self.load_command(ctx, self.english(ctx, cmd_name))

    def load_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command of an English name."""
        return super().get_command(ctx, name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return super().resolve_command(ctx, [self.english(ctx, args[0]), *args[1:]])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        begun = as_one_word(incomplete)
        russian = [
            CompletionItem(second, help=command.get_short_help_str())
            for name in self.list_commands(ctx)
            if (second := self.russian(name))
            and as_one_word(second).startswith(begun)
            and (command := self.load_command(ctx, name)) is not None
        ]
        return [*russian, *super().shell_complete(ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for name in self.list_commands(ctx):
            command = self.load_command(ctx, name)
            if command is not None and not command.hidden:
                rows.append((self.both(name), command.get_short_help_str(formatter.width)))
        with formatter.section("Команды"):
            formatter.write_dl(rows)

    def both(self, name: str) -> str:
        """Return the names of a command as help shows them."""
        return ", ".join(filter(None, (name, self.russian(name))))


def _write_russian_usage(
    command: click.Command, ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    """Write the line of usage once more, in Russian words."""
    words: list[str] = []
    below: click.Context | None = ctx
    while below is not None and below.parent is not None:
        group = below.parent.command
        if isinstance(group, BilingualGroup):
            words.insert(0, group.russian(below.command.name or ""))
        below = below.parent
    if words and all(words):
        usage = " ".join(command.collect_usage_pieces(ctx))
        formatter.write_usage(f"papka {' '.join(words)}", usage, "          или: ")


def split_option(word: str, flags: Sequence[str]) -> tuple[str, str | None] | None:
    """Return which of the English flags a typed word is, and its value after `=`; None for none."""
    name, equals, value = word.partition("=")
    for flag in flags:
        if as_one_word(name) in {as_one_word(each) for each in both_names(flag)}:
            return flag, value if equals else None
    return None
