"""Anything with `predict(data)`. `run(found, session)` is the convention."""
from .run_predict import run

__all__ = ["run"]
