"""Lambda function `report`."""
