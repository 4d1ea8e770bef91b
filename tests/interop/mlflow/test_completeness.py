"""Every method of MLflow's tracking stores works, or says in MLflow's own words that it does not."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.abstract_store import AbstractStore

from workbench.base.project import Project
from workbench.interop.mlflow.model_methods import ModelMethods
from workbench.interop.mlflow.place import place_at
from workbench.interop.mlflow.tracking_store import KEPT, WITHOUT, TrackingStore
from workbench.interop.mlflow.unsupported import inherited, refuse_the_rest

CALLED_WITHOUT_BEING_DECLARED = (
    "delete_tag get_metric_history_bulk log_logged_model_params _search_datasets _get_deleted_runs _hard_delete_run "
    "_hard_delete_experiment _get_deleted_logged_models _hard_delete_logged_model"
).split()
"""Methods that MLflow's client, server and `mlflow gc` call on every store, though `AbstractStore` has none of them."""


def declared() -> dict[str, Any]:
    """Every method of the interface, those of its mixins included."""
    return {
        name: value
        for cls in reversed(AbstractStore.__mro__)
        if cls is not object
        for name, value in vars(cls).items()
        if not name.startswith("__") and (inspect.isroutine(value) or isinstance(value, property))
    }


def ours() -> set[str]:
    """The methods that our store implements."""
    return {
        name
        for cls in TrackingStore.__mro__[: TrackingStore.__mro__.index(AbstractStore)]
        for name, value in vars(cls).items()
        if inspect.isfunction(value) and value.__module__ != refuse_the_rest.__module__
    }


REFUSED = sorted(declared().keys() - ours() - KEPT - WITHOUT)


def test_the_whole_interface_is_looked_at() -> None:
    names = declared()
    assert len(names) > 90
    assert {"create_run", "start_trace", "register_scorer"} <= names.keys()
    assert {"create_run", "log_batch", "search_logged_models"} <= ours()
    assert {"start_trace", "register_scorer"} <= set(REFUSED)


def test_what_is_kept_or_empty_is_not_ours_and_declared_by_some_mlflow() -> None:
    """The oldest that is supported has fewer methods than the latest."""
    later = {"supports_workspaces", "supports_trace_archival", "filter_active_experiment_ids", "_evenly_spaced_indices"}
    assert declared().keys() >= KEPT - later
    assert not (KEPT | WITHOUT) & ours()
    assert inherited(TrackingStore, AbstractStore) <= KEPT


def test_what_is_called_without_being_declared_is_ours() -> None:
    assert set(CALLED_WITHOUT_BEING_DECLARED) <= ours()


def test_everything_else_raises_with_a_sentence(project: Project) -> None:
    store = TrackingStore(place_at(project))
    for name in REFUSED:
        with pytest.raises(MlflowException, match=f"^{name} is not available on a workbench: store: .+") as caught:
            getattr(store, name)()
        assert caught.value.error_code == "NOT_IMPLEMENTED"


def test_a_refused_method_takes_any_arguments(project: Project) -> None:
    with pytest.raises(MlflowException, match="get_trace_info"):
        TrackingStore(place_at(project)).get_trace_info("tr-1", anything=3)


def test_lists_of_what_is_never_there_are_empty(project: Project) -> None:
    """MLflow's web UI asks for them on pages that it opens with runs and models."""
    store = TrackingStore(place_at(project))
    for name in sorted(WITHOUT & declared().keys()):
        assert list(getattr(store, name)(["0"], max_results=3)) == []
    assert store.search_traces(["0"], filter_string="x") == ([], None)


def test_our_methods_take_what_the_interface_says() -> None:
    """By position and by name: a renamed parameter would show only where MLflow passes it by name."""
    different = {}
    for name in sorted(ours() & declared().keys() - {"search_traces"}):
        theirs, mine = (
            list(inspect.signature(getattr(cls, name)).parameters) for cls in (AbstractStore, TrackingStore)
        )
        if mine[: len(theirs)] != theirs:
            different[name] = (theirs, mine)
    assert not different


def test_a_method_that_a_later_mlflow_adds_raises(project: Project) -> None:
    class LaterMixin:
        def create_skill(self, name: str) -> None:
            """Abstract, which MLflow does not enforce."""

    class LaterStore(LaterMixin, AbstractStore):  # type: ignore[misc]
        def get_dream(self, *, of: str) -> None:
            """Abstract."""

        @staticmethod
        def count_sheep() -> int:
            return 1

    @refuse_the_rest(LaterStore, KEPT, "it has none")
    class Store(ModelMethods, LaterStore):
        pass

    store = Store()
    store.place = place_at(project)
    for call in (lambda: store.create_skill("x"), lambda: store.get_dream(of="electric sheep"), store.count_sheep):
        with pytest.raises(MlflowException, match="is not available on a workbench: store: it has none"):
            call()
    assert callable(store.search_runs)
