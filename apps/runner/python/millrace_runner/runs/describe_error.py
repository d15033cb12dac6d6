"""Describes an exception of the model: its type and message, and the part of the traceback that is in the model's
code. Called by session.py and the convention `deepaas`."""
import os
import runpy
import traceback

# The folder of the whole package.
OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
# The frame that runs a model's file which has its own main loop.
RUNPY = runpy.run_path.__code__.co_filename
MESSAGE_CHARS = 1024
TRACEBACK_CHARS = 8 * 1024


def describe_error(error):
    """Message and traceback, for a `failed` or `setup_failed` message."""
    try:
        text = str(error)
    except Exception:
        text = "(the error cannot be told)"
    name = type(error).__name__
    return ("%s: %s" % (name, text) if text else name)[:MESSAGE_CHARS], traceback_of(error)


def traceback_of(error):
    """The traceback as Python prints it, without our own frames above the model's."""
    frames = error.__traceback__
    while frames is not None and _is_above(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    try:
        text = "".join(traceback.format_exception(type(error), error, frames or error.__traceback__))
    except Exception:
        text = type(error).__name__
    return text[-TRACEBACK_CHARS:]


def _is_above(filename):
    return filename.startswith(OWN) or filename == RUNPY
