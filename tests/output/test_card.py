"""Model cards as Markdown and HTML: complete, and harmless whatever was recorded or written."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from workbench.output.card_html import card_html, rendered
from workbench.output.card_markdown import card_markdown, escaped
from workbench.output.card_sections import NOT_WRITTEN, card_sections, title_of

HEADINGS = ("Intended use", "Limits")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></table><h1>gone",
    "[click](javascript:alert(1))",
    "![pixel](https://evil.example/x.png)",
    "a | b\n## Approval\nforged",
    "\x1b[31mred\x1b[0m",
    "&lt;script&gt; & &#106;",
    "```\n</code><script>",
    "<!-- hidden",
    "‮reversed",
)


def document(text: str = "plain", written: dict[str, str] | None = None) -> dict[str, Any]:
    """A card in which every field that somebody can choose is `text`."""
    at = "2026-09-21T14:13:20.000000Z"
    return {
        "name": text, "version": 3, "digest": text, "size_bytes": 12_000, "author": text, "created_at": at,
        "status": "approved", "aliases": [text], "description": text, "tags": {text: text}, "source": text,
        "run": {
            "run_id": "a" * 32, "name": text, "experiment": text, "status": "finished", "started_at": at,
            "duration_s": 3.0, "git": {"commit": text, "branch": text, "dirty": True},
            "source": {"command": ["python", text]}, "params": {text: text, "layers": [text]},
        },
        "datasets": [{"name": text, "digest": text, "context": text}],
        "metrics": {text: 0.93, "auc": 0.5},
        "signature": {
            "inputs": [{"name": text, "type": text}, {"type": "tensor", "tensor-spec": {"dtype": text, "shape": [-1]}}],
            "outputs": text,
            "params": [{"name": text, "type": text, "default": text}],
        },
        "check": {
            "summary": "1/2", "who": text, "at": at, "current": False,
            "gates": [
                {
                    "name": text, "kind": text, "outcome": "failed", "detail": text,
                    "measured": {"accuracy": 0.5, text: [{"slice": text, "rows": 3}], "by": {text: {"rows": 2}}},
                }
            ],
        },
        "review": {
            "status": "approved", "requested_by": text, "requested_at": at, "reason": text, "approvers": 2,
            "decisions": [{"who": text, "approved": True, "reason": text, "at": at}],
        },
        "alias_terms": [{"alias": text, "since": at, "until": None, "who": text, "reason": text}],
        "environment": {"python": text, "platform": text, "gpus": [text], "packages": {text: text}},
        "card": {"revision": 2, "at": at, "who": text, "text": "", "sections": written or {}},
    }  # fmt: skip


class Tags(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


OURS = set("html head meta title style body main h1 section h2 div table thead tbody tr th td p pre code".split())
FROM_MARKDOWN = set("h3 h4 h5 h6 ul ol li em strong a hr br blockquote".split())


def page(text: str = "plain", written: dict[str, str] | None = None) -> str:
    one = document(text, written)
    return card_html(title_of(one), card_sections(one, HEADINGS))


def markdown(text: str = "plain", written: dict[str, str] | None = None) -> str:
    one = document(text, written)
    return card_markdown(title_of(one), card_sections(one, HEADINGS))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_recorded_text_becomes_an_element_or_an_attribute(text: str) -> None:
    plain, hostile = Tags(page()), Tags(page(text))
    assert hostile.elements == plain.elements
    assert {tag for tag, _ in hostile.elements} <= OURS
    assert hostile.text.count("Approval") >= 1


@pytest.mark.parametrize("text", HOSTILE)
def test_no_written_text_runs_or_loads_anything(text: str) -> None:
    found = Tags(page(written={"Limits": text, text.splitlines()[0]: text, "": f"*{text}*"}))
    assert {tag for tag, _ in found.elements} <= OURS | FROM_MARKDOWN
    for tag, attributes in found.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcdoc", "style")], tag
        assert (attributes.get("href") or "https:").startswith(("https:", "http:", "mailto:"))


@pytest.mark.parametrize(
    "link",
    [
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](&#106;avascript:alert(1))",
        "<javascript:alert(1)>", "[x](httpjavascript:alert(1))", "[x](http)",
        "[x](data:text/html,a)", "[x](vbscript:a)", "[x](file:///etc/passwd)", "[x](//evil.example)", "[x](other.html)",
        "[x]\n\n[x]: javascript:alert(1)", "![x](data:image/png;base64,AAAA)", "[x](java\nscript:alert(1))",
        "[x](\x01javascript:alert(1))",
    ],
)  # fmt: skip
def test_a_link_elsewhere_stays_text(link: str) -> None:
    assert [tag for tag, _ in Tags(rendered(link)).elements if tag in ("a", "img")] == []


def test_links_to_the_web_are_links_and_tell_nobody_where_they_come_from() -> None:
    found = Tags(rendered("[a](https://example.org/?q=1) <http://example.org> [m](mailto:ana@example.org)"))
    links = [attributes for tag, attributes in found.elements if tag == "a"]
    assert [one["href"] for one in links] == [
        "https://example.org/?q=1", "http://example.org", "mailto:ana@example.org"
    ]  # fmt: skip
    assert all("noreferrer" in str(one["rel"]) for one in links)
    assert Tags(rendered("![a picture](https://example.org/x.png)")).elements[1][0] == "a"


def test_what_was_written_is_markdown() -> None:
    found = rendered("# Big\n\n- *one*\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```")
    for piece in ("<h3>Big</h3>", "<em>one</em>", "<td>1</td>", "<code>code\n</code>"):
        assert piece in found


def test_a_page_needs_nothing_else_and_adapts() -> None:
    text = page()
    assert "default-src 'none'" in text
    assert "@media (prefers-color-scheme: dark)" in text
    assert "@media print" in text
    assert [tag for tag, _ in Tags(text).elements if tag in ("script", "link", "img", "iframe", "object")] == []
    assert "url(" not in text
    assert "@import" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_no_recorded_text_makes_a_heading_a_row_or_a_tag_of_markdown(text: str) -> None:
    plain, hostile = markdown().splitlines(), markdown(text).splitlines()
    assert [line for line in hostile if line.startswith("## ")] == [line for line in plain if line.startswith("## ")]
    assert len(hostile) == len(plain)
    assert "\x1b" not in "".join(hostile)
    shown = Tags(_as_markdown_shows(markdown(text)))
    assert shown.elements == Tags(_as_markdown_shows(markdown())).elements


def _as_markdown_shows(text: str) -> str:
    """What a renderer that allows HTML, as most do, makes of Markdown."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


