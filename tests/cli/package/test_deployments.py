"""`workbench package run`, `ps`, `logs`, `stop` and `rollback`, on an engine in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import Outcome, check_golden, workbench
from tests.conftest import FakeClock
from tests.packaging.yards import KilledError, Yard
from workbench.base.errors import DockerError
from workbench.base.project import Project
from workbench.data.prediction_logs import log_folder
from workbench.packaging import engine as engines
from workbench.registry import approvals


@pytest.fixture
def yard(project: Project, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    """Images to run, on the engine that commands find."""
    opened = Yard.open(project, clock)
    monkeypatch.setattr(engines, "connect", lambda: opened.engine)
    yield opened
    opened.registry.close()


def package(*words: str, status: int = 0, **options: Any) -> Outcome:
    """`workbench package WORDS`, which has to end with `status`."""
    outcome = workbench("package", *words, **options)
    assert outcome.status == status, outcome
    return outcome


def run(yard: Yard, image: str, *words: str, status: int = 0) -> Outcome:
    return package("run", image, "--port", str(yard.port), "--wait", "0.01", *words, status=status)


def stable(yard: Yard, text: str) -> str:
    """A text without what is another each time."""
    text = re.sub(rf"(?<![0-9a-f]){yard.port}(?![0-9a-f])", "8080", text.replace(yard.project.root, "ROOT"))
    return re.sub(r"\d+(\.\d+)?(ms|s)\b", "0s", text)


def test_run_says_where_it_is_and_how_to_ask_it(yard: Yard) -> None:
    said = run(yard, "fraud/1").stdout.splitlines()
    assert said[0].startswith(f"fraud/1 runs as fraud at http://127.0.0.1:{yard.port}  ready in ")
    assert said[1] == f"  try it: curl http://127.0.0.1:{yard.port}/openapi.json"
    assert ", in the place of fraud/1  ready in" in run(yard, "fraud/2").stdout
    assert run(yard, "fraud/2").stdout.splitlines()[0].endswith(", as before")


def test_run_as_json_is_one_document(yard: Yard) -> None:
    document = json.loads(run(yard, "fraud:1", "--json").stdout)
    assert (document["name"], document["version"], document["image"]) == ("fraud", 1, "fraud:1")
    assert document["url"] == f"http://127.0.0.1:{yard.port}" and document["replaced"] is None
    assert document["curl"].startswith("curl ")


def test_run_warns_where_other_machines_reach_it(yard: Yard) -> None:
    assert "other machines reach it" in run(yard, "fraud/1", "--public").stderr
    assert "without a token" in run(yard, "fraud/1", "--public").stderr


def test_a_rejected_version_exits_with_4(yard: Yard) -> None:
    yard.registry.do(approvals.request, "fraud", 2, "please")
    yard.registry.do(approvals.reject, "fraud", 2, "worse")
    refused = run(yard, "fraud/2", status=4)
    assert "fraud/2 is rejected" in refused.stderr and "--force REASON" in refused.stderr
    run(yard, "fraud/2", "--force", "to measure it")


def test_one_that_is_not_ready_exits_with_6_and_shows_its_last_lines(yard: Yard) -> None:
    run(yard, "fraud/1")
    yard.docker.failing.add(yard.image("fraud/2").image_id)
    failed = run(yard, "fraud/2", status=6)
    assert "error: fraud/2 ended with status 1 before it was ready; fraud/1 was started again" in failed.stderr
    assert "  first line\n  last line\n" in failed.stderr
    assert failed.stdout == ""


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["fraud/9"], 3, "fraud has no version 9"),
        (["other"], 3, "no image of this project is called other"),
        (["fraud/1", "--memory", "lots"], 2, "is no size of a memory"),
        (["fraud/1", "--port", "0"], 2, "0 is no port"),
        (["fraud/1", "--wait", "0"], 2, "--wait is a number of seconds"),
        (["fraud/1", "--name", "a b"], 2, "is no name of a deployment"),
        (["fraud/1", "--token-file", "none"], 2, "none cannot be read"),
    ],
)
def test_what_cannot_be_is_said(yard: Yard, words: list[str], status: int, message: str) -> None:
    assert message in package("run", *words, status=status).stderr


def test_without_docker_it_exits_with_6(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise DockerError("no Docker engine answers at the local socket", engines.NO_ENGINE)

    monkeypatch.setattr(engines, "connect", none)
    for words in (["run", "fraud/1"], ["ps"], ["logs", "fraud"], ["stop", "fraud"], ["rollback", "fraud"]):
        assert "no Docker engine answers" in package(*words, status=6).stderr


@pytest.mark.parametrize("form", ["txt", "json", "csv", "md"])
def test_ps_lists_what_runs_and_what_is_kept(yard: Yard, form: str) -> None:
    run(yard, "fraud/1")
    run(yard, "fraud/2")
    words = {"txt": [], "json": ["--json"]}.get(form, ["--format", form])
    said = package("ps", "--all", *words).stdout
    for container in yard.deployment().containers:
        said = said.replace(container.id, f"CONTAINER {container.sequence}")
    check_golden(f"package_ps.{form}", stable(yard, said))


def test_ps_says_what_to_do_next(yard: Yard) -> None:
    assert "nothing runs; next: workbench package run IMAGE" in package("ps").stderr
    run(yard, "fraud/1")
    package("stop", "fraud")
    assert "nothing runs; 1 stopped" in package("ps").stderr


def test_ps_says_how_an_interrupted_switch_goes_on(yard: Yard) -> None:
    run(yard, "fraud/1")
    yard.docker.live_on(3)
    with pytest.raises(KilledError):
        yard.run("fraud/2")
    yard.docker.live_on()
    shown = package("ps")
    assert "◌ interrupted" in shown.stdout
    assert (
        "go on with: workbench package run fraud:2 --name fraud, or go back with: workbench package rollback fraud"
        in (shown.stderr)
    )


def test_rollback_says_from_where_to_where(yard: Yard) -> None:
    run(yard, "fraud/1")
    run(yard, "fraud/2")
    said = package("rollback", "fraud", "--reason", "errors").stdout
    assert stable(yard, said) == "fraud: fraud/2 → fraud/1 in 0s, its container was kept\n"
    assert ("rollback-deployment", 1, "errors") in yard.deeds()
    assert json.loads(package("rollback", "fraud", "--to", "fraud/2", "--json").stdout)["replaced"] == "fraud/1"
    assert "3 never ran as fraud" in package("rollback", "fraud", "--to", "3", status=2).stderr


def test_logs_prints_what_the_server_wrote(yard: Yard) -> None:
    run(yard, "fraud/1")
    assert package("logs", "fraud", "-n", "2").stdout == "first line\nlast line\n"
    yard.docker.said = b'{"event": "ready"}\nplain\n'
    assert json.loads(package("logs", "fraud", "--json").stdout) == [{"event": "ready"}, {"text": "plain"}]


def test_logs_pull_says_what_is_new(yard: Yard) -> None:
    run(yard, "fraud/1")
    path = Path(log_folder(yard.project, "fraud"), "fraud", "v1", "dt=2026-11-21", "pred-1-host-1-0.jsonl.part")
    path.parent.mkdir(parents=True)
    path.write_text('{"row": 0}\n{"row": 1}\n')
    assert package("logs", "fraud", "--pull").stdout.startswith("2 rows new in 1 file, 22 B  ")
    assert json.loads(package("logs", "fraud", "--pull", "--json").stdout)["rows"] == 0


@pytest.mark.parametrize("words", [["--pull", "-f"], ["--pull", "-n", "3"], ["--json", "-f"], ["-n", "-1"]])
def test_options_of_logs_that_contradict_each_other_are_refused(yard: Yard, words: list[str]) -> None:
    package("logs", "fraud", *words, status=2)


def test_stop_says_what_it_stopped(yard: Yard) -> None:
    run(yard, "fraud/1")
    assert package("stop", "fraud").stdout == "stopped fraud: fraud/1\n"
    assert package("stop", "fraud").stdout == "fraud was stopped\n"
    assert (
        package("stop", "fraud", "--remove", "--json").stdout
        == '{\n  "name": "fraud",\n  "stopped": [],\n  "removed": 1\n}\n'
    )
    assert "no deployment is called fraud" in package("stop", "fraud", status=3).stderr


def test_stop_asks_on_a_terminal_before_it_removes(yard: Yard) -> None:
    run(yard, "fraud/1")
    kept = package("stop", "fraud", "--remove", terminal=True, stdin="n\n")
    assert "nothing is stopped" in kept.stdout and yard.running() == [1]
    package("stop", "fraud", "--remove", "--yes", terminal=True)
    assert not yard.docker.containers_by_id
