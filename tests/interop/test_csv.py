"""Tables of results: what becomes of their columns and rows, and that what we write is read back."""

from __future__ import annotations

import csv
import io
import math
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.interop.reading_back import documents, points_of
from workbench.base.errors import InputError
from workbench.base.project import Project, create_project
from workbench.interop.csv.columns import Choices, plan_columns
from workbench.interop.csv.runs import find_table_runs
from workbench.interop.csv.table import integer_of, number_of, read_table, time_of, value_of
from workbench.interop.importing import ImportReport, import_runs
from workbench.output.records import write_records

FILE_US = 1_700_000_000_000_000


def table_file(text: str, name: str = "results.csv", *, changed_us: int = FILE_US) -> str:
    """Write a table, last changed at a time that stands still."""
    path = Path(name)
    path.write_bytes(text.encode())
    os.utime(path, ns=(changed_us * 1000, changed_us * 1000))
    return str(path)


def brought(project: Project, path: str, choices: Choices | None = None, experiment: str | None = None) -> ImportReport:
    """Import a table."""
    _, sources = find_table_runs(read_table(path), choices or Choices(), experiment)
    return import_runs(project, "csv", path, sources)


def test_a_row_is_a_run(project: Project) -> None:
    path = table_file("trial,lr,optimizer,val_loss,f1,note\nfirst,0.1,adam,0.5,0.75,\nsecond,0.05,,0.25,,a thought\n")
    report = brought(project, path, Choices(name="trial"))
    assert (len(report.new), report.points) == (2, 3)
    runs = documents(project)
    first, second = runs["first"], runs["second"]
    assert first["params"] == {"lr": 0.1, "optimizer": "adam"}
    assert first["metrics"] == {"val_loss": 0.5, "f1": 0.75}
    assert (second["params"], second["metrics"]) == ({"lr": 0.05}, {"val_loss": 0.25})
    assert second["note"] == "a thought"
    assert {run["experiment"] for run in runs.values()} == {"results"}
    assert first["started_at"] == "2023-11-14T22:13:20.000000Z"


def test_prefixes_and_names_of_ours_say_what_a_column_is(project: Project) -> None:
    path = table_file(
        "attributes.name,attributes.status,started_at,duration_s,params.loss,metrics.`odd name`,tags.kind,experiment\n"
        "a,failed,2026-01-02T03:04:05Z,1.5,7,0.5,base,fraud\n"
        "b,running,2026-01-02 03:04:05,,8,,,\n"
    )
    brought(project, path)
    a, b = (documents(project)[name] for name in "ab")
    assert (a["status"], b["status"]) == ("failed", "killed")
    assert (a["experiment"], b["experiment"]) == ("fraud", "results")
    assert (a["started_at"], a["ended_at"]) == ("2026-01-02T03:04:05.000000Z", "2026-01-02T03:04:06.500000Z")
    assert a["started_at"] == b["started_at"]
    assert (a["params"], a["metrics"], a["tags"]) == ({"loss": 7}, {"odd name": 0.5}, {"kind": "base"})


def test_a_row_may_be_a_step(project: Project) -> None:
    path = table_file(
        "seed,step,loss,lr,model,timestamp\n1,0,0.5,0.1,gbm,100\n1,1,0.25,0.05,gbm,101\n2,0,,0.1,mlp,200.5\n"
    )
    report = brought(project, path, Choices(run="seed"))
    assert report.points == 5
    one, two = (documents(project)[name] for name in "12")
    assert points_of(project, one["run_id"]) == {
        "loss": [(0, 0.5, 100_000_000), (1, 0.25, 101_000_000)],
        "lr": [(0, 0.1, 100_000_000), (1, 0.05, 101_000_000)],
    }
    assert points_of(project, two["run_id"]) == {"lr": [(0, 0.1, 200_500_000)]}
    assert (one["params"], two["params"]) == ({"model": "gbm"}, {"model": "mlp"})


def test_without_a_column_of_runs_a_table_of_steps_is_one_run(project: Project) -> None:
    report = brought(project, table_file("Wall time,Step,Value\n100.5,0,0.5\n101.5,1,0.25\n", "val.csv"))
    assert [run.name for run in report.new] == ["val"]
    assert points_of(project, report.new[0].run_id) == {"Value": [(0, 0.5, 100_500_000), (1, 0.25, 101_500_000)]}