@pytest.mark.parametrize("text", [*HOSTILE, "val_loss", "_x_", "*x*", "`x`", "a\\b", "~~x~~", "AT&amp;T", "1. x"])
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    from workbench.output.cells import visible

    assert Tags(_as_markdown_shows(f"x {escaped(text)}")).text.strip() == f"x {visible(text)}".strip()


def test_sections_that_nobody_wrote_say_so_and_others_are_all_there() -> None:
    written = {"": "An introduction.", "limits": "Not for cash.", "Owners": "Us.", "Empty": ""}
    titles = [section.heading for section in card_sections(document(written=written), HEADINGS)]
    assert titles[:6] == ["Version", "About", "Intended use", "Limits", "Owners", "Empty"]
    text = markdown(written=written)
    assert f"## Intended use\n\n{NOT_WRITTEN}" in text
    assert "## Limits\n\nNot for cash." in text
    assert "were written by plain on 2026-09-21 14:13:20 UTC, revision 2" in text


def test_a_card_tells_what_was_recorded() -> None:
    text = markdown()
    for piece in (
        "| size | 12 kB |", "workbench runs reproduce aaaaaaaa", "| plain | plain | plain |",
        "| auc | 0.5 |", "tensor of plain \\[-1\\]", "1/2 passed, run by plain", "on other files than those of now",
        "It is approved, 2 approvals needed.", "| approved | plain | 2026-09-21 14:13:20 UTC | plain |",
        "| plain | 2026-09-21 14:13:20 UTC | now | plain | plain |", "plain plain",
        "| slice | rows |\n|---|---|\n| plain | 3 |", "plain, with uncommitted changes",
    ):  # fmt: skip
        assert piece in text, piece


def test_a_card_of_which_little_is_known_says_what_is_missing() -> None:
    one = {
        **document(), "run": None, "environment": None, "datasets": [], "metrics": {}, "signature": None, "check": None,
        "alias_terms": [], "aliases": [], "tags": {}, "description": None, "size_bytes": None, "digest": None,
        "review": {"status": "none", "requested_by": None}, "card": {"revision": None, "text": "", "sections": {}},
    }  # fmt: skip
    text = card_markdown(title_of(one), card_sections(one, HEADINGS))
    for piece in (
        "registered without a run", "No data are recorded.", "No params are recorded.", "states no signature",
        "No gates were run.", "No approval was requested.", "No alias ever pointed to it.", "was not captured",
    ):  # fmt: skip
        assert piece in text, piece
    lost = card_sections({**one, "run": {"run_id": "f" * 32}}, HEADINGS)
    assert "This store does not have its run." in card_markdown("x", lost)


def test_long_tables_end() -> None:
    many = {**document(), "metrics": {f"m{number}": float(number) for number in range(700)}}
    text = card_markdown("x", card_sections(many, HEADINGS))
    assert "| m499 | 499 |\n| … 200 more; --json has all |  |" in text
