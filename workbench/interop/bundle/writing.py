"""Writing a bundle: what the store says, in an order and a form that only it decides."""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from workbench.base.errors import store_error
from workbench.base.jsonvalue import dumps, loads
from workbench.interop.bundle import BLOBS, ENTITIES, FORMAT, MANIFEST, RUNS
from workbench.interop.mlflow.experiments import DEFAULT, DEFAULT_ID
from workbench.store.blobs import BlobStore
from workbench.store.entities import read_entities
from workbench.store.store import Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Progress = Callable[[int, int], None]
Entity = tuple[str, str, dict[str, Any]]

_PART_POINTS = 500_000
_PART_RUNS = 500
_HASH = re.compile(r"[0-9a-f]{64}")
_DERIVED = ("started_at", "last_start", "end")
"""Fields that stand in the document under names of their own."""
_ROW = ("name", "experiment", "user", "host")
_FLAGS = {"true": True, "false": False}


@dataclass
class BundleReport:
    """What a bundle holds."""

    runs: int = 0
    points: int = 0
    contents: int = 0
    entities: int = 0


def write_bundle(
    store: Store, path: str, run_ids: Sequence[str] | None, progress: Progress = lambda done, total: None
) -> BundleReport:
    """Write a bundle, which appears when it is complete.

    Args:
        run_ids: the runs, with what belongs to them; None is everything, also what is in the trash.

    Raises:
        StoreError: the store cannot be read or the file cannot be written.
    """
    report = BundleReport()
    with store.reading(wait_s=30) as db:
        entities = _entities(db, run_ids)
        parts = _parts(db, run_ids)
        total = sum(map(len, parts))
    building = f"{path}.{os.getpid()}.partial"
    try:
        with open(building, "wb") as file, _Sections(file, building) as sections:
            hashes: set[str] = set()
            lines = [dumps({"kind": kind, "id": entity_id, "fields": fields}) for kind, entity_id, fields in entities]
            text = "".join(line + "\n" for line in lines)
            hashes.update(_HASH.findall(text))
            sections.add(MANIFEST, dumps({"format": FORMAT}).encode() + b"\n")
            sections.add(ENTITIES, text.encode())
            report.entities = len(lines)
            for part in parts:
                with store.reading(ingest=False, wait_s=30) as db:
                    documents = list(_run_files(db, part))
                for name, content, points in documents:
                    sections.add(name, content)
                    report.points += points
                    if name.endswith(".json"):
                        hashes.update(_HASH.findall(content.decode()))
                        report.runs += 1
                progress(report.runs, total)
            _add_contents(sections, BlobStore(store.project), hashes, report)
            sections.finish()
        os.replace(building, path)
    except OSError as error:
        raise store_error(error, path) from None
    finally:
        if os.path.lexists(building):
            os.unlink(building)
    return report


