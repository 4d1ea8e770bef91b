"""Panes below a head: one of them has the focus, one of them may have all the room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.geometry import Size
from textual.layout import Layout
from textual.message import Message
from textual.widget import Widget

from workbench.tui.widgets.pane import Pane, PanesLayout, PaneTitle, PaneView
from workbench.tui.widgets.pane_layout import Arrangement, Need, Plan, arrange, chosen_pane
from workbench.tui.widgets.run_head import RunHead


class PaneArea(Widget):
    """A head with panes below it; those without content are not seen.

    Args:
        panes: by key.
        plan: how they are laid out.
        id, classes: as for any widget.

    Attributes:
        head: the lines above the panes.
        panes: as given.
        zoomed: whether one pane has the whole area.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "PaneArea { height: 1fr; width: 1fr; overflow: hidden hidden; }"

    class Shown(Message):
        """The panes show what was asked for the first time."""

    class Zoomed(Message):
        """A pane has the whole area now, or no more: see `zoomed`."""

    def __init__(
        self, panes: Mapping[str, Pane], plan: Plan, *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.head = RunHead()
        self.panes = panes
        self.zoomed = False
        self._plan = plan
        self._current: str | None = None
        self._panes_layout = PanesLayout(self.arranged)

    def compose(self) -> ComposeResult:
        """Head and panes."""
        yield self.head
        for pane in self.panes.values():
            pane.display = False
            yield pane

    @property
    def layout(self) -> Layout:
        """Panes are laid out by `pane_layout`."""
        return self._panes_layout

    # what screens call

    def ask(self) -> None:
        """Have what is shown kept up to date; nothing where the screen does so."""

    def rest(self) -> None:
        """Ask nothing while nobody looks; `ask` goes on."""

    def grow_older(self) -> None:
        """Ages go on; nothing where none are shown."""

    def step_back(self) -> bool:
        """Give the zoomed pane's room back; False where none is zoomed."""
        if not self.zoomed:
            return False
        self.zoom(False)
        return True

    def zoom(self, zoomed: bool) -> None:
        """Give the current pane the whole area, or take it back."""
        self.zoomed = zoomed
        self.rearrange()
        self.post_message(self.Zoomed())

    def next_pane(self, by: int = 1) -> None:
        """Give the focus to the next pane, from the last one to the first."""
        shown = self.shown()
        if not shown:
            return
        here = [pane.key == self._standing() for pane in shown].index(True)
        shown[(here + by) % len(shown)].view.focus(scroll_visible=False)

    def focus_first(self) -> None:
        """Give the focus to the pane that is read first."""
        key = self._standing()
        if key is not None:
            self.focus_pane(key)

    def focus_pane(self, key: str) -> None:
        """Give the focus to a pane, if it is seen."""
        if self.panes[key].display:
            self.panes[key].view.focus(scroll_visible=False)

    # what subclasses call

    def show_none(self) -> None:
        """Take the content of all panes away."""
        for pane in self.panes.values():
            pane.display = False
            pane.show([])
        self.rearrange()

    def rearrange(self) -> None:
        """Lay out anew: Textual forgets an arrangement when one of the arranged widgets asks for it."""
        self.head.refresh(repaint=False, layout=True)

    def shape(self) -> list[tuple[str, int]]:
        """What the places of the panes depend on, but for the size of the area."""
        return [(pane.key, pane.wanted) for pane in self.shown()]

    def shown(self) -> list[Pane]:
        """The panes that have content."""
        return [pane for pane in self.panes.values() if pane.display]

    # panes

    def _needs(self) -> list[Need]:
        return [Need(pane.key, pane.wanted) for pane in self.shown()]

    def _standing(self) -> str | None:
        """The pane that has the focus, had it last, or would be shown alone."""
        return chosen_pane(self._needs(), self._current, self._plan)

    def arranged(self, size: Size) -> Arrangement:
        """Where head and panes stand in an area."""
        return arrange(
            self._needs(),
            size.width,
            size.height,
            head_lines=self.head.wanted,
            current=self._current,
            zoomed=self.zoomed,
            plan=self._plan,
        )

    def on_descendant_focus(self) -> None:
        """The pane that has the focus may get more room."""
        for pane in self.panes.values():
            if pane.view.has_focus and pane.key != self._current:
                self._current = pane.key
                self.rearrange()
        self._refresh_footer()

    def on_descendant_blur(self) -> None:
        """Other keys work now."""
        self._refresh_footer()

    def _refresh_footer(self) -> None:
        refresh = getattr(self.screen, "refresh_footer", None)
        if refresh is not None:
            refresh()

    def on_pane_view_zoom_asked(self, message: PaneView.ZoomAsked) -> None:
        """Zoom, or not."""
        message.stop()
        self.zoom(not self.zoomed)

    def on_pane_view_other_asked(self, message: PaneView.OtherAsked) -> None:
        """Go to another pane."""
        message.stop()
        self.next_pane(message.by)

    def on_pane_title_clicked(self, message: PaneTitle.Clicked) -> None:
        """Go to that pane."""
        message.stop()
        for pane in self.shown():
            if pane.title == message.title:
                pane.view.focus(scroll_visible=False)
