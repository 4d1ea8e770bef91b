"""A pane with a title: what `RunDetail` is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, clip
from workbench.output.spans import Line, plain
from workbench.tui.styles import ink
from workbench.tui.widgets.line_view import LineView
from workbench.tui.widgets.pane_layout import Arrangement

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp


class PaneView(LineView):
    """The lines of a pane. A cursor is shown only where keys go."""

    def __init__(self, *, cursor: bool = False, follow: bool = False, id: str | None = None) -> None:
        super().__init__(cursor=cursor, follow=follow, id=id)
        self._at_end = True

    class Sized(Message):
        """There is another room for lines."""

    class ZoomAsked(Message):
        """The pane is to have the whole area, or to give it back."""

    class OtherAsked(Message):
        """Another pane is to have the focus.

        Attributes:
            by: 1 for the next one, -1 for the one before.
        """

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def first_again(self) -> None:
        """Back to where a new run is read from: the first line, or the last where lines follow."""
        self.index = self._left = 0
        self._at_end = True
        self.scroll_to(y=self.max_scroll_y if self._follow else 0, animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """One line; the cursor is seen only where keys go."""
        index = self.scroll_offset.y + y
        if self.has_focus or index >= self.count:
            return super().render_line(y)
        return ink(self).strip(self._line_at(index), self.size.width, left=self._left).apply_style(self.rich_style)

    def show_from(self, count: int, line_at: Callable[[int], Line], *, width: int = 0) -> None:
        """As in `LineView`; a pane without room stays at its end nevertheless."""
        super().show_from(count, line_at, width=width)
        self._stay_at_end()

    def on_resize(self) -> None:
        """What follows the end does so in another room as well."""
        self._stay_at_end()
        self.post_message(self.Sized())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whether the reader has scrolled away from the end."""
        super().watch_scroll_y(old_value, new_value)
        self._at_end = round(new_value) >= self.max_scroll_y

    def _stay_at_end(self) -> None:
        if self._follow and self._at_end:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def action_zoom_pane(self) -> None:
        """The whole area for this pane."""
        self.post_message(self.ZoomAsked())

    def action_next_pane(self) -> None:
        """The next pane."""
        self.post_message(self.OtherAsked(1))

    def action_copy_line(self) -> None:
        """Copy the line of the cursor, or what is in sight where there is no cursor."""
        app = cast("WorkbenchApp", self.app)
        if not self.count:
            return
        if self._has_cursor:
            app.copy(self.line_text(self.index).strip(), "the line")
            return
        lines = [self.line_text(index).rstrip() for index in self.lines_in_sight()]
        app.copy("\n".join(lines), f"{format_number(len(lines))} lines")


class Pane(Widget):
    """A title line over lines.

    Args:
        key: which pane.
        title: as people read it.
        cursor, follow: as for `LineView`.

    Attributes:
        key, title: as given.
        summary: a few words about its content, shown in the title.
        gist: the most telling of it, shown in the title while no line is seen; empty where the summary is.
        wanted: how many lines it would like to show.
        strip: titles of all panes with whether each is this one, where only one pane is shown at a time.
    """

    DEFAULT_CSS = """
    Pane { layout: vertical; }
    """

    def __init__(self, key: str, title: str, *, cursor: bool = False, follow: bool = False) -> None:
        super().__init__(id=f"pane-{key}")
        self.key = key
        self.title = title
        self.summary = self.gist = ""
        self.wanted = 0
        self.strip: tuple[str, ...] = ()
        self.view = PaneView(cursor=cursor, follow=follow)
        self._title = PaneTitle(self)

    def compose(self) -> ComposeResult:
        """Title and lines."""
        yield self._title
        yield self.view

    def show(self, lines: Sequence[Line], summary: str = "", gist: str = "") -> None:
        """Show other lines."""
        self.describe(len(lines), summary, gist)
        self.view.show(lines)

    def describe(self, wanted: int, summary: str, gist: str = "") -> None:
        """Say how many lines there are, and what is in them."""
        self.wanted = wanted
        if (summary, gist) != (self.summary, self.gist):
            self.summary, self.gist = summary, gist
            self.refresh_title()

    def refresh_title(self) -> None:
        """Draw the title anew."""
        self._title.refresh()

    def on_descendant_focus(self) -> None:
        """Keys go here."""
        self.refresh_title()

    def on_descendant_blur(self) -> None:
        """Keys go elsewhere."""
        self.refresh_title()


