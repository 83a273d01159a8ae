"""The history as judged values: each commit with its changes, its signature and the trust then.

Besides the judging itself: which papers once kept may be replaced (a scan of an order or the text
of an act by a head only, and it is reported), which paths are the head's alone, which accidents a
head may accept, and which files one commit's step needs to be read (`Files.touched`).

Invariants: a commit is judged by the trust in force at its parent, the root by its own. Trust grows
only through commits of heads trusted before, so a line smuggled in gives nobody anything; what
takes trust away is judged by the newest state (`standing`); claimed time judges nothing. A finding
is softened in one place only (`soften_accepted`), for the codes in ACCEPTABLE, and never for a
commit that changes what is the head's unless a head's signature on it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal

from papka.checks import safekeeping, unchanged_records
from papka.checks.unchanged_records import ORDER_CHANGED
from papka.core.findings import Code, Finding, Location, Severity
from papka.core.kinds import SCHEMA_OF
from papka.core.places import (
    CARDS,
    IMPORTS,
    ORGANIZATION,
    RECORDS,
    TEXT,
    Place,
    act_key,
    import_file,
    place,
    read_seal_file,
    record_file,
    record_folder,
    student_folder,
)
from papka.proof import verify_codes
from papka.proof.ssh_signatures import Altered, UnreadableSignature, read
from papka.proof.trusted_keys import (
    GIT,
    NOTHING,
    TRUST_FOLDER,
    Ancestry,
    Refounding,
    Revocations,
    Trust,
    TrustEntry,
    TrustFile,
    TrustHistory,
    TrustState,
    find_overstep,
    find_paper_act,
)
from papka.records import reading_codes
from papka.records.raw_exports import LIST
from papka.repository.git_values import Commit, FileChange, TrackedFile

ORDER_NOT_BY_HEAD = Code(
    "ORDER_NOT_BY_HEAD",
    Severity.ERROR,
    says="{what}, а сохранил это не руководитель",
    hint="Верните приказ: git checkout HEAD -- {path}. Описку исправляет руководитель, содержание "
    "меняют новым приказом",
    why="Приказ издаёт руководитель. Сотрудник записывает новый и дополняет список students, а "
    "сохранённый текст меняет только тот, кто подписал бумагу.",
)
EVIDENCE_REPLACED = Code(
    "EVIDENCE_REPLACED",
    Severity.WARNING,
    says="заменён или убран сохранённый файл: скан приказа или текст акта",
    hint="Сверьте с бумагой; прежний файл остался в истории: git show {commit}",
    why="Скан — образ подписанной бумаги. Заменить его может только руководитель, и об этом "
    "говорится при каждой проверке до следующей пломбы.",
)
WARNED_BEFORE_SEAL = Code(
    "WARNED_BEFORE_SEAL",
    Severity.INFO,
    says="до пломбы № {number} приказы и сканы меняли, таких сохранений: {count}",
    hint="Руководителю это показано перед пломбой; что именно: papka verify --rev {number}",
    why="Предупреждения о шагах до пломбы не повторяются каждый раз: их видели, когда её ставили.",
)


State = Literal["good", "missing", "altered", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worth of a commit's signature. `signer`: who is trusted with the key that made it."""

    state: State
    signer: TrustEntry | None = None
    key: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One commit judged. `trust` judged it; `before` and `after` are `records/trust/` on either
    side of it; `standing` is the state of trust after it.

    `authorised`: a head signed it whose key counted then and did to trust no more than it may, or
    paper vouches for it. Only then do its changes of trust count.
    """

    commit: Commit
    changes: tuple[FileChange, ...]
    trust: Trust
    verdict: Verdict
    before: TrustState
    after: TrustState
    authorised: bool
    standing: TrustHistory
    refounding: Refounding | None = None

    @property
    def is_root(self) -> bool:
        return not self.commit.parents


@dataclass(frozen=True, slots=True)
class Chronicle:
    """All steps, the root first. `now`: seconds since 1970; `files`: those of the last commit."""

    steps: tuple[HistoryStep, ...]
    now: int
    files: Mapping[str, TrackedFile] = field(default_factory=dict)

    @property
    def by_id(self) -> dict[str, HistoryStep]:
        return {step.commit.id: step for step in self.steps}

    @property
    def standing(self) -> TrustHistory:
        """The newest state of trust."""
        return standing_of(self.steps)


def standing_of(steps: Sequence[HistoryStep]) -> TrustHistory:
    """Return the state of trust after the last step."""
    return steps[-1].standing if steps else TrustHistory()


def judge_commits(
    commits: Sequence[Commit],
    changes: Mapping[str, tuple[FileChange, ...]],
    states: Mapping[str, TrustState],
    refoundings: Collection[str] = (),
) -> tuple[HistoryStep, ...]:
    """Judge each commit; `commits` stand parents first.

    `changes` and `states` (`records/trust/` in that commit) are by commit id;
    `refoundings`: digests of paper acts, given or remembered.
    """
    steps: list[HistoryStep] = []
    standings: dict[str, TrustHistory] = {}
    ancestry = Ancestry(commits)
    for commit in commits:
        own = states.get(commit.id, NOTHING)
        parent = commit.parents[0] if commit.parents else None
        # A parent that cannot be read is a fatal finding of its own; the rest is still judged.
        known = standings.get(parent) if parent else None
        inherited = known or TrustHistory().grown(own, None, ancestry.until)
        before = states.get(parent, own) if parent else NOTHING
        done = changes.get(commit.id, ())
        verdict = judge_signature(commit, inherited.trust)
        act = None
        if known and verdict.state == "unknown":
            act = find_paper_act(commit, done, before, own, refoundings, verdict.key)
        if act is not None:
            signer = next(e for e in own.file.entries if e.key.fingerprint == act.daily)
            verdict = Verdict("good", signer, act.daily)
        who = verdict.signer
        authorised = bool(
            who
            and who.is_head
            and who.counts_on(commit.committer.moment.date())
            and inherited.revoked(who.key, commit.id) is None
            and (own is before or not find_overstep(who, before, own))
        )
        if who and authorised and known and own is not before:
            by = None if act else (commit.id, who.key)
            added = _select_new(before, own)
            standings[commit.id] = inherited.grown(added, by, ancestry.until)
        after = standings.setdefault(commit.id, inherited)
        steps.append(
            HistoryStep(commit, done, inherited.trust, verdict, before, own, authorised, after,
                 act)
        )  # fmt: skip
    return tuple(steps)


def _select_new(before: TrustState, after: TrustState) -> TrustState:
    """Return what one commit adds to `records/trust/`: only that counts as its own."""
    old = set(before.file.entries)
    return replace(
        after,
        file=TrustFile(tuple(entry for entry in after.file.entries if entry not in old)),
        acceptances=tuple(each for each in after.acceptances if each not in before.acceptances),
        revocations=Revocations(
            tuple(e for e in after.revocations.entries if e not in before.revocations.entries)
        ),
    )


def judge_signature(commit: Commit, trust: Trust) -> Verdict:
    """Judge a commit's signature by the keys trusted."""
    if commit.signature is None:
        return Verdict("missing")
    try:
        signature = read(commit.signature)
    except Altered as error:
        return Verdict("altered", detail=str(error))
    except UnreadableSignature as error:
        return Verdict("bad", detail=str(error))
    key = signature.key.fingerprint
    if signature.namespace != GIT.encode():
        return Verdict("bad", key=key, detail="она сделана не для сохранения архива")
    if not signature.covers(commit.signed_payload):
        return Verdict("bad", key=key, detail="она не подходит к содержимому сохранения")
    signer = trust.get(signature.key)
    return Verdict("good" if signer else "unknown", signer, key)


