"""Join: a person's own copy of the archive from one mirror, and the request to accept their key.

Invariants: the copy appears whole, verified and on the disk, or not at all; nothing that came
without what stands on paper is kept. Until the head has accepted the key nothing is committed here,
by papka or by git: such a commit would be signed by a stranger for ever. Nobody is let in by a
request: the head is shown the fingerprint computed from the key itself, and compares it with the
person. A request names no role, for only the head's own word makes a head.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.copies import mirrors, transport
from papka.copies.restoring import build_archive
from papka.copies.syncing import sync
from papka.core.errors import (
    KeyWaits,
    NotAnArchive,
    NotFound,
    PapkaError,
    Refused,
    RemoteUnreachable,
)
from papka.core.places import is_staff_id
from papka.desk.trust_changes import KnownKey, known_trust, read_school
from papka.proof.anchors import Anchors
from papka.proof.examination import Verified
from papka.proof.memory import Memory
from papka.proof.verification import verify
from papka.records.school import StaffMember
from papka.repository import commit_snapshots, signing, worktree
from papka.repository.git_values import MAIN, PublicKey
from papka.repository.handle import (
    Remote,
    is_bare,
    is_one_place,
    is_remote,
    list_remotes,
    normalize_address,
    note_confirmed,
    overlaps,
    read_setting,
)
from papka.repository.runner import SshAccess, explain_talk
from papka.repository.signing import request_file, waiting_person
from papka.repository.store import read_refs
from papka.repository.unfinished_work import BuildingSite, building_site

_BEGINNING = "papka-join-1:"
_LINE = re.compile(
    r"(?P<signed>papka-join-1:(?P<staff>s\d{3,6}):(?P<key>[A-Za-z0-9+/]{60,200}={0,2})"
    r":(?P<root>[0-9a-f]{40})):(?P<check>[0-9a-f]{8})"
)
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_MIRROR = re.compile(r"^\W*Зеркало: (?P<url>\S+)\s*$", re.MULTILINE)
_ASK_AGAIN = "Попросите прислать заявку заново: её пишет papka join у того, кто подключается"


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """A wish that the archive beginning with `root` trust `staff` with `key`.

    `mirror`: the address it was made from, "" when the request does not say.
    """

    staff: str
    key: PublicKey
    root: str
    mirror: str = ""

    @property
    def line(self) -> str:
        """The request as one word, for a shell or a letter."""
        blob = base64.b64encode(self.key.blob).decode()
        signed = f"{_BEGINNING}{self.staff}:{blob}:{self.root}"
        return f"{signed}:{_check_digits(signed)}"


def compose_request(request: JoinRequest) -> str:
    """Compose the text that is sent to the head."""
    mirror = f"Зеркало: {request.mirror}\n" if request.mirror else ""
    return (
        "Заявка на подключение к архиву личных дел\n"
        f"Сотрудник: {request.staff}\n"
        f"Отпечаток ключа: {request.key.fingerprint}\n"
        f"{mirror}"
        "\n"
        "Руководителю: сверьте отпечаток с сотрудником голосом и примите ключ, указав этот файл:\n"
        f"  papka trust add request-{request.staff}.txt\n"
        "или строку:\n"
        f"  papka trust add {request.line}\n"
    )


def read_request(text: str) -> JoinRequest:
    """Read a request from a letter or a pasted line; raise Refused.

    Breaks of lines and marks of quotation that letters put in are forgiven.
    """
    found = {match.group(): match for match in _find_lines(text)}
    if not found:
        raise Refused("Это не заявка на подключение, или она пришла не целиком", _ASK_AGAIN)
    if len(found) > 1:
        raise Refused("Здесь несколько разных заявок", "Принимайте каждую отдельно, строкой")
    (match,) = found.values()
    if match["check"] != _check_digits(match["signed"]):
        raise Refused("Заявка повреждена: контрольные знаки не сходятся", _ASK_AGAIN)
    try:
        key = PublicKey.from_blob(base64.b64decode(match["key"], validate=True))
    except ValueError as error:  # BadKey is one
        raise Refused("В заявке нет ключа, которым можно подписывать", _ASK_AGAIN) from error
    others = set(_FINGERPRINT.findall(text)) - {key.fingerprint}
    if others:
        raise Refused(
            f"Отпечаток в заявке ({', '.join(sorted(others))}) не от её ключа "
            f"({key.fingerprint}): заявку подменили или испортили",
            "Не принимайте её; позвоните сотруднику и попросите прислать заявку заново",
        )
    mirror = _MIRROR.search(text)
    url = mirror["url"] if mirror and is_remote(mirror["url"]) else ""
    return JoinRequest(match["staff"], key, match["root"], url)


def _find_lines(text: str) -> Iterator[re.Match[str]]:
    for part in text.split(_BEGINNING)[1:]:
        match = _LINE.match(_BEGINNING + re.sub(r"[\s>]+", "", part))
        if match:
            yield match


def _check_digits(signed: str) -> str:
    """Tell apart a damaged line from a whole one; against a forger the head's own eyes help."""
    return hashlib.sha256(signed.encode()).hexdigest()[:8]