def test_options_say_what_a_column_is(project: Project) -> None:
    path = table_file("a,b,c,d,epoch\n1,2,3,x,4\n")
    plan, _ = find_table_runs(read_table(path), Choices(params=["a"], metrics=["b"], tags=["d"], step="epoch"), None)
    assert (plan.params, plan.metrics, plan.tags, plan.step) == ({"a": "a"}, {"b": "b", "c": "c"}, {"d": "d"}, "epoch")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("loss", "metrics"),
        ("valLoss", "metrics"),
        ("test/AUC", "metrics"),
        ("f1_macro", "metrics"),
        ("mean_test_score", "metrics"),
        ("r2", "metrics"),
        ("max(auc)", "metrics"),
        ("lr", "params"),
        ("batch_size", "params"),
        ("loss_weight", "params"),
        ("score_threshold", "params"),
        ("", "left_out"),
    ],
)
def test_a_number_is_a_metric_where_its_name_is_a_measure(name: str, kind: str) -> None:
    plan = plan_columns(read_table(table_file(f"{name},text\n0.5,x\n")), Choices())
    assert len(getattr(plan, kind)) == 1 + (kind == "params")


def test_again_nothing_comes_twice_and_a_grown_table_brings_what_is_new(project: Project) -> None:
    path = table_file("lr,loss\n0.1,0.5\n0.1,0.5\n")
    assert len(brought(project, path).new) == 2
    path = table_file("lr,loss\n0.1,0.5\n0.05,0.25\n0.1,0.5\n", changed_us=FILE_US + 5_000_000)
    report = brought(project, path)
    assert (len(report.new), len(report.unchanged), report.points) == (1, 2, 1)


def test_a_history_that_grew_brings_its_new_rows(project: Project) -> None:
    path = table_file("run,step,loss\na,0,0.5\n")
    brought(project, path, Choices(run="run"))
    path = table_file("run,step,loss\na,0,0.5\na,1,0.25\nb,0,0.75\n", changed_us=FILE_US + 5_000_000)
    report = brought(project, path, Choices(run="run"))
    assert (len(report.new), len(report.updated), report.points) == (1, 1, 2)
    run_id = documents(project)["a"]["run_id"]
    assert [(step, value) for step, value, _ in points_of(project, run_id)["loss"]] == [(0, 0.5), (1, 0.25)]


def test_a_corrected_row_of_a_known_run_updates_it(project: Project) -> None:
    brought(project, table_file("id,lr\na,0.1\n"), Choices(run="id"))
    assert brought(project, table_file("id,lr\na,0.2\n"), Choices(run="id")).updated
    assert documents(project)["a"]["params"] == {"lr": 0.2}


