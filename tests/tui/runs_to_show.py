"""Runs in every state that the view of a run has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.conftest import FakeClock
from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.store.blobs import BlobStore

OTTER, LYNX, CRANE, LIVE, ODD, EMPTY, MANY = (digit * 32 for digit in "abcdef9")
NOTE = "cheaper features, see the [minutes] of monday: it has to be retrained before the release\n\nok"
ODD_NAME = "日本語 [bold]odd[/]\nname"
ERROR = 'Traceback (most recent call last):\n  File "train.py", line 9, in <module>\nValueError: lr [is] too large\n'
PATCH = (
    b"diff --git a/train.py b/train.py\nindex 1..2 100644\n--- a/train.py\n+++ b/train.py\n"
    b"@@ -1 +1,2 @@\n-lr = 0.1\n+lr = 0.05\n+depth = 8\n"
)


@dataclass
class Runs:
    """A project with runs.

    Attributes:
        project: where they are.
        clock: stands still until a test moves it.
        live: writers of runs that go on, by id.
    """

    project: Project
    clock: FakeClock
    live: dict[str, JournalWriter] = field(default_factory=dict)

    def add(
        self,
        uid: str,
        name: str,
        events: Sequence[dict[str, object]] = (),
        *,
        metrics: Mapping[str, Sequence[float]] | None = None,
        status: str | None = "finished",
        exit_code: int = 0,
        error: str | None = None,
    ) -> JournalWriter:
        """Write a run's journal; with `status` None it goes on."""
        writer = JournalWriter(self.project.journal_dir, uid, durability="process")
        writer.event(
            "start", experiment="fraud", name=name, parent=None, resumed=False, user="ada", host="lab",
            command=["python", "train.py", "--lr", "0.05"], cwd="/home/ada/fraud", python="3.11.7",
        )  # fmt: skip
        writer.events(list(events))
        for step in range(max(map(len, (metrics or {}).values()), default=0)):
            self.clock.advance(2)
            writer.metrics({key: values[step] for key, values in (metrics or {}).items() if step < len(values)}, step)
        if status is None:
            self.live[uid] = writer
        else:
            writer.event("end", status=status, exit_code=exit_code, error=error)
            writer.close()
        return writer

    def close(self) -> None:
        """End the writers of runs that go on."""
        for writer in self.live.values():
            writer.close()


def course(start: float, end: float, steps: int = 41) -> list[float]:
    """Values from one to the other, fast at first."""
    return [round(end + (start - end) * 0.9**step, 6) for step in range(steps)]


def full_events(project: Project, *, lr: float = 0.05, depth: int = 8) -> list[dict[str, object]]:
    """Everything that a run can have."""
    blobs = BlobStore(project)
    sha256, size = blobs.put_bytes(b'{"auc": 0.93}\n')
    patch, patch_size = blobs.put_bytes(PATCH)
    commit = "3f2a91c" + "0" * 33
    environment = {
        "python": "3.11.7", "implementation": "cpython", "platform": "Linux-6.1.0-x86_64-with-glibc2.36",
        "cpu_model": "AMD EPYC", "cpu_count": 16, "cpu_usable": 8, "memory_bytes": 64_000_000_000, "gpus": [],
        "packages": {"numpy": "1.26.4", "scikit-learn": "1.5.0"}, "env": {"OMP_NUM_THREADS": "4"},
    }  # fmt: skip
    events: list[dict[str, object]] = [
        {"e": "param", "name": "lr", "value": lr},
        {"e": "param", "name": "depth", "value": depth},
        {"e": "param", "name": "model", "value": "gbm"},
        {"e": "param", "name": "features", "value": ["amount", "merchant"]},
        {"e": "tag", "name": "kind", "value": "candidate"},
        {"e": "cap", "name": "git", "value": {"commit": commit, "branch": "main", "dirty": True, "root": "/home/ada"}},
        {"e": "cap", "name": "patch", "value": {"sha256": patch, "size_bytes": patch_size}},
        {"e": "cap", "name": "environment", "value": environment},
        {"e": "art", "path": "metrics.json", "sha256": sha256, "size": size, "kind": "file"},
        {"e": "art", "path": "model/MLmodel", "sha256": sha256, "size": size, "kind": "model"},
        {"e": "data", "name": "transactions", "digest": "sha256:1234567890", "path": "data/tx.csv", "size": 9_000_000,
         "format": "csv", "rows": 120_000},
    ]  # fmt: skip
    events += [{"e": "out", "s": 1, "x": f"epoch {epoch} done"} for epoch in range(12)]
    return [*events, {"e": "out", "s": 2, "x": "warning: [red]nearly[/] full"}]


def add_all(runs: Runs) -> None:
    """One run of every state; the baseline is quiet-lynx."""
    clock = runs.clock
    curves = {"loss": course(0.69, 0.1187), "auc": course(0.61, 0.9312)}
    machine = {"system/cpu_percent": [390.0, 402.5], "system/memory_rss_bytes": [1.2e9, 1.3e9]}
    runs.add(LYNX, "quiet-lynx", full_events(runs.project, lr=0.1, depth=6), metrics=curves | machine)
    clock.advance(600)
    runs.add(OTTER, "brave-otter", full_events(runs.project), metrics=curves | machine)
    _edit(runs, (LYNX, "pinned", True), (LYNX, "starred", True), (OTTER, "note", NOTE))
    clock.advance(600)
    runs.add(CRANE, "bold-crane", metrics={"loss": [0.7, 0.9, 4.5]}, status="failed", exit_code=1, error=ERROR)
    clock.advance(60)
    odd: list[dict[str, object]] = [
        {"e": "param", "name": "名前\n[b]", "value": "値\x1b[31m[red]"},
        {"e": "param", "name": "x" * 80, "value": "y" * 300},
        {"e": "tag", "name": "emoji 🦊", "value": "two\nlines"},
    ]
    runs.add(ODD, ODD_NAME, odd, metrics={"指標/[i]": [0.5, float("nan"), float("inf")]}, status="killed")
    clock.advance(60)
    runs.add(EMPTY, "calm-heron", status=None)
    runs.add(LIVE, "swift-puma", full_events(runs.project), metrics=curves, status=None)
    clock.advance(30)


def _edit(runs: Runs, *edits: tuple[str, str, object]) -> None:
    """Set fields as `store.edits` does, which would make the store for it first: slow, and so many tests begin here."""
    writer = JournalWriter(runs.project.journal_dir, None, role="meta", durability="process")
    for uid, field_name, value in edits:
        writer.event("set", run=uid, field=field_name, value=value, prev=type(value)())
    writer.close()
