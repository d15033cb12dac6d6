"""The older place of current_scope."""
from ..scope import Scope, current_scope, emit_metric

__all__ = ["Scope", "current_scope", "emit_metric"]
