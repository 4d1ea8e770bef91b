"""Beside MLflow's own scoring server: the same payloads, the same class of status, the same predictions.

What differs on purpose is listed in `DIFFERENCES`, with both statuses, and in docs/serving.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import models
from tests.serving.servers import ask
from workbench.serving.app import App
from workbench.serving.service import Service
from workbench.serving.settings import Settings

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore")]

IRIS = ["sl", "sw", "pl", "pw"]
ROW = [5.1, 3.5, 1.4, 0.2]
HIGH = [8.0, 8.0, 8.0, 8.0]
RECORD = dict(zip(IRIS, ROW, strict=True))
LOANS = ["country", "age", "member", "income"]
LOAN = ["de", 40, True, 70.5]
JSON, CSV = "application/json", "text/csv"


def split(rows: Any, names: Any = IRIS, **more: Any) -> dict[str, Any]:
    return {"dataframe_split": {"columns": names, "data": rows, **more}}


def loan(**changes: Any) -> dict[str, Any]:
    return {"dataframe_records": [{**dict(zip(LOANS, LOAN, strict=True)), **changes}]}


CASES: list[tuple[str, str, Any, str]] = [
    ("iris", "split", split([ROW, HIGH]), JSON),
    ("iris", "split reordered", split([ROW[::-1], HIGH], IRIS[::-1]), JSON),
    ("iris", "split with whole numbers", split([[5, 3, 1, 0]]), JSON),
    ("iris", "split with an index", split([ROW, HIGH], index=[7, 9]), JSON),
    ("iris", "split with a wrong index", split([ROW, HIGH], index=[7]), JSON),
    ("iris", "split with an extra column", split([[*ROW, "x"]], [*IRIS, "more"]), JSON),
    ("iris", "split without a column", split([ROW[:3]], IRIS[:3]), JSON),
    ("iris", "split without names", {"dataframe_split": {"data": [ROW]}}, JSON),
    ("iris", "split with short rows", split([ROW, ROW[:3]]), JSON),
    ("iris", "split with a long row", split([[*ROW, 1.0]]), JSON),
    ("iris", "split with null", split([[None, 1, 1, 1]]), JSON),
    ("iris", "split with text", split([["many", 1, 1, 1]]), JSON),
    ("iris", "split with a list inside", split([[[1], 1, 1, 1]]), JSON),
    ("iris", "split without rows", split([]), JSON),
    ("iris", "split without data", {"dataframe_split": {"columns": IRIS}}, JSON),
    ("iris", "split with an unknown key", split([ROW], more=1), JSON),
    ("iris", "split that is a list", {"dataframe_split": [ROW]}, JSON),
    ("iris", "split with a column twice", split([[*ROW, 1.0]], [*IRIS, "sl"]), JSON),
    ("iris", "records", {"dataframe_records": [RECORD, RECORD]}, JSON),
    ("iris", "records in another order", {"dataframe_records": [dict(reversed(RECORD.items()))]}, JSON),
    ("iris", "records with an extra key", {"dataframe_records": [{**RECORD, "more": 1}]}, JSON),
    ("iris", "records with a missing key", {"dataframe_records": [{"sl": 1.0}]}, JSON),
    ("iris", "records, one of which lacks a key", {"dataframe_records": [RECORD, {"sl": 1.0}]}, JSON),
    ("iris", "records that are an object", {"dataframe_records": RECORD}, JSON),
    ("iris", "records that are empty", {"dataframe_records": []}, JSON),
    ("iris", "instances of objects", {"instances": [RECORD, dict.fromkeys(IRIS, 8)]}, JSON),
    ("iris", "instances of lists", {"instances": [ROW]}, JSON),
    ("iris", "instances that are empty", {"instances": []}, JSON),
    ("iris", "instances of different keys", {"instances": [RECORD, {"sl": 1.0}]}, JSON),
    ("iris", "inputs by column", {"inputs": {name: [1.0, 8.0] for name in IRIS}}, JSON),
    ("iris", "inputs by column of different lengths", {"inputs": {**{n: [1.0] for n in IRIS}, "sl": [1, 2]}}, JSON),
    ("iris", "inputs of one row", {"inputs": RECORD}, JSON),
    ("iris", "inputs of objects", {"inputs": [RECORD, RECORD]}, JSON),
    ("iris", "inputs of lists", {"inputs": [ROW]}, JSON),
    ("iris", "inputs that lack a column", {"inputs": {"sl": [1.0]}}, JSON),
    ("iris", "inputs that are text", {"inputs": "many"}, JSON),
    ("iris", "inputs that are null", {"inputs": None}, JSON),
    ("iris", "two shapes at once", {**split([ROW]), "inputs": [RECORD]}, JSON),
    ("iris", "no shape", {"rows": [ROW]}, JSON),
    ("iris", "an empty object", {}, JSON),
    ("iris", "a list", [ROW], JSON),
    ("iris", "a number", 3, JSON),
    ("iris", "no JSON", b"{", JSON),
    ("iris", "no UTF-8", b'{"inputs": "\xff"}', JSON),
    ("iris", "an empty body", b"", JSON),
    ("iris", "parameters", {**split([ROW]), "params": {"limit": 3, "names": ["b"]}}, JSON),
    ("iris", "unknown parameters", {**split([ROW]), "params": {"more": 3}}, JSON),
    ("iris", "parameters of another type", {**split([ROW]), "params": {"limit": "x"}}, JSON),
    ("iris", "a parameter that is no list", {**split([ROW]), "params": {"names": "b"}}, JSON),
    ("iris", "a key that is not known", {**split([ROW]), "comment": "x"}, JSON),
    ("iris", "JSON with a charset", split([ROW]), "application/json; charset=utf-8"),
    ("iris", "JSON in latin 1", split([ROW]), "application/json; charset=latin-1"),
    ("iris", "another parameter of the type", split([ROW]), "application/json; format=pandas"),
    ("iris", "another type", split([ROW]), "text/plain"),
    ("iris", "CSV", b"sl,sw,pl,pw\n5.1,3.5,1.4,0.2\n8,8,8,8\n", CSV),
    ("iris", "CSV reordered with an extra column", b"pw,x,pl,sw,sl\n0.2,a,1.4,3.5,5.1\n", CSV),
    ("iris", "CSV with text", b"sl,sw,pl,pw\nmany,3.5,1.4,0.2\n", CSV),
    ("iris", "CSV without a column", b"sl,sw,pl\n1,2,3\n", CSV),
    ("iris", "CSV with an empty field", b"sl,sw,pl,pw\n,3.5,1.4,0.2\n", CSV),
    ("iris", "CSV with a blank line", b"sl,sw,pl,pw\n\n8,8,8,8\n\n", CSV),
    ("iris", "CSV that is empty", b"", CSV),
    ("iris", "CSV with a header only", b"sl,sw,pl,pw\n", CSV),
    ("iris", "CSV with a long row", b"sl,sw,pl,pw\n1,2,3,4,5,6\n1,2,3,4\n", CSV),
    ("iris", "NaN in the body", b'{"inputs": {"sl": [NaN], "sw": [1], "pl": [1], "pw": [1]}}', JSON),
    ("iris", "CSV with a short row", b"sl,sw,pl,pw\n1,2,3\n", CSV),
    ("loans", "text, whole, true", loan(), JSON),
    ("loans", "an unknown category in unicode", loan(country="Österreich 🏔"), JSON),
    ("loans", "text that looks like a number", loan(country="007"), JSON),
    ("loans", "a whole number written with a point", loan(age=40.0), JSON),
    ("loans", "a whole number that is null", loan(age=None), JSON),
    ("loans", "a whole number that is text", loan(age="old"), JSON),
    (
        "loans",
        "CSV with quotes and unicode",
        'country,age,member,income\n"de",40,True,70.5\n"Ö, ""x""",18,False,1\n',
        CSV,
    ),
    ("loans", "CSV with leading zeros", b"country,age,member,income\n007,40,True,70.5\n", CSV),
    ("loans", "CSV with a point", b"country,age,member,income\nde,40.0,True,1\n", CSV),
    ("loans", "CSV with a wrong flag", b"country,age,member,income\nde,40,perhaps,70.5\n", CSV),
    ("loans", "inputs by column", {"inputs": {n: [v, v] for n, v in zip(LOANS, LOAN, strict=True)}}, JSON),
    ("matrix", "inputs", {"inputs": [[1, 2, 3], [4, 5, 6.5]]}, JSON),
    ("matrix", "instances", {"instances": [[1, 2, 3]]}, JSON),
    ("matrix", "split", split([[1, 2, 3]], ["a", "b", "c"]), JSON),
    ("matrix", "inputs of another shape", {"inputs": [[1, 2]]}, JSON),
    ("matrix", "inputs of one dimension", {"inputs": [1, 2, 3]}, JSON),
    ("matrix", "ragged inputs", {"inputs": [[1, 2, 3], [4]]}, JSON),
    ("matrix", "inputs of text", {"inputs": [["a", 2, 3]]}, JSON),
    ("matrix", "an object", {"inputs": {"a": [1, 2, 3]}}, JSON),
]

