"""Seals, what paper holds of an archive, and what this computer knew of it before.

Three subjects: the codes and the strict text of a seal (`read_seal` takes only bytes that composing
what was read would give back; the writer has its own words, so that its mistakes show here), the
anchors a person types from paper (`read_anchors`), and the history found now against the one known
before (`judge_known`).

Invariants: an archive is known by its first commit, a store by an id of its own, never by its place
alone. What is bound (verified, and known to a mirror where there is one) may never be missing from
a store that holds more; unsent commits may give way only to the same people's saves of the same
seconds, as `sync` replays them. Claimed times prove nothing. No person's data is remembered.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from papka.core.errors import Refused
from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import SEALS, read_seal_file
from papka.core.snapshot import Tree
from papka.proof import verify_codes
from papka.repository.git_values import Commit

_TELL_HEAD = (
    "Ничего не сохраняйте и не отправляйте; сообщите руководителю, сверьте архив с зеркалом "
    "(papka mirror status) и с бумажным листом пломбы"
)

SEAL_MISSING = Code(
    "SEAL_MISSING",
    Severity.ERROR,
    says="пломбы № {number} в архиве нет целиком: недостаёт {what}",
    hint="Найдите её лист на бумаге и верните архив с зеркала, где она есть: papka mirror status",
    why="Пломбы нумеруют подряд и никогда не убирают. Пропавшая пломба — пропавшее доказательство.",
)
SEAL_KEPT = Code(
    "SEAL_KEPT",
    Severity.ERROR,
    says="файлы пломб пишет только papka, по три сразу, и потом они не меняются",
    hint="Верните файл: git checkout HEAD -- {path}; лишний уберите. Новую пломбу ставит "
    "руководитель: papka period seal",
    why="Пломба — это список, текст и подпись, добавленные одним сохранением сразу после "
    "опломбированного. Изменённая или убранная пломба — потерянное доказательство, поэтому её и не "
    "отменяют.",
)
SEAL_UNREADABLE = Code(
    "SEAL_UNREADABLE",
    Severity.FATAL,
    says="пломба № {number} записана не по образцу: {detail}",
    hint=_TELL_HEAD,
    why="Текст пломбы имеет один вид, строка за строкой. В другом можно спрятать двоякое чтение.",
)
SEAL_BAD_SIGNATURE = Code(
    "SEAL_BAD_SIGNATURE",
    Severity.FATAL,
    says="подпись пломбы № {number} не принята: {detail}",
    hint=_TELL_HEAD,
    why="Пломбу подписывает руководитель ключом, которому доверяли в опломбированном сохранении, и "
    "тем же ключом подписано сохранение, в котором пломба появилась.",
)
SEAL_DIGEST_MISMATCH = Code(
    "SEAL_DIGEST_MISMATCH",
    Severity.FATAL,
    says="содержимое архива не то, что под пломбой № {number}: {what}",
    hint=_TELL_HEAD,
    why="Контрольные суммы SHA-256 в пломбе посчитаны по самим файлам и не опираются на SHA-1, на "
    "котором держится git. Если они не сошлись, файлы подменены.",
)
SEAL_CHAIN_BROKEN = Code(
    "SEAL_CHAIN_BROKEN",
    Severity.FATAL,
    says="пломба № {number} не продолжает предыдущую: {detail}",
    hint=_TELL_HEAD,
    why="Каждая пломба называет контрольную сумму предыдущей. Поэтому лист последней пломбы "
    "доказывает и все прежние, а заменить одну из середины нельзя.",
)
SEAL_NOT_IN_HISTORY = Code(
    "SEAL_NOT_IN_HISTORY",
    Severity.FATAL,
    says="пломба № {number} поставлена на сохранение {head}, которого в этой истории нет",
    hint=_TELL_HEAD,
    why="Пломба настоящая, а история вокруг неё другая: её переписали после опломбирования.",
)
SEAL_MOVED = Code(
    "SEAL_MOVED",
    Severity.FATAL,
    says="пломба № {number} стоит не на своём месте: {detail}",
    hint=_TELL_HEAD,
    why="Пломба появляется одним сохранением сразу после опломбированного, только своими тремя "
    "файлами, и больше не меняется.",
)
SEAL_OTHER_NAMES = Code(
    "SEAL_OTHER_NAMES",
    Severity.WARNING,
    says="пломба № {number} называет сохранения по SHA-1, а хранилище — по SHA-256: какое "
    "сохранение опломбировано и какой была история до него, она здесь не скажет",
    hint="Сверьте её на копии с именами SHA-1; здесь сверены её подпись, её место в цепи и "
    "содержимое того сохранения, за которым она стоит",
    why="Номер сохранения следует из его содержимого и способа счёта. Когда архив переносят в "
    "хранилище с другим счётом, номера становятся другими, и сравнить их нельзя.",
)
ANCHOR_MISMATCH = Code(
    "ANCHOR_MISMATCH",
    Severity.FATAL,
    says="{what} с бумаги не подходит ни к чему в этом архиве: {given}",
    hint="Сверьте набранное ещё раз, посимвольно, и убедитесь, что лист — от этого архива. Если "
    "всё верно — это не тот архив: сообщите руководителю",
    why="То, что напечатано и подписано рукой, — единственное, чего не подделать вместе с архивом.",
)
ANCHOR_NOT_GIVEN = Code(
    "ANCHOR_NOT_GIVEN",
    Severity.INFO,
    says="пломбы есть, последняя — № {number} от {date}, но с бумажным листом они не сверены",
    hint='Наберите контрольную сумму с листа пломбы: papka verify --anchor "{shape}"',
    why="Тот, у кого все ключи, может переписать архив и опломбировать его заново. Бумагу с "
    "подписью руководителя он не изменит.",
)


_COMMON = (
    r"number: (?P<number>\d{4})",
    r"period: (?P<period>[A-Za-z0-9._-]{1,40})",
    r"date: (?P<date>\d{4}-\d\d-\d\d)",
    r"head: sha1:(?P<head>[0-9a-f]{40})",
    r"units: (?P<units>0|[1-9]\d{0,8})",
    r"units-sha256: (?P<listed>[0-9a-f]{64})",
    r"trust-sha256: (?P<trust>[0-9a-f]{64})",
)
_HISTORY = tuple(
    line
    for what in ("commits", "objects")
    for line in (
        rf"{what}: (?P<{what}>[1-9]\d{{0,8}})",
        rf"{what}-sha256: (?P<{what}_sha256>[0-9a-f]{{64}})",
        rf"{what}-sha512: (?P<{what}_sha512>[0-9a-f]{{128}})",
    )
)
_PREVIOUS = r"previous: (?P<previous>none|sha256:[0-9a-f]{64})"
_FORMS = {
    1: ("papka-seal v1", *_COMMON, _PREVIOUS),
    2: ("papka-seal v2", *_COMMON, *_HISTORY, _PREVIOUS),
}
"""The lines of a seal of each form."""


class BadSeal(ValueError):
    """The bytes are no seal; the text says why."""


@dataclass(frozen=True, slots=True)
class StreamDigest:
    """How many objects git's batch of them holds, and its SHA-256 and SHA-512 in hex."""

    count: int
    sha256: str
    sha512: str


