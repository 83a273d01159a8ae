"""Settings, hooks, attributes and leftovers of a store: told by verify, never obeyed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from papka.core.findings import Finding
from tests.support.histories import OTHER, RECORD, School, git


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A planted program; it leaves the file `executed` beside itself when it is run."""
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/executed\n")
    program.chmod(0o755)
    return program


def was_run(program: Path) -> bool:
    mark = program.with_name("executed")
    found = mark.exists()
    mark.unlink(missing_ok=True)
    return found


def configure(school: School, text: str) -> None:
    with (school.root / ".git" / "config").open("a") as config:
        config.write(text)


def named(school: School, code: str) -> list[Finding]:
    return [finding for finding in school.verify().findings if finding.code.name == code]


def plain_git(school: School, *arguments: str) -> None:
    """git as anybody runs it, in the archive's own settings; whatever comes of it."""
    subprocess.run(
        ["git", "-c", "safe.directory=*", *arguments],
        cwd=school.root, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=600,
    )  # fmt: skip


PLANTED = {
    "core.fsmonitor": ("[core]\n\tfsmonitor = {program}\n", ["status"]),
    "diff.external": ("[diff]\n\texternal = {program}\n", ["diff", "HEAD~1"]),
    "diff.x.textconv": ('[diff "x"]\n\ttextconv = {program}\n', ["diff", "HEAD~1"]),
    "filter.x.clean": ('[filter "x"]\n\tclean = {program}\n', ["add", "--renormalize", RECORD]),
    "gpg.ssh.program": (
        '[gpg "ssh"]\n\tprogram = {program}\n\tallowedSignersFile = x\n',
        ["verify-commit", "HEAD"],
    ),
    "core.sshcommand": ("[core]\n\tsshCommand = {program}\n", ["ls-remote", "ssh://x.invalid/y"]),
    "alias.st": ('[alias]\n\tst = "!{program}"\n', ["st"]),
    "core.editor": ("[core]\n\teditor = {program}\n", ["commit", "--amend"]),
    "credential.helper": (
        '[credential]\n\thelper = "!{program}"\n[remote "w"]\n\turl = https://x.invalid/y\n',
        ["credential", "fill"],
    ),
}
"""Key -> the settings, and the innocent command by which git runs what they name."""


@pytest.mark.parametrize("key", PLANTED)
def test_program_planted_in_the_settings(key: str, school: School, evil: Path) -> None:
    settings, command = PLANTED[key]
    configure(school, settings.format(program=evil))
    attributes = school.root / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    if ".x." in key:
        attributes.write_text("* diff=x filter=x\n")
    found = named(school, "REPO_CONFIG_UNSAFE")
    assert any(f" {key} " in finding.message for finding in found)
    assert str(evil) not in found[0].message + found[0].hint
    assert not was_run(evil)
    if key not in ("credential.helper", "core.editor"):
        plain_git(school, *command)
        assert was_run(evil), "git itself no longer runs it: then there is nothing to tell"


@pytest.mark.parametrize(
    "settings",
    [
        "[include]\n\tpath = ../../elsewhere\n",
        '[includeIf "gitdir:/"]\n\tpath = /tmp/x\n',
        "[core]\n\tworktree = /tmp\n",
        "[core]\n\tattributesFile = /tmp/x\n",
        "[core]\n\texcludesFile = ../all\n",
        '[gpg "ssh"]\n\tallowedSignersFile = /tmp/mine\n',
        '[url "https://evil.invalid/"]\n\tpushInsteadOf = https://school.invalid/\n',
        '[remote "x"]\n\turl = ext::sh -c evil\n',
        '[remote "x"]\n\turl = --upload-pack=evil\n',
        '[remote "x"]\n\tuploadpack = evil\n',
        "[core]\n\thooksPath = /tmp/hooks\n",
        "[core]\n\tHooksPath = tools/hooks/../other\n",
        "[core]\n\tsshCommand = ssh -o ProxyCommand=evil\n",
        '[core]\n\tsshCommand = "ssh -i key; evil"\n',
        '[credential]\n\thelper = "store;evil"\n',
        "[credential]\n\thelper = /tmp/evil\n",
        "[pager]\n\tlog = evil\n",
        "[core]\n\tpager = less\\nevil\n",
        "[alias]\n\tlg = -c core.pager=evil log\n",
        '[filter "lfs"]\n\tclean = "git-lfs clean -- %f; evil"\n',
        '[merge "union2"]\n\tdriver = evil %A\n',
        '[trailer "sign"]\n\tcommand = evil\n',
        "[protocol]\n\tallow = always\n",
        '[protocol "ext"]\n\tallow = user\n',
        "[core]\n\tprotectNTFS = false\n",
        "[fsck]\n\tskipList = all\n",
        '[receive "fsck"]\n\tmissingEmail = ignore\n',
        "[transfer]\n\tfsckObjects = false\n",
        "[transfer]\n\thideRefs = refs/heads\n",
        "[core]\n\tignoreStat\n",
        "[hook]\n\tx = evil\n",
        "[gc]\n\trecentObjectsHook = evil\n",
        "[core\n",
    ],
)
def test_settings_no_archive_asks_for(settings: str, school: School) -> None:
    configure(school, settings)
    assert "REPO_CONFIG_UNSAFE" in school.codes()


