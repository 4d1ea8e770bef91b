"""The row of each run, derived from its facts, and its status, derived from its writers.

A run has ended when its last `end` is younger than its last `start` (a resumed run runs again).
Otherwise it is `running` while a writer that owns it lives; `crashed` when none does on this host;
`stale` when it belongs to another host that has been silent for `STALE_AFTER_S` seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from duckdb import DuckDBPyConnection as Connection

from workbench.journal.liveness import host_name
from workbench.store.pending import Piece

STALE_AFTER_S = 90
_ENDED = "('finished', 'failed', 'killed')"


def refresh_runs(db: Connection, new: Sequence[Piece]) -> None:
    """Derive anew the rows of runs that the tables `event` and `new` journals touch."""
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE affected AS
        SELECT run_id FROM event WHERE e IN ('start', 'set', 'end', 'cap', 'purge') AND run_id IS NOT NULL
        UNION SELECT run_id FROM journal WHERE file_id IN (SELECT unnest($1::INTEGER[])) AND run_id IS NOT NULL
        """,
        [[p.file_id for p in new]],
    )
    if not db.execute("SELECT count(*) FROM affected").fetchall()[0][0]:
        return
    db.execute("DELETE FROM run WHERE run_id IN (FROM affected)")
    db.execute(
        """
        INSERT INTO run
        WITH f AS (
            SELECT run_id, map_from_entries(list({k: name, v: value})) AS m
            FROM run_field WHERE run_id IN (FROM affected) GROUP BY run_id),
        g AS (
            SELECT run_id, value->>'$.commit' AS commit, value->>'$.branch' AS branch,
                TRY_CAST(value->>'$.dirty' AS BOOLEAN) AS dirty
            FROM capture WHERE name = 'git' AND run_id IN (FROM affected)),
        j AS (
            SELECT run_id, min(opened_at) AS opened_at, max(last_at) AS last_at,
                arg_min(host, {t: opened_at, name: name}) AS host
            FROM journal WHERE run_id IN (FROM affected) GROUP BY run_id),
        e AS (
            SELECT run_id, m['end'] AS doc FROM f
            WHERE (m['end']->>'$.t')::BIGINT >= coalesce(m['last_start']::BIGINT, 0))
        SELECT k.run_id, k.uid, coalesce(m['name'], k.uid[:8]), coalesce(m['experiment'], 'default'),
            doc->>'$.status',
            coalesce(make_timestamp(m['started_at']::BIGINT), j.opened_at),
            -- `t` orders ends and restarts, `at` is when it ended where somebody says so.
            make_timestamp(coalesce(doc->>'$.at', doc->>'$.t')::BIGINT),
            -- The end itself: what follows it, such as the seal, must not change a row that is not derived anew.
            coalesce(make_timestamp(coalesce(doc->>'$.at', doc->>'$.t')::BIGINT), j.last_at),
            m['user'], coalesce(m['host'], j.host), m['command'], m['cwd'], m['python'], g.commit, g.branch, g.dirty,
            m['parent'], TRY_CAST(doc->>'$.exit_code' AS INTEGER), doc->>'$.error',
            coalesce(m['deleted'] = 'true', false), coalesce(m['starred'] = 'true', false),
            coalesce(m['pinned'] = 'true', false), coalesce(m['note'], '')
        FROM run_key k LEFT JOIN f USING (run_id) LEFT JOIN g USING (run_id) LEFT JOIN j USING (run_id)
            LEFT JOIN e USING (run_id)
        WHERE k.run_id IN (FROM affected) AND NOT k.purged AND (m['started_at'] IS NOT NULL OR j.run_id IS NOT NULL)
        ORDER BY k.run_id
        """
    )


def has_unfinished_runs(db: Connection) -> bool:
    """Whether any run may change its status without a new record."""
    query = "SELECT 1 FROM run WHERE status IN ('running', 'stale') OR status IS NULL LIMIT 1"
    return bool(db.execute(query).fetchall())


def refresh_status(db: Connection, now_us: int) -> None:
    """Bring the status and the heartbeat of every run that has not ended up to date."""
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE status AS
        SELECT run_id, max(j.last_at) AS last_at,
            CASE WHEN bool_or(j.alive AND j.role <> 'worker') THEN 'running'
                WHEN bool_and(j.host = $host AND j.lockable) THEN 'crashed'
                WHEN max(j.last_at) >= make_timestamp($now - {STALE_AFTER_S} * 1000000) THEN 'running'
                ELSE 'stale' END AS status
        FROM run r JOIN journal j USING (run_id)
        WHERE coalesce(r.status, '') NOT IN {_ENDED} GROUP BY run_id
        """,
        {"host": host_name(), "now": now_us},
    )
    db.execute(
        """
        UPDATE run SET status = s.status, heartbeat_at = s.last_at,
            ended_at = CASE WHEN s.status IN ('crashed', 'stale') THEN s.last_at END
        FROM status s
        WHERE run.run_id = s.run_id AND (run.status, run.heartbeat_at) IS DISTINCT FROM (s.status, s.last_at)
        """
    )
