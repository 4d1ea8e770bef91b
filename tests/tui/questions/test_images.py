"""What the tables of images and of what runs say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.tui.images_to_show import image, row, smoke
from workbench.base.errors import DockerError
from workbench.packaging.rates import Recent
from workbench.packaging.watching import KEPT_STOPPED, Traffic
from workbench.tui.dock import Seen
from workbench.tui.questions.images import ShownTable, current_rows, deployments_table, images_table, rows_of

NOW_MS = 1_790_000_000_000
IMAGE = image(2, NOW_MS, tested=smoke())


def cells(table: ShownTable, column: str) -> list[str]:
    """The texts of a column; none where it is not shown."""
    places = [place for place, one in enumerate(table.columns) if one.key == column]
    return [one.cells[places[0]][0].strip() for one in table.rows] if places else []


@pytest.mark.parametrize(
    ("tested", "text"), [(None, "– not tested"), (smoke(), "✓ 1.9 s"), (smoke(ok=False, ready_s=2.3), "✗ 2.3 s")]
)
def test_a_smoke_test_has_a_mark_and_the_time_until_it_was_ready(clock: FakeClock, tested: Any, text: str) -> None:
    """Never a colour alone."""
    assert cells(images_table([image(2, NOW_MS, tested=tested)], None), "smoke") == [text]


def test_an_image_says_where_it_runs(clock: FakeClock) -> None:
    """The first place, and how many more; what is only kept is none."""
    rows = (
        row(IMAGE, "unhealthy", clock=clock),
        row(IMAGE, clock=clock, name="fraud-eu"),
        row(IMAGE, KEPT_STOPPED, clock=clock, name="kept"),
    )
    seen = Seen(rows, frozenset({IMAGE.image_id}))

    assert cells(images_table([IMAGE], seen), "runs as") == ["✗ fraud :8080 +1"]
    assert [one.container.name for one in rows_of(IMAGE, seen)] == ["fraud", "fraud-eu"]


@pytest.mark.parametrize(("present", "note"), [(None, []), (frozenset(), ["! Docker has it no more"])])
def test_whether_docker_still_has_an_image_is_said_where_it_is_known(
    clock: FakeClock, present: Any, note: list[str]
) -> None:
    """Without an engine it is not."""
    assert cells(images_table([IMAGE], Seen(present=present)), "note") == note


def test_a_server_shows_its_rate_its_course_and_its_errors(clock: FakeClock) -> None:
    """A server that nobody asks has a flat course; one that cannot be asked has none."""
    rows = (
        row(IMAGE, clock=clock, traffic=Traffic(6020, 0.3142, True, 1204), requests_per_hour=1204.2),
        row(IMAGE, clock=clock, name="idle", traffic=Traffic(0, None, True), requests_per_hour=0.0),
        row(IMAGE, "dead", clock=clock, name="dead"),
    )
    table = deployments_table(
        Seen(rows, None, {"fraud-1": Recent(0.44, (0.0, 1.0)), "idle-1": Recent(0.0, (0.0, 0.0))})
    )

    assert cells(table, "status") == ["● healthy", "● healthy", "✗ dead"]
    assert cells(table, "req/h") == ["1,204", "0", "–"]
    assert cells(table, "req/s") == ["0.4", "0", "–"]
    assert cells(table, "errors") == ["1,204", "0", "–"]
    assert cells(table, "last minute") == ["▁█", "▁▁", ""]


def test_an_engine_that_does_not_answer_shows_nothing(clock: FakeClock) -> None:
    """Which is not the same as that nothing runs."""
    assert current_rows(None) == []
    assert current_rows(Seen(error=DockerError("no Docker engine answers"))) == []
