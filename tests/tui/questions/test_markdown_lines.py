"""Markdown that is read as it was written."""

from __future__ import annotations

from workbench.output.spans import plain
from workbench.tui.questions.markdown_lines import markdown_lines

TEXT = """# Card ##
text with `code` and **stars**
> quoted
~~~
# no heading
\tcode \x1b[31m
~~~
after"""


def test_headings_quotes_and_code_are_set_off() -> None:
    """A `#` in a fenced block is no heading; control characters are seen."""
    assert markdown_lines(TEXT) == [
        [("Card", "heading")],
        [("text with `code` and **stars**", "")],
        [("> quoted", "dim")],
        [("~~~", "faint")],
        [("# no heading", "accent")],
        [("    code \\e[31m", "accent")],
        [("~~~", "faint")],
        [("after", "")],
    ]


def test_no_line_is_left_out() -> None:
    """Empty ones neither."""
    assert [plain(line) for line in markdown_lines("a\n\n\nb")] == ["a", "", "", "b"]
