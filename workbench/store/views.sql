-- The views that `workbench sql` documents (docs/sql.md). Here run_id is the 32-digit id; times are UTC.

CREATE VIEW runs AS SELECT
    uid AS run_id, name, experiment, status, started_at, ended_at,
    date_diff('microsecond', started_at, coalesce(ended_at, heartbeat_at)) / 1e6 AS duration_s,
    user_name, host, command, cwd, python, git_commit, git_branch, git_dirty, parent_uid AS parent_run_id, exit_code,
    error, deleted, starred, pinned, note
FROM run;

CREATE VIEW params AS SELECT r.uid AS run_id, p.name, p.value, p.text, p.number FROM param p JOIN run r USING (run_id);

CREATE VIEW metrics AS
SELECT r.uid AS run_id, k.name AS key, m.step, m.ts AS time, m.value
FROM metric m JOIN run r USING (run_id) JOIN metric_key k USING (key_id);

CREATE VIEW metric_summaries AS
SELECT r.uid AS run_id, k.name AS key, s.n, s.first, s.last, s.last_step, s.last_ts AS last_time, s.min, s.min_step,
    s.max, s.max_step, s.total / nullif(s.n_finite, 0) AS mean
FROM metric_summary s JOIN run r USING (run_id) JOIN metric_key k USING (key_id);

CREATE VIEW tags AS SELECT r.uid AS run_id, t.name, t.value FROM tag t JOIN run r USING (run_id) WHERE t.value IS NOT NULL;

CREATE VIEW captures AS SELECT r.uid AS run_id, c.name, c.value FROM capture c JOIN run r USING (run_id);

CREATE VIEW artifacts AS
SELECT r.uid AS run_id, a.path, a.kind, a.size AS size_bytes, a.sha256, make_timestamp(a.t) AS logged_at
FROM artifact a JOIN run r USING (run_id) WHERE a.sha256 IS NOT NULL;

CREATE VIEW datasets AS
SELECT r.uid AS run_id, d.name, d.digest, d.path, d.size AS size_bytes, d.format, d.detail
FROM dataset d JOIN run r USING (run_id);

CREATE VIEW outputs AS
SELECT r.uid AS run_id, o.seq, o.stream, o.ts AS time, o.text, o.newline FROM output o JOIN run r USING (run_id);

CREATE VIEW experiments AS
SELECT experiment AS name, count(*) AS runs, count(*) FILTER (WHERE deleted) AS deleted_runs,
    max(started_at) AS last_started_at
FROM run GROUP BY experiment;

CREATE VIEW journals AS
SELECT j.name, r.uid AS run_id, j.role, j.host, j.pid, j.off AS size_bytes, j.opened_at, j.last_at, j.sealed, j.alive,
    j.segment
FROM journal j LEFT JOIN run r USING (run_id);

CREATE VIEW gaps AS
SELECT j.name AS journal, g.off_from, g.off_to, g.reason FROM gap g JOIN journal j USING (file_id);

CREATE VIEW models AS
SELECT name, make_timestamp(created_at * 1000) AS created_at, make_timestamp(updated_at * 1000) AS updated_at,
    description, id AS model_id
FROM model WHERE name IS NOT NULL AND deleted IS NOT true
QUALIFY row_number() OVER (PARTITION BY name ORDER BY model.created_at, id) = 1;

CREATE VIEW model_versions AS
SELECT m.name AS model, v.number AS version, make_timestamp(v.created_at * 1000) AS created_at, v.run AS run_id, v.digest,
    v.size_bytes, v.stage, v.source, v.description, v."user" AS user_name, v.id AS version_id
FROM version v JOIN models m ON m.model_id = v.model WHERE v.deleted IS NOT true
QUALIFY row_number() OVER (PARTITION BY v.model, v.number ORDER BY v.created_at, v.id) = 1;

CREATE VIEW model_aliases AS
SELECT m.name AS model, l.name AS alias, TRY_CAST(l.value AS BIGINT) AS version
FROM model_label l JOIN models m ON m.model_id = l.id WHERE l.kind = 'alias';

