"""Gates of a registered version, from its facts in the store to what is kept with it."""

from __future__ import annotations

import sys

import pytest

from tests.cli.harness import write_run
from tests.conftest import FakeClock
from tests.registry.gates.candidates import candidate
from tests.registry.registries import Registry
from workbench.base.errors import SettingsError, VersionNotFoundError
from workbench.base.project import Project
from workbench.registry import aliases, models, versions
from workbench.registry.approvals import approve
from workbench.registry.checks import latest_check
from workbench.registry.gates.candidate import Candidate, gather_candidate
from workbench.registry.gates.check import keep_check, run_gate, run_gates
from workbench.registry.gates.judge import Judge, Verdict
from workbench.registry.gates.kinds import ReadyGate
from workbench.registry.gates.settings import Settings
from workbench.registry.policy import Gate
from workbench.registry.records import Version
from workbench.store.blobs import BlobStore

RUN = "a" * 32
AUC = Gate("auc", "metric", {"metric": "auc", "min": 0.9}, 3)
SMALL = Gate("small", "size", {"max_bytes": 1}, 7)


@pytest.fixture
def version(registry: Registry, clock: FakeClock) -> Version:
    """`fraud/1`, of a run with a model of five bytes and a tag."""
    sha256, size = BlobStore(registry.project).put_bytes(b"hello")
    events: list[dict[str, object]] = [
        {"e": "art", "path": "model/MLmodel", "sha256": sha256, "size": size, "kind": "model"},
        {"e": "art", "path": "p.csv", "sha256": sha256, "size": size, "kind": "file"},
        {"e": "tag", "name": "data_validation", "value": "passed"},
    ]
    write_run(registry.project, RUN, events, metrics={"auc": [0.8, 0.93]})
    registry.do(models.register, "fraud")
    made: Version = registry.do(versions.register, "fraud", source=f"runs:/{RUN}/model", run=RUN)
    return made


def test_what_gates_need_to_know_is_gathered(registry: Registry, version: Version) -> None:
    registry.do(aliases.point, "fraud", "champion", 1)
    write_run(registry.project, RUN, metrics={"auc": [0.1], "late": [2.0]})
    with registry.visit() as db:
        found = gather_candidate(db, registry.project, version, ["champion", "nobody", 1, 9])
    own = found.facts
    assert own.shown == "fraud/1"
    assert set(own.files) == {"MLmodel"}
    assert set(own.run_files) == {"model/MLmodel", "p.csv"}
    assert own.registered_metrics == {"auc": 0.93}
    assert own.metrics["late"] == 2.0
    assert own.run_tags == {"data_validation": "passed"}
    assert own.run_id == RUN
    assert found.others == {"champion": own, 1: own, "nobody": None, 9: "fraud has no version 9"}


def test_a_version_without_a_run_has_no_facts_of_one(registry: Registry) -> None:
    registry.do(models.register, "fraud")
    made = registry.do(versions.register, "fraud", source="s3://bucket/model", run="f" * 32)
    with registry.visit() as db:
        found = gather_candidate(db, registry.project, made).facts
    assert (found.run_id, found.files, found.run_files, found.metrics) == (None, {}, {}, {})


def test_gates_are_run_in_their_order_and_kept(registry: Registry, version: Version) -> None:
    told: list[str] = []
    results = run_gates(registry.project, registry.store, version, [AUC, SMALL], told.append)
    assert told == ["gate 1 of 2: auc", "gate 2 of 2: small"]
    assert [(result.name, result.kind, result.outcome) for result in results] == [
        ("auc", "metric", "passed"), ("small", "size", "failed"),
    ]  # fmt: skip
    kept = registry.do(keep_check, version, results, ["auc", "small"])
    assert (kept.summary, kept.passed, kept.digest) == ("1/2", False, version.digest)
    assert registry.ask(latest_check, version) == kept


def test_the_store_is_free_while_gates_run(registry: Registry, version: Version) -> None:
    """A gate that visits the store itself would wait for ever."""
    code = (
        "from workbench.base.project import Project; from workbench.store.store import Store; "
        f"Store(Project({registry.project.root!r})).reading(wait_s=0.5).__enter__()"
    )
    gate = Gate("visits", "command", {"run": [sys.executable, "-c", code]})
    [result] = run_gates(registry.project, registry.store, version, [gate])
    assert result.passed, result.measured


def test_a_gate_that_cannot_be_understood_stops_all(registry: Registry, version: Version) -> None:
    told: list[str] = []
    with pytest.raises(SettingsError, match=r"workbench\.toml:9:1: the gate bad"):
        run_gates(registry.project, registry.store, version, [AUC, Gate("bad", "size", {}, 9)], told.append)
    assert told == []


def test_one_gate_run_again_leaves_the_results_of_the_others(
    registry: Registry, version: Version, clock: FakeClock
) -> None:
    first = run_gates(registry.project, registry.store, version, [AUC, SMALL])
    registry.do(keep_check, version, first, ["auc", "small"])
    clock.advance(60)
    again = run_gates(registry.project, registry.store, version, [SMALL])
    kept = registry.do(keep_check, version, again, ["auc", "small"])
    assert [result.name for result in kept.results] == ["auc", "small"]
    assert kept.results[1].at_us - kept.results[0].at_us == 60_000_000
    without = registry.do(keep_check, version, again, ["small"])
    assert [result.name for result in without.results] == ["small"]


def test_results_about_other_files_do_not_stay(registry: Registry, version: Version) -> None:
    registry.do(keep_check, version, run_gates(registry.project, registry.store, version, [AUC]), ["auc"])
    other = Version(**{**vars(version), "digest": "sha256:other"})
    kept = registry.do(
        keep_check, other, run_gates(registry.project, registry.store, version, [SMALL]), ["auc", "small"]
    )
    assert [result.name for result in kept.results] == ["small"]


def test_nothing_is_kept_with_a_version_that_was_deleted_meanwhile(registry: Registry, version: Version) -> None:
    results = run_gates(registry.project, registry.store, version, [AUC])
    registry.do(versions.delete, "fraud", 1)
    with pytest.raises(VersionNotFoundError):
        registry.do(keep_check, version, results, ["auc"])
    assert registry.ask(latest_check, version) is None


def test_required_gates_open_the_way_to_an_approval(registry: Registry, version: Version) -> None:
    with open("workbench.toml", "w") as file:
        file.write('[models.fraud]\nrequired_gates = ["auc"]\n[models.fraud.gates.auc]\nkind = "metric"\n')
        file.write('metric = "auc"\nmin = 0.9\n')
    gates = registry.ledger.policy("fraud").gates
    registry.do(
        keep_check, version, run_gates(registry.project, registry.store, version, list(gates.values())), list(gates)
    )
    assert registry.do(approve, "fraud", 1, "good").status == "approved"


class Broken(Judge):
    """A gate with a mistake in it."""

    @classmethod
    def declared(cls, take: Settings) -> Broken:
        return cls()

    def judge(self, candidate: Candidate, timeout_s: float) -> Verdict:
        raise ZeroDivisionError("division by zero")


def test_a_gate_that_crashes_has_not_passed_and_takes_nothing_down(project: Project) -> None:
    found = run_gate(ReadyGate("b", "broken", Broken(), 1.0), candidate(project))
    assert (found.outcome, found.passed, found.detail) == ("crashed", False, "ZeroDivisionError: division by zero")
