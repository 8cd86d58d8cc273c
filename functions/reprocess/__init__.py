"""Lambda function `reprocess`."""
