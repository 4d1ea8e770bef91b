"""The terminal app: one desk, a stack of screens, and what they share: marks, colours, what is remembered."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, ClassVar, cast

from rich.color import ColorSystem
from textual import events
from textual.app import SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.notifications import Notification
from textual.screen import Screen
from textual.theme import BUILTIN_THEMES
from textual.timer import Timer

from workbench.base.errors import WorkbenchError
from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, visible
from workbench.tui.actions import Action, bindings
from workbench.tui.asking import Deed, Mood, Question
from workbench.tui.desk import Desk
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.engine_work import EngineWork
from workbench.tui.marks import Marks
from workbench.tui.messages import Answered, NotPerformed, Performed, Unanswered
from workbench.tui.palette import ActionProvider, ModelProvider, Palette, RunProvider
from workbench.tui.questions.edits import Done
from workbench.tui.questions.store import RunningCount
from workbench.tui.screens.base import MIN_HEIGHT, MIN_WIDTH, WorkbenchScreen
from workbench.tui.screens.too_small import TooSmall
from workbench.tui.signals import listen
from workbench.tui.state import State, save_state
from workbench.tui.styles import ink
from workbench.tui.textual_cache import mend_colour_cache
from workbench.tui.typeahead import KeyOrder
from workbench.tui.widgets.header import Header

DEFAULT_THEME = "textual-dark"
ANSI_THEME = "ansi-dark"
FIRST_PAGE_S = 2.0
"""So long after the start, keys wait for the first page."""
SWEEP_S = 0.3
"""So long after a screen was closed, while the person looks at what is below, its memory is freed."""

mend_colour_cache()


class WorkbenchApp(EngineWork):
    """The app.

    Args:
        desk: an open desk of the project.
        state: what is remembered of the project.

    Attributes:
        desk, state: as given.
        marks: the runs that are marked, in every screen.
        version_marks: the versions of models that are marked, as `fraud/8`.
        running: how many runs are running.
        crash: the error that ended the app, or None.
        ended_by: the signal that ended it, or None.
        terminal_before: how the terminal was before the app, as termios has it; None is as it is when the app takes it.
        keys: the keys that wait for those before them.
        undoable: the deeds that take back what was changed since the start, the last one last.
    """

    TITLE = "workbench"
    CSS_PATH = "workbench.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")
    COMMANDS = {ActionProvider, RunProvider, ModelProvider}  # noqa: RUF012  (Textual's own type is a plain set)
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, desk: Desk, state: State) -> None:
        colourless = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
        if colourless:
            os.environ["NO_COLOR"] = "1"  # Textual asks for the variable, whatever its value
        # Real colourlessness needs the terminal's own colours: Textual turns its true colours into greys.
        super().__init__(ansi_color=True if colourless else None)
        self.desk = desk
        self.state = state
        self.marks = Marks(state.marks)
        self.version_marks = Marks()
        self.running = 0
        self.crash: Exception | None = None
        self.ended_by: signal.Signals | None = None
        self.terminal_before: list[Any] | None = None
        self.undoable: list[Deed] = []
        self._then: dict[str, Callable[[Any], Any]] = {}
        self.keys = KeyOrder(self, super().on_event)
        self.prepare_dock()
        self._opened = monotonic()
        self._performing = 0
        self._sweep_timer: Timer | None = None
        known = state.theme in BUILTIN_THEMES
        self.theme = ANSI_THEME if colourless else state.theme if known else DEFAULT_THEME

    async def on_event(self, event: events.Event) -> None:
        """Keys and pasted text come one after the other, also where they were typed ahead."""
        if isinstance(event, events.Key) and event.key == "ctrl+j":  # an enter of before the terminal was the app's
            event.key, event.character = "enter", "\r"
        typed = isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded
        if not (typed and self.keys.must_wait(event)):
            await super().on_event(event)

    @property
    def awaits(self) -> bool:
        """Whether something is about to come that the next key may be meant for: the first page, a dialog, an edit."""
        if self.desk.mood.kind != "live":  # it may take long
            return False
        first = self.screen_stack[0] if self.screen_stack else None
        opening = monotonic() - self._opened < FIRST_PAGE_S and getattr(first, "table_answer", first) is None
        screen = self.screen
        opening = opening or (isinstance(screen, WorkbenchScreen) and screen.opening)
        return opening or bool(self._then) or self._performing > 0 or self.answering > 0

    # beginning and end

    def get_default_screen(self) -> Screen[Any]:
        """The runs."""
        from workbench.tui.screens.runs import RunsScreen

        return RunsScreen(id="_default")

    def on_mount(self) -> None:
        """Begin to listen to the store."""
        self.desk.on_mood(lambda mood: self.call_later(self._show_mood, mood))
        if self.desk.mood != Mood():
            self.call_after_refresh(self._show_mood, self.desk.mood)
        self.desk.watch(self, "running", RunningCount())
        self.set_interval(5.0, self._age)
        self.call_after_refresh(self._keep_colours)
        if not self.is_headless:
            listen(self)

    def on_unmount(self) -> None:
        """Remember how it was looked at; the screens are gone already."""
        self.dock.close()
        self.state.marks = list(self.marks)
        self.state.theme = "" if self.no_color else self.theme
        save_state(self.desk.project, self.state)

    def _keep_colours(self) -> None:
        """Remember the colours, of which nothing is left when the app ends."""
        self.state.styles = self._first_colours()

    def _first_colours(self) -> dict[str, str]:
        """The colours in which the next start shows its first page."""
        if self.no_color or self.current_theme.ansi:
            return {}
        screen = self.screen_stack[0].rich_style
        return {"": screen._make_ansi_codes(ColorSystem.TRUECOLOR), **ink(self.screen_stack[0]).escape_codes()}

    def on_answered(self, message: Answered) -> None:
        """The number of running runs, for the header; or what `ask` waits for."""
        if message.slot == "running":
            self.running = message.answer
            self.refresh_headers()
        elif message.slot in self._then:
            self._then.pop(message.slot)(message.answer)

    def on_unanswered(self, message: Unanswered) -> None:
        """What `ask` waits for cannot be known."""
        if self._then.pop(message.slot, None) is not None:
            self.fail(message.error)
            self.desk.forget(self, message.slot)

    def on_performed(self, message: Performed) -> None:
        """What was done; it can be taken back."""
        self._performing -= 1
        done: Done = message.outcome
        if self.undoable and message.deed is self.undoable[-1]:
            self.undoable.pop()
        elif done.opposite is not None:
            self.undoable.append(done.opposite)
        self.say(done.text)

    def on_not_performed(self, message: NotPerformed) -> None:
        """What could not be done."""
        self._performing -= 1
        self.fail(message.error)

    def _show_mood(self, mood: Mood) -> None:
        self.refresh_headers()
        if mood.kind != "live" or mood.text:
            severity = "information" if mood.kind == "live" else "error" if mood.kind == "lost" else "warning"
            text = mood.text + (f"\n{mood.hint}" if mood.hint else "")
            self.notify(text, severity=cast(Any, severity), markup=False, timeout=6)
        for screen in self.screen_stack:
            if isinstance(screen, WorkbenchScreen) and screen.is_mounted:
                screen.mood_changed(mood)

    def _age(self) -> None:
        """Ages on the screen grow although nothing happens in the store."""
        if isinstance(self.screen, WorkbenchScreen):
            self.screen.grow_older()

    def refresh_headers(self) -> None:
        """Draw the first line anew."""
        for screen in self.screen_stack:
            for header in screen.query(Header):
                header.refresh()

    def watch_theme(self, theme: str) -> None:
        """Everything is drawn in the new colours."""
        for screen in self.screen_stack if self.is_running else ():
            for widget in screen.walk_children():
                widget.refresh()
        if self.is_running:
            self.call_after_refresh(self._keep_colours)

    def on_resize(self, event: events.Resize) -> None:
        """A terminal that is too small says so, and comes back when it has grown."""
        size = event.size  # `self.size` is still the one before
        small = size.width < MIN_WIDTH or size.height < MIN_HEIGHT
        shown = isinstance(self.screen, TooSmall)
        if small and not shown:
            self.push_screen(TooSmall())
        elif not small and shown:
            self.pop_screen()

    def _handle_exception(self, error: Exception) -> None:
        """Leave the terminal as it was; Textual would print all its frames into it."""
        if self.is_headless:
            super()._handle_exception(error)
            return
        if self.crash is None:
            self.crash = error
            self.exit(return_code=1)

    def _unnotify(self, notification: Notification, refresh: bool = True) -> None:
        """Draw anew what a toast covered: Textual does not, where it has scrolled its toasts since it last laid out."""
        super()._unnotify(notification, refresh)
        self.set_timer(0.1, lambda: self.screen.refresh())

    def pop_screen(self) -> AwaitComplete:
        """As Textual does it; what the screen leaves is swept up soon."""
        popped = super().pop_screen()
        if self._sweep_timer is not None:
            self._sweep_timer.stop()
        self._sweep_timer = self.set_timer(SWEEP_S, self._sweep)
        return popped

    def _sweep(self) -> None:
        """Free what refers to itself, as widgets and drawn lines do: some MB a minute, which would wait for minutes.

        By then Python has had the system give it more, and does not return it.
        """
        if gc.get_freeze_count():  # else it would go through all that is loaded, which takes too long
            gc.collect()

    # what screens call

    def allows(self, action: Action) -> bool:
        """Whether `--read-only` allows an action."""
        return not (action.writes and self.desk.read_only)

    def act(self, action: Action) -> None:
        """Do an action, wherever its method is: the widget that has the focus, its screen, the app."""
        for target in (self.screen.focused, self.screen, self):
            if target is not None and hasattr(target, f"action_{action.name}"):
                owner = action.scope == "app" if target is self else True
                if owner or action.scope == "app":
                    self.call_later(target.run_action, action.name)
                    return

    def say(self, text: str) -> None:
        """Tell that something is done."""
        self.notify(text, markup=False, timeout=4)

    def fail(self, error: WorkbenchError) -> None:
        """Tell that something could not be done, and what helps."""
        self.notify(error.message + (f"\n{error.hint}" if error.hint else ""), severity="error", markup=False)

    def ask(self, question: Question, then: Callable[[Any], Any]) -> None:
        """Ask once; `then` is called with the answer, here in the app's thread. Errors are told to the person."""
        slot = f"ask-{type(question).__name__}"
        self._then[slot] = then
        self.desk.watch(self, slot, question, once=True)

    def perform(self, deed: Deed) -> None:
        """Have something done, and say how it went."""
        if self.desk.read_only and getattr(deed, "WRITES", True):
            self.refuse("nothing can be changed: the app was opened with --read-only")
        else:
            self._performing += 1
            self.desk.perform(self, deed)

    def undo(self) -> None:
        """Take the last change back."""
        if self.undoable:
            self.perform(self.undoable[-1])
        else:
            self.refuse("nothing was changed since the app was opened")

    def copy(self, text: str, what: str) -> None:
        """Copy to the clipboard of the person's terminal (OSC 52), which some terminals leave undone."""
        self.copy_to_clipboard(text)
        self.say(f"copied {what}, {format_number(len(text))} characters")

    def refuse(self, why: str) -> None:
        """Tell why an action does nothing here."""
        self.notify(why, severity="warning", markup=False, timeout=4)

    # actions

    def action_help(self) -> None:
        """The keys that work here."""
        from workbench.tui.dialogs.help import Help

        if isinstance(self.screen, WorkbenchScreen):
            screen = self.screen

            def chosen(action: Action | None) -> None:
                if action is not None:
                    self.act(action)

            self.push_screen(Help(screen.actions(), screen.twin), chosen)

    def action_command_palette(self) -> None:
        """Find an action or a run by name."""
        if not any(isinstance(screen, (Palette, TooSmall)) for screen in self.screen_stack):
            self.push_screen(Palette(id="--command-palette"))

    async def action_back(self) -> None:
        """One step back."""
        screen = self.screen
        if isinstance(screen, WorkbenchScreen) and not screen.step_back() and len(self.screen_stack) > 1:
            self.pop_screen()

    def action_refresh(self) -> None:
        """Read the store now, and the engine where it is shown."""
        self.desk.refresh()
        self.dock.refresh()

    def action_pause(self) -> None:
        """Stop or go on."""
        self.desk.pause(not self.desk.paused)
        self.refresh_headers()
        self.say("paused: P goes on" if self.desk.paused else "live")

    def action_theme(self) -> None:
        """Choose the colours; the app shows them at once."""
        before = self.theme

        def chosen(name: str | None) -> None:
            self.theme = name or before

        options = [Option(name, [(name, "")]) for name in sorted(self.available_themes)]
        self.push_screen(Choose("Colours", options, current=before, preview=self._try_theme), chosen)

    def _try_theme(self, name: str) -> None:
        self.theme = name

    async def action_quit(self) -> None:
        """Leave; where something is under way with the engine, ask."""
        lines = self.unfinished()
        if lines:
            self.ask_to_leave(lines)
        else:
            self.exit()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """None: the palette shows the registry's actions."""
        return ()

    def too_small_text(self) -> str:
        """The sentence for a terminal that is too small."""
        size = self.size
        return f"{size.width}x{size.height} is too small: workbench needs {MIN_WIDTH}x{MIN_HEIGHT}"

    def title_of(self, text: str) -> str:
        """A name of the user's on one line, for titles."""
        text = visible(text)
        return text if cell_width(text) <= 40 else text[:39] + "…"
