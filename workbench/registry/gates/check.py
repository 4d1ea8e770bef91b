"""Running the gates of a version, and keeping what came of them.

Nobody waits for gates: they run between two visits to the store, the first of which gathers what they need to know.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from workbench.base.clock import iso_utc, now_us
from workbench.base.errors import InputError, NotFoundError, RefusedError, VersionNotFoundError
from workbench.base.project import Project
from workbench.registry import versions
from workbench.registry.checks import (
    CRASHED,
    FAILED,
    PASSED,
    TIMED_OUT,
    Check,
    GateResult,
    latest_check,
    record_check,
)
from workbench.registry.gates.candidate import Candidate, gather_candidate
from workbench.registry.gates.child import CrashedError
from workbench.registry.gates.judge import Verdict
from workbench.registry.gates.kinds import ReadyGate, ready_gates
from workbench.registry.gates.process import TimedOutError
from workbench.registry.ledger import Ledger
from workbench.registry.policy import Gate, rules_path
from workbench.registry.records import Version
from workbench.store.store import Store
from workbench.store.visit import reading_anyhow

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

MAX_DETAIL_CHARS = 1000


def run_gates(
    project: Project,
    store: Store,
    version: Version,
    gates: Sequence[Gate],
    progress: Callable[[str], None] | None = None,
) -> list[GateResult]:
    """Run gates on a version, one after the other.

    Args:
        store: of the project; it is visited once, before the first gate.
        gates: as `workbench.toml` declares them.
        progress: is told what is about to run.

    Raises:
        SettingsError: a gate cannot be understood; none is run then.
        StoreError: the store cannot be read.
    """
    ready = ready_gates(gates, rules_path(project))
    references = dict.fromkeys(reference for gate in ready for reference in gate.judge.others)
    with reading_anyhow(store) as db:
        candidate = gather_candidate(db, project, version, references)
    results = []
    for number, gate in enumerate(ready, 1):
        if progress is not None:
            progress(f"gate {number} of {len(ready)}: {gate.name}")
        results.append(run_gate(gate, candidate))
    return results


def run_gate(gate: ReadyGate, candidate: Candidate) -> GateResult:
    """Run one gate; whatever happens in it is its outcome."""
    at_us, started = now_us(), time.monotonic()
    try:
        verdict = gate.judge.judge(candidate, gate.timeout_s)
        outcome = PASSED if verdict.passed else FAILED
    except (InputError, NotFoundError, RefusedError) as error:
        outcome, verdict = FAILED, Verdict(False, f"{error.message}{f': {error.hint}' if error.hint else ''}")
    except TimedOutError as error:
        said = {"output": error.output} if error.output else {}
        outcome, verdict = TIMED_OUT, Verdict(False, f"it took longer than {gate.timeout_s:g} s", said)
    except CrashedError as error:
        outcome, verdict = CRASHED, Verdict(False, str(error))
    except Exception as error:
        outcome, verdict = CRASHED, Verdict(False, f"{type(error).__name__}: {error}")
    detail = verdict.detail[:MAX_DETAIL_CHARS]
    duration_s = round(time.monotonic() - started, 3)
    return GateResult(gate.name, gate.kind, outcome, detail, verdict.measured, duration_s, at_us)


def keep_check(
    db: Connection, ledger: Ledger, version: Version, results: Sequence[GateResult], declared: Collection[str]
) -> Check:
    """Record what came of a version's gates.

    Results of gates that were not run again stay, where they are about the same files.

    Args:
        db: an open visit to the store.
        declared: the names of all gates of the model, in their order.

    Raises:
        ModelNotFoundError, VersionNotFoundError: the version was deleted while its gates ran; nothing is recorded.
        StoreError: the journal cannot be written.
    """
    present = versions.get(db, version.name, version.number)
    if present.id != version.id:
        raise VersionNotFoundError(
            f"{version.name}/{version.number} is another version now; nothing is recorded", "check that one"
        )
    found = {result.name: result for result in results}
    before = latest_check(db, version)
    if before is not None and before.digest == version.digest:
        found = {result.name: result for result in before.results} | found
    return record_check(db, ledger, version, [found[name] for name in declared if name in found])


def check_document(version: Version, results: Sequence[GateResult], *, recorded: bool) -> dict[str, object]:
    """What came of some gates, as JSON has it.

    Args:
        recorded: whether it is kept with the version.
    """
    passed = [result.passed for result in results]
    return {
        "name": version.name,
        "version": version.number,
        "digest": version.digest,
        "at": iso_utc(min((result.at_us for result in results), default=now_us())),
        "passed": all(passed),
        "summary": f"{sum(passed)}/{len(passed)}",
        "recorded": recorded,
        "gates": [result.as_document() for result in results],
    }
