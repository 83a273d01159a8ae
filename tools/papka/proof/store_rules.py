"""Judges a store: its settings, refs and objects, the gate of a hosted one, the folder of files.

Invariants: a setting's value is never shown, it may be a password. What a person's own tools write
(names, colours, addresses of mirrors, windows of a git GUI, large-file filters as they are
installed, everyday editors) is no finding, nor are programs for `git difftool`, `mergetool` and
buttons of `git gui`: they run only when asked for. git waits for the disk only when it is set so;
papka itself always does, so FSYNC_OFF is for the `git commit` and `git push` of people and mirrors.

The folder is compared byte by byte; the index is asked only what it hides, with git taken at its
most careless (no look at inodes or the time of the inode's change), as other programs of its kind
are. What git would compare again by bytes is no concealment.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from papka.core.findings import Finding, Location
from papka.core.places import ALLOWED_SIGNERS, is_staff_id
from papka.proof import verify_codes
from papka.proof.commit_rules import content_filters
from papka.repository.git_values import (
    GATE,
    HOOKS,
    HOSTED,
    MAIN,
    PURGER,
    GitIndex,
    Installed,
    ObjectFault,
    Setting,
    Stamp,
    StoreFacts,
    TrackedFile,
    read_gate,
)

_FOLDER = "hooks"
_OBJECTS = frozenset({"loose-object", "pack"})
_DERIVED = frozenset({"pack-metadata", "commit-graph"})
_DEFAULT = (_OBJECTS | _DERIVED) - {"loose-object"}
_PARTS = {
    "objects": _OBJECTS,
    "derived-metadata": _DERIVED,
    "committed": _OBJECTS,
    "added": _OBJECTS | {"index"},
    "all": _OBJECTS | _DERIVED | {"index", "reference"},
    "default": _DEFAULT,
}
_NEEDED = _OBJECTS | {"reference"}
"""Without these a power cut takes the last commits, or the branch itself."""


def explain_fsync_off(settings: Iterable[Setting]) -> str:
    """Say how the settings fail to sync writes to the disk; empty when they do not fail.

    The last value of a key counts, as in git. A plain clone in which nobody saves yet passes.
    """
    value = {setting.key: setting.value or "" for setting in settings}
    method = value.get("core.fsyncmethod", "fsync").lower()
    if method not in ("fsync", "batch"):
        return f"core.fsyncMethod = {method}" if method.isascii() else "core.fsyncMethod"
    if "core.fsync" in value:
        lacking = _NEEDED - _parse_fsync(value["core.fsync"])
        return f"core.fsync не включает {', '.join(sorted(lacking))}" if lacking else ""
    takes_pushes = "receive.denynonfastforwards" in value
    if takes_pushes or is_staff_id(value.get("user.name", "")):
        return "core.fsync не задан"
    return ""


def _parse_fsync(value: str) -> frozenset[str]:
    found: frozenset[str] = _DEFAULT
    for word in value.replace(" ", ",").split(","):
        name = word.removeprefix("-")
        parts = _PARTS.get(name, frozenset({name}))
        if name == "none":
            found = frozenset()
        else:
            found = found - parts if word.startswith("-") else found | parts
    return found


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
"""Key, its harmless values, and what any other value does; the first match counts."""
_COMPILED = tuple(
    (re.compile(key, re.DOTALL), re.compile(good, re.IGNORECASE | re.DOTALL | re.ASCII), what)
    for key, good, what in _RULES
)


def judge_settings(
    settings: Iterable[Setting], unread: Iterable[str], *, bare: bool = False
) -> Iterator[Finding]:
    """Report settings that make git run, read or believe something no archive asks for.

    `bare`: a store without a folder of files. There git's own folder of hooks may be named, so that
    no setting of a person leads git elsewhere.
    """
    own_hooks = ("core.hookspath", _FOLDER)
    listed = tuple(each for each in settings if not (bare and (each.key, each.value) == own_hooks))
    for file in unread:
        yield verify_codes.REPO_CONFIG_UNSAFE.at(
            Location(), key="", file=file, what="испорчены: git на этом файле останавливается"
        )
    reported: set[tuple[str, str]] = set()
    for setting in listed:
        what = _explain_unsafe(setting)
        if what and (setting.file, setting.key) not in reported:
            reported.add((setting.file, setting.key))
            yield verify_codes.REPO_CONFIG_UNSAFE.at(
                Location(), key=f" {_printable(setting.key)}", file=setting.file, what=what
            )
    if weak := explain_fsync_off(listed):
        yield verify_codes.FSYNC_OFF.at(Location(), detail=weak)


def _explain_unsafe(setting: Setting) -> str:
    """Say what the setting does that it should not; empty when nothing."""
    for key, good, what in _COMPILED:
        if key.fullmatch(setting.key):
            value = "true" if setting.value is None else setting.value
            return "" if good.fullmatch(value) else what
    return ""


def _printable(text: str) -> str:
    """Replace control characters: the text goes to a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


