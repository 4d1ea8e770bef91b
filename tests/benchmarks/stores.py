"""Large stores made in bulk: the rows that ingest would leave, without the journals they would come from."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from workbench.base.project import create_project

FILLER = """
import sys
from workbench.base.project import Project
from workbench.store.store import Store
with Store(Project(sys.argv[1])).reading() as db:
    for statement in sys.argv[2:]:
        db.execute(statement)
"""


def fill_store(root: Path, statements: Sequence[str]) -> None:
    """Make `root` a project whose store is what the statements leave.

    In a process of its own, so that this one never holds the store.
    """
    create_project(str(root))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
    command = [sys.executable, "-c", FILLER, str(root), *statements]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def table_of_runs(runs: int, params: int, metrics: int, points: int) -> list[str]:
    """Runs `run-0`… a minute apart, params `p000`… (every fourth one text) and metrics `m000`… that fall, with noise.

    Args:
        points: of each metric of each run.
    """
    values = {"runs": runs, "params": params, "metrics": metrics, "points": points, "name": "'run-' || i"}
    values |= {"value": "1 / (1 + step * (1 + hash(i, n) % 100 / 100)) + hash(i, n, step) % 1000 / 1e5"}
    return [statement.format(**values) for statement in (_RUNS, _RUN_KEYS, _PARAMS, _KEYS, _POINTS, _SUMMARIES)]


def long_curves(runs: int, points: int) -> list[str]:
    """Runs `curve-0`… with one metric, `m000`, of so many points: it falls, with noise and one spike."""
    values = {"runs": runs, "params": 2, "metrics": 1, "points": points, "name": "'curve-' || i"}
    values |= {"value": f"if(step = {points // 3}, 3.0, (i + 2) / (step / 1e4 + 1) + hash(i, step) % 1000 / 1e4)"}
    return [statement.format(**values) for statement in (_RUNS, _RUN_KEYS, _PARAMS, _KEYS, _POINTS, _SUMMARIES)]


_RUNS = """
    INSERT INTO run (run_id, uid, name, experiment, status, started_at, ended_at, heartbeat_at, user_name, host,
        command, cwd, python, deleted, starred, pinned, note)
    SELECT i, md5(i::VARCHAR), {name}, 'exp-' || i % 7, if(i % 50 = 3, 'failed', 'finished'), t,
        t + INTERVAL 50 SECOND, t + INTERVAL 50 SECOND, 'ada', 'here', '["train.py"]', '/data', '3.12.1', false, false,
        false, ''
    FROM (SELECT i, TIMESTAMP '2026-01-01' + to_seconds(i * 60) AS t FROM range({runs}) r(i))
"""
_RUN_KEYS = "INSERT INTO run_key SELECT run_id, uid, false FROM run"
_PARAMS = """
    INSERT INTO param
    SELECT i, name, if(number IS NULL, '"' || text || '"', text), text, number, 0, 'w', 0
    FROM (
        SELECT i, printf('p%03d', n) AS name,
            if(n % 4 = 1, 'v' || hash(i, n) % 9, (hash(i, n) % 10000 / 1e4)::VARCHAR) AS text,
            if(n % 4 = 1, NULL, hash(i, n) % 10000 / 1e4) AS number
        FROM range({runs}) r(i), range({params}) p(n)
    )
    ORDER BY name, i
"""
_KEYS = "INSERT INTO metric_key SELECT n, printf('m%03d', n) FROM range({metrics}) m(n)"
_POINTS = """
    INSERT INTO metric
    SELECT i, n, step, TIMESTAMP '2026-01-01' + to_seconds(i * 60) + to_milliseconds(step), {value}
    FROM range({runs}) r(i), range({metrics}) m(n), range({points}) s(step)
    ORDER BY ALL
"""
_SUMMARIES = """
    INSERT INTO metric_summary
    SELECT run_id, key_id, count(*), arg_min(value, step), min(step), min(ts), arg_max(value, step), max(step), max(ts),
        min(value), arg_min(step, value), max(value), arg_max(step, value), sum(value), count(*)
    FROM metric GROUP BY run_id, key_id ORDER BY key_id, run_id
"""
