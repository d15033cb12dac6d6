"""Stands in for the package `cog`: it has the names that a predictor's file imports. It starts no server and
downloads nothing by itself. Millrace's runner reads the declarations made with it. Standard library only."""
from ._sdk import VERSION as __version__
from ._sdk import at_least as _at_least
from .decorators import concurrent, streaming
from .exceptions import CancelationException
from .input import FieldInfo, Input
from .model import BaseModel
from .opaque import Opaque
from .predictor import BasePredictor, BaseRunner
from .scope import current_scope, emit_metric
from .types import (
    AsyncConcatenateIterator,
    ConcatenateIterator,
    ExperimentalFeatureWarning,
    File,
    Path,
    Secret,
    URLFile,
    URLPath,
)

if not _at_least(0, 17):
    try:
        # In that version it was pydantic's own class, with its validators and its config.
        from pydantic import BaseModel
    except ImportError:
        pass

__all__ = [
    "AsyncConcatenateIterator",
    "BaseModel",
    "BasePredictor",
    "BaseRunner",
    "CancelationException",
    "ConcatenateIterator",
    "ExperimentalFeatureWarning",
    "FieldInfo",
    "File",
    "Input",
    "Opaque",
    "Path",
    "Secret",
    "URLFile",
    "URLPath",
    "__version__",
    "concurrent",
    "current_scope",
    "emit_metric",
    "streaming",
]
