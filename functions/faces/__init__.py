"""Lambda function `faces`."""
