"""What a person does with images from beginning to end, in a real terminal, on a real Docker engine."""

from __future__ import annotations

import pytest

from tests.packaging.conftest import docker_engine
from tests.packaging.test_real_deployments import real_yard, stand_ins
from tests.packaging.yards import Yard
from tests.tui.terminal import app_in_terminal, needs_terminal

__all__ = ["docker_engine", "real_yard", "stand_ins"]
pytestmark = [needs_terminal, pytest.mark.docker_slow]

WIDE = (120, 32)


def test_an_image_is_run_replaced_rolled_back_and_stopped(real_yard: Yard) -> None:
    """Each with its reason in the journal; what runs is seen as it changes."""
    with app_in_terminal(real_yard.project, size=WIDE) as terminal:
        terminal.wait_for("live")
        terminal.press("4")
        terminal.wait_for("nothing runs")
        terminal.press("/")
        terminal.wait_for("Go to an image")
        terminal.write("fraud:1\n")
        terminal.press("R")
        terminal.wait_for("Run fraud:1 as")
        terminal.write(f"fraud:{real_yard.port}\n")
        terminal.wait_for_line(rf"fraud +v1 +fraud:1 +● running +:{real_yard.port}")
        terminal.press("/")
        terminal.wait_for("Go to an image")
        terminal.write("fraud:2\n")
        terminal.press("R")
        terminal.wait_for("which it takes the place of")
        terminal.press("Enter")
        terminal.wait_for_line(r"fraud +v2 +fraud:2 +● running", deadline_s=20)
        terminal.press("B")
        terminal.wait_for("Roll fraud back: fraud/2 → fraud/1")
        terminal.write("errors\n")
        terminal.wait_for_line(r"fraud +v1 +fraud:1 +● running", deadline_s=20)
        terminal.press("Tab")
        terminal.press("L")
        terminal.wait_for("listening as")
        terminal.press("q")
        terminal.wait_for("what runs")
        terminal.press("x")
        terminal.wait_for("Stop fraud, which runs fraud/1?")
        terminal.write("over\n")
        terminal.wait_for_line(r"fraud +v1 +fraud:1 +– stopped", deadline_s=20)
        terminal.press("q")
        assert terminal.wait_for_end() == 0

    assert ("rollback-deployment", 1, "errors") in real_yard.deeds()
    assert real_yard.deeds()[-1] == ("stop", 1, "over")
