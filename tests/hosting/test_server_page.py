"""docs/server.md sets a server up: root types its blocks as they stand, in a computer of our own.

From /root, under umask 077, with real users, sshd, lighttpd and ports, and no systemd.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from papka.cli.mirror import FORCED
from papka.copies.server import LISTS, make_plan, plan_files, revocation_commands
from papka.repository.signing import load_signer
from tests.support.archives import PROJECT
from tests.support.box import Box, box
from tests.support.command import papka
from tests.support.histories import git
from tests.support.school import STUDENT, Archive, copied
from tests.support.webserver import PAPKA, PASSWORD

PAGE = (PROJECT / "docs" / "server.md").read_text(encoding="utf-8")
MARK = "run by: tests/hosting/test_server_page.py"
BLOCKS = re.findall(rf"(?ms)^<!-- {re.escape(MARK)} -->\n```sh\n(.*?)^```", PAGE)
PAPER = "SHA256:…"
SITE = "archive.school.example"
STORE = "/srv/papka-archive/archive.git"
CARD = f"{STUDENT}/student.yaml"
_LIBRARIES = "/opt/papka-libraries"
_PREPARE = """\
import json, subprocess, sys
from pathlib import Path
sys.path.insert(0, "/opt/papka/tools")
from starting.environment import RUNNING, Environment, _digest, _interpreter
folder = Environment().folder
subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
(libraries,) = folder.glob("lib/python3*/site-packages")
(libraries / "installed.pth").write_text("LIBRARIES\\n")
stamp = {"python": _interpreter(), "root": "/opt/papka", "locks": {RUNNING: _digest(RUNNING)}}
(folder / "papka-stamp.json").write_text(json.dumps(stamp))
"""
"""What pip would install, which has no network here: the libraries of the tests themselves."""


@dataclass
class School:
    """The server in its box, a person's computer beside it, and what of the page is still to run.

    `home`: of the person s003, who has the archive; `paper`: the head's fingerprint.
    """

    box: Box
    archive: Archive
    home: Path
    paper: str
    program: Path
    left: list[str] = field(default_factory=lambda: list(BLOCKS))

    def root(self, script: str) -> str:
        """As root on the server."""
        done = self.box.sh(script)
        assert done.returncode == 0, f"{script}\n{done.stdout}"
        return done.stdout

    def page(self, word: str, **ours: str) -> str:
        """Runs the next block that holds a word: on the server, or where papka is on the path."""
        block = next(each for each in self.left if word in each)
        self.left.remove(block)
        script = block.replace(PAPER, self.paper).replace("АДРЕС-ПРОГРАММЫ", str(self.program))
        for theirs, own in ours.items():
            assert theirs in script or not theirs.isupper()
            script = script.replace(theirs, own)
        return self.person(script) if block.startswith("papka ") else self.root(script)

    def at_desk(self, script: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
        """The person, in the folder of the archive."""
        return self.box.sh(script, home=home or self.home, cwd=self.archive.root)

    def person(self, script: str) -> str:
        done = self.at_desk(script)
        assert done.returncode == 0, f"{script}\n{done.stdout}"
        return done.stdout

    def save(self, words: str) -> None:
        """Something that is not sent yet."""
        self.archive.write(CARD, self.archive.read(CARD) + f"# {words}\n")
        assert papka("save", "-C", self.archive.root).code == 0

    @property
    def main(self) -> str:
        return self.root(f"git -c safe.directory='*' -C {STORE} rev-parse main").strip()


@pytest.fixture
def school(built_archive: Archive, tmp_path: Path) -> Iterator[School]:
    archive = copied(built_archive, tmp_path)
    paper = load_signer(archive.keys / "head").fingerprint
    home = tmp_path / "s003"
    home.mkdir(mode=0o700)
    with box() as apart:
        made = School(apart, archive, home, paper, _program(tmp_path))
        _equip(made)
        yield made


def _program(folder: Path) -> Path:
    """Where the page's program is cloned from: the project as it lies here, saved or not."""
    program = folder / "program"
    program.mkdir()
    for name in ("docs", "schema", "templates", "proof", "tools"):
        ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
        shutil.copytree(PROJECT / name, program / name, ignore=ignored)
    git(program, "init", "-q", "-b", "main")
    git(program, "add", "-A")
    git(program, "commit", "-q", "-m", "one")
    return program


