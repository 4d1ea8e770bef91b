"""What came of a version's gates: for the terminal, for a test report (JUnit XML), for a job's summary (Markdown)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any, TextIO
from xml.etree import ElementTree

from workbench.base.numbers import format_duration
from workbench.output.cells import cell_width, pad, visible
from workbench.output.columns import Column
from workbench.output.records import write_records
from workbench.output.spans import Line
from workbench.output.version_view import gate_mark

Document = Mapping[str, Any]
GAP = "  "
LEAST_DETAIL_WIDTH = 30
_WITHOUT_PLACE_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_lines(document: Document, *, width: int | None = 100) -> list[Line]:
    """The gates, one after the other, and what commands that did not pass have printed.

    Args:
        document: as `workbench models check --json` has it.
        width: cells of the terminal; None wraps nothing.
    """
    gates = document["gates"]
    cells = [(visible(gate["name"]), visible(gate["kind"]), format_duration(gate["duration_s"])) for gate in gates]
    widths = [max((cell_width(row[column]) for row in cells), default=0) for column in range(3)]
    margin = " " * (2 + sum(widths) + 3 * len(GAP))
    room = None if width is None else max(LEAST_DETAIL_WIDTH, width - len(margin))
    lines: list[Line] = [headline(document), []]
    for gate, (name, kind, duration) in zip(gates, cells, strict=True):
        detail = visible(described(gate))
        first, *rest = (wrap(detail, room) if room else [detail]) or [""]
        mark = gate_mark(gate)
        lines.append(
            [
                mark,
                (f" {pad(name, widths[0])}{GAP}", "bold"),
                (f"{pad(kind, widths[1])}{GAP}{pad(duration, widths[2], 'right')}{GAP}", "dim"),
                (first, "" if gate["outcome"] == "passed" else mark[1]),
            ]
        )
        lines += [[(margin, ""), (line, "")] for line in rest]
        if gate["outcome"] != "passed":
            lines += [[("    │ ", "dim"), (visible(line), "")] for line in output_of(gate)]
    return lines


def headline(document: Document) -> Line:
    """`✓ fraud/3: 3 of 3 gates passed`."""
    mark = gate_mark({"outcome": "passed" if document["passed"] else "failed"})
    return [mark, (f" {visible(_title(document))}", "bold")]


def described(gate: Document) -> str:
    """What a gate found, after how it ended where that is neither passed nor failed."""
    detail = str(gate["detail"])
    return detail if gate["outcome"] in ("passed", "failed") else f"{gate['outcome']}: {detail}"


def output_of(gate: Document) -> list[str]:
    """The last lines that a gate's command printed."""
    return [str(line) for line in gate["measured"].get("output", ())]


def write_markdown(document: Document, file: TextIO) -> None:
    """A heading and a table, as the summary of a CI job shows them."""
    file.write(f"### {'✓' if document['passed'] else '✗'} {visible(_title(document))}\n\n")
    columns = [Column(""), Column("gate"), Column("kind"), Column("found"), Column("time", "duration")]
    rows = [
        [
            "✓" if gate["outcome"] == "passed" else "✗",
            gate["name"],
            gate["kind"],
            visible(described(gate)),
            gate["duration_s"],
        ]
        for gate in document["gates"]
    ]
    write_records("md", columns, rows, file)


def write_junit(document: Document, file: TextIO) -> None:
    """One test suite with a test case for each gate, in the form that CI systems read.

    A gate that failed is a failure; one that crashed or timed out is an error.
    """
    gates: Sequence[Document] = document["gates"]
    name = f"{document['name']}/{document['version']}"
    failures = sum(gate["outcome"] == "failed" for gate in gates)
    suite = ElementTree.Element(
        "testsuite",
        name=xml_text(name),
        tests=str(len(gates)),
        failures=str(failures),
        errors=str(sum(gate["outcome"] != "passed" for gate in gates) - failures),
        skipped="0",
        time=_seconds(sum(gate["duration_s"] for gate in gates)),
        timestamp=str(document["at"])[:19],
    )
    for gate in gates:
        case = ElementTree.SubElement(
            suite, "testcase", classname=xml_text(name), name=xml_text(gate["name"]), time=_seconds(gate["duration_s"])
        )
        if gate["outcome"] != "passed":
            kind = "failure" if gate["outcome"] == "failed" else "error"
            problem = ElementTree.SubElement(
                case, kind, message=xml_text(gate["detail"]), type=xml_text(gate["outcome"])
            )
            problem.text = "\n".join(map(xml_text, [described(gate), *output_of(gate)]))
    ElementTree.indent(suite)
    file.write('<?xml version="1.0" encoding="utf-8"?>\n')
    file.write(ElementTree.tostring(suite, encoding="unicode") + "\n")


def _title(document: Document) -> str:
    gates = document["gates"]
    passed = sum(gate["outcome"] == "passed" for gate in gates)
    return f"{document['name']}/{document['version']}: {passed} of {len(gates)} gates passed"


def _seconds(duration_s: float) -> str:
    return f"{duration_s:.3f}"


def xml_text(text: object) -> str:
    """Text on one line, without the characters that XML 1.0 cannot hold."""
    return _WITHOUT_PLACE_IN_XML.sub("�", visible(str(text)))
