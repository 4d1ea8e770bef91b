"""How much servers are asked at the moment."""

from __future__ import annotations

import json

import pytest

from workbench.packaging.containers import Container
from workbench.packaging.rates import Rates, Recent
from workbench.packaging.watching import Row, Traffic, read_traffic


def row(requests: int | None, container: str = "one") -> Row:
    """A container whose server has answered so many requests."""
    made = Container(container, {"settings": json.dumps({"port": 8080})}, "sha256:1", "running", True)
    return Row(made, "healthy", None if requests is None else Traffic(requests, None, True))


def test_a_rate_needs_two_looks() -> None:
    """One count says nothing about time."""
    rates = Rates()

    assert rates.add([row(100)], 10.0) == {}
    assert rates.add([row(110)], 12.0) == {"one": Recent(5.0, (5.0,))}


def test_a_rate_is_over_the_last_minute() -> None:
    """What was before is forgotten, and the course has a value for each two looks."""
    rates = Rates(window_s=4.0)
    for second, requests in ((0, 0), (2, 1000), (4, 1000), (6, 1004)):
        found = rates.add([row(requests)], float(second))

    assert found == {"one": Recent(1.0, (0.0, 2.0))}


def test_a_server_that_was_started_again_begins_anew() -> None:
    """Its counts have gone back."""
    rates = Rates()
    rates.add([row(500)], 0.0)

    assert rates.add([row(3)], 2.0) == {}
    assert rates.add([row(5)], 4.0)["one"].per_second == 1.0


@pytest.mark.parametrize("rows", [[], [row(None)]])
def test_a_server_that_does_not_answer_is_forgotten(rows: list[Row]) -> None:
    """What it said before is no answer for now."""
    rates = Rates()
    rates.add([row(1)], 0.0)
    rates.add([row(2)], 1.0)

    assert rates.add(rows, 2.0) == {}
    assert rates.add([row(9)], 3.0) == {}


def test_errors_of_a_server_are_counted_over_all_codes() -> None:
    """As `/metrics` has them."""
    text = (
        'workbench_serving_errors_total{code="BAD_REQUEST"} 2\n'
        'workbench_serving_errors_total{code="TIMEOUT"} 1\n'
        "workbench_serving_ready 1\n"
    )

    assert read_traffic(text) == Traffic(0, None, True, 3)
