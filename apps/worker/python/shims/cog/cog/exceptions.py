"""What a predictor is broken off with when its run is canceled. It may clean up, and has to raise it again."""
from millrace_runner.errors import Canceled


class CancelationException(Canceled):
    """No Exception, so that `except Exception` in a model lets it pass."""
