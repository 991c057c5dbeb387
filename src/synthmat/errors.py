"""The errors a user can meet. Each message says what is wrong, where, and what to do."""


class SynthmatError(Exception):
    """Base of every error that synthmat raises on purpose; the command line prints it without a traceback."""


class RecipeError(SynthmatError):
    """The user's recipe is wrong; the message lists every fault as ``file:line:column: place: what``."""


class AssetError(SynthmatError):
    """A model, HDRI or photo cannot be used; the message names the file."""


class ChangedFileError(AssetError):
    """A file is not what it was when the run was planned; ``file`` is its path."""

    def __init__(self, message: str, file: str = "") -> None:
        super().__init__(message)
        self.file = file


class OutputError(SynthmatError):
    """The output folder cannot be used: it is locked by another run, not writable, or lacks an earlier stage."""


class TooFewSamplesError(OutputError):
    """The data set has no sample of a split that the training needs."""


class MissingDependencyError(SynthmatError):
    """An optional package or system library is not installed; the message gives the command that installs it."""


class OutOfMemoryError(SynthmatError):
    """The memory of the machine, of the process or of the GPU does not suffice; the message says what needs less."""


class PassedOverWarning(UserWarning):
    """A line of a list, or a file to go on from, cannot be used: it is passed over, and what it held is made again."""