def test_settings_of_one_work_tree_are_read_too(school: School, evil: Path) -> None:
    git(school.root, "config", "extensions.worktreeConfig", "true")
    git(school.root, "config", "--worktree", "core.fsmonitor", str(evil))
    assert [f.code.name for f in school.verify().findings] == ["REPO_CONFIG_UNSAFE"]
    assert not was_run(evil)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in folders are of POSIX systems")
def test_pipe_in_place_of_settings_is_not_waited_on(school: School) -> None:
    (school.root / ".git" / "config").unlink()
    os.mkfifo(school.root / ".git" / "config")
    assert school.codes() == ["REPO_CONFIG_UNSAFE"]


def test_name_of_a_setting_is_shown_safely(school: School) -> None:
    configure(school, '[filter "\x1b[31m$(evil)"]\n\tclean = evil\n')
    found = named(school, "REPO_CONFIG_UNSAFE")
    assert [("\x1b" in f.message, "$(evil)" in f.hint) for f in found] == [(False, False)]


def test_what_people_and_their_tools_write_is_no_finding(school: School) -> None:
    configure(
        school,
        "[user]\n\tname = s003\n\temail = s003@papka.invalid\n\tsigningKey = ~/keys/staff\n"
        "[gpg]\n\tformat = ssh\n"
        '[gpg "ssh"]\n\tallowedSignersFile = records/trust/allowed_signers\n'
        "[commit]\n\tgpgSign = true\n"
        "[core]\n\tautocrlf = true\n\tignorecase = true\n\tfsmonitor = true\n"
        "\teditor = code --wait\n"
        "\tsymlinks = false\n\tpager = less -FRX\n\tsshCommand = ssh -i ~/.ssh/school -o "
        "IdentitiesOnly=yes\n\tuntrackedCache = true\n\tprecomposeunicode = true\n"
        "[gui]\n\twmstate = zoomed\n\tgeometry = 1261x702+0+0 233 227\n\tencoding = utf-8\n"
        '[guitool "Показать"]\n\tcmd = gitk\n[merge]\n\ttool = meld\n'
        '[mergetool "meld"]\n\tpath = /usr/bin/meld\n[difftool "x"]\n\tcmd = kdiff3 $LOCAL\n'
        "[credential]\n\thelper = manager\n\thelper = cache --timeout=3600\n"
        '[credential "https://school.invalid"]\n\tprovider = generic\n'
        '[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n'
        "\tprocess = git-lfs filter-process\n\trequired = true\n"
        '[branch "main"]\n\tremote = origin\n\tmerge = refs/heads/main\n\tvscode-merge-base = x\n'
        '[remote "origin"]\n\turl = git@school.invalid:archive.git\n'
        "\tfetch = +refs/heads/*:refs/remotes/origin/*\n\tpushurl = C:\\\\Архив\\\\копия\n"
        '[remote "disk"]\n\turl = ssh://school.invalid:22/x\n'
        "[color]\n\tui = auto\n[pager]\n\tlog = false\n\tdiff = delta\n[pull]\n\trebase = true\n"
        "[alias]\n\tlg = log --oneline --graph\n[http]\n\tproxy = http://proxy.invalid:3128\n"
        "[tgit]\n\ticon = school.ico\n[gitflow]\n\tx = y\n[maintenance]\n\tauto = false\n",
    )
    assert school.codes() == []


