"""Verifying the audit log: every event's hash and place, and whose signature vouches for it."""

from __future__ import annotations

import os
import statistics
import subprocess
from pathlib import Path

from tests.benchmarks.harness import Context, Row, interleaved, seconds, workbench_command
from workbench.base.jsonvalue import dumps
from workbench.base.project import Project, create_project
from workbench.journal.writer import JournalWriter
from workbench.registry.chain import FIRST, Link, hash_of
from workbench.registry.signing import Signer, create_key
from workbench.store.store import Store

EVENTS = 100_000
CHAINS = 4
LIMIT_S = 3.0
START_US = 1_790_000_000_000_000


def measure(context: Context) -> list[Row]:
    """One row for a log without signatures, one for a signed one."""
    events = context.size(EVENTS, 50 * CHAINS)
    places = {name: context.make_folder(name) for name in ("unsigned", "signed")}
    environment = {**os.environ, "WORKBENCH_KEY": str(context.folder / "key.pem")}
    before = os.environ.get("WORKBENCH_KEY")
    os.environ["WORKBENCH_KEY"] = environment["WORKBENCH_KEY"]
    try:
        write_log(create_project(str(places["unsigned"])), events, None)
        signer = create_key()
    finally:
        os.environ.pop("WORKBENCH_KEY")
        if before is not None:
            os.environ["WORKBENCH_KEY"] = before
    rules = f'[people]\nana = "{signer.public_key}"\n[audit]\nrequire_signatures = true\n'
    (places["signed"] / "workbench.toml").write_text(rules)
    write_log(create_project(str(places["signed"])), events, signer)

    def verified(folder: Path) -> float:
        return seconds(lambda: _verify(folder, events))

    unsigned, signed = interleaved(
        min(3, context.repetitions), lambda: verified(places["unsigned"]), lambda: verified(places["signed"])
    )
    return [_row(events, "", statistics.median(unsigned)), _row(events, ", signed", statistics.median(signed))]


def write_log(project: Project, events: int, signer: Signer | None) -> None:
    """Chains of approvals, in the store and in journals; each chain sees the others now and then."""
    heads = {f"{chain:016x}": (0, FIRST) for chain in range(CHAINS)}
    seen: dict[str, object] = {}
    key = signer.public_key if signer else ""
    writers = {chain: JournalWriter(project.journal_dir, None, role="meta", durability="process") for chain in heads}
    for number in range(events):
        chain = f"{number % CHAINS:016x}"
        if number % 100 < CHAINS:  # every hundredth time stores have met
            seen = {other: list(head) for other, head in heads.items() if other != chain and head[0]}
        n, prev = heads[chain][0] + 1, heads[chain][1]
        t, body = START_US + number * 1000, _body(number, seen)
        digest = hash_of(chain, n, prev, t, body, key)
        link = Link(chain, n, prev, t, body, digest, key, signer.sign(digest) if signer else "")
        writers[chain].events([link.event()])
        heads[chain] = (n, link.seal)
    for writer in writers.values():
        writer.close()
    with Store(project) as store:
        store.ingest()


def _body(number: int, seen: dict[str, object]) -> str:
    """An approval as it is recorded: a kilobyte."""
    version = f"{number:032x}"
    decision = {"who": "ana", "approved": True, "reason": "better on weekends", "at": START_US + number * 1000}
    return dumps(
        {
            "action": "approve",
            "who": "ana",
            "model": f"model-{number % 1000}",
            "model_id": f"{number % 1000:032x}",
            "version": number // 1000 + 1,
            "reason": "better on weekends",
            "evidence": {"digest": f"sha256:{'a' * 64}", "metrics": {f"metric_{i}": 0.37 * i for i in range(10)}},
            "changes": [
                {
                    "kind": "version",
                    "id": version,
                    "name": "decision:0123456789abcdef:ana",
                    "value": decision,
                    "after": 0,
                }
            ],
            "seen": seen,
        }
    )


def _verify(folder: Path, events: int) -> None:
    done = subprocess.run(
        [*workbench_command(), "-C", str(folder), "audit", "verify"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and f"{events:,} events" in done.stdout, done.stdout + done.stderr


def _row(events: int, how: str, taken_s: float) -> Row:
    return Row(
        f"`workbench audit verify` of {events:,} events in {CHAINS} chains{how}, process start to exit",
        f"{taken_s:.2f} s",
        f"≤ {LIMIT_S:.0f} s",
        "",
        taken_s <= LIMIT_S,
        {"verify_s": taken_s, "events": events},
    )