def is_hosted(facts: StoreFacts) -> bool:
    """Whether `mirror host` made the store: a setting says so, or our own hook is its gate."""
    is_marked = any(each.key == HOSTED and each.value != "false" for each in facts.settings)
    return facts.bare and (is_marked or read_gate(facts.gate or b"") is not None)


def judge_gate(facts: StoreFacts, own: Installed) -> Iterator[Finding]:
    """Report a hosted store that no longer checks what is pushed to it.

    `own`: the papka that verifies. Nothing for a store that is not hosted.
    """
    if not is_hosted(facts):
        return
    named = read_gate(facts.gate or b"")
    ways = {each.value for each in facts.settings if each.key == "core.hookspath"} or {_FOLDER}
    detail = ""
    if facts.gate is None:
        detail = f"{_FOLDER}/{GATE} нет, или git не может её выполнить"
    elif named is None:
        detail = f"{_FOLDER}/{GATE} изменена"
    elif ways != {_FOLDER}:
        detail = f"настройка core.hooksPath ведёт git мимо {_FOLDER}/{GATE}"
    elif named != own:
        program = _printable(f"{named.python} ({named.package})")
        yield verify_codes.GATE_ELSEWHERE.at(Location(), program=program)
    if detail:
        yield verify_codes.GATE_BROKEN.at(Location(), detail=detail)
    if named is not None and read_gate(facts.purger or b"", PURGER) not in (named, own):
        what = "нет" if facts.purger is None else "изменена"
        detail = f"{_FOLDER}/{PURGER} {what}"
        yield verify_codes.GATE_WITHOUT_PURGE.at(Location(), detail=detail)


_SAFE_REF = re.compile(r"refs(?:/(?!-)[A-Za-z0-9._-]+)+", re.ASCII)
_REPLACED = "refs/replace/"
_FOLLOWED = "refs/remotes/"
_LONG = 80
"""So many characters are shown of a file that should hold one short line."""
_FEW = 5


def judge_facts(facts: StoreFacts) -> Iterator[Finding]:
    """Judge what was seen of a store without running git."""
    yield from _judge_refs(facts)
    nowhere = Location()
    if facts.head != f"ref: {MAIN}":
        step = f"git symbolic-ref HEAD {MAIN}" if facts.bare else "git checkout main"
        shown = _printable(facts.head)[:_LONG] or "пусто"
        yield verify_codes.HEAD_ELSEWHERE.at(nowhere, head=shown, step=step)
    if facts.misplaced:
        yield verify_codes.REPO_COMMONDIR.at(nowhere)
    if facts.grafts:
        yield verify_codes.REPO_GRAFTS.at(nowhere)
    if facts.shallow:
        yield verify_codes.REPO_SHALLOW.at(nowhere)
    if facts.alternates:
        more = len(facts.alternates) - _FEW
        names = [_printable(name) for name in facts.alternates[:_FEW]]
        names += [f"и ещё {more}"] if more > 0 else []
        yield verify_codes.REPO_ALTERNATES.at(nowhere, files=", ".join(names))
    if facts.partial:
        yield verify_codes.REPO_PARTIAL.at(nowhere, marks=_printable(", ".join(facts.partial)))
    yield from judge_settings(facts.settings, facts.unread_settings, bare=facts.bare)
    yield from _judge_extra_files(facts)


def _judge_extra_files(facts: StoreFacts) -> Iterator[Finding]:
    """Report hooks, locks and attributes in the store that no archive needs."""
    nowhere = Location()
    is_gate = is_hosted(facts)
    for name in facts.hooks:
        is_own = name == GATE or (name == PURGER and read_gate(facts.purger or b"", PURGER))
        if not (is_gate and is_own):
            yield verify_codes.REPO_HOOKS.at(nowhere, names=_printable(f"hooks/{name}"))
    for name in facts.locks:
        yield verify_codes.STALE_LOCK.at(nowhere, file=_printable(name))
    inside = Location("info/attributes" if facts.bare else ".git/info/attributes")
    for line, attributes in content_filters(facts.attributes):
        yield verify_codes.ATTR_CONTENT_FILTER.at(inside, line=line, attributes=attributes)


