"""The errors that a convention raises to say how a run, or the loading of a model, ended. session.py turns each into
an answer."""


class SetupError(Exception):
    """The model cannot be loaded; the message tells its author what to do. Shown without a traceback."""


class InvalidInput(Exception):
    """The model's own validation refuses the input. It is the caller's fault, so the job is never tried again.
    `details`: small, JSON."""

    def __init__(self, message, details=None):
        super().__init__(message)
        self.details = details


class InvalidOutput(Exception):
    """The output of the model is not what it promised, or is neither JSON nor a file."""


class ModelError(Exception):
    """The model says that the run failed. `details`: small, JSON; `text`: its own traceback, when it gave one."""

    def __init__(self, message, details=None, text=None):
        super().__init__(message)
        self.details = details
        self.text = text


class Canceled(BaseException):
    """Raised inside the model's code when its run must stop. It is no Exception, so `except Exception` does not
    catch it."""