def is_kept_file(path: str) -> bool:
    """Whether it is a paper's image or text that no digest in a record protects."""
    found = place(path)
    return found is not None and found.kind in ("order-scan", "regulation-file")


def report_replaced(chronicle: Chronicle) -> Iterator[Finding]:
    """Report scans of orders and texts of acts that were replaced or removed."""
    for step in chronicle.steps:
        for change in step.changes:
            if not change.added and is_kept_file(change.path):
                where = Location(change.path, commit=step.commit.id)
                yield EVIDENCE_REPLACED.at(where, commit=step.commit.id[:12] or "HEAD")


def raise_unless_head(findings: Iterable[Finding], *, is_head: bool) -> Iterator[Finding]:
    """Pass on the findings of one step, with what only a head may do made an error of others."""
    for finding in findings:
        if finding.code is not ORDER_CHANGED or is_head:
            yield finding
            continue
        where = finding.where
        yield ORDER_NOT_BY_HEAD.at(where, what=finding.message, path=where.path)


def warns_of_step(finding: Finding) -> bool:
    """Whether the finding is about a deed that no later state shows."""
    return finding.code in (ORDER_CHANGED, EVIDENCE_REPLACED)


def summarise_sealed_warnings(
    findings: Sequence[Finding], steps: Sequence[HistoryStep]
) -> list[Finding]:
    """Replace the warnings of steps before the last seal by their count: they were shown when the
    seal was made."""
    seals = [
        (at, file[0])
        for at, step in enumerate(steps)
        for change in step.changes
        if change.added and (file := read_seal_file(change.path)) and file[1] == TEXT
    ]
    last, number = max(seals, default=(-1, 0))
    before = {step.commit.id for step in steps[: last + 1]}
    old = {f for f in findings if warns_of_step(f) and f.where.commit in before}
    left = [finding for finding in findings if finding not in old]
    if not old:
        return left
    count = len({each.where.commit for each in old})
    summary = WARNED_BEFORE_SEAL.at(Location(), number=f"{number:04}", count=count)
    return [*left, summary]