@pytest.mark.parametrize(
    "text",
    [
        "\ufefflr,loss\r\n0.5,1.5\r\n",
        "lr;loss\n0,5;1,5\n",
        '"lr"\t"loss"\n"0.5"\t"1.5"\n',
        "lr|loss\n 0.5 | 1.5 \n\n",
        'lr,"a, b",loss\n0.5,,1.5',
    ],
)
def test_tables_of_other_programs_are_read(text: str, project: Project) -> None:
    report = brought(project, table_file(text))
    run = documents(project)[report.new[0].name]
    assert run["metrics"] == {"loss": 1.5}
    assert float(str(run["params"]["lr"])) == 0.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("a,b\n", "has no rows"),
        ("a,b\n1\n", "line 2 has 1 cells, the first line has 2"),
        ("a,b\n1,2\n1,2,3\n", "line 3 has 3 cells"),
        ('a,b\n1,"2\n', "line 2: unexpected end of data"),
        ("a,a\n1,2\n", "two columns 'a'"),
        ("metrics.a\nx\n", "row 1: metrics.a is 'x', no number"),
        ("step,loss\nx,1\n", "row 1: step is 'x', no whole number"),
        ("name,status\nx,failed\n", "no column to take"),
        ("key,value\nloss,1\n", "but no step"),
        ("run_id,loss\na,1\na,2\n", "the run a is there twice"),
    ],
)
def test_what_is_no_table_is_said(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        find_table_runs(read_table(table_file(text)), Choices(), None)
    assert message in caught.value.message
    assert caught.value.hint


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_table("nowhere.csv")
    with pytest.raises(InputError, match="Is a directory"):
        read_table(str(tmp_path))
    Path("latin.csv").write_bytes(b"name\nJos\xe9\n")
    with pytest.raises(InputError, match="is not UTF-8: byte 8"):
        read_table("latin.csv")
    with pytest.raises(InputError, match="is no separator"):
        read_table("latin.csv", ", ")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (Choices(metrics=["x"]), "--metric x: results.csv has no such column"),
        (Choices(metrics=["a"], params=["a"]), "two options name the column 'a'"),
        (Choices(metrics=["b"]), "b is 'text', no number"),
    ],
)
def test_options_that_do_not_fit_are_said(choices: Choices, message: str) -> None:
    with pytest.raises(InputError) as caught:
        plan_columns(read_table(table_file("a,b\n1,text\n")), choices)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("3.0", 3.0),
        ("1e-3", 0.001),
        ("inf", math.inf),
        ("007", "007"),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("[1, 2]", [1, 2]),
        ("{broken", "{broken"),
        ("", None),
        ("0,5", "0,5"),
        ("9" * 5000, math.inf),
    ],
)
def test_a_cell_keeps_its_type(cell: str, value: object) -> None:
    found = value_of(cell)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("cell", "time_us"),
    [
        ("1700000000", FILE_US),
        ("1700000000000", FILE_US),
        ("1700000000000000", FILE_US),
        ("2023-11-14T22:13:20Z", FILE_US),
        ("2023-11-15 00:13:20+02:00", FILE_US),
        ("2023-11-14T22:13:20.000001", FILE_US + 1),
        ("yesterday", None),
        ("nan", None),
        ("1e300", None),
    ],
)
def test_times_are_read_in_every_usual_form(cell: str, time_us: int | None) -> None:
    assert time_of(cell) == time_us


def test_whole_numbers_are_steps() -> None:
    assert (integer_of("3"), integer_of("3.0"), integer_of("3.5"), integer_of("x")) == (3, 3, None, None)
    assert number_of(" 1.5 ") == 1.5


CELLS = st.one_of(st.none(), st.integers(), st.floats(allow_nan=False), st.booleans(), st.text(max_size=8))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5))
@example([["NAN", "inf", "true"]])
def test_parameters_that_we_write_are_read_back(tmp_path: Path, rows: list[list[Any]]) -> None:
    columns = ["params.a", "params.b c", "params.d"]
    file = io.StringIO(newline="")
    write_records("csv", ["run_id", *columns], [[f"{n:032x}", *row] for n, row in enumerate(rows)], file)
    table = read_table(table_file(file.getvalue()))
    assert len(table.rows) == len(rows)
    for written, row in zip(rows, table.rows, strict=True):
        for value, cell in zip(written, row[1:], strict=True):
            found = value_of(cell)
            if isinstance(value, str) and found != value:
                # CSV has no types: a text that looks like a number, a truth or nothing is one.
                assert value == "" or repr(value_of(value)) == repr(found)
            else:
                assert found == value
                assert type(found) is type(value) or value is None


@given(
    st.lists(
        st.tuples(st.integers(-(2**53), 2**53), st.floats(), st.integers(0, 2**50)),
        min_size=1,
        max_size=20,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8, deadline=None)
def test_points_that_we_write_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, points: list[tuple[int, float, int]]
) -> None:
    from datetime import UTC, datetime, timedelta

    folder = tmp_path_factory.mktemp("points")
    project = create_project(str(folder))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    path = folder / "points.csv"
    with path.open("w", newline="") as file:
        rows = [["loss, odd", step, epoch + timedelta(microseconds=t), value] for step, value, t in points]
        write_records("csv", ["key", "step", "time", "value"], rows, file)
    report = brought(project, str(path))
    assert report.points == len(points)
    found = points_of(project, report.new[0].run_id)["loss, odd"]
    assert sorted(map(repr, found)) == sorted(repr((step, value, t)) for step, value, t in points)


@given(st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=2), min_size=1, max_size=6))
def test_any_text_survives_the_standard_writer(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b"], *rows])
    try:
        text = file.getvalue()
        text.encode()
    except UnicodeEncodeError:
        return
    assert read_table(table_file(text)).rows == rows
