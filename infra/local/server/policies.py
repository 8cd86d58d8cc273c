"""Policies hold here as they do on AWS: a function may do what its role allows, and nothing else."""

from __future__ import annotations

from ministack import app


def trust_loopback() -> None:
    """Count what never leaves this machine as secure transport, which bucket and queue policies ask for."""
    pin = app.pin_request_origin

    def pin_as_secure(source_ip: str, _secure_transport: bool) -> None:
        pin(source_ip, True)

    app.pin_request_origin = pin_as_secure
