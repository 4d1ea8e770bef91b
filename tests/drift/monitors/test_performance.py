"""Performance of windows: labels that come late, estimates, bounds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.drift.monitors.watched import FIRST, ROWS, Watched, day_name, lines_of, rows_of, write_days, write_lines
from workbench.base.errors import InputError
from workbench.drift.monitors.labelling import give_labels
from workbench.drift.monitors.labels import Told
from workbench.drift.monitors.results import result_performance


def label(watched: Watched, path: str, *keys: str, column: str = "") -> Told:
    """Give the monitor `shop` the labels of a file."""
    return give_labels(watched.project, watched.reading, watched.monitor(), path, list(keys), column, "ada")


def write_labels(name: str, days: int, *, wrong: float = 0.0, rows: int = ROWS, seed: int = 0) -> None:
    """Labels of the first rows of some days, of which a share is not what was predicted."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(days):
        for line in lines_of(FIRST + timedelta(days=number), seed=number)[:rows]:
            truth = 1 - line["y"] if random.random() < wrong else line["y"]
            found.append({"rid": line["rid"], "label": truth})
    pl.DataFrame(found).write_csv(name)


def metric(watched: Watched, number: int, name: str) -> dict[str, object]:
    result = watched.results()[number]
    with watched.reading() as db:
        document = result_performance(db, result.id)
    assert document is not None
    return next(one for one in document["metrics"] if one["metric"] == name)


def test_labels_that_come_late_are_joined_and_only_their_windows_computed_anew(watched: Watched) -> None:
    write_days(watched.log, [0, 0, 0])
    watched.add()
    watched.run()
    assert [one.coverage for one in watched.results()] == [None, None, None]
    write_labels("labels.csv", 1, wrong=0.1, rows=150)
    told = label(watched, "labels.csv")
    assert (told.rows, told.known, told.unknown) == (150, 150, 0)
    watched.clock.advance(60)
    outcome = watched.run(due=True)
    assert [one.window for one in outcome.results] == [day_name(0)]
    found = watched.results()
    assert [one.coverage for one in found] == [0.75, None, None]
    accuracy = metric(watched, 0, "accuracy")
    assert accuracy["n"] == 150
    assert isinstance(accuracy["realised"], float) and 0.8 < accuracy["realised"] < 0.99
    assert watched.run().results == ()


def test_labels_are_counted_folded_and_the_last_one_wins(watched: Watched) -> None:
    write_days(watched.log, [0])
    watched.add()
    watched.run()
    rid = f"{FIRST}-0"
    said = lines_of(FIRST)[0]["y"]
    Path("labels.csv").write_text(
        f"rid,label\n{rid},{1 - said}\n{rid},{said}\n{rid},{said}\nnobody,1\n,1\n{FIRST}-1,\n"
    )
    told = label(watched, "labels.csv")
    assert (told.rows, told.unknown, told.duplicates, told.contradicting, told.nulls) == (6, 1, 1, 1, 2)
    watched.run()
    assert (metric(watched, 0, "accuracy")["realised"], metric(watched, 0, "accuracy")["n"]) == (1.0, 1)


def test_labels_before_the_window_is_closed_are_there_when_it_is(watched: Watched) -> None:
    write_days(watched.log, [0])
    watched.add()
    write_labels("labels.csv", 1)
    label(watched, "labels.csv")
    watched.run()
    assert watched.results()[0].coverage == 1


def test_a_row_within_a_request_is_a_second_key(watched: Watched) -> None:
    lines = [{**line, "rid": f"r{number // 10}", "row": number % 10} for number, line in enumerate(lines_of(FIRST))]
    write_lines(watched.log, FIRST, lines)
    watched.add()
    watched.run()
    pl.DataFrame([{"order": one["rid"], "place": one["row"], "truth": one["y"]} for one in lines[:100]]).write_parquet(
        "l.parquet"
    )
    assert label(watched, "l.parquet", "order", "place", column="truth").known == 100
    watched.run()
    assert watched.results()[0].coverage == 0.5
    with pytest.raises(InputError, match="2 columns of keys, these 1"):
        label(watched, "l.parquet", "order", column="truth")


