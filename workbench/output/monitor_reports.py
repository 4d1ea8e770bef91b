"""Monitors for other programs: a job's summary (Markdown), a test report (JUnit XML), metrics (Prometheus)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO
from xml.etree import ElementTree

from workbench.base.numbers import format_number
from workbench.output import drift_reports
from workbench.output.cells import visible
from workbench.output.check_view import xml_text
from workbench.output.columns import Column
from workbench.output.formats import as_number
from workbench.output.marks import status_mark
from workbench.output.monitor_heat import strip
from workbench.output.records import write_records
from workbench.output.spans import plain

Document = Mapping[str, Any]
STATES = {"ok": 0, "warn": 1, "drift": 2, "insufficient": 3, "new": 4, "failed": 5}
LOUD_COLUMNS = 10
METRICS = {
    "workbench_monitor_drift": "Whether the newest window has drift.",
    "workbench_monitor_state": "0 ok, 1 warn, 2 drift, 3 insufficient, 4 new, 5 failed.",
    "workbench_monitor_alert": "Whether an alert stands.",
    "workbench_monitor_rows": "Rows of the newest window.",
    "workbench_monitor_window_end_seconds": "When the newest window ended, seconds since the epoch.",
    "workbench_monitor_label_coverage": "The share of rows with a label.",
    "workbench_monitor_column_drift": "Whether a column has drifted.",
    "workbench_monitor_column_effect": "How large the difference is, by the column's test.",
    "workbench_monitor_column_floor": "What the effect is by chance at most.",
    "workbench_monitor_performance": "A realised metric.",
    "workbench_monitor_performance_estimate": "An estimated metric.",
}


def write_markdown(documents: Sequence[Document], file: TextIO) -> None:
    """A section for each monitor: the newest window, and its columns.

    Args:
        documents: as `drift.monitors.reporting.report_document` makes them.
    """
    for number, document in enumerate(documents):
        window = document["window"]
        mark = status_mark(document["state"])[0]
        file.write("\n" * bool(number) + f"### {mark} {visible(document['name'])}: {sentence(document)}\n\n")
        for reason in window["result"]["reasons"]:
            file.write(f"- {visible(reason)}\n")
        file.write(f"recent windows: `{plain(strip(document['recent']))}`\n\n")
        if window["columns"]:
            drift_reports.write_markdown(window, file)
        if window["performance"] and window["performance"]["metrics"]:
            file.write("\n")
            _write_metrics(window["performance"], file)


def write_junit(documents: Sequence[Document], file: TextIO) -> None:
    """A test suite for each monitor with a test case for each column, each bound and the window itself."""
    root = ElementTree.Element("testsuites")
    for document in documents:
        window = document["window"]
        cases = list(_cases(window))
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=xml_text(f"monitor {document['name']}, {window['result']['window']}"),
            tests=str(len(cases)),
            failures=str(sum(kind == "failure" for _, kind, _ in cases)),
            errors="0",
            skipped=str(sum(kind == "skipped" for _, kind, _ in cases)),
            time="0.000",
            timestamp=window["at"][:19],
        )
        for name, kind, message in cases:
            case = ElementTree.SubElement(suite, "testcase", classname="monitor", name=xml_text(name), time="0.000")
            if kind:
                ElementTree.SubElement(case, kind, message=xml_text(message))
    ElementTree.indent(root)
    file.write('<?xml version="1.0" encoding="utf-8"?>\n')
    file.write(ElementTree.tostring(root, encoding="unicode") + "\n")


def write_prometheus(documents: Sequence[Document], file: TextIO) -> None:
    """Metrics in the text format that node_exporter's textfile collector reads, of the newest windows."""
    samples: dict[str, list[tuple[dict[str, str], float]]] = {name: [] for name in METRICS}
    for document in documents:
        for name, labels, value in _samples(document):
            samples[name].append((labels, value))
    for name, text in METRICS.items():
        if samples[name]:
            file.write(f"# HELP {name} {text}\n# TYPE {name} gauge\n")
        for labels, value in samples[name]:
            pairs = ",".join(f'{key}="{drift_reports.escaped(one)}"' for key, one in labels.items())
            file.write(f"{name}{{{pairs}}} {float(value):.17g}\n")


def sentence(document: Document) -> str:
    """What is to be said of a monitor in one line."""
    result = document["window"]["result"]
    text = f"{result['verdict']} in {visible(result['window'])}"
    names = [visible(name) for name in result["drifted_columns"]]
    if names:
        more = f" and {len(names) - LOUD_COLUMNS} more" if len(names) > LOUD_COLUMNS else ""
        text += f", {', '.join(names[:LOUD_COLUMNS])}{more}"
    if document["alert"]:
        text += ", alert" + (" (seen)" if document["alert"]["acknowledged"] else "")
    return text


def _write_metrics(performance: Document, file: TextIO) -> None:
    file.write(
        f"{format_number(performance['labelled'])} of {format_number(performance['rows'])} rows have a label\n\n"
    )
    names = ("metric", "realised", "se", "estimated", "low", "high", "reason")
    columns = [Column(name, "text" if name in ("metric", "reason") else "number") for name in names]
    write_records("md", columns, [tuple(one[name] for name in names) for one in performance["metrics"]], file)
    file.write("".join(f"\n- assumed: {visible(text)}" for text in performance["assumptions"]))
    file.write("\n" * bool(performance["assumptions"]))


def _cases(window: Document) -> Iterator[tuple[str, str, str]]:
    """Name, `failure`, `skipped` or "", and the message of each test case."""
    result = window["result"]
    performance = result["performance_verdict"]
    if performance is not None:
        kind = {"drift": "failure", "insufficient": "skipped"}.get(performance, "")
        yield "performance", kind, "; ".join(result["reasons"]) or performance
    for column in window["columns"]:
        kind = {"drift": "failure", "insufficient": "skipped", "not tested": "skipped"}.get(column["verdict"], "")
        yield column["column"], kind, drift_reports.told(column) or column["verdict"]
    if not window["columns"]:
        yield "rows", "skipped", "; ".join(result["reasons"]) or "no rows"


def _samples(document: Document) -> Iterator[tuple[str, dict[str, str], float]]:
    window = document["window"]
    result, own = window["result"], {"monitor": document["name"]}
    yield "workbench_monitor_drift", own, float(result["verdict"] == "drift")
    yield "workbench_monitor_state", own, float(STATES.get(document["state"], 5))
    yield "workbench_monitor_alert", own, float(document["alert"] is not None)
    yield "workbench_monitor_rows", own, float(result["rows"])
    if result["end_s"] is not None:
        yield "workbench_monitor_window_end_seconds", own, float(result["end_s"])
    if result["coverage"] is not None:
        yield "workbench_monitor_label_coverage", own, float(result["coverage"])
    for column in window["columns"]:
        labels = {**own, "column": column["column"]}
        yield "workbench_monitor_column_drift", labels, float(column["drifted"])
        for name, field in (("effect", "score"), ("floor", "floor")):
            number = as_number(column[field])
            if number is not None:
                yield f"workbench_monitor_column_{name}", labels, float(number)
    for one in (window["performance"] or {}).get("metrics", ()):
        for name, field in (("performance", "realised"), ("performance_estimate", "estimated")):
            number = as_number(one[field])
            if number is not None:
                yield f"workbench_monitor_{name}", {**own, "metric": one["metric"]}, float(number)
