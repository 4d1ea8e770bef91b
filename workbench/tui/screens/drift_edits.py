"""What screens do with a monitor: its alert, its mute, its windows that are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.base.errors import InputError
from workbench.output.cells import visible
from workbench.tui.actions import Action
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.questions.drift import MONITOR, Subject
from workbench.tui.questions.drift_deeds import SPANS, AcknowledgeAlert, MuteMonitor, UnmuteMonitor, span_us
from workbench.tui.screens.base import WorkbenchScreen


class DriftEdits(WorkbenchScreen):
    """The part of a screen that acts on a monitor."""

    def chosen(self) -> Subject | None:
        """What is under the cursor; the screen knows it."""
        raise NotImplementedError

    def _monitor_or_refuse(self) -> Subject | None:
        one = self.chosen()
        if one is None:
            self.workbench.refuse("there is no monitor here" if not self.opening else "it is still being read")
            return None
        if one.kind != MONITOR:
            self.workbench.refuse("this is a stored check: workbench monitor add NAME makes a monitor")
            return None
        return one

    def action_acknowledge(self) -> None:
        """Ask why it may stand, and acknowledge the alert."""
        one = self._monitor_or_refuse()
        if one is None:
            return
        if not one.standing:
            self.workbench.refuse(f"{visible(one.name)} has no alert")
            return

        def reasoned(reason: str | None) -> None:
            if reason is not None:
                self.workbench.perform(AcknowledgeAlert(one.name, reason))

        self.app.push_screen(
            Prompt(
                f"Acknowledge the alert of {one.name}",
                about=[[("It stays visible; its command is quiet until it is cleared.", "dim")]],
                placeholder="what is done about it? may stay empty",
                twin=f"workbench monitor ack {one.name} --reason TEXT",
            ),
            reasoned,
        )

    def action_mute(self) -> None:
        """Ask for how long and why, and mute the monitor; a muted one speaks again."""
        one = self._monitor_or_refuse()
        if one is None:
            return
        if one.muted:
            self.workbench.perform(UnmuteMonitor(one.name))
            return

        def timed(span: str | None) -> None:
            if span:
                self._mute(one.name, span)

        self.app.push_screen(
            Prompt(
                f"Mute {one.name} for how long?",
                about=[[("Windows are checked and alerts raised as before; its command is quiet.", "dim")]],
                placeholder="2d",
                check=_wrong_span,
                suggestions=SPANS,
                twin=lambda text: f"workbench monitor mute {one.name} --for {text or '2d'} --reason TEXT",
            ),
            timed,
        )

    def _mute(self, name: str, span: str) -> None:
        def reasoned(reason: str | None) -> None:
            if reason:
                self.workbench.perform(MuteMonitor(name, reason, span_us(span)))

        self.app.push_screen(
            Prompt(
                f"Mute {name}: {span}",
                placeholder="why?",
                check=lambda text: None if text else "a reason is required",
                twin=f"workbench monitor mute {name} --for {span} --reason TEXT",
            ),
            reasoned,
        )

    def action_run_due(self) -> None:
        """Look at the windows that are closed and were not looked at."""
        from workbench.tui.questions.monitor_errand import RunMonitors

        self.workbench.run_errand(RunMonitors())

    def action_give_up(self) -> None:
        """Stop what is under way after the monitor that it is at."""
        titles = self.workbench.give_up()
        if not titles:
            self.workbench.refuse("nothing is under way that can be given up")

    def action_undo(self) -> None:
        """Take the last change back."""
        self.workbench.undo()

    def can(self, action: Action) -> bool:
        """What is done with a monitor needs one."""
        one = self.chosen()
        if action.id == "monitor.give_up":
            return self.workbench.can_give_up
        if action.id == "monitor.undo":
            return bool(self.workbench.undoable)
        if action.id == "monitor.acknowledge":
            return one is not None and one.standing
        if action.id == "monitor.mute":
            return one is not None and one.kind == MONITOR
        return True

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """The monitor or the check."""
        one = self.chosen()
        return {"monitor": one.name if one is not None and one.kind == MONITOR else ""}


def _wrong_span(text: str) -> str | None:
    try:
        span_us(text)
    except InputError as error:
        return error.message
    return None
