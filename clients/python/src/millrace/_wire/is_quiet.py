"""Tells whether nothing waits to be read from a socket. Called before a kept connection is used again: its end may have come."""
from __future__ import annotations

import selectors
from typing import Protocol


class _HasFileno(Protocol):
    def fileno(self) -> int: ...


def is_quiet(sock: _HasFileno) -> bool:
    """False also for a socket that is closed."""
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(sock.fileno(), selectors.EVENT_READ)
            return not selector.select(0)
    except (OSError, ValueError):
        return False
