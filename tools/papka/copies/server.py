"""The school's server: a store that admits only what passes the check, and files to set it up.

`host` makes or repairs the store and changes nothing that is right. The hook is written whole or
not at all, where git can run it (from a disk mounted noexec git skips a hook in silence); it
names papka by its full path and lets nothing in when papka is not there. Somebody else's hook is
put aside. What lies in the store already is verified: the hook looks only at what comes. What the
server knows from paper is in the store's settings, read at every push; it trusts nothing else.

`admit` answers the hook from what git holds back and what the store has. All or nothing: only main
moves, forward, and never goes away; what cannot be judged is refused. An act of destruction comes
on a branch of its own, judged as what takes main's place; `mirror_purging` carries it out after.
At most three lines reach the person who pushed, the gravest first: code, commit and path, never
what a record says, and printable signs only, as paths come from whoever pushes. Warnings refuse
nothing and are not sent.

`plan_files` gives texts for the administrator to read and to run; nothing is run here. Run again
they repair and remove nothing: lists of people and certificates stay. One system user, one folder
of lists and one web server an archive: who may enter one store enters no other.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from papka.copies.mirror_purging import carry_out, is_act_ref
from papka.copies.mirror_store import find_weakened, prepare_store
from papka.copies.new_commits import ReceivedChange, judge_change
from papka.core.errors import NotAnArchive, Refused
from papka.core.findings import Finding, Severity
from papka.core.phrases import count_phrase
from papka.proof.anchors import Anchors, KeptPaper, read_paper
from papka.proof.history_reading import count_surplus, open_received
from papka.proof.store_rules import judge_settings
from papka.proof.verification import verify
from papka.proof.verify_codes import LEFT_AFTER_ACT, REFOUNDING_UNKNOWN
from papka.repository import files
from papka.repository.git_values import (
    GATE,
    HOSTED,
    MAIN,
    PURGER,
    Installed,
    gate_text,
    is_begun_as_gate,
)
from papka.repository.handle import SAFE_STORE, read_setting, write_settings
from papka.repository.purging import purge_store
from papka.repository.store import Store, find_running_program, locate, observe, read_refs
from papka.repository.worktree import find_root

ENTRY = {
    **SAFE_STORE,
    "core.hooksPath": "hooks",
    "receive.maxInputSize": "4g",
    "receive.advertisePushOptions": "true",
    HOSTED: "true",
}
"""`hooks` is where git looks anyway; set here, no other setting leads it elsewhere. The limit keeps
one push from filling the disk before it is judged. By the push options a sender knows, before it
sends anything, that acts of destruction are carried out here."""
_HOOKS = (GATE, PURGER)


def set_entry(store: Store) -> tuple[str, ...]:
    """Write settings and hooks; return the names that foreign hooks were put aside under.

    Raises Refused when git would not obey them.
    """
    write_settings(store.common, ENTRY)
    loose = find_weakened(store, ENTRY)
    if loose:
        raise Refused(
            f"Настройки хранилища не держатся: {', '.join(loose)}",
            f"Уберите другие значения из файлов config и config.worktree в {store.common}",
        )
    own = find_running_program()
    aside = [_write_hook(store.common / "hooks", hook, gate_text(own, hook)) for hook in _HOOKS]
    if not os.access(store.common / "hooks" / GATE, os.X_OK):
        raise Refused(
            f"Программы с этого диска не выполняются (noexec): {store.common}",
            "Держите хранилище на диске, где это разрешено, иначе git пропустит проверку молча",
        )
    return tuple(filter(None, aside))


def _write_hook(folder: Path, name: str, text: bytes) -> str:
    folder.mkdir(exist_ok=True)
    hook, aside = folder / name, ""
    if os.path.lexists(hook) and not _is_ours(hook):
        aside = f"{name}.before-papka"
        hook.replace(folder / aside)
    new = folder / f".{name}.tmp"
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    new.chmod(0o755)
    new.replace(hook)
    files.sync_folder(folder)
    return aside


def _is_ours(hook: Path) -> bool:
    return hook.is_file() and not hook.is_symlink() and is_begun_as_gate(hook.read_bytes())


_ANCHORS, _ACTS = "papka.anchors", "papka.refounding"


def _keep_paper(place: Path, paper: KeptPaper) -> None:
    """Write down what is given; what was given before and is not given now stays."""
    known, given = read_kept_paper(place), paper.anchors
    settings = {}
    if given:
        settings[_ANCHORS] = " ".join(sorted(given.keys | given.seals | given.roots))
    if paper.acts - known.acts:
        settings[_ACTS] = " ".join(sorted(paper.acts | known.acts))
    if settings:
        write_settings(place, settings)


def read_kept_paper(place: Path) -> KeptPaper:
    """Return what was written down; raises Refused when somebody made it unreadable."""
    return read_paper(*((read_setting(place, name) or "").split() for name in (_ANCHORS, _ACTS)))


_NO_COMMIT = "0" * 40
_REFS_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Update:
    """A ref that a push wants to move. `old`, `new`: commits, empty for none."""

    old: str
    new: str
    ref: str


def _read_updates(given: str) -> tuple[_Update, ...]:
    """Read the hook's standard input: `<old> <new> <ref>` a line."""
    parts = (line.split(" ", 2) for line in given.split("\n") if line)
    return tuple(
        _Update(old.replace(_NO_COMMIT, ""), new.replace(_NO_COMMIT, ""), ref)
        for old, new, ref in parts
    )


