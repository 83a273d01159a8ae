"""Questions that take yes or no, in a person's own words."""

from __future__ import annotations

import click

_WORDS = {"да": True, "д": True, "y": True, "yes": True}
_WORDS |= {"нет": False, "н": False, "n": False, "no": False}


def agreed(question: str, *, default: bool = False) -> bool:
    """Whether the person said yes; an empty answer is the default, which is shown."""
    answer: bool = click.prompt(
        f"{question} да/нет", default="да" if default else "нет", value_proc=_answer
    )
    return answer


def require_yes(question: str) -> None:
    """Ends the command unless the person says yes."""
    if not agreed(question):
        raise click.Abort


def _answer(text: str) -> bool:
    found = _WORDS.get(text.strip().casefold())
    if found is None:
        raise click.BadParameter(f"«{text.strip()}» — не ответ: напишите «да» или «нет»")
    return found
