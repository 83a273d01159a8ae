"""Rules about single commits: signatures, names, times, paths, modes, attributes.

Most are rules of history (`Chronicle -> findings`, gathered in `history_rules.RULES`); the judges
of admission and attributes take steps and what was read for them. Paths and attribute files are
judged as of every commit that ever wrote them: a checkout of the past must be safe too.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping

from papka.core.findings import Finding, Location
from papka.core.places import ARCHIVE_FILES, ARCHIVE_FOLDERS, RECORDS, place
from papka.proof import verify_codes
from papka.proof.chronicle import Chronicle, HistoryStep, is_accepted
from papka.proof.trusted_keys import ROOT, Revocation, TrustEntry
from papka.records import reading_codes
from papka.repository.git_values import EXECUTABLE, LINK, SUBMODULE, Commit, compose_commit


def is_the_signer(chronicle: Chronicle) -> Iterator[Finding]:
    """Report authors and committers other than the signer's staff id: names are personal data."""
    for step in chronicle.steps:
        if step.verdict.signer is None:
            continue
        staff = step.verdict.signer.staff
        people = (("автор", step.commit.author), ("записавший", step.commit.committer))
        for role, person in people:
            if (person.name, person.email) != (staff, f"{staff}@papka.invalid"):
                # A foreign name may be a person's own: it is left out of the message.
                named = person.email.removesuffix("@papka.invalid")
                shown = named if named.isalnum() and named.isascii() else "кто-то другой"
                yield verify_codes.AUTHOR_MISMATCH.at(
                    Location(commit=step.commit.id), signer=staff, role=role, named=shown
                )


def nothing_hidden(chronicle: Chronicle) -> Iterator[Finding]:
    """Report commits that hold more than their signature and a reader see.

    Composing the commit again must give its bytes: that leaves no room for a second signature, an
    unknown header, a zero byte that ends the text for some programs, or an odd spelling of a time.
    """
    for step in chronicle.steps:
        if odd := _describe_odd(step.commit):
            yield verify_codes.HEADER_UNEXPECTED.at(Location(commit=step.commit.id), headers=odd)


def _describe_odd(commit: Commit) -> str:
    if commit.unexpected:
        return ", ".join(name or "строка без имени" for name in commit.unexpected)
    if b"\0" in commit.signed_payload:
        return "нулевой байт"
    if not (commit.author.has_zone and commit.committer.has_zone):
        return "часовой пояс, которого не бывает"
    # Of the signed bytes: an act of destruction puts another tree in the place of this one.
    named = [(name, value) for name, value in commit.headers if name in ("tree", "parent")]
    parents = [value for name, value in named if name == "parent"]
    again = compose_commit(
        dict(named)["tree"], parents, commit.author, commit.committer, commit.message
    )
    return "необычная запись заголовка" if again != commit.signed_payload else ""


def no_merges(chronicle: Chronicle) -> Iterator[Finding]:
    """Report merges: history is one line, for a merge smuggles content past both its sides."""
    for step in chronicle.steps:
        id_, count = step.commit.id, len(step.commit.parents)
        if count > 1:
            yield verify_codes.MERGE_COMMIT.at(Location(commit=id_), count=count, commit=id_)


PROGRAMS = "tools/"
"""The one folder with programs in it."""


def plain_files(chronicle: Chronicle) -> Iterator[Finding]:
    """Report links and submodules, which have no signed content, and executable records."""
    for step in chronicle.steps:
        for change in step.changes:
            mode, path = change.new_mode, change.path
            if mode in ("", "100644", change.old_mode):
                continue
            where = Location(path, commit=step.commit.id)
            if mode == LINK:
                yield reading_codes.PATH_SYMLINK.at(where)
            elif mode == SUBMODULE:
                yield verify_codes.PATH_SUBMODULE.at(where, path=path)
            elif mode == EXECUTABLE and not path.startswith(PROGRAMS):
                yield verify_codes.FILE_MODE.at(where, path=path)


TOLERANCE = 600
"""Seconds by which honest clocks may differ."""


