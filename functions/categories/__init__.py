"""Lambda function `categories`."""
