"""What a browser lets the page do: its own scripts and styles, the photos' addresses, nothing else."""

from collections.abc import Sequence


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
