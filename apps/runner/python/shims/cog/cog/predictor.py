"""The classes from which a predictor may derive. Also functions that Cog's own tools call on predictors, for files
that test themselves."""
import importlib.util
import inspect
import os
import sys

from .scope import current_scope
from .types import Path


class BaseRunner:
    """`setup` is called once, to load the model. Then `run` (or `predict`, its older name) is called for each run."""

    def setup(self, weights=None):
        """Called once before the first run. `weights`: the weights that the model's settings name, if it takes that
        argument."""

    @property
    def scope(self):
        """The scope of the present run; see cog.current_scope."""
        return current_scope()

    def record_metric(self, key, value, mode="replace"):
        """Notes a number or a text about the present run; see Metrics.record. Does nothing outside of a run."""
        self.scope.record_metric(key, value, mode=mode)


class BasePredictor(BaseRunner):
    """The older name of BaseRunner."""


def load_predictor_from_ref(ref):
    """An instance of the class, or the function, that `file.py:Name` names. Without a name: Runner or Predictor."""
    file, _, name = ref.partition(":")
    spec = importlib.util.spec_from_file_location(os.path.splitext(os.path.basename(file))[0], file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    names = [name] if name else ["Runner", "Predictor"]
    found = next((getattr(module, each) for each in names if hasattr(module, each)), None)
    if found is None:
        raise AttributeError("%s has no %s" % (file, " or ".join(names)))
    return found() if inspect.isclass(found) else found


def has_setup_weights(predictor):
    """True when its setup takes weights."""
    setup = getattr(predictor, "setup", None)
    return setup is not None and "weights" in inspect.signature(setup).parameters


def extract_setup_weights(predictor):
    """The weights for its setup: COG_WEIGHTS, else the path of a file or folder called weights. None when there are
    none."""
    named = os.environ.get("COG_WEIGHTS")
    if named:
        return named
    return Path("weights") if os.path.exists("weights") else None
