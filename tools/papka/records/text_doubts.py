"""What a text lost or took along on its way into a file that is read without a fault.

A sign # behind a blank begins a comment and takes the end of a sentence with it; a text copied from
a web page brings the page's own signs. Both are legal YAML, so a person is told and decides.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

from papka.core.findings import Finding, Location
from papka.core.lookalikes import clean
from papka.records import mend_codes

_CUT = re.compile(
    r"(?P<head> *(?:(?:- +)*[\w-]+: +|(?:- +)+(?![\w-]+:)))"
    r"(?P<text>[^\s\"'#|>\[{&*!%@`-][^#]*?\S) (?P<rest>#.*?)\s*\Z"
)
_WEB = re.compile(r"&(?:nbsp|amp|quot|apos|laquo|raquo|mdash|ndash|hellip|lt|gt|#\d{2,5}"
                  r"|#x[0-9a-fA-F]{2,4});")  # fmt: skip
_CURLY = re.compile(r"(?P<head> *(?:- +)*[\w-]+: +)[“„”″«‘’](?P<text>\S*\d\S*)[“”″»‘’]\s*\Z")
_BLOCK = re.compile(r"(?P<in> *)(?:.*[:-])? ?[|>][-+0-9]*\s*(?:#.*)?\Z")
_LETTERS = re.compile(r"[^\W\d_]{2}")


def find_doubts(data: bytes, path: str) -> list[Finding]:
    """List what a person should look at again in a file that could be read."""
    has_sign, is_of_web = b" #" in data, b"&" in data and b";" in data
    is_of_word = b": \xe2\x80" in data or b": \xc2\xab" in data
    if not (has_sign or is_of_web or is_of_word):
        return []
    lines = data.decode("utf-8", "replace").split("\n")
    found: list[Finding] = []
    for number in free_lines(lines) if has_sign else ():
        found += _find_cut(lines[number - 1].rstrip("\r"), path, number)
    for number in free_lines(lines) if is_of_word else ():
        found += _find_curly(lines[number - 1].rstrip("\r"), path, number)
    for number, line in enumerate(lines, 1) if is_of_web else ():
        found += _find_web_sign(line.rstrip("\r"), path, number)
    return found


def free_lines(lines: list[str]) -> Iterator[int]:
    """Yield the numbers, from 1, of lines that are no part of a text written below its field."""
    inside = -1
    for number, line in enumerate(lines, 1):
        bare = line.rstrip("\r")
        indent = len(bare) - len(bare.lstrip(" "))
        if inside >= 0 and (not bare.strip() or indent > inside):
            continue
        inside = -1
        found = _BLOCK.match(bare)
        if found and re.search(r"(?::|-) [|>][-+0-9]*\s*(?:#.*)?\Z", bare):
            inside = len(re.match(r" *(?:- +)*", bare)[0])  # type: ignore[index] # matches ""
            if bare[inside:].startswith(("|", ">")):
                inside = indent
        yield number


def _find_cut(line: str, path: str, number: int) -> Iterator[Finding]:
    """Find a text that its own # cuts off; a comment stands two blanks away."""
    found = _CUT.match(line)
    if found is None or found["text"].endswith(" ") or not _LETTERS.search(found["text"]):
        return
    from papka.records.editing import write_scalar  # next to no file needs it

    whole = f"{found['text']} {found['rest']}"
    where = Location(path, line=number, column=found.start("rest") + 1)
    finding = mend_codes.CUT_BY_SIGN.at(where)
    yield replace(finding, instead=f"{found['head']}{write_scalar(clean(whole))}")


def _find_curly(line: str, path: str, number: int) -> Iterator[Finding]:
    """Find a number in quotes of Word, which are a part of the text and no quotes of YAML."""
    if found := _CURLY.match(line):
        where = Location(path, line=number, column=len(found["head"]) + 1)
        plain = f'{found["head"]}"{found["text"]}"'
        yield replace(mend_codes.QUOTES_ODD.at(where), instead=plain)


def _find_web_sign(line: str, path: str, number: int) -> Iterator[Finding]:
    found = _WEB.search(line)
    if found is None or line.lstrip().startswith("#"):
        return
    where = Location(path, line=number, column=found.start() + 1)
    finding = mend_codes.WEB_SIGNS.at(where, what=found[0])
    plain = _WEB.sub(lambda sign: html.unescape(sign[0]).replace("\u00a0", " "), line)
    yield replace(finding, instead=plain)
