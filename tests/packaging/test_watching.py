"""What is shown of deployments."""

from __future__ import annotations

import pytest

from tests.packaging.yards import Yard
from workbench.packaging.watching import list_rows, read_traffic, server_log
from workbench.serving.metrics import Metrics


def test_a_server_says_how_much_it_is_asked_and_how_fast_it_is() -> None:
    metrics = Metrics(["code"])
    for duration_s in (0.0004, 0.002, 0.002, 0.002, 0.2):
        metrics.observe("/invocations", 200, duration_s)
    metrics.observe("/health/ready", 200, 0.0001)
    traffic = read_traffic(metrics.text({"model": 'a"b'}, ready=True))
    assert traffic.requests == 5 and traffic.is_ready
    assert traffic.p50_ms is not None and 1.0 < traffic.p50_ms < 2.5


@pytest.mark.parametrize("text", ["", "nonsense 1", "workbench_serving_ready 0\n"])
def test_a_server_that_says_nothing_has_no_median(text: str) -> None:
    traffic = read_traffic(text)
    assert (traffic.requests, traffic.p50_ms, traffic.is_ready) == (0, None, False)


def test_beyond_the_last_bucket_the_median_is_its_limit() -> None:
    metrics = Metrics(["code"])
    metrics.observe("/invocations", 200, 99.0)
    assert read_traffic(metrics.text({}, ready=True)).p50_ms == 30_000


def test_the_current_one_comes_first_and_the_others_are_kept(yard: Yard) -> None:
    yard.run("fraud/1")
    yard.run("fraud/2")
    rows = list_rows(yard.engine, yard.project)
    assert [(row.container.version, row.status, row.is_active) for row in rows] == [
        (2, "healthy", True), (1, "kept", False),
    ]  # fmt: skip
    yard.stop()
    assert [row.is_active for row in list_rows(yard.engine, yard.project)] == [False, False]


@pytest.mark.parametrize(("status", "exit_code"), [("exited", 1), ("dead", 137)])
def test_one_that_should_run_and_does_not_is_dead(yard: Yard, status: str, exit_code: int) -> None:
    container = yard.run("fraud/1").container
    yard.docker.end(container.id, exit_code)
    yard.docker.containers_by_id[container.id]["State"]["Status"] = status
    [row] = list_rows(yard.engine, yard.project)
    assert row.status == "dead" and row.is_active


def test_what_a_server_wrote_comes_as_it_is(yard: Yard) -> None:
    container = yard.run("fraud/1").container
    assert b"".join(server_log(yard.engine, container, last=1, follow=False)) == yard.docker.said
