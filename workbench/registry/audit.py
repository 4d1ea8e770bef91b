"""The audit log: what was done with models, by whom, when, why and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.jsonvalue import loads
from workbench.registry.findings import shown_time

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

ACTIONS = (
    "create", "register", "describe", "tag", "rename", "stage", "alias", "unalias", "rollback", "request", "approve",
    "reject", "check", "renumber", "delete", "restore", "import",
)  # fmt: skip
"""What is done with models here; a newer workbench may do more."""


@dataclass(frozen=True)
class LogQuery:
    """Which events.

    Attributes:
        model: the name of the model, as it was then.
        version: the number of the version.
        who: who did it.
        action: what was done.
        since_us, until_us: microseconds since the epoch, UTC; the end is the first one that is too late.
        limit: at most so many, the newest ones; None for all.
    """

    model: str | None = None
    version: int | None = None
    who: str | None = None
    action: str | None = None
    since_us: int | None = None
    until_us: int | None = None
    limit: int | None = None


def read_log(db: Connection, query: LogQuery = LogQuery()) -> list[dict[str, Any]]:
    """Events, the newest one first.

    Returns:
        Of each: `time` (ISO 8601 UTC), `who`, `action`, `model`, `version`, `reason`, `evidence`, `changes` (`kind`,
        `id`, `name`, `value` and the time of what it replaced), `chain`, `n`, `hash`, `key` (empty where nobody
        signed), `signed`.
    """
    wanted = {
        "model = $model": query.model,
        "version = $version": query.version,
        "who = $who": query.who,
        "action = $action": query.action,
        "t >= $since": query.since_us,
        "t < $until": query.until_us,
    }
    given = {condition: value for condition, value in wanted.items() if value is not None}
    where = " AND ".join(given) or "true"
    limit = "" if query.limit is None else f"LIMIT {int(query.limit)}"
    rows = db.execute(
        "SELECT t, who, action, model, version, reason, if(json_valid(body), body, '{}'), chain, n, hash, key, sig "
        f"FROM governance WHERE {where} ORDER BY t DESC, chain, n DESC {limit}",
        {condition.rpartition("$")[2]: value for condition, value in given.items()},
    ).fetchall()
    return [_document(*row) for row in rows]


def _document(
    t: int, who: str | None, action: str | None, model: str | None, version: int | None, reason: str | None,
    body: str, chain: str, n: int, digest: str, key: str, sig: str,
) -> dict[str, Any]:  # fmt: skip
    said = loads(body)
    assert isinstance(said, dict)
    return {
        "time": shown_time(t),
        "who": who,
        "action": action,
        "model": model or None,
        "version": version,
        "reason": reason,
        "evidence": said.get("evidence") or {},
        "changes": said.get("changes") or [],
        "chain": chain,
        "n": n,
        "hash": digest,
        "key": key,
        "signed": bool(sig),
    }
