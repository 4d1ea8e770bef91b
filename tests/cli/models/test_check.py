"""`workbench models check`: exit statuses, and what a person, a script and a CI system get."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.harness import Outcome, check_golden, program, workbench, write_run
from tests.conftest import FakeClock
from tests.registry.registries import Registry
from workbench.base.project import Project
from workbench.registry import aliases, models, versions
from workbench.store.blobs import BlobStore

RULES = """
[models.fraud.gates.auc]
kind = "metric"
metric = "auc"
min = 0.9

[models.fraud.gates.champion]
kind = "not-worse"
metric = "auc"
against = "champion"

[models.fraud.gates."odd | name"]
kind = "command"
run = ["sh", "-c", "printf 'one & <two>\\\\n\\\\033[31mred\\\\033[0m \\\\001\\\\n'; exit 3"]

[models.fraud.gates.hangs]
kind = "command"
run = "sleep 60"
timeout_s = 0.1
"""


@pytest.fixture
def fraud(project: Project, clock: FakeClock) -> Iterator[Registry]:
    """`fraud/1` is the champion, with an AUC of 0.95; `fraud/2` has 0.93."""
    registry = Registry(project)
    registry.do(models.register, "fraud")
    for digit, auc in (("a", 0.95), ("b", 0.93)):
        sha256, size = BlobStore(project).put_bytes(b"model " + digit.encode())
        event: dict[str, object] = {
            "e": "art",
            "path": "model/MLmodel",
            "sha256": sha256,
            "size": size,
            "kind": "model",
        }
        write_run(project, digit * 32, [event], metrics={"auc": [auc]})
        registry.do(versions.register, "fraud", source=f"runs:/{digit * 32}/model", run=digit * 32)
    registry.do(aliases.point, "fraud", "champion", 1)
    Path("workbench.toml").write_text(RULES)
    yield registry
    registry.close()


def steady(text: str) -> str:
    """The text with every duration 0."""
    text = re.sub(r'("duration_s": |time=")\d+\.\d+', r"\g<1>0.0", text)
    return re.sub(r"\b\d+\.\ds\b", "0.0s", text)


def only(rules: str) -> None:
    Path("workbench.toml").write_text(rules)


def test_gates_are_shown_with_what_they_found(fraud: Registry) -> None:
    outcome = workbench("models", "check", "fraud/2")
    assert outcome.status == 1
    check_golden("models_check.txt", steady(outcome.stdout))
    assert outcome.stderr == "kept with fraud/2; workbench models show fraud/2\n"


def test_a_script_gets_every_number(fraud: Registry) -> None:
    outcome = workbench("models", "check", "fraud/2", "--json")
    assert (outcome.status, outcome.stderr) == (1, "")
    check_golden("models_check.json", steady(outcome.stdout))
    assert json.loads(outcome.stdout)["summary"] == "1/4"


def test_a_terminal_gets_every_word_of_what_was_found(fraud: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    shown = workbench("models", "check", "fraud/2", "--gate", "champion", terminal=True).stdout
    assert " ".join(shown.split()).endswith("auc is 0.93, and 0.95 in fraud/1 (champion): −0.02")
    assert max(map(len, shown.splitlines())) <= 60


def test_a_version_that_passes_everything_exits_with_0(fraud: Registry) -> None:
    only('[models.fraud.gates.auc]\nkind = "metric"\nmetric = "auc"\nmin = 0.9\n')
    assert workbench("models", "check", "fraud@champion").status == 0


def test_ci_gets_a_test_report_and_a_summary(fraud: Registry) -> None:
    outcome = workbench("models", "check", "fraud/2", "--junit", "gates.xml", "--markdown", "gates.md")
    assert outcome.status == 1
    check_golden("models_check.xml", steady(Path("gates.xml").read_text()))
    check_golden("models_check.md", steady(Path("gates.md").read_text()))
    assert "✗ fraud/2" in outcome.stdout


def test_the_test_report_is_what_ci_systems_read(fraud: Registry) -> None:
    """Elements and attributes of the JUnit schemas that Jenkins and Ant's `junitreport` publish."""
    workbench("models", "check", "fraud/2", "--junit", "gates.xml")
    suite = ElementTree.parse("gates.xml").getroot()
    assert suite.tag == "testsuite"
    assert set(suite.attrib) == {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
    problems = {"failure": 0, "error": 0}
    for case in suite:
        assert (case.tag, set(case.attrib)) == ("testcase", {"name", "classname", "time"})
        assert float(case.attrib["time"]) >= 0
        assert len(case) <= 1
        for problem in case:
            assert set(problem.attrib) == {"message", "type"}
            problems[problem.tag] += 1
    assert [suite.attrib[name] for name in ("tests", "failures", "errors")] == ["4", "2", "1"]
    assert problems == {"failure": 2, "error": 1}


def test_a_summary_can_be_all_that_is_printed(fraud: Registry) -> None:
    outcome = workbench("models", "check", "fraud/2", "--markdown", "-", "--no-record")
    assert outcome.stdout.startswith("### ✗ fraud/2: 1 of 4 gates passed\n\n|  | gate |")
    assert outcome.stderr == ""
    assert workbench("models", "check", "fraud/2", "--markdown", "-", "--json").status == 2


def latest(registry: Registry) -> dict[str, str] | None:
    document = json.loads(workbench("models", "show", "fraud/2", "--json").stdout)
    return document["check"] and {gate["name"]: gate["outcome"] for gate in document["check"]["gates"]}


def test_results_are_kept_with_the_version_unless_told_otherwise(fraud: Registry) -> None:
    outcome = workbench("models", "check", "fraud/2", "--no-record", "--json")
    assert json.loads(outcome.stdout)["recorded"] is False
    assert latest(fraud) is None
    workbench("models", "check", "fraud/2")
    assert latest(fraud) == {"auc": "passed", "champion": "failed", "odd | name": "failed", "hangs": "timed out"}


def test_some_gates_are_run_alone_and_the_others_keep_their_results(fraud: Registry) -> None:
    workbench("models", "check", "fraud/2")
    only(RULES.replace("exit 3", "exit 0"))
    outcome = workbench("models", "check", "fraud/2", "--gate", "odd | name", "--gate", "auc", "--json")
    assert outcome.status == 0
    assert [gate["name"] for gate in json.loads(outcome.stdout)["gates"]] == ["auc", "odd | name"]
    assert latest(fraud) == {"auc": "passed", "champion": "failed", "odd | name": "passed", "hangs": "timed out"}


def refused(*words: str) -> Outcome:
    outcome = workbench("models", "check", *words)
    assert outcome.stdout == ""
    return outcome


def test_without_gates_the_hint_shows_how_to_declare_one(fraud: Registry) -> None:
    Path("workbench.toml").unlink()
    outcome = refused("fraud/2")
    assert outcome.status == 2
    assert "no gates are declared for fraud\n" in outcome.stderr
    hint = outcome.stderr.split("workbench.toml:\n")[1]
    only(hint)
    assert workbench("models", "check", "fraud/2").status == 0


def test_the_hint_fits_a_name_that_toml_has_to_quote(fraud: Registry) -> None:
    fraud.do(models.rename, "fraud", 'all "fraud"')
    only("")
    hint = refused('all "fraud"/2').stderr.split("workbench.toml:\n")[1]
    only(hint)
    assert workbench("models", "check", 'all "fraud"/2').status == 0


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["fraud/9"], 3, "fraud has no version 9"),
        (["risk/1"], 3, "no registered model is called 'risk'"),
        (["fraud"], 2, "fraud names a model of 2 versions"),
        (["fraud/2", "--gate", "auk"], 2, "fraud has no gate 'auk'"),
        (["fraud/2", "--junit", "no/such/folder.xml", "--gate", "auc"], 2, "cannot write no/such/folder.xml"),
    ],
)
def test_what_is_not_there_is_named(fraud: Registry, words: list[str], status: int, message: str) -> None:
    outcome = refused(*words)
    assert outcome.status == status
    assert message in outcome.stderr


def test_a_gate_that_cannot_be_understood_is_named_with_its_place(fraud: Registry) -> None:
    only('[models.fraud.gates.auc]\nkind = "metrik"\n')
    outcome = refused("fraud/2")
    assert outcome.status == 2
    assert f"{Path('workbench.toml').absolute()}:1:1: the gate auc (metrik): there is no such kind" in outcome.stderr
    assert "one of: metric, not-worse" in outcome.stderr


def test_a_version_that_is_deleted_while_its_gates_run_is_an_error(fraud: Registry) -> None:
    only(
        '[models.fraud.gates.deletes]\nkind = "command"\n'
        f"run = {json.dumps([*program(), 'models', 'delete', 'fraud/2', '--yes'])}\n"
    )
    outcome = refused("fraud/2")
    assert outcome.status == 3
    assert "fraud has no version 2" in outcome.stderr
