"""What a predictor is broken off with when its run is canceled. It may clean up, and has to raise it again."""
from millrace_runner.errors import Canceled

from ._sdk import at_least


class _Catchable(Canceled, Exception):
    """Up to Cog 0.16: `except Exception` in a model gets it."""


class CancelationException(Canceled if at_least(0, 17) else _Catchable):
    """Since Cog 0.17 no Exception, so that `except Exception` in a model lets it pass."""
