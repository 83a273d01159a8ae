"""Commands that texts name: where each stands, and whether the real command line understands it.

In a sentence a command ends at the first small Russian word or at punctuation; in backticks it is
all that stands there. Words in braces stand for what the program puts in, capitals for a person's
own value, «…» for more of the same. A command's bare name (`papka mirror add`) is a mention: that
much must exist. Quotes are the shell's, "…" and not «…»: what is printed can be pasted.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import click

from papka.cli.main import tree
from papka.core.errors import PapkaError
from tests.support.archives import PROJECT

_BEGINS = re.compile(r"(?<![\w./-])papka (?=-C |[a-z])")
_WORD = re.compile(
    r"""(?P<word>(?:\{[^{}\n]*\}|"[^"\n]*"|'[^'\n]*'|[^\s"'`(){}«»;,:]|[:;,](?=\S))+)"""
    r"(?P<gap>[ ]+)?"
)
_SILENT = frozenset({"papka draft"})
"""Texts that nobody is shown: what a key is made for."""
_OPERATORS = frozenset(("&&", "||", "|", ">", "<<", "#", "—", "→", "="))
_PUT_IN = (
    (r".*student(?:_id|\.id)?|name", "2026-0007"),
    (r".*address", "2026-0007#e1"),
    (r"entry", "e1"),
    (r"document", "d1"),
    (r".*form", "certificate"),
    (r"found\.kind", "result"),
    (r"_example\(closing\)", "--accept 'kurs=причина'"),
    (r"names", "--as s001 --as s002"),
)
_OWN = (
    (r"new ВИД", "new order"),
    (r"ВИД", "enrolment"),
    (r"НОМЕР#ЗАПИСЬ", "2026-0007#e1"),
    (r"НОМЕР", "2026-0007"),
    (r"2026-0007#ЗАПИСЬ", "2026-0007#e1"),
    (r"ЗАПИСЬ", "r1"),
    (r"СОХРАНЕНИЕ", "HEAD"),
    (r'"…"', '"x"'),
    (r"ФОРМА", "certificate"),
    (r"ДАТА", "2026-11-20"),
    (r"КОМАНДА", "save"),
)
"""What the program puts in, what a person does -> a value of the sample school; else `x`."""


@dataclass(frozen=True, slots=True)
class Said:
    """A command in a text."""

    place: str
    words: tuple[str, ...]
    is_open: bool = False
    """Whether the text says that more words belong here: «…»."""

    def __str__(self) -> str:
        return f"{self.place}: papka {' '.join(self.words)}{' …' if self.is_open else ''}"


def in_sentences(text: str, place: str) -> Iterator[Said]:
    """Every command named in running text."""
    for begin in _BEGINS.finditer(text):
        words: list[str] = []
        at, is_open = begin.end(), False
        while (found := _WORD.match(text, at)) is not None:
            word = re.sub(r"\.(?:\{[^{}]*\})*$|\.$", "", found["word"])
            if word in _OPERATORS or _is_prose(word):
                break
            is_open |= word == "…"
            words += [word] if word else []
            at = found.end()
            if found["gap"] is None or word != found["word"]:
                break
        yield Said(place, tuple(words), is_open)


def in_backticks(page: str, place: str) -> Iterator[Said]:
    """Every command in backticks of a Markdown page, whole; its fenced blocks are left out. A last
    option may stand without its value: it is only named."""
    prose = re.sub(r"(?ms)^```.*?^```$", "", page)
    for found in re.finditer(r"`((?:\S*/)?papka [^`]+)`", prose):
        words = _words(found[1].partition("papka ")[2])
        yield Said(place, words, is_open="…" in words or words[-1].startswith("-"))


def in_fences(page: str, place: str) -> Iterator[Said]:
    """Every line of a fenced block that is a command of this program."""
    for block in re.findall(r"(?ms)^ *```\S*\n(.*?)^ *```$", page):
        for line in re.findall(r"(?m)^ *papka (.*)$", block):
            yield Said(place, _words(re.sub(r"\s[#>|]\s.*", "", line)))


def _words(line: str) -> tuple[str, ...]:
    """A line's words, still quoted where they must be."""
    return tuple(
        shlex.quote(word) if re.search(r"[\s'\"]", word) else word for word in shlex.split(line)
    )


def _is_prose(word: str) -> bool:
    """A word of the sentence around the command: Russian, in small letters, no value."""
    own = re.sub(r"\{[^{}]*\}", "", word)
    return bool(re.search("[а-яё]", own)) and not re.search(r"^[-\"'«]|[=#./\d]", own)


