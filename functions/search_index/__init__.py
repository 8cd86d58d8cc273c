"""Lambda function `search_index`."""
