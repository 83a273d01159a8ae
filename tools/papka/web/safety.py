"""*Сохранность*: the last verification, one that is run from here, mirrors, media and seals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from papka.core.findings import Finding, Severity, has_errors, worst
from papka.core.phrases import count_phrase, grouped
from papka.core.places import SEALS, TEXT, read_seal_file
from papka.core.snapshot import Tree
from papka.desk.deadlines import mirrors
from papka.desk.status_report import MirrorState, list_mirrors
from papka.proof.anchors import BadSeal, read_anchors, read_seal
from papka.proof.examination import PARTS, Verified
from papka.proof.memory import Recalled, memory, recall
from papka.proof.verdict_words import count_seen, tell_acts, tell_paper, tell_verdict
from papka.proof.verification import verify
from papka.records.archive import Archive
from papka.records.wording import day
from papka.repository.commit_snapshots import CommitTree
from papka.repository.git_values import MAIN
from papka.repository.history import count_since
from papka.repository.store import locate
from papka.web.background import Background
from papka.web.face import Face
from papka.web.today import Light, light_mirrors

_SOON, _LATE = dt.timedelta(days=31), dt.timedelta(days=92)
"""After so many days without a verification the light changes."""


@dataclass(frozen=True, slots=True)
class SealLine:
    """A seal as its text tells it; the digest is compared with the sheet on paper."""

    number: str
    period: str
    date: dt.date
    digest: str


@dataclass(frozen=True, slots=True)
class CopyLine:
    """A copy on a medium, as the journal has it; `checks`: when it was read back, restored and
    looked at."""

    year: str
    medium: str
    kind: str
    place: str
    date: dt.date
    checks: tuple[str, ...]


def light_verification(known: Recalled, unverified: int | None, now: dt.datetime) -> Light:
    """Return how the archive's own verification stands; `unverified`: saves after it."""
    title, step = "Проверка архива", "Проверьте здесь или командой: papka verify"
    sound = known.known.sound if known.known else 0
    if known.trouble:
        return Light(title, "bad", known.trouble[0].message, known.trouble[0].hint)
    if not sound:
        return Light(title, "soon", "Целиком на этом компьютере ещё не проверялся", step)
    last = dt.datetime.fromtimestamp(sound, now.tzinfo)
    words = f"Целиком проверен {day(last.date())}, всё верно"
    if unverified:
        saves = count_phrase(unverified, "сохранение", "сохранения", "сохранений")
        words += f"; после этого ещё {saves}"
    age = now - last
    if age > _LATE:
        return Light(title, "bad", words, step)
    return Light(title, "soon", words, step) if age > _SOON else Light(title, "good", words)


def list_seals(tree: Tree) -> Iterator[SealLine]:
    """Yield the seals of a state, the newest first; one that cannot be read is left to `verify`."""
    for path in reversed(tree.below(SEALS)):
        found = read_seal_file(path)
        if found is not None and found[1] == TEXT:
            data = tree.read(path)
            with suppress(BadSeal):
                text = read_seal(data)
                digest = " ".join(grouped(sha256(data).hexdigest()))
                yield SealLine(f"{found[0]:04}", text.period, text.date, digest)


def list_copies(archive: Archive) -> Iterator[CopyLine]:
    """Yield the copies of the journal of media, the newest first."""
    for year, media in sorted(archive.media.items(), reverse=True):
        for copy in sorted(media.copies, key=lambda each: each.date, reverse=True):
            days = (("перечитана", copy.verified), ("восстановлена на пробу", copy.restored))
            checks = [f"{word} {day(when)}" for word, when in days if when]
            checks += [
                f"{each.verdict or each.outcome} {day(each.date)}"
                for each in media.inspections
                if copy.medium in each.store.split()
            ]
            yield CopyLine(year, copy.medium, copy.kind, copy.place or "", copy.date, tuple(checks))


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The outcome of a verification in words; `state` as that of a light."""

    state: str
    words: str
    seen: str
    facts: tuple[str, ...]
    findings: tuple[Finding, ...]


def view_verdict(verified: Verified) -> VerdictView:
    """Word the outcome; what is wrong stands first."""
    bad, warned = has_errors(verified.findings), worst(verified.findings)
    state = "bad" if bad else "soon" if warned == Severity.WARNING else "good"
    findings = sorted(verified.findings, key=lambda each: -each.severity)
    return VerdictView(
        state,
        tell_verdict(verified),
        count_seen(verified),
        (
            f"Вершина: {verified.head}",
            f"Ключ первого сохранения: {verified.root_key}",
            *tell_acts(verified),
            *tell_paper(verified),
        ),
        tuple(findings),
    )


def routes(face: Face) -> Blueprint:
    """Return the page of safekeeping and the verification it runs."""
    pages = Blueprint("safety", __name__)
    work: Background[Verified] = Background(face.log)

    def count_unverified(known: Recalled) -> int | None:
        bound = known.known.bound[: known.known.verified] if known.known else ()
        return count_since(face.root, bound[-1]) if bound else None

    @pages.get("/safety")
    def show() -> str:
        running = work.look()
        known, now = recall(memory(), locate(face.root), ""), face.clock()
        archive = face.read().archive
        copies = list_mirrors(face.root, archive, face.today, memory())
        return render_template(
            "safety.html",
            running=running,
            parts=PARTS,
            lights=(
                light_verification(known, count_unverified(known), now),
                *light_mirrors(copies, _list_demands(copies, face.today)),
            ),
            seals=tuple(list_seals(CommitTree(face.root, MAIN))),
            copies=tuple(list_copies(archive)),
            verdict=view_verdict(running.outcome) if running.outcome else None,
        )

    @pages.post("/safety")
    def begin() -> Response:
        typed = [each for each in (request.form.get("anchor", "").strip(),) if each]
        read_anchors(typed)  # told now, not after the work
        work.start(partial(_verify, face.root, face.clock(), typed))
        return redirect(url_for("safety.show"), 303)

    return pages


def _list_demands(copies: tuple[MirrorState, ...], on: dt.date) -> list[Finding]:
    found = mirrors(on, tuple(each.seen for each in copies))
    return [demand for each in found if (demand := each.demand()) is not None]


def _verify(
    root: Path, now: dt.datetime, anchors: list[str], tell: Callable[[str], None]
) -> Verified:
    return verify(root, now=now, anchors=anchors, memory=memory(), tell=tell)
