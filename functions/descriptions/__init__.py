"""Lambda function `descriptions`."""
