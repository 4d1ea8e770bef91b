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


def registered_models(models: int, versions: int) -> list[str]:
    """Models `model-0000`… with so many versions each, made and moved as the registry does it.

    Every second version was approved, one of every tenth model waits for approval; `champion` was moved ten times.
    """
    values = {
        "models": models,
        "versions": versions,
        "moves": min(10, versions),
        "each": f"range({models}) r(m), range({versions}) s(v)",
        "model": "md5('model ' || m)",
        "version": "md5('version ' || m || ' ' || v)",
        "run": "md5('run ' || m || ' ' || v)",
        "digest": "'sha256:' || repeat(md5('digest ' || m || ' ' || v), 2)",
        "created": f"1790000000000 + (m * {versions} + v) * 1000",
    }
    return [statement.format(**values) for statement in _MODEL]


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

_MODEL = (
    """
    INSERT INTO model SELECT {model}, printf('model-%04d', m), 1790000000000, 1790000000000 + m, 'finds it', NULL
    FROM range({models}) r(m)
    """,
    """
    INSERT INTO version
    SELECT {version}, {model}, v + 1, {created}, {created}, NULL, 'None',
        'workbench:artifacts/' || {run} || '/artifacts/model', NULL, {run}, NULL, NULL, 'READY', NULL, 'ana', NULL,
        {digest}, 100000 + v
    FROM {each}
    """,
    """
    INSERT INTO model_label
    SELECT {model}, 'alias', 'champion', {versions}::VARCHAR FROM range({models}) r(m)
    UNION ALL SELECT {model}, 'tag', 'team', 'risk' FROM range({models}) r(m)
    UNION ALL SELECT {version}, 'tag', 'kind', 'gbm' FROM {each}
    """,
    """
    INSERT INTO entity_field
    SELECT 'version', id, name, value, 1790000000000000, 'w', 0 FROM (
        SELECT {version} AS id, 'evidence' AS name, json_object('metrics', json_object('auc', hash(m, v) % 1000 / 1e3,
            'loss', hash(v, m) % 1000 / 1e3), 'datasets', [], 'signature', NULL)::VARCHAR AS value FROM {each}
        UNION ALL SELECT {version}, 'digest', '"' || {digest} || '"' FROM {each}
        UNION ALL SELECT {version}, 'number', (v + 1)::VARCHAR FROM {each}
        UNION ALL SELECT {version}, 'model', '"' || {model} || '"' FROM {each}
        UNION ALL SELECT {version}, 'request:0123456789abcdef', json_object('who', 'ana', 'at', 1790000000000000,
            'reason', 'please', 'approvers', 1, 'author_may_approve', true)::VARCHAR
            FROM {each} WHERE v % 2 = 1 OR (v = 0 AND m % 10 = 0)
        UNION ALL SELECT {version}, 'decision:0123456789abcdef:ben', json_object('who', 'ben', 'approved', true,
            'reason', 'good', 'at', 1790000000000001)::VARCHAR FROM {each} WHERE v % 2 = 1)
    ORDER BY name, id
    """,
    """
    INSERT INTO governance
    SELECT chain, row_number() OVER (PARTITION BY chain ORDER BY t), repeat('0', 64), md5(t::VARCHAR), '', '',
        md5('seal' || t), body, action, 'ana', printf('model-%04d', m), {model}, v + 1, NULL, t, 'w', t
    FROM (
        SELECT m, v, 'register' AS action, 1790000000000000 + (m * {versions} + v) * 1000000 AS t,
            md5((v % 2)::VARCHAR)[:16] AS chain, json_object('action', 'register', 'changes', [json_object('kind',
            'version', 'id', {version}, 'name', 'number', 'value', v + 1, 'after', 0)], 'seen', json_object())::VARCHAR
            AS body
        FROM {each}
        UNION ALL
        SELECT m, v, 'alias', 1890000000000000 + (m * {moves} + v) * 1000000, md5((v % 2)::VARCHAR)[:16],
            json_object('action', 'alias', 'changes', [json_object('kind', 'model', 'id', {model}, 'name',
            'alias:champion', 'value', {versions} - {moves} + v + 1, 'after',
            if(v = 0, 0, 1890000000000000 + (m * {moves} + v - 1) * 1000000))], 'seen', json_object())::VARCHAR
        FROM range({models}) r(m), range({moves}) s(v))
    """,
)
