"""Who gets a page: whoever has the secret, from our own pages, under our own name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from papka.web.guard import Asked, Door, Refusal, judge

DOOR = Door(4321, "5ecre7")
OWN = Asked("GET", "/5ecre7/people/", host="127.0.0.1:4321")
FORM = replace(OWN, method="POST", origin=DOOR.origin, site="same-origin")
BY_LINK = replace(OWN, path="/5ecre7/", site="cross-site", mode="navigate", target="document")

LET_IN = {
    "typed by hand": OWN,
    "a link of ours": replace(OWN, site="same-origin"),
    "a script of ours": replace(OWN, origin=DOOR.origin, site="same-origin"),
    "the first page from the file of the command": BY_LINK,
    "a form of ours": FORM,
    "a form of ours under no-referrer": replace(FORM, origin="null"),
    "a form in a browser that tells no site": replace(FORM, site=None),
    "only the headers": replace(OWN, method="HEAD"),
}
REFUSED = {
    "no secret": (replace(OWN, path="/people/"), "404"),
    "nothing at all": (replace(OWN, path=""), "404"),
    "another secret": (replace(OWN, path="/5ecre8/people/"), "404"),
    "the secret with more behind it": (replace(OWN, path="/5ecre77/"), "404"),
    "a secret in letters no header has": (replace(OWN, path="/\udcff/"), "404"),
    "a name made to resolve here": (replace(OWN, host="school.example:4321"), "403"),
    "a name of this computer": (replace(OWN, host="localhost:4321"), "403"),
    "another port": (replace(OWN, host="127.0.0.1:4322"), "403"),
    "no host": (replace(OWN, host=None), "403"),
    "a script of another site": (replace(OWN, origin="https://evil.example"), "403"),
    "a picture on another site": (
        replace(BY_LINK, mode="no-cors", target="image"),
        "403",
    ),
    "a frame on another site": (replace(BY_LINK, target="iframe"), "403"),
    "a page behind the first from another site": (replace(BY_LINK, path=OWN.path), "403"),
    "another port of this computer": (replace(OWN, site="same-site"), "403"),
    "a form of another site": (
        replace(FORM, origin="https://evil.example", site="cross-site"),
        "403",
    ),
    "a form of another port": (replace(FORM, origin="http://127.0.0.1:80", site=None), "403"),
    "a form of a sandboxed frame": (replace(FORM, origin="null", site="cross-site"), "403"),
    "a form that hides where it is from": (replace(FORM, origin="null", site=None), "403"),
    "a form without an origin": (replace(FORM, origin=None, site=None), "403"),
    "another method": (replace(OWN, method="PUT"), "405"),
}


@pytest.mark.parametrize("name", LET_IN)
def test_our_own_question_is_answered(name: str) -> None:
    said = judge(DOOR, LET_IN[name])
    assert said == LET_IN[name].path.removeprefix("/5ecre7")


@pytest.mark.parametrize("name", REFUSED)
def test_a_stranger_is_refused(name: str) -> None:
    asked, status = REFUSED[name]
    said = judge(DOOR, asked)
    assert isinstance(said, Refusal)
    assert said.status.startswith(status)
    assert DOOR.secret not in said.words