def find_mirror(address: str, base: Path, authority: Path | None = None) -> Remote:
    """Return the mirror at an address; raise Refused, NotFound. `authority`: as for `mirrors`."""
    url = normalize_address(address, base)
    if is_remote(url):
        known = str(mirrors.accept_authority(url, authority)) if authority else ""
        return Remote("server", url, "", primary=True, authority=known)
    if not Path(url).is_dir():
        raise NotFound(f"Папки {address} нет", "Подключите диск или назовите адрес иначе")
    if not is_bare(Path(url)):
        raise Refused(
            f"В папке {address} не зеркало архива",
            "Назовите адрес зеркала, его знает руководитель: papka mirror status. Копию с "
            "носителя читает papka restore",
        )
    return Remote("disk", url, "", primary=True)


def find_joined(place: Path, mirror: Remote) -> bool:
    """Tell whether the copy at `place` was made by joining this mirror before."""
    try:
        known = list_remotes(place)
    except (NotAnArchive, OSError):
        return False
    return any(is_one_place(each.url, mirror.url) for each in known)


@dataclass(frozen=True, slots=True)
class ReceivedCopy:
    """A copy on its building site, which nobody has vouched for yet; `head`: its last commit."""

    site: BuildingSite
    mirror: Remote
    head: str

    @property
    def root(self) -> str:
        return commit_snapshots.first_commit(self.site.built, self.head)

    def judge(self, now: datetime, anchors: Anchors, acts: Collection[str], memory: Memory | None
    ) -> Verified:  # fmt: skip
        """Verify it; memory learns only from one without an error."""
        return verify(self.site.built, now=now, anchors=anchors, refounding=acts, memory=memory)

    def staff(self) -> Mapping[str, StaffMember]:
        """Return the people of the school."""
        return read_school(self.site.built, self.head).staff

    def countries(self) -> tuple[str, ...]:
        """Return where the school keeps its data."""
        school = read_school(self.site.built, self.head).organization
        return school.mirrors.countries if school else ()

    def settle(self, staff: str, key: Path, country: str) -> None:
        """Make it the person's own, with its mirror as the primary, and give it its name."""
        built = self.site.built
        mirror = mirrors.add(
            built, self.mirror.name, self.mirror.url, country,
            allowed=self.countries(), primary=True,
        )  # fmt: skip
        if self.mirror.authority:
            mirrors.keep_authority(built, mirror.name, Path(self.mirror.authority))
        note_confirmed(built, mirror, self.head)
        begin_or_go_on(built, staff, key)
        self.site.finish()


@contextmanager
def receive_copy(
    place: Path, mirror: Remote, access: SshAccess | None = None
) -> Iterator[ReceivedCopy]:
    """Fetch a mirror into a building site beside `place`; gone again unless it is settled there.

    Raises Refused for a place that is taken or stands in an archive, RemoteUnreachable.
    """
    if any(worktree.is_archive(folder) for folder in place.parents):
        raise Refused(
            f"{place} лежит внутри другого архива", "Назовите место вне его: papka join АДРЕС ПАПКА"
        )
    if not is_remote(mirror.url) and overlaps(place, [Path(mirror.url)]):
        raise Refused("Архив и зеркало не могут лежать одно в другом", "Назовите другую папку")
    with building_site(place) as site:
        pool = site.room / "pool"
        ran = transport.fetch_whole(site.room, mirror, pool, access)
        if ran.code and "couldn't find remote ref" not in ran.trouble:
            trouble = explain_talk(ran.trouble)
            step = trouble.step or "Проверьте адрес и связь и повторите ту же команду"
            raise RemoteUnreachable(mirror.name, trouble.words, step)
        head = read_refs(pool, pool).ids.get(MAIN)
        if head is None:
            raise Refused(
                "Зеркало пусто: архив в него ещё не отправляли",
                "Попросите руководителя отправить его: papka mirror push",
            )
        build_archive(site, pool, head, {}, "papka join")
        yield ReceivedCopy(site, mirror, head)


def list_staff(root: Path) -> Mapping[str, StaffMember]:
    """Return the people of the school as the last commit names them."""
    head = commit_snapshots.head(root)
    if head is None:
        raise NotAnArchive(str(root))
    return read_school(root, head).staff


def require_person(people: Mapping[str, StaffMember], staff: str) -> StaffMember:
    """Return the person of this number; raise Refused, NotFound."""
    if not is_staff_id(staff):
        raise Refused(f"«{staff}» — не номер сотрудника", "Номер пишут так: s002")
    if staff not in people:
        raise NotFound(
            f"Сотрудника {staff} в архиве нет",
            "Попросите руководителя внести вас и отправить это в зеркало: papka new staff, "
            "papka save, papka sync",
        )
    return people[staff]


