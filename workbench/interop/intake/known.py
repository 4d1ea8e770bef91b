"""What the store knows of runs that are to be imported again, and who said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.base.jsonvalue import loads
from workbench.interop.intake.records import Point, shown_value
from workbench.interop.whole_journal import ROLE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact: its value as the store has it, its time, and whether an import said so."""

    value: str | None
    t: int
    imported: bool


@dataclass(slots=True)
class KnownRun:
    """What the store has of a run, by name.

    Attributes:
        artifacts: SHA-256 (None of one that was removed), size and time of files by path.
        series: how many points each metric has and its highest step.
        outputs: lines of output.
    """

    fields: dict[str, Fact] = field(default_factory=dict)
    params: dict[str, Fact] = field(default_factory=dict)
    tags: dict[str, Fact] = field(default_factory=dict)
    captures: dict[str, Fact] = field(default_factory=dict)
    datasets: set[str] = field(default_factory=set)
    artifacts: dict[str, tuple[str | None, int, int]] = field(default_factory=dict)
    series: dict[str, tuple[int, int]] = field(default_factory=dict)
    outputs: int = 0


def known_ids(db: Connection, uids: Sequence[str]) -> tuple[set[str], set[str]]:
    """Which of these runs the store has, and which were purged from it for good."""
    rows = db.execute(
        "SELECT uid, purged, run_id IN (SELECT run_id FROM run) FROM run_key "
        "WHERE uid IN (SELECT unnest($1::VARCHAR[]))",
        [list(uids)],
    ).fetchall()
    return {uid for uid, purged, there in rows if there and not purged}, {uid for uid, purged, _ in rows if purged}


def read_known(db: Connection, uids: Sequence[str]) -> dict[str, KnownRun]:
    """What the store has of these runs, by id."""
    known = {uid: KnownRun() for uid in uids}
    among = "JOIN run_key k USING (run_id) WHERE k.uid IN (SELECT unnest($1::VARCHAR[]))"
    imported = f"SELECT writer, role = '{ROLE}' AS imported FROM journal"
    for name, source in (("fields", "run_field"), ("params", "param"), ("tags", "tag"), ("captures", "capture")):
        rows = db.execute(
            f"SELECT k.uid, f.name, f.value, abs(f.t), coalesce(bool_or(j.imported), false) FROM {source} f "
            f"LEFT JOIN ({imported}) j USING (writer) {among} GROUP BY ALL",
            [list(uids)],
        ).fetchall()
        for uid, fact, value, t, by_import in rows:
            getattr(known[uid], name)[fact] = Fact(value, t, by_import)
    for uid, item in db.execute(f"SELECT k.uid, item FROM dataset {among}", [list(uids)]).fetchall():
        known[uid].datasets.add(item)
    rows = db.execute(f"SELECT k.uid, path, sha256, size, t FROM artifact {among}", [list(uids)]).fetchall()
    for uid, path, sha256, size, t in rows:
        known[uid].artifacts[path] = (sha256, size, t)
    rows = db.execute(
        f"SELECT k.uid, m.name, n, last_step FROM metric_summary JOIN metric_key m USING (key_id) {among}",
        [list(uids)],
    ).fetchall()
    for uid, name, count, step in rows:
        known[uid].series[name] = (count, step)
    for uid, count in db.execute(f"SELECT k.uid, count(*) FROM output {among} GROUP BY 1", [list(uids)]).fetchall():
        known[uid].outputs = count
    return known


def known_points(db: Connection, uid: str, names: Sequence[str]) -> dict[str, list[Point]]:
    """The points that the store has of these metrics of a run."""
    rows = db.execute(
        "SELECT m.name, step, value, epoch_us(ts) FROM metric JOIN metric_key m USING (key_id) "
        "JOIN run_key k USING (run_id) WHERE k.uid = $1 AND m.name IN (SELECT unnest($2::VARCHAR[]))",
        [uid, list(names)],
    ).fetchall()
    points: dict[str, list[Point]] = {name: [] for name in names}
    for name, step, value, t in rows:
        points[name].append((step, shown_value(value), t))
    return points


def same_json(text: str | None, value: object) -> bool:
    """Whether a JSON document of the store is this value."""
    return text is not None and loads(text) == value
