"""Lambda function `retrain`."""
