"""Settings of a store that make git run, read or believe something no archive asks for.

Invariants: a value is never shown, it may be a password; what a person's own tools write (names,
colours, addresses of mirrors, windows of a git GUI, large-file filters as they are installed,
everyday editors) is no finding. Absent on purpose: programs for `git difftool`, `mergetool` and
buttons of `git gui`: only who asks for that very tool runs them, and GUIs keep theirs there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from papka.core.codes import repository as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ALLOWED_SIGNERS
from papka.core.store import HOOKS, Setting
from papka.integrity.fsync import weakness

_RUNS = "выполняет программу, которую назвал тот, кто правил настройки"
_LEADS = "уводит git к чужим файлам или адресам"
_WEAKENS = "ослабляет проверки git или прячет от него изменения"

_YES, _NO = r"true|yes|on|1", r"false|no|off|0|"
_BOOL = f"{_YES}|{_NO}"
_NONE, _ANY = r"(?!)", r".*"
_PLAIN = (
    r"(?:nano|vim?|nvim|emacs|micro|notepad|gedit|kate|code|less|more|cat|delta|true|false)"
    r"(?: --wait| -w| -[FRSXiMq]+| --color-only)*|(?:gpg2?|gpgsm|ssh-keygen)?"
)
"""Everyday programs by name alone: they are the computer's own."""
_SSH = (
    r"(?:ssh(?: -[46aqTx]| -p \d+| -i [\w./~:-]+"
    r"| -o ?(?:BatchMode|ConnectTimeout|IdentitiesOnly|ServerAliveInterval)=\w+)*)?"
)
_HELPER = r"(?:[a-z][a-z-]*(?: --timeout[= ]\d+)?)?"
_LARGE_FILES = r"git-lfs (?:clean|smudge)(?: --skip)? -- %f|git-lfs filter-process(?: --skip)?"
_ADDRESS = r"(?!-)(?![a-z0-9.+-]+::).*"

_RULES = (
    (r"core\.fsmonitor", _BOOL, _RUNS),
    (r"core\.hookspath", rf"{HOOKS}/?|/dev/null", _RUNS),
    (r"core\.sshcommand", _SSH, _RUNS),
    (r"(core|sequence)\.editor|core\.pager|interactive\.difffilter", _PLAIN, _RUNS),
    (r"pager\..*", f"{_BOOL}|{_PLAIN}", _RUNS),
    (r"core\.(gitproxy|askpass|alternaterefscommand)", _NO, _RUNS),
    (r"diff\.external|diff\..*\.(command|textconv)|merge\..*\.driver", _NONE, _RUNS),
    (r"filter\.lfs\.(clean|smudge|process)", _LARGE_FILES, _RUNS),
    (r"filter\..*\.(clean|smudge|process)", _NONE, _RUNS),
    (r"gpg\.(.*\.)?program|gpg\.ssh\.defaultkeycommand", _PLAIN, _RUNS),
    (r"credential\.(.*\.)?helper", _HELPER, _RUNS),
    (r"alias\..*", r"(?![!-]).*", _RUNS),
    (r"remote\..*\.(vcs|uploadpack|receivepack)", _NONE, _RUNS),
    (r"remote\..*\.(url|pushurl)", _ADDRESS, _RUNS),
    (r"submodule\..*\.update", r"(?!!).*", _RUNS),
    (r"hook\..*|trailer\..*\.(command|cmd)|tar\..*\.command", _NONE, _RUNS),
    (r"sendemail\..*cmd|imap\.tunnel|instaweb\.httpd", _NONE, _RUNS),
    (r"gc\.recentobjectshook|uploadpack\.packobjectshook", _NONE, _RUNS),
    (r"include(if)?\..*|core\.worktree|init\.templatedir", _NONE, _LEADS),
    (r"core\.(attributesfile|excludesfile)", r"(/dev/null)?", _LEADS),
    (r"gpg\.ssh\.allowedsignersfile", re.escape(ALLOWED_SIGNERS), _LEADS),
    (r"url\..*\.(insteadof|pushinsteadof)", _NONE, _LEADS),
    (r"fetch\.bundleuri|bundle\..*\.uri", _NONE, _LEADS),
    (r"core\.protect(hfs|ntfs)", _YES, _WEAKENS),
    (r"(transfer|receive|fetch)\.fsckobjects", _YES, _WEAKENS),
    (r"((receive|fetch)\.)?fsck\..*", "error", _WEAKENS),
    (r"core\.ignorestat", _NO, _WEAKENS),
    (r"(transfer|receive|uploadpack)\.hiderefs", _NONE, _WEAKENS),
    (r"protocol\.(file|ssh|https?)\.allow", _ANY, _WEAKENS),
    (r"protocol\.(.*\.)?allow", "never", _WEAKENS),
)
"""Key, the values that are as they should be, and what any other does; the first match counts."""
_COMPILED = tuple(
    (re.compile(key, re.DOTALL), re.compile(good, re.IGNORECASE | re.DOTALL | re.ASCII), what)
    for key, good, what in _RULES
)


def judge_settings(
    settings: Iterable[Setting], unread: Iterable[str], *, bare: bool = False
) -> Iterator[Finding]:
    """`bare`: a store without a folder of files, where git's own folder of hooks may be named."""
    listed = tuple(each for each in settings if not (bare and _is_own_hooks(each)))
    for file in unread:
        yield codes.REPO_CONFIG_UNSAFE.at(
            Location(), key="", file=file, what="испорчены: git на этом файле останавливается"
        )
    told: set[tuple[str, str]] = set()
    for setting in listed:
        what = _unsafe(setting)
        if what and (setting.file, setting.key) not in told:
            told.add((setting.file, setting.key))
            yield codes.REPO_CONFIG_UNSAFE.at(
                Location(), key=f" {_shown(setting.key)}", file=setting.file, what=what
            )
    weak = weakness(listed)
    if weak:
        yield codes.FSYNC_OFF.at(Location(), detail=weak)


def _is_own_hooks(setting: Setting) -> bool:
    """The server's store names it, so that no setting of a person leads git elsewhere."""
    return (setting.key, setting.value) == ("core.hookspath", "hooks")


def _unsafe(setting: Setting) -> str:
    """What the setting does that it should not, empty when nothing."""
    for key, good, what in _COMPILED:
        if key.fullmatch(setting.key):
            value = "true" if setting.value is None else setting.value
            return "" if good.fullmatch(value) else what
    return ""


def _shown(key: str) -> str:
    """The key without control characters: it goes to a terminal."""
    return "".join(c if c.isprintable() else "?" for c in key)
