"""Finds marshmallow and webargs, which a model brings along, and says what to install when they are missing or too
new. Called by run_deepaas.py, arguments.py and response.py."""
import contextlib
import importlib
import importlib.metadata

from ...errors import SetupError

_NEEDED = "`webargs` and `marshmallow>=3.10,<4`"


def marshmallow():
    """The module. Raises SetupError when it is not installed."""
    try:
        return importlib.import_module("marshmallow")
    except ModuleNotFoundError as error:
        raise _missing(error) from error


@contextlib.contextmanager
def told_when_missing():
    """Used around code of the model that imports the libraries or makes fields. When a library is missing, or too
    new for the code, it raises a SetupError that says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("webargs", "marshmallow"):
            raise _missing(error) from error
        raise
    except (TypeError, AttributeError, ImportError) as error:
        version = _version()
        if version is None or int(version.split(".")[0]) < 4:
            raise
        words = "the model does not work with marshmallow %s (%s: %s); install %s into its environment"
        raise SetupError(words % (version, type(error).__name__, error, _NEEDED)) from error


def _missing(error):
    return SetupError("%s is not installed; install %s into the model's environment" % (error.name, _NEEDED))


def _version():
    try:
        return importlib.metadata.version("marshmallow")
    except importlib.metadata.PackageNotFoundError:
        return None
