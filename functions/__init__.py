"""One folder a Lambda function: thin handlers that parse, call `shared.services` and answer."""