def _equip(school: School) -> None:
    """What stands on the machine before the page begins: a name, libraries, papka at the desk."""
    libraries = sysconfig.get_path("purelib")
    prepare = _PREPARE.replace("LIBRARIES", _LIBRARIES)
    school.root(f"""
        chmod 700 /root
        printf '127.0.0.1 {SITE}\\n' >>/etc/hosts
        [ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -A
        (umask 022; mkdir -p {_LIBRARIES} /root/template/hooks)
        mount --bind {libraries} {_LIBRARIES}
        cat >/root/template/hooks/post-checkout <<'END'
#!/usr/bin/python3
{prepare}
END
        chmod 755 /root/template/hooks/post-checkout
        git config --global init.templateDir /root/template
        printf '#!/bin/sh\\nexec {sys.executable} -I -m papka "$@"\\n' >/usr/local/bin/papka
        chmod 755 /usr/local/bin/papka
    """)
    usable = f"import sys; sys.path.append({_LIBRARIES!r}); import yaml, msgspec, cryptography"
    done = school.box.run(
        "runuser", "-u", "nobody", "--", "/usr/bin/python3", "-c", usable, cwd=Path("/")
    )
    if done.returncode:
        pytest.skip(f"the system's python cannot use the tests' libraries: {done.stdout[-300:]}")


def test_server_made_as_the_page_says(school: School) -> None:
    program_and_store(school)
    reached_by_ssh(school)
    reached_by_https(school)
    nothing_but_git_by_https(school)
    refused_by_both(school)
    second_computer_knows_the_server(school)
    second_archive_is_not_opened_by_who_may_enter_the_first(school)
    schedule_is_run_as_cron_does(school)
    access_log_tells_who_and_turns(school)
    upgraded_under_umask_077(school)
    saved_and_set_up_again_on_a_new_server(school)
    person_shut_out(school)
    assert school.left == [], "blocks of the page that nobody ran"


def program_and_store(school: School) -> None:
    assert "papka 0" in school.page("git clone АДРЕС")
    told = school.page("--plan /root/papka-archive ")
    assert "прочтите их и выполните от root" in told
    assert "Готово" in school.page("sh /root/papka-archive/install.sh\n")
    school.root("/usr/sbin/sshd")
    assert "papka-archive" in school.root("stat -c %U /srv/papka-archive/archive.git")
    again = school.root("sh /root/papka-archive/install.sh")
    assert "любой архив" not in again


def reached_by_ssh(school: School) -> None:
    home = school.home
    (home / ".ssh").mkdir(mode=0o700)
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "s003"]
    subprocess.run([*words, "-f", home / ".ssh/id_ed25519"], check=True)
    kind, key, _ = (home / ".ssh/id_ed25519.pub").read_text().split()
    assert kind == "ssh-ed25519"
    school.page("echo 'restrict", **{"AAAA…ключ-сотрудника…": key})
    shown = school.page("ssh-keygen -lf")
    (host_key,) = re.findall(r"SHA256:\S+", shown)
    known = school.root(f"ssh-keyscan -t ed25519 {SITE} 2>/dev/null")
    (home / ".ssh/known_hosts").write_text(known)
    assert host_key in school.root(f"ssh-keygen -lf {home}/.ssh/known_hosts")
    # ssh asks the system, not HOME, where its folder is
    _ssh_of(home, school)
    school.page("papka mirror add server ssh://")
    assert school.main == git(school.archive.root, "rev-parse", "HEAD").strip()
    assert "целостность и подписи подтверждены" in school.page("papka-archive verify")
    shell = school.at_desk(f"ssh papka-archive@{SITE} cat /etc/passwd")
    assert shell.returncode != 0
    assert "root:" not in shell.stdout


def _ssh_of(home: Path, school: School) -> None:
    """The box's root is the person at the desk, too; their ssh has its own files."""
    school.root(f"""
        cd /etc/ssh/ssh_config.d
        echo 'IdentityFile {home}/.ssh/id_ed25519' >desk.conf
        echo 'UserKnownHostsFile {home}/.ssh/known_hosts' >>desk.conf
        chmod 644 desk.conf
    """)


