"""A long curve to a chart in the terminal, with every spike still in it."""

from __future__ import annotations

import statistics

from tests.benchmarks.harness import Context, Row, interleaved, seconds
from workbench.base.project import create_project

POINTS = 1_000_000
LIMIT_MS = 30
WIDTH, HEIGHT = 100, 20
SPIKE = 1000.0


def measure(context: Context) -> list[Row]:
    """One row."""
    from workbench.plot.chart import Chart, draw_chart
    from workbench.plot.series import Series
    from workbench.store.curves import curve
    from workbench.store.store import Store

    points = context.size(POINTS, 1000)
    store = Store(create_project(str(context.make_folder("curve"))))
    uid = "0123456789abcdef" * 2
    with store.reading() as db:
        for statement in FILL:
            db.execute(statement.format(points=points, uid=uid, at=points // 3, spike=SPIKE))

    def draw() -> Chart:
        with store.reading(ingest=False) as db:
            found = curve(db, uid, "loss", width=WIDTH * 2)
        return draw_chart([Series.from_curve("loss", found)], width=WIDTH, height=HEIGHT)

    top = draw().y_range
    seen = top[1] if top else 0.0
    [samples] = interleaved(context.repetitions * 3, lambda: seconds(draw))
    taken_ms = statistics.median(samples) * 1e3
    kept = seen >= SPIKE
    return [
        Row(
            f"a curve of {points:,} points to a chart of {WIDTH} x {HEIGHT} characters",
            f"{taken_ms:.1f} ms, spikes {'kept' if kept else 'LOST'}",
            f"≤ {LIMIT_MS} ms, spikes kept",
            "",
            taken_ms <= LIMIT_MS and kept,
            {"taken_ms": taken_ms, "greatest_shown": seen},
        )
    ]


FILL = (
    """
    INSERT INTO run (run_id, uid, name, experiment, status, started_at, deleted, starred, pinned, note)
    VALUES (1, '{uid}', 'long', 'benchmark', 'finished', TIMESTAMP '2026-01-01', false, false, false, '')
    """,
    "INSERT INTO run_key VALUES (1, '{uid}', false)",
    "INSERT INTO metric_key VALUES (1, 'loss')",
    """
    INSERT INTO metric
    SELECT 1, 1, i, TIMESTAMP '2026-01-01' + to_milliseconds(i),
        if(i = {at}, {spike}, 1 / (i + 1) + hash(i) % 1000 / 1e5)
    FROM range({points}) r(i)
    """,
    """
    INSERT INTO metric_summary (run_id, key_id, n, first, first_step, last, last_step, last_ts, min, min_step, max,
        max_step, total, n_finite)
    SELECT 1, 1, count(*), first(value), min(step), last(value), max(step), max(ts), min(value), arg_min(step, value),
        max(value), arg_max(step, value), sum(value), count(*)
    FROM metric
    """,
)
