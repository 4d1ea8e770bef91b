"""Calls of MLflow's client as hypothesis draws them: data first, so that a failing sequence can be read and shrunk."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
    ViewType,
)

from tests.interop.mlflow.two_stores import START_S, Side

Call = tuple[str, tuple[Any, ...]]

EXPERIMENT_NAMES = st.sampled_from(["fraud", "churn", "Fraud", "a b", "näme", "", "Default"])
KEYS = st.sampled_from(["loss", "auc", "x/y", "Loss", "a b", "k.1", "läng"])
BAD_KEYS = st.sampled_from(["loss", "", "a;b", "/x", "x//y", "k" * 251])
TEXTS = st.sampled_from(["0.1", "a", "A", "", "a%", "ünï", "0.10", "None", "x" * 300, "it's"])
NUMBERS = st.sampled_from([0.0, 1.0, -1.5, 0.25, 1e300, float("nan"), 3.0])
STEPS = st.sampled_from([0, 1, 2, 5, -1])
TIMES = st.sampled_from([START_S * 1000, START_S * 1000 + 1, START_S * 1000 + 5000, 0])
INDEX = st.integers(0, 3)
RUN_NAMES = st.sampled_from(["r1", "R2", "run 3"])
VIEWS = st.sampled_from([ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL])
TAG_KEYS = st.sampled_from(["t", "T", "mlflow.note.content", "mlflow.parentRunId", "mlflow.user", "mlflow.runName"])

RUN_FILTERS = st.sampled_from(
    [
        "", "metrics.loss > 0.2", "metrics.loss != 1", "metric.auc <= 1.0 and params.loss = '0.1'",
        "params.loss LIKE 'a%'",
        "params.loss ILIKE 'A'", "tags.t = 'a'", "tags.`mlflow.runName` LIKE 'r%'", "attributes.status = 'FINISHED'",
        "attributes.run_name = 'r1'", "run_name ILIKE 'R%'", "attributes.start_time > 5", "tags.t IS NULL",
        "tags.mlflow.note.content IS NOT NULL", "params.loss IS NOT NULL", "metrics.loss > 'x'", "params.loss > 1",
        "attributes.bogus = 'x'", "metrics.`a b` < 2 AND tags.T != 'a'", "dataset.name = 'd1'",
        "datasets.digest LIKE '1%'",
        "dataset.context = 'train'", "attributes.end_time < 9999999999999", "user_id = 'ada'", "status != 'RUNNING'",
        "metrics.loss > 0.2 OR metrics.auc > 1", "tags.t IN ('a')", "attributes.run_id IN ('x', 'y')", "nonsense",
    ]
)  # fmt: skip
RUN_ORDERS = st.lists(
    st.sampled_from(
        [
            "metrics.loss", "metrics.loss DESC", "params.loss ASC", "tags.t DESC", "attributes.start_time ASC",
            "start_time DESC", "attributes.status", "attributes.end_time DESC", "run_name DESC", "metrics.`a b` ASC",
            "bogus", "attributes.bogus", "tags.`mlflow.note.content`", "user_id",
        ]
    ),
    max_size=2,
)  # fmt: skip
EXPERIMENT_FILTERS = st.sampled_from(
    ["", "name = 'fraud'", "name LIKE 'F%'", "name ILIKE 'f%'", "tags.t = 'a'", "tags.t != 'a'", "creation_time > 0",
     "last_update_time < 99999999999999", "bogus = 'x'", "name > 'a'", "tags.t LIKE '%a%' AND name != 'x'"]
)  # fmt: skip
EXPERIMENT_ORDERS = st.lists(
    st.sampled_from(["name", "name DESC", "creation_time ASC", "last_update_time DESC", "bogus"]), max_size=2
)
MODEL_FILTERS = st.sampled_from(
    ["", "name = 'm'", "params.loss = '0.1'", "tags.t = 'a'", "metrics.loss > 0.2", "creation_timestamp > 0",
     "model_type = 'x'", "name LIKE 'M%'", "bogus"]
)  # fmt: skip
MODEL_ORDERS = st.sampled_from(
    [None, [{"field_name": "name"}], [{"field_name": "metrics.loss", "ascending": False}], [{"field_name": "bogus"}],
     [{"field_name": "creation_timestamp", "ascending": True}]]
)  # fmt: skip


def _call(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Call]:
    return st.tuples(st.just(name), st.tuples(*arguments))


CALLS: st.SearchStrategy[Call] = st.one_of(
    _call("create_experiment", EXPERIMENT_NAMES, st.dictionaries(KEYS, TEXTS, max_size=2)),
    _call("rename_experiment", INDEX, EXPERIMENT_NAMES.filter(bool)),  # MLflow 3.10 takes an empty name
    _call("delete_experiment", INDEX),
    _call("restore_experiment", INDEX),
    _call("set_experiment_tag", INDEX, TAG_KEYS, TEXTS),
    _call("delete_experiment_tag", INDEX, TAG_KEYS),
    _call("get_experiment", INDEX),
    _call("get_experiment_by_name", EXPERIMENT_NAMES),
    _call("search_experiments", VIEWS, st.sampled_from([1, 2, 100, 0]), EXPERIMENT_FILTERS, EXPERIMENT_ORDERS),
    *[_call("create_run", INDEX, TIMES, RUN_NAMES, st.dictionaries(TAG_KEYS, TEXTS, max_size=2))] * 4,
    *[_call("log_metric", INDEX, KEYS, NUMBERS, TIMES, STEPS)] * 4,
    _call("log_metric", INDEX, BAD_KEYS, NUMBERS, TIMES, STEPS),
    _call("log_param", INDEX, KEYS, TEXTS),
    _call("log_param", INDEX, BAD_KEYS, TEXTS),
    _call("set_tag", INDEX, TAG_KEYS, TEXTS),
    _call("delete_tag", INDEX, st.sampled_from(["t", "T", "mlflow.note.content", "mlflow.user"])),
    _call(
        "log_batch", INDEX, st.lists(st.tuples(KEYS, NUMBERS, TIMES, STEPS), max_size=4),
        st.lists(st.tuples(KEYS, TEXTS), max_size=3), st.lists(st.tuples(TAG_KEYS, TEXTS), max_size=3),
    ),
    _call("log_dataset", INDEX, st.sampled_from(["d1", "d2"]), st.sampled_from("12"), st.sampled_from(["train", None])),
    _call("end_run", INDEX, st.sampled_from(["FINISHED", "FAILED", "KILLED"]), TIMES),
    _call("resume_run", INDEX),
    _call("rename_run", INDEX, st.sampled_from(["r9", "r1"])),
    _call("delete_run", INDEX),
    _call("restore_run", INDEX),
    _call("get_run", INDEX),
    *[_call("search_runs", st.sets(INDEX), RUN_FILTERS, VIEWS, st.sampled_from([1, 2, 1000]), RUN_ORDERS)] * 4,
    _call("next_page", st.sets(INDEX), RUN_FILTERS, RUN_ORDERS),
    _call("history", INDEX, KEYS),
    _call("create_model", INDEX, INDEX, st.sampled_from(["m", "M2", "a/b"]), st.dictionaries(KEYS, TEXTS, max_size=2)),
    _call("finalize_model", INDEX, st.sampled_from(["READY", "FAILED"])),
    _call("tag_model", INDEX, TAG_KEYS, TEXTS),
    _call("untag_model", INDEX, TAG_KEYS),
    _call("delete_model", INDEX),
    _call("get_model", INDEX),
    _call("model_metric", INDEX, INDEX, KEYS, st.sampled_from([0.0, 1.0, 0.25]), TIMES, STEPS),
    _call("log_outputs", INDEX, INDEX, STEPS),
    _call("search_models", st.sets(INDEX, min_size=1), MODEL_FILTERS, MODEL_ORDERS, st.sampled_from([1, 100])),
)  # fmt: skip


def _nth(ids: list[str], index: int, missing: str) -> str:
    return ids[index % len(ids)] if ids else missing


def _no_note(key: str, value: str) -> bool:
    """An empty note, which is a tag for MLflow and none for us."""
    return key == "mlflow.note.content" and not value


def _time(value: float, time: int) -> int:
    """A time that a NaN has to itself: which of two values of one time is the last differs where one is NaN."""
    return time + 7 if math.isnan(value) else time


def _run(side: Side, index: int) -> str:
    return _nth(side.runs, index, "0" * 32)


def _experiment(side: Side, index: int) -> str:
    return _nth(side.experiments, index, "0")


def _model(side: Side, index: int) -> str:
    return _nth(side.models, index, "m-" + "0" * 32)


def act(call: Call) -> Callable[[Side], Any]:
    """What a call does to one of the stores."""
    name, arguments = call
    return lambda side: _ACTS[name](side, *arguments)


def _create_experiment(side: Side, name: str, tags: dict[str, str]) -> str:
    made = side.client.create_experiment(name, tags=tags)
    side.made("experiments", made)
    return side.names[made]


def _experiment_entity(experiment: Any) -> Any:
    if experiment is None:
        return None
    known = {key: value for key, value in dict(experiment).items() if key not in ("artifact_location", "workspace")}
    if experiment.experiment_id == "0":  # each store made its own at its own time
        known |= {"creation_time": None, "last_update_time": None}
    return known


def _search_experiments(side: Side, view: int, limit: int, text: str, order: list[str]) -> Any:
    found = side.client.search_experiments(view, limit, text or None, order or None)
    return [[_experiment_entity(one) for one in found], found.token]


def _create_run(side: Side, experiment: int, start: int, name: str, tags: dict[str, str]) -> Any:
    tags = {key: value for key, value in tags.items() if key != "mlflow.runName" and not _no_note(key, value)}
    run = side.client.create_run(_experiment(side, experiment), start, tags, name)
    side.made("runs", run.info.run_id)
    return _run_entity(run)


def _run_entity(run: Any) -> Any:
    shown = run.to_dictionary()
    shown["info"].pop("artifact_uri")
    return shown


def _search_runs(
    side: Side, experiments: set[int], text: str, view: int, limit: int, order: list[str], token: str | None = None
) -> Any:
    ids = sorted({_experiment(side, index) for index in experiments}, key=side.experiments.index)
    found = side.client.search_runs(ids, text, view, limit, order or None, token)
    return [[_run_entity(run) for run in found], found.token]


def _next_page(side: Side, experiments: set[int], text: str, order: list[str]) -> Any:
    pages = []
    token: str | None = None
    for _ in range(4):
        found, token = _search_runs(side, experiments, text, ViewType.ALL, 1, order, token)
        pages.append((found, token))
        if token is None:
            break
    return pages


def _log_dataset(side: Side, run: int, name: str, digest: str, context: str | None) -> None:
    tags = [InputTag("mlflow.data.context", context)] if context else []
    dataset = Dataset(name, digest, "local", '{"uri": "x"}', '{"mlflow_colspec": []}', None)
    side.client.log_inputs(_run(side, run), [DatasetInput(dataset, tags)])


def _history(side: Side, run: int, key: str) -> Any:
    return [(m.key, m.value, m.timestamp, m.step) for m in side.client.get_metric_history(_run(side, run), key)]


def _create_model(side: Side, experiment: int, run: int, name: str, params: dict[str, str]) -> Any:
    model = side.client.create_logged_model(
        _experiment(side, experiment), name=name, source_run_id=side.runs[run % len(side.runs)] if side.runs else None,
        params=params, model_type="x",
    )  # fmt: skip
    side.made("models", model.model_id)
    return _model_entity(model)


def _model_entity(model: Any) -> Any:
    shown = {key: value for key, value in dict(model).items() if key not in ("artifact_location", "workspace")}
    shown["status"] = str(model.status)
    metrics = [(m.key, m.value, m.timestamp, m.step, m.run_id, m.model_id) for m in model.metrics or []]
    shown["metrics"] = sorted(metrics, key=repr)
    return shown


def _model_metric(side: Side, model: int, run: int, key: str, value: float, time: int, step: int) -> None:
    if side.models:
        side.client.log_metric(_run(side, run), key, value, time, step, model_id=_model(side, model))


def _log_outputs(side: Side, run: int, model: int, step: int) -> None:
    """MLflow's database refuses a second link of the two with an error of its own; ours keeps the later step."""
    link = (_run(side, run), _model(side, model))
    if link not in side.linked:
        side.client.log_outputs(link[0], [LoggedModelOutput(link[1], step)])
        side.linked.add(link)


