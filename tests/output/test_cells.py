"""Cells of a terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from workbench.output.cells import cell_width, clip, fit, visible


@given(st.text())
def test_the_width_is_that_of_rich(text: str) -> None:
    shown = visible(text)
    assert cell_width(shown) == cell_len(shown)


@given(st.text(), st.integers(0, 30))
def test_a_clipped_text_fits_and_says_that_it_is_cut(text: str, width: int) -> None:
    shown = visible(text)
    cut = clip(shown, width)
    assert cell_width(cut) <= width
    assert cut == shown or width == 0 or cut.endswith("…")


@given(st.text(), st.integers(0, 30), st.sampled_from(["left", "right"]))
def test_a_fitted_text_has_exactly_the_width(text: str, width: int, align: str) -> None:
    assert cell_width(fit(visible(text), width, align)) == width


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=[])))
def test_visible_text_stays_on_its_line_and_can_be_encoded(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown
    shown.encode()


def test_escapes_are_readable() -> None:
    assert visible("a\tb\nc\x00\x1b\ud800") == "a\\tb\\nc\\x00\\e\\ud800"
