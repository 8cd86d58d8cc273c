"""Taking a person, or what came of a deleted photo, out of the library for good."""

from shared.services.erasing.service import Erasing, Progress, Status

__all__ = ["Erasing", "Progress", "Status"]
