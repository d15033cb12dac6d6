"""Stands in for aiohttp where it is not installed, for models that import it only to raise its HTTP exceptions."""
from . import web

__all__ = ["web"]


def __getattr__(name):
    raise AttributeError("this stands in for aiohttp's exceptions only; install aiohttp to use aiohttp.%s" % name)