CREATE VIEW model_tags AS
SELECT m.name AS model, v.number AS version, l.name, l.value
FROM model_label l LEFT JOIN version v USING (id) JOIN models m ON m.model_id = coalesce(v.model, l.id)
WHERE l.kind = 'tag' AND v.deleted IS NOT true;

CREATE VIEW audit AS
SELECT make_timestamp(t) AS time, who, action, model, version, reason, body, chain, n, hash, key <> '' AS signed
FROM governance;

CREATE VIEW dataset_versions AS
WITH wide AS (
    SELECT id, max(value->>'$') FILTER (name = 'dataset') AS dataset,
        max(TRY_CAST(value AS BIGINT)) FILTER (name = 'number') AS number,
        max(value->>'$') FILTER (name = 'digest') AS digest,
        max(TRY_CAST(value AS BIGINT)) FILTER (name = 'rows') AS "rows",
        max(TRY_CAST(value AS BIGINT)) FILTER (name = 'size_bytes') AS size_bytes,
        max(TRY_CAST(value AS BIGINT)) FILTER (name = 'created_us') AS created_us,
        max(value->>'$') FILTER (name = 'who') AS who,
        coalesce(bool_or(name = 'removed_us'), false) AS removed
    FROM entity_field WHERE kind = 'dataset_version' AND value IS NOT NULL
        AND name IN ('dataset', 'number', 'digest', 'rows', 'size_bytes', 'created_us', 'who', 'removed_us')
    GROUP BY id)
SELECT d.value->>'$' AS name, w.number AS version, w.digest, w.rows, w.size_bytes,
    make_timestamp(w.created_us) AS created_at, w.who AS user_name, w.id AS version_id
FROM wide w JOIN entity_field d ON d.kind = 'dataset' AND d.id = w.dataset AND d.name = 'name' AND d.value IS NOT NULL
WHERE NOT w.removed AND w.number IS NOT NULL;

CREATE VIEW drift_checks AS
SELECT max(value->>'$') FILTER (name = 'name') AS name,
    make_timestamp(max(TRY_CAST(value AS BIGINT)) FILTER (name = 'created_at') * 1000) AS created_at,
    max(TRY_CAST(value AS BOOLEAN)) FILTER (name = 'dataset_drift') AS drift,
    max(value) FILTER (name = 'drifted_columns') AS drifted_columns,
    max(value->>'$') FILTER (name = 'version') AS version_id,
    max(value) FILTER (name = 'document') AS document, id AS check_id
FROM entity_field WHERE kind = 'drift' AND value IS NOT NULL GROUP BY id;

CREATE VIEW monitors AS
WITH wide AS (
    SELECT id, max(value->>'$') FILTER (name = 'name') AS name, max(value->>'$') FILTER (name = 'version_shown') AS model,
        max(value->>'$.source') FILTER (name = 'settings') AS source,
        max(value->>'$') FILTER (name = 'divided') AS divided, max(value->>'$') FILTER (name = 'reference') AS reference,
        max(value->>'$') FILTER (name = 'baseline') AS baseline,
        max(value->>'$.message') FILTER (name = 'problem') AS problem,
        make_timestamp(max(TRY_CAST(value AS BIGINT)) FILTER (name = 'registered_us')) AS registered_at,
        max(value->>'$') FILTER (name = 'who') AS user_name, max(value) FILTER (name = 'settings') AS settings,
        coalesce(bool_or(name = 'removed_us'), false) AS removed
    FROM entity_field WHERE kind = 'monitor' AND value IS NOT NULL GROUP BY id)
SELECT name, model, source, divided, reference, baseline, registered_at, user_name, problem, settings, id AS monitor_id
FROM wide WHERE NOT removed AND settings IS NOT NULL AND baseline IS NOT NULL;

