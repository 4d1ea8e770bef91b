"""Every kind of gate by its name, and making gates of what `workbench.toml` declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbench.registry.gates.command import Command
from workbench.registry.gates.judge import Judge
from workbench.registry.gates.latency import Latency
from workbench.registry.gates.metric import Metric
from workbench.registry.gates.not_worse import NotWorse
from workbench.registry.gates.requires import Requires
from workbench.registry.gates.settings import Settings
from workbench.registry.gates.signature import Signature
from workbench.registry.gates.size import Size
from workbench.registry.gates.slices import Slices
from workbench.registry.gates.validated import Data
from workbench.registry.policy import Gate

KINDS: Mapping[str, type[Judge]] = {
    "metric": Metric,
    "not-worse": NotWorse,
    "slices": Slices,
    "size": Size,
    "latency": Latency,
    "requires": Requires,
    "signature": Signature,
    "data": Data,
    "command": Command,
}
TIMEOUT_S = 300.0


@dataclass(frozen=True)
class ReadyGate:
    """A gate whose settings are understood.

    Attributes:
        name, kind: as declared.
        judge: what it does.
        timeout_s: how long it may take.
    """

    name: str
    kind: str
    judge: Judge
    timeout_s: float


def ready_gates(gates: Iterable[Gate], path: str) -> list[ReadyGate]:
    """Gates ready to run.

    Args:
        gates: as they are declared.
        path: of the file that declares them.

    Raises:
        SettingsError: one cannot be understood; the message names file, line and gate.
    """
    return [_ready(gate, path) for gate in gates]


def _ready(gate: Gate, path: str) -> ReadyGate:
    take = Settings(gate, path)
    if gate.kind not in KINDS:
        raise take.error("there is no such kind of gate", f"one of: {', '.join(KINDS)}")
    timeout_s = take.positive("timeout_s", TIMEOUT_S)
    judge = KINDS[gate.kind].declared(take)
    take.finish()
    return ReadyGate(gate.name, gate.kind, judge, timeout_s)
