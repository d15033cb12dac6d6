"""The run as a plain model sees it that takes a second argument `ctx`. Called by the convention predict."""


class RunContext:
    """What the functions of the package millrace say and ask, for one run."""

    def __init__(self, run, emit, device):
        """`emit`: sends one piece of a streamed output."""
        self._run = run
        self.emit = emit
        self.device = device
        self.work_dir = run.work_dir

    @property
    def resumed(self):
        """What an earlier attempt had come to (`state`, `files`); None: the run begins anew."""
        return self._run.resumed

    @property
    def draining(self):
        """True when the worker is about to stop: the run ends with its next checkpoint, and goes on elsewhere."""
        return self._run.draining

    @property
    def canceled(self):
        return self._run.canceled

    def checkpoint(self, state, files=None):
        """Keeps what the run has come to, for the next attempt. Returns when that is kept, or with why it is not."""
        return self._run.checkpoint(state, files)

    def progress(self, fraction, message=None):
        self._run.progress(fraction, message)

    def log(self, message, level="info"):
        self._run.log(message, level)

    def metric(self, name, value):
        self._run.metrics[name] = value
