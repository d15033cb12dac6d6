"""The older place of BasePredictor."""
from .predictor import BasePredictor, BaseRunner

__all__ = ["BasePredictor", "BaseRunner"]
