"""Reading prediction logs: what is torn, strange or refused costs only itself."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.drift.monitors.watched import FIRST, ROWS, Watched, day_name, lines_of, write_days, write_lines
from workbench.drift.monitors.log_lines import careful
from workbench.drift.monitors.log_source import LogSource
from workbench.store.prediction_rows import LinesUnreadableError, read_rows

FEATURES = {"amount": "number", "shop": "text", "visits": "number"}


def first(watched: Watched) -> tuple[str, int, int, tuple[str, ...]]:
    """Verdict, rows, unreadable lines and notes of the first day."""
    watched.add()
    outcome = watched.run()
    assert outcome.error is None
    found = watched.results()[0]
    return found.verdict, found.rows, found.unreadable, found.notes


def test_a_line_that_is_being_written_is_left_for_later(watched: Watched) -> None:
    lines = lines_of(FIRST)
    write_lines(watched.log, FIRST, lines[:-1], suffix=".part", tail=json.dumps(lines[-1]).encode()[:40])
    assert first(watched) == (
        "ok", ROWS - 1, 0, ("the last line of 1 file is not whole yet; it is left for later",)
    )  # fmt: skip


def test_a_last_line_without_an_end_counts_where_it_is_whole(watched: Watched) -> None:
    lines = lines_of(FIRST)
    write_lines(watched.log, FIRST, lines[:-1], tail=json.dumps(lines[-1]).encode())
    assert first(watched) == ("ok", ROWS, 0, ())


def test_lines_that_are_no_objects_are_counted_and_left_out(watched: Watched) -> None:
    lines: list[object] = [*lines_of(FIRST), "garbage", "[1, 2]", "{", '"text"', "", "\x00"]
    write_lines(watched.log, FIRST, lines)
    assert first(watched) == ("ok", ROWS, 5, ("5 lines could not be read",))


def test_bytes_that_are_no_text_cost_their_line(watched: Watched) -> None:
    path = write_lines(watched.log, FIRST, lines_of(FIRST))
    path.write_bytes(path.read_bytes() + b'{"ts": "\xff\xfe"}\n')
    assert first(watched)[:3] == ("ok", ROWS, 1)


def test_mixed_types_in_one_file_do_not_change_the_type_of_other_days(watched: Watched) -> None:
    write_days(watched.log, [0, 0, 0])
    day = FIRST + timedelta(days=1)
    lines = lines_of(day)
    lines[7]["x"]["amount"] = "a lot"
    write_lines(watched.log, day, lines)
    watched.add()
    watched.run()
    found = watched.results()
    assert [one.verdict for one in found] == ["ok", "drift", "ok"]
    columns = watched.columns(1)
    assert "type has changed" in columns["amount"]["reason"]
    assert columns["shop"]["verdict"] == "ok"


def test_numbers_written_as_texts_are_a_change_of_type(watched: Watched) -> None:
    lines = lines_of(FIRST)
    for line in lines:
        line["x"]["amount"] = str(line["x"]["amount"])
    write_lines(watched.log, FIRST, lines)
    assert first(watched)[0] == "drift"


def test_a_column_of_nulls_alone_is_read_as_the_reference_has_it(watched: Watched) -> None:
    write_days(watched.log, [0])
    day = FIRST + timedelta(days=1)
    lines = lines_of(day)
    for line in lines:
        line["x"]["amount"] = None
    write_lines(watched.log, day, lines)
    watched.add()
    watched.run()
    columns = watched.columns(1)
    assert columns["amount"]["reason"].startswith("no values in the current data")
    assert columns["amount"]["missing"]["current"] == 1


def test_a_file_goes_on_past_midnight(watched: Watched) -> None:
    tomorrow = FIRST + timedelta(days=1)
    write_lines(watched.log, FIRST, [*lines_of(FIRST), *lines_of(tomorrow, 50)])
    watched.add()
    watched.run()
    assert [one.rows for one in watched.results()] == [ROWS, 50]


def test_only_files_of_the_days_are_read(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    write_days(watched.log, [0] * 5)
    watched.add()
    watched.run(now_us=int(pl.Series([FIRST + timedelta(days=4)]).dt.epoch("us")[0]) + 3_600_000_000)
    seen: list[str] = []
    from workbench.drift.monitors import log_source

    def spied(paths: list[str], *args: object, **named: object) -> pl.DataFrame:
        seen.extend(paths)
        return read_rows(paths, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(log_source, "read_rows", spied)
    watched.run()
    assert sorted(Path(path).parent.name for path in seen) == [f"dt={day_name(3)}", f"dt={day_name(4)}"]


def test_lines_without_a_time_are_in_no_window(watched: Watched) -> None:
    lines = lines_of(FIRST)
    lines[3]["ts"] = "yesterday"
    lines[4]["ts"] = None
    write_lines(watched.log, FIRST, lines)
    assert first(watched) == ("ok", ROWS - 2, 2, ("2 lines have no time; they are in no window",))


def test_times_of_other_zones_are_understood(watched: Watched) -> None:
    lines = lines_of(FIRST)
    lines[0]["ts"] = f"{FIRST - timedelta(days=1)}T23:30:00.000000-02:00"
    write_lines(watched.log, FIRST, lines)
    assert first(watched)[1] == ROWS


def test_what_is_empty_or_no_log_is_passed_over(watched: Watched) -> None:
    write_lines(watched.log, FIRST, lines_of(FIRST))
    write_lines(watched.log, FIRST, [], part=5)
    (watched.log / "notes.txt").write_text("hello")
    (watched.log / ".pulled.json").write_text("{}")
    assert first(watched) == ("ok", ROWS, 0, ())


def test_a_folder_that_looks_like_a_log_is_read_as_one(watched: Watched) -> None:
    folder = Path("elsewhere")
    write_days(folder, [0, 2])
    monitor = watched.add(source="elsewhere")
    assert monitor.divided == "1d"
    watched.run()
    assert list(watched.verdicts().values()) == ["ok", "drift"]


def test_names_of_features_may_be_anything(watched: Watched) -> None:
    odd = {
        "a b": 1.5,
        'q"z': 2.5,
        "é": 3.5,
        "ts": 4.5,
        "prediction": 5.5,
        "score": 6.5,
        "*": 7.5,
        "'": 8.5,
        "log.w": 1.0,
    }
    lines = [
        {**line, "x": {name: value + number for name, value in odd.items()}}
        for number, line in enumerate(lines_of(FIRST, 40))
    ]
    write_lines(watched.log, FIRST, lines)
    pl.DataFrame({name: [value + i for i in range(40)] for name, value in odd.items()}).write_parquet("train.parquet")
    verdict, rows, *_ = first(watched)
    assert (verdict, rows) == ("ok", 40)
    columns = watched.columns(0)
    assert set(odd) - {"log.w"} <= set(columns)


def test_names_that_differ_in_case_alone_are_two_columns(watched: Watched) -> None:
    lines = [{**line, "x": {"a": 1.0 * i, "A": 100.0 - i}} for i, line in enumerate(lines_of(FIRST, 40))]
    write_lines(watched.log, FIRST, lines)
    pl.DataFrame({"a": [1.0 * i for i in range(40)], "A": [100.0 - i for i in range(40)]}).write_parquet(
        "train.parquet"
    )
    assert first(watched)[:2] == ("ok", 40)


def test_both_ways_of_reading_find_the_same(tmp_path: Path) -> None:
    path = str(write_lines(tmp_path, FIRST, lines_of(FIRST)))
    fast = read_rows([path], FEATURES, "number", score="scores", keys=True)
    slow, unreadable, torn, mixed = careful(path, {}, keys=True)
    assert (unreadable, torn, mixed) == (0, False, set())
    assert slow.select(fast.columns).cast(dict(fast.schema)).equals(fast)  # type: ignore[arg-type]


def test_the_fast_way_never_makes_up_a_value(tmp_path: Path) -> None:
    lines = lines_of(FIRST, 3)
    lines[1]["x"]["amount"] = "a lot"
    path = str(write_lines(tmp_path, FIRST, lines))
    with pytest.raises(LinesUnreadableError):
        read_rows([path], FEATURES, "number")


def test_scores_of_two_and_of_more_classes_become_columns(watched: Watched) -> None:
    write_days(watched.log, [0])
    baseline = watched.add()
    del baseline
    from workbench.drift.baseline import Baseline

    empty = Baseline({"name": "none", "rows": 0}, [])
    source = LogSource(str(watched.log), "log", empty, keys=False)
    _, two = source.whole()
    assert two.positive == 1
    assert "score" in two.table.schema
    lines = [
        {**line, "y": "abc"[number % 3], "score": [float(number % 3 == place) for place in range(3)]}
        for number, line in enumerate(lines_of(FIRST, 30))
    ]
    write_lines(watched.log, FIRST, lines)
    _, three = LogSource(str(watched.log), "log", empty, keys=False).whole()
    assert three.scores == {"a": "score_0", "b": "score_1", "c": "score_2"}
    assert set(three.scores.values()) <= set(three.table.schema)


def test_a_log_of_dates_to_come_is_no_reason_to_fail(watched: Watched) -> None:
    write_lines(watched.log, date(2030, 1, 1), lines_of(date(2030, 1, 1)))
    watched.add()
    assert watched.run().error is None
    assert watched.verdicts() == {}
