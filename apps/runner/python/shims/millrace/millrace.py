"""Functions for a model that knows that it runs on Millrace. Outside of a run every call does nothing."""
import contextlib as _contextlib
import os as _os

from millrace_runner import current as _current
from millrace_runner.current import current_run as _current_run
from millrace_runner.errors import InvalidInput, ModelError
from millrace_runner.runs.checkpoints import OFF as _OFF
from millrace_runner.runs.stream import tell as _tell

__all__ = [
    "InvalidInput",
    "ModelError",
    "canceled",
    "checkpoint",
    "device",
    "draining",
    "emit",
    "item",
    "log",
    "metric",
    "progress",
    "resumed",
    "work_dir",
]


@_contextlib.contextmanager
def item(index):
    """In a call for several inputs (`batch`): what is told inside of it, and what is printed, belongs to the input at that
    place. Outside of it `progress` tells of all of them, and all else belongs to none."""
    before = _current.own_run()
    if _current.called:
        _current.set_run(_current.called[index])
    try:
        yield
    finally:
        _current.set_run(before)


def progress(fraction, message=None):
    """`fraction`: the share of the work that is done, from 0 to 1. `message`: a few words."""
    run = _current_run()
    for one in _current.called if run is None else [run]:
        one.progress(fraction, message)


def log(message, level="info"):
    """`level`: debug, info, warn or error. Printed text is logged too."""
    run = _current_run()
    if run is not None:
        run.log(message, level)


def emit(chunk):
    """Sends one piece of a streamed output. It must fit JSON, and be at most 1 MB. It is kept if the run fails or is
    stopped later."""
    run = _current_run()
    if run is not None:
        _tell(chunk, run, _current.session)


def metric(name, value):
    """Adds a measured value to the result: JSON, at most 4 KB in all."""
    run = _current_run()
    if run is not None:
        run.metrics[name] = value


def checkpoint(state, files=None):
    """Keeps what the run has come to, so that the next attempt at the job goes on from there. It takes the place of the
    one before. Returns when it is kept, or with the reason why it is not (`kept`, `code`, `message`; false then); that
    ends nothing. Call it often: at most one a second is kept. `state`: JSON. `files`: a dict of names of your own and
    paths or bytes, or a list of paths; at most 64. While the worker stops, the run ends once one is kept."""
    run = _current_run()
    return _OFF if run is None else run.checkpoint(state, files)


def resumed():
    """What an earlier attempt had come to: `state`, and `files` as paths by their names. None: the run begins anew."""
    run = _current_run()
    return None if run is None else run.resumed


def draining():
    """True when the worker is about to stop. The run may go on for a while, and ends with its next checkpoint."""
    run = _current_run()
    return run is not None and run.draining


def canceled():
    """True when the run was asked to stop. In the main thread an exception also says so at once."""
    run = _current_run()
    return run is not None and run.canceled


def work_dir():
    """A folder for this run alone, which is deleted after it. None outside of a run."""
    run = _current_run()
    return None if run is None else run.work_dir


def device():
    """The device: `cpu`, or `cuda:0` for the one GPU that this process sees."""
    return _os.environ.get("MILLRACE_DEVICE", "cpu")
