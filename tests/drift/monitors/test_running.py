"""Running monitors: every closed window has one result, whatever happens around it."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.drift.monitors.watched import (
    FIRST,
    ROWS,
    Watched,
    day_name,
    lines_of,
    rows_of,
    write_days,
    write_lines,
)
from workbench.base.errors import InputError, NotFoundError, RefusedError
from workbench.drift.monitors.results import heat
from workbench.drift.monitors.running import Asked, run
from workbench.store.blobs import BlobStore
from workbench.store.maintenance import referenced_contents


def test_each_day_has_a_result_and_the_one_that_moved_drifts(watched: Watched) -> None:
    write_days(watched.log, [0, 0, 2, 0])
    watched.add()
    outcome = watched.run()
    assert outcome.error is None
    assert watched.verdicts() == {
        day_name(0): "ok", day_name(1): "ok", day_name(2): "drift", day_name(3): "ok"
    }  # fmt: skip
    moved = watched.results()[2]
    assert (moved.drifted_columns, moved.rows, moved.alert) == (("amount",), ROWS, "raised")
    assert watched.results()[3].alert == "cleared"


def test_the_reference_is_never_read_again(watched: Watched) -> None:
    write_days(watched.log, [0, 2])
    watched.add()
    Path("train.parquet").unlink()
    assert watched.run().error is None
    assert list(watched.verdicts().values()) == ["ok", "drift"]


def test_what_a_training_file_and_a_log_cannot_both_have_is_not_compared(watched: Watched) -> None:
    write_days(watched.log, [0])
    watched.add(label="label")
    watched.run()
    columns = watched.columns(0)
    assert sorted(columns) == ["amount", "shop", "visits"]
    assert columns["visits"]["kind"] == "numeric"


def test_a_second_run_computes_and_writes_nothing(watched: Watched) -> None:
    write_days(watched.log, [0, 0])
    watched.add()
    first = watched.run()
    before = sorted(Path(watched.project.journal_dir).rglob("*"))
    second = watched.run()
    assert (len(first.results), second.results) == (2, ())
    assert sorted(Path(watched.project.journal_dir).rglob("*")) == before


def test_two_runs_at_once_make_one_result_for_each_window(watched: Watched) -> None:
    write_days(watched.log, [0, 2, 2])
    monitor = watched.add(on_alert="echo ran >> ran.txt")
    start = threading.Barrier(2)
    outcomes = []

    def work() -> None:
        start.wait()
        outcomes.append(run(watched.project, watched.reading, monitor, Asked(watched.clock.now_us)))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome and outcome.error for outcome in outcomes] == [None, None]
    assert list(watched.verdicts().values()) == ["ok", "drift", "drift"]
    assert Path("ran.txt").read_text() == "ran\n"


def test_an_open_window_waits_for_its_grace(watched: Watched) -> None:
    today = FIRST + timedelta(days=6)
    write_lines(watched.log, today, lines_of(today))
    watched.add()
    assert watched.run().results == ()
    watched.clock.advance(10 * 3600)  # 00:13 of the next day
    assert watched.run().results == ()
    watched.clock.advance(3600)
    assert watched.verdicts() == {} and watched.run().error is None
    assert watched.verdicts() == {str(today): "ok"}


def test_only_what_is_due_is_run(watched: Watched) -> None:
    write_days(watched.log, [0])
    monitor = watched.add()
    due = Asked(watched.clock.now_us, due=True)
    assert run(watched.project, watched.reading, monitor, due) is not None
    assert run(watched.project, watched.reading, watched.monitor(), due) is None
    watched.clock.advance(86_400)
    outcome = watched.run(due=True)
    assert [one.window for one in outcome.results] == [str(FIRST + timedelta(days=6))]


def test_a_day_without_rows_is_a_result_with_its_reason(watched: Watched) -> None:
    write_days(watched.log, [0])
    refused = [
        {"v": 1, "ts": f"{day_name(1)}T01:00:00.000000Z", "rid": "r", "row": None, "status": 400, "fields": ["x"]}
    ]
    write_lines(watched.log, FIRST + timedelta(days=1), refused)
    write_lines(watched.log, FIRST + timedelta(days=3), lines_of(FIRST + timedelta(days=3)))
    watched.add()
    watched.run()
    found = {one.window: one for one in watched.results()}
    assert (found[day_name(1)].verdict, found[day_name(1)].refused) == ("insufficient", 1)
    assert found[day_name(1)].reasons == ("no rows; 1 requests were refused",)
    assert (found[day_name(2)].verdict, found[day_name(2)].reasons) == ("insufficient", ("no rows",))
    assert found[day_name(3)].verdict == "ok"


def test_few_rows_are_not_judged(watched: Watched) -> None:
    write_lines(watched.log, FIRST, lines_of(FIRST, 5, shift=9))
    watched.add()
    watched.run()
    [one] = watched.results()
    assert (one.verdict, one.reasons, one.rows) == ("insufficient", ("too few rows",), 5)


def test_windows_begin_with_the_registration_where_there_is_no_row(watched: Watched) -> None:
    watched.log.mkdir(parents=True)
    watched.add()
    assert watched.run().results == ()
    watched.clock.advance(86_400)
    watched.run()
    assert watched.verdicts() == {str(FIRST + timedelta(days=6)): "insufficient"}


def test_a_monitor_may_be_added_before_its_source_is_there(watched: Watched) -> None:
    watched.log.mkdir(parents=True)
    watched.log.rmdir()
    watched.add()
    outcome = watched.run()
    assert isinstance(outcome.error, NotFoundError)
    problem = watched.monitor().problem
    assert problem is not None and "shop has no prediction log" in problem.message
    write_days(watched.log, [0])
    assert watched.run().error is None
    assert watched.monitor().problem is None
    assert watched.verdicts() == {day_name(0): "ok"}


def test_again_computes_windows_anew_but_keeps_what_was_found_of_rows_that_are_gone(watched: Watched) -> None:
    write_days(watched.log, [2, 0, 0])
    watched.add()
    watched.run()
    write_lines(watched.log, FIRST + timedelta(days=2), lines_of(FIRST + timedelta(days=2), shift=2))
    for path in watched.log.rglob(f"dt={day_name(1)}/*"):
        path.write_text("")
    outcome = watched.run(again=True)
    assert len(outcome.results) == 2
    assert list(watched.verdicts().values()) == ["drift", "ok", "drift"]
    assert watched.results()[1].rows == ROWS


def test_since_begins_later_and_is_remembered(watched: Watched) -> None:
    write_days(watched.log, [2, 2, 0])
    watched.add()
    watched.run(since_us=int(pl.Series([FIRST + timedelta(days=2)]).dt.epoch("us")[0]))
    watched.run()
    assert watched.verdicts() == {day_name(2): "ok"}


def test_until_looks_at_the_log_as_it_were_that_time(watched: Watched) -> None:
    write_days(watched.log, [0, 0, 2])
    watched.add()
    watched.run(now_us=int(pl.Series([FIRST + timedelta(days=2)]).dt.epoch("us")[0]) + 3_600_000_000)
    assert list(watched.verdicts()) == [day_name(0), day_name(1)]


def test_registering_anew_takes_a_new_baseline_and_old_results_say_theirs(watched: Watched) -> None:
    write_days(watched.log, [2, 2])
    old = watched.add().reference.baseline
    watched.run()
    with pytest.raises(RefusedError, match="there is a monitor shop"):
        watched.add()
    pl.DataFrame(rows_of(2000, shift=2, seed=3)).write_parquet("train.parquet")
    watched.clock.advance(1)
    new = watched.add(again=True).reference.baseline
    assert new != old
    assert [one.baseline for one in watched.results()] == [old, old]
    watched.run()
    assert [(one.baseline, one.verdict) for one in watched.results()] == [(new, "ok")] * 2
    with watched.reading() as db:
        referenced = referenced_contents(db)
    assert {old, new} <= referenced
    assert BlobStore(watched.project).is_intact(new)


def test_the_same_reference_and_settings_leave_results_as_they_are(watched: Watched) -> None:
    write_days(watched.log, [0, 0])
    watched.add()
    watched.run()
    watched.clock.advance(1)
    watched.add(again=True)
    assert watched.run().results == ()


def test_windows_of_rows_are_full_ones_and_go_on_where_they_ended(watched: Watched) -> None:
    write_days(watched.log, [0, 2])
    watched.add(rows=150)
    watched.run()
    assert list(watched.verdicts()) == ["rows 1 to 150", "rows 151 to 300"]
    write_lines(watched.log, FIRST + timedelta(days=2), lines_of(FIRST + timedelta(days=2), 60, shift=2, seed=9))
    watched.run()
    found = watched.results()
    assert [(one.window, one.rows) for one in found][2:] == [("rows 301 to 450", 150)]
    assert found[2].verdict == "drift"


def test_rows_of_one_moment_are_counted_once(watched: Watched) -> None:
    lines = [{**line, "ts": f"{FIRST}T00:00:00.000000Z"} for line in lines_of(FIRST, 100)]
    write_lines(watched.log, FIRST, lines)
    watched.add(rows=40)
    watched.run()
    write_lines(watched.log, FIRST, lines_of(FIRST, 30, hour=1), part=1)
    watched.run()
    assert list(watched.verdicts()) == ["rows 1 to 40", "rows 41 to 80", "rows 81 to 120"]
    assert watched.run().results == ()


def test_the_whole_is_looked_at_whenever_it_has_changed(watched: Watched) -> None:
    pl.DataFrame(rows_of(seed=1)).write_csv("sales.csv")
    watched.add("sales", source="sales.csv", whole=True)
    assert len(watched.run("sales").results) == 1
    assert watched.run("sales").results == ()
    pl.DataFrame(rows_of(300, shift=2, seed=2)).write_csv("sales.csv")
    assert [one.verdict for one in watched.run("sales").results] == ["drift"]


def test_files_are_divided_by_their_column_of_times(watched: Watched) -> None:
    Path("sales").mkdir()
    for number, shift in enumerate((0, 2)):
        start = datetime.combine(FIRST + timedelta(days=number), datetime.min.time())
        times = pl.Series([start + timedelta(minutes=i) for i in range(ROWS)])
        frame = pl.DataFrame(rows_of(shift=shift, seed=number)).with_columns(times.alias("sold_at"))
        frame.write_csv(f"sales/{number}.csv", datetime_format="%Y-%m-%dT%H:%M:%S")
    monitor = watched.add("sales", source="sales/*.csv", ignore=("label",))
    assert (monitor.divided, monitor.time) == ("1d", "sold_at")
    watched.run("sales")
    assert watched.verdicts("sales") == {day_name(0): "ok", day_name(1): "drift"}


def test_times_that_are_written_as_text_divide_json_lines(watched: Watched) -> None:
    rows = [dict(zip(rows_of(), values, strict=True)) for values in zip(*rows_of(seed=1).values(), strict=True)]
    lines = [json.dumps({**row, "at": f"{day_name(i % 2)}T10:00:00.5Z"}) for i, row in enumerate(rows)]
    lines[3] = json.dumps({**rows[3], "at": None})
    Path("sales.jsonl").write_text("\n".join(lines) + "\n")
    monitor = watched.add("sales", source="sales.jsonl", ignore=("label",))
    assert (monitor.divided, monitor.time) == ("1d", "at")
    watched.run("sales")
    found = watched.results("sales")
    assert [(one.window, one.rows, one.verdict) for one in found] == [(day_name(0), 100, "ok"), (day_name(1), 99, "ok")]
    assert found[0].notes == ("1 rows have no time; they are in no window",)


def test_rows_of_files_that_shrink_are_a_problem_and_no_window(watched: Watched) -> None:
    frame = pl.DataFrame(rows_of(100, seed=1))
    frame.write_csv("sales.csv")
    watched.add("sales", source="sales.csv", rows=40)
    assert len(watched.run("sales").results) == 2
    frame.head(50).write_csv("sales.csv")
    error = watched.run("sales").error
    assert isinstance(error, InputError) and "50 rows; 80 were looked at before" in error.message


def test_a_column_of_another_type_is_drift_and_a_lacking_one_a_warning(watched: Watched) -> None:
    Path("a.csv").write_text("amount,shop,visits\n" + "x,bakery,3\n" * 100)
    Path("b.csv").write_text(
        "amount,shop\n" + "".join(f"{v},{s}\n" for v, s, _ in zip(*rows_of(seed=1).values(), strict=True))
    )
    watched.add("a", source="a.csv", whole=True, ignore=("label",))
    watched.add("b", source="b.csv", whole=True, ignore=("label",))
    [typed] = watched.run("a").results
    assert "amount" in typed.drifted_columns
    [lacking] = watched.run("b").results
    assert (lacking.verdict, lacking.warned_columns) == ("warn", ("visits",))


def test_the_strip_has_the_loudest_column_first(watched: Watched) -> None:
    write_days(watched.log, [0, 2, 0, 2])
    monitor = watched.add()
    watched.run()
    with watched.reading() as db:
        found = heat(db, monitor.id, 3)
    assert found.windows == (day_name(1), day_name(2), day_name(3))
    assert next(iter(found.columns.items())) == ("amount", ("drift", "ok", "drift"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"columns": ("amonut",)}, "no column 'amonut'"),
        ({"tests": {"amonut": "ks"}}, "no column 'amonut'"),
        ({"tests": {"amount": "kss"}}, "no test 'kss'"),
        ({"min": {"acuracy": 0.5}}, "no metric 'acuracy'"),
        ({"reference": "previous"}, "a monitor compares with what is stored once"),
        ({"reference": ""}, "needs something to compare with"),
    ],
)
def test_mistakes_are_told_when_a_monitor_is_added(watched: Watched, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        watched.add(**settings)


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "a/b", "x" * 65])
def test_a_name_is_a_plain_word(watched: Watched, name: str) -> None:
    with pytest.raises(InputError, match="is no name of a monitor"):
        watched.add(name)
