"""One request to the API, as the calls make it and the sender sends it."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Dict, Optional

from .body import Body


@dataclass
class Request:
    #: Path of the address, with its query.
    path: str
    method: str = "GET"
    headers: Dict[str, str] = field(default_factory=dict)
    body: Optional[Body] = None
    #: How often it is repeated. Default: the client's.
    retries: Optional[int] = None
    #: Seconds for the complete answer.
    within: Optional[float] = None
    #: Seconds of silence allowed in each step, before and within an answer of any size.
    silence: Optional[float] = None
    #: When the caller's own time is over, by the monotonic clock. No try goes on beyond it.
    until: Optional[float] = None
    #: True once it was sent again: it may have been carried out before.
    resent: bool = False

    def head(self, target: str, host: str, more: Dict[str, str]) -> bytes:
        """The head of the request. Raises ValueError for a header that cannot be sent: a fault of the caller."""
        headers = {"host": host, "accept": "application/json", "user-agent": "millrace-python", **more}
        if self.body is not None:
            headers.update(self.body.headers)
            length = self.body.length
            headers.update({"transfer-encoding": "chunked"} if length is None else {"content-length": str(length)})
        elif self.method not in ("GET", "DELETE"):
            headers["content-length"] = "0"
        headers.update(self.headers)
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{name}: {_sendable(name, headers[name])}" for name in headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _sendable(name: str, value: str) -> str:
    if not re.fullmatch(r"[\t\x20-\x7e\x80-\xff]*", value):
        raise ValueError(f"the header {name} has a character that cannot be sent")
    return value
