"""Stands in for the DEEPaaS package: what model files import from it. It starts no server: Millrace does."""

# Of the API that it stands in for.
__version__ = "2.6.0"
