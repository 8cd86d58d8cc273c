"""`eye up` and `eye down`: the embedded cloud of this checkout."""

from pathlib import Path
from typing import Annotated

import typer

from infra.local import cloud
from infra.local.endpoints import Endpoints
from shared.cli.console import out, print_json


def addresses(endpoints: Endpoints) -> dict[str, str]:
    """What others script against: the addresses of an embedded cloud, and the token of its API."""
    return {
        "endpoint": endpoints.endpoint,
        "page": f"{endpoints.api_url}#token={endpoints.token}",
        "api": endpoints.api_url.rstrip("/"),
        "token": endpoints.token,
        "uploads_bucket": endpoints.uploads_bucket,
    }


def up(
    data: Annotated[
        Path | None,
        typer.Option(help="Where the library survives a restart; without it, `eye down` removes it."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port on 127.0.0.1; any free one when it is taken.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the addresses as JSON.")] = False,
) -> None:
    """Start the embedded cloud on this computer and deploy the library into it."""
    if as_json:
        print_json(addresses(cloud.up(data, port)))
        return
    with out.status("Starting the embedded cloud and deploying infra/template.yaml"):
        endpoints = cloud.up(data, port)
    for name, value in addresses(endpoints).items():
        out.print(f"{name.replace('_', ' '):<15} {value}", markup=False, soft_wrap=True)
    kept = "goes with `eye down`" if endpoints.temporary else f"is kept in {endpoints.data}"
    out.print(f"The library {kept}. Next: `eye add PHOTOS`", style="dim", soft_wrap=True)


def down() -> None:
    """Stop the embedded cloud."""
    if cloud.down():
        out.print("The embedded cloud is stopped.")
    else:
        out.print("No embedded cloud was running.")
