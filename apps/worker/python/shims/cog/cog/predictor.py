"""What a predictor's class may derive from; it need not."""
from .scope import current_scope


class BaseRunner:
    """Loaded once by `setup`, then `run` (or `predict`, its older name) is called for each run."""

    def setup(self, weights=None):
        """Called once before the first run. `weights`: what the model's settings name, if it takes that."""

    @property
    def scope(self):
        """The scope of the present run; see cog.current_scope."""
        return current_scope()

    def record_metric(self, key, value, mode="replace"):
        """Notes a number or a text about the present run; see Metrics.record. Does nothing outside of a run."""
        self.scope.record_metric(key, value, mode=mode)


class BasePredictor(BaseRunner):
    """The older name of BaseRunner."""
