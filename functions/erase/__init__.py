"""Lambda function `erase`."""
