"""Files for forges and hooks: pinned, without rights to spare, and refusing what they should."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from papka.cli.main import SECTIONS

ROOT = Path(__file__).resolve().parents[2]
ARCHIVE = ROOT / "templates/archive"
WORKFLOWS = sorted(
    [*(ROOT / ".github/workflows").glob("*.yml"), *ARCHIVE.glob("dot-github/workflows/*.yml")]
)
SCRIPTS = sorted([*ARCHIVE.glob("tools/hooks/*"), *ARCHIVE.glob("tools/*.sh")])


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: str(file.relative_to(ROOT)))
def test_workflow_is_pinned_and_may_only_read(workflow: Path) -> None:
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert content["permissions"] == {"contents": "read"}
    for job in content["jobs"].values():
        for step in job["steps"]:
            if "uses" not in step:
                continue
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
            if step["uses"].startswith("actions/checkout"):
                assert step["with"] == {"fetch-depth": 0, "persist-credentials": False}


def test_school_data_is_never_checked_on_a_foreign_machine() -> None:
    for workflow in ARCHIVE.glob("dot-github/workflows/*.yml"):
        jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
        assert {job["runs-on"] for job in jobs.values()} == {"self-hosted"}


@pytest.mark.parametrize("folder", [ROOT / ".github", ARCHIVE / "dot-github"], ids=str)
def test_required_checks_are_jobs_that_exist(folder: Path) -> None:
    ruleset = json.loads((folder / "ruleset.json").read_text(encoding="utf-8"))
    (rule,) = [rule for rule in ruleset["rules"] if rule["type"] == "required_status_checks"]
    required = {each["context"] for each in rule["parameters"]["required_status_checks"]}
    jobs = set()
    workflow = yaml.safe_load((folder / "workflows/check.yml").read_text(encoding="utf-8"))
    for name, job in workflow["jobs"].items():
        pythons = job.get("strategy", {}).get("matrix", {}).get("python", [])
        jobs |= {f"{name} ({each})" for each in pythons} or {name}
    assert required <= jobs


def test_every_command_told_to_staff_exists() -> None:
    known = {name for _, commands in SECTIONS for name, _ in commands} | {"--help"}
    told: set[str] = set()
    for file in ARCHIVE.rglob("*"):
        if file.is_file():
            told |= set(re.findall(r"\bpapka ([a-z-]+)", file.read_text(encoding="utf-8")))
    assert told - known == set()
    assert {"check", "save", "print"} <= told


def test_archive_attributes_run_nothing_and_change_no_byte() -> None:
    lines = (ARCHIVE / "dot-gitattributes").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["* -text"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_script_is_plain_sh_and_may_be_run(script: Path) -> None:
    assert script.read_bytes().startswith(b"#!/bin/sh\n")
    assert script.stat().st_mode & 0o111
    subprocess.run(["sh", "-n", script], check=True)


def _papka(folder: Path, exit_code: int) -> None:
    program = folder / "papka"
    program.write_text(f'#!/bin/sh\necho "ran $*"\nexit {exit_code}\n', encoding="utf-8")
    program.chmod(0o755)


def _calendar(folder: Path, program: str, *day: str) -> subprocess.CompletedProcess[str]:
    """The scheduled script of an archive in `folder`, run from elsewhere as cron does."""
    (folder / "tools").mkdir(exist_ok=True)
    script = folder / "tools/calendar.sh"
    script.write_bytes((ARCHIVE / "tools/calendar.sh").read_bytes())
    return subprocess.run(
        ["sh", script, *day],
        env={"PATH": os.environ["PATH"], "PAPKA": program},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_scheduled_script_asks_what_is_due_and_hands_the_answer_on(tmp_path: Path) -> None:
    _papka(tmp_path, 1)
    done = _calendar(tmp_path, str(tmp_path / "papka"))
    assert (done.returncode, done.stdout) == (1, "ran status --due --quiet --format text\n")
    done = _calendar(tmp_path, str(tmp_path / "papka"), "2027-01-26")
    assert done.stdout == "ran status --due --quiet --format text --on 2027-01-26\n"
    done = _calendar(tmp_path, "no-such-program")
    assert (done.returncode, "нет программы papka" in done.stderr) == (3, True)


def test_a_deadline_is_asked_by_a_schedule_and_never_by_a_push() -> None:
    for workflow in ARCHIVE.glob("dot-github/workflows/*.yml"):
        text = workflow.read_text(encoding="utf-8")
        events = yaml.safe_load(text.replace("\non:", "\nevents:"))["events"]
        assert ("--due" in text) == ("schedule" in events)
        assert ("--due" in text) == ("push" not in events)
