"""There is no server here: a worker serves the model. Some files import the mode from this place."""
from ..mode import Mode

__all__ = ["Mode"]
