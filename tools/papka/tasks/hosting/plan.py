"""Plan: the files by which one archive lives on the school's server under a user of its own.

Invariants: texts only, for a person to read and to run; run again they mend and take nothing away
(lists of people and certificates that are there stay); one system user, one folder of lists and one
web server an archive, so that who may enter one store enters no other.
Absent on purpose: running anything, and the users of the whole server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import Refused
from papka.core.gate import Installed
from papka.tasks.hosting.paper import read_paper

LISTS = "/etc/papka"
"""Below it a folder an archive: who may come in by ssh and by https."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,22}", re.ASCII)
_PLAIN = re.compile(r"/[\w./+-]*", re.ASCII)
_SITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*", re.ASCII)
_IP = re.compile(r"[0-9.]+")

_SSHD = """\
# Вход по ssh в архив @NAME@: по ключам из одного списка и только для git.
Match User @USER@
    AuthorizedKeysFile @LISTS@/authorized_keys
    AuthenticationMethods publickey
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
class Plan:
    """`store`: full path, `…/papka-NAME/NAME.git`; `site`: how people's computers call the server;
    `port`: of https; `anchors`: as they stand on paper; `installed`: the papka of the server."""

    store: Path
    site: str
    port: int
    anchors: tuple[str, ...]
    installed: Installed

    @property
    def papka(self) -> Path:
        """The command."""
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
        port = "" if self.port == _HTTPS else f":{self.port}"
        return f"https://{self.site}{port}/papka/{self.store.name}"


_HTTPS = 443


def make_plan(
    store: Path, site: str, port: int, anchors: Sequence[str], installed: Installed
) -> Plan:
    """Raises Refused for what cannot stand in every one of the files."""
    plan = Plan(store, site, port, tuple(anchors), installed)
    read_paper(anchors, ())
    is_own = store.parent.name == plan.user and store.suffix == ".git"
    if not _NAME.fullmatch(plan.name) or not is_own:
        raise Refused(
            f"{store}: у каждого архива свой пользователь, и его домашняя папка зовётся, как он",
            "Назовите хранилище так: /srv/papka-ИМЯ/ИМЯ.git (ИМЯ — маленькие латинские буквы, "
            "цифры, дефис), например /srv/papka-archive/archive.git",
        )
    for path in (store, *installed):
        if not _PLAIN.fullmatch(str(path)):
            raise Refused(
                f"{path}: в пути могут быть только латинские буквы, цифры и знаки . _ - +",
                "Положите программу в /opt/papka, хранилища — в /srv/papka-ИМЯ",
            )
    if not _SITE.fullmatch(site):
        raise Refused(f"«{site}» — не имя сервера", "Например: --site archive.school.example")
    return plan


def plan_files(plan: Plan) -> Mapping[str, str]:
    """File name -> text; `install.sh` and `install-web.sh` put the others where they belong."""
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


def shut_out(url: str, staff: str) -> tuple[str, ...]:
    """What the server's root runs so that a person's key and password open this store no more."""
    name = url.rstrip("/").rpartition("/")[2].removesuffix(".git")
    if not _NAME.fullmatch(name):
        return ()
    return (
        f"sed -i '/ {staff} *$/d' {LISTS}/{name}/authorized_keys",
        f"sed -i '/^{staff}:/d' {LISTS}/{name}/people",
    )
