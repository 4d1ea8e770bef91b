"""What a validation found, for continuous integration: JUnit XML and Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from workbench.output.validation_view import check_mark, example_text, verdict

Document = Mapping[str, Any]

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def validation_junit(document: Document) -> str:
    """A validation as JUnit XML: a test case for each rule; a warning is a case that passes and says so."""
    checks = document["checks"]
    skipped = sum(check["outcome"] == "skipped" for check in checks)
    name = _attribute(document["data"])
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<testsuites tests="{len(checks)}" failures="{document["errors"]}" skipped="{skipped}">',
        f'<testsuite name={name} tests="{len(checks)}" failures="{document["errors"]}" skipped="{skipped}" errors="0">',
    ]
    for check in checks:
        title = f"{check['rule']} {check['column']}" if check["column"] is not None else check["rule"]
        case = f"<testcase classname={name} name={_attribute(title)}"
        rows = "\n".join(example_text(example) for example in check["examples"])
        if check["outcome"] == "skipped":
            lines.append(f"{case}><skipped message={_attribute(check['message'])}/></testcase>")
        elif check["outcome"] == "failed" and check["severity"] == "error":
            lines.append(f"{case}><failure message={_attribute(check['message'])}>{_text(rows)}</failure></testcase>")
        elif check["outcome"] == "failed":
            said = f"warning: {check['message']}\n{rows}"
            lines.append(f"{case}><system-out>{_text(said)}</system-out></testcase>")
        else:
            lines.append(f"{case}/>")
    return "\n".join([*lines, "</testsuite>", "</testsuites>", ""])


def validation_markdown(document: Document) -> str:
    """A validation as Markdown: the verdict, a table of the rules that are not fine, and rows that break them."""
    mark = "✓" if document["passed"] else "✗"
    lines = [f"## {mark} {_cell(verdict(document))}", ""]
    told = [check for check in document["checks"] if check["outcome"] != "passed"]
    if told:
        lines += ["| | rule | column | what |", "|---|---|---|---|"]
        for check in told:
            cells = [check_mark(check)[0], *(_cell(check[key] or "") for key in ("rule", "column", "message"))]
            lines.append(f"| {' | '.join(cells)} |")
    for check in told:
        if check["examples"]:
            lines += ["", f"{_cell(check['message'])}:", ""]
            lines += [f"- {_cell(example_text(example))}" for example in check["examples"]]
    return "\n".join(lines) + "\n"


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("?", text))


def _text(text: str) -> str:
    return escape(_NO_XML.sub("?", text))


def _cell(text: str) -> str:
    """Text that Markdown leaves as it is, on one line."""
    return re.sub(r"([\\`*_|<>\[\]#~])", r"\\\1", text.replace("\n", " "))
