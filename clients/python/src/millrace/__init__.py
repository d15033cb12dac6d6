"""The client of Millrace's HTTP API: `Client` for plain code and `AsyncClient` for asyncio, which have the same calls, their errors,
and the check of webhooks. It needs nothing but the standard library."""
from __future__ import annotations

from ._async.client import AsyncClient
from ._sync.client import Client
from ._sync.follow import is_final
from .errors import (
    ApiError,
    ConnectionError,
    JobFailedError,
    MillraceError,
    WaitTimeoutError,
    WebhookVerificationError,
)
from .types import (
    DryRun,
    Event,
    Failures,
    File,
    Job,
    JobCounts,
    JobFilter,
    Model,
    UploadedFile,
    WebhookMessage,
)
from .uploads import Upload, Uploadable
from .webhooks import verify_webhook

__version__ = "0.1.0"

__all__ = [
    "ApiError",
    "AsyncClient",
    "Client",
    "ConnectionError",
    "DryRun",
    "Event",
    "Failures",
    "File",
    "Job",
    "JobCounts",
    "JobFailedError",
    "JobFilter",
    "MillraceError",
    "Model",
    "Upload",
    "Uploadable",
    "UploadedFile",
    "WaitTimeoutError",
    "WebhookMessage",
    "WebhookVerificationError",
    "is_final",
    "verify_webhook",
]
