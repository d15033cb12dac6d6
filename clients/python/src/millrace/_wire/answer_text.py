"""Reads whole answers: JSON, or the refusal that they are. Called by the sender."""
from __future__ import annotations

import json
from typing import Any

from ..errors import ApiError


def json_of(status: int, body: bytes) -> Any:
    """The JSON of an answer. Raises ApiError when the answer is complete but not JSON."""
    try:
        return json.loads(body.decode())
    except ValueError:
        detail = "The answer is not JSON. Is this the address of a Millrace server?"
        raise ApiError({"title": "Unexpected answer", "detail": detail, "status": status}) from None


def problem_of(status: int, body: bytes) -> ApiError:
    """The error of an answer that is a refusal."""
    try:
        problem = json.loads(body.decode())
    except ValueError:
        problem = None
    if isinstance(problem, dict) and all(isinstance(problem.get(key), str) for key in ("code", "title", "detail")):
        return ApiError({**problem, "status": status})
    detail = "The answer does not look like one of Millrace: is there a proxy, or another server, at this address?"
    return ApiError({"title": f"HTTP {status}", "detail": detail, "status": status})
