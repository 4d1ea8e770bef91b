"""What a stream can show."""

from __future__ import annotations

import io

import pytest

from workbench.output.terminal import terminal_width, wants_ascii, wants_colour


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_has_no_width_and_no_colour() -> None:
    assert terminal_width(io.StringIO()) is None
    assert not wants_colour(io.StringIO())


def test_columns_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "132")
    assert terminal_width(Terminal()) == 132
    monkeypatch.setenv("COLUMNS", "wide")
    assert terminal_width(Terminal()) == 80


def test_no_color_wins_over_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())
    monkeypatch.delenv("NO_COLOR")
    assert wants_colour(io.StringIO())
    monkeypatch.setenv("FORCE_COLOR", "0")
    assert not wants_colour(io.StringIO())
    assert wants_colour(Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_colour(Terminal())


def test_a_latin_stream_gets_ascii() -> None:
    assert wants_ascii(io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    assert not wants_ascii(io.TextIOWrapper(io.BytesIO(), encoding="UTF-8"))
