from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.registry.gates.candidates import candidate, judge_of, outcome_of, stored
from workbench.base.project import Project
from workbench.registry.gates.slices import Slices, sliced

ROLES = {"label": "label", "prediction": "prediction", "id": None, "by": "country"}
Row = tuple[str, int, int]

row = st.tuples(st.sampled_from(["at", "de", "fr"]), st.integers(0, 1), st.integers(0, 1))


def text_of(rows: list[Row]) -> str:
    return "country,label,prediction\n" + "".join(f"{country},{label},{said}\n" for country, label, said in rows)


def slices_of(folder: Path, rows: list[Row], measure: str = "accuracy", min_rows: int = 2) -> list[dict[str, Any]]:
    path = folder / "p.csv"
    path.write_text(text_of(rows))
    return sliced(str(path), "p.csv", ROLES, measure, min_rows)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(row, min_size=1, max_size=30), shuffled=st.randoms(use_true_random=False))
def test_slices_have_all_rows_and_no_order(
    rows: list[Row], shuffled: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("slices")
    found = slices_of(folder, rows)
    assert sum(one["rows"] for one in found) == len(rows)
    right = sum(round(one["value"] * one["rows"]) for one in found)
    assert right == sum(label == said for _, label, said in rows)
    judged = [one["value"] for one in found if one["judged"]]
    assert judged == sorted(judged)
    again = list(rows)
    shuffled.shuffle(again)
    by_name = {one["slice"]: one for one in found}
    assert {one["slice"]: one for one in slices_of(folder, again)} == by_name


def rows_of(**right_of: tuple[int, int]) -> list[Row]:
    """Rows of slices, so many right of so many."""
    return [(country, 1, int(number < right)) for country, (right, rows) in right_of.items() for number in range(rows)]


def verdict_of(folder: Path, rows: list[Row], **settings: Any) -> Any:
    judge = judge_of("slices", predictions="p.csv", by="country", **{"min_rows": 10, **settings})
    assert isinstance(judge, Slices)
    return judge.verdict(slices_of(folder, rows, judge.file.measure, judge.min_rows))


def test_a_good_average_hides_nobody(tmp_path: Path) -> None:
    found = verdict_of(tmp_path, rows_of(at=(990, 1000), de=(5, 10)), min=0.9)
    assert not found.passed
    assert found.detail == "accuracy is 0.5 where country is de, the worst slice; at least 0.9 is wanted"


def test_slices_may_not_be_too_far_apart(tmp_path: Path) -> None:
    rows = rows_of(at=(10, 10), de=(8, 10))
    assert not verdict_of(tmp_path, rows, max_gap=0.1).passed
    found = verdict_of(tmp_path, rows, max_gap=0.3)
    assert found.passed
    assert found.measured["gap"] == pytest.approx(0.2)


def test_small_slices_are_listed_and_not_judged(tmp_path: Path) -> None:
    found = verdict_of(tmp_path, rows_of(at=(10, 10), de=(0, 9)), min=0.9)
    assert found.passed
    assert found.detail.endswith("1 of 2 slices are not judged")
    assert [(one["slice"], one["judged"]) for one in found.measured["slices"]] == [("at", True), ("de", False)]
    nothing = verdict_of(tmp_path, rows_of(de=(9, 9)), min=0.9)
    assert not nothing.passed
    assert nothing.detail == "no slice by country can be judged: none has 10 rows"


def test_errors_have_a_maximum_and_the_highest_is_the_worst(tmp_path: Path) -> None:
    found = verdict_of(tmp_path, rows_of(at=(10, 10), de=(8, 10)), measure="error_rate", max=0.1)
    assert not found.passed
    assert found.detail.startswith("error_rate is 0.2 where country is de")


def test_a_slice_without_a_value_is_not_judged(tmp_path: Path) -> None:
    rows: list[Row] = [("at", number % 2, number % 2) for number in range(10)] + [("de", 1, 1)] * 10
    found = verdict_of(tmp_path, rows, measure="auc", min=0.9)
    assert found.passed
    assert found.measured["slices"][1] == {"slice": "de", "rows": 10, "value": None, "judged": False}


def test_the_file_is_that_of_the_run(project: Project) -> None:
    files = stored(project, {"out/p.csv": text_of(rows_of(at=(10, 10), de=(5, 10)))})
    options = {"predictions": "./out/p.csv", "by": "country", "min": 0.9, "min_rows": 5}
    found = outcome_of(candidate(project, run_files=files), "slices", **options)
    assert (found.outcome, found.measured["of"]) == ("failed", 2)
    missing = outcome_of(candidate(project), "slices", **options)
    assert (missing.outcome, missing.detail) == ("failed", "the run of fraud/2 has no artifact out/p.csv")
