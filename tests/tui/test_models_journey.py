"""What a person does with models from beginning to end, in a real terminal, beside another process."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import FakeClock
from tests.tui.models_to_show import Models
from tests.tui.small_project import OTTER, add_runs, script
from tests.tui.terminal import app_in_terminal, environment, needs_terminal
from workbench.base.project import Project
from workbench.registry import cards, versions
from workbench.registry import models as registry
from workbench.registry.registering import register_run
from workbench.registry.reviews import read_review

pytestmark = needs_terminal

WIDE = (120, 32)


def test_a_run_becomes_a_version_that_is_approved_released_described_and_rolled_back(
    project: Project, tmp_path: Path
) -> None:
    """From the run to the alias and back; another process registers meanwhile; the editor is the person's own."""
    add_runs(project)
    editor = script(tmp_path / "editor", 'sed -i "s/^## Limits/## Limits\\n\\nEuros only./" "$1"\n')
    with app_in_terminal(project, size=WIDE, env=environment(EDITOR=str(editor), VISUAL="")) as terminal:
        terminal.wait_for("4 runs")
        terminal.press("3")
        terminal.wait_for("No models yet")
        terminal.press("1", "G")
        terminal.wait_for("brave-otter  ✓ finished in")
        terminal.press("+")
        terminal.wait_for("Register model of the run as")
        terminal.write("fraud\n")
        terminal.wait_for("registered as fraud/1")

        terminal.press("3")
        terminal.wait_for_line(r"^ *v1 +–")
        terminal.press("a")
        terminal.wait_for("Approve fraud/1")
        terminal.write("good enough\n")
        terminal.wait_for_line(r"^ *v1 +✓ approved")
        terminal.press("M")
        terminal.wait_for("Move which alias to fraud/1?")
        terminal.write("champion\n")
        terminal.wait_for("Move champion of fraud: → v1")
        terminal.press("Enter")
        terminal.wait_for("champion → v1")
        terminal.press("E")
        terminal.wait_for("Euros only.")

        made = Models(project, FakeClock())
        made.do(register_run, OTTER, "fraud", again=True)
        terminal.wait_for_line(r"^ *v2 +–")
        terminal.press("Enter", "g", "M")
        terminal.wait_for("Move which alias to fraud/2?")
        terminal.write("champion\n")
        terminal.wait_for("v1 → v2")
        terminal.write("faster\n")
        terminal.wait_for("champion → v2")
        terminal.press("B")
        terminal.wait_for("Move champion of fraud back: v2 → v1")
        terminal.write("drift\n")
        terminal.wait_for("champion is back on v1, was v2")
        terminal.press("q")
        assert terminal.wait_for_end() == 0

    assert made.ask(registry.get, "fraud").aliases == {"champion": 1}
    version = made.ask(versions.get, "fraud", 1)
    review, card = made.ask(read_review, version), made.ask(cards.revision, version)
    assert (review.status, review.decisions[0].reason) == ("approved", "good enough")
    assert card.text == "## Limits\n\nEuros only."
    made.close()
