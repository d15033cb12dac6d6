"""The modules that models import: `base` and `wrapper`."""
from . import base, wrapper  # noqa: F401 - models reach them as attributes
