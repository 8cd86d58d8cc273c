"""One logger, one set of metrics and one tracer for every function."""

import os

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from shared.storage.aws import local_endpoint

__all__ = ["MetricUnit", "logger", "metrics", "tracer"]

SERVICE = "avinash-eye"
NAMESPACE = "AvinashEye"

ON_AWS = "AWS_LAMBDA_FUNCTION_NAME" in os.environ and local_endpoint() is None

TRACED = ("botocore",)
"""By itself the tracer imports every library it could patch, a third of a cold start, for nothing."""

logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
tracer = Tracer(service=SERVICE, disabled=not ON_AWS, auto_patch=ON_AWS, patch_modules=TRACED)