@dataclass(frozen=True, slots=True)
class SealText:
    """The fields of a seal's text. `listed` and `trust` are digests in hex; `previous` is the
    digest of the seal before, empty in the first. `commits` and `objects`: of a seal of the second
    form, the commits as they were signed and the other objects that the sealed one leads to."""

    number: int
    period: str
    date: dt.date
    head: str
    units: int
    listed: str
    trust: str
    previous: str
    commits: StreamDigest | None = None
    objects: StreamDigest | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal of the history. `digest`: SHA-256 of its text's file in hex; `head`: the commit it
    seals; `commit`: its own; `is_anchored`: it is sound and its digest was given from outside."""

    number: int
    period: str
    date: dt.date
    digest: str
    head: str
    commit: str
    is_sound: bool = True
    is_anchored: bool = False

    @property
    def name(self) -> str:
        """The stem of its files: `0002`."""
        return f"{self.number:04}"


@dataclass(frozen=True, slots=True)
class KnownVerdict:
    """A history that this computer judged and of which there was nothing to say. `commit`: the last
    one judged, as it was signed; `terms`: digest of the program that judged it and of what it was
    told besides; `time`: seconds since 1970; `files`: how many the commit has; `seals`: all of
    them, sound, compared with no paper."""

    commit: str
    terms: str
    time: int
    root_key: str
    files: int
    seals: tuple[Seal, ...] = ()


def last_seal(tree: Tree) -> int:
    """Return the highest number of a seal; 0 before the first."""
    files = (read_seal_file(f"{SEALS}/{name}") for name in tree.names(SEALS))
    return max((file[0] for file in files if file), default=0)


def read_seal(data: bytes) -> SealText:
    """Read the text of a seal; raises BadSeal."""
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise BadSeal("в тексте не только латинские знаки") from error
    form = _FORMS[2 if text.startswith(f"{_FORMS[2][0]}\n") else 1]
    match = re.fullmatch("".join(f"{line}\n" for line in form), text, re.ASCII)
    if match is None:
        raise BadSeal(f"строка {_find_odd_line(text, form)} не та, что должна быть")
    try:
        date = dt.date.fromisoformat(match["date"])
    except ValueError as error:
        raise BadSeal(f"нет такого дня: {match['date']}") from error
    return SealText(
        int(match["number"]),
        match["period"],
        date,
        match["head"],
        int(match["units"]),
        match["listed"],
        match["trust"],
        match["previous"].removeprefix("sha256:").removeprefix("none"),
        *(_read_stream(match, what) for what in ("commits", "objects") if form is _FORMS[2]),
    )


def _read_stream(match: re.Match[str], what: str) -> StreamDigest:
    return StreamDigest(int(match[what]), match[f"{what}_sha256"], match[f"{what}_sha512"])


def _find_odd_line(text: str, form: Sequence[str]) -> int:
    """Return the number, from 1, of the first line that differs from the form."""
    at = 0
    for number, pattern in enumerate(form, 1):
        match = re.compile(f"{pattern}\n", re.ASCII).match(text, at)
        if match is None:
            return number
        at = match.end()
    return len(form) + 1


_KEY = re.compile(r"(?i:SHA256)[:\s]\s*(?P<signs>.*)", re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/]+")
_KEY_LENGTH = 43
_BETWEEN = re.compile(r"[\s\-–—:.]+")
_HEX = re.compile(r"[0-9a-f]+")
_SEAL_LENGTH, _COMMIT_LENGTH = 64, 40


@dataclass(frozen=True, slots=True)
class Anchors:
    """Things known from paper. `keys`: fingerprints (SHA256:…); `seals`: digests of seals in hex,
    64 digits, among them ids of first commits of that length; `roots`: ids of 40 digits."""

    keys: frozenset[str] = frozenset()
    seals: frozenset[str] = frozenset()
    roots: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.keys or self.seals or self.roots)

    def __or__(self, other: Anchors) -> Anchors:
        return Anchors(self.keys | other.keys, self.seals | other.seals, self.roots | other.roots)


def read_anchors(texts: Iterable[str]) -> Anchors:
    """Read several texts from paper into one value; raises Refused as `read_anchor`."""
    found = Anchors()
    for text in texts:
        found |= read_anchor(text)
    return found


def read_anchor(text: str) -> Anchors:
    """Read one text from paper; raises Refused unless it is a key, a seal or a first commit."""
    plain = text.strip().removeprefix("=")
    key = _KEY.fullmatch(plain)
    if key is not None:
        signs = "".join(key["signs"].split())
        if _BASE64.fullmatch(signs) and len(signs) == _KEY_LENGTH:
            return Anchors(keys=frozenset({f"SHA256:{signs}"}))
        raise Refused(f"«{text}» — не отпечаток ключа: {_explain_bad_key(signs)}", _HOW)
    digits = _BETWEEN.sub("", plain).lower()
    if _HEX.fullmatch(digits) and len(digits) == _SEAL_LENGTH:
        return Anchors(seals=frozenset({digits}))
    if _HEX.fullmatch(digits) and len(digits) == _COMMIT_LENGTH:
        return Anchors(roots=frozenset({digits}))
    raise Refused(
        f"«{text}» — не то, что печатают на листе пломбы: {_explain_bad_digits(digits)}", _HOW
    )


_HOW = (
    "Наберите одно из трёх: контрольную сумму пломбы (8 групп по 8 знаков), отпечаток ключа "
    "(SHA256:… целиком) или номер первого сохранения (40 знаков)"
)


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """What a person or a server knows from paper. `anchors`: whose archive it is, or may come into
    an empty store; `acts`: digests of acts by which an archive that lost its keys may go on."""

    anchors: Anchors = field(default_factory=Anchors)
    acts: frozenset[str] = frozenset()


def read_paper(anchors: Collection[str], acts: Collection[str]) -> KeptPaper:
    """Read what was typed from paper; raises Refused."""
    found = read_anchors(acts)
    if found.keys or found.roots:
        raise Refused(
            "Контрольная сумма акта — 8 групп по 8 знаков, а дано другое",
            "Ключ или номер сохранения с бумаги дают так: --anchor …",
        )
    return KeptPaper(read_anchors(anchors), found.seals)


def _explain_bad_key(signs: str) -> str:
    if len(signs) != _KEY_LENGTH:
        return f"после «SHA256:» должно быть {_KEY_LENGTH} знака, а здесь {len(signs)}"
    odd = next(sign for sign in signs if not _BASE64.fullmatch(sign))
    return _explain_foreign_letter(signs) or f"знака «{odd}» в нём не бывает"


def _explain_foreign_letter(text: str) -> str:
    # Letters of another alphabet that look the same are the hardest to see.
    odd = next((sign for sign in text if sign.isalpha() and not sign.isascii()), "")
    return f"буква «{odd}» набрана не латинской, переключите клавиатуру" if odd else ""


def _explain_bad_digits(digits: str) -> str:
    if foreign := _explain_foreign_letter(digits):
        return foreign
    odd = sorted({sign for sign in digits if not _HEX.fullmatch(sign)})
    if odd:
        return f"в контрольной сумме бывают только цифры и буквы a–f, а здесь «{odd[0]}»"
    return f"знаков {len(digits)}, а в контрольной сумме пломбы их {_SEAL_LENGTH}"


@dataclass(frozen=True, slots=True)
class UnsentSeals:
    """A commit that no mirror was known to have. A replay keeps its author and time."""

    id: str
    author: str
    time: int


@dataclass(frozen=True, slots=True)
class KnownStore:
    """A store as it was last verified, or was known to take a push.

    `id`: the random id it carries, empty when it had none; `path`: where it lay; `root`: the first
    commit of the archive in it; `head`: its main; `unsent`: its commits after `base`, the last that
    a mirror was known to have.
    """

    id: str
    path: str
    root: str
    head: str
    base: str = ""
    unsent: tuple[UnsentSeals, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mirror's word that it has a commit. `store`: its address; `time`: seconds since 1970."""

    store: str
    commit: str
    time: int


