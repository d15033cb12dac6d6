"""Stands in for the package ai_integration: inputs come from the worker's queue, and results go back to it."""
from .fake_inference_function import get_next_input, send_result

__all__ = ["get_next_input", "send_result"]
