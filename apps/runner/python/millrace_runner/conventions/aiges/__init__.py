"""AIGES: a wrapper's declared fields are its schema. `run(found, session)` is the convention."""
from .run_aiges import run

__all__ = ["run"]