@dataclass(frozen=True, slots=True)
class KnownSeal:
    """The highest seal seen; `digest`: SHA-256 of its file in hex."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class KnownSeals:
    """One archive as it was last seen.

    `bound`: its commits, oldest first; the first `verified` of them were verified here, a mirror
    confirmed the rest. `looked`: mirrors that were read whole and found sound, and when. From paper
    and found right: `keys` (fingerprints of the root's key), `anchored` (digests of seals) and
    `refoundings` (digests of acts of re-founding). `destructions`: number of the newest act of
    destruction. `sound`: seconds since 1970 when the whole of it was last found sound here, 0 for
    never.
    """

    root: str
    bound: tuple[str, ...] = ()
    verified: int = 0
    seal: KnownSeal | None = None
    receipts: tuple[Receipt, ...] = ()
    looked: tuple[Receipt, ...] = ()
    keys: tuple[str, ...] = ()
    anchored: tuple[str, ...] = ()
    refoundings: tuple[str, ...] = ()
    destructions: int = 0
    sound: int = 0


@dataclass(frozen=True, slots=True)
class Present:
    """The history a store holds now. `commits`: parents first; `seals`: number -> digest;
    `is_vouched`: paper names its first commit or a seal in it; `destructions`: number of its newest
    act of destruction."""

    root: str
    commits: tuple[Commit, ...]
    seals: Mapping[int, str]
    is_vouched: bool = False
    destructions: int = 0
    ids: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", frozenset(commit.id for commit in self.commits))

    @property
    def head(self) -> str:
        return self.commits[-1].id


def judge_known(
    present: Present, known: KnownSeals | None, store: KnownStore | None
) -> Iterator[Finding]:
    """Compare the history found now with the one known before.

    `known`: the archive of this first commit; `store`: what this very store held before. A store is
    compared with itself first: its history may be rewritten, rolled back, or just an older copy.
    """
    if store is not None and store.root != present.root:
        if known is None and not present.is_vouched:
            yield _report_rewritten(present, f"прежде здесь был архив {store.root[:12]}", ())
        store = None
    if known is None:
        return
    found = _compare_with_itself(present, known, store) if store is not None else None
    found = found or _compare_with_known(present, known, store)
    if found is not None:
        yield found
        if found.code is not verify_codes.HISTORY_REWRITTEN and (
            present.destructions < known.destructions
        ):
            where = Location(commit=present.head)
            yield verify_codes.COPY_BEFORE_ACT.at(where, number=known.destructions)
    if found is None or found.code is verify_codes.HISTORY_REWRITTEN:
        # The highest seal seen must still be there; an older state was made before it.
        seal = known.seal
        if seal is not None and present.seals.get(seal.number) != seal.digest:
            what = f"той, что видел этот компьютер ({seal.digest[:8]}…)"
            where = Location(commit=present.head)
            yield SEAL_MISSING.at(where, number=f"{seal.number:04}", what=what)


def _compare_with_itself(present: Present, known: KnownSeals, store: KnownStore) -> Finding | None:
    if store.head in present.ids or _is_replayed(present, known, store):
        return None
    line = _list_remembered(known, store)
    if present.head in line:
        missing = len(line) - line.index(present.head) - 1
        where = Location(commit=present.head)
        return verify_codes.HEAD_BEHIND_KNOWN.at(where, count=missing, known=store.head)
    return _report_rewritten(
        present, f"в этом хранилище уже было сохранение {store.head[:12]}", line
    )


def _compare_with_known(
    present: Present, known: KnownSeals, store: KnownStore | None
) -> Finding | None:
    bound = known.bound
    if not bound or bound[-1] in present.ids:
        return None
    goes_on = store is not None and store.head in present.ids
    if present.head in bound or goes_on:
        missing = sum(id_ not in present.ids for id_ in bound)
        return verify_codes.COPY_OF_A_DATE.at(Location(commit=present.head), count=missing)
    return _report_rewritten(present, f"в архиве уже было сохранение {bound[-1][:12]}", bound)


def _is_replayed(present: Present, known: KnownSeals, store: KnownStore) -> bool:
    """Whether every unsent commit that is gone was made anew after all that is bound."""
    gone = [each for each in store.unsent if each.id not in present.ids]
    if not gone or gone[-1].id != store.head or not present.ids.issuperset(known.bound[-1:]):
        return False
    ids = [commit.id for commit in present.commits]
    since = present.commits[ids.index(store.base) + 1 :] if store.base in present.ids else ()
    made = {(commit.author.name, commit.author.time) for commit in since}
    return all((each.author, each.time) in made for each in gone)


def _list_remembered(known: KnownSeals, store: KnownStore) -> tuple[str, ...]:
    """Return the commits the store held before, as far as they are remembered."""
    if store.head in known.bound:
        return known.bound[: known.bound.index(store.head) + 1]
    return (*known.bound, *(each.id for each in store.unsent))


def _report_rewritten(present: Present, what: str, line: Collection[str]) -> Finding:
    common = [id_ for id_ in line if id_ in present.ids]
    where = Location(commit=present.head)
    return verify_codes.HISTORY_REWRITTEN.at(
        where, what=what, common=common[-1] if common else "нет"
    )
