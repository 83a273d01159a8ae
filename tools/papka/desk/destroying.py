"""`papka destroy`: the job that carries out a plan of destruction, to its end or not at all.

Its steps, each of which may be the last one before a kill:

1. a note says what is asked; cards are saved without what names the files that go;
2. history is rewritten beside the present one, the act signed on top of it and judged as any
   verifier would; the act with names goes to the caller, to be printed while they are there;
3. main moves from the old history to the act and the folder follows; as long as no mirror was
   touched `abandon` puts everything back, for all old objects are still here;
4. mirrors take the act and are purged, then the archive's own store;
5. every store is searched for what is gone; what was purged is saved as a record and sent.

`resume` looks where main stands and does what is left; what it would sign is planned and judged
anew, for a note may be anybody's. Of a store that was not reached the act stays open, the note
stays too, and every command says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from papka.checks.checking import check_commit
from papka.copies import mirrors
from papka.copies.mirror_check import MirrorVerified, verify_mirrors
from papka.copies.mirror_purging import list_acts, still_there
from papka.copies.transport import relation, remote_refs
from papka.core.errors import (
    ChangedMeanwhile,
    NotFound,
    PapkaError,
    Refused,
    RemoteUnreachable,
    cannot_access,
)
from papka.core.findings import Finding, Severity, has_errors
from papka.core.places import is_pack
from papka.desk import open_purges
from papka.desk.destruction_note import NOTE, UnfinishedDestruction, drop, find_unfinished, keep
from papka.desk.destruction_plan import DestructionPlan
from papka.desk.entries import render_file
from papka.desk.saving import lay_out, save_changes
from papka.proof.clean_room import clean_room
from papka.proof.layers import read_line
from papka.proof.memory import Witness
from papka.proof.rewriting import Rewriting, rewrite
from papka.proof.verification import verify
from papka.proof.verify_codes import MIRROR_UNREACHABLE
from papka.records.acts import Destruction, InnerEvidence, Purge, Purges, StoreToPurge
from papka.records.archive import load_kinds
from papka.records.derived.in_force import person_on, representative_on
from papka.records.name_cases import find_names
from papka.records.student import Name, Person, Representative, to_mapping
from papka.repository import commit_snapshots, commit_writing, dot_papka, unfinished_work
from papka.repository.byte_search import Needle, Trace, needle_object, needle_text, search
from papka.repository.commit_snapshots import (
    CommitSnapshot,
    CommitTree,
    NarrowSnapshot,
    changed_paths,
    is_ancestor,
    read_commit,
)
from papka.repository.git_values import MAIN
from papka.repository.handle import Remote, folder_of, is_remote, list_remotes
from papka.repository.history import commits_up_to
from papka.repository.objects import Objects
from papka.repository.pruning import prune_commit, prune_leftovers
from papka.repository.purging import find_strays, list_reached
from papka.repository.rewritten_commits import ACT, EVIDENCE, INNER, act_file, inner_file
from papka.repository.runner import SshAccess
from papka.repository.signing import SigningActor
from papka.repository.store import locate, read_refs

METHOD = "удаление из записей и из всей истории, очистка всех хранилищ"
OWN = "архив"
"""What the archive's own store is called in an act."""
_PATIENCE = 5.0
"""Seconds to wait for another who destroys."""
_LOOKED_FOR, _QUESTIONS = 40, 16
"""About so many people and objects are looked for byte by byte, and so many asked of a server, each
by a talk of its own: a purge has listed all that is left, this is the proof beside it."""
_ID = "номер объекта"
_SEARCHED = "очищено; поиск уничтоженного ничего не нашёл"
_ASKED = "очищено; на вопрос об уничтоженном хранилище ответило, что его нет"
_TOLD = "очищено самим сервером: он принял акт и подтвердил, что лишнего не осталось"


@dataclass(frozen=True, slots=True)
class PurgedStore:
    """How the purge of one store ended; `trouble` None: it is done, and nothing was found.

    `how`: what proves it; `lawful`: where facts stand in records that stay.
    """

    name: str
    trouble: PapkaError | None = None
    how: str = _SEARCHED
    lawful: tuple[Trace, ...] = ()


