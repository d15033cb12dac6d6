"""How long an answer may take, and what it means when none comes. Used by every step of an exchange."""
from __future__ import annotations

import os
import socket
import ssl
import time
from typing import Optional


class Broken(Exception):
    """No complete answer came: the connection was not made, broke, or fell silent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def broken_by(error: Exception) -> Broken:
    """The same words for the same fault, whoever raised it."""
    number = getattr(error, "errno", None)
    if number is None or isinstance(error, (ssl.SSLError, socket.gaierror)):
        return Broken(str(error) or type(error).__name__)
    return Broken(os.strerror(number))


class Patience:
    """Time for one exchange, in seconds. `within`: for the complete answer. `silence`: for each step, also those within an
    answer of any size. `until`: when the caller's own time is over, by the monotonic clock."""

    def __init__(self, *, within: Optional[float], silence: Optional[float], until: Optional[float]) -> None:
        self.silence = silence
        self._within = within
        limits = [] if within is None else [time.monotonic() + within]
        limits += [] if until is None else [until]
        self._end = min(limits) if limits else None

    def step(self) -> Optional[float]:
        """Seconds that the next step may take. Raises Broken when the time is over."""
        left = None if self._end is None else self._end - time.monotonic()
        if left is not None and left <= 0:
            raise self.over()
        limits = [limit for limit in (left, self.silence) if limit is not None]
        return min(limits) if limits else None

    def over(self) -> Broken:
        limit = self.silence if self._within is None else self._within
        return Broken("nothing came in time" if limit is None else f"nothing came within {limit:g} s")
