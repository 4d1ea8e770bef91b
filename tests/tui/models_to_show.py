"""Registered models in every state that the app shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import FakeClock
from tests.tui.runs_to_show import LYNX, OTTER, Runs, course, full_events
from tests.tui.showcase import Showcase
from workbench.base.project import create_project
from workbench.journal.writer import JournalWriter
from workbench.registry import aliases, approvals, cards, models, versions
from workbench.registry.checks import FAILED, PASSED, GateResult, record_check
from workbench.registry.ledger import Ledger
from workbench.registry.registering import register_run

ME = "ana"
DAY_S = 86_400
RULES = """
[models.fraud]
required_gates = ["auc"]
protected_aliases = ["champion"]
[models.fraud.gates.auc]
kind = "metric"
metric = "auc"
min = 0.9
[models.fraud.gates.latency]
kind = "latency"
"""
CARD = """The model of the payment form.

## Intended use

Marks payments that a person looks at; **never** refuses one by itself.

```python
wb.load_model("fraud@champion")
```

## Limits

> Trained on payments in euros.
"""


@dataclass
class Models(Showcase):
    """A project with models, written to by several people.

    Attributes:
        ledgers: by who acts.
    """

    ledgers: dict[str, Ledger] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._journal = JournalWriter(
            self.project.journal_dir, None, role="meta", durability="process", on_error="raise"
        )

    def ledger(self, who: str) -> Ledger:
        """Where what a person does is recorded."""
        return self.ledgers.setdefault(who, Ledger(self.project, self._write, who=who))

    def _write(self, events: list[dict[str, object]]) -> None:
        self._journal.events(events, sync=True)

    def do(self, action: Callable[..., Any], *arguments: Any, who: str = ME, **options: Any) -> Any:
        """Call a function that changes something, in a visit of its own."""
        with self.reading() as db:
            return action(db, self.ledger(who), *arguments, **options)

    def ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function that only reads, in a visit of its own."""
        with self.reading() as db:
            return question(db, *arguments)

    def close(self) -> None:
        """Complete the journal and let go of the store."""
        self._journal.close()
        super().close()


def build(root: str, clock: FakeClock) -> None:
    """A project with two runs and four models: `fraud` with a version of every kind, `churn` with one, two with none.

    `clock` is moved on by months.
    """
    project = create_project(root)
    Path(root, "workbench.toml").write_text(RULES)
    runs = Runs(project, clock)
    for uid, name, lr, auc in ((LYNX, "quiet-lynx", 0.1, 0.9287), (OTTER, "brave-otter", 0.05, 0.9312)):
        runs.add(uid, name, full_events(project, lr=lr), metrics={"auc": course(0.61, auc), "loss": course(0.7, 0.12)})
        clock.advance(600)
    made = Models(project, clock)

    def do(action: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        clock.advance(1)  # no two events have the same time, so that their order is the same each time
        made.do(action, *arguments, **options)

    def check(number: int, latency_ms: float) -> None:
        do(record_check, made.ask(versions.get, "fraud", number), gate_results(latency_ms))

    do(models.register, "odd [b]\n名前", description="[red]two[/]\nlines", who="bo")
    do(models.register, "pricing", description="what a policy costs")
    do(register_run, f"{LYNX}:model", "churn", description="who leaves within a quarter")
    clock.advance(DAY_S)
    for number, run in ((1, LYNX), (2, LYNX), (3, OTTER), (4, OTTER)):
        do(register_run, f"{run}:model", "fraud", again=True, who="bo" if number % 2 else ME)
        clock.advance(3600)
        if number < 4:
            check(number, 31.0)
            do(approvals.request, "fraud", number, "better on new merchants", who="bo")
            clock.advance(1800)
        if number in (1, 2):
            do(approvals.approve, "fraud", number, f"auc is fine [{number}]")
            do(aliases.point, "fraud", "champion", number, reason="release")
        clock.advance(20 * DAY_S)
    do(approvals.reject, "fraud", 3, "it leaks the label", who="cy")
    check(4, 41.0)
    do(approvals.request, "fraud", 4, "cheaper features", who="bo")
    do(aliases.point, "fraud", "challenger", 4)
    do(versions.set_tag, "fraud", 2, "region", "eu")
    do(versions.describe, "fraud", 2, "the first one with merchants")
    version = made.ask(versions.get, "fraud", 2)
    do(cards.save, version, CARD, before="")
    clock.advance(7200)
    made.close()


def gate_results(latency_ms: float) -> list[GateResult]:
    """Results of gates: that of auc passes, that of latency where it is at most 40 ms."""
    outcome = PASSED if latency_ms <= 40 else FAILED
    return [
        GateResult("auc", "metric", PASSED, "auc 0.9312 ≥ 0.9", {"auc": 0.9312}, 0.01),
        GateResult("latency", "latency", outcome, f"p99 {latency_ms:g} ms, at most 40 ms"),
    ]
