"""One line to be typed, checked before it is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Input

from workbench.output.cells import clip, visible
from workbench.output.spans import Line
from workbench.tui.actions import Action, bindings
from workbench.tui.dialogs.base import LOW_ROWS, Dialog
from workbench.tui.fuzzy import ranked
from workbench.tui.widgets.line_input import LineInput
from workbench.tui.widgets.span_lines import SpanLines

SHOWN_SUGGESTIONS = 6


class Prompt(Dialog[str]):
    """Asks for a text; answers it without the spaces around it.

    Args:
        title: what is asked for.
        about: what there is to know before it is answered.
        value: the text at first; typing replaces it.
        placeholder: an example, shown while there is no text.
        check: what is wrong with a text, or None; a wrong one is not taken.
        suggestions: texts to take instead of typing; those that fit what is typed are listed.
        twin: the command that does the same in a shell, or how it is made from the text.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("prompt", "dialog")
    BINDINGS: ClassVar[list[BindingType]] = bindings("prompt")
    AUTO_FOCUS = "LineInput"
    DEFAULT_CSS = """
    Prompt #about { height: auto; scrollbar-size: 1 1; }
    Prompt #typed { height: 1; margin-top: 1; background: $surface; }
    Prompt.-low #typed { margin-top: 0; }
    """

    def __init__(
        self,
        title: str,
        *,
        about: Sequence[Line] = (),
        value: str = "",
        placeholder: str = "",
        check: Callable[[str], str | None] | None = None,
        suggestions: Sequence[str] = (),
        twin: Callable[[str], str] | str = "",
    ) -> None:
        super().__init__(title, twin=twin if isinstance(twin, str) else twin(value))
        self._about = list(about)
        self._first = value
        self._placeholder = placeholder
        self._check = check
        self._make_twin = None if isinstance(twin, str) else twin
        self._suggestions = list(suggestions)
        self._folded = [text.lower() for text in self._suggestions]
        self._fitting: list[str] = []
        self._at: int | None = None
        self._taken: str | None = None
        self._typed = value
        self._refused = False
        self._rows = SHOWN_SUGGESTIONS

    def compose_body(self) -> Iterable[Widget]:
        """Input, what is wrong, suggestions."""
        yield VerticalScroll(SpanLines(self._about, wrap=True), id="about", can_focus=False)
        yield LineInput(self._first, placeholder=self._placeholder, id="typed")
        yield SpanLines(wrap=True, id="wrong")
        yield SpanLines(id="suggestions")

    def on_mount(self) -> None:
        """Suggest what fits at first: everything."""
        super().on_mount()
        self._suggest("")

    def lay_out(self, width: int, height: int) -> None:
        """Fewer suggestions where there are few rows."""
        self._rows = max(0, min(SHOWN_SUGGESTIONS, height - (3 if height < LOW_ROWS else 9)))
        self.query_one("#about").styles.max_height = max(0, height - (5 if height < LOW_ROWS else 11))
        self._show_suggestions()

    def hinted_actions(self) -> Sequence[Action]:
        """Without suggestions there is no key for them."""
        return [action for action in super().hinted_actions() if self._suggestions or action.name != "next_suggestion"]

    def on_input_changed(self, message: Input.Changed) -> None:
        """What fits, what is wrong and the twin follow the text."""
        message.stop()
        text = message.value
        if text != self._taken and text != self._typed:
            self._typed, self._at, self._taken = text, None, None
            self._suggest(text)
        if self._refused:
            self._say(self._wrong(text.strip()))
        if self._make_twin is not None:
            self.show_twin(self._make_twin(text.strip()))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Take the text, or say what is wrong with it."""
        message.stop()
        text = message.value.strip()
        wrong = self._wrong(text)
        self._refused = wrong is not None
        self._say(wrong)
        if wrong is None:
            self.dismiss(text)

    async def action_submit(self) -> None:
        """As enter in the input."""
        await self.query_one(LineInput).action_submit()

    def action_next_suggestion(self) -> None:
        """The next suggestion becomes the text."""
        self._take(0 if self._at is None else self._at + 1)

    def action_previous_suggestion(self) -> None:
        """The suggestion before becomes the text; before the first is what was typed."""
        if self._at is None:
            raise SkipAction
        if self._at:
            self._take(self._at - 1)
            return
        self._at = self._taken = None
        self.query_one(LineInput).put(self._typed)
        self._show_suggestions()

    def _take(self, index: int) -> None:
        if index >= len(self._fitting):
            return
        self._at = index
        box = self.query_one(LineInput)
        box.put(self._fitting[index])
        self._taken = box.value
        self._show_suggestions()

    def _suggest(self, typed: str) -> None:
        self._fitting = [self._suggestions[index] for index in ranked(typed, self._folded)]
        self._show_suggestions()

    def _show_suggestions(self) -> None:
        if not self.is_mounted or not self._suggestions:
            return
        first = max(0, (self._at or 0) - self._rows + 1)
        shown = self._fitting[first : first + self._rows]
        self.query_one("#suggestions", SpanLines).show(
            [
                [(f"▸ {clip(visible(text), 400)}", "bold") if index == self._at else (f"  {visible(text)}", "dim")]
                for index, text in enumerate(shown, first)
            ]
        )

    def _wrong(self, text: str) -> str | None:
        return self._check(text) if self._check is not None else None

    def _say(self, wrong: str | None) -> None:
        self.query_one("#wrong", SpanLines).show([[(f"✗ {wrong}", "bad")]] if wrong else [])
