"""Stands in for the DEEPaaS package: it has the names that model files import. It starts no server: Millrace does."""
from . import version

# The version of the API that it stands in for.
__version__ = version.VERSION


def extract_version():
    """The same version, in the way of DEEPaaS from 2.5 on."""
    return __version__
