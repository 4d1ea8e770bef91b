"""A stored baseline takes the place of the reference: same verdicts, small, versioned, never the file again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.drift.checks import Document, choice, normal
from workbench.base.errors import InputError
from workbench.drift.baseline import POINTS, VALUES, Baseline, make_baseline
from workbench.drift.check import check
from workbench.drift.options import Options
from workbench.drift.source import open_table, table_of

N = 20_000


def frame(rows: int, shift: float = 0.0, seed: int = 0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "n": normal(rows, shift, seed),
            "few": random.integers(0, 3, rows),
            "c": choice(rows, seed=seed),
            "b": random.random(rows) < 0.3,
            "t": pl.Series(random.integers(0, 10**9, rows)).cast(pl.Datetime("ms")),
            "words": [f"a{i} b{i % 7} c{i % 5} d" for i in random.permutation(rows)],
            "id": [f"u{i}" for i in random.permutation(rows)],
            "one": [5] * rows,
            "gaps": [None if i % 10 else 1.5 * i for i in range(rows)],
            "empty": pl.Series([None] * rows, dtype=pl.Float64),
        }
    )


def restored(data: pl.DataFrame) -> Baseline:
    return Baseline.from_bytes(make_baseline(table_of(data, "train")).to_bytes())


def by_name(document: Document) -> dict[str, Document]:
    return {one["column"]: one for one in document["columns"]}


@pytest.mark.parametrize("options", [Options(), Options(tests={"datetime": "weekday"}), Options(tests={"n": "psi"})])
def test_a_baseline_gives_the_verdicts_of_its_reference(options: Options) -> None:
    reference, current = frame(N), table_of(frame(N, 0.2, 1), "today")
    whole, stored = (by_name(check(side, current, options)) for side in (table_of(reference), restored(reference)))
    assert [one["verdict"] for one in stored.values()] == [one["verdict"] for one in whole.values()]
    for name, one in stored.items():
        for field in ("kind", "test", "missing", "reason"):
            assert one[field] == whole[name][field], (name, field)
        assert one["reference"] == {
            **whole[name]["reference"],
            **({"median": one["reference"]["median"]} if "median" in one["reference"] else {}),
        }
    exact = ("c", "b", "few", "one")
    assert all(stored[name]["measures"] == whole[name]["measures"] for name in exact)
    assert stored["n"]["measures"]["psi"] == pytest.approx(whole["n"]["measures"]["psi"], abs=1e-12)
    difference = abs(stored["n"]["measures"]["ks"] - whole["n"]["measures"]["ks"])
    assert difference <= stored["n"]["measures"]["rank_error"] <= 1 / POINTS


def test_a_small_reference_is_stored_exactly() -> None:
    reference, current = frame(POINTS), table_of(frame(5000, 0.1, 1))
    whole, stored = (by_name(check(side, current)) for side in (table_of(reference), restored(reference)))
    assert stored["n"]["measures"] == whole["n"]["measures"]


def test_the_size_is_bounded_and_the_bytes_are_the_same_each_time() -> None:
    many = pl.DataFrame({"c": [f"v{i % 30_000}" for i in range(90_000)], "n": normal(90_000)})
    made = make_baseline(table_of(many), Options(kinds={"c": "categorical"}))
    data = made.to_bytes()
    assert len(data) < 400_000
    assert (
        Baseline.from_bytes(data).to_bytes()
        == data
        == make_baseline(table_of(many), Options(kinds={"c": "categorical"})).to_bytes()
    )
    kept = made.summary("c", None).categories
    assert kept is not None and (kept.frame.height, kept.other_values, kept.n) == (VALUES, 20_000, 90_000)


def test_values_that_were_left_out_are_compared_as_one() -> None:
    values = [f"v{i % 30_000}" for i in range(90_000)]
    options = Options(kinds={"c": "categorical"})
    stored = Baseline.from_bytes(make_baseline(table_of(pl.DataFrame({"c": values})), options).to_bytes())
    [same] = check(stored, table_of(pl.DataFrame({"c": values[::-1]})), options)["columns"]
    assert (same["verdict"], same["findings"]) == ("ok", [])


def test_the_reference_file_is_not_needed_again(tmp_path: Path) -> None:
    path = tmp_path / "train.parquet"
    frame(1000).write_parquet(path)
    data = make_baseline(open_table(str(path))).to_bytes()
    path.unlink()
    document = check(Baseline.from_bytes(data), table_of(frame(1000, 3, 1)))
    assert document["reference"]["name"] == str(path)
    assert document["reference"]["stored"] is True
    assert "n" in document["drifted_columns"]


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\x00", b'{"format": "other"}'])
def test_what_is_no_baseline_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="no drift baseline"):
        Baseline.from_bytes(data)


def test_a_later_version_and_a_damaged_one_are_refused() -> None:
    document = json.loads(make_baseline(table_of(frame(50))).to_bytes())
    with pytest.raises(InputError, match="has version 9"):
        Baseline.from_bytes(json.dumps({**document, "version": 9}).encode())
    del document["columns"][0]["numbers"]["sample"]
    with pytest.raises(InputError, match="is damaged"):
        Baseline.from_bytes(json.dumps(document).encode())
