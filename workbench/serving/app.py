"""The ASGI application: which path is answered by what, limits of a request, and errors as JSON."""

from __future__ import annotations

import hmac
import os
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from . import VERSION, codec
from .errors import BodyTooLargeError, MethodError, NotFoundError, ServingError, UnauthenticatedError
from .executor import Executor
from .logs import log, where
from .model import Scored
from .open_inference import infer, model_document, server_document
from .openapi import GET_ROUTES, openapi
from .payloads import media_type
from .predictions import Entry
from .service import Service

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = b"application/json"
TEXT = b"text/plain; charset=utf-8"
OPEN_ROUTES = frozenset(("/ping", "/health", "/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready"))
"""Answered without a token: they say nothing but whether the model is ready."""

_MODEL_ROUTE = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?(/ready|/infer)?")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")


class Answer(NamedTuple):
    """What is sent back."""

    status: int
    body: bytes
    kind: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Request:
    """The head of a request: what of it is used."""

    __slots__ = ("authorization", "content_type", "length", "method", "path", "request_id", "route", "started")

    def __init__(self, scope: Scope, new_id: Callable[[], bytes]) -> None:
        self.started = time.perf_counter()
        self.path: str = scope["path"]
        self.method: str = scope["method"]
        self.route = self.path
        self.content_type = self.length = self.authorization = b""
        given = b""
        for name, value in scope["headers"]:
            if name == b"content-type":
                self.content_type = value
            elif name == b"content-length":
                self.length = value
            elif name == b"x-request-id":
                given = value
            elif name == b"authorization":
                self.authorization = value
        self.request_id: bytes = given if given and _REQUEST_ID.fullmatch(given) else new_id()


