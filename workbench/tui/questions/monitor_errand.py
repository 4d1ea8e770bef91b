"""Running monitors beside the app: a task of the dock that needs no engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.base.clock import now_us
from workbench.base.numbers import format_number
from workbench.base.project import Project
from workbench.output.cells import visible
from workbench.tui.questions.relative import without_root

if TYPE_CHECKING:
    from workbench.drift.monitors.running import Outcome
    from workbench.tui.dock import Errand


@dataclass(frozen=True, slots=True)
class RunMonitors:
    """Look at every window that is closed and has no result: a sentence."""

    WRITES: ClassVar[bool] = True
    NEEDS_ENGINE: ClassVar[bool] = False
    HEEDS: ClassVar[bool] = True

    @property
    def title(self) -> str:
        """What is under way."""
        return "run monitors"

    def do(self, engine: None, errand: Errand) -> str:
        """Do it, one monitor after the other; when it is given up, those that are left stay due."""
        errand.say("looking", "for windows that are due")
        from workbench.drift.monitors.monitor import monitors
        from workbench.drift.monitors.running import Asked, run

        with errand.reading() as db:
            found = monitors(db)
        outcomes: list[Outcome] = []
        for monitor in found:
            if errand.cancelled.is_set():
                return f"stopped before {visible(monitor.name)}\n{_said(outcomes, errand.project)}"
            errand.say("at", monitor.name)
            outcome = run(errand.project, errand.reading, monitor, Asked(now_us(), due=True))
            outcomes += [outcome] if outcome is not None else []
        return _said(outcomes, errand.project)


def _said(outcomes: list[Outcome], project: Project) -> str:
    """What came of it: `3 windows of 2 monitors, drift in 1`, and what failed."""
    results = [result for outcome in outcomes for result in outcome.results]
    lines = []
    if results:
        drifted = sum(result.verdict == "drift" for result in results)
        windows = f"{format_number(len(results))} window{'s' * (len(results) != 1)}"
        lines.append(f"{windows} looked at, {f'drift in {format_number(drifted)}' if drifted else 'no drift'}")
    failed = [(one.monitor.name, one.error.message) for one in outcomes if one.error is not None]
    lines += [f"{visible(name)}: {visible(without_root(message, project))}" for name, message in failed]
    if any(outcome.more for outcome in outcomes):
        lines.append("there are more windows: R goes on")
    return "\n".join(lines) or "nothing is due"
