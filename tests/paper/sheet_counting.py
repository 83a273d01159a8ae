"""Sheets of a printed volume counted from its pages with poppler's tools, without our own code."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pypdf

_TRUE = pypdf.generic.BooleanObject(value=True)
_NUMBER = re.compile(r"(?<!опись, )лист (\d+[а-я]?)$")


def tool(*command: str | Path) -> str:
    done = subprocess.run(command, check=True, capture_output=True)
    return done.stdout.decode()


def squeezed(text: str) -> str:
    """Without spaces and hyphens: a long word may break anywhere on paper."""
    return re.sub(r"[\s\u00a0-]", "", text)


def archival_faults(path: Path) -> list[str]:
    """What PDF/A-3a forbids: a picture to be smoothed, a heading of a table without its scope."""
    reader = pypdf.PdfReader(path)
    faults: list[str] = []
    for number in range(1, len(reader.xref_objStm) + len(reader.xref[0]) + 1):
        found = reader.get_object(number)
        if not isinstance(found, dict):
            continue
        if found.get("/Interpolate") == _TRUE:
            faults.append(f"object {number}: smoothed")
        if found.get("/S") == "/TH" and found["/A"].get("/Scope") not in ("/Column", "/Row"):
            faults.append(f"object {number}: no scope")
    return faults


@dataclass(frozen=True)
class Counted:
    """`numbers`: what the pages bear at their foot, in order; `inner`: sheets of the inventory;
    `pages`: their texts as they
    look, `raw`: the words in reading order."""

    pages: tuple[str, ...]
    raw: str
    numbers: tuple[str, ...]
    inner: int

    @property
    def text(self) -> str:
        return squeezed(self.raw)

    def starting(self, title: str) -> str:
        """The number of the first sheet that shows these words as a line of its own."""
        for page in self.pages:
            found = _NUMBER.search(_last(page))
            if found and re.search(rf"^\s*{re.escape(title)}\s*$", page, re.MULTILINE):
                return found[1]
        raise AssertionError(title)

    @property
    def said(self) -> tuple[int, int, int, str, str]:
        """What the certifying sheet says: all, printed, on paper, first, last."""
        sheet = re.sub(r"\s+", " ", next(p for p in self.pages if "Лист-заверитель" in p))
        found = re.search(
            r"пронумеровано (\d+) .*?с № (\d+) по № (\d+), .*?архива (\d+) .*?бумаге (\d+) ", sheet
        )
        assert found, sheet
        total, first, last, printed, papers = found.groups()
        return int(total), int(printed), int(papers), first, last


def _last(page: str) -> str:
    return page.rstrip().rpartition("\n")[2].strip()


def counted(path: Path) -> Counted:
    whole = tool("pdftotext", "-layout", path, "-").replace("\u00a0", " ")
    pages = tuple(whole.split("\f")[:-1])
    info = tool("pdfinfo", path)
    assert len(pages) == int(re.findall(r"Pages:\s+(\d+)", info)[0])
    feet = [_NUMBER.search(_last(page)) for page in pages]
    return Counted(
        pages,
        tool("pdftotext", "-raw", path, "-"),
        tuple(foot[1] for foot in feet if foot),
        sum("внутренняя опись, лист" in _last(page) for page in pages),
    )
