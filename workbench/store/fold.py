"""Folding a staged batch of journal lines into the tables, inside the caller's transaction.

Every rule here is independent of the order in which journals arrive and of how they are cut into
batches: facts that can change are won by the greatest (t, writer, seq), sums and extremes commute.
"""

from __future__ import annotations

from collections.abc import Sequence

from duckdb import DuckDBPyConnection as Connection

from workbench.base.jsonvalue import dumps
from workbench.store import registered
from workbench.store.pending import Piece

_EVENT_FIELDS = {
    "e": "VARCHAR", "t": "BIGINT", "run": "VARCHAR", "name": "VARCHAR", "value": "JSON", "k": "INTEGER",
    "path": "VARCHAR", "sha256": "VARCHAR", "size": "BIGINT", "kind": "VARCHAR", "digest": "VARCHAR",
    "format": "VARCHAR", "experiment": "VARCHAR", "parent": "VARCHAR", "resumed": "BOOLEAN", "user": "VARCHAR",
    "host": "VARCHAR", "command": "JSON", "cwd": "VARCHAR", "python": "VARCHAR", "status": "VARCHAR",
    "exit_code": "INTEGER", "error": "VARCHAR", "field": "VARCHAR", "s": "UTINYINT", "x": "VARCHAR", "n": "BOOLEAN",
    "id": "VARCHAR",
}  # fmt: skip

# How each kind of event becomes rows: the table, what tells its rows apart beside the run, and the columns that follow.
_FACTS = {
    "param": (
        "param",
        "name",
        "name, value, value->>'$', CASE WHEN json_type(value) <> 'BOOLEAN' THEN TRY_CAST(value->>'$' AS DOUBLE) END",
    ),
    "tag": ("tag", "name", "name, value->>'$'"),
    "cap": ("capture", "name", "name, value"),
    "art": ("artifact", "path", "path, kind, size, sha256"),
    "data": (
        "dataset",
        "item",
        "coalesce(id, name) AS item, name, digest, path, size, format, "
        "json_merge_patch(text, json_object('e', NULL, 't', NULL, 'id', NULL))",
    ),
}


def add_journals(db: Connection, pieces: Sequence[Piece]) -> None:
    """Rows for journals that the store sees for the first time, and for their runs."""
    new = [piece for piece in pieces if piece.new]
    if not new:
        return
    add_runs(db, [piece.run_uid for piece in new if piece.run_uid])
    db.execute(
        """
        INSERT INTO journal
        SELECT n.file_id, n.name, r.run_id, split_part(n.name, '.', 2), n.role, n.host, n.boot, n.pid, 0, 0,
            make_timestamp(n.t), make_timestamp(n.t), n.lockable, false, n.alive, NULL
        FROM (SELECT unnest($ids) file_id, unnest($names) name, unnest($uids) uid, unnest($roles) role,
                unnest($hosts) host, unnest($boots) boot, unnest($pids) pid, unnest($ts) t,
                unnest($locks) lockable, unnest($alive) alive) n
        LEFT JOIN run_key r ON r.uid = n.uid
        """,
        {
            "ids": [p.file_id for p in new],
            "names": [p.name for p in new],
            "uids": [p.run_uid or "" for p in new],
            "roles": [str(p.opened.get("role", "main" if p.run_uid else "meta")) for p in new],
            "hosts": [str(p.opened.get("host", "")) for p in new],
            "boots": [str(p.opened.get("boot", "")) for p in new],
            "pids": [_integer(p.opened.get("pid")) for p in new],
            "ts": [_integer(p.opened.get("t")) for p in new],
            "locks": [p.opened.get("lock") is not False for p in new],
            "alive": [p.alive for p in new],
        },
    )


def add_runs(db: Connection, uids: Sequence[str]) -> None:
    """Local numbers for run ids that have none yet."""
    if uids:
        db.execute(
            """
            INSERT INTO run_key
            SELECT (SELECT coalesce(max(run_id), 0) FROM run_key) + row_number() OVER (ORDER BY first), uid, false
            FROM (SELECT uid, min(i) first FROM (SELECT unnest($1::VARCHAR[]) uid, generate_subscripts($1, 1) i)
                  WHERE uid NOT IN (SELECT uid FROM run_key) GROUP BY uid)
            """,
            [list(uids)],
        )


