"""A drift check for other programs: a job's summary (Markdown), a test report (JUnit XML), metrics (Prometheus)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TextIO
from xml.etree import ElementTree

from workbench.base.numbers import format_number
from workbench.output.cells import visible
from workbench.output.check_view import xml_text
from workbench.output.columns import Column
from workbench.output.drift_view import missing, p_text, spark, summary, why
from workbench.output.formats import as_number
from workbench.output.marks import status_mark
from workbench.output.records import write_records

Document = Mapping[str, Any]


def write_markdown(document: Document, file: TextIO) -> None:
    """A heading and a table for each piece, as the summary of a CI job shows them."""
    file.write(f"### {'✗' if document['dataset_drift'] else '✓'} {summary(document)}\n\n")
    rows = document["rows"]
    file.write(
        f"{visible(str(document['current']['name']))} ({format_number(rows['current'])} rows) against "
        f"{visible(str(document['reference']['name']))} ({format_number(rows['reference'])} rows)\n"
    )
    names = ("column", "kind", "reference", "current", "test", "effect", "floor", "p adj", "missing", "verdict", "why")
    columns = [Column(name, "number" if name in ("effect", "floor") else "text") for name in names]
    for title, piece in pieces(document):
        file.write(f"\n#### {visible(title)}\n\n" if title else "\n")
        write_records("md", columns, [_row(column) for column in piece["columns"]], file)


def write_junit(document: Document, file: TextIO) -> None:
    """One test suite with a test case for each column: drift is a failure, what is not tested is skipped."""
    cases = [(title, column) for title, piece in pieces(document) for column in piece["columns"]]
    skipped = sum(column["verdict"] in ("insufficient", "not tested") for _, column in cases)
    suite = ElementTree.Element(
        "testsuite",
        name=xml_text(f"drift of {document['current']['name']}"),
        tests=str(len(cases)),
        failures=str(sum(column["drifted"] for _, column in cases)),
        errors="0",
        skipped=str(skipped),
        time="0.000",
    )
    if "at" in document:
        suite.set("timestamp", str(document["at"])[:19])
    for title, column in cases:
        name = f"{column['column']} ({title})" if title else column["column"]
        case = ElementTree.SubElement(suite, "testcase", classname="drift", name=xml_text(name), time="0.000")
        if column["drifted"]:
            problem = ElementTree.SubElement(case, "failure", message=xml_text(told(column)), type="drift")
            problem.text = xml_text(told(column))
        elif column["verdict"] in ("insufficient", "not tested"):
            ElementTree.SubElement(case, "skipped", message=xml_text(column["reason"] or column["verdict"]))
    ElementTree.indent(suite)
    file.write('<?xml version="1.0" encoding="utf-8"?>\n')
    file.write(ElementTree.tostring(suite, encoding="unicode") + "\n")


def write_prometheus(document: Document, file: TextIO) -> None:
    """Metrics in the text format that node_exporter's textfile collector reads; of windows, the last one."""
    piece = pieces(document)[-1][1] if "windows" in document else document
    columns = [(title, column) for title, one in pieces(piece) for column in one["columns"]]
    metrics = {
        "workbench_drift_dataset": ("Whether the data set has drifted.", [("", document["dataset_drift"])]),
        "workbench_drift_column": ("Whether a column has drifted.", _values(columns, "drifted")),
        "workbench_drift_effect": ("How large the difference is, by the column's test.", _values(columns, "score")),
        "workbench_drift_floor": ("What the effect is by chance at most.", _values(columns, "floor")),
        "workbench_drift_p_adjusted": ("The corrected p-value.", _values(columns, "p_adjusted")),
        "workbench_drift_missing_share": ("The share of missing values.", _missing(columns)),
        "workbench_drift_rows": ("Rows of the current data.", [("", document["rows"]["current"])]),
    }
    for name, (text, samples) in metrics.items():
        file.write(f"# HELP {name} {text}\n# TYPE {name} gauge\n")
        for labels, value in samples:
            file.write(f"{name}{labels} {float(value):.17g}\n")


def pieces(document: Document) -> list[tuple[str, Document]]:
    """The parts of a document that have columns, with their titles: windows, segments, or itself."""
    if "windows" in document:
        return [(str(one["window"]["name"]), one) for one in document["windows"]]
    if "segments" in document:
        return [(f"{document['by']} = {one['segment']}", one) for one in document["segments"]]
    return [("", document)]


def _row(column: Document) -> tuple[Any, ...]:
    drawn = column["distribution"] or {"reference": [], "current": []}
    return (
        column["column"],
        column["kind"],
        spark(drawn["reference"]),
        spark(drawn["current"]),
        column["test"] or "",
        column["score"],
        column["floor"],
        p_text(column["p_adjusted"] if column["p_adjusted"] is not None else column["p_value"]),
        missing(column),
        f"{status_mark(column['verdict'])[0]} {column['verdict']}",
        why(column),
    )


def told(column: Document) -> str:
    """What is to be said of a column that drifts."""
    parts = [why(column)] if column["reason"] else []
    if column["test"]:
        numbers = f"effect {_number(column['score'])} (threshold {_number(column['threshold'])}"
        floor = f", floor {_number(column['floor'])}" if column["floor"] is not None else ""
        p = column["p_adjusted"] if column["p_adjusted"] is not None else column["p_value"]
        parts.append(f"{column['test']}: {numbers}{floor}), p {p_text(p) or '–'}")
    return "; ".join(parts)


def _number(value: Any) -> str:
    number = as_number(value)
    return format_number(number) if number is not None else "–"


def _values(columns: list[tuple[str, Document]], field: str) -> Iterator[tuple[str, float]]:
    for title, column in columns:
        value = column[field]
        number = float(value) if isinstance(value, bool) else as_number(value)
        if number is not None:
            yield _labels(title, column), float(number)


def _missing(columns: list[tuple[str, Document]]) -> Iterator[tuple[str, float]]:
    for title, column in columns:
        if column["missing"]["current"] is not None:
            yield _labels(title, column), float(column["missing"]["current"])


def _labels(title: str, column: Document) -> str:
    pairs = {"column": column["column"], **({"segment": title} if title else {})}
    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in pairs.items()) + "}"


def escaped(value: str) -> str:
    """The value of a Prometheus label."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