DIFFERENCES: list[tuple[str, str, Any, str, int, int]] = [
    ("iris", "text that is a number", split([["5.1", 1, 1, 1]]), JSON, 200, 400),
    ("iris", "true for a number", split([[True, 1, 1, 1]]), JSON, 200, 400),
    ("iris", "lists and scalars mixed", {"inputs": {**RECORD, "sl": [1.0, 2.0]}}, JSON, 200, 400),
    ("loans", "a fraction for a whole number", loan(age=40.7), JSON, 200, 400),
    ("loans", "a number for text", loan(country=7), JSON, 200, 400),
    ("loans", "text for true or false", loan(member="no"), JSON, 200, 400),
    ("loans", "null for true or false", loan(member=None), JSON, 200, 400),
    ("matrix", "text that is a number", {"inputs": [["1", 2, 3]]}, JSON, 200, 400),
    ("matrix", "CSV", b"a,b,c\n1.5,2.5,3.5\n", CSV, 400, 200),
]
"""Payloads that MLflow answers with the first status and this server with the second."""


class Mlflow:
    """MLflow's application, without a socket."""

    def __init__(self, folder: Path) -> None:
        with models.quietly():
            from mlflow import pyfunc
            from mlflow.pyfunc.scoring_server import init

            self._app = init(pyfunc.load_model(str(folder)))

    def ask(self, body: bytes, kind: str) -> tuple[int, Any]:
        """The status, and predictions where there are some; an exception that nobody catches is 500."""
        with models.quietly():
            try:
                reply = ask(self._app, "POST", "/invocations", body, content_type=kind)
            except Exception:
                return 500, None
        return reply.status, reply.json["predictions"] if reply.status == 200 else None


