"""The older place of CancelationException."""
from ..exceptions import CancelationException

__all__ = ["CancelationException"]
