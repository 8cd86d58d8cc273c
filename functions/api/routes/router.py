"""A router of its own for each group of routes."""

from aws_lambda_powertools.event_handler.router import LambdaFunctionUrlRouter


def new_router() -> LambdaFunctionUrlRouter:
    """Routes to be included in the app."""
    return LambdaFunctionUrlRouter()  # type: ignore[no-untyped-call]
