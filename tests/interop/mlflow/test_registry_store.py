"""What MLflow code does with the registry, and how our store behaves where MLflow's SQL store is no oracle."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersionTag, RegisteredModelTag
from mlflow.exceptions import MlflowException
from mlflow.store.model_registry.abstract_store import AbstractStore
from packaging.version import Version

from tests.interop.mlflow.registry_peers import registry_of
from workbench.base.project import Project, create_project
from workbench.interop.mlflow.place import place_at
from workbench.interop.mlflow.registry_store import KEPT, RegistryStore
from workbench.interop.mlflow.unsupported import inherited, refuse_the_rest
from workbench.interop.mlflow.uri import artifact_root
from workbench.registry import models, queries, versions
from workbench.registry.ledger import Change, Deed, Ledger

pytestmark = pytest.mark.interop

WEBHOOKS = "create_webhook get_webhook update_webhook delete_webhook test_webhook".split()


@pytest.fixture
def store(project: Project) -> Iterator[RegistryStore]:
    yield registry_of(project)
    place_at(project).close()


@pytest.fixture
def client(project: Project) -> Iterator[MlflowClient]:
    """MLflow's client of the project that is the working directory, as `MLFLOW_TRACKING_URI=workbench:` makes it."""
    mlflow.set_tracking_uri("workbench:")
    mlflow.set_registry_uri(f"workbench://{project.root}")  # MLflow keeps one store for each URI, whatever it names
    yield MlflowClient()
    place_at(project).close()
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)


def test_every_method_of_mlflows_interface_is_ours_kept_on_purpose_or_raises(store: RegistryStore) -> None:
    assert inherited(RegistryStore, AbstractStore) <= KEPT
    assert {name for name in KEPT if hasattr(AbstractStore, name)} == KEPT
    for name in WEBHOOKS:
        with pytest.raises(MlflowException, match=f"{name} is not available") as caught:
            getattr(store, name)()
        assert caught.value.error_code == "NOT_IMPLEMENTED"


