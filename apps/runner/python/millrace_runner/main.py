"""The steps of a model's process: it binds itself to the worker, finds the convention, loads the model, and answers
runs. Called by run_model.py."""
import importlib
import os
import signal
import sys

from .errors import SetupError
from .find.detect import detect
from .host.host_watch import watch_host
from .runs.run_text import guard_streams
from .session import Session, exit_code_of
from .settings import Settings

PYTHON = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main(text):
    """`text`: the settings as JSON. Never returns."""
    settings = Settings(text)
    watch_host(settings.host_pid)
    # Ignored whoever sends it, because the worker decides when a model ends.
    signal.signal(signal.SIGINT, lambda *_: None)
    guard_streams()
    session = Session(settings)
    try:
        found = detect(settings)
        if settings.print == "aiges_schema" and found.convention != "aiges":
            raise SetupError("only an aiges model has that document, and this is one of %s" % found.convention)
        prepare_path(settings.folder, found.convention)
        os.chdir(settings.folder)
        sys.argv[:] = [found.file or "model"]
        convention = importlib.import_module("." + found.convention, __package__ + ".conventions")
        convention.run(found, session)
    except BaseException as error:  # noqa: B902 - whatever ends the model's loading is told
        if isinstance(error, (SystemExit, KeyboardInterrupt)) and session.is_ready:
            session.end(exit_code_of(error))
        session.setup_failed(error)
    session.end(0)


def prepare_path(folder, convention):
    """Sets the search path for imports. Our stand-ins come first: the real package of a platform, if it is
    installed, would start a server of its own. The model's folder comes next, and then stand-ins for packages that
    may be missing. Our own package is last: a process that the model spawns has this path too, and imports the
    stand-ins, which need our package."""
    shims = os.path.join(PYTHON, "shims")
    own, fallback = os.path.join(shims, convention), os.path.join(shims, "fallback")
    # For the plain style our stand-in comes last: a model's folder may have a service of the same name, and then that
    # one is meant.
    first, last = ([], [own]) if convention == "predict" else ([own], [])
    sys.path[:] = [os.path.join(shims, "millrace"), *first, folder, *sys.path, *last, fallback, PYTHON]
