"""DEEPaaS V2: the fields of a module are its schema. `run(found, session)` is the convention."""
from .run_deepaas import run

__all__ = ["run"]
