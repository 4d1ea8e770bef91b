"""`check`: what it calls drift, and that odd columns are rows with reasons."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.drift.checks import checked, choice, column, normal
from workbench.base.errors import InputError
from workbench.drift.check import TableReference, check
from workbench.drift.options import Options
from workbench.drift.source import Table, table_of

N = 400


def verdict(reference: Any, current: Any, **options: Any) -> tuple[str, str]:
    found = column(reference, current, **options)
    return found["verdict"], found["reason"]


def test_a_document_has_what_scripts_rely_on() -> None:
    document = checked(
        {"amount": normal(N), "kind": choice(N)}, {"amount": normal(N, 2.0, seed=1), "kind": choice(N, seed=1)}
    )
    assert document["rows"] == {"reference": N, "current": N}
    assert document["dataset_drift"] is True
    assert document["drifted_columns"] == ["amount"]
    assert document["drifted_share"] == 0.5
    first = document["columns"][0]
    assert first["column"] == "amount" and first["kind"] == "numeric" and first["test"] == "wasserstein"
    assert first["score"] == pytest.approx(2.0, abs=0.3)
    assert first["threshold"] == 0.1 and first["drifted"] is True
    assert first["missing"]["reference"] == first["missing"]["current"] == 0
    assert first["p_value"] < 1e-10
    assert first["floor"] < first["score"] and first["over_floor"] > 1


def test_columns_are_ranked_by_their_effect_over_the_noise() -> None:
    reference = {"quiet": normal(N), "loud": normal(N), "louder": normal(N), "id": range(N)}
    current = {
        "id": range(N, 2 * N), "louder": normal(N, 4, 1), "loud": normal(N, 2, 1), "quiet": normal(N, 0, 1)
    }  # fmt: skip
    assert [one["column"] for one in checked(reference, current)["columns"]] == ["louder", "loud", "quiet", "id"]


def test_a_shift_too_small_to_matter_is_no_drift_however_many_rows_prove_it() -> None:
    found = column(normal(200_000), normal(200_000, 0.03, 1))
    assert found["p_adjusted"] < 0.001
    assert found["score"] < 0.1
    assert found["verdict"] == "ok"


def test_a_large_effect_of_few_rows_is_no_drift() -> None:
    found = column(normal(40), normal(40, 0, 1))
    assert found["score"] >= 0.1
    assert found["verdict"] == "ok"


def test_one_outlier_neither_hides_a_shift_nor_is_one() -> None:
    with_outlier = np.append(normal(1000), 1e6)
    hidden = column(with_outlier, normal(1000, 0.5, 1))
    assert hidden["measures"]["wasserstein_normed"] < 0.1
    assert hidden["verdict"] == "drift"
    assert column(normal(1000), np.append(normal(1000, 0, 1), 1e6))["verdict"] == "ok"


def test_half_of_the_values_gone_missing_is_drift() -> None:
    gaps = [None if i % 2 else value for i, value in enumerate(normal(N, 0, 1).tolist())]
    found = column(normal(N), gaps)
    assert (found["verdict"], found["missing"]["verdict"]) == ("drift", "drift")
    assert found["reason"] == "missing values: 0 % → 50 %"
    assert found["missing"]["current"] == 0.5


def test_a_few_missing_values_more_are_a_warning() -> None:
    gaps = [None if i % 50 == 0 else value for i, value in enumerate(normal(5000, 0, 1).tolist())]
    assert verdict(normal(5000), gaps) == ("warn", "missing values: 0 % → 2 %")


def test_nan_is_missing_and_told_from_null_and_infinity() -> None:
    values = pl.Series("x", [None, float("nan"), float("inf"), float("-inf"), *normal(N, 0, 1).tolist()])
    found = column(normal(N), values)
    side = found["current"]
    assert (side["nulls"], side["nan"], side["infinite"], side["values"]) == (1, 1, 2, N)
    assert found["missing"]["current"] == pytest.approx(2 / (N + 4))


def test_many_infinite_values_are_a_warning() -> None:
    found = column(normal(N), np.append(normal(N, 0, 1), [np.inf] * 40))
    assert (found["verdict"], found["reason"]) == ("warn", "40 infinite values")


@pytest.mark.parametrize("side", [0, 1])
def test_a_side_without_rows_is_insufficient(side: int) -> None:
    sides: list[Any] = [normal(N).tolist(), normal(N).tolist()]
    sides[side] = pl.Series("x", [], pl.Float64)
    found, reason = verdict(*sides)
    assert found == "insufficient"
    assert reason == f"no rows in the {['reference', 'current data'][side]}"


def test_a_side_without_values_is_insufficient_and_its_missing_values_are_drift() -> None:
    empty = pl.Series("x", [None] * N, pl.Float64)
    assert verdict(empty, empty) == ("insufficient", "no values in the reference and the current data")
    found = column(normal(N), empty)
    assert found["verdict"] == "drift"
    assert found["reason"] == "no values in the current data; missing values: 0 % → 100 %"
    assert column(normal(N), pl.Series("x", [None] * N, pl.Null))["verdict"] == "drift"


def test_one_row_is_insufficient() -> None:
    assert verdict(normal(N), [1.0]) == ("insufficient", "1 values; 30 are needed")
    assert column(normal(N), normal(20, 9), min_rows=10)["verdict"] == "drift"


def test_constants() -> None:
    fives = np.full(N, 5.0)
    assert verdict(fives, fives) == ("ok", "")
    assert column(fives, fives * (1 + 1e-12))["verdict"] == "ok"
    other = column(fives, np.full(N, 5.01))
    assert (other["verdict"], other["kind"], other["test"], other["score"]) == ("drift", "constant", "tvd", 1.0)
    assert column(fives, normal(N, 5))["verdict"] == "drift"
    assert column(normal(N), fives)["verdict"] == "drift"
    assert column(["a"] * N, ["a"] * N)["verdict"] == "ok"
    assert column(["a"] * N, ["b"] * N)["score"] == 1
    assert column([True] * N, [False] * N)["verdict"] == "drift"


def test_all_ties_on_two_values_are_compared_value_by_value() -> None:
    found = column([1.0, 2.0] * N, [1.0, 1.0, 1.0, 2.0] * (N // 2))
    assert (found["kind"], found["test"], found["verdict"]) == ("numeric", "jensenshannon", "drift")
    assert found["measures"]["values"] == 2
    assert column([1.0, 2.0] * N, [2.0, 1.0] * N)["verdict"] == "ok"


def test_numbers_beyond_2_to_53_are_compared_to_16_digits_and_it_is_said() -> None:
    large = np.random.default_rng(0).integers(2**60, 2**62, 2 * N)
    found = column(large[:N], large[N:])
    assert found["verdict"] == "ok"
    assert found["notes"] == ["whole numbers beyond 2^53 are compared to 16 digits"]


def test_identifiers_are_not_tested() -> None:
    assert verdict(range(N), range(N, 2 * N)) == ("not tested", "identifier")
    unique = [f"u{i:05}" for i in range(2 * N)]
    assert verdict(unique[:N], unique[N:]) == ("not tested", "identifier")
    ids = np.random.default_rng(0).permutation(10**6)[: 2 * N]
    named = checked({"user_id": ids[:N]}, {"user_id": ids[N:]})["columns"][0]
    assert named["verdict"] == "not tested"
    assert column(ids[:N], ids[N:])["kind"] == "numeric"
    forced = column(range(N), range(N, 2 * N), kinds={"x": "numeric"})
    assert forced["verdict"] == "drift"


def test_booleans() -> None:
    found = column([True, False] * N, [True, True, True, False] * (N // 2))
    assert (found["kind"], found["verdict"]) == ("boolean", "drift")
    assert found["measures"]["tvd"] == pytest.approx(0.25)


def test_times_pass_and_are_compared_only_when_it_is_asked_for() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    first = [start + timedelta(hours=i) for i in range(N)]
    later = [moment + timedelta(days=28) for moment in first]
    found = column(first, later)
    assert (found["kind"], found["verdict"]) == ("datetime", "not tested")
    assert column(first, later, tests={"x": "weekday"})["verdict"] == "ok"
    assert column(first, later, tests={"x": "hour"})["verdict"] == "ok"
    assert column(first, later, tests={"datetime": "epoch"})["verdict"] == "drift"
    mondays = [date(2026, 1, 5) + timedelta(weeks=i) for i in range(100)]
    days = [date(2026, 1, 5) + timedelta(days=i) for i in range(100)]
    assert column(days, mondays, tests={"x": "weekday"})["verdict"] == "drift"


def test_decimals_durations_and_narrow_types_are_numbers() -> None:
    cents = [Decimal(i % 97) / 10 for i in range(N)]
    assert column(cents, cents)["kind"] == "numeric"
    spans = [timedelta(seconds=i % 97) for i in range(N)]
    assert column(spans, [span * 3 for span in spans])["verdict"] == "drift"
    small = pl.DataFrame({"x": pl.Series(np.arange(N) % 97, dtype=pl.Int8)})
    assert column(small, pl.DataFrame({"x": (np.arange(N) % 97).astype(float)}))["verdict"] == "ok"


def test_dictionary_types_are_categories() -> None:
    letters = choice(N)
    for dtype in (pl.Categorical, pl.Enum(["a", "b", "c"])):
        frame = pl.DataFrame({"x": pl.Series(letters, dtype=dtype)})
        assert column(frame, letters)["kind"] == "categorical"
        assert column(frame, letters)["verdict"] == "ok"


@pytest.mark.parametrize(
    ("reference", "current", "shown"),
    [
        (list(range(97)) * 4, ["1", "2"] * 200, "Int64 → String"),
        ([date(2026, 1, 1 + i % 28) for i in range(N)], ["2026-01-01"] * N, "Date → String"),
        ([True, False] * 200, [0.5] * N, "Boolean → Float64"),
    ],
)
def test_a_change_of_type_is_drift(reference: Any, current: Any, shown: str) -> None:
    assert verdict(reference, current) == ("drift", f"the type has changed: {shown}")


def test_lists_and_structs_are_not_tested() -> None:
    found, reason = verdict([[1, 2]] * N, [[1]] * N)
    assert found == "not tested"
    assert reason == "values of type List(Int64) are not compared"


def test_columns_that_one_side_lacks_are_warnings_and_their_order_does_not_matter() -> None:
    document = checked({"a": normal(N), "b": normal(N)}, {"c": normal(N), "a": normal(N, 0, 1)})
    found = {one["column"]: (one["verdict"], one["reason"]) for one in document["columns"]}
    assert found == {"a": ("ok", ""), "b": ("warn", "not in the current data"), "c": ("warn", "not in the reference")}
    assert document["dataset_drift"] is False


def test_no_columns_are_no_drift() -> None:
    document = checked(pl.DataFrame(), pl.DataFrame())
    assert (document["dataset_drift"], document["columns"], document["drifted_share"]) == (False, [], 0.0)


def test_names_of_any_kind_are_columns() -> None:
    names = ["größe", 'a "quote"', "[bold]x[/bold]", "^x.*$", "*", "a b", ""]
    document = checked({name: normal(N) for name in names}, {name: normal(N, 3, 1) for name in names})
    assert sorted(document["drifted_columns"]) == sorted(names)


def test_new_and_vanished_values_are_listed_with_their_rows() -> None:
    reference = choice(2000, "abcd", [0.4, 0.3, 0.29, 0.01])
    current = [value if value != "d" else "e" for value in choice(2000, "abcd", [0.4, 0.3, 0.29, 0.01], seed=1)]
    found = column(reference, current)
    kinds = {one["kind"]: one for one in found["findings"]}
    assert found["verdict"] == "warn"
    assert found["reason"] == "1 new value; 1 value gone"
    assert kinds["new values"]["values"] == [{"value": "e", "rows": current.count("e")}]
    assert kinds["vanished values"]["values"] == [{"value": "d", "rows": reference.count("d")}]


def test_values_that_differ_in_case_or_blanks_are_named() -> None:
    current = [value.upper() if value == "a" else f" {value}" for value in choice(N, seed=1)]
    found = column(choice(N), current)
    assert found["verdict"] == "drift"
    assert "3 of them differ from known values only in case or blanks" in found["reason"]


def test_values_of_one_side_only_are_disjoint() -> None:
    found = column(choice(N, "abc"), choice(N, "xyz"))
    assert found["score"] == pytest.approx(0.8325546)
    assert found["measures"]["jensenshannon_bits"] == pytest.approx(1)


def test_a_million_values_are_counted() -> None:
    values = pl.DataFrame({"x": [f"v{i // 2}" for i in range(1_000_000)] * 2})
    found = column(values, values, kinds={"x": "categorical"})
    assert found["verdict"] == "ok"
    assert len(found["distribution"]["values"]) == 21


def test_odd_ranges_are_rows_too() -> None:
    for reference, current in (
        (normal(N) * 1e-310, normal(N, 0, 1) * 1e-310),
        (normal(N) * 1e307, normal(N, 0, 1) * 1e307),
        (np.tile([-1.7e308, 1.7e308], N), np.tile([1.7e308, -1.7e308], N)),
    ):
        found = column(reference, current)
        assert found["verdict"] in ("ok", "not tested"), found


def test_sides_of_very_different_sizes() -> None:
    assert column(normal(100_000), normal(50, 0, 1))["verdict"] == "ok"
    assert column(normal(100_000), normal(50, 2, 1))["verdict"] == "drift"


def test_values_out_of_range_beyond_chance_are_a_warning() -> None:
    spread = normal(5000, 0, 1)
    spread[:60] = 6.5
    found = column(normal(5000), spread)
    assert found["verdict"] == "warn"
    assert found["reason"].startswith("60 values above ")


def test_free_text_is_compared_by_length_words_and_unknown_words() -> None:
    known = [f"word{i}" for i in range(300)]

    def texts(words: list[str], seed: int, length: int = 8) -> list[str]:
        random = np.random.default_rng(seed)
        return [" ".join(random.choice(words, length)) for _ in range(500)]

    found = column(texts(known, 1), texts(known, 2))
    assert (found["kind"], found["verdict"], set(found["parts"])) == (
        "text",
        "ok",
        {"length", "words", "unknown words"},
    )
    longer = column(texts(known, 1), texts(known, 2, length=16))
    assert (longer["verdict"], longer["part"]) == ("drift", "length")
    foreign = column(texts(known, 1), texts([f"wort{i}" for i in range(300)], 2))
    assert (foreign["verdict"], foreign["part"], foreign["score"]) == ("drift", "unknown words", pytest.approx(1))


def test_tests_and_thresholds_of_a_column_come_before_those_of_a_kind_and_of_all() -> None:
    options = Options(
        tests={"": "psi", "numeric": "ks", "x": "hellinger"}, thresholds={"": 0.5, "numeric": 0.4, "x": 0.3}
    )
    assert options.test_of("x", "numeric") == "hellinger"
    assert options.test_of("y", "numeric") == "ks"
    assert options.test_of("y", "categorical") == "psi"
    assert options.threshold_of("x", "numeric", "ks") == 0.3
    assert options.threshold_of("y", "numeric", "ks") == 0.4
    assert options.threshold_of("y", "text", "text") == 0.5
    assert Options().threshold_of("y", "numeric", "psi") == 0.25
    found = column(normal(N), normal(N, 1, 1), tests={"x": "ks"}, thresholds={"": 0.9})
    assert (found["test"], found["threshold"], found["verdict"]) == ("ks", 0.9, "ok")


@pytest.mark.parametrize(
    "test", ["wasserstein", "ks", "psi", "jensenshannon", "hellinger", "kl_div", "tvd", "l_infinity"]
)
def test_every_test_of_numbers_finds_a_large_shift_and_no_drift_in_equal_data(test: str) -> None:
    assert column(normal(2000), normal(2000, 1.5, 1), tests={"": test})["verdict"] == "drift"
    assert column(normal(2000), normal(2000, 0, 1), tests={"": test})["verdict"] == "ok"


@pytest.mark.parametrize("test", ["jensenshannon", "psi", "hellinger", "kl_div", "tvd", "l_infinity", "chisquare", "z"])
def test_every_test_of_categories_too(test: str) -> None:
    weights = [0.7, 0.2, 0.1], [0.1, 0.2, 0.7]
    reference, same, other = (choice(2000, "abc", w, s) for w, s in ((weights[0], 0), (weights[0], 1), (weights[1], 2)))
    assert column(reference, other, tests={"": test})["verdict"] == "drift"
    assert column(reference, same, tests={"": test})["verdict"] == "ok"


def test_a_test_that_does_not_fit_is_said() -> None:
    assert verdict(choice(N), choice(N), tests={"x": "ks"}) == (
        "not tested",
        "ks does not fit a column of kind categorical",
    )


def test_a_share_of_drifted_columns_may_be_asked_for_and_its_border_counts() -> None:
    reference = {"a": normal(N), "b": normal(N)}
    current = {"a": normal(N, 3, 1), "b": normal(N, 0, 1)}
    assert checked(reference, current, share=0.5)["dataset_drift"] is True
    assert checked(reference, current, share=0.51)["dataset_drift"] is False


def test_columns_are_chosen_and_left_out() -> None:
    data = {"a": normal(N), "b": normal(N), "c": normal(N)}
    assert [one["column"] for one in checked(data, data, columns=("c", "a"))["columns"]] in (["a", "c"], ["c", "a"])
    assert len(checked(data, data, ignore=("b",))["columns"]) == 2
    with pytest.raises(InputError, match="no column 'z'"):
        checked(data, data, columns=("z",))
    with pytest.raises(InputError, match="no column 'z'"):
        checked(data, data, thresholds={"z": 0.1})


@pytest.mark.parametrize(
    "options",
    [{"tests": {"": "kss"}}, {"alpha": 0}, {"share": 2}, {"preset": "nanny"}, {"correction": "x"},
     {"preset": "evidently", "tests": {"": "text"}}, {"kinds": {"x": "y"}}, {"thresholds": {"": -1}}],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Options(**options)


def test_a_column_that_cannot_be_read_is_a_row_and_the_others_are_compared() -> None:
    class Broken(Table):
        def column(self, name: str) -> pl.Series:
            if name == "b":
                raise RuntimeError("a surprise\nwith lines")
            return super().column(name)

    data = pl.DataFrame({"a": normal(N), "b": normal(N)})
    document = check(table_of(data), Broken(data.lazy(), "current"))
    found = {one["column"]: (one["verdict"], one["reason"]) for one in document["columns"]}
    assert found == {"a": ("ok", ""), "b": ("not tested", "failed: RuntimeError: a surprise")}


def test_a_kept_reference_is_read_once() -> None:
    reads = []

    class Counting(Table):
        def column(self, name: str) -> pl.Series:
            reads.append(name)
            return super().column(name)

    data = pl.DataFrame({"a": normal(N)})
    reference = TableReference(Counting(data.lazy(), "reference")).keeping()
    for _ in range(3):
        check(reference, table_of(data))
    assert reads == ["a"]


def test_long_columns_are_read_in_batches_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = {
        "n": np.append(normal(60_000), [np.nan, np.inf]),
        "c": choice(60_002),
        "s": [f"u{i}" for i in range(60_002)],
    }
    current = {"n": normal(60_002, 0.3, 1), "c": choice(60_002, seed=1), "s": [f"w{i}" for i in range(60_002)]}
    whole = {one["column"]: one for one in checked(reference, current)["columns"]}
    monkeypatch.setattr("workbench.drift.summary.HELD_ROWS", 10_000)
    monkeypatch.setattr("workbench.drift.summary.BATCH_ROWS", 7_000)
    monkeypatch.setattr("workbench.drift.numbers.BATCH_POINTS", 2_000)
    for one in checked(reference, current)["columns"]:
        expected = whole[one["column"]]
        assert (one["verdict"], one["kind"]) == (expected["verdict"], expected["kind"])
        assert one["missing"] == pytest.approx(expected["missing"])
    found = next(one for one in checked(reference, current)["columns"] if one["column"] == "n")
    assert found["score"] == pytest.approx(whole["n"]["score"], abs=2e-3)
    assert abs(found["measures"]["ks"] - whole["n"]["measures"]["ks"]) <= found["measures"]["rank_error"] < 1e-3
    assert found["reference"]["mean"] == pytest.approx(whole["n"]["reference"]["mean"], rel=1e-9)
    assert found["reference"]["std"] == pytest.approx(whole["n"]["reference"]["std"], rel=1e-9)
    assert found["measures"]["psi"] == pytest.approx(whole["n"]["measures"]["psi"], abs=2e-3)
