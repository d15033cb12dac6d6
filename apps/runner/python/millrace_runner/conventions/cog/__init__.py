"""Cog: a predictor's annotations are its schema. `run(found, session)` is the convention."""
from .run_cog import run

__all__ = ["run"]