def reached_by_https(school: School) -> None:
    school.page("sh /root/papka-archive/install-web.sh\n")
    school.page("openssl passwd", **{"openssl passwd -6": f"openssl passwd -6 {PASSWORD}"})
    school.root("/usr/sbin/lighttpd -f /etc/papka/archive/lighttpd.conf")
    netrc = re.search(r"(?m)^machine .*$", PAGE)
    assert netrc
    (school.home / ".netrc").write_text(netrc[0].replace("ПАРОЛЬ", PASSWORD) + "\n", "utf-8")
    (school.home / ".netrc").chmod(0o600)
    school.root(f"cat /etc/papka/ca.pem >{school.home}/ca.pem")
    school.save("по https")
    git(school.archive.root, "remote", "remove", "server")
    git(school.archive.root, "config", "--unset", "papka.primary")
    school.page("papka mirror add server https://")
    assert school.main == git(school.archive.root, "rev-parse", "HEAD").strip()


def asked(school: School, path: str, port: int = 443, *, password: str = PASSWORD) -> str:
    """The code that the web server answers with."""
    code = (
        "import base64, ssl, sys, http.client\n"
        f"context = ssl.create_default_context(cafile='{school.home}/ca.pem')\n"
        f"talk = http.client.HTTPSConnection('{SITE}', {port}, context=context)\n"
        f"name = base64.b64encode('s003:{password}'.encode()).decode()\n"
        f"talk.request('GET', '{path}', headers={{'Authorization': f'Basic {{name}}'}})\n"
        "answer = talk.getresponse()\n"
        "print(answer.status, answer.read()[:200])\n"
    )
    done = school.box.run(sys.executable, "-c", code)
    assert done.returncode == 0, done.stdout
    return done.stdout


def nothing_but_git_by_https(school: School) -> None:
    """A file of the store is neither read nor run by asking for it."""
    listing = "/papka/archive.git/info/refs?service=git-upload-pack"
    assert asked(school, listing).startswith("200")
    assert asked(school, listing, password="чужой").startswith("401")
    school.root(
        f"printf '#!/bin/sh\\ntouch /srv/papka-archive/ran\\n' >{STORE}/hooks/post-merge\n"
        f"chmod 755 {STORE}/hooks/post-merge"
    )
    for path in (
        "/papka/archive.git/hooks/post-merge",
        "/papka-archive/archive.git/hooks/post-merge",
        "/archive.git/hooks/pre-receive",
        "/papka/archive.git/HEAD",
        "/papka/archive.git/config",
        "/papka/..%2f..%2fetc/passwd",
        "/papka/archive.git/info/refs/../../hooks/post-merge",
        "/",
    ):
        assert asked(school, path)[:3] in ("403", "404", "400"), path
    school.root(f"test ! -e /srv/papka-archive/ran; rm {STORE}/hooks/post-merge")


def refused_by_both(school: School) -> None:
    """Plain git, a commit without a signature."""
    git(school.archive.root, "commit", "-q", "--no-verify", "--allow-empty", "-m", "x")
    before = school.main
    for address in (
        f"ssh://papka-archive@{SITE}{STORE}",
        f"https://{SITE}/papka/archive.git",
    ):
        done = school.at_desk(
            f"git -c http.sslCAInfo={school.home}/ca.pem -c http.version=HTTP/1.1 "
            f"push --no-verify {address} HEAD:main"
        )
        assert done.returncode != 0
        assert "SIG_MISSING" in done.stdout
    assert school.main == before
    git(school.archive.root, "reset", "-q", "--hard", "HEAD~1")


def second_computer_knows_the_server(school: School) -> None:
    assert "восстановлен" in school.page("papka restore").lower()
    new = school.home / "архив"
    assert git(new, "rev-parse", "HEAD").strip() == school.main
    away = school.at_desk(f"papka restore ~/x --from https://{SITE}/papka/archive.git")
    assert away.returncode != 0, "the server is known by the school's own centre alone"
    assert "сертификат сервера не проходит проверку" in away.stdout


def second_archive_is_not_opened_by_who_may_enter_the_first(school: School) -> None:
    school.page("papka-restricted")
    school.root("kill -HUP $(cat /run/sshd.pid)")
    school.root("/usr/sbin/lighttpd -f /etc/papka/restricted/lighttpd.conf")
    store = "/srv/papka-restricted/restricted.git"
    for user in ("papka-restricted", "papka-archive"):
        done = school.at_desk(f"git ls-remote ssh://{user}@{SITE}{store}")
        assert done.returncode != 0, f"{user} was let into the other archive"
    listing = "/papka/restricted.git/info/refs?service=git-upload-pack"
    assert asked(school, listing, 8443).startswith("401")
    assert asked(school, listing)[:3] in ("403", "404")


