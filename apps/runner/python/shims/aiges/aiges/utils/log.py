"""Loggers for wrappers. In a job their lines go to its log, with their level; outside of a job to stderr. No file is
written, although some function names say so: the log folder of a container does not exist here."""
import logging
import os
import sys

fmt = "%(message)s"
level = logging.DEBUG

# A process that the wrapper forks has no connection to the worker.
_PROCESS = os.getpid()
_LEVELS = ((logging.ERROR, "error"), (logging.WARNING, "warn"), (logging.INFO, "info"))


class _ToJob(logging.Handler):
    def emit(self, record):
        try:
            text = self.format(record)
            run = _current_run()
            if run is None:
                sys.stderr.write(text + "\n")
            else:
                run.log(text, next((name for least, name in _LEVELS if record.levelno >= least), "debug"))
        except Exception:
            self.handleError(record)


def _current_run():
    if os.getpid() != _PROCESS:
        return None
    try:
        from millrace_runner.current import current_run
    except ImportError:
        return None
    return current_run()


def _logger(name, format, least):
    logger = logging.getLogger(name)
    handler = _ToJob()
    handler.setFormatter(logging.Formatter(format))
    handler.setLevel(least)
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
    return logger


log = _logger("aiges", fmt, logging.INFO)


def getLogger(fmt=fmt, level=level, name="aiges"):
    """A logger of that name. Levels below `info` are dropped."""
    return _logger(name, fmt, max(_number(level), logging.INFO))


def getFileLogger(fmt=fmt, level=level, name="wrapper"):
    """A logger of that name, for all levels from `level` on."""
    return _logger(name, fmt, _number(level))


def _number(level):
    return level if isinstance(level, int) else logging.getLevelName(str(level).upper())
