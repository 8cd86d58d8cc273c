"""What a browser lets the page do: its own scripts and styles, the photos' addresses, nothing else."""

import os
from collections.abc import Sequence
from urllib.parse import urlsplit

from shared.services.api.settings import api_settings


def origins() -> tuple[str, ...]:
    """Where the page's photos are read from and posted to, and where people sign in."""
    given = api_settings()
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    signs_in = (given.oidc_authorize_url, given.oidc_token_url, given.oidc_logout_url)
    parts = [urlsplit(address) for address in (endpoint, *signs_in) if address]
    named = [f"{part.scheme}://{part.netloc}" for part in parts]
    return tuple(named if endpoint else [*_buckets(), *named])


def _buckets() -> list[str]:
    """The origins S3 serves the two buckets from: with the region in their names, and without."""
    region = os.environ.get("AWS_REGION", "us-east-1")
    names = [os.environ.get(name, "") for name in ("LIBRARY_BUCKET", "UPLOADS_BUCKET")]
    return [f"https://{name}.s3.{part}amazonaws.com" for name in names if name for part in (f"{region}.", "")]


def page_headers(origins: Sequence[str]) -> dict[str, str]:
    """Security headers of the page's files.

    Parameters
    ----------
    origins : sequence of str
        Where photos are read from and posted to, and where people sign in.
    """
    elsewhere = " ".join(sorted(set(origins)))
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self' blob: data: {elsewhere}",
        f"connect-src 'self' {elsewhere}",
        f"form-action 'self' {elsewhere}",
        f"frame-src {elsewhere}",
        "manifest-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
