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