def fold_stage(db: Connection, pieces: Sequence[Piece]) -> None:
    """Fold the rows of `stage` into the tables; journal rows for `pieces` must exist."""
    db.execute(
        "CREATE OR REPLACE TEMP TABLE piece AS SELECT unnest($1::INTEGER[]) f, unnest($2::BIGINT[]) base",
        [[p.file_id for p in pieces], [p.base for p in pieces]],
    )
    if any(piece.run_uid is None for piece in pieces):
        _add_edited_runs(db)
    _parse_events(db)
    kinds = {row[0] for row in db.execute("SELECT DISTINCT e FROM event").fetchall()}
    has_points = bool(db.execute("SELECT 1 FROM stage WHERE k IS NOT NULL LIMIT 1").fetchall())
    if has_points or "key" in kinds:
        _fold_keys(db)
    if has_points:  # an edit has none, and folding nothing would take a quarter of its time
        _fold_metrics(db)
    if "out" in kinds:
        db.execute(
            """
            INSERT INTO output SELECT run_id, f, seq, s, make_timestamp(t), x, n IS NOT true
            FROM event WHERE e = 'out' AND run_id IS NOT NULL ORDER BY run_id, seq
            """
        )
    for kind in kinds & _FACTS.keys():
        table, key, columns = _FACTS[kind]
        found = f"FROM event WHERE e = '{kind}'"
        merge(db, table, ("run_id", key), f"SELECT run_id, {columns}, t, writer, seq {found}")
    if kinds & {"ent", "gov"}:
        registered.fold_governance(db)
        merge(db, "entity_field", ("kind", "id", "name"), registered.ENTITY_FACTS)
        registered.refresh(db)
    if kinds & {"start", "set", "end"}:
        _fold_run_fields(db)
    _fold_purges(db)
    _touch_journals(db)


def merge(db: Connection, table: str, keys: Sequence[str], source: str) -> None:
    """Last writer wins: fold the rows of the query `source` into `table`, one row for each combination of `keys`.

    Rows in which a key is NULL are left out. Both have the keys, values, and t, writer, seq in the table's order.
    """
    same = " AND ".join(f"o.{key} = n.{key}" for key in keys)
    listed = ", ".join(keys)
    # Not a table that is filled afterwards: DuckDB 2.0 loses rows of a large insert into a new temporary one.
    db.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS (FROM {table} LIMIT 0) UNION ALL ({source})")
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE winner AS FROM fresh WHERE {' AND '.join(f'{key} IS NOT NULL' for key in keys)} "
        f"QUALIFY row_number() OVER (PARTITION BY {listed} ORDER BY t DESC, writer DESC, seq DESC) = 1"
    )
    db.execute(
        f"DELETE FROM winner n USING {table} o WHERE {same} AND (o.t, o.writer, o.seq) >= (n.t, n.writer, n.seq)"
    )
    db.execute(f"DELETE FROM {table} o USING winner n WHERE {same}")
    db.execute(f"INSERT INTO {table} FROM winner ORDER BY {', '.join(reversed(keys))}")


def _add_edited_runs(db: Connection) -> None:
    """Numbers for runs that journals of edits name, which may arrive before the runs themselves."""
    uids = db.execute(
        "SELECT DISTINCT text->>'$.run' AS uid FROM stage WHERE text IS NOT NULL AND uid IS NOT NULL "
        "AND f IN (SELECT file_id FROM journal WHERE run_id IS NULL)"
    ).fetchall()
    add_runs(db, [row[0] for row in uids])


def _parse_events(db: Connection) -> None:
    fields = dumps(_EVENT_FIELDS)
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE event AS
        SELECT u.*, coalesce(j.run_id, r.run_id) AS run_id, j.writer, j.role, f,
            p.base + n - min(n) OVER (PARTITION BY f) AS seq, text
        FROM (SELECT f, rowid n, text, json_transform(text, '{fields}') u FROM stage WHERE text IS NOT NULL) x
        JOIN journal j ON j.file_id = x.f JOIN piece p USING (f) LEFT JOIN run_key r ON r.uid = u.run
        """
    )


def _fold_keys(db: Connection) -> None:
    """Dictionary entries of journals; a name whose definition is lost in a gap becomes `?number`."""
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE fresh_key AS
        WITH defined AS (SELECT f, k, any_value(name) AS name FROM event WHERE e = 'key' GROUP BY f, k)
        SELECT f, k, name FROM defined ANTI JOIN journal_key o ON o.file_id = defined.f AND o.k = defined.k
        """
    )
    db.execute(
        """
        INSERT INTO fresh_key
        SELECT f, k, '?' || k FROM (SELECT DISTINCT f, k FROM stage WHERE k IS NOT NULL) s
        WHERE NOT EXISTS (SELECT 1 FROM journal_key o WHERE o.file_id = s.f AND o.k = s.k)
            AND NOT EXISTS (SELECT 1 FROM fresh_key o WHERE o.f = s.f AND o.k = s.k)
        """
    )
    db.execute(
        """
        INSERT INTO metric_key
        SELECT (SELECT coalesce(max(key_id), 0) FROM metric_key) + row_number() OVER (ORDER BY name), name
        FROM (SELECT DISTINCT name FROM fresh_key WHERE name NOT IN (SELECT name FROM metric_key))
        """
    )
    db.execute("INSERT INTO journal_key SELECT f, k, key_id FROM fresh_key JOIN metric_key USING (name)")


