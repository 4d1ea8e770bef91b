"""A screen draws from what it has heard until it hears better."""

from __future__ import annotations

from workbench.plot.series import Series
from workbench.tui.held_curves import MAX_HELD, HeldCurves
from workbench.tui.questions.curves import CurvesOf, MetricCurves


def curves(key: str, xs: list[int]) -> MetricCurves:
    series = Series.from_points("run", xs, [float(x) for x in xs])
    return MetricCurves(key, (series,), ("a" * 32,), (float(xs[0]), float(xs[-1])))


def asked(x_range: tuple[float, float] | None) -> CurvesOf:
    return CurvesOf(("a" * 32,), ("loss",), 0, 10, "step", x_range)


def xs_of(found: MetricCurves | None) -> list[float]:
    assert found is not None
    return list(found.series[0].xs)


def test_a_part_is_drawn_from_the_whole_until_it_is_there() -> None:
    held = HeldCurves()
    assert held.best("loss", None) is None
    held.hold(asked(None), (curves("loss", [0, 10, 20, 30, 40]),))
    assert xs_of(held.best("loss", (12.0, 28.0))) == [10, 20, 30]
    held.hold(asked((12.0, 28.0)), (curves("loss", [12, 16, 20, 24, 28]),))
    assert xs_of(held.best("loss", (12.0, 28.0))) == [10, 12, 16, 20, 24, 28, 30]


def test_a_part_of_a_part_is_drawn_from_the_finer_one() -> None:
    held = HeldCurves()
    held.hold(asked(None), (curves("loss", [0, 10, 20, 30, 40]),))
    held.hold(asked((12.0, 28.0)), (curves("loss", [12, 16, 20, 24, 28]),))
    assert xs_of(held.best("loss", (17.0, 23.0))) == [16, 20, 24]
    assert xs_of(held.best("loss", (5.0, 35.0))) == [0, 10, 20, 30, 40]
    assert xs_of(held.best("loss", None)) == [0, 10, 20, 30, 40]


def test_without_the_whole_the_part_is_all_there_is() -> None:
    held = HeldCurves()
    held.hold(asked((12.0, 28.0)), (curves("loss", [12, 16, 20, 24, 28]),))
    assert xs_of(held.best("loss", (0.0, 90.0))) == [12, 16, 20, 24, 28]
    assert xs_of(held.best("loss", None)) == [12, 16, 20, 24, 28]
    assert held.extent("loss") is None


def test_a_new_answer_takes_the_place_of_the_old_one() -> None:
    held = HeldCurves()
    held.hold(asked(None), (curves("loss", [0, 10]),))
    before = held.best("loss", None)
    assert held.best("loss", None) is before
    held.hold(asked(None), (curves("loss", [0, 10, 20]),))
    assert xs_of(held.best("loss", None)) == [0, 10, 20]
    assert held.extent("loss") == (0.0, 20.0)
    held.clear()
    assert held.best("loss", None) is None


def test_thousands_of_metrics_are_not_all_remembered() -> None:
    held = HeldCurves()
    for number in range(MAX_HELD + 5):
        held.hold(asked(None), (curves(f"m{number}", [0, 1]),))
    assert held.best("m0", None) is None
    assert held.best(f"m{MAX_HELD}", None) is not None
