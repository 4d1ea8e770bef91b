"""Results of gates: stored with the version that they were run on, and found again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.base.clock import iso_utc, now_us
from workbench.base.jsonvalue import loads
from workbench.registry.ledger import Change, Deed, Ledger
from workbench.registry.records import Version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

KIND = "check"

PASSED, FAILED, CRASHED, TIMED_OUT = "passed", "failed", "crashed", "timed out"
OUTCOMES = (PASSED, FAILED, CRASHED, TIMED_OUT)
"""How a gate ends; all but the first one count as not passed."""


@dataclass(frozen=True)
class GateResult:
    """What came of one gate.

    Attributes:
        name, kind: of the gate.
        outcome: one of `OUTCOMES`.
        detail: one sentence that says what was found and what is wanted.
        measured: numbers behind it, by name.
        duration_s: how long it took.
        at_us: when it began, microseconds since the epoch, UTC; 0 where nobody noted it.
    """

    name: str
    kind: str
    outcome: str
    detail: str
    measured: dict[str, Any] = field(default_factory=dict)
    duration_s: float = 0.0
    at_us: int = 0

    @property
    def passed(self) -> bool:
        """Whether it passed; a gate that crashed or hung has not."""
        return self.outcome == PASSED

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it; `at` is ISO 8601 UTC."""
        document = asdict(self)
        at_us = document.pop("at_us")
        return {**document, "at": iso_utc(at_us) if at_us else None}


@dataclass(frozen=True)
class Check:
    """The gates of a version, each with its newest result.

    Attributes:
        digest: of the version's files then.
        at_us: microseconds since the epoch, UTC.
        who: who ran them.
        results: in the order of the gates.
    """

    digest: str | None
    at_us: int
    who: str
    results: tuple[GateResult, ...]

    @property
    def passed(self) -> bool:
        """Whether all of them passed."""
        return all(result.passed for result in self.results)

    @property
    def summary(self) -> str:
        """`5/6`: how many of how many passed."""
        return f"{sum(result.passed for result in self.results)}/{len(self.results)}"

    def as_document(self) -> dict[str, Any]:
        """It as it is recorded."""
        return {
            "digest": self.digest,
            "at": self.at_us,
            "who": self.who,
            "passed": self.passed,
            "gates": [asdict(result) for result in self.results],
        }


def record_check(db: Connection, ledger: Ledger, version: Version, results: Sequence[GateResult]) -> Check:
    """Store what came of a version's gates.

    Raises:
        StoreError: the journal cannot be written.
    """
    check = Check(version.digest, now_us(), ledger.who, tuple(results))
    evidence = {"passed": check.passed, "summary": check.summary}
    deed = Deed("check", version.name, version.model, version.number, evidence=evidence)
    ledger.record(db, deed, Change(KIND, os.urandom(16).hex(), {version.id: check.as_document()}))
    return check


def latest_check(db: Connection, version: Version) -> Check | None:
    """The newest results of a version's gates."""
    return latest_checks(db, [version]).get(version.id)


def latest_checks(db: Connection, versions: Sequence[Version]) -> dict[str, Check]:
    """The newest results by id of the version, for those that were checked."""
    rows = db.execute(
        f"SELECT name, arg_max(value, (t, writer, seq)) FROM entity_field WHERE kind = '{KIND}' AND value IS NOT NULL "
        "AND name IN (SELECT unnest($1::VARCHAR[])) GROUP BY name",
        [[version.id for version in versions]],
    ).fetchall()
    return {name: _check(loads(value)) for name, value in rows}


def missing_gates(db: Connection, version: Version, required: Sequence[str]) -> list[str]:
    """What is missing of the gates that a version must have passed, a clause each."""
    if not required:
        return []
    check = latest_check(db, version)
    if check is None:
        return ["its gates were never run"]
    if check.digest != version.digest:
        return ["its gates were run on other files"]
    outcomes = {result.name: result for result in check.results}
    missing = []
    for name in required:
        result = outcomes.get(name)
        if result is None:
            missing.append(f"the gate {name} was never run")
        elif not result.passed:
            missing.append(f"the gate {name} {result.outcome}")
    return missing


def _check(document: Any) -> Check:
    results = tuple(GateResult(**result) for result in document["gates"])
    return Check(document["digest"], int(document["at"]), str(document["who"]), results)