def judge_leftovers(
    leftovers: Iterable[str], unreachable: int, store: str, *, has_acts: bool = False
) -> Iterator[Finding]:
    """Report what nothing leads to in a store, named «в хранилище», «на зеркале …».

    `has_acts`: something was destroyed, so that nothing may be left lying about.
    """
    nowhere = Location()
    for name in leftovers:
        yield verify_codes.PUSH_LEFTOVER.at(
            nowhere, folder=f"objects/{_printable(name)}", store=store
        )
    if unreachable:
        code = verify_codes.OBJECT_AFTER_ACT if has_acts else verify_codes.OBJECT_UNREACHABLE
        yield code.at(nowhere, count=unreachable, store=store)


def is_extra(ref: str) -> bool:
    """Whether a ref is one that no archive needs."""
    return ref != MAIN and not ref.startswith((_REPLACED, _FOLLOWED))


def _judge_refs(facts: StoreFacts) -> Iterator[Finding]:
    nowhere = Location()
    for ref, detail in facts.broken_refs:
        yield verify_codes.REF_DAMAGED.at(nowhere, ref=_printable(ref), detail=detail)
    if MAIN not in facts.refs and MAIN not in dict(facts.broken_refs):
        yield verify_codes.REF_DAMAGED.at(nowhere, ref=MAIN, detail="её нет")
    for ref in facts.refs:
        if _SAFE_REF.fullmatch(ref) is None:
            yield verify_codes.REF_NAME_UNSAFE.at(nowhere, ref=_printable(ref))
        elif is_extra(ref):
            yield verify_codes.REF_EXTRA.at(nowhere, ref=ref)
    replaced = [ref for ref in facts.refs if ref.startswith(_REPLACED)]
    if replaced:
        yield verify_codes.REPO_REPLACE_REFS.at(nowhere, refs=_printable(", ".join(replaced)))


def judge_objects(faults: Iterable[ObjectFault]) -> Iterator[Finding]:
    """Word the faults of objects."""
    for fault in faults:
        if fault.kind == "pack":
            yield verify_codes.PACK_DAMAGED.at(Location(), pack=fault.id, detail=fault.detail)
        elif fault.kind == "graph":
            yield verify_codes.COMMIT_GRAPH_DAMAGED.at(
                Location(), file=fault.id, detail=fault.detail
            )
        elif fault.kind == "missing":
            yield verify_codes.OBJECT_MISSING.at(Location(), id=fault.id, detail=fault.detail)
        else:
            yield verify_codes.OBJECT_CORRUPT.at(Location(), id=fault.id, detail=fault.detail)


_SAME = "время и размер у него прежние"
EXCLUDED = "его велит не замечать .git/info/exclude или несохранённый .gitignore"


def find_concealed(
    tracked: Mapping[str, TrackedFile], stamps: Mapping[str, Stamp | None], index: GitIndex
) -> dict[str, str]:
    """Return path -> how it is hidden from git, of the files of `stamps`, which all differ.

    A stamp is None where there is no file. An entry of the index other than committed hides
    nothing: git status shows it whatever lies in the folder.
    """
    found = {}
    for path, stamp in stamps.items():
        entry = index.entries.get(path)
        if entry is None or entry.id != tracked[path].id:
            continue
        if entry.unwatched:
            found[path] = entry.unwatched
        elif stamp == entry.stamp and entry.stamp.time < index.written:
            found[path] = _SAME
    return found


def judge_folder(
    tracked: Mapping[str, TrackedFile],
    present: Mapping[str, str | None],
    concealed: Mapping[str, str],
    programs: Collection[str] = (),
) -> Iterator[Finding]:
    """Compare the folder with the last commit.

    `present`: path -> blob id of the file's bytes, None where it cannot be read; `concealed`:
    path -> how git is kept from seeing the difference; `programs`: executable files.
    """
    untracked = sorted(present.keys() - tracked.keys())
    for path, what in {**find_differing(tracked, present), **dict.fromkeys(untracked, "")}.items():
        if path in concealed:
            yield verify_codes.HIDDEN_CHANGE.at(Location(path), how=concealed[path])
        elif what:
            yield verify_codes.WORKTREE_DIFFERS.at(Location(path), what=what, path=path)
        else:
            yield verify_codes.UNTRACKED_FILE.at(Location(path))
        if not what and path in programs and path.startswith(f"{HOOKS}/"):
            yield verify_codes.REPO_HOOKS.at(Location(path), names=path)


def find_differing(
    tracked: Mapping[str, TrackedFile], present: Mapping[str, str | None]
) -> dict[str, str]:
    """Return path -> difference, in words, of the tracked files that are not as committed."""
    found = {}
    for path, file in tracked.items():
        if path not in present:
            found[path] = "его нет в папке"
        elif present[path] is None:
            found[path] = "его не прочесть"
        elif present[path] != file.id:
            found[path] = "другое содержимое"
    return found