@pytest.mark.parametrize("name", ["pre-commit", "post-checkout", "reference-transaction"])
def test_program_in_the_folder_of_hooks(name: str, school: School, evil: Path) -> None:
    hooks = school.root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / name).symlink_to(evil)
    (hooks / "sample.sample").write_text(evil.read_text())
    found = named(school, "REPO_HOOKS")
    assert [name in finding.message for finding in found] == [True]
    assert not was_run(evil)


def test_hook_beside_the_signed_ones(school: School, evil: Path) -> None:
    """git runs it, for hooksPath leads there, and nobody signed it."""
    hooks = school.root / "tools" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-index-change").symlink_to(evil)
    os.utime(school.root / RECORD, (1, 1))
    assert school.codes() == ["REPO_HOOKS", "UNTRACKED_FILE"]
    assert not was_run(evil)
    plain_git(school, "status")
    assert was_run(evil)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ("[core]\n\tfsync = none\n", ["FSYNC_OFF"]),
        ("[core]\n\tfsync = objects\n", ["FSYNC_OFF"]),
        ("[core]\n\tfsync = all,-loose-object\n", ["FSYNC_OFF"]),
        ("[core]\n\tfsyncMethod = writeout-only\n", ["FSYNC_OFF"]),
        ("[core]\n\tfsync = none,added,reference\n\tfsyncMethod = batch\n", []),
        ("[core]\n\tfsync = none\n\tfsync = all\n", []),
    ],
)
def test_git_that_does_not_wait_for_the_disk(
    settings: str, found: list[str], school: School
) -> None:
    configure(school, settings)
    assert school.codes() == found


def test_copy_in_which_a_person_saves_without_waiting_for_the_disk(school: School) -> None:
    git(school.root, "config", "--unset", "core.fsync")
    assert school.codes() == []
    git(school.root, "config", "user.name", "s003")
    assert school.codes() == ["FSYNC_OFF"]


@pytest.mark.parametrize(
    "lock", ["index.lock", "HEAD.lock", "config.lock", "packed-refs.lock", "refs/heads/main.lock"]
)
def test_lock_of_a_killed_git(lock: str, school: School) -> None:
    (school.root / ".git" / lock).write_bytes(b"")
    found = school.verify().findings
    assert [(f.code.name, f.message.endswith(f": {lock}")) for f in found] == [("STALE_LOCK", True)]


def test_lock_of_a_git_at_work_is_no_finding(school: School) -> None:
    """cat-file waits for us in the archive as long as we like."""
    # Below a shell: papka's own processes are no reason to wait.
    command = ["sh", "-c", "git -c safe.directory='*' cat-file --batch; true"]
    with subprocess.Popen(
        command, cwd=school.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"HEAD\n")
        process.stdin.flush()
        process.stdout.readline()  # it is up
        (school.root / ".git" / "index.lock").write_bytes(b"")
        assert school.codes() == []
        process.stdin.close()
        process.stdout.read()
    assert school.codes() == ["STALE_LOCK"]


def cut_history(school: School, graph: Path) -> None:
    """Makes a commit-graph say that the last commit has no parent."""
    graph.chmod(0o644)
    data = graph.read_bytes()
    at = data.index(bytes.fromhex(school.tree(school.head)))
    graph.write_bytes(data[: at + 20] + b"\x70\0\0\0" + data[at + 24 :])


def test_commit_graph_of_an_archive_in_an_odd_folder(school: School, tmp_path: Path) -> None:
    git(school.root, "commit-graph", "write", "--reachable")
    place = tmp_path / 'a "b"\n\\c оценки'
    school.root.rename(place)
    assert School(place, school.keys).codes() == []
    cut_history(School(place, school.keys), place / ".git" / "objects" / "info" / "commit-graph")
    assert School(place, school.keys).codes() == ["COMMIT_GRAPH_DAMAGED"]


