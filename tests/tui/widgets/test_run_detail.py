"""One run in panes, in every size that it has in the app."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.bare_app import BareApp, WidgetScreen, drive, settle
from tests.tui.golden import check_screen
from tests.tui.runs_to_show import CRANE, EMPTY, LIVE, LYNX, MANY, ODD, ODD_NAME, OTTER, Runs
from tests.tui.screen_text import screen_text
from workbench.store.edits import delete
from workbench.tui.questions.run import RunQuestion, Sparks
from workbench.tui.widgets.pane import Pane
from workbench.tui.widgets.run_detail import RunDetail

TALL, BESIDE, BELOW = (140, 45), (64, 40), (80, 12)


class Shown:
    """A `RunDetail` in an app of its own.

    Attributes:
        detail: the widget.
        app, pilot: as Textual's.
        asked: every question of the widget, in order.
    """

    def __init__(self, detail: RunDetail, app: BareApp, pilot: Pilot[Any]) -> None:
        self.detail = detail
        self.app = app
        self.pilot = pilot
        self.asked: list[Any] = []
        watch = app.desk.watch

        def remember(asker: Any, slot: str, question: Any, **more: Any) -> None:
            if asker is detail:
                self.asked.append(question)
            watch(asker, slot, question, **more)

        app.desk.watch = remember  # type: ignore[method-assign]

    async def run(self, uid: str | None, **more: Any) -> None:
        """Show a run and wait for its panes."""
        self.detail.show_run(uid, **more)
        await self.settle()

    async def press(self, *keys: str) -> None:
        """Press keys and wait."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def settle(self) -> None:
        """Wait until everything is drawn."""
        await settle(self.pilot)

    def pane(self, key: str) -> Pane:
        """A pane."""
        return self.detail.query_one(f"#pane-{key}", Pane)

    @property
    def focused(self) -> str | None:
        """The key of the pane that has the focus."""
        parent = self.app.focused.parent if self.app.focused is not None else None
        return parent.key if isinstance(parent, Pane) else None

    @property
    def text(self) -> str:
        """The screen."""
        return screen_text(self.app)

    def line_with(self, part: str) -> str:
        """The first line of the screen that holds a text."""
        return next(line for line in self.text.splitlines() if part in line)

    def line(self, start: str) -> str:
        """The first line of the screen that begins so, spaces aside."""
        return next((line.strip() for line in self.text.splitlines() if line.strip().startswith(start)), "")


def show(monkeypatch: pytest.MonkeyPatch, runs: Runs, act: Any, size: tuple[int, int] = BESIDE, low: int = 0) -> None:
    """Do something with a `RunDetail`; `low` is its height where it is not the whole screen's."""
    detail = RunDetail()

    async def body(app: BareApp, pilot: Pilot[Any]) -> None:
        if low:
            detail.styles.height = low
        await settle(pilot)
        await act(Shown(detail, app, pilot))

    drive(monkeypatch, runs.project, lambda: WidgetScreen(detail), body, (size[0], max(size[1], 15)))


STATES = {
    "finished": (OTTER, {"baseline": LYNX}),
    "running": (LIVE, {}),
    "failed": (CRANE, {}),
    "empty": (EMPTY, {}),
    "odd": (ODD, {"baseline": LYNX}),
    "gone": ("0" * 32, {"name": "old-owl"}),
    "none": (None, {}),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("place", "size", "low"), [("beside", BESIDE, 0), ("below", BELOW, 10)])
def test_a_run_of_every_state_in_every_place(
    monkeypatch: pytest.MonkeyPatch, runs: Runs, state: str, place: str, size: tuple[int, int], low: int
) -> None:
    """Pinned as text."""
    uid, more = STATES[state]

    async def act(shown: Shown) -> None:
        await shown.run(uid, **more)
        check_screen(f"run_detail_{state}_{place}.txt", shown.app)

    show(monkeypatch, runs, act, size, low)


