"""Folding governance events: what was done is kept, and the changes it made become facts of models and versions.

Facts about models come from governance events (`workbench.registry.chain`) and from imports alone: any other event that
claims one is no fact, and neither is one in the journal of a run, where nobody would look for it.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection as Connection

GOVERNED = ("model", "version", "check", "image", "deployment")
"""Kinds of entities whose facts are governance."""

_KINDS = ", ".join(f"'{kind}'" for kind in GOVERNED)
_CHANGE = '[{"kind": "VARCHAR", "id": "VARCHAR", "name": "VARCHAR", "value": "JSON"}]'

ENTITY_FACTS = f"""
    SELECT kind, id, name, value, t, writer, seq FROM event
    WHERE e = 'ent' AND (kind NOT IN ({_KINDS}) OR (role = 'import' AND run_id IS NULL))
    UNION ALL
    SELECT c.kind, c.id, c.name, c.value, t, writer, seq
    FROM (SELECT unnest(json_transform(known->'$.changes', '{_CHANGE}')) AS c, t, writer, seq FROM deed)
    WHERE c.kind IN ({_KINDS})"""
"""The facts about entities in `event` and `deed`, as rows of `entity_field`."""

_PREFIXED = "starts_with(f.name, 'tag:') OR starts_with(f.name, 'alias:')"
# Values are JSON texts; reading one as JSON takes ten times as long as a cast, which whole numbers and true need.
_TEXT, _NUMBER, _TRUTH = "{}->>'$'", "TRY_CAST({} AS BIGINT)", "TRY_CAST({} AS BOOLEAN)"
_COLUMNS = {
    "model": {
        "name": _TEXT, "created_at": _NUMBER, "updated_at": _NUMBER, "description": _TEXT, "deleted": _TRUTH,
    },
    "version": {
        "model": _TEXT, "number": _NUMBER, "created_at": _NUMBER, "updated_at": _NUMBER, "description": _TEXT,
        "stage": _TEXT, "source": _TEXT, "storage_location": _TEXT, "run": _TEXT, "run_link": _TEXT, "model_id": _TEXT,
        "status": _TEXT, "status_message": _TEXT, "user": _TEXT, "deleted": _TRUTH, "digest": _TEXT,
        "size_bytes": _NUMBER,
    },
}  # fmt: skip


def fold_governance(db: Connection) -> None:
    """Keep the governance events of the table `event`, and leave them in `deed` with `known`, their body as JSON.

    A body that is none, which only tampering makes, says nothing; `workbench audit verify` names it.
    """
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE deed AS
        SELECT *, if(json_valid(body), body, '{}') AS known FROM (
            SELECT text->>'$.chain' AS chain, TRY_CAST(text->>'$.n' AS BIGINT) AS n, text->>'$.prev' AS prev,
                text->>'$.hash' AS hash, coalesce(text->>'$.key', '') AS key, coalesce(text->>'$.sig', '') AS sig,
                text->>'$.body' AS body, t, writer, seq
            FROM event WHERE e = 'gov' AND run_id IS NULL)
        """
    )
    db.execute(
        """
        INSERT INTO governance
        SELECT chain, n, prev, hash, key, sig, sha256(hash || chr(10) || sig), body, known->>'$.action',
            known->>'$.who', known->>'$.model', known->>'$.model_id', TRY_CAST(known->>'$.version' AS BIGINT),
            known->>'$.reason', t, writer, seq
        FROM deed ORDER BY chain, n
        """
    )


def refresh(db: Connection) -> None:
    """Renew the rows of the models and versions whose facts `winner` has just changed."""
    db.execute(
        "CREATE OR REPLACE TEMP TABLE touched AS "
        "SELECT DISTINCT kind, id FROM winner WHERE kind IN ('model', 'version')"
    )
    if not db.execute("SELECT 1 FROM touched LIMIT 1").fetchall():
        return
    db.execute("CREATE OR REPLACE TEMP TABLE said AS FROM entity_field SEMI JOIN touched USING (kind, id)")
    for kind, columns in _COLUMNS.items():
        picked = ", ".join(
            shape.format(f"(any_value(value) FILTER (WHERE name = '{name}'))") for name, shape in columns.items()
        )
        db.execute(f"DELETE FROM {kind} WHERE id IN (SELECT id FROM touched WHERE kind = '{kind}')")
        db.execute(
            f"INSERT INTO {kind} SELECT id, {picked} FROM said WHERE kind = '{kind}' AND value IS NOT NULL GROUP BY id"
        )
    db.execute("DELETE FROM model_label WHERE id IN (SELECT id FROM touched)")
    db.execute(
        f"INSERT INTO model_label SELECT f.id, split_part(f.name, ':', 1), substr(f.name, strpos(f.name, ':') + 1), "
        f"f.value->>'$' FROM said f WHERE f.value IS NOT NULL AND ({_PREFIXED}) ORDER BY f.id, f.name"
    )
