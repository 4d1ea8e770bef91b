"""What a person does with data and drift from beginning to end, in a real terminal, beside other processes."""

from __future__ import annotations

import subprocess
from datetime import timedelta

from tests.conftest import FakeClock
from tests.tui.data_to_show import transactions
from tests.tui.drift_to_show import Watch, rows
from tests.tui.terminal import app_in_terminal, environment, needs_terminal, workbench
from workbench.base.project import Project

pytestmark = needs_terminal

WIDE = (120, 32)


def test_data_is_registered_looked_into_and_compared_and_drift_is_seen_and_answered(project: Project) -> None:
    """Another process registers and checks; the app looks into columns, runs what is due, and acknowledges."""

    def command(*arguments: str) -> None:
        subprocess.run(workbench(*arguments), cwd=project.root, env=environment(), check=True, capture_output=True)

    made = Watch(project, FakeClock())
    made.write("data/tx.csv", transactions(60))
    first = made.day - timedelta(days=3)
    made.write("reference.csv", rows(first))
    made.write("logs/0.csv", rows(first + timedelta(days=1), dearer=2.0))
    with app_in_terminal(project, size=WIDE) as terminal:
        terminal.wait_for("No runs yet")
        terminal.press("5")
        terminal.wait_for("No data yet")
        command("data", "add", "data/tx.csv", "transactions", "--copy", "--no-profile")
        terminal.wait_for_line(r"^ *transactions +v1")
        terminal.press("Enter", "Enter")
        terminal.wait_for_line(r"merchant +\S+ +string", deadline_s=20)
        terminal.press("j", "Enter")
        terminal.wait_without("merchant")
        terminal.wait_for("quantiles")
        terminal.press("Escape")
        terminal.wait_for("merchant")
        terminal.press("Escape")
        made.write("data/tx.csv", transactions(80, dearer=3.0))
        command("data", "add", "data/tx.csv", "transactions")
        terminal.wait_for_line(r"^ *v2 +80")
        terminal.press("g", "d")
        terminal.wait_for("transactions@v1 → transactions@v2", deadline_s=20)
        terminal.wait_for("unchanged")
        terminal.press("q")

        terminal.press("6")
        terminal.wait_for("Nothing is watched yet")
        made.add("live", source=f"{project.root}/logs/*.csv", reference=f"{project.root}/reference.csv",
                 every="1d", time="at", columns=("amount", "age"))  # fmt: skip
        terminal.wait_for_line(r"^ *live +– new")
        terminal.press("R")
        terminal.wait_for_line(r"^ *live +✗ drift +! 1 window", deadline_s=20)
        terminal.press("Enter", "Enter")
        terminal.wait_without("last window")
        terminal.wait_for("B ┄┄ current")
        terminal.press("Escape")
        terminal.wait_for("last window")
        terminal.press("a")
        terminal.wait_for("Acknowledge the alert of live")
        terminal.write("prices doubled\n")
        terminal.wait_for_line(r"^ *live +✗ drift +seen")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    made.close()
