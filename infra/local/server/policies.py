"""Policies hold here as they do on AWS: a function may do what its role allows, and nothing else."""

from __future__ import annotations

import re
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator

_SESSION = re.compile(r"^arn:(?P<partition>[^:]+):sts::(?P<account>\d+):assumed-role/(?P<role>.+)/[^/]+$")
_CONDITIONAL = ("if-match", "if-none-match")


def trust_loopback() -> None:
    """Count what never leaves this machine as secure transport, which bucket and queue policies ask for."""
    pin = app.pin_request_origin

    def pin_as_secure(source_ip: str, _secure_transport: bool) -> None:
        pin(source_ip, True)

    app.pin_request_origin = pin_as_secure


def tell_conditional_writes() -> None:
    """Give policies the keys `s3:if-match` and `s3:if-none-match` of a write."""
    keys_of = iam_actions.s3_service_context

    def keys_with_conditions(
        action: str, query: dict[str, Any] | None, path: str = "", headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        found: dict[str, Any] = keys_of(action, query, path, headers)
        if action == "s3:PutObject":
            found |= {f"s3:{name}": headers[name] for name in _CONDITIONAL if headers and headers.get(name)}
        return found

    iam_actions.s3_service_context = keys_with_conditions


def name_roles() -> None:
    """Give policies the role of a session as `aws:PrincipalArn`, as AWS does, not the session."""
    resolve = iam_evaluator._resolve_condition_key

    def resolve_role(key: str, context: Any) -> Any:
        found = resolve(key, context)
        session = _SESSION.match(found) if key.lower() == "aws:principalarn" and found else None
        if session is None:
            return found
        return f"arn:{session['partition']}:iam::{session['account']}:role/{session['role']}"

    iam_evaluator._resolve_condition_key = resolve_role