CREATE VIEW monitor_results AS
WITH wide AS (
    SELECT id, max(value->>'$') FILTER (name = 'monitor') AS monitor_id,
        max(value->>'$') FILTER (name = 'window') AS window_name,
        make_timestamp(max(TRY_CAST(value AS BIGINT)) FILTER (name = 'start_us')) AS start_at,
        make_timestamp(max(TRY_CAST(value AS BIGINT)) FILTER (name = 'end_us')) AS end_at,
        max(TRY_CAST(value AS BIGINT)) FILTER (name = 'rows') AS "rows",
        coalesce(max(TRY_CAST(value AS BIGINT)) FILTER (name = 'refused'), 0) AS refused,
        max(value->>'$') FILTER (name = 'verdict') AS verdict,
        max(value->>'$') FILTER (name = 'drift_verdict') AS drift_verdict,
        max(value->>'$') FILTER (name = 'performance_verdict') AS performance_verdict,
        max(value) FILTER (name = 'drifted_columns') AS drifted_columns, max(value) FILTER (name = 'reasons') AS reasons,
        max(value->>'$') FILTER (name = 'alert') AS alert,
        max(TRY_CAST(value AS DOUBLE)) FILTER (name = 'coverage') AS coverage,
        max(value->>'$') FILTER (name = 'baseline') AS baseline,
        max(TRY_CAST(value AS BIGINT)) FILTER (name = 'method') AS method,
        make_timestamp(max(TRY_CAST(value AS BIGINT)) FILTER (name = 'created_us')) AS created_at,
        max(TRY_CAST(value AS BIGINT)) FILTER (name = 'position_us') AS position_us
    FROM entity_field WHERE kind = 'monitor_result' AND value IS NOT NULL
        AND name NOT IN ('document', 'performance', 'verdicts') GROUP BY id)
SELECT n.value->>'$' AS monitor, w.window_name, w.start_at, w.end_at, w.rows, w.refused, w.verdict, w.drift_verdict,
    w.performance_verdict, w.drifted_columns, w.reasons, w.alert, w.coverage, w.baseline, w.method, w.created_at,
    make_timestamp(w.position_us) AS position_at, w.id AS result_id, w.monitor_id
FROM wide w JOIN entity_field n ON n.kind = 'monitor' AND n.id = w.monitor_id AND n.name = 'name'
WHERE w.verdict IS NOT NULL AND n.value IS NOT NULL;

CREATE VIEW monitor_columns AS
WITH columns AS (
    SELECT id, unnest(json_extract(value, '$.columns[*]')) AS c FROM entity_field
    WHERE kind = 'monitor_result' AND name = 'document' AND value IS NOT NULL)
SELECT r.monitor, r.window_name, r.start_at, r.end_at, c->>'$.column' AS column_name, c->>'$.kind' AS kind, c->>'$.test' AS test,
    TRY_CAST(c->>'$.score' AS DOUBLE) AS score, TRY_CAST(c->>'$.floor' AS DOUBLE) AS floor,
    TRY_CAST(c->>'$.p_adjusted' AS DOUBLE) AS p_adjusted, TRY_CAST(c->>'$.threshold' AS DOUBLE) AS threshold,
    c->>'$.verdict' AS verdict, c->>'$.reason' AS reason,
    TRY_CAST(c->>'$.missing.reference' AS DOUBLE) AS missing_reference,
    TRY_CAST(c->>'$.missing.current' AS DOUBLE) AS missing_current, r.baseline, r.result_id
FROM columns JOIN monitor_results r ON r.result_id = columns.id;

CREATE VIEW monitor_performance AS
WITH metrics AS (
    SELECT id, TRY_CAST(value->>'$.coverage' AS DOUBLE) AS coverage,
        unnest(json_extract(value, '$.metrics[*]')) AS m FROM entity_field
    WHERE kind = 'monitor_result' AND name = 'performance' AND value IS NOT NULL)
SELECT r.monitor, r.window_name, r.start_at, r.end_at, m->>'$.metric' AS metric,
    TRY_CAST(m->>'$.realised' AS DOUBLE) AS realised, TRY_CAST(m->>'$.se' AS DOUBLE) AS se,
    TRY_CAST(m->>'$.n' AS BIGINT) AS n, TRY_CAST(m->>'$.estimated' AS DOUBLE) AS estimated,
    TRY_CAST(m->>'$.low' AS DOUBLE) AS low, TRY_CAST(m->>'$.high' AS DOUBLE) AS high, metrics.coverage,
    m->>'$.reason' AS reason, r.result_id
FROM metrics JOIN monitor_results r ON r.result_id = metrics.id;