def _search_models(side: Side, experiments: set[int], text: str, order: Any, limit: int) -> Any:
    ids = sorted({_experiment(side, index) for index in experiments}, key=side.experiments.index)
    found = side.client.search_logged_models(ids, text or None, max_results=limit, order_by=order)
    return [[_model_entity(model) for model in found], found.token is None]


_ACTS: dict[str, Callable[..., Any]] = {
    "create_experiment": _create_experiment,
    "rename_experiment": lambda s, i, name: s.client.rename_experiment(_experiment(s, i), name),
    "delete_experiment": lambda s, i: s.client.delete_experiment(_experiment(s, i)),
    "restore_experiment": lambda s, i: s.client.restore_experiment(_experiment(s, i)),
    "set_experiment_tag": lambda s, i, key, value: s.client.set_experiment_tag(_experiment(s, i), key, value),
    "delete_experiment_tag": lambda s, i, key: s.client.delete_experiment_tag(_experiment(s, i), key),
    "get_experiment": lambda s, i: _experiment_entity(s.client.get_experiment(_experiment(s, i))),
    "get_experiment_by_name": lambda s, name: _experiment_entity(s.client.get_experiment_by_name(name)),
    "search_experiments": _search_experiments,
    "create_run": _create_run,
    "log_metric": lambda s, i, key, value, time, step: s.client.log_metric(
        _run(s, i), key, value, _time(value, time), step
    ),
    "log_param": lambda s, i, key, value: s.client.log_param(_run(s, i), key, value),
    "set_tag": lambda s, i, key, value: None if _no_note(key, value) else s.client.set_tag(_run(s, i), key, value),
    "delete_tag": lambda s, i, key: s.client.delete_tag(_run(s, i), key),
    "log_batch": lambda s, i, metrics, params, tags: s.client.log_batch(
        _run(s, i),
        [Metric(key, value, _time(value, time), step) for key, value, time, step in metrics],
        [Param(*param) for param in params],
        [RunTag(*tag) for tag in tags if not _no_note(*tag)],
    ),
    "log_dataset": _log_dataset,
    "end_run": lambda s, i, status, time: s.client.set_terminated(_run(s, i), status, time),
    "resume_run": lambda s, i: s.client.update_run(_run(s, i), status="RUNNING"),
    "rename_run": lambda s, i, name: s.client.update_run(_run(s, i), name=name),
    "delete_run": lambda s, i: s.client.delete_run(_run(s, i)),
    "restore_run": lambda s, i: s.client.restore_run(_run(s, i)),
    "get_run": lambda s, i: _run_entity(s.client.get_run(_run(s, i))),
    "search_runs": _search_runs,
    "next_page": _next_page,
    "history": _history,
    "create_model": _create_model,
    "finalize_model": lambda s, i, status: _model_entity(s.client.finalize_logged_model(_model(s, i), status)),
    "tag_model": lambda s, i, key, value: s.client.set_logged_model_tags(_model(s, i), {key: value}),
    "untag_model": lambda s, i, key: s.client.delete_logged_model_tag(_model(s, i), key),
    "delete_model": lambda s, i: s.client.delete_logged_model(_model(s, i)),
    "get_model": lambda s, i: _model_entity(s.client.get_logged_model(_model(s, i))),
    "model_metric": _model_metric,
    "log_outputs": _log_outputs,
    "search_models": _search_models,
}
