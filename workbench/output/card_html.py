"""A model card as one HTML file: no script, no network, light and dark, and it prints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from workbench.output.card_sections import Block, Command, Fields, Note, Rows, Section, Written
from workbench.output.cells import visible

LINKED = re.compile("(https?|mailto):", re.IGNORECASE)
"""Where links may lead; any other stays text."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --soft: #57606a; --line: #d0d7de; --link: #0550ae;
  --code: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --soft: #9198a1; --line: #3d444d; --link: #6cb6ff; --code: #161b22; }
}
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --soft: #444; --line: #bbb; --link: #000; --code: #fff; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  tr { break-inside: avoid; }
}
body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { margin: 0 auto; max-width: 52rem; padding: 1.5rem; }
h1 { border-bottom: 2px solid var(--line); padding-bottom: .4rem; }
h2 { border-bottom: 1px solid var(--line); margin-top: 2.2rem; padding-bottom: .2rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
td, code, a { overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 600; }
code, pre { background: var(--code); font: .9em/1.45 ui-monospace, monospace; }
pre { border: 1px solid var(--line); overflow-x: auto; padding: .6rem .8rem; }
a { color: var(--link); }
.note { color: var(--soft); }
""".strip()


def card_html(title: str, sections: Sequence[Section]) -> str:
    """The document. Nothing in it can run or load anything, whatever was recorded or written.

    Args:
        title: what the card is of.
        sections: of the card.
    """
    body = "\n".join(
        f"<section>\n<h2>{_text(section.heading)}</h2>\n{''.join(map(_block, section.blocks))}</section>"
        for section in sections
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{_text(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    return escape(visible(text))


def _block(block: Block) -> str:
    match block:
        case Fields(items):
            lines = [f'<tr><th scope="row">{_text(name)}</th><td>{_text(value)}</td></tr>' for name, value in items]
            return f'<div class="table"><table>{"".join(lines)}</table></div>\n'
        case Rows(header, rows):
            head = "".join(f'<th scope="col">{_text(name)}</th>' for name in header)
            lines = ["<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows]
            table = f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
            return f'<div class="table"><table>{table}</table></div>\n'
        case Note(text):
            return f'<p class="note">{_text(text)}</p>\n'
        case Command(text):
            return f"<pre><code>{_text(text)}</code></pre>\n"
        case Written(text):
            return rendered(text)


def rendered(markdown: str) -> str:
    """What a person wrote as HTML: tags in it are text, links lead to `LINKED` alone, pictures are links."""
    from markdown_it import MarkdownIt  # only a card as HTML needs it

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])
    parser.validateLink = lambda url: LINKED.match(url) is not None  # type: ignore[method-assign]
    shown = "\n".join(visible(line.replace("\t", "    ")) for line in markdown.split("\n"))
    tokens = parser.parse(shown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):  # below the section's own heading
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
        for inner in token.children or ():
            if inner.type == "link_open":
                inner.attrSet("rel", "noopener noreferrer nofollow")
    return str(parser.renderer.render(tokens, parser.options, {}))