def schedule_is_run_as_cron_does(school: School) -> None:
    school.page("/srv/papka-archive/calendar")
    lines = school.root("cat /etc/cron.d/papka-archive").splitlines()
    settings = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]+=", line))
    jobs = [line.split(None, 6) for line in lines if re.match(r"\d", line)]
    assert [job[5] for job in jobs] == ["papka-archive"] * 2
    said = []
    for *_, user, command in jobs:
        assert "%" not in command, "cron reads it as the end of a line"
        words = [f"{name}={value}" for name, value in settings.items() if name != "MAILTO"]
        done = school.box.run(
            "runuser", "-u", user, "--", "env", "-i", f"HOME=/srv/{user}", f"LOGNAME={user}",
            *words, settings["SHELL"], "-c", command, cwd=Path(f"/srv/{user}"),
        )  # fmt: skip
        said.append(done.stdout)
    weekly, daily = said
    assert weekly == "", "a letter is sent when there is something to tell"
    log = school.root("cat /var/log/papka-archive/verify.log")
    assert "целостность и подписи подтверждены" in log
    assert "предупреждение" not in log
    assert "REPO_HOOKS" not in log
    assert "fatal" not in daily
    assert "Что делать" not in daily
    school.root(f"rm {STORE}/hooks/pre-receive")
    weekly_job = jobs[0][6]
    told = school.box.run(
        "runuser", "-u", "papka-archive", "--", "sh", "-c", weekly_job, cwd=Path("/")
    )
    assert "GATE_BROKEN" in told.stdout
    school.root("sh /root/papka-archive/install.sh")


def access_log_tells_who_and_turns(school: School) -> None:
    log = "/var/log/papka-archive/access.log"
    assert re.search(r" s003 .*git-receive-pack", school.root(f"cat {log}"))
    school.root("/usr/sbin/logrotate --force --state /var/log/state /etc/logrotate.d/papka-archive")
    assert school.root(f"cat {log}") == ""
    assert "s003" in school.root(f"zcat {log}.1.gz")
    asked(school, "/papka/archive.git/HEAD")
    assert "HEAD" in school.root(f"cat {log}")


def upgraded_under_umask_077(school: School) -> None:
    text = school.program / "tools" / "papka" / "repository" / "git_values.py"
    text.write_text(text.read_text("utf-8") + "\n# a new edition\n", "utf-8")
    (school.program / "tools" / "papka" / "core" / "added.py").write_text('"""New."""\n')
    git(school.program, "add", "-A")
    git(school.program, "commit", "-q", "-m", "two")
    school.page("pull --ff-only")
    assert "a new edition" in school.root("cat /opt/papka/tools/papka/repository/git_values.py")
    school.root("chmod -R go= /opt/papka")  # as an upgrade without its umask would leave it
    repair = school.box.sh("sh /root/papka-archive/install.sh")
    (told,) = re.findall(r"chmod -R .*", repair.stdout)
    assert repair.returncode == 3
    school.save("после обновления")
    refused = school.at_desk("papka mirror push")
    assert refused.returncode != 0
    assert "проверка на сервере не запускается" in refused.stdout
    school.root(f"{told}\nsh /root/papka-archive/install.sh")
    assert "принято и перечитано" in school.person("papka mirror push")


def saved_and_set_up_again_on_a_new_server(school: School) -> None:
    school.page("tar -czf")
    names = school.root("tar -tzf /root/server.tar.gz")
    for name in (
        "etc/papka/archive/authorized_keys", "etc/papka/archive/people", "etc/papka/tls/server.key",
        "etc/ssh/ssh_host_ed25519_key", "root/papka-archive/install.sh",
    ):  # fmt: skip
        assert name in names.splitlines()
    school.root("""
        for of in sshd papka-archive-web papka-restricted-web; do
            pid=$(cat /run/$of.pid)
            kill $pid
            while kill -0 $pid 2>/dev/null; do sleep 0.05; done
        done
        deluser --quiet papka-archive
        deluser --quiet papka-restricted
        rm -r /srv/papka-archive /srv/papka-restricted /var/log/papka-* /root/papka-* /etc/papka
        rm /etc/ssh/ssh_host_* /etc/ssh/sshd_config.d/papka-* /etc/cron.d/papka-*
        ssh-keygen -q -A
        adduser --quiet --system somebody-else
    """)
    school.page("tar -xzf")
    school.root("/usr/sbin/sshd; /usr/sbin/lighttpd -f /etc/papka/archive/lighttpd.conf")
    assert "принято и перечитано" in school.person("papka mirror push")
    done = school.at_desk(f"git ls-remote ssh://papka-archive@{SITE}{STORE}")
    assert done.returncode == 0, done.stdout


