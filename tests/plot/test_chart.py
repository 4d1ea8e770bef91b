"""Charts are exact in size, honest about extremes, and never raise."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.output.cells import cell_width
from workbench.output.spans import plain
from workbench.plot.chart import Drawing, Series, draw_chart
from workbench.plot.legend import header_line, legend_lines, values_line

anything = st.floats(allow_nan=True, allow_infinity=True)
points = st.lists(st.tuples(anything, anything), max_size=40)


def series_of(name: str, ys: list[float]) -> Series:
    return Series.from_points(name, list(range(len(ys))), ys)


@settings(max_examples=150, deadline=None)
@given(
    curves=st.lists(st.tuples(st.text(max_size=12), points), max_size=4),
    width=st.integers(0, 130),
    height=st.integers(0, 20),
    title=st.text(max_size=20),
    time=st.booleans(),
    log_y=st.booleans(),
    ascii=st.booleans(),
    smoothing=st.sampled_from([0.0, 0.6, 0.99, 2.0, math.nan]),
    cursor=st.one_of(st.none(), anything),
    x_range=st.one_of(st.none(), st.tuples(anything, anything)),
    y_range=st.one_of(st.none(), st.tuples(anything, anything)),
)
def test_every_chart_has_exactly_the_size_that_was_asked_for(
    curves: list[tuple[str, list[tuple[float, float]]]],
    width: int,
    height: int,
    title: str,
    time: bool,
    log_y: bool,
    ascii: bool,
    smoothing: float,
    cursor: float | None,
    x_range: tuple[float, float] | None,
    y_range: tuple[float, float] | None,
) -> None:
    series = [Series.from_points(name, [x for x, _ in pts], [y for _, y in pts], buckets=16) for name, pts in curves]
    chart = draw_chart(
        series,
        width=width,
        height=height,
        title=title,
        x="time" if time else "step",
        log_y=log_y,
        smoothing=smoothing,
        ascii=ascii,
        x_range=x_range,
        y_range=y_range,
        cursor=cursor,
    )
    lines = chart.plain()
    assert len(lines) == height
    assert [cell_width(line) for line in lines] == [width] * height
    assert not any(character in line for line in lines for character in "\n\r\x1b")


@pytest.mark.parametrize("log_y", [False, True])
@pytest.mark.parametrize(
    ("values", "y_range"),
    [
        ([0.0, 5e-324], None),
        ([5e-324, 1e-323], None),
        ([-1.7e308, 1.7e308], None),
        ([1.7e308, -1.7e308, 1.0], (1e-300, 1.1e-300)),
        ([1.0, 2.0], (1e308, -1e308)),
    ],
)
def test_the_ends_of_the_floating_point_range_are_drawn(
    values: list[float], y_range: tuple[float, float] | None, log_y: bool
) -> None:
    chart = draw_chart([series_of("y", values)], width=40, height=8, y_range=y_range, log_y=log_y)
    assert [len(line) for line in chart.plain()] == [40] * 8


@settings(max_examples=100, deadline=None)
@given(
    count=st.integers(2, 5000),
    where=st.floats(0, 1),
    height_of_spike=st.floats(0.5, 1e6),
    up=st.booleans(),
    width=st.integers(20, 120),
    height=st.integers(4, 30),
    ascii=st.booleans(),
)
def test_a_spike_of_one_point_is_always_visible(
    count: int, where: float, height_of_spike: float, up: bool, width: int, height: int, ascii: bool
) -> None:
    flat = [0.0] * count
    spiked = list(flat)
    spiked[min(count - 1, int(where * count))] = height_of_spike if up else -height_of_spike
    spread = (-height_of_spike, height_of_spike)

    def draw(ys: list[float]) -> list[str]:
        return draw_chart([series_of("y", ys)], width=width, height=height, ascii=ascii, y_range=spread).plain()

    assert draw(flat) != draw(spiked)


def test_a_spike_between_many_points_reaches_the_top() -> None:
    ys = [0.0] * 50_000
    ys[33_333] = 1.0
    top = draw_chart([series_of("y", ys)], width=60, height=8).plain()[0]
    assert any(0x2800 < ord(character) < 0x2900 for character in top)


def test_a_rising_line_looks_like_one() -> None:
    chart = draw_chart([series_of("y", [0.0, 1.0, 2.0, 3.0])], width=14, height=5)
    assert chart.plain() == [
        "3 ┤        ⣠⠴⠋",
        "  │     ⢀⡴⠚⠁  ",
        "  │  ⢀⡤⠞⠉     ",
        "0 ┤⣠⠞⠉        ",
        "  └0─────────3",
    ]


def test_ascii_needs_no_unicode_and_tells_curves_apart_by_letter() -> None:
    series = [series_of("up", [0.0, 1.0, 2.0]), series_of("down", [2.0, 1.0, 0.0])]
    lines = draw_chart(series, width=70, height=8, title="loss", ascii=True).plain()
    assert all(line.isascii() for line in lines)
    assert "A up" in lines[1]
    assert "B down" in lines[2]
    assert any("A" in line[:50] and "B" in line[:50] for line in lines[1:-1])


def test_series_differ_without_any_colour() -> None:
    series = [series_of(name, [value] * 30) for name, value in (("one", 1.0), ("two", 2.0), ("three", 3.0))]
    lines = draw_chart(series, width=80, height=9, title="loss").plain()
    assert "A ── one" in lines[1]
    assert "B ┄┄ two" in lines[2]
    assert "C ·· three" in lines[3]
    drawn = {line.split("┤")[-1].split("│")[-1].strip()[:20] for line in lines[1:-1]}
    assert len(drawn - {""}) >= 3


def test_a_nan_breaks_the_line() -> None:
    whole = [1.0] * 30
    broken = [math.nan if 10 <= i < 20 else 1.0 for i in range(30)]
    row_of_whole = max(
        draw_chart([series_of("y", whole)], width=40, height=5).plain(), key=lambda line: line.count("⠉")
    )
    row_of_broken = max(
        draw_chart([series_of("y", broken)], width=40, height=5).plain(), key=lambda line: line.count("⠉")
    )
    assert " " not in row_of_whole.split("┤")[1]
    assert "   " in row_of_broken.split("┤")[1].strip()


def test_infinities_do_not_flatten_the_rest() -> None:
    chart = draw_chart([series_of("y", [1.0, math.inf, 2.0, -math.inf, 3.0])], width=40, height=6)
    assert chart.y_range == (1.0, 3.0)


def test_a_constant_has_its_one_value_as_the_only_tick() -> None:
    lines = draw_chart([series_of("y", [0.25] * 10)], width=30, height=6).plain()
    assert [line.split("┤")[0].strip() for line in lines if "┤" in line] == ["0.25"]


def test_a_single_point_is_drawn() -> None:
    lines = draw_chart([series_of("y", [3.0])], width=30, height=6).plain()
    assert any(0x2800 < ord(character) < 0x2900 for line in lines for character in line)


def test_charts_without_values_say_so() -> None:
    assert "no data" in "".join(draw_chart([], width=30, height=5).plain())
    assert "no values" in "".join(draw_chart([series_of("y", [math.nan])], width=30, height=5).plain())
    assert "nothing above zero" in "".join(draw_chart([series_of("y", [-1.0])], width=30, height=5, log_y=True).plain())


def test_log_y_spaces_decades_evenly() -> None:
    lines = draw_chart([series_of("y", [1000.0, 100.0, 10.0, 1.0])], width=40, height=14, log_y=True).plain()
    rows = {line.split("┤")[0].strip(): row for row, line in enumerate(lines) if "┤" in line}
    assert rows["1,000"] == 0
    assert rows["1"] == 12
    assert rows["100"] == 4
    assert rows["10"] == 8


def test_smoothing_keeps_the_raw_curve_faint() -> None:
    noisy = [(-1.0) ** i for i in range(200)]
    chart = draw_chart([series_of("y", noisy)], width=60, height=10, title="loss", smoothing=0.9)
    styles = {style for line in chart.lines for _, style in line}
    assert {"series0", "faint"} <= styles
    assert "smoothed 0.9" in chart.plain()[0]


def test_the_cursor_is_drawn_and_the_legend_shows_the_values_there() -> None:
    series = [series_of("one", [float(i) for i in range(11)]), series_of("two", [5.0] * 11)]
    lines = draw_chart(series, width=80, height=8, title="auc", cursor=4).plain()
    assert lines[1].rstrip().endswith("4")
    assert lines[2].rstrip().endswith("5")
    assert any("│" in line.split("│", 1)[1] for line in lines[1:-1] if "│" in line)
    assert "4" in lines[-1]


def test_a_column_maps_back_to_its_x() -> None:
    chart = draw_chart([series_of("y", [float(i) for i in range(101)])], width=60, height=8)
    assert chart.x_at(chart.plot_left) == 0
    assert chart.x_at(chart.plot_left + chart.plot_columns - 1) == 100
    assert chart.x_at(0) is None


def test_time_ticks_are_durations() -> None:
    xs = [60.0 * i for i in range(121)]
    lines = draw_chart([Series.from_points("y", xs, xs)], width=70, height=6, title="loss", x="time").plain()
    assert "x: time" in lines[0]
    assert "└0" in lines[-1]
    assert "1h" in lines[-1]
    assert lines[-1].endswith("2h")


def test_many_series_say_how_many_have_no_room_in_the_legend() -> None:
    series = [series_of(f"run-{i}", [float(i), i + 1.0]) for i in range(12)]
    lines = draw_chart(series, width=90, height=8, title="loss").plain()
    assert any("… 7 more" in line for line in lines)


def test_names_in_the_legend_are_never_markup_and_keep_their_width() -> None:
    series = [series_of("[bold]x", [1.0, 2.0]), series_of("日本語テスト", [2.0, 1.0])]
    lines = draw_chart(series, width=80, height=6, title="a\nb").plain()
    assert "[bold]x" in lines[1]
    assert "日本語テスト" in lines[2]
    assert "a\\nb" in lines[0]


def test_a_raw_curve_never_covers_a_smoothed_one() -> None:
    noisy = series_of("noisy", [(-1.0) ** i for i in range(200)])
    calm = series_of("calm", [0.3] * 200)
    drawing = draw_chart([noisy, calm], width=60, height=10, smoothing=0.97, legend=False)
    alone = draw_chart([calm], width=60, height=10, smoothing=0.97, y_range=(-1.0, 1.0), legend=False)
    cells = sum(len(text) for line in drawing.lines for text, style in line if style == "series1")
    assert cells >= sum(len(text.strip()) for line in alone.lines for text, style in line if style == "series0") // 2
    raw = [style for line in drawing.lines for _, style in line].count("faint")
    assert raw > 0


def test_a_series_keeps_its_letter_and_colour_in_every_chart() -> None:
    one = series_of("calm", [0.0, 1.0])
    third = Series(one.name, one.xs, one.lows, one.highs, one.lasts, place=2)
    chart = draw_chart([third], width=40, height=6)
    assert any("C" in line for line in chart.plain())
    assert "series2" in {style for line in chart.lines for _, style in line}
    assert "series0" not in {style for line in chart.lines for _, style in line}


@pytest.mark.parametrize("ascii", [False, True])
def test_a_crosshair_moves_over_a_drawing_as_if_it_were_drawn_anew(ascii: bool) -> None:
    series = [series_of("one", [math.sin(i / 9) for i in range(100)]), series_of("two", [0.1] * 100)]
    drawing = Drawing(series, width=70, height=9, smoothing=0.6, ascii=ascii)
    for cursor in (None, 0.0, 40.0, 99.0, 200.0, math.nan):
        anew = draw_chart(series, width=70, height=9, smoothing=0.6, ascii=ascii, legend=False, cursor=cursor)
        assert drawing.at(cursor).lines == anew.lines


def test_a_line_that_only_passes_through_is_drawn() -> None:
    lines = draw_chart([series_of("y", [0.0, 100.0])], width=40, height=6, x_range=(0.4, 0.6)).plain()
    assert any(0x2800 < ord(character) < 0x2900 for line in lines for character in line)


def test_a_part_without_points_says_so() -> None:
    lines = draw_chart([series_of("y", [0.0, 1.0])], width=40, height=6, x_range=(50.0, 60.0)).plain()
    assert "no values in this part" in "".join(lines)


def test_values_stand_behind_their_letters_and_say_when_some_have_no_room() -> None:
    series = [series_of(name, [float(i), i + 1.0]) for i, name in enumerate("abcd")]
    assert plain(values_line(series, None, 40)) == "A 1  B 2  C 3  D 4"
    assert plain(values_line(series, 0, 40)) == "A 0  B 1  C 2  D 3"
    assert plain(values_line(series, 9, 40)) == "A –  B –  C –  D –"
    assert plain(values_line(series, None, 12)) == "A 1  B 2  …"
    assert plain(values_line(series[:1], None, 12)) == "1"


def test_a_legend_cuts_names_rather_than_leave_runs_out() -> None:
    names = [f"a-run-with-a-long-name-{i}" for i in range(5)]
    for width in (200, 80, 60, 40):
        lines = legend_lines(names, width, 1)
        assert len(lines) == 1
        assert cell_width(plain(lines[0]).rstrip()) <= width
        assert all(letter in plain(lines[0]) for letter in "ABCDE")


@settings(max_examples=60, deadline=None)
@given(title=st.text(max_size=30), width=st.integers(0, 60), room=st.one_of(st.none(), st.integers(-3, 40)))
def test_a_title_line_is_never_wider_than_its_chart(title: str, width: int, room: int | None) -> None:
    line = header_line(title, [("A 0.5", "bold")], width, mark=[("●", "running")], room=room)
    assert cell_width(plain(line)) <= max(width, 7)