def is_reported(finding: Finding) -> bool:
    """Whether history reports it of a step: what a save refuses, and what must not vanish."""
    return finding.severity >= Severity.ERROR or warns_of_step(finding)


FREE = ("records/students/", "records/imports/", "records/events/", "records/orders/")
"""Where staff may write and remove files; all other folders but KEPT and trust are the head's."""
KEPT = ("records/registers/", "records/media/")
"""Where staff may add and mark, but never remove a file."""


def explain_forbidden(path: str, *, deleted: bool, replaced: bool = False) -> str:
    """Name what staff may not do to this path; empty when they may.

    Trust is passed over: `history_rules` judges its changes apart.
    """
    if replaced and is_kept_file(path):
        return "заменять скан приказа"
    if path.startswith((*FREE, TRUST_FOLDER)):
        return ""
    if path.startswith(KEPT):
        return "удалять запись журнала" if deleted else ""
    return "менять этот файл"


def is_reserved_for_head(path: str, *, deleted: bool) -> bool:
    """Whether only a head may do this to the path."""
    return path.startswith(TRUST_FOLDER) or bool(explain_forbidden(path, deleted=deleted))


ACCEPTABLE = frozenset(
    code.name
    for code in (
        verify_codes.SIG_MISSING,
        verify_codes.SIG_UNKNOWN_KEY,
        verify_codes.SIG_KEY_REVOKED,
        verify_codes.SIG_OUTSIDE_TERM,
        verify_codes.AUTHOR_MISMATCH,
        verify_codes.TIME_FUTURE,
        verify_codes.TIME_BACKWARDS,
        verify_codes.TIME_SLIGHTLY_BACKWARDS,
        verify_codes.MERGE_COMMIT,
        reading_codes.PATH_SYMLINK,
        verify_codes.PATH_SUBMODULE,
        verify_codes.PATH_UNSAFE,
        verify_codes.PATH_NOT_NFC,
        verify_codes.PATH_COLLISION,
        verify_codes.FILE_MODE,
        verify_codes.RECORD_UNREADABLE,
        verify_codes.PERSONAL_DATA_OUTSIDE_UNIT,
        safekeeping.ATTACHMENT_UNLISTED,
        safekeeping.ATTACHMENT_ALTERED,
        ORDER_NOT_BY_HEAD,
        EVIDENCE_REPLACED,
        verify_codes.ATTR_CONTENT_FILTER,
        verify_codes.PATH_FOREIGN,
        verify_codes.FILE_TOO_BIG,
        *(code for code in vars(unchanged_records).values() if isinstance(code, Code)),
    )
) - {unchanged_records.DESTRUCTION_FORBIDDEN.name}
"""Codes that a head may accept for one commit: honest accidents, never a forgery, and nothing that
is said at a save alone."""


def soften_accepted(
    findings: Iterable[Finding], standing: TrustHistory, steps: Sequence[HistoryStep]
) -> list[Finding]:
    """Report accepted findings as COMMIT_ACCEPTED, once for each commit and code."""
    if not standing.accepted:
        return list(findings)
    by_id = {step.commit.id: step for step in steps}
    found: dict[Finding, None] = {}
    for finding in findings:
        step, code = by_id.get(finding.where.commit), finding.code.name
        file = standing.accepted_in(step.commit.id, code) if step else None
        if step and file is not None and may_be_accepted(step, code, standing):
            where = Location(commit=step.commit.id)
            found[verify_codes.COMMIT_ACCEPTED.at(where, code=code, file=file)] = None
        else:
            found[finding] = None
    return list(found)


def is_accepted(step: HistoryStep, code: str, standing: TrustHistory) -> bool:
    """Whether this code of this commit is accepted with effect."""
    is_vouched = standing.accepted_in(step.commit.id, code) is not None
    return is_vouched and may_be_accepted(step, code, standing)


def may_be_accepted(step: HistoryStep, code: str, standing: TrustHistory) -> bool:
    """Whether a head's acceptance of it would have effect."""
    if code not in ACCEPTABLE:
        return False
    signer = step.verdict.signer
    stands = (
        step.authorised
        and signer is not None
        and standing.revoked(signer.key, step.commit.id) is None
    )
    return stands or not any(is_reserved_for_head(c.path, deleted=c.deleted) for c in step.changes)


_APPROVALS = record_folder("approval") + "/"
EMPTY = "-"
"""Stands for the blob id of a link or a submodule: in a file's place with nothing in it."""


