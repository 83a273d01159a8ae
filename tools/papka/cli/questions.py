"""Questions that a terminal is asked to fill in a record, and answers kept until it is written.

Each answer is judged at once. What was answered before Ctrl-C or a refusal stands in brackets when
the same command is given again. A script gets one error that names what is missing.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping

import click

from papka.cli.field_options import flag_of
from papka.cli.options import ask_yes
from papka.core.phrases import as_one_word, hyphenated, read_day, suggest
from papka.desk import kept_answers
from papka.desk.edition import name_parts
from papka.desk.filling import Filling, Question
from papka.records.fields import BadAnswer, Trail, dotted_name

_SURNAME, _GIVEN, _PATRONYMIC = "surname", "given", "patronymic"
_SHOWN = 20
"""So many known answers are listed; the others are as good."""
_NONE = "-"
"""The answer that takes away what was kept, or leaves a record that was begun by choice."""


def complete(filling: Filling) -> None:
    """Ask for everything that is due, then tell what was filled in without being asked.

    Raises UsageError, naming all that is missing, where nobody can be asked.
    """
    due = filling.due()
    if due and sys.stdin.isatty():
        _Dialogue(filling).run()
    elif due:
        missing = "; ".join(f"{flag_of(each.name)} ({each.field.title})" for each in due)
        reasons = sorted({each.reason for each in due if each.reason})
        raise click.UsageError(". ".join([f"Не указано: {missing}", *reasons]))
    given = {trail[0].name for trail, _ in filling.answers}
    suggested = [
        _suggestion(filling, name, value)
        for name, value in filling.filled.items()
        if name not in given and name not in filling.own
    ]
    if suggested:
        click.echo("Подставлено: " + ", ".join(suggested))


def finish(filling: Filling, code: int, *, dry_run: bool) -> int:
    """Forget the answers once the record is written; return the exit code as it is."""
    if code == 0 and not dry_run and sys.stdin.isatty():
        kept_answers.drop_answers(filling)
    return code


def _wrap(text: str, indent: str = "") -> str:
    """Return the text in lines that fit the terminal, words whole."""
    width = min(shutil.get_terminal_size().columns, 100)
    return click.wrap_text(text, width, indent, indent)


def _suggestion(filling: Filling, name: str, value: object) -> str:
    """«Дата 28.05.2026»."""
    field = filling.form.field(name)
    day = read_day(str(value)) if field is not None and field.is_date else None
    return f"{field.title if field else name} {f'{day:%d.%m.%Y}' if day else value}"


class _Left(Exception):
    """The person leaves the record that was begun by choice."""


class _Dialogue:
    """The questions about one record, one after another."""

    def __init__(self, filling: Filling) -> None:
        self.filling = filling
        self.said: list[kept_answers.Said] = []
        self.kept = kept_answers.find_answers(filling)
        self.begun: tuple[int, int, set[str]] | None = None
        """How many answers there were before a record that need not be, and what was waived."""
        self.has_listed = False

    def run(self) -> None:
        """Ask until nothing is due and the person has no more to add."""
        if self.kept:
            click.echo(
                _wrap(
                    "В прошлый раз запись не закончена. Прежние ответы стоят в скобках: "
                    f"Enter оставляет ответ, «{_NONE}» убирает."
                )
            )
        while True:
            asked = self.filling.asked()
            try:
                if asked:
                    self._ask(asked[0])
                elif not self._offer_more():
                    return
            except _Left:
                self._leave()

    def _leave(self) -> None:
        assert self.begun is not None
        answers, said, self.filling.waived = self.begun
        del self.filling.answers[answers:], self.said[said:]
        self.begun = None

    def _offer_more(self) -> bool:
        """Offer the fields that need not be answered; return whether the person took one."""
        self.begun = None
        known = self.filling.optional()
        if not known:
            return False
        titles = {name: _title(name, trail) for name, trail in known.items()}
        rows = enumerate(titles.items(), 1)
        offer = "\n".join(f"  {n}. {title} ({name})" for n, (name, title) in rows)
        click.echo()
        if not self.has_listed:
            click.echo(f"Можно добавить:\n{offer}")
            self.has_listed = True

        def read_name(text: str) -> str:
            if text.strip() == "?":
                raise click.BadParameter(f"можно добавить:\n{offer}")
            return _choose(text.strip(), titles)

        kept = next((name for name, _ in self.kept if name in known or _box(name) in known), "")
        default = kept if kept in known else _box(kept)
        name = click.prompt(
            "Ещё поле, номер или название (пусто — достаточно)",
            default=default,
            show_default=bool(default),
            value_proc=read_name,
        )
        if name in known:
            self.begun = len(self.filling.answers), len(self.said), set(self.filling.waived)
            trail = known[name]
            self._ask(Question(trail, "", self.filling.words(trail[-1])))
        return bool(name)

    def _ask(self, question: Question) -> None:
        """Ask until there is an answer that fits; a list is asked until it is enough."""
        words = self._show(question)
        kept = self._prompt("", question, words, is_needed=not question.waived)
        while kept and question.field.is_list:
            kept = self._prompt("ещё (пусто — достаточно)", question, words, is_needed=False)
        kept_answers.keep_answers(self.filling, [*self.said, *self.kept])

    def _prompt(
        self, text: str, question: Question, words: dict[str, str], *, is_needed: bool
    ) -> bool:
        """Ask once; return whether there was an answer. What was answered before is offered."""
        numbers = {str(number): word for number, word in enumerate(words, 1)}
        at = next((n for n, (name, _) in enumerate(self.kept) if name == question.name), None)
        before = self.kept.pop(at)[1] if at is not None else ""

        def read(typed: str) -> bool:
            word = typed.strip()
            if word == _NONE and self.begun is not None:
                raise _Left
            if not is_needed and (not word or (word == _NONE and before)):
                if question.waived:
                    self.filling.waived.add(question.waived)
                return False
            if not word:
                raise click.BadParameter("Здесь нужен ответ; прервать — Ctrl-C")
            if question.field.name != _SURNAME or not self._take_full_name(question, word):
                is_number = {"integer", "number"} & {*question.field.types}
                self._take(question.trail, word if is_number else numbers.get(word, word))
            return True

        answer: bool = click.prompt(
            text,
            prompt_suffix=f"{' ' if text else ''}[{before}]> " if before else "> ",
            default=before,
            show_default=False,
            value_proc=read,
        )
        return answer

    def _take(self, trail: Trail, word: str) -> None:
        try:
            self.filling.choose(trail, word)
        except BadAnswer as bad:
            raise click.BadParameter(str(bad)) from None
        self.said.append((dotted_name(trail), word))

    def _take_full_name(self, question: Question, text: str) -> bool:
        """Return whether the answer was a whole name in one line, and is now its parts.

        Raise BadParameter when the person says that it was split wrongly.
        """
        above = question.trail[:-1]
        box = above[-1].form if above else self.filling.form
        parts = name_parts(text)
        if box is None or _SURNAME not in parts or any(box.field(key) is None for key in parts):
            return False
        titles = {_SURNAME: "фамилия", _GIVEN: "имя", _PATRONYMIC: "отчество"}
        said = ", ".join(f"{titles[key]} — {word}" for key, word in parts.items())
        if not ask_yes(f"{said}. Верно?", default=True):
            raise click.BadParameter("Напишите одну фамилию; имя и отчество спросят отдельно")
        for key, word in parts.items():
            part = box.field(key)
            assert part is not None
            self._take((*above, part), word)
        lacking = box.field(_PATRONYMIC)
        if lacking is not None and _PATRONYMIC not in parts:
            self.filling.waived.add(dotted_name((*above, lacking)))
        return True

    def _show(self, question: Question) -> dict[str, str]:
        """Print what is asked, with the known answers numbered; return those with meanings."""
        field = question.field
        click.echo()
        above = question.trail[-2:-1]
        within = f"{above[0].title}: " if above and above[0].is_list else ""
        click.echo(click.style(within + field.title, bold=True) + f" ({flag_of(question.name)})")
        hint = "Можно оставить пустым." if question.waived else ""
        leave = f"Не добавлять: «{_NONE}»." if self.begun is not None else ""
        for line in (field.description, question.reason, " ".join(filter(None, (hint, leave)))):
            if line:
                click.echo(_wrap(line, "  "))
        words = self.filling.offer(field)
        for number, (word, meaning) in enumerate([*words.items()][:_SHOWN], 1):
            click.echo(f"  {number}. {word}" + (f" — {meaning}" if meaning else ""))
        if len(words) > _SHOWN:
            click.echo(f"  … и ещё {len(words) - _SHOWN}: напишите само слово")
        return words


def _title(name: str, trail: Trail) -> str:
    """Return «Редакции: Части» for a field below a list."""
    parts = trail[: name.count(".") + 1]
    return ": ".join(part.title for part in parts)


def _choose(word: str, titles: Mapping[str, str]) -> str:
    """Return the name of the field that a number, name or title means; "" for none."""
    name = word.replace("-", "_")
    if word in ("", _NONE):
        return ""
    if name in titles:
        return name
    if word.isdecimal() and 0 < int(word) <= len(titles):
        return list(titles)[int(word) - 1]
    called = [name for name, title in titles.items() if _is_called(title, word)]
    if len(called) > 1:
        raise click.BadParameter(f"Так называются {', '.join(called)}: напишите одно из них")
    if not called:
        raise click.BadParameter(f"«{word}» здесь нет.{suggest(word, [*titles, *titles.values()])}")
    return called[0]


def _is_called(title: str, word: str) -> bool:
    typed = as_one_word(hyphenated(word))
    whole = as_one_word(hyphenated(title))
    return typed in {whole, as_one_word(hyphenated(title.rpartition(": ")[2]))}


def _box(name: str) -> str:
    return name.rpartition(".")[0]
