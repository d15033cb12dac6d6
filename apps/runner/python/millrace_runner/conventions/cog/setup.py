"""Sets up a predictor once, before its first run. Called by run_cog.py."""
import inspect
import os
import typing

from cog.types import File, Path, URLPath

from ...errors import SetupError
from .inputs import hints_of
from .signature import declared

WEIGHTS = "weights"


def call_setup(predictor, settings):
    """The result of the model's `setup`. It must be awaited when it is asynchronous."""
    setup = predictor.target.setup
    as_declared = declared(setup, "setup")
    parameters = inspect.signature(as_declared).parameters
    given = {name: value for name, value in settings.config.items() if name in parameters and name != WEIGHTS}
    if WEIGHTS in parameters:
        annotation = hints_of(as_declared).get(WEIGHTS, typing.Any)
        weights = find_weights(settings)
        if weights is not None or parameters[WEIGHTS].default is inspect.Parameter.empty:
            given[WEIGHTS] = None if weights is None else _as(annotation, weights)
    return setup(**given)


def find_weights(settings):
    """The weights that millrace.yaml names, else COG_WEIGHTS, else the file or folder `weights`. None when there are
    none."""
    named = settings.config.get(WEIGHTS) or os.environ.get("COG_WEIGHTS")
    return named or (WEIGHTS if os.path.exists(WEIGHTS) else None)


def _as(annotation, weights):
    types = [annotation, *typing.get_args(annotation)]
    if not isinstance(weights, str):
        return weights
    is_address = weights.startswith(("http://", "https://", "data:"))
    if File in types and Path not in types:
        return File.validate(weights) if is_address else open(weights, "rb")
    if Path in types:
        path = Path.validate(weights) if is_address else Path(weights)
        # It is fetched now, because nothing fetches it later.
        return path.convert() if isinstance(path, URLPath) else path
    if str in types or typing.Any in types:
        return weights
    raise SetupError("setup() takes weights of a type that is none of cog.Path, cog.File and str")