def test_a_method_that_a_later_mlflow_adds_raises(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(RegistryStore):
        pass

    monkeypatch.setattr(AbstractStore, "create_skill", lambda self, name: None, raising=False)
    store = refuse_the_rest(AbstractStore, KEPT, "no skills")(Later)("workbench:", project, list, None)
    with pytest.raises(MlflowException, match="create_skill is not available"):
        store.create_skill("x")


def test_there_are_no_webhooks_and_asking_for_them_is_no_error(store: RegistryStore) -> None:
    assert (list(store.list_webhooks()), store.list_webhooks(5).token) == ([], None)
    assert list(store.list_webhooks_by_event(None, max_results=100)) == []


def test_what_mlflow_registers_is_what_our_own_functions_read(store: RegistryStore, project: Project) -> None:
    store.create_registered_model("fraud", [RegisteredModelTag("team", "risk")], "finds it")
    store.create_model_version("fraud", "s3://b/m", "r" * 32, [ModelVersionTag("lang", "py")], model_id="m-1")
    store.set_registered_model_alias("fraud", "champion", "1")
    with place_at(project).visit() as db:
        assert models.get(db, "fraud").aliases == {"champion": 1}
        version = versions.get(db, "fraud", 1)
    assert (version.source, version.run, version.tags) == ("s3://b/m", "r" * 32, {"lang": "py"})
    assert store.get_model_version("fraud", 1).model_id == version.logged_model == "m-1"
    assert store.get_model_version("fraud", 1).user_id == version.user


def test_ignoring_case_goes_beyond_ascii(store: RegistryStore) -> None:
    store.create_registered_model("Élan")
    assert [model.name for model in store.search_registered_models("name ILIKE 'éLAN'")] == ["Élan"]
    assert list(store.search_registered_models("name LIKE 'éLAN'")) == []


@pytest.mark.parametrize("clause", ["name = ('a', 'b')", "name IN 'a'"])
def test_a_list_where_none_fits_is_a_mistake_of_the_caller(store: RegistryStore, clause: str) -> None:
    for search in (store.search_registered_models, store.search_model_versions):
        with pytest.raises(MlflowException) as caught:
            search(clause)
        assert caught.value.error_code == "INVALID_PARAMETER_VALUE"


def test_a_busy_store_is_a_temporary_trouble(
    store: RegistryStore, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.interop.mlflow.place.WAIT_S", 0.2, raising=False)
    script = (
        "import sys; from workbench.base.project import Project; from workbench.store.store import Store\n"
        "with Store(Project(sys.argv[1])).reading(): print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, project.root], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        holder.stdout.readline()
        with pytest.raises(MlflowException, match=f"PID {holder.pid}") as caught:
            store.create_registered_model("fraud")
        assert caught.value.error_code == "TEMPORARILY_UNAVAILABLE"
        holder.stdin.close()
    store.create_registered_model("fraud")


def test_threads_that_register_at_once_give_each_number_once(store: RegistryStore) -> None:
    store.create_registered_model("fraud")
    given: list[int] = []

    def register() -> None:
        for _ in range(5):
            given.append(store.create_model_version("fraud", "s3://b/m").version)  # noqa: PERF401

    threads = [threading.Thread(target=register) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 16))


def test_a_store_works_on_in_a_forked_child_and_in_its_parent(store: RegistryStore) -> None:
    store.create_registered_model("fraud")
    store.create_model_version("fraud", "s3://b/m")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a fork with threads is what is tested
        child = os.fork()
    if child == 0:
        try:
            os._exit(0 if store.create_model_version("fraud", "s3://b/m").version == 2 else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.create_model_version("fraud", "s3://b/m").version == 3


def test_a_logged_model_is_looked_up_where_the_store_was_told_to(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    class Client:
        def __init__(self, tracking_uri: str | None) -> None:
            asked.append(tracking_uri)

        def get_logged_model(self, model_id: str) -> Any:
            asked.append(model_id)
            if model_id == "m-gone":
                raise MlflowException("gone", 3001)
            return type("LoggedModel", (), {"artifact_location": "s3://where", "source_run_id": "r" * 32})

    monkeypatch.setattr("workbench.interop.mlflow.registry_versions.MlflowClient", Client)
    store = RegistryStore("workbench:", project, Ledger(project, place_at(project).edit), "workbench:///tracking")
    store.create_registered_model("fraud")
    version = store.create_model_version("fraud", "models:/m-1")
    assert (version.run_id, version.source, version.model_id) == ("r" * 32, "models:/m-1", "m-1")
    assert store.get_model_version_download_uri("fraud", 1) == "s3://where"
    assert store.create_model_version("fraud", "s3://x", model_id="m-2").run_id == "r" * 32
    assert asked == ["workbench:///tracking", "m-1", "workbench:///tracking", "m-2"]
    with pytest.raises(MlflowException, match=r"Unable to fetch model .* 'models:/m-gone'"):
        store.create_model_version("fraud", "models:/m-gone")
    place_at(project).close()


def test_prompts_are_registered_loaded_and_searched_and_are_no_models(client: MlflowClient) -> None:
    mlflow.genai.register_prompt("greeting", "Hello {{name}}", commit_message="first", tags={"lang": "en"})
    second = mlflow.genai.register_prompt("greeting", "Hi {{name}}")
    mlflow.genai.set_prompt_alias("greeting", "best", 1)
    assert second.version == 2
    assert mlflow.genai.load_prompt("greeting", version=2).template == "Hi {{name}}"
    first = mlflow.genai.load_prompt("prompts:/greeting@best")
    assert (first.version, first.format(name="Ada"), first.commit_message) == (1, "Hello Ada", "first")
    assert [prompt.name for prompt in client.search_prompts()] == ["greeting"]
    if Version(mlflow.__version__) >= Version("3.11"):  # older releases know it on Databricks only
        assert [prompt.version for prompt in client.search_prompt_versions("greeting")] == [2, 1]
    assert list(client.search_registered_models()) == []
    assert list(client.search_model_versions("name = 'greeting'")) == []
    client.delete_prompt_version("greeting", "2")
    mlflow.genai.delete_prompt_alias("greeting", "best")
    with pytest.raises(MlflowException, match="already taken by a prompt"):
        client.create_registered_model("greeting")


def test_the_client_registers_copies_and_finds_versions(
    client: MlflowClient, capfd: pytest.CaptureFixture[str]
) -> None:
    client.create_registered_model("fraud", tags={"team": "risk"})
    made = client.create_model_version("fraud", "s3://b/m", tags={"lang": "py"}, description="first")
    assert made.status == "READY"
    client.set_registered_model_alias("fraud", "champion", made.version)
    copied = client.copy_model_version("models:/fraud@champion", "production")
    assert (copied.name, copied.version, copied.tags, copied.source) == (
        "production",
        1,
        {"lang": "py"},
        "models:/fraud/1",
    )
    assert client.get_model_version_download_uri("production", "1") == "s3://b/m"
    assert client.get_model_version_by_alias("fraud", "latest").version == 1
    found = client.search_registered_models("tags.team = 'risk'")
    assert [(model.name, model.aliases) for model in found] == [("fraud", {"champion": 1})]
    assert [version.version for version in client.search_model_versions("name = 'production'")] == [1]
    capfd.readouterr()


def test_nothing_of_the_product_needs_mlflows_sql_stores(project: Project) -> None:
    script = (
        "import sys\n"
        "sys.modules['sqlalchemy'] = None\n"
        "from workbench.interop.mlflow.plugin import model_registry_store\n"
        "store = model_registry_store('workbench://' + sys.argv[1])\n"
        "store.create_registered_model('fraud')\n"
        "assert store.create_model_version('fraud', 's3://b/m').version == 1\n"
        "assert [m.name for m in store.search_registered_models(\"name LIKE 'f%'\")] == ['fraud']\n"
    )
    done = subprocess.run([sys.executable, "-c", script, project.root], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_version_of_another_machine_with_a_number_that_is_taken_is_not_shown_twice(
    store: RegistryStore, project: Project
) -> None:
    store.create_registered_model("fraud")
    store.create_model_version("fraud", "s3://ours")
    place = place_at(project)
    with place.visit() as db:
        model = models.get(db, "fraud")
        fields = {"model": model.id, "number": 1, "created_at": 2**42, "source": "s3://theirs"}
        theirs = Ledger(project, place.edit, who="somebody else")
        theirs.record(db, Deed("register", "fraud", model.id, 1), Change("version", "f" * 32, fields))
    assert [version.source for version in store.search_model_versions()] == ["s3://ours"]
    assert store.get_model_version("fraud", 1).source == "s3://ours"
    with place.visit() as db:
        assert [version.source for version in queries.contested(db)] == ["s3://theirs"]


def test_a_version_is_found_where_its_project_was_moved_to(tmp_path: Path) -> None:
    before = create_project(str(tmp_path / "before"))
    source = f"{artifact_root(before)}/0/{'a' * 32}/artifacts/model"
    store = registry_of(before)
    store.create_registered_model("fraud")
    assert store.create_model_version("fraud", source).source == source
    assert len(store.search_model_versions(f"source_path = '{source}'")) == 1
    place_at(before).close()
    (tmp_path / "before").rename(tmp_path / "after")
    after = Project(str(tmp_path / "after"))
    moved = registry_of(after)
    expected = f"{artifact_root(after)}/0/{'a' * 32}/artifacts/model"
    assert moved.get_model_version("fraud", 1).source == expected
    assert moved.get_model_version_download_uri("fraud", 1) == expected
    assert len(moved.search_model_versions(f"source_path LIKE '{artifact_root(after)}/%'")) == 1
    place_at(after).close()