def person_shut_out(school: School) -> None:
    ours = "\n".join(revocation_commands(f"ssh://papka-archive@{SITE}{STORE}", "s003"))
    assert f"{ours}\n" in school.left
    school.page("sed -i")
    assert asked(school, "/papka/archive.git/info/refs?service=git-upload-pack").startswith("401")
    done = school.at_desk(f"git ls-remote ssh://papka-archive@{SITE}{STORE}")
    assert "Permission denied" in done.stdout
    for name in ("authorized_keys", "people"):
        kept = school.root(f"stat -c '%a %U:%G' {LISTS}/archive/{name}")
        assert kept == "640 root:papka-archive\n"


def test_page_shows_the_files_that_the_command_writes() -> None:
    key = "SHA256:" + "A" * 43
    plan = make_plan(Path(STORE), SITE, 443, [key], PAPKA)
    shown = re.findall(
        r"(?ms)^<!-- written by: papka mirror host --plan, (\S+) -->\n```\w+\n(.*?)^```", PAGE
    )
    written = plan_files(plan)
    assert {name for name, _ in shown} == {"sshd.conf", "cron", "lighttpd.conf"}
    for name, text in shown:
        assert text.replace(PAPER, key) == written[name]


def test_every_block_of_commands_is_run_or_says_why_not() -> None:
    fences = re.findall(r"(?m)^(.*)\n```sh$", PAGE)
    told = [line for line in fences if line.startswith((f"<!-- {MARK} -->", "<!-- not run: "))]
    assert told == fences
    assert len([line for line in fences if MARK in line]) == len(BLOCKS)


def test_packages_of_the_page_are_in_debian() -> None:
    lines = re.findall(r"(?m)^apt-get install (.*)$", PAGE)
    assert lines
    if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        pytest.skip("apt has no lists of packages here")
    ran = subprocess.run(
        ["apt-get", "--simulate", "install", *" ".join(lines).split()],
        capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("/srv/archive.git", "--site", "s"), "свой пользователь"),
        (("/srv/papka-a b/a b.git", "--site", "s"), "свой пользователь"),
        (("/srv/x y/papka-a/a.git", "--site", "s"), "только латинские буквы"),
        (("/srv/papka-a/a.git", "--site", "s;reboot"), "не имя сервера"),
        (("/srv/papka-a/a.git", "--site", "s", "--anchor", "x"), "x"),
    ],
)
def test_plan_of_what_cannot_be(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    ran = papka("mirror", "host", *words, "--plan", tmp_path / "plan")
    assert ran.code == 3
    assert told in ran.err
    assert not (tmp_path / "plan").exists()


def test_plan_makes_no_store(tmp_path: Path) -> None:
    place = tmp_path / "papka-a" / "a.git"
    ran = papka("mirror", "host", place, "--plan", tmp_path / "plan", "--site", "10.0.0.5")
    assert ran.code == 0, ran.all
    assert not place.exists()
    assert {each.name for each in (tmp_path / "plan").iterdir()} == set(plan_files(
        make_plan(Path("/srv/papka-a/a.git"), "s", 443, [], PAPKA)
    ))  # fmt: skip
    assert "subjectAltName=IP:10.0.0.5" in (tmp_path / "plan" / "install-web.sh").read_text("utf-8")
    for script in (tmp_path / "plan").glob("*.sh"):
        subprocess.run(["sh", "-n", script], check=True)


def test_plan_without_a_name_of_the_server(tmp_path: Path) -> None:
    ran = papka("mirror", "host", "/srv/papka-a/a.git", "--plan", tmp_path / "plan")
    assert ran.code == 2
    assert "--site" in ran.err


def test_other_ways_in_are_told_by_the_command(tmp_path: Path) -> None:
    """Where the page's way is not possible."""
    printed = papka("mirror", "host", tmp_path / "archive.git").out
    assert "restrict ssh-ed25519 AAAA…ключ-сотрудника… s003" in printed
    assert FORCED in printed
    assert "--plan" in printed


def test_the_page_is_linked_from_the_commands() -> None:
    assert "(server.md)" in (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")
