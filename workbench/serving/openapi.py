"""The OpenAPI document of a model, made from its signature."""

from __future__ import annotations

from typing import Any

from . import VERSION
from .errors import CODES
from .model import Model

_TYPES: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "format": "int32"},
    "long": {"type": "integer", "format": "int64"},
    "float": {"type": "number", "format": "float"},
    "double": {"type": "number", "format": "double"},
    "string": {"type": "string"},
    "binary": {"type": "string", "format": "byte"},
    "datetime": {"type": "string", "format": "date-time"},
    "any": {},
}
_SPLIT = "dataframe_split"


def openapi(model: Model) -> dict[str, Any]:
    """The document, OpenAPI 3.1."""
    description = model.description
    route = f"/v2/models/{description.model}"
    failures = {
        status: {"description": text, "content": _json({"$ref": "#/components/schemas/Error"})}
        for status, text in (
            ("400", "The input is not what the signature says, or the model fails on it."),
            ("401", "The bearer token is missing or wrong."),
            ("413", "The body is too large."),
            ("415", "The content type is not read."),
            ("422", "There are too many rows."),
            ("503", "The model is not ready, or too many requests wait."),
            ("504", "The prediction took too long."),
        )
    }
    request: dict[str, Any] = {"required": True, "content": _json(_request(description.inputs, description.params))}
    request["content"]["text/csv"] = {"schema": {"type": "string"}}
    example = _example(model)
    if example is not None:
        request["content"]["application/json"]["example"] = example
    answer = {"description": "Predictions.", "content": _json({"$ref": "#/components/schemas/Predictions"})}
    paths: dict[str, Any] = {
        "/invocations": {
            "post": {
                "operationId": "predict",
                "summary": "Predict, in MLflow's protocol.",
                "requestBody": request,
                "responses": {"200": answer, **failures},
            }
        },
        f"{route}/infer": {
            "post": {
                "operationId": "infer",
                "summary": "Predict, in the Open Inference Protocol.",
                "requestBody": {"required": True, "content": _json({"$ref": "#/components/schemas/Infer"})},
                "responses": {"200": {"description": "Output tensors."}, **failures},
            }
        },
    }
    for path, summary in GET_ROUTES.items():
        paths[path] = {"get": {"summary": summary, "responses": {"200": {"description": summary}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": description.model, "version": description.version, "x-server-version": VERSION},
        "paths": paths,
        "components": {"schemas": _components(description.outputs)},
    }


GET_ROUTES = {
    "/": "The routes.",
    "/ping": "Whether the model is ready.",
    "/health": "Whether the model is ready.",
    "/health/live": "Whether the process answers.",
    "/health/ready": "Whether the model is ready, and if not, why.",
    "/version": "The version of this server.",
    "/metadata": "The model, its signature and the limits.",
    "/openapi.json": "This document.",
    "/metrics": "Counters for Prometheus.",
    "/v2": "The server, in the Open Inference Protocol.",
    "/v2/health/live": "Whether the process answers.",
    "/v2/health/ready": "Whether the model is ready.",
}
"""Every route that is read with GET and has a fixed path, and what it says."""


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _example(model: Model) -> Any:
    from .codec import loads

    return None if model.example is None else loads(model.example)


def _request(inputs: list[dict[str, Any]] | None, params: list[dict[str, Any]] | None) -> dict[str, Any]:
    """The schema of a body of `/invocations`: one of four shapes."""
    shapes: dict[str, Any]
    if inputs and all(spec.get("name") and spec["type"] != "tensor" for spec in inputs):
        row: dict[str, Any] = {
            "type": "object",
            "properties": {spec["name"]: schema_of(spec) for spec in inputs},
            "required": [spec["name"] for spec in inputs if spec.get("required", True)],
        }
        columns = {"type": "object", "properties": {spec["name"]: _list(schema_of(spec)) for spec in inputs}}
        names = [spec["name"] for spec in inputs]
        shapes = {
            _SPLIT: {
                "type": "object",
                "properties": {
                    "columns": {"type": "array", "items": {"enum": names}},
                    "data": _list({"type": "array", "minItems": len(names)}),
                },
                "required": ["columns", "data"],
            },
            "dataframe_records": _list(row),
            "instances": _list(row),
            "inputs": {"anyOf": [_list(row), columns]},
        }
    else:
        split = {"type": "object", "properties": {"data": _list(_list({}))}, "required": ["data"]}
        tensors = [spec for spec in inputs or [] if spec["type"] == "tensor"]
        value: dict[str, Any] = {}
        if tensors and all(spec.get("name") for spec in tensors):
            value = {
                "type": "object",
                "properties": {spec["name"]: schema_of(spec) for spec in tensors},
                "required": [spec["name"] for spec in tensors],
            }
        elif tensors:
            value = schema_of(tensors[0])
        shapes = {
            _SPLIT: split,
            "dataframe_records": _list({"type": "object"}),
            "instances": _list({}),
            "inputs": value,
        }
    extra = {"params": _params(params)} if params else {}
    return {
        "oneOf": [
            {"type": "object", "properties": {name: shape, **extra}, "required": [name]}
            for name, shape in shapes.items()
        ]
    }


def schema_of(spec: Any) -> dict[str, Any]:
    """The JSON schema of a type of MLflow's signatures."""
    kind = spec["type"] if isinstance(spec, dict) else spec
    if kind == "array":
        return _list(schema_of(spec["items"]))
    if kind == "map":
        return {"type": "object", "additionalProperties": schema_of(spec["values"])}
    if kind == "object":
        properties = spec["properties"]
        required = [name for name, item in properties.items() if item.get("required", True)]
        schemas = {name: schema_of(item) for name, item in properties.items()}
        return {"type": "object", "properties": schemas, "required": required}
    if kind == "tensor":
        dtype = spec["tensor-spec"]["dtype"]
        leaf = {"type": "number"} if dtype.startswith(("float", "int", "uint")) else {}
        schema = {"type": "boolean"} if dtype == "bool" else leaf
        for length in reversed(spec["tensor-spec"]["shape"]):
            schema = _list(schema)
            if length != -1:
                schema |= {"minItems": length, "maxItems": length}
        return schema
    return dict(_TYPES.get(kind, {}))


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _params(specs: list[dict[str, Any]]) -> dict[str, Any]:
    properties = {}
    for spec in specs:
        schema = schema_of({**spec, "type": spec.get("type") or spec.get("dtype")})
        properties[spec["name"]] = {**(_list(schema) if spec.get("shape") else schema), "default": spec.get("default")}
    return {"type": "object", "properties": properties}


def _components(outputs: list[dict[str, Any]] | None) -> dict[str, Any]:
    if outputs and all(spec.get("name") and spec["type"] != "tensor" for spec in outputs):
        item: dict[str, Any] = {"type": "object", "properties": {spec["name"]: schema_of(spec) for spec in outputs}}
        predictions = _list(item)
    elif outputs and len(outputs) == 1 and outputs[0]["type"] == "tensor":
        predictions = schema_of(outputs[0])
    else:
        predictions = {}
    field = {"type": "object", "properties": {"path": {"type": "string"}, "expected": {"type": "string"}}}
    tensor = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "shape": _list({"type": "integer"}),
            "datatype": {"type": "string"},
            "data": {"type": "array"},
        },
        "required": ["name", "shape", "datatype", "data"],
    }
    return {
        "Predictions": {"type": "object", "properties": {"predictions": predictions}, "required": ["predictions"]},
        "Infer": {
            "type": "object",
            "properties": {"id": {"type": "string"}, "inputs": _list(tensor), "parameters": {"type": "object"}},
            "required": ["inputs"],
        },
        "Error": {
            "type": "object",
            "properties": {
                "error_code": {"enum": list(CODES)},
                "message": {"type": "string"},
                "fields": _list(field),
                "request_id": {"type": "string"},
            },
            "required": ["error_code", "message", "request_id"],
        },
    }
