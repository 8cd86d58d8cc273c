"""Lambda function `improved_descriptions`."""
