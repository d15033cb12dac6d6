"""Loggers for a model. Their lines reach the job's log events through stderr."""
import logging


def getLogger(name=None):  # noqa: N802 - the name that models call
    return logging.getLogger(name)


LOG = getLogger("deepaas")
