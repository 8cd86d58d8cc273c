"""Lambda function `analyze`."""
