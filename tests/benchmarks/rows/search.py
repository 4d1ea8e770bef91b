"""Filter, sort and the first page of a large store, beside MLflow's search over a store a twentieth as large."""

from __future__ import annotations

import statistics

from tests.benchmarks.harness import Context, Row, interleaved, seconds
from tests.benchmarks.peer import MODELS, MlflowPeer
from workbench.base.project import create_project

RUNS = 100_000
PEER_RUNS = 5_000
PARAMS = 20
METRICS = 15
PAGE = 50
LIMIT_MS = 50


def measure(context: Context) -> list[Row]:
    """One row."""
    from workbench.store.runs import RunQuery, list_runs
    from workbench.store.store import Store

    runs, peer_runs = context.size(RUNS, 200), context.size(PEER_RUNS, 50)
    store = Store(create_project(str(context.make_folder("search"))))
    with store.reading() as db:
        for statement in filling(runs):
            db.execute(statement)
    peer = MlflowPeer(context.make_folder("search-peer"))
    peer.insert_runs(peer_runs, PARAMS, METRICS)
    query = RunQuery(where="metrics.auc > 0.9 AND params.model = 'gbm'", sort=["-metrics.auc"], limit=PAGE)

    def ours() -> float:
        with store.reading(ingest=False) as db:
            taken_s = seconds(lambda: list_runs(db, query))
            page = list_runs(db, query)
        assert page.rows and len(page.rows) <= PAGE
        return taken_s

    def theirs() -> float:
        return seconds(
            lambda: peer.client.search_runs(
                [peer.experiment_id],
                "metrics.auc > 0.9 AND params.model = 'gbm'",
                order_by=["metrics.auc DESC"],
                max_results=PAGE,
            )
        )

    ours(), theirs()
    ours_s, theirs_s = (statistics.median(values) for values in interleaved(context.repetitions, ours, theirs))
    return [
        Row(
            f"{runs:,} runs x {PARAMS} parameters x {METRICS} metrics: filter, sort, first page of {PAGE}",
            f"{ours_s * 1e3:.1f} ms",
            f"≤ {LIMIT_MS} ms",
            f"MLflow, {peer_runs:,} runs: {theirs_s * 1e3:,.0f} ms",
            ours_s * 1e3 <= LIMIT_MS,
            {"page_ms": ours_s * 1e3, "mlflow_page_ms": theirs_s * 1e3, "runs": runs, "mlflow_runs": peer_runs},
        )
    ]


def filling(runs: int) -> list[str]:
    """SQL that fills an empty store with finished runs, as ingest would leave them; columns not asked for stay NULL."""
    values = {"runs": runs, "params": PARAMS - 1, "metrics": METRICS, "models": list(MODELS)}
    return [statement.format(**values) for statement in _FILL]


_FILL = (
    """
    INSERT INTO run (run_id, uid, name, experiment, status, started_at, ended_at, heartbeat_at, host, deleted, starred,
        pinned, note)
    SELECT i, md5(i::VARCHAR), 'run-' || i, 'benchmark', 'finished', t, t + INTERVAL 60 SECOND, t, 'here', false, false,
        false, ''
    FROM (SELECT i, TIMESTAMP '2026-01-01' + to_seconds(i * 60) AS t FROM range({runs}) r(i))
    """,
    "INSERT INTO run_key SELECT run_id, uid, false FROM run",
    """
    INSERT INTO param
    SELECT run_id, 'model', '"' || model || '"', model, NULL, 0, 'w', 0
    FROM (SELECT run_id, {models}[1 + run_id % 4] AS model FROM run)
    """,
    """
    INSERT INTO param
    SELECT run_id, 'p' || n, v::VARCHAR, v::VARCHAR, v, 0, 'w', 0
    FROM (SELECT run_id, n, round(hash(run_id, n) % 10000 / 1e4, 4)::DOUBLE AS v FROM run, range({params}) p(n))
    ORDER BY n, run_id
    """,
    "INSERT INTO metric_key SELECT n, if(n = 0, 'auc', 'm' || n) FROM range({metrics}) m(n)",
    """
    INSERT INTO metric_summary (run_id, key_id, n, first, first_step, last, last_step, last_ts, min, min_step, max,
        max_step, total, n_finite)
    SELECT run_id, n, 1, v, 0, v, 0, TIMESTAMP '2026-01-01', v, 0, v, 0, v, 1
    FROM (SELECT run_id, n, hash(run_id, n, 7) % 1000000 / 1e6 AS v FROM run, range({metrics}) m(n))
    ORDER BY n, run_id
    """,
)
