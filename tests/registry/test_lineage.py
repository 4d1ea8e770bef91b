"""Where a version comes from and what became of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.harness import write_run
from tests.conftest import FakeClock
from tests.registry.registries import Registry
from tests.registry.test_holds import drifted, made
from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.registry import aliases, approvals, models, versions
from workbench.registry.holds import holds_on
from workbench.registry.lineage import MAX_RUNS, lineage_of, lineage_of_data
from workbench.store.entities import entity_events

RUN, PARENT, ROOT = (digit * 32 for digit in "abc")
COMMIT = "3f2a91c" + "0" * 33


def child_of(project: Project, uid: str, parent: str | None, name: str) -> None:
    """A run below another one."""
    writer = JournalWriter(project.journal_dir, uid, durability="process")
    writer.event("start", experiment="fraud", name=name, parent=parent)
    writer.event("end", status="finished", exit_code=0)
    writer.close()


@pytest.fixture
def fraud(registry: Registry) -> Registry:
    """Two versions of one run, which has data, a commit and a parent with a parent of its own."""
    child_of(registry.project, ROOT, None, "search")
    child_of(registry.project, PARENT, ROOT, "sweep")
    writer = JournalWriter(registry.project.journal_dir, RUN, durability="process")
    writer.event("start", experiment="fraud", name="brave-otter", parent=PARENT)
    writer.event("cap", name="git", value={"commit": COMMIT, "branch": "main", "dirty": True})
    for name, digest in (("train", "sha256:1"), ("test", "sha256:2")):
        writer.event("data", name=name, digest=digest, path="p", size=1, format="csv", context=name)
    writer.event("end", status="finished", exit_code=0)
    writer.close()
    registry.do(models.register, "fraud")
    for _ in range(2):
        registry.do(versions.register, "fraud", source=f"runs:/{RUN}/model", run=RUN, user="ana")
    return registry


def lineage(registry: Registry, number: int) -> dict[str, Any]:
    document: dict[str, Any] = registry.ask(lineage_of, registry.ask(versions.get, "fraud", number))
    return document


def test_a_version_leads_back_to_run_code_data_and_parents(fraud: Registry) -> None:
    document = lineage(fraud, 1)
    assert document["version"] == {
        "version": "fraud/1", "digest": None, "status": "none", "user": "ana",
        "created_at": "2026-09-21T14:13:20.000000Z",
    }  # fmt: skip
    assert document["from"] == {
        "datasets": [
            {"name": "test", "digest": "sha256:2", "context": "test"},
            {"name": "train", "digest": "sha256:1", "context": "train"},
        ],
        "run": {
            "run_id": RUN, "name": "brave-otter", "experiment": "fraud", "status": "finished", "deleted": False,
            "git": {"commit": COMMIT, "branch": "main", "dirty": True},
            "parents": [{"run_id": PARENT, "name": "sweep"}, {"run_id": ROOT, "name": "search"}],
        },
        "logged_model": None, "source": f"runs:/{RUN}/model", "version": None,
    }  # fmt: skip
    assert document["to"] == {"aliases": [], "copies": [], "same_run": ["fraud/2"]}


def test_a_version_leads_on_to_aliases_copies_and_what_was_made_of_it(fraud: Registry, clock: FakeClock) -> None:
    fraud.do(aliases.point, "fraud", "champion", 1)
    fraud.do(approvals.approve, "fraud", 1, "good")
    fraud.do(models.register, "shop")
    fraud.do(versions.register, "shop", source="models:/fraud/1")
    version = fraud.ask(versions.get, "fraud", 1)
    made(fraud, "image", "i", version=version.id, name="fraud:1", created_at=clock.now_us // 1000)
    made(fraud, "deployment", "d", image="i", name="shop")
    drifted(fraud, "x", deployment="d", name="week 1")
    drifted(fraud, "y", version=version.id)
    document = lineage(fraud, 1)
    assert document["version"]["status"] == "approved"
    assert document["to"] == {
        "aliases": ["champion"],
        "copies": ["shop/1"],
        "same_run": ["fraud/2"],
        "images": [
            {
                "id": "i", "name": "fraud:1", "created_at": "2026-09-21T14:13:20.000000Z",
                "deployments": [
                    {
                        "id": "d", "name": "shop", "created_at": None,
                        "drift": [{"id": "x", "name": "week 1", "created_at": None}],
                    }
                ],
            }
        ],
        "drift": [{"id": "y", "name": "y", "created_at": None}],
    }  # fmt: skip
    assert lineage(fraud, 2)["to"] == {"aliases": [], "copies": [], "same_run": ["fraud/1"]}
    copy = fraud.ask(lineage_of, fraud.ask(versions.get, "shop", 1))["from"]
    assert (copy["version"], copy["run"], copy["datasets"]) == ("fraud/1", None, [])


def test_registered_data_have_the_name_of_their_version(fraud: Registry) -> None:
    fraud.write(entity_events("dataset", "d", {"name": "transactions"}))
    fraud.write(entity_events("dataset_version", "dv", {"dataset": "d", "number": 3, "digest": "sha256:1"}))
    names = {item["name"]: item.get("registered") for item in lineage(fraud, 1)["from"]["datasets"]}
    assert names == {"test": None, "train": ["transactions@v3"]}


def test_a_monitor_that_watches_a_version_is_made_of_it_until_it_is_removed(fraud: Registry) -> None:
    version = fraud.ask(versions.get, "fraud", 1)
    fraud.write(entity_events("monitor", "m", {"name": "daily", "version": version.id, "created_at": None}))
    assert lineage(fraud, 1)["to"]["monitors"] == [{"id": "m", "name": "daily", "created_at": None}]
    assert "monitors" not in lineage(fraud, 2)["to"]
    assert not [hold for hold in fraud.ask(holds_on, version) if hold.kind == "monitor"]
    fraud.write(entity_events("monitor", "m", {"removed_us": 1}))
    assert "monitors" not in lineage(fraud, 1)["to"]


def test_data_are_those_of_the_registration_whatever_the_run_says_later(fraud: Registry) -> None:
    writer = JournalWriter(fraud.project.journal_dir, RUN, durability="process")
    writer.event("data", name="late", digest="sha256:3", path="p", size=1, format="csv")
    writer.close()
    assert [item["name"] for item in lineage(fraud, 1)["from"]["datasets"]] == ["test", "train"]


def test_a_run_that_the_store_does_not_have_is_said_to_be_missing(registry: Registry) -> None:
    registry.do(models.register, "fraud")
    registry.do(versions.register, "fraud", source=None, run="f" * 32)
    assert lineage(registry, 1)["from"]["run"] == {"run_id": "f" * 32, "missing": True, "parents": []}


def test_a_circle_of_parents_ends(registry: Registry) -> None:
    child_of(registry.project, RUN, PARENT, "one")
    child_of(registry.project, PARENT, RUN, "other")
    registry.do(models.register, "fraud")
    registry.do(versions.register, "fraud", source=None, run=RUN)
    assert lineage(registry, 1)["from"]["run"]["parents"] == [{"run_id": PARENT, "name": "other"}]


def test_a_logged_model_is_no_other_version(registry: Registry) -> None:
    registry.do(models.register, "fraud")
    registry.do(versions.register, "fraud", source="models:/m-1", logged_model="m-1")
    origin = lineage(registry, 1)["from"]
    assert (origin["version"], origin["logged_model"], origin["source"]) == (None, "m-1", "models:/m-1")
    write_run(registry.project, RUN)
    registry.do(versions.register, "fraud", source=None, run=RUN)
    assert lineage(registry, 1)["to"]["same_run"] == []


def test_data_lead_on_to_runs_versions_and_what_these_became(fraud: Registry) -> None:
    fraud.do(aliases.point, "fraud", "champion", 2)
    second = fraud.ask(versions.get, "fraud", 2)
    drifted(fraud, "d1", name="weekly", version=second.id)
    found = fraud.ask(lineage_of_data, "sha256:1")
    [run] = found["runs"]
    assert (found["count"], run["run_id"], run["as"], run["status"]) == (1, RUN, "train", "finished")
    assert [(one["version"], one["aliases"], "drift" in one) for one in run["versions"]] == [
        ("fraud/1", [], False), ("fraud/2", ["champion"], True),
    ]  # fmt: skip
    assert fraud.ask(lineage_of_data, "sha256:unknown") == {"count": 0, "runs": []}


def test_of_many_runs_that_used_data_the_newest_are_followed(registry: Registry, clock: FakeClock) -> None:
    for number in range(MAX_RUNS + 3):
        clock.advance(1)
        used = {"e": "data", "name": "train", "digest": "sha256:1", "path": "p", "size": 1, "format": "csv"}
        write_run(registry.project, f"{number:032x}", [used], clock=clock)
    found = registry.ask(lineage_of_data, "sha256:1")
    assert (found["count"], len(found["runs"])) == (MAX_RUNS + 3, MAX_RUNS)
    assert found["runs"][0]["run_id"] == f"{MAX_RUNS + 2:032x}"
