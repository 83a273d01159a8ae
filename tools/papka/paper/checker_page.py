"""The page by which anybody checks a document in a browser, without papka and without a network.

Its parts lie in `checker/`: one file of HTML, one of CSS, and scripts that know no school. Here
they become one file, with the keys of the school inside. Invariants: the page asks the network for
nothing and may not (its policy allows only the very style and script that it holds); what is
embedded is data, never read as HTML or script; same keys and day, same bytes.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from collections.abc import Collection
from pathlib import Path

from papka.core.errors import Refused
from papka.core.installation import read_beside
from papka.core.places import ORGANIZATION
from papka.paper.document_origin import from_keys
from papka.paper.document_text import LABELS
from papka.paper.issued_contents import TITLES
from papka.proof.trusted_keys import DOCUMENT, Revocations, TrustEntry
from papka.records.archive import load
from papka.records.derived.leadership import school_on
from papka.records.schemas import SchemaSet
from papka.records.school import Organization
from papka.repository.commit_snapshots import NarrowSnapshot
from papka.repository.git_values import MAIN

_FOLDER = "paper/checker/"
_SCRIPTS = (
    "qr_decoder.js",
    "signature.js",
    "document_code.js",
    "picture_reading.js",
    "page.js",
)
"""In the order in which they need one another."""
_PLACE = re.compile(r"\[\[(\w+)\]\]")


def make_page(root: Path, *, now: dt.datetime, refoundings: Collection[str] = ()) -> bytes:
    """Return the page of an archive, by its last saved state; its history is judged first.

    `refoundings`: digests of paper acts. Raise NotAnArchive, Refused.
    """
    found = from_keys(root, now=now, refoundings=refoundings)
    snapshot = NarrowSnapshot(root, MAIN, ())
    school = load(
        snapshot, SchemaSet.load(snapshot), wanted=lambda path: path == ORGANIZATION
    ).organization
    if school is None:
        raise Refused("Сведения об организации не читаются", "Узнайте причину: papka check")
    return compose_page(school, found.trust, found.revoked, now.date())


def compose_page(
    school: Organization, trust: tuple[TrustEntry, ...], revoked: Revocations, made: dt.date
) -> bytes:
    """Return the page; `trust`: everybody ever trusted, `made`: the day its keys are of."""
    style = read_beside(f"{_FOLDER}page.css")
    script = "\n".join(read_beside(_FOLDER + name) for name in _SCRIPTS)
    parts = {
        "policy": _compose_policy(style, script),
        "style": style,
        "script": script,
        "school": _embed(_list_school(school, trust, revoked, made)),
    }
    page = read_beside(f"{_FOLDER}page.html")
    return _PLACE.sub(lambda place: parts[place[1]], page).encode()


def _compose_policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: this style and this script alone, and no network."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _embed(value: object) -> str:
    """Return JSON in which nothing can end the element that it stands in."""
    spelled = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return spelled.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _list_school(
    school: Organization, trust: tuple[TrustEntry, ...], revoked: Revocations, made: dt.date
) -> dict[str, object]:
    """Return what the scripts know of the school: its names, and the keys that sign documents."""
    earlier = (school_on(school, past.until) for past in school.former)
    names = {
        code: each.short_name
        for each in (*earlier, school)
        for code in (each.inn, each.ogrn)
        if code
    }
    return {
        "name": school.name,
        "names": names,
        "made": made.isoformat(),
        "labels": LABELS,
        "titles": TITLES,
        "keys": [_list_key(entry, revoked) for entry in trust if DOCUMENT in entry.namespaces],
    }


def _list_key(entry: TrustEntry, revoked: Revocations) -> dict[str, str]:
    since, until = entry.term or ("", "")
    end = revoked.of(entry.key.fingerprint)
    ended = "" if end is None else "compromised" if end.is_compromised else "retired"
    return {
        "blob": base64.b64encode(entry.key.blob).decode(),
        "fingerprint": entry.key.fingerprint,
        "since": str(since),
        "until": str(until),
        "ended": ended,
    }