@pytest.fixture(scope="module")
def both(iris: Path, loans: Path, matrix: Path) -> Iterator[dict[str, tuple[Mlflow, App]]]:
    found = {}
    for name, folder in (("iris", iris), ("loans", loans), ("matrix", matrix)):
        service = Service(models.described(folder, allow_pickle=True), Settings())
        service.load()
        found[name] = (Mlflow(folder), App(service))
    yield found


def body_of(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@pytest.mark.parametrize(("model", "name", "value", "kind"), CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES])
def test_a_payload_is_answered_as_mlflow_answers_it(both: Any, model: str, name: str, value: Any, kind: str) -> None:
    mlflow, app = both[model]
    status, predictions = mlflow.ask(body_of(value), kind)
    reply = ask(app, "POST", "/invocations", body_of(value), content_type=kind)
    assert reply.status == status
    if status == 200:
        assert reply.json["predictions"] == predictions


@pytest.mark.parametrize(
    ("model", "name", "value", "kind", "theirs", "ours"), DIFFERENCES, ids=[f"{c[0]}: {c[1]}" for c in DIFFERENCES]
)
def test_what_differs_on_purpose_differs_so(
    both: Any, model: str, name: str, value: Any, kind: str, theirs: int, ours: int
) -> None:
    mlflow, app = both[model]
    assert mlflow.ask(body_of(value), kind)[0] == theirs
    assert ask(app, "POST", "/invocations", body_of(value), content_type=kind).status == ours


def test_there_are_enough_payloads() -> None:
    assert len(CASES) + len(DIFFERENCES) >= 60