def _is_act(update: _Update) -> bool:
    """Whether a push brings an act of destruction, on a new branch of its own."""
    return is_act_ref(update.ref) and not update.old and bool(update.new)


def _object_to_refs(updates: tuple[_Update, ...]) -> str:
    """Say why a push is refused for its refs alone; empty when it is not."""
    others = [update.ref for update in updates if update.ref != MAIN]
    if len(updates) == 1 and _is_act(updates[0]):
        return ""
    if others:
        names = ", ".join(others[:_REFS_NAMED]) + (" и другое" if len(others) > _REFS_NAMED else "")
        return f"сюда отправляют только ветвь main, а прислано лишнее: {names}"
    if len(updates) != 1:
        return "сюда отправляют одну ветвь main, и ничего больше"
    if not updates[0].new:
        return "ветвь main удалить нельзя: в ней весь архив"
    return ""


_LINES_SENT = 3
_LINE_AT_MOST = 300
_TYPE_THE_ACT = (
    "если это замена утраченных ключей, пусть тот, кто ведёт сервер, введёт отпечаток акта: "
    "papka mirror host ПАПКА --refounding …"
)


def _compose_refusal(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the lines that say why findings refuse a push; () when none does."""
    grave = [finding for finding in findings if finding.severity >= Severity.ERROR]
    lines = [_TYPE_THE_ACT] if any("--refounding" in each.message for each in grave) else []
    lines += dict.fromkeys(_compose_line(f) for f in sorted(grave, key=lambda f: -f.severity))
    if len(lines) <= _LINES_SENT:
        return tuple(lines)
    left = len(lines) - _LINES_SENT + 1
    more = count_phrase(left, "замечание", "замечания", "замечаний")
    return (*lines[: _LINES_SENT - 1], f"и ещё {more}: все покажет papka verify и papka check")


def _compose_line(finding: Finding) -> str:
    where = finding.where
    place = [f"сохранение {where.commit[:12]}"] if where.commit else []
    place += [where.path + (f":{where.line}" if where.line else "")] if where.path else []
    return _make_sendable(": ".join((finding.code.name, *place, finding.message)))


def _make_sendable(text: str) -> str:
    plain = "".join(c if c.isprintable() else "?" for c in text.replace("\n", " "))
    return plain if len(plain) <= _LINE_AT_MOST else plain[:_LINE_AT_MOST] + "…"


def admit(place: Path, held_back: Path | None, given: str, *, now: datetime) -> tuple[str, ...]:
    """Judge a push for the hook: () when it may come in, else the lines to answer with.

    `given`: the hook's standard input; `held_back`: the folder in which git keeps the new objects,
    None when it names none. Of two pushes at once both may be admitted: git moves main for one
    only, from the commit that was judged.
    """
    updates = _read_updates(given)
    reason = _object_to_refs(updates)
    if reason:
        return (_make_sendable(reason),)
    if held_back is None:
        raise Refused(
            "Эту команду запускает git, когда на сервер отправляют архив", "Запускать её не нужно"
        )
    update = updates[0]
    store = locate(place)
    # An act does not move main forward: it is judged as what takes the place of main.
    old = _main_of(store) if _is_act(update) else update.old
    try:
        with open_received(store, held_back) as room:
            paper = read_kept_paper(place)
            # Paper says whose archive comes first; later changes must continue what lies here.
            anchors = Anchors() if old else paper.anchors
            change = ReceivedChange(room, store, old, update.new, anchors, paper.acts)
            if lines := _compose_refusal(judge_change(change, now)):
                return lines
            more = count_surplus(room, store, held_back, old, update.new)
            said = f"прислано лишнее: объектов, которых сохранения не требуют, — {more}"
            return (said,) if more else ()
    except Refused as error:
        return (_make_sendable(error.message),)


def _main_of(store: Store) -> str:
    return read_refs(store.own, store.common).ids.get(MAIN, "")


@dataclass(frozen=True, slots=True)
class Hosted:
    """A hosted store. `place`: full path; `owner`: the user that git must run as; `commits`: how
    many were there and verified; `aside`: the new names of foreign hooks; `is_anchored`: paper says
    whose archive may come in."""

    place: Path
    owner: str
    commits: int
    aside: tuple[str, ...]
    is_anchored: bool
    findings: tuple[Finding, ...] = ()


def host(
    place: Path, *, now: datetime, anchors: Collection[str] = (), refounding: Collection[str] = ()
) -> Hosted:
    """Make or repair the store, and purge it of what an act has destroyed; raises Refused.

    `anchors`, `refounding`: as typed from paper.
    """
    paper = read_paper(anchors, refounding)
    place = place.resolve()
    _refuse_inside_an_archive(place)
    is_new = not place.exists()
    if is_new:
        with suppress(OSError):  # prepare_store says why it cannot be made
            place.mkdir(mode=0o700)  # personal data: nobody on the server but its owner
    prepare_store(place)
    if is_new:
        # Inside a closed folder modes matter little; but when root changes a setting, git keeps
        # this one, and the owner, to whom the file then no longer belongs, has to read it.
        (place / "config").chmod(0o644)
    store = locate(place)
    _keep_paper(place, paper)
    aside = set_entry(store)
    known, facts = read_kept_paper(place), observe(store)
    findings: tuple[Finding, ...]
    if MAIN in facts.refs:
        carry_out(place)  # an act that a killed hook left behind
        verify_whole = partial(
            verify, place, now=now, anchors=known.anchors, refounding=sorted(known.acts)
        )
        verified = verify_whole()
        if any(each.code.name in LEFT_AFTER_ACT for each in verified.findings):
            purge_store(store)
            verified = verify_whole()
        commits, findings = verified.commits, verified.findings
    else:
        found = judge_settings(facts.settings, facts.unread_settings, bare=True)
        commits, findings = 0, tuple(found)
    # An act is typed in before its commit comes.
    findings = tuple(each for each in findings if each.code is not REFOUNDING_UNKNOWN)
    return Hosted(place, _find_owner(place), commits, aside, bool(known.anchors), findings)


def _refuse_inside_an_archive(place: Path) -> None:
    above = next(each for each in (place, *place.parents) if each.is_dir())
    try:
        root = find_root(above)
    except NotAnArchive:
        return
    raise Refused(
        f"{place} лежит внутри архива {root}: хранилище сервера держат отдельно",
        "Укажите папку вне архива",
    )


def _find_owner(place: Path) -> str:
    try:
        return place.owner()
    except (KeyError, NotImplementedError, OSError):
        return ""


LISTS = "/etc/papka"
"""Folder of the lists, one folder an archive, of who may come in by ssh and by https."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,22}", re.ASCII)
_SAFE_PATH = re.compile(r"/[\w./+-]*", re.ASCII)
_SITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*", re.ASCII)
_IP = re.compile(r"[0-9.]+")

