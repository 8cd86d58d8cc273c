"""Errors as problem details (RFC 9457): what is wrong, and what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)

from functions.api import answers
from shared.domain.errors import (
    EyeError,
    InvalidCorrection,
    InvalidInput,
    LostRace,
    ObjectMissing,
    StoreUnavailable,
    TrainingBusy,
)
from shared.storage.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver

STATUS: tuple[tuple[type[EyeError], HTTPStatus], ...] = (
    (ObjectMissing, HTTPStatus.NOT_FOUND),
    (TrainingBusy, HTTPStatus.CONFLICT),
    (LostRace, HTTPStatus.CONFLICT),
    (StoreUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (InvalidCorrection, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InvalidInput, HTTPStatus.BAD_REQUEST),
)


def problem(status: HTTPStatus, detail: str) -> Response[str]:
    """A problem as the resolver takes it."""
    told = answers.problem(status, detail)
    return Response(told["statusCode"], answers.PROBLEM, told["body"])


def of_error(error: EyeError) -> Response[str]:
    """A problem as the domain tells it."""
    status = next(
        (status for kind, status in STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR
    )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.warning("The request could not be answered", extra={"reason": str(error)})
    return problem(status, str(error))


def of_validation(error: RequestValidationError) -> Response[str]:
    """What is wrong with a request, field by field."""
    wrong = "; ".join(
        f"{'.'.join(str(part) for part in one['loc'] if part not in ('body', 'query', 'path'))}: {one['msg']}"
        for one in error.errors()
    )
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"The request has the wrong shape: {wrong.strip(': ')}")


def of_content_type(error: RequestUnsupportedContentType) -> Response[str]:
    """A body that is not JSON."""
    return problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The body is not JSON: send application/json ({error})"
    )


def not_found(_error: Exception) -> Response[str]:
    """An address that is none."""
    return problem(HTTPStatus.NOT_FOUND, "There is nothing here: openapi.json lists every address")


def unexpected(_error: Exception) -> Response[str]:
    """Whatever nobody foresaw: logged whole, told without details."""
    logger.exception("The request failed")
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The request failed: try again, or read `eye logs api`")


def install(app: LambdaFunctionUrlResolver) -> None:
    """Make a resolver answer errors as problems."""
    app.exception_handler(EyeError)(of_error)
    app.exception_handler(RequestValidationError)(of_validation)
    app.exception_handler(RequestUnsupportedContentType)(of_content_type)
    app.exception_handler(Exception)(unexpected)
    app.not_found(not_found)