@dataclass(frozen=True, slots=True)
class StepSide:
    """One side of a step. `blobs`: path -> blob id of each file to be read; `parts`: parts of
    imports, which need only be there; `cards`: the touched students who have a card."""

    blobs: Mapping[str, str]
    parts: tuple[str, ...]
    cards: frozenset[str]


@dataclass(frozen=True, slots=True)
class TouchedFiles:
    """The files one commit changed or took away, and the few that say whether it might. New files
    are among them only where something new may be forbidden.

    `is_shared`: it changed something that any personal file may refer to.
    """

    before: StepSide
    after: StepSide
    is_shared: bool


class RecordFiles:
    """The records as they stand after the commits gone through so far: path -> blob id."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = {path: id_ for path, id_ in files.items() if path.startswith(RECORDS + "/")}
        self._closed = any(path.startswith(_APPROVALS) for path in self._files)

    def touched(self, changes: Iterable[FileChange]) -> TouchedFiles | None:
        """Return the files to be read to judge the next commit; None when there are none."""
        new = {change.path: _new_content(change) for change in changes}
        known = {path: at for path in new if (at := self._find_judged_place(path)) is not None}
        if not known:
            return None
        students = {at.student for at in known.values() if at.student}
        asked = sorted(
            {
                *known,
                *self._list_companions(known.values()),
                *_list_other_files(new, students),
            }
        )
        return TouchedFiles(
            _build_side(asked, students, lambda path: self._files.get(path, "")),
            _build_side(
                asked,
                students,
                lambda path: new[path] if path in new else self._files.get(path, ""),
            ),
            any(path == ORGANIZATION or at.kind == "program" for path, at in known.items()),
        )

    def advance(self, changes: Iterable[FileChange]) -> None:
        """Apply that commit."""
        for change in changes:
            if not change.path.startswith(RECORDS + "/"):
                continue
            if id_ := _new_content(change):
                self._files[change.path] = id_
                self._closed = self._closed or change.path.startswith(_APPROVALS)
            else:
                self._files.pop(change.path, None)

    def referring(self) -> dict[str, str]:
        """Return the programmes and the personal files that may refer to something shared."""
        programs = record_folder("program") + "/"
        return {
            path: id_
            for path, id_ in self._files.items()
            if path.startswith(programs) or path.endswith(("/enrolments.yaml", "/consents.yaml"))
        }

    def _list_companions(self, touched: Iterable[Place]) -> Iterator[str]:
        """List the files that decide whether a change is allowed: the period's approval, the
        import's own lists."""
        for at in touched:
            if at.kind == "results":
                closing = record_file("approval", at.key) or ""
                yield closing
                if closing not in self._files:
                    yield from self._list_early_acts(at.key)
            elif at.kind.startswith("import"):
                yield import_file(at.key, "manifest.yaml")
                yield import_file(at.key, LIST)
                yield record_file("approval", at.key.partition("/")[0]) or ""

    def _list_early_acts(self, period: str) -> Iterator[str]:
        """List the acts about a period that is open, with their lists."""
        for number in count(1):
            key = act_key(period, number)
            path = record_file("approval", key) or ""
            if path not in self._files:
                return
            yield path
            yield record_file("approval-entries", key) or ""

    def _find_judged_place(self, path: str) -> Place | None:
        """Return the place of a changed path, None when no rule looks at its change."""
        stood = path in self._files
        if not stood and not (self._closed and "/results/" in path):
            return None
        at = place(path)
        if at is None or not (
            at.kind in SCHEMA_OF or at.kind.startswith(("salt", "import", "approval"))
        ):
            return None
        return at if stood or record_file("approval", at.key) in self._files else None


def _build_side(
    asked: Iterable[str], students: Iterable[str], found: Callable[[str], str]
) -> StepSide:
    cards = frozenset(
        each for each in students if any(found(student_folder(each) + end) for end in CARDS)
    )
    there = {path: id_ for path in asked if (id_ := found(path))}
    parts = tuple(path for path in there if path.startswith(IMPORTS) and _is_part(path))
    return StepSide({p: id_ for p, id_ in there.items() if p not in parts}, parts, cards)


def content_id(mode: str, id_: str) -> str:
    """Return the blob id of a path's content: EMPTY for a link or a submodule, "" for nothing."""
    return id_ if not id_ or mode.startswith("100") else EMPTY


def _new_content(change: FileChange) -> str:
    return content_id(change.new_mode, change.new_id)


def _is_part(path: str) -> bool:
    at = place(path)
    return at is not None and at.kind.startswith("import-") and not path.endswith(f"/{LIST}")


def _list_other_files(new: Iterable[str], students: set[str]) -> Iterator[str]:
    """List the changed records of the same students: an entry may have moved to a new file."""
    folders = tuple(student_folder(student) + "/" for student in students)
    for path in new:
        if path.startswith(folders) and (at := place(path)) is not None and at.kind in SCHEMA_OF:
            yield path