def texts_of(source: str) -> Iterator[tuple[int, str]]:
    """Texts a module may show: its strings, joined as the program joins them, no docstrings."""
    module = ast.parse(source)
    silent = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    inner: set[int] = set()
    for node in ast.walk(module):
        if id(node) in silent or id(node) in inner or not isinstance(node, ast.expr):
            continue
        text = _joined(node)
        if text is not None:
            inner |= {id(below) for below in _pieces(node)}
            yield node.lineno, text


def _pieces(node: ast.AST) -> Iterator[ast.AST]:
    """What is joined into one text; what stands in a hole of it may show texts of its own."""
    yield node
    if not isinstance(node, ast.FormattedValue):
        for below in ast.iter_child_nodes(node):
            yield from _pieces(below)


def _joined(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_joined(part) or "" for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return "{" + re.sub(r"[{}\s]", "", ast.unparse(node.value)) + "}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _joined(node.left), _joined(node.right)
        if left is None and right is None:
            return None
        return (left or "{x}") + (right or "{x}")
    return None


def filled(said: Said) -> Iterator[list[str]]:
    """The words as a shell gives them on, with values put in; «…» as nothing, or as one value."""
    line = re.sub(r"\{([^{}]*)\}", lambda found: _put_in(found[1]), " ".join(said.words))
    for capitals, own in _OWN:
        line = re.sub(rf"(?<![А-ЯЁ-]){capitals}(?![А-ЯЁ-])", own, line)
    words = shlex.split(line)
    given = [word for word in words if word != "…"]
    yield given
    if said.is_open:
        yield [*given, "x"]


def _put_in(name: str) -> str:
    return next((made for names, made in _PUT_IN if re.fullmatch(names, name)), "x")


def trouble(said: Said) -> str:
    """Why the real command line does not understand it; empty when it does. Nothing is done: every
    word is parsed, then the command's own function is left out, no disk is looked at and no person
    is asked. Stand in an archive: kinds of records and their fields come from its schemas."""
    if any("«" in word for word in said.words):
        return "кавычек «» оболочка не понимает"
    with (
        patch.object(click.Command, "invoke", lambda _command, _context: None),
        patch.object(click.Path, "convert", lambda _type, value, _param, _context: Path(value)),
        patch.object(click.Option, "prompt_for_value", lambda _option, _context: "x"),
    ):
        troubles = [_trouble(said, words) for words in filled(said)]
    return "" if "" in troubles else troubles[0]


def _trouble(said: Said, words: list[str]) -> str:
    try:
        tree.main(words, prog_name="papka", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError:
        return ""
    except click.MissingParameter as error:
        return "" if said.is_open or _is_mention(said.words) else error.format_message()
    except click.ClickException as error:
        return error.format_message()
    except PapkaError as error:
        return error.message
    return ""


def _is_mention(words: tuple[str, ...]) -> bool:
    return all(re.fullmatch(r"[a-z][a-z-]*", word) for word in words)


def of_the_program() -> Iterator[Said]:
    """Every command that the program, what it ships and its scripts may show to a person."""
    for path in sorted((PROJECT / "tools" / "papka").rglob("*.py")):
        place = path.relative_to(PROJECT)
        for line, text in texts_of(path.read_text(encoding="utf-8")):
            if text in _SILENT:
                continue
            yield from in_sentences(text, f"{place}:{line}")
    shipped = [*(PROJECT / "templates").rglob("*"), *(PROJECT / "schema").glob("*.json")]
    scripts = (PROJECT / "proof").glob("*.sh")
    for path in sorted(each for each in (*shipped, *scripts) if each.is_file()):
        if path.suffix not in {".ttf", ".md"}:
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".j2":
                text = re.sub(r"\{\{.*?\}\}", "{x}", re.sub(r"<[^>]*>", "", text))
            yield from in_sentences(text, str(path.relative_to(PROJECT)))


def of_the_pages() -> Iterator[Said]:
    """Every command of the pages, and of what a new archive says of itself."""
    pages = [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]
    shipped = [*(PROJECT / "templates").rglob("*.md"), *(PROJECT / "proof").glob("*.md")]
    for page in sorted([*pages, *shipped]):
        text, place = page.read_text(encoding="utf-8"), str(page.relative_to(PROJECT))
        yield from in_backticks(text, place)
        yield from in_fences(text, place)
