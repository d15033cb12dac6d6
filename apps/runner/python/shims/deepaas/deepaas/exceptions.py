"""Exceptions that model files may catch. Nothing here raises them."""


class ModuleNotFoundError(Exception):  # noqa: A001, N818 - the name that models import
    """DEEPaaS finds no model."""