@dataclass(frozen=True, slots=True)
class DestructionDone:
    """The outcome: the act's number and every store; `findings` when a save was refused."""

    number: int
    stores: tuple[PurgedStore, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_whole(self) -> bool:
        return not self.findings and all(each.trouble is None for each in self.stores)


@dataclass(frozen=True, slots=True)
class DestructionJob:
    """What is asked: of a plan, when, before whom and how."""

    words: tuple[str, ...]
    order: str
    on: dt.date
    commission: tuple[str, ...] = ()
    method: str = METHOD


@dataclass(frozen=True, slots=True)
class StoreAccess:
    """With what the stores are reached, and who keeps what they confirm."""

    now: dt.datetime
    access: SshAccess | None = None
    witness: Witness | None = None


PrintAct = Callable[[int, Destruction], None]
"""Prints the act with names; called before anything is moved."""


def judge_stores(root: Path, plan: DestructionPlan, reach: StoreAccess) -> Iterator[PapkaError]:
    """Tell what keeps the stores from being purged: unsaved, unsent, unsound, out of reach."""
    for state in commit_snapshots.worktree_changes(root)[:1]:
        yield Refused(f"В папке есть несохранённое: {state[0]}", "Сохраните его: papka save")
    for stray in find_strays(root):
        yield Refused(f"В хранилище есть {stray}", "Уберите это и повторите")
    found = verify(root, now=reach.now).findings
    bad = [each for each in found if each.severity >= Severity.ERROR]
    if bad:
        yield Refused(
            f"Архив не прошёл проверку ({bad[0].code.name}: {bad[0].message})",
            "Сначала исправьте это: papka verify",
        )
    for mirror in verify_mirrors(root, now=reach.now, access=reach.access):
        yield from _judge_mirror(mirror, plan.head)


def _judge_mirror(mirror: MirrorVerified, head: str) -> Iterator[PapkaError]:
    remote = mirror.remote
    for each in mirror.findings:
        if each.code is MIRROR_UNREACHABLE:
            yield RemoteUnreachable(
                remote.name, each.message.rpartition("недоступно: ")[2],
                "Подключите его: уничтоженное должно исчезнуть отовсюду; если его больше нет, "
                f"уберите запись о нём: git remote remove {remote.name}",
            )  # fmt: skip
            return
        if each.severity >= Severity.ERROR:
            yield Refused(
                f"Зеркало «{remote.name}»: {each.message}",
                f"Разберитесь с ним: papka verify {remote.name}",
            )
            return
    if mirror.head != head:
        yield Refused(f"На зеркале «{remote.name}» не то же, что здесь", "Обменяйтесь: papka sync")


def destroy(  # noqa: PLR0913 - who destroys what, how it is reached and told
    root: Path,
    actor: SigningActor,
    plan: DestructionPlan,
    job: DestructionJob,
    reach: StoreAccess,
    print_act: PrintAct,
) -> DestructionDone:
    """Carry out a plan that nothing is in the way of; raise what stops it.

    The plan is that of `job` at the present head, and `judge_stores` has found nothing.
    """
    _refuse_names(plan, job)
    with _doing(root):
        if commit_snapshots.head(root) != plan.head:
            raise ChangedMeanwhile("архив")
        try:
            return _destroy(root, actor, plan, job, reach, print_act)
        except (PapkaError, OSError):
            _forget_if_unmoved(root)
            raise


def _refuse_names(plan: DestructionPlan, job: DestructionJob) -> None:
    """Raise Refused for names in the words of the act: it stays when nobody knows them any more."""
    students = (plan.archive.students.get(each.owner) for each in plan.doomed if each.owner)
    people = (each.person for each in students if each and each.person)
    if told := find_names(job.method, people):
        raise Refused(
            f"В способе уничтожения — имена из этих дел: {', '.join(told)}; ничего не тронуто",
            "Назовите способ без имён: акт останется в архиве навсегда",
        )


def _forget_if_unmoved(root: Path) -> None:
    """Leave nothing of a job that was stopped before main was moved."""
    note = find_unfinished(root)
    if note is not None and not is_moved(root, note):
        with suppress(PapkaError, OSError):
            prune_leftovers(root)
            drop(root)


@contextmanager
def _doing(root: Path) -> Iterator[None]:
    """Keep others from destroying at the same time; raise LockHeld."""
    with dot_papka.own_lock(root, f"{dot_papka.FOLDER}/destroy.lock", _PATIENCE):
        yield


def _destroy(  # noqa: PLR0913 - as above
    root: Path,
    actor: SigningActor,
    plan: DestructionPlan,
    job: DestructionJob,
    reach: StoreAccess,
    print_act: PrintAct,
) -> DestructionDone:
    note = UnfinishedDestruction(
        words=job.words, order=plan.key, date=job.on, commission=job.commission, method=job.method,
        number=plan.number,
    )  # fmt: skip
    keep(root, note)
    if plan.changes:
        saved = save_changes(root, actor, plan.changes, now=reach.now)
        if has_errors(saved.findings):
            drop(root)
            return DestructionDone(plan.number, findings=saved.findings)
    with unfinished_work.hold_archive(root):
        head = commit_snapshots.head(root) or ""
        commits = commits_up_to(root, head)
        rewriting = rewrite(Objects(root), commits, plan.gone, plan.number)
        act = _compose_act(actor, plan, job, rewriting)
        made = _store_act(root, actor, plan.number, act, rewriting, reach.now)
        print_act(plan.number, act)
        lost = _list_lost(root, plan, rewriting, made.id)
        note = replace(note, stage="built", act=made.id, lost=tuple(lost))
        keep(root, note)
        commit_writing.move_branch(root, MAIN, made.id, head, made.committer, made.subject)
        files = dict.fromkeys(plan.files)
        lay_out(root, {**files, **dict(_read_added(root, made.entries, made.id))})
        commit_writing.refresh_index(root, {**files, **made.entries})
    moved = dict(_list_moved(root, rewriting))
    facts = [*_needles_of_objects(note), *_needles_of_people(plan)]
    return _finish(root, actor, note, reach, facts, moved)


def _compose_act(
    actor: SigningActor, plan: DestructionPlan, job: DestructionJob, made: Rewriting
) -> Destruction:
    inner = [
        InnerEvidence(path=path, sha256=hashlib.sha256(data).hexdigest())
        for path, data in sorted(made.inner.items())
        if is_pack(path)
    ]
    return Destruction(
        date=job.on,
        order=plan.key,
        signed_by=actor.staff,
        commission=job.commission or (actor.staff,),
        method=job.method,
        what=tuple(each.thing for each in plan.doomed),
        remains=plan.remains,
        counts=plan.counts,
        old_head=made.old_head,
        evidence=made.evidence_digest,
        inner=tuple(inner),
        stores=(
            StoreToPurge(name=OWN, kind="own"),
            *(StoreToPurge(name=each.name, kind=_kind_of(each)) for each in plan.remotes),
        ),
        media=plan.media,
    )


def _kind_of(remote: Remote) -> Literal["folder", "server"]:
    return "server" if is_remote(remote.url) else "folder"


def _store_act(  # noqa: PLR0913 - what an act is made of
    root: Path, actor: SigningActor, number: int, act: Destruction, made: Rewriting,
    now: dt.datetime,
) -> commit_writing.StoredCommit:  # fmt: skip
    """Store the rewritten history and the act on top of it, and judge both; raise Refused."""
    path = act_file(number, ACT)
    files: dict[str, bytes | None] = {
        path: render_file(path, "act", to_mapping(act)),
        act_file(number, EVIDENCE): made.evidence,
        **made.inner,
    }
    commit_writing.store_pack(root, made.pack)
    stored = commit_writing.store_commit(
        root, files, f"Акт об уничтожении {number} по приказу {act.order}",
        author=actor.staff, now=now, sign=actor.sign, parent=made.head,
    )  # fmt: skip
    wrong = judge_act(root, stored.id, number)
    if wrong:
        raise Refused(
            f"Акт не прошёл проверку ({wrong[0].code.name}: {wrong[0].message}); ничего не тронуто",
            wrong[0].hint,
        )
    return stored


def judge_act(root: Path, commit: str, number: int) -> tuple[Finding, ...]:
    """Judge an act in a history that no branch shows yet: as any verifier takes it off, and as a
    save of its record would be judged."""
    with clean_room(locate(root)) as room:
        proof = read_line(room, commit)[1]
    said = check_commit(root, since=None, rev=commit).findings
    own = act_file(number, ACT)
    return (*proof, *(each for each in said if each.where.path == own and has_errors([each])))


def _read_added(
    root: Path, entries: Mapping[str, tuple[str, str] | None], commit: str
) -> Iterator[tuple[str, bytes]]:
    tree = CommitTree(root, commit)
    return tree.read_many([path for path, entry in entries.items() if entry])


def _list_lost(root: Path, plan: DestructionPlan, made: Rewriting, act: str) -> list[str]:
    """List the ids of what is destroyed, but for bytes that stand in the archive elsewhere too."""
    old, new = CommitTree(root, made.old_head), CommitTree(root, act)
    ids = {id_ for found in made.gone.values() for id_ in found}
    ids |= {id_ for path in plan.files if (id_ := old.id_of(path))}
    kept = {new.id_of(path) for _, path in plan.elsewhere}
    return sorted(ids - kept)


def _needles_of_objects(note: UnfinishedDestruction) -> Iterator[Needle]:
    for id_ in _spread(note.lost, _LOOKED_FOR):
        yield from needle_object(id_, _ID)


def _spread(found: Sequence[str], count: int) -> Sequence[str]:
    """Return about so many of them, from the first to the last."""
    return found[:: max(1, len(found) // count)]


def _needles_of_people(plan: DestructionPlan) -> Iterator[Needle]:
    """Yield what is looked for of those whose whole files go: names, numbers, addresses.

    Of many people some stand for all: that nothing is left of the others the purge has listed.
    """
    for who in _spread(plan.twins, _LOOKED_FOR):
        student = plan.archive.students.get(who)
        person = student.person if student else None
        people: tuple[Person | Representative, ...] = (
            (person, *person.representatives) if person else ()
        )
        facts = [("СНИЛС", person.snils)] if person else []
        facts += [fact for each in people for fact in _list_facts(each)]
        for kind, text in facts:
            if text and len(text) > _SHORT:
                yield from needle_text(kind, text)


def _name_on(who: Person | Representative, day: dt.date) -> Name:
    if isinstance(who, Person):
        return person_on(who, day).name
    return representative_on(who, day)


def _list_facts(who: Person | Representative) -> list[tuple[str, str | None]]:
    names = [_name_on(who, dt.date.max).full]
    for past in who.former_names:
        name = _name_on(who, past.until)
        names.append(" ".join(part for part in (name.surname, name.given) if part))
    facts = {"телефон": who.phone, "почта": who.email, "адрес": who.address,
             "документ": who.identity}  # fmt: skip
    return [*(("имя", name) for name in names), *facts.items()]


_SHORT = 6
"""Signs of a text that would be found by chance."""


def _list_moved(root: Path, made: Rewriting) -> Iterator[tuple[str, str]]:
    """Yield what is noted of mirrors, with the commit that took the place of the one noted."""
    store = locate(root)
    for ref, id_ in read_refs(store.own, store.common).ids.items():
        if ref.startswith("refs/remotes/") and id_ in made.commits:
            yield ref, made.commits[id_]


def resume(
    root: Path, actor: SigningActor, note: UnfinishedDestruction, reach: StoreAccess
) -> DestructionDone:
    """Go on where main stands at the act already; whoever calls has seen that it does."""
    with _doing(root):
        with unfinished_work.hold_archive(root):
            tree = CommitTree(root, MAIN)
            lay_out(root, dict(tree.read_many(_list_added(root, tree, note.number))))
        return _finish(root, actor, note, reach, _needles_of_objects(note), {})


def _list_added(root: Path, tree: CommitTree, number: int) -> Iterator[str]:
    """Yield the files that the commit of an act has added."""
    yield from tree.below(act_file(number, ACT).rpartition("/")[0])
    for each in _read_act(root, number)[0].inner:
        yield each.path
        yield inner_file(each.path.rpartition(f"/{INNER}/")[0], number, "files")


def is_moved(root: Path, note: UnfinishedDestruction) -> bool:
    """Whether main has the act that the note is about."""
    return bool(note.act) and is_ancestor(root, note.act, MAIN)


def abandon(root: Path, note: UnfinishedDestruction) -> None:
    """Put everything back as it was before the job; raise Refused once a mirror may have the act.

    A card that was saved without its photo stays so: that is a save like any other.
    """
    if note.stage == "sent":
        raise Refused(
            "Отказаться уже нельзя: акт мог попасть на зеркало",
            "Закончите уничтожение: papka destroy --resume",
        )
    with _doing(root), unfinished_work.hold_archive(root):
        if is_moved(root, note):
            _move_back(root, note)
        if note.act:
            prune_commit(root, note.act)
        prune_leftovers(root)
        drop(root)


def _move_back(root: Path, note: UnfinishedDestruction) -> None:
    """Lead main back to the old head that the act itself names, and the folder with it."""
    old = _read_act(root, note.number)[0].old_head
    if commit_snapshots.head(root) != note.act or Objects(root).find(old) is None:
        raise Refused(
            "После акта в архиве уже сохраняли, назад не вернуться",
            "Закончите уничтожение: papka destroy --resume. Если основное зеркало акта не "
            "принимает, возьмите архив с него в новую папку: papka restore ПАПКА --from ЗЕРКАЛО, "
            "внесите там сохранённое после акта и уничтожьте заново",
        )
    changes = changed_paths(root, note.act, old)
    before = CommitTree(root, old)
    back = dict(before.read_many([each.path for each in changes if each.new_id]))
    gone = [each.path for each in changes if not each.new_id]
    last = read_commit(root, note.act)
    # Main goes last: as long as it has the act, a kill leaves all this to be done once more.
    lay_out(root, {**dict.fromkeys(gone), **back})
    commit_writing.refresh_index(
        root,
        {each.path: (each.new_mode, each.new_id) if each.new_id else None for each in changes},
    )
    commit_writing.move_branch(root, MAIN, old, note.act, last.committer, "Отказ от уничтожения")


def _finish(  # noqa: PLR0913 - each part of the end
    root: Path,
    actor: SigningActor,
    note: UnfinishedDestruction,
    reach: StoreAccess,
    needles: Iterable[Needle],
    moved: Mapping[str, str],
) -> DestructionDone:
    """Free the mirrors, then the archive itself, of what is gone; search, note and send."""
    number, wanted = note.number, tuple(needles)
    act, purged = _read_act(root, number)
    done = {each.store for each in purged.purges}
    waiting = [each.name for each in act.stores if each.name not in done]
    keep(root, note.reach("sent"))
    sent = _send(root, reach)
    if kept := tuple(_keep_back(root, note, waiting, sent, reach)):
        return DestructionDone(number, kept)
    unfinished_work.begin_purging(root, number, moved, spare=(NOTE,))
    with dot_papka.archive_lock(root):
        unfinished_work.settle_purging(root)
    found = tuple(_judge_store(root, name, sent, reach, wanted, note.lost) for name in waiting)
    good = [each for each in found if each.trouble is None]
    if good:
        today = reach.now.date()
        rows = [Purge(date=today, how=e.how, by=actor.staff, store=e.name) for e in good]
        open_purges.note_purged(root, actor, number, rows, reach.now)
        _send(root, reach)
    outcome = DestructionDone(number, found)
    if outcome.is_whole:
        drop(root)
    return outcome


def _send(root: Path, reach: StoreAccess) -> dict[str, mirrors.SendOutcome]:
    """Send main to every mirror, which carries an act out there; return the outcomes by name."""
    if not list_remotes(root):
        return {}
    pushed = mirrors.push(root, now=reach.now, access=reach.access, witness=reach.witness)
    return {each.remote.name: each for each in pushed.outcomes}


def _keep_back(
    root: Path,
    note: UnfinishedDestruction,
    waiting: Iterable[str],
    sent: Mapping[str, mirrors.SendOutcome],
    reach: StoreAccess,
) -> Iterator[PurgedStore]:
    """Tell that nothing is purged yet, when the primary has not taken the act; else yield nothing.

    Another's save or act may have come to it meanwhile, and then the only way is back, over the old
    objects. It is open again when the primary surely has nothing of the act.
    """
    first = next(iter(sent.values()), None)
    if first is None or first.is_good:
        return
    reason, step = first.reason, first.next_step
    if first.sent == "refused":
        refs = remote_refs(root, first.remote, reach.access)
        there = refs.get(MAIN, "")
        kind = relation(root, first.remote, there, note.act, reach.access).kind if there else ""
        if list_acts(refs) or kind in ("ahead", "equal"):
            return
        keep(root, note.reach("built"))
        if kind == "diverged":
            step = _BACK
    for name in waiting:
        if name == first.remote.name:
            yield PurgedStore(name, Refused(reason, step))
        else:
            why = f"сначала акт должно принять основное зеркало «{first.remote.name}»"
            yield PurgedStore(name, Refused(why, "Потом закончите: papka destroy --resume"))


_BACK = (
    "Откажитесь от этого уничтожения: papka destroy --abandon; получите то, что там: papka sync; "
    "потом уничтожьте заново"
)


def _judge_store(  # noqa: PLR0913 - by what a store is judged
    root: Path,
    name: str,
    sent: Mapping[str, mirrors.SendOutcome],
    reach: StoreAccess,
    needles: tuple[Needle, ...],
    lost: Sequence[str],
) -> PurgedStore:
    """Search a purged store, or ask a server for what should be gone."""
    outcome = sent.get(name)
    if name != OWN and outcome is None:
        step = "Впишите его опять (papka mirror add) и повторите: papka destroy --resume"
        return PurgedStore(name, Refused(f"Зеркала «{name}» в настройках архива нет", step))
    if outcome is not None and not outcome.is_good:
        return PurgedStore(name, Refused(outcome.reason, outcome.next_step))
    try:
        if outcome is not None and is_remote(outcome.remote.url):
            asked = _spread(lost, _QUESTIONS)
            there = still_there(root, outcome.remote, asked, reach.access)
            how = _TOLD if there is None else _ASKED
            return PurgedStore(name, _say_given(name, there or ()), how)
        place = root if outcome is None else folder_of(root, outcome.remote.url)
        lawful, left = _split_traces(root, search([place], needles))
    except PapkaError as error:
        return PurgedStore(name, error)
    except OSError as error:
        return PurgedStore(name, cannot_access(error))
    return PurgedStore(name, _say_left(name, left), lawful=tuple(lawful))


def _read_act(root: Path, number: int) -> tuple[Destruction, Purges]:
    archive = load_kinds(NarrowSnapshot(root, MAIN, ()), ("act", "purges"))
    act = archive.destruction_acts.get(str(number))
    if act is None:
        raise NotFound(f"Акта № {number} в архиве нет", "Проверьте архив: papka verify")
    return act, archive.purges.get(str(number)) or Purges(purges=())


def _split_traces(root: Path, found: Collection[Trace]) -> tuple[list[Trace], list[Trace]]:
    """Part what stays lawfully, in records and their history, from what should be gone.

    Ids of what is gone stand in the evidence; that tells nobody anything.
    """
    if not found:
        return [], []
    tracked = set(CommitSnapshot(root, MAIN).paths())
    reached = list_reached(root)
    stays = [each.object in reached if each.object else each.path in tracked for each in found]
    lawful = [each for each, lies in zip(found, stays, strict=True) if lies and each.kind != _ID]
    return lawful, [each for each, lies in zip(found, stays, strict=True) if not lies]


def _say_left(name: str, left: Iterable[Trace]) -> PapkaError | None:
    first = next(iter(left), None)
    if first is None:
        return None
    return Refused(
        f"В хранилище «{name}» уничтоженное ещё есть ({first.kind}): {first.where}",
        "Уберите это место и закончите: papka destroy --resume",
    )


def _say_given(name: str, there: Iterable[str]) -> PapkaError | None:
    first = next(iter(there), None)
    if first is None:
        return None
    return Refused(
        f"Зеркало «{name}» ещё отдаёт уничтоженное (объект {first[:12]})",
        f"Пусть его очистят или создадут заново: papka mirror recreate {name}; потом papka destroy "
        "--resume",
    )