class App:
    """The application of one process."""

    def __init__(self, service: Service) -> None:
        """Make the application; in the process that answers, for it has threads of its own."""
        self._service = service
        self._metrics = service.metrics
        self._executor = Executor(service.settings, service.threads, service.metrics)
        self._token = service.settings.token.encode()
        self._id_head = os.urandom(8).hex()
        self._id_number = 0
        self._documents: dict[str, bytes] = {}
        self._routes: dict[str, Callable[[], Answer]] = {
            "/": self._index,
            "/ping": self._ping,
            "/health": self._ping,
            "/health/live": lambda: Answer(200, b'{"live":true}'),
            "/health/ready": self._ready,
            "/version": lambda: Answer(200, VERSION.encode(), TEXT),
            "/metadata": lambda: Answer(200, codec.dumps(service.metadata())),
            "/openapi.json": self._openapi,
            "/metrics": self._text,
            "/v2": lambda: Answer(200, codec.dumps(server_document())),
            "/v2/health/live": lambda: Answer(200, b'{"live":true}'),
            "/v2/health/ready": self._ready,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        if scope["type"] != "http":
            return
        request = Request(scope, self._new_id)
        self._metrics.add("in_flight")
        scored: Scored | None = None
        fields: list[str] = []
        try:
            if request.path == "/invocations":
                scored = await self._invocations(request, receive)
                answer = Answer(200, scored.body)
            else:
                answer, scored = await self._other(request, receive)
        except ServingError as error:
            answer = self._failure(request, error)
            fields = [field.path for field in error.fields]
        except Exception as error:
            log("error", "a request failed", path=request.route, error=type(error).__name__, frames=where(error))
            answer = self._failure(request, ServingError("the server failed; its log says where"))
        duration_s = time.perf_counter() - request.started
        self._metrics.add("in_flight", -1)
        self._metrics.observe(request.route, answer.status, duration_s)
        try:
            await self._send(send, request, answer)
        finally:
            if request.route in ("/invocations", "/v2/infer") and request.method == "POST":
                self._remember(request, answer.status, duration_s, scored, fields)

    async def _invocations(self, request: Request, receive: Receive) -> Scored:
        if request.method != "POST":
            raise MethodError("this route is asked with POST", headers={"allow": "POST"})
        self._authenticate(request)
        model = self._service.ready_model()
        kind = media_type(request.content_type.decode("latin-1"))
        body = await self._body(request, receive)
        return await self._executor.run(lambda: model.score(body, kind), len(body))

    async def _other(self, request: Request, receive: Receive) -> tuple[Answer, Scored | None]:
        """Every route but `/invocations`."""
        if request.path not in OPEN_ROUTES:
            self._authenticate(request)
        handler = self._routes.get(request.path)
        if handler is not None:
            self._hold_get(request)
            return handler(), None
        match = _MODEL_ROUTE.fullmatch(request.path)
        if match is None:
            raise NotFoundError("there is no such route; GET / lists them")
        return await self._model_route(request, receive, *match.groups())

    async def _model_route(
        self, request: Request, receive: Receive, name: str, version: str | None, action: str | None
    ) -> tuple[Answer, Scored | None]:
        """The routes of the Open Inference Protocol that name a model."""
        request.route = "/v2/infer" if action == "/infer" else "/v2"
        model = self._service.ready_model()
        if unquote(name) != model.description.model or version not in (None, model.description.version):
            raise NotFoundError("this server has another model; GET /metadata names it")
        if action != "/infer":
            self._hold_get(request)
            return (self._ready() if action else Answer(200, codec.dumps(model_document(model)))), None
        if request.method != "POST":
            raise MethodError("this route is asked with POST", headers={"allow": "POST"})
        body = await self._body(request, receive)
        limit = self._service.settings.max_rows
        scored = await self._executor.run(lambda: infer(model, body, limit), len(body))
        return Answer(200, scored.body), scored

    async def _body(self, request: Request, receive: Receive) -> bytes:
        """The whole body.

        Raises:
            BodyTooLargeError: it is longer than the limit; what is too much is not read.
        """
        limit = self._service.settings.max_body_bytes
        if request.length.isdigit() and int(request.length) > limit:
            raise _too_large(limit)
        message = await receive()
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            parts, size = [body], len(body)
            while message.get("more_body") and size <= limit:
                message = await receive()
                parts.append(message.get("body", b""))
                size += len(parts[-1])
            body = b"".join(parts)
        if len(body) > limit:
            raise _too_large(limit)
        return body

    def _authenticate(self, request: Request) -> None:
        if not self._token:
            return
        scheme, _, token = request.authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not hmac.compare_digest(token.strip(), self._token):
            raise UnauthenticatedError("a bearer token is needed", headers={"www-authenticate": "Bearer"})

    @staticmethod
    def _hold_get(request: Request) -> None:
        if request.method not in ("GET", "HEAD"):
            raise MethodError("this route is read with GET", headers={"allow": "GET, HEAD"})

    def _index(self) -> Answer:
        routes = {"POST /invocations": "Predict, in MLflow's protocol."}
        routes.update({f"GET {path}": words for path, words in GET_ROUTES.items()})
        name = self._service.model.description.model if self._service.model else "{model}"
        routes[f"GET /v2/models/{name}"] = "The model, in the Open Inference Protocol."
        routes[f"POST /v2/models/{name}/infer"] = "Predict, in the Open Inference Protocol."
        return Answer(200, codec.dumps({"state": self._service.state, "routes": routes}))

    def _ping(self) -> Answer:
        return Answer(200, b"\n") if self._service.state == "ready" else self._ready()

    def _ready(self) -> Answer:
        state = self._service.state
        if state == "ready":
            return Answer(200, b'{"ready":true,"state":"ready"}')
        document = {"ready": False, "state": state, **({"error": self._service.error} if self._service.error else {})}
        return Answer(503, codec.dumps(document))

    def _openapi(self) -> Answer:
        if "openapi" not in self._documents:
            self._documents["openapi"] = codec.dumps(openapi(self._service.ready_model()))
        return Answer(200, self._documents["openapi"])

    def _text(self) -> Answer:
        info = {}
        if self._service.model is not None:
            document = self._service.model.document()
            info = {name: str(document[name]) for name in ("model", "version", "run_id", "digest", "flavor", "loader")}
        text = self._metrics.text(info, self._service.state == "ready")
        return Answer(200, text.encode(), b"text/plain; version=0.0.4; charset=utf-8")

    def _failure(self, request: Request, error: ServingError) -> Answer:
        self._metrics.error(error.code)
        document: dict[str, Any] = {
            "error_code": error.code,
            "message": error.message,
            "fields": [{"path": field.path, "expected": field.expected} for field in error.fields],
            "request_id": request.request_id.decode("ascii"),
        }
        if request.path.startswith("/v2"):
            document["error"] = error.message
        headers = tuple((name.encode(), value.encode()) for name, value in error.headers.items())
        if error.status == 413:  # the rest of the body is not read
            headers += ((b"connection", b"close"),)
        return Answer(error.status, codec.dumps(document), JSON, headers)

    async def _send(self, send: Send, request: Request, answer: Answer) -> None:
        headers = [
            (b"content-type", answer.kind),
            (b"content-length", b"%d" % len(answer.body)),
            (b"x-request-id", request.request_id),
            *answer.headers,
        ]
        if self._service.draining and answer.status != 413:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _remember(
        self, request: Request, status: int, duration_s: float, scored: Scored | None, fields: list[str]
    ) -> None:
        """Count the rows, and leave them to the prediction log."""
        if scored is not None:
            self._metrics.add("rows_total", scored.batch.count)
        predictions = self._service.predictions
        if predictions is not None:
            batch, answers = (scored.batch, scored.predictions) if scored is not None else (None, None)
            request_id = request.request_id.decode("ascii")
            predictions.offer(Entry(time.time(), request_id, status, duration_s, batch, answers, fields))

    def _new_id(self) -> bytes:
        self._id_number += 1
        return b"%s-%x" % (self._id_head.encode(), self._id_number)


def _too_large(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(f"a body has at most {limit} bytes")
