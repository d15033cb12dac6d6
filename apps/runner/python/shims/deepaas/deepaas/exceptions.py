"""Nothing here raises it; model files may catch it."""


class ModuleNotFoundError(Exception):  # noqa: A001, N818 - the name that models import
    """DEEPaaS finds no model."""
