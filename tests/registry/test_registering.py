"""Registering a run's model: which one it is, once, with or without MLflow's logged models."""

from __future__ import annotations

import pytest

from tests.cli.harness import write_run
from tests.cli.models.conftest import model_events
from tests.registry.registries import Registry
from workbench.base.errors import ApprovalMissingError, ArtifactNotFoundError, RunNotFoundError
from workbench.registry import models, versions
from workbench.registry.evidence import registered_evidence
from workbench.registry.registering import Registration, find_run_model, register_run
from workbench.store.entities import entity_events

RUN = "a" * 32
LOGGED = "m-" + "1" * 32


def make_run(registry: Registry, *folders: str, uid: str = RUN, name: str = "brave-otter") -> None:
    events = [event for folder in folders for event in model_events(registry.project, folder)]
    write_run(registry.project, uid, events, metrics={"auc": [0.8, 0.9], "system/cpu": [5.0]}, name=name)


def register(registry: Registry, reference: str, name: str = "fraud", **options: object) -> Registration:
    made = registry.do(register_run, reference, name, **options)
    assert isinstance(made, Registration)
    return made


@pytest.mark.parametrize("reference", ["brave-otter", RUN[:8], f"{RUN}:model", f"runs:/{RUN}/model", "@latest:model/"])
def test_a_model_is_found_by_many_names(registry: Registry, reference: str) -> None:
    make_run(registry, "model")
    found = registry.ask(find_run_model, reference)
    assert (found.run, found.path, found.logged_model, found.source) == (RUN, "model", None, f"runs:/{RUN}/model")


def test_a_model_may_be_all_that_a_run_has(registry: Registry) -> None:
    make_run(registry, "")
    version = register(registry, "brave-otter").version
    assert (version.source, version.size_bytes) == (f"runs:/{RUN}/", registry.ask(versions.get, "fraud", 1).size_bytes)
    assert version.digest is not None


def test_a_version_keeps_what_its_run_measured_then(registry: Registry) -> None:
    make_run(registry, "model")
    version = register(registry, "brave-otter").version
    evidence = registry.ask(registered_evidence, version)
    assert evidence["metrics"] == {"auc": 0.9}
    assert evidence["signature"]["inputs"] == [{"name": "amount", "type": "double"}]


def test_model_and_version_are_made_in_one_visit_and_found_in_the_next(registry: Registry) -> None:
    make_run(registry, "model")
    first, second = register(registry, "brave-otter", alias="best"), register(registry, "brave-otter")
    assert (first.is_new, first.is_new_model) == (True, True)
    assert (second.is_new, second.is_new_model) == (False, False)
    assert second.version == first.version == registry.ask(versions.get, "fraud", 1)
    assert registry.ask(models.get, "fraud").aliases == {"best": 1}
    third = register(registry, "brave-otter", again=True)
    assert (third.version.number, third.is_new, third.is_new_model) == (2, True, False)


def test_the_same_files_of_another_run_are_another_version(registry: Registry) -> None:
    make_run(registry, "model")
    make_run(registry, "model", uid="b" * 32, name="quiet-lynx")
    first, second = register(registry, "brave-otter").version, register(registry, "quiet-lynx").version
    assert (first.number, second.number) == (1, 2)
    assert first.digest == second.digest


def test_a_logged_model_of_mlflow_is_known_as_one(registry: Registry) -> None:
    folder = f"models/{LOGGED}"
    make_run(registry, folder)
    fields: dict[str, object] = {"name": "net", "experiment_id": "7", "run": RUN}
    for event in model_events(registry.project, ""):
        fields[f"file:{event['path']}"] = {"sha256": event["sha256"], "size": event["size"]}
    registry.write([dict(event) for event in entity_events("logged_model", LOGGED, fields)])
    for reference in ("brave-otter", "brave-otter:net", f"brave-otter:{folder}"):
        found = registry.ask(find_run_model, reference)
        assert (found.path, found.logged_model) == (folder, LOGGED)
    version = register(registry, "brave-otter:net").version
    assert version.storage_location == f"workbench:artifacts/7/{folder}/artifacts"
    assert not register(registry, "brave-otter").is_new


def test_a_version_that_mlflow_registered_is_found_again(registry: Registry) -> None:
    folder = f"models/{LOGGED}"
    make_run(registry, folder)
    fields: dict[str, object] = {"name": "net", "experiment_id": "7", "run": RUN}
    registry.write([dict(event) for event in entity_events("logged_model", LOGGED, fields)])
    registry.do(models.register, "fraud")
    registry.do(versions.register, "fraud", source=f"models:/{LOGGED}", run=RUN, logged_model=LOGGED)
    assert not register(registry, "brave-otter").is_new


def test_what_is_not_there_registers_nothing(registry: Registry) -> None:
    make_run(registry)
    with pytest.raises(ArtifactNotFoundError, match="has no models"):
        register(registry, "brave-otter")
    with pytest.raises(RunNotFoundError):
        register(registry, "nobody")
    assert registry.written == []


def test_a_protected_alias_is_refused_first(registry: Registry) -> None:
    make_run(registry, "model")
    with open(f"{registry.project.root}/workbench.toml", "w") as file:
        file.write('[models.fraud]\nprotected_aliases = ["champion"]\n')
    with pytest.raises(ApprovalMissingError):
        register(registry, "brave-otter", alias="champion")
    assert registry.written == []
    register(registry, "brave-otter")
    with pytest.raises(ApprovalMissingError):
        register(registry, "brave-otter", alias="champion")
