"""Two registries side by side: MLflow's own SQL store, which is the oracle, and ours."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mlflow.entities.model_registry import ModelVersion, RegisteredModel
from mlflow.exceptions import MlflowException
from mlflow.store.entities.paged_list import PagedList

from tests.conftest import FakeClock
from workbench.base.clock import set_clock
from workbench.base.project import Project, create_project
from workbench.interop.mlflow.place import place_at
from workbench.interop.mlflow.registry_store import RegistryStore
from workbench.registry.ledger import Ledger

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow uses what SQLAlchemy is about to remove
    import mlflow.store.model_registry.sqlalchemy_store as sql_store
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore

__all__ = ["Peers", "SqlAlchemyStore", "make_oracle", "new_peers", "outcome", "registry_of"]

_TABLES = "registered_model_aliases model_version_tags registered_model_tags model_versions registered_models".split()


def registry_of(project: Project) -> RegistryStore:
    """Our store of a project, as the plugin makes it."""
    return RegistryStore("workbench:", project, Ledger(project, place_at(project).edit), None)


def make_oracle(folder: str) -> SqlAlchemyStore:
    """MLflow's store on a new SQLite file, which takes seconds to make."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return SqlAlchemyStore(f"sqlite:///{folder}/oracle.db")


class Peers:
    """The two stores, empty at first, with one clock.

    Attributes:
        asked: how many answers were compared.
    """

    def __init__(self, oracle: SqlAlchemyStore, ours: RegistryStore, clock: FakeClock) -> None:
        self.oracle = oracle
        self.ours = ours
        self.clock = clock
        self.asked = 0

    def both(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Call a method of both and compare; returns what it came to, as `outcome` does."""
        expected = outcome(getattr(self.oracle, method), arguments, options)
        found = outcome(getattr(self.ours, method), arguments, options)
        assert found == expected, f"{method}{arguments} {options}"
        self.asked += 1
        return expected

    def compare_all(self) -> None:
        """Compare everything that can be seen of what is there."""
        models, _ = self.both("search_registered_models")
        self.both("search_model_versions")
        for model in models[:2]:
            self.both("get_latest_versions", model["name"])
            for alias in model["aliases"]:
                self.both("get_model_version_by_alias", model["name"], alias)


@contextmanager
def new_peers(oracle: SqlAlchemyStore, root: str | None = None) -> Iterator[Peers]:
    """An emptied oracle and a new project of ours.

    Args:
        root: the folder of the project; default a temporary one.
    """
    with oracle.engine.begin() as connection:
        for table in _TABLES:
            connection.exec_driver_sql(f"DELETE FROM {table}")
    clock = FakeClock()
    set_clock(clock)
    true_clock = sql_store.get_current_time_millis
    sql_store.get_current_time_millis = lambda: clock.now_us // 1000
    with tempfile.TemporaryDirectory(dir=root) as folder:
        project = create_project(os.path.join(folder, "project"))
        try:
            yield Peers(oracle, registry_of(project), clock)
        finally:
            place_at(project).close()
            sql_store.get_current_time_millis = true_clock
            set_clock(None)


def outcome(method: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What a call came to, as plain values: an error is its code and the first line of its message."""
    try:
        return _plain(method(*arguments, **options))
    except MlflowException as error:
        # What follows "Error:" is the database's own text.
        return error.error_code, error.message.split("\n")[0].split(" Error: ")[0]


def _plain(value: Any) -> Any:
    if isinstance(value, PagedList):
        return [_plain(item) for item in value], value.token
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, ModelVersion):
        # MLflow's SQL store forgets both.
        return {**dict(value), "user_id": None, "model_id": None}
    if isinstance(value, RegisteredModel):
        return {
            **dict(value),
            "tags": value._tags,
            "latest_versions": [_plain(version) for version in value.latest_versions],
        }
    return value