def choose_key(
    root: Path, place: Path, staff: str, file: Path, ask_passphrase: Callable[[], str]
) -> tuple[PublicKey, bool]:
    """Return the person's key in `file`, and whether it was made now; raise Refused, KeyMissing.

    `root`: where the archive can be read, `place`: where it is going to lie. A key in there, one of
    somebody else and one that was taken out of force are refused.
    """
    if file.resolve().is_relative_to(place.resolve()):
        raise Refused(
            "Ключи нельзя держать в самом архиве: архив копируют, а ключ отдавать нельзя",
            "Назовите другое место: --key ФАЙЛ",
        )
    beside = file.with_name(f"{file.name}.pub")
    is_new = not (file.exists() or beside.exists())
    if is_new:
        signing.prepare_key_folder(file.parent)
        return signing.generate_key(file, f"papka {staff}", ask_passphrase()), True
    if file.exists():
        signing.complete_key(file, f"papka {staff}")
    key = signing.load_signer(file).public
    known = _find_known(root, key)
    if known is not None and known.entry.staff != staff:
        raise Refused(
            f"Ключ {file} принадлежит {known.entry.staff}: у каждого человека свой ключ",
            "Назовите файл для своего: --key ФАЙЛ",
        )
    if known is not None and known.revocation is not None:
        raise Refused(
            f"Ключ {file} больше не действует: руководитель вывел его",
            "Назовите файл для нового: --key ФАЙЛ",
        )
    return key, False


def refuse_head_here(root: Path, staff: str) -> None:
    """Refuse a head whose own copy this is a new key: it would take the old one's place here."""
    if read_setting(root, "user.name") == staff and any(
        each.entry.staff == staff and each.entry.is_head for each in known_trust(root).in_force
    ):
        raise Refused(
            f"{staff} — руководитель, и здесь уже работает своим ключом",
            "Ключ второго человека: papka join --as ЕГО-НОМЕР. Свой ключ заменяют: papka trust "
            "rotate",
        )


def _find_known(root: Path, key: PublicKey) -> KnownKey | None:
    return next((each for each in known_trust(root).keys if each.entry.key == key), None)


def begin_or_go_on(root: Path, staff: str, key: Path) -> None:
    """Make the copy the person's: it waits, unless the head has accepted this key before."""
    signing.begin_waiting(root, staff, key)
    accept_if_trusted(root)


def accept_if_trusted(root: Path) -> str:
    """End the waiting when the last commit trusts the key that waits; return whose it is.

    Return "" when nobody waits, or nobody is trusted yet. Raise Refused when the head gave the key
    to another number, or has taken it away again.
    """
    staff = waiting_person(root)
    file = signing.kept_key(root, staff) if staff else None
    if file is None:
        return ""
    known = _find_known(root, signing.load_signer(file).public)
    if known is None:
        return ""
    if known.revocation is not None or known.entry.staff != staff:
        why = "уже выведен" if known.revocation else f"принят под номером {known.entry.staff}"
        raise Refused(
            f"Ключ {staff} {why}", "Спросите руководителя; новый ключ: papka join --key ФАЙЛ"
        )
    signing.end_waiting(root, staff, file)
    return staff


def require_accepted(root: Path, *, now: datetime, access: SshAccess | None) -> str:
    """Ask the primary whether the key that waits is accepted by now; raise KeyWaits when not.

    Return whose key it is, "" when nobody's waits.
    """
    staff, reason = waiting_person(root), ""
    if not staff or accept_if_trusted(root):
        return staff
    try:
        synced = sync(root, [], now=now, access=access)
        if synced.is_stopped:
            reason = "полученное с зеркала остановлено, причины скажет papka sync"
    except NotFound:
        pass  # no mirror: the head works in this very copy
    except PapkaError as error:
        reason = error.message
    if accept_if_trusted(root):
        return staff
    raise KeyWaits(staff, request_file(staff), reason)


def request_of(root: Path, staff: str, key: PublicKey) -> JoinRequest:
    """Return the request for a key in this copy."""
    remotes = list_remotes(root)
    mirror = next((each.url for each in remotes if each.primary and is_remote(each.url)), "")
    return JoinRequest(staff, key, commit_snapshots.first_commit(root, MAIN), mirror)


def require_same_archive(root: Path, request: JoinRequest) -> None:
    """Raise Refused for a request to another archive."""
    if request.root != commit_snapshots.first_commit(root, MAIN):
        raise Refused(
            "Заявка к другому архиву: первые сохранения не совпадают",
            "Выполните команду в папке того архива, к которому подключаются. Если он один, "
            "сотруднику дали неверный адрес зеркала",
        )
