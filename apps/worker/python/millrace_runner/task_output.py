"""While a process holds several runs, nobody can tell whose a printed line is. What Python's own print and logging
write in a task is told with its run's id; what native code and child processes write goes to the worker as it is."""
import logging
import os
import sys
import threading

from . import current
from .run import LOG_CHARS


def print_by_task():
    """From here on. Gives a function that tells what a run printed since its last newline, for before the answer."""
    streams = [_TaskStream(sys.stdout, "info"), _TaskStream(sys.stderr, "warn")]
    _point_handlers_to({sys.stdout: streams[0], sys.stderr: streams[1]})
    sys.stdout, sys.stderr = streams

    def tell_rest(run):
        for stream in streams:
            stream.tell_rest(run)

    return tell_rest


class _TaskStream:
    """In place of sys.stdout or sys.stderr."""

    def __init__(self, stream, level):
        self._stream = stream
        self._level = level
        self._lock = threading.Lock()
        self._rests = {}
        self._pid = os.getpid()

    def write(self, text):
        run = current.own_run()
        # A forked process has no pipe to tell it by.
        if run is None or run.answered or os.getpid() != self._pid:
            return self._stream.write(text)
        with self._lock:
            *lines, rest = (self._rests.pop(run, "") + text).split("\n")
            # A line without an end is cut where the log would cut it.
            if len(rest) > LOG_CHARS:
                lines, rest = [*lines, rest], ""
            if rest:
                self._rests[run] = rest
        for line in lines:
            run.log(line, self._level)
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def tell_rest(self, run):
        with self._lock:
            rest = self._rests.pop(run, None)
        if rest:
            run.log(rest, self._level)

    def __getattr__(self, name):
        return getattr(self._stream, name)


def _point_handlers_to(streams):
    """Handlers of logging that were made while the model was imported hold the old streams."""
    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    for handler in {handler for logger in loggers for handler in getattr(logger, "handlers", ())}:
        if isinstance(handler, logging.StreamHandler) and handler.stream in streams:
            handler.setStream(streams[handler.stream])
