"""The promise of few false alarms, and that what has moved is found."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from scipy.stats import binom

from tests.drift.simulations import BEGIN, REPETITIONS, SIZES, false_alarms, main, power

MOST_ALARMS = 0.01


def bearable(share: float, repetitions: int) -> bool:
    """Whether so many alarms are no evidence of more than `MOST_ALARMS`."""
    return bool(binom.sf(round(share * repetitions) - 1, repetitions, MOST_ALARMS) > 0.001)


@pytest.mark.parametrize(("n", "m"), [(50, 50), (500, 500), (2000, 100)])
def test_equal_data_seldom_drifts(n: int, m: int) -> None:
    assert bearable(false_alarms(n, m, 60)[0], 60)


def test_what_has_moved_is_found() -> None:
    assert power(1.0, 100, 100, 40) >= 0.9
    assert power(0.5, 500, 500, 20) == 1
    assert power(0.0, 500, 500, 40) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("n", SIZES)
def test_at_most_one_data_set_in_a_hundred_drifts_where_nothing_has_changed(n: int) -> None:
    assert false_alarms(n, n, REPETITIONS)[0] <= MOST_ALARMS


def test_the_tables_are_put_into_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Here(ProcessPoolExecutor):
        """Runs everything in this process."""

        def submit(self, function, /, *arguments):  # type: ignore[no-untyped-def, override]
            from concurrent.futures import Future

            future = Future()  # type: ignore[var-annotated]
            future.set_result(function(*arguments))
            return future

    monkeypatch.setattr("tests.drift.simulations.ProcessPoolExecutor", Here)
    monkeypatch.setattr("tests.drift.simulations.UNEQUAL", ())
    page = tmp_path / "page.md"
    page.write_text(f"# P\n{BEGIN}\nold\n<!-- end of simulated -->\nrest\n")
    assert main(["--repetitions", "1", "--sizes", "40", "--page", str(page)]) == 0
    text = page.read_text()
    assert "old" not in text
    assert "| 40 and 40 |" in text
    assert text.endswith("<!-- end of simulated -->\nrest\n")