def test_commit_graph_that_lies_is_told(school: School) -> None:
    git(school.root, "commit-graph", "write", "--reachable")
    assert school.codes() == []
    cut_history(school, school.root / ".git" / "objects" / "info" / "commit-graph")
    assert git(school.root, "rev-list", "--count", "HEAD").strip() == "1"
    assert school.codes() == ["COMMIT_GRAPH_DAMAGED"]
    assert school.verify().commits == 3


def test_chain_of_commit_graphs_that_lies(school: School) -> None:
    git(school.root, "commit-graph", "write", "--reachable", "--split")
    assert school.codes() == []
    folder = school.root / ".git" / "objects" / "info" / "commit-graphs"
    cut_history(school, next(folder.glob("*.graph")))
    assert school.codes() == ["COMMIT_GRAPH_DAMAGED"]


def test_index_of_many_packs_damaged(school: School) -> None:
    git(school.root, "repack", "-adq", "--write-midx")
    assert school.codes() == []
    file = school.root / ".git" / "objects" / "pack" / "multi-pack-index"
    file.chmod(0o644)
    data = bytearray(file.read_bytes())
    data[-25] ^= 1
    file.write_bytes(bytes(data))
    assert school.codes() == ["COMMIT_GRAPH_DAMAGED"]


@pytest.mark.parametrize(
    "line",
    [
        "* filter=x",
        "*.yaml text",
        "*.yaml text=auto",
        "*.yaml !text",
        "*.yaml eol=crlf",
        "*.yaml crlf=input",
        "*.yaml ident",
        "*.yaml working-tree-encoding=UTF-16",
        "*.yaml export-subst",
        "*.yaml export-ignore",
        '"a b*" -diff ident',
        "[attr]calm -diff text",
        "\tstudent.yaml\t-diff\tident",
    ],
)
def test_attributes_that_change_content(line: str, school: School) -> None:
    sign = school.signer("s001").sign
    made = school.forge({".gitattributes": f"* -text\n{line}\n".encode()}, sign=sign, by="s001")
    school.forge({".gitattributes": b"* -text\n"}, sign=sign, by="s001")
    school.checkout()
    found = [(f.code.name, f.where.path, f.where.commit) for f in school.verify().findings]
    assert found == [("ATTR_CONTENT_FILTER", ".gitattributes", made)]


def test_attributes_of_a_folder_deep_inside(school: School) -> None:
    path = "records/students/2025/2025-0001/.GitAttributes"
    school.forge({path: b"*.yaml ident\n"}, sign=school.signer("s003").sign)
    school.checkout()
    assert [f.where.path for f in named(school, "ATTR_CONTENT_FILTER")] == [path]


def test_attributes_outside_of_history(school: School) -> None:
    info = school.root / ".git" / "info"
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text("*.pdf -diff\n*.yaml text eol=crlf\n")
    found = named(school, "ATTR_CONTENT_FILTER")
    assert [(f.where.path, "text eol=crlf" in f.message) for f in found] == [
        (".git/info/attributes", True)
    ]


@pytest.mark.parametrize(
    "lines", ["* -text\n*.pdf binary\n", "# * filter=x\n* -text -filter\n*.md diff=markdown\n"]
)
def test_attributes_that_only_change_what_is_shown(lines: str, school: School) -> None:
    school.save({".gitattributes": lines.encode()}, "s001", late=180)
    assert school.codes() == []


def test_planted_everything_at_once_runs_nothing(school: School, evil: Path) -> None:
    for settings, _ in PLANTED.values():
        configure(school, settings.format(program=evil))
    configure(school, f"[core]\n\thooksPath = {evil.parent}\n")
    (school.root / ".git" / "info").mkdir(exist_ok=True)
    (school.root / ".git" / "info" / "attributes").write_text("* diff=x filter=x merge=x\n")
    git(school.root, "-c", "core.fsmonitor=false", "update-index", "--split-index")
    was_run(evil)
    for path in (RECORD, OTHER):
        (school.root / path).write_bytes(b"changed: 1\n")
    codes = set(school.codes())
    assert {"REPO_CONFIG_UNSAFE", "ATTR_CONTENT_FILTER", "WORKTREE_DIFFERS"} <= codes
    assert not was_run(evil)