def test_a_bound_is_held_against_what_is_realised(watched: Watched) -> None:
    write_days(watched.log, [0, 0])
    watched.add(min={"accuracy": 0.8})
    write_labels("labels.csv", 2)
    label(watched, "labels.csv")
    watched.run()
    assert [(one.verdict, one.performance) for one in watched.results()] == [("ok", "ok"), ("ok", "ok")]
    write_labels("worse.csv", 1, wrong=0.5)
    watched.clock.advance(60)
    label(watched, "worse.csv")
    watched.run()
    bad, good = watched.results()
    assert (bad.verdict, bad.drift, bad.performance, bad.alert) == ("drift", "ok", "drift", "raised")
    assert bad.reasons[0].startswith("accuracy 0.") and bad.reasons[0].endswith("is below 0.8")
    assert (good.verdict, good.alert) == ("ok", "cleared")


def test_too_few_labels_are_not_judged(watched: Watched) -> None:
    write_days(watched.log, [0])
    watched.add(min={"accuracy": 0.99})
    write_labels("labels.csv", 1, wrong=1.0, rows=20)
    label(watched, "labels.csv")
    watched.run()
    [one] = watched.results()
    assert (one.verdict, one.performance, one.coverage) == ("ok", "insufficient", 0.1)


def test_estimates_need_no_labels_and_only_warn(watched: Watched) -> None:
    random = np.random.default_rng(3)
    scores = random.random(4000)
    labelled = {
        **rows_of(4000, seed=3), "score": scores, "prediction": (scores >= 0.5).astype(int),
        "label": (random.random(4000) < scores).astype(int),
    }  # fmt: skip
    pl.DataFrame(labelled).write_parquet("train.parquet")
    monitor = watched.add(label="label", prediction="prediction", score={"": "score"}, min={"accuracy": 0.9})
    assert monitor.reference.estimator is not None
    Path("train.parquet").unlink()
    write_days(watched.log, [0])
    watched.run()
    [one] = watched.results()
    assert (one.verdict, one.performance, one.coverage) == ("warn", "warn", 0)
    estimate = metric(watched, 0, "accuracy")
    assert estimate["realised"] is None
    assert isinstance(estimate["estimated"], float) and abs(estimate["estimated"] - 0.75) < 0.05
    assert one.reasons[0].startswith("accuracy is estimated at 0.7")


def test_why_nothing_is_estimated_is_said(watched: Watched) -> None:
    monitor = watched.add(label="label", prediction="visits")
    assert monitor.reference.estimator is None
    assert monitor.reference.no_estimator


def test_files_with_labels_in_them_need_no_join(watched: Watched) -> None:
    frame = pl.DataFrame(rows_of(seed=1)).with_columns(
        pl.Series("said", [0, 1] * (ROWS // 2)), pl.Series("label", [0, 1] * (ROWS // 2))
    )
    frame.write_csv("scored.csv")
    watched.add(source="scored.csv", whole=True, label="label", prediction="said", positive="1", max={"log_loss": 1})
    watched.run()
    assert metric(watched, 0, "accuracy")["realised"] == 1
    assert watched.results()[0].coverage == 1


def test_files_are_joined_by_their_own_key(watched: Watched) -> None:
    frame = pl.DataFrame(rows_of(seed=1)).with_columns(
        pl.Series("said", [0, 1] * (ROWS // 2)), pl.Series("order", range(ROWS))
    )
    frame.write_csv("scored.csv")
    watched.add(source="scored.csv", whole=True, prediction="said", key=("order",), ignore=("label",))
    watched.run()
    pl.DataFrame({"nr": [str(i) for i in range(100)], "label": [0, 1] * 50}).write_csv("labels.csv")
    assert label(watched, "labels.csv", "nr").known == 100
    watched.run()
    assert watched.results()[0].coverage == 0.5


def test_labels_without_a_key_or_a_column_are_refused(watched: Watched) -> None:
    write_days(watched.log, [0])
    watched.add()
    write_labels("labels.csv", 1)
    with pytest.raises(InputError, match="have no column 'truth'"):
        label(watched, "labels.csv", column="truth")
    with pytest.raises(InputError, match="not by 3 columns"):
        label(watched, "labels.csv", "rid", "a", "b")


def test_a_metric_that_cannot_be_computed_is_a_reason_and_no_failure(watched: Watched) -> None:
    lines = [{**line, "y": "yes" if line["y"] else "no"} for line in lines_of(FIRST)]
    for line in lines:
        del line["score"]
    write_lines(watched.log, FIRST, lines)
    watched.add()
    watched.run()
    Path("labels.csv").write_text("rid,label\n" + "".join(f"{one['rid']},maybe\n" for one in lines))
    label(watched, "labels.csv")
    outcome = watched.run()
    assert outcome.error is None
    assert watched.results()[0].verdict == "ok"
