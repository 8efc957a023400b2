"""Errors as YooKassa words them."""

from http import HTTPStatus
from typing import Any, NoReturn
from uuid import uuid4

Json = dict[str, Any]


class Refusal(Exception):
    """A request YooKassa answers with 4xx; nothing has changed."""

    def __init__(
        self, status: HTTPStatus, code: str, description: str, parameter: str | None = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description
        self.parameter = parameter

    def body(self) -> Json:
        return error_body(self.code, self.description, self.parameter)


def error_body(code: str, description: str, parameter: str | None = None) -> Json:
    """`id` differs on every answer: support asks for it."""
    body: Json = {"type": "error", "id": str(uuid4()), "code": code, "description": description}
    if parameter is not None:
        body["parameter"] = parameter
    return body


def invalid(parameter: str, description: str) -> NoReturn:
    """400: the parameter is named dotted and without an index."""
    raise Refusal(HTTPStatus.BAD_REQUEST, "invalid_request", description, parameter)


def not_found(what: str) -> NoReturn:
    """404: the same answer for what does not exist and for what another shop owns."""
    raise Refusal(
        HTTPStatus.NOT_FOUND,
        "not_found",
        f"{what.capitalize()} doesn't exist or access denied",
        f"{what}_id",
    )


def forbidden(description: str) -> NoReturn:
    raise Refusal(HTTPStatus.FORBIDDEN, "forbidden", description)