_SSHD = """\
# Вход по ssh в архив @NAME@: по ключам из одного списка и только для git.
Match User @USER@
    AuthorizedKeysFile @LISTS@/authorized_keys
    AuthenticationMethods publickey
    AcceptEnv GIT_PROTOCOL
    DisableForwarding yes
    PermitTTY no
    PermitUserRC no
"""
_CRON = """\
# Архив @NAME@: хранилище целиком раз в неделю, сроки каждый день (когда есть копия для календаря).
# О чём надо узнать, приходит письмом root; последний ответ проверки — в @LOG@/verify.log.
SHELL=/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
LANG=C.UTF-8
MAILTO=root
17 3 * * 1 @USER@ @PAPKA@ verify @STORE@@ANCHORS@ >@LOG@/verify.log 2>&1 || cat @LOG@/verify.log
27 3 * * * @USER@ test ! -d @HOME@/calendar || { git -C @HOME@/calendar pull -q --ff-only && \
@PAPKA@ status --due --quiet -C @HOME@/calendar; }
"""
_COMMAND = """\
#!/bin/sh
# papka под пользователем архива @NAME@, из любой папки: @USER@ verify @STORE@
cd @HOME@ || exit 3
umask 077
exec runuser -u @USER@ -- env HOME=@HOME@ @PAPKA@ "$@"
"""
_INSTALL = """\
#!/bin/sh
# Архив @NAME@ на этом сервере: пользователь, хранилище, вход по ssh, проверка по расписанию.
# Выполняет root; повторять можно: списки людей и хранилище остаются. Написано командой
# @AGAIN@
set -eu
umask 022
cd "$(dirname "$0")"
# без этого каждая отправка собирала бы программу заново
@PYTHON@ -m compileall -q @PACKAGE@
find @PACKAGE@ -name __pycache__ -exec chmod -R go+rX {} +
if ! getent passwd @USER@ >/dev/null; then
    adduser --system --group --home @HOME@ --shell /usr/bin/git-shell @USER@
fi
install -d -m 700 -o @USER@ -g @USER@ @HOME@
install -d -m 750 -o @USER@ -g @USER@ @LOG@
install -d -m 755 /etc/papka
install -d -m 750 -o root -g @USER@ @LISTS@
for list in authorized_keys people; do
    touch @LISTS@/$list
    chown root:@USER@ @LISTS@/$list
    chmod 640 @LISTS@/$list
done
install -D -m 644 sshd.conf /etc/ssh/sshd_config.d/@USER@.conf
install -D -m 644 cron /etc/cron.d/@USER@
install -D -m 755 papka.sh /usr/local/sbin/@USER@
if ! runuser -u @USER@ -- @PYTHON@ -I -m papka --version >/dev/null; then
    echo 'Программу не может прочесть пользователь @USER@. Выполните и повторите:' >&2
    echo '  chmod -R go+rX @TOP@' >&2
    exit 3
fi
/usr/local/sbin/@USER@ mirror host @STORE@@ANCHORS@
mkdir -p /run/sshd
/usr/sbin/sshd -t
if [ -d /run/systemd/system ]; then
    systemctl reload-or-restart ssh
else
    echo 'systemd здесь не работает: перезапустите sshd сами'
fi
echo 'Готово: люди входят по строкам @LISTS@/authorized_keys'
"""
_LIGHTTPD = """\
# Вход по https в архив @NAME@: пароль на всё, и ничего, кроме трёх адресов, которые нужны git.
server.modules = (
    "mod_access", "mod_auth", "mod_authn_file", "mod_alias", "mod_setenv", "mod_cgi",
    "mod_openssl", "mod_accesslog"
)
server.feature-flags = ("server.h2proto" => "disable")
server.port = @PORT@
server.document-root = "@LISTS@/web"
server.username = "@USER@"
server.groupname = "@USER@"
server.pid-file = "/run/@USER@-web.pid"
server.errorlog = "@LOG@/error.log"
accesslog.filename = "@LOG@/access.log"
ssl.engine = "enable"
ssl.pemfile = "/etc/papka/tls/server.pem"
ssl.privkey = "/etc/papka/tls/server.key"
auth.backend = "htpasswd"
auth.backend.htpasswd.userfile = "@LISTS@/people"
auth.require = ("" => ("method" => "basic", "realm" => "papka", "require" => "valid-user"))
$HTTP["url"] =~ "^/papka/@FILE@/(info/refs|git-upload-pack|git-receive-pack)$" {
    alias.url = ("/papka" => "/usr/lib/git-core/git-http-backend")
    cgi.assign = ("" => "")
    setenv.set-environment = ("GIT_PROJECT_ROOT" => "@HOME@", "GIT_HTTP_EXPORT_ALL" => "1")
} else {
    url.access-deny = ("")
}
"""
_UNIT = """\
[Unit]
Description=papka: https, @NAME@
After=network.target

[Service]
ExecStart=/usr/sbin/lighttpd -D -f @LISTS@/lighttpd.conf
Restart=on-failure

[Install]
WantedBy=multi-user.target
"""
_LOGROTATE = """\
@LOG@/access.log @LOG@/error.log {
    su @USER@ @USER@
    weekly
    rotate 26
    compress
    missingok
    notifempty
    copytruncate
}
"""
_INSTALL_WEB = """\
#!/bin/sh
# Вход по https в архив @NAME@: сертификат (если его ещё нет), веб-сервер, журнал входов.
# Выполняет root после install.sh; повторять можно.
set -eu
umask 022
cd "$(dirname "$0")"
if [ ! -e /etc/papka/tls/server.pem ]; then
    install -d -m 700 /etc/papka/tls
    (
        cd /etc/papka/tls
        umask 077
        ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
        openssl req -x509 $ec -days 7300 -subj '/CN=papka CA' -keyout ca.key -out ca.pem
        openssl req $ec -subj '/CN=@SITE@' -keyout server.key -out server.csr
        printf 'subjectAltName=@SAN@\\n' >server.ext
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 \\
            -extfile server.ext -out server.pem
    )
    install -m 644 /etc/papka/tls/ca.pem /etc/papka/ca.pem
fi
for log in access error; do
    [ -e @LOG@/$log.log ] || install -m 640 -o @USER@ -g @USER@ /dev/null @LOG@/$log.log
done
install -d -m 755 @LISTS@/web
install -m 644 lighttpd.conf @LISTS@/lighttpd.conf
install -D -m 644 web.service /etc/systemd/system/@USER@-web.service
install -D -m 644 logrotate /etc/logrotate.d/@USER@
/usr/sbin/lighttpd -tt -f @LISTS@/lighttpd.conf
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl disable --now lighttpd
    systemctl enable @USER@-web
    systemctl restart @USER@-web
else
    echo 'systemd здесь не работает: запустите сами: /usr/sbin/lighttpd -f @LISTS@/lighttpd.conf'
fi
echo 'Готово: люди входят по паролям из @LISTS@/people'
"""
_FILES = {
    "install.sh": _INSTALL,
    "papka.sh": _COMMAND,
    "sshd.conf": _SSHD,
    "cron": _CRON,
    "install-web.sh": _INSTALL_WEB,
    "lighttpd.conf": _LIGHTTPD,
    "web.service": _UNIT,
    "logrotate": _LOGROTATE,
}


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """An archive on a server. `store`: full path, `…/papka-NAME/NAME.git`; `site`: the name of the
    server for people's computers; `port`: of https; `anchors`: as typed from paper; `installed`:
    the papka of the server."""

    store: Path
    site: str
    port: int
    anchors: tuple[str, ...]
    installed: Installed

    @property
    def papka(self) -> Path:
        """The path of the command."""
        return Path(self.installed.python).with_name("papka")

    @property
    def name(self) -> str:
        return self.store.name.removesuffix(".git")

    @property
    def user(self) -> str:
        return f"papka-{self.name}"

    @property
    def lists(self) -> str:
        return f"{LISTS}/{self.name}"

    @property
    def by_ssh(self) -> str:
        return f"ssh://{self.user}@{self.site}{self.store}"

    @property
    def by_https(self) -> str:
        port = "" if self.port == 443 else f":{self.port}"
        return f"https://{self.site}{port}/papka/{self.store.name}"


