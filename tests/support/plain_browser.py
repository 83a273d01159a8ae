"""A browser without JavaScript: it opens pages of a site and sends their forms as they stand."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from flask import Flask
from werkzeug.test import TestResponse

_QUIET = {"script", "style", "title"}


class _Reader(HTMLParser):
    """Collects the fields of the page's form, its action, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.action = ""
        self.words: list[str] = []
        self._area: str | None = None
        self._select = ""
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self._quiet += tag in _QUIET
        name, kind = own.get("name", ""), own.get("type", "text")
        if tag == "form":
            self.action = own.get("action", "")
        elif tag == "textarea":
            self._area = name
            self.fields.append((name, ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in own:
            self.fields.append((self._select, own.get("value", "")))
        elif tag == "input" and name and (kind not in {"checkbox", "radio"} or "checked" in own):
            self.fields.append((name, own.get("value", "on" if kind == "checkbox" else "")))

    def handle_endtag(self, tag: str) -> None:
        self._quiet -= tag in _QUIET
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            name, text = self.fields[-1]
            self.fields[-1] = (name, text + data)
        elif not self._quiet:
            self.words.append(data)


class PlainPage:
    """A page as it was answered: its words, and its form as it would be sent."""

    def __init__(self, browser: PlainBrowser, answer: TestResponse) -> None:
        self._browser = browser
        self.code = answer.status_code
        self.source = answer.get_data(as_text=True)
        reader = _Reader()
        reader.feed(self.source)
        self.text = " ".join(" ".join(reader.words).split())
        self.fields = dict(reader.fields)
        self.action = reader.action
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.source, re.DOTALL)
        self.heading = " ".join(html.unescape(found[1]).split()) if found else ""

    def send(self, button: str = "", **typed: str) -> PlainPage:
        """Press a button of the form, with these fields filled in."""
        fields = {**self.fields, **typed} | ({"do": button} if button else {})
        return self._browser.post(self.action, fields)

    def fill(self, typed: dict[str, str], button: str = "") -> PlainPage:
        """As `send`, for fields whose names are no words."""
        self.fields |= typed
        return self.send(button)


class PlainBrowser:
    """Opens pages of a site made in this process."""

    def __init__(self, site: Flask) -> None:
        self._client = site.test_client()

    def open(self, address: str, /, **query: str) -> PlainPage:
        return PlainPage(self, self._client.get(address, query_string=query))

    def post(self, address: str, fields: dict[str, str]) -> PlainPage:
        answer = self._client.post(address, data=fields, follow_redirects=True)
        return PlainPage(self, answer)
