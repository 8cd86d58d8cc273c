"""The API's routes: each parses, asks a service, answers."""
