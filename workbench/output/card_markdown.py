"""A model card as a Markdown document (CommonMark with tables)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.output.card_sections import Block, Command, Fields, Note, Rows, Section, Written
from workbench.output.cells import visible

_MARKS = re.compile(r"[\\`*\[\]<>|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)")


def card_markdown(title: str, sections: Sequence[Section]) -> str:
    """The document.

    What is recorded can make no markup: every mark in it is escaped. What a person wrote stays as it was written, but
    for control characters, which a terminal would obey.

    Args:
        title: what the card is of.
        sections: of the card.
    """
    parts = [f"# {escaped(title)}"]
    for section in sections:
        parts += [f"## {escaped(section.heading)}", *map(_block, section.blocks)]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """A text that Markdown shows as it is, on one line, also within a table."""
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", visible(text))


def _block(block: Block) -> str:
    match block:
        case Fields(items):
            return _table([("", ""), *items])
        case Rows(header, rows):
            return _table([header, *rows])
        case Note(text):
            return escaped(text)
        case Command(text):
            return f"```bash\n{visible(text)}\n```"
        case Written(text):
            return "\n".join(visible(line.replace("\t", "    ")) for line in text.split("\n"))


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(map(escaped, row))} |" for row in rows]
    return "\n".join([lines[0], f"|{'---|' * len(rows[0])}", *lines[1:]])
