"""Lambda function `export`."""
