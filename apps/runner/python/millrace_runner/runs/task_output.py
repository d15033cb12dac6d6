"""Tells printed lines apart while a process holds several runs. Text that Python's print and logging write in a task
is sent with the id of its run. Text from native code and child processes goes to the worker unchanged. Text that
comes after a run's answer is dropped, because it could show one caller something that belongs to another. Called by
serve_async.py."""
import logging
import os
import sys

from .. import current


def print_by_task():
    """From here on text is sent at once, so that none is lost when the process dies."""
    streams = [_TaskStream(sys.stdout, "stdout"), _TaskStream(sys.stderr, "stderr")]
    _point_handlers_to({sys.stdout: streams[0], sys.stderr: streams[1]})
    sys.stdout, sys.stderr = streams


class _TaskStream:
    """Takes the place of sys.stdout or sys.stderr."""

    def __init__(self, stream, name):
        self._stream = stream
        self._name = name
        self._pid = os.getpid()

    def write(self, text):
        run = current.own_run()
        # A forked process has no pipe to send it.
        if run is None or os.getpid() != self._pid:
            return self._stream.write(text)
        run.printed(self._name, text)
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self._stream, name)


def _point_handlers_to(streams):
    """Logging handlers that were made while the model was imported still hold the old streams."""
    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    for handler in {handler for logger in loggers for handler in getattr(logger, "handlers", ())}:
        if isinstance(handler, logging.StreamHandler) and handler.stream in streams:
            handler.setStream(streams[handler.stream])
