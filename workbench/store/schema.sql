-- The tables of store.duckdb. A change here is a bump of SCHEMA_VERSION in schema.py: the file is then built anew
-- from the journals, never migrated.
-- Integer ids (run_id, key_id, file_id) are local to this file; only 32-digit run ids and names leave it.
-- A fact that can be changed carries (t, writer, seq): microseconds, the writer and its byte offset in the journal.
-- The greatest wins, so the order in which journals arrive does not matter.

CREATE TABLE meta(key VARCHAR, value VARCHAR);

CREATE TABLE journal(
    file_id INTEGER, name VARCHAR, run_id INTEGER, writer VARCHAR, role VARCHAR, host VARCHAR, boot VARCHAR, pid BIGINT,
    off BIGINT, running_crc BIGINT, opened_at TIMESTAMP, last_at TIMESTAMP, lockable BOOLEAN, sealed BOOLEAN,
    alive BOOLEAN, segment VARCHAR);

CREATE TABLE gap(file_id INTEGER, off_from BIGINT, off_to BIGINT, reason VARCHAR);

CREATE TABLE run_key(run_id INTEGER, uid VARCHAR, purged BOOLEAN);

CREATE TABLE run(
    run_id INTEGER, uid VARCHAR, name VARCHAR, experiment VARCHAR, status VARCHAR, started_at TIMESTAMP,
    ended_at TIMESTAMP, heartbeat_at TIMESTAMP, user_name VARCHAR, host VARCHAR, command VARCHAR, cwd VARCHAR,
    python VARCHAR, git_commit VARCHAR, git_branch VARCHAR, git_dirty BOOLEAN, parent_uid VARCHAR, exit_code INTEGER,
    error VARCHAR, deleted BOOLEAN, starred BOOLEAN, pinned BOOLEAN, note VARCHAR);

-- What `run` is folded from: the winner for each field.
CREATE TABLE run_field(run_id INTEGER, name VARCHAR, value VARCHAR, t BIGINT, writer VARCHAR, seq BIGINT);

CREATE TABLE param(
    run_id INTEGER, name VARCHAR, value VARCHAR, text VARCHAR, number DOUBLE, t BIGINT, writer VARCHAR, seq BIGINT);
CREATE TABLE tag(run_id INTEGER, name VARCHAR, value VARCHAR, t BIGINT, writer VARCHAR, seq BIGINT);
CREATE TABLE capture(run_id INTEGER, name VARCHAR, value VARCHAR, t BIGINT, writer VARCHAR, seq BIGINT);
CREATE TABLE artifact(
    run_id INTEGER, path VARCHAR, kind VARCHAR, size BIGINT, sha256 VARCHAR, t BIGINT, writer VARCHAR, seq BIGINT);
CREATE TABLE dataset(
    run_id INTEGER, item VARCHAR, name VARCHAR, digest VARCHAR, path VARCHAR, size BIGINT, format VARCHAR, detail VARCHAR,
    t BIGINT, writer VARCHAR, seq BIGINT);

-- Facts of what is no run (experiments, registered models, versions, logged models): the winner for each field.
CREATE TABLE entity_field(
    kind VARCHAR, id VARCHAR, name VARCHAR, value VARCHAR, t BIGINT, writer VARCHAR, seq BIGINT);

-- Governance events: what was done with models, as a hash chain of each writer (registry/chain.py). `body` is JSON.
CREATE TABLE governance(
    chain VARCHAR, n BIGINT, prev VARCHAR, hash VARCHAR, key VARCHAR, sig VARCHAR, seal VARCHAR, body VARCHAR,
    action VARCHAR, who VARCHAR, model VARCHAR, model_id VARCHAR, version BIGINT, reason VARCHAR, t BIGINT,
    writer VARCHAR, seq BIGINT);

-- What entity_field says of models and versions, a row each; their tags and aliases (`kind`) beside them.
CREATE TABLE model(
    id VARCHAR, name VARCHAR, created_at BIGINT, updated_at BIGINT, description VARCHAR, deleted BOOLEAN);
CREATE TABLE version(
    id VARCHAR, model VARCHAR, number BIGINT, created_at BIGINT, updated_at BIGINT, description VARCHAR, stage VARCHAR,
    source VARCHAR, storage_location VARCHAR, run VARCHAR, run_link VARCHAR, model_id VARCHAR, status VARCHAR,
    status_message VARCHAR, "user" VARCHAR, deleted BOOLEAN, digest VARCHAR, size_bytes BIGINT);
CREATE TABLE model_label(id VARCHAR, kind VARCHAR, name VARCHAR, value VARCHAR);

CREATE TABLE metric_key(key_id INTEGER, name VARCHAR);
CREATE TABLE journal_key(file_id INTEGER, k INTEGER, key_id INTEGER);
-- No primary key: it would double the size and quarter the speed of the insert. Offsets make ingest exactly-once.
CREATE TABLE metric(run_id INTEGER, key_id INTEGER, step BIGINT, ts TIMESTAMP, value DOUBLE);
CREATE TABLE metric_summary(
    run_id INTEGER, key_id INTEGER, n BIGINT, first DOUBLE, first_step BIGINT, first_ts TIMESTAMP, last DOUBLE,
    last_step BIGINT, last_ts TIMESTAMP, min DOUBLE, min_step BIGINT, max DOUBLE, max_step BIGINT, total DOUBLE,
    n_finite BIGINT);

CREATE TABLE output(run_id INTEGER, file_id INTEGER, seq BIGINT, stream UTINYINT, ts TIMESTAMP, text VARCHAR, newline BOOLEAN);
