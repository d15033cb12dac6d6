"""Stands in for the DEEPaaS package: what model files import from it. It starts no server: Millrace does."""
from . import version

# Of the API that it stands in for.
__version__ = version.VERSION


def extract_version():
    """The same, as DEEPaaS from 2.5 on tells it."""
    return __version__