def make_plan(
    store: Path, site: str, port: int, anchors: Sequence[str], installed: Installed
) -> ServerPlan:
    """Describe an archive on a server; raises Refused for what cannot stand in the files."""
    plan = ServerPlan(store, site, port, tuple(anchors), installed)
    read_paper(anchors, ())
    is_own = store.parent.name == plan.user and store.suffix == ".git"
    if not _NAME.fullmatch(plan.name) or not is_own:
        raise Refused(
            f"{store}: у каждого архива свой пользователь, и его домашняя папка зовётся, как он",
            "Назовите хранилище так: /srv/papka-ИМЯ/ИМЯ.git (ИМЯ — маленькие латинские буквы, "
            "цифры, дефис), например /srv/papka-archive/archive.git",
        )
    for path in (store, *installed):
        if not _SAFE_PATH.fullmatch(str(path)):
            raise Refused(
                f"{path}: в пути могут быть только латинские буквы, цифры и знаки . _ - +",
                "Положите программу в /opt/papka, хранилища — в /srv/papka-ИМЯ",
            )
    if not _SITE.fullmatch(site):
        raise Refused(f"«{site}» — не имя сервера", "Например: --site archive.school.example")
    return plan


def plan_files(plan: ServerPlan) -> Mapping[str, str]:
    """Return name -> text of the files; `install.sh` and `install-web.sh` install the others."""
    anchors = "".join(f' --anchor "{each}"' for each in plan.anchors)
    words = {
        "AGAIN": f"{plan.papka} mirror host {plan.store}{anchors} --plan ЭТА-ПАПКА "
        f"--site {plan.site} --port {plan.port}",
        "ANCHORS": anchors,
        "FILE": re.escape(plan.store.name),
        "HOME": str(plan.store.parent),
        "LISTS": plan.lists,
        "LOG": f"/var/log/{plan.user}",
        "NAME": plan.name,
        "PACKAGE": plan.installed.package,
        "PAPKA": str(plan.papka),
        "PORT": str(plan.port),
        "PYTHON": plan.installed.python,
        "SAN": f"{'IP' if _IP.fullmatch(plan.site) else 'DNS'}:{plan.site}",
        "SITE": plan.site,
        "STORE": str(plan.store),
        "TOP": str(Path(plan.installed.package).parent.parent),
        "USER": plan.user,
    }
    return {
        name: re.sub(r"@([A-Z]+)@", lambda found: words[found[1]], text)
        for name, text in _FILES.items()
    }


def revocation_commands(url: str, staff: str) -> tuple[str, ...]:
    """Return the commands, for the server's root, after which a person's key and password no longer
    open this store; () when the address tells no archive's name."""
    name = url.rstrip("/").rpartition("/")[2].removesuffix(".git")
    if not _NAME.fullmatch(name):
        return ()
    return (
        f"sed -i '/ {staff} *$/d' {LISTS}/{name}/authorized_keys",
        f"sed -i '/^{staff}:/d' {LISTS}/{name}/people",
    )
