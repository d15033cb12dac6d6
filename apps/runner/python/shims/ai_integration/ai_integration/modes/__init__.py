"""There are no modes here: a worker serves the model."""
__all__ = []
