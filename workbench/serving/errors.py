"""What a request can be refused for. No error carries a value of the input, only where it was and what was expected."""

from __future__ import annotations

from typing import NamedTuple

MAX_FIELDS = 20
"""Fields that one answer names; a file of a million bad rows must not make an answer of a million lines."""


class Field(NamedTuple):
    """One place of the input that is not as the signature wants it.

    Attributes:
        path: as a programmer would write it: `dataframe_split.data[3].amount`.
        expected: what belongs there, in words.
    """

    path: str
    expected: str


class ServingError(Exception):
    """A request that is not answered with predictions.

    Attributes:
        status: of HTTP.
        code: a stable word for programs; MLflow's where MLflow has one.
        message: one English sentence without any value of the input.
        fields: the places that are wrong.
        headers: further headers of the answer.
    """

    status = 500
    code = "INTERNAL_ERROR"

    def __init__(
        self, message: str, fields: tuple[Field, ...] | list[Field] = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fields = tuple(fields[:MAX_FIELDS])
        self.headers = headers or {}


class BadRequestError(ServingError):
    """The body cannot be read."""

    status = 400
    code = "BAD_REQUEST"


class SchemaError(ServingError):
    """The body was read, but is not what the model's signature says."""

    status = 400
    code = "INVALID_PARAMETER_VALUE"


class ModelError(ServingError):
    """The model raised an error on this input; MLflow answers that with 400 as well."""

    status = 400
    code = "MODEL_ERROR"


class UnauthenticatedError(ServingError):
    """The bearer token is missing or wrong."""

    status = 401
    code = "UNAUTHENTICATED"


class NotFoundError(ServingError):
    """There is no such route or model."""

    status = 404
    code = "ENDPOINT_NOT_FOUND"


class MethodError(ServingError):
    """The route exists, but not with this method."""

    status = 405
    code = "METHOD_NOT_ALLOWED"


class BodyTooLargeError(ServingError):
    """The body has more bytes than the limit."""

    status = 413
    code = "PAYLOAD_TOO_LARGE"


class MediaTypeError(ServingError):
    """The content type is not one that is read."""

    status = 415
    code = "UNSUPPORTED_MEDIA_TYPE"


class TooManyRowsError(ServingError):
    """The body has more rows than the limit."""

    status = 422
    code = "TOO_MANY_ROWS"


class UnavailableError(ServingError):
    """The model is not ready, or too many requests wait."""

    status = 503
    code = "TEMPORARILY_UNAVAILABLE"


class TimeLimitError(ServingError):
    """The prediction took longer than the limit."""

    status = 504
    code = "DEADLINE_EXCEEDED"


CODES = tuple(sorted({ServingError.code, *(kind.code for kind in ServingError.__subclasses__())}))
"""Every `code` that an answer can have."""


class LoadError(Exception):
    """The model cannot be served; the message says why and is shown by `/health/ready`."""