def run_panes() -> dict[str, Pane]:
    """The panes of a run by key, in the order in which they are gone through where only one is seen."""
    order = ("metrics", "charts", "params", "tags", "note", "code", "data", "artifacts", "output", "machine", "env")
    without_cursor = ("charts", "note", "output")
    return {key: Pane(key, key, cursor=key not in without_cursor, follow=key == "output") for key in order}


class PanesLayout(Layout):
    """Textual's side of `pane_layout`.

    Args:
        arranged: where everything stands in an area; what is no `Pane` stands where the head does.
    """

    name = "panes"

    def __init__(self, arranged: Callable[[Size], Arrangement]) -> None:
        self._arranged = arranged

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Regions of the head and of the panes that have something to show."""
        arrangement = self._arranged(size)
        titles = tuple(child.title for child in children if isinstance(child, Pane))
        placements = []
        for child in children:
            region = arrangement.head
            if isinstance(child, Pane):
                region = arrangement.panes[child.key]
                strip = titles if arrangement.single else ()
                if child.strip != strip:
                    child.strip = strip
                    child.refresh_title()
            placements.append(WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child))
        return placements


class PaneTitle(Widget):
    """The title line of a pane: a rule with its name and summary, or the names of all panes."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "PaneTitle { height: 1; width: 100%; }"

    class Clicked(Message):
        """A pane's name was clicked.

        Attributes:
            title: of that pane.
        """

        def __init__(self, title: str) -> None:
            super().__init__()
            self.title = title

    def __init__(self, pane: Pane) -> None:
        super().__init__()
        self._pane = pane
        self._places: list[tuple[int, int, str]] = []

    def render_line(self, y: int) -> Strip:
        """The line."""
        pane, width = self._pane, self.size.width
        closed = not pane.view.size.height
        summary = pane.gist or pane.summary if closed else pane.summary
        line = self._strip_line(width) if pane.strip else title_line(pane.title, summary, width, pane.view.has_focus)
        return ink(self).strip(line, width).apply_style(self.rich_style)

    def _strip_line(self, width: int) -> Line:
        line, self._places = tabs_line(self._pane.strip, self._pane.title, width, self._pane.view.has_focus)
        return line

    def on_click(self, event: events.Click) -> None:
        """Go to the pane."""
        hit = [title for start, stop, title in self._places if start <= event.x < stop] if self._pane.strip else []
        self.post_message(self.Clicked(hit[0] if hit else self._pane.title))


def title_line(title: str, summary: str, width: int, focused: bool) -> Line:
    """`─ params ──────── 3 differ from ⚑ quiet-lynx ──`, at most `width` cells."""
    line: Line = [("─", "faint"), (f" {title} ", "title-on" if focused else "heading")]
    left = width - cell_width(plain(line))
    summary = clip(summary, left - 6) if left >= 10 else ""
    if not summary:
        return [*line, ("─" * max(0, left), "faint")]
    fill = left - cell_width(summary) - 4
    return [*line, ("─" * fill, "faint"), (f" {summary} ", "dim"), ("──", "faint")]


def tabs_line(
    titles: Sequence[str], current: str, width: int, focused: bool
) -> tuple[Line, list[tuple[int, int, str]]]:
    """The names of panes in a row, `[metrics] params  code`, and where each stands.

    Where they do not fit, those before and after the current one are left out, which `…` tells.
    """
    place = titles.index(current) if current in titles else 0
    first, last = place, place + 1
    room = width - 2 - (cell_width(titles[place]) + 2)
    while True:
        after = cell_width(titles[last]) + 2 if last < len(titles) else None
        before = cell_width(titles[first - 1]) + 2 if first > 0 else None
        if after is not None and after <= room:
            last, room = last + 1, room - after
        elif before is not None and before <= room:
            first, room = first - 1, room - before
        else:
            break
    line: Line = [("…" if first > 0 else " ", "dim")]
    places = []
    x = 1
    for title in titles[first:last]:
        on = title == current
        text = f"[{title}]" if on else f" {title} "
        line.append((text, ("title-on" if focused else "title") if on else "dim"))
        places.append((x, x + cell_width(text), title))
        x += cell_width(text)
    return [*line, ("…" if last < len(titles) else " ", "dim")], places
