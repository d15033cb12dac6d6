"""The place where Cog once had BasePredictor."""
from .predictor import BasePredictor, BaseRunner
from .types import Weights

__all__ = ["BasePredictor", "BaseRunner", "Weights"]
