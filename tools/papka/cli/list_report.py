"""What a list of people came to, row by row, for the person who took it."""

from __future__ import annotations

from collections.abc import Iterator

from papka.cli.report import first_rows, table
from papka.intake.people_study import OPENED, SAME, VERDICTS, WRONG
from papka.intake.take_plan import PlannedFile
from papka.records.wording import day

_SHOWN = 20
_WORDS = {
    OPENED: "новые личные дела",
    "зачисление": "зачисления",
    "зачисление дополнено": "зачисления дополнены",
    "перевод": "переводы в другую группу",
    "окончание": "окончания обучения",
    "карточка": "карточки дополнены",
    SAME: "уже есть, без изменений",
    WRONG: "с ошибкой",
}


def list_lines(file: PlannedFile) -> Iterator[str]:
    """Yield the counts, the rows that change something, and the orders."""
    laid = file.laid
    assert laid is not None, "asked of a list of people only"
    counts = {word: laid.count(word) for word in VERDICTS}
    rows = [(_WORDS[word], str(count)) for word, count in counts.items() if count]
    open_ = sum(len(each.rows) for each in file.matched.ambiguous)
    skipped = sum(len(each.rows) for each in file.matched.skipped)
    rows += [("чья строка, неясно", str(open_))] if open_ else []
    rows += [("пропущены по ответу", str(skipped))] if skipped else []
    yield from table(("Что", "Строк"), rows, indent=2)
    changed = [
        (str(row), laid.matched.known.get(row, ""), ", ".join(said))
        for row, said in laid.verdicts.items()
        if said != (SAME,)
    ]
    yield from first_rows(("Строка", "Дело", "Что"), changed, _SHOWN, indent=4)
    for key, draft in laid.orders.drafts.items():
        people = sum(map(len, draft.points.values()))
        yield (
            f"  Приказ {key} № {draft.number} от {day(draft.date)} ({draft.kind}): записей {people}"
        )
