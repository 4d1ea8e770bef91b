"""The pictures of the documentation show the app as it is."""

from __future__ import annotations

import pytest

from tests.pictures import FOLDER, PICTURES, draw_all, text_of


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    """The pictures, made now."""
    return draw_all()


@pytest.mark.parametrize("name", list(PICTURES))
def test_a_picture_says_what_the_app_says(drawn: dict[str, str], name: str) -> None:
    """Places and colours may follow Textual's; words may not."""
    assert text_of(drawn[name]) == text_of((FOLDER / f"{name}.svg").read_text()), "run: python -m tests.pictures"