def times_in_order(chronicle: Chronicle) -> Iterator[Finding]:
    """Report committer times that go back or lead: writers keep `max(now, parent's time)`.

    A commit accepted as made by a wrong clock sets no time for those after it, so that honest
    people go on with a right clock.
    """
    standing = chronicle.standing
    times: dict[str, int] = {}
    for step in chronicle.steps:
        commit = step.commit
        where, time = Location(commit=commit.id), commit.committer.time
        latest = max((times.get(parent, 0) for parent in commit.parents), default=0)
        wrong = is_accepted(step, verify_codes.TIME_FUTURE.name, standing)
        times[commit.id] = latest if wrong else time
        if latest - time > TOLERANCE:
            yield verify_codes.TIME_BACKWARDS.at(where, minutes=(latest - time) // 60)
        elif latest > time:
            yield verify_codes.TIME_SLIGHTLY_BACKWARDS.at(where, seconds=latest - time)
        ahead = time - chronicle.now
        if ahead > TOLERANCE:
            yield verify_codes.TIME_FUTURE.at(where, minutes=ahead // 60)


_SAFE = re.compile(r"(?!-)[A-Za-z0-9._-]+(?:/(?!-)[A-Za-z0-9._-]+)*", re.ASCII)
_SERVED = re.compile(
    r"(?:^|/)(?:(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|/|$)|\.?git(?:~\d+)?(?:/|$))|\.(?:/|$)",
    re.IGNORECASE,
)
"""Names of devices in Windows and of git's own folder; a dot at the end, which Windows drops."""


def paths_are_safe(chronicle: Chronicle) -> Iterator[Finding]:
    """Report paths that not every system creates, reads and compares alike: Latin letters, digits,
    dot, underscore and hyphen are safe."""
    seen: set[str] = set()
    folders, names = set[str](), set[str]()
    for step in chronicle.steps:
        for change in step.changes:
            path = change.path
            if change.deleted or path in seen:
                continue
            seen.add(path)
            folder, _, name = path.rpartition("/")
            if name in names and folder in folders:
                continue  # each part was judged already: nearly every path ever written ends here
            if _SAFE.fullmatch(path) is not None and _SERVED.search(path) is None:
                folders.add(folder)
                names.add(name)
                continue
            where = Location(_escape(path), commit=step.commit.id)
            if unicodedata.is_normalized("NFC", path):
                yield verify_codes.PATH_UNSAFE.at(where, detail=_describe_unsafe(path))
            else:
                yield verify_codes.PATH_NOT_NFC.at(where)


def _describe_unsafe(path: str) -> str:
    odd = sorted({c for c in path if _SAFE.fullmatch(c) is None and c not in "/-"})
    if odd:
        return f"знаки {', '.join(f'U+{ord(c):04X}' for c in odd)}"
    if _SAFE.fullmatch(path) is None:
        return "начинается с дефиса"
    return "оно служебное: в Windows или в git"


def _escape(path: str) -> str:
    """Spell out control characters: the path goes to a terminal."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in path)


def no_twins(chronicle: Chronicle) -> Iterator[Finding]:
    """Report names of the last commit that a system ignoring case or composition takes for one."""
    if _are_plainly_apart(chronicle.files):
        return
    seen: dict[str, str] = {}
    folders: set[str] = set()
    for path in chronicle.files:
        for name in (path, *_list_new_folders(path, folders)):
            other = seen.setdefault(_fold(name), name)
            if other != name:
                yield verify_codes.PATH_COLLISION.at(Location(name), other=other)


def _are_plainly_apart(paths: Collection[str]) -> bool:
    """Tell fast that no two names can be one: names in small Latin letters differ as they are,
    and no other name folds to any of them or to another such. Nearly every archive ends here."""
    names = {*paths, *(path.rpartition("/")[0] for path in paths)}
    above = {name.rpartition("/")[0] for name in names} - names
    while above:
        names |= above
        above = {name.rpartition("/")[0] for name in above} - names
    odd = [name for name in names if not (name.isascii() and name == name.lower())]
    folded = {_fold(name) for name in odd}
    return len(folded) == len(odd) and folded.isdisjoint(names)


def _list_new_folders(path: str, known: set[str]) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    while folder and folder not in known:
        known.add(folder)
        yield folder
        folder = folder.rpartition("/")[0]


def _fold(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def signatures_are_good(chronicle: Chronicle) -> Iterator[Finding]:
    """Report commits without one good signature, in its one spelling, of a key that was trusted
    before them and has not been taken away from them since."""
    standing = chronicle.standing
    for step in chronicle.steps:
        where, verdict = Location(commit=step.commit.id), step.verdict
        if verdict.state == "missing":
            yield verify_codes.SIG_MISSING.at(where, commit=step.commit.id)
        elif verdict.state == "altered":
            yield verify_codes.SIG_MALLEABLE.at(where, detail=verdict.detail)
        elif verdict.state == "bad":
            yield verify_codes.SIG_BAD.at(where, detail=verdict.detail)
        elif verdict.state == "unknown":
            yield verify_codes.SIG_UNKNOWN_KEY.at(where, key=verdict.key)
        elif (who := verdict.signer) and (gone := standing.revoked(who.key, step.commit.id)):
            how = explain_revocation(gone, verdict.key)
            yield verify_codes.SIG_KEY_REVOKED.at(where, key=verdict.key, how=how)
        elif who is not None:
            yield from judge_term(who, step.commit.committer.moment.date(), where)


def judge_term(signer: TrustEntry, day: dt.date, where: Location) -> Iterator[Finding]:
    """Report a key that signs on a day outside its term."""
    if signer.term is not None and not signer.counts_on(day):
        since, until = (f"{each:%d.%m.%Y}" for each in signer.term)
        yield verify_codes.SIG_OUTSIDE_TERM.at(
            where, signer=signer.staff, since=since, until=until, date=f"{day:%d.%m.%Y}"
        )


def name_last_good(revocation: Revocation) -> str:
    """Name the commit up to which the key counts: «первого сохранения», «сохранения 0123…»."""
    if revocation.commit == ROOT:
        return "первого сохранения"
    return f"сохранения {revocation.commit[:12]}"


def explain_revocation(revocation: Revocation, key: str) -> str:
    """Word why a key counts no more."""
    since = name_last_good(revocation)
    how = (
        f"с {since} им могут владеть посторонние"
        if revocation.is_compromised
        else f"он выведен после {since}"
    )
    return how if revocation.key == key else f"его вписал ключ {revocation.key}, а {how}"


_MB = 1024 * 1024


def size_limit(path: str) -> int:
    """Return how many bytes a file of this name may have."""
    found = place(path)
    if found is not None and found.kind in ("attachment", "order-scan"):
        return 25 * _MB
    if found is not None and found.kind.startswith("import-"):  # a line for each student
        return 100 * _MB
    return _MB if path.endswith((".yaml", ".md", ".txt", ".salt")) else 100 * _MB


def is_archive_path(path: str) -> bool:
    """Whether an archive keeps anything there."""
    if path.startswith(f"{RECORDS}/"):
        return place(path) is not None
    return path.partition("/")[0] in ARCHIVE_FOLDERS or path in ARCHIVE_FILES


def judge_admission(steps: Iterable[HistoryStep], sizes: Mapping[str, int]) -> Iterator[Finding]:
    """Report new files where an archive keeps none, and files larger than it keeps.

    Asked of every commit before it enters: what a later one takes away stays in the history.
    `sizes`: blob id -> bytes, of all that the steps brought.
    """
    for step in steps:
        for change in step.changes:
            if change.deleted:
                continue
            where = Location(change.path, commit=step.commit.id)
            if change.added and not is_archive_path(change.path):
                yield verify_codes.PATH_FOREIGN.at(where)
            if sizes.get(change.new_id, 0) > size_limit(change.path):
                limit = f"{size_limit(change.path) // _MB} МБ"
                yield verify_codes.FILE_TOO_BIG.at(where, limit=limit)


NAME = ".gitattributes"
_HARMLESS = {
    "filter": ("-",),
    "ident": ("-", "!"),
    "text": ("-",),
    "crlf": ("-",),
    "eol": ("-",),
    "working-tree-encoding": ("-",),
    "export-subst": ("-", "!"),
    "export-ignore": ("-", "!"),
}
"""Attribute -> how it may be mentioned: `-` takes it off; `!` leaves it to the settings."""


def is_attributes(path: str) -> bool:
    """Whether some system reads the file as attributes: Windows ignores case."""
    return path.rpartition("/")[2].lower() == NAME


def content_filters(data: bytes) -> Iterator[tuple[int, str]]:
    """Yield (line number, its attributes) for lines by which git puts other bytes into the folder,
    a commit or an export than given.

    Attributes that only change what is shown (diff) or how histories are joined (merge) pass: the
    programs they name stand in the settings, which are judged there.
    """
    # Split as git does: only \n ends a line there.
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), start=1):
        text = line.lstrip(" \t\r\f\v\ufeff")
        if text.startswith("#"):
            continue
        found = [word for word in _split_attributes(text) if _changes_content(word)]
        if found:
            yield number, " ".join("".join(c for c in word if c.isprintable()) for word in found)


def judge_attributes(
    steps: tuple[HistoryStep, ...], contents: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Report lines of attribute files that change content.

    `contents`: blob id -> bytes of the attribute files of all steps.
    """
    for step in steps:
        for change in step.changes:
            if change.deleted or not is_attributes(change.path):
                continue
            where = Location(change.path, commit=step.commit.id)
            for line, attributes in content_filters(contents.get(change.new_id, b"")):
                yield verify_codes.ATTR_CONTENT_FILTER.at(where, line=line, attributes=attributes)


def _split_attributes(line: str) -> list[str]:
    """Return the words after the pattern, or after the name of a macro."""
    if line.startswith('"'):
        end = 1
        while end < len(line) and line[end] != '"':
            end += 2 if line[end] == "\\" else 1
        return line[end + 1 :].split()
    return line.split()[1:]


def _changes_content(word: str) -> bool:
    sign = word[0] if word[0] in "-!" else ""
    name, given, _ = word.removeprefix(sign).partition("=")
    allowed = _HARMLESS.get(name)
    return allowed is not None and (bool(given) or sign not in allowed or not sign)