def test_the_name_is_shown_before_anything_else_is_known(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """The table knows it; without a name the id stands there."""

    async def act(shown: Shown) -> None:
        with monkeypatch.context() as unanswered:
            unanswered.setattr(shown.app.desk, "watch", lambda *what, **more: None)
            await shown.run(OTTER, name=ODD_NAME)
            assert shown.line("日本語") == "日本語 [bold]odd[/]\\nname"
            await shown.run(LYNX)
            assert shown.line("bbbbbbbb") == "bbbbbbbb"
        await shown.run(OTTER)
        assert shown.line("brave-otter").startswith("brave-otter  ✓ finished")

    show(monkeypatch, runs, act)


def test_holding_a_key_in_the_table_asks_for_the_last_run_alone(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """The first one at once, then the one on which the cursor comes to rest."""

    async def act(shown: Shown) -> None:
        for uid in (OTTER, LYNX, CRANE, ODD, LIVE):
            shown.detail.show_run(uid, name=uid[:8])
            await shown.pilot.pause()
        await settle(shown.pilot, until=lambda: shown.detail.answer is not None)
        assert [one.uid for one in shown.asked if isinstance(one, RunQuestion)] == [OTTER, LIVE]
        assert shown.line("swift-puma")

    monkeypatch.setattr("workbench.tui.widgets.run_detail.CALM_S", 0.5)
    show(monkeypatch, runs, act)


def test_twelve_thousand_metrics_are_asked_for_as_they_come_in_sight(
    monkeypatch: pytest.MonkeyPatch, runs: Runs
) -> None:
    """Their values are there at once, their courses only where somebody looks."""
    runs.add(MANY, "many-metrics", metrics={f"layer{i:05d}": [float(i), i / 3, i / 7] for i in range(12_000)})

    async def act(shown: Shown) -> None:
        await shown.run(MANY)
        view = shown.pane("metrics").view
        assert view.count == 12_000
        assert "▁" in shown.line("layer00001") or "█" in shown.line("layer00001")
        view.focus()
        await shown.press("G")
        assert "█" in shown.line("layer11999")
        asked = [one for one in shown.asked if isinstance(one, Sparks)]
        assert asked[-1].keys[-1] == "layer11999"
        assert max(len(one.keys) for one in asked) <= 96
        before = len(asked)
        await shown.press("k", "k", "k")
        assert len([one for one in shown.asked if isinstance(one, Sparks)]) - before <= 3

    show(monkeypatch, runs, act)


def test_tab_goes_through_the_panes_and_opens_the_closed_ones(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """In 80x24 most panes are closed at first."""

    async def act(shown: Shown) -> None:
        await shown.run(OTTER)
        assert shown.pane("env").size.height == 1
        seen = []
        for _ in range(11):
            await shown.press("tab")
            seen.append(shown.focused)
            assert shown.app.focused is not None
            assert shown.app.focused.size.height > 0
        assert seen == "charts metrics params tags note code data artifacts output machine env".split()
        await shown.press("shift+tab")
        assert shown.focused == "machine"

    show(monkeypatch, runs, act, (80, 24))


def test_below_the_table_one_pane_is_seen_and_keys_go_through_all(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Tab, `[`, and a click on a name."""

    async def act(shown: Shown) -> None:
        await shown.run(OTTER)
        assert "[metrics]" in shown.text
        await shown.press("tab", "left_square_bracket", "tab")
        assert shown.focused == "params"
        assert "[params]" in shown.text
        assert shown.line("lr") == "lr        0.05"
        await shown.pilot.click(offset=(shown.line_with("[params]").index("code"), 2))
        await shown.settle()
        assert shown.focused == "code"
        shown.detail.next_pane()
        await shown.settle()
        assert shown.focused == "data"

    show(monkeypatch, runs, act, BELOW, 10)


def test_the_chosen_pane_stays_when_another_run_is_shown(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Reading the params of one run after the other."""

    async def act(shown: Shown) -> None:
        await shown.run(OTTER)
        await shown.press("tab", "tab", "tab")
        await shown.run(LYNX)
        assert "[params]" in shown.text
        await shown.run(CRANE)  # it has none
        assert "[metrics]" in shown.text
        await shown.run(LIVE)
        assert "[params]" in shown.text

    show(monkeypatch, runs, act, BELOW, 10)


def test_z_gives_a_pane_everything_and_takes_it_back(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Also the charts, which are drawn as large as they are."""

    async def act(shown: Shown) -> None:
        await shown.run(OTTER)
        assert not shown.detail.step_back()
        shown.detail.focus_first()
        await shown.press("z")
        assert shown.pane("metrics").view.size.height == shown.detail.size.height - 3
        await shown.press("left_square_bracket")
        assert shown.pane("charts").view.count == shown.detail.size.height - 3
        assert shown.pane("metrics").size.height == 0
        assert shown.detail.step_back()
        await shown.settle()
        assert shown.pane("metrics").size.height > 0
        await shown.press("z", "z")
        assert not shown.detail.zoomed

    show(monkeypatch, runs, act)


def test_the_output_follows_until_the_reader_scrolls_away(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """And follows again at the end."""
    writer = runs.live[LIVE]
    writer.events([{"e": "out", "s": 1, "x": f"line {number}"} for number in range(300)])

    async def act(shown: Shown) -> None:
        async def said(line: str) -> None:
            writer.events([{"e": "out", "s": 1, "x": line}])
            view = shown.pane("output").view
            await settle(shown.pilot, until=lambda: view.line_text(view.count - 1).endswith(line))

        await shown.run(LIVE)
        await said("fresh 1")
        assert "fresh 1" in shown.text
        shown.pane("output").view.focus()
        await shown.press("g")
        await said("fresh 2")
        assert "fresh 2" not in shown.text
        assert shown.pane("output").view.scroll_offset.y == 0
        await shown.press("G")
        await said("fresh 3")
        assert "fresh 3" in shown.text

    show(monkeypatch, runs, act)


def test_news_leave_the_reader_where_they_are(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Cursor and first line stay while the same run goes on; another run begins at its top."""
    for number in range(60):
        runs.live[LIVE].events([{"e": "param", "name": f"p{number:02d}", "value": number}])

    async def act(shown: Shown) -> None:
        await shown.run(LIVE)
        view = shown.pane("params").view
        view.focus()
        await shown.press("G", "k", "k")
        place = (view.index, view.scroll_offset.y)
        assert place[1] > 0
        runs.live[LIVE].metrics({"loss": 0.05}, 41)
        await settle(shown.pilot, until=lambda: "0.05" in shown.line("loss"))
        assert (view.index, view.scroll_offset.y) == place
        await shown.run(OTTER)
        assert (view.index, view.scroll_offset.y) == (0, 0)

    show(monkeypatch, runs, act)


def test_what_is_the_same_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """News of another run draw nothing, a new value draws the metrics and the charts."""

    async def act(shown: Shown) -> None:
        await shown.run(LIVE)
        drawn: set[str] = set()
        for pane in shown.detail.query(Pane):
            monkeypatch.setattr(pane.view, "refresh", lambda *a, key=pane.key, **k: drawn.add(key))
        runs.live[EMPTY].metrics({"loss": 0.05}, 41)
        shown.app.desk.refresh()
        await shown.settle()
        assert drawn == set()
        runs.live[LIVE].metrics({"loss": 0.05}, 41)
        await settle(shown.pilot, until=lambda: "metrics" in drawn)
        assert drawn == {"metrics", "charts"}

    show(monkeypatch, runs, act)


def test_the_duration_of_a_run_grows_by_itself(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Nothing is asked for that."""

    async def act(shown: Shown) -> None:
        await shown.run(LIVE)
        assert "running 1m52s" in shown.text
        asked = len(shown.asked)
        runs.clock.advance(60)
        shown.detail.grow_older()
        await shown.settle()
        assert "running 2m52s" in shown.text
        assert len(shown.asked) == asked

    show(monkeypatch, runs, act)


def test_a_run_in_the_trash_says_so(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """While it is looked at."""

    async def act(shown: Shown) -> None:
        await shown.run(OTTER)
        delete(runs.project, OTTER)
        await settle(shown.pilot, until=lambda: "in the trash" in shown.text)

    show(monkeypatch, runs, act)


def test_a_widget_at_rest_asks_nothing(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """And goes on when it is shown the same run again."""

    async def act(shown: Shown) -> None:
        await shown.run(LIVE)
        shown.detail.rest()
        asked = len(shown.asked)
        runs.live[LIVE].metrics({"loss": 0.05}, 41)
        shown.app.desk.refresh()
        await shown.settle()
        assert len(shown.asked) == asked
        shown.detail.show_run(LIVE)
        await settle(shown.pilot, until=lambda: "0.05" in shown.line("loss"))

    show(monkeypatch, runs, act)


def test_a_line_is_copied_without_its_margin(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Where there is no cursor, what is in sight."""

    async def act(shown: Shown) -> None:
        await shown.run(OTTER)
        shown.pane("code").view.focus()
        await shown.press("j", "y")
        shown.pane("note").view.focus()
        await shown.settle()
        await shown.press("y")
        assert shown.app.copied[0] == "folder   /home/ada/fraud"
        assert shown.app.copied[1].startswith(" cheaper features, see the [minutes]")
        assert shown.app.said[1].startswith("copied 4 lines")

    show(monkeypatch, runs, act)


@pytest.mark.parametrize("uid", [OTTER, ODD, EMPTY, None])
def test_no_size_is_too_small_or_too_large(monkeypatch: pytest.MonkeyPatch, runs: Runs, uid: str | None) -> None:
    """Also while a pane is zoomed."""

    async def act(shown: Shown) -> None:
        await shown.run(uid, baseline=LYNX)
        for zoomed in (False, True):
            shown.detail.zoom(zoomed)
            for width, height in ((20, 5), (1, 1), (2, 30), (140, 2), (99, 14), (100, 13), (7, 7), (140, 43)):
                shown.detail.styles.width, shown.detail.styles.height = width, height
                await shown.pilot.pause()
            await shown.settle()

    show(monkeypatch, runs, act, TALL)
