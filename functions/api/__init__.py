"""The page and the API behind it, served by a Lambda Function URL."""