def _fold_metrics(db: Connection) -> None:
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE point AS
        SELECT j.run_id, d.key_id, s.step, make_timestamp(s.t) AS ts, s.value
        FROM stage s JOIN journal j ON j.file_id = s.f JOIN journal_key d ON d.file_id = s.f AND d.k = s.k
        WHERE s.k IS NOT NULL AND j.run_id IS NOT NULL
        ORDER BY j.run_id, d.key_id, s.step, s.t
        """
    )
    db.execute("INSERT INTO metric FROM point")
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE fresh_summary AS
        WITH p AS (SELECT *, CASE WHEN isfinite(value) THEN value END AS finite,
                CASE WHEN isnan(value) THEN NULL ELSE value END AS number FROM point)
        SELECT run_id, key_id, count(*) AS n,
            min({step: step, ts: ts, value: value}) AS first, max({step: step, ts: ts, value: value}) AS last,
            min(number) AS min, arg_min(step, {v: number, s: step}) FILTER (WHERE number IS NOT NULL) AS min_step,
            max(number) AS max, arg_min(step, {v: -number, s: step}) FILTER (WHERE number IS NOT NULL) AS max_step,
            sum(finite) AS total, count(finite) AS n_finite
        FROM p GROUP BY run_id, key_id
        """
    )
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE merged_summary AS
        WITH both_sides AS (
            SELECT run_id, key_id, n, first, last, min, min_step, max, max_step, total, n_finite FROM fresh_summary
            UNION ALL
            SELECT run_id, key_id, n, {step: first_step, ts: first_ts, value: first},
                {step: last_step, ts: last_ts, value: last}, min, min_step, max, max_step, total, n_finite
            FROM metric_summary SEMI JOIN fresh_summary USING (run_id, key_id))
        SELECT run_id, key_id, sum(n)::BIGINT AS n, min(first) AS first, max(last) AS last, min(min) AS min,
            arg_min(min_step, {v: min, s: min_step}) FILTER (WHERE min IS NOT NULL) AS min_step, max(max) AS max,
            arg_min(max_step, {v: -max, s: max_step}) FILTER (WHERE max IS NOT NULL) AS max_step,
            sum(total) AS total, sum(n_finite)::BIGINT AS n_finite
        FROM both_sides GROUP BY run_id, key_id
        """
    )
    db.execute("DELETE FROM metric_summary o USING merged_summary n WHERE o.run_id = n.run_id AND o.key_id = n.key_id")
    db.execute(
        """
        INSERT INTO metric_summary
        SELECT run_id, key_id, n, first.value, first.step, first.ts, last.value, last.step, last.ts, min, min_step,
            max, max_step, total, n_finite
        FROM merged_summary ORDER BY key_id, run_id
        """
    )


def _fold_run_fields(db: Connection) -> None:
    """Fields of runs as last-writer-wins facts; where the first writer is to win, `t` counts backwards."""
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE field AS
        SELECT run_id, name, value, t, writer, seq FROM (
            SELECT run_id, unnest(['name', 'experiment']) AS name, unnest([name, experiment]) AS value, t, writer, seq
            FROM event WHERE e = 'start'
            UNION ALL
            SELECT run_id,
                unnest(['started_at', 'parent', 'user', 'host', 'command', 'cwd', 'python']),
                unnest([t::VARCHAR, parent, "user", host, command::VARCHAR, cwd, python]), -t, writer, -seq
            FROM event WHERE e = 'start'
            UNION ALL
            SELECT run_id, 'last_start', t::VARCHAR, t, writer, seq FROM event WHERE e = 'start'
            UNION ALL
            SELECT run_id, 'end', to_json({t: t, status: status, exit_code: exit_code, error: error})::VARCHAR, t,
                writer, seq FROM event WHERE e = 'end'
            UNION ALL
            SELECT run_id, field, value->>'$', t, writer, seq FROM event WHERE e = 'set')
        WHERE value IS NOT NULL OR name = 'note' OR (name = 'parent' AND t > 0)  -- a start counts backwards
        """
    )
    merge(db, "run_field", ("run_id", "name"), "FROM field")


def _fold_purges(db: Connection) -> None:
    """A purged run stays gone, also when a copy of its journal arrives later from elsewhere."""
    db.execute("UPDATE run_key SET purged = true WHERE run_id IN (SELECT run_id FROM event WHERE e = 'purge')")
    if not db.execute("SELECT count(*) FROM run_key WHERE purged").fetchall()[0][0]:
        return
    tables = "run run_field param tag capture artifact dataset metric metric_summary output".split()
    batch = "SELECT run_id FROM event UNION SELECT j.run_id FROM stage JOIN journal j ON j.file_id = f"
    for table in tables:
        db.execute(
            f"DELETE FROM {table} WHERE run_id IN (SELECT run_id FROM run_key WHERE purged AND run_id IN ({batch}))"
        )


def _touch_journals(db: Connection) -> None:
    """The time of the last record of each journal, which is the heartbeat of its run."""
    db.execute(
        """
        UPDATE journal SET last_at = greatest(journal.last_at, n.last_at)
        FROM (SELECT f, make_timestamp(max(t)) AS last_at FROM (
                SELECT f, t FROM stage WHERE t IS NOT NULL UNION ALL SELECT f, t FROM event)
              WHERE t > 0 GROUP BY f) n
        WHERE journal.file_id = n.f
        """
    )


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0
