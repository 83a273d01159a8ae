"""Findings of proof in each form: commits named, hostile names harmless, all of them there."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from tests.support.command import Ran, papka
from tests.support.histories import RECORD, School

HOSTILE = "records/students/2025/2025-0001/a\n::error::чужое\u202e%,:.yaml"
NOT_TEXT = "records/students/2025/2025-0001/\udcff.yaml"


@pytest.fixture
def attacked(school: School) -> School:
    """An unsigned commit with names that try to be more, and another's after it."""
    school.forge({HOSTILE: b"x\n", NOT_TEXT: b"y\n"}, sign=None)
    stranger = school.signer("stranger")
    school.forge({RECORD: b"id: 2025-0001\nsex: y\n"}, sign=stranger.sign)
    return school


def verified(school: School, style: str) -> Ran:
    ran = papka(
        *("verify", "--no-memory", school.root, "--anchor", school.fingerprint),
        *("--format", style, "--fail-on", "fatal"),
    )
    ran.out.encode()  # what is printed is text, whatever lies in the history
    return ran


def report(school: School) -> Any:  # noqa: ANN401 - JSON
    return json.loads(verified(school, "json").out)


def test_json_names_each_commit_and_the_next_step(attacked: School) -> None:
    told = report(attacked)
    by_code = {row["code"]: row for row in told["findings"]}
    assert by_code["SIG_UNKNOWN_KEY"]["commit"] == attacked.head
    assert by_code["SIG_UNKNOWN_KEY"]["severity"] == "fatal"
    assert re.fullmatch("[0-9a-f]{40}", by_code["SIG_MISSING"]["commit"])
    assert all(row["message"] and row["hint"] for row in told["findings"])
    assert HOSTILE in {row["path"] for row in told["findings"]}
    assert told["summary"]["fatal"] >= 1
    assert told["summary"]["head"] == attacked.head


def test_every_form_tells_the_same_findings(attacked: School) -> None:
    codes = sorted(row["code"] for row in report(attacked)["findings"])
    results = json.loads(verified(attacked, "sarif").out)["runs"][0]["results"]
    assert sorted(result["ruleId"] for result in results) == codes
    lines = verified(attacked, "github").out.splitlines()
    assert sorted(re.findall(r"title=(\w+)::", "\n".join(lines))) == codes
    text = verified(attacked, "text").out
    assert sorted(
        re.findall(r"(?:сведение|предупреждение|ошибка|нарушение) ([A-Z_]+)\n", text)
    ) == (codes)


def test_sarif_places_a_finding_in_its_commit_and_file(attacked: School) -> None:
    log = json.loads(verified(attacked, "sarif").out)
    rules = {rule["id"]: rule for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    places = []
    for result in log["runs"][0]["results"]:
        assert rules[result["ruleId"]]["fullDescription"]["text"]
        places += [(result["ruleId"], place) for place in result.get("locations", ())]
    commits = {
        (code, logical["fullyQualifiedName"])
        for code, place in places
        for logical in place.get("logicalLocations", ())
    }
    assert ("SIG_UNKNOWN_KEY", attacked.head) in commits
    uris = [
        place["physicalLocation"]["artifactLocation"]["uri"]
        for _, place in places
        if "physicalLocation" in place
    ]
    assert all(re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri) for uri in uris)
    names = {unquote_to_bytes(uri) for uri in uris}
    assert HOSTILE.encode() in names
    assert NOT_TEXT.encode("utf-8", "surrogateescape") in names


def test_github_one_finding_is_one_line_and_names_its_commit(attacked: School) -> None:
    lines = verified(attacked, "github").out.splitlines()
    assert len(lines) == len(report(attacked)["findings"])
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    [unknown] = [line for line in lines if "title=SIG_UNKNOWN_KEY" in line]
    assert f"::сохранение {attacked.head[:12]}: " in unknown


def test_text_lets_no_name_command_the_terminal(attacked: School) -> None:
    text = verified(attacked, "text").out
    assert "\u202e" not in text
    assert "\n::error" not in text
    assert f"{attacked.head[:12]}: нарушение SIG_UNKNOWN_KEY" in text


def test_the_exit_code_follows_the_worst(school: School) -> None:
    def code(border: str, *anchor: str) -> int:
        return papka("verify", "--no-memory", school.root, *anchor, "--fail-on", border).code

    key = ("--anchor", school.fingerprint)
    assert (code("warning"), code("error")) == (1, 0)
    assert code("warning", *key) == 0
    school.forge({RECORD: b"id: 2025-0001\nsex: y\n"}, sign=None)
    school.checkout()
    assert (code("error", *key), code("fatal", *key)) == (1, 0)
