"""Serve LocalStack on 127.0.0.1 in the foreground until a signal ends it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

_SERVICES = "s3,lambda,stepfunctions,events,iam,sts,logs,cloudwatch,cloudformation,sqs,ssm,scheduler,sns,kms"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="infra.localstack.server", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="where to listen on 127.0.0.1")
    parser.add_argument("--data", type=Path, required=True, help="where state, objects and logs are kept")
    parser.add_argument("--code", type=Path, required=True, help="the task root of every function")
    parser.add_argument("--python", type=Path, required=True, help="the interpreter functions run in")
    return parser.parse_args()


def _configure(port: int, data: Path) -> None:
    for name in ("volume", "logs"):
        (data / name).mkdir(parents=True, exist_ok=True)
    os.environ.update(
        {
            "DISABLE_EVENTS": "1",
            "DNS_ADDRESS": "0",
            "EAGER_SERVICE_LOADING": "0",
            "FILESYSTEM_ROOT": str(data / "fs"),
            "GATEWAY_LISTEN": f"127.0.0.1:{port}",
            # The default server listens on every address, whatever GATEWAY_LISTEN says.
            "GATEWAY_SERVER": "hypercorn",
            "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "0.5",
            "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.2",
            "LAMBDA_KEEPALIVE_MS": "600000",
            "LOCALSTACK_HOST": f"localhost:{port}",
            "LOCALSTACK_VOLUME_DIR": str(data / "volume"),
            "SERVICES": _SERVICES,
            "SKIP_SSL_CERT_DOWNLOAD": "1",
        }
    )


def main() -> None:
    """Configure LocalStack, extend it and run it."""
    arguments = _arguments()
    data = arguments.data.resolve()
    _configure(arguments.port, data)
    # LocalStack reads its settings from the environment when it is imported.
    from infra.local.server.environment import Host
    from infra.local.server.processes import starter
    from infra.localstack import gaps
    from infra.localstack.executor import run_functions_in

    code = arguments.code.resolve()
    run_functions_in(
        Host(starter(arguments.python, code), code, data / "logs"), f"http://127.0.0.1:{arguments.port}"
    )
    gaps.close()
    from localstack.runtime.main import main as serve

    sys.argv[1:] = []
    serve()


if __name__ == "__main__":
    main()
