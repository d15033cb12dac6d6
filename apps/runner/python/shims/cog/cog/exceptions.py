"""The exception that interrupts a predictor when its run is canceled. The predictor may clean up, but must raise it
again."""
from millrace_runner.errors import Canceled

from ._sdk import at_least


class _Catchable(Canceled, Exception):
    """For Cog up to 0.16: `except Exception` in a model catches it."""


class CancelationException(Canceled if at_least(0, 17) else _Catchable):
    """Since Cog 0.17 it is no Exception, so `except Exception` in a model does not catch it."""
