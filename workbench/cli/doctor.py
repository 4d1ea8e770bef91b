"""`workbench doctor`."""

from __future__ import annotations

from dataclasses import asdict

from workbench.base.errors import ExitCode
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption

_MARKS = {"ok": ("✓", "good"), "warn": ("!", "warn"), "fail": ("✗", "bad"), "absent": ("–", "dim")}


def doctor(json: JsonOption = False) -> int:
    """Check the project and the tools around it.

    Each line says what was found and, where something is wrong or missing, what to do. Only ✗ stops tracking; – is
    needed for other things only. Exits with 1 where something fails.

    Examples:
      workbench doctor
    """
    from workbench.output.cells import pad, visible
    from workbench.tracking.doctor import diagnose

    with console.waiting("checking"):
        checks = diagnose(session.project_if_any(), encoding=console.encoding())
    if json:
        emit.emit_document([asdict(check) for check in checks])
    else:
        width = max(len(check.name) for check in checks)
        for check in checks:
            console.draw([[_MARKS[check.state], (f" {pad(check.name, width)}  {visible(check.detail)}", "")]])
            if check.mend:
                console.draw([[(f"{' ' * (width + 4)}{visible(check.mend)}", "dim")]])
    return ExitCode.NO if any(check.state == "fail" for check in checks) else ExitCode.DONE
