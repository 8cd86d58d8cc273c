"""Every error the product raises on purpose, named so that a state machine can retry or catch it by class."""


class EyeError(Exception):
    """The base of all: its message is one sentence that says what is wrong and what to do."""


class TransientError(EyeError):
    """Worth retrying unchanged: a throttled or unreachable store, a lost race."""


class StoreUnavailable(TransientError):
    """The object store did not answer or asked to slow down."""


class StoreRefused(EyeError):
    """The object store does not let this program do what it asked."""


class LostRace(TransientError):
    """Somebody else wrote the object first; re-read it and apply the change again."""


class ObjectMissing(EyeError):
    """No object stands at the key."""


class UnreadablePhoto(EyeError):
    """The bytes are not a photo this system can read; the message is the reason shown in quarantine."""


class MetadataNotFound(EyeError):
    """A phase was started without an export."""

    def __init__(self) -> None:
        super().__init__("Metadata file not found: run export first")


class ModelUnavailable(EyeError):
    """A model file is missing or is not the file the manifest names."""


class BundleInvalid(EyeError):
    """A bundle's files do not match its manifest, or the manifest is not there."""


class TrainingBusy(EyeError):
    """Another training holds the lock."""


class InvalidInput(EyeError):
    """An event, argument or configuration has the wrong shape; the message names the field."""


class InvalidCorrection(InvalidInput):
    """A correction names something that is not there or says something impossible."""
