"""Every route, every limit and every error, without a socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.serving import models
from tests.serving.servers import ask
from workbench.serving.app import App
from workbench.serving.description import describe
from workbench.serving.openapi import GET_ROUTES
from workbench.serving.service import Service
from workbench.serving.settings import Settings

ROW = {"sl": 5.1, "sw": 3.5, "pl": 1.4, "pw": 0.2}
GOOD = {"dataframe_records": [ROW, ROW]}


def app_of(folder: Path, **settings: Any) -> App:
    service = Service(models.described(folder, model="iris", version="3"), Settings(**settings))
    service.load()
    return App(service)


@pytest.fixture
def app(iris: Path) -> App:
    return app_of(iris)


def test_predictions_are_answered_with_the_id_of_the_request(app: App) -> None:
    reply = ask(app, "POST", "/invocations", GOOD, x_request_id="order-17")
    assert (reply.status, reply.json) == (200, {"predictions": [0, 0]})
    assert reply.headers["x-request-id"] == "order-17"
    assert reply.headers["content-type"] == "application/json"
    made = [ask(app, "POST", "/invocations", GOOD).headers["x-request-id"] for _ in range(2)]
    assert len(set(made)) == 2
    odd = ask(app, "POST", "/invocations", GOOD, x_request_id="a b\u00e9")
    assert odd.headers["x-request-id"] not in ("a b\u00e9", "")


def test_a_refusal_names_the_place_and_keeps_mlflows_keys(app: App) -> None:
    body = {"dataframe_split": {"columns": list(ROW), "data": [[1, 1, 1, 1], [1, 1, "secret", 1]]}}
    reply = ask(app, "POST", "/invocations", body, x_request_id="r1")
    assert reply.status == 400
    assert reply.json == {
        "error_code": "INVALID_PARAMETER_VALUE",
        "message": "the input is not what the model's signature says",
        "fields": [{"path": "dataframe_split.data[1].pl", "expected": "a number or null"}],
        "request_id": "r1",
    }


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"),
    [
        ("POST", "/invocations", b"{", {}, 400, "BAD_REQUEST"),
        ("POST", "/invocations", {"inputs": {"sl": [None], "sw": [1], "pl": [1], "pw": [1]}}, {}, 400, "MODEL_ERROR"),
        ("POST", "/invocations", b"x" * 2001, {}, 413, "PAYLOAD_TOO_LARGE"),
        ("POST", "/invocations", b"x", {"content_length": "2001"}, 413, "PAYLOAD_TOO_LARGE"),
        ("POST", "/invocations", b"x", {"content_type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("POST", "/invocations", {"dataframe_records": [ROW] * 6}, {}, 422, "TOO_MANY_ROWS"),
        ("GET", "/invocations", None, {}, 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/metrics", b"{}", {}, 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/nothing", None, {}, 404, "ENDPOINT_NOT_FOUND"),
        ("GET", "/v2/models/other", None, {}, 404, "ENDPOINT_NOT_FOUND"),
        ("GET", "/v2/models/iris/versions/4", None, {}, 404, "ENDPOINT_NOT_FOUND"),
        ("GET", "/v2/models/iris/infer", None, {}, 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_every_error_has_its_status_and_code(
    iris: Path, method: str, path: str, body: Any, headers: dict[str, str], status: int, code: str
) -> None:
    app = app_of(iris, max_body_bytes=2000, max_rows=5)
    reply = ask(app, method, path, body, **headers)
    assert (reply.status, reply.json["error_code"]) == (status, code)
    assert set(reply.json) >= {"error_code", "message", "fields", "request_id"}
    text = ask(app, "GET", "/metrics").body.decode()
    assert f'workbench_serving_errors_total{{code="{code}"}} 1' in text


def test_every_route_that_is_listed_answers(app: App) -> None:
    listed = ask(app, "GET", "/").json["routes"]
    assert {route for route in listed if route.startswith("GET")} >= {f"GET {path}" for path in GET_ROUTES}
    for route in listed:
        method, path = route.split()
        assert ask(app, method, path, {} if method == "POST" else None).status in (200, 400), route


def test_a_token_guards_everything_but_health(iris: Path) -> None:
    app = app_of(iris, token="s3cret")
    for path in ("/ping", "/health/live", "/health/ready", "/v2/health/live"):
        assert ask(app, "GET", path).status == 200
    for path in ("/", "/metrics", "/metadata", "/openapi.json", "/v2", "/v2/models/iris"):
        assert ask(app, "GET", path).status == 401, path
        assert ask(app, "GET", path, authorization="Bearer s3cret").status == 200, path
    for wrong in ("", "Bearer wrong", "Basic s3cret", "s3cret"):
        reply = ask(app, "POST", "/invocations", GOOD, authorization=wrong)
        assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert ask(app, "POST", "/invocations", GOOD, authorization="bearer s3cret").status == 200


def test_before_the_model_is_loaded_only_liveness_says_yes(iris: Path) -> None:
    service = Service(describe(str(iris)), Settings())
    app = App(service)
    assert ask(app, "GET", "/health/live").status == 200
    assert ask(app, "GET", "/health/ready").json == {"ready": False, "state": "loading"}
    reply = ask(app, "POST", "/invocations", GOOD)
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    service.load()
    assert ask(app, "GET", "/health/ready").json == {"ready": True, "state": "ready"}
    assert ask(app, "GET", "/ping").body == b"\n"
    service.draining = True
    assert ask(app, "GET", "/health/ready").json["state"] == "draining"
    assert ask(app, "POST", "/invocations", GOOD).headers["connection"] == "close"


def test_why_a_model_cannot_be_served_is_said_by_readiness(loans: Path) -> None:
    service = Service(describe(str(loans)), Settings())
    service.load()
    reply = ask(App(service), "GET", "/health/ready")
    assert (reply.status, reply.json["state"]) == (503, "failed")
    assert "allow_pickle" in reply.json["error"]


def test_an_unexpected_error_is_500_without_its_message(iris: Path, capfd: pytest.CaptureFixture[str]) -> None:
    app = app_of(iris)

    def broken() -> Any:
        raise RuntimeError("a secret value")

    app._routes["/metadata"] = broken
    reply = ask(app, "GET", "/metadata")
    assert (reply.status, reply.json["error_code"]) == (500, "INTERNAL_ERROR")
    said = capfd.readouterr().err
    assert json.loads(said.splitlines()[-1])["error"] == "RuntimeError"
    assert "secret" not in said + reply.body.decode()


def test_metadata_names_the_model_its_signature_and_the_limits(app: App) -> None:
    found = ask(app, "GET", "/metadata").json
    assert (found["model"], found["version"], found["loader"], found["flavor"]) == ("iris", "3", "native", "sklearn")
    assert [column["name"] for column in found["signature"]["inputs"]] == list(ROW)
    assert found["limits"] == {"body_bytes": 10_000_000, "rows": 10_000, "time_s": 30.0, "queue": 64}
    assert found["prediction_log"]["mode"] == "none"


def test_the_openapi_document_describes_what_is_accepted(app: App) -> None:
    document = ask(app, "GET", "/openapi.json").json
    content = document["paths"]["/invocations"]["post"]["requestBody"]["content"]["application/json"]
    shapes = {next(iter(item["properties"])): item for item in content["schema"]["oneOf"]}
    assert set(shapes) == {"dataframe_split", "dataframe_records", "instances", "inputs"}
    row = shapes["dataframe_records"]["properties"]["dataframe_records"]["items"]
    assert row["required"] == list(ROW)
    assert row["properties"]["sl"] == {"type": "number", "format": "double"}
    assert shapes["inputs"]["properties"]["params"]["properties"]["limit"]["default"] == 1
    assert ask(app, "POST", "/invocations", content["example"]).status == 200
    assert document["components"]["schemas"]["Predictions"]["properties"]["predictions"]["items"] == {"type": "number"}


def test_a_model_of_tensors_has_an_openapi_document_too(matrix: Path) -> None:
    document = ask(app_of(matrix), "GET", "/openapi.json").json
    schema = document["paths"]["/invocations"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    value = next(item for item in schema["oneOf"] if "inputs" in item["properties"])["properties"]["inputs"]
    assert value["items"] == {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3}


def tensor(name: str, shape: list[int], data: Any, datatype: str = "FP64") -> dict[str, Any]:
    return {"name": name, "shape": shape, "datatype": datatype, "data": data}


@pytest.mark.parametrize(
    "inputs",
    [
        [tensor("input-0", [2, 4], [5.1, 3.5, 1.4, 0.2, 8, 8, 8, 8])],
        [tensor("input-0", [2, 4], [[5.1, 3.5, 1.4, 0.2], [8, 8, 8, 8]])],
        [tensor(name, [2], [value, 8]) for name, value in ROW.items()],
        [tensor(name, [2, 1], [[value], [8]]) for name, value in reversed(ROW.items())],
    ],
)
def test_the_open_inference_protocol_takes_a_matrix_or_columns(app: App, inputs: Any) -> None:
    body = {"id": "x1", "inputs": inputs}
    for path in ("/v2/models/iris/infer", "/v2/models/iris/versions/3/infer"):
        assert ask(app, "POST", path, body).json == {
            "model_name": "iris",
            "model_version": "3",
            "id": "x1",
            "outputs": [{"name": "predictions", "shape": [2], "datatype": "INT64", "data": [0, 1]}],
        }


@pytest.mark.parametrize(
    "inputs",
    [
        None,
        [],
        [3],
        [tensor("a", [2], [1])],
        [tensor("a", [-1], [1])],
        [tensor("a", [1], "secret")],
        [tensor("a", [1], [1], "FP128")],
        [tensor("a", [2], [[1], 2])],
        [tensor("sl", [1], ["secret"]), *(tensor(name, [1], [1]) for name in ("sw", "pl", "pw"))],
        [tensor("sl", [1], [1]), tensor("sl", [1], [1])],
        [tensor("sl", [1], [1]), tensor("sw", [2], [1, 2])],
        [tensor("secret", [1], [1])],
    ],
)
def test_tensors_that_do_not_fit_are_refused(app: App, inputs: Any) -> None:
    reply = ask(app, "POST", "/v2/models/iris/infer", {"inputs": inputs})
    assert reply.status == 400
    assert reply.json["error"] == reply.json["message"]
    assert b"secret" not in reply.body


def test_the_open_inference_protocol_describes_the_model(app: App, matrix: Path) -> None:
    found = ask(app, "GET", "/v2/models/iris").json
    assert found["inputs"][0] == {"name": "sl", "datatype": "FP64", "shape": [-1]}
    assert found["outputs"] == [{"name": "predictions", "datatype": "INT64", "shape": [-1]}]
    assert ask(app, "GET", "/v2/models/iris/ready").status == 200
    other = app_of(matrix)
    assert ask(other, "GET", "/v2/models/iris").json["inputs"][0]["shape"] == [-1, 3]
    reply = ask(other, "POST", "/v2/models/iris/infer", {"inputs": [tensor("x", [1, 3], [1, 2, 3])]})
    assert reply.json["outputs"][0]["data"] == pytest.approx([6])


def test_metrics_count_what_happened(app: App) -> None:
    for _ in range(3):
        ask(app, "POST", "/invocations", GOOD)
    ask(app, "POST", "/invocations", b"{")
    text = ask(app, "GET", "/metrics").body.decode()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert values['workbench_serving_requests_total{route="/invocations",status="200"}'] == "3"
    assert values['workbench_serving_requests_total{route="/invocations",status="400"}'] == "1"
    assert values['workbench_serving_request_seconds_count{route="/invocations"}'] == "4"
    assert values['workbench_serving_request_seconds_bucket{route="/invocations",le="+Inf"}'] == "4"
    assert values["workbench_serving_rows_total"] == "6"
    assert values["workbench_serving_in_flight"] == "1"
    assert values["workbench_serving_ready"] == "1"
    assert any(line.startswith('workbench_serving_model_info{model="iris",version="3"') for line in values)