class _Sections:
    """A tar file whose names come in order; contents, which come first, are known last."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        self._path = f"{path}.runs"
        self._file = file
        self._later = tarfile.open(self._path, "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by __exit__
        self._first = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115

    def __enter__(self) -> _Sections:
        return self

    def __exit__(self, *error: object) -> None:
        self._later.close()
        os.unlink(self._path)

    def add(self, name: str, content: bytes) -> None:
        """Add what comes after the contents."""
        self._later.addfile(_info(name, len(content)), io.BytesIO(content))

    def add_content(self, name: str, size: int, content: BinaryIO) -> None:
        """Add contents."""
        self._first.addfile(_info(name, size), content)

    def finish(self) -> None:
        """Put both together."""
        self._later.close()
        with tarfile.open(self._path) as later:
            for member in later:
                self._first.addfile(member, later.extractfile(member))
        self._first.close()
        self._file.flush()
        os.fsync(self._file.fileno())


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o644
    return info


def _add_contents(sections: _Sections, blobs: BlobStore, hashes: set[str], report: BundleReport) -> None:
    for sha256 in sorted(hashes):
        place = blobs.path_of(sha256)
        if os.path.exists(place):
            with open(place, "rb") as content:
                sections.add_content(f"{BLOBS}{sha256[:2]}/{sha256[2:]}", os.fstat(content.fileno()).st_size, content)
            report.contents += 1


def _parts(db: Connection, run_ids: Sequence[str] | None) -> list[list[str]]:
    """Run ids in order, in parts of a bounded number of points."""
    where = "" if run_ids is None else "WHERE uid IN (SELECT unnest($ids::VARCHAR[]))"
    rows = db.execute(
        "SELECT uid, coalesce(sum(n), 0)::BIGINT FROM run LEFT JOIN metric_summary USING (run_id) "
        f"{where} GROUP BY uid ORDER BY uid",
        {} if run_ids is None else {"ids": list(run_ids)},
    ).fetchall()
    parts: list[list[str]] = []
    room = 0
    for uid, points in rows:
        if room <= 0 or len(parts[-1]) >= _PART_RUNS:
            parts.append([])
            room = _PART_POINTS
        parts[-1].append(uid)
        room -= points
    return parts


def _run_files(db: Connection, uids: Sequence[str]) -> Iterator[tuple[str, bytes, int]]:
    """Name, content and number of points of the files of runs, in the order of their names."""
    documents = _documents(db, uids)
    texts, counts = _points(db, uids)
    for uid in uids:
        yield f"{RUNS}{uid}.json", dumps(documents[uid]).encode() + b"\n", 0
        if uid in texts:
            yield f"{RUNS}{uid}.tsv", texts[uid].encode(), counts[uid]


def _points(db: Connection, uids: Sequence[str]) -> tuple[dict[str, str], dict[str, int]]:
    rows = db.execute(
        r"""
        SELECT uid, string_agg(line, '' ORDER BY name, step, t, value), count(*) FROM (
            SELECT k.uid, m.name, step, epoch_us(ts) AS t,
                CASE WHEN isnan(value) THEN 'NaN' WHEN isinf(value) THEN if(value > 0, 'Infinity', '-Infinity')
                    ELSE value::VARCHAR END AS value,
                to_json(m.name) || E'\t' || step || E'\t' || value || E'\t' || t || E'\n' AS line
            FROM metric JOIN run_key k USING (run_id) JOIN metric_key m USING (key_id)
            WHERE k.uid IN (SELECT unnest($1::VARCHAR[])))
        GROUP BY uid
        """,
        [list(uids)],
    ).fetchall()
    return {uid: text for uid, text, _ in rows}, {uid: count for uid, _, count in rows}


def _documents(db: Connection, uids: Sequence[str]) -> dict[str, dict[str, object]]:
    among = "JOIN run_key k USING (run_id) WHERE k.uid IN (SELECT unnest($1::VARCHAR[]))"

    def rows(columns: str, table: str, order: str) -> list[tuple[Any, ...]]:
        return db.execute(f"SELECT k.uid, {columns} FROM {table} {among} ORDER BY {order}", [list(uids)]).fetchall()

    fields: dict[str, dict[str, object]] = defaultdict(dict)
    for uid, name, value in rows("name, value", "run_field", "name"):
        if name not in _DERIVED and value not in ("", "false", None):
            fields[uid][name] = _field(name, value)
    documents: dict[str, dict[str, object]] = {}
    for uid, name, experiment, user, host, status, started, ended, exit_code, error in rows(
        "r.name, experiment, user_name, r.host, status, epoch_us(started_at), epoch_us(ended_at), exit_code, error",
        "run r",
        "k.uid",
    ):
        row = dict(zip(_ROW, (name, experiment, user, host), strict=True))
        end = {"status": status, "ended_us": ended, "exit_code": exit_code, "error": error}
        documents[uid] = {
            "run_id": uid,
            "started_us": started,
            "end": end if status in ("finished", "failed", "killed") else None,
            "fields": dict(
                sorted({**fields[uid], **{key: text for key, text in row.items() if text or key == "host"}}.items())
            ),
            "params": {},
            "tags": {},
            "captures": {},
            "datasets": {},
            "artifacts": [],
            "outputs": [],
        }
    for key, table in (("params", "param"), ("captures", "capture")):
        for uid, name, value in rows("name, value", table, "name"):
            _part(documents[uid], key)[name] = loads(value)
    for uid, name, value in rows("name, value", "tag", "name"):
        if value is not None:
            _part(documents[uid], "tags")[name] = value
    for uid, item, name, digest, path, size, form, detail in rows(
        "item, name, digest, path, size, format, detail", "dataset", "item"
    ):
        said = {"name": name, "digest": digest, "path": path, "size": size, "format": form}
        more = loads(detail)
        whole = {**(more if isinstance(more, dict) else {}), **said}
        _part(documents[uid], "datasets")[item] = dict(sorted(whole.items()))
    for uid, path, kind, size, sha256 in rows("path, kind, size, sha256", "artifact", "path"):
        if sha256 is not None:
            _list(documents[uid], "artifacts").append({"path": path, "kind": kind, "size": size, "sha256": sha256})
    output = "output JOIN journal j USING (file_id)"
    output = f"(SELECT o.run_id, stream, text, newline, ts, seq, writer FROM {output.replace('output', 'output o', 1)})"
    for uid, *cells in rows("stream, text, newline, epoch_us(ts)", output, "ts, writer, seq"):
        _list(documents[uid], "outputs").append(cells)
    return documents


def _field(name: str, value: str) -> object:
    return loads(value) if name == "command" else _FLAGS.get(value, value)


def _part(document: dict[str, object], key: str) -> dict[str, object]:
    part = document[key]
    assert isinstance(part, dict)
    return part


def _list(document: dict[str, object], key: str) -> list[object]:
    part = document[key]
    assert isinstance(part, list)
    return part


def _entities(db: Connection, run_ids: Sequence[str] | None) -> list[Entity]:
    """Entities by kind and id; with `run_ids` those that belong to these runs."""
    kinds = [row[0] for row in db.execute("SELECT DISTINCT kind FROM entity_field ORDER BY kind").fetchall()]
    found: dict[str, dict[str, dict[str, Any]]] = {kind: dict(read_entities(db, kind)) for kind in kinds}
    if run_ids is not None:
        found = _belonging(db, found, set(run_ids))
    return [
        (kind, entity_id, dict(sorted(fields.items())))
        for kind, entities in sorted(found.items())
        for entity_id, fields in sorted(entities.items())
    ]


def _belonging(
    db: Connection, found: dict[str, dict[str, dict[str, Any]]], run_ids: set[str]
) -> dict[str, dict[str, dict[str, Any]]]:
    rows = db.execute(
        "SELECT DISTINCT experiment FROM run WHERE uid IN (SELECT unnest($1::VARCHAR[]))", [sorted(run_ids)]
    ).fetchall()
    experiments = {row[0] for row in rows}
    logged = {key: value for key, value in found.get("logged_model", {}).items() if value.get("run") in run_ids}
    versions = {
        key: value
        for key, value in found.get("version", {}).items()
        if value.get("run") in run_ids or value.get("model_id") in logged
    }
    models = {value.get("model") for value in versions.values()}
    return {
        "experiment": {
            key: value
            for key, value in found.get("experiment", {}).items()
            if (value.get("name") or (DEFAULT if key == DEFAULT_ID else key)) in experiments
        },
        "logged_model": logged,
        "model": {key: value for key, value in found.get("model", {}).items() if key in models},
        "run_models": {key: value for key, value in found.get("run_models", {}).items() if key in run_ids},
        "version": versions,
    }
